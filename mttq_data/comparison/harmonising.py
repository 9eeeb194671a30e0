"""Bringing statistics, observations and facts to one form before they are compared.

One side of a comparison becomes a frame with one row for each indicator, area,
scope, class and unit. The class keeps roles apart: ``result`` (actual figures and
context), ``target`` (targets and plans) and ``achievement`` ("the target was met
in full").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mttq_data.codelists import keyed
from mttq_data.comparison.spans import span_of
from mttq_data.comparison.territories import meant, since
from mttq_data.errors import MttqError
from mttq_data.periods import last_day
from mttq_data.wording import missing

if TYPE_CHECKING:
    import pandas as pd

TEXTS = ("indicator", "unit", "qualifier", "period", "per", "area", "scope", "role", "kind", "measure", "standard",
         "stage", "status", "document", "source_date")  # fmt: skip
NUMBERS = ("value", "low", "high", "numerator", "denominator")
KEY = ["indicator", "area", "ground", "klass", "scope", "unit", "aim"]
STAGES = ("preliminary", "interim", "forecast")
PERCENTS = ("percent", "percent_point", "percentage_point")
_CLASS = {"target": "target", "achievement": "achievement"}
_BOUNDS = {"exact": (True, True), "gt": (True, False), "ge": (True, False), "lt": (False, True), "le": (False, True),
           "approx": (False, False)}  # fmt: skip


def side(frame: pd.DataFrame, name: str = "a", *, as_named: bool = False) -> pd.DataFrame:
    """One side of a comparison in one form, before rows of one key are joined.

    Parameters
    ----------
    frame : DataFrame
        Statistics, observations, facts or targets: at least ``indicator`` and
        ``value``; ``low, high, qualifier, unit, period, per, area, scope, role,
        kind, measure, numerator, denominator, standard, stage, status`` are used
        where they stand. Rows without an indicator are left out.
    name : str
        What a message calls this side.
    as_named : bool
        Keep the name of a province on figures of after it was merged: "Bắc
        Giang" of 2026 is the former province, its code the merged one.

    Returns
    -------
    DataFrame
        The columns of :data:`TEXTS` and :data:`NUMBERS`, ``klass``, ``start``
        and ``end`` (day numbers, NaN when undated), ``years``, ``day`` (its last,
        or that of its document when undated), ``when`` (the day
        whose territory the figure is of), ``ground`` (the day since which the
        area has had it), ``nature`` (flow, stock, share, rank), ``notes`` and
        ``detail_vi, detail_en``; names of areas as the codes they mean.

    Raises
    ------
    MttqError
        A column is missing, a number or a period is unreadable.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"indicator": "poverty_rate", "value": 2.67, "period": "2023", "unit": "percent"}
    >>> side(pd.DataFrame([row]))[["klass", "nature", "low", "years"]].values.tolist()
    [['result', 'share', 2.67, 1.0]]
    """
    import pandas as pd

    check_table(frame, name, ("indicator", "value"), "give statistics, observations or facts")
    out = pd.DataFrame(index=frame.index)
    for column in TEXTS:
        out[column] = _text(frame[column]) if column in frame else ""
    if "period" not in frame and "term" in frame:
        out["period"] = frame["term"].fillna("").astype(str)
        out["role"] = "target"
    for column in NUMBERS:
        out[column] = _numbers(frame, column, name)
    if {"", "<NA>"} & distinct(out["indicator"]) or "missing" in distinct(out["status"]):
        out = out[~out["indicator"].isin(["", "<NA>"]) & (out["status"] != "missing")]
    out = out.reset_index(drop=True)
    _fill_bounds(out, name)
    _add_natures(out)
    _add_spans(out)
    out["klass"] = [_CLASS.get(role, "result") for role in out["role"].to_numpy(object).tolist()]
    if "plan" in distinct(out["measure"]):
        out.loc[out["measure"] == "plan", "klass"] = "target"
    # Targets of two periods are two targets; results of several periods are one series.
    out["aim"] = out["period"].where(out["klass"] == "target", "") if "target" in distinct(out["klass"]) else ""
    _add_areas(out, as_named)
    out["notes"] = ""
    for stage in distinct(out["stage"]) & set(STAGES):
        # What is in doubt is said first; more would not be read.
        out.loc[out["stage"] == stage, "notes"] = stage
    if "suspect" in distinct(out["status"]):
        out.loc[out["status"] == "suspect", "notes"] = "suspect"
    out["detail_vi"] = out["detail_en"] = ""
    return out


def check_table(frame: Any, name: str, columns: Sequence[str], advice: str) -> None:
    """Refuse what is no table, lacks a column or has one twice."""
    if not hasattr(frame, "columns"):
        raise MttqError(f"{name}: give a table, not {type(frame).__name__}; {advice}")
    if lacking := [c for c in columns if c not in frame.columns]:
        raise MttqError(f"{name}: column {', '.join(lacking)} is missing; {advice}")
    if twice := frame.columns[frame.columns.duplicated()].tolist():
        raise MttqError(f"{name}: column {twice[0]} stands twice; leave one of them out")


def distinct(column: pd.Series) -> set[str]:
    """The texts of a column, each once; quicker on long tables than the column's own way."""
    return set(column.to_numpy(object).tolist())


