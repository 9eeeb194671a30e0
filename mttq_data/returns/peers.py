"""Returns against the period before and the other units', some at a time, so that many take no more memory than few."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from mttq_data.periods import previous_period
from mttq_data.returns.checks import Problem, number_text, rules
from mttq_data.returns.frames import SOUND, Collected, Rows
from mttq_data.returns.plans import flow_indicators

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Key = tuple[str, str]
_BLOCK = 96
# From so many units on they are compared; up to so many only what is a hundred times too much is told.
_FEW, _SOME = 4, 6
# From so many units on a figure alone is told, at least so far (as a logarithm) from the nearest.
_PEERS, _GAP = 5, 0.7


@dataclass(slots=True)
class Entity:
    """The figures of one area and period: those of a table, or ``own`` ones along the keys, known from before."""

    form: str
    area: str
    period: str
    keys: tuple[Key, ...]
    table: Rows | None = None
    own: np.ndarray | None = None


@dataclass(slots=True)
class Places:
    """Where an entity's figures stand: ``at`` in its table and ``slots`` along the keys; ``factors`` of all keys."""

    at: np.ndarray
    slots: np.ndarray
    factors: np.ndarray


class _Figures:
    """The figures of entities, taken from the collected columns when they are wanted."""

    def __init__(self, collected: Collected) -> None:
        self.columns = collected.columns
        self.known: dict[tuple[int, str], Places] = {}

    def places(self, entity: Entity) -> Places:
        """Where the figures of an entity stand."""
        import numpy as np

        table = entity.table
        assert table is not None
        shape = table.shape
        key = (id(shape), "" if shape.areas is None else entity.area)
        if table.keep is None and key in self.known:
            return self.known[key]
        at = np.arange(table.count) if shape.areas is None else np.flatnonzero(table.along("areas") == entity.area)
        factors = np.ones(len(entity.keys))
        made = Places(at, table.along("slots")[at], factors)
        factors[made.slots] = table.along("factors")[at]
        if table.keep is None:
            self.known[key] = made
        return made

    def of(self, entities: list[Entity]) -> tuple[np.ndarray, np.ndarray]:
        """Values and factors of entities with the same keys, a row each; what is not sound is missing."""
        import numpy as np

        values = np.full((len(entities), len(entities[0].keys)), np.nan)
        factors = np.ones(values.shape)
        alike: dict[int, tuple[Places, list[int]]] = {}
        for n, entity in enumerate(entities):
            if entity.own is not None:
                values[n] = entity.own
            else:
                places = self.places(entity)
                alike.setdefault(id(places), (places, []))[1].append(n)
        for places, numbers in alike.values():
            starts = np.array([table.start for n in numbers if (table := entities[n].table)])
            at = starts[:, None] + places.at
            found = np.where(self.columns["sound"][at], self.columns["value"][at], np.nan)
            values[np.ix_(np.array(numbers), places.slots)] = found
            factors[numbers] = places.factors
        return values, factors

    def problem(self, entity: Entity, i: int, check: str, value: float, expected: float, why: str) -> Problem:
        """A problem at the entity's figure of key ``i``."""
        table, places = entity.table, self.places(entity)
        assert table is not None
        at = int(places.at[places.slots == i][-1])
        factor, row = float(places.factors[i]), table.start + at
        source, mark = self.columns["source"][row], self.columns["sha256"][row]
        return Problem(
            check, self.columns["cell"][row], round(float(value) / factor, 6), round(float(expected) / factor, 6),
            table.along("labels")[at], why, entity.keys[i][0], entity.area, entity.period, source, mark,
        )  # fmt: skip

    def certain(self, entity: Entity, i: int) -> bool:
        """Whether nothing in the entity's own table speaks against its figure of key ``i``."""
        if entity.table is None:
            return True
        places = self.places(entity)
        rows = entity.table.start + places.at[places.slots == i]
        return all(status in SOUND for status in self.columns["status"][rows])

    def doubt(self, entity: Entity, i: int, check: str) -> None:
        """What a problem means for the figures it is about."""
        assert entity.table is not None
        wanted = {entity.keys[i], (entity.keys[i][0], "period")} if check == "cumulative_chain" else {entity.keys[i]}
        places, status = self.places(entity), self.columns["status"]
        for at, slot in zip(places.at, places.slots, strict=True):
            row = entity.table.start + at
            if entity.keys[slot] in wanted and status[row] in SOUND:
                status[row] = "suspect"


