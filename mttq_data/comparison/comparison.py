"""Two sets of statistics set against each other: terms, years, results and targets."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from mttq_data.comparison.derived import derive, rules
from mttq_data.comparison.harmonising import PERCENTS, collapse, convert_units, distinct, side
from mttq_data.comparison.hindrances import add_hindrances
from mttq_data.comparison.pairing import pairs
from mttq_data.comparison.per_unit import as_totals, per_unit_rows
from mttq_data.comparison.verdicts import changes, verdicts
from mttq_data.comparison.words import add_words

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "indicator", "unit", "basis", "a_period", "a_value", "a_low", "a_high", "b_period", "b_value", "b_low", "b_high",
    "change", "change_low", "change_high", "change_pct", "verdict", "why_vi", "why_en",
    "area", "scope", "a_role", "b_role", "a_qualifier", "b_qualifier", "reason",
]  # fmt: skip
_SIDE = ("value", "low", "high", "qualifier", "unit", "period", "per", "years", "start", "end", "when", "area", "scope",
         "klass", "nature", "standard", "notes", "numerator", "denominator", "kind", "document", "detail_vi", "detail_en")  # fmt: skip


def compare(a: pd.DataFrame, b: pd.DataFrame, *, on: str | date | None = None) -> pd.DataFrame:
    """Compare two sets of statistics, harmonised before they are subtracted.

    Totals of several years are put on a year where the other figure is one;
    targets for each unit become totals of the area with the units of that date;
    ratios meet ratios as shares. Bounds are carried, so that "over 85 %" against
    88 % is ``uncertain``. A break in the series or the area, two units or two
    scopes make a pair ``not comparable``. Results meet results and targets
    targets; an indicator that is a result on one side only is set against the
    other side's target, which the roles and the sentence say.

    Parameters
    ----------
    a, b : DataFrame
        Statistics (`extract`), observations, facts (`read_facts`) or `targets()`;
        ``a`` the earlier or the result, ``b`` the later or the target.
    on : str or date, optional
        The day whose units turn a target for each unit into a total; by default
        the end of the first year of the target's period.

    Returns
    -------
    DataFrame
        One row a pair: ``indicator, unit, basis`` (total, per year, point, share),
        ``a_*`` and ``b_*`` (period, value, low, high) on that basis, ``change,
        change_low, change_high`` (b - a; points for percentages), ``change_pct``
        (of a), ``verdict`` (rise, fall, same, uncertain, not comparable), the
        sentences ``why_vi, why_en``; then ``area, scope, a_role, b_role,
        a_qualifier, b_qualifier, reason`` (short codes). A target without a
        partner has its row too; a result without one has not.

    Raises
    ------
    MttqError
        A column is missing, or a number or a period unreadable.

    Examples
    --------
    >>> import pandas as pd
    >>> fund = {"indicator": "fund_for_the_poor_raised", "unit": "VND", "qualifier": "gt"}
    >>> term = pd.DataFrame([{**fund, "value": 103.5e9, "period": "2019-2024"}])
    >>> goal = pd.DataFrame([{**fund, "value": 40e9, "period": "2024-2029", "per": "year", "role": "target"}])
    >>> row = compare(term, goal).iloc[0]
    >>> row["basis"], float(row["a_value"]) / 1e9, row["verdict"]
    ('per year', 20.7, 'rise')
    """
    with _uncollected():
        return _compared(*_sides(a, b, on))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for reference cycles: a hundred thousand sentences make none, and the looking takes a tenth."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _compared(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    frame = _pair_frame(left, right)
    if frame.empty:
        import pandas as pd

        return pd.DataFrame({c: pd.Series(dtype=float if c in _NUMBERS else "str") for c in COLUMNS})
    _unify(frame)
    add_hindrances(frame)
    frame["verdict"], doubts = verdicts(frame)
    frame["reason"] = np.where(doubts != "", doubts, frame["reason"].to_numpy(object))
    changes(frame)
    add_words(frame)
    return frame[COLUMNS].reset_index(drop=True)


_NUMBERS = {c for c in COLUMNS if c.endswith(("_value", "_low", "_high", "_pct")) or c == "change"}


def _sides(a: pd.DataFrame, b: pd.DataFrame, on: str | date | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    left, right = side(a, "a"), side(b, "b")
    convert_units(left, right)
    left, right = as_totals(left, _wanted(right), on), as_totals(right, _wanted(left), on)
    left, right = collapse(left), collapse(right)
    left = derive(left, distinct(right["indicator"]))
    right = derive(right, distinct(left["indicator"]))
    return left, right


def _wanted(frame: pd.DataFrame) -> set[str]:
    """Indicators a side has or could form from parts it has."""
    have = distinct(frame["indicator"])
    sums = {r["indicator"] for r in rules() if r["how"] == "sum" and {p.strip() for p in r["parts"].split("|")} <= have}
    return have | sums


def _pair_frame(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    met = pairs(left, right)
    ia, ib = met["ia"].to_numpy(), met["ib"].to_numpy()
    columns = {"indicator": _taken(left["indicator"], ia), "mode": met["mode"].astype(object)}
    for prefix, frame, at in (("a", left, ia), ("b", right, ib)):
        columns |= {f"{prefix}_{column}": _taken(frame[column], at) for column in _SIDE}
    out = pd.DataFrame(columns, copy=False)
    out["place"] = np.where((met["mode"] == "target").to_numpy(), ib, ia)
    extra = [e for e in (_achieved(left, right, out), _alone(right, out)) if len(e)]
    out = pd.concat([out, *extra], ignore_index=True) if extra else out
    if out["place"].is_monotonic_increasing:
        return out
    return out.sort_values("place", kind="stable").reset_index(drop=True)


def _taken(column: pd.Series, at: np.ndarray) -> pd.Series:
    """The rows at ``at``; text as plain objects, which long tables are quicker with."""
    import pandas as pd

    values = column.to_numpy(float) if column.dtype == float else column.to_numpy(object)
    return pd.Series(values.take(at), dtype=values.dtype)


def _achieved(left: pd.DataFrame, right: pd.DataFrame, met: pd.DataFrame) -> pd.DataFrame:
    """ "The target was met in full" is itself a result against a target: attained against 100 %."""
    rows = left[(left["klass"] == "achievement") & ~left["indicator"].isin(met["indicator"])]
    if not (right["klass"] == "target").any():
        rows = rows.iloc[:0]
    out = rows[["indicator"]].assign(mode="achieved", place=1e9)
    for column in _SIDE:
        out[f"a_{column}"] = out[f"b_{column}"] = rows[column]
    percent = out["a_unit"] == "percent"
    for column in ("b_value", "b_low", "b_high"):
        out[column] = out[column].where(~percent, 100.0)
    return out


def _alone(right: pd.DataFrame, met: pd.DataFrame) -> pd.DataFrame:
    """Targets nothing was compared with: listed, so that none is missed."""
    if not (right["klass"] == "target").all():
        # Two whole reports: their results are what is compared, and not every target has a counterpart.
        right = right.iloc[:0]
    per_unit = {indicator for indicator, _ in per_unit_rows()}
    has = set(met["indicator"])
    rows = right[(right["klass"] == "target") & ~right["indicator"].isin(has) & (right["nature"] != "")]
    rows = rows[~(rows["indicator"].isin(per_unit) & rows["indicator"].map(_total_of).isin(has))]
    out = rows[["indicator"]].assign(mode="alone", place=2e9)
    for column in _SIDE:
        out[f"b_{column}"] = rows[column]
        out[f"a_{column}"] = np.nan if rows[column].dtype == float else ""
    return out


def _total_of(indicator: str) -> str:
    return next((row["total"] for (name, _), row in per_unit_rows().items() if name == indicator), "")


def _unify(frame: pd.DataFrame) -> None:
    """Basis of each pair, and both figures on it."""
    ratio = {p: (frame[f"{p}_denominator"].gt(0) & frame[f"{p}_numerator"].notna()).to_numpy() for p in "ab"}
    ratio = {p: rows & (frame[f"{p}_kind"] == "ratio").to_numpy() if rows.any() else rows for p, rows in ratio.items()}
    percent = {p: frame[f"{p}_unit"].isin(PERCENTS).to_numpy() for p in "ab"}
    shares = (ratio["a"] & (ratio["b"] | percent["b"])) | (ratio["b"] & percent["a"])
    nature = {p: frame[f"{p}_nature"].to_numpy(object) for p in "ab"}
    share = (nature["b"] == "share") | shares | (percent["a"] & percent["b"])
    each = {p: (frame[f"{p}_per"] == "year").to_numpy() for p in "ab"}
    years = {p: np.where(each[p], 1.0, frame[f"{p}_years"].to_numpy(float)) for p in "ab"}
    flow = ((nature["a"] == "flow") | (nature["b"] == "flow")) & ~share
    whole_term = frame["indicator"].isin({r["indicator"] for r in rules() if r["how"] == "total"}).to_numpy()
    differ = ~np.isclose(years["a"], years["b"], rtol=0.05, equal_nan=True)
    yearly = (
        flow & (differ | each["a"] | each["b"]) & ~whole_term & ~frame["mode"].isin(["alone", "achieved"]).to_numpy()
    )
    unlike = yearly & differ
    undated = unlike & (np.isnan(years["a"]) | np.isnan(years["b"]))
    short = unlike & ~undated & ~(np.minimum(years["a"], years["b"]) >= 0.95)
    frame["short"], frame["undated"] = short, undated
    yearly &= ~short & ~undated
    for p in "ab":
        frame[f"{p}_averaged"] = yearly & (years[p] > 1.05)
        over = np.where(yearly, years[p], 1.0)
        times = np.where(whole_term & each["b"], frame["a_years"].to_numpy(float), 1.0) if p == "b" else 1.0
        _put_on(frame, p, ratio[p], shares, over, times)
    basis = [shares, share & percent["b"], yearly]
    frame["basis"] = np.select(basis, ["share", "point", "per year"], "total")
    frame["flow"] = flow & ~whole_term


def _put_on(
    frame: pd.DataFrame, p: str, ratio: np.ndarray, shares: np.ndarray, over: np.ndarray, times: np.ndarray | float
) -> None:
    """One side's figures as a share where both are shares, else the count of a ratio; then on the years asked for."""
    for name in (f"{p}_{column}" for column in ("value", "low", "high")):
        values = frame[name].to_numpy(float)
        if ratio.any():
            above, below = (frame[f"{p}_{part}"].to_numpy(float) for part in ("numerator", "denominator"))
            values = np.where(ratio, np.where(shares, 100 * above / below, above), values)
        frame[name] = values / over * times
    if shares.any():
        frame[f"{p}_unit"] = frame[f"{p}_unit"].mask(shares, "percent")


