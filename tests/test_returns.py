"""Returns as they really come back: every cell a figure or a problem, whatever was done to the form."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hand_made import by_hand, filled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mttq_data.errors import MttqError
from mttq_data.returns.reading import OBSERVATION_COLUMNS, cell_roles, read_return, read_returns

ROOT = Path(__file__).resolve().parent.parent
ROLES = {"title", "header", "label", "input", "total", "note", "outside"}
KEY = ["area", "period", "indicator", "measure"]


@pytest.fixture
def second_form(monkeypatch: pytest.MonkeyPatch) -> str:
    """The office's own form: one row a commune, three header levels, money in nghìn đồng."""
    monkeypatch.setenv("MTTQ_CODES", str(ROOT / "tests" / "data" / "second_form"))
    return "grassroots"


def same_figures(left: pd.DataFrame, right: pd.DataFrame) -> bool:
    a, b = (f.set_index(KEY)["value"].sort_index() for f in (left, right))
    return bool(a.index.equals(b.index) and ((a == b) | (a.isna() & b.isna())).all())


def test_a_return_as_it_should_be_has_every_figure_and_no_problem(tmp_path: Path) -> None:
    at, values = filled(tmp_path / "a.xlsx")
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems.empty and tuple(observations.columns) == OBSERVATION_COLUMNS
    assert set(observations["status"]) == {"ok"} and set(observations["area"]) == {"218"}
    raised = observations.query("indicator == 'fund_for_the_poor_raised' and measure == 'period'").iloc[0]
    assert (raised["value"], raised["unit"], raised["cell"]) == (
        values["2", "2"] * 1e6,
        "VND",
        f"Số liệu!{at['2', '2']}",
    )
    assert raised["raw"] == f"{values['2', '2']:.0f}"


def test_totals_nobody_calculated_are_calculated(tmp_path: Path) -> None:
    filled(tmp_path / "full.xlsx")
    filled(tmp_path / "open.xlsx", cached=False)
    whole, _ = read_return(tmp_path / "full.xlsx")
    computed, problems = read_return(tmp_path / "open.xlsx")
    assert problems.empty and same_figures(whole, computed)
    assert set(computed.loc[computed["indicator"] == "great_unity_houses", "status"]) == {"repaired"}


def _rows_above(sheet: Any, at: Any) -> None:
    sheet.insert_rows(1, 4)
    sheet["A1"] = "Phụ lục số 2"
    for block in sheet.merged_cells.ranges:
        block.shift(row_shift=4)


def _column_left(sheet: Any, at: Any) -> None:
    sheet.insert_cols(1)
    for block in sheet.merged_cells.ranges:
        block.shift(col_shift=1)


def _column_left_stale_merges(sheet: Any, at: Any) -> None:
    sheet.insert_cols(1)


def _hidden(sheet: Any, at: Any) -> None:
    sheet.row_dimensions[20].hidden = True
    sheet.column_dimensions["E"].hidden = True


def _no_numbers_row(sheet: Any, at: Any) -> None:
    for cell in sheet[11]:
        cell.value = None


def _no_header_text(sheet: Any, at: Any) -> None:
    sheet["E10"] = "Quý này"


def _reordered(sheet: Any, at: Any) -> None:
    for column in range(1, 9):
        first, second = sheet.cell(57, column), sheet.cell(56, column)
        first.value, second.value = second.value, first.value


def _reworded(sheet: Any, at: Any) -> None:
    sheet["B14"] = "Tổng số tiền vận động"
    sheet["B26"] = "Hộ nghèo"
    sheet["B39"] = "Số Ban TTND"


def _capitals(sheet: Any, at: Any) -> None:
    for row in range(12, 66):
        sheet.cell(row, 2).value = str(sheet.cell(row, 2).value).upper()


def _decomposed(sheet: Any, at: Any) -> None:
    import unicodedata

    for row in range(9, 66):
        for column in range(1, 4):
            value = sheet.cell(row, column).value
            if isinstance(value, str):
                sheet.cell(row, column).value = unicodedata.normalize("NFD", value)


