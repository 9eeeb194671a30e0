"""Which letter runs can be a Vietnamese syllable: onset, rhyme and tone that go together.

Vietnamese uses a few hundred rhymes only, so a text decoded with the wrong
table betrays itself at once: its words stop being possible syllables.
"""

# ruff: noqa: SIM905 - word lists read and change more easily as words than as lists of strings
from __future__ import annotations

import unicodedata
from functools import lru_cache

_ONSETS = "ngh ng nh gh gi kh ch ph qu th tr b c d đ g h k l m n p r s t v x".split()
_RHYMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot oong ooc oa oac oach oai oam oan oang oanh oao oap oat oay
    oăc oăm oăn oăng oăt oe oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uôc uôi uôm uôn uông uôt uơ
    uy uya uych uyên uyêt uynh uyt uyu uyp ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yêm yên yêng yêt yêu ych ynh yt yn
    """.split()
)
_Y_RHYMES = frozenset("y yêm yên yêng yêt yêu ych ynh yt yn".split())
_Y_ONSETS = frozenset({"", "h", "k", "l", "m", "qu", "s", "t", "v"})
_TONES = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
_STOPS = ("c", "ch", "p", "t")


@lru_cache(maxsize=1 << 15)
def is_syllable(word: str) -> bool:
    """Whether ``word`` can be one Vietnamese syllable, in NFC or NFD, any case.

    A word of plain ASCII letters passes without its tone ("nuoc"), as long as
    its letters can stand together.

    Examples
    --------
    >>> [is_syllable(w) for w in ("nghiêng", "Uỷ", "hoà", "thuế")]
    [True, True, True, True]
    >>> [is_syllable(w) for w in ("Köln", "phục vụ", "ngiên", "hàt")]
    [False, False, False, False]
    """
    if not 0 < len(word) <= 12:
        return False
    tones, letters = "", []
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _TONES:
            tones += _TONES[char]
        else:
            letters.append(char)
    base = unicodedata.normalize("NFC", "".join(letters))
    if len(tones) > 1:
        return False
    stopped_wrongly = base.endswith(_STOPS) and not word.isascii() and tones not in ("s", "j")
    return not stopped_wrongly and any(_fits(onset, base) for onset in ("", *_ONSETS))


def _fits(onset: str, base: str) -> bool:
    if not base.startswith(onset):
        return False
    rhyme = base[len(onset) :]
    if rhyme in _Y_RHYMES:
        return onset in _Y_ONSETS
    if onset == "gi" and rhyme == "êng":
        return True
    if onset in ("c", "ng") and rhyme[:1] in ("e", "ê", "i"):
        return False
    if onset in ("k", "gh", "ngh"):
        return rhyme in _RHYMES and rhyme[0] in "eêi"
    if onset == "qu":
        return rhyme in _RHYMES and rhyme[0] in "aăâeêiơoô"
    return rhyme in _RHYMES
