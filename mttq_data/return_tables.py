"""A found table read: every cell a figure or a problem, and what must add up within it.

Returns of one form look alike, so a table's plan (where each figure stands, what
it means, which rules hold) is made once and used again as long as every label
and heading stands where it stood.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from mttq_data.area_codes import Area
from mttq_data.cell_values import BLANK, Reading, raw_text, read_cell, unit_of
from mttq_data.codelists import read_codelist
from mttq_data.form_model import Cell, Figure
from mttq_data.grids import Sheet, letters
from mttq_data.label_matching import plain
from mttq_data.return_checks import Problem, rules
from mttq_data.return_formulas import evaluate
from mttq_data.return_knowledge import kept
from mttq_data.return_layout import Layout, Place

if TYPE_CHECKING:
    import numpy as np

Failure = tuple[tuple[int, ...], Problem]

_SPARSE = (None, None, "exact")


@dataclass
class Plan:
    """Where each figure of a table stands and what it means.

    Figures are the cells with a number, in the form's order; all lists run along them.
    """

    layout: Layout
    area: str
    places: list[Place]
    cells: list[Cell]
    figures: list[Figure]
    addresses: list[str]
    labels: list[str]
    units: list[str]
    observed: list[bool]
    limits: list[tuple[int, float, float]]
    index: dict[tuple[str, str], int]
    sums: list[tuple[int, tuple[tuple[int, int], ...]]]
    shares: list[tuple[int, int, int]]
    pairs: list[tuple[int, int]]
    planned: list[tuple[int, int]]
    notes: dict[int, Place]
    closed: list[Place]
    fixed: list[tuple[int, int, Any]]
    empty: list[Place]
    shape: tuple[int, int]
    converted: set[int] = field(default_factory=set)
    keys: tuple[tuple[str, str], ...] = ()
    period: str = ""
    closed_filled: bool = False
    arrays: tuple[np.ndarray, int, np.ndarray] | None = None
    hundreds: Any = None
    getters: tuple[itemgetter[Any], Any, itemgetter[Any]] | None = None
    bounds: tuple[np.ndarray, ...] | None = None

    def matrix(self) -> tuple[np.ndarray, int, np.ndarray]:
        """The rules as one matrix: rows of sums that must be 0, then of pairs that must not be below 0; and the shares."""
        import numpy as np

        if self.arrays is None:
            matrix = np.zeros((len(self.sums) + len(self.pairs), len(self.places)))
            for r, (target, terms) in enumerate(self.sums):
                matrix[r, target] = -1.0
                for sign, i in terms:
                    matrix[r, i] += sign
            for r, (part, whole) in enumerate(self.pairs, len(self.sums)):
                matrix[r, part], matrix[r, whole] = -1.0, 1.0
            self.arrays = matrix, len(self.sums), np.array(self.shares, dtype=int).reshape(-1, 3).T
            self.hundreds = np.array([self.figures[t].high == 100 for t, _, _ in self.shares], dtype=bool)
        return self.arrays

    def fits(self, sheet: Sheet) -> bool:
        """Whether every label and heading of another sheet stands where this plan has it."""
        if (len(sheet.rows), sheet.width) != self.shape:
            return False
        fixed, values, _ = self._getters()
        found: bool = fixed(self._flat(sheet)) == values
        return found

    def _flat(self, sheet: Sheet) -> list[Any]:
        """The cells of the table in one list, row by row."""
        return list(chain.from_iterable(sheet.rows[self.layout.top : self.layout.last + 1]))

    def contents(self, sheet: Sheet) -> tuple[Any, ...]:
        """What stands in the places of the figures."""
        found = self._getters()[2](self._flat(sheet))
        return found if len(self.places) > 1 else (found,)

    def _getters(self) -> tuple[itemgetter[Any], Any, itemgetter[Any]]:
        if self.getters is None:
            top, width = self.layout.top, self.shape[1]
            known = [*self.fixed, *((r, c, "") for r, c in self.empty)]
            fixed = itemgetter(*((r - top) * width + c for r, c, _ in known))
            values = tuple(v for *_, v in known) if len(known) > 1 else known[0][2]
            self.getters = fixed, values, itemgetter(*((r - top) * width + c for r, c in self.places))
        return self.getters


@dataclass
class Table:
    """The figures read: lists along the plan's figures; ``problems`` in the order of the checks."""

    plan: Plan
    sheet: str
    values: list[float | None]
    status: list[str]
    raw: list[str]
    bounds: dict[int, tuple[float | None, float | None, str]]
    problems: list[Problem]
    plain: np.ndarray | None = None


