"""A file that was looked at: its parts, what may act in it, and what of it a library is given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from mttq_data.returns.extents import extent
from mttq_data.returns.zip_parts import TOLD_BY, Parts, tail

# More than this is not read a second time for fonts.
_FEW_CELLS, _FEW_BYTES = 200_000, 2 << 20
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
        size = sum(part.size for part in self.zip.parts if tail(part.name) in TOLD_BY)
        size += sum(map(len, self.sheets.values()))
        if size > _FEW_BYTES or sum(extent(xml, xml.find(b"sheetData")) for xml in self.sheets.values()) > _FEW_CELLS:
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
            p.name for p in self.zip.parts if p.name != without and (p.name in self.errors or tail(p.name) in TOLD_BY)
        }
        return self.zip.with_parts(cut, kept)

    def held(self) -> int:
        """How many bytes it keeps in memory."""
        return len(self.raw) + sum(map(len, self.sheets.values()))

    def part(self, name: str) -> bytes:
        """One part of a zip package, empty when there is none."""
        return self.zip.read(name) if self.zip is not None else b""
