"""Comparing terms and targets: one basis, bounds carried, breaks refused, sentences told."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mttq_data as mttq
from mttq_data.comparison.comparison import COLUMNS, compare, comparison_tables, results_against_targets
from mttq_data.comparison.facts import read_facts

FOLDER = Path(__file__).resolve().parents[1]


def one(indicator: str, value: float | None = None, **cells: Any) -> pd.DataFrame:
    return pd.DataFrame([{"indicator": indicator, "value": value, **cells}])


def pair(a: pd.DataFrame, b: pd.DataFrame) -> pd.Series:
    compared = compare(a, b)
    assert len(compared) == 1
    return compared.iloc[0]


@pytest.fixture(scope="module")
def report(shared: Path) -> pd.DataFrame:
    path = shared / "report/bac-giang-xv-congress-2024.txt"
    if not path.is_file():
        pytest.skip("the real report is not beside this repository (../shared/report)")
    return mttq.extract(mttq.read_document(path))


def test_a_five_year_total_meets_a_target_a_year() -> None:
    fund = {"unit": "VND", "qualifier": "gt"}
    row = pair(
        one("fund_for_the_poor_raised", 103.5e9, period="2019-2024", role="actual", **fund),
        one("fund_for_the_poor_raised", 40e9, period="2024-2029", per="year", role="target", **fund),
    )
    assert row["basis"] == "per year"
    assert row["a_value"] == pytest.approx(20.7e9)
    assert row["b_value"] == 40e9
    assert row["change_pct"] == pytest.approx(93.2, abs=0.1)
    assert row["verdict"] == "rise"
    assert pd.isna(row["change_low"])
    assert pd.isna(row["change_high"])
    assert "20,7 tỷ đồng mỗi năm" in row["why_vi"]
    assert "1.9 times" in row["why_en"]


def test_targets_for_each_unit_become_the_provinces_total() -> None:
    done = pd.concat([one("direct_supervision_items", 2615.0), one("coordinated_supervision_items", 1918.0)])
    done = done.assign(period="2019-2024", unit="item", scope="province", role="actual")
    asked = pd.DataFrame(
        {"low": [2.0, 1.0], "high": [3.0, 2.0], "scope": ["province_and_district_level", "commune_level"]}
    )
    asked = asked.assign(indicator="supervision_items_per_front_unit", value=None, unit="item", period="2024-2029",
                         per="year", role="target", qualifier="exact")  # fmt: skip
    row = pair(done, asked)
    assert (row["b_low"], row["b_high"]) == (231, 451)
    assert row["a_value"] == pytest.approx(906.6)
    assert row["verdict"] == "fall"
    assert "209 đơn vị cấp xã" in row["why_vi"]
    later = compare(done, asked, on="2025-03-31").iloc[0]
    assert (later["b_low"], later["b_high"]) == (11 * 2 + 192, 11 * 3 + 192 * 2)


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ({"value": 85, "qualifier": "gt"}, {"value": 88}, "uncertain"),
        ({"value": 85, "qualifier": "gt"}, {"value": 85}, "fall"),
        ({"value": 85, "qualifier": "gt"}, {"value": 80}, "fall"),
        ({"value": 80}, {"value": 85, "qualifier": "gt"}, "rise"),
        ({"value": 80, "qualifier": "lt"}, {"value": 80, "qualifier": "ge"}, "rise"),
        ({"value": 80, "qualifier": "le"}, {"value": 80, "qualifier": "ge"}, "uncertain"),
        ({"value": 90, "qualifier": "gt"}, {"value": 95, "qualifier": "gt"}, "uncertain"),
        ({"value": 30, "qualifier": "gt"}, {"value": 60, "qualifier": "gt"}, "rise"),
        ({"value": 50, "qualifier": "approx"}, {"value": 52}, "uncertain"),
        ({"value": 50, "qualifier": "approx"}, {"value": 80}, "rise"),
        ({"value": None, "low": 40, "high": 60}, {"value": 70}, "rise"),
        ({"value": None, "low": 40, "high": 60}, {"value": 60}, "uncertain"),
        ({"value": 70}, {"value": 70}, "same"),
    ],
)
def test_bounds_are_carried_into_the_verdict(a: dict[str, Any], b: dict[str, Any], verdict: str) -> None:
    share = {"indicator": "mediation_success_rate", "unit": "percent"}
    row = pair(pd.DataFrame([{**share, "period": "2023", **a}]), pd.DataFrame([{**share, "period": "2024", **b}]))
    assert row["verdict"] == verdict
    assert row["basis"] == "point"
    if verdict == "uncertain":
        assert " vì " in row["why_vi"]


def test_poverty_rates_across_the_standard_of_2021_are_not_one_series() -> None:
    row = pair(one("poverty_rate", 9.55, period="2017"), one("poverty_rate", 2.67, period="2023"))
    assert row["verdict"] == "not comparable"
    assert pd.isna(row["change"])
    assert "chuẩn nghèo đổi từ năm 2021" in row["why_vi"]
    after = pair(one("poverty_rate", 5.27, period="2021"), one("poverty_rate", 2.67, period="2023"))
    assert after["verdict"] == "fall"


def test_territories_that_changed_are_not_compared() -> None:
    gone = pair(one("tet_gifts", 50, area="219", period="2024"), one("tet_gifts", 30, area="219", period="2025-Q1"))
    assert gone["verdict"] == "not comparable"
    assert "01/01/2025" in gone["why_vi"]
    kept = pair(one("tet_gifts", 50, area="218", period="2024-Q1"), one("tet_gifts", 30, area="218", period="2025-Q1"))
    assert kept["verdict"] == "fall"
    assert kept["why_vi"].startswith("Huyện Lục Nam:")


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ({"area": "Bắc Giang", "period": "2023"}, {"area": "24", "period": "2024"}, ""),
        ({"area": "tỉnh Bắc Giang", "period": "2024"}, {"area": "24", "period": "2025-07-01"}, "area"),
        ({"area": "24", "period": "2024"}, {"area": "24", "period": "2026"}, "area"),
        ({"area": "Bắc Giang", "period": "2024"}, {"area": "Bắc Giang", "period": "2026"}, ""),
        ({"area": "Bắc Giang", "period": "2024"}, {"area": "Bắc Ninh", "period": "2026"}, "area"),
        ({"area": "Bắc Ninh", "period": "2018"}, {"area": "24", "period": "2019"}, "areas"),
        ({"area": "Bắc Ninh", "period": "2018"}, {"area": "27", "period": "2019"}, ""),
        ({"area": "218", "period": "2023"}, {"area": "24", "period": "2024"}, "areas"),
        ({"area": "Huyện Lục Nam", "period": "2023"}, {"area": "218", "period": "2024"}, ""),
        ({"area": "Lục Nam", "period": "2024"}, {"area": "Lục Nam", "period": "2026"}, "areas"),
        ({"area": "222", "period": "2023"}, {"area": "Thị xã Việt Yên", "period": "2024"}, ""),
        ({"area": "221", "period": "2024"}, {"area": "213", "period": "2025-H1"}, "areas"),
        ({"area": "213", "period": "2024"}, {"area": "213", "period": "2025-H1"}, "area"),
        ({"area": "07210", "period": "2024"}, {"area": "07210", "period": "2026"}, "area"),
        ({"area": "07663", "period": "2024"}, {"area": "07663", "period": "2026"}, ""),
        ({"area": "", "period": "2024"}, {"area": "24", "period": "2026"}, "area"),
        ({"area": "24", "period": ""}, {"area": "24", "period": "2026"}, "area"),
    ],
)
def test_areas_are_told_by_their_territory(a: dict[str, Any], b: dict[str, Any], reason: str) -> None:
    row = pair(one("population", 1.9e6, unit="person", **a), one("population", 3.6e6, unit="person", **b))
    assert row["reason"] == reason
    assert row["verdict"] == ("not comparable" if reason else "rise")
    assert pd.isna(row["change"]) == bool(reason)
    assert {"area": "địa giới đã thay đổi", "areas": "hai địa bàn khác nhau", "": "tăng"}[reason] in row["why_vi"]


def test_an_undated_figure_is_of_the_time_of_its_report() -> None:
    report = pd.DataFrame([
        {"indicator": "commune_level_units_count", "value": 209, "period": ""},
        {"indicator": "tet_gifts", "value": 100, "period": "2019-2024"},
    ]).assign(area="Bắc Giang", document="report.txt", role="context")  # fmt: skip
    facts = read_facts(FOLDER / "data/raw/facts")
    table = comparison_tables(report, facts[facts["indicator"] == "commune_level_units_count"])
    rows = table[table["indicator"] == "commune_level_units_count"]
    # The 58 communes of the former province, never the 99 of the merged one.
    assert rows[["a_value", "b_value", "verdict"]].values.tolist() == [[209, 58, "fall"]]


def test_a_place_is_called_as_it_was_then() -> None:
    row = pair(
        one("tet_gifts", 50, area="07210", period="2025-Q3"), one("tet_gifts", 60, area="07210", period="2025-Q4")
    )
    assert row["why_vi"].startswith("Phường Bắc Giang:")


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ({"unit": "house"}, {"unit": "VND"}, "units"),
        ({"scope": "province"}, {"scope": "province_level_committee"}, "scopes"),
        ({"period": "2024-Q4"}, {"period": "2023"}, "lengths"),
        ({"period": ""}, {"period": "2023", "per": "year"}, "undated"),
        ({"period": "2020-2022"}, {"period": "2021-2023"}, "overlap"),
        ({"value": None}, {}, "missing"),
        ({"standard": "one"}, {"standard": "two"}, "standards"),
    ],
)
def test_what_cannot_be_compared_says_why(a: dict[str, Any], b: dict[str, Any], reason: str) -> None:
    base = {"indicator": "great_unity_houses", "value": 100.0, "unit": "house", "period": "2023"}
    row = pair(pd.DataFrame([{**base, **a}]), pd.DataFrame([{**base, "period": "2024", **b}]))
    assert (row["verdict"], row["reason"]) == ("not comparable", reason)
    assert pd.isna(row["change"])
    assert " vì " in row["why_vi"]
    assert "because" in row["why_en"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_figure_in_a_second_unit_is_told_beside_the_pair_in_the_first(turned: bool) -> None:
    last = pd.concat([one("houses_great_unity", 40.0, unit="house"), one("houses_great_unity", 12.0, unit="percent")])
    next_ = one("houses_great_unity", 55.0, unit="house")
    sides = [next_.assign(period="2019-2024"), last.assign(period="2024-2029")]
    rows = compare(*(sides if turned else [last.assign(period="2019-2024"), next_.assign(period="2024-2029")]))
    assert sorted(rows["verdict"]) == sorted(["fall" if turned else "rise", "not comparable"])
    (told,) = rows.loc[rows["verdict"] == "not comparable", "why_en"]
    assert "12%" in told
    assert "units differ" in told


def test_units_of_one_dimension_are_converted() -> None:
    row = pair(
        one("land_donated", 22, unit="km2", period="2019-2024"),
        one("land_donated", 1000, unit="ha", period="2024-2029"),
    )
    assert row["unit"] == "m2"
    assert (row["a_value"], row["b_value"]) == (22e6, 10e6)


def test_roles_are_not_mixed_when_each_has_its_like() -> None:
    rows = pd.DataFrame(
        [{"indicator": "x", "value": 10, "role": "actual"}, {"indicator": "x", "value": 50, "role": "target"}]
    )
    compared = compare(rows, rows.assign(value=rows["value"] + 1))
    assert set(zip(compared["a_role"], compared["b_role"], strict=True)) == {("actual", "actual"), ("target", "target")}
    assert compared["change"].tolist() == [1, 1]


def test_counts_meet_shares_with_their_base() -> None:
    ratio = {
        "indicator": "new_rural_standard_communes",
        "kind": "ratio",
        "value": 154 / 182,
        "numerator": 154,
        "denominator": 182,
    }
    ratio |= {"unit": "commune", "period": "2023"}
    count = pair(one("new_rural_standard_communes", 114, unit="commune", period="2019"), pd.DataFrame([ratio]))
    assert (count["a_value"], count["b_value"], count["basis"]) == (114, 154, "total")
    earlier = {**ratio, "value": 100 / 184, "numerator": 100, "denominator": 184, "period": "2019"}
    share = pair(pd.DataFrame([earlier]), pd.DataFrame([ratio]))
    assert share["basis"] == "share"
    assert share["b_value"] == pytest.approx(84.6, abs=0.1)
    goal = one("new_rural_standard_communes_share", 80, unit="percent", period="2021-2025", role="target")
    met = pair(pd.DataFrame([ratio]), goal)
    assert met["verdict"] == "fall"
    assert met["a_value"] == pytest.approx(84.6, abs=0.1)


def test_sources_that_disagree_span_both() -> None:
    rates = pd.DataFrame([{"indicator": "poverty_rate", "value": v, "period": "2023"} for v in (2.63, 2.67, 2.7)])
    row = pair(one("poverty_rate", 3.81, period="2022"), rates)
    assert (row["b_low"], row["b_high"], row["verdict"]) == (2.63, 2.7, "fall")
    assert "Các nguồn đưa số khác nhau" in row["why_vi"]
    unsure = pair(one("poverty_rate", 2.65, period="2022"), rates)
    assert (unsure["verdict"], unsure["reason"]) == ("uncertain", "disagree")


def test_a_final_figure_stands_before_a_preliminary_one() -> None:
    rates = pd.DataFrame(
        {"indicator": "poverty_rate", "value": [3.86, 3.81], "period": "2022", "stage": ["preliminary", "final"]}
    )
    assert pair(rates, one("poverty_rate", 2.67, period="2023"))["a_value"] == 3.81


def test_a_running_total_is_of_the_year_so_far() -> None:
    def told(year: int, value: float) -> pd.DataFrame:
        measures = {"period": value, "cumulative": 3 * value}
        return pd.concat([one("tet_gifts", v, period=f"{year}-Q3", measure=m) for m, v in measures.items()])

    before, after = told(2023, 10), told(2024, 12)
    row = pair(before.query("measure == 'cumulative'"), after.query("measure == 'cumulative'"))
    assert (row["a_value"], row["b_value"], row["verdict"]) == (30, 36, "rise")
    assert "9 tháng đầu năm 2024" in row["why_vi"]
    # With the quarter itself beside it, the quarters are compared.
    row = pair(before, after)
    assert (row["a_value"], row["b_value"], row["reason"]) == (10, 12, "")


def test_zero_base_gives_no_percentage_and_says_so() -> None:
    row = pair(one("tet_gifts", 0, period="2022"), one("tet_gifts", 20, period="2023"))
    assert row["verdict"] == "rise"
    assert pd.isna(row["change_pct"])
    assert "bằng 0" in row["why_vi"]


def test_a_target_below_what_was_reached_is_said() -> None:
    rank = {"indicator": "grdp_size_national_rank", "unit": "rank"}
    row = pair(pd.DataFrame([{**rank, "value": 12, "period": "2023"}]),
               pd.DataFrame([{**rank, "value": 15, "qualifier": "le", "period": "2030", "role": "target"}]))  # fmt: skip
    assert row["verdict"] == "rise"
    assert "yếu hơn thứ hạng đã có" in row["why_vi"]


def test_a_result_is_set_against_the_target_of_its_own_time() -> None:
    row = pair(
        one("emulation_models", 1580, qualifier="gt", unit="model", period="2019-2024"),
        one("emulation_models", 250, qualifier="ge", unit="model", period="2019-2024", role="target"),
    )
    assert row["why_vi"].startswith(
        "Mô hình thi đua đoàn kết sáng tạo là trên 1.580 mô hình (nhiệm kỳ 2019-2024), cao hơn mục tiêu"
    )
    assert "%" not in row["why_vi"]


def test_a_difference_is_as_exact_as_the_figures_beside_it() -> None:
    row = pair(
        one("great_unity_houses", 816, unit="house", period="2017-10-01/2018-09-30"),
        one("great_unity_houses", 5142, unit="house", period="2019-2024"),
    )
    assert row["change"] == pytest.approx(212.4)
    assert "từ 816 nhà (kỳ từ tháng 10/2017 đến tháng 9/2018) lên bình quân 1.028 nhà mỗi năm" in row["why_vi"]
    assert "tức tăng 212 nhà (26%)" in row["why_vi"]


def test_two_figures_of_one_fact_are_no_rise() -> None:
    row = pair(one("tet_gifts", 100, period="2023"), one("tet_gifts", 120, period="2023"))
    assert (row["verdict"], row["reason"]) == ("uncertain", "disagree")
    assert pair(one("tet_gifts", 100, period="2023"), one("tet_gifts", 100, period="2023"))["verdict"] == "same"


def test_sentences_say_what_a_reader_has_to_know() -> None:
    back = pair(one("tet_gifts", 100, period="2024"), one("tet_gifts", 120, period="2023"))["why_vi"]
    assert "100 suất quà (năm 2024), thấp hơn mức 120 suất quà của năm 2023" in back
    early = one("poverty_rate", 3.86, period="2022", stage="preliminary")
    assert "năm 2022 là số sơ bộ" in pair(early, one("poverty_rate", 2.67, period="2023"))["why_vi"]
    seasons = pair(one("tet_gifts", 9, period="2023-Q1"), one("tet_gifts", 8, period="2024-Q4"))
    assert "hai thời điểm khác nhau trong năm" in seasons["why_vi"]
    nothing = pair(one("tet_gifts", None, period="2023"), one("tet_gifts", 8, period="2024"))
    assert "không nêu con số" not in nothing["why_vi"]
    months = pd.concat([one("tet_gifts", 1, period=f"2023-{month:02}") for month in range(1, 13)])
    assert "12 suất quà (năm 2023)" in pair(months, one("tet_gifts", 13, period="2024"))["why_vi"]


def test_targets_of_a_list_are_of_the_province_as_it_was() -> None:
    goal = one("social_criticism_items", 222, qualifier="ge", period="2024-2029", per="year", role="target")
    for area, reason in (("24", "area"), ("Bắc Giang", ""), ("07210", "")):
        assert pair(one("social_criticism_items", 76, area=area, period="2026"), goal)["reason"] == reason


def test_targets_without_a_result_or_a_figure_are_listed() -> None:
    goals = pd.DataFrame([
        {"indicator": "front_work_committees_weak_count", "value": 0, "role": "target"},
        {"indicator": "mediation_success_rate", "value": None, "role": "target"},
    ])  # fmt: skip
    compared = compare(one("mediation_success_rate", 85, qualifier="gt", role="actual"), goals).set_index("indicator")
    assert compared.loc["front_work_committees_weak_count", "reason"] == "no_result"
    assert compared.loc["mediation_success_rate", "reason"] == "no_figure"


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame({"value": [1]}), "column indicator is missing"),
        (pd.DataFrame({"indicator": ["x"], "value": ["many"]}), "value 'many' is no number"),
        (pd.DataFrame({"indicator": ["x"], "value": [1], "period": ["soon"]}), "'soon' is no period"),
        (pd.DataFrame({"indicator": ["x"], "value": [1], "qualifier": ["circa"]}), "qualifier 'circa'; choose one of"),
        (pd.DataFrame({"indicator": ["x"], "value": [1], "low": [9], "high": [3]}), "x: low 9 is above high 3"),
    ],
)
def test_bad_input_is_one_line(frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(mttq.MttqError, match=said):
        compare(frame, one("x", 1))
    with pytest.raises(mttq.MttqError):
        compare({"a": 1}, one("x", 1))  # type: ignore[arg-type]


def test_nothing_in_common_is_an_empty_frame() -> None:
    compared = compare(one("x", 1), one("y", 1))
    assert compared.empty
    assert list(compared.columns) == COLUMNS


ENDS = st.floats(0, 1000, allow_nan=False).map(lambda x: round(x, 1))


@settings(max_examples=40)
@given(ENDS, ENDS, ENDS, ENDS)
def test_a_certain_verdict_holds_for_every_point_of_both_ranges(p: float, q: float, r: float, s: float) -> None:
    (al, ah), (bl, bh) = sorted((p, q)), sorted((r, s))
    a = pd.DataFrame([{"indicator": "some_count", "value": None, "low": al, "high": ah, "qualifier": "exact"}])
    b = pd.DataFrame([{"indicator": "some_count", "value": None, "low": bl, "high": bh, "qualifier": "exact"}])
    row = pair(a, b)
    if row["verdict"] == "rise":
        assert bl > ah
    elif row["verdict"] == "fall":
        assert bh < al
    else:
        assert bl <= ah + 1e-6
        assert bh >= al - 1e-6
    assert row["change_low"] == pytest.approx(bl - ah, abs=1e-9)


# Checked by hand against the text: what each result and its target say.
BY_HAND = {
    "fund_for_the_poor_raised": "rise",
    "supervision_items": "fall",
    "social_criticism_items": "rise",
    "emulation_models": "fall",
    "great_unity_festival_residential_areas_share": "same",
    "poor_and_near_poor_households_receiving_tet_gifts_share": "uncertain",
    "commune_front_officials_and_work_committees_trained_share": "uncertain",
    "fronts_monitoring_people_situation_share": "uncertain",
    "fronts_guiding_self_management_groups_share": "uncertain",
    "houses_needing_support": "uncertain",
    "resolution_target_attainment_people_situation_reports": "same",
    "resolution_target_attainment_tet_gifts": "same",
    "resolution_target_attainment_great_unity_houses": "same",
    "resolution_target_attainment_environment_self_management_groups": "same",
    "resolution_target_attainment_prolonged_complaint_disclosure": "same",
    "resolution_target_attainment_full_time_front_officials_trained": "same",
    "resolution_target_attainment_advisory_bodies": "same",
    "action_programmes_count": "same",
    "resolution_target_groups_count": "same",
    "it_proficient_front_staff_share": "not comparable",
    "residential_areas_registered_self_governing_model_share": "not comparable",
    "front_work_committees_rated_good_share": "not comparable",
}


def test_the_real_report_against_its_own_targets(report: pd.DataFrame) -> None:
    compared = results_against_targets(report)
    verdicts = dict(zip(compared["indicator"], compared["verdict"], strict=True))
    assert {i: verdicts.get(i) for i in BY_HAND} == BY_HAND
    judged = compared[compared["verdict"] != "not comparable"]
    assert judged["indicator"].nunique() >= 20
    ranks = compared[compared["indicator"] == "grdp_size_national_rank"]
    assert dict(zip(ranks["b_period"], ranks["verdict"], strict=True)) == {"2030": "rise", "2024-2029": "same"}


def test_every_sentence_of_the_real_report_can_be_taken_over(report: pd.DataFrame) -> None:
    compared = results_against_targets(report)
    for lang in ("vi", "en"):
        for sentence in compared[f"why_{lang}"]:
            assert sentence.endswith(".")
            assert "nan" not in sentence.lower().split()
            assert "{" not in sentence
            assert "  " not in sentence


def test_the_tables_of_a_build_hold_targets_and_years(report: pd.DataFrame) -> None:
    facts = read_facts(FOLDER / "data/raw/facts")
    table = comparison_tables(report, facts, mttq.targets())
    assert set(table["comparison"]) == {"targets", "years"}
    rate = table[(table["comparison"] == "years") & (table["indicator"] == "poverty_rate") & (table["area"] == "24")]
    assert {"not comparable", "fall"} & set(rate["verdict"])


@pytest.mark.slow
def test_a_hundred_thousand_rows_take_seconds() -> None:
    frame = pd.DataFrame(
        {"indicator": [f"i{n % 200}" for n in range(100_000)], "area": [f"p{n // 200}" for n in range(100_000)]}
    )
    sides = [frame.assign(value=float(v), period=p, unit="house") for v, p in ((10, "2019-2024"), (12, "2024-2029"))]
    start = time.process_time()
    compared = compare(*sides)
    assert len(compared) == 100_000
    assert time.process_time() - start < 10


def houses(value: float | None, period: Any, **cells: Any) -> pd.DataFrame:
    return one("great_unity_houses", value, period=period, unit="house", **cells)


def test_targets_for_each_unit_follow_the_successor_communes_after_the_merger() -> None:
    done = one("supervision_items", 4533.0, period="2019-2024", unit="item")
    row = compare(done, mttq.targets(), on="2025-12-31").set_index("indicator").loc["supervision_items"]
    assert (row["b_low"], row["b_high"]) == (58, 116)
    assert "58 đơn vị cấp xã × 1–2" in row["why_vi"]
    assert "cấp tỉnh" not in row["why_vi"]


@pytest.mark.parametrize(
    ("a", "b", "vi", "en"),
    [
        (("exact", 85), ("gt", 88), "tức tăng trên 3 điểm phần trăm.", "an increase of over 3 percentage points."),
        (
            ("exact", 85),
            ("ge", 88),
            "tức tăng ít nhất 3 điểm phần trăm.",
            "an increase of at least 3 percentage points.",
        ),
        (("exact", 90), ("lt", 80), "tức giảm trên 10 điểm phần trăm.", "a decrease of over 10 percentage points."),
        (("approx", 40), ("exact", 80), "tức tăng khoảng 40 điểm phần trăm.", "of about 40 percentage points."),
        (("lt", 90), ("exact", 90), "lên 90% (năm 2023).", "to 90% (2023)."),
        (("exact", 85), ("exact", 86), "tức tăng 1 điểm phần trăm.", "an increase of 1 percentage point."),
    ],
)
def test_a_change_from_a_bound_is_a_bound(a: tuple[str, float], b: tuple[str, float], vi: str, en: str) -> None:
    share = {"unit": "percent"}
    row = pair(
        one("health_insurance_coverage", a[1], qualifier=a[0], period="2022", **share),
        one("health_insurance_coverage", b[1], qualifier=b[0], period="2023", **share),
    )
    assert row["why_vi"].endswith(vi)
    assert row["why_en"].endswith(en)


def test_sentences_name_one_house_one_year_and_the_unit_once() -> None:
    assert "from 1 house (2022) to 2 houses (2023), an increase of 1 house" in pair(houses(1, "2022"), houses(2, "2023"))["why_en"]  # fmt: skip
    assert pair(houses(10, "2023"), houses(10, "2023"))["why_vi"].endswith("ở mức 10 nhà (năm 2023).")
    # The later one first: twice as much of what would be unclear.
    assert pair(houses(10, "2023"), houses(20, "2022"))["why_en"].endswith("a difference of 10 houses.")
    cut = {"unit": "percentage_point", "indicator": "poverty_rate_cut"}
    row = pair(pd.DataFrame([{**cut, "value": 0.5, "period": "2022"}]), pd.DataFrame([{**cut, "value": 1.5, "period": "2023"}]))  # fmt: skip
    assert row["why_en"].startswith("Fall in the poverty rate rose from 0.5 percentage points")


def test_codes_and_years_read_as_numbers_are_what_they_were() -> None:
    row = pair(houses(1, 2022.0, area=7210), houses(5, 2023.0, area="07210"))
    assert (row["a_period"], row["area"], row["verdict"]) == ("2022", "07210", "rise")


def test_a_column_that_stands_twice_is_named() -> None:
    table = houses(1, "2022")
    table.insert(0, "value", [3.0], allow_duplicates=True)
    with pytest.raises(mttq.MttqError, match="a: column value stands twice"):
        compare(table, houses(1, "2023"))