def unit_names() -> dict[str, str]:
    """The catalogue's unit of each indicator."""
    return kept("units", _units)


def _units() -> dict[str, str]:
    return {r["id"]: r["unit"] for r in read_codelist("indicators", key=["id"], required=["unit"])}


def flow_indicators() -> frozenset[str]:
    """Indicators that add up over a year."""
    return kept("flows", _flows)


def _flows() -> frozenset[str]:
    rows = read_codelist("indicators", key=["id"], required=["unit"])
    return frozenset(r["id"] for r in rows if r.get("kind") == "flow" or r.get("adds") == "sum")


def make_plan(sheet: Sheet, layout: Layout, area: Area, period: str) -> Plan:
    """Lay down where each figure of a found table stands."""
    form, units = layout.form, unit_names()
    plan = Plan(layout, area.code, [], [], [], [], [], [], [], [], {}, [], [], [], [], {}, [], [], [], (len(sheet.rows), sheet.width))
    money = _money_limits()
    for cell in form.cells(area, period):
        r, c = layout.rows.get(cell.row), layout.columns.get(cell.column)
        if r is None or c is None:
            continue
        if cell.role == "note":
            plan.notes[r] = (r, c)
        elif cell.role == "closed":
            plan.closed.append((r, c))
        else:
            _add_figure(plan, sheet, cell, (r, c), units, money[area.level == "commune" or layout.form.layout == "areas_down"])
    _add_rules(plan)
    _fix_labels(plan, sheet)
    names = [(cell.indicator, cell.measure) for cell in plan.cells]
    plan.keys = tuple(dict.fromkeys(k for k, seen in zip(names, plan.observed, strict=True) if seen))
    return plan


def _money_limits() -> tuple[float, float]:
    known = rules()
    return known["money_limit_district"].limit, known["money_limit_commune"].limit


def _add_figure(plan: Plan, sheet: Sheet, cell: Cell, place: Place, units: dict[str, str], money_limit: float) -> None:
    layout = plan.layout
    figure, changed = _as_written(sheet, layout, cell, place)
    n = len(plan.places)
    if changed is not None:
        plan.converted.add(n)
        if changed.place not in {f.place for f in layout.findings if f.check == "unit_changed"}:
            layout.findings.append(changed)
    low = -math.inf if figure.low is None else figure.low
    high = math.inf if figure.high is None else figure.high
    if (family := unit_of(figure.unit)) and family[0] == "money" and family[1] > 1:
        high = min(high, money_limit / family[1] * 0.999999)
    heading = layout.headings.get(place[1], "")
    label = layout.labels.get(place[0], "").strip(" -–+")
    plan.places.append(place)
    plan.cells.append(cell)
    plan.figures.append(figure)
    plan.addresses.append(f"{letters(place[1])}{place[0] + 1}")
    plan.labels.append(f"{label}, {heading}" if heading else label)
    plan.units.append(units.get(cell.indicator, figure.unit))
    plan.observed.append(bool(cell.indicator and cell.measure))
    plan.limits.append((figure.decimals, low, high))
    plan.index[cell.row, cell.column] = n


