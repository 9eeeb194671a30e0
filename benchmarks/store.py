"""Returns a second into the store, read and checked, on one core; bytes an observation; reading them back.

    python benchmarks/store.py [--files 1000]

Required: 200 returns a second read, checked and stored; below 60 bytes an
observation beside the originals. Exits with 1 when either is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from returns import make

RETURNS_A_SECOND, BYTES = 200.0, 60.0


def beside_originals(path: Path) -> tuple[int, int]:
    """Bytes of the store's file beside the originals kept in it, and the number of observations."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        originals = connection.execute("SELECT sum(length(content)) FROM original").fetchone()[0]
        count = connection.execute("SELECT count(*) FROM observation").fetchone()[0]
    return path.stat().st_size - originals, count


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=1000)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from mttq_data.store.store import Store

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = make(folder / "returns", options.files)
        store = Store(folder / "store.sqlite")
        store.load(paths[0])  # imports and codelists, which every run pays once
        start, busy = time.perf_counter(), time.process_time()
        done = store.load(paths)
        rate = (len(paths) - 1) / (time.perf_counter() - start)
        alone = (len(paths) - 1) / (time.process_time() - busy)
        start = time.perf_counter()
        store.load(paths)
        again = len(paths) / (time.perf_counter() - start)
        start = time.perf_counter()
        frame = store.observations()
        back = time.perf_counter() - start
        size, count = beside_originals(store.path)
        problems = len(store.problems())
    print(f"{len(done.returns)} returns, {count} observations, {problems} problems, {len(done.failures)} failures")
    print(f"read, checked and stored     {rate:8.0f} returns/s   (required {RETURNS_A_SECOND:.0f})")
    print(f"  of processor time alone    {alone:8.0f} returns/s")
    print(f"loaded again, nothing new    {again:8.0f} returns/s")
    print(f"beside the originals         {size / count:8.1f} bytes an observation (required below {BYTES:.0f})")
    print(f"read back as a frame         {len(frame) / back:8.0f} observations/s")
    good = rate >= RETURNS_A_SECOND and size / count < BYTES and len(done.returns) == len(paths)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
