"""The heading of a table and its columns, merged or not, with or without their numbers."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from mttq_data.forms.model import Form
from mttq_data.returns.alignment import PLAIN, gaps, pairs, proves
from mttq_data.returns.grids import Sheet, letters
from mttq_data.returns.headings import MEANINGS, meaning_of, path_meaning, with_marks
from mttq_data.returns.knowledge import kept
from mttq_data.returns.label_matching import Matcher, bare, plain
from mttq_data.returns.layout import Finding, Layout, Place, cues, filled, matcher_of, numeric

_NUMBER_CELL = re.compile(r"\(?(?:[a-zđ]{1,2}|\d{1,2})\)?(?:\s*=\s*[\d(][^=]{0,40})?", re.IGNORECASE)

_MOST_COLUMNS = 60


def find_header(sheet: Sheet, layout: Layout) -> None:
    """Set the header's first row, the body's first row and the row of column numbers."""
    first = layout.first = _body_start(sheet, layout)
    column, parts = layout.label_column, heading_words(layout.form)
    top = first
    for r in range(first - 1, max(-1, first - 9), -1):
        filled = _filled(sheet, r)
        if not filled:
            if top < first and not any(m[0] < r <= m[2] for m in sheet.merges):
                break
            continue
        if layout.number_row is None and is_number_row(filled, column):
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
        elif (len(texts) >= 3 or _telling(filled, column, parts) > (top == first)) and all(len(t) < 120 for t in texts):
            top = r
        elif top < first:
            break
    layout.top = top


def _body_start(sheet: Sheet, layout: Layout) -> int:
    """The row below the heading: rows nobody knows may stand between it and the first known one."""
    column, parts = layout.label_column, heading_words(layout.form)
    for r in range(layout.first - 1, max(-1, layout.first - 40), -1):
        filled, label = _filled(sheet, r), sheet.rows[r][column]
        beside = [(c, v) for c, v in filled if c != column]
        merged = any(m[0] < m[2] == r and m[1] <= column <= m[3] for m in sheet.merges)
        texts = sum(isinstance(v, str) and not numeric(v) for c, v in beside if c > column)
        if beside and (
            merged
            or is_number_row(filled, column)
            or _telling(filled, column, parts) > 1
            or (label == "" and texts > 1)
        ):
            return r + 1
    return layout.first


def _filled(sheet: Sheet, r: int) -> list[tuple[int, Any]]:
    return [(c, v) for c, v in enumerate(sheet.rows[r][:_MOST_COLUMNS]) if v != ""]


def heading_words(form: Form) -> set[str]:
    """The wordings of a form's headings, and those of columns every form has."""
    known = kept("heading_words", dict[str, set[str]])
    if form.id not in known:
        marked = {p for c in form.columns for p in c.header} | {
            c for k in ("label", "unit", "number", "note") for c in cues()[k]
        }
        known[form.id] = {plain(p) for p in marked} | {bare(p) for p in marked}
    return known[form.id]


def _telling(filled: list[tuple[int, Any]], label_column: int, parts: set[str]) -> int:
    """How many cells of a row read like headings of columns."""
    texts = [(c, v) for c, v in filled if isinstance(v, str) and len(v) < 80 and not numeric(v)]
    return sum(
        plain(v) in parts or (c != label_column and meaning_of(v) not in ("", "done", "year", "unit")) for c, v in texts
    )


def repeated_header(sheet: Sheet, r: int, layout: Layout) -> bool:
    """Whether a row inside the table is a heading that orders the columns anew."""
    filled, label = _filled(sheet, r), layout.label_column
    parts = heading_words(layout.form)
    if len(filled) < 3 or any(numeric(v) for _, v in filled):
        return False
    telling = _telling(filled, label, parts)
    names = sum(c > label and isinstance(v, str) and len(v) > 3 for c, v in filled)
    if telling < 3 and not (telling and names > 2):
        return False
    above = {(c, plain(v)) for h in range(layout.top, layout.first) for c, v in _filled(sheet, h) if isinstance(v, str)}
    return any((c, plain(v)) not in above for c, v in filled if isinstance(v, str))


