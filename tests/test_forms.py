"""Forms as data: the package's own, and an office's quite different one."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form, form_ids
from mttq_data.forms.template import write_template
from mttq_data.places.area_codes import find_area
from mttq_data.returns.reading import read_return

SECOND = Path(__file__).parent / "data" / "second_form"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office's codelists: the second form, in a folder that a test may change."""
    folder = tmp_path / "codes"
    shutil.copytree(SECOND, folder)
    monkeypatch.setenv("MTTQ_CODES", str(folder))
    return folder


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The form that the documentation describes, as its reader would copy it."""
    text = (Path(__file__).parent.parent / "docs" / "forms.md").read_text(encoding="utf-8")
    folder = tmp_path / "codes"
    folder.mkdir()
    for name, table in re.findall(r"`data/codes/(\w+\.csv)`\n\n```csv\n(.*?)```", text, re.DOTALL):
        (folder / name).write_text(table, encoding="utf-8")
    monkeypatch.setenv("MTTQ_CODES", str(folder))
    return folder


def change(path: Path, key: str, **cells: str) -> None:
    """Change cells of the row of that key in a codelist of the office."""
    with open(path, encoding="utf-8-sig", newline="") as stream:
        delimiter = ";" if ";" in stream.readline() else ","
        stream.seek(0)
        rows = list(csv.DictReader(stream, delimiter=delimiter))
    for row in rows:
        if key in (row.get("key"), row.get("id")):
            row.update(cells)
    with open(path, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(dict.fromkeys(c for row in rows for c in row)), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def test_the_own_form_covers_the_families_of_indicators() -> None:
    front = form("front_work")
    assert 40 <= len(front.indicators) <= 50
    assert len(set(front.indicators)) == len(front.indicators)
    assert {c.measure for c in front.values} == {"plan", "period", "cumulative", ""}
    assert sum(row.kind == "group" for row in front.own_rows) == 9
    assert {"fund_for_the_poor_raised", "great_unity_houses", "poverty_rate", "mediation_cases"} <= set(
        front.indicators
    )


def test_totals_and_ratios_are_rules() -> None:
    front = form("front_work")
    rules = {(r.along, front.row(r.target).indicator): r for r in front.rules() if r.along == "rows"}

    def named(indicator: str) -> list[tuple[int, str]]:
        return [(sign, front.row(key).indicator) for sign, key in rules["rows", indicator].terms]

    assert named("fund_for_the_poor_balance") == [
        (1, "fund_for_the_poor_opening_balance"),
        (1, "fund_for_the_poor_raised"),
        (-1, "fund_for_the_poor_spent"),
    ]
    assert rules["rows", "poverty_rate"].kind == "ratio"
    assert named("poverty_rate") == [(1, "poor_households_count"), (1, "households_count")]
    assert [r.terms for r in front.rules() if r.along == "columns"] == [((1, "3"), (1, "1"))]


def test_cells_know_role_unit_and_whether_they_are_required() -> None:
    front = form("front_work")
    cells = {(c.indicator, c.measure): c for c in front.cells(find_area("218"), "2024-Q4") if c.measure}
    raised = cells["fund_for_the_poor_raised", "period"]
    assert (raised.role, raised.figure.unit, raised.figure.factor, raised.figure.required) == (
        "input",
        "triệu đồng",
        1e6,
        True,
    )
    assert not cells["fund_for_the_poor_raised", "plan"].figure.required
    assert cells["great_unity_houses", "period"].role == "total"
    assert cells["poverty_rate", "period"].role == "ratio"
    assert cells["poverty_rate", "period"].figure.high == 100
    assert cells["poor_households_count", "cumulative"].role == "closed"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("+10", date(2025, 1, 10)),
        ("end+10", date(2025, 1, 10)),
        ("-5", date(2024, 12, 26)),
        ("20", date(2024, 12, 20)),
        ("31", date(2024, 12, 31)),
    ],
)
def test_the_day_a_return_is_due(office: Path, written: str, day: date) -> None:
    change(office / "forms.csv", "grassroots", due=written)
    assert form("grassroots").due("2024-H2") == day


def test_who_owes_a_return_follows_the_districts_end() -> None:
    front = form("front_work")
    assert [a.code for a in front.senders("2024-Q4")][:3] == ["213", "215", "216"]
    assert len(front.senders("2025-Q1")) == 10
    assert len(front.senders("2025-Q3")) == 99
    assert {a.level for a in front.senders("2025-Q3")} == {"commune"}


def test_a_second_form_needs_no_code(office: Path) -> None:
    assert form_ids() == ["front_work", "grassroots"]
    other = form("grassroots")
    luc_nam = find_area("Lục Nam", on="2024")
    rows = other.rows(luc_nam, "2024-H2")
    assert (len(rows), rows[0].label, rows[-1].label) == (26, "Thị trấn Đồi Ngô", "Tổng cộng")
    cells = list(other.cells(luc_nam, "2024-H2"))
    assert Counter(c.role for c in cells) == {"input": 25 * 7, "total": 25 + 8, "ratio": 26, "note": 26}
    first = next(c for c in cells if c.column == "8")
    assert (first.area, first.indicator, first.measure, first.figure.factor) == (
        "07444",
        "fund_for_the_poor_raised",
        "period",
        1000,
    )
    assert [c.number for c in other.columns][2:7] == ["1=2+3+4", "2", "3", "4", "5=2/1"]


def test_a_sender_without_units_below_is_its_own_row(office: Path) -> None:
    rows = form("grassroots").rows(find_area("xã Đông Phú", on="2025-H2"), "2025-H2")
    assert [row.label for row in rows] == ["Xã Đông Phú", "Tổng cộng"]


def test_the_version_changes_with_the_form_alone(office: Path) -> None:
    before = form("grassroots").version, form("front_work").version
    assert form("grassroots").version == before[0]
    change(office / "form_columns.csv", "9", required="yes")
    assert form("grassroots").version != before[0]
    assert form("front_work").version == before[1]


def test_an_office_changes_a_cell_of_the_own_form(office: Path) -> None:
    (office / "form_rows.csv").write_text(
        "form,key,kind,label\nfront_work,45,off,\nfront_work,9,,Số suất quà Tết\n", encoding="utf-8"
    )
    front = form("front_work")
    assert front.row("9").label == "Số suất quà Tết"
    assert "front_training_courses" not in front.indicators


def test_faults_that_show_on_use(office: Path) -> None:
    with pytest.raises(MttqError, match="there is no form 'x'; forms.csv has front_work, grassroots"):
        form("x")
    with pytest.raises(MttqError, match="sent by half, year; 2024-Q4 is none of these"):
        form("grassroots").check_period("2024-Q4")


def test_the_form_of_the_documentation(example: Path) -> None:
    cells = {(c.row, c.column): c for c in form("tet_care").cells(find_area("218"), "2024-Q4")}
    assert {key: cells[key, "2"].role for key in "125679"} == {
        **dict.fromkeys("1279", "input"),
        "5": "ratio",
        "6": "total",
    }
    assert [cells[key, "2"].figure.factor for key in "1279"] == [1, 1000, 1, 1000]
    assert (cells["3", "3"].role, cells["9", "1"].role, cells["1", "4"].role) == ("closed", "closed", "ratio")
    assert form("tet_care").due("2024-Q4") == date(2025, 1, 7)
    assert len(form("tet_care").senders("2024-Q4")) == 10


@pytest.mark.parametrize(
    ("unit", "factor", "times"),
    [
        ("đồng", "", 1),
        ("triệu đồng", "1.000.000", 1e6),
        ("tỉ đ", "", 1e9),
        ("trăm triệu đồng", "", 1e8),
        ("lạng", "0,5", 0.5),
    ],
)
def test_the_factor_follows_from_the_unit(example: Path, unit: str, factor: str, times: float) -> None:
    change(example / "form_rows.csv", "2", unit=unit, factor=factor)
    assert form("tet_care").row("2").figure.factor == times


def test_what_is_typed_is_stored_in_the_unit_of_the_catalogue(example: Path, tmp_path: Path) -> None:
    path = write_template(tmp_path / "return.xlsx", "tet_care", "218", "2024-Q4")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=9):
        for cell, value in zip(row[4:6], (1.5, 2.25) if row[1].value == "Cây trồng được" else (250, 300), strict=True):
            if not cell.protection.locked and str(row[0].value).isdigit():
                cell.value = value
    book.save(path)
    observations, _ = read_return(path)
    stored = observations[observations["measure"] == "period"].set_index("indicator")["value"]
    assert stored[["tet_gifts", "tet_gifts_value", "trees_planted", "great_unity_houses"]].tolist() == [
        250,
        250_000,
        1500,
        500,
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_separators_of_excel_are_read(example: Path, separator: str) -> None:
    before = form("tet_care").version
    for path in example.iterdir():
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        with open(path, "w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=separator).writerows(rows)
    assert form("tet_care").version == before


@pytest.mark.parametrize(
    ("file", "key", "cells", "told"),
    [
        # A unit and what it is worth.
        ("form_rows", "2", {"unit": "triệu đồng", "factor": "1000"}, (4, "unit", "worth 1000000 VND and column factor")),
        ("form_rows", "2", {"unit": "nhà"}, (4, "unit", "'nhà'; the catalogue has the indicator in VND")),
        ("form_rows", "2", {"unit": ""}, (4, "unit", "the cell is empty; the catalogue has the indicator in VND")),
        ("form_rows", "2", {"unit": "bao"}, (4, "unit", "or in column factor what turns the figures into VND")),
        ("form_rows", "7", {"unit": "triệu đồng"}, (10, "unit", "the catalogue has the indicator in house")),
        ("form_rows", "3", {"unit": "nhà"}, (5, "unit", "the catalogue has the indicator in household")),
        ("indicators", "trees_planted", {"unit": "cây"}, (2, "unit", "'cây'; units.csv has no such code")),
        # Numbers and words of the vocabulary.
        ("form_rows", "2", {"factor": "1.000"}, (4, "factor", "'1.000'; that may be 1000 or 1; write it without")),
        ("form_rows", "2", {"factor": "nghìn"}, (4, "factor", "'nghìn'; that is no number")),
        ("form_rows", "2", {"factor": "0"}, (4, "factor", "'0'; write a number from")),
        ("form_rows", "2", {"decimals": "2,5"}, (4, "decimals", "'2,5'; write a whole number from 0 to 9")),
        ("form_rows", "5", {"low": "100", "high": "0"}, (7, "high", "'0'; that is below low, 100")),
        ("form_rows", "1", {"required": "có"}, (3, "required", "'có'; write yes or no")),
        ("form_rows", "1", {"kind": "dòng"}, (3, "kind", "'dòng'; write group or item or off")),
        ("form_rows", "1", {"columns": "lũy kế"}, (3, "columns", "write one or more of plan period cumulative")),
        ("form_rows", "1", {"label": ""}, (3, "label", "the cell is empty; write the words")),
        ("form_columns", "1", {"width": "rộng"}, (5, "width", "'rộng'; that is no number")),
        ("form_columns", "1", {"position": "1a"}, (5, "position", "'1a'; that is no number")),
        ("form_columns", "1", {"header": "Năm {năm}"}, (5, "header", "in braces only {area} {parent}")),
        ("form_columns", "5", {"choices": "a, b"}, (9, "choices", "takes no comma")),
        ("forms", "tet_care", {"layout": "ngang"}, (2, "layout", "write indicators_down or areas_down")),
        ("forms", "tet_care", {"levels": "huyện"}, (2, "levels", "write one or more of province district commune")),
        ("forms", "tet_care", {"cadence": "quý"}, (2, "cadence", "write one or more of month quarter half year")),
        ("forms", "tet_care", {"due": "0"}, (2, "due", "'0'; write end[+]10")),
        ("form_columns", "1", {"choices": "a|b"}, (5, "choices", "a value has no use for it here")),
        ("forms", "tet_care", {"due": "5/1"}, (2, "due", "write end[+]10 or end-5")),
        # What is stored: each figure once, none lost.
        ("form_rows", "1", {"indicator": ""}, (3, "indicator", "the cell is empty; write the id")),
        ("form_rows", "1", {"indicator": "tet_gift"}, (3, "indicator", "write tet_gifts if that is meant, or add it")),
        ("form_rows", "8", {"indicator": "great_unity_houses_new"}, (11, "indicator", "row 7 has it already")),
        ("form_rows", "A", {"indicator": "tet_gifts"}, (2, "indicator", "a group has no use for it here")),
        ("form_columns", "3", {"measure": "period"}, (7, "measure", "'period'; column 2 is that already")),
        ("form_columns", "2", {"measure": ""}, (6, "measure", "the cell is empty; write plan, period, cumulative")),
        ("form_columns", "2", {"unit": "nhà"}, (6, "unit", "a value has no use for it here")),
        ("form_columns", "1", {"kind": "off"}, (8, "ratio_of", "the form has no '1'")),
        # Totals and ratios.
        ("form_rows", "6", {"total_of": "7 8"}, (9, "total_of", "'7 8'; write the keys it adds up, like 1[+]2-3")),
        ("form_rows", "6", {"total_of": "7+77"}, (9, "total_of", "the form has no '77'")),
        ("form_rows", "6", {"total_of": "7+7"}, (9, "total_of", "'7' is named twice")),
        ("form_rows", "6", {"total_of": "7+B"}, (9, "total_of", "'B' is of kind group and holds no figures")),
        ("form_rows", "6", {"total_of": "6+7"}, (9, "total_of", "it is computed from itself [(]6 from 6[)]")),
        ("form_rows", "7", {"total_of": "6-8"}, (9, "total_of", "itself [(]6 from 7 from 6[)]")),
        ("form_rows", "6", {"total_of": "7+2"}, (9, "total_of", "'2' is in 'nghìn đồng' and this in 'nhà'")),
        ("form_rows", "6", {"ratio_of": "7/8"}, (9, "ratio_of", "total_of is filled too")),
        ("form_rows", "5", {"ratio_of": "4"}, (7, "ratio_of", "'4'; write the keys of the part and the whole")),
        ("form_rows", "5", {"ratio_of": "04-Mar"}, (7, "ratio_of", "perhaps Excel made a date of it")),
        ("form_rows", "5", {"ratio_of": "A/3"}, (7, "ratio_of", "'A' is of kind group")),
        ("form_rows", "5", {"ratio_of": "2/1"}, (7, "ratio_of", "'nghìn đồng' and 'suất' make no percentage")),
    ],
)  # fmt: skip
def test_a_fault_in_a_description_is_told_with_its_place(
    example: Path, file: str, key: str, cells: dict[str, str], told: tuple[int, str, str]
) -> None:
    change(example / f"{file}.csv", key, **cells)
    line, column, why = told
    with pytest.raises(MttqError, match=rf"{file}\.csv line {line}, column {column}: .*{why}") as caught:
        form("tet_care")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("form_rows", ",total_of,", ",total,", "form_rows.csv line 1: column 'total' is not known; write total_of"),
        ("form_rows", ",label,", ",nhan,", "form_rows.csv line 1: column 'nhan' is not known; known are form, key"),
        ("form_rows", "tet_care,8", "tet-care,8", "form_rows.csv line 11, column form: 'tet-care'; forms.csv has no such form"),
        ("form_rows", "", None, "form_rows.csv has no row of form tet_care; is the file there"),
        ("form_columns", "", None, "form_columns.csv has no row of form tet_care; is the file there"),
        ("form_columns", "b,label", "b,unit", "form tet_care has 0 columns of kind label; it needs one"),
        ("form_columns", "a,number", "a,unit", "form tet_care has 2 columns of kind unit; it needs at most one"),
        ("forms", "indicators_down", "areas_down", "form_rows.csv line 2, column form: .* has no rows of its own"),
    ],
)  # fmt: skip
def test_a_fault_of_a_whole_file_is_told(example: Path, file: str, old: str, new: str | None, told: str) -> None:
    path = example / f"{file}.csv"
    if new is None:
        path.unlink()
    else:
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(MttqError, match=told):
        form("tet_care")


def test_columns_of_areas_name_indicator_and_measure(office: Path) -> None:
    change(office / "form_columns.csv", "6", measure="")
    with pytest.raises(MttqError, match="form_columns.csv line 9, column measure: the cell is empty"):
        form("grassroots")
    change(office / "form_columns.csv", "6", indicator="mediation_cases", measure="period", unit="vụ")
    with pytest.raises(MttqError, match="column 1 is that of mediation_cases already"):
        form("grassroots")
    change(office / "form_columns.csv", "6", indicator="peoples_inspectorates", unit="ban")
    change(office / "form_columns.csv", "3", measure="plan")
    with pytest.raises(MttqError, match="line 4, column total_of: .*'3' is of measure plan and this of period"):
        form("grassroots")
