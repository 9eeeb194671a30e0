"""How far the sheets of a file reach and how much it would grow, scanned before a library trusts what the file says.

A library takes room for all cells up to the last one: one cell in the last column and
row makes it ask for half a terabyte, and the process ends. Readers differ in what they
make of odd XML, so places are looked for byte by byte.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mttq_data.returns.refusals import MB, MOST_CELLS, MOST_MERGES, RefusedFile, grows, password, too_far
from mttq_data.returns.zip_parts import TOLD_BY, USUAL_NAMES, Parts, tail

if TYPE_CHECKING:
    from mttq_data.returns.packages import Package

# All sheets together; texts once they are repeated in cells; one text (Excel holds 32,767 letters in a cell).
_MOST_TOGETHER, _MOST_TEXT, _LONGEST_TEXT = 4 * MOST_CELLS, 100 * MB, 200_000
_MOST_TAGS, _LONGEST_CSV, _LARGEST_XLS = 600_000, 5 * MB, 8 * MB
# Parts no reader is given.
_IDLE_PARTS = ("docProps/", "xl/theme/", "xl/media/", "xl/printerSettings/", "xl/drawings/", "xl/worksheets/_rels/")
_RELATING = ("_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml")
_STRINGS = "xl/sharedStrings.xml"
_NO_SHEETS = frozenset(name for name in USUAL_NAMES if "/sheet" not in name)
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_PLAIN_CELLS, _SHORT = 702 * 999, 2000
_ODD = (re.compile(rb'r[\s=]++(?!["\'][A-Z]{0,2}+\d{1,3}+["\'])'), re.compile(rb"<c(?! r=)"), re.compile(rb":c(?! r=)"))
# Whatever stands around it: where a cell could be. Readers differ in what they make of odd XML.
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,3})0*(\d{0,8})([^\"'<]*)")
_CELL = re.compile(rb"[<:]c(?=[\s/>])(\s+r\s*=)?")
_ROW = re.compile(rb"[<:]row(?=[\s/>])")
_ERROR_CELL = re.compile(rb"\bt\s*=\s*[\"']e[\"']")


def look_xlsx(package: Package, archive: Parts) -> None:
    """Look how far the sheets of an .xlsx reach, take note of them and of what could act."""
    usual, sheets = _relations(archive)
    for part in archive.parts:
        name = part.name
        if usual and name in _NO_SHEETS or name.startswith(_IDLE_PARTS):
            continue
        if name.startswith("xl/externalLinks/"):
            package.active.append(("external_link", name))
        elif "vbaProject" in name:
            package.active.append(("macro", name))
        elif part.size:
            xml = archive.upto(name, b"</sheetData>")
            if b"sheetData" in xml:
                package.cells = max(package.cells, _check_sheet(package, name, xml))
                package.sheets[name] = xml
    # Each name of a sheet may lead to the largest part.
    if package.cells * sheets > _MOST_TOGETHER:
        package.cells = max(extent(xml, xml.find(b"sheetData")) for xml in package.sheets.values())
    package.cells *= sheets
    if package.cells > _MOST_TOGETHER:
        raise too_far(package.name, f"xl/workbook.xml names {sheets:,} sheets and", package.cells)
    for name in (_STRINGS,) if usual else archive.names:
        if tail(name) == "sharedstrings.xml" and name in archive.names:
            _check_strings(package, archive, name, sheets)


_RELATIONS = re.compile(
    rb"\s*(?:<\?xml[^<>]*\?>\s*)?<relationships(?: xmlns=\"[^<>\"]*\")?>"
    rb"(?:\s*<relationship(?:\s+(?:id|type|target|targetmode)=\"[^<>\"&]*\")*\s*/>)*\s*</relationships>\s*"
)
_SHEET_ELSEWHERE = re.compile(
    rb"<relationship (?=[^<>]*sheet\")[^<>]*(?:\.rels|workbook\.xml|sharedstrings\.xml|styles\.xml|types\]\.xml)\""
)
_BOOK = re.compile(rb"<relationship [^<>]*/officedocument\"[^<>]*")
_relations_seen: dict[tuple[bytes, ...], tuple[bool, int]] = {}


def _relations(archive: Parts) -> tuple[bool, int]:
    """Whether relations lead from the usual places to sheets that are nothing else, in plain words; how many sheets are named."""
    names = archive.names
    packed = tuple([bytes(archive.packed(names[name])) for name in _RELATING if name in names])
    if packed not in _relations_seen:
        if len(_relations_seen) > 50:
            _relations_seen.clear()
        _relations_seen[packed] = _read_relations(archive)
    usual, sheets = _relations_seen[packed]
    if not usual:
        sheets = max((_sheets_of(archive.read(name)) for name in names if tail(name) == "workbook.xml"), default=1)
    return usual, sheets


def _read_relations(archive: Parts) -> tuple[bool, int]:
    top, relations, _ = (archive.read(name).lower() for name in _RELATING)
    books = _BOOK.findall(top)
    usual = (
        _RELATIONS.fullmatch(top) and _RELATIONS.fullmatch(relations) and not _SHEET_ELSEWHERE.search(relations)
        and books and all(re.findall(rb'target="/?([^"]*)', book) == [b"xl/workbook.xml"] for book in books)
    )  # fmt: skip
    return bool(usual), _sheets_of(archive.read(_RELATING[2]))


def _sheets_of(book: bytes) -> int:
    return max(1, len(re.findall(rb"[<:]sheet(?=[\s/>])", book)))


_STRINGS_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml[^<>]*\?>\s*)?<sst(?: xmlns="[^"<>]*"| (?:c|uniqueC)ount="\d{1,6}")*>'
)


def _check_strings(package: Package, archive: Parts, name: str, sheets: int) -> None:
    """Refuse texts said to be so many that the reader asks for all memory, or so long that repeating them fills it."""
    texts = b"" if _STRINGS_HEAD.match(archive.head(name, 300)) else archive.read(name)
    if re.search(rb"ount\s*=\s*[\"']\s*[+-]?0*\d{7}", texts):
        raise grows(package.name, f"{name} says it holds millions of texts")
    cells = sheets * sum(map(len, package.sheets.values())) // 20
    if archive.names[name].size * cells > _MOST_TEXT:
        texts = texts or archive.read(name)
        if (number := texts.count(b"<si")) > MOST_CELLS:
            raise grows(package.name, f"{name} holds {number:,} texts")
        longest = len(texts) if b"<!" in texts else max(map(len, re.split(rb"<(?:\w+:)?si\b", texts)))
        cells = sheets * sum(len(_CELL.findall(xml)) for xml in package.sheets.values())
        if longest * cells > _MOST_TEXT or longest > _LONGEST_TEXT:
            raise grows(package.name, f"{name} holds a text of {longest:,} letters for {cells:,} cells")


def _check_sheet(package: Package, part: str, xml: bytes) -> int:
    """How many cells a sheet may span; refuses one that spans too many."""
    start = xml.find(b"sheetData")
    if _ENTITIES.search(xml, 0, start):
        raise RefusedFile(package.name, "entities", f"{part} defines XML entities, which no spreadsheet program writes",
                          "tệp chứa khai báo XML lạ (entity), Excel không bao giờ ghi như vậy; không đọc")  # fmt: skip
    # The length of what follows the cells bounds the merges in it.
    if package.zip is not None and package.zip.names[part].size - len(xml) > 15 * MOST_MERGES:
        merges = package.part(part).count(b"mergeCell ")
        if merges > MOST_MERGES:
            raise grows(package.name, f"{part} merges {merges:,} ranges")
    package.has_pipes = package.has_pipes or b"|" in xml
    # An error is written as #REF! and the like; the sign alone is found faster.
    package.has_errors = package.has_errors or b"#" in xml and _ERROR_CELL.search(xml, start) is not None
    if len(xml) > _LONGEST_TEXT and (longest := max(map(len, xml.split(b"<")))) > _LONGEST_TEXT:
        raise grows(package.name, f"{part} holds a text of {longest:,} letters")
    if _plain(xml, start):
        return _PLAIN_CELLS
    if (size := extent(xml, start)) > MOST_CELLS:
        raise too_far(package.name, part, size)
    return size


def _plain(xml: bytes, start: int) -> bool:
    """Whether no place beyond ZZ999 can be in it, and no cell that does not say where it is: then nothing needs adding up.

    Taken byte by byte and not as XML, for readers differ in what they make of attributes that stand twice.
    """
    if len(xml) - start < _SHORT:
        return not any(odd.search(xml, start) for odd in _ODD)
    text = np.frombuffer(xml, np.uint8, offset=start)
    digit, letter = text - 48 < 10, (text | 32) - 97 < 26
    two = digit[:-1] & digit[1:]
    after = text[4:][(two[:-3] & two[2:-1])]
    if ((after == 34) | (after == 39)).any() or (letter[:-3] & letter[1:-2] & letter[2:-1] & digit[3:]).any():
        return False
    cell = ((text == 60) | (text == 58))[:-4] & (text == 99)[1:-3]
    return not (cell > ((text == 114)[3:-1] & (text == 61)[4:])).any()


def extent(xml: bytes, start: int) -> int:
    """Rows times columns of the filled block, or more; implicit positions count as far as they can reach."""
    high, wide = 1, 1
    for letters, digits, rest in _PLACE.findall(xml, start):
        if rest:
            return 1 << 40
        high, wide = max(high, int(digits or 0)), max(wide, _column(letters))
    implicit = sum(not said for said in _CELL.findall(xml, start))
    if implicit:
        high += len(_ROW.findall(xml, start))
    return high * (wide + implicit)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def look_xlsb(package: Package, archive: Parts) -> None:
    """Look how far the sheets of an .xlsb reach, take note of their error cells and of what could act."""
    sheets = texts = cells = 0
    for part in archive.parts:
        name, last = part.name.lower(), tail(part.name)
        if name.startswith("xl/externallinks/"):
            package.active.append(("external_link", part.name))
        elif "vbaproject" in name:
            package.active.append(("macro", part.name))
        elif name.startswith("xl/worksheets/") and "/_rels/" not in name:
            package.errors[part.name], _ = _check_binary(package, part.name)
            cells += part.size // 10
        elif last.endswith(".bin") and last in TOLD_BY:
            named = _check_binary(package, part.name)[1]
            sheets, texts = max(sheets, named), max(texts, part.size if last == "sharedstrings.bin" else 0)
    package.cells *= max(sheets, 1)
    if package.cells > _MOST_TOGETHER:
        raise too_far(package.name, f"xl/workbook.bin names {sheets:,} sheets and", package.cells)
    if texts * cells * max(sheets, 1) > 100 * _MOST_TEXT:
        raise grows(package.name, f"{texts:,} bytes of texts for {cells:,} cells")


def _check_binary(package: Package, part: str) -> tuple[list[tuple[int, int]], int]:
    """The error cells in a part of an .xlsb and how many sheets it names; refuses one that reaches too far."""
    data = package.part(part)
    row = high = wide = sheets = 0
    errors: list[tuple[int, int]] = []
    for number, (kind, at, size) in enumerate(_records(data)):
        if number > MOST_CELLS or size > _LONGEST_TEXT:
            raise grows(package.name, f"{part} has {number:,} records, one of {size:,} bytes")
        if kind == 0x9C:
            sheets += 1
        elif kind == 0x9F and size >= 8 and struct.unpack_from("<I", data, at + 4)[0] > len(data):
            raise grows(package.name, f"{part} says it holds millions of texts")
        if size < 4 or at + 4 > len(data) or kind > 11:
            continue
        (place,) = struct.unpack_from("<I", data, at)
        if kind == 0:
            row = place
            high = max(high, row + 1)
        else:
            wide = max(wide, place + 1)
            if kind in (3, 11):
                errors.append((row, place))
    if high * wide > MOST_CELLS:
        raise too_far(package.name, part, high * wide)
    package.cells = max(package.cells, high * wide)
    return errors, sheets


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The records of a binary part: kind, offset and size of the content."""
    at, end = 0, len(data)
    while at + 1 < end:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while at < end:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:
                break
        yield kind, at, size
        at += size