def is_number_row(filled: list[tuple[int, Any]], label_column: int) -> bool:
    """Whether a row of at least three cells numbers the columns: A, B, 1, 2, 4=3/1."""
    if len(filled) < 3:
        return False
    for c, value in filled:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        if not _NUMBER_CELL.fullmatch(text):
            return False
        if c == label_column and len(text) > 3:
            return False
    numbers = [(c, int(m[0])) for c, v in filled if (m := re.match(r"\d+", str(v).strip("( ")))]
    # A number somebody deleted leaves its cell empty: "1 2 _ 4".
    steps = [(b - a, d - c) for (c, a), (d, b) in pairwise(numbers)]
    return len(numbers) >= 2 and all(up in (0, 1) or (1 < up <= off and numbers[0][1] < 2) for up, off in steps)


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
    body = sheet.rows[layout.first : layout.last + 1]
    # Of two columns headed alike the one with figures is meant.
    layout.weighed |= len(set(layout.headings.values())) < len(layout.headings)
    layout.headings = dict(sorted(layout.headings.items(), key=lambda h: all(row[h[0]] == "" for row in body)))
    for c, heading in layout.headings.items():
        left = [i for i, col in enumerate(form.columns) if col.key not in taken]
        if c not in taken.values() and (key := _exact_column(form, matcher, heading, left, numbers.get(c))):
            taken[key] = c
    if form.layout == "indicators_down":
        _by_meaning(sheet, layout, paths, taken, words)
    else:
        for c, heading in layout.headings.items():
            left = [i for i, col in enumerate(form.columns) if col.key not in taken]
            if c not in taken.values() and (
                key := _likely_column(form, matcher, heading, paths[c], left, numbers.get(c))
            ):
                taken[key] = c
        _fill_between(sheet, layout, matcher, taken, paths)
    _by_number(form, taken, numbers)
    for c, heading in layout.headings.items():
        left = [i for i, col in enumerate(form.columns) if col.key not in taken and col.kind == "value"]
        if c not in taken.values() and len(fits := matcher.containing(heading, left)) == 1:
            taken[form.columns[fits[0]].key] = c
    layout.columns = taken


def _by_meaning(
    sheet: Sheet, layout: Layout, paths: dict[int, list[str]], taken: dict[str, int], words: dict[str, str]
) -> None:
    """Columns told by what the lowest heading that says anything means."""
    left = [c for c in layout.headings if c not in taken.values()]
    said = {c: path_meaning(paths[c], words) for c in left}
    for means in (*MEANINGS, "done", "year"):
        for c in sorted(left, key=lambda c: said[c][1]):
            if said[c][0] != means or c in taken.values():
                continue
            open_columns = {_meaning(col): col.key for col in layout.form.columns if col.key not in taken}
            wanted: tuple[str, ...] = ("period",) if means == "done" else (means,)
            if means == "year":
                # "Năm 2024" after the period's column is what was done in it, before it the plan for it.
                after = any(taken.get(col.key, c) < c for col in layout.form.values if col.measure == "period")
                done = after or "plan" not in open_columns or _where_closed(sheet, layout, c, open_columns["plan"])
                wanted = ("cumulative", "plan") if done else ("plan",)
            key = next((open_columns[w] for w in wanted if w in open_columns), None)
            if key is not None:
                taken[key] = c
                if means == "year" and key == open_columns.get("plan"):
                    _tell_guessed(layout, [(c, key, filled(" ".join(layout.form.column(key).header), words))])


def _where_closed(sheet: Sheet, layout: Layout, column: int, key: str) -> bool:
    """Whether a column has figures in rows that the form leaves empty in the column of that key."""
    layout.weighed = True
    rows = [row for row in layout.form_rows if row.key in layout.rows and row.kind != "group"]
    return any(numeric(sheet.rows[layout.rows[r.key]][column]) for r in rows if not layout.form.is_open(r, key))


