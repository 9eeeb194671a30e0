"""What the charts of places, parts and years share: which rows, whose colour, named sources, short labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mttq_data.wording import missing, number, readable

if TYPE_CHECKING:
    import pandas as pd

_MOST_SOURCES = 3
_SOURCES = {"vi": "{} nguồn: {} …", "en": "{} sources: {} …"}
_SHORT_BOUND = {
    "vi": {"gt": "trên {}", "ge": "từ {}", "lt": "dưới {}", "le": "đến {}", "approx": "khoảng {}"},
    "en": {"gt": "over {}", "ge": "from {}", "lt": "under {}", "le": "up to {}", "approx": "about {}"},
}


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries with text keys."""
    return [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]


def with_value(data: pd.DataFrame) -> pd.DataFrame:
    """Rows whose value is known; none of a frame without that column."""
    if data.empty or "value" not in data:
        return data.iloc[:0]
    return data[data["value"].notna()]


def of_one(data: pd.DataFrame, column: str, wanted: str | None) -> tuple[pd.DataFrame, str]:
    """The rows of one code of a column: the wanted one, else the commonest; with the code."""
    if column not in data:
        return data, wanted or ""
    codes = [str(c) for c in data[column] if not missing(c)]
    chosen = wanted or max(sorted(set(codes)), key=codes.count, default="")
    return (data[data[column].astype("string").fillna("") == chosen] if chosen else data), chosen


def sources_of(data: pd.DataFrame, lang: str, source: str = "") -> str:
    """What a source line names: the given text, else documents, else files or the hosts of pages."""
    if source:
        return source
    column = next((c for c in ("document", "source") if c in data.columns), "")
    if not column:
        return ""
    names = list(dict.fromkeys(_host(v) for v in data[column] if not missing(v)))
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


def short_figure(value: float, qualifier: object, scale: float, lang: str) -> str:
    """A figure in the axis' own unit, its bound in one word.

    Examples
    --------
    >>> short_figure(103.5e9, "gt", 1e9, "vi")
    'trên 103,5'
    """
    text = number(value / scale, lang, 2 if scale > 1 else None)
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
