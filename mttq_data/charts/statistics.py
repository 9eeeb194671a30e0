"""The results of one programme and the shares of the population: figures of one unit, bounds as open ends."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from mttq_data.charts.bars import bar_of, draw_bars
from mttq_data.charts.drawing import of_one, sentence, with_value
from mttq_data.charts.finishing import finish
from mttq_data.charts.style import axes_of, chart, empty
from mttq_data.codelists import read_codelist
from mttq_data.tables.tables import records
from mttq_data.wording import indicator_name, label, missing, readable, shown_period, unit_name

_MOST = 24
# Rows alike in all of these say the same thing again.
_SAME = ("document", "indicator", "unit", "value", "low", "high", "qualifier", "period", "role", "scope")
_TITLE = {"vi": "Số liệu của báo cáo", "en": "Statistics of the report"}
_LEFT_OUT = {"vi": "vẽ {} trong {} số liệu", "en": "{} of {} figures drawn"}

_SHARES = {"vi": "Tỷ lệ của các nhóm trong dân số", "en": "Groups as shares of the population"}
# The title says "share of the population" once; the labels need not.
_SAID_BY_SHARES = {
    "vi": ("Tỷ lệ ", " trong dân số"),
    "en": ("Share of ", " share of the population", " share of population", " in the population", ", of population"),
}


@chart
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
    topic : str, optional
        Topic of the catalogue of indicators to keep, such as ``housing``.
    unit : str, optional
        Unit to draw, such as ``VND``; one axis holds one. By default the
        commonest. What is left out is counted beside the axis' unit.
    ax, lang, title, source

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"indicator": "fund_for_the_poor_raised", "value": 103.5e9, "unit": "VND", "qualifier": "gt"}
    >>> ax = plot_statistics(pd.DataFrame([row]))
    >>> [text.get_text() for text in ax.texts]
    ['trên 103,5 tỷ đồng']
    """
    every = _known(data, topic)
    rows, unit = of_one(every, "unit", unit)
    rows = rows.assign(_size=_size(rows)).sort_values("_size", ascending=False, kind="stable").head(_MOST)
    ax = axes_of(ax, title or (label("topic", topic, lang) if topic else _TITLE[lang]), len(rows))
    if rows.empty:
        return finish(empty(ax, lang), data, lang, source)
    handles = draw_bars(ax, _bars(rows, lang), unit, lang, limit=100 if unit == "percent" else None)
    if len(rows) < len(every):
        ax.set_xlabel(f"{ax.get_xlabel()} ({_LEFT_OUT[lang].format(len(rows), len(every))})")
    return finish(ax, rows, lang, source, handles=handles)


def _size(rows: pd.DataFrame) -> Any:
    """What the bars are ordered by: the value, of a range its upper end."""
    return rows["value"].fillna(rows["high"]) if "high" in rows else rows.get("value")


def _known(data: pd.DataFrame, topic: str | None) -> pd.DataFrame:
    rows = with_value(data, ranges=True)
    if topic and len(rows):
        known = read_codelist("indicators", key=["id"], required=["topic"])
        rows = rows[rows["indicator"].isin([row["id"] for row in known if row["topic"] == topic])]
    named = rows["indicator"].notna() & (rows["indicator"] != "") if "indicator" in rows else False
    return rows[~(rows.duplicated([c for c in _SAME if c in rows]) & named)] if len(rows) else rows


def _bars(rows: pd.DataFrame, lang: str) -> list[Any]:
    every = records(rows)
    names = [_name(row, lang) for row in every]
    bars = []
    for name, row in zip(names, every, strict=True):
        alike = [other for said, other in zip(names, every, strict=True) if said == name]
        # A sum each year beside one of a whole term must say so.
        yearly = label("per", row.get("per"), lang)
        parts = [yearly, *(_told_apart(column, row, alike, lang) for column in ("period", "scope"))]
        added = ", ".join(filter(None, parts))
        text = f"{name} ({added})" if added else name
        bars.append(bar_of(row, text, lang, label("role", row.get("role"), lang)))
    return bars


def _told_apart(column: str, row: dict[str, Any], alike: list[dict[str, Any]], lang: str) -> str:
    """What distinguishes a figure from others of the same name; empty where they do not differ in it."""
    if len({str(other.get(column)) for other in alike}) < 2:
        return ""
    return shown_period(row.get(column), lang) if column == "period" else label(column, row.get(column), lang)


def _name(row: dict[str, Any], lang: str) -> str:
    """Indicator, else the words counted, else the unit."""
    if not missing(row.get("indicator")):
        return indicator_name(row["indicator"], lang)
    return readable(row.get("counted")) or unit_name(row.get("unit"), lang)


@chart
def plot_shares(
    data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", title: str = "", source: str = ""
) -> Axes:
    """Draw the shares of the population, largest on top.

    Groups overlap (women, farmers, the elderly), so the bars stand side by
    side and do not add up. A share known only by a bound has an open end.

    Parameters
    ----------
    data : DataFrame
        Statistics; rows whose indicator ends in ``_share_of_population`` are
        drawn, in percent. One colour a document.
    ax, lang, title, source

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"indicator": "women_share_of_population", "value": 49.6, "unit": "percent", "qualifier": "exact"}
    >>> ax = plot_shares(pd.DataFrame([row]), lang="en")
    >>> [text.get_text() for text in ax.texts]
    ['49.6%']
    """
    rows = _share_rows(data)
    ax = axes_of(ax, title or _SHARES[lang], len(rows))
    if rows.empty:
        return finish(empty(ax, lang), data, lang, source)
    several = "document" in rows and rows["document"].nunique() > 1
    bars = [
        bar_of(row, _share_label(row["indicator"], lang), lang, readable(row["document"]) if several else "")
        for row in records(rows)
    ]
    return finish(ax, rows, lang, source, handles=draw_bars(ax, bars, "percent", lang, limit=100))


def _share_rows(data: pd.DataFrame) -> pd.DataFrame:
    rows = with_value(data, ranges=True)
    if rows.empty or "indicator" not in rows:
        return rows.iloc[:0]
    rows = rows[rows["indicator"].astype("string").str.endswith("_share_of_population").fillna(False).astype(bool)]
    rows = rows.drop_duplicates([c for c in ("document", "indicator") if c in rows])
    size = _size(rows)
    order = rows.assign(_top=size.groupby(rows["indicator"]).transform("max"), _size=size)
    return order.sort_values(["_top", "indicator", "_size"], ascending=False, kind="stable")


def _share_label(indicator: object, lang: str) -> str:
    name = indicator_name(indicator, lang)
    for said in _SAID_BY_SHARES[lang]:
        name = name.replace(said, "")
    return sentence(name.strip(" ,"))
