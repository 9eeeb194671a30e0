"""Corrections by hand: made once, kept in ``data/corrections.csv``, laid over every later run."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.corrections.entries import Entries, pick
from mttq_data.corrections.file import (
    CHECKED,
    FILE,
    Entry,
    add_entries,
    in_order,
    read_corrections,
    remove_entries,
    sought,
    stamp,
    writer,
)
from mttq_data.corrections.places import Finder, figures, findings, sentences_of
from mttq_data.corrections.rows import lay_over
from mttq_data.errors import MttqError, MttqWarning

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.reading.document import Document

__all__ = ["apply_corrections", "apply_settled", "correct", "read_corrections", "undo"]
SETTLED = ("checked", "checked_by", "checked_when", "checked_why")


def correct(
    stats: pd.DataFrame,
    where: Any,
    field: str,
    new: Any,
    why: str = "",
    *,
    by: str = "",
    corrections: str | Path = FILE,
    document: Document | None = None,
    lang: str = "vi",
) -> pd.DataFrame:
    """Set one field of one figure right, or settle one problem, so that every later run keeps it.

    Parameters
    ----------
    stats : DataFrame
        What `mttq_data.extract` gives; to settle a problem, what
        `mttq_data.find_problems` gives.
    where : str, tuple, int, mapping or boolean mask
        The figure: ``"start-end"``, ``(start, end)``, the label of its row, the
        row itself, or a mask that is true once. Of a problem its ``where``.
    field : str
        ``value, low, high, qualifier, unit, indicator, period, per, area,
        scope, role, counted`` or ``doubt`` (looked at and found right); of a
        problem ``"checked"``.
    new : object
        The right value: a number in base units (percent as percent, đồng in
        full), text as one writes it ("99,9%", "trên 103,5 tỷ", "154/182",
        "hộ"), a code, or None to empty the cell. Of a problem any word.
    why : str
        The reason, kept with the correction.
    by : str, optional
        Who corrects; the name of the account by default.
    corrections : str or Path
        The file to keep it in.
    document : Document, optional
        The report, where ``stats`` does not carry its hash.
    lang : {"vi", "en"}
        How numbers in text are written.

    Returns
    -------
    DataFrame
        ``stats`` with the correction; the row is marked ``corrected``. Of
        problems: with ``checked, checked_by, checked_when, checked_why``.

    Raises
    ------
    MttqError
        No such row or more than one, a field that cannot be corrected, a value
        that is none. Nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> from mttq_data import extract
    >>> stats = extract("Tỷ lệ cử tri đi bầu đạt 99%.")
    >>> kept = Path(tempfile.mkdtemp()) / "corrections.csv"
    >>> after = correct(stats, 0, "value", "99,9%", "biên bản tổng kết", corrections=kept)
    >>> [float(after.loc[0, column]) for column in ("value", "low", "high", "corrected")]
    [99.9, 99.9, 99.9, 1.0]
    """
    frame = _with_hash(stats, document)
    entries = Entries(frame)
    place = pick(frame, entries.places, where)
    if entries.problems:
        if str(field).casefold() not in (CHECKED, "đã kiểm tra"):
            raise MttqError(
                f"{field!r}: a problem is settled by the field 'checked'; a figure is corrected in the statistics"
            )
        entry = entries.settling(place.label, new, why)
    else:
        try:
            entry = entries.correction(place.label, field, new, why, lang)
        except MttqError as exc:
            raise MttqError(f"{field} of {frame.iloc[place.label]['text']} at {place.where}: {exc}") from exc
    entry |= {"who": writer(by), "when": stamp(corrections)}
    add_entries([entry], corrections)
    table = _table([entry], corrections)
    return apply_settled(frame, table) if entries.problems else apply_corrections(frame, table)


def undo(stats: pd.DataFrame, where: Any, field: str, *, corrections: str | Path = FILE) -> list[Entry]:
    """Take back the latest correction of one field; an earlier one of it holds again.

    Parameters
    ----------
    stats : DataFrame
        The statistics, or the problems, in which ``where`` names the row.
    where, field
        As for `correct`.
    corrections : str or Path
        The file it is kept in.

    Returns
    -------
    list of dict
        The line taken out.

    Raises
    ------
    MttqError
        When there is no such correction.
    """
    entries = Entries(stats)
    place = pick(stats, entries.places, where)
    finder = Finder(entries.places, None if entries.problems else sentences_of(stats))
    name = CHECKED if entries.problems else field
    rows = [
        r
        for r in in_order(read_corrections(corrections))
        if r["field"] == name and place.label in finder.find(sought(r)).labels
    ]
    if not rows:
        raise MttqError(f"{corrections}: holds no correction of {name} at {place.where}")
    return remove_entries(rows[-1:], corrections)[0]


def apply_corrections(stats: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Lay the corrections of a table over the statistics of a run.

    Parameters
    ----------
    stats : DataFrame
        Statistics of one or more reports; ``sha256`` of each row's text as a
        column where known.
    table : DataFrame
        What `read_corrections` gives.

    Returns
    -------
    DataFrame
        A copy; corrected rows have ``corrected`` true.

    Warns
    -----
    MttqWarning
        One line for each correction that no longer applies, with the line of
        the file and the reason; such a one is never laid over another figure.

    Examples
    --------
    >>> from mttq_data import extract
    >>> stats = extract("Có 5.142 hộ nghèo.")
    >>> apply_corrections(stats, read_corrections("no-such-file.csv"))["corrected"].any()
    np.False_
    """
    frame = stats.copy()
    if "corrected" not in frame.columns:
        frame["corrected"] = False
    rows = [r for r in in_order(table) if r["field"] != CHECKED]
    finder = Finder(figures(frame), sentences_of(frame))
    changed: dict[int, dict[str, Any]] = {}
    notes = _Notes(table)
    said: dict[tuple[int, str], Entry] = {}
    for entry in rows:
        found = finder.find(sought(entry))
        notes.say(entry, found.how, found.why, found.document)
        for label in found.labels:
            row = changed.get(label) or {str(k): v for k, v in frame.iloc[label].to_dict().items()}
            trial = dict(row)
            try:
                lay_over(trial, entry["field"], entry["new"])
            except MttqError as exc:
                notes.refuse(entry, str(exc))
                continue
            notes.compare(said.get((label, entry["field"])), entry)
            said[label, entry["field"]] = entry
            changed[label] = trial
    notes.end()
    return _written(frame, changed)


