"""From the files of ``data/raw/`` to tables and charts: what ``mttq build`` and ``mttq extract`` do."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.corrections.file import FILE, read_corrections
from mttq_data.errors import MttqError, MttqWarning
from mttq_data.inventory import Source, checksum_note, given, sources
from mttq_data.tables.tables import FIELDS, NUMERAL_COLUMNS, write_tables
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
    sources : list of Source
        The files that were read.
    statistics, numerals : DataFrame
        Their tables, the corrections by hand applied.
    problems : DataFrame or None
        What does not add up, with what was settled; None without rules.
    written : list of Path
        The files written.
    notes : list of str
        Doubts that did not stop anything (a text converted from TCVN3).
    failures : list of str
        One line for each thing that failed.
    """

    statistics: pd.DataFrame
    numerals: pd.DataFrame
    problems: pd.DataFrame | None = None
    sources: list[Source] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def sample(self) -> bool:
        """True where a source is a sample."""
        return any(source.sample for source in self.sources)

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of documents, statistics, linked, doubtful and corrected ones, of problems open and settled."""
        settled = 0 if self.problems is None else int(self.problems["checked"].sum())
        return {
            "documents": len(self.sources),
            "statistics": len(self.statistics),
            "linked": _filled(self.statistics, "indicator"),
            "doubtful": _filled(self.statistics, "doubt"),
            "corrected": int(self.statistics["corrected"].astype(bool).sum()) if "corrected" in self.statistics else 0,
            "problems": 0 if self.problems is None else len(self.problems) - settled,
            "settled": settled,
        }


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
    outcome = _read_all(found, progress, read_corrections(corrections))
    outcome.failures[:0] = lines
    if not outcome.sources:
        return outcome
    _attempt(outcome, lambda: _tables(processed, outcome, lang))
    for draw in _charts(outcome, Path(reports), lang):
        _attempt(outcome, draw)
    _the_rest(outcome, raw, processed, reports, lang)
    return outcome


def _the_rest(outcome: Outcome, raw: str | Path, processed: str | Path, reports: str | Path, lang: str) -> None:
    """Returns, facts, comparison, progress and the report pack."""
    from mttq_data.build_report import more_frames, write_answers, write_frames, write_report

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frames, found = more_frames(
            raw, outcome.statistics, lambda exc, what: outcome.failures.append(failure_line(exc, what))
        )
        _attempt(outcome, lambda: write_frames(processed, frames))
        _attempt(outcome, lambda: write_answers(reports, found))
        own = {"statistics": outcome.statistics, **({} if outcome.problems is None else {"problems": outcome.problems})}
        _attempt(outcome, lambda: write_report(reports, own | frames, [*outcome.sources, *found], lang))
    outcome.notes += list(dict.fromkeys(str(w.message) for w in caught if _concerns_user(w)))


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
    outcome = _read_all(found, progress, read_corrections(corrections))
    outcome.failures[:0] = lines
    if outcome.sources:
        _attempt(outcome, lambda: _tables(folder, outcome, lang))
    return outcome


def _tables(folder: str | Path, outcome: Outcome, lang: str) -> Iterable[Path]:
    return write_tables(folder, outcome.statistics, outcome.numerals, outcome.sources, lang, outcome.problems)


def _read_all(found: Sequence[Source], progress: Progress | None, corrections: pd.DataFrame) -> Outcome:
    import pandas as pd

    tables: list[tuple[pd.DataFrame, pd.DataFrame]] = []
    documents: list[Document] = []
    outcome = Outcome(pd.DataFrame(columns=list(FIELDS)), pd.DataFrame(columns=list(NUMERAL_COLUMNS)))
    for source in progress(found) if progress else found:
        try:
            *pair, document = _read_one(source, outcome.notes)
            tables.append((pair[0], pair[1]))
            documents.append(document)
            outcome.sources.append(source)
        except Exception as exc:  # noqa: BLE001 - one bad file must not stop the others
            outcome.failures.append(failure_line(exc, str(source.path)))
    if tables:
        outcome.statistics = pd.concat([s for s, _ in tables], ignore_index=True)
        outcome.numerals = pd.concat([n for _, n in tables], ignore_index=True)
        _judge(outcome, documents, corrections)
    return outcome


def _judge(outcome: Outcome, documents: Sequence[Document], corrections: pd.DataFrame) -> None:
    """Lay the corrections over the statistics, then look for what does not add up."""
    from mttq_data.corrections.laying import apply_corrections, apply_settled
    from mttq_data.problems.table import problems_of

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome.statistics = apply_corrections(outcome.statistics, corrections)
        try:
            problems = problems_of(outcome.statistics, documents)
        except Exception as exc:  # noqa: BLE001 - a rule that fails must not cost the tables
            outcome.failures.append(failure_line(exc, "find_problems"))
            problems = None
        if problems is not None:
            samples = {source.name: source.sample for source in outcome.sources}
            problems = problems.assign(sample=[samples.get(name, False) for name in problems["source"]])
            outcome.problems = apply_settled(problems, corrections, outcome.statistics)
    outcome.notes += list(dict.fromkeys(str(w.message) for w in caught if _concerns_user(w)))


def _read_one(source: Source, notes: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, Document]:
    from mttq_data import extract, numerals, read_document

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        document = read_document(source.path)
        statistics, numbers = extract(document), numerals(document)
    document.name = source.name
    statistics = statistics.assign(document=source.name, sample=source.sample, sha256=document.sha256)
    numbers = numbers.assign(document=source.name, sample=source.sample)
    said = [*document.notes, *(str(w.message) for w in caught if _concerns_user(w)), checksum_note(source)]
    notes += [line if source.path.name in line else f"{source.path}: {line}" for line in dict.fromkeys(said) if line]
    return statistics, numbers, document


def _concerns_user(warning: warnings.WarningMessage) -> bool:
    return issubclass(warning.category, MttqWarning)


def failure_line(exc: BaseException, where: str) -> str:
    """One line for an error; a defect of the package names its type and how to see more.

    With ``MTTQ_DEBUG`` set in the environment the error is raised again.
    """
    if os.environ.get("MTTQ_DEBUG"):
        raise exc
    if isinstance(exc, MttqError):
        return " ".join(str(exc).split())
    said = " ".join(str(exc).split())[:200]
    return f"{where}: internal error ({type(exc).__name__}: {said}); set MTTQ_DEBUG=1 to see where"


def _attempt(outcome: Outcome, work: Callable[[], Iterable[Path]]) -> None:
    try:
        outcome.written += work()
    except Exception as exc:  # noqa: BLE001 - one output that fails must not stop the others
        outcome.failures.append(failure_line(exc, "mttq"))


def _charts(outcome: Outcome, folder: Path, lang: str) -> list[Callable[[], Iterable[Path]]]:
    """The charts of a build: a fixed list, so that none of an earlier input is left over."""
    from mttq_data.charts.gallery import first_charts

    return first_charts(outcome.statistics, outcome.sources, folder, lang, outcome.problems)


def _filled(frame: pd.DataFrame, column: str) -> int:
    return int((frame[column].notna() & (frame[column] != "")).sum()) if column in frame else 0
