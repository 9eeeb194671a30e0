"""Which row of one side is compared with which row of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mttq_data.comparison.harmonising import distinct

if TYPE_CHECKING:
    import pandas as pd

# Each step takes the rows that still lack a partner: first everything alike, then without the scope,
# then without the unit. A step that leaves something out is seen later and said, never passed over.
_STEPS = (["indicator", "area", "scope", "unit"], ["indicator", "area", "unit"], ["indicator", "area"])
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

    out = []
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
    return joined.assign(mode=mode)


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
