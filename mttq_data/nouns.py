"""Counted nouns: which unit the words after (or before) a number stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mttq_data.codelists import read_codelist
from mttq_data.folding import fold


@dataclass(frozen=True)
class Noun:
    """A counted noun found in a text: where it ends and the units it may mean."""

    phrase: str
    end: int
    units: tuple[tuple[str, str], ...]  # (unit, cue that must stand near; "" is the default)
    spoken: bool

    def unit(self, near: str) -> str:
        """The unit whose cue stands in the folded text ``near``; else the default."""
        default = ""
        for unit, cue in self.units:
            if cue and cue in near:
                return unit
            if not cue and not default:
                default = unit
        return default or self.units[0][0]


@lru_cache(maxsize=4)
def _table(stamp: tuple[tuple[str, str, str, str], ...]) -> tuple[re.Pattern[str], dict[str, tuple[tuple[tuple[str, str], ...], bool]]]:
    units: dict[str, list[tuple[str, str]]] = {}
    spoken: set[str] = set()
    for noun, unit, near, says in stamp:
        phrase = fold(noun)
        # A cue may itself be a list of alternatives: one entry each.
        units.setdefault(phrase, []).extend((unit, fold(cue)) for cue in (near.split("|") if near else [""]))
        if says:
            spoken.add(phrase)
    longest_first = sorted(units, key=len, reverse=True)
    pattern = re.compile("(?:" + "|".join(re.escape(p).replace(r"\ ", " +") for p in longest_first) + r")(?!\w)")
    return pattern, {p: (tuple(u), p in spoken) for p, u in units.items()}


def _nouns() -> tuple[re.Pattern[str], dict[str, tuple[tuple[tuple[str, str], ...], bool]]]:
    rows = read_codelist("nouns", key=["noun", "near"], required=["unit", "spoken"])
    return _table(tuple((r["noun"], r["unit"], r["near"], r["spoken"]) for r in rows))


class NounReader:
    """Finds counted nouns in folded text; made once for a run."""

    def __init__(self) -> None:
        self._pattern, self._units = _nouns()

    @property
    def spoken(self) -> frozenset[str]:
        """The nouns that a number said in words may count, as they are folded."""
        return frozenset(phrase for phrase, (_, spoken) in self._units.items() if spoken)

    def at(self, low: str, position: int) -> Noun | None:
        """The longest noun that begins at ``position``."""
        found = self._pattern.match(low, position)
        if not found:
            return None
        phrase = " ".join(found.group().split())
        units, spoken = self._units[phrase]
        return Noun(phrase, found.end(), units, spoken)

    def last_in(self, low: str, start: int, end: int) -> Noun | None:
        """The noun that stands last between ``start`` and ``end``, whole words only."""
        last = None
        for found in self._word_start.finditer(low, start, end):
            noun = self.at(low, found.start())
            if noun and noun.end <= end and (last is None or noun.end > last.end):
                last = noun
        return last

    _word_start = re.compile(r"(?<!\w)\w")
