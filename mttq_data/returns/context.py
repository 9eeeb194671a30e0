"""Whose return it is and for when: the hidden identity, the titles, the sheet's and the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.folding import Line
from mttq_data.forms.model import Form
from mttq_data.periods import parse_period
from mttq_data.places import area_names
from mttq_data.places.area_codes import LEVELS, Area, area_called, areas, namesakes
from mttq_data.returns.knowledge import kept, stamp
from mttq_data.wording import short_day

Place = tuple[int, int]
Titles = tuple[tuple[int, int, str], ...]
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "1": 1,
    "2": 2,
    "3": 3,
    "4": 4,
    "một": 1,
    "hai": 2,
    "ba": 3,
    "tư": 4,
    "bốn": 4,
}
_GLUE = r"[\s./,:()\-]*(?:năm|nam)?[\s./,:()\-]*"
_YEAR = r"(20\d{2})(?!\d)"
_PERIODS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b(?:quý|quí|quy|q)\s*\.?\s*(i{{1,3}}|iv|[1-4]|một|hai|ba|tư|bốn)\b{_GLUE}{_YEAR}"), "quarter"),
    (re.compile(r"\b(20\d{2})\s*[-_.\s]?\s*q([1-4])\b"), "quarter_back"),
    (re.compile(rf"\b(?:3|ba)\s*(?:tháng|thang)\s*(đầu|cuối|dau|cuoi){_GLUE}{_YEAR}"), "three"),
    (re.compile(rf"\b(?:6|sáu)\s*(?:tháng|thang)\s*(đầu|cuối|dau|cuoi)?{_GLUE}{_YEAR}"), "half"),
    (re.compile(r"\b(20\d{2})\s*[-_.\s]?\s*h([12])\b"), "half_back"),
    (re.compile(rf"\b(?:9|chín|10|mười)\s*(?:tháng|thang)(?:\s*(?:đầu|dau))?{_GLUE}{_YEAR}"), "months"),
    (
        re.compile(
            rf"\b(?:quý|quí|quy)\s*\.?\s*(i{{1,3}}|iv|[1-4]|một|hai|ba|tư|bốn)\b[^\d]{{1,30}}\b(?:năm|nam)\s*{_YEAR}"
        ),
        "quarter",
    ),
    (re.compile(rf"(?<!ngày \d\d )(?<!ngày \d )\b(?:tháng|thang)\s*(1[0-2]|0?[1-9])\b{_GLUE}{_YEAR}"), "month"),
)
_SPAN = re.compile(
    r"(\d{1,2})[/.\-](\d{1,2})[/.\-](20\d{2})\s*(?:đến|den|-|tới)\D{0,12}(\d{1,2})[/.\-](\d{1,2})[/.\-](20\d{2})"
)
_ONLY_YEAR = re.compile(rf"\b(?:năm|nam)\s*{_YEAR}")
_RECEIVER = re.compile(r"gửi về|nơi nhận|kính gửi|gửi:|chậm nhất|kèm theo")
_BODY = re.compile(
    r"\b(?:mttq|mặt trận|đơn vị báo cáo|đơn vị gửi|tên đơn vị|đơn vị|huyện|thị xã|thành phố|tp|tx|xã|phường|thị trấn|huyen|thi xa|thanh pho|mat tran|phuong|xa|thi tran|h|p|tt)\b"
)


_NOISE = re.compile(
    r"(?i)\b(?:năm *20\d\d|20\d\d|(?:quý|quy|q|h) *[1-4]?|i{1,3}|iv|bc|báo cáo|bao cao|biểu|bieu|số liệu|so lieu"
    r"|kết quả|ket qua|mttq|mẫu|mau|front|work|tháng|thang|\d+)\b"
)


@dataclass(frozen=True)
class Found:
    """A value with the cell (or file name) it was read from."""

    value: str
    place: Place | None = None
    text: str = ""


@dataclass(frozen=True)
class Context:
    """What the titles of one sheet say."""

    area: Found | None = None
    period: Found | None = None
    other_area: Found | None = None


def titles(rows: Sequence[Sequence[object]], top: int) -> Titles:
    """The texts above row ``top``, with their places."""
    return tuple(
        [
            (r, c, v)
            for r, row in enumerate(rows[:top])
            for c, v in enumerate(row)
            if v and isinstance(v, str) and v.strip()
        ]
    )


@lru_cache(maxsize=1024)
def period_in(text: str) -> str:
    """The period a title names, as the tables write it, or "".

    Examples
    --------
    >>> period_in("BÁO CÁO QUÝ IV NĂM 2024"), period_in("6 tháng cuối năm 2025"), period_in("tháng 10/2024")
    ('2024-Q4', '2025-H2', '2024-10')
    >>> period_in("từ ngày 01/10/2024 đến ngày 31/12/2024"), period_in("ngày 15 tháng 10 năm 2024")
    ('2024-Q4', '')
    """
    low = re.sub(
        r"ngày\s*[\d….]+\s*tháng\s*[\d….]+\s*(?:năm\s*\d{4})?", " ", " ".join(Line(text).low.split()).replace("_", " ")
    )
    if span := _SPAN.search(low):
        d1, m1, y1, d2, m2, y2 = map(int, span.groups())
        return _span_period(f"{y1:04d}-{m1:02d}-{d1:02d}", f"{y2:04d}-{m2:02d}-{d2:02d}")
    for pattern, kind in _PERIODS:
        if m := pattern.search(low):
            return _written(kind, m)
    return ""


def _written(kind: str, m: re.Match[str]) -> str:
    if kind == "quarter":
        return f"{m[2]}-Q{_ROMAN[m[1]]}"
    if kind == "quarter_back":
        return f"{m[1]}-Q{m[2]}"
    if kind == "three":
        return f"{m[2]}-Q{4 if m[1] in ('cuối', 'cuoi') else 1}"
    if kind == "half":
        return f"{m[2]}-H{2 if m[1] in ('cuối', 'cuoi') else 1}"
    if kind == "half_back":
        return f"{m[1]}-H{m[2]}"
    if kind == "months":
        return f"{m[1]}-01-01/{m[1]}-{'09-30' if m[0].startswith(('9', 'chín')) else '10-31'}"
    return f"{m[2]}-{int(m[1]):02d}"


@lru_cache(maxsize=1024)
def _span_period(first: str, last: str) -> str:
    year = last[:4]
    try:
        span = parse_period(f"{first}/{last}")
        names = [*(f"{year}-Q{i}" for i in range(1, 5)), f"{year}-H1", f"{year}-H2", year, f"{year}-{last[5:7]}"]
        for name in names:
            known = parse_period(name)
            # State reports close on the 14th: a quarter runs from the 15th of the month before it.
            closed = (known.start - timedelta(days=1)).replace(day=15), known.end.replace(day=14)
            if (span.start, span.end) in ((known.start, known.end), closed):
                return name
        return span.text
    except MttqError:
        return ""


@lru_cache(maxsize=64)
def period_of_titles(texts: Titles) -> Found | None:
    """The first period the titles name; a bare year only when nothing else does."""
    spans: list[Found] = []
    for r, c, text in texts:
        if found := period_in(text):
            if "/" in found or _SPAN.search(text):
                spans.append(Found(found, (r, c), text))
            else:
                return Found(found, (r, c), text)
    if spans:
        return spans[0]
    for r, c, text in texts:
        if (
            (m := _ONLY_YEAR.search(Line(text).low))
            and not _RECEIVER.search(Line(text).low)
            and "kế hoạch" not in Line(text).low
        ):
            return Found(m[1], (r, c), text)
    return None


@lru_cache(maxsize=64)
def days_outside(texts: Titles, when: Found) -> Found | None:
    """Days a title gives that lie outside the period another names; None where all agree."""
    named = parse_period(when.value)
    for r, c, text in texts:
        said = period_in(text) if (r, c) != when.place and _SPAN.search(Line(text).low) else ""
        span = parse_period(said) if said else named
        if span.end < named.start or span.start > named.end:
            return Found(said, (r, c), text.strip())
    return None


def areas_of_titles(texts: Titles, form: Form, period: str) -> list[Found]:
    """The senders the titles name, each once, in the order they stand."""
    return _areas_of(texts, form.id, form.head["levels"], period, stamp())


@lru_cache(maxsize=64)
def _areas_of(texts: Titles, form: str, levels: str, period: str, made_at: object) -> list[Found]:
    found: dict[str, Found] = {}
    for r, c, text in texts:
        pieces, inside = _names_in(text, levels, period, made_at)
        above = tuple(found)
        if code := next(filter(None, (_code_below(piece, levels, period, above) for piece in pieces)), inside):
            found.setdefault(code, Found(code, (r, c), text.strip()))
    for r, c, text in () if found else texts:
        # Nothing but a name ("LUC NGAN"), unless a province is called so too.
        bare = text.strip()
        code = (
            area_code(bare, levels, period) if 2 < len(bare) <= 30 and not area_code(bare, "province", period) else None
        )
        if code and not bare.isdigit():
            found.setdefault(code, Found(code, (r, c), bare))
    # The agency above stands over the sender's own name.
    return [f for code, f in found.items() if not any(lies_in(other, code, period) for other in found)]


def name_of_other_day(texts: Titles, form: Form, period: str) -> Found | None:
    """The first title that names a unit there is not in the period; as its value, what bears that name when, in Vietnamese."""
    for r, c, text in texts:
        for piece in _names_in(text, form.head["levels"], period, stamp())[0]:
            # The last of what one code was.
            known = {u.code: u for u in namesakes(piece) if u.level in form.head["levels"].split()}
            if known and not area_code(piece, " ".join(LEVELS), period):
                told = (
                    f"{u.full_name} ({f'đến {short_day(u.valid_to)}' if u.valid_to else f'từ {short_day(u.valid_from)}'})"
                    for u in list(known.values())[:4]
                )
                return Found(", ".join(told), (r, c), text.strip())
    return None


@lru_cache(maxsize=1536)
def _names_in(text: str, levels: str, period: str, made_at: object) -> tuple[tuple[str, ...], str | None]:
    """What in a title may be a unit's name, and the unit named amid other words."""
    low = Line(text).low
    if _RECEIVER.search(low) or len(text) > 200:
        return (), None
    return tuple(filter(_may_name, _pieces(text, low))), _named_inside(low, levels, period)


