"""Series, compositions and tile maps: what is drawn, where a series breaks, and the sizes of saved files."""

from __future__ import annotations

import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from mttq_data import charts
from mttq_data.charts.drawing import spread
from mttq_data.charts.places import tiles
from mttq_data.charts.save import WIDTHS, figure_bytes, save_figure
from mttq_data.errors import MttqError

DISTRICTS = ["213", "215", "216", "217", "218", "219", "220", "221", "222", "223"]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def poverty(*years, **cells):
    rows = [{"indicator": "poverty_rate", "period": str(y), "value": v, "unit": "percent", **cells} for y, v in years]
    return pd.DataFrame(rows)


RATES = poverty((2014, 8.88), (2015, 7.5), (2017, 9.55), (2020, 3.5), (2021, 5.27), (2022, 3.81))


def by_area(values=range(1, 11), period="2024", **cells):
    rows = {"area": DISTRICTS, "value": [float(v) for v in values], "unit": "house", "period": period}
    return pd.DataFrame({**rows, "indicator": "great_unity_houses", **cells})


def said(ax, gid):
    return [text.get_text() for text in ax.texts if text.get_gid() == gid]


def lines(ax, gid="mttq-line"):
    return [list(line.get_xdata()) for line in ax.lines if line.get_gid() == gid]


def test_a_series_ends_at_a_break_and_begins_anew():
    ax = charts.plot_series(RATES)
    assert lines(ax) == [[2014, 2015], [2017, 2020], [2021, 2022]]
    assert [x[0] for x in lines(ax, "mttq-break")] == [2015.5, 2020.5]


@pytest.mark.parametrize(
    ("lang", "sides"),
    [("vi", ["đến hết 2015", "2016–2020", "từ 2021"]), ("en", ["up to 2015", "2016–2020", "from 2021"])],
)
def test_both_sides_of_a_break_are_named_and_the_reason_is_given(lang, sides):
    ax = charts.plot_series(RATES, lang=lang)
    assert said(ax, "mttq-side") == sides
    (note,) = said(ax, "mttq-note")
    assert ("chuẩn nghèo" if lang == "vi" else "poverty standard") in note


def test_a_series_without_a_break_is_one_line():
    assert lines(charts.plot_series(RATES, breaks={})) == [[2014, 2015, 2017, 2020, 2021, 2022]]
    houses = RATES.assign(indicator="great_unity_houses", unit="house")
    assert len(lines(charts.plot_series(houses))) == 1


def test_a_break_must_be_a_day():
    with pytest.raises(MttqError, match="2021-01-01"):
        charts.plot_series(RATES, breaks={"2021": "đổi chuẩn"})


def test_plans_targets_and_spans_do_not_enter_a_series():
    extra = poverty((2023, 1.0), measure="plan"), poverty((2024, 1.0), role="target"), poverty(("2019-2024", 2.0))
    ax = charts.plot_series(pd.concat([RATES, *extra]))
    assert max(x for line in lines(ax) for x in line) == 2022


def test_a_final_figure_carries_the_line_and_a_preliminary_one_stands_beside_it():
    two = pd.concat([RATES.assign(stage="final"), poverty((2022, 3.86), stage="preliminary")])
    ax = charts.plot_series(two)
    assert [list(line.get_ydata()) for line in ax.lines if line.get_gid() == "mttq-line"][-1] == [5.27, 3.81]
    assert len(ax.collections) == len(two)


def test_spans_of_different_lengths_are_not_joined():
    spans = poverty(("2016-10-17/2016-10-27", 2.5), ("2018-01-01/2018-05-30", 63.0))
    ax = charts.plot_series(spans, breaks={})
    assert lines(ax) == []
    assert len(ax.collections) == 2


