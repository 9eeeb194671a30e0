"""How far each target is reached: a bullet a target, with what was due by now and what is not sure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.drawing import records, sources_of
from mttq_data.charts.style import (
    FAINT,
    INK,
    PALETTE,
    as_plain_text,
    axes_of,
    empty,
    number_axis,
    source_line,
    theme,
    wrapped,
)
from mttq_data.target_progress.words import short
from mttq_data.wording import bounded, check_lang, figure, indicator_name, label, missing, number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TITLE = {"vi": "Mức đạt của các mục tiêu", "en": "How far the targets are reached"}
_AXIS = {"vi": "% của mục tiêu", "en": "% of the target"}
_STATES = {
    "vi": {"reached": "đã đạt", "on track": "đúng tiến độ", "behind": "chậm tiến độ", "unknown": "chưa kết luận được"},
    "en": {"reached": "reached", "on track": "on track", "behind": "behind", "unknown": "not known"},
}
_LOOKS: dict[str, dict[str, Any]] = {
    "reached": {"facecolor": PALETTE[0]},
    "on track": {"facecolor": PALETTE[2]},
    "behind": {"facecolor": PALETTE[1], "hatch": "///", "edgecolor": "white"},
    "unknown": {"facecolor": "#DDDDDD", "edgecolor": PALETTE[4], "linestyle": ":"},
}
_DUE = {"vi": "mức cần có đến nay", "en": "due by now"}
_RANGE = {"vi": "khoảng chưa chắc chắn", "en": "range not settled"}
_NOTHING = {"vi": "chưa có số liệu", "en": "no figures yet"}
_WORDS = {"vi": "không nêu con số", "en": "names no figure"}
_OF = "{} / {}"
_FULL, _MOST = 100.0, 150.0
_LEGEND_BELOW, _SOURCE_BELOW = 40.0, 78.0


def plot_targets(data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", source: str = "") -> Axes:
    """Draw the progress of targets as bullets, in percent of each target.

    The line at 100 is the target, the short upright line what was due by now,
    the whisker the range that bounds or missing returns leave open. A bar that
    goes beyond 150 is cut and its figure written.

    Parameters
    ----------
    data : DataFrame
        As `progress` gives it, one place; targets without a figure are listed.
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
    >>> from mttq_data.target_progress.judging import progress
    >>> row = {"area": "24", "period": "2024", "indicator": "fund_for_the_poor_raised", "value": 30e9, "unit": "VND"}
    >>> found = progress(pd.DataFrame([row]))
    >>> ax = plot_targets(found[found["indicator"] == "fund_for_the_poor_raised"], lang="en")
    >>> ax.texts[0].get_text()
    '30 billion VND / over 40 billion VND'
    """
    check_lang(lang)
    rows = records(data)
    with theme():
        ax = axes_of(ax, len(rows))
        ax.set_title(_TITLE[lang])
        if not rows:
            return empty(ax, lang)
        for y, row in enumerate(rows):
            _bullet(ax, y, row, lang)
        ax.axvline(_FULL, color=INK, linewidth=1.4, zorder=3)
        ax.set_yticks(range(len(rows)), [wrapped(_label(row, lang), 40, 2) for row in rows])
        ax.tick_params("y", labelsize=8 if len(rows) > 14 else 9)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlim(0, _MOST + 105)  # room for the longest figure beside the longest bar
        number_axis(ax.xaxis, lang)
        ax.set_xticks([0, 25, 50, 75, 100, 125, 150])
        ax.set_xlabel(_AXIS[lang])
        _legend(ax, rows, lang)
        days = [_day(d, lang) for d in sorted({str(row["as_of"]) for row in rows if not missing(row["as_of"])})]
        told = data.assign(period="" if not days else f"{days[0]} – {days[-1]}" if len(days) > 1 else days[0])
        source_line(ax, told, lang, sources_of(data, lang, source), _SOURCE_BELOW)
        as_plain_text(ax)
    return ax


def _bullet(ax: Axes, y: int, row: dict[str, Any], lang: str) -> None:
    share = _percent(row["share"])
    if math.isnan(share):
        said = _WORDS[lang] if missing(row["indicator"]) or _without_figure(row) else _NOTHING[lang]
        ax.annotate(
            said, (0, y), (5, 0), textcoords="offset points", va="center", fontsize=8, color=FAINT, gid="no-bar"
        )
        return
    look = _LOOKS.get(row["state"], _LOOKS["unknown"])
    if share == 0:
        ax.plot([0], [y], marker="X", markersize=9, color=look["facecolor"], linestyle="none", clip_on=False, zorder=5,
                gid=f"state-{row['state']}")  # fmt: skip
        ax.annotate(
            _said(row, share, lang), (0, y), (10, 0), textcoords="offset points", va="center", fontsize=8, color=INK
        )
        return
    ax.barh(y, min(share, _MOST), height=0.5, linewidth=1, zorder=2, gid=f"state-{row['state']}", **look)
    low, high = _whisker(row, share)
    if low < high:
        ax.plot([min(low, _MOST), min(high, _MOST)], [y, y], color=INK, linewidth=1.3, zorder=4, marker="|", markersize=7,
                gid="range")  # fmt: skip
    due = _percent(row["expected_share"])
    if not math.isnan(due) and due < _FULL:
        ax.plot([due, due], [y - 0.36, y + 0.36], color=INK, linewidth=2.4, zorder=5, gid="due")
    end = min(max(share, high if high < math.inf else share, _FULL), _MOST)
    ax.annotate(_said(row, share, lang), (end, y), (7, 0), textcoords="offset points", va="center", ha="left", fontsize=8,
                color=INK, zorder=6)  # fmt: skip


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
        return _OF.format(
            figure({**rank, "value": value}, lang), figure({**rank, "value": row["value"], "qualifier": "le"}, lang)
        )
    asked = bounded(row["value"], row["low"], row["high"], row["qualifier"] or "exact", row["unit"], lang)
    text = _OF.format(bounded(short(float(value)), unit=row["unit"], lang=lang), asked)
    return f"{text} ({number(share, lang, 0)}%)" if share > _MOST else text


def _day(text: str, lang: str) -> str:
    return "/".join(reversed(text.split("-"))) if lang == "vi" else text


def _without_figure(row: dict[str, Any]) -> bool:
    return all(missing(row[c]) for c in ("value", "low", "high"))


def _label(row: dict[str, Any], lang: str) -> str:
    if missing(row["indicator"]):
        return str(row.get("text_vi") or "") if lang == "vi" else "Target in words"
    name = indicator_name(row["indicator"], lang)
    alike = "_per_" in str(row["indicator"]) and not missing(row["scope"])
    return f"{name} ({label('scope', row['scope'], lang)})" if alike else name


def _legend(ax: Axes, rows: list[dict[str, Any]], lang: str) -> None:
    drawn = [row for row in rows if not math.isnan(_percent(row["share"]))]
    used = dict.fromkeys(row["state"] for row in drawn)
    handles: list[Any] = [Patch(label=_STATES[lang][state], **look) for state, look in _LOOKS.items() if state in used]
    if any(_percent(row["expected_share"]) < _FULL for row in drawn):
        handles.append(Line2D([], [], color=INK, linewidth=2.4, marker="|", linestyle="none", markersize=11,
                              markeredgewidth=2.4, label=_DUE[lang]))  # fmt: skip
    if any(low < high for low, high in (_whisker(row, _percent(row["share"])) for row in drawn)):
        handles.append(Line2D([], [], color=INK, linewidth=1.3, marker="|", markersize=7, label=_RANGE[lang]))
    if handles:
        under = ax.transAxes + ScaledTranslation(0, -_LEGEND_BELOW / 72, ax.figure.dpi_scale_trans)
        place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
        ax.legend(handles=handles, ncols=3, fontsize=8, frameon=False, borderaxespad=0, borderpad=0, **place)
