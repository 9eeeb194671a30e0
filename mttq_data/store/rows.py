"""Between the frames of the contract and the rows of a store."""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import isnan
from typing import TYPE_CHECKING, Any

from mttq_data.returns.grids import letters
from mttq_data.store.schema import packed, unpacked
from mttq_data.wording import plain_number

if TYPE_CHECKING:
    import pandas as pd

OBSERVATION_COLUMNS = (
    "area", "period", "indicator", "measure", "value", "low", "high", "qualifier", "unit", "status", "raw",
    "form", "source", "sha256", "cell", "revision", "suggestion",
)  # fmt: skip
PROBLEM_COLUMNS = (
    "check", "severity", "source", "sha256", "where", "indicator", "area", "period", "found", "expected",
    "message_vi", "message_en",
)  # fmt: skip
NUMBERS = ("value", "low", "high")
_OBSERVED = (
    "area", "period", "indicator", "measure", "value", "low", "high", "qualifier", "unit", "status", "raw", "cell",
)  # fmt: skip
_FOUND = ("check", "severity", "indicator", "area", "period", "where", "found", "expected", "message_vi", "message_en")
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_NONE, _VALUE, _OWN = 0, 1, 2
_STATUS = _OBSERVED.index("status")

Row = tuple[Any, ...]
Key = tuple[str, str, str]


@dataclass
class Reading:
    """One return as read from one file: its key, its figures and its problems."""

    key: Key
    rows: list[Row] = field(default_factory=list)
    problems: list[Row] = field(default_factory=list)

    @property
    def doubtful(self) -> bool:
        """Whether no figure is sure, as when it is in doubt whose return it is."""
        states = {row[_STATUS] for row in self.rows}
        return "suspect" in states and states <= {"suspect", "missing"}


def columns_of(frame: pd.DataFrame, names: Iterable[str]) -> dict[str, list[Any]]:
    """Columns as plain lists: numbers as float, NaN as None; text without ``<NA>``."""
    import pandas as pd

    lists: dict[str, list[Any]] = {}
    for name in names:
        if name not in frame.columns:
            lists[name] = [None if name in NUMBERS else ""] * len(frame)
        elif name in NUMBERS:
            found = pd.to_numeric(frame[name], errors="coerce").astype(float).tolist()
            lists[name] = [None if isnan(x) else x for x in found]
        else:
            found = frame[name].astype(object).where(frame[name].notna(), "").tolist()
            lists[name] = [x if type(x) is str else str(x) for x in found]
    return lists


def observed(frame: pd.DataFrame) -> tuple[list[Row], list[str], list[str]]:
    """Rows of figures, and for each its form and the checksum of its file."""
    lists = columns_of(frame, (*_OBSERVED, "form", "sha256"))
    return list(zip(*(lists[c] for c in _OBSERVED), strict=True)), lists["form"], lists["sha256"]


def found(frame: pd.DataFrame) -> tuple[list[Row], list[str], list[str]]:
    """Rows of problems, and for each the name and the checksum of its file."""
    lists = columns_of(frame, (*_FOUND, "source", "sha256"))
    return list(zip(*(lists[c] for c in _FOUND), strict=True)), lists["source"], lists["sha256"]


