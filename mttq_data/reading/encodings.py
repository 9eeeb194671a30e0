"""From bytes to text: Unicode in its forms, Windows-1258, and the legacy fonts TCVN3 and VNI.

Text that is Unicode already is never touched. Legacy text is recognised by
trying the conversion: only the right table turns its words into possible
Vietnamese syllables. A font's name, where a file tells it, decides at once.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal

from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.syllables import is_syllable

Legacy = Literal["tcvn3", "vni"]
LEGACY_NAMES = {"tcvn3": "TCVN3 (ABC, .VnTime)", "vni": "VNI"}
_ADVICE = "open it in Word or Notepad and save it as 'Plain text, UTF-8'"

# What word processors and web pages put in the place of a TCVN3 letter of the same look.
_LOOKALIKES = {0x2219: 0xB7, 0x03BC: 0xB5}
# Vietnamese letters and combining tone marks that only Unicode text can hold.
_UNICODE_ONLY = re.compile("[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0"
                           "\u0300-\u0323\u1ea0-\u1ef9]")  # fmt: skip
_SUSPECT = re.compile("[\u00a1-\u00af\u00b5-\u00b9\u00bb-\u00be\u00c0-\u00ff\u2219\u03bc]")
_TOKEN = re.compile(
    "[A-Za-z\u00a1-\u00af\u00b5-\u00b9\u00bb-\u00be\u00c0-\u024f\u0300-\u036f\u03bc\u1e00-\u1eff\u2219]+"
)
# A sign or a capital inside a word, or a VNI mark no Western word carries there.
_TELLTALE = {
    "tcvn3": re.compile("[A-Za-z][\u00a1-\u00af\u00b6-\u00b9\u00bb-\u00be\u2219\u00d7\u00f7]"
                        "|[\u00a1-\u00af\u00b6-\u00b9\u00bb-\u00be\u2219\u00d7][A-Za-z]|[a-z][\u00b5\u00c0-\u00df]"),
    "vni": re.compile("[aeouyAEOUY\u00f4\u00f6\u00d4\u00d6][\u00f9\u00f8\u00f5\u00e5\u00e3\u00e4\u00fa"
                      "\u00d9\u00d8\u00d5\u00c5\u00c3\u00c4\u00da]|[aA][\u00e2\u00ea\u00c2\u00ca]|[eE][\u00e2\u00c2]|[oO][\u00e2\u00c2]"),
}  # fmt: skip
_SAMPLE = 3000


def font_encoding(font_name: str) -> Legacy | None:
    """The legacy encoding a font draws, told by its name.

    Examples
    --------
    >>> [font_encoding(name) for name in (".VnTimeH", "VNI-Times", "Times New Roman", "")]
    ['tcvn3', 'vni', None, None]
    """
    name = font_name.strip().lower()
    if re.match(r"[._]?vni[-_ ]", name):
        return "vni"
    return "tcvn3" if re.match(r"[._]vn[a-z0-9]", name) else None


def font_capitals(font_name: str) -> bool:
    """Whether a TCVN3 font draws small letters as capitals (its name ends in H).

    Examples
    --------
    >>> font_capitals(".VnTimeH"), font_capitals(".VnTime"), font_capitals("VNI-Times")
    (True, False, False)
    """
    return font_encoding(font_name) == "tcvn3" and font_name.strip().endswith("H")


def convert(text: str, encoding: str) -> str:
    """Turn legacy text, as it shows in a Unicode program, into Unicode.

    In TCVN3, a word typed in capitals carries small toned letters (the fonts
    had no others); such words come out in capitals throughout.

    Parameters
    ----------
    text : str
        The text as read ("Uû ban nh©n d©n").
    encoding : {"tcvn3", "vni"}
        The legacy encoding.

    Returns
    -------
    str
        Unicode in composed letters.

    Raises
    ------
    ValueError
        For any other ``encoding``.

    Examples
    --------
    >>> convert("Uû ban nh©n d©n tØnh B¾c Giang", "tcvn3")
    'Uỷ ban nhân dân tỉnh Bắc Giang'
    >>> convert("Uûy ban nhaân daân tænh", "vni")
    'Ủy ban nhân dân tỉnh'
    """
    if encoding == "tcvn3":
        return _WORD.sub(_raise_capitals, text.translate(_tcvn3_table()))
    if encoding == "vni":
        pattern, table = _vni_table()
        return pattern.sub(lambda found: table[found.group()], text)
    raise ValueError(f"unknown legacy encoding {encoding!r}; use 'tcvn3' or 'vni'")


_WORD = re.compile(r"[^\W\d_]+")


def _raise_capitals(found: re.Match[str]) -> str:
    word = found.group()
    if word.isascii():
        return word
    plain = [c for c in word if c.isascii() or c.isupper()]
    return word.upper() if len(plain) > 1 and all(c.isupper() for c in plain) else word


@lru_cache(maxsize=1)
def _tcvn3_table() -> dict[int, str]:
    table = {int(r["tcvn3_hex"], 16): r["letter"] for r in _letters() if r["tcvn3_hex"]}
    return table | {odd: table[meant] for odd, meant in _LOOKALIKES.items()}


@lru_cache(maxsize=1)
def _vni_table() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {r["vni"]: r["letter"] for r in _letters()}
    for sequence, letter in list(table.items()):
        # A capital's mark is often typed small: "Uûy" for "UÛy".
        if len(sequence) == 2 and sequence[0].isupper():
            table.setdefault(sequence[0] + sequence[1].lower(), letter)
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), table


def _letters() -> list[dict[str, str]]:
    return read_codelist("legacy_fonts", key=["letter"], required=["tcvn3_hex", "vni"])


def looks_legacy(text: str) -> Legacy | None:
    """Tell whether ``text`` is Vietnamese typed in a legacy font.

    Cautious: ordinary Unicode text of any language, numbers and short codes
    give ``None``. A single short cell may be too little to tell by; ask for a
    column's or sheet's cells joined by line breaks, then convert each cell.

    Parameters
    ----------
    text : str
        Text as a Unicode program shows it.

    Returns
    -------
    {"tcvn3", "vni"} or None

    Examples
    --------
    >>> looks_legacy("Uû ban nh©n d©n tØnh"), looks_legacy("Uûy ban nhaân daân tænh")
    ('tcvn3', 'vni')
    >>> [looks_legacy(t) for t in ("Uỷ ban nhân dân tỉnh", "déjà vu à la mode", "12.345", "QĐ-UBND")]
    [None, None, None, None]
    """
    if not _SUSPECT.search(text) or _UNICODE_ONLY.search(text):
        return None
    return _verdict(text)


def _verdict(text: str) -> Legacy | None:
    marked, count = _marked(text)
    if not marked:
        return None
    as_is = _share(marked, count, _same)
    shares: dict[Legacy, float] = {"tcvn3": _share(marked, count, _as_tcvn3), "vni": _share(marked, count, _as_vni)}
    best: Legacy = "tcvn3" if shares["tcvn3"] >= shares["vni"] else "vni"
    if shares["tcvn3"] == shares["vni"] or shares[best] < 0.75 or as_is > 0.6 or shares[best] - as_is < 0.25:
        return None
    if not any(_TELLTALE[best].search(token) for token in marked):
        return None
    return best if len(marked) > 2 or _short_is_sure(text, marked, shares[best]) else None


def _short_is_sure(text: str, marked: Counter[str], share: float) -> bool:
    """One or two words tell little: every one must fit, none may be as short as a unit."""
    plain = (t for t in _TOKEN.findall(text) if t.isascii() and not t.isupper())
    return share == 1 and max(map(len, marked)) > 3 and all(map(is_syllable, plain))


def _marked(text: str) -> tuple[Counter[str], int]:
    """The words with an ASCII and a non-ASCII letter, from a sample spread over ``text``."""
    found: Iterable[str] = (m.group() for part in _sample(text) for m in _TOKEN.finditer(part))
    mixed = (t for t in found if not t.isascii() and re.search("[A-Za-z]", t))
    words = Counter(islice(mixed, _SAMPLE))
    return words, words.total()


def _sample(text: str, size: int = 40_000) -> Sequence[str]:
    if len(text) <= 3 * size:
        return [text]
    middle = len(text) // 2
    return [text[:size], text[middle : middle + size], text[-size:]]


def _share(marked: Counter[str], count: int, read: Callable[[str], str]) -> float:
    return sum(n for token, n in marked.items() if is_syllable(read(token))) / count


def _fit(text: str, read: Callable[[str], str]) -> float:
    marked, count = _marked(text)
    return _share(marked, count, read) if count else 0.0


def _same(token: str) -> str:
    return token


def _as_tcvn3(token: str) -> str:
    return convert(token, "tcvn3")


def _as_vni(token: str) -> str:
    return convert(token, "vni")


def repair(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Convert the lines of a text that stand in a legacy encoding; leave the others alone.

    Parameters
    ----------
    lines : sequence of str
        The text's lines, with or without their line ends.

    Returns
    -------
    (lines, notes)
        As many lines as given, and a note for the reader where any changed.

    Examples
    --------
    >>> repair(["Uû ban nh©n d©n tØnh", "Bắc Giang"])[0]
    ['Uỷ ban nhân dân tỉnh', 'Bắc Giang']
    >>> repair(["Tỷ lệ hộ nghèo", "còn 2,67%"])
    (['Tỷ lệ hộ nghèo', 'còn 2,67%'], [])
    """
    suspects = [i for i, line in enumerate(lines) if _SUSPECT.search(line) and not _UNICODE_ONLY.search(line)]
    if not suspects:
        return list(lines), []
    whole = _verdict("\n".join(lines[i] for i in suspects))
    fixed, changed = list(lines), Counter[str]()
    for i in suspects:
        encoding = whole if whole and reads_better(lines[i], whole) else _sure_line(lines[i])
        if encoding:
            fixed[i] = convert(lines[i], encoding)
            changed[encoding] += 1
    return fixed, [legacy_note(name, f"{n} of {len(lines)} lines") for name, n in sorted(changed.items())]


