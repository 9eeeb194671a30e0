"""Forms of returns, read as data from three codelists.

``forms.csv`` says what stands around the table and when a return is due,
``form_rows.csv`` and ``form_columns.csv`` what stands in it, in order. An office
describes its own form in files of the same names in ``data/codes/`` (docs/forms.md).

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
import math
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from mttq_data.codelists import Row, keyed, read_codelist, remembered
from mttq_data.errors import MttqError
from mttq_data.forms.cells import fault, read_cells
from mttq_data.forms.checks import check_form
from mttq_data.forms.model import Cell, Figure, Form, FormColumn, FormRow, Rule
from mttq_data.forms.units import factor_to

__all__ = ["Cell", "Figure", "Form", "FormColumn", "FormRow", "Rule", "flows", "form", "form_ids"]

_LISTS = ("forms", "form_rows", "form_columns", "indicators", "areas", "units", "unit_conversions", "cell_words")
Catalogue = dict[str, Row]
Read = dict[str, Any]


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
    return frozenset(i for i in made.indicators if keyed("indicators", "id")[i].get("kind") == "flow")


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
        There is no such form, or its description has a fault: file, line and
        column are named.

    Examples
    --------
    >>> front = form("front_work")
    >>> front.indicators[:2], str(front.due("2024-Q4"))
    (('fund_for_the_poor_opening_balance', 'fund_for_the_poor_raised'), '2025-01-10')
    """
    if isinstance(form_id, Form):
        return form_id
    return _form_for(form_id)


@remembered(*_LISTS)
def _form_for(form_id: str) -> Form:
    heads = keyed("forms", "id")
    if form_id not in heads:
        raise MttqError(f"there is no form {form_id!r}; forms.csv has {', '.join(heads)}")
    head = read_cells("forms", heads[form_id])
    described = {file: _rows_of(file, form_id, heads) for file in ("form_columns", "form_rows")}
    if head["layout"] == "areas_down":
        for row, _ in described["form_rows"]:
            raise fault("form_rows", row, "form", "a form of layout areas_down has no rows of its own; delete the row")
    catalogue = keyed("indicators", "id")
    columns = tuple(_column(row, read, catalogue) for row, read in described["form_columns"])
    rows = tuple(_row(row, read, catalogue) for row, read in described["form_rows"])
    version = _version([heads[form_id], *(row for some in described.values() for row, _ in some)])
    texts = {k: " ".join(v) if isinstance(v, tuple) else v for k, v in head.items()}
    made = Form(form_id, head["layout"], head["name_vi"], head["name_en"], texts, columns, rows, version)
    raw = {file: {row["key"]: row for row, _ in some} for file, some in described.items()}
    check_form(made, raw, {i: row["unit"] for i, row in catalogue.items()})
    return made


def _version(rows: list[Row]) -> str:
    """Twelve hex digits of what the rows say; an added empty column does not count."""
    said = [{k: v for k, v in row.items() if v and k not in ("position", "comment")} for row in rows]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


def _rows_of(file: str, form_id: str, known: Collection[str]) -> list[tuple[Row, Read]]:
    """The rows of a form in their order, as they stand and read, without those that are off."""
    rows = read_codelist(file, key=["form", "key"], required=["kind"])
    for row in rows:
        if row["form"] not in known:
            raise fault(file, row, "form", f"forms.csv has no such form, it has {', '.join(known)}; write one of these")
    own = [(row, read_cells(file, row)) for row in rows if row["form"] == form_id and row["kind"] != "off"]
    return sorted(own, key=lambda one: math.inf if one[1]["position"] is None else one[1]["position"])


def _row(row: Row, read: Read, catalogue: Catalogue) -> FormRow:
    figure = _figure("form_rows", row, read, catalogue)
    return FormRow(row["key"], row["kind"], row["label"], read["indicator"], figure, frozenset(read["columns"]))


def _column(row: Row, read: Read, catalogue: Catalogue) -> FormColumn:
    return FormColumn(
        key=row["key"],
        kind=row["kind"],
        header=tuple(part.strip() for part in row["header"].split("|")),
        measure=read["measure"],
        indicator=read["indicator"],
        figure=_figure("form_columns", row, read, catalogue),
        width=read["width"],
        choices=read["choices"],
    )


def _figure(file: str, row: Row, read: Read, catalogue: Catalogue) -> Figure:
    factor = read["factor"] or 1.0
    if indicator := read["indicator"]:
        if indicator not in catalogue:
            like = get_close_matches(indicator, catalogue, 1)
            meant = f"write {like[0]} if that is meant, or " if like else ""
            raise fault(file, row, "indicator", f"the catalogue has no such indicator; {meant}add it to indicators.csv")
        try:
            factor = factor_to(catalogue[indicator]["unit"], read["unit"], read["factor"])
        except KeyError:
            why = "units.csv has no such code; write one of its codes or add it there"
            raise fault("indicators", catalogue[indicator], "unit", why) from None
        except ValueError as exc:
            raise fault(file, row, "unit", str(exc)) from None
    return Figure(
        unit=read["unit"],
        factor=factor,
        decimals=int(read["decimals"]),
        low=read["low"],
        high=read["high"],
        required=read["required"] == "yes",
        total_of=read["total_of"],
        ratio_of=read["ratio_of"],
        hint=read["hint"],
    )
