"""A build as steps: each is done when what it is made from has changed, and one that fails does not stop the others."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.errors import MttqError, MttqWarning
from mttq_data.inventory import Source
from mttq_data.stamps import Stamps, checksum, program

if TYPE_CHECKING:
    from mttq_data.build import Outcome


class Run:
    """One build: what it reads, where it writes, what came of it so far.

    Parameters
    ----------
    outcome : Outcome
        Told of every file, note and failure.
    raw, reports : Path
        Where the files lie and where pictures and the report go; the tables go
        where ``outcome`` says.
    lang : {"vi", "en"}
    """

    def __init__(self, outcome: Outcome, raw: Path, reports: Path, lang: str) -> None:
        self.outcome, self.raw, self.lang = outcome, raw, lang
        made_by = program()
        self.tables, self.reports = Stamps(outcome.folder, made_by), Stamps(reports, made_by)

    def step(self, stamps: Stamps, name: str, made_from: object, work: Callable[[], Iterable[Path] | None]) -> None:
        """Do a step unless it stands; its files, notes and failures go into the outcome.

        ``work`` returns what it wrote, None to leave all as it was. A step in
        which anything failed is done again by the next build.
        """
        outcome = self.outcome
        if known := stamps.standing(name, made_from):
            outcome.notes += known["notes"]
            outcome.written += [stamps.folder / file for file in known["files"]]
            return
        failures, notes = len(outcome.failures), len(outcome.notes)
        try:
            with user_warnings(outcome.notes):
                written = work()
            if written is not None:
                outcome.written += written
                whole = len(outcome.failures) == failures
                stamps.put(name, made_from if whole else None, written, outcome.notes[notes:])
        except Exception as exc:  # noqa: BLE001 - one output that fails must not stop the others
            outcome.failures.append(failure_line(exc, name))


@contextlib.contextmanager
def user_warnings(notes: list[str]) -> Iterator[None]:
    """Add the warnings meant for a user to ``notes``, each once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    notes += dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, MttqWarning))


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


def seen(found: Iterable[Source]) -> list[object]:
    """What a step is made from where it is made from files: their names, their content, what is said of them."""
    return [[source.name, checksum(source.path), source.sidecar] for source in found]
