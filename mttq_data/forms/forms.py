"""Forms of returns, read as data from three codelists.

``forms.csv`` says what stands around the table and when a return is due,
``form_rows.csv`` and ``form_columns.csv`` what stands in it, in order. An office
describes its own form in files of the same names in ``data/codes/``.

Two layouts:

- ``indicators_down``: a row is an indicator (or a group heading), a column a
  measure (plan, period, cumulative), a computed share, or the note.
- ``areas_down``: a row is a unit below the sender (a sender without any is its
  own row), a column an indicator and a measure. ``form_rows.csv`` has no rows of
  such a form; ``total_row`` in ``forms.csv`` is ``top``, ``bottom`` or empty.

For a reader of returns: `Form.cells` lists every cell of the table with its role
(``input``, ``total``, ``ratio``, ``note``, ``closed``), area, indicator, measure
and `Figure` (unit as written, factor to the catalogue's unit, decimals, bounds,
required). `Form.rules` lists what must hold between rows and between columns;
`flows` names the indicators whose cumulative column sums up the periods.
`Form.version` changes with any change of the three codelists' rows of the form.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from mttq_data.codelists import Row, read_codelist
from mttq_data.errors import MttqError
from mttq_data.forms.model import Cell, Figure, Form, FormColumn, FormRow, Rule, Terms
from mttq_data.places.area_codes import codes_stamp

__all__ = ["Cell", "Figure", "Form", "FormColumn", "FormRow", "Rule", "flows", "form", "form_ids"]

LAYOUTS = ("indicators_down", "areas_down")
COLUMN_KINDS = ("number", "label", "unit", "value", "note")
MEASURES = ("plan", "period", "cumulative")
_TERM = re.compile(r"\s*([+-])?\s*([^\s+\-/*=]+)\s*")
_T = TypeVar("_T")


def form_ids() -> list[str]:
    """Ids of the forms known, the package's first."""
    return [row["id"] for row in read_codelist("forms", key=["id"], required=["layout", "name_vi", "cadence", "due"])]


def flows(made: Form) -> frozenset[str]:
    """Indicators of the form that add up over time: cumulative grows by each period's figure.

    Examples
    --------
    >>> sorted({"tet_gifts", "poverty_rate"} & flows(form("front_work")))
    ['tet_gifts']
    """
    kinds = {row["id"]: row.get("kind", "") for row in read_codelist("indicators", key=["id"], required=["unit"])}
    return frozenset(i for i in made.indicators if kinds[i] == "flow")


def form(form_id: str | Form = "front_work") -> Form:
    """Read one form from the codelists.

    Parameters
    ----------
    form_id : str
        ``id`` in ``forms.csv``; ``front_work`` is the package's own.

    Returns
    -------
    Form

    Raises
    ------
    MttqError
        There is no such form, or its description has a fault: file, form and
        row are named.

    Examples
    --------
    >>> front = form("front_work")
    >>> front.indicators[:2], str(front.due("2024-Q4"))
    (('fund_for_the_poor_opening_balance', 'fund_for_the_poor_raised'), '2025-01-10')
    """
    if isinstance(form_id, Form):
        return form_id
    return _form_for(form_id, codes_stamp("forms", "form_rows", "form_columns", "indicators", "areas"))


@lru_cache(maxsize=32)
def _form_for(form_id: str, stamp: tuple[object, ...]) -> Form:
    heads = {row["id"]: row for row in read_codelist("forms", key=["id"], required=["layout", "name_vi", "due"])}
    if form_id not in heads:
        raise MttqError(f"there is no form {form_id!r}; forms.csv has {', '.join(heads)}")
    head = {"cadence": "", "levels": "district commune"} | heads[form_id]
    if head["layout"] not in LAYOUTS:
        raise MttqError(f"forms.csv: form {form_id} has layout {head['layout']!r}; use {' or '.join(LAYOUTS)}")
    column_rows = _rows_of("form_columns", form_id)
    item_rows = _rows_of("form_rows", form_id) if head["layout"] == "indicators_down" else []
    columns = _parts("form_columns", column_rows, _column)
    rows = _parts("form_rows", item_rows, _row)
    version = _version([heads[form_id], *column_rows, *item_rows])
    made = Form(form_id, head["layout"], head["name_vi"], head.get("name_en", ""), head, columns, rows, version)
    _check(made)
    return made


