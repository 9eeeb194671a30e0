"""From the tables of many files to two frames, through parts that travel lightly between processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from mttq_data.returns.checks import Entity, Problem, compare_entities, problem_frame
from mttq_data.returns.files import FileRead, Part
from mttq_data.returns.hostile import RefusedFile

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


OBSERVATION_COLUMNS = ("area", "period", "indicator", "measure", "value", "low", "high", "qualifier", "unit", "status", "raw",
                       "form", "source", "sha256", "cell", "revision")  # fmt: skip


@dataclass
class Shape:
    """What tables with the same plan share: along their observations, and by slot of the plan's keys."""

    keep: np.ndarray
    indicator: np.ndarray
    measure: np.ndarray
    unit: np.ndarray
    cells: np.ndarray
    areas: np.ndarray | None
    labels: np.ndarray
    factors: np.ndarray
    slots: np.ndarray
    keys: tuple[tuple[str, str], ...]


@dataclass
class Rows:
    """The observations of one table, ready to travel."""

    area: str
    period: str
    form: str
    shape: Shape
    values: np.ndarray
    status: tuple[str, ...]
    raw: tuple[str, ...]
    bounds: dict[int, tuple[float | None, float | None, str]]
    doubtful: bool = False


@dataclass
class Batch:
    """One file's part of the result."""

    source: str
    sha256: str
    rows: list[Rows] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refusal: RefusedFile | None = None


_sound: dict[tuple[str, ...], tuple[str, ...]] = {}

_shapes: dict[tuple[int, str, bytes], tuple[Any, Shape]] = {}


def _shape_of(part: Part, blank: bytes) -> Shape:
    """The shape of a table: made once for each plan, sheet name and set of empty cells."""
    import numpy as np

    plan = part.table.plan
    key = (id(plan), part.sheet.name, blank)
    known = _shapes.get(key)
    if known is not None and known[0] is plan:
        return known[1]
    if len(_shapes) > 200:
        _shapes.clear()
    keep = np.flatnonzero(np.array(plan.observed, dtype=bool) & (np.frombuffer(blank, dtype=np.uint8) == 0))
    slots = {name: i for i, name in enumerate(plan.keys)}
    chosen = [plan.cells[n] for n in keep]
    made = Shape(
        keep,
        np.array([c.indicator for c in chosen], dtype=object),
        np.array([c.measure for c in chosen], dtype=object),
        np.array([plan.units[n] for n in keep], dtype=object),
        np.array([f"{part.sheet.name}!{plan.addresses[n]}" for n in keep], dtype=object),
        np.array([c.area for c in chosen], dtype=object) if part.form.layout == "areas_down" else None,
        np.array([plan.labels[n] for n in keep], dtype=object),
        np.array([plan.figures[n].factor for n in keep]),
        np.array([slots[c.indicator, c.measure] for c in chosen], dtype=int),
        plan.keys,
    )
    _shapes[key] = (plan, made)
    return made


def compact(read: FileRead) -> Batch:
    import numpy as np

    batch = Batch(read.source, read.sha256, [], read.problems)
    for part in read.parts:
        table = part.table
        shape = _shape_of(part, bytes([s == "blank" for s in table.status]))
        every = table.plain if table.plain is not None else np.array(table.values, dtype=float)
        values = every[shape.keep]
        scaled = np.where(shape.factors == 1.0, values, np.round(values * shape.factors, 4))
        keep = shape.keep.tolist()
        bounds = {}
        if table.bounds:
            for i, n in enumerate(keep):
                low, high, qualifier = table.bounds.get(n, (None, None, "exact"))
                if qualifier != "exact":
                    factor = float(shape.factors[i])
                    bounds[i] = (
                        None if low is None else low * factor,
                        None if high is None else high * factor,
                        qualifier,
                    )
        # A getter of one place gives no tuple; a second place that is cut off again makes all alike.
        pick = itemgetter(*keep, 0, 0)
        status, raw = pick(table.status)[:-2], pick(table.raw)[:-2]
        # Most returns are sound throughout: they share one tuple that says so.
        status = _sound.setdefault(status, status) if len(_sound) < 500 else status
        batch.rows.append(Rows(part.area, part.period, part.form.id, shape, scaled, status, raw, bounds, part.doubtful))
    return batch


