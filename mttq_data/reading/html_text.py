"""A web page as lines of text: blocks to lines, tables row by row, scripts dropped."""

# ruff: noqa: SIM905 - word lists read and change more easily as words than as lists of strings
from __future__ import annotations

import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from mttq_data.errors import MttqError
from mttq_data.reading.docx_numbering import spelled
from mttq_data.reading.docx_text import row_line

_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary
    table tbody td tfoot th thead tr ul""".split()
)
_DROPPED = frozenset("script style head template noscript svg iframe textarea select option object math".split())
_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_SPACE = re.compile("[ \t\n\r\f]+")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{2,30})""", re.IGNORECASE)


def declared_charset(data: bytes) -> str:
    """The encoding a page says it is in, ``""`` where it says none.

    Examples
    --------
    >>> declared_charset(b'<meta charset="windows-1258">')
    'windows-1258'
    """
    found = _CHARSET.search(data[:4096])
    return found[1].decode("ascii").lower() if found else ""


class _Lines:
    """Collects text into lines; cells of a table row wait until the row ends."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.parts: list[str] = []
        self.preformatted = 0
        self.cells: list[tuple[list[str], bool]] = []
        self.outer: list[tuple[list[str], list[tuple[list[str], bool]]]] = []
        self.lists: list[tuple[str, int]] = []
        self.tables = 0

    def add(self, text: str | None) -> None:
        if text:
            self.parts.append(text if self.preformatted else _SPACE.sub(" ", text))

    def flush(self) -> None:
        text = "".join(self.parts)
        self.parts.clear()
        for line in text.split("\n"):
            kept = line.rstrip(" \t\r") if self.preformatted else _SPACE.sub(" ", line).strip(" ")
            if kept.strip():
                self.lines.append(kept)

    def start(self, node: Any, tag: str) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.flush()
            self._open(node, tag)
        self.add(node.text)

    def _open(self, node: Any, tag: str) -> None:
        if tag == "pre":
            self.preformatted += 1
        elif tag in ("td", "th"):
            self.outer.append((self.lines, self.cells))
            self.lines, self.cells = [], []
        elif tag == "table":
            self.tables += 1
        elif tag in ("ul", "ol", "menu"):
            start = node.get("start", "1")
            form = _FORMS.get(node.get("type", ""), "decimal") if tag == "ol" else ""
            self.lists.append((form, int(start) if re.fullmatch(r"-?[0-9]{1,6}", start) else 1))
        elif tag == "li" and self.lists:
            self._number(node.get("value", ""))

    def _number(self, value: str) -> None:
        form, at = self.lists[-1]
        if not form:
            self.parts.append("- ")
            return
        at = int(value) if re.fullmatch(r"-?[0-9]{1,6}", value) else at
        self.lists[-1] = (form, at + 1)
        self.parts.append(f"{spelled(at, form)}. ")

    def end(self, node: Any, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
            if tag == "pre":
                self.preformatted -= 1
            elif tag in ("td", "th") and self.outer:
                nested = self.tables
                cell, (self.lines, self.cells) = self.lines, self.outer.pop()
                self.cells.append((cell, next(node.iter("table"), None) is not None and nested > 0))
            elif tag in ("ul", "ol", "menu") and self.lists:
                self.lists.pop()
            if tag in ("tr", "table"):
                self._row()
        self.add(node.tail)

    def _row(self) -> None:
        cells, self.cells = self.cells, []
        line = None if any(nested for _, nested in cells) else row_line([lines for lines, _ in cells])
        if line is None:
            self.lines += [text for lines, _ in cells for text in lines]
        elif line:
            self.lines.append(line)


def read_html(text: str, name: str) -> list[str]:
    """The lines a reader of the page sees; `reading.read_document` is the public way.

    Parameters
    ----------
    text : str
        The page's source.
    name : str
        The file's name for messages.

    Raises
    ------
    MttqError
        The page nests too deep to be read whole.

    Examples
    --------
    >>> read_html("<h1>Kết quả</h1><table><tr><td>Hộ nghèo<td>2,67%</table>", "a.html")
    ['Kết quả', 'Hộ nghèo\\t2,67%']
    """
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser) if text.strip() else None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise MttqError(
            f"{name}: elements nested too deep; open the page in a browser, copy the text and save it as .txt"
        )
    found = _Lines()
    if root is None:
        return []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        tag = node.tag if isinstance(node.tag, str) else ""
        dropped = not tag or tag in _DROPPED
        if event == "start":
            if dropped:
                walk.skip_subtree()
            else:
                found.start(node, tag)
        elif dropped:
            found.add(node.tail)
        else:
            found.end(node, tag)
    found.flush()
    return found.lines
