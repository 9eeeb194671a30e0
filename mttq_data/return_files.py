"""One file of returns: its sheets, whose they are, their tables; the work that may run in another process."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mttq_data.area_codes import Area, find_area
from mttq_data.encodings import LEGACY_NAMES, convert, font_capitals, font_encoding, looks_legacy, reads_better
from mttq_data.errors import MttqError
from mttq_data.folding import Line
from mttq_data.form_model import Form, FormRow
from mttq_data.forms import form as read_form
from mttq_data.forms import form_ids
from mttq_data.grids import Sheet, Workbook, open_workbook
from mttq_data.hostile import RefusedFile, shown
from mttq_data.periods import parse_period
from mttq_data.return_checks import Problem
from mttq_data.return_context import (
    Found,
    area_code,
    areas_of_titles,
    file_says,
    lies_in,
    period_in,
    period_of_titles,
    titles,
)
from mttq_data.return_knowledge import stamp
from mttq_data.return_layout import Layout, find_table
from mttq_data.return_tables import Plan, Table, make_plan, read_table

IDENTITY = "_mttq"
_NOBODY = Area("", "district", "", "", "", "", "")
# Plans made lately: returns that arrive together are alike.
_plans: deque[tuple[tuple[object, ...], Plan]] = deque(maxlen=16)


@dataclass
class Part:
    """A table of a file with whose and when it is."""

    table: Table
    sheet: Sheet
    form: Form
    area: str
    period: str
    doubtful: bool = False


@dataclass
class FileRead:
    """What came out of one file."""

    source: str
    sha256: str = ""
    parts: list[Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    book: Workbook | None = None
    layouts: dict[str, Plan] = field(default_factory=dict)


@dataclass(frozen=True)
class Expected:
    """What the caller knows of the file: form id, area code and period, each "" when unknown."""

    form: str = ""
    area: str = ""
    period: str = ""


def read_file(path: str | Path, expected: Expected = Expected()) -> FileRead:
    """Read one file; raises `RefusedFile` for one that cannot be opened."""
    book = open_workbook(path)
    read = FileRead(book.name, book.sha256, book=book)
    said = _identity(book)
    candidates: list[Part] = []
    for sheet in sorted(book.sheets, key=lambda s: not s.visible):
        if sheet.name == IDENTITY:
            continue
        part = _read_sheet(read, book, sheet, said, expected)
        if part is not None:
            candidates.append(part)
    _settle(read, candidates, said, expected)
    _note_rest(read, book, said, expected)
    for problem in read.problems:
        problem.source, problem.sha256 = read.source, read.sha256
    return read


def refused(path: str | Path, exc: RefusedFile) -> FileRead:
    """What stands for a file that was refused."""
    return FileRead(shown(str(path)), problems=[Problem("unreadable", "", exc.vi, "", source=shown(str(path)), why=exc.en)])


def _identity(book: Workbook) -> dict[str, str]:
    for sheet in book.sheets:
        if sheet.name == IDENTITY:
            return {str(r[0]): str(r[1]) for r in sheet.rows if len(r) > 1 and r[0] != ""}
    return {}


def _read_sheet(read: FileRead, book: Workbook, sheet: Sheet, said: dict[str, str], expected: Expected) -> Part | None:
    top = _rough_top(sheet)
    texts = titles(sheet.rows, top)
    when = period_of_titles(texts)
    period = when.value if when else expected.period or said.get("period", "") or period_in(sheet.name) or file_says(
        book.path.stem, "district commune", "")[1]  # fmt: skip
    plan = _known_plan(sheet, period)
    if plan is None:
        if _unlegacy(read, book, sheet):
            texts = titles(sheet.rows, top)
            when = period_of_titles(texts)
            period = when.value if when else period
        plan = _new_plan(sheet, book, texts, period, said, expected)
    if plan is None:
        return None
    read.layouts[sheet.name] = plan
    form = plan.layout.form
    area, findings = _whose(sheet, book, form, texts, period, said, expected)
    table = read_table(sheet, plan, period)
    part = Part(table, sheet, form, plan.area if form.layout == "areas_down" and plan.area else area, period)
    table.problems[:0] = [
        Problem(f.check, sheet.address(*f.place) if f.place else "", f.found, f.expected, f.label, f.why)
        for f in plan.layout.findings
    ]
    _check_whose(part, when, said, expected, findings, sheet)
    return part


def _rough_top(sheet: Sheet) -> int:
    for r, row in enumerate(sheet.rows[:40]):
        if sum(v != "" for v in row) >= 4:
            return r
    return min(len(sheet.rows), 12)


def _known_plan(sheet: Sheet, period: str) -> Plan | None:
    if sheet.errors:
        return None
    for made_at, plan in _plans:
        if plan.fits(sheet) and (plan.layout.form.layout == "indicators_down" or plan.period == period) and made_at == stamp():
            return plan
    return None


def _new_plan(
    sheet: Sheet, book: Workbook, texts: tuple[tuple[int, int, str], ...], period: str, said: dict[str, str], expected: Expected
) -> Plan | None:
    best: tuple[float, Layout, Area] | None = None
    wanted = [f for f in dict.fromkeys((expected.form, said.get("form", ""))) if f in form_ids()]
    for form_id in dict.fromkeys((*wanted, *form_ids())):
        form = read_form(form_id)
        area = _sender(form, sheet, book, texts, period, said, expected)
        rows = _rows_of(form, area, period, sheet)
        layout = find_table(sheet, form, rows[1], _words(form, rows[0], period)) if rows[1] else None
        if layout is not None:
            score = len(layout.rows) / max(len(rows[1]), 1) + len(layout.columns) / len(form.columns)
            if best is None or score > best[0]:
                best = (score, layout, rows[0])
            if form_id in wanted and score > 1.2:
                break
    if best is None:
        return None
    plan = make_plan(sheet, best[1], best[2], period or "2024-12-31")
    plan.period = period
    _plans.appendleft((stamp(), plan))
    return plan


def _sender(
    form: Form, sheet: Sheet, book: Workbook, texts: tuple[tuple[int, int, str], ...], period: str, said: dict[str, str], expected: Expected
) -> Area:
    named = areas_of_titles(texts, form, period)
    levels = form.head["levels"]
    codes = (named[0].value if named else "", file_says(sheet.name, levels, period)[0], expected.area, said.get("area", ""),
             file_says(book.path.stem, levels, period)[0])  # fmt: skip
    for code in codes:
        if code:
            try:
                return find_area(code, on=period or "2024-12-31")
            except MttqError:
                continue
    return _NOBODY


def _rows_of(form: Form, area: Area, period: str, sheet: Sheet) -> tuple[Area, tuple[FormRow, ...]]:
    if form.layout == "indicators_down":
        return area, form.own_rows
    when = period or "2024-12-31"
    if not area.code:
        area = _parent_of_rows(sheet, when)
    if not area.code:
        return area, ()
    try:
        rows = form.rows(area, when)
    except MttqError:
        return area, ()
    return area, _as_named(rows, sheet, when, area.code)


def _parent_of_rows(sheet: Sheet, period: str) -> Area:
    """The unit most of whose parts are named on the sheet."""
    votes: dict[str, int] = {}
    for row in sheet.rows[:200]:
        for text in (v for v in row[:4] if isinstance(v, str) and 2 < len(v) < 60):
            if code := area_code(text, "commune district", period):
                above = find_area(code, on=period).parent
                votes[above] = votes.get(above, 0) + 1
    best = max(votes, key=lambda c: votes[c], default="")
    if not best or votes[best] < 3:
        return _NOBODY
    try:
        return find_area(best, on=period)
    except MttqError:
        return _NOBODY


def _as_named(rows: tuple[FormRow, ...], sheet: Sheet, period: str, parent: str) -> tuple[FormRow, ...]:
    """The rows with their areas called as the sheet calls them, where it means the same unit."""
    from dataclasses import replace

    called: dict[str, str] = {}
    names = {row.label for row in rows}
    for line in sheet.rows[:400]:
        for text in (v for v in line[:6] if isinstance(v, str) and 1 < len(v) < 60 and v not in names):
            code = area_code(text, "commune district", period, parent)
            if code:
                called.setdefault(code, text)
    return tuple(replace(row, label=called.get(row.area, row.label)) if row.kind == "area" else row for row in rows)


@lru_cache(maxsize=256)
def _words_for(form_id: str, made_at: tuple[object, ...], area: Area, period: str) -> dict[str, str]:
    try:
        return read_form(form_id).placeholders(area, period)
    except MttqError:
        return {"year": period[:4]}


def _words(form: Form, area: Area, period: str) -> dict[str, str]:
    return _words_for(form.id, stamp(), area, period) if period and area.code else {"year": period[:4]}


def _whose(
    sheet: Sheet, book: Workbook, form: Form, texts: tuple[tuple[int, int, str], ...], period: str, said: dict[str, str], expected: Expected
) -> tuple[str, list[Found]]:
    """Code of the sender, and every unit the titles and the sheet's name give."""
    named = list(areas_of_titles(texts, form, period))
    levels = form.head["levels"]
    by_sheet = file_says(sheet.name, levels, period)[0]
    if by_sheet and by_sheet not in [f.value for f in named]:
        # Sheets are copied and renamed; the title of the first is what stays by mistake.
        return by_sheet, [*named, Found(by_sheet, None, sheet.name)]
    mine = said.get("area", "")
    if named:
        within = [f for f in named if not lies_in(mine, f.value, period)]
        return (within[0].value if within else mine), named
    return said.get("area", "") or expected.area or file_says(book.path.stem, levels, period)[0], named


