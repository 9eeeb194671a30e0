"""A .docx as lines of text: what Word shows, in document order, numbers included."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any, Self

from lxml import etree  # type: ignore[import-untyped]

from mttq_data.errors import MttqError
from mttq_data.reading.docx_numbering import Numbering
from mttq_data.reading.docx_styles import Styles
from mttq_data.reading.encodings import Legacy, convert, font_capitals, font_encoding, legacy_note, reads_better

LIMIT = 200 * 1024 * 1024
_SKIPPED = frozenset({"del", "moveFrom", "pPr", "rPr", "Fallback", "tblPr", "trPr", "tcPr", "sdtPr"})
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OTHER_KINDS = {
    "xl/workbook.xml": "an Excel workbook; load it as a return",
    "ppt/presentation.xml": "a PowerPoint file; copy its text into a .docx",
    "content.xml": "an OpenDocument file; open it and save it as .docx",
}
Piece = tuple[str, "Legacy | None", bool]
Lines = list[tuple[str, str]]


class Package:
    """The parts of a .docx, read only after their sizes were found bearable."""

    def __init__(self, path: str, name: str) -> None:
        self.name = name
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as exc:
            raise self.broken(exc) from exc
        self._parts = {info.filename: info for info in self._zip.infolist()}
        total = sum(info.file_size for info in self._parts.values())
        if total > LIMIT:
            raise MttqError(
                f"{name}: unpacks to {total >> 20} MB, more than {LIMIT >> 20} MB; save the text alone as .docx"
            )
        self.main = self._related("", "officeDocument") or "word/document.xml"
        if self.main not in self._parts or "/workbook" in self.main or "/presentation" in self.main:
            kind = next((what for part, what in _OTHER_KINDS.items() if part in self._parts), None)
            raise MttqError(
                f"{name}: not a Word document but {kind or 'another zip file; unpack it and give the file inside'}"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def broken(self, why: Exception | None = None) -> MttqError:
        """The error for a file that breaks off or was damaged on its way."""
        if "huge" in str(why).lower():  # the parser's own guard against hostile sizes and depths
            return MttqError(f"{self.name}: holds a part too large or nested too deep; copy its text into a new file")
        return MttqError(
            f"{self.name}: damaged or cut short; get the file again, or open it in Word and save a repaired copy"
        )

    def stream(self, part: str) -> IO[bytes]:
        """Open a part. What it unpacks to never exceeds the size it declares."""
        info = self._parts[part]
        if info.flag_bits & 1:
            raise MttqError(f"{self.name}: password-protected; open it and save it without a password")
        return self._zip.open(info)

    def root(self, part: str) -> Any:
        """The root element of a small part, or None where there is none."""
        if part not in self._parts:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            with self.stream(part) as stream:
                return etree.parse(stream, parser).getroot()
        except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as exc:
            raise self.broken(exc) from exc

    def blocks(self) -> Iterator[Any]:
        """The children of the body one by one, each freed after use."""
        tags = [f"{{*}}{tag}" for tag in ("p", "tbl", "sdt", "customXml", "AlternateContent")]
        try:
            with self.stream(self.main) as stream:
                for _, node in etree.iterparse(
                    stream, tag=tags, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
                ):
                    if node.getroottree().docinfo.internalDTD is not None:
                        raise self.broken()  # Word writes none; entities in one can unpack without end
                    parent = node.getparent()
                    if parent is None or local(parent) != "body":
                        continue
                    yield node
                    node.clear()
                    while node.getprevious() is not None:
                        del parent[0]
        except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as exc:
            raise self.broken(exc) from exc

    def related(self, kind: str) -> str:
        """The name of the part the main document calls its ``kind`` ("styles")."""
        return self._related(self.main, kind) or posixpath.join(posixpath.dirname(self.main), f"{kind}.xml")

    def _related(self, part: str, kind: str) -> str:
        folder, base = posixpath.split(part)
        root = self.root(posixpath.join(folder, "_rels", f"{base}.rels"))
        for node in () if root is None else root:
            if str(node.get("Type", "")).endswith(f"/{kind}") and node.get("TargetMode") != "External":
                return posixpath.normpath(posixpath.join("/", folder, node.get("Target", ""))).lstrip("/")
        return ""


def local(node: Any) -> str:
    """A tag without its namespace; comments and entities have none."""
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


class _Reader:
    def __init__(self, package: Package) -> None:
        self.styles = Styles(package.root(package.related("styles")))
        numbers = package.root(package.related("numbering"))
        w = "" if numbers is None else numbers.tag[: numbers.tag.rfind("}") + 1]
        self.numbering = Numbering(numbers, w, self.styles.number_of)
        self.notes = {
            kind: self._note_bodies(package.root(package.related(kind))) for kind in ("footnotes", "endnotes")
        }
        self.converted: Counter[str] = Counter()
        self.left_out = self.footnotes = self.tables = self.paragraphs = 0
        self.boxes: list[Any] = []

    @staticmethod
    def _note_bodies(root: Any) -> dict[str, Any]:
        bodies = {}
        for node in () if root is None else root:
            named = {key.rpartition("}")[2]: value for key, value in node.attrib.items()}
            if "type" not in named:
                bodies[named.get("id", "")] = node
        return bodies

    def block(self, node: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
        """The lines of a paragraph, a table or a wrapper round them."""
        kind = local(node)
        if kind == "p":
            yield from self.paragraph(node, depth)
        elif kind == "tbl":
            self.tables += 1
            yield from self.table(node, depth, self.tables)
        elif kind == "AlternateContent":
            for child in node[:1]:
                yield from self.block(child, depth)
        elif kind and kind not in _SKIPPED and depth < 100:
            for child in node:
                yield from self.block(child, depth + 1)

    def paragraph(self, node: Any, depth: int) -> Iterator[tuple[str, str]]:
        style = self.styles.style_of(node)
        if self.styles.is_contents(style):
            self.left_out += 1
            return
        outer, self.boxes = self.boxes, []
        references: list[tuple[str, str]] = []
        label = self.label(node, style)
        text = label + self.joined(list(self.pieces(node, style, references)))
        boxes, self.boxes = self.boxes, outer
        if text.strip():
            self.paragraphs += 1
        place = f"paragraph {self.paragraphs}" if text.strip() else ""
        yield from ((line, place) for line in text.split("\n"))
        if depth < 20:
            for box in boxes:
                yield from self.block(box, depth + 20)
            for kind, name in references:
                yield from self.note(kind, name, depth)

    def note(self, kind: str, name: str, depth: int) -> Iterator[tuple[str, str]]:
        body = self.notes[kind].get(name)
        if body is not None:
            self.footnotes += 1
            for child in body:
                yield from ((line, f"footnote {self.footnotes}") for line, _ in self.block(child, depth + 20))

    def label(self, node: Any, style: str) -> str:
        number, level = self.styles.numbering_of(node, style, self.numbering.level_of_style)
        return self.numbering.label(number, level) if number else ""

    def pieces(self, node: Any, style: str, references: list[tuple[str, str]]) -> Iterator[Piece]:
        """The text of the runs below ``node``, each with the encoding its font tells."""
        for child in node:
            kind = local(child)
            if kind == "r":
                yield from self.run(child, style, references)
            elif kind == "AlternateContent":
                for choice in child[:1]:
                    yield from self.pieces(choice, style, references)
            elif kind and kind not in _SKIPPED:
                yield from self.pieces(child, style, references)

    def run(self, run: Any, style: str, references: list[tuple[str, str]]) -> Iterator[Piece]:
        font, hidden = self.styles.look_of(run, style)
        if hidden:
            return
        encoding, capitals = font_encoding(font), font_capitals(font)
        for child in run:
            kind = local(child)
            if kind == "t":
                yield child.text or "", encoding, capitals
            elif kind in _BREAKS:
                yield "" if kind == "br" and "page" in child.attrib.values() else _BREAKS[kind], encoding, capitals
            elif kind == "softHyphen" and encoding == "tcvn3":
                yield "\u00ad", encoding, capitals  # the code of ư in these fonts
            elif kind == "sym":
                yield _symbol(child)
            elif kind in ("footnoteReference", "endnoteReference"):
                name = next((v for k, v in child.attrib.items() if k.endswith("}id")), "")
                references.append((f"{kind[:-9]}s", name))
            elif kind in ("drawing", "pict", "object", "AlternateContent"):
                shown = child[0] if kind == "AlternateContent" and len(child) else child
                self.boxes += [box for box in shown.iter("{*}txbxContent") if not _within_box(box, shown)]

    def joined(self, pieces: list[Piece]) -> str:
        """Put the runs together; convert stretches in a legacy font as one, marks split off by a run included."""
        legacy = {e: "".join(t for t, encoding, _ in pieces if encoding == e) for _, e, _ in pieces if e}
        # An office changes the typing program and keeps the font: then the text is Unicode already.
        real = {e for e, text in legacy.items() if e and reads_better(text, e)}
        text, stretch = "", ""
        last: tuple[Legacy | None, bool] = (None, False)
        for part, encoding, capitals in [*pieces, ("", None, False)]:
            look = (encoding, capitals) if encoding in real else (None, False)
            if look != last:
                text, stretch, last = text + self.shown(stretch, *last), "", look
            stretch += part
        return text + stretch

    def shown(self, stretch: str, encoding: Legacy | None, capitals: bool) -> str:
        if encoding is None:
            return stretch
        result = convert(stretch, encoding)
        if result != stretch:
            self.converted[encoding] += 1
        return result.upper() if capitals else result

    def table(self, node: Any, depth: int, number: int) -> Iterator[tuple[str, str]]:
        rows = [row for row in node.iterfind(".//{*}tr") if not _within_table(row, node)]
        for at, row in enumerate(rows if depth < 50 else [], 1):
            cells = [c for c in row.iterfind(".//{*}tc") if not _within_table(c, node)]
            found = [[line for child in cell for line in self.block(child, depth + 1)] for cell in cells]
            nested = any(next(cell.iter("{*}tbl"), None) is not None for cell in cells)
            line = row_line([[text for text, _ in lines] for lines in found])
            if line is not None and not nested:
                yield line, f"table {number} row {at}"
            else:
                yield from (line for lines in found for line in lines)


def row_line(cells: list[list[str]]) -> str | None:
    """A row as one line, cells parted by tabs; None where the table only lays out a page.

    Examples
    --------
    >>> row_line([["Hộ nghèo"], ["2,67%"]])
    'Hộ nghèo\\t2,67%'
    >>> row_line([["one cell holds a page"]]) is None
    True
    """
    kept = [[line.strip() for line in cell if line.strip()] for cell in cells]
    if len(cells) < 2 or any(len(cell) > 4 for cell in kept) or sum(len(t) for c in kept for t in c) > 3000:
        return None
    return "\t".join(" ".join(cell) for cell in kept) if any(kept) else ""


def _within_table(node: Any, table: Any) -> bool:
    return next((a for a in node.iterancestors("{*}tbl")), table) is not table


def _within_box(node: Any, top: Any) -> bool:
    """Inside another text box, or in the copy for programs that know no drawings."""
    for above in node.iterancestors():
        if above is top:
            return False
        if local(above) in ("txbxContent", "Fallback"):
            return True
    return False


def _symbol(node: Any) -> Piece:
    named = {key.rpartition("}")[2]: value for key, value in node.attrib.items()}
    try:
        code = int(named.get("char", ""), 16)
    except ValueError:
        return "", None, False
    encoding = font_encoding(named.get("font", ""))
    if encoding:
        return chr(code & 0xFF), encoding, font_capitals(named.get("font", ""))
    return ("•" if 0xE000 <= code <= 0xF8FF or code > 0x10FFFF else chr(code)), None, False


def read_docx(path: str, name: str) -> tuple[Lines, list[str]]:
    """Read a .docx as ``(line, place)`` pairs and notes; `reading.read_document` is the public way."""
    with Package(path, name) as package:
        reader = _Reader(package)
        lines = [line for block in package.blocks() for line in reader.block(block)]
    notes = [legacy_note(e, f"{n} stretches, told by their font") for e, n in sorted(reader.converted.items())]
    if reader.footnotes:
        notes.append(f"{reader.footnotes} footnotes stand after the paragraphs that refer to them")
    if reader.left_out:
        notes.append("the table of contents is left out")
    return lines, notes
