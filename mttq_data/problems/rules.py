"""What does not add up in a report: every rule, run over its statistics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import Row, read_codelist
from mttq_data.errors import MttqError
from mttq_data.folding import fold
from mttq_data.problems.documents import of_document, swapped_units
from mttq_data.problems.facts import Facts, read_cues, read_facts
from mttq_data.problems.findings import Amount, Finding
from mttq_data.problems.goals import Goals
from mttq_data.problems.marks import marks
from mttq_data.problems.sizes import Sizes
from mttq_data.problems.sums import sums
from mttq_data.reading.document import Document
from mttq_data.wording import SEVERITIES, amount, indicator_name, missing

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "check", "severity", "source", "sha256", "where", "indicator", "area", "period", "found", "expected", "message_vi", "message_en",
]  # fmt: skip
_NEEDED = ("document", "start", "end", "text", "sentence", "kind", "value", "low", "high", "qualifier", "unit")


def problem_rules() -> dict[str, Row]:
    """The rules of ``codes/problem_rules.csv`` by id; a rule whose severity an office sets to ``off`` is left out.

    Returns
    -------
    dict of str to dict
        ``severity, name_vi, name_en, message_vi, message_en, reason, source`` of each rule.

    Raises
    ------
    MttqError
        A severity other than error, warning, note and off.

    Examples
    --------
    >>> problem_rules()["two_values"]["severity"]
    'error'
    """
    rows = read_codelist("problem_rules", key=["id"], required=["severity", "message_vi", "message_en"])
    for row in rows:
        if row["severity"] not in {*SEVERITIES, "off"}:
            raise MttqError(
                f"codes/problem_rules.csv: {row['id']}: severity {row['severity']!r}; write error, warning, note or off"
            )
    return {r["id"]: r for r in rows if r["severity"] != "off"}


def find_problems(stats: pd.DataFrame, document: Document | Sequence[Document] | None = None) -> pd.DataFrame:
    """Find what does not add up in the statistics of one or more reports.

    Parameters
    ----------
    stats : DataFrame
        What :func:`mttq_data.extract` gives, of one report or several.
    document : Document or sequence of Document, optional
        The reports' texts: needed only for the rules on section numbers, terms
        of office and numbers of documents, and for ``sha256``. They are matched
        to ``stats`` by name.

    Returns
    -------
    DataFrame
        One row a finding, errors first: ``check`` (id in
        ``codes/problem_rules.csv``), ``severity`` (error, warning, note),
        ``source`` (name of the report), ``sha256``, ``where`` (offsets
        "start-end", several separated by spaces), ``indicator, area, period``,
        ``found`` (the figures as written), ``expected`` (the likely right
        figure, or ""), ``message_vi, message_en`` (what to do).

    Raises
    ------
    MttqError
        ``stats`` lacks columns, or a codelist of the rules is broken.

    Examples
    --------
    >>> from mttq_data import extract
    >>> stats = extract("Cần hỗ trợ 1.595 nhà (xây mới 1.175, sửa chữa 520).")
    >>> find_problems(stats)[["check", "found", "expected"]].values.tolist()
    [['parts_against_total', '1.595 | 1.175 | 520', '1.695 nhà']]
    """
    import pandas as pd

    absent = [c for c in _NEEDED if c not in stats.columns]
    if absent:
        raise MttqError(f"find_problems: the table has no column {', '.join(absent)}; give it what extract() returned")
    rules = problem_rules()
    read_cues()
    given = [document] if isinstance(document, Document) else list(document or [])
    by_name = {d.name: d for d in given}
    names = sorted({"" if missing(n) else str(n) for n in stats["document"]})
    if len(given) == 1 and len(names) <= 1:
        by_name = {n: given[0] for n in names or [given[0].name]}
    facts = read_facts(stats, {n: d.text for n, d in by_name.items()})
    rows: list[dict[str, str]] = []
    for name in dict.fromkeys([*(f.document for f in facts), *by_name]):
        own = next((f for f in facts if f.document == name), Facts(name, []))
        rows += [
            _row(found, rules[found.check], name, by_name.get(name))
            for found in _findings(own, by_name.get(name), rules)
        ]
    return pd.DataFrame(rows, columns=COLUMNS).astype(str)


def _findings(facts: Facts, document: Document | None, rules: Mapping[str, Row]) -> list[Finding]:
    """The findings of one document, each place once a rule, in order of severity and place."""
    names = (
        document.text[:200_000]
        if document
        else " ".join([*(s.text for s in facts.statements), *{f.area for f in facts.all}])
    )
    seen: set[tuple[str, tuple[tuple[int, int], ...]]] = set()
    kept: list[Finding] = []
    for found in _all(facts, document, names):
        key = found.check, tuple(sorted(found.spans))
        if found.check in rules and key not in seen:
            seen.add(key)
            kept.append(found)
    said: dict[tuple[int, int], set[str]] = {}
    for found in kept:
        for span in found.spans:
            said.setdefault(span, set()).add(found.check)
    kept = [f for f in kept if not _told_better(f, said)]
    return sorted(kept, key=lambda f: (SEVERITIES.index(rules[f.check]["severity"]), f.spans[0]))


def _all(facts: Facts, document: Document | None, names: str) -> Iterator[Finding]:
    facts.home = tuple(_home(facts, names))
    yield from sums(facts)
    yield from Sizes(facts, names)
    yield from Goals(facts)
    yield from marks(facts)
    yield from swapped_units(facts)
    if document is not None:
        yield from of_document(facts, document)


def _home(facts: Facts, names: str) -> list[str]:
    """Names of the report's own province: they set no figure apart from another."""
    low = fold(names[:100_000])
    counts = {r["name"]: low.count(fold(r["name"])) for r in read_codelist("populations", key=["name", "from_year"])}
    own = {f.area for f in facts.all if f.area}
    best = max(counts.values(), default=0)
    most = [n for n, count in counts.items() if count == best and count]
    # Named equally often, provinces are compared with each other: none of them goes without saying.
    return sorted(own) + (most if len(most) == 1 else [])


