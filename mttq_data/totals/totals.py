"""Totals over areas and time that say what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from mttq_data.errors import MttqError
from mttq_data.periods import last_day
from mttq_data.places.area_codes import LEVELS
from mttq_data.places.borders import Goal, changed_meaning, goal_for
from mttq_data.totals.basis import Bases
from mttq_data.totals.int_codes import distinct
from mttq_data.totals.observed import Observed, observed, warn
from mttq_data.totals.share_totals import ratios
from mttq_data.totals.table import KEY, Sums, describe, empty_table, table, without_sum
from mttq_data.totals.timespans import from_parts, span_word, summed_over_time


def roll_up(
    observations: pd.DataFrame,
    to: str | Sequence[str] | Mapping[str, Sequence[str]] = "province",
    *,
    on: str | date | None = None,
    estimate: bool = False,
) -> pd.DataFrame:
    """Add observations up over areas and over time.

    Flows are summed, stocks count by their last figure, opening balances by their
    first, shares are made anew as ratio of sums (never a mean of percentages).
    Over time a total that mixes flows and stocks (cases received, some of them
    pending) is made from its parts. A figure told twice counts once; told
    differently it is in doubt, with a warning; a suspect one beside a sure one
    is passed over.

    Status ok, repaired and accepted count. ``value`` is the sum of what counts,
    whatever is missing; ``areas_missing`` says whose figure (of a span: any part
    of it) is missing, suspect or not divisible. **Bounds**: a missing or suspect
    amount is 0 or more. A suspect one is at most the end of its range, or the
    larger of ``value`` and ``suggestion``; else, and if missing, it has no end. So
    ``low`` is the sum of what is known and ``high`` is NaN as soon as one area is
    missing. An amount that may be negative has no lower end either. A share with
    areas missing lies between 0 and 100, closer where all denominators are known.

    Parameters
    ----------
    observations : DataFrame
        ``area, period, indicator, value`` and, where they stand, ``measure, low,
        high, qualifier, unit, status, suggestion, form, revision``, as `read_returns` gives
        them: ``value`` in the catalogue's unit. Only last revisions count.
    to : str, sequence of str or mapping
        ``province``, ``district``, ``commune``, ``group`` (``area_groups.csv``),
        codes of areas, or names of groups with the codes in them. A span may go
        with it, as in ``["district", "quarter"]``: ``month``, ``quarter``,
        ``half``, ``year`` or ``year to date`` (from 1 January to the end of each
        period, measure ``cumulative``). A span alone keeps the areas that report.
    on : str or date, optional
        The day whose borders count, for a series across a merger. By default each
        period's own, or the last day on which such areas stood. Units that lie
        whole in an area are added; one that crosses its border (among the
        districts of 2025 phường Đa Mai and xã Nam Dương) leaves ``value`` NaN,
        with the reason, and bounds.
    estimate : bool
        Divide crossing units by the number of former communes, and mark the rows.

    Returns
    -------
    DataFrame
        ``area, period, indicator, measure, value, low, high, unit`` (the
        catalogue's), ``areas_expected, areas_counted`` (reporting units),
        ``areas_missing`` (codes, space separated), ``name`` of the area,
        ``borders`` (day), ``estimated``, ``why_vi, why_en`` (why there is no
        value, or how it was estimated).

    Raises
    ------
    MttqError
        A column lacks, a period or ``to`` is not understood, or one indicator
        comes in two units.

    Examples
    --------
    >>> rows = [("213", "tet_gifts", 5.0), ("215", "tet_gifts", 7.0)]
    >>> frame = pd.DataFrame(rows, columns=["area", "indicator", "value"]).assign(period="2024-Q4")
    >>> total = roll_up(frame).iloc[0]
    >>> float(total["value"]), int(total["areas_counted"]), total["areas_missing"].split()[:2]
    (12.0, 2, ['216', '217'])
    """
    goal, word, day = _wish(to, on)
    made = observed(observations)
    bases = Bases(goal, word, day, made.spans)
    rows, targets = _mapped(made, bases, estimate)
    if rows.empty:
        return empty_table()
    periods = made.periods
    if word:
        rows, periods = summed_over_time(
            rows,
            made.spans,
            made.measures,
            made.how(),
            word,
            lambda a, part, rank: bases.reports(made.areas[a], part, rank),
        )
        rows = from_parts(rows, made.rules, made.indicators)
    sums = _summed(rows, targets, periods, estimate)
    describe(sums, made, bases, estimate)
    shares = ratios(rows, sums, made, bool(word), estimate)
    without_sum(sums, made)
    result = table(sums, made, shares)
    _warn_of_borders(result)
    return result


def _wish(to: str | Sequence[str] | Mapping[str, Sequence[str]], on: str | date | None) -> tuple[Goal | None, str, str]:
    """The areas and the span that ``to`` names; no areas where each reporting unit stays by itself."""
    day = last_day(on).isoformat() if on is not None else ""
    if isinstance(to, Mapping):
        return goal_for(to, on), "", day
    words = [to] if isinstance(to, str) else list(to)
    spans = [w for w in words if span_word(w)]
    rest = [w for w in words if not span_word(w)]
    if len(spans) > 1 or not words:
        raise MttqError(f"to={to!r}: name areas and at most one span")
    return (goal_for(rest, on) if rest else None), span_word(spans[0]) if spans else "", day


def _mapped(made: Observed, bases: Bases, estimate: bool) -> tuple[pd.DataFrame, list[str]]:
    """Give each row its area; a row whose unit crosses borders comes once for each area it touches."""
    rows, width, targets = made.rows, len(LEVELS), dict[str, int]()
    key = (rows["period"].to_numpy() * len(made.areas) + rows["area"].to_numpy()) * width + rows["rank"].to_numpy()
    found, inverse = distinct(key)
    whole, lost = np.full(len(found), -1), np.zeros(len(found), dtype=bool)
    pieces: list[tuple[int, int, float]] = []
    for at, one in enumerate(found):
        place, rank = divmod(int(one), width)
        period, area = divmod(place, len(made.areas))
        cover = bases.cover(made.periods[period], rank)
        lies_in, lost[at] = cover.shares.get(made.areas[area], {}), made.areas[area] in cover.lost
        numbers = [(targets.setdefault(name, len(targets)), share) for name, share in lies_in.items() if name]
        if len(lies_in) == 1:
            whole[at] = numbers[0][0]
        else:
            pieces += [(at, number, share) for number, share in numbers]
    if lost.any():
        _warn_of_lost(made, rows[lost[inverse]])
    result = rows.assign(target=whole[inverse], crosses=0, some=rows["ok"])
    if pieces:
        result = pd.concat([result, _divided(result.assign(unit=inverse), pieces, estimate)], ignore_index=True)
    return result[result["target"] >= 0].reset_index(drop=True), list(targets)


def _warn_of_lost(made: Observed, rows: pd.DataFrame) -> None:
    names = sorted({made.areas[a] for a in rows["area"].unique()})
    more = ", …" if len(names) > 5 else ""
    warn(
        f"{len(rows)} observations are in no total: the table does not say which units took the "
        f"territory of {', '.join(names[:5])}{more}; add them to area_successors.csv, or add up to district or province"
    )


def _divided(rows: pd.DataFrame, pieces: list[tuple[int, int, float]], estimate: bool) -> pd.DataFrame:
    """Rows of crossing units, once for each area; the area's part may be anything from nothing to all."""
    table = pd.DataFrame(pieces, columns=["unit", "piece", "share"])
    some = rows.merge(table, on="unit", how="inner")
    some["value"] = some["value"] * (some["share"] if estimate else 0.0)
    some["low"] = np.minimum(some["low"], 0.0)
    return some.assign(target=some["piece"], crosses=1)[[c for c in rows.columns if c != "unit"]]


def _summed(rows: pd.DataFrame, targets: list[str], periods: list[str], estimate: bool) -> Sums:
    """Sums by area, period, indicator and measure, and which units they rest on."""
    columns = [rows[c].to_numpy() for c in KEY]
    shape = [int(c.max()) + 1 for c in columns]
    uniques, codes = distinct(np.ravel_multi_index(columns, shape))
    n, whole = len(uniques), rows["crosses"].to_numpy() == 0
    ok = rows["ok"].to_numpy() & (estimate | whole)
    frame: dict[str, np.ndarray] = dict(zip(KEY, np.unravel_index(uniques, shape), strict=True))
    frame |= {name: np.bincount(codes, rows[name].to_numpy(), n) for name in ("value", "low", "high")}
    frame["counted"], frame["told"] = np.bincount(codes[ok], minlength=n), np.bincount(codes, minlength=n)
    frame["some"] = np.bincount(codes, rows["some"].to_numpy() & (ok | whole), n) > 0
    frame["rank"] = np.full(n, len(LEVELS))
    np.minimum.at(frame["rank"], codes, rows["rank"].to_numpy())
    return Sums(pd.DataFrame(frame), codes[ok], rows["area"].to_numpy()[ok], targets, periods)


def _warn_of_borders(result: pd.DataFrame) -> None:
    """Say when one code stands for two territories in the result."""
    seen = result[["area", "borders"]].drop_duplicates()
    twice = [str(code) for code, days in seen.groupby("area")["borders"] if changed_meaning(str(code), list(days))]
    if twice:
        warn(f"{', '.join(twice)}: the same code has other borders in some of the periods; pass on=... for one series")
