"""Which rows the charts by district draw: one indicator, measure and period, and the areas that sent nothing."""

from __future__ import annotations

import pandas as pd

from mttq_data.charts.drawing import of_one, period_key
from mttq_data.errors import MttqError
from mttq_data.periods import last_day
from mttq_data.places.area_codes import areas
from mttq_data.wording import missing

_COUNTED = ("ok", "repaired", "accepted")


def counted(data: pd.DataFrame, indicator: str | None, measure: str) -> tuple[pd.DataFrame, str]:
    """The rows of one indicator (by default the commonest) and measure, and that indicator.

    ``value`` is emptied where it counts in no total.
    """
    rows, chosen = of_one(data, "indicator", indicator)
    if "measure" in rows:
        rows = rows[rows["measure"].astype("string").fillna("period") == measure]
    if "status" in rows:
        rows = rows.assign(value=rows["value"].where(rows["status"].isin(_COUNTED)))
    return rows, chosen


def figures_of(data: pd.DataFrame, indicator: str | None, measure: str, period: str | None) -> tuple[pd.DataFrame, str]:
    """The `counted` rows of one period, by default the last, with a row for each unit that has none."""
    rows, chosen = counted(data, indicator, measure)
    if "period" in rows and len(rows):
        last = period or max(map(str, rows["period"]), key=period_key)
        rows = rows[rows["period"].astype(str) == last]
    return _with_absent(rows), chosen


def _with_absent(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, and one without a value for every unit of their level that has none.

    Only where at least half of the units under the same parent are there: a few
    areas picked out are meant as they are.
    """
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
