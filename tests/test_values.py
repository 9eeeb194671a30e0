"""Numbers as Vietnamese writes and says them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mttq_data.extraction.values import read_amount, read_number, read_words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5.142", 5142),
        ("2,67", 2.67),
        ("15,800", 15.8),
        ("2.171.664,661", 2171664.661),
        ("40.000.000", 4e7),
        ("17, 29", 17.29),
        ("10 000", 10000),
        ("2.67", 2.67),
        ("1,234,567", 1234567),
        ("1,234.5", 1234.5),
        ("0.125", 0.125),
        ("06", 6),
    ],
)
def test_digits(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["1.2.3", "12.34.567", "1,2,3", "9" * 40, "1.234,5,6"])
def test_digits_that_are_no_amount(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 tỷ 250 triệu đồng", 1.25e9),
        ("2 tỷ rưỡi", 2.5e9),
        ("1.200 tỉ", 1.2e12),
        ("3,2 nghìn", 3200),
        ("1,12 tỷ", 1120000000.0),
        ("-1.200", -1200),
        ("bảy", 7),
        ("hai mươi mốt", 21),
        ("một trăm linh năm", 105),
        ("một trăm hai", 120),
        ("hai nghìn ba", 2300),
        ("ba mươi hai triệu", 32e6),
        ("không phẩy năm", 0.5),
    ],
)
def test_amounts(text: str, value: float) -> None:
    assert read_amount(text) == value


@pytest.mark.parametrize("text", ["", "nhiều", "hai ba bốn năm sáu trăm trăm", "đồng"])
def test_words_that_are_no_number(text: str) -> None:
    assert read_words(text) is None


@given(st.integers(0, 10**15 - 1))
def test_thousands_dots_come_back(value: int) -> None:
    assert read_number(f"{value:,}".replace(",", ".")) == value


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for reader in (read_number, read_amount, read_words):
        assert reader(text) is None or isinstance(reader(text), float)


def test_other_tools_pairs(shared: Path) -> None:
    """Duckling's Vietnamese numerals: all but its K, M, G suffixes and a number that begins with a comma."""
    pairs = json.loads((shared / "peers" / "duckling_vi.json").read_text(encoding="utf-8"))
    numerals = [p for p in pairs if p["dimension"] == "numeral"]
    wrong = [p["text"] for p in numerals if read_amount(p["text"]) != p["value"]]
    assert len(numerals) - len(wrong) >= 42, wrong
    assert all(text[-1] in "KkMG" or text.startswith(",") for text in wrong), wrong
