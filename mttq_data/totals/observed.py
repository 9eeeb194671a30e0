"""Observations made ready to be added: coded, one a figure, at the level of the units that report.

A figure counts when its status is ok, repaired or accepted. A suspect, refused or
missing one counts in no total, it only widens the bounds: an amount that cannot
be negative lies between 0 and what the suspect cell may mean at most, without
end where nothing is known.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mttq_data.errors import MttqError, MttqWarning
from mttq_data.forms.forms import form, form_ids
from mttq_data.periods import Period, parse_period
from mttq_data.places import area_codes
from mttq_data.places.area_codes import LEVELS
from mttq_data.places.borders import Goal, cover, level_exists
from mttq_data.totals.adding import Adding, adding
from mttq_data.totals.int_codes import distinct

COUNTED = ("ok", "repaired", "accepted")
NEEDED = ("area", "period", "indicator", "value")
_KEYS = ("area", "period", "indicator", "measure")
_LAST = len(LEVELS)


@dataclass
class Observed:
    """Coded observations: ``rows`` holds places in the lists of names.

    ``rows`` has ``area, period, indicator, measure`` (places), ``value, low,
    high`` (float; ``low`` and ``high`` may be infinite), ``ok`` and ``rank`` (the
    place in ``LEVELS`` of the level the indicator is reported at).
    """

    rows: pd.DataFrame
    areas: list[str]
    periods: list[str]
    indicators: list[str]
    measures: list[str]
    rules: Adding
    spans: list[Period] = field(default_factory=list)

    def how(self) -> list[str]:
        """How each indicator adds up; "" where the catalogue lacks it."""
        return [self.rules.how.get(name, "") for name in self.indicators]


def observed(observations: pd.DataFrame) -> Observed:
    """Code the observations, settle figures told twice, and bring them to the reporting level.

    Raises
    ------
    MttqError
        A column is missing, a period cannot be read, or one indicator has two units.
    """
    lacking = [c for c in NEEDED if c not in observations]
    if lacking:
        raise MttqError(f"observations lack the column {', '.join(lacking)}; roll_up needs {', '.join(NEEDED)}")
    rows = pd.DataFrame(index=pd.RangeIndex(len(observations)))
    names: dict[str, list[str]] = {}
    for column in (*_KEYS, "form"):
        rows[column], names[column] = _factorized(observations, column, "period" if column == "measure" else "")
    _check_units(observations, rows, names["indicator"])
    rules = adding(names["form"])
    _amounts(observations, rows, names["indicator"], rules)
    spans = _spans(names["period"])
    rows = _placed(_current(observations, rows, len(names["form"])), names, spans)
    if rows.duplicated(list(_KEYS)).any():
        rows = _settled(rows, names)
    made = Observed(rows, names["area"], names["period"], names["indicator"], names["measure"], rules, spans)
    _at_reporting_level(made, names["form"])
    return made


def _factorized(frame: pd.DataFrame, column: str, default: str) -> tuple[np.ndarray, list[str]]:
    if column not in frame:
        return np.zeros(len(frame), dtype=np.int64), [default]
    codes, uniques = pd.factorize(frame[column], use_na_sentinel=True)
    known = [str(u) for u in uniques]
    if (codes < 0).any():
        codes, known = np.where(codes < 0, len(known), codes), [*known, default]
    return codes.astype(np.int64), known


def _check_units(observations: pd.DataFrame, rows: pd.DataFrame, indicators: list[str]) -> None:
    if "unit" not in observations:
        return
    codes, units = pd.factorize(observations["unit"], use_na_sentinel=True)
    pairs = np.unique(rows["indicator"].to_numpy() * (len(units) + 1) + codes + 1)
    told: dict[int, list[str]] = {}
    for pair in pairs:
        indicator, unit = divmod(int(pair), len(units) + 1)
        if unit and str(units[unit - 1]):
            told.setdefault(indicator, []).append(str(units[unit - 1]))
    for indicator, several in told.items():
        if len(several) > 1:
            raise MttqError(
                f"{indicators[indicator]}: observations in {' and in '.join(several)} cannot be added; use one unit"
            )


def _amounts(observations: pd.DataFrame, rows: pd.DataFrame, indicators: list[str], rules: Adding) -> None:
    """Set value, low, high and ok; an open end is infinite, that of an amount never negative is 0."""
    value = _numbers(observations, "value")
    known = ~np.isnan(value)
    ok = known.copy()
    if "status" in observations:
        codes, statuses = pd.factorize(observations["status"], use_na_sentinel=True)
        counted = np.array([str(s) in COUNTED for s in statuses] + [True])
        ok &= counted[codes]
    low, high = (_numbers(observations, c) for c in ("low", "high"))
    indicator = rows["indicator"].to_numpy()
    floor = _floors(indicators, rules, indicator[ok & (value < 0)])[indicator]
    bare = ok & np.isnan(low) & np.isnan(high)
    if "qualifier" in observations:
        codes, qualifiers = pd.factorize(observations["qualifier"], use_na_sentinel=True)
        exact = np.array([str(q) in ("", "exact") for q in qualifiers] + [True])
        bare &= exact[codes]
    low = np.where(bare, value, np.where(np.isnan(low), floor, low))
    high = np.where(bare, value, np.where(np.isnan(high), np.inf, high))
    high = np.where(ok, high, _most_of_suspect(observations, value, low, high))
    rows["value"] = np.where(ok, value, 0.0)
    # What a suspect cell means at least is as doubtful as the cell.
    rows["low"] = np.where(ok, low, floor)
    rows["high"] = high
    rows["ok"] = ok


def _numbers(observations: pd.DataFrame, column: str) -> np.ndarray:
    """A column as numbers: NaN where it has none, or is lacking."""
    if column not in observations:
        return np.full(len(observations), np.nan)
    try:
        found = pd.to_numeric(observations[column]).to_numpy(dtype=float, na_value=np.nan)
    except (ValueError, TypeError) as exc:
        raise MttqError(f"observations: the column {column} holds what is no number ({exc})") from exc
    return np.where(np.isinf(found), np.nan, found)


def _most_of_suspect(observations: pd.DataFrame, value: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The most that each figure in doubt may be: a range's end, the larger of two readings, else without end."""
    other = _numbers(observations, "suggestion")
    two = np.where(np.isnan(other), np.inf, np.fmax(value, other))
    return np.where(low < high, high, two)


