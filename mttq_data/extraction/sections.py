"""The headings of a report: Phần / I. / 1. / 1.1. / (1) / a), with the faults reports have."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mttq_data.folding import plain

# Level, pattern. Dotted numbers need a capital after them, so that "2.5 tỷ" at
# the start of a line stays an amount; "2.2 Triển khai" without its dot is a heading.
_FORMS: list[tuple[int, re.Pattern[str]]] = [
    (
        0,
        re.compile(
            r"(?P<number>(?:PHẦN|Phần|CHƯƠNG|Chương)(?: thứ| THỨ)? (?:[IVX]+|\d{1,2}|nhất|hai|ba|tư|bốn|NHẤT|HAI|BA|TƯ|BỐN|một|MỘT))\b[.:]?(?P<title>.*)"
        ),
    ),
    (1, re.compile(r"(?P<number>[IVX]{1,5}|[A-H])[.)/] ?-? *(?P<title>\S.*)")),
    (3, re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){1,3})[.)]? *(?P<title>[^\W\d_].*)")),
    (2, re.compile(r"(?P<number>\d{1,2})[.)/] *-? *(?P<title>[^\W\d_].*|[\"“(].*)")),
    (5, re.compile(r"(?P<number>\(\d{1,2}\)) *(?P<title>.*)")),
    (6, re.compile(r"(?P<number>[a-zđ]\))[.]? *(?P<title>\S.*)")),
]
_TITLE_LIMIT = 200
# What a heading can begin with; every other line is passed over at once.
_MAY_HEAD = re.compile(r"[\s*#]*(?:\d|\(\d|[PC][hH]|[IVX]+[.)/]|[A-H][.)/]|[a-zđ]\))")


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it.

    Attributes
    ----------
    start, end : int
        Offsets of the heading's line and of the end of what it governs.
    heading_end : int
        Offset at which the heading's own text ends.
    level : int
        0 Phần, 1 I., 2 1., 3 1.1., 5 (1), 6 a).
    number, title : str
        "1.2" and the words after it.
    path : str
        Numbers from the outermost heading down: "Phần thứ nhất > II > 1.2 > (3)".
    parent : int
        Index of the enclosing section, -1 for none.
    """

    start: int
    end: int
    heading_end: int
    level: int
    number: str
    title: str
    path: str
    parent: int


def heading_of(text: str) -> tuple[int, str, str, int] | None:
    """Read one line as a heading: level, number, title, offset after the number.

    Examples
    --------
    >>> heading_of("2.2 Triển khai Đề án")[:3]
    (3, '2.2', 'Triển khai Đề án')
    >>> heading_of("2.615 nội dung giám sát") is None
    True
    """
    lead = len(text) - len(text.lstrip(" *#"))
    body = text[lead:]
    if not body or not (body[0].isdigit() or body[0] in "(PCIVXABDEFGHabcdefghđ"):
        return None
    for level, form in _FORMS:
        if found := form.match(body):
            number = found["number"]
            if level == 3 and found["title"][0].islower() and body[found.end("number")] not in ".)":
                return None
            depth = level + number.count(".") - 1 if level == 3 else level
            return depth, number, found["title"].strip()[:_TITLE_LIMIT], lead + found.end("number")
    return None


def find_sections(text: str) -> tuple[Section, ...]:
    """Find the headings of a text, in order.

    A heading in capitals goes on over the capital lines below it; a short line
    without a full stop goes on over a short line that stands before the next
    heading. Numbers that jump or repeat are kept as they stand.

    Parameters
    ----------
    text : str
        The whole document.

    Returns
    -------
    tuple of Section

    Examples
    --------
    >>> [s.path for s in find_sections("I. A\\n1. B\\nx\\n1.1. C\\nII. D")]
    ['I', 'I > 1', 'I > 1.1', 'II']
    """
    found = _headings(text)
    ends = _ends(found, len(text))
    sections: list[Section] = []
    stack: list[int] = []
    for index, (start, heading_end, level, number, title) in enumerate(found):
        while stack and sections[stack[-1]].level >= level:
            stack.pop()
        parent = stack[-1] if stack else -1
        numbers = [sections[i].number for i in stack] + [number]
        # "1.2" already names its "1"; the path keeps the longer number only.
        path = " > ".join(
            n for n, inner in zip(numbers, [*numbers[1:], ""], strict=True) if not inner.startswith(n + ".")
        )
        sections.append(Section(start, ends[index], heading_end, level, number, title, path, parent))
        stack.append(index)
    return tuple(sections)


def _headings(text: str) -> list[tuple[int, int, int, str, str]]:
    found: list[tuple[int, int, int, str, str]] = []
    position, open_title = 0, False
    for raw in text.split("\n"):
        start, position = position, position + len(raw) + 1
        stripped = raw.strip()
        if not stripped or not (open_title or _MAY_HEAD.match(raw)):
            continue
        line = plain(raw[: _TITLE_LIMIT * 4])
        heading = heading_of(line)
        if heading is None or (
            heading[0] == 1 and len(heading[1]) == 1 and heading[1] not in "IVX" and not _is_title(line)
        ):
            if open_title and found and _continues(found[-1], line, len(raw)):
                first, _, level, number, title = found[-1]
                found[-1] = (
                    first,
                    start + len(raw),
                    level,
                    number,
                    f"{title} {line.strip()}".strip()[:_TITLE_LIMIT],
                )
            else:
                open_title = False
            continue
        level, number, title, _ = heading
        found.append((start, start + len(raw), level, number, title))
        open_title = len(raw) < 160 and not stripped.endswith((".", ";", ":"))
    return found


def _is_title(text: str) -> bool:
    return text == text.upper() or len(text) < 120


def _continues(heading: tuple[int, int, int, str, str], text: str, length: int) -> bool:
    """Does this unnumbered line carry on the heading above it?"""
    if length > 160:
        return False
    body = text.strip()
    letters = [c for c in body if c.isalpha()]
    if not letters or body[0] in "-+*":
        return False
    capitals = sum(c.isupper() for c in letters) > 0.8 * len(letters)
    title = heading[4]
    if capitals:
        return heading[2] == 0 or title == title.upper()
    return heading[2] > 1 and length < 40 and not body.endswith((".", ":", ";"))


def _ends(found: list[tuple[int, int, int, str, str]], length: int) -> list[int]:
    """Where each section ends: at the next heading of its level or above."""
    ends = [length] * len(found)
    open_at: list[int] = []
    for index, (start, _, level, _, _) in enumerate(found):
        while open_at and found[open_at[-1]][2] >= level:
            ends[open_at.pop()] = start
        open_at.append(index)
    return ends
