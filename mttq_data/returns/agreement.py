"""What must hold between the figures of one table, and which figure to blame where it does not."""

from __future__ import annotations

import math
from collections.abc import Iterable

from mttq_data.returns.checks import Problem, one_cause, rules
from mttq_data.returns.plans import Plan, Table, problem_at, where_of

_CAUSES = {
    "cumulative_first": "có thể ghi sai kỳ báo cáo",
    "cumulative_below_period": "có thể nhập lẫn cột trong kỳ và cột lũy kế",
}
Failure = tuple[tuple[int, ...], Problem]
Terms = tuple[tuple[float, int], ...]


def compute_blanks(table: Table) -> None:
    """Totals and shares nobody calculated follow from their parts."""
    plan, values, status = table.plan, table.values, table.status
    for _ in range(2):
        for target, terms in plan.sums:
            if status[target] == "blank" and any(values[i] is not None for _, i in terms):
                whole = all(values[i] is not None and status[i] in ("ok", "repaired") for _, i in terms)
                if whole:
                    values[target] = round(sum(s * (values[i] or 0.0) for s, i in terms), 6)
                    status[target] = "repaired"
        for target, top, bottom in plan.shares:
            a, b = values[top], values[bottom]
            if (
                status[target] == "blank"
                and a is not None
                and b
                and {status[top], status[bottom]} <= {"ok", "repaired"}
            ):
                values[target] = round(100 * a / b, max(plan.figures[target].decimals, 2))
                status[target] = "repaired"


def weigh_guesses(table: Table) -> None:
    """Measure what a misread figure may have been by the other figures of its row."""
    plan = table.plan
    for n, (value, figure) in enumerate(zip(table.values, plan.figures, strict=True)):
        # 2,38 where 2.375 triệu are meant: more places than the form wants, in so small an amount.
        if (
            value
            and 0 < value < 100
            and figure.factor >= 1e6
            and table.status[n] == "ok"
            and round(value, figure.decimals) != value
        ):
            middle = _middle(table, n)
            if middle is not None and abs(math.log10(value * 1000) - middle) < 1:
                table.status[n] = "suspect"
                table.problems.append(problem_at(table, n, "money_small", value, round(value * 1000, 6)))
    at = {address: n for n, address in enumerate(plan.addresses)} if table.problems else {}
    for problem in list(table.problems):
        guess = problem.expected
        if problem.check not in ("lost_thousands", "money_unit") or not isinstance(guess, float):
            continue
        n = at[problem.where.rsplit("!", 1)[1]]
        value, middle = table.values[n] or 0.0, _middle(table, n)
        if value <= 0:
            continue
        if problem.check == "money_unit":
            guesses: list[float] = [value / 1e3, guess]
            if middle is not None:
                guess = min((abs(math.log10(v) - middle), v) for v in guesses)[1]
            elif round(guess, plan.figures[n].decimals) != guess:
                # So many places nobody gives: thousands of đồng rather than đồng.
                guess = guesses[0]
            problem.expected = round(guess, 6)
            _likewise(table, n, value / guess)
        elif middle is None:
            continue
        elif plan.figures[n].decimals == 0 and round(value, 2) == value and abs(math.log10(guess) - middle) > 1.5:
            # 5,5 houses of 40 in the year were never 5.500.
            problem.check, problem.expected = "not_whole", ""


def _likewise(table: Table, n: int, times: float) -> None:
    """Other figures of the same thing as large as one in a smaller unit are in that unit, too."""
    own, large = table.plan.cells[n], table.values[n] or 0.0
    for i, (cell, value) in enumerate(zip(table.plan.cells, table.values, strict=True)):
        alike = (cell.indicator, cell.role) == (own.indicator, own.role) and cell.measure
        if alike and table.status[i] == "ok" and value and 0.1 < value / large < 10:
            table.status[i] = "suspect"
            unit = table.plan.figures[i].unit
            table.problems.append(problem_at(table, i, "money_unit", value, round(value / times, 6), unit))


def _middle(table: Table, n: int) -> float | None:
    """The middle, as logarithm, of the sound figures of the same thing: of the row, or of the other units."""
    plan, own = table.plan, table.plan.cells[n]
    known = [
        math.log10(value)
        for i, (c, value) in enumerate(zip(plan.cells, table.values, strict=True))
        if value and value > 0 and i != n and table.status[i] in ("ok", "repaired")
        and (c.indicator, c.role) == (own.indicator, own.role) and c.measure
    ]  # fmt: skip
    return sum(known) / len(known) if known else None


