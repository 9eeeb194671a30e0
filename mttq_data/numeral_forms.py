"""The shapes a numeral can have in a Vietnamese report, as patterns on one folded line."""

from __future__ import annotations

import re
from functools import lru_cache

from mttq_data.codelists import read_codelist
from mttq_data.folding import CAPITALS, fold
from mttq_data.values import SCALES

# A number as written: groups with dots or commas; "10 000"; "17, 29%".
# (?!\d) keeps "1 2345" two numbers; a thousands space never follows a longer run.
NUMBER = re.compile(r"\d{1,3}(?: \d{3})+(?![\d.]|,\d)(?= *(?:đ|đồng|vnđ|người|hộ|m2|usd|tấn|cây|lượt)\b)|\d+, \d{1,2}(?= ?%)|\d+(?:[.,]\d+)*")
PERCENT = re.compile(r" ?%| *(?:phần trăm|‰|phần nghìn)(?!\w)")
POINTS = re.compile(r" *(?:điểm (?:%|phần trăm)|điểm%)")
SCALE = re.compile(
    r" ?(?P<scale>(?:trăm|chục) (?:nghìn|ngàn|triệu)|(?:nghìn|ngàn|triệu) tỉ|tỉ|triệu|nghìn|ngàn|vạn|tr(?=[ .]?đ|\W|$)|trăm|chục)(?!\w)(?! (?:lẻ|dặm|năm tuổi))"
)
HALF = re.compile(r" rưỡi(?!\w)")
DASH = re.compile(r" ?- ?(?=\d)")
TO = re.compile(r" *(?:đến|tới) +(?=\d)")

DATE = re.compile(
    r"(?P<d>\d{1,2}) ?[/.-] ?(?P<m>\d{1,2}) ?[/.-] ?(?:1[89]|20)\d{2}(?!\d)"
    r"|\d{1,2} tháng \d{1,2}(?!\d|[.,/]\d| *%)(?: năm (?:1[89]|20)\d{2}(?!\d))?"
)
MONTH_YEAR = re.compile(r"(?:0?[1-9]|1[0-2]) ?[/-] ?(?:19|20)\d{2}(?![\d/])")
DAY_MONTH = re.compile(r"(?P<d>\d{1,2})[-.](?P<m>\d{1,2})(?![\d%]|[.,/]\d| ?%)")
DAYS_OF_MONTH = re.compile(r"\d{1,2} ?(?:-|và|đến) ?(?=\d{1,2}[/-]\d{1,2}(?!\d))")
YEARS = re.compile(r"(?:1[89]|20)\d{2} ?- ?(?:(?:1[89]|20)\d{2}|\d{2})(?![\d.,/]\d|\d)")
YEAR = re.compile(r"(?:1[0-9]|20|21)\d{2}(?!\d|[.,]\d)")
FRACTION = re.compile(r"(?P<a>\d{1,3}(?:\.\d{3})+|\d+) ?/ ?(?P<b>\d{1,3}(?:\.\d{3})+|\d+)(?![\d/])")
CLOCK = re.compile(r"\d{1,2} ?(?:h|g|giờ) ?\d{0,2}(?!\w)|\d{1,2}:\d{2}(?!\d)")
DOTTED = re.compile(r"\d{1,3}(?:\.\d{1,3}){2,}(?!\d)")
LIST_MARK = re.compile(r"\d{1,2}(?=[.)/] *-? *(?:[^\W\d_]|[\"“(]))|\d{1,2}(?:\.\d{1,2}){1,3}(?=[.)]? *[^\W\d_])")
# On the case-kept text: number, hyphen or slash, capitals ("65- KL/TW", "59/2023/NĐ-CP").
DOCUMENT_NUMBER = re.compile(
    r"\d{1,5}[A-Z]?(?: ?/ ?(?:19|20)\d{2})?(?:- ?|/ ?| -| /)(?=[A-ZĐÂÊÔƠƯ]{2}|[A-Z]Đ|[A-Z]r|QH\d|[A-Z]/)[A-ZĐÂÊÔƠƯ][\wĐ]*(?:(?: ?[-/] ?|- )[A-ZĐÂÊÔƠƯ][\wĐ]*)*"
)
CAPITAL_AFTER = re.compile(rf"[.)/]? *-? *[\"“(]?[{CAPITALS}]")
WORD_BEFORE = re.compile(r"[^\W\d_]+(?:[^\W\d_])*$")

# Vague amounts and amounts said in words that carry a statistic.
VAGUE = re.compile(
    r"(?<!\w)(?:hàng|vài|mấy)(?: (?:chục|trăm|nghìn|ngàn|vạn|triệu|tỉ))+(?!\w)(?! (?:năm|ngày(?! công)|tháng|giờ|lần)(?!\w))"
)
ALL_DONE = re.compile(r"(?<!\w)xóa (?:xong|hết|sạch|toàn bộ|hoàn toàn)(?= (?:số |toàn bộ )?nhà(?: nhà)? (?:ở )?(?:tạm|dột nát))")
NONE_LEFT = re.compile(
    r"(?<!\w)không (?:có|còn|để)(?= (?:ban|đơn vị|khu dân cư|tổ|cơ sở|mttq|mặt trận|chi hội|hộ|xã|thôn|cán bộ|tập thể)(?: [^\W\d_]+){0,10}? "
    r"(?:yếu|kém|yếu kém|không hoàn thành|chưa hoàn thành|tái nghèo)(?!\w))"
)
SPOKEN = re.compile(
    r"(?<!\w)(?:(?:một|hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín|mười|mươi|mốt|lăm|tư|trăm|nghìn|ngàn|linh|lẻ|triệu|tỉ|vạn|chục)(?!\w) ?)+(?<! )"
)


@lru_cache(maxsize=4)
def _compiled(rows: tuple[tuple[str, str, str], ...]) -> dict[tuple[str, str], re.Pattern[str]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for kind, where, phrase in rows:
        edge = "(?!\\w)" if where == "after" and phrase[-1].isalnum() else ""
        groups.setdefault((kind, where), []).append(re.escape(fold(phrase)).replace(r"\ ", " +") + edge)
    out = {}
    for (kind, where), phrases in groups.items():
        either = "|".join(sorted(phrases, key=len, reverse=True))
        after = where.startswith("after")
        out[kind, where] = re.compile(rf" *(?:{either})" if after else rf"(?<!\w)(?:{either})[ :\-]*$")
    return out


def cues() -> dict[tuple[str, str], re.Pattern[str]]:
    """The context words of ``codes/numeral_cues.csv`` by (kind, before or after)."""
    rows = read_codelist("numeral_cues", key=["kind", "where", "phrase"])
    return _compiled(tuple((r["kind"], r["where"], r["phrase"]) for r in rows))


def read_scale(word: str) -> float:
    """The factor of a folded scale word, 1 for none."""
    return SCALES.get(word, 1.0)
