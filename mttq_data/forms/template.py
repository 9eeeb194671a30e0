"""Empty returns: one workbook an area and period, ready to be filled in.

For a reader of returns, a workbook as written here holds:

- the sheet ``Số liệu`` (`SHEET`), protected without a password: agency block on the
  left, national motto on the right, title, period, one cell each for the
  choices of ``head_choices``, then the table (header of as many rows as the
  form's headers are deep, merged; the row of column numbers, "4=3/1"; group
  and item rows), notes, signatures. Column A is the first column of the form.
- the sheet ``_mttq`` (`IDENTITY`), very hidden: column A keys, column B values, all
  text: ``form, version, area, area_name, period, sheet, first_row, made_by``.
  ``first_row`` is the sheet row (1-based) of the first row of the form when the
  template was written; rows may have been inserted since. `read_identity`
  gives it back.

Input and note cells are unlocked, all others locked. Totals and percentages are
formulas with an empty text as cached value; a missing figure is an empty cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mttq_data
from mttq_data.errors import MttqError
from mttq_data.files import replacing
from mttq_data.forms import template_layout as layout
from mttq_data.forms.forms import form as read_form
from mttq_data.forms.model import Cell, Form
from mttq_data.forms.template_layout import LINE, header_cells, lines
from mttq_data.periods import Period
from mttq_data.places.area_codes import Area
from mttq_data.places.area_names import slug
from mttq_data.tables.books import Formats, digits

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

SHEET = "Số liệu"
IDENTITY = "_mttq"
MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")


def write_template(path: str | Path, form: str | Form, area: str | Area, period: str) -> Path:
    """Write an empty return for one area and period.

    The same arguments give the same bytes.

    Parameters
    ----------
    path : str or Path
        The .xlsx to write; its folder is made if absent.
    form : str or Form
        Id of a form in ``forms.csv``.
    area : str or Area
        The sender: a code, or a name as people write it.
    period : str
        As the tables write it: ``2024-Q4``, ``2024-H1``, ``2024-10``, ``2024``.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    MttqError
        The form, area or period is not known or does not fit, the path is not
        an .xlsx, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = write_template(Path(tempfile.mkdtemp()) / "luc-nam.xlsx", "front_work", "H. Lục Nam", "2024-Q4")
    >>> read_identity(path)["area"]
    '218'
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise MttqError(f"{path}: a template is an Excel workbook; end its name in .xlsx")
    made = read_form(form)
    span = made.check_period(period)
    unit = made.sender(area, span.text)
    with replacing(path) as tmp:
        _Writer(made, unit, span).write(tmp)
    return path


def write_templates(
    folder: str | Path, form: str | Form, areas: Iterable[str | Area] | None, period: str, *, progress: bool = True
) -> list[Path]:
    """Write an empty return for each of several areas.

    Parameters
    ----------
    folder : str or Path
        Where the workbooks go, named by form, period, code and area.
    form : str or Form
        Id of a form in ``forms.csv``.
    areas : iterable of str or Area, optional
        The senders; None means all that owe a return: the districts, and since
        July 2025 the communes.
    period : str
        As the tables write it.
    progress : bool, optional
        Show a progress bar.

    Returns
    -------
    list of Path
        The files written, in the order of the areas.

    Raises
    ------
    MttqError
        As `write_template`; all areas are looked up before the first file is written.

    Examples
    --------
    >>> import tempfile
    >>> written = write_templates(tempfile.mkdtemp(), "front_work", ["213", "TX. Việt Yên"], "2024-Q4", progress=False)
    >>> [path.name for path in written]
    ['front_work_2024-Q4_213_thanh-pho-bac-giang.xlsx', 'front_work_2024-Q4_222_thi-xa-viet-yen.xlsx']
    """
    from tqdm import tqdm

    made = read_form(form)
    span = made.check_period(period)
    if areas is None:
        if not (units := made.senders(span.text)):
            raise MttqError(f"form {made.id}: no unit of {made.head['levels']} exists in {span.text}; see areas.csv")
    else:
        units = [made.sender(area, span.text) for area in areas]
    written = []
    for unit in tqdm(units, desc=f"{made.id} {span.text}", unit="file", disable=not progress):
        name = f"{made.id}_{span.text.replace('/', '_')}_{unit.code}_{slug(unit.full_name)}.xlsx"
        written.append(write_template(Path(folder) / name, made, unit, span.text))
    return written


