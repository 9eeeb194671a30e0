"""What a total is made of: parts one after the other, or several totals as shares side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from mttq_data.charts.drawing import period_key, unit_of, with_value
from mttq_data.charts.finishing import finish
from mttq_data.charts.places import area_label
from mttq_data.charts.style import (
    HATCHES,
    PALE,
    PALETTE,
    axes_of,
    beside,
    chart,
    empty,
    inside,
    number_axis,
    row_labels,
)
from mttq_data.errors import MttqError
from mttq_data.tables.tables import records
from mttq_data.wording import bounded, indicator_name, label, missing, number, readable, shown_period

_WORDS = {
    "vi": {"title": "Cơ cấu", "rest": "{} phần còn lại", "others": "Còn lại", "total": "Tổng cộng",
           "unknown": "Chưa có số liệu: {}", "share": "Tỷ lệ trong tổng, %"},
    "en": {"title": "Composition", "rest": "Other parts: {}", "others": "Others", "total": "Total",
           "unknown": "No figure: {}", "share": "Share of the total, %"},
}  # fmt: skip
_MOST_PARTS, _MOST_GROUPS, _NARROW = 20, 5, 8.0
_OPEN = {"gt", "ge"}


@chart
def plot_composition(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    part: str | None = None,
    whole: str | None = None,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw what a total is made of.

    Parameters
    ----------
    data : DataFrame
        One row a part with its ``value`` (not negative), all of one ``unit``;
        ``qualifier, period, source`` are used where they stand.
    part : str, optional
        Column that names the part; by default ``area`` where there are several
        areas, else ``indicator``. Parts past the twentieth are drawn together.
    whole : str, optional
        Column that names the total a part belongs to, such as ``period``: each
        total is then one bar of 100 %. Without it all rows make one total and
        each part begins where the one above ended.
    ax, lang, title, source

    Raises
    ------
    MttqError
        Several units, a negative part, or an unknown column.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"area": ["213", "218"], "value": [30, 10], "unit": "house"})
    >>> [text.get_text() for text in plot_composition(rows, lang="en").texts]
    ['30 houses (75%)', '10 houses (25%)', '40 houses']
    """
    for column in filter(None, (part, whole)):
        if column not in data:
            raise MttqError(f"no column {column!r}; the columns are {', '.join(map(str, data.columns))}")
    rows = with_value(data)
    unit = _one_unit(rows)
    part = part or _part_column(data)
    bars = rows[whole].nunique() + 1 if whole else min(len(rows), _MOST_PARTS + 1) + 1
    ax = axes_of(ax, title or _heading(rows, part, lang), bars)
    if rows.empty or not part or not rows["value"].sum():
        return finish(empty(ax, lang), data, lang, source, periods="")
    handles = _shares(ax, rows, part, whole, unit, lang) if whole else _cascade(ax, rows, part, unit, lang)
    lost = ", ".join(_name(part, v, lang) for v in data.loc[data["value"].isna(), part])
    return finish(ax, rows, lang, source, handles=handles, notes=[lost and _WORDS[lang]["unknown"].format(lost)])


def _one_unit(rows: pd.DataFrame) -> str:
    units = sorted({str(u) for u in rows.get("unit", ()) if not missing(u)})
    if len(units) > 1:
        raise MttqError(f"parts of one total have one unit, these have {', '.join(units)}; choose the rows of one")
    if len(rows) and (rows["value"] < 0).any():
        raise MttqError("a part of a total cannot be negative; correct it or leave it out")
    return unit_of(rows)


def _part_column(data: pd.DataFrame) -> str:
    if "area" in data and data["area"].nunique() > 1:
        return "area"
    return next((c for c in ("indicator", "area", "period") if c in data), "")


def _heading(rows: pd.DataFrame, part: str, lang: str) -> str:
    codes = {str(c) for c in rows.get("indicator", ()) if not missing(c)}
    return indicator_name(codes.pop(), lang) if part != "indicator" and len(codes) == 1 else _WORDS[lang]["title"]


def _name(column: str, value: object, lang: str, on: object = "") -> str:
    if column == "area":
        return area_label(value, "" if missing(on) else str(on))
    if column == "period":
        return shown_period(value, lang)
    return label(column, value, lang) if column in ("indicator", "scope", "topic", "role") else readable(value)


