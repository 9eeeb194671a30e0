"""The heading of a table and its columns, merged or not, with or without their numbers."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from mttq_data.forms.model import Form
from mttq_data.returns.grids import Sheet
from mttq_data.returns.label_matching import Matcher, plain
from mttq_data.returns.layout import Finding, Layout, Place, cues, filled, matcher_of, numeric

_NUMBER_CELL = re.compile(r"\(?(?:[a-zđ]{1,2}|\d{1,2})\)?(?:\s*=\s*[\d()+\-:/*x%.,\s]+)?", re.IGNORECASE)

_MOST_COLUMNS = 60


def find_header(sheet: Sheet, layout: Layout) -> None:
    """Set the header's first row and the row of column numbers."""
    first, column = layout.first, layout.label_column
    parts = {plain(p) for c in layout.form.columns for p in c.header} | {
        c for k in ("label", "unit", "number", "note") for c in cues()[k]
    }
    top = first
    for r in range(first - 1, max(-1, first - 9), -1):
        row = sheet.rows[r]
        filled = [(c, v) for c, v in enumerate(row[:_MOST_COLUMNS]) if v != ""]
        if not filled:
            if top < first:
                break
            continue
        if layout.number_row is None and _is_number_row(filled, column):
            layout.number_row, top = r, r
            continue
        texts = [plain(v) for _, v in filled if isinstance(v, str)]
        known = sum(t in parts for t in texts)
        if known < 2 and any(isinstance(v, str) and re.search(r":\s*$|:\s+\w", v) for _, v in filled):
            break
        merged = any(m[0] <= r < m[2] and m[2] >= top for m in sheet.merges if m[2] > m[0])
        if (
            known >= 2
            or (known and top < first)
            or (len(texts) >= 3 and top < first)
            or (merged and top < first and len(texts) > 1)
        ):
            top = r
        elif top < first and layout.number_row != top:
            break
        elif len(texts) >= 3 and not any(len(t) > 120 for t in texts):
            top = r
        elif top < first:
            break
    layout.top = top


def _is_number_row(filled: list[tuple[int, Any]], label_column: int) -> bool:
    said = [(c, v) for c, v in filled]
    if len(said) < 3:
        return False
    good = 0
    for c, value in said:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        if not _NUMBER_CELL.fullmatch(text):
            return False
        good += 1
        if c == label_column and len(text) > 3:
            return False
    numbers = [int(m[0]) for _, v in said if (m := re.match(r"\d+", str(v).strip("( ")))]
    return good >= 3 and len(numbers) >= 2 and all(b - a in (0, 1) for a, b in pairwise(numbers))


def _paths(sheet: Sheet, layout: Layout) -> dict[int, list[str]]:
    """The texts above each column, top down, merged cells spread over their block."""
    cover: dict[Place, Place] = {}
    for r0, c0, r1, c1 in sheet.merges:
        if r1 >= layout.top and r0 < layout.first and (r1 - r0) < 12:
            for r in range(max(r0, layout.top), min(r1, layout.first - 1) + 1):
                for c in range(c0, min(c1, _MOST_COLUMNS) + 1):
                    cover[r, c] = (r0, c0)
    rows = [r for r in range(layout.top, layout.first) if r != layout.number_row]
    width = min(sheet.width, _MOST_COLUMNS)
    found: dict[int, list[str]] = {}
    for c in range(width):
        path: list[str] = []
        for r in rows:
            # Blocks left behind when a column was put in cover headings of their own.
            at = cover.get((r, c), (r, c)) if sheet.rows[r][c] == "" else (r, c)
            text = sheet.rows[at[0]][at[1]] if at[1] < len(sheet.rows[at[0]]) else ""
            if text == "" and not sheet.merges and r != rows[-1]:
                text = _from_left(sheet, rows, r, c)
            if text != "" and (not path or path[-1] != str(text)):
                path.append(str(text))
        if path:
            found[c] = path
    return found


def _from_left(sheet: Sheet, rows: list[int], r: int, c: int) -> str:
    """The heading to the left that spans this column, in files that know no merges."""
    if not any(sheet.rows[below][c] != "" for below in rows if below > r):
        return ""
    for left in range(c - 1, -1, -1):
        if sheet.rows[r][left] != "":
            below = [sheet.rows[b][left] for b in rows if b > r]
            return str(sheet.rows[r][left]) if any(v != "" for v in below) else ""
    return ""


