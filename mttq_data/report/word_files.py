"""A Word file before and after writing: the template it begins from, the bytes it ends as."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

from mttq_data.errors import MttqError

MARKERS = ("[[NỘI DUNG]]", "[[CONTENT]]")
# The zip format begins its calendar here; a document must not carry the moment it was written.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_MOST_TEMPLATE = 200_000_000


def opened(template: str | Path | None) -> Any:
    """The document to begin from: the office's template, else an empty one."""
    import docx

    if template is None:
        return docx.Document()
    path = Path(template)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_TEMPLATE:
                raise MttqError(f"{path}: unpacks to more than 200 MB; use a smaller template")
        return docx.Document(str(path))
    except FileNotFoundError as exc:
        raise MttqError(f"{path}: no such template") from exc
    except OSError as exc:
        raise MttqError(f"{path}: the template cannot be read ({exc.strerror or exc})") from exc
    except MttqError:
        raise
    except Exception as exc:
        raise MttqError(f"{path}: not a template Word could open; save it as .docx without a password") from exc


def marker_of(document: Any) -> Any:
    """The paragraph of a template that says where the text goes, or None."""
    for paragraph in document.paragraphs:
        if paragraph.text.strip().upper() in MARKERS:
            return paragraph._p
    return None


def emptied(document: Any) -> None:
    """Take the text out of a document; its last section, styles and headers stay."""
    body = document.element.body
    for child in list(body)[:-1]:
        body.remove(child)


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
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n != "_rels/.rels", n)):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            new.writestr(entry, old.read(name))
    return out.getvalue()
