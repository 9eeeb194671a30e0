"""Looking at a file before any library opens it: what it really is, how large it really gets.

A return comes by mail from anywhere. A spreadsheet library trusts what a file
says of itself: one cell in the last column and row makes it ask for half a
terabyte, and the process ends. So the kind is told by content, sizes are
bounded before unpacking, and the extent of every sheet is scanned first.
Nothing here runs or follows anything: no formula, macro or link.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path

from mttq_data.returns.extents import look_csv, look_ods, look_xls, look_xlsb, look_xlsx
from mttq_data.returns.packages import Package
from mttq_data.returns.refusals import (
    LARGEST_FILE,
    LARGEST_UNPACKED,
    MB,
    MOST_PARTS,
    RefusedFile,
    damaged,
    grows,
    no_workbook,
    password,
    shown,
)
from mttq_data.returns.zip_parts import USUAL_NAMES, Parts

_USUAL = 1 << 16
# DEFLATE cannot pack tighter than this.
_TIGHTEST = 1032
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
        {"csv": look_csv, "xls": look_xls}[kind](package)
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
    {"xlsx": look_xlsx, "xlsb": look_xlsb, "ods": look_ods}[package.kind](package, archive)


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
