"""Charts by district: ranked bars, small multiples over time, and a heat table of several indicators.

They take totals (`roll_up` to districts) or observations. What counts in no
total is not drawn as a figure: a suspect value, a refused one, an area that sent
nothing has its place and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from mttq_data.charts.district_rows import counted, figures_of, named
from mttq_data.charts.drawing import period_key, sentence, short_figure, short_period, unit_of
from mttq_data.charts.finishing import finish
from mttq_data.charts.places import area_names, names_over, short_name
from mttq_data.charts.style import (
    FAINT,
    HALO,
    INK,
    PALE,
    PALETTE,
    axes_of,
    axis_unit,
    beside,
    chart,
    empty,
    number_axis,
    row_labels,
    table_axes,
    wrapped,
)
from mttq_data.charts.tiles import SHADES
from mttq_data.tables.tables import records
from mttq_data.wording import indicator_name, missing, shown_period

_WORDS = {
    "vi": {"none": "chưa có số liệu", "suspect": "số liệu cần kiểm tra", "whole": "Toàn tỉnh: {}",
           "part": "mới đủ {} trên {} đơn vị", "open": "còn thiếu một phần", "estimated": "ước tính",
           "blank": "chưa có số liệu, hoặc cần kiểm tra (?)", "shades": "màu đậm dần theo thứ hạng trong từng cột"},
    "en": {"none": "no figure yet", "suspect": "figure to be checked", "whole": "Province: {}",
           "part": "{} of {} units", "open": "in part only", "estimated": "estimated",
           "blank": "no figure yet, or one to be checked (?)", "shades": "darker by rank within the column"},
}  # fmt: skip
_ESTIMATED = {"facecolor": "white", "edgecolor": PALETTE[0], "hatch": "///", "linewidth": 1}
_BLANK: dict[str, Any] = {"facecolor": "white", "edgecolor": PALE, "hatch": "///", "linewidth": 0.5}
_MANY = 20


@chart
def plot_districts(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    indicator: str | None = None,
    measure: str = "period",
    period: str | None = None,
    whole: float | None = None,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw one indicator's figure of every district, largest on top.

    Parameters
    ----------
    data : DataFrame
        Totals by district or observations: ``area, value`` and, where they stand,
        ``indicator, measure, period, unit, low, high, status, areas_expected,
        areas_counted, estimated``.
    ax, lang, title, source
    indicator, period : str, optional
        By default the commonest indicator and the last period.
    measure : str
        ``plan``, ``period`` or ``cumulative``.
    whole : float, optional
        The province's figure, drawn as a line: for shares that of the province's
        total, which is not the mean of the bars.

    Returns
    -------
    Axes
        One bar an area with a figure; the others stand below, named, without one.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"area": ["213", "218", "220"], "value": [5, 12, None], "period": "2024-Q4"})
    >>> ax = plot_districts(rows.assign(indicator="tet_gifts", unit="gift"), lang="en")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Huyện Lục Nam', 'Thành phố Bắc Giang', 'Huyện Sơn Động']
    """
    rows, chosen = figures_of(data, indicator, measure, period)
    if "value" in rows:
        rows = rows.sort_values("value", ascending=False, na_position="last", kind="stable")
    ax = axes_of(ax, title or indicator_name(chosen, lang), len(rows))
    if rows.empty or rows["value"].isna().all():
        return finish(empty(ax, lang), rows, lang, source)
    unit, values = unit_of(rows), rows["value"].astype(float)
    scale = number_axis(ax.xaxis, lang, unit, float(values.abs().max()))
    names = (area_names(str(rows["period"].iloc[0])) if "period" in rows else {}) | named(rows)
    size = row_labels(ax, [names.get(str(a), str(a)) for a in rows["area"]])
    for y, row in enumerate(records(rows)):
        _bar(ax, y, row, scale, size, lang)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    ax.set_xlim(low, high if high > low else 1.0)
    if whole is not None and not missing(whole):
        ax.axvline(whole, color=PALETTE[1], linewidth=1.4, linestyle="--", zorder=1)
        said = _WORDS[lang]["whole"].format(_shown(whole, scale, lang) + ("%" if unit == "percent" else ""))
        # Below the last bar, where nothing else stands.
        ax.set_ylim(len(rows) + 0.1, -0.5)
        beside(ax, said, (whole, len(rows) - 0.25), 4, fontsize=min(size, 8), color="#A34700")
    return finish(ax, rows, lang, source)


def _shown(value: float, scale: float, lang: str) -> str:
    return short_figure(value, "exact", scale, lang)


