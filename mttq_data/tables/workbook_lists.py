"""The sheet of what may be chosen when a figure is corrected: indicators, units, roles."""

from __future__ import annotations

from typing import Any

from mttq_data.codelists import read_codelist
from mttq_data.wording import LABELS, indicator_name, unit_name

NAME = {"vi": "Danh mục", "en": "Lists"}
_TITLES = {
    "indicator_name": ("Chỉ tiêu", "Indicator"),
    "unit": ("Đơn vị", "Unit"),
    "role": ("Vai trò", "Role"),
}


def _lists(lang: str) -> dict[str, list[str]]:
    indicators = [indicator_name(row["id"], lang) for row in read_codelist("indicators", key=["id"])]
    units = [unit_name(row["code"], lang) for row in read_codelist("units", key=["code"])]
    roles = [names[lang == "en"] for names in LABELS["role"].values()]
    return {"indicator_name": sorted(indicators), "unit": list(dict.fromkeys(units)), "role": roles}


def list_ranges(lang: str) -> dict[str, str]:
    """Where each list stands, as a spreadsheet formula."""
    lists = _lists(lang)
    return {
        column: f"='{NAME[lang]}'!${chr(65 + at)}$2:${chr(65 + at)}${len(names) + 1}"
        for at, (column, names) in enumerate(lists.items())
    }


def lists_sheet(book: Any, lang: str) -> None:
    """Add the sheet, one list a column."""
    sheet = book.add_worksheet(NAME[lang])
    bold = book.add_format({"bold": True})
    for at, (column, names) in enumerate(_lists(lang).items()):
        sheet.write_string(0, at, _TITLES[column][lang == "en"], bold)
        sheet.set_column(at, at, 46 if column == "indicator_name" else 26)
        for line, name in enumerate(names, start=1):
            sheet.write_string(line, at, name)
