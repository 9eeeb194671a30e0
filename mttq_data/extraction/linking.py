"""Which indicator of the catalogue a quantity states: cues that must and must not stand near.

The grammar of the cues is told in ``codes/README.md``. Words are compared
folded and without punctuation, abbreviations spelt out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from mttq_data.codelists import Row, read_codelist
from mttq_data.errors import MttqError
from mttq_data.folding import fold

_WORD = re.compile(r"\w+")
_REACH = 45.0  # characters at which a cue's weight has fallen to a half
PAST_NUMBER = 0.72  # what is left of the weight for each other number between
PAST_CLAUSE = 0.6  # and for each semicolon between
_BEHIND = 0.9  # a cue that may stand on either side, found after the number
_FROM_CONTEXT = 0.22  # a cue found only in the paragraph before or in the heading
_ENOUGH = 0.2  # the least average weight of the required groups


@dataclass(frozen=True)
class Cue:
    """One alternative: where it may stand ("<" before, ">" after, "#" context) and its words."""

    side: str
    words: str  # with a space at either end
    weight: float
    key: str  # its longest word: where that is absent, so is the cue


@dataclass(frozen=True)
class Group:
    """Alternative cues, and the words one of which must be there for any to stand.

    ``near`` are the keys of the cues that stand in the sentence, ``far`` of
    those that may also stand before it or in the heading.
    """

    cues: tuple[Cue, ...]
    near: frozenset[str]
    far: frozenset[str]

    def possible(self, words: frozenset[str], paragraph: Paragraph) -> bool:
        """Could any of the cues stand in a sentence of these words, or before it?"""
        if not self.near.isdisjoint(words):
            return True
        return bool(self.far) and not (self.far.isdisjoint(words) and self.far.isdisjoint(paragraph.words()))


@dataclass(frozen=True)
class Indicator:
    """A row of the catalogue, its cues read."""

    row: Row
    groups: tuple[Group, ...]
    bonus: tuple[Group, ...]
    never: Group
    order: int


@dataclass(slots=True)
class Surroundings:
    """A sentence in words, and where one number stands in it.

    ``text`` begins and ends with a space; ``start`` and ``end`` bound the number,
    ``low`` and ``high`` its clause; ``breaks`` are the ends of the other numbers
    and the semicolons, with what each takes from a cue's weight.
    """

    text: str
    start: int
    end: int
    low: int
    high: int
    breaks: list[tuple[int, float]]
    words: frozenset[str]  # of the sentence
    paragraph: Paragraph  # asked only for cues that may stand before the sentence


class Sentence:
    """A stretch of a line in words, abbreviations spelt out, and where its cuts came to stand."""

    __slots__ = ("_at", "text", "words")

    def __init__(self, low: str, start: int, end: int, spelt: dict[str, str], cuts: Iterable[int] = ()) -> None:
        parts: list[str] = []
        self._at: dict[int, int] = {}
        length = 1
        for cut in [*sorted({c for c in cuts if start < c < end}), end]:
            words = _WORD.findall(low, start, cut)
            if words:
                part = " ".join(words if spelt.keys().isdisjoint(words) else [spelt.get(w, w) for w in words])
                parts.append(part)
                length += len(part) + 1
            self._at[cut] = length
            start = cut
        self.text = f" {' '.join(parts)} "
        self.words = frozenset(self.text.split())

    def joined(self, other: Sentence) -> Sentence:
        """This text followed by another's."""
        both = Sentence("", 0, 0, {})
        both.text, both.words = self.text + other.text, self.words | other.words
        return both

    def at(self, cut: int) -> int:
        """The place in ``text`` of the first word at or after a cut of the line."""
        return self._at.get(cut, 1)


