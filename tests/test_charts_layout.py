"""No chart lets its words lie over each other or run out of the picture, however many areas, however odd the data."""

from __future__ import annotations

import itertools
from xml.etree.ElementTree import fromstring

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from mttq_data import areas, charts, compare, targets
from mttq_data.charts.save import figure_bytes
from mttq_data.target_progress.judging import pace, progress

FUND, NASTY = "fund_for_the_poor_raised", "$x_1$ <b>đậm</b> =1+1 {0} " + "rất dài " * 36
INDICATORS = ["tet_gifts", "great_unity_houses", "poverty_rate", FUND, "near_poor_rate"]
PLACES = [*areas(on="2024-12-31", level="district")["code"][:5], *areas(on="2024-12-31", level="commune")["code"]]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def observed(count=5, periods=1, values=None, indicators=("tet_gifts",), **cells):
    """Figures of so many areas, districts where they are few, communes where they are many."""
    places = PLACES[:count] if count <= 5 else PLACES[5 : 5 + count]
    names = [f"{2024 - k // 4}-Q{4 - k % 4}" for k in range(periods)]
    keys = list(itertools.product(indicators, names, places))
    given = [None] * len(keys) if values is None else list(itertools.islice(itertools.cycle(values), len(keys)))
    rows = pd.DataFrame(keys, columns=["indicator", "period", "area"])
    measured = [float(5 + 37 * at % 1000) if value is None else value for at, value in enumerate(given)]
    return rows.assign(value=measured, unit="gift", measure="period", status="ok", source="bao-cao.xlsx", **cells)


