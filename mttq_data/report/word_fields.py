"""Word's own fields with their results: numbers of captions, references, the page number, the contents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from mttq_data.tables.tables import clean_text

SEQUENCE = {"vi": {"Picture": "Hình", "Table": "Bảng"}, "en": {"Picture": "Figure", "Table": "Table"}}


def element(tag: str, *children: Any, **attributes: object) -> Any:
    """An element of WordprocessingML with its children and attributes, ``w:`` before all names.

    Examples
    --------
    >>> element("jc", val="center").get(qn("w:val"))
    'center'
    """
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    made.extend(children)
    return made


def run(text: str, *look: Any) -> Any:
    """A run with the text as it stands, spaces at its ends kept; ``look`` is what `letters` gives."""
    return element("r", *look, _text("t", clean_text(text).replace("\n", " ")))


def letters(size: float = 0, **said: bool) -> Any:
    """Where the letters of a run differ from their style: in size, in being bold (``b``) or italic (``i``)."""
    sizes = [element(name, val=int(size * 2)) for name in ("sz", "szCs")] if size else []
    return element("rPr", *(element(name, val=int(on)) for name, on in said.items()), *sizes)


def _text(tag: str, text: str) -> Any:
    made = element(tag)
    made.text = text
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return made


def add_field(paragraph: Any, instruction: str, result: str) -> None:
    """Append a field and the result it has now, so that nothing needs updating."""
    *before, end = _field(instruction)
    for piece in (*before, run(result), end):
        paragraph._p.append(piece)


def _field(instruction: str) -> list[Any]:
    """The runs of a field: its begin, what it does, where its result begins, its end."""
    begin, *rest = (element("fldChar", fldCharType=kind) for kind in ("begin", "separate", "end"))
    return [element("r", content) for content in (begin, _text("instrText", f" {instruction} "), *rest)]


def bookmark_name(kind: str, number: int) -> str:
    """Name of the bookmark around a caption's number; made from the number alone, never from a label."""
    return f"_Ref{'Hinh' if kind == 'Picture' else 'Bang'}{number:05d}"


def add_caption(paragraph: Any, kind: str, number: int, text: str, lang: str, at: int) -> None:
    """Write "Hình 1. …" with the number as a SEQ field inside the bookmark of that id."""
    name = SEQUENCE[lang][kind]
    paragraph._p.append(element("bookmarkStart", id=at, name=bookmark_name(kind, number)))
    paragraph._p.append(run(f"{name} "))
    add_field(paragraph, f"SEQ {name} \\* ARABIC", str(number))
    paragraph._p.append(element("bookmarkEnd", id=at))
    paragraph._p.append(run(f". {text}"))


def add_reference(paragraph: Any, kind: str, number: int, lang: str) -> None:
    """Write "Hình 1" as a REF field to that caption."""
    add_field(paragraph, f"REF {bookmark_name(kind, number)} \\h", f"{SEQUENCE[lang][kind]} {number}")


def add_contents(document: Any, style: str, entries: Sequence[tuple[int, str, Any]], ids: Iterator[int]) -> list[Any]:
    """A table of contents without page numbers: those are known only to the program that lays out the pages.

    ``entries`` are level, text and the heading's paragraph, which gets a bookmark
    to jump to. The paragraphs made are returned, to be put in their place.
    """
    made = []
    for number, ((level, text, heading), at) in enumerate(zip(entries, ids, strict=False), start=1):
        name = f"_Toc{number:05d}"
        properties = heading._p.pPr
        heading._p.insert(0 if properties is None else 1, element("bookmarkStart", id=at, name=name))
        heading._p.append(element("bookmarkEnd", id=at))
        paragraph = document.add_paragraph(style=style)
        paragraph.paragraph_format.left_indent = (level - 1) * 360000
        paragraph._p.append(element("hyperlink", run(text), anchor=name, history=1))
        made.append(paragraph._p)
    parts = _field('TOC \\o "1-2" \\n \\h \\u')
    for piece in reversed(parts[:-1]):
        made[0].insert(1, piece)
    made[-1].append(parts[-1])
    return made


def add_numbering(document: Any, styles: Sequence[str]) -> None:
    """Number the heading styles I., 1., a) by a list of Word's own, so that inserting one renumbers the rest."""
    numbering = document.part.numbering_part.element
    ids = [int(n.get(qn("w:abstractNumId"))) for n in numbering.findall(qn("w:abstractNum"))]
    numbers = [int(n.get(qn("w:numId"))) for n in numbering.findall(qn("w:num"))]
    abstract_id, number_id = max(ids, default=0) + 1, max(numbers, default=0) + 1
    forms = (("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)"))
    levels = [
        {"start": 1, "numFmt": form, "pStyle": style, "suff": "space", "lvlText": text, "lvlJc": "left"}
        for (form, text), style in zip(forms, styles, strict=False)
    ]
    holders = [element("lvl", *(element(tag, val=value) for tag, value in said.items()), ilvl=level)
               for level, said in enumerate(levels)]  # fmt: skip
    kind = element("multiLevelType", val="multilevel")
    abstract = element("abstractNum", kind, *holders, abstractNumId=abstract_id)
    # All abstract lists stand before the first list made from one.
    first = numbering.find(qn("w:num"))
    numbering.append(abstract) if first is None else first.addprevious(abstract)
    numbering.append(element("num", element("abstractNumId", val=abstract_id), numId=number_id))
    for level, style in enumerate(styles):
        for known in document.styles.element.findall(qn("w:style")):
            if known.get(qn("w:styleId")) == style:
                properties = known.get_or_add_pPr()
                properties.get_or_add_numPr().get_or_add_numId().val = number_id
                properties.get_or_add_numPr().get_or_add_ilvl().val = level
