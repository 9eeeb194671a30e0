"""Months, quarters and halves added up to longer spans, each area by itself.

Flows are summed; a stock counts by its last figure in the span, an opening
balance by its first; plans and cumulative figures by the last. Where a part of a
span is missing and the area reported the cumulative figure from 1 January,
that one is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mttq_data.errors import MttqError
from mttq_data.periods import Period, parse_period
from mttq_data.totals.adding import FIRST, LAST, SUM, Adding

TO_DATE = "year to date"
SPANS = ("month", "quarter", "half", "year", TO_DATE)
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
Reports = Callable[[int, str, int], bool]
ALL, END, BEGIN = 0, 1, 2


@dataclass(frozen=True)
class Part:
    """A period's place in a longer span."""

    span: str
    kind: str
    position: int
    of: int


def span_word(text: str) -> str:
    """The span a word of ``to`` names, "" where it names none."""
    word = text.replace("_", " ").replace("-", " ").strip().lower()
    return {"ytd": TO_DATE}.get(word, word if word in SPANS else "")


def span_of(period: Period, word: str) -> str:
    """The span of the kind that holds a period; "" where the period is too long for it."""
    if period.kind not in _MONTHS:
        return ""
    if word == TO_DATE:
        return period.text
    size = _MONTHS[word]
    if _MONTHS[period.kind] > size:
        return ""
    number = (period.end.month - 1) // size + 1
    year = period.end.year
    return {"month": f"{year}-{number:02d}", "quarter": f"{year}-Q{number}", "half": f"{year}-H{number}"}.get(
        word, str(year)
    )


def parts_of(span: str, kind: str, word: str) -> list[str]:
    """The periods of a kind that make up a span, in order; to date: from 1 January.

    Examples
    --------
    >>> parts_of("2024-H2", "quarter", "half"), parts_of("2024-Q2", "quarter", "year to date")
    (['2024-Q3', '2024-Q4'], ['2024-Q1', '2024-Q2'])
    """
    whole = parse_period(span)
    size = _MONTHS[kind]
    first = 1 if word == TO_DATE else whole.start.month
    months = range(first, whole.end.month + 1, size)
    return [span_of(parse_period(f"{whole.end.year}-{month + size - 1:02d}"), kind) for month in months]


def timing(how: Sequence[str], measures: Sequence[str]) -> np.ndarray:
    """For each indicator and measure: all parts, the last or the first of the span count."""
    table = np.full((len(how), len(measures)), ALL)
    for at, way in enumerate(how):
        table[at, :] = {LAST: END, FIRST: BEGIN}.get(way, ALL)
    for at, measure in enumerate(measures):
        if measure in ("plan", "cumulative"):
            table[:, at] = END
    return table


def summed_over_time(
    rows: pd.DataFrame, periods: list[Period], measures: list[str], how: Sequence[str], word: str, reports: Reports
) -> tuple[pd.DataFrame, list[str]]:
    """Bring the rows of a unit and an area from their periods to the spans of ``word``.

    Parameters
    ----------
    rows : DataFrame
        ``target, area, period, indicator, measure, value, low, high, ok, some, crosses, rank``.
    periods : list of Period
        Of each place in ``rows["period"]``.
    measures : list of str
        Extended by ``cumulative`` where the year to date needs it.
    how : sequence of str
        How each indicator adds up.
    word : str
        One of `SPANS`.
    reports : callable
        Whether the area at a place owes a figure in a period, when the level at
        a rank reports.

    Returns
    -------
    DataFrame, list of str
        The rows by span, ``period`` the place in the list of spans.
    """
    if word == TO_DATE and "cumulative" not in measures:
        measures.append("cumulative")
    spans: list[str] = []
    places = _places(periods, word, spans)
    moved = rows.merge(places, on="period", how="inner")
    if moved.empty:
        raise MttqError(f"no observation is of a month, quarter, half or year that goes into a {word}")
    when = timing(how, measures)[moved["indicator"].to_numpy(), moved["measure"].to_numpy()]
    position, of = moved["position"].to_numpy(), moved["of"].to_numpy()
    moved = moved[(when == ALL) | ((when == END) & (position == of - 1)) | ((when == BEGIN) & (position == 0))]
    moved = moved.assign(needed=np.where(when[moved.index] == ALL, _standing(moved, spans, word, reports), 1))
    made = _summed(moved)
    made = _with_reported(made, measures, how, spans, word)
    return made.rename(columns={"span": "period"}), spans


