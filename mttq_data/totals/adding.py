"""How indicators add up: flows are summed, stocks go by their last, shares are ratios of sums.

``adds`` of the catalogue says it for each indicator: ``sum, last, first, ratio,
none``. What a share is a ratio of stands in the forms (``ratio_of``), in
``indicator_relations.csv`` and in ``derived_indicators.csv``, in that order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mttq_data.codelists import read_codelist, remembered
from mttq_data.forms.forms import form, form_ids
from mttq_data.forms.model import Form

SUM, LAST, FIRST, RATIO, NONE = "sum", "last", "first", "ratio", "none"


@dataclass(frozen=True)
class Ratio:
    """A share: 100 times ``part`` / ``base``; ``within`` where the part is one of the base."""

    part: str
    base: str
    measures: frozenset[str] = frozenset()
    within: bool = True


@dataclass
class Adding:
    """The rules of a set of forms and the catalogue.

    Attributes
    ----------
    how : dict
        Of each indicator: sum, last, first, ratio or none.
    units : dict
        Of each indicator, the catalogue's unit.
    ratios : dict
        Of each share, what it is a ratio of.
    mixed : dict
        Totals of flows and stocks (cases = settled + failed + pending): over
        time they are made from their parts, or what is carried over would count twice.
    signed : frozenset
        Indicators that may be negative.
    """

    how: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    ratios: dict[str, Ratio] = field(default_factory=dict)
    mixed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    signed: frozenset[str] = frozenset()


def adding(forms: Iterable[str] = ()) -> Adding:
    """The rules that hold for the forms named; ids that are no form are passed over.

    Examples
    --------
    >>> rules = adding(["front_work"])
    >>> rules.how["poor_households_count"], rules.ratios["poverty_rate"].base
    ('last', 'households_count')
    >>> rules.mixed["mediation_cases"]
    ('mediation_cases_successful', 'mediation_cases_unsuccessful', 'mediation_cases_pending')
    """
    return _adding(tuple(sorted(set(forms))))


@remembered("indicators", "forms", "form_rows", "form_columns", "indicator_relations", "derived_indicators")
def _adding(names: tuple[str, ...]) -> Adding:
    made = Adding()
    for row in read_codelist("indicators", key=["id"], required=["unit", "kind", "adds"]):
        # An opening balance belongs to the first day of a span; it adds over areas like any stock.
        opening = row["kind"] == "stock" and row["adds"] == NONE
        made.how[row["id"]] = FIRST if opening else row["adds"]
        made.units[row["id"]] = row["unit"]
    for name, part, base in (*_derived(), *_related()):
        made.ratios[name] = Ratio(part, base)
    known = form_ids()
    signed = {i for i in made.how if made.how[i] == SUM and i.endswith(("_cut", "_change"))}
    for form_id in names:
        if form_id in known:
            signed |= _from_form(form(form_id), made)
    made.signed = frozenset(signed)
    return made


def _from_form(one: Form, made: Adding) -> set[str]:
    """Take over the ratios and totals of a form; return its indicators that may be negative."""
    parts = one.own_rows if one.layout == "indicators_down" else one.columns
    of_key = {p.key: p.indicator for p in parts if p.indicator}
    signed = set()
    for part in parts:
        figure, name = part.figure, part.indicator
        if not name:
            continue
        if figure.ratio_of and set(figure.ratio_of) <= set(of_key):
            top, bottom = (of_key[key] for key in figure.ratio_of)
            measures = getattr(part, "columns", None) or frozenset(filter(None, [getattr(part, "measure", "")]))
            made.ratios[name] = Ratio(top, bottom, frozenset(measures), figure.high == 100)
        terms = figure.total_of
        whole = [of_key[key] for sign, key in terms if sign > 0 and key in of_key]
        if len(whole) == len(terms) > 1 and made.how[name] == SUM and {made.how.get(i) for i in whole} == {SUM, LAST}:
            made.mixed[name] = tuple(whole)
        if figure.role == "input" and figure.low is not None and figure.low < 0:
            signed.add(name)
    return signed


def _derived() -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for row in read_codelist("derived_indicators", key=["indicator"]):
        parts = [p.strip() for p in row.get("parts", "").split("|")]
        if row.get("how") == "ratio" and len(parts) == 2:
            found.append((row["indicator"], parts[0], parts[1]))
    return found


def _related() -> list[tuple[str, str, str]]:
    rows = read_codelist("indicator_relations", key=["kind", "whole", "part", "base"])
    return [(r["whole"], r["part"], r["base"]) for r in rows if r["kind"] == "share" and r["base"]]
