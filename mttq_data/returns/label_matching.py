"""Which line of the form a label means, when clerks shorten, reword or misspell it.

Words are compared without case and tone place; words that carry little ("số",
"của") count little, words that turn the meaning ("không", "cận", "mới") must be
on both sides or on neither. ``codes/label_words.csv`` holds them, with
abbreviations. A doubtful label matches nothing: a wrong line would be silent.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mttq_data.codelists import read_codelist
from mttq_data.folding import Line, fold
from mttq_data.returns.knowledge import kept

ENOUGH = 0.74
ENOUGH_WITH_EXTRA = 0.8
MARGIN = 0.1
SURE = 0.93
_NUMBERING = re.compile(
    r"(?:[-+*•·–>=\s]+|\(?(?:\d{1,2}(?:\.\d{1,2})*|[ivx]{1,5}|[a-zđ])[.)]\s+|\d{1,2}(?:\.\d{1,2})+\s+|\d{1,2}[.)](?=\D))+"
)
_UNIT_TAIL = re.compile(r"\s*[(\[][^()\[\]]{1,25}[)\]]\s*$")
_Y = re.compile(r"\b(ngh?|nh|[bcdghklmnprstvx]h?)y\b")
_NO_LETTER = re.compile(r"[^\w%]+")
_VOWEL = re.compile("[aeiouy]|[^\\x00-\\x7fđ]|\\d")


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """A label without numbering, punctuation, case and a unit in brackets at its end.

    Examples
    --------
    >>> plain("  1.2. Số nhà “Đại đoàn kết” (nhà)"), plain("- Hoà giải THÀNH")
    ('số nhà đại đoàn kết', 'hòa giải thành')
    """
    low = " ".join(Line(text).low.split())
    low = _NUMBERING.sub("", low, count=1) if _NUMBERING.match(low) and len(low) > 4 else low
    cut = _UNIT_TAIL.sub("", low)
    return " ".join(_NO_LETTER.sub(" ", cut or low).split())


@lru_cache(maxsize=1024)
def bare(text: str) -> str:
    """`plain` without any marks, and i for a y that sounds so: "so ho ngheo".

    Examples
    --------
    >>> bare("Số hộ nghèo"), bare("Kỳ này") == bare("Ky nay")
    ('so ho ngheo', True)
    """
    return _no_marks(plain(text))


@dataclass(frozen=True)
class Match:
    """The best candidate for a label; ``sure`` is false where the wording differs noticeably."""

    index: int
    score: float
    sure: bool


class Matcher:
    """Labels of a form, ready to be compared with what people wrote."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = list(labels)
        self.plains = [plain(label) for label in labels]
        self.words = [frozenset(_words(label)) for label in labels]
        self.decisive = _kinds()["decisive"]
        self.fillers = _kinds()["filler"]
        counts: dict[str, int] = {}
        for words in self.words:
            for word in words:
                counts[word] = counts.get(word, 0) + 1
        self.counts = counts
        self.weights = [math.fsum(map(self._weight, words)) for words in self.words]
        self.heaviest = 0.5 + math.log(1 + len(labels))
        self.initials = [_initials(label) for label in labels]
        self.tails = [frozenset(_words(m[0])) if (m := _UNIT_TAIL.search(label)) else frozenset() for label in labels]
        self.exact: dict[str, list[int]] = {}
        self.marks_lost: dict[str, list[int]] = {}
        for i, label in enumerate(labels):
            self.exact.setdefault(plain(label), []).append(i)
            self.marks_lost.setdefault(bare(label), []).append(i)

    def same(self, text: str) -> list[int]:
        """Candidates with the same wording; without marks when none has them."""
        found = self.exact.get(plain(text))
        if found is None:
            lost = self.marks_lost.get(bare(text), [])
            # "sữa chữa" for "sửa chữa": a wrong mark is a slip where no other label is left without marks like it.
            found = lost if plain(text).isascii() or len(lost) == 1 else []
        return found or []

    def best(self, text: str, among: Iterable[int]) -> Match | None:
        """The candidate that fits best and clearly better than the next, or None."""
        words = frozenset(_words(text))
        if not words:
            return None
        scored = sorted(((self._score(text, words, i), i) for i in among), reverse=True)
        if not scored or scored[0][0] < ENOUGH:
            return None
        # A line already taken by its exact wording still tells which words belong to it.
        rival = max((self._score(text, words, i) for i in range(len(self.labels)) if i != scored[0][1]), default=0.0)
        if scored[0][0] - rival < MARGIN and scored[0][0] < 0.985:
            return None
        return Match(scored[0][1], scored[0][0], scored[0][0] >= SURE)

    def containing(self, text: str, among: Iterable[int]) -> list[int]:
        """Candidates that carry every telling word of a text, of which there must be two at least."""
        content = frozenset(_words(text)) - self.fillers
        return [i for i in among if len(content) > 1 and content <= self.words[i]]

    def alike(self, text: str, index: int) -> float:
        """How much of their meaning a text and a label share, for one that stands in the label's place.

        0 for what is another thing, or is more like another label.
        """
        words, other = self._spelt(frozenset(_words(text)), index), self.words[index]
        if (words ^ other) & _kinds()["turns"]:
            return 0.0
        score, _, extra = self._shared(words, other)
        content = words - self.fillers
        if content and not extra - self.fillers:
            # Nothing but words of the label: cut short, and by its place it can be no other.
            score = max(score, 0.56 if len(content) > 1 else 0.4)
        rival = max((self._score(text, words, i) for i in range(len(self.labels)) if i != index), default=0.0)
        return score if rival < max(ENOUGH, score) else 0.0

    def _spelt(self, words: frozenset[str], index: int) -> frozenset[str]:
        """Words without the label's unit; abbreviations nobody listed written out where its words begin so ("vsmt")."""
        words = words - (self.tails[index] - self.words[index]) or words
        letters, tokens = self.initials[index]
        for word in sorted(words - self.words[index]):
            at = letters.find(word) if len(word) > 1 and not _VOWEL.search(word) else -1
            if at >= 0:
                words = words - {word} | set(tokens[at : at + len(word)])
        return words

    def _shared(self, words: frozenset[str], other: frozenset[str]) -> tuple[float, frozenset[str], frozenset[str]]:
        """Share of the words in common by weight, and the words only the label and only the text has."""
        missing, extra = other - words, words - other
        for word in sorted(extra):
            # A word the form itself uses elsewhere is no slip of another ("nhận", "nhân").
            near = (
                min((w for w in missing if _near(word, w, self.decisive) or self._slip(word, w)), default=None)
                if word not in self.counts
                else None
            )
            if near:
                missing, extra = missing - {near}, extra - {word}
                words = words - {word} | {near}
        # Sums that do not depend on the order of a set, which differs from run to run.
        shared = math.fsum(self._weight(w) for w in words & other)
        total = math.fsum(self._weight(w) for w in (*words, *other))
        return (2 * shared / total if total else 0.0), missing, extra

    def _slip(self, word: str, wanted: str) -> bool:
        """Whether a word is one of a label's with another mark."""
        return wanted not in self.decisive and _no_marks(word) == _no_marks(wanted)

    def _weight(self, word: str) -> float:
        if word in self.fillers:
            return 0.15
        return 0.5 + math.log(1 + len(self.labels) / self.counts.get(word, 2))

    def _score(self, text: str, words: frozenset[str], index: int) -> float:
        words = self._spelt(words, index)
        # A long line is like no label, even were each word of the label a slip of the heaviest in it.
        label = self.weights[index]
        rest = sum(map(self._weight, words)) - len(self.words[index]) * self.heaviest
        if rest > 0 and 2 * label / (label + rest) < ENOUGH - MARGIN:
            return 2 * label / (label + rest)
        score, missing, extra = self._shared(words, self.words[index])
        if (missing | extra) & self.decisive:
            return 0.0
        if extra - self.fillers:
            # A word the form lacks may name another thing ("thoát nghèo"); a word left out rarely does.
            return score if score >= ENOUGH_WITH_EXTRA else min(score, ENOUGH - 0.01)
        content = words - self.fillers
        if len(content) > 1 and sum(content <= w for w in self.words) == 1:
            return max(score, ENOUGH + MARGIN)
        begun = f"{plain(text)} "
        if content and begun.count(" ") > 1 and [label.startswith(begun) for label in self.plains].count(True) == 1:
            # Cut short ("Tổng số hộ"), and no other label begins so.
            return max(score, ENOUGH + MARGIN) if self.plains[index].startswith(begun) else score
        return score