def apply_settled(problems: pd.DataFrame, table: pd.DataFrame, stats: pd.DataFrame | None = None) -> pd.DataFrame:
    """Mark the problems a person has settled.

    Parameters
    ----------
    problems : DataFrame
        Problems; with a column ``sentence`` a settled one is found again after
        the text was edited.
    table : DataFrame
        What `read_corrections` gives.
    stats : DataFrame, optional
        The statistics of the same run, to know a report under a new name.

    Returns
    -------
    DataFrame
        A copy with ``checked`` (true where settled), ``checked_by,
        checked_when, checked_why``.

    Warns
    -----
    MttqWarning
        One line for each settlement whose problem is not reported any more.
    """
    frame = problems.copy()
    for column in SETTLED:
        frame[column] = frame[column] if column in frame.columns else (column != CHECKED and "")
    rows = [r for r in in_order(table) if r["field"] == CHECKED]
    finder = Finder(findings(frame), None if stats is None else sentences_of(stats))
    notes = _Notes(table)
    changed: dict[int, dict[str, Any]] = {}
    for entry in rows:
        found = finder.find(sought(entry))
        notes.say(
            entry,
            found.how,
            "this problem is not reported any more" if found.how == "lost" else found.why,
            found.document,
        )
        for label in found.labels:
            changed[label] = dict(zip(SETTLED, (True, entry["who"], entry["when"], entry["why"]), strict=True))
    notes.end()
    return _written(frame, changed)


def _table(entries: list[Entry], path: str | Path) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(entries).astype(object)
    table.attrs["path"] = str(path)
    return table


def _with_hash(stats: pd.DataFrame, document: Document | None) -> pd.DataFrame:
    if document is None or "sha256" in stats.columns or "document" not in stats.columns:
        return stats
    names = set(stats["document"])
    mine = names if len(names) == 1 else names & {document.name}
    frame = stats.copy(deep=False)
    frame.attrs = {
        **stats.attrs,
        "sha256": {**(stats.attrs.get("sha256") or {}), **dict.fromkeys(mine, document.sha256)},
    }
    return frame


def _written(frame: pd.DataFrame, changed: dict[int, dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    for column in frame.columns if changed else ():
        cells = frame[column].astype(object).tolist()
        for label, row in changed.items():
            cells[label] = row.get(str(column), cells[label])
        kind = frame[column].dtype
        frame[column] = pd.Series(cells, index=frame.index, dtype=kind)
    return frame


class _Notes:
    """Collects what is to be said of the lines of a table, and says it at the end."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.path = str(table.attrs.get("path") or "corrections")
        self.lines: list[str] = []
        self.away: Counter[str] = Counter()
        self.again: Counter[str] = Counter()

    def _of(self, entry: Entry) -> str:
        figure = f"{entry['field']} of {entry.get('text') or entry.get('start') or '?'}"
        return f"{self.path} line {entry['line']}: {figure} ({entry.get('document') or 'document not named'})"

    def say(self, entry: Entry, how: str, why: str, document: str) -> None:
        if how == "lost":
            self.lines.append(f"{self._of(entry)}: no longer applies; {why}; correct it anew, or delete the line")
        elif how == "elsewhere":
            self.away[entry.get("document", "")] += 1
        elif how == "sentence":
            self.again[document] += 1

    def refuse(self, entry: Entry, why: str) -> None:
        self.lines.append(f"{self._of(entry)}: not applied; {why}")

    def compare(self, earlier: Entry | None, entry: Entry) -> None:
        """Two lines of one moment that differ: say which one counts."""
        if earlier and earlier["when"] == entry["when"] and earlier["new"] != entry["new"]:
            self.lines.append(
                f"{self._of(entry)}: corrected twice, also in line {earlier['line']}; line {entry['line']} counts, delete one of them"
            )

    def end(self) -> None:
        for name, count in self.away.items():
            self.lines.append(
                f"{self.path}: {count} corrections of {name or 'a document without name'} wait; it is not in this run"
            )
        for name, count in self.again.items():
            self.lines.append(
                f"{self.path}: the text of {name or 'the document'} was edited since; {count} corrections found again by their sentence"
            )
        for line in self.lines:
            warnings.warn(line, MttqWarning, stacklevel=3)
