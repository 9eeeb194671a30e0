"""Totals of a reply that reckon themselves anew, for formats that keep formulas to themselves.

A clerk who mends a part must not have to mend its totals by hand. Where a total
or percentage of an .xls or .xlsb agrees with its parts, the reply holds the
form's formula with that same value; where it does not, what stood there stays.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from mttq_data.forms.model import Figure
from mttq_data.forms.template_layout import formula
from mttq_data.returns.grids import Place, Sheet, Workbook

if TYPE_CHECKING:
    from mttq_data.returns.tables import Plan

_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:,\d{1,2})?")


def live_totals(book: Workbook) -> dict[str, dict[Place, str]]:
    """Formulas by sheet and place; none where the workbook's own formulas are known.

    The figures of a .csv, which knows text only, become numbers in ``book`` where
    they have one reading.
    """
    if book.kind not in ("xls", "xlsb", "csv"):
        return {}
    from mttq_data.returns.files import read_file

    plans = read_file(book.path).layouts
    found = {}
    for sheet in book.sheets:
        if sheet.name in plans:
            if sheet.text_only:
                _as_numbers(sheet, plans[sheet.name])
            found[sheet.name] = _of_sheet(sheet, plans[sheet.name])
    return found


def _as_numbers(sheet: Sheet, plan: Plan) -> None:
    """Make plain figures numbers: digits, at most a decimal comma that cannot part thousands."""
    for row, column in plan.places:
        text = sheet.rows[row][column] if row < len(sheet.rows) and column < len(sheet.rows[row]) else ""
        if isinstance(text, str) and _PLAIN.fullmatch(text.strip()):
            sheet.rows[row][column] = float(text.strip().replace(",", "."))


def _of_sheet(sheet: Sheet, plan: Plan) -> dict[Place, str]:
    values = [_number(sheet, place) for place in plan.places]
    found = {}
    for target, terms in plan.sums:
        expected = sum(sign * (values[i] or 0.0) for sign, i in terms)
        if _agree(values[target], expected, 1e-6):
            total = Figure(total_of=tuple((int(sign), str(i)) for sign, i in terms))
            found[plan.places[target]] = formula(total, {str(i): plan.places[i] for _, i in terms})
    for target, top, bottom in plan.shares:
        above, below = values[top], values[bottom]
        places = plan.figures[target].decimals
        if above is not None and below and _agree(values[target], 100 * above / below, 0.5001 * 10**-places):
            share = Figure(decimals=places, ratio_of=("top", "bottom"))
            found[plan.places[target]] = formula(share, {"top": plan.places[top], "bottom": plan.places[bottom]})
    return found


def _number(sheet: Sheet, place: Place) -> float | None:
    row, column = place
    value: Any = sheet.rows[row][column] if row < len(sheet.rows) and column < len(sheet.rows[row]) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _agree(value: float | None, expected: float, slack: float) -> bool:
    return value is not None and math.isclose(value, expected, rel_tol=1e-9, abs_tol=slack)
