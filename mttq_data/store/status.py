"""Who has sent what, and when: the status of a form's returns in a period."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form as form_of
from mttq_data.store.queries import problems, revisions

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.forms.model import Form

STATUS_COLUMNS = (
    "area", "period", "form", "status", "received", "due", "days_late", "revision", "errors", "warnings", "expected",
)  # fmt: skip


def status(connection: sqlite3.Connection | None, form_id: str, period: str) -> pd.DataFrame:
    """One row a unit that owes the return or sent it, those that owe it first."""
    import pandas as pd

    made = form_of(form_id)
    read = made.check_period(period)
    due = made.due(period)
    kept = _kept(connection, made, read.text)
    senders = [area.code for area in made.senders(period)]
    if not senders and not kept:
        raise MttqError(f"form {made.id}: no unit of the levels {made.head['levels']} stands in {period}")
    others = [area for area in kept if area not in senders]
    rows = []
    for area in [*senders, *others]:
        row = {"area": area, "period": read.text, "form": made.id, "due": due, "expected": area in senders}
        rows.append(row | _found(kept.get(area), due))
    frame = pd.DataFrame(rows, columns=list(STATUS_COLUMNS))
    for column in ("received", "due"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
    for column in ("days_late", "revision", "errors", "warnings"):
        frame[column] = frame[column].astype("Int64")
    return frame.astype({"area": "str", "period": "str", "form": "str", "status": "str", "expected": "bool"})


def _kept(connection: sqlite3.Connection | None, made: Form, period: str) -> dict[str, dict[str, Any]]:
    """What is known of each return: its first day of receipt and its current revision."""
    if connection is None:
        return {}
    frame = revisions(connection, period=period, form=made.id)
    standing = frame[frame["state"] != "withdrawn"]
    current = standing[standing["state"] == "current"]
    open_ones = problems(connection, current)
    open_ones = open_ones[~open_ones["settled"]]
    counts = Counter(zip(open_ones["id"], open_ones["severity"], strict=True))
    # A return came when its first file came; a correction sent later does not make it late.
    sure = standing[(standing["usable"] == 1) | (standing["state"] == "current")]
    first = sure.groupby("area")["received"].min()
    return {
        area: {
            "received": date.fromisoformat(first[area]),
            "revision": number,
            "errors": counts[at, "error"],
            "warnings": counts[at, "warning"],
        }
        for at, area, number in zip(current.index, current["area"], current["revision"], strict=True)
    }


def _found(known: dict[str, Any] | None, due: date) -> dict[str, Any]:
    if known is None:
        return {"status": "missing"}
    late = max((known["received"] - due).days, 0)
    state = "with errors" if known["errors"] else "late" if late else "in time"
    return known | {"status": state, "days_late": late}
