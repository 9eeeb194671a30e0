"""Provinces, districts and communes on any date, and finding them by the names people write.

Three codelists, each extended by the office's file of the same name in
``data/codes/`` (another province is another such file):

- ``areas.csv``: one row a unit and span of days in which its code, type, name,
  parent and, where known, its territory stayed the same.
- ``area_successors.csv``: one row for each old unit and each unit that took its
  territory on a date. ``goes`` says whether the whole old unit or a part went
  there; ``makes`` whether the new unit consists of that alone or got more from
  elsewhere. ``goes`` is ``unknown`` where the receiving commune is not known.

For a reader of returns: resolve what a sheet says with
``find_area(text, on=period, parent=...)``; it returns an `Area` or raises an
`MttqError` that names the candidates. Codes are re-used over time, so a code
means a territory only together with a date.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from mttq_data.codelists import Row, read_codelist, remembered
from mttq_data.errors import MttqError
from mttq_data.periods import last_day
from mttq_data.places.area_names import TYPES, Key, Reading, key_of, readings

if TYPE_CHECKING:
    import pandas as pd

LEVELS = ("province", "district", "commune")
COLUMNS = ("code", "level", "type", "name", "parent", "valid_from", "valid_to")


@dataclass(frozen=True)
class Area:
    """One unit between two dates; ``valid_to`` is "" while it stands."""

    code: str
    level: str
    type: str
    name: str
    parent: str
    valid_from: str
    valid_to: str

    @property
    def full_name(self) -> str:
        """Type and name, as in "Huyện Lục Nam"."""
        return f"{self.type} {self.name}"

    def valid(self, on: str | date) -> bool:
        """Whether the unit stood on the date, or on the last day of the period."""
        day = last_day(on).isoformat()
        return self.valid_from <= day and (not self.valid_to or day <= self.valid_to)


class _Register:
    """All units, indexed; made once for each state of the codelists."""

    def __init__(self, rows: list[Row], links: list[Row]) -> None:
        self.areas = tuple(Area(**{c: row[c] for c in COLUMNS}) for row in rows)
        self.links = tuple(links)
        self.by_code: dict[str, list[Area]] = {}
        self.by_key: dict[str, list[tuple[Key, Area]]] = {}
        for area, row in zip(self.areas, rows, strict=True):
            if area.level not in LEVELS:
                raise MttqError(f"areas.csv: {area.code} has level {area.level!r}; use one of {', '.join(LEVELS)}")
            self.by_code.setdefault(area.code, []).append(area)
            for name in (area.name, *filter(None, row.get("aliases", "").split("|"))):
                key = key_of(name)
                self.by_key.setdefault(key.bare, []).append((key, area))
        self.whole_steps: dict[str, list[Row]] = {}
        for row in links:
            last_day(row["date"])
            if row["goes"] == row["makes"] == "whole":
                self.whole_steps.setdefault(row["date"], []).append(row)

    def namesakes(self, ways: tuple[Reading, ...]) -> list[Area]:
        """The units of any date that bear a name, whatever type stands before it."""
        return list(dict.fromkeys(u for way in ways for _, u in self.by_key.get(way.key.bare, ())))

    def at(self, code: str, day: str) -> Area | None:
        return next((a for a in self.by_code.get(code, ()) if a.valid(day)), None)

    def ancestors(self, area: Area, day: str) -> Iterator[Area]:
        seen = {area.code}
        parent = self.at(area.parent, day)
        while parent and parent.code not in seen:
            seen.add(parent.code)
            yield parent
            parent = self.at(parent.parent, day)

    def unchanged(self, area: Area, day: str) -> Area | None:
        """The unit that stands for exactly ``area``'s territory on ``day``, if one does."""
        seen: Area | None = area
        while seen and not seen.valid(day):
            forward = bool(seen.valid_to) and seen.valid_to < day
            edge = _next_day(seen.valid_to) if forward else seen.valid_from
            mine, other = ("old_code", "new_code") if forward else ("new_code", "old_code")
            step = next((r for r in self.whole_steps.get(edge, ()) if r[mine] == seen.code), None)
            seen = self.at(step[other], edge if forward else _day_before(edge)) if step else None
        return seen


