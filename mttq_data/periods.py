"""Periods as the tables write them, their days, and how Vietnamese names them.

Written forms: ``2023``, ``2019-2024``, ``2024-Q4``, ``2024-H1``, ``2024-10``,
``2016-10-17/2016-10-27``; a single day is ``2024-12-31``.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from mttq_data.errors import MttqError

ROMAN = ("", "I", "II", "III", "IV")
_FORMS = re.compile(
    r"(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-H(?P<half>[12])|-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d{2}))?|-(?P<last>\d{4}))?"
)


@dataclass(frozen=True)
class Period:
    """A span of days. ``kind`` is one of month, quarter, half, year, years, days."""

    text: str
    kind: str
    start: date
    end: date

    @property
    def vi(self) -> str:
        """The period in Vietnamese words.

        Examples
        --------
        >>> parse_period("2024-Q4").vi
        'quý IV năm 2024'
        """
        year = self.start.year
        names = {
            "month": f"tháng {self.start.month} năm {year}",
            "quarter": f"quý {ROMAN[self.end.month // 3]} năm {year}",
            "half": f"6 tháng {'đầu' if self.start.month == 1 else 'cuối'} năm {year}",
            "year": f"năm {year}",
            "years": f"giai đoạn {year}-{self.end.year}",
        }
        return names.get(self.kind, f"từ {self.start:%d/%m/%Y} đến {self.end:%d/%m/%Y}")

    def previous(self) -> Period | None:
        """The period of the same kind just before, or None for spans of days and of years."""
        before = self.start - timedelta(days=1)
        written = {
            "month": f"{before:%Y-%m}",
            "quarter": f"{before.year}-Q{(before.month + 2) // 3}",
            "half": f"{before.year}-H{1 if before.month <= 6 else 2}",
            "year": str(before.year),
        }
        return parse_period(written[self.kind]) if self.kind in written else None


def parse_period(text: str) -> Period:
    """Read a period as the tables write it.

    Parameters
    ----------
    text : str
        ``2024``, ``2019-2024``, ``2024-Q4``, ``2024-H1``, ``2024-10``,
        ``2024-12-31`` or two such days joined by ``/``.

    Returns
    -------
    Period

    Raises
    ------
    MttqError
        The text is none of these.

    Examples
    --------
    >>> parse_period("2024-Q4").end
    datetime.date(2024, 12, 31)
    >>> parse_period("2024-Q1").previous().text
    '2023-Q4'
    """
    written = str(text).strip().upper()
    if "/" in written:
        first, last = (parse_period(part) for part in written.split("/", 1))
        if first.start <= last.end:
            return Period(written, "days", first.start, last.end)
    elif match := _FORMS.fullmatch(written):
        try:
            return _from_match(written, match)
        except ValueError:
            pass
    raise MttqError(f"{text!r} is no period; write 2024, 2019-2024, 2024-Q4, 2024-H1, 2024-10 or 2024-10-17/2024-10-27")


@lru_cache(maxsize=512)
def previous_period(text: str) -> str:
    """The text of the period before; empty for one that has none and for what is no period.

    Examples
    --------
    >>> previous_period("2024-Q1"), previous_period("?")
    ('2023-Q4', '')
    """
    try:
        before = parse_period(text).previous()
    except MttqError:
        return ""
    return before.text if before else ""


def _from_match(written: str, match: re.Match[str]) -> Period:
    year = int(match["year"])
    if match["last"]:
        last = int(match["last"])
        if last < year:
            raise ValueError(written)
        return Period(written, "years", date(year, 1, 1), date(last, 12, 31))
    if match["day"]:
        day = date.fromisoformat(written)
        return Period(written, "days", day, day)
    kind, first, months = "year", 1, 12
    if match["month"]:
        kind, first, months = "month", int(match["month"]), 1
    elif match["quarter"]:
        kind, first, months = "quarter", int(match["quarter"]) * 3 - 2, 3
    elif match["half"]:
        kind, first, months = "half", int(match["half"]) * 6 - 5, 6
    end = first + months - 1
    return Period(written, kind, date(year, first, 1), date(year, end, calendar.monthrange(year, end)[1]))


def last_day(when: str | date) -> date:
    """The day a date or period ends on: what "valid at the period" is asked with.

    Examples
    --------
    >>> last_day("2024-Q4") == last_day("2024-12-31") == date(2024, 12, 31)
    True
    """
    if isinstance(when, date):
        return when if type(when) is date else date(when.year, when.month, when.day)
    return parse_period(when).end
