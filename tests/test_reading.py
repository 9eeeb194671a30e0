"""Reading a report: each kind of file gives its text in order, and bad input one clear line."""

import hashlib
import io
import os
import random
import textwrap
import unicodedata
import zipfile
from pathlib import Path

import docx
import msoffcrypto
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from pypdf import PdfReader, PdfWriter

from mttq_data import read_document
from mttq_data.errors import MttqError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LONG = (
    "Trong năm, Ủy ban Mặt trận các cấp đã vận động ủng hộ quỹ vì người nghèo được 12,5 tỷ đồng, giúp xây mới "
    "350 nhà, trao 1.250 suất quà và hỗ trợ sinh kế cho trên 2.000 hộ gia đình còn khó khăn ở 45 xã, phường."
)


def word(path: Path, body: str, **parts: str) -> Path:
    """A .docx made by hand: what stands in the body and in the other parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        for name, inner in parts.items():
            file.writestr(f"word/{name}.xml", f"<w:{name} {W}>{inner}</w:{name}>")
    return path


def para(text: str, *, props: str = "", font: str = "") -> str:
    look = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr>' if font else ""
    return f'<w:p><w:pPr>{props}</w:pPr><w:r>{look}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def listed(text: str, level: int, number: int = 1) -> str:
    return para(text, props=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def level(at: int, form: str, text: str, start: int = 1, extra: str = "") -> str:
    shown = f'<w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{extra}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{at}">{shown}</w:lvl>'


def numbering(*levels: str, nums: str = "") -> str:
    plain = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>{plain}{nums}'


HEADINGS = (
    level(0, "upperRoman", "%1."),
    level(1, "decimal", "%2."),
    level(2, "decimal", "%2.%3."),
    level(3, "lowerLetter", "%4)"),
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of two pages with a text layer and page numbers."""
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_pdf import PdfPages

    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    lines = ["1. Kết quả", *textwrap.wrap(LONG, 80), "- Tặng 5 nhà;", "- Tặng 7 bò.", *textwrap.wrap(LONG, 80)]
    with plt.rc_context({"pdf.fonttype": 42}), PdfPages(path) as file:
        for number, part in enumerate((lines[:7], lines[7:]), 1):
            figure = plt.figure()
            for row, line in enumerate([*part, str(number)]):
                figure.text(0.05, 0.9 - 0.08 * row, line, fontsize=7)
            file.savefig(figure)
            plt.close(figure)
    return path


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@pytest.mark.parametrize(
    "text", [LONG, unicodedata.normalize("NFD", LONG), "# Một\r\n\r\n5 hộ\rđuôi \t\u202e\x00\x0b", "12"]
)
def test_text_is_kept_as_it_stands(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    document = read_document(path)
    assert (document.text, document.name, document.notes) == (text, name, ())


def test_the_real_report_is_kept_as_it_stands(real_report: Path) -> None:
    document = read_document(str(real_report))
    assert document.sha256 == hashlib.sha256(real_report.read_bytes()).hexdigest()
    assert document.notes == ()


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_text(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(LONG.encode(codec))
    assert read_document(path).text == LONG


def test_lone_surrogates_survive(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("5 hộ \ud800".encode("utf-8", "surrogatepass"))
    assert read_document(path).text == "5 hộ \ud800"


@pytest.mark.parametrize("codec", ["cp1252", "utf-8"])
def test_legacy_text_is_converted_and_said_so(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Uû ban nh©n d©n tØnh B¾c Giang\r\nTæng sè 5 hé nghÌo".encode(codec))
    document = read_document(path)
    assert document.text == "Uỷ ban nhân dân tỉnh Bắc Giang\r\nTổng số 5 hộ nghèo"
    assert "TCVN3" in document.notes[0]


def test_word_paragraphs_and_tables_come_in_order(tmp_path: Path) -> None:
    file = docx.Document()
    file.add_heading("Báo cáo", 1)
    file.add_paragraph("Có 5 hộ.")
    table = file.add_table(2, 3)
    for cell, text in zip(table._cells, ["Xã", "Hộ", "Tỷ lệ", "Tân An", "12", "2,67%"], strict=True):
        cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    file.add_paragraph("Hết.")
    file.save(str(tmp_path / "a.docx"))
    document = read_document(tmp_path / "a.docx")
    assert document.text.split("\n") == ["Báo cáo", "Có 5 hộ.", "Xã\tHộ Tỷ lệ", "Tân An\t12\t2,67%", "Hết."]
    assert [document.place(document.text.index(t)) for t in ("5", "12", "Hết")] == [
        "paragraph 2",
        "table 1 row 2",
        "paragraph 9",
    ]


def test_word_numbers_are_shown(tmp_path: Path) -> None:
    rows = [
        (0, "I."),
        (1, "1."),
        (2, "1.1."),
        (2, "1.2."),
        (3, "a)"),
        (3, "b)"),
        (1, "2."),
        (2, "2.1."),
        (0, "II."),
        (1, "1."),
    ]
    path = word(tmp_path / "a.docx", "".join(listed("Mục", at) for at, _ in rows), numbering=numbering(*HEADINGS))
    assert read_document(path).text.split("\n") == [f"{label} Mục" for _, label in rows]


@pytest.mark.parametrize(
    ("levels", "nums", "body", "labels"),
    [
        pytest.param([level(0, "decimal", "%1.", start=5)], "", [(0, 1)] * 2, ["5.", "6."], id="start"),
        pytest.param(
            [level(0, "decimal", "%1.")],
            '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>',
            [(0, 1), (0, 2)],
            ["1.", "2."],
            id="two lists of one kind count on",
        ),
        pytest.param(
            [level(0, "decimal", "%1.")],
            '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="3"/>'
            "</w:lvlOverride></w:num>",
            [(0, 1), (0, 1), (0, 2), (0, 2)],
            ["1.", "2.", "3.", "4."],
            id="a start laid over",
        ),
        pytest.param(
            [level(0, "upperRoman", "%1."), level(1, "decimal", "%2.", extra='<w:lvlRestart w:val="0"/>')],
            "",
            [(0, 1), (1, 1), (0, 1), (1, 1)],
            ["I.", "1.", "II.", "2."],
            id="no restart",
        ),
        pytest.param(
            [level(0, "upperRoman", "Phần %1:"), level(1, "decimal", "%1.%2", extra="<w:isLgl/>")],
            "",
            [(0, 1), (0, 1), (1, 1)],
            ["Phần I:", "Phần II:", "2.1"],
            id="legal numbering",
        ),
        pytest.param([level(0, "bullet", "-")], "", [(0, 1)] * 2, ["-", "-"], id="bullet"),
        pytest.param([level(0, "bullet", "\uf0b7")], "", [(0, 1)], ["•"], id="symbol bullet"),
        pytest.param([level(0, "decimal", "(%1)"), level(1, "none", "")], "", [(0, 1), (1, 1)], ["(1)", ""], id="none"),
        pytest.param([level(0, "decimal", "%1.")], "", [(0, 9), (4, 1)], ["", ""], id="lists that are not there"),
    ],
)
def test_word_list_rules(
    tmp_path: Path, levels: list[str], nums: str, body: list[tuple[int, int]], labels: list[str]
) -> None:
    text = "".join(listed("Mục", at, number) for at, number in body)
    path = word(tmp_path / "a.docx", text, numbering=numbering(*levels, nums=nums))
    assert read_document(path).text.split("\n") == [f"{label} Mục".strip() for label in labels]


def test_headings_numbered_by_their_style(tmp_path: Path) -> None:
    tied = level(0, "upperRoman", "%1.", extra='<w:pStyle w:val="H1"/>') + level(
        1, "decimal", "%2.", extra='<w:pStyle w:val="H2"/>'
    )
    number = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = f'<w:style w:type="paragraph" w:styleId="H1">{number}</w:style>'
    styles += f'<w:style w:type="paragraph" w:styleId="H2"><w:basedOn w:val="H1"/>{number}</w:style>'
    body = "".join(para("Mục", props=f'<w:pStyle w:val="{s}"/>') for s in ("H1", "H2", "H2", "H1", "H2"))
    body += para("Mục", props='<w:pStyle w:val="H1"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    path = word(tmp_path / "a.docx", body, numbering=numbering(tied), styles=styles)
    assert read_document(path).text.split("\n") == ["I. Mục", "1. Mục", "2. Mục", "II. Mục", "1. Mục", "Mục"]


def test_word_shows_no_deleted_hidden_or_field_text(tmp_path: Path) -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        f"<w:p><w:del><w:r><w:delText>9 </w:delText></w:r></w:del><w:ins>{run.format('5 hộ')}</w:ins>"
        "<w:r><w:instrText>PAGE 77</w:instrText></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>88</w:t></w:r>"
        f"<w:hyperlink>{run.format(' và')}</w:hyperlink><w:r><w:tab/><w:t>2020</w:t><w:noBreakHyphen/><w:t>2025</w:t></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{para('trong khung')}</w:sdtContent></w:sdt>"
    )
    assert read_document(word(tmp_path / "a.docx", body)).text == "5 hộ và\t2020-2025\ntrong khung"


def test_footnotes_and_text_boxes_follow_their_paragraph(tmp_path: Path) -> None:
    box = f"<w:r><w:pict><w:txbxContent>{para('Khung 3')}</w:txbxContent></w:pict></w:r>"
    body = f'<w:p><w:r><w:t>Có 5 hộ</w:t><w:footnoteReference w:id="2"/></w:r>{box}</w:p>' + para("Sau")
    notes = f'<w:footnote w:type="separator" w:id="0"/><w:footnote w:id="2">{para("Gồm 2 xã")}</w:footnote>'
    document = read_document(word(tmp_path / "a.docx", body, footnotes=notes))
    assert document.text == "Có 5 hộ\nKhung 3\nGồm 2 xã\nSau"
    assert document.place(document.text.index("2 xã")) == "footnote 1"
    assert "1 footnotes" in document.notes[0]


def test_a_table_that_lays_out_a_page_gives_its_paragraphs(tmp_path: Path) -> None:
    cell = "".join(para(f"Đoạn {n}") for n in range(6))
    body = f"<w:tbl><w:tr><w:tc>{cell}</w:tc><w:tc>{para('bên')}</w:tc></w:tr></w:tbl>"
    assert read_document(word(tmp_path / "a.docx", body)).text.split("\n") == [*(f"Đoạn {n}" for n in range(6)), "bên"]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([("c¸c cÊp", ".VnTime")], "các cấp"),
        ([("céng hoµ", ".VnTimeH")], "CỘNG HOÀ"),
        ([("Ta", "VNI-Times"), ("ân An 12", "VNI-Times")], "Tân An 12"),
        ([("MÆt ", ".VnTime"), ("trận", "Times New Roman")], "Mặt trận"),
        ([("Mặt trận các cấp", ".VnTime")], "Mặt trận các cấp"),
        ([("Công tác", ".VnTime")], "Công tác"),
        ([("MÆt trËn Tæ quèc c¸c cÊp", "Times New Roman")], "Mặt trận Tổ quốc các cấp"),
    ],
)
def test_legacy_fonts_in_word(tmp_path: Path, runs: list[tuple[str, str]], text: str) -> None:
    body = "<w:p>" + "".join(para(t, font=f)[len("<w:p><w:pPr></w:pPr>") : -len("</w:p>")] for t, f in runs) + "</w:p>"
    document = read_document(word(tmp_path / "a.docx", body))
    assert document.text == text
    assert bool(document.notes) == (text not in (runs[0][0], ""))


def test_a_legacy_font_may_stand_in_the_style(tmp_path: Path) -> None:
    fonts = '<w:rPr><w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/></w:rPr>'
    styles = f'<w:style w:type="paragraph" w:default="1" w:styleId="N">{fonts}</w:style>'
    assert read_document(word(tmp_path / "a.docx", para("hé nghÌo"), styles=styles)).text == "hộ nghèo"


def test_pdf_lines_are_joined_and_places_told(pages: Path) -> None:
    document = read_document(pages)
    assert document.text.split("\n") == ["1. Kết quả", LONG, "- Tặng 5 nhà;", "- Tặng 7 bò.", LONG]
    assert document.place(document.text.index("5 nhà")) == "page 1"
    assert document.place(document.text.rindex("tỷ đồng")) == "page 2"
    assert document.notes == ("page numbers are left out",)


def test_html_gives_what_a_reader_sees(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<!doctype html><head><title>x</title><style>p{}</style></head><body><script>var a = 9</script>"
        "<h1>I. K&#7871;t&nbsp;quả</h1><p>Có\n  <b>5</b> hộ<br>và 7 bò<!-- 8 --><ol><li>Một<li>Hai</ol><ul><li>Ba</ul>"
        "<table><tr><th>Xã<th>Hộ<tr><td><p>Tân An</p><td>12</table>cuối",
        encoding="utf-8",
    )
    lines = ["I. Kết\xa0quả", "Có 5 hộ", "và 7 bò", "1. Một", "2. Hai", "- Ba", "Xã\tHộ", "Tân An\t12", "cuối"]
    document = read_document(path)
    assert document.text.split("\n") == lines
    assert document.place(document.text.index("12")) == "paragraph 8"


@pytest.mark.parametrize(
    ("meta", "codec", "text"),
    [("", "utf-8", LONG), ("", "utf-16", LONG), ('<meta charset="iso-8859-1">', "cp1252", "Grüße aus Köln")],
)
def test_html_encodings(tmp_path: Path, meta: str, codec: str, text: str) -> None:
    path = tmp_path / "a.htm"
    path.write_bytes(f"<html>{meta}<p>{text}</p>".encode(codec))
    assert read_document(path).text == text


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.doc", "save it as .docx"),
        ("a.rtf", "save it as .docx"),
        ("a.odt", "save it as .docx"),
        ("a.PNG", "OCR"),
        ("a.xlsx", "load it as a return"),
        ("a.zip", "unpack"),
        ("a", "use .docx"),
    ],
)
def test_other_kinds_are_refused_with_advice(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    refused(tmp_path / name, advice)


def refused(path: Path, *words: str) -> None:
    """The file gives one line that names it and says what to do."""
    with pytest.raises(MttqError) as told:
        read_document(path)
    message = str(told.value)
    assert message.isprintable()
    assert path.name in message or not path.name.isprintable()
    for said in words:
        assert said in message


def locked_word(path: Path) -> None:
    plain = io.BytesIO()
    docx.Document().save(plain)
    with open(path, "wb") as out:
        OOXMLFile(plain).encrypt("mật khẩu", out)
    assert msoffcrypto.OfficeFile(open(path, "rb")).is_encrypted()  # noqa: SIM115 - read at once


def cut_word(path: Path) -> None:
    docx.Document().save(str(path))
    path.write_bytes(path.read_bytes()[:9000])


def spoilt_word(path: Path) -> None:
    word(path, para("Có 5 hộ" * 500))
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(data)


def bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open("word/document.xml", "w") as out,
    ):
        for _ in range(210):
            out.write(bytes(1 << 20))


