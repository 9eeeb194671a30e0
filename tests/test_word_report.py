"""The Word report: the decree's form, Word's own fields, the office's template, and the pages it prints."""

from __future__ import annotations

import io
import os
import re
import subprocess
import unicodedata
import warnings
import zipfile

import docx
import numpy as np
import pandas as pd
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from lxml import etree
from matplotlib.figure import Figure
from matplotlib.text import Text

from mttq_data.charts.save import figure_bytes
from mttq_data.errors import MttqError, MttqWarning
from mttq_data.report.blocks import Column, Heading, Paragraph, Picture, Reference, Table, cell_text
from mttq_data.report.head import Head, office_head, place_and_date
from mttq_data.report.pack import pack, read_frames, write_pack
from mttq_data.report.word_fields import element
from mttq_data.report.word_report import export_word

NASTY = "<b>&amp;</b> =1+1 {SEQ x} $a$ " + "nhãn dài " * 30


def chart(height=3.0):
    figure = Figure(figsize=(9, height))
    figure.add_subplot().plot([1, 2])
    return figure


def amounts():
    return pd.DataFrame(
        {"name": ["Quỹ Vì người nghèo", "Hộ nghèo", NASTY], "value": [103.5e9, 2.67, 5142.0],
         "unit": ["VND", "percent", "household"], "qualifier": ["gt", "exact", "lt"]}
    )  # fmt: skip


COLUMNS = [Column("name", "Chỉ tiêu"), Column("value", "Số liệu", "figure", unit_from="unit")]
BLOCKS = [
    Heading("Kết quả"),
    Heading("Hộ nghèo", 2),
    Paragraph(("Xem ", Reference("rate"), " và ", Reference("amounts"), ".")),
    Picture(
        chart(),
        ("Tỷ lệ giảm còn 1,73% (", Reference("rate"), ")."),
        "Tỷ lệ hộ nghèo",
        "Nguồn: báo cáo, mục II.1",
        "rate",
    ),
    Heading("Tiền"),
    Picture(chart(14), "Quỹ tăng.", "Các khoản tiền", "Nguồn: báo cáo, mục II.2"),
    Table(amounts(), "Số liệu chính", COLUMNS, "Nguồn: báo cáo", "amounts"),
    Heading("PHỤ LỤC 1. VẤN ĐỀ", appendix=True),
    Table(amounts().iloc[:0], "Vấn đề", COLUMNS, empty="Không có vấn đề nào."),
]


def written(path, blocks=BLOCKS, **options):
    return docx.Document(str(export_word(path, blocks, **options)))


def xml_of(path, name="word/document.xml"):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8")


def texts(document):
    return [p.text for p in document.paragraphs]


@pytest.fixture
def report(tmp_path):
    return export_word(tmp_path / "r.docx", BLOCKS, head=office_head(date="2025-01-05"))


def test_the_page_is_the_decrees(report):
    section = docx.Document(str(report)).sections[0]
    assert (section.page_width.mm, section.page_height.mm) == (pytest.approx(210, abs=0.1), pytest.approx(297, abs=0.1))
    assert 20 <= round(section.top_margin.mm) <= 25
    assert 20 <= round(section.bottom_margin.mm) <= 25
    assert 30 <= round(section.left_margin.mm) <= 35
    assert 15 <= round(section.right_margin.mm) <= 20


def test_the_body_is_set_as_the_decree_wants(report):
    style = docx.Document(str(report)).styles["Body Text"]
    assert (style.font.name, style.font.size, str(style.font.color.rgb)) == ("Times New Roman", Pt(14), "000000")
    form = style.paragraph_format
    assert form.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert form.first_line_indent == Cm(1.27)
    assert form.space_after >= Pt(6)
    assert 1 <= form.line_spacing <= 1.5


def test_the_head_has_the_committee_at_the_left_and_the_state_at_the_right(report):
    table = docx.Document(str(report)).tables[0]
    left, right = (cell.text for cell in table.rows[0].cells)
    assert "TỈNH BẮC GIANG" in left
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in right
    assert "Độc lập - Tự do - Hạnh phúc" in right
    number, date = table.rows[1].cells
    assert "/BC-MTTQ-BTT" in number.text
    assert date.text == "Bắc Giang, ngày 05 tháng 01 năm 2025"
    assert date.paragraphs[0].runs[0].italic
    assert {run.font.size for run in table.rows[0].cells[0].paragraphs[0].runs} <= {Pt(12), Pt(13)}


