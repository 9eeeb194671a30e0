"""Annotated passages beside what the extractor makes of them."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from mttq_data.extraction.numeral_kinds import STATISTIC_KINDS, NumeralReader, lines_of
from mttq_data.extraction.statistics import Extractor, to_frame
from mttq_data.folding import Line
from mttq_data.reading.document import Document

DATA = Path(__file__).parent / "data"
SETS = ("passages_news", "passages_reports", "passages_blind")


def passages(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines() if line]


def places(row: dict[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Start and end of each annotated numeral of a passage."""
    for numeral in row["numerals"]:
        start = -1
        for _ in range(numeral["nth"]):
            start = row["text"].index(numeral["text"], start + 1)
        yield start, start + len(numeral["text"]), numeral


def score(names: tuple[str, ...]) -> dict[str, float]:
    """The share of right readings by measure, over the passages of these sets."""
    extractor, reader = Extractor(), NumeralReader()
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()

    def count(measure: str, good: bool) -> None:
        right[measure] += good
        total[measure] += 1

    for row in (row for name in names for row in passages(name)):
        document = Document(row["text"])
        frame = to_frame(extractor.rows(document))
        kinds = []
        for offset, raw in lines_of(row["text"]):
            line = Line(raw, offset)
            kinds += [(*line.span(n.start, n.end), n.kind) for n in reader.read(line)]
        wanted = []
        for start, end, gold in places(row):
            if gold["kind"] not in STATISTIC_KINDS:
                count("refused", not any(s < end and start < e and k in STATISTIC_KINDS for s, e, k in kinds))
                continue
            wanted.append((start, end))
            found = frame[(frame["start"] < end) & (frame["end"] > start)]
            count("recall", len(found) > 0)
            _compare(found.iloc[0] if len(found) else None, gold, count)
        for start, end in zip(frame["start"], frame["end"], strict=True):
            count("precision", any(start < e and s < end for s, e in wanted))
    return {measure: right[measure] / total[measure] for measure in total}


def _compare(got: pd.Series | None, gold: dict[str, Any], count: Any) -> None:
    count("value", got is not None and _same(got["value"], gold.get("value")))
    count("bounds", got is not None and all(_same(got[f], gold.get(f)) for f in ("low", "high")))
    for field in ("qualifier", "unit"):
        count(field, got is not None and got[field] == gold[field])
    if gold.get("indicator"):
        count("indicator", got is not None and got["indicator"] == gold["indicator"])


def _same(got: float, gold: float | None) -> bool:
    if gold is None or math.isnan(got):
        return gold is None and math.isnan(got)
    return math.isclose(got, gold, rel_tol=1e-5)