class Dictionary:
    """Ids of rows that are kept once; new ones are added as they come."""

    def __init__(self, connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> None:
        self._connection = connection
        named = ", ".join(columns)
        self._insert = f"INSERT INTO {table} ({named}) VALUES ({', '.join('?' * len(columns))})"
        self._ids: dict[Row, int] = {
            tuple(row[1:]): row[0] for row in connection.execute(f"SELECT id, {named} FROM {table}")
        }

    def __call__(self, *row: Any) -> int:
        known = self._ids.get(row)
        if known is None:
            known = self._connection.execute(self._insert, row).lastrowid or 0
            self._ids[row] = known
        return known


class Writer:
    """Writes readings inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.word = Dictionary(connection, "word", ["text"])
        item = Dictionary(connection, "item", ["indicator", "measure", "unit"])
        manner = Dictionary(connection, "manner", ["qualifier", "status", "low", "high"])
        word = self.word
        self._item = cache(lambda *said: item(*map(word, said)))
        self._manner = cache(lambda qualifier, status, *ends: manner(word(qualifier), word(status), *ends))

    def original(self, sha256: str, content: bytes) -> int:
        """The id of a file's bytes, kept once and packed where that is shorter."""
        key = bytes.fromhex(sha256)
        known = self.connection.execute("SELECT id FROM original WHERE sha256 = ?", (key,)).fetchone()
        if known:
            return int(known[0])
        # An .xlsx, .xlsb or .ods is a packed file already.
        smaller = content if content.startswith(b"PK") else zlib.compress(content, 6)
        codec, kept = ("zlib", smaller) if len(smaller) < len(content) else ("", content)
        insert = "INSERT INTO original (sha256, size, codec, content) VALUES (?, ?, ?, ?)"
        return self.connection.execute(insert, (key, len(content), codec, kept)).lastrowid or 0

    def revision(self, reading: Reading, original: int, name: str, received: str) -> tuple[int, int]:
        """Write a reading as the next revision of its return; its id and its number."""
        key = tuple(self.word(part) for part in reading.key)
        last = "SELECT coalesce(max(number), 0) FROM revision WHERE area = ? AND period = ? AND form = ?"
        number = self.connection.execute(last, key).fetchone()[0] + 1
        sheet = _main_sheet(reading.rows)
        made = self.connection.execute(
            "INSERT INTO revision (area, period, form, number, original, name, received, sheet) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, number, original, name, received, self.word(sheet)),
        ).lastrowid
        assert made is not None
        insert = "INSERT INTO observation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self.connection.executemany(insert, self._rows(made, reading, sheet))
        self._problems(made, reading)
        return made, number

    def same(self, reading: Reading, original: int, again: bool) -> tuple[int, int, str] | None:
        """Id, number and state of the revision this file's return has already; ``again`` asks for the same figures."""
        known = self.connection.execute(
            "SELECT r.id, r.number, EXISTS (SELECT 1 FROM in_force e WHERE e.action = 'withdraw' "
            "AND e.revision = r.id) FROM revision r WHERE r.original = ? AND r.area = ? AND r.period = ? "
            "AND r.form = ? ORDER BY r.number DESC",
            (original, *map(self.word, reading.key)),
        ).fetchall()
        for made, number, withdrawn in known:
            if not again or self._figures(made) == self._rows(made, reading, _main_sheet(reading.rows)):
                return made, number, "withdrawn" if withdrawn else "known"
        return None

    def _figures(self, revision: int) -> list[Row]:
        select = "SELECT * FROM observation WHERE revision = ? ORDER BY place"
        return self.connection.execute(select, (revision,)).fetchall()

    def refresh(self, revision: int, reading: Reading) -> bool:
        """Put what is found today in the place of what was found before; whether that differs."""
        had = self.connection.execute("SELECT * FROM problem WHERE revision = ? ORDER BY place", (revision,)).fetchall()
        said = self.connection.execute("SELECT packed FROM message WHERE revision = ?", (revision,)).fetchone()
        if had == self._found(revision, reading) and (said and unpacked(said[0])) == (_said(reading) or None):
            return False
        self.connection.execute("DELETE FROM problem WHERE revision = ?", (revision,))
        self.connection.execute("DELETE FROM message WHERE revision = ?", (revision,))
        self._problems(revision, reading)
        return True

    def _found(self, revision: int, reading: Reading) -> list[Row]:
        return [(revision, at, *map(self.word, row[:5]), *row[5:8]) for at, row in enumerate(reading.problems)]

    def _problems(self, revision: int, reading: Reading) -> None:
        rows = self._found(revision, reading)
        self.connection.executemany("INSERT INTO problem VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        if rows:
            self.connection.execute("INSERT INTO message VALUES (?, ?)", (revision, packed(_said(reading))))

    def _rows(self, revision: int, reading: Reading, main_sheet: str) -> list[Row]:
        own_area, own_period, _ = reading.key
        word, item_of, manner_of = self.word, self._item, self._manner
        rows = []
        for place, row in enumerate(reading.rows):
            area, period, indicator, measure, value, low, high, qualifier, unit, status, raw, cell = row
            low_as = _NONE if low is None else _VALUE if low == value else _OWN
            high_as = _NONE if high is None else _VALUE if high == value else _OWN
            sheet, at = packed_cell(cell)
            rows.append((
                revision, place, item_of(indicator, measure, unit), manner_of(qualifier, status, low_as, high_as),
                None if area == own_area else word(area),
                None if period == own_period else word(period),
                None if sheet == main_sheet else word(sheet),
                at, value,
                low if low_as == _OWN else None,
                high if high_as == _OWN else None,
                None if raw == plain(value) else raw,
            ))  # fmt: skip
        return rows


def _said(reading: Reading) -> list[tuple[str, str]]:
    return [(row[8], row[9]) for row in reading.problems]


def plain(value: float | None) -> str:
    """How a value stands in a cell if nobody did anything to it: what ``raw`` need not repeat."""
    return "" if value is None else plain_number(value)


def _main_sheet(rows: list[Row]) -> str:
    sheets = Counter(packed_cell(row[-1])[0] for row in rows)
    return sheets.most_common(1)[0][0] if rows else ""


@lru_cache(maxsize=20_000)
def packed_cell(cell: str) -> tuple[str, int | str]:
    """Sheet, and place as row × 16384 + column; a place that is no cell stays text.

    Examples
    --------
    >>> packed_cell("Quý 4!B3")
    ('Quý 4', 32769)
    """
    sheet, mark, at = cell.rpartition("!")
    match = _CELL.fullmatch(at) if mark else None
    if match is None:
        return "", cell
    row, column = cell_place(at)
    return (sheet, row * 16384 + column) if column < 16384 else ("", cell)


def cell_place(at: str) -> tuple[int, int]:
    """Row and column of an address, both from 0.

    Examples
    --------
    >>> cell_place("B3")
    (2, 1)
    """
    name = at.rstrip("0123456789")
    column = 0
    for letter in name:
        column = column * 26 + ord(letter) - 64
    return int(at[len(name) :]) - 1, column - 1


@lru_cache(maxsize=20_000)
def cell_name(sheet: str, at: int | str) -> str:
    """The cell that `packed_cell` packed."""
    if isinstance(at, str):
        return at
    row, column = divmod(at, 16384)
    return f"{sheet}!{letters(column)}{row + 1}"


def original_bytes(codec: str, content: bytes) -> bytes:
    """A file's bytes as they were."""
    return zlib.decompress(content) if codec == "zlib" else content
