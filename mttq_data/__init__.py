"""Statistics of Vietnam Fatherland Front reports and returns as tidy tables.

The public names resolve on first use, so that ``import mttq_data`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "Document": "document",
    "read_document": "reading",
    "numerals": "numeral_kinds",
    "extract": "statistics",
    "indicators": "codelists",
    "MttqError": "errors",
    "MttqWarning": "errors",
}
__all__ = sorted(_WHERE)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "charts":
        return import_module("mttq_data.charts")
    if name not in _WHERE:
        raise AttributeError(f"module 'mttq_data' has no attribute {name!r}")
    return getattr(import_module(f"mttq_data.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "charts"]
