"""The codelists: knowledge an analyst may change, kept as CSV beside the code.

An office lays its own file of the same name in ``data/codes/`` over the
package's: rows with a known key replace the row, cell by cell where the office
filled one in; rows with a new key are added. Upgrading the package never
touches that folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from mttq_data.errors import MttqError
from mttq_data.files import csv_rows

if TYPE_CHECKING:
    import pandas as pd

P = ParamSpec("P")
T = TypeVar("T")
Row = dict[str, str]
PACKAGE_CODES = Path(__file__).with_name("codes")


def office_folder() -> Path:
    """The folder of the office's own codelists: ``$MTTQ_CODES`` or ``data/codes``."""
    return Path(_office())


def _office() -> str:
    # Asked often for stamps; making a Path of it would take as long as the rest.
    return os.environ.get("MTTQ_CODES") or "data/codes"


def read_codelist(name: str, *, key: Sequence[str], required: Sequence[str] = ()) -> list[Row]:
    """Read ``codes/<name>.csv`` with the office's rows laid over it.

    Parameters
    ----------
    name : str
        File name without ``.csv``.
    key : sequence of str
        Columns that together name a row.
    required : sequence of str, optional
        Columns the file must have besides the key.

    Returns
    -------
    list of dict
        Rows in file order, every value a stripped string.

    Raises
    ------
    MttqError
        A column is missing, a key stands twice in one file, or the file is
        not readable as CSV in UTF-8. The message names file and line.

    Examples
    --------
    >>> rows = read_codelist("indicators", key=["id"])
    >>> any(row["id"] == "poverty_rate" for row in rows)
    True
    """
    base = PACKAGE_CODES / f"{name}.csv"
    own = office_folder() / f"{name}.csv"
    stamp = _stamp(own)
    return [dict(row) for row in _merged(base, own, stamp, tuple(key), tuple(required))]


def keyed(name: str, key: str) -> dict[str, Row]:
    """The rows of ``codes/<name>.csv`` by one column, kept until the office changes them; not to be written into.

    Examples
    --------
    >>> keyed("indicators", "id")["poverty_rate"]["unit"]
    'percent'
    """
    return _keyed(name, key, office_stamp(name))


@lru_cache(maxsize=64)
def _keyed(name: str, key: str, stamp: tuple[object, ...]) -> dict[str, Row]:
    return {row[key]: row for row in read_codelist(name, key=[key])}


def phrases(name: str, lang: str) -> dict[str, str]:
    """The words of ``codes/<name>.csv`` in one language, by their ``key``."""
    return {key: row[lang] for key, row in keyed(name, "key").items()}


def remembered(*names: str, most: int = 64) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate what is made of codelists: it is made again only when the office changes one of those named."""

    def decorate(make: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=most)
        def made(stamp: tuple[object, ...], *args: P.args, **kwargs: P.kwargs) -> T:
            return make(*args, **kwargs)

        @wraps(make)
        def now(*args: P.args, **kwargs: P.kwargs) -> T:
            return made(office_stamp(*names), *args, **kwargs)  # type: ignore[arg-type]

        return now

    return decorate


def office_stamp(*names: str) -> tuple[object, ...]:
    """What changes when the office's folder or one of its codelists does; for caches of what was read."""
    folder = os.path.abspath(_office())
    return folder, *(_stamp(f"{folder}/{name}.csv") for name in names)


@lru_cache(maxsize=64)
def _merged(
    base: Path, own: Path, stamp: tuple[int, int] | None, key: tuple[str, ...], required: tuple[str, ...]
) -> tuple[Row, ...]:
    rows = _read_csv(base, key, (*key, *required))
    if stamp is None:
        return tuple(rows.values())
    for name, row in _read_csv(own, key, key).items():
        known = rows.get(name)
        rows[name] = {**known, **{c: v for c, v in row.items() if v}} if known else row
    columns = list(dict.fromkeys(c for row in rows.values() for c in row))
    return tuple({c: row.get(c, "") for c in columns} for row in rows.values())


def _stamp(path: str | Path) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def place_of(name: str, **key: str) -> str:
    """Where a row stands, for messages: file and line, the office's file first; without a key the header."""
    for path in (office_folder() / f"{name}.csv", PACKAGE_CODES / f"{name}.csv"):
        if path.exists():
            for line, row in csv_rows(path):
                if all(row.get(c) == text for c, text in key.items()):
                    return f"{path} line {line if key else 1}"
    return f"{name}.csv"


def _read_csv(path: Path, key: tuple[str, ...], required: tuple[str, ...]) -> dict[tuple[str, ...], Row]:
    rows: dict[tuple[str, ...], Row] = {}
    for line, row in csv_rows(path, required):
        name = tuple(row[c] for c in key)
        if name in rows:
            raise MttqError(f"{path} line {line}: {' '.join(name)} stands twice; keep one row")
        rows[name] = row
    return rows


def indicators() -> pd.DataFrame:
    """The catalogue of indicators as a frame, one row an indicator.

    Returns
    -------
    DataFrame
        Columns of ``codes/indicators.csv``: ``id, name_vi, name_en, unit,
        topic, direction, kind, adds, scope, role`` and the cues.

    Examples
    --------
    >>> frame = indicators().set_index("id")
    >>> frame.loc["poverty_rate", "unit"]
    'percent'
    """
    import pandas as pd

    return pd.DataFrame(read_codelist("indicators", key=["id"], required=["unit"]))


def targets() -> pd.DataFrame:
    """The targets of the terms as a frame, one row each, those without a figure too.

    Returns
    -------
    DataFrame
        ``term, group, indicator, value, low, high, qualifier, unit, per,
        scope, logic, due, text_vi``; numbers are float with NaN.

    Examples
    --------
    >>> frame = targets()
    >>> sorted(frame.loc[frame["term"] == "2024-2029", "group"].unique())[:2]
    ['0', '1']
    """
    import pandas as pd

    rows = read_codelist("targets", key=["term", "group", "indicator", "scope", "text_vi"], required=["value", "logic"])
    frame = pd.DataFrame(rows)
    for column in ("value", "low", "high"):
        frame[column] = pd.to_numeric(frame[column])
    return frame
