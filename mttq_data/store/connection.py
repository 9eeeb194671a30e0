"""Opening a store: for each piece of work anew, so that nothing is held between two of them.

Reading asks for no right to write where SQLite allows that; writing is one
transaction that is on disk when it ends, or did not happen.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from mttq_data.errors import MttqError
from mttq_data.store.schema import VERSION, make, migrate, version_of

# How long one process waits for another's transaction; each takes well under a second.
PATIENCE = 120.0
_ROOM = 1 << 16


class Database:
    """One store file."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._identity = ""

    def exists(self) -> bool:
        """Whether there is a store with tables."""
        if not self.path.exists():
            return False
        with told(self.path), self._opened_to_read() as connection:
            return version_of(connection, self.path) > 0

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the store, however much others write meanwhile."""
        with told(self.path):
            with self._opened_to_read() as connection:
                connection.execute("BEGIN")
                version = version_of(connection, self.path)
                self._recognise(connection, version)
                if version == VERSION:
                    yield connection
                    return
            with self.writing():
                pass  # brings an older store up to date
            with self._opened_to_read() as connection:
                connection.execute("BEGIN")
                yield connection

    @contextlib.contextmanager
    def writing(self, create: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection inside one transaction: committed at the end, rolled back on any error.

        Parameters
        ----------
        create : bool
            Make the file where there is none, unless it was there before.
        """
        with told(self.path):
            self._check_there(create)
            mode = "rwc" if create and not self._identity else "rw"
            with contextlib.closing(connect(self.path, mode)) as connection:
                _settle(connection)
                inode = _inode(self.path)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    self._prepare(connection, create)
                    yield connection
                    self._check_same(inode)
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
                self._check_same(inode)

    def _prepare(self, connection: sqlite3.Connection, create: bool) -> None:
        version = version_of(connection, self.path)
        if version == 0 and create and not self._identity:
            make(connection, uuid.uuid4().hex)
        elif 0 < version < VERSION:
            migrate(connection, version, self.path)
        self._recognise(connection, version_of(connection, self.path))

    def _recognise(self, connection: sqlite3.Connection, version: int) -> None:
        """Remember which store this is; another one in its place is an error."""
        if version == 0:
            raise MttqError(self._gone() if self._identity else self._none())
        identity = connection.execute("SELECT id FROM store").fetchone()[0]
        if self._identity not in ("", identity):
            raise MttqError(f"{self.path}: another store has taken its place meanwhile; start again")
        self._identity = identity

    def _check_there(self, create: bool) -> None:
        if self.path.is_dir():
            raise MttqError(f"{self.path}: a folder; name the store's file, such as {self.path / 'store.sqlite'}")
        if self.path.exists():
            return
        if self._identity:
            raise MttqError(self._gone())
        if not create:
            raise MttqError(self._none())
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise MttqError(f"{self.path.parent}: the folder cannot be made ({exc.strerror or exc})") from exc

    def _check_same(self, inode: tuple[int, int] | None) -> None:
        # A deleted file can still be written to on Linux and macOS: what goes there is lost.
        if _inode(self.path) != inode or inode is None:
            raise MttqError(self._gone())

    def _gone(self) -> str:
        return f"{self.path}: the store was deleted or moved while in use; put it back (or restore a copy), then load again"

    def _none(self) -> str:
        return f"{self.path}: there is no store yet; make one with: mttq load FOLDER --store {self.path.name}"

    @contextlib.contextmanager
    def _opened_to_read(self) -> Iterator[sqlite3.Connection]:
        self._check_there(create=False)
        with contextlib.ExitStack() as stack:
            try:
                connection = stack.enter_context(contextlib.closing(connect(self.path, "ro")))
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.OperationalError as exc:
                if _code(exc) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                    raise
                connection = stack.enter_context(self._opened_without_writing())
            yield connection

    @contextlib.contextmanager
    def _opened_without_writing(self) -> Iterator[sqlite3.Connection]:
        """In a read-only folder SQLite cannot keep its notes beside the file: read it as it stands, or a copy."""
        with open(self.path, "rb"):
            pass  # says plainly where reading is not permitted
        log = Path(f"{self.path}-wal")
        with contextlib.ExitStack() as stack:
            path, mode = self.path, "ro&immutable=1"
            if log.exists() and log.stat().st_size:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mttq-"))
                path, mode = Path(folder) / "store.sqlite", "rw"
                shutil.copyfile(self.path, path)
                shutil.copyfile(log, f"{path}-wal")
            yield stack.enter_context(contextlib.closing(connect(path, mode)))


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a file whatever letters its path has; transactions are begun by hand."""
    name = quote(os.fsencode(path.absolute().as_posix()))
    uri = f"file://{'' if name.startswith('/') else '/'}{name}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=PATIENCE)


def _settle(connection: sqlite3.Connection) -> None:
    # The change to WAL does not wait for others by itself.
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as exc:
            if _code(exc) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _code(exc: sqlite3.Error) -> int:
    """The primary result code; the extended ones hold it in their lowest byte."""
    return getattr(exc, "sqlite_errorcode", 0) & 0xFF


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


_SAID = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space and do it again, nothing of this step was kept",
    sqlite3.SQLITE_READONLY: "cannot be written; the file or its folder is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that the folder exists and may be written to",
    sqlite3.SQLITE_PERM: "no permission; ask the owner of the file",
    sqlite3.SQLITE_BUSY: f"another program has held it for over {PATIENCE:.0f} seconds; close it and do it again",
    sqlite3.SQLITE_LOCKED: "another program holds it; close it and do it again",
    sqlite3.SQLITE_NOTADB: "not a store (no SQLite file); choose another file",
    sqlite3.SQLITE_CORRUPT: "the store is damaged; put the last copy in its place and load the returns again",
    sqlite3.SQLITE_IOERR: "reading or writing failed; is the disk full, or the drive unplugged? Nothing of this step was kept",
}


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into one clear line."""
    try:
        yield
    except sqlite3.Error as exc:
        # Where no room is left for its notes beside the file, SQLite speaks of an error of the disk.
        code = sqlite3.SQLITE_FULL if _code(exc) == sqlite3.SQLITE_IOERR and _is_full(path) else _code(exc)
        said = _SAID.get(code)
        if said is None and isinstance(exc, sqlite3.OperationalError | sqlite3.DatabaseError) and _code(exc):
            said = f"the store failed ({exc})"
        if said is None:
            raise
        raise MttqError(f"{path}: {said}") from exc
    except OSError as exc:
        raise MttqError(f"{path}: {exc.strerror or exc}; check the disk and the permissions") from exc
