"""Two terms side by side: a dumbbell a pair, open ends where only a bound is known."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.drawing import of_one, shown_periods
from mttq_data.charts.finishing import finish
from mttq_data.charts.places import area_label
from mttq_data.charts.style import (
    FAINT,
    PALETTE,
    axes_of,
    beside,
    chart,
    empty,
    number_axis,
    row_labels,
)
from mttq_data.tables.tables import records
from mttq_data.target_progress.words import short
from mttq_data.wording import bounded, figure, indicator_name, missing, shown_period

_TITLE = {
    "result": {"vi": "So sánh hai kỳ", "en": "Two periods compared"},
    "target": {"vi": "Kết quả và mục tiêu", "en": "Results and targets"},
}
_SIDES = {
    "result": {"vi": ("kỳ trước", "kỳ sau"), "en": ("before", "after")},
    "target": {"vi": ("kết quả", "mục tiêu"), "en": ("result", "target")},
}
_WORDS = {
    "vi": {"unsure": "chưa kết luận được", "open": "để ngỏ: chỉ biết một cận", "yearly": "mỗi năm",
           "left": "Không vẽ {} cặp số liệu không so sánh được", "units": "Không vẽ {} cặp tính theo đơn vị khác"},
    "en": {"unsure": "uncertain", "open": "open: only one bound known", "yearly": "a year",
           "left": "Pairs that cannot be compared, not drawn: {}", "units": "Pairs in other units, not drawn: {}"},
}  # fmt: skip
_A, _B = "#FFFFFF", PALETTE[0]


@chart
def plot_terms(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    unit: str | None = None,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw comparisons as dumbbells: a hollow mark for the first figure, a full one for the second.

    A range is a thick line; an arrow marks an open end; a pair whose verdict is
    uncertain has a dotted line.

    Parameters
    ----------
    data : DataFrame
        As `compare` gives it; pairs that are not comparable are left out and
        counted under the chart.
    unit : str, optional
        Only pairs in this unit; by default the unit most pairs have.
    ax, lang, title, source

    Examples
    --------
    >>> import pandas as pd
    >>> from mttq_data.comparison.comparison import compare
    >>> sides = [pd.DataFrame([{"indicator": "poverty_rate", "value": v, "period": y}]) for v, y in ((5.27, "2021"), (2.63, "2023"))]
    >>> ax = plot_terms(compare(*sides), lang="en")
    >>> [text.get_text() for text in ax.texts][:2]
    ['5.27%', '2.63%']
    """
    fit = data[data["verdict"] != "not comparable"] if "verdict" in data else data.iloc[:0]
    chosen, unit = of_one(fit, "unit", unit)
    rows = [row for row in records(chosen) if _ends(row, "a") and _ends(row, "b")]
    kind = "target" if any(row.get("b_role") == "target" for row in rows) else "result"
    notes = {"left": len(data) - len(fit), "units": len(fit) - len(chosen)}
    said = [_WORDS[lang][word].format(count) for word, count in notes.items() if count]
    ax = axes_of(ax, title or _TITLE[kind][lang], len(rows))
    if not rows:
        return finish(empty(ax, lang), data.iloc[:0], lang, source, notes=said if len(data) else ())
    ends = [x for row in rows for p in "ab" for x in _ends(row, p)]
    low, high = min(ends) if unit == "percent" else min(0.0, *ends), max(ends)
    # Room for the marks; shares and counts below nothing are no ticks.
    room = 0.05 * ((high - low) or abs(high) or 1.0)
    ax.set_xlim(low - room, high + room)
    several = len({str(row.get("area")) for row in rows}) > 1
    size = row_labels(ax, [_label(row, several, lang) for row in rows])
    for y, row in enumerate(rows):
        _pair(ax, y, row, unit, lang, min(size, 8.5))
    number_axis(ax.xaxis, lang, unit, max(map(abs, ends)))
    finish(ax, data.drop(columns="document", errors="ignore"), lang, source, handles=_handles(rows, kind, lang),
           notes=said, periods=shown_periods([row[c] for row in rows for c in ("a_period", "b_period")], lang))  # fmt: skip
    least, most = min(0.0, low), max(100.0, high) if unit == "percent" else math.inf
    ax.set_xticks([t for t in ax.get_xticks() if least <= t <= most and ax.get_xlim()[0] <= t <= ax.get_xlim()[1]])
    return ax


