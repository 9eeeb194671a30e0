"""Files written whole or not at all, and the checksums that identify them."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from mttq_data.errors import MttqError


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def csv_lines(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV file with their numbers, the header first, empty ones left out.

    Comma, semicolon or tab parts the cells, as the header has it: the text of the
    others may hold all three.

    Raises
    ------
    MttqError
        The file cannot be read, is no CSV in UTF-8, or a line has more filled
        cells than the header. The message names file and line.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as exc:
        said = f"cannot be read ({exc.strerror or exc}); close it in Excel, or see who may read it"
        raise MttqError(f"{path}: {said}") from exc
    except UnicodeDecodeError as exc:
        raise MttqError(f"{path}: not UTF-8 at byte {exc.start}; save it as 'CSV UTF-8'") from exc
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [c.strip() for c in next(reader, [])]
        yield 1, header
        for cells in reader:
            if any(c.strip() for c in cells[len(header) :]):
                said = f"{len(cells)} cells for {len(header)} columns; quote cells that hold the separator"
                raise MttqError(f"{path} line {reader.line_num}: {said}")
            if any(c.strip() for c in cells):
                yield reader.line_num, cells
    except csv.Error as exc:
        said = f"not readable as CSV ({exc}); restore the file from a copy"
        raise MttqError(f"{path} line {reader.line_num}: {said}") from exc


def csv_rows(path: str | Path, required: Iterable[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file by its header, cells stripped, with their lines; see `csv_lines`."""
    lines = csv_lines(path)
    _, header = next(lines)
    if lacking := [c for c in required if c not in header]:
        raise MttqError(f"{path}: column {', '.join(lacking)} is missing; the header is {','.join(header)[:200]}")
    for line, cells in lines:
        row = dict(zip(header, map(str.strip, cells), strict=False))
        yield line, {column: row.get(column, "") for column in header}


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; put it in place when the block ends well.

    The temporary file is flushed to disk and renamed over ``path``; when the
    block raises, it is removed and ``path`` stays as it was.

    Parameters
    ----------
    path : str or Path
        The file to write. Its folder is made if absent.

    Yields
    ------
    Path
        The temporary path to write to (same folder, same suffix).

    Raises
    ------
    MttqError
        When the folder is not writable or the file is held open by another
        program (Excel and Word do so on Windows).

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with replacing(target) as tmp:
    ...     _ = tmp.write_text("Bắc Giang", encoding="utf-8")
    >>> target.read_text(encoding="utf-8")
    'Bắc Giang'
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".~", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as exc:
        raise MttqError(_cannot_write(path, exc)) from exc
    tmp = Path(name)
    try:
        yield tmp
        with open(tmp, "rb+") as stream:
            os.fsync(stream.fileno())
        tmp.chmod(0o644)
        os.replace(tmp, path)
    except OSError as exc:
        raise MttqError(_cannot_write(path, exc)) from exc
    finally:
        tmp.unlink(missing_ok=True)


def write_text(path: str | Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write ``text`` to ``path`` with ``\\n`` line ends, whole or not at all."""
    with replacing(path) as tmp:
        tmp.write_bytes(text.encode(encoding))


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write ``content`` to ``path``, whole or not at all."""
    with replacing(path) as tmp:
        tmp.write_bytes(content)


def _cannot_write(path: Path, exc: OSError) -> str:
    if isinstance(exc, PermissionError):
        return f"{path}: cannot be written; close it in Excel or Word, or choose another folder"
    return f"{path}: cannot be written ({exc.strerror or exc})"
