"""A Word file before and after writing: the template it begins from, the bytes it ends as."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

from mttq_data.errors import MttqError
from mttq_data.wording import readable

MARKERS = ("[[NỘI DUNG]]", "[[CONTENT]]")
# The zip format begins its calendar here; a document must not carry the moment it was written.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_MOST_TEMPLATE = 200_000_000
_CONTENTS, _W = "[Content_Types].xml", "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# A .dotx differs from a .docx in this word alone.
_AS_DOCUMENT = (b"wordprocessingml.template.main+xml", b"wordprocessingml.document.main+xml")


def opened(template: str | Path | None) -> Any:
    """The document to begin from: the office's template, else an empty one."""
    import docx

    document = docx.Document() if template is None else _from_file(Path(template))
    # A preview and a second list of styles, both of what the document was before.
    _drop(document.part, "stylesWithEffects")
    _drop(document.part.package, "thumbnail")
    _complete(document)
    return document


def _drop(part: Any, *kinds: str) -> None:
    for key in [k for k, known in part.rels.items() if known.reltype.rpartition("/")[2] in kinds]:
        del part.rels[key]


def _from_file(path: Path) -> Any:
    import docx

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_TEMPLATE:
                raise MttqError(f"{path}: unpacks to more than 200 MB; use a smaller template")
            return docx.Document(_zipped({name: archive.read(name) for name in archive.namelist()}, _AS_DOCUMENT))
    except FileNotFoundError as exc:
        raise MttqError(f"{path}: no such template") from exc
    except OSError as exc:
        raise MttqError(f"{path}: the template cannot be read ({exc.strerror or exc})") from exc
    except MttqError:
        raise
    except Exception as exc:
        raise MttqError(f"{path}: not a template Word could open; save it as .docx without a password") from exc


def _complete(document: Any) -> None:
    """Add what a document of another program may lack: the page of the text, the place of its lists."""
    import docx
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.parts.numbering import NumberingPart

    document.element.body.get_or_add_sectPr()
    if all(known.reltype != RELATIONSHIP_TYPE.NUMBERING for known in document.part.rels.values()):
        usual = docx.Document().part.numbering_part
        part = NumberingPart.load(usual.partname, usual.content_type, usual.blob, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)


def marker_of(document: Any) -> Any:
    """The paragraph of a template that says where the text goes, or None.

    Raises
    ------
    MttqError
        It stands in a table or a text box, which no page break can leave.
    """
    for found in document.element.body.iter(f"{_W}p"):
        # Some keyboards write the letter and its accents apart.
        if readable("".join(text.text or "" for text in found.iter(f"{_W}t"))).upper() in MARKERS:
            if found.getparent() is document.element.body:
                return found
            raise MttqError(f"the template has {MARKERS[0]} in a table or a box; put it in a paragraph of its own")
    return None


class Rest:
    """What a template has after its marker, taken off while the text is written at the end of the document."""

    def __init__(self, document: Any, marker: Any) -> None:
        self.body: Any = document.element.body
        self.held: list[Any] = []
        self.holder: Any = None
        if marker is None:
            return
        self.held = list(marker.itersiblings())[:-1]
        # The section the marker is in becomes the last one: its page and its header are those of the text.
        self.holder = next((p for p in (marker, *self.held) if p.xpath("./w:pPr/w:sectPr")), None)
        if self.holder is not None:
            self.end = self.body[-1]
            self.body.replace(self.end, self.holder.pPr.sectPr)
        for child in (marker, *self.held):
            self.body.remove(child)
        if self.holder is not None and self.holder is marker:
            for run in self.holder.findall(f"{_W}r"):
                self.holder.remove(run)
            self.held.insert(0, self.holder)

    def put_back(self) -> None:
        """Set it behind the text."""
        last = self.body[-1]
        for child in self.held:
            last.addprevious(child)
        if self.holder is not None:
            self.holder.get_or_add_pPr().append(last)
            self.body.append(self.end)


def emptied(document: Any) -> None:
    """Take the text out of a document; its last section, styles and headers stay."""
    body = document.element.body
    for child in list(body)[:-1]:
        body.remove(child)
    _drop(document.part, "image", "chart", "hyperlink", "oleObject", "package")


def has_header(document: Any) -> bool:
    """Whether the first section has a header with anything in it."""
    header = document.sections[0].header
    return not header.is_linked_to_previous and any(p.text.strip() or p._p.xpath(".//w:fldChar|.//w:fldSimple") for p in header.paragraphs)  # fmt: skip


def day_of(text: str) -> dt.datetime:
    """The document's date from the data; the first day where only a year is known."""
    try:
        return dt.datetime.fromisoformat(
            (text.strip() + "-01-01")[:10] if len(text.strip()) < 10 else text.strip()[:10]
        )
    except ValueError:
        return dt.datetime(2024, 1, 1)


def same_bytes(document: Any) -> bytes:
    """The document as a zip whose entries stand in fixed order and carry a fixed time."""
    stream = io.BytesIO()
    document.save(stream)
    with zipfile.ZipFile(stream) as old:
        return _zipped({name: old.read(name) for name in old.namelist()}).getvalue()


def _zipped(entries: dict[str, bytes], changed: tuple[bytes, bytes] = (b"", b"")) -> io.BytesIO:
    """A package with its list of contents first and no times; ``changed`` is replaced in that list."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(entries, key=lambda n: (n != _CONTENTS, n != "_rels/.rels", n)):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            new.writestr(entry, entries[name].replace(*changed) if name == _CONTENTS else entries[name])
    out.seek(0)
    return out
