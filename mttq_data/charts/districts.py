"""Charts by district: ranked bars, small multiples over time, and a heat table of several indicators.

They take totals (`roll_up` to districts) or observations. What counts in no
total is not drawn as a figure: a suspect value, a refused one, an area that sent
nothing has its place and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke

from mttq_data.charts.district_rows import COUNTED, figures_of, named, sentence, with_absent
from mttq_data.charts.drawing import of_one, records, sources_of
from mttq_data.charts.places import area_names
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
from mttq_data.periods import parse_period
from mttq_data.wording import check_lang, indicator_name, missing, number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_WORDS = {
    "vi": {"none": "chưa có số liệu", "suspect": "số liệu cần kiểm tra", "whole": "Toàn tỉnh: {}",
           "part": "mới đủ {} trên {} đơn vị", "open": "còn thiếu một phần", "estimated": "ước tính",
           "blank": "chưa có số liệu, hoặc cần kiểm tra (?)", "shades": "màu đậm dần theo thứ hạng trong từng cột"},
    "en": {"none": "no figure yet", "suspect": "figure to be checked", "whole": "Province: {}",
           "part": "{} of {} units", "open": "in part only", "estimated": "estimated",
           "blank": "no figure yet, or one to be checked (?)", "shades": "darker by rank within the column"},
}  # fmt: skip
_ESTIMATED = {"facecolor": "white", "edgecolor": PALETTE[0], "hatch": "///", "linewidth": 1}


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
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    indicator, period : str, optional
        By default the commonest indicator and the last period.
    measure : str
        ``plan``, ``period`` or ``cumulative``.
    whole : float, optional
        The province's figure, drawn as a line: for shares that of the province's
        total, which is not the mean of the bars.
    title, source : str
        Instead of the indicator's name and the sources in ``data``.

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
    check_lang(lang)
    rows, chosen = figures_of(data, indicator, measure, period)
    rows = with_absent(rows)
    rows = rows.sort_values("value", ascending=False, na_position="last", kind="stable") if "value" in rows else rows
    with theme():
        ax = axes_of(ax, len(rows) if len(rows) <= 30 else len(rows) // 2)
        ax.set_title(wrapped(title or indicator_name(chosen, lang), 70, 2))
        if rows.empty or rows["value"].isna().all():
            source_line(ax, rows, lang, sources_of(rows, lang, source))
            return empty(ax, lang)
        largest = float(rows["value"].abs().max())
        unit = next((str(u) for u in rows.get("unit", ()) if not missing(u)), "")
        scale, label = axis_unit(unit, largest, lang)
        names = area_names(str(rows["period"].iloc[0])) | named(rows) if "period" in rows else named(rows)
        for y, row in enumerate(records(rows)):
            _bar(ax, y, row, scale, lang)
        ax.set_yticks(range(len(rows)), [wrapped(names.get(str(a), str(a))) for a in rows["area"]])
        ax.tick_params("y", labelsize=7 if len(rows) > 30 else 9)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlim(min(0.0, float(rows["value"].min()) * 1.1), largest * 1.22)
        number_axis(ax.xaxis, lang, scale)
        ax.set_xlabel(label)
        if whole is not None and not missing(whole):
            _line(ax, float(whole), scale, unit, lang)
        source_line(ax, rows, lang, sources_of(rows, lang, source))
        as_plain_text(ax)
    return ax


def _shown(value: float, scale: float, lang: str) -> str:
    places = 0 if abs(value / scale) >= 1000 else 2
    return number(value / scale, lang, places)


def _bar(ax: Axes, y: int, row: dict[str, Any], scale: float, lang: str) -> None:
    words = _WORDS[lang]
    if missing(row["value"]):
        said = words["suspect"] if row.get("status") == "suspect" else words["none"]
        ax.annotate(
            said, (0, y), (5, 0), textcoords="offset points", va="center", fontsize=8.5, color=FAINT, style="italic"
        )
        return
    value = float(row["value"])
    estimated = bool(row.get("estimated") is True or row.get("estimated") is np.True_)
    look: dict[str, Any] = _ESTIMATED if estimated else {"facecolor": PALETTE[0]}
    ax.barh(y, value, height=0.62, zorder=2, **look)
    said = _shown(value, scale, lang)
    owed, counted = (0 if missing(row.get(c)) else int(row[c]) for c in ("areas_expected", "areas_counted"))
    if counted < owed:
        said += f" ({words['open'] if owed == 1 else words['part'].format(counted, owed)})"
    said += f" ({words['estimated']})" if estimated else ""
    text = ax.annotate(
        said, (max(value, 0.0), y), (5, 0), textcoords="offset points", va="center", fontsize=9, color=INK
    )
    text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _line(ax: Axes, whole: float, scale: float, unit: str, lang: str) -> None:
    ax.axvline(whole, color=PALETTE[1], linewidth=1.4, linestyle="--", zorder=1)
    said = _WORDS[lang]["whole"].format(_shown(whole, scale, lang) + ("%" if unit == "percent" else ""))
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    ax.annotate(said, (whole, 0), (4, 4), va="bottom", ha="left", fontsize=8, color=PALETTE[1], **place)


def plot_district_multiples(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    indicator: str | None = None,
    measure: str = "period",
    columns: int = 5,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw one indicator over the periods, a small chart for every district, all on one scale.

    Parameters
    ----------
    data : DataFrame
        As for `plot_districts`, with several periods.
    ax : Axes, optional
        Where to draw; its place is divided among the small charts.
    lang : {"vi", "en"}
    indicator, measure, title, source
        As for `plot_districts`.
    columns : int
        Small charts side by side.

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
    check_lang(lang)
    rows, chosen = of_one(data, "indicator", indicator)
    if "measure" in rows:
        rows = rows[rows["measure"].astype("string").fillna("period") == measure]
    if "status" in rows:
        rows = rows.assign(value=rows["value"].where(rows["status"].isin(COUNTED)))
    areas = list(dict.fromkeys(map(str, rows.get("area", ()))))
    with theme():
        lines = -(-len(areas) // columns) if areas else 1
        ax = axes_of(ax, 4 * lines, 10.5)
        ax.set_title(wrapped(title or indicator_name(chosen, lang), 80, 2), pad=22)
        if rows.empty or rows["value"].isna().all():
            source_line(ax, rows, lang, sources_of(rows, lang, source))
            return empty(ax, lang)
        ax.set_axis_off()
        _grid_of(ax, rows, areas, columns, lang)
        source_line(ax, rows, lang, sources_of(rows, lang, source), below=34)
        as_plain_text(ax)
    return ax


def _grid_of(ax: Axes, rows: pd.DataFrame, areas: Sequence[str], columns: int, lang: str) -> None:
    periods = sorted(dict.fromkeys(map(str, rows["period"])), key=lambda p: parse_period(p).end)
    names = area_names(periods[-1])
    for period in reversed(periods):
        names = area_names(period) | names
    names |= named(rows)
    unit = next((str(u) for u in rows.get("unit", ()) if not missing(u)), "")
    top = float(rows["value"].max())
    scale, label = axis_unit(unit, abs(top), lang)
    lines = -(-len(areas) // columns)
    width, height = 1 / columns, 1 / lines
    for at, area in enumerate(areas):
        line, column = divmod(at, columns)
        box = (column * width, 1 - (line + 1) * height + 0.06, width * 0.86, height - 0.14)
        small = ax.inset_axes(box)
        mine = (
            rows[rows["area"].astype(str) == area].drop_duplicates("period", keep="last").set_index("period")["value"]
        )
        values = [float(mine.get(p, np.nan)) for p in periods]
        _small(small, values, periods, (min(0.0, float(rows["value"].min())), top * 1.25), scale, lang)
        small.set_title(_short(names.get(area, area)), fontsize=9, loc="left", weight="bold", pad=3)
        small.tick_params(labelsize=7, labelleft=column == 0, length=0)
        if column == 0 and line == 0:
            small.set_ylabel(label, fontsize=8)


def _small(
    ax: Axes, values: Sequence[float], periods: Sequence[str], limits: tuple[float, float], scale: float, lang: str
) -> None:
    ax.bar(range(len(values)), np.nan_to_num(values), width=0.62, color=PALETTE[0], zorder=2)
    for x, value in enumerate(values):
        said, y = ("–", 0.0) if np.isnan(value) else (_shown(value, scale, lang), max(value, 0.0))
        ax.annotate(said, (x, y), (0, 2), textcoords="offset points", ha="center", fontsize=6.5, color=INK)
    ax.set_ylim(*limits)
    ax.set_xlim(-0.6, len(values) - 0.4)
    number_axis(ax.yaxis, lang, scale)
    step = -(-len(periods) // 4)
    ax.set_xticks(range(0, len(periods), step), [p.replace("-", "\n", 1) for p in periods[::step]])
    ax.grid(False, axis="x")
    ax.grid(True, axis="y", linewidth=0.5)


def _short(name: str) -> str:
    for long, short in (("Thành phố ", "TP "), ("Thị xã ", "TX "), ("Huyện ", ""), ("Xã ", ""), ("Phường ", "P. ")):
        if name.startswith(long):
            return short + name.removeprefix(long)
    return name


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
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    indicators : sequence of str, optional
        Which, in this order; by default the first eight.
    measure, period, title, source
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
    check_lang(lang)
    names = list(indicators or dict.fromkeys(map(str, data.get("indicator", ()))))[: None if indicators else 8]
    found = [with_absent(figures_of(data, name, measure, period)[0]) for name in names]
    areas = sorted({str(a) for rows in found for a in rows.get("area", ())})
    with theme():
        rows_high = max(0.8 * len(areas), 5) if len(areas) <= 30 else 0.5 * len(areas)
        ax = axes_of(ax, int(rows_high), 3 + 1.25 * max(len(names), 4))
        if not areas:
            return empty(ax, lang)
        labels = []
        for x, (name, rows) in enumerate(zip(names, found, strict=True)):
            labels.append(_column(ax, x, name, rows, areas, lang))
        when = next((str(p) for rows in found for p in rows.get("period", ())), "")
        ax.set_title(title or (sentence(parse_period(when).vi) if lang == "vi" and when else when), pad=8)
        places = area_names(when) | {a: n for rows in found for a, n in named(rows).items()}
        ax.set_xticks(range(len(names)), labels, fontsize=7.5)
        ax.set_yticks(range(len(areas)), [places.get(a, a) for a in areas], fontsize=9 if len(areas) <= 30 else 6.5)
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.grid(False)
        ax.set_xlim(-0.5, len(names) - 0.5)
        ax.set_ylim(len(areas) - 0.5, -0.5)
        for side in ax.spines.values():
            side.set_visible(False)
        _below_table(ax, found, lang, source)
        as_plain_text(ax)
    return ax


def _column(ax: Axes, x: int, name: str, rows: pd.DataFrame, areas: Sequence[str], lang: str) -> str:
    last = rows.drop_duplicates("area", keep="last")
    values: pd.Series[float] = last.set_index(last["area"].astype(str))["value"].astype(float)
    unit = next((str(u) for u in rows.get("unit", ()) if not missing(u)), "")
    scale, label = axis_unit(unit, float(values.abs().max()) if values.notna().any() else 0.0, lang)
    ranks = values.rank(pct=True)
    doubtful = set(rows.loc[rows["status"] == "suspect", "area"].astype(str)) if "status" in rows else set()
    for y, area in enumerate(areas):
        value = float(values[area]) if area in values.index else np.nan
        if np.isnan(value):
            look: dict[str, Any] = {"facecolor": "white", "edgecolor": "#BBBBBB", "hatch": "///", "linewidth": 0.5}
            shade, said = 0.0, "?" if area in doubtful else ""
        else:
            shade = float(ranks[area])
            tint = [1 - shade * (1 - c) * 0.75 for c in (0.043, 0.235, 0.435)]
            look, said = {"facecolor": tint, "edgecolor": "white", "linewidth": 1}, _shown(value, scale, lang)
        ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, **look))
        box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"} if said == "?" else None
        ax.text(x, y, said, ha="center", va="center", fontsize=8.5, color="white" if shade > 0.72 else INK, bbox=box)
    return wrapped(indicator_name(name, lang), 17, 4) + (f"\n({label})" if label else "")


def _below_table(ax: Axes, found: Sequence[pd.DataFrame], lang: str, source: str) -> None:
    import pandas as pd

    every = pd.concat(found, ignore_index=True)
    blank = Patch(facecolor="white", edgecolor="#BBBBBB", hatch="///", label=_WORDS[lang]["blank"])
    shade = Patch(facecolor="#6F87A3", label=_WORDS[lang]["shades"])
    ax.legend(handles=[shade, blank], loc="upper left", bbox_to_anchor=(0, -0.01), ncols=2, fontsize=8, frameon=False)
    source_line(ax, every, lang, sources_of(every, lang, source), below=30)
