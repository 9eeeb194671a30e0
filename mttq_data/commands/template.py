"""``mttq template``: empty returns for one unit, several, or all that owe one."""

from __future__ import annotations

import argparse

_WORDS = {
    "vi": {
        "period": "kỳ báo cáo: 2024-Q4, 2024-H1, 2024-10 hoặc 2024",
        "areas": "đơn vị gửi: mã hoặc tên như thường viết; bỏ trống là mọi đơn vị phải gửi",
        "form": "mẫu biểu (mặc định: front_work)",
        "output": "thư mục ghi các tệp mẫu (mặc định: thư mục hiện tại)",
        "written": "Đã ghi {n} biểu mẫu vào {folder}",
    },
    "en": {"written": "Empty returns written to {folder}: {n}"},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The period, the units, the form and the folder."""
    words = _WORDS["vi"]
    parser.add_argument("areas", nargs="*", metavar="UNIT", help=words["areas"])
    parser.add_argument("--period", required=True, metavar="2024-Q4", help=words["period"])
    parser.add_argument("--form", default="front_work", metavar="ID", help=words["form"])
    parser.add_argument("-o", "--output", default=".", metavar="DIR", help=words["output"])


def run(args: argparse.Namespace) -> int:
    """Write the workbooks."""
    from mttq_data.forms.template import write_templates

    written = write_templates(args.output, args.form, args.areas or None, args.period)
    print(_WORDS[args.lang]["written"].format(n=len(written), folder=args.output))
    return 0
