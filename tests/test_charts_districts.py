"""Charts by district: the order, what is missing, and what is not a figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from mttq_data import areas
from mttq_data.charts.districts import plot_district_multiples, plot_district_table, plot_districts
from mttq_data.totals.totals import roll_up

DISTRICTS = areas(on="2024-12-31", level="district")["code"].tolist()


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def observations(**figures):
    rows = [
        {"area": a, "period": p, "indicator": i, "measure": "period", "value": float(v + at), "unit": "gift",
         "status": "ok", "form": "front_work", "source": "tong-hop.xlsx"}
        for p in ("2024-Q3", "2024-Q4")
        for at, a in enumerate(DISTRICTS)
        for i, v in figures.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_bars_are_ranked_and_of_the_last_period():
    frame = observations(tet_gifts=10)
    frame.loc[frame["period"] == "2024-Q4", "value"] += 100
    ax = plot_districts(frame)
    assert [patch.get_width() for patch in ax.patches] == list(range(119, 109, -1))
    assert labels(ax)[0] == "Huyện Hiệp Hòa" and "Kỳ số liệu: quý IV/2024" in texts(ax)[-1]


@pytest.mark.parametrize(("lang", "said"), [("vi", "số liệu cần kiểm tra"), ("en", "figure to be checked")])
def test_a_suspect_value_is_no_bar(lang, said):
    frame = observations(tet_gifts=10)
    frame.loc[frame["area"] == "223", "status"] = "suspect"
    ax = plot_districts(frame, lang=lang)
    assert len(ax.patches) == 9
    assert labels(ax)[-1] == "Huyện Hiệp Hòa" and said in texts(ax)


def test_a_district_that_sent_nothing_has_its_place():
    ax = plot_districts(observations(tet_gifts=10).query("area != '220'"))
    assert len(ax.patches) == 9
    assert labels(ax)[-1] == "Huyện Sơn Động" and "chưa có số liệu" in texts(ax)
    assert len(plot_district_table(observations(tet_gifts=10).query("area != '220'")).patches) == 10


def test_areas_picked_out_stay_alone():
    assert len(labels(plot_districts(observations(tet_gifts=10).query("area in ['213', '218']")))) == 2


def test_a_total_that_lacks_units_or_is_estimated_says_so():
    rows = [(a, "2025-Q3", "tet_gifts", "period", 1.0) for a in areas(on="2025-Q3", level="commune")["code"]]
    frame = pd.DataFrame(rows, columns=["area", "period", "indicator", "measure", "value"])
    refused = plot_districts(roll_up(frame, to="district"))
    assert len(refused.patches) == 6 and texts(refused).count("chưa có số liệu") == 4
    estimated = plot_districts(roll_up(frame, to="district", estimate=True))
    assert sum("ước tính" in text for text in texts(estimated)) == 4
    some = plot_districts(roll_up(frame[frame["area"] != "07246"], to="district"))
    assert "4 (mới đủ 4 trên 5 đơn vị)" in texts(some)


def test_the_provinces_share_is_a_line():
    ax = plot_districts(observations(poverty_rate=1).assign(unit="percent"), whole=2.67)
    assert ax.lines[0].get_xdata()[0] == 2.67 and "Toàn tỉnh: 2,67%" in texts(ax)


def test_small_multiples_share_one_scale():
    frame = observations(tet_gifts=10)
    frame.loc[(frame["area"] == "221") & (frame["period"] == "2024-Q3"), "status"] = "missing"
    ax = plot_district_multiples(frame)
    assert len(ax.child_axes) == 10
    assert len({small.get_ylim() for small in ax.child_axes}) == 1
    empty = next(small for small in ax.child_axes if small.get_title(loc="left") == "Yên Dũng")
    assert texts(empty) == ["–", "17"]


def test_the_table_writes_every_figure_and_hatches_the_missing():
    frame = observations(tet_gifts=10, great_unity_houses=5)
    frame.loc[(frame["area"] == "221") & (frame["indicator"] == "tet_gifts"), "status"] = "suspect"
    ax = plot_district_table(frame, lang="en", indicators=["great_unity_houses", "tet_gifts"])
    assert len(ax.patches) == 20
    assert {"5", "14", "19", "?"} <= set(texts(ax))
    assert sum(bool(patch.get_hatch()) for patch in ax.patches) == 1


@pytest.mark.parametrize("plot", [plot_districts, plot_district_multiples, plot_district_table])
def test_they_draw_on_the_axes_given_and_say_when_there_is_nothing(plot):
    _, ax = plt.subplots()
    assert plot(observations(tet_gifts=1), ax=ax, lang="en") is ax
    nothing = observations(tet_gifts=1).head(0)
    assert "No data to draw" in texts(plot(nothing, lang="en"))
