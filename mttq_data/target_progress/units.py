"""Targets for each unit of the Front: each unit against its own, the area against the sum."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from mttq_data.codelists import Row, read_codelist
from mttq_data.comparison.per_unit import called, per_unit_rows
from mttq_data.target_progress.amounts import Figures
from mttq_data.target_progress.areas import Place
from mttq_data.target_progress.judging import Goal, Outcome
from mttq_data.target_progress.logic import judge
from mttq_data.target_progress.windows import Amount
from mttq_data.wording import number


def per_unit_outcome(goal: Goal, place: Place, figures: Figures, cut: date, level: str) -> Outcome:
    """The outcome of a target for each unit.

    A unit of the target's own level answers for itself; a larger area is held
    against the sum over its units of that level. Where its figures are not split
    by level, the sum over all levels is asked for, and said so.
    """
    rule = per_unit_rows()[goal.indicator, str(goal.row["scope"])]
    levels = rule["levels"].split()
    names = [n for n in (goal.indicator, rule["total"]) if n in figures.by_indicator or n in figures.sums]
    day = min(cut, goal.due)
    counts = place.counts(day)
    asked = sum(counts.get(name, 0) for name in levels)
    if not asked:
        return Outcome(Amount(), notes=["no_units"])
    if not names:
        return Outcome(Amount(), notes=["no_data"])
    own = place.level(day) in levels and asked == 1 and level != "province"
    if own and goal.indicator in names:
        return judge(goal, place, figures, cut)
    if own:
        return judge(_as(goal, rule["total"], goal.level), place, figures, cut)
    asked_of_all = _asked(goal, counts)
    outcome = judge(_as(goal, rule["total"], asked_of_all), place, figures, cut)
    if outcome.amount.known:
        if sum(bool(counts.get(n)) for owed, _ in _rows(goal) for n in owed) > 1:
            outcome.notes.append("joint")
        outcome.details["units"] = {lang: _told(goal, counts, lang) for lang in ("vi", "en")}
        _each_unit(goal, rule, place, figures, cut, outcome)
    return outcome


def _each_unit(goal: Goal, rule: Row, place: Place, figures: Figures, cut: date, outcome: Outcome) -> None:
    """The sum does not stand for a unit that did less than its own part."""
    if outcome.state != "reached" or outcome.as_of is None:
        return
    indicator = goal.indicator if goal.indicator in figures.by_indicator else rule["total"]
    short = []
    for code in (c for level in rule["levels"].split() for c in place.units(level, outcome.as_of) if c != place.code):
        own = judge(_as(goal, indicator, goal.level), Place(code, code, outcome.as_of), figures, cut)
        if own.amount.known and own.state != "reached":
            short.append(code)
    if short:
        outcome.state = "behind" if outcome.expected >= 1 else "on track"
        outcome.details["short_units"] = short


def _as(goal: Goal, indicator: str, level: float) -> Goal:
    return replace(goal, row={**goal.row, "indicator": indicator}, level=level, nature="flow")


def _rows(goal: Goal) -> list[tuple[list[str], float]]:
    """The target's rows of all levels: levels and what each unit owes at least."""
    rules = per_unit_rows()
    found = []
    for row in read_codelist("targets", key=["term", "group", "indicator", "scope", "text_vi"], required=["low"]):
        rule = rules.get((row["indicator"], row["scope"]))
        if (
            rule
            and row["term"] == goal.row["term"]
            and row["indicator"] == goal.indicator
            and (row["low"] or row["value"])
        ):
            found.append((rule["levels"].split(), float(row["low"] or row["value"])))
    return found


def _asked(goal: Goal, counts: dict[str, int]) -> float:
    rows = _rows(goal)
    total = sum(counts.get(name, 0) * each for levels, each in rows for name in levels)
    return total if total else math.nan


def _told(goal: Goal, counts: dict[str, int], lang: str) -> str:
    parts = [
        f"{called(n, counts[n], lang)} × {number(each, lang)}"
        for levels, each in _rows(goal)
        for n in levels
        if counts.get(n)
    ]
    return "; ".join(parts)