def _footer(sheet: Any, at: Any) -> None:
    sheet["B80"], sheet["E80"] = "Tổng hợp lúc", 15


def _group_line(sheet: Any, at: Any) -> None:
    sheet.insert_rows(30)
    sheet["B30"] = "Trong đó:"


def _header_twice(sheet: Any, at: Any) -> None:
    sheet.insert_rows(38)
    for column in range(1, 9):
        sheet.cell(38, column).value = sheet.cell(9, column).value


UNHARMED = [_rows_above, _column_left, _column_left_stale_merges, _hidden, _no_numbers_row, _no_header_text, _reordered,
            _reworded, _capitals, _decomposed, _footer, _group_line, _header_twice]  # fmt: skip


@pytest.mark.parametrize("edit", UNHARMED, ids=lambda f: f.__name__.strip("_"))
def test_layout_changes_cost_no_figure(tmp_path: Path, edit: Any) -> None:
    filled(tmp_path / "plain.xlsx")
    filled(tmp_path / "changed.xlsx", edit=edit)
    plain, _ = read_return(tmp_path / "plain.xlsx")
    changed, problems = read_return(tmp_path / "changed.xlsx")
    assert same_figures(plain, changed)
    assert (problems["severity"] == "note").all() and len(problems) <= 1
    assert set(changed["status"]) == {"ok"}


@pytest.mark.parametrize("kind", ["ods", "xls", "csv:Text - txt - csv (StarCalc):59,34,76"])
def test_other_formats_give_the_same_figures(tmp_path: Path, kind: str, need_program: Any) -> None:
    office = need_program("soffice", "libreoffice")
    filled(tmp_path / "a.xlsx")
    subprocess.run([office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", kind,
                    "--outdir", str(tmp_path), str(tmp_path / "a.xlsx")], check=True, capture_output=True)  # fmt: skip
    plain, _ = read_return(tmp_path / "a.xlsx")
    other, problems = read_return(tmp_path / f"a.{kind[:3]}")
    assert same_figures(plain, other) and problems.empty


def test_the_second_form_one_row_a_commune(tmp_path: Path, second_form: str) -> None:
    at, values = filled(tmp_path / "a.xlsx", form=second_form, period="2024-H2")
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems.empty and observations["area"].nunique() == 26
    fund = observations.query("indicator == 'fund_for_the_poor_raised' and area == '07444'").iloc[0]
    assert fund["value"] == values["07444", "8"] * 1000 and fund["cell"] == f"Số liệu!{at['07444', '8']}"


def test_communes_called_as_people_call_them(tmp_path: Path, second_form: str) -> None:
    def call(sheet: Any, at: Any) -> None:
        for row in range(13, 40):
            value = sheet.cell(row, 2).value
            if isinstance(value, str):
                sheet.cell(row, 2).value = value.replace("Xã ", "X. ").replace("Thị trấn", "TT").upper()

    filled(tmp_path / "plain.xlsx", form=second_form, period="2024-H2")
    filled(tmp_path / "a.xlsx", form=second_form, period="2024-H2", edit=call)
    plain, _ = read_return(tmp_path / "plain.xlsx")
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems.empty and same_figures(plain, observations)


def test_a_table_typed_from_nothing(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["UBMTTQ TỈNH BẮC GIANG", None, None, None],
        ["MTTQ H. LẠNG GIANG"],
        [],
        ["SỐ LIỆU CÔNG TÁC MẶT TRẬN 6 THÁNG CUỐI NĂM 2024"],
        ["Nội dung", "ĐVT", "Trong kỳ", "Lũy kế"],
        ["Quỹ Vì người nghèo"],
        ["Số dư đầu kỳ", "trđ", 620, 500],
        ["Số tiền vận động", "Triệu đồng", "1.250", 2250.5],
        ["Số tiền đã chi", "triệu đồng", 870, 1750.5],
        ["Số dư cuối kỳ", "triệu đồng", 1000, 1000],
        ["Số nhà được hỗ trợ", "nhà", 30, 55],
        ["Xây mới", "nhà", 20, 35],
        ["Sửa chữa", "nhà", 10, 20],
        ["Số cuộc giám sát", "cuộc", 12, 30],
        ["MTTQ chủ trì", "cuộc", 5, 12],
        ["MTTQ phối hợp", "cuộc", 7, 18],
        [],
        ["NGƯỜI LẬP", None, "TM. BAN THƯỜNG TRỰC"],
    ]
    observations, problems = read_return(by_hand(tmp_path / "a.xlsx", rows))
    assert set(observations["area"]) == {"217"} and set(observations["period"]) == {"2024-H2"}
    read = observations.set_index(["indicator", "measure"])["value"]
    assert read["fund_for_the_poor_raised", "period"] == 1_250_000_000
    assert read["supervision_sessions_joined", "cumulative"] == 18
    told = set(problems["check"])
    assert told == {"missing_row", "label_reworded", "text_number"}


