"""What does not add up: planted contradictions are found, clean text stays clean, the real report's problems are all named."""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mttq_data import Document, MttqError, extract, read_document
from mttq_data.commands import check
from mttq_data.problems.rules import COLUMNS, find_problems, problem_rules
from mttq_data.wording import SEVERITIES

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent / "data/raw/reports/bac-giang-2024-restatement.txt"
PLANTED = [json.loads(line) for line in (HERE / "data/problem_passages.jsonl").read_text(encoding="utf-8").splitlines()]
# The one statement of these passages that a rule rightly asks about: a target said to be reached, its figure left out.
KNOWN = {("report-064", "achievement_without_target")}
# The sample restates the real report, so the same things do not add up in it.
IN_SAMPLE = {
    ("two_values", "99% | 99,9%"),
    ("share_against_count", "1,9 triệu | 61 nghìn | 3,5%"),
    ("scale_word", "242.709 ngàn"),
    ("counted_noun_missing", "45.600"),
    ("target_weaker", "15 | 12"),
    ("two_targets", "15 | 12"),
    ("count_beyond_base", "2,67% | 256.450"),
    ("attendance_beyond_population", "15,800 triệu"),
    ("comma_before_three_digits", "15,800 triệu"),
    ("comma_before_three_digits", "1,400 triệu"),
    ("members_per_body", "199 | 256"),
    ("unit_unlike_neighbours", "6.060 | 13.057"),
    ("per_year_against_total", "103,5 tỷ | 40 tỷ"),
    ("one_number_two_documents", "115-NQ/TU | 115-KL/TU"),
    ("section_number_jumps", "4"),
    ("term_of_another_report", "2014-2019"),
}


def spans(where: str) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in (part.split("-") for part in where.split())]


def problems(text: str, name: str = "") -> pd.DataFrame:
    document = Document(text, name)
    return find_problems(extract(document), document)


def checks(text: str) -> list[str]:
    return problems(text)["check"].tolist()


@pytest.mark.parametrize("row", [r for r in PLANTED if r["planted"]], ids=lambda r: r["id"])
def test_a_planted_contradiction_is_found_at_its_place(row: dict[str, Any]) -> None:
    found = problems(row["text"], row["id"])
    for planted in row["planted"]:
        own = found[found["check"] == planted["rule"]]
        places = {row["text"][a:b] for where in own["where"] for a, b in spans(where)}
        assert places & set(planted["figures"]), (row["text"], found[["check", "found"]].to_dict("records"))


@pytest.mark.parametrize("row", [r for r in PLANTED if not r["planted"]], ids=lambda r: r["id"])
def test_what_holds_is_not_reported(row: dict[str, Any]) -> None:
    assert problems(row["text"])[["check", "found"]].to_dict("records") == [], row["why"]


@pytest.mark.parametrize("name", ["passages_news.jsonl", "passages_reports.jsonl"])
def test_passages_of_other_provinces_stay_clean(name: str) -> None:
    rows = [json.loads(line) for line in (HERE / "data" / name).read_text(encoding="utf-8").splitlines()]
    found = {(row["id"], c) for row in rows for c in checks(row["text"])}
    assert found - KNOWN == set()


def test_every_rule_is_planted_or_asked_of_the_sample() -> None:
    asked = (
        {p["rule"] for row in PLANTED for p in row["planted"]}
        | {c for c, _ in IN_SAMPLE}
        | {"uses_beyond_raised", "per_year_against_total"}
    )
    # A total said at the end, a price each: these stand in the passages under their own names.
    assert set(problem_rules()) - asked - {"attendance_beyond_population"} == set()


def test_the_sample_has_the_problems_of_the_report_it_restates() -> None:
    document = read_document(SAMPLE)
    found = find_problems(extract(document), document)
    got = set(zip(found["check"], found["found"], strict=True))
    assert IN_SAMPLE - got == set()
    assert (found["check"] == "achievement_without_target").sum() >= 4
    assert "count_against_list" in set(found["check"])
    assert (found["sha256"] == document.sha256).all()


def overlaps(where: str, wanted: str) -> bool:
    return all(any(a < d and c < b for c, d in spans(where)) for a, b in spans(wanted))


