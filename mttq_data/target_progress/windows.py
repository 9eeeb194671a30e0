"""What was done within a span of days, by the figures that cover it, and what is missing of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# With fewer than two slots nothing shows how the pace varies; a fifth to either side is assumed.
PACE_MARGIN = 0.2


@dataclass(frozen=True)
class Piece:
    """One figure and the days it covers."""

    start: int
    end: int
    value: float
    low: float
    high: float
    agreed: bool = True

    @property
    def days(self) -> int:
        """Days covered, both ends counted."""
        return self.end - self.start + 1

    @property
    def rate(self) -> float:
        """Amount a day."""
        return self.value / self.days


@dataclass
class Amount:
    """A figure with its bounds, the last day it holds for and what was missing."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    end: int = 0
    rates: list[float] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether there is any figure."""
        return not (math.isnan(self.value) and math.isnan(self.low) and math.isnan(self.high))

    def noted(self, *notes: str) -> Amount:
        """The same amount with notes on how it was made."""
        self.notes = list(dict.fromkeys([*self.notes, *notes]))
        return self


def pieces(rows: pd.DataFrame, start: int, end: int) -> list[Piece]:
    """Figures that cover days of a span without overlap, the longest first chosen.

    A cumulative figure covers its year from 1 January. A figure that reaches
    beyond the span is left out: its part within is not known.
    """
    found: list[Piece] = []
    columns = ("start", "end", "value", "low", "high", "measure", "per", "years")
    for first, last, value, low, high, measure, per, years in zip(*(rows[c].tolist() for c in columns), strict=True):
        # "Each year" over a term tells what a year had, not what the term added up to.
        if math.isnan(last) or (per == "year" and years > 1):
            continue
        begin, finish = int(first), int(last)
        if measure == "cumulative":
            begin = date(date.fromordinal(finish).year, 1, 1).toordinal()
        point = value if not math.isnan(value) else low if not math.isnan(low) else high
        if begin >= start and finish <= end and not math.isnan(point):
            found.append(Piece(begin, finish, point, low, high))
    chosen: list[Piece] = []
    for piece in sorted(_of_one_span(found), key=lambda p: (-p.days, -p.end)):
        if all(piece.end < other.start or piece.start > other.end for other in chosen):
            chosen.append(piece)
    return sorted(chosen, key=lambda p: p.start)


def _of_one_span(found: list[Piece]) -> list[Piece]:
    """Figures of the same days that differ as one that spans them."""
    spans: dict[tuple[int, int], set[Piece]] = {}
    for piece in found:
        spans.setdefault((piece.start, piece.end), set()).add(piece)
    return [_spanning(*same) for same in spans.values()]


def _spanning(*same: Piece) -> Piece:
    first = same[0]
    if len({piece.value for piece in same}) == 1:
        return first
    lows, highs = ([getattr(piece, end) for piece in same] for end in ("low", "high"))
    low, high = (math.nan if any(map(math.isnan, ends)) else pick(ends) for ends, pick in ((lows, min), (highs, max)))
    return Piece(first.start, first.end, sum(piece.value for piece in same) / len(same), low, high, agreed=False)


def summed(by_area: dict[str, list[Piece]], expected: list[str], start: int, end: int) -> Amount:
    """Total of a flow over areas and days; what is missing widens it instead of lowering it.

    Days without a figure count with the area's own pace, or the mean pace of the
    others; the lower bound takes nothing for them, the upper bound the highest
    pace anyone had.
    """
    slots: dict[tuple[int, int], list[float]] = {}
    for area in expected:
        for piece in by_area.get(area, ()):
            slots.setdefault((piece.start, piece.end), []).append(piece.rate)
    if not slots:
        return Amount(units=list(expected))
    days = end - start + 1
    pace = {a: sum(p.value for p in found) / sum(p.days for p in found) for a, found in by_area.items() if found}
    usual, most = sum(pace.values()) / len(pace), max(0.0, *(r for found in slots.values() for r in found))
    # The pace of all units in each slot, as if those without a figure had gone like the others.
    rates = [len(expected) * sum(found) / len(found) for found in slots.values()]
    total = Amount(0.0, 0.0, 0.0, end, rates, units=list(expected))
    for area in expected:
        found = by_area.get(area, [])
        lacking = days - sum(piece.days for piece in found)
        total.value += sum(p.value for p in found) + lacking * pace.get(area, usual)
        total.low += sum(p.low if not math.isnan(p.low) else 0.0 for p in found)
        total.high += sum(p.high for p in found) + lacking * most
        if not all(p.agreed for p in found):
            total.noted("sources")
        if not found:
            total.missing.append(area)
        elif lacking:
            total.noted("gap")
    return total


def latest(rows: pd.DataFrame, start: int, end: int) -> Amount:
    """The last figure within a span; figures of one day that differ span both."""
    inside = rows[(rows["end"] >= start) & (rows["end"] <= end)]
    inside = inside[inside[["value", "low", "high"]].notna().any(axis=1)]
    if inside.empty:
        return Amount()
    last = inside[inside["end"] == inside["end"].max()]
    value = last["value"].iloc[-1] if last["value"].nunique(dropna=False) == 1 else math.nan
    low = last["low"].min() if last["low"].notna().all() else math.nan
    high = last["high"].max() if last["high"].notna().all() else math.nan
    amount = Amount(value, low, high, int(last["end"].iloc[0]))
    if math.isnan(value):
        amount.noted("sources")
        if math.isnan(low) and math.isnan(high):
            amount.low, amount.high = last["value"].min(), last["value"].max()
    return amount


def spread(shares: dict[str, Amount], expected: list[str]) -> Amount:
    """The joint share of areas of which only their own shares are known: between the least and the most."""
    known = {a: s for a, s in shares.items() if a in expected and s.known}
    if not known:
        return Amount(units=list(expected))
    lows = [s.low if not math.isnan(s.low) else 0.0 for s in known.values()]
    highs = [s.high if not math.isnan(s.high) else 100.0 for s in known.values()]
    low, high, missing = min(lows), max(highs), [a for a in expected if a not in known]
    if missing:
        low, high = 0.0, 100.0
    value = low if low == high else math.nan
    amount = Amount(value, low, high, max(s.end for s in known.values()), missing=missing, units=list(expected))
    return amount if low == high else amount.noted("spread")


def counted(stocks: dict[str, Amount], expected: list[str]) -> Amount:
    """The sum of stocks; a missing area may have as many as the largest."""
    known = {a: s for a, s in stocks.items() if a in expected and s.known}
    if not known:
        return Amount(units=list(expected))
    missing = [a for a in expected if a not in known]
    values = [s.value if not math.isnan(s.value) else s.low for s in known.values()]
    low = sum(s.low if not math.isnan(s.low) else 0.0 for s in known.values())
    high = sum(s.high for s in known.values()) + len(missing) * max(values)
    value = sum(values) * (1 + len(missing) / len(known))
    return Amount(value, low, high, max(s.end for s in known.values()), missing=missing, units=list(expected))


def joined(amounts: list[Amount], days: list[int]) -> Amount:
    """Flows of spans that follow each other, as one; a span without figures goes on at the pace of the others."""
    known = [(a, d) for a, d in zip(amounts, days, strict=True) if a.known]
    if not known:
        return amounts[0] if amounts else Amount()
    total = Amount(0.0, 0.0, 0.0, max(a.end for a, _ in known))
    for amount, _ in known:
        total.value, total.low, total.high = (
            total.value + amount.value,
            total.low + amount.low,
            total.high + amount.high,
        )
        total.rates += amount.rates
        total.missing = list(dict.fromkeys([*total.missing, *amount.missing]))
        total.units = list(dict.fromkeys([*total.units, *amount.units]))
        total.noted(*amount.notes)
    lacking = sum(days) - sum(d for _, d in known)
    if lacking:
        total.value += lacking * total.value / sum(d for _, d in known)
        total.high += lacking * max(a.high / d for a, d in known)
        total.noted("gap")
    return total


def projected(amount: Amount, days_left: int) -> tuple[float, float, float]:
    """Where a flow ends at its pace so far, between its slowest and its fastest slot."""
    if not amount.known or not amount.rates:
        return math.nan, math.nan, math.nan
    mean = sum(amount.rates) / len(amount.rates)
    slow, fast = min(amount.rates), max(amount.rates)
    if len(amount.rates) < 2:
        slow, fast = mean * (1 - PACE_MARGIN), mean * (1 + PACE_MARGIN)
    return amount.value + days_left * mean, amount.low + days_left * slow, amount.high + days_left * fast
