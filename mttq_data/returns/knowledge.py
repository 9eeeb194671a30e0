"""The codelists behind reading returns, looked up once a run and again when an office changes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mttq_data.codelists import office_stamp

_LISTS = ("forms", "form_rows", "form_columns", "indicators", "areas", "area_successors", "return_rules", "cell_words",
          "label_words", "column_cues", "indicator_relations")  # fmt: skip
_T = TypeVar("_T")
_known: dict[str, Any] = {}
_stamp: list[tuple[object, ...]] = [()]


def refresh() -> None:
    """Look whether a codelist changed since the last look; what was made from the old ones is forgotten."""
    now = office_stamp(*_LISTS)
    if now != _stamp[0]:
        _known.clear()
        _stamp[0] = now


def stamp() -> tuple[object, ...]:
    """What tells the present state of the codelists from another."""
    if not _stamp[0]:
        refresh()
    return _stamp[0]


def kept(name: str, make: Callable[[], _T]) -> _T:
    """What ``make`` made from the codelists, until one of them changes."""
    if name not in _known:
        stamp()
        _known[name] = make()
    made: _T = _known[name]
    return made
