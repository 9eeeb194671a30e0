"""Finding a form's table on a sheet, wherever it stands and whatever was done to it.

Rows are found by their labels, columns by the headings above them (merged or
not) and by the row of column numbers; nothing depends on the place. What has no
counterpart in the form is reported, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from mttq_data.codelists import read_codelist
from mttq_data.form_model import Cell, Form, FormRow
from mttq_data.grids import Sheet
from mttq_data.label_matching import Match, Matcher, plain
from mttq_data.return_knowledge import kept

Place = tuple[int, int]
_NUMBER_CELL = re.compile(r"\(?(?:[a-zđ]{1,2}|\d{1,2})\)?(?:\s*=\s*[\d()+\-:/*x%.,\s]+)?", re.IGNORECASE)
_ROMAN = re.compile(r"(?:[ivx]{1,5}|[a-hđ])[.)]?", re.IGNORECASE)
_MOST_COLUMNS = 60


@dataclass(frozen=True)
class Finding:
    """Something to report: which check, where on the sheet, what was found and expected."""

    check: str
    place: Place | None = None
    found: str = ""
    expected: str = ""
    label: str = ""
    why: str = ""


@dataclass
class Layout:
    """Where a form's rows and columns stand on a sheet (all counted from 0).

    Attributes
    ----------
    rows, columns : dict
        Key of the form to row or column of the sheet.
    top, first, last : int
        First header row, first and last row of the table's body.
    """

    form: Form
    form_rows: tuple[FormRow, ...]
    rows: dict[str, int]
    columns: dict[str, int]
    label_column: int
    top: int
    first: int
    last: int
    number_row: int | None = None
    headings: dict[int, str] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    label_rows: set[int] = field(default_factory=set)
    subtotal_rows: set[int] = field(default_factory=set)
    hits: int = 0

    def roles(self, sheet: Sheet, cells: dict[Place, Cell]) -> dict[Place, str]:
        """The role of every filled cell of the sheet."""
        made: dict[Place, str] = {}
        known = {self.columns[c.key]: c.kind for c in self.form.columns if c.key in self.columns}
        for r, row in enumerate(sheet.rows):
            for c, value in enumerate(row):
                if value != "" or (r, c) in sheet.errors or (r, c) in sheet.formulas:
                    made[r, c] = self._role(r, c, cells.get((r, c)), known)
        return made

    def _role(self, r: int, c: int, cell: Cell | None, known: dict[int, str]) -> str:
        if r < self.top:
            return "title"
        if r < self.first or r == self.number_row:
            return "header"
        if r > self.last:
            return "outside"
        if cell is not None:
            return {"input": "input", "note": "note", "closed": "outside"}.get(cell.role, "total")
        if c == self.label_column or known.get(c) in ("number", "unit", "label"):
            return "label"
        if r in self.subtotal_rows and known.get(c) == "value":
            return "total"
        return "label" if c < self.label_column or r in self.label_rows else "outside"


def _cues() -> dict[str, tuple[str, ...]]:
    return kept("column_cues", _make_cues)


def _make_cues() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in read_codelist("column_cues", key=["means", "cue"]):
        found.setdefault(row["means"], []).append(plain(row["cue"]))
    return {k: tuple(v) for k, v in found.items()}


def matcher_of(labels: tuple[str, ...]) -> Matcher:
    """A matcher for these labels, made once."""
    made = kept("matchers", dict[tuple[str, ...], Matcher])
    if labels not in made:
        if len(made) > 200:
            made.clear()
        made[labels] = Matcher(labels)
    return made[labels]


def find_table(sheet: Sheet, form: Form, rows: tuple[FormRow, ...], words: dict[str, str]) -> Layout | None:
    """Find the table of ``form`` on a sheet.

    Parameters
    ----------
    sheet : Sheet
    form : Form
    rows : tuple of FormRow
        The form's rows in the sender's return (`Form.rows`).
    words : dict
        What the placeholders in the form's texts stand for; {} when unknown.

    Returns
    -------
    Layout or None
        None where fewer than a sixth of the rows are there.
    """
    labels = tuple(_filled(row.label, words) for row in rows)
    matcher = matcher_of(labels)
    column, hits = _label_column(sheet, matcher, rows)
    if column is None:
        return None
    found = _match_rows(sheet, column, matcher, rows)
    items = [r for r in rows if r.kind != "group"]
    if sum(row.key in found.rows and row.kind != "group" for row in rows) < max(1, min(3, len(items)), len(items) // 6):
        return None
    body = sorted(found.rows.values())
    layout = Layout(form, rows, found.rows, {}, column, body[0], body[0], body[-1], hits=hits, findings=found.findings)
    layout.labels = found.labels
    layout.label_rows = found.label_rows
    _find_header(sheet, layout)
    _match_columns(sheet, layout, words)
    if not any(c.kind == "value" and c.key in layout.columns for c in form.columns):
        return None
    _odd_rows(sheet, layout, found.unknown)
    _missing(layout, labels)
    return layout


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: words.get(m[1], " "), text)


def _texts(row: Sequence[Any], upto: int) -> list[tuple[int, str]]:
    return [(c, v) for c, v in enumerate(row[:upto]) if isinstance(v, str) and v.strip()]


def _label_column(sheet: Sheet, matcher: Matcher, rows: tuple[FormRow, ...]) -> tuple[int | None, int]:
    hits: dict[int, set[int]] = {}
    loose: dict[int, int] = {}
    for row in sheet.rows[:2000]:
        for c, text in _texts(row, 20):
            same = matcher.same(text)
            if same:
                hits.setdefault(c, set()).update(same)
            elif len(text) > 5:
                loose[c] = loose.get(c, 0) + 1
    if not hits:
        return None, 0
    best = max(hits, key=lambda c: (len(hits[c]), -c))
    wanted = sum(r.kind != "group" for r in rows)
    enough = min(2, wanted) if wanted < 8 else max(3, wanted // 6)
    return (best, len(hits[best])) if len(hits[best]) >= enough else (None, 0)


@dataclass
class _Rows:
    rows: dict[str, int] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    label_rows: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def _match_rows(sheet: Sheet, column: int, matcher: Matcher, rows: tuple[FormRow, ...]) -> _Rows:
    found = _Rows()
    taken: dict[int, int] = {}
    totals = [i for i, row in enumerate(rows) if row.kind == "total"]
    open_rows: list[tuple[int, str]] = []
    last = -1
    for r, row in enumerate(sheet.rows):
        text = row[column] if column < len(row) else ""
        if not isinstance(text, str) or not text.strip():
            continue
        same = matcher.same(text) or (totals if plain(text) in _cues()["total"] else [])
        free = [i for i in same if i not in taken]
        if free:
            # Of several equal labels, the one that comes next in the form.
            last = next((i for i in free if i > last), free[0])
            taken[last] = r
            found.labels[r] = text
        elif same and rows[same[0]].kind != "group":
            found.findings.append(Finding("duplicate_row", (r, column), text.strip(), f"dòng {taken[same[0]] + 1}", text.strip()))
            found.label_rows.add(r)
        else:
            open_rows.append((r, text))
    _match_reworded(sheet, column, matcher, rows, taken, open_rows, found)
    found.rows = {rows[i].key: r for i, r in taken.items()}
    return found


def _match_reworded(
    sheet: Sheet, column: int, matcher: Matcher, rows: tuple[FormRow, ...], taken: dict[int, int],
    open_rows: list[tuple[int, str]], found: _Rows,
) -> None:  # fmt: skip
    if not taken:
        return
    low, high = min(taken.values()), max(taken.values())
    changed: list[tuple[Place, str, str]] = []
    left = [i for i in range(len(rows)) if i not in taken]
    proposals: list[tuple[float, int, str, Match]] = []
    for r, text in open_rows:
        if low - 6 <= r <= high + 6 and left and (match := matcher.best(text, left)):
            proposals.append((match.score, r, text, match))
    proposals += _by_row_number(sheet, column, matcher, rows, taken, open_rows, proposals)
    for _, r, text, match in sorted(proposals, key=lambda p: -p[0]):
        if match.index not in taken:
            taken[match.index] = r
            found.labels[r] = text
            if not match.sure:
                changed.append(((r, column), text.strip(), matcher.labels[match.index]))
    known = set(taken.values())
    found.unknown = [r for r, _ in open_rows if low < r <= max(taken.values()) + 4 and r not in known]
    if changed:
        said = "; ".join(f"“{old}” → “{new}”" for _, old, new in changed[:6])
        found.findings.append(Finding("label_reworded", changed[0][0], said, changed[0][2], changed[0][1]))


def _by_row_number(
    sheet: Sheet, column: int, matcher: Matcher, rows: tuple[FormRow, ...], taken: dict[int, int],
    open_rows: list[tuple[int, str]], proposals: list[tuple[float, int, str, Match]],
) -> list[tuple[float, int, str, Match]]:  # fmt: skip
    """Reworded labels that keep their number and their place between neighbours."""
    found = []
    done = {r for _, r, *_ in proposals}
    for r, text in open_rows:
        if r in done or not column:
            continue
        said = {_row_number(v) for v in sheet.rows[r][max(0, column - 2) : column]}
        for i, row in enumerate(rows):
            if i in taken or row.key not in said or row.kind == "group":
                continue
            before, after = taken.get(i - 1, -1), taken.get(i + 1, 1 << 30)
            if before < r < after and (before >= 0 or after < 1 << 30) and (score := matcher.kinship(text, i)):
                found.append((score / 10, r, text, Match(i, score, False)))
    return found


def _row_number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip(" .)(") if value != "" else ""


def _find_header(sheet: Sheet, layout: Layout) -> None:
    """Set the header's first row and the row of column numbers."""
    first, column = layout.first, layout.label_column
    parts = {plain(p) for c in layout.form.columns for p in c.header} | {c for k in ("label", "unit", "number", "note") for c in _cues()[k]}
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
        if known >= 2 or (known and top < first) or (len(texts) >= 3 and top < first) or (merged and top < first and len(texts) > 1):
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