def read_identity(path: str | Path) -> dict[str, str]:
    """The hidden identity of a workbook made by `write_template`; empty when it has none.

    Returns
    -------
    dict
        ``form, version, area, area_name, period, sheet, first_row, made_by``.

    Raises
    ------
    MttqError
        The file is no workbook that can be read.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            rows = book.get_sheet_by_name(IDENTITY).to_python() if IDENTITY in book.sheet_names else []
    except (CalamineError, OSError) as exc:
        raise MttqError(f"{path}: is not a workbook that can be read ({exc})") from exc
    return {str(row[0]): str(row[1]) for row in rows if len(row) > 1 and row[0]}


class _Writer:
    """Lays one form out on a sheet."""

    def __init__(self, form: Form, area: Area, span: Period) -> None:
        self.form, self.area, self.span = form, area, span
        self.known = form.placeholders(area, span.text)
        self.rows = form.rows(area, span.text)
        self.last = len(form.columns) - 1
        self.first_value = next(i for i, c in enumerate(form.columns) if c.kind == "value")
        self.col_at = {c.key: i for i, c in enumerate(form.columns)}
        self.checks: dict[tuple[tuple[str, Any], ...], list[tuple[int, int]]] = {}
        self.heights: dict[int, float] = {}
        self.widths = [c.width for c in form.columns]

    def words(self, text: str) -> str:
        return self.form.fill(text, self.known)

    def write(self, path: Path) -> None:
        from xlsxwriter import Workbook

        book = Workbook(path)
        stamp = datetime.combine(self.span.end, time())
        book.set_properties({"title": self.form.name_vi, "subject": self.area.full_name, "created": stamp})
        self.formats = Formats(book, font_name=layout.FONT, font_size=layout.FONT_SIZE, valign="vcenter")
        self.sheet: Worksheet = book.add_worksheet(SHEET)
        for i, width in enumerate(self.widths):
            self.sheet.set_column(i, i, width)
        at = self._header(self._head())
        self.row_at = {row.key: at + i for i, row in enumerate(self.rows)}
        self._body()
        end = self._foot(at + len(self.rows))
        self._add_checks()
        self._settle(at, end)
        self._identity(book, at)
        book.close()

    def _height(self, row: int, points: float) -> None:
        """Make a row as tall as this, or leave it taller: a protected sheet can't be asked to fit its rows."""
        self.heights[row] = max(points, self.heights.get(row, 0))
        self.sheet.set_row(row, self.heights[row])

    def _lines(self, first: int, last: int, text: str, **style: Any) -> int:
        """Lines that a text takes in the columns from first to last."""
        return layout.text_lines(text, sum(self.widths[first : last + 1]), style.get("font_size"))

    def _text(self, row: int, first: int, last: int, text: str, **style: Any) -> None:
        if (count := self._lines(first, last, text, **style)) > 1:
            style["text_wrap"] = True
            self._height(row, LINE * count)
        look = self.formats(**style)
        if last > first:
            self.sheet.merge_range(row, first, row, last, text, look)
        else:
            self.sheet.write_string(row, first, text, look)

    def _head(self) -> int:
        """Write what stands above the table; return the next free row."""
        head, split = self.form.head, self.first_value
        left = [(t, False) for t in lines(head.get("head_upper", ""))]
        left += [(t, True) for t in lines(head.get("head_own", ""))]
        right: list[tuple[str, dict[str, Any]]] = [
            (MOTTO[0], {"bold": True}),
            (MOTTO[1], {"bold": True, "underline": 1}),
        ]
        right.append((head.get("number", ""), {"italic": True}))
        depth = max(len(left), len(right))
        for i in range(depth):
            text, own = left[i] if i < len(left) else ("", False)
            under = 1 if own and i == len(left) - 1 else 0
            self._text(i, 0, split - 1, self.words(text), align="center", bold=own, underline=under)
            text, look = right[i] if i < len(right) else ("", {})
            self._text(i, split, self.last, self.words(text), align="center", **look)
        at = depth + 1
        for key, style in (("name_vi", {"bold": True, "font_size": 14}), ("period_line", {"bold": True}),
                           ("scope_line", {"italic": True})):  # fmt: skip
            for text in lines(head.get(key, "")):
                self._text(at, 0, self.last, self.words(text), align="center", **style)
                at += 1
        beside = max(split - 1, 1)
        for choice in filter(None, head.get("head_choices", "").split(";")):
            name, _, options = choice.partition("=")
            self._text(at, 0, beside - 1, f"{name.strip()}:", align="right", indent=1)
            known = lines(options)
            self.sheet.write_string(at, beside, known[0], self.formats(locked=False, bg_color="#FFFBE6", border=1))
            self._check(at, beside, {"validate": "list", "source": known, "input_title": "Chọn trong danh sách",
                                     "error_title": "Chưa đúng", "error_message": f"Chọn: {', '.join(known)}."[:255]})  # fmt: skip
            at += 1
        if head.get("unit_line"):
            at -= bool(head.get("head_choices")) and beside < split
            self._text(at, split, self.last, self.words(head["unit_line"]), align="right", italic=True)
            at += 1
        return at

    def _header(self, at: int) -> int:
        look = self.formats(bold=True, align="center", text_wrap=True, border=1, bg_color="#E8EEF4")
        headers = [[self.words(part) for part in c.header] for c in self.form.columns]
        depth = max(map(len, headers))
        for top, bottom, first, last, text in header_cells(headers):
            if (top, first) == (bottom, last):
                self.sheet.write_string(at + top, first, text, look)
            else:
                self.sheet.merge_range(at + top, first, at + bottom, last, text, look)
            levels = range(top, bottom + 1)
            for level in levels:
                self._height(at + level, max(2, self._lines(first, last, text) / len(levels)) * LINE)
        small = self.formats(italic=True, align="center", border=1, font_size=9)
        for i, column in enumerate(self.form.columns):
            self.sheet.write_string(at + depth, i, column.number, small)
        return at + depth + 1

    def _body(self) -> None:
        cells: dict[tuple[str, str], Cell] = {(c.row, c.column): c for c in self.form.cells(self.area, self.span.text)}
        count = 0
        for row in self.rows:
            count += row.kind == "area"
            at = self.row_at[row.key]
            strong = row.kind in ("group", "total") or bool(row.figure.total_of)
            fill = "#F3F3F3" if row.kind == "group" else ""
            label = self.words(row.label) if row.kind in ("group", "item") else row.label
            texts = {"number": {"area": str(count), "total": ""}.get(row.kind, row.key), "label": label,
                     "unit": row.figure.unit}  # fmt: skip
            needed = max(self._lines(i, i, texts.get(c.kind, "")) for i, c in enumerate(self.form.columns))
            self._height(at, 18 * max(needed, 1))
            for column in self.form.columns:
                col = self.col_at[column.key]
                align = "left" if column.kind == "label" else "center"
                indent = 1 + label.startswith("-") if column.kind == "label" else 0
                look = self.formats(border=1, bold=strong, align=align, text_wrap=True, bg_color=fill, indent=indent)
                cell = cells.get((row.key, column.key))
                if cell is None:
                    self.sheet.write_string(at, col, texts.get(column.kind, ""), look)
                else:
                    self._cell(at, col, cell, strong)

    def _cell(self, at: int, col: int, cell: Cell, strong: bool) -> None:
        if cell.role == "note":
            self.sheet.write_blank(
                at, col, None, self.formats(border=1, locked=False, bg_color="#FFFBE6", text_wrap=True)
            )
            if (column := self.form.column(cell.column)).choices:
                said = self.words(column.figure.hint)[:255]
                self._check(at, col, {"validate": "list", "source": list(column.choices), "show_error": False,
                                      "input_title": "Ghi chú", "input_message": said})  # fmt: skip
            return
        number = digits(cell.figure.decimals)
        if cell.role == "input":
            look = self.formats(border=1, locked=False, bg_color="#FFFBE6", num_format=number, align="right")
            self.sheet.write_blank(at, col, None, look)
            self._check(at, col, layout.number_check(cell.figure, self.words(cell.figure.hint)))
            return
        look = self.formats(border=1, bg_color="#E6E6E6", num_format=number, align="right", bold=strong)
        if cell.role == "closed":
            self.sheet.write_blank(at, col, None, look)
        else:
            self.sheet.write_formula(at, col, layout.formula(cell.figure, self._place(cell)), look, "")

    def _place(self, cell: Cell) -> dict[str, tuple[int, int]]:
        """Where the terms of a computed cell stand: other rows of its column or other columns of its row."""
        at, col = self.row_at[cell.row], self.col_at[cell.column]
        keys = [key for _, key in cell.figure.total_of] + list(cell.figure.ratio_of or ())
        return {key: (self.row_at[key], col) if cell.along == "rows" else (at, self.col_at[key]) for key in keys}

    def _check(self, row: int, col: int, options: Mapping[str, Any]) -> None:
        key = tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in options.items())
        self.checks.setdefault(key, []).append((row, col))

    def _add_checks(self) -> None:
        for key, places in self.checks.items():
            options = {k: list(v) if isinstance(v, tuple) else v for k, v in key}
            options["other_cells"] = [[r, c, r, c] for r, c in places[1:]]
            self.sheet.data_validation(*places[0], *places[0], options)

    def _foot(self, at: int) -> int:
        """Write what stands below the table; return the next free row."""
        at += 1
        for i, text in enumerate(lines(self.form.head.get("notes", ""))):
            self._text(at, 0, self.last, ("Ghi chú: " if i == 0 else "") + self.words(text), italic=True, font_size=10)
            at += 1
        at += 1
        place = f"{self.area.name}, ngày …… tháng …… năm {self.span.end.year + (self.span.end.month == 12)}"
        self._text(at, self.first_value, self.last, place, align="center", italic=True, locked=False)
        signers = lines(self.form.head.get("signers", ""))
        edges = [round(i * (self.last + 1) / max(len(signers), 1)) for i in range(len(signers) + 1)]
        if len(signers) == 2:
            edges[1] = self.first_value
        for i, signer in enumerate(signers):
            first, last = edges[i], edges[i + 1] - 1
            who, _, how = signer.partition("/")
            self._text(at + 1, first, last, self.words(who), align="center", bold=True)
            self._text(at + 2, first, last, self.words(how), align="center", italic=True)
            self._text(at + 6, first, last, "", align="center", bold=True, locked=False)
        return at + 7

    def _settle(self, first_row: int, end: int) -> None:
        sheet, depth = self.sheet, max(len(c.header) for c in self.form.columns)
        sheet.freeze_panes(first_row, self.first_value)
        sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.8, right=0.6, top=0.8, bottom=0.8)
        heights = [self.heights.get(row, LINE) for row in range(end)]
        sheet.fit_to_pages(1, layout.pages_to_fit(self.widths, heights, first_row - depth - 1, depth + 1))
        sheet.repeat_rows(first_row - depth - 1, first_row - 1)
        sheet.set_footer(f'&L&"Times New Roman"&9{self.area.full_name} - {self.span.vi}&R&"Times New Roman"&9&P/&N')
        first = next((places[0] for key, places in self.checks.items() if dict(key)["validate"] != "list"), (0, 0))
        sheet.set_selection(*first, *first)

    def _identity(self, book: Workbook, first_row: int) -> None:
        hidden = book.add_worksheet(IDENTITY)
        said = {
            "form": self.form.id,
            "version": self.form.version,
            "area": self.area.code,
            "area_name": self.area.full_name,
            "period": self.span.text,
            "sheet": SHEET,
            "first_row": str(first_row + 1),
            "made_by": f"mttq_data {mttq_data.__version__}",
        }
        for i, (key, value) in enumerate(said.items()):
            hidden.write_string(i, 0, key)
            hidden.write_string(i, 1, value)
        hidden.protect("")
        hidden.very_hidden()
