"""A .pdf's text layer as lines: wrapped lines joined into paragraphs where that is safe."""

from __future__ import annotations

import logging
import re
from collections import Counter
from typing import TYPE_CHECKING

from mttq_data.errors import MttqError

if TYPE_CHECKING:
    from pypdf import PdfReader

_SCAN = "run text recognition (OCR) on it, or ask the sender for the Word file"
_MARKER = re.compile(
    r"\s*(?:[-+*•▪–—]\s|[IVXLC]{1,6}[.)/]|\d{1,3}(?:\.\d{1,2}){0,4}[.)]\s|\d{1,2}(?:\.\d{1,2})+\s+[^\W\d_]|\(?[a-zđ0-9]{1,2}\)"
    r"|(?:Phần|PHẦN|Chương|CHƯƠNG|Mục|MỤC|Điều|Biểu|Bảng)\s)"
)
_PAGE_NUMBER = re.compile(r"[-–\s]*(?:Trang\s+|Page\s+)?(\d{1,4})(?:\s*/\s*\d{1,4})?[-–\s]*")
_ENDED = re.compile(r"[.;:!?…][”\"’')\]]*\s*$")


def read_pdf(path: str, name: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Read a PDF as ``(line, page)`` pairs, wraps not yet joined, and notes.

    `reading.read_document` is the public way.

    Raises
    ------
    MttqError
        Password, damage, or pages that are pictures of text.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        _unlock(reader, name)
        pages = [page.extract_text() or "" for page in reader.pages]
    except MttqError:
        raise
    except DependencyError as exc:
        raise _locked(name) from exc
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OSError) as exc:
        advice = "get the file again, or open it and print it to a new PDF"
        raise MttqError(f"{name}: damaged or cut short; {advice}") from exc
    empty = [n for n, text in enumerate(pages, 1) if not re.search(r"\w", text)]
    _refuse_scan(pages, empty, name)
    lines, numbered = _without_page_numbers([text.splitlines() for text in pages])
    notes = ["page numbers are left out"] if numbered else []
    if empty:
        shown = ", ".join(map(str, empty[:20]))
        notes.append(f"no text on page {shown}{' and others' if len(empty) > 20 else ''}: blank or scanned")
    return lines, notes


def _unlock(reader: PdfReader, name: str) -> None:
    """Many offices lock a PDF against changes only; such a file opens without a password."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise _locked(name)


def _locked(name: str) -> MttqError:
    return MttqError(f"{name}: password-protected; open it and print it to a new PDF without a password")


def _refuse_scan(pages: list[str], empty: list[int], name: str) -> None:
    if len(empty) == len(pages):
        raise MttqError(f"{name}: no text layer, the pages are pictures (a scan); {_SCAN}")
    # A signature stamp leaves a few words on an otherwise scanned page.
    letters = sum(len(re.findall(r"\w", text)) for text in pages)
    if len(pages) > 2 and 2 * len(empty) >= len(pages) and letters < 60 * len(pages):
        raise MttqError(f"{name}: {len(empty)} of {len(pages)} pages have no text (a scan); {_SCAN}")


def _without_page_numbers(pages: list[list[str]]) -> tuple[list[tuple[str, str]], bool]:
    """Drop first or last lines that hold only a number keeping step with the pages."""
    pages = [[line.rstrip() for line in page if line.strip()] for page in pages]
    steps = Counter[tuple[int, int]]()
    for at, page in enumerate(pages):
        for edge in (0, -1):
            found = _PAGE_NUMBER.fullmatch(page[edge]) if page else None
            if found:
                steps[edge, int(found[1]) - at] += 1
    (edge, step), often = steps.most_common(1)[0] if steps else ((0, 0), 0)
    numbered = often >= 2 and 2 * often >= len(pages) - 1
    lines = []
    for at, page in enumerate(pages):
        if numbered and page and (found := _PAGE_NUMBER.fullmatch(page[edge])) and int(found[1]) - at == step:
            del page[edge]
        lines += [(line, f"page {at + 1}") for line in page]
    return lines, numbered


def join_wrapped(lines: list[tuple[str, str]]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Join a line to the one before where the break is only the margin's.

    A line goes on if it starts small after an unfinished line, or if the line
    before is full and unfinished and it bears no list mark. After a full stop
    the break stays: the next line may be a new paragraph.

    Parameters
    ----------
    lines : list of (str, str)
        Each line with its place.

    Returns
    -------
    list of (str, list)
        Fewer, longer lines, each with the places it runs through: offset in
        the line, label.

    Examples
    --------
    >>> wide = "Trong nhiệm kỳ, Mặt trận các cấp trong tỉnh đã vận động được"
    >>> join_wrapped([(wide, "page 1"), ("40 tỷ đồng.", "page 1")])
    [('Trong nhiệm kỳ, Mặt trận các cấp trong tỉnh đã vận động được 40 tỷ đồng.', [(0, 'page 1')])]
    """
    lengths = sorted(len(text) for text, _ in lines)
    width = lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    joined: list[tuple[list[str], list[tuple[int, str]]]] = []
    last = ""
    for text, place in lines:
        text = re.sub(r" {2,}", " ", text).strip(" ")
        if joined and _goes_on(last, text, width):
            parts, places = joined[-1]
            parts += _glued(last, text)
            if place != places[-1][1]:
                places.append((sum(map(len, parts)) - len(text), place))
        else:
            joined.append(([text], [(0, place)]))
        last = text
    return [("".join(parts), places) for parts, places in joined]


def _glued(before: str, text: str) -> list[str]:
    if before.endswith("\u00ad"):
        return [text]
    tight = re.search(r"[^\s\W][-/]$|\d[,.]$", before) and re.match(r"\w", text)
    return [text] if tight else [" ", text]


def _goes_on(last: str, text: str, width: int) -> bool:
    first = text.split(" ", 1)[0]
    full = len(last) + 1 + len(first) > 0.85 * width
    small = text[:1].islower() or text[:1] in "(,;%"
    if "\t" in last or "\t" in text:
        return False
    if _MARKER.match(text):
        # A dash between two words may open a line too: "kinh tế / - xã hội", "2021 / - 2026".
        return bool(
            full and not _ENDED.search(last) and re.match(r"[-–—]\s?[^\W_A-ZĐ]", text) and not text[2:3].isupper()
        )
    if re.search(r"\d[,.]$", last) and re.match(r"\d", text):
        return full
    if _ENDED.search(last):
        return full and text[:1].islower() and last.rstrip().endswith(";")
    return len(last) >= 0.5 * width and (full or (small and len(last) > 0.6 * width))
