"""Counted nouns: which unit the words after (or before) a number stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mttq_data.codelists import read_codelist
from mttq_data.folding import fold

_WORD = re.compile(r"\w+")
_TWO_WORDS = re.compile(r"\w+(?: \w+)?")


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


Entry = tuple[str, tuple[tuple[str, str], ...], bool]


@lru_cache(maxsize=4)
def _table(rows: tuple[tuple[str, str, str, str], ...]) -> dict[str, list[Entry]]:
    """The nouns by their first two words (or their only one), the longest first."""
    units: dict[str, list[tuple[str, str]]] = {}
    spoken: set[str] = set()
    for noun, unit, near, says in rows:
        phrase = fold(noun)
        # A cue may itself be a list of alternatives: one entry each.
        units.setdefault(phrase, []).extend((unit, fold(cue)) for cue in (near.split("|") if near else [""]))
        if says:
            spoken.add(phrase)
    table: dict[str, list[Entry]] = {}
    for phrase in sorted(units, key=len, reverse=True):
        table.setdefault(_key(phrase, 0), []).append((phrase, tuple(units[phrase]), phrase in spoken))
    return table


def _key(low: str, position: int) -> str:
    """The first two words from a place on, or the one where no second follows a space."""
    found = _TWO_WORDS.match(low, position)
    return found.group() if found else low[position : position + 1]


class NounReader:
    """Finds counted nouns in folded text; made once for a run."""

    def __init__(self) -> None:
        rows = read_codelist("nouns", key=["noun", "near"], required=["unit", "spoken"])
        self._by_start = _table(tuple((r["noun"], r["unit"], r["near"], r["spoken"]) for r in rows))

    @property
    def spoken(self) -> frozenset[str]:
        """The nouns that a number said in words may count, as they are folded."""
        return frozenset(phrase for entries in self._by_start.values() for phrase, _, spoken in entries if spoken)

    def at(self, low: str, position: int) -> Noun | None:
        """The longest noun that begins at ``position``."""
        key = _key(low, position)
        for start in (key, key.split(" ", 1)[0]) if " " in key else (key,):
            for phrase, units, spoken in self._by_start.get(start, ()):
                end = position + len(phrase)
                if low.startswith(phrase, position) and not (low[end : end + 1].isalnum() and phrase[-1].isalnum()):
                    return Noun(phrase, end, units, spoken)
        return None

    def last_in(self, low: str, start: int, end: int) -> Noun | None:
        """The noun that stands last between ``start`` and ``end``, whole words only."""
        last = None
        for found in _WORD.finditer(low, start, end):
            noun = self.at(low, found.start())
            if noun and noun.end <= end and (last is None or noun.end > last.end):
                last = noun
        return last
