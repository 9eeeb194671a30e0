"""How long a period is and on which days: terms of five years, fund years, quarters.

``2019-2024`` is a term: five years from one congress to the next, not six. Which
spans are terms, and on which days they begin, is ``codes/terms.csv``; a span of
years that is not listed counts its years with both ends (2021-2023 is three),
except one of five between its ends (2020-2025), which is a term as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from mttq_data.codelists import keyed, remembered
from mttq_data.errors import MttqError
from mttq_data.periods import Period, parse_period
from mttq_data.wording import missing

_TERM_YEARS = 5


@dataclass(frozen=True)
class Span:
    """The days of a period and its length; ``years`` is NaN for an undated figure."""

    text: str
    start: date | None
    end: date | None
    years: float
    vi: str
    en: str

    @property
    def dated(self) -> bool:
        """Whether the period has days."""
        return self.start is not None


_UNDATED = Span("", None, None, math.nan, "kỳ không rõ", "an unstated period")


def span_of(period: object) -> Span:
    """The span of a written period; an empty one is undated.

    Parameters
    ----------
    period : str
        As the tables write it.

    Returns
    -------
    Span

    Raises
    ------
    MttqError
        The text is no period.

    Examples
    --------
    >>> span_of("2019-2024").years, span_of("2021-2023").years, span_of("2017-10-01/2018-09-30").years
    (5.0, 3.0, 1.0)
    >>> span_of("2024-Q4").vi, span_of("2019-2024").en
    ('quý IV năm 2024', 'the term 2019-2024')
    """
    return _UNDATED if missing(period) else _span(str(period).strip())


@remembered("terms", most=4096)
def _span(text: str) -> Span:
    row = keyed("terms", "term").get(text)
    if row:
        try:
            start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
            return Span(text, start, end, float(row["years"]), row["name_vi"], row["name_en"])
        except ValueError as exc:
            raise MttqError(f"terms.csv: {text} has no days or years ({exc}); write 2024-07-01, 2029-06-30, 5") from exc
    period = parse_period(text)
    return Span(text, period.start, period.end, _years(period), _vi(period), _en(period))


def _years(period: Period) -> float:
    if period.kind == "years":
        between = period.end.year - period.start.year
        return float(between if between == _TERM_YEARS else between + 1)
    if period.kind == "days":
        return round(((period.end - period.start).days + 1) / 365.25, 2)
    return {"month": 1 / 12, "quarter": 0.25, "half": 0.5}.get(period.kind, 1.0)


def _whole_months(period: Period) -> bool:
    return period.start.day == 1 and (period.end + timedelta(days=1)).day == 1


def _vi(period: Period) -> str:
    if period.kind != "days":
        return period.vi
    if period.start == period.end:
        return f"ngày {period.start:%d/%m/%Y}"
    if _whole_months(period) and period.start.month == 1 and period.start.year == period.end.year:
        return f"{period.end.month} tháng đầu năm {period.end.year}"
    if _whole_months(period):
        return "kỳ từ " + " đến ".join(f"tháng {d.month}/{d.year}" for d in (period.start, period.end))
    return f"kỳ từ {period.start:%d/%m/%Y} đến {period.end:%d/%m/%Y}"


def _en(period: Period) -> str:
    if period.kind == "days":
        if _whole_months(period) and period.start.month == 1 and period.start.year == period.end.year:
            return f"the first {period.end.month} months of {period.end.year}"
        written = "{0:%B %Y}" if _whole_months(period) else "{0.day} {0:%B %Y}"
        days = [written.format(d) for d in (period.start, period.end)]
        return days[0] if period.start == period.end else f"{days[0]} to {days[1]}"
    year = period.start.year
    names = {
        "month": f"{period.start:%B} {year}",
        "quarter": f"Q{period.end.month // 3} {year}",
        "half": f"the {'first' if period.start.month == 1 else 'second'} half of {year}",
        "years": f"{year}-{period.end.year}",
    }
    return names.get(period.kind, str(year))