@pytest.mark.parametrize(
    ("date", "said"),
    [("2025-11-20", "ngày 20 tháng 11"), ("2025-03", "tháng 3 năm 2025"), ("2024", "năm 2024"), ("", "năm   ")],
)
def test_what_is_not_known_of_the_date_is_left_to_the_hand(date, said):
    assert said in place_and_date(Head(place="Bắc Giang", date=date))


def test_the_page_number_stands_in_the_head_from_the_second_page(report):
    section = docx.Document(str(report)).sections[0]
    assert section.different_first_page_header_footer
    header = section.header.paragraphs[0]
    assert " PAGE " in "".join(header._p.itertext())
    assert header.style.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert not section.first_page_header.paragraphs[0].text


def test_captions_and_references_are_fields_with_their_results(report):
    xml = xml_of(report)
    assert xml.count("SEQ Hình") == 2
    assert xml.count("SEQ Bảng") == 1
    marks = re.findall(r'bookmarkStart[^>]*w:name="([^"]+)"', xml)
    for target in re.findall(r"REF (\S+)", xml):
        assert target in marks
    said = texts(docx.Document(str(report)))
    assert "Hình 1. Tỷ lệ hộ nghèo" in said
    assert "Xem Hình 1 và Bảng 1." in said
    assert "updateFields" not in xml_of(report, "word/settings.xml")
    assert 'w:dirty="' not in xml


def test_headings_are_numbered_by_word(report):
    document = docx.Document(str(report))
    styles = [p.style.name for p in document.paragraphs if p.text in ("Kết quả", "Hộ nghèo")]
    assert styles == ["Heading 1", "Heading 2"]
    assert all(document.styles[s].element.pPr.numPr is not None for s in styles)
    assert "upperRoman" in xml_of(report, "word/numbering.xml")


def test_the_contents_name_every_heading(tmp_path):
    document = written(tmp_path / "r.docx", contents=True)
    said = texts(document)
    assert said[said.index("MỤC LỤC") + 1 :][:4] == ["I. Kết quả", "1. Hộ nghèo", "II. Tiền", "PHỤ LỤC 1. VẤN ĐỀ"]
    xml = xml_of(tmp_path / "r.docx")
    anchors = set(re.findall(r'w:anchor="([^"]+)"', xml))
    assert anchors <= set(re.findall(r'bookmarkStart[^>]*w:name="([^"]+)"', xml))
    assert xml.count('fldCharType="begin"') == xml.count('fldCharType="end"')


def test_the_finding_stands_above_and_the_source_below_a_picture(report):
    document = docx.Document(str(report))
    said = texts(document)
    at = said.index("Tỷ lệ giảm còn 1,73% (Hình 1).")
    assert document.paragraphs[at + 1]._p.xpath(".//w:drawing")
    assert said[at + 2 : at + 4] == ["Hình 1. Tỷ lệ hộ nghèo", "Nguồn: báo cáo, mục II.1"]


def test_pictures_have_300_dots_an_inch_alternative_text_and_fit(report):
    from PIL import Image

    document = docx.Document(str(report))
    assert len(document.inline_shapes) == 2
    for shape in document.inline_shapes:
        assert shape.width <= Cm(16.01)
        assert shape.height <= Cm(20)
        blip = shape._inline.graphic.graphicData.pic.blipFill.blip
        with Image.open(io.BytesIO(document.part.related_parts[blip.embed].blob)) as image:
            assert image.width / shape.width.inches == pytest.approx(300, abs=3)
        assert {shape._inline.get(side) for side in ("distT", "distB", "distL", "distR")} == {"0"}
    assert document.inline_shapes[0]._inline.docPr.get("descr") == "Tỷ lệ hộ nghèo. Tỷ lệ giảm còn 1,73%."