def frames(batches: list[Batch], previous: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    problems = [p for b in batches for p in b.problems]
    every = [(b, rows) for b in batches for rows in b.rows]
    problems += _same_return_twice(every)
    problems += _compare(every, previous)
    order = {b.source: i for i, b in reversed(list(enumerate(batches)))}
    problems.sort(key=lambda p: order.get(p.source, 0))
    columns = _columns(every)
    frame = pd.DataFrame({c: columns[c] for c in OBSERVATION_COLUMNS}, copy=False)
    return frame, problem_frame(problems)


def _columns(every: list[tuple[Batch, Rows]]) -> dict[str, Any]:
    import numpy as np
    import pandas as pd

    lengths = [len(rows.status) for _, rows in every]

    def each(said: list[str]) -> Any:
        return np.repeat(np.array(said, dtype=object), lengths)

    def joined(parts: list[Any], kind: Any = object) -> Any:
        return np.concatenate(parts) if parts else np.array([], dtype=kind)

    values = joined([rows.values for _, rows in every], float)
    low, high = values.copy(), values.copy()
    qualifier = _same("exact", len(values))
    start = 0
    for length, (_, rows) in zip(lengths, every, strict=True):
        for i, (least, most, said) in rows.bounds.items():
            low[start + i] = np.nan if least is None else least
            high[start + i] = np.nan if most is None else most
            qualifier[start + i] = said
        start += length
    # One column after the other: what it is made of goes before the next is begun.
    text: dict[str, Callable[[], Any]] = {
        "area": lambda: joined([_same(r.area, n) if r.shape.areas is None else r.shape.areas
                                for n, (_, r) in zip(lengths, every, strict=True)]),
        "period": lambda: each([r.period for _, r in every]),
        "indicator": lambda: joined([r.shape.indicator for _, r in every]),
        "measure": lambda: joined([r.shape.measure for _, r in every]),
        "unit": lambda: joined([r.shape.unit for _, r in every]),
        "qualifier": lambda: qualifier,
        "status": lambda: np.fromiter(chain.from_iterable(r.status for _, r in every), dtype=object, count=len(values)),
        "raw": lambda: np.fromiter(chain.from_iterable(r.raw for _, r in every), dtype=object, count=len(values)),
        "form": lambda: each([r.form for _, r in every]),
        "source": lambda: each([b.source for b, _ in every]),
        "sha256": lambda: each([b.sha256 for b, _ in every]),
        "cell": lambda: joined([r.shape.cells for _, r in every]),
    }  # fmt: skip
    made: dict[str, Any] = {name: pd.array(column(), dtype="str") for name, column in text.items()}
    return made | {"value": values, "low": low, "high": high, "revision": np.ones(len(values), dtype="int64")}


def _same(text: str, count: int) -> np.ndarray:
    """One text many times; `numpy.full` would make a copy for each."""
    import numpy as np

    made = np.empty(count, dtype=object)
    made.fill(text)
    return made


def _same_return_twice(every: list[tuple[Batch, Rows]]) -> list[Problem]:
    seen: dict[tuple[str, str, str], str] = {}
    found = []
    for batch, rows in every:
        if rows.doubtful:
            continue
        key = (rows.form, rows.area, rows.period)
        first = seen.setdefault(key, batch.source)
        if first != batch.source and rows.area and rows.period:
            where = str(rows.shape.cells[0]).rsplit("!", 1)[0] + "!A1" if rows.status else ""
            found.append(Problem("duplicate_return", where, batch.source, first, area=rows.area, period=rows.period,
                                 source=batch.source, sha256=batch.sha256))  # fmt: skip
    return found


def _compare(every: list[tuple[Batch, Rows]], previous: pd.DataFrame | None) -> list[Problem]:
    from mttq_data.returns.plans import flow_indicators

    entities: list[Entity] = []
    places: list[tuple[Rows, np.ndarray]] = []
    for batch, rows in every:
        for area, at in _areas_of(rows):
            entities.append(_entity(batch, rows, area, at))
            places.append((rows, at))
    if not entities or (len(entities) == 1 and previous is None):
        return []
    earlier = _earlier(previous, entities) if previous is not None else []
    problems = []
    for n, i, problem in compare_entities(entities, flow_indicators(), earlier):
        rows, at = places[n]
        keys = [entities[n].keys[i]]
        if problem.check == "cumulative_chain":
            keys.append((keys[0][0], "period"))
        if problem.check not in ("stock_jump", "opening_balance"):
            status = list(rows.status)
            for position in at:
                if (rows.shape.indicator[position], rows.shape.measure[position]) in keys and status[position] in (
                    "ok",
                    "repaired",
                ):
                    status[position] = "suspect"
            rows.status = tuple(status)
        problems.append(problem)
    return problems


def _areas_of(rows: Rows) -> list[tuple[str, np.ndarray]]:
    import numpy as np

    areas = rows.shape.areas
    if areas is None:
        return [(rows.area, np.arange(len(rows.status)))]
    return [(a, np.flatnonzero(areas == a)) for a in dict.fromkeys(areas) if a != rows.area]


def _entity(batch: Batch, rows: Rows, area: str, at: np.ndarray) -> Entity:
    import numpy as np

    shape = rows.shape
    size = len(shape.keys)
    position = np.full(size, -1)
    position[shape.slots[at]] = at
    values, factors = np.full(size, np.nan), np.ones(size)
    factors[shape.slots[at]] = shape.factors[at]
    if set(rows.status) <= {"ok", "repaired"}:
        values[shape.slots[at]] = rows.values[at]
    else:
        good = at[[rows.status[i] in ("ok", "repaired") for i in at]]
        values[shape.slots[good]] = rows.values[good]
    return Entity(
        rows.form,
        area,
        rows.period,
        batch.source,
        batch.sha256,
        shape.keys,
        values,
        factors,
        position,
        shape.cells,
        shape.labels,
    )


def _earlier(previous: pd.DataFrame, entities: list[Entity]) -> list[Entity]:
    """Earlier observations in the shape of the entities they are compared with."""
    import numpy as np

    keys_of = {e.form: e.keys for e in entities}
    usable = previous[previous["status"].isin(["ok", "repaired", "accepted"])]
    made, none = [], np.array([])
    for name, part in usable.groupby(["form", "area", "period"], sort=False):
        form, area, period = map(str, name)
        keys = keys_of.get(form)
        if keys is None:
            continue
        slots = {key: i for i, key in enumerate(keys)}
        values = np.full(len(keys), np.nan)
        for indicator, measure, value in zip(part["indicator"], part["measure"], part["value"], strict=True):
            if (indicator, measure) in slots:
                values[slots[indicator, measure]] = value
        made.append(Entity(form, area, period, "", "", keys, values, np.ones(len(keys)), none, none, none))
    return made
