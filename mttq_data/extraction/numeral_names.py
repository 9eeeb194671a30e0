"""Numerals that are no statistic: dates, years, document and list numbers, names, ordinals."""

from __future__ import annotations

import re

from mttq_data.extraction import numeral_forms as forms
from mttq_data.extraction.nouns import Noun, NounReader
from mttq_data.extraction.numeral_forms import Numeral, Spot
from mttq_data.extraction.values import MAX_DIGITS, read_number
from mttq_data.folding import CAPITALS

RANKED = re.compile(r"(?<!\w)(?:xếp|đứng|vị trí|thứ hạng|hạng|bảng xếp hạng|vị thứ|vươn lên)(?!\w)[^.;]{0,40}$")
DATE_BEFORE = re.compile(
    r"(?<!\w)(?:ngày|dịp|sáng|chiều|tối|trưa|hôm|đến|từ|trước|sau|lễ|mừng|kỉ niệm|quốc khánh|mùng|mồng|cuối|đầu|phụ nữ|giải phóng|rằm)[ :(]*$"
    r"|[(,] *$|(?:từ|ngày)[^.;]{0,24}(?:đến|-) *(?:hết )?(?:ngày )?$"
)
_RANK_WORD = re.compile(
    r"(?<!\w)(?:xếp|đứng|vị trí|hạng|giữ|vươn lên|lên|ở|từ|xuống|về|là|đạt)(?: vị trí| hạng| ở vị trí)? thứ *$"
    r"|(?<!\w)(?:xếp hạng|thứ hạng|hạng thứ|xếp vị trí|đứng vị trí|ở vị trí|vị trí|vị thứ) *$"
)
_RANK_LAST = frozenset({"thứ", "hạng", "trí"})
_TOP = re.compile(r"(?<!\w)(?:top|tốp|nhóm)(?: các)?(?: đầu)? *$")
_TOP_LAST = frozenset({"top", "tốp", "nhóm", "các", "đầu"})
_TOP_AFTER = re.compile(r"[^.;]{0,60}?(?:đứng đầu|dẫn đầu|cao nhất|tốt nhất|hàng đầu|đứng tốp|xếp đầu)")
_MONTH_BEFORE = re.compile(
    r"(?<!hằng )(?<!hàng )(?<!mỗi )(?<!từng )(?<!\w)tháng *$|(?<!\w)(?:tháng \d{1,2} ?(?:,|và|-|đến) ?)$"
)
_DAY_BEFORE = re.compile(r"(?<!mỗi )(?<!hằng )(?<!hàng )(?<!\w)(?:ngày|mùng|mồng) *$")
_DAY_LAST = frozenset({"ngày", "mùng", "mồng"})
_DAY_HINT = re.compile(
    r"(?<!\w)(?:ngày|sáng|chiều|tối|trưa|hôm)(?: qua| nay)?,? *$|(?<!\w)ngày \d{1,2} ?(?:và|,|đến|-) *$"
)
_SURE_YEAR = re.compile(r"(?<!\w)(?:năm|giai đoạn|nhiệm kì|từ|cuối|hết|đầu|so với|tháng \d{1,2}|quý [ivx]+)[ ,/-]*$")
_UNIT_SYMBOL = re.compile(r"(?<!\w)(?:km|m|cm|mm|dm|hm|co|ch|so|o|n|pm)$|\d(?:km|m|cm)$")
_QUOTE_BEFORE = re.compile(r"(?:^|[\s(:,])[\"“‘'](?=\S)[^\"”“]{0,80}$|“[^\"”]{0,80}$")
_QUOTE_AFTER = re.compile(r"[^\"“”]{0,80}?[^\s\"“”][\"”’'](?:[\s.,;:)]|$)")
_DOCUMENTS_LIST = re.compile(r"\d+[\w./-]* *(?:,|và) *$")
_NUMBERED = re.compile(r"(?<!\w)số:? *$")
_DOCUMENT = re.compile(r"\d{1,5}(?![\d.,]\d|\d|%| %)")
_AGES = re.compile(r" *(?:đến|tới|-) *\d+ tuổi")
_CONTACT = re.compile(r"điện thoại|đt|hotline|sđt|tài khoản|stk|fax|zalo|dây nóng|liên hệ|tổng đài")
_CALLED = re.compile(
    r"(?:điện thoại|đt|hotline|sđt|tài khoản|stk|fax|zalo|đường dây nóng|liên hệ|tổng đài)(?: số)?[ :.(]*[\d .-]*$"
)
_PHONE = re.compile(r"\d[\d .-]*\d")
_ADDRESS = re.compile(r"(?:www\.|https?:|\.vn/|\.com/|@)\S*$")
_DISEASES = ("covid", "cov", "corona", "ncov")
_REVOLUTION = re.compile(r"(?:công nghiệp|cách mạng|cmcn|thời đại|cuộc cách mạng)(?: lần thứ tư)? *\(?$")
_SLOGAN_LIST = re.compile(r"(?:không|sạch|bám|cùng|biết|có|nhất), *$")
_NOT_WHOLE = re.compile(r"[.,]\d|%| %")
_LIST_STARTS = frozenset("(:;.") | {""}
_STATES = frozenset({"có", "là", "còn", "đạt", "gồm", "với"})
_ROADS = re.compile(r"(?:quốc lộ|ql|đường|tỉnh lộ|lô|tổ|số nhà|khối|lớp) *$")
_LETTERED = re.compile(r"[abcdek](?!\w)")
_CAPITAL = re.compile(rf" +[{CAPITALS}]")
_NAMES_LIST = re.compile(r" \d{1,3}(?:,? ?\d{1,3})*(?:,| và) $")
_CAPTION = re.compile(r" từ (?:phải|trái|bên)(?!\w)")
_FREE = re.compile(r"0 ?(?:đồng|đ)(?!\w)")
_HEADING_MARK = re.compile(r"\d{1,3}(?:\.\d{1,2})*(?![\d%]|[.,]\d)")
# "ấp Mỹ Hòa 1", "phường Hà Giang 1 và Hà Giang 2": a number that ends a place's name.
_PLACE_NAME = re.compile(
    rf"(?<!\w)(?i:ấp|thôn|xóm|bản|khu phố|tổ dân phố|khóm|buôn|làng|phường|xã|khu|khối|trường|công ty)(?: [{CAPITALS}]\w*)+"
    rf"(?: \d{{1,2}}(?:,| và)(?: [{CAPITALS}]\w*)+)* $"
)


