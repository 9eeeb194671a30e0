"""The logics of targets: reach, at least each year, at most, none, by a date."""

from __future__ import annotations

import math
from bisect import bisect_right
from datetime import date
from typing import TYPE_CHECKING

from mttq_data.codelists import keyed, read_codelist
from mttq_data.comparison.spans import span_of
from mttq_data.target_progress.amounts import Figures
from mttq_data.target_progress.areas import Place
from mttq_data.target_progress.judging import Goal, Outcome, next_day, state_of, years_between
from mttq_data.target_progress.windows import Amount, projected

if TYPE_CHECKING:
    import pandas as pd


def judge(goal: Goal, place: Place, figures: Figures, cut: date) -> Outcome:
    """The outcome of one target in one place."""
    end = min(cut, goal.due) if goal.logic != "by_date" else cut
    if goal.logic == "by_date":
        moved = _moving_base(goal, place, figures, cut)
        if moved:
            return moved
    if goal.logic in ("at_most", "none"):
        outcome = _limit(goal, place, figures, end)
    elif cut < goal.start:
        outcome = Outcome(Amount(), notes=["no_data"])
    elif goal.logic == "by_date" and goal.nature != "share":
        outcome = _done_by(goal, place, figures, end)
    elif goal.yearly:
        outcome = _each_year(goal, place, figures, end)
    elif goal.nature == "flow":
        outcome = _total(goal, place, figures, end)
    else:
        outcome = _reach(goal, place, figures, end)
    if not outcome.amount.known and not outcome.notes:
        unsure = (goal.indicator, place.code) in figures.suspect
        merged = figures.beyond(goal.indicator, place, cut)
        outcome.notes.append("unconfirmed" if unsure else "merged" if merged else "no_data")
    elif len(place.code) == 2 and figures.beyond(goal.indicator, place, end):
        outcome.notes.append("left_out")
    outcome.notes += [n for n in outcome.amount.notes if n not in outcome.notes]
    codes = {place.code, *outcome.amount.missing}
    if any((goal.indicator, code) in figures.suspect for code in codes):
        outcome.notes.append("suspect")
    return outcome


def _elapsed(start: date, end: date, day: date) -> float:
    return min(1.0, max(0.0, ((day - start).days + 1) / ((end - start).days + 1)))


def _share(amount: Amount, level: float) -> float:
    value = amount.value if not math.isnan(amount.value) else amount.low
    if level > 0:
        return value / level
    return 1.0 if value >= level else math.nan


def _reach(goal: Goal, place: Place, figures: Figures, end: date) -> Outcome:
    """A level by the end: the way there runs evenly from where it stood, or from nothing."""
    # The units of the day the figures reach: later mergers do not take them away.
    last = _last_day(goal.indicator, figures, goal.start, end) or end
    amount = figures.level(goal.indicator, place, goal.start, last, stock=goal.nature == "stock")
    if not amount.known:
        return Outcome(amount)
    day = date.fromordinal(amount.end)
    base = figures.before(goal.indicator, place, goal.start)
    begin = 0.0 if math.isnan(base) else min(base, goal.level)
    expected = begin + (goal.level - begin) * _elapsed(goal.start, goal.due, day)
    share_due = expected / goal.level if goal.level > 0 else 1.0
    outcome = Outcome(amount, day, _share(amount, goal.level), share_due, target=goal.level)
    outcome.state = state_of(goal.level, amount, share_due, str(goal.row["qualifier"]))
    left = years_between(next_day(day), goal.due)
    if outcome.state != "reached" and left > 0 and not math.isnan(amount.value):
        outcome.need = max(0.0, goal.level - amount.value) / max(left, 1.0)
    outcome.ahead = _trend(goal, amount, base, day, left)
    return outcome


def _trend(goal: Goal, amount: Amount, base: float, day: date, left: float) -> tuple[float, float, float]:
    """A level goes on as it went since the start; without a start it stays. Shares end at 100."""
    low = amount.low if not math.isnan(amount.low) else amount.value
    roof = 100.0 if goal.nature == "share" else math.inf
    high = amount.high if not math.isnan(amount.high) else roof if goal.nature == "share" else amount.value
    middle = amount.value if not math.isnan(amount.value) else (low + high) / 2
    gone = years_between(goal.start, day)
    step = 0.0 if math.isnan(base) or gone <= 0 or left <= 0 else (middle - base) / gone * left
    ahead = min(roof, max(0.0, middle + step))
    return ahead, min(low, ahead), min(roof, max(high, high + step))