def _check_whose(part: Part, when: Found | None, said: dict[str, str], expected: Expected, named: list[Found], sheet: Sheet) -> None:
    problems = part.table.problems
    first = sheet.address(0, 0)
    known = expected.area or ("" if len(named) > 1 and named[-1].place is None else said.get("area", ""))
    if not known and len(named) > 1:
        known = named[1].value
    odd = next((f for f in named if known and f.value != known and not lies_in(known, f.value, part.period)), None)
    if odd is not None:
        where = sheet.address(*odd.place) if odd.place else first
        problems.insert(0, Problem("wrong_area", where, odd.text, _area_name(known, part.period), area=part.area))
        part.doubtful = True
    wanted = expected.period or said.get("period", "")
    if when is not None and wanted and when.value != wanted:
        shown_as = _period_name(wanted)
        problems.insert(0, Problem("wrong_period", sheet.address(*when.place) if when.place else first, when.text, shown_as))
        part.doubtful = True
    if not part.area:
        problems.insert(0, Problem("no_area", first))
        part.doubtful = True
    if not part.period:
        problems.insert(0, Problem("no_period", first))
        part.doubtful = True


def _area_name(code: str, period: str) -> str:
    try:
        return find_area(code, on=period or "2024-12-31").full_name
    except MttqError:
        return code