def _fill_between(
    sheet: Sheet, layout: Layout, matcher: Matcher, taken: dict[str, int], paths: dict[int, list[str]]
) -> None:
    """Columns of figures between known ones, by what the form has just there."""
    columns = layout.form.columns
    body = [row for row in sheet.rows[layout.first : layout.last + 1] if row[layout.label_column] != ""]
    index = {c.key: i for i, c in enumerate(columns)}
    others = {i for i, c in enumerate(columns) if c.kind != "value"}

    def proven(c: int, i: int) -> bool:
        figure = columns[i].figure
        terms = figure.total_of or (tuple((1, k) for k in figure.ratio_of) if figure.ratio_of else ())
        if not terms or any(key not in taken for _, key in terms):
            return False
        parts = [[row[taken[key]] for row in body] for _, key in terms]
        return proves(parts, [sign for sign, _ in terms], [row[c] for row in body], figure.ratio_of is not None)

    def alike(c: int, i: int) -> float:
        # What stands above may be no more than where the column was put.
        return max(matcher.alike(text, i) for text in (layout.headings[c], paths[c][-1]))

    def fit(c: int, i: int) -> float:
        return alike(c, i) + (0.5 if proven(c, i) else 0.0)

    known = {c: index[key] for key, c in taken.items() if index[key] not in others}
    odd = [c for c in layout.headings if c not in taken.values() and any(numeric(row[c]) for row in body)]
    free = {i for i, c in enumerate(columns) if c.kind == "value" and c.key not in taken}
    told: list[tuple[int, int]] = []
    for run, gap in list(gaps(sorted({*known, *odd}), known, free, others)):
        layout.weighed |= bool(gap)
        told += [
            (c, i)
            for c, i in pairs(run, gap, fit)
            if columns[i].key not in taken and not taken.update({columns[i].key: c})
        ]
    guessed = [(c, i) for c, i in told if alike(c, i) < PLAIN and not proven(c, i)]
    _tell_guessed(layout, [(c, columns[i].key, matcher.labels[i]) for c, i in guessed])


def _tell_guessed(layout: Layout, guessed: list[tuple[int, str, str]]) -> None:
    """One line for the columns told by their place alone; their figures wait."""
    if not guessed:
        return
    said = "; ".join(f"“{layout.headings.get(c) or letters(c)}” → “{name}”" for c, _, name in guessed[:4])
    layout.findings.append(Finding("column_guessed", (layout.top, guessed[0][0]), said, guessed[0][2], said))
    layout.doubted_columns |= {key for _, key, _ in guessed}


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
    text = with_marks(plain(heading))
    columns = {i: form.columns[i] for i in left}
    known = cues()
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


def odd_columns(sheet: Sheet, layout: Layout, words: dict[str, str]) -> None:
    """Columns with numbers that no heading explains: by their place where that is plain, else reported."""
    form, used = layout.form, set(layout.columns.values())
    odd = {}
    for c in range(layout.label_column, min(sheet.width, layout.region[3] + 1)):
        numbers = [r for r in layout.rows.values() if numeric(sheet.rows[r][c])] if c not in used else []
        if numbers:
            odd[c] = numbers
    open_columns = [c for c in form.values if c.key not in layout.columns and c.measure]
    nameless = [c for c in odd if meaning_of(layout.headings.get(c, ""), words) in ("", "done", "year")]
    if form.layout == "indicators_down" and nameless and len(nameless) == len(open_columns):
        for c, column in zip(nameless, open_columns, strict=True):
            layout.columns[column.key] = c
            del odd[c]
        names = [filled(" ".join(column.header), words) for column in open_columns]
        _tell_guessed(layout, [(c, col.key, name) for c, col, name in zip(nameless, open_columns, names, strict=True)])
    for c, numbers in odd.items():
        heading = layout.headings.get(c, "")
        compared = meaning_of(heading, words) == "other"
        where = (layout.top if heading else numbers[0], c)
        said = f"{heading or 'không có tiêu đề'} ({len(numbers)} số)"
        layout.findings.append(Finding("extra_column" if compared else "unknown_column", where, said, label=heading))
    for column in layout.form.columns:
        if column.kind == "value" and column.key not in layout.columns and column.figure.required:
            heading = filled(" - ".join(column.header), words)
            layout.findings.append(
                Finding("missing_column", (layout.top, layout.label_column), "", heading, heading, column.key)
            )
