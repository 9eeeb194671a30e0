"""Native Word tables: header row on every page, numbers to the right, split where a page is too narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mttq_data.report.blocks import Column, Table, cell_text, columns_of, narrowed
from mttq_data.report.word_fields import element, letters, run
from mttq_data.tables.tables import records
from mttq_data.wording import readable

# Width of a letter of Times New Roman in cm for each point of its size, on average and with some to spare.
_LETTER, _PADDING = 0.0178, 0.42
_MOST_CM, _LEAST_CM, _NAME_CM, _FIGURE_CM, _WORDS_CM = 7.5, 1.5, 4.5, 3.0, 2.5
_MOST_LINES = 6.0
_TWIPS = 567


@dataclass(frozen=True)
class Layout:
    """How a table fits: sizes of letters, whether the page lies across, widths of each piece of columns."""

    size: float
    landscape: bool
    pieces: tuple[tuple[int, ...], ...]
    widths: tuple[float, ...]


def cells_of(table: Table, lang: str) -> tuple[list[Column], list[list[str]]]:
    """The columns and the printed cells of a table, row by row."""
    columns = columns_of(table)
    return columns, [[cell_text(column, row, lang) for column in columns] for row in records(table.frame)]


def fit(columns: Sequence[Column], cells: Sequence[Sequence[str]], upright: float, across: float) -> Layout:
    """The gentlest way to bring a table onto the page: upright, across, smaller, then in pieces.

    Parameters
    ----------
    columns, cells
        As from `cells_of`.
    upright, across : float
        Width of the text in cm on an upright page and on one laid across.
    """
    fitting = []
    for size, room, landscape in ((12, upright, False), (11, upright, False), (12, across, True), (10, across, True)):
        wanted, least = _widths(columns, cells, size)
        if sum(least) <= room:
            widths = _shared(wanted, least, room, cells, size)
            layout = Layout(size, landscape, (tuple(range(len(columns))),), widths)
            if _height(cells, widths, size) <= _MOST_LINES:
                return layout
            fitting.append(layout)
    if fitting:
        # None is low enough: the one whose rows are lowest, the gentler of two alike.
        return min(fitting, key=lambda layout: round(_height(cells, layout.widths, layout.size) * layout.size))
    named = zip(columns, wanted, least, strict=True)
    least = [min(max(low, min(wish, _NAME_CM)) if c.kind == "text" else low, across / 2) for c, wish, low in named]
    # Each piece repeats the first column, which names the rows.
    pieces: list[list[int]] = [[0]]
    for at in range(1, len(columns)):
        if sum(least[k] for k in pieces[-1]) + least[at] > across and len(pieces[-1]) > 1:
            pieces.append([0])
        pieces[-1].append(at)
    return Layout(10, True, _evened(pieces, least, across), tuple(least))


def _height(cells: Sequence[Sequence[str]], widths: Sequence[float], size: float) -> float:
    """Lines a row takes on average."""
    room = [max(width - _PADDING, 0.5) for width in widths]
    letter = _LETTER * size
    lines = [max(-(-len(text) * letter // wide) for text, wide in zip(row, room, strict=True)) for row in cells]
    return sum(lines) / len(lines) if lines else 1.0


def _evened(pieces: Sequence[Sequence[int]], widths: Sequence[float], room: float) -> tuple[tuple[int, ...], ...]:
    """The same number of pieces with as many columns each, where that fits."""
    per = -(-(len(widths) - 1) // len(pieces))
    even = [(0, *range(at, min(at + per, len(widths)))) for at in range(1, len(widths), per)]
    fits = all(sum(widths[k] for k in piece) <= room for piece in even)
    return tuple(even) if fits else tuple(map(tuple, pieces))


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], size: float) -> tuple[list[float], list[float]]:
    """For each column the width it would like and the least it can do with, in cm."""
    wanted, least = [], []
    for at, column in enumerate(columns):
        texts = [row[at] for row in cells]
        letter = _LETTER * size
        whole = max((len(t) for t in texts), default=0) * letter + _PADDING
        title = max((len(w) for w in readable(column.title).split()), default=0) * letter * 1.12 + _PADDING
        word = max((len(w) for t in texts for w in t.split()), default=0) * letter + _PADDING
        # A figure may break before its unit, not within its digits; a few words do not stand one under the other.
        need = min(whole, max(word, _WORDS_CM if column.kind == "text" else _FIGURE_CM))
        low = max(_LEAST_CM, min(max(need, title), _MOST_CM / 2 if column.kind == "text" else _MOST_CM))
        least.append(low)
        wanted.append(max(low, min(whole, _MOST_CM * 5 if column.kind == "text" else _MOST_CM / 2)))
    return wanted, least


def _shared(
    wanted: Sequence[float], least: Sequence[float], room: float, cells: Sequence[Sequence[str]], size: float
) -> tuple[float, ...]:
    """Widths that fill the room: as wished where there is enough, else those that make the rows lowest."""
    if sum(wanted) <= room:
        spare = (room - sum(wanted)) / len(wanted)
        return tuple(width + spare for width in wanted)
    tried = [narrowed([room * wish**power for wish in wanted], least, room) for power in (1, 0.8, 0.6, 0.4, 0.2)]
    return min(tried, key=lambda widths: _height(cells, widths, size))


def table_element(
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    layout: Layout,
    piece: Sequence[int],
    style: str,
    cell_style: str,
) -> Any:
    """One piece of a table as WordprocessingML; made directly, for 99 rows by 20 columns are many cells."""
    properties = element(
        "tblPr",
        element("tblStyle", val=style),
        element("tblW", w=round(sum(layout.widths[k] for k in piece) * _TWIPS), type="dxa"),
        element("jc", val="center"),
        element("tblLayout", type="fixed"),
        element("tblLook", val="0020", firstRow=1),
    )
    grid = element("tblGrid", *(element("gridCol", w=round(layout.widths[k] * _TWIPS)) for k in piece))
    titles = [readable(columns[k].title) for k in piece]
    header = _row(titles, ["center"] * len(titles), layout, piece, cell_style, header=True)
    sides = ["left" if columns[k].kind == "text" else "right" for k in piece]
    rows = (
        _row([row[k] for k in piece], sides, layout, piece, cell_style, last=at == len(cells))
        for at, row in enumerate(cells, start=1)
    )
    return element("tbl", properties, grid, header, *rows)


def _row(
    texts: Sequence[str],
    sides: Sequence[str],
    layout: Layout,
    piece: Sequence[int],
    cell_style: str,
    header: bool = False,
    last: bool = False,
) -> Any:
    made = element("tr", element("trPr", element("cantSplit"), *([element("tblHeader")] if header else [])))
    bold = {"b": True} if header else {}
    for text, side, k in zip(texts, sides, piece, strict=True):
        middle = [element("vAlign", val="center")] if header else []
        about = element("tcPr", element("tcW", w=round(layout.widths[k] * _TWIPS), type="dxa"), *middle)
        # Neither the header nor the source under the table may stand alone on a page.
        keep = [element("keepNext")] if header or last else []
        form = element("pPr", element("pStyle", val=cell_style), *keep, element("jc", val=side))
        made.append(element("tc", about, element("p", form, run(text, letters(layout.size, **bold)))))
    return made
