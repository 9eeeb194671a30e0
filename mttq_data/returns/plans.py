"""Where each figure of a table stands and what must hold: laid down once for returns that look alike."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import read_codelist
from mttq_data.forms.model import Cell, Figure
from mttq_data.places.area_codes import Area
from mttq_data.returns.cell_values import unit_of
from mttq_data.returns.checks import Problem, rules
from mttq_data.returns.grids import Sheet, letters
from mttq_data.returns.knowledge import kept
from mttq_data.returns.layout import Finding, Layout, Place, money_unit_said
from mttq_data.returns.surroundings import Surroundings

if TYPE_CHECKING:
    import numpy as np


TORN = "torn"


@dataclass
class Plan:
    """Where each figure of a table stands and what it means.

    Figures are the cells with a number, in the form's order; all lists run along them.
    """

    layout: Layout
    area: str
    shape: tuple[int, int]
    commune: bool = False
    places: list[Place] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    observed: list[bool] = field(default_factory=list)
    limits: list[tuple[int, float, float]] = field(default_factory=list)
    index: dict[tuple[str, str], int] = field(default_factory=dict)
    sums: list[tuple[int, tuple[tuple[float, int], ...]]] = field(default_factory=list)
    shares: list[tuple[int, int, int]] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    planned: list[tuple[int, int]] = field(default_factory=list)
    nested: list[tuple[int, int]] = field(default_factory=list)
    notes: dict[str, Place] = field(default_factory=dict)
    closed: list[Place] = field(default_factory=list)
    fixed: list[tuple[int, int, Any]] = field(default_factory=list)
    empty: list[Place] = field(default_factory=list)
    converted: set[int] = field(default_factory=set)
    doubted: list[int] = field(default_factory=list)
    unchecked: list[tuple[int, str]] = field(default_factory=list)
    period: str = ""
    extent: tuple[int, int] = (0, 0)
    closed_filled: bool = False
    percents: tuple[int, ...] = ()
    around: Surroundings | None = None
    asked: tuple[str, ...] = ()
    sender: str = ""

    @cached_property
    def matrix(self) -> tuple[np.ndarray, int, np.ndarray]:
        """The rules as one matrix: rows of sums that must be 0, then of pairs that must not be below 0; and the shares."""
        import numpy as np

        matrix = np.zeros((len(self.sums) + len(self.pairs) + len(self.nested), len(self.places)))
        for r, (target, terms) in enumerate(self.sums):
            matrix[r, target] = -1.0
            for sign, i in terms:
                matrix[r, i] += sign
        for r, (part, whole) in enumerate((*self.pairs, *self.nested), len(self.sums)):
            matrix[r, part], matrix[r, whole] = -1.0, 1.0
        # What is accepted or settled now may have been asked for in the period before.
        for r, (_, whole) in enumerate(self.nested, len(self.sums) + len(self.pairs)):
            matrix[r, whole] = rules()["part_over_related"].limit
        return matrix, len(self.sums), np.array(self.shares, dtype=int).reshape(-1, 3).T

    @cached_property
    def hundreds(self) -> np.ndarray:
        """Which of the shares are of a whole, so that none is above 100."""
        import numpy as np

        return np.array([self.figures[t].high == 100 for t, _, _ in self.shares], dtype=bool)

    @cached_property
    def halves(self) -> np.ndarray:
        """The figures of the period and, below them, those cumulative."""
        import numpy as np

        return np.array(self.pairs, dtype=int).reshape(-1, 2).T

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The least and the greatest each figure may be, and the steps it comes in, as what a unit holds of them."""
        import numpy as np

        decimals, low, high = zip(*self.limits, strict=True)
        return np.array(low), np.array(high), 10.0 ** np.array(decimals)

    @cached_property
    def feeds(self) -> list[tuple[int, ...]]:
        """For each figure those computed from it, sums of sums and their shares too."""
        direct: dict[int, set[int]] = defaultdict(set)
        for target, *parts in [*((n, *(i for _, i in terms)) for n, terms in self.sums), *self.shares]:
            for i in parts:
                direct[i].add(target)
        every = []
        for n in range(len(self.places)):
            found, fresh = set[int](), set(direct.get(n, ()))
            while fresh:
                found |= fresh
                fresh = {t for i in fresh for t in direct.get(i, ())} - found
            every.append(tuple(sorted(found - {n})))
        return every

    def fits(self, sheet: Sheet) -> bool:
        """Whether every label and heading of another sheet stands where this plan has it, and nothing else around."""
        if (len(sheet.rows), sheet.width) != self.shape:
            return False
        fixed, values, _ = self._getters
        cells = self._flat(sheet)
        found: bool = fixed(cells) == values and (self.around is None or self.around.alike(sheet))
        if found:
            sheet.table = self, cells
        return found

    def _flat(self, sheet: Sheet) -> list[Any]:
        """The cells of the table in one list, row by row."""
        return list(chain.from_iterable(sheet.rows[self.extent[0] : self.extent[1] + 1]))

    def contents(self, sheet: Sheet) -> tuple[Any, ...]:
        """What stands in the places of the figures."""
        known = sheet.table
        found = self._getters[2](known[1] if known and known[0] is self else self._flat(sheet))
        return found if len(self.places) > 1 else (found,)

    @cached_property
    def _getters(self) -> tuple[itemgetter[Any], Any, itemgetter[Any]]:
        top, width = self.extent[0], self.shape[1]
        known = [*self.fixed, *((r, c, "") for r, c in self.empty)]
        fixed = itemgetter(*((r - top) * width + c for r, c, _ in known))
        values = tuple(v for *_, v in known) if len(known) > 1 else known[0][2]
        return fixed, values, itemgetter(*((r - top) * width + c for r, c in self.places))


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
    torn: set[int] = field(default_factory=set)

    def marks(self) -> list[str]:
        """The status of each figure; `TORN` for suspects that only disagree with others, which comparing may clear up."""
        if not self.torn:
            return self.status
        told = {p.where for p in self.problems}
        torn = {n for n in self.torn if self.status[n] == "suspect" and where_of(self, n) not in told}
        return [TORN if n in torn else s for n, s in enumerate(self.status)]


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


