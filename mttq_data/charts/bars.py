"""Horizontal bars whose ends show what is known: closed where exact, open where only a bound is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.style import HATCHES, PALETTE, beside, number_axis, row_labels
from mttq_data.wording import figure, missing

_OPEN = {"gt": ">", "ge": ">", "lt": "<", "le": "<", "approx": "o"}
_OPEN_MEANS = {
    "vi": {">": "để ngỏ phía trên (trên, ít nhất)", "<": "để ngỏ phía dưới (dưới, tối đa)", "o": "khoảng"},
    "en": {">": "open above (over, at least)", "<": "open below (under, at most)", "o": "about"},
}


@dataclass(frozen=True)
class Bar:
    """One bar: its label, the phrase written at its end, its ends, its bound and its group."""

    label: str
    phrase: str
    end: float
    begin: float = 0.0
    qualifier: str = "exact"
    group: str = ""


def bar_of(row: dict[str, Any], name: str, lang: str, group: str = "") -> Bar:
    """The bar of one row of the statistics; a range spans from its low to its high."""
    phrase = figure(row, lang)
    if not missing(row.get("value")):
        qualifier = "exact" if row.get("kind") == "rank" else str(row.get("qualifier") or "exact")
        return Bar(name, phrase, float(row["value"]), 0.0, qualifier, group)
    return Bar(name, phrase, float(row["high"]), float(row["low"]), "exact", group)


def draw_bars(ax: Axes, bars: Sequence[Bar], unit: object, lang: str = "vi", limit: float | None = None) -> list[Any]:
    """Draw bars of one unit from top to bottom with their phrases; return what the legend is to explain.

    ``limit`` is the largest value of the axis, such as 100 for shares.
    """
    groups = list(dict.fromkeys(bar.group for bar in bars))
    looks: list[dict[str, Any]] = [
        {"facecolor": PALETTE[at % len(PALETTE)], "hatch": HATCHES[at % len(HATCHES)]} for at in range(len(groups))
    ]
    # Bars of several groups under one label carry it once.
    pairs = zip(bars, [None, *bars], strict=False)
    names = ["" if old and (old.label == bar.label and old.group != bar.group) else bar.label for bar, old in pairs]
    size = row_labels(ax, names, 38)
    for y, bar in enumerate(bars):
        look = looks[groups.index(bar.group)]
        ax.barh(y, bar.end - bar.begin, left=bar.begin, height=0.62, zorder=2, edgecolor="white", linewidth=0, **look)
        _end(ax, y, bar, str(look["facecolor"]), size)
    ends = [0.0, limit or 0.0, *(bar.end for bar in bars), *(bar.begin for bar in bars)]
    ax.set_xlim(min(ends), max(ends) if max(ends) > min(ends) else 1.0)
    number_axis(ax.xaxis, lang, unit, max(map(abs, ends)))
    if limit and min(ends) >= 0 and max(ends) <= limit:
        ax.set_xticks([limit * step / 5 for step in range(6)])
    handles: list[Any] = []
    if len(groups) > 1:
        handles = [Patch(edgecolor="white", label=group, **look) for group, look in zip(groups, looks, strict=True)]
    used = {_OPEN.get(bar.qualifier) for bar in bars}
    meant = [(marker, said) for marker, said in _OPEN_MEANS[lang].items() if marker in used]
    return handles + [Line2D([], [], label=said, **_marker(marker, PALETTE[0])) for marker, said in meant]


def _end(ax: Axes, y: int, bar: Bar, color: str, size: float) -> None:
    marker = _OPEN.get(bar.qualifier, "")
    right = max(bar.end, bar.begin)
    if marker:
        # Beside the end, not on it: on a short bar it would hide the value.
        aside = ax.transData + ScaledTranslation(7 / 72, 0, ax.figure.dpi_scale_trans)
        look = _marker(marker, color)
        ax.plot([right], [y], transform=aside, zorder=3, clip_on=False, gid=f"end-{bar.qualifier}", **look)
    beside(ax, bar.phrase, (right, y), 15 if marker else 5, fontsize=size)


def _marker(marker: str, color: str) -> dict[str, Any]:
    """An arrow that goes on from the bar for "at least", hollow signs for the others."""
    fill = color if marker == ">" else "white"
    look = {"marker": marker, "markersize": 8, "linestyle": "none", "color": fill}
    return {**look, "markeredgecolor": color, "markeredgewidth": 1.6}