_ODS_TAG = re.compile(rb"<(/?)(?:[^\s<>/]*:)?(table|table-row|table-cell)(?=[\s/>])([^<>]*)")


def look_ods(package: Package, archive: Parts) -> None:
    """Look how often an .ods repeats its cells."""
    if b"encryption-data" in package.part("META-INF/manifest.xml"):
        raise password(package.name)
    content = package.part("content.xml")
    if _ENTITIES.search(content) or not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or b"\0" in content or (
        (said := re.match(rb"[^>]*?encoding\s*=\s*[\"']([^\"']*)", content)) and said[1].lower() not in (b"utf-8", b"us-ascii")
    ):  # fmt: skip
        raise RefusedFile(package.name, "entities", "content.xml defines XML entities or is no UTF-8",
                          "tệp chứa khai báo XML lạ; không đọc")  # fmt: skip
    if (tags := content.count(b"<") + content.count(b"=")) > _MOST_TAGS:
        raise grows(package.name, f"content.xml has {tags:,} tags and attributes")
    depth = cells = times = 0
    for end, kind, said in _ODS_TAG.findall(content):
        if kind == b"table":
            depth += -1 if end else 0 if said.endswith(b"/") else 1
        elif not end:
            counts = re.findall(rb"-repeated\s*=\s*[\"'](\d+)", said)
            count = int(counts[0]) if counts else 1
            times = count if kind == b"table-row" else times
            # An empty cell has no value and no text in it; a row of them takes no room.
            cells += times * count if kind != b"table-row" and (b"value" in said or not said.endswith(b"/")) else 0
        if depth > 2 or cells > MOST_CELLS // 3:
            raise grows(package.name, f"content.xml repeats {cells:,} cells, {depth} tables within each other")


def look_xls(package: Package) -> None:
    """Look how large an .xls is and how often it names one sheet."""
    # One sheet under many names would be read as often.
    named = Counter(re.findall(rb"\x85\0[\x08-\x48]\0(....)[\0-\2]", package.raw, re.DOTALL)).most_common(1)
    if len(package.raw) > _LARGEST_XLS or named and named[0][1] > 3:
        raise grows(
            package.name, f"{len(package.raw) / MB:,.1f} MB, a sheet named {named[0][1] if named else 0:,} times"
        )


def look_csv(package: Package) -> None:
    """Look how long a text is and how many cells it has."""
    data = package.raw
    marks = sum(data.count(mark) for mark in (b"\n", b"\r", b";", b",", b"\t"))
    if len(data) > _LONGEST_CSV or marks > MOST_CELLS // 2:
        raise grows(package.name, f"{len(data) / MB:,.1f} MB of text in {marks:,} cells")
