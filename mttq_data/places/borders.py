"""Which units of one date lie in which units of another: what a series across a merger rests on.

The smallest units on the earlier of two dates are followed to the later one
(``area_successors.csv``). A unit that reports lies whole in an area where all of
its smallest units do; otherwise it crosses the area's borders, and only an
estimate by shares can divide its figures.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mttq_data.codelists import keyed, read_codelist, remembered
from mttq_data.errors import MttqError
from mttq_data.periods import last_day
from mttq_data.places import area_codes
from mttq_data.places.area_codes import LEVELS

Groups = tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
GROUP = "group"
_UNKNOWN = "?"
_LISTS = ("areas", "area_successors", "area_groups")


@dataclass(frozen=True)
class Goal:
    """The areas of a total: a level, codes or groups; with the borders of ``on`` ("": each period's own)."""

    level: str = ""
    codes: tuple[str, ...] = ()
    groups: Groups = ()
    on: str = ""


@dataclass
class Cover:
    """How the reporting units of one day cover the areas asked for.

    Attributes
    ----------
    borders : str
        The day on which the areas have the borders that count.
    shares : dict
        Of each reporting unit: area and the share of the unit that lies in it,
        "" for what lies in none. One area is a unit that lies whole in it.
    open : dict
        Areas of which the table knows no reporting unit for a part: how many
        of their smallest units.
    names, unit_names : dict
        Names of areas and of reporting units: one code may be both, for other territory.
    lost : set
        Reporting units of which it is not known who took their territory.
    """

    borders: str
    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    unit_names: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def units_of(self, area: str) -> list[str]:
        """Codes of the reporting units that touch an area."""
        return [unit for unit, shares in self.shares.items() if area in shares]


def groups() -> Groups:
    """The groups of areas in ``area_groups.csv``: name, types of unit and codes they hold."""
    rows = read_codelist("area_groups", key=["group"], required=["name_vi", "types", "areas"])
    return tuple((r["group"], tuple(filter(None, r["types"].split("|"))), tuple(r["areas"].split())) for r in rows)


def group_name(group: str, lang: str = "vi") -> str:
    """Name of a group of areas; the id where the list has none."""
    return keyed("area_groups", "group").get(group, {}).get(f"name_{lang}", "") or group


def cover(goal: Goal, unit_level: str, when: str | date) -> Cover:
    """How the units of ``unit_level`` on a day (of a period: its last) cover the areas of ``goal``.

    Raises
    ------
    MttqError
        No unit of the level, or none of the areas, exists on the day.

    Examples
    --------
    >>> made = cover(Goal("district"), "commune", "2025-Q3")
    >>> made.borders, sorted(made.shares["07228"])
    ('2025-06-30', ['213', '216'])
    """
    return _cover(goal, unit_level, same_borders(last_day(when).isoformat()))


def level_exists(level: str, day: str) -> bool:
    """Whether any unit of the level stands on the day."""
    return _level_exists(level, same_borders(day))


def same_borders(day: str) -> str:
    """The day that stands for all days with the same units: the last of them, or the first where they still stand.

    Examples
    --------
    >>> same_borders("2024-03-31"), same_borders("2025-09-30")
    ('2024-12-31', '2025-07-01')
    """
    changes = _changes()
    at = bisect_right(changes, day)
    if at < len(changes):
        return date.fromordinal(date.fromisoformat(changes[at]).toordinal() - 1).isoformat()
    return changes[-1] if changes else day


@remembered(*_LISTS)
def _changes() -> list[str]:
    register = area_codes._register()
    return sorted({a.valid_from for a in register.areas} | {row["date"] for row in register.links})


@remembered(*_LISTS, most=256)
def _level_exists(level: str, day: str) -> bool:
    return any(a.level == level and a.valid(day) for a in area_codes._register().areas)


@remembered(*_LISTS, most=256)
def _cover(goal: Goal, unit_level: str, day: str) -> Cover:
    borders = goal.on or _day_of_borders(goal, day)
    found = Cover(borders)
    counts: dict[str, dict[str, float]] = {}
    for unit, area, part in _pieces(goal, unit_level, day, borders):
        if not unit:
            if area:
                found.open[area] = found.open.get(area, 0) + 1
            continue
        if area == _UNKNOWN:
            found.lost.add(unit)
            continue
        shares = counts.setdefault(unit, {})
        shares[area] = shares.get(area, 0.0) + part
    for unit, shares in counts.items():
        whole = sum(shares.values())
        if any(shares):
            found.shares[unit] = {area: part / whole for area, part in sorted(shares.items())}
    found.lost -= found.shares.keys()
    areas = {area for shares in found.shares.values() for area in shares if area}
    found.names, found.unit_names = _names(areas, borders), _names(set(found.shares), day)
    if not areas:
        said = goal.level or " ".join(goal.codes)
        raise MttqError(f"no {unit_level} of {day} lies in {said} as of {borders}; see areas(on={borders!r})")
    return found


def _day_of_borders(goal: Goal, day: str) -> str:
    """The day itself, or the last on which the level, or all the codes, still stood."""
    register = area_codes._register()
    if goal.level in LEVELS:
        rows = [a for a in register.areas if a.level == goal.level]
        sets = [rows]
    else:
        codes = goal.codes or tuple(c for _, _, members in goal.groups for c in members)
        sets = [register.by_code.get(code, []) for code in codes]
    borders = day
    for rows in sets:
        ended = [a.valid_to for a in rows if a.valid_to]
        if not any(a.valid(borders) for a in rows) and ended:
            borders = min(borders, max(ended))
    return borders


def _names(codes: set[str], day: str) -> dict[str, str]:
    units = {code: area_codes._register().at(code, day) for code in codes}
    return {code: unit.full_name if unit else group_name(code) for code, unit in units.items()}


def _pieces(goal: Goal, unit_level: str, day: str, borders: str) -> Iterator[tuple[str, str, float]]:
    """Of every smallest piece of territory: reporting unit, area, size; "" where there is none, ? where it is not known."""
    register = area_codes._register()
    early, late = min(day, borders), max(day, borders)
    for leaf, places in area_codes._trace(register, early, late).items():
        at_early = _chain(register, leaf, early)
        ends = [_chain(register, place, late) for place in places if place]
        if not ends and len(at_early) > 1:
            # Which commune took it is not known; that it stayed in its district is.
            ends = list(filter(None, [_chain(register, at_early[1].code, late)]))
        if not ends and day == early and goal.level:
            yield _at(at_early, unit_level), _UNKNOWN, 1.0
        for at_late in ends:
            unit = _at(at_early if day == early else at_late, unit_level)
            area = _area(goal, at_early if borders == early else at_late)
            if unit or "" not in places:
                yield unit, area or (_UNKNOWN if goal.level and "" in places else ""), 1 / len(ends)


def _chain(register: area_codes._Register, code: str, day: str) -> list[area_codes.Area]:
    unit = register.at(code, day)
    return [unit, *register.ancestors(unit, day)] if unit else []


def _at(chain: Sequence[area_codes.Area], level: str) -> str:
    return next((a.code for a in chain if a.level == level), "")


def _area(goal: Goal, chain: Sequence[area_codes.Area]) -> str:
    if goal.groups:
        for name, types, codes in goal.groups:
            # The largest unit below the province decides: a thị trấn belongs to its huyện's group.
            top = next((a for a in reversed(chain) if a.level != "province"), None)
            if any(a.code in codes for a in chain) or (top is not None and top.type in types):
                return name
        return ""
    if goal.codes:
        return next((a.code for a in chain if a.code in goal.codes), "")
    return _at(chain, goal.level)


def goal_for(to: str | Sequence[str] | Mapping[str, Sequence[str]], on: str | date | None) -> Goal:
    """What a caller asks for, as a `Goal`.

    Parameters
    ----------
    to : str, sequence of str or mapping
        A level, ``group``, codes of areas, or names of groups with their codes.
    on : str or date, optional
        The day whose borders count.
    """
    day = last_day(on).isoformat() if on is not None else ""
    named = {str(n): tuple(map(str, codes)) for n, codes in to.items()} if isinstance(to, Mapping) else {}
    words = (to,) if isinstance(to, str) else tuple(to)
    if words == (GROUP,):
        return Goal(groups=groups(), on=day)
    if len(words) == 1 and words[0] in LEVELS:
        return Goal(str(words[0]), on=day)
    codes = [c for members in named.values() for c in members] if isinstance(to, Mapping) else words
    unknown = [c for c in codes if c not in area_codes._register().by_code]
    if unknown or not codes:
        raise MttqError(f"to={to!r}: use {', '.join(LEVELS)}, group, or codes of areas; {unknown} is no code")
    return Goal(groups=tuple((n, (), members) for n, members in named.items()), codes=() if named else words, on=day)


def changed_meaning(code: str, days: Sequence[str]) -> bool:
    """Whether a code stands for different territory on some of the days.

    Examples
    --------
    >>> changed_meaning("219", ["2024-12-31", "2025-06-30"]), changed_meaning("222", ["2023-12-31", "2024-12-31"])
    (True, False)
    """
    register = area_codes._register()
    day, *later = sorted(set(days))
    for after in later:
        before = register.at(code, day)
        if before is not None and register.unchanged(before, after) != register.at(code, after):
            return True
    return False
