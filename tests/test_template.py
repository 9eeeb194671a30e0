"""The empty return: its look, what a clerk may and may not do in it, and LibreOffice's view of it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form
from mttq_data.forms.template import IDENTITY, SHEET, read_identity, write_template, write_templates
from mttq_data.places.area_codes import find_area

SECOND = Path(__file__).parent / "data" / "second_form"


def opened(path: Path) -> Worksheet:
    return openpyxl.load_workbook(path)[SHEET]


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]


def row_of(sheet: Worksheet, label: str) -> int:
    return next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 2).value == label)


def validations(sheet: Worksheet, cell: str) -> list[Any]:
    return [v for v in sheet.data_validations.dataValidation if cell in v.sqref]


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    return write_template(tmp_path / "luc-nam.xlsx", "front_work", "H. Lục Nam", "2024-Q4")


def test_it_looks_like_a_vietnamese_form(blank: Path) -> None:
    sheet = opened(blank)
    found = texts(sheet)
    for text in (
        "ỦY BAN MTTQ VIỆT NAM TỈNH BẮC GIANG",
        "ỦY BAN MTTQ VIỆT NAM HUYỆN LỤC NAM",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "KẾT QUẢ CÔNG TÁC MẶT TRẬN",
        "Quý IV năm 2024",
        "Đơn vị tính: ghi ở cột C",
        "STT",
        "Kế hoạch năm 2024",
        "Thực hiện",
        "4=3/1",
        "NGƯỜI LẬP BIỂU",
        "TM. BAN THƯỜNG TRỰC",
    ):
        assert text in found
    assert any("từ ngày 01/10/2024 đến ngày 31/12/2024" in t and "10/01/2025" in t for t in found)
    assert any("Lục Nam, ngày" in t and t.endswith("năm 2025") for t in found)
    assert sheet["A1"].font.name == "Times New Roman"
    assert "E9:F9" in {str(r) for r in sheet.merged_cells.ranges}
    assert sheet.page_setup.orientation == "landscape"
    assert not [t for t in found if "{" in t]


def test_only_what_is_to_be_filled_in_is_unlocked(blank: Path) -> None:
    sheet = opened(blank)
    assert sheet.protection.sheet
    front = form("front_work")
    top = int(read_identity(blank)["first_row"])
    at = {row.key: top + i for i, row in enumerate(front.own_rows)}
    column = {c.key: i + 1 for i, c in enumerate(front.columns)}
    cells = list(front.cells(find_area("218"), "2024-Q4"))
    for cell in cells:
        locked = sheet.cell(at[cell.row], column[cell.column]).protection.locked
        assert locked == (cell.role not in ("input", "note")), cell
    assert sheet.cell(at["1"], 2).protection.locked


def test_numbers_are_validated_with_hints_in_vietnamese(blank: Path) -> None:
    sheet = opened(blank)
    houses = validations(sheet, f"E{row_of(sheet, '- Xây mới')}")
    assert [(v.type, v.operator, v.formula1) for v in houses] == [("whole", "greaterThanOrEqual", "0")]
    assert "Đơn vị: nhà. Nhập số nguyên từ 0 trở lên. Số thực hiện quý IV năm 2024" in houses[0].prompt
    assert "không gõ chữ" in houses[0].error
    money = validations(sheet, f"F{row_of(sheet, 'Số tiền vận động được')}")
    assert [(v.type, v.showErrorMessage) for v in money] == [("decimal", True)]
    assert "triệu đồng" in money[0].prompt
    for check in sheet.data_validations.dataValidation:
        assert len(check.prompt or "") <= 255 and len(check.error or "") <= 255


def test_drop_downs(blank: Path) -> None:
    sheet = opened(blank)
    state = next(c for row in sheet.iter_rows() for c in row if c.value == "Chính thức")
    assert [v.formula1 for v in validations(sheet, state.coordinate)] == ['"Chính thức,Sơ bộ,Ước tính"']
    assert not state.protection.locked
    note = validations(sheet, f"H{row_of(sheet, 'Số tổ hòa giải')}")
    assert note[0].type == "list" and not note[0].showErrorMessage


def test_totals_and_shares_are_formulas_without_a_figure_yet(blank: Path) -> None:
    sheet = opened(blank)
    houses, fund = row_of(sheet, "Số nhà được hỗ trợ"), row_of(sheet, "Số dư đầu kỳ")
    assert sheet[f"E{houses}"].value == f'=IF(COUNT(E{houses + 1}:E{houses + 2})=0,"",SUM(E{houses + 1}:E{houses + 2}))'
    assert sheet[f"E{fund + 3}"].value.endswith(f"SUM(E{fund}:E{fund + 1})-SUM(E{fund + 2}))")
    assert f"ROUND(F{houses}/D{houses}*100,1)" in sheet[f"G{houses}"].value
    stored = openpyxl.load_workbook(blank, data_only=True)[SHEET]
    assert stored[f"E{houses}"].value in (None, "")


def test_the_identity_is_hidden(blank: Path) -> None:
    book = openpyxl.load_workbook(blank)
    assert book[IDENTITY].sheet_state == "veryHidden"
    said = read_identity(blank)
    assert {k: said[k] for k in ("form", "version", "area", "area_name", "period", "sheet")} == {
        "form": "front_work",
        "version": form("front_work").version,
        "area": "218",
        "area_name": "Huyện Lục Nam",
        "period": "2024-Q4",
        "sheet": SHEET,
    }


def test_a_workbook_of_another_hand_has_no_identity(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "own.xlsx")
    assert read_identity(tmp_path / "own.xlsx") == {}
    (tmp_path / "not.xlsx").write_bytes(b"MZ")
    with pytest.raises(MttqError, match=r"not\.xlsx: is not a workbook"):
        read_identity(tmp_path / "not.xlsx")


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [
        write_template(tmp_path / f"{i}.xlsx", "front_work", area, "2024-Q4")
        for i, area in enumerate(["218", "Huyện Lục Nam"])
    ]
    assert len({hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}) == 1


def test_all_communes_in_one_call(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    paths = write_templates(tmp_path / "new", "front_work", None, "2025-Q3")
    assert len(paths) == len(set(paths)) == 99
    assert "99/99" in capfd.readouterr().err
    assert {read_identity(p)["area"] for p in paths[:3]} == {"07210", "07228", "07246"}
    assert (tmp_path / "new" / "front_work_2025-Q3_07444_xa-luc-nam.xlsx") in paths


def test_nothing_is_written_when_one_area_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(MttqError, match="'huyện Nam Lục' is no unit"):
        write_templates(tmp_path / "new", "front_work", ["218", "huyện Nam Lục"], "2024-Q4", progress=False)
    assert not (tmp_path / "new").exists()


def test_the_level_that_owes_the_return_decides_a_name(tmp_path: Path) -> None:
    path = write_template(tmp_path / "a.xlsx", "front_work", "Bắc Giang", "2024-Q4")
    assert read_identity(path)["area"] == "213"


@pytest.mark.parametrize(
    ("name", "form_id", "area", "period", "told"),
    [
        ("a.xls", "front_work", "218", "2024-Q4", "end its name in .xlsx"),
        ("a.xlsx", "frontwork", "218", "2024-Q4", "there is no form 'frontwork'"),
        ("a.xlsx", "front_work", "218", "2019-2024", "is sent by month, quarter, half, year"),
        ("a.xlsx", "front_work", "218", "quý 4", "is no period"),
        ("a.xlsx", "front_work", "tỉnh Bắc Giang", "2024-Q4", "sent by district or commune; Tỉnh Bắc Giang is a prov"),
        ("a.xlsx", "front_work", "H. Yên Dũng", "2025-Q1", "then 213"),
    ],
)
def test_wrong_arguments_leave_no_file(
    tmp_path: Path, name: str, form_id: str, area: str, period: str, told: str
) -> None:
    with pytest.raises(MttqError, match=told):
        write_template(tmp_path / name, form_id, area, period)
    assert not list(tmp_path.iterdir())


def test_a_second_form_with_units_down_and_three_header_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTTQ_CODES", str(SECOND))
    path = write_template(tmp_path / "b.xlsx", "grassroots", "H. Lục Nam", "2024-H2")
    sheet, top = opened(path), int(read_identity(path)["first_row"])
    merged = {str(r) for r in sheet.merged_cells.ranges}
    assert {f"C{top - 4}:G{top - 4}", f"C{top - 3}:F{top - 3}", f"A{top - 4}:A{top - 2}"} <= merged
    assert sheet.cell(top, 2).value == "Thị trấn Đồi Ngô"
    assert [sheet.cell(top + i, 1).value for i in (0, 1, 24, 25)] == ["1", "2", "25", ""]
    assert sheet.cell(top + 25, 2).value == "Tổng cộng"
    assert f"SUM(D{top}:D{top + 24})" in sheet.cell(top + 25, 4).value
    assert f"SUM(D{top}:F{top})" in sheet.cell(top, 3).value
    assert f"ROUND(D{top + 25}/C{top + 25}*100,1)" in sheet.cell(top + 25, 7).value


@pytest.fixture
def narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worksheet:
    """A form of two columns with long words everywhere."""
    tables = {
        "forms": "id,layout,name_vi,head_upper,head_own,unit_line,head_choices,due,notes,signers\n"
        "narrow,indicators_down,BIỂU TỔNG HỢP KẾT QUẢ TIẾP NHẬN TIỀN GIÚP ĐỠ BÀ CON VÙNG LŨ,MTTQ {PARENT},BAN THƯỜNG TRỰC"
        " ỦY BAN MTTQ {AREA},Tính bằng đồng,Tình trạng=Sơ bộ|Chính thức,end+3,Không tiếp nhận được khoản nào thì ghi 0"
        " rồi gửi biểu về tỉnh,NGƯỜI LẬP|CHỦ TỊCH",
        "form_columns": "form,key,kind,measure,header,required,width\nnarrow,a,label,,Nguồn,,30\n"
        "narrow,1,value,period,Số tiền đã chuyển vào tài khoản của Ban vận động,yes,14",
        "form_rows": "form,key,kind,label,indicator,unit,required\n"
        "narrow,1,item,Cơ quan và bà con trong huyện ủng hộ qua Ban vận động,disaster_relief_raised,đồng,yes",
    }
    for name, table in tables.items():
        (tmp_path / f"{name}.csv").write_text(table, encoding="utf-8")
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    return opened(write_template(tmp_path / "narrow.xlsx", "narrow", "218", "2024-Q4"))


def test_long_words_get_their_lines(narrow: Worksheet) -> None:
    for row in narrow.iter_rows():
        for cell in row:
            if len(str(cell.value or "")) > 44:
                assert cell.alignment.wrap_text, cell.value
                assert (narrow.row_dimensions[cell.row].height or 0) > 30, cell.value
    header = next(c for row in narrow.iter_rows() for c in row if str(c.value).startswith("Số tiền đã"))
    assert narrow.row_dimensions[header.row].height > 60


def test_a_form_of_two_columns_has_its_drop_down_and_unit(narrow: Worksheet) -> None:
    choice = next(c for row in narrow.iter_rows() for c in row if c.value == "Sơ bộ")
    assert not choice.protection.locked and validations(narrow, choice.coordinate)
    assert "Tính bằng đồng" in texts(narrow) and "Tình trạng:" in texts(narrow)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory, need_program: Callable[..., str]) -> Callable[..., Path]:
    """A filled template as LibreOffice saves it."""
    program, folder = need_program("soffice", "libreoffice"), tmp_path_factory.mktemp("office")
    path = write_template(folder / "filled.xlsx", "front_work", "218", "2024-Q4")
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for label, figure in (("- Xây mới", 12), ("- Sửa chữa", 5), ("Tổng số hộ dân cư", 60000), ("- Số hộ nghèo", 1602)):
        sheet.cell(row_of(sheet, label), 5, figure)
    book.save(path)

    def convert(*kinds: str) -> Path:
        at = path
        for kind in kinds:
            out = folder / "-".join((at.suffix[1:], kind))
            profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
            command = [program, profile, "--headless", "--convert-to", kind, "--outdir", str(out), str(at)]
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            at = out / f"filled.{kind}"
        return at

    return convert


def kept(path: Path) -> dict[str, Any]:
    """What makes a sheet of figures a form: its checks, hints, drop-downs, locks, formulas and merged cells."""
    sheet = opened(path)
    checks = {}
    for check in sheet.data_validations.dataValidation:
        said = (check.type, check.formula1, check.prompt, check.promptTitle, check.error, check.errorTitle)
        for place in check.sqref.ranges:
            for row, column in place.cells:
                checks[row, column] = (*said, check.type == "list" or check.operator, bool(check.showErrorMessage))
    cells = [cell for row in sheet.iter_rows() for cell in row]
    return {
        "checks": checks,
        "unlocked": {c.coordinate for c in cells if not c.protection.locked},
        "formulas": {c.coordinate: c.value for c in cells if str(c.value).startswith("=")},
        "merged": {str(place) for place in sheet.merged_cells.ranges},
        "protected": sheet.protection.sheet,
        "repeated": sheet.print_title_rows,
        "identity": read_identity(path),
        "hidden": openpyxl.load_workbook(path)[IDENTITY].sheet_state != "visible",
    }


@pytest.mark.parametrize("way", [["xlsx"], ["ods", "xlsx"]], ids="-".join)
def test_libreoffice_keeps_what_makes_it_a_form(converted: Callable[..., Path], blank: Path, way: list[str]) -> None:
    before, after = kept(blank), kept(converted(*way))
    assert len(before["checks"]) == 135 and len(before["formulas"]) == 39
    for what, said in before.items():
        assert after[what] == said, what


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_libreoffice_computes_totals_and_shares(converted: Callable[..., Path], kind: str) -> None:
    path = converted(kind)
    with CalamineWorkbook.from_path(str(path)) as book:
        rows = {row[1]: row for row in book.get_sheet_by_name(SHEET).to_python() if len(row) > 5}
    assert rows["Số nhà được hỗ trợ"][4] == 17
    assert rows["Tỷ lệ hộ nghèo"][4] == 2.67
    assert rows["Số cuộc giám sát"][4] == ""
    assert read_identity(path)["area"] == "218"


def test_libreoffice_prints_it(converted: Callable[..., Path]) -> None:
    from pypdf import PdfReader

    pages = PdfReader(converted("pdf")).pages
    text = " ".join(page.extract_text() for page in pages)
    assert len(pages) == 2
    # Where Times New Roman is absent, marked letters come out of the PDF one by one; the rest must stand.
    assert "4=3/1" in text and "1,602" in text and "front_work" not in text
