"""Whose return a sheet is, and what that makes of the form's rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form as read_form
from mttq_data.forms.model import Form, FormRow
from mttq_data.periods import parse_period
from mttq_data.places.area_codes import Area, find_area
from mttq_data.returns.context import Found, area_code, areas_of_titles, file_says, lies_in
from mttq_data.returns.grids import Sheet, Workbook
from mttq_data.returns.knowledge import stamp

IDENTITY = "_mttq"

NOBODY = Area("", "district", "", "", "", "", "")


@dataclass(frozen=True)
class Expected:
    """What the caller knows of the file: form id, area code and period, each "" when unknown."""

    form: str = ""
    area: str = ""
    period: str = ""


NOTHING_EXPECTED = Expected()


def identity(book: Workbook) -> dict[str, str]:
    for sheet in book.sheets:
        if sheet.name == IDENTITY:
            return {str(r[0]): str(r[1]) for r in sheet.rows if len(r) > 1 and r[0] != ""}
    return {}


def sender(
    form: Form,
    sheet: Sheet,
    book: Workbook,
    texts: tuple[tuple[int, int, str], ...],
    period: str,
    said: dict[str, str],
    expected: Expected,
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
    return NOBODY


def rows_of(form: Form, area: Area, period: str, sheet: Sheet) -> tuple[Area, tuple[FormRow, ...]]:
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
        return NOBODY
    try:
        return find_area(best, on=period)
    except MttqError:
        return NOBODY


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
        return read_form(form_id).placeholders(area, period) | {"code": period}
    except MttqError:
        return {"year": period[:4], "code": period}


def words_of(form: Form, area: Area, period: str) -> dict[str, str]:
    """What placeholders of headings stand for; ``code`` is the period as the tables write it."""
    known = {"year": period[:4], "code": period}
    return _words_for(form.id, stamp(), area, period) if period and area.code else known


def whose(
    sheet: Sheet,
    book: Workbook,
    form: Form,
    texts: tuple[tuple[int, int, str], ...],
    period: str,
    said: dict[str, str],
    expected: Expected,
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


def area_name(code: str, period: str) -> str:
    try:
        return find_area(code, on=period or "2024-12-31").full_name
    except MttqError:
        return code


def cadence_missed(form: Form, period: str) -> str:
    """For which periods a form is sent, where this is none of them; "" where it is."""
    return _cadence_missed(form.head.get("cadence", ""), period)


@lru_cache(maxsize=256)
def _cadence_missed(cadence: str, period: str) -> str:
    names = {"month": "tháng", "quarter": "quý", "half": "6 tháng", "year": "năm"}
    allowed = cadence.split()
    try:
        fits = not period or not allowed or parse_period(period).kind in allowed
    except MttqError:
        fits = False
    return "" if fits else ", ".join(names.get(kind, kind) for kind in allowed)


def period_name(period: str) -> str:
    try:
        return parse_period(period).vi
    except MttqError:
        return period
