"""The statistics as rules read them: each figure in its sentence, with what stands around it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import read_codelist
from mttq_data.extraction.values import SCALES
from mttq_data.folding import CAPITALS, Line, fold

if TYPE_CHECKING:
    import pandas as pd

Span = tuple[int, int]


def spelt(pattern: str) -> re.Pattern[str]:
    """Compile a pattern for folded text: its words take the folded spelling ("khoảng" has its tone moved there)."""
    return re.compile(re.sub(r"[^\W\d_]+", lambda m: fold(m[0]) if m[0].islower() else m[0], pattern))


_SCALE = spelt(r" ?(?P<scale>(?:trăm|chục|nghìn|ngàn) (?:nghìn|ngàn|triệu|tỉ)|tỉ|triệu|tr|nghìn|ngàn|vạn)(?!\w)")
_PERCENT = spelt(r" ?(?:%|phần trăm(?!\w))")
_PLACE = re.compile(
    rf"(?<!\w)(?:[Hh]uyện|[Xx]ã|[Pp]hường|[Qq]uận|[Tt]hị xã|[Tt]hị trấn|[Tt]hành phố|TP\.?|[Tt]hôn|[Bb]ản|[Ấấ]p|[Kk]hu phố|[Bb]uôn|[Ll]àng|[Xx]óm|(?<!các )[Tt]ỉnh|"
    rf"ở|tại|riêng|Riêng|Ở|Tại|đảo) (?P<name>[{CAPITALS}][\w-]*(?: [{CAPITALS}][\w-]*){{0,3}}|\d{{1,2}}(?!\d))"
)
_POLLING_DAY = spelt(r"(?<=bầu|iếu| cử) ngày \d")
_IN_NUMERAL = re.compile(r"\d[.,/-]?$|\w$")
_NUMERAL_GOES_ON = re.compile(r"[.,/-]?\d")
_FUND = spelt(r"(?<!\w)quỹ [“\"]?(\w+ \w+)")
_FROM = spelt(r"(?<!\w)từ *(?:trên|gần|khoảng|hơn)? *$")
_DECIMALS = re.compile(r",\s?(\d+)")
_BREAK = re.compile(r"[;()]|\.(?= |$)")
_NUMBERS = ("value", "low", "high", "numerator", "denominator")
_WORDS = (
    "text",
    "section",
    "kind",
    "indicator",
    "qualifier",
    "unit",
    "counted",
    "period",
    "per",
    "area",
    "scope",
    "role",
    "doubt",
)
PARTS_OF = {
    "district_level_unit": {"district", "district_level_town", "city"},
    "commune_level_unit": {"commune", "ward", "township"},
    "collective_or_person": {"collective", "person"},
    "unit": {"district_level_unit", "commune_level_unit", "organisation"},
    "household": {"house"},
    "attendance": {"person"},
    "person": {"collective_or_person"},
}


@dataclass(slots=True, eq=False)
class Fact:
    """One row of the statistics; ``at`` and ``tail`` are positions in the folded sentence."""

    start: int
    end: int
    text: str
    section: str
    kind: str
    indicator: str
    value: float
    low: float
    high: float
    numerator: float
    denominator: float
    qualifier: str
    unit: str
    counted: str
    period: str
    per: str
    area: str
    scope: str
    role: str
    doubt: str
    corrected: bool
    at: int = 0
    tail: int = 0
    scale: str = ""
    statement: Statement = field(default=None, repr=False)  # type: ignore[assignment]

    @property
    def span(self) -> Span:
        """Offsets in the document."""
        return self.start, self.end

    @property
    def certain(self) -> bool:
        """A single figure that is no bound."""
        return self.qualifier == "exact" and not math.isnan(self.value)

    @property
    def doubt_free(self) -> bool:
        """Was the unit read beside the figure, not carried from another one?"""
        return "unit_inferred" not in self.doubt and "no_unit" not in self.doubt

    @property
    def step(self) -> float:
        """Half of the last written digit: what rounding may hide."""
        decimals = _DECIMALS.search(self.text)
        size = SCALES.get(self.scale, 1.0)
        places = len(decimals[1]) if decimals else 0
        return 0.5 * size / 10**places if (places or self.scale) else 0.0

    @property
    def before(self) -> str:
        """The folded sentence up to the figure."""
        return self.statement.low[: self.at]

    @property
    def after(self) -> str:
        """The folded sentence from the figure (its scale word and % passed) on."""
        return self.statement.low[self.tail :]

    def spoken(self) -> tuple[float, float]:
        """Bounds as they are meant: "trên 61 nghìn" is said of less than 62 nghìn.

        The contract's bound of such a figure is open; for plausibility the
        speaker's next round step closes it.
        """
        if self.kind == "range":
            return self.low, self.high
        reach = max(self._round_step(), 0.02 * abs(self.value))
        if self.qualifier in {"gt", "ge"}:
            return self.value, self.value + reach
        if self.qualifier in {"lt", "le"}:
            return self.value - reach, self.value
        if self.qualifier == "approx":
            return self.value - 0.5 * reach, self.value + 0.5 * reach
        return self.value - self.step, self.value + self.step

    def strict(self) -> tuple[float, float]:
        """Bounds by the contract, open ends infinite; approximations are a tenth either way."""
        if self.qualifier == "approx":
            return 0.9 * self.value, 1.1 * self.value
        low = -math.inf if math.isnan(self.low) else self.low - self.step
        high = math.inf if math.isnan(self.high) else self.high + self.step
        return low, high

    def _round_step(self) -> float:
        digits = self.text.strip().rstrip("% ")
        written = digits.replace(".", "").split(",")
        if len(written) == 2 and written[1].strip().isdigit():
            return float(SCALES.get(self.scale, 1.0) / 10 ** len(written[1].strip()))
        whole = written[0]
        zeros = len(whole) - len(whole.rstrip("0")) if whole.isdigit() else 0
        return float(SCALES.get(self.scale, 1.0) * 10**zeros)


@dataclass(slots=True, eq=False)
class Statement:
    """A sentence with its figures."""

    text: str
    low: str
    start: int
    section: str
    facts: list[Fact] = field(default_factory=list)
    number: int = 0

    def between(self, first: Fact, second: Fact) -> str:
        """The folded words between two figures."""
        return self.low[first.tail : second.at]

    def offset(self, position: int) -> int:
        """The document offset of a position in the folded sentence."""
        return self.start + Line(self.text).at(position)


class Facts:
    """All figures of one document, in order, and the ways rules look at them."""

    def __init__(self, document: str, statements: list[Statement]) -> None:
        self.document = document
        self.statements = statements
        self.home: tuple[str, ...] = ()
        self.all = [f for s in statements for f in s.facts]

    @cached_property
    def by_indicator(self) -> dict[str, list[Fact]]:
        """Figures of each indicator."""
        found: dict[str, list[Fact]] = {}
        for fact in self.all:
            if fact.indicator:
                found.setdefault(fact.indicator, []).append(fact)
        return found

    def near(self, statement: Statement, back: int = 2) -> Iterator[Statement]:
        """The statement and those shortly before it in the same section, nearest first."""
        yield statement
        for other in reversed(self.statements[max(0, statement.number - back) : statement.number]):
            if other.section == statement.section and statement.start - other.start < 900:
                yield other


def read_facts(stats: pd.DataFrame, texts: Mapping[str, str] | None = None) -> list[Facts]:
    """The rows of a table of statistics as facts, one :class:`Facts` a document.

    ``texts`` gives the documents' texts by name, where they are at hand: a
    sentence is then found in its text instead of by its figures.
    """
    grouped: dict[str, list[dict[str, Any]]] = {}
    frame = stats.sort_values(["document", "start"]) if len(stats) else stats
    for row in frame.to_dict("records"):
        cells = {str(c): v for c, v in row.items()}
        grouped.setdefault(_text(cells.get("document")), []).append(cells)
    return [Facts(name, list(_statements(rows, (texts or {}).get(name, "")))) for name, rows in grouped.items()]


def _statements(rows: list[dict[str, Any]], text: str) -> Iterator[Statement]:
    pending: list[dict[str, Any]] = []
    number = 0
    for row in rows:
        if pending and (_text(row["sentence"]) != _text(pending[0]["sentence"]) or _place_of([*pending, row]) < 0):
            yield _statement(pending, number, text)
            pending, number = [], number + 1
        pending.append(row)
    if pending:
        yield _statement(pending, number, text)


def _place_of(rows: list[dict[str, Any]]) -> int:
    """Where the first figure stands in the sentence: the place that suits all of them best, -1 for none.

    The table has no offset of the sentence. "20" stands in "2024" too, so
    places where the figure is a numeral of its own and its counted words
    follow come first.
    """
    sentence = _text(rows[0]["sentence"])
    first, best, score = int(rows[0]["start"]), -1, -1
    at = sentence.find(_text(rows[0]["text"]))
    while at >= 0:
        places = [(at + int(r["start"]) - first, r) for r in rows]
        if all(sentence.startswith(_text(r["text"]), place) for place, r in places):
            fit = sum(_stands_alone(sentence, place, r) for place, r in places)
            if fit > score:
                best, score = at, fit
        at = sentence.find(_text(rows[0]["text"]), at + 1)
    return best


def _stands_alone(sentence: str, place: int, row: dict[str, Any]) -> int:
    """2 where the figure is a numeral of its own followed by its counted words, 1 for only the former."""
    end = place + len(_text(row["text"]))
    if _IN_NUMERAL.search(sentence[max(0, place - 2) : place]) or _NUMERAL_GOES_ON.match(sentence[end : end + 2]):
        return 0
    counted = _text(row.get("counted")).strip()
    return 2 if counted and sentence[end : end + len(counted) + 12].find(counted) >= 0 else 1


def _statement(rows: list[dict[str, Any]], number: int, document: str) -> Statement:
    text = _text(rows[0]["sentence"])
    line = Line(text)
    first, last = int(rows[0]["start"]), int(rows[-1]["end"])
    start = document.find(text, max(0, last - len(text)), first + len(text)) if text else -1
    if not start <= first <= last <= start + len(text):
        start = first - max(0, _place_of(rows))
    statement = Statement(text, line.low, start, _text(rows[0].get("section")), number=number)
    back = _folded_positions(line, len(text))
    for row in rows:
        fact = _fact(row, statement)
        fact.at = back[min(max(fact.start - start, 0), len(text))]
        fact.tail = back[min(max(fact.end - start, 0), len(text))]
        if percent := _PERCENT.match(line.low, fact.tail):
            fact.tail = percent.end()
        elif scale := _SCALE.match(line.low, fact.tail):
            fact.tail, fact.scale = scale.end(), scale["scale"]
        statement.facts.append(fact)
    return statement


def _folded_positions(line: Line, length: int) -> Sequence[int]:
    """For each offset of the raw sentence its position in the folded one."""
    if len(line.low) == length and line.at(length) == length:
        return range(length + 1)
    back = [0] * (length + 1)
    at = 0
    for position in range(len(line.low) + 1):
        for raw in range(at, line.at(position) + 1):
            back[raw] = position
        at = line.at(position) + 1
    return back


def _fact(row: dict[str, Any], statement: Statement) -> Fact:
    cells: dict[str, Any] = {c: _number(row.get(c)) for c in _NUMBERS}
    cells |= {c: _text(row.get(c)) for c in _WORDS}
    return Fact(
        start=int(row["start"]),
        end=int(row["end"]),
        corrected=_text(row.get("corrected")).lower() == "true",
        statement=statement,
        **cells,
    )


def _text(value: object) -> str:
    return "" if value is None or str(value) in {"<NA>", "nan", "NaT"} else str(value)


def _number(value: object) -> float:
    try:
        return math.nan if value is None else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def same_kind(whole: Fact, part: Fact) -> bool:
    """May the part's unit be counted into the whole's?"""
    return bool(whole.unit) and (part.unit == whole.unit or part.unit in PARTS_OF.get(whole.unit, ()))


def clause(fact: Fact) -> tuple[str, str]:
    """The figure's own words: from the figure before it (or a bracket, semicolon, sentence start) and to the next."""
    statement = fact.statement
    index = statement.facts.index(fact)
    low = statement.facts[index - 1].tail if index else 0
    high = statement.facts[index + 1].at if index + 1 < len(statement.facts) else len(statement.low)
    before = statement.low[low : fact.at]
    breaks = [m.end() for m in _BREAK.finditer(before)]
    before = before[breaks[-1] :] if breaks else before
    if index and not breaks and "," in before:
        before = before[before.index(",") :]  # the words up to the comma belong to the figure before
    after = statement.low[fact.tail : high]
    stop = re.search(r"[;()]|\.(?= |$)|, ", after)
    return before, after[: stop.start()] if stop else after


