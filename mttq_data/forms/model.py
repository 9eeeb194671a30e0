"""What a form is made of: rows, columns, figures, rules, cells.

Read forms with `mttq_data.forms.forms.form`; its module says how they are described.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mttq_data.errors import MttqError
from mttq_data.forms.cells import DUE
from mttq_data.periods import Period, parse_period
from mttq_data.places.area_codes import Area, areas, find_area

TOTAL = "total"

Terms = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Figure:
    """How the figures of a row or column are written.

    ``factor`` times the figure is in the catalogue's unit; ``decimals`` is the
    number of decimal places (0: whole numbers only); ``low`` and ``high`` bound
    the figure as written. ``total_of`` are the signed keys it adds up,
    ``ratio_of`` numerator and denominator of a percentage.
    """

    unit: str = ""
    factor: float = 1.0
    decimals: int = 0
    low: float | None = None
    high: float | None = None
    required: bool = False
    total_of: Terms = ()
    ratio_of: tuple[str, str] | None = None
    hint: str = ""

    @property
    def role(self) -> str:
        """``total``, ``ratio`` or ``input``."""
        return "total" if self.total_of else "ratio" if self.ratio_of else "input"


@dataclass(frozen=True)
class FormRow:
    """A row: ``kind`` is ``group``, ``item`` (an indicator), ``area`` or ``total`` (of the areas)."""

    key: str
    kind: str
    label: str
    indicator: str = ""
    figure: Figure = Figure()
    columns: frozenset[str] = frozenset()
    area: str = ""


@dataclass(frozen=True)
class FormColumn:
    """A column: ``kind`` is ``number``, ``label``, ``unit``, ``value`` or ``note``.

    A value column with neither measure nor indicator is computed from others.
    """

    key: str
    kind: str
    header: tuple[str, ...]
    measure: str = ""
    indicator: str = ""
    figure: Figure = Figure()
    width: float = 12.0
    choices: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """What stands in the row of column numbers, as in "1=2+3"."""
        if self.figure.ratio_of:
            return f"{self.key}={'/'.join(self.figure.ratio_of)}"
        signs = "".join(("+" if sign > 0 else "-") + key for sign, key in self.figure.total_of)
        return f"{self.key}={signs.removeprefix('+')}" if signs else self.key


@dataclass(frozen=True)
class Rule:
    """``target`` = sum of signed ``terms`` (total) or 100 × first / second (ratio).

    ``along`` says whether the keys are ``rows`` (the rule holds in every column
    both have open) or ``columns`` (it holds in every row).
    """

    kind: str
    along: str
    target: str
    terms: Terms


@dataclass(frozen=True)
class Cell:
    """One cell of a form's table as it should be.

    ``along`` of a total or ratio says what its figure's keys are: ``rows`` (other
    rows of its column) or ``columns`` (other columns of its row).
    """

    row: str
    column: str
    role: str
    area: str = ""
    indicator: str = ""
    measure: str = ""
    figure: Figure = Figure()
    along: str = ""


@dataclass(frozen=True)
class Form:
    """One form. ``head`` holds the cells of its row in ``forms.csv``."""

    id: str
    layout: str
    name_vi: str
    name_en: str
    head: dict[str, str]
    columns: tuple[FormColumn, ...]
    own_rows: tuple[FormRow, ...]
    version: str

    @property
    def values(self) -> tuple[FormColumn, ...]:
        """The columns that hold figures."""
        return tuple(c for c in self.columns if c.kind == "value")

    @property
    def indicators(self) -> tuple[str, ...]:
        """Ids of the indicators, in the order of the form."""
        source = self.own_rows if self.layout == "indicators_down" else self.values
        return tuple(dict.fromkeys(s.indicator for s in source if s.indicator))

    def row(self, key: str) -> FormRow:
        """The row of a key, as in ``Rule.target``; for ``areas_down`` ask `rows`."""
        return next(r for r in self.own_rows if r.key == key)

    def column(self, key: str) -> FormColumn:
        """The column of a key."""
        return next(c for c in self.columns if c.key == key)

    def rows(self, area: Area, period: str) -> tuple[FormRow, ...]:
        """The rows of the table in the return of ``area``."""
        if self.layout == "indicators_down":
            return self.own_rows
        below = areas(on=period, parent=area.code)
        direct = below[below["parent"] == area.code]
        named = list(zip(direct["code"], direct["full_name"], strict=True)) or [(area.code, area.full_name)]
        rows = [FormRow(code, "area", name, area=code) for code, name in named]
        sums = FormRow(
            TOTAL, "total", "Tổng cộng", area=area.code, figure=Figure(total_of=tuple((1, code) for code, _ in named))
        )
        where = self.head.get("total_row", "")
        return tuple([sums, *rows] if where == "top" else [*rows, sums] if where == "bottom" else rows)

    def cells(self, area: Area, period: str) -> Iterator[Cell]:
        """Every cell of value and note columns in the return of ``area``, row by row."""
        for row in self.rows(area, period):
            if row.kind != "group":
                for column in self.columns:
                    if column.kind in ("value", "note"):
                        yield self._cell(row, column, row.area or area.code)

    def _cell(self, row: FormRow, column: FormColumn, area: str) -> Cell:
        if column.kind == "note":
            return Cell(row.key, column.key, "note", area)
        indicator = row.indicator or column.indicator
        figure, role, along = column.figure, column.figure.role, "columns"
        if self.layout == "areas_down":
            if row.kind == "total" and not figure.ratio_of:
                figure = replace(figure, total_of=row.figure.total_of, required=False)
                role, along = "total", "rows"
        elif role != "input":
            keys = figure.ratio_of or tuple(key for _, key in figure.total_of)
            role = role if all(self.is_open(row, key) for key in keys) else "closed"
        else:
            required = row.figure.required and figure.required
            figure = replace(row.figure, required=required, hint=row.figure.hint or figure.hint)
            role, along = figure.role if self.is_open(row, column.key) else "closed", "rows"
        if role in ("input", "closed"):
            figure, along = (figure if role == "input" else Figure()), ""
        return Cell(row.key, column.key, role, area, indicator, column.measure, figure, along)

    def is_open(self, row: FormRow, key: str) -> bool:
        """Whether a row is filled in the column of that key."""
        return not row.columns or self.column(key).measure in row.columns

    def rules(self, rows: tuple[FormRow, ...] | None = None) -> tuple[Rule, ...]:
        """What must add up, in the order of the form; ``rows`` as `Form.rows` gave them, for the total of areas."""
        rules = []
        for along, parts in (("rows", self.own_rows if rows is None else rows), ("columns", self.columns)):
            for part in parts:
                figure = part.figure
                if figure.ratio_of:
                    terms = tuple((1, key) for key in figure.ratio_of)
                    rules.append(Rule("ratio", along, part.key, terms))
                elif figure.total_of:
                    rules.append(Rule("total", along, part.key, figure.total_of))
        return tuple(rules)

    def check_period(self, period: str) -> Period:
        """The period read; an `MttqError` when the form isn't sent for such periods."""
        read = parse_period(period)
        allowed = self.head["cadence"].split()
        if allowed and read.kind not in allowed:
            raise MttqError(f"form {self.id} is sent by {', '.join(allowed)}; {period} is none of these")
        return read

    def due(self, period: str) -> date:
        """The last day on which a return of ``period`` is in time.

        ``due`` in ``forms.csv``: "end+10" or "end-5" counts days from the end of the
        period, "20" is that day of its last month.
        """
        end = parse_period(period).end
        match = DUE.fullmatch(self.head["due"].replace(" ", ""))
        assert match is not None
        if match[1]:
            return end + timedelta(days=int(match[1] + match[2]))
        return end.replace(day=min(int(match[3]), end.day))

    def sender_level(self, period: str) -> str:
        """The first of ``levels`` that exists at the period; "" when none does."""
        levels = self.head["levels"].split()
        return next((level for level in levels if len(areas(on=period, level=level))), "")

    def senders(self, period: str, parent: str | None = None) -> list[Area]:
        """The units that owe a return: those of the first level in ``levels`` that exists at the period."""
        level = self.sender_level(period)
        codes = list(areas(on=period, level=level, parent=parent)["code"]) if level else []
        return [find_area(code, on=period, level=level) for code in codes]

    def sender(self, area: str | Area, period: str) -> Area:
        """The unit of a name or code; where a name leaves several, the one of the level that owes the return."""
        if isinstance(area, Area):
            found = area
        else:
            try:
                found = find_area(area, on=period, level=self.sender_level(period) or None)
            except MttqError:
                found = find_area(area, on=period)
        if found.level not in (levels := self.head["levels"].split()):
            raise MttqError(f"form {self.id} is sent by {' or '.join(levels)}; {found.full_name} is a {found.level}")
        return found

    def placeholders(self, area: Area, period: str) -> dict[str, str]:
        """What the placeholders of the form's texts stand for in the return of ``area``.

        ``{area} {parent} {period} {year} {from} {to} {due} {receiver}``; with a
        capital first letter the words begin so, in capitals they are capitals.
        """
        read = parse_period(period)
        above = find_area(area.parent, on=period).full_name if area.parent else ""
        known = {
            "area": area.full_name[:1].lower() + area.full_name[1:],
            "parent": above[:1].lower() + above[1:],
            "period": read.vi,
            "year": str(read.end.year),
            "from": f"{read.start:%d/%m/%Y}",
            "to": f"{read.end:%d/%m/%Y}",
            "due": f"{self.due(period):%d/%m/%Y}",
        }
        known["receiver"] = self.fill(self.head.get("receiver", ""), known)
        cased = {k.capitalize(): v[:1].upper() + v[1:] for k, v in known.items()}
        return known | cased | {k.upper(): v.upper() for k, v in known.items()}

    def fill(self, text: str, known: dict[str, str]) -> str:
        """``text`` with its placeholders replaced by what `placeholders` gave."""
        if "{" not in text and "}" not in text:
            return text
        try:
            return text.format_map(known)
        except (KeyError, ValueError, IndexError, AttributeError) as exc:
            wanted = " ".join(f"{{{k}}}" for k in known if k.islower())
            raise MttqError(f"form {self.id}: {text!r} has an unknown placeholder; known are {wanted}") from exc