class Linker:
    """The catalogue made ready; made once for a run."""

    def __init__(self) -> None:
        rows = read_codelist("indicators", key=["id"], required=["unit", "cues", "not"])
        self.spelt = {
            fold(r["short"]): " ".join(_WORD.findall(fold(r["long"])))
            for r in read_codelist("abbreviations", key=["short"], required=["long"])
        }
        self.indicators = _catalogue(tuple(tuple(r.items()) for r in rows), tuple(self.spelt.items()))
        self.by_id = {i.row["id"]: i for i in self.indicators}
        # By unit, then by a word that must stand in the sentence; "" where none must.
        self._by_word: dict[str, dict[str, list[Indicator]]] = {}
        for indicator in self.indicators:
            sure = [g.near for g in indicator.groups if not g.far]
            for unit in [indicator.row["unit"], *indicator.row.get("also_units", "").split("|")]:
                if unit.strip():
                    words = self._by_word.setdefault(unit.strip(), {})
                    for word in min(sure, key=len) if sure else [""]:
                        words.setdefault(word, []).append(indicator)

    def link(self, candidates: list[Indicator], around: Surroundings) -> tuple[str, bool]:
        """The best of these indicators, and whether another came close.

        Parameters
        ----------
        candidates : list of Indicator
            What `candidates` gives for the sentence and the unit.
        around : Surroundings

        Returns
        -------
        tuple of (str, bool)
            ``("", False)`` where none has all its cues near enough.
        """
        scored: list[tuple[float, Indicator]] = []
        for indicator in candidates:
            score = _score(indicator, around)
            if score > 0:
                scored.append((score, indicator))
        if len(scored) > 1:
            # What merely speaks for an indicator is asked only where several fit.
            # Equal scores end in catalogue order.
            scored = [(score + 0.3 * _extra(i, around), i) for score, i in scored]
            scored.sort(key=lambda item: (-item[0], item[1].order))
        if not scored:
            return "", False
        close = len(scored) > 1 and scored[1][0] > 0.93 * scored[0][0]
        return scored[0][1].row["id"], close

    def candidates(self, units: frozenset[str], words: frozenset[str], paragraph: Paragraph) -> list[Indicator]:
        """The indicators of these units all of whose groups have a word here, for every figure of a sentence."""
        found: dict[str, Indicator] = {}
        for unit in units:
            by_word = self._by_word.get(unit, {})
            near = [i for word in by_word.keys() & words for i in by_word[word]]
            for indicator in near + by_word.get("", []):
                found[indicator.row["id"]] = indicator
        return [i for i in found.values() if all(group.possible(words, paragraph) for group in i.groups)]


def _score(indicator: Indicator, around: Surroundings) -> float:
    total = 0.0
    for group in indicator.groups:
        best = _best(group, around)
        if best <= 0:
            return 0.0
        total += best
    if total / len(indicator.groups) < _ENOUGH:
        return 0.0
    never = indicator.never
    if never.possible(around.words, around.paragraph) and any(_stands(cue, around) for cue in never.cues):
        return 0.0
    return total / len(indicator.groups) ** 0.5


def _extra(indicator: Indicator, around: Surroundings) -> float:
    return sum(_best(group, around) for group in indicator.bonus if group.possible(around.words, around.paragraph))


def _best(group: Group, around: Surroundings) -> float:
    best, words = 0.0, around.words
    for cue in group.cues:
        if cue.key in words or (cue.side == "#" and cue.key in around.paragraph.words()):
            weight = _weight(cue, around)
            best = max(best, weight)
    return best


def _weight(cue: Cue, around: Surroundings) -> float:
    """How near the nearest occurrence of the cue stands, 0 for none."""
    best = 0.0
    text, words = around.text, cue.words
    if cue.side != ">":
        found = text.rfind(words, 0, around.start + 1)
        if found >= 0:
            best = _fall(around, found + len(words) - 1, around.start)
    if cue.side != "<":
        limit = around.high + 1 if cue.side == ">" else len(text)
        found = text.find(words, around.end - 1, limit)
        if found >= 0:
            near = _fall(around, around.end, found) * (1.0 if cue.side == ">" else _BEHIND)
            best = max(best, near if found < around.high else near * 0.6)
    if cue.side == "#" and best < _FROM_CONTEXT and words in around.paragraph.text():
        best = _FROM_CONTEXT
    return best * cue.weight


