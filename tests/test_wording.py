"""Figures as a reader sees them, in Vietnamese and English."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables_of_their_own import statistics

from mttq_data.errors import MttqError
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
