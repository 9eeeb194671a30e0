"""What the commands of the store share: their options, names of units, and tables on the console."""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mttq_data.errors import MttqError
from mttq_data.wording import missing

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.store.store import Store

STORE = "data/store.sqlite"
TRUST_CLOCK = "đồng hồ nay đúng, trước kia chạy nhanh / the clock is right now and was ahead before"
_WHO = {
    "vi": "cần --by (ai làm) và --why (vì sao): cả hai được ghi vào nhật ký của kho",
    "en": "--by (who) and --why are needed: both go into the audit trail",
}
_UNDONE = {"vi": "Đã hủy việc {}.", "en": "Event {} is undone."}
_NO_VALUE = {
    "vi": "--value {}: viết một số như 5142 hoặc 2,67; để rõ nghĩa, 5.142 viết là 5142 hoặc 5,1420",
    "en": "--value {}: write a number such as 5142 or 2.67; to be clear, write 5.142 as 5142 or 5.1420",
}


def add_store(parser: argparse.ArgumentParser) -> None:
    """The option that names the store."""
    parser.add_argument("--store", default=STORE, metavar="FILE", help=f"kho / store ({STORE})")


def add_decision(parser: argparse.ArgumentParser) -> None:
    """The options of a command that changes the store by hand."""
    add_store(parser)
    parser.add_argument("--undo", type=int, metavar="EVENT", help="hủy việc số … / take an event back")
    parser.add_argument("--by", default="", metavar="NAME", help="ai quyết định / who decides")
    parser.add_argument("--why", default="", metavar="TEXT", help="vì sao / why")
    parser.add_argument("--trust-clock", action="store_true", help=TRUST_CLOCK)
    parser.set_defaults(wrong_usage=parser.error)


def need_reasons(args: argparse.Namespace) -> None:
    """Stop with exit code 2 unless it is said who decides and why."""
    if not (args.by.strip() and args.why.strip()):
        args.wrong_usage(_WHO[args.lang])


def undone(args: argparse.Namespace, store: Store) -> bool:
    """Take the event back that ``--undo`` names; False where none is named."""
    if args.undo is None:
        return False
    need_reasons(args)
    store.undo(args.undo, by=args.by, why=args.why)
    print(_UNDONE[args.lang].format(args.undo))
    return True


def area_code(args: argparse.Namespace, period: str | None) -> str:
    """The code of the unit that ``--area`` names or gives."""
    from mttq_data.places.area_codes import find_area

    return find_area(args.area, on=period or "2024-12-31").code


def area_name(code: object, period: object) -> str:
    """Name of a unit at a period; its code where the codelist has none."""
    from mttq_data.places.area_codes import find_area

    try:
        return find_area(str(code), on=str(period)).full_name
    except MttqError:
        return str(code)


def day(moment: pd.Timestamp) -> str:
    """A day as it is written in Vietnam; empty where there is none."""
    return "" if missing(moment) else f"{moment:%d/%m/%Y}"


def value_of(args: argparse.Namespace) -> float | None:
    """The number of ``--value``, refused where it can be read in two ways."""
    text = args.value
    if text is None:
        return None
    if not re.fullmatch(r"[+-]?\d+([.,]\d+)?", text) or re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", text):
        args.wrong_usage(_NO_VALUE[args.lang].format(text))
    return float(text.replace(",", "."))


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> None:
    """Print a table with columns as wide as their longest cell."""
    cells = [[in_one_line(c) for c in row] for row in (header, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = []
        for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - _width(cell))
            padded.append(gap + cell if at in right else cell + gap)
        print("  ".join(padded).rstrip())


def in_one_line(text: object) -> str:
    """Text as it may be printed: names of files and cells can hold line ends and codes that steer the console."""
    return "" if missing(text) else " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def _width(text: str) -> int:
    return sum(not unicodedata.combining(c) for c in text)
