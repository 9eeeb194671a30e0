"""Indicators that one side has under another name: sums of parts, shares with their base, near relations.

The rules are ``codes/derived_indicators.csv``: ``sum`` and ``ratio`` of parts,
``share`` of a ratio's count, ``between`` two groups, ``overlap`` (another group of
people or another measure: shown side by side, verdict uncertain) and ``other``
(nothing that could be compared).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mttq_data.codelists import Row, read_codelist
from mttq_data.comparison.harmonising import distinct, joined_qualifier

if TYPE_CHECKING:
    import pandas as pd

_MATCH = ["area", "period", "klass", "per"]


def rules() -> list[Row]:
    """Rows of the codelist."""
    return read_codelist("derived_indicators", key=["indicator"], required=["how", "parts"])


def derive(frame: pd.DataFrame, wanted: set[str], klass: str = "result") -> pd.DataFrame:
    """Add the indicators in ``wanted`` that this side lacks and its own figures give.

    Parameters
    ----------
    frame : DataFrame
        A collapsed side.
    wanted : set of str
        Indicators of the other side.
    klass : str
        Only for rows of this class.

    Returns
    -------
    DataFrame
        With the derived rows at the end; ``notes`` says how each was made.
    """
    import pandas as pd

    asked = [rule for rule in rules() if rule["indicator"] in wanted]
    if not asked:
        return frame
    have = set(frame.loc[frame["klass"] == klass, "indicator"].unique())
    present = distinct(frame["indicator"])
    added = []
    for rule in asked:
        parts = [p.strip() for p in rule["parts"].split("|") if p.strip()]
        if rule["indicator"] in have or not parts or not present.issuperset(parts):
            continue
        rows = _parts(frame, parts, klass, any_class=rule["how"] in ("overlap", "other"))
        if rows:
            added.append(_derived(rule, rows))
    return pd.concat([frame, *added], ignore_index=True) if added else frame


def _parts(frame: pd.DataFrame, parts: list[str], klass: str, *, any_class: bool) -> list[pd.DataFrame]:
    """The rows of each part, aligned; empty where one part is missing."""
    classes = [klass, "achievement"] if any_class else [klass]
    found = [frame[(frame["indicator"] == p) & frame["klass"].isin(classes)] for p in parts]
    if any(rows.empty for rows in found):
        return []
    if len(found) == 1:
        return found
    keyed = [rows.drop_duplicates(_MATCH).set_index(_MATCH) for rows in found]
    shared = keyed[0].index
    for rows in keyed[1:]:
        shared = shared.intersection(rows.index)
    return [rows.loc[shared].reset_index() for rows in keyed] if len(shared) else []


def _derived(rule: Row, parts: list[pd.DataFrame]) -> pd.DataFrame:
    out = parts[0].copy()
    out["indicator"], out["scope"], out["klass"] = rule["indicator"], "", "result"
    out["notes"] = (out["notes"] + f" {rule['how']}").str.strip()
    if rule["how"] in ("sum", "between"):
        out["qualifier"] = [joined_qualifier(list(q)) for q in zip(*(p["qualifier"] for p in parts), strict=True)]
    if rule["how"] == "sum":
        for column in ("value", "low", "high"):
            out[column] = sum(p[column] for p in parts)
    elif rule["how"] == "between":
        out["low"] = np.minimum.reduce([p["low"].to_numpy() for p in parts])
        out["high"] = np.maximum.reduce([p["high"].fillna(100.0).to_numpy() for p in parts])
        out["value"], out["qualifier"] = np.nan, "exact"
    elif rule["how"] == "ratio":
        _divide(out, parts[0], parts[1])
    elif rule["how"] == "share":
        out = out[out["denominator"] > 0].copy()
        _divide(out, out.assign(value=out["numerator"], low=out["numerator"], high=out["numerator"]),
                out.assign(value=out["denominator"], low=out["denominator"], high=out["denominator"]))  # fmt: skip
    return out


def _divide(out: pd.DataFrame, above: pd.DataFrame, below: pd.DataFrame) -> None:
    out["value"] = 100 * above["value"] / below["value"].where(below["value"] > 0)
    out["low"] = 100 * above["low"] / below["high"].where(below["high"] > 0)
    out["high"] = 100 * above["high"] / below["low"].where(below["low"] > 0)
    out["unit"], out["nature"], out["qualifier"] = "percent", "share", "exact"
    out["numerator"], out["denominator"] = above["value"], below["value"]