def compare_returns(collected: Collected, previous: pd.DataFrame | None) -> list[Problem]:
    """Compare the returns with their previous period and with each other.

    Parameters
    ----------
    collected : Collected
        What was read; figures that do not agree become suspect.
    previous : DataFrame or None
        Observations of earlier periods, compared with but not checked.

    Returns
    -------
    list of Problem
    """
    entities = [e for rows in collected.tables for e in _entities(rows)]
    if not entities or (len(entities) == 1 and previous is None):
        return []
    figures, flows = _Figures(collected), flow_indicators()
    known: dict[tuple[str, str], dict[str, Entity]] = defaultdict(dict)
    for entity in chain(_earlier(previous, entities), entities):
        known[entity.form, entity.period][entity.area] = entity
    groups: dict[tuple[str, str, int], list[Entity]] = defaultdict(list)
    pairs: dict[int, list[tuple[Entity, Entity]]] = defaultdict(list)
    for entity in entities:
        groups[entity.form, entity.period, id(entity.keys)].append(entity)
        before = previous_period(entity.period)
        past = known[entity.form, before].get(entity.area) if before else None
        if past is not None and past.keys is entity.keys:
            pairs[id(entity.keys)].append((entity, past))
    found: list[tuple[Entity, int, Problem]] = []
    for some in pairs.values():
        found += _against_past(some, figures, flows)
    for members in groups.values():
        if len(members) >= _FEW:
            found += _against_others(members, figures)
    for entity, i, problem in found:
        figures.doubt(entity, i, problem.check)
    return [problem for *_, problem in found]


def _entities(rows: Rows) -> Iterable[Entity]:
    if rows.shape.areas is None:
        yield Entity(rows.form, rows.area, rows.period, rows.shape.keys, rows)
        return
    for area in dict.fromkeys(rows.along("areas")):
        if area != rows.area:
            yield Entity(rows.form, area, rows.period, rows.shape.keys, rows)


def _earlier(previous: pd.DataFrame | None, entities: list[Entity]) -> Iterable[Entity]:
    """Earlier observations in the shape of the entities they are compared with."""
    import numpy as np

    if previous is None:
        return
    keys_of = {e.form: e.keys for e in entities}
    usable = previous[previous["status"].isin(["ok", "repaired", "accepted"])]
    for name, part in usable.groupby(["form", "area", "period"], sort=False):
        form, area, period = map(str, name)
        keys = keys_of.get(form)
        if keys is None:
            continue
        slots = {key: i for i, key in enumerate(keys)}
        values = np.full(len(keys), np.nan)
        for indicator, measure, value in zip(part["indicator"], part["measure"], part["value"], strict=True):
            if (indicator, measure) in slots:
                values[slots[indicator, measure]] = value
        yield Entity(form, area, period, keys, None, values)


def _against_past(
    pairs: list[tuple[Entity, Entity]], figures: _Figures, flows: frozenset[str]
) -> list[tuple[Entity, int, Problem]]:
    """Figures against the same unit's of the period before; all pairs have the same keys."""
    import numpy as np

    keys, limits = pairs[0][0].keys, rules()
    flow = np.array([k[0] in flows for k in keys])
    compared = np.array([not (m == "plan" or (i in flows and m == "cumulative")) for i, m in keys])
    limit = np.where(flow, limits["previous_far"].limit, limits["stock_jump"].limit)
    links = list(_links(keys, flows))
    found: list[list[tuple[Entity, int, Problem]]] = [[] for _ in range(len(links) + 1)]
    for first in range(0, len(pairs), _BLOCK):
        block = pairs[first : first + _BLOCK]
        now, factors = figures.of([entity for entity, _ in block])
        past, _ = figures.of([before for _, before in block])
        with np.errstate(divide="ignore", invalid="ignore"):
            times = now / past
            far = compared & (now > 0) & (past > 0) & (np.maximum(now, past) >= 30 * factors)
            far &= (times > limit) | (times < 1 / limit)
        for p, i in _hits(far):
            check, why = "previous_far" if flow[i] else "stock_jump", _times(float(times[p, i]))
            found[0].append((block[p][0], i, figures.problem(block[p][0], i, check, now[p, i], past[p, i], why)))
        for link, told in zip(links, found[1:], strict=True):
            told += _broken(link, block, now, past, factors, figures)
    return [one for told in found for one in told]


def _broken(
    link: tuple[str, int, tuple[int, ...]], pairs: list[tuple[Entity, Entity]], now: np.ndarray, past: np.ndarray,
    factors: np.ndarray, figures: _Figures,
) -> Iterable[tuple[Entity, int, Problem]]:  # fmt: skip
    """Figures that do not follow from the period before as they should."""
    import numpy as np

    check, target, parts = link
    expected = past[:, parts[0]] + (now[:, parts[1]] if len(parts) > 1 else 0.0)
    unit = factors[:, target]
    wrong = np.abs(expected - now[:, target]) > 0.051 * unit + 1e-9 * np.abs(expected)
    for p in map(int, np.flatnonzero(wrong)):
        entity, before = pairs[p]
        if check == "cumulative_chain" and entity.period[:4] != before.period[:4]:
            continue
        if not all(figures.certain(entity, i) for i in (target, *parts[1:])) or not figures.certain(before, parts[0]):
            continue
        terms = [past[p, parts[0]], *(now[p, i] for i in parts[1:])]
        why = " + ".join(number_text(float(t) / float(unit[p]), vi=True) for t in terms) if len(parts) > 1 else ""
        yield entity, target, figures.problem(entity, target, check, now[p, target], expected[p], why)


