"""Returns of districts and communes, read whatever was done to the form.

`read_return` reads one workbook, `read_returns` many, in one process or on any
``concurrent.futures`` executor. Every cell of a form's table becomes an
observation or a problem; `cell_roles` says what each other cell was taken for.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.returns.files import Expected, FileRead, read_file, refused
from mttq_data.returns.frames import OBSERVATION_COLUMNS, Chunk, Collected
from mttq_data.returns.grids import Workbook, open_workbook
from mttq_data.returns.hostile import look
from mttq_data.returns.knowledge import refresh
from mttq_data.returns.packages import Package
from mttq_data.returns.refusals import RefusedFile, library_failed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OBSERVATION_COLUMNS", "cell_roles", "read_return", "read_returns"]


# Earlier observations of some areas (None: of all) and periods; None where there are none.
Earlier = Callable[[set[str] | None, set[str]], "pd.DataFrame | None"]
_CHUNK = 50
# As many bytes may wait to be read.
_AHEAD = 4_000_000


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
    >>> from mttq_data.forms.template import write_template
    >>> path = write_template(Path(tempfile.mkdtemp()) / "a.xlsx", "front_work", "H. Lục Nam", "2024-Q4")
    >>> observations, problems = read_return(path)
    >>> set(observations["status"]), set(observations["area"])
    ({'missing'}, {'218'})
    """
    refresh()
    chunk, collected = Chunk(), Collected(1)
    chunk.add(_read(path, _expected(form, area, period)))
    collected.add(chunk)
    return collected.frames(previous)


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
    return read_many(paths, executor, form, lambda areas, periods: previous, progress)


def read_many(
    paths: Iterable[str | Path] | str | Path, executor: Executor | None, form: str, earlier: Earlier, progress: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`read_returns` for one who knows only when the returns are read which earlier figures they are compared with."""
    refresh()
    files = _files(paths)
    expected = _expected(form, "", "")
    jobs = [(part, expected) for part in _parts(files, 1 if executor is None else 16)]
    collected = Collected(len(files))
    with _bar(len(files), progress) as bar:
        for done in executor.map(_read_chunk, jobs) if executor is not None else map(_read_chunk, jobs):
            collected.add(done)
            bar.update(len(done.sources))
    return collected.frames(earlier(*collected.asked()))


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
    >>> from mttq_data.forms.template import write_template
    >>> path = write_template(Path(tempfile.mkdtemp()) / "a.xlsx", "front_work", "H. Lục Nam", "2024-Q4")
    >>> roles = cell_roles(path).query("sheet == 'Số liệu'").set_index("cell")["role"]
    >>> roles["A1"], roles["B13"]
    ('title', 'label')
    """
    import pandas as pd

    from mttq_data.returns.cell_values import raw_text
    from mttq_data.returns.grids import letters

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
    from mttq_data.forms.forms import form as read_form
    from mttq_data.periods import parse_period
    from mttq_data.places.area_codes import find_area

    if form:
        read_form(form)
    when = parse_period(period).text if period else ""
    return Expected(form, find_area(area, on=when or "2024-12-31").code if area else "", when)


def _parts(files: Sequence[str | Path], share: int) -> Iterator[Sequence[str | Path]]:
    """The files in parts, for many processes smaller ones towards the end, so that none waits long for another's last."""
    start = 0
    while start < len(files):
        end = start + min(_CHUNK, max(8, (len(files) - start) // share))
        yield files[start:end]
        start = end


def _files(paths: Iterable[str | Path] | str | Path) -> Sequence[str | Path]:
    if isinstance(paths, str | Path):
        folder = Path(paths)
        if not folder.exists():
            raise MttqError(f"{folder}: there is no such folder or file")
        if not folder.is_dir():
            return [folder]
        return sorted(
            p for p in folder.iterdir() if p.is_file() and p.suffix.lower() not in (".json", ".md") and p.name[0] != "."
        )
    return list(paths)


def _bar(total: int, progress: bool) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, disable=not progress, unit="file", leave=False)


def _read_chunk(job: tuple[Sequence[str | Path], Expected]) -> Chunk:
    refresh()
    chunk = Chunk()
    # Reading makes many objects and no cycles; looking for some each time costs a tenth.
    running = gc.isenabled()
    gc.disable()
    try:
        for path, opened in zip(job[0], _opened(job[0]), strict=True):
            try:
                chunk.add(_read(opened, job[1]))
            except RefusedFile as exc:
                chunk.add(refused(path, exc))
        return chunk.packed()
    finally:
        if running:
            gc.enable()


def _opened(paths: Sequence[str | Path]) -> Iterator[Path | Package | Workbook]:
    """The files opened some at a time: the same step on many in a row runs faster than all steps in turn."""
    looked: list[Path | Package] = []
    held = 0
    for number, path in enumerate(paths, 1):
        # A path keeps what it was asked for; this one goes with the file.
        looked.append(_tried(look, Path(path)))
        held += looked[-1].held() if isinstance(looked[-1], Package) else 0
        if held > _AHEAD or number == len(paths):
            yield from [_tried(open_workbook, one) for one in looked]
            looked, held = [], 0


def _tried(step: Callable[[Any], Any], one: Any) -> Any:
    """What comes of a step, or the same as before: what fails is tried again, and told, in its turn."""
    try:
        return step(one)
    except Exception:  # noqa: BLE001 - told when its turn comes
        return one


def _read(path: str | Path | Package | Workbook, expected: Expected) -> FileRead:
    import os

    name = str(getattr(path, "path", path))
    try:
        return read_file(path, expected)
    except MemoryError as exc:
        raise library_failed(name, exc) from exc
    except MttqError:
        raise
    except Exception as exc:
        if os.environ.get("MTTQ_DEBUG"):
            raise
        raise RefusedFile(name, "internal", f"internal error ({type(exc).__name__}: {str(exc)[:100]}); set MTTQ_DEBUG=1 to see where",
                          "lỗi của phần mềm khi đọc tệp này") from exc  # fmt: skip
