"""The tables of a store, and how an older store becomes one of today.

Everything that repeats (codes, units, sheet names) is kept once in ``word``,
``item`` and ``manner``; what a figure shares with its return (area, period,
sheet) is left out of its row. So a figure takes some 30 bytes.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mttq_data.errors import MttqError
from mttq_data.files import replacing

APPLICATION = 0x4D545451
VERSION = 2

SCHEMA = """
CREATE TABLE store (id TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE item (
    id INTEGER PRIMARY KEY,
    indicator INTEGER NOT NULL REFERENCES word, measure INTEGER NOT NULL REFERENCES word,
    unit INTEGER NOT NULL REFERENCES word,
    UNIQUE (indicator, measure, unit)
);
-- low, high: 0 none, 1 the value itself, 2 a figure of their own
CREATE TABLE manner (
    id INTEGER PRIMARY KEY,
    qualifier INTEGER NOT NULL REFERENCES word, status INTEGER NOT NULL REFERENCES word,
    low INTEGER NOT NULL, high INTEGER NOT NULL,
    UNIQUE (qualifier, status, low, high)
);
CREATE TABLE original (
    id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL, codec TEXT NOT NULL, content BLOB NOT NULL
);
CREATE TABLE revision (
    id INTEGER PRIMARY KEY,
    area INTEGER NOT NULL REFERENCES word, period INTEGER NOT NULL REFERENCES word,
    form INTEGER NOT NULL REFERENCES word, number INTEGER NOT NULL,
    original INTEGER NOT NULL REFERENCES original, name TEXT NOT NULL, received TEXT NOT NULL,
    sheet INTEGER NOT NULL REFERENCES word,
    UNIQUE (area, period, form, number)
);
CREATE INDEX revision_original ON revision (original);
CREATE TABLE observation (
    revision INTEGER NOT NULL REFERENCES revision, place INTEGER NOT NULL,
    item INTEGER NOT NULL REFERENCES item, manner INTEGER NOT NULL REFERENCES manner,
    area INTEGER REFERENCES word, period INTEGER REFERENCES word, sheet INTEGER REFERENCES word,
    cell BLOB NOT NULL, value REAL, low REAL, high REAL, raw TEXT,
    PRIMARY KEY (revision, place)
) WITHOUT ROWID;
CREATE TABLE problem (
    revision INTEGER NOT NULL REFERENCES revision, place INTEGER NOT NULL,
    "check" INTEGER NOT NULL REFERENCES word, severity INTEGER NOT NULL REFERENCES word,
    indicator INTEGER NOT NULL REFERENCES word, area INTEGER NOT NULL REFERENCES word,
    period INTEGER NOT NULL REFERENCES word, "where" TEXT NOT NULL, found TEXT NOT NULL, expected TEXT NOT NULL,
    PRIMARY KEY (revision, place)
) WITHOUT ROWID;
-- of the problems of a revision in their order: [[message_vi, message_en], ...] as JSON, packed by zlib
CREATE TABLE message (revision INTEGER PRIMARY KEY REFERENCES revision, packed BLOB NOT NULL);
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL, why TEXT NOT NULL,
    revision INTEGER REFERENCES revision, place INTEGER, value REAL, undoes INTEGER REFERENCES event
);
CREATE INDEX event_revision ON event (revision, place);
CREATE INDEX event_undoes ON event (undoes) WHERE undoes IS NOT NULL;
CREATE VIEW in_force AS
    SELECT * FROM event WHERE action <> 'undo' AND id NOT IN (SELECT undoes FROM event WHERE undoes IS NOT NULL);
"""


def _pack_messages(connection: sqlite3.Connection) -> None:
    """Version 1 kept two sentences with each problem, more than all the figures took, and a hash nobody needs."""
    connection.execute("CREATE TABLE message (revision INTEGER PRIMARY KEY REFERENCES revision, packed BLOB NOT NULL)")
    said: dict[int, list[tuple[str, str]]] = {}
    for revision, vi, en in connection.execute(
        "SELECT revision, message_vi, message_en FROM problem ORDER BY revision, place"
    ):
        said.setdefault(revision, []).append((vi, en))
    connection.executemany("INSERT INTO message VALUES (?, ?)", ((r, packed(m)) for r, m in said.items()))
    for table, column in (("problem", "message_vi"), ("problem", "message_en"), ("revision", "reading")):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def packed(messages: list[tuple[str, str]]) -> bytes:
    """The messages of a revision's problems as ``message`` keeps them."""
    return zlib.compress(json.dumps(messages, ensure_ascii=False).encode("utf-8", "replace"), 9)


def unpacked(content: bytes) -> list[tuple[str, str]]:
    """The messages that `packed` packed."""
    return [(vi, en) for vi, en in json.loads(zlib.decompress(content))]


# From a version to the next, inside one transaction.
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _pack_messages}


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's version; 0 for a file without tables yet.

    Raises
    ------
    MttqError
        The file is another program's, or of a newer version of this one.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not tables and not version:
        return 0
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise MttqError(f"{path}: a database of another program, no store of returns; choose another file")
    if version > VERSION:
        raise MttqError(
            f"{path}: written by a newer version of mttq_data (store version {version}, this one knows {VERSION}); "
            "update mttq_data on this computer"
        )
    return version


def make(connection: sqlite3.Connection, identity: str) -> None:
    """Make the tables, inside the transaction that is open."""
    run_script(connection, SCHEMA)
    connection.execute("INSERT INTO store VALUES (?, ?)", (identity, timestamp()))
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def migrate(connection: sqlite3.Connection, version: int, path: Path) -> Path:
    """Bring an older store up to date inside the transaction that is open; return the copy made before."""
    if version not in MIGRATIONS:
        raise MttqError(f"{path}: store version {version} is unknown; it may be damaged")
    copy = back_up(path, version)
    while version < VERSION:
        MIGRATIONS[version](connection)
        version += 1
    connection.execute(f"PRAGMA user_version = {VERSION}")
    return copy


def back_up(path: Path, version: int) -> Path:
    """Copy the store as last committed to ``<name>.v<version>.bak`` beside it."""
    target = path.with_name(f"{path.name}.v{version}.bak")
    count = 1
    while target.exists():
        count += 1
        target = path.with_name(f"{path.name}.v{version}-{count}.bak")
    # A second connection sees the state before the transaction that asks for the copy.
    with contextlib.closing(sqlite3.connect(path)) as source:
        copy_to(source, target)
    return target


def copy_to(source: sqlite3.Connection, target: Path) -> None:
    """Write what a connection sees into a file of its own, whole or not at all."""
    with replacing(target) as tmp, contextlib.closing(sqlite3.connect(tmp)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statements without the commit that ``executescript`` begins with."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def timestamp() -> str:
    """The time now, in UTC, as the store writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
