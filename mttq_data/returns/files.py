"""One file of returns: its sheets, whose they are, their tables; the work that may run in another process."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from mttq_data.folding import Line
from mttq_data.forms.forms import form as read_form
from mttq_data.forms.forms import form_ids
from mttq_data.forms.model import Form
from mttq_data.places.area_codes import Area
from mttq_data.returns.checks import Problem
from mttq_data.returns.context import (
    Found,
    Titles,
    area_level,
    days_outside,
    file_says,
    lies_in,
    name_of_other_day,
    period_in,
    period_of_titles,
    titles,
)
from mttq_data.returns.grids import Sheet, Workbook, open_workbook
from mttq_data.returns.knowledge import kept, stamp
from mttq_data.returns.layout import Finding, Layout, Place
from mttq_data.returns.legacy_cells import convert_cells
from mttq_data.returns.packages import Package
from mttq_data.returns.plans import Plan, Table, make_plan
from mttq_data.returns.refusals import RefusedFile, shown
from mttq_data.returns.senders import (
    IDENTITY,
    NOTHING_EXPECTED,
    Expected,
    area_name,
    cadence_missed,
    identity,
    period_name,
    rows_of,
    sender,
    whose,
    words_of,
)
from mttq_data.returns.surroundings import surroundings
from mttq_data.returns.table_search import find_table, missing_findings, unknown_headings
from mttq_data.returns.tables import read_table

# Plans used lately, the last one at the end: returns that arrive together are alike.
_plans: dict[int, tuple[tuple[object, ...], Plan]] = {}
_MOST_PLANS = 48


@dataclass
class Part:
    """A table of a file with whose and when it is."""

    table: Table
    sheet: Sheet
    form: Form
    area: str
    period: str
    doubtful: bool = False
    lacking: dict[str, str] | None = None


@dataclass
class FileRead:
    """What came out of one file."""

    source: str
    sha256: str = ""
    parts: list[Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    book: Workbook | None = None
    layouts: dict[str, Plan] = field(default_factory=dict)


def read_file(path: str | Path | Package | Workbook, expected: Expected = NOTHING_EXPECTED) -> FileRead:
    """Read one file; raises `RefusedFile` for one that cannot be opened."""
    book = path if isinstance(path, Workbook) else open_workbook(path)
    read = FileRead(book.name, book.sha256, book=book)
    said = identity(book)
    candidates: list[Part] = []
    for sheet in sorted(book.sheets, key=lambda s: not s.visible):
        if sheet.name == IDENTITY:
            continue
        part = _read_sheet(read, book, sheet, said, expected, candidates[-1] if candidates else None)
        if part is not None:
            candidates.append(part)
    _settle(read, candidates, said, expected)
    _note_rest(read, book, said, expected)
    for problem in read.problems:
        problem.source, problem.sha256 = read.source, read.sha256
    return read


def refused(path: str | Path, exc: RefusedFile) -> FileRead:
    """What stands for a file that was refused."""
    return FileRead(
        shown(str(path)), problems=[Problem("unreadable", "", exc.vi, "", source=shown(str(path)), why=exc.en)]
    )


def _read_sheet(
    read: FileRead, book: Workbook, sheet: Sheet, said: dict[str, str], expected: Expected, before: Part | None
) -> Part | None:
    top = _rough_top(sheet)
    texts = titles(sheet.rows, top)
    when = period_of_titles(texts)
    period = when.value if when else expected.period or said.get("period", "") or period_in(sheet.name) or file_says(
        book.path.stem, "district commune", "")[1]  # fmt: skip
    found = _known_plan(sheet, book, texts, period, said, expected)
    if found is None:
        if convert_cells(book, sheet, read.problems):
            texts = titles(sheet.rows, top)
            when = period_of_titles(texts)
            period = when.value if when else period
        found = _new_plan(sheet, book, texts, period, said, expected)
    if found is None:
        return None
    plan, area, findings = found
    read.layouts[sheet.name] = plan
    form = plan.layout.form
    if before is not None and not area and when is None and _continues(plan, before):
        area, period = before.area, before.period
    table = read_table(sheet, plan, period, lambda: _in_percent_format(book, sheet))
    part = Part(table, sheet, form, plan.area if form.layout == "areas_down" and plan.area else area, period)
    table.problems[:0] = [_problem(sheet, finding) for finding in plan.layout.findings]
    # A sheet that goes on with the one before needs no name of its own.
    _check_whose(part, when, said, expected, findings, sheet, book.name if found[1] else "", texts)
    return part


def _problem(sheet: Sheet, f: Finding, area: str = "", period: str = "") -> Problem:
    where = sheet.address(*f.place) if f.place else ""
    return Problem(f.check, where, f.found, f.expected, f.label, f.why, f.indicator, area, period)


def _continues(plan: Plan, before: Part) -> bool:
    """Whether a sheet holds the rest of the table on the sheet before: other rows of the same form."""
    layout, first = plan.layout, before.table.plan.layout
    return layout.form.id == first.form.id == before.form.id and not layout.row_keys & first.row_keys


def _in_percent_format(book: Workbook, sheet: Sheet) -> Collection[Place]:
    if sheet.percents is not None:
        return sheet.percents
    return {place for place, (_, kind) in book.looks().get(sheet.name, {}).items() if "%" in kind}


def _rough_top(sheet: Sheet) -> int:
    for r, row in enumerate(sheet.rows[:200]):
        if len(row) - row.count("") >= 4:
            return r
    return min(len(sheet.rows), 12)


_Planned = tuple[Plan, str, list[Found]]


def _known_plan(
    sheet: Sheet, book: Workbook, texts: Titles, period: str, said: dict[str, str], expected: Expected
) -> _Planned | None:
    """A plan made before that fits, with the sender and all units named."""
    if sheet.errors:
        return None
    made_at, asked = stamp(), _asked(said, expected)
    for plan_made_at, plan in reversed(list(_plans.values())):
        form = plan.layout.form
        if plan.period == period and plan.asked == asked and plan_made_at == made_at and plan.fits(sheet):
            if (
                form.layout == "areas_down"
                and plan.sender != sender(form, sheet, book, texts, period, said, expected).code
            ):
                continue
            area, named = whose(sheet, book, form, texts, period, said, expected)
            if form.layout == "areas_down" or plan.commune == _is_commune(area, period):
                _keep_plan(plan)
                return plan, area, named
    return None


def _keep_plan(plan: Plan) -> None:
    _plans.pop(id(plan), None)
    _plans[id(plan)] = stamp(), plan
    for old in list(_plans)[:-_MOST_PLANS]:
        _plans.pop(old, None)


def _asked(said: dict[str, str], expected: Expected) -> tuple[str, ...]:
    """The forms a file is wanted to be of."""
    return tuple(f for f in dict.fromkeys((expected.form, said.get("form", ""))) if f in kept("form_ids", form_ids))


def _is_commune(code: str, period: str) -> bool:
    return bool(code) and area_level(code, period) == "commune"


def _new_plan(
    sheet: Sheet, book: Workbook, texts: Titles, period: str, said: dict[str, str], expected: Expected
) -> _Planned | None:
    best: tuple[float, Layout, Area, dict[str, str], str] | None = None
    wanted = _asked(said, expected)
    for form_id in dict.fromkeys((*wanted, *form_ids())):
        form = read_form(form_id)
        area = sender(form, sheet, book, texts, period, said, expected)
        rows = rows_of(form, area, period, sheet)
        words = words_of(form, rows[0], period)
        layout = find_table(sheet, form, rows[1], words) if rows[1] else None
        if layout is not None:
            score = len(layout.rows) / max(len(rows[1]), 1) + len(layout.columns) / len(form.columns)
            if best is None or score > best[0]:
                best = (score, layout, rows[0], words, area.code)
            if form_id in wanted and score > 1.2:
                break
    if best is None:
        return None
    code, named = whose(sheet, book, best[1].form, texts, period, said, expected)
    plan = make_plan(sheet, best[1], best[2], period or "2024-12-31", _is_commune(code, period))
    plan.period, plan.asked, plan.sender = period, wanted, best[4]
    if not best[1].weighed:
        plan.around = surroundings(sheet, best[1], best[3])
        _keep_plan(plan)
    return plan, code, named


def _check_whose(
    part: Part,
    when: Found | None,
    said: dict[str, str],
    expected: Expected,
    named: list[Found],
    sheet: Sheet,
    source: str,
    texts: Titles,
) -> None:
    problems = part.table.problems

    def tell(check: str, at: Found | None, *more: str, doubtful: bool = True) -> None:
        where = sheet.address(*(at.place if at and at.place else (0, 0)))
        problems.insert(0, Problem(check, where, *more))
        part.doubtful |= doubtful

    known = expected.area or ("" if len(named) > 1 and named[-1].place is None else said.get("area", ""))
    if not known and len(named) > 1:
        known = named[1].value
    odd = next((f for f in named if known and f.value != known and not lies_in(known, f.value, part.period)), None)
    if odd is not None:
        tell("wrong_area", odd, odd.text, area_name(known, part.period))
    wanted = expected.period or said.get("period", "")
    if when is not None and wanted and when.value != wanted:
        tell("wrong_period", when, when.text, period_name(wanted))
    elif when is not None and (days := days_outside(texts, when)) is not None:
        tell("wrong_period", days, days.text, period_name(when.value), doubtful=not wanted)
    elif when is not None and (odd_kind := cadence_missed(part.form, part.period)):
        tell("wrong_cadence", when, when.text, odd_kind)
    if part.area and source and not named and not known:
        tell("area_guessed", None, source, area_name(part.area, part.period), doubtful=False)
    if not part.area:
        if other := name_of_other_day(texts, part.form, part.period):
            tell("area_of_other_day", other, other.text, other.value)
        else:
            tell("no_area", None)
    if not part.period:
        tell("no_period", None)


def _settle(read: FileRead, candidates: list[Part], said: dict[str, str], expected: Expected) -> None:
    """Keep one table for each form, area and period; leave a summary sheet beside the districts' own out."""
    taken: dict[tuple[str, str, str], Part] = {}
    owned = sum(bool(p.area) for p in candidates)
    for part in candidates:
        key = (part.form.id, part.area, part.period)
        if not part.area and owned and len(candidates) > 1 and _is_summary(part):
            read.problems.append(Problem("extra_sheet", part.sheet.address(0, 0), part.sheet.name))
            continue
        if key in taken and _continues(part.table.plan, taken[key]):
            _join_missing(read, taken[key], part)
        elif key in taken:
            other = taken[key].sheet.name
            read.problems.append(Problem("duplicate_sheet", part.sheet.address(0, 0), part.sheet.name, other))
            continue
        taken.setdefault(key, part)
        read.parts.append(part)
        read.problems += part.table.problems
        if part.doubtful:
            part.table.status[:] = ["suspect" if s in ("ok", "repaired") else s for s in part.table.status]
        for problem in part.table.problems:
            problem.area = problem.area or part.area
            problem.period = problem.period or part.period


