"""Shares of a total: the ratio of the sums of its units, with the bounds the missing ones leave."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mttq_data.totals.adding import Ratio
from mttq_data.totals.observed import Observed
from mttq_data.totals.table import CROSSES, OPEN, Sums

_KEY = ["target", "period", "measure"]


def ratios(rows: pd.DataFrame, sums: Sums, made: Observed, over_time: bool, estimate: bool) -> pd.DataFrame:
    """The shares that numerators and denominators in ``rows`` allow, shaped as ``sums.rows``.

    Parameters
    ----------
    rows : DataFrame
        One row a unit and figure: ``target, area, period, indicator, measure,
        value, low, high, ok, crosses``; places in the lists of ``made``, which
        gets the names of shares nobody reported.
    sums : Sums
        Described totals, for what each should rest on.
    made : Observed
    over_time : bool
        The rows are summed up over time.
    estimate : bool
        Divided units count.
    """
    parts = []
    for name, ratio in made.rules.ratios.items():
        if ratio.part in made.indicators and ratio.base in made.indicators:
            reported = name in made.indicators
            if reported or ratio.measures:
                made_now = _ratio(rows, sums, made, name, ratio, over_time, estimate)
                if made_now is not None:
                    parts.append(made_now)
    return pd.concat(parts, ignore_index=True) if parts else sums.rows.iloc[:0]


def _ratio(
    rows: pd.DataFrame,
    sums: Sums,
    made: Observed,
    name: str,
    ratio: Ratio,
    over_time: bool,
    estimate: bool,
) -> pd.DataFrame | None:
    part, base = (made.indicators.index(i) for i in (ratio.part, ratio.base))
    keys = [*_KEY, "area"]
    top, bottom = (_of(rows, indicator, [*keys, "value", "low", "high"], estimate) for indicator in (part, base))
    if not over_time and ratio.measures:
        fitting = [at for at, m in enumerate(made.measures) if m in ratio.measures]
        top, bottom = top[top["measure"].isin(fitting)], bottom[bottom["measure"].isin(fitting)]
    both = bottom.merge(top, on=keys, how="left", suffixes=("_base", "_part"))
    if both.empty:
        return None
    if name not in made.indicators:
        made.indicators.append(name)
    both["known"] = both["counts_base"].astype(bool)
    both["paired"] = both["known"] & both["counts_part"].eq(True)
    exact = both["paired"] & (both["low_part"] == both["value_part"]) & (both["high_part"] == both["value_part"])
    both["low_part"] = both["low_part"].fillna(0.0).clip(lower=0.0)
    both["high_part"] = np.fmin(both["high_part"].fillna(np.inf), both["high_base"] if ratio.within else np.inf)
    both["high_part"] = both["high_part"].where(~exact, both["value_part"])
    ends = [f"{end}_{of}" for of in ("part", "base") for end in ("low", "high")]
    values = both[["value_part", "value_base"]].where(both["paired"], 0.0)
    grouped = both.assign(**values, **both[ends].where(both["known"], 0.0)).groupby(_KEY)
    total = grouped[["value_part", "value_base", *ends]].sum()
    total["bases"], total["counted"] = grouped["known"].sum(), grouped["paired"].sum()
    total = total.reset_index()
    paired = both.loc[both["paired"], [*_KEY, "area"]]
    return _bounded(total, paired, sums, base, made, made.indicators.index(name), ratio)


def _of(rows: pd.DataFrame, indicator: int, columns: list[str], estimate: bool) -> pd.DataFrame:
    """The figures of one indicator, and which of them count."""
    some = rows[rows["indicator"].to_numpy() == indicator]
    return some[columns].assign(counts=some["ok"] & (estimate | (some["crosses"] == 0)))


def _bounded(
    total: pd.DataFrame, paired: pd.DataFrame, sums: Sums, base: int, made: Observed, place: int, ratio: Ratio
) -> pd.DataFrame:
    """Set value, bounds and what they rest on, from the denominators' total."""
    bases = sums.rows.loc[sums.rows["indicator"] == base, [*_KEY, "expected", "basis", "why", "itself", "rank", "some"]]
    made_now = total.merge(bases, on=_KEY, how="inner")
    with np.errstate(divide="ignore", invalid="ignore"):
        made_now["value"] = 100 * made_now["value_part"] / made_now["value_base"].where(made_now["value_base"] > 0)
        every = (made_now["bases"] == made_now["expected"]) & (made_now["low_base"] > 0)
        low, high = (100 * made_now[f"{a}_part"] / made_now[f"{b}_base"] for a, b in (("low", "high"), ("high", "low")))
    top = 100.0 if ratio.within else np.nan
    made_now["low"] = low.where(every, 0.0)
    made_now["high"] = high.where(every, top).replace(np.inf, top).clip(upper=100.0 if ratio.within else np.inf)
    refused = made_now["why"].isin([OPEN, CROSSES])
    made_now.loc[refused, "value"] = np.nan
    lacking = made_now["counted"] < made_now["expected"]
    some = paired.merge(made_now.loc[lacking, _KEY], on=_KEY)
    there: dict[tuple[int, ...], set[str]] = {}
    for *key, area in some.itertuples(index=False):
        there.setdefault(tuple(key), set()).add(made.areas[area])
    missing = np.zeros(len(made_now), dtype=np.int64)
    wanted = made_now.loc[lacking, [*_KEY, "basis"]].itertuples(index=False)
    for at, (*key, basis) in zip(np.flatnonzero(lacking), wanted, strict=True):
        known = there.get(tuple(key), set())
        missing[at] = sums.list_at(" ".join(u for u in sums.bases[basis].units if u not in known))
    return made_now.assign(indicator=place, told=made_now["bases"], missing=missing)