def _next_day(day: str) -> str:
    return date.fromordinal(date.fromisoformat(day).toordinal() + 1).isoformat()


def _day_before(day: str) -> str:
    return date.fromordinal(date.fromisoformat(day).toordinal() - 1).isoformat()


@remembered("areas", "area_successors")
def _register() -> _Register:
    rows = read_codelist("areas", key=["code", "valid_from"], required=COLUMNS)
    links = read_codelist(
        "area_successors", key=["date", "old_code", "new_code"], required=["goes", "makes", "old_name", "new_name"]
    )
    return _Register(rows, links)


def areas(on: str | date | None = "2024-12-31", *, level: str | None = None, parent: str | None = None) -> pd.DataFrame:
    """The units on a date, one row a unit, provinces first.

    Parameters
    ----------
    on : str or date or None
        A day, or a period, of which the last day counts. None gives the rows of
        all dates.
    level : str, optional
        ``province``, ``district`` or ``commune``.
    parent : str, optional
        Code of the unit the rows must lie in, directly or not.

    Returns
    -------
    DataFrame
        ``code, level, type, name, parent, valid_from, valid_to`` (text; an empty
        ``valid_to`` means still standing), ``full_name`` and ``successors``: the
        codes its territory went to when the row ended, separated by spaces.

    Raises
    ------
    MttqError
        ``on`` is neither a day nor a period, or a codelist is broken.

    Examples
    --------
    >>> len(areas(on="2024-12-31", level="district")), len(areas(on="2025-Q3", level="commune"))
    (10, 99)
    """
    import pandas as pd

    register = _register()
    day = None if on is None else last_day(on).isoformat()
    chosen = [
        a
        for a in register.areas
        if (day is None or a.valid(day))
        and (level is None or a.level == level)
        and (parent is None or any(p.code == parent for p in register.ancestors(a, day or a.valid_from)))
    ]
    after: dict[tuple[str, str], list[str]] = {}
    for row in register.links:
        if row["new_code"]:
            after.setdefault((row["old_code"], _day_before(row["date"])), []).append(row["new_code"])
    frame = pd.DataFrame([{c: getattr(a, c) for c in COLUMNS} for a in chosen], columns=list(COLUMNS))
    frame["full_name"] = [a.full_name for a in chosen]
    frame["successors"] = [" ".join(after.get((a.code, a.valid_to), [])) for a in chosen]
    return frame


def successors(code: str, *, on: str | date = "2024-12-31", to: str | date = "2025-12-31") -> pd.DataFrame:
    """Where the territory of a unit went between two dates.

    Parameters
    ----------
    code : str
        Code of a unit valid on ``on``.
    on, to : str or date
        Days, or periods, of which the last day counts.

    Returns
    -------
    DataFrame
        One row a unit on ``to``: ``code, full_name``, ``goes`` (``whole`` or
        ``part``: how much of the old unit went there), ``makes`` (``whole`` when
        the new unit lies within the old one, ``part`` when it got more from
        elsewhere). A row without a code stands for a commune whose receiver is
        unknown. A unit that did not change is its own successor, whole and whole.

    Examples
    --------
    >>> successors("221", to="2025-01-01")[["code", "goes", "makes"]].values.tolist()
    [['213', 'whole', 'part']]
    >>> crossing = successors("216", on="2025-Q2").query("makes == 'part'")
    >>> crossing["full_name"].tolist()
    ['Phường Đa Mai']
    """
    import pandas as pd

    register = _register()
    start, end = last_day(on).isoformat(), last_day(to).isoformat()
    unit = register.at(code, start)
    if unit is None:
        raise MttqError(f"no unit has code {code!r} on {start}; see areas(on={start!r})")
    lies_in = _trace(register, start, end)
    inside = {c for c in lies_in if c == code or _within(register, c, code, start)}
    fed: dict[str, set[str]] = {}
    for leaf, places in lies_in.items():
        for place in places:
            fed.setdefault(_at_level(register, place, unit.level, end), set()).add(leaf)
    known = {c for c in inside if "" not in lies_in[c]} or inside
    rows = []
    for new in sorted(n for n in fed if fed[n] & known):
        alone = all(len(lies_in[c]) == 1 for c in fed[new] & known)
        goes = "unknown" if not new else "whole" if alone and known <= fed[new] else "part"
        target = register.at(new, end)
        makes = "" if not new else "whole" if fed[new] <= inside else "part"
        rows.append({"code": new, "full_name": target.full_name if target else "", "goes": goes, "makes": makes})
    return pd.DataFrame(rows, columns=["code", "full_name", "goes", "makes"])