def check_rules(table: Table, period: str) -> None:
    plan, values, status = table.plan, table.values, table.status
    starts_year = period[4:] in ("-Q1", "-H1", "-01", "") and bool(period)
    _check_plan(table)
    if not table.torn and _all_well(table, starts_year):
        return
    failed: list[Failure] = []
    for target, terms in plan.sums:
        _check_sum(table, target, terms, failed)
    for share in plan.shares:
        _check_share(table, *share, failed)
    for part, whole in plan.pairs:
        a, b = values[part], values[whole]
        if a is None or b is None or "suspect" in (status[part], status[whole]):
            continue
        if b < a - 1e-9 * abs(a):
            failed.append(((whole, part), problem_at(table, whole, "cumulative_below_period", b, a)))
        elif a >= 5 and b > rules()["cumulative_far"].limit * a:
            table.problems.append(problem_at(table, whole, "cumulative_far", b, a, f"{round(b / a)} lần"))
            doubt(table, (whole, part))
        elif starts_year and abs(a - b) > 0.051:
            failed.append(((whole, part), problem_at(table, whole, "cumulative_first", b, a)))
    _blame(table, _first_hand(table, failed))
    for part, whole in plan.nested:
        a, b = values[part], values[whole]
        if a is None or b is None or not {status[part], status[whole]} <= {"ok", "repaired"}:
            continue
        if a > rules()["part_over_related"].limit * b:
            table.problems.append(problem_at(table, part, "part_over_related", a, b, plan.labels[whole]))
            doubt(table, (part, whole))
    # What is computed of a figure in doubt is no surer than it.
    doubt(table, {t for i, said in enumerate(status) if said == "suspect" for t in plan.feeds[i]})


def _first_hand(table: Table, failed: list[Failure]) -> list[Failure]:
    """The failures but for those that only pass on what another has wrong."""
    below = {cells[0] for cells, problem in failed if problem.check == "cumulative_below_period"}
    passed = {total for total, terms in table.plan.sums if below.intersection(i for _, i in terms)} & below
    for cells, _ in failed:
        doubt(table, cells if cells[0] in passed else ())
    told = [f for f in failed if f[0][0] not in passed or f[1].check != "cumulative_below_period"]
    for check, cause in _CAUSES.items():
        alike = [f for f in told if f[1].check == check]
        if one_cause(len(alike), len(table.plan.pairs)):
            alike[0][1].why = f"{len(alike)} dòng như vậy; {cause}"
            doubt(table, (i for cells, _ in alike for i in cells))
            told = [f for f in told if f not in alike[1:]]
    return told


def _blame(table: Table, failed: list[Failure]) -> None:
    """Report what failed, at the one figure that several rules speak against where there is one."""
    counts: dict[int, int] = {}
    for cells, _ in failed:
        for i in cells:
            counts[i] = counts.get(i, 0) + 1
    against: dict[int, list[Problem]] = {}
    for cells, problem in failed:
        most = max(counts[i] for i in cells)
        guilty = [i for i in cells if counts[i] == most]
        if most > 1 and len(guilty) > 1:
            guilty = [i for i in guilty if _mends(table, i)] or guilty
        if most > 1 and len(guilty) == 1:
            against.setdefault(guilty[0], []).append(problem)
            continue
        if problem.check == "total" and len(cells) > 3 and (slip := _slip(table, cells, problem)):
            table.problems.append(slip[1])
            doubt(table, (cells[0], slip[0]))
            continue
        table.problems.append(problem)
        # Which of them is wrong nobody can tell from here; a total that agrees may be a formula that passes it on.
        doubt(table, cells)
    for guilty_one, problems in against.items():
        doubt(table, (guilty_one,))
        own = next((p for p in problems if p.where == where_of(table, guilty_one)), None)
        if own is not None:
            table.problems.append(own)
            continue
        why = "; ".join(f"{_KINDS[p.check]} {p.where.rsplit('!', 1)[1]}" for p in problems[:3])
        table.problems.append(problem_at(table, guilty_one, "contradiction", table.values[guilty_one], "", why))