def _current(observations: pd.DataFrame, rows: pd.DataFrame, forms: int) -> pd.DataFrame:
    """The rows of each return's last revision."""
    if "revision" not in observations or observations["revision"].nunique() < 2:
        return rows
    revision = np.nan_to_num(_numbers(observations, "revision"))
    places = rows["area"].to_numpy() * (rows["period"].max() + 1) + rows["period"].to_numpy()
    _, returned = distinct(places * forms + rows["form"].to_numpy())
    last = np.full(returned.max() + 1, -np.inf)
    np.maximum.at(last, returned, revision)
    return rows[revision == last[returned]].reset_index(drop=True)


def _floors(indicators: list[str], rules: Adding, negative: np.ndarray) -> np.ndarray:
    """The least each indicator can be: 0, or without end where it may be negative or surely is somewhere."""
    floors = np.array([-np.inf if name in rules.signed else 0.0 for name in indicators])
    floors[np.unique(negative)] = -np.inf
    return floors


def _spans(periods: list[str]) -> list[Period]:
    return [parse_period(text) if text else parse_period("0001") for text in periods]


def warn(text: str) -> None:
    warnings.warn(text, MttqWarning, stacklevel=2)


def _placed(rows: pd.DataFrame, names: dict[str, list[str]], spans: list[Period]) -> pd.DataFrame:
    """Set the level of each row's area on its day; leave out what has no place or no period."""
    register = area_codes._register()
    pair = rows["period"].to_numpy() * len(names["area"]) + rows["area"].to_numpy()
    found, inverse = distinct(pair)
    levels, lost = np.full(len(found), -1), set()
    for at, one in enumerate(found):
        period, area = divmod(int(one), len(names["area"]))
        unit = register.at(names["area"][area], spans[period].end.isoformat()) if names["period"][period] else None
        if unit is None:
            lost.add(f"{names['area'][area] or '(no area)'} in {names['period'][period] or '(no period)'}")
        else:
            levels[at] = LEVELS.index(unit.level)
    rows["level"] = levels[inverse]
    if lost:
        gone, told = int((rows["level"] < 0).sum()), ", ".join(sorted(lost)[:5])
        warn(f"{gone} observations are in no total, their areas are not units of the time: {told}; see areas(on=...)")
        rows = rows[rows["level"] >= 0].reset_index(drop=True)
    return rows


def _settled(rows: pd.DataFrame, names: dict[str, list[str]]) -> pd.DataFrame:
    """One row a figure. Told twice alike it counts once; told differently it is in doubt between both.

    A figure in doubt takes nothing from a sure one: it may be another unit's, as where a head is wrong.
    """
    keys = list(_KEYS)
    sure = rows.groupby(keys, sort=False)["ok"].transform("any")
    rows = rows[rows["ok"] | ~sure]
    twice = rows.duplicated(keys, keep=False)
    grouped = rows[twice].groupby(keys, sort=False)
    first = grouped.first().reset_index()
    ends = grouped.agg(low=("low", "min"), high=("high", "max"), least=("value", "min"), most=("value", "max"),
                       ok=("ok", "all")).reset_index()  # fmt: skip
    alike = ((ends["least"] == ends["most"]) & ends["ok"]).to_numpy()
    if not alike.all():
        one = first[~alike].iloc[0]
        said = f"{names['area'][one['area']]} {names['period'][one['period']]} {names['indicator'][one['indicator']]}"
        warn(f"{int((~alike).sum())} figures are told twice and differently (first: {said}); they count in no total")
    first["low"], first["high"] = ends["low"], ends["high"]
    first["ok"] = alike
    first.loc[~alike, "value"] = 0.0
    first.loc[~alike & (first["low"] > 0), "low"] = 0.0
    return pd.concat([rows[~twice], first[rows.columns]], ignore_index=True)