def _fall(around: Surroundings, left: int, right: int) -> float:
    weight = 1.0 / (1.0 + (right - left) / _REACH) if right > left else 1.0
    for place, loss in around.breaks:
        if left <= place <= right:
            weight *= loss
    return weight


def _stands(cue: Cue, around: Surroundings) -> bool:
    """Does an excluding cue stand in the number's own clause, or with "#" anywhere before it?"""
    if cue.side != ">" and around.text.find(cue.words, max(0, around.low - 1), around.start + 1) >= 0:
        return True
    if cue.side != "<" and around.text.find(cue.words, around.end - 1, around.high + 1) >= 0:
        return True
    if cue.side != "#":
        return False
    return around.text.find(cue.words, 0, around.start + 1) >= 0 or cue.words in around.paragraph.text()


@lru_cache(maxsize=4)
def _catalogue(rows: tuple[tuple[tuple[str, str], ...], ...], spelt: tuple[tuple[str, str], ...]) -> list[Indicator]:
    short = dict(spelt)
    indicators: list[Indicator] = []
    for items in rows:
        row = dict(items)
        groups = [_group(part, row["id"], short) for part in row["cues"].split("&") if part.strip()]
        bonus = [
            _group(part.replace("~", ""), row["id"], short)
            for part in row["cues"].split("&")
            if part.strip().startswith("~")
        ]
        required = tuple(
            g
            for g, part in zip(groups, (p for p in row["cues"].split("&") if p.strip()), strict=True)
            if not part.strip().startswith("~")
        )
        if not required:
            continue
        never = _group(row["not"], row["id"], short) if row["not"].strip() else Group((), frozenset(), frozenset())
        indicators.append(Indicator(row, required, tuple(bonus), never, len(indicators)))
    return indicators


def _group(text: str, name: str, spelt: dict[str, str]) -> Group:
    cues = []
    for part in text.split("|"):
        body = part.strip().lstrip("~").strip()
        side = body[:1] if body[:1] in {"<", ">", "#"} else ""
        words = " ".join(spelt.get(w, w) for w in _WORD.findall(fold(body[len(side) :])))
        if not words:
            raise MttqError(
                f"codes/indicators.csv: {name}: empty cue in {text.strip()!r}; write phrases joined by ' | ' and groups by ' & '"
            )
        cues.append(Cue(side, f" {words} ", 1.0 + 0.06 * words.count(" "), max(words.split(), key=len)))
    near = frozenset(cue.key for cue in cues if cue.side != "#")
    return Group(tuple(cues), near, frozenset(cue.key for cue in cues if cue.side == "#"))


class Paragraph:
    """What the headings above and the earlier sentences of a paragraph say, in words.

    Most figures never ask; so it is put into words only when they do.
    """

    _LAST = 4  # sentences that still count as context
    _LIMIT = 400  # characters of each

    def __init__(self, low: str, heading: Callable[[], Sentence], spelt: dict[str, str]) -> None:
        self._low, self._heading, self._spelt = low, heading, spelt
        self._said: list[tuple[int, int] | Sentence] = []
        self._known: tuple[str, frozenset[str]] | None = None

    def add(self, start: int, end: int) -> None:
        """Another sentence has been read."""
        self._said.append((max(start, end - self._LIMIT), end))
        self._known = None

    def text(self) -> str:
        """Headings and the last sentences before, as one text of words."""
        return self._context()[0]

    def words(self) -> frozenset[str]:
        """The words of that text."""
        return self._context()[1]

    def _context(self) -> tuple[str, frozenset[str]]:
        if self._known is None:
            first = max(0, len(self._said) - self._LAST)
            read = []
            for index in range(first, len(self._said)):
                part = self._said[index]
                if isinstance(part, tuple):
                    part = self._said[index] = Sentence(self._low, *part, self._spelt)
                read.append(part)
            heading = self._heading()
            text = "".join([heading.text, *[part.text for part in read]])
            self._known = text, heading.words.union(*[part.words for part in read])
        return self._known
