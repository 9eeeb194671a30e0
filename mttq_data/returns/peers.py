"""Returns against the period before and the other units', some at a time, so that many take no more memory than few."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mttq_data.periods import previous_period
from mttq_data.returns.checks import Problem, number_text, one_cause, rules
from mttq_data.returns.frames import SOUND, Collected, Kind
from mttq_data.returns.plans import flow_indicators

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Key = tuple[str, str]
# So many pairs, and so many figures of all units, are looked at in one go.
_PAIRS, _FIGURES = 96, 60_000
# From so many units on they are compared; up to so many only what is a hundred times too much is told.
_FEW, _SOME = 4, 6
# From so many units on a figure alone is told, at least so far (as a logarithm) from the nearest.
_PEERS, _GAP = 5, 0.7


class Units:
    """The units of one form and period: where the figures of each stand in the collected columns."""

    def __init__(self, collected: Collected, period: str, tables: Iterable[int]) -> None:
        self.columns, self.period = collected.columns, period
        self.areas: list[str] = []
        self.starts: list[int] = []
        self.kinds: list[Kind] = []
        for n in tables:
            kind, area = collected.tables.kind[n], collected.tables.area[n]
            down = kind.shape.areas is not None
            for unit in (a for a in dict.fromkeys(kind.along("areas")) if a != area) if down else (area,):
                self.areas.append(unit)
                self.starts.append(collected.tables.start[n])
                self.kinds.append(kind)
        shapes = {id(kind.shape): kind.shape for kind in self.kinds}
        self.keys: list[Key] = list(dict.fromkeys(key for shape in shapes.values() for key in shape.keys.tolist()))

    def places(self, n: int) -> tuple[np.ndarray, list[Key]]:
        """Which observations of its table are a unit's, and what they are figures of."""
        import numpy as np

        kind = self.kinds[n]
        keys = kind.along("keys")
        if kind.shape.areas is None:
            return np.arange(len(keys)), keys.tolist()
        at = np.flatnonzero(kind.along("areas") == self.areas[n])
        return at, keys[at].tolist()

    def figures(self, some: Sequence[int], keys: Sequence[Key]) -> tuple[np.ndarray, np.ndarray]:
        """Values and factors of some units along keys, a row each; what is not sound is missing."""
        import numpy as np

        values = np.full((len(some), len(keys)), np.nan)
        factors = np.ones(values.shape)
        slots = {key: i for i, key in enumerate(keys)}
        alike: dict[tuple[int, str], list[int]] = defaultdict(list)
        for row, n in enumerate(some):
            kind = self.kinds[n]
            alike[id(kind), "" if kind.shape.areas is None else self.areas[n]].append(row)
        for rows in alike.values():
            first = some[rows[0]]
            at, said = self.places(first)
            wanted = np.array([i for i, key in enumerate(said) if key in slots], dtype=np.intp)
            to = np.ix_(rows, [slots[said[i]] for i in wanted])
            of = np.array([self.starts[some[row]] for row in rows])[:, None] + at[wanted]
            values[to] = np.where(self.columns["sound"][of], self.columns["value"][of], np.nan)
            factors[to] = self.kinds[first].along("factors")[at[wanted]]
        return values, factors

    def rows_of(self, n: int, wanted: Iterable[Key]) -> list[int]:
        """The rows of a unit's figures of some keys, in the collected columns."""
        at, keys = self.places(n)
        of = set(wanted)
        return [self.starts[n] + int(i) for i, key in zip(at, keys, strict=True) if key in of]

    def problem(self, n: int, key: Key, check: str, value: float, expected: float, why: str) -> Problem:
        """A problem at a unit's figure; the last one, where the table has it twice."""
        row = self.rows_of(n, [key])[-1]
        kind, at = self.kinds[n], row - self.starts[n]
        factor = float(kind.along("factors")[at])
        return Problem(
            check, self.columns["cell"][row], round(float(value) / factor, 6), round(float(expected) / factor, 6),
            kind.along("labels")[at], why, key[0], self.areas[n], self.period,
            self.columns["source"][row], self.columns["sha256"][row],
        )  # fmt: skip

    def certain(self, n: int, key: Key) -> bool:
        """Whether nothing in the unit's own table speaks against a figure."""
        return all(self.columns["status"][row] in SOUND for row in self.rows_of(n, [key]))

    def doubt(self, n: int, key: Key, check: str) -> None:
        """What a problem means for the figures it is about, and for those computed of them."""
        status, start = self.columns["status"], self.starts[n]
        for row in self.rows_of(n, {key, (key[0], "period")} if check == "cumulative_chain" else {key}):
            for at in (row - start, *self.kinds[n].fed(row - start)):
                if status[start + at] in SOUND:
                    status[start + at] = "suspect"


