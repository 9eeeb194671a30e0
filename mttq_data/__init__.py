"""Statistics of Vietnam Fatherland Front reports and returns as tidy tables.

The public names resolve on first use, so that ``import mttq_data`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "Document": "document",
    "MttqError": "errors",
    "MttqWarning": "errors",
    "areas": "area_codes",
    "correct": "corrections",
    "extract": "statistics",
    "find_problems": "problem_rules",
    "indicators": "codelists",
    "numerals": "numeral_kinds",
    "read_document": "reading",
    "save_figure": "charts.save",
    "targets": "codelists",
    "write_template": "template",
}
__all__ = [
    "Document",
    "MttqError",
    "MttqWarning",
    "areas",
    "correct",
    "extract",
    "find_problems",
    "indicators",
    "numerals",
    "read_document",
    "save_figure",
    "targets",
    "write_template",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "charts":
        return import_module("mttq_data.charts")
    if name not in _WHERE:
        raise AttributeError(f"module 'mttq_data' has no attribute {name!r}")
    return getattr(import_module(f"mttq_data.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "charts"]
