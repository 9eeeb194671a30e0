"""``mttq correct``: the workbook as people and programs leave it, read back whole or told line by line."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter

from mttq_data.build import build
from mttq_data.cli import main
from mttq_data.corrections.file import FILE, read_corrections

TEXT = (
    "I. Kết quả\nToàn tỉnh có 5.142 hộ nghèo, tỷ lệ hộ nghèo còn 2,67%.\n"
    "Cử tri đi bầu đạt 99%; vận động được trên 12,5 tỷ đồng.\nĐã giám sát 154/182 xã.\n"
    "Tổng số 1.595 nhà (xây mới 1.175, sửa chữa 520).\n"
)
BOOK = "data/processed/statistics.xlsx"


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch, built):
    """A folder with one report, built."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    # How charts look is tested elsewhere, and drawing them takes most of a build.
    monkeypatch.setattr("mttq_data.build_report._charts", lambda *_: [])
    return tmp_path / "data" / "raw" / "reports" / "bao-cao.txt"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What every test begins with."""
    folder = tmp_path_factory.mktemp("built")
    reports = folder / "data" / "raw" / "reports"
    reports.mkdir(parents=True)
    (reports / "bao-cao.txt").write_text(TEXT, encoding="utf-8")
    build(folder / "data" / "raw", folder / "data" / "processed", folder / "reports", corrections=folder / FILE)
    return folder


def run(lang="vi"):
    return build(lang=lang)


def statistics():
    return pd.read_csv("data/processed/statistics.csv", dtype={"period": str}).set_index("text")


def titles(sheet, head=1):
    return {cell.value: cell.column for cell in sheet[head]}


def fill(cells, path=BOOK, save=None, change=None, sheet=0, of="Chữ số trong văn bản"):
    """Write cells {(figure, header): value}, change the sheet as a person might, save."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[sheet]
    at = titles(page)
    rows = {page.cell(r, at[of]).value: r for r in range(page.max_row, 1, -1)}
    for (figure, header), given in cells.items():
        cell = page.cell(rows[figure], at[header])
        cell.value, cell.number_format = given if isinstance(given, tuple) else (given, "General")
    if change:
        change(page)
    book.save(save or path)
    return save or path


def said(capsys):
    out = capsys.readouterr()
    assert "Traceback" not in out.err
    return out.out, out.err


VALUE, UNIT = "Giá trị - sửa thành", "Đơn vị - sửa thành"


def test_what_is_written_into_the_workbook_holds_in_every_later_build(capsys):
    fill({("99%", VALUE): 99.9, ("99%", "Lý do sửa"): "biên bản", ("5.142", UNIT): "người", ("2,67%", "Vai trò - sửa thành"): "mục tiêu",
          ("2,67%", "Kỳ - sửa thành"): 2023, ("2,67%", "Chỉ tiêu - sửa thành"): "Tỷ lệ phụ nữ trong dân số"})  # fmt: skip
    assert main(["correct", BOOK, "--by", "Hà"]) == 0
    assert "5 sửa đổi" in said(capsys)[0]
    assert set(read_corrections()["who"]) == {"Hà"}
    for _ in range(2):
        done = run()
        assert done.counts["corrected"] == 3
        table = statistics()
        assert table.loc["99%", "value"] == 99.9
        assert table.loc["5.142", "unit"] == "person"
        assert table.loc["2,67%", ["role", "period", "indicator"]].tolist() == [
            "target",
            "2023",
            "women_share_of_population",
        ]
        assert table["corrected"].sum() == 3


def test_the_built_workbook_shows_it_and_its_columns_are_empty_again():
    fill({("99%", VALUE): 99.9})
    main(["correct", BOOK])
    run()
    page = openpyxl.load_workbook(BOOK).worksheets[0]
    at = titles(page)
    row = next(r for r in page.iter_rows(min_row=2) if r[at["Chữ số trong văn bản"] - 1].value == "99%")
    assert (row[at["Giá trị"] - 1].value, row[at[VALUE] - 1].value, row[at["Đã sửa"] - 1].value) == (99.9, None, "có")


def test_the_same_file_twice_keeps_it_once(capsys):
    fill({("99%", VALUE): 99.9})
    assert main(["correct", BOOK]) == main(["correct", BOOK]) == 0
    assert len(read_corrections()) == 1
    assert "Không có gì mới" in said(capsys)[0]


