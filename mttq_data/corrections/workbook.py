"""What a person wrote into the workbook of statistics, read back.

The sheets may be sorted, filtered, saved by another program; rows may be gone
and columns added. A row is known by its own cells, never by its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.corrections.entries import Entries
from mttq_data.corrections.file import Entry, identity
from mttq_data.corrections.places import key_of
from mttq_data.corrections.values import NUMBERS, kept_form
from mttq_data.errors import MttqError
from mttq_data.tables.tables import FIELDS, PROBLEM_FIELDS
from mttq_data.tables.workbook import FIX, WHY, fix_title, title_of
from mttq_data.tables.workbook_problems import problem_columns, problem_title
from mttq_data.wording import LANGS, missing, readable

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.returns.grids import Sheet, Workbook

# The header may stand under a title somebody put above it.
_HEADER_WITHIN = 30
_FIGURE = {"document", "start", "end", "text", "sentence"}
_PROBLEM = {"source", "where", "check", "found"}
_PERCENT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_FIXED = ("- sửa thành", "- correct to")


@dataclass
class Reading:
    """What a workbook says: corrections without who and when, one line for each cell that is not understood, notes."""

    entries: list[Entry] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Page:
    """A sheet with its header found: column of each name, and whether it is one for corrections."""

    sheet: Sheet
    head: int
    columns: dict[str, int]
    fixes: dict[str, list[int]]
    lang: str
    book: Workbook

    def place(self, line: int, column: int) -> str:
        """File, sheet and cell for a message."""
        return f"{self.book.name} {self.sheet.address(line, column)}"


def read_workbook(path: str | Path) -> Reading:
    """Read the corrections and the settled problems of a workbook.

    Parameters
    ----------
    path : str or Path
        The workbook of statistics that a build wrote and a person filled in.

    Returns
    -------
    Reading
        What can be read, and one line for each cell that cannot.

    Raises
    ------
    MttqError
        The file is no workbook, or no sheet of it holds statistics.
    """
    from mttq_data.returns.grids import open_workbook

    book = open_workbook(path)
    reading = Reading()
    pages = [page for sheet in book.sheets if (page := _page(book, sheet)) is not None]
    if not pages:
        raise MttqError(
            f"{book.name}: no sheet has the columns {title_of('document', 'vi')}, {title_of('start', 'vi')}, {title_of('end', 'vi')}; "
            "give the statistics.xlsx of a build, its header left as it was"
        )
    owner = [Path(path).with_name(name) for name in (f"~${Path(path).name}", f".~lock.{Path(path).name}#")]
    if any(p.exists() for p in owner):
        reading.notes.append(f"{book.name}: open in Excel; what is not saved yet is not read")
    for page in pages:
        _read(page, reading)
    _drop_contradictions(reading)
    return reading


def _headers() -> dict[str, tuple[str, bool, str]]:
    """What each header means: column, whether it is one for corrections, language."""
    found: dict[str, tuple[str, bool, str]] = {}
    for lang in LANGS:
        for column in (*FIELDS, "figure", "indicator_name", "nth"):
            found.setdefault(key_of(title_of(column, lang)), (column, False, lang))
        for column in (*FIX, WHY, "indicator_name"):
            fixed = "indicator" if column == "indicator_name" else column
            found[key_of(fix_title(column, lang))] = (fixed, True, lang)
    for column in FIELDS:
        found.setdefault(key_of(column), (column, False, "vi"))
    return found


def _problem_headers() -> dict[str, tuple[str, bool, str]]:
    found: dict[str, tuple[str, bool, str]] = {}
    for column in PROBLEM_FIELDS:
        found[key_of(column)] = (column, False, "vi")
    for lang in LANGS:
        for column in problem_columns():
            found[key_of(problem_title(column, lang))] = (column, column == "mark", lang)
    return found


def _page(book: Workbook, sheet: Sheet) -> _Page | None:
    """A sheet of statistics or problems; None for any other."""
    for known, needed in ((_headers(), _FIGURE - {"text", "sentence"}), (_problem_headers(), _PROBLEM)):
        for at, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
            meant = {
                c: known[key_of(cell)] for c, cell in enumerate(row) if isinstance(cell, str) and key_of(cell) in known
            }
            if not needed <= {name for name, is_fix, _ in meant.values() if not is_fix}:
                continue
            columns: dict[str, int] = {}
            fixes: dict[str, list[int]] = {}
            for c, (name, is_fix, _) in meant.items():
                if is_fix:
                    fixes.setdefault(name, []).append(c)
                else:
                    columns.setdefault(name, c)
            languages = [lang for _, is_fix, lang in meant.values() if is_fix] or ["vi"]
            return _Page(sheet, at, columns, fixes, languages[0], book)
    return None


def _read(page: _Page, reading: Reading) -> None:
    problems = set(page.columns) >= _PROBLEM
    if not page.fixes:
        name = problem_title("mark", page.lang) if problems else fix_title("value", page.lang)
        reading.failures.append(
            f"{page.book.name} {page.sheet.name}: the columns for corrections are gone ({name}); build anew and write into those"
        )
        return
    _unknown_fixes(page, reading)
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    needed = _PROBLEM if problems else _FIGURE
    for line in range(page.head + 1, len(page.sheet.rows)):
        cells = page.sheet.rows[line]
        filled = [c for cs in page.fixes.values() for c in cs if not _blank(page, line, c)]
        row = {name: cells[c] for name, c in page.columns.items()}
        broken = _why_broken(row, needed, problems)
        if broken and filled:
            reading.failures.append(f"{page.place(line, filled[0])}: {broken}; build anew and write it there")
        elif not broken:
            rows.append(row)
            lines.append(line)
    if not rows:
        return
    frame = _frame(rows, problems, page.lang)
    entries = Entries(frame)
    if not problems:
        reading.failures += _overwritten(page, frame, lines)
    for at, line in enumerate(lines):
        for entry, failure in _line(page, line, at, entries):
            if entry is not None:
                reading.entries.append(entry | {"place": failure})
            else:
                reading.failures.append(failure)


def _blank(page: _Page, line: int, column: int) -> bool:
    value = page.sheet.rows[line][column]
    place = (line, column)
    return (value is None or value == "" or (isinstance(value, str) and not value.strip())) and not (
        place in page.sheet.errors or place in page.sheet.formulas
    )


def _unknown_fixes(page: _Page, reading: Reading) -> None:
    """A column "… - sửa thành" that somebody added for what cannot be corrected here."""
    known = {c for cs in page.fixes.values() for c in cs}
    for column, cell in enumerate(page.sheet.rows[page.head]):
        if column in known or not isinstance(cell, str) or not key_of(cell).endswith(tuple(key_of(f) for f in _FIXED)):
            continue
        used = [line for line in range(page.head + 1, len(page.sheet.rows)) if not _blank(page, line, column)]
        if used:
            reading.failures.append(
                f"{page.place(used[0], column)}: {readable(cell)!r} is no column for corrections; use correct() for that field"
            )


def _why_broken(row: dict[str, Any], needed: set[str], problems: bool) -> str:
    lacking = [c for c in sorted(needed) if c not in row]
    if lacking:
        return f"column {', '.join(title_of(c, 'vi') for c in lacking)} is gone"
    if problems:
        return "" if readable(row["where"]) and readable(row["check"]) else "the row does not say which problem it is"
    if not all(_whole(row[c]) is not None for c in ("start", "end")):
        return "the row does not say where its figure stands (start, end)"
    if key_of(row["text"]) not in key_of(row["sentence"]):
        return f"the figure {readable(row['text'])} is not in the sentence of its row; a part of the sheet was sorted alone"
    return ""


def _whole(value: Any) -> int | None:
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    return int(number) if number.is_integer() and number >= 0 else None


def _frame(rows: list[dict[str, Any]], problems: bool, lang: str) -> pd.DataFrame:
    """The rows as a table, coded cells as codes again."""
    import pandas as pd

    frame = pd.DataFrame(rows).astype(object)
    if problems:
        return frame
    frame["start"] = [_whole(v) for v in frame["start"]]
    frame["end"] = [_whole(v) for v in frame["end"]]
    for column in NUMBERS:
        if column in frame:
            frame[column] = [
                float(v) if isinstance(v, int | float) and not isinstance(v, bool) else None for v in frame[column]
            ]
    for column in ("unit", "role", "qualifier", "scope", "per"):
        if column in frame:
            frame[column] = [_code(column, v) for v in frame[column]]
    if "kind" in frame:
        from mttq_data.wording import LABELS

        codes = {key_of(name): code for code, names in LABELS["kind"].items() for name in names}
        frame["kind"] = [codes.get(key_of(v), readable(v)) for v in frame["kind"]]
    return frame


def _overwritten(page: _Page, frame: pd.DataFrame, lines: list[int]) -> Iterator[str]:
    """Cells typed over in their own column, told by the table the same build wrote beside the workbook."""
    import pandas as pd

    beside = page.book.path.with_name("statistics.csv")
    keys = ["sha256", "start", "end"]
    if not beside.is_file() or not {*keys, "corrected"} <= set(frame.columns):
        return
    try:
        table = pd.read_csv(beside, dtype={"period": str})
        built = table[~table["corrected"]].drop_duplicates(keys).set_index(keys)
    except (ValueError, KeyError, OSError, TypeError):
        return
    own = [c for c in ("value", "unit", "period", "role") if c in frame.columns and c in built.columns]
    for line, row in zip(lines, frame.to_dict("records"), strict=True):
        place = tuple(row[k] for k in keys)
        if not missing(row["corrected"]) or place not in built.index:
            continue
        for column in own:
            have, was = row[column], built.at[place, column]
            same = (missing(have) and missing(was)) or have == was or (column == "value" and _close(have, was))
            if not same and page.fixes.get(column) and all(_blank(page, line, c) for c in page.fixes[column]):
                title = fix_title(column, page.lang)
                yield f"{page.place(line, page.columns[column])}: the cell itself was changed; write it into the column {title!r}"


def _close(one: Any, other: Any) -> bool:
    return not missing(one) and not missing(other) and abs(one - other) <= 1e-9 * max(abs(one), abs(other))


def _code(column: str, value: Any) -> str:
    try:
        return "" if missing(value) else kept_form(column, value, {})
    except MttqError:
        return readable(value)


def _line(page: _Page, line: int, at: int, entries: Entries) -> Iterator[tuple[Entry | None, str]]:
    """The corrections of one row with their place, or None with a failure."""
    why = " ".join(readable(page.sheet.rows[line][c]) for c in page.fixes.get(WHY, ()) if not _blank(page, line, c))
    given = {
        name: [c for c in columns if not _blank(page, line, c)] for name, columns in page.fixes.items() if name != WHY
    }
    if why and not any(given.values()):
        yield (
            None,
            f"{page.place(line, page.fixes[WHY][0])}: a reason without a correction; write the right value beside the wrong one",
        )
    # The unit first: a value is judged by the unit it will have.
    row = {str(k): v for k, v in entries.frame.iloc[at].to_dict().items()}
    for name in sorted(given, key=lambda n: (n != "indicator", n != "unit")):
        for column in given[name]:
            place = page.place(line, column)
            try:
                value = _cell(page, line, column, name, row)
                entry = (
                    entries.settling(at, value, why)
                    if name == "mark"
                    else entries.correction(at, name, value, why, page.lang, row)
                )
            except MttqError as exc:
                yield None, f"{place}: {exc}"
                continue
            if name in ("indicator", "unit"):
                row = row | {name: entry["new"]}
            yield entry, place


def _cell(page: _Page, line: int, column: int, name: str, row: dict[str, Any]) -> Any:
    """The value of a cell as the person meant it: percent cells as percent, no error, no formula without result."""
    place = (line, column)
    value = page.sheet.rows[line][column]
    if place in page.sheet.errors:
        raise MttqError(f"the cell shows the error {page.sheet.errors[place]}; write the value itself")
    if place in page.sheet.formulas and not page.sheet.formulas[place][1]:
        raise MttqError(f"the formula {page.sheet.formulas[place][0]} has no stored result; write the value itself")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if (
        name == "value"
        and is_number
        and row.get("unit") == "percent"
        and row.get("kind") != "ratio"
        and _is_percent(page, place)
    ):
        # Excel keeps a typed 99,9% as 0.999.
        return round(float(value) * 100, 10)
    return value


def _is_percent(page: _Page, place: tuple[int, int]) -> bool:
    if page.sheet.percents is not None:
        return place in page.sheet.percents
    look = page.book.looks().get(page.sheet.name, {}).get(place, ("", ""))[1]
    return "%" in _PERCENT.sub("", look)


def _drop_contradictions(reading: Reading) -> None:
    """Two cells that give one field of one figure different values: take neither, name both."""
    seen: dict[tuple[str, ...], Entry] = {}
    wrong: set[tuple[str, ...]] = set()
    for entry in reading.entries:
        first = seen.setdefault(identity(entry), entry)
        if first["new"] != entry["new"]:
            wrong.add(identity(entry))
            reading.failures.append(
                f"{first['place']} and {entry['place']}: two corrections of one {entry['field']}, neither is taken; keep one"
            )
    kept: dict[tuple[str, ...], Entry] = {}
    for entry in reading.entries:
        if identity(entry) not in wrong:
            kept.setdefault(identity(entry), {k: v for k, v in entry.items() if k != "place"})
    reading.entries = list(kept.values())
