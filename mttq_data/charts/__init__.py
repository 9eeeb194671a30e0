"""Charts in seaborn's manner: ``plot_*(data, *, ax=None, lang="vi") -> Axes``; names resolve on first use."""

from importlib import import_module
from typing import Any

_WHERE = {
    "completeness": ["plot_completeness"],
    "composition": ["plot_composition"],
    "districts": ["plot_district_multiples", "plot_district_table", "plot_districts"],
    "pace": ["plot_pace"],
    "problems": ["plot_problems"],
    "series": ["plot_series"],
    "statistics": ["plot_shares", "plot_statistics"],
    "status": ["plot_status"],
    "targets": ["plot_targets"],
    "terms": ["plot_terms"],
    "tiles": ["plot_tiles"],
    "save": ["save_figure"],
    "style": ["theme"],
}
__all__ = [name for names in _WHERE.values() for name in names]


def __getattr__(name: str) -> Any:
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(f"mttq_data.charts.{module}"), name)
    raise AttributeError(f"module 'mttq_data.charts' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