class Earlier:
    """The units of one form and period as observations from before tell them; these are not checked."""

    def __init__(self, observations: pd.DataFrame) -> None:
        self.areas: list[str] = []
        self.values: list[dict[Key, float]] = []
        for area, part in observations.groupby("area", sort=False):
            self.areas.append(str(area))
            keys = zip(part["indicator"], part["measure"], strict=True)
            self.values.append(dict(zip(keys, part["value"], strict=True)))

    def figures(self, some: Sequence[int], keys: Sequence[Key]) -> tuple[np.ndarray, np.ndarray]:
        """Values of some units along keys, a row each, in base units."""
        import numpy as np

        values = np.array([[self.values[n].get(key, np.nan) for key in keys] for n in some], dtype=float)
        return values, np.ones(values.shape)

    def certain(self, n: int, key: Key) -> bool:
        """What was taken over before is not asked about again."""
        return True


# A unit's figure that a check speaks against; without a problem where another one tells of it.
Found = tuple[Units, int, Key, str, Problem | None]


@dataclass(slots=True)
class Pair:
    """A unit now and in the period before."""

    now: int
    past: int
    before: Units | Earlier


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
    tables = collected.tables.by_period()
    if len(collected.tables.kind) == 1 and previous is None and collected.tables.kind[0].shape.areas is None:
        return []
    earlier = _usable(previous)
    found: list[Found] = []
    for (form, period), numbers in tables.items():
        units, before = Units(collected, period, numbers), previous_period(period)
        pasts: list[Units | Earlier] = []
        if (form, before) in earlier:
            pasts.append(Earlier(earlier[form, before]))
        if before and (form, before) in tables:
            pasts.append(Units(collected, before, tables[form, before]))
        found += _against_past(units, pasts)
        if len(units.areas) >= _FEW:
            found += _against_others(units)
    for units, n, key, check, _ in found:
        units.doubt(n, key, check)
    return [problem for *_, problem in found if problem is not None]


def _usable(previous: pd.DataFrame | None) -> dict[tuple[str, str], pd.DataFrame]:
    if previous is None:
        return {}
    sound = previous[previous["status"].isin(["ok", "repaired", "accepted"])]
    return {(str(key[0]), str(key[1])): part for key, part in sound.groupby(["form", "period"], sort=False)}


def _against_past(units: Units, pasts: list[Units | Earlier]) -> Iterator[Found]:
    """Figures against the same unit's of the period before; what was read now goes before what was known."""
    import numpy as np

    known = {area: (n, before) for before in pasts for n, area in enumerate(before.areas)}
    pairs = [Pair(n, *known[area]) for n, area in enumerate(units.areas) if area in known]
    if not pairs:
        return
    keys, limits, flows = units.keys, rules(), flow_indicators()
    # The plan of a year stays what it was, as a stock does.
    same_year = units.period[:4] == previous_period(units.period)[:4]
    flow = np.array([i in flows and m != "plan" for i, m in keys])
    compared = np.array([same_year if m == "plan" else not (i in flows and m == "cumulative") for i, m in keys])
    limit = np.where(flow, limits["previous_far"].limit, limits["stock_jump"].limit)
    links = list(_links(keys, flows))
    told: list[list[Found]] = [[] for _ in range(len(links) + 1)]
    for first in range(0, len(pairs), _PAIRS):
        block = pairs[first : first + _PAIRS]
        now, factors = units.figures([pair.now for pair in block], keys)
        past = _past(block, pasts, keys)
        with np.errstate(divide="ignore", invalid="ignore"):
            times = now / past
            far = compared & (now > 0) & (past > 0) & (np.maximum(now, past) >= 30 * factors)
            far &= (times > limit) | (times < 1 / limit)
        for p, i in _hits(far):
            check, why, n = "previous_far" if flow[i] else "stock_jump", _times(float(times[p, i])), block[p].now
            told[0].append((units, n, keys[i], check, units.problem(n, keys[i], check, now[p, i], past[p, i], why)))
        for link, broken in zip(links, told[1:], strict=True):
            broken += _broken(link, block, units, now, past, factors)
    yield from told[0]
    yield from _together([found for some in told[1:] for found in some], len(links))


