"""The parts of a zip package in memory, each unpacked no further than it says it goes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import NamedTuple

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_STEP = 1 << 13
# The names that stand in every workbook.
_usual = {
    name.encode(): name
    for name in (
        "[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "xl/workbook.xml", "xl/styles.xml",
        "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels", "xl/theme/theme1.xml", "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml",
    )
}  # fmt: skip
USUAL_NAMES = frozenset(_usual.values())
# What tells a reader where the sheets are and what their cells mean; besides, it is given nothing but sheets.
TOLD_BY = frozenset(("[content_types].xml", ".rels", "workbook.xml", "workbook.xml.rels", "sharedstrings.xml", "styles.xml",
                      "workbook.bin", "workbook.bin.rels", "sharedstrings.bin", "styles.bin"))  # fmt: skip


def tail(name: str) -> str:
    """The last piece of a part's name, as readers compare it."""
    return name.replace("\\", "/").rsplit("/", 1)[-1].lower()


class Part(NamedTuple):
    """One entry of the directory."""

    name: str
    encrypted: bool
    method: int
    packed: int
    size: int
    offset: int
    crc: int


class Parts:
    """The directory of a zip file held in memory.

    Raises ``zipfile.BadZipFile``, ``zlib.error`` or ``struct.error`` where the file is damaged.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> with zipfile.ZipFile(buffer, "w") as archive:
    ...     archive.writestr("a.xml", "<a/>")
    >>> Parts(buffer.getvalue()).read("a.xml")
    b'<a/>'
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.end = len(data)
        self.parts = self._directory() or self._by_library()
        self.names = {part.name: part for part in self.parts}

    def _directory(self) -> list[Part]:
        """The entries of a plain directory; none where it takes the library to read it."""
        at = self.data.rfind(b"PK\x05\x06")
        if at < 0:
            raise zipfile.BadZipFile("no end of the directory")
        _, disk, _, _, count, size, start, _ = _END.unpack_from(self.data, at)
        if disk or 0xFFFF in (count, disk) or 0xFFFFFFFF in (size, start) or start + size != at:
            return []
        found, at = [], start
        for _ in range(count):
            mark, _, _, flags, method, _, _, crc, packed, full, name, extra, note, _, _, _, offset = _ENTRY.unpack_from(
                self.data, at
            )
            if mark != b"PK\x01\x02" or 0xFFFFFFFF in (packed, full, offset):
                return []
            at += 46
            written = self.data[at : at + name]
            text = _usual.get(written) or written.decode("utf-8" if flags & 0x800 else "cp437")
            at += name + extra + note
            found.append(Part(text, bool(flags & 1), method, packed, full, offset, crc))
        self.end = start
        return found

    def _by_library(self) -> list[Part]:
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            return [
                Part(
                    i.filename,
                    bool(i.flag_bits & 1),
                    i.compress_type,
                    i.compress_size,
                    i.file_size,
                    i.header_offset,
                    i.CRC,
                )
                for i in archive.infolist()
            ]

    def packed(self, part: Part) -> memoryview:
        """The bytes of a part as packed."""
        if self.data[part.offset : part.offset + 4] != b"PK\x03\x04":
            raise zipfile.BadZipFile(f"{part.name} is not where the directory says")
        names, extra = struct.unpack_from("<HH", self.data, part.offset + 26)
        start = part.offset + 30 + names + extra
        return memoryview(self.data)[start : start + part.packed]

    def head(self, name: str, length: int) -> bytes:
        """The first bytes of a part."""
        part = self.names[name]
        raw = self.packed(part)
        return bytes(raw[:length]) if part.method == 0 else zlib.decompressobj(-15).decompress(raw, length)

    def upto(self, name: str, mark: bytes) -> bytes:
        """The beginning of a part up to the first mark, without unpacking much of what follows; all of it without a mark."""
        part = self.names[name]
        if part.method != 8 or part.encrypted:
            return self.read(name)
        inflater, raw, found = zlib.decompressobj(-15), bytes(self.packed(part)), b""
        # Half first, for the cells of most end there; steps that grow then, so that adding them up stays cheap.
        while chunk := inflater.decompress(raw, max(_STEP, len(found) // 2 or min(part.size // 2, 1 << 16))):
            searched = max(0, len(found) - len(mark))
            found = found + chunk if found else chunk
            end = found.find(mark, searched)
            if end >= 0:
                return found[: end + len(mark)]
            if len(found) > part.size:
                break
            raw = inflater.unconsumed_tail
        if len(found) != part.size:
            raise zipfile.BadZipFile(f"{name} is not as long as it says")
        return found

    def with_parts(self, replaced: dict[str, bytes], kept: set[str]) -> bytes:
        """The package with some parts replaced, and a plain directory of these and those kept; no reader sees others."""
        pieces: list[bytes | memoryview] = [memoryview(self.data)[: self.end]]
        directory: list[bytes] = []
        at = self.end
        for part in self.parts:
            content = replaced.get(part.name)
            if content is None and part.name not in kept:
                continue
            name = part.name.encode()
            if content is None:
                fields = (20, 0x800, part.method, 0, 33, part.crc, part.packed, part.size, len(name), 0)
                directory += [_ENTRY.pack(b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, part.offset), name]
                continue
            fields = (20, 0x800, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(name), 0)
            directory += [_ENTRY.pack(b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, at), name]
            head = _LOCAL.pack(b"PK\x03\x04", *fields)
            pieces += [head, name, content]
            at += len(head) + len(name) + len(content)
        central = b"".join(directory)
        if central[-20:-16] == b"PK\x06\x07":
            raise zipfile.BadZipFile("a name that looks like another directory")
        count = len(directory) // 2
        return b"".join([*pieces, central, _END.pack(b"PK\x05\x06", 0, 0, count, count, len(central), at, 0)])

    def read(self, name: str) -> bytes:
        """A part unpacked, b"" when there is none of that name."""
        part = self.names.get(name)
        if part is None:
            return b""
        if part.encrypted or part.method not in (0, 8):
            raise zipfile.BadZipFile(f"{name} is encrypted or packed in an unknown way")
        raw = self.packed(part)
        content = bytes(raw) if part.method == 0 else zlib.decompressobj(-15).decompress(raw, part.size + 1)
        if len(content) != part.size:
            raise zipfile.BadZipFile(f"{name} is not as long as it says")
        return content
