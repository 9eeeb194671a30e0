"""The statistics of a report as a tidy table: the package's main job."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import Row, remembered
from mttq_data.extraction.context import ContextReader, Reading, SectionReading, context_cues
from mttq_data.extraction.declared_units import DeclaredUnit
from mttq_data.extraction.linking import PAST_CLAUSE, PAST_NUMBER, Indicator, Linker, Paragraph, Sentence, Surroundings
from mttq_data.extraction.nouns import NounReader
from mttq_data.extraction.numeral_forms import DIGIT, Numeral, WordsFilter
from mttq_data.extraction.numeral_kinds import NumeralReader, lines_of
from mttq_data.extraction.quantities import Quantity, QuantityReader, sentence_spans
from mttq_data.extraction.sections import Section
from mttq_data.folding import CAPITALS, Line
from mttq_data.reading.document import Document

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "document", "section", "start", "end", "text", "sentence", "kind", "indicator", "value", "low", "high",
    "numerator", "denominator", "qualifier", "unit", "counted", "period", "per", "area", "scope", "role", "doubt", "corrected",
]  # fmt: skip
_CODELISTS = ("nouns", "numeral_cues", "qualifiers", "context_cues", "indicators", "abbreviations")
_NUMBERS = {"value", "low", "high", "numerator", "denominator"}
_SENTENCE_LIMIT = 1000  # a longer sentence is cut around its figure, so that the table stays linear in the text
_PROVINCE = re.compile(rf"(?:tỉnh|TỈNH|Tỉnh) ((?:[{CAPITALS}][\w-]*)(?: [{CAPITALS}][\w-]*){{0,3}})")


class Extractor:
    """The readers of one run, made once for all its documents."""

    def __init__(self) -> None:
        self.nouns = nouns = NounReader()
        self.numerals = NumeralReader(nouns)
        self.quantities = QuantityReader(nouns)
        self.linker = Linker()
        self._context_cues = context_cues()
        self._words = WordsFilter(nouns.spoken)
        self._usual = {
            i: (_usual_role(indicator.row), bool(indicator.row.get("scope")))
            for i, indicator in self.linker.by_id.items()
        }
        self._usual[""] = ("", False)

    def rows(self, document: Document, *, progress: bool = False) -> list[tuple[Any, ...]]:
        """One tuple a statistic, in the order of :data:`COLUMNS`."""
        context = ContextReader(self._context_cues)
        declared = DeclaredUnit(self.nouns)
        sections = document.sections
        context.look_ahead(sections)
        starts = [s.start for s in sections]
        area = main_area(document.text)
        rows: list[tuple[Any, ...]] = []
        lines: Iterable[tuple[int, str]] = lines_of(document.text)
        if progress:
            from tqdm import tqdm

            lines = tqdm(
                lines, total=document.text.count("\n") + 1, unit="line", desc=document.name or "extract", leave=False
            )
        headings: dict[int, Sentence] = {}
        for offset, raw in lines:
            in_words = self._words.search(raw)
            if not (in_words or DIGIT.search(raw)):
                if len(raw) < 200 and ":" in raw:
                    declared.hear(Line(raw, offset))
                continue
            line = Line(raw, offset)
            numerals = self.numerals.read(line, words=in_words)
            quantities = self.quantities.read(line, numerals)
            declared.hear(line)
            declared.give(quantities)
            if not quantities:
                continue
            at = bisect_right(starts, offset + (len(raw) - len(raw.lstrip()))) - 1
            while at >= 0 and sections[at].end <= offset:
                at = sections[at].parent
            paragraph = Paragraph(line.low, partial(self._heading_words, sections, at, headings), self.linker.spelt)
            context.begin()
            context.at(line.low)
            above = context.section(sections, at)
            path = sections[at].path if at >= 0 else ""
            rows += self._sentences(document, path, line, numerals, quantities, paragraph, context, above, area)
        return rows

    def _sentences(
        self, document: Document, path: str, line: Line, numerals: list[Numeral], quantities: list[Quantity], paragraph: Paragraph,
        context: ContextReader, above: SectionReading, area: str,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        """The rows of one line, sentence by sentence."""
        here, counted = deque(numerals), deque(quantities)
        for span in sentence_spans(line.text):
            near = _taken(here, span[1])
            inside = _taken(counted, span[1])
            if not inside and not context.listens(line.low, span, near):
                paragraph.add(*span)
                continue
            links = self._links(line, span, inside, near, paragraph)
            readings = context.read(line.text, line.low, span, inside, near, above, [self._usual[i] for i, _ in links])
            for quantity, link, reading in zip(inside, links, readings, strict=True):
                yield self._row(document, path, line, span, quantity, link, reading, area, context)
            paragraph.add(*span)

    def _heading_words(self, sections: tuple[Section, ...], at: int, known: dict[int, Sentence]) -> Sentence:
        """The words of a section's heading and those above it."""
        if at not in known:
            if at < 0:
                known[at] = Sentence("", 0, 0, {})
            else:
                low = Line(sections[at].title).low
                above = self._heading_words(sections, sections[at].parent, known)
                known[at] = above.joined(Sentence(low, 0, len(low), self.linker.spelt))
        return known[at]

    def _links(
        self,
        line: Line,
        span: tuple[int, int],
        quantities: list[Quantity],
        numerals: list[Numeral],
        paragraph: Paragraph,
    ) -> list[tuple[str, bool]]:
        """The indicator of each quantity of a sentence."""
        if not quantities:
            return []
        stops = [m.end() for m in _SEMICOLON.finditer(line.low, *span)]
        cuts = [n.start for n in numerals] + [n.tail or n.end for n in numerals] + stops
        words = Sentence(line.low, *span, self.linker.spelt, cuts)
        breaks = [(words.at(n.tail or n.end), PAST_NUMBER, n.start) for n in numerals if n.kind != "heading"]
        breaks = sorted(breaks + [(words.at(stop), PAST_CLAUSE, -1) for stop in stops])
        links = []
        candidates: dict[frozenset[str], list[Indicator]] = {}
        for quantity in quantities:
            units = quantity.units
            if units not in candidates:
                candidates[units] = self.linker.candidates(units, words.words, paragraph)
            if not candidates[units]:
                links.append(("", False))
                continue
            start, end = words.at(quantity.numeral.start), words.at(quantity.numeral.tail)
            others = [(place, loss) for place, loss, origin in breaks if origin != quantity.numeral.start]
            low = max((p for p, _ in others if p <= start), default=0)
            high = min(
                (words.at(n.start) for n in numerals if n.start > quantity.numeral.start), default=len(words.text) - 1
            )
            high = min([high, *[p for p, loss in others if p >= end and loss == PAST_CLAUSE]])
            links.append(
                self.linker.link(
                    candidates[units], Surroundings(words.text, start, end, low, high, others, words.words, paragraph)
                )
            )
        return links

    def _row(
        self, document: Document, path: str, line: Line, span: tuple[int, int], quantity: Quantity, link: tuple[str, bool], reading: Reading, area: str,
        context: ContextReader,
    ) -> tuple[Any, ...]:  # fmt: skip
        numeral = quantity.numeral
        start, end = line.span(numeral.start, numeral.end)
        indicator, unsure = link
        doubts = list(reading.doubts)
        unit, scope = quantity.unit, reading.scope
        if indicator:
            row = self.linker.by_id[indicator].row
            unit = row["unit"]
            # Targets set for each level say in the text whose they are.
            named = context.level_before(line.low[span[0] : numeral.start]) if row.get("scope") == "named" else ""
            scope = named or row.get("scope", "").replace("named", "") or scope
            if unsure:
                doubts.append("two_readings")
        if quantity.inferred in {"before", "previous", "table"}:
            doubts.append("unit_inferred")
        if numeral.form in {"words", "vague", "all", "none"}:
            doubts.append("in_words")
        if not unit:
            doubts.append("no_unit")
        return (
            document.name, path, start, end, document.text[start:end], _sentence(document.text, line, span, numeral), numeral.kind,
            indicator or None, quantity.value, quantity.low, quantity.high, quantity.numerator, quantity.denominator, quantity.qualifier,
            unit, document.text[slice(*line.span(*quantity.counted))], reading.period, reading.per, area, scope, reading.role, " ".join(doubts), False,
        )  # fmt: skip