def _near(a: str, b: str, decisive: frozenset[str]) -> bool:
    """Whether two words are one with a slip: marks lost or wrong, or one letter of a long word."""
    if a in decisive or b in decisive:
        return _no_marks(a) == b or _no_marks(b) == a
    if _no_marks(a) == _no_marks(b):
        return a == _no_marks(a) or b == _no_marks(b) or len(a) > 3
    return min(len(a), len(b)) > 4 and difflib.SequenceMatcher(None, _no_marks(a), _no_marks(b)).ratio() > 0.8


@lru_cache(maxsize=1024)
def _no_marks(word: str) -> str:
    return _Y.sub(r"\1i", "".join("d" if c == "đ" else unicodedata.normalize("NFD", c)[0] for c in word))


def _initials(label: str) -> tuple[str, list[str]]:
    """First letters of a label's words, and the word each belongs to."""
    parts = [(part[:1], word) for word in _words(label) for part in word.split("_")]
    return "".join(letter for letter, _ in parts), [word for _, word in parts]


def _words(text: str) -> list[str]:
    """Words with abbreviations written out and set phrases kept whole."""
    made = kept("label_splits", dict[str, list[str]])
    low = plain(text)
    if low not in made:
        if len(made) > 20_000:
            made.clear()
        made[low] = _split(low)
    return made[low]


