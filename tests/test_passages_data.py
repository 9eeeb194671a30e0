"""The development passages (tests/data/passages_news.jsonl) are annotated as the contract asks."""

from __future__ import annotations

import csv
import json
import math
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
PASSAGES = HERE / "data" / "passages_news.jsonl"
REPORT_DIR = HERE.parent.parent / "shared" / "report"

STATISTICS = {"statistic", "ratio", "range", "rank"}
OTHERS = {"date", "period", "legal_ref", "heading", "name", "other"}
QUALIFIERS = {"exact", "gt", "ge", "lt", "le", "approx"}
ROLES = {"actual", "target", "achievement", "context"}
FIELDS = [
    "value", "low", "high", "numerator", "denominator", "qualifier", "unit", "indicator", "period", "per", "role",
]  # fmt: skip
DAY = r"\d{4}-\d\d-\d\d"
PERIOD = re.compile(rf"|\d{{4}}|\d{{4}}-\d{{4}}|\d{{4}}-(Q[1-4]|H[12]|\d\d)|{DAY}/{DAY}")


def load() -> list[dict[str, Any]]:
    return [json.loads(line) for line in PASSAGES.read_text(encoding="utf-8").splitlines() if line.strip()]


ROWS = load()
EACH = pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])


def statistics(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [n for n in row["numerals"] if n["kind"] in STATISTICS]


def place(text: str, numeral: dict[str, Any]) -> int:
    """Start of the nth occurrence; -1 when there is none."""
    start = -1
    for _ in range(numeral["nth"]):
        start = text.find(numeral["text"], start + 1)
        if start < 0:
            return -1
    return start


def expected_bounds(n: dict[str, Any]) -> tuple[float | None, float | None]:
    """Low and high that the contract gives for a value under its qualifier."""
    value = n["value"]
    low = value if n["qualifier"] in {"exact", "gt", "ge"} else None
    high = value if n["qualifier"] in {"exact", "lt", "le"} else None
    return low, high


def test_size_and_spread() -> None:
    found = sum(len(statistics(row)) for row in ROWS)
    refused = sum(len(row["numerals"]) for row in ROWS) - found
    assert len({row["id"] for row in ROWS}) == len(ROWS) >= 60
    assert len({row["province"] for row in ROWS}) >= 25
    assert found >= 4 * len(ROWS)
    assert refused >= len(ROWS)
    assert "Bắc Giang" not in {row["province"] for row in ROWS}


@EACH
def test_every_annotation_stands_in_the_text_and_digits_are_covered_once(row: dict[str, Any]) -> None:
    text, covered = row["text"], [0] * len(row["text"])
    for numeral in row["numerals"]:
        start = place(text, numeral)
        assert start >= 0, numeral
        for i in range(start, start + len(numeral["text"])):
            covered[i] += 1
    assert max(covered) == 1
    assert [text[i - 8 : i + 8] for i, c in enumerate(text) if c.isdecimal() and not covered[i]] == []
    assert text == unicodedata.normalize("NFC", text)


@EACH
def test_kinds_and_written_forms_are_legal(row: dict[str, Any]) -> None:
    for n in row["numerals"]:
        if n["kind"] in OTHERS:
            assert set(n) == {"text", "nth", "kind"}, n
            continue
        assert n["kind"] in STATISTICS, n
        assert list(n) == ["text", "nth", "kind", *FIELDS], n
        assert n["qualifier"] in QUALIFIERS and n["role"] in ROLES and n["per"] in {"", "year"}, n
        assert n["unit"] in {"VND", "USD"} or re.fullmatch(r"[a-z]+[a-z0-9_]*", n["unit"]), n
        assert PERIOD.fullmatch(n["period"]), n


@EACH
def test_values_and_bounds_follow_the_contract(row: dict[str, Any]) -> None:
    for n in statistics(row):
        if n["kind"] == "range":
            assert n["value"] is None and n["low"] < n["high"], n
            continue
        assert (n["low"], n["high"]) == expected_bounds(n), n
        if n["value"] is None:
            assert n["qualifier"] == "approx" and not any(c.isdecimal() for c in n["text"]), n
        if n["kind"] == "ratio":
            assert math.isclose(n["value"], n["numerator"] / n["denominator"], rel_tol=1e-5), n
        else:
            assert n["numerator"] is None, n
        if n["denominator"] is not None:
            assert n["kind"] in {"ratio", "rank"}, n
        if n["kind"] == "rank":
            assert n["unit"] == "rank", n
        if "%" in n["text"]:
            assert n["unit"] == "percent", n


def test_one_indicator_has_one_unit() -> None:
    units: dict[str, set[str]] = {}
    for n in (n for row in ROWS for n in statistics(row) if n["indicator"]):
        units.setdefault(n["indicator"], set()).add(n["unit"])
    assert len(units) >= 40
    assert {i: u for i, u in units.items() if len(u) > 1} == {}


def test_indicators_and_their_units_are_those_of_the_gold_table() -> None:
    gold = REPORT_DIR / "gold.csv"
    if not gold.exists():
        pytest.skip("the gold table of the real report is not beside this repository")
    with gold.open(encoding="utf-8", newline="") as file:
        known = {r["indicator"]: r["unit"] for r in csv.DictReader(file) if r["kind"] in STATISTICS}
    wrong = {
        (row["id"], n["indicator"], n["unit"])
        for row in ROWS
        for n in statistics(row)
        if n["indicator"] and known.get(n["indicator"]) != n["unit"]
    }
    assert wrong == set()


def test_no_sentence_of_the_real_report_is_copied() -> None:
    reports = sorted(REPORT_DIR.glob("*.txt"))
    if not reports:
        pytest.skip("the real report is not beside this repository")
    words = unicodedata.normalize("NFC", reports[0].read_text(encoding="utf-8")).lower().split()
    runs = {tuple(words[i : i + 8]) for i in range(len(words) - 7)}
    copied = []
    for row in ROWS:
        mine = row["text"].lower().split()
        copied += [" ".join(mine[i : i + 8]) for i in range(len(mine) - 7) if tuple(mine[i : i + 8]) in runs]
    assert copied == []
