"""Simple formulas whose result a program did not store: sums and plain arithmetic, nothing else."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

from mttq_data.returns.grids import Sheet

_REF = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
_SUM = re.compile(r"SUM\(([^()]*)\)", re.IGNORECASE)
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def evaluate(formula: str, sheet: Sheet) -> float | None:
    """The value of ``=5+7``, ``=E13+E14`` or ``=SUM(E13:E15)``; None for anything else.

    Examples
    --------
    >>> sheet = Sheet("S", [[2.0, 3.0], [4.0, ""]])
    >>> evaluate("=SUM(A1:B2)+A1*2", sheet), evaluate("=cmd|'/c calc'!A1", sheet)
    (13.0, None)
    """
    text = formula.removeprefix("=").replace(" ", "")
    if len(text) > 300:
        return None
    try:
        text = _SUM.sub(lambda m: repr(sum(_sum_of(part, sheet) for part in m[1].split(","))), text)
        text = _REF.sub(lambda m: repr(_cell(m[1], int(m[2]), sheet)), text)
        return _compute(ast.parse(text, mode="eval").body)
    except (ValueError, SyntaxError, ZeroDivisionError, OverflowError, RecursionError, MemoryError):
        return None


def _sum_of(part: str, sheet: Sheet) -> float:
    if m := _RANGE.fullmatch(part):
        columns = range(_column(m[1]), _column(m[3]) + 1)
        lines = range(int(m[2]), int(m[4]) + 1)
        if len(columns) * len(lines) > 10_000:
            raise ValueError(part)
        return sum(_cell_at(r - 1, c, sheet, skip_text=True) for r in lines for c in columns)
    if m := _REF.fullmatch(part):
        return _cell(m[1], int(m[2]), sheet)
    return float(part)


def _cell(column: str, row: int, sheet: Sheet) -> float:
    return _cell_at(row - 1, _column(column), sheet)


def _cell_at(row: int, column: int, sheet: Sheet, skip_text: bool = False) -> float:
    if (row, column) in sheet.formulas and sheet.rows[row][column] == "":
        raise ValueError("depends on a formula")
    value = sheet.rows[row][column] if row < len(sheet.rows) and column < sheet.width else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if value == "" or skip_text:
        return 0.0
    raise ValueError(value)


def _column(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _compute(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_compute(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_compute(node.left), _compute(node.right))
    raise ValueError("not plain arithmetic")
