"""The workbook of statistics an analyst opens: filters, number formats, the sentence beside the figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.codelists import keyed
from mttq_data.tables.books import LINE_HEIGHT, LONGEST_CELL, Formats, digits, filtered, height_of, new_book
from mttq_data.tables.tables import FIELDS, clean_text, records, source_entry
from mttq_data.wording import SAMPLE, decimals_of, figure, indicator_name, label, missing, scaled, unit_name

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.inventory import Source

# Reading order of an analyst: what and where, the figure, its meaning, then the technical columns.
COLUMNS = {
    "document": 18, "sample": 10, "section": 24, "sentence": 70, "text": 14, "figure": 24, "value": 18,
    "unit": 18, "indicator_name": 34, "counted": 26, "period": 12, "per": 10, "role": 14, "doubt": 20,
    "qualifier": 14, "low": 18, "high": 18, "scope": 18, "area": 10, "kind": 14, "numerator": 10,
    "denominator": 10, "corrected": 9, "indicator": 30, "start": 9, "end": 9,
    "sha256": 14, "nth": 8,
}  # fmt: skip
# What a person may set right in the workbook, each in the column beside it; then the reason.
FIX = ("value", "unit", "indicator", "period", "role", "doubt")
WHY = "why"
# Needed to read the workbook back, of no use to the eye.
HIDDEN = {"sha256", "nth"}
_DERIVED = {
    "figure": ("Đọc là", "Reads"),
    "indicator_name": ("Chỉ tiêu", "Indicator"),
    "nth": ("Lần thứ", "Occurrence"),
}
_SHEETS = {"vi": ("Số liệu", "Về bảng này"), "en": ("Statistics", "About")}
_FIX = {"vi": "{} - sửa thành", "en": "{} - correct to"}
_OTHER_FIX = {
    "doubt": {"vi": "Cần xem lại - đã kiểm tra", "en": "Doubt - checked"},
    WHY: {"vi": "Lý do sửa", "en": "Why corrected"},
}
_LABELLED = {"kind", "qualifier", "role", "scope", "per", "unit"}
_AMOUNTS = {"value", "low", "high"}
_SAMPLE_NOTE = {
    "vi": (SAMPLE["vi"], "Làm từ văn bản mẫu đi kèm phần mềm, không phải báo cáo của cơ quan."),
    "en": (SAMPLE["en"], "Made from the sample that ships with the software, not from an office's report."),
}
_TOO_MANY_NOTE = {
    "vi": ("Thiếu dòng", "Excel không chứa hết; xem statistics.csv."),
    "en": ("Rows left out", "More rows than Excel can hold; see statistics.csv."),
}
_FIX_NOTE = {
    "vi": (
        "Sửa số liệu",
        "Ghi số đúng vào cột 'sửa thành' bên cạnh, ghi lý do, lưu tệp, rồi chạy: mttq correct statistics.xlsx và mttq build.",
    ),
    "en": (
        "Corrections",
        "Write what is right into the column 'correct to', say why, save, then run: mttq correct statistics.xlsx and mttq build.",
    ),
}
_OFFSETS_NOTE = {
    "vi": ("Vị trí", "Vị trí đầu, cuối tính theo ký tự của văn bản đã đọc."),
    "en": ("Offsets", "Start and end count the characters of the text as read."),
}
# Vietnamese separators wherever the program honours the locale of a format.
_LOCALE = {"vi": "[$-42A]", "en": "[$-409]"}
_PLACES = {"start", "end"}
_SHARE = "0.0%"
_MOST_ROWS = 1_048_575


def title_of(column: str, lang: str) -> str:
    """Header of a column of the workbook."""
    if column in _DERIVED:
        return _DERIVED[column][lang == "en"]
    return FIELDS[column].title(lang) if column in FIELDS else column


def fix_title(column: str, lang: str) -> str:
    """Header of the empty column beside ``column`` where the right value is written."""
    if column in _OTHER_FIX:
        return _OTHER_FIX[column][lang]
    return _FIX[lang].format(title_of(column, lang))


def number_format(value: float, unit: object, lang: str = "vi") -> str:
    """Excel number format that shows an amount as it is written in prose.

    Examples
    --------
    >>> number_format(2.67, "percent"), number_format(5142, "household")
    ('[$-42A]#,##0.00"%"', '[$-42A]#,##0')
    >>> number_format(103.5e9, "VND")
    '[$-42A]#,##0.0,,," tỷ đồng"'
    """
    if unit == "percent":
        return f'{_LOCALE[lang]}{digits(decimals_of(value, most=6))}"%"'
    short, word = scaled(value, unit, lang)
    if not word or unit not in ("VND", "USD"):
        return _LOCALE[lang] + digits(decimals_of(value, most=6))
    commas = ",,," if abs(value) >= 1e9 and word in ("tỷ", "billion") else ",,"
    return f'{_LOCALE[lang]}{digits(decimals_of(short, most=6))}{commas}" {word} {unit_name(unit, lang)}"'


def write_workbook(
    path: Path,
    statistics: pd.DataFrame,
    sources: Sequence[Source],
    lang: str = "vi",
    fix: Sequence[str] = (),
    problems: pd.DataFrame | None = None,
) -> None:
    """Write the statistics as a formatted workbook.

    Parameters
    ----------
    path : Path
        The file to write, in place; see ``write_tables`` for the atomic way.
    statistics : DataFrame
        Columns of the contract.
    sources : sequence of Source
        For the second sheet, and to say that the rows come from samples.
    lang : {"vi", "en"}
    fix : sequence of str
        Columns that get an empty neighbour to write the right value into.
    problems : DataFrame, optional
        What does not add up, for a sheet with an empty column to settle it.
    """
    from mttq_data.tables.workbook_lists import list_ranges, lists_sheet
    from mttq_data.tables.workbook_problems import problems_sheet

    sample = any(source.sample for source in sources)
    with new_book(path, _SHEETS[lang][0] + f" - {SAMPLE[lang]}" * sample) as book:
        sheet = _statistics_sheet(book, with_nth(statistics), lang, fix, sample)
        if problems is not None:
            problems_sheet(book, problems, lang, f" - {SAMPLE[lang]}" * sample)
        _about_sheet(book, statistics, sources, lang, sample, bool(fix))
        if fix:
            _offer_lists(sheet, _layout(with_nth(statistics.head(0)), fix), len(statistics), list_ranges(lang), lang)
            lists_sheet(book, lang)


def _layout(statistics: pd.DataFrame, fix: Sequence[str]) -> list[tuple[str, bool]]:
    """Columns in order, each with whether it is the empty neighbour of that name."""
    known = [c for c in COLUMNS if c in statistics.columns]
    if "indicator" in statistics.columns:
        known.insert(known.index("unit") + 1 if "unit" in known else len(known), "indicator_name")
    if "value" in statistics.columns:
        known.insert(known.index("value"), "figure")
    known += [c for c in statistics.columns if c not in COLUMNS]
    beside = {"indicator_name" if c == "indicator" and "indicator_name" in known else c for c in fix}
    pairs = [pair for c in known for pair in ([(c, False), (c, True)] if c in beside else [(c, False)])]
    if ("doubt", True) in pairs:
        pairs.insert(pairs.index(("doubt", True)) + 1, (WHY, True))
    return pairs


def with_nth(statistics: pd.DataFrame) -> pd.DataFrame:
    """Say of figures that stand more than once in one sentence, or in a sentence that is repeated, which one each is."""
    if not {"document", "start", "end", "sentence", "text"} <= set(statistics.columns):
        return statistics
    from mttq_data.corrections.places import figures, nths

    return statistics.assign(nth=nths(figures(statistics)))


def _offer_lists(sheet: Any, layout: list[tuple[str, bool]], rows: int, ranges: dict[str, str], lang: str) -> None:
    """Let the columns for corrections offer what may be chosen; anything else is only warned of."""
    for at, (column, is_fix) in enumerate(layout):
        if is_fix and column in ranges and rows:
            rule = {"validate": "list", "source": ranges[column], "error_type": "warning", "ignore_blank": True}
            sheet.data_validation(1, at, rows, at, rule)


def _statistics_sheet(book: Any, statistics: pd.DataFrame, lang: str, fix: Sequence[str], sample: bool) -> Any:
    sheet = book.add_worksheet(_SHEETS[lang][0] + f" - {SAMPLE[lang]}" * sample)
    layout = _layout(statistics, fix)
    formats = Formats(book)
    head = formats(**HEAD)
    for at, (column, is_fix) in enumerate(layout):
        sheet.write_string(0, at, fix_title(column, lang) if is_fix else title_of(column, lang), head)
        sheet.set_column(at, at, 18 if is_fix else COLUMNS.get(column, 14), None, {"hidden": column in HIDDEN})
    sheet.set_row(0, 2 * LINE_HEIGHT)
    rows = records(statistics.head(_MOST_ROWS))
    for line, row in enumerate(rows, start=1):
        wrapped: list[tuple[str, float]] = []
        for at, (column, is_fix) in enumerate(layout):
            if is_fix:
                sheet.write_blank(line, at, None, formats(**_LOOKS["fix"]))
            elif (text := _write(sheet, (line, at), column, row, formats, lang)) and column in _WRAPPED:
                wrapped.append((text, COLUMNS.get(column) or COLUMNS["unit"]))
        sheet.set_row(line, height_of(wrapped))
    filtered(sheet, len(rows), len(layout))
    if sample:
        sheet.set_header("&C&B" + SAMPLE[lang])
    return sheet


HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE6EF", "bottom": 1}
_LOOKS: dict[str, dict[str, Any]] = {
    "text": {"valign": "top"},
    "wrap": {"valign": "top", "text_wrap": True},
    "doubt": {"valign": "top", "text_wrap": True, "bg_color": "#FFF2CC"},
    "fix": {"valign": "top", "bg_color": "#FFFDE7", "border": 4},
}
_WRAPPED = {"sentence", "indicator_name", "counted", "figure", "unit", "doubt"}


def _write(sheet: Any, at: tuple[int, int], column: str, row: dict[str, Any], formats: Formats, lang: str) -> str:
    """Write a cell; return its text where it is one."""
    value: Any = row.get(column)
    if column == "figure":
        value = figure(row, lang)
    elif column == "indicator_name":
        value = indicator_name(row.get("indicator"), lang)
    elif column == "doubt":
        value = doubts_name(value, lang)
    elif column in _LABELLED or type(value).__name__ in ("bool", "bool_"):
        value = label(column, value, lang)
    if missing(value):
        return ""
    if isinstance(value, str):
        text = clean_text(value)
        look = "doubt" if column == "doubt" else "wrap" if column in _WRAPPED else "text"
        if len(text) > LONGEST_CELL:
            text = text[:LONGEST_CELL] + " …"
        sheet.write_string(*at, text, formats(**_LOOKS[look]))
        return text
    if math.isfinite(float(value)):
        unit = row.get("unit") if column in _AMOUNTS else ""
        ratio = row.get("kind") == "ratio" and column in _AMOUNTS
        code = _SHARE if ratio else "0" if column in _PLACES else number_format(float(value), unit, lang)
        sheet.write_number(*at, float(value), formats(valign="top", num_format=code))
    return ""


def doubts_name(codes: object, lang: str = "vi") -> str:
    """The doubts of a row in words.

    Examples
    --------
    >>> doubts_name("no_unit in_words", "en")
    'thing counted unclear; in words, no digits'
    """
    names = keyed("doubts", "code")
    return "; ".join(
        names.get(code, {}).get(f"name_{lang}") or code.replace("_", " ")
        for code in ("" if missing(codes) else str(codes)).split()
    )


def _about_sheet(
    book: Any, statistics: pd.DataFrame, sources: Sequence[Source], lang: str, sample: bool, fix: bool
) -> None:
    sheet = book.add_worksheet(_SHEETS[lang][1])
    bold = book.add_format({"bold": True})
    lines: list[tuple[str, str]] = []
    if sample:
        lines.append(_SAMPLE_NOTE[lang])
    if len(statistics) > _MOST_ROWS:
        lines.append(_TOO_MANY_NOTE[lang])
    for source in sources:
        entry = source_entry(source)
        said = [entry[k] for k in ("file", "title", "origin", "date") if k in entry]
        lines.append(("Nguồn" if lang == "vi" else "Source", " · ".join(dict.fromkeys(said))))
        lines.append(("SHA-256", entry["sha256"]))
    lines.append(_OFFSETS_NOTE[lang])
    lines += [_FIX_NOTE[lang]] if fix else []
    for at, (name, text) in enumerate(lines):
        sheet.write_string(at, 0, name, bold)
        sheet.write_string(at, 1, text[:LONGEST_CELL])
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 100)
