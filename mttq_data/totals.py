"""Totals over areas and time that say what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from mttq_data.adding import FIRST, LAST, SUM
from mttq_data.area_codes import LEVELS
from mttq_data.borders import Goal, changed_meaning, goal_for
from mttq_data.errors import MttqError
from mttq_data.observed import Observed, observed, warn
from mttq_data.periods import last_day
from mttq_data.share_totals import ratios
from mttq_data.timespans import from_parts, span_word, summed_over_time, timing
from mttq_data.total_basis import Bases, Basis

COLUMNS = (
    "area", "period", "indicator", "measure", "value", "low", "high", "unit", "areas_expected", "areas_counted",
    "areas_missing", "name", "borders", "estimated", "why_vi", "why_en",
)  # fmt: skip
_KEY = ["target", "period", "indicator", "measure"]
_MEASURES = ("plan", "period", "cumulative")
_WHY = {
    "": ("", ""),
    "crosses": (
        "{units} nằm trên địa bàn nhiều đơn vị nên không cộng được; estimate=True thì ước tính",
        "{units} lies across the borders, so nothing is added up; estimate=True estimates",
    ),
    "estimated": (
        "ước tính: số liệu của {units} chia theo số đơn vị cấp xã cũ",
        "estimated: the figures of {units} are divided by the number of former communes",
    ),
    "open": (
        "danh mục không có đơn vị báo cáo cho một phần địa bàn này ở thời điểm đó",
        "for a part of this territory the codelist has no reporting unit at the time",
    ),
    "none": (
        "chỉ tiêu không cộng được qua các đơn vị hay các kỳ",
        "the indicator does not add up over areas or over time",
    ),
    "unknown": ("danh mục không có chỉ tiêu này", "the catalogue has no such indicator"),
    "ratio": (
        "thiếu tử số hoặc mẫu số; không lấy trung bình các tỷ lệ",
        "numerator or denominator is lacking; shares are not averaged",
    ),
}


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
    differently it is in doubt, with a warning.

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
        return _typed(pd.DataFrame(columns=list(COLUMNS)))
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
    sums = _described(_summed(rows, estimate), made, targets, periods, bases, estimate)
    shares = ratios(rows, sums, made, bool(word), estimate)
    result = _typed(_told(_without_sum(sums, made), made, targets, shares))
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
    found, inverse = np.unique(key, return_inverse=True)
    whole = np.full(len(found), -1)
    pieces: list[tuple[int, int, float]] = []
    for at, one in enumerate(found):
        place, rank = divmod(int(one), width)
        period, area = divmod(place, len(made.areas))
        lies_in = bases.cover(made.periods[period], rank).shares.get(made.areas[area], {})
        numbers = [(targets.setdefault(name, len(targets)), share) for name, share in lies_in.items() if name]
        if len(lies_in) == 1:
            whole[at] = numbers[0][0]
        else:
            pieces += [(at, number, share) for number, share in numbers]
    result = rows.assign(target=whole[inverse], crosses=0, some=rows["ok"])
    if pieces:
        result = pd.concat([result, _divided(result.assign(unit=inverse), pieces, estimate)], ignore_index=True)
    return result[result["target"] >= 0].reset_index(drop=True), list(targets)


def _divided(rows: pd.DataFrame, pieces: list[tuple[int, int, float]], estimate: bool) -> pd.DataFrame:
    """Rows of crossing units, once for each area; the area's part may be anything from nothing to all."""
    table = pd.DataFrame(pieces, columns=["unit", "piece", "share"])
    some = rows.merge(table, on="unit", how="inner")
    some["value"] = some["value"] * (some["share"] if estimate else 0.0)
    some["low"] = np.minimum(some["low"], 0.0)
    return some.assign(target=some["piece"], crosses=1)[[c for c in rows.columns if c != "unit"]]


def _summed(rows: pd.DataFrame, estimate: bool) -> pd.DataFrame:
    """Sums by area, period, indicator and measure, and which units they rest on."""
    columns = [rows[c].to_numpy() for c in _KEY]
    shape = [int(c.max()) + 1 for c in columns]
    codes, uniques = pd.factorize(np.ravel_multi_index(columns, shape))
    n = len(uniques)
    frame = pd.DataFrame(dict(zip(_KEY, np.unravel_index(uniques, shape), strict=True)))
    for name in ("value", "low", "high"):
        frame[name] = np.bincount(codes, rows[name].to_numpy(), n)
    ok = rows["ok"].to_numpy() & (estimate | (rows["crosses"].to_numpy() == 0))
    frame["counted"] = np.bincount(codes[ok], minlength=n)
    frame["some"] = np.bincount(codes, rows["some"].to_numpy() & (ok | (rows["crosses"].to_numpy() == 0)), n) > 0
    frame["told"] = np.bincount(codes, minlength=n)
    frame["rank"] = rows["rank"].to_numpy()[np.unique(codes, return_index=True)[1]]
    order = np.argsort(codes[ok], kind="stable")
    frame.attrs["units"] = rows["area"].to_numpy()[ok][order]
    frame.attrs["ends"] = np.cumsum(frame["counted"].to_numpy())
    return frame


