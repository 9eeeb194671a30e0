"""Finding a form's table on a sheet, wherever it stands and whatever was done to it.

Rows are found by their labels, columns by the headings above them (merged or
not) and by the row of column numbers; nothing depends on the place. A table in
several blocks, side by side or one below the other, is read block by block.
What has no counterpart in the form is reported, never guessed in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mttq_data.forms.model import Form, FormRow
from mttq_data.returns.columns import find_header, match_columns, odd_columns, repeated_header
from mttq_data.returns.grids import Sheet
from mttq_data.returns.label_matching import Match, Matcher, plain
from mttq_data.returns.layout import Finding, Layout, cues, filled, matcher_of, means_total
from mttq_data.returns.table_blocks import Hits, Region, block_regions, one_label_column, part_of
from mttq_data.returns.table_rows import fill_gaps, odd_rows, tell_labels


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
        None where fewer than a sixth of the rows are there, or no column of figures.
    """
    labels = tuple(filled(row.label, words) for row in rows)
    matcher = matcher_of(labels)
    hits = _label_hits(sheet, matcher)
    if joined := one_label_column(sheet, hits):
        sheet = joined
        hits = _label_hits(sheet, matcher)
    column = _label_column(hits, rows)
    if column is None:
        return None
    waiting = block_regions(sheet, hits, column)
    blocks: list[Layout] = []
    while waiting:
        region, c = waiting.pop(0)
        known = {i for key in {c, *(k for _, k in waiting)} for i in hits.get(key, {})}
        block, rest = _find_block(sheet, region, c, form, rows, words, matcher, known)
        if block is not None:
            blocks.append(block)
        if rest is not None:
            waiting.insert(0, (rest, c))
    return _joined(blocks, labels) if blocks else None


def _texts(row: Sequence[Any], upto: int) -> list[tuple[int, str]]:
    return [(c, v) for c, v in enumerate(row[:upto]) if isinstance(v, str) and v.strip()]


def _label_hits(sheet: Sheet, matcher: Matcher) -> Hits:
    """By column: which lines of the form stand there by their exact wording, and in which rows."""
    hits: Hits = {}
    for r, row in enumerate(sheet.rows[:2000]):
        for c, text in _texts(row, 30):
            for i in matcher.same(text):
                hits.setdefault(c, {}).setdefault(i, []).append(r)
    return hits


def _label_column(hits: Hits, rows: tuple[FormRow, ...]) -> int | None:
    if not hits:
        return None
    best = max(hits, key=lambda c: (len(hits[c]), -c))
    wanted = sum(r.kind != "group" for r in rows)
    return best if len(hits[best]) >= (min(2, wanted) if wanted < 8 else 3) else None


def _find_block(
    sheet: Sheet, region: Region, column: int, form: Form, rows: tuple[FormRow, ...], words: dict[str, str],
    matcher: Matcher, known: set[int],
) -> tuple[Layout | None, Region | None]:  # fmt: skip
    """One block of the table, and what is left of its part of the sheet where the heading begins anew."""
    view = part_of(sheet, region)
    taken, duplicates, open_rows = _match_exact(view, column, matcher, rows)
    if not taken:
        return None, None
    layout = Layout(form, rows, {}, {}, column, 0, min(taken.values()), max(taken.values()), region=region)
    layout.hits = len(taken)
    find_header(view, layout)
    last = max(layout.last, *(r for r, _ in duplicates)) if duplicates else layout.last
    again = next((r for r in range(layout.first + 1, last) if repeated_header(view, r, layout)), None)
    if again is not None:
        upper = (region[0], region[1], again - 1, region[3])
        return _find_block(sheet, upper, column, form, rows, words, matcher, known)[0], (again, *region[1:])
    layout.rows = {rows[i].key: r for i, r in taken.items()}
    match_columns(view, layout, words)
    layout.labels = {r: view.rows[r][column] for r in taken.values()}
    open_rows = [(r, text) for r, text in open_rows if r >= layout.first]
    left = [i for i in range(len(rows)) if i not in taken and i not in known]
    _match_reworded(layout, matcher, taken, open_rows, left)
    fill_gaps(view, layout, matcher, taken, open_rows, [i for i in left if i not in taken])
    layout.rows = {rows[i].key: r for i, r in taken.items()}
    layout.last = max(taken.values())
    known_names = [i for i in taken if rows[i].kind != "group" and rows[i].key not in layout.doubted]
    first = {plain(layout.labels[taken[i]]): i for i in known_names}
    duplicates += [(r, first[plain(t)]) for r, t in open_rows if plain(t) in first and r not in layout.labels]
    _repeated(view, layout, duplicates, taken)
    odd_columns(view, layout, words)
    if any(c.kind == "value" and c.key in layout.columns for c in form.columns):
        odd_rows(view, layout)
    return layout, None


def _match_exact(
    sheet: Sheet, column: int, matcher: Matcher, rows: tuple[FormRow, ...]
) -> tuple[dict[int, int], list[tuple[int, int]], list[tuple[int, str]]]:
    """Lines with their wording unchanged, those that come a second time, and the labels left."""
    taken: dict[int, int] = {}
    duplicates: list[tuple[int, int]] = []
    open_rows: list[tuple[int, str]] = []
    totals = [i for i, row in enumerate(rows) if row.kind == "total"]
    last = -1
    for r, row in enumerate(sheet.rows):
        text = row[column] if column < len(row) else ""
        if not isinstance(text, str) or not text.strip():
            continue
        same = matcher.same(text) or (totals if means_total(text) else [])
        free = [i for i in same if i not in taken]
        if free:
            # Of several equal labels, the one that comes next in the form.
            last = next((i for i in free if i > last), free[0])
            taken[last] = r
        elif same and rows[same[0]].kind != "group":
            duplicates.append((r, same[0]))
        else:
            open_rows.append((r, text))
    return taken, duplicates, open_rows


