"""``mttq load FOLDER…``: returns into the store."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mttq_data.commands.extract import _expanded
from mttq_data.commands.output import word
from mttq_data.commands.store_output import TRUST_CLOCK, add_store, area_name, in_one_line

if TYPE_CHECKING:
    from mttq_data.store.store import Added, Loaded

_WORDS = {
    "vi": {
        "new": "Đã nạp: {name} {period} {form} - lần gửi {revision} - {source}",
        "doubtful": "Đã nạp nhưng số liệu còn nghi ngờ, xem mttq accept: {name} {period} {form}"
        " - lần gửi {revision} - {source}",
        "reread": "Đã kiểm tra lại: {name} {period} {form} - lần gửi {revision} - {source}",
        "withdrawn": "Lần gửi này đã bị rút lại, không nạp nữa: {name} {period} {form} - lần gửi {revision} - {source}",
        "counts": "Báo cáo mới: {new} - đã có trong kho: {known} - tệp không nạp được: {failed} - kho: {store}",
    },
    "en": {
        "new": "Loaded: {name} {period} {form} - revision {revision} - {source}",
        "doubtful": "Loaded, but in doubt, see mttq accept: {name} {period} {form} - revision {revision} - {source}",
        "reread": "Checked again: {name} {period} {form} - revision {revision} - {source}",
        "withdrawn": "Withdrawn before, not loaded again: {name} {period} {form} - revision {revision} - {source}",
        "counts": "New returns: {new} - in the store before: {known} - files that failed: {failed} - store: {store}",
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files and folders, the store, the day of receipt and who loads."""
    parser.add_argument("paths", nargs="*", default=["data/raw/returns"], metavar="FOLDER")
    parser.add_argument("--received", metavar="2025-01-08", help="ngày nhận / day received")
    parser.add_argument("--by", default="", metavar="NAME", help="ai nạp / who loads")
    parser.add_argument("--again", action="store_true", help="đọc lại tệp đã có / read known files again")
    parser.add_argument("--trust-clock", action="store_true", help=TRUST_CLOCK)
    add_store(parser)


def run(args: argparse.Namespace) -> int:
    """Load, saying of each return that it is kept as soon as it is; 1 where a file failed."""
    from tqdm import tqdm

    from mttq_data.store.store import Store

    store = Store(args.store, trust_clock=args.trust_clock)
    words = _WORDS[args.lang]
    bar = tqdm(desc=word("reading", args.lang), unit="", file=sys.stderr, disable=None, leave=False)

    def tell(added: list[Added]) -> None:
        bar.clear()
        for one in added:
            if one.state in words:
                said = words[one.state].format(**(vars(one) | {"name": area_name(one.area, one.period)}))
                print(in_one_line(said))
        sys.stdout.flush()

    def progress(count: int) -> None:
        bar.update(count)

    with bar:
        done = store.load(
            _expanded(args.paths),
            received=args.received,
            by=args.by,
            again=args.again,
            tell=tell,
            progress=progress,
        )
    return _report(done, args, words)


def _report(done: Loaded, args: argparse.Namespace, words: dict[str, str]) -> int:
    lines = list(done.failures)
    for source, group in done.problems.groupby("source", sort=False):
        said = group[f"message_{args.lang}"].drop_duplicates().tolist()
        more = f" (+{len(said) - 1})" if len(said) > 1 else ""
        lines.append((said[0] if source in said[0] else f"{source}: {said[0]}") + more)
    for line in lines:
        print(f"mttq: {word('error', args.lang)}: {in_one_line(line)}", file=sys.stderr)
    states = done.returns["state"]
    known = int(states.isin(["known", "reread", "withdrawn"]).sum())
    print(
        words["counts"].format(
            new=int(states.isin(["new", "doubtful"]).sum()), known=known, failed=len(lines), store=args.store
        )
    )
    return 1 if lines else 0
