"""Where the time of ``mttq build`` goes, on the shipped data.

    python benchmarks/build.py

First the parts of a full build, then whole builds as a user starts them, Python
and its libraries loaded anew: full, again without a change, with a sentence
added to the report, with one return gone, and in the other language.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ["MPLBACKEND"] = "Agg"
ROOT = Path(__file__).resolve().parent.parent
LIMITS = {"full": 60.0, "unchanged": 10.0}
# What a build calls, by the name its time is shown under.
PARTS = {
    "reading reports": ("mttq_data", "read_document"),
    "extracting": ("mttq_data", "extract"),
    "numerals": ("mttq_data", "numerals"),
    "problems": ("mttq_data.problems.table", "problems_of"),
    "tables, workbook": ("mttq_data.build", "write_tables"),
    "reading returns": ("mttq_data", "read_returns"),
    "store, totals": ("mttq_data.build_report", "_of_returns"),
    "comparison": ("mttq_data.build_report", "_comparison"),
    "progress": ("mttq_data.build_report", "_progress"),
    "description": ("mttq_data.build_report", "_describe"),
    "replies": ("mttq_data.build_report", "_answers"),
    "pace": ("mttq_data.report.sections", "pace_section"),
    "drawing": ("mttq_data.report.sections", "picture"),
    "pictures": ("mttq_data.charts.save", "figure_bytes"),
    "Word": ("mttq_data.report.word_report", "export_word"),
    "Excel": ("mttq_data.report.excel_report", "export_excel"),
}
spent: dict[str, list[float]] = {}
inside: list[list[float]] = []


@contextmanager
def noted(name: str) -> Iterator[None]:
    """Note the time of a block under a name, without that of the named blocks in it."""
    begin, inner = clock(), [0.0, 0.0]
    inside.append(inner)
    yield
    inside.pop()
    took = [after - before for after, before in zip(clock(), begin, strict=True)]
    own = spent.setdefault(name, [0.0, 0.0])
    for at in (0, 1):
        own[at] += took[at] - inner[at]
        if inside:
            inside[-1][at] += took[at]


def clock() -> tuple[float, float]:
    """Time passed, and processor time with that of processes started and ended."""
    return time.perf_counter(), sum(os.times()[:4])


def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, its time noted."""

    def run(*args: Any, **options: Any) -> Any:
        with noted(name):
            return work(*args, **options)

    return run


def parts(folder: Path) -> None:
    """One full build in this process, part by part."""
    with noted("loading libraries"):
        places = [import_module(module) for module, _ in PARTS.values()]
    for (name, (_, function)), place in zip(PARTS.items(), places, strict=True):
        setattr(place, function, timed(name, getattr(place, function)))
    from mttq_data.build import build

    with noted("the rest"):
        build(folder / "data/raw", folder / "data/processed", folder / "reports")
    for name, (passed, worked) in spent.items():
        print(f"  {name:20}{passed:7.2f} s, of the processor {worked:6.2f} s")


def whole(name: str, folder: Path, *options: str) -> bool:
    """One build as a program of its own; True where it kept its limit."""
    begin = clock()
    subprocess.run([sys.executable, "-m", "mttq_data", "build", *options], cwd=folder, stdout=subprocess.DEVNULL, check=True)  # fmt: skip
    passed, worked = (after - before for after, before in zip(clock(), begin, strict=True))
    required = f", required {LIMITS[name]:.0f} s" if name in LIMITS else ""
    print(f"{name:22}{passed:7.2f} s, of the processor {worked:6.2f} s{required}")
    return passed <= LIMITS.get(name, passed)


def main() -> int:
    """Print the figures; 1 where a limit is not kept."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        for folder in (first, second):
            shutil.copytree(ROOT / "data" / "raw", Path(folder) / "data" / "raw")
        print("parts of a full build")
        parts(Path(first))
        folder = Path(second)
        kept = [whole("full", folder), whole("unchanged", folder)]
        report = next((folder / "data/raw/reports").glob("*.txt"))
        report.write_text(report.read_text(encoding="utf-8") + "\nTặng 77 suất quà năm 2023.\n", encoding="utf-8")
        whole("report changed", folder)
        next((folder / "data/raw/returns").glob("*.xlsx")).unlink()
        whole("a return gone", folder)
        whole("other language", folder, "--lang", "en")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
