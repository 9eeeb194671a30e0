"""Read a report from .txt, .md, .docx, .pdf or .html into a `Document`."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from mttq_data.errors import MttqError
from mttq_data.reading.document import Document
from mttq_data.reading.encodings import decode, repair

LIMIT = 200 * 1024 * 1024
_KINDS = {
    ".txt": "text", ".text": "text", ".md": "text", ".html": "html", ".htm": "html",
    ".docx": "docx", ".docm": "docx", ".pdf": "pdf",
}  # fmt: skip
_PICTURE = "a picture; run text recognition (OCR) on it, or ask the sender for the Word file"
_WORD = "open it in Word or LibreOffice and save it as .docx"
_ADVICE = {
    **dict.fromkeys([".doc", ".dot", ".wps"], f"the old Word format; {_WORD}"),
    **dict.fromkeys([".rtf", ".odt", ".pages", ".wpd"], f"not read directly; {_WORD}"),
    **dict.fromkeys([".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".csv"], "a table, not a report; load it as a return"),
    **dict.fromkeys([".ppt", ".pptx"], "a presentation; copy its text into a .docx"),
    **dict.fromkeys([".zip", ".rar", ".7z"], "an archive; unpack it and give the file inside"),
    **dict.fromkeys([".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic"], _PICTURE),
}
_MAGIC = [
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF.{4}WEBP|.{4}ftyp(?:hei|mif|avif)|BM.{4}\0{4}", re.DOTALL), "picture"),
    (re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"), "zip"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "ole"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s{0,8}\{\\rtf"), "rtf"),
    (re.compile(rb".{0,1016}%PDF-", re.DOTALL), "pdf"),
]  # fmt: skip
_SAYS = {
    "picture": _PICTURE,
    "zip": "a zip or Office file; give it its own ending (.docx) or unpack it",
    "rtf": f"an RTF file; {_WORD}",
    "pdf": "a PDF; rename it to .pdf",
}
_LOCKED = "EncryptedPackage".encode("utf-16-le")


def read_document(path: str | Path) -> Document:
    """Read a report, its text kept code point by code point.

    Text files are decoded and not otherwise touched (UTF-8, UTF-16,
    Windows-1258; line ends as they stand); text in the legacy fonts TCVN3 and
    VNI is converted, and a note says so. Of a .docx come the paragraphs and
    tables in order with the numbers Word shows (a table row is a line, cells
    parted by tabs), of a PDF its text layer with wrapped lines joined, of a
    page its visible text.

    Parameters
    ----------
    path : str or Path
        A ``.txt``, ``.md``, ``.docx``, ``.pdf`` or ``.html`` file of at most 200 MB.

    Returns
    -------
    Document
        ``notes`` says what was converted or left out; ``place(offset)`` gives
        "page 3", "paragraph 12" or "table 2 row 5" where the file has such.

    Raises
    ------
    MttqError
        The file is missing, empty, too large, damaged, locked, a scan, or of
        another kind. One line that says what to do.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "report.txt"
    >>> _ = file.write_text("Tỷ lệ hộ nghèo còn 2,67%.", encoding="utf-8")
    >>> read_document(file).text
    'Tỷ lệ hộ nghèo còn 2,67%.'
    """
    name = _printable(os.fspath(path))
    kind = _kind_of(Path(path), name)
    try:
        head = _check(Path(path), name)
        _refuse_disguise(Path(path), name, kind, head)
        text, places, notes = _read(Path(path), name, kind)
    except (OSError, ValueError) as exc:
        raise MttqError(_unreadable(name, exc)) from exc
    except RecursionError as exc:
        raise MttqError(f"{name}: its parts are nested too deep; copy the text into a new file") from exc
    if not text.strip():
        raise MttqError(f"{name}: holds no text; check that it is the right file")
    return Document(text, _printable(Path(path).name), notes=notes, places=places)


def _printable(text: str) -> str:
    """File names may hold line breaks and bytes that are no text; messages may not."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _kind_of(path: Path, name: str) -> str:
    suffix = path.suffix.lower()
    if suffix in _KINDS:
        return _KINDS[suffix]
    if "\0" not in str(path) and path.is_dir():
        raise MttqError(f"{name}: a folder; give a file in it")
    why = _ADVICE.get(suffix, "not a kind of report this reads; use .docx, .pdf, .txt, .md or .html")
    raise MttqError(f"{name}: {why}")