def make_plan(sheet: Sheet, layout: Layout, area: Area, period: str, commune: bool) -> Plan:
    """Lay down where each figure of a found table stands; ``commune`` tells how much money may stand there."""
    form, units = layout.form, unit_names()
    plan = Plan(layout, area.code, (len(sheet.rows), sheet.width), commune)
    limit = _money_limits()[commune or form.layout == "areas_down"]
    for cell in form.cells(area, period):
        place = layout.place(cell.row, cell.column)
        if place is None:
            continue
        if cell.role == "note":
            plan.notes[cell.row] = place
        elif cell.role == "closed":
            plan.closed.append(place)
        else:
            _add_figure(plan, sheet, cell, place, units, limit)
    _join_units(layout)
    _add_rules(plan)
    plan.doubted = [
        n
        for n, c in enumerate(plan.cells)
        if c.row in layout.doubted or c.column in layout.block(c.row, c.column).doubted_columns
    ]
    _fix_labels(plan, sheet)
    # Shares the sheet lets recalculate are told by their parts; these only by their format.
    shares = {target for target, _, _ in plan.shares}
    plan.percents = tuple(n for n, f in enumerate(plan.figures) if f.unit == "%" and n not in shares)
    return plan


def _nested() -> list[tuple[str, str]]:
    """Pairs of indicators of which the second counts some of what the first counts."""
    rows = read_codelist("indicator_relations", key=["kind", "whole", "part"])
    return [(r["whole"], r["part"]) for r in rows if r["kind"] == "nested"]


def _money_limits() -> tuple[float, float]:
    known = rules()
    return known["money_limit_district"].limit, known["money_limit_commune"].limit


def _add_figure(plan: Plan, sheet: Sheet, cell: Cell, place: Place, units: dict[str, str], money_limit: float) -> None:
    layout = plan.layout.block(cell.row, cell.column)
    figure, changed = _as_written(sheet, layout, cell, place)
    n = len(plan.places)
    if changed is not None:
        plan.converted.add(n)
        if changed.place not in {f.place for f in plan.layout.findings if f.check == "unit_changed"}:
            plan.layout.findings.append(changed)
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
    figure = cell.figure
    own = unit_of(figure.unit)
    if own is None:
        return figure, None
    unit_key = next((c.key for c in layout.form.columns if c.kind == "unit"), "")
    # The first that says a unit of the family counts, even where it says the form's own.
    known = ((said, at, unit_of(said)) for said, at in _units_around(sheet, layout, place, unit_key))
    said, at, found = next((k for k in known if k[2] and k[2][0] == own[0]), ("", place, own))
    if found is None or found[1] == own[1] or own[0] == "percent":
        return figure, None
    times = found[1] / own[1]
    why = "Số liệu được quy đổi theo đơn vị ghi trong biểu; kiểm tra lại."
    label = layout.labels.get(place[0], "") if unit_key else layout.headings.get(place[1], "")
    finding = Finding("unit_changed", at, said.strip(), figure.unit, label.strip(" -"), why)
    decimals = 0 if times < 1 else max(figure.decimals, 3)
    factor = figure.factor * times
    return replace(figure, unit=said.strip(), factor=factor, decimals=decimals, high=None), finding