_WEAKER_RULE = {
    "share_against_count": {"part_beyond_whole"},
    "money_per_thing": {"each_times_count", "scale_word", "comma_before_three_digits"},
    "count_beyond_base": {"scale_word", "part_beyond_whole"},
    "base_differs": {"part_beyond_whole", "two_values"},
    "members_per_body": {"scale_word", "comma_before_three_digits"},
    "part_beyond_whole": {"parts_against_total"},
    "two_values": {"parts_against_total"},
    "parts_against_total": {"comma_before_three_digits"},
}


def _told_better(found: Finding, said: Mapping[tuple[int, int], set[str]]) -> bool:
    """Is this only the consequence of a slip that another finding names on the same figure?"""
    causes = _WEAKER_RULE.get(found.check, set())
    return any(causes & said[span] for span in found.spans)


def _row(found: Finding, rule: Row, name: str, document: Document | None) -> dict[str, str]:
    lead = found.lead
    expected = found.expected
    texts = {"expected": expected, "found": found.found, **found.words}
    return {
        "check": found.check,
        "severity": rule["severity"],
        "source": name,
        "sha256": document.sha256 if document else "",
        "where": " ".join(f"{a}-{b}" for a, b in found.spans),
        "indicator": lead.indicator if lead else "",
        "area": lead.area if lead else "",
        "period": lead.period if lead else "",
        "found": found.found,
        "expected": _say(expected, "vi"),
        "message_vi": _message(rule, texts, "vi"),
        "message_en": _message(rule, texts, "en"),
    }


def _message(rule: Row, words: Mapping[str, object], lang: str) -> str:
    said = {k: indicator_name(v, lang) if k == "name" else _say(v, lang) for k, v in words.items()}
    try:
        text = rule[f"message_{lang}"].format_map(said)
    except (KeyError, ValueError, IndexError) as exc:
        raise MttqError(
            f"codes/problem_rules.csv: {rule['id']}: message_{lang} has a field that the rule does not give ({exc})"
        ) from exc
    # A hint that could not be computed leaves an empty bracket behind.
    return re.sub(r" ?\((?:thử|try|)\s*\)|; (?:nhiều khả năng là|probably) (?=\.)", "", text)


def _say(value: Any, lang: str) -> str:
    return amount(value.value, value.unit, lang) if isinstance(value, Amount) else str(value)