def test_several_districts_as_sheets(tmp_path: Path) -> None:
    out = openpyxl.Workbook()
    for number, (code, name) in enumerate([("218", "Lục Nam"), ("217", "H. Lạng Giang")]):
        filled(tmp_path / "one.xlsx", area=code)
        source = openpyxl.load_workbook(tmp_path / "one.xlsx").worksheets[0]
        sheet = out.create_sheet(name, number)
        for row in source.iter_rows():
            for cell in row:
                if cell.value is not None:
                    sheet[cell.coordinate] = cell.value
        for block in source.merged_cells.ranges:
            sheet.merge_cells(str(block))
    out.save(tmp_path / "both.xlsx")
    observations, problems = read_return(tmp_path / "both.xlsx")
    assert observations.groupby("area").size().to_dict() == {"217": 102, "218": 102}
    assert problems.empty


def test_legacy_fonts_are_converted_and_told(tmp_path: Path) -> None:
    folder = ROOT / "data" / "raw" / "returns"
    observations, problems = read_return(folder / "sample-2024-Q4-221-yen-dung.xlsx")
    assert len(observations) == 102 and set(observations["status"]) == {"ok"}
    assert problems["check"].tolist() == ["legacy_font"]


def test_the_planted_faults_of_the_samples_are_found_and_no_others() -> None:
    with open(ROOT / "tests" / "data" / "planted_faults.csv", encoding="utf-8") as stream:
        planted = {(r["source"], r["where"], r["check"]): r["expected"] for r in csv.DictReader(stream)}
    observations, problems = read_returns(ROOT / "data" / "raw" / "returns", progress=False)
    found = {(p["source"], p["where"], p["check"]): p["expected"] for p in problems.to_dict("records")}
    assert found == planted
    assert observations["source"].nunique() == 20