def lying_bomb(path: Path) -> None:
    bomb(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(data)


def entity_bomb(path: Path) -> None:
    steps = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    body = f'<!DOCTYPE x [<!ENTITY a "5555555555">{steps}]><w:document {W}><w:body>{para("&i;")}</w:body></w:document>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", body)


def other_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", "x")


def workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/workbook.xml", "<x/>")


def deep_word(path: Path) -> None:
    word(path, "<w:tbl><w:tr><w:tc>" * 2000 + para("5") + "</w:tc></w:tr></w:tbl>" * 2000)


def scan(path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(300, 300)
    writer.write(path)


def put(data: bytes):
    return lambda path: path.write_bytes(data)


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(60)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("a.txt", put(b""), "empty"),
        ("a.docx", put(b""), "empty"),
        ("a.txt", put(b" \n\t "), "no text"),
        ("a.txt", lambda path: path.mkdir(), "folder"),
        ("a", lambda path: path.mkdir(), "folder"),
        ("a.txt", lambda path: None, "no such file"),
        ("a\nb.txt", lambda path: None, "no such file"),
        ("a" * 300 + ".txt", lambda path: None, "cannot be read"),
        ("a\0.txt", lambda path: None, "rename"),
        ("a.docx", put(PNG), "picture"),
        ("a.pdf", put(PNG), "picture"),
        ("a.txt", put(PNG), "picture"),
        ("a.html", put(b"\xff\xd8\xff\xe0" + bytes(50)), "picture"),
        ("a.txt", put(b"%PDF-1.4 x"), ".pdf"),
        ("a.docx", put(b"%PDF-1.4 x"), ".pdf"),
        ("a.docx", put(b"{\\rtf1 x}"), "RTF"),
        ("a.docx", put("Có 5 hộ".encode()), "DOCX"),
        ("a.pdf", put("Có 5 hộ".encode()), "PDF"),
        ("a.docx", put(OLE), ".docx"),
        ("a.docx", locked_word, "password"),
        ("a.docx", cut_word, "damaged"),
        ("a.docx", spoilt_word, "damaged"),
        ("a.docx", put(b"PK\x03\x04"), "damaged"),
        ("a.docx", bomb, "200 MB"),
        ("a.docx", lying_bomb, "damaged"),
        ("a.docx", entity_bomb, "damaged"),
        ("a.docx", deep_word, "nested"),
        ("a.docx", other_zip, "another zip"),
        ("a.docx", workbook, "Excel"),
        ("a.docx", lambda path: word(path, ""), "no text"),
        ("a.pdf", scan, "scan"),
        ("a.pdf", put(b"%PDF-1.4\n1 0 obj"), "damaged"),
        ("a.html", put(b"<div>" * 5000 + b"5"), "nested"),
        ("a.html", put(b"<script>5</script>"), "no text"),
    ],
)  # fmt: skip
def test_bad_input_gives_one_line(tmp_path: Path, name: str, make, words: str) -> None:
    make(tmp_path / name)
    refused(tmp_path / name, words)