def _match_columns(sheet: Sheet, layout: Layout, words: dict[str, str]) -> None:
    form = layout.form
    paths = _paths(sheet, layout)
    layout.headings = {c: " ".join(" ".join(p).split()) for c, p in paths.items()}
    names = tuple(" ".join(_filled(p, words) for p in c.header) for c in form.columns)
    matcher = matcher_of(names)
    numbers = _numbers(sheet, layout)
    label_key = next(c.key for c in form.columns if c.kind == "label")
    taken = {label_key: layout.label_column}
    for exact in (True, False):
        for c, heading in layout.headings.items():
            if c in taken.values():
                continue
            left = [i for i, col in enumerate(form.columns) if col.key not in taken]
            key = _exact_column(form, matcher, heading, left, numbers.get(c)) if exact else _likely_column(
                form, matcher, heading, paths[c], left, numbers.get(c)
            )
            if key:
                taken[key] = c
    _by_number(form, taken, numbers)
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
    cues = _cues()
    if form.layout == "indicators_down":
        for means in ("other", "computed", "note", "cumulative", "plan", "unit", "number", "period"):
            if any(cue in text for cue in cues[means]):
                fits = [c.key for c in columns.values() if _meaning(c) == means]
                return fits[0] if len(fits) == 1 else None
        if re.search(r"\bthực hiện\b|\bkết quả\b|\bsố liệu\b", text) and "%" not in heading:
            fits = [c.key for c in columns.values() if _meaning(c) == "period"]
            return fits[0] if len(fits) == 1 else None
        return None
    for means in ("note", "number", "unit"):
        if any(text == cue or (means == "note" and cue in text) for cue in cues[means]):
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
    return column.measure if column.kind == "value" and column.measure else "computed" if column.kind == "value" else column.kind


