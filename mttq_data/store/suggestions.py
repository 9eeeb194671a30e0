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
_ROW = ["_revision", "indicator"]
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
    suspect = suspect[[key in told for key in zip(suspect["_revision"], suspect["cell"], strict=True)]]
    shown = _shown_factors(frame.merge(suspect[_ROW].drop_duplicates(), on=_ROW))
    for at, revision, indicator, cell, form in suspect[[*_ROW, "cell", "form"]].itertuples():
        factor = shown.get((revision, indicator)) or _form_factor(form, indicator)
        made[at] = round(told[revision, cell] * factor, 6)
    return made


def _shown_factors(rows: pd.DataFrame) -> dict[tuple[int, str], float]:
    """By revision and indicator what a figure of the row is multiplied by, as one of its cells shows it."""
    found: dict[tuple[int, str], float] = {}
    rows = rows.loc[rows["value"].notna(), [*_ROW, "value", "raw"]]
    for revision, indicator, value, raw in rows.itertuples(index=False):
        if _SURE.fullmatch(raw) and float(raw):
            found.setdefault((revision, indicator), value / float(raw))
    return found


def _form_factor(form_id: str, indicator: str) -> float:
    try:
        made = form_of(form_id)
    except MttqError:
        return 1.0
    parts = made.own_rows if made.layout == "indicators_down" else made.columns
    return next((p.figure.factor for p in parts if p.indicator == indicator), 1.0)
