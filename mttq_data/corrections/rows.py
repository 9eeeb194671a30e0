"""A correction laid over a row of the statistics, with what follows from it."""

from __future__ import annotations

import math
from typing import Any

from mttq_data.codelists import keyed, read_codelist
from mttq_data.corrections.values import FIELDS, NUMBERS, Amount, check, fits, kept_form, read_amount
from mttq_data.errors import MttqError
from mttq_data.wording import missing, readable


def lay_over(row: dict[str, Any], field: str, kept: str) -> None:
    """Put a kept form into a row, refresh what follows from it and mark the row.

    Bounds follow the value by its qualifier, the unit follows the indicator,
    and doubts about the field are settled.

    Raises
    ------
    MttqError
        When the kept form is not one of the field.

    Examples
    --------
    >>> row = {"value": 80.0, "low": 80.0, "high": None, "qualifier": "gt", "kind": "statistic", "doubt": ""}
    >>> lay_over(row, "value", "85")
    >>> row["value"], row["low"], row["corrected"]
    (85.0, 85.0, True)
    """
    if field not in FIELDS:
        raise MttqError(f"{field!r} cannot be corrected; choose {', '.join(FIELDS)}")
    if field == "value":
        _lay_value(row, read_amount(kept))
    elif field in ("low", "high"):
        amount = read_amount(kept)
        row[field] = math.nan if amount.value is None else amount.value
    elif field == "doubt":
        row["doubt"] = ""
    else:
        # What a person edited in the file by hand is read as if given anew.
        row[field] = kept_form(field, kept, {**row, "unit": ""} if field == "indicator" else row)
    if field == "qualifier":
        _refresh(row)
    if field == "indicator":
        _take_unit(row)
    settled = {r["code"] for r in read_codelist("doubts", key=["code"]) if r["field"] == field}
    row["doubt"] = " ".join(d for d in readable(row.get("doubt")).split() if d not in settled)
    row["corrected"] = True


def _lay_value(row: dict[str, Any], amount: Amount) -> None:
    check(amount, row, True)
    value, kind = amount.value, row.get("kind")
    if amount.qualifier:
        row["qualifier"] = amount.qualifier
    if value is None:
        row.update(dict.fromkeys(NUMBERS, math.nan))
    elif amount.high is not None:
        row.update(
            dict.fromkeys(NUMBERS, math.nan)
            | {"low": value, "high": amount.high, "kind": "range", "qualifier": "exact"}
        )
    elif amount.of is not None and kind == "rank":
        row.update({"value": value, "denominator": amount.of})
        _refresh(row)
    elif amount.of is not None:
        row.update({"value": value / amount.of, "numerator": value, "denominator": amount.of, "kind": "ratio"})
        _refresh(row)
    else:
        if kind == "ratio":
            _share_of(row, value)
        row.update({"value": value, "kind": "statistic" if kind == "range" else kind})
        _refresh(row)


def _share_of(row: dict[str, Any], value: float) -> None:
    """A ratio corrected by its share: keep the base where the share makes a whole number of it."""
    base = row.get("denominator")
    part = math.nan if missing(base) else value * float(base)  # type: ignore[arg-type]
    near = not math.isnan(part) and math.isclose(part, round(part), abs_tol=1e-6)
    row["numerator"], row["denominator"] = (float(round(part)), base) if near else (math.nan, math.nan)


def _refresh(row: dict[str, Any]) -> None:
    """Bounds as the value and its qualifier give them."""
    value = row.get("value")
    if missing(value):
        return
    qualifier = str(row.get("qualifier") or "exact")
    row["low"] = value if qualifier in ("exact", "gt", "ge") else math.nan
    row["high"] = value if qualifier in ("exact", "lt", "le") else math.nan


def _take_unit(row: dict[str, Any]) -> None:
    if missing(row.get("indicator")):
        return
    found = keyed("indicators", "id").get(str(row["indicator"]))
    if found and fits(found, row.get("unit")):
        row["unit"] = found["unit"]
