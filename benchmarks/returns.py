"""Workbooks a second: ours with every check and address, against pandas and raw calamine.

    python benchmarks/returns.py [--files 1000] [--many 10000]

Prints one line a reader. The returns are the package's own form filled with seeded
figures (about 570 cells), one a commune and quarter, so that all comparisons between
periods and units run too.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

QUARTERS = tuple(f"{year}-Q{quarter}" for year in range(2020, 2025) for quarter in range(1, 5))


def make(folder: Path, count: int, seed: int = 4, each: int = 0) -> list[Path]:
    """Write ``count`` filled returns into ``folder``, by setting values in a template's XML.

    All units of the last quarter first, then of the one before. With ``each``, that many of
    every quarter in turn, so that the first thousand are as varied as all.
    """
    from mttq_data.places.area_codes import areas

    folder.mkdir(parents=True, exist_ok=True)
    codes = list(areas(on="2024-12-31", level="commune")["code"])
    rnd = random.Random(seed)
    paths: list[Path] = []
    templates: dict[str, tuple[bytes, dict[str, str]]] = {}
    for n in range(count):
        quarter, unit = divmod(n, len(codes))
        if each:
            turn, quarter = divmod(n // each, len(QUARTERS))
            unit = turn * each + n % each
        period, code = QUARTERS[-1 - quarter % len(QUARTERS)], codes[unit % len(codes)]
        if period not in templates:
            templates[period] = _template(folder, codes[0], period)
        path = folder / f"{n:05d}-{period}-{code}.xlsx"
        _fill(path, *templates[period], code, period, rnd)
        paths.append(path)
    return paths


def _template(folder: Path, code: str, period: str) -> tuple[bytes, dict[str, str]]:
    from mttq_data.forms.forms import form
    from mttq_data.forms.template import write_template
    from mttq_data.places.area_codes import find_area
    from mttq_data.returns.grids import open_workbook
    from mttq_data.returns.table_search import find_table

    path = write_template(folder / "template.xlsx", "front_work", code, period)
    made, area = form("front_work"), find_area(code, on=period, level="commune")
    sheet = open_workbook(path).sheets[0]
    layout = find_table(sheet, made, made.rows(area, period), made.placeholders(area, period))
    assert layout is not None
    cells = {}
    for cell in made.cells(area, period):
        if cell.role in ("input", "total", "ratio"):
            address = sheet.address(layout.rows[cell.row], layout.columns[cell.column]).rsplit("!", 1)[1]
            cells[address] = f"{cell.row} {cell.column}"
    data = path.read_bytes()
    path.unlink()
    return data, cells


def _fill(path: Path, data: bytes, cells: dict[str, str], code: str, period: str, rnd: random.Random) -> None:
    from mttq_data.forms.forms import form

    made = form("front_work")
    quarter = int(period[-1])
    values: dict[tuple[str, str], float] = {}
    for place in cells.values():
        row, column = place.split()
        figure = made.row(row).figure
        measure = made.column(column).measure
        if measure and figure.role == "input":
            base = 40 + 7 * (int(row) % 9)
            values[row, column] = {"plan": base * 4.0, "period": float(base), "cumulative": float(base * quarter)}[
                measure
            ]
    values["11", "2"], values["42", "2"] = 9000.0 + rnd.randrange(50), 900.0
    values["1", "2"] = values["1", "3"] = 500.0
    # What is raised is spent, so that every balance opens as the one before closed.
    values |= {("3", column): values["2", column] for column in ("1", "2", "3")}
    for rule in [r for r in made.rules() for _ in (0, 1)]:
        for column in ("1", "2", "3"):
            if rule.along == "rows" and all((k, column) in values for _, k in rule.terms):
                terms = [s * values[k, column] for s, k in rule.terms]
                share = round(100 * terms[0] / terms[1], 2) if rule.kind == "ratio" else 0.0
                values[rule.target, column] = share if rule.kind == "ratio" else sum(terms)
    for row, column in list(values):
        if column == "3" and (row, "1") in values:
            values[row, "4"] = round(100 * values[row, "3"] / values[row, "1"], 1)
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                content = _with_values(content, cells, values)
            elif info.filename == "xl/sharedStrings.xml":
                content = _renamed(content, code, period)
            new.writestr(info.filename, content)


def _with_values(xml: bytes, cells: dict[str, str], values: dict[tuple[str, str], float]) -> bytes:
    def put(found: re.Match[bytes]) -> bytes:
        key = cells.get(found[1].decode())
        value = values.get(tuple(key.split())) if key else None  # type: ignore[arg-type]
        if value is None:
            return found[0]
        inner = b"" if found[3] == b"/>" else re.sub(rb"<v>.*?</v>|<v/>", b"", found[4])
        style = re.sub(rb' t="str"', b"", found[2])
        return b'<c r="%s"%s>%s<v>%s</v></c>' % (found[1], style, inner, repr(value).removesuffix(".0").encode())

    return re.sub(rb'<c r="([A-Z]+\d+)"([^>]*?)(/>|>(.*?)</c>)', put, xml)


def _renamed(content: bytes, code: str, period: str) -> bytes:
    """The texts with another commune's name: identity and agency block."""
    from mttq_data.places.area_codes import areas, find_area

    first = areas(on="2024-12-31", level="commune")["code"].iloc[0]
    old, new = (find_area(c, on=period, level="commune") for c in (first, code))
    above = [find_area(a.parent, on=period) for a in (old, new)]
    text = content.decode("utf-8")
    for was, now in ((old, new), above):
        for way in (str, str.upper, _small_first):
            text = text.replace(way(was.full_name), way(now.full_name))
    text = text.replace(f">{old.name}, ngày", f">{new.name}, ngày").replace(f"<t>{first}<", f"<t>{code}<")
    return text.encode("utf-8")