def filled(column: pd.Series) -> np.ndarray:
    """Cells that hold text; quicker on long tables than comparing each with nothing."""
    return column.to_numpy(object).astype(bool)


def _text(column: pd.Series) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):
        # Codes and years that a CSV was read with as numbers: 2024.0, and 7210 for commune 07210.
        whole = column.convert_dtypes().astype(object).map(str, na_action="ignore")
        column = whole.str.zfill(5).where(whole.str.len() == 4, whole) if column.name == "area" else whole
    cells = (
        column.astype("str")
        if pd.api.types.is_string_dtype(column)
        else column.astype(object).map(str, na_action="ignore")
    )
    return (cells.fillna("") if cells.hasnans else cells).astype("str")


def _numbers(frame: pd.DataFrame, column: str, name: str) -> Any:
    import pandas as pd

    if column not in frame:
        return math.nan
    if pd.api.types.is_numeric_dtype(frame[column]):
        return frame[column].astype(float).replace([math.inf, -math.inf], math.nan)
    blank = frame[column].map(missing)
    cells = frame[column].where(~blank, None)
    read = pd.to_numeric(cells, errors="coerce").astype(float)
    wrong = read.isna() & ~blank
    if wrong.any():
        raise MttqError(f"{name}: {column} {cells[wrong].iloc[0]!r} is no number; give base units such as 103500000000")
    return read


def _fill_bounds(out: pd.DataFrame, name: str) -> None:
    """Bounds the caller left out follow from the qualifier; a bound the qualifier leaves open stays open."""
    wrong = distinct(out["qualifier"]) - {"", *_BOUNDS}
    if wrong:
        raise MttqError(f"{name}: qualifier {min(wrong)!r}; choose one of {', '.join(_BOUNDS)}")
    if "" in distinct(out["qualifier"]):
        unsaid = out["qualifier"] == ""
        low, high = out["low"].notna(), out["high"].notna()
        out.loc[unsaid & (low == high), "qualifier"] = "exact"
        out.loc[unsaid & low & ~high, "qualifier"] = "ge"
        out.loc[unsaid & high & ~low, "qualifier"] = "le"
    for column, at in (("low", 0), ("high", 1)):
        opened = [q for q, ends in _BOUNDS.items() if not ends[at]]
        out[column] = out[column].where(out[column].notna() | out["qualifier"].isin(opened), out["value"])
    upside = out["low"] > out["high"]
    if upside.any():
        row = out[upside].iloc[0]
        raise MttqError(f"{name}: {row['indicator']}: low {row['low']:g} is above high {row['high']:g}; exchange them")


def _since_new_year(period: str) -> str:
    span = span_of(period)
    if not (span.start and span.end) or span.start.year != span.end.year:
        return period
    return _joined_period(f"{span.end.year}", period)


def _add_spans(out: pd.DataFrame) -> None:
    import pandas as pd

    # What a return adds up since 1 January is of those days, not of the quarter it came with.
    if "cumulative" in distinct(out["measure"]):
        rows = (out["measure"] == "cumulative") & (out["nature"] == "flow")
        out.loc[rows, "period"] = out.loc[rows, "period"].map(_since_new_year)
    codes, texts = pd.factorize(out["period"].to_numpy(object))
    spans = [span_of(text) for text in texts]
    for column, days in (("start", [s.start for s in spans]), ("end", [s.end for s in spans])):
        out[column] = np.array([float(d.toordinal()) if d else math.nan for d in days] or [math.nan])[codes]
    out["years"] = np.array([s.years for s in spans] or [math.nan])[codes]


