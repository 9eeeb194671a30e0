"""A series over the years, broken where its definition changed and labelled on both sides."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from mttq_data.charts.drawing import of_one, short_figure, sources_of, spread, unit_of, with_value
from mttq_data.charts.finishing import finish
from mttq_data.charts.places import area_label
from mttq_data.charts.style import (
    FAINT,
    HALO,
    INK,
    PALE,
    PALETTE,
    axes_of,
    chart,
    empty,
    number_axis,
    wrapped,
)
from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.periods import parse_period
from mttq_data.tables.tables import records
from mttq_data.wording import indicator_name, missing, short_day

_WORDS = {
    "vi": {"title": "Diễn biến qua các năm", "break": "Không so được qua mốc {}: {}",
           "many": "{} địa bàn; ghi tên nơi cao nhất và thấp nhất",
           "left": "{} số liệu của kỳ dài khác hoặc phạm vi khác không vẽ"},
    "en": {"title": "Over the years", "break": "Not comparable across {}: {}",
           "many": "{} areas; the highest and lowest are named",
           "left": "Figures of another scope or length of period, not drawn: {}"},
}  # fmt: skip
_SIDES = {"vi": ("đến hết {}", "{}–{}", "từ {}"), "en": ("up to {}", "{}–{}", "from {}")}
_KINDS = ("year", "half", "quarter", "month", "days")
# Yellow is too pale for a line on white; dashes tell the lines apart in grey.
_LINES = ((PALETTE[0], "-"), (PALETTE[1], "--"), (PALETTE[2], "-"), (PALETTE[4], "-."), (INK, ":"))
_MARKERS = {"gt": "^", "ge": "^", "lt": "v", "le": "v"}
_STAGES = {"final": 0, "": 1, "preliminary": 2, "forecast": 3}
_MOST_TICKS, _MOST_LINES, _NAMED_OF_MANY = 12, 5, 3
# Points a character of a figure takes, at most, and a line of figures.
_LETTER, _LINE = 5.9, 15.0


@dataclass(frozen=True)
class Point:
    """One figure of a series: where in time, how large, how sure."""

    x: float
    value: float
    qualifier: str
    area: str
    side: int
    stage: int
    joined: bool


@chart
def plot_series(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    indicator: str | None = None,
    area: str | None = None,
    breaks: Mapping[str, str] | None = None,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw an indicator over the years; the line ends where the series breaks and begins anew.

    Parameters
    ----------
    data : DataFrame
        Observations, facts or statistics: ``indicator, period, value`` and,
        where they stand, ``qualifier, unit, area, measure, role, stage, source``.
        Plans and targets are left out, and so are, of other scopes and lengths
        of period than the commonest, those that make no series with it.
    indicator : str, optional
        Which one; by default the commonest in ``data``.
    area : str, optional
        Code of one area; by default each area has its line, over five of them
        in grey with the highest and lowest named.
    breaks : mapping, optional
        First day of the new series to the reason, instead of
        ``codes/series_breaks.csv``; ``{}`` for an unbroken line.
    ax, lang, title, source

    Raises
    ------
    MttqError
        For a break that is no day.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [{"indicator": "poverty_rate", "period": p, "value": v, "unit": "percent"}
    ...         for p, v in [("2019", 5.0), ("2020", 3.5), ("2021", 5.3), ("2022", 3.8)]]
    >>> ax = plot_series(pd.DataFrame(rows), lang="en")
    >>> [line.get_gid() for line in ax.lines]
    ['mttq-break', 'mttq-line', 'mttq-line']
    """
    rows, indicator = of_one(_measured(data), "indicator", indicator)
    if area is not None and "area" in rows:
        rows = rows[rows["area"].astype("string") == area]
    rows, left_out = _comparable(rows)
    known = _breaks(indicator) if breaks is None else dict(breaks)
    points = _points(rows, sorted(map(_year_of, known)))
    ax = axes_of(ax, title or indicator_name(indicator, lang) or _WORDS[lang]["title"], 7)
    if not points:
        return finish(empty(ax, lang), data, lang, source, periods="")
    scale = _axes(ax, points, unit_of(rows), lang)
    notes = _draw_breaks(ax, points, known, lang)
    notes += _draw_lines(ax, points, scale, lang)
    notes += [_WORDS[lang]["left"].format(left_out)] if left_out else []
    years = sorted({str(p)[:4] for p in rows["period"]} | {str(p)[-4:] for p in rows["period"] if str(p)[-5:-4] == "-"})
    span = "–".join(dict.fromkeys((years[0], years[-1])))
    return finish(ax, rows, lang, sources_of(rows, lang, source), notes=notes, periods=span)


def _measured(data: pd.DataFrame) -> pd.DataFrame:
    rows = with_value(data)
    if "period" not in rows:
        return rows.iloc[:0]
    rows = rows[rows["period"].notna() & (rows["period"] != "")]
    for column, out in (("measure", "plan"), ("role", "target")):
        if column in rows:
            rows = rows[rows[column].astype("string").fillna("") != out]
    return rows


