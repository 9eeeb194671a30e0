"""Figures as a reader sees them, in Vietnamese and English."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables_of_their_own import statistics

from mttq_data.charts.statistics import plot_statistics
from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.report.blocks import Column, cell_text
from mttq_data.wording import amount, bounded, figure, label, number, readable, unit_name


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (5142, "5.142", "5,142"),
        (2.67, "2,67", "2.67"),
        (1_900_000.0, "1.900.000", "1,900,000"),
        (-1234.5, "-1.234,5", "-1,234.5"),
        (0.1 + 0.2, "0,3", "0.3"),
        (0, "0", "0"),
        (-0.0, "0", "0"),
        (float("nan"), "", ""),
        (math.inf, "", ""),
        (None, "", ""),
    ],
)
def test_numbers_use_the_separators_of_the_language(value, vi, en):
    assert (number(value), number(value, "en")) == (vi, en)


@pytest.mark.parametrize(
    ("value", "unit", "vi", "en"),
    [
        (2.67, "percent", "2,67%", "2.67%"),
        (103.5e9, "VND", "103,5 tỷ đồng", "103.5 billion VND"),
        (1_250_000_000, "VND", "1,25 tỷ đồng", "1.25 billion VND"),
        (2_171_664_661_000, "VND", "2.171.664,661 triệu đồng", "2,171,664.661 million VND"),
        (40_000_000, "VND", "40 triệu đồng", "40 million VND"),
        (8.6e6, "USD", "8,6 triệu USD", "8.6 million USD"),
        (5142, "", "5.142", "5,142"),
    ],
)
def test_amounts_take_the_scale_word_that_loses_no_digit(value, unit, vi, en):
    assert (amount(value, unit), amount(value, unit, "en")) == (vi, en)


@pytest.mark.parametrize(
    ("qualifier", "vi", "en"),
    [
        ("exact", "93%", "93%"),
        ("gt", "trên 93%", "over 93%"),
        ("ge", "từ 93% trở lên", "at least 93%"),
        ("lt", "dưới 93%", "under 93%"),
        ("le", "tối đa 93%", "at most 93%"),
        ("approx", "khoảng 93%", "about 93%"),
    ],
)
def test_a_bound_is_said_as_a_bound(qualifier, vi, en):
    assert bounded(93, qualifier=qualifier, unit="percent") == vi
    assert bounded(93, qualifier=qualifier, unit="percent", lang="en") == en


def test_every_kind_of_statistic_has_its_phrase():
    phrases = {row["text"]: figure(row) for row in statistics().to_dict("records")}
    assert phrases["40 – 60"] == "40–60 tỷ đồng"
    assert phrases["154/182"].startswith("154/182 ")
    assert phrases["4/63"] == "thứ 4/63"
    assert phrases["hàng trăm"] == "không nêu số"


def test_a_range_over_two_scales_names_both():
    assert bounded(low=500e6, high=2e9, unit="VND") == "500 triệu đồng – 2 tỷ đồng"


def test_top_group_is_not_a_place():
    assert figure({"kind": "rank", "value": 15, "high": 15, "qualifier": "le", "unit": "rank"}, "en") == "top 15"


def test_an_unknown_code_is_shown_rather_than_lost():
    assert unit_name("unit_of_tomorrow") == "unit of tomorrow"
    assert label("role", "role_of_tomorrow", "en") == "role of tomorrow"


@pytest.mark.parametrize(
    ("value", "unit", "en"),
    [
        (1, "project", "1 project"),
        (-1.0, "city", "-1 city"),
        (1, "branch", "1 branch"),
        (1, "feedback_turn", "1 turn of feedback"),
        (1, "percentage_point", "1 percentage point"),
        (1, "criterion", "1 criterion"),
        (1, "programme_or_project", "1 programme or project"),
        (1, "VND", "1 VND"),
        (1, "percent", "1%"),
        (1, "unit_of_tomorrow", "1 unit of tomorrow"),
        (1e6, "person", "1 million persons"),
        (0.1, "project", "0.1 projects"),
        (21, "project", "21 projects"),
        (0, "project", "0 projects"),
    ],
)
def test_one_of_something_is_not_several(value, unit, en):
    assert amount(value, unit, "en") == en


@pytest.mark.parametrize(("of", "said"), [(1, "1/1 project"), (4, "1/4 projects")])
def test_a_ratio_is_told_by_what_it_is_out_of(of, said):
    assert figure({"kind": "ratio", "numerator": 1, "denominator": of, "unit": "project"}, "en") == said


def test_every_english_unit_has_a_singular():
    alike = {"headquarters", "bus"}
    ones = {row["code"]: unit_name(row["code"], "en", one=True) for row in read_codelist("units", key=["code"])}
    heads = {code: re.split(r" (?:of|by|with|in|inspected)\b", one)[0] for code, one in ones.items()}
    assert {h for h in heads.values() if re.search(r"[^s]s$|(?<!savings) and ", h)} == alike
    assert unit_name("house", one=True) == unit_name("house")


def test_an_office_names_one_of_its_own_unit(tmp_path, monkeypatch):
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    (tmp_path / "units.csv").write_text("code,name_vi,name_en,one_en\nox,con bò kéo,oxen,ox\n", encoding="utf-8")
    assert (amount(1, "ox", "en"), amount(2, "ox", "en"), amount(1, "ox")) == ("1 ox", "2 oxen", "1 con bò kéo")


def test_charts_tables_and_reports_say_one_as_one():
    row = {
        "indicator": "x",
        "counted": "mô hình",
        "value": 1.0,
        "unit": "model",
        "qualifier": "exact",
        "kind": "statistic",
    }
    chart = plot_statistics(pd.DataFrame([row]), lang="en", unit="model")
    assert "1 model" in [text.get_text() for text in chart.texts]
    assert cell_text(Column("value", "Figure", "figure", unit_from="unit"), row, "en") == "1 model"


def test_another_language_is_refused_in_one_line():
    with pytest.raises(MttqError, match="vi or en"):
        number(1, "fr")


def test_decomposed_letters_and_line_breaks_are_made_readable():
    assert readable("ho\u0323\u0302 nghe\u0300o\n\x07 ") == "hộ nghèo"


@given(st.floats(-1e15, 1e15), st.sampled_from(["vi", "en"]))
def test_a_written_number_reads_back(value, lang):
    text = number(value, lang)
    plain = text.replace(".", "").replace(",", ".") if lang == "vi" else text.replace(",", "")
    assert float(plain) == pytest.approx(value, rel=1e-9, abs=1e-9)