def test_a_table_repeats_its_header_and_sets_vietnamese_numbers_right(report):
    table = docx.Document(str(report)).tables[1]
    assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    assert [cell.text for cell in table.columns[1].cells] == ["Số liệu", "trên 103,5 tỷ đồng", "2,67%", "dưới 5.142 hộ"]
    assert table.cell(1, 1).paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT
    assert table.cell(1, 0).paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.LEFT


def test_the_signature_comes_before_the_appendices(report):
    document = docx.Document(str(report))
    body = [etree.tostring(child, encoding="unicode", method="text") for child in document.element.body]
    signed = next(i for i, text in enumerate(body) if "CHỦ TỊCH" in text)
    appendix = next(i for i, text in enumerate(body) if text.startswith("PHỤ LỤC 1"))
    assert signed < appendix
    assert "Không có vấn đề nào." in body
    heading = next(p for p in document.paragraphs if p.text.startswith("PHỤ LỤC 1"))
    assert heading.paragraph_format.page_break_before


def test_markup_and_formulas_in_labels_are_only_text(tmp_path):
    nasty = "\x00" + NASTY + "\ud800"
    blocks = [
        Heading(nasty),
        Paragraph(nasty),
        Picture(chart(), nasty, nasty, nasty, "k"),
        Table(pd.DataFrame({nasty: [nasty]}), nasty, source=nasty),
    ]
    path = tmp_path / "r.docx"
    document = written(path, blocks, head=Head(committee=(nasty,), subject=nasty))
    assert NASTY.strip() in texts(document)
    xml = xml_of(path)
    assert xml.count("SEQ ") - xml.count("{SEQ") == 2
    assert "<b>" not in xml


def test_ninety_nine_areas_by_twenty_periods_fit_the_page(tmp_path):
    values = {str(year): np.arange(99) * 12345.5 + year for year in range(2005, 2025)}
    frame = pd.DataFrame({"Địa bàn": [f"Xã số {k}" for k in range(99)], **values})
    path = tmp_path / "r.docx"
    document = written(path, [Paragraph("Trước."), Table(frame, "Các xã"), Paragraph("Sau.")])
    tables = [t for t in document.tables if t.cell(0, 0).text == "Địa bàn"]
    heads = [cell.text for table in tables for cell in table.rows[0].cells]
    assert [h for h in heads if h != "Địa bàn"] == list(values)
    assert all(len(t.rows) == 100 for t in tables)
    widest = max(sum(int(g.get(qn("w:w"))) for g in t._tbl.tblGrid) for t in tables)
    across = document.sections[1]
    assert across.page_width > across.page_height
    assert widest <= (across.page_width - across.left_margin - across.right_margin) / 635 + 20
    assert document.sections[-1].page_width < document.sections[-1].page_height
    assert "Bảng 1 (tiếp theo)" in texts(document)


def test_the_same_input_gives_the_same_bytes(tmp_path):
    first, second = (export_word(tmp_path / name, BLOCKS).read_bytes() for name in ("a.docx", "b.docx"))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_file_open_in_word_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "r.docx"
    path.write_bytes(b"old")

    def held(*_):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(MttqError, match="close it in Excel or Word"):
        export_word(path, BLOCKS)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.docx"]


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([Paragraph((Reference("nothing"),))], "nothing"),
        ([Table(amounts(), "x", key="k"), Table(amounts(), "y", key="k")], "'k'"),
        ([Table(amounts(), "x", [Column("absent", "y")])], "absent"),
        (["text"], "headings, paragraphs"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(tmp_path, blocks, said):
    with pytest.raises(MttqError, match=said):
        export_word(tmp_path / "r.docx", blocks)
    assert not (tmp_path / "r.docx").exists()


def template(path, *, styles=("Heading 1", "Heading 2", "Heading 3", "Title", "Caption", "Body Text"), text=()):
    document = docx.Document()
    for name in ("Heading 1", "Heading 2", "Heading 3", "Title", "Caption", "Body Text"):
        if name not in styles:
            document.styles[name].delete()
        else:
            document.styles[name].font.name = "Arial"
    for line in text:
        document.add_paragraph(line)
    document.sections[0].left_margin = Cm(4)
    document.save(str(path))
    return path


# The order the standard (ECMA-376, part 1) gives the children of these elements; Word refuses another.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens spacing ind contextualSpacing mirrorIndents jc textDirection outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike color spacing w kern position sz szCs highlight u lang",
    "tblPr": "tblStyle tblpPr bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd tblBorders "
    "shd tblLayout tblCellMar tblLook",
    "tcPr": "cnfStyle tcW gridSpan vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
    "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked "
    "rsid pPr rPr tblPr trPr tcPr tblStylePr",
}


