"""Seconds that ``roll_up`` takes for a million observations.

    python benchmarks/roll_up.py [--observations 1000000]

Three sets: the ten districts with every indicator of the catalogue, the communes
of 2020 to 2024, and the 99 communes since July 2025, as many months as it takes,
three measures, one observation in fifty suspect or missing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

import mttq_data as mttq
from mttq_data.forms.forms import form
from mttq_data.totals.totals import roll_up

LIMIT = 3.0


def observations(count: int, units: list[str], last: tuple[int, int], indicators: Sequence[str]) -> pd.DataFrame:
    """``count`` observations, month by month, back from the month ``last``."""
    measures = ("plan", "period", "cumulative")
    months = -(-count // (len(units) * len(indicators) * len(measures)))
    end = last[0] * 12 + last[1] - 1
    periods = [f"{at // 12}-{at % 12 + 1:02d}" for at in range(end, end - months, -1)]
    index = pd.MultiIndex.from_product([periods, units, indicators, measures])
    frame = index.to_frame(index=False, name=["period", "area", "indicator", "measure"]).head(count)
    rng = np.random.default_rng(1)
    status = np.array(["ok"] * 98 + ["suspect", "missing"], dtype=object)[rng.integers(0, 100, len(frame))]
    value = rng.integers(0, 100_000, len(frame)).astype(float)
    return frame.assign(value=value, status=status, form="", revision=1)


def seconds(frame: pd.DataFrame, to: str | list[str]) -> tuple[float, float]:
    """Time passed and processor time, each the best of three runs."""
    passed, worked = [], []
    for _ in range(3):
        start = time.perf_counter(), time.process_time()
        roll_up(frame, to=to)
        passed.append(time.perf_counter() - start[0])
        worked.append(time.process_time() - start[1])
    return min(passed), min(worked)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--observations", type=int, default=1_000_000)
    args = parser.parse_args()
    every, some = mttq.indicators()["id"].tolist(), form("front_work").indicators
    districts, before, now = (
        mttq.areas(on=on, level=level)["code"].tolist()
        for on, level in (("2024-12-31", "district"), ("2024-12-31", "commune"), ("2025-12-31", "commune"))
    )
    by_districts = observations(args.observations, districts, (2024, 12), every)
    by_communes = observations(args.observations, before, (2024, 12), some)
    by_new_communes = observations(args.observations, now, (2031, 12), some)
    print(f"observations              {len(by_districts):,}, each line required within {LIMIT:.0f} s")
    for name, frame, to in (
        ("districts to province", by_districts, "province"),
        ("districts, as they are", by_districts, "district"),
        ("districts to group", by_districts, "group"),
        ("districts, by quarter", by_districts, ["province", "quarter"]),
        ("communes to districts", by_communes, "district"),
        ("communes to province", by_communes, "province"),
        ("new communes to province", by_new_communes, "province"),
        ("and to the old districts", by_new_communes, "district"),
    ):
        passed, worked = seconds(frame, to)
        print(f"{name:25} {passed:6.2f} s, of the processor {worked:.2f} s")


if __name__ == "__main__":
    main()
