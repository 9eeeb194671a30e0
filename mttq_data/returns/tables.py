"""A found table read: every cell a figure or a problem.

Returns of one form look alike, so a table's plan is made once and used again as
long as every label and heading stands where it stood.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from mttq_data.forms.model import Figure
from mttq_data.returns.agreement import check_rules, compute_blanks, doubt, weigh_guesses
from mttq_data.returns.cell_values import BLANK, Reading, raw_text, read_cell, unit_of
from mttq_data.returns.checks import Problem
from mttq_data.returns.formulas import evaluate
from mttq_data.returns.grids import Sheet, letters
from mttq_data.returns.label_matching import plain
from mttq_data.returns.layout import Place
from mttq_data.returns.plans import Plan, Table, problem_at

if TYPE_CHECKING:
    import numpy as np


_SPARSE = (None, None, "exact")
# A number as Vietnamese writes it, with nothing else in the cell; "3,250" may be the American three thousand.
_VIETNAMESE = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,(?!\d{3}$)\d+)?")


def read_table(sheet: Sheet, plan: Plan, period: str, in_percent: Callable[[], Collection[Place]]) -> Table:
    """Read the figures of a table and check them against each other.

    Parameters
    ----------
    sheet : Sheet
    plan : Plan
    period : str
        "" when unknown.
    in_percent : callable
        Gives the sheet's cells in percent format.

    Returns
    -------
    Table
        A figure without a number is ``missing``; one left empty that need not be filled is ``blank``.
    """
    found = plan.contents(sheet)
    numbers = _all_plain(plan, found) if set(map(type, found)) == {float} else None
    if numbers is not None:
        raw = _written.of(found)
        table = Table(plan, sheet.name, list(found), ["ok"] * len(found), raw, {}, [], numbers)
    else:
        table = Table(plan, sheet.name, [None] * len(found), ["ok"] * len(found), [""] * len(found), {}, [])
        _read_each(sheet, table, found)
        _typed_as_text(table)
        weigh_guesses(table)
    _percent_formats(table, in_percent)
    for n in plan.converted:
        if table.status[n] == "ok":
            table.status[n] = "repaired"
    _closed(sheet, table)
    if "blank" in table.status:
        compute_blanks(table)
        _computed(sheet, table)
    check_rules(table, period)
    if "blank" in table.status:
        _required(sheet, table)
    _doubted(table)
    return table


def _doubted(table: Table) -> None:
    """Figures of rows and columns that were guessed, and totals with a part missing from the sheet, wait."""
    plan, told = table.plan, set[str]()
    for n in (*plan.doubted, *(n for n, _ in plan.unchecked)):
        if table.status[n] in ("ok", "repaired"):
            table.status[n] = "suspect"
    for n, lacking in plan.unchecked:
        if lacking and table.status[n] in ("suspect", "missing") and plan.cells[n].row not in told:
            told.add(plan.cells[n].row)
            table.problems.append(problem_at(table, n, "total_unchecked", table.values[n], "", lacking))


def _computed(sheet: Sheet, table: Table) -> None:
    """Tell which totals and shares were left empty where the sheet has no formula for them either."""
    plan = table.plan
    made = [
        n for n, status in enumerate(table.status)
        if status == "repaired" and not table.raw[n] and plan.observed[n] and plan.places[n] not in sheet.formulas
    ]  # fmt: skip
    for n in made if len(made) <= 3 else ():
        table.problems.append(problem_at(table, n, "total_computed", "", table.values[n]))


def _percent_formats(table: Table, in_percent: Callable[[], Collection[Place]]) -> None:
    """A cell in percent format holds 0.0267 and shows 2,67 %: the format tells which is meant."""
    plan, values = table.plan, table.values
    small = [n for n in plan.percents if 0 < (values[n] or 0.0) <= 1]
    for n, top, bottom in plan.shares:
        if 0 < (share := values[n] or 0.0) < 30:
            a, b = values[top], values[bottom]
            if share <= 1 if a is None or not b else abs(share * b - 100 * a) > 0.06 * b:
                small.append(n)
    formats = in_percent() if small else ()
    for n in small:
        shown = round(100 * (values[n] or 0.0), 6)
        sound = table.status[n] == "ok" or not plan.observed[n]
        if sound and plan.places[n] in formats and shown <= plan.limits[n][2]:
            values[n], table.status[n], table.plain = shown, "repaired", None


class _Written(dict[float, str]):
    """Numbers as text; the same small numbers come again and again."""

    def __missing__(self, value: float) -> str:
        if len(self) > 50_000:
            self.clear()
        self[value] = text = raw_text(value)
        return text

    def of(self, values: Iterable[float]) -> list[str]:
        return list(map(self.__getitem__, values))


_written = _Written()


def _all_plain(plan: Plan, found: tuple[float, ...]) -> np.ndarray | None:
    """The figures, when every one is a number as the form wants it."""
    import numpy as np

    least, most, steps = plan.bounds
    values = np.frombuffer(array("d", found))
    scaled = values * steps
    # A value of two decimal places is a whole number of hundredths but for the noise of binary fractions;
    # one with more places than the form wants is looked at closer.
    good = (values >= least) & (values <= most) & (np.abs(scaled - np.rint(scaled)) <= 1e-7)
    return values if np.count_nonzero(good) == len(good) else None


def _read_each(sheet: Sheet, table: Table, found: tuple[Any, ...]) -> None:
    values, raw = table.values, table.raw
    for n, (value, (decimals, low, high)) in enumerate(zip(found, table.plan.limits, strict=True)):
        if type(value) is float and low <= value <= high:
            if value.is_integer():
                values[n], raw[n] = value, str(int(value))
                continue
            if decimals and round(value, 2) == value:
                values[n], raw[n] = value, repr(value)
                continue
        _read_odd(sheet, table, n, value)


def _typed_as_text(table: Table) -> None:
    """One line for a table typed as text throughout: one habit is one problem."""
    usual = [p for p in table.problems if p.check == "text_number" and _VIETNAMESE.fullmatch(str(p.found).strip())]
    if len(usual) > 12 and len(usual) > len(table.raw) // 4:
        others = ", ".join(p.where.rsplit("!", 1)[1] for p in usual[1:6])
        usual[0].why = f"và {len(usual) - 1} ô khác: {others} …"
        dropped = {id(p) for p in usual[1:]}
        table.problems[:] = [p for p in table.problems if id(p) not in dropped]


def _read_odd(sheet: Sheet, table: Table, n: int, value: Any) -> None:
    plan = table.plan
    place, figure, cell = plan.places[n], plan.figures[n], plan.cells[n]
    computed = cell.role != "input"
    if value == "" and place in sheet.errors:
        text = sheet.errors[place]
        table.raw[n], table.status[n] = text, "missing"
        table.problems.append(problem_at(table, n, "error_cell", text))
        return
    if value == "" and place in sheet.formulas:
        formula, stored = sheet.formulas[place]
        table.raw[n] = formula
        table.status[n] = "blank"
        if not stored and not computed:
            _uncalculated(sheet, table, n, formula)
        elif not stored and (value := evaluate(formula, sheet)) is not None:
            table.values[n], table.status[n] = value, "repaired"
        return
    high = plan.limits[n][2]
    money = high * 1.000001 * (unit_of(figure.unit) or ("", 1.0))[1] if math.isfinite(high) else 1e12
    read = BLANK if value == "" else read_cell(value, figure, text_only=sheet.text_only, money_limit=money)
    table.values[n], table.status[n], table.raw[n] = read.value, read.status, raw_text(value)
    if read.qualifier != "exact":
        table.bounds[n] = (read.low, read.high, read.qualifier)
    if read.check and not (computed and read.check in ("lost_thousands", "not_whole", "text_number")):
        table.problems.append(
            problem_at(
                table,
                n,
                read.check,
                _shown(value),
                read.suggestion if read.status == "suspect" else read.value,
                _why(read, figure),
            )
        )
    elif computed and read.check:
        table.bounds.setdefault(n, _SPARSE)


def _shown(value: Any) -> str | float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else raw_text(value)


def _why(read: Reading, figure: Figure) -> str:
    if read.check == "range":
        low, high = ("" if v is None else f"{v:g}" for v in (figure.low, figure.high))
        return f"từ {low} đến {high}" if low and high else ""
    return read.why or (figure.unit if read.check in ("money_unit", "unit_other") else "")


def _uncalculated(sheet: Sheet, table: Table, n: int, formula: str) -> None:
    value = evaluate(formula, sheet)
    read = read_cell(value, table.plan.figures[n]) if value is not None else Reading(None, "missing", "no_result")
    table.values[n], table.status[n] = read.value, "repaired" if read.status == "ok" else read.status
    check = "formula_computed" if read.status == "ok" else read.check
    table.problems.append(problem_at(table, n, check, formula, read.value if read.status == "ok" else read.suggestion))


def _closed(sheet: Sheet, table: Table) -> None:
    if not table.plan.closed_filled:
        return
    filled = [(r, c) for r, c in table.plan.closed if sheet.rows[r][c] not in ("", "-", "x", "X")]
    if filled:
        said = ", ".join(f"{letters(c)}{r + 1}" for r, c in filled[:60]) + (" …" if len(filled) > 60 else "")
        table.problems.append(Problem("closed_cell", sheet.address(*filled[0]), said))


def _required(sheet: Sheet, table: Table) -> None:
    plan, values, status = table.plan, table.values, table.status
    wanted = [n for n, s in enumerate(status) if s == "blank" and plan.figures[n].required]
    lacking = [n for n in wanted if plan.cells[n].role == "input"]
    zero = {
        target
        for target, _, bottom in plan.shares
        if not values[bottom] and bottom not in wanted and status[bottom] not in ("suspect", "missing")
    }
    lost = [n for n in wanted if plan.cells[n].role != "input" and plan.observed[n] and n not in zero]
    for n in lost:
        # A total nobody calculated follows from its parts unless they are in doubt, which is told where they stand.
        status[n] = "missing"
    rest: list[int] = []
    for n in lacking:
        note = _note(sheet, plan, plan.cells[n].row)
        status[n] = "missing"
        if "không phát sinh" in note or "không có phát sinh" in note:
            values[n], status[n] = 0.0, "repaired"
        elif any(w in note for w in ("chưa có", "chưa tổng hợp", "chưa báo cáo")):
            table.problems.append(problem_at(table, n, "explained_missing", note))
        else:
            rest.append(n)
    _not_computed(table, lost)
    empty = set(rest)
    doubt(table, (total for total, terms in plan.sums if empty.intersection(i for _, i in terms)))
    if len(rest) > 12 and len(rest) > len(plan.places) // 4:
        where = ", ".join(plan.addresses[n] for n in rest[:5])
        table.problems.append(problem_at(table, rest[0], "required", "", "", f"và {len(rest) - 1} ô khác: {where} …"))
        return
    table.problems += [problem_at(table, n, "required", "") for n in rest]


def _not_computed(table: Table, lost: list[int]) -> None:
    """Tell of which parts an error or a doubt left a total or share without a figure."""
    plan, status = table.plan, table.status
    parts = {n: [i for _, i in terms] for n, terms in plan.sums} | {n: [*two] for n, *two in plan.shares}
    for n in lost:
        odd = [i for i in parts.get(n, ()) if table.raw[i] and status[i] in ("suspect", "missing")]
        if odd:
            why = ", ".join(plan.addresses[i] for i in odd[:5])
            table.problems.append(problem_at(table, n, "not_computed", "", "", why))


def _note(sheet: Sheet, plan: Plan, row: str) -> str:
    place = plan.notes.get(row)
    value = sheet.rows[place[0]][place[1]] if place else ""
    return plain(value) if isinstance(value, str) else ""
