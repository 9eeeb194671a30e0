"""Are we on the way to the targets: each by its own logic, with what is missing said."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import keyed
from mttq_data.comparison.harmonising import check_table, convert_units, settled, side
from mttq_data.comparison.per_unit import per_unit_rows
from mttq_data.comparison.spans import Span, span_of
from mttq_data.comparison.verdicts import ABOUT
from mttq_data.errors import MttqError
from mttq_data.periods import last_day
from mttq_data.target_progress.amounts import Figures
from mttq_data.target_progress.areas import LEVELS, Place, places
from mttq_data.target_progress.windows import Amount
from mttq_data.wording import check_lang, missing

if TYPE_CHECKING:
    import pandas as pd

TARGET = ["term", "group", "indicator", "value", "low", "high", "qualifier", "unit", "per", "scope", "logic", "due"]
FOLLOWED = ["area", "area_name", "actual", "actual_low", "actual_high", "as_of", "share", "expected_share", "state",
            "needed_per_year", "projected", "projected_low", "projected_high", "why", "why_vi", "why_en"]  # fmt: skip
LOGICS = ("reach", "at_least_each_year", "at_most", "none", "by_date", "")
# A figure told as "over 20" is taken as less than a quarter above it; else nothing could ever be behind.
_OVER = 1.25


@dataclass
class Goal:
    """A target, ready to be held against figures."""

    row: Mapping[str, Any]
    term: Span
    due: date
    level: float
    logic: str
    nature: str = "flow"
    notes: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def indicator(self) -> str:
        """Its indicator."""
        return str(self.row["indicator"])

    @property
    def start(self) -> date:
        """The day its time begins."""
        return self.term.start or date.min

    @property
    def yearly(self) -> bool:
        """Whether it holds for each year."""
        return self.logic == "at_least_each_year" or self.row["per"] == "year"


@dataclass
class Outcome:
    """What was found for one target in one place."""

    amount: Amount
    as_of: date | None = None
    share: float = math.nan
    expected: float = math.nan
    state: str = "unknown"
    need: float = math.nan
    ahead: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    target: float = math.nan
    notes: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


def progress(
    observations: pd.DataFrame,
    targets: pd.DataFrame | None = None,
    *,
    level: str = "province",
    area: str = "24",
    as_of: str | date | None = None,
    lang: str = "vi",
) -> pd.DataFrame:
    """Hold observations against targets, each by its logic.

    Flows are summed over the units that report; a missing return is estimated
    at the pace of the others, takes nothing from the total and widens
    ``actual_low`` to ``actual_high``. Suspect figures count like missing ones.
    Shares come from the area's own figure or as ratio of sums; of shares alone
    only the range is known. After June 2025 the targets of Bắc Giang are followed
    in its 58 successor communes, unless the target has another ``area``.

    Parameters
    ----------
    observations : DataFrame
        From returns, facts, `roll_up` or statistics: ``area, period, indicator,
        value`` and, where they stand, ``low, high, qualifier, unit, measure,
        status, role``. Base units, percent as percent.
    targets : DataFrame, optional
        As `targets()` gives them (the default): ``term, indicator, value, low,
        high, qualifier, unit, per, scope, logic, due``; an ``area`` names
        another area.
    level : {"province", "district", "commune"}
        Units to follow the targets in.
    area : str
        Code of the area the targets were set for.
    as_of : str or date, optional
        The last day whose figures count; by default all do.
    lang : {"vi", "en"}
        Language of ``why``.

    Returns
    -------
    DataFrame
        One row a target and unit: the target's columns, ``area, area_name,
        actual, actual_low, actual_high, as_of`` (last day of the figures),
        ``share`` and ``expected_share`` of the target (1 is all of it), ``state``
        (reached, on track, behind, unknown), ``needed_per_year, projected,
        projected_low, projected_high, why, why_vi, why_en``. A target without a
        figure, or without data, has its row with state unknown.

    Raises
    ------
    MttqError
        A column is missing, a logic, a level or an area unknown, or a number or
        a period unreadable.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"area": "24", "period": "2024", "indicator": "fund_for_the_poor_raised", "value": 45e9, "unit": "VND"}
    >>> found = progress(pd.DataFrame([row]))
    >>> found.loc[found["indicator"] == "fund_for_the_poor_raised", "state"].tolist()
    ['reached']
    """
    import pandas as pd

    from mttq_data.target_progress.words import explain

    check_lang(lang)
    goals = _goals(targets)
    figures, cut = _figures(observations, targets, as_of, goals)
    rows = []
    for goal in goals:
        for place in _places(goal, area, level, cut):
            outcome = _outcome(goal, place, figures, cut, level)
            rows.append(_row(goal, place, outcome, explain(goal, place, outcome), lang))
    known = [c for c in (targets.columns if targets is not None else []) if c not in TARGET + FOLLOWED]
    frame = pd.DataFrame(rows, columns=[*TARGET, *(c for c in known if c != "text_vi"), "text_vi", *FOLLOWED])
    numbers = [c for c in ("value", "low", "high", "actual", "actual_low", "actual_high", "share", "expected_share",
                           "needed_per_year", "projected", "projected_low", "projected_high")]  # fmt: skip
    return frame.astype({c: float for c in numbers})


def _goals(frame: pd.DataFrame | None) -> list[Goal]:
    if frame is None:
        from mttq_data.codelists import targets

        frame = targets()
    check_table(frame, "targets", ("term", "indicator", "logic"), "see targets()")
    catalogue = keyed("indicators", "id")
    out = []
    for at, cells in enumerate(frame.to_dict("records")):
        row = {str(k): "" if missing(v) else v for k, v in cells.items()}
        for column in (*TARGET, "text_vi", "area"):
            row.setdefault(column, "")
        logic = str(row["logic"])
        if logic not in LOGICS:
            raise MttqError(f"targets row {at + 1}: logic {logic!r}; choose one of {', '.join(LOGICS[:-1])}")
        term = span_of(row["term"])
        if not term.dated or term.start is None or term.end is None:
            raise MttqError(f"targets row {at + 1}: term is empty; write 2024-2029")
        due = last_day(str(row["due"])) if row["due"] != "" else term.end
        usual = "share" if row["unit"] == "percent" else "flow"
        kind = catalogue.get(str(row["indicator"]), {}).get("kind", usual)
        out.append(Goal(row, term, due, _level(row, logic, at), logic, kind))
    return out


def _level(row: Mapping[str, Any], logic: str, at: int) -> float:
    """What the target asks for at least (or at most): of a range its lower end."""
    order = ("high", "value", "low") if logic in ("at_most", "none") else ("low", "value", "high")
    for column in order:
        if row[column] == "":
            continue
        try:
            number = float(row[column])
        except (TypeError, ValueError) as exc:
            raise MttqError(f"targets row {at + 1}: {column} {row[column]!r} is no number") from exc
        if math.isfinite(number):
            return number
    return math.nan


def _figures(
    observations: pd.DataFrame, targets: pd.DataFrame | None, as_of: str | date | None, goals: list[Goal]
) -> tuple[Figures, date]:
    check_table(
        observations, "observations", ("period", "indicator", "value"), "give observations, facts or statistics"
    )
    observed = side(observations, "observations", as_named=True)
    if targets is not None and "unit" in targets and "value" in targets:
        convert_units(observed, side(targets[targets["indicator"].notna()], "targets"))
    if as_of is not None:
        observed = observed[~(observed["end"] > last_day(as_of).toordinal())]
    about = (observed["qualifier"] == "approx") & observed["low"].isna() & observed["high"].isna()
    for column, part in (("low", 1 - ABOUT), ("high", 1 + ABOUT)):
        observed[column] = observed[column].mask(about, part * observed["value"])
    _in_units(observed, goals)
    figures = Figures(settled(observed))
    return figures, last_day(as_of) if as_of is not None else figures.last or date.today()


def _in_units(observed: pd.DataFrame, goals: list[Goal]) -> None:
    """Counts with their base as the percentages a target asks for; figures in another unit count as unconfirmed."""
    units = {goal.indicator: str(goal.row["unit"]) for goal in goals if goal.row["unit"] != ""}
    asked = observed["indicator"].map(units)
    based = (observed["kind"] == "ratio") & (observed["denominator"] > 0) & (asked == "percent")
    for column in ("value", "low", "high"):
        observed[column] = observed[column].mask(based, 100 * observed["numerator"] / observed["denominator"])
    other = asked.notna() & (observed["unit"] != "") & (observed["unit"] != asked) & ~based
    observed.loc[other, "notes"] = "suspect"


def _places(goal: Goal, area: str, level: str, cut: date) -> list[Place]:
    if level not in LEVELS:
        raise MttqError(f"level={level!r}: choose {', '.join(LEVELS)}")
    own = str(goal.row["area"])
    # A target that names an area means it as it stands; the others mean the province they were set for.
    meant = cut if own else date(goal.start.year, 12, 31)
    return places(own or area, level, meant, min(cut, goal.due))


def _outcome(goal: Goal, place: Place, figures: Figures, cut: date, level: str) -> Outcome:
    from mttq_data.target_progress.logic import judge

    if math.isnan(goal.level) or goal.logic == "" or goal.indicator == "":
        return _without_figure(goal, place, figures)
    if (goal.indicator, goal.row["scope"]) in per_unit_rows():
        from mttq_data.target_progress.units import per_unit_outcome

        return per_unit_outcome(goal, place, figures, cut, level)
    outcome = judge(goal, place, figures, cut)
    _not_divided(goal, outcome, level)
    return outcome


def _without_figure(goal: Goal, place: Place, figures: Figures) -> Outcome:
    """A target without a figure is listed; where a report says it was met in full, that is told."""
    rows = figures.own(goal.indicator, place)
    if rows is not None:
        rows = rows[(rows["klass"] == "achievement") & (rows["end"] <= goal.due.toordinal()) & (rows["value"] >= 100)]
    if rows is None or rows.empty:
        return Outcome(Amount(), notes=["no_figure"])
    row = rows.iloc[-1]
    amount = Amount(row["value"], row["low"], row["high"], int(row["end"]))
    return Outcome(amount, date.fromordinal(amount.end), 1.0, 1.0, "reached", notes=["claimed"])


def _not_divided(goal: Goal, outcome: Outcome, level: str) -> None:
    """A total set for the province says nothing on what one district owes."""
    if (
        level == "province"
        or goal.row["area"]
        or goal.nature == "share"
        or goal.logic == "none"
        or not outcome.amount.known
    ):
        return
    if goal.row["scope"] == "province" and outcome.state in ("on track", "behind"):
        outcome.state, outcome.need = "unknown", math.nan
        outcome.notes.append("not_shared")
        outcome.details.clear()


def _row(goal: Goal, place: Place, outcome: Outcome, why: dict[str, str], lang: str) -> dict[str, Any]:
    amount = outcome.amount
    known = {c: v for c, v in goal.row.items() if c not in FOLLOWED}
    numbers = {c: math.nan if goal.row[c] == "" else goal.row[c] for c in ("value", "low", "high")}
    return {
        **known, **numbers, "area": place.code, "area_name": place.name,
        "actual": amount.value, "actual_low": amount.low, "actual_high": amount.high,
        "as_of": outcome.as_of.isoformat() if outcome.as_of else "", "share": outcome.share,
        "expected_share": outcome.expected, "state": outcome.state, "needed_per_year": outcome.need,
        **dict(zip(("projected", "projected_low", "projected_high"), outcome.ahead, strict=True)),
        "why": why[lang], "why_vi": why["vi"], "why_en": why["en"],
    }  # fmt: skip


def state_of(goal_level: float, amount: Amount, expected: float, qualifier: str = "exact") -> str:
    """Where an amount stands against what is asked and what was due by now."""
    low = amount.low if not math.isnan(amount.low) else (-math.inf if not math.isnan(amount.high) else amount.value)
    if math.isnan(low):
        low = amount.value
    high = amount.high
    if math.isnan(high):
        high = _OVER * amount.value if amount.value > 0 else amount.value
    if math.isnan(low) or math.isnan(high):
        return "unknown"
    enough = low > goal_level or (low == goal_level and (qualifier != "gt" or high > goal_level))
    if enough:
        return "reached"
    if math.isnan(expected):
        return "unknown"
    due = expected * goal_level
    if low >= due * (1 - 1e-9) and expected < 1:
        return "on track"
    # "Under 40" never is the "over 40" asked for.
    below = high < goal_level or (high == goal_level and qualifier == "gt" and low < high)
    return "behind" if high < due or (expected >= 1 and below) else "unknown"


def years_between(first: date, last: date) -> float:
    """Years from one day to another, both counted."""
    return ((last - first).days + 1) / 365.25


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)


def pace(
    observations: pd.DataFrame,
    indicator: str,
    targets: pd.DataFrame | None = None,
    *,
    area: str = "24",
    as_of: str | date | None = None,
    lang: str = "vi",
) -> pd.DataFrame:
    """The progress of one target on every day its figures reach, for a chart over time.

    Parameters
    ----------
    observations : DataFrame
        As for `progress`.
    indicator : str
        The target's indicator; of several targets the one that ends last.
    targets : DataFrame, optional
        As for `progress`.
    area : str
        Code of the area.
    as_of : str or date, optional
        The last day to look at.
    lang : {"vi", "en"}

    Returns
    -------
    DataFrame
        Rows of `progress`, with ``begins, ends`` (the span the target is
        measured in: its year, or its term) and ``asked`` (what it asks for there).

    Raises
    ------
    MttqError
        No target has the indicator.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"area": "24", "indicator": "fund_for_the_poor_raised", "unit": "VND", "value": 9e9}
    >>> rows = pd.DataFrame([{**row, "period": "2025-Q1"}, {**row, "period": "2025-Q2"}])
    >>> pace(rows, "fund_for_the_poor_raised")["share"].tolist()
    [0.225, 0.45]
    """
    import pandas as pd

    from mttq_data.codelists import targets as listed
    from mttq_data.target_progress.logic import first_day

    table = listed() if targets is None else targets
    table = table[table["indicator"] == indicator].sort_values("term").tail(1)
    if table.empty:
        raise MttqError(f"no target has the indicator {indicator!r}; see targets()")
    goal = _goals(table)[0]
    known = side(observations, "observations")
    days = {date.fromordinal(int(d)) for d in known["end"].dropna().unique() if d >= goal.start.toordinal()}
    last = last_day(as_of) if as_of is not None else date.max
    rows = [progress(observations, table, area=area, as_of=day, lang=lang) for day in sorted(days) if day <= last]
    if not rows:
        return progress(observations, table, area=area, lang=lang).iloc[:0].assign(begins="", ends="", asked=math.nan)
    frame = pd.concat(rows, ignore_index=True).drop_duplicates("as_of", keep="last")
    frame = frame[frame["as_of"] != ""].reset_index(drop=True)
    years = frame["as_of"].str[:4].astype(int)
    yearly = goal.logic == "at_least_each_year"
    first = first_day(goal, _figures(observations, table, None, [goal])[0])
    begin = [date(y, 1, 1) if yearly and y > goal.start.year else first for y in years]
    end = [date(y, 12, 31) for y in years] if yearly else [goal.due] * len(frame)
    asked = frame["actual"].where(frame["share"] > 0) / frame["share"].where(frame["share"] > 0)
    return frame.assign(begins=[d.isoformat() for d in begin], ends=[d.isoformat() for d in end],
                        asked=asked.fillna(goal.level))  # fmt: skip
