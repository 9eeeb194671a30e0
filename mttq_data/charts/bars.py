"""Horizontal bars whose ends show what is known: closed where exact, open where only a bound is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.style import INK, PALETTE, as_plain_text, axis_unit, number_axis
from mttq_data.wording import figure, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OPEN = {"gt": ">", "ge": ">", "lt": "<", "le": "<", "approx": "o"}
_OPEN_MEANS = {
    "vi": {">": "để ngỏ phía trên (trên, ít nhất)", "<": "để ngỏ phía dưới (dưới, tối đa)", "o": "khoảng"},
    "en": {">": "open above (over, at least)", "<": "open below (under, at most)", "o": "about"},
}
_LEGEND_BELOW, _SOURCE_BELOW, _LEGEND_LINE, _LEGEND_COLUMNS = 40.0, 46.0, 14.0, 3
# Share of the axes' width that one character of a phrase takes, and the gap before it.
_CHARACTER, _GAP = 0.0135, 0.05
_HATCHES = ("", "///", "...", "xx", "\\\\\\")


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


def draw_bars(ax: Axes, bars: Sequence[Bar], unit: object, lang: str = "vi", limit: float | None = None) -> float:
    """Draw bars from top to bottom with their phrases, axis and legend.

    Parameters
    ----------
    ax : Axes
    bars : sequence of Bar
        In order from the top; all of one unit.
    unit : str
        Code of that unit.
    lang : {"vi", "en"}
    limit : float, optional
        Largest value of the axis, such as 100 for shares.

    Returns
    -------
    float
        How far below the axes, in points, there is room for the source line.
    """
    groups = list(dict.fromkeys(bar.group for bar in bars))
    largest = max(max(abs(bar.end), abs(bar.begin)) for bar in bars) or 1.0
    for y, bar in enumerate(bars):
        at = groups.index(bar.group) % len(PALETTE)
        look: dict[str, Any] = {"color": PALETTE[at], "hatch": _HATCHES[at], "edgecolor": "white", "linewidth": 0}
        ax.barh(y, bar.end - bar.begin, left=bar.begin, height=0.62, zorder=2, **look)
        _end(ax, y, bar, PALETTE[at])
    # Bars of several groups under one label carry it once.
    pairs = zip(bars, [None, *bars], strict=False)
    names = ["" if old and (old.label == bar.label and old.group != bar.group) else bar.label for bar, old in pairs]
    ax.set_yticks(range(len(bars)), names)
    ax.set_ylim(len(bars) - 0.5, -0.5)
    ax.set_xlim(
        0, max([limit or 0.0, *(bar.end / (1 - min(_GAP + _CHARACTER * len(bar.phrase), 0.6)) for bar in bars)])
    )
    scale, label = axis_unit(unit, largest, lang)
    number_axis(ax.xaxis, lang, scale)
    if limit:
        ax.set_xticks([limit * step / 5 for step in range(6)])
    ax.set_xlabel(label)
    lines = _legend(ax, bars, groups, lang)
    as_plain_text(ax)
    return _SOURCE_BELOW + _LEGEND_LINE * lines


def _end(ax: Axes, y: int, bar: Bar, color: str) -> None:
    marker = _OPEN.get(bar.qualifier, "")
    if marker:
        # Beside the end, not on it: on a short bar it would hide the value.
        beside = ax.transData + ScaledTranslation(7 / 72, 0, ax.figure.dpi_scale_trans)
        ax.plot([bar.end], [y], transform=beside, zorder=3, clip_on=False, gid=f"end-{bar.qualifier}",
                **_marker(marker, color))  # fmt: skip
    text = ax.annotate(bar.phrase, (bar.end, y), (15 if marker else 5, 0), textcoords="offset points", va="center",
                       ha="left", fontsize=9, color=INK, zorder=4)  # fmt: skip
    text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _marker(marker: str, color: str) -> dict[str, Any]:
    """An arrow that goes on from the bar for "at least", hollow signs for the others."""
    fill = color if marker == ">" else "white"
    look = {"marker": marker, "markersize": 8, "linestyle": "none", "color": fill}
    return {**look, "markeredgecolor": color, "markeredgewidth": 1.6}


def _legend(ax: Axes, bars: Sequence[Bar], groups: Sequence[str], lang: str) -> int:
    """Explain the ends and groups that occur, under the axes; return the lines it takes."""
    handles: list[Any] = []
    if len(groups) > 1:
        for at, group in enumerate(groups):
            look: dict[str, Any] = {"facecolor": PALETTE[at % len(PALETTE)], "hatch": _HATCHES[at % len(PALETTE)]}
            handles.append(Patch(edgecolor="white", label=group, **look))
    used = {_OPEN[bar.qualifier] for bar in bars if bar.qualifier in _OPEN}
    for marker, meaning in _OPEN_MEANS[lang].items():
        if marker in used:
            handles.append(Line2D([], [], label=meaning, **_marker(marker, PALETTE[0])))
    if handles:
        under = ax.transAxes + ScaledTranslation(0, -_LEGEND_BELOW / 72, ax.figure.dpi_scale_trans)
        place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
        ax.legend(
            handles=handles, ncols=_LEGEND_COLUMNS, fontsize=8, frameon=False, borderaxespad=0, borderpad=0, **place
        )
    return -(-len(handles) // _LEGEND_COLUMNS)
