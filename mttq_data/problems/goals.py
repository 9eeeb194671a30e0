"""One indicator said twice: two values, two targets, a target below what is reached, an aim not told."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from mttq_data.codelists import Row, read_codelist
from mttq_data.folding import fold
from mttq_data.problems.facts import Fact, Facts, changing, cues, signature, spelt
from mttq_data.problems.findings import Amount, Finding, finding, rounded

_YEARS = re.compile(r"(?:19|20)\d\d")
_RESOLVED = spelt(
    r" *(?:(?:các|của|theo|tất cả) )*(?:mục tiêu|chỉ tiêu|yêu cầu)(?: đại hội| của| trong| theo| mà)* *(?P<whose>nghị quyết|đại hội|đề ra|nhiệm kì|đặt ra)?"
)
_AIMED = spelt(
    r"(?<!\w)(?:phấn đấu|đề ra|đặt mục tiêu|(?<!vượt )(?<!với )(?<!thành )(?<!đạt )(?:mục tiêu|chỉ tiêu)(?! đã)|kế hoạch đến|đến năm 20\d\d,? (?:tỉnh |thành phố )?(?:phấn đấu|đưa|giảm|nâng)|phương hướng|sẽ)(?!\w)"
)
_REACHED = spelt(r"(?<!\w)(?:đã|hoàn thành|so với|vượt|bằng|đạt được|hiện|thực hiện được|gấp)(?!\w)[^,;]*$")
_LEVELS = ("các cấp", "toàn tỉnh", "toàn tp", "toàn thành phố", "cả tỉnh", "tính chung")
_WHOLE = {f"level:{fold(words)}" for words in _LEVELS}
_ALL = spelt(r"(?<!\w)(?:" + "|".join(_LEVELS) + r")(?!\w)")
_DUE = spelt(r"(?<!\w)(?:đến|năm|hết|cuối) (?:năm |hết |cuối )*(20\d\d)(?!\d)")

# Each figure is held against each other one of its indicator: a bound keeps an endless list from taking for ever.
_MOST_COMPARED = 60
_PLANS = {"time:kế hoạch", "time:dự kiến"}


class Goals:
    """Rules about one indicator over one document."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.catalogue: dict[str, Row] = {
            r["id"]: r for r in read_codelist("indicators", key=["id"], required=["kind", "direction"])
        }
        self._signatures: dict[int, frozenset[str]] = {}
        told = Counter(_last_year(f) for f in facts.all if f.role == "actual" and f.period)
        self.present = int(max(told, key=lambda y: (told[y], y)) or 0) if told else 0

    def __iter__(self) -> Iterator[Finding]:
        for name, found in self.facts.by_indicator.items():
            row = self.catalogue.get(name)
            usable = [
                f
                for f in found
                if f.role != "achievement" and f.kind != "ratio" and (f.kind == "range" or not math.isnan(f.value))
            ]
            if not row or len(usable) < 2:
                continue
            usable = usable[:_MOST_COMPARED]
            aims = [f for f in usable if self._is_aim(f)]
            states = [f for f in usable if f not in aims and not changing(f)]
            yield from self._two_values(row, states)
            yield from self._two_targets(row, aims)
            yield from self._weaker(row, states, aims)
            yield from self._per_year(states, aims)
        for fact in self.facts.all:
            yield from self._achievement(fact)

    def _signature(self, fact: Fact) -> frozenset[str]:
        if id(fact) not in self._signatures:
            found = signature(fact, self.facts.home)
            # A rank is the whole province's; "cả nước" and "vùng" say only among whom.
            self._signatures[id(fact)] = (
                frozenset(s for s in found if s.startswith(("only:", "place:", "time:")))
                if fact.kind == "rank"
                else found
            )
        return self._signatures[id(fact)]

    def _is_aim(self, fact: Fact) -> bool:
        """A target, by its role or by the words of its own clause (short passages have no heading to tell)."""
        if fact.role == "target":
            return True
        if self.present and re.fullmatch(r"20\d[05]", fact.period) and int(fact.period) >= self.present + 4:
            return True
        found = list(_AIMED.finditer(fact.before))
        return (
            bool(found) and not _REACHED.search(fact.before[found[-1].end() :]) and fact.role in {"actual", "context"}
        )

    # -- two values ----------------------------------------------------------

    def _two_values(self, row: Row, states: list[Fact]) -> Iterator[Finding]:
        groups: dict[tuple[str, ...], list[Fact]] = {}
        for fact in states:
            groups.setdefault((fact.period, fact.per, fact.scope, fact.area), []).append(fact)
        for group in groups.values():
            told: list[set[Fact]] = []
            for first, second in combinations(group, 2):
                if self._contradict(row, first, second) and not any(first in t and second in t for t in told):
                    told.append({first, second})
                    yield finding("two_values", [first, second], name=row["id"], period=first.period)

    def _contradict(self, row: Row, first: Fact, second: Fact) -> bool:
        low, high = max(first.strict()[0], second.strict()[0]), min(first.strict()[1], second.strict()[1])
        if low <= high or first.kind == "range" or second.kind == "range" or self._same_rounded(first, second):
            return False
        one, two = self._signature(first), self._signature(second)
        if first.statement is second.statement and row["kind"] not in {"share", "rank"}:
            return False
        # A part of a flow may stand beside its whole, so both must be said of the whole, or neither.
        if row["kind"] == "flow" and any(cues("only").search(f.before) for f in (first, second)):
            return False
        if row["kind"] == "flow" and (
            not first.period or bool(_ALL.search(first.before)) != bool(_ALL.search(second.before))
        ):
            return False
        return one - _WHOLE == two - _WHOLE and not (one and first.statement is second.statement)

    @staticmethod
    def _same_rounded(first: Fact, second: Fact) -> bool:
        """2,67 and 2,7 are one figure written twice, so are 1.234 and 1,2 nghìn."""
        for short, long in ((first, second), (second, first)):
            if short.step > 0 and abs(short.value - long.value) <= 1.001 * short.step:
                return True
            if (
                "," not in short.text
                and "," in long.text
                and short.unit == "percent"
                and abs(short.value - long.value) <= 0.5
            ):
                return True
        return False

    # -- targets -------------------------------------------------------------

    def _two_targets(self, row: Row, aims: list[Fact]) -> Iterator[Finding]:
        for first, second in combinations(sorted(aims, key=_due), 2):
            if (
                first.scope != second.scope
                or first.per != second.per
                or self._signature(first) - _WHOLE - _PLANS != self._signature(second) - _WHOLE - _PLANS
            ):
                continue
            if _bound(first) == _bound(second) or "range" in {first.kind, second.kind}:
                continue
            if first.statement is second.statement and (row["kind"] != "share" or changing(first) or changing(second)):
                continue
            same_time = _due(first) == _due(second) or not _due(first) or not _due(second)
            later_is_weaker = _weaker(row, _bound(second), _bound(first))
            if same_time or later_is_weaker:
                yield finding("two_targets", [first, second], name=row["id"])

    def _weaker(self, row: Row, states: list[Fact], aims: list[Fact]) -> Iterator[Finding]:
        """An aim for later that is behind what an earlier year has reached."""
        for aim in aims:
            reached = [f for f in states if self._comparable(row, f, aim) and _weaker(row, _bound(aim), _bound(f))]
            if reached:
                best = max(reached, key=lambda f: (f.period, f.start))
                yield finding(
                    "target_weaker",
                    [aim, best],
                    _target_text(best),
                    name=row["id"],
                    aim=aim.text,
                    reached=best.text,
                    period=best.period,
                )

    def _comparable(self, row: Row, state: Fact, aim: Fact) -> bool:
        if state.scope != aim.scope or state.unit != aim.unit or state.kind == "range" or aim.kind == "range":
            return False
        if not _last_year(state) or _due(aim) <= _last_year(state):
            return False
        if row["kind"] == "flow" and not (_years(state) == _years(aim) == 1 or state.per == aim.per == "year"):
            return False
        one, two = self._signature(state) - _WHOLE, self._signature(aim) - _WHOLE
        return {s for s in one if not s.startswith("time:")} == {s for s in two if not s.startswith("time:")}

    @staticmethod
    def _per_year(states: list[Fact], aims: list[Fact]) -> Iterator[Finding]:
        """A term's total beside a target for each year: larger as it stands, smaller once annualised."""
        for aim in aims:
            for state in states:
                years = _years(state)
                if (
                    aim.per == "year"
                    and not state.per
                    and years > 1
                    and aim.unit == state.unit
                    and state.value > aim.value > state.value / years
                ):
                    yield finding(
                        "per_year_against_total",
                        [state, aim],
                        Amount(rounded(state.value / years), state.unit),
                        years=Amount(years),
                        each=Amount(rounded(state.value / years), state.unit),
                        aim=aim.text,
                        total=state.text,
                    )

    def _achievement(self, fact: Fact) -> Iterator[Finding]:
        """ "đạt 100% mục tiêu nghị quyết" without saying what the target was."""
        if fact.role != "achievement" or fact.unit != "percent" or fact.kind != "statistic":
            return
        found = _RESOLVED.match(fact.after)
        facts = fact.statement.facts
        index = facts.index(fact)
        before = facts[index - 1] if index else None
        if not found or (before and (before.kind == "range" or before.role == "target")):
            return
        if not found["whose"] and fact.value == 100 and before is not None:
            return
        # A figure other than 100 % beside a count tells the target by division.
        if fact.value != 100 and before is not None and before.unit != "percent":
            return
        stated = [
            f
            for f in self.facts.by_indicator.get(fact.indicator, [])
            if f.role == "target" and f.period == fact.period and f is not fact
        ]
        if not stated:
            yield finding("achievement_without_target", [fact])


def _last_year(fact: Fact) -> str:
    years = _YEARS.findall(fact.period)
    return years[-1] if years else ""


def _due(aim: Fact) -> str:
    """The year an aim is set for: its period's, or a later one named right before it ("đến 2025")."""
    named = _DUE.findall(aim.before[-90:])
    return max(_last_year(aim), named[-1]) if named else _last_year(aim)


def _years(fact: Fact) -> int:
    years = _YEARS.findall(fact.period)
    return max(1, int(years[-1]) - int(years[0])) if years else 0


def _bound(fact: Fact) -> tuple[float, float]:
    return fact.low if not math.isnan(fact.low) else fact.value, fact.high if not math.isnan(fact.high) else fact.value


def _weaker(row: Row, aim: tuple[float, float], reached: tuple[float, float]) -> bool:
    """Is the aim behind what is reached, by the indicator's direction? Ranks: lower is better."""
    if row["direction"] == "lower":
        return aim[1] > reached[1]
    if row["direction"] == "higher":
        return aim[0] < reached[0]
    return False


def _target_text(best: Fact) -> Amount:
    return Amount(best.value, "" if best.unit == "rank" else best.unit)
