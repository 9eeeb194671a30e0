"""``mttq status --period 2024-Q4``: who has sent the return, and who has not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.commands.output import word
from mttq_data.commands.store_output import add_store, area_name, day, in_one_line, print_table
from mttq_data.periods import parse_period
from mttq_data.wording import label, missing

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.store.store import Store

_WORDS: dict[str, dict[str, str]] = {
    "vi": {
        "head": "{form}, {period} - hạn gửi {due}",
        "period": "cần --period, ví dụ --period 2024-Q4",
        "written": "Đã ghi:",
        "empty": "Nhật ký chưa có gì.",
        "doubtful": "Chưa tính vì còn nghi ngờ: {name}, lần gửi {revision} ({source}); "
        "xem mttq accept, hoặc mttq withdraw --revision {revision}",
        "none": "{}: chưa có kho ở đây",
    },
    "en": {
        "head": "{form}, {period} - due {due}",
        "period": "--period is needed, such as --period 2024-Q4",
        "written": "Written:",
        "empty": "There is nothing in the audit trail.",
        "doubtful": "In doubt, does not count: {name}, revision {revision} ({source}); "
        "see mttq accept, or mttq withdraw --revision {revision}",
        "none": "{}: there is no store here yet",
    },
}
_HEADER: dict[str, Sequence[str]] = {
    "vi": ("Đơn vị", "Tình trạng", "Ngày nhận", "Chậm (ngày)", "Lần gửi", "Lỗi", "Cảnh báo"),
    "en": ("Unit", "Status", "Received", "Days late", "Revision", "Errors", "Warnings"),
}
_TRAIL: dict[str, Sequence[str]] = {
    "vi": ("Việc", "Lúc", "Ai", "Việc gì", "Đơn vị", "Kỳ", "Lần gửi", "Số liệu", "Giá trị", "Vì sao", "Hủy việc"),
    "en": ("Event", "At", "By", "Action", "Unit", "Period", "Revision", "Value id", "Value", "Why", "Undoes"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Form, period, store, and where a chart goes."""
    parser.add_argument("--period", metavar="2024-Q4")
    parser.add_argument("--form", default="front_work", metavar="ID")
    parser.add_argument("--chart", metavar="FILE.png", help="vẽ biểu đồ / draw the chart")
    parser.add_argument("--trail", action="store_true", help="in nhật ký của kho / print the audit trail")
    add_store(parser)
    parser.set_defaults(wrong_usage=parser.error)


def run(args: argparse.Namespace) -> int:
    """Print the table, or the audit trail."""
    from mttq_data.store.store import Store

    store = Store(args.store)
    if args.trail:
        return _print_trail(store, args)
    if not args.period:
        args.wrong_usage(_WORDS[args.lang]["period"])
    frame = store.status(args.form, args.period)
    if not store.path.exists():
        print(f"mttq: {word('note', args.lang)}: {_WORDS[args.lang]['none'].format(args.store)}", file=sys.stderr)
    _print_status(frame, args)
    _print_doubtful(store, args)
    if args.chart:
        _draw(frame, args)
    return 0


def _print_status(frame: pd.DataFrame, args: argparse.Namespace) -> None:
    first = frame.iloc[0]
    print(_WORDS[args.lang]["head"].format(form=args.form, period=first["period"], due=day(first["due"])))
    counts = frame["status"].value_counts()
    print(" - ".join(f"{label('status', s, args.lang)}: {n}" for s, n in counts.items()))
    rows = [
        (
            area_name(row["area"], row["period"]),
            label("status", row["status"], args.lang),
            day(row["received"]),
            *("" if missing(row[c]) else row[c] for c in ("days_late", "revision", "errors", "warnings")),
        )
        for row in frame.to_dict("records")
    ]
    print_table(_HEADER[args.lang], rows, right=(3, 4, 5, 6))


def _print_doubtful(store: Store, args: argparse.Namespace) -> None:
    """Name what came in and does not count, because no figure of it is sure."""
    if not store.path.exists():
        return
    frame = store.revisions(period=args.period, form=args.form)
    for row in frame[frame["state"] == "doubtful"].to_dict("records"):
        place = {"name": area_name(row["area"], row["period"]), "revision": row["revision"], "source": row["source"]}
        print(in_one_line(_WORDS[args.lang]["doubtful"].format(**place)))


def _draw(frame: pd.DataFrame, args: argparse.Namespace) -> None:
    from mttq_data.charts.save import save_figure
    from mttq_data.charts.status import plot_status
    from mttq_data.charts.style import without_window

    with without_window():
        ax = plot_status(frame, lang=args.lang)
    print(_WORDS[args.lang]["written"])
    for path in save_figure(ax, Path(args.chart)):
        print(f"  {path}")


def _print_trail(store: Store, args: argparse.Namespace) -> int:
    period = parse_period(args.period).text if args.period else ""
    frame = store.audit()
    frame = frame[frame["period"] == period] if period else frame
    if frame.empty:
        print(_WORDS[args.lang]["empty"])
        return 0
    rows = [
        (
            row["event"],
            f"{row['at'].tz_convert(None):%Y-%m-%d %H:%M}Z",
            row["by"],
            label("action", row["action"], args.lang),
            area_name(row["area"], row["period"]) if row["area"] else "",
            *(row[c] for c in ("period", "revision", "place", "value", "why", "undoes")),
        )
        for row in frame.to_dict("records")
    ]
    print_table(_TRAIL[args.lang], rows, right=(0, 6, 8, 10))
    return 0