def _period_name(period: str) -> str:
    try:
        return parse_period(period).vi
    except MttqError:
        return period


def _settle(read: FileRead, candidates: list[Part], said: dict[str, str], expected: Expected) -> None:
    """Keep one table for each form, area and period; leave a summary sheet beside the districts' own out."""
    taken: dict[tuple[str, str, str], Part] = {}
    owned = sum(bool(p.area) for p in candidates)
    for part in candidates:
        key = (part.form.id, part.area, part.period)
        if not part.area and owned and len(candidates) > 1 and _is_summary(part):
            read.problems.append(Problem("extra_sheet", part.sheet.address(0, 0), part.sheet.name))
            continue
        if key in taken:
            other = taken[key].sheet.name
            read.problems.append(Problem("duplicate_sheet", part.sheet.address(0, 0), part.sheet.name, other))
            continue
        taken[key] = part
        read.parts.append(part)
        read.problems += part.table.problems
        if part.doubtful:
            part.table.status[:] = ["suspect" if s in ("ok", "repaired") else s for s in part.table.status]
        for problem in part.table.problems:
            problem.area = problem.area or part.area
            problem.period = problem.period or part.period


def _is_summary(part: Part) -> bool:
    """A sheet that adds the others up; one that merely forgot to say whose it is must not vanish."""
    top = " ".join(text for _, _, text in titles(part.sheet.rows, _rough_top(part.sheet)))
    return bool(re.search(r"tổng hợp|tong hop|toàn tỉnh|toan tinh|tổng cộng|cộng|chung\b", Line(f"{part.sheet.name} {top}").low))


