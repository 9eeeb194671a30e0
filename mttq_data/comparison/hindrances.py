"""What keeps two figures from being compared: units, scopes, areas, breaks of a series, periods."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from mttq_data.comparison.harmonising import filled
from mttq_data.comparison.series_breaks import breaks_between
from mttq_data.comparison.territories import area_name, since
from mttq_data.comparison.verdicts import has_note
from mttq_data.comparison.words import plain

if TYPE_CHECKING:
    import pandas as pd


def add_hindrances(frame: pd.DataFrame) -> None:
    """Add ``reason, detail_a, detail_b, hindered``: the first hindrance of each pair, with its words."""
    frame["reason"], frame["detail_a"], frame["detail_b"] = "", "", ""
    frame["hindered"] = False
    valued = {p: sum(frame[f"{p}_{c}"].notna() for c in ("value", "low", "high")) > 0 for p in "ab"}
    alone = frame["mode"].eq("alone")
    results = frame["mode"].isin(["result", "targets", "target", "outcome"])
    _mark(frame, frame["b_klass"].eq("target") & ~valued["b"], "no_figure")
    _mark(frame, alone, "no_result")
    _mark(frame, has_note(frame, "other"), "other")
    united = filled(frame["a_unit"]) & filled(frame["b_unit"])
    _mark(frame, results & united & (frame["a_unit"] != frame["b_unit"]), "units", frame["a_unit"], frame["b_unit"])
    scoped = filled(frame["a_scope"]) & filled(frame["b_scope"]) & ~has_note(frame, "overlap")
    _mark(
        frame, results & scoped & (frame["a_scope"] != frame["b_scope"]), "scopes", frame["a_scope"], frame["b_scope"]
    )
    _areas_apart(frame, results & ~_of_the_area(frame))
    first, last = _days(frame)
    labelled = filled(frame["a_standard"]) & filled(frame["b_standard"])
    differ = labelled & (frame["a_standard"] != frame["b_standard"])
    for mask, vi, en in breaks_between(frame["indicator"], first, last):
        _mark(frame, results & mask & (differ | ~labelled), "break", vi, en)
    _mark(frame, results & differ, "standards", frame["a_standard"], frame["b_standard"])
    _mark(frame, results & ~(valued["a"] & valued["b"]), "missing")
    within = (frame["b_start"] >= frame["a_start"]) & (frame["b_end"] <= frame["a_end"])
    dated = frame["a_start"].notna() & frame["b_start"].notna()
    _mark(frame, frame["mode"].eq("outcome") & dated & ~within, "apart")
    _mark(frame, frame["undated"], "undated")
    _mark(frame, frame["short"], "lengths")
    together = (frame["a_start"] <= frame["b_end"]) & (frame["b_start"] <= frame["a_end"])
    same_days = (frame["a_start"] == frame["b_start"]) & (frame["a_end"] == frame["b_end"])
    alike = frame["mode"].isin(["result", "targets"])
    _mark(frame, alike & frame["flow"] & together & ~same_days, "overlap")
    seasons = _of_other_seasons(frame)
    if seasons.any():
        frame.loc[seasons, "a_notes"] += " season"


def _mark(frame: pd.DataFrame, mask: Any, code: str, detail_a: Any = None, detail_b: Any = None) -> None:
    mask = np.asarray(mask, dtype=bool) & ~frame["hindered"].to_numpy()
    if not mask.any():
        return
    frame.loc[mask, "reason"] = code
    frame.loc[mask, "hindered"] = True
    for column, detail in (("detail_a", detail_a), ("detail_b", detail_b)):
        if detail is not None:
            frame.loc[mask, column] = detail if isinstance(detail, str) else np.asarray(detail)[mask]


def _days(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    starts = np.minimum(frame["a_start"].to_numpy(), frame["b_start"].to_numpy())
    last_b = frame["b_start"].where(frame["b_klass"] == "target", frame["b_end"])
    last_a = frame["a_start"].where(frame["a_klass"] == "target", frame["a_end"])
    return starts, np.maximum(last_a.to_numpy(), last_b.to_numpy())


def _of_the_area(frame: pd.DataFrame) -> np.ndarray:
    """Targets that hold for the area of the result.

    Those that stand in a report beside its results do. Those of a list without
    areas hold for each unit, and for the province as it was when they were set.
    """
    out = np.zeros(len(frame), dtype=bool)
    at = np.flatnonzero(frame["mode"].isin(["target", "outcome"]))
    sides = [[plain(frame, f"{p}_{column}") for p in "ab"] for column in ("document", "area")]
    for row in at.tolist():
        (a, b), (mine, other) = ([texts[row] for texts in both] for both in sides)
        out[row] = bool(a and a == b) or (not (mine and other) and len(mine + other) > 2)
    return out


def _of_other_seasons(frame: pd.DataFrame) -> np.ndarray:
    """Flows of less than a year that are of different months."""
    short = (frame["a_years"] < 0.95) & (frame["b_years"] < 0.95) & frame["flow"] & ~frame["hindered"]
    # Days between the two beginnings, whole years left out.
    apart = ((frame["a_start"] - frame["b_start"] + 182.6) % 365.25 - 182.6).abs()
    return (short & (apart > 20)).to_numpy() & (frame["mode"] == "result").to_numpy()


def _areas_apart(frame: pd.DataFrame, rows: pd.Series) -> None:
    """Two areas, or one code that stood for two territories."""
    a, b = (frame[f"{p}_area"].to_numpy(object) for p in "ab")
    both = filled(frame["a_area"]) & filled(frame["b_area"])
    other = (rows & both & (a != b)).to_numpy()
    if other.any():
        told = [
            [area_name(c, d) for c, d in zip(codes, frame[f"{p}_when"], strict=True)]
            for p, codes in (("a", a), ("b", b))
        ]
        _mark(frame, other, "areas", *told)
    codes = np.where(a == "", b, a).tolist()
    grounds = [since(codes, frame[f"{p}_when"].to_numpy(float)) for p in "ab"]
    apart = grounds[0] != grounds[1]
    if apart.any():
        for number in np.unique(np.maximum(*grounds)[apart]).tolist():
            day = date.fromordinal(int(number))
            mask = rows & apart & (np.maximum(*grounds) == number)
            _mark(frame, mask, "area", f"{day:%d/%m/%Y}", f"{day.day} {day:%B %Y}")