def _total(goal: Goal, place: Place, figures: Figures, end: date) -> Outcome:
    """A total over the term: flows since its start."""
    years = figures.years(goal.indicator, place, goal.start, end)
    day = _last_day(goal.indicator, figures, goal.start, end)
    if not years or day is None:
        return Outcome(Amount())
    amount = figures.flow(goal.indicator, place, first_day(goal, figures), day)
    if not amount.known:
        return Outcome(amount)
    expected = _elapsed(goal.start, goal.due, day)
    outcome = Outcome(amount, day, _share(amount, goal.level), expected, target=goal.level)
    outcome.state = state_of(goal.level, amount, expected, str(goal.row["qualifier"]))
    left = (goal.due - day).days
    outcome.ahead = projected(amount, max(0, left))
    if outcome.state != "reached" and left > 0 and not math.isnan(amount.value):
        outcome.need = max(0.0, goal.level - amount.value) / max(left / 365.25, 1.0)
    return outcome


def _done_by(goal: Goal, place: Place, figures: Figures, end: date) -> Outcome:
    """So many by a day: what was done within the year of that day."""
    start, end = date(goal.due.year, 1, 1), min(end, goal.due)
    if end < start:
        return Outcome(Amount())
    name = keyed("progress_figures", "indicator").get(goal.indicator, {}).get("done", goal.indicator)
    day = _last_day(name, figures, start, end)
    amount = figures.flow(name, place, start, day) if day else Amount()
    if not amount.known or day is None:
        return Outcome(amount)
    expected, level = _elapsed(start, goal.due, day), goal.level
    bases = [r for r in _bases(str(goal.due.year), day) if r["done"] == name]
    if any(float(r["base"]) == level for r in bases):
        level = float(bases[-1]["base"])
    outcome = Outcome(amount, day, _share(amount, level), expected, target=level)
    outcome.state = state_of(level, amount, expected, str(goal.row["qualifier"]))
    outcome.ahead = projected(amount, max(0, (goal.due - day).days))
    if level != goal.level:
        outcome.details["bases"] = [(r, min(100.0, 100 * amount.value / float(r["base"]))) for r in bases]
    return outcome


def _bases(period: str, day: date) -> list[dict[str, str]]:
    """The bases of a period known by a day, the last one in force."""
    rows = read_codelist("moving_bases", key=["indicator", "period", "as_of"], required=["base", "done"])
    found = sorted((r for r in rows if r["period"] == period), key=lambda r: r["as_of"])
    return [r for r in found if date.fromisoformat(r["as_of"]) <= day] or found[:1]


def first_day(goal: Goal, figures: Figures) -> date:
    """The start of the term, or of the year it begins in where that year is reported as a whole."""
    rows = [r for r in _rows(goal.indicator, figures) if len(r)]
    year = date(goal.start.year, 1, 1).toordinal()
    whole = any(((r["start"] == year) & (r["end"] >= goal.start.toordinal())).any() for r in rows)
    summed = any(((r["measure"] == "cumulative") & (r["end"] >= goal.start.toordinal())).any() for r in rows)
    return date(goal.start.year, 1, 1) if whole or summed else goal.start


def _rows(indicator: str, figures: Figures) -> list[pd.DataFrame]:
    names = [indicator, *figures.sums.get(indicator, ()), *figures.ratios.get(indicator, ())]
    return [figures.by_indicator[n] for n in names if n in figures.by_indicator]


def _last_day(indicator: str, figures: Figures, start: date, end: date) -> date | None:
    days = figures.days(indicator)
    at = bisect_right(days, end.toordinal()) - 1
    return date.fromordinal(days[at]) if at >= 0 and days[at] >= start.toordinal() else None


def _each_year(goal: Goal, place: Place, figures: Figures, end: date) -> Outcome:
    """Every year of the term has to meet it; the year under way is measured by its days."""
    years = figures.years(goal.indicator, place, goal.start, end)
    found: dict[int, Outcome] = {}
    for year in years:
        outcome = _one_year(goal, place, figures, year, end)
        if outcome.amount.known:
            found[year] = outcome
    if not found:
        return _average(goal, place, figures, end) or Outcome(Amount())
    last = max(found)
    outcome = found[last]
    short = [y for y, o in found.items() if y < last and o.state == "behind"]
    met = [y for y, o in found.items() if o.state == "reached"]
    outcome.details |= {"short": short, "met": met}
    if short:
        outcome.state = "behind"
    return outcome


def _one_year(goal: Goal, place: Place, figures: Figures, year: int, end: date) -> Outcome:
    start, finish = date(year, 1, 1), min(date(year, 12, 31), end)
    if year == goal.start.year:
        start = first_day(goal, figures)
    day = _last_day(goal.indicator, figures, max(start, goal.start), finish)
    if day is None:
        return Outcome(Amount())
    whole = 366 if start.month == 1 else (date(year, 12, 31) - start).days + 1
    part = 1.0 if start.month == 1 else whole / 365.25
    if goal.nature == "flow":
        amount = figures.flow(goal.indicator, place, start, day)
    else:
        amount = figures.level(goal.indicator, place, start, day, stock=goal.nature == "stock")
    if not amount.known:
        return Outcome(amount)
    level = goal.level * (part if goal.nature == "flow" else 1.0)
    expected = _elapsed(start, date(year, 12, 31), day)
    outcome = Outcome(amount, day, _share(amount, level), expected, target=level)
    outcome.state = state_of(level, amount, expected, str(goal.row["qualifier"]))
    outcome.need = goal.level if day < goal.due else math.nan
    left = (date(year, 12, 31) - day).days
    outcome.ahead = projected(amount, left) if goal.nature == "flow" else _trend(goal, amount, math.nan, day, 0)
    return outcome


