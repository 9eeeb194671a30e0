"""Targets set for each unit of the Front as totals of the area, with the units of that date."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import Row, read_codelist
from mttq_data.comparison.harmonising import joined_qualifier
from mttq_data.comparison.spans import span_of
from mttq_data.periods import last_day
from mttq_data.target_progress.areas import Place
from mttq_data.wording import number

if TYPE_CHECKING:
    import pandas as pd

_CALLED = {
    "vi": {"province": "cấp tỉnh", "district": "đơn vị cấp huyện", "commune": "đơn vị cấp xã"},
    "en": {"province": "province", "district": "district-level units", "commune": "commune-level units"},
}


def called(level: str, count: int, lang: str) -> str:
    """The units of a level with their number: "209 đơn vị cấp xã"; there is one provincial level only."""
    if level == "province":
        return _CALLED[lang][level]
    name = _CALLED[lang][level]
    return f"{number(count, lang)} {name.removesuffix('s') if count == 1 else name}"


def per_unit_rows() -> dict[tuple[str, str], Row]:
    """The codelist of targets per unit, by indicator and scope."""
    rows = read_codelist("per_unit_targets", key=["indicator", "scope"], required=["levels", "total"])
    return {(row["indicator"], row["scope"]): row for row in rows}


def as_totals(frame: pd.DataFrame, wanted: set[str], on: str | date | None = None) -> pd.DataFrame:
    """Replace targets per unit by totals of the area, where the total is wanted.

    Parameters
    ----------
    frame : DataFrame
        A side as ``harmonising.side`` gives it.
    wanted : set of str
        Indicators the other side has; a total nobody has is not formed.
    on : str or date, optional
        The day whose units count; by default the end of the first year of the
        target's period.

    Returns
    -------
    DataFrame
        The frame with one row a total; ``detail_vi, detail_en`` show the sum.
    """
    import pandas as pd

    rules = per_unit_rows()
    names = {indicator for indicator, _ in rules}
    mine = frame["indicator"].isin(names) & (frame["klass"] == "target")
    if not mine.any():
        return frame
    rows = _with_agreed_scopes(frame[mine])
    totals: list[pd.Series] = []
    used: list[Any] = []
    for key, group in rows.groupby(["indicator", "area", "period"], sort=False):
        group = group.drop_duplicates(["scope", "low", "high"])
        known = [(row, rules.get((row["indicator"], row["scope"]))) for _, row in group.iterrows()]
        if any(rule is None for _, rule in known) or not {str(rule["total"]) for _, rule in known if rule} <= wanted:
            continue
        # The territory the target was set for, in the units it has on the day asked for.
        meant = _units_day(str(key[2]))
        counts = Place(str(key[1]) or "24", "", meant).counts(last_day(on) if on else meant)
        total = _total([(row, rule) for row, rule in known if rule], counts)
        if total is not None:
            totals.append(total)
            used += list(rows.index[(rows[["indicator", "area", "period"]] == list(key)).all(axis=1)])
    if not totals:
        return frame
    return pd.concat([frame.drop(index=used), pd.DataFrame(totals)]).sort_index(kind="stable").reset_index(drop=True)


def _units_day(period: str) -> date:
    start = span_of(period).start
    return date(start.year, 12, 31) if start else date(2024, 12, 31)


def _total(parts: list[tuple[pd.Series, Row]], counts: dict[str, int]) -> pd.Series | None:
    total = parts[0][0].copy()
    low = high = value = 0.0
    said: dict[str, list[str]] = {"vi": [], "en": []}
    for row, rule in parts:
        units = sum(counts.get(level, 0) for level in rule["levels"].split())
        low, high, value = low + units * row["low"], high + units * row["high"], value + units * row["value"]
        for lang, terms in said.items():
            named = [called(level, counts[level], lang) for level in rule["levels"].split() if counts.get(level)]
            if named:
                terms.append(f"{(' và ' if lang == 'vi' else ' and ').join(named)} × {_each(row, lang)}")
    if not any(counts.values()) or (math.isnan(low) and math.isnan(high)):
        return None
    total["indicator"], total["scope"] = parts[0][1]["total"], "province"
    total["low"], total["high"], total["value"] = low, high, value
    total["qualifier"] = joined_qualifier([row["qualifier"] for row, _ in parts])
    total["notes"] = "per_unit"
    total["nature"] = "flow"
    total["detail_vi"], total["detail_en"] = ("; ".join(said[lang]) for lang in ("vi", "en"))
    return total


def _each(row: pd.Series, lang: str) -> str:
    low, high = number(row["low"], lang), number(row["high"], lang)
    if low and high:
        return low if low == high else f"{low}–{high}"
    return (
        f"{'ít nhất' if lang == 'vi' else 'at least'} {low}"
        if low
        else f"{'tối đa' if lang == 'vi' else 'at most'} {high}"
    )


def _with_agreed_scopes(rows: pd.DataFrame) -> pd.DataFrame:
    """Where one scope stands on several rows of an indicator, the list of targets says whose each figure is."""
    rows = rows.copy()
    agreed: dict[tuple[str, str], list[Row]] = {}
    for listed in read_codelist(
        "targets", key=["term", "group", "indicator", "scope", "text_vi"], required=["low", "high"]
    ):
        agreed.setdefault((listed["term"], listed["indicator"]), []).append(listed)
    for (period, indicator), group in rows.groupby(["period", "indicator"], sort=False):
        if not group["scope"].duplicated().any():
            continue
        left = list(agreed.get((str(period), str(indicator)), []))
        for index, row in group.iterrows():
            match = next(
                (t for t in left if _cell(t["low"]) == _cell(row["low"]) and _cell(t["high"]) == _cell(row["high"])),
                None,
            )
            if match:
                left.remove(match)
                rows.loc[index, "scope"] = match["scope"]
    return rows


def _cell(value: Any) -> float | None:
    amount = float(value) if value not in ("", None) else math.nan
    return None if math.isnan(amount) else amount
