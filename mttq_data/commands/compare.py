"""``mttq compare A B``: two reports, years of the facts, or a report against the targets."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_WORDS = {
    "vi": {
        "counts": "So sánh: {n} cặp - tăng: {rise} - giảm: {fall} - giữ nguyên: {same} - chưa kết luận: {uncertain} - không so được: {not_}",
        "written": "Đã ghi:", "none": "không có chỉ tiêu chung",
        "a": "báo cáo, tệp số liệu CSV, hoặc năm/kỳ của data/raw/facts (ví dụ 2022)",
        "b": "như A; hoặc chữ targets: so với mục tiêu (mặc định)",
        "output": "ghi bảng so sánh (CSV, UTF-8) vào tệp này",
    },
    "en": {
        "counts": "Pairs compared: {n} - rise: {rise} - fall: {fall} - same: {same} - uncertain: {uncertain} - not comparable: {not_}",
        "written": "Written:", "none": "no indicator in common",
        "a": "a report, a CSV of figures, or a year or period of data/raw/facts (such as 2022)",
        "b": "like A; or the word targets: against the targets (the default)",
        "output": "write the comparison (CSV, UTF-8) to this file",
    },
}  # fmt: skip
_PERIOD = re.compile(r"\d{4}(-(\d{4}|Q[1-4]|H[12]|\d{2}))?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two sides, and where the table goes."""
    vi = _WORDS["vi"]
    parser.add_argument("a", metavar="A", help=vi["a"])
    parser.add_argument("b", metavar="B", nargs="?", default="targets", help=vi["b"])
    parser.add_argument("-o", "--output", metavar="CSV", help=vi["output"])
    parser.add_argument("--facts", default="data/raw/facts", metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Compare, print the sentences and write the table."""
    from mttq_data.comparison.comparison import compare, results_against_targets

    say = _WORDS[args.lang]
    first = _side(args.a, args.facts)
    if args.b == "targets":
        compared = results_against_targets(first, None if _has_targets(first) else _listed())
    else:
        compared = compare(first, _side(args.b, args.facts))
    for sentence in compared[f"why_{args.lang}"]:
        print(f"- {sentence}")
    counts = compared["verdict"].value_counts().to_dict()
    named = {k: counts.get(k, 0) for k in ("rise", "fall", "same", "uncertain")}
    print(say["counts"].format(n=len(compared), not_=counts.get("not comparable", 0), **named))
    if compared.empty:
        print(say["none"])
    if args.output:
        from mttq_data.files import write_bytes
        from mttq_data.tables.tables import csv_bytes

        write_bytes(args.output, csv_bytes(compared))
        print(f"{say['written']} {args.output}")
    return 0


def _side(text: str, folder: str) -> pd.DataFrame:
    """A report's statistics, a CSV's figures, or the facts of a period."""
    from mttq_data.errors import MttqError

    path = Path(text)
    if not path.exists() and _PERIOD.fullmatch(text):
        from mttq_data.comparison.facts import read_facts

        facts = read_facts(folder)
        chosen = facts[facts["period"].map(lambda p: p == text or text in _years(p))]
        if chosen.empty:
            raise MttqError(f"{folder}: no fact of {text}; see the column period of its files")
        return chosen
    if path.suffix.lower() == ".csv":
        return _table(path)
    from mttq_data import extract, read_document

    document = read_document(path)
    return extract(document)


def _years(period: str) -> set[str]:
    """The years a span of days ends in: fund years are asked for by their last."""
    return {period.rsplit("/", 1)[-1][:4]} if "/" in period else set()


def _table(path: Path) -> pd.DataFrame:
    """Statistics a build wrote, or facts."""
    import pandas as pd

    from mttq_data.comparison.facts import read_facts
    from mttq_data.errors import MttqError

    try:
        table = pd.read_csv(path, encoding="utf-8-sig", dtype={"area": str, "period": str, "term": str})
    except (OSError, ValueError) as exc:
        raise MttqError(f"{path}: cannot be read as CSV ({' '.join(str(exc).split())[:120]})") from exc
    return table if "sentence" in table or "cell" in table else read_facts(path)


def _has_targets(table: pd.DataFrame) -> bool:
    return "role" in table and bool((table["role"] == "target").any())


def _listed() -> pd.DataFrame:
    from mttq_data.codelists import targets

    return targets()
