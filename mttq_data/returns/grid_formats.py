"""The formats besides .xlsx: .xls through ``xlrd``, .ods through ``lxml``, .csv through ``csv``."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from mttq_data.returns.grids import ERRORS, Place, Sheet
from mttq_data.returns.packages import Package
from mttq_data.returns.refusals import MOST_CELLS, RefusedFile, grows, library_failed, too_far


def xls(package: Package) -> list[Sheet]:
    """The sheets of an .xls, which `xlrd` keeps sparse."""
    import xlrd

    sheets = []
    with (
        io.StringIO() as unread,
        xlrd.open_workbook(
            file_contents=package.data, formatting_info=True, ragged_rows=True, logfile=unread, on_demand=True
        ) as book,
    ):
        # One sheet at a time: what xlrd makes of a cell takes ten times what is kept of it.
        for number in range(book.nsheets):
            sheets.append(_xls_sheet(package, book, book.sheet_by_index(number)))
            book.unload_sheet(number)
            if sum(len(sheet.rows) * sheet.width for sheet in sheets) > MOST_CELLS:
                raise grows(package.name, f"{number + 1} sheets with millions of cells")
    return sheets


def _xls_sheet(package: Package, book: Any, page: Any) -> Sheet:
    width = max((page.row_len(r) for r in range(page.nrows)), default=0)
    if width * page.nrows > MOST_CELLS:
        raise too_far(package.name, f"sheet {page.name}", width * page.nrows)
    errors: dict[Place, str] = {}
    rows = [_xls_row(book, page, r, width, errors) for r in range(page.nrows)]
    merges = [(r0, c0, r1 - 1, c1 - 1) for r0, r1, c0, c1 in page.merged_cells]
    hidden = (
        frozenset(r for r, info in page.rowinfo_map.items() if info.hidden),
        frozenset(c for c, info in page.colinfo_map.items() if info.hidden),
    )
    return Sheet(page.name, rows, page.visibility == 0, False, None, errors, merges, hidden)


def _xls_row(book: Any, page: Any, row: int, width: int, errors: dict[Place, str]) -> list[Any]:
    from xlrd import error_text_from_code
    from xlrd.xldate import xldate_as_datetime

    values: list[Any] = []
    for column, cell in enumerate(page.row(row)):
        value: Any = cell.value
        if cell.ctype == 5:
            errors[row, column] = error_text_from_code.get(value, "#N/A")
            value = ""
        elif cell.ctype == 3:
            try:
                value = xldate_as_datetime(value, book.datemode)
            except (ValueError, OverflowError):
                value = float(value)
        elif cell.ctype == 4:
            value = bool(value)
        values.append("" if value is None else value)
    return values + [""] * (width - len(values))


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def ods(package: Package) -> list[Sheet]:
    """The sheets of an .ods; repeated cells are bounded before they are laid out."""
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(package.part("content.xml"), parser)
    invisible = set()
    for style in root.iter("{urn:oasis:names:tc:opendocument:xmlns:style:1.0}style"):
        if any(p.get(f"{_TABLE}display") == "false" for p in style):
            invisible.add(style.get("{urn:oasis:names:tc:opendocument:xmlns:style:1.0}name"))
    return [_ods_sheet(package, t, t.get(f"{_TABLE}style-name") not in invisible) for t in root.iter(f"{_TABLE}table")]


def _ods_sheet(package: Package, table: Any, visible: bool) -> Sheet:
    cells: dict[Place, Any] = {}
    sheet = Sheet(str(table.get(f"{_TABLE}name") or "Sheet"), [], visible)
    percents, high, row = set(), 0, 0
    for line in table.iter(f"{_TABLE}table-row"):
        times = int(line.get(f"{_TABLE}number-rows-repeated") or 1)
        column, filled = 0, []
        for cell in line:
            if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            count = int(cell.get(f"{_TABLE}number-columns-repeated") or 1)
            value, error = _ods_value(cell)
            if value != "" or error:
                filled.append((column, count, value, error, cell.get(f"{_OFFICE}value-type") == "percentage"))
            down, right = (int(cell.get(f"{_TABLE}number-{d}-spanned") or 1) for d in ("rows", "columns"))
            if (down, right) != (1, 1):
                sheet.known_merges.append((row, column, row + down - 1, column + right - 1))
            column += count
        size = sum(count for _, count, *_ in filled) * times
        if len(cells) + size > MOST_CELLS // 10:
            raise RefusedFile(
                package.name,
                "too_far",
                f"sheet {sheet.name} repeats cells {size:,} times",
                "có ô lặp quá nhiều lần; không đọc",
            )
        for first, count, value, error, percent in filled:
            for place in ((r, c) for r in range(row, row + times) for c in range(first, first + count)):
                cells[place] = value
                if error:
                    sheet.known_errors[place] = error
                if percent:
                    percents.add(place)
        row += times
        high = row if filled else high
    wide = max((c for _, c in cells), default=-1) + 1
    if high * wide > MOST_CELLS:
        raise RefusedFile(
            package.name,
            "too_far",
            f"sheet {sheet.name} would fill {high * wide:,} cells",
            "có ô nằm quá xa bảng; xóa ô đó rồi gửi lại",
        )
    sheet.rows = [[cells.get((r, c), "") for c in range(wide)] for r in range(high)]
    sheet.percents = frozenset(percents)
    return sheet


def _ods_value(cell: Any) -> tuple[Any, str]:
    from datetime import datetime

    kind = cell.get(f"{_OFFICE}value-type")
    text = "\n".join("".join(p.itertext()) for p in cell.iterchildren(f"{_TEXT}p"))
    if kind in ("float", "percentage", "currency"):
        return float(cell.get(f"{_OFFICE}value")), ""
    if kind == "date":
        try:
            return datetime.fromisoformat(cell.get(f"{_OFFICE}date-value")[:19]), ""
        except (TypeError, ValueError):
            return text, ""
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true", ""
    if text in ERRORS or text.startswith("Err:"):
        return "", text
    return text, ""


def csv_text(package: Package) -> list[Sheet]:
    """The one sheet of a .csv: separator and encoding by what stands in it."""
    from mttq_data.reading.encodings import decode

    text, _ = decode(package.data, package.name)
    head = text[:20000]
    delimiter = max(";\t,", key=lambda d: (head.count(d), d == ";"))
    csv.field_size_limit(1 << 20)
    rows: list[list[Any]] = []
    try:
        rows += [list(row) for row in csv.reader(io.StringIO(text.replace("\0", "")), delimiter=delimiter)]
    except csv.Error as exc:
        raise library_failed(package.name, exc) from exc
    wide = max(map(len, rows), default=0)
    if wide * len(rows) > MOST_CELLS:
        raise RefusedFile(
            package.name,
            "too_far",
            f"{wide * len(rows):,} cells; a return has a few thousand",
            "quá nhiều ô so với một biểu số liệu",
        )
    return [Sheet(Path(package.name).stem, [row + [""] * (wide - len(row)) for row in rows], text_only=True)]
