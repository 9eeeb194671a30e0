"""Kill ``mttq load`` at random moments and look whether the store is whole each time.

    python benchmarks/soak.py [--kills 200] [--files 200] [--seed 1]     (make soak)

After each SIGKILL the store must open and be sound, every return that was
reported as loaded must be there whole, none in part; loading again must complete
it. Exits with 1 when anything is not so.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from returns import make

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.store.store import Store


@dataclass
class Tally:
    """What happened in the runs, and what was wrong."""

    killed: int = 0
    killed_before_any: int = 0
    killed_half_way: int = 0
    ended_before: int = 0
    completed: int = 0
    reported: int = 0
    faults: list[str] = field(default_factory=list)


class Soak:
    """Returns to load, and the store they give when nothing disturbs."""

    def __init__(self, folder: Path, files: int, seed: int) -> None:
        from mttq_data.store.store import Store

        self.random = random.Random(seed)
        self.folder = folder / "Báo cáo các đơn vị"
        make(self.folder, files)
        self.reference = Store(folder / "reference.sqlite")
        start = time.monotonic()
        process = subprocess.Popen(self.command(self.reference), stdout=subprocess.PIPE)
        self.wait_for_writing(self.reference, process)
        began = time.monotonic()
        said = [time.monotonic() for line in process.stdout or () if line.startswith(b"Loaded: ")]
        process.wait()
        self.full, self.writing = said[-1] - start, said[-1] - began
        self.expected = figures(self.reference)

    def command(self, store: Store) -> list[str]:
        """``mttq load`` of all returns into a store."""
        return [sys.executable, "-m", "mttq_data", "--lang", "en", "load", str(self.folder), "--store", str(store.path)]

    def load(self, store: Store) -> None:
        """Load without disturbing."""
        subprocess.run(self.command(store), check=True, capture_output=True)

    def wait_for_writing(self, store: Store, process: subprocess.Popen[bytes]) -> None:
        """Wait until the process has begun to write, or has ended."""
        size = store.path.stat().st_size if store.path.exists() else -1
        log = Path(f"{store.path}-wal")
        while process.poll() is None:
            written = log.exists() and log.stat().st_size > 0
            if written or (store.path.exists() and store.path.stat().st_size != size):
                return
            time.sleep(0.001)

    def kill_once(self, store: Store, tally: Tally) -> int:
        """One load, killed at any moment; most often while it writes; the figures there then."""
        process = subprocess.Popen(
            self.command(store), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        if self.random.random() < 0.3:
            time.sleep(self.random.uniform(0.0, self.full))
        else:
            self.wait_for_writing(store, process)
            time.sleep(self.random.uniform(0.0, 0.7 * self.writing))
        process.send_signal(signal.SIGKILL)
        out = process.communicate()[0].decode("utf-8", "replace")
        # The last line may be cut where the pipe was.
        lines = [line for line in out.split("\n")[:-1] if line.startswith("Loaded: ")]
        reported = {line.rsplit(" - ", 1)[1] for line in lines}
        tally.killed += process.returncode == -signal.SIGKILL
        tally.ended_before += process.returncode == 0
        tally.reported += len(reported)
        return self.judge(store, reported, tally)

    def judge(self, store: Store, reported: set[str], tally: Tally) -> int:
        """Note whatever is wrong with the store now; the number of figures in it."""
        if not store.exists():
            tally.killed_before_any += 1
            tally.faults += [f"reported but there is no store: {sorted(reported)[:3]}"] if reported else []
            return 0
        tally.faults += store.check()
        there = figures(store)
        lost = reported - set(there.index)
        tally.faults += [f"reported but not there: {sorted(lost)[:3]}"] if lost else []
        expected = self.expected.loc[self.expected.index.isin(set(there.index))]
        if not there.equals(expected):
            tally.faults.append(f"not whole: {len(there)} figures where {len(expected)} belong")
        tally.killed_half_way += 0 < len(there) < len(self.expected)
        return len(there)

    def complete(self, store: Store, tally: Tally) -> None:
        """Load the rest and compare with the undisturbed store."""
        self.load(store)
        tally.completed += 1
        if not figures(store).equals(self.expected):
            tally.faults.append("loading again did not complete the store")


def figures(store: Store) -> pd.DataFrame:
    """All that is kept, by the file it came in."""
    frame = store.observations(revision="all")
    return frame.sort_values(["source", "cell"], kind="stable").set_index("source")


def soak(folder: Path, kills: int, files: int, seed: int = 1, rounds: int = 4) -> Tally:
    """Kill ``kills`` loads; each store is killed up to ``rounds`` times, then completed."""
    from mttq_data.store.store import Store

    runs, tally = Soak(folder, files, seed), Tally()
    number = 0
    while tally.killed < kills:
        store = Store(folder / f"store {number}.sqlite")
        for _ in range(min(rounds, kills - tally.killed)):
            if runs.kill_once(store, tally) == len(runs.expected):
                break
        runs.complete(store, tally)
        for path in folder.glob(f"{store.path.name}*"):
            path.unlink()
        number += 1
        print(f"\r{tally.killed} of {kills} killed, {len(tally.faults)} faults", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return tally


def main() -> int:
    """Run the soak."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if os.name == "nt":
        print("soak: SIGKILL is not known on Windows")
        return 0
    with tempfile.TemporaryDirectory() as name:
        tally = soak(Path(name), options.kills, options.files, options.seed)
    print(f"killed {tally.killed}; the store was not made yet {tally.killed_before_any} times, ", end="")
    print(f"held a part of the returns {tally.killed_half_way} times; ended before the signal {tally.ended_before}")
    print(f"returns reported as loaded by killed runs {tally.reported}, stores completed afterwards {tally.completed}")
    print(f"faults {len(tally.faults)}")
    for fault in tally.faults[:20]:
        print(f"  {fault}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
