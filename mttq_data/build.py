"""From the files of ``data/raw/`` to tables and charts: what ``mttq build`` and ``mttq extract`` do."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.build_report import the_rest
from mttq_data.build_steps import Run, failure_line, seen, user_warnings
from mttq_data.corrections.file import FILE, read_corrections
from mttq_data.errors import MttqError
from mttq_data.inventory import Source, checksum_note, given, sources
from mttq_data.stamps import checksum
from mttq_data.tables.tables import csv_bytes, read_table, write_tables
from mttq_data.wording import check_lang

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.reading.document import Document

Progress = Callable[[Sequence[Source]], Iterable[Source]]


@dataclass
class Outcome:
    """What a run did.

    Attributes
    ----------
    folder : Path
        Where the tables lie.
    sources : list of Source
        The reports that were read.
    written : list of Path
        The files of the run, written now or found as they were left.
    notes : list of str
        Doubts that did not stop anything (a text converted from TCVN3).
    failures : list of str
        One line for each thing that failed.
    tables : dict of str to DataFrame
        The tables of the reports, where this run made them.
    """

    folder: Path
    sources: list[Source] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def statistics(self) -> pd.DataFrame:
        """The statistics of the reports, the corrections by hand applied."""
        return self._table("statistics")

    @property
    def problems(self) -> pd.DataFrame:
        """What does not add up, with what was settled."""
        return self._table("problems")

    def _table(self, name: str) -> pd.DataFrame:
        if name not in self.tables:
            self.tables[name] = read_table(self.folder / f"{name}.csv")
        return self.tables[name]

    @property
    def sample(self) -> bool:
        """True where a source is a sample."""
        return any(source.sample for source in self.sources)

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of documents, statistics, linked, doubtful and corrected ones, of problems open and settled."""
        figures, found = self._rows("statistics"), self._rows("problems")
        settled = sum(row["checked"] == "true" for row in found)
        return {
            "documents": len(self.sources),
            "statistics": len(figures),
            "linked": sum(bool(row.get("indicator")) for row in figures),
            "doubtful": sum(bool(row.get("doubt")) for row in figures),
            "corrected": sum(row.get("corrected") == "true" for row in figures),
            "problems": len(found) - settled,
            "settled": settled,
        }

    def _rows(self, name: str) -> list[dict[str, str]]:
        """A table as its file has it, read without pandas: a build with nothing to do needs none."""
        path = self.folder / f"{name}.csv"
        if name in self.tables:
            content = csv_bytes(self.tables[name])
        elif self.sources and path.is_file():
            content = path.read_bytes()
        else:
            return []
        csv.field_size_limit(2**31 - 1)
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def build(
    raw: str | Path = "data/raw",
    processed: str | Path = "data/processed",
    reports: str | Path = "reports",
    lang: str = "vi",
    progress: Progress | None = None,
    corrections: str | Path = FILE,
) -> Outcome:
    """Read everything in ``raw``, apply the corrections by hand and write tables and charts.

    Parameters
    ----------
    raw, processed, reports : str or Path
        Where the files lie, where tables and where charts go.
    lang : {"vi", "en"}
        Language of the workbook and the charts.
    progress : callable, optional
        Wraps the sequence of files, as ``tqdm`` does.
    corrections : str or Path
        The corrections made by hand; none where there is no such file.

    Returns
    -------
    Outcome
        A file that failed has its line in ``failures``; the others are done.
        When none could be read, what was there before stays.

    Raises
    ------
    MttqError
        When there is nothing to read, or the corrections are not readable.

    Examples
    --------
    >>> import tempfile
    >>> build(tempfile.mkdtemp())
    Traceback (most recent call last):
    ...
    mttq_data.errors.MttqError: ...
    """
    check_lang(lang)
    found, lines = sources(raw)
    if not found:
        raise MttqError(f"{Path(raw) / 'reports'}: no report here; put a .docx, .pdf, .txt, .md or .html file into it")
    outcome = Outcome(Path(processed), found, failures=lines)
    run = Run(outcome, Path(raw), Path(reports), lang)
    made_from = [lang, str(raw), seen(found), checksum(corrections)]
    # Read before anything is done: what was set right by hand must not get lost in a line among others.
    if run.tables.standing("reports", made_from) is None:
        laid = read_corrections(corrections)
        work = partial(_tables, outcome, found, progress, laid, lang, described=False)
    else:
        work = partial(list[Path])
    run.step(run.tables, "reports", made_from, work)
    if outcome.sources:
        the_rest(run)
    return outcome


