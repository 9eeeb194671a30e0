"""The store: returns with all their revisions in one SQLite file.

A return is an area, a period and a form. Each file that brings it is a
revision; the newest that was not withdrawn counts, the others stay readable.
One without a single sure figure (as when it is in doubt whose return it is) does
not take the place of an earlier one until some of its figures are accepted.
Nothing is ever deleted or overwritten: suspect values are accepted or refused
and revisions withdrawn by events that say who, when and why, and that can be
undone.
"""

from __future__ import annotations

import getpass
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.errors import MttqError
from mttq_data.inventory import day_received
from mttq_data.store import audit as store_audit
from mttq_data.store import loading
from mttq_data.store import queries as store_queries
from mttq_data.store.audit import Journal
from mttq_data.store.loading import LOADED_COLUMNS, Added, File, Loaded
from mttq_data.store.reader import StoreReader

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Added", "Loaded", "Store"]

Ids = str | Sequence[str]


class Store(StoreReader):
    """Returns with their revisions, in one file.

    Opening costs nothing and makes nothing: the file comes into being with the
    first return. Several programs may read and write it at once, on one
    computer (the file must not lie on a network drive that several computers
    write to at once). Every method that writes does all or nothing.

    Parameters
    ----------
    path : str or Path
        The file, such as ``data/store.sqlite``.
    trust_clock : bool
        Go on although the clock is behind the store's last change, because the
        clock was wrong then. It is noted in the audit trail.

    Raises
    ------
    MttqError
        By every method: the file is missing, no store, damaged, of a newer
        version, read-only, was deleted meanwhile, or the disk is full. The
        store is then as it was before.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> figure = {"area": "218", "period": "2024-Q4", "indicator": "poor_households", "measure": "period",
    ...           "value": 5142.0, "low": 5142.0, "high": 5142.0, "qualifier": "exact", "unit": "household",
    ...           "status": "ok", "raw": "5.142", "form": "front_work", "cell": "Sheet1!D9"}
    >>> store = Store(tempfile.mkdtemp() + "/store.sqlite")
    >>> store.add(pd.DataFrame([figure]), pd.DataFrame(), b"the file", "luc-nam.xlsx")["state"].tolist()
    ['new']
    >>> store.observations(period="2024-Q4")[["area", "value", "raw"]].values.tolist()
    [['218', 5142.0, '5.142']]
    """

    def __init__(self, path: str | Path, *, trust_clock: bool = False) -> None:
        super().__init__(path)
        self._trust_clock = trust_clock

    def load(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        received: str | date | None = None,
        by: str = "",
        again: bool = False,
        executor: Executor | None = None,
        tell: Callable[[list[Added]], None] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Loaded:
        """Read returns from files and folders and keep them.

        A file that is in the store already does nothing, so a folder may be
        loaded again and again; a changed file becomes a new revision.

        Parameters
        ----------
        paths : path or iterable of paths
            Files, and folders with all that lies in them. Samples are left out
            where real files lie beside them.
        received : str or date, optional
            The day they came in (``2025-01-08``). By default what the sidecar
            of a file says (``"received"``), else today.
        by : str
            Who loads them; the name of this computer's user by default.
        again : bool
            Read files that are known once more, after the form or the reader
            has changed: other figures become a new revision.
        executor : concurrent.futures.Executor, optional
            Reads the files in parallel.
        tell : callable, optional
            Called with the list of `Added` after each step that is on disk.
        progress : callable, optional
            Called with the number of files just done.

        Returns
        -------
        Loaded
            ``returns`` (what became of each), ``problems`` (of files without a
            return) and ``failures`` (lines). A file that fails does not stop
            the others.

        Examples
        --------
        >>> Store("data/store.sqlite").load("data/raw/returns")  # doctest: +SKIP
        """
        named = [paths] if isinstance(paths, str | Path) else list(paths)
        files, failures = loading.files_of(named, received)
        done = loading.load(self._database, files, self._journal(by or _user()), again, executor, tell, progress)
        done.failures[:0] = failures
        return done

    def add(
        self,
        observations: pd.DataFrame,
        problems: pd.DataFrame,
        original: bytes,
        name: str,
        *,
        received: str | date | None = None,
        by: str = "",
        again: bool = False,
    ) -> pd.DataFrame:
        """Keep the returns read from one file.

        Parameters
        ----------
        observations, problems : DataFrame
            As ``read_return`` gives them; ``source`` and ``sha256`` are taken
            from ``name`` and ``original``.
        original : bytes
            The file as it came.
        name : str
            Its name.
        received, by, again
            As for `load`.

        Returns
        -------
        DataFrame
            One row a return: ``area, period, form, revision, state, source,
            sha256``; ``state`` is new, known, withdrawn or reread.

        Raises
        ------
        MttqError
            There is no figure in it.
        """
        import pandas as pd

        if observations.empty:
            raise MttqError(f"{name}: holds no figure; nothing to keep")
        sha = hashlib.sha256(original).hexdigest()
        readings = loading.readings_of(observations.assign(sha256=sha), problems.assign(sha256=sha)).get(sha, [])
        if not readings:
            raise MttqError(f"{name}: no figure says whose it is and for when (area, period, form)")
        file = File(Path(name), name, day_received(received or date.today(), name), sha, original, readings)
        added = loading.add(self._database, [file], self._journal(by or _user()), again)
        return pd.DataFrame([vars(a) for a in added], columns=list(LOADED_COLUMNS))

    def accept(self, ids: Ids | pd.DataFrame, *, by: str, why: str, value: float | None = None) -> list[int]:
        """Accept suspect values, so that they count.

        Parameters
        ----------
        ids : str, sequence of str or DataFrame
            Ids from `suspects`, or rows of its frame.
        by, why : str
            Who accepts them and why.
        value : float, optional
            The right value of a single one, in the indicator's unit; by
            default its suggestion, and where there is none the value as read.

        Returns
        -------
        list of int
            Numbers of the events; `undo` takes them.

        Raises
        ------
        MttqError
            One of them is not suspect or has neither suggestion nor value, or
            ``by`` or ``why`` is empty: then none is accepted.
        """
        return self._decide(ids, "accept", by, why, value)

    def refuse(self, ids: Ids | pd.DataFrame, *, by: str, why: str) -> list[int]:
        """Refuse suspect values: they count as missing. The parameters are those of `accept`."""
        return self._decide(ids, "refuse", by, why, None)

    def withdraw(
        self, area: str, period: str, form: str = "front_work", *, by: str, why: str, revision: int | None = None
    ) -> int:
        """Withdraw a revision of a return; the one before counts again.

        Parameters
        ----------
        area, period, form : str
            The return; ``area`` is a code.
        by, why : str
            Who withdraws it and why.
        revision : int, optional
            Its number; the current one by default.

        Returns
        -------
        int
            The number of the event; `undo` takes it.
        """
        told = f"{area} {period} {form}"
        with self._database.writing() as connection:
            frame = store_queries.revisions(connection, area, period, form)
            of = store_queries.chosen(frame, "current" if revision is None else revision)
            if of.empty:
                known = ", ".join(f"{n} ({s})" for n, s in zip(frame["revision"], frame["state"], strict=True))
                wanted = "current revision" if revision is None else f"revision {revision}"
                raise MttqError(f"{self.path}: no {wanted} of {told}; there is {known or 'none'}")
            told = f"{told} revision {of['revision'].iloc[0]}"
            return store_audit.withdraw(connection, self._journal(by, why)(connection), int(of.index[0]), told)

    def undo(self, event: int, *, by: str, why: str) -> int:
        """Take back an acceptance, refusal or withdrawal; the number of the event that says so."""
        with self._database.writing() as connection:
            return store_audit.undo(connection, self._journal(by, why)(connection), event)

    def _decide(self, ids: Ids | pd.DataFrame, action: str, by: str, why: str, value: float | None) -> list[int]:
        import pandas as pd

        named = ids["id"].tolist() if isinstance(ids, pd.DataFrame) else ids
        wanted = [named] if isinstance(named, str) else list(named or ())
        with self._database.writing() as connection:
            return store_audit.decide(connection, self._journal(by, why)(connection), wanted, action, value)

    def _journal(self, by: str, why: str = "") -> Callable[[sqlite3.Connection], Journal]:
        return lambda connection: Journal(connection, self.path, by, why, self._trust_clock)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "?"
