"""When, by whom and in what sense a figure is stated: period, per, scope and role."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from functools import lru_cache

from mttq_data.codelists import read_codelist
from mttq_data.extraction.numeral_forms import Numeral
from mttq_data.extraction.phrases import Found, PhraseFinder
from mttq_data.extraction.quantities import Quantity
from mttq_data.extraction.sections import Section
from mttq_data.folding import fold

_TERM = re.compile(r"((?:19|20)\d{2}) ?[-–—] ?((?:19|20)\d{2})")
_UNTIL_NOW = re.compile(r"từ (?:đầu |giữa |cuối )?(?:năm )?$")
_TO_NOW_AFTER = re.compile(r" *(?:đến nay|tới nay|trở lại đây)")
_TO_YEAR = re.compile(r" *(?:đến|tới|-|và) *(?:đầu |hết |cuối |giữa )?(?:năm )?$")
_HALF = re.compile(r"(?:0?6|sáu) tháng (?P<half>đầu|cuối) (?:của )?năm $")
_MONTHS = re.compile(r"(?P<n>0?9|10|11|3|03) tháng (?:đầu )?(?:của )?năm $")
_QUARTER = re.compile(r"quý (?P<q>iv|iii|ii|i|[1-4])(?: năm|/| -)? *$")
_BARE_YEAR = re.compile(r"(?:^|\W)(?:năm|hết năm|cuối năm|đầu năm|trong năm|đến năm|năm học)[ ]*$")
_IN_TITLE = re.compile(r"[“\"][^”\"]*$")
_AFTER_DOCUMENT = re.compile(r"[A-ZĐ]\w* *,? *ngày *$|(?:số|Số) \S+ *,? *ngày *$")
_FROM_VALUE = re.compile(r"(?<!\w)từ *(?:khoảng |gần |trên |hơn )?$")
_TO_VALUE = re.compile(
    r"[^.;]{0,70}?(?<!\w)(?:còn|xuống|lên|tăng lên|giảm còn|xuống còn|lên thành) *(?:khoảng |gần |trên |hơn )?\d"
)


_SINCE_DONE = re.compile(r"[;.](?!\d)|(?:, | )(?:đã|đến nay|kết quả|nay)(?!\w)")
_PAST_YEARLY = re.compile(r"(?<!\w)(?:năm \d{4}|đến nay|nhiệm kì)")
_A_YEAR = re.compile(r"(?: ?(?:đồng|đ))? ?(?:/ ?năm|mỗi năm|một năm)(?!\w)")
_YEARLY = ("per", "year")
# The wider level first: "cấp huyện, cấp xã" names two.
_LEVELS = (
    "province_and_district_level", "district_and_commune_level", "commune_and_residential_area",
    "province_level_committee", "district_level", "commune_level", "residential_area",
)  # fmt: skip
_LAST_YEAR = re.compile(r"(?:19|20)\d{2}$")
_MONTH = re.compile(r"(\d{1,2}) ?[/-] ?\d{4}")
_A_MONTH = re.compile(r"\d{4}-\d{2}")
_TO_MONTH = re.compile(r"(?:đến|tới|-) *(?:hết )?(?:tháng )?$")
_NAMES_SPAN = re.compile(r"(?<!\w)(?:giai đoạn|nhiệm kì|trong|từ năm) *$")
_OPENING = 24  # characters from the start of a sentence in which what is said holds for all of it
_TIME_WORD = re.compile(r"năm|nhiệm kì|thường niên")


@lru_cache(maxsize=2)
def _finders(rows: tuple[tuple[str, str, str, str], ...]) -> tuple[PhraseFinder, dict[str, PhraseFinder]]:
    """One finder for what stands before figures, and one each for the other places."""
    places: dict[str, list[tuple[str, tuple[str, str]]]] = {}
    for about, value, where, phrase in rows:
        places.setdefault(where, []).append((phrase, (about, value)))
    before = PhraseFinder([*places.pop("before"), *places.pop("actor")])
    return before, {where: PhraseFinder(phrases) for where, phrases in places.items()}


def context_cues() -> tuple[PhraseFinder, dict[str, PhraseFinder]]:
    """The cues of ``codes/context_cues.csv``: those that stand before figures, and the others by place."""
    rows = read_codelist("context_cues", key=["about", "value", "where", "phrase"])
    return _finders(tuple((r["about"], r["value"], r["where"], r["phrase"]) for r in rows))


@dataclass(slots=True)
class Reading:
    """What the context says of one quantity."""

    period: str = ""
    per: str = ""
    scope: str = "province"
    role: str = "actual"
    doubts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SectionReading:
    """What the headings above a line say: the role of its figures and the term they belong to."""

    role: str = ""
    term: str = ""


class ContextReader:
    """Reads the context of quantities; made once for a run.

    The reader keeps what a paragraph has said so far (its year, "hằng năm");
    call :meth:`begin` at each new line.
    """

    def __init__(self, cues: tuple[PhraseFinder, dict[str, PhraseFinder]] | None = None) -> None:
        self._said, self._cues = cues or context_cues()
        self._carried = ""
        self._yearly = False
        self._low = ""
        self._now = ""  # the year up to which the report reports
        self._sections: dict[int, SectionReading] = {}

    # -- headings ------------------------------------------------------------

    def section(self, sections: tuple[Section, ...], index: int) -> SectionReading:
        """Role and term of a section, from its heading and those above it."""
        if index < 0:
            return SectionReading()
        if index in self._sections:
            return self._sections[index]
        section = sections[index]
        above = self.section(sections, section.parent)
        reading = SectionReading(above.role, above.term)
        title = fold(section.title)
        if section.level <= 4:
            # A heading sets targets when it opens with them; "thực hiện thắng lợi các mục tiêu …" does not.
            found = {
                f.meaning[1]
                for f in self._cues["heading"].find(title, 0, len(title))
                if f.meaning[1] != "target" or f.start < 40
            }
            if found:
                reading.role = "actual" if "actual" in found else "context" if "context" in found else "target"
        if section.level <= 2 and (term := _TERM.search(section.title)) and not self._near("not_ours", title):
            reading.term = f"{term[1]}-{term[2]}"
        self._sections[index] = reading
        return reading

    # -- paragraphs ----------------------------------------------------------

    def look_ahead(self, sections: tuple[Section, ...]) -> None:
        """Learn from the first heading that names a term up to which year the report reports."""
        for index in range(len(sections)):
            if term := self.section(sections, index).term:
                self._now = term[-4:]
                return

    def begin(self) -> None:
        """Forget what the paragraph before said."""
        self._carried = ""
        self._yearly = False

    def read(
        self,
        text: str,
        low: str,
        sentence: tuple[int, int],
        quantities: list[Quantity],
        numerals: list[Numeral],
        above: SectionReading,
        indicators: list[tuple[str, bool]],
    ) -> list[Reading]:
        """Context of the quantities of one sentence, in order.

        ``indicators`` says for each quantity which role its indicator usually has
        ("background" for facts that are no result of anybody's work, "context"
        for other context, or "") and whether the catalogue knows its scope.
        """
        start, end = sentence
        said = list(self._said.find(low, start, end))
        events = self._periods(text, low, start, end, numerals, above.term, said)
        readings: list[Reading] = []
        for index, (quantity, (usual, known)) in enumerate(zip(quantities, indicators, strict=True)):
            reading = Reading()
            place = quantity.numeral.start
            before = low[start:place]
            after = low[quantity.numeral.tail : min(end, quantity.numeral.tail + 90)]
            earlier = [Found(f.start - start, f.end - start, f.meaning) for f in said if f.end <= place]
            reading.role = self._role(before, after, quantity, above, usual, readings[-1] if index else None, earlier)
            self._period(reading, quantity, events, above, usual)
            if self._now and reading.period[:4] > self._now and reading.role != "achievement":
                reading.role = "target"
            self._per(reading, before, after, quantity, earlier)
            if not known:
                reading.scope = self._scope(earlier, low[quantity.counted[0] : quantity.counted[1]])
            readings.append(reading)
        for _, period, kind in events:
            if kind in {"carries", "term"}:
                self._carried = period if kind == "carries" else ""
        self._yearly = self._yearly or any(f.meaning == _YEARLY for f in said)
        return readings

    def listens(self, low: str, sentence: tuple[int, int], numerals: list[Numeral]) -> bool:
        """Could a sentence without statistics tell a period or "hằng năm" to those after it?"""
        start, end = sentence
        if any(start <= n.start < end and n.kind in {"period", "date"} for n in numerals):
            return True
        return bool(_TIME_WORD.search(low, start, end))

    # -- role ----------------------------------------------------------------

    def _role(
        self,
        before: str,
        after: str,
        quantity: Quantity,
        above: SectionReading,
        usual: str,
        previous: Reading | None,
        earlier: list[Found],
    ) -> str:
        follows = self._cues["after"].at(after, 0)
        if quantity.unit == "percent" and ("role", "done") in follows:
            return "achievement"
        if ("role", "done_count") in follows:
            done = ("role", "done_word")
            if any(f.meaning == done for f in earlier) or any(
                f.meaning == done for f in self._said.find(after, 0, len(after))
            ):
                return "achievement"
        if above.role == "target":
            return "target"
        cut = max((f.end for f in earlier if f.meaning == ("role", "target")), default=-1)
        if cut >= 0 and not _SINCE_DONE.search(before, cut):
            return "target"
        if previous and previous.role == "target" and before.rfind("(") > before.rfind(")"):
            return "target"
        if _FROM_VALUE.search(before) and _TO_VALUE.match(after):
            return "context"
        if usual:
            return "context"
        return "context" if above.role == "context" else "actual"

    # -- period --------------------------------------------------------------

    def _periods(
        self, text: str, low: str, start: int, end: int, numerals: list[Numeral], term: str, said: list[Found]
    ) -> list[tuple[int, str, str]]:
        """Periods named in the sentence: (position, period, carries | here | after | term)."""
        events: list[tuple[int, str, str]] = []
        reference = -1000  # where the last number of a document ended
        for numeral in numerals:
            if not start <= numeral.start < end:
                continue
            written = low[numeral.start : numeral.end]
            before = low[max(start, numeral.start - 40) : numeral.start]
            if numeral.kind == "period" and (span := _TERM.fullmatch(written)):
                events.append(
                    (numeral.start, f"{span[1]}-{span[2]}", self._term_kind(text, low, start, end, numeral, before))
                )
            elif numeral.kind == "period" and re.fullmatch(r"(?:19|20)\d{2}", written):
                self._year(
                    events, written, before, low, numeral, term, bool(_IN_TITLE.search(text[start : numeral.start]))
                )
            elif numeral.kind == "legal_ref":
                reference = numeral.end
            elif numeral.kind == "date" and (year := _LAST_YEAR.search(written)):
                # The date of a document dates the document, not the figures.
                of_document = numeral.start - reference < 60 and ";" not in low[max(0, reference) : numeral.start]
                if not of_document and not _AFTER_DOCUMENT.search(text[max(start, numeral.start - 60) : numeral.start]):
                    next_document = any(n.kind == "legal_ref" and 0 < n.start - numeral.end < 60 for n in numerals)
                    self._date(events, written, year.group(), low, start, numeral, next_document)
        events += [(f.start, term, "term") for f in said if f.meaning == ("period", "term")]
        return sorted(events)

    @staticmethod
    def _date(
        events: list[tuple[int, str, str]],
        written: str,
        year: str,
        low: str,
        start: int,
        numeral: Numeral,
        dates_document: bool,
    ) -> None:
        """A date that opens the sentence holds for what follows; "tháng 10/2024" is that month."""
        period, place = year, numeral.start
        if month := _MONTH.fullmatch(written):
            period = f"{year}-{int(month[1]):02d}"
            if events and _A_MONTH.fullmatch(events[-1][1]) and _TO_MONTH.search(low, events[-1][0], place):
                place, first, _ = events.pop()
                period = f"{first}-01/{period}-{monthrange(int(year), int(month[1]))[1]}"
        opens = place - start <= _OPENING and not dates_document
        events.append((place, period, "carries" if opens else "here"))

    def _term_kind(self, text: str, low: str, start: int, end: int, numeral: Numeral, before: str) -> str:
        """A term governs later figures only when it is that of an election or of the whole statement."""
        if _IN_TITLE.search(text[start : numeral.start]) or text[numeral.start - 1] == "(" or "(nhiệm kì" in before:
            return "after"
        if numeral.start - start <= _OPENING and _NAMES_SPAN.search(before):
            return "carries"
        if re.search(r"giai đoạn *$", before):
            return "after"
        if re.search(r"nhiệm kì *$", before) and self._near(
            "election", low[max(start, numeral.start - 160) : numeral.end]
        ):
            return "carries"
        return "here"

    @staticmethod
    def _year(
        events: list[tuple[int, str, str]],
        written: str,
        before: str,
        low: str,
        numeral: Numeral,
        term: str,
        quoted: bool,
    ) -> None:
        if (
            events
            and _TO_YEAR.search(before)
            and re.fullmatch(r"\d{4}", events[-1][1])
            and numeral.start - events[-1][0] < 40
        ):
            place, first, kind = events.pop()
            events.append((place, f"{first}-{written}" if first != written else first, kind))
            return
        period = written
        if _UNTIL_NOW.search(before) and _TO_NOW_AFTER.match(low, numeral.end):
            period = f"{written}-{term[-4:]}" if term and term[-4:] > written else written
        elif half := _HALF.search(before):
            period = f"{written}-H{1 if half['half'] == 'đầu' else 2}"
        elif months := _MONTHS.search(before):
            period = f"{written}-01/{written}-{int(months['n']):02d}" if int(months["n"]) != 3 else f"{written}-Q1"
        elif quarter := _QUARTER.search(before):
            period = f"{written}-Q{ {'i': 1, 'ii': 2, 'iii': 3, 'iv': 4}.get(quarter['q']) or quarter['q'] }"
        plain = _BARE_YEAR.search(before) or period != written
        events.append((numeral.start, period, "carries" if plain and not quoted else "here" if plain else "after"))

    def _period(
        self,
        reading: Reading,
        quantity: Quantity,
        events: list[tuple[int, str, str]],
        above: SectionReading,
        usual: str,
    ) -> None:
        place = quantity.numeral.start
        background = usual == "background" or (not usual and above.role == "context")
        governing = {"carries", "here"} if background else {"carries", "here", "term"}
        earlier = [e for e in events if e[0] < place and e[2] in governing]
        later = [e for e in events if e[0] > place]
        own = later[0] if later and not self._breaks_between(quantity, later[0], reading) else None
        if own and not (earlier and place - earlier[-1][0] < own[0] - place and earlier[-1][2] == "carries"):
            reading.period = own[1]
        elif earlier:
            reading.period = earlier[-1][1]
        elif self._carried:
            reading.period = self._carried
            reading.doubts.append("period_carried")
        elif reading.role == "context" and background:
            reading.period = ""
        else:
            reading.period = above.term

    def _breaks_between(self, quantity: Quantity, event: tuple[int, str, str], reading: Reading) -> bool:
        """Is a period that follows the number too far or another thing's?"""
        gap = event[0] - quantity.numeral.tail
        if gap > 90:
            return True
        between = self._low[quantity.numeral.tail : event[0]]
        if re.search(r"[;.(“\"]|\d", between) or re.search(
            r"(?<!\w)(?:đến|từ|so với|thực hiện|đề án|kế hoạch|theo|chuẩn bị|hướng tới|kỉ niệm|ngày|tính)(?!\w)",
            between,
        ):
            return True
        if event[2] == "after" or (len(event[1]) == 9 and reading.role == "target"):
            return True
        return bool(re.search(r",(?! (?:nhiệm kì|khóa|cấp|phường|thị trấn|thành phố|thị xã|nhà|tổ|huyện))", between))

    def at(self, low: str) -> None:
        """Give the line whose sentences follow."""
        self._low = low

    # -- per and scope -------------------------------------------------------

    def _per(self, reading: Reading, before: str, after: str, quantity: Quantity, earlier: list[Found]) -> None:
        if reading.role == "achievement":
            return
        last = max((f.end for f in earlier if f.meaning == _YEARLY), default=-1)
        if (
            last >= 0
            and not _PAST_YEARLY.search(before, last)
            or _A_YEAR.match(after)
            or (
                self._yearly
                and reading.role == "target"
                and quantity.unit != "percent"
                and quantity.numeral.form != "none"
            )
        ):
            reading.per = "year"

    def _scope(self, earlier: list[Found], counted: str) -> str:
        levels = {f.meaning[1] for f in self._cues["level"].find(counted, 0, len(counted))}
        for level in _LEVELS:
            if level in levels:
                return level
        actors = [f for f in earlier if f.meaning[0] == "scope"]
        return max(actors, key=lambda f: (f.start, f.meaning[1] != "province")).meaning[1] if actors else "province"

    def level_before(self, before: str) -> str:
        """The level named last before a number ("cấp xã phản biện ít nhất 01")."""
        found = list(self._cues["level"].find(before, 0, len(before)))
        return max(found, key=lambda f: (f.end, f.end - f.start)).meaning[1] if found else ""

    def _near(self, value: str, text: str) -> bool:
        return any(f.meaning == ("period", value) for f in self._cues["near"].find(text, 0, len(text)))