def _add_natures(out: pd.DataFrame) -> None:
    """Flow, stock, share or rank by the catalogue; without a row there, by unit and period."""
    catalogue = keyed("indicators", "id")
    known = {i: catalogue[i]["kind"] for i in distinct(out["indicator"]) if i in catalogue}
    out["nature"] = [known.get(i, "") for i in out["indicator"].to_numpy(object).tolist()]
    if "" in distinct(out["nature"]):
        unknown = out["nature"] == ""
        out.loc[unknown, "nature"] = np.where(out.loc[unknown, "unit"].isin(PERCENTS), "share", "flow")
    if "" in distinct(out["unit"]):
        units = {i: catalogue[i]["unit"] for i in known}
        empty = out["unit"] == ""
        out.loc[empty, "unit"] = [units.get(i, "") for i in out.loc[empty, "indicator"]]


def _add_areas(out: pd.DataFrame, as_named: bool) -> None:
    """Areas as codes, so that a report and a return of one province meet, and the territory each stands for."""
    out["day"] = days = _days_meant(out)
    named = out["area"].to_numpy(object)
    codes, when = meant(named.tolist(), days)
    out["ground"], out["when"] = since(codes, when), when
    if as_named:
        former = np.array(codes, dtype=object) != named
        codes = [n.removeprefix("Tỉnh ") if f and w < d else c
                 for n, c, f, w, d in zip(named.tolist(), codes, former, when, days, strict=True)]  # fmt: skip
    out["area"] = np.array(codes, dtype=object)


def _days_meant(out: pd.DataFrame) -> np.ndarray:
    """The day whose territory a figure is of: where a result ends, where a target was set.

    An undated figure is of the time most results in its document are of, or of the page's date.
    """
    target = out["klass"].to_numpy(object) == "target"
    days = np.where(target, out["start"].to_numpy(float), out["end"].to_numpy(float))
    undated = np.isnan(days)
    if undated.any():
        usual = out["end"].where(~target).groupby(out["document"].to_numpy(object)).agg(lambda days: days.mode().max())
        pages = {text: float(last_day(text).toordinal()) if text else math.nan for text in distinct(out["source_date"])}
        written = [usual[d] if d else pages[t] for d, t in zip(out["document"], out["source_date"], strict=True)]
        days = np.where(undated, written, days)
    return days


def convert_units(a: pd.DataFrame, b: pd.DataFrame) -> None:
    """Put indicators that come in several units of one dimension into its base unit, on both sides."""
    import pandas as pd

    table = keyed("unit_conversions", "unit")
    met = {
        pair for f in (a, b) for pair in zip(f["indicator"].to_numpy(object), f["unit"].to_numpy(object), strict=True)
    }
    pairs = pd.DataFrame(sorted(met), columns=["indicator", "unit"])
    several = pairs[pairs.duplicated("indicator", keep=False)]
    if several.empty:
        return
    for frame in (a, b):
        for indicator, units in several.groupby("indicator")["unit"]:
            bases = [table[u]["base"] for u in units if u in table]
            for unit in units:
                # Only where another unit of the same dimension is there to meet.
                if unit in table and bases.count(table[unit]["base"]) > 1:
                    rows = (frame["indicator"] == indicator) & (frame["unit"] == unit)
                    frame.loc[rows, ["value", "low", "high"]] *= float(table[unit]["factor"])
                    frame.loc[rows, "unit"] = table[unit]["base"]


