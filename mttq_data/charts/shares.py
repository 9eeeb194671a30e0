"""The demographic shares of a report: how large each group of the population is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mttq_data.charts.bars import bar_of, draw_bars
from mttq_data.charts.style import axes_of, empty, source_line, theme, wrapped
from mttq_data.wording import check_lang, indicator_name, readable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TITLE = {"vi": "Tỷ lệ của các nhóm trong dân số", "en": "Groups as shares of the population"}
# The title says "share of the population" once; the labels need not.
_SAID_BY_TITLE = {
    "vi": ("Tỷ lệ ", " trong dân số"),
    "en": ("Share of ", " share of the population", " share of population", " in the population", ", of population"),
}


def plot_shares(data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", source: str = "") -> Axes:
    """Draw the shares of the population, largest on top.

    Groups overlap (women, farmers, the elderly), so the bars stand side by
    side and do not add up. A share known only by a bound has an open end.

    Parameters
    ----------
    data : DataFrame
        Statistics; rows whose indicator ends in ``_share_of_population`` are
        drawn, in percent. One colour a document.
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    source : str
        What the source line names instead of the documents.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"indicator": "women_share_of_population", "value": 49.6, "unit": "percent", "qualifier": "exact"}
    >>> ax = plot_shares(pd.DataFrame([row]), lang="en")
    >>> [text.get_text() for text in ax.texts]
    ['49.6%']
    """
    check_lang(lang)
    rows = _rows(data)
    with theme():
        ax = axes_of(ax, len(rows))
        ax.set_title(_TITLE[lang])
        if rows.empty:
            source_line(ax, data, lang, source)
            return empty(ax, lang)
        several = "document" in rows and rows["document"].nunique() > 1
        records = [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]
        bars = [
            bar_of(row, _label(row["indicator"], lang), lang, readable(row["document"]) if several else "")
            for row in records
        ]
        below = draw_bars(ax, bars, "percent", lang, limit=100)
        source_line(ax, rows, lang, source, below)
    return ax


def _rows(data: pd.DataFrame) -> pd.DataFrame:
    if data.empty or "indicator" not in data:
        return data.iloc[:0]
    named = data["indicator"].astype("string").str.endswith("_share_of_population").fillna(False).astype(bool)
    known = data["value"].notna()
    if {"low", "high"} <= set(data.columns):
        known |= data["low"].notna() & data["high"].notna()
    rows = data[named & known]
    keys = [c for c in ("document", "indicator") if c in rows]
    rows = rows.drop_duplicates(keys)
    size = rows["value"].fillna(rows["high"]) if "high" in rows else rows["value"]
    top = size.groupby(rows["indicator"]).transform("max")
    order = rows.assign(_top=top, _size=size).sort_values(
        ["_top", "indicator", "_size"], ascending=False, kind="stable"
    )
    return order.drop(columns=["_top", "_size"])


def _label(indicator: object, lang: str) -> str:
    name = indicator_name(indicator, lang)
    for said in _SAID_BY_TITLE[lang]:
        name = name.replace(said, "")
    name = name.strip(" ,")
    return wrapped(name[:1].upper() + name[1:])