def assert_word_can_open(path):
    """Elements in order, numbers used once, each part of a known type, no relation that leads nowhere."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    types = etree.fromstring(parts["[Content_Types].xml"])
    known = {e.get("PartName", "").lstrip("/") for e in types} | {e.get("Extension") for e in types}
    assert all(name in known or name.rpartition(".")[2] in known for name in parts)
    for name, content in parts.items():
        if name.endswith(".rels"):
            folder = name.partition("_rels/")[0]
            for relation in etree.fromstring(content):
                target = relation.get("Target")
                assert relation.get("TargetMode") == "External" or os.path.normpath(folder + target) in parts or target.lstrip("/") in parts  # fmt: skip
        elif name.endswith(".xml"):
            tree = etree.fromstring(content)
            for tag, order in ORDER.items():
                for found in tree.iter(qn(f"w:{tag}")):
                    children = [etree.QName(child).localname for child in found]
                    assert children == sorted(children, key=order.split().index), (name, tag)
            for kind, key in (("w:bookmarkStart", qn("w:id")), ("w:bookmarkStart", qn("w:name")), ("wp:docPr", "id")):
                numbers = [e.get(key) for e in tree.iter(qn(kind))]
                assert len(numbers) == len(set(numbers)), (name, kind)
            assert len(list(tree.iter(qn("w:bookmarkStart")))) == len(list(tree.iter(qn("w:bookmarkEnd"))))


def bare(document):
    """What other programs leave out: styles, and the page at the end of the text."""
    for part in (document.styles.element.findall(qn("w:style")), document.element.body):
        for child in list(part):
            child.getparent().remove(child)


def marginless(document):
    section = document.sections[0]._sectPr
    section.remove(section.find(qn("w:pgMar")))


def listless(document):
    numbering = document.part.numbering_part
    del document.part.rels[next(k for k, r in document.part.rels.items() if r._target is numbering)]


def own_report(document):
    for k in range(3):
        document.add_paragraph(f"cũ {k}")._p.append(element("bookmarkStart", id=k + 1, name=f"b{k}"))
        document.paragraphs[-1]._p.append(element("bookmarkEnd", id=k + 1))
    document.add_paragraph("[[NỘI DUNG]]")
    document.add_picture(io.BytesIO(figure_bytes(chart())))


@pytest.mark.parametrize("change", [None, bare, marginless, listless, own_report])
def test_word_can_open_what_is_written(tmp_path, change):
    own = None
    if change:
        own, document = tmp_path / "own.docx", docx.Document()
        change(document)
        document.save(str(own))
    wide = pd.DataFrame({"Địa bàn": ["a"], **{str(y): [1e6] for y in range(20)}})
    blocks = [*BLOCKS, Table(wide, "Rộng"), Heading("Sau")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MttqWarning)
        assert_word_can_open(export_word(tmp_path / "r.docx", blocks, template=own, contents=True))


def test_the_document_speaks_vietnamese_to_todays_word(report):
    settings = xml_of(report, "word/settings.xml")
    assert re.search(r'w:name="compatibilityMode"[^>]*w:val="15"', settings)
    assert 'themeFontLang w:val="vi-VN"' in settings
    assert 'w:lang w:val="vi-VN"' in xml_of(report, "word/styles.xml")


def test_an_appendix_stands_in_words_outline(report):
    (heading,) = [p for p in docx.Document(str(report)).paragraphs if p.text.startswith("PHỤ LỤC 1")]
    assert heading._p.xpath("./w:pPr/w:outlineLvl/@w:val") == ["0"]


def test_an_offices_template_takes_over(tmp_path):
    own = template(tmp_path / "own.docx", text=["old text"])
    document = written(tmp_path / "r.docx", template=own)
    assert document.styles["Heading 1"].font.name == "Arial"
    assert document.sections[0].left_margin == pytest.approx(Cm(4), abs=500)
    assert "old text" not in texts(document)
    assert document.styles["Caption"].font.name == "Arial"


def test_styles_a_template_lacks_are_named_and_made(tmp_path):
    own = template(tmp_path / "own.docx", styles=("Heading 1", "Heading 2", "Heading 3", "Title"))
    with pytest.warns(MttqWarning, match=r"own\.docx: lacks the styles Body Text, Caption"):
        document = written(tmp_path / "r.docx", template=own)
    assert document.styles["Caption"].font.name == "Times New Roman"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_text_goes_where_the_template_says(tmp_path, form):
    marker = unicodedata.normalize(form, "[[Nội dung]]")
    own = template(tmp_path / "own.docx", text=["PHẦN ĐẦU CỦA CƠ QUAN", marker, "NGƯỜI KÝ"])
    said = texts(written(tmp_path / "r.docx", template=own))
    assert said[0] == "PHẦN ĐẦU CỦA CƠ QUAN"
    assert said[-1] == "NGƯỜI KÝ"
    assert "Kết quả" in said
    assert marker not in said
    assert not any("CỘNG HÒA" in line for line in said)


def test_a_template_keeps_each_parts_header_and_its_page(tmp_path):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "PHẦN MỘT"
    for line in ("Trước", "[[CONTENT]]", "Sau"):
        document.add_paragraph(line)
    last = document.add_section()
    last.header.is_linked_to_previous = False
    last.header.paragraphs[0].text = "PHẦN HAI"
    document.add_paragraph("Cuối")
    own = tmp_path / "own.docx"
    document.save(str(own))
    wide = pd.DataFrame({"Địa bàn": ["a"], **{str(y): [1e6] for y in range(20)}})
    made = written(tmp_path / "r.docx", [Table(wide, "Rộng")], template=own)
    heads = [section.header.paragraphs[0].text for section in made.sections]
    assert heads == ["PHẦN MỘT"] * 3 + ["PHẦN HAI"]
    assert [s.page_width > s.page_height for s in made.sections] == [False, True, False, False]
    assert list(filter(None, texts(made)))[-2:] == ["Sau", "Cuối"]


def test_a_template_that_lies_across_is_not_turned(tmp_path):
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = section.page_height, section.page_width
    document.save(str(tmp_path / "own.docx"))
    wide = pd.DataFrame({"Địa bàn": ["a"], **{str(y): [1e6] for y in range(20)}})
    made = written(tmp_path / "r.docx", [Picture(chart(30), "", "Cao"), Table(wide, "Rộng")], template=tmp_path / "own.docx")  # fmt: skip
    assert len(made.sections) == 1
    assert made.inline_shapes[0].height < Cm(12)


def test_a_template_may_be_a_dotx(tmp_path):
    old, own = template(tmp_path / "own.docx"), tmp_path / "own.dotx"
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(own, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"document.main+xml", b"template.main+xml"))
    assert written(tmp_path / "r.docx", template=own).styles["Heading 1"].font.name == "Arial"


def test_a_place_for_the_text_inside_a_table_is_refused(tmp_path):
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "[[Nội dung]]"
    document.save(str(tmp_path / "own.docx"))
    with pytest.raises(MttqError, match="paragraph of its own"):
        export_word(tmp_path / "r.docx", BLOCKS, template=tmp_path / "own.docx")


def test_cells_are_written_for_a_reader():
    row = {"as_of": "2024-12-31", "period": "2024-Q4", "a_value": None, "a_low": 231.0, "a_high": 451.0, "actual": 12.0}
    cells = [Column("as_of", ""), Column("period", ""), Column("a_value", "", "figure"),
             Column("actual", "", "number", "rank"), Column("gone", "", "number", "rank")]  # fmt: skip
    assert [cell_text(column, row) for column in cells] == ["31/12/2024", "quý IV/2024", "231–451", "thứ 12", ""]
    assert cell_text(cells[1], row, "en") == "Q4 2024"


@pytest.mark.parametrize("content", [None, b"", b"not a zip", b"PK\x03\x04 cut"])
def test_a_bad_template_is_refused_in_one_line(tmp_path, content):
    own = tmp_path / "own.docx"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(MttqError, match=r"own\.docx: .*template"):
        export_word(tmp_path / "r.docx", BLOCKS, template=own)


def test_english_captions_and_numbers(tmp_path):
    said = texts(written(tmp_path / "r.docx", lang="en"))
    assert "Figure 1. Tỷ lệ hộ nghèo" in said
    table = docx.Document(str(tmp_path / "r.docx")).tables[1]
    assert "over 103.5 billion VND" in [cell.text for cell in table.columns[1].cells]


def test_the_pages_libreoffice_prints(tmp_path, need_program):
    """The document as an office sees it: A4, nothing beyond the margins, every picture, numbers from page 2."""
    soffice, layout, images = need_program("soffice"), need_program("pdftotext"), need_program("pdfimages")
    values = {str(year): np.arange(99) * 12345.5 for year in range(2015, 2025)}
    wide = pd.DataFrame({"Địa bàn": [f"Xã số {k}" for k in range(99)], **values})
    path = export_word(tmp_path / "r.docx", [*BLOCKS, Table(wide, "Các xã", source="Nguồn: phiếu")])
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    pdf = path.with_suffix(".pdf")
    boxes = subprocess.run([layout, "-bbox", str(pdf), "-"], check=True, capture_output=True, timeout=60).stdout
    pages = etree.fromstring(boxes, etree.XMLParser(recover=True)).findall(".//{*}page")
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        wide_page = float(page.get("width"))
        assert sorted((round(wide_page), round(float(page.get("height"))))) == [595, 842]
        words = [(w.text, float(w.get("xMin")), float(w.get("xMax")), float(w.get("yMin"))) for w in page]
        body = [w for w in words if w[3] > 50]
        assert min(w[1] for w in body) >= 85 - 1
        assert max(w[2] for w in body) <= wide_page - 42
        above = [w for w in words if w[3] <= 50]
        assert [w[0] for w in above] == ([str(number)] if number > 1 else [])
        assert all(abs((w[1] + w[2]) / 2 - wide_page / 2) < 25 for w in above)
    listed = subprocess.run([images, "-list", str(pdf)], check=True, capture_output=True, text=True, timeout=60).stdout
    assert sum(line.split()[2] == "image" for line in listed.splitlines()[2:]) == 2
    said = subprocess.run([layout, str(pdf), "-"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert "Hình 2" in said
    assert said.count("Địa bàn") >= 3


def small_frames():
    base = {"document": "bao-cao.txt", "section": "Phần I > 1", "period": "2019-2024", "role": "actual", "kind": "statistic",
            "qualifier": "exact", "counted": "", "doubt": ""}  # fmt: skip
    stats = [
        {**base, "indicator": "women_share_of_population", "value": 49.6, "unit": "percent"},
        {**base, "indicator": "farmers_share_of_population", "value": 80.0, "unit": "percent", "qualifier": "approx"},
        {**base, "indicator": "fund_for_the_poor_raised", "value": 103.5e9, "unit": "VND", "qualifier": "gt"},
    ]
    problems = [
        {"check": "a", "severity": "note", "source": "bao-cao.txt", "where": "1-2", "found": "=1", "message_vi": "Xem lại.",
         "message_en": "Look.", "checked": False},
        {"check": "b", "severity": "error", "source": "bao-cao.txt", "where": "3-4", "found": "9", "message_vi": "Sai tổng.",
         "message_en": "Wrong sum.", "checked": False},
        {"check": "c", "severity": "error", "source": "bao-cao.txt", "where": "5-6", "found": "9", "message_vi": "Đã xem.",
         "message_en": "Seen.", "checked": True},
    ]  # fmt: skip
    returns = [{"area": "213", "period": "2024-Q4", "form": "quarter", "status": "in time", "due": pd.Timestamp("2025-01-10")},
               {"area": "218", "period": "2024-Q4", "form": "quarter", "status": "missing", "due": pd.Timestamp("2025-01-10")}]  # fmt: skip
    return {
        "statistics": pd.DataFrame(stats),
        "problems": pd.DataFrame(problems),
        "completeness": pd.DataFrame(returns),
    }


SOURCES = [{"title": "Báo cáo chính trị", "file": "bao-cao.txt", "date": "2024-10-18", "sample": True, "sha256": "ab"}]


def test_the_pack_says_what_there_is_and_leaves_out_what_is_not(tmp_path):
    frames = small_frames()
    blocks = pack(frames, SOURCES)
    heads = [b.text for b in blocks if isinstance(b, Heading)]
    assert "Số liệu của báo cáo" in heads
    assert "Tình hình gửi báo cáo" in heads
    assert "So sánh giữa các kỳ" not in heads
    document = written(tmp_path / "r.docx", blocks)
    said = texts(document)
    assert any("DỮ LIỆU MẪU" in line for line in said)
    assert any("nông dân trong dân số với khoảng 80%" in line and "Hình 1" in line for line in said)
    assert any(line.startswith("Nguồn: Báo cáo chính trị, mục Phần I > 1") for line in said)


def test_the_appendices_list_open_problems_gravest_first_and_missing_returns(tmp_path):
    document = written(tmp_path / "r.docx", pack(small_frames(), SOURCES))
    (problems,) = [t for t in document.tables if t.cell(0, 0).text == "Mức"]
    assert [row.cells[-1].text for row in problems.rows][1:] == ["Sai tổng.", "Xem lại."]
    (missing,) = [t for t in document.tables if t.cell(0, 0).text == "Địa bàn"]
    assert missing.rows[1].cells[0].text == "Huyện Lục Nam"
    assert "10/01/2025" in [cell.text for cell in missing.rows[1].cells]


def test_the_pack_is_english_when_asked(tmp_path):
    said = texts(written(tmp_path / "r.docx", pack(small_frames(), SOURCES, lang="en"), lang="en"))
    assert any("farmers" in line.lower() and "about 80%" in line for line in said)


def test_an_empty_pack_is_still_a_document(tmp_path):
    names = [path.name for path in write_pack(tmp_path, {}, outputs=["word", "excel"])]
    assert names == ["report_pack.docx", "report_pack.xlsx"]


def test_tables_read_back_are_those_that_were_written(tmp_path):
    from mttq_data.tables.tables import csv_bytes

    frames = small_frames()
    for name, frame in frames.items():
        (tmp_path / f"{name}.csv").write_bytes(csv_bytes(frame.assign(due="2025-01-10") if "due" in frame else frame))
    again, sources = read_frames(tmp_path)
    assert sources == []
    assert again["problems"]["found"].tolist() == ["=1", "9", "9"]
    assert again["completeness"]["area"].tolist() == ["213", "218"]
    assert again["statistics"]["value"].tolist() == [49.6, 80.0, 103.5e9]
    assert again["problems"]["checked"].tolist() == [False, False, True]


def test_the_command_writes_what_is_asked_for(tmp_path, capsys):
    from mttq_data.cli import main
    from mttq_data.tables.tables import csv_bytes

    folders = [f"--processed={tmp_path / 'in'}", f"--reports={tmp_path / 'out'}"]
    assert main(["export", *folders]) == 1
    assert "mttq build" in capsys.readouterr().err
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "statistics.csv").write_bytes(csv_bytes(small_frames()["statistics"]))
    assert main(["export", "--word", "--lang", "en", *folders]) == 0
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["report_pack.docx"]
    assert main(["export", *folders]) == 0
    figures = {p.name for p in (tmp_path / "out" / "figures").iterdir()}
    assert {"shares.png", "shares.svg", "shares.pdf"} <= figures
    assert "report_pack.xlsx" in capsys.readouterr().out


def test_the_pictures_of_targets_and_terms_name_their_source_once():
    from mttq_data import compare, progress

    fund = {"area": "24", "indicator": "fund_for_the_poor_raised", "value": 9e9, "unit": "VND"}
    before, after = (pd.DataFrame([{**fund, "period": period}]) for period in ("2024", "2025"))
    frames = {
        "progress": progress(after),
        "comparison": compare(before, after),
        "observations": pd.concat([before, after]),
    }
    for block in (b for b in pack(frames) if isinstance(b, Picture) and not b.key.startswith("areas")):
        (under,) = [t.get_text() for t in block.chart.findobj(Text) if t.get_gid() == "mttq-source"]
        assert " ".join(under.split()).startswith(block.source)
        assert under.count("Nguồn") == 1
