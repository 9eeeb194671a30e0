"""What a total should rest on: the units that owe a figure for an area and a period."""

from __future__ import annotations

from dataclasses import dataclass, field

from mttq_data.periods import Period, parse_period
from mttq_data.places.area_codes import LEVELS
from mttq_data.places.borders import Cover, Goal, cover, level_exists
from mttq_data.totals.timespans import BEGIN, END, TO_DATE, parts_of, span_of

_LENGTHS = ("month", "quarter", "half", "year")


@dataclass
class Basis:
    """The units one total is expected to rest on.

    Attributes
    ----------
    units : list of str
        Codes, sorted.
    crossing : dict
        Codes and names of those that lie across the area's borders.
    open : int
        How many pieces of the area have no unit in the codelist.
    borders, name : str
        Day of the borders, name of the area.
    """

    units: list[str] = field(default_factory=list)
    crossing: dict[str, str] = field(default_factory=dict)
    open: int = 0
    borders: str = ""
    name: str = ""


class Bases:
    """The bases of all totals of one call.

    Parameters
    ----------
    goal : Goal or None
        The areas asked for; None means the reporting units themselves.
    word : str
        The span asked for, "" for none.
    on : str
        Day of the borders where ``goal`` is None.
    spans : list of Period
        The periods that occur.
    """

    def __init__(self, goal: Goal | None, word: str, on: str, spans: list[Period]) -> None:
        self.goal, self.word, self.on, self.spans = goal, word, on, spans
        self._covers: dict[tuple[str, int], Cover] = {}
        self._made: dict[tuple[str, str, int, int], Basis] = {}
        self._ranks: dict[tuple[int, str], int] = {}

    def cover(self, period: str, rank: int) -> Cover:
        """How the units of the level at ``rank`` cover the areas in a period."""
        if (period, rank) not in self._covers:
            goal = self.goal or Goal(LEVELS[rank], on=self.on)
            self._covers[period, rank] = cover(goal, LEVELS[rank], parse_period(period).end)
        return self._covers[period, rank]

    def of(self, area: str, period: str, rank: int, when: int) -> Basis:
        """The basis of a total; ``when`` says which parts of a span count (see `timespans.timing`)."""
        key = (area, period, rank, when)
        if key not in self._made:
            self._made[key] = self._basis(*key)
        return self._made[key]

    def _basis(self, area: str, period: str, rank: int, when: int) -> Basis:
        made, units = Basis(), set[str]()
        parts = self._parts(period)
        for part in parts[-1:] if when == END else parts[:1] if when == BEGIN else parts:
            covers = self.cover(part, self.standing(rank, part))
            mine = covers.units_of(area)
            units.update(mine)
            made.crossing |= {u: covers.unit_names[u] for u in mine if len(covers.shares[u]) > 1}
            made.open = max(made.open, covers.open.get(area, 0))
            made.borders, made.name = covers.borders, covers.names.get(area, made.name)
        made.units = sorted(units)
        return made

    def reports(self, area: str, period: str, rank: int) -> bool:
        """Whether an area is one of the units that report in a period."""
        return area in self.cover(period, self.standing(rank, period)).shares

    def standing(self, rank: int, period: str) -> int:
        """The level itself where it stands in the period, else the next lower one that does."""
        if (rank, period) not in self._ranks:
            day = parse_period(period).end.isoformat()
            lower = (r for r in range(rank, len(LEVELS)) if level_exists(LEVELS[r], day))
            self._ranks[rank, period] = next(lower, rank)
        return self._ranks[rank, period]

    def _parts(self, period: str) -> list[str]:
        if not self.word:
            return [period]
        if self.word == TO_DATE:
            return parts_of(period, parse_period(period).kind, self.word)
        kinds = {p.kind for p in self.spans if p.kind in _LENGTHS and span_of(p, self.word) == period}
        return parts_of(period, min(kinds, key=_LENGTHS.index), self.word)
