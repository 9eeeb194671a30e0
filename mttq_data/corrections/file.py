"""``data/corrections.csv``: what was set right by hand, one line a correction, never rewritten by a build."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.corrections.places import Sought, key_of
from mttq_data.errors import MttqError
from mttq_data.files import csv_lines, write_bytes
from mttq_data.tables.tables import csv_bytes

if TYPE_CHECKING:
    import pandas as pd

FILE = Path("data") / "corrections.csv"
CHECKED = "checked"
# What a person reads first, then what finds the place again.
COLUMNS = (
    "document", "sentence", "text", "field", "old", "new", "who", "when", "why", "start", "end", "sha256", "check", "where", "nth", "likeness",
)  # fmt: skip
_NEEDED = ("field", "new", "start", "end")
_GUARDED = re.compile(r"'(?=\s*[=+\-@\t\n\uff1d\uff0b\uff0d\uff20])")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
Entry = dict[str, str]


def read_corrections(path: str | Path = FILE) -> pd.DataFrame:
    """Read the corrections file; an empty table where there is none.

    Parameters
    ----------
    path : str or Path
        CSV with comma, semicolon or tab, as Excel and LibreOffice save it.

    Returns
    -------
    DataFrame
        Text columns ``document, sentence, text, field, old, new, who, when,
        why, start, end, sha256, check, where, nth, likeness`` and whatever
        columns somebody added; the index is the line in the file.

    Raises
    ------
    MttqError
        The file is not readable as CSV in UTF-8, or a column is missing.

    Examples
    --------
    >>> read_corrections("no-such-file.csv").empty
    True
    """
    import pandas as pd

    path = Path(path)
    lines = csv_lines(path) if path.exists() else iter([(1, list(COLUMNS))])
    _, header = next(lines)
    _check_header(header, path)
    rows = {
        line: {c: _GUARDED.sub("", v, count=1) for c, v in zip(header, cells, strict=False)} for line, cells in lines
    }
    columns = list(dict.fromkeys([*COLUMNS, *filter(None, header)]))
    data = [{c: cells.get(c, "") for c in columns} for cells in rows.values()]
    frame = pd.DataFrame(data, index=pd.Index(list(rows), name="line"), columns=columns).astype(object)
    frame.attrs["path"] = str(path)
    return frame


def _check_header(header: Sequence[str], path: Path) -> None:
    named = [c for c in header if c]
    twice = next((c for c in named if named.count(c) > 1), "")
    if twice:
        raise MttqError(f"{path}: column {twice} stands twice in the header; keep one")
    lacking = [c for c in _NEEDED if c not in header]
    lacking += [] if {"document", "sha256"} & set(header) else ["document"]
    if lacking:
        raise MttqError(f"{path}: column {', '.join(lacking)} is missing; keep the header {','.join(COLUMNS)}")


def write_corrections(table: pd.DataFrame, path: str | Path) -> None:
    """Write the whole file anew, columns somebody added included, or leave it as it was."""
    write_bytes(path, csv_bytes(table))


def add_entries(entries: Sequence[Entry], path: str | Path = FILE) -> tuple[list[Entry], list[Entry]]:
    """Append corrections that the file does not hold in force yet.

    Returns
    -------
    (added, known)
    """
    import pandas as pd

    table = read_corrections(path)
    in_force = {identity(row): str(row["new"]) for row in in_order(table)}
    added: list[Entry] = []
    known: list[Entry] = []
    for entry in entries:
        held = in_force.get(identity(entry))
        (known if held == entry["new"] else added).append(entry)
        in_force[identity(entry)] = entry["new"]
    if added:
        joined = pd.concat([table, pd.DataFrame(added)], ignore_index=True).fillna("")
        write_corrections(joined, path)
    return added, known


def remove_entries(entries: Sequence[Entry], path: str | Path = FILE) -> tuple[list[Entry], list[Entry]]:
    """Take the latest line that says what each entry says out of the file.

    Returns
    -------
    (removed, unknown)
    """
    table = read_corrections(path)
    rows = in_order(table)
    taken: set[str] = set()
    removed: list[Entry] = []
    unknown: list[Entry] = []
    for entry in entries:
        wanted = identity(entry), entry["new"]
        same = [r for r in rows if r["line"] not in taken and (identity(r), r["new"]) == wanted]
        if same:
            taken.add(same[-1]["line"])
            removed.append(same[-1])
        else:
            unknown.append(entry)
    if taken:
        write_corrections(table[~table.index.astype(str).isin(taken)], path)
    return removed, unknown


def last_entries(path: str | Path = FILE) -> list[Entry]:
    """The lines written last: those that share the latest moment and writer."""
    rows = in_order(read_corrections(path))
    return [r for r in rows if (r["when"], r["who"]) == (rows[-1]["when"], rows[-1]["who"])]


def in_order(table: pd.DataFrame) -> list[Entry]:
    """The lines from the oldest to the latest, each with its number as ``line``."""
    rows = [
        {**{str(k): str(v) for k, v in row.items()}, "line": str(line)}
        for line, row in zip(table.index, table.to_dict("records"), strict=True)
    ]
    return sorted(rows, key=lambda row: moment(row["when"]))


def moment(when: str) -> datetime:
    """When a line was written, also as Excel rewrites it; the beginning of time where it does not say."""
    try:
        return datetime.fromisoformat(when.strip()).replace(tzinfo=None)
    except ValueError:
        found = _DAY_FIRST.fullmatch(when.strip())
    if not found:
        return datetime.min
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return datetime.min


def stamp(path: str | Path) -> str:
    """The present moment, to the second, or finer where the file holds one as late."""
    now = datetime.now()
    latest = max((moment(r["when"]) for r in in_order(read_corrections(path))), default=datetime.min)
    return now.isoformat(timespec="seconds" if now.replace(microsecond=0) > latest else "microseconds")


def writer(by: str = "") -> str:
    """Who corrects: as given, else the name of the account."""
    if by:
        return " ".join(by.split())
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def identity(entry: Mapping[str, str]) -> tuple[str, ...]:
    """What makes two lines speak of one field of one figure."""
    document = entry.get("sha256") or entry.get("document", "")
    return (
        document,
        where_of(entry),
        entry.get("check", ""),
        entry["field"],
        key_of(entry.get("sentence")),
        key_of(entry.get("text")),
    )


def where_of(entry: Mapping[str, str]) -> str:
    """``start-end``, of a problem all its places."""
    if entry.get("where"):
        return entry["where"].strip()
    ends = [str(entry.get(c, "")).strip().removesuffix(".0") for c in ("start", "end")]
    return "-".join(ends) if all(e.isdecimal() for e in ends) else ""


def sought(entry: Mapping[str, str]) -> Sought:
    """What a line says of its place."""
    figure = (key_of(entry.get("sentence")), key_of(entry.get("text")))
    key = (entry.get("check", ""), *figure) if entry["field"] == CHECKED else figure
    return Sought(
        entry.get("document", ""),
        entry.get("sha256", ""),
        where_of(entry),
        key,
        entry.get("nth", ""),
        entry.get("likeness", ""),
    )