def _at_reporting_level(made: Observed, forms: list[str]) -> None:
    """Keep each indicator at the level that reports it; sum up rows from below, drop rows from above."""
    rows = made.rows
    wanted = _wanted_ranks(rows, forms, made.spans)
    pair = (rows["period"] * len(made.indicators) + rows["indicator"]).to_numpy()
    best = np.full(len(made.periods) * len(made.indicators), _LAST)
    np.minimum.at(best, pair, wanted)
    rows["rank"] = best[pair]
    above, below = rows["level"] < rows["rank"], rows["level"] > rows["rank"]
    if above.any():
        one = rows[above].iloc[0]
        said = f"{made.areas[one['area']]} in {made.periods[one['period']]}"
        warn(f"{int(above.sum())} observations are of areas above those that report (first: {said}); in no total")
    if below.any():
        lifted = _lifted(made, rows[below])
        own = rows[~above & ~below]
        rows = pd.concat([own, lifted], ignore_index=True).drop_duplicates(list(_KEYS), keep="first")
    elif above.any():
        rows = rows[~above]
    made.rows = rows.reset_index(drop=True).drop(columns=["level", "form"], errors="ignore")


def _wanted_ranks(rows: pd.DataFrame, forms: list[str], spans: list[Period]) -> np.ndarray:
    """For each row, the level its form is about in its period; without a form, the largest level that reports."""
    pair = rows["period"].to_numpy() * len(forms) + rows["form"].to_numpy()
    level = rows["level"].to_numpy()
    found, inverse = distinct(pair)
    largest = np.full(len(found), _LAST)
    lower = np.where(level > 0, level, _LAST)
    np.minimum.at(largest, inverse, lower)
    ranks = np.where(largest == _LAST, 0, largest)
    known = set(form_ids())
    for at, one in enumerate(found):
        period, name = divmod(int(one), len(forms))
        if forms[name] in known:
            rank = _form_rank(forms[name], spans[period])
            ranks[at] = ranks[at] if rank is None else rank
    return ranks[inverse].astype(np.int64)


def _form_rank(form_id: str, span: Period) -> int | None:
    """Place in ``LEVELS`` of what a form's figures are about: the sender, or the units below it."""
    made, day = form(form_id), span.end.isoformat()
    level = made.sender_level(day)
    if not level:
        return None
    rank = LEVELS.index(level)
    if made.layout == "areas_down":
        lower = [r for r in range(rank + 1, _LAST) if level_exists(LEVELS[r], day)]
        return lower[0] if lower else rank
    return rank


def _lifted(made: Observed, rows: pd.DataFrame) -> pd.DataFrame:
    """Figures of smaller units summed up to the units that report; in doubt where one of them is missing."""
    parts = []
    for key, some in rows.groupby(["period", "level", "rank"], sort=True):
        period, level, rank = (int(str(k)) for k in key)
        covers = cover(Goal(LEVELS[rank]), LEVELS[level], made.spans[period].end)
        upper = {unit: next(iter(shares)) for unit, shares in covers.shares.items() if len(shares) == 1}
        target = some["area"].map(lambda a, upper=upper: upper.get(made.areas[a], ""))
        for name in sorted(set(target) - {""} - set(made.areas)):
            made.areas.append(name)
        place = {name: at for at, name in enumerate(made.areas)}
        some = some.assign(area=target.map(lambda t, place=place: place.get(t, -1)))
        some = some[some["area"] >= 0]
        summed = some.groupby(list(_KEYS), sort=False).agg(
            value=("value", "sum"), low=("low", "sum"), high=("high", "sum"), all_ok=("ok", "all"), n=("ok", "size")
        )
        summed = summed.reset_index()
        needed = summed["area"].map(lambda a, covers=covers: len(covers.units_of(made.areas[a])))
        whole = summed["n"] == needed
        summed["ok"] = whole & summed["all_ok"]
        summed.loc[~whole, "high"] = np.inf
        parts.append(summed.assign(level=rank, rank=rank, form=0))
    kept = [*_KEYS, "value", "low", "high", "ok", "level", "rank", "form"]
    return pd.concat([p[kept] for p in parts], ignore_index=True)
