"""``mttq accept``: list suspect values, accept or refuse them, take that back."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from mttq_data.commands.store_output import (
    add_decision,
    area_code,
    area_name,
    need_reasons,
    print_table,
    undone,
    value_of,
)
from mttq_data.wording import indicator_name, missing, number, unit_name

if TYPE_CHECKING:
    import pandas as pd

_WORDS: dict[str, Any] = {
    "vi": {
        "head": ("Mã", "Đơn vị", "Kỳ", "Chỉ tiêu", "Trong tệp ghi", "Gợi ý", "Đơn vị tính", "Ô", "Tệp"),
        "none": "Không có số liệu nghi ngờ nào chờ xử lý.",
        "how": "Chấp nhận: mttq accept MÃ … --by TÊN --why LÝ-DO (thêm --refuse để không chấp nhận, --all cho tất cả)",
        "accept": "Đã chấp nhận {count} số liệu; hủy bằng: mttq accept --undo {event}",
        "refuse": "Đã ghi {count} số liệu là không chấp nhận; hủy bằng: mttq accept --undo {event}",
        "both": "nêu mã hoặc --all, không cả hai",
    },
    "en": {
        "head": ("Id", "Unit", "Period", "Indicator", "In the file", "Suggestion", "In", "Cell", "File"),
        "none": "No suspect value waits for a decision.",
        "how": "Accept: mttq accept ID … --by NAME --why REASON (--refuse to refuse, --all for all of them)",
        "accept": "Accepted: {count}; take back with: mttq accept --undo {event}",
        "refuse": "Refused: {count}; take back with: mttq accept --undo {event}",
        "both": "give ids or --all, not both",
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which values, what to do with them, who does it and why."""
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--all", action="store_true", help="mọi số liệu được chọn / all that are chosen")
    parser.add_argument("--area", metavar="UNIT")
    parser.add_argument("--period", metavar="2024-Q4")
    parser.add_argument("--form", metavar="ID")
    parser.add_argument("--indicator", metavar="ID")
    parser.add_argument("--value", metavar="NUMBER", help="giá trị đúng / the right value")
    parser.add_argument("--refuse", action="store_true", help="không chấp nhận / refuse")
    add_decision(parser)


def run(args: argparse.Namespace) -> int:
    """Decide, or list what waits for a decision."""
    from mttq_data.store.store import Store

    words = _WORDS[args.lang]
    store = Store(args.store, trust_clock=args.trust_clock)
    if undone(args, store):
        return 0
    if args.ids and args.all:
        args.wrong_usage(words["both"])
    ids = args.ids
    if not ids:
        area = area_code(args, args.period) if args.area else None
        frame = store.suspects(area=area, period=args.period, form=args.form, indicator=args.indicator)
        if not args.all or frame.empty:
            return _list(frame, args.lang)
        ids = frame["id"].tolist()
    need_reasons(args)
    if args.refuse:
        events = store.refuse(ids, by=args.by, why=args.why)
    else:
        events = store.accept(ids, by=args.by, why=args.why, value=value_of(args))
    done = "refuse" if args.refuse else "accept"
    print(words[done].format(count=len(events), event=events[0] if len(events) == 1 else f"{events[0]} … {events[-1]}"))
    return 0


def _list(frame: pd.DataFrame, lang: str) -> int:
    if frame.empty:
        print(_WORDS[lang]["none"])
        return 0
    rows = [
        (
            row["id"],
            area_name(row["area"], row["period"]),
            row["period"],
            indicator_name(row["indicator"], lang),
            row["raw"],
            number(row["value"] if missing(row["suggestion"]) else row["suggestion"], lang),
            unit_name(row["unit"], lang),
            row["cell"],
            row["source"],
        )
        for row in frame.to_dict("records")
    ]
    print_table(_WORDS[lang]["head"], rows, right=(5,))
    print(_WORDS[lang]["how"])
    return 0