def results_against_targets(statistics: pd.DataFrame, targets: pd.DataFrame | None = None) -> pd.DataFrame:
    """Compare the results of a report with its own targets.

    Parameters
    ----------
    statistics : DataFrame
        What `extract` gives.
    targets : DataFrame, optional
        Targets to take instead of those in the report, such as `targets()`.

    Returns
    -------
    DataFrame
        As `compare` gives it.

    Examples
    --------
    >>> import pandas as pd
    >>> share = {"indicator": "great_unity_festival_residential_areas_share", "value": 100, "unit": "percent"}
    >>> rows = [{**share, "role": "actual"}, {**share, "role": "target"}]
    >>> results_against_targets(pd.DataFrame(rows))["verdict"].tolist()
    ['same']
    """
    role = statistics["role"].fillna("")
    own = statistics[role == "target"]
    return compare(statistics[role != "target"], own if targets is None else targets)


def comparison_tables(
    statistics: pd.DataFrame, facts: pd.DataFrame | None = None, targets: pd.DataFrame | None = None
) -> pd.DataFrame:
    """All comparisons a build writes as one table: results against targets, then facts of other years.

    Parameters
    ----------
    statistics : DataFrame
        Of all reports of the build.
    facts : DataFrame, optional
        `read_facts()`; the earlier figures of each indicator are set against the report's.
    targets : DataFrame, optional
        `targets()`, added to the targets of the reports.

    Returns
    -------
    DataFrame
        As `compare` gives it, with ``comparison`` in front: ``targets`` or ``years``.
    """
    import pandas as pd

    role = statistics["role"].fillna("") if "role" in statistics else pd.Series("", index=statistics.index)
    goals = statistics[role == "target"]
    if targets is not None:
        listed = targets.rename(columns={"term": "period"}).assign(role="target")
        goals = pd.concat(
            [goals, listed[~listed["indicator"].isin(set(goals["indicator"].dropna()))]], ignore_index=True
        )
    results = statistics[role != "target"]
    parts = [compare(results, goals).assign(comparison="targets")]
    if facts is not None and len(facts):
        parts += [_years(facts, results).assign(comparison="years")]
    out = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    return out[["comparison", *COLUMNS]]


def _years(facts: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Facts before and after: each indicator's earlier fact against the report, the report against later facts."""
    import pandas as pd

    named = facts["indicator"].isin(set(results["indicator"].dropna()))
    known = facts[named & (facts["role"] != "target") & (facts["status"] != "missing")]
    if known.empty:
        return compare(results.iloc[:0], results.iloc[:0])
    latest = side(results).groupby("indicator")["day"].max()
    days = side(known)["day"].set_axis(known.index)
    before = ~(days >= known["indicator"].map(latest))
    return pd.concat([compare(known[before], results), compare(results, known[~before])], ignore_index=True)
