"""Figures of long tables as text, quickly: one pass a column instead of one call a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mttq_data.wording import MONEY, SWAP, unit_name

if TYPE_CHECKING:
    import pandas as pd

_SCALE = {"vi": {1e9: " tỷ", 1e6: " triệu", 1.0: ""}, "en": {1e9: " billion", 1e6: " million", 1.0: ""}}
_SIGNS = {"exact": 0, "gt": 1, "ge": 2, "lt": 3, "le": 4, "approx": 5}
BOUNDS = {
    "vi": ("", "trên ", "ít nhất ", "dưới ", "tối đa ", "khoảng "),
    "en": ("", "over ", "at least ", "under ", "at most ", "about "),
}
# The tails of a number: its unit alone, after million, after billion, and the unit of one.
_TAILS = 4
_RANK = {"vi": ("thứ {}", "nhóm {} đứng đầu"), "en": ("rank {}", "the top {}")}


Texts = dict[str, list[str]]


def both(texts: list[str]) -> Texts:
    """English number texts in both languages: Vietnamese exchanges the dot and the comma."""
    # One pass over all of them; a call for each would take several times as long.
    return {"vi": "\n".join(texts).translate(SWAP).split("\n") if texts else [], "en": texts}


def number_texts(values: np.ndarray) -> list[str]:
    """Numbers as English writes them: two decimals at most, fewer for large ones.

    Examples
    --------
    >>> number_texts(np.array([5142.0, 906.64, 2.67, 0.333]))
    ['5,142', '906.6', '2.67', '0.33']
    """
    values = np.asarray(values, dtype=float)
    size = np.abs(values)
    with np.errstate(invalid="ignore"):
        rounded = np.where(
            size >= 1000, np.round(values), np.where(size >= 100, np.round(values, 1), np.round(values, 2))
        )
        whole = rounded == np.floor(rounded)
    texts = np.empty(len(values), dtype=object)
    plain = ~whole & (size < 1000)
    texts[plain] = list(map(repr, (rounded[plain] + 0.0).tolist()))
    texts[~plain] = [f"{v:,.0f}" if v.is_integer() else f"{v:,}" for v in (rounded[~plain] + 0.0).tolist()]
    written: list[str] = texts.tolist()
    return written


def _scales(values: np.ndarray, money: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        size = np.abs(values)
        return np.where(money & (size >= 1e9), 1e9, np.where(money & (size >= 1e6), 1e6, 1.0))


def amounts(values: np.ndarray, units: np.ndarray) -> Texts:
    """Amounts with their units in both languages, in tỷ and triệu where money is large.

    Examples
    --------
    >>> amounts(np.array([103.5e9, 85.0]), np.array(["VND", "percent"], dtype=object))["vi"]
    ['103,5 tỷ đồng', '85%']
    """
    written, key, tails = _scaled(values, units)
    return {
        lang: [t + tails[lang][k] for t, k in zip(texts, key.tolist(), strict=True)] for lang, texts in written.items()
    }


def _scaled(values: np.ndarray, units: np.ndarray) -> tuple[Texts, np.ndarray, Texts]:
    """Number texts, and which of the tails (scale word and unit) follows each."""
    spelt = sorted(set(units.tolist()))
    code = {unit: at for at, unit in enumerate(spelt)}
    numbers = np.array([code[u] for u in units.tolist()], dtype=np.intp)
    money = np.array([u in MONEY for u in spelt] or [False])[numbers]
    scale = _scales(values, money)
    tails = {
        lang: [
            f"{word}{'' if name in ('', '%') else ' '}{name}"
            for unit in spelt
            for word, name in (
                *((scales[size], unit_name(unit, lang)) for size in (1.0, 1e6, 1e9)),
                ("", unit_name(unit, lang, one=True)),
            )
        ]
        for lang, scales in _SCALE.items()
    }
    with np.errstate(invalid="ignore"):
        one = (scale == 1.0) & (np.abs(np.abs(values) - 1) < 0.005)
    tail = np.select([one, scale == 1.0, scale == 1e6], [3, 0, 1], 2)
    return both(number_texts(values / scale)), numbers * _TAILS + tail, tails


def objects(texts: list[str]) -> np.ndarray:
    """Texts as an array of objects."""
    out = np.empty(len(texts), dtype=object)
    out[:] = texts
    return out


def figures(frame: pd.DataFrame, p: str, yearly: np.ndarray, say: dict[str, dict[str, str]]) -> Texts:
    """The figure of one side of each pair with its bound: "trên 103,5 tỷ đồng"; put on a year where ``yearly`` says so."""
    value, low, high = (frame[f"{p}_{c}"].to_numpy(float) for c in ("value", "low", "high"))
    units, qualifier = frame[f"{p}_unit"].to_numpy(object), frame[f"{p}_qualifier"].to_numpy(object)
    no_value, no_low, no_high = np.isnan(value), np.isnan(low), np.isnan(high)
    main = np.where(no_value, np.where(no_low, high, low), value)
    sign = np.array([_SIGNS.get(q, 0) for q in qualifier.tolist()], dtype=np.intp)
    sign = np.where(
        no_value & ~no_low & no_high, _SIGNS["ge"], np.where(no_value & no_low & ~no_high, _SIGNS["le"], sign)
    )
    written, key, tails = _scaled(main, units)
    # What stands around each number comes from one table, so that each text is made once.
    key = (key * len(_SIGNS) + sign) * 3 + yearly
    at_rank = np.flatnonzero((units == "rank") & ~no_value)
    at_span = np.flatnonzero(no_value & ~no_low & ~no_high & (low != high))
    is_ratio = (frame[f"{p}_kind"].to_numpy(object) == "ratio") & frame[f"{p}_denominator"].gt(0).to_numpy()
    at_ratio, at_none = np.flatnonzero(is_ratio), np.flatnonzero(np.isnan(main))
    out: Texts = {}
    for lang, texts in written.items():
        years = [("", ""), *(tuple(say[lang][k].partition("{figure}")[::2]) for k in ("each", "average"))]
        around = [
            (before + bound, tail + after) for tail in tails[lang] for bound in BOUNDS[lang] for before, after in years
        ]
        heads, ends = [h for h, _ in around], [e for _, e in around]
        made = [heads[k] + t + ends[k] for k, t in zip(key.tolist(), texts, strict=True)]
        special = [
            (at_none, [say[lang]["vague"]] * len(at_none)),
            (at_span, ranges(low[at_span], high[at_span], units[at_span])[lang]),
            (at_rank, _ranks(value[at_rank], qualifier[at_rank], lang)),
            (at_ratio, _ratios(frame, p, at_ratio, made, units, lang)),
        ]
        for rows, told in special:
            for row, text in zip(rows.tolist(), told, strict=True):
                made[row] = text.join(years[yearly[row]])
        out[lang] = made
    return out


def _ranks(values: np.ndarray, qualifier: np.ndarray, lang: str) -> list[str]:
    texts = both(number_texts(values))[lang]
    return [_RANK[lang][q in ("le", "lt")].format(t) for q, t in zip(qualifier.tolist(), texts, strict=True)]


def ranges(low: np.ndarray, high: np.ndarray, units: np.ndarray) -> Texts:
    """ "231–451 nội dung", or both ends in full where they are written in different scales."""
    money = np.array([u in MONEY for u in units], dtype=bool)
    scale = _scales(low, money)
    alike = (scale == _scales(high, money)).tolist()
    short = both(number_texts(low / scale))
    first, last = amounts(low, units), amounts(high, units)
    return {
        lang: [
            f"{s}–{e}" if same else f"{f} – {e}"
            for s, f, e, same in zip(short[lang], first[lang], last[lang], alike, strict=True)
        ]
        for lang in short
    }


def _ratios(frame: pd.DataFrame, p: str, at: np.ndarray, out: list[str], units: np.ndarray, lang: str) -> list[str]:
    above = both(number_texts(frame[f"{p}_numerator"].to_numpy(float)[at]))[lang]
    below = both(number_texts(frame[f"{p}_denominator"].to_numpy(float)[at]))[lang]
    return [
        f"{a}/{b} ({out[i]})" if units[i] == "percent" else f"{a}/{b} {unit_name(units[i], lang, one=b == '1')}"
        for i, a, b in zip(at.tolist(), above, below, strict=True)
    ]
