"""Who did what to a store, when and why: every change is an event, and an undone one stays on record."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.errors import MttqError
from mttq_data.store import schema as store_schema
from mttq_data.store.queries import figures
from mttq_data.wording import missing

if TYPE_CHECKING:
    import pandas as pd

# Clocks are set right by seconds all the time; more than this means a wrong date or hour.
TOLERANCE = timedelta(minutes=5)
UNDOABLE = ("accept", "refuse", "withdraw")
AUDIT_COLUMNS = (
    "event", "at", "by", "action", "why", "area", "period", "form", "revision", "indicator", "measure", "place",
    "value", "undoes", "undone_by",
)  # fmt: skip

_AUDIT = """
SELECT e.id, e.at, e.by, e.action, e.why, a.text, p.text, f.text, r.number, i.text, m.text,
       e.revision || '.' || e.place, e.value, e.undoes, u.id
FROM event e
LEFT JOIN revision r ON r.id = e.revision
LEFT JOIN word a ON a.id = r.area LEFT JOIN word p ON p.id = r.period LEFT JOIN word f ON f.id = r.form
LEFT JOIN observation o ON o.revision = e.revision AND o.place = e.place
LEFT JOIN item t ON t.id = o.item LEFT JOIN word i ON i.id = t.indicator LEFT JOIN word m ON m.id = t.measure
LEFT JOIN event u ON u.undoes = e.id
ORDER BY e.id
"""


class Journal:
    """Writes the events of one transaction, all with one time."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, by: str, why: str, trust_clock: bool = False
    ) -> None:
        self._connection = connection
        self.by, self.why = named(by, "by"), "" if missing(why) else str(why).strip()
        self.at = self._time(path, trust_clock)

    def _time(self, path: Path, trust_clock: bool) -> str:
        now = store_schema.timestamp()
        row = self._connection.execute("SELECT at FROM event ORDER BY id DESC LIMIT 1").fetchone()
        if row is None or now >= row[0]:
            return now
        behind = datetime.fromisoformat(row[0]) - datetime.fromisoformat(now)
        if behind <= TOLERANCE:
            return str(row[0])
        if not trust_clock:
            raise MttqError(
                f"{path}: this computer's clock says {now}, but the store was last changed at {row[0]}; set the clock "
                "right and do it again (if the clock is right now and was wrong then: --trust-clock)"
            )
        said = f"the clock was ahead: {row[0]}"
        self._connection.execute(
            "INSERT INTO event (at, by, action, why) VALUES (?, ?, 'clock', ?)", (now, self.by, said)
        )
        return now

    def record(
        self,
        action: str,
        revision: int | None = None,
        place: int | None = None,
        value: float | None = None,
        undoes: int | None = None,
    ) -> int:
        """Write one event and return its number."""
        insert = (
            "INSERT INTO event (at, by, action, why, revision, place, value, undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        row = (self.at, self.by, action, self.why, revision, place, value, undoes)
        return self._connection.execute(insert, row).lastrowid or 0


def named(text: str, what: str) -> str:
    """The text, which must say something."""
    said = "" if missing(text) else " ".join(str(text).split())
    if not said:
        raise MttqError(f"{what} is empty; say who does it (by) and why: both go into the audit trail")
    return said


def decide(
    connection: sqlite3.Connection, journal: Journal, ids: Sequence[str], action: str, value: float | None = None
) -> list[int]:
    """Accept or refuse suspect values, all or none; the numbers of the events."""
    named(journal.why, "why")
    if not ids:
        raise MttqError("no suspect value was named; Store.suspects() lists them")
    if value is not None and len(ids) > 1:
        raise MttqError(f"one value given for {len(ids)} suspect ones; accept them one by one")
    if value is not None and not (isinstance(value, Real) and math.isfinite(value)):
        raise MttqError(f"the value {value!r} is no number; give one such as 5142 or 2.67")
    places = {name: _parts(name) for name in dict.fromkeys(ids)}
    frame = figures(connection, {revision for revision, _ in places.values()})
    events = []
    for name, (revision, place) in places.items():
        if name not in frame.index:
            raise MttqError(f"{name}: the store has no such value; Store.suspects() lists the suspect ones")
        status, read, suggested = frame.loc[name, ["status", "value", "suggestion"]]
        if status != "suspect":
            raise MttqError(f"{name}: its status is {status}, only suspect values are accepted or refused")
        told = next((float(str(v)) for v in (value, suggested) if not missing(v)), None)
        if action == "accept" and told is None and missing(read):
            raise MttqError(f"{name}: no value is suggested for it; give the value, or refuse it")
        events.append(journal.record(action, revision, place, told if action == "accept" else None))
    return events


def _parts(name: str) -> tuple[int, int]:
    revision, dot, place = str(name).partition(".")
    if not (dot and revision.isascii() and revision.isdigit() and place.isascii() and place.isdigit()):
        raise MttqError(f"{name!r} names no suspect value; take the id, such as 12.34, from Store.suspects()")
    return int(revision[:18]), int(place[:18])


def withdraw(connection: sqlite3.Connection, journal: Journal, revision: int, told: str) -> int:
    """Withdraw a revision, so that the one before counts again."""
    named(journal.why, "why")
    row = connection.execute(
        "SELECT id FROM in_force WHERE action = 'withdraw' AND revision = ?", (revision,)
    ).fetchone()
    if row:
        raise MttqError(f"{told}: already withdrawn by event {row[0]}")
    return journal.record("withdraw", revision)


def undo(connection: sqlite3.Connection, journal: Journal, event: int) -> int:
    """Take an acceptance, refusal or withdrawal back; the number of the new event."""
    named(journal.why, "why")
    row = connection.execute("SELECT action, revision, place FROM event WHERE id = ?", (str(event),)).fetchone()
    if row is None:
        raise MttqError(f"the store has no event {event}; Store.audit() lists them")
    if row[0] not in UNDOABLE:
        raise MttqError(
            f"event {event} ({row[0]}) stays; undone can be: {', '.join(UNDOABLE)} (withdraw undoes a load)"
        )
    done = connection.execute("SELECT id FROM event WHERE undoes = ?", (event,)).fetchone()
    if done:
        raise MttqError(f"event {event} was undone before, by event {done[0]}")
    return journal.record("undo", row[1], row[2], undoes=event)


def audit(connection: sqlite3.Connection) -> pd.DataFrame:
    """All events in order."""
    import pandas as pd

    frame = pd.DataFrame(connection.execute(_AUDIT).fetchall(), columns=list(AUDIT_COLUMNS))
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    for column in ("area", "period", "form", "indicator", "measure", "place"):
        frame[column] = frame[column].fillna("").astype("str")
    for column in ("revision", "undoes", "undone_by"):
        frame[column] = frame[column].astype("Int64")
    frame["value"] = frame["value"].astype(float)
    return frame
