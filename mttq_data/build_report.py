"""The second half of a build: returns, totals, comparison and progress as tables, replies, pictures, the report pack."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.build_steps import Run, failure_line, seen
from mttq_data.errors import MttqError
from mttq_data.files import write_bytes
from mttq_data.inventory import Source, day_received, sources
from mttq_data.stamps import checksum
from mttq_data.tables.tables import csv_bytes, datapackage, read_table, source_entry

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.store.loading import File

Frames = dict[str, "pd.DataFrame"]
_TABLES = ("reports", "returns", "facts", "comparison", "progress")


def the_rest(run: Run) -> None:
    """All that follows the tables of the reports.

    Each step reads the tables of those before it as they lie on disk: one that
    is left out because it stands leaves no gap, and `mttq export` makes the
    same of them.
    """
    folder, read = run.tables.folder, run.outcome.sources
    returns, facts = _arrived(run), [s for s in sources(run.raw, "facts")[0] if s.path.suffix.lower() == ".csv"]

    def table(step: str, made_from: object, compute: Callable[[], Frames]) -> None:
        run.step(run.tables, step, made_from, partial(_written, run, step, compute))

    def sums(*names: str) -> list[str]:
        return [checksum(folder / f"{name}.csv") for name in names]

    table("returns", [seen(s for s, _ in returns), [day for _, day in returns]], partial(_of_returns, run, returns))
    table("facts", seen(facts), partial(_of_facts, run, facts))
    table("comparison", sums("statistics", "facts"), partial(_comparison, folder))
    table("progress", sums("statistics", "facts", "observations"), partial(_progress, folder))
    every = [*read, *(source for source, _ in returns), *facts]
    made = [name for step in _TABLES for name in run.tables.files(step) if name.endswith(".csv")]
    made_from = [seen(every), [[name, checksum(folder / name)] for name in made]]
    run.step(run.tables, "datapackage", made_from, partial(_describe, folder, made, every))
    made_from = [run.lang, seen(read), sums("statistics", "problems")]
    run.step(run.reports, "charts", made_from, lambda: [path for draw in _charts(run) for path in draw()])
    made_from = [seen(s for s, _ in returns), sums("return_problems")]
    run.step(run.reports, "replies", made_from, partial(_answers, run, [source for source, _ in returns]))
    run.step(run.reports, "pack", [run.lang, checksum(folder / "datapackage.json")], partial(_pack, run))


def _written(run: Run, step: str, compute: Callable[[], Frames]) -> list[Path]:
    """Compute tables and write them; none where that fails, so that none of an earlier input is left over."""
    try:
        frames = compute()
    except Exception as exc:  # noqa: BLE001 - one table that fails must not cost the others
        run.outcome.failures.append(failure_line(exc, step))
        frames = {}
    paths = [run.tables.folder / f"{name}.csv" for name in frames]
    for path, frame in zip(paths, frames.values(), strict=True):
        days = frame.select_dtypes("datetime").columns
        write_bytes(path, csv_bytes(frame.assign(**{c: frame[c].dt.strftime("%Y-%m-%d") for c in days})))
    return paths


def _arrived(run: Run) -> list[tuple[Source, str]]:
    """The returns in the order they came in, each with its day: that of its sidecar, else of its last change."""
    found: list[tuple[str, int, str, Source]] = []
    for source in sources(run.raw, "returns")[0]:
        try:
            changed = source.path.stat()
            said = source.sidecar.get("received") or date.fromtimestamp(changed.st_mtime)
            found.append((day_received(said, source.path), changed.st_mtime_ns, source.name, source))
        except OSError as exc:
            run.outcome.failures.append(f"{source.path}: cannot be read ({exc.strerror or exc})")
        except MttqError as exc:
            run.outcome.failures.append(str(exc))
    return [(source, day) for day, _, _, source in sorted(found, key=lambda one: one[:3])]


def _of_returns(run: Run, returns: Sequence[tuple[Source, str]]) -> Frames:
    """Observations, problems, totals by district and who has sent what; each file is read once."""
    import pandas as pd

    from mttq_data import completeness, read_returns, roll_up
    from mttq_data.store.audit import Journal
    from mttq_data.store.connection import Database
    from mttq_data.store.loading import File, add, readings_of
    from mttq_data.store.store import Store

    if not returns:
        return {}
    sample = any(source.sample for source, _ in returns)
    observations, problems = read_returns([source.path for source, _ in returns], progress=False)
    # Two files of one return are two revisions here, and no mistake.
    problems = problems[problems["check"] != "duplicate_return"]
    readings = readings_of(observations, problems)
    files = {s.sha256: File(s.path, s.name, day, s.sha256, b"", readings.get(s.sha256, [])) for s, day in returns}
    kept = [file for file in files.values() if file.readings]
    lost = problems[~problems["sha256"].isin({file.sha256 for file in kept})]
    run.outcome.failures += [_no_return(file, lost, run.lang) for file in files.values() if not file.readings]
    if not kept:
        return {"return_problems": lost.assign(sample=sample)}
    with tempfile.TemporaryDirectory() as folder:
        # A store of the moment: it tells last revisions and doubtful ones apart.
        # The office's own store is not touched.
        store = Store(Path(folder) / "returns.sqlite")
        add(Database(store.path), kept, lambda connection: Journal(connection, store.path, "build", ""))
        revisions, found, current = store.revisions(), store.problems(revision="all"), store.observations()
        # What was overtaken by a later file is settled, except where it was never sure whose return it is.
        standing = set(revisions.loc[revisions["state"] == "current", "sha256"])
        standing |= {file.sha256 for file in kept if any(reading.doubtful for reading in file.readings)}
        made = {
            "observations": current,
            "return_problems": pd.concat([found[found["sha256"].isin(standing)], lost], ignore_index=True),
            "totals": roll_up(current, "district"),
            "completeness": pd.concat([completeness(store, form) for form in sorted(set(revisions["form"]))]),
        }
    return {name: frame.assign(sample=sample) for name, frame in made.items()}


def _no_return(file: File, problems: pd.DataFrame, lang: str) -> str:
    """One line for a file that is no return: what was found in it."""
    from mttq_data.returns.refusals import shown

    mine = problems[(problems["sha256"] == file.sha256) | (problems["source"] == shown(str(file.path)))]
    return f"{file.path}: {mine[f'message_{lang}'].iloc[0] if len(mine) else 'holds no return'}"


def _of_facts(run: Run, facts: Sequence[Source]) -> Frames:
    """The facts of all files that can be read, as one table."""
    import pandas as pd

    from mttq_data.comparison.facts import read_facts

    parts: list[pd.DataFrame] = []
    for source in facts:
        try:
            parts.append(read_facts(source.path).assign(sample=source.sample))
        except MttqError as exc:
            run.outcome.failures.append(failure_line(exc, str(source.path)))
    return {"facts": pd.concat(parts, ignore_index=True)} if parts else {}


def _comparison(folder: Path) -> Frames:
    from mttq_data import targets
    from mttq_data.comparison.comparison import comparison_tables

    statistics, facts = (_read(folder, name) for name in ("statistics", "facts"))
    assert statistics is not None
    made = comparison_tables(statistics, facts, targets())
    # Each row sets figures of the reports against something.
    return {"comparison": made.assign(sample=bool(statistics["sample"].any()))}


def _progress(folder: Path) -> Frames:
    import pandas as pd

    from mttq_data import progress

    frames = [_read(folder, name) for name in ("observations", "facts", "statistics")]
    figures = pd.concat([f if "role" not in f else f[f["role"] != "target"] for f in frames if f is not None])
    made = progress(figures.reset_index(drop=True))
    # Counted as a sample unless all figures of the indicator itself are real ones.
    of = figures.groupby("indicator")["sample"].any()
    sampled = made["indicator"].map(of.to_dict()).fillna(bool(figures["sample"].any())).astype(bool)
    return {"progress": made.assign(sample=sampled & made["actual"].notna())}


def _read(folder: Path, name: str) -> pd.DataFrame | None:
    path = folder / f"{name}.csv"
    return read_table(path) if path.is_file() else None


def _describe(folder: Path, names: Iterable[str], found: Iterable[Source]) -> list[Path]:
    """The description of all tables, with the files behind them."""
    content = datapackage({name: (folder / name).read_bytes() for name in names}, [source_entry(s) for s in found])
    write_bytes(folder / "datapackage.json", content)
    return [folder / "datapackage.json"]


def _charts(run: Run) -> list[Callable[[], Iterable[Path]]]:
    """The first charts of a build: a fixed list, so that none of an earlier input is left over."""
    from mttq_data.charts.gallery import first_charts

    statistics, problems = (_read(run.tables.folder, name) for name in ("statistics", "problems"))
    assert statistics is not None
    return first_charts(statistics, run.outcome.sources, run.reports.folder, run.lang, problems)


def _answers(run: Run, returns: Sequence[Source]) -> list[Path]:
    """The replies to returns in which something is to be corrected, as ``tra-loi/…_can-sua.xlsx``.

    In Vietnamese whatever the language of the build: they go to the senders.
    """
    import pandas as pd

    from mttq_data.replies.replies import write_replies
    from mttq_data.returns.refusals import shown

    problems = _read(run.tables.folder, "return_problems")
    if problems is None:
        return []
    parts = [problems[problems["sha256"] == s.sha256].assign(source=shown(str(s.path))) for s in returns]
    faulty = [(source.path, part) for source, part in zip(returns, parts, strict=True) if len(part)]
    if not faulty:
        return []
    found = pd.concat([part for _, part in faulty], ignore_index=True)
    made = write_replies([path for path, _ in faulty], run.reports.folder / "tra-loi", found, progress=False)
    return [Path(reply) for reply in made["reply"] if reply]


def _pack(run: Run) -> list[Path]:
    from mttq_data.report.pack import read_frames, write_pack

    frames, entries = read_frames(run.tables.folder)
    return write_pack(run.reports.folder, frames, entries, lang=run.lang)
