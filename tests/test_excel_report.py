"""The Excel report: numbers that stay numbers, native charts, print set-up, and text that stays text."""

from __future__ import annotations

import os
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from mttq_data.errors import MttqError
from mttq_data.report.blocks import Column, Picture, Reference, Table
from mttq_data.report.excel_report import export_excel

NASTY = '=HYPERLINK("http://x") <b>&P ' + "nhãn " * 60


def houses(**cells):
    return pd.DataFrame({"place": ["Lục Nam", "Yên Thế"], "value": [30.0, 1250.5], "unit": "house", **cells})


COLUMNS = [Column("place", "Địa bàn"), Column("value", "Số nhà", "figure", unit_from="unit")]
SOURCES = [{"title": "Báo cáo", "file": "a.txt", "origin": "", "date": "2024", "sha256": "ab" * 32, "sample": True}]


def opened(path, *blocks, **options):
    return openpyxl.load_workbook(export_excel(path, blocks, **options))


def charts_of(path):
    with zipfile.ZipFile(path) as archive:
        return [archive.read(n).decode() for n in sorted(archive.namelist()) if re.search(r"charts/chart\d+\.xml", n)]


def test_numbers_are_numbers_in_vietnamese_form(tmp_path):
    money = Table(pd.DataFrame({"n": ["Quỹ"], "v": [103.5e9]}), "Tiền", [Column("n", "Tên"), Column("v", "Tiền", "", "VND")])  # fmt: skip
    book = opened(tmp_path / "a.xlsx", Table(houses(), "Nhà theo huyện", COLUMNS), money)
    sheet = book["Nhà theo huyện"]
    assert [c.value for c in sheet["B"]][3:5] == [30.0, 1250.5]
    assert sheet["B5"].number_format == "[$-42A]#,##0.0"
    assert book["Tiền"]["B4"].value == 103.5e9
    assert "tỷ đồng" in book["Tiền"]["B4"].number_format


def test_a_bound_and_a_unit_stand_beside_the_number(tmp_path):
    sheet = opened(tmp_path / "a.xlsx", Table(houses(qualifier=["gt", "exact"]), "Nhà", COLUMNS))["Nhà"]
    assert [c.value for c in sheet[3]] == ["Địa bàn", "Số nhà", "Mức chính xác", "Đơn vị"]
    assert [c.value for c in sheet[4]] == ["Lục Nam", 30.0, "trên", "nhà"]


@pytest.mark.parametrize("kind", ["bar", "column", "line"])
def test_a_table_has_a_native_chart_of_its_own_cells(tmp_path, kind):
    path = export_excel(tmp_path / "a.xlsx", [Table(houses(), "Nhà", COLUMNS, chart=kind)])
    (xml,) = charts_of(path)
    assert ("c:lineChart" if kind == "line" else "c:barChart") in xml
    assert "Nhà!$B$4" in xml.replace("'", "")


def test_a_chart_of_several_units_is_not_drawn(tmp_path):
    mixed = houses().assign(unit=["house", "VND"])
    assert charts_of(export_excel(tmp_path / "a.xlsx", [Table(mixed, "Nhà", COLUMNS, chart="bar")])) == []


def test_a_chart_of_many_bars_leaves_no_empty_label_behind(tmp_path):
    """Excel takes an element for labels without any as damage and offers to repair the file."""
    many = pd.DataFrame({"place": [f"Xã {k}" for k in range(30)], "value": np.arange(30.0), "unit": "house"})
    (xml,) = charts_of(export_excel(tmp_path / "a.xlsx", [Table(many, "Nhà", COLUMNS, chart="bar")]))
    assert "<c:dLbls/>" not in xml
    assert "<c:dLbls></c:dLbls>" not in xml


def test_wide_tables_print_legibly_and_rows_are_as_high_as_their_text(tmp_path):
    long = pd.DataFrame({"a": ["chữ " * 20], "b": ["lời giải thích " * 30], "c": ["x " * 100], "v": [1.5]})
    sheet = opened(tmp_path / "a.xlsx", Table(long, "Dài"))["Dài"]
    assert sum(sheet.column_dimensions[c].width for c in "ABCD") <= 155
    assert sheet.row_dimensions[4].height >= 15 * 450 / 80


def test_a_sheets_name_ends_with_a_whole_word(tmp_path):
    caption = "Các khoản tiền nêu trong báo cáo"
    assert (
        opened(tmp_path / "a.xlsx", Table(houses(), caption, COLUMNS)).sheetnames[0] == "Các khoản tiền nêu trong báo"
    )


def test_panes_are_frozen_and_the_page_is_a4(tmp_path):
    wide = pd.DataFrame({"Địa bàn": ["x"], **{str(y): [float(y)] for y in range(2005, 2025)}})
    book = opened(tmp_path / "a.xlsx", Table(houses(), "Nhà", COLUMNS), Table(wide, "Rộng"), sources=SOURCES)
    for sheet in book:
        assert sheet.page_setup.paperSize == 9 or sheet.page_setup.paperSize == "9"
        assert sheet.page_setup.fitToWidth in (1, None)
        assert sheet.print_title_rows
        assert sheet.freeze_panes
    assert book["Rộng"].page_setup.orientation == "landscape"
    assert book["Rộng"].freeze_panes == "B4"
    assert book["Nhà"].oddFooter.center.text