def _described(
    sums: pd.DataFrame, made: Observed, targets: list[str], periods: list[str], bases: Bases, estimate: bool
) -> pd.DataFrame:
    """Add the names, what each total should rest on, and who is missing."""
    when = timing(made.how(), made.measures)[sums["indicator"].to_numpy(), sums["measure"].to_numpy()]
    keys = sums[["target", "period", "rank"]].assign(when=when)
    kinds, first = np.unique(keys.to_numpy(), axis=0, return_inverse=True)
    known = [bases.of(targets[t], periods[p], r, w) for t, p, r, w in kinds.tolist()]
    first = first.reshape(-1)
    expected = np.array([len(b.units) for b in known])[first]
    sums["high"] = np.where(sums["told"] < expected, np.inf, sums["high"])
    floor = np.array([-np.inf if name in made.rules.signed else 0.0 for name in made.indicators])
    missing = sums["told"].to_numpy() < expected
    sums["low"] = np.where(missing, sums["low"] + floor[sums["indicator"].to_numpy()], sums["low"])
    sums["areas_expected"] = expected
    sums["areas_missing"] = _missing(sums, [known[i] for i in first.tolist()], made.areas)
    sums["area"] = [targets[t] for t in sums["target"]]
    sums["period_name"] = [periods[p] for p in sums["period"]]
    sums["name"] = np.array([b.name for b in known], dtype=object)[first]
    sums["borders"] = np.array([b.borders for b in known], dtype=object)[first]
    why = ["open" if b.open else "" if not b.crossing else "estimated" if estimate else "crosses" for b in known]
    sums["why"] = np.array(why, dtype=object)[first]
    sums["crossing"] = np.array([", ".join(b.crossing.values()) for b in known], dtype=object)[first]
    sums["expected_units"] = pd.Series([known[i].units for i in first.tolist()], index=sums.index)
    sums["itself"] = np.array([b.units == [targets[k[0]]] for b, k in zip(known, kinds.tolist(), strict=True)])[first]
    return sums


def _missing(sums: pd.DataFrame, bases: list[Basis], areas: list[str]) -> list[str]:
    units, ends, counted = sums.attrs["units"], sums.attrs["ends"].tolist(), sums["counted"].tolist()
    known: dict[tuple[int, bytes], str] = {}
    texts = []
    for basis, end, n in zip(bases, ends, counted, strict=True):
        if n == len(basis.units):
            texts.append("")
            continue
        mine = units[end - n : end]
        key = (id(basis), mine.tobytes())
        if key not in known:
            there = {areas[u] for u in mine.tolist()}
            known[key] = " ".join(u for u in basis.units if u not in there)
        texts.append(known[key])
    return texts


def _without_sum(sums: pd.DataFrame, made: Observed) -> pd.DataFrame:
    """Say where an indicator does not add up; a unit's own figure for itself stays."""
    adds = np.array([way in (SUM, LAST, FIRST) for way in made.how()])[sums["indicator"].to_numpy()]
    why = np.array(["ratio" if way == "ratio" else "none" if way else "unknown" for way in made.how()], dtype=object)
    refused = ~adds & ~sums["itself"].to_numpy()
    sums["why"] = np.where(refused, why[sums["indicator"].to_numpy()], sums["why"])
    none = refused | sums["why"].isin(["open", "crosses"]).to_numpy()
    nothing = none | ~sums["some"].to_numpy()
    sums["value"] = np.where(nothing, np.nan, sums["value"])
    for end in ("low", "high"):
        sums[end] = np.where(refused | ~np.isfinite(sums[end]), np.nan, sums[end])
    sums.loc[sums["why"] == "open", "high"] = np.nan
    return sums


def _told(sums: pd.DataFrame, made: Observed, targets: list[str], shares: pd.DataFrame) -> pd.DataFrame:
    """The rows as the reader gets them: names, units, reasons, in the catalogue's order."""
    if len(shares):
        sums = pd.concat([shares, sums], ignore_index=True).drop_duplicates(_KEY, keep="first")
    frame = pd.DataFrame({"area": sums["area"], "period": sums["period_name"]})
    indicators, measures = list(made.indicators), made.measures
    frame["indicator"] = np.array(indicators, dtype=object)[sums["indicator"].to_numpy()]
    frame["measure"] = np.array(measures, dtype=object)[sums["measure"].to_numpy()]
    for name in ("value", "low", "high", "areas_expected", "areas_missing", "name", "borders"):
        frame[name] = sums[name]
    frame["areas_counted"] = sums["counted"]
    frame["unit"] = [made.rules.units.get(i, "") for i in frame["indicator"]]
    frame["estimated"] = sums["why"] == "estimated"
    crossing, codes = pd.factorize(sums["why"] + "|" + sums["crossing"])
    for place, name in enumerate(("why_vi", "why_en")):
        texts = [_WHY[w][place].format(units=u) for w, _, u in (str(c).partition("|") for c in codes)]
        frame[name] = np.array(texts, dtype=object)[crossing]
    order = {name: at for at, name in enumerate(made.rules.units)}
    rank = {m: _MEASURES.index(m) if m in _MEASURES else 9 for m in measures}
    frame = frame.assign(_i=frame["indicator"].map(lambda i: order.get(i, len(order))), _m=frame["measure"].map(rank))
    return frame.sort_values(["area", "period", "_i", "indicator", "_m"], kind="stable").reset_index(drop=True)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    kinds: dict[str, Any] = dict.fromkeys(COLUMNS, "str")
    kinds |= dict.fromkeys(("value", "low", "high"), "float64") | {"estimated": "bool"}
    kinds |= dict.fromkeys(("areas_expected", "areas_counted"), "int64")
    return frame[list(COLUMNS)].astype(kinds)


def _warn_of_borders(result: pd.DataFrame) -> None:
    """Say when one code stands for two territories in the result."""
    seen = result[["area", "borders"]].drop_duplicates()
    twice = [str(code) for code, days in seen.groupby("area")["borders"] if changed_meaning(str(code), list(days))]
    if twice:
        warn(f"{', '.join(twice)}: the same code has other borders in some of the periods; pass on=... for one series")
