"""Statistics of Vietnam Fatherland Front reports and returns as tidy tables.

The public names resolve on first use, so that ``import mttq_data`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "Document": "reading.document",
    "MttqError": "errors",
    "MttqWarning": "errors",
    "Store": "store.store",
    "areas": "places.area_codes",
    "compare": "comparison.comparison",
    "completeness": "totals.received",
    "correct": "corrections.laying",
    "export_excel": "report.excel_report",
    "export_word": "report.word_report",
    "extract": "extraction.statistics",
    "find_problems": "problems.rules",
    "indicators": "codelists",
    "numerals": "extraction.numeral_kinds",
    "progress": "target_progress.judging",
    "read_document": "reading.documents",
    "read_return": "returns.reading",
    "read_returns": "returns.reading",
    "roll_up": "totals.totals",
    "save_figure": "charts.save",
    "targets": "codelists",
    "write_replies": "replies.replies",
    "write_reply": "replies.replies",
    "write_template": "forms.template",
}
__all__ = [
    "Document",
    "MttqError",
    "MttqWarning",
    "Store",
    "areas",
    "compare",
    "completeness",
    "correct",
    "export_excel",
    "export_word",
    "extract",
    "find_problems",
    "indicators",
    "numerals",
    "progress",
    "read_document",
    "read_return",
    "read_returns",
    "roll_up",
    "save_figure",
    "targets",
    "write_replies",
    "write_reply",
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
