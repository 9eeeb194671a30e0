"""From data/raw to tables and charts: robust against bad files, honest about samples."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest

from mttq_data.build import build, extract_files
from mttq_data.errors import MttqError
from mttq_data.inventory import read_sidecar, sources

TEXT = "I. Kết quả\nToàn tỉnh có 5.142 hộ nghèo, tỷ lệ hộ nghèo còn 2,67%.\nPhụ nữ chiếm 49,6% dân số.\n"
TABLES = {"statistics.csv", "numerals.csv", "problems.csv", "statistics.xlsx", "datapackage.json"}
CHARTS = {f"{name}.{form}" for name in ("shares", "money", "targets", "problems") for form in ("png", "svg")}


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "raw" / "reports").mkdir(parents=True)
    return tmp_path / "raw"


@pytest.fixture(autouse=True)
def coarse(monkeypatch, tmp_path):
    """Charts of few dots: how they look is tested elsewhere, here only that they come. No corrections of others."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mttq_data.charts.save._DPI", 30)


def put(raw, name, text=TEXT, sidecar=None):
    path = raw / "reports" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    if sidecar is not None:
        path.with_name(path.name + ".json").write_text(json.dumps(sidecar), encoding="utf-8")
    return path


def run(raw, **options):
    return build(raw, raw.parent / "processed", raw.parent / "figures", **options)


def names(raw):
    return [source.name for source in sources(raw)[0]]


def test_a_report_becomes_tables_and_charts(raw):
    put(raw, "a.txt")
    done = run(raw)
    assert not done.failures
    names = {path.name for path in done.written}
    assert names >= TABLES | CHARTS | {"comparison.csv", "progress.csv", "report_pack.docx", "report_pack.xlsx"}
    table = pd.read_csv(raw.parent / "processed" / "statistics.csv")
    assert {5142, 2.67, 49.6} <= set(table["value"])
    assert set(table["document"]) == {"a.txt"}
    assert done.counts["statistics"] == len(table)


def test_the_same_input_gives_the_same_bytes(raw):
    put(raw, "a.txt")
    first = {path: path.read_bytes() for path in run(raw).written}
    assert {path: path.read_bytes() for path in run(raw).written} == first


def test_one_bad_file_gives_one_line_and_the_others_are_done(raw):
    put(raw, "bad.docx", b"PK\x03\x04 cut off")
    put(raw, "good.txt")
    put(raw, "old.doc", b"\xd0\xcf\x11\xe0")
    done = run(raw)
    assert [line.count("\n") for line in done.failures] == [0, 0]
    assert all(name in " ".join(done.failures) for name in ("bad.docx", "old.doc"))
    assert set(pd.read_csv(raw.parent / "processed" / "statistics.csv")["document"]) == {"good.txt"}


def test_when_nothing_can_be_read_the_last_tables_stay(raw):
    good = put(raw, "good.txt")
    run(raw)
    before = (raw.parent / "processed" / "statistics.csv").read_bytes()
    good.unlink()
    put(raw, "bad.docx", b"PK\x03\x04")
    done = run(raw)
    assert len(done.failures) == 1
    assert not done.written
    assert (raw.parent / "processed" / "statistics.csv").read_bytes() == before


def test_a_defect_of_the_reader_is_one_line_too(raw, monkeypatch):
    put(raw, "a.txt")
    monkeypatch.setattr("mttq_data.build._read_one", lambda *_: 1 / 0)
    (line,) = run(raw).failures
    assert "a.txt: internal error (ZeroDivisionError" in line


def test_an_empty_folder_says_where_to_put_a_report(raw):
    with pytest.raises(MttqError, match="put a .docx"):
        run(raw)


def test_samples_give_way_to_a_real_file(raw):
    put(raw, "mau.txt", sidecar={"sample": True})
    assert names(raw) == ["mau.txt"]
    assert run(raw).sample
    put(raw, "that.txt")
    assert names(raw) == ["that.txt"]
    assert not run(raw).sample


