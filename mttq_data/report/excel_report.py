"""A report's tables as a workbook: numbers that stay numbers, charts the office can restyle, a sheet of sources."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mttq_data.files import replacing
from mttq_data.report.blocks import (
    Block,
    Column,
    Picture,
    Table,
    cell_text,
    columns_of,
    narrowed,
    plain,
    rounded,
    unit_of,
)
from mttq_data.tables.books import LINE_HEIGHT, LONGEST_CELL, Formats, cut, height_of, new_book, sheet_name
from mttq_data.tables.tables import clean_text, records
from mttq_data.tables.workbook import number_format
from mttq_data.wording import SAMPLE, check_lang, label, missing, readable

_WORDS = {
    "vi": {
        "sources": "Nguồn", "table": "Bảng", "page": "Trang", "sheet": "Trang tính", "about": "Nội dung",
        "file": "Tệp", "title": "Tên", "origin": "Xuất xứ", "date": "Ngày", "sha256": "SHA-256", "sample": "Dữ liệu mẫu",
        "bound": "Mức chính xác", "unit": "Đơn vị", "cut": "Biểu đồ vẽ {} dòng đầu.", "said": "Nhận định", "label": "Nhãn biểu đồ",
        "left_out": "Không đủ chỗ: {} dòng sau không ghi.",
    },
    "en": {
        "sources": "Sources", "table": "Table", "page": "Page", "sheet": "Sheet", "about": "Content",
        "file": "File", "title": "Title", "origin": "Origin", "date": "Date", "sha256": "SHA-256", "sample": "Sample",
        "bound": "Bound", "unit": "Unit", "cut": "The chart draws the first {} rows.", "said": "Finding", "label": "Chart label",
        "left_out": "No room: {} further rows are not written.",
    },
}  # fmt: skip
_ENTRY = ("title", "file", "origin", "date", "sha256", "sample")
_SOURCE_WIDTHS = (40.0, 60.0, 40.0, 12.0, 34.0, 12.0)
_MOST_ROWS = 1_048_000
# Widths in Excel's digits: the most of a cell by its kind, the least of one with text, what a page prints legibly.
_WIDEST = {"text": 90.0, "number": 26.0, "figure": 16.0}
_LEAST_TEXT, _PAGE_WIDTH, _UPRIGHT = 13.0, 150.0, 90
# Letters of Times New Roman for each digit of the width.
_LETTERS = 1.2
_MOST_LINES, _MOST_BARS, _MOST_LABELLED, _LONGEST_LABEL = 12, 40, 15, 48
_TOP = 3
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 13},
    "head": {
        "bold": True,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
        "bg_color": "#DDE6EF",
        "border": 1,
    },
    "text": {"text_wrap": True, "valign": "top", "border": 1, "indent": 1},
    "note": {"italic": True, "valign": "top"},
}
# Told apart in grey print as well.
_COLOURS = ("#0B3C6F", "#D55E00", "#56B4E9", "#7F7F7F", "#222222", "#009E73")


@dataclass(frozen=True)
class _Cell:
    """A column of the sheet: its header, what it takes from a row, how wide it is."""

    title: str
    column: Column
    role: str = ""


def export_excel(
    path: str | Path,
    blocks: Sequence[Block],
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    lang: str = "vi",
) -> Path:
    """Write the tables of a report as .xlsx, one sheet each, with native charts and a sheet of sources.

    Parameters
    ----------
    path : str or Path
        The file to write.
    blocks : sequence of Heading, Paragraph, Picture, Table
        As for `export_word`; the tables become sheets, findings of pictures
        stand on the sheet of sources. A table's ``chart`` becomes an Excel
        chart whose data are the cells beside it.
    sources : sequence of mapping
        ``title, file, origin, date, sha256, sample`` of each file the figures
        come from, as `mttq_data.tables.tables.source_entry` gives them.
    lang : {"vi", "en"}

    Returns
    -------
    Path
        The file written; the same input gives the same bytes.

    Raises
    ------
    MttqError
        When the file is open in Excel (it then stays as it was), or a table
        names a column its frame lacks.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> table = Table(pd.DataFrame({"Huyện": ["Lục Nam"], "Nhà": [30.0]}), "Nhà theo huyện", chart="bar")
    >>> export_excel(Path(tempfile.mkdtemp()) / "a.xlsx", [table]).name
    'a.xlsx'
    """
    check_lang(lang)
    path = Path(path)
    tables = [block for block in blocks if isinstance(block, Table)]
    plans = [_cells(table, lang) for table in tables]
    sample = any(bool(source.get("sample")) for source in sources)
    with replacing(path) as tmp, new_book(tmp) as book:
        writer = _Sheets(book, lang, sample)
        for table, plan in zip(tables, plans, strict=True):
            writer.table(table, plan)
        writer.sources([b for b in blocks if isinstance(b, Picture)], sources)
    return path


def _cells(table: Table, lang: str) -> list[_Cell]:
    """The columns of the sheet; a phrase becomes the number and, where it occurs, its bound and its unit."""
    words, out = _WORDS[lang], []
    for column in columns_of(table):
        if column.kind != "figure":
            out.append(_Cell(column.title, column))
            continue
        out.append(_Cell(column.title, column, "value"))
        if "qualifier" in table.frame and table.frame["qualifier"].astype("string").fillna("exact").ne("exact").any():
            out.append(_Cell(words["bound"], column, "bound"))
        if column.unit_from:
            out.append(_Cell(words["unit"], column, "unit"))
    return out


class _Sheets:
    """The workbook being written: formats made once, names used once."""

    def __init__(self, book: Any, lang: str, sample: bool) -> None:
        self.book, self.lang, self.words, self.sample = book, lang, _WORDS[lang], sample
        self.formats = Formats(book, font_name="Times New Roman")
        self.used = {"history", self.words["sources"].lower()}
        self.titles: list[tuple[str, Table]] = []

    def look(self, name: str) -> Any:
        """A format: one of the named ones, else a number format."""
        return self.formats(**_LOOKS.get(name) or {"num_format": name, "valign": "top", "border": 1})

    def table(self, table: Table, plan: Sequence[_Cell]) -> None:
        """One sheet: caption, header, rows, source, chart."""
        name = sheet_name(readable(table.caption), self.used, self.words["table"])
        sheet = self.book.add_worksheet(name)
        self.titles.append((name, table))
        rows = records(table.frame)
        left_out = max(len(rows) - _MOST_ROWS, 0)
        rows = rows[:_MOST_ROWS]
        self._string(sheet, 0, 0, table.caption, "title")
        texts = [[_shown(cell, row, self.lang) for cell in plan] for row in rows]
        widths = _widths(plan, texts)
        for at, (cell, width) in enumerate(zip(plan, widths, strict=True)):
            self._string(sheet, _TOP - 1, at, cell.title, "head")
            sheet.set_column(at, at, width)
        for line, (row, shown) in enumerate(zip(rows, texts, strict=True), start=_TOP):
            _set_height(sheet, line, shown, widths)
            for at, cell in enumerate(plan):
                self._write(sheet, line, at, cell, row)
        below = _TOP + len(rows)
        said = [readable(table.source) or (readable(table.empty) if not rows else "")]
        said += [self.words["left_out"].format(left_out)] if left_out else []
        drawn = self._chart(sheet, name, table, plan, rows, below)
        said += [self.words["cut"].format(drawn)] if drawn and drawn < len(rows) else []
        self._string(sheet, 1, 0, " ".join(filter(None, said)), "note")
        if rows:
            sheet.autofilter(_TOP - 1, 0, below - 1, max(len(plan) - 1, 0))
        self._print(sheet, wide=sum(widths) > _UPRIGHT)
        sheet.freeze_panes(_TOP, 1 if len(plan) > 2 else 0)

    def _write(self, sheet: Any, line: int, at: int, cell: _Cell, row: Mapping[str, Any]) -> None:
        column = cell.column
        unit = unit_of(column, row)
        if cell.role == "bound":
            qualifier = row.get("qualifier")
            self._string(sheet, line, at, "" if qualifier == "exact" else label("qualifier", qualifier, self.lang))
        elif cell.role == "unit":
            self._string(sheet, line, at, label("unit", unit, self.lang))
        elif column.kind == "text":
            self._string(sheet, line, at, cell_text(column, row, self.lang))
        elif missing(row.get(column.name)) or not math.isfinite(float(row[column.name])):
            # A range has no single number; its phrase says more than an empty cell.
            text = cell_text(column, row, self.lang) if column.kind == "figure" else ""
            self._string(sheet, line, at, text)
        else:
            value = float(row[column.name])
            sheet.write_number(line, at, value, self.look(number_format(rounded(value), unit, self.lang)))

    def _string(self, sheet: Any, line: int, at: int, text: object, look: str = "text") -> None:
        """Text as text: neither a formula nor a link, whatever it begins with."""
        sheet.write_string(line, at, clean_text(text)[:LONGEST_CELL], self.look(look))

    def _chart(
        self, sheet: Any, name: str, table: Table, plan: Sequence[_Cell], rows: Sequence[Mapping[str, Any]], below: int
    ) -> int:
        """A native chart below the table; return how many rows it draws."""
        texts = [at for at, cell in enumerate(plan) if cell.column.kind == "text"]
        numbers = [at for at, c in enumerate(plan) if c.column.kind != "text" and c.role in ("", "value")]
        units = {unit_of(plan[at].column, row) for at in numbers for row in rows}
        if not table.chart or not rows or not texts or not numbers or len(units) > 1:
            return 0
        chart = self.book.add_chart({"type": table.chart})
        drawn = min(len(rows), _MOST_LINES if table.chart == "line" else _MOST_BARS)
        label_at = self._labels(sheet, len(plan) + 1, texts[0], plan[texts[0]], rows[:drawn])
        for series in (_lines if table.chart == "line" else _bars)(name, drawn, numbers, label_at):
            chart.add_series(series)
        values = [
            float(row[plan[at].column.name]) for at in numbers for row in rows if not missing(row[plan[at].column.name])
        ]
        largest = max(map(abs, values), default=0.0)
        scale = {"num_format": number_format(rounded(largest), next(iter(units)), self.lang), "num_font": {"size": 9},
                 "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}}  # fmt: skip
        if table.chart == "bar":
            # The first row on top, the scale below all the same.
            chart.set_y_axis({"reverse": True})
            chart.set_x_axis({**scale, "label_position": "high"})
        else:
            chart.set_y_axis(scale)
        chart.show_hidden_data()
        chart.set_title({"name": [name, 0, 0], "name_font": {"size": 12}})
        chart.set_legend({"none": True} if table.chart != "line" and len(numbers) == 1 else {"position": "bottom"})
        chart.set_size({"width": 760, "height": max(300, 24 * drawn + 120) if table.chart == "bar" else 380})
        sheet.insert_chart(below + 1, 0, chart)
        return drawn

    def _labels(self, sheet: Any, at: int, own: int, cell: _Cell, rows: Sequence[Mapping[str, Any]]) -> int:
        """Column the chart takes its labels from: the table's, or short ones beside it where those are long."""
        texts = [cell_text(cell.column, row, self.lang) for row in rows]
        if max(map(len, texts), default=0) <= _LONGEST_LABEL:
            return own
        # Hidden, so that it is not printed beside the table; the chart shows hidden cells.
        sheet.set_column(at, at, None, None, {"hidden": True})
        self._string(sheet, _TOP - 1, at, self.words["label"], "note")
        for line, text in enumerate(texts, start=_TOP):
            self._string(sheet, line, at, text if len(text) <= _LONGEST_LABEL else f"{cut(text, _LONGEST_LABEL - 2)} …", "note")  # fmt: skip
        return at

    def _print(self, sheet: Any, wide: bool) -> None:
        sheet.set_paper(9)
        if wide:
            sheet.set_landscape()
        sheet.set_margins(left=0.8, right=0.6, top=0.8, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_TOP - 1)
        sheet.set_footer(f"&C{self.words['page']} &P/&N")
        if self.sample:
            sheet.set_header("&C&B" + SAMPLE[self.lang])

    def sources(self, pictures: Sequence[Picture], sources: Sequence[Mapping[str, Any]]) -> None:
        """The last sheet: each file with its checksum, each sheet with what it rests on, each finding."""
        words, line = self.words, int(self.sample)
        sheet = self.book.add_worksheet(words["sources"])
        if self.sample:
            self._string(sheet, 0, 0, SAMPLE[self.lang], "title")
        files = [[self._entry(source, name) for name in _ENTRY] for source in sources]
        groups = [(_ENTRY, files), (("sheet", "sources"), [[name, readable(t.source)] for name, t in self.titles])]
        groups.append((("about", "said"), [[readable(p.caption), plain(p.finding)] for p in pictures]))
        self._print(sheet, wide=True)
        sheet.repeat_rows(line)
        sheet.freeze_panes(line + 1, 0)
        for at, width in enumerate(_SOURCE_WIDTHS):
            sheet.set_column(at, at, width)
        for titles, rows in groups:
            if not rows and titles is not _ENTRY:
                continue
            for at, title in enumerate(titles):
                self._string(sheet, line, at, words[title], "head")
            for line, row in enumerate(rows, start=line + 1):  # noqa: B020
                _set_height(sheet, line, row, _SOURCE_WIDTHS)
                for at, text in enumerate(row):
                    self._string(sheet, line, at, text)
            line += 2

    def _entry(self, source: Mapping[str, Any], name: str) -> str:
        """What is known of a file; a day is written as the language writes it."""
        value = source.get(name, "")
        if name == "sample":
            return label("flag", str(bool(value)).lower(), self.lang)
        return (
            cell_text(Column("as_of", "", "text"), {"as_of": value}, self.lang) if name == "date" else readable(value)
        )


