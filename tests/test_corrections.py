"""Corrections by hand: kept, found again after an edit, never laid over another figure."""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mttq_data
from mttq_data import Document, extract
from mttq_data.codelists import read_codelist
from mttq_data.corrections.file import COLUMNS
from mttq_data.corrections.laying import apply_corrections, apply_settled, correct, read_corrections, undo
from mttq_data.corrections.values import kept_form, read_amount
from mttq_data.errors import MttqError, MttqWarning

TEXT = (
    "I. Kết quả\n"
    "Toàn tỉnh có 5.142 hộ nghèo, tỷ lệ hộ nghèo còn 2,67%.\n"
    "Cử tri đi bầu đạt 99%; vận động được trên 12,5 tỷ đồng.\n"
    "Đã giám sát 154/182 xã.\n"
    "Có 10 xã và 10 thôn đạt chuẩn.\n"
    "Mỗi năm tổ chức 3 hội nghị.\n"
)


def statistics(text=TEXT, name="bao-cao.txt"):
    document = Document(text, name)
    return extract(document).assign(sha256=document.sha256)


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "data" / "corrections.csv"


def at(stats, text, nth=0):
    return stats.index[stats["text"] == text][nth]


def set_right(stats, text, field, new, kept, nth=0, **options):
    return correct(stats, at(stats, text, nth), field, new, "đã đối chiếu", corrections=kept, by="Hà", **options)