def _cascade(ax: Axes, rows: pd.DataFrame, part: str, unit: str, lang: str) -> list[Any]:
    """Largest part on top, each beginning where the last ended, the total below."""
    order = records(rows.sort_values("value", ascending=False, kind="stable"))
    shown, rest = order[:_MOST_PARTS], order[_MOST_PARTS:]
    total = float(rows["value"].sum())
    bars = [(_name(part, r[part], lang, r.get("period")), float(r["value"]), _least([r])) for r in shown]
    if rest:
        bars.append((_WORDS[lang]["rest"].format(len(rest)), sum(float(r["value"]) for r in rest), _least(rest)))
    size = row_labels(ax, [*(name for name, *_ in bars), _WORDS[lang]["total"]])
    begin = 0.0
    for y, (_, value, sure) in enumerate(bars):
        ax.barh(y, value, left=begin, height=0.62, color=PALETTE[0], zorder=2)
        ax.plot([begin + value] * 2, [y, y + 1], color=PALE, linewidth=0.8, zorder=1)
        said = f"{bounded(value, qualifier=sure, unit=unit, lang=lang)} ({number(value / total * 100, lang, 1)}%)"
        # After the bar; before it where that saves widening the axes.
        before = begin + value > 0.6 * total and begin > 0.45 * total
        beside(ax, said, (begin if before else begin + value, y), -5 if before else 5, fontsize=size, gid="mttq-value")
        begin += value
    ax.barh(len(bars), total, height=0.62, color=PALETTE[4], zorder=2)
    said = bounded(total, qualifier=_least(order), unit=unit, lang=lang)
    beside(ax, said, (total, len(bars)), fontsize=size, weight="bold", gid="mttq-total")
    ax.set_xlim(0, total)
    number_axis(ax.xaxis, lang, unit, total)
    return []


def _least(parts: list[dict[str, Any]]) -> str:
    """How sure a sum is: over as soon as one part is "over", about where bounds of both sides meet."""
    kinds = {"exact" if missing(p.get("qualifier")) else str(p["qualifier"]) for p in parts} - {"exact"}
    if len(parts) == 1 or not kinds:
        return next(iter(kinds), "exact")
    return "gt" if kinds <= _OPEN else "lt" if kinds <= {"lt", "le"} else "approx"


def _shares(ax: Axes, rows: pd.DataFrame, part: str, whole: str, unit: str, lang: str) -> list[Any]:
    """One bar of 100 % for each total, the largest parts apart and the rest together."""
    texts, owns = rows[part].astype("string"), rows[whole].astype("string")
    sums = rows.groupby(texts)["value"].sum().sort_values(ascending=False, kind="stable")
    kept = list(sums.index[: _MOST_GROUPS if len(sums) <= _MOST_GROUPS else _MOST_GROUPS - 1])
    groups = [*kept, ""] if len(sums) > len(kept) else kept
    looks: list[dict[str, Any]] = [
        {"facecolor": PALETTE[k], "hatch": HATCHES[k], "edgecolor": "white"} for k in range(len(groups))
    ]
    wholes = sorted(set(owns), key=period_key)
    size = row_labels(ax, [_name(whole, w, lang) for w in wholes])
    for y, name in enumerate(wholes):
        own = owns == name
        total, begin = float(rows.loc[own, "value"].sum()), 0.0
        for group, look in zip(groups, looks, strict=True):
            chosen = (texts == group) if group else ~texts.isin(kept)
            share = float(rows.loc[own & chosen, "value"].sum()) / total * 100 if total else 0.0
            if share:
                _segment(ax, y, (begin, share), look, size, lang)
                begin += share
        said = bounded(total, qualifier=_least(records(rows[own])), unit=unit, lang=lang)
        beside(ax, said, (100, y), fontsize=size, gid="mttq-total")
    on = max(rows.get("period", [""]), key=period_key)
    names = [_name(part, group, lang, on) if group else _WORDS[lang]["others"] for group in groups]
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel(_WORDS[lang]["share"])
    return [Patch(label=name, **look) for name, look in zip(names, looks, strict=True)]


def _segment(ax: Axes, y: int, span: tuple[float, float], look: dict[str, Any], size: float, lang: str) -> None:
    begin, share = span
    ax.barh(y, share, left=begin, height=0.62, linewidth=0.8, zorder=2, **look)
    if share >= _NARROW:
        inside(ax, f"{number(share, lang, 1)}%", (begin + share / 2, y), look, size, gid="mttq-value")
