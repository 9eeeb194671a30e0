"""``mttq build``: everything in data/raw to data/processed and reports."""

from __future__ import annotations

import argparse
import os
from functools import partial

from mttq_data.commands.output import bar, report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Folders; the defaults are those of the repository."""
    parser.add_argument("--raw", default="data/raw", metavar="DIR")
    parser.add_argument("--processed", default="data/processed", metavar="DIR")
    parser.add_argument("--reports", default="reports", metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Build and print the summary."""
    from mttq_data.build import build

    # Pictures go into files; a window would need a screen.
    os.environ.setdefault("MPLBACKEND", "Agg")
    done = build(args.raw, args.processed, args.reports, args.lang, partial(bar, lang=args.lang))
    return report(done, args.lang)
