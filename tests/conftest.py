"""What all tests share: the material beside the repository, programs of the system, calm settings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports matplotlib: no test may open a window.
os.environ.setdefault("MPLBACKEND", "Agg")

# Two busy cores make single examples slow; a time limit per example would only flicker.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("MTTQ_CI") == "1" or os.environ.get("CI", "").lower() == "true"
settings.load_profile("ci" if IN_CI else "local")


def program(*names: str) -> str:
    """Path of the first of these programs that is installed; without any, skip, or fail in CI."""
    for name in names:
        if found := shutil.which(name):
            return found
    reason = f"the program {' or '.join(names)} is not installed (.ci/apt-packages.txt lists what the tests want)"
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def need_program() -> Callable[..., str]:
    """``need_program("soffice")`` gives its path, skips without it, and fails in CI."""
    return program


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``shared`` beside the repository, with the real report and its gold table."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real report and its gold table are not beside this repository (../shared)")
    return folder


@pytest.fixture(scope="session")
def real_report(shared: Path) -> Path:
    """The text of the real report."""
    path = shared / "report" / "bac-giang-xv-congress-2024.txt"
    if not path.is_file():
        pytest.skip("the real report is not beside this repository (../shared/report)")
    return path