def match_columns(sheet: Sheet, layout: Layout, words: dict[str, str]) -> None:
    form = layout.form
    paths = _paths(sheet, layout)
    layout.headings = {c: " ".join(" ".join(p).split()) for c, p in paths.items()}
    names = tuple(" ".join(filled(p, words) for p in c.header) for c in form.columns)
    matcher = matcher_of(names)
    numbers = _numbers(sheet, layout)
    label_key = next(c.key for c in form.columns if c.kind == "label")
    taken = {label_key: layout.label_column}
    for exact in (True, False):
        for c, heading in layout.headings.items():
            if c in taken.values():
                continue
            left = [i for i, col in enumerate(form.columns) if col.key not in taken]
            key = (
                _exact_column(form, matcher, heading, left, numbers.get(c))
                if exact
                else _likely_column(form, matcher, heading, paths[c], left, numbers.get(c))
            )
            if key:
                taken[key] = c
    _by_number(form, taken, numbers)
    for c, heading in layout.headings.items():
        left = [i for i, col in enumerate(form.columns) if col.key not in taken and col.kind == "value"]
        if c not in taken.values() and len(fits := matcher.containing(heading, left)) == 1:
            taken[form.columns[fits[0]].key] = c
    layout.columns = taken
    _odd_columns(sheet, layout, words)


def _by_number(form: Form, taken: dict[str, int], numbers: dict[int, str]) -> None:
    """Columns without a telling heading, by their number, where the numbers agree with all other columns."""
    known = {c.key for c in form.columns}
    agree = [numbers[c] == key for key, c in taken.items() if c in numbers]
    if sum(agree) >= 2 and all(agree) and len(set(numbers.values())) == len(numbers):
        for c, key in numbers.items():
            if key in known and key not in taken and c not in taken.values():
                taken[key] = c


def _numbers(sheet: Sheet, layout: Layout) -> dict[int, str]:
    if layout.number_row is None:
        return {}
    found = {}
    for c, value in enumerate(sheet.rows[layout.number_row][:_MOST_COLUMNS]):
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if m := re.match(r"\(?\s*([A-Za-zĐđ]{1,2}|\d{1,2})", text.strip()):
            found[c] = m[1].upper() if m[1].isalpha() else m[1]
    return found


def _exact_column(form: Form, matcher: Matcher, heading: str, left: list[int], number: str | None) -> str | None:
    same = [i for i in matcher.same(heading) if i in left]
    if len(same) > 1 and number:
        same = [i for i in same if form.columns[i].key == number] or same
    return form.columns[same[0]].key if same else None


def _likely_column(
    form: Form, matcher: Matcher, heading: str, path: list[str], left: list[int], number: str | None
) -> str | None:
    text = plain(heading)
    columns = {i: form.columns[i] for i in left}
    known = cues()
    if form.layout == "indicators_down":
        for means in ("other", "computed", "note", "cumulative", "plan", "unit", "number", "period"):
            if any(cue in text for cue in known[means]):
                fits = [c.key for c in columns.values() if _meaning(c) == means]
                return fits[0] if len(fits) == 1 else None
        if re.search(r"\bthực hiện\b|\bkết quả\b|\bsố liệu\b", text) and "%" not in heading:
            fits = [c.key for c in columns.values() if _meaning(c) == "period"]
            return fits[0] if len(fits) == 1 else None
        return None
    for means in ("note", "number", "unit"):
        if any(text == cue or (means == "note" and cue in text) for cue in known[means]):
            return next((c.key for c in columns.values() if c.kind == means), None)
    match = matcher.best(heading, columns)
    if match:
        return form.columns[match.index].key
    # Only the last line of a heading may be left; the column's number then says which of two it is.
    lasts = [c.key for c in columns.values() if c.kind == "value" and plain(c.header[-1]) == plain(path[-1])]
    if len(lasts) > 1 and number in lasts:
        return number
    return lasts[0] if len(lasts) == 1 else None


def _meaning(column: Any) -> str:
    return (
        column.measure
        if column.kind == "value" and column.measure
        else "computed"
        if column.kind == "value"
        else column.kind
    )


def _odd_columns(sheet: Sheet, layout: Layout, words: dict[str, str]) -> None:
    used = set(layout.columns.values())
    for c in range(sheet.width):
        if c in used or c < layout.label_column:
            continue
        numbers = [r for r in layout.rows.values() if numeric(sheet.rows[r][c])]
        if numbers:
            heading = layout.headings.get(c, "")
            where = (layout.top if heading else numbers[0], c)
            layout.findings.append(
                Finding("unknown_column", where, f"{heading or 'không có tiêu đề'} ({len(numbers)} số)", label=heading)
            )
    for column in layout.form.columns:
        if column.kind == "value" and column.key not in layout.columns and column.figure.required:
            heading = filled(" - ".join(column.header), words)
            layout.findings.append(Finding("missing_column", (layout.top, layout.label_column), "", heading, heading))
