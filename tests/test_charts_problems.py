"""The chart of what does not add up."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from mttq_data.charts.problems import plot_problems
from mttq_data.charts.style import PALETTE
from mttq_data.errors import MttqError


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def problems(**columns):
    rows = [
        ("achievement_without_target", "note", "100%", False),
        ("two_values", "error", "99% | 99,9%", True),
        ("achievement_without_target", "note", "100%", False),
        ("two_values", "error", "12 | 15", False),
        ("achievement_without_target", "note", "100%", False),
        ("counted_noun_missing", "warning", "45.600", False),
    ]
    frame = pd.DataFrame(rows, columns=["check", "severity", "found", "checked"])
    return frame.assign(source="bao-cao.txt", **columns)


def labels(ax):
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


def test_errors_stand_on_top_and_bars_are_as_long_as_the_problems_are_many():
    ax = plot_problems(problems())
    assert labels(ax)[0] == "Một chỉ tiêu, một kỳ, hai giá trị"
    assert [(p.get_y() + p.get_height() / 2, p.get_width()) for p in ax.patches] == [(0, 1), (0, 1), (1, 1), (2, 3)]


def test_a_settled_problem_is_an_empty_box_at_the_end_of_its_bar():
    ax = plot_problems(problems())
    first, second = ax.patches[:2]
    assert same_color(first.get_facecolor(), PALETTE[0])
    assert same_color(second.get_facecolor(), "white")
    assert second.get_x() == 1


def test_few_problems_are_told_by_their_figures_and_many_by_their_number():
    said = [text.get_text() for text in plot_problems(problems()).texts]
    assert any(text.startswith("2   ") and "99% | 99,9%" in text for text in said)
    assert "3" in said


@pytest.mark.parametrize(("lang", "words"), [("vi", ["lỗi", "cảnh báo", "lưu ý", "đã kiểm tra xong"]),
                                             ("en", ["error", "warning", "note", "settled"])])  # fmt: skip
def test_the_legend_speaks_the_language(lang, words):
    assert [text.get_text() for text in plot_problems(problems(), lang=lang).get_legend().get_texts()] == words


def test_without_the_column_checked_all_are_open():
    ax = plot_problems(problems().drop(columns=["checked"]))
    assert len(ax.get_legend().get_texts()) == 3


def test_counts_are_whole_numbers_on_the_axis():
    ax = plot_problems(problems())
    ax.figure.canvas.draw()
    assert all(float(tick) == int(tick) for tick in ax.get_xticks())


def test_source_and_sample_are_said_and_no_period():
    ax = plot_problems(problems(sample=True, period="2023"))
    (line,) = [text.get_text() for text in ax.texts if text.get_gid() == "mttq-source"]
    assert "bao-cao.txt" in line
    assert "2023" not in line
    assert ax.get_title(loc="right") == "DỮ LIỆU MẪU"


@pytest.mark.parametrize("data", [problems().head(0), pd.DataFrame()])
def test_a_report_without_problems_says_so_on_the_axes(data):
    assert "No data to draw" in [text.get_text() for text in plot_problems(data, lang="en").texts]


def test_it_draws_on_the_axes_it_is_given():
    ax = Figure().add_subplot()
    assert plot_problems(problems(), ax=ax) is ax
    assert not plt.get_fignums()


def test_an_unknown_language_is_refused():
    with pytest.raises(MttqError, match="vi or en"):
        plot_problems(problems(), lang="fr")
