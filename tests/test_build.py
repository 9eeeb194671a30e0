"""From data/raw to tables and charts: robust against bad files, honest about samples."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pytest

from mttq_data.build import build, extract_files
from mttq_data.corrections.laying import correct
from mttq_data.errors import MttqError
from mttq_data.inventory import read_sidecar, sources
from mttq_data.report.pack import read_frames
from mttq_data.stamps import Stamps, program
from mttq_data.tables.tables import FIELDS

TEXT = "I. Kết quả\nToàn tỉnh có 5.142 hộ nghèo, tỷ lệ hộ nghèo còn 2,67%.\nPhụ nữ chiếm 49,6% dân số.\n"
TABLES = {"statistics.csv", "numerals.csv", "problems.csv", "statistics.xlsx", "datapackage.json"}
CHARTS = {f"{name}.{form}" for name in ("shares", "money", "targets", "problems") for form in ("png", "svg")}


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "raw" / "reports").mkdir(parents=True)
    return tmp_path / "raw"


@pytest.fixture
def drawn():
    """Asks for real pictures and a real report."""


@pytest.fixture(autouse=True)
def light(monkeypatch, tmp_path, request):
    """No corrections of others, and nothing drawn: how it looks is tested elsewhere; where it must come, in few dots."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mttq_data.charts.save._DPI", 30)
    if "drawn" not in request.fixturenames:
        without_pictures(monkeypatch)


def without_pictures(patch):
    patch.setattr("mttq_data.report.pack.write_pack", drawn_light)
    patch.setattr("mttq_data.build_report._charts", lambda run: [])


def drawn_light(folder, frames, sources=(), *, lang="vi", **_):
    """In place of the report: its parts as text."""
    path = Path(folder) / "report_pack.docx"
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [lang, *(frame.to_csv() for frame in frames.values()), json.dumps(list(sources))]
    path.write_text("".join(parts), encoding="utf-8")
    return [path]


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


def test_a_report_becomes_tables_and_charts(raw, drawn):
    put(raw, "a.txt")
    done = run(raw)
    assert not done.failures
    names = {path.name for path in done.written}
    assert names >= TABLES | CHARTS | {"comparison.csv", "progress.csv", "report_pack.docx", "report_pack.xlsx"}
    table = pd.read_csv(raw.parent / "processed" / "statistics.csv")
    assert {5142, 2.67, 49.6} <= set(table["value"])
    assert set(table["document"]) == {"a.txt"}
    assert done.counts["statistics"] == len(table)


def test_the_same_input_gives_the_same_bytes(raw, drawn):
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


def test_what_comes_from_a_sample_says_so_on_its_face(raw, drawn):
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


def test_returns_and_facts_become_tables_too(raw, root, drawn):
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
    figures = [path for path in done.written if path.parent.name == "figures" and path.suffix == ".svg"]
    unmarked = {path.name for path in figures if "DỮ LIỆU MẪU" not in path.read_text(encoding="utf-8")}
    # The report is the test's own and the facts are public; all that rests on the samples says so.
    assert {"areas0.svg", "completeness.svg"} <= {path.name for path in figures} - unmarked
    assert "shares.svg" in unmarked
    texts = [p.text for p in docx.Document(str(raw.parent / "figures" / "report_pack.docx")).paragraphs]
    assert sum(text.startswith("DỮ LIỆU MẪU. Nguồn: ") for text in texts) >= 2


def tree(folder):
    """Every file of an outcome with its bytes, except what is known of the steps."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".build.json"}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory, root):
    """A folder with a report, returns and facts, built."""
    folder = tmp_path_factory.mktemp("built")
    put(folder / "raw", "a.txt", sidecar={"title": "Báo cáo A"})
    for kind, pattern in (("returns", "sample-2024-Q4-21[67]*"), ("facts", "public-fund*")):
        (folder / "raw" / kind).mkdir()
        for path in (root / "data" / "raw" / kind).glob(pattern):
            shutil.copy(path, folder / "raw" / kind / path.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        without_pictures(patch)
        assert not run(Path("raw")).failures
    return folder


@pytest.fixture
def office(built, tmp_path):
    """The raw files of a copy of it, which is the working folder."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return Path("raw")


def sidecar_says(path, **said):
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **said}), encoding="utf-8")


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def corrected(raw):
    found = build(raw, raw.parent / "other", raw.parent / "other").statistics
    correct(found, found.index[0], "value", 7, "biên bản", by="Lan", corrections="data/corrections.csv")