def _bar(ax: Axes, y: int, row: dict[str, Any], scale: float, size: float, lang: str) -> None:
    words = _WORDS[lang]
    if missing(row["value"]):
        said = words["suspect"] if row.get("status") == "suspect" else words["none"]
        beside(ax, said, (0, y), fontsize=min(size, 8.5), color=FAINT, style="italic")
        return
    value = float(row["value"])
    estimated = bool(row.get("estimated") is True or row.get("estimated") is np.True_)
    look: dict[str, Any] = _ESTIMATED if estimated else {"facecolor": PALETTE[0]}
    ax.barh(y, value, height=0.62, zorder=2, **look)
    said = _shown(value, scale, lang)
    owed, there = (0 if missing(row.get(c)) else int(row[c]) for c in ("areas_expected", "areas_counted"))
    if there < owed:
        said += f" ({words['open'] if owed == 1 else words['part'].format(there, owed)})"
    beside(ax, said + (f" ({words['estimated']})" if estimated else ""), (max(value, 0.0), y), fontsize=size)


@chart
def plot_district_multiples(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    indicator: str | None = None,
    measure: str = "period",
    columns: int | None = None,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw one indicator over the periods, a small chart for every district, all on one scale.

    Parameters
    ----------
    data : DataFrame
        As for `plot_districts`, with several periods.
    ax, lang, title, source
    indicator, measure
        As for `plot_districts`.
    columns : int, optional
        Small charts side by side, whose place is that of ``ax``; by default five, of many districts nine.

    Returns
    -------
    Axes
        The axes around; the small charts are its ``child_axes``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(a, p, v) for a in ("213", "218") for p, v in (("2024-Q3", 4), ("2024-Q4", 6))]
    >>> frame = pd.DataFrame(rows, columns=["area", "period", "value"]).assign(indicator="tet_gifts", unit="gift")
    >>> [small.get_title(loc="left") for small in plot_district_multiples(frame).child_axes]
    ['TP Bắc Giang', 'Lục Nam']
    """
    rows, chosen = counted(data, indicator, measure)
    areas = list(dict.fromkeys(map(str, rows.get("area", ()))))
    columns = columns or (5 if len(areas) <= _MANY else 9)
    lines = max(-(-len(areas) // columns), 1)
    high = 1.2 + (1.5 if len(areas) <= _MANY else 1.25) * lines
    ax = axes_of(ax, title or indicator_name(chosen, lang), width=9.0, height=high)
    if rows.empty or rows["value"].isna().all():
        return finish(empty(ax, lang), rows, lang, source)
    ax.set_axis_off()
    _grid_of(ax, rows, areas, (columns, lines), lang)
    return finish(ax, rows, lang, source)


def _grid_of(ax: Axes, rows: pd.DataFrame, areas: Sequence[str], grid: tuple[int, int], lang: str) -> None:
    periods = sorted(dict.fromkeys(map(str, rows["period"])), key=period_key)
    names = names_over(periods) | named(rows)
    least, most = min(0.0, float(rows["value"].min())), max(0.0, float(rows["value"].max()))
    room = (most - least or 1.0) * 0.25
    scale, label = axis_unit(unit_of(rows), max(abs(least), most), lang)
    width, height = 1 / grid[0], 1 / grid[1]
    for at, area in enumerate(areas):
        line, column = divmod(at, grid[0])
        small = ax.inset_axes((column * width, 1 - (line + 0.76) * height, width * 0.86, height * 0.58))
        mine = rows[rows["area"].astype(str) == area].drop_duplicates("period", keep="last").set_index("period")
        values = [float(v) for v in mine["value"].reindex(periods)]
        _small(small, values, periods, scale, len(areas) > _MANY, lang)
        small.set_ylim(least - (room if least < 0 else 0), most + room)
        name = wrapped(short_name(names.get(area, area)), 120 // grid[0], 2)
        small.set_title(name, fontsize=8 if grid[0] < 7 else 6.5, loc="left", pad=3)
        small.tick_params(labelsize=7, labelleft=column == 0, length=0)
        if column == 0 and line == 0:
            small.set_ylabel(label, fontsize=7.5)


def _small(ax: Axes, values: Sequence[float], periods: Sequence[str], scale: float, many: bool, lang: str) -> None:
    ax.bar(range(len(values)), np.nan_to_num(values), width=0.62, color=PALETTE[0], zorder=2)
    # Of many periods the largest figure and the last are written, where they stand apart.
    known = [x for x, value in enumerate(values) if not np.isnan(value)]
    few = len(values) <= (2 if many else 4)
    top = max(known, key=lambda x: values[x], default=0)
    written = (
        range(len(values)) if few else {top} if known and known[-1] - top < len(values) / 2 else {top, *known[-1:]}
    )
    for x in written:
        said, y = ("–", 0.0) if np.isnan(values[x]) else (_shown(values[x], scale, lang), max(values[x], 0.0))
        ha = "center" if few else "left" if x < len(values) / 3 else "right" if x > len(values) / 1.5 else "center"
        ax.annotate(said, (x, y), (0, 2), textcoords="offset points", ha=ha, fontsize=7, color=INK, path_effects=HALO)
    ax.set_xlim(-0.6, len(values) - 0.4)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=3))
    ax.yaxis.set_major_formatter(lambda y, _: _shown(y, scale, lang))
    step = -(-len(periods) // (2 if many else 4))
    shown = [short_period(p, lang).replace("Quý ", "Q.") for p in periods[::step]]
    ax.set_xticks(range(0, len(periods), step), shown)
    ax.grid(False, axis="x")
    ax.grid(True, axis="y", linewidth=0.5)


@chart
def plot_district_table(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    indicators: Sequence[str] | None = None,
    measure: str = "period",
    period: str | None = None,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw several indicators of every district as a table, each column shaded by rank.

    Parameters
    ----------
    data : DataFrame
        As for `plot_districts`, with several indicators.
    ax, lang, title, source
    indicators : sequence of str, optional
        Which, in this order; by default the first eight.
    measure, period
        As for `plot_districts`.

    Returns
    -------
    Axes
        A rectangle and a figure for every cell; a missing one is hatched.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(a, i, v) for a, v in (("213", 4.0), ("218", 6.0)) for i in ("tet_gifts", "great_unity_houses")]
    >>> frame = pd.DataFrame(rows, columns=["area", "indicator", "value"]).assign(period="2024-Q4", unit="gift")
    >>> len(plot_district_table(frame).patches)
    4
    """
    names = list(indicators or dict.fromkeys(map(str, data.get("indicator", ()))))[: None if indicators else 8]
    found = [figures_of(data, name, measure, period)[0] for name in names]
    areas = sorted({str(a) for rows in found for a in rows.get("area", ())})
    every = pd.concat(found, ignore_index=True) if found else data
    when = next((str(p) for p in every.get("period", ())), "")
    ax = axes_of(ax, title or sentence(shown_period(when, lang)), len(areas) + 1, 2.2 + 0.86 * max(len(names), 6))
    if not areas or every["value"].isna().all():
        return finish(empty(ax, lang), every, lang, source)
    places = area_names(when) | named(every)
    size = row_labels(ax, [places.get(a, a) for a in areas])
    columns = enumerate(zip(names, found, strict=True))
    labels = [_column(ax, x, column, areas, size, lang) for x, column in columns]
    table_axes(ax, len(areas), len(names))
    ax.set_xticks(range(len(names)), labels, fontsize=7.5)
    shade = Patch(facecolor=SHADES(0.5), label=_WORDS[lang]["shades"])
    return finish(ax, every, lang, source, handles=[shade, Patch(label=_WORDS[lang]["blank"], **_BLANK)])


def _column(ax: Axes, x: int, column: tuple[str, pd.DataFrame], areas: Sequence[str], size: float, lang: str) -> str:
    name, rows = column
    last = rows.drop_duplicates("area", keep="last")
    values: pd.Series[float] = last.set_index(last["area"].astype(str))["value"].astype(float)
    scale, label = axis_unit(unit_of(rows), float(values.abs().max()) if values.notna().any() else 0.0, lang)
    ranks = values.rank(pct=True)
    doubtful = set(rows.loc[rows["status"] == "suspect", "area"].astype(str)) if "status" in rows else set()
    for y, area in enumerate(areas):
        value, look, said = float(values.get(area, np.nan)), _BLANK, "?" if area in doubtful else ""
        box: Any = {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if said else None
        if not np.isnan(value):
            # Light enough for dark letters at every rank.
            look = {"facecolor": SHADES(float(ranks[area]) * 0.55), "edgecolor": "white"}
            said, box = _shown(value, scale, lang), None
        ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, in_layout=False, **look))
        ax.text(x, y, said, ha="center", va="center", fontsize=min(size, 8.5), in_layout=False, bbox=box)
    return wrapped(indicator_name(name, lang), 14, 5) + (f"\n({label})" if label else "")