def _code_below(text: str, levels: str, period: str, above: tuple[str, ...]) -> str | None:
    return area_code(text, levels, period) or next(
        (c for a in above if (c := area_code(text, levels, period, a))), None
    )


def lies_in(code: str, larger: str, period: str) -> bool:
    """Whether a unit lies in a larger one."""
    return larger in _line(code, period, stamp())[1]


def area_level(code: str, period: str) -> str:
    """The level of a unit, "" for none."""
    return _line(code, period, stamp())[0]


@lru_cache(maxsize=1536)
def _line(code: str, period: str, made_at: object) -> tuple[str, frozenset[str]]:
    """The level of a unit, and what it lies in."""
    unit = _unit(code, period) if code else None
    if unit is None:
        return "", frozenset()
    above = _line(unit.parent, period, made_at)[1] if unit.parent else frozenset()
    return unit.level, above | {unit.parent} - {""}


def _pieces(text: str, low: str) -> Iterable[str]:
    flat = " ".join(text.split())
    if _BODY.search(low if flat == text else Line(flat).low):
        yield flat
        for mark in (":", " của ", " CỦA "):
            if mark in flat:
                yield flat.rsplit(mark, 1)[1].strip(" .,…")


def area_code(text: str, levels: str, period: str, parent: str = "") -> str | None:
    """Code of the unit a text names at one of the levels, the level that sends at the period first."""
    return _area_code(text, levels, period, parent, stamp())