def _as_written(sheet: Sheet, layout: Layout, cell: Cell, place: Place) -> tuple[Figure, Any]:
    """The figure in the unit the sheet itself names, where that is another one of the same family."""
    from mttq_data.return_layout import Finding

    figure = cell.figure
    own = unit_of(figure.unit)
    if own is None:
        return figure, None
    said, at = "", place
    unit_key = next((c.key for c in layout.form.columns if c.kind == "unit"), "")
    if unit_key in layout.columns:
        at = (place[0], layout.columns[unit_key])
        said = str(sheet.rows[at[0]][at[1]])
    elif "(" in (heading := layout.headings.get(place[1], "")):
        at = (layout.top, place[1])
        said = heading.rsplit("(", 1)[1].rstrip(") ")
    found = unit_of(said) if said.strip() else None
    if found is None or found[0] != own[0] or found[1] == own[1] or own[0] == "percent":
        return figure, None
    times = found[1] / own[1]
    why = "Số liệu được quy đổi theo đơn vị ghi trong biểu; kiểm tra lại."
    label = layout.labels.get(place[0], "") if unit_key else layout.headings.get(place[1], "")
    finding = Finding("unit_changed", at, said.strip(), figure.unit, label.strip(" -"), why)
    decimals = 0 if times < 1 else max(figure.decimals, 3)
    factor = figure.factor * times
    return replace(figure, unit=said.strip(), factor=factor, decimals=decimals, high=None), finding


def _add_rules(plan: Plan) -> None:
    form = plan.layout.form
    flows = flow_indicators()
    at = plan.index
    lines: dict[str, list[str]] = {}
    for row, column in at:
        lines.setdefault(row, []).append(column)
    for rule in form.rules(plan.layout.form_rows):
        others = {c for _, c in at} if rule.along == "rows" else set(lines)
        for other in sorted(others):
            place = (lambda key, other=other: at.get((key, other))) if rule.along == "rows" else (lambda key, other=other: at.get((other, key)))  # fmt: skip
            target = place(rule.target)
            terms = [(sign, place(key)) for sign, key in rule.terms]
            if target is None or any(i is None for _, i in terms):
                continue
            figure = plan.figures[target]
            if rule.along == "rows" and figure.ratio_of and rule.kind == "total":
                continue
            known = tuple((sign, i) for sign, i in terms if i is not None)
            if rule.kind == "total":
                plan.sums.append((target, known))
            else:
                plan.shares.append((target, known[0][1], known[1][1]))
    sums = {(c.row, c.area, c.indicator): n for n, c in enumerate(plan.cells) if c.measure == "cumulative"}
    for n, cell in enumerate(plan.cells):
        whole = sums.get((cell.row, cell.area, cell.indicator))
        if whole is not None and cell.indicator in flows:
            if cell.measure == "period":
                plan.pairs.append((n, whole))
            elif cell.measure == "plan":
                plan.planned.append((n, whole))


def _fix_labels(plan: Plan, sheet: Sheet) -> None:
    layout = plan.layout
    figures = set(plan.places) | set(plan.notes.values())
    plan.closed_filled = any(sheet.rows[r][c] != "" for r, c in plan.closed)
    for r in range(layout.top, min(layout.last + 1, len(sheet.rows))):
        for c, value in enumerate(sheet.rows[r]):
            if (r, c) in figures:
                continue
            if value == "":
                plan.empty.append((r, c))
            else:
                plan.fixed.append((r, c, value))


