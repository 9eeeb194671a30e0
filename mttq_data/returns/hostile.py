"""Looking at a file before any library opens it: what it really is, how large it really gets.

A return comes by mail from anywhere. A spreadsheet library trusts what a file
says of itself: one cell in the last column and row makes it ask for half a
terabyte, and the process ends. So the kind is told by content, sizes are
bounded before unpacking, and the extent of every sheet is scanned first.
Nothing here runs or follows anything: no formula, macro or link.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from mttq_data.returns.refusals import (
    LARGEST_FILE,
    LARGEST_UNPACKED,
    MB,
    MOST_CELLS,
    MOST_MERGES,
    MOST_PARTS,
    RefusedFile,
    damaged,
    grows,
    library_failed,
    no_workbook,
    password,
    shown,
    too_far,
)
from mttq_data.returns.zip_parts import USUAL_NAMES, Parts

_USUAL = 1 << 16
# All sheets together; texts once they are repeated in cells; one text (Excel holds 32,767 letters in a cell).
_MOST_TOGETHER, _MOST_TEXT, _LONGEST_TEXT = 4 * MOST_CELLS, 100 * MB, 200_000
_MOST_TAGS, _LONGEST_CSV, _LARGEST_XLS = 600_000, 5 * MB, 8 * MB
# More than this is not read a second time for fonts.
_FEW_CELLS, _FEW_BYTES = 200_000, 2 * MB
# DEFLATE cannot pack tighter than this.
_TIGHTEST = 1032
__all__ = ["MOST_CELLS", "Package", "RefusedFile", "library_failed", "look", "shown"]
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt")

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    KeyError,
    ValueError,
)


@dataclass
class Package:
    """A file looked at and found fit to be opened.

    Attributes
    ----------
    name : str
        The file's name without folders, control characters shown as ``?``.
    kind : str
        ``xlsx``, ``xlsb``, ``xls``, ``ods`` or ``csv``, by content.
    raw : bytes
        The whole file.
    sheets : dict
        Of an .xlsx: the parts that hold a sheet, as far as the end of its cells.
    errors : dict
        Of an .xlsb: the (row, column) of error cells by part.
    cells : int
        Of an .xlsx: no more cells than this are in all its sheets, filled or not.
    active : list of (str, str)
        What could act and is ignored: (kind, part).
    """

    path: Path
    name: str
    kind: str
    raw: bytes
    zip: Parts | None = None
    sheets: dict[str, bytes] = field(default_factory=dict)
    errors: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    active: list[tuple[str, str]] = field(default_factory=list)
    cells: int = 0
    sha256: str = ""
    has_errors: bool = False
    has_pipes: bool = False
    parts_of_sheets: dict[str, str] | None = None

    @property
    def data(self) -> bytes:
        """The file as a library may have it: of an .xlsx only parts that were looked at, nothing where they are long."""
        if self.kind != "xlsx" or self.zip is None:
            return self.raw
        size = sum(part.size for part in self.zip.parts if _tail(part.name) in _TOLD_BY)
        size += sum(map(len, self.sheets.values()))
        if size > _FEW_BYTES or sum(_extent(xml, xml.find(b"sheetData")) for xml in self.sheets.values()) > _FEW_CELLS:
            return b""
        return self._with(self.sheets)

    def looked_at(self) -> bytes:
        """The file as the reader is to get it: of an .xlsx, only the cells that were looked at, nothing after them."""
        if self.kind == "xlsx" and self.zip is not None:
            return self._with(self.sheets, "" if _dates_matter(self.zip) else _STYLES)
        return self._with({}, "") if self.kind == "xlsb" else self.raw

    def _with(self, sheets: dict[str, bytes], without: str = "") -> bytes:
        assert self.zip is not None
        cut = {name: xml + b"</worksheet>" if xml.endswith(b"</sheetData>") else xml for name, xml in sheets.items()}
        kept = {
            p.name for p in self.zip.parts if p.name != without and (p.name in self.errors or _tail(p.name) in _TOLD_BY)
        }
        return self.zip.with_parts(cut, kept)

    def held(self) -> int:
        """How many bytes it keeps in memory."""
        return len(self.raw) + sum(map(len, self.sheets.values()))

    def part(self, name: str) -> bytes:
        """One part of a zip package, empty when there is none."""
        return self.zip.read(name) if self.zip is not None else b""


def look(path: str | Path) -> Package:
    """Look at a file before opening it.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Package

    Raises
    ------
    RefusedFile
        The file is no workbook, is damaged, protected by a password, or would
        grow beyond what a return can need. One line says which and what to do.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = file.write_text("STT;Chỉ tiêu", encoding="utf-8")
    >>> look(file).kind
    'csv'
    """
    path = path if isinstance(path, Path) else Path(path)
    name = path.name
    if name.startswith(("~$", ".~lock.")):
        raise RefusedFile(name, "lock_file", "left by Excel while a workbook is open; close it and delete this file",
                          "tệp tạm do Excel để lại khi đang mở biểu; đóng Excel rồi xóa tệp này")  # fmt: skip
    data = _bytes_of(path)
    archive = None
    if data.startswith(b"PK"):
        archive, kind = _zip_kind(name, data)
    else:
        kind = _kind(name, data)
    package = Package(path, shown(name), kind, data, archive, sha256=sha256(data).hexdigest())
    if kind in ("csv", "xls"):
        {"csv": _look_csv, "xls": _look_xls}[kind](package)
    elif archive is not None:
        try:
            _look_into(package)
        except RefusedFile:
            raise
        except _BROKEN as exc:
            raise damaged(name, exc) from exc
    return package


def _bytes_of(path: Path) -> bytes:
    try:
        with open(path, "rb", buffering=0) as stream:
            # One call for most; what is longer tells its length first.
            data, size = stream.read(_USUAL), 0
            if len(data) == _USUAL and (size := os.fstat(stream.fileno()).st_size) <= LARGEST_FILE:
                data += stream.read()
        if size > LARGEST_FILE:
            raise RefusedFile(path.name, "too_large", f"{size / MB:.0f} MB; a return has at most {LARGEST_FILE // MB} MB",
                              f"tệp {size / MB:.0f} MB, quá lớn so với một biểu số liệu (tối đa {LARGEST_FILE // MB} MB)")  # fmt: skip
    except OSError as exc:
        if path.is_dir():
            raise RefusedFile(path.name, "not_a_file", "is a folder", "đây là thư mục, không phải tệp") from exc
        raise RefusedFile(path.name, "unreadable", f"cannot be read ({exc.strerror or exc})",
                          "không mở được tệp; kiểm tra tệp còn đó, không bị khóa") from exc  # fmt: skip
    except ValueError as exc:
        raise RefusedFile(str(path), "unreadable", "is no file name", "tên tệp không hợp lệ") from exc
    if not data:
        raise RefusedFile(
            path.name, "empty_file", "is empty (0 bytes); ask for it again", "tệp rỗng (0 byte); đề nghị gửi lại"
        )
    return data


_NOT_WORKBOOKS = (
    (b"MZ", "a program (.exe) under another name", "đây là chương trình (.exe) đổi tên"),
    (b"\x7fELF", "a program under another name", "đây là chương trình đổi tên"),
    (b"#!", "a script under another name", "đây là tệp lệnh đổi tên"),
    (b"%PDF", "a PDF", "đây là tệp PDF"),
    (b"\x89PNG", "a picture", "đây là tệp ảnh"),
    (b"\xff\xd8\xff", "a picture", "đây là tệp ảnh"),
    (b"GIF8", "a picture", "đây là tệp ảnh"),
    (b"Rar!", "a RAR archive", "đây là tệp nén RAR"),
    (b"7z\xbc\xaf", "a 7z archive", "đây là tệp nén 7z"),
    (b"{\\rtf", "a text document (RTF)", "đây là văn bản RTF"),
)


def _kind(name: str, data: bytes) -> str:
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if _utf16("EncryptedPackage") in data:
            raise password(name)
        if _utf16("Workbook") in data or _utf16("Book") in data:
            return "xls"
        raise no_workbook(name, "an old Office file, but no workbook", "đây là tệp Office đời cũ, không phải Excel")
    for mark, english, vietnamese in _NOT_WORKBOOKS:
        if data.startswith(mark):
            raise no_workbook(name, english, vietnamese)
    if data[:2] in (b"\x09\x08", b"\x09\x04", b"\x09\x02"):
        return "xls"
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise no_workbook(name, "a web page or XML saved under a workbook's name",
                           "đây là trang web (HTML/XML) đặt tên như tệp Excel")  # fmt: skip
    if Path(name).suffix.lower() in (".csv", ".tsv", ".txt") and (
        b"\0" not in data[:4096]
        or data[:2] in (b"\xff\xfe", b"\xfe\xff")
        or data[:4096].count(0) > len(data[:4096]) // 4
    ):
        return "csv"
    raise no_workbook(name, "no workbook: its content fits none of .xlsx .xlsm .xlsb .xls .ods .csv",
                       "nội dung không phải bảng tính")  # fmt: skip


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _zip_kind(name: str, data: bytes) -> tuple[Parts, str]:
    try:
        archive = Parts(data)
        names = set(archive.names)
    except _BROKEN as exc:
        raise damaged(name, exc) from exc
    if "xl/workbook.xml" in names and "xl/workbook.bin" not in names:
        return archive, "xlsx"
    lowered = {n.lower() for n in names}
    if "xl/workbook.bin" in lowered:
        return archive, "xlsb"
    if (
        any(n.startswith("xl/") for n in lowered)
        or "[content_types].xml" in lowered
        and not any(n.startswith(("word/", "ppt/")) for n in lowered)
    ):
        return archive, "xlsx"
    if "content.xml" in lowered:
        return archive, "ods"
    what = "a Word file" if any(n.startswith("word/") for n in lowered) else "an archive, not a workbook"
    raise no_workbook(name, what, "đây là tệp Word" if "Word" in what else "đây là tệp nén, không phải bảng tính")


def _look_into(package: Package) -> None:
    archive = package.zip
    assert archive is not None
    # Readers differ in which of two parts of one name they take, and in what they hold for one name.
    names = archive.names
    if (
        len(archive.parts) != len(names)
        or not names.keys() <= USUAL_NAMES
        and (len(names) != len({name.replace("\\", "/").lower() for name in names}))
    ):
        raise damaged(package.name, ValueError("two parts of one name"))
    if len(archive.parts) > MOST_PARTS:
        raise grows(package.name, f"{len(archive.parts)} parts")
    _, encrypted, _, packed, sizes, *_ = zip(*archive.parts, strict=True)
    if any(encrypted):
        raise password(package.name)
    full = sum(sizes)
    if full > LARGEST_UNPACKED:
        raise grows(package.name, f"{full / MB:,.0f} MB unpacked")
    # The declared sizes may lie; what is packed bounds what can come out.
    if sum(packed) * _TIGHTEST > LARGEST_UNPACKED:
        _unpack_counting(package, archive)
    {"xlsx": _look_xlsx, "xlsb": _look_xlsb, "ods": _look_ods}[package.kind](package, archive)


def _unpack_counting(package: Package, archive: Parts) -> None:
    left = LARGEST_UNPACKED
    for part in archive.parts:
        raw = archive.packed(part)
        if part.method == zipfile.ZIP_STORED:
            left -= len(raw)
            continue
        inflater = zlib.decompressobj(-15)
        chunk = inflater.decompress(raw, 1 << 20)
        while chunk and left >= 0:
            left -= len(chunk)
            chunk = inflater.decompress(inflater.unconsumed_tail, 1 << 20)
        if left < 0:
            raise grows(package.name, f"{part.name} unpacks beyond {LARGEST_UNPACKED // MB} MB")


# Parts no reader is given.
_IDLE_PARTS = ("docProps/", "xl/theme/", "xl/media/", "xl/printerSettings/", "xl/drawings/", "xl/worksheets/_rels/")
# What tells a reader where the sheets are and what their cells mean; besides, it is given nothing but sheets.
_TOLD_BY = frozenset(("[content_types].xml", ".rels", "workbook.xml", "workbook.xml.rels", "sharedstrings.xml", "styles.xml",
                      "workbook.bin", "workbook.bin.rels", "sharedstrings.bin", "styles.bin"))  # fmt: skip
_RELATING = ("_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/workbook.xml")
_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_NO_SHEETS = frozenset(name for name in USUAL_NAMES if "/sheet" not in name)
_FORMAT = re.compile(rb'\bnumFmtId="(\d+)"(?:\s+formatCode="([^"]*)")?')
_PLAIN_FORMATS = frozenset(b"%d" % n for n in (*range(5), *range(9, 14), *range(37, 41), 48, 49))
_plain_styles: dict[bytes, bool] = {}


def _dates_matter(archive: Parts) -> bool:
    """Whether a number format may be one of dates; the reader needs the styles for nothing else."""
    part = archive.names.get(_STYLES)
    if part is None:
        return False
    packed = bytes(archive.packed(part))
    if packed not in _plain_styles:
        if len(_plain_styles) > 50:
            _plain_styles.clear()
        styles = archive.read(_STYLES)
        found = _FORMAT.findall(styles)
        codes = [code for _, code in found if code]
        _plain_styles[packed] = (
            (len(found), len(codes)) == (styles.count(b"numFmtId"), styles.count(b"formatCode"))
            and not b"".join(codes).strip(b"#0,.%;-() ")
            and all(number in _PLAIN_FORMATS or len(number) > 2 for number, code in found if not code)
        )
    return not _plain_styles[packed]


def _tail(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].lower()


_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_PLAIN_CELLS, _SHORT = 702 * 999, 2000
_ODD = (re.compile(rb'r[\s=]++(?!["\'][A-Z]{0,2}+\d{1,3}+["\'])'), re.compile(rb"<c(?! r=)"), re.compile(rb":c(?! r=)"))
# Whatever stands around it: where a cell could be. Readers differ in what they make of odd XML.
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,3})0*(\d{0,8})([^\"'<]*)")
_CELL = re.compile(rb"[<:]c(?=[\s/>])(\s+r\s*=)?")
_ROW = re.compile(rb"[<:]row(?=[\s/>])")
_ERROR_CELL = re.compile(rb"\bt\s*=\s*[\"']e[\"']")


def _look_xlsx(package: Package, archive: Parts) -> None:
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
        package.cells = max(_extent(xml, xml.find(b"sheetData")) for xml in package.sheets.values())
    package.cells *= sheets
    if package.cells > _MOST_TOGETHER:
        raise too_far(package.name, f"xl/workbook.xml names {sheets:,} sheets and", package.cells)
    for name in (_STRINGS,) if usual else archive.names:
        if _tail(name) == "sharedstrings.xml" and name in archive.names:
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
        sheets = max((_sheets_of(archive.read(name)) for name in names if _tail(name) == "workbook.xml"), default=1)
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
    if (size := _extent(xml, start)) > MOST_CELLS:
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


def _extent(xml: bytes, start: int) -> int:
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


def _look_xlsb(package: Package, archive: Parts) -> None:
    sheets = texts = cells = 0
    for part in archive.parts:
        name, tail = part.name.lower(), _tail(part.name)
        if name.startswith("xl/externallinks/"):
            package.active.append(("external_link", part.name))
        elif "vbaproject" in name:
            package.active.append(("macro", part.name))
        elif name.startswith("xl/worksheets/") and "/_rels/" not in name:
            package.errors[part.name], _ = _check_binary(package, part.name)
            cells += part.size // 10
        elif tail.endswith(".bin") and tail in _TOLD_BY:
            named = _check_binary(package, part.name)[1]
            sheets, texts = max(sheets, named), max(texts, part.size if tail == "sharedstrings.bin" else 0)
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


def _look_ods(package: Package, archive: Parts) -> None:
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


def _look_xls(package: Package) -> None:
    # One sheet under many names would be read as often.
    named = Counter(re.findall(rb"\x85\0[\x08-\x48]\0(....)[\0-\2]", package.raw, re.DOTALL)).most_common(1)
    if len(package.raw) > _LARGEST_XLS or named and named[0][1] > 3:
        raise grows(
            package.name, f"{len(package.raw) / MB:,.1f} MB, a sheet named {named[0][1] if named else 0:,} times"
        )


def _look_csv(package: Package) -> None:
    data = package.raw
    marks = sum(data.count(mark) for mark in (b"\n", b"\r", b";", b",", b"\t"))
    if len(data) > _LONGEST_CSV or marks > MOST_CELLS // 2:
        raise grows(package.name, f"{len(data) / MB:,.1f} MB of text in {marks:,} cells")
