"""The results of one programme: every figure of one unit, bounds drawn as open ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mttq_data.charts.bars import bar_of, draw_bars
from mttq_data.charts.style import axes_of, empty, shown_period, source_line, theme, wrapped
from mttq_data.codelists import read_codelist
from mttq_data.wording import check_lang, indicator_name, label, missing, readable, unit_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MOST = 24
# Rows alike in all of these say the same thing again.
_SAME = ("document", "indicator", "unit", "value", "low", "high", "qualifier", "period", "role", "scope")
_TITLE = {"vi": "Số liệu của báo cáo", "en": "Statistics of the report"}
_LEFT_OUT = {"vi": "vẽ {} trong {} số liệu", "en": "{} of {} figures drawn"}


def plot_statistics(
    data: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lang: str = "vi",
    topic: str | None = None,
    unit: str | None = None,
    title: str = "",
    source: str = "",
) -> Axes:
    """Draw the results of one programme, largest on top.

    Parameters
    ----------
    data : DataFrame
        Statistics; rows with a value or a range are drawn, coloured by role.
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    topic : str, optional
        Topic of the catalogue of indicators to keep, such as ``housing``.
    unit : str, optional
        Unit to draw, such as ``VND``; one axis holds one. By default the
        commonest. What is left out is counted in the title.
    title : str
        Title instead of the topic's name.
    source : str
        What the source line names instead of the documents.

    Returns
    -------
    Axes

    Raises
    ------
    MttqError
        For a language other than ``vi`` and ``en``.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"indicator": "fund_for_the_poor_raised", "value": 103.5e9, "unit": "VND", "qualifier": "gt"}
    >>> ax = plot_statistics(pd.DataFrame([row]))
    >>> [text.get_text() for text in ax.texts]
    ['trên 103,5 tỷ đồng']
    """
    check_lang(lang)
    rows = _known(data, topic)
    every = len(rows)
    unit = unit or _commonest(rows)
    rows = _ordered(rows[rows["unit"] == unit] if "unit" in rows else rows)
    with theme():
        ax = axes_of(ax, len(rows))
        heading = title or (label("topic", topic, lang) if topic else _TITLE[lang])
        ax.set_title(wrapped(heading, 70, 2))
        if rows.empty:
            source_line(ax, data, lang, source)
            return empty(ax, lang)
        below = draw_bars(ax, _bars(rows, lang), unit, lang, limit=100 if unit == "percent" else None)
        left_out = f" ({_LEFT_OUT[lang].format(len(rows), every)})" if len(rows) < every else ""
        ax.set_xlabel(ax.get_xlabel() + left_out)
        source_line(ax, rows, lang, source, below)
    return ax


def _known(data: pd.DataFrame, topic: str | None) -> pd.DataFrame:
    if data.empty or "value" not in data:
        return data.iloc[:0]
    known = data["value"].notna()
    if {"low", "high"} <= set(data.columns):
        known |= data["low"].notna() & data["high"].notna()
    if topic:
        ids = [
            row["id"] for row in read_codelist("indicators", key=["id"], required=["topic"]) if row["topic"] == topic
        ]
        known &= data["indicator"].isin(ids)
    rows = data[known]
    named = rows["indicator"].notna() & (rows["indicator"] != "") if "indicator" in rows else False
    return rows[~(rows.duplicated([c for c in _SAME if c in rows]) & named)]


def _commonest(rows: pd.DataFrame) -> str:
    units = [str(u) for u in rows.get("unit", ()) if not missing(u)]
    return max(sorted(set(units)), key=units.count, default="")


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return rows
    size = rows["value"].fillna(rows["high"]) if "high" in rows else rows["value"]
    return (
        rows.assign(_size=size).sort_values("_size", ascending=False, kind="stable").head(_MOST).drop(columns="_size")
    )


def _bars(rows: pd.DataFrame, lang: str) -> list[Any]:
    records = [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]
    names = [_name(row, lang) for row in records]
    bars = []
    for name, row in zip(names, records, strict=True):
        alike = [other for said, other in zip(names, records, strict=True) if said == name]
        # A sum each year beside one of a whole term must say so.
        yearly = label("per", row.get("per"), lang)
        parts = [yearly, *(_told_apart(column, row, alike, lang) for column in ("period", "scope"))]
        added = ", ".join(filter(None, parts))
        text = f"{name} ({added})" if added else name
        bars.append(bar_of(row, wrapped(text), lang, label("role", row.get("role"), lang)))
    return bars


def _told_apart(column: str, row: dict[str, Any], alike: list[dict[str, Any]], lang: str) -> str:
    """What distinguishes a figure from others of the same name; empty where they do not differ in it."""
    if len({str(other.get(column)) for other in alike}) < 2:
        return ""
    return shown_period(row.get(column)) if column == "period" else label(column, row.get(column), lang)


def _name(row: dict[str, Any], lang: str) -> str:
    """Indicator, else the words counted, else the unit."""
    if not missing(row.get("indicator")):
        return indicator_name(row["indicator"], lang)
    return readable(row.get("counted")) or unit_name(row.get("unit"), lang)
