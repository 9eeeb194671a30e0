"""Units on a date, their successors, and finding them by the names people write."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest

from mttq_data.errors import MttqError
from mttq_data.places.area_codes import areas, find_area, successors

DOMAIN = Path(__file__).parents[2] / "shared" / "domain"


def domain_rows(name: str) -> list[dict[str, str]]:
    if not (DOMAIN / name).exists():
        pytest.skip(f"{name} is not beside the repository")
    with open(DOMAIN / name, encoding="utf-8-sig", newline="") as stream:
        return [{k: unicodedata.normalize("NFC", v) for k, v in row.items()} for row in csv.DictReader(stream)]


@pytest.mark.parametrize(
    ("on", "counts"),
    [
        ("2023-12-31", {"province": 1, "district": 10, "commune": 209}),
        ("2024-12-31", {"province": 1, "district": 10, "commune": 209}),
        ("2025-Q1", {"province": 1, "district": 10, "commune": 192}),
        ("2025-Q3", {"province": 1, "commune": 99}),
    ],
)
def test_units_on_a_date(on: str, counts: dict[str, int]) -> None:
    frame = areas(on=on)
    assert frame["level"].value_counts().to_dict() == counts
    assert frame["code"].is_unique


@pytest.mark.parametrize("day", ["2024-02-01", "2024-12-31", "2025-01-01", "2025-06-30", "2025-07-01"])
def test_units_agree_with_the_official_lists(day: str) -> None:
    wanted = {
        (r["code"], r["level"], r["type"], r["name"], r["parent"])
        for r in domain_rows("units.csv")
        if r["valid_from"] <= day and (not r["valid_to"] or day <= r["valid_to"])
    }
    frame = areas(on=day)[["code", "level", "type", "name", "parent"]]
    assert set(frame.itertuples(index=False, name=None)) == wanted


def test_every_merger_of_july_2025_is_a_successor() -> None:
    for row in domain_rows("units_merged_2025-07-01.csv"):
        if row["old_province"].endswith("(24)"):
            found = successors(row["old_code"], on="2025-06-30", to="2025-07-01")
            assert found[["code", "goes"]].values.tolist() == [[row["new_code"], "whole"]]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("TP Bắc Giang", "213"),
        ("TP.Bắc Giang", "213"),
        ("Tp. Bắc Giang", "213"),
        ("thành phố bắc giang", "213"),
        ("TX. Việt Yên", "222"),
        ("Thị xã Việt Yên", "222"),
        ("huyện Việt Yên", "222"),
        ("H. Lục Nam", "218"),
        ("h lục nam", "218"),
        ("huyen luc nam", "218"),
        ("LUC NAM", "218"),
        ("luc-nam", "218"),
        ("Lục  Nam ", "218"),
        ("Lục Ngan", "219"),
        ("Hiệp Hòa", "223"),
        ("HUYỆN HIỆP HOÀ", "223"),
        (unicodedata.normalize("NFD", "Huyện Hiệp Hoà"), "223"),
        ("UBMTTQ huyện Sơn Động", "220"),
        ("ỦY BAN MTTQ VIỆT NAM HUYỆN TÂN YÊN", "216"),
        ("Mặt trận Tổ quốc huyện Lạng Giang, tỉnh Bắc Giang", "217"),
        ("tỉnh Bắc Giang", "24"),
        ("TT. Chũ", "07525"),
        ("Phương Sơn", "07477"),
        ("Phượng Sơn", "07612"),
        ("Xa Lý", "07540"),
        ("xã Sa Lí", "07540"),
        ("xã Phúc Sơn, huyện Sơn Động", "07630"),
        ("Phúc Sơn (Tân Yên)", "07318"),
        ("xã Phúc Sơn huyện Tân Yên tỉnh Bắc Giang", "07318"),
        ("213", "213"),
        ("7201", "07201"),
    ],
)
def test_names_as_people_write_them(written: str, code: str) -> None:
    assert find_area(written, on="2024-12-31").code == code


@pytest.mark.parametrize(
    ("written", "on", "code", "full_name"),
    [
        ("Lục Nam", "2024-Q4", "218", "Huyện Lục Nam"),
        ("Lục Nam", "2025-Q4", "07444", "Xã Lục Nam"),
        ("Việt Yên", "2024-01-31", "222", "Huyện Việt Yên"),
        ("Việt Yên", "2024-02-01", "222", "Thị xã Việt Yên"),
        ("thị xã Việt Yên", "2023", "222", "Huyện Việt Yên"),
        ("Việt Yên", "2025-07-01", "07777", "Phường Việt Yên"),
        ("thị trấn Chũ", "2025-Q1", "07525", "Phường Chũ"),
        ("Bắc Giang", "2025-Q3", "07210", "Phường Bắc Giang"),
        ("phường Đa Mai, tỉnh Bắc Giang", "2025-Q3", "07228", "Phường Đa Mai"),
        ("xã Tuấn Đạo, huyện Sơn Động", "2025-Q3", "07663", "Xã Tuấn Đạo"),
        ("Tỉnh Bắc Ninh", "2025-Q3", "24", "Tỉnh Bắc Ninh"),
    ],
)
def test_the_date_decides(written: str, on: str, code: str, full_name: str) -> None:
    found = find_area(written, on=on)
    assert (found.code, found.full_name) == (code, full_name)


def test_level_and_parent_decide_where_the_date_does_not() -> None:
    with pytest.raises(MttqError, match=r"Tỉnh Bắc Giang 24 or Thành phố Bắc Giang 213"):
        find_area("Bắc Giang", on="2024")
    assert find_area("Bắc Giang", on="2024", level="province").code == "24"
    assert find_area("Bắc Giang", on="2024", parent="tỉnh Bắc Giang").code == "213"
    with pytest.raises(MttqError, match=r"07318 \(Huyện Tân Yên\) or Xã Phúc Sơn 07630 \(Huyện Sơn Động\)"):
        find_area("Phúc Sơn", on="2024")
    assert find_area("Phúc Sơn", on="2024", parent="216").code == "07318"
    assert find_area("Chũ", on="2025-Q1", level="district").code == "224"


@pytest.mark.parametrize(
    ("written", "on", "told"),
    [
        ("Tấn Yên", "2024", "Huyện Tân Yên 216"),
        ("Yên Dũng", "2025-Q1", "Huyện Yên Dũng 221 (2010-09-27 to 2024-12-31, then 213)"),
        ("huyện Lục Nam", "2025-Q3", "Xã Lục Nam 07444 (since 2025-07-01)"),
        ("thị trấn Kép", "2025-Q3", "Xã Kép 07399"),
        ("Tân Yênh", "2024", "Huyện Tân Yên 216"),
        ("", "2024", "areas(on=...)"),
        ("???", "2024", "areas(on=...)"),
    ],
)
def test_what_is_not_found_is_told_with_candidates(written: str, on: str, told: str) -> None:
    with pytest.raises(MttqError) as caught:
        find_area(written, on=on)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "on", "to", "crossing"),
    [
        ("216", "2025-Q2", "2025-Q3", ["Phường Đa Mai"]),
        ("224", "2025-Q2", "2025-Q3", ["Xã Nam Dương"]),
        ("219", "2025-Q2", "2025-Q3", ["Xã Nam Dương"]),
        ("219", "2024", "2025-Q3", []),
        ("213", "2025-Q2", "2025-Q3", ["Phường Đa Mai"]),
        ("213", "2024", "2025-Q3", ["Phường Tiền Phong", "Phường Tân Tiến", "Phường Đa Mai"]),
        ("221", "2024", "2025-Q3", ["Phường Tiền Phong", "Phường Tân Tiến"]),
    ],
)
def test_new_communes_that_cross_an_old_district(code: str, on: str, to: str, crossing: list[str]) -> None:
    frame = successors(code, on=on, to=to)
    assert sorted(frame.loc[frame["makes"] == "part", "full_name"]) == sorted(crossing)


@pytest.mark.parametrize(
    ("code", "on", "to", "rows"),
    [
        ("219", "2024", "2025-Q1", [["219", "part", "whole"], ["224", "part", "whole"]]),
        ("221", "2024", "2025-Q1", [["213", "whole", "part"]]),
        ("218", "2024", "2025-Q1", [["218", "whole", "whole"]]),
        ("24", "2024", "2025-Q3", [["24", "whole", "part"]]),
        ("07204", "2024", "2025-Q3", [["07210", "whole", "part"]]),
        ("07312", "2024", "2025-Q3", [["", "unknown", ""]]),
    ],
)
def test_where_a_unit_went(code: str, on: str, to: str, rows: list[list[str]]) -> None:
    assert successors(code, on=on, to=to)[["code", "goes", "makes"]].values.tolist() == rows


def test_another_province_is_another_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "areas.csv").write_text(
        "code;valid_from;valid_to;level;type;name;parent\n"
        "20;1980-01-01;;province;Tỉnh;Lạng Sơn;\n"
        "178;1980-01-01;2025-06-30;district;Thành phố;Lạng Sơn;20\n"
        "186;1980-01-01;2025-06-30;district;Huyện;Hữu Lũng;20\n"
        "06325;1980-01-01;2025-06-30;commune;Thị trấn;Hữu Lũng;186\n",
        encoding="utf-8-sig",
    )
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    assert areas(on="2024", level="province")["name"].tolist() == ["Bắc Giang", "Lạng Sơn"]
    assert areas(on="2024", parent="20")["code"].tolist() == ["178", "186", "06325"]
    assert find_area("H. Hữu Lũng", on="2024").code == "186"
    assert find_area("TP Lạng Sơn", on="2024").code == "178"
    with pytest.raises(MttqError, match="Huyện Hữu Lũng 186 .* or Thị trấn Hữu Lũng 06325"):
        find_area("Hữu Lũng", on="2024")


def test_a_wrong_level_in_the_codelist_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "areas.csv").write_text(
        "code,valid_from,valid_to,level,type,name,parent\n99,2020-01-01,,county,Tỉnh,X,\n", encoding="utf-8"
    )
    monkeypatch.setenv("MTTQ_CODES", str(tmp_path))
    with pytest.raises(MttqError, match="99 has level 'county'"):
        areas()


def test_a_broken_date_is_told() -> None:
    with pytest.raises(MttqError, match="'2024-Q5' is no period"):
        areas(on="2024-Q5")


SHORT = {
    "Tỉnh": "T.", "Thành phố": "TP.", "Thị xã": "TX. ", "Huyện": "H. ", "Phường": "P.", "Xã": "x. ", "Thị trấn": "TT ",
}  # fmt: skip


@pytest.mark.parametrize("day", ["2024-12-31", "2025-03-31", "2025-09-30"])
def test_every_unit_is_found_under_every_way_of_writing(day: str) -> None:
    for unit in areas(on=day).itertuples():
        name = str(unit.full_name)
        bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
        ways = [name, name.upper(), unicodedata.normalize("NFD", name), bare.replace("Đ", "D").replace("đ", "d")]
        ways.append(SHORT[str(unit.type)] + str(unit.name))
        for written in ways:
            found = find_area(written, on=day, parent=str(unit.parent) or None)
            assert found.code == unit.code, written
