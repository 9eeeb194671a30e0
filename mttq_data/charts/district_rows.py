"""Which rows the charts by district draw: one indicator, measure and period, and the areas that sent nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mttq_data.charts.drawing import of_one
from mttq_data.errors import MttqError
from mttq_data.periods import last_day, parse_period
from mttq_data.places.area_codes import areas
from mttq_data.wording import missing

if TYPE_CHECKING:
    import pandas as pd

COUNTED = ("ok", "repaired", "accepted")


def figures_of(data: pd.DataFrame, indicator: str | None, measure: str, period: str | None) -> tuple[pd.DataFrame, str]:
    """The rows of one indicator, measure and period, with ``value`` emptied where it counts in no total.

    Returns
    -------
    DataFrame, str
        The rows and the indicator chosen; by default the commonest, of the last period.
    """
    rows, chosen = of_one(data, "indicator", indicator)
    if "measure" in rows:
        rows = rows[rows["measure"].astype("string").fillna("period") == measure]
    if "period" in rows and len(rows):
        last = period or max(map(str, rows["period"]), key=lambda p: parse_period(p).end)
        rows = rows[rows["period"].astype(str) == last]
    rows = rows.copy()
    if "status" in rows:
        rows["value"] = rows["value"].where(rows["status"].isin(COUNTED))
    return rows, chosen


def with_absent(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, and one without a value for every unit of their level that has none.

    Only where at least half of the units under the same parent are there: a few
    areas picked out are meant as they are.
    """
    import pandas as pd

    if rows.empty or "period" not in rows:
        return rows
    when = rows["borders"].iloc[0] if "borders" in rows else rows["period"].iloc[0]
    try:
        table = areas(last_day(str(when)))
    except MttqError:
        return rows
    here = set(rows["area"].astype(str))
    mine = table[table["code"].isin(here)]
    if len(mine) < len(here) or mine["level"].nunique() != 1:
        return rows
    peers = table[(table["level"] == mine["level"].iloc[0]) & table["parent"].isin(mine["parent"])]
    absent = peers[~peers["code"].isin(here)]
    if absent.empty or len(mine) < len(absent):
        return rows
    same = {c: rows[c].iloc[0] for c in ("period", "indicator", "measure", "unit", "borders") if c in rows}
    added = pd.DataFrame({"area": absent["code"], "value": float("nan")} | same)
    return pd.concat([rows, added], ignore_index=True)


def named(rows: pd.DataFrame) -> dict[str, str]:
    """Names the rows give their areas, as those of groups."""
    if "name" not in rows:
        return {}
    return {str(a): str(n) for a, n in zip(rows["area"], rows["name"], strict=True) if not missing(n)}


def sentence(text: str) -> str:
    """The text with a capital first letter, the rest as it is.

    Examples
    --------
    >>> sentence("quý IV năm 2024")
    'Quý IV năm 2024'
    """
    return text[:1].upper() + text[1:]
