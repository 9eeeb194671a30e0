"""Totals as their reader gets them: names, units, who is missing, and why there is no figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mttq_data.totals.adding import FIRST, LAST, RATIO, SUM
from mttq_data.totals.basis import Bases, Basis
from mttq_data.totals.int_codes import distinct, texts
from mttq_data.totals.observed import Observed
from mttq_data.totals.timespans import timing

COLUMNS = (
    "area", "period", "indicator", "measure", "value", "low", "high", "unit", "areas_expected", "areas_counted",
    "areas_missing", "name", "borders", "estimated", "why_vi", "why_en",
)  # fmt: skip
KEY = ["target", "period", "indicator", "measure"]
_MEASURES = ("plan", "period", "cumulative")
_REASONS = {
    "": ("", ""),
    "crosses": (
        "{units} nằm trên địa bàn nhiều đơn vị nên không cộng được; estimate=True thì ước tính",
        "{units} lies across the borders, so nothing is added up; estimate=True estimates",
    ),
    "estimated": (
        "ước tính: số liệu của {units} chia theo số đơn vị cấp xã cũ",
        "estimated: the figures of {units} are divided by the number of former communes",
    ),
    "open": (
        "danh mục không có đơn vị báo cáo cho một phần địa bàn này ở thời điểm đó",
        "for a part of this territory the codelist has no reporting unit at the time",
    ),
    "none": (
        "chỉ tiêu không cộng được qua các đơn vị hay các kỳ",
        "the indicator does not add up over areas or over time",
    ),
    "unknown": ("danh mục không có chỉ tiêu này", "the catalogue has no such indicator"),
    "ratio": (
        "thiếu tử số hoặc mẫu số; không lấy trung bình các tỷ lệ",
        "numerator or denominator is lacking; shares are not averaged",
    ),
}
_WHYS = list(_REASONS)
CROSSES, ESTIMATED, OPEN = (_WHYS.index(w) for w in ("crosses", "estimated", "open"))


@dataclass
class Sums:
    """Sums on their way to a table.

    Attributes
    ----------
    rows : DataFrame
        ``target, period, indicator, measure`` (places), ``value, low, high,
        counted, told`` (units with a row), ``some`` (any figure counts), ``rank``;
        `describe` adds ``expected, basis, why, missing`` (places) and ``itself``.
    groups, units : ndarray
        Of every figure that counts: row of the sum, place of its unit.
    targets, periods : list of str
    bases : list of Basis
    lists : list of str
        Codes of missing areas, each combination once.
    """

    rows: pd.DataFrame
    groups: np.ndarray
    units: np.ndarray
    targets: list[str]
    periods: list[str]
    bases: list[Basis] = field(default_factory=list)
    lists: dict[str, int] = field(default_factory=lambda: {"": 0})

    def list_at(self, text: str) -> int:
        """The place of a list of missing areas."""
        return self.lists.setdefault(text, len(self.lists))


def describe(sums: Sums, made: Observed, bases: Bases, estimate: bool) -> None:
    """Add what each total should rest on, who is missing, and open the bounds where somebody is."""
    rows = sums.rows
    indicator = rows["indicator"].to_numpy()
    when = timing(made.how(), made.measures)[indicator, rows["measure"].to_numpy()]
    parts = (rows["target"].to_numpy(), rows["period"].to_numpy(), rows["rank"].to_numpy(), when)
    shape = tuple(int(p.max()) + 1 for p in parts)
    kinds, basis = distinct(np.ravel_multi_index(parts, shape))
    of_kind = np.column_stack(np.unravel_index(kinds, shape)).tolist()
    sums.bases = [bases.of(sums.targets[t], sums.periods[p], r, w) for t, p, r, w in of_kind]
    rows["basis"] = basis
    rows["expected"] = np.array([len(b.units) for b in sums.bases])[basis]
    own = [b.units == [sums.targets[k[0]]] for b, k in zip(sums.bases, of_kind, strict=True)]
    rows["itself"] = np.array(own)[basis]
    divided = ESTIMATED if estimate else CROSSES
    rows["why"] = np.array([OPEN if b.open else divided if b.crossing else 0 for b in sums.bases])[basis]
    silent = rows["told"].to_numpy() < rows["expected"].to_numpy()
    floor = np.array([-np.inf if name in made.rules.signed else 0.0 for name in made.indicators])
    rows["high"] = np.where(silent, np.inf, rows["high"])
    rows["low"] = np.where(silent, rows["low"] + floor[indicator], rows["low"])
    rows["missing"] = _missing(sums, made.areas)


def _missing(sums: Sums, areas: list[str]) -> np.ndarray:
    """For each sum the place of its list of missing areas."""
    rows = sums.rows
    counted, basis = rows["counted"].to_numpy(), rows["basis"].to_numpy()
    lacking = counted < rows["expected"].to_numpy()
    inside = lacking[sums.groups]
    groups, units = sums.groups[inside], sums.units[inside]
    units = units[np.argsort(groups, kind="stable")]
    chosen = np.flatnonzero(lacking)
    ends = np.cumsum(counted[chosen])
    known: dict[tuple[int, bytes], int] = {}
    found = np.zeros(len(rows), dtype=np.int64)
    for at, end, n, kind in zip(chosen.tolist(), ends.tolist(), counted[chosen].tolist(), basis[chosen], strict=True):
        mine = units[end - n : end]
        key = (int(kind), mine.tobytes())
        if key not in known:
            there = {areas[u] for u in mine.tolist()}
            known[key] = sums.list_at(" ".join(u for u in sums.bases[kind].units if u not in there))
        found[at] = known[key]
    return found


def without_sum(sums: Sums, made: Observed) -> None:
    """Take the figure away where an indicator does not add up; a unit's own figure for itself stays."""
    rows, how = sums.rows, made.how()
    indicator = rows["indicator"].to_numpy()
    adds = np.array([way in (SUM, LAST, FIRST) for way in how])[indicator]
    why = np.array([_WHYS.index("ratio" if way == RATIO else "none" if way else "unknown") for way in how])[indicator]
    refused = ~adds & ~rows["itself"].to_numpy()
    rows["why"] = np.where(refused, why, rows["why"])
    nothing = refused | rows["why"].isin([OPEN, CROSSES]).to_numpy() | ~rows["some"].to_numpy()
    rows["value"] = np.where(nothing, np.nan, rows["value"])
    for end in ("low", "high"):
        rows[end] = np.where(refused | ~np.isfinite(rows[end]), np.nan, rows[end])
    rows["high"] = np.where(rows["why"] == OPEN, np.nan, rows["high"])


