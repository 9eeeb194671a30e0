"""What the charts share of the data: which rows, their sources and periods, short names and figures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import pandas as pd

from mttq_data.errors import MttqError
from mttq_data.periods import parse_period
from mttq_data.wording import amount, missing, number, readable, shown_period

_MOST_SOURCES, _MOST_PERIODS = 3, 3
_SOURCES = {"vi": "{} nguồn: {} …", "en": "{} sources: {} …"}
_RETURNS = {"vi": "tổng hợp báo cáo của {}", "en": "returns of {}"}
_SHORT_BOUND = {
    "vi": {"gt": "trên {}", "ge": "từ {}", "lt": "dưới {}", "le": "đến {}", "approx": "khoảng {}"},
    "en": {"gt": "over {}", "ge": "from {}", "lt": "under {}", "le": "up to {}", "approx": "about {}"},
}


def sampled(data: pd.DataFrame) -> bool:
    """Whether a row is marked as a sample."""
    return "sample" in data and bool((data["sample"] == True).any())


def with_value(data: pd.DataFrame, ranges: bool = False) -> pd.DataFrame:
    """Rows whose value (or range) is known; none of a frame without that column."""
    if data.empty or "value" not in data:
        return data.iloc[:0]
    known = data["value"].notna()
    if ranges and {"low", "high"} <= set(data.columns):
        known |= data["low"].notna() & data["high"].notna()
    return data[known]


def of_one(data: pd.DataFrame, column: str, wanted: str | None) -> tuple[pd.DataFrame, str]:
    """The rows of one code of a column: the wanted one, else the commonest; with the code."""
    if column not in data:
        return data, wanted or ""
    codes = [str(c) for c in data[column] if not missing(c)]
    chosen = wanted or max(sorted(set(codes)), key=codes.count, default="")
    return (data[data[column].astype("string").fillna("") == chosen] if chosen else data), chosen


def unit_of(rows: pd.DataFrame) -> str:
    """The first unit the rows name."""
    return next((str(u) for u in rows.get("unit", ()) if not missing(u)), "")


def sources_of(data: pd.DataFrame, lang: str, source: str = "") -> str:
    """What a source line names: the given text, else documents, files or the hosts of pages, else the returns."""
    if source:
        return readable(source)
    column = next((c for c in ("document", "source") if c in data.columns), "")
    names = list(dict.fromkeys(_host(v) for v in data[column] if not missing(v))) if column else []
    if not names and {"area", "areas_counted"} <= set(data.columns) and len(data):
        most = data.groupby("area")["areas_counted"].max().sum()
        return _RETURNS[lang].format(amount(float(most), "unit", lang))
    if len(names) <= _MOST_SOURCES:
        return ", ".join(names)
    return _SOURCES[lang].format(len(names), ", ".join(names[:_MOST_SOURCES]))


def _host(text: object) -> str:
    """A page's host without the usual prefixes: an address would fill the line."""
    name = readable(text)
    if re.match(r"https?://", name):
        try:
            return re.sub(r"^(www|m)\.", "", urlsplit(name).hostname or name)
        except ValueError:
            return name
    return name


def short_period(period: object, lang: str) -> str:
    """A period over or under a narrow column: its part of the year above the year."""
    said = shown_period(period, lang)
    return sentence(re.sub(r"( năm |/| )(?=\d{4}$)", "\n", said))


def shown_periods(periods: Iterable[object], lang: str) -> str:
    """The periods of the rows drawn, of many the first and the last."""
    known = sorted({str(p) for p in periods if not missing(p)}, key=period_key)
    if len(known) > _MOST_PERIODS:
        years = [year for period in known for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", period)]
        if len({len(period) for period in known}) > 1 and years:
            return f"{min(years)}–{max(years)}"
        return f"{shown_period(known[0], lang)} – {shown_period(known[-1], lang)}"
    return ", ".join(shown_period(p, lang) for p in known)


def period_key(period: object) -> tuple[str, str]:
    """Orders periods by their end; what is no period comes first."""
    try:
        return parse_period(str(period)).end.isoformat(), str(period)
    except MttqError:
        return "", str(period)


def sentence(text: str) -> str:
    """The text with a capital first letter, the rest as it is.

    Examples
    --------
    >>> sentence("quý IV năm 2024")
    'Quý IV năm 2024'
    """
    return text[:1].upper() + text[1:]


def short_figure(value: float, qualifier: object, scale: float, lang: str) -> str:
    """A figure in the axis' own unit, its bound in one word.

    Examples
    --------
    >>> short_figure(103.5e9, "gt", 1e9, "vi")
    'trên 103,5'
    """
    size = abs(value / scale)
    if 0 < size < 0.005:
        # Beside millions it is next to nothing; alone it keeps two digits.
        text = "≈ 0" if scale > 1 else number(float(f"{value:.2g}"), lang)
    else:
        text = number(value / scale, lang, 0 if size >= 1000 else 2)
    return _SHORT_BOUND[lang].get(str(qualifier), "{}").format(text)


def spread(wanted: Iterable[float], gap: float) -> list[float]:
    """Positions as near as possible to the wanted ones, at least ``gap`` apart, in the same order.

    Examples
    --------
    >>> spread([1.0, 1.0, 5.0], 1.0)
    [0.5, 1.5, 5.0]
    """
    given = list(wanted)
    order = sorted(range(len(given)), key=lambda i: given[i])
    blocks: list[list[float]] = []  # centre, number of labels
    for i in order:
        blocks.append([given[i], 1])
        while len(blocks) > 1 and _reach(blocks[-1], gap, -1) < _reach(blocks[-2], gap, 1) + gap:
            (c2, n2), (c1, n1) = blocks.pop(), blocks.pop()
            blocks.append([(c1 * n1 + c2 * n2) / (n1 + n2), n1 + n2])
    placed = [centre + gap * (k - (count - 1) / 2) for centre, count in blocks for k in range(int(count))]
    out = [0.0] * len(given)
    for place, i in zip(placed, order, strict=True):
        out[i] = place
    return out


def _reach(block: list[float], gap: float, side: int) -> float:
    return block[0] + side * gap * (block[1] - 1) / 2
