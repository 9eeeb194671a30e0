"""Files nobody should send: each is refused or read quickly with one line, and the others still load."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hand_made import filled

from mttq_data.errors import MttqError
from mttq_data.returns.reading import read_return, read_returns

CELLS = '<row r="1"><c r="A1"><v>1</v></c></row>'
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook_of(
    sheet_data: str, *, before: str = "", after: str = "", extra: dict[str, bytes] | None = None, name: str = "S"
) -> bytes:
    """A workbook of one sheet from its XML."""
    sheet = f'<?xml version="1.0"?>{before}<worksheet xmlns="{_MAIN}"><sheetData>{sheet_data}</sheetData>{after}</worksheet>'
    parts = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
        f'Id="rId1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
        for part, data in (extra or {}).items():
            archive.writestr(part, data)
    return buffer.getvalue()


def far(first: str = "A1", last: str = "XFD1048576") -> bytes:
    row = "".join(c for c in last if c.isdigit())
    return workbook_of(f'<row r="1"><c r="{first}"><v>1</v></c></row><row r="{row}"><c r="{last}"><v>2</v></c></row>')


def far_under_a_prefix() -> bytes:
    """Readers look at the end of an element's name only."""
    return workbook_of(f'{CELLS}<v:row r="1048576"><v:c r="XFD1048576"><v>2</v></v:c></v:row>')


def bomb() -> bytes:
    """Half a megabyte that unpacks to far more."""
    return workbook_of(CELLS, extra={"xl/media/zeros.bin": b"\0" * 300_000_000})


