"""Where the blocks of a table stand that somebody split: side by side, or one below the other."""

from __future__ import annotations

import copy

from mttq_data.returns.grids import Sheet
from mttq_data.returns.label_matching import plain
from mttq_data.returns.layout import cues

# Top, left, bottom, right; all counted from 0 and included.
Region = tuple[int, int, int, int]
Hits = dict[int, dict[int, list[int]]]


def block_regions(sheet: Sheet, hits: Hits, column: int) -> list[tuple[Region, int]]:
    """The part of the sheet of each block and the column of its labels, the first block first."""
    columns = [column]
    seen = set(hits[column])
    for c in sorted(hits, key=lambda c: -len(hits[c])):
        if c not in columns and len(set(hits[c]) - seen) > 1:
            columns.append(c)
            seen |= set(hits[c])
    bottom, right = len(sheet.rows) - 1, 1 << 20
    if len(columns) == 1:
        return [((0, 0, bottom, right), column)]
    spans = {c: _span(hits, c, columns) for c in columns}
    found: list[tuple[Region, int]] = []
    for c in columns:
        low, high = spans[c]
        beside = [o for o in columns if o != c and spans[o][0] <= high and low <= spans[o][1]]
        above = [_end(sheet, o, spans[o][1]) + 1 for o in columns if spans[o][1] < low]
        below = [o for o in columns if spans[o][0] > high]
        region = (
            max(above, default=0),
            _left_edge(sheet, c, low) if any(o < c for o in beside) else 0,
            _end(sheet, c, high) if below else bottom,
            min((_left_edge(sheet, o, spans[o][0]) - 1 for o in beside if o > c), default=right),
        )
        found.append((region, c))
    return sorted(found)


def _span(hits: Hits, column: int, columns: list[int]) -> tuple[int, int]:
    """First and last row with a label that stands in no better column."""
    others = {i for c in columns[: columns.index(column)] for i in hits[c]}
    rows = [r for i, at in hits[column].items() if i not in others for r in at]
    return min(rows), max(rows)


def _end(sheet: Sheet, column: int, last: int) -> int:
    """The last row of labels that follow one another from ``last`` on."""
    while (
        last + 1 < len(sheet.rows)
        and sheet.rows[last + 1][column] != ""
        and sum(v != "" for v in sheet.rows[last + 1]) > 1
    ):
        last += 1
    return last


def _left_edge(sheet: Sheet, column: int, first: int) -> int:
    """Where a block begins: with its labels, or the column of numbers before them."""
    if column and any(plain(str(row[column - 1])) in cues()["number"] for row in sheet.rows[max(0, first - 8) : first]):
        return column - 1
    return column


def part_of(sheet: Sheet, region: Region) -> Sheet:
    """The sheet with nothing but one part of it filled; addresses stay."""
    top, left, bottom, right = region
    if not top and not left and bottom >= len(sheet.rows) - 1 and right >= sheet.width - 1:
        return sheet
    view = copy.copy(sheet)
    view.rows = [
        [v if left <= c <= right and top <= r <= bottom else "" for c, v in enumerate(row)]
        for r, row in enumerate(sheet.rows)
    ]
    inside = [m for m in sheet.merges if m[0] >= top and m[2] <= bottom and m[1] >= left and m[3] <= right]
    view.__dict__["merges"] = inside
    return view


def one_label_column(sheet: Sheet, hits: Hits) -> Sheet | None:
    """The sheet with two neighbouring columns of labels as one, the right one; None where there are no such.

    Lines in one column and their parts ("Trong đó: …") in the next, under one heading: no row has a label in both.
    """
    for left in sorted(c for c in hits if c + 1 in hits):
        right = left + 1
        new = set(hits[left]) - set(hits[right]), set(hits[right]) - set(hits[left])
        if min(map(len, new)) < 2:
            continue
        rows = sorted(r for c in (left, right) for at in hits[c].values() for r in at)
        body = [(row[left], row[right]) for row in sheet.rows[rows[0] : rows[-1] + 1]]
        both = sum(a != "" and b != "" for a, b in body)
        if both > len(body) // 10 or not all(isinstance(v, str) for pair in body for v in pair):
            continue
        view = copy.copy(sheet)
        start = max(0, rows[0] - 8)
        view.rows = [
            row if r < start or row[left] == "" or row[right] != "" else [*row[:left], "", row[left], *row[right + 1 :]]
            for r, row in enumerate(sheet.rows)
        ]
        return view
    return None
