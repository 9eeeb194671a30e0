"""Which territory a figure is of: codes and names are used again for other areas after a merger."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from mttq_data.codelists import Row, office_stamp, read_codelist, remembered
from mttq_data.errors import MttqError
from mttq_data.places.area_codes import areas, find_area
from mttq_data.places.area_names import key_of, readings

_LISTS = ("areas", "area_successors")
# The day that a name or a code without any date is taken on.
_USUAL = date(2024, 12, 31)


def changes(code: str) -> tuple[date, ...]:
    """Days on which a code got or gave territory.

    Examples
    --------
    >>> [str(day) for day in changes("24")], changes("07663")
    (['2025-07-01'], ())
    """
    return _changed().get(code, ())


def change_days() -> tuple[date, ...]:
    """All days on which units got or gave territory, in order."""
    return tuple(sorted({day for days in _changed().values() for day in days}))


def area_name(code: str, day: float) -> str:
    """What a unit was called on a day, or without one at the end of 2024; a name as it stands.

    Examples
    --------
    >>> area_name("07210", date(2024, 1, 1).toordinal()), area_name("07210", date(2026, 1, 1).toordinal())
    ('Phường Hoàng Văn Thụ', 'Phường Bắc Giang')
    """
    known = _called().get(code, [])
    on = day if day > 0 else _USUAL.toordinal()
    return next((name for first, name in known if first <= on), known[-1][1] if known else code)


@remembered(*_LISTS)
def _called() -> dict[str, list[tuple[int, str]]]:
    """Names of each code with the day they began, the latest first."""
    out: dict[str, list[tuple[int, str]]] = {}
    table = areas(on=None).sort_values("valid_from", ascending=False)
    for code, first, name in zip(table["code"], table["valid_from"], table["full_name"], strict=True):
        out.setdefault(code, []).append((date.fromisoformat(first).toordinal(), name))
    for step in _steps():
        out.setdefault(step["old_code"], [(1, step["old_name"])])
    return out


def _steps() -> list[Row]:
    return read_codelist(
        "area_successors", key=["date", "old_code", "new_code"], required=["goes", "makes", "old_name"]
    )


@remembered("area_successors")
def _changed() -> dict[str, tuple[date, ...]]:
    found: dict[str, set[date]] = {}
    for row in _steps():
        if row["old_code"] != row["new_code"] or not row["goes"] == row["makes"] == "whole":
            # A district that ends in its communes ends itself; what they are tells the step from commune to commune.
            alike = len(row["old_code"]) == len(row["new_code"])
            for code in (row["old_code"], *[row["new_code"]][:alike]):
                found.setdefault(code, set()).add(date.fromisoformat(row["date"]))
    return {code: tuple(sorted(days)) for code, days in found.items()}


def since(codes: Sequence[str], days: np.ndarray) -> np.ndarray:
    """The day from which each code stood for the territory it had on a day; 0 before all changes or undated."""
    out = np.zeros(len(codes))
    known = _changed()
    if known.keys().isdisjoint(set(codes)):
        return out
    ordinals = {code: [day.toordinal() for day in known[code]] for code in set(codes) & known.keys()}
    for at, (code, day) in enumerate(zip(codes, days.tolist(), strict=True)):
        if code in ordinals and not math.isnan(day):
            before = bisect_right(ordinals[code], day)
            out[at] = ordinals[code][before - 1] if before else 0
    return out


def meant(names: Sequence[str], days: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The codes that written names mean on their days, and the days on which they mean them.

    A province is meant as it was while it bore the name: "Bắc Giang" of 2026 is
    the former province. So is a district that is named after it ended. A name
    the codelist lacks stays as it stands.

    Examples
    --------
    >>> codes, days = meant(["Bắc Giang", "Huyện Lục Nam"], np.array([date(2026, 6, 30).toordinal()] * 2))
    >>> codes, str(date.fromordinal(int(days[0])))
    (['24', '218'], '2025-06-30')
    """
    stamp = office_stamp(*_LISTS)
    places = {name for name in set(names) if name and not name[0].isdigit() and _place(name, stamp)}
    if not places:
        return list(names), days
    out, when = list(names), days.copy()
    for at, (name, day) in enumerate(zip(names, days.tolist(), strict=True)):
        if name in places:
            out[at], when[at] = _meant(name, day, stamp)
    return out, when


@lru_cache(maxsize=8192)
def _meant(name: str, day: float, stamp: tuple[object, ...]) -> tuple[str, float]:
    spans = _province(name, stamp)
    if spans:
        # A name that two units bore in turn means the one of the day; undated, the first.
        dated = [s for s in spans if s[1] <= day <= s[2]] or [min(spans, key=lambda s: abs(s[2] - day))]
        code, first, last = (dated if not math.isnan(day) else spans)[0]
        return code, min(last, max(first, day)) if not math.isnan(day) else min(last, date.max.toordinal())
    at = date.fromordinal(int(day)) if not math.isnan(day) else _USUAL
    for on in (at, *(d - timedelta(days=1) for d in reversed(change_days()) if d <= at)):
        if any(r.key.bare in _standing(stamp, on) for r in readings(name)):
            try:
                return find_area(name, on=on).code, float(on.toordinal())
            except MttqError:
                # "Huyện Lục Nam" when only the commune of that name stands: the day before may tell.
                continue
    return name, day


@lru_cache(maxsize=8192)
def _place(name: str, stamp: tuple[object, ...]) -> bool:
    """Whether a name can be one of the codelist; one glance at its words spares most others the reading."""
    if _syllables(stamp).isdisjoint(_bare_words(name)):
        return False
    return not _standing(stamp).isdisjoint(r.key.bare for r in readings(name)) or bool(_province(name, stamp))


@lru_cache(maxsize=4)
def _syllables(stamp: tuple[object, ...]) -> frozenset[str]:
    names = [*areas(on=None)["name"], *(r["old_name"] for r in _steps())]
    return frozenset(word for name in names for word in _bare_words(name))


def _bare_words(name: str) -> list[str]:
    spelt = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return re.findall("[a-z]+", "".join(c for c in spelt if not unicodedata.combining(c)))


@lru_cache(maxsize=64)
def _standing(stamp: tuple[object, ...], on: date | None = None) -> frozenset[str]:
    """Letters of the names of the units of a day, or of any."""
    return frozenset(key_of(name).bare for name in areas(on=on)["name"])


@lru_cache(maxsize=1024)
def _province(name: str, stamp: tuple[object, ...]) -> tuple[tuple[str, float, float], ...]:
    """Codes of the provinces of a name with the days they bore it; those merged into one of the list as well."""
    ways = {r.key.bare for r in readings(name) if r.type in ("", "tinh") and not r.larger}
    found = []
    for row in read_codelist("areas", key=["code", "valid_from"], required=["level", "name", "valid_to"]):
        if row["level"] == "province" and key_of(row["name"]).bare in ways:
            last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
            found.append(
                (row["code"], float(date.fromisoformat(row["valid_from"]).toordinal()), float(last.toordinal()))
            )
    listed = {code for code, _, _ in found}
    for row in _steps():
        merged = len(row["old_code"]) == 2 and row["old_code"] not in listed
        if merged and key_of(row["old_name"].removeprefix("Tỉnh ")).bare in ways:
            found.insert(0, (row["old_code"], 1.0, float(date.fromisoformat(row["date"]).toordinal() - 1)))
    return tuple(found)
