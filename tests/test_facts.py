"""Facts of other years: the shipped files, and what a hand-kept file may hold."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

import mttq_data as mttq
from mttq_data.comparison.facts import read_facts
from mttq_data.comparison.spans import span_of
from mttq_data.files import sha256_of

FOLDER = Path(__file__).resolve().parents[1] / "data/raw/facts"
FILES = sorted(FOLDER.glob("public-*.csv"))


@pytest.fixture(scope="module")
def facts() -> pd.DataFrame:
    return read_facts(FOLDER)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_file_has_a_sidecar_with_its_checksum(path: Path) -> None:
    sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert sidecar["sha256"] == sha256_of(path)
    assert sidecar["sample"] is False


def test_ids_and_units_are_those_of_the_catalogue(facts: pd.DataFrame) -> None:
    units = mttq.indicators().set_index("id")["unit"]
    linked = facts[facts["indicator"] != ""]
    assert set(linked["indicator"]) <= set(units.index)
    wrong = linked[linked["unit"] != linked["indicator"].map(units)]
    assert wrong.empty, wrong[["indicator", "unit"]].to_string()


def test_every_fact_names_its_source_and_original_id(facts: pd.DataFrame) -> None:
    assert facts["source"].str.startswith("http").all()
    assert facts["original_id"].ne("").all()


def test_periods_lie_in_the_years_asked_for(facts: pd.DataFrame) -> None:
    spans = [span_of(p) for p in facts["period"] if p]
    assert min(s.start for s in spans if s.start).year == 2014
    assert max(s.end for s in spans if s.end).year <= 2026


def test_traps_are_kept_as_data(facts: pd.DataFrame) -> None:
    rate = facts[(facts["indicator"] == "poverty_rate") & (facts["area"] == "24")].set_index("period")
    assert rate.loc["2017", "standard"] != rate.loc["2023", "standard"].iloc[0]
    assert rate.loc["2017", "status"] == "suspect"
    assert sorted(rate.loc["2023", "value"]) == [2.63, 2.7]
    assert sorted(rate.loc["2022", "stage"]) == ["final", "preliminary"]
    fund = facts[(facts["indicator"] == "fund_for_the_poor_raised") & (facts["period"] == "2017-10-01/2018-09-30")]
    assert fund["value"].tolist() == [63e9]
    assert math.isnan(fund["high"].iloc[0])
    bases = facts[facts["original_id"].str.startswith("temporary_houses_plan")]
    assert set(bases["value"]) == {1393, 813, 811}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("period,indicator,value\n2023,poverty_rate,2.6\n", "column unit is missing"),
        ("period,indicator,value,unit\n2023,poverty_rate,much,percent\n", "line 2: value 'much' is no number"),
        ('period,indicator,value,unit\n2023,poverty_rate,"1.234,5",percent\n', "is no number"),
        ("period,indicator,value,unit\nlast year,poverty_rate,2,percent\n", "line 2: 'last year' is no period"),
        ("period,indicator,value,unit,qualifier\n2023,poverty_rate,2,percent,circa\n", "qualifier 'circa'"),
        ("period,indicator,value,low,high,unit\n2023,poverty_rate,2,3,1,percent\n", "low 3 is above high 1"),
    ],
)
def test_a_fault_is_one_line_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(mttq.MttqError) as caught:
        read_facts(path)
    assert said in str(caught.value)
    assert "own.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_a_vietnamese_excel_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("period;indicator;value;unit;qualifier\n2023;poverty_rate;2,63;percent;gt\n", encoding="utf-8-sig")
    row = read_facts(path).iloc[0]
    assert (row["value"], row["low"]) == (2.63, 2.63)
    assert math.isnan(row["high"])


def test_missing_file_and_wrong_encoding_are_told(tmp_path: Path) -> None:
    with pytest.raises(mttq.MttqError, match="cannot be read"):
        read_facts(tmp_path / "none.csv")
    path = tmp_path / "old.csv"
    path.write_bytes("period,tên\n".encode("utf-16"))
    with pytest.raises(mttq.MttqError, match="CSV UTF-8"):
        read_facts(path)
