"""The charts of terms, targets and pace: what is drawn is what the tables say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes

import mttq_data as mttq
from mttq_data.charts.pace import plot_pace
from mttq_data.charts.targets import plot_targets
from mttq_data.charts.terms import plot_terms
from mttq_data.comparison.comparison import compare
from mttq_data.errors import MttqError
from mttq_data.target_progress.judging import pace, progress

FUND = "fund_for_the_poor_raised"


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def sides(*rows: tuple[str, dict[str, Any], dict[str, Any]]) -> pd.DataFrame:
    a = pd.DataFrame([{"indicator": i, "period": "2022", **x} for i, x, _ in rows])
    b = pd.DataFrame([{"indicator": i, "period": "2024", **y} for i, _, y in rows])
    return compare(a, b)


def drawn(ax: Axes, gid: str) -> list[Any]:
    return [line for line in ax.lines if line.get_gid() == gid]


def texts(ax: Axes) -> list[str]:
    return [t.get_text() for t in ax.texts]


def test_a_dumbbell_joins_both_figures() -> None:
    ax = plot_terms(sides(("poverty_rate", {"value": 3.81}, {"value": 1.73})))
    assert drawn(ax, "side-a")[0].get_xdata().tolist() == [3.81]
    assert drawn(ax, "side-b")[0].get_xdata().tolist() == [1.73]
    assert drawn(ax, "pair-fall")[0].get_linestyle() == "-"
    assert texts(ax)[:2] == ["3,81%", "1,73%"]


def test_bounds_are_visible() -> None:
    share = "mediation_success_rate"
    ax = plot_terms(sides((share, {"value": 85.0, "qualifier": "gt"}, {"value": 88.0})), lang="en")
    assert len(drawn(ax, "open-a")) == 1
    assert drawn(ax, "open-a")[0].get_marker() == ">"
    assert not drawn(ax, "open-b")
    assert drawn(ax, "pair-uncertain")[0].get_linestyle() == ":"
    assert "over 85%" in texts(ax)
    span = plot_terms(sides((share, {"value": None, "low": 60.0, "high": 96.0}, {"value": 99.0})))
    assert drawn(span, "range")[0].get_xdata().tolist() == [60.0, 96.0]


def test_pairs_that_cannot_be_compared_are_counted() -> None:
    ax = plot_terms(
        sides(
            ("poverty_rate", {"value": 9.55, "period": "2017"}, {"value": 1.73}),
            ("near_poor_rate", {"value": 4.0}, {"value": 3.0}),
        )
    )
    assert len(drawn(ax, "side-a")) == 1
    assert any("1 cặp" in text for text in texts(ax))


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_money_is_written_in_large_units(lang: str) -> None:
    ax = plot_terms(sides((FUND, {"value": 103.5e9, "unit": "VND"}, {"value": 120e9, "unit": "VND"})), lang=lang)
    assert ax.get_xlabel() == {"vi": "tỷ đồng", "en": "billion VND"}[lang]
    assert {"vi": "103,5 tỷ đồng", "en": "103.5 billion VND"}[lang] in texts(ax)


@pytest.mark.parametrize("draw", [plot_terms, plot_targets, plot_pace])
def test_no_data_is_said(draw: Any) -> None:
    assert texts(draw(pd.DataFrame(), lang="en")) == ["No data to draw"]
    with pytest.raises(MttqError):
        draw(pd.DataFrame(), lang="fr")


@pytest.mark.parametrize("draw", [plot_terms, plot_targets, plot_pace])
def test_given_axes_are_used_and_settings_come_back(draw: Any) -> None:
    figure, ax = plt.subplots()
    before = plt.rcParams["axes.titleweight"]
    assert draw(pd.DataFrame(), ax=ax) is ax
    assert plt.rcParams["axes.titleweight"] == before
    assert figure.axes == [ax]


def progressed(value: float, **cells: Any) -> pd.DataFrame:
    row = {"area": "24", "period": "2024", "indicator": FUND, "value": value, "unit": "VND", **cells}
    found = progress(pd.DataFrame([row]), mttq.targets())
    return found[(found["indicator"] == FUND) | (found["logic"] == "")]


def test_a_bullet_is_as_long_as_the_share() -> None:
    ax = plot_targets(progressed(30e9))
    bar = next(p for p in ax.patches if p.get_gid() == "state-behind")
    assert bar.get_width() == pytest.approx(75)
    assert any(line.get_xdata()[0] == 100 for line in ax.lines)
    assert "30 tỷ đồng / trên 40 tỷ đồng" in texts(ax)


def test_targets_in_words_stand_without_a_bar() -> None:
    found = progressed(30e9)
    ax = plot_targets(found, lang="en")
    assert sum(t.get_gid() == "no-bar" for t in ax.texts) == len(found) - 1
    assert "names no figure" in texts(ax)


def test_a_bar_beyond_the_chart_is_cut_and_told() -> None:
    ax = plot_targets(progressed(400e9))
    assert max(p.get_width() for p in ax.patches) == 150
    assert any("1.000%" in text for text in texts(ax))


def test_missing_returns_are_a_whisker() -> None:
    units = mttq.areas(on="2024-12-31", level="district", parent="24")["code"][:8]
    rows = pd.DataFrame({"area": units, "period": "2024", "indicator": FUND, "value": 3e9, "unit": "VND"})
    found = progress(rows, mttq.targets())
    ax = plot_targets(found[found["indicator"] == FUND])
    assert drawn(ax, "range")[0].get_xdata() == pytest.approx([60, 75])


def test_a_count_that_should_be_none_is_marked() -> None:
    goal = mttq.targets().query("indicator == 'front_work_committees_weak_count'")
    row = {"area": "24", "period": "2024", "indicator": "front_work_committees_weak_count", "value": 3, "unit": "board"}
    ax = plot_targets(progress(pd.DataFrame([row]), goal))
    assert len(drawn(ax, "state-behind")) == 1


def test_pace_stands_against_the_even_pace_and_leads_on() -> None:
    units = mttq.areas(on="2025-03-31", level="district", parent="24")["code"]
    rows = pd.DataFrame(
        [
            {"area": u, "period": q, "indicator": FUND, "value": 1e9, "unit": "VND"}
            for q in ("2025-Q1", "2025-Q2")
            for u in units
        ]
    )
    ax = plot_pace(pace(rows, FUND))
    assert drawn(ax, "actual")[0].get_ydata().tolist() == pytest.approx([0, 10e9, 20e9])
    assert drawn(ax, "even")[0].get_ydata().tolist() == [0, 40e9]
    assert drawn(ax, "ahead")[0].get_ydata()[-1] == pytest.approx(40e9, rel=0.02)
    assert any("mục tiêu: trên 40 tỷ đồng" in text for text in texts(ax))


def test_a_dollar_sign_is_text() -> None:
    ax = plot_terms(sides(("poverty_rate", {"value": 3.8}, {"value": 1.7})), source="$nguồn$ \\alpha")
    assert all(not t.get_parse_math() for t in ax.texts)
    ax.figure.canvas.draw()
