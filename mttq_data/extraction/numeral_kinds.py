"""Every numeral of a text, once, with its kind: statistic or date, number of a document, name …"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mttq_data.extraction import numeral_forms as forms
from mttq_data.extraction.nouns import NounReader
from mttq_data.extraction.numeral_amounts import AmountRules
from mttq_data.extraction.numeral_forms import Numeral, Spot
from mttq_data.extraction.numeral_names import NameRules
from mttq_data.folding import Line
from mttq_data.reading.document import Document

if TYPE_CHECKING:
    import pandas as pd

_OPENS = {" ", "("}
STATISTIC_KINDS = ("statistic", "ratio", "range", "rank")


class NumeralReader:
    """Classifies the numerals of a line; made once for a run."""

    def __init__(self, nouns: NounReader | None = None) -> None:
        self._names = NameRules(nouns or NounReader())
        self._amounts = AmountRules(self._names)

    def read(self, line: Line, *, words: bool = True) -> list[Numeral]:
        """Every numeral of the line in order, digits and (where there may be any) words."""
        found = list(self._digits(line))
        if not words:
            return found
        # Digits come first, then the longer reading: "hàng trăm" before "trăm".
        starts = [n.start for n in found]
        last, digits = -1, len(found)
        for numeral in self._amounts.words(line):
            at = bisect_right(starts, numeral.start)
            clear = (at == 0 or found[at - 1].end <= numeral.start) and (at == digits or starts[at] >= numeral.end)
            if clear and numeral.start >= last:
                found.append(numeral)
                last = numeral.end
        found.sort(key=lambda n: n.start)
        return found

    def _digits(self, line: Line) -> Iterator[Numeral]:
        position = 0
        while found := forms.RUN.search(line.low, position):
            if not found.group().isascii():
                yield Numeral(found.start(), found.end(), "other")
                position = found.end()
                continue
            spot = Spot(line, found.start())
            # "5.142" or "92,45%" after a space can be nothing but an amount.
            if forms.PLAINLY_AMOUNT.match(line.low, spot.start) and spot.before[-1:] in _OPENS:
                numeral = self._amounts.amount(spot)
            else:
                numeral = (
                    self._names.read(spot)
                    or self._amounts.fraction(spot)
                    or self._names.named(spot)
                    or self._amounts.amount(spot)
                )
            position = max(numeral.end, spot.start + 1)
            yield numeral


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their offsets, without the line ends."""
    position = 0
    while position <= len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        if end > position:
            yield position, text[position:end]
        position = end + 1


def numerals(document: Document | str) -> pd.DataFrame:
    """List every numeral of a document once, with its kind.

    Parameters
    ----------
    document : Document or str

    Returns
    -------
    DataFrame
        ``start, end`` (offsets into ``document.text``), ``text``, ``kind``:
        statistic, ratio, range, rank (these four are statistics), date,
        period, legal_ref, heading, name, other. Together the rows cover every
        character for which ``str.isdecimal()`` holds.

    Examples
    --------
    >>> numerals("Kế hoạch số 119/KH-MTTQ-BTT: hỗ trợ 5.142 nhà")[["text", "kind"]].values.tolist()
    [['119/KH-MTTQ-BTT', 'legal_ref'], ['5.142', 'statistic']]
    """
    import pandas as pd

    if isinstance(document, str):
        document = Document(document)
    reader = NumeralReader()
    rows = []
    for offset, raw in lines_of(document.text):
        line = Line(raw, offset)
        for numeral in reader.read(line):
            start, end = line.span(numeral.start, numeral.end)
            rows.append((start, end, document.text[start:end], numeral.kind))
    return pd.DataFrame(rows, columns=["start", "end", "text", "kind"])
