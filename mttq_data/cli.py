"""The command ``mttq``.

A command is a line in ``COMMANDS`` and a module ``mttq_data/commands/<name>.py``
with ``add_arguments(parser)`` and ``run(args) -> int``. Exit codes: 0 done,
1 something failed (one line each on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import itertools
import os
import sys
import unicodedata
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from mttq_data.errors import MttqError

COMMANDS = {
    "build": (
        "đọc mọi tệp trong data/raw, ghi bảng vào data/processed và biểu đồ vào reports",
        "read everything in data/raw; write tables to data/processed and charts to reports",
    ),
    "extract": (
        "rút số liệu từ các tệp báo cáo đã cho",
        "extract the statistics of the given report files",
    ),
    "check": (
        "tìm chỗ không khớp trong các tệp báo cáo đã cho",
        "find what does not add up in the given report files",
    ),
    "correct": (
        "ghi nhận số đã sửa trong statistics.xlsx để mọi lần build sau giữ nguyên",
        "keep what was set right in statistics.xlsx, so that every later build applies it",
    ),
    "compare": (
        "so sánh hai nhiệm kỳ, hai năm, hoặc kết quả với mục tiêu",
        "compare two terms, two years, or results with targets",
    ),
    "export": (
        "ghi báo cáo Word, Excel và biểu đồ từ các bảng của lần build gần nhất",
        "write the Word and Excel report and the pictures from the tables of the last build",
    ),
    "template": ("ghi biểu mẫu trống để gửi các đơn vị", "write empty returns to send to the units"),
    "load": ("nạp báo cáo của các đơn vị vào kho", "load returns of the units into the store"),
    "status": ("đơn vị nào đã gửi, chậm, chưa gửi báo cáo", "who has sent the return, who is late, who is missing"),
    "accept": ("xem và xử lý số liệu nghi ngờ trong kho", "list, accept or refuse the suspect values of the store"),
    "withdraw": ("rút lại một lần gửi báo cáo trong kho", "withdraw a revision of a return from the store"),
}
_ABOUT = (
    "Số liệu của báo cáo Mặt trận thành bảng và biểu đồ. Không gửi gì ra khỏi máy.",
    "Statistics of Fatherland Front reports as tables and charts. Nothing leaves the machine.",
)
_LANG_HELP = (
    "ngôn ngữ của kết quả: vi (mặc định) hoặc en",
    "language of the results: vi (default) or en",
)
_STOPPED = ("đã dừng theo yêu cầu", "stopped")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; those of the process by default.

    Returns
    -------
    int
        0 done, 1 something failed, 130 interrupted; wrong usage exits with 2.

    Examples
    --------
    >>> main(["extract", "no-such-report.txt"])  # doctest: +SKIP
    1
    """
    words = list(sys.argv[1:] if argv is None else argv)
    make_streams_safe()
    lang = _lang_of(words)
    try:
        code = _run(words, lang)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except MttqError as exc:
        return _say(" ".join(str(exc).split()), 1)
    except KeyboardInterrupt:
        return _say(_STOPPED[lang == "en"], 130)
    except BrokenPipeError:
        # Whoever read the output has gone; keep the interpreter from flushing into nothing.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as exc:  # noqa: BLE001 - the user gets one line, never a traceback
        from mttq_data.build import failure_line

        return _say(failure_line(exc, "mttq"), 1)


def _run(words: list[str], lang: str) -> int:
    parser, modules = _parser(words, lang)
    args = parser.parse_args(words)
    if not args.command:
        parser.print_help(sys.stderr)
        return 2
    return int(modules[args.command].run(args))


def _parser(words: list[str], lang: str) -> tuple[argparse.ArgumentParser, dict[str, Any]]:
    """The parser; only the modules of commands that are named are imported."""
    from mttq_data import __version__

    at = int(lang == "en")
    parser = argparse.ArgumentParser(prog="mttq", description=_ABOUT[at])
    parser.add_argument("--version", action="version", version=f"mttq {__version__}")
    lang_choice: dict[str, Any] = {"choices": ("vi", "en"), "help": _LANG_HELP[at]}
    parser.add_argument("--lang", default="vi", **lang_choice)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    modules = {}
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about[at], description=about[at])
        if name in words:
            modules[name] = import_module(f"mttq_data.commands.{name}")
            modules[name].add_arguments(command)
            # Without a default here, so that "mttq --lang en build" holds as well.
            command.add_argument("--lang", default=argparse.SUPPRESS, **lang_choice)
    return parser, modules


def _lang_of(words: Sequence[str]) -> str:
    """The language asked for, known before the arguments are parsed."""
    asked = [b for a, b in itertools.pairwise(words) if a == "--lang"]
    asked += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    return "en" if asked[-1:] == ["en"] else "vi"


def _say(line: str, code: int) -> int:
    if sys.stderr is not None:
        print(f"mttq: {line}", file=sys.stderr)
    return code


def make_streams_safe() -> None:
    """Let stdout and stderr take any text: letters a console lacks lose their marks."""
    codecs.register_error("mttq_plain", _without_marks)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="mttq_plain")


def _without_marks(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].replace("đ", "d").replace("Đ", "D")
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if ord(c) < 128 else "?" for c in bare), error.end