def table(sums: Sums, made: Observed, shares: pd.DataFrame) -> pd.DataFrame:
    """The rows as the reader gets them, areas and periods in order, indicators as in the catalogue."""
    rows = sums.rows
    if len(shares):
        # Only rows of the same indicators can be twice; to look at all of a million takes long.
        same = np.isin(rows["indicator"].to_numpy(), shares["indicator"].unique())
        own = pd.concat([shares, rows[same]], ignore_index=True).drop_duplicates(KEY, keep="first")
        rows = pd.concat([own, rows[~same]], ignore_index=True)
    rows = rows.iloc[_order(rows, sums, made)]
    place = {name: rows[name].to_numpy() for name in (*KEY, "basis", "why", "missing")}
    told, why = distinct(place["basis"] * len(_WHYS) + place["why"])
    reasons = [divmod(int(one), len(_WHYS)) for one in told]
    frame: dict[str, Any] = {
        "area": texts(place["target"], sums.targets),
        "period": texts(place["period"], sums.periods),
        "indicator": texts(place["indicator"], made.indicators),
        "measure": texts(place["measure"], made.measures),
        **{name: rows[name].to_numpy(dtype=float) for name in ("value", "low", "high")},
        "unit": texts(place["indicator"], [made.rules.units.get(i, "") for i in made.indicators]),
        "areas_expected": rows["expected"].to_numpy(dtype=np.int64),
        "areas_counted": rows["counted"].to_numpy(dtype=np.int64),
        "areas_missing": texts(place["missing"], list(sums.lists)),
        "name": texts(place["basis"], [b.name for b in sums.bases]),
        "borders": texts(place["basis"], [b.borders for b in sums.bases]),
        "estimated": place["why"] == ESTIMATED,
    }
    for at, name in enumerate(("why_vi", "why_en")):
        said = [_REASONS[_WHYS[w]][at].format(units=", ".join(sums.bases[b].crossing.values())) for b, w in reasons]
        frame[name] = texts(why, said)
    return pd.DataFrame(frame)[list(COLUMNS)]


def empty_table() -> pd.DataFrame:
    """No totals, with the columns and their types."""
    kinds: dict[str, Any] = dict.fromkeys(COLUMNS, "str")
    kinds |= dict.fromkeys(("value", "low", "high"), "float64") | {"estimated": "bool"}
    kinds |= dict.fromkeys(("areas_expected", "areas_counted"), "int64")
    return pd.DataFrame(columns=list(COLUMNS)).astype(kinds)


def _order(rows: pd.DataFrame, sums: Sums, made: Observed) -> np.ndarray:
    catalogue = {name: at for at, name in enumerate(made.rules.units)}
    indicators = sorted(made.indicators, key=lambda i: (catalogue.get(i, len(catalogue)), i))
    measures = sorted(made.measures, key=lambda m: (_MEASURES.index(m) if m in _MEASURES else 9, m))
    names = (sums.targets, sums.periods, made.indicators, made.measures)
    orders = (sorted(sums.targets), sorted(sums.periods), indicators, measures)
    parts = []
    for column, known, order in zip(KEY, names, orders, strict=True):
        at = {name: place for place, name in enumerate(order)}
        parts.append(np.array([at[name] for name in known])[rows[column].to_numpy()])
    return np.argsort(np.ravel_multi_index(parts, tuple(len(n) for n in names)), kind="stable")