def score(found: pd.DataFrame, listed: Iterable[dict[str, str]]) -> tuple[list[str], list[str], list[str]]:
    """Required rows that are missing, rows that hold but are reported, and findings outside the list."""
    rows = list(listed)
    missing = [
        r["what"] or r["where"]
        for r in rows
        if r["required"] == "yes" and not any(overlaps(w, r["where"]) for w in found["where"])
    ]
    wrong = [
        r["where"] for r in rows if r["required"] == "holds" and any(overlaps(w, r["where"]) for w in found["where"])
    ]
    known = [r["where"] for r in rows if r["required"] != "holds"]
    outside = [f"{f.check} {f.where}" for f in found.itertuples() if not any(overlaps(str(f.where), w) for w in known)]
    return missing, wrong, outside


def test_the_real_report(real_report: Path, shared: Path) -> None:
    document = read_document(real_report)
    found = find_problems(extract(document), document)
    with (shared / "report" / "problems.csv").open(encoding="utf-8", newline="") as file:
        missing, wrong, outside = score(found, csv.DictReader(file))
    assert (missing, wrong) == ([], [])
    assert len(outside) <= 5, outside


def test_most_of_it_is_found_from_the_table_alone(real_report: Path, shared: Path) -> None:
    found = find_problems(extract(read_document(real_report)))
    with (shared / "report" / "problems.csv").open(encoding="utf-8", newline="") as file:
        missing, wrong, _ = score(found, csv.DictReader(file))
    assert (missing, wrong) == ([], [])
    assert set(found["sha256"]) == {""}


def test_each_finding_says_what_to_do_in_both_languages_and_leads_to_its_figures() -> None:
    document = read_document(SAMPLE)
    found = find_problems(extract(document), document)
    assert list(found.columns) == COLUMNS
    assert set(found["severity"]) == set(SEVERITIES)
    for row in found.to_dict("records"):
        assert row["message_vi"] and row["message_en"] and row["message_vi"] != row["message_en"]
        assert not any(mark in row["message_vi"] + row["message_en"] for mark in ("{", "}", "nan", "()"))
        figures = [document.text[a:b] for a, b in spans(row["where"])]
        assert all(
            any(figure.startswith(part.split(" ")[0]) or part in figure for figure in figures)
            for part in row["found"].split(" | ")
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cần hỗ trợ 1.595 nhà (xây mới 1.175, sửa chữa 520).", "1.695 nhà"),
        ("Đến nay 74/98 xã, phường, thị trấn đã xong đại hội, còn 34 đơn vị sẽ xong trong tháng 7.", "24 đơn vị"),
        ("Năm 2023, tỉnh trao 12,450 suất quà cho hộ nghèo.", "12.450"),
        ("Năm 2022, Mặt trận Quảng Bình trao 41.200 nghìn suất quà Tết.", "41.200 suất quà"),
        ("Năm 2023 các tổ nhận 640 vụ, hòa giải thành 544 vụ, đạt tỷ lệ 89%.", "85%"),
    ],
)
def test_the_likely_right_figure_is_given(text: str, expected: str) -> None:
    assert problems(text)["expected"].tolist() == [expected]


def test_bounds_are_respected() -> None:
    assert checks("Năm 2023, tỷ lệ hòa giải thành trên 85%. Cụ thể, năm 2023 tỷ lệ hòa giải thành đạt 88,6%.") == []
    assert checks("Năm 2023, tỷ lệ hòa giải thành trên 85%. Cụ thể, năm 2023 tỷ lệ hòa giải thành đạt 78,6%.") == [
        "two_values"
    ]


def test_several_reports_in_one_table_are_kept_apart() -> None:
    texts = {
        "a.txt": "Năm 2023, tỷ lệ hộ nghèo của tỉnh còn 2,4%.",
        "b.txt": "Năm 2023, tỷ lệ hộ nghèo của tỉnh còn 3,1%.\nCần 10 nhà (xây mới 4, sửa chữa 5).",
    }
    documents = [Document(text, name) for name, text in texts.items()]
    stats = pd.concat([extract(d) for d in documents], ignore_index=True)
    found = find_problems(stats, documents)
    assert found[["check", "source", "sha256"]].values.tolist() == [
        ["parts_against_total", "b.txt", documents[1].sha256]
    ]


def test_a_table_saved_and_read_again_gives_the_same(tmp_path: Path) -> None:
    stats = extract(read_document(SAMPLE))
    stats.to_csv(tmp_path / "stats.csv", index=False)
    again = pd.read_csv(tmp_path / "stats.csv")
    assert find_problems(again).drop(columns="source").equals(find_problems(stats).drop(columns="source"))


