"""Frames as a reader of returns gives them, made by hand for tests of the store."""

from __future__ import annotations

import pandas as pd

NAN = float("nan")
INDICATORS = {"poor_households": "household", "fund_for_the_poor_raised": "VND", "poverty_rate": "percent"}


def figure(area="218", period="2024-Q4", indicator="poor_households", measure="period", value=5142.0, **more):
    """One observation; bounds follow the value unless given."""
    exact = {
        "low": value,
        "high": value,
        "qualifier": "exact",
        "status": "ok",
        "raw": f"{value:g}" if value is not None else "",
    }
    place = {"form": "front_work", "unit": INDICATORS.get(indicator, "item"), "cell": "Biểu 01!D9"}
    return {"area": area, "period": period, "indicator": indicator, "measure": measure, "value": value} | (
        exact | place | more
    )


def returned(area="218", period="2024-Q4", factor=1, sheet="Biểu 01", **more):
    """The observations of one return: three indicators, three measures each."""
    rows = []
    for row, indicator in enumerate(INDICATORS, start=9):
        for column, measure in zip("DEF", ("plan", "period", "cumulative"), strict=True):
            value = float(row * 100 * factor)
            rows.append(figure(area, period, indicator, measure, value, cell=f"{sheet}!{column}{row}", **more))
    return pd.DataFrame(rows)


def problem(check="total", severity="error", where="Biểu 01!D9", area="218", period="2024-Q4", **more):
    """One problem."""
    said = {"found": "5", "expected": "6", "message_vi": "Tổng không khớp.", "message_en": "The total differs."}
    place = {"where": where, "indicator": "poor_households", "area": area, "period": period}
    return {"check": check, "severity": severity} | place | said | more


def problems(*rows):
    """Problems as a frame; none without rows."""
    return pd.DataFrame(list(rows), columns=list(problem()))


SUSPECT = figure(
    value=5142.0, low=5.142, high=5142.0, qualifier="approx", status="suspect", raw="5.142", cell="Biểu 01!E9"
)


def with_suspect(**more):
    """A return with one suspect value and the problem that says so."""
    frame = pd.concat([returned(), pd.DataFrame([SUSPECT | more])], ignore_index=True)
    return frame, problems(problem("not_whole", "error", "Biểu 01!E9"), problem("range", "warning"))
