"""Who has sent what: a table of areas by periods, every state by colour and by word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.district_rows import sentence
from mttq_data.charts.drawing import records
from mttq_data.charts.places import area_names
from mttq_data.charts.style import INK, PALETTE, as_plain_text, axes_of, empty, source_line, theme
from mttq_data.periods import parse_period
from mttq_data.store.words import word_for
from mttq_data.wording import check_lang, missing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LOOKS: dict[str, dict[str, Any]] = {
    "in time": {"facecolor": PALETTE[0], "edgecolor": "white"},
    "late": {"facecolor": "#9DC3E6", "edgecolor": "white"},
    "with errors": {"facecolor": "#F6C28B", "edgecolor": "white", "hatch": "//"},
    "missing": {"facecolor": "white", "edgecolor": PALETTE[1]},
}
_TITLE = {"vi": "Tình hình gửi báo cáo", "en": "Returns received"}
_SHARE = {"vi": "{} / {}", "en": "{} of {}"}
_RECEIVED = {"vi": "Đã nhận", "en": "Received"}
_CELL = {
    "vi": {"in time": "đúng hạn", "late": "chậm {} ngày", "with errors": "{} lỗi", "missing": "chưa gửi"},
    "en": {"in time": "in time", "late": "{} d late", "with errors": "{} errors", "missing": "missing"},
}
_ORDER = tuple(_LOOKS)


def plot_completeness(
    data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", title: str = "", source: str = ""
) -> Axes:
    """Draw who has sent the returns of which periods.

    One row an area, one column a period; the bottom line counts the returns
    received. An area that did not stand in a period has no cell.

    Parameters
    ----------
    data : DataFrame
        As ``completeness`` gives it: ``area, period, status, days_late, errors``.
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    title, source : str
        Instead of the usual title; what the source line names.

    Returns
    -------
    Axes
        One rectangle a cell, row by row.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("213", "in time", 0, 0), ("218", "late", 3, 0), ("220", "missing", pd.NA, pd.NA)]
    >>> frame = pd.DataFrame(rows, columns=["area", "status", "days_late", "errors"]).assign(period="2024-Q4")
    >>> [text.get_text() for text in plot_completeness(frame, lang="en").texts]
    ['in time', '3 d late', 'missing', '2 of 3']
    """
    check_lang(lang)
    with theme():
        periods = sorted(dict.fromkeys(data.get("period", ())), key=lambda p: (parse_period(str(p)).end, str(p)))
        areas = list(dict.fromkeys(data.get("area", ())))
        ax = axes_of(
            ax, int(max(len(areas) * (0.75 if len(areas) < 40 else 0.42), 4)), 2.8 + 1.25 * max(len(periods), 4)
        )
        ax.set_title(title or _TITLE[lang])
        if data.empty:
            return empty(ax, lang)
        small = 9 if len(areas) < 40 else 6.5
        for row in records(data):
            _cell(ax, periods.index(row["period"]), areas.index(row["area"]), row, lang, small)
        for column, period in enumerate(periods):
            there = data[data["period"] == period]
            came = int((there["status"] != "missing").sum())
            ax.text(column, len(areas) - 0.1, _SHARE[lang].format(came, len(there)), ha="center", va="center",
                    fontsize=small, weight="bold", color=INK)  # fmt: skip
        _frame(ax, areas, periods, data, lang, small)
        _legend(ax, data, lang)
        source_line(ax, data.drop(columns="period"), lang, source, below=40)
        as_plain_text(ax)
    return ax


def _cell(ax: Axes, x: int, y: int, row: dict[str, Any], lang: str, size: float) -> None:
    state = str(row["status"])
    look = _LOOKS.get(state, _LOOKS["missing"])
    ax.add_patch(Rectangle((x - 0.47, y - 0.44), 0.94, 0.88, linewidth=1, zorder=2, **look))
    number = row.get("days_late" if state == "late" else "errors")
    text = _CELL[lang].get(state) or word_for(state, lang)
    said = text.format("" if missing(number) else int(number or 0))
    box = {"boxstyle": "square,pad=0.15", "facecolor": look["facecolor"], "edgecolor": "none"}
    ax.text(x, y, said, ha="center", va="center", fontsize=size, color="white" if state == "in time" else INK, zorder=3,
            bbox=box if "hatch" in look else None)  # fmt: skip


def _frame(ax: Axes, areas: list[Any], periods: list[Any], data: pd.DataFrame, lang: str, size: float) -> None:
    names: dict[str, str] = {}
    for period in reversed(periods):
        names = area_names(str(period)) | names
    ax.set_xlim(-0.5, len(periods) - 0.5)
    ax.set_ylim(len(areas) + 0.3, -0.5)
    ax.set_xticks(range(len(periods)), [_column(str(p), lang) for p in periods])
    ax.set_yticks(
        [*range(len(areas)), len(areas) - 0.1], [*(names.get(str(a), str(a)) for a in areas), _RECEIVED[lang]]
    )
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.tick_params("y", labelsize=size)
    ax.grid(False)
    for side in ax.spines.values():
        side.set_visible(False)


def _column(period: str, lang: str) -> str:
    if lang == "en":
        return period
    head, _, year = sentence(parse_period(period).vi).partition(" năm ")
    return f"{head}\n{year}" if year else head


def _legend(ax: Axes, data: pd.DataFrame, lang: str) -> None:
    counts = data["status"].value_counts()
    used = [s for s in _ORDER if s in counts.index]
    handles = [Patch(label=f"{word_for(s, lang)}: {counts[s]}", linewidth=1, **_LOOKS[s]) for s in used]
    under = ax.transAxes + ScaledTranslation(0, -14 / 72, ax.figure.dpi_scale_trans)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
    ax.legend(handles=handles, ncols=4, fontsize=8, frameon=False, borderaxespad=0, borderpad=0, **place)