def extract_files(
    paths: Sequence[str | Path],
    folder: str | Path = ".",
    lang: str = "vi",
    progress: Progress | None = None,
    corrections: str | Path = FILE,
) -> Outcome:
    """Extract given files into one set of tables in ``folder``, the corrections by hand applied.

    Parameters
    ----------
    paths : sequence of str or Path
        Reports; a file named twice is read once.
    folder : str or Path
        Where the tables go; untouched when no file could be read.
    lang : {"vi", "en"}
    progress : callable, optional
        Wraps the sequence of files.
    corrections : str or Path
        The corrections made by hand; none where there is no such file.

    Returns
    -------
    Outcome

    Raises
    ------
    MttqError
        When the corrections are not readable.
    """
    check_lang(lang)
    found, lines = given(paths)
    outcome = Outcome(Path(folder), failures=lines)
    laid = read_corrections(corrections)
    try:
        outcome.written += _tables(outcome, found, progress, laid, lang) or []
    except Exception as exc:  # noqa: BLE001 - the caller gets one line
        outcome.failures.append(failure_line(exc, "mttq"))
    return outcome


def _tables(
    outcome: Outcome,
    found: Sequence[Source],
    progress: Progress | None,
    corrections: pd.DataFrame,
    lang: str,
    described: bool = True,
) -> list[Path] | None:
    """Read the reports and write their tables; None where none could be read."""
    import pandas as pd

    tables: list[tuple[pd.DataFrame, pd.DataFrame]] = []
    documents: list[Document] = []
    outcome.sources = []
    for source in progress(found) if progress else found:
        try:
            *pair, document = _read_one(source, outcome.notes)
            tables.append((pair[0], pair[1]))
            documents.append(document)
            outcome.sources.append(source)
        except Exception as exc:  # noqa: BLE001 - one bad file must not stop the others
            outcome.failures.append(failure_line(exc, str(source.path)))
    if not tables:
        return None
    numbers = pd.concat([n for _, n in tables], ignore_index=True)
    outcome.tables["statistics"] = pd.concat([s for s, _ in tables], ignore_index=True)
    _judge(outcome, documents, corrections)
    statistics, problems = outcome.tables["statistics"], outcome.tables.get("problems")
    return write_tables(outcome.folder, statistics, numbers, outcome.sources, lang, problems, described)


def _judge(outcome: Outcome, documents: Sequence[Document], corrections: pd.DataFrame) -> None:
    """Lay the corrections over the statistics, then look for what does not add up."""
    from mttq_data.corrections.laying import apply_corrections, apply_settled
    from mttq_data.problems.table import problems_of

    with user_warnings(outcome.notes):
        statistics = outcome.tables["statistics"] = apply_corrections(outcome.tables["statistics"], corrections)
        try:
            problems = problems_of(statistics, documents)
        except Exception as exc:  # noqa: BLE001 - a rule that fails must not cost the tables
            outcome.failures.append(failure_line(exc, "find_problems"))
            return
        samples = {source.name: source.sample for source in outcome.sources}
        problems = problems.assign(sample=[samples.get(name, False) for name in problems["source"]])
        outcome.tables["problems"] = apply_settled(problems, corrections, statistics)


def _read_one(source: Source, notes: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, Document]:
    from mttq_data import extract, numerals, read_document

    warned: list[str] = []
    with user_warnings(warned):
        document = read_document(source.path)
        statistics, numbers = extract(document), numerals(document)
    document.name = source.name
    statistics = statistics.assign(document=source.name, sample=source.sample, sha256=document.sha256)
    numbers = numbers.assign(document=source.name, sample=source.sample)
    said = [*document.notes, *warned, checksum_note(source)]
    notes += [line if source.path.name in line else f"{source.path}: {line}" for line in dict.fromkeys(said) if line]
    return statistics, numbers, document