def _together(broken: list[Found], links: int) -> Iterator[Found]:
    """What does not follow from before; where hardly a cumulative figure of a return does, one problem tells the cause."""
    rows = Counter(n for _, n, _, check, _ in broken if check == "cumulative_chain")
    told = set[int]()
    for units, n, key, check, problem in broken:
        alike = check == "cumulative_chain" and one_cause(rows[n], links)
        if alike and n not in told and problem is not None:
            problem.why = "; ".join(filter(None, (problem.why, f"{rows[n]} dòng như vậy, có thể ghi sai kỳ báo cáo")))
        yield units, n, key, check, None if alike and n in told else problem
        told |= {n} if alike else set()


def _past(pairs: list[Pair], pasts: list[Units | Earlier], keys: list[Key]) -> np.ndarray:
    """The figures of before, a row a pair."""
    import numpy as np

    values = np.full((len(pairs), len(keys)), np.nan)
    for before in pasts:
        rows = [row for row, pair in enumerate(pairs) if pair.before is before]
        if rows:
            values[rows], _ = before.figures([pairs[row].past for row in rows], keys)
    return values


def _broken(
    link: tuple[str, int, tuple[int, ...]], pairs: list[Pair], units: Units, now: np.ndarray, past: np.ndarray,
    factors: np.ndarray,
) -> Iterator[Found]:  # fmt: skip
    """Figures that do not follow from the period before as they should."""
    import numpy as np

    check, target, parts = link
    keys = units.keys
    expected = past[:, parts[0]] + (now[:, parts[1]] if len(parts) > 1 else 0.0)
    unit = factors[:, target]
    wrong = np.abs(expected - now[:, target]) > 0.051 * unit + 1e-9 * np.abs(expected)
    for p in map(int, np.flatnonzero(wrong)):
        pair = pairs[p]
        if check == "cumulative_chain" and units.period[:4] != previous_period(units.period)[:4]:
            continue
        own = all(units.certain(pair.now, keys[i]) for i in (target, *parts[1:]))
        if not own or not pair.before.certain(pair.past, keys[parts[0]]):
            continue
        terms = [past[p, parts[0]], *(now[p, i] for i in parts[1:])]
        why = " + ".join(number_text(float(t) / float(unit[p]), vi=True) for t in terms) if len(parts) > 1 else ""
        made = units.problem(pair.now, keys[target], check, now[p, target], expected[p], why)
        yield units, pair.now, keys[target], check, made


def _hits(mask: np.ndarray) -> Iterable[tuple[int, int]]:
    import numpy as np

    return zip(*(map(int, ends) for ends in np.nonzero(mask)), strict=True)


def _links(keys: Sequence[Key], flows: frozenset[str]) -> Iterable[tuple[str, int, tuple[int, ...]]]:
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


def _against_others(units: Units) -> Iterator[Found]:
    """Figures far from the other units': by factors, against the middle and the usual spread."""
    step = max(1, _FIGURES // len(units.areas))
    for first in range(0, len(units.keys), step):
        yield from _among(units, units.keys[first : first + step])


def _among(units: Units, keys: list[Key]) -> Iterator[Found]:
    import numpy as np

    matrix, factors = units.figures(range(len(units.areas)), keys)
    limit = math.log10(rules()["others_far"].limit)
    some, middle, limits = _suspicious(matrix, limit)
    if not len(some):
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(matrix[:, some] > 0, np.log10(matrix[:, some]), np.nan)
    spread = 1.4826 * np.nanmedian(np.abs(part - middle), axis=0)
    for m, j in _hits((np.abs(part - middle) > np.maximum(limits, 4 * spread)) | _alone(part)):
        i = int(some[j])
        others = np.delete(matrix[:, i], m)
        others = others[others > 0] / factors[m, i]
        value, mid = matrix[m, i] / factors[m, i], float(np.median(others))
        if max(value, mid) < 30:
            continue
        low, high = (number_text(float(f(others)), vi=True) for f in (np.min, np.max))
        why = f"{_times(value / mid)} mức giữa của {len(others)} đơn vị khác (từ {low} đến {high})"
        made = units.problem(m, keys[i], "others_far", matrix[m, i], mid * factors[m, i], why)
        yield units, m, keys[i], "others_far", made


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
