"""Who has sent a return: in time, late by how many days, with errors, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.style import INK, PALETTE, as_plain_text, axes_of, empty, source_line, theme, wrapped
from mttq_data.errors import MttqError
from mttq_data.periods import parse_period
from mttq_data.places.area_codes import find_area
from mttq_data.store.words import word_for
from mttq_data.wording import check_lang, missing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LOOKS: dict[str, dict[str, Any]] = {
    "missing": {"facecolor": "white", "edgecolor": INK, "hatch": "", "linewidth": 1.2},
    "late": {"facecolor": PALETTE[1], "edgecolor": "white", "hatch": "///", "linewidth": 0},
    "with errors": {"facecolor": PALETTE[3], "edgecolor": INK, "hatch": "xx", "linewidth": 0},
    "in time": {"facecolor": PALETTE[0], "edgecolor": "white", "hatch": "", "linewidth": 0},
}
_TITLE = {"vi": "Tình hình gửi báo cáo {}, hạn {}", "en": "Returns of {}, due {}"}
_AXIS = {"vi": "Ngày so với hạn gửi (âm: trước hạn)", "en": "Days from the day due (negative: before it)"}
_PHRASE = {
    "vi": {"late": "chậm {} ngày", "errors": "{} lỗi"},
    "en": {"late": "{} days late", "errors": "{} errors"},
}
_MANY = 40


def plot_status(data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", source: str = "") -> Axes:
    """Draw who has sent a return, those to be asked on top.

    A bar runs from the day the return was due to the day it came; a hollow
    mark at that day stands for a return that has not come.

    Parameters
    ----------
    data : DataFrame
        As `Store.status` or ``completeness`` gives it: ``area, period, status,
        received, due, days_late, errors``, one form and period.
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    source : str
        What the source line names.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp("2025-01-10")
    >>> rows = [("213", "late", day + pd.Timedelta(days=3), 3), ("218", "missing", pd.NaT, pd.NA)]
    >>> frame = pd.DataFrame(rows, columns=["area", "status", "received", "days_late"])
    >>> ax = plot_status(frame.assign(period="2024-Q4", due=day, errors=0), lang="en")
    >>> [text.get_text() for text in ax.texts][:2]
    ['missing', '3 days late']
    """
    check_lang(lang)
    rows = _rows(data)
    with theme():
        ax = axes_of(ax, rows_high(len(rows)))
        if not rows:
            return empty(ax, lang)
        ax.set_title(_TITLE[lang].format(_period(rows[0]["period"], lang), f"{rows[0]['due']:%d/%m/%Y}"))
        for y, row in enumerate(rows):
            _draw(ax, y, row, lang)
        ax.set_yticks(range(len(rows)), [wrapped(_name(row)) for row in rows])
        ax.tick_params("y", labelsize=7 if len(rows) > _MANY else 9)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.axvline(0, color=INK, linewidth=1, zorder=1)
        _limits(ax, [row["days"] for row in rows])
        ax.set_xlabel(_AXIS[lang])
        _legend(ax, rows, lang)
        source_line(ax, data.assign(period=""), lang, source, below=64)
        as_plain_text(ax)
    return ax


def rows_high(count: int) -> int:
    """For how many bars of the usual height ``count`` units make room."""
    return count if count <= _MANY else count // 2


def _rows(data: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows with the days from the day due, in the order they are drawn."""
    rows = [{str(k): v for k, v in row.items()} for row in data.to_dict("records")]
    for row in rows:
        row["days"] = 0 if missing(row["received"]) else (row["received"] - row["due"]).days
    order = list(_LOOKS)
    return sorted(rows, key=lambda r: (order.index(r["status"]) if r["status"] in order else 9, -r["days"]))


def _draw(ax: Axes, y: int, row: dict[str, Any], lang: str) -> None:
    look = _LOOKS.get(row["status"], _LOOKS["in time"])
    if row["status"] == "missing":
        ax.plot([0], [y], marker="o", markersize=7, color="white", markeredgecolor=INK, linestyle="none", zorder=3)
    else:
        # A return that came on the very day still shows, and not as late.
        ax.barh(y, row["days"] or -0.15, height=0.62, zorder=2, **look)
    right = max(row["days"], 0)
    said = _said(row, lang)
    if said:
        ax.annotate(said, (right, y), (8, 0), textcoords="offset points", va="center", ha="left", fontsize=8, color=INK)


def _said(row: dict[str, Any], lang: str) -> str:
    if row["status"] == "missing":
        return word_for("missing", lang)
    late = 0 if missing(row["days_late"]) else int(row["days_late"])
    errors = 0 if missing(row.get("errors")) else int(row["errors"])
    parts = [_PHRASE[lang]["late"].format(late)] if late else []
    parts += [_PHRASE[lang]["errors"].format(errors)] if errors else []
    return ", ".join(parts)


def _limits(ax: Axes, days: list[int]) -> None:
    low, high = min(0, *days), max(0, *days)
    span = max(high - low, 5)
    ax.set_xlim(low - 0.04 * span, high + 0.35 * span)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))


def _legend(ax: Axes, rows: list[dict[str, Any]], lang: str) -> None:
    used = {row["status"]: sum(r["status"] == row["status"] for r in rows) for row in rows}
    handles = [Patch(label=f"{word_for(s, lang)}: {n}", **_LOOKS.get(s, _LOOKS["in time"])) for s, n in used.items()]
    under = ax.transAxes + ScaledTranslation(0, -40 / 72, ax.figure.dpi_scale_trans)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
    ax.legend(handles=handles, ncols=4, fontsize=8, frameon=False, borderaxespad=0, borderpad=0, **place)


def _name(row: dict[str, Any]) -> str:
    try:
        return find_area(str(row["area"]), on=str(row["period"])).full_name
    except MttqError:
        return str(row["area"])


def _period(period: object, lang: str) -> str:
    if lang == "en":
        return str(period)
    try:
        return parse_period(str(period)).vi
    except MttqError:
        return str(period)
