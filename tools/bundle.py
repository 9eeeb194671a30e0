"""Make the zip for office computers without internet: dist/mttq_data-VERSION-windows.zip.

Called by ``python tasks.py bundle`` with the project's own Python. The zip
holds the project's wheel, the wheels of all its dependencies for 64-bit
Windows and each supported Python, the constraints, ``install.bat`` and the
Vietnamese README.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORM = "win_amd64"
ZIP_TIME = (2024, 1, 1, 0, 0, 0)
# Folder of the repository each file of the zip is taken from; wheels are added to these.
FILES = {
    "install.bat": "tools/install.bat",
    "run.bat": "tools/run.bat",
    "constraints.txt": "constraints.txt",
    "README.vi.md": "README.vi.md",
    "LICENSE": "LICENSE",
}
FOLDERS = ("data", "reports")


def pip(*args: str | Path) -> None:
    """Run pip, ending the whole chore with its own words when it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, args)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("WARNING")]
        sys.exit("bundle: pip failed\n" + "\n".join(lines[-20:]))


def target_of(python: str) -> list[str]:
    """The options that make pip choose for Windows instead of for this machine."""
    return ["--platform", PLATFORM, "--python-version", python, "--implementation", "cp", "--only-binary=:all:"]


def requirements_of(wheel: Path, python: str) -> list[Requirement]:
    """What a wheel needs on Windows under the given Python."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
        head = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    place = {
        "os_name": "nt",
        "sys_platform": "win32",
        "platform_system": "Windows",
        "platform_machine": "AMD64",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "python_version": python,
        "python_full_version": f"{python}.9",
        "extra": "",
    }
    needs = [Requirement(text) for text in head.get_all("Requires-Dist", [])]
    return [need for need in needs if need.marker is None or need.marker.evaluate(place)]


def missing(wheels: Path, python: str) -> list[str]:
    """Requirements no wheel of the folder answers.

    pip weighs markers such as ``sys_platform == "win32"`` by the machine it
    runs on, so what only Windows needs has to be asked for by name.
    """
    files = list(wheels.glob("*.whl"))
    there = {canonicalize_name(file.name.split("-")[0]) for file in files}
    needs = {need.name for file in files for need in requirements_of(file, python)}
    return sorted(name for name in needs if canonicalize_name(name) not in there)


def collect(wheels: Path) -> Path:
    """Fill a folder with the project's wheel and all it needs; return the project's wheel."""
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, ROOT)
    (own,) = wheels.glob("mttq_data-*.whl")
    for python in PYTHONS:
        print(f"Python {python}: fetching the wheels for Windows ...", flush=True)
        wanted: list[str | Path] = [own]
        while wanted:
            pip("download", "--quiet", *target_of(python), "-c", "constraints.txt", "--dest", wheels, *wanted)
            wanted = [*missing(wheels, python)]
    return own


def prove(wheels: Path) -> None:
    """Resolve the project from the folder alone, once for each Python."""
    for python in PYTHONS:
        names = ["mttq_data", *_windows_only(wheels, python)]
        with tempfile.TemporaryDirectory() as scratch:
            alone = ["--isolated", "install", "--quiet", "--dry-run", "--no-index", "--find-links", str(wheels)]
            pip(*alone, *target_of(python), "-c", "constraints.txt", "--target", scratch, *names)
        print(f"Python {python}: everything needed is in the zip")


def _windows_only(wheels: Path, python: str) -> list[str]:
    found = {need.name for file in wheels.glob("*.whl") for need in requirements_of(file, python) if need.marker}
    return sorted(found)


def sources() -> dict[str, Path]:
    """Files of the repository that go into the zip, by their name in it.

    Of ``data/`` and ``reports/`` only what git holds: never an office's own files.
    """
    done = subprocess.run(
        ["git", "ls-files", "-z", "--", *FOLDERS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    kept = [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    return {**{name: ROOT / path for name, path in FILES.items()}, **{name: ROOT / name for name in kept}}


def pack(target: Path, files: dict[str, Path]) -> None:
    """Write the zip: same files, same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, path in sorted(files.items()):
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.external_attr = 0o644 << 16
            # Wheels are zips themselves; pressing them again only costs time.
            info.compress_type = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
            content = path.read_bytes()
            if path.suffix == ".bat":
                content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            archive.writestr(info, content)


def main(argv: Iterable[str] = ()) -> int:
    """Build, prove and report the zip."""
    if list(argv):
        sys.exit("bundle: takes no arguments")
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheels = Path(scratch) / "wheels"
        wheels.mkdir()
        own = collect(wheels)
        prove(wheels)
        files = {**sources(), **{f"wheels/{file.name}": file for file in wheels.glob("*.whl")}}
        target = dist / f"mttq_data-{own.name.split('-')[1]}-windows.zip"
        pack(target.with_suffix(".part"), files)
        target.with_suffix(".part").replace(target)
        shutil.copy(own, dist)
    size = target.stat().st_size / 1e6
    print(
        f"{target.relative_to(ROOT)}: {len(files)} files, {size:.0f} MB; unzip it on the other computer, run install.bat"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
