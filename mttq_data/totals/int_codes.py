"""Whole numbers that stand for combinations and for texts, handled a million at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def distinct(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values of whole numbers from 0 up, sorted, and the place of each among them.

    As ``np.unique(key, return_inverse=True)``, without sorting where the numbers are small.

    Examples
    --------
    >>> [part.tolist() for part in distinct(np.array([7, 2, 7]))]
    [[2, 7], [1, 0, 1]]
    """
    if len(key) == 0 or int(key.max()) > 20 * len(key) + 1_000_000:
        found, inverse = np.unique(key, return_inverse=True)
        return found, inverse
    seen = np.zeros(int(key.max()) + 1, dtype=bool)
    seen[key] = True
    found = np.flatnonzero(seen)
    place = np.empty(len(seen), dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[key]


def texts(codes: np.ndarray, names: Sequence[str]) -> pd.api.extensions.ExtensionArray:
    """The names at the places ``codes``, as a column of text."""
    return pd.array(list(names), dtype="str").take(codes)
