"""The unit a table declares above its rows: "ĐVT: triệu đồng"."""

from __future__ import annotations

import re

from mttq_data.extraction.nouns import NounReader
from mttq_data.extraction.numeral_forms import SCALE, skip_spaces
from mttq_data.extraction.quantities import Quantity
from mttq_data.extraction.values import scaled
from mttq_data.folding import Line

_DECLARES = re.compile(r"(?<!\w)(?:đvt|đơn vị tính|đơn vị)\s*:\s*(?:1[.,]?000 *)?")
_THOUSANDS = re.compile(r":\s*1[.,]?000 *")
_ROW_LIMIT = 120  # a longer line is prose, not a row of the table


class DeclaredUnit:
    """Remembers the unit declared above and gives it to bare numbers of the rows below."""

    def __init__(self, nouns: NounReader) -> None:
        self._nouns = nouns
        self._scale, self._unit = "", ""

    def hear(self, line: Line) -> None:
        """Take in a declaration; a line of prose ends the table."""
        low = line.low
        if ":" in low and ("đvt" in low or "đơn vị" in low) and (found := _DECLARES.search(low)):
            at = found.end()
            word = SCALE.match(line.low, at)
            self._scale = word["scale"] if word else "nghìn" if _THOUSANDS.search(found.group()) else ""
            noun = self._nouns.at(line.low, skip_spaces(line.low, word.end() if word else at))
            self._unit = "percent" if line.low.startswith("%", at) else noun.unit(line.low) if noun else ""
        elif len(line.low) > _ROW_LIMIT:
            self._scale, self._unit = "", ""

    def give(self, quantities: list[Quantity]) -> None:
        """Set unit and scale of the quantities that name neither."""
        if not self._unit:
            return
        for quantity in quantities:
            if quantity.unit or quantity.numeral.scale or quantity.numeral.kind == "rank":
                continue
            quantity.unit, quantity.units, quantity.inferred = self._unit, frozenset({self._unit}), "table"
            if self._scale:
                for name in ("value", "low", "high", "numerator", "denominator"):
                    setattr(quantity, name, scaled(getattr(quantity, name), self._scale))
