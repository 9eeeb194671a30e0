"""Returns of districts and communes, read whatever was done to the form.

`read_return` reads one workbook, `read_returns` many, in one process or on any
``concurrent.futures`` executor. Every cell of a form's table becomes an
observation or a problem; `cell_roles` says what each other cell was taken for.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.hostile import RefusedFile, library_failed
from mttq_data.return_checks import Entity, Problem, compare_entities, problem_frame
from mttq_data.return_files import Expected, FileRead, Part, read_file, refused
from mttq_data.return_knowledge import refresh

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

OBSERVATION_COLUMNS = ("area", "period", "indicator", "measure", "value", "low", "high", "qualifier", "unit", "status", "raw",
                       "form", "source", "sha256", "cell", "revision")  # fmt: skip
_CHUNK = 50


def read_return(
    path: str | Path, *, form: str = "", area: str = "", period: str = "", previous: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read one return.

    Parameters
    ----------
    path : str or Path
        ``.xlsx .xlsm .xlsb .xls .ods .csv``, filled in by hand.
    form, area, period : str, optional
        What it should be; a return that says otherwise gets a problem. Where the
        return itself says nothing, these count.
    previous : DataFrame, optional
        Observations of the previous period, to compare with.

    Returns
    -------
    (observations, problems) : tuple of DataFrame
        Observations: ``area, period, indicator, measure`` (plan, period,
        cumulative), ``value, low, high`` (base units: đồng, percent, …),
        ``qualifier, unit, status`` (ok; repaired: one reading, the raw kept;
        suspect: two readings, counts in no total; missing), ``raw`` (as it stood),
        ``form, source, sha256, cell`` (Sheet!A1), ``revision``. Problems: ``check,
        severity, source, sha256, where`` (Sheet!A1), ``indicator, area, period,
        found, expected, message_vi, message_en``.

    Raises
    ------
    MttqError
        The file is not read at all: one line says why.

    Examples
    --------
    >>> import tempfile
    >>> from mttq_data.template import write_template
    >>> path = write_template(Path(tempfile.mkdtemp()) / "a.xlsx", "front_work", "H. Lục Nam", "2024-Q4")
    >>> observations, problems = read_return(path)
    >>> set(observations["status"]), set(observations["area"])
    ({'missing'}, {'218'})
    """
    refresh()
    batch = _batch_of(path, _expected(form, area, period))
    if batch.refusal is not None:
        raise batch.refusal
    return _frames([batch], previous)