def test_the_last_sheet_names_the_sources(tmp_path):
    from matplotlib.figure import Figure

    picture = Picture(Figure(), ("Lục Nam xây nhiều nhà nhất (xem ", Reference("k"), ")."), "Nhà", key="k")
    book = opened(tmp_path / "a.xlsx", Table(houses(), "Nhà", COLUMNS, "Nguồn: phiếu"), picture, sources=SOURCES)
    cells = [c.value for row in book.worksheets[-1] for c in row if c.value]
    assert book.sheetnames[-1] == "Nguồn"
    assert {"Báo cáo", "ab" * 32, "Nguồn: phiếu", "Lục Nam xây nhiều nhà nhất.", "DỮ LIỆU MẪU"} <= set(cells)


def test_markup_and_formulas_are_text_everywhere(tmp_path):
    frame = pd.DataFrame({NASTY: [NASTY, "=1+1"], "v": [1.0, 2.0]})
    path = tmp_path / "a.xlsx"
    book = opened(path, Table(frame, NASTY, source=NASTY, chart="bar"), Table(frame, NASTY, chart="line"), sources=[{"title": NASTY, "file": "=x"}])  # fmt: skip
    for sheet in book:
        assert not any(cell.data_type == "f" or cell.hyperlink for row in sheet for cell in row)
    assert book.worksheets[0]["A4"].value == NASTY.strip()
    assert len(set(book.sheetnames)) == 3
    assert all(len(name) <= 31 for name in book.sheetnames)
    for xml in charts_of(path):
        assert all(re.fullmatch(r"'[^']+'![$A-Z0-9:]+", f) for f in re.findall(r"<c:f>(.*?)</c:f>", xml))


def test_long_labels_get_short_ones_for_the_chart(tmp_path):
    frame = houses(place=["a" * 300, "b" * 300])
    path = tmp_path / "a.xlsx"
    sheet = opened(path, Table(frame, "Nhà", COLUMNS, chart="bar"))["Nhà"]
    short = [cell.value for cell in sheet[4] if isinstance(cell.value, str) and cell.value.endswith("…")]
    assert len(short) == 1
    assert len(short[0]) <= 48
    assert sheet["A4"].value == "a" * 300
    assert sheet.row_dimensions[4].height > 40
    assert sheet.column_dimensions["E"].hidden
    assert "plotVisOnly" not in charts_of(path)[0]


def test_ninety_nine_areas_by_twenty_periods(tmp_path):
    frame = pd.DataFrame({"Địa bàn": [f"Xã {k}" for k in range(99)], **{str(y): np.arange(99.0) for y in range(2005, 2025)}})  # fmt: skip
    path = tmp_path / "a.xlsx"
    sheet = opened(path, Table(frame, "Các xã", chart="line"))["Các xã"]
    assert sheet.max_row >= 102
    (xml,) = charts_of(path)
    assert xml.count("<c:ser>") == 12
    assert "12 dòng đầu" in sheet["A2"].value


@pytest.mark.parametrize("captions", [["Nguồn", "Nguồn"], ["[a]:b*?/\\", "'"], ["", "History"], ["x" * 40, "X" * 40]])
def test_sheet_names_are_allowed_and_differ(tmp_path, captions):
    book = opened(tmp_path / "a.xlsx", *(Table(houses(), c, COLUMNS) for c in captions))
    names = [name.lower() for name in book.sheetnames]
    assert len(set(names)) == len(captions) + 1
    assert not any(re.search(r"[\[\]:*?/\\]", name) for name in names)


@pytest.mark.parametrize(
    "frame", [houses().iloc[:0], houses().assign(value=np.nan), houses().assign(value=[np.inf, 1])]
)
def test_empty_missing_and_endless_values_are_written(tmp_path, frame):
    sheet = opened(tmp_path / "a.xlsx", Table(frame, "Nhà", COLUMNS, chart="bar", empty="Không có."))["Nhà"]
    assert sheet["A3"].value == "Địa bàn"
    assert sheet["A2"].value == ("Không có." if frame.empty else None) or not frame.empty


def test_the_same_input_gives_the_same_bytes(tmp_path):
    blocks = [Table(houses(), "Nhà", COLUMNS, chart="bar")]
    first, second = (export_excel(tmp_path / n, blocks, sources=SOURCES).read_bytes() for n in ("a.xlsx", "b.xlsx"))
    assert first == second


def test_a_file_open_in_excel_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")

    def held(*_):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(MttqError, match="close it in Excel"):
        export_excel(path, [Table(houses(), "Nhà", COLUMNS)])
    assert path.read_bytes() == b"old"


def test_an_unknown_chart_is_refused(tmp_path):
    with pytest.raises(MttqError, match="bar, column or line"):
        export_excel(tmp_path / "a.xlsx", [Table(houses(), "Nhà", COLUMNS, chart="pie")])
    assert not (tmp_path / "a.xlsx").exists()
