"""Rise, fall, same or uncertain: what the bounds of two figures allow to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# Two figures that are bounds of one kind ("over 20,7", "over 40") are compared as stated only when they
# are at least this far apart; "about" is taken as within a tenth. Closer than that nothing is concluded.
SAME_BOUND_MARGIN = 0.25
ABOUT = 0.10
_CLOSE = 1e-9


def verdicts(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Verdict of each pair, and why it is no plain one.

    Parameters
    ----------
    frame : DataFrame
        Pairs on one basis: ``a_*`` and ``b_*`` value, low, high, qualifier,
        klass, notes; ``hindered, basis, mode``.

    Returns
    -------
    (ndarray, ndarray)
        Verdicts; codes of the doubt behind them (``bounds``, ``same_bound`` …).
    """
    ends = {p: _interval(frame, p) for p in "ab"}
    (al, ah, al_open, ah_open), (bl, bh, bl_open, bh_open) = ends["a"], ends["b"]
    scale = np.maximum(1.0, np.nan_to_num(np.maximum(np.abs(al), np.abs(bl)), posinf=1.0, neginf=1.0))
    tiny = _CLOSE * scale
    with np.errstate(invalid="ignore"):
        rise = (bl > ah + tiny) | (np.isclose(bl, ah, rtol=_CLOSE, atol=0) & (bl_open | ah_open))
        fall = (bh < al - tiny) | (np.isclose(bh, al, rtol=_CLOSE, atol=0) & (bh_open | al_open))
        point = np.isclose(al, ah, rtol=_CLOSE) & np.isclose(bl, bh, rtol=_CLOSE)
        same = point & np.isclose(al, bl, rtol=_CLOSE, atol=0) & ~rise & ~fall
        a, b = frame["a_value"].to_numpy(float), frame["b_value"].to_numpy(float)
        floors = _open_above(frame, "a") & _open_above(frame, "b")
        roofs = _open_below(frame, "a") & _open_below(frame, "b")
        apart = np.abs(b - a) > SAME_BOUND_MARGIN * np.minimum(np.abs(a), np.abs(b))
    stated = (floors | roofs) & apart & ~(rise | fall | same)
    out = np.select([rise, fall, same, stated & (b > a), stated & (b < a)], ["rise", "fall", "same", "rise", "fall"],
                    "uncertain").astype(object)  # fmt: skip
    doubt = np.where(stated, "same_bound", "").astype(object)
    _doubts(frame, out, doubt)
    return out, doubt


def _interval(frame: pd.DataFrame, p: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Both ends as far as known, and whether an end itself is left out."""
    low, high = frame[f"{p}_low"].to_numpy(float).copy(), frame[f"{p}_high"].to_numpy(float).copy()
    value = frame[f"{p}_value"].to_numpy(float)
    qualifier = frame[f"{p}_qualifier"].to_numpy(object)
    low_open, high_open = qualifier == "gt", qualifier == "lt"
    about = (qualifier == "approx") & ~np.isnan(value)
    low = np.where(about & np.isnan(low), value - ABOUT * np.abs(value), low)
    high = np.where(about & np.isnan(high), value + ABOUT * np.abs(value), high)
    # A target's bound is what it asks for, not something unknown: "over 40" asks for 40.
    target = (frame[f"{p}_klass"] == "target").to_numpy()
    high = np.where(target & np.isnan(high), low, high)
    low = np.where(target & np.isnan(low), high, low)
    low_open, high_open = low_open & ~target, high_open & ~target
    share = frame["basis"].isin(["share", "point"]).to_numpy() & (frame["b_nature"] == "share").to_numpy()
    low = np.where(np.isnan(low), np.where(share, 0.0, -np.inf), low)
    high = np.where(np.isnan(high), np.where(share & ~(low > 100), 100.0, np.inf), high)
    return low, high, low_open, high_open


def _open_above(frame: pd.DataFrame, p: str) -> np.ndarray:
    return (frame[f"{p}_low"].notna() & frame[f"{p}_high"].isna()).to_numpy()


def _open_below(frame: pd.DataFrame, p: str) -> np.ndarray:
    return (frame[f"{p}_high"].notna() & frame[f"{p}_low"].isna()).to_numpy()


def has_note(frame: pd.DataFrame, note: str) -> np.ndarray:
    """Rows one of whose figures carries a note."""
    out = np.zeros(len(frame), dtype=bool)
    for p in "ab":
        notes = frame[f"{p}_notes"].to_numpy(object)
        at = np.flatnonzero(notes.astype(bool))
        out[at] |= np.array([note in notes[row].split() for row in at.tolist()], dtype=bool)
    return out


def _doubts(frame: pd.DataFrame, out: np.ndarray, doubt: np.ndarray) -> None:
    noted = {note: has_note(frame, note) for note in ("overlap", "suspect", "disagree")}
    # Two results of the same days are two readings of one fact, no rise.
    twice = (frame["a_start"] == frame["b_start"]) & (frame["a_end"] == frame["b_end"]) & (frame["mode"] == "result")
    twice = twice.to_numpy() & (out != "same")
    noted["disagree"] |= twice
    out[twice] = "uncertain"
    doubtful = noted["overlap"] | noted["suspect"]
    doubt[doubtful] = np.where(noted["overlap"], "related", "suspect")[doubtful]
    out[doubtful] = "uncertain"
    unsure = (out == "uncertain") & ~doubtful
    about = ((frame["a_qualifier"] == "approx") | (frame["b_qualifier"] == "approx")).to_numpy()
    bound = _open_above(frame, "a") | _open_below(frame, "a") | _open_above(frame, "b") | _open_below(frame, "b")
    doubt[unsure] = np.select([noted["disagree"], about, bound], ["disagree", "approx", "bounds"], "ranges")[unsure]
    out[frame["hindered"].to_numpy()] = "not comparable"
    doubt[frame["hindered"].to_numpy()] = ""


def changes(frame: pd.DataFrame) -> None:
    """Add ``change`` with its bounds, and ``change_pct`` of the earlier figure."""
    free = ~frame["hindered"]
    frame["change"] = (frame["b_value"] - frame["a_value"]).where(free)
    frame["change_low"] = (frame["b_low"] - frame["a_high"]).where(free)
    frame["change_high"] = (frame["b_high"] - frame["a_low"]).where(free)
    base = frame["a_value"].abs()
    counts = ~frame["basis"].isin(["share", "point"]) & (base > 0) & (frame["b_unit"] != "rank")
    frame["change_pct"] = (100 * frame["change"] / base.where(base > 0)).where(counts)
