"""Where a form's table stands on a sheet, and what is told about it.

`mttq_data.returns.table_search.find_table` finds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mttq_data.codelists import read_codelist
from mttq_data.folding import Line
from mttq_data.forms.model import Cell, Form, FormRow
from mttq_data.returns.cell_values import unit_of
from mttq_data.returns.grids import Sheet
from mttq_data.returns.knowledge import kept
from mttq_data.returns.label_matching import Matcher, plain

Place = tuple[int, int]
_UNIT_LINE = re.compile(r"(?:đơn vị(?: tính| tiền| tính tiền)?|đvt) ?: ?(.{1,60})")
_LARGER = re.compile(r"(?:toàn )?(?:huyện|thị xã|thành phố|tỉnh|h|tx|tp)\b")


@dataclass(frozen=True)
class Finding:
    """Something to report: which check, where on the sheet, what was found and expected."""

    check: str
    place: Place | None = None
    found: str = ""
    expected: str = ""
    label: str = ""
    why: str = ""
    indicator: str = ""


@dataclass
class Layout:
    """Where a form's rows and columns stand on a sheet (all counted from 0).

    Attributes
    ----------
    rows, columns : dict
        Key of the form to row or column of the sheet.
    top, first, last : int
        First header row, first and last row of the table's body.
    """

    form: Form
    form_rows: tuple[FormRow, ...]
    rows: dict[str, int]
    columns: dict[str, int]
    label_column: int
    top: int
    first: int
    last: int
    number_row: int | None = None
    headings: dict[int, str] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    label_rows: set[int] = field(default_factory=set)
    subtotal_rows: set[int] = field(default_factory=set)
    hits: int = 0
    region: tuple[int, int, int, int] = (0, 0, 1 << 20, 1 << 20)
    doubted: set[str] = field(default_factory=set)
    doubted_columns: set[str] = field(default_factory=set)
    lacking: dict[str, str] = field(default_factory=dict)
    more: list[Layout] = field(default_factory=list)
    # Figures had a say in what stands where; in another return they may say otherwise.
    weighed: bool = False

    @property
    def row_keys(self) -> set[str]:
        """The form's rows found in any block."""
        return {key for block in (self, *self.more) for key in block.rows}

    @property
    def extent(self) -> tuple[int, int]:
        """First and last row of all blocks together."""
        every = [self, *self.more]
        return min(b.top for b in every), max(b.last for b in every)

    def block(self, row: str, column: str = "") -> Layout:
        """The block of the table that a row (and column) stands in; most tables have one."""
        every = (self, *self.more)
        return next((b for b in every if row in b.rows and (not column or column in b.columns)), self)

    def place(self, row: str, column: str) -> Place | None:
        """Where a row's figure of a column stands."""
        block = self.block(row, column)
        r, c = block.rows.get(row), block.columns.get(column)
        return None if r is None or c is None else (r, c)

    def roles(self, sheet: Sheet, cells: dict[Place, Cell]) -> dict[Place, str]:
        """The role of every filled cell of the sheet."""
        made: dict[Place, str] = {}
        for r, row in enumerate(sheet.rows):
            for c, value in enumerate(row):
                if value != "" or (r, c) in sheet.errors or (r, c) in sheet.formulas:
                    block = next((b for b in self.more if b.holds(r, c)), self)
                    made[r, c] = block._role(r, c, cells.get((r, c)))
        return made

    def holds(self, r: int, c: int) -> bool:
        """Whether a cell lies in this block's part of the sheet."""
        top, left, bottom, right = self.region
        return top <= r <= bottom and left <= c <= right

    def _role(self, r: int, c: int, cell: Cell | None) -> str:
        known = {self.columns[k.key]: k.kind for k in self.form.columns if k.key in self.columns}
        if r < self.top:
            return "title"
        if r < self.first or r == self.number_row:
            return "header"
        if r > self.last:
            return "outside"
        if cell is not None:
            return {"input": "input", "note": "note", "closed": "outside"}.get(cell.role, "total")
        if c == self.label_column or known.get(c) in ("number", "unit", "label"):
            return "label"
        if r in self.subtotal_rows and known.get(c) == "value":
            return "total"
        return "label" if c < self.label_column or r in self.label_rows else "outside"


def cues() -> dict[str, tuple[str, ...]]:
    return kept("column_cues", _make_cues)


def _make_cues() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in read_codelist("column_cues", key=["means", "cue"]):
        found.setdefault(row["means"], []).append(plain(row["cue"]))
    return {k: tuple(v) for k, v in found.items()}


def means_total(text: str) -> bool:
    """Whether a label names nothing but the whole: "Tổng cộng", "Cộng toàn thành phố", "Tổng số huyện Lục Nam".

    Examples
    --------
    >>> means_total("Cộng toàn thị xã"), means_total("Cộng Hòa")
    (True, False)
    """
    low, known = plain(text), cues()["total"]
    rests = [low.removeprefix(f"{cue} ") for cue in known if low.startswith(f"{cue} ")]
    return low in known or any(rest in known or _LARGER.match(rest) for rest in rests)


def money_unit_said(text: str) -> str:
    """The unit of money a line above a table gives for all of it, "" for none.

    Examples
    --------
    >>> money_unit_said("(Đơn vị tính: nghìn đồng, hộ)"), money_unit_said("Đơn vị tính: ghi ở cột C")
    ('nghìn đồng', '')
    """
    found = _UNIT_LINE.search(" ".join(Line(text).low.split()))
    parts = re.split(r"[,;]| và ", found[1]) if found else ()
    said = [part.strip(" .()") for part in parts if (unit_of(part) or ("",))[0] == "money"]
    return said[0] if len(said) == 1 else ""


def matcher_of(labels: tuple[str, ...]) -> Matcher:
    """A matcher for these labels, made once."""
    made = kept("matchers", dict[tuple[str, ...], Matcher])
    if labels not in made:
        if len(made) > 200:
            made.clear()
        made[labels] = Matcher(labels)
    return made[labels]


def filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: words.get(m[1], " "), text)


def numeric(value: Any) -> bool:
    if isinstance(value, str):
        return bool(re.fullmatch(r"\s*[-+]?\d[\d.,\s]*%?\s*", value))
    return isinstance(value, int | float) and not isinstance(value, bool)
