"""What a report consists of: headings, paragraphs, pictures and tables, the same for Word and Excel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.wording import amount, figure, label, missing, number, readable, shown_period

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHARTS = ("", "bar", "column", "line")
_CODED = {"indicator", "unit", "role", "scope", "topic", "kind", "per", "qualifier"}
_PERIODS = {"period", "as_of", "due", "due_day", "received"}
_MENTION = re.compile(r"\s*\([^()\0]*\0[^()\0]*\)|\0")


@dataclass(frozen=True)
class Reference:
    """A mention of a picture or table elsewhere, shown as "Hình 2" or "Bảng 1"."""

    key: str


Text = str | Sequence["str | Reference"]


@dataclass(frozen=True)
class Heading:
    """A heading; ``level`` 1 to 3 is numbered I., 1., a); an appendix starts a page and has no number."""

    text: str
    level: int = 1
    appendix: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Running text, with references in it where wanted; ``warning`` sets it off in bold."""

    text: Text
    warning: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart with the sentence that says what it shows and the source it was drawn from.

    Attributes
    ----------
    chart : Axes or Figure
    finding : str or sequence
        One sentence, written above.
    caption : str
        Written below after its number.
    source : str
        Written under the caption.
    key : str
        What a `Reference` calls it.
    alt : str
        Text for readers who cannot see it; finding and caption by default.
    image : bytes
        The chart as a PNG, where it is drawn already.
    """

    chart: Axes | Figure
    finding: Text
    caption: str
    source: str = ""
    key: str = ""
    alt: str = ""
    image: bytes = b""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Column of the frame.
    title : str
        Its header.
    kind : {"", "text", "number", "figure"}
        ``figure`` writes value and bound of a row as a phrase ("trên 103,5 tỷ
        đồng"); by default numbers where the frame holds numbers.
    unit : str
        Unit code of all its numbers.
    unit_from : str
        Column that holds each row's unit instead.
    """

    name: str
    title: str
    kind: str = ""
    unit: str = ""
    unit_from: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its caption and source.

    Attributes
    ----------
    frame : DataFrame
    caption : str
    columns : sequence of Column
        Which columns, in order; all of the frame by default.
    source, key : str
        As of a `Picture`.
    chart : {"", "bar", "column", "line"}
        Native chart beside the table in Excel: its first text column against
        its numbers. ``line`` draws one line a row.
    empty : str
        What stands instead of a table without rows.
    where : {"", "excel"}
        ``excel`` keeps it out of Word, where a picture shows the same figures.
    """

    frame: pd.DataFrame
    caption: str
    columns: Sequence[Column] = field(default_factory=tuple)
    source: str = ""
    key: str = ""
    chart: str = ""
    empty: str = ""
    where: str = ""


Block = Heading | Paragraph | Picture | Table


def columns_of(table: Table) -> list[Column]:
    """The columns of a table with their kinds settled.

    Raises
    ------
    MttqError
        For a column the frame lacks, an unknown kind or an unknown chart.
    """
    if table.chart not in CHARTS:
        raise MttqError(f"table {table.caption!r}: chart {table.chart!r}; choose bar, column or line")
    wanted = table.columns or [Column(str(c), str(c)) for c in table.frame.columns]
    out = []
    for column in wanted:
        if column.name not in table.frame.columns:
            raise MttqError(f"table {table.caption!r}: the frame has no column {column.name!r}")
        kind = column.kind or ("number" if _numeric(table.frame[column.name]) else "text")
        if kind not in ("text", "number", "figure"):
            raise MttqError(f"table {table.caption!r}: column {column.name!r}: kind {kind!r} is not known")
        out.append(Column(column.name, column.title, kind, column.unit, column.unit_from))
    return out


def _numeric(values: pd.Series) -> bool:
    return values.dtype.kind in "iuf" or str(values.dtype) in ("Int64", "Float64")


def unit_of(column: Column, row: Mapping[str, Any]) -> str:
    """Unit of a cell: of its column or of its row."""
    if column.unit_from:
        own = row.get(column.unit_from)
        return "" if missing(own) else str(own)
    return column.unit


def cell_text(column: Column, row: Mapping[str, Any], lang: str = "vi") -> str:
    """A cell as it is printed.

    Examples
    --------
    >>> cell_text(Column("value", "", "number", "VND"), {"value": 103.5e9})
    '103,5 tỷ đồng'
    >>> cell_text(Column("value", "", "figure", unit_from="unit"), {"value": 2.0, "unit": "percent", "qualifier": "gt"})
    'trên 2%'
    """
    value: Any = row.get(column.name)
    unit = unit_of(column, row)
    if column.kind == "figure" or (unit == "rank" and not missing(value)):
        return figure(_of_column(column.name, unit, row), lang)
    if missing(value):
        return ""
    if column.kind == "number":
        return amount(rounded(float(value)), unit, lang) if unit else number(rounded(float(value)), lang)
    if column.name in _PERIODS:
        return shown_period(value, lang)
    if column.name in _CODED or type(value).__name__ in ("bool", "bool_"):
        return readable(label(column.name, value, lang))
    return readable(value)


def _of_column(name: str, unit: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The figure of one column: ``a_value`` has ``a_low``, ``a_high``; ``actual`` has ``actual_low``."""
    before = name.removesuffix("value") if name.endswith("value") else f"{name}_"
    parts = ("low", "high", "qualifier", "kind", "numerator", "denominator")
    own = {part: row.get(before + part) for part in parts} | {"value": row.get(name), "unit": unit}
    return own | {"kind": "rank"} if unit == "rank" else own