@lru_cache(maxsize=1536)
def _area_code(text: str, levels: str, period: str, parent: str, made_at: object) -> str | None:
    if not _may_name(text):
        return None
    for level in levels.split():
        if unit := _unit(text, period, level, parent or None):
            return unit.code
    return None


def _may_name(text: str) -> bool:
    """Whether a text is a code, or a name of some unit on some day."""
    bare = text.strip()
    if not bare or len(text) > 120:
        return False
    return bare.isdigit() or any(way.key.bare in _known_names() for way in area_names.readings(text))


def _unit(text: str, period: str, level: str | None = None, parent: str | None = None) -> Area | None:
    try:
        return area_called(text, on=period or "2024-12-31", level=level, parent=parent)
    except MttqError:
        return None


def _known_names() -> frozenset[str]:
    return kept("area_names", _all_names)


def _all_names() -> frozenset[str]:
    rows = read_codelist("areas", key=["code", "valid_from"])
    written = (name for row in rows for name in (row["name"], *row.get("aliases", "").split("|")))
    return frozenset(area_names.key_of(name).bare for name in written if name)


@lru_cache(maxsize=64)
def _units(levels: str, period: str, made_at: object) -> dict[str, list[tuple[str, str]]]:
    """Ways the first existing level's units are written inside a title, by their last word."""
    for level in levels.split():
        frame = areas(on=period or "2024-12-31", level=level)
        if len(frame):
            break
    ways: list[tuple[str, str]] = []
    for code, kind, name in zip(frame["code"], frame["type"], frame["name"], strict=True):
        low_kind, low_name = Line(kind).low, Line(name).low
        short = {v: k for k, v in area_names.SHORT.items()}.get(area_names.slug(kind).replace("-", " "), "")
        ways += [(f"{w} {low_name}", code) for w in {low_kind, short} if w]
        if low_kind in ("huyện", "thị xã"):
            ways += [(f"{w} {low_name}", code) for w in ("huyện", "h", "thị xã", "tx")]
    by_end: dict[str, list[tuple[str, str]]] = {}
    for way, code in set(ways):
        by_end.setdefault(way.rsplit(" ", 1)[-1], []).append((way, code))
    return by_end


def _named_inside(low: str, levels: str, period: str) -> str | None:
    words = re.findall(r"\w+", low)
    flat, known = " ".join(["", *words, ""]), _units(levels, period, stamp())
    found = {code for word in words for way, code in known.get(word, ()) if f" {way} " in flat}
    return found.pop() if len(found) == 1 else None


def file_says(stem: str, levels: str, period: str) -> tuple[str, str]:
    """Area and period a file's or sheet's name gives, each "" where it does not."""
    return _file_says(stem, levels, period, stamp())


@lru_cache(maxsize=256)
def _file_says(stem: str, levels: str, period: str, made_at: object) -> tuple[str, str]:
    words = re.sub(r"[_\-.]+", " ", stem)
    when = period_in(stem.replace("-", " ").replace("_", " ")) or period_in(stem)
    at = period or when
    split = re.sub(r"(?<=[a-zà-ỹ])(?=[A-ZĐ])", " ", words)
    bare = _NOISE.sub(" ", split)
    codes = re.findall(r"(?<!\d)(\d{3}|\d{5})(?!\d)", stem)
    for guess in (" ".join(bare.split()), " ".join(re.sub(r"(?i)\bnam\b", " ", bare).split()), split, *codes):
        if guess and (code := area_code(guess, levels, at)):
            return code, when
    return "", when
