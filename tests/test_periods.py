"""Periods: their days, their Vietnamese names, the one before."""

from __future__ import annotations

from datetime import date

import pytest

from mttq_data.errors import MttqError
from mttq_data.periods import last_day, parse_period


@pytest.mark.parametrize(
    ("text", "start", "end", "vi", "before"),
    [
        ("2024", "2024-01-01", "2024-12-31", "năm 2024", "2023"),
        ("2024-Q1", "2024-01-01", "2024-03-31", "quý I năm 2024", "2023-Q4"),
        ("2024-q4", "2024-10-01", "2024-12-31", "quý IV năm 2024", "2024-Q3"),
        ("2024-H1", "2024-01-01", "2024-06-30", "6 tháng đầu năm 2024", "2023-H2"),
        ("2024-02", "2024-02-01", "2024-02-29", "tháng 2 năm 2024", "2024-01"),
        ("2019-2024", "2019-01-01", "2024-12-31", "giai đoạn 2019-2024", None),
        ("2016-10-17/2016-10-27", "2016-10-17", "2016-10-27", "từ 17/10/2016 đến 27/10/2016", None),
    ],
)
def test_periods(text: str, start: str, end: str, vi: str, before: str | None) -> None:
    period = parse_period(text)
    assert (period.start.isoformat(), period.end.isoformat(), period.vi) == (start, end, vi)
    previous = period.previous()
    assert (previous.text if previous else None) == before
    assert last_day(text) == last_day(date.fromisoformat(end))


@pytest.mark.parametrize(
    "text", ["", "2024-Q5", "2024-13", "2024-02-30", "2024-2019", "quý 4", "2024-12-31/2024-01-01"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(MttqError, match="is no period"):
        parse_period(text)
