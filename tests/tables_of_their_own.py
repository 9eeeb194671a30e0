"""A small table of statistics with every kind of figure, for the tests of what is made from it."""

from __future__ import annotations

import pandas as pd

COLUMNS = [
    "document", "section", "start", "end", "text", "sentence", "kind", "indicator", "value", "low", "high",
    "numerator", "denominator", "qualifier", "unit", "counted", "period", "per", "area", "scope", "role",
    "doubt", "corrected",
]  # fmt: skip
NUMBERS = ["value", "low", "high", "numerator", "denominator"]


def row(text: str, value: float | None = None, **cells: object) -> dict[str, object]:
    """One statistic; bounds follow from the qualifier unless given."""
    qualifier = cells.get("qualifier", "exact")
    base: dict[str, object] = dict.fromkeys(COLUMNS, "")
    base |= {"document": "bao-cao.txt", "start": 10, "end": 10 + len(text), "text": text, "kind": "statistic"}
    base |= {"sentence": f"Toàn tỉnh có {text}.", "qualifier": "exact", "value": value, "area": "24"}
    base |= {"low": value if qualifier in ("exact", "gt", "ge") else None, "scope": "province", "role": "actual"}
    base |= {"high": value if qualifier in ("exact", "lt", "le") else None, "numerator": None, "denominator": None}
    return base | {"corrected": False, "period": "2019-2024"} | cells


def statistics() -> pd.DataFrame:
    """Ten statistics: exact, bounded, approximate, range, ratio, rank, vague, without indicator."""
    share = {"unit": "percent", "role": "context", "period": ""}
    rows = [
        row("49,6%", 49.6, indicator="women_share_of_population", counted="phụ nữ", start=20, **share),
        row("80%", 80, indicator="farmers_share_of_population", qualifier="approx", start=30, **share),
        row("3,5%", 3.5, indicator="intellectuals_share_of_population", qualifier="gt", start=40, **share),
        row("14%", 14, indicator="elderly_share_of_population", qualifier="lt", start=50, **share),
        row("103,5", 103.5e9, indicator="fund_for_the_poor_raised", qualifier="gt", unit="VND", start=60),
        row("40 – 60", None, low=40e9, high=60e9, kind="range", unit="VND", start=70, counted="tiền $ủng$ hộ"),
        row("154/182", 154 / 182, kind="ratio", numerator=154, denominator=182, unit="commune", start=80),
        row("4/63", 4, kind="rank", denominator=63, unit="rank", low=4, high=4, start=90, period="2023"),
        row("hàng trăm", None, qualifier="approx", unit="conference", start=100),
        row("5.142", 5142, unit="household", counted="=hộ nghèo", start=5, doubt="weak_cue"),
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    return frame


def numerals() -> pd.DataFrame:
    """The numerals of the same table."""
    return statistics()[["document", "start", "end", "text", "kind"]]
