"""``mttq extract FILE…``: the tables of given reports."""

from __future__ import annotations

import argparse
import glob
from functools import partial
from pathlib import Path

from mttq_data.commands.output import bar, report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files and the folder of the tables."""
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("-o", "--output", default=".", metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Extract and print the summary."""
    from mttq_data.build import extract_files

    done = extract_files(_expanded(args.files), args.output, args.lang, partial(bar, lang=args.lang))
    return report(done, args.lang)


def _expanded(names: list[str]) -> list[str | Path]:
    """File names with wildcards resolved: the Windows shell leaves that to the program."""
    out: list[str | Path] = []
    for name in names:
        matches = sorted(glob.glob(name)) if glob.has_magic(name) and not Path(name).exists() else []
        out += matches or [name]
    return out