def _check(path: Path, name: str) -> bytes:
    """Refuse what is no file of bearable size; return its first bytes."""
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise MttqError(f"{name}: a folder; give a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise MttqError(f"{name}: not a regular file; give a .docx, .pdf, .txt, .md or .html file")
    if found.st_size == 0:
        raise MttqError(f"{name}: the file is empty; get it again from its sender")
    if found.st_size > LIMIT:
        raise MttqError(
            f"{name}: {found.st_size >> 20} MB, more than {LIMIT >> 20} MB; split it or save the text alone"
        )
    with open(path, "rb") as stream:
        return stream.read(2048)


def _unreadable(name: str, exc: OSError | ValueError) -> str:
    if isinstance(exc, FileNotFoundError):
        return f"{name}: no such file; check the name and the folder"
    if isinstance(exc, PermissionError):
        return f"{name}: no permission to read it; close it in Word, or ask who owns the file"
    if isinstance(exc, OSError):
        return f"{name}: cannot be read ({exc.strerror or type(exc).__name__}); copy it to this computer and try again"
    return f"{name}: not a possible file name or content ({_printable(str(exc))[:80]}); rename or save the file again"


def _refuse_disguise(path: Path, name: str, kind: str, head: bytes) -> None:
    """A file whose first bytes belie its ending."""
    real = next((what for pattern, what in _MAGIC if pattern.match(head)), "")
    if real == "ole":
        if _LOCKED in path.read_bytes():
            raise MttqError(f"{name}: password-protected; open it in Word and save it without a password")
        raise MttqError(f"{name}: an old Office file (.doc or .xls) under another ending; {_WORD}")
    wanted = {"docx": "zip", "pdf": "pdf"}.get(kind, "")
    if real == wanted or (kind in ("text", "html") and real == "pdf" and not head.startswith(b"%PDF-")):
        return
    if real in _SAYS:
        raise MttqError(f"{name}: is not what its ending says but {_SAYS[real]}")
    raise MttqError(f"{name}: not a {kind.upper()} file inside, or damaged; get it again, or save it anew as .{kind}")


def _read(path: Path, name: str, kind: str) -> tuple[str, list[tuple[int, str]], list[str]]:
    if kind == "text":
        text, notes = decode(path.read_bytes(), name)
        lines, converted = repair(text.split("\n"))
        return ("\n".join(lines) if converted else text), [], notes + converted
    if kind == "html":
        from mttq_data.reading.html_text import declared_charset, read_html

        data = path.read_bytes()
        source, notes = decode(data, name, declared=declared_charset(data))
        lines, converted = repair(read_html(source, name))
        placed = [(line, [(0, f"paragraph {n}")]) for n, line in enumerate(lines, 1)]
    elif kind == "docx":
        from mttq_data.reading.docx_text import read_docx

        found, notes = read_docx(str(path), name)
        lines, converted = repair([line for line, _ in found])
        placed = [(line, [(0, place)]) for line, (_, place) in zip(lines, found, strict=True)]
    else:
        from mttq_data.reading.pdf_text import join_wrapped, read_pdf

        found, notes = read_pdf(str(path), name)
        lines, converted = repair([line for line, _ in found])
        placed = join_wrapped([(line, place) for line, (_, place) in zip(lines, found, strict=True)])
    text, places = _laid_out(placed)
    return text, places, notes + converted


def _laid_out(lines: list[tuple[str, list[tuple[int, str]]]]) -> tuple[str, list[tuple[int, str]]]:
    """Lines as one text, and the offset at which each new place begins."""
    places: list[tuple[int, str]] = []
    start, last = 0, ""
    for line, within in lines:
        for offset, label in within:
            if label and label != last:
                places.append((start + offset, label))
                last = label
        start += len(line) + 1
    return "\n".join(line for line, _ in lines), places