def _mends(table: Table, i: int) -> bool:
    """Whether one figure, put as a sum wants it, makes every rule about it hold."""
    plan, values = table.plan, table.values
    for target, terms in plan.sums:
        sign = -1.0 if i == target else next((s for s, n in terms if n == i), 0.0)
        if not sign or values[i] is None:
            continue
        lacking = (values[target] or 0.0) - sum(s * (values[n] or 0.0) for s, n in terms)
        if lacking and _holds(table, i, (values[i] or 0.0) + lacking / sign):
            return True
    return False


def _holds(table: Table, i: int, value: float) -> bool:
    """Whether every sum and share with figure ``i`` holds when it is ``value``."""
    plan = table.plan
    values = [v or 0.0 for v in table.values]
    values[i] = value
    for target, terms in plan.sums:
        if i == target or any(n == i for _, n in terms):
            left = values[target] - sum(s * values[n] for s, n in terms)
            if abs(left) > _rounding(plan, target, terms) + 1e-9 * abs(values[target]):
                return False
    return all(
        abs(values[share] * values[bottom] - 100 * values[top]) <= 0.06 * abs(values[bottom])
        for share, top, bottom in plan.shares
        if i in (share, top, bottom) and table.values[share] is not None
    )


def _slip(table: Table, cells: tuple[int, ...], problem: Problem) -> tuple[int, Problem] | None:
    """Of many parts the only one that ten, hundred or thousand times more or less would make the total right."""
    values = table.values
    lacking = (values[cells[0]] or 0.0) - float(problem.expected or 0.0)
    found = []
    for i in cells[1:]:
        value = values[i] or 0.0
        right = value + lacking
        if value > 0 < right and round(math.log10(right / value), 9) in (-3, -2, -1, 1, 2, 3):
            found.append((i, right))
    if len(found) != 1 or values[found[0][0]] == found[0][1]:
        return None
    i, right = found[0]
    why = f"{_KINDS['total']} {problem.where.rsplit('!', 1)[1]}"
    return i, problem_at(table, i, "contradiction", values[i], round(right, 6), why)


_KINDS = {"total": "tổng ở ô", "ratio": "tỷ lệ ở ô", "part_over_whole": "tổng thể ở ô",
          "cumulative_below_period": "lũy kế ở ô", "cumulative_first": "lũy kế ở ô"}  # fmt: skip


def doubt(table: Table, cells: Iterable[int]) -> None:
    """Let figures that disagree with others wait."""
    for i in cells:
        if table.status[i] in ("ok", "repaired"):
            table.status[i] = "suspect"
            table.torn.add(i)


def _all_well(table: Table, starts_year: bool) -> bool:
    """Whether every figure is plain and every rule holds: all at once, as most returns are so.

    An empty figure counts as 0 here; where that breaks a rule the long way round tells.
    """
    import numpy as np

    plan, count = table.plan, np.count_nonzero
    if table.plain is not None:
        values = table.plain
    else:
        if set(table.status) - {"ok", "blank", "repaired"}:
            return False
        values = np.array(table.values, dtype=float)
        values[np.isnan(values)] = 0.0
    matrix, sums, shares = plan.matrix
    left = matrix @ values
    share, top, bottom = values[shares]
    if count(np.abs(share * bottom - 100 * top) > 0.06 * bottom) or count((top > bottom) & plan.hundreds):
        return False
    period, total = values[plan.halves]
    if count((total > rules()["cumulative_far"].limit * period) & (period >= 5)):
        return False
    limit = 1e-9 * (1.0 + float(values.max(initial=0.0)))
    pairs = left[sums : sums + len(plan.pairs)]
    return not (count(left < -limit) or count(left[:sums] > limit) or (starts_year and count(pairs > 0.051)))


