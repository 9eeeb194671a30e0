"""Seconds `compare` needs for 100,000 compared rows on one core (required: 2).

Run ``python benchmarks/compare.py``. Half of the rows are plain results of two
terms, half carry bounds or meet targets by year.
"""

from __future__ import annotations

import platform
import time

import numpy as np
import pandas as pd

from mttq_data.codelists import indicators
from mttq_data.comparison.comparison import compare

ROWS = 100_000
REQUIRED = 2.0


def frames(rows: int = ROWS, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two terms of ``rows`` figures: the indicators of the catalogue by made-up areas."""
    random = np.random.default_rng(seed)
    catalogue = indicators()[["id", "unit"]]
    areas = [f"place {n}" for n in range(-(-rows // len(catalogue)))]
    base = catalogue.merge(pd.DataFrame({"area": areas}), how="cross").head(rows).rename(columns={"id": "indicator"})
    sides = []
    for period in ("2019-2024", "2024-2029"):
        value = random.lognormal(4, 2, rows).round(2)
        qualifier = random.choice(["exact", "exact", "gt", "lt"], rows)
        sides.append(base.assign(value=value, qualifier=qualifier, period=period, role="actual", scope="province"))
    sides[1].loc[sides[1].index[::2], "per"] = "year"
    return sides[0], sides[1].fillna({"per": ""})


def main(runs: int = 3) -> None:
    """Print the seconds of three runs and the best."""
    a, b = frames()
    compare(a.head(100), b.head(100))
    times, cpu = [], []
    for _ in range(runs):
        start, busy = time.perf_counter(), time.process_time()
        compared = compare(a, b)
        times.append(time.perf_counter() - start)
        cpu.append(time.process_time() - busy)
    print(f"{platform.python_version()}, one process; {len(compared):,} compared rows")
    print(f"compare: {min(times):.2f} s, of the processor {min(cpu):.2f} s (required {REQUIRED} s)")
    print(compared["verdict"].value_counts().to_string())


if __name__ == "__main__":
    main()