def _units_around(sheet: Sheet, layout: Layout, place: Place, unit_key: str) -> Iterator[tuple[str, Place]]:
    """What may name a figure's unit, from its row's own unit to a line above the whole table."""
    r, c = place
    if unit_key in layout.columns:
        yield str(sheet.rows[r][layout.columns[unit_key]]), (r, layout.columns[unit_key])
    for text, at in (
        (layout.labels.get(r, ""), (r, layout.label_column)),
        (layout.headings.get(c, ""), (layout.top, c)),
    ):
        if "(" in text:
            yield text.rsplit("(", 1)[1].rstrip(") ").rsplit(":", 1)[-1], at
    for top, row in enumerate(sheet.rows[: layout.top]):
        for left, value in enumerate(row):
            if isinstance(value, str) and (said := money_unit_said(value)):
                yield said, (top, left)


def _join_units(layout: Layout) -> None:
    """One line for all rows or columns in the same other unit: one cause is one problem."""
    alike: dict[tuple[object, str], list[Finding]] = {}
    for finding in layout.findings:
        if finding.check == "unit_changed":
            alike.setdefault((unit_of(finding.found), finding.expected), []).append(finding)
    for some in (s for s in alike.values() if len(s) > 1):
        names = f"{some[0].label}” và {len(some) - 1} chỉ tiêu khác: “{some[1].label}" + (" …" if len(some) > 2 else "")
        layout.findings[layout.findings.index(some[0])] = replace(some[0], label=names)
        layout.findings[:] = [f for f in layout.findings if f not in some[1:]]


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
            if target is None:
                continue
            figure = plan.figures[target]
            if rule.along == "rows" and figure.ratio_of and rule.kind == "total":
                continue
            if any(i is None for _, i in terms):
                if rule.along == "rows" and figure.role in ("total", "ratio"):
                    plan.unchecked.append((target, _names_lacking(plan, rule.terms)))
                continue
            known = tuple((sign * _scale(plan, i) / _scale(plan, target), i) for sign, i in terms if i is not None)
            if rule.kind == "total":
                plan.sums.append((target, known))
            elif known[0][0] == known[1][0]:
                plan.shares.append((target, known[0][1], known[1][1]))
    sums = {(c.row, c.area, c.indicator): n for n, c in enumerate(plan.cells) if c.measure == "cumulative"}
    for n, cell in enumerate(plan.cells):
        whole = sums.get((cell.row, cell.area, cell.indicator))
        if whole is not None and cell.indicator in flows:
            if cell.measure == "period":
                plan.pairs.append((n, whole))
            elif cell.measure == "plan":
                plan.planned.append((n, whole))
    by_name = {(c.area, c.indicator, c.measure): n for n, c in enumerate(plan.cells) if c.measure not in ("", "plan")}
    for whole_name, part_name in kept("nested", _nested):
        for (area, name, measure), n in by_name.items():
            larger = by_name.get((area, whole_name, measure)) if name == part_name else None
            if larger is not None and not any({n, larger} <= {t, *(i for _, i in terms)} for t, terms in plan.sums):
                plan.nested.append((n, larger))


def _scale(plan: Plan, n: int) -> float:
    """How many of the form's own unit one of the unit written in a row is."""
    return plan.figures[n].factor / plan.cells[n].figure.factor


def _names_lacking(plan: Plan, terms: tuple[tuple[int, str], ...]) -> str:
    rows = {row.key: row.label.strip(" -") for row in plan.layout.form_rows}
    have = {c.row for c in plan.cells}
    return "; ".join(rows[key] for _, key in terms if key in rows and key not in have)


def _fix_labels(plan: Plan, sheet: Sheet) -> None:
    layout = plan.layout
    figures = set(plan.places) | set(plan.notes.values())
    plan.closed_filled = any(sheet.rows[r][c] != "" for r, c in plan.closed)
    top, last = plan.extent = layout.extent
    for r in range(top, min(last + 1, len(sheet.rows))):
        for c, value in enumerate(sheet.rows[r]):
            if (r, c) in figures:
                continue
            if value == "":
                plan.empty.append((r, c))
            else:
                plan.fixed.append((r, c, value))


def where_of(table: Table, n: int) -> str:
    return f"{table.sheet}!{table.plan.addresses[n]}"


def problem_at(
    table: Table, n: int, check: str, found: str | float | None = "", expected: str | float | None = "", why: str = ""
) -> Problem:
    plan = table.plan
    # A plan of indicators is shared by many senders; whose return it is is told later.
    area = plan.cells[n].area if plan.layout.form.layout == "areas_down" else ""
    return Problem(check, where_of(table, n), found, expected, plan.labels[n], why, plan.cells[n].indicator, area)
