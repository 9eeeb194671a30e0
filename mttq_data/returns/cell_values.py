"""What a cell of a return says, as typed by a clerk and as damaged by Excel.

The rule: what has one reading is repaired and said so, the raw kept; what has
two is suspect, with a suggestion, and counts in no total until accepted.

Words for nothing ("-", "không"), for no figure yet ("x", "chưa có") and the
units people write behind a number stand in ``codes/cell_words.csv``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from mttq_data.extraction.values import SCALES, read_amount, read_number, read_words
from mttq_data.folding import Line, fold
from mttq_data.forms.model import Figure
from mttq_data.forms.units import cell_words
from mttq_data.returns.knowledge import kept

MONEY_LIMIT = 1e12
_QUALIFIERS = {
    "khoảng": "approx", "ước": "approx", "ước khoảng": "approx", "~": "approx", "≈": "approx", "gần": "lt", "dưới": "lt",
    "<": "lt", "trên": "gt", "hơn": "gt", ">": "gt", "ít nhất": "ge", "từ": "ge", "≥": "ge", ">=": "ge", "tối đa": "le",
    "không quá": "le", "≤": "le", "<=": "le",
}  # fmt: skip
_QUALIFIERS = {fold(word): meaning for word, meaning in _QUALIFIERS.items()}
_QUALIFIED = re.compile(rf"({'|'.join(map(re.escape, sorted(_QUALIFIERS, key=len, reverse=True)))})\s*(?=\d)")
_NUMBER = r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?![\d])|\d{1,3}(?:'\d{3})+|\d+(?:[.,]\d+)*(?:, \d{1,2}(?!\d))?"
_TEXT = re.compile(rf"([+-]?)\s*({_NUMBER})\s*(.*)")
_RATIO = re.compile(r"(\d[\d.]*)\s*[/:]\s*(\d[\d.]*)")
_RANGE = re.compile(r"(\d[\d.,]*)\s*-\s*(\d[\d.,]*)")
_DATE = re.compile(r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*(?:19|20)?\d{2}")
# "3 tỷ 477": said so, the number counts thousandths of the word before; read as digits, units.
_LOOSE = re.compile(r"(nghìn|ngàn|triệu|tr|tỉ|vạn) ?(\d{1,3})")
_TWO_LINES = re.compile(r"(?<=\d)\s*\n\s*(?=\d)")
_LEAST_MONEY = 50_000
_LOOKALIKES = str.maketrans({"o": "0", "l": "1", "i": "1", "s": "5", "b": "8"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell read. ``value`` and the bounds are in the unit of the form.

    Attributes
    ----------
    value : float or None
    status : {"ok", "repaired", "suspect", "missing", "blank"}
    check : str
        Id of the problem to report, "" when there is none.
    suggestion : float or None
        The other, likelier reading.
    why : str
        A few Vietnamese words that go into the message.
    """

    value: float | None
    status: str
    check: str = ""
    suggestion: float | None = None
    qualifier: str = "exact"
    low: float | None = None
    high: float | None = None
    why: str = ""


BLANK = Reading(None, "blank")


