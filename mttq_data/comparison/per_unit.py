"""Targets set for each unit of the Front as totals of the area, with the units of that date."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import Row, read_codelist
from mttq_data.comparison.harmonising import joined_qualifier
from mttq_data.comparison.spans import span_of
from mttq_data.places.area_codes import areas, codes_stamp
from mttq_data.wording import number

if TYPE_CHECKING:
    import pandas as pd

_CALLED = {
    "vi": {"province": "cấp tỉnh", "district": "đơn vị cấp huyện", "commune": "đơn vị cấp xã"},
    "en": {"province": "province", "district": "district-level units", "commune": "commune-level units"},
}


def unit_counts(area: str = "24", on: str | date = "2024-12-31") -> dict[str, int]:
    """How many units of each level an area has on a date; the area itself counts for its own level.

    After the merger of July 2025 the former Bắc Giang is its 58 successor
    communes: ask with ``on`` before it for the province as it was.

    Examples
    --------
    >>> unit_counts("24", "2024-12-31")
    {'province': 1, 'district': 10, 'commune': 209}
    """
    return dict(_counts(area, str(on), codes_stamp("areas", "area_successors")))


@lru_cache(maxsize=512)
def _counts(area: str, on: str, stamp: tuple[object, ...]) -> tuple[tuple[str, int], ...]:
    own = areas(on=on).set_index("code")["level"].get(area, "")
    within = areas(on=on, parent=area) if own else areas(on=on).iloc[:0]
    counts = {level: int((within["level"] == level).sum()) for level in ("province", "district", "commune")}
    if own:
        counts[own] += 1
    return tuple(counts.items())


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
        counts = unit_counts(str(key[1]) or "24", on or _units_day(str(key[2])))
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
            called = (" và " if lang == "vi" else " and ").join(
                _CALLED[lang][level] if level == "province" else f"{number(counts.get(level, 0), lang)} {_CALLED[lang][level]}"
                for level in rule["levels"].split() if counts.get(level, 0)
            )  # fmt: skip
            terms.append(f"{called} × {_each(row, lang)}")
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
