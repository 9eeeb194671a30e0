"""Comparing names of places as people write them.

A name is compared by its letters alone: case, spaces, dots, hyphens, composed
or decomposed letters and the place of the tone mark (Hoà, Hòa) do not count.
Marks may be left out, all or some of them ("luc nam", "Lục Nam" and "Lục nam"
meet), but a mark that is written must be right: "Tấn Yên" is not "Tân Yên".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mttq_data.folding import Line

TYPES = {
    "tinh": "tỉnh", "thanh pho": "thành phố", "thi xa": "thị xã", "huyen": "huyện", "quan": "quận",
    "phuong": "phường", "xa": "xã", "thi tran": "thị trấn", "dac khu": "đặc khu",
}  # fmt: skip
SHORT = {
    "tp": "thanh pho", "tx": "thi xa", "tt": "thi tran", "h": "huyen", "q": "quan", "p": "phuong", "x": "xa",
    "t": "tinh", "dk": "dac khu",
}  # fmt: skip
_GAP = r"[\s._\-:]+"
_TYPE = re.compile(rf"(?:({'|'.join(t.replace(' ', _GAP) for t in TYPES)}){_GAP}|({'|'.join(SHORT)})[\s._\-]+)")
_FRONT = re.compile(
    rf"(?:(?:ban{_GAP}thuong{_GAP}truc|btt){_GAP})?(?:(?:uy{_GAP}ban|ub)(?:{_GAP})?)?(?:mttq|mat{_GAP}tran{_GAP}to{_GAP}quoc)"
    rf"(?:(?:{_GAP})?(?:viet{_GAP}nam|vn))?{_GAP}(?:cap{_GAP}(?:tinh|huyen|xa){_GAP})?"
)
_Y_TO_I = str.maketrans("yỳýỷỹỵ", "iìíỉĩị")
_LARGER = re.compile(r"\s*[,;(/)]+\s*|\s+-\s+|\s+thuộc\s+|\s+thuoc\s+")
_INNER = re.compile(rf"\s(?={_TYPE.pattern})")


@dataclass(frozen=True, slots=True)
class Key:
    """The letters of a name: ``bare`` without marks, ``marked`` with them, of equal length."""

    bare: str
    marked: str

    def meets(self, full: Key) -> bool:
        """Whether this writing can mean ``full``: same letters, no mark that ``full`` lacks."""
        return self.bare == full.bare and all(
            a in (b, c) or _marks(a) <= _marks(c) for a, b, c in zip(self.marked, self.bare, full.marked, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a written name: its own part, the type word before it, the larger units after it."""

    key: Key
    type: str
    larger: tuple[str, ...]


@lru_cache(maxsize=4096)
def key_of(name: str) -> Key:
    """The comparable letters of ``name``.

    Examples
    --------
    >>> key_of("HIỆP HOÀ") == key_of("Hiệp Hòa")
    True
    >>> key_of("luc nam").meets(key_of("Lục Nam")), key_of("Tấn Yên").meets(key_of("Tân Yên"))
    (True, False)
    """
    # Folding writes "mĩ" for "mỹ" but cannot know that "my" without its mark is the same word.
    letters = [c for c in Line(name).low.translate(_Y_TO_I) if c.isalnum()]
    return Key("".join(map(_bare, letters)), "".join(letters))


@lru_cache(maxsize=4096)
def readings(text: str) -> tuple[Reading, ...]:
    """The ways to read ``text`` as a place, the most literal first.

    Examples
    --------
    >>> [r.key.bare + "/" + r.type for r in readings("H. Lục Nam")]
    ['hlucnam/', 'lucnam/huyen']
    >>> readings("xã Tân Tiến, huyện Yên Dũng")[-1].larger
    ('huyện yên dũng',)
    """
    low = " ".join(Line(text).low.split())
    bare = "".join(map(_bare, low))
    front = _FRONT.match(bare)
    if front:
        low = low[front.end() :]
    found = [*_whole(low, ())]
    parts = [p for p in _LARGER.split(low) if p]
    if len(parts) > 1:
        found += _whole(parts[0], tuple(parts[1:]))
    own = parts[0] if parts else ""
    for inner in _INNER.finditer("".join(map(_bare, own))):
        if inner.start() > 2 and not _TYPE.fullmatch("".join(map(_bare, own[: inner.start()])) + " "):
            found += _whole(own[: inner.start()], (own[inner.end() :], *parts[1:]))
    return tuple(dict.fromkeys(found))


def _whole(low: str, larger: tuple[str, ...]) -> list[Reading]:
    found = [Reading(key_of(low), "", larger)]
    if match := _TYPE.match("".join(map(_bare, low))):
        kind = SHORT.get(match[2] or "") or " ".join(re.split(_GAP, match[1]))
        found.append(Reading(key_of(low[match.end() :]), kind, larger))
    return [r for r in found if r.key.bare]


@lru_cache(maxsize=1024)
def _bare(letter: str) -> str:
    return "d" if letter == "đ" else unicodedata.normalize("NFD", letter)[0]


@lru_cache(maxsize=1024)
def _marks(letter: str) -> frozenset[str]:
    return frozenset("đ" if letter == "đ" else unicodedata.normalize("NFD", letter)[1:])


def slug(name: str) -> str:
    """``name`` as a part of a file name: plain letters, words joined by hyphens.

    Examples
    --------
    >>> slug("Thành phố Bắc Giang")
    'thanh-pho-bac-giang'
    """
    return re.sub("[^a-z0-9]+", "-", "".join(map(_bare, Line(name).low))).strip("-")
