"""The shipped sample: its sidecar, its own gold table, and whether it reads like the report it restates."""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mttq_data as mttq

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data/raw/reports/bac-giang-2024-restatement.txt"
SIDECAR = SAMPLE.with_suffix(".json")
GOLD = ROOT / "tests/data/restatement_gold.csv"
SHARED = ROOT.parent / "shared/report"
REPORT = SHARED / "bac-giang-xv-congress-2024.txt"

STATISTIC_KINDS = ["statistic", "ratio", "range", "rank"]
NUMBERS = ["value", "low", "high"]
READING = [*NUMBERS, "unit", "qualifier", "period", "per", "role"]
# The shares asked of the real report are asked of its restatement too.
REQUIRED = {
    "value": 0.99, "low": 0.99, "high": 0.99, "qualifier": 0.99, "unit": 0.99,
    "indicator": 0.97, "period": 0.97, "per": 0.97, "scope": 0.97, "role": 0.97,
}  # fmt: skip

needs_report = pytest.mark.skipif(
    not REPORT.exists(), reason="the real report is not part of the repository (../shared/report)"
)


def read_gold(path: Path) -> pd.DataFrame:
    """Read a gold table as text, with whole-number offsets."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return table.astype({"start": int, "end": int})


def plain(cell: Any, field: str) -> str | float:
    """One form for a cell of a frame or of a gold table: missing is empty, numbers lose float noise."""
    if cell is None or cell == "" or pd.isna(cell):
        return ""
    return float(f"{float(cell):.9g}") if field in NUMBERS else str(cell)


def facts(rows: pd.DataFrame, fields: list[str]) -> dict[str, Counter[tuple[str | float, ...]]]:
    """Every indicator with the multiset of what is said of it."""
    found: dict[str, Counter[tuple[str | float, ...]]] = {}
    for record in rows.to_dict("records"):
        indicator = plain(record["indicator"], "indicator")
        if indicator:
            fact = tuple(plain(record[field], field) for field in fields)
            found.setdefault(str(indicator), Counter())[fact] += 1
    return found


def spans(rows: pd.DataFrame) -> list[tuple[int, int, str]]:
    """Start, end and text of every row."""
    return list(zip(rows["start"].astype(int), rows["end"].astype(int), rows["text"].astype(str), strict=True))


def overlapping(rows: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    return rows[(rows["start"] < end) & (rows["end"] > start)]


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """All runs of `length` words, case and accent order folded away."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


@pytest.fixture(scope="module")
def text() -> str:
    return SAMPLE.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def gold() -> pd.DataFrame:
    return read_gold(GOLD)


@pytest.fixture(scope="module")
def statistics(gold: pd.DataFrame) -> pd.DataFrame:
    return gold[gold["kind"].isin(STATISTIC_KINDS)]


@pytest.fixture(scope="module")
def extracted() -> pd.DataFrame:
    return mttq.extract(mttq.read_document(SAMPLE))


def test_sidecar_says_it_is_a_restatement_and_fits_the_file() -> None:
    sidecar = json.loads(SIDECAR.read_text(encoding="utf-8"))
    assert sidecar["sha256"] == hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
    assert sidecar["sample"] is True
    assert sidecar["kind"] == "report"
    assert sidecar["area"] == "24"
    assert "restatement" in sidecar["origin"]
    assert "not the text" in sidecar["origin"]
    assert "Không phải nguyên văn" in sidecar["note_vi"]


def test_offsets_point_at_the_numerals(text: str, gold: pd.DataFrame) -> None:
    assert [text[start:end] for start, end, _ in spans(gold)] == gold["text"].tolist()
    assert (gold["start"].iloc[1:].to_numpy() >= gold["end"].iloc[:-1].to_numpy()).all()


def test_every_digit_has_a_row(text: str, gold: pd.DataFrame) -> None:
    covered = {i for start, end, _ in spans(gold) for i in range(start, end)}
    assert [text[max(0, i - 20) : i + 5] for i, sign in enumerate(text) if sign.isdecimal() and i not in covered] == []


def test_all_statistics_and_indicators_are_there(statistics: pd.DataFrame) -> None:
    assert len(statistics) == 191
    assert statistics["indicator"].nunique() == 180


def test_sample_says_on_its_face_what_it_is(text: str) -> None:
    assert "KHÔNG PHẢI NGUYÊN VĂN" in text.splitlines()[0]


@needs_report
def test_gold_states_the_facts_of_the_report(statistics: pd.DataFrame) -> None:
    theirs = read_gold(SHARED / "gold.csv")
    fields = ["kind", "numerator", "denominator", "scope", *READING]
    assert facts(statistics, fields) == facts(theirs[theirs["kind"].isin(STATISTIC_KINDS)], fields)


@needs_report
def test_wording_is_our_own(text: str) -> None:
    assert runs(text, 12) & runs(REPORT.read_text(encoding="utf-8"), 12) == set()


def test_numerals_are_told_apart(gold: pd.DataFrame) -> None:
    numerals = mttq.numerals(mttq.read_document(SAMPLE))
    wrong = []
    for (start, end, token), kind in zip(spans(gold), gold["kind"], strict=True):
        kinds = overlapping(numerals, start, end)["kind"].tolist()
        if kinds != [kind]:
            wrong.append((start, token, kind, kinds))
    assert len(wrong) <= 0.01 * len(gold), wrong


def test_no_statistic_is_missed_or_made_up(statistics: pd.DataFrame, extracted: pd.DataFrame) -> None:
    missed = [row for row in spans(statistics) if overlapping(extracted, *row[:2]).empty]
    made_up = [row for row in spans(extracted) if overlapping(statistics, *row[:2]).empty]
    assert len(missed) <= 0.01 * len(statistics), missed
    assert len(made_up) <= 0.01 * len(extracted), made_up


@pytest.mark.parametrize("field", list(REQUIRED))
def test_sample_is_read_as_its_gold_says(field: str, statistics: pd.DataFrame, extracted: pd.DataFrame) -> None:
    wrong = []
    for (start, end, token), cell in zip(spans(statistics), statistics[field], strict=True):
        hit = overlapping(extracted, start, end)
        want, got = plain(cell, field), plain(hit[field].iloc[0], field) if len(hit) else "not found"
        both_numbers = isinstance(want, float) and isinstance(got, float)
        if not (math.isclose(float(want), float(got), rel_tol=1e-5) if both_numbers else want == got):
            wrong.append((start, token, want, got))
    assert len(wrong) <= (1 - REQUIRED[field]) * len(statistics), wrong


@needs_report
def test_sample_and_report_agree_on_every_indicator(statistics: pd.DataFrame, extracted: pd.DataFrame) -> None:
    ours = facts(extracted, READING)
    theirs = facts(mttq.extract(mttq.read_document(REPORT)), READING)
    differ = {
        indicator: (ours.get(indicator), theirs.get(indicator))
        for indicator in sorted(set(statistics["indicator"]))
        if ours.get(indicator) != theirs.get(indicator)
    }
    assert differ == {}
