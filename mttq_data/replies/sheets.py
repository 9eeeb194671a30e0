"""A sender's sheets written anew, with the faulty cells marked, and the list of what is to be mended."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mttq_data.replies.looks import Look
from mttq_data.returns.grids import Place, Sheet
from mttq_data.store.rows import cell_place
from mttq_data.tables.books import LONGEST_CELL, Formats, lay_across
from mttq_data.tables.tables import clean_text

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook as Writer
    from xlsxwriter.worksheet import Worksheet

FILLS = {"error": "#F8B4A6", "warning": "#FFE08A", "note": "#DCE9F7"}
_LONGEST_COMMENT = 1_500
_MOST_MERGES = 5_000
# Empty merged cells for a signature stand this far below the last text.
_FOOT = 20
_FORMULA_LIKE = ("=", "+", "-", "@", "\t", "\r")
_FUNCTIONS = re.compile(
    "ABS|AND|AVERAGE|COUNT|COUNTA|COUNTIF|IF|IFERROR|INT|ISBLANK|ISERROR|ISNUMBER|MAX|MIN|MOD|NOT|OR|PRODUCT|ROUND"
    "|ROUNDDOWN|ROUNDUP|SUBTOTAL|SUM|SUMIF|SUMPRODUCT",
    re.IGNORECASE,
)
_NAME = re.compile(r"([A-Za-z_.][A-Za-z0-9_.]*)\s*\(")
_TEXTS = re.compile(r"\"[^\"]*\"|'[^'\[\]|]*'!")


@dataclass
class Fault:
    """What was found in one cell: the worst severity and the messages."""

    severity: str
    messages: list[str] = field(default_factory=list)

    @property
    def comment(self) -> str:
        """The messages, one a line, as the comment of the cell."""
        told = "\n".join(f"- {m}" for m in self.messages) if len(self.messages) > 1 else self.messages[0]
        return told[:_LONGEST_COMMENT]


def harmless(formula: str) -> bool:
    """Whether a formula only counts with cells of the workbook: it is kept; any other becomes its value.

    Examples
    --------
    >>> harmless('=IF(COUNT(D8:D9)=0,"",SUM(D8:D9))'), harmless("=cmd|'/c calc'!A0"), harmless("='[a.xls]S'!A1")
    (True, False, False)
    """
    bare = _TEXTS.sub("", formula)
    if not formula.startswith("=") or len(formula) > 4000 or re.search(r"[\[\]|{}#!]", bare):
        return False
    return all(map(_FUNCTIONS.fullmatch, _NAME.findall(bare)))


def write_sheet(
    book: Writer, page: Worksheet, sheet: Sheet, look: Look, faults: Mapping[Place, Fault], formats: Formats
) -> None:
    """Write one of the sender's sheets: values, formulas, labels, merges, widths, formats; mark the faulty cells.

    Parameters
    ----------
    book, page
        Where to write.
    sheet : Sheet
        The sender's.
    look : Look
        How it looked.
    faults : mapping
        What was found, by place.
    formats : Formats
    """
    from xlsxwriter.exceptions import OverlappingRange

    for column, width in look.widths.items():
        page.set_column(column, column, min(width, 120))
    _hide(page, sheet, faults, look)
    blocks = [m for m in sheet.merges[:_MOST_MERGES] if m[:2] != m[2:]]
    merged = {(r0, c0): (r1, c1) for r0, c0, r1, c1 in blocks}
    filled = {(r, c) for r, row in enumerate(sheet.rows) for c, v in enumerate(row) if v != ""}
    filled |= look.formulas.keys() | sheet.errors.keys() | faults.keys()
    # Empty cells with a look count as far as the table goes: programs give one to whole columns.
    high, wide = (max((p[axis] for p in filled), default=0) + 2 for axis in (0, 1))
    for row, height in look.heights.items():
        if row < high and row not in sheet.hidden[0]:
            page.set_row(row, min(height, 400))
    merged = {at: end for at, end in merged.items() if end[0] < high + _FOOT and end[1] < wide + _FOOT}
    places = filled | merged.keys() | {(r, c) for r, c in look.cells if r < high and c < wide}
    covered = {(r, c): (r0, c0) for (r0, c0), (r1, c1) in merged.items() if (r1 - r0 + 1) * (c1 - c0 + 1) < 10_000
               for r in range(r0, r1 + 1) for c in range(c0, c1 + 1) if (r, c) not in merged}  # fmt: skip
    faults = _in_sight(faults, covered)
    for place in sorted(places):
        style = _style(look.cells.get(place, {}), faults.get(place))
        if place in merged:
            with contextlib.suppress(OverlappingRange):
                page.merge_range(*place, *merged[place], "", formats(**style))
        if place not in covered:
            _write(page, place, sheet, look, style, formats)
    _comment(page, faults, look)
    for block, options in look.checks:
        page.data_validation(*block, options)
    if look.freeze != (0, 0):
        page.freeze_panes(*look.freeze)
    if look.landscape:
        page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    if look.protected:
        page.protect("", {"format_columns": True, "format_rows": True})


def _comment(page: Worksheet, faults: Mapping[Place, Fault], look: Look) -> None:
    """Write what was found beside each faulty cell, and the sender's comments at the others."""
    for place, text in look.comments.items():
        if place not in faults:
            page.write_comment(*place, clean_text(text)[:_LONGEST_COMMENT])
    for place, fault in faults.items():
        lines = 2 + sum(len(m) // 38 + 1 for m in fault.messages)
        page.write_comment(*place, fault.comment, {"width": 260, "height": min(18 * lines, 320), "author": "MTTQ"})


def _in_sight(faults: Mapping[Place, Fault], covered: Mapping[Place, Place]) -> dict[Place, Fault]:
    """The faults at cells that show: one under a merged cell is told there."""
    shown: dict[Place, Fault] = {}
    for place in sorted(faults):
        fault, at = faults[place], covered.get(place, place)
        other = shown.get(at, Fault(fault.severity))
        worst = min(other.severity, fault.severity, key=list(FILLS).index)
        shown[at] = Fault(worst, list(dict.fromkeys(other.messages + fault.messages)))
    return shown


def _hide(page: Worksheet, sheet: Sheet, faults: Mapping[Place, Fault], look: Look) -> None:
    """Keep hidden rows and columns hidden, except where something is to be mended."""
    rows, columns = sheet.hidden
    for row in rows - {r for r, _ in faults}:
        if row < 100_000:
            page.set_row(row, look.heights.get(row), None, {"hidden": True})
    for column in columns - {c for _, c in faults}:
        page.set_column(column, column, look.widths.get(column), None, {"hidden": True})


def _style(style: Mapping[str, Any], fault: Fault | None) -> dict[str, Any]:
    if fault is None:
        return dict(style)
    # The clerk must be able to mend the cell, also where the form has it locked.
    return {**style, "bg_color": FILLS[fault.severity], "border": 1, "border_color": "#C0392B", "locked": False}


def _write(page: Worksheet, place: Place, sheet: Sheet, look: Look, style: dict[str, Any], formats: Formats) -> None:
    row, column = place
    inside = row < len(sheet.rows) and column < len(sheet.rows[row])
    value: Any = sheet.rows[row][column] if inside else ""
    shown = sheet.errors.get(place, value)
    formula = look.formulas.get(place, "")
    if formula and harmless(formula):
        told = shown if isinstance(shown, str | int | float) else ""
        page.write_formula(row, column, formula, formats(**style), told)
    elif isinstance(shown, str):
        if shown:
            if shown.startswith(_FORMULA_LIKE):
                style = style | {"quote_prefix": True}
            page.write_string(row, column, clean_text(shown)[:LONGEST_CELL], formats(**style))
        elif style:
            page.write_blank(row, column, None, formats(**style))
    elif isinstance(shown, bool):
        page.write_boolean(row, column, shown, formats(**style))
    elif isinstance(shown, int | float):
        if math.isfinite(shown):
            page.write_number(row, column, shown, formats(**style))
    else:
        _write_time(page, place, shown, style, formats)


def _write_time(page: Worksheet, place: Place, value: Any, style: dict[str, Any], formats: Formats) -> None:
    code = "dd/mm/yyyy" if isinstance(value, dt.date) else "hh:mm:ss"
    look = formats(**{"num_format": code} | style)
    try:
        page.write_datetime(*place, value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value, look)
    except (ValueError, TypeError, OverflowError):
        page.write_string(*place, str(value), look)


def write_list(
    page: Worksheet, lines: Sequence[Mapping[str, str]], head: Sequence[str], words: Mapping[str, Any], formats: Formats
) -> None:
    """Write the first sheet: title lines, then one row a problem with a link to its cell.

    Parameters
    ----------
    page
        The sheet.
    lines : sequence of mapping
        ``severity, link, where, message, found, expected``; ``link`` is "" without a place.
    head : sequence of str
        Lines above the table, the first one the title.
    words : mapping
        Column titles and names of the severities.
    formats : Formats
    """
    base = {"font_name": "Times New Roman", "font_size": 12, "valign": "top", "locked": False}
    for at, text in enumerate(head):
        page.write_string(at, 0, text, formats(**base | ({"bold": True, "font_size": 14} if at == 0 else {})))
    top = len(head) + 1
    for column, (title, width) in enumerate(words["columns"]):
        look = base | {"bold": True, "border": 1, "bg_color": "#E8EEF4", "text_wrap": True, "align": "center"}
        page.write_string(top, column, title, formats(**look))
        page.set_column(column, column, width)
    for at, line in enumerate(lines, start=1):
        # Not every program fits a row to its text by itself.
        page.set_row(top + at, 16.5 * min(_lines_of(line, words["columns"]), 12))
        look = base | {"border": 1, "text_wrap": True}
        tint = look | {"bg_color": FILLS[line["severity"]]}
        page.write_string(top + at, 0, str(at), formats(**look, align="center"))
        page.write_string(top + at, 1, words["severities"][line["severity"]], formats(**tint))
        if line["link"]:
            blue = look | {"font_color": "#0B3C6F", "underline": 1}
            page.write_url(top + at, 2, line["link"], formats(**blue), line["where"], words["go"])
        else:
            page.write_string(top + at, 2, line["where"], formats(**look))
        for column, name in enumerate(("message", "found", "expected"), start=3):
            text = clean_text(line[name])[:LONGEST_CELL]
            quoted = {"quote_prefix": True} if text.startswith(_FORMULA_LIKE) else {}
            page.write_string(top + at, column, text, formats(**look, **quoted))
    page.ignore_errors({"number_stored_as_text": f"A1:F{top + len(lines) + 1}"})
    page.freeze_panes(top + 1, 0)
    lay_across(page, top)
    page.hide_gridlines(2)


def _lines_of(line: Mapping[str, str], columns: Sequence[tuple[str, int]]) -> int:
    """How many lines the longest cell of a row takes, at about one character a unit of width."""
    widths = dict(zip(("where", "message", "found", "expected"), (w for _, w in columns[2:]), strict=True))
    return max(len(line[name]) // max(width - 4, 1) + 1 for name, width in widths.items())


def cell_of(where: str) -> tuple[str, Place] | None:
    """Sheet and place of an address such as ``Sheet!A1``; None where there is none.

    Examples
    --------
    >>> cell_of("Số liệu!E17"), cell_of("")
    (('Số liệu', (16, 4)), None)
    """
    name, _, cell = where.rpartition("!")
    match = re.fullmatch(r"([A-Z]{1,3}\d{1,7})(?::[A-Z]{1,3}\d{1,7})?", cell)
    if not match:
        return None
    return name, cell_place(match[1])