def _ends(row: dict[str, Any], p: str) -> list[float]:
    """The figures of a side that can be drawn."""
    if not missing(row[f"{p}_value"]):
        return [float(row[f"{p}_value"])]
    return [float(row[f"{p}_{c}"]) for c in ("low", "high") if not missing(row[f"{p}_{c}"])]


def _pair(ax: Axes, y: int, row: dict[str, Any], unit: str, lang: str, size: float) -> None:
    found = {p: _ends(row, p) for p in "ab"}
    near = min(((s, t) for s in found["a"] for t in found["b"]), key=lambda pair: abs(pair[0] - pair[1]))
    style = ":" if row["verdict"] == "uncertain" else "-"
    ax.plot(near, [y, y], color=FAINT, linewidth=1.6, linestyle=style, zorder=2, gid=f"pair-{row['verdict']}")
    for p in "ab":
        _mark(ax, y, found[p], p, size)
        _open_end(ax, y, row, p)
    texts = {p: _figure(row, p, unit, lang) for p in "ab"}
    first = "a" if sum(found["a"]) / len(found["a"]) < sum(found["b"]) / len(found["b"]) else "b"
    for p in "ab":
        if p == first and texts["a"] != texts["b"]:
            beside(ax, texts[p], (min(found["a"] + found["b"]), y), -17, fontsize=size)
        elif p != first:
            beside(ax, texts[p], (max(found["a"] + found["b"]), y), 17, fontsize=size)


def _mark(ax: Axes, y: int, ends: list[float], p: str, size: float) -> None:
    """One mark, or two at the ends of a range with a band between them."""
    if len(ends) == 2:
        ax.plot(ends, [y, y], color=_B, linewidth=6, alpha=0.3, solid_capstyle="butt", zorder=2, gid="range")
    ax.plot(ends, [y] * len(ends), marker="o" if p == "a" else "D", markersize=1.25 * size if p == "a" else 0.65 * size,
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
        aside = ax.transData + ScaledTranslation((11 if up else -11) / 72, 0, ax.figure.dpi_scale_trans)
        ax.plot(_ends(row, p)[:1], [y], marker=">" if up else "<", markersize=6, color=_B, linestyle="none",
                transform=aside, zorder=3, gid=f"open-{p}")  # fmt: skip


def _opened(row: dict[str, Any], p: str) -> bool:
    return bool(missing(row[f"{p}_low"])) != bool(missing(row[f"{p}_high"]))


def _label(row: dict[str, Any], several: bool, lang: str) -> str:
    yearly = _WORDS[lang]["yearly"] if row["basis"] == "per year" else ""
    place = area_label(row.get("area"), str(row["b_period"])) if several and not missing(row.get("area")) else ""
    added = ", ".join(filter(None, (yearly, place)))
    return indicator_name(row["indicator"], lang) + (f" ({added})" if added else "")


def _handles(rows: list[dict[str, Any]], kind: str, lang: str) -> list[Any]:
    look: dict[str, Any] = {"linestyle": "none", "markersize": 8, "markeredgecolor": _B, "markeredgewidth": 1.6}
    handles = []
    for p, side, marker, color in zip("ab", _SIDES[kind][lang], "oD", (_A, _B), strict=True):
        periods = {str(row[f"{p}_period"]) for row in rows if not missing(row[f"{p}_period"])}
        named = f" ({shown_period(periods.pop(), lang)})" if len(periods) == 1 else ""
        handles.append(Line2D([], [], marker=marker, color=color, label=side + named, **look))
    if any(row["verdict"] == "uncertain" for row in rows):
        handles.append(Line2D([], [], color=FAINT, linestyle=":", linewidth=1.6, label=_WORDS[lang]["unsure"]))
    if any(_opened(row, p) for row in rows for p in "ab"):
        handles.append(Line2D([], [], marker=">", color=_B, linestyle="none", markersize=6, label=_WORDS[lang]["open"]))
    return handles