def applied(stats, kept):
    """The corrected statistics and what was said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        after = apply_corrections(stats, read_corrections(kept))
    return after, [str(w.message) for w in caught if issubclass(w.category, MttqWarning)]


def value(stats, text, field="value", nth=0):
    return stats.loc[at(stats, text, nth), field]


def test_a_correction_is_kept_with_all_that_tells_of_it(kept):
    stats = statistics()
    after = set_right(stats, "99%", "value", "99,9%", kept)
    assert value(after, "99%") == 99.9
    assert not stats["corrected"].any()
    row = read_corrections(kept).iloc[0]
    assert list(row.index) == list(COLUMNS)
    assert (row["document"], row["sha256"]) == ("bao-cao.txt", stats["sha256"][0])
    assert (row["field"], row["old"], row["new"], row["who"], row["why"]) == (
        "value",
        "99",
        "99.9",
        "Hà",
        "đã đối chiếu",
    )
    start, end = int(row["start"]), int(row["end"])
    assert TEXT[start:end] == "99%"
    assert TEXT[start:end] in row["sentence"]
    assert pd.Timestamp(row["when"]) > pd.Timestamp("2020-01-01")


def test_every_later_run_applies_it_and_marks_only_that_row(kept):
    set_right(statistics(), "99%", "value", 99.9, kept)
    after, said = applied(statistics(), kept)
    assert value(after, "99%") == 99.9
    assert after["corrected"].sum() == 1
    assert not said


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("99%", "99,9%", {"value": 99.9, "low": 99.9, "high": 99.9}),
        ("12,5", "13 tỷ", {"value": 13e9, "low": 13e9, "high": None, "qualifier": "gt"}),
        ("12,5", "gần 13 tỷ đồng", {"value": 13e9, "low": None, "high": 13e9, "qualifier": "lt"}),
        ("12,5", "khoảng 13 tỷ", {"value": 13e9, "low": None, "high": None, "qualifier": "approx"}),
        ("99%", "60 - 96%", {"value": None, "low": 60, "high": 96, "kind": "range"}),
        ("154/182", "155/182", {"value": 155 / 182, "numerator": 155, "denominator": 182}),
        ("154/182", 0.5, {"value": 0.5, "numerator": 91, "denominator": 182}),
        ("5.142", "5.412", {"value": 5412, "low": 5412, "high": 5412}),
        ("5.142", None, {"value": None, "low": None, "high": None}),
    ],
)
def test_bounds_follow_the_corrected_value(kept, text, new, expected):
    after = set_right(statistics(), text, "value", new, kept)
    for field, want in expected.items():
        got = value(after, text, field)
        assert pd.isna(got) if want is None else got == want


@pytest.mark.parametrize(
    ("text", "field", "new", "kept_as"),
    [
        ("5.142", "unit", "người", "person"),
        ("5.142", "unit", "persons", "person"),
        ("2,67%", "indicator", "Tỷ lệ phụ nữ trong dân số", "women_share_of_population"),
        ("2,67%", "period", "quý IV", None),
        ("2,67%", "period", "nhiệm kỳ 2019 – 2024", "2019-2024"),
        ("2,67%", "period", "10/2024", "2024-10"),
        ("2,67%", "role", "mục tiêu", "target"),
        ("2,67%", "qualifier", "trên", "gt"),
        ("2,67%", "scope", "toàn tỉnh", "province"),
        ("2,67%", "value", "abc", None),
        ("2,67%", "value", float("nan"), None),
        ("2,67%", "value", True, None),
        ("5.142", "value", "15,800", None),
        ("5.142", "value", 5.142, None),
        ("12,5", "value", 13, None),
        ("154/182", "value", 155, None),
        ("5.142", "unit", "hộo", None),
        ("5.142", "indicator", "poverty_rate", None),
        ("5.142", "sentence", "x", None),
    ],
)
def test_what_a_person_writes_is_read_or_refused_in_one_line(kept, text, field, new, kept_as):
    if kept_as is not None:
        after = set_right(statistics(), text, field, new, kept)
        assert value(after, text, field) == kept_as
        return
    with pytest.raises(MttqError) as refused:
        set_right(statistics(), text, field, new, kept)
    assert "\n" not in str(refused.value)
    assert not kept.exists()


def test_the_unit_follows_the_indicator(kept):
    after = set_right(statistics(), "3", "indicator", "Hội nghị trực tuyến đã dự", kept)
    assert value(after, "3", "unit") == "conference"


def test_a_doubt_about_a_field_is_settled_with_it(kept):
    stats = statistics().assign(doubt="period_carried no_unit")
    after = set_right(stats, "99%", "period", "2021", kept)
    assert value(after, "99%", "doubt") == "no_unit"
    assert value(set_right(stats, "2,67%", "doubt", "đã xem", kept), "2,67%", "doubt") == ""


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: "Mở đầu có 7 xã.\n" + t,
        lambda t: t.replace("Toàn tỉnh có 5.142 hộ nghèo", "Cả tỉnh có 5.143 hộ nghèo"),
        lambda t: t.replace("I. Kết quả", "II. Kết quả khác"),
        lambda t: "\n".join(reversed(t.split("\n"))),
    ],
)
def test_after_an_edit_elsewhere_it_is_found_by_its_sentence(kept, edit):
    set_right(statistics(), "99%", "value", 99.9, kept)
    after, said = applied(statistics(edit(TEXT)), kept)
    assert value(after, "99%") == 99.9
    assert after["corrected"].sum() == 1
    assert len(said) == 1
    assert "edited" in said[0]


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: t.replace("99%", "98%"),
        lambda t: t.replace("Cử tri đi bầu đạt", "Người dân tham gia bảo hiểm đạt"),
        lambda t: t.replace("Cử tri đi bầu đạt 99%; vận động được trên 12,5 tỷ đồng.\n", ""),
        lambda t: t + "Cử tri đi bầu đạt 99%; vận động được trên 12,5 tỷ đồng.\n",
    ],
)
def test_when_its_sentence_is_gone_or_doubled_a_warning_says_so_and_nothing_changes(kept, edit):
    set_right(statistics(), "99%", "value", 99.9, kept)
    stats = statistics(edit(TEXT))
    after, said = applied(stats, kept)
    assert not after["corrected"].any()
    assert len(said) == 1
    assert "corrections.csv line 2" in said[0]
    assert "no longer applies" in said[0]
    pd.testing.assert_frame_equal(after, stats)


def test_of_two_equal_figures_in_a_sentence_the_right_one_is_taken(kept):
    text = TEXT.replace("Có 10 xã và 10 thôn", "Có 10 xã và 10 xã")
    set_right(statistics(text), "10", "value", 12, kept, nth=1)
    for later in (text, "Thêm 4 xã.\n" + text):
        after, _ = applied(statistics(later), kept)
        assert [value(after, "10", nth=n) for n in (0, 1)] == [10, 12]


def test_another_document_is_left_alone_and_said_to_wait(kept):
    set_right(statistics(), "99%", "value", 99.9, kept)
    other = statistics("Cử tri đi bầu đạt 99%; vận động được trên 12,5 tỷ đồng.\n", "nam-khac.txt")
    after, said = applied(other, kept)
    assert not after["corrected"].any()
    assert "bao-cao.txt" in said[0]
    assert "not in this run" in said[0]


def test_the_same_report_under_a_new_name_is_known_by_its_sentences(kept):
    set_right(statistics(), "99%", "value", 99.9, kept)
    for name, text in (("ban-2.txt", TEXT), ("ban-3.txt", "Thêm 4 xã.\n" + TEXT)):
        after, _ = applied(statistics(text, name), kept)
        assert value(after, "99%") == 99.9


def test_decomposed_letters_are_the_same_sentence(kept):
    import unicodedata

    set_right(statistics(), "99%", "value", 99.9, kept)
    after, _ = applied(statistics(unicodedata.normalize("NFD", TEXT)), kept)
    assert after["corrected"].sum() == 1


def test_without_a_hash_name_place_and_sentence_decide(kept):
    bare = extract(Document(TEXT, "bao-cao.txt"))
    set_right(bare, "99%", "value", 99.9, kept)
    for stats in (bare, statistics(), statistics("Thêm 4 xã.\n" + TEXT)):
        assert value(applied(stats, kept)[0], "99%") == 99.9


def test_a_document_gives_its_hash(kept):
    document = Document(TEXT, "bao-cao.txt")
    set_right(extract(document), "99%", "value", 99.9, kept, document=document)
    assert read_corrections(kept)["sha256"].item() == document.sha256


@pytest.mark.parametrize("name", ["place", "tuple", "row", "mask", "label"])
def test_a_figure_can_be_named_in_several_ways(kept, name):
    stats = statistics()
    row = stats[stats["text"] == "99%"].iloc[0]
    where = {
        "place": f"{row['start']}-{row['end']}",
        "tuple": (row["start"], row["end"]),
        "row": row,
        "mask": stats["text"] == "99%",
        "label": row.name,
    }
    after = correct(stats, where[name], "value", 99.9, "", corrections=kept)
    assert value(after, "99%") == 99.9


@pytest.mark.parametrize("where", ["1-2", (1, 2), 999, "x", lambda stats: stats["text"] == "10"])
def test_no_row_or_more_than_one_is_refused(kept, where):
    stats = statistics()
    with pytest.raises(MttqError, match="rows of the table stand there"):
        correct(stats, where(stats) if callable(where) else where, "value", 1, "", corrections=kept)
    assert not kept.exists()


def test_the_later_of_two_corrections_holds_and_undo_brings_the_earlier_back(kept):
    stats = statistics()
    set_right(stats, "99%", "value", 99.5, kept)
    set_right(stats, "99%", "value", 99.9, kept)
    assert value(applied(stats, kept)[0], "99%") == 99.9
    undo(stats, at(stats, "99%"), "value", corrections=kept)
    assert value(applied(stats, kept)[0], "99%") == 99.5
    undo(stats, at(stats, "99%"), "value", corrections=kept)
    assert not applied(stats, kept)[0]["corrected"].any()
    with pytest.raises(MttqError, match="holds no correction"):
        undo(stats, at(stats, "99%"), "value", corrections=kept)


def test_the_same_correction_again_adds_no_line(kept):
    for _ in range(2):
        set_right(statistics(), "99%", "value", 99.9, kept)
    assert len(read_corrections(kept)) == 1


def problems():
    row = {
        "check": "two_values",
        "severity": "error",
        "source": "bao-cao.txt",
        "sha256": "",
        "where": "95-98",
        "found": "99% | 99,9%",
    }
    return pd.DataFrame(
        [
            row | {"sentence": "Cử tri đi bầu đạt 99%."},
            row | {"where": "95-98 120-124", "check": "share", "sentence": ""},
        ]
    )


def test_a_settled_problem_is_shown_as_settled_by_whom_and_why(kept):
    after = correct(problems(), "95-98", "checked", "đã kiểm tra", "99,9 là đúng", by="Hà", corrections=kept)
    assert after["checked"].tolist() == [True, False]
    again = apply_settled(problems(), read_corrections(kept))
    assert again.loc[0, ["checked_by", "checked_why"]].tolist() == ["Hà", "99,9 là đúng"]


def test_a_settled_problem_is_found_again_by_its_sentence_or_said_to_be_gone(kept):
    correct(problems().assign(sha256="a" * 64), "95-98", "checked", True, "đúng", corrections=kept)
    edited = problems().assign(sha256="b" * 64, where=["195-198", "300-303"])
    with pytest.warns(MttqWarning, match="edited"):
        assert apply_settled(edited, read_corrections(kept))["checked"].tolist() == [True, False]
    with pytest.warns(MttqWarning, match="not reported any more"):
        gone = apply_settled(edited.assign(found="99% | 98%"), read_corrections(kept))
    assert not gone["checked"].any()


@pytest.mark.parametrize(("field", "new"), [("value", 1), ("checked", "chưa")])
def test_a_problem_is_settled_or_left(kept, field, new):
    with pytest.raises(MttqError, match="settle"):
        correct(problems(), "95-98", field, new, "", corrections=kept)


def rewritten(kept, change):
    kept.write_text(change(kept.read_text(encoding="utf-8-sig")), encoding="utf-8-sig")


def test_columns_somebody_added_stay(kept):
    set_right(statistics(), "99%", "value", 99.9, kept)
    table = read_corrections(kept)
    table["ghi chú"] = "hỏi lại"
    table.to_csv(kept, index=False, encoding="utf-8-sig")
    set_right(statistics(), "2,67%", "value", 2.76, kept)
    assert read_corrections(kept)["ghi chú"].tolist() == ["hỏi lại", ""]
    assert applied(statistics(), kept)[0]["corrected"].sum() == 2


def test_a_file_saved_by_excel_with_semicolons_and_its_own_dates_is_read(kept):
    set_right(statistics(), "99%", "value", 99.9, kept)
    table = read_corrections(kept).assign(new="99,9", when="23/11/2024 8:05")
    table.to_csv(kept, index=False, sep=";", encoding="utf-8-sig", lineterminator="\r\n")
    after, said = applied(statistics(), kept)
    assert value(after, "99%") == 99.9
    assert not said


@pytest.mark.parametrize(
    ("field", "new", "says"),
    [("value", "chín chín", "no number"), ("value", "5.142", "may be 5142 or 5,1420"), ("colour", "red", "cannot be corrected"),
     ("role", "sếp", "no role of the list"), ("period", "hôm qua", "no period")],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named_and_the_others_hold(kept, field, new, says):
    set_right(statistics(), "99%", "value", 99.9, kept)
    set_right(statistics(), "2,67%", "value", 2.76, kept)
    table = read_corrections(kept)
    table.loc[table.index[0], ["field", "new"]] = [field, new]
    table.to_csv(kept, index=False, encoding="utf-8-sig")
    after, said = applied(statistics(), kept)
    assert len(said) == 1
    assert "line 2" in said[0]
    assert says in said[0]
    assert after["corrected"].sum() == 1
    assert value(after, "2,67%") == 2.76


def test_two_lines_of_one_moment_are_told_and_the_lower_one_counts(kept):
    set_right(statistics(), "99%", "value", 99.9, kept)
    table = read_corrections(kept)
    pd.concat([table, table.assign(new="99.5")]).to_csv(kept, index=False, encoding="utf-8-sig")
    after, said = applied(statistics(), kept)
    assert value(after, "99%") == 99.5
    assert "corrected twice, also in line 2" in said[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.replace("field", "trường", 1), "column field is missing"),
        (lambda t: t.replace("old,new", "new,new", 1), "column new stands twice"),
        (lambda t: t.rstrip("\n") + ",thừa\n", "line 2: 17 cells for 16 columns"),
        (lambda t: "", "column field, new, start, end, document is missing"),
    ],
)
def test_a_broken_file_is_told_in_one_line_and_left_as_it_is(kept, change, says):
    set_right(statistics(), "99%", "value", 99.9, kept)
    rewritten(kept, change)
    before = kept.read_bytes()
    for work in (lambda: read_corrections(kept), lambda: set_right(statistics(), "2,67%", "value", 2.7, kept)):
        with pytest.raises(MttqError, match=says) as refused:
            work()
        assert str(kept) in str(refused.value)
    assert kept.read_bytes() == before


def test_a_file_in_another_encoding_is_refused_with_advice(kept):
    kept.parent.mkdir()
    kept.write_bytes("field,new,start,end,document\nvalue,số,1,2,đ".encode("utf-16"))
    with pytest.raises(MttqError, match="CSV UTF-8"):
        read_corrections(kept)


def test_a_sentence_that_begins_like_a_formula_is_found_again(kept):
    text = "- Đã vận động 12 hộ hiến đất.\n"
    set_right(statistics(text), "12", "value", 13, kept)
    assert value(applied(statistics("Năm nay có 3 xã.\n" + text), kept)[0], "12") == 13


@given(st.floats(-1e14, 1e14).map(lambda x: round(x, 4)), st.sampled_from(["", "gt", "ge", "lt", "le", "approx"]))
def test_any_number_is_kept_and_read_back(number, qualifier):
    word = {"": "", "gt": "trên ", "ge": "ít nhất ", "lt": "dưới ", "le": "tối đa ", "approx": "khoảng "}[qualifier]
    amount = read_amount(kept_form("value", number, {}))
    assert math.isclose(amount.value, number, rel_tol=1e-12, abs_tol=1e-12)
    if number.is_integer() and number >= 0:
        spoken = read_amount(kept_form("value", f"{word}{int(number)}", {}))
        assert (spoken.value, spoken.qualifier) == (number, qualifier)


def test_every_unit_and_doubt_the_program_writes_has_a_name():
    named = {row["code"]: row for row in read_codelist("units", key=["code"])}
    codes = Path(mttq_data.__file__).with_name("codes")
    used = {unit for name in ("indicators", "nouns") for unit in pd.read_csv(codes / f"{name}.csv")["unit"].dropna()}
    assert used <= set(named)
    assert all(row["name_vi"] and row["name_en"] for row in named.values())
    doubts = {row["code"] for row in read_codelist("doubts", key=["code"])}
    assert {"period_carried", "two_readings", "unit_inferred", "in_words", "no_unit"} <= doubts