def raw_text(value: Any) -> str:
    """A cell's content as text, as it stood.

    Examples
    --------
    >>> raw_text(5142.0), raw_text(2.67), raw_text("5.142 hộ")
    ('5142', '2.67', '5.142 hộ')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
    return str(value)


def read_cell(value: Any, figure: Figure, *, text_only: bool = False, money_limit: float = MONEY_LIMIT) -> Reading:
    """Read one cell of a form's table.

    Parameters
    ----------
    value : object
        As a spreadsheet library gives it: text, number, date or "".
    figure : Figure
        What the form expects there.
    text_only : bool, optional
        The file's format knows no numbers (.csv): "1234" needs no repair.
    money_limit : float, optional
        From this amount of đồng on, a figure is taken to be written in a smaller unit.

    Returns
    -------
    Reading

    Examples
    --------
    >>> count, money = Figure(unit="hộ", low=0), Figure(unit="triệu đồng", factor=1e6, decimals=1, low=0)
    >>> read_cell("5.142", count).value, read_cell(5.142, count).suggestion
    (5142.0, 5142.0)
    >>> read_cell("2 tỷ 350 triệu", money).value
    2350.0
    >>> read_cell(267.0, Figure(unit="%", decimals=2, low=0, high=100)).suggestion
    2.67
    """
    if value is None or value == "":
        return BLANK
    if isinstance(value, str):
        read = _read_text(value, figure, text_only)
        if text_only and read.check == "text_number":
            read = replace(read, check="")
    elif isinstance(value, bool):
        return Reading(None, "missing", "not_a_number")
    elif isinstance(value, int | float):
        read = _read_float(float(value), figure)
    else:
        return _read_date(value, figure)
    return _within_bounds(read, figure, money_limit)


def _read_float(value: float, figure: Figure) -> Reading:
    if not math.isfinite(value):
        return Reading(None, "missing", "not_a_number")
    if value.is_integer():
        return Reading(value, "ok")
    places = len(repr(value).partition(".")[2]) if "e" not in repr(value) else 99
    if figure.decimals == 0:
        near = round(value)
        if abs(value - near) < 1e-6 * max(1.0, abs(value)) and places > 6:
            return Reading(float(near), "ok")
        if places <= 3 and abs(value) < 1000:
            return Reading(value, "suspect", "lost_thousands", round(value * 1000, 6))
        return Reading(value, "suspect", "not_whole")
    if places == 3 and abs(value) < 1000 and figure.decimals < 3 and not _is_percent(figure):
        return Reading(value, "suspect", "lost_thousands", round(value * 1000, 6))
    return Reading(value, "ok")


def _read_date(value: object, figure: Figure) -> Reading:
    if isinstance(value, datetime | date):
        if value.year < 1930:
            # A plain number in a cell formatted as a date shows as a day of 1900.
            serial = (datetime(value.year, value.month, value.day) - datetime(1899, 12, 30)).days
            serial -= serial < 61
            return Reading(None, "suspect", "date_in_cell", float(serial), why=f"số {serial} bị định dạng thành ngày")
        typed = f"{value.day:02d}/{value.month:02d}, {value.day:02d}-{value.month:02d} hoặc {value.day}.{value.month}"
        return Reading(None, "suspect", "date_in_cell", why=f"có thể đã gõ {typed}")
    if isinstance(value, time | timedelta):
        return Reading(None, "suspect", "date_in_cell", why="Excel đổi thành giờ")
    return Reading(None, "missing", "not_a_number")


def _read_text(text: str, figure: Figure, text_only: bool) -> Reading:
    # Two numbers below each other in one cell are two, not one with a space for the thousands.
    low = " ".join(_TWO_LINES.sub("; ", Line(text).low.strip(" '`\"\n")).split())
    if not low:
        return BLANK
    nothing = kept("cell_words", cell_words)[0]
    meaning = nothing.get(low.rstrip(".") or low) or nothing.get(low)
    if meaning == "zero":
        return Reading(0.0, "repaired")
    if meaning == "missing":
        return Reading(None, "missing", "said_missing")
    if low[0] == "#" and low.rstrip("!?").upper()[1:] in ("DIV/0", "REF", "N/A", "VALUE", "NAME", "NUM", "NULL"):
        return Reading(None, "missing", "error_cell")
    low = low.rstrip("*").rstrip()
    qualifier = ""
    if found := _QUALIFIED.match(low):
        qualifier, low = _QUALIFIERS[found[1]], low[found.end() :]
    read = _read_number_text(low, figure, text_only, text)
    return _qualified(read, qualifier) if qualifier else read


def _qualified(read: Reading, qualifier: str) -> Reading:
    if read.value is None or read.status == "suspect":
        return read
    low = read.value if qualifier in ("gt", "ge") else None
    high = read.value if qualifier in ("lt", "le") else None
    return replace(read, status="repaired", check="inexact", qualifier=qualifier, low=low, high=high)


def _read_number_text(low: str, figure: Figure, text_only: bool, text: str) -> Reading:
    if _DATE.fullmatch(low):
        return Reading(None, "suspect", "date_in_cell", why="ô ghi ngày tháng")
    if found := _RATIO.fullmatch(low):
        top = read_number(found[1])
        return Reading(top, "suspect", "ratio_in_cell", top, why=f"{found[1]} trên {found[2]}")
    if found := _RANGE.fullmatch(low):
        first, last = read_number(found[1]), read_number(found[2])
        return Reading(None, "suspect", "range_in_cell", qualifier="range", low=first, high=last)
    if re.fullmatch(r"\(\s*[\d.,]+\s*\)", low):
        inner = _plain(low.strip("() "), figure)
        return replace(inner, status="suspect", check="sign", suggestion=inner.value, value=None)
    found = _TEXT.fullmatch(low)
    if found is None or re.fullmatch(r"(?=.*\d)(?=.*[olisb])[\d.,olisb]{2,}", low):
        return _read_letters(low)
    rest = found[3].strip(" .")
    if not rest:
        read = _plain(found[2], figure)
        if read.status == "repaired" and found[2].isdigit():
            # "05" or "1234" stored as text; the only question is the type.
            read = replace(read, status="ok" if text_only else "repaired", check="" if text_only else "text_number")
        elif text_only and read.status == "repaired" and figure.decimals and re.fullmatch(r"\d+,\d+", found[2]):
            read = replace(read, status="ok", check="")
    else:
        read = _with_unit(found[2], rest, figure, low)
    if found[1] == "-" and read.value is not None:
        read = replace(read, value=-read.value)
    return read


def _read_letters(low: str) -> Reading:
    spoken = read_words(low)
    if spoken is None and (found := re.fullmatch(r"(.+?)\s+(\D+)", low)) and unit_of(found[2]):
        spoken = read_words(found[1])
    if spoken is not None:
        return Reading(spoken, "repaired", "text_number")
    guess = low.translate(_LOOKALIKES)
    if any(c.isdigit() for c in low) and re.fullmatch(r"[\d.,]+", guess):
        value = read_number(guess)
        return Reading(None, "suspect", "letter_in_number", value)
    return Reading(None, "missing", "not_a_number")


def _plain(number: str, figure: Figure) -> Reading:
    """Digits with separators; Vietnamese first, but what only one country can have written is taken so."""
    if "'" in number:
        number = number.replace("'", "")
    value = read_number(number)
    if value is None:
        return Reading(None, "missing", "not_a_number")
    if figure.decimals == 0 and re.fullmatch(r"[1-9]\d{0,2},\d{3}", number):
        return Reading(float(number.replace(",", "")), "repaired", "text_number")
    if figure.decimals == 0 and not value.is_integer():
        return Reading(value, "suspect", "not_whole")
    if (
        figure.decimals
        and re.fullmatch(r"[1-9]\d{0,2},\d{3}", number)
        and figure.decimals < 3
        and not _is_percent(figure)
    ):
        return Reading(value, "suspect", "two_readings", float(number.replace(",", "")))
    if (
        _is_percent(figure)
        and figure.high is not None
        and value > figure.high
        and re.fullmatch(r"\d{1,3}\.\d{3}", number)
    ):
        return Reading(float(number), "suspect", "two_readings", float(number))
    return Reading(value, "repaired", "text_number")


def _with_unit(number: str, rest: str, figure: Figure, low: str) -> Reading:
    unit = unit_of(rest)
    family, own = _family(figure)
    if unit is None and fold(rest) == fold(figure.unit):
        return _plain(number, figure)
    if unit is None:
        return _compound(low, figure, family, own)
    said, factor = unit
    read = _plain(number, replace(figure, decimals=max(figure.decimals, 3)) if factor != own else figure)
    if read.value is None or read.status == "suspect":
        return read
    if said != family:
        return replace(read, status="suspect", check="unit_other", suggestion=read.value, why=f"đơn vị “{rest}”")
    value = round(read.value * factor / own, 9)
    # "1.105 đồng" in a return in triệu đồng: nobody gives so little, the word is out of habit.
    if family == "money" and own >= 1e6 and 0 < read.value * factor < _LEAST_MONEY:
        return replace(
            read, value=value, status="suspect", check="unit_other", suggestion=read.value, why=f"đơn vị “{rest}”"
        )
    return replace(read, value=value, check="text_number")


def _compound(low: str, figure: Figure, family: str, own: float) -> Reading:
    """ "2 tỷ 350 triệu", "3,2 nghìn", or digits with words nobody knows."""
    shape = re.fullmatch(
        r"[\d., ]+(?:nghìn|ngàn|triệu|tr|tỉ|vạn)(?: ?[\d., ]+(?:nghìn|ngàn|triệu|tr)?)*(?: rưỡi)?(?P<unit> ?\D*)", low
    )
    amount = read_amount(low) if shape else None
    if shape is None or amount is None:
        digits = re.findall(_NUMBER, re.sub(r"\([^)]*\)?", "", low))
        # "40+12" and "251 tổ; 1500 HGV" are two numbers, of which none is the likelier.
        return Reading(None, "suspect", "words_in_cell", read_number(digits[0]) if len(digits) == 1 else None)
    unit = unit_of(shape["unit"].strip()) if shape["unit"].strip() else None
    large, vague = re.search(r"triệu|tr\b|tỉ", low), family == "money"
    if (unit and unit[0] != family) or bool(large) != vague:
        # "650 triệu" is money, "3,2 nghìn" a count; the other way round nobody can tell.
        return Reading(amount, "suspect", "unit_other", amount, why=f"ghi “{low}”")
    said = low[: shape.start("unit")].strip()
    if (found := list(_LOOSE.finditer(said))) and found[-1].end() == len(said):
        word, tail = found[-1].groups()
        spoken = amount - float(tail) + float(tail) * SCALES[word] / (10 if len(tail) == 1 else 1000)
        if spoken != amount or len(tail) < 3:
            worth = own if family == "money" else 1.0
            return Reading(round(amount / worth, 9), "suspect", "two_readings", round(spoken / worth, 9))
    return Reading(round(amount / own, 9) if family == "money" else amount, "repaired", "text_number")


def _within_bounds(read: Reading, figure: Figure, money_limit: float) -> Reading:
    value = read.value
    if value is None or read.status == "suspect":
        return read
    if figure.low is not None and value < figure.low and value - figure.low > -1e-9:
        return replace(read, value=float(figure.low))
    if figure.low is not None and value < figure.low:
        return replace(
            read, status="suspect", check="sign" if value < 0 else "range", suggestion=abs(value) if value < 0 else None
        )
    if figure.high is not None and value > figure.high:
        guess = value / 10 ** max(figure.decimals, 1)
        while guess > figure.high:
            guess /= 10
        return replace(
            read, status="suspect", check="range", suggestion=round(guess, 6) if _is_percent(figure) else None
        )
    family, own = _family(figure)
    if family == "money" and own > 1 and abs(value) * own >= money_limit:
        return replace(read, status="suspect", check="money_unit", suggestion=round(value / own, 6))
    return read


def _is_percent(figure: Figure) -> bool:
    return figure.unit == "%"


def _family(figure: Figure) -> tuple[str, float]:
    """Family of the form's unit and its factor within it."""
    return unit_of(figure.unit) or ("", 1.0)


def unit_of(text: str) -> tuple[str, float] | None:
    """The family of a unit as people write it and its factor in it.

    Examples
    --------
    >>> unit_of("Trđ"), unit_of("nghìn đồng"), unit_of("gì đó")
    (('money', 1000000.0), ('money', 1000.0), None)
    """
    low, units = " ".join(fold(text).strip(" .()").split()), kept("cell_words", cell_words)[1]
    return units.get(low) or units.get(low.replace(". ", "."))
