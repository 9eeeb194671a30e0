"""``mttq check FILE…``: what does not add up in given reports."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.commands.extract import _expanded
from mttq_data.wording import SEVERITIES, label

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.reading.document import Document

_WORDS = {
    "vi": {
        "none": "{name}: không thấy điểm nào không khớp ({statistics} số liệu).",
        "head": "{name}: {statistics} số liệu - lỗi: {error} - cảnh báo: {warning} - lưu ý: {note}",
        "at": "vị trí", "settled": "đã kiểm tra", "written": "Đã ghi:", "expected": "có thể đúng là",
        "help_output": "ghi bảng kết quả (CSV, UTF-8) vào tệp này",
        "help_fail": "trả mã thoát 1 khi có phát hiện từ mức này trở lên (mặc định: không)",
    },
    "en": {
        "none": "{name}: nothing found that does not add up (statistics: {statistics}).",
        "head": "{name} - statistics: {statistics} - errors: {error} - warnings: {warning} - notes: {note}",
        "at": "at", "settled": "checked", "written": "Written:", "expected": "probably",
        "help_output": "write the table of findings (CSV, UTF-8) to this file",
        "help_fail": "exit with 1 when there is a finding of this severity or above (default: never)",
    },
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, the table to write and what counts as failure."""
    vi = _WORDS["vi"]
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("-o", "--output", metavar="CSV", help=vi["help_output"])
    parser.add_argument("--fail-on", choices=SEVERITIES, help=vi["help_fail"])


def run(args: argparse.Namespace) -> int:
    """Check each file and print its findings; 1 where a file failed or ``--fail-on`` says so."""
    import pandas as pd

    from mttq_data.build import failure_line

    tables: list[pd.DataFrame] = []
    failed = False
    for path in _expanded(args.files):
        try:
            tables.append(_check(path, args.lang))
        except Exception as exc:  # noqa: BLE001 - one bad file must not stop the others
            failed = True
            print(f"mttq: {failure_line(exc, str(path))}", file=sys.stderr)
    if tables and args.output:
        from mttq_data.files import write_bytes
        from mttq_data.tables.tables import csv_bytes

        write_bytes(args.output, csv_bytes(pd.concat(tables, ignore_index=True)))
        print(f"{_WORDS[args.lang]['written']} {args.output}")
    limit = SEVERITIES.index(args.fail_on) if args.fail_on else -1
    found = any(SEVERITIES.index(s) <= limit for table in tables for s in table["severity"])
    return 1 if failed or found else 0


def _check(path: str | Path, lang: str) -> pd.DataFrame:
    from mttq_data.corrections.file import read_corrections
    from mttq_data.corrections.laying import apply_corrections, apply_settled
    from mttq_data.extraction.statistics import extract
    from mttq_data.problems.table import problems_of
    from mttq_data.reading.documents import read_document

    document = read_document(path)
    document.name = Path(path).name
    table = read_corrections()
    table = table[table["sha256"] == document.sha256]  # what other texts' corrections say is not this check's business
    stats = extract(document).assign(sha256=document.sha256)
    stats = apply_corrections(stats, table)
    found = apply_settled(problems_of(stats, [document]), table, stats)
    words = _WORDS[lang]
    counts = Counter(found["severity"])
    numbers = {s: counts.get(s, 0) for s in SEVERITIES}
    print(words["head" if len(found) else "none"].format(name=Path(path).name, statistics=len(stats), **numbers))
    for row in found.to_dict("records"):
        settled = f" - {words['settled']}" if row["checked"] else ""
        hint = f" ({words['expected']}: {row['expected']})" if row["expected"] else ""
        print(
            f"  {label('severity', row['severity'], lang).upper()} {row['found']}{hint}{settled}\n    {row[f'message_{lang}']}\n    {_excerpt(document, row['where'])}\n    {words['at']} {row['where']}"
        )
    return found


def _excerpt(document: Document, where: str) -> str:
    """The words around the first place of a finding, with its page where the file has pages."""
    from mttq_data.wording import readable

    start, end = (int(n) for n in where.split()[0].split("-"))
    around = document.text[max(0, start - 50) : end + 50]
    page = document.place(start)
    return f"“… {readable(around)} …”" + (f" [{page}]" if page else "")
