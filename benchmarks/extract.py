"""Characters per second of ``extract`` against Duckling's Vietnamese rules, in one run.

    python benchmarks/extract.py [REPORT] [--long 9000000]

Reads the report given, else the real one beside the project where there is
one, else the sample. Duckling (package pyduckling-native-phihos) reads it line
by line with the dimensions number, ordinal, amount-of-money, distance and
quantity; it finds numerals only, ``extract`` also says what they mean.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from mttq_data import read_document
from mttq_data.extraction.statistics import Extractor, to_frame
from mttq_data.reading.document import Document

_ZONES = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo")
ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "report" / "bac-giang-xv-congress-2024.txt"
SAMPLE = ROOT / "data" / "raw" / "reports" / "bac-giang-2024-restatement.txt"


def best(*works: Callable[[], object], rounds: int = 7) -> list[float]:
    """The best time of each of several works, run in turn so that all see the same machine."""
    times = [float("inf")] * len(works)
    for _ in range(rounds):
        for index, work in enumerate(works):
            start = time.perf_counter()
            work()
            times[index] = min(times[index], time.perf_counter() - start)
    return times


def duckling_on(text: str) -> Callable[[], None] | None:
    """A call that has Duckling read the text line by line, or None where it is not installed."""
    try:
        import duckling
    except ImportError:
        return None
    zones = duckling.load_time_zones(next((p for p in _ZONES if Path(p).exists()), _ZONES[0]))
    now = duckling.get_current_ref_time(zones, "Asia/Ho_Chi_Minh")
    language = duckling.parse_lang("VI")
    context = duckling.Context(now, duckling.parse_locale("VI", duckling.default_locale_lang(language)))
    dimensions = duckling.parse_dimensions(["number", "ordinal", "amount-of-money", "distance", "quantity"])
    lines = [line for line in text.splitlines() if line.strip()]

    def work() -> None:
        for line in lines:
            duckling.parse(line, context, dimensions)

    return work


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report", nargs="?", type=Path, default=REAL if REAL.exists() else SAMPLE)
    parser.add_argument("--long", type=int, default=9_000_000, help="characters of the long text (default 9 million)")
    args = parser.parse_args()
    text = read_document(args.report).text
    extractor = Extractor()
    peer_work = duckling_on(text)
    works = [lambda: to_frame(extractor.rows(Document(text)))] + ([peer_work] if peer_work else [])
    times = best(*works)
    short, peer = times[0] / len(text), times[1] if peer_work else None
    repeated = (text + "\n") * (args.long // len(text) + 1)
    long = best(lambda: to_frame(extractor.rows(Document(repeated))), rounds=2)[0] / len(repeated)
    tracemalloc.start()
    result = to_frame(extractor.rows(Document(repeated)))
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(
        f"report                      {args.report.name}, {len(text):,} characters, {len(result):,} statistics in the long text"
    )
    print(f"extract, as it is           {1 / short:12,.0f} characters a second")
    print(f"extract, {len(repeated) / 1e6:.1f} million        {1 / long:12,.0f} characters a second")
    print(f"time a character, long/short {long / short:11.2f}  (required at most 1.3)")
    print(f"peak memory, result aside   {(peak - kept) / len(repeated):12.1f} bytes a character  (required below 60)")
    if peer is None:
        print("Duckling                    not installed (pip install pyduckling-native-phihos)")
    else:
        print(f"Duckling, line by line      {len(text) / peer:12,.0f} characters a second")
        print(f"extract against Duckling    {peer / len(text) / short:12.1f} times  (required at least 5)")


if __name__ == "__main__":
    main()
