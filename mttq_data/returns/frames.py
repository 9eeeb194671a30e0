"""From the tables of many files to two frames, through parts that travel lightly between processes."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import accumulate
from operator import itemgetter
from sys import intern
from typing import TYPE_CHECKING, Any

from mttq_data.periods import previous_period
from mttq_data.returns.checks import PROBLEM_COLUMNS, Problem
from mttq_data.returns.files import FileRead, Part
from mttq_data.returns.plans import TORN

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


OBSERVATION_COLUMNS = ("area", "period", "indicator", "measure", "value", "low", "high", "qualifier", "unit", "status", "raw",
                       "form", "source", "sha256", "cell", "revision")  # fmt: skip
_NUMBERS = ("value", "low", "high")
SOUND = frozenset(("ok", "repaired"))
Worded = tuple[str, ...]


@dataclass
class Shape:
    """What tables with the same plan share, along the figures that are observed; ``feeds``: which are computed of each."""

    indicator: np.ndarray
    measure: np.ndarray
    unit: np.ndarray
    cell: np.ndarray
    labels: np.ndarray
    areas: np.ndarray | None
    factors: np.ndarray
    feeds: tuple[tuple[int, ...], ...]
    mark: bytes = b""

    @cached_property
    def keys(self) -> np.ndarray:
        """Indicator and measure of each figure."""
        import numpy as np

        made = np.empty(len(self.indicator), dtype=object)
        made[:] = list(zip(self.indicator.tolist(), self.measure.tolist(), strict=True))
        return made


@dataclass(slots=True, eq=False)
class Kind:
    """What stands in tables of one shape in which the same cells are empty: ``keep`` leaves those out."""

    shape: Shape
    keep: np.ndarray | None

    def along(self, name: str) -> Any:
        """A column of the shape, along the observations."""
        every = getattr(self.shape, name)
        return every if self.keep is None else every[self.keep]

    def fed(self, at: int) -> Sequence[int]:
        """Which observations are computed of one."""
        import numpy as np

        if self.keep is None:
            return self.shape.feeds[at]
        return np.flatnonzero(np.isin(self.keep, self.shape.feeds[self.keep[at]])).tolist()


@dataclass(slots=True)
class Rows:
    """The observations of one table, ready to travel."""

    file: int
    area: str
    period: str
    form: str
    kind: Kind
    count: int
    doubtful: bool
    status: tuple[str, ...] | None = None
    bounds: dict[int, tuple[float | None, float | None, str]] | None = None


@dataclass
class Tables:
    """Whose each table is and where its observations begin: columns, so that a table among many takes few bytes."""

    form: list[str] = field(default_factory=list)
    area: list[str] = field(default_factory=list)
    period: list[str] = field(default_factory=list)
    kind: list[Kind] = field(default_factory=list)
    file: array[int] = field(default_factory=lambda: array("q"))
    start: array[int] = field(default_factory=lambda: array("q"))
    doubtful: bytearray = field(default_factory=bytearray)

    def add(self, rows: Rows, kind: Kind, file: int, start: int) -> None:
        """Take note of a table."""
        self.form.append(intern(rows.form))
        self.area.append(intern(rows.area))
        self.period.append(intern(rows.period))
        self.kind.append(kind)
        self.file.append(file)
        self.start.append(start)
        self.doubtful.append(rows.doubtful)

    def by_period(self) -> dict[tuple[str, str], array[int]]:
        """The numbers of the tables of each form and period."""
        found: dict[tuple[str, str], array[int]] = {}
        for number, key in enumerate(zip(self.form, self.period, strict=True)):
            found.setdefault(key, array("q")).append(number)
        return found


@dataclass
class Chunk:
    """What came out of some files, ready to travel."""

    sources: list[str] = field(default_factory=list)
    sha256: list[str] = field(default_factory=list)
    tables: list[Rows] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    problems: list[Worded] = field(default_factory=list)

    def add(self, read: FileRead) -> None:
        """Take what is needed of a file."""
        number = len(self.sources)
        self.sources.append(read.source)
        self.sha256.append(read.sha256)
        self.problems += worded(read.problems)
        for part in read.parts:
            self._add_table(number, part)

    def _add_table(self, number: int, part: Part) -> None:
        import numpy as np

        table = part.table
        seen, pick, scaled, shape = _shape_of(part)
        keep, status = None, pick(table.marks())
        raw = pick(table.raw)
        values = (table.plain if table.plain is not None else np.array(table.values, dtype=float))[seen]
        if len(scaled):
            values[scaled] = np.round(values[scaled] * shape.factors[scaled], 4)
        if "blank" in status:
            keep = np.array([i for i, s in enumerate(status) if s != "blank"], dtype=np.int32)
            status, raw = tuple(status[i] for i in keep), tuple(raw[i] for i in keep)
            values = values[keep]
        rows = Rows(number, part.area, part.period, part.form.id, Kind(shape, keep), len(status), part.doubtful)
        if status.count("ok") != len(status):
            rows.status = status
        if table.bounds:
            rows.bounds = _bounds(part, seen if keep is None else seen[keep], rows)
        self.tables.append(rows)
        self.values.append(values)
        self.raw += raw

    def packed(self) -> Chunk:
        """The same with the values in one piece."""
        import numpy as np

        self.values = [np.concatenate(self.values)] if self.values else []
        return self


def worded(problems: Iterable[Problem]) -> Iterator[Worded]:
    """Problems as rows of the contract, those left out whose check is off."""
    return (tuple(row.values()) for p in problems if (row := p.row()) is not None)


def _bounds(part: Part, places: np.ndarray, rows: Rows) -> dict[int, tuple[float | None, float | None, str]]:
    factors, made = rows.kind.along("factors"), {}
    for i, n in enumerate(places.tolist()):
        low, high, qualifier = part.table.bounds.get(n, (None, None, "exact"))
        if qualifier != "exact":
            factor = float(factors[i])
            made[i] = (None if low is None else low * factor, None if high is None else high * factor, qualifier)
    return made


_Shaped = tuple[Any, Any, Any, Shape]
_shapes: dict[tuple[int, str], tuple[Any, _Shaped]] = {}


def _shape_of(part: Part) -> _Shaped:
    """The observed figures of a plan, a getter of theirs, those to be scaled, and the shape; made once a plan and sheet name."""
    plan = part.table.plan
    key = (id(plan), part.sheet.name)
    known = _shapes.get(key)
    if known is not None and known[0] is plan:
        return known[1]
    if len(_shapes) > 50:
        _shapes.clear()
    made = _new_shape(part)
    _shapes[key] = (plan, made)
    return made


def _new_shape(part: Part) -> _Shaped:
    import numpy as np

    def texts(found: Iterable[str]) -> np.ndarray:
        return np.array(list(found), dtype=object)

    plan = part.table.plan
    seen = [n for n, observed in enumerate(plan.observed) if observed]
    chosen = [plan.cells[n] for n in seen]
    along = {n: i for i, n in enumerate(seen)}
    shape = Shape(
        texts(c.indicator for c in chosen),
        texts(c.measure for c in chosen),
        texts(plan.units[n] for n in seen),
        texts(f"{part.sheet.name}!{plan.addresses[n]}" for n in seen),
        texts(plan.labels[n] for n in seen),
        texts(c.area for c in chosen) if part.form.layout == "areas_down" else None,
        np.array([plan.figures[n].factor for n in seen], dtype=float),
        tuple(tuple(along[t] for t in plan.feeds[n] if t in along) for n in seen),
    )
    shape.mark = sha256(repr([v if v is None or isinstance(v, tuple) else list(v) for v in vars(shape).values()]).encode()).digest()  # fmt: skip
    # A getter of one place gives no tuple.
    pick = itemgetter(*seen) if len(seen) > 1 else lambda every: tuple(every[n] for n in seen)
    return np.array(seen, dtype=int), pick, np.flatnonzero(shape.factors != 1.0), shape


class Collected:
    """The columns of the result, filled as files come in, so that nothing else need be kept of them.

    Parameters
    ----------
    files : int
        How many there will be; the first ones tell how much room they take.
    """

    def __init__(self, files: int) -> None:
        self.files = files
        self.rows = 0
        self.sources: list[str] = []
        self.sha256: list[str] = []
        self.tables = Tables()
        self.problems: list[Worded] = []
        self.columns: dict[str, Any] = {}
        self.shapes: dict[bytes, Shape] = {}
        self.kinds: dict[tuple[bytes, bytes], Kind] = {}

    def add(self, chunk: Chunk) -> None:
        """Take over the results of some files."""
        import numpy as np

        first, lengths = len(self.sources), [rows.count for rows in chunk.tables]
        self.sources += chunk.sources
        self.sha256 += chunk.sha256
        self.problems += chunk.problems
        here = self._room(sum(lengths), len(chunk.sources))
        column = {name: values[here] for name, values in self.columns.items()}
        for name in ("period", "area", "form"):
            column[name][:] = np.repeat(
                np.array([intern(getattr(r, name)) for r in chunk.tables], dtype=object), lengths
            )
        for name, said in (("source", chunk.sources), ("sha256", chunk.sha256)):
            column[name][:] = np.repeat(np.array([said[r.file] for r in chunk.tables], dtype=object), lengths)
        for name, same in (("status", "ok"), ("qualifier", "exact"), ("sound", True), ("revision", 1)):
            column[name].fill(same)
        column["raw"][:] = chunk.raw
        kinds = [self._known(rows.kind) for rows in chunk.tables]
        if kinds:
            for name in ("indicator", "measure", "unit", "cell"):
                np.concatenate([kind.along(name) for kind in kinds], out=column[name])
            for name in _NUMBERS:
                np.concatenate(chunk.values, out=column[name])
        for start, rows, kind in zip(accumulate(lengths, initial=0), chunk.tables, kinds, strict=False):
            self._take(column, start, rows, kind)
            self.tables.add(rows, kind, first + rows.file, here.start + start)

    def _room(self, rows: int, files: int) -> slice:
        """Where the next rows go; the columns grow in place where they are full."""
        import numpy as np

        end = self.rows + rows
        if not self.columns:
            size = max(rows, math.ceil(rows * self.files / max(files, 1)))
            kinds = dict.fromkeys(_NUMBERS, float) | {"revision": np.int64, "sound": bool}
            self.columns = {c: np.empty(size, dtype=kinds.get(c, object)) for c in (*OBSERVATION_COLUMNS, "sound")}
        elif end > len(self.columns["value"]):
            size = end + end // 8
            for values in self.columns.values():
                values.resize(size, refcheck=False)
        here = slice(self.rows, end)
        self.rows = end
        return here

    def _known(self, kind: Kind) -> Kind:
        """The same kind as met first, so that it is kept once."""
        key = kind.shape.mark, b"" if kind.keep is None else kind.keep.tobytes()
        if key not in self.kinds:
            self.kinds[key] = Kind(self.shapes.setdefault(kind.shape.mark, kind.shape), kind.keep)
        return self.kinds[key]

    def _take(self, column: dict[str, Any], start: int, rows: Rows, kind: Kind) -> None:
        """What is special in a table."""
        end = start + rows.count
        if kind.shape.areas is not None:
            column["area"][start:end] = kind.along("areas")
        if rows.status is not None:
            column["status"][start:end] = ["suspect" if s == TORN else s for s in rows.status]
            column["sound"][start:end] = [s in SOUND or s == TORN for s in rows.status]
        for i, (least, most, said) in (rows.bounds or {}).items():
            at = start + i
            column["low"][at] = math.nan if least is None else least
            column["high"][at] = math.nan if most is None else most
            column["qualifier"][at] = said

    def asked(self) -> tuple[set[str] | None, set[str]]:
        """Whose earlier figures, and of which periods, the returns are compared with; None where one names many units."""
        down = any(kind.shape.areas is not None for kind in self.kinds.values())
        periods = {previous_period(period) for period in set(self.tables.period)} - {""}
        return (None if down else set(self.tables.area)), periods

    def frames(self, previous: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Compare the returns with each other and with earlier ones; the two frames."""
        import pandas as pd

        from mttq_data.returns.peers import compare_returns

        self.problems += worded(self._same_return_twice())
        self.problems += worded(compare_returns(self, previous))
        self._room(0, 0)
        made: dict[str, Any] = {}
        for name in OBSERVATION_COLUMNS:
            values = self.columns.pop(name)
            values.resize(self.rows, refcheck=False)
            made[name] = pd.array(values, dtype="str", copy=False) if values.dtype == object else values
        return pd.DataFrame(made, copy=False), self._problem_frame()

    def _problem_frame(self) -> pd.DataFrame:
        import pandas as pd

        at = PROBLEM_COLUMNS.index("source")
        told = {row[at] for row in self.problems}
        order: dict[str, int] = {}
        for n, source in enumerate(self.sources):
            if source in told:
                order.setdefault(source, n)
        self.problems.sort(key=lambda row: order.get(row[at], 0))
        columns = zip(*self.problems, strict=True) if self.problems else ((),) * len(PROBLEM_COLUMNS)
        return pd.DataFrame({c: pd.array(list(v), dtype="str") for c, v in zip(PROBLEM_COLUMNS, columns, strict=True)})

    def _same_return_twice(self) -> Iterator[Problem]:
        tables = self.tables
        for (_, period), numbers in tables.by_period().items():
            seen: dict[str, int] = {}
            for n in numbers if period else ():
                area = tables.area[n]
                if tables.doubtful[n] or not area:
                    continue
                first, source = (self.sources[tables.file[t]] for t in (seen.setdefault(area, n), n))
                if first != source:
                    cells = tables.kind[n].along("cell")
                    where = cells[0].rsplit("!", 1)[0] + "!A1" if len(cells) else ""
                    yield Problem("duplicate_return", where, source, first, area=area, period=period,
                                  source=source, sha256=self.sha256[tables.file[n]])  # fmt: skip
