"""How a figure is written for a reader: numbers, bounds, units and labels in Vietnamese and English."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from mttq_data.codelists import keyed
from mttq_data.errors import MttqError
from mttq_data.periods import parse_period

LANGS = ("vi", "en")
SAMPLE = {"vi": "DỮ LIỆU MẪU", "en": "SAMPLE DATA"}
MONEY = frozenset({"VND", "USD", "EUR"})
SWAP = str.maketrans(",.", ".,")
_SCALES = {"vi": ((1e9, "tỷ"), (1e6, "triệu")), "en": ((1e9, "billion"), (1e6, "million"))}
# A bound as one phrase; "từ … trở lên" stands around the figure, so each is a pattern.
_BOUNDS = {
    "vi": {"gt": "trên {}", "ge": "từ {} trở lên", "lt": "dưới {}", "le": "tối đa {}", "approx": "khoảng {}"},
    "en": {"gt": "over {}", "ge": "at least {}", "lt": "under {}", "le": "at most {}", "approx": "about {}"},
}
_RANK = {"vi": ("thứ {}", "nhóm {} đứng đầu"), "en": ("rank {}", "top {}")}
_VAGUE = {"vi": "không nêu số", "en": "no figure given"}
# What an English plural ends in, of "turns of feedback" the first word.
_PLURAL = re.compile(r"(ies|(?<=ch|sh|ss|.x)es|(?<=[^s])s)(?= of |$)")
LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "kind": {
        "statistic": ("số liệu", "statistic"),
        "ratio": ("tỷ số", "ratio"),
        "range": ("khoảng từ – đến", "range"),
        "rank": ("thứ hạng", "rank"),
    },
    "qualifier": {
        "exact": ("đúng bằng", "exact"),
        "gt": ("trên", "over"),
        "ge": ("từ … trở lên", "at least"),
        "lt": ("dưới", "under"),
        "le": ("tối đa", "at most"),
        "approx": ("khoảng", "about"),
    },
    "role": {
        "actual": ("thực hiện", "actual"),
        "target": ("mục tiêu", "target"),
        "achievement": ("mức đạt mục tiêu", "achievement"),
        "context": ("bối cảnh", "context"),
    },
    "scope": {
        "province": ("toàn tỉnh", "province"),
        "province_level_committee": ("Ủy ban MTTQ tỉnh", "province committee"),
        "district_level": ("cấp huyện", "district level"),
        "commune_level": ("cấp xã", "commune level"),
        "residential_area": ("khu dân cư", "residential area"),
        "district_and_commune_level": ("cấp huyện và cấp xã", "district and commune level"),
        "province_and_district_level": ("cấp tỉnh và cấp huyện", "province and district level"),
        "commune_and_residential_area": ("cấp xã và khu dân cư", "commune and residential area"),
    },
    "per": {"year": ("mỗi năm", "per year")},
    "status": {
        "in time": ("đúng hạn", "in time"),
        "late": ("chậm", "late"),
        "missing": ("chưa gửi", "missing"),
        "with errors": ("có lỗi", "with errors"),
    },
    "action": {
        "load": ("nạp", "load"),
        "reread": ("kiểm tra lại", "checked again"),
        "accept": ("chấp nhận", "accept"),
        "refuse": ("không chấp nhận", "refuse"),
        "withdraw": ("rút lại", "withdraw"),
        "undo": ("hủy", "undo"),
        "clock": ("chỉnh đồng hồ", "clock"),
    },
    "severity": {"error": ("lỗi", "error"), "warning": ("cảnh báo", "warning"), "note": ("lưu ý", "note")},
    "flag": {"true": ("có", "yes"), "false": ("", "")},
}
# Gravest first.
SEVERITIES = tuple(LABELS["severity"])


def check_lang(lang: str) -> str:
    """Return ``lang`` when it is ``vi`` or ``en``.

    Raises
    ------
    MttqError
        For any other language.
    """
    if lang not in LANGS:
        raise MttqError(f"lang={lang!r}: choose vi or en")
    return lang


def missing(value: object) -> bool:
    """True for None, NaN, ``<NA>`` and the empty string."""
    if value is None or (isinstance(value, str) and not value):
        return True
    return str(value) in ("nan", "<NA>", "NaT")


def decimals_of(value: float, most: int = 9) -> int:
    """The fewest decimals, at most ``most``, that write ``value`` without loss.

    Examples
    --------
    >>> decimals_of(2.67), decimals_of(5142.0), decimals_of(0.1 + 0.2)
    (2, 0, 1)
    """
    for places in range(most):
        if math.isclose(round(value, places), value, rel_tol=1e-12, abs_tol=1e-15):
            return places
    return most


def number(value: float | None, lang: str = "vi", decimals: int | None = None) -> str:
    """Write a number the way the language does.

    Parameters
    ----------
    value : float or None
        The number; missing and infinite values give ``""``.
    lang : {"vi", "en"}
        ``vi`` groups with a dot and puts a comma before decimals.
    decimals : int, optional
        Decimals at most; by default as many as the number has.

    Returns
    -------
    str

    Examples
    --------
    >>> number(5142), number(2.67), number(5142, "en"), number(2 / 3, decimals=1)
    ('5.142', '2,67', '5,142', '0,7')
    """
    check_lang(lang)
    if missing(value):
        return ""
    amount = float(value)  # type: ignore[arg-type]
    if not math.isfinite(amount):
        return ""
    if decimals is not None:
        amount = round(amount, decimals)
    text = f"{amount:,.{decimals_of(amount)}f}"
    text = "0" if text == "-0" else text
    return text.translate(SWAP) if lang == "vi" else text


def plain_number(value: float) -> str:
    """A number as a file or a cell holds it, without separators and needless decimals.

    Examples
    --------
    >>> plain_number(5142.0), plain_number(2.67)
    ('5142', '2.67')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def unit_name(code: object, lang: str = "vi", *, one: bool = False) -> str:
    """Name of a unit; the code itself, spaced, where the codelist has none.

    Parameters
    ----------
    code : str
        Code of ``codes/units.csv``; a missing one has no name.
    lang : {"vi", "en"}
    one : bool, optional
        As it follows the number one.

    Examples
    --------
    >>> unit_name("percent"), unit_name("VND", "en"), unit_name("feedback_turn", "en", one=True)
    ('%', 'VND', 'turn of feedback')
    """
    check_lang(lang)
    if missing(code):
        return ""
    row = keyed("units", "code").get(str(code), {})
    name = row.get(f"name_{lang}", "") or str(code).replace("_", " ")
    if not one or lang == "vi":
        return name
    return row.get("one_en", "") or _PLURAL.sub(lambda found: "y" if found[0] == "ies" else "", name, count=1)


