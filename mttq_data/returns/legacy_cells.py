"""Cells typed in the legacy fonts TCVN3 and VNI, told by the font or by the letters."""

from __future__ import annotations

from typing import Any

from mttq_data.reading.encodings import LEGACY_NAMES, convert, font_capitals, font_encoding, looks_legacy, reads_better
from mttq_data.returns.checks import Problem
from mttq_data.returns.grids import Sheet, Workbook


def convert_cells(book: Workbook, sheet: Sheet, problems: list[Problem]) -> bool:
    """Convert cells typed in TCVN3 or VNI fonts, by the font where the file tells it."""
    places = [
        (r, c, v)
        for r, row in enumerate(sheet.rows)
        for c, v in enumerate(row)
        if isinstance(v, str) and not v.isascii()
    ]
    whole = looks_legacy("\n".join(v for *_, v in places)) or next(
        (k for *_, v in places if (k := looks_legacy(v))), None
    )
    if whole is None:
        return False
    fonts = book.looks().get(sheet.name, {})
    changed: dict[str, int] = {}
    first = ""
    every = [(r, c, v) for r, row in enumerate(sheet.rows) for c, v in enumerate(row) if isinstance(v, str) and v]
    for r, c, text in every:
        font = fonts.get((r, c), ("", ""))[0]
        kind: Any = font_encoding(font) if font else None
        if kind is None and not text.isascii() and reads_better(text, whole) and (looks_legacy(text) or not fonts):
            kind = whole
        if kind is None:
            continue
        fixed = convert(text, kind)
        fixed = fixed.upper() if font_capitals(font) else fixed
        if fixed != text:
            sheet.rows[r][c] = fixed
            changed[kind] = changed.get(kind, 0) + 1
            first = first or sheet.address(r, c)
    if changed:
        said = ", ".join(f"{LEGACY_NAMES[k]} ({n} ô)" for k, n in changed.items())
        problems.append(Problem("legacy_font", first, said))
    return bool(changed)
