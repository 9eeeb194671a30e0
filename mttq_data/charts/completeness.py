"""Who has sent what: a table of areas by periods, every state by colour and by word."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from mttq_data.charts.drawing import period_key, short_period
from mttq_data.charts.finishing import finish
from mttq_data.charts.places import names_over
from mttq_data.charts.style import PALETTE, axes_of, chart, empty, inside, row_labels, table_axes
from mttq_data.tables.tables import records
from mttq_data.wording import label, missing

LOOKS: dict[str, dict[str, Any]] = {
    "in time": {"facecolor": PALETTE[0], "edgecolor": "white"},
    "late": {"facecolor": "#9DC3E6", "edgecolor": "white"},
    "with errors": {"facecolor": "#F6C28B", "edgecolor": "#8A4B00", "hatch": "//"},
    "missing": {"facecolor": "white", "edgecolor": PALETTE[1]},
}
REGISTER = {"vi": "sổ theo dõi nhận báo cáo", "en": "register of returns"}
_TITLE = {"vi": "Tình hình gửi báo cáo", "en": "Returns received"}
_SHARE = {"vi": "{} / {}", "en": "{} of {}"}
_RECEIVED = {"vi": "Đã nhận", "en": "Received"}
CELL = {
    "vi": {"in time": "đúng hạn", "late": "chậm {} ngày", "with errors": "{} lỗi", "missing": "chưa gửi"},
    "en": {"in time": "in time", "late": "{} d late", "with errors": "errors: {}", "missing": "missing"},
}
# In narrow columns the number of days or errors, a tick or a dash; the legend has the words.
_BRIEF = {"in time": "✓", "late": "+{}", "with errors": "!{}", "missing": "–"}
_NARROW = 7


@chart
def plot_completeness(
    data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", title: str = "", source: str = ""
) -> Axes:
    """Draw who has sent the returns of which periods.

    One row an area, one column a period; the bottom line counts the returns
    received. An area that did not stand in a period has no cell. With more than
    seven periods the cells hold signs, which the legend explains.

    Parameters
    ----------
    data : DataFrame
        As ``completeness`` gives it: ``area, period, status, days_late, errors``.
    ax, lang, title, source

    Returns
    -------
    Axes
        One rectangle a cell, row by row.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("213", "in time", 0, 0), ("218", "late", 3, 0), ("220", "missing", pd.NA, pd.NA)]
    >>> frame = pd.DataFrame(rows, columns=["area", "status", "days_late", "errors"]).assign(period="2024-Q4")
    >>> [text.get_text() for text in plot_completeness(frame, lang="en").texts][:4]
    ['in time', '3 d late', 'missing', '2 of 3']
    """
    periods = sorted(dict.fromkeys(data.get("period", ())), key=period_key)
    areas = list(dict.fromkeys(data.get("area", ())))
    narrow = len(periods) > _NARROW
    width = 3 + (0.5 * len(periods) if narrow else 1.25 * max(len(periods), 4))
    ax = axes_of(ax, title or _TITLE[lang], len(areas) + 1, width)
    if data.empty:
        return finish(empty(ax, lang), data, lang, source)
    names = names_over(periods)
    size = row_labels(ax, [*(names.get(str(a), a) for a in areas), _RECEIVED[lang]], 30)
    words = _BRIEF if narrow else CELL[lang]
    for row in records(data):
        _cell(ax, (periods.index(row["period"]), areas.index(row["area"])), row, words, size)
    for column, period in enumerate(periods):
        there = data[data["period"] == period]
        came = int((there["status"] != "missing").sum())
        share = ("{}/{}" if narrow else _SHARE[lang]).format(came, len(there))
        ax.text(
            column, len(areas), share, ha="center", va="center", fontsize=min(size, 7.5 if narrow else 9), weight="bold"
        )
    table_axes(ax, len(areas) + 1, len(periods))
    labels = [short_period(p, lang) for p in periods]
    ax.set_xticks(range(len(periods)), [t.replace("Quý ", "Q.") for t in labels] if narrow else labels)
    ax.tick_params("x", labelsize=7.5 if narrow else 9)
    return finish(ax, data, lang, source or REGISTER[lang], handles=_handles(data, words, lang))


def _cell(ax: Axes, at: tuple[int, int], row: dict[str, Any], words: dict[str, str], size: float) -> None:
    state, (x, y) = str(row["status"]), at
    look = LOOKS.get(state, LOOKS["missing"])
    ax.add_patch(Rectangle((x - 0.47, y - 0.44), 0.94, 0.88, linewidth=1, zorder=2, in_layout=False, **look))
    number = row.get("days_late" if state == "late" else "errors")
    said = words.get(state, state).format("" if missing(number) else int(number or 0))
    inside(ax, said, at, look, size, in_layout=False)


def _handles(data: pd.DataFrame, words: dict[str, str], lang: str) -> list[Any]:
    counts = data["status"].value_counts()
    signs = {s: f"{words[s].format(_NUMBER[lang])} " if words is _BRIEF else "" for s in LOOKS}
    return [Patch(label=f"{signs[s]}{label('status', s, lang)}: {counts[s]}", linewidth=1, **look)
            for s, look in LOOKS.items() if s in counts.index]  # fmt: skip


_NUMBER = {"vi": "số", "en": "n"}
