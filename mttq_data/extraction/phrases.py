"""Phrases found by their first word: many cues in one pass over a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mttq_data.folding import fold

_WORD = re.compile(r"\w+")


class Found(NamedTuple):
    """A phrase in a text and what it stands for."""

    start: int
    end: int
    meaning: tuple[str, str]


class PhraseFinder:
    """Finds the longest phrase that begins at each word of a text.

    Parameters
    ----------
    phrases : iterable of (str, (str, str))
        Phrase and meaning; the same phrase may have several meanings.

    Examples
    --------
    >>> finder = PhraseFinder([("hằng năm", ("per", "year"))])
    >>> [found.meaning for found in finder.find("cứ hằng năm một lần", 0, 19)]
    [('per', 'year')]
    """

    def __init__(self, phrases: Iterable[tuple[str, tuple[str, str]]]) -> None:
        self._by_first: dict[str, list[tuple[str, tuple[str, str]]]] = {}
        for phrase, meaning in phrases:
            folded = fold(phrase)
            first = _WORD.search(folded)
            if first:
                self._by_first.setdefault(first.group(), []).append((folded[first.start() :], meaning))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def at(self, low: str, position: int) -> set[tuple[str, str]]:
        """The meanings of the phrases that begin at the first word at or after a place."""
        while position < len(low) and low[position] == " ":
            position += 1
        word = _WORD.match(low, position)
        entries = self._by_first.get(word.group(), ()) if word else ()
        return {
            meaning for phrase, meaning in entries
            if low.startswith(phrase, position) and not low[position + len(phrase) : position + len(phrase) + 1].isalnum()
        }  # fmt: skip

    def find(self, low: str, start: int, end: int) -> Iterator[Found]:
        """The phrases of a folded text between two places.

        Of the phrases about one thing only the longest at a place counts, and
        none inside it: "văn bản" hides the village ("bản") in it.
        """
        past: dict[str, int] = {}
        for at, entries in self._starts(low, start, end):
            for phrase, meaning in entries:
                stop = at + len(phrase)
                if (
                    past.get(meaning[0], -1) > at
                    or stop > end
                    or not low.startswith(phrase, at)
                    or low[stop : stop + 1].isalnum()
                ):
                    continue
                past[meaning[0]] = stop
                yield Found(at, stop, meaning)

    def _starts(self, low: str, start: int, end: int) -> list[tuple[int, list[tuple[str, tuple[str, str]]]]]:
        """Where words stand that begin a phrase, in order.

        The words of the text are compared as a set first: few of them begin a phrase.
        """
        starts = []
        for word in self._by_first.keys() & set(_WORD.findall(low, start, end)):
            at = low.find(word, start, end)
            while at >= 0:
                after = at + len(word)
                if (at == start or not low[at - 1].isalnum()) and not low[after : after + 1].isalnum():
                    starts.append((at, self._by_first[word]))
                at = low.find(word, after, end)
        return sorted(starts, key=lambda item: item[0])
