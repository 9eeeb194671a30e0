"""What does not agree is told to the clerk at its cell, and no wrong figure is stored as sound."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hand_made import filled

from mttq_data.errors import MttqError
from mttq_data.returns import peers
from mttq_data.returns.checks import PROBLEM_COLUMNS, number_text, rules
from mttq_data.returns.reading import read_return, read_returns

ROOT = Path(__file__).resolve().parent.parent


def put(**cells: Any) -> Any:
    """An edit that types into cells: ``put(r12_2=5.142)`` is row 12, column 2 of the form."""

    def edit(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        for name, value in cells.items():
            row, column = name[1:].split("_")
            sheet[at[row, column]] = value

    return edit


@pytest.mark.parametrize(
    ("typed", "cell", "check", "expected"),
    [
        ({"r12_2": 1.105}, ("12", "2"), "lost_thousands", "1105"),
        ({"r14_2": 230}, ("14", "2"), "range", "2.3"),
        ({"r14_2": 8.4}, ("14", "2"), "ratio", "2.3"),
        ({"r20_2": dt.datetime(2024, 10, 6)}, ("20", "2"), "date_in_cell", ""),
        ({"r20_2": "06/10"}, ("20", "2"), "ratio_in_cell", "6"),
        ({"r20_2": -5}, ("20", "2"), "sign", "5"),
        ({"r20_2": 12.5}, ("20", "2"), "not_whole", ""),
        ({"r20_2": None}, ("20", "2"), "required", ""),
        ({"r20_2": "nhiều"}, ("20", "2"), "not_a_number", ""),
        ({"r20_2": "x"}, ("20", "2"), "said_missing", ""),
        ({"r20_2": "#DIV/0!"}, ("20", "2"), "error_cell", ""),
        ({"r20_2": "=VLOOKUP(1,A1:B3,2,0)"}, ("20", "2"), "no_result", ""),
        ({"r10_2": 26e6, "r10_3": 30.0e6, "r10_1": 30e6}, ("10", "2"), "money_unit", "26"),
        ({"r17_2": 999}, ("17", "2"), "total", "115"),
        ({"r18_2": 999}, ("18", "2"), "contradiction", ""),
        ({"r20_3": 5}, ("20", "3"), "cumulative_below_period", "68"),
        ({"r13_2": 51000}, ("13", "2"), "part_over_whole", "48000"),
        ({"r42_2": 0}, ("43", "2"), "part_over_whole", "0"),
        ({"r20_2": "12 cuộc"}, ("20", "2"), "unit_other", "12"),
    ],
)
def test_a_wrong_figure_is_found_at_its_cell_and_not_stored_as_sound(
    tmp_path: Path, typed: dict[str, Any], cell: tuple[str, str], check: str, expected: str
) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(**typed))
    observations, problems = read_return(tmp_path / "a.xlsx")
    where = f"Số liệu!{at[cell]}"
    hit = problems[problems["where"] == where].iloc[0]
    assert (hit["check"], hit["expected"]) == (check, expected)
    assert observations.set_index("cell").loc[where, "status"] in ("suspect", "missing")
    assert len(problems[problems["severity"] != "note"]) <= 1 + len(typed)
    assert (problems[["area", "period"]] == ["218", "2024-Q4"]).all().all()


@pytest.mark.parametrize(
    ("typed", "cell", "value"),
    [
        ({"r12_2": "1.105"}, ("12", "2"), 1105),
        ({"r12_2": "1.105 hộ"}, ("12", "2"), 1105),
        ({"r24_2": "=5+7"}, ("24", "2"), 12),
        ({"r14_2": 0.023}, ("14", "2"), 2.3),
        ({"r14_2": "2,3 %"}, ("14", "2"), 2.3),
        ({"r27_2": "-"}, ("27", "2"), 0),
    ],
)
def test_what_has_one_reading_is_repaired_and_its_raw_kept(
    tmp_path: Path, typed: dict[str, Any], cell: tuple[str, str], value: float
) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(**typed))
    observations, problems = read_return(tmp_path / "a.xlsx")
    row = observations.set_index("cell").loc[f"Số liệu!{at[cell]}"]
    assert (row["value"], row["status"]) == (value, "repaired")
    assert str(row["raw"]) == str(next(iter(typed.values())))
    assert (problems["severity"] == "note").all()


def test_numbers_typed_as_text_do_not_make_the_total_wrong(tmp_path: Path) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(r18_2="54", r17_2=61))
    observations, problems = read_return(tmp_path / "a.xlsx")
    total = observations.set_index("cell").loc[f"Số liệu!{at['17', '2']}"]
    assert (total["value"], total["status"]) == (115, "repaired")
    assert "total" not in set(problems["check"])


def test_a_wrong_title_puts_every_figure_in_doubt(tmp_path: Path) -> None:
    def edit(sheet: Any, at: Any) -> None:
        sheet["A2"] = "ỦY BAN MTTQ VIỆT NAM HUYỆN LẠNG GIANG"

    filled(tmp_path / "a.xlsx", edit=edit)
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems[["check", "where", "expected"]].values.tolist() == [["wrong_area", "Số liệu!A2", "Huyện Lục Nam"]]
    assert set(observations["status"]) == {"suspect"}


def test_a_wrong_period_puts_every_figure_in_doubt(tmp_path: Path) -> None:
    def edit(sheet: Any, at: Any) -> None:
        sheet["A6"] = "Quý III năm 2024"

    filled(tmp_path / "a.xlsx", edit=edit)
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems[["check", "where"]].values.tolist() == [["wrong_period", "Số liệu!A6"]]
    assert set(observations["status"]) == {"suspect"}


def test_what_the_caller_expects_counts(tmp_path: Path) -> None:
    filled(tmp_path / "a.xlsx")
    assert read_return(tmp_path / "a.xlsx", area="H. Lục Nam", period="2024-Q4", form="front_work")[1].empty
    _, problems = read_return(tmp_path / "a.xlsx", area="217", period="2024-Q3")
    assert {"wrong_area", "wrong_period"} <= set(problems["check"])
    with pytest.raises(MttqError, match="no form"):
        read_return(tmp_path / "a.xlsx", form="none")


def test_an_old_version_of_the_form_is_told(tmp_path: Path) -> None:
    import openpyxl

    filled(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["_mttq"]["B2"] = "0123456789ab"
    book.save(tmp_path / "a.xlsx")
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems[["check", "where"]].values.tolist() == [["form_version", "_mttq!B2"]]
    assert set(observations["status"]) == {"ok"}


def test_an_extra_row_a_missing_row_and_a_missing_column(tmp_path: Path) -> None:
    def edit(sheet: Any, at: Any) -> None:
        sheet.delete_rows(35)
        sheet.insert_rows(30)
        for column, value in zip("BCE", ("Số hộ thoát nghèo", "hộ", 12), strict=True):
            sheet[f"{column}30"] = value

    filled(tmp_path / "a.xlsx", edit=edit)
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert set(problems["check"]) == {"unknown_row", "missing_row"}
    assert problems.loc[problems["check"] == "missing_row", "indicator"].tolist() == ["supervision_recommendations"]
    assert "supervision_recommendations" not in set(observations["indicator"])
    assert len(observations) == 99


def test_the_same_return_twice_is_told(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        filled(tmp_path / name)
    _, problems = read_returns(tmp_path, progress=False)
    assert problems[["check", "source", "expected"]].values.tolist() == [["duplicate_return", "b.xlsx", "a.xlsx"]]


def quarter_before(sheet: Any, at: dict[tuple[str, str], str]) -> None:
    """Cumulative figures that those of the next quarter follow from."""
    for row, column in at:
        if column != "3" or (row, "2") not in at:
            continue
        period, total = (sheet[at[row, c]].value for c in "23")
        if isinstance(total, float) and total == 3 * period:
            sheet[at[row, "3"]] = 2 * period
            if (row, "1") in at and (row, "4") in at:
                sheet[at[row, "4"]] = round(200 * period / sheet[at[row, "1"]].value, 1)


def test_cumulative_must_follow_from_the_period_before(tmp_path: Path) -> None:
    def slipped(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        quarter_before(sheet, at)
        put(r22_3=150, r22_4=38.8)(sheet, at)

    filled(tmp_path / "q3.xlsx", period="2024-Q3", edit=slipped)
    at, _ = filled(tmp_path / "q4.xlsx", edit=put(r22_3=250, r22_4=64.6))
    before, _ = read_return(tmp_path / "q3.xlsx")
    for observations, problems in (
        read_return(tmp_path / "q4.xlsx", previous=before),
        read_returns([tmp_path / "q3.xlsx", tmp_path / "q4.xlsx"], progress=False),
    ):
        chain = problems[problems["check"] == "cumulative_chain"]
        hit = chain[chain["where"] == f"Số liệu!{at['22', '3']}"]
        assert hit["expected"].tolist() == ["232"] and len(chain) < 3
        here = observations[
            (observations["period"] == "2024-Q4") & (observations["cell"] == f"Số liệu!{at['22', '3']}")
        ]
        assert here["status"].tolist() == ["suspect"]


def test_a_figure_far_from_the_other_districts_is_told_in_words(tmp_path: Path) -> None:
    for code in ("213", "215", "216", "217", "219", "220", "221", "222"):
        filled(tmp_path / f"{code}.xlsx", area=code)
    at, _ = filled(tmp_path / "218.xlsx", edit=put(r28_2=7300))
    observations, problems = read_returns(tmp_path, progress=False)
    hit = problems[problems["check"] == "others_far"]
    assert hit["where"].tolist() == [f"Số liệu!{at['28', '2']}"]
    assert "lần mức giữa của 8 đơn vị khác" in hit["message_vi"].iloc[0]
    assert (
        observations[(observations["area"] == "218") & (observations["status"] == "suspect")]["cell"].tolist()
        == hit["where"].tolist()
    )


def test_every_check_has_messages_in_both_languages_and_a_known_severity() -> None:
    for name, rule in rules().items():
        assert rule.vi and rule.en, name
        assert rule.severity in ("error", "warning", "note", "off")


def test_an_office_switches_a_check_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "a.xlsx", edit=put(r20_2=None))
    codes = tmp_path / "codes"
    codes.mkdir()
    (codes / "return_rules.csv").write_text("check,severity\nrequired,off\n", encoding="utf-8")
    monkeypatch.setenv("MTTQ_CODES", str(codes))
    assert read_return(tmp_path / "a.xlsx")[1].empty
    (codes / "return_rules.csv").write_text("check,severity\nrequired,loud\n", encoding="utf-8")
    with pytest.raises(MttqError, match="loud"):
        read_return(tmp_path / "a.xlsx")


def test_messages_are_one_line_and_name_the_row(tmp_path: Path) -> None:
    filled(tmp_path / "a.xlsx", edit=put(r12_2=1.105, r20_2="nhiều"))
    _, problems = read_return(tmp_path / "a.xlsx")
    assert tuple(problems.columns) == PROBLEM_COLUMNS
    said = " | ".join(problems["message_vi"])
    assert "Số hộ nghèo" in said and "Có phải là 1.105?" in said and "\n" not in said
    assert number_text(1234.5, vi=True) == "1.234,5"
    assert isinstance(problems, pd.DataFrame)


def test_the_second_form_checks_rows_columns_and_the_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTTQ_CODES", str(ROOT / "tests" / "data" / "second_form"))
    at, _ = filled(
        tmp_path / "a.xlsx",
        form="grassroots",
        period="2024-H2",
        edit=put(rtotal_7=9999, r07456_8=123_000_000, r07462_2=5.142),
    )
    _, problems = read_return(tmp_path / "a.xlsx")
    found = {(p["check"], p["where"], p["area"]) for p in problems.to_dict("records")}
    assert found == {
        ("total", f"Số liệu!{at['total', '7']}", "218"),
        ("money_unit", f"Số liệu!{at['07456', '8']}", "07456"),
        ("lost_thousands", f"Số liệu!{at['07462', '2']}", "07462"),
    }


def test_a_unit_below_that_does_not_exist_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTTQ_CODES", str(ROOT / "tests" / "data" / "second_form"))

    def edit(sheet: Any, at: Any) -> None:
        sheet["B15"] = "Xã Không Có Thật"

    filled(tmp_path / "a.xlsx", form="grassroots", period="2024-H2", edit=edit)
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert set(problems["check"]) == {"unknown_area", "missing_area", "total_unchecked"}
    assert "07453" not in set(observations["area"])


@pytest.mark.parametrize(
    ("typed", "doubted"),
    [
        ({"r12_2": 11050}, [("12", "2"), ("14", "2")]),
        ({"r24_1": 4}, [("24", "1"), ("24", "3")]),
        ({"r24_3": 5, "r24_4": 4.8}, [("24", "3"), ("24", "2")]),
        ({"r17_2": 120}, [("17", "2"), ("18", "2"), ("19", "2")]),
    ],
)
def test_every_side_of_a_check_that_failed_is_in_doubt(
    tmp_path: Path, typed: dict[str, Any], doubted: list[tuple[str, str]]
) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(**typed))
    status = read_return(tmp_path / "a.xlsx")[0].set_index("cell")["status"]
    assert {status[f"Số liệu!{at[cell]}"] for cell in doubted if f"Số liệu!{at[cell]}" in status} == {"suspect"}


def test_a_broken_total_line_is_told_though_its_parts_are_sound(tmp_path: Path) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(r17_2=115.5))
    _, problems = read_return(tmp_path / "a.xlsx")
    assert problems[["check", "where"]].values.tolist() == [["total", f"Số liệu!{at['17', '2']}"]]


def test_what_the_row_itself_tells_of_a_misread_figure(tmp_path: Path) -> None:
    at, values = filled(tmp_path / "a.xlsx", edit=put(r10_1=117_000_000, r26_2=5.5))
    problems = read_return(tmp_path / "a.xlsx")[1].set_index("where")[["check", "expected"]]
    assert problems.loc[f"Số liệu!{at['26', '2']}"].tolist() == ["not_whole", ""]
    assert problems.loc[f"Số liệu!{at['10', '1']}", "check"] == "money_unit" and values["10", "1"] > 50


@pytest.mark.parametrize(
    ("typed", "cell", "check", "expected"),
    [
        ({"r31_3": 450_000}, ("31", "3"), "cumulative_far", "68"),
        ({"r2_1": 0.08575}, ("2", "1"), "money_small", "85.75"),
    ],
)
def test_a_thousand_times_too_much_or_too_little_for_its_row(
    tmp_path: Path, typed: dict[str, Any], cell: tuple[str, str], check: str, expected: str
) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(**typed))
    observations, problems = read_return(tmp_path / "a.xlsx")
    where = f"Số liệu!{at[cell]}"
    assert (check, where, expected) in set(problems[["check", "where", "expected"]].itertuples(index=False, name=None))
    assert observations.set_index("cell").loc[where, "status"] == "suspect"


def test_figures_as_large_as_one_in_a_smaller_unit_are_in_it_too(tmp_path: Path) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(r39_1=1_645_200, r39_2=351_200, r39_3=1_729_600))
    observations, problems = read_return(tmp_path / "a.xlsx")
    told = problems[problems["check"] == "money_unit"].set_index("where")["expected"]
    cells = [f"Số liệu!{at['39', column]}" for column in "123"]
    assert told[cells].tolist() == ["1645.2", "351.2", "1729.6"]
    assert set(observations.set_index("cell")["status"][cells]) == {"suspect"}


def test_an_empty_total_without_formula_is_computed_and_told(tmp_path: Path) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(r17_2=None))
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems[["check", "severity", "expected"]].values.tolist() == [["total_computed", "note", "115"]]
    assert observations.set_index("cell").loc[f"Số liệu!{at['17', '2']}", "status"] == "repaired"


def test_a_total_that_leaves_out_an_empty_part_waits(tmp_path: Path) -> None:
    at, values = filled(tmp_path / "a.xlsx")
    filled(tmp_path / "a.xlsx", edit=put(r18_2=None, r17_2=values["19", "2"]))
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems[["check", "where"]].values.tolist() == [["required", f"Số liệu!{at['18', '2']}"]]
    assert observations.set_index("cell").loc[f"Số liệu!{at['17', '2']}", "status"] == "suspect"


def test_a_cumulative_total_that_passes_on_what_a_part_has_wrong_is_not_told_again(tmp_path: Path) -> None:
    at, values = filled(tmp_path / "a.xlsx")
    filled(tmp_path / "a.xlsx", edit=put(r18_2=9000, r17_2=9000 + values["19", "2"]))
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems["check"].tolist() == ["cumulative_below_period"]
    status = observations.set_index("cell")["status"]
    assert {status[f"Số liệu!{at[row, column]}"] for row in ("17", "18") for column in "23"} == {"suspect"}


def test_a_return_of_a_later_period_than_it_says_is_told_once(tmp_path: Path) -> None:
    filled(tmp_path / "a.xlsx", period="2024-Q1")
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems["check"].tolist() == ["cumulative_first"] and "kỳ báo cáo" in problems["message_vi"][0]
    assert (observations.query("indicator == 'supervision_recommendations'")["status"] == "suspect").sum() == 2


def test_two_columns_typed_for_each_other_are_told_once(tmp_path: Path) -> None:
    def swap(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        for row, column in at:
            if column == "2" and (row, "3") in at and row != "1":
                one, other = sheet[at[row, "2"]], sheet[at[row, "3"]]
                one.value, other.value = other.value, one.value

    filled(tmp_path / "a.xlsx", edit=swap)
    problems = read_return(tmp_path / "a.xlsx")[1].query("check == 'cumulative_below_period'")
    assert len(problems) == 1 and "nhập lẫn" in problems["message_vi"].iloc[0]


def test_what_is_computed_of_a_figure_in_doubt_waits(tmp_path: Path) -> None:
    at, values = filled(tmp_path / "a.xlsx")
    more = 10 * values["31", "2"]
    whole = more + values["32", "2"] + values["33", "2"]
    filled(tmp_path / "a.xlsx", edit=put(r31_2=more, r30_2=whole, r34_2=round(100 * more / whole, 2)))
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems["check"].tolist() == ["cumulative_below_period"]
    status = observations.set_index("cell")["status"]
    assert {status[f"Số liệu!{at[row, '2']}"] for row in ("30", "31", "34")} == {"suspect"}


def test_a_percentage_of_parts_not_known_is_read_as_its_cell_shows_it(tmp_path: Path) -> None:
    def edit(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        sheet[at["11", "2"]], sheet[at["14", "2"]] = None, 0.0334
        sheet[at["14", "2"]].number_format = "0.00%"

    at, _ = filled(tmp_path / "a.xlsx", edit=edit)
    found = read_return(tmp_path / "a.xlsx")[0].set_index("cell")["value"]
    assert found[f"Số liệu!{at['14', '2']}"] == 3.34


def test_a_total_typed_as_a_sum_of_its_own_is_set_against_its_parts(tmp_path: Path) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(r17_2="=100+5"))
    problems = read_return(tmp_path / "a.xlsx")[1]
    assert problems[["check", "where", "found"]].values.tolist() == [["total", f"Số liệu!{at['17', '2']}", "105"]]


def test_far_more_accepted_than_asked_for_is_warned_of(tmp_path: Path) -> None:
    at, _ = filled(tmp_path / "a.xlsx", edit=put(r21_2=150))
    _, problems = read_return(tmp_path / "a.xlsx")
    assert problems[["check", "severity", "where"]].values.tolist() == [
        ["part_over_related", "warning", f"Số liệu!{at['21', '2']}"]
    ]


def test_a_share_whose_parts_are_in_error_is_missing_and_says_why(tmp_path: Path) -> None:
    def break_part(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        sheet[at["32", "2"]] = "#VALUE!"

    at, _ = filled(tmp_path / "a.xlsx", edit=break_part, cached=False)
    observations, problems = read_return(tmp_path / "a.xlsx")
    seen = observations.set_index(observations["cell"].str.split("!").str[1])
    assert seen.loc[at["34", "2"], "status"] == "missing"
    assert f"Số liệu!{at['34', '2']}" in set(problems.loc[problems["check"] == "not_computed", "where"])


@pytest.mark.parametrize(("number_format", "told"), [("General", ["fraction_read"] * 2), ("0.00%", [])])
def test_a_fraction_in_place_of_a_percentage_is_repaired_and_told_unless_it_shows_as_one(
    tmp_path: Path, number_format: str, told: list[str]
) -> None:
    def fraction(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        for cell in (at["14", "2"], at["10", "4"]):
            sheet[cell] = round(sheet[cell].value / 100, 4)
            sheet[cell].number_format = number_format

    at, values = filled(tmp_path / "a.xlsx", edit=fraction)
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems["check"].tolist() == told
    seen = observations.set_index(observations["cell"].str.split("!").str[1])
    assert seen.loc[at["14", "2"], ["value", "status"]].tolist() == [values["14", "2"], "repaired"]


def test_a_digit_too_many_is_told_where_the_other_districts_lie_close_together(tmp_path: Path) -> None:
    at: dict[tuple[str, str], str] = {}
    paths = [tmp_path / f"{area}.xlsx" for area in ("215", "216", "217", "218", "219")]
    for n, path in enumerate(paths):
        count = (950, 1240, 780, 1100, 10300)[n]
        at, _ = filled(path, area=path.stem, edit=put(r29_2=count))
    observations, problems = read_returns(paths, progress=False)
    far = problems[problems["check"] == "others_far"]
    assert far[["source", "where"]].to_numpy().tolist() == [["219.xlsx", f"Số liệu!{at['29', '2']}"]]
    status = observations.set_index(["source", "indicator", "measure"])["status"]
    assert (
        status["219.xlsx", "mediators_count", "period"] == "suspect"
        and status["215.xlsx", "mediators_count", "period"] == "ok"
    )


def test_returns_with_a_row_less_are_compared_with_the_others_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shorter(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        sheet.delete_rows(sheet[at["40", "2"]].row)

    paths = [tmp_path / f"{area}.xlsx" for area in ("215", "216", "217", "218", "219")]
    for n, path in enumerate(paths):
        at, _ = filled(path, area=path.stem, edit=put(r29_2=10300) if n == 4 else shorter if n < 2 else None)
    _, problems = read_returns(paths, progress=False)
    told = problems[problems["check"] == "others_far"]
    assert told[["source", "where"]].to_numpy().tolist() == [["219.xlsx", f"Số liệu!{at['29', '2']}"]]
    filled(tmp_path / "q3.xlsx", area="219", period="2024-Q3", edit=shorter)
    before, _ = read_return(tmp_path / "q3.xlsx")
    _, chained = read_returns([paths[3], paths[4]], previous=before, progress=False)
    _, alone = read_returns([paths[3], paths[4]], progress=False)
    checks = chained.groupby("source")["check"].agg(set)
    assert "cumulative_chain" in checks["219.xlsx"] and "cumulative_chain" not in set(alone["check"])
    # Looked at a little at a time, they tell the same.
    monkeypatch.setattr(peers, "_FIGURES", 40)
    monkeypatch.setattr(peers, "_PAIRS", 1)
    pd.testing.assert_frame_equal(problems, read_returns(paths, progress=False)[1])
    pd.testing.assert_frame_equal(chained, read_returns(paths[3:], previous=before, progress=False)[1])


def test_what_is_computed_of_a_figure_far_from_others_waits_with_it(tmp_path: Path) -> None:
    # Sixty times too much, and Excel has added it up; the total alone is not so far from the others'.
    paths = [tmp_path / f"{area}.xlsx" for area in ("215", "216", "217", "218", "219", "220")]
    for path in paths[:-1]:
        filled(path, area=path.stem)
    at, values = filled(paths[-1], area="220")
    part = values["6", "2"] * 60
    total = part + values["7", "2"]
    filled(paths[-1], area="220", edit=put(r6_2=part, r6_3=part, r5_2=total, r5_3=part + values["7", "3"]))
    observations, problems = read_returns(paths, progress=False)
    told = problems[problems["source"].eq("220.xlsx") & problems["check"].eq("others_far")]
    status = observations[observations["source"] == "220.xlsx"].set_index("cell")["status"]
    assert f"Số liệu!{at['6', '2']}" in set(told["where"])
    assert {status[f"Số liệu!{at[row, '2']}"] for row in "56"} == {"suspect"}
    assert status[f"Số liệu!{at['7', '2']}"] == "ok"


def test_an_old_return_under_a_new_title_is_told_once(tmp_path: Path) -> None:
    filled(tmp_path / "q3.xlsx", period="2024-Q3")
    filled(tmp_path / "q4.xlsx")
    observations, problems = read_returns([tmp_path / "q3.xlsx", tmp_path / "q4.xlsx"], progress=False)
    (chain,) = problems[problems["check"].eq("cumulative_chain")].to_dict("records")
    assert "dòng như vậy, có thể ghi sai kỳ báo cáo" in chain["message_vi"]
    late = observations[observations["source"].eq("q4.xlsx") & observations["measure"].eq("cumulative")]
    assert late["status"].eq("suspect").sum() > 25


def test_a_plan_that_changes_within_the_year_is_told(tmp_path: Path) -> None:
    before, _ = filled(tmp_path / "q3.xlsx", period="2024-Q3", edit=put(r20_1=90))
    at, _ = filled(tmp_path / "q4.xlsx", edit=put(r20_1=900))
    _, problems = read_returns([tmp_path / "q3.xlsx", tmp_path / "q4.xlsx"], progress=False)
    jumps = problems[problems["check"] == "stock_jump"]
    assert jumps["where"].tolist() == [f"Số liệu!{at['20', '1']}"] and before == at
    filled(tmp_path / "q1.xlsx", period="2025-Q1", edit=put(r20_1=9000))
    _, problems = read_returns([tmp_path / "q4.xlsx", tmp_path / "q1.xlsx"], progress=False)
    assert "stock_jump" not in set(problems.loc[problems["where"] == f"Số liệu!{at['20', '1']}", "check"])


def test_districts_that_differ_widely_are_not_told(tmp_path: Path) -> None:
    paths = [tmp_path / f"{area}.xlsx" for area in ("215", "216", "217", "218", "219")]
    for path, metres in zip(paths, (120, 900, 2600, 400, 15000), strict=True):
        filled(path, area=path.stem, edit=put(r40_2=metres, r40_3=metres))
    assert "others_far" not in set(read_returns(paths, progress=False)[1]["check"])


def test_a_plan_left_far_behind_puts_the_whole_row_in_doubt(tmp_path: Path) -> None:
    filled(tmp_path / "a.xlsx", edit=put(r16_1=40, r16_2=700, r16_3=2100))
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems["check"].tolist() == ["plan_far"]
    rows = observations[observations["indicator"] == "poor_households_supported_production"]
    assert set(rows["status"]) == {"suspect"} and len(rows) == 3


@pytest.mark.parametrize(
    ("made_for", "period", "said", "told"),
    [
        ("07444", "2025-Q3", "huyện Lục Nam", "Huyện Lục Nam (đến 30/6/2025), Xã Lục Nam (từ 1/7/2025)"),
        ("218", "2024-Q4", "xã Lục Nam", "Huyện Lục Nam (đến 30/6/2025), Xã Lục Nam (từ 1/7/2025)"),
    ],
)
def test_a_unit_of_another_day_is_told_with_what_bears_its_name(
    tmp_path: Path, made_for: str, period: str, said: str, told: str
) -> None:
    where = []

    def renamed(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        for row in sheet.iter_rows(max_row=12):
            for cell in row:
                if isinstance(cell.value, str) and "lục nam" in cell.value.lower():
                    where.append(cell.coordinate)
                    cell.value = f"ỦY BAN MTTQ VIỆT NAM {said.upper()}" if len(where) == 1 else None
        del sheet.parent[sheet.parent.sheetnames[-1]]

    filled(tmp_path / "a.xlsx", area=made_for, period=period, edit=renamed)
    observations, problems = read_return(tmp_path / "a.xlsx")
    problem = problems[problems["check"] == "area_of_other_day"].iloc[0]
    assert problem["expected"] == told and problem["where"] == f"Số liệu!{where[0]}"
    assert not set(observations["status"]) & {"ok", "repaired"}


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ("(Từ ngày 01/07/2024 đến ngày 30/09/2024)", True),
        ("(Từ ngày 01/10/2023 đến ngày 31/12/2023)", True),
        ("(Từ ngày 01/10/2024 đến ngày 31/12/2024)", False),
        ("(Từ ngày 15/9/2024 đến 14/12/2024)", False),
        ("(Lũy kế từ 01/01/2024 đến 31/12/2024)", False),
    ],
)
@pytest.mark.parametrize("identity", [True, False])
def test_days_outside_the_period_of_the_title_are_told(tmp_path: Path, days: str, told: bool, identity: bool) -> None:
    where = []

    def retyped(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        for row in sheet.iter_rows(max_row=12):
            for cell in row:
                if isinstance(cell.value, str) and "tính từ ngày" in cell.value:
                    cell.value = days
                    where.append(f"Số liệu!{cell.coordinate}")
        if not identity:
            del sheet.parent[sheet.parent.sheetnames[-1]]

    filled(tmp_path / "a.xlsx", edit=retyped)
    observations, problems = read_return(tmp_path / "a.xlsx")
    assert problems.loc[problems["check"] == "wrong_period", "where"].tolist() == (where if told else [])
    assert set(observations["period"]) == {"2024-Q4"}
    # What the form itself knows decides; without it nobody can tell which is right.
    assert set(observations["status"]) == ({"suspect"} if told and not identity else {"ok"})


def test_formulas_nobody_calculated_in_a_row_the_form_lacks_are_told(tmp_path: Path) -> None:
    def added(sheet: Any, at: dict[tuple[str, str], str]) -> None:
        row = sheet[at["20", "2"]].row
        sheet[f"B{row}"] = "Hội thao, văn nghệ quần chúng"
        sheet[at["20", "2"]] = "=200+53"
        for column in "134":
            sheet[at["20", column]] = None

    filled(tmp_path / "a.xlsx", edit=added)
    _, problems = read_return(tmp_path / "a.xlsx")
    assert "=200+53" in problems.loc[problems["check"] == "unknown_row", "found"].iloc[0]
