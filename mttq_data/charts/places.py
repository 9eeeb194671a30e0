"""Names of areas on charts, and where their tiles lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mttq_data.charts.drawing import period_key
from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.places.area_codes import areas
from mttq_data.wording import readable

_TYPES = {"Thành phố ": "TP ", "Thị xã ": "TX ", "Huyện ": "", "Xã ": "", "Phường ": "P. ", "Thị trấn ": "TT "}


@dataclass(frozen=True)
class Tile:
    """One area's square: column from the west, row from the north."""

    code: str
    column: float
    row: float


def area_label(code: object, on: str = "") -> str:
    """Name of an area on a date (type and name), the code itself where none is known.

    Examples
    --------
    >>> area_label("218"), area_label("Bắc Ninh cũ")
    ('Huyện Lục Nam', 'Bắc Ninh cũ')
    """
    return area_names(on).get(str(code), readable(code))


def area_names(on: str = "") -> dict[str, str]:
    """Names by code on a day or at a period's end; without a date the latest name of each code."""
    day = period_key(on)[0] if on else ""
    table = areas(day) if day else areas(None).sort_values("valid_from", kind="stable")
    return dict(zip(table["code"], table["full_name"], strict=True))


def names_over(periods: Iterable[object]) -> dict[str, str]:
    """Names by code over several periods, of each code the latest."""
    names: dict[str, str] = {}
    for period in sorted({str(p) for p in periods}, key=period_key):
        names |= area_names(period)
    return names


def tiles(on: str = "") -> list[Tile]:
    """Tiles on a day or at a period's end, from ``codes/tiles.csv``; without a date those of the last day of any.

    Raises
    ------
    MttqError
        Where a column or row of the codelist is no number.
    """
    rows = read_codelist("tiles", key=["code", "valid_from"], required=["column", "row", "valid_to"])
    day = (period_key(on)[0] if on else "") or max((row["valid_to"] or "9999-12-31" for row in rows), default="")
    out = []
    for row in rows:
        if row["valid_from"] <= day and (not row["valid_to"] or day <= row["valid_to"]):
            try:
                out.append(Tile(row["code"], float(row["column"]), float(row["row"])))
            except ValueError as exc:
                raise MttqError(f"tiles.csv: {row['code']}: column and row must be numbers") from exc
    return out


def short_name(name: str) -> str:
    """A place without its type; a city, town or ward keeps it in short, for a province may bear the same name.

    Examples
    --------
    >>> short_name("Huyện Lục Nam"), short_name("Thành phố Bắc Giang")
    ('Lục Nam', 'TP Bắc Giang')
    """
    for written, short in _TYPES.items():
        if name.startswith(written):
            return short + name.removeprefix(written)
    return name