def _hits(mask: np.ndarray) -> Iterable[tuple[int, int]]:
    import numpy as np

    return zip(*(map(int, ends) for ends in np.nonzero(mask)), strict=True)


def _links(keys: tuple[Key, ...], flows: frozenset[str]) -> Iterable[tuple[str, int, tuple[int, ...]]]:
    """What follows from the period before: the figure, and the figures (first of then, second of now) that give it."""
    index = {key: i for i, key in enumerate(keys)}
    for i, (indicator, measure) in enumerate(keys):
        part = index.get((indicator, "period"))
        if measure == "cumulative" and indicator in flows and part is not None:
            yield "cumulative_chain", i, (i, part)
        closing = index.get((indicator.replace("_opening_balance", "_balance"), "period"))
        if measure == "period" and indicator.endswith("_opening_balance") and closing is not None:
            yield "opening_balance", i, (closing,)


def _times(times: float) -> str:
    return (
        f"gấp {number_text(round(times, 1), vi=True)} lần"
        if times >= 1
        else f"chỉ bằng 1/{number_text(round(1 / times), vi=True)}"
    )


def _against_others(members: list[Entity], figures: _Figures) -> Iterable[tuple[Entity, int, Problem]]:
    """Figures far from the other units': by factors, against the middle and the usual spread."""
    import numpy as np

    matrix, factors = figures.of(members)
    limit = math.log10(rules()["others_far"].limit)
    some, middle, limits = _suspicious(matrix, limit)
    if not len(some):
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(matrix[:, some] > 0, np.log10(matrix[:, some]), np.nan)
    spread = 1.4826 * np.nanmedian(np.abs(part - middle), axis=0)
    for m, j in _hits((np.abs(part - middle) > np.maximum(limits, 4 * spread)) | _alone(part)):
        i = int(some[j])
        entity, others = members[m], np.delete(matrix[:, i], m)
        others = others[others > 0] / factors[m, i]
        value, mid = matrix[m, i] / factors[m, i], float(np.median(others))
        if max(value, mid) < 30:
            continue
        low, high = (number_text(float(f(others)), vi=True) for f in (np.min, np.max))
        why = f"{_times(value / mid)} mức giữa của {len(others)} đơn vị khác (từ {low} đến {high})"
        yield entity, i, figures.problem(entity, i, "others_far", matrix[m, i], mid * factors[m, i], why)


def _alone(part: np.ndarray) -> np.ndarray:
    """The figures (as logarithms) that stand far off all others, which lie close together: a digit too many or too few."""
    import numpy as np

    if len(part) < _PEERS:
        return np.zeros(part.shape, dtype=bool)
    ranked, counts = np.sort(part, axis=0), np.sum(~np.isnan(part), axis=0)
    last, column = np.maximum(counts, _PEERS) - 1, np.arange(part.shape[1])
    # The fewer the others, the less their width says of how far units differ.
    widths = 1 + 10 / np.maximum(counts, _PEERS)
    most, next_most = ranked[last, column], ranked[last - 1, column]
    above = most - next_most > np.maximum(_GAP, widths * (next_most - ranked[0]))
    below = ranked[1] - ranked[0] > np.maximum(_GAP, widths * (most - ranked[1]))
    return (counts >= _PEERS) & ((above & (part == most)) | (below & (part == ranked[0])))


def _suspicious(matrix: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The columns whose least or greatest figure is far from the middle; the middle and what is far (as logarithms) of each."""
    import numpy as np

    # Transposed, each figure's values lie together; what does not count sorts to the end.
    ranked = np.where(matrix.T > 0, matrix.T, np.nan)
    ranked.sort(axis=1)
    counts = np.sum(~np.isnan(ranked), axis=1)
    enough = np.flatnonzero(counts >= _FEW)
    ranked, counts = ranked[enough], counts[enough]
    row = np.arange(len(enough))
    middle = (np.log10(ranked[row, (counts - 1) // 2]) + np.log10(ranked[row, counts // 2])) / 2
    least, most = np.log10(ranked[:, 0]), np.log10(ranked[row, counts - 1])
    limits = np.where(counts < _SOME, max(2.0, limit), limit)
    away = np.maximum(most - middle, middle - least) > 0.999 * np.where(counts < _PEERS, limits, _GAP)
    return enough[away], middle[away], limits[away]
