"""From files to revisions in a store: what ``Store.load`` and ``Store.add`` do."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form
from mttq_data.inventory import Source, day_received, given, sources
from mttq_data.places.area_codes import LEVELS, find_area
from mttq_data.store import queries as store_queries
from mttq_data.store.audit import Journal
from mttq_data.store.connection import Database
from mttq_data.store.rows import Key, Reading, Writer, found, observed

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.forms.model import Form


# Read together, so that they are checked against each other; written in steps that are each on disk whole.
READ_AT_ONCE, WRITE_AT_ONCE = 200, 40
Sender = Callable[[str, str, str], str]
LOADED_COLUMNS = ("area", "period", "form", "revision", "state", "source", "sha256")


@dataclass(frozen=True)
class Added:
    """What became of one return of a file.

    ``state`` is ``new``, ``doubtful`` (new, but no figure of it is sure), ``known`` (this file's return is in the store),
    ``withdrawn`` (it is, and was withdrawn) or ``reread`` (same figures, its
    problems brought up to date).
    """

    area: str
    period: str
    form: str
    revision: int
    state: str
    source: str
    sha256: str


@dataclass
class Loaded:
    """What a load did.

    Attributes
    ----------
    returns : DataFrame
        One row a return: ``area, period, form, revision, state, source, sha256``.
    problems : DataFrame
        Problems of the files that hold no return, in the columns of the contract.
    failures : list of str
        One line for each thing that failed otherwise.
    """

    returns: pd.DataFrame
    problems: pd.DataFrame
    failures: list[str] = field(default_factory=list)


@dataclass
class File:
    """One file on its way into the store."""

    path: Path
    name: str
    received: str
    sha256: str = ""
    content: bytes = b""
    readings: list[Reading] = field(default_factory=list)


def files_of(paths: Iterable[str | Path], received: str | date | None) -> tuple[list[File], list[str]]:
    """The files named and those in the folders named, in the order they came in."""
    listed: list[Source] = []
    failures: list[str] = []
    if received is not None:
        received = day_received(received, "received")
    for path in map(Path, paths):
        if path.is_dir():
            folder = path.resolve()
            inside, lines = sources(folder.parent, folder.name)
        else:
            inside, lines = given([path])
        listed += inside
        failures += lines
    files: list[tuple[str, float, str, File]] = []
    for source in {s.path.absolute(): s for s in listed}.values():
        try:
            modified = source.path.stat().st_mtime
            said = received or source.sidecar.get("received") or date.today()
            file = File(source.path, source.name, day_received(said, source.path), source.sha256)
            files.append((file.received, modified, source.name, file))
        except MttqError as exc:
            failures.append(str(exc))
        except OSError as exc:
            failures.append(f"{source.path}: cannot be read ({exc.strerror or exc})")
    return [file for *_, file in sorted(files, key=lambda f: f[:3])], failures


def readings_of(observations: pd.DataFrame, problems: pd.DataFrame) -> dict[str, list[Reading]]:
    """The returns in the frames of a reader, by the checksum of their file."""
    returns: dict[tuple[str, Key], Reading] = {}
    sender = _senders()
    last, rows = None, []
    for row, form_id, sha in zip(*observed(observations), strict=True):
        here = (row[0], row[1], form_id, sha)
        if here != last:  # seldom: the rows of a return follow each other
            last, rows = here, _rows_for(here, returns, sender)
        rows.append(row)
    by_file: dict[str, list[Reading]] = {}
    for (sha, _), reading in returns.items():
        by_file.setdefault(sha, []).append(reading)
    for row, _, sha in zip(*found(problems), strict=True):
        if sha in by_file:
            _place(row, by_file[sha], sender).problems.append(row)
    return by_file


def _rows_for(
    here: tuple[str, str, str, str], returns: dict[tuple[str, Key], Reading], sender: Sender
) -> list[tuple[Any, ...]]:
    """Where the rows of an area, period, form and file go."""
    area, period, form_id, sha = here
    if not (area and period and form_id):
        return []  # nobody's: the file's problems say so
    key = (sender(area, period, form_id), period, form_id)
    return returns.setdefault((sha, key), Reading(key)).rows


def _place(problem: tuple[Any, ...], readings: list[Reading], sender: Sender) -> Reading:
    """The return a problem belongs to: that of its area and period, else the file's first."""
    area, period = problem[3], problem[4]
    for reading in readings if len(readings) > 1 else ():
        own, of, form_id = reading.key
        if area and period in ("", of) and own in (area, sender(area, of, form_id)):
            return reading
    return readings[0]


def _senders() -> Sender:
    """Finds the unit whose return a figure stands in: its area, or of a form with the units down the one above that sends."""

    @cache
    def made(form_id: str) -> Form | None:
        try:
            return form(form_id)
        except MttqError:
            return None

    @cache
    def sender(area: str, period: str, form_id: str) -> str:
        of = made(form_id)
        if of is None or of.layout != "areas_down":
            return area
        try:
            level, unit = of.sender_level(period), find_area(area, on=period)
            while level and LEVELS.index(unit.level) > LEVELS.index(level):
                unit = find_area(unit.parent, on=period)
        except MttqError:
            # The area need not be in today's codelists for a return to be kept.
            return area
        return unit.code

    return sender


def load(
    database: Database,
    files: Sequence[File],
    journal: Callable[[sqlite3.Connection], Journal],
    again: bool = False,
    executor: Executor | None = None,
    tell: Callable[[list[Added]], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Loaded:
    """Read files and write them step by step; what ``tell`` hears of is on disk."""
    import pandas as pd

    done: list[Added] = []
    unplaced: list[pd.DataFrame] = []
    failures: list[str] = []
    for some in _steps(files, READ_AT_ONCE):
        before = {} if again else known(database)
        fresh = list({f.sha256: f for f in some if f.sha256 not in before}.values())
        seen = [replace(a, source=f.name) for f in some for a in before.get(f.sha256, ())]
        done += seen
        if seen and tell:
            tell(seen)
        if progress:
            progress(len(some) - len(fresh))
        if not fresh:
            continue
        ready, left, lines = _prepared(database, fresh, executor)
        unplaced.append(left)
        failures += lines
        for step in _steps(ready, WRITE_AT_ONCE):
            added = add(database, step, journal, again)
            done += added
            for file in step:
                file.content, file.readings = b"", []
            if tell:
                tell(added)
        if progress:
            progress(len(fresh))
    frame = pd.DataFrame([vars(a) for a in done], columns=list(LOADED_COLUMNS))
    problems = pd.concat(unplaced, ignore_index=True) if unplaced else pd.DataFrame(columns=["check", "source"])
    return Loaded(frame, problems, failures)


def _prepared(
    database: Database, files: Sequence[File], executor: Executor | None
) -> tuple[list[File], pd.DataFrame, list[str]]:
    """Read files: those that hold returns, with them; the problems of the others; a line for each that failed."""
    observations, problems = _read(database, files, executor)
    by_file = readings_of(observations, problems)
    ready, failures = [], []
    for file in files:
        file.readings = by_file.get(file.sha256, [])
        if file.readings and (line := _take_bytes(file)):
            failures.append(line)
        elif file.readings:
            ready.append(file)
    kept = {f.sha256 for f in ready}
    return ready, problems[~problems["sha256"].isin(kept)], failures + _silent(files, kept, problems)


def _read(database: Database, files: Sequence[File], executor: Executor | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read files, compared with each other and with what the store has of the periods before."""
    from mttq_data.returns.reading import read_many

    paths = [f.path for f in files]
    observations, problems = read_many(paths, executor, "", lambda *asked: _before(database, *asked), False)
    # Two files of one return are two revisions here, and no mistake.
    return observations, problems[problems["check"] != "duplicate_return"]


def _before(database: Database, areas: set[str] | None, periods: set[str]) -> pd.DataFrame | None:
    """The figures the store has of areas and periods; None when it has none."""
    if not periods or not database.exists():
        return None
    with database.reading() as connection:
        wanted = store_queries.revisions(connection, None if areas is None else sorted(areas), sorted(periods))
        of = store_queries.chosen(wanted, "current")
        return store_queries.observations(connection, of, bare=True) if len(of) else None


def _take_bytes(file: File) -> str:
    try:
        file.content = file.path.read_bytes()
    except OSError as exc:
        return f"{file.path}: cannot be read ({exc.strerror or exc})"
    if hashlib.sha256(file.content).hexdigest() != file.sha256:
        return f"{file.path}: changed while it was being read; load it again"
    return ""


def _silent(fresh: Sequence[File], kept: set[str], problems: pd.DataFrame) -> list[str]:
    """A line for each file that gave neither a return nor a word why."""
    from mttq_data.returns.refusals import shown

    spoken = set(problems["sha256"]) | set(problems["source"])
    names = [f for f in fresh if f.sha256 not in kept and not {f.sha256, shown(f.path.name), str(f.path)} & spoken]
    return [f"{f.path}: holds no return" for f in names]


def known(database: Database) -> dict[str, list[Added]]:
    """The returns in the store by the checksum of their file."""
    if not database.exists():
        return {}
    with database.reading() as connection:
        frame = store_queries.revisions(connection)
    out: dict[str, list[Added]] = {}
    for row in frame.to_dict("records"):
        state = "withdrawn" if row["state"] == "withdrawn" else "known"
        key = (row["area"], row["period"], row["form"])
        out.setdefault(row["sha256"], []).append(Added(*key, row["revision"], state, row["source"], row["sha256"]))
    return out


def add(
    database: Database, files: Sequence[File], journal: Callable[[sqlite3.Connection], Journal], again: bool = False
) -> list[Added]:
    """Write files in one transaction; a return the store has already stays as it is."""
    with database.writing(create=True) as connection:
        writer, events = Writer(connection), journal(connection)
        return [added for file in files for added in _add(writer, events, file, again)]


def _add(writer: Writer, journal: Journal, file: File, again: bool) -> Iterator[Added]:
    original = writer.original(file.sha256, file.content)
    for reading in file.readings:
        had = writer.same(reading, original, again)
        if had is None:
            revision, number = writer.revision(reading, original, _plain_name(file.name), file.received)
            journal.record("load", revision)
            state = "doubtful" if reading.doubtful else "new"
        else:
            revision, number, state = had
            if again and writer.refresh(revision, reading):
                journal.record("reread", revision)
                state = "reread"
        yield Added(*reading.key, number, state, file.name, file.sha256)


def _plain_name(name: str) -> str:
    # Names on disk may hold bytes that are no text.
    return name.encode("utf-8", "replace").decode()


def _steps(files: Sequence[File], size: int) -> Iterator[Sequence[File]]:
    for at in range(0, len(files), size):
        yield files[at : at + size]