def indicator_name(code: object, lang: str = "vi") -> str:
    """Name of an indicator; its id, spaced, where the catalogue has none."""
    check_lang(lang)
    if missing(code):
        return ""
    row = keyed("indicators", "id").get(str(code), {})
    return unicodedata.normalize("NFC", row.get(f"name_{lang}", "")) or str(code).replace("_", " ")


def label(field: str, code: object, lang: str = "vi") -> str:
    """Label of a coded cell: of a field of `LABELS`, a unit, an indicator or a topic.

    Examples
    --------
    >>> label("role", "target"), label("role", "target", "en"), label("scope", "new_code")
    ('mục tiêu', 'target', 'new code')
    """
    if missing(code):
        return ""
    if field == "unit":
        return unit_name(code, lang)
    if field == "indicator":
        return indicator_name(code, lang)
    if field == "topic":
        return keyed("topics", "id").get(str(code), {}).get(f"name_{check_lang(lang)}", "") or str(code)
    if isinstance(code, bool) or type(code).__name__ == "bool":
        field, code = "flag", str(bool(code)).lower()
    names = LABELS.get(field, {}).get(str(code))
    return names[LANGS.index(check_lang(lang))] if names else str(code).replace("_", " ")


def scaled(value: float, unit: object = "", lang: str = "vi") -> tuple[float, str]:
    """Split a large amount into a short number and its scale word.

    Money is put in tỷ or triệu, other amounts in triệu only where that is
    shorter; never where it would cost digits.

    Returns
    -------
    (float, str)
        The number to write and the scale word, ``""`` for none.

    Examples
    --------
    >>> scaled(103.5e9, "VND"), scaled(256450, "household"), scaled(1.9e6, "person", "en")
    ((103.5, 'tỷ'), (256450.0, ''), (1.9, 'million'))
    """
    value = float(value)
    places = 3 if str(unit) in MONEY else 2
    for size, word in _SCALES[check_lang(lang)]:
        short = float(f"{value / size:.15g}")
        if abs(value) >= size and math.isfinite(value) and decimals_of(short) <= places:
            return short, word
    return value, ""


def amount(value: float | None, unit: object = "", lang: str = "vi") -> str:
    """Write a number with its unit.

    Parameters
    ----------
    value : float or None
        In the unit's base form (đồng, percent, persons).
    unit : str, optional
        Unit code.
    lang : {"vi", "en"}

    Examples
    --------
    >>> amount(2.67, "percent"), amount(103.5e9, "VND"), amount(103.5e9, "VND", "en")
    ('2,67%', '103,5 tỷ đồng', '103.5 billion VND')
    """
    if not number(value, lang):
        return ""
    short, word = scaled(value, unit, lang)  # type: ignore[arg-type]
    return _with_unit(" ".join(filter(None, (number(short, lang), word))), unit, lang)


def _with_unit(text: str, unit: object, lang: str) -> str:
    if missing(unit):
        return text
    # A ratio is read by what it is out of: 1/1 project, 1/4 projects.
    name = unit_name(unit, lang, one=text.rpartition("/")[2] in ("1", "-1"))
    return text + name if name == "%" else f"{text} {name}"


