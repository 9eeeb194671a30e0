"""One target over time: what was reached against an even pace, and where it leads."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

import matplotlib.dates as mdates
from matplotlib.ticker import FuncFormatter

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
)
from mttq_data.wording import bounded, check_lang, indicator_name, missing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_WORDS = {
    "vi": {"actual": "đã thực hiện", "range": "khoảng chưa chắc chắn", "even": "tiến độ đều",
           "ahead": "dự kiến theo nhịp hiện nay", "target": "mục tiêu"},
    "en": {"actual": "reached so far", "range": "range not settled", "even": "even pace",
           "ahead": "projected at the pace so far", "target": "target"},
}  # fmt: skip
_SOURCE_BELOW = 66.0


def plot_pace(data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", source: str = "") -> Axes:
    """Draw one target over time against an even pace, with the projection to its end.

    Parameters
    ----------
    data : DataFrame
        As `pace` gives it: rows of `progress` for one target and place, one for
        each day the figures reach, with ``begins`` and ``ends``. Of a target for
        each year only the last year is drawn.
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
    >>> from mttq_data.target_progress.judging import pace
    >>> row = {"area": "24", "indicator": "fund_for_the_poor_raised", "unit": "VND", "value": 9e9}
    >>> rows = pd.DataFrame([{**row, "period": "2025-Q1"}, {**row, "period": "2025-Q2"}])
    >>> ax = plot_pace(pace(rows, "fund_for_the_poor_raised"), lang="en")
    >>> ax.lines[0].get_ydata().tolist()
    [0.0, 9000000000.0, 18000000000.0]
    """
    check_lang(lang)
    rows = _rows(data)
    with theme():
        ax = axes_of(ax, 6)
        if not rows:
            return empty(ax, lang)
        last, say = rows[-1], _WORDS[lang]
        begin, end = (date.fromisoformat(last[c]) for c in ("begins", "ends"))
        target = float(last["asked"])
        _lines(ax, rows, begin, end, target, say)
        largest = max(target, *(float(last[c]) for c in ("actual", "projected_high") if not missing(last[c])))
        scale, label = axis_unit(last["unit"], largest, lang)
        ax.set_ylim(0, 1.14 * largest)
        limits: Any = (begin, end + (end - begin) * 0.03)  # the last marker stands whole
        ax.set_xlim(limits)
        number_axis(ax.yaxis, lang, scale)
        ax.grid(True, axis="y")
        ax.set_ylabel(label)
        _dates(ax, lang)
        asked = bounded(target, target, None, last["qualifier"] or "exact", last["unit"], lang)
        ax.set_title(f"{indicator_name(last['indicator'], lang)} – {last['area_name']}")
        ax.annotate(
            f"{say['target']}: {asked}", (begin, target), (4, 4), textcoords="offset points", fontsize=9, color=INK
        )
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), ncols=2, fontsize=8, frameon=False)
        told = data.assign(period="").drop(columns=[c for c in ("term",) if c in data])
        source_line(ax, told, lang, sources_of(data, lang, source), _SOURCE_BELOW)
        as_plain_text(ax)
    return ax


def _rows(data: pd.DataFrame) -> list[dict[str, Any]]:
    if data.empty or "begins" not in data:
        return []
    rows = [row for row in records(data) if not missing(row["actual"]) and not missing(row["as_of"])]
    rows = [row for row in rows if row["begins"] == rows[-1]["begins"]] if rows else []
    return sorted({row["as_of"]: row for row in rows}.values(), key=lambda row: row["as_of"])


def _lines(ax: Axes, rows: list[dict[str, Any]], begin: date, end: date, target: float, say: dict[str, str]) -> None:
    days = [date.fromisoformat(row["as_of"]) for row in rows]
    share = rows[-1]["unit"] in ("percent", "rank")
    flow = not share
    start = [(begin, 0.0)] if flow and begin < days[0] else []
    times: Any = [d for d, _ in start] + days
    actual = [v for _, v in start] + [float(row["actual"]) for row in rows]
    ax.plot(
        times,
        actual,
        color=PALETTE[0],
        linewidth=2.2,
        marker="o",
        markersize=5,
        label=say["actual"],
        zorder=4,
        gid="actual",
    )
    low, high = _band(rows)
    if any(a < b for a, b in zip(low, high, strict=True)):
        ax.fill_between(times, [0.0] * len(start) + low, [0.0] * len(start) + high, color=PALETTE[2], alpha=0.45,
                        linewidth=0, label=say["range"], zorder=1)  # fmt: skip
    span: Any = [begin, end]
    ax.axhline(target, color=INK, linewidth=1.2, zorder=2)
    first = float(rows[0]["expected_share"]) * target if share and not missing(rows[0]["expected_share"]) else 0.0
    paced: Any = [days[0], end] if share else span
    ax.plot(paced, [first, target], color=FAINT, linestyle="--", linewidth=1.3, label=say["even"],
            zorder=2, gid="even")  # fmt: skip
    last = rows[-1]
    if not missing(last["projected"]) and days[-1] < end:
        ahead: Any = [days[-1], end]
        ax.plot(ahead, [actual[-1], float(last["projected"])], color=PALETTE[1], linestyle=":", linewidth=2, zorder=3,
                label=say["ahead"], gid="ahead")  # fmt: skip
        ends = [float(last[c]) for c in ("projected_low", "projected_high")]
        if not any(map(math.isnan, ends)):
            ax.fill_between(
                ahead, [low[-1], ends[0]], [high[-1], ends[1]], color=PALETTE[1], alpha=0.18, linewidth=0, zorder=1
            )


def _band(rows: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    low = [float(row["actual"] if missing(row["actual_low"]) else row["actual_low"]) for row in rows]
    high = [float(row["actual"] if missing(row["actual_high"]) else row["actual_high"]) for row in rows]
    return low, high


def _dates(ax: Axes, lang: str) -> None:
    first, last = ax.get_xlim()
    months = (last - first) / 30.4
    step = 12 if months > 40 else 6 if months > 20 else 3 if months > 9 else 1
    ax.xaxis.set_major_locator(mdates.MonthLocator(bymonth=range(1, 13, step) if step < 12 else (1,)))
    form = "%m/%Y" if lang == "vi" else "%b %Y"
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: mdates.num2date(x).strftime(form)))
