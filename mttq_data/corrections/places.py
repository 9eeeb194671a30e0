"""Finding the figure or problem a correction was made for, also after the text was edited.

By the document's hash and offsets while the text is the same; by the sentence
and the figure in it when the text changed. Where more than one place would do,
none is taken: a correction must never reach another figure.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mttq_data.folding import Line
from mttq_data.tables.tables import clean_text
from mttq_data.wording import missing

if TYPE_CHECKING:
    import pandas as pd

_SAMPLED = 12
# A report under a new name is the old one when most of the sentences remembered of it are there.
_LEAST_SHARE, _LEAST_COMMON = 0.5, 3


@lru_cache(maxsize=1 << 16)
def same_text(text: str) -> str:
    """Text as compared: one spelling, plain spaces, without the apostrophe that guards a formula."""
    return " ".join(Line(clean_text(text)).low.removeprefix("'").split())


def key_of(text: object) -> str:
    """`same_text` of a cell, missing ones included."""
    return "" if missing(text) else same_text(str(text))


@dataclass(frozen=True)
class Place:
    """Where a figure or a problem stands.

    Attributes
    ----------
    label : int
        Position of its row.
    name, sha256 : str
        The document: its name, and the hash of its text, "" where unknown.
    where : str
        ``start-end``; of a problem all its places.
    key : tuple of str
        Rule (of a problem), sentence and figure, as compared.
    """

    label: int
    name: str
    sha256: str
    where: str
    key: tuple[str, ...]

    @property
    def start(self) -> int:
        """Where it begins; 0 for a place that is no offset."""
        first = self.where.split(" ")[0].split("-")[0]
        return int(first) if first.isdecimal() else 0


@dataclass(frozen=True)
class Sought:
    """What a line of the corrections file says of its place."""

    name: str
    sha256: str
    where: str
    key: tuple[str, ...]
    nth: str = ""
    likeness: str = ""


@dataclass
class _Text:
    """One document of a run."""

    name: str
    sha256: str
    by_where: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    by_key: dict[tuple[str, ...], list[Place]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Found:
    """The rows a correction applies to, or why there is none.

    ``how`` is ``exact``, ``sentence`` (found again in an edited text),
    ``elsewhere`` (its document is not in this run) or ``lost``.
    """

    labels: tuple[int, ...]
    how: str
    why: str = ""
    document: str = ""


class Finder:
    """Finds places among those of a run.

    Parameters
    ----------
    places : iterable of Place
    sentences : mapping of (name, sha256) to iterable of str, optional
        The sentences of each document, to know it under a new name.
    """

    def __init__(
        self, places: Iterable[Place], sentences: Mapping[tuple[str, str], Iterable[str]] | None = None
    ) -> None:
        self._texts: dict[tuple[str, str], _Text] = {}
        self._sentences = sentences or {}
        self._hashed: dict[tuple[str, str], frozenset[str]] = {}
        for name in self._sentences:
            self._texts[name] = _Text(*name)
        for place in places:
            text = self._texts.setdefault((place.name, place.sha256), _Text(place.name, place.sha256))
            text.by_where[place.where].append(place)
            text.by_key[place.key].append(place)

    def find(self, sought: Sought) -> Found:
        """The rows of one correction."""
        same = [t for t in self._texts.values() if sought.sha256 and t.sha256 == sought.sha256]
        if same:
            # The same text twice in one run: what holds for one holds for the other.
            found = [self._in_same(text, sought) for text in same]
            labels = tuple(label for f in found for label in f.labels)
            return Found(labels, "exact", document=same[0].name) if labels else found[0]
        named = [t for t in self._texts.values() if t.name == sought.name]
        if not named:
            named = [t for t in self._texts.values() if self._is_like(t, sought.likeness)]
        if len(named) != 1:
            why = "several documents of this run are like it" if named else "its document is not in this run"
            return Found((), "lost" if named else "elsewhere", why)
        unknown = not (named[0].sha256 and sought.sha256)
        if unknown and (exact := self._at(named[0], sought)) and exact.key[-1] == sought.key[-1]:
            return Found((exact.label,), "exact", document=named[0].name)
        return self._by_sentence(named[0], sought)

    def _in_same(self, text: _Text, sought: Sought) -> Found:
        if exact := self._at(text, sought):
            return Found((exact.label,), "exact", document=text.name)
        if len(sought.key) > 2:
            # A later version of a rule may point to more or fewer figures of the same problem.
            wanted = set(sought.where.split())
            near = [
                p
                for ps in text.by_where.values()
                for p in ps
                if p.key[0] == sought.key[0] and wanted & set(p.where.split())
            ]
            if len(near) == 1:
                return Found((near[0].label,), "exact", document=text.name)
        found = self._by_sentence(text, sought)
        return found if not found.labels else Found(found.labels, "exact", document=text.name)

    def _at(self, text: _Text, sought: Sought) -> Place | None:
        """The place at these offsets, if it reads as the correction says."""
        return next((p for p in text.by_where.get(sought.where, ()) if _agree(sought.key, p.key)), None)

    def _by_sentence(self, text: _Text, sought: Sought) -> Found:
        if not all(sought.key[-2:]):
            return Found((), "lost", "the line gives no sentence to find it by", text.name)
        places = sorted(text.by_key.get(sought.key, ()), key=lambda p: p.start)
        if not places:
            return Found((), "lost", f"its sentence no longer stands so in {text.name or 'the text'}", text.name)
        at, count = nth_of(sought.nth)
        if len(places) == 1 and count <= 1:
            return Found((places[0].label,), "sentence", document=text.name)
        if len(places) == count:
            return Found((places[at - 1].label,), "sentence", document=text.name)
        why = f"its sentence and figure stand {len(places)} times in {text.name or 'the text'} now, {max(count, 1)} times before"
        return Found((), "lost", why, text.name)

    def _is_like(self, text: _Text, likeness: str) -> bool:
        remembered = set(likeness.split())
        name = text.name, text.sha256
        if not remembered or name not in self._sentences:
            return False
        if name not in self._hashed:
            self._hashed[name] = frozenset(_hash(s) for s in self._sentences[name])
        common = len(remembered & self._hashed[name])
        return common >= _LEAST_COMMON and common >= _LEAST_SHARE * len(remembered)

    def nth(self, place: Place) -> str:
        """``2 of 3``: which of the places of one sentence and figure this is."""
        places = sorted(self._texts[place.name, place.sha256].by_key[place.key], key=lambda p: p.start)
        return f"{places.index(place) + 1} of {len(places)}"


def _agree(want: tuple[str, ...], have: tuple[str, ...]) -> bool:
    """Whether what stands at the right offsets is what was meant.

    The rule of a problem must be the same, and the figure. The sentence of a
    figure may have been cut otherwise by an earlier version, but a quite
    different one tells of a sheet whose columns were sorted apart.
    """
    if len(want) > 2:
        return want[0] == have[0]
    sentence, figure = want
    same_figure = not figure or figure == have[1]
    return same_figure and (sentence.strip("… ") in have[0] or have[0].strip("… ") in sentence)


def nth_of(text: str) -> tuple[int, int]:
    """Read ``2 of 3``; (1, 0) where nothing is said."""
    first, _, last = text.partition(" of ")
    return (int(first), int(last)) if first.isdecimal() and last.isdecimal() and 0 < int(first) <= int(last) else (1, 0)


def likeness_of(sentences: Iterable[str]) -> str:
    """A few short hashes that stand for the sentences of a document."""
    return " ".join(sorted({_hash(s) for s in sentences})[:_SAMPLED])


def _hash(sentence: str) -> str:
    # A letter in front, or a spreadsheet may take the digits for a number.
    return "s" + hashlib.sha256(key_of(sentence).encode("utf-8", "replace")).hexdigest()[:8]


def documents_of(frame: pd.DataFrame, name: str = "document") -> list[tuple[str, str]]:
    """Name and hash of the document of each row, the hash "" where it is not known."""
    known: Any = frame.attrs.get("sha256") or {}
    names = ["" if missing(v) else str(v) for v in frame[name]]
    if "sha256" in frame.columns:
        return [(n, "" if missing(h) else str(h)) for n, h in zip(names, frame["sha256"], strict=True)]
    return [(n, str(known.get(n, ""))) for n in names]


def figures(frame: pd.DataFrame) -> list[Place]:
    """The places of the rows of a table of statistics; their labels are positions."""
    cells = zip(documents_of(frame), frame["start"], frame["end"], frame["sentence"], frame["text"], strict=True)
    return [
        Place(at, name, sha256, f"{int(start)}-{int(end)}", (key_of(said), key_of(text)))
        for at, ((name, sha256), start, end, said, text) in enumerate(cells)
    ]


def findings(frame: pd.DataFrame) -> list[Place]:
    """The places of the rows of a table of problems; their labels are positions."""
    said = frame["sentence"] if "sentence" in frame.columns else [""] * len(frame)
    cells = zip(documents_of(frame, "source"), frame["where"], frame["check"], said, frame["found"], strict=True)
    return [
        Place(at, name, sha256, str(where), (str(rule), key_of(sentence), key_of(found)))
        for at, ((name, sha256), where, rule, sentence, found) in enumerate(cells)
    ]


def nths(places: list[Place]) -> list[str]:
    """Which one of how many like it each place is, "" for the only one."""
    finder = Finder(places)
    return ["" if said == "1 of 1" else said for said in map(finder.nth, places)]


def sentences_of(frame: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    """The sentences of each document of a table of statistics."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for doc, sentence in zip(documents_of(frame), frame["sentence"], strict=True):
        if not missing(sentence):
            found[doc].add(str(sentence))
    return found