def bounded(
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    qualifier: object = "exact",
    unit: object = "",
    lang: str = "vi",
) -> str:
    """Write an amount with its bound as a phrase.

    Parameters
    ----------
    value, low, high : float, optional
        As in the table of statistics; a range has ``low`` and ``high`` only.
    qualifier : {"exact", "gt", "ge", "lt", "le", "approx"}
    unit : str, optional
        Unit code.
    lang : {"vi", "en"}

    Examples
    --------
    >>> bounded(103.5e9, 103.5e9, None, "gt", "VND")
    'trên 103,5 tỷ đồng'
    >>> bounded(low=60, high=96, unit="percent", lang="en")
    '60–96%'
    """
    if missing(value) and not missing(low) and not missing(high):
        return _range(float(low), float(high), unit, lang)  # type: ignore[arg-type]
    anchor = next((x for x in (value, low, high) if not missing(x)), None)
    text = amount(anchor, unit, lang)
    return _BOUNDS[lang].get(str(qualifier), "{}").format(text) if text else _VAGUE[check_lang(lang)]


def _range(low: float, high: float, unit: object, lang: str) -> str:
    (short_low, word_low), (short_high, word_high) = scaled(low, unit, lang), scaled(high, unit, lang)
    if word_low != word_high:
        return f"{amount(low, unit, lang)} – {amount(high, unit, lang)}"
    both = f"{number(short_low, lang)}–{number(short_high, lang)}"
    return _with_unit(" ".join(filter(None, (both, word_high))), unit, lang)


def figure(row: Mapping[Any, Any], lang: str = "vi") -> str:
    """Write the figure of one row of the statistics.

    Parameters
    ----------
    row : mapping
        A row (dict or Series) with ``kind, value, low, high, numerator,
        denominator, qualifier, unit``; absent cells count as missing.
    lang : {"vi", "en"}

    Returns
    -------
    str
        A phrase such as ``trên 103,5 tỷ đồng`` or ``154/182 xã``.

    Examples
    --------
    >>> figure({"kind": "rank", "value": 4, "denominator": 63, "unit": "rank"})
    'thứ 4/63'
    >>> figure({"kind": "statistic", "value": 5142, "qualifier": "gt", "unit": "percent"}, "en")
    'over 5,142%'
    """
    check_lang(lang)
    cells = {c: row.get(c) for c in ("value", "low", "high", "numerator", "denominator", "qualifier", "unit")}
    out_of = number(cells["denominator"], lang)
    if row.get("kind") == "rank" and not missing(cells["value"]):
        top = cells["qualifier"] in ("le", "lt")
        place = number(cells["value"], lang) + (f"/{out_of}" if out_of else "")
        return _RANK[lang][top].format(place)
    if row.get("kind") == "ratio" and out_of:
        unit = "" if cells["unit"] == "percent" else cells["unit"]
        text = _with_unit(f"{number(cells['numerator'], lang)}/{out_of}", unit, lang)
        return _BOUNDS[lang].get(str(cells["qualifier"]), "{}").format(text)
    return bounded(cells["value"], cells["low"], cells["high"], cells["qualifier"], cells["unit"], lang)


def readable(text: object) -> str:
    """Text as a reader sees it: composed letters, no line breaks, no control or surrogate characters.

    Examples
    --------
    >>> readable("hộ" + chr(10) + "  nghèo")
    'hộ nghèo'
    """
    if missing(text):
        return ""
    composed = unicodedata.normalize("NFC", str(text))
    return " ".join("".join(c if c.isspace() or c.isprintable() else "" for c in composed).split())


def short_day(day: str, lang: str = "vi") -> str:
    """A day in few letters.

    Examples
    --------
    >>> short_day("2025-07-01"), short_day("2025-07-01", "en")
    ('1/7/2025', '2025-07-01')
    """
    at = date.fromisoformat(day)
    return f"{at.day}/{at.month}/{at.year}" if lang == "vi" else day


def shown_period(period: object, lang: str = "vi") -> str:
    """A period for the eye.

    Examples
    --------
    >>> shown_period("2024-Q4"), shown_period("2024-Q4", "en"), shown_period("2019-2024"), shown_period("2024")
    ('quý IV/2024', 'Q4 2024', '2019–2024', '2024')
    """
    text = readable(period)
    try:
        found = parse_period(text)
    except MttqError:
        return text
    if found.kind in ("year", "years"):
        return text.replace("-", "–")
    if found.kind == "days":
        days = [f"{day:%d/%m/%Y}" if lang == "vi" else day.isoformat() for day in (found.start, found.end)]
        return "–".join(dict.fromkeys(days))
    if lang == "vi":
        return found.vi.replace(" năm ", " năm " if found.kind == "half" else "/")
    return f"{found.start:%B %Y}" if found.kind == "month" else " ".join(reversed(text.upper().split("-")))
