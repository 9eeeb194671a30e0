"""A report's text, kept code point by code point, and where its parts stand."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Sequence
from functools import cached_property

from mttq_data.extraction.sections import Section, find_sections


class Document:
    """The text of one report.

    Parameters
    ----------
    text : str
        Exactly the code points read; every offset of every table indexes into it.
    name : str, optional
        File name or any label for messages and the ``document`` column.
    notes : sequence of str, optional
        What reading had to say ("converted from TCVN3").
    places : sequence of (int, str), optional
        Offset at which a page or paragraph of the source begins, and its label.

    Examples
    --------
    >>> document = Document("Tỷ lệ hộ nghèo còn 2,67%.", name="report")
    >>> document.text[19:24]
    '2,67%'
    """

    def __init__(
        self,
        text: str,
        name: str = "",
        *,
        notes: Sequence[str] = (),
        places: Sequence[tuple[int, str]] = (),
    ) -> None:
        self.text = text
        self.name = name
        self.notes = tuple(notes)
        self.places = tuple(places)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the text in UTF-8 (lone surrogates kept), 64 hex digits."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The headings in order, each with its path, offsets and level."""
        return find_sections(self.text)

    def place(self, offset: int) -> str:
        """The page or paragraph of the source in which ``offset`` stands, or ``""``."""
        at = bisect.bisect_right([start for start, _ in self.places], offset) - 1
        return self.places[at][1] if at >= 0 else ""

    def __repr__(self) -> str:
        return f"Document(name={self.name!r}, {len(self.text)} characters)"
