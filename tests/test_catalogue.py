"""The catalogue of indicators, its topics and the targets are whole and can be read by the matcher."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

import mttq_data as mttq
from mttq_data.reading.document import Document

CODES = Path(mttq.__file__).with_name("codes")
GOLD = Path(__file__).resolve().parents[2] / "shared" / "report" / "gold.csv"
WITHOUT_NOUN = {"percent", "rank"}  # written as a sign or by its place in the sentence
ADDS = {"stock": {"last", "none"}, "flow": {"sum", "none"}, "share": {"ratio"}, "rank": {"none"}}
LOGICS = {"reach", "at_least_each_year", "at_most", "none", "by_date"}


def read(name: str) -> list[dict[str, str]]:
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


CATALOGUE = read("indicators")
TARGETS = read("targets")
BY_ID = {row["id"]: row for row in CATALOGUE}


def gold() -> list[dict[str, str]]:
    if not GOLD.exists():
        pytest.skip("the gold table of the real report is not on this machine")
    with GOLD.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["indicator"]]


def cue_faults(row: dict[str, str]) -> list[str]:
    """What in a row's cues breaks the grammar, in words."""
    faults = []
    groups = row["cues"].split(" & ")
    if all(group.startswith("~") for group in groups):
        faults.append("no group is required")
    for group in [*groups, *([row["not"]] if row["not"] else [])]:
        bonus = {part.startswith("~") for part in group.split(" | ")}
        if len(bonus) > 1:
            faults.append(f"bonus and required mixed in {group!r}")
        for part in group.split(" | "):
            phrase = part.removeprefix("~")
            phrase = phrase[1:] if phrase[:1] in "<>#" else phrase
            if not re.fullmatch(r"\w+( \w+){0,3}", phrase) or phrase != phrase.lower() or re.search(r"\d", phrase):
                faults.append(f"{part!r} is not a lower-case phrase of one to four words")
    if "~" in row["not"]:
        faults.append("a bonus cannot exclude")
    return faults


def test_ids_and_names_are_there_once() -> None:
    assert [i for i, n in Counter(row["id"] for row in CATALOGUE).items() if n > 1] == []
    assert [row["id"] for row in CATALOGUE if not re.fullmatch(r"[a-z][a-z0-9_]*", row["id"])] == []
    for column in ("name_vi", "name_en"):
        names = Counter(row[column] for row in CATALOGUE)
        assert "" not in names
        assert [name for name, n in names.items() if n > 1] == [], "two lines of a chart would bear one name"
        assert [name for name in names if len(name) > 64] == [], "too long beside a bar"


def test_every_indicator_of_the_report_keeps_its_unit_and_scope() -> None:
    rows = gold()
    assert {row["indicator"] for row in rows} - BY_ID.keys() == set()
    assert [(r["indicator"], r["unit"]) for r in rows if BY_ID[r["indicator"]]["unit"] != r["unit"]] == []
    scopes: dict[str, set[str]] = {}
    for row in rows:
        scopes.setdefault(row["indicator"], set()).add(row["scope"])
    # "named": the text says for which level the figure stands.
    assert [i for i, seen in scopes.items() if BY_ID[i]["scope"] not in seen | {"named"}] == []


def test_units_are_ones_the_reader_of_nouns_knows() -> None:
    known = {row["unit"] for row in read("nouns")} | WITHOUT_NOUN
    used = {u.strip() for row in CATALOGUE for u in [row["unit"], *row["also_units"].split("|")] if u.strip()}
    assert used - known == set()


def test_topics_are_known_and_each_is_used() -> None:
    topics = {row["id"]: row for row in read("topics")}
    assert all(row["name_vi"] and row["name_en"] for row in topics.values())
    assert {row["topic"] for row in CATALOGUE} == topics.keys()


@pytest.mark.parametrize("column, allowed", [
    ("direction", {"higher", "lower", "none"}), ("kind", set(ADDS)), ("role", {"", "context"}),
])  # fmt: skip
def test_coded_columns_hold_their_codes(column: str, allowed: set[str]) -> None:
    assert {row[column] for row in CATALOGUE} <= allowed


def test_what_adds_up_fits_the_kind() -> None:
    assert [(r["id"], r["kind"], r["adds"]) for r in CATALOGUE if r["adds"] not in ADDS[r["kind"]]] == []
    points = {"poverty_rate_cut"}  # a change in points, not a share
    assert [r["id"] for r in CATALOGUE if r["unit"] == "percent" and r["kind"] != "share"] == sorted(points)


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row["id"])
def test_cues_keep_to_the_grammar(row: dict[str, str]) -> None:
    assert cue_faults(row) == []


def test_the_grammar_check_sees_faults() -> None:
    broken = {"cues": "~hộ nghèo & ~còn | chiếm", "not": "tỷ lệ hộ nghèo của tỉnh"}
    assert len(cue_faults(broken)) == 3


@pytest.mark.parametrize("name", ["indicators", "targets", "topics"])
def test_files_are_composed_unicode_without_carriage_returns(name: str) -> None:
    text = (CODES / f"{name}.csv").read_bytes().decode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert "\r" not in text


def test_no_two_indicators_of_a_unit_have_the_same_cues() -> None:
    cues = Counter((row["unit"], row["cues"], row["not"]) for row in CATALOGUE)
    assert [key for key, n in cues.items() if n > 1] == []


