"""Two terms side by side: a dumbbell a pair, open ends where only a bound is known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.drawing import records, sources_of
from mttq_data.charts.style import (
    FAINT,
    INK,
    PALETTE,
    as_plain_text,
    axes_of,
    axis_unit,
    empty,
    number_axis,
    source_line,
    theme,
    wrapped,
)
from mttq_data.target_progress.words import short
from mttq_data.wording import bounded, check_lang, figure, indicator_name, missing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TITLE = {
    "result": {"vi": "So sánh hai kỳ", "en": "Two periods compared"},
    "target": {"vi": "Kết quả và mục tiêu", "en": "Results and targets"},
}
_SIDES = {
    "result": {"vi": ("kỳ trước", "kỳ sau"), "en": ("before", "after")},
    "target": {"vi": ("kết quả", "mục tiêu"), "en": ("result", "target")},
}
_UNSURE = {"vi": "chưa kết luận được", "en": "uncertain"}
_OPEN = {"vi": "để ngỏ: chỉ biết một cận", "en": "open: only one bound known"}
_YEARLY = {"vi": "mỗi năm", "en": "a year"}
_LEFT_OUT = {
    "vi": "Không vẽ {} cặp số liệu không so sánh được.",
    "en": "{} pairs that cannot be compared are not drawn.",
}
_A, _B = "#FFFFFF", PALETTE[0]
_LEGEND_BELOW, _SOURCE_BELOW = 40.0, 74.0
_NEAR = 0.3


def plot_terms(
    data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", unit: str | None = None, source: str = ""
) -> Axes:
    """Draw comparisons as dumbbells: a hollow mark for the first figure, a full one for the second.

    A range is a thick line; an arrow marks an open end; a pair whose verdict is
    uncertain has a dotted line.

    Parameters
    ----------
    data : DataFrame
        As `compare` gives it; pairs that are not comparable are left out and
        counted under the chart.
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    unit : str, optional
        Only pairs in this unit; by default the unit most pairs have.
    source : str
        What the source line names.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from mttq_data.comparison.comparison import compare
    >>> sides = [pd.DataFrame([{"indicator": "poverty_rate", "value": v, "period": y}]) for v, y in ((5.27, "2021"), (2.63, "2023"))]
    >>> ax = plot_terms(compare(*sides), lang="en")
    >>> [text.get_text() for text in ax.texts][:2]
    ['5.27%', '2.63%']
    """
    check_lang(lang)
    rows, chosen, left_out = _rows(data, unit)
    with theme():
        ax = axes_of(ax, len(rows))
        kind = "target" if any(row["b_role"] == "target" for row in rows) else "result"
        ax.set_title(_TITLE[kind][lang])
        if not rows:
            source_line(ax, data, lang, source)
            return empty(ax, lang)
        ends = [x for row in rows for p in "ab" for x in _ends(row, p)]
        scale, label = axis_unit(chosen, max(map(abs, ends)), lang)
        _limits(ax, ends, chosen)
        for y, row in enumerate(rows):
            _pair(ax, y, row, chosen, lang)
        ax.set_yticks(range(len(rows)), [wrapped(_label(row, lang)) for row in rows])
        ax.set_ylim(len(rows) - 0.4, -0.6)
        number_axis(ax.xaxis, lang, scale)
        if chosen == "percent" and max(ends) <= 100:
            ax.set_xticks([t for t in ax.get_xticks() if 0 <= t <= 100])
        ax.set_xlabel(label)
        _legend(ax, rows, kind, lang)
        plain = data.drop(columns=[c for c in ("period", "document") if c in data])
        source_line(ax, plain, lang, sources_of(data, lang, source), _SOURCE_BELOW)
        if left_out:
            place: dict[str, Any] = {"xytext": (0, -_SOURCE_BELOW - 13), "xycoords": "axes fraction"}
            ax.annotate(_LEFT_OUT[lang].format(left_out), (0, 0), textcoords="offset points", va="top", fontsize=8,
                        color=FAINT, gid="left-out", **place)  # fmt: skip
        as_plain_text(ax)
    return ax


def _rows(data: pd.DataFrame, unit: str | None) -> tuple[list[dict[str, Any]], str, int]:
    if data.empty or "verdict" not in data:
        return [], unit or "", 0
    fit = data[data["verdict"] != "not comparable"]
    units = [str(u) for u in fit["unit"]]
    chosen = unit or max(sorted(set(units)), key=units.count, default="")
    rows = [row for row in records(fit[fit["unit"] == chosen]) if _ends(row, "a") and _ends(row, "b")]
    return rows, chosen, int((data["verdict"] == "not comparable").sum())


def _ends(row: dict[str, Any], p: str) -> list[float]:
    """The figures of a side that can be drawn."""
    if not missing(row[f"{p}_value"]):
        return [float(row[f"{p}_value"])]
    return [float(row[f"{p}_{c}"]) for c in ("low", "high") if not missing(row[f"{p}_{c}"])]


def _limits(ax: Axes, ends: list[float], unit: str) -> None:
    low, high = min([0.0, *ends]) if unit != "percent" else min(ends), max(ends)
    if unit == "percent" and 60 <= high <= 100:
        low, high = max(0.0, low - 8), 100.0
    room = (high - low) or max(abs(high), 1.0)
    ax.set_xlim(low - 0.16 * room, high + 0.22 * room)


def _pair(ax: Axes, y: int, row: dict[str, Any], unit: str, lang: str) -> None:
    found = {p: _ends(row, p) for p in "ab"}
    middle = {p: sum(ends) / len(ends) for p, ends in found.items()}
    style = ":" if row["verdict"] == "uncertain" else "-"
    gid = f"pair-{row['verdict']}"
    near = min(((s, t) for s in found["a"] for t in found["b"]), key=lambda pair: abs(pair[0] - pair[1]))
    ax.plot(near, [y, y], color=FAINT, linewidth=1.6, linestyle=style, zorder=2, gid=gid)
    for p in "ab":
        _mark(ax, y, found[p], p)
        _open_end(ax, y, row, p)
    texts = {p: _figure(row, p, unit, lang) for p in "ab"}
    apart = abs(middle["a"] - middle["b"]) / (ax.get_xlim()[1] - ax.get_xlim()[0])
    if texts["a"] == texts["b"]:
        _text(ax, max(found["a"] + found["b"]), y, texts["b"], left=False)
    elif apart < _NEAR:
        _text(ax, middle["a"], y, texts["a"], left=False, lift=12)
        _text(ax, middle["b"], y, texts["b"], left=False, lift=-13)
    else:
        first = "a" if middle["a"] < middle["b"] else "b"
        for p in "ab":
            _text(ax, min(found[p]) if p == first else max(found[p]), y, texts[p], left=p == first)


def _mark(ax: Axes, y: int, ends: list[float], p: str) -> None:
    """One mark, or two at the ends of a range with a band between them."""
    if len(ends) == 2:
        ax.plot(ends, [y, y], color=_B, linewidth=6, alpha=0.3, solid_capstyle="butt", zorder=2, gid="range")
    ax.plot(ends, [y] * len(ends), marker="o" if p == "a" else "D", markersize=11 if p == "a" else 6,
            color=_A if p == "a" else _B, markeredgecolor=_B, markeredgewidth=1.6, linestyle="none",
            zorder=3 if p == "a" else 4, gid=f"side-{p}")  # fmt: skip


def _figure(row: dict[str, Any], p: str, unit: str, lang: str) -> str:
    numbers = [row[f"{p}_{c}"] for c in ("value", "low", "high")]
    value, low, high = (math.nan if missing(n) else short(float(n)) for n in numbers)
    qualifier = str(row.get(f"{p}_qualifier") or "exact")
    if unit == "rank" and not math.isnan(value):
        return figure({"kind": "rank", "value": value, "qualifier": qualifier, "unit": unit}, lang)
    if math.isnan(value) and math.isnan(low) != math.isnan(high):
        qualifier = "ge" if math.isnan(high) else "le"
    return bounded(value, low, high, qualifier, unit, lang)


def _open_end(ax: Axes, y: int, row: dict[str, Any], p: str) -> None:
    """An arrow beside the mark: the figure goes on that way, nobody said how far."""
    if _opened(row, p):
        up = missing(row[f"{p}_high"])
        beside = ax.transData + ScaledTranslation((11 if up else -11) / 72, 0, ax.figure.dpi_scale_trans)
        ax.plot(_ends(row, p)[:1], [y], marker=">" if up else "<", markersize=6, color=_B, linestyle="none",
                transform=beside, zorder=3, gid=f"open-{p}")  # fmt: skip


def _opened(row: dict[str, Any], p: str) -> bool:
    return bool(missing(row[f"{p}_low"])) != bool(missing(row[f"{p}_high"]))


def _text(ax: Axes, at: float, y: int, text: str, *, left: bool, lift: float = 0) -> None:
    shift = (0, lift) if lift else (-17 if left else 17, 0)
    align = "center" if lift else "right" if left else "left"
    ax.annotate(
        text, (at, y), shift, textcoords="offset points", va="center", ha=align, fontsize=8.5, color=INK, zorder=5
    )


def _label(row: dict[str, Any], lang: str) -> str:
    name = indicator_name(row["indicator"], lang)
    return f"{name} ({_YEARLY[lang]})" if row["basis"] == "per year" else name


def _legend(ax: Axes, rows: list[dict[str, Any]], kind: str, lang: str) -> None:
    first, second = _SIDES[kind][lang]
    periods = {p: {str(row[f"{p}_period"]) for row in rows if not missing(row[f"{p}_period"])} for p in "ab"}
    named = {p: f" ({next(iter(found)).replace('-', '–')})" if len(found) == 1 else "" for p, found in periods.items()}
    look: dict[str, Any] = {"linestyle": "none", "markersize": 8, "markeredgecolor": _B, "markeredgewidth": 1.6}
    handles = [
        Line2D([], [], marker="o", color=_A, label=first + named["a"], **look),
        Line2D([], [], marker="D", color=_B, label=second + named["b"], **look),
    ]
    if any(row["verdict"] == "uncertain" for row in rows):
        handles.append(Line2D([], [], color=FAINT, linestyle=":", linewidth=1.6, label=_UNSURE[lang]))
    if any(_opened(row, p) for row in rows for p in "ab"):
        handles.append(Line2D([], [], marker=">", color=_B, linestyle="none", markersize=6, label=_OPEN[lang]))
    under = ax.transAxes + ScaledTranslation(0, -_LEGEND_BELOW / 72, ax.figure.dpi_scale_trans)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
    ax.legend(handles=handles, ncols=2, fontsize=8, frameon=False, borderaxespad=0, borderpad=0, **place)
