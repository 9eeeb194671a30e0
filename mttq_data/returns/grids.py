"""Workbooks of every format as plain sheets: rows of values, with what the fast reader leaves out.

``python-calamine`` reads .xlsx, .xlsm and .xlsb; .xls goes through ``xlrd``, .ods
through ``lxml``, .csv through ``csv``. Calamine blanks error cells and formulas
that were never calculated, so a second look at the XML tells them apart from
empty cells; ``openpyxl`` is asked only for fonts and number formats.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mttq_data.returns.hostile import look
from mttq_data.returns.packages import Package
from mttq_data.returns.refusals import RefusedFile, library_failed

Place = tuple[int, int]
ERRORS = ("#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
_CELL_HEAD = rb"<(?:\w+:)?c\b(?=[^<>]*\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'])([^<>]*)>"
_FORMULA = re.compile(
    _CELL_HEAD + rb"<(?:\w+:)?f\b[^<>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)(?:<(?:\w+:)?v[^<>]*>([^<]*)</(?:\w+:)?v>)?"
)
_ERROR = re.compile(_CELL_HEAD + rb"(?:<(?:\w+:)?f\b[^<>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>(#[^<]*)</")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b(?=[^<>]*\bhidden=[\"'](?:1|true)[\"'])[^<>]*\br=[\"'](\d+)[\"']")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\b(?=[^<>]*\bhidden=[\"'](?:1|true)[\"'])([^<>]*)>")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^<>]*\bref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")


@dataclass
class Sheet:
    """One sheet. Rows and columns count from 0; every row has the same length.

    Attributes
    ----------
    name : str
    rows : list of list
        Values as the file holds them: ``str, float, int, bool, date, datetime,
        time, timedelta``; an empty cell is ``""``.
    visible : bool
    text_only : bool
        The format knows no numbers (.csv): "1234" as text is no fault of the sender.
    package : Package or None
        Of an .xlsx: where the sheet's XML is, for what the fast reader leaves out.
    """

    name: str
    rows: list[list[Any]]
    visible: bool = True
    text_only: bool = False
    package: Package | None = None
    known_errors: dict[Place, str] = field(default_factory=dict)
    known_merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    known_hidden: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
    percents: frozenset[Place] | None = None
    table: tuple[object, list[Any]] | None = None

    @cached_property
    def xml(self) -> bytes:
        """The sheet's XML, of an .xlsx."""
        if self.package is None:
            return b""
        part = _sheet_parts(self.package).get(self.name, "")
        return self.package.part(part) if part in self.package.sheets else b""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows[0]) if self.rows else 0

    @cached_property
    def errors(self) -> dict[Place, str]:
        """Error cells: place and what they show."""
        if self.package is None or not self.package.has_errors:
            return self.known_errors
        return {_place(m[1], m[2]): m[4].decode("ascii", "replace") for m in _ERROR.finditer(self.xml)}

    @cached_property
    def formulas(self) -> dict[Place, tuple[str, bool]]:
        """Formula cells of an .xlsx: the formula and whether its result is stored."""
        found = {}
        for m in _FORMULA.finditer(self.xml):
            text = html.unescape((m[4] or b"").decode("utf-8", "replace"))
            found[_place(m[1], m[2])] = (f"={text}", bool(m[5]) or b't="str"' in m[3])
        return found

    @cached_property
    def merges(self) -> list[tuple[int, int, int, int]]:
        """Merged blocks: first row, first column, last row, last column."""
        if not self.xml:
            return self.known_merges
        return [(*_place(m[1], m[2]), *_place(m[3], m[4])) for m in _MERGE.finditer(self.xml)]

    @property
    def merged(self) -> object:
        """What tells whether two sheets merge the same cells, without taking it apart."""
        xml = self.xml
        start = xml.find(b"mergeCells") if xml else -1
        return xml[start : xml.find(b"mergeCells", start + 10)] if start >= 0 else tuple(self.known_merges)

    @cached_property
    def hidden(self) -> tuple[frozenset[int], frozenset[int]]:
        """Hidden rows and hidden columns."""
        if b"hidden=" not in self.xml:
            return self.known_hidden
        columns: set[int] = set()
        for m in _HIDDEN_COLUMN.finditer(self.xml):
            ends = [int(x) for x in re.findall(rb"\b(?:min|max)=[\"'](\d+)", m[1])]
            columns |= set(range(min(ends) - 1, min(max(ends), 16384))) if ends else set()
        return frozenset(int(m[1]) - 1 for m in _HIDDEN_ROW.finditer(self.xml)), frozenset(columns)

    def address(self, row: int, column: int) -> str:
        """``Sheet!A1`` of a cell."""
        return f"{self.name}!{letters(column)}{row + 1}"


@dataclass
class Workbook:
    """A workbook as plain sheets, with what was found on the way."""

    path: Path
    name: str
    kind: str
    sha256: str
    sheets: list[Sheet]
    active: list[tuple[str, str]] = field(default_factory=list)
    package: Package | None = None

    def looks(self) -> dict[str, dict[Place, tuple[str, str]]]:
        """Font name and number format of every filled cell, by sheet; empty where the format has none."""
        return _looks(self)


