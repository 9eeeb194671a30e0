"""What must hold between the rows and columns of a form before anything is made from it.

Each check yields key, column of the file and what to do; the first fault found
is raised with file and line. What may stand in a single cell says
`mttq_data.forms.cells`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from mttq_data.codelists import Row, office_folder
from mttq_data.errors import MttqError
from mttq_data.forms.cells import MEASURES, fault
from mttq_data.forms.model import Form, FormColumn, FormRow
from mttq_data.forms.units import MEASURED, alike, worth

Parts = Sequence[FormRow | FormColumn]
Faults = Iterator[tuple[str, str, str]]

_COMPUTED = ("total_of", "ratio_of")
_FIGURES = ("measure", "indicator", *_COMPUTED)
# Cells that would silently be left out, and cells without which a figure is stored nowhere, by what the part is.
_UNUSED = {
    "group": ("indicator", *_COMPUTED),
    **dict.fromkeys(("number", "label", "unit"), (*_FIGURES, "choices")),
    "note": _FIGURES,
    "value": ("choices",),
    "value of rows": ("indicator", "unit", "factor", "decimals", "low", "high", "choices"),
    "computed value of rows": ("indicator", "choices"),
}
_NEEDED = {"item": ("indicator",), "value of rows": ("measure",), "value": ("indicator", "measure")}
_WRITE = {
    "indicator": "write the id of the indicator the figures are stored under; a new one is a line of indicators.csv",
    "measure": f"write {', '.join(MEASURES)}, or fill total_of or ratio_of if the column is computed",
}


def check_form(form: Form, described: Mapping[str, Mapping[str, Row]], units: Mapping[str, str]) -> None:
    """Raise the first fault of a form.

    Parameters
    ----------
    form : Form
    described : mapping
        ``form_rows`` and ``form_columns``: the rows of the file by key.
    units : mapping
        The catalogue's unit of each indicator.

    Raises
    ------
    MttqError
        One line: file, line, column, the text there and what to do.
    """
    _shape(form)
    parts: dict[str, Parts] = {"form_columns": form.columns, "form_rows": form.own_rows}
    for file, some in parts.items():
        rows = described[file]
        for found in (_use(form, some, rows), _names(some), _circles(some), _doubles(form, some), _sums(some, units)):
            for key, column, why in found:
                raise fault(file, rows[key], column, why)


def _shape(form: Form) -> None:
    kinds = [c.kind for c in form.columns]
    for file, parts in (("form_columns", form.columns), ("form_rows", form.own_rows)):
        if not parts and (file == "form_columns" or form.layout == "indicators_down"):
            where = office_folder() / f"{file}.csv"
            raise MttqError(f"{where} has no row of form {form.id}; is the file there, and is the id spelt like this?")
    for kind, most in (("value", len(kinds)), ("label", 1), ("number", 1), ("unit", 1)):
        least = kind in ("value", "label")
        if not least <= kinds.count(kind) <= most:
            count, wanted = kinds.count(kind), "at least one" if kind == "value" else "one" if least else "at most one"
            raise MttqError(f"form_columns.csv: form {form.id} has {count} columns of kind {kind}; it needs {wanted}")
    if "label" not in kinds[: kinds.index("value")]:
        raise MttqError(f"form_columns.csv: form {form.id} has a column of kind value before that of kind label")


def _use(form: Form, parts: Parts, rows: Mapping[str, Row]) -> Faults:
    """Cells that would have no effect, cells that are needed, bounds the wrong way round."""
    measures = {c.measure for c in form.columns}
    for part in parts:
        row, figure, what = rows[part.key], part.figure, part.kind
        if what == "value" and form.layout == "indicators_down":
            what = "computed value of rows" if figure.role != "input" else "value of rows"
        elif what == "value" and figure.role != "input" and not (row.get("indicator") or row.get("measure")):
            what = "computed value"
        for column in _UNUSED.get(what, ()):
            if row.get(column):
                yield part.key, column, f"a {part.kind} has no use for it here; leave it empty"
        for column in _NEEDED.get(what, ()):
            if not row.get(column):
                yield part.key, column, _WRITE[column]
        if figure.low is not None and figure.high is not None and figure.high < figure.low:
            yield part.key, "high", f"that is below low, {figure.low:g}; write the upper end"
        if isinstance(part, FormRow) and part.columns - measures:
            missing = " ".join(sorted(part.columns - measures))
            yield part.key, "columns", f"the form has no column of measure {missing}; name those it has"


def _names(parts: Parts) -> Faults:
    """Totals and ratios name rows or columns that are there and hold figures, each once."""
    kinds = {part.key: part.kind for part in parts}
    for part in parts:
        figure = part.figure
        if figure.total_of and figure.ratio_of:
            yield part.key, "ratio_of", "total_of is filled too; keep one of the two"
        for column, named in (("total_of", [k for _, k in figure.total_of]), ("ratio_of", [*(figure.ratio_of or ())])):
            for key, count in Counter(named).items():
                if key not in kinds:
                    yield part.key, column, f"the form has no {key!r}; write keys of this file"
                elif kinds[key] not in ("item", "value"):
                    yield part.key, column, f"{key!r} is of kind {kinds[key]} and holds no figures; name its parts"
                elif count > 1:
                    yield part.key, column, f"{key!r} is named twice; name it once"


def _circles(parts: Parts) -> Faults:
    """Nothing is computed from itself, straight or by way of others."""
    terms = {p.key: [k for _, k in p.figure.total_of] + [*(p.figure.ratio_of or ())] for p in parts}
    for part in parts:
        ways = [[part.key]]
        while ways:
            way = ways.pop()
            for key in terms.get(way[-1], ()):
                if key == part.key:
                    column = "total_of" if part.figure.total_of else "ratio_of"
                    yield part.key, column, f"it is computed from itself ({' from '.join([*way, key])}); name its parts"
                elif key not in way:
                    ways.append([*way, key])


def _doubles(form: Form, parts: Parts) -> Faults:
    """A figure of one indicator and measure stands in one place only."""
    for first, second in combinations(parts, 2):
        if isinstance(first, FormRow) and isinstance(second, FormRow):
            shared = (first.columns or {*MEASURES}) & (second.columns or {*MEASURES})
            if first.indicator and first.indicator == second.indicator and shared:
                yield second.key, "indicator", f"row {first.key} has it already; each figure is asked for once"
        elif isinstance(first, FormColumn) and isinstance(second, FormColumn):
            same = first.measure and (first.measure, first.indicator) == (second.measure, second.indicator)
            if same:
                what = "" if form.layout == "indicators_down" else f" of {first.indicator}"
                yield second.key, "measure", f"column {first.key} is that{what} already; each figure is asked for once"


def _sums(parts: Parts, units: Mapping[str, str]) -> Faults:
    """What is added is in one unit; a percentage is of amounts in one unit."""
    known = {part.key: part for part in parts}
    for part in parts:
        own = part.figure
        for _, key in own.total_of:
            other = known[key].figure
            twin = units.get(part.indicator) == units.get(known[key].indicator) and own.factor == other.factor
            if own.unit and other.unit and not twin and not alike(own.unit, other.unit):
                why = f"{key!r} is in {other.unit!r} and this in {own.unit!r}; a total and its parts need one unit"
                yield part.key, "total_of", why
            first, second = (getattr(one, "measure", "") for one in (part, known[key]))
            if part.indicator and first and second and first != second:
                yield part.key, "total_of", f"{key!r} is of measure {second} and this of {first}; both need one measure"
        if own.ratio_of:
            top, bottom = (known[key].figure.unit for key in own.ratio_of)
            if {worth(top)[0], worth(bottom)[0]} & MEASURED and not alike(top, bottom):
                yield part.key, "ratio_of", f"{top!r} and {bottom!r} make no percentage; both need one unit"
            if own.unit and worth(own.unit)[0] != "percent":
                yield part.key, "unit", "a ratio is worked out as a percentage; write %"