def test_builds_with_corrections_are_the_same_bytes():
    fill({("99%", VALUE): 99.9})
    main(["correct", BOOK])
    first = {path: path.read_bytes() for path in run().written}
    assert {path: path.read_bytes() for path in run().written} == first


def test_the_english_workbook_is_read_as_well(capsys):
    run("en")
    fill({("99%", "Value - correct to"): "99.9%", ("12,5", "Value - correct to"): "over 1,250 million VND",
          ("5.142", "Unit - correct to"): "persons"}, of="Text")  # fmt: skip
    assert main(["correct", BOOK, "--lang", "en"]) == 0
    assert "corrections 3" in said(capsys)[0]
    run()
    assert statistics().loc[["99%", "12,5"], "value"].tolist() == [99.9, 1.25e9]


def reverse(page):
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    for line, row in enumerate(reversed(rows), start=2):
        for column, given in enumerate(row, start=1):
            page.cell(line, column).value = given


def filtered(page):
    page.auto_filter.add_filter_column(0, ["không có"])
    for line in range(2, page.max_row + 1):
        page.row_dimensions[line].hidden = True


def columns_added(page):
    page.insert_cols(1)
    page["A1"] = "Ghi chú của tôi"
    page["A2"] = "hỏi lại"
    page.cell(1, page.max_column + 1, "Khác")


def title_above(page):
    page.insert_rows(1, 2)
    page["A1"] = "BẢNG SỐ LIỆU ĐÃ SOÁT"


@pytest.mark.parametrize(
    "change",
    [reverse, filtered, columns_added, title_above, lambda page: page.delete_rows(2, 1),
     lambda page: setattr(page, "title", "Trang1"), lambda page: page.move_range(f"A1:{get_column_letter(page.max_column)}9", cols=3)],
    ids=["sorted", "filtered", "columns added", "a title above", "row deleted", "sheet renamed", "moved"],
)  # fmt: skip
def test_a_workbook_changed_by_a_person_is_read_right(change):
    fill({("99%", VALUE): 99.9}, change=change)
    assert main(["correct", BOOK]) == 0
    run()
    assert statistics().loc["99%", "value"] == 99.9
    assert statistics()["corrected"].sum() == 1


@pytest.mark.parametrize("form", ["xlsx", "ods", "xls"])
def test_a_workbook_saved_by_libreoffice_is_read_right(need_program, tmp_path, form):
    soffice = need_program("soffice")
    fill(
        {("99%", VALUE): (0.999, "0.0%"), ("12,5", VALUE): "trên 13 tỷ đồng", ("5.142", UNIT): "người"}, save="in.xlsx"
    )
    (tmp_path / "out").mkdir()
    command = [
        soffice,
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/lo",
        "--convert-to",
        form,
        "--outdir",
        "out",
        "in.xlsx",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(tmp_path)})
    assert main(["correct", f"out/in.{form}"]) == 0
    run()
    assert statistics().loc[["99%", "12,5"], "value"].tolist() == [99.9, 13e9]


