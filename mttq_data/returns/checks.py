"""What is checked in returns, and how a problem is told to the clerk who can mend it.

``codes/return_rules.csv`` has one row a check: severity (``error, warning, note``,
``off`` switches it off), limit and both messages; an office changes them there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.returns.knowledge import kept
from mttq_data.wording import SEVERITIES

PROBLEM_COLUMNS = ("check", "severity", "source", "sha256", "where", "indicator", "area", "period", "found", "expected",
                   "message_vi", "message_en")  # fmt: skip
_SEVERITIES = (*SEVERITIES, "off")
# Up to so many wrong rows are each told.
_ALIKE = 6


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
        if severity not in _SEVERITIES:
            raise MttqError(f"return_rules.csv: {check} has severity {severity!r}; use {', '.join(_SEVERITIES)}")
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


def one_cause(wrong: int, every: int) -> bool:
    """Whether so many go wrong, and more than half of all, that one cause is behind them and one problem tells it."""
    return wrong > _ALIKE and 2 * wrong > every


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
    "cumulative_far",
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
