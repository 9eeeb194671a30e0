"""Where a series or a territory breaks between two figures."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError

if TYPE_CHECKING:
    import pandas as pd


def breaks_between(indicator: pd.Series, low: np.ndarray, high: np.ndarray) -> list[tuple[np.ndarray, str, str]]:
    """Rows whose figures lie on both sides of a change in how the indicator is made.

    Parameters
    ----------
    indicator : Series
        Ids.
    low, high : ndarray
        Day numbers the two figures span.

    Returns
    -------
    list of (mask, reason_vi, reason_en)
        One for each break of ``codes/series_breaks.csv`` that is met.
    """
    rows = read_codelist("series_breaks", key=["indicators", "date"], required=["reason_vi", "reason_en"])
    met = []
    for row in rows:
        try:
            day = date.fromisoformat(row["date"]).toordinal()
        except ValueError as exc:
            raise MttqError(f"series_breaks.csv: {row['date']!r} is no day; write 2021-01-01") from exc
        named = {name.strip() for name in row["indicators"].split("|")}
        mask = (low < day) & (day <= high)
        if mask.any():
            mask &= indicator.isin(named).to_numpy()
            if mask.any():
                met.append((mask, row["reason_vi"], row["reason_en"]))
    return met


def territory_changes(area: pd.Series, low: np.ndarray, high: np.ndarray) -> list[tuple[np.ndarray, date]]:
    """Rows whose area got or gave territory between the two days, with the day it did."""
    codes: dict[date, set[str]] = {}
    rows = read_codelist("area_successors", key=["date", "old_code", "new_code"], required=["goes", "makes"])
    for row in rows:
        alike = row["old_code"] == row["new_code"] and row["goes"] == row["makes"] == "whole"
        if not alike:
            codes.setdefault(date.fromisoformat(row["date"]), set()).update((row["old_code"], row["new_code"]))
    met = []
    for day, changed in sorted(codes.items()):
        mask = (low < day.toordinal()) & (day.toordinal() <= high)
        if mask.any():
            mask &= area.isin(changed - {""}).to_numpy()
            if mask.any():
                met.append((mask, day))
    return met