@pytest.mark.parametrize(
    ("figure", "given", "value"),
    [
        ("99%", (0.999, "0.00%"), 99.9),
        ("99%", (99.9, '#,##0.0"%"'), 99.9),
        ("99%", "99,9", 99.9),
        ("5.142", (5412, "#,##0"), 5412),
        ("5.142", "5.412", 5412),
        ("12,5", (13.5e9, '[$-42A]#,##0.0,,," tỷ đồng"'), 13.5e9),
        ("12,5", "13 tỷ 500 triệu", 13.5e9),
        ("154/182", "155/182", 155 / 182),
        ("154/182", (0.5, "0.0%"), 0.5),
    ],
)
def test_numbers_are_read_as_the_cell_shows_them(figure, given, value):
    fill({(figure, VALUE): given})
    assert main(["correct", BOOK]) == 0
    run()
    assert statistics().loc[figure, "value"] == pytest.approx(value)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({("99%", VALUE): "chín chín"}, ["no number", "!H"]),
        ({("5.142", VALUE): 5.142}, ["not whole"]),
        ({("5.142", VALUE): "15,800"}, ["15800 or 15,8"]),
        ({("154/182", VALUE): (dt.datetime(2024, 10, 6), "dd/mm/yyyy")}, ["made a date"]),
        ({("99%", VALUE): "=1/0"}, ["no stored result"]),
        ({("12,5", VALUE): 13}, ["too little"]),
        ({("5.142", UNIT): "hộo"}, ["no unit of the list"]),
        ({("5.142", "Chỉ tiêu - sửa thành"): "Tỷ lệ hộ nghèo"}, ["counted in %"]),
        ({("5.142", "Kỳ - sửa thành"): "năm ngoái"}, ["no period"]),
        ({("5.142", "Vai trò - sửa thành"): "sếp"}, ["no role"]),
        ({("5.142", "Lý do sửa"): "không rõ"}, ["reason without a correction"]),
        ({("5.142", "Vị trí đầu"): None, ("5.142", VALUE): 5412}, ["does not say where"]),
        ({("5.142", "Câu"): "Câu khác.", ("5.142", VALUE): 5412}, ["sorted alone"]),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_in_one_line_and_the_others_are_kept(capsys, cells, words):
    fill({("2,67%", VALUE): 2.76, **cells})
    assert main(["correct", BOOK]) == 1
    err = said(capsys)[1]
    lines = [line for line in err.splitlines() if line]
    assert len(lines) == 1
    assert "statistics.xlsx" in lines[0]
    assert all(word in lines[0] for word in words)
    assert read_corrections()["new"].tolist() == ["2.76"]


def test_two_corrections_of_one_field_are_both_named_and_neither_taken(capsys):
    def copied(page):
        row = next(
            r for r in range(2, page.max_row + 1) if page.cell(r, titles(page)["Chữ số trong văn bản"]).value == "99%"
        )
        last = page.max_row + 1
        for column in range(1, page.max_column + 1):
            page.cell(last, column).value = page.cell(row, column).value
        page.cell(last, titles(page)[VALUE]).value = 98

    fill({("99%", VALUE): 99.9, ("2,67%", VALUE): 2.76}, change=copied)
    assert main(["correct", BOOK]) == 1
    assert said(capsys)[1].count("neither is taken") == 1
    assert read_corrections()["text"].tolist() == ["2,67%"]


def test_a_column_for_another_field_is_not_overlooked(capsys):
    def extra(page):
        column = page.max_column + 1
        page.cell(1, column, "Câu - sửa thành")
        page.cell(3, column, "…")

    fill({}, change=extra)
    assert main(["correct", BOOK]) == 1
    assert "no column for corrections" in said(capsys)[1]


@pytest.mark.parametrize(
    ("header", "given"),
    [("Giá trị", 99.9), ("Giá trị", None), ("Đơn vị", "người"), ("Kỳ", "2023"), ("Vai trò", "mục tiêu")],
)
def test_a_value_typed_over_the_old_one_is_not_lost_in_silence(capsys, header, given):
    fill({("99%", header): given, ("2,67%", VALUE): 2.76})
    assert main(["correct", BOOK]) == 1
    err = said(capsys)[1]
    assert err.count("the cell itself was changed") == 1
    assert f"{header} - sửa thành" in err
    assert read_corrections()["text"].tolist() == ["2,67%"]


def test_a_workbook_of_before_a_correction_raises_no_false_alarm(capsys):
    old = fill({("99%", VALUE): 99.9}, save="data/processed/cu.xlsx")
    main(["correct", old])
    run()
    said(capsys)
    assert main(["correct", old]) == 0
    assert not said(capsys)[1]


@pytest.mark.parametrize("lock", ["~$statistics.xlsx", ".~lock.statistics.xlsx#"])
def test_a_workbook_open_elsewhere_is_read_and_said_to_be_open(capsys, tmp_path, lock):
    fill({("99%", VALUE): 99.9})
    (tmp_path / "data" / "processed" / lock).write_bytes(b"")
    assert main(["correct", BOOK]) == 0
    assert "not saved yet" in said(capsys)[1]
    assert len(read_corrections()) == 1


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04cut", b"a,b\n1,2\n"])
def test_what_is_no_workbook_of_statistics_is_told_in_one_line(capsys, tmp_path, content):
    path = tmp_path / "x.xlsx"
    if content is not None:
        path.write_bytes(content)
    assert main(["correct", str(path)]) == 1
    err = said(capsys)[1].strip()
    assert err.count("\n") == 0
    assert "x.xlsx" in err
    assert not FILE.exists()


