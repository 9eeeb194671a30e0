"""Page, styles, head and signature of a Word document by Decree 30/2020/NĐ-CP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from mttq_data.report.head import Head, place_and_date
from mttq_data.report.word_fields import add_field, add_numbering, element, letters, run
from mttq_data.wording import readable

FONT = "Times New Roman"
PAGE_CM, MARGINS_CM = (21.0, 29.7), {"top": 2.0, "bottom": 2.0, "left": 3.0, "right": 2.0}
_FIRST_LINE = Cm(1.27)
_LANGUAGE = {"vi": "vi-VN", "en": "en-GB"}
# Role to the name an office's template may have it under. The built-in names are the
# same in every language version of Word, in the file if not on the screen.
STYLES = {
    "body": "Body Text",
    "heading1": "Heading 1",
    "heading2": "Heading 2",
    "heading3": "Heading 3",
    "title": "Title",
    "caption": "Caption",
    "table": "Table Grid",
}
OWN_STYLES = {"source": "MTTQ Source", "cell": "MTTQ Cell", "head": "MTTQ Head"}
_LOOKS: dict[str, dict[str, Any]] = {
    "body": {"size": 14, "align": ALIGN.JUSTIFY, "first": _FIRST_LINE, "after": 6, "line": 1.15},
    "heading1": {"size": 14, "bold": True, "first": _FIRST_LINE, "before": 12, "after": 6, "keep": True},
    "heading2": {"size": 14, "bold": True, "first": _FIRST_LINE, "before": 6, "after": 6, "keep": True},
    "heading3": {"size": 14, "bold": True, "italic": True, "first": _FIRST_LINE, "after": 6, "keep": True},
    "title": {"size": 14, "bold": True, "align": ALIGN.CENTER, "after": 6, "keep": True},
    "caption": {"size": 13, "italic": True, "align": ALIGN.CENTER, "before": 6, "after": 6, "keep": True},
    "source": {"size": 12, "italic": True, "align": ALIGN.LEFT, "before": 3, "after": 12},
    "cell": {"size": 12, "align": ALIGN.LEFT, "before": 2, "after": 2},
    "head": {"size": 13, "align": ALIGN.CENTER, "after": 0},
}
_RECIPIENTS = {"vi": "Nơi nhận:", "en": "To:"}
_HEAD_CM = (6.2, 9.8)
# Rules under the head's lines: a third of the committee's name, all of the motto.
_SHORT_RULE_CM, _MOTTO_RULE_CM = 2.4, 5.4


def set_page(section: Any) -> None:
    """A4 upright with the decree's margins; the page number stands in the top margin."""
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(PAGE_CM[0]), Cm(PAGE_CM[1])
    for side, size in MARGINS_CM.items():
        setattr(section, f"{side}_margin", Cm(size))
    section.header_distance, section.footer_distance = Cm(1.0), Cm(1.0)


def has_page(section: Any) -> bool:
    """Whether a section says how large its page and the four margins are."""
    sizes = [section.page_width, section.page_height, *(getattr(section, f"{side}_margin") for side in MARGINS_CM)]
    return None not in sizes


def set_up(document: Any, lang: str) -> None:
    """A document of today's Word in the language of the text, not one in compatibility mode."""
    settings = document.settings.element
    point, separator = (",", ";") if lang == "vi" else (".", ",")
    for path, value in (
        ("./w:compat/w:compatSetting[@w:name='compatibilityMode']", "15"),
        ("./w:themeFontLang", _LANGUAGE[lang]),
        ("./w:decimalSymbol", point),
        ("./w:listSeparator", separator),
    ):
        for found in settings.xpath(path):
            found.set(qn("w:val"), value)


def number_pages(document: Any, section: Any) -> None:
    """The page's number at the middle of the head of every page but the first."""
    section.different_first_page_header_footer = True
    section.header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    for old in list(paragraph.runs):
        old._r.getparent().remove(old._r)
    paragraph.style = document.styles[OWN_STYLES["head"]]
    add_field(paragraph, "PAGE", "2")


def make_styles(document: Any, roles: Sequence[str], lang: str) -> None:
    """Make the styles of these roles look as the decree wants them."""
    for role in roles:
        name = {**STYLES, **OWN_STYLES}[role]
        if role == "table":
            _table_style(document, name)
            continue
        style = _style(document, name)
        _look(style, **_LOOKS[role])
    if "body" in roles:
        normal = _style(document, "Normal")
        _letters(normal, 14)
        language = normal.element.get_or_add_rPr().find(qn("w:lang"))
        if language is not None:
            normal.element.rPr.remove(language)
        normal.element.rPr.append(element("lang", val=_LANGUAGE[lang], eastAsia=_LANGUAGE[lang]))
    headings = [STYLES[f"heading{level}"] for level in (1, 2, 3) if f"heading{level}" in roles]
    if len(headings) == 3:
        add_numbering(document, [document.styles[name].style_id for name in headings])


def _style(document: Any, name: str) -> Any:
    if name not in document.styles:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name not in OWN_STYLES.values())
        if name == "Normal":
            style.element.set(qn("w:default"), "1")
        elif "Normal" in document.styles:
            style.base_style = document.styles["Normal"]
        style.quick_style = True
    return document.styles[name]


def _letters(style: Any, size: float, bold: bool = False, italic: bool = False) -> None:
    """Times New Roman, black; whatever colours and theme fonts the style had are gone."""
    properties = style.element.get_or_add_rPr()
    for child in list(properties):
        properties.remove(child)
    properties.append(element("rFonts", ascii=FONT, hAnsi=FONT, cs=FONT, eastAsia=FONT))
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, italic
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties.append(element("szCs", val=int(size * 2)))


