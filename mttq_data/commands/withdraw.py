"""``mttq withdraw``: take a revision of a return out, or put it back."""

from __future__ import annotations

import argparse

from mttq_data.commands.store_output import add_decision, area_code, area_name, need_reasons, undone

_WORDS = {
    "vi": {
        "which": "cần --area và --period, ví dụ --area 'Lục Nam' --period 2024-Q4",
        "done": "Đã rút lại: {name} {period}; hủy bằng: mttq withdraw --undo {event}",
    },
    "en": {
        "which": "--area and --period are needed, such as --area 'Lục Nam' --period 2024-Q4",
        "done": "Withdrawn: {name} {period}; take back with: mttq withdraw --undo {event}",
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which revision, who withdraws it and why."""
    parser.add_argument("--area", metavar="UNIT")
    parser.add_argument("--period", metavar="2024-Q4")
    parser.add_argument("--form", default="front_work", metavar="ID")
    parser.add_argument("--revision", type=int, metavar="N")
    add_decision(parser)


def run(args: argparse.Namespace) -> int:
    """Withdraw, or undo."""
    from mttq_data.store.store import Store

    words = _WORDS[args.lang]
    store = Store(args.store, trust_clock=args.trust_clock)
    if undone(args, store):
        return 0
    if not (args.area and args.period):
        args.wrong_usage(words["which"])
    need_reasons(args)
    area = area_code(args, args.period)
    event = store.withdraw(area, args.period, args.form, by=args.by, why=args.why, revision=args.revision)
    print(words["done"].format(name=area_name(area, args.period), period=args.period, event=event))
    return 0
