"""A tile map: one square an area, laid out as the areas lie, so that no area counts for its size."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from mttq_data.charts.drawing import of_one, period_key, short_figure, sources_of, unit_of, with_value
from mttq_data.charts.finishing import finish
from mttq_data.charts.places import area_label, area_names, short_name, tiles
from mttq_data.charts.style import FAINT, axes_of, axis_unit, chart, empty, ink_on, wrapped
from mttq_data.tables.tables import records
from mttq_data.wording import indicator_name, missing

_WORDS = {
    "vi": {"title": "Theo địa bàn", "none": "chưa có\nsố liệu", "lost": "Không có ô trên bản đồ: {}",
           "unit": "Đơn vị: {}; đậm hơn là lớn hơn"},
    "en": {"title": "By area", "none": "no data", "lost": "Without a tile: {}", "unit": "Unit: {}; darker is more"},
}  # fmt: skip
SHADES = LinearSegmentedColormap.from_list("mttq", ["#E8EFF6", "#9DBBD8", "#4A7FB0", "#0B3C6F"])
_SIDE, _MOST_ELSEWHERE = 0.94, 6


@chart
def plot_tiles(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    indicator: str | None = None,
    period: str | None = None,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw one figure an area as a tile map; darker is more.

    Parameters
    ----------
    data : DataFrame
        Observations or totals: ``area, value`` and, where they stand,
        ``indicator, period, qualifier, unit, measure``. Where an area has
        several figures the last one counts; plans are left out.
    ax, lang, title, source
    indicator : str, optional
        Which one; by default the commonest.
    period : str, optional
        Which one; by default the latest. It also decides which areas there
        were: ``codes/tiles.csv`` says where each lies, and from when to when.

    Returns
    -------
    Axes
        An area without a figure has a hatched tile; areas without a tile are
        named below.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"area": ["213", "218"], "value": [12, 30], "unit": "house", "period": "2024"})
    >>> len(plot_tiles(rows).patches)
    10
    """
    rows, indicator = of_one(with_value(data), "indicator", indicator)
    if "measure" in rows:
        rows = rows[rows["measure"].astype("string").fillna("") != "plan"]
    known = [str(p) for p in rows.get("period", ()) if not missing(p)]
    period = period or max(known, key=period_key, default="")
    rows = rows[rows["period"].astype("string").fillna("") == period] if period and "period" in rows else rows
    placed, names = tiles(period), area_names(period)
    figures = {str(row["area"]): row for row in records(rows)} if "area" in rows else {}
    found = [figures[tile.code] for tile in placed if tile.code in figures]
    lost = [names.get(a, area_label(a)) for a in figures if a not in {tile.code for tile in placed}]
    words = _WORDS[lang]
    more = " …" if len(lost) > _MOST_ELSEWHERE else ""
    elsewhere = words["lost"].format(", ".join(lost[:_MOST_ELSEWHERE]) + more) if lost else ""
    ax = axes_of(ax, title or indicator_name(indicator, lang) or words["title"], 9)
    named = sources_of(rows if len(rows) else data, lang, source)
    if not found:
        return finish(empty(ax, lang), rows, lang, named, notes=[elsewhere])
    shown = [float(row["value"]) for row in found]
    scale, unit = axis_unit(unit_of(rows), max(map(abs, shown)), lang)
    for tile in placed:
        name = short_name(names.get(tile.code, tile.code))
        _draw(ax, (tile.column, tile.row), name, figures.get(tile.code), (min(shown), max(shown), scale), lang)
    ax.set_xlim(min(t.column for t in placed) - 0.5, max(t.column for t in placed) + 0.5)
    ax.set_ylim(max(t.row for t in placed) + 0.5, min(t.row for t in placed) - 0.5)
    ax.set_axis_off()
    return finish(ax, rows, lang, named, notes=[words["unit"].format(unit) if unit else "", elsewhere])


def _draw(
    ax: Axes,
    at: tuple[float, float],
    name: str,
    row: dict[str, Any] | None,
    span: tuple[float, float, float],
    lang: str,
) -> None:
    low, high, scale = span
    look: dict[str, Any] = {"facecolor": "white", "edgecolor": "#999999", "hatch": "////"}
    words: dict[str, Any] = {"ha": "center", "va": "center", "color": FAINT, "zorder": 3}
    text = _WORDS[lang]["none"]
    figure: dict[str, Any] = {"gid": "mttq-missing", "fontsize": 8}
    if row is None:
        words["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    else:
        value = float(row["value"])
        colour = SHADES(0.5 if high == low else (value - low) / (high - low))
        look, words["color"] = {"facecolor": colour, "edgecolor": "white"}, ink_on(colour[:3])
        text = short_figure(value, row.get("qualifier"), scale, lang)
        size = 11 if len(text) <= 12 else max(11 * 12 / len(text), 5)
        figure = {"gid": "mttq-value", "fontsize": size, "weight": "bold"}
    x, y = at
    ax.add_patch(Rectangle((x - _SIDE / 2, y - _SIDE / 2), _SIDE, _SIDE, linewidth=0.6, zorder=2, **look))
    ax.text(x, y - 0.2, wrapped(name, 13, 2), fontsize=9, **words)
    ax.text(x, y + 0.2, text, **words, **figure)
