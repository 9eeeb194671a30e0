"""One target over time: what was reached against an even pace, and where it leads."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from mttq_data.charts.finishing import finish
from mttq_data.charts.series import label_ends
from mttq_data.charts.style import FAINT, INK, PALETTE, axes_of, beside, chart, empty, number_axis
from mttq_data.tables.tables import records
from mttq_data.target_progress.words import short
from mttq_data.wording import bounded, indicator_name, missing, shown_period

_WORDS = {
    "vi": {"actual": "đã thực hiện", "range": "khoảng chưa chắc chắn", "even": "tiến độ đều",
           "ahead": "dự kiến", "band": "khoảng dự kiến theo nhịp hiện nay", "target": "mục tiêu",
           "to": "đến {}"},
    "en": {"actual": "reached so far", "range": "range not settled", "even": "even pace",
           "ahead": "projected", "band": "range projected at the pace so far", "target": "target",
           "to": "to {}"},
}  # fmt: skip
_BANDS: dict[str, dict[str, Any]] = {
    "range": {"facecolor": PALETTE[2], "alpha": 0.45},
    "band": {"facecolor": "#F5CDB0", "alpha": 0.6, "hatch": "...", "edgecolor": "white"},
}


@chart
def plot_pace(
    data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", title: str = "", source: str = ""
) -> Axes:
    """Draw one target over time against an even pace, with the projection to its end.

    Parameters
    ----------
    data : DataFrame
        As `pace` gives it: rows of `progress` for one target and place, one for
        each day the figures reach, with ``begins`` and ``ends``. Of a target for
        each year only the last year is drawn.
    ax, lang, title, source

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
    rows = _rows(data)
    if not rows:
        return finish(empty(axes_of(ax, title), lang), data, lang, source, periods="")
    last, say = rows[-1], _WORDS[lang]
    ax = axes_of(ax, title or f"{indicator_name(last['indicator'], lang)} – {last['area_name']}")
    begin, end = (date.fromisoformat(last[c]) for c in ("begins", "ends"))
    target = float(last["asked"])
    largest = max(target, *(float(row[c]) for row in rows for c in _REACHES if not missing(row[c])), 0.0) or 1.0
    ax.set_ylim(min(0.0, *(float(row["actual"]) for row in rows)), 1.1 * largest)
    ax.set_xlim(mdates.date2num(begin), mdates.date2num(end))
    ends, bands = _lines(ax, rows, (begin, end), target, say, lang)
    number_axis(ax.yaxis, lang, last["unit"], largest)
    ax.grid(True, axis="y")
    _dates(ax, lang)
    label_ends(ax, ends)
    handles = [Patch(label=say[name], **_BANDS[name]) for name in bands]
    told = say["to"].format(shown_period(last["as_of"], lang))
    return finish(ax, data, lang, source, handles=handles, periods=told)


_REACHES = ("actual", "actual_high", "projected", "projected_high")


def _rows(data: pd.DataFrame) -> list[dict[str, Any]]:
    if data.empty or "begins" not in data:
        return []
    rows = [row for row in records(data) if not missing(row["actual"]) and not missing(row["as_of"])]
    rows = [row for row in rows if row["begins"] == rows[-1]["begins"]] if rows else []
    return sorted({row["as_of"]: row for row in rows}.values(), key=lambda row: row["as_of"])


def _lines(
    ax: Axes, rows: list[dict[str, Any]], span: tuple[date, date], target: float, say: dict[str, str], lang: str
) -> tuple[list[tuple[float, float, str]], list[str]]:
    """Draw the lines and bands; return the ends of the lines with their names, and which bands there are."""
    days = [date.fromisoformat(row["as_of"]) for row in rows]
    last, bands = rows[-1], []
    share = last["unit"] in ("percent", "rank")
    start = [(span[0], 0.0)] if not share and span[0] < days[0] else []
    times: Any = mdates.date2num([d for d, _ in start] + days)
    actual = [v for _, v in start] + [float(row["actual"]) for row in rows]
    ax.plot(times, actual, color=PALETTE[0], linewidth=2.2, marker="o", markersize=5, zorder=4, gid="actual",
            clip_on=False)  # fmt: skip
    low, high = (
        [float(row["actual"] if missing(row[c]) else row[c]) for row in rows] for c in ("actual_low", "actual_high")
    )
    if any(a < b for a, b in zip(low, high, strict=True)):
        zero = [0.0] * len(start)
        ax.fill_between(times, zero + low, zero + high, linewidth=0, zorder=1, **_BANDS["range"])
        bands.append("range")
    begin, end = mdates.date2num(span)
    ax.plot([begin, end], [target, target], color=INK, linewidth=1.2, zorder=2)
    first = float(rows[0]["expected_share"]) * target if share and not missing(rows[0]["expected_share"]) else 0.0
    paced = [mdates.date2num(days[0]), end] if share else [begin, end]
    ax.plot(paced, [first, target], color=FAINT, linestyle="--", linewidth=1.3, zorder=2, gid="even")

    def told(value: float, qualifier: object = "exact") -> str:
        return bounded(short(value), qualifier=qualifier, unit=last["unit"], lang=lang)

    names = [
        (end, target, say["even"]),
        (end, target, f"{say['target']}: {told(target, last['qualifier'] or 'exact')}"),
    ]
    reached = f"{say['actual']}: {told(actual[-1])}"
    if days[-1] < span[1]:
        beside(ax, reached, (times[-1], actual[-1]), 9, va="top", fontsize=8.5)
    else:
        names.append((times[-1], actual[-1], reached))
    if not missing(last["projected"]) and days[-1] < span[1]:
        reach = float(last["projected"])
        names.append((end, reach, f"{say['ahead']}: {told(reach)}"))
        bands += _ahead(ax, last, [times[-1], end], (actual[-1], low[-1], high[-1]))
    return names, bands


def _ahead(ax: Axes, last: dict[str, Any], times: list[float], now: tuple[float, float, float]) -> list[str]:
    """Draw what is projected from the last day on; which band there is."""
    ends = [float(last[c]) for c in ("projected", "projected_low", "projected_high")]
    middle, low, high = (list(pair) for pair in zip(now, ends, strict=True))
    ax.plot(times, middle, color=PALETTE[1], linestyle=":", linewidth=2, zorder=3, gid="ahead")
    if any(map(math.isnan, ends)):
        return []
    ax.fill_between(times, low, high, linewidth=0, zorder=1, gid="band", **_BANDS["band"])
    return ["band"]


def _dates(ax: Axes, lang: str) -> None:
    first, last = ax.get_xlim()
    months = (last - first) / 30.4
    step = 12 if months > 40 else 6 if months > 20 else 3 if months > 9 else 1
    days = mdates.MonthLocator(bymonth=range(1, 13, step)).tick_values(*mdates.num2date([first, last]))
    form = "%m/%Y" if lang == "vi" else "%b %Y"
    # Beyond the end there are names, not days.
    shown = [day for day in days if first <= day <= last + 1]
    ax.set_xticks(shown, [mdates.num2date(day).strftime(form) for day in shown])
