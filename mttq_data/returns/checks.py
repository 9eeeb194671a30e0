"""What is checked in returns, and how a problem is told to the clerk who can mend it.

``codes/return_rules.csv`` has one row a check: severity (``error, warning, note``,
``off`` switches it off), limit and both messages; an office changes them there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.periods import parse_period
from mttq_data.returns.knowledge import kept

if TYPE_CHECKING:
    import numpy as np

PROBLEM_COLUMNS = ("check", "severity", "source", "sha256", "where", "indicator", "area", "period", "found", "expected",
                   "message_vi", "message_en")  # fmt: skip
SEVERITIES = ("error", "warning", "note", "off")


@dataclass(frozen=True)
class Rule:
    """One row of ``return_rules.csv``."""

    severity: str
    limit: float
    vi: str
    en: str


def rules() -> dict[str, Rule]:
    """The checks by name."""
    return kept("rules", _rules)


def _rules() -> dict[str, Rule]:
    made = {}
    for row in read_codelist("return_rules", key=["check"], required=["severity", "limit", "message_vi", "message_en"]):
        check, severity, limit = row["check"], row["severity"], row["limit"]
        if severity not in SEVERITIES:
            raise MttqError(f"return_rules.csv: {check} has severity {severity!r}; use {', '.join(SEVERITIES)}")
        try:
            made[check] = Rule(severity, float(limit or "nan"), row["message_vi"], row["message_en"])
        except ValueError as exc:
            raise MttqError(f"return_rules.csv: {check} has limit {limit!r}, no number") from exc
    return made


def number_text(value: float | None, *, vi: bool = False) -> str:
    """A number for a message: plain digits, or as Vietnamese writes them.

    Examples
    --------
    >>> number_text(5142.0), number_text(1234.5, vi=True), number_text(2.67, vi=True)
    ('5142', '1.234,5', '2,67')
    """
    if value is None or math.isnan(value):
        return ""
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace(",", " ").replace(".", ",").replace(" ", ".") if vi else text.replace(",", "")


@dataclass
class Problem:
    """One problem, before it is put into words.

    ``found`` and ``expected`` are text or a number; numbers are written the
    Vietnamese way in the Vietnamese message.
    """

    check: str
    where: str = ""
    found: str | float | None = ""
    expected: str | float | None = ""
    label: str = ""
    why: str = ""
    indicator: str = ""
    area: str = ""
    period: str = ""
    source: str = ""
    sha256: str = ""

    def row(self) -> dict[str, str] | None:
        """The problem as a row of the contract, or None where its check is off."""
        rule = rules().get(self.check)
        if rule is None or rule.severity == "off":
            return None
        said = {"label": self.label or "ô này", "why": _because(self.why, self.check)}
        expected = self._text("expected", True)
        said["ask"] = f"Có phải là {expected}? " if expected else ""
        vi = rule.vi.format_map(defaultdict(str, said, found=self._text("found", True), expected=expected))
        en = rule.en.format_map(defaultdict(str, said, found=self._text("found"), expected=self._text("expected")))
        return {
            "check": self.check, "severity": rule.severity, "source": self.source, "sha256": self.sha256,
            "where": self.where, "indicator": self.indicator, "area": self.area, "period": self.period,
            "found": self._text("found"), "expected": self._text("expected"),
            "message_vi": _one_line(vi), "message_en": _one_line(en.replace("; perhaps .", ".").replace(" Perhaps .", "")),
        }  # fmt: skip

    def _text(self, name: str, vi: bool = False) -> str:
        value = getattr(self, name)
        return value if isinstance(value, str) else number_text(value, vi=vi)


_PLAIN_WHY = {
    "plan_far",
    "previous_far",
    "stock_jump",
    "others_far",
    "date_in_cell",
    "ratio_in_cell",
    "unit_changed",
    "contradiction",
}


def _because(why: str, check: str) -> str:
    return why if not why or check in _PLAIN_WHY else f" ({why})"


def _one_line(text: str) -> str:
    return " ".join(text.split())


@dataclass
class Entity:
    """The figures of one area and period, for comparing.

    ``values`` (base units) and ``factors`` run along ``keys`` (indicator, measure),
    ``position`` says where in ``cells`` and ``labels`` a key's figure stands.
    """

    form: str
    area: str
    period: str
    source: str
    sha256: str
    keys: tuple[tuple[str, str], ...]
    values: np.ndarray
    factors: np.ndarray
    position: np.ndarray
    cells: np.ndarray
    labels: np.ndarray


def compare_entities(
    entities: list[Entity], flows: frozenset[str], earlier: list[Entity] | None = None
) -> list[tuple[int, int, Problem]]:
    """Compare returns with their previous period and with each other.

    Parameters
    ----------
    entities : list of Entity
        What was read.
    flows : frozenset of str
        Indicators that add up over the year.
    earlier : list of Entity, optional
        Returns read before, compared with but not checked.

    Returns
    -------
    list of (entity, figure, Problem)
        Positions in ``entities`` and in the entity's keys.
    """
    found: list[tuple[int, int, Problem]] = []
    by_period = {(e.form, e.area, e.period): e for e in (*(earlier or ()), *entities)}
    alike: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}
    groups: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    pairs: dict[int, list[tuple[int, Entity, Entity]]] = defaultdict(list)
    for entity in by_period.values():
        entity.keys = alike.setdefault(entity.keys, entity.keys)
    for n, entity in enumerate(entities):
        keys = alike.setdefault(entity.keys, entity.keys)
        groups[entity.form, entity.period, id(keys)].append(n)
        before = _previous(entity.period)
        past = by_period.get((entity.form, entity.area, before)) if before else None
        if past is not None and past.keys is keys:
            pairs[id(keys)].append((n, entity, past))
    for some in pairs.values():
        found += _against_past(some, flows)
    for members in groups.values():
        if len(members) >= 6:
            found += _against_others([entities[n] for n in members], members)
    return found


@lru_cache(maxsize=512)
def _previous(period: str) -> str:
    try:
        before = parse_period(period).previous()
    except MttqError:
        return ""
    return before.text if before else ""


def _against_past(pairs: list[tuple[int, Entity, Entity]], flows: frozenset[str]) -> Iterable[tuple[int, int, Problem]]:
    """Figures against the same unit's of the period before; all pairs have the same keys."""
    import numpy as np

    keys = pairs[0][1].keys
    now = np.vstack([entity.values for _, entity, _ in pairs])
    past = np.vstack([before.values for *_, before in pairs])
    factors = np.vstack([pair[1].factors for pair in pairs])
    limits = rules()
    flow = np.array([k[0] in flows for k in keys])
    compared = np.array([not (m == "plan" or (i in flows and m == "cumulative")) for i, m in keys])
    limit = np.where(flow, limits["previous_far"].limit, limits["stock_jump"].limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = now / past
        far = compared & (now > 0) & (past > 0) & (np.maximum(now, past) >= 30 * factors)
        far &= (times > limit) | (times < 1 / limit)
    for p, i in _hits(far):
        n, entity, _ = pairs[p]
        check = "previous_far" if flow[i] else "stock_jump"
        yield n, i, _problem(entity, i, check, past[p, i], _times(float(times[p, i])))
    for check, target, parts in _links(keys, flows):
        same_year = np.array([check != "cumulative_chain" or e.period[:4] == b.period[:4] for _, e, b in pairs])
        expected = past[:, parts[0]] + (now[:, parts[1]] if len(parts) > 1 else 0.0)
        unit = factors[:, target]
        wrong = same_year & (np.abs(expected - now[:, target]) > 0.051 * unit + 1e-9 * np.abs(expected))
        for p in map(int, np.flatnonzero(wrong)):
            terms = [past[p, parts[0]], *(now[p, i] for i in parts[1:])]
            why = " + ".join(number_text(float(t) / float(unit[p]), vi=True) for t in terms) if len(parts) > 1 else ""
            yield pairs[p][0], target, _problem(pairs[p][1], target, check, float(expected[p]), why)


def _hits(mask: np.ndarray) -> Iterable[tuple[int, int]]:
    import numpy as np

    return zip(*(map(int, ends) for ends in np.nonzero(mask)), strict=True)


def _links(keys: tuple[tuple[str, str], ...], flows: frozenset[str]) -> Iterable[tuple[str, int, tuple[int, ...]]]:
    """What follows from the period before: the figure, and the figures (first of then, second of now) that give it."""
    index = {key: i for i, key in enumerate(keys)}
    for i, (indicator, measure) in enumerate(keys):
        part = index.get((indicator, "period"))
        if measure == "cumulative" and indicator in flows and part is not None:
            yield "cumulative_chain", i, (i, part)
        closing = index.get((indicator.replace("_opening_balance", "_balance"), "period"))
        if measure == "period" and indicator.endswith("_opening_balance") and closing is not None:
            yield "opening_balance", i, (closing,)


def _times(times: float) -> str:
    return (
        f"gấp {number_text(round(times, 1), vi=True)} lần"
        if times >= 1
        else f"chỉ bằng 1/{number_text(round(1 / times), vi=True)}"
    )


def _against_others(members: list[Entity], numbers: list[int]) -> Iterable[tuple[int, int, Problem]]:
    """Figures far from the other units': by factors, against the middle and the usual spread."""
    import numpy as np

    matrix = np.vstack([e.values for e in members])
    limit = math.log10(rules()["others_far"].limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(matrix > 0, np.log10(matrix), np.nan)
    enough = np.sum(~np.isnan(logs), axis=0) >= 6
    if not enough.any():
        return
    some = np.flatnonzero(enough)
    part = logs[:, some]
    middle = np.nanmedian(part, axis=0)
    spread = 1.4826 * np.nanmedian(np.abs(part - middle), axis=0)
    away = np.abs(part - middle) > np.maximum(limit, 4 * spread)
    for m, j in _hits(away):
        i = int(some[j])
        entity, others = members[m], np.delete(matrix[:, i], m)
        others = others[others > 0] / entity.factors[i]
        value, mid = matrix[m, i] / entity.factors[i], float(np.median(others))
        if max(value, mid) < 30:
            continue
        low, high = (number_text(float(f(others)), vi=True) for f in (np.min, np.max))
        why = f"{_times(value / mid)} mức giữa của {len(others)} đơn vị khác (từ {low} đến {high})"
        yield numbers[m], i, _problem(entity, i, "others_far", mid * entity.factors[i], why)


def _problem(entity: Entity, i: int, check: str, expected: float, why: str) -> Problem:
    factor, at = float(entity.factors[i]), int(entity.position[i])
    return Problem(
        check, entity.cells[at], round(float(entity.values[i]) / factor, 6), round(float(expected) / factor, 6), entity.labels[at],
        why, entity.keys[i][0], entity.area, entity.period, entity.source, entity.sha256,
    )  # fmt: skip


def problem_frame(found: Iterable[Problem]) -> Any:
    """Problems as a frame of the contract's columns, errors first within a file as they stand."""
    import pandas as pd

    rows = [row for p in found if (row := p.row()) is not None]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS)).astype("str")