def test_targets_cover_the_ten_groups_and_are_named_once() -> None:
    assert {row["group"] for row in TARGETS if row["term"] == "2024-2029"} == {str(n) for n in range(11)}
    keys = Counter((row["term"], row["group"], row["indicator"], row["scope"], row["text_vi"]) for row in TARGETS)
    assert max(keys.values()) == 1
    assert all(row["text_vi"] for row in TARGETS)


def test_every_target_of_the_report_is_listed() -> None:
    columns = ["indicator", "scope", "value", "low", "high", "qualifier", "unit", "per"]
    listed = {tuple(row[c] for c in columns) for row in TARGETS}
    wanted = {tuple(row[c] for c in columns) for row in gold() if row["role"] == "target"}
    assert wanted - listed == set()


@pytest.mark.parametrize("row", TARGETS, ids=lambda row: row["text_vi"])
def test_a_target_can_be_followed_or_says_that_it_has_no_figure(row: dict[str, str]) -> None:
    figure = any(row[c] for c in ("value", "low", "high"))
    if row["indicator"]:
        assert row["unit"] == BY_ID[row["indicator"]]["unit"]
        assert row["logic"] in LOGICS
    else:
        assert not figure
    if figure:
        assert row["qualifier"]
        assert row["logic"] != "at_least_each_year" or row["per"] == "year"
    assert (row["logic"] == "by_date") <= bool(re.fullmatch(r"\d{4}-\d\d-\d\d", row["due"]))
    assert (row["qualifier"] in {"exact", ""}) or not (row["low"] and row["high"])


# Sentences of our own on other provinces' work: the number in brackets states the indicator behind it.
SAID_ELSEWHERE = [
    (("Hộ nghèo của tỉnh giảm từ {5,2%|poverty_rate} xuống còn {3,9%|poverty_rate}, "
     "cận nghèo còn {4,4%|near_poor_rate}."), 3),
    ("Bình quân mỗi năm giảm {1,4%|poverty_rate_cut} hộ nghèo.", 1),
    (("Quỹ “Vì người nghèo” ba cấp thu {35,2 tỷ đồng|fund_for_the_poor_raised}, giúp dựng {612|great_unity_houses} nhà "
     "Đại đoàn kết trị giá {30 tỷ đồng|great_unity_houses_value}."), 3),
    ("Các cấp trao {54.000|tet_gifts} suất quà Tết, tổng trị giá {27 tỷ đồng|tet_gifts_value}.", 2),
    (("Mặt trận chủ trì giám sát {145|direct_supervision_items} nội dung, phối hợp giám sát "
     "{312|coordinated_supervision_items} nội dung."), 2),
    (("Toàn tỉnh có {1.402|mediation_teams} tổ hòa giải với {8.900|mediators_count} hòa giải viên, tiếp nhận "
     "{1.120|mediation_cases} vụ việc, hòa giải thành {1.008|mediation_cases_successful} vụ, "
     "đạt {90%|mediation_success_rate}."), 5),
    ("Tỷ lệ gia đình văn hóa đạt {93,1%|cultural_families_share}, làng văn hóa đạt {88%|cultural_villages_share}.", 2),
    ("Có {92%|cultural_families_share} gia đình văn hóa, {86%|cultural_villages_share} thôn văn hóa.", 2),
    (("Bà con hiến {350.000|land_donated_m2} m2 đất, góp {62.000|new_rural_labour_days_contributed} ngày công và "
     "{88 tỷ đồng|new_rural_cash_contributions} làm đường giao thông nông thôn."), 3),
    (("Toàn tỉnh có {98/115|new_rural_standard_communes} xã đạt chuẩn nông thôn mới, {31|new_rural_advanced_communes} "
     "xã đạt chuẩn nâng cao và {5|new_rural_model_communes} xã kiểu mẫu."), 3),
    ("Có {98,5%|great_unity_festival_residential_areas_share} khu dân cư tổ chức Ngày hội Đại đoàn kết.", 1),
    (("Hỗ trợ {305|great_unity_houses} nhà Đại đoàn kết, trong đó xây mới {210|great_unity_houses_new} căn, "
     "sửa chữa {95|great_unity_houses_repaired} căn."), 3),
    ("Quỹ “Đền ơn đáp nghĩa” vận động được {12,5 tỷ đồng|gratitude_fund_raised}.", 1),
    ("Ủng hộ đồng bào miền Trung khắc phục hậu quả bão lũ {14 tỷ đồng|central_provinces_disaster_relief_value}.", 1),
    (("Đã bầu {7|national_assembly_deputies_elected} đại biểu Quốc hội và {60|provincial_council_deputies_elected} "
     "đại biểu HĐND tỉnh."), 2),
]  # fmt: skip


@pytest.mark.parametrize("said, count", SAID_ELSEWHERE, ids=[said[:40] for said, _ in SAID_ELSEWHERE])
def test_common_indicators_are_recognised_in_other_words(said: str, count: int) -> None:
    text, wanted = "", {}
    for part in re.split(r"(\{[^}]*\})", said):
        if part.startswith("{"):
            figure, indicator = part[1:-1].split("|")
            wanted[len(text)] = indicator
            text += figure
        else:
            text += part
    assert len(wanted) == count
    found = mttq.extract(Document(text, "elsewhere"))
    assert dict(zip(found["start"], found["indicator"], strict=True)) == wanted
