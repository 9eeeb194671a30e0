"""Forms as data: the package's own, and an office's quite different one."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form, form_ids
from mttq_data.places.area_codes import find_area

SECOND = Path(__file__).parent / "data" / "second_form"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office's codelists: the second form, in a folder that a test may change."""
    folder = tmp_path / "codes"
    shutil.copytree(SECOND, folder)
    monkeypatch.setenv("MTTQ_CODES", str(folder))
    return folder


def change(path: Path, key: str, **cells: str) -> None:
    """Change cells of the row of that key in a codelist of the office."""
    with open(path, encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    for row in rows:
        if key in (row.get("key"), row.get("id")):
            row.update(cells)
    with open(path, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
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
    [("+10", date(2025, 1, 10)), ("-5", date(2024, 12, 26)), ("20", date(2024, 12, 20)), ("31", date(2024, 12, 31))],
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


@pytest.mark.parametrize(
    ("file", "key", "cells", "told"),
    [
        ("form_columns", "2", {"indicator": "no_such"}, "form_columns.csv: form grassroots, 2: .* 'no_such'"),
        ("form_columns", "1", {"total_of": "2+77"}, "1 refers to '77'"),
        ("form_columns", "1", {"total_of": "2 3"}, "total_of '2 3' is not like 1[+]2-3"),
        ("form_columns", "5", {"ratio_of": "2"}, "ratio_of '2' is not like 1/2"),
        ("form_columns", "2", {"kind": "number!"}, "kind 'number!' is not one of number, label"),
        ("form_columns", "2", {"measure": "sum"}, "measure 'sum' is not one of plan"),
        ("form_columns", "2", {"low": "0,5"}, "form_columns.csv: form grassroots, 2: could not convert"),
        ("form_columns", "2", {"position": "x"}, "position is not a number"),
        ("form_columns", "DV", {"kind": "off"}, "has no column of kind label"),
        ("forms", "grassroots", {"layout": "sideways"}, "layout 'sideways'; use indicators_down or areas_down"),
    ],
)
def test_a_fault_in_the_description_is_told_with_its_place(
    office: Path, file: str, key: str, cells: dict[str, str], told: str
) -> None:
    change(office / f"{file}.csv", key, **cells)
    with pytest.raises(MttqError, match=told):
        form("grassroots")


def test_faults_that_show_on_use(office: Path) -> None:
    with pytest.raises(MttqError, match="there is no form 'x'; forms.csv has front_work, grassroots"):
        form("x")
    with pytest.raises(MttqError, match="sent by half, year; 2024-Q4 is none of these"):
        form("grassroots").check_period("2024-Q4")
    change(office / "forms.csv", "grassroots", due="soon")
    with pytest.raises(MttqError, match=r"is due 'soon'; write \+10, -5 or 20"):
        form("grassroots").due("2024-H2")