def open_workbook(path: str | Path | Package) -> Workbook:
    """Read a workbook of any accepted format.

    Parameters
    ----------
    path : str, Path or Package
        ``.xlsx .xlsm .xlsb .xls .ods .csv``; the content decides, not the name. Or what `look` found.

    Returns
    -------
    Workbook

    Raises
    ------
    RefusedFile
        The file is no workbook, damaged, protected or too large (see `mttq_data.returns.refusals`).

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = file.write_text("STT;Chỉ tiêu\\n1;Số hộ nghèo", encoding="utf-8")
    >>> open_workbook(file).sheets[0].rows
    [['STT', 'Chỉ tiêu'], ['1', 'Số hộ nghèo']]
    """
    package = path if isinstance(path, Package) else look(path)
    try:
        sheets = _calamine(package) if package.kind in ("xlsx", "xlsb") else _other(package)
    except RefusedFile:
        raise
    except MemoryError:
        raise
    except BaseException as exc:  # a reader's panic is no Exception
        if isinstance(exc, KeyboardInterrupt | SystemExit):
            raise
        raise library_failed(package.name, exc) from exc
    return Workbook(package.path, package.name, package.kind, package.sha256, sheets, package.active, package)


def _other(package: Package) -> list[Sheet]:
    from mttq_data.returns import grid_formats

    return {"xls": grid_formats.xls, "ods": grid_formats.ods, "csv": grid_formats.csv_text}[package.kind](package)


def _calamine(package: Package) -> list[Sheet]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(package.looked_at()))
    sheets = []
    for number, meta in enumerate(book.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        rows = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
        visible = meta.visible == SheetVisibleEnum.Visible
        sheets.append(Sheet(meta.name, rows, visible, package=package if package.kind == "xlsx" else None))
    for sheet, part in zip(sheets, sorted(package.errors), strict=False):
        sheet.known_errors = dict.fromkeys(package.errors[part], "#N/A")
    return sheets


_SHEET_TAG = re.compile(rb"<(?:\w+:)?sheet\b([^<>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^<>]*)>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def _sheet_parts(package: Package) -> dict[str, str]:
    """Which part of an .xlsx holds the sheet of a name."""
    if package.parts_of_sheets is None:
        package.parts_of_sheets = _read_sheet_parts(package)
    return package.parts_of_sheets


def _read_sheet_parts(package: Package) -> dict[str, str]:
    relations = {}
    for m in _RELATION.finditer(package.part("xl/_rels/workbook.xml.rels")):
        said = _attributes(m[1])
        target = said.get("Target", "")
        relations[said.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = {}
    for m in _SHEET_TAG.finditer(package.part("xl/workbook.xml")):
        said = _attributes(m[1])
        link = next((v for k, v in said.items() if k.endswith(":id")), "")
        found[said.get("name", "")] = relations.get(link, "")
    return found


def _attributes(text: bytes) -> dict[str, str]:
    return {
        m[1].decode("ascii", "replace"): html.unescape((m[2] if m[2] is not None else m[3]).decode("utf-8", "replace"))
        for m in _ATTRIBUTE.finditer(text)
    }


def _looks(book: Workbook) -> dict[str, dict[Place, tuple[str, str]]]:
    if book.package is None or book.kind not in ("xlsx", "xls"):
        return {}
    if book.kind == "xls":
        return _looks_xls(book.package.data)
    import warnings

    import openpyxl

    for part in ("xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml"):
        if b"<!ENTITY" in book.package.part(part):
            return {}
    found: dict[str, dict[Place, tuple[str, str]]] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = openpyxl.load_workbook(io.BytesIO(book.package.data), keep_links=False)
        for page in opened.worksheets:
            found[page.title] = {
                (c.row - 1, c.column - 1): (str(c.font.name or ""), str(c.number_format or ""))
                for c in _filled(page.iter_rows())
            }
    except Exception:  # noqa: BLE001 - the look is an extra; the values are read already
        return found
    return found


def _filled(rows: Iterable[Iterable[Any]]) -> Iterable[Any]:
    return (cell for row in rows for cell in row if cell.value is not None)


def _looks_xls(data: bytes) -> dict[str, dict[Place, tuple[str, str]]]:
    import xlrd

    with io.StringIO() as unread:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=unread)
    found: dict[str, dict[Place, tuple[str, str]]] = {}
    for page in book.sheets():
        said = found.setdefault(page.name, {})
        for r in range(page.nrows):
            for c, cell in enumerate(page.row(r)):
                look_of = book.xf_list[cell.xf_index] if cell.xf_index is not None else None
                if look_of is not None and cell.ctype not in (0, 6):
                    kind = book.format_map.get(look_of.format_key)
                    said[r, c] = (book.font_list[look_of.font_index].name, kind.format_str if kind else "")
    return found


def letters(column: int) -> str:
    """Column letters: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _place(column: bytes, row: bytes) -> Place:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return int(row) - 1, number - 1
