"""What a refused file is told: one line in each language, with what to do."""

from __future__ import annotations

import re
from pathlib import Path

from mttq_data.errors import MttqError

MB = 1_000_000

LARGEST_FILE = 30 * MB

LARGEST_UNPACKED = 40 * MB

MOST_CELLS = 1_500_000

MOST_MERGES = 20_000

MOST_PARTS = 3_000

_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class RefusedFile(MttqError):
    """A file that is not read. ``check`` names the reason; ``vi`` says it in Vietnamese."""

    def __init__(self, name: str, check: str, english: str, vietnamese: str) -> None:
        super().__init__(f"{shown(name)}: {english}")
        self.check = check
        self.en = f"{shown(name)}: {english}"
        self.vi = f"{shown(name)}: {vietnamese}"

    def __reduce__(self) -> tuple[object, ...]:
        """Errors travel between processes by their arguments; these are not the base class's."""
        return _rebuilt, (str(self), self.check, self.en, self.vi)


def _rebuilt(text: str, check: str, en: str, vi: str) -> RefusedFile:
    made = RefusedFile.__new__(RefusedFile)
    MttqError.__init__(made, text)
    made.check, made.en, made.vi = check, en, vi
    return made


def shown(name: str) -> str:
    """A file's name fit for one line of a message."""
    if name.isascii() and name.isprintable() and "/" not in name and len(name) < 120:
        return name
    return _UNSAFE_NAME.sub("?", Path(name).name or name)[:120].encode("utf-8", "replace").decode()


def password(name: str) -> RefusedFile:
    return RefusedFile(name, "password", "protected by a password; save it without one and send it again",
                       "tệp có mật khẩu mở; đề nghị bỏ mật khẩu rồi gửi lại")  # fmt: skip


def no_workbook(name: str, english: str, vietnamese: str) -> RefusedFile:
    return RefusedFile(name, "no_workbook", f"{english}; send the return as .xlsx",
                       f"{vietnamese}; đề nghị gửi lại biểu Excel (.xlsx)")  # fmt: skip


def damaged(name: str, exc: BaseException) -> RefusedFile:
    said = " ".join(str(exc).split())[:80]
    return RefusedFile(name, "damaged", f"damaged or cut off ({said}); ask for it again",
                       "tệp hỏng hoặc tải chưa đủ; đề nghị gửi lại")  # fmt: skip


def grows(name: str, english: str) -> RefusedFile:
    return RefusedFile(name, "too_large", f"{english}: more than a return can need (limits: {LARGEST_UNPACKED // MB} MB, "
                       f"{MOST_MERGES} merges, {MOST_PARTS} parts); not opened",
                       "tệp giải nén quá lớn so với một biểu số liệu; không mở")  # fmt: skip


def too_far(name: str, part: str, size: int) -> RefusedFile:
    return RefusedFile(name, "too_far", f"{part} has cells so far apart that it would fill {min(size, 1 << 40):,} cells; "
                       "delete the stray cell at the far end and save it again",
                       "có ô nằm quá xa bảng (cuối trang tính); xóa ô đó, lưu lại rồi gửi lại")  # fmt: skip


def library_failed(name: str, exc: BaseException) -> RefusedFile:
    """The refusal for a file that passed the look but that its library could not read."""
    text = f"{type(exc).__name__} {exc}".lower()
    if "password" in text or "encrypted" in text:
        return password(name)
    return damaged(name, exc)