def _odd_columns(sheet: Sheet, layout: Layout, words: dict[str, str]) -> None:
    used = set(layout.columns.values())
    for c in range(sheet.width):
        if c in used or c < layout.label_column:
            continue
        numbers = [r for r in layout.rows.values() if _numeric(sheet.rows[r][c])]
        if numbers:
            heading = layout.headings.get(c, "")
            where = (layout.top if heading else numbers[0], c)
            layout.findings.append(Finding("unknown_column", where, f"{heading or 'không có tiêu đề'} ({len(numbers)} số)", label=heading))
    for column in layout.form.columns:
        if column.kind == "value" and column.key not in layout.columns and column.figure.required:
            heading = _filled(" - ".join(column.header), words)
            layout.findings.append(Finding("missing_column", (layout.top, layout.label_column), "", heading, heading))


def _numeric(value: Any) -> bool:
    if isinstance(value, str):
        return bool(re.fullmatch(r"\s*[-+]?\d[\d.,\s]*%?\s*", value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value_columns(layout: Layout) -> list[int]:
    return [layout.columns[c.key] for c in layout.form.values if c.key in layout.columns]


def _odd_rows(sheet: Sheet, layout: Layout, unknown: Iterable[int]) -> None:
    """Rows inside the table that the form lacks: headings, subtotals, or lines somebody added."""
    columns = _value_columns(layout)
    totals = _cues()["total"]
    end = layout.last
    for r in unknown:
        if r > end + 1:
            continue
        text = str(sheet.rows[r][layout.label_column]).strip()
        numbers = [(c, sheet.rows[r][c]) for c in columns if sheet.rows[r][c] != ""]
        left = str(sheet.rows[r][layout.label_column - 1]).strip() if layout.label_column else ""
        if not any(_numeric(v) for _, v in numbers):
            if r <= layout.last:
                layout.label_rows.add(r)
            continue
        end = max(end, r)
        if layout.form.layout == "areas_down" and ((_ROMAN.fullmatch(left) and not left.isdigit()) or plain(text) in totals):
            layout.subtotal_rows.add(r)
            continue
        said = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for _, v in numbers[:6])
        check = "unknown_area" if layout.form.layout == "areas_down" else "unknown_row"
        layout.findings.append(Finding(check, (r, layout.label_column), said, label=text))
    layout.last = end


def _missing(layout: Layout, labels: tuple[str, ...]) -> None:
    gone = [label for row, label in zip(layout.form_rows, labels, strict=True) if row.kind in ("item", "area") and row.key not in layout.rows]
    if not gone:
        return
    check = "missing_area" if layout.form.layout == "areas_down" else "missing_row"
    place = (layout.first, layout.label_column)
    if len(gone) <= 6:
        layout.findings += [Finding(check, place, "", label.strip(" -"), label.strip(" -")) for label in gone]
    else:
        said = "; ".join(label.strip(" -") for label in gone[:5])
        layout.findings.append(Finding(check, place, "", f"{len(gone)} dòng: {said} …", said))
