"""What the workbooks the package writes share: formats made once, names Excel takes, the page, the height of a row."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

LONGEST_CELL = 32_000
LINE_HEIGHT, _TALLEST = 15.0, 400.0
# In the file instead of the moment it is written, or no two would be alike.
_CREATED = dt.datetime(2024, 1, 1)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


@contextlib.contextmanager
def new_book(path: str | Path, title: str = "") -> Iterator[Any]:
    """A workbook of ``xlsxwriter`` in which text stays text; closed, and so written, at the end."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": _CREATED} | ({"title": title} if title else {}))
    try:
        yield book
    finally:
        book.close()


class Formats:
    """Cell formats of a workbook, each made once; ``base`` goes for all of them."""

    def __init__(self, book: Any, **base: Any) -> None:
        self._book, self._base = book, base
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **style: Any) -> Any:
        """The format of that style, None for none; texts that are empty say nothing."""
        style = self._base | {name: value for name, value in style.items() if value != ""}
        key = tuple(sorted(style.items()))
        if style and key not in self._made:
            self._made[key] = self._book.add_format(style)
        return self._made.get(key)


def sheet_name(text: str, used: set[str], otherwise: str) -> str:
    """A name Excel takes for a sheet: allowed letters, 31 at most, whole words, none of those ``used``.

    Examples
    --------
    >>> used = {"history"}
    >>> [sheet_name(name, used, "Sheet") for name in ("Quý IV/2024", "Quý IV:2024", "?")]
    ['Quý IV 2024', 'Quý IV 2024 (2)', 'Sheet']
    """
    said = " ".join(_FORBIDDEN.sub(" ", text).split()).strip("' ") or otherwise
    name, number = cut(said, 31), 1
    while name.lower() in used:
        number += 1
        name = f"{cut(said, 31 - len(f' ({number})'))} ({number})"
    used.add(name.lower())
    return name


def cut(text: str, most: int) -> str:
    """The first whole words; of one long word its beginning."""
    short = text[:most]
    if text[most : most + 1].strip() and " " in short[most // 2 :]:
        short = short.rpartition(" ")[0]
    return short.strip(" '")


def digits(places: int, whole: str = "#,##0") -> str:
    """The number format of that many decimals.

    Examples
    --------
    >>> digits(0), digits(2)
    ('#,##0', '#,##0.00')
    """
    return whole + ("." + "0" * places if places else "")


def height_of(texts: Iterable[tuple[str, float]], letters: float = 0.95) -> float:
    """Row height in points for wrapped texts, each with the width of its column, which holds so many letters a unit.

    Excel would find it by itself, LibreOffice does not.

    Examples
    --------
    >>> height_of([("a" * 100, 70), ("b", 10)])
    30.0
    """
    lines = [sum(-(-max(len(part), 1) // int(width * letters)) for part in text.split("\n")) for text, width in texts]
    return min(LINE_HEIGHT * max(lines, default=1), _TALLEST)


def lay_across(sheet: Any, head: int | None = None) -> None:
    """Print on A4 laid across, as wide as a page, the row ``head`` on each."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if head is not None:
        sheet.repeat_rows(head)


def filtered(sheet: Any, rows: int, columns: int) -> None:
    """Let a list under one row of titles be filtered, seen and printed with its titles."""
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(rows, 1), max(columns - 1, 0))
    lay_across(sheet, 0)
