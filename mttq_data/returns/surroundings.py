"""What decides a table's layout besides its own cells: words and figures around it, merged cells."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mttq_data.returns.columns import heading_words
from mttq_data.returns.grids import Sheet
from mttq_data.returns.label_matching import Matcher, plain
from mttq_data.returns.layout import Layout, filled, matcher_of, money_unit_said, numeric
from mttq_data.returns.table_search import find_table

Around = tuple[tuple[int, tuple[Any, ...]], ...]
# As far above a heading another of its rows is looked for, and below the last row a reworded label.
_ABOVE, _BELOW = 9, 6


@dataclass
class Surroundings:
    """Rows outside a table that say something to whoever looks for one, and the sheet's merged cells.

    Titles and signatures differ from return to return and say nothing; a copied
    row, a figure below the table, a heading do.
    """

    matcher: Matcher
    words: set[str]
    top: int
    last: int
    columns: tuple[int, ...]
    rows: Around = ()
    merged: object = None
    by_merges: bool = False
    known: dict[str, bool] = field(default_factory=dict)
    reworded: dict[str, bool] = field(default_factory=dict)

    def alike(self, sheet: Sheet) -> bool:
        """Whether another sheet has the same around its table."""
        return self._rows(sheet) == self.rows and (not self.by_merges or sheet.merged == self.merged)

    def _rows(self, sheet: Sheet) -> Around:
        found = []
        for r, row in enumerate(sheet.rows):
            if r == self.top:
                break
            if row.count("") < len(row) and self._speaks(row, r):
                found.append((r, tuple(row)))
        for r, row in enumerate(sheet.rows[self.last + 1 :], self.last + 1):
            if row.count("") < len(row) and self._speaks(row, r):
                found.append((r, tuple(row)))
        return tuple(found)

    def _speaks(self, row: list[Any], r: int) -> bool:
        held = [v for v in row if v != ""]
        if self.top - _ABOVE <= r < self.top and len(held) > 2:
            return True
        for value in held:
            if not isinstance(value, str) or _once(self.known, value, self._telling):
                return True
        return self.last < r <= self.last + _BELOW and any(
            isinstance(v := row[c], str) and v and _once(self.reworded, v, self._reworded) for c in self.columns
        )

    def _telling(self, text: str) -> bool:
        return (
            numeric(text) or bool(self.matcher.same(text)) or plain(text) in self.words or bool(money_unit_said(text))
        )

    def _reworded(self, text: str) -> bool:
        return self.matcher.best(text, range(len(self.matcher.labels))) is not None


def _once(known: dict[str, bool], text: str, ask: Callable[[str], bool]) -> bool:
    if text not in known:
        if len(known) > 5_000:
            known.clear()
        known[text] = ask(text)
    return known[text]


def surroundings(sheet: Sheet, layout: Layout, words: dict[str, str]) -> Surroundings:
    """What stands around a table just found."""
    matcher = matcher_of(tuple(filled(row.label, words) for row in layout.form_rows))
    columns = tuple({max(0, b.label_column - n) for b in (layout, *layout.more) for n in (0, 1)})
    made = Surroundings(matcher, heading_words(layout.form), *layout.extent, columns)
    made.rows, made.merged = made._rows(sheet), sheet.merged
    # Looking for a sheet's merged cells takes a tenth of the time of reading it; most tables are found without them too.
    plain_sheet = copy.copy(sheet)
    plain_sheet.__dict__["merges"] = []
    again = find_table(plain_sheet, layout.form, layout.form_rows, words) if sheet.merges else layout
    made.by_merges = again is None or _where(again) != _where(layout)
    return made


def _where(layout: Layout) -> list[object]:
    return [(b.rows, b.columns, b.first, b.top, b.headings) for b in (layout, *layout.more)]
