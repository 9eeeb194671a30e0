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
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

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
from mttq_data.returns.zip_parts import Parts

_USUAL = 1 << 16
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
    data : bytes
        The whole file.
    sheets : dict
        Of an .xlsx: the parts that hold a sheet, as far as the end of its cells.
    errors : dict
        Of an .xlsb: the (row, column) of error cells by part.
    active : list of (str, str)
        What could act and is ignored: (kind, part).
    """

    path: Path
    name: str
    kind: str
    data: bytes
    zip: Parts | None = None
    sheets: dict[str, bytes] = field(default_factory=dict)
    errors: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    active: list[tuple[str, str]] = field(default_factory=list)
    sha256: str = ""
    has_errors: bool = False
    has_pipes: bool = False
    parts_of_sheets: dict[str, str] | None = None

    def looked_at(self) -> bytes:
        """The file as the reader is to get it: of an .xlsx, only the cells that were looked at, nothing after them."""
        if self.kind != "xlsx" or self.zip is None:
            return self.data
        cut = {
            name: xml + b"</worksheet>" if xml.endswith(b"</sheetData>") else xml for name, xml in self.sheets.items()
        }
        return self.zip.with_parts(cut, _IDLE_PARTS if _dates_matter(self.zip) else (*_IDLE_PARTS, _STYLES))

    def held(self) -> int:
        """How many bytes it keeps in memory."""
        return len(self.data) + sum(map(len, self.sheets.values()))

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
    if kind in ("xlsx", "xlsb", "ods"):
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
    if len(archive.parts) != len(archive.names):
        # Readers differ in which of two parts of one name they take.
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


_IDLE_PARTS = (
    "docProps/",
    "xl/theme/",
    "xl/media/",
    "xl/printerSettings/",
    "xl/drawings/",
    "xl/vbaProject",
    "xl/externalLinks/",
)
_STYLES = "xl/styles.xml"
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


_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
# A cell or row that does not say at once where it stands, or stands beyond ZZ999; values and formulas are passed over.
_ODD = re.compile(rb'<[^/vf](?! r="[A-Z]{1,2}+\d{1,3}+")(?!ow r="\d{1,3}+")')
_PREFIXED = re.compile(rb":(?:c|row)\b")
_ADDRESS = re.compile(rb"<(?:[^\s<>/:]+:)?(?:c|row)\s[^<>]*?\br\s*=\s*[\"']([A-Za-z]{0,3})(\d*)([^\"'<]*)[\"']")
_IMPLICIT = re.compile(rb"<(?:[^\s<>/:]+:)?(row|c)(?=[\s>/])(?![^<>]*\br\s*=)")
_OTHER_PARTS = ("xl/theme/", "docProps/", "xl/media/", "xl/printerSettings/", "xl/sharedStrings", "xl/styles", "_rels/",
                "[Content_Types]", "xl/drawings/", "xl/worksheets/_rels/", "xl/workbook.xml", "xl/_rels/")  # fmt: skip


def _look_xlsx(package: Package, archive: Parts) -> None:
    for part in archive.parts:
        name = part.name
        if name.startswith("xl/externalLinks/"):
            package.active.append(("external_link", name))
        elif "vbaProject" in name:
            package.active.append(("macro", name))
        elif not name.startswith(_OTHER_PARTS) and part.size:
            xml = archive.upto(name, b"</sheetData>")
            if b"sheetData" in xml:
                _check_sheet(package, name, xml)
                package.sheets[name] = xml


def _check_sheet(package: Package, part: str, xml: bytes) -> None:
    start, end = xml.find(b"<sheetData"), len(xml) if xml.endswith(b"</sheetData>") else -1
    if _ENTITIES.search(xml, 0, start if start > 0 else len(xml)):
        raise RefusedFile(package.name, "entities", f"{part} defines XML entities, which no spreadsheet program writes",
                          "tệp chứa khai báo XML lạ (entity), Excel không bao giờ ghi như vậy; không đọc")  # fmt: skip
    # The length of what follows the cells bounds the merges in it.
    if package.zip is not None and package.zip.names[part].size - len(xml) > 15 * MOST_MERGES:
        merges = package.part(part).count(b"mergeCell ")
        if merges > MOST_MERGES:
            raise grows(package.name, f"{part} merges {merges:,} ranges")
    package.has_pipes = package.has_pipes or b"|" in xml
    # A plain return needs no adding up.
    if start < 0 or end < 0 or _PREFIXED.search(xml, start) or _ODD.search(xml, start + 10):
        package.has_errors = True
        if (size := _extent(xml)) > MOST_CELLS:
            raise too_far(package.name, part, size)
    elif not package.has_errors:
        # An error is written as #REF! and the like; the sign alone is found faster.
        package.has_errors = b"#" in xml and xml.find(b't="e"', start) > 0


def _extent(xml: bytes) -> int:
    """Rows times columns of the filled block, or more; implicit positions count as far as they can reach."""
    rows, columns, cells = [0], [0], 0
    for letters, digits, rest in _ADDRESS.findall(xml):
        if rest or not (letters or digits):
            return 1 << 40
        if digits:
            rows.append(int(digits[:8]))
        if letters:
            columns.append(_column(letters))
            cells += 1
    implicit = [m[1] for m in _IMPLICIT.finditer(xml)]
    high = max(rows) + implicit.count(b"row")
    wide = max(columns) + min(implicit.count(b"c"), 16384)
    low, left = min([r for r in rows if r] or [1]), min([c for c in columns if c] or [1])
    # The reader makes a block from the first filled cell, and empty rows above it from A1.
    return max(high * wide, (high - low + 1) * (wide - left + 1))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _look_xlsb(package: Package, archive: Parts) -> None:
    for part in archive.parts:
        if part.name.startswith("xl/externalLinks/"):
            package.active.append(("external_link", part.name))
        elif "vbaProject" in part.name:
            package.active.append(("macro", part.name))
        elif part.name.startswith("xl/worksheets/") and part.name.endswith(".bin"):
            package.errors[part.name] = _check_binary_sheet(package, part.name)


def _check_binary_sheet(package: Package, part: str) -> list[tuple[int, int]]:
    """Refuse a sheet of an .xlsb that reaches too far; the error cells of others."""
    data = package.part(part)
    row = high = wide = 0
    errors: list[tuple[int, int]] = []
    for kind, at, size in _records(data):
        if size < 4 or at + 4 > len(data) or kind > 11:
            continue
        (number,) = struct.unpack_from("<I", data, at)
        if kind == 0:
            row = number
            high = max(high, row + 1)
        else:
            wide = max(wide, number + 1)
            if kind in (3, 11):
                errors.append((row, number))
    if high * wide > MOST_CELLS:
        raise too_far(package.name, part, high * wide)
    return errors


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


def _look_ods(package: Package, archive: Parts) -> None:
    if b"encryption-data" in package.part("META-INF/manifest.xml"):
        raise password(package.name)
    if _ENTITIES.search(package.part("content.xml")):
        raise RefusedFile(
            package.name, "entities", "content.xml defines XML entities", "tệp chứa khai báo XML lạ; không đọc"
        )