def rounded(value: float) -> float:
    """A quotient to four digits, so that no row of decimals is printed; counted amounts stay as they are."""
    return value if value.is_integer() or round(value, 2) == value else float(f"{value:.4g}")


def parts_of(text: Text) -> list[str | Reference]:
    """A text as plain pieces and references, each piece cleaned for print."""
    pieces = [text] if isinstance(text, str) else list(text)
    return [piece if isinstance(piece, Reference) else _piece(piece) for piece in pieces]


def _piece(text: str) -> str:
    """Clean text that keeps the space at its ends: a reference may stand beside it."""
    clean = readable(text)
    return (" " if text[:1].isspace() else "") + clean + (" " if text[-1:].isspace() and clean else "")


def plain(text: Text) -> str:
    """A text without its references and the brackets around them.

    Examples
    --------
    >>> plain(("Tăng 5% (xem ", Reference("rate"), ")."))
    'Tăng 5%.'
    """
    return _MENTION.sub("", "".join(p if isinstance(p, str) else "\0" for p in parts_of(text)))


def narrowed(wanted: Sequence[float], least: Sequence[float], room: float) -> tuple[float, ...]:
    """Widths of columns that fit the room: the same share of each one's wish, none less than it needs.

    Examples
    --------
    >>> [round(width, 1) for width in narrowed([10, 30, 2], [1, 1, 2.0], 22)]
    [5.0, 15.0, 2.0]
    """
    low, high = 0.0, 1.0
    for _ in range(40):
        share = (low + high) / 2
        fits = sum(max(need, wish * share) for wish, need in zip(wanted, least, strict=True)) <= room
        low, high = (share, high) if fits else (low, share)
    return tuple(max(need, wish * low) for wish, need in zip(wanted, least, strict=True))


def numbering(blocks: Sequence[Block]) -> dict[int, int]:
    """Number of each picture and of each table, by its place among the blocks; both count from 1."""
    seen: dict[type, int] = {Picture: 0, Table: 0}
    out = {}
    for at, block in enumerate(blocks):
        if isinstance(block, Picture | Table) and printed(block):
            seen[type(block)] += 1
            out[at] = seen[type(block)]
    return out


def printed(block: Block) -> bool:
    """False for a table that is not in Word: kept for Excel, or a sentence stands in its place."""
    return not (isinstance(block, Table) and (block.where == "excel" or (block.frame.empty and block.empty)))


def keys_of(blocks: Sequence[Block]) -> dict[str, int]:
    """Place of each block that can be referred to.

    Raises
    ------
    MttqError
        When two have the same key.
    """
    out: dict[str, int] = {}
    for at, block in enumerate(blocks):
        if isinstance(block, Picture | Table) and block.key:
            if block.key in out:
                raise MttqError(f"two pictures or tables have the key {block.key!r}; give each its own")
            out[block.key] = at
    return out
