"""Totals: what adds up, what they rest on, their bounds, and series across the mergers of 2025."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mttq_data import areas
from mttq_data.errors import MttqError, MttqWarning
from mttq_data.totals.table import COLUMNS
from mttq_data.totals.totals import roll_up

NAN = math.nan
DISTRICTS = areas(on="2024-12-31", level="district")["code"].tolist()


def observations(period="2024-Q4", level="district", **figures):
    """One observation of each indicator for every unit; a callable gives the value by code."""
    rows = [
        {"area": a, "period": period, "indicator": i, "measure": "period", "status": "ok", "form": "front_work",
         "value": float(v(a) if callable(v) else v)}
        for a in areas(on=period, level=level)["code"]
        for i, v in figures.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def one(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, frame
    return frame.iloc[0]


def test_a_flow_is_summed_and_rests_on_all_districts():
    total = one(roll_up(observations(tet_gifts=lambda a: int(a))))
    assert total["value"] == total["low"] == total["high"] == sum(map(int, DISTRICTS))
    assert (total["areas_expected"], total["areas_counted"], total["areas_missing"]) == (10, 10, "")
    assert (total["area"], total["unit"], total["name"]) == ("24", "gift", "Tỉnh Bắc Giang")


def test_the_columns_of_the_contract_come_first():
    assert list(roll_up(observations(tet_gifts=1)).columns[:11]) == list(COLUMNS[:11])


def test_a_missing_area_is_named_and_leaves_the_upper_end_open():
    total = one(roll_up(observations(tet_gifts=5).query("area not in ['215', '218']")))
    assert total["value"] == total["low"] == 40
    assert math.isnan(total["high"])
    assert (total["areas_counted"], total["areas_missing"]) == (8, "215 218")


@pytest.mark.parametrize("status", ["suspect", "missing", "refused"])
def test_only_what_is_settled_counts(status):
    frame = observations(tet_gifts=5)
    frame.loc[frame["area"] == "213", ["status", "value"]] = [status, 5000]
    total = one(roll_up(frame))
    assert (total["value"], total["areas_missing"]) == (45, "213")
    frame["status"] = frame["status"].replace(status, "accepted")
    assert one(roll_up(frame))["value"] == 5045


def test_a_suspect_value_with_two_readings_bounds_the_total():
    frame = observations(tet_gifts=5).assign(low=np.nan, high=np.nan)
    frame.loc[frame["area"] == "213", ["status", "value", "low", "high"]] = ["suspect", np.nan, 5.142, 5142]
    total = one(roll_up(frame))
    assert (total["value"], total["low"], total["high"]) == (45, 45, 5187)


def test_a_doubtful_minus_does_not_make_the_amount_one_that_may_be_negative():
    frame = observations(front_training_courses=5)
    frame.loc[frame["area"] == "222", ["value", "low", "high", "suggestion", "status"]] = [-38, -38, -38, 38, "suspect"]
    total = one(roll_up(frame))
    assert total[["value", "low", "high", "areas_missing"]].tolist() == [45, 45, 83, "222"]


def test_a_suspect_value_as_the_reader_gives_it_has_no_end_without_a_suggestion():
    frame = observations(tet_gifts=5).assign(low=5.0, high=5.0)
    frame.loc[frame["area"] == "213", ["status", "value", "low", "high"]] = ["suspect", 5.142, 5.142, 5.142]
    assert math.isnan(one(roll_up(frame))["high"])
    frame.loc[frame["area"] == "213", "suggestion"] = 5142
    assert one(roll_up(frame))["high"] == 5187


def test_a_bound_stays_a_bound_in_the_total():
    frame = observations(tet_gifts=5).assign(low=5.0, high=5.0, qualifier="exact")
    frame.loc[frame["area"] == "213", ["qualifier", "high"]] = ["gt", np.nan]
    total = one(roll_up(frame))
    assert (total["value"], total["low"], math.isnan(total["high"])) == (50, 50, True)


def test_a_share_is_the_ratio_of_the_sums_never_the_mean():
    frame = observations(
        poor_households_count=lambda a: 90 if a == "213" else 1,
        households_count=lambda a: 1000 if a == "213" else 100,
        poverty_rate=lambda a: 9 if a == "213" else 1,
    )
    total = one(roll_up(frame), indicator="poverty_rate")
    assert total["value"] == pytest.approx(100 * 99 / 1900)
    assert total["low"] == total["high"] == total["value"]


def test_a_share_nobody_wrote_down_is_made_from_its_parts():
    total = roll_up(observations(mediation_cases_successful=8, mediation_cases=10))
    assert one(total, indicator="mediation_success_rate")["value"] == 80


def test_shares_without_parts_are_not_averaged():
    total = one(roll_up(observations(poverty_rate=3)))
    assert math.isnan(total["value"]) and "averaged" in total["why_en"] and "trung bình" in total["why_vi"]
    own = roll_up(observations(poverty_rate=3), to="district")
    assert own["value"].tolist() == [3.0] * 10


def test_a_share_with_a_doubtful_numerator_lies_between_none_and_all():
    frame = observations(poor_households_count=10, households_count=100)
    frame.loc[(frame["area"] == "213") & (frame["indicator"] == "poor_households_count"), "status"] = "suspect"
    total = one(roll_up(frame), indicator="poverty_rate")
    assert (total["value"], total["low"], total["high"]) == (10, 9, 19)
    assert total["areas_missing"] == "213"
    without = roll_up(frame[(frame["area"] != "213")])
    assert one(without, indicator="poverty_rate")[["value", "low", "high"]].tolist() == [10, 0, 100]


def test_a_share_of_an_inexact_denominator_has_both_ends():
    frame = observations(households_count=100, poor_households_count=10).assign(low=NAN, high=NAN, qualifier="exact")
    wide = (frame["indicator"] == "households_count") & (frame["area"] == "218")
    frame.loc[wide, ["low", "high", "qualifier"]] = [50.0, 200.0, "range"]
    share = one(roll_up(frame), indicator="poverty_rate")
    assert share[["value", "low", "high"]].tolist() == pytest.approx([10, 100 * 100 / 1100, 100 * 100 / 950])


def test_a_year_sums_flows_and_takes_the_last_stock():
    quarters = [
        observations(f"2024-Q{n}", tet_gifts=10, poor_households_count=100 - n, fund_for_the_poor_opening_balance=n)
        for n in (1, 2, 3, 4)
    ]
    year = roll_up(pd.concat(quarters), to=["province", "year"])
    assert set(year["period"]) == {"2024"}
    assert one(year, indicator="tet_gifts")["value"] == 400
    assert one(year, indicator="poor_households_count")["value"] == 960
    assert one(year, indicator="fund_for_the_poor_opening_balance")["value"] == 10


def test_cases_carried_over_are_not_counted_twice_in_a_year():
    quarters = [
        observations(f"2024-Q{n}", mediation_cases=12, mediation_cases_successful=8, mediation_cases_unsuccessful=2,
                     mediation_cases_pending=2)
        for n in (1, 2, 3, 4)
    ]  # fmt: skip
    year = roll_up(pd.concat(quarters), to=["province", "year"])
    assert one(year, indicator="mediation_cases")["value"] == 10 * (4 * 8 + 4 * 2 + 2)
    assert one(year, indicator="mediation_success_rate")["value"] == pytest.approx(100 * 320 / 420)


def test_the_year_to_date_grows_by_quarter():
    quarters = pd.concat([observations(f"2024-Q{n}", tet_gifts=n) for n in (1, 2, 3)])
    found = roll_up(quarters, to=["province", "year to date"])
    assert found[["period", "measure", "value"]].values.tolist() == [
        ["2024-Q1", "cumulative", 10], ["2024-Q2", "cumulative", 30], ["2024-Q3", "cumulative", 60],
    ]  # fmt: skip


def test_a_reported_cumulative_figure_stands_for_quarters_nobody_sent():
    last = observations("2024-Q4", tet_gifts=10)
    frame = pd.concat([last, last.assign(measure="cumulative", value=35.0)])
    year = roll_up(frame, to=["province", "year"])
    assert one(year, measure="period")[["value", "high", "areas_counted"]].tolist() == [350, 350, 10]


def test_a_quarter_missing_from_a_year_is_said():
    quarters = pd.concat([observations(f"2024-Q{n}", tet_gifts=10) for n in (1, 2, 3, 4)])
    hole = quarters[~((quarters["period"] == "2024-Q2") & (quarters["area"] == "220"))]
    year = one(roll_up(hole, to=["province", "year"]))
    assert (year["value"], year["areas_missing"], math.isnan(year["high"])) == (390, "220", True)


def test_groups_of_areas_are_data_or_given():
    frame = observations(tet_gifts=1)
    by_list = roll_up(frame, to="group").set_index("area")
    assert by_list.loc[["urban", "rural"], "value"].tolist() == [2, 8]
    own = roll_up(frame, to={"Sông Cầu": ["221", "222", "223"]})
    assert one(own)[["area", "value", "areas_expected"]].tolist() == ["Sông Cầu", 3, 3]


def test_communes_are_summed_to_the_district_that_did_not_write_a_sum():
    frame = observations("2024-Q4", "commune", tet_gifts=2).assign(form="")
    found = roll_up(frame, to="district").set_index("area")
    assert (found.loc["213", "value"], found.loc["213", "areas_expected"]) == (32, 16)
    assert one(roll_up(frame))["areas_expected"] == 209


def test_a_districts_own_figure_goes_before_those_of_its_communes():
    both = pd.concat([observations(tet_gifts=50), observations("2024-Q4", "commune", tet_gifts=2)])
    assert one(roll_up(both))["value"] == 500


def test_figures_of_the_province_itself_are_left_out_and_said():
    own = observations(tet_gifts=1).head(1).assign(area="24", value=999.0)
    with pytest.warns(MttqWarning, match="above those that report"):
        total = one(roll_up(pd.concat([observations(tet_gifts=1), own])))
    assert total["value"] == 10


def test_places_the_table_lacks_are_left_out_and_said():
    stray = observations(tet_gifts=1).head(1).assign(area="Lào Cai")
    with pytest.warns(MttqWarning, match="Lào Cai"):
        assert one(roll_up(pd.concat([observations(tet_gifts=1), stray])))["value"] == 10


def test_only_the_last_revision_counts():
    old = observations(tet_gifts=1, land_donated_m2=7).assign(revision=1)
    new = observations(tet_gifts=2).query("area == '213'").assign(revision=2)
    found = roll_up(pd.concat([old, new]))
    assert one(found, indicator="tet_gifts")["value"] == 11
    assert one(found, indicator="land_donated_m2")["areas_missing"] == "213"


def test_a_figure_told_twice_counts_once_and_two_figures_count_not_at_all():
    frame = observations(tet_gifts=5)
    assert one(roll_up(pd.concat([frame, frame])))["value"] == 50
    with pytest.warns(MttqWarning, match="told twice"):
        total = one(roll_up(pd.concat([frame, frame.query("area == '213'").assign(value=9.0)])))
    assert (total["value"], total["areas_missing"], total["high"]) == (45, "213", 54)


@pytest.mark.parametrize("status", ["suspect", "missing"])
def test_a_doubtful_figure_takes_nothing_from_a_sure_one(status):
    doubtful = observations(tet_gifts=99).query("area == '216'").assign(status=status)
    with warnings.catch_warnings():
        warnings.simplefilter("error", MttqWarning)
        total = one(roll_up(pd.concat([doubtful, observations(tet_gifts=5)])))
    assert (total["value"], total["high"], total["areas_missing"]) == (50, 50, "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": ["VND"] + ["gift"] * 9}, "cannot be added"),
        ({"period": "quý IV"}, "is no period"),
        ({"value": "nhiều"}, "column value holds what is no number"),
        ({"low": "?"}, "column low holds"),
        ({"revision": ["a"] + ["2"] * 9}, "column revision holds"),
    ],
)
def test_what_cannot_be_added_is_refused(change, said):
    with pytest.raises(MttqError, match=said):
        roll_up(observations(tet_gifts=5).assign(**change))


@pytest.mark.parametrize("to", ["huyện", ["year", "quarter"], [], ["999"], {"x": ["999"]}, {}])
def test_an_unknown_aim_is_an_error(to):
    with pytest.raises(MttqError, match="to="):
        roll_up(observations(tet_gifts=5), to=to)


def test_districts_go_on_after_they_ended_where_communes_lie_whole_in_them():
    found = roll_up(observations("2025-Q3", "commune", tet_gifts=10), to="district").set_index("area")
    assert found.loc["218", ["value", "areas_expected", "borders"]].tolist() == [80, 8, "2025-06-30"]
    refused = found[found["value"].isna()]
    assert sorted(refused.index) == ["213", "216", "219", "224"]
    assert "Phường Đa Mai" in found.loc["213", "why_vi"] and "Xã Nam Dương" in found.loc["219", "why_en"]
    assert found.loc["216", ["low", "high", "areas_missing"]].tolist() == [50, 60, "07228"]


def test_crossing_communes_are_divided_when_asked_and_marked():
    frame = observations("2025-Q3", "commune", tet_gifts=10)
    found = roll_up(frame, to="district", estimate=True).set_index("area")
    assert sorted(found.index[found["estimated"]]) == ["213", "216", "219", "224"]
    assert found["value"].sum() == pytest.approx(580)
    assert (found["low"] <= found["value"]).all() and (found["value"] <= found["high"]).all()
    assert "ước tính" in found.loc["213", "why_vi"]


def test_districts_named_by_code_know_the_communes_that_cross_them():
    found = roll_up(observations("2025-Q3", "commune", tet_gifts=10), to=["216", "218"]).set_index("area")
    assert math.isnan(found.loc["216", "value"]) and found.loc["218", "value"] == 80


@pytest.mark.parametrize(
    ("period", "level", "on", "area", "value"),
    [
        ("2025-Q2", "district", "2024-12-31", "219", 20),  # Lục Ngạn and thị xã Chũ
        ("2024-Q4", "district", "2025-06-30", "213", 20),  # with Yên Dũng
        ("2024-Q4", "district", "2025-06-30", "219", math.nan),  # Chũ cannot be taken out
        ("2025-Q3", "commune", "2024-12-31", "219", 110),  # Nam Dương does not cross in borders of 2024
        ("2025-Q3", "commune", "2025-06-30", "24", 580),
        ("2025-Q3", "commune", None, "24", 990),
        ("2025-Q2", "district", "2025-07-01", "24", math.nan),  # of Bắc Ninh's half nothing is known
    ],
)
def test_one_series_in_the_borders_of_a_day(period, level, on, area, value):
    to = "province" if area == "24" else "district"
    found = roll_up(observations(period, level, tet_gifts=10), to=to, on=on)
    got = one(found, area=area)
    assert got["value"] == pytest.approx(value, nan_ok=True)
    assert bool(got["why_vi"]) == math.isnan(value)


def test_figures_whose_new_unit_is_not_known_are_said():
    communes = observations(level="commune", tet_gifts=1).assign(form="")
    with pytest.warns(MttqWarning, match="14 observations are in no total.*took the territory of 07267"):
        total = roll_up(communes, "commune", on="2025-07-01")
    assert total["value"].sum() == 209 - 14
    assert roll_up(communes, "district", on="2025-06-30")["value"].sum() == 209


def test_a_reason_names_the_unit_that_reports_not_the_old_one_of_its_code():
    frame = roll_up(observations("2025-Q3", "commune", tet_gifts=1), "commune", on="2024-12-31")
    assert "Phường Bắc Giang" in one(frame, area="07210")["why_vi"]
    assert one(frame, area="07210")["name"] == "Phường Hoàng Văn Thụ"


def test_one_code_for_two_territories_is_warned_of():
    frame = pd.concat([observations("2024-Q4", tet_gifts=1), observations("2025-Q2", tet_gifts=1)])
    with pytest.warns(MttqWarning, match="213, 219"):
        roll_up(frame, to="district")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        roll_up(frame, to="province")


def test_the_year_of_the_merger_adds_districts_and_communes():
    frame = pd.concat(
        [observations(f"2025-Q{n}", "district" if n < 3 else "commune", tet_gifts=1) for n in (1, 2, 3, 4)]
    )
    year = one(roll_up(frame, to=["province", "year"], on="2025-06-30"))
    assert (year["value"], year["areas_expected"], year["areas_counted"]) == (10 + 10 + 58 + 58, 68, 68)


figures = st.lists(
    st.tuples(
        st.sampled_from(DISTRICTS),
        st.sampled_from(["ok", "repaired", "accepted", "suspect", "missing"]),
        st.integers(0, 10**9),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[0],
)


@settings(max_examples=40)
@given(figures)
def test_a_total_is_the_sum_of_what_counts_and_lies_within_its_bounds(rows):
    frame = pd.DataFrame(rows, columns=["area", "status", "value"])
    total = one(roll_up(frame.assign(period="2024-Q4", indicator="tet_gifts", form="front_work")))
    counts = frame["status"].isin(["ok", "repaired", "accepted"])
    assert total["areas_counted"] == counts.sum() == 10 - len(total["areas_missing"].split())
    if counts.any():
        assert total["value"] == total["low"] == frame.loc[counts, "value"].sum()
    else:
        assert math.isnan(total["value"])
    assert math.isnan(total["high"]) == (counts.sum() < 10)


def test_nothing_gives_an_empty_table():
    assert list(roll_up(observations(tet_gifts=1).head(0)).columns) == list(COLUMNS)
