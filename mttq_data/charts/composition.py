"""What a total is made of: parts one after the other, or several totals as shares side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.drawing import records, sources_of, with_value
from mttq_data.charts.places import area_label
from mttq_data.charts.style import (
    FAINT,
    INK,
    PALETTE,
    as_plain_text,
    axes_of,
    axis_unit,
    empty,
    number_axis,
    shown_period,
    source_line,
    theme,
    wrapped,
)  # fmt: skip
from mttq_data.errors import MttqError
from mttq_data.wording import bounded, check_lang, indicator_name, label, missing, number, readable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TITLE = {"vi": "Cơ cấu", "en": "Composition"}
_REST = {"vi": "{} phần còn lại", "en": "{} other parts"}
_REST_SHORT = {"vi": "Còn lại", "en": "Others"}
_TOTAL = {"vi": "Tổng cộng", "en": "Total"}
_UNKNOWN = {"vi": "Chưa có số liệu: {}", "en": "No figure: {}"}
_SHARE = {"vi": "Tỷ lệ trong tổng, %", "en": "Share of the total, %"}
_MOST_PARTS, _MOST_GROUPS, _NARROW = 20, 5, 0.06
_CHARACTER = 0.0135
_OPEN = {"gt", "ge"}


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
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    part : str, optional
        Column that names the part; by default ``area`` where there are several
        areas, else ``indicator``. Parts past the twentieth are drawn together.
    whole : str, optional
        Column that names the total a part belongs to, such as ``period``: each
        total is then one bar of 100 %. Without it all rows make one total and
        each part begins where the one above ended.
    title, source : str
        Instead of the general title and the sources in ``data``.

    Returns
    -------
    Axes

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
    check_lang(lang)
    for column in filter(None, (part, whole)):
        if column not in data:
            raise MttqError(f"no column {column!r}; the columns are {', '.join(map(str, data.columns))}")
    rows = with_value(data)
    unit = _one_unit(rows)
    part = part or _part_column(data)
    with theme():
        ax = axes_of(ax, rows[whole].nunique() + 2) if whole else axes_of(ax, min(len(rows), _MOST_PARTS + 1) + 1)
        ax.set_title(wrapped(title or _heading(rows, part, lang), 80, 2))
        named = sources_of(rows if len(rows) else data, lang, source)
        if rows.empty or not part or not rows["value"].sum():
            source_line(ax, data.iloc[:0], lang, named)
            return empty(ax, lang)
        (_shares if whole else _cascade)(ax, rows, part, whole or "", unit, lang)
        lost = [_name(part, v, lang) for v in data.loc[data["value"].isna(), part]] if "value" in data else []
        if lost:
            text = wrapped(_UNKNOWN[lang].format(", ".join(lost)) + ".", 105, 3)
            ax.annotate(text, (0, 0), (0, -72 if whole else -40), xycoords="axes fraction", va="top", fontsize=8,
                        textcoords="offset points", color=INK, gid="mttq-note")  # fmt: skip
        source_line(ax, rows, lang, named, (76 if whole else 46) + 24 * bool(lost))
        as_plain_text(ax)
    return ax


def _one_unit(rows: pd.DataFrame) -> str:
    units = sorted({str(u) for u in rows.get("unit", ()) if not missing(u)})
    if len(units) > 1:
        raise MttqError(f"parts of one total have one unit, these have {', '.join(units)}; choose the rows of one")
    if len(rows) and (rows["value"] < 0).any():
        raise MttqError("a part of a total cannot be negative; correct it or leave it out")
    return units[0] if units else ""


def _part_column(data: pd.DataFrame) -> str:
    if "area" in data and data["area"].nunique() > 1:
        return "area"
    return next((c for c in ("indicator", "area", "period") if c in data), "")


def _heading(rows: pd.DataFrame, part: str, lang: str) -> str:
    codes = {str(c) for c in rows.get("indicator", ()) if not missing(c)}
    return indicator_name(codes.pop(), lang) if part != "indicator" and len(codes) == 1 else _TITLE[lang]


def _name(column: str, value: object, lang: str, on: str = "") -> str:
    if column == "area":
        return area_label(value, on)
    if column == "period":
        return shown_period(value)
    return label(column, value, lang) if column in ("indicator", "scope", "topic", "role") else readable(value)


def _when(row: dict[str, Any]) -> str:
    """The period whose names of areas hold; codes are used again after a merger."""
    return "" if missing(row.get("period")) else str(row["period"])


def _cascade(ax: Axes, rows: pd.DataFrame, part: str, whole: str, unit: str, lang: str) -> None:
    """Largest part on top, each beginning where the last ended, the total below."""
    order = records(rows.sort_values("value", ascending=False, kind="stable"))
    shown, rest = order[:_MOST_PARTS], order[_MOST_PARTS:]
    total = float(rows["value"].sum())
    bars = [
        (_name(part, r[part], lang, _when(r)), float(r["value"]), str(r.get("qualifier") or "exact")) for r in shown
    ]
    if rest:
        bars.append((_REST[lang].format(len(rest)), sum(float(r["value"]) for r in rest), _least(rest)))
    shares = [number(value / total * 100, lang, 1) for _, value, _ in bars]
    phrases = [
        f"{bounded(value, qualifier=sure, unit=unit, lang=lang)} ({share}%)"
        for (_, value, sure), share in zip(bars, shares, strict=True)
    ]
    right = total / (1 - min(_CHARACTER * (max(map(len, phrases)) + 2), 0.45))
    begin = 0.0
    for y, ((_, value, _), phrase) in enumerate(zip(bars, phrases, strict=True)):
        ax.barh(y, value, left=begin, height=0.62, color=PALETTE[0], zorder=2)
        ax.plot([begin + value] * 2, [y, y + 1], color="#BBBBBB", linewidth=0.8, zorder=1)
        _phrase(ax, y, (begin, begin + value, right), phrase)
        begin += value
    ax.barh(len(bars), total, height=0.62, color=PALETTE[4], zorder=2)
    least = _least(order)
    ax.annotate(bounded(total, qualifier=least, unit=unit, lang=lang), (total, len(bars)), (5, 0), va="center",
                textcoords="offset points", fontsize=9, weight="bold", gid="mttq-total")  # fmt: skip
    ax.set_yticks(range(len(bars) + 1), [*(wrapped(name) for name, *_ in bars), _TOTAL[lang]])
    ax.set_ylim(len(bars) + 0.5, -0.5)
    ax.set_xlim(0, right)
    scale, words = axis_unit(unit, total, lang)
    number_axis(ax.xaxis, lang, scale)
    ax.set_xlabel(words)


def _phrase(ax: Axes, y: int, ends: tuple[float, float, float], phrase: str) -> None:
    """A part's figure after its bar, before it where there is no room, else on it."""
    begin, end, right = ends
    need = _CHARACTER * (len(phrase) + 1)
    at, offset, side, colour = end, 5, "left", INK
    if end / right + need > 1:
        at, offset, side, colour = (begin, -5, "right", INK) if begin / right >= need else (end, -5, "right", "white")
    ax.annotate(phrase, (at, y), (offset, 0), va="center", ha=side, fontsize=9, color=colour, zorder=3,
                textcoords="offset points", gid="mttq-value")  # fmt: skip