def _note_rest(read: FileRead, book: Workbook, said: dict[str, str], expected: Expected) -> None:
    if not read.parts:
        wanted = expected.form or said.get("form", "") or ", ".join(form_ids())
        first = next((s for s in book.sheets if s.name != IDENTITY), None)
        read.problems.append(Problem("no_table", first.address(0, 0) if first else "", "", wanted))
    for part in read.parts[:1]:
        version = said.get("version", "")
        if version and said.get("form") == part.form.id and version != part.form.version:
            read.problems.append(Problem("form_version", f"{IDENTITY}!B2", version, part.form.version))
        if expected.form and part.form.id != expected.form:
            read.problems.append(Problem("wrong_form", part.sheet.address(0, 0), part.form.id, expected.form))
    for kind, name in dict.fromkeys((kind, name.rsplit("/", 1)[-1]) for kind, name in book.active):
        if not (kind == "external_link" and name.endswith(".rels")):
            read.problems.append(Problem(kind, "", name))
    for sheet in book.sheets:
        if book.package is not None and book.package.has_pipes and b"|" in sheet.xml:
            read.problems += [
                Problem("dde", sheet.address(*place), text) for place, (text, _) in sheet.formulas.items() if "|" in text and "!" in text
            ]
        if read.parts and sheet.visible and sheet.name not in read.layouts and sheet.name != IDENTITY:
            numbers = sum(isinstance(v, float) for row in sheet.rows for v in row)
            if numbers >= 5:
                read.problems.append(Problem("extra_sheet", sheet.address(0, 0), sheet.name))


def _unlegacy(read: FileRead, book: Workbook, sheet: Sheet) -> bool:
    """Convert cells typed in TCVN3 or VNI fonts, by the font where the file tells it."""
    places = [(r, c, v) for r, row in enumerate(sheet.rows) for c, v in enumerate(row) if isinstance(v, str) and not v.isascii()]
    whole = looks_legacy("\n".join(v for *_, v in places)) or next((k for *_, v in places if (k := looks_legacy(v))), None)
    if whole is None:
        return False
    fonts = book.looks().get(sheet.name, {})
    changed: dict[str, int] = {}
    first = ""
    every = [(r, c, v) for r, row in enumerate(sheet.rows) for c, v in enumerate(row) if isinstance(v, str) and v]
    for r, c, text in every:
        font = fonts.get((r, c), ("", ""))[0]
        kind: Any = font_encoding(font) if font else None
        if kind is None and not text.isascii() and reads_better(text, whole) and (looks_legacy(text) or not fonts):
            kind = whole
        if kind is None:
            continue
        fixed = convert(text, kind)
        fixed = fixed.upper() if font_capitals(font) else fixed
        if fixed != text:
            sheet.rows[r][c] = fixed
            changed[kind] = changed.get(kind, 0) + 1
            first = first or sheet.address(r, c)
    if changed:
        said = ", ".join(f"{LEGACY_NAMES[k]} ({n} ô)" for k, n in changed.items())
        read.problems.append(Problem("legacy_font", first, said))
    return bool(changed)
