"""What a store holds, as frames in the columns of the contract."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.periods import parse_period
from mttq_data.store.rows import OBSERVATION_COLUMNS, PROBLEM_COLUMNS, cell_name, plain
from mttq_data.store.schema import unpacked
from mttq_data.store.suggestions import suggestions

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Names = str | Sequence[str] | None
REVISION_COLUMNS = (
    "area", "period", "form", "revision", "state", "source", "sha256", "received", "loaded", "by",
)  # fmt: skip
_CHUNK = 50_000

_REVISIONS = """
SELECT r.id, a.text, p.text, f.text, r.number, r.name, lower(hex(o.sha256)), r.received, e.at, e.by, s.text,
       EXISTS (SELECT 1 FROM in_force w WHERE w.action = 'withdraw' AND w.revision = r.id),
       -- the first found sure figure answers it, so that years of returns are asked quickly
       EXISTS (SELECT 1 FROM observation b JOIN manner m ON m.id = b.manner JOIN word v ON v.id = m.status
               WHERE b.revision = r.id AND v.text NOT IN ('suspect', 'missing'))
       OR EXISTS (SELECT 1 FROM in_force w WHERE w.action = 'accept' AND w.revision = r.id)
       OR NOT EXISTS (SELECT 1 FROM observation b JOIN manner m ON m.id = b.manner JOIN word v ON v.id = m.status
                      WHERE b.revision = r.id AND v.text = 'suspect')
FROM revision r
JOIN word a ON a.id = r.area JOIN word p ON p.id = r.period JOIN word f ON f.id = r.form
JOIN word s ON s.id = r.sheet JOIN original o ON o.id = r.original
LEFT JOIN event e ON e.revision = r.id AND e.action = 'load'
ORDER BY a.text, p.text, f.text, r.number
"""
_OBSERVATIONS = """
SELECT o.revision, o.place, o.item, o.manner, ifnull(o.area, 0), ifnull(o.period, 0), ifnull(o.sheet, 0),
       o.cell, o.value, o.low, o.high, o.raw
