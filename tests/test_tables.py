"""The files an analyst opens: CSV, workbook, description."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables_of_their_own import numerals, row, statistics

from mttq_data.errors import MttqError
from mttq_data.inventory import Source
from mttq_data.tables.tables import csv_bytes, plain_text, write_tables
from mttq_data.tables.workbook import fix_title, title_of, write_workbook

NAMES = ["statistics.csv", "numerals.csv", "statistics.xlsx", "datapackage.json"]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "bao-cao.txt"
    path.write_text("5.142 hộ", encoding="utf-8")
    return Source(path, "bao-cao.txt")


def write(folder, source, frame=None, lang="vi"):
    write_tables(folder, statistics() if frame is None else frame, numerals(), [source], lang)
    return folder


def sheet_of(folder):
    return openpyxl.load_workbook(folder / "statistics.xlsx").worksheets[0]


def test_the_same_rows_give_the_same_bytes_in_any_order(tmp_path, source, monkeypatch):
    write(tmp_path / "a", source)
    monkeypatch.setattr("time.time", lambda: 4e9)
    write(tmp_path / "b", source, statistics().sample(frac=1, random_state=3))
    assert all((tmp_path / "a" / n).read_bytes() == (tmp_path / "b" / n).read_bytes() for n in NAMES)


def test_csv_opens_in_excel_and_reads_back_in_pandas(tmp_path, source):
    write(tmp_path, source)
    assert (tmp_path / "statistics.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(tmp_path / "statistics.csv")
    assert back["start"].is_monotonic_increasing
    assert back.loc[back["text"] == "103,5", "value"].item() == 103.5e9
    assert back.loc[back["text"] == "103,5", "high"].isna().item()


@pytest.mark.parametrize("text", ["=1+1", "+84", "-5", "@x", "\t=1", " =1+1", "\uff1d1"])
def test_text_never_becomes_a_formula(tmp_path, source, text):
    write(tmp_path, source, pd.DataFrame([row("5", 5, counted=text, sentence=text)]))
    with open(tmp_path / "statistics.csv", encoding="utf-8-sig", newline="") as stream:
        assert next(csv.DictReader(stream))["sentence"].startswith("'")
    cells = [cell for line in sheet_of(tmp_path).iter_rows() for cell in line]
    assert "f" not in {cell.data_type for cell in cells}


@given(st.text())
def test_any_text_can_be_written_as_csv(text):
    content = csv_bytes(pd.DataFrame({"sentence": [text]})).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[1:] == ([[plain_text(text)]])


def test_a_lone_surrogate_and_controls_do_not_break_the_workbook(tmp_path, source):
    write(tmp_path, source, pd.DataFrame([row("5", 5, sentence="a\ud800b\x00\x01 5", counted="\udfff" + "x" * 40_000)]))
    texts = [cell.value for cell in sheet_of(tmp_path)[2]]
    assert "a\ufffdb 5" in texts


def test_infinite_and_missing_values_are_blank(tmp_path, source):
    write(tmp_path, source, pd.DataFrame([row("9", float("inf"))]))
    assert pd.read_csv(tmp_path / "statistics.csv")["value"].isna().all()


@pytest.mark.parametrize(("lang", "title", "value"), [("vi", "Số liệu", "Giá trị"), ("en", "Statistics", "Value")])
def test_the_workbook_can_be_filtered_and_keeps_its_header(tmp_path, source, lang, title, value):
    write(tmp_path, source, lang=lang)
    sheet = sheet_of(tmp_path)
    assert (sheet.title, sheet.freeze_panes) == (title, "A2")
    assert sheet.auto_filter.ref.startswith("A1:")
    assert value in [cell.value for cell in sheet[1]]


def test_figures_are_numbers_shown_the_vietnamese_way(tmp_path, source):
    write(tmp_path, source)
    sheet = sheet_of(tmp_path)
    at = [cell.value for cell in sheet[1]].index("Chữ số trong văn bản")
    formats = {line[at].value: line for line in sheet.iter_rows(min_row=2)}
    values = [cell.value for cell in sheet[1]].index("Giá trị")
    assert formats["103,5"][values].value == 103.5e9
    assert '" tỷ đồng"' in formats["103,5"][values].number_format
    assert formats["49,6%"][values].number_format.endswith('#,##0.0"%"')
    assert formats["hàng trăm"][values].value is None


def test_the_sentence_stands_beside_the_figure_and_wraps(tmp_path, source):
    write(tmp_path, source)
    sheet = sheet_of(tmp_path)
    heads = [cell.value for cell in sheet[1]]
    assert heads.index("Chữ số trong văn bản") - heads.index("Câu") == 1
    assert sheet.cell(2, heads.index("Câu") + 1).alignment.wrap_text


def test_room_for_the_right_value_stands_beside_the_wrong_one(tmp_path):
    path = tmp_path / "x.xlsx"
    fields = ["value", "unit", "indicator", "period", "role"]
    write_workbook(path, statistics(), [], "vi", fix=fields)
    heads = [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]]
    for field in fields:
        name = "indicator_name" if field == "indicator" else field
        assert heads[heads.index(title_of(name, "vi")) + 1] == fix_title(name, "vi")


def test_what_is_made_from_samples_says_so(tmp_path, source):
    sample = Source(source.path, source.name, "reports", {"sample": True, "title": "Bản mẫu"})
    write(tmp_path / "vi", sample, statistics().assign(sample=True))
    assert "DỮ LIỆU MẪU" in sheet_of(tmp_path / "vi").title
    assert json.loads((tmp_path / "vi" / "datapackage.json").read_bytes())["sample"] is True
    assert pd.read_csv(tmp_path / "vi" / "statistics.csv")["sample"].all()


def test_the_description_fits_the_files(tmp_path, source):
    write(tmp_path, source)
    package = json.loads((tmp_path / "datapackage.json").read_bytes())
    for resource in package["resources"]:
        content = (tmp_path / resource["path"]).read_bytes()
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        header = content.decode("utf-8-sig").splitlines()[0].split(",")
        assert header == [field["name"] for field in resource["schema"]["fields"]]
    assert package["sources"][0]["sha256"] == source.sha256
    assert package["units"]["percent"] == {"vi": "%", "en": "%"}


@pytest.mark.parametrize("held", NAMES)
def test_a_file_open_in_excel_leaves_the_whole_set_as_it_was(tmp_path, source, monkeypatch, held):
    write(tmp_path, source)
    before = {name: (tmp_path / name).read_bytes() for name in NAMES}
    opened, replace = Path.open, os.replace

    def open_like_windows(path, mode="r", *rest, **options):
        if path.name == held and mode == "rb+":
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, *rest, **options)

    def replace_like_windows(old, new):
        if os.path.basename(new) == held:
            raise PermissionError(13, "Permission denied")
        replace(old, new)

    monkeypatch.setattr(Path, "open", open_like_windows)
    monkeypatch.setattr(os, "replace", replace_like_windows)
    with pytest.raises(MttqError, match=held):
        write(tmp_path, source, statistics().head(2))
    assert {name: (tmp_path / name).read_bytes() for name in NAMES} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*NAMES, "bao-cao.txt"])


def test_a_folder_in_the_way_is_told_in_one_line(tmp_path, source):
    (tmp_path / "statistics.csv").mkdir()
    with pytest.raises(MttqError, match="statistics.csv: cannot be written"):
        write(tmp_path, source)
