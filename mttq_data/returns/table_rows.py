"""Rows of a table whose labels say too little: what their place, unit and figures tell, and what stays unknown."""

from __future__ import annotations

import re
from dataclasses import replace

from mttq_data.forms.model import FormRow
from mttq_data.returns.alignment import PLAIN, gaps, pairs, proves
from mttq_data.returns.cell_values import unit_of
from mttq_data.returns.checks import number_text
from mttq_data.returns.columns import is_number_row
from mttq_data.returns.grids import Sheet, letters
from mttq_data.returns.label_matching import Matcher
from mttq_data.returns.layout import Finding, Layout, means_total, numeric

_ROMAN = re.compile(r"(?:[ivx]{1,5}|[a-hđ])[.)]?", re.IGNORECASE)


def value_columns(layout: Layout) -> list[int]:
    """The sheet's columns with figures of the form."""
    return [layout.columns[c.key] for c in layout.form.values if c.key in layout.columns]


def fill_gaps(
    sheet: Sheet, layout: Layout, matcher: Matcher, taken: dict[int, int], open_rows: list[tuple[int, str]],
    left: list[int],
) -> None:  # fmt: skip
    """Give rows with figures between known rows the lines of the form that are missing just there."""
    columns, texts = value_columns(layout), dict(open_rows)
    if layout.form.layout != "indicators_down" or not columns or not left:
        return
    full = [r for r in texts if r not in taken.values() and any(numeric(sheet.rows[r][c]) for c in columns)]
    groups = {i for i, row in enumerate(layout.form_rows) if row.kind == "group"}
    free = {i for i in left if i not in groups}

    def fit(r: int, i: int) -> float:
        if not _same_unit(sheet, layout, r, layout.form_rows[i]):
            return 0.0
        numbered = layout.label_column > 0 and _key(sheet.rows[r][layout.label_column - 1]) == layout.form_rows[i].key
        proof = 0.5 if _adds_up(sheet, layout, taken, r, i) else 0.0
        return matcher.alike(texts[r], i) + proof + (0.1 if numbered else 0.0)

    reworded, guessed = list[tuple[int, str, str]](), list[tuple[int, str, str]]()
    # The groups may stand in any order: first what is missing between the headings, then across them.
    for crossed in (groups - set(taken), groups):
        at = {r: i for i, r in taken.items() if i not in crossed}
        for run, gap in list(gaps(sorted({*at, *full}), at, free - set(taken), crossed)):
            layout.weighed |= bool(gap)
            for r, i in pairs(run, [i for i in gap if i not in taken], fit):
                if i in taken or r in taken.values():
                    continue
                taken[i] = r
                layout.labels[r] = texts[r]
                unsure = matcher.alike(texts[r], i) < PLAIN and not _adds_up(sheet, layout, taken, r, i)
                (guessed if unsure else reworded).append((r, texts[r], matcher.labels[i].strip(" -")))
                if unsure:
                    layout.doubted.add(layout.form_rows[i].key)
    tell_labels(layout, "label_reworded", reworded)
    tell_labels(layout, "label_guessed", guessed)


def tell_labels(layout: Layout, check: str, changed: list[tuple[int, str, str]]) -> None:
    """Say which rows' labels, by the row, stand for which of the form's."""
    if changed:
        said = "; ".join(f"“{old.strip()}” → “{new}”" for _, old, new in changed[:6]) + " …" * (len(changed) > 6)
        row, old, new = changed[0]
        layout.findings.append(Finding(check, (row, layout.label_column), said, new, old.strip()))


def _key(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip(" .)(")


def _same_unit(sheet: Sheet, layout: Layout, r: int, row: FormRow) -> bool:
    column = next(
        (layout.columns[c.key] for c in layout.form.columns if c.kind == "unit" and c.key in layout.columns), -1
    )
    said = unit_of(str(sheet.rows[r][column])) if column >= 0 else None
    own = unit_of(row.figure.unit)
    return (
        said is None
        or own is None
        or said[0] == own[0]
        or {said[0], own[0]} <= {"session", "item", "project", "person"}
    )


def _adds_up(sheet: Sheet, layout: Layout, taken: dict[int, int], r: int, i: int) -> bool:
    """Whether a row's figures are what the form's line would be computed from its parts."""
    figure = layout.form_rows[i].figure
    index = {row.key: n for n, row in enumerate(layout.form_rows)}
    terms = figure.total_of or (tuple((1, k) for k in figure.ratio_of) if figure.ratio_of else ())
    places = [(sign, taken.get(index.get(key, -1))) for sign, key in terms]
    if not places or any(at is None for _, at in places):
        return False
    columns = value_columns(layout)
    parts = [[sheet.rows[at][c] for c in columns] for _, at in places if at is not None]
    whole = [sheet.rows[r][c] for c in columns]
    return proves(parts, [sign for sign, _ in places], whole, figure.ratio_of is not None)


def odd_rows(sheet: Sheet, layout: Layout) -> None:
    """Rows of the table that the form lacks: headings, subtotals, lines somebody added, figures without a name."""
    columns, label = value_columns(layout), layout.label_column
    groups = {layout.rows[row.key] for row in layout.form_rows if row.kind == "group" and row.key in layout.rows}
    known = set(layout.rows.values()) - groups
    end, strange = layout.last, list[Finding]()
    for r in range(layout.first, min(len(sheet.rows), layout.region[2] + 1)):
        if r in known or r in layout.label_rows:
            continue
        text = str(sheet.rows[r][label]).strip()
        numbers = [(c, sheet.rows[r][c]) for c in columns if sheet.rows[r][c] != ""]
        count = sum(numeric(v) for _, v in numbers)
        if not numbers and text and r not in groups:
            # Formulas nobody calculated.
            written = [(c, sheet.formulas.get((r, c), ("", True))) for c in columns]
            numbers = [(c, formula) for c, (formula, stored) in written if not stored]
            count = len(numbers)
        if not count or is_number_row([(c, v) for c, v in enumerate(sheet.rows[r]) if v != ""], label):
            if r <= layout.last:
                layout.label_rows.add(r)
            continue
        if r > end + 1 and (count < 2 or not text):
            continue
        end = max(end, r)
        said = ", ".join(number_text(v, vi=True) if isinstance(v, float) else str(v) for _, v in numbers[:6])
        if r in groups:
            places = ", ".join(f"{letters(c)}{r + 1}" for c, v in numbers)
            layout.findings.append(Finding("closed_cell", (r, numbers[0][0]), places, label=text))
        elif layout.form.layout == "areas_down" and _is_subtotal(sheet, layout, r, text):
            layout.subtotal_rows.add(r)
        else:
            check = "unknown_area" if layout.form.layout == "areas_down" else "unknown_row"
            strange.append(Finding(check, (r, label), said, label=text or f"dòng {r + 1}, không có tên"))
    layout.last = end
    if len(strange) > 6:
        # One cause (names nobody knows, a table of another kind) is one problem.
        names = "; ".join(f.label for f in strange[:5])
        rows = ", ".join(str(f.place[0] + 1) for f in strange if f.place)
        strange = [replace(strange[0], label=f"{names} …", found=f"{len(strange)} dòng: {rows}")]
    layout.findings += strange


def _is_subtotal(sheet: Sheet, layout: Layout, r: int, text: str) -> bool:
    left = str(sheet.rows[r][layout.label_column - 1]).strip() if layout.label_column else ""
    return (bool(_ROMAN.fullmatch(left)) and not left.isdigit()) or means_total(text)
