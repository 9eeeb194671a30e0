"""What a statistic amounts to: value, bounds, qualifier, unit and the thing counted."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from mttq_data.codelists import read_codelist
from mttq_data.extraction.nouns import Noun, NounReader
from mttq_data.extraction.numeral_forms import Numeral, skip_spaces
from mttq_data.extraction.numeral_kinds import STATISTIC_KINDS
from mttq_data.folding import CAPITALS, Line, fold

MASS = {"tấn": 1000.0, "tạ": 100.0, "yến": 10.0}
_SEPARATE = re.compile(rf"[.!?…]+[\"”’)]*(?: +(?=[\"“(\[-]*[{CAPITALS}\d])| *$)")
_ABBREVIATED = re.compile(
    r"(?:\b(?:TP|TX|TT|Tp|tp|Tx|P|Q|H|X|Th\.S|TS|GS|PGS|BS|ThS|St|Mr|Bà|Ông|v\.v|tr|trđ)\.|\b[A-ZĐ]\.)$"
)
_CLAUSE_END = re.compile(r"[.;:!?](?= |$)|[()\"“”]|(?: -|,) (?=trong đó|nâng|đưa|góp phần|bằng|tăng|giảm|chiếm|đạt)")
# Words that end the phrase of the thing counted.
_STOP = re.compile(
    r"(?<!\w)(?:được|đã|đạt|có|với|trị giá|tổng|cho|và \d|trong|tại|ở|để|là|do|của|trên|từ|vào|nhằm|đang|sẽ|gồm|thuộc|tham gia|thực hiện|"
    r"theo|về|bằng|còn|chiếm|luôn|đều|như|qua|đến|so với|trở lên|trở xuống|tương ứng|tương đương)(?!\w)"
)
_JOIN = re.compile(r" *(?:,|và|hoặc|hay|/|-|\+|đến|tới|,? và)? *(?:trên|hơn|gần|khoảng|dưới)? *$")
_EMPTY_AFTER = re.compile(
    r" *(?:[.,;:()\[\]\"”!?]|$|và(?!\w)|hoặc(?!\w)|trong(?!\w)|\(|so với|đạt|bằng|còn(?!\w)|tăng|giảm|năm \d|của năm|ở(?!\w)|tại(?!\w))"
)
_HEAD_NOUN = re.compile(
    r"(?: [^\W\d_]+){0,2}? *(?:là|đạt|còn|có|được|gồm|lên|xuống|thành|mới|hiện có|tổng cộng|giảm còn|tăng lên|chỉ còn|:|trên|hơn|gần|khoảng| )* *$"
)
_BOUNDARY = re.compile(r"[(),;:\"“”]+")
_WORTH = re.compile(r"(?<!\w)(?:trị giá|số tiền|kinh phí|tổng giá trị)(?: là| gần| trên| hơn| khoảng)? *$")
_NEXT_ITEM = re.compile(r"(?:,| và|, và)(?: [^\W\d_]+){1,4} *")
_BRACKETED = re.compile(r" *\([^()\d]{1,40}\)(?= *\w)")
_IN_PLACES = re.compile(r" *(?:lĩnh vực|địa bàn|phương diện|mặt|tuyến|nền tảng|cơ sở|kênh)(?!\w)")
_LONGEST = 2000
_GRADES = "khá|tốt|loại|mức|trung|học|cấp|trình|tuổi|đạt|có|là|được"
_TAIL_BOUND = re.compile(rf"(?: (?!(?:{_GRADES})(?!\w))[^\W\d_]+){{0,5}}? trở (?P<way>lên|xuống)(?!\w)")
_FROM_BOUND = re.compile(rf"(?:,? (?!(?:{_GRADES})(?!\w))[^\W\d_]+){{0,14}}? trở (?P<way>lên|xuống)(?!\w)")
_FILLERS = frozenset({"tới", "đến", "được", "có", "cả", "từ", "là", "đạt", "lên", "cho"})


# "trình độ 12/12", "khảo sát 10 xã": the last word is no qualifier after these.
_OFTEN_NOUNS = frozenset(
    [
        "trình",
        "tiến",
        "mức",
        "chế",
        "tốc",
        "cường",
        "nhiệt",
        "mật",
        "thái",
        "chẽ",
        "giám",
        "kiểm",
        "quy",
        "khảo",
        "nước",
        "núi",
        "rà",
        "mầm",
    ]
)
_ALSO_NOUNS = dict.fromkeys(("độ", "tầm", "cỡ", "sát", "non", "quá"), _OFTEN_NOUNS)


@dataclass(slots=True)
class Quantity:
    """A statistic with what was read of it; positions are in the folded line."""

    numeral: Numeral
    value: float
    low: float
    high: float
    numerator: float
    denominator: float
    qualifier: str
    noun: Noun | None
    unit: str
    units: frozenset[str]  # every unit the noun may mean; the catalogue decides
    counted: tuple[int, int]
    inferred: str = ""  # how the unit was found when no noun follows: list, before, previous


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Cut a line into sentences; abbreviations such as "TP." do not end one.

    A sentence of over two thousand characters is no sentence but a list or a
    broken file: it is cut at a semicolon, a comma or a space, so that the work
    on it stays in proportion.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _SEPARATE.finditer(text):
        if _ABBREVIATED.search(text[max(start, found.start() - 6) : found.start() + 1]):
            continue
        _add_span(spans, text, start, found.end())
        start = found.end()
    if start < len(text):
        _add_span(spans, text, start, len(text))
    return spans


def _add_span(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while end - start > _LONGEST:
        middle = start + _LONGEST
        cut = max(text.rfind(mark, start + _LONGEST // 2, middle) for mark in ("; ", ", ", " "))
        cut = cut + 1 if cut > 0 else middle
        spans.append((start, cut))
        start = cut
    spans.append((start, end))


@lru_cache(maxsize=2)
def _qualifiers(rows: tuple[tuple[str, str, str], ...]) -> tuple[dict[str, str], frozenset[str], int]:
    """The words before a number: phrase → qualifier, the last words, the most words."""
    before = {fold(p): q for p, q, where in rows if where == "before"}
    return before, frozenset(p.split()[-1] for p in before), max(p.count(" ") + 1 for p in before)


class QuantityReader:
    """Reads the quantities of a line from its numerals; made once for a run."""

    def __init__(self, nouns: NounReader) -> None:
        self.nouns = nouns
        rows = read_codelist("qualifiers", key=["phrase", "where"], required=["qualifier"])
        self._kinds, self._last, self._longest = _qualifiers(
            tuple((r["phrase"], r["qualifier"], r["where"]) for r in rows)
        )

    def read(self, line: Line, numerals: list[Numeral]) -> list[Quantity]:
        """The quantities of a line in order."""
        found = [self._one(line, n) for n in numerals if n.kind in STATISTIC_KINDS]
        self._share_units(line, numerals, found)
        return found

    def _one(self, line: Line, numeral: Numeral) -> Quantity:
        qualifier = self.qualifier(line.low, numeral)
        noun = None if numeral.percent else self._noun_after(line.low, numeral.tail)
        factor = MASS.get(noun.phrase.split()[0], 1.0) if noun else 1.0
        a = numeral.values[0] * factor if numeral.values else math.nan
        b = numeral.values[1] * factor if len(numeral.values) > 1 else math.nan
        nan = math.nan
        quantity = Quantity(
            numeral, a, nan, nan, nan, nan, qualifier, noun, "", frozenset(), (numeral.tail, numeral.tail)
        )
        if numeral.kind == "range":
            quantity.value, quantity.low, quantity.high = nan, a, b
        elif numeral.kind == "ratio":
            quantity.value, quantity.numerator, quantity.denominator = a / b, a, b
            quantity.low, quantity.high = bounds(quantity.value, qualifier)
        elif numeral.kind == "rank":
            quantity.denominator = b
            quantity.low, quantity.high = bounds(a, qualifier)
        else:
            quantity.low, quantity.high = bounds(a, qualifier)
        self._unit(line, quantity)
        return quantity

    # -- qualifiers ----------------------------------------------------------

    def qualifier(self, low: str, numeral: Numeral) -> str:
        """The bound that binds the number right after it, or "trở lên" right behind it."""
        if numeral.form == "vague":
            return "approx"
        if numeral.form == "top":
            return "le"
        before = low[max(0, numeral.start - 48) : numeral.start]
        if low.find(" trở ", numeral.tail, numeral.tail + 160) >= 0:
            since = re.search(r"(?<!\w)từ *$", before)
            if tail := (_FROM_BOUND if since else _TAIL_BOUND).match(low, self._past_unit(low, numeral)):
                return "ge" if tail["way"] == "lên" else "le"
        before = before.rstrip(' ("“')
        last = before[before.rfind(" ") + 1 :].lstrip('("“')
        if last not in self._last and last not in _FILLERS:
            return "exact"
        heard, words = "", _BOUNDARY.sub(" | ", before).split()
        for _ in range(3):
            phrase = self._phrase(words) or (self._phrase(words[:-1]) if words[-1:] and words[-1] in _FILLERS else "")
            if not phrase or (phrase == "trên" and _IN_PLACES.match(low, numeral.tail)):
                break
            words = words[: len(words) - phrase.count(" ") - 1 - (words[-1] != phrase.split(" ")[-1])]
            if phrase in _ALSO_NOUNS and words and words[-1] in _ALSO_NOUNS[phrase]:
                break
            kind = self._kinds[phrase]
            if kind == "exact":
                return heard or "exact"
            if kind != "approx":
                return kind
            heard = "approx"
        return heard or "exact"

    def _phrase(self, words: list[str]) -> str:
        """The longest qualifier that ends these words."""
        if not words or words[-1] not in self._last:
            return ""
        for count in range(min(self._longest, len(words)), 0, -1):
            if (phrase := " ".join(words[-count:])) in self._kinds:
                return phrase
        return ""

    def _past_unit(self, low: str, numeral: Numeral) -> int:
        """Where the words after the money or measure begin, for "5 tỷ đồng trở lên"."""
        noun = None if numeral.percent else self.nouns.at(low, skip_spaces(low, numeral.tail))
        return noun.end if noun and noun.units[0][0] in {"VND", "USD", "m2", "ha", "km"} else numeral.tail

    # -- units ---------------------------------------------------------------

    def _noun_after(self, low: str, tail: int) -> Noun | None:
        if aside := _BRACKETED.match(low, tail):
            tail = aside.end()
        noun = self.nouns.at(low, skip_spaces(low, tail))
        return noun if noun and noun.units[0][0] else None

    def _unit(self, line: Line, quantity: Quantity) -> None:
        numeral, low = quantity.numeral, line.low
        if numeral.percent or numeral.points:
            quantity.unit, quantity.units = "percent", frozenset({"percent"})
        elif numeral.kind == "rank":
            quantity.unit, quantity.units = "rank", frozenset({"rank"})
        elif quantity.noun:
            units = quantity.noun.units
            if len(units) == 1:
                quantity.unit, quantity.units = units[0][0], frozenset((units[0][0],))
            else:
                quantity.unit = quantity.noun.unit(low[max(0, numeral.start - 120) : quantity.noun.end + 60])
                quantity.units = frozenset(u for u, _ in units)
        elif numeral.scale in {"tỉ", "triệu", "nghìn tỉ", "ngàn tỉ", "tr", "trăm triệu", "triệu tỉ"} or (
            numeral.form == "vague" and low[: numeral.end].endswith("tỉ")
        ):
            # "650 triệu", "40 tỷ": money when nothing else is counted.
            quantity.unit, quantity.units, quantity.inferred = "VND", frozenset({"VND"}), "scale"
        elif (
            numeral.form == "plain"
            and quantity.value >= 10_000
            and _WORTH.search(low[max(0, numeral.start - 40) : numeral.start])
        ):
            quantity.unit, quantity.units, quantity.inferred = "VND", frozenset({"VND"}), "before"
        quantity.counted = self._counted(low, quantity)

    def _counted(self, low: str, quantity: Quantity) -> tuple[int, int]:
        start = skip_spaces(low, quantity.numeral.tail)
        noun_end = quantity.noun.end if quantity.noun else start
        limit = min(len(low), noun_end + 60)
        if stop := _CLAUSE_END.search(low, noun_end, limit):
            limit = stop.start()
        for stop in _STOP.finditer(low, noun_end if quantity.noun else start, limit):
            limit = stop.start()
            break
        comma = low.find(",", noun_end, limit)
        if comma >= 0:
            limit = comma
        words = list(re.finditer(r"\S+", low[noun_end:limit]))
        end = noun_end + (words[min(len(words), 6) - 1].end() if words else 0)
        return start, max(start, end)

    def _share_units(self, line: Line, numerals: list[Numeral], found: list[Quantity]) -> None:
        """Give a number without a noun of its own the noun of its list, clause or sentence."""
        if all(q.unit for q in found):
            return
        low = line.low
        for quantity, after in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
            if (
                not quantity.unit
                and _JOIN.fullmatch(low, quantity.numeral.tail, min(after.numeral.start, quantity.numeral.tail + 40))
                and after.unit
            ) and after.numeral.start - quantity.numeral.tail <= 40:
                self._copy(quantity, after, "list")
        place = {id(n): i for i, n in enumerate(numerals)}
        starts = [start for start, _ in sentence_spans(line.text)]
        for index, quantity in enumerate(found):
            if not quantity.unit:
                at = place[id(quantity.numeral)]
                sentence = starts[bisect_right(starts, quantity.numeral.start) - 1]
                left = max(sentence, numerals[at - 1].tail or numerals[at - 1].end) if at else sentence
                following = found[index + 1] if index + 1 < len(found) else None
                self._from_before(low, quantity, found, index, sentence, left, following)

    def _from_before(
        self,
        low: str,
        quantity: Quantity,
        found: list[Quantity],
        index: int,
        sentence: int,
        left: int,
        following: Quantity | None,
    ) -> None:
        """The noun before the number ("số hộ nghèo còn 1.234"), else that of the figure before."""
        numeral = quantity.numeral
        earlier = []
        while index and found[index - 1].numeral.start >= sentence:
            index -= 1
            earlier.append(found[index])
        base = next((q for q in reversed(earlier) if q.value == quantity.denominator), None)
        empty = bool(_EMPTY_AFTER.match(low, numeral.tail))
        before = self.nouns.last_in(low, left, numeral.start) if empty else None
        if base and base.unit:
            self._copy(quantity, base, "previous")
        elif before and before.units[0][0] and _HEAD_NOUN.fullmatch(low, before.end, numeral.start):
            quantity.unit = before.unit(low[sentence : numeral.start])
            quantity.units, quantity.inferred = frozenset(u for u, _ in before.units), "before"
        elif earlier and empty and earlier[0].unit not in {"percent", "rank", ""}:
            self._copy(quantity, earlier[0], "previous")
        elif (
            following
            and following.unit
            and following.unit != "percent"
            and _NEXT_ITEM.fullmatch(low, numeral.tail, following.numeral.start)
        ):
            self._copy(quantity, following, "list")

    @staticmethod
    def _copy(quantity: Quantity, other: Quantity, how: str) -> None:
        quantity.unit, quantity.units, quantity.inferred = other.unit, other.units, how
        factor = MASS.get(other.noun.phrase.split()[0], 1.0) if other.noun else 1.0
        if factor != 1.0 and how == "list":
            quantity.value, quantity.low, quantity.high = (
                quantity.value * factor,
                quantity.low * factor,
                quantity.high * factor,
            )


def bounds(value: float, qualifier: str) -> tuple[float, float]:
    """The bounds a qualifier leaves a value: exact both, gt/ge low, lt/le high, approx none.

    Examples
    --------
    >>> bounds(5.0, "exact"), bounds(5.0, "gt")
    ((5.0, 5.0), (5.0, nan))
    """
    if qualifier == "exact":
        return value, value
    if qualifier in {"gt", "ge"}:
        return value, math.nan
    if qualifier in {"lt", "le"}:
        return math.nan, value
    return math.nan, math.nan