def test_figures_are_written_without_lying_over_each_other():
    many = poverty(*((year, year % 7 + 1000.0) for year in range(1960, 2025)))
    ax = charts.plot_series(many, breaks={})
    ax.figure.canvas.draw()
    boxes = [Text.get_window_extent(t) for t in ax.texts if t.get_gid() == "mttq-value"]
    assert len(boxes) > 4
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize("areas", [5, 99])
def test_labels_of_many_lines_keep_apart(areas):
    rng = np.random.default_rng(0)
    rows = [poverty(*((y, float(v)) for y, v in zip(range(2005, 2025), rng.random(20), strict=True)), area=f"{k:05d}") for k in range(areas)]  # fmt: skip
    ax = charts.plot_series(pd.concat(rows), breaks={})
    ax.figure.canvas.draw()
    boxes = [Text.get_window_extent(t) for t in ax.texts if t.get_gid() == "mttq-value"]
    assert len(boxes) == min(areas, 6)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert len(lines(ax)) == areas


@pytest.mark.parametrize("plot", [charts.plot_series, charts.plot_tiles, charts.plot_composition])
@pytest.mark.parametrize(("lang", "text"), [("vi", "Không có số liệu để vẽ"), ("en", "No data to draw")])
def test_no_data_is_said_on_the_axes(plot, lang, text):
    for data in (pd.DataFrame(), by_area().iloc[:0], by_area(values=[np.nan] * 10)):
        assert text in [t.get_text() for t in plot(data, lang=lang).texts]


@pytest.mark.parametrize("plot", [charts.plot_series, charts.plot_tiles, charts.plot_composition])
def test_one_row_is_drawn_on_the_axes_given(plot):
    ax = Figure().add_subplot()
    assert plot(by_area().iloc[:1], ax=ax) is ax
    assert not plt.get_fignums()


@pytest.mark.parametrize("plot", [charts.plot_series, charts.plot_tiles, charts.plot_composition])
def test_markup_and_dollars_are_drawn_as_text(plot):
    nasty = r"$\frac{1}{2}$ <b>&" + "x" * 300
    ax = plot(by_area(source=nasty), title=nasty, source=nasty)
    assert not any(t.get_parse_math() for t in [*ax.texts, *ax.get_yticklabels(), ax.title])
    assert b"<b>" not in figure_bytes(ax, "svg")
    assert ax.get_title(loc="left").startswith("$")


def test_source_and_sample_are_under_the_chart():
    ax = charts.plot_series(RATES.assign(source="https://www.bao.vn/a/b.epi", sample=True))
    (line,) = said(ax, "mttq-source")
    assert "bao.vn" in line
    assert "epi" not in line
    assert "2014–2022" in line
    assert ax.get_title(loc="right") == "DỮ LIỆU MẪU"


def test_ten_tiles_lie_as_the_districts_do():
    placed = {tile.code: tile for tile in tiles("2024")}
    assert set(placed) == set(DISTRICTS)
    assert len({(t.column, t.row) for t in placed.values()}) == 10
    assert placed["223"].column < placed["216"].column < placed["217"].column < placed["220"].column
    assert placed["215"].row < placed["216"].row < placed["222"].row
    assert placed["221"].row > placed["213"].row


def test_tiles_follow_the_borders_of_the_period():
    assert {t.code for t in tiles("2025-Q1")} == {*DISTRICTS, "224"} - {"221"}


def test_darker_is_more_and_a_missing_figure_is_hatched():
    ax = charts.plot_tiles(by_area().drop(index=3))
    light = {t.get_text(): sum(p.get_facecolor()[:3]) for p, t in zip(ax.patches, ax.texts[::2], strict=False)}
    assert light["Hiệp Hòa"] < light["Lục Nam"] < light["TP Bắc Giang"]
    assert sum(p.get_hatch() == "////" for p in ax.patches) == 1
    assert said(ax, "mttq-missing") == ["chưa có\nsố liệu"]


def test_an_area_without_a_tile_is_named():
    rows = pd.concat([by_area(), pd.DataFrame([{"area": "27", "value": 5.0, "period": "2024", "unit": "house"}])])
    ax = charts.plot_tiles(rows.assign(indicator="great_unity_houses"), lang="en")
    assert "Without a tile: 27" in said(ax, "mttq-note")[0]


def test_an_office_lays_out_its_own_tiles(tmp_path, monkeypatch):
    own = "code;valid_from;valid_to;column;row\n213;2010-09-27;2025-06-30;9;9\n"
    (tmp_path / "tiles.csv").write_text(own, encoding="utf-8")
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    assert {t.code: (t.column, t.row) for t in tiles("2024")}["213"] == (9, 9)