def _average(goal: Goal, place: Place, figures: Figures, end: date) -> Outcome | None:
    """A year that is no calendar year, or a total of several: below the target on average a year fell short."""
    rows = figures.own(goal.indicator, place)
    if rows is None or goal.nature != "flow":
        return None
    whole = rows["years"] >= 0.95
    inside = rows[(rows["start"] >= goal.start.toordinal()) & (rows["end"] <= end.toordinal()) & whole]
    if inside.empty:
        return None
    inside = inside.sort_values(["years", "end"])
    row = inside.iloc[-1]
    years = 1.0 if row["per"] == "year" or row["years"] < 1.05 else float(row["years"])
    amount = Amount(row["value"] / years, row["low"] / years, row["high"] / years, int(row["end"]))
    outcome = Outcome(amount, date.fromordinal(amount.end), _share(amount, goal.level), 1.0, target=goal.level)
    outcome.state = state_of(goal.level, amount, 1.0, str(goal.row["qualifier"]))
    # Of fund years and the like every one has to meet it, not the last alone.
    each = inside[(inside["years"] < 1.05) & (inside["end"] < row["end"])] if years == 1 else inside.iloc[:0]
    for value, low, high, day in each[["value", "low", "high", "end"]].itertuples(index=False):
        if state_of(goal.level, Amount(value, low, high), 1.0, str(goal.row["qualifier"])) == "behind":
            outcome.state = "behind"
            outcome.details.setdefault("short", []).append(date.fromordinal(int(day)).year)
    if years > 1:
        outcome.state = "behind" if outcome.state == "behind" else "unknown"
        outcome.notes.append("average")
    return outcome


def _limit(goal: Goal, place: Place, figures: Figures, end: date) -> Outcome:
    """Held as long as the latest figure is not above the limit."""
    last = _last_day(goal.indicator, figures, goal.start, end) or end
    amount = figures.level(goal.indicator, place, goal.start, last, stock=goal.nature in ("stock", "flow"))
    if not amount.known and goal.nature == "rank":
        # A rank is not published at once: that of the last two years is what there is to hold.
        amount = figures.level(goal.indicator, place, date(min(goal.start, end).year - 2, 1, 1), end)
    if not amount.known:
        return Outcome(amount)
    level = 0.0 if goal.logic == "none" else goal.level
    low, high = amount.low, amount.high
    if math.isnan(low) and math.isnan(high):
        low = high = amount.value
    share = 1.0 if amount.value <= level else (level / amount.value if amount.value > 0 else math.nan)
    outcome = Outcome(amount, date.fromordinal(amount.end), share, 1.0, target=level)
    outcome.state = "reached" if high <= level else "behind" if low > level else "unknown"
    outcome.ahead = (amount.value, low, high)
    return outcome


def _moving_base(goal: Goal, place: Place, figures: Figures, cut: date) -> Outcome | None:
    """A share of a base that was adjusted on the way: against the last base, the earlier ones told."""
    rows = [r for r in read_codelist("moving_bases", key=["indicator", "period", "as_of"], required=["base", "done"])
            if r["indicator"] == goal.indicator and len(place.code) == 2]  # fmt: skip
    until = [r for r in rows if (span_of(r["period"]).end or date.max) <= goal.due]
    if not until:
        return None
    period = span_of(max(r["period"] for r in until))
    done = figures.own(until[0]["done"], place)
    if done is None or period.start is None or period.end is None:
        return None
    amount = figures.flow(until[0]["done"], place, period.start, min(cut, period.end))
    if not amount.known:
        return None
    known = [r for r in _bases(period.text, cut) if r["indicator"] == goal.indicator]
    last = float(known[-1]["base"])
    value, low, high = (min(100.0, 100 * v / last) for v in (amount.value, amount.low, amount.high))
    share = Amount(value, low, high, amount.end)
    day = date.fromordinal(amount.end)
    outcome = Outcome(share, day, share.value / goal.level, _elapsed(period.start, goal.due, day), target=goal.level)
    outcome.state = state_of(goal.level, share, outcome.expected)
    outcome.notes.append("moving")
    outcome.details["bases"] = [(r, min(100.0, 100 * amount.value / float(r["base"]))) for r in known]
    outcome.ahead = (share.value, share.low, share.high)
    return outcome