FROM observation o WHERE o.revision IN (SELECT value FROM json_each(?))
"""
_PROBLEMS = """
SELECT b.revision, b.place, c.text, s.text, b."where", i.text, a.text, p.text, b.found, b.expected
FROM problem b
JOIN word c ON c.id = b."check" JOIN word s ON s.id = b.severity JOIN word i ON i.id = b.indicator
JOIN word a ON a.id = b.area JOIN word p ON p.id = b.period
WHERE b.revision IN (SELECT value FROM json_each(?))
ORDER BY b.revision, b.place
"""
_DECISIONS = """
SELECT revision, place, action, value FROM in_force WHERE action IN ('accept', 'refuse')
AND revision IN (SELECT value FROM json_each(?)) ORDER BY id
"""


def revisions(
    connection: sqlite3.Connection, area: Names = None, period: Names = None, form: Names = None
) -> pd.DataFrame:
    """One row a revision, with its id as index and its main sheet, in order of return and number."""
    import pandas as pd

    names = ["id", *(c for c in REVISION_COLUMNS if c != "state"), "sheet", "gone", "usable"]
    frame = pd.DataFrame(connection.execute(_REVISIONS).fetchall(), columns=names).set_index("id")
    for column, wanted in (("area", area), ("period", _periods(period)), ("form", form)):
        if wanted is not None:
            frame = frame[frame[column].isin([str(w) for w in ([wanted] if isinstance(wanted, str | int) else wanted)])]
    frame["state"] = pd.Series(_states(frame), index=frame.index, dtype="str")
    frame["loaded"] = pd.to_datetime(frame["loaded"], utc=True)
    return frame


def _states(frame: pd.DataFrame) -> list[str]:
    """Of each revision: ``current`` is the newest that stands, one without any sure figure only where there is no other."""
    keys = list(zip(frame["area"], frame["period"], frame["form"], strict=True))
    numbers, gone, usable = frame["revision"].tolist(), frame["gone"].tolist(), frame["usable"].tolist()
    current: dict[tuple[str, str, str], tuple[int, int]] = {}
    for key, number, withdrawn, sure in zip(keys, numbers, gone, usable, strict=True):
        if not withdrawn:
            current[key] = max(current.get(key, (0, 0)), (sure, number))
    states = []
    for key, number, withdrawn in zip(keys, numbers, gone, strict=True):
        at = 0 if withdrawn else current[key][1]
        states.append(
            "withdrawn" if withdrawn else "current" if number == at else "superseded" if number < at else "doubtful"
        )
    return states


def chosen(frame: pd.DataFrame, revision: str | int) -> pd.DataFrame:
    """The revisions asked for: ``current``, ``open`` (with those in doubt), ``all`` or a number."""
    if revision == "all":
        return frame
    if revision == "current":
        return frame[frame["state"] == "current"]
    if revision == "open":
        return frame[frame["state"].isin(["current", "doubtful"])]
    if isinstance(revision, int) and not isinstance(revision, bool):
        return frame[frame["revision"] == revision]
    raise MttqError(f"revision={revision!r}; give 'current', 'all' or a number such as 2")


def _periods(period: Names) -> list[str] | None:
    if period is None:
        return None
    return [parse_period(p).text for p in ([period] if isinstance(period, str) else period)]


def observations(
    connection: sqlite3.Connection, of: pd.DataFrame, indicator: Names = None, decided: bool = True, bare: bool = False
) -> pd.DataFrame:
    """The figures of the given revisions, in their order, with an ``id`` as last column; ``bare``: no raw, no cell."""
    import pandas as pd

    decoder = _Decoder(connection, of)
    query, values = _OBSERVATIONS, [_ids(of)]
    if bare:
        query = query.replace("o.cell,", "'',").replace("o.raw", "''")
    if indicator is not None:
        wanted = [indicator] if isinstance(indicator, str) else list(indicator)
        query += (
            "AND o.item IN (SELECT t.id FROM item t JOIN word w ON w.id = t.indicator "
            "WHERE w.text IN (SELECT value FROM json_each(?)))"
        )
        values.append(json.dumps(wanted))
    parts = list(decoder.frames(connection.execute(query, values)))
    frame = pd.concat(parts, ignore_index=True) if parts else decoder.frame([])
    order = pd.Series(range(len(of)), index=of.index)
    frame = frame.iloc[frame["_revision"].map(order).argsort(kind="stable")].reset_index(drop=True)
    if decided:
        frame = _apply(frame, decisions(connection, of))
    frame["suggestion"] = float("nan") if bare else suggestions(connection, frame)
    pairs = zip(frame["_revision"].tolist(), frame["_place"].tolist(), strict=True)
    frame["id"] = pd.Series([f"{r}.{p}" for r, p in pairs], index=frame.index, dtype="str")
    return frame[[*OBSERVATION_COLUMNS, "id"]]


def figures(connection: sqlite3.Connection, ids: Collection[int]) -> pd.DataFrame:
    """The figures of revisions as they were read, by their ids."""
    frame = revisions(connection)
    return observations(connection, frame[frame.index.isin(list(ids))], decided=False).set_index("id")


def decisions(connection: sqlite3.Connection, of: pd.DataFrame) -> dict[tuple[int, int], tuple[str, float | None]]:
    """The decision in force on each value, by revision and place."""
    return {(r, p): (action, value) for r, p, action, value in connection.execute(_DECISIONS, [_ids(of)])}


def _ids(of: pd.DataFrame) -> str:
    return json.dumps([int(i) for i in of.index])


def _apply(frame: pd.DataFrame, made: dict[tuple[int, int], tuple[str, float | None]]) -> pd.DataFrame:
    keys = list(zip(frame["_revision"], frame["_place"], strict=True)) if made else []
    rows = {name: list(frame[name]) for name in ("status", "qualifier", "value", "low", "high")} if made else {}
    for at, key in enumerate(keys):
        if key not in made:
            continue
        action, value = made[key]
        rows["status"][at] = "accepted" if action == "accept" else "missing"
        if value is not None:
            rows["value"][at], rows["qualifier"][at] = value, "exact"
        if action == "refuse":
            rows["value"][at] = rows["low"][at] = rows["high"][at] = float("nan")
        elif rows["qualifier"][at] in ("exact", ""):
            rows["low"][at] = rows["high"][at] = rows["value"][at]
    return frame.assign(**rows).astype({"status": "str", "qualifier": "str"})


class _Decoder:
    """Rows of ids into frames of text, by look-up in arrays."""

    def __init__(self, connection: sqlite3.Connection, of: pd.DataFrame) -> None:
        import numpy as np

        words = connection.execute("SELECT id, text FROM word").fetchall()
        self._words = np.empty(max((i for i, _ in words), default=0) + 1, dtype=object)
        for at, text in words:
            self._words[at] = text
        self._items = self._table(connection, "SELECT id, indicator, measure, unit FROM item")
        self._manners = self._table(connection, "SELECT id, qualifier, status, low, high FROM manner")
        self._of = of
        self._position = np.zeros(max(of.index, default=0) + 1, dtype=np.int64)
        self._position[of.index] = np.arange(len(of))

    @staticmethod
    def _table(connection: sqlite3.Connection, query: str) -> np.ndarray:
        import numpy as np

        rows = connection.execute(query).fetchall()
        table = np.zeros((max((row[0] for row in rows), default=0) + 1, 4), dtype=np.int64)
        for row in rows:
            table[row[0], : len(row) - 1] = row[1:]
        return table

    def frames(self, cursor: sqlite3.Cursor) -> Iterator[pd.DataFrame]:
        while rows := cursor.fetchmany(_CHUNK):
            yield self.frame(rows)

    def frame(self, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        columns: list[Any] = list(zip(*rows, strict=True)) or [()] * 12
        revision, place, item, manner, area, period, sheet = (np.array(c, dtype=np.int64) for c in columns[:7])
        value, low, high = (np.array(c, dtype=float) for c in columns[8:11])
        at = self._position[revision]
        items, manners = self._items[item], self._manners[manner]

        def own(name: str) -> np.ndarray:
            return self._of[name].to_numpy(dtype=object)[at]

        def text(ids: np.ndarray, default: str) -> np.ndarray:
            return np.where(ids == 0, own(default), self._words[ids])

        sheets = text(sheet, "sheet")
        return pd.DataFrame(
            {
                "area": text(area, "area"),
                "period": text(period, "period"),
                "indicator": self._words[items[:, 0]],
                "measure": self._words[items[:, 1]],
                "value": value,
                "low": np.select([manners[:, 2] == 1, manners[:, 2] == 2], [value, low], np.nan),
                "high": np.select([manners[:, 3] == 1, manners[:, 3] == 2], [value, high], np.nan),
                "qualifier": self._words[manners[:, 0]],
                "unit": self._words[items[:, 2]],
                "status": self._words[manners[:, 1]],
                "raw": [r if r is not None else plain(v) for r, v in zip(columns[11], columns[8], strict=True)],
                "form": own("form"),
                "source": own("source"),
                "sha256": own("sha256"),
                "cell": [cell_name(s, c) for s, c in zip(sheets, columns[7], strict=True)],
                "revision": self._of["revision"].to_numpy()[at].astype(np.int64),
                "_revision": revision,
                "_place": place,
            }
        ).astype(dict.fromkeys([c for c in OBSERVATION_COLUMNS if c not in _NUMERIC], "str"))


_NUMERIC = ("value", "low", "high", "revision", "suggestion")


def problems(connection: sqlite3.Connection, of: pd.DataFrame) -> pd.DataFrame:
    """What was found wrong in the given revisions, ``settled`` where the value was decided on; ``id`` of the revision."""
    import pandas as pd

    names = ["id", "place", "check", "severity", "where", "indicator", "area", "period", "found", "expected"]
    frame = pd.DataFrame(connection.execute(_PROBLEMS, [_ids(of)]).fetchall(), columns=names)
    query = "SELECT revision, packed FROM message WHERE revision IN (SELECT value FROM json_each(?)) ORDER BY revision"
    said = [pair for _, content in connection.execute(query, [_ids(of)]) for pair in unpacked(content)]
    frame["message_vi"], frame["message_en"] = ([pair[at] for pair in said] for at in (0, 1))
    for column in ("source", "sha256", "form", "revision"):
        frame[column] = frame["id"].map(of[column])
    decided = _decided_cells(connection, of)
    frame["settled"] = [pair in decided for pair in zip(frame["id"], frame["where"], strict=True)]
    frame["settled"] = frame["settled"].astype(bool)
    order = frame["id"].map(pd.Series(range(len(of)), index=of.index))
    frame = frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    text = [*PROBLEM_COLUMNS, "form"]
    return frame[[*text, "revision", "settled", "id"]].astype({**dict.fromkeys(text, "str"), "revision": "int64"})


def _decided_cells(connection: sqlite3.Connection, of: pd.DataFrame) -> set[tuple[int, str]]:
    cells, main = set(), of["sheet"].to_dict()
    for revision, place in decisions(connection, of):
        sheet, cell = connection.execute(
            "SELECT w.text, o.cell FROM observation o LEFT JOIN word w ON w.id = o.sheet "
            "WHERE o.revision = ? AND o.place = ?",
            (revision, place),
        ).fetchone()
        cells.add((revision, cell_name(sheet or main[revision], cell)))
    return cells
