"""Progress towards the targets: each logic, missing returns, the merger of 2025, bad input."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

import mttq_data as mttq
from mttq_data.comparison.facts import read_facts
from mttq_data.target_progress.areas import places
from mttq_data.target_progress.judging import FOLLOWED, TARGET, pace, progress

FUND = "fund_for_the_poor_raised"


def goal(logic: str, indicator: str = "some_share", **cells: Any) -> pd.DataFrame:
    row = {"term": "2024-2029", "group": "1", "indicator": indicator, "value": 100.0, "low": 100.0, "high": 100.0,
           "qualifier": "exact", "unit": "percent", "per": "", "scope": "", "logic": logic, "due": ""}  # fmt: skip
    return pd.DataFrame([{**row, **cells}])


def seen(value: float | None, period: str = "2024", indicator: str = "some_share", **cells: Any) -> pd.DataFrame:
    row = {"area": "24", "period": period, "indicator": indicator, "value": value, "unit": "percent"}
    return pd.DataFrame([{**row, **cells}])


def state(observations: pd.DataFrame, targets: pd.DataFrame, **asked: Any) -> pd.Series:
    found = progress(observations, targets, **asked)
    assert len(found) == 1
    return found.iloc[0]


def districts(day: str = "2024-12-31") -> list[str]:
    return list(mttq.areas(on=day, level="district", parent="24")["code"])


def communes() -> list[str]:
    before = mttq.areas(on="2025-06-30", level="commune", parent="24")
    return sorted({code for text in before["successors"] for code in text.split()})


def returns(
    units: list[str], periods: list[str], value: float, indicator: str = FUND, unit: str = "VND"
) -> pd.DataFrame:
    rows = [(u, p, indicator, value, unit, "period") for p in periods for u in units]
    return pd.DataFrame(rows, columns=["area", "period", "indicator", "value", "unit", "measure"])


@pytest.mark.parametrize(
    ("logic", "asked", "value", "expected"),
    [
        ("reach", {}, 100.0, "reached"),
        ("reach", {}, 40.0, "on track"),
        ("reach", {}, 5.0, "behind"),
        ("reach", {"value": 90.0, "low": 90.0, "high": None, "qualifier": "gt"}, 90.0, "on track"),
        ("at_least_each_year", {"per": "year"}, 100.0, "reached"),
        ("at_least_each_year", {"per": "year"}, 99.0, "behind"),
        ("at_most", {"value": 12.0, "low": None, "high": 12.0, "qualifier": "le", "unit": "rank"}, 11.0, "reached"),
        ("at_most", {"value": 12.0, "low": None, "high": 12.0, "qualifier": "le", "unit": "rank"}, 13.0, "behind"),
        ("none", {"value": 0.0, "low": 0.0, "high": 0.0, "unit": "board"}, 0.0, "reached"),
        ("none", {"value": 0.0, "low": 0.0, "high": 0.0, "unit": "board"}, 2.0, "behind"),
        ("by_date", {"due": "2024-12-31"}, 100.0, "reached"),
        ("by_date", {"due": "2024-12-31"}, 97.0, "behind"),
        ("by_date", {"due": "2029-06-30"}, 30.0, "on track"),
    ],
)
def test_each_logic_has_its_own_state(logic: str, asked: dict[str, Any], value: float, expected: str) -> None:
    targets = goal(logic, **asked)
    row = state(seen(value, unit=targets["unit"].iloc[0]), targets)
    assert row["state"] == expected
    assert row["actual"] == value
    assert row["why_vi"].endswith(".")


def test_the_columns_are_those_of_the_contract() -> None:
    found = progress(seen(50))
    assert set(TARGET) | set(FOLLOWED) <= set(found.columns)
    assert len(found) == len(mttq.targets())


def test_targets_without_a_figure_are_listed() -> None:
    found = progress(seen(50), mttq.targets())
    words = found[found["logic"] == ""]
    assert len(words) >= 5
    assert set(words["state"]) == {"unknown"}
    assert words["why_vi"].str.contains("không nêu con số").all()


def test_even_pace_says_what_was_due_and_what_is_needed() -> None:
    row = state(seen(40, "2026-H1"), goal("reach"), as_of="2026-06-30")
    assert row["state"] == "unknown"  # the code 24 has been the merged province since July 2025
    row = state(seen(30, "2025-H1"), goal("reach"), as_of="2025-06-30")
    assert row["expected_share"] == pytest.approx(0.2, abs=0.01)
    assert row["share"] == pytest.approx(0.3)
    assert row["needed_per_year"] == pytest.approx(70 / 4, rel=0.01)


def test_the_way_to_a_level_starts_where_the_last_term_ended() -> None:
    both = pd.concat([seen(80, "2023"), seen(81, "2025-H1")])
    row = state(both, goal("reach"))
    assert row["expected_share"] == pytest.approx(0.84, abs=0.005)
    assert row["state"] == "behind"


def test_returns_of_all_districts_add_up() -> None:
    targets = mttq.targets()
    row = state(returns(districts(), ["2024"], 4.1e9), targets[targets["indicator"] == FUND])
    assert row["actual"] == pytest.approx(41e9)
    assert row["actual_low"] == row["actual_high"] == pytest.approx(41e9)
    assert row["state"] == "reached"


def test_missing_returns_widen_instead_of_lowering() -> None:
    targets = mttq.targets()
    targets = targets[targets["indicator"] == FUND]
    full = returns(districts(), ["2024"], 4.1e9)
    row = state(full[~full["area"].isin(["215", "216"])], targets)
    assert row["actual"] == pytest.approx(41e9)
    assert row["actual_low"] == pytest.approx(32.8e9)
    assert row["actual_high"] == pytest.approx(41e9)
    assert row["state"] == "unknown"
    assert "2 trong 10" in row["why_vi"]
    assert "215, 216" in row["why_vi"]


def test_suspect_returns_count_like_missing_ones() -> None:
    targets = mttq.targets()
    full = returns(districts(), ["2024"], 4.1e9).assign(status="ok")
    full.loc[full["area"] == "215", ["status", "value"]] = ["suspect", 900e9]
    row = state(full, targets[targets["indicator"] == FUND])
    assert row["actual"] == pytest.approx(41e9)
    assert row["actual_low"] == pytest.approx(36.9e9)
    assert "chưa được xác nhận" in row["why_vi"]


def test_after_the_merger_bac_giang_is_its_58_communes() -> None:
    units = communes()
    assert len(units) == 58
    targets = mttq.targets()
    rows = pd.concat([
        returns(districts("2025-03-31"), ["2025-Q1", "2025-Q2"], 1e9), returns(units, ["2025-Q3", "2025-Q4"], 0.2e9),
        returns(["07108"], ["2025-Q3", "2025-Q4"], 500e9),
    ])  # fmt: skip
    row = state(rows, targets[targets["indicator"] == FUND])
    assert row["actual"] == pytest.approx(20e9 + 58 * 0.4e9)
    assert row["state"] == "reached"
    merged = state(seen(90e9, "2025-H2", FUND, unit="VND"), targets[targets["indicator"] == FUND])
    assert merged["state"] == "unknown"
    assert "58 xã" in merged["why_vi"]


def test_a_target_of_the_merged_province_takes_its_figures() -> None:
    targets = goal("reach", FUND, term="2025-2030", area="24", unit="VND", value=100e9, low=100e9, high=100e9)
    row = state(seen(120e9, "2026", FUND, unit="VND"), targets)
    assert (row["area_name"], row["state"]) == ("Tỉnh Bắc Ninh", "reached")


@pytest.mark.parametrize(("level", "day", "count"), [("district", "2024-12-31", 10), ("commune", "2024-12-31", 209),
                                                     ("commune", "2026-06-30", 58)])  # fmt: skip
def test_progress_by_district_and_commune(level: str, day: str, count: int) -> None:
    own = pd.concat([seen(100, "2024", area=a) for a in ("213", "07204")] + [seen(100, "2026-H1", area="07210")])
    found = progress(own, goal("reach"), level=level, as_of=day)
    assert len(found) == count
    assert (found["state"] == "reached").sum() >= 1
    assert (found["state"] == "unknown").sum() == count - (found["state"] == "reached").sum()


def test_a_total_of_the_province_is_not_asked_of_one_district() -> None:
    targets = mttq.targets()
    found = progress(returns(districts(), ["2024"], 1e9), targets[targets["indicator"] == FUND], level="district")
    assert set(found["state"]) == {"unknown"}
    assert found["why_vi"].str.contains("chưa giao cho từng đơn vị").all()


def test_shares_of_units_are_never_averaged() -> None:
    rows = pd.concat([seen(v, "2024", area=a) for a, v in zip(districts(), [100.0] * 9 + [60.0], strict=True)])
    row = state(rows, goal("reach"))
    assert math.isnan(row["actual"])
    assert (row["actual_low"], row["actual_high"]) == (60, 100)
    parts = pd.concat([
        returns(districts(), ["2024"], 90.0, "great_unity_festival_residential_areas", "residential_area"),
        returns(districts(), ["2024"], 100.0, "residential_areas_count", "residential_area"),
    ])  # fmt: skip
    festival = mttq.targets().query(
        "indicator == 'great_unity_festival_residential_areas_share' and term == '2024-2029'"
    )
    assert state(parts, festival)["actual"] == pytest.approx(90)


def test_each_year_has_to_meet_its_target() -> None:
    targets = mttq.targets()
    rows = pd.concat([returns(districts(), ["2024"], 3e9), returns(districts("2025-03-31"), ["2025-Q1"], 2e9)])
    row = state(rows, targets[targets["indicator"] == FUND])
    assert row["state"] == "behind"
    assert "Năm chưa đạt: 2024" in row["why_vi"]
    assert row["share"] == pytest.approx(0.5)
    assert row["expected_share"] == pytest.approx(90 / 365, abs=0.01)
    assert row["projected"] == pytest.approx(20e9 * 365 / 90, rel=0.01)
    assert row["projected_low"] < row["projected"] < row["projected_high"]


def test_cumulative_returns_count_once() -> None:
    rows = returns(districts(), ["2024-Q3", "2024-Q4"], 1e9)
    cumulative = returns(districts(), ["2024-Q4"], 4e9).assign(measure="cumulative")
    targets = mttq.targets()
    row = state(pd.concat([rows, cumulative]), targets[targets["indicator"] == FUND])
    assert row["actual"] == pytest.approx(40e9)


def test_the_base_of_the_houses_moved() -> None:
    found = progress(read_facts(), mttq.targets()).query("term == '2024-2029'").set_index("indicator")
    row = found.loc["temporary_dilapidated_houses_elimination_share"]
    assert (row["state"], row["actual"], row["as_of"]) == ("reached", 100, "2024-12-31")
    for base in ("1.595", "1.393", "1.498"):
        assert base in row["why_vi"]


def test_targets_for_each_unit_ask_for_their_sum() -> None:
    targets = mttq.targets().query("indicator == 'supervision_items_per_front_unit' and term == '2024-2029'")
    done = seen(300, "2024", "supervision_items", unit="item")
    found = progress(done, targets, as_of="2024-12-31")
    assert set(found["state"]) == {"reached"}
    assert found["share"].iloc[0] == pytest.approx(300 / 231, rel=0.01)
    unit = progress(
        seen(1, "2024", "supervision_items", unit="item", area="07210"), targets, level="commune", as_of="2024-12-31"
    )
    ward = unit[(unit["area"] == "07210") & (unit["scope"] == "commune_level")]
    assert ward["state"].tolist() == ["reached"]


def test_a_sum_does_not_stand_for_a_unit_that_did_nothing() -> None:
    targets = mttq.targets().query("scope == 'commune_level' and indicator == 'supervision_items_per_front_unit'")
    done = returns(communes(), ["2026"], 2, "supervision_items", "item")
    assert state(done, targets)["state"] == "reached"
    done.loc[done["area"] == "07210", "value"] = 0
    row = state(done, targets)
    assert (row["state"], row["actual"]) == ("behind", 114)
    assert "Còn 1 đơn vị chưa đủ phần của mình (07210)" in row["why_vi"]


def test_an_average_of_years_does_not_prove_each_year() -> None:
    targets = goal(
        "at_least_each_year", FUND, unit="VND", value=40e9, low=40e9, high=None, per="year", term="2019-2024"
    )
    row = state(seen(250e9, "2019-2024", FUND, unit="VND"), targets)
    assert (row["state"], row["actual"]) == ("unknown", 50e9)
    assert state(seen(100e9, "2019-2024", FUND, unit="VND"), targets)["state"] == "behind"


def test_a_fund_year_from_october_to_september_is_a_year() -> None:
    targets = mttq.targets().query(f"indicator == '{FUND}'")
    year = seen(45e9, "2024-10-01/2025-09-30", FUND, unit="VND", area="Bắc Giang")
    row = state(year, targets)
    assert (row["state"], row["actual"], row["as_of"]) == ("reached", 45e9, "2025-09-30")
    assert state(year.assign(value=30e9), targets)["state"] == "behind"


def test_two_figures_of_the_same_days_span_both() -> None:
    targets = mttq.targets().query(f"indicator == '{FUND}'")
    row = state(pd.concat([seen(v, "2024", FUND, unit="VND") for v in (38e9, 42e9)]), targets)
    assert (row["actual_low"], row["actual_high"], row["state"]) == (38e9, 42e9, "unknown")
    assert "Các nguồn khác nhau" in row["why_vi"]


def test_another_unit_is_not_mixed_in() -> None:
    targets = mttq.targets().query(f"indicator == '{FUND}'")
    row = state(pd.concat([seen(15, "2024", FUND, unit="house"), seen(45e9, "2024", FUND, unit="VND")]), targets)
    assert (row["actual"], row["state"]) == (45e9, "reached")
    assert "chưa được xác nhận" in row["why_vi"]


def test_a_count_with_its_base_meets_a_percentage() -> None:
    share = seen(154 / 182, "2025-H1", unit="commune").assign(kind="ratio", numerator=154, denominator=182)
    assert state(share, goal("reach"))["actual"] == pytest.approx(84.6, abs=0.1)


def test_about_is_a_tenth_to_either_side() -> None:
    targets = mttq.targets().query(f"indicator == '{FUND}'")
    row = state(seen(41e9, "2024", FUND, unit="VND").assign(qualifier="approx"), targets)
    assert row["state"] == "unknown"
    assert (row["actual_low"], row["actual_high"]) == pytest.approx((36.9e9, 45.1e9))


def test_a_part_of_a_sum_is_a_minimum() -> None:
    targets = mttq.targets().query("scope == 'commune_level' and indicator == 'supervision_items_per_front_unit'")
    row = state(seen(27, "2024", "direct_supervision_items", unit="item"), targets)
    assert row["actual_low"] == 27
    assert math.isnan(row["actual_high"])
    assert "chỉ biết mức tối thiểu" in row["why_vi"]


def test_what_is_left_of_a_share_is_told_in_points() -> None:
    late = state(seen(97, "2029-03", area="Bắc Giang"), goal("reach"), as_of="2029-03-31")
    assert "Còn cần 3 điểm phần trăm đến 30/06/2029" in late["why_vi"]
    early = state(seen(60, "2025-H1"), goal("reach"))
    assert "10 điểm phần trăm mỗi năm" in early["why_vi"]


def test_all_values_missing_is_unknown() -> None:
    row = state(seen(None), goal("reach"))
    assert (row["state"], row["as_of"]) == ("unknown", "")
    assert "Chưa có số liệu" in row["why_vi"]


@pytest.mark.parametrize(
    ("targets", "asked", "said"),
    [
        (goal("soon"), {}, "logic 'soon'"),
        (goal("reach", term=""), {}, "term is empty"),
        (goal("reach", value="many", low="many"), {}, "'many' is no number"),
        (goal("reach"), {"level": "village"}, "level='village'"),
        (goal("reach"), {"area": "999"}, "no unit has code '999'"),
        (goal("reach"), {"as_of": "soon"}, "'soon' is no period"),
        (goal("reach").drop(columns="logic"), {}, "column logic is missing"),
    ],
)
def test_bad_input_is_one_line(targets: pd.DataFrame, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(mttq.MttqError, match=said):
        progress(seen(50), targets, **asked)


def test_language_of_why() -> None:
    assert progress(seen(100), goal("reach"), lang="en")["why"].iloc[0].startswith("Reached")
    with pytest.raises(mttq.MttqError):
        progress(seen(100), goal("reach"), lang="fr")


def test_pace_has_a_row_for_each_day_figures_reach() -> None:
    rows = returns(districts("2025-03-31"), ["2025-Q1", "2025-Q2"], 1.5e9)
    frame = pace(rows, FUND)
    assert frame["as_of"].tolist() == ["2025-03-31", "2025-06-30"]
    assert frame["actual"].tolist() == pytest.approx([15e9, 30e9])
    assert frame["ends"].iloc[-1] == "2025-12-31"
    with pytest.raises(mttq.MttqError, match="no target has the indicator"):
        pace(rows, "poverty_rate")


def test_pace_begins_where_its_figures_do() -> None:
    whole = returns(districts(), ["2024-Q3", "2024-Q4"], 1e9).assign(measure="cumulative")
    assert pace(whole, FUND)["begins"].tolist() == ["2024-01-01", "2024-01-01"]
    assert pace(returns(districts(), ["2024-Q3"], 1e9), FUND)["begins"].tolist() == ["2024-07-01"]


def test_places_follow_the_territory() -> None:
    from datetime import date

    found = places("24", "commune", date(2024, 12, 31), date(2026, 6, 30))
    assert {p.code for p in found} == set(communes())


@pytest.mark.parametrize(
    ("logic", "asked", "qualifier", "value", "expected"),
    [
        ("none", 0.0, "lt", 3.0, "unknown"),
        ("at_most", 10.0, "gt", 8.0, "unknown"),
        ("at_most", 10.0, "gt", 10.0, "unknown"),
        ("at_most", 10.0, "le", 10.0, "reached"),
    ],
)
def test_a_bound_tells_of_a_limit_only_what_it_excludes(
    logic: str, asked: float, qualifier: str, value: float, expected: str
) -> None:
    goals = goal(logic, "weak_boards", unit="board", value=asked, low=None, high=asked)
    assert state(seen(value, "2025-H1", "weak_boards", unit="board", qualifier=qualifier), goals)["state"] == expected


def test_each_fund_year_has_to_meet_a_yearly_target() -> None:
    goals = goal("at_least_each_year", FUND, term="2019-2024", unit="VND", value=40e9, low=40e9, high=None,
                 qualifier="gt", per="year", area="216")  # fmt: skip
    years = [("2021-10-01/2022-09-30", 30e9), ("2022-10-01/2023-09-30", 45e9)]
    done = pd.concat([seen(v, p, FUND, unit="VND", area="216") for p, v in years])
    row = state(done, goals)
    assert row["state"] == "behind"
    assert "2022" in row["why_vi"].split("Năm chưa đạt:")[1]
    assert state(done.iloc[1:], goals)["state"] == "reached"


def test_under_forty_is_never_over_forty() -> None:
    goals = goal("at_least_each_year", FUND, unit="VND", value=40e9, low=40e9, high=None, qualifier="gt", per="year")
    row = state(seen(40e9, "2024", FUND, unit="VND", qualifier="lt"), goals)
    assert row["state"] == "behind"
    assert "0 đồng" not in row["why_vi"]


def test_figures_that_are_not_used_are_told() -> None:
    goals = goal("reach", "some_count", unit="house")
    assert "khác đơn vị tính" in state(seen(30, "2024", "some_count", unit="person"), goals)["why_vi"]
    both = pd.concat([seen(40, "2024", "some_count", unit="house"), seen(90, "2025", "some_count", unit="house")])
    row = state(both, goal("at_least_each_year", "some_count", unit="house", per="year"))
    assert (row["actual"], row["as_of"]) == (40, "2024-12-31")
    assert "không tính vào" in row["why_vi"]
    assert "left out" in row["why_en"]


def test_communes_read_as_numbers_are_counted_and_one_is_one() -> None:
    done = pd.DataFrame([{"area": int(c), "period": 2026.0, "indicator": FUND, "value": 1e9, "unit": "VND"} for c in communes()])  # fmt: skip
    found = progress(done).set_index("indicator")
    assert found.loc[FUND, "actual"] == pytest.approx(58e9)
    row = state(
        seen(1, "2024", "some_count", unit="house"), goal("reach", "some_count", unit="house", value=3.0, low=3.0)
    )
    assert "1 house," in row["why_en"]


@pytest.mark.parametrize("wrong", [None, [1]])
def test_what_is_no_table_is_refused(wrong: Any) -> None:
    with pytest.raises(mttq.MttqError, match="observations: give a table"):
        progress(wrong)
    with pytest.raises(mttq.MttqError, match="targets: give a table"):
        progress(seen(1.0), [1])  # type: ignore[arg-type]
