"""The numbers Word shows before numbered paragraphs, worked out from numbering.xml."""

# ruff: noqa: SIM905 - word lists read and change more easily as words than as lists of strings
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

_DIGITS_VI = "không một hai ba bốn năm sáu bảy tám chín".split()


@dataclass(frozen=True)
class Level:
    """One level of a list: where it starts, how it counts and what it shows."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    legal: bool = False
    style: str = ""


@dataclass
class _Instance:
    abstract: str
    levels: dict[int, Level]
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts a document's numbered paragraphs in the order they are met.

    Parameters
    ----------
    root : lxml element or None
        The root of ``word/numbering.xml``; ``None`` where a document has none.
    w : str
        The WordprocessingML namespace in braces.
    style_number : callable, optional
        Gives the list id of a numbering style, for lists that refer to one.
    """

    def __init__(self, root: Any, w: str, style_number: Callable[[str], str] = lambda _: "") -> None:
        self._w = w
        self._abstracts: dict[str, dict[int, Level]] = {}
        self._links: dict[str, str] = {}
        self._instances: dict[str, _Instance] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        self._style_number = style_number
        if root is not None:
            self._read(root)

    def _read(self, root: Any) -> None:
        w = self._w
        for node in root.iter(f"{w}abstractNum"):
            name = node.get(f"{w}abstractNumId", "")
            self._abstracts[name] = dict(map(self._level, node.iterfind(f"{w}lvl")))
            self._links[name] = self._val(node, "numStyleLink")
        for node in root.iter(f"{w}num"):
            instance = _Instance(self._val(node, "abstractNumId"), {})
            for change in node.iterfind(f"{w}lvlOverride"):
                at = _int(change.get(f"{w}ilvl"), 0)
                level = change.find(f"{w}lvl")
                if level is not None:
                    instance.levels[at] = self._level(level)[1]
                if start := self._val(change, "startOverride"):
                    instance.starts[at] = _int(start, 1)
            self._instances[node.get(f"{w}numId", "")] = instance

    def _val(self, node: Any, name: str) -> str:
        child = node.find(f"{self._w}{name}")
        return "" if child is None else child.get(f"{self._w}val", "")

    def _level(self, node: Any) -> tuple[int, Level]:
        w, text = self._w, node.find(f"{self._w}lvlText")
        forms = [n.get(f"{w}val", "decimal") for n in node.iter(f"{w}numFmt")]
        legal = node.find(f"{w}isLgl")
        restart = self._val(node, "lvlRestart")
        return _int(node.get(f"{w}ilvl"), 0), Level(
            start=_int(self._val(node, "start"), 0),
            form=forms[-1] if forms else "decimal",
            text="" if text is None else text.get(f"{w}val", ""),
            suffix=self._val(node, "suff") or "tab",
            restart=_int(restart, 0) if restart else None,
            legal=legal is not None and legal.get(f"{w}val", "1") not in ("0", "false"),
            style=self._val(node, "pStyle"),
        )

    def level_of_style(self, number: str, style: str) -> int | None:
        """The level of list ``number`` that a paragraph style is tied to."""
        return next((at for at, level in self._levels(number).items() if level.style == style), None)

    def _levels(self, number: str, depth: int = 0) -> dict[int, Level]:
        instance = self._instances.get(number)
        if instance is None:
            return {}
        base = self._abstracts.get(instance.abstract, {})
        link = self._links.get(instance.abstract, "")
        if link and not base and depth < 8:
            base = self._levels(self._style_number(link), depth + 1)
        return {**base, **instance.levels}

    def label(self, number: str, at: int) -> str:
        """Count one paragraph of list ``number`` at level ``at``; return what Word shows before it.

        The label ends in the space that parts it from the text; a picture
        bullet or an unknown list gives ``""``.
        """
        levels = self._levels(number)
        level = levels.get(at)
        if level is None:
            return ""
        self._count(number, at, levels)
        if level.form == "bullet":
            shown = _bullet(level.text)
        else:
            shown = re.sub("%([1-9])", lambda found: self._shown(number, int(found[1]) - 1, level, levels), level.text)
        return shown if not shown or level.suffix == "nothing" else shown + " "

    def _count(self, number: str, at: int, levels: dict[int, Level]) -> None:
        instance = self._instances[number]
        counters = self._counters.setdefault(instance.abstract, {})
        for level, start in instance.starts.items():
            if (number, level) not in self._started:
                self._started.add((number, level))
                counters.pop(level, None)
                levels[level] = replace(levels.get(level, Level()), start=start)
                instance.levels[level] = levels[level]
        counters[at] = counters[at] + 1 if at in counters else levels[at].start
        for deeper in [d for d in counters if d > at]:
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or 0 < at + 1 <= restart:
                del counters[deeper]

    def _shown(self, number: str, at: int, level: Level, levels: dict[int, Level]) -> str:
        counters = self._counters[self._instances[number].abstract]
        own = levels.get(at, Level())
        form = "decimal" if level.legal else own.form
        return spelled(counters.get(at, own.start), form)


def spelled(value: int, form: str) -> str:
    """Write ``value`` in one of Word's number formats; an unknown one counts in digits.

    Examples
    --------
    >>> [spelled(4, form) for form in ("decimal", "upperRoman", "lowerLetter", "decimalZero")]
    ['4', 'IV', 'd', '04']
    >>> spelled(28, "lowerLetter"), spelled(21, "vietnameseCounting")
    ('bb', 'hai mươi mốt')
    """
    if form == "none":
        return ""
    if form in ("upperRoman", "lowerRoman"):
        roman = _roman(value)
        return roman if form == "upperRoman" else roman.lower()
    if form in ("upperLetter", "lowerLetter") and 0 < value <= 780:
        letter = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form == "decimalZero":
        return f"{value:02d}"
    if form == "decimalEnclosedParen":
        return f"({value})"
    if form == "vietnameseCounting" and 0 < value < 100:
        return _counted(value)
    return str(value)


def _roman(value: int) -> str:
    if not 0 < value < 4000:
        return str(value)
    shown = ""
    signs = "M 1000 CM 900 D 500 CD 400 C 100 XC 90 L 50 XL 40 X 10 IX 9 V 5 IV 4 I 1".split()
    for sign, worth in zip(signs[::2], map(int, signs[1::2]), strict=True):
        times, value = divmod(value, worth)
        shown += sign * times
    return shown


def _counted(value: int) -> str:
    tens, ones = divmod(value, 10)
    if tens == 0:
        return _DIGITS_VI[ones]
    head = "mười" if tens == 1 else f"{_DIGITS_VI[tens]} mươi"
    tail = {0: "", 1: "mốt" if tens > 1 else "một", 5: "lăm"}.get(ones, _DIGITS_VI[ones])
    return f"{head} {tail}".strip()


def _bullet(text: str) -> str:
    """Bullets of symbol fonts lie in the private use area; show them as a plain bullet."""
    text = text.strip()
    return "•" if text and all(0xE000 <= ord(c) <= 0xF8FF for c in text) else text


def _int(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"[+-]?[0-9]{1,9}", text) else default
