"""Every chore of the project, on any system: ``python tasks.py CHORE``.

Needs Python alone. Makes ``.venv`` beside this file, installs into it what the
chore wants in the versions of ``constraints.txt``, and runs the chore there.
The Makefile only passes on to here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = "mttq-installed.json"
OLDEST = (3, 11)
NOTEBOOK_LIMIT = 600
# What each set of packages installs; a later set holds the earlier ones.
SETS = ("", "notebooks", "all")
# Chores that only run a script, offered once the script is there.
SCRIPTS = {
    "gallery": ("docs/gallery.py", "draw the pictures of docs/gallery.md anew"),
    "soak": ("benchmarks/soak.py", "kill and restart loads at random moments"),
}
CACHES = ("build", "dist", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis")


class ChoreError(Exception):
    """A chore cannot go on; the message is one line that says what to do."""


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3]), executable: str = sys.executable) -> None:
    """Refuse a Python that is too old, naming it and the way out."""
    if version[:2] < OLDEST:
        have = ".".join(str(n) for n in version)
        raise ChoreError(
            f"Python 3.11 or newer is needed, this is {have} ({executable}); "
            "install one and name it: make PYTHON=python3.12 build, or: py -3.12 tasks.py build"
        )


def venv_python(venv: Path = VENV, windows: bool = os.name == "nt") -> Path:
    """The interpreter of a virtual environment, which Windows keeps elsewhere."""
    return venv / "Scripts" / "python.exe" if windows else venv / "bin" / "python"


def fingerprint(root: Path = ROOT) -> str:
    """What an installation depends on, as one hash: the two files, the place, the Python."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((root / name).read_bytes())
        digest.update(b"\0")
    digest.update(f"{root}\0{sys.version_info[:2]}".encode())
    return digest.hexdigest()


def installed_set(venv: Path, print_of_now: str) -> str | None:
    """The set that stands in ``venv`` for this very fingerprint; None when there is none."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(stamp, dict) or stamp.get("fingerprint") != print_of_now:
        return None
    found = stamp.get("set")
    return found if found in SETS else None


def run(*command: str | Path, env: dict[str, str] | None = None, timeout: float | None = None) -> int:
    """Run a command in the project's folder, shown as it runs; return its exit code."""
    sys.stdout.flush()
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, cwd=ROOT, env=env, timeout=timeout, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"stopped: not ended after {timeout:.0f} s")
        return 1


