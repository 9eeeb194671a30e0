"""Charts: what is drawn, how bounds end, and that files are the same every time."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from tables_of_their_own import row, statistics

from mttq_data import charts
from mttq_data.charts.style import PALETTE, axis_unit, theme
from mttq_data.errors import MttqError


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def ends(ax):
    return {line.get_gid().removeprefix("end-"): line.get_xdata()[0] for line in ax.lines if line.get_gid()}


def widths(ax):
    return [patch.get_width() for patch in ax.patches]


def test_shares_are_bars_from_large_to_small():
    ax = charts.plot_shares(statistics())
    assert widths(ax) == [80, 49.6, 14, 3.5]
    assert [label.get_text() for label in ax.get_yticklabels()][1] == "Phụ nữ"


@pytest.mark.parametrize(
    ("lang", "first", "last"), [("vi", "khoảng 80%", "trên 3,5%"), ("en", "about 80%", "over 3.5%")]
)
def test_shares_are_labelled_in_the_language(lang, first, last):
    said = texts(charts.plot_shares(statistics(), lang=lang))
    assert {first, last} <= set(said)


def test_a_bound_has_an_open_end_and_an_exact_figure_has_none():
    assert ends(charts.plot_shares(statistics())) == {"approx": 80, "gt": 3.5, "lt": 14}


def test_the_legend_explains_only_the_ends_in_use():
    only_over = statistics()[lambda frame: frame["qualifier"] == "gt"]
    legend = charts.plot_shares(only_over, lang="en").get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["open above (over, at least)"]
    exact = statistics()[lambda frame: frame["qualifier"] == "exact"]
    assert charts.plot_shares(exact).get_legend() is None


def test_two_reports_are_told_apart_by_colour_and_hatch():
    both = pd.concat([statistics(), statistics().assign(document="khac.txt")])
    ax = charts.plot_shares(both)
    assert len(ax.patches) == 8
    assert len({patch.get_facecolor() for patch in ax.patches}) == len({patch.get_hatch() for patch in ax.patches}) == 2


def test_statistics_draw_one_unit_and_say_what_is_left_out():
    ax = charts.plot_statistics(statistics(), unit="VND")
    assert widths(ax) == [103.5e9, 20e9]
    assert ax.get_xlabel().startswith("tỷ đồng")
    assert "2 trong 9" in ax.get_xlabel()


def test_a_range_spans_from_its_low_to_its_high():
    (patch,) = charts.plot_statistics(statistics()[lambda f: f["kind"] == "range"]).patches
    assert (patch.get_x(), patch.get_x() + patch.get_width()) == (40e9, 60e9)


def test_figures_of_one_name_are_told_apart_by_what_differs():
    fund = {"indicator": "fund_for_the_poor_raised", "unit": "VND"}
    rows = [row("40", 40e9, period="2023", **fund), row("9", 9e9, period="2024", scope="commune_level", **fund)]
    ax = charts.plot_statistics(pd.DataFrame(rows))
    said = " ".join(label.get_text() for label in ax.get_yticklabels()).replace("\n", " ")
    assert "(2023, toàn tỉnh)" in said
    assert "(2024, cấp xã)" in said


def test_english_labels_do_not_repeat_the_title():
    labels = [label.get_text() for label in charts.plot_shares(statistics(), lang="en").get_yticklabels()]
    assert labels[:2] == ["Farmers", "Women"]


def test_axis_numbers_follow_the_language():
    ax = charts.plot_statistics(pd.DataFrame([row("5.142", 5142, unit="household")]), lang="vi")
    ax.figure.canvas.draw()
    assert "2.000" in [label.get_text() for label in ax.get_xticklabels()]


@pytest.mark.parametrize("topic", ["social", "housing"])
def test_a_topic_keeps_its_own_indicators(topic):
    ax = charts.plot_statistics(statistics(), topic=topic)
    assert len(ax.patches) == (1 if topic == "social" else 0)


@pytest.mark.parametrize("data", [statistics().head(0), pd.DataFrame(), statistics().tail(1).assign(value=np.nan)])
@pytest.mark.parametrize("plot", [charts.plot_shares, charts.plot_statistics])
def test_no_data_is_said_on_the_axes(plot, data):
    assert "No data to draw" in texts(plot(data.assign(low=np.nan), lang="en"))


def test_source_period_and_sample_stand_under_the_axes():
    ax = charts.plot_statistics(statistics().assign(sample=True), unit="VND")
    (line,) = [text for text in ax.texts if text.get_gid() == "mttq-source"]
    assert "bao-cao.txt" in line.get_text()
    assert "2019–2024" in line.get_text()
    assert "DỮ LIỆU MẪU" in line.get_text()
    assert ax.get_title(loc="right") == "DỮ LIỆU MẪU"


def test_a_dollar_sign_is_drawn_as_it_stands():
    ax = charts.plot_statistics(statistics()[lambda f: f["kind"] == "range"])
    assert "tiền $ủng$ hộ" in [label.get_text() for label in ax.get_yticklabels()]
    ax.figure.canvas.draw()
    assert not any(label.get_parse_math() for label in ax.get_yticklabels())


def test_a_chart_draws_on_the_axes_it_is_given_and_leaves_settings_alone():
    before = dict(mpl.rcParams)
    given = Figure().add_subplot()
    assert charts.plot_shares(statistics(), ax=given) is given
    assert dict(mpl.rcParams) == before
    assert not plt.get_fignums()


def test_vietnamese_letters_are_in_the_font(recwarn, tmp_path):
    charts.save_figure(charts.plot_shares(statistics()), tmp_path / "x.png")
    assert not [w for w in recwarn if "Glyph" in str(w.message)]


def test_an_unknown_language_is_refused():
    with pytest.raises(MttqError, match="vi or en"):
        charts.plot_shares(statistics(), lang="fr")


def test_colours_differ_in_grey():
    light = sorted(np.dot(to_rgb(colour), (0.2126, 0.7152, 0.0722)) for colour in PALETTE[:4])
    assert min(np.diff(light)) > 0.15


def test_saved_charts_are_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        figure = Figure(figsize=(6, 3))
        with theme():
            charts.plot_shares(statistics(), ax=figure.add_subplot())
        charts.save_figure(figure, tmp_path / name)
    for form in ("png", "svg"):
        assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()


def test_png_has_300_dots_an_inch(tmp_path):
    from PIL import Image

    (path,) = charts.save_figure(Figure(figsize=(2, 1)), tmp_path / "x.png")
    with Image.open(path) as image:
        assert image.size == (600, 300)
        assert round(image.info["dpi"][0]) == 300


def test_another_format_is_refused_in_one_line(tmp_path):
    with pytest.raises(MttqError, match=r"\.png, \.svg or \.pdf"):
        charts.save_figure(Figure(), tmp_path / "x.tif")


@pytest.mark.parametrize(
    ("unit", "largest", "label"), [("VND", 5e9, "tỷ đồng"), ("VND", 5e6, "triệu đồng"), ("percent", 80, "%")]
)
def test_money_axes_are_scaled(unit, largest, label):
    assert axis_unit(unit, largest)[1] == label