def _places(periods: list[Period], word: str, spans: list[str]) -> pd.DataFrame:
    """Which period goes where: one row a period and span."""
    found: list[tuple[int, int, int, int, int]] = []
    text_at = {p.text: at for at, p in enumerate(periods)}
    wanted = dict.fromkeys(filter(None, (span_of(p, word) for p in periods)))
    for span in wanted:
        number = len(spans)
        spans.append(span)
        kinds = [parse_period(span).kind] if word == TO_DATE else [k for k in _MONTHS if _MONTHS[k] <= _MONTHS[word]]
        for rank, kind in enumerate(kinds):
            parts = parts_of(span, kind, word)
            found += [(text_at[p], number, at, len(parts), rank) for at, p in enumerate(parts) if p in text_at]
    return pd.DataFrame(found, columns=["period", "span", "position", "of", "kind"])


def _standing(moved: pd.DataFrame, spans: list[str], word: str, reports: Reports) -> np.ndarray:
    """In how many parts of its span the unit of each row reports: a district of 2025 in two quarters."""
    kinds = list(_MONTHS)
    ranks = moved.groupby(["span", "indicator"])["rank"].transform("min")
    pairs = moved[["area", "span", "kind"]].assign(top=ranks)
    distinct = pairs.drop_duplicates()
    counts = []
    for area, span, at, rank in distinct.itertuples(index=False):
        kind = parse_period(spans[span]).kind if word == TO_DATE else kinds[at]
        counts.append(sum(reports(area, part, rank) for part in parts_of(spans[span], kind, word)))
    return pairs.merge(distinct.assign(count=counts), how="left")["count"].to_numpy()


_KEY = ["target", "area", "span", "indicator", "measure"]


def _summed(moved: pd.DataFrame) -> pd.DataFrame:
    grouped = moved.groupby([*_KEY, "kind"], sort=False)
    made = grouped.agg(value=("value", "sum"), low=("low", "sum"), high=("high", "sum"), all_ok=("ok", "all"),
                       n=("ok", "size"), needed=("needed", "first"), some=("some", "any"), crosses=("crosses", "max"),
                       rank=("rank", "first")).reset_index()  # fmt: skip
    whole = made["n"] == made["needed"]
    made["ok"] = whole & made["all_ok"]
    made.loc[~whole, "high"] = np.inf
    return _best(made.assign(reported=False))


def _best(made: pd.DataFrame) -> pd.DataFrame:
    """Of several ways to a figure the complete one, else the one of the longest periods."""
    order = made.sort_values(["ok", "reported", "kind"], ascending=[False, True, False], kind="stable")
    return order.drop_duplicates(_KEY, keep="first").sort_index()


def _with_reported(
    made: pd.DataFrame, measures: list[str], how: Sequence[str], spans: list[str], word: str
) -> pd.DataFrame:
    """Let a reported cumulative figure stand for a flow of which a part is missing."""
    if "period" not in measures:
        return made
    period, to_date = measures.index("period"), word == TO_DATE
    cumulative = measures.index("cumulative") if "cumulative" in measures else -1
    from_january = np.array([to_date or parse_period(s).start.month == 1 for s in spans])
    flows = np.array([way == SUM for way in how])
    reported = made[(made["measure"] == cumulative) & from_january[made["span"]] & made["ok"]]
    if to_date:
        sums = made["measure"] == period
        rest = made[~sums & (made["measure"] != cumulative)]
        sums_by_year = made[sums].assign(measure=cumulative)
        both = pd.concat([sums_by_year, made[made["measure"] == cumulative].assign(reported=True)], ignore_index=True)
        return pd.concat([rest, _best(both)], ignore_index=True)
    reported = reported[flows[reported["indicator"]]].assign(measure=period, reported=True)
    return pd.concat([_best(pd.concat([made, reported], ignore_index=True))], ignore_index=True)


def from_parts(made: pd.DataFrame, rules: Adding, indicators: list[str]) -> pd.DataFrame:
    """Totals of flows and stocks, made anew from their parts after the time was summed up.

    Cases received in two quarters count a case carried over twice; settled and
    failed ones summed, with those pending at the end, count it once.
    """
    place = {name: at for at, name in enumerate(indicators)}
    for total, parts in rules.mixed.items():
        if total not in place or not set(parts) <= set(place):
            continue
        some = made[made["indicator"].isin([place[p] for p in parts]) & ~made["reported"]]
        key = ["target", "area", "period", "measure"]
        summed = some.groupby(key, sort=False).agg(value=("value", "sum"), low=("low", "sum"), high=("high", "sum"),
                                                   ok=("ok", "all"), n=("ok", "size"), some=("some", "any"),
                                                   crosses=("crosses", "max"), rank=("rank", "first"))  # fmt: skip
        anew = summed.reset_index()
        anew = anew[anew["n"] == len(parts)].assign(indicator=place[total], reported=False)
        both = pd.concat([anew, made], ignore_index=True)
        made = both.drop_duplicates([*key, "indicator"], keep="first")
    return made.reset_index(drop=True)
