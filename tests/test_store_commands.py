"""load, status, accept and withdraw as people call them, on real workbooks; the chart of who has sent."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from contextlib import closing

import matplotlib.pyplot as plt
import openpyxl
import pandas as pd
import pytest
from returns_kept import problem, problems, returned, with_suspect

from mttq_data.charts.status import plot_status
from mttq_data.cli import main
from mttq_data.forms.template import write_template
from mttq_data.store.store import Store

REASON = ["--by", "Lan", "--why", "hỏi lại xã"]


def filled(path, area, period="2024-Q4", number=12):
    """A template with the same small number in every open cell."""
    write_template(path, "front_work", area, period)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_col=4, max_col=6):
        for cell in row:
            if not cell.protection.locked and cell.coordinate not in sheet.merged_cells:
                cell.value = number
    book.save(path)
    return path


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("goc") / "Báo cáo quý IV"
    folder.mkdir()
    for area, name in (("218", "Lục Nam.xlsx"), ("217", "Lạng Giang (bản sửa).xlsx")):
        filled(folder / name, area)
    return folder


@pytest.fixture
def folder(sent, tmp_path):
    return shutil.copytree(sent, tmp_path / "Báo cáo quý IV")


@pytest.fixture
def kept(tmp_path):
    """A store with one suspect value in the return of Lục Nam."""
    frame, found = with_suspect()
    store = Store(tmp_path / "kho của tỉnh" / "kho.sqlite")
    store.add(frame, found, b"one", "Lục Nam.xlsx", received="2025-01-08")
    return store


def mttq(*words, store):
    return main([str(w) for w in (*words, "--store", store)])


def test_load_says_of_each_return_that_it_is_kept(folder, tmp_path, capsys):
    store = tmp_path / "mới" / "kho.sqlite"
    assert mttq("load", folder, store=store) == 0
    out = capsys.readouterr().out
    assert "Đã nạp: Huyện Lục Nam 2024-Q4 front_work - lần gửi 1 - Lục Nam.xlsx" in out
    assert "Báo cáo mới: 2" in out
    assert mttq("load", folder, store=store) == 0
    assert "Báo cáo mới: 0 - đã có trong kho: 2" in capsys.readouterr().out
    kept = Store(store)
    assert kept.check() == []
    assert kept.original(kept.revisions(area="218")["sha256"].iloc[0]) == (folder / "Lục Nam.xlsx").read_bytes()


def test_a_corrected_file_is_loaded_as_the_next_revision(folder, tmp_path, capsys):
    store = tmp_path / "kho.sqlite"
    mttq("load", folder, "--received", "2025-01-08", store=store)
    filled(folder / "Lục Nam.xlsx", "218", number=14)
    assert mttq("--lang", "en", "load", folder, store=store) == 0
    assert "revision 2" in capsys.readouterr().out
    assert set(Store(store).observations(area="218", indicator="tet_gifts")["value"].dropna()) == {14}


def test_of_two_files_of_a_unit_the_later_counts(folder, tmp_path):
    filled(folder / "A - sửa lần hai.xlsx", "218", number=15)
    os.utime(folder / "Lục Nam.xlsx", (1.7e9, 1.7e9))
    mttq("load", folder, store=tmp_path / "kho.sqlite")
    store = Store(tmp_path / "kho.sqlite")
    assert store.revisions(area="218")[["revision", "state", "source"]].values.tolist() == [
        [1, "superseded", "Lục Nam.xlsx"],
        [2, "current", "A - sửa lần hai.xlsx"],
    ]
    assert "duplicate_return" not in set(store.problems(revision="all")["check"])


def test_a_bad_file_gives_one_line_and_the_others_are_loaded(folder, tmp_path, capsys):
    (folder / "hỏng.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (folder / "~$Lục Nam.xlsx").write_bytes(b"lock")
    assert mttq("load", folder, folder / "không có.xlsx", store=tmp_path / "kho.sqlite") == 1
    captured = capsys.readouterr()
    assert "Báo cáo mới: 2" in captured.out
    lines = [line for line in captured.err.splitlines() if line.startswith("mttq: ")]
    assert len(lines) == 2
    assert any("hỏng.xlsx" in line for line in lines)
    assert any("không có.xlsx" in line for line in lines)
    assert "Traceback" not in captured.err


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_a_file_name_with_a_line_end_stays_on_one_line(folder, tmp_path, capsys):
    (folder / "Lục Nam.xlsx").rename(folder / "Lục\nNam\x1b[2J.xlsx")
    (folder / "tệp\nhỏng.xlsx").write_bytes(b"")
    assert mttq("load", folder, store=tmp_path / "kho.sqlite") == 1
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 3
    assert len(captured.err.splitlines()) == 1
    assert "\x1b" not in captured.out + captured.err


def test_a_sidecar_says_when_a_return_came(folder, tmp_path):
    sidecar = {"received": "2025-01-13", "sample": False}
    (folder / "Lục Nam.xlsx.json").write_text(json.dumps(sidecar), encoding="utf-8")
    mttq("load", folder, store=tmp_path / "kho.sqlite")
    status = Store(tmp_path / "kho.sqlite").status(period="2024-Q4").set_index("area")
    assert status.loc["218", "days_late"] == 3


def test_a_return_is_compared_with_the_quarter_before_in_the_store(tmp_path):
    store = Store(tmp_path / "kho.sqlite")
    store.load(filled(tmp_path / "q3.xlsx", "218", "2024-Q3", number=12))
    store.load(filled(tmp_path / "q4.xlsx", "218", "2024-Q4", number=17))
    assert "cumulative_chain" in set(store.problems(period="2024-Q4")["check"])


def test_reading_again_keeps_what_is_the_same(folder, tmp_path, capsys):
    store = tmp_path / "kho.sqlite"
    mttq("load", folder, store=store)
    assert mttq("load", folder, "--again", store=store) == 0
    assert "Báo cáo mới: 0 - đã có trong kho: 2" in capsys.readouterr().out
    assert set(Store(store).revisions()["revision"]) == {1}


def test_status_lists_every_unit_that_owes_a_return(kept, capsys):
    assert mttq("status", "--period", "2024-Q4", store=kept.path) == 0
    out = capsys.readouterr().out
    assert re.search(r"Huyện Lục Nam +có lỗi +08/01/2025 +0 +1 +1 +1", out)
    assert "chưa gửi: 9" in out
    assert "hạn gửi 10/01/2025" in out


def test_status_before_any_return_says_that_all_are_missing(tmp_path, capsys):
    assert mttq("--lang", "en", "status", "--period", "2024-Q4", store=tmp_path / "none.sqlite") == 0
    captured = capsys.readouterr()
    assert "missing: 10" in captured.out
    assert "no store here yet" in captured.err
    assert list(tmp_path.iterdir()) == []


def test_status_draws_the_chart(kept, tmp_path):
    assert mttq("status", "--period", "2024-Q4", "--chart", tmp_path / "tình hình.png", store=kept.path) == 0
    assert (tmp_path / "tình hình.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("period", "code"), [("2024-q4", 0), ("2024-Q9", 1)])
def test_the_trail_of_a_period(kept, capsys, period, code):
    assert mttq("status", "--trail", "--period", period, store=kept.path) == code
    said = capsys.readouterr()
    assert ("Huyện Lục Nam" in said.out) == (code == 0) and ("is no period" in said.err) == (code == 1)


def test_the_trail_can_be_printed(kept, capsys):
    kept.accept(kept.suspects(), by="Lan", why="gọi điện")
    assert mttq("status", "--trail", store=kept.path) == 0
    out = capsys.readouterr().out
    assert re.search(r"2 .*Lan +chấp nhận +Huyện Lục Nam +2024-Q4 .*gọi điện", out)


def test_suspect_values_are_listed_accepted_and_taken_back(kept, capsys):
    assert mttq("accept", "--area", "Lục Nam", "--period", "2024-Q4", store=kept.path) == 0
    out = capsys.readouterr().out
    assert re.search(r"1\.9 +Huyện Lục Nam +2024-Q4 .* 5\.142 +5\.142 ", out)
    assert mttq("accept", "1.9", *REASON, store=kept.path) == 0
    assert "--undo 2" in capsys.readouterr().out
    assert kept.suspects().empty
    assert mttq("accept", "--undo", "2", *REASON, store=kept.path) == 0
    assert len(kept.suspects()) == 1


@pytest.mark.parametrize(
    ("words", "status", "value"),
    [
        (["--all", "--refuse"], "missing", None),
        (["1.9", "--value", "5142"], "accepted", 5142),
        (["1.9", "--value", "12,5"], "accepted", 12.5),
        (["1.9", "--value", "0.125"], "accepted", 0.125),
    ],
)
def test_suspect_values_can_be_refused_or_corrected(kept, words, status, value):
    assert mttq("accept", *words, *REASON, store=kept.path) == 0
    row = kept.observations().iloc[-1]
    assert row["status"] == status
    assert pd.isna(row["value"]) if value is None else row["value"] == value


def test_nothing_to_decide_is_said(kept, capsys):
    assert mttq("accept", "--period", "2024-Q3", "--all", store=kept.path) == 0
    assert "Không có số liệu nghi ngờ" in capsys.readouterr().out


def test_a_revision_is_withdrawn_and_put_back(kept, capsys):
    assert mttq("withdraw", "--area", "H. Lục Nam", "--period", "2024-Q4", *REASON, store=kept.path) == 0
    assert "--undo 2" in capsys.readouterr().out
    assert kept.observations().empty
    assert mttq("withdraw", "--undo", "2", *REASON, store=kept.path) == 0
    assert len(kept.observations()) == 10


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["accept", "1.9"],
        ["accept", "1.9", "--by", "Lan"],
        ["accept", "1.9", "--by", " ", "--why", "x"],
        ["accept", "1.9", "--all", *REASON],
        ["accept", "1.9", "--value", "5.142", *REASON],
        ["accept", "1.9", "--value", "nhiều", *REASON],
        ["accept", "--undo", "two", *REASON],
        ["withdraw", *REASON],
        ["withdraw", "--area", "Lục Nam", "--period", "2024-Q4"],
    ],
)
def test_wrong_usage_exits_with_2_and_changes_nothing(kept, words):
    with pytest.raises(SystemExit) as stop:
        mttq(*words, store=kept.path)
    assert stop.value.code == 2
    assert len(kept.audit()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["status", "--period", "quý bốn"], "no period"),
        (["status", "--period", "2024-Q4", "--form", "lạ"], "no form"),
        (["status", "--period", "2019-2024"], "front_work"),
        (["accept", "9.9", *REASON], "no such value"),
        (["accept", "--area", "Lục Nm"], "Lục Nam"),
        (["withdraw", "--area", "Lục Nam", "--period", "2024-Q3", *REASON], "none"),
        (["load", "--received", "hôm qua", "x.xlsx"], "hôm qua"),
    ],
)
def test_what_fails_is_said_in_one_line_with_exit_code_1(kept, capsys, words, said):
    assert mttq(*words, store=kept.path) == 1
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if line]
    assert len(lines) == 1
    assert said in lines[0]
    assert len(kept.audit()) == 1


def test_text_that_would_steer_the_console_is_shown_as_text(tmp_path, capsys):
    frame, found = with_suspect(raw="=cmd|'/c calc'!A1\n\x1b[31m")
    store = Store(tmp_path / "kho.sqlite")
    store.add(frame, found, b"one", "a\nb\x1b[2J.xlsx")
    assert mttq("accept", store=store.path) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 3


def test_the_store_can_be_asked_in_plain_sql(kept):
    with closing(sqlite3.connect(kept.path)) as connection:
        query = (
            "SELECT a.text, sum(o.value) FROM observation o JOIN revision r ON r.id = o.revision "
            "JOIN word a ON a.id = r.area GROUP BY 1"
        )
        assert connection.execute(query).fetchone()[0] == "218"


@pytest.fixture
def status(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    store.add(returned("213"), problems(), b"1", "1.xlsx", received="2025-01-06")
    store.add(returned("215"), problems(), b"2", "2.xlsx", received="2025-01-22")
    store.add(returned("216"), problems(problem(area="216")), b"3", "3.xlsx", received="2025-01-10")
    yield store.status(period="2024-Q4")
    plt.close("all")


@pytest.mark.parametrize(
    ("lang", "late", "missing"), [("vi", "chậm 12 ngày", "chưa gửi"), ("en", "12 d late", "missing")]
)
def test_the_chart_names_who_is_late_or_missing(status, lang, late, missing):
    ax = plot_status(status, lang=lang)
    said = [text.get_text() for text in ax.texts]
    assert late in said
    assert said.count(missing) == 7
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[7:] == ["Huyện Yên Thế", "Huyện Tân Yên", "Thành phố Bắc Giang"]
    assert sorted(round(p.get_width(), 2) for p in ax.patches) == [-4, -0.15, 12]


def test_the_chart_of_nothing_says_so_and_a_given_axes_is_used(status):
    _, ax = plt.subplots()
    assert plot_status(status.iloc[:0], ax=ax, lang="en") is ax
    assert [text.get_text() for text in ax.texts] == ["No data to draw"]