def test_the_samples_are_what_their_script_writes(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    import make_sample_returns

    make_sample_returns.main(tmp_path, tmp_path / "faults.csv")
    for path in sorted((ROOT / "data" / "raw" / "returns").glob("sample-*.csv")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    for path in sorted((ROOT / "data" / "raw" / "returns").glob("sample-*.xlsx")):
        left, right = read_return(path)[0], read_return(tmp_path / path.name)[0]
        pd.testing.assert_frame_equal(left.drop(columns="sha256"), right.drop(columns="sha256"))


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_gives_the_same_frames(pool: Any) -> None:
    paths = sorted((ROOT / "data" / "raw" / "returns").glob("sample-*[xv]"))
    serial = read_returns(paths, progress=False)
    with pool(2) as executor:
        parallel = read_returns(paths, executor, progress=False)
    for left, right in zip(serial, parallel, strict=True):
        pd.testing.assert_frame_equal(left, right)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_frames() -> None:
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    paths = sorted((ROOT / "data" / "raw" / "returns").glob("sample-*[xv]"))
    serial = read_returns(paths, progress=False)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        parallel = read_returns(paths, client.get_executor(), progress=False)
    for left, right in zip(serial, parallel, strict=True):
        pd.testing.assert_frame_equal(left, right)


def test_what_was_read_before_changes_nothing(tmp_path: Path) -> None:
    paths = [tmp_path / "district.xlsx", tmp_path / "commune.xlsx"]
    for path, area in zip(paths, ("218", "07459"), strict=True):
        filled(path, area=area, edit=lambda sheet, at: sheet.__setitem__(at["10", "1"], 244_000))
    found = [read_returns(order, progress=False)[1] for order in (paths, paths[::-1])]
    for problems in found:
        by_file = problems.groupby("source")["check"].agg(set)
        assert "money_unit" in by_file["commune.xlsx"] and "money_unit" not in by_file.get("district.xlsx", set())


def test_many_files_take_no_more_memory_than_few_beside_the_result(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    filled(path)
    read_returns([path] * 50, progress=False)
    beside = []
    for count in (150, 550):
        tracemalloc.start()
        observations, problems = read_returns([path] * count, progress=False)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # Each file's name and checksum are texts of the result, too.
        beside.append(peak - observations.memory_usage(deep=False).sum() - 250 * count)
        assert len(observations) == count * observations["cell"].nunique() and problems.empty
    assert beside[1] - beside[0] < 190 * 400, beside


def test_the_order_of_sets_changes_nothing(tmp_path: Path) -> None:
    def reworded(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        for (cell,) in sheet.iter_rows(min_col=2, max_col=2):
            if isinstance(cell.value, str) and "MTTQ" in cell.value:
                cell.value = f"{cell.value.strip()} giám sát, cuộc"

    filled(tmp_path / "a.xlsx", edit=reworded)
    code = (
        "import sys; from mttq_data import read_return; "
        "sys.stdout.reconfigure(encoding='utf-8'); "
        "print(*(f.to_csv() for f in read_return(sys.argv[1])))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "a.xlsx")], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, encoding="utf-8", check=True,
        ).stdout
        for seed in "1234"
    }  # fmt: skip
    assert len(told) == 1 and "label_reworded" in told.pop()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MttqError, match="no such folder"):
        read_returns(tmp_path / "none")


ANYTHING = st.one_of(st.none(), st.integers(-5, 10**6), st.floats(allow_nan=False, allow_infinity=False, width=32),
                     st.text("abc 12.,-/%đồngnhàhộI", max_size=12), st.booleans(), st.datetimes())  # fmt: skip


@given(st.lists(st.lists(ANYTHING, max_size=7), max_size=12))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_filled_cell_of_any_grid_has_one_role(tmp_path: Path, rows: list[list[Any]]) -> None:
    path = by_hand(tmp_path / "grid.xlsx", rows)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cells = {c.coordinate for row in sheet.iter_rows() for c in row if c.value not in (None, "")}
    roles = cell_roles(path)
    assert set(roles["role"]) <= ROLES and roles["cell"].is_unique
    assert cells <= set(roles["cell"])
    read_return(path)


@given(
    st.lists(st.tuples(st.integers(1, 66), st.integers(1, 9), ANYTHING), min_size=1, max_size=12),
    st.sampled_from(range(3)),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_input_cell_of_a_damaged_template_vanishes(
    tmp_path: Path, damage: list[tuple[int, int, Any]], shift: int
) -> None:
    base = tmp_path / "base.xlsx"
    if not base.exists():
        filled(base)
    book = openpyxl.load_workbook(base)
    sheet = book.worksheets[0]
    for row, column, value in damage:
        cell = sheet.cell(row, column)
        if not isinstance(cell, openpyxl.cell.cell.MergedCell):
            cell.value = value
    if shift:
        sheet.insert_rows(1, shift)
    path = tmp_path / "damaged.xlsx"
    book.save(path)
    roles = cell_roles(path)
    filled_cells = {f"{s.title}!{c.coordinate}" for s in openpyxl.load_workbook(path) for row in s.iter_rows() for c in row
                    if c.value not in (None, "")}  # fmt: skip
    named = set(roles["sheet"] + "!" + roles["cell"])
    assert set(roles["role"]) <= ROLES and filled_cells <= named
    observations, problems = read_return(path)
    inputs = set((roles["sheet"] + "!" + roles["cell"])[roles["role"] == "input"])
    assert inputs <= set(observations["cell"]) | set(problems["where"])
