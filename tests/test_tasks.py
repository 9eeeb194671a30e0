"""The chores of tasks.py, as a user on a fresh machine meets them."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def tasks(root: Path, tmp_path: Path) -> ModuleType:
    """tasks.py as it would stand in a project folder with spaces and marks in its name."""
    home = tmp_path / "Mặt trận tỉnh"
    home.mkdir()
    for name in ("tasks.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(root / name, home)
    spec = importlib.util.spec_from_file_location("tasks_under_test", home / "tasks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def calls(tasks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands that would have run; making a venv leaves an interpreter that answers."""
    seen: list[list[str]] = []

    def pretend(*command: str | Path, **_: object) -> int:
        seen.append([str(word) for word in command])
        if "venv" in seen[-1]:
            python = tasks.venv_python()
            python.parent.mkdir(parents=True, exist_ok=True)
            python.write_text("")
        return 0

    monkeypatch.setattr(tasks, "run", pretend)
    monkeypatch.setattr(tasks, "_answers", lambda python: python.exists())
    return seen


@pytest.mark.parametrize(
    ("windows", "tail"), [(True, (".venv", "Scripts", "python.exe")), (False, (".venv", "bin", "python"))]
)
def test_interpreter_lies_where_the_system_puts_it(tasks: ModuleType, windows: bool, tail: tuple[str, ...]) -> None:
    assert tasks.venv_python(windows=windows).parts[-3:] == tail


@pytest.mark.parametrize("version", [(3, 7, 16), (3, 10, 13)])
def test_old_python_is_named_and_refused(tasks: ModuleType, version: tuple[int, ...]) -> None:
    with pytest.raises(tasks.ChoreError, match=r"3\.11 or newer.*" + re.escape(".".join(map(str, version)))):
        tasks.check_python(version, "/usr/bin/python3")
    assert tasks.check_python((3, 11, 2)) is None


def test_first_run_makes_and_fills_the_venv(tasks: ModuleType, calls: list[list[str]]) -> None:
    tasks.ensure_venv("")
    made, filled = calls
    assert made[:3] == [sys.executable, "-m", "venv"]
    assert filled[-4:] == ["-c", "constraints.txt", "-e", "."]


@pytest.mark.parametrize(
    ("first", "then", "installs"), [("", "", 0), ("all", "", 0), ("all", "notebooks", 0), ("", "all", 1)]
)
def test_venv_is_reused_while_it_holds_enough(
    tasks: ModuleType, calls: list[list[str]], first: str, then: str, installs: int
) -> None:
    tasks.ensure_venv(first)
    before = len(calls)
    tasks.ensure_venv(then)
    assert len(calls) - before == installs


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_install_again(tasks: ModuleType, calls: list[list[str]], name: str) -> None:
    tasks.ensure_venv("")
    with (tasks.ROOT / name).open("a") as stream:
        stream.write("\n")
    tasks.ensure_venv("")
    assert [("venv" in call, "pip" in call) for call in calls] == [(True, False), (False, True), (False, True)]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"set": "all"}', '{"fingerprint": 1, "set": []}'])
def test_damaged_stamp_only_costs_an_installation(tasks: ModuleType, calls: list[list[str]], content: str) -> None:
    tasks.ensure_venv("")
    (tasks.VENV / tasks.STAMP).write_text(content)
    calls.clear()
    tasks.ensure_venv("")
    assert "pip" in calls[-1]
    assert tasks.installed_set(tasks.VENV, tasks.fingerprint()) == ""


def test_renamed_folder_gets_a_new_venv(tasks: ModuleType, calls: list[list[str]]) -> None:
    tasks.ensure_venv("")
    stamp = tasks.VENV / tasks.STAMP
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "root": "/elsewhere", "fingerprint": "x"}))
    calls.clear()
    tasks.ensure_venv("")
    assert "venv" in calls[0]


def test_failed_installation_is_not_taken_for_done(
    tasks: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.ensure_venv("")
    pretend = tasks.run
    monkeypatch.setattr(tasks, "run", lambda *command, **k: int("pip" in command))
    with pytest.raises(tasks.ChoreError, match="make bundle"):
        tasks.ensure_venv("all")
    monkeypatch.setattr(tasks, "run", pretend)
    calls.clear()
    tasks.ensure_venv("")
    assert "pip" in calls[-1]


def test_command_runs_in_a_folder_with_spaces(tasks: ModuleType) -> None:
    write = "import sys, pathlib; pathlib.Path('thấy rồi.txt').write_text(sys.argv[1]); sys.exit(3)"
    assert tasks.run(sys.executable, "-c", write, "hai từ") == 3
    assert (tasks.ROOT / "thấy rồi.txt").read_text() == "hai từ"


def test_command_that_hangs_is_stopped(tasks: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert tasks.run(sys.executable, "-c", "import time; time.sleep(60)", timeout=0.5) == 1
    assert "stopped" in capsys.readouterr().out


def test_one_failing_step_fails_the_whole_but_hides_none(
    tasks: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tasks.ROOT / "notebooks").mkdir()
    (tasks.ROOT / "notebooks" / "01.ipynb").write_text("{}")
    pretend: Callable[..., int] = tasks.run
    monkeypatch.setattr(tasks, "run", lambda *command, **k: pretend(*command, **k) or int("mypy" in command))
    assert tasks.main(["test"]) == 1
    said = capsys.readouterr().out
    assert [re.findall(rf"^{step}: (ok|FAILED)", said, re.MULTILINE) for step in ("lint", "types", "unit", "notebooks")] == [
        ["ok"], ["FAILED"], ["ok"], ["ok"],
    ]  # fmt: skip
    assert any("jupyter" in call and call[-1].endswith("01.ipynb") for call in calls)


def test_build_passes_its_arguments_on(tasks: ModuleType, calls: list[list[str]]) -> None:
    assert tasks.main(["build", "--lang", "en"]) == 0
    assert Path(calls[-1][0]).stem == "mttq" and calls[-1][1:] == ["build", "--lang", "en"]


def test_clean_leaves_the_offices_files(tasks: ModuleType) -> None:
    kept = [tasks.ROOT / "data" / "raw" / "a.docx", tasks.ROOT / "reports" / "b.docx", tasks.VENV / "c"]
    gone = [tasks.ROOT / "dist" / "d.zip", tasks.ROOT / "tests" / "__pycache__" / "e.pyc"]
    for path in kept + gone:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert tasks.main(["clean"]) == 0
    assert [p.exists() for p in kept + gone] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(("argv", "code"), [([], 2), (["bake"], 2), (["help"], 0), (["--help"], 0)])
def test_wrong_call_lists_the_chores(root: Path, argv: list[str], code: int) -> None:
    done = subprocess.run([sys.executable, root / "tasks.py", *argv], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "bundle" in done.stdout + done.stderr


def test_makefile_offers_only_chores_there_are(root: Path, tasks: ModuleType) -> None:
    line = re.search(r"^CHORES := (.*)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert line is not None
    assert set(line[1].split()) == set(tasks.CHORES) | set(tasks.SCRIPTS)
