"""Which steps of a build still stand: what each was made from, and the checksums of the files it left."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import mttq_data
from mttq_data.codelists import office_folder
from mttq_data.files import sha256_of, write_text

FILE = ".build.json"


def program() -> str:
    """Checksum of all that turns the same files into other results: code, codelists, the office's own, libraries.

    Examples
    --------
    >>> program() == program()
    True
    """
    folder = Path(__file__).parent
    digest = hashlib.sha256(f"{mttq_data.__version__} {sys.version} {_libraries()}".encode())
    for place, found in ((folder, folder.rglob("*.*")), (office_folder(), office_folder().glob("*.csv"))):
        for path in sorted(p for p in found if "__pycache__" not in p.parts):
            digest.update(f"\0{path.relative_to(place).as_posix()}\0{checksum(path)}".encode())
    return digest.hexdigest()


def _libraries() -> list[str]:
    """The libraries the package asks for, in the versions that are there."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        asked = [r for r in metadata.requires("mttq_data") or () if "extra ==" not in r]
        names = ["".join(c if c.isalnum() or c in "-_." else " " for c in r).split()[0] for r in asked]
        return [f"{name} {metadata.version(name)}" for name in ["numpy", *names]]
    return []


def checksum(path: str | Path) -> str:
    """SHA-256 of a file; what keeps it from being read where there is none."""
    try:
        return sha256_of(path)
    except OSError as exc:
        return type(exc).__name__


class Stamps:
    """The steps of the builds that wrote into one folder, kept there in ``.build.json``.

    A step stands as long as it would be made from the same things and each of
    its files is there with the checksum it was left with.

    Parameters
    ----------
    folder : str or Path
        Where the files of the steps go.
    program : str
        As `program` gives it; part of what every step is made from.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("1")
    >>> stamps = Stamps(folder, "1.0")
    >>> stamps.put("a", ["input"], [folder / "a.csv"])
    >>> stamps.standing("a", ["input"])["files"] == {"a.csv": checksum(folder / "a.csv")}
    True
    >>> stamps.standing("a", ["another"]) is None
    True
    """

    def __init__(self, folder: str | Path, program: str) -> None:
        self.folder, self._program = Path(folder), program
        self._known = _read(self.folder / FILE)

    def standing(self, step: str, made_from: object) -> dict[str, Any] | None:
        """What is known of a step that need not be done again: its ``files`` and ``notes``."""
        known = self._known.get(step)
        if known is None or known["made_from"] != self._digest(made_from):
            return None
        whole = all(checksum(self.folder / name) == left for name, left in known["files"].items())
        return known if whole else None

    def files(self, step: str) -> list[str]:
        """The files a step left, by their names in the folder."""
        return list(self._known.get(step, {"files": {}})["files"])

    def put(self, step: str, made_from: object, files: Iterable[Path], notes: Iterable[str] = ()) -> None:
        """Note what a step left, and remove what it left before and no more, unless somebody worked on it.

        ``made_from`` None is for a step that is to be done again next time.
        """
        left = {path.relative_to(self.folder).as_posix(): checksum(path) for path in files}
        for name, was in self._known.get(step, {"files": {}})["files"].items():
            if name not in left and checksum(self.folder / name) == was:
                with contextlib.suppress(OSError):
                    (self.folder / name).unlink()
        digest = "" if made_from is None else self._digest(made_from)
        self._known[step] = {"made_from": digest, "files": left, "notes": list(notes)}
        if left or self.folder.is_dir():
            write_text(self.folder / FILE, json.dumps(self._known, ensure_ascii=False, indent=1) + "\n")

    def _digest(self, made_from: object) -> str:
        said = json.dumps([self._program, made_from], sort_keys=True, default=str)
        return hashlib.sha256(said.encode()).hexdigest()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """The steps of a stamp file; none of one that is damaged or of another make."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    form = {"made_from": str, "files": dict, "notes": list}
    whole = isinstance(content, dict) and all(
        isinstance(known, dict) and all(isinstance(known.get(name), kind) for name, kind in form.items())
        for known in content.values()
    )
    return content if whole else {}