def legacy_note(encoding: str, amount: str) -> str:
    """The note on a conversion: what was converted, and the doubt about capitals."""
    note = (
        f"converted to Unicode from the legacy font encoding {LEGACY_NAMES[encoding]}: {amount}; check names and signs"
    )
    capitals = "; headings typed in a capital font (.VnTimeH and the like) may show as small letters"
    return note + capitals if encoding == "tcvn3" else note


def reads_better(line: str, encoding: Legacy) -> bool:
    """Whether ``line`` makes at least as much sense converted as it does as it stands.

    Examples
    --------
    >>> reads_better("Bé Y tÕ", "tcvn3"), reads_better("Công tác", "tcvn3"), reads_better("Tỉnh", "tcvn3")
    (True, False, False)
    """
    if _UNICODE_ONLY.search(line):
        return False
    marked, count = _marked(line)
    if not count:
        return True
    read = _as_tcvn3 if encoding == "tcvn3" else _as_vni
    return _share(marked, count, read) >= _share(marked, count, _same)


def _sure_line(line: str) -> Legacy | None:
    return _verdict(line) if _marked(line)[1] >= 4 else None


def decode(data: bytes, name: str, *, declared: str = "") -> tuple[str, list[str]]:
    """Decode a text file's bytes, code point by code point, line ends as they stand.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        The file's name for messages.
    declared : str, optional
        The encoding a page says it is in; trusted where the bytes are not Unicode.

    Returns
    -------
    (text, notes)
        A byte order mark is dropped. Eight-bit legacy text comes converted; legacy text
        that a program saved as Unicode does not (see `repair`).

    Raises
    ------
    MttqError
        The bytes fit no known encoding; the message names the line.

    Examples
    --------
    >>> decode("Tỷ lệ 2,67%\\r\\n".encode("utf-16"), "a.txt")[0]
    'Tỷ lệ 2,67%\\r\\n'
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], codec, name), [] if codec == "utf-8" else [f"read as {codec.upper()}"]
    wide = _utf16_order(data)
    if wide:
        return _strictly(data, wide, name), [f"read as {wide.upper()} (no byte order mark)"]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as exc:
        return _eight_bit(data, name, declared, exc)


_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]


def _strictly(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec, "surrogatepass")
    except UnicodeDecodeError as exc:
        line = data[: exc.start].decode(codec, "replace").count("\n") + 1
        raise MttqError(f"{name} line {line}: damaged {codec.upper()} at byte {exc.start}; {_ADVICE}") from exc


def _utf16_order(data: bytes) -> str:
    """UTF-16 without its mark: every ASCII character leaves a zero byte on one side."""
    head = data[:65536]
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    # A combining grave accent, U+0300, has its zero byte on the other side.
    if max(even, odd) < 0.2 * half or min(even, odd) > 0.25 * max(even, odd):
        return ""
    order = "utf-16-le" if odd > even else "utf-16-be"
    text = head[: 2 * half].decode(order, "replace")
    common = sum(ord(c) < 0x400 or 0x1E00 <= ord(c) < 0x2100 for c in text)
    return order if common > 0.9 * len(text) else ""


def _eight_bit(data: bytes, name: str, declared: str, exc: UnicodeDecodeError) -> tuple[str, list[str]]:
    """Not UTF-8: the decoding under which the words are possible syllables, or none."""
    western, vietnamese = data.decode("cp1252", "replace"), data.decode("cp1258", "replace")
    options = [
        (_fit(unicodedata.normalize("NFC", vietnamese), _same), "cp1258"),
        (_fit(western, _as_tcvn3), "tcvn3"),
        (_fit(western, _as_vni), "vni"),
    ]
    options.sort(reverse=True)
    (share, best), (second, _) = options[:2]
    if share >= 0.75 and share > second:
        lost = western.count("\ufffd") if best != "cp1258" else vietnamese.count("\ufffd")
        notes = [f"{lost} bytes mean nothing in this encoding and show as \ufffd"] if lost else []
        if best == "cp1258":
            return vietnamese, ["read as Windows-1258", *notes]
        return convert(western, best), [legacy_note(best, "the whole file"), *notes]
    try:
        return data.decode("utf-8", "surrogatepass"), ["holds lone surrogates"]
    except UnicodeDecodeError:
        pass
    if re.fullmatch(r"(?i)windows-125\d|cp125\d|iso-8859-\d+|latin-?1", declared):
        try:
            return data.decode(declared), [f"read as {declared} (the page says so)"]
        except (LookupError, ValueError):
            pass
    line = data.count(b"\n", 0, exc.start) + 1
    raise MttqError(
        f"{name} line {line}: byte {exc.start} is not UTF-8, nor is the file UTF-16, Windows-1258, TCVN3 or VNI; {_ADVICE}"
    ) from exc
