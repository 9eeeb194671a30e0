"""How far each target is reached: a bullet a target, with what was due by now and what is not sure."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mttq_data.charts.finishing import finish
from mttq_data.charts.style import FAINT, INK, PALETTE, axes_of, beside, chart, empty, number_axis, row_labels
from mttq_data.tables.tables import records
from mttq_data.target_progress.words import short
from mttq_data.wording import bounded, figure, indicator_name, label, missing, number, shown_period

_WORDS = {
    "vi": {"title": "Mức đạt của các mục tiêu", "axis": "% của mục tiêu", "due": "mức cần có đến nay",
           "range": "khoảng chưa chắc chắn", "nothing": "chưa có số liệu", "words": "không nêu con số",
           "to": "đến {}", "reached": "đã đạt", "on track": "đúng tiến độ", "behind": "chậm tiến độ",
           "unknown": "chưa kết luận được"},
    "en": {"title": "How far the targets are reached", "axis": "% of the target", "due": "due by now",
           "range": "range not settled", "nothing": "no figures yet", "words": "names no figure",
           "to": "to {}", "reached": "reached", "on track": "on track", "behind": "behind",
           "unknown": "not known"},
}  # fmt: skip
_LOOKS: dict[str, dict[str, Any]] = {
    "reached": {"facecolor": PALETTE[0]},
    "on track": {"facecolor": PALETTE[2]},
    "behind": {"facecolor": PALETTE[1], "hatch": "///", "edgecolor": "white"},
    "unknown": {"facecolor": "#DDDDDD", "edgecolor": PALETTE[4], "linestyle": ":"},
}
_FULL, _MOST = 100.0, 150.0


@chart
def plot_targets(
    data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", title: str = "", source: str = ""
) -> Axes:
    """Draw the progress of targets as bullets, in percent of each target.

    The line at 100 is the target, the short upright line what was due by now,
    the whisker the range that bounds or missing returns leave open. A bar that
    goes beyond 150 is cut and its figure written.

    Parameters
    ----------
    data : DataFrame
        As `progress` gives it, one place; targets without a figure are listed.
    ax, lang, title, source

    Examples
    --------
    >>> import pandas as pd
    >>> from mttq_data.target_progress.judging import progress
    >>> row = {"area": "24", "period": "2024", "indicator": "fund_for_the_poor_raised", "value": 30e9, "unit": "VND"}
    >>> found = progress(pd.DataFrame([row]))
    >>> ax = plot_targets(found[found["indicator"] == "fund_for_the_poor_raised"], lang="en")
    >>> ax.texts[0].get_text()
    '30 billion VND / over 40 billion VND'
    """
    rows, say = records(data), _WORDS[lang]
    ax = axes_of(ax, title or say["title"], len(rows))
    if not rows:
        return finish(empty(ax, lang), data, lang, source)
    places = {str(row["area"]) for row in rows}
    size = row_labels(ax, [_label(row, len(places) > 1, lang) for row in rows], 40)
    for y, row in enumerate(rows):
        _bullet(ax, y, row, min(size, 8), lang)
    ax.axvline(_FULL, color=INK, linewidth=1.4, zorder=3)
    ax.set_xlim(0, _MOST)
    number_axis(ax.xaxis, lang, label=say["axis"])
    ax.set_xticks([0, 50, 100, 150])
    days = sorted({str(row["as_of"]) for row in rows if not missing(row["as_of"])})
    shown = [shown_period(day, lang) for day in dict.fromkeys(days[:1] + days[-1:])]
    told = say["to"].format(" – ".join(shown)) if shown else ""
    return finish(ax, data, lang, source, handles=_handles(rows, lang), periods=told)


def _bullet(ax: Axes, y: int, row: dict[str, Any], size: float, lang: str) -> None:
    share, gid = _percent(row["share"]), f"state-{row['state']}"
    if math.isnan(share):
        words = missing(row["indicator"]) or all(missing(row[c]) for c in ("value", "low", "high"))
        said = _WORDS[lang]["words" if words else "nothing"]
        beside(ax, said, (0, y), fontsize=size, color=FAINT, gid="no-bar")
        return
    look = _LOOKS.get(row["state"], _LOOKS["unknown"])
    if share == 0:
        mark: dict[str, Any] = {"color": look["facecolor"], "linestyle": "none", "clip_on": False, "zorder": 5}
        ax.plot([0], [y], marker="X", markersize=9, gid=gid, **mark)
        beside(ax, _said(row, share, lang), (0, y), 10, fontsize=size)
        return
    ax.barh(y, min(share, _MOST), height=0.5, linewidth=1, zorder=2, gid=gid, **look)
    low, high = _whisker(row, share)
    if low < high and low < _MOST:
        ends = [max(low, 0.0), min(high, _MOST)]
        # Dark on a white ground, so that it is seen on a dark bar too.
        for color, width in (("white", 3.4), (INK, 1.3)):
            ax.plot(ends, [y, y], color=color, linewidth=width, zorder=4, marker="|", markersize=7,
                    gid="range" if color == INK else None)  # fmt: skip
    due = _percent(row["expected_share"])
    if not math.isnan(due) and due < _FULL:
        for color, width in (("white", 4.2), (INK, 2.4)):
            ax.plot([due, due], [y - 0.36, y + 0.36], color=color, linewidth=width, zorder=5,
                    gid="due" if color == INK else None)  # fmt: skip
    end = min(max(share, high if high < math.inf else share, _FULL), _MOST)
    beside(ax, _said(row, share, lang), (end, y), 7, fontsize=size)


def _percent(share: object) -> float:
    return math.nan if missing(share) else 100 * float(share)  # type: ignore[arg-type]


def _whisker(row: dict[str, Any], share: float) -> tuple[float, float]:
    """The range of the figure, as shares of the target."""
    value = row["actual"]
    if missing(value) or not float(value):
        level = row["actual_low"]
        each = share / float(level) if not missing(level) and float(level) else math.nan
    else:
        each = share / float(value)
    ends = [share if missing(row[c]) else float(row[c]) * each for c in ("actual_low", "actual_high")]
    return (share, share) if any(map(math.isnan, ends)) else (ends[0], ends[1])


def _said(row: dict[str, Any], share: float, lang: str) -> str:
    value = row["actual"] if not missing(row["actual"]) else row["actual_low"]
    if row["unit"] == "rank":
        rank = {"kind": "rank", "unit": "rank"}
        asked = figure({**rank, "value": row["value"], "qualifier": "le"}, lang)
        return f"{figure({**rank, 'value': value}, lang)} / {asked}"
    asked = bounded(row["value"], row["low"], row["high"], row["qualifier"] or "exact", row["unit"], lang)
    text = f"{bounded(short(float(value)), unit=row['unit'], lang=lang)} / {asked}"
    return f"{text} ({number(share, lang, 0)}%)" if share > _MOST else text


def _label(row: dict[str, Any], several: bool, lang: str) -> str:
    place = str(row.get("area_name") or row["area"]) if several else ""
    if missing(row["indicator"]):
        return " – ".join(filter(None, (str(row.get("text_vi") or "") if lang == "vi" else "Target in words", place)))
    alike = "_per_" in str(row["indicator"]) and not missing(row["scope"])
    added = ", ".join(filter(None, (label("scope", row["scope"], lang) if alike else "", place)))
    return indicator_name(row["indicator"], lang) + (f" ({added})" if added else "")


def _handles(rows: list[dict[str, Any]], lang: str) -> list[Any]:
    drawn, say = [row for row in rows if not math.isnan(_percent(row["share"]))], _WORDS[lang]
    used = {row["state"] for row in drawn}
    handles: list[Any] = [Patch(label=say[state], **look) for state, look in _LOOKS.items() if state in used]
    if any(_percent(row["expected_share"]) < _FULL for row in drawn):
        mark: dict[str, Any] = {"marker": "|", "linestyle": "none", "markersize": 11, "markeredgewidth": 2.4}
        handles.append(Line2D([], [], color=INK, label=say["due"], **mark))
    if any(low < min(high, _MOST) for low, high in (_whisker(row, _percent(row["share"])) for row in drawn)):
        handles.append(Line2D([], [], color=INK, linewidth=1.3, marker="|", markersize=7, label=say["range"]))
    return handles
