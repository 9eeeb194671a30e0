"""Which row of one side is compared with which row of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mttq_data.comparison.harmonising import distinct

if TYPE_CHECKING:
    import pandas as pd

# Each step takes the rows that still lack a partner: first everything alike, then without the scope,
# then without the unit, then with the other territory of the code. A step that leaves something out is
# seen later and said, never passed over.
_STEPS = (
    ["indicator", "area", "ground", "scope", "unit"],
    ["indicator", "area", "ground", "unit"],
    ["indicator", "area", "ground"],
    ["indicator", "area"],
)
_CROSS = (("result", "target"), ("target", "result"))


def pairs(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Row numbers that belong together.

    Figures of one class meet first (results with results, targets with
    targets); only an indicator without such a partner is set against the other
    class. A row without an area meets any area.

    Parameters
    ----------
    a, b : DataFrame
        Collapsed sides, numbered from 0.

    Returns
    -------
    DataFrame
        ``ia, ib`` row numbers and ``mode``: ``result, targets, target`` (result
        against target) or ``outcome`` (target against result).

    Examples
    --------
    >>> import pandas as pd
    >>> from mttq_data.comparison.harmonising import side
    >>> old = side(pd.DataFrame([{"indicator": "x", "value": 1}]))
    >>> new = side(pd.DataFrame([{"indicator": "x", "value": 2, "role": "target"}]))
    >>> pairs(old, new).values.tolist()
    [[0, 0, 'target']]
    """
    import pandas as pd

    found = []
    for klass, mode in (("result", "result"), ("target", "targets"), ("achievement", "result")):
        found.append(_meet(_of(a, klass), _of(b, klass), mode))
    for mine, other in _CROSS:
        left, right = _of(a, mine), _of(b, other)
        if len(left) and len(right):
            left, right = _without(left, found, "ia", a), _without(right, found, "ib", b)
        found.append(_meet(left, right, "target" if mine == "result" else "outcome"))
    return pd.concat(found, ignore_index=True)


def _of(rows: pd.DataFrame, klass: str) -> pd.DataFrame:
    return rows if distinct(rows["klass"]) == {klass} else rows[rows["klass"] == klass]


def _meet(a: pd.DataFrame, b: pd.DataFrame, mode: str) -> pd.DataFrame:
    import pandas as pd

    out, whole, others = [], a, b
    for keys in (*_STEPS, ["indicator"]):
        if a.empty or b.empty:
            break
        on = [k for k in keys if k == "indicator" or _varies(a[k], b[k])]
        merged = a[on].assign(ia=a.index).merge(b[on].assign(ib=b.index), on=on, sort=False)
        if keys == ["indicator"] and len(merged):
            blank = (a["area"].loc[merged["ia"]] == "").to_numpy() | (b["area"].loc[merged["ib"]] == "").to_numpy()
            merged = merged[blank]
        out.append(merged[["ia", "ib"]])
        a, b = _left(a, merged["ia"]), _left(b, merged["ib"])
    joined = pd.concat(out, ignore_index=True) if out else pd.DataFrame({"ia": [], "ib": []}, dtype="int64")
    if len(a) and len(b):
        joined = pd.concat([joined, _elsewhere(a, b, whole["indicator"].loc[joined["ia"]])], ignore_index=True)
    if len(a) or len(b):
        second = _other_unit(a, others, "ia", "ib"), _other_unit(b, whole, "ib", "ia")
        joined = pd.concat([joined, *second], ignore_index=True).drop_duplicates(ignore_index=True)
    return joined.assign(mode=mode)


def _elsewhere(a: pd.DataFrame, b: pd.DataFrame, met: pd.Series) -> pd.DataFrame:
    """Indicators of which the sides have different areas only: the widest area of each, so that it is said."""
    sides = []
    for rows, at in ((a, "ia"), (b, "ib")):
        rows = rows[~rows["indicator"].isin(met)]
        # The wider the area the shorter its code; a plain name comes last.
        size = rows["area"].map(lambda code: len(code) if code.isdigit() else 99)
        widest = rows.assign(size=size, **{at: rows.index}).sort_values("size", kind="stable")
        sides.append(widest.drop_duplicates("indicator")[["indicator", at]])
    return sides[0].merge(sides[1], on="indicator")[["ia", "ib"]]


def _other_unit(left: pd.DataFrame, others: pd.DataFrame, own: str, theirs: str) -> pd.DataFrame:
    """Rows in a unit the other side does not use for their indicator and area: met with its first row, to be told."""
    place = ["indicator", "area"]
    used = others[[*place, "unit"]].assign(**{theirs: others.index})
    rows = left[[*place, "unit"]].assign(**{own: left.index}).merge(used, on=place, suffixes=("", "_other"), sort=False)
    same = rows["unit"].eq(rows["unit_other"]).groupby(rows[own]).transform("any")
    return rows[~same.astype(bool)].drop_duplicates(own)[["ia", "ib"]]


def _left(rows: pd.DataFrame, taken: pd.Series) -> pd.DataFrame:
    met = rows.index.isin(taken)
    return rows.iloc[:0] if met.all() else rows[~met]


def _varies(a: pd.Series, b: pd.Series) -> bool:
    """Whether a column tells rows apart; one text throughout needs no matching."""
    return len(distinct(a) | distinct(b)) > 1


def _without(rows: pd.DataFrame, found: list[pd.DataFrame], column: str, whole: pd.DataFrame) -> pd.DataFrame:
    """Rows whose indicator and area have no partner yet."""
    import pandas as pd

    used = pd.concat([f[column] for f in found])
    if rows.empty or used.empty:
        return rows
    taken = pd.MultiIndex.from_frame(whole.loc[used.unique(), ["indicator", "area"]])
    return rows[~pd.MultiIndex.from_frame(rows[["indicator", "area"]]).isin(taken)]
