"""What may be corrected, and how a corrected cell is read and kept.

A person writes "trên 103,5 tỷ", "hộ" or "nhiệm vụ"; the corrections file keeps a
plain form ("> 103500000000", "household") that no later reading takes otherwise.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mttq_data.codelists import Row, keyed, read_codelist, remembered
from mttq_data.errors import MttqError
from mttq_data.extraction.values import SCALES, read_number
from mttq_data.folding import Line
from mttq_data.periods import parse_period
from mttq_data.wording import LABELS, indicator_name, label, missing, number, plain_number, readable, unit_name

# In this order a row takes them: a value is judged by the unit it will have.
FIELDS = (
    "indicator", "unit", "value", "qualifier", "low", "high", "period", "per", "area", "scope", "role", "counted", "doubt",
)  # fmt: skip
NUMBERS = ("value", "low", "high", "numerator", "denominator")
_MARKS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "approx": "~"}
_KEPT = re.compile(
    r"(?:(?P<mark>>=|<=|>|<|~) )?(?P<first>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?:(?P<join>/|\.\.)(?P<last>-?\d+(?:\.\d+)?))?"
)
_THREE_PLACES = re.compile(r"-?\d{1,3}[.,]\d{3}")
_NOTHING = {"trống", "(trống)", "để trống", "bỏ trống", "không có", "none", "(none)", "empty", "(empty)", "blank", "-"}
_SCALE_EN = {"billion": 1e9, "bn": 1e9, "million": 1e6, "thousand": 1e3}
_SCALE_WORDS = "|".join(sorted([*SCALES, *_SCALE_EN], key=len, reverse=True))
_NUMBER = r"\d{1,3}(?: \d{3})+(?:,\d+)?|\d+(?:[.,]\d+)*"
_PART = re.compile(rf"\s*(?P<number>{_NUMBER})\s*(?P<scale>(?:{_SCALE_WORDS})(?!\w))?")
_RATIO = re.compile(rf"(?P<first>{_NUMBER})\s*/\s*(?P<last>{_NUMBER})(?P<rest>.*)")
_WORDS_EN = {
    "more than": "gt", "over": "gt", "at least": "ge", "less than": "lt", "under": "lt", "at most": "le", "about": "approx", "~": "approx",
}  # fmt: skip
_MONEY_WORDS = {
    "VND": {"đồng", "đ", "vnđ", "vnd", "dong"},
    "USD": {"usd", "$", "đô la"},
    "percent": {"%", "phần trăm", "percent"},
}
_SMALLEST_SUM = 1000.0


@dataclass(frozen=True)
class Amount:
    """A corrected value: one figure, a ratio or a range; nothing where all are None."""

    value: float | None = None
    qualifier: str = ""
    of: float | None = None
    high: float | None = None

    @property
    def kept(self) -> str:
        """The form of the corrections file."""
        if self.value is None:
            return ""
        mark = f"{_MARKS[self.qualifier]} " if self.qualifier in _MARKS else ""
        if self.of is not None:
            return f"{mark}{plain(self.value)}/{plain(self.of)}"
        return mark + plain(self.value) + (f"..{plain(self.high)}" if self.high is not None else "")


def plain(value: float) -> str:
    """A number for the file. Three decimals get a fourth, lest 5.142 be taken for five thousand."""
    text = plain_number(value)
    return f"{text}0" if _THREE_PLACES.fullmatch(text) else text


def kept_form(field: str, given: Any, row: Mapping[str, Any], lang: str = "vi") -> str:
    """Read what a person gives for a field of a row and return the form the file keeps.

    Parameters
    ----------
    field : str
        One of :data:`FIELDS`.
    given : object
        A number, or text as a person writes it ("99,9%", "trên 103,5 tỷ",
        "154/182", "hộ", "mục tiêu"); None or "trống" empties the cell.
    row : mapping
        The row as it stands, for its unit and kind.
    lang : {"vi", "en"}
        How numbers in text are written.

    Raises
    ------
    MttqError
        In a few words, without the place: the caller knows it.

    Examples
    --------
    >>> kept_form("value", "trên 103,5 tỷ đồng", {"unit": "VND"})
    '> 103500000000'
    >>> kept_form("unit", "hộ", {}), kept_form("role", "mục tiêu", {})
    ('household', 'target')
    """
    if field not in FIELDS:
        raise MttqError(f"{field!r} cannot be corrected; choose {', '.join(FIELDS)}")
    given = _unwrapped(given)
    if field == "value":
        amount = _read_value(given, row, lang)
        check(amount, row, isinstance(given, str))
        return amount.kept
    if given is None or readable(given).casefold() in _NOTHING or not readable(given) or field == "doubt":
        return ""
    if field in ("low", "high"):
        return _read_value(given, row, lang).kept
    if field == "period":
        return _period(given)
    text = readable(given)
    if field == "unit":
        return _coded(text, _units(), "unit")
    if field == "indicator":
        return _indicator(text, row)
    if field in ("qualifier", "role", "scope", "per"):
        names = {code: list(LABELS[field][code]) for code in LABELS[field]}
        return _coded(text, names, field)
    return text


def _unwrapped(given: Any) -> Any:
    """Plain Python for what numpy and pandas wrap."""
    if given is None or str(given) in ("<NA>", "NaT"):
        return None
    return given.item() if hasattr(given, "item") else given


def read_amount(kept: str) -> Amount:
    """Read a value as the file keeps it.

    Raises
    ------
    MttqError
        When it is no number, or "5.142" may be five thousand or five.

    Examples
    --------
    >>> read_amount("> 103500000000")
    Amount(value=103500000000.0, qualifier='gt', of=None, high=None)
    """
    text = readable(kept)
    if not text:
        return Amount()
    found = _KEPT.fullmatch(text)
    if _THREE_PLACES.fullmatch(text):
        whole, point = text.replace(".", "").replace(",", ""), plain_decimal(text)
        raise MttqError(f"{text} may be {whole} or {point}; write {whole} or {point}")
    if not found:
        return _read_text(text, {}, "vi")
    first, last = float(found["first"]), float(found["last"]) if found["last"] else None
    mark = {m: q for q, m in _MARKS.items()}.get(found["mark"] or "", "")
    return _made(first, mark, last if found["join"] == "/" else None, last if found["join"] == ".." else None)


def _read_value(given: Any, row: Mapping[str, Any], lang: str) -> Amount:
    if given is None:
        return Amount()
    if isinstance(given, date):
        raise MttqError("Excel made a date of it; put an apostrophe before what you write: '6/10")
    if isinstance(given, bool):
        raise MttqError(f"{given} is no number")
    if isinstance(given, int | float):
        return _made(float(given))
    text = readable(given)
    return Amount() if text.casefold() in _NOTHING or not text else _read_text(text, row, lang)


def _made(value: float, qualifier: str = "", of: float | None = None, high: float | None = None) -> Amount:
    if not all(x is None or math.isfinite(x) for x in (value, of, high)):
        raise MttqError(f"{value} is no number")
    if of is not None and of <= 0:
        raise MttqError(f"{plain(value)}/{plain(of)} is no ratio; the second number must be above 0")
    if high is not None and high < value:
        raise MttqError(f"{plain(value)} - {plain(high)} is no range; it ends below its beginning")
    return Amount(value, qualifier, of, high)


def _read_text(text: str, row: Mapping[str, Any], lang: str) -> Amount:
    low = " ".join(Line(text).low.split())
    qualifier, low = _bound(low)
    if found := _RATIO.fullmatch(low):
        _understood(found["rest"], text, row)
        return _made(_number(found["first"], text, lang), qualifier, _number(found["last"], text, lang))
    for dash in (" - ", "-", " đến ", " to "):
        first, joined, last = low.partition(dash)
        if joined and first.strip(" %").replace(".", "").replace(",", "").isdigit() and last:
            (high, scale), begin = _sum(last, text, row, lang), _number(first.strip(" %"), text, lang)
            return _made(begin * scale, qualifier, high=high)
    return _made(_sum(low, text, row, lang)[0], qualifier)


def _bound(low: str) -> tuple[str, str]:
    """The qualifier a text begins with, and the rest."""
    if (found := re.fullmatch(r"từ (.*) trở lên", low)) is not None:
        return "ge", found[1]
    words = {
        Line(r["phrase"]).low: r["qualifier"]
        for r in read_codelist("qualifiers", key=["phrase", "where"])
        if r["where"] == "before"
    }
    words = {w: q for w, q in words.items() if q != "exact"} | _WORDS_EN
    for word in sorted(words, key=len, reverse=True):
        rest = low.removeprefix(word)
        if rest != low and (not word[-1].isalpha() or rest[:1] == " "):
            return words[word], rest.strip()
    return "", low


def _sum(low: str, text: str, row: Mapping[str, Any], lang: str) -> tuple[float, float]:
    """The amount of "1 tỷ 250 triệu đồng", and its first scale."""
    sign = -1.0 if low.startswith("-") else 1.0
    at, total, last, first_scale = int(sign < 0), 0.0, math.inf, 1.0
    while found := _PART.match(low, at):
        scale = {**SCALES, **_SCALE_EN}.get(found["scale"] or "", 1.0)
        if scale >= last:
            break
        first_scale = scale if last == math.inf else first_scale
        total += round(_number(found["number"], text, lang) * scale, 6)
        at, last = found.end(), scale
        if not found["scale"]:
            break
    if last == math.inf:
        raise MttqError(f"{text!r} is no number")
    _understood(low[at:], text, row)
    return sign * total, first_scale


def _number(digits: str, text: str, lang: str) -> float:
    """Digits as the language writes them; what may be read two ways is refused."""
    doubtful = "," if lang == "vi" else "."
    if _THREE_PLACES.fullmatch(digits) and doubtful in digits:
        whole, point = re.sub(r"[.,]", "", digits), plain_decimal(digits)
        raise MttqError(f"{text!r}: {digits} may be a whole number or a decimal; write {whole} or {point}")
    if lang == "en" and re.fullmatch(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?", digits):
        digits = digits.replace(",", "").replace(".", ",")
    value = read_number(digits)
    if value is None:
        raise MttqError(f"{text!r} is no number")
    return value


def plain_decimal(digits: str) -> str:
    """The decimal reading of "15,800" or "5.142", written so that it can be read no other way."""
    whole, places = re.split(r"[.,]", digits)
    places = places.rstrip("0") or "0"
    return f"{whole},{places}" + ("0" if len(places) == 3 else "")


def _understood(rest: str, text: str, row: Mapping[str, Any]) -> None:
    """Refuse words behind a number that are not its unit: they may change what is meant."""
    rest, unit = rest.strip(" ."), str(row.get("unit") or "")
    known = {Line(unit_name(unit, lang)).low for lang in ("vi", "en")} | _MONEY_WORDS.get(unit, set())
    known |= {Line(unit_name(unit, "en", one=True)).low, Line(readable(row.get("counted"))).low, unit}
    if not unit:
        known |= set().union(*_MONEY_WORDS.values())
    if rest and rest not in known:
        raise MttqError(
            f"{text!r}: {rest!r} does not belong to a figure in {unit_name(unit) or 'no unit'}; write the number alone, and correct the unit beside it"
        )


def check(amount: Amount, row: Mapping[str, Any], is_text: bool) -> None:
    """Refuse a number that was surely meant otherwise."""
    unit, value = str(row.get("unit") or ""), amount.value
    if value is None or amount.of is not None:
        return
    if row.get("kind") == "ratio":
        if not 0 <= value <= 1 and unit != "percent":
            raise MttqError(
                f"{number(value)} is no share of a ratio; write both numbers, such as {number(value)}/{number(row.get('denominator')) or '182'}"
            )
    elif _whole(unit) and not value.is_integer():
        raise MttqError(
            f"{number(value)} {unit_name(unit)} is not whole; write a whole number, of thousands without the dot"
        )
    elif unit == "VND" and 0 < abs(value) < _SMALLEST_SUM and not (is_text and value.is_integer() and value > 99):
        raise MttqError(
            f"{number(value)} đồng is too little; write the sum in full, or as text such as '{number(value)} tỷ'"
        )


def _period(given: Any) -> str:
    if isinstance(given, date):
        # Excel turns "10/2024" into the first of that month.
        return f"{given:%Y-%m}" if given.day == 1 else f"{given:%Y-%m-%d}"
    text = str(int(given)) if isinstance(given, float) and given.is_integer() else readable(given)
    low = re.sub(r"^(?:năm|giai đoạn|nhiệm kì|tháng) ", "", Line(text).low).strip()
    low = re.sub(r"\s*-\s*", "-", low)
    if month := re.fullmatch(r"(0?[1-9]|1[0-2])/(\d{4})", low):
        low = f"{month[2]}-{int(month[1]):02d}"
    return parse_period(low).text


@remembered("units")
def _units() -> dict[str, list[str]]:
    return {code: [row["name_vi"], row["name_en"]] for code, row in keyed("units", "code").items()}


def _coded(text: str, names: Mapping[str, list[str]], what: str) -> str:
    """The code of a text that is a code or one of its names."""
    wanted = Line(text).low
    if text in names:
        return text
    found = [code for code, said in names.items() if wanted in {Line(n).low for n in [*said, code]}]
    if found:
        return found[0]
    every = {Line(n).low: n for said in names.values() for n in said}
    near = [every[n] for n in difflib.get_close_matches(wanted, list(every), 3, 0.5)]
    hint = f"; perhaps {', '.join(near)}" if near else ""
    raise MttqError(f"{text!r} is no {what} of the list{hint}")


def _indicator(text: str, row: Mapping[str, Any]) -> str:
    rows = keyed("indicators", "id")
    code = _coded(text, {i: [r["name_vi"], r["name_en"]] for i, r in rows.items()}, "indicator")
    if not fits(rows[code], row.get("unit")):
        raise MttqError(
            f"{indicator_name(code)} is counted in {unit_name(rows[code]['unit'])}, this figure in {unit_name(row.get('unit'))}; correct the unit first"
        )
    return code


def fits(indicator: Row, unit: object) -> bool:
    """Whether a figure of this unit may belong to the indicator: counts may, other measures not."""
    if missing(unit) or indicator["unit"] == unit:
        return True
    also = {u.strip() for u in indicator.get("also_units", "").split("|")}
    return str(unit) in also or (_whole(indicator["unit"]) and _whole(unit))


def _whole(unit: object) -> bool:
    """Whether a unit is counted one by one."""
    return bool(keyed("units", "code").get(str(unit), {}).get("whole"))


def shown(field: str, kept: object, lang: str = "vi") -> str:
    """A kept form as a person reads it.

    Examples
    --------
    >>> shown("unit", "household"), shown("value", "> 103500000000"), shown("period", "2023")
    ('hộ', '> 103.500.000.000', '2023')
    """
    text = readable(kept)
    if field in ("value", "low", "high"):
        return re.sub(r"\d+(?:\.\d+)?", lambda m: number(float(m[0]), lang), text)
    return label(field, text, lang) if field in (*LABELS, "unit", "indicator") else text
