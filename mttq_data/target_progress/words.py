"""Progress told in sentences, from ``codes/progress_words.csv``."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

from mttq_data.codelists import phrases
from mttq_data.wording import bounded, figure, number

if TYPE_CHECKING:
    from mttq_data.target_progress.areas import Place
    from mttq_data.target_progress.judging import Goal, Outcome

_LISTED = 8


def explain(goal: Goal, place: Place, outcome: Outcome) -> dict[str, str]:
    """Why a target is where it is, in both languages."""
    return {lang: " ".join(_told(goal, outcome, lang)) for lang in ("vi", "en")}


def _told(goal: Goal, outcome: Outcome, lang: str) -> list[str]:
    say = phrases("progress_words", lang)
    for note in ("claimed", "no_figure", "no_units", "merged", "unconfirmed", "no_data"):
        if note in outcome.notes:
            return [say[note]]
    said = [_state(goal, outcome, say, lang)]
    amount = outcome.amount
    if amount.missing:
        codes = ", ".join(amount.missing[:_LISTED]) + (" …" if len(amount.missing) > _LISTED else "")
        said.append(say["missing"].format(n=len(amount.missing), of=len(amount.units), codes=codes))
    said += [say[n] for n in dict.fromkeys(outcome.notes) if n in _PLAIN]
    if "units" in outcome.details:
        said.append(say["units"].format(detail=outcome.details["units"][lang]))
    short_units = outcome.details.get("short_units", [])
    if short_units:
        codes = ", ".join(short_units[:_LISTED]) + (" …" if len(short_units) > _LISTED else "")
        said.append(say["units_short"].format(n=len(short_units), codes=codes))
    for key, name in (("years_short", "short"), ("years_met", "met")):
        if outcome.details.get(name):
            said.append(say[key].format(years=", ".join(map(str, outcome.details[name]))))
    if "bases" in outcome.details:
        bases = "; ".join(
            say["moving_one"].format(
                base=number(float(row["base"]), lang), note=row[f"note_{lang}"], share=number(share, lang, 1)
            )
            for row, share in outcome.details["bases"]
        )
        said.append(say["moving"].format(bases=bases))
    if not math.isnan(outcome.need) and outcome.state in ("behind", "on track") and goal.logic != "none":
        unit = "percent_point" if goal.row["unit"] == "percent" else goal.row["unit"]
        # Within the last year what is left is all there is to say.
        rest = not goal.yearly and outcome.as_of is not None and (goal.due - outcome.as_of).days < 366
        need = bounded(short(outcome.need), unit=unit, lang=lang)
        said.append(say["rest" if rest else "need"].format(need=need, day=_day(goal.due, lang)))
    return said


_PLAIN = ("part", "gap", "spread", "average", "joint", "suspect", "sources", "not_shared", "left_out")


def _state(goal: Goal, outcome: Outcome, say: dict[str, str], lang: str) -> str:
    amount, unit = outcome.amount, goal.row["unit"]
    limit = goal.logic in ("at_most", "none") and outcome.state in ("reached", "behind")
    key = f"limit_{outcome.state}" if limit else outcome.state
    asked = short(outcome.target if not math.isnan(outcome.target) else goal.level)
    qualifier = {"at_most": "le", "none": "exact"}.get(goal.logic, str(goal.row["qualifier"]) or "ge")
    target = bounded(asked, asked, None, "ge" if qualifier == "exact" and _ranged(goal) else qualifier, unit, lang)
    if unit == "rank":
        target = figure({"kind": "rank", "value": asked, "qualifier": "le", "unit": unit}, lang)
    return say[key].format(
        actual=_amount(amount.value, amount.low, amount.high, unit, lang), target=target, day=_day(outcome.as_of, lang),
        share=number(100 * outcome.share, lang, 1) or "?", expected=number(100 * outcome.expected, lang, 1) or "?",
    )  # fmt: skip


def _ranged(goal: Goal) -> bool:
    return goal.row["low"] != "" and goal.row["high"] != "" and goal.row["low"] != goal.row["high"]


def _amount(value: float, low: float, high: float, unit: object, lang: str) -> str:
    if unit == "rank" and not math.isnan(value):
        return figure({"kind": "rank", "value": value, "unit": unit}, lang)
    if math.isnan(value) and math.isnan(high):
        return bounded(short(low), short(low), None, "ge", unit, lang)
    if low == 0 and high == value and value > 0:
        return bounded(short(value), None, short(high), "le", unit, lang)
    if math.isnan(value) or low == high:
        return bounded(short(value), short(low), short(high), "exact", unit, lang)
    if math.isnan(high) or math.isnan(low):
        return bounded(short(value), short(low), short(high), "gt" if math.isnan(high) else "lt", unit, lang)
    middle = bounded(short(value), unit=unit, lang=lang)
    return f"{middle} ({bounded(None, short(low), short(high), 'exact', unit, lang)})"


def short(value: float) -> float:
    """Three digits behind the first are enough for a sentence."""
    if math.isnan(value) or value == 0 or not math.isfinite(value):
        return value
    places = max(0, 3 - math.floor(math.log10(abs(value))))
    return round(value, min(places, 2)) if abs(value) < 1e6 else float(f"{value:.4g}")


def _day(day: date | None, lang: str) -> str:
    if day is None:
        return "?"
    return f"{day:%d/%m/%Y}" if lang == "vi" else f"{day.day} {day:%B %Y}"