def ensure_venv(wanted: str) -> Path:
    """Make ``.venv`` with at least the wanted set, unless it already stands; return its Python."""
    python, now = venv_python(), fingerprint()
    have = installed_set(VENV, now)
    works = python.exists() and _answers(python)
    if works and have is not None and SETS.index(have) >= SETS.index(wanted):
        return python
    if not works or _moved(VENV):
        _make_venv(python)
    target = f".[{wanted}]" if wanted else "."
    print(f"Installing {wanted or 'the core'} into .venv; the first time takes some minutes ...")
    (VENV / STAMP).unlink(missing_ok=True)
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    if run(python, *pip, "-c", "constraints.txt", "-e", target):
        raise ChoreError(
            "installing failed, see the lines above; on a computer without internet use the zip "
            "that 'make bundle' makes on another one"
        )
    stamp = {"fingerprint": now, "set": wanted, "root": str(ROOT)}
    (VENV / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return python


def _answers(python: Path) -> bool:
    """Whether an interpreter starts, is new enough and has pip."""
    probe = "import sys, pip; sys.exit(sys.version_info[:2] < (3, 11))"
    try:
        return subprocess.run([str(python), "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _moved(venv: Path) -> bool:
    """Whether the folder was renamed since: its scripts then point to where it was."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(stamp, dict) and stamp.get("root") != str(ROOT)


def _make_venv(python: Path) -> None:
    print(f"Making {VENV.name} with Python {sys.version.split()[0]} ...")
    if run(sys.executable, "-m", "venv", "--clear", VENV) or not _answers(python):
        shutil.rmtree(VENV, ignore_errors=True)
        raise ChoreError(
            f"{sys.executable} -m venv failed, see the lines above; "
            "on Debian and Ubuntu install it first: apt-get install python3-venv"
        )


def build(args: Sequence[str]) -> int:
    """Install the core, then read data/raw/ into data/processed/ and reports/."""
    python = ensure_venv("")
    return run(python.with_name("mttq" + python.suffix), "build", *args)


def lint(args: Sequence[str]) -> int:
    """Check style and formatting with ruff."""
    python = ensure_venv("all")
    style = run(python, "-m", "ruff", "check", ".", *args)
    return run(python, "-m", "ruff", "format", "--check", ".") or style


def tidy(args: Sequence[str]) -> int:
    """Let ruff set right what it can: order of imports, formatting."""
    python = ensure_venv("all")
    run(python, "-m", "ruff", "check", "--fix", "--quiet", ".", *args)
    return run(python, "-m", "ruff", "format", ".")


def types(args: Sequence[str]) -> int:
    """Check the type hints with mypy."""
    return run(ensure_venv("all"), "-m", "mypy", *args)


def unit(args: Sequence[str]) -> int:
    """Run the tests with pytest; what follows goes to pytest."""
    return run(ensure_venv("all"), "-m", "pytest", *args)


def notebooks(args: Sequence[str]) -> int:
    """Run every notebook from top to bottom, leaving the files as they are."""
    python = ensure_venv("all")
    failed = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        start = time.monotonic()
        code = run(python, "-m", "jupyter", "execute", path, *args, timeout=NOTEBOOK_LIMIT)
        print(f"{path.name}: {'failed' if code else 'ran'} in {time.monotonic() - start:.0f} s")
        if code:
            failed.append(path.name)
    return 1 if failed else 0


def test(args: Sequence[str]) -> int:
    """Install all, then style, types, tests and notebooks; what follows goes to pytest."""
    ensure_venv("all")
    steps: dict[str, Callable[[], int]] = {
        "lint": lambda: lint([]),
        "types": lambda: types([]),
        # One worker a core: 2,700 tests one after the other take twice as long.
        "unit": lambda: unit(["-n", "auto", *args]),
        "notebooks": lambda: notebooks([]),
    }
    said, failed = [], False
    for name, step in steps.items():
        print(f"\n== {name}")
        start = time.monotonic()
        code = step()
        failed = failed or bool(code)
        said.append(f"{name}: {'FAILED' if code else 'ok'} ({time.monotonic() - start:.0f} s)")
    print("\n" + "\n".join(said))
    return 1 if failed else 0


def lab(args: Sequence[str]) -> int:
    """Open JupyterLab on the notebooks."""
    python = ensure_venv("notebooks")
    folder = ROOT / "notebooks"
    folder.mkdir(exist_ok=True)
    try:
        return run(python, "-m", "jupyter", "lab", f"--notebook-dir={ROOT}", folder, *args)
    except KeyboardInterrupt:
        return 0


def bundle(args: Sequence[str]) -> int:
    """Make dist/mttq_data-VERSION-windows.zip for offices without internet."""
    return run(ensure_venv(""), ROOT / "tools" / "bundle.py", *args)


def clean(args: Sequence[str]) -> int:
    """Remove caches and dist/ (with --all also .venv); never data/ or reports/."""
    folders = [ROOT / name for name in CACHES]
    folders += [p for top in ("mttq_data", "tests", "tools", "benchmarks") for p in (ROOT / top).rglob("__pycache__")]
    if "--all" in args:
        folders.append(VENV)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


CHORES: dict[str, Callable[[Sequence[str]], int]] = {
    f.__name__: f for f in (build, test, lab, bundle, lint, tidy, types, unit, notebooks, clean)
}


def scripts() -> dict[str, tuple[str, str]]:
    """The script chores whose script is there."""
    return {name: entry for name, entry in SCRIPTS.items() if (ROOT / entry[0]).is_file()}


def usage() -> str:
    """The chores with what each does, one a line."""
    lines = [(name, (chore.__doc__ or "").split("\n")[0]) for name, chore in CHORES.items()]
    lines += [(name, what[0].upper() + what[1:] + ".") for name, (_, what) in scripts().items()]
    return "python tasks.py CHORE\n\n" + "\n".join(f"  {name:<10} {what}" for name, what in lines)


def main(argv: Sequence[str]) -> int:
    """Run one chore; 0 when it went well, 1 when it failed, 2 for a wrong call."""
    if argv and argv[0] in ("help", "-h", "--help"):
        print(usage())
        return 0
    name = argv[0] if argv else ""
    if name not in CHORES and name not in scripts():
        print(usage() if not name else f"no chore named {name!r}\n\n{usage()}", file=sys.stderr)
        return 2
    try:
        check_python()
        if name in CHORES:
            return CHORES[name](argv[1:])
        return run(ensure_venv("all"), ROOT / SCRIPTS[name][0], *argv[1:])
    except ChoreError as exc:
        print(f"tasks.py: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