def _version(rows: list[Row]) -> str:
    """Twelve hex digits of what the rows say; an added empty column does not count."""
    said = [{k: v for k, v in row.items() if v and k != "position"} for row in rows]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


def _rows_of(name: str, form_id: str) -> list[Row]:
    rows = [r for r in read_codelist(name, key=["form", "key"], required=["kind"]) if r["form"] == form_id]
    try:
        rows.sort(key=lambda r: float(r.get("position") or "inf"))
    except ValueError as exc:
        raise MttqError(f"{name}.csv: form {form_id}: position is not a number ({exc})") from exc
    return [row for row in rows if row["kind"] != "off"]


def _parts(name: str, rows: list[Row], read: Callable[[Row], _T]) -> tuple[_T, ...]:
    parts = []
    for row in rows:
        try:
            parts.append(read(row))
        except ValueError as exc:
            raise MttqError(f"{name}.csv: form {row['form']}, {row['key']}: {exc}") from exc
    return tuple(parts)


def _row(row: Row) -> FormRow:
    if row["kind"] not in ("group", "item"):
        raise ValueError(f"kind {row['kind']!r} is not group, item or off")
    columns = frozenset(row.get("columns", "").split())
    if columns - set(MEASURES):
        raise ValueError(f"columns {row['columns']!r} are not of {', '.join(MEASURES)}")
    return FormRow(row["key"], row["kind"], row["label"], row.get("indicator", ""), _figure(row), columns)


def _column(row: Row) -> FormColumn:
    if row["kind"] not in COLUMN_KINDS:
        raise ValueError(f"kind {row['kind']!r} is not one of {', '.join(COLUMN_KINDS)}")
    if row.get("measure", "") not in ("", *MEASURES):
        raise ValueError(f"measure {row['measure']!r} is not one of {', '.join(MEASURES)}")
    return FormColumn(
        key=row["key"],
        kind=row["kind"],
        header=tuple(part.strip() for part in row["header"].split("|")),
        measure=row.get("measure", ""),
        indicator=row.get("indicator", ""),
        figure=_figure(row),
        width=float(row.get("width") or 12),
        choices=tuple(filter(None, row.get("choices", "").split("|"))),
    )


def _figure(row: Row) -> Figure:
    return Figure(
        unit=row.get("unit", ""),
        factor=float(row.get("factor") or 1),
        decimals=int(row.get("decimals") or 0),
        low=float(row["low"]) if row.get("low") else None,
        high=float(row["high"]) if row.get("high") else None,
        required=row.get("required", "") == "yes",
        total_of=_terms(row.get("total_of", "")),
        ratio_of=_ratio(row.get("ratio_of", "")),
        hint=row.get("hint", ""),
    )


def _terms(text: str) -> Terms:
    terms: list[tuple[int, str]] = []
    at = 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None or (terms and not match[1]):
            raise ValueError(f"total_of {text!r} is not like 1+2-3")
        terms.append((-1 if match[1] == "-" else 1, match[2]))
        at = match.end()
    return tuple(terms)


def _ratio(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    parts = [part.strip() for part in text.split("/")]
    if len(parts) != 2 or not all(parts):
        raise ValueError(f"ratio_of {text!r} is not like 1/2")
    return parts[0], parts[1]


def _check(made: Form) -> None:
    known = {row["id"] for row in read_codelist("indicators", key=["id"], required=["unit"])}
    for where, parts in (("form_rows", made.own_rows), ("form_columns", made.columns)):
        keys = {p.key for p in parts}
        for part in parts:
            if part.indicator and part.indicator not in known:
                raise MttqError(
                    f"{where}.csv: form {made.id}, {part.key}: the catalogue has no indicator {part.indicator!r}"
                )
            figure = part.figure
            for key in (*(k for _, k in figure.total_of), *(figure.ratio_of or ())):
                if key not in keys:
                    raise MttqError(f"{where}.csv: form {made.id}, {part.key} refers to {key!r}, which it lacks")
    if not made.values:
        raise MttqError(f"form_columns.csv: form {made.id} has no column of kind value")
    if not any(c.kind == "label" for c in made.columns):
        raise MttqError(f"form_columns.csv: form {made.id} has no column of kind label")