def _small_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _rates(
    ways: dict[str, Callable[[list[Path]], object]], paths: list[Path], step: int, rounds: int
) -> dict[str, float]:
    """Files a second of each way: slice by slice in turn, the best of several rounds, so that a busy moment hits all alike."""
    total = dict.fromkeys(ways, 0.0)
    for first in range(0, len(paths), step):
        part = paths[first : first + step]
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(rounds):
            for name, read in ways.items():
                start = time.perf_counter()
                read(part)
                best[name] = min(best[name], time.perf_counter() - start)
        for name, seconds in best.items():
            total[name] += seconds
    return {name: len(paths) / seconds for name, seconds in total.items()}


def _calamine(paths: list[Path]) -> None:
    from python_calamine import CalamineWorkbook

    for path in paths:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()


def _pandas(paths: list[Path]) -> None:
    import pandas as pd

    for path in paths:
        pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl")


_PEAK = """
import re, resource, sys
from pathlib import Path
from mttq_data.returns.reading import read_returns
paths = sorted(Path(sys.argv[1]).glob("*.xlsx"))[: int(sys.argv[2])]
def peak():
    try:
        return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read_returns(paths[:20], progress=False)
base = peak()
o, p = read_returns(paths, progress=False)
seen = peak()
# The columns, and each text they hold once.
size = sum(int(f.memory_usage(index=True).sum()) for f in (o, p))
texts = [f[c] for f in (o, p) for c in f.columns if f[c].dtype == "str"]
size += sum({id(v): sys.getsizeof(v) for t in texts for v in t}.values())
print(seen - base, size // 1024, len(o), len(p))
"""


def _peak(folder: Path, count: int) -> tuple[int, int, int, int]:
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(folder), str(count)], capture_output=True, text=True, check=True
    )
    a, b, c, d = map(int, done.stdout.split())
    return a, b, c, d


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--many", type=int, default=10_000, help="files for the memory line; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    from mttq_data.returns.reading import read_returns

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = make(folder / "few", options.files)
        observations, problems = read_returns(paths, progress=False)
        print(f"{len(paths)} returns, {len(observations) / len(paths):.0f} observations each, {len(problems)} problems")
        ours_way = partial(read_returns, progress=False)
        rates = _rates({"raw": _calamine, "ours": ours_way}, paths, 250, options.rounds)
        slow = paths[:: max(1, len(paths) // 40)]
        rates |= _rates({"openpyxl": _pandas}, slow, 10, 2)
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(_warm, range(8)))
            two = _rates(
                {
                    "one": ours_way,
                    "two": lambda part: read_returns(part, pool, progress=False),
                    "count": lambda part: [_count(len(part)) for _ in range(2)],
                    "count two": lambda part: list(pool.map(_count, [len(part)] * 2)),
                },
                paths,
                len(paths),
                options.rounds,
            )
        raw, ours, openpyxl, both = rates["raw"], rates["ours"], rates["openpyxl"], two["two"]
        print(f"raw calamine              {raw:8.0f} workbooks/s")
        print(
            f"read_returns              {ours:8.0f} workbooks/s  ({ours / raw:.2f} of raw calamine, {ours / openpyxl:.1f} x pandas)"
        )
        print(
            f"read_returns, 2 processes {both:8.0f} workbooks/s  ({both / two['one']:.2f} x one; mere counting gains "
            f"{two['count two'] / two['count']:.2f} x on the {os.cpu_count()} cores at hand)"
        )
        print(f"pandas with openpyxl      {openpyxl:8.0f} workbooks/s")
        if options.many:
            make(folder / "many", options.many, each=20)
            for count in (options.many // 10, options.many):
                peak, size, rows, _ = _peak(folder / "many", count)
                over = (peak - size) / 1024
                print(
                    f"memory, {count:6d} files: {over:.0f} MB beside the result of {size / 1024:.0f} MB ({rows} rows)"
                )
    return 0


def _warm(_: int) -> None:
    import mttq_data.returns.reading

    assert mttq_data.returns.reading
    time.sleep(0.05)


def _count(files: int) -> int:
    """Work that needs nothing but a core: what two processes can gain at all on this machine."""
    total, seen = 0, {}
    for n in range(3000 * files):
        total += n
        seen[n & 1023] = total
    return total


if __name__ == "__main__":
    sys.exit(main())