def judged(count=5, periods=1, values=None):
    rows = observed(min(count, len(PLACES) - 5), 1, values, [FUND]).assign(unit="VND", period="2024")
    goal = targets().query("indicator == @FUND")
    made = [progress(rows[at : at + 1].assign(area="24"), goal) for at in range(min(count, 5))]
    return pd.concat(made * -(-count // 5), ignore_index=True).head(count)


def followed(count=5, periods=1, values=None):
    rows = observed(1, max(periods, 2), values, [FUND])
    return pace(rows.assign(area="24", unit="VND"), FUND)


def compared(count=5, periods=1, values=None):
    rows = observed(count, 1, values)
    before = rows.assign(period="2023-Q4", value=rows["value"] * 0.9, qualifier=(["gt", "exact", "lt"] * count)[:count])
    return compare(before, rows)


def judged_status(count=5, periods=1, values=None):
    rows = observed(count, periods)
    states = itertools.cycle(["in time", "late", "missing", "with errors"])
    due = pd.Timestamp("2025-01-10")
    rows = rows.assign(status=[next(states) for _ in range(len(rows))], days_late=3, errors=2, due=due)
    return rows.assign(received=[pd.NaT if s == "missing" else due + pd.Timedelta(days=3) for s in rows["status"]])


def doubted(count=5, periods=1, values=None):
    rows = [{"check": f"quy_tac_{k}", "severity": ["error", "warning", "note"][k % 3], "found": "12 | 15 | 18"}
            for k in range(count)]  # fmt: skip
    return pd.DataFrame(rows).assign(source="bao-cao.txt")


def stated(count=5, periods=1, values=None):
    rows = observed(count, 1, values).assign(counted=[f"suất quà thứ {k}" for k in range(count)], indicator="")
    return rows.assign(qualifier=(["gt", "exact", "approx", "lt"] * count)[:count], role="actual")


def shared(count=5, periods=1, values=None):
    rows = [{"indicator": f"nhom_{k}_share_of_population", "value": 100 / (k + 1), "qualifier": "ge", "unit": "percent"}
            for k in range(count)]  # fmt: skip
    return pd.DataFrame(rows).assign(document="bao-cao.txt")


def many(count=5, periods=1, values=None):
    return observed(count, periods, values, INDICATORS)


CHARTS = {
    "plot_completeness": judged_status, "plot_composition": observed, "plot_district_multiples": observed,
    "plot_district_table": many, "plot_districts": observed, "plot_pace": followed, "plot_problems": doubted,
    "plot_series": observed, "plot_shares": shared, "plot_statistics": stated, "plot_status": judged_status,
    "plot_targets": judged, "plot_terms": compared, "plot_tiles": observed,
}  # fmt: skip
OF_VALUES = [name for name, made in CHARTS.items() if made in (observed, many)]


def words(ax):
    """Every text that is seen, with its box; ticks outside the axes' ends are not drawn."""
    figure = ax.get_figure(root=True)
    figure.canvas.draw()
    found = []
    for own in (ax, *ax.child_axes):
        hidden = set()
        for axis in (own.xaxis, own.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            hidden |= {t for tick in ticks for t in (tick.label1, tick.label2) if not low <= tick.get_loc() <= high}
            hidden |= {tick.label2 for tick in ticks if not tick.label2.get_visible()}
        placed = set(own.texts)
        texts = [t for t in own.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in hidden]
        if not own.axison:
            texts = [t for t in texts if t in placed or t.get_text() == own.get_title(loc="left")]
        found += [(t.get_text(), Text.get_window_extent(t)) for t in texts]
    return list(dict(zip(map(id, found), found, strict=True)).values())


def laid_over(ax):
    """Pairs of texts that lie over each other by more than a hair, and texts that leave the picture."""
    found, page = words(ax), ax.get_figure(root=True).bbox
    x0, y0, x1, y1 = np.array([box.extents for _, box in found]).T
    wide = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0)
    high = np.minimum.outer(y1, y1) - np.maximum.outer(y0, y0)
    # Boxes hold room for accents; letters touch only where boxes share more than that.
    over = np.triu((wide > 1) & (high > 0.25 * np.minimum.outer(y1 - y0, y1 - y0)), 1)
    pairs = [(found[a][0], found[b][0]) for a, b in np.argwhere(over)]
    outside = [a for a, box in found if box.x0 < -1 or box.y0 < -1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1]
    return pairs, outside


def test_every_chart_is_looked_at():
    assert set(CHARTS) == {name for name in charts.__all__ if name.startswith("plot_")}


@pytest.mark.parametrize(("count", "periods", "lang"), [(1, 1, "vi"), (5, 3, "vi"), (5, 3, "en"), (99, 20, "vi")])
@pytest.mark.parametrize("name", CHARTS)
def test_words_lie_apart_and_inside(name, count, periods, lang):
    if name == "plot_status":
        periods = 1
    ax = getattr(charts, name)(CHARTS[name](count, periods), lang=lang)
    assert laid_over(ax) == ([], [])


@pytest.mark.parametrize("count", [5, 99])
def test_totals_side_by_side_lie_apart(count):
    ax = charts.plot_composition(observed(count, 20), part="area", whole="period")
    assert laid_over(ax) == ([], [])


SVG_TAGS = {"svg", "metadata", "RDF", "Work", "type", "format", "defs", "style", "g", "path", "use", "rect", "clipPath",
            "pattern"}  # fmt: skip
ODD = {"huge": [9.87654321e17, 1e3], "negative": [-5.0, 12.0, -1e6], "nothing": [0.0], "equal": [7.0],
       "tiny": [1e-7, 2e-7], "endless": [np.inf, 3.0, np.nan]}  # fmt: skip


@pytest.mark.parametrize("values", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", [*OF_VALUES, "plot_statistics", "plot_terms", "plot_pace", "plot_targets"])
def test_odd_figures_are_drawn_all_the_same(name, values):
    if name == "plot_composition":
        values = np.abs(values)
    made = CHARTS[name](5, 2, values)
    assert laid_over(getattr(charts, name)(made)) == ([], [])


@pytest.mark.parametrize("name", CHARTS)
def test_long_words_and_markup_are_cut_and_drawn_as_text(name):
    made = CHARTS[name](5, 1).assign(source=NASTY, document=NASTY, name=NASTY, counted=NASTY, check=NASTY, sample=True)
    if name in ("plot_districts", "plot_terms", "plot_statistics"):
        made["indicator"] = NASTY if name != "plot_statistics" else ""
    ax = getattr(charts, name)(made, title=NASTY, source=NASTY)
    assert laid_over(ax) == ([], [])
    assert not any(text.get_parse_math() for text in ax.findobj(Text))
    assert "$x_1$ <b>" in ax.get_title(loc="left")
    svg = figure_bytes(ax, "svg")
    assert b"<b>" not in svg
    assert {element.tag.partition("}")[2] for element in fromstring(svg).iter()} <= SVG_TAGS


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_in_a_place_given_stays_inside(name):
    _, (ax, _) = plt.subplots(1, 2, figsize=(20, 9))
    assert getattr(charts, name)(CHARTS[name](5, 1), ax=ax) is ax
    assert laid_over(ax) == ([], [])


@pytest.mark.parametrize("name", CHARTS)
def test_all_missing_says_so_in_both_languages(name):
    made = CHARTS[name](5, 1).head(0)
    for lang, said in (("vi", "Không có số liệu để vẽ"), ("en", "No data to draw")):
        assert said in [text.get_text() for text in getattr(charts, name)(made, lang=lang).texts]
