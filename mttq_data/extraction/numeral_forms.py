"""The shapes a numeral can have in a Vietnamese report, as patterns on one folded line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from mttq_data.codelists import read_codelist
from mttq_data.folding import CAPITALS, Line, fold

# A number as written: groups with dots or commas; "10 000"; "17, 29%".
# (?!\d) keeps "1 2345" two numbers; a thousands space never follows a longer run.
NUMBER = re.compile(
    r"\d{1,3}(?: \d{3})+(?![\d.]|,\d)(?= *(?:đ|đồng|vnđ|người|hộ|m2|usd|tấn|cây|lượt)\b)|\d+, \d{1,2}(?= ?%)|\d+(?:[.,]\d+)*"
)
PERCENT = re.compile(r" ?%| *(?:phần trăm|‰|phần nghìn)(?!\w)")
POINTS = re.compile(r" *(?:điểm (?:%|phần trăm)|điểm%)")
SCALE = re.compile(
    r" ?(?P<scale>(?:trăm|chục) (?:nghìn|ngàn|triệu)|(?:nghìn|ngàn|triệu) tỉ|tỉ(?! (?:lệ|trọng|suất|giá|số)(?!\w))|triệu|nghìn|ngàn|vạn|tr(?=[ .]?đ|\W|$)|trăm|chục)(?!\w)(?! (?:lẻ|dặm|năm tuổi))"
)
HALF = re.compile(r" rưỡi(?!\w)")
DASH = re.compile(r" ?- ?(?=\d)")
TO = re.compile(r" *(?:đến|tới) +(?=\d)")

DATE = re.compile(
    r"(?P<d>\d{1,2}) ?[/.-] ?(?P<m>\d{1,2}) ?[/.-] ?(?:1[89]|20)\d{2}(?!\d)"
    r"|\d{1,2} tháng \d{1,2}(?!\d|[.,/]\d| *%)(?: năm (?:1[89]|20)\d{2}(?!\d))?"
)
MONTH_YEAR = re.compile(r"(?:0?[1-9]|1[0-2]) ?[/.-] ?(?:19|20)\d{2}(?!\d|/|[.,]\d)")
DAY_MONTH = re.compile(r"(?P<d>\d{1,2})[-.](?P<m>\d{1,2})(?![\d%]|[.,/]\d| ?%)")
DAYS_OF_MONTH = re.compile(r"\d{1,2} ?(?:-|và|đến) ?(?=\d{1,2}[/-]\d{1,2}(?!\d))")
YEARS = re.compile(r"(?:1[89]|20)\d{2} ?- ?(?:(?:1[89]|20)\d{2}|\d{2})(?![\d.,/]\d|\d)")
YEAR = re.compile(r"(?:1[0-9]|20|21)\d{2}(?!\d|[.,]\d)")
FRACTION = re.compile(
    r"(?P<a>\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?) ?/ ?(?P<b>\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?)(?![\d/])"
)
CLOCK = re.compile(r"\d{1,2} ?(?:h|g|giờ) ?\d{0,2}(?!\w)|\d{1,2}:\d{2}(?!\d)")
DOTTED = re.compile(r"\d{1,3}(?:\.\d{1,3}){2,}(?!\d)")
LIST_MARK = re.compile(
    r"\d{1,2}(?=[.)/] *-? *(?:[^\W\d_]|[\"“(])|[.)] +\d)|\d{1,2}(?:\.\d{1,2}){1,3}(?=[.)]? *[^\W\d_])"
)
# On the case-kept text: number, hyphen or slash, capitals ("65- KL/TW", "59/2023/NĐ-CP").
DOCUMENT_NUMBER = re.compile(
    r"\d{1,5}[A-Z]?(?: ?/ ?(?:19|20)\d{2})?(?:- ?|/ ?| -| /)(?=[A-ZĐÂÊÔƠƯ]{2}|[A-Z]Đ|[A-Z]r|QH\d|[A-Z]/)[A-ZĐÂÊÔƠƯ][\wĐ]*(?:(?: ?[-/] ?|- )[A-ZĐÂÊÔƠƯ][\wĐ]*)*"
)
CAPITAL_AFTER = re.compile(rf"[.)/]? *-? *[\"“(]?[{CAPITALS}]|[.)] +\d")
PLAINLY_AMOUNT = re.compile(
    r"[1-9]\d{0,2}(?:\.\d{3})+(?![\d./-]|,\d)(?! ?[/-])|\d+(?:[.,]\d+)?%|[1-9]\d*(?:,\d+)? (?:triệu|nghìn|ngàn) (?!-)"
)
DIGIT = re.compile(r"\d")
RUN = re.compile(r"\d+")
WORD = re.compile(r"\w+")
SMALL = re.compile(r"\d{1,2}(?![\d%]|[.,/]\d| ?%)")
WORD_BEFORE = re.compile(r"[^\W\d_]+(?:[^\W\d_])*$")


class WordsFilter:
    """A quick look at a raw line without digits: could it hold an amount in words?

    Decomposed letters always pass; they are composed and read properly later.
    """

    _starts = frozenset(
        word
        for w in [
            "hàng",
            "vài",
            "mấy",
            "xóa",
            "xoá",
            "không",
            "hai",
            "ba",
            "bốn",
            "năm",
            "sáu",
            "bảy",
            "bẩy",
            "tám",
            "chín",
            "mười",
            "mươi",
            "mốt",
            "lăm",
            "tư",
            "trăm",
            "nghìn",
            "ngàn",
        ]
        for plain in (w, w.capitalize())
        for word in (plain, f"({plain}", f"“{plain}", f'"{plain}')
    )
    _amounts = frozenset(
        [
            "chục",
            "trăm",
            "nghìn",
            "ngàn",
            "vạn",
            "triệu",
            "tỷ",
            "tỉ",
            "xong",
            "hết",
            "sạch",
            "toàn",
            "hoàn",
            "có",
            "còn",
            "để",
        ]
    )
    _decomposed = re.compile("[\u0300-\u036f]")

    def __init__(self, spoken_nouns: frozenset[str]) -> None:
        self._next = self._amounts | {w.rstrip(",") for n in spoken_nouns for w in [n.split()[0]]}

    def search(self, raw: str) -> bool:
        """Whether the line is worth reading for amounts in words."""
        words = raw.split()
        if not self._starts.isdisjoint(words):
            starts, nexts = self._starts, self._next
            for word, after in pairwise(words):
                if word in starts and fold(after.strip('("“”,.;:)')) in nexts:
                    return True
        return bool(self._decomposed.search(raw))


# Vague amounts and amounts said in words that carry a statistic. They are matched
# where MAYBE_WORDS finds a first word.
MAYBE_WORDS = re.compile(r"(?:hàng|vài|mấy|xóa|không|một|hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín|mười|trăm)(?!\w)")
VAGUE = re.compile(
    r"(?:hàng|vài|mấy)(?: (?:chục|trăm|nghìn|ngàn|vạn|triệu|tỉ))+(?!\w)(?! (?:năm|ngày(?! công)|tháng|giờ|lần)(?!\w))"
)
ALL_DONE = re.compile(
    r"xóa (?:xong|hết|sạch|toàn bộ|hoàn toàn)(?= (?:số |toàn bộ )?nhà(?: nhà)? (?:ở )?(?:tạm|dột nát))"
)
NONE_LEFT = re.compile(
    r"không (?:có|còn|để)(?= (?:ban|đơn vị|khu dân cư|tổ|cơ sở|mttq|mặt trận|chi hội|hộ|xã|thôn|cán bộ|tập thể)(?: [^\W\d_]+){0,10}? "
    r"(?:yếu|kém|yếu kém|không hoàn thành|chưa hoàn thành|tái nghèo)(?!\w))"
)
SPOKEN = re.compile(
    r"(?:(?:một|hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín|mười|mươi|mốt|lăm|tư|trăm|nghìn|ngàn|linh|lẻ|triệu|tỉ|vạn|chục)(?!\w) ?)+(?<! )"
)


@dataclass(slots=True)
class Numeral:
    """One numeral of a line; positions are in the folded line.

    ``tail`` is where the words after it begin (past percent sign and scale
    word). ``values`` holds the number or numbers it states, scale multiplied in;
    ``form`` tells how it is written.
    """

    start: int
    end: int
    kind: str
    tail: int = 0
    form: str = "plain"
    values: tuple[float, ...] = ()
    scale: str = ""
    percent: bool = False
    points: bool = False


class Spot:
    """Where a number begins: its line and the words that lead to it."""

    __slots__ = ("before", "line", "low", "start", "words")
    LOOK_BACK = 70

    def __init__(self, line: Line, start: int) -> None:
        self.line, self.low, self.start = line, line.low, start
        self.before = line.low[max(0, start - self.LOOK_BACK) : start]
        self.words = last_words(self.before)


def last_words(before: str) -> list[str]:
    """The last six words of a text, brackets and colons at its end aside."""
    return before.rstrip(" :-(").rsplit(None, 6)[-6:]


@dataclass(frozen=True)
class Endings:
    """Phrases that may end the words before a number."""

    phrases: frozenset[str]
    last: frozenset[str]

    def end(self, words: list[str]) -> bool:
        """Do the last of these words make one of the phrases?"""
        if not words or words[-1].lstrip('("“') not in self.last:
            return False
        return any(" ".join(words[i:]).lstrip('("“,;') in self.phrases for i in range(len(words)))


@lru_cache(maxsize=4)
def _read_cues(
    rows: tuple[tuple[str, str, str], ...],
) -> tuple[dict[tuple[str, str], Endings], dict[str, re.Pattern[str]]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for kind, where, phrase in rows:
        groups.setdefault((kind, where), []).append(fold(phrase))
    before: dict[tuple[str, str], Endings] = {}
    after: dict[str, re.Pattern[str]] = {}
    for (kind, where), phrases in groups.items():
        if where == "after":
            longest_first = sorted(phrases, key=len, reverse=True)
            edged = [re.escape(p).replace(r"\ ", " +") + ("(?!\\w)" if p[-1].isalnum() else "") for p in longest_first]
            after[kind] = re.compile(f" *(?:{'|'.join(edged)})")
        else:
            before[kind, where] = Endings(frozenset(phrases), frozenset(p.split()[-1] for p in phrases))
    return before, after


def cues() -> tuple[dict[tuple[str, str], Endings], dict[str, re.Pattern[str]]]:
    """The context words of ``codes/numeral_cues.csv``: those before by (kind, where), those after by kind."""
    rows = read_codelist("numeral_cues", key=["kind", "where", "phrase"])
    return _read_cues(tuple((r["kind"], r["where"], r["phrase"]) for r in rows))


def skip_spaces(low: str, position: int) -> int:
    """The first place at or after ``position`` that is no space."""
    while position < len(low) and low[position] == " ":
        position += 1
    return position
