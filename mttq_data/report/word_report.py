"""A report as a Word document an office can sign, by Decree 30/2020/NĐ-CP or in the office's own template."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.shared import Cm

from mttq_data.errors import MttqError, MttqWarning
from mttq_data.files import write_bytes
from mttq_data.report import word_layout as layout
from mttq_data.report.blocks import (
    Block,
    Heading,
    Paragraph,
    Picture,
    Reference,
    Table,
    keys_of,
    numbering,
    parts_of,
    plain,
    printed,
)
from mttq_data.report.head import Head, office_head
from mttq_data.report.word_fields import SEQUENCE, add_caption, add_contents, add_reference, element, letters, run
from mttq_data.report.word_files import Rest, day_of, emptied, has_header, marker_of, opened, same_bytes
from mttq_data.report.word_tables import cells_of, fit, table_element
from mttq_data.tables.tables import clean_text
from mttq_data.wording import check_lang, readable

_CONTINUED = {"vi": "{} (tiếp theo)", "en": "{} (continued)"}
_CONTENTS = {"vi": "MỤC LỤC", "en": "CONTENTS"}
_TALLEST_CM, _BESIDE_CM, _LONGEST_ALT = 17.0, 6.0, 1500


def export_word(
    path: str | Path,
    blocks: Sequence[Block],
    *,
    head: Head | None = None,
    template: str | Path | None = None,
    contents: bool = False,
    lang: str = "vi",
) -> Path:
    """Write a report as .docx.

    Parameters
    ----------
    path : str or Path
        The file to write.
    blocks : sequence of Heading, Paragraph, Picture, Table
        The text in order, see `mttq_data.report.blocks`; `mttq_data.report.pack`
        makes the committee's.
    head : Head, optional
        Head and signature; those of ``codes/report_head.csv`` by default.
    template : str or Path, optional
        The office's own .docx or .dotx. Its page, header and styles are used; styles it
        lacks are made and named in a warning. Where it has a paragraph
        ``[[NỘI DUNG]]`` the text goes there and all else stays; without one its
        text is replaced.
    contents : bool
        Whether a table of contents stands before the text.
    lang : {"vi", "en"}
        Language of captions, numbers and the head.

    Returns
    -------
    Path
        The file written; the same input gives the same bytes.

    Raises
    ------
    MttqError
        The template is no .docx, a reference names nothing, or the file is open
        in Word; the old file then stays as it was.

    Warns
    -----
    MttqWarning
        For styles the template lacks.

    Examples
    --------
    >>> import tempfile
    >>> export_word(Path(tempfile.mkdtemp()) / "a.docx", [Heading("Kết quả"), Paragraph("Đạt 5.142 hộ.")]).name
    'a.docx'
    """
    check_lang(lang)
    path = Path(path)
    if path.suffix.lower() != ".docx":
        raise MttqError(f"{path}: a Word report is written as .docx; name it so")
    head = head or office_head(lang)
    writer = _Writer(template, lang, blocks)
    if writer.marker is None:
        writer.head(head)
    if contents:
        writer.contents_place()
    # A signed text ends with its signature; appendices follow it.
    ends = next((at for at, b in enumerate(blocks) if isinstance(b, Heading) and b.appendix), len(blocks))
    for at, block in enumerate(blocks):
        if at == ends:
            writer.signature(head)
        writer.block(at, block)
    if ends == len(blocks):
        writer.signature(head)
    writer.finish(head)
    write_bytes(path, same_bytes(writer.document))
    return path


class _Writer:
    """The document being written, block after block."""

    def __init__(self, template: str | Path | None, lang: str, blocks: Sequence[Block]) -> None:
        self.lang = lang
        self.blocks, self.numbers, self.keys = blocks, numbering(blocks), keys_of(blocks)
        self.headings: list[tuple[int, str, Any]] = []
        self.counts = [0, 0, 0]
        self.place: Any = None
        self.document = opened(template)
        self.marker = marker_of(self.document) if template else None
        used = self.document.element.xpath("//w:bookmarkStart/@w:id | //wp:docPr/@id")
        self.ids = itertools.count(1 + max((int(at) for at in used if at.isdecimal()), default=0))
        roles = [*layout.STYLES, *layout.OWN_STYLES]
        if template:
            roles = self._lacking(Path(template), roles)
        else:
            layout.set_up(self.document, lang)
        for section in self.document.sections:
            if not template or not layout.has_page(section):
                layout.set_page(section)
        layout.make_styles(self.document, roles, lang)
        if not template or not has_header(self.document):
            layout.number_pages(self.document, self.document.sections[0])
        self.after = Rest(self.document, self.marker)
        if self.marker is None:
            emptied(self.document)
        # A template that lies across stays so: turned, its pages would be narrower.
        self.lying = self._section().page_width > self._section().page_height
        self.across = False

    def _lacking(self, template: Path, roles: Sequence[str]) -> list[str]:
        """The roles whose style the template has not, with a warning that names the built-in ones."""
        names = {**layout.STYLES, **layout.OWN_STYLES}
        lacking = [role for role in roles if names[role] not in self.document.styles]
        named = [layout.STYLES[role] for role in lacking if role in layout.STYLES]
        if named:
            line = f"{template}: lacks the styles {', '.join(named)}; the look of Decree 30 is used for them"
            warnings.warn(MttqWarning(line), stacklevel=5)
        return lacking

    def style(self, role: str) -> Any:
        """The style of a role."""
        return self.document.styles[{**layout.STYLES, **layout.OWN_STYLES}[role]]

    def head(self, head: Head) -> None:
        layout.add_head(self.document, head, self.lang)

    def signature(self, head: Head) -> None:
        self.upright()
        if self.marker is None:
            layout.add_signature(self.document, head, self.lang)

    def contents_place(self) -> None:
        """Where the contents go once the headings are known."""
        title = self.document.add_paragraph(style=self.style("title"))
        self._write(title, _CONTENTS[self.lang])
        self.place = title

    def block(self, at: int, block: Block) -> None:
        """Write one block."""
        if isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Paragraph):
            self.upright()
            paragraph = self.document.add_paragraph(style=self.style("body"))
            self._write(paragraph, block.text, bold=block.warning)
        elif isinstance(block, Picture):
            self._picture(block, self.numbers[at])
        elif isinstance(block, Table):
            if printed(block):
                self._table(block, self.numbers[at])
            elif block.where != "excel":
                self.upright()
                self._write(self.document.add_paragraph(style=self.style("body")), block.empty)
        else:
            raise MttqError(f"a report consists of headings, paragraphs, pictures and tables, not of {type(block)}")

    def _heading(self, block: Heading) -> None:
        self.upright()
        text = readable(block.text)
        if block.appendix:
            paragraph = self.document.add_paragraph(style=self.style("title"))
            paragraph.paragraph_format.page_break_before = True
            # The level in Word's outline: the style is the title's, which has none.
            paragraph._p.pPr.append(element("outlineLvl", val=0))
            self._write(paragraph, text)
            self.headings.append((1, text, paragraph))
            return
        level = min(max(block.level, 1), 3)
        self.counts[level - 1 :] = [self.counts[level - 1] + 1, *[0] * (3 - level)]
        paragraph = self.document.add_paragraph(style=self.style(f"heading{level}"))
        self._write(paragraph, text)
        if level < 3:
            number = _roman(self.counts[0]) if level == 1 else str(self.counts[1])
            self.headings.append((level, f"{number}. {text}", paragraph))

    def _write(self, paragraph: Any, text: Any, bold: bool = False) -> None:
        for piece in parts_of(text):
            if isinstance(piece, Reference):
                at = self.keys.get(piece.key)
                if at is None or at not in self.numbers:
                    raise MttqError(f"a reference to {piece.key!r}, which no picture or table of the report is called")
                add_reference(paragraph, type(self.blocks[at]).__name__, self.numbers[at], self.lang)
            elif piece:
                paragraph._p.append(run(piece, *([letters(b=True)] if bold else [])))

    def _picture(self, block: Picture, number: int) -> None:
        from mttq_data.charts.save import figure_bytes

        self.upright()
        if plain(block.finding):
            above = self.document.add_paragraph(style=self.style("body"))
            above.paragraph_format.keep_with_next = True
            self._write(above, block.finding)
        room, high = self._room()[0], self._high()
        image = io.BytesIO(block.image or figure_bytes(block.chart, "png", (room, high)))
        holder = self.document.add_paragraph(style=self.style("head"))
        holder.alignment = ALIGN.CENTER
        holder.paragraph_format.keep_with_next = True
        shape = holder.add_run().add_picture(image)
        share = min(Cm(room) / shape.width, Cm(high) / shape.height)
        if share < 1:
            shape.height, shape.width = int(shape.height * share), int(shape.width * share)
        said = readable(block.alt) or f"{readable(block.caption)}. {plain(block.finding)}"
        for side in ("distT", "distB", "distL", "distR"):
            # Left out, some programs take an eighth of an inch and push the picture over the margin.
            shape._inline.set(side, "0")
        shape._inline.docPr.set("id", str(next(self.ids)))
        shape._inline.docPr.set("descr", clean_text(said)[:_LONGEST_ALT])
        shape._inline.docPr.set("name", f"{SEQUENCE[self.lang]['Picture']} {number}")
        self._caption("Picture", number, block.caption, keep=bool(block.source))
        self._source(block.source)

    def _caption(self, kind: str, number: int, text: str, keep: bool) -> None:
        paragraph = self.document.add_paragraph(style=self.style("caption"))
        add_caption(paragraph, kind, number, readable(text), self.lang, next(self.ids))
        paragraph.paragraph_format.keep_with_next = keep

    def _source(self, text: str) -> None:
        if readable(text):
            self._write(self.document.add_paragraph(style=self.style("source")), text)

    def _table(self, block: Table, number: int) -> None:
        columns, cells = cells_of(block, self.lang)
        if not columns:
            raise MttqError(f"table {block.caption!r} has no columns")
        upright, across = self._room()
        fitted = fit(columns, cells, upright, across)
        self._turned(fitted.landscape)
        for k, piece in enumerate(fitted.pieces):
            if k:
                again = self.document.add_paragraph(style=self.style("caption"))
                self._write(again, _CONTINUED[self.lang].format(f"{SEQUENCE[self.lang]['Table']} {number}"))
            else:
                self._caption("Table", number, block.caption, keep=True)
            names = self.style("table").style_id, self.style("cell").style_id
            made = table_element(columns, cells, fitted, piece, *names)
            self.document.element.body.insert(len(self.document.element.body) - 1, made)
        # Word wants a paragraph between two tables, and at the end.
        paragraph = self.document.add_paragraph(style=self.style("source"))
        self._write(paragraph, readable(block.source))

    def _section(self) -> Any:
        return self.document.sections[-1]

    def _room(self) -> tuple[float, float]:
        """Width of the text in cm on an upright page and on one laid across."""
        section = self._section()
        sides = (section.left_margin + section.right_margin) / 360000
        wide, high = sorted((section.page_width / 360000, section.page_height / 360000))
        return (high - sides if self.lying else wide - sides), high - sides

    def _high(self) -> float:
        """Height a picture may take in cm: its sentence, caption and source want to stand with it."""
        section = self._section()
        text = section.page_height - section.top_margin - section.bottom_margin
        return float(min(_TALLEST_CM, text / 360000 - _BESIDE_CM))

    def upright(self) -> None:
        """Back to an upright page."""
        self._turned(False)

    def _turned(self, across: bool) -> None:
        if self.lying or across == self.across:
            return

        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = section.page_height, section.page_width
        section.different_first_page_header_footer = False
        _break_into_text(self.document.paragraphs[-1]._p)
        self.across = across

    def finish(self, head: Head) -> None:
        """The contents, the place in the template, and what the file says of itself."""
        if self.place is not None and self.headings:
            for made in reversed(add_contents(self.document, self.style("body").name, self.headings, self.ids)):
                self.place._p.addnext(made)
        if self.marker is not None:
            # What the template has after the text stands upright again.
            self.upright()
        self.after.put_back()
        about = self.document.core_properties
        about.author = about.last_modified_by = readable(clean_text(" ".join(head.committee)))[:200]
        about.title, about.subject = readable(clean_text(f"{head.kind} {head.subject}"))[:200], ""
        about.comments = about.keywords = ""
        about.language, about.revision = self.lang, 1
        about.created = about.modified = day_of(head.date)


def _break_into_text(carrier: Any) -> None:
    """Let the paragraph before carry the section's end: an empty one might need a page of its own."""
    before = carrier.getprevious()
    if before is None or not before.tag.endswith("}p") or before.xpath("./w:pPr/w:sectPr"):
        return
    before.get_or_add_pPr().append(carrier.pPr.sectPr)
    carrier.getparent().remove(carrier)


def _roman(number: int) -> str:
    out = ""
    for size, sign in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        out += sign * (number // size)
        number %= size
    return out
