"""Finding a form's table on a sheet, wherever it stands and whatever was done to it.

Rows are found by their labels, columns by the headings above them (merged or
not) and by the row of column numbers; nothing depends on the place. What has no
counterpart in the form is reported, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mttq_data.forms.model import Form, FormRow
from mttq_data.returns.columns import find_header, match_columns
from mttq_data.returns.grids import Sheet
from mttq_data.returns.label_matching import Match, Matcher, plain
from mttq_data.returns.layout import Finding, Layout, Place, cues, filled, matcher_of, numeric

_ROMAN = re.compile(r"(?:[ivx]{1,5}|[a-hđ])[.)]?", re.IGNORECASE)


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
    labels = tuple(filled(row.label, words) for row in rows)
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
    find_header(sheet, layout)
    match_columns(sheet, layout, words)
    if not any(c.kind == "value" and c.key in layout.columns for c in form.columns):
        return None
    _odd_rows(sheet, layout, found.unknown)
    _missing(layout, labels)
    return layout


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
        same = matcher.same(text) or (totals if plain(text) in cues()["total"] else [])
        free = [i for i in same if i not in taken]
        if free:
            # Of several equal labels, the one that comes next in the form.
            last = next((i for i in free if i > last), free[0])
            taken[last] = r
            found.labels[r] = text
        elif same and rows[same[0]].kind != "group":
            found.findings.append(
                Finding("duplicate_row", (r, column), text.strip(), f"dòng {taken[same[0]] + 1}", text.strip())
            )
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


def _value_columns(layout: Layout) -> list[int]:
    return [layout.columns[c.key] for c in layout.form.values if c.key in layout.columns]


def _odd_rows(sheet: Sheet, layout: Layout, unknown: Iterable[int]) -> None:
    """Rows inside the table that the form lacks: headings, subtotals, or lines somebody added."""
    columns = _value_columns(layout)
    totals = cues()["total"]
    end = layout.last
    for r in unknown:
        if r > end + 1:
            continue
        text = str(sheet.rows[r][layout.label_column]).strip()
        numbers = [(c, sheet.rows[r][c]) for c in columns if sheet.rows[r][c] != ""]
        left = str(sheet.rows[r][layout.label_column - 1]).strip() if layout.label_column else ""
        if not any(numeric(v) for _, v in numbers):
            if r <= layout.last:
                layout.label_rows.add(r)
            continue
        end = max(end, r)
        if layout.form.layout == "areas_down" and (
            (_ROMAN.fullmatch(left) and not left.isdigit()) or plain(text) in totals
        ):
            layout.subtotal_rows.add(r)
            continue
        said = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for _, v in numbers[:6])
        check = "unknown_area" if layout.form.layout == "areas_down" else "unknown_row"
        layout.findings.append(Finding(check, (r, layout.label_column), said, label=text))
    layout.last = end


def _missing(layout: Layout, labels: tuple[str, ...]) -> None:
    gone = [
        label
        for row, label in zip(layout.form_rows, labels, strict=True)
        if row.kind in ("item", "area") and row.key not in layout.rows
    ]
    if not gone:
        return
    check = "missing_area" if layout.form.layout == "areas_down" else "missing_row"
    place = (layout.first, layout.label_column)
    if len(gone) <= 6:
        layout.findings += [Finding(check, place, "", label.strip(" -"), label.strip(" -")) for label in gone]
    else:
        said = "; ".join(label.strip(" -") for label in gone[:5])
        layout.findings.append(Finding(check, place, "", f"{len(gone)} dòng: {said} …", said))
