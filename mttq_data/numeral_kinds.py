"""Every numeral of a text, once, with its kind: statistic or date, number of a document, name …"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mttq_data import numeral_forms as forms
from mttq_data.document import Document
from mttq_data.folding import CAPITALS, Line
from mttq_data.nouns import Noun, NounReader
from mttq_data.values import MAX_DIGITS, read_number, read_words, scaled

if TYPE_CHECKING:
    import pandas as pd

STATISTIC_KINDS = ("statistic", "ratio", "range", "rank")
_LOOK_BACK = 70
_RANKED = re.compile(r"(?<!\w)(?:xếp|đứng|vị trí|thứ hạng|hạng|bảng xếp hạng|vị thứ|vươn lên)(?!\w)[^.;]{0,40}$")
_RANK_WORD = re.compile(r"(?<!\w)(?:xếp|đứng|vị trí|hạng|giữ|vươn lên|lên|ở|từ|xuống|về|là|đạt)(?: vị trí| hạng| ở vị trí)? thứ *$|(?<!\w)(?:xếp hạng|thứ hạng|hạng thứ|xếp vị trí|đứng vị trí|ở vị trí|vị trí|vị thứ) *$")
_TOP = re.compile(r"(?<!\w)(?:top|tốp|nhóm)(?: các)?(?: đầu)? *$")
_TOP_AFTER = re.compile(r"[^.;]{0,60}?(?:đứng đầu|dẫn đầu|cao nhất|tốt nhất|hàng đầu|đứng tốp|xếp đầu)")
_DATE_BEFORE = re.compile(r"(?<!\w)(?:ngày|dịp|sáng|chiều|tối|trưa|hôm|đến|từ|trước|sau|lễ|mừng|kỉ niệm|quốc khánh|mùng|mồng|cuối|đầu|phụ nữ|giải phóng|rằm|ngày lễ)[ :(]*$|[(,] *$|(?:từ|ngày)[^.;]{0,24}(?:đến|-) *(?:hết )?(?:ngày )?$")
_MONTH_BEFORE = re.compile(r"(?<!hằng )(?<!hàng )(?<!mỗi )(?<!từng )(?<!\w)tháng *$|(?<!\w)(?:tháng \d{1,2} ?(?:,|và|-|đến) ?)$")
_DAY_BEFORE = re.compile(r"(?<!mỗi )(?<!hằng )(?<!hàng )(?<!\w)(?:ngày|mùng|mồng) *$")
_YEAR_BEFORE = re.compile(r"(?<!\w)(?:năm|giai đoạn|nhiệm kì|đến|từ|hết|cuối|đầu|trước|sau|với|kì|quý [ivx]+|khóa|mùa xuân|xuân|tết|so|trong|và|,|tháng \d{1,2}|\d{1,2}|\d{4})[ ,/-]*$")
_CHANGE = re.compile(r"(?<!\w)(?:tăng|giảm|nâng|hạ|tăng dần|rút|kéo giảm|đưa)(?!\w)[^.;]{0,60}$")
_FROM = re.compile(r"(?<!\w)(?:từ|khoảng|giữa)(?: (?:khoảng|trên|gần|hơn))? *$")
_UNIT_SYMBOL = re.compile(r"(?<!\w)(?:km|m|cm|mm|dm|hm|co|ch|so|o|n|pm)$")
_QUOTE_BEFORE = re.compile(r"(?:^|[\s(:,])[\"“‘'](?=\S)[^\"”“]{0,80}$|“[^\"”]{0,80}$")
_QUOTE_AFTER = re.compile(r"[^\"“”]{0,80}?[^\s\"“”][\"”’'](?:[\s.,;:)]|$)")
_DOCUMENTS_LIST = re.compile(r"\d+[\w./-]* *(?:,|và) *$")
_AGES = re.compile(r" *(?:đến|tới|-) *\d+ tuổi")


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


class NumeralReader:
    """Classifies the numerals of a line; made once for a run."""

    def __init__(self, nouns: NounReader | None = None) -> None:
        self.nouns = nouns or NounReader()
        self._cues = forms.cues()

    def read(self, line: Line) -> list[Numeral]:
        """Every numeral of the line in order, digits and words."""
        found = list(self._digits(line))
        # Digits come first, then the longer reading: "hàng trăm" before "trăm".
        words = sorted(self._words(line), key=lambda n: (n.start, -n.end))
        taken = [(n.start, n.end) for n in found]
        for numeral in words:
            if not any(numeral.start < end and start < numeral.end for start, end in taken):
                found.append(numeral)
                taken.append((numeral.start, numeral.end))
        found.sort(key=lambda n: n.start)
        return found

    # -- digits --------------------------------------------------------------

    def _digits(self, line: Line) -> Iterator[Numeral]:
        position = 0
        previous: Numeral | None = None
        while found := _NEXT_DIGIT.search(line.low, position):
            start = found.start()
            numeral = self._one(line, start, previous)
            position = max(numeral.end, start + 1)
            previous = numeral
            yield numeral

    def _one(self, line: Line, start: int, previous: Numeral | None) -> Numeral:
        low = line.low
        before = low[max(0, start - _LOOK_BACK) : start]
        for rule in (self._glued, self._list_number, self._document, self._date, self._years):
            if numeral := rule(line, start, before):
                return numeral
        if numeral := self._fraction(line, start, before):
            return numeral
        if numeral := self._named(line, start, before, previous):
            return numeral
        return self._amount(line, start, before)

    def _glued(self, line: Line, start: int, before: str) -> Numeral | None:
        """Digits inside a word: km2, H5N1, F0; a lost space ("đạt90%") is no such word."""
        if not before or not (before[-1].isalpha() or before[-1] == "_"):
            return None
        word = forms.WORD_BEFORE.search(line.text[max(0, start - 24) : start])
        stem = word.group() if word else ""
        end = _RUN_ALNUM.match(line.low, start).end()  # type: ignore[union-attr]
        if _UNIT_SYMBOL.search(before) or re.search(r"\d(?:km|m|cm)$", before):
            return Numeral(start - len(stem), end, "other")
        if len(stem) >= 3 and not stem.isupper():
            return None
        return Numeral(start, end, "name")

    def _list_number(self, line: Line, start: int, before: str) -> Numeral | None:
        head = line.low[:start].strip(" -+*#")
        rest = line.text[start : start + 40]
        if head in {"", "("} or (before.rstrip().endswith(("(", ";", ":", ".")) and rest[:4].strip()):
            mark = re.match(r"\d{1,2}(?=\))", rest)
            if mark and before.endswith("(") and not self._counted_in_brackets(line, start):
                return Numeral(start, start + mark.end(), "heading")
        if re.fullmatch(r"[ivx]+\.(?:\d\.)*", head) and (mark := re.match(r"\d{1,2}(?:\.\d{1,2})*(?=[. ])", rest)):
            return Numeral(start, start + mark.end(), "heading")
        if re.search(r"(?:^|[:;.]) *$", before) and (mark := re.match(rf"\d{{1,2}}(?=\) *[{CAPITALS}a-zđ])", rest)):
            return Numeral(start, start + mark.end(), "heading")
        if head == "":
            mark = forms.LIST_MARK.match(rest)
            if mark and forms.CAPITAL_AFTER.match(rest, mark.end()) and not forms.SCALE.match(line.low, start + mark.end()):
                return Numeral(start, start + mark.end(), "heading")
            if re.match(r"\d{1,2}[.)] *$", rest):
                return Numeral(start, start + len(rest.rstrip(" .)")), "heading")
        if self._cues["heading", "before"].search(before) and (mark := re.match(r"\d{1,3}(?:\.\d{1,2})*(?![\d%]|[.,]\d)", rest)):
            if not self._counts(line, start + mark.end()):
                return Numeral(start, start + mark.end(), "heading")
        return None

    @staticmethod
    def _counted_in_brackets(line: Line, start: int) -> bool:
        return bool(re.match(r"\d{1,2}\) *(?:[.;,]|$)", line.low[start : start + 8])) and bool(line.low[:start].strip(" ("))

    def _document(self, line: Line, start: int, before: str) -> Numeral | None:
        found = forms.DOCUMENT_NUMBER.match(line.text, start)
        if found and not self._cues["name", "before"].search(before.rstrip(" -")[-12:] if "covid" in before[-12:] else ""):
            return Numeral(start, found.end(), "legal_ref")
        number = re.compile(r"\d{1,5}(?![\d.,]\d|\d|%| %)").match(line.low, start)
        if not number:
            return None
        stem = before
        numbered = re.search(r"(?:\bsố|số:) *$", before)
        if numbered:
            stem = before[: numbered.start()]
        listed = _DOCUMENTS_LIST.search(stem)
        if listed and not numbered:
            stem = stem[: listed.start()]
        strong = self._cues["legal_ref", "before_strong"].search(stem)
        document = strong or self._cues["legal_ref", "before"].search(stem)
        if not document or re.match(r" *[/-] *\d", line.low[number.end() : number.end() + 3]) and not numbered:
            return None
        if forms.YEARS.match(line.low, start) or (not numbered and forms.YEAR.match(line.low, start)):
            return None
        if not numbered and ((not strong and self._counts(line, number.end())) or forms.SCALE.match(line.low, number.end()) or self._cues["period", "after"].match(line.low, number.end())):
            return None
        return Numeral(start, number.end(), "legal_ref")

    def _date(self, line: Line, start: int, before: str) -> Numeral | None:
        low = line.low
        if found := forms.DATE.match(low, start):
            days = re.findall(r"\d+", found.group())
            if int(days[0]) <= 31 and int(days[1]) <= 12:
                return Numeral(start, found.end(), "date")
        if found := forms.MONTH_YEAR.match(low, start):
            return Numeral(start, found.end(), "date")
        if (found := forms.DAY_MONTH.match(low, start)) and re.search(r"(?<!\w)(?:ngày|sáng|chiều|tối|trưa|hôm)(?: qua| nay)?,? *$", before):
            if 1 <= int(found["d"]) <= 31 and 1 <= int(found["m"]) <= 12 and not self._counts(line, found.end()):
                return Numeral(start, found.end(), "date")
        if (found := forms.DAYS_OF_MONTH.match(low, start)) and not _RANKED.search(before):
            day = re.match(r"\d+", found.group())
            second = re.match(r"(\d{1,2})[/-](\d{1,2})", low[found.end() : found.end() + 6])
            if day and second and int(second[1]) <= 31 and int(second[2]) <= 12 and _DATE_BEFORE.search(before):
                return Numeral(start, start + day.end(), "date")
        small = re.compile(r"\d{1,2}(?![\d%]|[.,/]\d| ?%)").match(low, start)
        if small and (_MONTH_BEFORE.search(before) or (_DAY_BEFORE.search(before) and int(small.group()) <= 31)):
            if not forms.SCALE.match(low, small.end()):
                return Numeral(start, small.end(), "date")
        if (found := forms.CLOCK.match(low, start)) and not self._cues["not_period", "after"].match(low, start + len(re.match(r"\d+", found.group()).group())):  # type: ignore[union-attr]
            return Numeral(start, found.end(), "period")
        return None

    def _years(self, line: Line, start: int, before: str) -> Numeral | None:
        low = line.low
        if found := forms.YEARS.match(low, start):
            return Numeral(start, found.end(), "period")
        found = forms.YEAR.match(low, start)
        if not found or forms.PERCENT.match(low, found.end()) or forms.SCALE.match(low, found.end()):
            return None
        named = bool(_YEAR_BEFORE.search(before)) and int(found.group()) >= 1900
        if re.search(r"(?<!\w)năm *$", before) or (named and re.search(r"(?<!\w)(?:giai đoạn|nhiệm kì|từ|cuối|hết|đầu|so với|tháng \d{1,2}|quý [ivx]+)[ ,/-]*$", before)):
            return Numeral(start, found.end(), "period")
        if self._counts(line, found.end()) or int(found.group()) < 1900:
            return None
        return Numeral(start, found.end(), "period")

    def _fraction(self, line: Line, start: int, before: str) -> Numeral | None:
        low = line.low
        found = forms.FRACTION.match(low, start)
        if not found:
            return None
        top, base = read_number(found["a"]), read_number(found["b"])
        if top is None or base is None or base == 0:
            return Numeral(start, found.end(), "other")
        if _RANKED.search(before) or re.search(r"(?<!\w)thứ *$", before):
            return Numeral(start, found.end(), "rank", found.end(), "rank_of", (top, base))
        counted = self.nouns.at(low, _skip_spaces(low, found.end()))
        part = re.match(r" *(?:số|tổng|diện tích|các|cấp|dân số)(?!\w)|(?: \w+){0,2} *\((?:đạt|tỉ lệ|bằng|chiếm)?[^)]{0,12}%", low[found.end() : found.end() + 40])
        if re.match(r"24/(?:24|7)\b", low[start : start + 6]):
            return Numeral(start, found.end(), "other")
        is_day = 1 <= top <= 31 and 1 <= base <= 12 and "." not in found.group() and len(found["b"]) <= 2
        if counted is None and not part and is_day and not re.search(r"(?<!\w)(?:đạt|có|chiếm|được|bằng|là|gồm|với|thành|cho|tại) *$", before):
            return Numeral(start, found.end(), "date")
        if is_day and _DATE_BEFORE.search(before) and not part and (counted is None or not before.rstrip().endswith(("(", ",")) and re.search(r"ngày *$", before)):
            return Numeral(start, found.end(), "date")
        return Numeral(start, found.end(), "ratio", found.end(), "ratio", (top, base))

    def _named(self, line: Line, start: int, before: str, previous: Numeral | None) -> Numeral | None:
        low = line.low
        if re.search(r"(?:covid|cov|corona|ncov) *-? *$", before):
            return Numeral(start, _RUN_DIGITS.match(low, start).end(), "name")  # type: ignore[union-attr]
        if re.search(r"(?:công nghiệp|cách mạng|cmcn|thời đại|cuộc cách mạng)(?: lần thứ tư)? *\(?$", before) and low.startswith(("4.0", "4,0"), start):
            return Numeral(start, start + 3, "name")
        if dotted := forms.DOTTED.match(low, start):
            if read_number(dotted.group()) is None and not re.match(r",\d", low[dotted.end() : dotted.end() + 2]):
                return Numeral(start, dotted.end(), "other")
        run = _RUN_DIGITS.match(low, start)
        assert run is not None
        if len(run.group()) > MAX_DIGITS or (run.group().startswith("0") and len(run.group()) >= 8):
            return Numeral(start, run.end(), "other")
        if re.search(r"(?:điện thoại|đt|hotline|sđt|tài khoản|stk|fax|zalo|đường dây nóng|liên hệ|tổng đài)(?: số)?[ :.(]*[\d .-]*$", before):
            phone = re.compile(r"\d[\d .-]*\d").match(low, start)
            return Numeral(start, phone.end() if phone else run.end(), "other")
        if re.search(r"(?:www\.|https?:|\.vn/|\.com/|@)\S*$", before):
            return Numeral(start, _RUN_ALNUM.match(low, start).end(), "other")  # type: ignore[union-attr]
        if self._slogan(line, start, run.end(), before):
            return Numeral(start, run.end(), "name")
        if previous and previous.kind == "name" and previous.form == "slogan":
            pass
        return self._ordinal_or_name(line, start, run.end(), before)

    def _slogan(self, line: Line, start: int, end: int, before: str) -> bool:
        """A small number inside quotes or after a movement's name: "5 không, 3 sạch"."""
        low = line.low
        if end - start > 2 or re.match(r"[.,]\d|%| %", low[end : end + 2]) or forms.SCALE.match(low, end):
            return False
        quoted = bool(_QUOTE_BEFORE.search(before)) and bool(_QUOTE_AFTER.match(low, end))
        if quoted:
            return True
        moves = self._cues["slogan", "before"].search(re.sub(r"[\"“( ]+$", "", before))
        listed = re.search(r"(?:không|sạch|bám|cùng|biết|có|nhất), *$", before)
        after = self._cues["name", "after"].match(low, end)
        return bool((moves or listed) and after and (not self._counts(line, end) or after.group()[-1] in "\"“"))

    def _ordinal_or_name(self, line: Line, start: int, end: int, before: str) -> Numeral | None:
        low = line.low
        if re.match(r"[.,]\d|%| %", low[end : end + 2]):
            return None
        if _RANK_WORD.search(before):
            return Numeral(start, end, "rank", end, "rank", (float(low[start:end]),))
        if _TOP.search(before) and (_TOP_AFTER.match(low, end) or not before.rstrip().endswith("nhóm")):
            return Numeral(start, end, "rank", end, "top", (float(low[start:end]),))
        if forms.SCALE.match(low, end):
            return None
        counts = self._counts(line, end)
        if self._cues["other", "before"].search(before) and (not counts or re.search(r"(?:thứ|khóa) *$", before)):
            return Numeral(start, end, "other")
        if self._cues["other", "after"].match(low, end) or _AGES.match(low, end):
            return Numeral(start, end, "other")
        numbered = re.search(r"(?<!\w)số *$", before)
        stem = before[: numbered.start()] if numbered else before
        joined = forms.DASH.match(low, end)
        if self._cues["name", "before"].search(stem) and (numbered or not counts) and not joined and end - start <= 4:
            if numbered or not re.search(r"(?:có|là|còn|đạt|gồm|với) *$", before):
                return Numeral(start, end, "name")
        if not counts and not joined and end - start <= 2 and _PLACE_NAME.search(line.text[max(0, start - 60) : start]):
            return Numeral(start, end, "name")
        if re.match(r"[a-zđ](?!\w)", low[end : end + 2]) and low[end] in "abcdek" and re.search(r"(?:quốc lộ|ql|đường|tỉnh lộ|lô|tổ|số nhà|khối|lớp) *$", before):
            return Numeral(start, end + 1, "name")
        return None

    def _counts(self, line: Line, end: int) -> Noun | None:
        """The noun counted right after a number that ends at ``end``."""
        noun = self.nouns.at(line.low, _skip_spaces(line.low, end))
        return noun if noun and noun.units[0][0] else None

    # -- amounts -------------------------------------------------------------

    def _amount(self, line: Line, start: int, before: str) -> Numeral:
        low = line.low
        first = self._term(low, start)
        if first.kind == "other":
            return first
        span = self._cues["period", "after"].match(low, first.tail)
        if span and not first.percent and not self._cues["not_period", "after"].match(low, first.tail):
            if not re.match(r" *năm \d{4}", low[first.tail : first.tail + 12]) and not (first.scale and "ngày" in span.group()):
                return Numeral(start, first.end, "period")
        joined = self._joined(line, first, before)
        return joined or first

    def _term(self, low: str, start: int) -> Numeral:
        """One number with its percent sign or scale words: "2,67%", "1 tỷ 250 triệu"."""
        found = forms.NUMBER.match(low, start)
        assert found is not None
        number = read_number(found.group())
        if number is None:
            return Numeral(start, found.end(), "other")
        end = found.end()
        if points := forms.POINTS.match(low, end):
            return Numeral(start, end, "statistic", points.end(), "plain", (number,), "", True, True)
        if percent := forms.PERCENT.match(low, end):
            return Numeral(start, percent.end(), "statistic", percent.end(), "plain", (number,), "", True)
        value, scale, tail = number, "", end
        if word := forms.SCALE.match(low, end):
            scale, tail = word["scale"], word.end()
            value = scaled(number, scale)
            if half := forms.HALF.match(low, tail):
                value, tail, end = value + scaled(0.5, scale), half.end(), half.end()
            while lower := re.compile(r" (\d{1,3}(?:,\d+)?) ?(triệu|nghìn|ngàn)(?!\w)").match(low, tail):
                step = read_number(lower[1])
                if step is None or forms.read_scale(lower[2]) >= forms.read_scale(scale):
                    break
                value, scale, tail, end = value + scaled(step, lower[2]), lower[2], lower.end(), lower.end(1)
            else:
                bare = re.compile(r" (\d{1,3})(?= ?(?:đồng|đ)(?!\w))").match(low, tail)
                if bare and scale in {"tỉ", "triệu"}:
                    value, tail, end = value + float(bare[1]) * forms.read_scale(scale) / 1000, bare.end(), bare.end()
        return Numeral(start, end, "statistic", tail, "plain", (value,), scale)

    def _joined(self, line: Line, first: Numeral, before: str) -> Numeral | None:
        """A range "60 - 96%", "từ 10 đến 15 triệu", where both ends share what follows."""
        low = line.low
        link = forms.DASH.match(low, first.tail)
        if link is None and _FROM.search(before) and not _CHANGE.search(before):
            unit_end = first.tail
            noun = None if first.percent else self._counts(line, first.tail)
            if noun is not None:
                unit_end = noun.end
            link = forms.TO.match(low, unit_end)
            if link and re.match(r"(?:19|20)\d\d(?!\d|[.,]\d)", low[link.end() : link.end() + 6]):
                return None
        if link is None:
            return None
        second = self._term(low, link.end())
        if second.kind == "other" or forms.DATE.match(low, link.end()):
            return None
        a, b = first.values[0], second.values[0]
        if second.scale and not first.scale and not first.percent:
            a = scaled(a, second.scale) if scaled(a, second.scale) < b else a
        if not a < b or (first.percent and not second.percent):
            return None
        kind = "range"
        span = self._cues["period", "after"].match(low, second.tail)
        if span and not second.percent and not self._cues["not_period", "after"].match(low, second.tail):
            kind = "period"
        if self._cues["other", "after"].match(low, second.tail):
            kind = "other"
        return Numeral(first.start, second.end, kind, second.tail, "range", (a, b), second.scale, second.percent, second.points)

    # -- words ---------------------------------------------------------------

    def _words(self, line: Line) -> Iterator[Numeral]:
        low = line.low
        for found in forms.VAGUE.finditer(low):
            noun = self.nouns.at(low, _skip_spaces(low, found.end()))
            if (noun and noun.units[0][0]) or low.endswith(("tỉ", "triệu"), 0, found.end()):
                yield Numeral(found.start(), found.end(), "statistic", found.end(), "vague")
        for found in forms.ALL_DONE.finditer(low):
            yield Numeral(found.start(), found.end(), "statistic", found.end(), "all", (100.0,), "", True)
        for found in forms.NONE_LEFT.finditer(low):
            yield Numeral(found.start(), found.end(), "statistic", found.end(), "none", (0.0,))
        for found in forms.SPOKEN.finditer(low):
            if numeral := self._spoken(low, line.text, found.start(), found.end()):
                yield numeral

    def _spoken(self, low: str, text: str, start: int, end: int) -> Numeral | None:
        """Number words before a countable noun: "bảy phường"; "một" and "năm" alone mislead."""
        words = low[start:end]
        value = read_words(words)
        if value is None or (value < 2 and words != "không") or low[max(0, start - 4) : start].endswith(("thứ ", "hàng ", "hai ")):
            return None
        if words == "năm" and not re.search(r"(?<!\w)(?:gồm|tại|cho|có|và|tặng|của),? $", low[max(0, start - 6) : start]):
            return None
        noun = self.nouns.at(low, _skip_spaces(low, end))
        if noun is None or not noun.spoken or _NAMED_ONES.match(text, noun.end):
            return None
        return Numeral(start, end, "statistic", end, "words", (value,))


