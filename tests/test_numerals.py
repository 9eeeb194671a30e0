"""Every numeral once, with its kind."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import mttq_data as mttq

STATISTICS = {"statistic", "ratio", "range", "rank"}


def kinds(text: str) -> list[tuple[str, str]]:
    frame = mttq.numerals(text)
    return list(zip(frame["text"], frame["kind"], strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kết luận 65- KL/TW ngày 30/10/2019", [("65- KL/TW", "legal_ref"), ("30/10/2019", "date")]),
        ("ký ngày 25/10/2021của tỉnh", [("25/10/2021", "date")]),
        ("(21/9/1973-21/9/2023)", [("21/9/1973", "date"), ("21/9/2023", "date")]),
        ("dịch Covid - 19, Covid-19 và covid 19", [("19", "name")] * 3),
        ("trên 95 % cán bộ", [("95 %", "statistic")]),
        ("hiến 12 km2 đất", [("12", "statistic"), ("km2", "other")]),
        ("cách mạng công nghiệp 4.0", [("4.0", "name")]),
        ("xếp thứ 4/63 tỉnh, thành phố", [("4/63", "rank")]),
        ("có 06/10 huyện đạt chuẩn", [("06/10", "ratio")]),
        ("ngày Quốc khánh (02/9)", [("02/9", "date")]),
        ("giám sát 02-03 nội dung", [("02-03", "range")]),
        ("Chỉ thị số 17 và BCĐ 714", [("17", "legal_ref"), ("714", "legal_ref")]),
        ("giai đoạn 2022- 2027", [("2022- 2027", "period")]),
        ("năm 2024 tỷ lệ hộ nghèo còn 1,35%", [("2024", "period"), ("1,35%", "statistic")]),
        ("trong 2 năm 2022 - 2023", [("2", "period"), ("2022 - 2023", "period")]),
        ("sau gần 40 năm đổi mới", [("40", "period")]),
        ("góp 300 ngày công trong 5 ngày", [("300", "statistic"), ("5", "period")]),
        ("kỳ họp thứ 10, khóa 15", [("10", "other"), ("15", "other")]),
        ("tổ dân phố số 5, ấp Mỹ Hòa 1, Quốc lộ 1A", [("5", "name"), ("1", "name"), ("1A", "name")]),
        ("“5 không, 3 sạch”", [("5", "name"), ("3", "name")]),
        ("nhóm 12 tỉnh dẫn đầu", [("12", "rank")]),
        ("từ 15 đến 35 tuổi", [("15", "other"), ("35", "other")]),
        ("đường dây nóng 0204.3855.222", [("0204.3855.222", "other")]),
        ("1. Kết quả\n2.2 Triển khai\n(3) Công tác", [("1", "heading"), ("2.2", "heading"), ("3", "heading")]),
        ("2. 100% khu dân cư", [("2", "heading"), ("100%", "statistic")]),
        ("bảy phường và hàng trăm hội nghị", [("bảy", "statistic"), ("hàng trăm", "statistic")]),
        ("hàng nghìn năm lịch sử; một số xã; hằng năm", []),
        ("hai tỉnh Hà Nam và Nam Định", []),
        ("đã xóa xong nhà tạm; không có Ban hoạt động yếu", [("xóa xong", "statistic"), ("không có", "statistic")]),
        ("14 giờ ngày 17-11", [("14 giờ", "period"), ("17-11", "date")]),
        ("Lúc 7h30, 24/24 giờ", [("7h30", "period"), ("24/24", "other")]),
    ],
)
def test_kinds(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


@given(st.text(alphabet=st.characters(codec="utf-16"), max_size=200))
@example("١٢٣ ५ １２%")
@example("5\u0300.142 \u202e7\u200b8 nhà")
def test_every_digit_is_covered_once(text: str) -> None:
    frame = mttq.numerals(text)
    covered = [0] * len(text)
    for start, end in zip(frame["start"], frame["end"], strict=True):
        assert 0 <= start < end <= len(text)
        for i in range(start, end):
            covered[i] += 1
    assert all(covered[i] == 1 for i, c in enumerate(text) if c.isdecimal())
    assert max(covered, default=0) <= 1


def test_composed_and_decomposed_text_have_the_same_numerals() -> None:
    text = "Năm 2023, hỗ trợ sửa chữa bảy nhà, trị giá 1,2 tỷ đồng theo Nghị quyết 18-NQ/TW"
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert [(unicodedata.normalize("NFC", t), k) for t, k in kinds(decomposed)] == kinds(composed)
    frame = mttq.numerals(decomposed)
    assert [decomposed[s:e] for s, e in zip(frame["start"], frame["end"], strict=True)] == list(frame["text"])