# Where another statement begins.
_SEMICOLON = re.compile(r";|,(?= (?:tỉ lệ|còn|riêng|trong đó)(?!\w))")


def _taken(queue: deque[Any], end: int) -> list[Any]:
    """Take from the queue what begins before ``end``."""
    taken = []
    while queue and (queue[0].start if isinstance(queue[0], Numeral) else queue[0].numeral.start) < end:
        taken.append(queue.popleft())
    return taken


def _usual_role(row: Row) -> str:
    """ "background" for facts that are no result of anybody's work, else the catalogue's role."""
    role = row.get("role", "")
    return "background" if role and row.get("topic") == "background" else role


def _sentence(text: str, line: Line, span: tuple[int, int], numeral: Numeral) -> str:
    """The sentence as it stands, cut around the figure where it is very long."""
    low, high = span
    if high - low > _SENTENCE_LIMIT:
        low = max(low, numeral.start - _SENTENCE_LIMIT // 2)
        high = min(high, numeral.end + _SENTENCE_LIMIT // 2)
    start, end = line.span(low, high)
    return text[start:end].strip()


def main_area(text: str) -> str:
    """The province a report is about: the one it names most, as its code where the table knows it."""
    names = Counter(m[1] for m in _PROVINCE.finditer(text[:40_000]))
    if not names:
        return ""
    folded: Counter[str] = Counter()
    for name, count in names.items():
        folded[Line(name).low] += count
    best = folded.most_common(1)[0][0]
    return " ".join(w.capitalize() for w in best.split())


def extract(document: Document | str, *, progress: bool = False) -> pd.DataFrame:
    """Extract the statistics of a report, one row each.

    Parameters
    ----------
    document : Document or str
    progress : bool, optional
        Show a progress bar.

    Returns
    -------
    DataFrame
        Columns ``document, section, start, end, text, sentence, kind,
        indicator, value, low, high, numerator, denominator, qualifier, unit,
        counted, period, per, area, scope, role, doubt, corrected``. Base units:
        scale words multiplied in, mass in kg, percent as percent. A statistic
        that no indicator fits stays, its ``indicator`` missing.

    Examples
    --------
    >>> row = extract("Năm 2023, tỷ lệ hộ nghèo giảm còn 2,67%.").iloc[0]
    >>> row["indicator"], row["value"], row["unit"], row["period"]
    ('poverty_rate', 2.67, 'percent', '2023')
    """
    if isinstance(document, str):
        document = Document(document)
    frame = to_frame(_extractor().rows(document, progress=progress))
    # A correction made in a notebook records which text it was made for.
    frame.attrs["sha256"] = {document.name: document.sha256}
    return frame


@remembered(*_CODELISTS, most=2)
def _extractor() -> Extractor:
    """The readers, made anew only when a codelist of the office changed."""
    return Extractor()


def to_frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The rows of one or more documents as a frame with the right column types."""
    import numpy as np
    import pandas as pd

    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    data = {}
    for name, values in zip(COLUMNS, columns, strict=True):
        kind = (
            "float64"
            if name in _NUMBERS
            else "int64"
            if name in {"start", "end"}
            else bool
            if name == "corrected"
            else "str"
        )
        # Column by column: pandas is four times slower where it must guess.
        data[name] = pd.Series(list(values), dtype=kind) if kind == "str" else np.array(values, dtype=kind)
    return pd.DataFrame(data)
