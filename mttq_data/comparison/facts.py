"""Figures of other years, kept by hand in ``data/raw/facts/*.csv`` with their sources."""

from __future__ import annotations

import math
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.comparison.spans import span_of
from mttq_data.errors import MttqError
from mttq_data.files import csv_rows, sha256_of

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "area", "period", "indicator", "measure", "value", "low", "high", "qualifier", "unit", "status", "raw", "form",
    "source", "sha256", "cell", "revision", "role", "scope", "standard", "stage", "source_date", "original_id",
    "note_vi", "note_en",
]  # fmt: skip
_REQUIRED = ("period", "indicator", "value", "unit")
_QUALIFIERS = ("exact", "gt", "ge", "lt", "le", "approx")
_STAGES = ("final", "preliminary", "interim", "forecast")
_USUAL = {"qualifier": "exact", "stage": "final", "status": "ok", "measure": "period", "role": "actual"}
_NUMBERS = ("value", "low", "high")


def read_facts(path: str | Path = "data/raw/facts") -> pd.DataFrame:
    """Read facts of one file or of all in a folder.

    Parameters
    ----------
    path : str or Path
        A CSV file (UTF-8, comma or semicolon), or a folder with such files.

    Returns
    -------
    DataFrame
        The columns of observations (``area, period, indicator, measure, value,
        low, high, qualifier, unit, status, raw, form, source, sha256, cell,
        revision``; amounts in base units, percent as percent), then ``role,
        scope, standard`` (the definition behind the figure), ``stage`` (final,
        preliminary, interim, forecast), ``source_date, original_id, note_vi,
        note_en``. ``cell`` is the file and line.

    Raises
    ------
    MttqError
        A column is missing, a value is no number, a bound is below the value
        where it should be above, or a period is unreadable; file and line are
        named.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "own.csv"
    >>> _ = file.write_text("period,indicator,value,unit\\n2023,poverty_rate,2.63,percent\\n", encoding="utf-8")
    >>> read_facts(file)[["low", "status"]].values.tolist()
    [[2.63, 'ok']]
    """
    import pandas as pd

    place = Path(path)
    files = sorted(place.glob("*.csv")) if place.is_dir() else [place]
    rows = [row for file in files for row in _rows(file)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({name: float for name in _NUMBERS})


def _rows(path: Path) -> list[dict[str, Any]]:
    composed = [
        (line, {column: unicodedata.normalize("NFC", cell) for column, cell in row.items()})
        for line, row in csv_rows(path, _REQUIRED)
    ]
    digest = sha256_of(path)
    return [_fact(cells, f"{path} line {line}", path.name, line, digest) for line, cells in composed]


def _fact(cells: dict[str, str], where: str, name: str, line: int, digest: str) -> dict[str, Any]:
    row: dict[str, Any] = {column: cells.get(column, "") or _USUAL.get(column, "") for column in COLUMNS}
    row.update({column: _number(cells.get(column, ""), column, where) for column in _NUMBERS})
    for column, allowed in (("qualifier", _QUALIFIERS), ("stage", _STAGES)):
        if row[column] not in allowed:
            raise MttqError(f"{where}: {column} {row[column]!r}; choose one of {', '.join(allowed)}")
    try:
        span_of(row["period"])
    except MttqError as exc:
        raise MttqError(f"{where}: {exc}") from exc
    value, qualifier = row["value"], row["qualifier"]
    if qualifier in ("exact", "gt", "ge") and math.isnan(row["low"]):
        row["low"] = value
    if qualifier in ("exact", "lt", "le") and math.isnan(row["high"]):
        row["high"] = value
    if row["low"] > row["high"]:
        raise MttqError(f"{where}: low {row['low']:g} is above high {row['high']:g}; exchange them")
    row.update(raw=cells.get("value", ""), cell=f"{name}!{line}", sha256=digest, revision=1)
    row["source"] = row["source"] or name
    return row


def _number(text: str, column: str, where: str) -> float:
    if not text:
        return math.nan
    try:
        number = float(text)
    except ValueError:
        # A file saved by a Vietnamese Excel: 2,67 for 2.67. A dot beside the comma would leave two readings.
        try:
            number = float(text.replace(",", ".")) if text.count(",") == 1 and "." not in text else math.nan
        except ValueError:
            number = math.nan
    if not math.isfinite(number):
        raise MttqError(f"{where}: {column} {text!r} is no number; write digits with a decimal point, such as 2.67")
    return number
