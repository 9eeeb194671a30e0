"""What a rule reports: the places, the figures and the words for the message."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mttq_data.problems.facts import Fact, Span


class Amount(NamedTuple):
    """A computed figure that messages write in their own language."""

    value: float
    unit: str = ""


@dataclass(slots=True)
class Finding:
    """One thing that does not add up."""

    check: str
    spans: tuple[Span, ...]
    found: str
    expected: Amount | str = ""
    lead: Fact | None = None
    words: dict[str, object] = field(default_factory=dict)


def written(fact: Fact) -> str:
    """The figure as the report writes it, with its scale word."""
    return f"{fact.text} {fact.scale.replace('tỉ', 'tỷ')}".strip()


def finding(check: str, facts: Sequence[Fact], expected: Amount | str = "", **words: object) -> Finding:
    """A finding about these figures; the first of them gives indicator, area and period."""
    ordered = sorted(facts, key=lambda f: f.start)
    return Finding(
        check, tuple(f.span for f in ordered), " | ".join(written(f) for f in ordered), expected, facts[0], dict(words)
    )


def rounded(value: float, like: Fact | None = None) -> float:
    """A computed figure with as many digits as a reader wants: those of ``like``, or four."""
    if like is not None and "," in like.text:
        return round(value, len(like.text.rstrip("% ").split(",")[-1].strip()))
    if value == 0 or not math.isfinite(value):
        return value
    if like is not None:
        return round(value, 1) if abs(value) < 100 else float(round(value))
    return round(value, 3 - math.floor(math.log10(abs(value))))
