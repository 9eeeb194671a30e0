"""Which figure a target is held against: the area's own, or that of its units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from mttq_data.comparison.derived import rules
from mttq_data.target_progress.areas import Place, border_days, since
from mttq_data.target_progress.windows import Amount, Piece, counted, joined, latest, pieces, spread, summed

if TYPE_CHECKING:
    import pandas as pd

_CHILDREN = ("district", "commune")


def _days(start: date, end: date) -> int:
    return end.toordinal() - start.toordinal() + 1


class Figures:
    """Observations by indicator, and the amounts they give for a place and a span."""

    def __init__(self, observed: pd.DataFrame) -> None:
        settled = observed[(observed["notes"] != "suspect") & (observed["klass"] != "target")]
        self.by_indicator = {str(name): rows for name, rows in settled.groupby("indicator", sort=False)}
        self.nature = dict(zip(settled["indicator"], settled["nature"], strict=True))
        doubtful = observed[observed["notes"] == "suspect"]
        self.suspect = set(zip(doubtful["indicator"], doubtful["area"], strict=True))
        self.by_day: dict[str, list[int]] = {}
        self.by_area: dict[str, dict[str, pd.DataFrame]] = {}
        ends = settled["end"].dropna()
        self.last = date.fromordinal(int(ends.max())) if len(ends) else None
        self.ratios = {
            row["indicator"]: [p.strip() for p in row["parts"].split("|")] for row in rules() if row["how"] == "ratio"
        }
        self.sums = {
            row["indicator"]: [p.strip() for p in row["parts"].split("|")] for row in rules() if row["how"] == "sum"
        }

    def rows(self, indicator: str, area: str) -> pd.DataFrame | None:
        """Rows of an indicator in one area."""
        if indicator not in self.by_area:
            rows = self.by_indicator.get(indicator)
            grouped = () if rows is None else rows.groupby("area", sort=False)
            self.by_area[indicator] = {str(code): part for code, part in grouped}
        return self.by_area[indicator].get(area)

    def own(self, indicator: str, place: Place) -> pd.DataFrame | None:
        """Rows of the place itself: of its code as long as that stands for it, of its name, of no area."""
        import pandas as pd

        coded = self.rows(indicator, place.code)
        first, last = place.since.toordinal(), place.limit.toordinal()
        found = [] if coded is None else [coded[~(coded["end"] > last) & ~(coded["end"] < first)]]
        if len(place.code) == 2:
            called = (self.rows(indicator, name) for name in ("", place.name.removeprefix("Tỉnh ")))
            found += [rows for rows in called if rows is not None]
        return pd.concat(found) if len(found) > 1 else found[0] if found else None

    def beyond(self, indicator: str, place: Place, end: date) -> bool:
        """Whether the only figures of the code are of the territory it stands for since a merger."""
        rows = self.rows(indicator, place.code)
        return rows is not None and bool(
            ((rows["end"] > place.limit.toordinal()) & (rows["end"] <= end.toordinal())).any()
        )

    def flow(self, indicator: str, place: Place, start: date, end: date) -> Amount:
        """What was done from ``start`` to ``end``."""
        if indicator not in self.by_indicator and indicator in self.sums:
            return self._sum(self.sums[indicator], place, start, end)
        limit = min(end, place.limit)
        after = max(start, limit + timedelta(days=1)) if end > limit else end
        whole = self._own_flow(indicator, place, start, end)
        if end <= limit or whole.known:
            return self._best(indicator, place, start, end)
        later = self._children(indicator, place, after, end)[0]
        if start > limit:
            return later
        return joined([self._best(indicator, place, start, limit), later], [_days(start, limit), _days(after, end)])

    def _sum(self, names: Sequence[str], place: Place, start: date, end: date) -> Amount:
        amounts = [self.flow(name, place, start, end) for name in names]
        known = [a for a in amounts if a.known]
        if len(known) < len(amounts):
            # Of a sum only a part is known: that much at least.
            low = sum(a.low for a in known)
            return Amount(math.nan, low, math.nan, max(a.end for a in known)).noted("part") if known else Amount()
        value, low, high = (sum(getattr(a, c) for a in amounts) for c in ("value", "low", "high"))
        total = Amount(value, low, high, min(a.end for a in amounts))
        total.rates = [sum(r) for r in zip(*(a.rates for a in amounts), strict=False)]
        total.missing = list(dict.fromkeys(code for a in amounts for code in a.missing))
        total.units = list(dict.fromkeys(code for a in amounts for code in a.units))
        return total.noted(*(n for a in amounts for n in a.notes))

    def _own_flow(self, indicator: str, place: Place, start: date, end: date) -> Amount:
        rows = self.own(indicator, place)
        found = pieces(rows, start.toordinal(), end.toordinal()) if rows is not None else []
        if end > place.limit and not any(p.end > place.limit.toordinal() for p in found):
            return Amount()
        return summed({place.code: found}, [place.code], start.toordinal(), end.toordinal())

    def _best(self, indicator: str, place: Place, start: date, end: date) -> Amount:
        rows = self.own(indicator, place)
        found = pieces(rows, start.toordinal(), end.toordinal()) if rows is not None else []
        own = self._own_flow(indicator, place, start, end)
        below, covered = self._children(indicator, place, start, end)
        mine = sum(p.days for p in found) / _days(start, end)
        return own if own.known and (not below.known or mine >= covered) else below

    def _children(self, indicator: str, place: Place, start: date, end: date) -> tuple[Amount, float]:
        """What the units below did, and how much of the units' days their figures cover."""
        cuts = [start.toordinal(), *(d.toordinal() for d in border_days(start, end)), end.toordinal() + 1]
        parts = [(*self._segment(indicator, place, begin, stop - 1), stop - begin) for begin, stop in pairwise(cuts)]
        covered = sum(share * days for _, share, days in parts) / _days(start, end)
        return joined([amount for amount, _, _ in parts], [days for _, _, days in parts]), covered

    def _segment(self, indicator: str, place: Place, begin: int, finish: int) -> tuple[Amount, float]:
        best: tuple[Amount, float] = (Amount(), 0.0)
        for level in _CHILDREN:
            units = place.units(level, date.fromordinal(finish))
            if not units or units == [place.code]:
                continue
            found = self._found(indicator, units, begin, finish)
            covered = sum(p.days for ps in found.values() for p in ps) / (len(units) * (finish - begin + 1))
            if covered > best[1]:
                best = summed(found, units, begin, finish), covered
        return best

    def _found(self, indicator: str, units: list[str], begin: int, finish: int) -> dict[str, list[Piece]]:
        found = {}
        for unit in units:
            rows = self.rows(indicator, unit)
            if rows is not None:
                found[unit] = pieces(rows, begin, finish)
        return found

    def level(self, indicator: str, place: Place, start: date, end: date, *, stock: bool = False) -> Amount:
        """The last state of a share, a rank or a stock between two days."""
        rows = self.own(indicator, place)
        own = latest(rows, start.toordinal(), end.toordinal()) if rows is not None else Amount()
        below = self._states(indicator, place, start, end, stock)
        parts = self._ratio(indicator, place, start, end)
        candidates = [a for a in (parts, own, below) if a.known]
        return max(candidates, key=lambda a: a.end) if candidates else Amount()

    def _states(self, indicator: str, place: Place, start: date, end: date, stock: bool) -> Amount:
        for level in _CHILDREN:
            # Shares cannot be joined across a merger, so the units of the last day count.
            units = place.units(level, end)
            states = {}
            for unit in units:
                rows = self.rows(indicator, unit)
                if rows is not None and unit != place.code:
                    states[unit] = latest(rows, max(start, since(unit, end)).toordinal(), end.toordinal())
            if any(s.known for s in states.values()):
                return counted(states, units) if stock else spread(states, units)
        return Amount()

    def _ratio(self, indicator: str, place: Place, start: date, end: date) -> Amount:
        """A share as ratio of sums where its parts are there."""
        names = self.ratios.get(indicator)
        if not names or not all(n in self.by_indicator for n in names):
            return Amount()
        begin = date(end.year, 1, 1)
        above, below = (
            self.flow(n, place, begin, end)
            if self.nature[n] == "flow"
            else self.level(n, place, start, end, stock=True)
            for n in names
        )
        if not (above.known and below.known) or not below.value > 0:
            return Amount()
        top = min(100.0, 100 * above.high / below.low) if below.low > 0 else 100.0
        middle, low = min(100.0, 100 * above.value / below.value), min(100.0, 100 * above.low / below.high)
        amount = Amount(middle, low, top, below.end)
        amount.missing, amount.units = above.missing or below.missing, above.units or below.units
        return amount.noted(*above.notes)

    def before(self, indicator: str, place: Place, start: date) -> float:
        """The last state before a day: where a target starts from."""
        rows = self.own(indicator, place)
        if rows is None:
            return math.nan
        amount = latest(rows, date(start.year - 10, 1, 1).toordinal(), start.toordinal() - 1)
        return amount.value if amount.known else math.nan

    def years(self, indicator: str, place: Place, start: date, end: date) -> list[int]:
        """Years of a span in which the place or its units have a figure, the latest last."""
        inside = (d for d in self.days(indicator) if start.toordinal() <= d <= end.toordinal())
        return sorted({date.fromordinal(d).year for d in inside})

    def days(self, indicator: str) -> list[int]:
        """The days figures of an indicator, or of what it is made of, reach; in order."""
        if indicator not in self.by_day:
            names = [indicator, *self.sums.get(indicator, ()), *self.ratios.get(indicator, ())]
            ends = [self.by_indicator[n]["end"].dropna().unique() for n in names if n in self.by_indicator]
            self.by_day[indicator] = sorted({int(day) for found in ends for day in found})
        return self.by_day[indicator]
