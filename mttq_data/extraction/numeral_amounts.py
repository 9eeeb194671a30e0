"""Numerals that state an amount: 2,67%, 1 tỷ 250 triệu, 154/182, 60 - 96%, bảy phường."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mttq_data.extraction import numeral_forms as forms
from mttq_data.extraction.numeral_forms import Numeral, Spot
from mttq_data.extraction.numeral_names import DATE_BEFORE, RANKED, NameRules
from mttq_data.extraction.values import SCALES, read_number, read_words, scaled
from mttq_data.folding import CAPITALS, Line

_CHANGE = re.compile(r"(?<!\w)(?:tăng|giảm|nâng|hạ|tăng dần|rút|kéo giảm|đưa)(?!\w)[^.;]{0,60}$")
_FROM = re.compile(r"(?<!\w)(?:từ|khoảng|giữa)(?: (?:khoảng|trên|gần|hơn))? *$")
_LOWER_SCALE = re.compile(r" (\d{1,3}(?:,\d+)?) ?(triệu|nghìn|ngàn)(?!\w)")
_BARE_MONEY = re.compile(r" (\d{1,3})(?= ?(?:đồng|đ)(?!\w))")
_PART = re.compile(
    r" *(?:số|tổng|diện tích|các|cấp|dân số)(?!\w)|(?: \w+){0,2} *\((?:đạt|tỉ lệ|bằng|chiếm)?[^)]{0,12}%"
)
_STATED = re.compile(r"(?<!\w)(?:đạt|có|chiếm|được|bằng|là|gồm|với|thành|cho|tại) *$")
_ALWAYS_OPEN = re.compile(r"24/(?:24|7)(?!\d)")
_THIS_YEAR = re.compile(r" *năm \d{4}")
_WITHIN = re.compile(r"(?<!\w)(?:trong|qua|sau|suốt|của) *(?:vòng )?$")
_SEPARATED = re.compile(r"[.,]")
_A_YEAR = re.compile(r"(?:19|20)\d\d(?!\d|[.,]\d)")
_LONGEST_SPOKEN = 120  # characters; "chín trăm chín mươi chín triệu …" to the last đồng takes fewer
_FIVE = re.compile(r"(?<!\w)(?:gồm|tại|cho|có|và|tặng|của),? $")
# "hai tỉnh Bắc Ninh và Bắc Giang" names its two, it does not count.
_NAMED_ONES = re.compile(rf" (?:[{CAPITALS}]\w*[ ,-]*){{2}}")


class AmountRules:
    """Reads the numerals that are amounts; made once for a run."""

    def __init__(self, names: NameRules) -> None:
        self.names = names
        self.nouns = names.nouns
        _, self._after = forms.cues()

    def fraction(self, spot: Spot) -> Numeral | None:
        """154/182 is a ratio, 4/63 after "xếp thứ" a rank, 27/7 a day."""
        low, start, before = spot.low, spot.start, spot.before
        found = forms.FRACTION.match(low, start)
        if not found:
            return None
        top, base = read_number(found["a"]), read_number(found["b"])
        end = found.end()
        if top is None or base is None or base == 0 or _ALWAYS_OPEN.match(low, start):
            return Numeral(start, end, "other")
        if spot.words[-1:] == ["thứ"] or RANKED.search(before):
            return Numeral(start, end, "rank", end, "rank_of", (top, base))
        if 1 <= top <= 31 and 1 <= base <= 12 and not _SEPARATED.search(found.group()) and len(found["b"]) <= 2:
            counted, part = self.names.counted(spot, end), _PART.match(low, end)
            if not counted and not part and (DATE_BEFORE.search(before) or not _STATED.search(before)):
                return Numeral(start, end, "date")
            if counted and not part and spot.words[-1:] == ["ngày"]:
                return Numeral(start, end, "date")
        if word := forms.SCALE.match(low, end):
            top, base = scaled(top, word["scale"]), scaled(base, word["scale"])
            return Numeral(start, end, "ratio", word.end(), "ratio", (top, base), word["scale"])
        return Numeral(start, end, "ratio", end, "ratio", (top, base))

    def amount(self, spot: Spot) -> Numeral:
        """A count or measure; a span of time ("40 năm") is a period instead."""
        low = spot.low
        first = self._term(low, spot.start)
        if first.kind == "other":
            return first
        if not first.percent and self._is_time(low, first):
            return Numeral(first.start, first.end, "period")
        return self._range(spot, first) or first

    def _is_time(self, low: str, numeral: Numeral) -> bool:
        span = self._after["period"].match(low, numeral.tail)
        if not span or self._after["not_period"].match(low, numeral.tail):
            return False
        if _THIS_YEAR.match(low, numeral.tail) and not _WITHIN.search(low, max(0, numeral.start - 12), numeral.start):
            return False
        return not (numeral.scale and "ngày" in span.group())

    @staticmethod
    def _term(low: str, start: int) -> Numeral:
        """One number with its percent sign or scale words: "2,67%", "1 tỷ 250 triệu"."""
        found = forms.NUMBER.match(low, start)
        number = read_number(found.group()) if found else None
        if found is None or number is None:
            return Numeral(start, found.end() if found else start + 1, "other")
        end = found.end()
        if points := forms.POINTS.match(low, end):
            return Numeral(start, end, "statistic", points.end(), "plain", (number,), "", True, True)
        if percent := forms.PERCENT.match(low, end):
            return Numeral(start, percent.end(), "statistic", percent.end(), "plain", (number,), "", True)
        word = forms.SCALE.match(low, end)
        if not word:
            return Numeral(start, end, "statistic", end, "plain", (number,))
        value, scale, tail = scaled(number, word["scale"]), word["scale"], word.end()
        if half := forms.HALF.match(low, tail):
            value, tail, end = value + scaled(0.5, scale), half.end(), half.end()
        while lower := _LOWER_SCALE.match(low, tail):
            step = read_number(lower[1])
            if step is None or SCALES[lower[2]] >= SCALES[scale]:
                break
            value, scale, tail, end = value + scaled(step, lower[2]), lower[2], lower.end(), lower.end(1)
        if scale in {"tỉ", "triệu"} and (bare := _BARE_MONEY.match(low, tail)):
            # "2 tỷ 350 đồng" is said for 2 tỷ 350 triệu.
            value, tail, end = value + float(bare[1]) * SCALES[scale] / 1000, bare.end(), bare.end()
        return Numeral(start, end, "statistic", tail, "plain", (value,), scale)

    def _range(self, spot: Spot, first: Numeral) -> Numeral | None:
        """A range "60 - 96%", "từ 10 đến 15 triệu", where both ends share what follows."""
        low = spot.low
        link = forms.DASH.match(low, first.tail)
        if link is None and spot.words and _FROM.search(spot.before) and not _CHANGE.search(spot.before):
            noun = None if first.percent else self.names.counted(spot, first.tail)
            link = forms.TO.match(low, noun.end if noun else first.tail)
            if link and _A_YEAR.match(low, link.end()):
                return None
        if link is None or forms.DATE.match(low, link.end()):
            return None
        second = self._term(low, link.end())
        if second.kind == "other":
            return None
        a, b = first.values[0], second.values[0]
        if second.scale and not first.scale and not first.percent and scaled(a, second.scale) < b:
            a = scaled(a, second.scale)
        if not a < b or (first.percent and not second.percent):
            return None
        kind = "range"
        if not second.percent and self._is_time(low, second):
            kind = "period"
        elif self._after["other"].match(low, second.tail):
            kind = "other"
        return Numeral(
            first.start, second.end, kind, second.tail, "range", (a, b), second.scale, second.percent, second.points
        )

    # -- words ---------------------------------------------------------------

    def words(self, line: Line) -> Iterator[Numeral]:
        """Statistics said in words: "bảy phường", "hàng trăm hội nghị", "xóa xong nhà tạm"."""
        low, past = line.low, 0
        for first in forms.MAYBE_WORDS.finditer(low):
            start = first.start()
            if start < past or (start and (low[start - 1].isalnum() or low[start - 1] == "_")):
                continue
            if found := forms.VAGUE.match(low, start):
                noun = self.nouns.at(low, forms.skip_spaces(low, found.end()))
                if (noun and noun.units[0][0]) or low.endswith(("tỉ", "triệu"), 0, found.end()):
                    yield Numeral(start, found.end(), "statistic", found.end(), "vague")
            elif found := forms.ALL_DONE.match(low, start):
                yield Numeral(start, found.end(), "statistic", found.end(), "all", (100.0,), "", True)
            elif found := forms.NONE_LEFT.match(low, start):
                yield Numeral(start, found.end(), "statistic", found.end(), "none", (0.0,))
            elif found := forms.SPOKEN.match(low, start):
                if numeral := self._spoken(line, start, found.end()):
                    yield numeral
                elif found.end() - start > _LONGEST_SPOKEN:
                    past = found.end()  # a jumble of number words; not to be tried again at each of them

    def _spoken(self, line: Line, start: int, end: int) -> Numeral | None:
        """Number words before a countable noun; "một" and "năm" alone mislead."""
        low, text = line.low, line.low[start:end]
        if len(text) > _LONGEST_SPOKEN:
            return None
        noun = self.nouns.at(low, forms.skip_spaces(low, end))
        if noun is None or not noun.spoken or _NAMED_ONES.match(line.text, noun.end):
            return None
        value = read_words(text)
        if value is None or value < 2 or low[max(0, start - 5) : start].endswith(("thứ ", "hàng ", "hai ")):
            return None
        if text == "năm" and not _FIVE.search(low[max(0, start - 6) : start]):
            return None
        return Numeral(start, end, "statistic", end, "words", (value,))
