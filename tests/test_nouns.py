"""The unit of what a report counts: the noun after the number, and what only looks like one."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

import mttq_data as mttq
from mttq_data.folding import fold

CODES = Path(mttq.__file__).with_name("codes")


def rows() -> list[dict[str, str]]:
    with (CODES / "nouns.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def units(text: str) -> list[str]:
    return mttq.extract(text)["unit"].tolist()


GIVEN = {
    "chăn ấm": "blanket", "màn tuyn": "mosquito_net", "áo phao": "life_jacket", "áo ấm": "jacket", "bộ quần áo": "clothing_set",
    "đôi dép": "pair", "cặp bò giống": "pair", "cặp sách": "school_bag", "ba lô": "backpack", "quyển vở": "notebook",
    "cuốn sách": "book", "bộ bàn ghế": "furniture_set", "góc học tập": "study_corner", "tủ sách": "bookcase",
    "nồi cơm điện": "rice_cooker", "tivi": "television", "tủ lạnh": "refrigerator", "loa kéo": "loudspeaker",
    "điện thoại thông minh": "phone", "máy tính bảng": "tablet", "bộ máy vi tính": "computer", "máy may": "sewing_machine",
    "máy thở": "medical_device", "bộ đồ bảo hộ": "protective_suit", "chiếc khẩu trang": "mask", "kit test nhanh": "test_kit",
    "chai nước sát khuẩn": "bottle", "túi thuốc": "medicine_bag", "trứng gà": "egg", "bánh chưng": "rice_cake", "hộp cá": "can",
    "bao xi măng": "sack", "viên gạch": "brick", "tấm lợp": "roofing_sheet", "bồn nước": "water_tank", "lu nước": "water_jar",
    "chiếc xuồng": "boat", "xe lăn": "wheelchair", "xe đạp": "bicycle", "xe cứu thương": "ambulance", "xe đẩy bán hàng": "cart",
    "thẻ BHYT": "health_insurance_card", "sổ tiết kiệm": "savings_book", "suất học bổng": "scholarship", "phiếu mua hàng": "voucher",
    "suất cơm": "meal", "gói an sinh": "gift", "combo nhu yếu phẩm": "gift", "vé xe": "ticket", "con dê": "goat", "con lợn": "pig",
    "con gà giống": "chicken", "con trâu": "buffalo", "con bò sinh sản": "cow", "cây giống": "seedling", "cây, con giống": "plant_or_animal",
}  # fmt: skip
COUNTED = {
    "thị trấn": "township", "ấp, khu vực": "residential_area", "thôn, khu dân cư": "residential_area", "bản, tiểu khu": "village",
    "xứ, họ đạo": "parish", "ngôi chùa": "pagoda", "dòng họ": "lineage", "đám cưới": "wedding", "cặp vợ chồng": "couple",
    "nhà văn hóa": "cultural_house", "trạm y tế": "health_station", "bệnh viện": "hospital", "sân chơi": "playground",
    "nhà vệ sinh": "toilet", "lò đốt rác": "incinerator", "thùng rác": "bin", "cổng chào": "gate", "vật kiến trúc": "structure",
    "hẻm": "alley", "cây cầu": "bridge", "giếng khoan": "well", "gian hàng": "booth", "phiên chợ": "fair", "điểm bán hàng": "sales_point",
    "tổ hợp tác": "cooperative_group", "hợp tác xã": "cooperative", "chi hội": "branch", "cấp ủy": "party_committee",
    "đoàn giám sát": "supervision_team", "đoàn kiểm tra": "inspection_team", "đoàn công tác": "delegation", "cuộc khảo sát": "survey",
    "buổi tuyên truyền": "communication_session", "kỳ họp": "session", "lớp tập huấn": "training_course", "lớp xóa mù chữ": "class",
    "video clip": "video", "bài viết": "article", "bài dự thi": "entry", "tờ gấp": "leaflet", "băng rôn": "banner", "pa nô": "billboard",
    "người theo dõi": "follower", "lượt chia sẻ": "share", "bình luận": "comment", "bản ghi nhớ": "memorandum",
    "bản cam kết": "commitment", "khẩu súng": "gun", "tin báo": "tip", "tiết mục": "performance", "bài học kinh nghiệm": "lesson",
    "khâu đột phá": "breakthrough", "hạn chế": "shortcoming", "con em phật tử": "person", "hoàn cảnh khó khăn": "case",
}  # fmt: skip


@pytest.mark.parametrize("noun", GIVEN)
def test_what_is_given_has_its_own_unit(noun: str) -> None:
    assert units(f"Đoàn đã trao 125 {noun} tại ba điểm.")[:1] == [GIVEN[noun]]


@pytest.mark.parametrize("noun", COUNTED)
def test_what_is_counted_has_its_own_unit(noun: str) -> None:
    assert units(f"Cả huyện hiện có 36 {noun}.") == [COUNTED[noun]]


@pytest.mark.parametrize("text, unit", [
    ("Thu nhập cao gấp 3 lần năm trước.", "times"),
    ("Tổ đã họp 3 lần để bàn việc.", "time"),
    ("Chỉ số PAPI đạt 43,5 điểm.", "point"),
    ("Dựng 43 điểm phát hàng.", "place"),
    ("Thắp sáng ngõ xóm bằng 90 bóng đèn.", "street_lamp"),
    ("Phát cho hội trường 90 bóng đèn.", "lamp"),
    ("Chùa mở 12 lớp dạy chữ cho trẻ nhỏ.", "class"),
    ("Bếp ăn từ thiện nấu 350 phần.", "meal"),
    ("Phường gửi biếu 350 phần.", "gift"),
    ("Huyện thả nuôi đàn bò, nay còn 15 con.", "cow"),
    ("Xã đón 4 đoàn.", "delegation"),
    ("Chỉ số hài lòng tăng 7 bậc.", "rank"),
])  # fmt: skip
def test_words_near_by_choose_between_meanings(text: str, unit: str) -> None:
    assert units(text) == [unit]


@pytest.mark.parametrize("text, wrong", [
    ("Cơ quan có thẩm quyền 352.", "right"),
    ("Về môi trường 278.", "school"),
    ("Theo chính sách 1.234.", "book"),
    ("Trên địa bàn toàn tỉnh là 3.500.", "province"),
    ("Có 10/10 tổ chức phần lễ trang nghiêm.", "organisation"),
    ("Thôn có 4/5 bao gồm nhiều việc.", "sack"),
    ("Xã được 7/9 đồng thuận.", "VND"),
    ("Công tác hòa giải 350.", "award"),
])  # fmt: skip
def test_other_words_are_no_nouns(text: str, wrong: str) -> None:
    found = units(text)
    assert found, "the number itself is a statistic"
    assert wrong not in found


def test_the_last_syllable_of_a_place_is_no_noun() -> None:
    """Tam Đảo is no island, Vân Đồn no border post, Lục Nam no man."""
    assert set(units("Số hộ nghèo còn 4.210, gồm Tam Đảo 1.250, Vân Đồn 980, Lục Nam 1.980.")) == {"household"}


def test_number_words_count_contests_and_houses() -> None:
    assert units("Năm qua mở ba cuộc thi và dựng hai nhà văn hóa.") == ["contest", "cultural_house"]


def test_the_counted_words_are_those_of_the_text() -> None:
    found = mttq.extract("Trao 40 Bồn nước cho bà con.").iloc[0]
    assert (found["unit"], found["counted"]) == ("water_tank", "Bồn nước")


def test_each_noun_has_one_plain_unit() -> None:
    """Two spellings that read alike, or a noun with two units and no word to choose by, would be a matter of chance."""
    plain = Counter(fold(row["noun"]) for row in rows() if not row["near"])
    assert [noun for noun, count in plain.items() if count > 1] == []


def test_units_are_plain_english_singulars_or_symbols() -> None:
    symbols = {"VND", "USD", "EUR", "GBP", "AUD", "THB", "TWD", "JPY", "CNY", "LAK", "KRW", "kWh", "MW"}
    codes = {row["unit"] for row in rows()} - {""} - symbols
    assert [code for code in codes if not re.fullmatch(r"[a-z]+[0-9]?(?:_[a-z]+)*", code)] == []
    plural = {code for code in codes if re.search(r"(?<![suid])s$", code)}
    assert plural <= {"times", "glasses", "headquarters"}


def test_words_that_are_no_nouns_say_nothing_else() -> None:
    assert [row["noun"] for row in rows() if not row["unit"] and (row["near"] or row["spoken"])] == []


def test_the_file_is_composed_unicode() -> None:
    text = (CODES / "nouns.csv").read_bytes().decode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert "\r" not in text