_CUES: dict[str, re.Pattern[str]] = {}


def read_cues() -> None:
    """Read ``codes/problem_cues.csv`` for the run that begins; :func:`cues` answers from it."""
    groups: dict[str, list[str]] = {}
    for row in read_codelist("problem_cues", key=["group", "phrase"]):
        groups.setdefault(row["group"], []).append(re.escape(fold(row["phrase"])))
    _CUES.clear()
    for group, phrases in groups.items():
        _CUES[group] = re.compile(r"(?<!\w)(?:" + "|".join(sorted(phrases, key=len, reverse=True)) + r")(?!\w)")


def cues(group: str) -> re.Pattern[str]:
    """The phrases of one group of ``codes/problem_cues.csv``, whole words in folded text."""
    if group not in _CUES:
        read_cues()
    return _CUES[group]


def signature(fact: Fact, home: Sequence[str] = ()) -> frozenset[str]:
    """What sets this figure apart from another of its indicator: places, parts, levels, times.

    Two figures contradict each other only where their signatures agree.
    """
    before, after = clause(fact)
    close = cues("compound").sub("", _POLLING_DAY.sub("", f"{before[-70:]} # {after[:70]}"))
    found = {f"{g}:{m}" for g in ("part", "time", "level", "kind", "extreme", "act") for m in cues(g).findall(close)}
    found |= {f"only:{m}" for m in cues("only").findall(before)}
    funds = _FUND.findall(fact.before)
    found |= {f"fund:{funds[-1]}"} if funds else set()
    raw = fact.statement.text
    window = raw[max(0, fact.at - len(before)) : fact.tail + len(after)] if len(raw) == len(fact.statement.low) else raw
    places = {m["name"] for m in _PLACE.finditer(window)}
    return frozenset(found | {f"place:{p}" for p in places if p not in home})


def changing(fact: Fact) -> bool:
    """Is the figure a change, a starting point or a comparison, not a state?"""
    before, after = clause(fact)
    before = cues("compound").sub("", before)  # "giảm còn 2%" tells the state reached
    start = _FROM.search(before) and "trở" not in after[:40]  # "từ 85% trở lên" is a bound, no starting point
    return bool(start or cues("change").search(before[-25:]) or cues("compared").match(after.lstrip()))
