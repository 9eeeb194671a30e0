"""A row and what a person says of it, as a line of the corrections file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mttq_data.corrections.file import CHECKED, COLUMNS, Entry
from mttq_data.corrections.places import Finder, Place, figures, findings, likeness_of, sentences_of
from mttq_data.corrections.values import FIELDS, kept_form, shown
from mttq_data.errors import MttqError
from mttq_data.wording import missing, plain_number, readable

if TYPE_CHECKING:
    import pandas as pd

# Marks that say no more than that somebody looked, and such that say nobody did.
_TICKS = {"x", "v", "ok", "có", "rồi", "yes", "1", "1.0", "✓", "✔", "đã kiểm tra", "đã xem", "checked", "đúng", "true"}
_NOT_YET = {"không", "chưa", "no", "0", "0.0", "false", "chưa kiểm tra"}


class Entries:
    """Makes the lines of the corrections file for rows of one table, without who and when.

    Parameters
    ----------
    frame : DataFrame
        Statistics or problems.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.problems = {"check", "where", "found"} <= set(frame.columns)
        self.places = findings(frame) if self.problems else figures(frame)
        self._finder = Finder(self.places)
        said = {} if self.problems else sentences_of(frame)
        self._likeness = {document: likeness_of(sentences) for document, sentences in said.items()}

    def correction(
        self, at: int, field: str, new: Any, why: str, lang: str = "vi", becoming: Mapping[str, Any] | None = None
    ) -> Entry:
        """The line that corrects one field of the row at a position; ``becoming`` is the row with its other corrections."""
        row, place = self._row(at), self.places[at]
        if field not in FIELDS:
            raise MttqError(f"{field!r} cannot be corrected; choose {', '.join(FIELDS)}")
        kept = kept_form(field, new, becoming or row, lang)
        said = {"text": readable(row.get("text")), "old": old_form(row.get(field)), "new": kept}
        said |= {"start": str(int(row["start"])), "end": str(int(row["end"]))}
        said |= {"nth": readable(row.get("nth")) or self._finder.nth(place)}
        return self._entry(place, field, row.get("sentence"), why) | said

    def settling(self, at: int, mark: Any, why: str) -> Entry:
        """The line that settles the problem at a position."""
        row, place = self._row(at), self.places[at]
        words = "" if isinstance(mark, bool) else readable(mark)
        if mark is False or words.casefold() in _NOT_YET:
            raise MttqError(f"{words or mark!r} does not settle a problem; leave the cell empty until it is checked")
        words = "" if words.casefold() in _TICKS else words
        start, _, end = place.where.split(" ")[0].partition("-")
        ends = {"start": start, "end": end} if start.isdecimal() and end.isdecimal() else {}
        said = {
            "text": readable(row.get("found")),
            "check": readable(row.get("check")),
            "where": place.where,
            "new": "yes",
        }
        said |= {"nth": readable(row.get("nth")) or self._finder.nth(place)}
        return self._entry(place, CHECKED, row.get("sentence"), why or words) | said | ends

    def _row(self, at: int) -> dict[str, Any]:
        return {str(k): v for k, v in self.frame.iloc[at].to_dict().items()}

    def _entry(self, place: Place, field: str, sentence: object, why: str) -> Entry:
        said = {
            "document": place.name,
            "sha256": place.sha256,
            "field": field,
            "sentence": readable(sentence),
            "why": readable(why),
        }
        return dict.fromkeys(COLUMNS, "") | said | {"likeness": self._likeness.get((place.name, place.sha256), "")}


def old_form(value: object) -> str:
    """What a cell held before, as the file says it."""
    if missing(value):
        return ""
    if isinstance(value, float):
        return plain_number(value)
    return readable(value)


def describe(entry: Mapping[str, str], lang: str = "vi") -> str:
    """One correction in a line: figure, field, old and new."""
    from mttq_data.tables.workbook import title_of

    if entry["field"] == CHECKED:
        return f"{entry['check']}: {entry['text']}"
    old, new = (shown(entry["field"], entry.get(side), lang) or "-" for side in ("old", "new"))
    return f"{entry['text']}: {title_of(entry['field'], lang)} {old} → {new}"


def pick(frame: pd.DataFrame, places: list[Place], where: Any) -> Place:
    """The one place that ``where`` names."""
    at: list[int]
    if hasattr(where, "dtype") and getattr(where, "dtype", None) == bool:
        if len(where) != len(frame):
            raise MttqError(f"where: a mask of {len(where)} rows for a table of {len(frame)}")
        at = [i for i, yes in enumerate(where) if yes]
    elif isinstance(where, (tuple, str)) or hasattr(where, "keys"):
        wanted = _written_place(where)
        at = [p.label for p in places if p.where == wanted]
        if len(at) > 1 and hasattr(where, "keys"):
            at = [i for i in at if all(places[i].key == q.key and places[i].name == q.name for q in _as_places(where))]
    else:
        at = [i for i, label in enumerate(frame.index) if label == where]
    if len(at) != 1:
        raise MttqError(
            f"where={_short(where)}: {len(at) or 'no'} rows of the table stand there; name one by 'start-end', its label or a mask"
        )
    return places[at[0]]


def _written_place(where: Any) -> str:
    if isinstance(where, str):
        return " ".join(where.split())
    if isinstance(where, tuple):
        return "-".join(str(int(x)) for x in where)
    return str(where["where"]) if "where" in where else f"{int(where['start'])}-{int(where['end'])}"


def _as_places(row: Any) -> list[Place]:
    import pandas as pd

    frame = pd.DataFrame([dict(row)])
    return Entries(frame).places


def _short(where: Any) -> str:
    return "a mask" if hasattr(where, "dtype") else repr(where)[:60]
