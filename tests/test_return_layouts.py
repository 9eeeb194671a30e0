"""Returns typed anew instead of into the form: other headings, words, units, blocks; every figure in its place or told."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hand_made import by_hand, figures_of, filled
from openpyxl.worksheet.worksheet import Worksheet

from mttq_data.forms.forms import form as read_form
from mttq_data.forms.model import FormRow
from mttq_data.returns.checks import number_text
from mttq_data.returns.context import period_in
from mttq_data.returns.headings import meaning_of
from mttq_data.returns.layout import means_total
from mttq_data.returns.reading import read_return, read_returns

ROOT = Path(__file__).resolve().parent.parent
PLAIN = {"A": "TT", "B": "Nội dung", "C": "ĐVT", "1": "Kế hoạch năm", "2": "Thực hiện quý IV", "3": "Luỹ kế"}
FORM = read_form("front_work")
VALUES = figures_of(FORM, "218", "2024-Q4")[1]
CELLS = {(c.row, c.column): c for c in FORM.cells(next(iter(FORM.senders("2024-Q4"))), "2024-Q4")}
SECTIONS = [r.key for r in FORM.own_rows if r.kind == "group"]
Known = dict[str, tuple[str, str, float]]


def head(sheet: Worksheet, period: str = "Quý IV năm 2024") -> None:
    sheet["A1"], sheet["A2"] = "ỦY BAN MTTQ HUYỆN LỤC NAM", period


def block(
    sheet: Worksheet, top: int, left: int, columns: Sequence[str], rows: Sequence[FormRow] = FORM.own_rows,
    headings: dict[str, str] | None = None, label: Callable[[FormRow], str] = lambda r: r.label,
    unit: Callable[[FormRow], str] = lambda r: r.figure.unit, times: Callable[[FormRow], float] = lambda r: 1.0,
) -> Known:  # fmt: skip
    """Type a block of the table; what should be read at each address."""
    for n, key in enumerate(columns):
        sheet.cell(top, left + n, {**PLAIN, **(headings or {})}[key])
    known: Known = {}
    for r, row in enumerate(rows, top + 1):
        for n, key in enumerate(columns):
            cell = sheet.cell(r, left + n)
            if key == "B":
                cell.value = label(row)
            elif key == "A":
                cell.value = row.key
            elif key == "C":
                cell.value = unit(row) or None
            elif (row.key, key) in VALUES:
                cell.value = VALUES[row.key, key] * times(row)
                form_cell = CELLS[row.key, key]
                if form_cell.measure:
                    value = VALUES[row.key, key] * form_cell.figure.factor
                    known[cell.coordinate] = (form_cell.indicator, form_cell.measure, value)
    return known


def new() -> tuple[openpyxl.Workbook, Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Q4"
    head(sheet)
    return book, sheet


def read(book: openpyxl.Workbook, path: Path) -> tuple[dict[str, tuple[str, str, float]], dict[str, str], Any]:
    book.save(path)
    observations, problems = read_return(path)
    assert set(observations["area"]) <= {"218"} and set(observations["period"]) <= {"2024-Q4"}
    cells = observations["cell"].str.split("!").str[1]
    figures = zip(observations["indicator"], observations["measure"], observations["value"], strict=True)
    return dict(zip(cells, figures, strict=True)), dict(zip(cells, observations["status"], strict=True)), problems


def part(first: int, last: int) -> list[FormRow]:
    """The rows of some sections of the form."""
    rows = list(FORM.own_rows)
    starts = [rows.index(FORM.row(key)) for key in SECTIONS] + [len(rows)]
    return rows[starts[first] : starts[last]]


@pytest.mark.parametrize(
    ("plan", "period", "cumulative"),
    [
        ("KH giao cả năm", "Trong quý IV", "Cộng dồn từ đầu năm"),
        ("Chỉ tiêu giao", "Quý này", "Cả năm 2024"),
        ("Kế họach", "Từ 01/10 đến 31/12/2024", "Luỹ kê"),
        ("Nghị quyết giao", "Quý này", "Đến 31/12/2024"),
        ("KH 2024", "TH quý 4", "12 tháng"),
        ("Kế hoạch", "Ước thực hiện 3 tháng", "Năm 2024"),
        ("Số giao năm", "Kết quả", "Lũy kế đến hết quý IV"),
    ],
)
def test_headings_in_other_words(tmp_path: Path, plan: str, period: str, cumulative: str) -> None:
    book, sheet = new()
    known = block(sheet, 5, 1, "ABC123", headings={"1": plan, "2": period, "3": cumulative})
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and set(status.values()) == {"ok"} and problems.empty


def test_what_a_heading_says_of_another_time_is_no_figure_of_this_one() -> None:
    when = {"year": "2024", "code": "2024-Q4"}
    said = ["Thực hiện quý III", "Thực hiện năm 2023", "So với cùng kỳ (%)", "Thực hiện cả năm", "6 tháng"]
    assert [meaning_of(text, when) for text in said] == ["other", "other", "other", "cumulative", "cumulative"]


def test_four_rows_of_headings_and_a_row_of_numbers(tmp_path: Path) -> None:
    book, sheet = new()
    known = block(sheet, 8, 1, "AB123", headings={c: str(n) for n, c in enumerate("AB123", 1)})
    texts = {"A4": "STT", "B4": "Nội dung báo cáo", "C4": "Kết quả năm 2024", "C5": "KH giao", "D5": "Đã thực hiện",
             "D6": "Trong quý", "E6": "Cộng dồn", "F4": "Ghi chú"}  # fmt: skip
    for place, text in texts.items():
        sheet[place] = text
    for merged in ("A4:A7", "B4:B7", "C4:E4", "C5:C7", "D5:E5", "D6:D7", "E6:E7", "F4:F7"):
        sheet.merge_cells(merged)
    found, _, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and problems.empty


@pytest.mark.parametrize("over", ["CHỈ TIÊU, KẾT QUẢ NĂM 2024", "SỐ LIỆU NĂM 2024", "Kết quả thực hiện"])
@pytest.mark.parametrize(("upper", "lower"), [("Chỉ tiêu", "cả năm"), ("Chỉ tiêu", "năm 2024"), ("Kế", "hoạch")])
def test_a_heading_in_two_cells_below_each_other(tmp_path: Path, over: str, upper: str, lower: str) -> None:
    book, sheet = new()
    known = block(
        sheet, 8, 1, "ABC123", headings=dict(zip("ABC123", ("A", "B", "C", "1", "2=1+lk quý trước", "3"), strict=True))
    )
    texts = {"A4": "TT", "B4": "Nội dung", "C4": "ĐVT", "D4": over, "D5": upper, "D6": lower, "E5": "Kết quả",
             "E6": "Trong quý", "F6": "Cộng dồn"}  # fmt: skip
    for place, text in texts.items():
        sheet[place] = text
    for merged in ("A4:A7", "B4:B7", "C4:C7", "D4:F4", "E5:F5"):
        sheet.merge_cells(merged)
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and set(status.values()) == {"ok"} and problems.empty


def _side_by_side(sheet: Worksheet) -> Known:
    return block(sheet, 5, 1, "B123", part(0, 5)) | block(sheet, 5, 7, "B123", part(5, 9))


def _below_in_other_order(sheet: Worksheet) -> Known:
    return block(sheet, 5, 1, "AB123", part(0, 5)) | block(sheet, 60, 1, "AB321", part(5, 9))


def _below_and_shifted(sheet: Worksheet) -> Known:
    return block(sheet, 5, 1, "AB123", part(0, 5)) | block(sheet, 60, 3, "AB213", part(5, 9))


@pytest.mark.parametrize("lay", [_side_by_side, _below_in_other_order, _below_and_shifted])
def test_a_table_in_two_blocks(tmp_path: Path, lay: Callable[[Worksheet], Known]) -> None:
    book, sheet = new()
    known = lay(sheet)
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and set(status.values()) == {"ok"} and problems.empty


@pytest.mark.parametrize("first", [1, 5])
def test_a_table_that_goes_on_on_the_next_sheet(tmp_path: Path, first: int) -> None:
    book, sheet = new()
    block(sheet, 5, 1, "AB123", part(0, first))
    block(book.create_sheet("tiếp"), 1, 1, "AB123", part(first, 9))
    book.save(tmp_path / "a.xlsx")
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert len(observations) == 102 and problems.empty
    assert set(observations["area"]) == {"218"} and set(observations["status"]) == {"ok"}


def test_columns_that_go_on_below(tmp_path: Path) -> None:
    book, sheet = new()
    known = block(sheet, 5, 1, "AB12") | block(sheet, 65, 1, "AB3")
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and set(status.values()) == {"ok"} and problems.empty


def test_rows_above_the_first_known_one_are_told(tmp_path: Path) -> None:
    book, sheet = new()
    known = block(sheet, 5, 1, "B123", [r for r in FORM.own_rows if r.kind != "group"])
    sheet["A6"], sheet["A7"] = "Thu nhập chung", "Khoản khác nữa"
    found, status, problems = read(book, tmp_path / "a.xlsx")
    told = problems[problems["check"] == "unknown_row"]
    assert told["where"].tolist() == ["Q4!A6", "Q4!A7"]
    assert found == {c: v for c, v in known.items() if c not in ("C6", "D6", "B7", "C7", "D7")}
    # The balance of the fund lacks two of its parts: nobody checked it.
    assert status["C9"] == "suspect" and "total_unchecked" in set(problems["check"])


def test_figures_without_a_name_are_told(tmp_path: Path) -> None:
    book, sheet = new()
    block(sheet, 5, 1, "B123")
    sheet["A30"] = None
    _, _, problems = read(book, tmp_path / "a.xlsx")
    assert "Q4!A30" in set(problems.loc[problems["check"] == "unknown_row", "where"])


SHORT = {"11": "Tổng số hộ", "12": "Hộ nghèo", "16": "Hộ nghèo được hỗ trợ PTSX", "23": "Số Ban TTND", "26": "Số dự án được GS",
         "7": "- Sữa chữa", "36": "Lượt cử tri tham dự", "38": "Số cuộc đối thoại", "45": "Lớp tập huấn CB mặt trận"}  # fmt: skip


def test_labels_shortened_and_misspelt_are_read_by_words_and_place(tmp_path: Path) -> None:
    book, sheet = new()
    known = block(sheet, 5, 1, "ABC123", label=lambda r: SHORT.get(r.key, r.label))
    found, _, problems = read(book, tmp_path / "a.xlsx")
    assert found == known
    assert len(problems[problems["severity"] != "note"]) <= 1


def test_a_label_told_by_its_place_alone_waits(tmp_path: Path) -> None:
    book, sheet = new()
    known = block(sheet, 5, 1, "ABC123", label=lambda r: "Ngày lao động" if r.key == "41" else r.label)
    found, status, problems = read(book, tmp_path / "a.xlsx")
    row = {c for c, (indicator, *_) in known.items() if indicator == "new_rural_labour_days_contributed"}
    assert found == known and {c for c, s in status.items() if s == "suspect"} == row
    assert problems["check"].tolist() == ["label_guessed"]


def test_another_thing_in_a_lines_place_is_not_taken_for_it(tmp_path: Path) -> None:
    book, sheet = new()
    block(sheet, 5, 1, "B123", label=lambda r: "Số hộ thoát nghèo" if r.key == "12" else r.label)
    found, _, problems = read(book, tmp_path / "a.xlsx")
    assert "poor_households_count" not in {indicator for indicator, *_ in found.values()}
    assert {"unknown_row", "missing_row"} <= set(problems["check"])


def test_another_unit_all_through_is_told_once(tmp_path: Path) -> None:
    book, sheet = new()
    money = {r.key for r in FORM.own_rows if r.figure.unit == "triệu đồng"}
    known = block(
        sheet, 5, 1, "BC123", unit=lambda r: "nghìn đồng" if r.key in money else r.figure.unit,
        times=lambda r: 1000.0 if r.key in money else 1.0,
    )  # fmt: skip
    found, _, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and problems["check"].tolist() == ["unit_changed"]


@pytest.mark.parametrize(
    ("line", "label"), [("(Đơn vị tính: nghìn đồng; hộ)", ""), ("ĐVT: triệu đồng", " (1.000 đồng)")]
)
def test_a_unit_given_above_the_table_or_behind_a_label(tmp_path: Path, line: str, label: str) -> None:
    book, sheet = new()
    sheet["D3"] = line
    money = {r.key for r in FORM.own_rows if r.figure.unit == "triệu đồng"}
    known = block(
        sheet, 5, 1, "B123", label=lambda r: r.label + label * (r.key in money),
        times=lambda r: 1000.0 if r.key in money else 1.0,
    )  # fmt: skip
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and problems["check"].tolist() == ["unit_changed"] and "suspect" not in status.values()
    # The same table under another line is not read by what was learnt from this one.
    sheet["D3"] = "Đơn vị tính: đồng"
    found, _, _ = read(book, tmp_path / "b.xlsx")
    assert (found == known) is bool(label)


def test_a_balance_of_lines_in_different_units_adds_up(tmp_path: Path) -> None:
    book, sheet = new()
    known = block(
        sheet, 5, 1, "BC123", unit=lambda r: "đồng" if r.key in ("2", "3") else r.figure.unit,
        times=lambda r: 1e6 if r.key in ("2", "3") else 1.0,
    )  # fmt: skip
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and problems["check"].tolist() == ["unit_changed"] and "suspect" not in status.values()


def test_a_line_twice_with_other_figures_is_in_doubt(tmp_path: Path) -> None:
    book, sheet = new()
    rows = list(FORM.own_rows)
    known = block(sheet, 5, 1, "B123", [*rows[:21], rows[20], *rows[21:]])
    again = sheet.cell(27, 3)
    again.value = float(again.value or 0) + 1
    _, status, problems = read(book, tmp_path / "a.xlsx")
    assert problems["check"].tolist() == ["duplicate_row"] and "khác nhau" in problems["message_vi"].iloc[0]
    assert status["C26"] == "suspect" and known["C26"]


def test_headings_nobody_understands_are_named(tmp_path: Path) -> None:
    labels = [[r.label, 5.0, "x", 6.0, "y", 7.0, 8.0, 9.0] for r in FORM.own_rows]
    path = by_hand(
        tmp_path / "a.xlsx",
        [["Huyện Lục Nam"], [], ["Chỉ tiêu", "Alpha", "", "Beta", "", "Gama", "Đen", "Ta"], *labels],
    )
    _, problems = read_return(path, period="2024-Q4")
    assert problems["check"].tolist() == ["no_table"] and "Alpha | Beta" in problems["message_vi"].iloc[0]


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("3 tháng cuối năm 2024", "2024-Q4"),
        ("BÁO CÁO 3 THÁNG ĐẦU NĂM (QUÝ I) NĂM 2025", "2025-Q1"),
        ("Số liệu quý IV, lũy kế năm 2024", "2024-Q4"),
        ("Từ ngày 15/9/2024 đến ngày 14/12/2024", "2024-Q4"),
        ("từ 15/12/2023 đến 14/6/2024", "2024-H1"),
        ("Từ 17/10/2024 đến 18/11/2024", "2024-10-17/2024-11-18"),
    ],
)
def test_the_period_as_titles_write_it(title: str, period: str) -> None:
    assert period_in(title) == period


def test_a_period_the_form_is_not_sent_for_is_told(tmp_path: Path) -> None:
    book, sheet = new()
    head(sheet, "9 tháng đầu năm 2024")
    block(sheet, 5, 1, "B23")
    book.save(tmp_path / "a.xlsx")
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert "wrong_cadence" in set(problems["check"]) and set(observations["status"]) == {"suspect"}


def test_headings_of_a_form_with_a_row_a_commune(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTTQ_CODES", str(ROOT / "tests" / "data" / "second_form"))
    form = read_form("grassroots")
    rows = [r for r in form.rows(next(a for a in form.senders("2024-H2") if a.code == "218"), "2024-H2") if r.area]
    heads = ["TT", "Tên xã", "Số vụ tiếp nhận", "HG thành", "HG không thành", "Còn đang giải quyết", "Tỷ lệ thành", "Ban TTND",
             "Cuộc giám sát", "Quỹ VNN (nghìn đồng)", "Buổi họp thôn"]  # fmt: skip
    body = [
        [n, r.label, 10 + n, 6 + n, 3, 1, round(100 * (6 + n) / (10 + n), 1), 1, 4, 1500 * n, 2]
        for n, r in enumerate(rows[:-1], 1)
    ]
    sums = [sum(line[c] for line in body) for c in range(2, 11)]  # type: ignore[misc]
    sums[4] = round(100 * sums[1] / sums[0], 1)
    path = tmp_path / "a.xlsx"
    by_hand(path, [["MTTQ HUYỆN LỤC NAM"], ["6 tháng cuối năm 2024"], heads, *body, [None, "Cộng", *sums]])
    observations, problems = read_return(path)
    assert problems.empty and len(observations) == 9 * len(rows) and set(observations["status"]) == {"ok"}
    slipped = [*body[:4], [*body[4][:9], 15_000.0 * 5, 2], *body[5:]]
    by_hand(path, [["MTTQ HUYỆN LỤC NAM"], ["6 tháng cuối năm 2024"], heads, *slipped, [None, "Cộng", *sums]])
    problem = read_return(path)[1].iloc[0]
    assert (problem["where"], problem["expected"]) == ("Sheet1!J8", "7500")


def test_a_heading_put_under_another_is_told_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTTQ_CODES", str(ROOT / "tests" / "data" / "second_form"))
    form = read_form("grassroots")
    rows = [r for r in form.rows(next(a for a in form.senders("2024-H2") if a.code == "218"), "2024-H2") if r.area]
    heads = [["Tên xã", "Tổng số vụ", "Hòa giải thành", "Không thành", "Đang giải quyết", "Tỷ lệ thành (%)", "Ban TTND hoạt động", "", "", "Họp thôn (buổi)"],
             ["", "", "", "", "", "", "Số ban", "Cuộc giám sát", "Quỹ (nghìn đồng)", ""]]  # fmt: skip
    body = [[r.label, 10, 6, 3, 1, 60.0, 1, 4, 1500.0, 2] for r in rows[:-1]]
    path = by_hand(
        tmp_path / "a.xlsx", [["MTTQ HUYỆN LỤC NAM"], ["6 tháng cuối năm 2024"], *heads, *body], merges=("G3:I3",)
    )
    observations, problems = read_return(path)
    fund = observations[observations["indicator"] == "fund_for_the_poor_raised"]
    assert not set(problems["check"]) & {"unknown_column", "missing_column"} and "column_guessed" in set(
        problems["check"]
    )
    assert set(fund["value"].dropna()) == {1_500_000.0} and set(fund["status"]) <= {"suspect", "missing"}


def test_titles_far_down_the_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title, sheet["AA52"], sheet["AA55"] = "Q4", "ỦY BAN MTTQ HUYỆN LỤC NAM", "Quý IV năm 2024"
    known = block(sheet, 60, 27, "B123")
    found, _, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and problems.empty


def test_what_stands_below_one_table_is_not_taken_for_another(tmp_path: Path) -> None:
    def copied(sheet: Worksheet, at: dict[tuple[str, str], str]) -> None:
        for column, value in (("B", FORM.row("17").label), ("D", 5), ("E", 3)):
            sheet[f"{column}{int(at['45', '1'][1:]) + 1}"] = value

    paths = [tmp_path / "copied.xlsx", tmp_path / "sound.xlsx"]
    for path, edit in zip(paths, (copied, None), strict=True):
        filled(path, edit=edit)
    for order in (paths, paths[::-1]):
        problems = read_returns(order, progress=False)[1]
        assert set(problems.loc[problems["check"] == "duplicate_row", "source"]) == {"copied.xlsx"}


def test_a_heading_of_another_period_is_looked_at_anew(tmp_path: Path) -> None:
    for n, period in enumerate(("Quý IV năm 2024", "Quý III năm 2024")):
        book, sheet = new()
        sheet["A2"] = period
        block(sheet, 5, 1, "ABC123")
        book.save(tmp_path / f"{n}.xlsx")
    first, second = (read_return(tmp_path / f"{n}.xlsx")[0] for n in (0, 1))
    assert "period" in set(first["measure"]) and "period" not in set(second["measure"])


def _unmarked(text: str) -> str:
    return "".join("d" if c in "đĐ" else unicodedata.normalize("NFD", c)[0] for c in text)


@pytest.mark.parametrize("labels", [False, True])
def test_headings_typed_without_marks(tmp_path: Path, labels: bool) -> None:
    book, sheet = new()
    names = {**PLAIN, "1": "Kế hoạch năm 2024", "2": "Trong kỳ báo cáo", "3": "Luỹ kế từ đầu năm"}
    label = (lambda r: _unmarked(r.label)) if labels else (lambda r: r.label)
    known = block(sheet, 5, 1, "ABC123", headings={k: _unmarked(v) for k, v in names.items()}, label=label)
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and set(status.values()) == {"ok"} and problems.empty


@pytest.mark.parametrize("merged", [False, True])
def test_parts_in_a_column_of_their_own_beside_the_labels(tmp_path: Path, merged: bool) -> None:
    book, sheet = new()
    block(sheet, 5, 1, "AB")
    known = block(sheet, 5, 4, "C123")
    for r, row in enumerate(FORM.own_rows, 6):
        if row.label.startswith("-"):
            sheet.cell(r, 3, row.label.lstrip("- "))
            sheet.cell(r, 2).value = None
        elif merged:
            sheet.merge_cells(start_row=r, end_row=r, start_column=2, end_column=3)
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and set(status.values()) == {"ok"} and problems.empty


def test_a_number_deleted_from_the_row_of_column_numbers(tmp_path: Path) -> None:
    book, sheet = new()
    block(sheet, 5, 1, "ABC123", rows=[])
    sheet["G5"] = "TH/KH"
    known = block(sheet, 6, 1, "ABC123")
    for c, text in enumerate(("A", "B", "C", "1", "2", None, "4=3/1"), 1):
        sheet.cell(6, c).value = text
    found, _, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and problems.empty


def test_a_sender_known_by_the_files_name_alone_is_told(tmp_path: Path) -> None:
    book, sheet = new()
    sheet["A1"] = None
    block(sheet, 5, 1, "ABC123")
    _, status, problems = read(book, tmp_path / "02_LucNam_Q4.xlsx")
    assert problems["check"].tolist() == ["area_guessed"] and "Lục Nam" in problems["expected"].iloc[0]
    assert set(status.values()) == {"ok"}


def test_a_fraction_among_plain_numbers_is_stored_as_the_percentage_it_was_read_as(tmp_path: Path) -> None:
    book, sheet = new()
    rows = [r for r in FORM.own_rows if r.kind != "group"]
    block(sheet, 5, 1, "B2", rows)
    at = {r.key: f"B{n}" for n, r in enumerate(rows, 6)}
    sheet[at["42"]], sheet[at["43"]], sheet[at["44"]] = 900, 720, 0.8
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert (found[at["44"]][2], status[at["44"]]) == (80.0, "repaired") and "fraction_read" in set(problems["check"])


def test_a_table_typed_as_text_is_told_once_and_what_is_odd_in_it_by_itself(tmp_path: Path) -> None:
    book, sheet = new()
    known = block(sheet, 5, 1, "B123")
    for cell in known:
        sheet[cell] = number_text(float(str(sheet[cell].value)), vi=True)
    odd = next(cell for cell, (name, measure, _) in known.items() if (name, measure) == ("mediators_count", "period"))
    sheet[odd] = "1,040"
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known | {odd: (*known[odd][:2], 1040.0)} and "ok" not in status.values()
    assert problems["check"].tolist() == ["text_number"] * 2 and f"Q4!{odd}" in set(problems["where"])


@pytest.mark.parametrize(
    ("label", "total"),
    [("Cộng toàn thành phố", True), ("Tổng số huyện Lục Nam:", True), ("TỔNG CỘNG", True), ("Cộng Hòa", False), ("Tổng số hộ", False)],
)  # fmt: skip
def test_words_for_the_whole(label: str, total: bool) -> None:
    assert means_total(label) is total


@pytest.mark.parametrize("heading", [True, False])
def test_a_sum_in_the_words_of_its_heading_is_the_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heading: bool
) -> None:
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    (tmp_path / "forms.csv").write_text("id,layout,name_vi,due\nfunds,indicators_down,QUỸ,end+10\n", encoding="utf-8")
    (tmp_path / "form_columns.csv").write_text(
        "form,key,kind,measure,header\nfunds,B,label,,Nội dung\nfunds,1,value,period,Trong kỳ\n", encoding="utf-8"
    )
    (tmp_path / "form_rows.csv").write_text(
        "form,key,kind,label,indicator,unit,total_of\nfunds,A,group,Nguồn lực vận động,,,\n"
        "funds,1,item,Tổng nguồn lực vận động,disaster_relief_raised,đồng,2+3\n"
        "funds,2,item,Quỹ Vì người nghèo,fund_for_the_poor_raised,đồng,\n"
        "funds,3,item,Quỹ Đền ơn đáp nghĩa,gratitude_fund_raised,đồng,\n", encoding="utf-8"
    )  # fmt: skip
    above: list[list[Any]] = [["Nguồn lực vận động"]] if heading else []
    body = [["Quỹ Vì người nghèo", 5], ["Quỹ Đền ơn đáp nghĩa", 7], ["Cộng nguồn lực vận động", 12]]
    title = [["Huyện Lục Nam, quý IV năm 2024"], ["Nội dung", "Trong kỳ"]]
    observations, problems = read_return(by_hand(tmp_path / "a.xlsx", [*title, *above, *body]))
    assert problems.empty and observations["value"].tolist() == [12, 5, 7]


WORDED = {"1": "Số dư đầu kỳ của Quỹ", "8": "Kinh phí hỗ trợ xây, sửa nhà"}


@pytest.mark.parametrize("worded", [["1", "8"], ["1"], ["8"]])
def test_reworded_labels_where_groups_in_another_order_meet_are_read_and_told(
    tmp_path: Path, worded: list[str]
) -> None:
    book, sheet = new()
    first, second = FORM.own_rows[:5], FORM.own_rows[5:10]
    names = {key: WORDED[key] for key in worded}
    known = block(
        sheet, 5, 1, "ABC123", [*second, *first, *FORM.own_rows[10:]], label=lambda r: names.get(r.key, r.label)
    )
    found, status, problems = read(book, tmp_path / "a.xlsx")
    assert found == known and set(status.values()) == {"ok"}
    assert problems["check"].tolist() == ["label_reworded"] and all(
        n in problems["found"].iloc[0] for n in names.values()
    )


@pytest.mark.parametrize("more", [0, 2])
def test_a_reworded_line_that_stands_twice_is_told_so(tmp_path: Path, more: int) -> None:
    book, sheet = new()
    at = next(n for n, r in enumerate(FORM.own_rows) if r.key == "26")
    rows = [*FORM.own_rows[: at + 1], *FORM.own_rows[at:]]
    block(sheet, 5, 1, "BC123", rows, label=lambda r: r.label.replace("được ", "") if r.key == "26" else r.label)
    again = 6 + at + 1
    for c in range(3, 6):
        sheet.cell(again, c).value += more
    _, status, problems = read(book, tmp_path / "a.xlsx")
    told = problems[problems["check"] == "duplicate_row"]
    assert told["where"].tolist() == [f"Q4!A{again}"] and told["expected"].tolist() == [f"dòng {again - 1}"]
    assert "unknown_row" not in set(problems["check"])
    assert {c for c, s in status.items() if s == "suspect"} == ({f"{c}{again - 1}" for c in "CDE"} if more else set())