def _match_reworded(
    layout: Layout, matcher: Matcher, taken: dict[int, int], open_rows: list[tuple[int, str]], left: list[int]
) -> None:
    low, high = layout.first, max(taken.values())
    changed: list[tuple[int, str, str]] = []
    proposals: list[tuple[float, int, str, Match]] = []
    for r, text in open_rows:
        if low <= r <= high + 6 and left and (match := _best(layout, matcher, text, left)):
            proposals.append((match.score, r, text, match))

    def order(proposal: tuple[float, int, str, Match]) -> tuple[float, bool]:
        # Of two that say the same, the one with a word for a sum is the sum, the other its heading.
        return -round(proposal[0], 2), not plain(proposal[2]).startswith(cues()["total"])

    for _, r, text, match in sorted(proposals, key=order):
        if match.index not in taken:
            taken[match.index] = r
            layout.labels[r] = text
            if not match.sure:
                changed.append((r, text, matcher.labels[match.index]))
    tell_labels(layout, "label_reworded", changed)


def _best(layout: Layout, matcher: Matcher, text: str, left: list[int]) -> Match | None:
    """The line a label means; one that begins with a word for a sum is no heading of a group."""
    best = matcher.best(text, left)
    if not plain(text).startswith(cues()["total"]) or (best and layout.form_rows[best.index].kind != "group"):
        return best
    lines = [i for i, row in enumerate(layout.form_rows) if row.kind != "group"]
    match = matcher_of(tuple(matcher.labels[i] for i in lines)).best(
        text, [n for n, i in enumerate(lines) if i in left]
    )
    return match and replace(match, index=lines[match.index])


def _repeated(sheet: Sheet, layout: Layout, duplicates: list[tuple[int, int]], taken: dict[int, int]) -> None:
    """Lines that stand twice: where their figures differ, nobody knows which is meant."""
    columns = [layout.columns[c.key] for c in layout.form.values if c.key in layout.columns]
    layout.weighed |= bool(duplicates)
    for r, i in duplicates:
        layout.label_rows.add(r)
        text, first = str(sheet.rows[r][layout.label_column]).strip(), taken[i]
        differ = any(sheet.rows[r][c] not in ("", sheet.rows[first][c]) for c in columns)
        why = "số liệu hai dòng khác nhau" if differ else ""
        if differ:
            layout.doubted.add(layout.form_rows[i].key)
        place = (r, layout.label_column)
        layout.findings.append(Finding("duplicate_row", place, text, f"dòng {first + 1}", text, why))


def _joined(blocks: list[Layout], labels: tuple[str, ...]) -> Layout | None:
    """The blocks as one table; None where they are too little of it."""
    main = max(blocks, key=lambda b: len(b.rows))
    values = [c for c in main.form.columns if c.kind == "value"]
    if not any(c.key in b.columns for b in blocks for c in values):
        return None
    seen = set(main.rows)
    for block in blocks:
        if block is main or not any(c.key in block.columns for c in values):
            continue
        elsewhere = {c.key for b in (main, *main.more) for c in values if c.key in b.columns}
        if not elsewhere & set(block.columns):
            # The same rows again with the columns that found no room the first time.
            main.findings = [f for f in main.findings if f.check != "missing_column" or f.why not in block.columns]
            block.findings = [f for f in block.findings if f.check != "missing_column" or f.why not in elsewhere]
        for key in [k for k in block.rows if k in seen and elsewhere & set(block.columns)]:
            r = block.rows.pop(key)
            text = block.labels.get(r, "").strip()
            where = f"dòng {main.block(key).rows[key] + 1}"
            block.findings.append(Finding("duplicate_row", (r, block.label_column), text, where, text))
        seen |= set(block.rows)
        main.more.append(block)
        main.findings += block.findings
        main.doubted |= block.doubted
        main.weighed |= block.weighed
    items = [r for r in main.form_rows if r.kind != "group"]
    headed = main.top < main.first and sum(c.key in main.columns for c in values) > 1
    enough = max(1, min(3, len(items)), 0 if headed else len(items) // 6)
    if sum(r.key in seen for r in items) < enough:
        return None
    main.lacking = {
        row.key: label.strip(" -")
        for row, label in zip(main.form_rows, labels, strict=True)
        if row.kind in ("item", "area") and row.key not in seen
    }
    main.findings += missing_findings(main, main.lacking)
    return main


def missing_findings(layout: Layout, lacking: dict[str, str]) -> list[Finding]:
    """What is said of rows of the form that stand nowhere."""
    check = "missing_area" if layout.form.layout == "areas_down" else "missing_row"
    place, gone = (layout.first, layout.label_column), list(lacking.values())
    if len(gone) <= 6:
        of = {row.key: row.indicator for row in layout.form_rows}
        return [Finding(check, place, "", label, label, indicator=of.get(key, "")) for key, label in lacking.items()]
    said = "; ".join(gone[:5])
    return [Finding(check, place, "", f"{len(gone)} dòng: {said} …", said)]


def unknown_headings(sheet: Sheet, form: Form) -> str:
    """The headings above a form's labels where none of them could be told, "" where there are no such labels."""
    matcher = matcher_of(tuple(filled(row.label, {}) for row in form.own_rows))
    hits = _label_hits(sheet, matcher)
    column = _label_column(hits, form.own_rows)
    if column is None:
        return ""
    rows = [r for at in hits[column].values() for r in at]
    layout = Layout(form, form.own_rows, {}, {}, column, 0, min(rows), max(rows))
    find_header(sheet, layout)
    match_columns(sheet, layout, {})
    return " | ".join(text for c, text in layout.headings.items() if c not in layout.columns.values())
