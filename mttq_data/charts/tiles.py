"""A tile map: one square an area, laid out as the areas lie, so that no area counts for its size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Rectangle

from mttq_data.charts.drawing import of_one, records, short_figure, sources_of, with_value
from mttq_data.charts.places import area_label, area_names, tiles
from mttq_data.charts.style import FAINT, INK, as_plain_text, axes_of, axis_unit, empty, source_line, theme, wrapped
from mttq_data.periods import last_day
from mttq_data.wording import check_lang, indicator_name, missing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TITLE = {"vi": "Theo địa bàn", "en": "By area"}
_NONE = {"vi": "chưa có\nsố liệu", "en": "no data"}
_ELSEWHERE = {"vi": "Không có ô trên bản đồ: {}", "en": "Without a tile: {}"}
_UNIT = {"vi": "Đơn vị: {}", "en": "Unit: {}"}
_SHADES = LinearSegmentedColormap.from_list("mttq", ["#E8EFF6", "#9DBBD8", "#4A7FB0", "#0B3C6F"])
_SIDE, _MOST_ELSEWHERE = 0.94, 6
_TYPES = ("Huyện ", "Thành phố ", "Thị xã ", "Xã ", "Phường ", "Thị trấn ")
_SHORT_TYPES = {"Thành phố ": "TP ", "Thị xã ": "TX "}


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
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    indicator : str, optional
        Which one; by default the commonest.
    period : str, optional
        Which one; by default the latest. It also decides which areas there
        were: ``codes/tiles.csv`` says where each lies, and from when to when.
    title, source : str
        Instead of the indicator's name and the sources in ``data``.

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
    check_lang(lang)
    rows, indicator = of_one(with_value(data), "indicator", indicator)
    if "measure" in rows:
        rows = rows[rows["measure"].astype("string").fillna("") != "plan"]
    rows, period = _of_period(rows, period)
    placed = tiles(period)
    figures = {str(row["area"]): row for row in records(rows)} if "area" in rows else {}
    with theme():
        ax = axes_of(ax, 9)
        ax.set_title(wrapped(title or indicator_name(indicator, lang) or _TITLE[lang], 80, 2))
        if not placed or not any(tile.code in figures for tile in placed):
            source_line(ax, rows, lang, sources_of(data, lang, source), 10)
            return empty(ax, lang)
        unit = next((str(u) for u in rows.get("unit", ()) if not missing(u)), "")
        shown = [float(figures[tile.code]["value"]) for tile in placed if tile.code in figures]
        scale, unit_label = axis_unit(unit, max(map(abs, shown)), lang)
        names = area_names(period)
        for tile in placed:
            name = _short(names.get(tile.code, tile.code))
            _draw(ax, (tile.column, tile.row), name, figures.get(tile.code), (min(shown), max(shown), scale), lang)
        _finish(ax, [(t.column, t.row) for t in placed])
        lost = [names.get(a, area_label(a)) for a in figures if a not in {tile.code for tile in placed}]
        _below(ax, rows, lost, unit_label, lang, sources_of(rows, lang, source))
        as_plain_text(ax)
    return ax


def _of_period(rows: pd.DataFrame, period: str | None) -> tuple[pd.DataFrame, str]:
    if "period" not in rows or rows.empty:
        return rows, period or ""
    known = [str(p) for p in rows["period"] if not missing(p)]
    chosen = period or max(known, key=_when, default="")
    return rows[rows["period"].astype("string").fillna("") == chosen] if chosen else rows, chosen


def _when(period: str) -> tuple[str, str]:
    from mttq_data.errors import MttqError

    try:
        return last_day(period).isoformat(), period
    except MttqError:
        return "", period


def _short(name: str) -> str:
    """A district without its type; a city or town keeps it in short, for the province bears the city's name."""
    for written in _TYPES:
        if name.startswith(written):
            return _SHORT_TYPES.get(written, "") + name[len(written) :]
    return name


def _draw(
    ax: Axes,
    at: tuple[float, float],
    name: str,
    row: dict[str, Any] | None,
    span: tuple[float, float, float],
    lang: str,
) -> None:
    low, high, scale = span
    look: dict[str, Any] = {"facecolor": "white", "edgecolor": "#999999", "hatch": "////", "linewidth": 0.6}
    ink, text, gid = FAINT, _NONE[lang], "mttq-missing"
    if row is not None:
        share = 0.5 if high == low else (float(row["value"]) - low) / (high - low)
        colour = to_rgb(_SHADES(share))
        look = {"facecolor": colour, "edgecolor": "white", "linewidth": 0.6}
        ink = "white" if sum(c * w for c, w in zip(colour, (0.2126, 0.7152, 0.0722), strict=True)) < 0.5 else INK
        text, gid = short_figure(float(row["value"]), row.get("qualifier"), scale, lang), "mttq-value"
    x, y = at
    ax.add_patch(Rectangle((x - _SIDE / 2, y - _SIDE / 2), _SIDE, _SIDE, zorder=2, **look))
    words: dict[str, Any] = {"ha": "center", "color": ink, "zorder": 3}
    if row is None:
        words["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    ax.text(x, y - 0.2, wrapped(name, 13, 2), va="center", fontsize=9, **words)
    ax.text(x, y + 0.2, text, va="center", fontsize=8 if row is None else 11, gid=gid,
            weight="normal" if row is None else "bold", **words)  # fmt: skip


def _finish(ax: Axes, places: list[tuple[float, float]]) -> None:
    columns, rows = zip(*places, strict=True)
    ax.set_xlim(min(columns) - 0.5, max(columns) + 0.5)
    ax.set_ylim(max(rows) + 0.5, min(rows) - 0.5)
    ax.grid(False)
    ax.set_axis_off()


def _below(ax: Axes, rows: pd.DataFrame, lost: list[str], unit: str, lang: str, source: str) -> None:
    said = [_UNIT[lang].format(unit)] if unit else []
    if lost:
        more = " …" if len(lost) > _MOST_ELSEWHERE else ""
        said.append(_ELSEWHERE[lang].format(", ".join(lost[:_MOST_ELSEWHERE])) + more)
    if said:
        ax.annotate(wrapped(". ".join(said) + ".", 105, 3), (0, 0), (0, -4), xycoords="axes fraction",
                    textcoords="offset points", va="top", fontsize=8, color=INK, gid="mttq-note")  # fmt: skip
    lines = wrapped(". ".join(said), 105, 3).count("\n") + 1 if said else 0
    source_line(ax, rows, lang, source, 8 + 11 * lines)
