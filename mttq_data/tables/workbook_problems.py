"""The sheet of what does not add up: what to look at, where it stands, and an empty column to settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mttq_data.codelists import keyed
from mttq_data.problems.table import state
from mttq_data.tables.books import filtered, height_of
from mttq_data.tables.tables import PROBLEM_FIELDS, clean_text, records
from mttq_data.wording import indicator_name, label, readable

if TYPE_CHECKING:
    import pandas as pd

NAME = {"vi": "Cần kiểm tra", "en": "To check"}
# Reading order: how bad, what it is, where it stands; then the place to settle it.
_COLUMNS = {
    "source": 18, "severity": 11, "rule": 28, "message": 60, "found": 18, "expected": 16, "sentence": 80, "state": 26,
    "mark": 24, "indicator_name": 30, "period": 12, "where": 16, "check": 12, "sha256": 14, "nth": 8,
}  # fmt: skip
_TITLES = {
    "rule": ("Quy tắc", "Rule"),
    "message": ("Nội dung", "Message"),
    "state": ("Tình trạng", "State"),
    "mark": ("đã kiểm tra", "checked"),
    "indicator_name": ("Chỉ tiêu", "Indicator"),
    "nth": ("Lần thứ", "Occurrence"),
}
HIDDEN = {"check", "sha256", "nth"}
_SHADES = {"error": "#F8D7CF", "warning": "#FFF2CC", "note": "#EAF1F8"}


def problem_title(column: str, lang: str) -> str:
    """Header of a column of the sheet."""
    if column in _TITLES:
        return _TITLES[column][lang == "en"]
    return PROBLEM_FIELDS[column].title(lang)


def problem_columns() -> list[str]:
    """The columns of the sheet in order; ``mark`` is the empty one."""
    return list(_COLUMNS)


def rule_names(lang: str) -> dict[str, str]:
    """Names of the rules by id."""
    return {rule: row.get(f"name_{lang}", "") for rule, row in keyed("problem_rules", "id").items()}


def problems_sheet(book: Any, problems: pd.DataFrame, lang: str, suffix: str = "") -> None:
    """Add the sheet to a workbook.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    problems : DataFrame
        Problems with ``sentence`` and what was settled.
    lang : {"vi", "en"}
    suffix : str
        Put behind the sheet's name, to say that it comes from a sample.
    """
    from mttq_data.corrections.places import findings, nths
    from mttq_data.tables.workbook import HEAD

    sheet = book.add_worksheet(NAME[lang] + suffix)
    head = book.add_format(HEAD)
    for at, (column, width) in enumerate(_COLUMNS.items()):
        sheet.write_string(0, at, problem_title(column, lang), head)
        sheet.set_column(at, at, width, None, {"hidden": column in HIDDEN})
    sheet.set_row(0, 30)
    wrap = book.add_format({"valign": "top", "text_wrap": True})
    mark = book.add_format({"valign": "top", "bg_color": "#FFFDE7", "border": 4, "text_wrap": True})
    shades = {s: book.add_format({"valign": "top", "bg_color": c}) for s, c in _SHADES.items()}
    rows = records(problems.assign(nth=nths(findings(problems))))
    names = rule_names(lang)
    for line, row in enumerate(rows, start=1):
        texts = {column: _text(column, row, lang, names) for column in _COLUMNS}
        sheet.set_row(line, height_of((text, _COLUMNS[c]) for c, text in texts.items() if c not in HIDDEN))
        for at, (column, text) in enumerate(texts.items()):
            if column == "mark":
                sheet.write_blank(line, at, None, mark)
            elif text:
                sheet.write_string(
                    line, at, clean_text(text), shades.get(str(row["severity"])) if column == "severity" else wrap
                )
    filtered(sheet, len(rows), len(_COLUMNS))


def _text(column: str, row: dict[str, Any], lang: str, names: dict[str, str]) -> str:
    if column == "rule":
        return names.get(str(row["check"])) or str(row["check"]).replace("_", " ")
    if column == "message":
        return readable(row.get(f"message_{lang}"))
    if column == "severity":
        return label("severity", row["severity"], lang)
    if column == "state":
        return state(row, lang)
    if column == "indicator_name":
        return indicator_name(row.get("indicator"), lang)
    return readable(row.get(column))