def codelist(raw):
    path = Path("data") / "codes" / "indicators.csv"
    path.parent.mkdir(parents=True)
    path.write_text("id,unit,name_vi\npoverty_rate,percent,Tên của cơ quan\n", encoding="utf-8")
    rules = path.with_name("problem_rules.csv")
    rules.write_text("id,severity\nshare_against_count,note\n", encoding="utf-8")


CHANGES = {
    "a report": lambda raw: append(raw / "reports" / "a.txt", "Xây 77 nhà Đại đoàn kết năm 2023.\n"),
    "a report less": lambda raw: [put(raw, "b.txt"), run(raw), (raw / "reports" / "b.txt").unlink()],
    "what is said of it": lambda raw: sidecar_says(raw / "reports" / "a.txt.json", title="Báo cáo B"),
    "a return": lambda raw: shutil.copy(
        raw / "returns" / "sample-2024-Q4-217-lang-giang.xlsx", raw / "returns" / "sample-2024-Q4-216-tan-yen.xlsx"
    ),
    "its day": lambda raw: sidecar_says(
        raw / "returns" / "sample-2024-Q4-216-tan-yen.xlsx.json", received="2025-02-01"
    ),
    "a return less": lambda raw: (raw / "returns" / "sample-2024-Q4-217-lang-giang.xlsx").unlink(),
    "no return": lambda raw: shutil.rmtree(raw / "returns"),
    "a fact": lambda raw: append(
        raw / "facts" / "public-fund.csv", "24,2023,fund_for_the_poor_raised,period,5e9,,,exact,VND\n"
    ),
    "no fact": lambda raw: (raw / "facts" / "public-fund.csv").unlink(),
    "a correction": corrected,
    "a codelist of the office": codelist,
    "a table deleted": lambda raw: (raw.parent / "processed" / "observations.csv").unlink(),
    "a table edited": lambda raw: append(raw.parent / "processed" / "comparison.csv", "x\n"),
    "the description edited": lambda raw: append(raw.parent / "processed" / "datapackage.json", " "),
    "a reply deleted": lambda raw: next((raw.parent / "figures" / "tra-loi").iterdir()).unlink(),
    "the report edited": lambda raw: (raw.parent / "figures" / "report_pack.docx").write_bytes(b"x"),
    "what is known lost": lambda raw: (raw.parent / "processed" / ".build.json").write_text("[1"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_after_any_change_a_build_is_as_one_from_nothing(office, what):
    before = tree(office.parent / "processed") | tree(office.parent / "figures")
    CHANGES[what](office)
    assert not run(office).failures
    after = {name: tree(office.parent / name) for name in ("processed", "figures")}
    fresh = office.parent / "fresh"
    build(office, fresh / "processed", fresh / "figures")
    assert after == {name: tree(fresh / name) for name in after}
    done_again = ("a report less", "a table", "a reply", "the report", "the description", "what is known")
    assert (after["processed"] | after["figures"] == before) == what.startswith(done_again)


@pytest.mark.parametrize(
    ("what", "kept"),
    [
        ("a report", {"observations.csv", "facts.csv"}),
        ("a return", {"statistics.csv", "facts.csv", "comparison.csv"}),
        ("a fact", {"statistics.csv", "observations.csv", "statistics.xlsx"}),
        ("a reply deleted", {"statistics.csv", "observations.csv", "comparison.csv", "report_pack.docx"}),
    ],
)
def test_only_what_rests_on_a_change_is_done_again(office, what, kept):
    def times():
        return {
            p.name: p.stat().st_mtime_ns for p in office.parent.rglob("*") if p.parent.name != "raw" and p.is_file()
        }

    before = times()
    CHANGES[what](office)
    run(office)
    after = times()
    assert {name for name in kept if before[name] != after[name]} == set()


def test_another_language_version_or_code_is_told(office, monkeypatch):
    run(office, lang="en")
    assert (office.parent / "figures" / "report_pack.docx").read_text(encoding="utf-8").startswith("en")
    assert "Statistics" in openpyxl.load_workbook(office.parent / "processed" / "statistics.xlsx").sheetnames
    now = program()
    monkeypatch.setattr("mttq_data.__version__", "99.0")
    assert program() != now
    monkeypatch.undo()
    monkeypatch.setattr("mttq_data.stamps.__file__", str(office / "stamps.py"))
    assert program() != now
    stamps = Stamps(office.parent / "processed", now)
    assert stamps.standing("facts", []) is None


def test_a_build_with_nothing_to_do_writes_nothing_and_loads_no_pandas(office):
    folders = [
        f"--raw={office}",
        f"--processed={office.parent / 'processed'}",
        f"--reports={office.parent / 'figures'}",
    ]
    first = run(office)
    times = {path: path.stat().st_mtime_ns for path in [*first.written, office.parent / "processed" / ".build.json"]}
    code = "import sys; from mttq_data.cli import main; main(sys.argv[1:]); sys.exit(bool({'pandas', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code, "build", *folders], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert f"{first.counts['statistics']}" in done.stdout
    assert done.stdout.count("tra-loi") == 2


def test_a_step_that_failed_is_done_again(office, monkeypatch):
    append(office / "reports" / "a.txt", "Xây 77 nhà Đại đoàn kết năm 2023.\n")
    with monkeypatch.context() as broken:
        broken.setattr("mttq_data.comparison.comparison.comparison_tables", lambda *_: 1 / 0)
        (line,) = run(office).failures
        assert "comparison: internal error (ZeroDivisionError" in line
        assert not (office.parent / "processed" / "comparison.csv").exists(), "an old one would be taken for a new one"
        assert "comparison" not in read_frames(office.parent / "processed")[0]
    assert not run(office).failures
    assert (office.parent / "processed" / "comparison.csv").exists()


def test_what_somebody_worked_on_is_not_removed(office):
    reply = next((office.parent / "figures" / "tra-loi").iterdir())
    reply.write_bytes(b"with remarks")
    shutil.rmtree(office / "returns")
    run(office)
    assert [p.name for p in reply.parent.iterdir()] == [reply.name]


def test_a_file_that_is_no_return_is_told(office):
    (office / "returns" / "sample-mat-khau.xlsx").write_bytes(b"\xd0\xcf\x11\xe0")
    sidecar = office / "returns" / "sample-mat-khau.xlsx.json"
    sidecar.write_text('{"sample": true, "received": "hôm qua"}', encoding="utf-8")
    (line,) = run(office).failures
    assert "sample-mat-khau.xlsx" in line and "2025-01-08" in line
    sidecar.write_text('{"sample": true}', encoding="utf-8")
    (line,) = run(office).failures
    assert "sample-mat-khau.xlsx" in line
    assert "unreadable" in set(pd.read_csv(office.parent / "processed" / "return_problems.csv")["check"])


def test_a_return_without_a_sidecar_came_when_it_was_saved(office):
    import os
    from datetime import datetime

    path = office / "returns" / "sample-2024-Q4-216-tan-yen.xlsx"
    sidecar = path.with_name(path.name + ".json")
    sidecar.write_text('{"sample": true}', encoding="utf-8")
    when = datetime(2025, 1, 13, 12).timestamp()
    os.utime(path, (when, when))
    run(office)
    table = pd.read_csv(office.parent / "processed" / "completeness.csv", dtype=str).set_index("area")
    assert table.loc["216", ["received", "days_late"]].tolist() == ["2025-01-13", "3"]


def test_the_description_names_every_table_and_its_types_hold(office):
    folder = office.parent / "processed"
    package = json.loads((folder / "datapackage.json").read_bytes())
    assert {r["path"] for r in package["resources"]} == {p.name for p in folder.glob("*.csv")}
    assert {s["file"] for s in package["sources"]} == {"a.txt", "public-fund.csv", "sample-2024-Q4-216-tan-yen.xlsx",
                                                       "sample-2024-Q4-217-lang-giang.xlsx"}  # fmt: skip
    kinds = {"integer": int, "number": float, "date": pd.Timestamp, "boolean": ["true", "false"].index, "string": str}
    for resource in package["resources"]:
        table = pd.read_csv(folder / resource["path"], dtype=str, keep_default_na=False)
        assert resource["sample"] == (
            resource["name"] not in ("statistics", "numerals", "problems", "facts", "comparison")
        )
        for column in resource["schema"]["fields"]:
            values = [value for value in table[column["name"]] if value]
            assert all(kinds[column["type"]](value) is not None for value in values)
            assert set(values) <= set(column.get("constraints", {}).get("enum", values))
    types = {r["name"]: {f["name"]: f["type"] for f in r["schema"]["fields"]} for r in package["resources"]}
    assert types["statistics"] == {name: FIELDS[name].type for name in types["statistics"]}
    assert types["completeness"]["expected"] == "boolean" and types["completeness"]["due"] == "date"
    assert types["totals"]["areas_counted"] == "integer" and types["comparison"]["change"] == "number"