def _split(low: str) -> list[str]:
    low = f" {written_out(low)} "
    for phrase in _kinds()["decisive"]:
        if " " in phrase:
            low = low.replace(f" {phrase} ", f" {phrase.replace(' ', '_')} ")
    return low.split()


def written_out(low: str) -> str:
    """A label in `plain` form with its abbreviations written out.

    Examples
    --------
    >>> written_out("kh năm")
    'kế hoạch năm'
    """
    low = f" {low} "
    for short, full in table_pairs():
        if f" {short} " in low:
            low = low.replace(f" {short} ", f" {full} ")
    return low.strip()


def table_pairs() -> tuple[tuple[str, str], ...]:
    """Abbreviations and words of the same meaning, the longest first."""
    return _read_words()[1]


def _kinds() -> dict[str, frozenset[str]]:
    return _read_words()[0]


def _read_words() -> tuple[dict[str, frozenset[str]], tuple[tuple[str, str], ...]]:
    return kept("label_words", _make_words)


def _make_words() -> tuple[dict[str, frozenset[str]], tuple[tuple[str, str], ...]]:
    rows = read_codelist("label_words", key=["word"], required=["kind", "means"])
    turns = {fold(r["word"]) for r in rows if r["kind"] == "turns"}
    decisive = turns | {fold(r["word"]) for r in rows if r["kind"] == "decisive"}
    kinds = {
        "filler": frozenset(fold(r["word"]) for r in rows if r["kind"] == "filler"),
        "turns": frozenset(turns),
        "decisive": frozenset(decisive | {w.replace(" ", "_") for w in decisive}),
    }
    pairs = [
        (fold(r["word"]), fold(r["means"])) for r in rows if r["kind"] in ("short", "same") and r["means"] != r["word"]
    ]
    return kinds, tuple(sorted(pairs, key=lambda p: -len(p[0])))