def _comparable(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Figures of one scope and one length of period; how many others were left out."""
    every = len(rows)
    if not every:
        return rows, 0
    rows, _ = of_one(rows, "scope", None)
    kinds = [_kind(p) for p in rows["period"]]
    known = [k for k in kinds if k]
    if not known:
        return rows.iloc[:0], every
    # Of equally common lengths the first of the list: whole years before their parts.
    kind = max(_KINDS, key=known.count)
    rows = rows[[k == kind for k in kinds]]
    return rows, every - len(rows)


def _kind(period: object) -> str:
    try:
        return parse_period(str(period)).kind
    except MttqError:
        return ""


def _breaks(indicator: str) -> dict[str, str]:
    rows = read_codelist("series_breaks", key=["indicators", "date"], required=["reason_vi", "reason_en"])
    own = [row for row in rows if indicator in [name.strip() for name in row["indicators"].split("|")]]
    return {row["date"]: row["reason_vi"] + "\n" + row["reason_en"] for row in own}


def _year_of(day: str) -> float:
    try:
        at = date.fromisoformat(day)
    except ValueError as exc:
        raise MttqError(f"break {day!r}: write the first day of the new series, such as 2021-01-01") from exc
    return at.year + (at.timetuple().tm_yday - 1) / 366


def _points(rows: pd.DataFrame, breaks: Sequence[float]) -> list[Point]:
    found = []
    for row in records(rows):
        period = parse_period(str(row["period"]))
        whole = period.kind == "year"
        x = float(period.start.year) if whole else period.end.year + (period.end.timetuple().tm_yday - 183) / 366
        side = sum(x >= at - (0.0 if whole else 0.5) for at in breaks)
        stage = _STAGES.get("" if missing(row.get("stage")) else str(row.get("stage")), 1)
        qualifier = "exact" if missing(row.get("qualifier")) else str(row.get("qualifier"))
        place = "" if missing(row.get("area")) else str(row.get("area"))
        found.append(Point(x, float(row["value"]), qualifier, place, side, stage, period.kind != "days"))
    return sorted(found, key=lambda p: (p.area, p.x, p.stage))


def latest_run(rows: pd.DataFrame, indicator: str) -> list[Point]:
    """The points after the last break, one a year, in order: what may be compared with each other."""
    kept, _ = _comparable(_measured(rows))
    points = _points(kept, sorted(map(_year_of, _breaks(indicator))))
    last = max((p.side for p in points), default=0)
    best = {p.x: p for p in reversed(points) if p.side == last}
    return [best[x] for x in sorted(best)]


def _axes(ax: Axes, points: Sequence[Point], unit: str, lang: str) -> float:
    values, years = [p.value for p in points], [p.x for p in points]
    low, high = min(values), max(values)
    floor = 0.0 if 0 <= low <= high / 2 or low == high else low - (high - low) * 0.4
    top = high + ((high - floor) * 0.28 or abs(high) or 1.0)
    ax.set_ylim(min(floor, low), top)
    ax.set_xlim(min(years) - 0.6, max(years) + 0.6)
    span = range(math.floor(min(years)), math.ceil(max(years)) + 1)
    step = -(-len(span) // _MOST_TICKS)
    ax.set_xticks(span[::step], [str(year) for year in span[::step]])
    ax.grid(axis="x", visible=False)
    ax.grid(axis="y", visible=True)
    return number_axis(ax.yaxis, lang, unit, max(map(abs, values)))


def _draw_breaks(ax: Axes, points: Sequence[Point], known: Mapping[str, str], lang: str) -> list[str]:
    """Mark each break between the years drawn and name what lies on both sides of it."""
    first, last = min(p.x for p in points), max(p.x for p in points)
    # A year stands at its own tick, so the line between two years lies half a year before.
    inside = {day: at for day in sorted(known) if first < (at := _year_of(day)) <= last + 0.5}
    for at in inside.values():
        ax.axvline(at - 0.5, color=FAINT, linestyle=(0, (4, 3)), linewidth=1, gid="mttq-break", zorder=1)
    edges = [first - 0.6, *(at - 0.5 for at in inside.values()), last + 0.6]
    if inside:
        for k, (left, right) in enumerate(itertools.pairwise(edges)):
            ax.text((left + right) / 2, 0.97, _side(k, list(inside), lang), transform=ax.get_xaxis_transform(),
                    ha="center", va="top", fontsize=9, color=FAINT, gid="mttq-side", style="italic")  # fmt: skip
    reasons: dict[str, list[str]] = {}
    for day in inside:
        reasons.setdefault(known[day].split("\n")[-1 if lang == "en" else 0], []).append(short_day(day, lang))
    return [_WORDS[lang]["break"].format(", ".join(days), reason) for reason, days in reasons.items()]


def _side(k: int, days: Sequence[str], lang: str) -> str:
    until, between, since = _SIDES[lang]
    years = [date.fromisoformat(day).year for day in days]
    if k == 0:
        return until.format(years[0] - 1)
    if k == len(years):
        return since.format(years[-1])
    return between.format(years[k - 1], years[k] - 1) if years[k] - 1 > years[k - 1] else str(years[k - 1])


def _draw_lines(ax: Axes, points: Sequence[Point], scale: float, lang: str) -> list[str]:
    by_area = {area: [p for p in points if p.area == area] for area in dict.fromkeys(p.area for p in points)}
    many = len(by_area) > _MOST_LINES
    for k, own in enumerate(by_area.values()):
        _draw_one(ax, own, *((PALE, "-") if many else _LINES[k]), many)
    if len(by_area) == 1:
        _label_points(ax, points, scale, lang)
        return []
    ends = {area: own[-1] for area, own in by_area.items()}
    ranked = sorted(ends, key=lambda name: (-ends[name].value, name))
    named = dict.fromkeys([*ranked[:_NAMED_OF_MANY], *ranked[-_NAMED_OF_MANY:]] if many else ranked)
    label_ends(ax, [(p.x, p.value, f"{wrapped(area_label(area, f'{p.x:.0f}'), 26, 1)}: "
                     + short_figure(p.value, p.qualifier, scale, lang)) for area in named for p in (ends[area],)])  # fmt: skip
    return [_WORDS[lang]["many"].format(len(by_area))] if many else []


def _draw_one(ax: Axes, own: Sequence[Point], color: str, style: str, faint: bool) -> None:
    """One area's line, a piece for each side; a second figure for a year stands beside the line."""
    best = {p.x: p for p in reversed(own)}
    for side in sorted({p.side for p in own}):
        line = sorted((p for p in best.values() if p.side == side), key=lambda p: p.x)
        # Spans of days differ in length, so a line between them would claim a course.
        if line and line[0].joined:
            ax.plot([p.x for p in line], [p.value for p in line], color=color, zorder=2, gid="mttq-line",
                    linestyle=style, linewidth=0.9 if faint else 1.8)  # fmt: skip
    if faint:
        return
    for p in own:
        hollow = p.qualifier != "exact" or p.stage > 1
        look: dict[str, Any] = {"marker": _MARKERS.get(p.qualifier, "o"), "edgecolor": color, "linewidth": 1.5}
        size = 22 if best[p.x] is not p else 42
        ax.scatter([p.x], [p.value], s=size, facecolor="white" if hollow else color, zorder=3, **look)


def _label_points(ax: Axes, points: Sequence[Point], scale: float, lang: str) -> None:
    """Write the figures of one line, leaving out those that would lie over a neighbour's."""
    best = sorted({p.x: p for p in reversed(points)}.values(), key=lambda p: p.x)
    edges = {id(best[0]), id(best[-1]), id(max(best, key=lambda p: p.value)), id(min(best, key=lambda p: p.value))}
    sides = {id(p) for p, q in itertools.pairwise(best) if p.side != q.side}
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    figure: Any = ax.get_figure(root=True)
    box = ax.get_window_extent().transformed(figure.dpi_scale_trans.inverted())
    letter, line = (right - left) * _LETTER / 72 / box.width, (top - bottom) * _LINE / 72 / box.height
    taken: list[tuple[float, float, float]] = []
    for p in sorted(best, key=lambda p: (id(p) not in edges, id(p) not in sides, p.x)):
        text = short_figure(p.value, p.qualifier, scale, lang)
        # Off the line: to the right of it where it comes from above, to the left where it goes up.
        at = best.index(p)
        before, after = (
            q.value - p.value if q.side == p.side else 0.0
            for q in (best[max(at - 1, 0)], best[min(at + 1, len(best) - 1)])
        )
        ha, shift = ("left", 3) if before > 0 >= after else ("right", -3) if after > 0 >= before else ("center", 0)
        wide = letter * (len(text) + 1)
        begin = p.x - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[ha]
        if all(begin + wide <= a or begin >= b or abs(p.value - y) >= line for a, b, y in taken):
            taken.append((begin, begin + wide, p.value))
            ax.annotate(text, (p.x, p.value), (shift, 8 if not shift else 5), textcoords="offset points", ha=ha,
                               fontsize=9, color=INK, gid="mttq-value", path_effects=HALO)  # fmt: skip


def label_ends(ax: Axes, ends: Iterable[tuple[Any, float, str]], size: float = 8.5) -> None:
    """Name lines at their right ends, one name under another, each joined to its end."""
    known = list(ends)
    (bottom, top), (left, right) = ax.get_ylim(), ax.get_xlim()
    right += 0.025 * (right - left)
    figure: Any = ax.get_figure(root=True)
    gap = size * 1.5 * figure.dpi / 72 / ax.get_window_extent().height
    heights = spread([(y - bottom) / (top - bottom) for _, y, _ in known], gap)
    for least, at in enumerate(sorted(range(len(known)), key=lambda at: heights[at])):
        heights[at] = max(heights[at], gap * (least + 0.6))  # above the axis
    for (x, y, text), height in zip(known, heights, strict=True):
        ax.annotate(text, (x, y), (right, bottom + height * (top - bottom)), textcoords="data", va="center", ha="left",
                    fontsize=size, color=INK, gid="mttq-value", zorder=5, path_effects=HALO,
                    arrowprops={"arrowstyle": "-", "color": PALE, "linewidth": 0.7})  # fmt: skip