def _trace(register: _Register, start: str, end: str) -> dict[str, set[str]]:
    """For every smallest unit on ``start``: the codes its territory has on ``end``, "" where unknown."""
    standing = [a for a in register.areas if a.valid(start)]
    parents = {a.parent for a in standing}
    lies_in = {a.code: {a.code} for a in standing if a.code not in parents}
    for day in sorted({r["date"] for r in register.links if start < r["date"] <= end}):
        moves: dict[str, set[str]] = {}
        for row in register.links:
            if row["date"] == day:
                moves.setdefault(row["old_code"], set()).add(row["new_code"])
        here = set().union(*lies_in.values()) | parents
        # Units the table holds no rows of (another province's) still feed the new ones.
        lies_in |= {f"+{old}": {old} for old in moves if old not in here and not register.at(old, _day_before(day))}
        for leaf, places in lies_in.items():
            lies_in[leaf] = set().union(*(moves.get(place, {place}) for place in places))
    return lies_in


def _within(register: _Register, code: str, larger: str, day: str) -> bool:
    unit = register.at(code, day)
    return unit is not None and any(p.code == larger for p in register.ancestors(unit, day))


def _at_level(register: _Register, code: str, level: str, day: str) -> str:
    """The unit of ``level`` above ``code`` on ``day``, or ``code`` itself where there is none."""
    unit = register.at(code, day)
    above = register.ancestors(unit, day) if unit else iter(())
    return next((p.code for p in above if p.level == level), code)


def find_area(name: str, *, on: str | date = "2024-12-31", level: str | None = None, parent: str | None = None) -> Area:
    """The unit that a written name or code means on a date.

    Parameters
    ----------
    name : str
        As people write it: "TP. Bắc Giang", "H. Lục Nam", "huyen luc nam",
        "MTTQ thị xã Việt Yên", "xã Tân Tiến, huyện Yên Dũng", or a code. A former
        type or name is understood as long as the territory is the same.
    on : str or date
        A day, or a period, of which the last day counts.
    level : str, optional
        ``province``, ``district`` or ``commune``.
    parent : str, optional
        Code or name of a unit it must lie in, directly or not.

    Returns
    -------
    Area

    Raises
    ------
    MttqError
        No unit or more than one fits; the message names the candidates with
        their codes.

    Examples
    --------
    >>> find_area("H. Lục Nam").code, find_area("Lục Nam", on="2025-Q4").code
    ('218', '07444')
    >>> find_area("huyện Việt Yên", on="2024-Q4").full_name
    'Thị xã Việt Yên'
    """
    text = " ".join(str(name).split())
    search = _search(on, level, parent)
    units = search.units(text)
    if len(units) == 1:
        return units[0]
    if units:
        listed = " or ".join(search.told(u) for u in units[:8])
        raise MttqError(f"{text!r} on {search.day} can be {listed}; say which by level, parent or code")
    raise MttqError(f"{text!r} is no unit on {search.day}{search.hint(readings(text))}")


def area_called(
    name: str, *, on: str | date = "2024-12-31", level: str | None = None, parent: str | None = None
) -> Area | None:
    """The unit `find_area` finds, or None where none or several fit, which takes no search for near misses."""
    units = _search(on, level, parent).units(" ".join(name.split()))
    return units[0] if len(units) == 1 else None


def _search(on: str | date, level: str | None, parent: str | None) -> _Search:
    return _search_in(_register(), on, level, parent)


@lru_cache(maxsize=256)
def _search_in(register: _Register, on: str | date, level: str | None, parent: str | None) -> _Search:
    return _Search(register, last_day(on).isoformat(), level, readings(parent) if parent else (), parent or "")


def namesakes(name: str) -> list[Area]:
    """The units of any date that bear a name, for telling what a name out of its time may mean.

    Examples
    --------
    >>> [(unit.full_name, unit.valid_to) for unit in namesakes("huyện Lục Nam")]
    [('Huyện Lục Nam', '2025-06-30'), ('Xã Lục Nam', '')]
    """
    return _register().namesakes(readings(name))


