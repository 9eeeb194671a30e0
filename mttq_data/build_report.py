"""The second half of a build: returns, totals, comparison and progress as tables, and the report pack."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mttq_data
from mttq_data.files import write_bytes, write_text
from mttq_data.inventory import Source, sources
from mttq_data.tables.tables import csv_bytes, source_entry

if TYPE_CHECKING:
    import pandas as pd

_SHEETS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv"}
_STAMP = ".report_pack.json"

Frames = dict[str, "pd.DataFrame"]
Failed = Callable[[BaseException, str], None]


def more_frames(raw: str | Path, statistics: pd.DataFrame, failed: Failed) -> tuple[Frames, list[Source]]:
    """What the returns and facts in ``raw`` give, beside the statistics of the reports.

    Parameters
    ----------
    raw : str or Path
        The raw data folder, with ``returns`` and ``facts`` in it.
    statistics : DataFrame
        Of the reports.
    failed : callable
        Told of each part that could not be made; the others are made.

    Returns
    -------
    (dict of str to DataFrame, list of Source)
        ``observations, return_problems, totals, completeness, facts, comparison,
        progress``, as far as there is something to make them of, and the files
        behind them.
    """
    import pandas as pd

    from mttq_data import progress, targets
    from mttq_data.comparison.comparison import comparison_tables
    from mttq_data.comparison.facts import read_facts

    frames: Frames = {}
    returns = [s for s in sources(raw, "returns")[0] if s.path.suffix.lower() in _SHEETS]
    facts = [s for s in sources(raw, "facts")[0] if s.path.suffix.lower() == ".csv"]
    if returns:
        _try(failed, "returns", lambda: frames.update(_of_returns(returns)))
    if facts:
        _try(failed, "facts", lambda: frames.update(facts=read_facts(Path(raw) / "facts")))
    known = frames.get("facts")
    _try(failed, "comparison", lambda: frames.update(comparison=comparison_tables(statistics, known, targets())))
    figures = [frames[name] for name in ("observations", "facts") if name in frames]
    figures.append(statistics[statistics["role"] != "target"])
    _try(failed, "progress", lambda: frames.update(progress=progress(pd.concat(figures, ignore_index=True))))
    return frames, returns + facts


def _of_returns(returns: list[Source]) -> Frames:
    """Observations, problems, totals by district and who has sent what."""
    from mttq_data import completeness, roll_up
    from mttq_data.store.store import Store

    sample = all(s.sample for s in returns)
    with tempfile.TemporaryDirectory() as folder:
        # A store of the moment: it tells last revisions and doubtful ones apart.
        # The office's own store is not touched.
        store = Store(Path(folder) / "returns.sqlite")
        store.load([s.path for s in returns], by="build")
        observations = store.observations()
        made = {
            "observations": observations,
            "return_problems": store.problems(),
            "totals": roll_up(observations, "district"),
            "completeness": completeness(store),
        }
    return {name: frame.assign(sample=sample) for name, frame in made.items()}


def write_answers(folder: str | Path, found: list[Source]) -> list[Path]:
    """The replies to returns in which something is to be corrected, as ``tra-loi/…_can-sua.xlsx``."""
    from mttq_data.replies.replies import write_replies

    returns = [s.path for s in found if s.kind == "returns"]
    if not returns:
        return []
    folder = Path(folder) / "tra-loi"
    write_replies(returns, folder, progress=False)
    return sorted(folder.glob("*.xlsx"))


def _try(failed: Failed, what: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Exception as exc:  # noqa: BLE001 - one table that fails must not cost the others
        failed(exc, what)


def write_frames(folder: str | Path, frames: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Write each frame as ``<name>.csv``; the paths."""
    written = []
    for name, frame in frames.items():
        path = Path(folder) / f"{name}.csv"
        write_bytes(path, csv_bytes(_plain(frame)))
        written.append(path)
    return written


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Days as text (2025-01-10), as a table in a file has them."""
    days = frame.select_dtypes("datetime").columns
    return frame.assign(**{c: frame[c].dt.strftime("%Y-%m-%d") for c in days}) if len(days) else frame


def write_report(folder: str | Path, frames: Mapping[str, pd.DataFrame], found: list[Source], lang: str) -> list[Path]:
    """Write the report pack, unless the one that is there was made from the same tables.

    Parameters
    ----------
    folder : str or Path
        Usually ``reports``.
    frames : mapping of str to DataFrame
        As `mttq_data.report.pack.pack` takes them.
    found : list of Source
        The files behind them.
    lang : {"vi", "en"}

    Returns
    -------
    list of Path
        The files of the pack, written now or before.
    """
    from mttq_data.report.pack import write_pack

    folder = Path(folder)
    stamp = folder / _STAMP
    entries = [source_entry(source) for source in found]
    digest = hashlib.sha256(f"{mttq_data.__version__} {lang} {json.dumps(entries, sort_keys=True)}".encode())
    for name in sorted(frames):
        digest.update(name.encode() + csv_bytes(_plain(frames[name])))
    known = _read_stamp(stamp)
    if known.get("made_from") == digest.hexdigest():
        there = [folder / name for name in known.get("files", [])]
        if there and all(path.is_file() for path in there):
            return there
    written = write_pack(folder, frames, entries, lang=lang)
    names = [path.relative_to(folder).as_posix() for path in written]
    write_text(stamp, json.dumps({"made_from": digest.hexdigest(), "files": names}, indent=1) + "\n")
    return written


def _read_stamp(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