def _check_sum(table: Table, target: int, terms: Terms, failed: list[Failure]) -> None:
    plan, values, status = table.plan, table.values, table.status
    total = values[target]
    if total is None:
        return
    parts = [values[i] for _, i in terms]
    if any(status[i] in ("suspect", "missing") for _, i in terms):
        doubt(table, (target,))
        return
    told = status[target] == "suspect" and any(p.where == where_of(table, target) for p in table.problems)
    if told or all(v is None for v in parts):
        return
    expected = sum(sign * (v or 0.0) for (sign, _), v in zip(terms, parts, strict=True))
    allowed = _rounding(plan, target, terms)
    if abs(expected - total) <= allowed + 1e-9 * abs(total):
        return
    if any(v is None and plan.figures[i].required for v, (_, i) in zip(parts, terms, strict=True)) and total > expected:
        # What is left empty may be the difference; that it is empty is told at its cell.
        doubt(table, (target,))
        return
    typed = [
        i for _, i in terms
        if status[i] == "repaired" and plan.cells[i].role == "input" and i not in plan.converted and table.raw[i][:1] not in ("", "=")
    ]  # fmt: skip
    if typed and abs(expected - sum(s * (values[i] or 0.0) for s, i in terms if i in typed) - total) <= allowed:
        # Excel leaves numbers typed as text out of its sums; the sum over all is the one meant.
        values[target], status[target] = round(expected, 6), "repaired"
        return
    said = " ".join(f"{'+' if s > 0 else '-'} {plan.addresses[i]}" for s, i in terms[:6]).removeprefix("+ ")
    why = said + (" …" if len(terms) > 6 else "")
    failed.append(
        ((target, *(i for _, i in terms)), problem_at(table, target, "total", total, round(expected, 6), why))
    )


def _rounding(plan: Plan, target: int, terms: Terms) -> float:
    """By how much a total may differ from its parts when all are rounded as the form wants."""
    steps = [(1.0, target), *terms]
    if not any(plan.figures[i].decimals for _, i in steps):
        return 1e-6
    return sum(0.5 * abs(times) * 10 ** -plan.figures[i].decimals for times, i in steps)


def _check_share(table: Table, target: int, top: int, bottom: int, failed: list[Failure]) -> None:
    plan, values, status = table.plan, table.values, table.status
    share, a, b = values[target], values[top], values[bottom]
    if status[top] in ("suspect", "missing") or status[bottom] in ("suspect", "missing"):
        doubt(table, (target,))
        return
    if a is None or b is None:
        return
    if plan.figures[target].high == 100 and a > b >= 0:
        failed.append(((top, bottom, target), problem_at(table, top, "part_over_whole", a, b, plan.labels[bottom])))
        return
    if share is None or not b:
        return
    expected = 100 * a / b
    if abs(share - expected) <= 0.06 or (share.is_integer() and abs(share - expected) <= 0.5):
        return
    known = next((p for p in table.problems if p.where == where_of(table, target) and p.check == "range"), None)
    if abs(100 * share - expected) <= 0.06:
        # A cell in percent format holds 0.0267 and shows 2,67 %.
        values[target], status[target], table.plain = round(100 * share, 6), "repaired", None
        table.problems.append(problem_at(table, target, "fraction_read", share, round(100 * share, 6)))
    elif known is not None:
        known.expected = round(expected, plan.figures[target].decimals)
    elif status[target] != "suspect":
        why = f"{plan.addresses[top]} : {plan.addresses[bottom]}"
        shown = round(expected, max(plan.figures[target].decimals, 1))
        failed.append(((target, top, bottom), problem_at(table, target, "ratio", share, shown, why)))


def _check_plan(table: Table) -> None:
    """Plans and what was done of them, where one is out of all proportion to the other."""
    values, status = table.values, table.status
    over, under = rules()["plan_far"].limit, rules()["plan_unreached"].limit
    for wanted_at, done_at in table.plan.planned:
        wanted, done = values[wanted_at], values[done_at]
        if not wanted or not done:
            continue
        far = done > over * wanted and done >= 30
        if not far and not (wanted > under * done and done >= 5):
            continue
        if not {status[wanted_at], status[done_at]} <= {"ok", "repaired"}:
            continue
        if far:
            times = f"{done / wanted:.1f}".replace(".", ",") + " lần"
            table.problems.append(problem_at(table, done_at, "plan_far", done, wanted, times))
            within = [part for part, whole in table.plan.pairs if whole == done_at]
            doubt(table, (done_at, wanted_at, *(i for i in within if (values[i] or 0.0) * 2 > over * wanted)))
        else:
            table.problems.append(problem_at(table, wanted_at, "plan_unreached", wanted, done))
            doubt(table, (wanted_at, done_at))
