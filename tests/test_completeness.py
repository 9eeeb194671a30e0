"""Who has sent what, over several periods, and its chart."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from mttq_data.charts.completeness import plot_completeness
from mttq_data.errors import MttqError
from mttq_data.store.store import Store
from mttq_data.totals.received import completeness

COLUMNS = ["area", "period", "form", "status", "received", "due", "days_late", "revision", "errors", "warnings"]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def store(tmp_path):
    kept = Store(tmp_path / "store.sqlite")
    for area, period, received in (
        ("218", "2024-Q2", "2024-07-05"), ("218", "2024-Q4", "2025-01-10"), ("213", "2024-Q4", "2025-01-13"),
    ):  # fmt: skip
        figure = {"area": area, "period": period, "indicator": "tet_gifts", "measure": "period", "value": 5.0,
                  "low": 5.0, "high": 5.0, "qualifier": "exact", "unit": "gift", "status": "ok", "raw": "5",
                  "form": "front_work", "cell": "Sheet1!D9"}  # fmt: skip
        content = f"{area} {period}".encode()
        kept.add(pd.DataFrame([figure]), pd.DataFrame(), content, f"{area}.xlsx", received=received)
    return kept


def states(frame, period):
    return frame[frame["period"] == period].set_index("area")["status"].to_dict()


def test_who_has_sent_a_period(store):
    frame = completeness(store, "front_work", "2024-Q4")
    assert list(frame.columns[:10]) == COLUMNS
    found = states(frame, "2024-Q4")
    assert (found["218"], found["213"], found["220"]) == ("in time", "late", "missing")
    late = frame.set_index("area").loc["213"]
    assert (late["days_late"], str(late["due"].date())) == (3, "2025-01-10")


def test_without_periods_those_between_the_first_and_the_last_kept(store):
    frame = completeness(store.path)
    assert list(dict.fromkeys(frame["period"])) == ["2024-Q2", "2024-Q3", "2024-Q4"]
    assert set(states(frame, "2024-Q3").values()) == {"missing"}


def test_districts_until_june_2025_and_communes_after(store):
    frame = completeness(store, "front_work", ["2025-Q3", "2025-Q1"])
    assert frame["period"].value_counts().to_dict() == {"2025-Q3": 99, "2025-Q1": 10}
    assert frame["period"].iloc[0] == "2025-Q1"


def test_an_empty_store_asks_for_the_periods(tmp_path):
    with pytest.raises(MttqError, match="name the periods"):
        completeness(tmp_path / "none.sqlite")
    with pytest.raises(MttqError, match="is no period"):
        completeness(tmp_path / "none.sqlite", "front_work", "quý IV")


@pytest.mark.parametrize(("lang", "said"), [("vi", ["đúng hạn", "chậm 3 ngày", "chưa gửi", "2 / 10"]),
                                            ("en", ["in time", "3 d late", "missing", "2 of 10"])])  # fmt: skip
def test_every_cell_says_its_state_in_words(store, lang, said):
    ax = plot_completeness(completeness(store, "front_work", "2024-Q4"), lang=lang)
    assert set(said) <= {text.get_text() for text in ax.texts}
    assert len(ax.patches) == 10


def test_an_area_has_no_cell_in_a_period_it_did_not_stand_in(store):
    frame = completeness(store, "front_work", ["2024-Q4", "2025-Q1"])
    ax = plot_completeness(frame)
    assert len(ax.patches) == 20
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert {"Huyện Yên Dũng", "Thị xã Chũ"} <= set(names)
    assert ax.get_xticklabels()[0].get_text() == "Quý IV\n2024"


def test_nothing_to_draw_is_said():
    assert plot_completeness(pd.DataFrame(columns=COLUMNS), lang="en").texts[0].get_text() == "No data to draw"