def collapse(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a key: repeats dropped, preliminary figures behind final ones, periods joined.

    Figures of one period that disagree span both values (note ``disagree``).
    Flows of periods that do not overlap add up; of overlapping ones the longest
    stays (note ``periods``). Stocks, shares and ranks keep the latest.
    """
    import pandas as pd

    if not _repeated(frame).any():
        return frame
    frame = frame.drop_duplicates([*KEY, "period", "per", "stage", "value", "low", "high", "qualifier", "standard"])
    frame = _without_running_totals(settled(frame))
    many = _repeated(frame)
    if not many.any():
        return frame.reset_index(drop=True)
    joined = [_joined(rows) for _, rows in frame[many].groupby(KEY, sort=False)]
    both = pd.concat([frame[~many], pd.DataFrame(joined)])
    return both.sort_index(kind="stable").reset_index(drop=True)


def _without_running_totals(frame: pd.DataFrame) -> pd.DataFrame:
    """Of a return that gives its quarter and the year so far, the quarter: the other holds it already."""
    running = (frame["measure"] == "cumulative").to_numpy()
    own = ~running & frame["value"].notna().to_numpy()
    if not (running.any() and own.any()):
        return frame
    keys = list(map(tuple, frame[KEY].to_numpy()))
    known = {key for key, is_own in zip(keys, own.tolist(), strict=True) if is_own}
    return frame[[not (run and key in known) for key, run in zip(keys, running.tolist(), strict=True)]]


def settled(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the preliminary, interim and forecast figures of periods that have a final one."""
    import pandas as pd

    final = frame["stage"].isin(["final", ""])
    if final.all():
        return frame
    keys = [*KEY, "period"]
    known = set(map(tuple, frame.loc[final, keys].values))
    behind = [not f and tuple(k) in known for f, k in zip(final, frame[keys].values, strict=True)]
    return frame[~pd.Series(behind, index=frame.index)]


def _repeated(frame: pd.DataFrame) -> pd.Series:
    """Rows whose key stands more than once; columns with one value throughout need no look."""
    keys = [c for c in KEY if c == "indicator" or len(distinct(frame[c])) > 1]
    return frame.duplicated(keys, keep=False)


def _joined(rows: pd.DataFrame) -> pd.Series:
    rows = _one_standard(rows)
    periods = [_agreed(same) for _, same in rows.groupby("period", sort=False)]
    if len(periods) == 1:
        return periods[0]
    ordered = sorted(periods, key=lambda r: (-1 if math.isnan(r["end"]) else r["end"], r["years"]))
    latest = ordered[-1]
    if latest["nature"] != "flow" or latest["per"] == "year":
        return latest
    dated = [r for r in ordered if not math.isnan(r["end"])]
    if not dated:
        return _noted(latest, "periods")
    widest = max(dated, key=lambda r: (r["years"], r["end"]))
    # Periods that overlap would count days twice; days between two that no figure covers would be left out.
    close = all(y["start"] - x["end"] == 1 for x, y in pairwise(dated))
    return _summed(dated) if close else _noted(widest, "periods")


def _one_standard(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the standard of the latest figure: two definitions are never joined."""
    if rows["standard"].nunique() < 2:
        return rows
    ordered = rows.sort_values("end", kind="stable", na_position="first")
    own = ordered[ordered["standard"] != ""]
    full = own[own["standard"] != "peak month"]
    return rows[rows["standard"] == (full if len(full) else own)["standard"].iloc[-1]]


def _agreed(rows: pd.DataFrame) -> pd.Series:
    first = rows.iloc[0].copy()
    if len(rows) == 1 or rows[["value", "low", "high"]].drop_duplicates().shape[0] == 1:
        return first
    if rows["per"].nunique() > 1:
        return _noted(rows[rows["per"] == "year"].iloc[0].copy(), "disagree")
    first["value"] = math.nan
    first["low"] = rows["low"].min() if rows["low"].notna().all() else math.nan
    first["high"] = rows["high"].max() if rows["high"].notna().all() else math.nan
    first["qualifier"] = "exact"
    if math.isnan(first["low"]) and math.isnan(first["high"]):
        known = rows["value"].dropna()
        first["low"], first["high"] = (known.min(), known.max()) if len(known) else (math.nan, math.nan)
    elif first["low"] == first["high"]:
        first["value"] = first["low"]
    elif math.isnan(first["high"]) or math.isnan(first["low"]):
        first["qualifier"] = "ge" if math.isnan(first["high"]) else "le"
        first["value"] = first["low"] if math.isnan(first["high"]) else first["high"]
    return _noted(first, "disagree")


def _summed(rows: list[pd.Series]) -> pd.Series:
    total = rows[-1].copy()
    for column in ("value", "low", "high"):
        total[column] = sum(r[column] for r in rows)
    total["years"] = sum(r["years"] for r in rows)
    total["start"] = rows[0]["start"]
    total["qualifier"] = joined_qualifier([r["qualifier"] for r in rows])
    total["period"] = _joined_period(rows[0]["period"], rows[-1]["period"])
    for note in {n for r in rows for n in r["notes"].split()}:
        total = _noted(total, note)
    return total


def joined_qualifier(qualifiers: list[str]) -> str:
    """The qualifier of a sum: its loosest part decides, and two kinds of bound leave no bound."""
    kinds = {q for q in qualifiers if q not in ("", "exact")}
    if len(kinds) < 2:
        return next(iter(kinds), "exact")
    return "ge" if kinds == {"gt", "ge"} else "le" if kinds == {"lt", "le"} else "approx"


def _joined_period(first: str, last: str) -> str:
    start, end = span_of(first).start, span_of(last).end
    if start and end and (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and end.year - start.year != 5:
        return f"{start.year}" if start.year == end.year else f"{start.year}-{end.year}"
    return f"{start}/{end}"


def _noted(row: pd.Series, note: str) -> pd.Series:
    row["notes"] = " ".join(dict.fromkeys([*row["notes"].split(), note]))
    return row
