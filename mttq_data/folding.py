"""One spelling for comparing Vietnamese, with the way back to the text as it stood.

Reports mix composed and decomposed letters, ``hoà`` and ``hòa``, ``tỷ`` and
``tỉ``, several dashes, quotes and spaces. Rules compare *folded* text; offsets
always lead back to the unchanged original.
"""

from __future__ import annotations

import re
import unicodedata
from array import array

# One character for one character, so that folding by table moves no offset.
_SPACES = dict.fromkeys(
    map(
        ord,
        "\t\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
    ),
    " ",
)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"), "-")
_OTHER = {
    ord("％"): "%",
    ord("﹪"): "%",
    ord("⁄"): "/",
    ord("∕"): "/",
    ord("„"): "“",
    ord("‟"): "“",
    ord("«"): "“",
    ord("»"): "”",
}
_TABLE = _SPACES | _DASHES | _OTHER
# Zero-width, bidi and soft-hyphen characters are no part of any word.
_IGNORED = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

_REPLACED = re.compile("[" + re.escape("".join(map(chr, _TABLE))) + "]")
# Spelt out as a set, within the plane that a set finds fast; a look-ahead would be
# tried at every character. Digits of rarer scripts are listed as they stand.
_FOREIGN_DIGIT = re.compile("[" + "".join(c for c in map(chr, range(128, 0x10000)) if c.isdecimal()) + "]")
_ODD = re.compile(f"[{_REPLACED.pattern[1:-1]}{_FOREIGN_DIGIT.pattern[1:-1]}{_IGNORED.pattern[1:-1]}]")
# A letter with the marks that stand on it, and what is dropped.
_CLUSTER = re.compile("[^\u0300-\u036f]?[\u0300-\u036f]+|" + _IGNORED.pattern)

# For character classes: the range À-Ỹ would take in small letters too.
CAPITALS = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"

# Two spellings fold to one: the tone of an open syllable on its first vowel (hoà is
# hòa, but toàn stays), i for y after these letters (tỷ is tỉ), quý for quí.
_OPEN = dict(
    zip(
        ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
        ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"],
        strict=True,
    )
)
_LETTERS = dict(
    zip(
        ["tỷ", "lý", "kỳ", "kỹ", "ký", "mỹ", "sỹ", "kỷ", "hỷ", "quí"],
        ["tỉ", "lí", "kì", "kĩ", "kí", "mĩ", "sĩ", "kỉ", "hỉ", "quý"],
        strict=True,
    )
)
_SPELLINGS = re.compile(r"(?:o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])(?![^\W\d_])")


def fold(text: str) -> str:
    """Fold NFC ``text`` to lower case and one tone spelling, keeping its length.

    Examples
    --------
    >>> fold("Tỷ lệ HOÀ giải") == fold("tỉ lệ hòa giải")
    True
    >>> len(fold("Uỷ ban")) == len("Uỷ ban")
    True
    """
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    for old, new in _LETTERS.items():
        if old in low:
            low = low.replace(old, new)
    return _SPELLINGS.sub(_first_vowel, low)


def _first_vowel(found: re.Match[str]) -> str:
    after_q = found.group()[0] == "u" and found.string[found.start() - 1 : found.start()] == "q"
    return found.group() if after_q else _OPEN[found.group()]


class Line:
    """One line of a report in comparable form.

    Attributes
    ----------
    text : str
        NFC, plain spaces, one dash, ASCII digits; case kept.
    low : str
        ``text`` folded; same length.
    start : int
        Offset of the line in the document.
    """

    __slots__ = ("_map", "low", "start", "text")

    def __init__(self, raw: str, start: int = 0) -> None:
        self.start = start
        self.text, self._map = _plain(raw)
        self.low = fold(self.text)

    def at(self, position: int) -> int:
        """The document offset at which the folded ``position`` begins."""
        return self.start + (position if self._map is None else self._map[position])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Document offsets of the folded span; combining marks belong to their letter."""
        if self._map is None:
            return self.start + start, self.start + end
        return self.start + self._map[start], self.start + self._map[end]


def plain(raw: str) -> str:
    """The text as `Line.text` has it: composed, plain spaces, one dash, ASCII digits."""
    return _plain(raw)[0]


def _plain(raw: str) -> tuple[str, array[int] | None]:
    text, offsets = raw, None
    # Most lines hold nothing to replace: one search tells, and is far cheaper than a translation.
    odd = _ODD.search(raw) is not None
    if not raw.isascii() and (not unicodedata.is_normalized("NFC", raw) or (odd and _IGNORED.search(raw))):
        text, offsets = _compose(raw)
    if not odd:
        return text, offsets
    if _REPLACED.search(text):
        text = text.translate(_TABLE)
    if _FOREIGN_DIGIT.search(text):
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return text, offsets


def _compose(raw: str) -> tuple[str, array[int]]:
    """Compose where marks stand; return the text and each character's offset in ``raw``."""
    out: list[str] = []
    offsets = array("L")
    position = 0
    for found in _CLUSTER.finditer(raw):
        start, end = found.span()
        out.append(raw[position:start])
        offsets.extend(range(position, start))
        composed = _IGNORED.sub("", unicodedata.normalize("NFC", found.group()))
        out.append(composed)
        # What composed into one letter begins where its letter began; a mark that
        # found no letter to compose with keeps its own place.
        offsets.extend(start if i == 0 else end - len(composed) + i for i in range(len(composed)))
        position = end
    out.append(raw[position:])
    offsets.extend(range(position, len(raw) + 1))
    return "".join(out), offsets
