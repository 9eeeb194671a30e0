"""Small parts of laying a form out on a sheet: header blocks, formulas, formats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from mttq_data.forms.model import Figure

FONT = "Times New Roman"
FONT_SIZE = 12
LINE = 16.5  # points a line of text takes
PAGE = (740, 480)  # points within the margins of A4 on its side


def lines(text: str) -> list[str]:
    """The lines of a codelist cell, which separates them by "|"."""
    return [part.strip() for part in text.split("|") if part.strip()]


def text_lines(text: str, width: float, size: int | None = None) -> int:
    """Lines a text takes in a column of that width; of capitals seven fit where ten small letters do."""
    letters = (0.7 if text.isupper() else 1.0) * FONT_SIZE / (size or FONT_SIZE)
    return len(wrap(text, max(1, int(letters * width))))


def pages_to_fit(widths: Sequence[float], heights: Sequence[float], top: int, depth: int) -> int:
    """How many pages a table is to be fitted to, its ``depth`` header rows from ``top`` on each; 0 for as many as it takes.

    A last page with little on it looks lost, so what is a little too long is made smaller.
    """
    scale = max(1.0, sum(5.25 * width + 3.75 for width in widths) / PAGE[0])
    header = sum(heights[top : top + depth])
    pages = (sum(heights) - header) / (PAGE[1] * scale - header)
    whole = max(1, int(pages))
    return whole if pages < 1.25 * whole else 0


def header_cells(headers: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, int, int, str]]:
    """Blocks of a header of several levels: top, bottom, first and last column, text.

    Neighbours that share a heading share its cell; a heading without a lower
    level reaches down to the bottom.

    Examples
    --------
    >>> list(header_cells([["STT"], ["Tiền", "Thu"], ["Tiền", "Chi"]]))
    [(0, 1, 0, 0, 'STT'), (0, 0, 1, 2, 'Tiền'), (1, 1, 1, 1, 'Thu'), (1, 1, 2, 2, 'Chi')]
    """
    depth = max(map(len, headers))
    for level in range(depth):
        first = 0
        while first < len(headers):
            path = list(headers[first][: level + 1])
            last = first
            if len(headers[first]) > level + 1:
                while last + 1 < len(headers) and _below(headers[last + 1], path):
                    last += 1
            if len(path) == level + 1:
                bottom = level if len(headers[first]) > level + 1 else depth - 1
                yield level, bottom, first, last, path[-1]
            first = last + 1


def _below(header: Sequence[str], path: list[str]) -> bool:
    return len(header) > len(path) and list(header[: len(path)]) == path


def formula(figure: Figure, place: Mapping[str, tuple[int, int]]) -> str:
    """The Excel formula of a total or a percentage, empty as long as nothing is filled in."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    if figure.ratio_of:
        top, bottom = (xl_rowcol_to_cell(*place[key]) for key in figure.ratio_of)
        share = f"ROUND({top}/{bottom}*100,{figure.decimals})"
        return f'=IF(OR(COUNT({top})=0,SUM({bottom})=0),"",{share})'
    plus = _ranges([place[key] for sign, key in figure.total_of if sign > 0])
    minus = _ranges([place[key] for sign, key in figure.total_of if sign < 0])
    every = ",".join(filter(None, (plus, minus)))
    total = "-".join([f"SUM({plus})" if plus else "0", *([f"SUM({minus})"] if minus else [])])
    return f'=IF(COUNT({every})=0,"",{total})'


def _ranges(places: list[tuple[int, int]]) -> str:
    """Cells as Excel writes them, runs down a column or along a row as ranges."""
    from xlsxwriter.utility import xl_range

    runs: list[list[tuple[int, int]]] = []
    for row, col in places:
        if runs and (row, col) in _next_to(runs[-1]):
            runs[-1].append((row, col))
        else:
            runs.append([(row, col)])
    return ",".join(xl_range(*run[0], *run[-1]) for run in runs)


def _next_to(run: list[tuple[int, int]]) -> list[tuple[int, int]]:
    (first_row, first_col), (row, col) = run[0], run[-1]
    down, right = (row + 1, col), (row, col + 1)
    if len(run) == 1:
        return [down, right]
    return [down] if first_col == col else [right] if first_row == row else []


def number_check(figure: Figure, hint: str) -> dict[str, Any]:
    """The validation of an input cell, with its prompt and message in Vietnamese."""
    low, high = (int(b) if b is not None and b.is_integer() else b for b in (figure.low, figure.high))
    kind, places = ("số nguyên", "") if figure.decimals == 0 else ("số", f", lấy {figure.decimals} chữ số thập phân")
    bounds = f" từ {low:g} đến {high:g}" if low is not None and high is not None else ""
    bounds = bounds or (f" từ {low:g} trở lên" if low is not None else f" đến {high:g}" if high is not None else "")
    unit = f"Đơn vị: {figure.unit}. " if figure.unit else ""
    check: dict[str, Any] = {
        "validate": "integer" if figure.decimals == 0 else "decimal",
        "input_title": "Nhập số liệu",
        "input_message": f"{unit}Nhập {kind}{bounds}{places}. {hint}".strip()[:255],
        "error_title": "Số liệu chưa đúng",
        "error_message": (
            f"{unit}Ô này chỉ nhận {kind}{bounds}. Gõ liền các chữ số, không gõ chữ, đơn vị hay dấu ngăn hàng nghìn."
        )[:255],
    }
    if low is not None and high is not None:
        return check | {"criteria": "between", "minimum": low, "maximum": high}
    if low is None and high is None:
        return check | {"criteria": "between", "minimum": -1e15, "maximum": 1e15}
    return check | {"criteria": "<=" if low is None else ">=", "value": high if low is None else low}