def test_a_corrections_file_that_cannot_be_written_keeps_what_it_holds(capsys, monkeypatch):
    fill({("99%", VALUE): 99.9})
    main(["correct", BOOK])
    before = FILE.read_bytes()
    fill({("2,67%", VALUE): 2.76})

    def refuse(old, new):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    assert main(["correct", BOOK]) == 1
    assert "close it in Excel" in said(capsys)[1]
    assert FILE.read_bytes() == before


def test_a_broken_corrections_file_stops_a_build_and_leaves_its_tables(capsys):
    before = (statistics(), FILE.parent.mkdir(exist_ok=True))[0]
    FILE.write_text("văn bản,mới\n1,2\n", encoding="utf-8")
    assert main(["build"]) == 1
    assert "corrections.csv: column field" in said(capsys)[1]
    pd.testing.assert_frame_equal(statistics(), before)


def test_an_edited_report_keeps_its_corrections_or_says_which_are_lost(office, capsys):
    fill({("99%", VALUE): 99.9, ("2,67%", VALUE): 2.76})
    main(["correct", BOOK])
    office.write_text("Lời mở đầu cho 8 huyện.\n" + TEXT.replace("còn 2,67%", "còn 2,7%"), encoding="utf-8")
    said(capsys)
    assert main(["build"]) == 0
    err = said(capsys)[1]
    assert statistics().loc["99%", "value"] == 99.9
    assert statistics().loc["2,7%", "value"] == 2.7
    assert "2,67%" in err
    assert "no longer applies" in err


def test_extract_applies_them_too(office):
    fill({("99%", VALUE): 99.9})
    main(["correct", BOOK])
    assert main(["extract", str(office), "-o", "out"]) == 0
    assert pd.read_csv("out/statistics.csv").set_index("text").loc["99%", "value"] == 99.9


def test_undo_takes_back_what_the_file_says(capsys):
    path = fill({("99%", VALUE): 99.9}, save="mot.xlsx")
    other = fill({("2,67%", VALUE): 2.76}, save="hai.xlsx")
    main(["correct", path])
    main(["correct", other])
    assert main(["correct", path, "--undo"]) == 0
    assert read_corrections()["text"].tolist() == ["2,67%"]
    assert main(["correct", path, "--undo"]) == 1
    assert "không có trong" in said(capsys)[1]
    run()
    assert statistics().loc["99%", "value"] == 99


def test_undo_without_anything_written_takes_back_the_latest(capsys):
    main(["correct", fill({("99%", VALUE): 99.9}, save="mot.xlsx")])
    main(["correct", fill({("2,67%", VALUE): 2.76}, save="hai.xlsx")])
    assert main(["correct", BOOK, "--undo"]) == 0
    assert read_corrections()["text"].tolist() == ["99%"]
    assert main(["correct", "--undo"]) == 0
    assert main(["correct", "--undo"]) == 1
    assert "chưa có sửa đổi" in said(capsys)[1]


def test_a_problem_is_settled_in_the_workbook_and_shown_so():
    pytest.importorskip("mttq_data.problems.rules")
    page = openpyxl.load_workbook(BOOK).worksheets[1]
    assert [page.cell(r, titles(page)["đã kiểm tra"]).value for r in range(2, page.max_row + 1)] == [None] * (
        page.max_row - 1
    )
    fill({("parts_against_total", "đã kiểm tra"): "420 mới đúng"}, sheet=1, of="Mã quy tắc")
    assert main(["correct", BOOK, "--by", "Hà"]) == 0
    done = run()
    assert done.counts["settled"] == 1
    settled = pd.read_csv("data/processed/problems.csv").set_index("check").loc["parts_against_total"]
    assert (settled["checked"], settled["checked_by"], settled["checked_why"]) == (True, "Hà", "420 mới đúng")
    page = openpyxl.load_workbook(BOOK).worksheets[1]
    assert "420 mới đúng" in page.cell(2, titles(page)["Tình trạng"]).value
    assert main(["correct", BOOK, "--undo"]) == 0
    assert run().counts["settled"] == 0


def test_wrong_use_is_told(capsys):
    with pytest.raises(SystemExit) as left:
        main(["correct"])
    assert left.value.code == 2
