"""What a unit on a form is worth in the catalogue's unit of the indicator."""

from __future__ import annotations

from mttq_data.codelists import read_codelist, remembered
from mttq_data.extraction.values import SCALES, read_number
from mttq_data.folding import fold

# Of these a unit says exactly what it is worth; of counts ("cuộc", "buổi") the words vary.
MEASURED = {"money", "area", "length", "mass", "percent"}
Worth = tuple[str, float]


def worth(unit: str) -> Worth:
    """Family of a unit as people write it ("" when its word is not known) and its factor within it.

    Examples
    --------
    >>> worth("tỷ đồng"), worth("nghìn hộ"), worth("gian hàng")
    (('money', 1000000000.0), ('household', 1000.0), ('', 1.0))
    """
    known = cell_words()[1]
    words, factor = fold(unit).strip(" .()").split(), 1.0
    while words:
        if found := known.get(" ".join(words)):
            return found[0], factor * found[1]
        step = SCALES.get(words[0]) or read_number(words[0])
        if not step:
            break
        factor *= step
        words = words[1:]
    return "", factor


def factor_to(code: str, unit: str, given: float | None) -> float:
    """What a figure in ``unit`` is multiplied by to be in the catalogue's unit ``code``.

    Parameters
    ----------
    code : str
        Code in ``units.csv``.
    unit : str
        The words on the form.
    given : float or None
        The factor an office wrote, None when it left that to the unit.

    Raises
    ------
    KeyError
        ``units.csv`` has no such code.
    ValueError
        The unit and the catalogue's, or the unit and the factor, disagree, or the
        unit's word is not known and no factor is given.

    Examples
    --------
    >>> factor_to("VND", "triệu đồng", None), factor_to("km", "m", None), factor_to("house", "nhà", None)
    (1000000.0, 0.001, 1.0)
    """
    family, size = worth(unit)
    base, base_size = _codes()[code]
    if not family and size == 1 and given is not None:
        return given
    if family != base and ({family, base} & MEASURED or (family and base and given is None)):
        other = "" if family in MEASURED else f", or in column factor what turns the figures into {code}"
        raise ValueError(f"the catalogue has the indicator in {code}; write a unit of that kind{other}")
    derived = size / base_size if family == base else size
    if given not in (None, derived):
        raise ValueError(
            f"that is worth {derived:.12g} {code} and column factor says {given:.12g}; correct one of the two"
        )
    return derived


def alike(one: str, other: str) -> bool:
    """Whether figures in the two units may be added as they stand."""
    first, second = worth(one), worth(other)
    return fold(one) == fold(other) or (first == second and bool(first[0]))


@remembered("cell_words")
def cell_words() -> tuple[dict[str, str], dict[str, Worth]]:
    """Words that say nothing, by whether that is ``zero`` or ``missing``; and units with family and factor in it."""
    rows = read_codelist("cell_words", key=["word"], required=["means", "factor"])
    means = {fold(row["word"]): (row["means"], float(row["factor"] or 1)) for row in rows}
    nothing = {word: family for word, (family, _) in means.items() if family in ("zero", "missing")}
    return nothing, {word: unit for word, unit in means.items() if word not in nothing}


@remembered("cell_words", "units", "unit_conversions")
def _codes() -> dict[str, Worth]:
    """What the catalogue's units are worth, by code."""
    found = {r["code"]: worth(r["name_vi"]) for r in read_codelist("units", key=["code"], required=["name_vi"])}
    for row in read_codelist("unit_conversions", key=["unit"], required=["base", "factor"]):
        found[row["unit"]] = found[row["base"]][0], float(row["factor"])
    return found
