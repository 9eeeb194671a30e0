"""A series over the years, broken where its definition changed and labelled on both sides."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mttq_data.charts.drawing import of_one, records, short_figure, sources_of, spread, with_value
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
    wrapped,
)  # fmt: skip
from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.periods import parse_period
from mttq_data.wording import check_lang, indicator_name, missing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TITLE = {"vi": "Diễn biến qua các năm", "en": "Over the years"}
_SIDES = {
    "vi": ("đến hết {}", "{}–{}", "từ {}"),
    "en": ("up to {}", "{}–{}", "from {}"),
}
_BREAK = {"vi": "Không so được qua mốc {}: {}", "en": "Not comparable across {}: {}"}
_MANY = {"vi": "{} địa bàn; ghi tên nơi cao nhất và thấp nhất", "en": "{} areas; the highest and lowest are named"}
_LEFT_OUT = {
    "vi": "{} số liệu của kỳ dài khác hoặc phạm vi khác không vẽ",
    "en": "{} figures of another scope or length of period not drawn",
}
_KINDS = ("year", "half", "quarter", "month", "days")
# Yellow is too pale for a line on white; dashes help where two colours look alike.
_LINES = ((PALETTE[0], "-"), (PALETTE[1], "-"), (PALETTE[2], "-"), (PALETTE[4], "--"), (INK, ":"))
_MARKERS = {"gt": "^", "ge": "^", "lt": "v", "le": "v"}
_STAGES = {"final": 0, "": 1, "preliminary": 2, "forecast": 3}
_MOST_TICKS, _MOST_LINES, _NAMED_OF_MANY, _LABEL_GAP = 12, 5, 3, 0.055
_CHARACTER = 0.0115


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
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    indicator : str, optional
        Which one; by default the commonest in ``data``.
    area : str, optional
        Code of one area; by default each area has its line, over five of them
        in grey with the highest and lowest named.
    breaks : mapping, optional
        First day of the new series to the reason, instead of
        ``codes/series_breaks.csv``; ``{}`` for an unbroken line.
    title, source : str
        Instead of the indicator's name and the sources in ``data``.

    Returns
    -------
    Axes

    Raises
    ------
    MttqError
        For a language other than ``vi`` and ``en``, or a break that is no day.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [{"indicator": "poverty_rate", "period": p, "value": v, "unit": "percent"}
    ...         for p, v in [("2019", 5.0), ("2020", 3.5), ("2021", 5.3), ("2022", 3.8)]]
    >>> ax = plot_series(pd.DataFrame(rows), lang="en")
    >>> [line.get_gid() for line in ax.lines]
    ['mttq-break', 'mttq-line', 'mttq-line']
    """
    check_lang(lang)
    rows, indicator = of_one(_measured(data), "indicator", indicator)
    if area is not None and "area" in rows:
        rows = rows[rows["area"].astype("string") == area]
    rows, left_out = _comparable(rows)
    known = _breaks(indicator) if breaks is None else dict(breaks)
    points = _points(rows, sorted(map(_year_of, known)))
    unit = next((str(u) for u in rows.get("unit", ()) if not missing(u)), "")
    with theme():
        ax = axes_of(ax, 7)
        ax.set_title(wrapped(title or indicator_name(indicator, lang) or _TITLE[lang], 80, 2))
        if not points:
            source_line(ax, data.iloc[:0], lang, sources_of(data, lang, source))
            return empty(ax, lang)
        scale, unit_label = axis_unit(unit, max(abs(p.value) for p in points), lang)
        _axes(ax, points, scale, unit_label, lang)
        notes = _draw_breaks(ax, points, known, lang)
        notes += _draw_lines(ax, points, scale, lang)
        notes += [_LEFT_OUT[lang].format(left_out)] if left_out else []
        _notes(ax, rows, notes, lang, source)
        as_plain_text(ax)
    return ax


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


