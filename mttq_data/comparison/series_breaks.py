"""Where a series breaks between two figures."""

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