# Names are taken from cells: as text in the chart one that begins with = would be a formula.
def _lines(name: str, drawn: int, numbers: Sequence[int], label_at: int) -> list[dict[str, Any]]:
    """A line for each row of the sheet."""
    return [{
        "name": [name, line, label_at], "categories": [name, _TOP - 1, numbers[0], _TOP - 1, numbers[-1]],
        "values": [name, line, numbers[0], line, numbers[-1]],
        "line": {"color": _COLOURS[k % len(_COLOURS)], "dash_type": "solid" if k < 6 else "dash"},
    } for k, line in enumerate(range(_TOP, _TOP + drawn))]  # fmt: skip


def _bars(name: str, drawn: int, numbers: Sequence[int], label_at: int) -> list[dict[str, Any]]:
    """Bars for each column of numbers."""
    first, last = _TOP, _TOP + drawn - 1
    labels = {"data_labels": {"value": True}} if drawn <= _MOST_LABELLED else {}
    return [{
        "name": [name, _TOP - 1, at], "categories": [name, first, label_at, last, label_at],
        "values": [name, first, at, last, at], "fill": {"color": colour}, "gap": 60, **labels,
    } for colour, at in zip(_COLOURS, numbers, strict=False)]  # fmt: skip


def _shown(cell: _Cell, row: Mapping[str, Any], lang: str) -> str:
    """What a cell shows, near enough for its width; bound and unit are short words."""
    return "" if cell.role in ("bound", "unit") else cell_text(cell.column, row, lang)


def _widths(plan: Sequence[_Cell], texts: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Widths of the columns, narrowed until they print legibly on a page laid across."""
    wanted, least = [], []
    for at, cell in enumerate(plan):
        longest = max((len(row[at]) for row in texts), default=0) * 1.05 + 2
        wanted.append(
            max(
                min(longest, _WIDEST[cell.column.kind]), len(cell.title) * 0.7 + 3, 14.0 if cell.role == "unit" else 9.0
            )
        )
        least.append(min(wanted[-1], _LEAST_TEXT) if cell.column.kind == "text" else wanted[-1])
    return narrowed(wanted, least, _PAGE_WIDTH)


def _set_height(sheet: Any, line: int, texts: Sequence[str], widths: Sequence[float]) -> None:
    """As many lines as the longest text takes: not every program finds that out by itself."""
    high = height_of(zip(texts, widths, strict=False), _LETTERS)
    if high > LINE_HEIGHT:
        sheet.set_row(line, high)