def lying_bomb() -> bytes:
    """A packed part that says it is small."""
    data = bytearray(workbook_of(CELLS, extra={"xl/styles.xml": b" " * 120_000_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def merges() -> bytes:
    blocks = "".join(f'<mergeCell ref="A{i}:B{i}"/>' for i in range(1, 1_000_001))
    return workbook_of(CELLS, after=f"<mergeCells>{blocks}</mergeCells>")


def entities() -> bytes:
    lines = ['<!ENTITY a0 "lol">'] + [f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)]
    return workbook_of(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>', before=f"<!DOCTYPE x [{''.join(lines)}]>"
    )


def password() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600


FAR_ROWS = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
FAR_SHEET = f'<worksheet xmlns="{_MAIN}"><sheetData>{FAR_ROWS}</sheetData></worksheet>'.encode()
BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def changed(part: str, old: str, new: str, more: dict[str, bytes] | None = None, cells: str = CELLS) -> bytes:
    """A workbook with a part rewritten and others added."""
    with zipfile.ZipFile(io.BytesIO(workbook_of(cells))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    return _zip({**parts, part: parts[part].replace(old.encode(), new.encode()), **(more or {})})


def aimed(target: str, before: bytes = b"") -> bytes:
    """A workbook whose only sheet is a part that by its name is something else."""
    return changed(RELATIONS, "worksheets/sheet1.xml", target, {f"xl/{target}": before + FAR_SHEET})


def cell_twice(head: str) -> bytes:
    return workbook_of(f'{CELLS}<row r="2"><{head}><v>2</v></{head.split()[0]}></row>')


def strings(xml: str, cells: int = 1) -> bytes:
    return workbook_of(
        '<row r="1">' + '<c t="s"><v>0</v></c>' * cells + "</row>", extra={"xl/sharedStrings.xml": xml.encode()}
    )


def _record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    size = len(body)
    while size > 127:
        head, size = head + bytes([size & 127 | 128]), size >> 7
    return head + bytes([size]) + body


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(cells: bytes, sheets: int = 1, name: str = "worksheets/sheet1.bin", texts: bytes = b"") -> bytes:
    """A binary workbook from the records of its cells."""
    named = b"".join(_record(0x9C, struct.pack("<II", 0, 1) + _text("rId1") + _text(f"S{n}")) for n in range(sheets))
    book = _record(0x83) + _record(0x8F) + named + _record(0x90) + _record(0x9D, bytes(25)) + _record(0x84)
    sheet = _record(0x81) + _record(0x93, bytes(23)) + _record(0x94, bytes(16)) + _record(0x91) + cells + _record(0x92)
    relations = f'<Relationships><Relationship Id="rId1" Target="{name}"/></Relationships>'.encode()
    parts = {"xl/workbook.bin": book, "xl/_rels/workbook.bin.rels": relations, f"xl/{name}": sheet + _record(0x82)}
    return _zip({**parts, "xl/sharedStrings.bin": texts} if texts else parts)


def _row(number: int) -> bytes:
    return _record(0, struct.pack("<I", number) + bytes(13))


def _number(column: int) -> bytes:
    return _record(5, struct.pack("<IId", column, 0, 1.0))


FAR_RECORDS = _row(0) + _number(0) + _row(1048575) + _number(16383)


def xls(sheets: int) -> bytes:
    """One sheet of an .xls under many names."""

    def record(kind: int, body: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def book(start: int) -> bytes:
        named = (record(0x85, struct.pack("<I4B", start, 0, 0, 2, 0) + f"{n:02}".encode()) for n in range(sheets))
        return record(0x809, struct.pack("<4H2I", 0x600, 5, 0x0DBB, 1996, 0, 6)) + b"".join(named) + record(0x0A)

    return book(len(book(0))) + record(0x809, struct.pack("<4H2I", 0x600, 16, 0x0DBB, 1996, 0, 6)) + record(0x0A)


_ODS_BLOCK = ('<table:table-row table:number-rows-repeated="370"><table:table-cell table:number-columns-repeated="400" '
              'office:value-type="float" office:value="1"/></table:table-row>')  # fmt: skip
_WIDE = '<row r="1"><c r="A1"><v>1</v></c><c r="ZZ999"><v>1</v></c></row>'

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.xlsx": (bomb, "MB unpacked"),
    "lying.xlsx": (lying_bomb, "unpack"),
    "far.xlsx": (far, "so far apart"),
    "far-prefixed.xlsx": (far_under_a_prefix, "so far apart"),
    "far-implicit.xlsx": (lambda: workbook_of('<row r="1048576">' + "<c><v>1</v></c>" * 2000 + "</row>"), "so far apart"),
    "merges.xlsx": (merges, "merges 1,000,000"),
    "entities.xlsx": (entities, "entities"),
    "program.xlsx": (lambda: b"MZ" + b"\0" * 500, "a program"),
    "password.xlsx": (password, "password"),
    "empty.xlsx": (lambda: b"", "0 bytes"),
    "~$open.xlsx": (lambda: b"\x05admin", "open"),
    "word.xlsx": (lambda: _zip({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<T/>"}), "Word"),
    "page.xls": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
    "scan.xlsx": (lambda: b"%PDF-1.7 ...", "PDF"),
    "noise.xlsx": (lambda: b"\x01\x02\x03" * 100, "no workbook"),
    "noise.csv": (lambda: b"\x00\x01\x02\x03" * 100, "no workbook"),
    "repeats.ods": (lambda: _ods('<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="9000" '
                                 'office:value-type="float" office:value="1"/></table:table-row>'), "repeats"),
    "aimed-styles.xlsx": (lambda: aimed("styles_sheet.xml"), "xl/styles_sheet.xml has cells so far apart"),
    "aimed-strings.xlsx": (lambda: aimed("sharedStrings9.xml"), "so far apart"),
    "aimed-book.xlsx": (lambda: aimed("workbook.xml.evil"), "so far apart"),
    "aimed-relations.xlsx": (lambda: aimed("worksheets/_rels/x.rels"), "damaged"),
    "aimed-texts.xlsx": (lambda: aimed("sharedStrings.xml", b"<sst><si><t>a</t></si></sst>"), "so far apart"),
    "aimed-itself.xlsx": (lambda: changed(RELATIONS, 'worksheets/sheet1.xml"/>', f'_rels/workbook.xml.rels"/>{FAR_SHEET.decode()}'), "so far apart"),
    "aimed-copy.xlsx": (lambda: changed(BOOK, "<sheets>", "<sheets>", {"xl/Worksheets/SHEET1.xml": FAR_SHEET}), "two parts of one name"),
    "place-twice.xlsx": (lambda: cell_twice('c r="A2" r="XFD1048576"'), "so far apart"),
    "place-decoy.xlsx": (lambda: cell_twice('c x:r="A2" r="XFD1048576"'), "so far apart"),
    "place-after.xlsx": (lambda: cell_twice('c x=">" r="XFD1048576"'), "so far apart"),
    "place-zeros.xlsx": (lambda: cell_twice('c r="XFD0000000001048576"'), "so far apart"),
    "place-prefix.xlsx": (lambda: workbook_of(f'{CELLS}<row r="2"><"a>b":c r="XFD1048576"><v>2</v></"a>b":c></row>'), "so far apart"),
    "named-often.xlsx": (lambda: changed(BOOK, "</sheets>", '<sheet name="T" sheetId="2" r:id="rId1"/>' * 3000 + "</sheets>", cells=_WIDE), "names 3,001 sheets"),
    "texts-said.xlsx": (lambda: strings('<sst uniqueCount="4000000000"><si><t>a</t></si></sst>'), "millions of texts"),
    "texts-said-late.xlsx": (lambda: strings(f"<!--{'x' * 999}--><q:sst uniqueCount='4000000000'><si><t>a</t></si></sst>"), "millions of texts"),
    "text-repeated.xlsx": (lambda: strings(f"<sst><si><t>{'a' * 30_000_000}</t></si></sst>", 2000), "holds a text"),
    "text-long.xlsx": (lambda: workbook_of(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"a" * 30_000_000}</t></is></c></row>'), "holds a text"),
    "far.xlsb": (lambda: xlsb(FAR_RECORDS), "so far apart"),
    "far-ending.xlsb": (lambda: xlsb(FAR_RECORDS, name="worksheets/sheet1.dat"), "so far apart"),
    "far-folder.xlsb": (lambda: xlsb(FAR_RECORDS, name="sheets/sheet1.bin"), "damaged"),
    "records.xlsb": (lambda: xlsb(_record(1) * 10_000_000), "records"),
    "named-often.xlsb": (lambda: xlsb(_row(0) + _number(0) + _row(999) + _number(999), sheets=3000), "names 3,000 sheets"),
    "text-repeated.xlsb": (lambda: xlsb(_row(0) + b"".join(_record(7, struct.pack("<III", n, 0, 0)) for n in range(2000)),
                                        texts=_record(0x9F, struct.pack("<II", 1, 1)) + _record(0x13, b"\0" + _text("a" * 10_000_000))), "records"),
    "named-often.xls": (lambda: xls(50), "50 times"),
    "blocks.ods": (lambda: _ods((_ODS_BLOCK + '</table:table><table:table table:name="S">') * 200), "repeats"),
    "nested.ods": (lambda: _ods("<table:table>" * 99 + "<table:table-row/>" * 60_000 + "</table:table>" * 99), "within each other"),
    "tags.ods": (lambda: _ods("<a/>" * 9_000_000), "tags"),
    "utf16.ods": (lambda: _zip({"content.xml": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16")}), "entities"),
    "columns.csv": (lambda: b"1;" * 2_000_000, "cells"),
    "lines.csv": (lambda: b"\n" * 4_000_000, "cells"),
    "line.csv": (lambda: b"a" * 29_000_000, "29.0 MB of text"),
}  # fmt: skip


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _ods(rows: str) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    return _zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    make, said = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(MttqError, match=said) as caught:
        read_return(path)
    line = str(caught.value)
    assert line.startswith(name) and "\n" not in line


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    filled(path)
    data = path.read_bytes()
    for share in (0.1, 0.5, 0.9, 0.999):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(MttqError, match="damaged"):
            read_return(path)


def test_every_damaged_copy_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    filled(path)
    data = path.read_bytes()
    outcomes = set()
    for at in range(0, len(data), 173):
        damaged = bytearray(data)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            observations, _ = read_return(path)
            outcomes.add("read" if len(observations) else "nothing")
        except MttqError as exc:
            assert "\n" not in str(exc)
            outcomes.add("refused")
    assert "refused" in outcomes


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.xlsx"):
        with pytest.raises(MttqError, match=path.name):
            read_return(path)


_RUN = """
import json, resource, sys, time
from pathlib import Path
from mttq_data.returns.reading import read_returns
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
out = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    start = time.process_time()
    observations, problems = read_returns([path], progress=False)
    out[path.name] = [time.process_time() - start, len(observations), list(problems["check"])]
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
print(json.dumps([grown / 1024, out]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell the peak memory this way")
def test_hostile_files_cost_little_time_and_memory(tmp_path: Path) -> None:
    for name, (make, _) in REFUSED.items():
        (tmp_path / name).write_bytes(make())
    filled(tmp_path / "good.xlsx")
    done = subprocess.run([sys.executable, "-c", _RUN, str(tmp_path)], capture_output=True, text=True, check=True)
    grown, out = json.loads(done.stdout)
    assert grown < 500, f"{grown:.0f} MB"
    assert max(seconds for seconds, *_ in out.values()) < 5
    assert {name for name, (_, rows, _) in out.items() if rows} == {"good.xlsx"}
    assert all(checks == ["unreadable"] for name, (_, _, checks) in out.items() if name != "good.xlsx")


def test_the_other_files_of_a_folder_still_load(tmp_path: Path) -> None:
    for name in ("far.xlsx", "empty.xlsx", "~$open.xlsx"):
        (tmp_path / name).write_bytes(REFUSED[name][0]())
    filled(tmp_path / "good.xlsx")
    observations, problems = read_returns(tmp_path, progress=False)
    assert set(observations["source"]) == {"good.xlsx"}
    assert sorted(problems["source"]) == ["empty.xlsx", "far.xlsx", "~$open.xlsx"]
    assert all("\n" not in m and m for m in problems["message_vi"])


def test_declared_size_alone_does_not_refuse(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    filled(path)
    before, _ = read_return(path)
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    name = "xl/worksheets/sheet1.xml"
    declared = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', parts[name])
    assert declared != parts[name]
    path.write_bytes(_zip(parts | {name: declared}))
    tracemalloc.start()
    observations, problems = read_return(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert problems.empty and len(observations) == len(before) > 90
    assert peak < 50_000_000


def test_external_links_macros_and_dde_are_told_and_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    filled(path, edit=lambda sheet, at: sheet.__setitem__(at["20", "2"], "=cmd|'/c calc'!A1"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
        archive.writestr("xl/vbaProject.bin", b"macro")
    observations, problems = read_return(path)
    assert {"external_link", "macro", "dde", "no_result"} <= set(problems["check"])
    assert len(observations) > 90
    assert "sheet" not in problems.loc[problems["check"] == "dde", "found"].iloc[0]


def test_odd_names_of_sheets_and_files(tmp_path: Path) -> None:
    path = tmp_path / "a\nb'..%2F.xlsx"
    filled(path)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].title = 'Lục Nam\'s (1) & "co"'
    book.worksheets[0]["E35"] = "nhiều"
    book.save(path)
    observations, problems = read_returns([path], progress=False)
    assert problems["where"].tolist() == ['Lục Nam\'s (1) & "co"!E35']
    assert observations["source"].unique().tolist() == ["a?b'..%2F.xlsx"]


def test_xls_and_crc_noise_never_escape_as_other_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + zlib.compress(b"x") * 50 + "Workbook".encode("utf-16-le") + b"\1" * 3000
    )
    with pytest.raises(MttqError, match=r"a\.xls"):
        read_return(path)
