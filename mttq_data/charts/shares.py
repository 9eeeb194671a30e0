"""The demographic shares of a report: how large each group of the population is."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from mttq_data.charts.bars import bar_of, draw_bars
from mttq_data.charts.drawing import records, sentence, with_value
from mttq_data.charts.finishing import finish
from mttq_data.charts.style import axes_of, chart, empty
from mttq_data.wording import indicator_name, readable

_TITLE = {"vi": "Tỷ lệ của các nhóm trong dân số", "en": "Groups as shares of the population"}
# The title says "share of the population" once; the labels need not.
_SAID_BY_TITLE = {
    "vi": ("Tỷ lệ ", " trong dân số"),
    "en": ("Share of ", " share of the population", " share of population", " in the population", ", of population"),
}


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
    rows = _rows(data)
    ax = axes_of(ax, title or _TITLE[lang], len(rows))
    if rows.empty:
        return finish(empty(ax, lang), data, lang, source)
    several = "document" in rows and rows["document"].nunique() > 1
    bars = [
        bar_of(row, _label(row["indicator"], lang), lang, readable(row["document"]) if several else "")
        for row in records(rows)
    ]
    return finish(ax, rows, lang, source, handles=draw_bars(ax, bars, "percent", lang, limit=100))


def _rows(data: pd.DataFrame) -> pd.DataFrame:
    rows = with_value(data, ranges=True)
    if rows.empty or "indicator" not in rows:
        return rows.iloc[:0]
    rows = rows[rows["indicator"].astype("string").str.endswith("_share_of_population").fillna(False).astype(bool)]
    rows = rows.drop_duplicates([c for c in ("document", "indicator") if c in rows])
    size = rows["value"].fillna(rows["high"]) if "high" in rows else rows["value"]
    order = rows.assign(_top=size.groupby(rows["indicator"]).transform("max"), _size=size)
    return order.sort_values(["_top", "indicator", "_size"], ascending=False, kind="stable")


def _label(indicator: object, lang: str) -> str:
    name = indicator_name(indicator, lang)
    for said in _SAID_BY_TITLE[lang]:
        name = name.replace(said, "")
    return sentence(name.strip(" ,"))