@pytest.mark.parametrize(
    ("algorithm", "password", "opens"), [("RC4-128", "x", False), ("AES-256", "x", False), ("RC4-128", "", True)]
)
def test_pdf_passwords(pages: Path, tmp_path: Path, algorithm: str, password: str, opens: bool) -> None:
    writer = PdfWriter(clone_from=PdfReader(pages))
    writer.encrypt(password, "owner", algorithm=algorithm)
    writer.write(tmp_path / "a.pdf")
    if opens:
        assert "12,5 tỷ đồng" in read_document(tmp_path / "a.pdf").text
    else:
        refused(tmp_path / "a.pdf", "password")


def test_too_large_a_file_is_refused_unread(tmp_path: Path) -> None:
    with open(tmp_path / "a.txt", "wb") as file:
        file.truncate(201 << 20)
    refused(tmp_path / "a.txt", "200 MB")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("5")
    path.chmod(0)
    refused(path, "permission")


def test_a_locked_file_says_to_close_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("5")

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", deny)
    refused(path, "close it in Word")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 12_000), seed=st.integers(0, 999), name=st.sampled_from(["a.docx", "a.pdf"]))
def test_damaged_files_never_crash(pages: Path, tmp_path: Path, cut: int, seed: int, name: str) -> None:
    if name == "a.pdf":
        data = bytearray(pages.read_bytes())
    else:
        data = bytearray(word(tmp_path / "whole.docx", para(LONG) * 3, numbering=numbering(*HEADINGS)).read_bytes())
    chance = random.Random(seed)
    for _ in range(4):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path = tmp_path / name
    path.write_bytes(data[: max(1, len(data) - cut)])
    try:
        assert read_document(path).text.strip()
    except MttqError as exc:
        assert str(exc).isprintable()
