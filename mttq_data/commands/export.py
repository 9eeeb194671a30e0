"""``mttq export``: the committee's report from the tables of the last build."""

from __future__ import annotations

import argparse
import sys
import warnings

_HELP = {
    "word": "report_pack.docx",
    "excel": "report_pack.xlsx",
    "figures": "figures/ (PNG, SVG, PDF)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to write, from where, where to; without a choice all three."""
    for name, about in _HELP.items():
        parser.add_argument(f"--{name}", action="store_true", help=about)
    parser.add_argument("--template", metavar="FILE", help="mẫu .docx của đơn vị / the office's own .docx")
    parser.add_argument("--processed", default="data/processed", metavar="DIR")
    parser.add_argument("--reports", default="reports", metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Write and name the files; a style the template lacks is a note."""
    import matplotlib as mpl

    from mttq_data.commands.output import word
    from mttq_data.errors import MttqWarning
    from mttq_data.report.pack import read_frames, write_pack

    mpl.use("Agg")
    outputs = [name for name in _HELP if getattr(args, name)] or list(_HELP)
    frames, sources = read_frames(args.processed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        written = write_pack(
            args.reports, frames, sources, lang=args.lang, outputs=outputs, template=args.template or None
        )
    for warning in caught:
        if issubclass(warning.category, MttqWarning):
            print(f"mttq: {word('note', args.lang)}: {warning.message}", file=sys.stderr)
    print(word("written", args.lang))
    for path in written:
        print(f"  {path}")
    return 0