def _join_missing(read: FileRead, first: Part, part: Part) -> None:
    """Rows that one of two sheets of a table lacks are missing only where the other lacks them too."""
    mine, other = first.table.plan.layout, part.table.plan.layout
    before = mine.lacking if first.lacking is None else first.lacking
    first.lacking = {k: v for k, v in before.items() if k in other.lacking}
    checks = ("missing_row", "missing_area")
    told = {id(p) for some in (first, part) for p in some.table.problems if p.check in checks}
    for problems in (read.problems, first.table.problems, part.table.problems):
        problems[:] = [p for p in problems if id(p) not in told]
    first.table.problems += [
        _problem(first.sheet, finding, first.area, first.period) for finding in missing_findings(mine, first.lacking)
    ]
    read.problems += [p for p in first.table.problems if p.check in checks]


def _is_summary(part: Part) -> bool:
    """A sheet that adds the others up; one that merely forgot to say whose it is must not vanish."""
    top = " ".join(text for _, _, text in titles(part.sheet.rows, _rough_top(part.sheet)))
    return bool(
        re.search(r"tổng hợp|tong hop|toàn tỉnh|toan tinh|tổng cộng|cộng|chung\b", Line(f"{part.sheet.name} {top}").low)
    )


def _note_rest(read: FileRead, book: Workbook, said: dict[str, str], expected: Expected) -> None:
    if not read.parts:
        wanted = expected.form or said.get("form", "") or ", ".join(form_ids())
        first = next((s for s in book.sheets if s.name != IDENTITY), None)
        heads = next((h for s in book.sheets for f in form_ids() if (h := unknown_headings(s, read_form(f)))), "")
        why = f"không hiểu tiêu đề cột: {heads}" if heads else ""
        read.problems.append(Problem("no_table", first.address(0, 0) if first else "", heads, wanted, why=why))
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
                Problem("dde", sheet.address(*place), text)
                for place, (text, _) in sheet.formulas.items()
                if "|" in text and "!" in text
            ]
        if read.parts and sheet.visible and sheet.name not in read.layouts and sheet.name != IDENTITY:
            numbers = sum(isinstance(v, float) for row in sheet.rows for v in row)
            if numbers >= 5:
                read.problems.append(Problem("extra_sheet", sheet.address(0, 0), sheet.name))
