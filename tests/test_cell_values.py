"""What clerks type and what Excel makes of it: one reading is repaired, two are suspect."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mttq_data.forms.model import Figure
from mttq_data.forms.units import worth
from mttq_data.returns.cell_values import raw_text, read_cell, unit_of
from mttq_data.returns.knowledge import refresh

COUNT = Figure(unit="hộ", low=0)
MONEY = Figure(unit="triệu đồng", factor=1e6, decimals=1, low=0)
BILLIONS = Figure(unit="tỷ đồng", factor=1e9, decimals=3, low=0)
SHARE = Figure(unit="%", decimals=2, low=0, high=100)


@pytest.mark.parametrize(
    ("typed", "figure", "value"),
    [
        ("5.142", COUNT, 5142),
        ("1.234.567", COUNT, 1234567),
        ("1 234", COUNT, 1234),
        ("1\u00a0234", COUNT, 1234),
        ("48,000", COUNT, 48000),
        ("05", COUNT, 5),
        ("25 hộ", COUNT, 25),
        ("25 hộ gia đình", COUNT, 25),
        ("25\nhộ", COUNT, 25),
        ("3,2 nghìn", COUNT, 3200),
        ("hai mươi lăm", COUNT, 25),
        ("25*", COUNT, 25),
        ("-", COUNT, 0),
        ("–", COUNT, 0),
        ("không", COUNT, 0),
        ("Không phát sinh", COUNT, 0),
        ("12,5", MONEY, 12.5),
        ("1.234,5", MONEY, 1234.5),
        ("1,234.5", MONEY, 1234.5),
        ("2 tỷ 350 triệu", MONEY, 2350),
        ("2 tỷ 350 triệu đồng", MONEY, 2350),
        ("2,35 tỉ", MONEY, 2350),
        ("650 triệu", MONEY, 650),
        ("90.000 đồng", MONEY, 0.09),
        ("68 triệu", BILLIONS, 0.068),
        ("68.000.000 đồng", BILLIONS, 0.068),
        ("1.250.000.000 đồng", MONEY, 1250),
        ("12,5 trđ", MONEY, 12.5),
        ("81,6 %", SHARE, 81.6),
        ("17, 29%", SHARE, 17.29),
        ("2.67", SHARE, 2.67),
    ],
)
def test_what_has_one_reading_is_repaired(typed: str, figure: Figure, value: float) -> None:
    read = read_cell(typed, figure)
    assert (read.value, read.status) == (value, "repaired")


@pytest.mark.parametrize(
    ("typed", "figure", "suggestion", "check"),
    [
        (5.142, COUNT, 5142, "lost_thousands"),
        (12.5, COUNT, 12500, "lost_thousands"),
        (5.142, MONEY, 5142, "lost_thousands"),
        (267.0, SHARE, 2.67, "range"),
        ("1,234", MONEY, 1234, "two_readings"),
        ("06/10", COUNT, 6, "ratio_in_cell"),
        ("02-03", COUNT, None, "range_in_cell"),
        ("1O", COUNT, 10, "letter_in_number"),
        ("(25)", COUNT, 25, "sign"),
        (-3.0, COUNT, 3, "sign"),
        ("25 nhà", COUNT, 25, "unit_other"),
        ("25 (1)", COUNT, 25, "words_in_cell"),
        ("197\n198", COUNT, None, "words_in_cell"),
        ("650 triệu", COUNT, 650, "unit_other"),
        ("1.105 đồng", MONEY, 1105, "unit_other"),
        (1_250_000_000.0, MONEY, 1250, "money_unit"),
        (datetime(2024, 10, 6), COUNT, None, "date_in_cell"),
        (datetime(1900, 2, 14), COUNT, 45, "date_in_cell"),
        ("12/5/2024", COUNT, None, "date_in_cell"),
        ("12,5", COUNT, None, "not_whole"),
    ],
)
def test_what_has_two_readings_is_suspect(typed: object, figure: Figure, suggestion: float | None, check: str) -> None:
    read = read_cell(typed, figure)
    assert (read.status, read.suggestion, read.check) == ("suspect", suggestion, check)


@pytest.mark.parametrize(
    "typed", ["x", "n/a", "chưa có số liệu", "không giao", "abc", "#DIV/0!", "#N/A", "1.2.3", True]
)
def test_what_is_no_number_gives_none(typed: object) -> None:
    read = read_cell(typed, COUNT)
    assert (read.value, read.status) == (None, "missing")
    assert read.check


@pytest.mark.parametrize(
    ("typed", "qualifier", "low", "high"),
    [
        ("khoảng 500", "approx", None, None),
        ("> 100", "gt", 100, None),
        ("gần 200", "lt", None, 200),
        ("tối đa 30", "le", None, 30),
    ],
)
def test_bounds_are_kept(typed: str, qualifier: str, low: float | None, high: float | None) -> None:
    read = read_cell(typed, COUNT)
    assert (read.qualifier, read.low, read.high, read.status) == (qualifier, low, high, "repaired")


def test_a_text_file_knows_no_numbers_so_plain_digits_are_fine() -> None:
    assert read_cell("1234", COUNT, text_only=True).status == "ok"
    assert read_cell("12,5", MONEY, text_only=True).status == "ok"


@given(st.integers(0, 10**9))
def test_whole_numbers_come_through_however_they_are_written(number: int) -> None:
    dotted = f"{number:,}".replace(",", ".")
    spaced = f"{number:,}".replace(",", " ")
    assert {read_cell(t, COUNT).value for t in (float(number), str(number), dotted, spaced)} == {float(number)}


@given(
    st.one_of(st.text(), st.floats(), st.datetimes(), st.booleans(), st.timedeltas()),
    st.sampled_from([COUNT, MONEY, SHARE]),
)
def test_any_cell_is_read_without_an_error(value: object, figure: Figure) -> None:
    read = read_cell(value, figure)
    assert read.status in ("ok", "repaired", "suspect", "missing", "blank")
    assert read.status != "ok" or read.value is not None
    assert isinstance(raw_text(value), str)


@pytest.mark.parametrize("typed", ["40+12", "251 tổ; 1500 HGV", "3 và 4"])
def test_two_numbers_in_a_cell_suggest_none(typed: str) -> None:
    read = read_cell(typed, COUNT)
    assert (read.status, read.suggestion) == ("suspect", None)


def test_a_number_with_a_note_suggests_the_number() -> None:
    assert read_cell("20 (có 2 nhà xã hỗ trợ)", COUNT).suggestion == 20


def test_the_noise_of_binary_fractions_is_no_negative_number() -> None:
    assert (read_cell(-1e-12, MONEY).status, read_cell(-1.0, MONEY).check) == ("ok", "sign")


def test_thousands_by_comma_in_a_text_file_are_repaired() -> None:
    read = read_cell("3,054", COUNT, text_only=True)
    assert (read.value, read.status) == (3054, "repaired")
    assert read_cell("3,5", MONEY, text_only=True).status == "ok"


def test_the_forms_own_unit_behind_a_number_is_no_stranger() -> None:
    stall = Figure(unit="gian hàng", low=0)
    assert (read_cell("25 gian hàng", stall).value, read_cell("25 mâm", stall).status) == (25, "suspect")


@pytest.mark.parametrize(
    ("typed", "figure", "spoken"),
    [
        ("2 tỷ 5", MONEY, 2500.0),
        ("3 tỷ 150", MONEY, 3150.0),
        ("9 tỷ 738 đồng", MONEY, 9738.0),
        ("5 nghìn 6", COUNT, 5600.0),
    ],
)
def test_a_number_left_hanging_after_a_scale_word_has_two_readings(typed: str, figure: Figure, spoken: float) -> None:
    read = read_cell(typed, figure)
    assert (read.status, read.check, read.suggestion) == ("suspect", "two_readings", spoken)


@pytest.mark.parametrize(
    ("typed", "figure", "value"),
    [("3 tỷ 150 triệu", MONEY, 3150.0), ("15 nghìn 650", COUNT, 15650.0), ("3 tỷ rưỡi", MONEY, 3500.0)],
)
def test_amounts_in_words_that_say_every_unit_are_repaired(typed: str, figure: Figure, value: float) -> None:
    assert read_cell(typed, figure).value == value and read_cell(typed, figure).status == "repaired"


@pytest.mark.parametrize("said", ["x", "-", "không", "chưa có", "gì đó"])
def test_a_word_for_nothing_is_no_unit(said: str) -> None:
    assert unit_of(said) is None
    assert worth(said) == ("", 1.0)


def test_an_offices_own_unit_counts_on_its_forms_and_in_its_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cell_words.csv").write_text("word,means,factor\nyến,mass,10\n", encoding="utf-8")
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    refresh()
    assert worth("yến") == unit_of("yến") == ("mass", 10.0)