def test_samples_of_another_kind_stay(raw):
    put(raw, "mau.txt", sidecar={"sample": True})
    (raw / "returns").mkdir()
    (raw / "returns" / "that.xlsx").write_bytes(b"x")
    assert names(raw) == ["mau.txt"]


def test_what_comes_from_a_sample_says_so_on_its_face(raw):
    put(raw, "mau.txt", sidecar={"sample": True})
    run(raw)
    assert pd.read_csv(raw.parent / "processed" / "statistics.csv")["sample"].all()
    assert "DỮ LIỆU MẪU" in openpyxl.load_workbook(raw.parent / "processed" / "statistics.xlsx").sheetnames[0]
    assert "DỮ LIỆU MẪU" in (raw.parent / "figures" / "shares.svg").read_text(encoding="utf-8")


def test_helpers_of_the_system_are_no_reports(raw):
    for name in ("README.md", ".gitkeep", "~$a.docx", "Thumbs.db", "desktop.ini", ".an/b.txt"):
        put(raw, name)
    put(raw, "tam/a.txt", sidecar={})
    assert names(raw) == ["tam/a.txt"]


def test_reports_of_one_name_in_two_folders_are_told_apart(raw):
    put(raw, "2023/bc.txt")
    put(raw, "2024/bc.txt")
    assert set(run(raw).statistics["document"]) == {"2023/bc.txt", "2024/bc.txt"}


@pytest.mark.parametrize("content", ["{", "[1]", "\xff", ""])
def test_a_broken_sidecar_is_told_and_the_report_still_read(raw, content):
    path = put(raw, "a.txt")
    path.with_suffix(".json").write_bytes(content.encode("latin-1"))
    with pytest.raises(MttqError, match="a.json"):
        read_sidecar(path)
    done = run(raw)
    assert len(done.failures) == 1
    assert len(done.statistics) == 3


def test_a_file_that_is_not_the_one_described_gets_a_note(raw):
    put(raw, "a.txt", sidecar={"sha256": "0" * 64})
    (note,) = [line for line in run(raw).notes if "checksum" in line]
    assert "a.txt" in note


def test_extract_reads_a_file_named_twice_once(raw, tmp_path):
    path = put(raw, "a.txt")
    done = extract_files([path, str(path)], tmp_path / "out")
    assert len(done.sources) == 1
    assert {p.name for p in (tmp_path / "out").iterdir()} == TABLES


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", None])
def test_extract_of_nothing_readable_writes_nothing(raw, tmp_path, content):
    path = raw / "reports" / "x.txt" if content is None else put(raw, "x.png", content)
    done = extract_files([path], tmp_path / "out")
    assert len(done.failures) == 1
    assert not (tmp_path / "out").exists()


def test_progress_sees_every_file(raw):
    put(raw, "a.txt")
    put(raw, "b.txt")
    seen = []
    run(raw, progress=lambda found: (seen.append(s.name) or s for s in found))
    assert seen == ["a.txt", "b.txt"]


def test_the_report_pack_is_made_anew_only_when_its_tables_changed(raw):
    put(raw, "a.txt")
    first = run(raw)
    pack = next(path for path in first.written if path.name == "report_pack.docx")
    before = pack.stat().st_mtime_ns
    again = run(raw)
    assert pack in again.written and pack.stat().st_mtime_ns == before
    (raw / "reports" / "a.txt").write_text("Hỗ trợ xây 77 nhà Đại đoàn kết năm 2023.", encoding="utf-8")
    run(raw)
    assert pack.stat().st_mtime_ns > before


def test_returns_and_facts_become_tables_too(raw, root):
    import shutil

    put(raw, "a.txt")
    for kind, pattern in (("returns", "sample-2024-Q4-21*"), ("facts", "public-*")):
        (raw / kind).mkdir()
        for path in (root / "data" / "raw" / kind).glob(pattern):
            shutil.copy(path, raw / kind / path.name)
    done = run(raw)
    assert not done.failures
    names = {path.name for path in done.written}
    assert names >= {"observations.csv", "return_problems.csv", "totals.csv", "completeness.csv", "facts.csv"}
    assert any(path.parent.name == "tra-loi" for path in done.written), (
        "a sender with something to correct gets a reply"
    )
