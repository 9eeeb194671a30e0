"""Figures of long tables as text, quickly: one pass a column instead of one call a cell."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mttq_data.places.area_codes import codes_stamp
from mttq_data.wording import unit_name

if TYPE_CHECKING:
    import pandas as pd

_SWAP = str.maketrans(",.", ".,")
_MONEY = ("VND", "USD", "EUR")
_SCALE = {"vi": {1e9: " tỷ", 1e6: " triệu", 1.0: ""}, "en": {1e9: " billion", 1e6: " million", 1.0: ""}}
_BOUND = {
    "vi": {"gt": "trên ", "ge": "ít nhất ", "lt": "dưới ", "le": "tối đa ", "approx": "khoảng "},
    "en": {"gt": "over ", "ge": "at least ", "lt": "under ", "le": "at most ", "approx": "about "},
}
_RANK = {"vi": ("thứ {}", "nhóm {} dẫn đầu"), "en": ("rank {}", "the first {}")}


Texts = dict[str, list[str]]


def both(texts: list[str]) -> Texts:
    """English number texts in both languages: Vietnamese exchanges the dot and the comma."""
    # Most have no thousands; for them a plain replacement is enough, and several times quicker.
    return {"vi": [t.translate(_SWAP) if "," in t else t.replace(".", ",") for t in texts], "en": texts}


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
    plain = (~whole & (size < 1000)).tolist()
    return [
        repr(v) if p else f"{v:,.0f}" if v.is_integer() else f"{v:,}"
        for v, p in zip((rounded + 0.0).tolist(), plain, strict=True)
    ]


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
    spelt = sorted(set(units.tolist()))
    code = {unit: at for at, unit in enumerate(spelt)}
    numbers = np.fromiter((code[u] for u in units.tolist()), dtype=np.intp, count=len(units))
    money = np.array([u in _MONEY for u in spelt] or [False])[numbers]
    scale = _scales(values, money)
    texts = both(number_texts(values / scale))
    key = numbers * 3 + np.where(scale == 1.0, 0, np.where(scale == 1e6, 1, 2))
    out = {}
    for lang, written in texts.items():
        tails = [_tail(unit, size, lang) for unit in spelt for size in (1.0, 1e6, 1e9)]
        out[lang] = [t + tails[k] for t, k in zip(written, key.tolist(), strict=True)]
    return out


def _tail(unit: str, size: float, lang: str) -> str:
    name = _unit(unit, lang, codes_stamp("units"))
    return f"{_SCALE[lang][size]}{'' if name == '%' or not name else ' '}{name}"


@lru_cache(maxsize=1024)
def _unit(unit: str, lang: str, stamp: tuple[object, ...]) -> str:
    return unit_name(unit, lang)


def figures(frame: pd.DataFrame, p: str, vague: dict[str, str]) -> Texts:
    """The figure of one side of each pair with its bound: "trên 103,5 tỷ đồng"; ``vague`` where there is none."""
    value, low, high = (frame[f"{p}_{c}"].to_numpy(float) for c in ("value", "low", "high"))
    units, qualifier = frame[f"{p}_unit"].to_numpy(object), frame[f"{p}_qualifier"].to_numpy(object)
    no_value, no_low, no_high = np.isnan(value), np.isnan(low), np.isnan(high)
    main = np.where(no_value, np.where(no_low, high, low), value)
    signs = np.where(no_value & ~no_low & no_high, "ge", np.where(no_value & no_low & ~no_high, "le", qualifier))
    span = no_value & ~no_low & ~no_high & (low != high)
    written = amounts(main, units)
    at_rank = np.flatnonzero((units == "rank") & ~no_value)
    at_span = np.flatnonzero(span)
    ratio = (frame[f"{p}_kind"].to_numpy(object) == "ratio") & frame[f"{p}_denominator"].gt(0).to_numpy()
    out: Texts = {}
    for lang, texts in written.items():
        bound = _BOUND[lang]
        made = [bound[q] + t if q in bound else t for q, t in zip(signs.tolist(), texts, strict=True)]
        _put(made, np.flatnonzero(np.isnan(main)), [vague[lang]] * len(made))
        _put(made, at_span, _ranges(low[at_span], high[at_span], units[at_span])[lang])
        _put(made, at_rank, _ranks(value[at_rank], qualifier[at_rank], lang))
        if ratio.any():
            _put(made, np.flatnonzero(ratio), _ratios(frame, p, np.flatnonzero(ratio), made, units, lang))
        out[lang] = made
    return out


def _put(out: list[str], at: np.ndarray, texts: list[str]) -> None:
    for place, text in zip(at.tolist(), texts, strict=False):
        out[place] = text


def _ranks(values: np.ndarray, qualifier: np.ndarray, lang: str) -> list[str]:
    texts = both(number_texts(values))[lang]
    return [_RANK[lang][q in ("le", "lt")].format(t) for q, t in zip(qualifier.tolist(), texts, strict=True)]


def _ranges(low: np.ndarray, high: np.ndarray, units: np.ndarray) -> Texts:
    """ "231–451 nội dung", or both ends in full where they are written in different scales."""
    money = np.array([u in _MONEY for u in units], dtype=bool)
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
        f"{a}/{b} ({out[i]})" if units[i] == "percent" else f"{a}/{b} {unit_name(units[i], lang)}"
        for i, a, b in zip(at.tolist(), above, below, strict=True)
    ]