@dataclass(frozen=True)
class _Search:
    register: _Register
    day: str
    level: str | None
    above: tuple[Reading, ...]
    above_text: str

    def units(self, text: str) -> list[Area]:
        """What the text can mean: by code, else by a name of the day, else by a former one."""
        ways = readings(text)
        tries = chain([self.by_code(text)], map(self.named, ways), map(self.formerly_named, ways))
        return next(filter(None, tries), [])

    def by_code(self, text: str) -> list[Area]:
        if not (text.isascii() and text.isdigit()):
            return []
        codes = dict.fromkeys([text, *(text.zfill(n) for n in (2, 3, 5))])
        return self._fitting(self.register.at(code, self.day) for code in codes)

    def named(self, way: Reading) -> list[Area]:
        return self._fitting((a for a in self._alike(way) if a.valid(self.day)), way)

    def formerly_named(self, way: Reading) -> list[Area]:
        former = (a for a in self._alike(way) if not a.valid(self.day))
        return self._fitting((self.register.unchanged(a, self.day) for a in former), way)

    def hint(self, ways: tuple[Reading, ...]) -> str:
        if same := self.register.namesakes(ways):
            listed = ", ".join(dict.fromkeys(self._story(u) for u in same[:6]))
            return f"; units of that name: {listed}"
        bare = [way.key.bare for way in ways]
        close = [k for b in bare for k in difflib.get_close_matches(b, self.register.by_key, n=3, cutoff=0.8)]
        units = [u for k in dict.fromkeys(close) for _, u in self.register.by_key[k] if u.valid(self.day)]
        return f"; near: {', '.join(map(self.told, units[:4]))}" if units else "; see areas(on=...) for the names"

    def told(self, unit: Area) -> str:
        above = next(self.register.ancestors(unit, self.day), None)
        return f"{unit.full_name} {unit.code}" + (f" ({above.full_name})" if above else "")

    def _story(self, unit: Area) -> str:
        if not unit.valid_to:
            return f"{unit.full_name} {unit.code} (since {unit.valid_from})"
        ended = _next_day(unit.valid_to)
        went = [r["new_code"] for r in self.register.links if (r["old_code"], r["date"]) == (unit.code, ended)]
        into = f", then {' '.join(went[:4])}{' …' if len(went) > 4 else ''}" if any(went) else ""
        return f"{unit.full_name} {unit.code} ({unit.valid_from} to {unit.valid_to}{into})"

    def _alike(self, way: Reading) -> list[Area]:
        met = [
            (key, a)
            for key, a in self.register.by_key.get(way.key.bare, ())
            if way.key.meets(key) and _has_type(a, way)
        ]
        exact = [a for key, a in met if key.marked == way.key.marked and a.valid(self.day)]
        return exact or [a for _, a in met]

    def _fitting(self, units: Iterable[Area | None], way: Reading | None = None) -> list[Area]:
        return [u for u in dict.fromkeys(units) if u is not None and self._fits(u, way)]

    def _fits(self, unit: Area, way: Reading | None) -> bool:
        if self.level and unit.level != self.level:
            return False
        if not self.above_text and (way is None or not way.larger):
            return True
        above = list(self.register.ancestors(unit, self.day))
        if self.above_text and not (
            any(a.code == self.above_text for a in above) or self._any_called(above, self.above)
        ):
            return False
        # People go on writing a district for years after it ended.
        former = [p for row in self.register.by_code[unit.code] for p in self.register.by_code.get(row.parent, ())]
        return way is None or all(self._any_called([*above, *former], readings(text)) for text in way.larger)

    def _any_called(self, units: list[Area], ways: tuple[Reading, ...]) -> bool:
        """Whether one of the units bears, or once bore, one of the names."""
        rows = dict.fromkeys(row for u in units for row in self.register.by_code[u.code])
        return any(way.key.meets(key_of(row.name)) and _has_type(row, way) for row in rows for way in ways)


def _has_type(area: Area, way: Reading) -> bool:
    return not way.type or key_of(area.type) == key_of(TYPES[way.type])
