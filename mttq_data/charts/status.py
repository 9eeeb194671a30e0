"""Who has sent a return: in time, late by how many days, with errors, or not at all."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from mttq_data.charts.completeness import CELL, LOOKS, REGISTER
from mttq_data.charts.finishing import finish
from mttq_data.charts.places import area_names
from mttq_data.charts.style import INK, axes_of, beside, chart, empty, number_axis, row_labels
from mttq_data.tables.tables import records
from mttq_data.wording import label, missing, shown_period

_ORDER = ("missing", "late", "with errors", "in time")
_TITLE = {"vi": "Tình hình gửi báo cáo {}, hạn {}", "en": "Returns of {}, due {}"}
_AXIS = {"vi": "Ngày so với hạn gửi (âm: trước hạn)", "en": "Days from the day due (negative: before it)"}


@chart
def plot_status(
    data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", title: str = "", source: str = ""
) -> Axes:
    """Draw who has sent a return, those to be asked on top.

    A bar runs from the day the return was due to the day it came; a hollow
    mark at that day stands for a return that has not come.

    Parameters
    ----------
    data : DataFrame
        As `Store.status` or ``completeness`` gives it: ``area, period, status,
        received, due, days_late, errors``, one form and period.
    ax, lang, title, source

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp("2025-01-10")
    >>> rows = [("213", "late", day + pd.Timedelta(days=3), 3), ("218", "missing", pd.NaT, pd.NA)]
    >>> frame = pd.DataFrame(rows, columns=["area", "status", "received", "days_late"])
    >>> ax = plot_status(frame.assign(period="2024-Q4", due=day, errors=0), lang="en")
    >>> [text.get_text() for text in ax.texts][:2]
    ['missing', '3 d late']
    """
    rows = _rows(data)
    if not rows:
        return finish(empty(axes_of(ax, title), lang), data, lang, source)
    period, due = str(rows[0]["period"]), shown_period(f"{rows[0]['due']:%Y-%m-%d}", lang)
    ax = axes_of(ax, title or _TITLE[lang].format(shown_period(period, lang), due), len(rows))
    names = area_names(period)
    size = row_labels(ax, [names.get(str(row["area"]), str(row["area"])) for row in rows])
    for y, row in enumerate(rows):
        _draw(ax, y, row, min(size, 8), lang)
    ax.axvline(0, color=INK, linewidth=1, zorder=1)
    low, high = min(0, *(row["days"] for row in rows)), max(0, *(row["days"] for row in rows))
    span = max(high - low, 5)
    ax.set_xlim(low - 0.04 * span, high + 0.1 * span)
    number_axis(ax.xaxis, lang, label=_AXIS[lang])
    ax.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    used = {row["status"]: sum(r["status"] == row["status"] for r in rows) for row in rows}
    handles = [
        Patch(label=f"{label('status', s, lang)}: {n}", linewidth=1, **LOOKS.get(s, LOOKS["in time"]))
        for s, n in used.items()
    ]
    return finish(ax, data, lang, source or REGISTER[lang], handles=handles)


def _rows(data: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows with the days from the day due, in the order they are drawn."""
    rows = records(data)
    for row in rows:
        row["days"] = 0 if missing(row["received"]) else (row["received"] - row["due"]).days
    return sorted(rows, key=lambda r: (_ORDER.index(r["status"]) if r["status"] in _ORDER else 9, -r["days"]))


def _draw(ax: Axes, y: int, row: dict[str, Any], size: float, lang: str) -> None:
    if row["status"] == "missing":
        ax.plot(
            [0], [y], marker="o", markersize=0.85 * size, color="white", markeredgecolor=INK, linestyle="none", zorder=3
        )
    else:
        # A return that came on the very day still shows, and not as late.
        look = LOOKS.get(row["status"], LOOKS["in time"])
        ax.barh(y, row["days"] or -0.15, height=0.62, zorder=2, linewidth=0, **look)
    if said := _said(row, lang):
        beside(ax, said, (max(row["days"], 0), y), 8, fontsize=size)


def _said(row: dict[str, Any], lang: str) -> str:
    if row["status"] == "missing":
        return label("status", "missing", lang)
    late = 0 if missing(row["days_late"]) else int(row["days_late"])
    errors = 0 if missing(row.get("errors")) else int(row["errors"])
    parts = [CELL[lang]["late"].format(late)] if late else []
    parts += [CELL[lang]["with errors"].format(errors)] if errors else []
    return ", ".join(parts)
