"""``mttq correct FILE``: what was written into the workbook of statistics goes into data/corrections.csv."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mttq_data.corrections.file import CHECKED, FILE

if TYPE_CHECKING:
    from mttq_data.corrections.file import Entry

_HELP = {
    "file": "statistics.xlsx đã ghi các cột 'sửa thành' / with the columns 'correct to' filled in",
    "undo": "bỏ những sửa đổi ghi trong FILE; không có thì bỏ lần sửa gần nhất / take back what FILE says, else the latest",
    "by": "tên người sửa / who corrects",
    "corrections": "tệp giữ các sửa đổi / where corrections are kept",
}
_WORDS = {
    "vi": {
        "added": "Đã ghi {n} sửa đổi, {m} chỗ đã kiểm tra vào {path}",
        "known": "Đã có sẵn từ trước: {n}",
        "removed": "Đã bỏ {n} sửa đổi khỏi {path}:",
        "unknown": "không có trong {path} để bỏ",
        "nothing": "Không có gì mới trong tệp này.",
        "none": "{path}: chưa có sửa đổi nào để bỏ",
        "next": "Chạy mttq build để áp dụng.",
        "error": "lỗi",
        "note": "lưu ý",
    },
    "en": {
        "added": "Kept in {path}: corrections {n}, settled problems {m}",
        "known": "Kept before: {n}",
        "removed": "Corrections taken out of {path}: {n}",
        "unknown": "not in {path}, nothing to take back",
        "nothing": "Nothing new in this file.",
        "none": "{path}: holds no correction to take back",
        "next": "Run mttq build to apply it.",
        "error": "error",
        "note": "note",
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workbook, who corrects, and taking back."""
    parser.add_argument("file", metavar="FILE", nargs="?", help=_HELP["file"])
    parser.add_argument("--undo", action="store_true", help=_HELP["undo"])
    parser.add_argument("--by", default="", metavar="NAME", help=_HELP["by"])
    parser.add_argument("--corrections", default=str(FILE), metavar="CSV", help=_HELP["corrections"])
    # argparse knows no "one of them at least"; run() says it in the same way.
    parser.set_defaults(usage_error=parser.error)


def run(args: argparse.Namespace) -> int:
    """Keep or take back, and say what was done."""
    from mttq_data.corrections.workbook import Reading, read_workbook

    if not args.file and not args.undo:
        args.usage_error("FILE")
    reading = read_workbook(args.file) if args.file else Reading()
    for line in reading.notes:
        print(f"mttq: {_WORDS[args.lang]['note']}: {line}", file=sys.stderr)
    for line in reading.failures:
        print(f"mttq: {_WORDS[args.lang]['error']}: {line}", file=sys.stderr)
    failed = _undo(reading.entries, args) if args.undo else _keep(reading.entries, args)
    return 1 if reading.failures or failed else 0


def _keep(entries: list[Entry], args: argparse.Namespace) -> bool:
    from mttq_data.corrections.file import add_entries, stamp, writer

    words = _WORDS[args.lang]
    signed = {"who": writer(args.by), "when": stamp(args.corrections)}
    added, known = add_entries([entry | signed for entry in entries], args.corrections)
    settled = sum(entry["field"] == CHECKED for entry in added)
    if added:
        print(words["added"].format(n=len(added) - settled, m=settled, path=args.corrections))
        _list(added, args.lang)
    if known:
        print(words["known"].format(n=len(known)))
    print(words["next"] if added else words["nothing"])
    return False


def _undo(entries: list[Entry], args: argparse.Namespace) -> bool:
    from mttq_data.corrections.entries import describe
    from mttq_data.corrections.file import last_entries, remove_entries

    words = _WORDS[args.lang]
    wanted = entries or last_entries(args.corrections)
    if not wanted:
        print(f"mttq: {words['error']}: {words['none'].format(path=args.corrections)}", file=sys.stderr)
        return True
    removed, unknown = remove_entries(wanted, args.corrections)
    for entry in unknown:
        said = f"{describe(entry, args.lang)}: {words['unknown'].format(path=args.corrections)}"
        print(f"mttq: {words['error']}: {said}", file=sys.stderr)
    if removed:
        print(words["removed"].format(n=len(removed), path=args.corrections))
        _list(removed, args.lang)
        print(words["next"])
    return bool(unknown)


def _list(entries: list[Entry], lang: str) -> None:
    from mttq_data.corrections.entries import describe

    for entry in entries:
        print(f"  {describe(entry, lang)}")