def _least(parts: list[dict[str, Any]]) -> str:
    """How sure a sum is: over as soon as one part is "over", about where bounds of both sides meet."""
    kinds = {str(p.get("qualifier") or "exact") for p in parts} - {"exact", "nan", "<NA>"}
    if not kinds:
        return "exact"
    return "gt" if kinds <= _OPEN else "lt" if kinds <= {"lt", "le"} else "approx"


def _shares(ax: Axes, rows: pd.DataFrame, part: str, whole: str, unit: str, lang: str) -> None:
    """One bar of 100 % for each total, the largest parts apart and the rest together."""
    sums = rows.groupby(rows[part].astype("string"))["value"].sum().sort_values(ascending=False, kind="stable")
    kept = list(sums.index[: _MOST_GROUPS if len(sums) <= _MOST_GROUPS else _MOST_GROUPS - 1])
    groups = [*kept, ""] if len(sums) > len(kept) else kept
    wholes = sorted({str(w) for w in rows[whole]})
    texts = rows[part].astype("string")
    for y, name in enumerate(wholes):
        own = rows[whole].astype("string") == name
        total, begin = float(rows.loc[own, "value"].sum()), 0.0
        for k, group in enumerate(groups):
            chosen = (texts == group) if group else ~texts.isin(kept)
            share = float(rows.loc[own & chosen, "value"].sum()) / total * 100 if total else 0.0
            if share:
                _segment(ax, y, begin, share, k, lang)
                begin += share
        ax.annotate(bounded(total, qualifier=_least(records(rows[own])), unit=unit, lang=lang), (100, y), (6, 0),
                    textcoords="offset points", va="center", fontsize=9, gid="mttq-total")  # fmt: skip
    on = max((_when(row) for row in records(rows)), default="")
    names = [_name(part, group, lang, on) if group else _REST_SHORT[lang] for group in groups]
    handles = [
        Patch(facecolor=PALETTE[k], edgecolor=FAINT, linewidth=0.4, label=wrapped(name, 30, 1))
        for k, name in enumerate(names)
    ]
    under = ax.transAxes + ScaledTranslation(0, -40 / 72, ax.figure.dpi_scale_trans)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
    ax.legend(handles=handles, ncols=3, fontsize=8, frameon=False, borderaxespad=0, borderpad=0, **place)
    ax.set_yticks(range(len(wholes)), [wrapped(_name(whole, w, lang)) for w in wholes])
    ax.set_ylim(len(wholes) - 0.5, -0.5)
    ax.set_xlim(0, 128)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel(_SHARE[lang])


def _segment(ax: Axes, y: int, begin: float, share: float, k: int, lang: str) -> None:
    colour = PALETTE[k % len(PALETTE)]
    ax.barh(y, share, left=begin, height=0.62, color=colour, edgecolor="white", linewidth=0.8, zorder=2)
    if share / 128 >= _NARROW:
        light = sum(c * w for c, w in zip(to_rgb(colour), (0.2126, 0.7152, 0.0722), strict=True)) > 0.45
        ax.text(begin + share / 2, y, f"{number(share, lang, 1)}%", ha="center", va="center", fontsize=9, zorder=3,
                color=INK if light else "white", gid="mttq-value")  # fmt: skip
