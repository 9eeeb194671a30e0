"""The units a target is followed in: before the mergers, between them, and since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from mttq_data.codelists import remembered
from mttq_data.comparison.territories import change_days, changes
from mttq_data.errors import MttqError
from mttq_data.places.area_codes import areas

LEVELS = ("province", "district", "commune")


@dataclass(frozen=True)
class Place:
    """A territory a target is followed in: its code, its name and the day it is meant on."""

    code: str
    name: str
    day: date

    @property
    def limit(self) -> date:
        """The last day the code stands for this territory."""
        return min((d for d in changes(self.code) if d > self.day), default=date.max) - timedelta(days=1)

    @property
    def since(self) -> date:
        """The first day the code stands for this territory."""
        return since(self.code, self.day)

    def units(self, level: str, day: date) -> list[str]:
        """Codes of the units of a level that make up the territory on a day."""
        return list(_units(self.code, self.day, level, day))

    def level(self, day: date) -> str:
        """The level of the unit on a day, or when it last stood; empty where it never did."""
        return _levels(min(day, self.limit)).get(self.code, "")

    def counts(self, day: date) -> dict[str, int]:
        """How many units of each level make up the territory on a day; itself counts for its own.

        Examples
        --------
        >>> bac_giang = Place("24", "Tỉnh Bắc Giang", date(2024, 12, 31))
        >>> bac_giang.counts(date(2024, 12, 31)), bac_giang.counts(date(2025, 12, 31))
        ({'district': 10, 'commune': 209, 'province': 1}, {'district': 0, 'commune': 58})
        """
        counts = {name: len(self.units(name, day)) for name in ("district", "commune")}
        mine = self.level(day)
        # A province that was merged has no committee of its own any more.
        if day <= self.limit and mine:
            counts[mine] = counts.get(mine, 0) + 1
        return counts


@remembered("areas")
def _levels(day: date) -> dict[str, str]:
    table = areas(on=day)
    return dict(zip(table["code"], table["level"], strict=True))


def since(code: str, day: date) -> date:
    """The day from which a code has had the territory it has on ``day``."""
    return max((d for d in changes(code) if d <= day), default=date.min)


def border_days(start: date, end: date) -> list[date]:
    """Days within a span on which units changed; each begins a new part of the span."""
    return [day for day in change_days() if start < day <= end]


@remembered("areas", "area_successors", most=4096)
def _units(code: str, meant: date, level: str, day: date) -> tuple[str, ...]:
    changed = [d for d in changes(code) if meant < d <= day]
    if not changed:
        return tuple(areas(on=day, level=level, parent=code)["code"])
    # After a merger the territory goes on in the successors of the communes it had the day before.
    before = areas(on=changed[0] - timedelta(days=1), level="commune", parent=code)
    after = sorted({new for text in before["successors"] for new in text.split()})
    standing = set(areas(on=day, level=level)["code"])
    return tuple(c for c in after if c in standing)


def places(area: str, level: str, meant: date, day: date) -> list[Place]:
    """The territories of one level below an area.

    Parameters
    ----------
    area : str
        Code of the area the targets were set for.
    level : {"province", "district", "commune"}
        ``province`` is the area itself.
    meant : date
        The day the code is meant on (the targets of Bắc Giang: before the merger).
    day : date
        The day whose units count. Districts end with June 2025; after that
        those of the last day are given.

    Returns
    -------
    list of Place

    Raises
    ------
    MttqError
        The level or the code is unknown.

    Examples
    --------
    >>> found = places("24", "commune", date(2024, 12, 31), date(2026, 6, 30))
    >>> len(found), found[0].name
    (58, 'Phường Bắc Giang')
    """
    if level not in LEVELS:
        raise MttqError(f"level={level!r}: choose province, district or commune")
    names = _names(meant)
    if area not in names:
        raise MttqError(f"no unit has code {area!r} on {meant}; see areas(on={str(meant)!r})")
    if level == "province":
        return [Place(area, names[area], meant)]
    own = Place(area, names[area], meant)
    found = own.units(level, day)
    if not found and level == "district":
        day = min(day, own.limit)
        found = own.units(level, day)
    called = _names(day)
    return [Place(code, called.get(code, code), day) for code in found]


@remembered("areas")
def _names(day: date) -> dict[str, str]:
    table = areas(on=day)
    return dict(zip(table["code"], table["full_name"], strict=True))