def test_parts_follow_each_other_to_the_total():
    ax = charts.plot_composition(by_area(), lang="en")
    bars = sorted(ax.patches, key=lambda p: p.get_y())
    assert [p.get_width() for p in bars] == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 55]
    ends = [round(p.get_x() + p.get_width(), 6) for p in bars[:-1]]
    assert [round(p.get_x(), 6) for p in bars[1:-1]] == ends[:-1]
    assert said(ax, "mttq-value")[0] == "10 houses (18.2%)"
    assert said(ax, "mttq-total") == ["55 houses"]


def test_a_total_of_parts_known_from_below_is_known_from_below():
    ax = charts.plot_composition(by_area(qualifier=["gt"] + ["exact"] * 9))
    assert said(ax, "mttq-total")[0].startswith("trên ")


def test_ninety_nine_parts_end_in_one_for_the_rest():
    many = pd.DataFrame({"area": [f"{k:05d}" for k in range(99)], "value": 1.0, "unit": "house"})
    ax = charts.plot_composition(many)
    assert ax.get_yticklabels()[-2].get_text() == "79 phần còn lại"


def test_several_totals_are_bars_of_a_hundred_percent():
    both = pd.concat([by_area(), by_area(values=range(10, 0, -1), period="2025")])
    ax = charts.plot_composition(both, part="area", whole="period")
    for y in (0, 1):
        own = [p for p in ax.patches if abs(p.get_y() + p.get_height() / 2 - y) < 0.1]
        assert sum(p.get_width() for p in own) == pytest.approx(100)
    assert "Còn lại" in [t.get_text() for t in ax.get_legend().get_texts()]


@pytest.mark.parametrize("change", [{"unit": ["house"] * 5 + ["VND"] * 5}, {"value": [-1.0] * 10}])
def test_parts_that_make_no_total_are_refused(change):
    with pytest.raises(MttqError):
        charts.plot_composition(by_area().assign(**change))


def test_labels_are_spread_by_the_least_needed():
    assert spread([0.0, 0.01, 0.5], 0.1) == pytest.approx([-0.045, 0.055, 0.5])
    assert spread([], 1.0) == []


@pytest.mark.parametrize("width", [*WIDTHS, 12.0])
def test_a_saved_chart_has_the_width_it_is_placed_in(width, tmp_path):
    from PIL import Image
    from pypdf import PdfReader

    wanted = WIDTHS[width][0] if isinstance(width, str) else width
    figure = Figure(figsize=(9, 3))
    paths = [save_figure(figure, tmp_path / f"x.{kind}", width=width)[0] for kind in ("png", "svg", "pdf")]
    with Image.open(paths[0]) as image:
        assert image.width / 300 * 2.54 == pytest.approx(wanted, abs=0.02)
        assert round(image.info["dpi"][0]) == 300
    assert float(PdfReader(paths[2]).pages[0].mediabox.width) / 72 * 2.54 == pytest.approx(wanted, abs=0.02)
    svg = paths[1].read_text(encoding="utf-8")
    assert float(re.search(r'width="([\d.]+)pt"', svg)[1]) / 72 * 2.54 == pytest.approx(wanted, abs=0.02)
    assert 'viewBox="0 0 648 216"' in svg


def test_a_tall_chart_stays_on_the_page():
    from PIL import Image

    content = figure_bytes(Figure(figsize=(9, 20)), "png", "column")
    assert Image.open(io.BytesIO(content)).height / 300 * 2.54 <= WIDTHS["column"][1] + 0.02


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_scaled_files_are_the_same_bytes(kind):
    first, second = (figure_bytes(charts.plot_series(RATES), kind, "column") for _ in range(2))
    assert first == second


@pytest.mark.parametrize("width", ["wide", 0, 1000])
def test_an_unknown_width_is_refused(width, tmp_path):
    with pytest.raises(MttqError, match="cm"):
        save_figure(Figure(), tmp_path / "x.png", width=width)