class NameRules:
    """Says of a number that it is no statistic; made once for a run."""

    def __init__(self, nouns: NounReader) -> None:
        self.nouns = nouns
        self._before, self._after = forms.cues()

    def read(self, spot: Spot) -> Numeral | None:
        """The numeral as a date, name, reference …, or None where it may be an amount."""
        for rule in (self._glued, self._list_number, self._document, self._date, self._year):
            if numeral := rule(spot):
                return numeral
        return None

    def counted(self, spot: Spot, end: int) -> Noun | None:
        """The noun counted right after a number that ends at ``end``."""
        noun = self.nouns.at(spot.low, forms.skip_spaces(spot.low, end))
        return noun if noun and noun.units[0][0] else None

    def _glued(self, spot: Spot) -> Numeral | None:
        """Digits inside a word: km2, H5N1, F0; a lost space ("đạt90%") is no such word."""
        before, start = spot.before, spot.start
        if not before or not (before[-1].isalpha() or before[-1] == "_"):
            return None
        word = forms.WORD_BEFORE.search(spot.line.text[max(0, start - 24) : start])
        stem = word.group() if word else ""
        found = forms.WORD.match(spot.low, start)
        end = found.end() if found else start + 1
        if _UNIT_SYMBOL.search(before):
            return Numeral(start - len(stem), end, "other")
        if len(stem) >= 3 and not stem.isupper():
            return None
        return Numeral(start, end, "name")

    def _list_number(self, spot: Spot) -> Numeral | None:
        start, before = spot.start, spot.before
        rest = spot.line.text[start : start + 40]
        head = spot.low[:start].strip(" -+*#") if start < 40 else "…"
        last = before.rstrip()[-1:]
        if start >= 40 and last not in _LIST_STARTS:
            return self._numbered_heading(spot, rest)
        if before.endswith("("):
            mark = re.match(r"\d{1,2}(?=\))", rest)
            if mark and not self._counted_in_brackets(spot):
                return Numeral(start, start + mark.end(), "heading")
        if (
            head
            and re.fullmatch(r"[ivx]+\.(?:\d\.)*", head)
            and (mark := re.match(r"\d{1,2}(?:\.\d{1,2})*(?=[. ])", rest))
        ):
            return Numeral(start, start + mark.end(), "heading")
        if last in {"", ":", ";", "."} and (mark := re.match(rf"\d{{1,2}}(?=\) *[{CAPITALS}a-zđ])", rest)):
            return Numeral(start, start + mark.end(), "heading")
        if head == "":
            mark = forms.LIST_MARK.match(rest)
            if (
                mark
                and forms.CAPITAL_AFTER.match(rest, mark.end())
                and not forms.SCALE.match(spot.low, start + mark.end())
            ):
                return Numeral(start, start + mark.end(), "heading")
            if re.match(r"\d{1,2}[.)] *$", rest):
                return Numeral(start, start + len(rest.rstrip(" .)")), "heading")
        return self._numbered_heading(spot, rest)

    def _numbered_heading(self, spot: Spot, rest: str) -> Numeral | None:
        """ "Phụ lục 1", "Biểu số 2"."""
        if self._before["heading", "before"].end(spot.words) and (mark := _HEADING_MARK.match(rest)):
            if not self.counted(spot, spot.start + mark.end()):
                return Numeral(spot.start, spot.start + mark.end(), "heading")
        return None

    @staticmethod
    def _counted_in_brackets(spot: Spot) -> bool:
        """ "… thành viên (5)." counts what stands before it."""
        return bool(re.match(r"\d{1,2}\) *(?:[.;,]|$)", spot.low[spot.start : spot.start + 8])) and bool(
            spot.before.strip(" (")
        )

    def _document(self, spot: Spot) -> Numeral | None:
        low, start, before = spot.low, spot.start, spot.before
        found = forms.DOCUMENT_NUMBER.match(spot.line.text, start)
        if found and not before.rstrip(" -").endswith(_DISEASES):
            return Numeral(start, found.end(), "legal_ref")
        number = _DOCUMENT.match(low, start)
        if not number:
            return None
        numbered = _NUMBERED.search(before) if spot.words and spot.words[-1] == "số" else None
        words = forms.last_words(before[: numbered.start()]) if numbered else spot.words
        if not numbered and before.rstrip().endswith((",", "và")) and (listed := _DOCUMENTS_LIST.search(before)):
            words = forms.last_words(before[: listed.start()])
        strong = self._before["legal_ref", "before_strong"].end(words)
        if not strong and not self._before["legal_ref", "before"].end(words):
            return None
        end = number.end()
        if not numbered:
            if (
                re.match(r" *[/-] *\d", low[end : end + 3])
                or forms.YEARS.match(low, start)
                or forms.YEAR.match(low, start)
            ):
                return None
            if (
                (not strong and self.counted(spot, end))
                or forms.SCALE.match(low, end)
                or self._after["period"].match(low, end)
            ):
                return None
        return None if forms.YEARS.match(low, start) else Numeral(start, end, "legal_ref")

    def _date(self, spot: Spot) -> Numeral | None:
        low, start, before = spot.low, spot.start, spot.before
        if found := forms.DATE.match(low, start):
            days = forms.RUN.findall(found.group())
            if int(days[0]) <= 31 and int(days[1]) <= 12:
                return Numeral(start, found.end(), "date")
        if found := forms.MONTH_YEAR.match(low, start):
            return Numeral(start, found.end(), "date")
        if (found := forms.DAY_MONTH.match(low, start)) and _DAY_HINT.search(before):
            if 1 <= int(found["d"]) <= 31 and 1 <= int(found["m"]) <= 12 and not self.counted(spot, found.end()):
                return Numeral(start, found.end(), "date")
        if (
            (found := forms.DAYS_OF_MONTH.match(low, start))
            and DATE_BEFORE.search(before)
            and not RANKED.search(before)
        ):
            day, second = (
                forms.RUN.match(low, start),
                re.match(r"(\d{1,2})[/-](\d{1,2})", low[found.end() : found.end() + 6]),
            )
            if day and second and int(second[1]) <= 31 and int(second[2]) <= 12:
                return Numeral(start, day.end(), "date")
        small = forms.SMALL.match(low, start)
        if (
            small
            and (
                ("tháng" in before and _MONTH_BEFORE.search(before))
                or (
                    spot.words[-1:]
                    and spot.words[-1] in _DAY_LAST
                    and int(small.group()) <= 31
                    and _DAY_BEFORE.search(before)
                )
            )
            and not forms.SCALE.match(low, small.end())
        ):
            return Numeral(start, small.end(), "date")
        if (found := forms.CLOCK.match(low, start)) and (run := forms.RUN.match(low, start)):
            if not self._after["not_period"].match(low, run.end()):
                return Numeral(start, found.end(), "period")
        return None

    def _year(self, spot: Spot) -> Numeral | None:
        low, start = spot.low, spot.start
        if found := forms.YEARS.match(low, start):
            return Numeral(start, found.end(), "period")
        found = forms.YEAR.match(low, start)
        if not found or forms.PERCENT.match(low, found.end()) or forms.SCALE.match(low, found.end()):
            return None
        late = int(found.group()) >= 1900
        if spot.words[-1:] == ["năm"] or (late and _SURE_YEAR.search(spot.before)):
            return Numeral(start, found.end(), "period")
        return Numeral(start, found.end(), "period") if late and not self.counted(spot, found.end()) else None

    def named(self, spot: Spot) -> Numeral | None:
        """Names, ordinals, ranks and numbers that are too long or too odd to be amounts."""
        low, start, before = spot.low, spot.start, spot.before
        run = forms.RUN.match(low, start)
        assert run is not None
        end, digits = run.end(), run.group()
        if before.rstrip(" -").endswith(_DISEASES) or _FREE.match(low, start):
            return Numeral(start, end, "name")
        if low.startswith(("4.0", "4,0"), start) and _REVOLUTION.search(before):
            return Numeral(start, start + 3, "name")
        if dotted := forms.DOTTED.match(low, start):
            if read_number(dotted.group()) is None and not re.match(r",\d", low[dotted.end() : dotted.end() + 2]):
                return Numeral(start, dotted.end(), "other")
        if len(digits) > MAX_DIGITS or (digits.startswith("0") and len(digits) >= 8):
            return Numeral(start, end, "other")
        if _CONTACT.search(before) and _CALLED.search(before):
            phone = _PHONE.match(low, start)
            return Numeral(start, phone.end() if phone else end, "other")
        if _ADDRESS.search(before) and (word := forms.WORD.match(low, start)):
            return Numeral(start, word.end(), "other")
        if _NOT_WHOLE.match(low, end):
            return None
        if len(digits) <= 2 and self._slogan(spot, end):
            return Numeral(start, end, "name")
        return self._rank(spot, end) or self._name(spot, end) or self._ordinal(spot, end)

    def _slogan(self, spot: Spot, end: int) -> bool:
        """A small number inside quotes or after a movement's name: "5 không, 3 sạch"."""
        low, before = spot.low, spot.before
        if forms.SCALE.match(low, end):
            return False
        if (
            ('"' in before or "“" in before or "'" in before)
            and _QUOTE_BEFORE.search(before)
            and _QUOTE_AFTER.match(low, end)
        ):
            return True
        after = self._after["name"].match(low, end)
        if not after:
            return False
        moves = self._before["slogan", "before"].end(forms.last_words(before.rstrip('"“( '))) or _SLOGAN_LIST.search(
            before
        )
        return bool(moves and (not self.counted(spot, end) or after.group()[-1] in '"“'))

    @staticmethod
    def _rank(spot: Spot, end: int) -> Numeral | None:
        low, start, before = spot.low, spot.start, spot.before
        last = spot.words[-1] if spot.words else ""
        if last in _RANK_LAST and _CAPTION.match(low, end):
            return Numeral(start, end, "other")
        if last in _RANK_LAST and _RANK_WORD.search(before):
            return Numeral(start, end, "rank", end, "rank", (float(low[start:end]),))
        if last in _TOP_LAST and _TOP.search(before) and (_TOP_AFTER.match(low, end) or last != "nhóm"):
            return Numeral(start, end, "rank", end, "top", (float(low[start:end]),))
        return None

    def _ordinal(self, spot: Spot, end: int) -> Numeral | None:
        low, start = spot.low, spot.start
        last = spot.words[-1] if spot.words else ""
        if self._after["other"].match(low, end) or _AGES.match(low, end):
            return Numeral(start, end, "other")
        if self._before["other", "before"].end(spot.words) and not forms.SCALE.match(low, end):
            if last in {"thứ", "khóa"} or not self.counted(spot, end):
                return Numeral(start, end, "other")
        return None

    def _name(self, spot: Spot, end: int) -> Numeral | None:
        low, start, before = spot.low, spot.start, spot.before
        numbered = _NUMBERED.search(before) if spot.words[-1:] == ["số"] else None
        stem = before[: numbered.start()] if numbered else before
        if not numbered and stem.endswith((", ", "và ")) and (listed := _NAMES_LIST.search(stem)):
            stem = stem[: listed.start()]  # "quốc lộ 61 và 80", "khối thi đua 1, 3, 5"
        words = forms.last_words(stem)
        # A longer number names only roads, units of the army and the like.
        named = self._before["name", "before" if end - start <= 2 else "before_long"].end(words) and end - start <= 4
        placed = end - start <= 2 and self._ends_name(spot)
        if _LETTERED.match(low, end) and _ROADS.search(before):
            return Numeral(start, end + 1, "name")
        if not (named or placed) or forms.SCALE.match(low, end) or forms.DASH.match(low, end):
            return None
        counted = self.counted(spot, end)
        # "ở thôn 10 xã Mường Lạn": the noun that follows begins the next name.
        follows = counted is not None and _CAPITAL.match(spot.line.text, counted.end)
        if (named and numbered) or follows:
            return Numeral(start, end, "name")
        if counted or spot.words[-1] in _STATES or self._after["period"].match(low, end):
            return None
        return Numeral(start, end, "name")

    @staticmethod
    def _ends_name(spot: Spot) -> bool:
        text = spot.line.text[max(0, spot.start - 60) : spot.start]
        text = _NAMES_LIST.sub(" ", text) if text.endswith((", ", "và ")) else text
        last = text.rstrip().rsplit(" ", 1)[-1]
        return last[:1].isupper() and bool(_PLACE_NAME.search(text))
