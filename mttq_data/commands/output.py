"""What the commands print: progress on stderr, a short summary on stdout, one line for each failure."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mttq_data.wording import SAMPLE

if TYPE_CHECKING:
    from mttq_data.build import Outcome
    from mttq_data.inventory import Source

_WORDS = {
    "vi": {
        "reading": "Đang đọc",
        "counts": "Văn bản: {documents} - số liệu: {statistics} - đã gắn chỉ tiêu: {linked} - cần xem lại: {doubtful}",
        "judged": "Đã sửa tay: {corrected} - chỗ cần kiểm tra: {problems} - đã kiểm tra xong: {settled}",
        "sample": f"{SAMPLE['vi']}: làm từ văn bản mẫu đi kèm, không phải báo cáo của cơ quan.",
        "written": "Đã ghi:",
        "nothing": "Không ghi tệp nào.",
        "note": "lưu ý",
        "error": "lỗi",
    },
    "en": {
        "reading": "Reading",
        "counts": "Documents: {documents} - statistics: {statistics} - linked: {linked} - doubtful: {doubtful}",
        "judged": "Corrected by hand: {corrected} - to check: {problems} - settled: {settled}",
        "sample": f"{SAMPLE['en']}: made from the sample that ships with the software, not from an office's report.",
        "written": "Written:",
        "nothing": "Nothing was written.",
        "note": "note",
        "error": "error",
    },
}


def word(name: str, lang: str) -> str:
    """A fixed phrase of the command line."""
    return _WORDS[lang][name]


def bar(found: Sequence[Source], lang: str) -> Iterable[Source]:
    """A progress bar on stderr; silent where stderr is no terminal."""
    from tqdm import tqdm

    return tqdm(found, desc=word("reading", lang), unit="", file=sys.stderr, disable=None, leave=False)


def report(outcome: Outcome, lang: str) -> int:
    """Print a run's summary and return its exit code: 1 where anything failed."""
    for line in outcome.notes:
        print(f"mttq: {word('note', lang)}: {line}", file=sys.stderr)
    for line in outcome.failures:
        print(f"mttq: {word('error', lang)}: {line}", file=sys.stderr)
    print(word("counts", lang).format(**outcome.counts))
    print(word("judged", lang).format(**outcome.counts))
    if outcome.sample:
        print(word("sample", lang))
    print(word("written" if outcome.written else "nothing", lang))
    for path in outcome.written:
        print(f"  {path}")
    return 1 if outcome.failures else 0