def test_decomposed_letters_change_nothing_but_the_offsets() -> None:
    import unicodedata

    text = "Năm 2023, tỷ lệ hộ nghèo còn 2,4%. Báo cáo năm 2023 ghi tỷ lệ hộ nghèo là 3,1%. Tặng 12,450 suất quà."
    plain, apart = problems(text), problems(unicodedata.normalize("NFD", text))
    assert plain[["check", "found"]].equals(apart[["check", "found"]]) and len(plain) == 2


def test_an_office_may_change_or_switch_off_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Cần hỗ trợ 1.595 nhà (xây mới 1.175, sửa chữa 520)."
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    own = tmp_path / "problem_rules.csv"
    own.write_text("id,severity\nparts_against_total,note\n", encoding="utf-8")
    assert problems(text)["severity"].tolist() == ["note"]
    own.write_text("id;severity\nparts_against_total;off\n", encoding="utf-8-sig")
    assert checks(text) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [("two_values,grave", "severity 'grave'"), ("parts_against_total,,,,Sai {no_such_field},", "no_such_field")],
)
def test_a_broken_rule_is_named(row: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    (tmp_path / "problem_rules.csv").write_text(
        f"id,severity,name_vi,name_en,message_vi,message_en\n{row}\n", encoding="utf-8"
    )
    with pytest.raises(MttqError, match=said):
        problems("Cần hỗ trợ 1.595 nhà (xây mới 1.175, sửa chữa 520).")


def test_a_table_without_the_needed_columns_is_refused() -> None:
    with pytest.raises(MttqError, match="no column"):
        find_problems(pd.DataFrame({"value": [1.0]}))


def test_nothing_found_has_the_columns_too() -> None:
    assert list(problems("Không có số liệu nào.").columns) == COLUMNS


def test_a_thousand_statistics_take_well_under_a_second() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    stats = pd.concat([extract(Document(text, f"{n}.txt")) for n in range(6)], ignore_index=True)
    one = extract(Document(text, ""))
    long = pd.concat(
        [one.assign(start=one["start"] + n * len(text), end=one["end"] + n * len(text)) for n in range(6)],
        ignore_index=True,
    )
    assert len(stats) > 1000 and len(long) > 1000
    for table in (stats, long):
        begin = time.perf_counter()
        find_problems(table)
        assert time.perf_counter() - begin < 2.0  # far above what it takes, so that a busy machine does not fail it


@given(
    st.lists(
        st.sampled_from(
            [
                "Cần 12 nhà",
                "(xây mới 5,",
                "sửa 7)",
                "còn 3%",
                "đạt 4/3 xã",
                "1,200 triệu",
                "gồm Kinh, Tày,",
                "mỗi suất 5 đồng",
                "trong đó",
                "\n1. A\n",
                "từ 2% lên 9%, tăng 1%",
                ".",
            ]
        ),
        max_size=14,
    )
)
def test_any_text_gives_a_table(parts: list[str]) -> None:
    found = problems(" ".join(parts))
    assert list(found.columns) == COLUMNS
    text = " ".join(parts)
    assert all(0 <= a < b <= len(text) for where in found["where"] for a, b in spans(where))


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    check.add_arguments(parser)
    parser.add_argument("--lang", default="vi")
    return check.run(parser.parse_args(list(words)))


def test_the_command_prints_the_findings_and_writes_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "báo cáo.txt"
    report.write_text("Cần hỗ trợ 1.595 nhà (xây mới 1.175, sửa chữa 520).", encoding="utf-8")
    out = tmp_path / "out.csv"
    assert run(str(report), "-o", str(out)) == 0
    printed = capsys.readouterr().out
    assert "LỖI 1.595 | 1.175 | 520" in printed and "1.695 nhà" in printed
    table = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert table[["check", "source", "found"]].values.tolist() == [
        ["parts_against_total", "báo cáo.txt", "1.595 | 1.175 | 520"]
    ]


def test_the_command_goes_on_after_a_bad_file_and_fails_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "r.txt"
    report.write_text("Tặng 12,450 suất quà.", encoding="utf-8")
    assert run(str(tmp_path / "none.txt"), str(report), "--lang", "en") == 1
    said = capsys.readouterr()
    assert "none.txt" in said.err and "WARNING 12,450" in said.out
    assert run(str(report), "--fail-on", "error") == 0
    assert run(str(report), "--fail-on", "warning") == 1
