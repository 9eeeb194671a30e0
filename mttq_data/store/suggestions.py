"""The other, likelier reading of a suspect figure, as the problem at its cell tells it."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form as form_of

if TYPE_CHECKING:
    import pandas as pd

# These ask "is it …?"; what other checks expect (a sum, last quarter's figure) is no reading of the cell.
_READINGS = ("lost_thousands", "two_readings", "range", "sign", "money_unit", "unit_other", "letter_in_number",
             "words_in_cell", "ratio_in_cell")  # fmt: skip
_ASKED = """
SELECT b.revision, b."where", b.expected FROM problem b JOIN word c ON c.id = b."check"
WHERE b.expected <> '' AND b.revision IN (SELECT value FROM json_each(?)) AND c.text IN (SELECT value FROM json_each(?))
ORDER BY b.revision, b.place DESC
"""
# A dot before three digits may part thousands: such a figure says nothing of its unit.
_SURE = re.compile(r"-?\d+(\.\d{1,2}|\.\d{4,})?")


def suggestions(connection: sqlite3.Connection, frame: pd.DataFrame) -> pd.Series:
    """What each suspect figure of ``frame`` is suggested to be, in its unit; NaN elsewhere."""
    import pandas as pd

    made = pd.Series(float("nan"), index=frame.index)
    suspect = frame[frame["status"] == "suspect"]
    if suspect.empty:
        return made
    ids = json.dumps([int(r) for r in suspect["_revision"].unique()])
    told = {
        (revision, where): float(text)
        for revision, where, text in connection.execute(_ASKED, [ids, json.dumps(_READINGS)])
        if re.fullmatch(r"-?\d+(\.\d+)?", text)
    }
    for at, revision, cell in zip(suspect.index, suspect["_revision"], suspect["cell"], strict=True):
        if (revision, cell) in told:
            made[at] = round(told[revision, cell] * _factor(frame, at), 6)
    return made


def _factor(frame: pd.DataFrame, at: int) -> float:
    """What a figure of the cell's row is multiplied by: as its row shows it, else as the form says it."""
    one = frame.loc[at]
    row = frame[(frame["_revision"] == one["_revision"]) & (frame["indicator"] == one["indicator"])]
    for value, raw in row.loc[row["value"].notna(), ["value", "raw"]].itertuples(index=False):
        if _SURE.fullmatch(raw) and float(raw):
            return float(value) / float(raw)
    try:
        made = form_of(str(one["form"]))
    except MttqError:
        return 1.0
    parts = made.own_rows if made.layout == "indicators_down" else made.columns
    return next((p.figure.factor for p in parts if p.indicator == one["indicator"]), 1.0)
