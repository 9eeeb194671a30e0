"""The parts of a zip package in memory, each unpacked no further than it says it goes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import NamedTuple

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")

class Part(NamedTuple):
    """One entry of the directory."""

    name: str
    encrypted: bool
    method: int
    packed: int
    size: int
    offset: int


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
        self.shift = 0
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
            mark, _, _, flags, method, _, _, _, packed, full, name, extra, note, _, _, _, offset = _ENTRY.unpack_from(self.data, at)
            if mark != b"PK\x01\x02" or 0xFFFFFFFF in (packed, full, offset):
                return []
            at += 46
            text = self.data[at : at + name].decode("utf-8" if flags & 0x800 else "cp437")
            at += name + extra + note
            found.append(Part(text, bool(flags & 1), method, packed, full, offset))
        return found

    def _by_library(self) -> list[Part]:
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            return [
                Part(i.filename, bool(i.flag_bits & 1), i.compress_type, i.compress_size, i.file_size, i.header_offset)
                for i in archive.infolist()
            ]

    def packed(self, part: Part) -> memoryview:
        """The bytes of a part as packed."""
        if self.data[part.offset : part.offset + 4] != b"PK\x03\x04":
            raise zipfile.BadZipFile(f"{part.name} is not where the directory says")
        names, extra = struct.unpack_from("<HH", self.data, part.offset + 26)
        start = part.offset + 30 + names + extra
        return memoryview(self.data)[start : start + part.packed]

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
