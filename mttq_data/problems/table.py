"""The problems of a run as a table: with their sentences, and what a person has settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mttq_data.corrections.places import documents_of
from mttq_data.extraction.quantities import sentence_spans
from mttq_data.wording import missing, readable, shown_period

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.reading.document import Document

# Figures far apart in one problem bring a sentence each; the table shows them in one cell.
_BETWEEN = " | "
_AROUND = 160


def problems_of(stats: pd.DataFrame, documents: Sequence[Document]) -> pd.DataFrame:
    """The problems of the reports of a run, with their sentences."""
    from mttq_data.problems.rules import find_problems

    return with_sentences(find_problems(stats, documents), stats, documents)


def with_sentences(problems: pd.DataFrame, stats: pd.DataFrame, documents: Iterable[Document] = ()) -> pd.DataFrame:
    """Add the sentences in which the figures of each problem stand.

    Parameters
    ----------
    problems : DataFrame
        What `find_problems` gives.
    stats : DataFrame
        The statistics it was given.
    documents : iterable of Document, optional
        For places that are no statistic, such as a section number.

    Returns
    -------
    DataFrame
        ``problems`` with ``sentence``, each sentence once, parted by `` | ``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mttq_data import extract
    >>> stats = extract("Cần hỗ trợ 1.595 nhà (xây mới 1.175, sửa chữa 520).")
    >>> rows = pd.DataFrame({"source": [""], "where": ["11-16"]})
    >>> with_sentences(rows, stats)["sentence"].item()
    'Cần hỗ trợ 1.595 nhà (xây mới 1.175, sửa chữa 520).'
    """
    said = {
        (name, f"{int(start)}-{int(end)}"): readable(sentence)
        for (name, _), start, end, sentence in zip(
            documents_of(stats), stats["start"], stats["end"], stats["sentence"], strict=True
        )
    }
    texts = {document.name: document.text for document in documents}
    rows = zip(problems["source"], problems["where"], strict=True)
    return problems.assign(sentence=[_sentences(str(name), str(where), said, texts) for name, where in rows])


def _sentences(name: str, where: str, said: Mapping[tuple[str, str], str], texts: Mapping[str, str]) -> str:
    found = [said.get((name, place)) or _cut(texts.get(name, ""), place) for place in where.split()]
    whole = [s for s in dict.fromkeys(found) if s]
    return _BETWEEN.join(s for s in whole if not any(s != other and s.strip("… ") in other for other in whole))


def _cut(text: str, place: str) -> str:
    """The sentence a place stands in, cut around it where it is long."""
    first, _, last = place.partition("-")
    if not (first.isdecimal() and last.isdecimal()) or int(last) > len(text):
        return ""
    start, end = int(first), int(last)
    low, high = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    high = len(text) if high < 0 else high
    inner = [(low + a, low + b) for a, b in sentence_spans(text[low:high]) if low + a <= start and end <= low + b]
    low, high = inner[0] if inner else (low, high)
    cut_low, cut_high = max(low, start - _AROUND), min(high, end + _AROUND)
    inside = readable(text[cut_low:cut_high])
    return f"{'… ' if cut_low > low else ''}{inside}{' …' if cut_high < high else ''}"


def state(row: Mapping[str, Any], lang: str = "vi") -> str:
    """Whether a problem is settled, by whom, when and why, in a line; "" where it is open.

    Examples
    --------
    >>> state({"checked": True, "checked_by": "Hà", "checked_when": "2024-11-23T08:00:00", "checked_why": "99,9 là đúng"})
    'đã kiểm tra: 99,9 là đúng (Hà, 23/11/2024)'
    """
    if missing(row.get("checked")) or not row["checked"]:
        return ""
    day = shown_period(readable(row.get("checked_when"))[:10], lang)
    by = ", ".join(filter(None, (readable(row.get("checked_by")), day)))
    why = readable(row.get("checked_why"))
    return ("đã kiểm tra" if lang == "vi" else "checked") + (f": {why}" if why else "") + (f" ({by})" if by else "")
