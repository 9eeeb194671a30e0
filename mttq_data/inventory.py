"""What lies in ``data/raw/``: the office's files, and the samples that stand in until there are any."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from mttq_data.errors import MttqError
from mttq_data.files import sha256_of

KINDS = ("reports", "returns", "facts")
# Left behind by Windows, Office and git, or explaining the folder: never a source.
_NOT_SOURCES = {"thumbs.db", "desktop.ini", "readme.md", "readme.txt", "readme.vi.md"}


@dataclass(frozen=True)
class Source:
    """One raw file and what its JSON sidecar says.

    Attributes
    ----------
    path : Path
        The file.
    name : str
        Its name in tables and messages: the path below its folder, with ``/``.
    kind : str
        ``reports``, ``returns`` or ``facts``.
    sidecar : dict
        The sidecar's fields (``sample, origin, date, sha256`` …), empty without one.
    """

    path: Path
    name: str
    kind: str = "reports"
    sidecar: dict[str, Any] = field(default_factory=dict)

    @property
    def sample(self) -> bool:
        """True where the sidecar says the file is a sample."""
        return self.sidecar.get("sample") is True

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes.

        Raises
        ------
        MttqError
            When the file cannot be read.
        """
        try:
            return sha256_of(self.path)
        except OSError as exc:
            raise MttqError(f"{self.path}: cannot be read ({exc.strerror or exc})") from exc


def sources(raw: str | Path = "data/raw", kind: str = "reports") -> tuple[list[Source], list[str]]:
    """List the files of one kind, samples left out where a real file lies beside them.

    Parameters
    ----------
    raw : str or Path
        The raw data folder.
    kind : {"reports", "returns", "facts"}
        The subfolder to look in, with its own subfolders.

    Returns
    -------
    (list of Source, list of str)
        The files in order of name, and one line for each unreadable sidecar
        (its file is then taken for a real one).

    Examples
    --------
    >>> import tempfile
    >>> raw = Path(tempfile.mkdtemp())
    >>> (raw / "reports").mkdir()
    >>> _ = (raw / "reports" / "a.txt").write_text("5.142 hộ", encoding="utf-8")
    >>> [source.name for source in sources(raw)[0]]
    ['a.txt']
    """
    folder = Path(raw) / kind
    found: list[Source] = []
    lines: list[str] = []
    for path in sorted(_files(folder), key=lambda p: p.relative_to(folder).as_posix()):
        try:
            sidecar = read_sidecar(path)
        except MttqError as exc:
            sidecar = {}
            lines.append(str(exc))
        found.append(Source(path, path.relative_to(folder).as_posix(), kind, sidecar))
    if any(not source.sample for source in found):
        found = [source for source in found if not source.sample]
    return found, lines


def given(paths: Sequence[str | Path]) -> tuple[list[Source], list[str]]:
    """Sources for files named by hand, each once, with distinct names."""
    unique = list({Path(p).absolute(): Path(p) for p in paths}.values())
    names = [p.name for p in unique]
    found: list[Source] = []
    lines: list[str] = []
    for path in unique:
        name = path.name if names.count(path.name) == 1 else path.as_posix()
        try:
            found.append(Source(path, name, "reports", read_sidecar(path)))
        except MttqError as exc:
            lines.append(str(exc))
            found.append(Source(path, name))
    return found, lines


def read_sidecar(path: str | Path) -> dict[str, Any]:
    """Read ``<file>.json`` (or ``<stem>.json``) beside a raw file; ``{}`` without one.

    Raises
    ------
    MttqError
        When the sidecar is not a JSON object.
    """
    path = Path(path)
    for beside in _sidecars(path):
        if not beside.is_file():
            continue
        try:
            content = json.loads(beside.read_bytes().decode("utf-8-sig"))
        except (OSError, ValueError, RecursionError) as exc:
            raise MttqError(f"{beside}: not readable as JSON ({exc}); correct or delete it") from exc
        if not isinstance(content, dict):
            raise MttqError(f"{beside}: must hold one JSON object {{…}}; correct or delete it")
        return content
    return {}


def checksum_note(source: Source) -> str:
    """One line where the file is not the one its sidecar describes, else ``""``."""
    expected = str(source.sidecar.get("sha256", ""))
    if expected and expected.lower() != source.sha256:
        return f"{source.path}: differs from its sidecar's checksum; correct it, or delete the sidecar of your own file"
    return ""


def _sidecars(path: Path) -> tuple[Path, Path]:
    whole = path.absolute() if path.name in {"", ".."} else path  # "." and ".." have no name to add to
    return whole.with_name(whole.name + ".json"), whole.with_suffix(".json")


def _files(folder: Path) -> list[Path]:
    # A sidecar is no source, nor is one left behind by a file that is gone.
    return [p for p in folder.rglob("*") if p.suffix.lower() != ".json" and p.is_file() and _is_source(p, folder)]


def _is_source(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    hidden = any(part.startswith((".", "~$")) for part in parts)
    return not hidden and path.name.lower() not in _NOT_SOURCES


def day_received(said: object, path: str | Path) -> str:
    """The day a file came in, as it was said of it.

    Raises
    ------
    MttqError
        It is no day.
    """
    try:
        return date.fromisoformat(str(said)[:10]).isoformat()
    except ValueError as exc:
        raise MttqError(f"{path}: {said!r} is no day on which it was received; write 2025-01-08") from exc