# "hai tỉnh Bắc Ninh và Bắc Giang" names its two, it does not count.
_NAMED_ONES = re.compile(rf" (?:[{CAPITALS}]\w*[ ,-]*){{2}}")
# "ấp Mỹ Hòa 1", "phường Hà Giang 1 và Hà Giang 2": a number that ends a place's name.
_PLACE_NAME = re.compile(
    rf"(?<!\w)(?i:ấp|thôn|xóm|bản|khu phố|tổ dân phố|khóm|buôn|làng|phường|xã|khu|khối|trường|công ty)(?: [{CAPITALS}]\w*)+(?: \d{{1,2}}(?:,| và)(?: [{CAPITALS}]\w*)+)* $"
)
_NEXT_DIGIT = re.compile(r"\d")
_RUN_DIGITS = re.compile(r"\d+")
_RUN_ALNUM = re.compile(r"\w+")


def _skip_spaces(low: str, position: int) -> int:
    while position < len(low) and low[position] == " ":
        position += 1
    return position


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their offsets, without the line ends."""
    position = 0
    while position <= len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        if end > position:
            yield position, text[position:end]
        position = end + 1


def numerals(document: Document | str) -> pd.DataFrame:
    """List every numeral of a document once, with its kind.

    Parameters
    ----------
    document : Document or str

    Returns
    -------
    DataFrame
        ``start, end`` (offsets into ``document.text``), ``text``, ``kind``:
        statistic, ratio, range, rank (these four are statistics), date,
        period, legal_ref, heading, name, other. Together the rows cover every
        character for which ``str.isdecimal()`` holds.

    Examples
    --------
    >>> numerals("Kế hoạch số 119/KH-MTTQ-BTT: hỗ trợ 5.142 nhà")[["text", "kind"]].values.tolist()
    [['119/KH-MTTQ-BTT', 'legal_ref'], ['5.142', 'statistic']]
    """
    import pandas as pd

    if isinstance(document, str):
        document = Document(document)
    reader = NumeralReader()
    rows = []
    for offset, raw in lines_of(document.text):
        line = Line(raw, offset)
        for numeral in reader.read(line):
            start, end = line.span(numeral.start, numeral.end)
            rows.append((start, end, document.text[start:end], numeral.kind))
    return pd.DataFrame(rows, columns=["start", "end", "text", "kind"])
