"""The command line as scripts and people use it."""

from __future__ import annotations

import subprocess
import sys
import time

import pandas as pd
import pytest

from mttq_data.cli import COMMANDS, main

TEXT = "Toàn tỉnh có 5.142 hộ nghèo, tỷ lệ hộ nghèo còn 2,67%.\n"


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "bao-cao.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def mttq(*args, env=None, **options):
    import os

    command = [sys.executable, "-m", "mttq_data", *map(str, args)]
    return subprocess.run(
        command, check=False, capture_output=True, env={**os.environ, **(env or {})}, timeout=120, **options
    )


def test_extract_writes_tables_and_a_summary(report, tmp_path, capsys):
    assert main(["extract", str(report), "-o", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert "số liệu: 2" in out
    assert "statistics.xlsx" in out
    assert set(pd.read_csv(tmp_path / "out" / "statistics.csv")["value"]) == {5142, 2.67}


def test_the_summary_can_be_english(report, tmp_path, capsys):
    assert main(["--lang", "en", "extract", str(report), "-o", str(tmp_path)]) == 0
    assert "statistics: 2" in capsys.readouterr().out


def test_build_runs_in_any_folder(report, tmp_path, capsys):
    (tmp_path / "raw" / "reports").mkdir(parents=True)
    report.rename(tmp_path / "raw" / "reports" / report.name)
    folders = [f"--{name}={tmp_path / name}" for name in ("raw", "processed", "reports")]
    assert main(["build", *folders]) == 0
    assert (tmp_path / "reports" / "shares.png").exists()


def test_a_bad_file_gives_one_line_on_stderr_and_exit_code_1(report, tmp_path, capsys):
    code = main(["extract", "khong-co.txt", str(report), "-o", str(tmp_path / "out"), "--lang", "en"])
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if line.startswith("mttq: ")]
    assert code == 1
    assert len(lines) == 1
    assert "khong-co.txt" in lines[0]
    assert "Traceback" not in captured.err
    assert (tmp_path / "out" / "statistics.csv").exists()


@pytest.mark.parametrize("words", [["extract"], ["no-such-command"], ["extract", "a", "--lang", "fr"]])
def test_wrong_usage_exits_with_2(words):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2


def test_no_command_shows_the_commands_and_exits_with_2(capsys):
    assert main([]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in COMMANDS)


def test_help_is_quick_and_needs_neither_pandas_nor_matplotlib():
    code = (
        "import sys; from mttq_data.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('heavy:', {'pandas', 'matplotlib', 'numpy'} & set(sys.modules))"
    )
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, timeout=60)
    assert done.stdout.decode("utf-8", "replace").strip().endswith("heavy: set()")
    assert time.perf_counter() - began < 2  # 0.04 s on an idle machine; the bound forgives a busy one


@pytest.mark.parametrize("words", [["--help"], ["extract", "--help"], ["build", "--help", "--lang", "en"]])
def test_help_of_every_command_works(words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 0
    assert "usage: mttq" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_a_console_without_vietnamese_letters_never_breaks_it(report, tmp_path, encoding):
    env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = mttq("extract", report, "ệ-không-có.txt", "-o", tmp_path / "out", env=env)
    assert done.returncode == 1
    assert b"so lieu: 2" in done.stdout.replace(b"\xf4", b"o").replace(b"\xe2", b"a").lower()
    assert b"Traceback" not in done.stderr


def test_a_reader_that_goes_away_leaves_no_traceback(report, tmp_path):
    import os

    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "mttq_data", "extract", str(report), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, check=False, stdout=writing, stderr=subprocess.PIPE, timeout=120)
    os.close(writing)
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "out" / "statistics.xlsx").exists()


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (RuntimeError, 1)])
def test_what_stops_a_run_is_said_in_one_line(report, monkeypatch, capsys, error, code):
    def stop(*_, **__):
        raise error("x")

    monkeypatch.setattr("mttq_data.build.extract_files", stop)
    assert main(["extract", str(report)]) == code
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_wildcards_work_where_the_shell_leaves_them(report, tmp_path, capsys):
    report.with_name("hai.txt").write_text(TEXT, encoding="utf-8")
    assert main(["extract", str(tmp_path / "*.txt"), "-o", str(tmp_path / "out")]) == 0
    assert pd.read_csv(tmp_path / "out" / "statistics.csv")["document"].nunique() == 2
