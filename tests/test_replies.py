"""Replies: what the sender gets back, and that it is a return again once mended."""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment

from mttq_data.errors import MttqError
from mttq_data.forms.template import IDENTITY, SHEET, read_identity, write_template
from mttq_data.replies.replies import REPLY_SHEET, write_replies, write_reply
from mttq_data.returns.reading import read_return, read_returns

FAULTS = {"E13": 10, "E15": 5.142, "E18": "abc", "F16": "=1+1|x", "E31": None}
MENDED = {"E13": 6000, "D15": 5200, "E15": 5142, "F15": 5142, "E18": 30, "F18": 30, "F16": 40, "E31": 7, "F31": 7}


def fill(path, changes, **filled):
    """Write 1 into every input cell of a template, then the changes; totals get no stored result."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    first = next(c.row for c in sheet["B"] if c.value and "Số dư đầu kỳ" in str(c.value))
    for row in sheet.iter_rows(min_row=first, max_row=first + 52, min_col=4, max_col=6):
        for cell in row:
            if cell.value is None and not cell.protection.locked:
                cell.value = 1
    for place, value in changes.items():
        sheet[place].value = value
        if isinstance(value, str):
            sheet[place].data_type = "s"
    book.save(path)
    return path


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """A faulty return of Lục Nam, and the same as .xls and .ods where LibreOffice is there."""
    folder = tmp_path_factory.mktemp("sent")
    path = fill(write_template(folder / "luc-nam.xlsx", "front_work", "218", "2024-Q4"), FAULTS)
    if office := shutil.which("soffice") or shutil.which("libreoffice"):
        profile = f"-env:UserInstallation=file://{folder / 'profile'}"
        for kind in ("xls", "ods"):
            command = [office, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
            subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder


def of_kind(sent, kind, need_program):
    if kind != "xlsx":
        need_program("soffice", "libreoffice")
    return sent / f"luc-nam.{kind}"


def opened(path):
    return openpyxl.load_workbook(path)


def color(cell):
    return cell.fill.fgColor.rgb if cell.fill.fill_type else None


@pytest.fixture
def reply(sent, tmp_path):
    return write_reply(sent / "luc-nam.xlsx", tmp_path / "tra-loi.xlsx")


def test_the_first_sheet_lists_the_problems_and_links_to_the_cells(reply, sent):
    problems = read_return(sent / "luc-nam.xlsx")[1]
    page = opened(reply).worksheets[0]
    assert page.title == REPLY_SHEET
    rows = [row for row in page.iter_rows(min_row=7) if row[0].value]
    assert len(rows) == len(problems)
    assert rows[0][1].value == "Phải sửa"
    links = {row[2].value: row[2].hyperlink.location for row in rows if row[2].hyperlink}
    assert links["Số liệu!E18"] == "'Số liệu'!E18"
    said = {row[3].value for row in rows}
    assert set(problems["message_vi"]) == said
    assert "Huyện Lục Nam" in page["A2"].value and "quý IV năm 2024" in page["A2"].value


def test_faulty_cells_are_coloured_and_say_what_was_found(reply):
    sheet = opened(reply)[SHEET]
    assert color(sheet["E18"]) != color(sheet["E17"]) and "abc" in sheet["E18"].comment.text
    assert sheet["D14"].comment is None
    assert not sheet["E18"].protection.locked, "the clerk can mend a cell the form has locked"


def test_the_senders_file_is_never_changed(sent, tmp_path):
    path = sent / "luc-nam.xlsx"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    write_reply(path, tmp_path / "a.xlsx")
    with pytest.raises(MttqError, match="sender's own file"):
        write_reply(path, path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_reply_is_the_same_every_time(sent, tmp_path):
    first, second = (write_reply(sent / "luc-nam.xlsx", tmp_path / f"{n}.xlsx") for n in "ab")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_an_unmended_reply_reads_as_the_return_did(kind, sent, tmp_path, need_program):
    path = of_kind(sent, kind, need_program)
    observations, problems = read_return(path)
    again, still = read_return(write_reply(path, tmp_path / "tra-loi.xlsx"))
    same = ["area", "period", "indicator", "measure", "value", "status", "cell", "form"]
    pd.testing.assert_frame_equal(again[same], observations[same])
    told = [set(map(tuple, p[["check", "where"]].to_numpy())) for p in (problems, still)]
    assert told[1] == told[0]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_mended_reply_is_a_return_without_those_errors(kind, sent, tmp_path, need_program):
    path = of_kind(sent, kind, need_program)
    answer = write_reply(path, tmp_path / "tra-loi.xlsx")
    assert read_identity(answer)["area"] == "218"
    book = opened(answer)
    for place, value in MENDED.items():
        book[SHEET][place].value = value
    book.save(answer)
    observations, problems = read_return(answer)
    assert set(observations["area"]) == {"218"} and set(observations["period"]) == {"2024-Q4"}
    mended = {f"{SHEET}!{place}" for place in FAULTS}
    left = problems[problems["where"].isin(mended) & ~problems["check"].isin(["total", "ratio"])]
    assert left[left["severity"] == "error"].empty
    spent = observations[observations["cell"] == f"{SHEET}!E15"].iloc[0]
    assert (spent["indicator"], spent["value"], spent["status"]) == ("fund_for_the_poor_spent", 5142e6, "ok")
    assert REPLY_SHEET not in " ".join(problems["where"])


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_totals_reckon_themselves_when_a_part_is_mended(kind, sent, tmp_path, need_program):
    sheet = opened(write_reply(of_kind(sent, kind, need_program), tmp_path / "a.xlsx"))[SHEET]
    assert sheet["D18"].value == '=IF(COUNT(D19:D20)=0,"",SUM(D19:D20))'
    assert sheet["E18"].value == "abc"


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_widths_merges_and_number_formats_are_kept(kind, sent, tmp_path, need_program):
    path = of_kind(sent, kind, need_program)
    sheet = opened(write_reply(path, tmp_path / "a.xlsx"))[SHEET]
    original = opened(sent / "luc-nam.xlsx")[SHEET]
    assert {str(m) for m in original.merged_cells.ranges} == {str(m) for m in sheet.merged_cells.ranges}
    assert sheet.column_dimensions["B"].width == pytest.approx(original.column_dimensions["B"].width, rel=0.25)
    assert sheet["D14"].number_format == "#,##0.0"


def test_a_fault_under_merged_cells_is_told_where_the_clerk_can_see_it(sent, tmp_path):
    path = tmp_path / "in.xlsx"
    book = opened(sent / "luc-nam.xlsx")
    book[SHEET].merge_cells("E17:E18")
    book.save(path)
    found = read_return(sent / "luc-nam.xlsx")[1].assign(
        source=path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest()
    )
    sheet = opened(write_reply(path, tmp_path / "out.xlsx", found))[SHEET]
    assert "abc" in sheet["E17"].comment.text and color(sheet["E17"]) == color(sheet["E15"])
    assert "E17:E18" in map(str, sheet.merged_cells.ranges)


def test_a_reply_to_several_units_names_them_all(sent, tmp_path):
    found = read_return(sent / "luc-nam.xlsx")[1]
    both = pd.concat([found, found.assign(area="217")])
    page = opened(write_reply(sent / "luc-nam.xlsx", tmp_path / "a.xlsx", both)).worksheets[0]
    assert "Huyện Lục Nam, Huyện Lạng Giang" in page["A2"].value


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Biểu 'A' của xã", "Biểu 'A' của xã"),
        ("Biểu số 4, quý IV năm 2024 của Lục Nam", "Biểu số 4, quý IV năm 2024 của"),
        ("Số liệu của Mặt trận huyện 'Lục Nam'", "Số liệu của Mặt trận huyện 'Lục"),
        ("=1+1", "=1+1"),
    ],
)
def test_links_find_sheets_of_any_name(name, kept, tmp_path):
    path = tmp_path / f"{name}.csv"
    path.write_text("Đơn vị: Huyện Lục Nam;Quý IV năm 2024\nSTT;Chỉ tiêu;Số\n1;Số hộ nghèo;abc\n", encoding="utf-8")
    found = pd.DataFrame([{"where": f"{name}!C3", "severity": "error", "message_vi": "Sai", "found": "abc", "expected": "",
                           "area": "218", "period": "2024-Q4", "source": path.name}])  # fmt: skip
    book = opened(write_reply(path, tmp_path / "out.xlsx", found))
    assert book.sheetnames == [REPLY_SHEET, kept]
    quoted = kept.replace("'", "''")
    assert book.worksheets[0]["C7"].hyperlink.location == f"'{quoted}'!C3"
    assert book[kept]["C3"].comment.text == "Sai"


def test_drop_downs_protection_and_comments_of_the_sender_stay(sent, tmp_path):
    path = tmp_path / "in.xlsx"
    book = opened(sent / "luc-nam.xlsx")
    book[SHEET]["B14"].comment = Comment("Theo sổ quỹ", "An")
    book.save(path)
    sheet = opened(write_reply(path, tmp_path / "out.xlsx"))[SHEET]
    original = opened(path)[SHEET]
    checks = [sorted((d.type, str(d.sqref)) for d in s.data_validations.dataValidation) for s in (original, sheet)]
    assert {t for t, _ in checks[0]} == {t for t, _ in checks[1]} == {"whole", "decimal", "list"}
    assert sheet.protection.sheet and sheet["B14"].comment.text == "Theo sổ quỹ"


@pytest.mark.parametrize("text", ["=1+1", "+84 912", "-cmd|' /C calc'!A0", "@SUM(1)", '=HYPERLINK("http://x")'])
def test_text_that_begins_like_a_formula_stays_text(text, sent, tmp_path):
    path = tmp_path / "in.xlsx"
    book = opened(sent / "luc-nam.xlsx")
    cell = book[SHEET]["H15"]
    cell.value, cell.data_type = text, "s"
    book[SHEET]["E20"].value, book[SHEET]["E20"].data_type = text, "s"
    book.save(path)
    reply = opened(write_reply(path, tmp_path / "out.xlsx"))
    assert (reply[SHEET]["H15"].value, reply[SHEET]["H15"].data_type) == (text, "s")
    assert reply[SHEET]["H15"].quotePrefix
    assert all(cell.data_type != "f" for row in reply[REPLY_SHEET].iter_rows() for cell in row)


def test_macros_links_and_calls_of_programs_are_dropped(sent, tmp_path):
    path = tmp_path / "in.xlsx"
    book = opened(sent / "luc-nam.xlsx")
    book[SHEET]["H15"].value = "=cmd|'/c calc'!A0"
    book[SHEET]["H16"].value = "='[khac.xlsx]Trang'!A1"
    book.save(path)
    macro = tmp_path / "in.xlsm"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(macro, "w") as new:
        for item in old.infolist():
            new.writestr(item, old.read(item))
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    reply = write_reply(macro, tmp_path / "out.xlsx")
    with zipfile.ZipFile(reply) as parts:
        assert not [n for n in parts.namelist() if "vba" in n.lower() or "external" in n.lower()]
        everything = b"".join(parts.read(n) for n in parts.namelist() if "/sheet2" in n)
    assert b"cmd|" not in everything and b"khac.xlsx" not in everything


def test_a_csv_return_is_answered_too(tmp_path):
    path = tmp_path / "Quý IV.csv"
    template = opened(write_template(tmp_path / "t.xlsx", "front_work", "218", "2024-Q4"))[SHEET]
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        for row in template.iter_rows(values_only=True):
            texts = ["" if v is None or str(v).startswith("=IF") else str(v) for v in row]
            texts[4] = "1795" if texts[0] in ("1", "2", "3") else texts[4]
            csv.writer(stream, delimiter=";").writerow(texts)
    reply = write_reply(path, tmp_path / "out.xlsx")
    assert opened(reply).sheetnames == [REPLY_SHEET, "Quý IV"]
    same = ["area", "indicator", "measure", "value", "status"]
    pd.testing.assert_frame_equal(read_return(reply)[0][same], read_return(path)[0][same])
    assert opened(reply)["Quý IV"]["E14"].value == 1795, "a figure of a text file is a number in the reply"


def test_a_reply_answered_again_has_one_list(reply, tmp_path):
    again = opened(write_reply(reply, tmp_path / "again.xlsx"))
    assert again.sheetnames == [REPLY_SHEET, SHEET, IDENTITY]
    assert again[IDENTITY].sheet_state == "veryHidden"


def test_the_list_in_english(sent, tmp_path):
    page = opened(write_reply(sent / "luc-nam.xlsx", tmp_path / "a.xlsx", lang="en")).worksheets[0]
    assert page["A1"].value == "TO BE CORRECTED OR ADDED" and page["B7"].value == "Correct"


def test_a_return_without_faults_gets_thanks_only_when_asked(tmp_path):
    path = write_template(tmp_path / "in.xlsx", "front_work", "218", "2024-Q4")
    none = read_return(path)[1].head(0)
    assert write_replies([path], tmp_path / "out", none, progress=False)["reply"].tolist() == [""]
    every = write_replies([path], tmp_path / "out", none, every=True, progress=False)
    assert "Không có lỗi" in opened(every["reply"].iloc[0]).worksheets[0]["A3"].value


def test_many_are_answered_by_a_pool_and_a_bad_one_stops_none(sent, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(8):
        shutil.copy(sent / "luc-nam.xlsx", folder / f"{number}.xlsx")
    (folder / "hong.xlsx").write_bytes(b"PK")
    paths = sorted(folder.iterdir())
    problems = read_returns(paths, progress=False)[1]
    found = write_replies(paths, tmp_path / "out", problems, progress=False)
    assert found["source"].tolist() == [str(p) for p in paths]
    assert found["reply"].ne("").tolist() == [True] * 8 + [False]
    assert found["errors"].iloc[0] > 0 and "hong.xlsx" in found["why"].iloc[8]
    assert (tmp_path / "out" / "0_can-sua.xlsx").is_file()


@pytest.mark.parametrize("name", ["a.xlsm", "a.pdf"])
def test_a_reply_is_an_xlsx(name, sent, tmp_path):
    with pytest.raises(MttqError, match=r"end its name in \.xlsx"):
        write_reply(sent / "luc-nam.xlsx", tmp_path / name)
