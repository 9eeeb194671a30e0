"""What can be asked of a store; `mttq_data.store.store.Store` adds what changes it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.errors import MttqError
from mttq_data.store import audit as store_audit
from mttq_data.store import check as store_check
from mttq_data.store import queries as store_queries
from mttq_data.store import status as store_status
from mttq_data.store.connection import Database
from mttq_data.store.queries import REVISION_COLUMNS, Names
from mttq_data.store.rows import OBSERVATION_COLUMNS, original_bytes
from mttq_data.store.schema import copy_to

if TYPE_CHECKING:
    import pandas as pd


class StoreReader:
    """The questions; none of them changes the store or needs the right to."""

    def __init__(self, path: str | Path) -> None:
        self._database = Database(path)

    @property
    def path(self) -> Path:
        """The store's file."""
        return self._database.path

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    def exists(self) -> bool:
        """Whether there is a store yet."""
        return self._database.exists()

    @contextlib.contextmanager
    def _asked(
        self, area: Names, period: Names, form: Names, revision: str | int
    ) -> Iterator[tuple[sqlite3.Connection, pd.DataFrame]]:
        """A connection, and the revisions it sees of those asked for."""
        with self._database.reading() as connection:
            yield connection, store_queries.chosen(store_queries.revisions(connection, area, period, form), revision)

    def observations(
        self,
        *,
        area: Names = None,
        period: Names = None,
        form: Names = None,
        indicator: Names = None,
        revision: str | int = "current",
        decided: bool = True,
    ) -> pd.DataFrame:
        """The figures kept.

        Parameters
        ----------
        area, period, form : str or sequence of str, optional
            Of which returns; ``area`` is the code of the unit that sent it.
        indicator : str or sequence of str, optional
        revision : {"current", "all"} or int
            ``current``: of each return the newest that was not withdrawn;
            ``all``: also superseded and withdrawn ones; a number: that one.
        decided : bool
            With what was decided on suspect values: accepted ones have the
            status ``accepted``, refused ones are ``missing``, without a value,
            their ``raw`` kept. False gives them as they were read.

        Returns
        -------
        DataFrame
            ``area, period, indicator, measure, value, low, high, qualifier,
            unit, status, raw, form, source, sha256, cell, revision,
            suggestion`` (what a suspect value more likely is, NaN where nothing is).
        """
        with self._asked(area, period, form, revision) as (connection, of):
            return store_queries.observations(connection, of, indicator, decided)[list(OBSERVATION_COLUMNS)]

    def problems(
        self, *, area: Names = None, period: Names = None, form: Names = None, revision: str | int = "current"
    ) -> pd.DataFrame:
        """What was found wrong with the returns kept; the parameters are those of `observations`.

        Returns
        -------
        DataFrame
            The columns of the contract and ``form, revision, settled`` (True
            where the value was accepted or refused since).
        """
        with self._asked(area, period, form, revision) as (connection, of):
            return store_queries.problems(connection, of).drop(columns="id")

    def revisions(self, *, area: Names = None, period: Names = None, form: Names = None) -> pd.DataFrame:
        """All revisions.

        Returns
        -------
        DataFrame
            ``area, period, form, revision, state, source, sha256, received
            (day), loaded (UTC), by``. ``state`` is current, superseded,
            withdrawn, or doubtful: newer than the current one, without a sure
            figure.
        """
        with self._asked(area, period, form, "all") as (_, frame):
            return frame[list(REVISION_COLUMNS)].reset_index(drop=True)

    def status(self, form: str = "front_work", period: str = "") -> pd.DataFrame:
        """Who has sent the form's returns of a period, and who has not.

        Parameters
        ----------
        form : str
            Id of the form; ``forms.csv`` says who owes it and until when.
        period : str
            Such as ``2024-Q4``.

        Returns
        -------
        DataFrame
            One row a unit: ``area, period, form, status (in time, late,
            missing, with errors), received, due, days_late, revision, errors,
            warnings, expected``. ``with errors`` goes before ``late``;
            ``days_late`` says of each by how many days. ``received`` is when
            the first file came in, ``errors`` are those open in the current
            revision. Units that sent it without owing it stand last.
        """
        if not self.path.exists():
            return store_status.status(None, form, period)
        with self._database.reading() as connection:
            return store_status.status(connection, form, period)

    def original(self, sha256: str) -> bytes:
        """The bytes of a file as it came.

        Parameters
        ----------
        sha256 : str
            Its checksum, as in `revisions`.
        """
        with self._database.reading() as connection:
            try:
                key = bytes.fromhex(sha256)
            except ValueError:
                key = b""
            row = connection.execute("SELECT codec, content FROM original WHERE sha256 = ?", (key,)).fetchone()
        if row is None:
            raise MttqError(f"{self.path}: no file with checksum {sha256}; Store.revisions() lists them")
        return original_bytes(*row)

    def suspects(
        self, *, area: Names = None, period: Names = None, form: Names = None, indicator: Names = None
    ) -> pd.DataFrame:
        """The suspect values of current and doubtful revisions that nobody has decided on.

        Returns
        -------
        DataFrame
            ``id`` (what `accept` and `refuse` take) and the columns of
            `observations`: ``raw`` is what stood there, ``value`` how it was
            read, ``suggestion`` what it more likely is.
        """
        with self._asked(area, period, form, "open") as (connection, of):
            frame = store_queries.observations(connection, of, indicator)
        return frame[frame["status"] == "suspect"][["id", *OBSERVATION_COLUMNS]].reset_index(drop=True)

    def audit(self) -> pd.DataFrame:
        """Everything that was done to the store.

        Returns
        -------
        DataFrame
            ``event, at (UTC), by, action (load, reread, accept, refuse,
            withdraw, undo, clock), why, area, period, form, revision,
            indicator, measure, place (id as in suspects), value, undoes,
            undone_by``, in order.
        """
        with self._database.reading() as connection:
            return store_audit.audit(connection)

    def copy(self, path: str | Path) -> Path:
        """Copy the store to another file while others may go on working with it.

        Copying the file in the Explorer can miss what was written last.

        Raises
        ------
        MttqError
            There is a file of that name already, or it cannot be written.
        """
        target = Path(path)
        if target.exists():
            raise MttqError(f"{target}: exists already; choose another name for the copy")
        with self._database.reading() as connection:
            copy_to(connection, target)
        return target

    def check(self) -> list[str]:
        """Look whether all is whole: one line for each fault, none when the store is sound.

        Reads everything: the file's structure, the references between tables,
        and every original against its checksum.
        """
        with self._database.reading() as connection:
            return store_check.faults(connection)
