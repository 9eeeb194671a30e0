"""What may stand in each column of the three files that describe a form.

A reader takes the text of a cell and gives what it means; its `ValueError` says
what to write instead. ``docs/forms.md`` tells the same to the analyst.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from string import Formatter
from typing import Any

from mttq_data.codelists import Row, place_of
from mttq_data.errors import MttqError

LAYOUTS = ("indicators_down", "areas_down")
MEASURES = ("plan", "period", "cumulative")
PLACEHOLDERS = ("area", "parent", "period", "year", "from", "to", "due", "receiver")
KINDS = {"form_rows": ("group", "item"), "form_columns": ("number", "label", "unit", "value", "note")}

DUE = re.compile(r"(?:end)?([+-])(\d{1,3})|([1-9]|[12]\d|3[01])")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,})")
_EITHER = re.compile(r"[+-]?([1-9]\d{0,2})[.,](\d{3})")
_TERM = re.compile(r"\s*([+-])?\s*([^\s+\-/*=]+)\s*")
_RATIO = re.compile(r"(?:100\s*\*\s*)?([^\s+\-/*=]+)\s*/\s*([^\s+\-/*=]+)")
_DATED = re.compile(r".*-.*|\d+/\d+/\d+")


def number(text: str) -> float | None:
    """A number with a decimal point or comma, as Excel saves it in either language; None for an empty cell."""
    if not text:
        return None
    if either := _EITHER.fullmatch(text):
        raise ValueError(f"that may be {either[1]}{either[2]} or {either[1]}; write it without dot or comma")
    plain = re.sub("[.,]", "", text) if _GROUPED.fullmatch(text) else text
    if not _NUMBER.fullmatch(plain):
        raise ValueError("that is no number; write digits, as in 1000000 or 0,001")
    return float(plain.replace(",", "."))


def _between(low: float, high: float, default: float | None, *, whole: bool = False) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        value = number(text)
        if value is not None and (not low <= value <= high or whole and value % 1):
            raise ValueError(f"write a {'whole ' if whole else ''}number from {low:g} to {high:g}")
        return default if value is None else value

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            said = " or ".join(filter(None, words))
            raise ValueError(f"write {said}{', or leave the cell empty' if '' in words else ''}")
        return text

    return read


def _some_of(*words: str, default: str = "") -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        said = tuple((text or default).replace(",", " ").split())
        if set(said) - set(words):
            raise ValueError(f"write one or more of {' '.join(words)}, with a space between")
        return said

    return read


def _name(pattern: str, what: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"write {what}")
        return text

    return read


def _text(text: str) -> str:
    try:
        named = [field for _, field, _, _ in Formatter().parse(text) if field is not None]
    except ValueError:
        named = [""]
    for field in named:
        if field.lower() not in PLACEHOLDERS or field not in (field.lower(), field.upper(), field.capitalize()):
            raise ValueError(f"of words in braces only {' '.join(f'{{{p}}}' for p in PLACEHOLDERS)} are known")
    return text


def _needed(text: str) -> str:
    if not text:
        raise ValueError("write the words that are to stand on the form")
    return _text(text)


def _due(text: str) -> str:
    if not DUE.fullmatch(text.replace(" ", "")):
        raise ValueError(
            "write end+10 or end-5 for days from the end of the period, or 20 for that day of its last month"
        )
    return text


def _list(text: str) -> tuple[str, ...]:
    words = tuple(filter(None, (word.strip() for word in text.split("|"))))
    if "," in text or len(",".join(words)) > 255:
        raise ValueError("an Excel list takes no comma and 255 letters at most; separate the choices by |")
    return words


def _head_choices(text: str) -> str:
    for part in filter(None, text.split(";")):
        if "=" not in part or not _list(part.partition("=")[2]):
            raise ValueError("write it like Tình trạng=Chính thức|Sơ bộ")
    return text


def _terms(text: str) -> tuple[tuple[int, str], ...]:
    terms: list[tuple[int, str]] = []
    at = 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None or (terms and not match[1]):
            raise ValueError("write the keys it adds up, like 1+2-3")
        terms.append((-1 if match[1] == "-" else 1, match[2]))
        at = match.end()
    return tuple(terms)


def _ratio(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    match = _RATIO.fullmatch(text)
    if match is None:
        made = "perhaps Excel made a date of it: " if _DATED.fullmatch(text) else ""
        raise ValueError(f"{made}write the keys of the part and the whole like 100*2/1")
    return match[1], match[2]


_FIGURE: dict[str, Callable[[str], Any]] = {
    "form": str,
    "key": _name(r"[^\s+\-/*=]+", "a short key without spaces and + - * / ="),
    "position": number,
    "indicator": str,
    "unit": str,
    "factor": _between(1e-12, 1e15, None),
    "decimals": _between(0, 9, 0, whole=True),
    "low": number,
    "high": number,
    "required": _one_of("yes", "no", ""),
    "total_of": _terms,
    "ratio_of": _ratio,
    "hint": _text,
    "comment": str,
}
COLUMNS: dict[str, dict[str, Callable[[str], Any]]] = {
    "forms": {
        "id": _name(r"[\w-]+", "an id of letters, digits and _"),
        "layout": _one_of(*LAYOUTS),
        "name_vi": _needed,
        **dict.fromkeys(("name_en", "number", "head_upper", "head_own", "receiver", "period_line"), _text),
        **dict.fromkeys(("scope_line", "unit_line", "notes", "signers"), _text),
        "head_choices": _head_choices,
        "cadence": _some_of("month", "quarter", "half", "year"),
        "levels": _some_of("province", "district", "commune", default="district commune"),
        "due": _due,
        "total_row": _one_of("top", "bottom", ""),
        "comment": str,
    },
    "form_rows": _FIGURE
    | {"kind": _one_of(*KINDS["form_rows"], "off"), "label": _needed, "columns": _some_of(*MEASURES)},
    "form_columns": _FIGURE
    | {
        "kind": _one_of(*KINDS["form_columns"], "off"),
        "header": _needed,
        "measure": _one_of(*MEASURES, ""),
        "width": _between(1, 255, 12),
        "choices": _list,
    },
}


def fault(file: str, row: Row, column: str, why: str) -> MttqError:
    """The error of one cell: file, line, column, what stands there, why it cannot stay."""
    key = {k: row[k] for k in ("form", "key", "id") if k in row}
    said = repr(row[column]) if row.get(column) else "the cell is empty"
    return MttqError(f"{place_of(file, **key)}, column {column}: {said}; {why}")


def read_cells(file: str, row: Row) -> dict[str, Any]:
    """The cells of a row of ``file`` read, each by the reader of its column."""
    known = COLUMNS[file]
    for column in filter(None, row):
        if column not in known:
            like = get_close_matches(column, known, 1)
            meant = f"write {like[0]} if that is meant; " if like else ""
            raise MttqError(f"{place_of(file)}: column {column!r} is not known; {meant}known are {', '.join(known)}")
    read = {}
    for column, reader in known.items():
        try:
            read[column] = reader(row.get(column, ""))
        except ValueError as exc:
            raise fault(file, row, column, str(exc)) from None
    return read