def read_table(sheet: Sheet, plan: Plan, period: str) -> Table:
    """Read the figures of a table and check them against each other.

    Parameters
    ----------
    sheet : Sheet
    plan : Plan
    period : str
        "" when unknown.

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
    for n in plan.converted:
        if table.status[n] == "ok":
            table.status[n] = "repaired"
    _closed(sheet, table)
    if "blank" in table.status:
        _compute_blanks(table)
    _check(table, period)
    if "blank" in table.status:
        _required(sheet, table)
    return table


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

    if plan.bounds is None:
        decimals, low, high = zip(*plan.limits, strict=True)
        plan.bounds = np.array(low), np.array(high), np.where(np.array(decimals) > 0, 100.0, 1.0)
    least, most, steps = plan.bounds
    values = np.array(found)
    scaled = values * steps
    # A value of two decimal places is a whole number of hundredths but for the noise of binary fractions.
    good = ((values >= least) & (values <= most) & (np.abs(scaled - np.rint(scaled)) <= 1e-7)).all()
    return values if good else None


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


def _read_odd(sheet: Sheet, table: Table, n: int, value: Any) -> None:
    plan = table.plan
    place, figure, cell = plan.places[n], plan.figures[n], plan.cells[n]
    computed = cell.role != "input"
    if value == "" and place in sheet.errors:
        text = sheet.errors[place]
        table.raw[n], table.status[n] = text, "missing"
        table.problems.append(_problem(table, n, "error_cell", text))
        return
    if value == "" and place in sheet.formulas:
        formula, stored = sheet.formulas[place]
        table.raw[n] = formula
        table.status[n] = "blank"
        if not stored and not computed:
            _uncalculated(sheet, table, n, formula)
        return
    high = plan.limits[n][2]
    money = high * 1.000001 * (unit_of(figure.unit) or ("", 1.0))[1] if math.isfinite(high) else 1e12
    read = BLANK if value == "" else read_cell(value, figure, text_only=sheet.text_only, money_limit=money)
    table.values[n], table.status[n], table.raw[n] = read.value, read.status, raw_text(value)
    if read.qualifier != "exact":
        table.bounds[n] = (read.low, read.high, read.qualifier)
    if read.check and not (computed and read.check in ("lost_thousands", "not_whole", "text_number")):
        table.problems.append(_problem(table, n, read.check, _shown(value), read.suggestion if read.status == "suspect" else read.value, _why(read, figure)))
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
    table.problems.append(_problem(table, n, check, formula, read.value if read.status == "ok" else read.suggestion))


def _closed(sheet: Sheet, table: Table) -> None:
    if not table.plan.closed_filled:
        return
    filled = [(r, c) for r, c in table.plan.closed if sheet.rows[r][c] not in ("", "-", "x", "X")]
    if filled:
        said = ", ".join(f"{letters(c)}{r + 1}" for r, c in filled[:8]) + (" …" if len(filled) > 8 else "")
        table.problems.append(Problem("closed_cell", sheet.address(*filled[0]), said))


def _compute_blanks(table: Table) -> None:
    """Totals and shares nobody calculated follow from their parts."""
    plan, values, status = table.plan, table.values, table.status
    for _ in range(2):
        for target, terms in plan.sums:
            if status[target] == "blank" and any(values[i] is not None for _, i in terms):
                whole = all(values[i] is not None and status[i] in ("ok", "repaired") for _, i in terms)
                if whole:
                    values[target] = round(sum(s * (values[i] or 0.0) for s, i in terms), 6)
                    status[target] = "repaired"
        for target, top, bottom in plan.shares:
            a, b = values[top], values[bottom]
            if status[target] == "blank" and a is not None and b and {status[top], status[bottom]} <= {"ok", "repaired"}:
                values[target] = round(100 * a / b, max(plan.figures[target].decimals, 2))
                status[target] = "repaired"


def _check(table: Table, period: str) -> None:
    plan, values, status = table.plan, table.values, table.status
    starts_year = period[4:] in ("-Q1", "-H1", "-01", "") and bool(period)
    _check_plan(table)
    if _all_well(table, starts_year):
        return
    confirmed: set[int] = set()
    failed: list[Failure] = []
    for target, terms in plan.sums:
        _check_sum(table, target, terms, confirmed, failed)
    for share in plan.shares:
        _check_share(table, *share, confirmed, failed)
    for part, whole in plan.pairs:
        a, b = values[part], values[whole]
        if a is None or b is None or "suspect" in (status[part], status[whole]):
            continue
        if b < a - 1e-9 * abs(a):
            failed.append(((whole, part), _problem(table, whole, "cumulative_below_period", b, a)))
        elif starts_year and abs(a - b) > 0.051:
            failed.append(((whole, part), _problem(table, whole, "cumulative_first", b, a)))
    _blame(table, failed, confirmed)


def _blame(table: Table, failed: list[Failure], confirmed: set[int]) -> None:
    """Report what failed, at the one figure that several rules speak against where there is one."""
    counts: dict[int, int] = {}
    for cells, _ in failed:
        for i in cells:
            counts[i] = counts.get(i, 0) + 1
    against: dict[int, list[Problem]] = {}
    for cells, problem in failed:
        most = max(counts[i] for i in cells)
        guilty = [i for i in cells if counts[i] == most]
        if most > 1 and len(guilty) == 1 and guilty[0] not in confirmed:
            against.setdefault(guilty[0], []).append(problem)
            continue
        table.problems.append(problem)
        # Which of them is wrong nobody can tell from here, unless another rule bears one out.
        doubted = [i for i in cells if i not in confirmed] or list(cells[:1])
        if problem.check == "ratio":
            doubted = list(cells[:1])
        elif len(cells) > 8:
            doubted = [cells[0], *_slips(table, cells)]
        _doubt(table, doubted)
    for guilty_one, problems in against.items():
        _doubt(table, (guilty_one,))
        own = next((p for p in problems if p.where == _where(table, guilty_one)), None)
        if own is not None:
            table.problems.append(own)
            continue
        why = "; ".join(f"{_KINDS[p.check]} {p.where.rsplit('!', 1)[1]}" for p in problems[:3])
        table.problems.append(_problem(table, guilty_one, "contradiction", table.values[guilty_one], "", why))


def _slips(table: Table, cells: tuple[int, ...]) -> list[int]:
    """Of many parts, those that ten, hundred or thousand times more or less would make the total right."""
    values = table.values
    lacking = (values[cells[0]] or 0.0) - sum(values[i] or 0.0 for i in cells[1:])
    found = []
    for i in cells[1:]:
        value = values[i]
        if value and (value + lacking) > 0 and round(math.log10((value + lacking) / value), 6) in (-3, -2, -1, 1, 2, 3):
            found.append(i)
    return found


_KINDS = {"total": "tổng ở ô", "ratio": "tỷ lệ ở ô", "part_over_whole": "tổng thể ở ô",
          "cumulative_below_period": "lũy kế ở ô", "cumulative_first": "lũy kế ở ô"}  # fmt: skip


def _doubt(table: Table, cells: Iterable[int]) -> None:
    for i in cells:
        if table.status[i] in ("ok", "repaired"):
            table.status[i] = "suspect"


def _all_well(table: Table, starts_year: bool) -> bool:
    """Whether every figure is plain and every rule holds: all at once, as most returns are so.

    An empty figure counts as 0 here; where that breaks a rule the long way round tells.
    """
    import numpy as np

    plan = table.plan
    if table.plain is not None:
        values = table.plain
    else:
        if set(table.status) - {"ok", "blank", "repaired"}:
            return False
        values = np.array(table.values, dtype=float)
        values[np.isnan(values)] = 0.0
    matrix, sums, shares = plan.matrix()
    left = matrix @ values
    share, top, bottom = values[shares]
    if (np.abs(share * bottom - 100 * top) > 0.06 * bottom).any() or (top > bottom)[plan.hundreds].any():
        return False
    pairs = left[sums:]
    limit = 1e-9 * (1.0 + float(values.max(initial=0.0)))
    return not ((np.abs(left[:sums]) > limit).any() or (pairs < -limit).any() or (starts_year and (pairs > 0.051).any()))


def _check_sum(
    table: Table, target: int, terms: tuple[tuple[int, int], ...], confirmed: set[int], failed: list[Failure]
) -> None:
    plan, values, status = table.plan, table.values, table.status
    total = values[target]
    if total is None:
        return
    parts = [values[i] for _, i in terms]
    doubtful = any(status[i] in ("suspect", "missing") for _, i in terms)
    if doubtful or status[target] == "suspect":
        if doubtful and status[target] in ("ok", "repaired"):
            status[target] = "suspect"
        return
    if any(v is None and plan.figures[i].required for v, (_, i) in zip(parts, terms, strict=True)) or all(v is None for v in parts):
        return
    expected = sum(sign * (v or 0.0) for (sign, _), v in zip(terms, parts, strict=True))
    allowed = 0.5 * 10 ** -plan.figures[target].decimals * (len(terms) + 1) if plan.figures[target].decimals else 1e-6
    if abs(expected - total) <= allowed + 1e-9 * abs(total):
        if sum(v is not None for v in parts) > 1 and total:
            confirmed.update((target, *(i for _, i in terms)))
        return
    typed = [
        i for _, i in terms
        if status[i] == "repaired" and plan.cells[i].role == "input" and i not in plan.converted and table.raw[i][:1] not in ("", "=")
    ]  # fmt: skip
    if typed and abs(expected - sum(s * (values[i] or 0.0) for s, i in terms if i in typed) - total) <= allowed:
        # Excel leaves numbers typed as text out of its sums; the sum over all is the one meant.
        values[target], status[target] = round(expected, 6), "repaired"
        return
    said = " ".join(f"{'+' if s > 0 else '-'} {plan.addresses[i]}" for s, i in terms[:6]).removeprefix("+ ")
    why = said + (" …" if len(terms) > 6 else "")
    failed.append(((target, *(i for _, i in terms)), _problem(table, target, "total", total, round(expected, 6), why)))


def _check_share(
    table: Table, target: int, top: int, bottom: int, confirmed: set[int], failed: list[Failure]
) -> None:
    plan, values, status = table.plan, table.values, table.status
    share, a, b = values[target], values[top], values[bottom]
    if status[top] in ("suspect", "missing") or status[bottom] in ("suspect", "missing"):
        if status[target] in ("ok", "repaired"):
            status[target] = "suspect"
        return
    if a is None or not b:
        return
    if plan.figures[target].high == 100 and a > b > 0:
        failed.append(((top, bottom, target), _problem(table, top, "part_over_whole", a, b, plan.labels[bottom])))
        return
    if share is None:
        return
    expected = 100 * a / b
    if abs(share - expected) <= 0.06 or (share.is_integer() and abs(share - expected) <= 0.5):
        if status[target] in ("ok",):
            confirmed.update((target, top, bottom))
        return
    known = next((p for p in table.problems if p.where == _where(table, target) and p.check == "range"), None)
    if abs(100 * share - expected) <= 0.06:
        # A cell in percent format holds 0.0267 and shows 2,67 %.
        values[target], status[target] = round(100 * share, 6), "repaired"
    elif known is not None:
        known.expected = round(expected, plan.figures[target].decimals)
    elif status[target] != "suspect":
        why = f"{plan.addresses[top]} : {plan.addresses[bottom]}"
        shown = round(expected, max(plan.figures[target].decimals, 1))
        failed.append(((target, top, bottom), _problem(table, target, "ratio", share, shown, why)))


def _check_plan(table: Table) -> None:
    plan, values, status = table.plan, table.values, table.status
    limit = rules()["plan_far"].limit
    for n, done in plan.planned:
        wanted, got = values[n], values[done]
        if wanted and got and got > limit * wanted and got >= 30 and status[done] == "ok" and status[n] in ("ok", "repaired"):
            times = f"{got / wanted:.1f}".replace(".", ",") + " lần"
            table.problems.append(_problem(table, done, "plan_far", got, wanted, times))
            if got > 50 * wanted:
                status[done] = "suspect"


def _required(sheet: Sheet, table: Table) -> None:
    plan, values, status = table.plan, table.values, table.status
    lacking = [n for n, s in enumerate(status) if s == "blank" and plan.cells[n].role == "input" and plan.figures[n].required]
    rest: list[int] = []
    for n in lacking:
        note = _note(sheet, plan, plan.places[n][0])
        status[n] = "missing"
        if "không phát sinh" in note or "không có phát sinh" in note:
            values[n], status[n] = 0.0, "repaired"
        elif any(w in note for w in ("chưa có", "chưa tổng hợp", "chưa báo cáo")):
            table.problems.append(_problem(table, n, "explained_missing", note))
        else:
            rest.append(n)
    if len(rest) > 12 and len(rest) > len(plan.places) // 4:
        where = ", ".join(plan.addresses[n] for n in rest[:5])
        table.problems.append(_problem(table, rest[0], "required", "", "", f"và {len(rest) - 1} ô khác: {where} …"))
        return
    table.problems += [_problem(table, n, "required", "") for n in rest]


def _note(sheet: Sheet, plan: Plan, row: int) -> str:
    place = plan.notes.get(row)
    value = sheet.rows[place[0]][place[1]] if place else ""
    return plain(value) if isinstance(value, str) else ""


def _where(table: Table, n: int) -> str:
    return f"{table.sheet}!{table.plan.addresses[n]}"


def _problem(table: Table, n: int, check: str, found: str | float | None = "", expected: str | float | None = "", why: str = "") -> Problem:
    plan = table.plan
    # A plan of indicators is shared by many senders; whose return it is is told later.
    area = plan.cells[n].area if plan.layout.form.layout == "areas_down" else ""
    return Problem(check, _where(table, n), found, expected, plan.labels[n], why, plan.cells[n].indicator, area)