def _look(
    style: Any,
    size: float,
    bold: bool = False,
    italic: bool = False,
    align: Any = ALIGN.JUSTIFY,
    first: Any = 0,
    before: float = 0,
    after: float = 0,
    line: float = 1.0,
    keep: bool = False,
) -> None:
    _letters(style, size, bold, italic)
    old = style.element.find(qn("w:pPr"))
    if old is not None:
        # The outline level makes a heading a heading; lines and spaces are set below.
        for child in list(old):
            if child.tag != qn("w:outlineLvl"):
                old.remove(child)
    form = style.paragraph_format
    form.alignment, form.first_line_indent, form.left_indent = align, first, 0
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), line
    form.keep_with_next = keep
    form.widow_control = True


def _table_style(document: Any, name: str) -> None:
    style = document.styles[name] if name in document.styles else document.styles.add_style(name, WD_STYLE_TYPE.TABLE)
    properties = style.element.find(qn("w:tblPr"))
    if properties is None:
        properties = element("tblPr")
        style.element.append(properties)
    old = properties.find(qn("w:tblBorders"))
    if old is not None:
        properties.remove(old)
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = element("tblBorders", *(element(side, val="single", sz=4, space=0, color="000000") for side in sides))
    margins = properties.find(qn("w:tblCellMar"))
    properties.append(borders) if margins is None else margins.addprevious(borders)


def add_head(document: Any, head: Head, lang: str) -> None:
    """The head block in two columns, then the kind of document and its subject."""
    table = _bare_table(document, _HEAD_CM)
    left, right = table.rows[0].cells
    style = document.styles[OWN_STYLES["head"]]
    lines = [(line, True, 12) for line in head.committee]
    _lines(left, style, lines)
    _rule_on(left.add_paragraph(style=style), _HEAD_CM[0], _SHORT_RULE_CM)
    _lines(right, style, [(head.state, True, 12), (head.motto, True, 13)])
    _rule_on(right.add_paragraph(style=style), _HEAD_CM[1], _MOTTO_RULE_CM)
    left, right = table.add_row().cells
    _lines(left, style, [(head.number, False, 13)])
    _lines(right, style, [(place_and_date(head, lang), False, 14)], italic=True)
    document.add_paragraph(style=style)
    title = document.styles[STYLES["title"]]
    for text in filter(None, (head.kind, head.subject)):
        document.add_paragraph(style=title)._p.append(run(readable(text)))
    last = document.add_paragraph(style=style)
    _rule_on(last, sum(_HEAD_CM), _SHORT_RULE_CM)
    last.paragraph_format.space_after = Pt(12)


def add_signature(document: Any, head: Head, lang: str) -> None:
    """To whom it goes at the left, who signs at the right, with room for hand and seal."""
    if not (head.recipients or head.signed_for or head.signer_title):
        return
    document.add_paragraph(style=document.styles[OWN_STYLES["head"]])
    table = _bare_table(document, (8.0, 8.0))
    left, right = table.rows[0].cells
    style = document.styles[OWN_STYLES["head"]]
    if head.recipients:
        _lines(left, style, [(_RECIPIENTS[lang], True, 12)], italic=True, align=ALIGN.LEFT)
        _lines(left, style, [(f"- {line}", False, 11) for line in head.recipients], align=ALIGN.LEFT)
    _lines(right, style, [(head.signed_for, True, 14), (head.signer_title, True, 14)])
    _lines(right, style, [(" ", False, 14)] * 4)
    _lines(right, style, [(head.signer_name or " ", True, 14)])


def _bare_table(document: Any, widths: Sequence[float]) -> Any:
    """A table without lines; a cell's first paragraph stays empty until something is written."""
    table = document.add_table(rows=1, cols=len(widths))
    table.autofit = False
    properties = table._tbl.tblPr
    named = properties.find(qn("w:tblStyle"))
    if named is not None:
        properties.remove(named)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for cell, width in zip(table.rows[0].cells, widths, strict=True):
        cell.width = Cm(width)
    # A head or a signature torn in two would be worse than a gap.
    table.rows[0]._tr.get_or_add_trPr().append(element("cantSplit"))
    margins = element("tblCellMar", *(element(side, w=0, type="dxa") for side in ("left", "right")))
    look = properties.find(qn("w:tblLook"))
    properties.append(margins) if look is None else look.addprevious(margins)
    return table


def _lines(
    cell: Any, style: Any, lines: Sequence[tuple[str, bool, float]], *, italic: bool = False, align: Any = ALIGN.CENTER
) -> None:
    for text, bold, size in lines:
        if not text:
            continue
        first = cell.paragraphs[0]
        fresh = len(cell.paragraphs) == 1 and not len(first.runs)
        paragraph = first if fresh else cell.add_paragraph()
        paragraph.style, paragraph.alignment = style, align
        paragraph._p.append(run(text, letters(size, b=bold, i=italic)))


def _rule_on(paragraph: Any, width: float, length: float) -> None:
    """A line of that length above an otherwise empty paragraph, in the middle of the width."""
    side = Cm((width - length) / 2)
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = side
    form.space_before, form.line_spacing = Pt(2), Pt(6)
    borders = element("pBdr", element("top", val="single", sz=6, space=1, color="000000"))
    properties = paragraph._p.get_or_add_pPr()
    after = properties.find(qn("w:spacing"))
    after.addprevious(borders)