def _axes(ax: Axes, points: Sequence[Point], scale: float, unit: str, lang: str) -> None:
    values, years = [p.value for p in points], [p.x for p in points]
    low, high = min(values), max(values)
    floor = 0.0 if 0 <= low <= high / 2 or low == high else low - (high - low) * 0.4
    top = high + ((high - floor) * 0.28 or abs(high) or 1.0)
    ax.set_ylim(min(floor, low), top)
    ax.set_xlim(min(years) - 0.6, max(years) + 0.6)
    span = range(math.floor(min(years)), math.ceil(max(years)) + 1)
    step = -(-len(span) // _MOST_TICKS)
    ax.set_xticks(span[::step], [str(year) for year in span[::step]])
    number_axis(ax.yaxis, lang, scale)
    ax.grid(axis="x", visible=False)
    ax.grid(axis="y", visible=True)
    ax.set_ylabel(unit)


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
        reasons.setdefault(known[day].split("\n")[-1 if lang == "en" else 0], []).append(_shown_day(day, lang))
    return [_BREAK[lang].format(", ".join(days), reason) for reason, days in reasons.items()]


def _side(k: int, days: Sequence[str], lang: str) -> str:
    until, between, since = _SIDES[lang]
    years = [date.fromisoformat(day).year for day in days]
    if k == 0:
        return until.format(years[0] - 1)
    if k == len(years):
        return since.format(years[-1])
    return between.format(years[k - 1], years[k] - 1) if years[k] - 1 > years[k - 1] else str(years[k - 1])


def _shown_day(day: str, lang: str) -> str:
    at = date.fromisoformat(day)
    return f"{at.day}/{at.month}/{at.year}" if lang == "vi" else day


def _draw_lines(ax: Axes, points: Sequence[Point], scale: float, lang: str) -> list[str]:
    by_area = {area: [p for p in points if p.area == area] for area in dict.fromkeys(p.area for p in points)}
    many = len(by_area) > _MOST_LINES
    for k, own in enumerate(by_area.values()):
        _draw_one(ax, own, *(("#9A9A9A", "-") if many else _LINES[k]), many)
    ends = {area: own[-1] for area, own in by_area.items()}
    if len(by_area) == 1:
        _label_points(ax, points, scale, lang)
        return []
    ranked = sorted(ends, key=lambda name: (-ends[name].value, name))
    named = [*ranked[:_NAMED_OF_MANY], *ranked[-_NAMED_OF_MANY:]] if many else ranked
    _label_ends(ax, {area: ends[area] for area in named}, scale, lang)
    return [_MANY[lang].format(len(by_area))] if many else []


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
    left, right = ax.get_xlim()
    taken: list[tuple[float, float]] = []
    for p in sorted(best, key=lambda p: (id(p) not in edges, id(p) not in sides, p.x)):
        text = short_figure(p.value, p.qualifier, scale, lang)
        half = (right - left) * _CHARACTER * (len(text) + 1) / 2
        if all(p.x + half <= a or p.x - half >= b for a, b in taken):
            taken.append((p.x - half, p.x + half))
            ax.annotate(text, (p.x, p.value), (0, 8), textcoords="offset points", ha="center", fontsize=9, color=INK,
                        gid="mttq-value")  # fmt: skip


def _label_ends(ax: Axes, ends: Mapping[str, Point], scale: float, lang: str) -> None:
    from mttq_data.charts.places import area_label

    bottom, top = ax.get_ylim()
    heights = spread([(p.value - bottom) / (top - bottom) for p in ends.values()], _LABEL_GAP)
    right = ax.get_xlim()[1]
    reach = 0.0
    for (area, p), height in zip(ends.items(), heights, strict=True):
        name = wrapped(area_label(area, f"{p.x:.0f}"), 26, 1)
        text = f"{name}: {short_figure(p.value, p.qualifier, scale, lang)}"
        reach = max(reach, len(text))
        ax.annotate(text, (p.x, p.value), (right - 0.3, bottom + height * (top - bottom)), textcoords="data",
                    va="center", ha="left", fontsize=8.5, color=INK, gid="mttq-value",
                    arrowprops={"arrowstyle": "-", "color": "#BBBBBB", "linewidth": 0.7})  # fmt: skip
    left = ax.get_xlim()[0]
    ax.set_xlim(left, left + (right - left) / (1 - min(_CHARACTER * reach, 0.45)))


def _notes(ax: Axes, rows: pd.DataFrame, notes: Sequence[str], lang: str, source: str) -> None:
    periods = sorted({str(p) for p in rows["period"]})
    span = rows.iloc[:1].assign(period=f"{periods[0][:4]}-{periods[-1][:4]}" if len(periods) > 1 else periods[0])
    if "sample" in rows:
        span = span.assign(sample=bool((rows["sample"] == True).any()))
    if notes:
        text = wrapped(". ".join(notes) + ".", 105, 4)
        ax.annotate(text, (0, 0), (0, -26), xycoords="axes fraction", textcoords="offset points", va="top", ha="left",
                    fontsize=8, color=INK, gid="mttq-note")  # fmt: skip
    below = 30.0 + 11 * (wrapped(". ".join(notes), 105, 4).count("\n") + 1 if notes else 0)
    source_line(ax, span, lang, sources_of(rows, lang, source), below)
