"""Workbooks of every format as plain sheets, with what the fast reader leaves out."""

from __future__ import annotations

import datetime as dt
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mttq_data.returns.formulas import evaluate
from mttq_data.returns.grids import letters, open_workbook
from mttq_data.returns.zip_parts import Parts


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A workbook with one of each kind of cell."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Tờ 1"
    for row, value in enumerate((1.5, 5, "=1+2", None, dt.date(2024, 10, 6), 0.0267, "Hòa giải"), 1):
        sheet.cell(row, 1).value = value
    sheet["A4"] = "#DIV/0!"
    sheet["A4"].data_type = "e"
    sheet["A6"].number_format = "0.00%"
    sheet["C1"] = "gộp"
    sheet.merge_cells("C1:D2")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.create_sheet("ẩn").sheet_state = "hidden"
    path = tmp_path / "a.xlsx"
    book.save(path)
    return path


def test_an_xlsx_with_errors_formulas_merges_and_hidden_parts(mixed: Path) -> None:
    first, second = open_workbook(mixed).sheets
    assert [row[0] for row in first.rows] == [1.5, 5.0, "", "", dt.date(2024, 10, 6), 0.0267, "Hòa giải"]
    assert first.errors == {(3, 0): "#DIV/0!"}
    assert first.formulas == {(2, 0): ("=1+2", False)}
    assert first.merges == [(0, 2, 1, 3)]
    assert first.hidden == (frozenset({2}), frozenset({1}))
    assert first.address(6, 0) == "Tờ 1!A7"
    assert (first.visible, second.visible, second.rows) == (True, False, [])


def test_fonts_and_number_formats_are_told(mixed: Path) -> None:
    looks = open_workbook(mixed).looks()["Tờ 1"]
    assert looks[5, 0] == ("Calibri", "0.00%")


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_other_formats_agree_with_xlsx(mixed: Path, kind: str, tmp_path: Path, need_program: Any) -> None:
    office = need_program("soffice", "libreoffice")
    subprocess.run([office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", kind,
                    "--outdir", str(tmp_path), str(mixed)], check=True, capture_output=True)  # fmt: skip
    sheet = open_workbook(tmp_path / f"a.{kind}").sheets[0]
    values = [row[0] for row in sheet.rows]
    assert values[:4] == [1.5, 5.0, 3.0, ""] and values[5:7] == [0.0267, "Hòa giải"]
    assert values[4].date() == dt.date(2024, 10, 6)
    assert sheet.errors == {(3, 0): "#DIV/0!"} and sheet.merges == [(0, 2, 1, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "STT;Chỉ tiêu;Số\n1;Số hộ nghèo;12,5\n",
        'STT,Chỉ tiêu,Số\r\n1,Số hộ nghèo,"12,5"\r\n',
        "STT\tChỉ tiêu\tSố\n1\tSố hộ nghèo\t12,5",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_of_any_separator_and_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    sheet = open_workbook(path).sheets[0]
    assert sheet.rows == [["STT", "Chỉ tiêu", "Số"], ["1", "Số hộ nghèo", "12,5"]]
    assert sheet.text_only and sheet.name == "a"


def _record(kind: int, content: bytes) -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(content)]) + content


def _xlsb(path: Path, last_column: int = 1, last_row: int = 1) -> Path:
    """A minimal binary workbook: 1.5 and an error in A1 and B1, then 7 in a cell given."""

    def cell(column: int) -> bytes:
        return struct.pack("<II", column, 0)

    def row(number: int) -> bytes:
        return _record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))

    sheet = b"".join([
        _record(129, b""), _record(148, struct.pack("<IIII", 0, last_row, 0, last_column)), _record(145, b""),
        row(0), _record(5, cell(0) + struct.pack("<d", 1.5)), _record(3, cell(1) + b"\x07"),
        row(last_row), _record(5, cell(last_column) + struct.pack("<d", 7.0)), _record(146, b""), _record(130, b""),
    ])  # fmt: skip
    name = "S1"
    text = struct.pack("<I", len(name)) + name.encode("utf-16-le")
    link = struct.pack("<I", 4) + "rId1".encode("utf-16-le")
    book = (
        _record(131, b"")
        + _record(143, b"")
        + _record(156, struct.pack("<II", 0, 1) + link + text)
        + _record(144, b"")
        + _record(132, b"")
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    space = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{space}/content-types"/>')
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{space}/relationships"><Relationship Id="rId1" '
                         f'Type="{kind}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>')  # fmt: skip
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def test_an_xlsb_is_read_with_its_errors(tmp_path: Path) -> None:
    sheet = open_workbook(_xlsb(tmp_path / "a.xlsb")).sheets[0]
    assert (sheet.name, sheet.rows) == ("S1", [[1.5, ""], ["", 7.0]])
    assert list(sheet.errors) == [(0, 1)]


def test_an_xlsb_that_reaches_too_far_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="so far apart"):
        open_workbook(_xlsb(tmp_path / "a.xlsb", 16383, 1048575))


@pytest.mark.parametrize(
    ("formula", "value"),
    [("=5+7", 12), ("=A1*2", 3), ("=SUM(A1:A2)", 6.5), ("=(A1+A2)/2", 3.25), ("=A3", None), ("=1/0", None), ("=VLOOKUP(1,A1,1)", None),
     ("=__import__('os')", None)],
)  # fmt: skip
def test_only_plain_arithmetic_is_worked_out(mixed: Path, formula: str, value: float | None) -> None:
    assert evaluate(formula, open_workbook(mixed).sheets[0]) == value


def test_columns_are_lettered_as_in_a_spreadsheet() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_parts_are_the_same_as_the_library_reads(mixed: Path) -> None:
    parts = Parts(mixed.read_bytes())
    with zipfile.ZipFile(mixed) as archive:
        assert {n: parts.read(n) for n in parts.names} == {n: archive.read(n) for n in archive.namelist()}
    assert parts.read("none") == b""
