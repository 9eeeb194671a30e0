"""What the heading of a column says: plan, period, cumulative, a share, another time, …"""

from __future__ import annotations

import re

from mttq_data.folding import Line
from mttq_data.returns.knowledge import kept
from mttq_data.returns.label_matching import bare, plain, written_out
from mttq_data.returns.layout import cues

MEANINGS = ("computed", "note", "cumulative", "plan", "unit", "number", "period")
_YEARS = re.compile(r"\b20\d\d\b")
_MONTHS = re.compile(r"\b(\d{1,2}|ba|sáu|chín|mười|mười hai) tháng\b")
_MONTH = re.compile(r"\btháng (1[0-2]|0?[1-9])\b")
_QUARTER = re.compile(r"\bquý (i{1,3}|iv|[1-4])\b")
_DATES = re.compile(r"\b(?:từ (?:ngày )?0?(\d{1,2}) 0?(\d{1,2}) (?:20\d\d )?)?đến (?:ngày )?\d{1,2} \d{1,2}\b")
_WORDS = {"ba": 3, "sáu": 6, "chín": 9, "mười": 10, "mười hai": 12, "i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTHS_OF = {"-Q": 3, "-H": 6}


_RATIO = re.compile(r"\b(?:th|tt|thực hiện)\s*[/:]\s*(?:kh|kế hoạch)\b")


def with_marks(low: str) -> str:
    """A heading typed without any marks, with those of the words that headings are made of.

    Examples
    --------
    >>> with_marks("ke hoach nam 2024"), with_marks("nam"), with_marks("lũy kế nam")
    ('kế hoạch năm 2024', 'nam', 'lũy kế nam')
    """
    if not low.isascii() or len(low.split()) < 2:
        return low
    text = f" {bare(low)} "
    for plain_word, word in kept("unmarked_cues", _unmarked):
        text = text.replace(f" {plain_word} ", f" {word} ")
    return text.strip()


def _unmarked() -> list[tuple[str, str]]:
    words = {cue for known in cues().values() for cue in known} | {"ba tháng", "sáu tháng", "chín tháng"}
    return sorted(((bare(w), w) for w in words if not w.isascii()), key=lambda p: -len(p[0]))


def path_meaning(path: list[str], words: dict[str, str]) -> tuple[str, int]:
    """What the headings above a column say, and how many of them it takes: the lowest one that says anything decides.

    Examples
    --------
    >>> path_meaning(["Chỉ tiêu, kết quả năm 2024", "Chỉ tiêu", "cả năm"], {})
    ('plan', 2)
    """
    weak = "", len(path)
    for depth in range(1, len(path) + 1):
        # One heading may stand in two cells, one below the other.
        for text in dict.fromkeys((path[-depth], " ".join(path[-depth:]))):
            if (means := meaning_of(text, words)) not in ("", "done", "year"):
                return means, depth
            weak = weak if weak[0] or not means else (means, depth)
    return weak


def meaning_of(text: str, words: dict[str, str] | None = None) -> str:
    """What a heading says its column holds: plan, period, cumulative, computed, other, …, or "".

    Examples
    --------
    >>> meaning_of("KH giao cả năm"), meaning_of("TH quý IV"), meaning_of("Cộng dồn từ đầu năm")
    ('plan', 'period', 'cumulative')
    >>> meaning_of("Kế họach 2024"), meaning_of("Từ 01/10 đến 31/12"), meaning_of("Đến 31/12/2024")
    ('plan', 'period', 'cumulative')
    """
    low = f" {written_out(with_marks(plain(text)))} "
    year, when = (words or {}).get("year", ""), (words or {}).get("code", "")
    known = cues()
    if "%" in text or _RATIO.search(Line(text).low):
        return "other" if any(f" {cue} " in low for cue in known["other"]) else "computed"
    for means in ("other", *MEANINGS[:-1]):
        if any(f" {cue} " in low for cue in known[means]):
            years = _YEARS.findall(low)
            return "other" if year and years and max(years) < year and means == "cumulative" else means
    years = _YEARS.findall(low)
    if year and years and max(years) < year:
        return "other"
    if m := _DATES.search(low):
        return "period" if m[1] and (m[1], m[2]) != ("1", "1") else "cumulative"
    if m := _QUARTER.search(low):
        same = when[4:6] != "-Q" or int(_WORDS.get(m[1], m[1])) == int(when[6])
        return "period" if same else "other"
    if m := _MONTH.search(low):
        # The months of a quarter beside the quarter itself.
        return "period" if not when or when[5:] == f"{int(m[1]):02d}" else "other"
    if m := _MONTHS.search(low):
        return (
            "period"
            if int(_WORDS.get(m[1], m[1])) == _MONTHS_OF.get(when[4:6], 12 if when[4:] == "" < when else 3)
            else "cumulative"
        )
    said = [m for m in ("period", "done", "year") if any(f" {cue} " in low for cue in known[m])]
    if said == ["done", "year"]:
        return "period" if when and not when[4:] else "cumulative"
    if said or plain(text).isascii():
        return said[0] if said else ""
    # "Kế họach", "Luỹ kê": with a mark wrong or in the wrong place they still are what they are without.
    slip = meaning_of(bare(text), words)
    return slip if slip in ("plan", "cumulative") else ""
