"""Charts in seaborn's manner: ``plot_*(data, *, ax=None, lang="vi") -> Axes``; names resolve on first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "plot_completeness": "completeness",
    "plot_composition": "composition",
    "plot_district_multiples": "districts",
    "plot_district_table": "districts",
    "plot_districts": "districts",
    "plot_pace": "pace",
    "plot_problems": "problems",
    "plot_series": "series",
    "plot_shares": "shares",
    "plot_statistics": "statistics",
    "plot_status": "status",
    "plot_targets": "targets",
    "plot_terms": "terms",
    "plot_tiles": "tiles",
    "save_figure": "save",
    "theme": "style",
}
__all__ = [
    "plot_completeness",
    "plot_composition",
    "plot_district_multiples",
    "plot_district_table",
    "plot_districts",
    "plot_pace",
    "plot_problems",
    "plot_series",
    "plot_shares",
    "plot_statistics",
    "plot_status",
    "plot_targets",
    "plot_terms",
    "plot_tiles",
    "save_figure",
    "theme",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'mttq_data.charts' has no attribute {name!r}")
    return getattr(import_module(f"mttq_data.charts.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
