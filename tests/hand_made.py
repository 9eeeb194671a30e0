"""Filled returns for tests, laid out as clerks do: values that agree, then whatever a test does to them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from mttq_data.forms.forms import form as read_form
from mttq_data.forms.model import Cell, Form
from mttq_data.forms.template import write_template
from mttq_data.places.area_codes import find_area
from mttq_data.returns.grids import letters, open_workbook
from mttq_data.returns.layout import Layout
from mttq_data.returns.table_search import find_table

Figures = dict[tuple[str, str], float]
Edit = Callable[[Worksheet, dict[tuple[str, str], str]], None]


def figures_of(form: Form, area: str, period: str, scale: float = 1.0) -> tuple[list[Cell], Figures]:
    """Figures for every open cell of a form that agree with each other."""
    unit = find_area(area, on=period)
    cells = [c for c in form.cells(unit, period) if c.role in ("input", "total", "ratio")]
    rows = {key: n for n, key in enumerate(dict.fromkeys(c.row for c in cells))}
    values: Figures = {}
    for cell in cells:
        if cell.role == "input":
            base = 12 + 7 * (rows[cell.row] % 11) + sum(map(ord, cell.column)) % 5
            times = {"plan": 4.5, "cumulative": 3.0}.get(cell.measure, 1.0)
            values[cell.row, cell.column] = float(math.floor(base * scale) * times)
            if times == 4.5:
                values[cell.row, cell.column] = float(round(values[cell.row, cell.column]))
    _realistic(cells, values)
    for _ in range(3):
        _add_up(form, cells, values)
    return cells, values


def _realistic(cells: list[Cell], values: Figures) -> None:
    large = {"households_count": 48000.0, "residential_areas_count": 900.0, "poor_households_count": 1105.0,
             "near_poor_households_count": 1480.0, "great_unity_festival_residential_areas": 880.0}  # fmt: skip
    by_row: dict[str, list[Cell]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell)
    for cell in cells:
        if cell.role == "input" and cell.indicator in large:
            values[cell.row, cell.column] = large[cell.indicator]
        if cell.indicator == "fund_for_the_poor_opening_balance":
            values[cell.row, cell.column] = 620.0
    for cell in cells:
        if cell.measure == "cumulative" and cell.role == "input" and cell.indicator not in large:
            part = next((c for c in by_row[cell.row] if c.measure == "period"), None)
            if part and "opening" not in cell.indicator:
                values[cell.row, cell.column] = values[cell.row, part.column] * 3


def _add_up(form: Form, cells: list[Cell], values: Figures) -> None:
    for cell in cells:
        if cell.role == "input":
            continue
        figure, row, column = cell.figure, cell.row, cell.column
        keys = [k for _, k in figure.total_of] or list(figure.ratio_of or ())
        down = all((k, column) in values for k in keys)
        terms = [values[k, column] if down else values.get((row, k)) for k in keys]
        if any(t is None for t in terms):
            continue
        if figure.ratio_of:
            values[row, column] = round(100 * terms[0] / terms[1], figure.decimals) if terms[1] else 0.0  # type: ignore[operator]
        else:
            signs = [s for s, _ in figure.total_of]
            values[row, column] = float(sum(s * t for s, t in zip(signs, terms, strict=True)))  # type: ignore[operator]


def layout_of(path: Path, form: Form, area: str, period: str) -> Layout:
    """Where the template's table stands."""
    unit = find_area(area, on=period)
    sheet = open_workbook(path).sheets[0]
    found = find_table(sheet, form, form.rows(unit, period), form.placeholders(unit, period))
    assert found is not None
    return found


def filled(
    path: Path, *, form: str = "front_work", area: str = "218", period: str = "2024-Q4", edit: Edit | None = None,
    cached: bool = True, scale: float = 1.0,
) -> tuple[dict[tuple[str, str], str], Figures]:  # fmt: skip
    """Write a template filled in with figures that agree; ``edit`` then does to it what a clerk does.

    ``cached`` puts numbers where the template has formulas, as Excel stores them.
    Returns the address and the figure of each cell.
    """
    write_template(path, form, area, period)
    made = read_form(form)
    layout = layout_of(path, made, area, period)
    cells, values = figures_of(made, area, period, scale)
    at = {(c.row, c.column): f"{letters(layout.columns[c.column])}{layout.rows[c.row] + 1}" for c in cells}
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for cell in cells:
        key = (cell.row, cell.column)
        if key in values and (cell.role == "input" or cached):
            sheet[at[key]] = values[key]
    if edit is not None:
        edit(sheet, at)
    book.save(path)
    return at, values


def by_hand(path: Path, rows: list[list[Any]], *, merges: tuple[str, ...] = (), name: str = "Sheet1") -> Path:
    """A workbook typed from nothing."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for row in rows:
        sheet.append(row)
    for block in merges:
        sheet.merge_cells(block)
    book.save(path)
    return path
