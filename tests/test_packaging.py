"""What is shipped: the wheel, the pinned versions, the zip for offices, what git may hold."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import IN_CI
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mttq_data


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def pins(root: Path) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(root)], check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture
def bundle(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle_under_test", root / "tools" / "bundle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *args], capture_output=True, text=True, check=True)
    return done.stdout


def toy_wheel(folder: Path, name: str, *needs: str) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    head = [f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {need}" for need in needs)]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(["Metadata-Version: 2.1", *head, ""]))
    return path


def test_wheel_holds_every_codelist_and_module(root: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if name.startswith("mttq_data/")}
    tracked = git(root, "ls-files", "-z", "mttq_data").split("\0") if (root / ".git").exists() else []
    assert {name for name in tracked if name and (root / name).exists()} <= there
    assert "mttq_data/codes/indicators.csv" in there
    assert not [name for name in there if "__pycache__" in name]


def test_version_is_the_packages_own(wheel: Path) -> None:
    assert wheel.name.split("-")[1] == mttq_data.__version__


def test_constraints_are_plain_pins(root: Path) -> None:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.+!]*", line)]
    assert not odd and len(lines) > 50


def test_every_requirement_is_pinned_to_a_version_it_allows(project: dict[str, Any], pins: dict[str, str]) -> None:
    texts = [*project["dependencies"], *(t for extra in project["optional-dependencies"].values() for t in extra)]
    needs = [need for need in map(Requirement, texts) if need.name != "mttq_data"]
    wrong = [str(n) for n in needs if not n.specifier.contains(pins.get(canonicalize_name(n.name), "0"))]
    assert not wrong


def test_pins_install_on_the_first_python_we_promise(pins: dict[str, str]) -> None:
    """Debian 12 has 3.11.2; a package that wants 3.11.5 would shut it out."""
    refuse = []
    for name, version in pins.items():
        try:
            head = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        wants = head.json.get("requires_python")
        if head["Version"] == version and wants and not Requirement(f"python{wants}").specifier.contains("3.11.0"):
            refuse.append(f"{name} {wants}")
    assert not refuse


def test_package_imports_only_what_the_core_installs(root: Path, project: dict[str, Any]) -> None:
    core = _closure([Requirement(text) for text in project["dependencies"]])
    homes = metadata.packages_distributions()
    unknown = set()
    for path in (root / "mttq_data").rglob("*.py"):
        for name in _imports(path) - sys.stdlib_module_names - {"mttq_data"}:
            if not {canonicalize_name(home) for home in homes.get(name, [])} & core:
                unknown.add(f"{path.relative_to(root)}: {name}")
    assert not unknown


def _closure(needs: list[Requirement]) -> set[str]:
    seen: set[str] = set()
    while needs:
        need = needs.pop()
        name = canonicalize_name(need.name)
        if name not in seen:
            seen.add(name)
            more = [Requirement(text) for text in metadata.requires(name) or []]
            needs += [r for r in more if r.marker is None or r.marker.evaluate({"extra": ""})]
    return seen


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize(
    "name",
    ["pyproject.toml", "constraints.txt", "tasks.py", "Makefile", ".ci/run", "tools/bundle.py", "tools/install.bat"],
)
def test_no_package_index_is_named(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|trusted-host", text)


OFFICE = [
    "data/raw/reports/Báo cáo chính trị.docx",
    "data/raw/reports/2024/a.pdf",
    "data/raw/returns/2024-Q4/Lục Nam.xlsx",
    "data/raw/facts/own.csv",
    "data/raw/a.xlsx",
    "data/codes/indicators.csv",
    "data/corrections.csv",
    "data/processed/statistics.csv",
    "reports/report.docx",
]
SHIPPED = [
    "data/raw/README.md",
    "data/raw/reports/README.md",
    "data/raw/reports/bac-giang-2024-restatement.txt",
    "data/raw/reports/bac-giang-2024-restatement.json",
    "data/raw/returns/sample-2024-Q4/a.xlsx",
    "data/raw/facts/public-bac-giang.csv",
    "data/processed/.gitkeep",
    "reports/.gitkeep",
    "data/codes/.gitkeep",
    "mttq_data/codes/indicators.csv",
]


@pytest.mark.parametrize(("path", "ignored"), [*((p, True) for p in OFFICE), *((p, False) for p in SHIPPED)])
def test_git_keeps_out_what_belongs_to_the_office(root: Path, tmp_path: Path, path: str, ignored: bool) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_bytes((root / ".gitignore").read_bytes())
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("x")
    git(tmp_path, "add", ".")
    assert (path not in git(tmp_path, "ls-files", "-z").split("\0")) == ignored


def test_what_only_windows_needs_is_asked_for(bundle: ModuleType, tmp_path: Path) -> None:
    toy_wheel(tmp_path, "a", "b>=1", 'colorama; platform_system == "Windows"', 'old; python_version < "3.12"')
    toy_wheel(tmp_path, "b", 'pytest; extra == "test"', 'uvloop; sys_platform == "linux"')
    assert bundle.missing(tmp_path, "3.11") == ["colorama", "old"]
    assert bundle.missing(tmp_path, "3.13") == ["colorama"]


def test_zip_is_the_same_bytes_again_and_has_windows_line_ends(bundle: ModuleType, tmp_path: Path) -> None:
    bat = tmp_path / "install.bat"
    bat.write_bytes(b"@echo off\npause\r\n")
    files = {"install.bat": bat, "wheels/a.whl": toy_wheel(tmp_path, "a")}
    bundle.pack(tmp_path / "1.zip", files)
    bundle.pack(tmp_path / "2.zip", dict(reversed(files.items())))
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "1.zip").read("install.bat") == b"@echo off\r\npause\r\n"


def test_zip_takes_no_file_of_the_office(bundle: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q")
    reports = tmp_path / "data" / "raw" / "reports"
    reports.mkdir(parents=True)
    for name in ("README.md", "mật.docx"):
        (reports / name).write_text("x")
    git(tmp_path, "add", "data/raw/reports/README.md")
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    assert [name for name in bundle.sources() if name.startswith("data/")] == ["data/raw/reports/README.md"]


@pytest.mark.parametrize("name", ["install.bat", "run.bat"])
def test_batch_files_suit_any_console(root: Path, name: str) -> None:
    assert (root / "tools" / name).read_bytes().isascii()


def test_install_bat_uses_only_the_zip(root: Path) -> None:
    installs = [line for line in (root / "tools" / "install.bat").read_text().splitlines() if "pip" in line]
    assert len(installs) == 1
    assert all(word in installs[0] for word in ("--isolated", "--no-index", '--find-links "wheels"', "constraints.txt"))


@pytest.mark.slow
@pytest.mark.skipif(not IN_CI, reason="fetches 150 MB of wheels; runs in CI and as 'make bundle'")
def test_bundle_resolves_from_itself_on_each_python(root: Path, bundle: ModuleType) -> None:
    done = subprocess.run([sys.executable, root / "tools" / "bundle.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(root / "dist" / f"mttq_data-{mttq_data.__version__}-windows.zip") as archive:
        names = archive.namelist()
    wheels = [name for name in names if name.endswith(".whl")]
    assert len(wheels) == len(set(wheels))
    assert [len([w for w in wheels if f"/pandas-{w.split('-')[1]}-cp{tag}" in w]) for tag in (311, 312, 313)] == [1] * 3
    assert {"install.bat", "run.bat", "constraints.txt", "README.vi.md"} <= set(names)
