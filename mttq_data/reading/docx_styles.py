"""What a .docx's styles say of a paragraph or run: its font, its list, whether it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

_DEPTH = 20


def attribute(node: Any, name: str) -> str:
    """An attribute by its local name; ``""`` where the node or attribute is absent."""
    if node is None:
        return ""
    return next((str(value) for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")


def child(node: Any, *names: str) -> Any:
    """Follow child tags by local name; None where one is absent."""
    for name in names:
        node = None if node is None else node.find(f"{{*}}{name}")
    return node


def _is_on(node: Any) -> bool | None:
    return None if node is None else attribute(node, "val") not in ("0", "false", "off")


class Styles:
    """The styles of one document.

    Parameters
    ----------
    root : lxml element or None
        The root of ``word/styles.xml``.
    """

    def __init__(self, root: Any) -> None:
        self._styles: dict[str, Any] = {}
        self._default = ""
        self._base_font = ""
        self._looks: dict[tuple[str, str], tuple[str, bool]] = {}
        if root is None:
            return
        for node in root.iterfind("{*}style"):
            name = attribute(node, "styleId")
            self._styles[name] = node
            if attribute(node, "type") == "paragraph" and attribute(node, "default") in ("1", "true"):
                self._default = name
        self._base_font = _font(child(root, "docDefaults", "rPrDefault", "rPr")) or ""

    def _chain(self, style: str) -> Iterator[tuple[str, Any]]:
        for _ in range(_DEPTH):
            node = self._styles.get(style)
            if node is None:
                return
            yield style, node
            style = attribute(child(node, "basedOn"), "val")

    def style_of(self, paragraph: Any) -> str:
        """The id of a paragraph's style, the document's default where it names none."""
        return attribute(child(paragraph, "pPr", "pStyle"), "val") or self._default

    def is_contents(self, style: str) -> bool:
        """Whether a style is one of Word's own for a table of contents."""
        node = self._styles.get(style)
        name = attribute(child(node, "name"), "val").lower() if node is not None else ""
        return name.startswith("toc ") and name[4:].isdecimal()

    def look_of(self, run: Any, style: str) -> tuple[str, bool]:
        """The font of a run and whether it is hidden."""
        own = child(run, "rPr")
        inherited = self._inherited(attribute(child(own, "rStyle"), "val"), style)
        font, hidden = _font(own), _is_on(child(own, "vanish"))
        return (inherited[0] if font is None else font), (inherited[1] if hidden is None else hidden)

    def _inherited(self, run_style: str, style: str) -> tuple[str, bool]:
        key = (run_style, style)
        if key not in self._looks:
            looks = [child(node, "rPr") for name in key for _, node in self._chain(name)]
            fonts = [font for font in map(_font, looks) if font is not None]
            hidden = [on for on in (_is_on(child(look, "vanish")) for look in looks) if on is not None]
            self._looks[key] = (fonts or [self._base_font])[0], bool(hidden and hidden[0])
        return self._looks[key]

    def numbering_of(
        self, paragraph: Any, style: str, level_of_style: Callable[[str, str], int | None]
    ) -> tuple[str, int]:
        """The list id and level of a paragraph, its own or its style's; ``("", 0)`` for none."""
        own = child(paragraph, "pPr", "numPr")
        number, level = attribute(child(own, "numId"), "val"), attribute(child(own, "ilvl"), "val")
        tied: int | None = None
        if not number:
            number, tied, inherited = self._style_numbering(style, level_of_style)
            level = level or inherited
        if not number or number == "0":
            return "", 0
        return number, int(level) if level.isdecimal() else tied or 0

    def _style_numbering(
        self, style: str, level_of_style: Callable[[str, str], int | None]
    ) -> tuple[str, int | None, str]:
        level = ""
        tied_to = []
        for name, node in self._chain(style):
            listing = child(node, "pPr", "numPr")
            tied_to.append(name)
            level = level or attribute(child(listing, "ilvl"), "val")
            if number := attribute(child(listing, "numId"), "val"):
                ties = [at for at in (level_of_style(number, n) for n in tied_to) if at is not None]
                return (number, ties[0], "") if ties else (number, None, level)
        return "", None, ""

    def number_of(self, style: str) -> str:
        """The list id a numbering style stands for."""
        return next(
            (n for _, node in self._chain(style) if (n := attribute(child(node, "pPr", "numPr", "numId"), "val"))), ""
        )


def _font(look: Any) -> str | None:
    """The font for letters beyond ASCII; ``""`` where the theme sets it, None where nothing does."""
    fonts = child(look, "rFonts")
    if fonts is None:
        return None
    if attribute(fonts, "hAnsiTheme"):
        return ""
    return attribute(fonts, "hAnsi") or attribute(fonts, "ascii") or None