def read_returns(
    paths: Iterable[str | Path] | str | Path, executor: Executor | None = None, *, form: str = "",
    previous: pd.DataFrame | None = None, progress: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Read many returns and compare them with each other and with the periods before.

    Parameters
    ----------
    paths : iterable of str or Path, or a folder
        Files; of a folder, every file in it.
    executor : concurrent.futures.Executor, optional
        Where to read: a ``ProcessPoolExecutor``, or a Dask cluster's
        (``Client.get_executor()``). The frames are the same with any.
    form : str, optional
        The form they should be of.
    previous : DataFrame, optional
        Observations of earlier periods, to compare with.
    progress : bool, optional
        Show a progress bar.

    Returns
    -------
    (observations, problems) : tuple of DataFrame
        As of `read_return`, in the order of ``paths``. A file that could not be
        read is a problem ``unreadable``; the others are read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.xlsx").write_bytes(b"")
    >>> read_returns([folder / "a.xlsx"], progress=False)[1]["check"].tolist()
    ['unreadable']
    """
    refresh()
    files = _files(paths)
    expected = _expected(form, "", "")
    chunks = [(files[i : i + _CHUNK], expected) for i in range(0, len(files), _CHUNK)]
    batches: list[_Batch] = []
    with _bar(len(files), progress) as bar:
        for done in executor.map(_read_chunk, chunks) if executor is not None else map(_read_chunk, chunks):
            batches += done
            bar.update(len(done))
    return _frames(batches, previous)


def cell_roles(path: str | Path) -> pd.DataFrame:
    """What every filled cell of a return was taken for.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    DataFrame
        ``sheet, cell, role, raw``; ``role`` is one of title, header, label, input,
        total, note, outside. The hidden identity sheet of a template is outside.

    Examples
    --------
    >>> import tempfile
    >>> from mttq_data.template import write_template
    >>> path = write_template(Path(tempfile.mkdtemp()) / "a.xlsx", "front_work", "H. Lục Nam", "2024-Q4")
    >>> roles = cell_roles(path).set_index("cell")["role"]
    >>> roles["A1"], roles["B13"]
    ('title', 'label')
    """
    import pandas as pd

    from mttq_data.cell_values import raw_text
    from mttq_data.grids import letters

    refresh()
    read = read_file(path)
    rows = []
    for sheet in read.book.sheets if read.book else []:
        plan = read.layouts.get(sheet.name)
        cells = dict(zip(plan.places, plan.cells, strict=True)) if plan else {}
        by_place = plan.layout.roles(sheet, cells) if plan else {}
        notes = set(plan.notes.values()) if plan else set()
        for r, row in enumerate(sheet.rows):
            for c, value in enumerate(row):
                held = value if value != "" else sheet.errors.get((r, c)) or sheet.formulas.get((r, c), ("", False))[0]
                if held != "":
                    role = "note" if (r, c) in notes else by_place.get((r, c), "outside")
                    rows.append((sheet.name, f"{letters(c)}{r + 1}", role, raw_text(held)))
    return pd.DataFrame(rows, columns=["sheet", "cell", "role", "raw"]).astype("str")


def _expected(form: str, area: str, period: str) -> Expected:
    from mttq_data.area_codes import find_area
    from mttq_data.forms import form as read_form
    from mttq_data.periods import parse_period

    if form:
        read_form(form)
    when = parse_period(period).text if period else ""
    return Expected(form, find_area(area, on=when or "2024-12-31").code if area else "", when)


def _files(paths: Iterable[str | Path] | str | Path) -> list[Path]:
    if isinstance(paths, str | Path):
        folder = Path(paths)
        if not folder.exists():
            raise MttqError(f"{folder}: there is no such folder or file")
        if not folder.is_dir():
            return [folder]
        return sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() not in (".json", ".md") and p.name[0] != ".")
    return [Path(p) for p in paths]


def _bar(total: int, progress: bool) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, disable=not progress, unit="file", leave=False)


@dataclass
class _Shape:
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
class _Rows:
    """The observations of one table, ready to travel."""

    area: str
    period: str
    form: str
    shape: _Shape
    values: np.ndarray
    status: tuple[str, ...]
    raw: tuple[str, ...]
    bounds: dict[int, tuple[float | None, float | None, str]]
    doubtful: bool = False


@dataclass
class _Batch:
    """One file's part of the result."""

    source: str
    sha256: str
    rows: list[_Rows] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refusal: RefusedFile | None = None


def _read_chunk(job: tuple[Sequence[Path], Expected]) -> list[_Batch]:
    refresh()
    # Reading makes many objects and no cycles; looking for some each time costs a tenth.
    running = gc.isenabled()
    gc.disable()
    try:
        return [_batch_of(path, job[1]) for path in job[0]]
    finally:
        if running:
            gc.enable()


def _batch_of(path: str | Path, expected: Expected) -> _Batch:
    import os

    try:
        read = read_file(path, expected)
    except RefusedFile as exc:
        out = refused(path, exc)
        return _Batch(out.source, "", [], out.problems, exc)
    except MemoryError as exc:
        refusal = library_failed(str(path), exc)
        return _Batch(refused(path, refusal).source, "", [], refused(path, refusal).problems, refusal)
    except MttqError:
        raise
    except Exception as exc:
        if os.environ.get("MTTQ_DEBUG"):
            raise
        refusal = RefusedFile(str(path), "internal", f"internal error ({type(exc).__name__}: {str(exc)[:100]}); set MTTQ_DEBUG=1 to see where",
                              "lỗi của phần mềm khi đọc tệp này")  # fmt: skip
        return _Batch(refused(path, refusal).source, "", [], refused(path, refusal).problems, refusal)
    return _compact(read)


_sound: dict[tuple[str, ...], tuple[str, ...]] = {}
_shapes: dict[tuple[int, str, bytes], tuple[Any, _Shape]] = {}


def _shape_of(part: Part, blank: bytes) -> _Shape:
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
    made = _Shape(
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


def _compact(read: FileRead) -> _Batch:
    import numpy as np

    batch = _Batch(read.source, read.sha256, [], read.problems)
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
                    bounds[i] = (None if low is None else low * factor, None if high is None else high * factor, qualifier)
        # A getter of one place gives no tuple; a second place that is cut off again makes all alike.
        pick = itemgetter(*keep, 0, 0)
        status, raw = pick(table.status)[:-2], pick(table.raw)[:-2]
        # Most returns are sound throughout: they share one tuple that says so.
        status = _sound.setdefault(status, status) if len(_sound) < 500 else status
        batch.rows.append(_Rows(part.area, part.period, part.form.id, shape, scaled, status, raw, bounds, part.doubtful))
    return batch


def _frames(batches: list[_Batch], previous: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
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


def _columns(every: list[tuple[_Batch, _Rows]]) -> dict[str, Any]:
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


def _same_return_twice(every: list[tuple[_Batch, _Rows]]) -> list[Problem]:
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


def _compare(every: list[tuple[_Batch, _Rows]], previous: pd.DataFrame | None) -> list[Problem]:
    from mttq_data.return_tables import flow_indicators

    entities: list[Entity] = []
    places: list[tuple[_Rows, np.ndarray]] = []
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
        if problem.check != "stock_jump":
            status = list(rows.status)
            for position in at:
                if (rows.shape.indicator[position], rows.shape.measure[position]) in keys and status[position] in ("ok", "repaired"):
                    status[position] = "suspect"
            rows.status = tuple(status)
        problems.append(problem)
    return problems


def _areas_of(rows: _Rows) -> list[tuple[str, np.ndarray]]:
    import numpy as np

    areas = rows.shape.areas
    if areas is None:
        return [(rows.area, np.arange(len(rows.status)))]
    return [(a, np.flatnonzero(areas == a)) for a in dict.fromkeys(areas) if a != rows.area]


def _entity(batch: _Batch, rows: _Rows, area: str, at: np.ndarray) -> Entity:
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
    return Entity(rows.form, area, rows.period, batch.source, batch.sha256, shape.keys, values, factors, position, shape.cells, shape.labels)


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
