"""The tables of a run as files: CSV, one formatted workbook and their Frictionless description.

The same input gives the same bytes: rows are sorted, nothing carries today's
date, and all files of a set are put in place together or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.files import replacing
from mttq_data.wording import SAMPLE, SEVERITIES, check_lang, missing, plain_number, unit_name

if TYPE_CHECKING:
    import pandas as pd

    from mttq_data.inventory import Source


@dataclass(frozen=True)
class Field:
    """A column: its Frictionless type and its titles."""

    type: str
    vi: str
    en: str
    allowed: tuple[str, ...] = ()

    def title(self, lang: str) -> str:
        """The column's title in ``vi`` or ``en``."""
        return self.vi if lang == "vi" else self.en


FIELDS: dict[str, Field] = {
    "document": Field("string", "Văn bản", "Document"),
    "sample": Field("boolean", "Dữ liệu mẫu", "Sample data"),
    "section": Field("string", "Mục", "Section"),
    "start": Field("integer", "Vị trí đầu", "Start"),
    "end": Field("integer", "Vị trí cuối", "End"),
    "text": Field("string", "Chữ số trong văn bản", "Text"),
    "sentence": Field("string", "Câu", "Sentence"),
    "kind": Field("string", "Loại", "Kind"),
    "indicator": Field("string", "Mã chỉ tiêu", "Indicator id"),
    "value": Field("number", "Giá trị", "Value"),
    "low": Field("number", "Cận dưới", "Lower bound"),
    "high": Field("number", "Cận trên", "Upper bound"),
    "numerator": Field("number", "Tử số", "Numerator"),
    "denominator": Field("number", "Mẫu số", "Denominator"),
    "qualifier": Field("string", "Mức chính xác", "Qualifier", ("exact", "gt", "ge", "lt", "le", "approx")),
    "unit": Field("string", "Đơn vị", "Unit"),
    "counted": Field("string", "Đối tượng đếm", "Thing counted"),
    "period": Field("string", "Kỳ", "Period"),
    "per": Field("string", "Tính theo", "Per", ("year",)),
    "area": Field("string", "Địa bàn", "Area"),
    "scope": Field("string", "Phạm vi", "Scope"),
    "role": Field("string", "Vai trò", "Role", ("actual", "target", "achievement", "context")),
    "doubt": Field("string", "Cần xem lại", "Doubt"),
    "corrected": Field("boolean", "Đã sửa", "Corrected"),
    "sha256": Field("string", "SHA-256 của văn bản", "SHA-256 of the text"),
}
PROBLEM_FIELDS: dict[str, Field] = {
    "source": Field("string", "Văn bản", "Document"),
    "sample": FIELDS["sample"],
    "severity": Field("string", "Mức độ", "Severity", SEVERITIES),
    "check": Field("string", "Mã quy tắc", "Rule id"),
    "where": Field("string", "Vị trí", "Where"),
    "found": Field("string", "Số trong văn bản", "Found"),
    "expected": Field("string", "Số có thể đúng", "Likely right"),
    "message_vi": Field("string", "Nội dung", "Message in Vietnamese"),
    "message_en": Field("string", "Nội dung tiếng Anh", "Message"),
    "sentence": FIELDS["sentence"],
    "indicator": FIELDS["indicator"],
    "area": FIELDS["area"],
    "period": FIELDS["period"],
    "checked": Field("boolean", "Đã kiểm tra xong", "Settled"),
    "checked_by": Field("string", "Người kiểm tra", "Settled by"),
    "checked_when": Field("string", "Lúc kiểm tra", "Settled at"),
    "checked_why": Field("string", "Lý do", "Reason"),
    "sha256": FIELDS["sha256"],
}
NUMERAL_COLUMNS = ("document", "sample", "start", "end", "text", "kind")
# Columns of the other tables that are no text; ``expected`` is one in one table only.
_TYPES = {name: field.type for name, field in (FIELDS | PROBLEM_FIELDS).items()}
for _type, _names in {
    "number": "actual actual_low actual_high share expected_share needed_per_year projected projected_low projected_high "
    "a_value a_low a_high b_value b_low b_high change change_low change_high change_pct suggestion",
    "integer": "areas_expected areas_counted days_late revision errors warnings",
    "date": "received due as_of",
    "boolean": "settled estimated",
}.items():
    _TYPES |= dict.fromkeys(_names.split(), _type)
_OWN_TYPES = {("completeness", "expected"): "boolean"}
_DAYS = {"received", "due"}
_FROM_SIDECAR = ("title", "origin", "date")
_ESCAPED = re.compile(r"^'(?= *[=+\-@\t\n\uff1d\uff0b\uff0d\uff20])")
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def plain_text(value: object) -> str:
    """Text that no spreadsheet takes for a formula and every encoder can write.

    A leading ``= + - @`` gets an apostrophe before it; control characters go;
    lone surrogates become U+FFFD.

    Examples
    --------
    >>> plain_text("=1+1"), plain_text("hộ nghèo")
    ("'=1+1", 'hộ nghèo')
    """
    text = clean_text(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def clean_text(value: object) -> str:
    """Text without control characters and lone surrogates, lines ended by ``\\n``; missing gives ``""``."""
    if missing(value):
        return ""
    lines = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _SURROGATES.sub("\ufffd", lines))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries with text keys."""
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def sorted_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows in reading order: by document, then by place."""
    keys = [c for c in ("document", "start", "end") if c in frame.columns]
    return frame.sort_values(keys, kind="stable", ignore_index=True) if keys and len(frame) else frame


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV in UTF-8 with BOM, numbers without needless zeros.

    Examples
    --------
    >>> import pandas as pd
    >>> csv_bytes(pd.DataFrame({"text": ["5.142"], "value": [5142.0]})).decode("utf-8-sig")
    'text,value\\n5.142,5142\\n'
    """
    import pandas as pd

    out = {column: [_cell(value) for value in frame[column]] for column in frame.columns}
    content = pd.DataFrame(out, columns=frame.columns, dtype=object).to_csv(index=False, lineterminator="\n")
    return content.encode("utf-8-sig")


def _cell(value: Any) -> str:
    if missing(value):
        return ""
    if isinstance(value, str):
        return plain_text(value)
    if type(value).__name__ in ("bool", "bool_"):
        return str(bool(value)).lower()
    amount = float(value)
    if not math.isfinite(amount):
        return ""
    return plain_number(amount)


def write_tables(
    folder: str | Path,
    statistics: pd.DataFrame,
    numerals: pd.DataFrame,
    sources: Sequence[Source],
    lang: str = "vi",
    problems: pd.DataFrame | None = None,
    described: bool = True,
) -> list[Path]:
    """Write ``statistics.csv``, ``numerals.csv``, ``statistics.xlsx`` and ``datapackage.json``.

    Parameters
    ----------
    folder : str or Path
        Where to; made if absent.
    statistics, numerals : DataFrame
        Columns of the contract; ``sample`` is taken over where it stands.
    sources : sequence of Source
        The files the rows were read from.
    lang : {"vi", "en"}
        Language of the workbook; the CSV files are the same in both.
    problems : DataFrame, optional
        What does not add up; written as ``problems.csv`` and as a sheet.
    described : bool
        False leaves ``datapackage.json`` to the caller, see `datapackage`.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    MttqError
        When one of them cannot be replaced (open in Excel): then the whole
        set stays as it was.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"document": ["a"], "start": [0], "end": [5], "text": ["5.142"], "kind": ["statistic"]})
    >>> [path.name for path in write_tables(tempfile.mkdtemp(), rows, rows, [])]
    ['statistics.csv', 'numerals.csv', 'statistics.xlsx', 'datapackage.json']
    """
    from mttq_data.tables.workbook import FIX, write_workbook

    check_lang(lang)
    folder = Path(folder)
    statistics = sorted_rows(_in_order(statistics))
    numerals = sorted_rows(numerals[[c for c in NUMERAL_COLUMNS if c in numerals.columns]])
    frames = {"statistics.csv": statistics, "numerals.csv": numerals}
    if problems is not None:
        problems = frames["problems.csv"] = _in_order(problems, PROBLEM_FIELDS)
    contents = {name: csv_bytes(frame) for name, frame in frames.items()}
    names = [*contents, "statistics.xlsx", *(["datapackage.json"] if described else [])]
    for name in names:
        _must_be_free(folder / name)
    with contextlib.ExitStack() as stack:
        # The last one opened is put in place first: the workbook is what an
        # analyst has open, and when it is refused the others must stay too.
        order = [*(name for name in reversed(names) if name != "statistics.xlsx"), "statistics.xlsx"]
        tmp = {name: stack.enter_context(replacing(folder / name)) for name in order}
        for name, content in contents.items():
            tmp[name].write_bytes(content)
        write_workbook(tmp["statistics.xlsx"], statistics, sources, lang, FIX, problems)
        if described:
            tmp["datapackage.json"].write_bytes(datapackage(contents, [source_entry(s) for s in sources]))
    return [folder / name for name in names]


def _must_be_free(path: Path) -> None:
    """Refuse before anything is replaced: Excel holds a file so that it cannot be opened for writing."""
    if not path.exists():
        return
    try:
        path.open("rb+").close()
    except OSError as exc:
        raise MttqError(f"{path}: cannot be written; close it in Excel, or choose another folder") from exc


def _in_order(frame: pd.DataFrame, fields: Mapping[str, Field] = FIELDS) -> pd.DataFrame:
    known = [c for c in fields if c in frame.columns]
    return frame[[*known, *(c for c in frame.columns if c not in fields)]]


def datapackage(contents: Mapping[str, bytes], sources: Sequence[Mapping[str, Any]]) -> bytes:
    """The Frictionless description of CSV files: columns with types, checksums, units and sources.

    Parameters
    ----------
    contents : mapping of str to bytes
        The files as `csv_bytes` makes them, by name.
    sources : sequence of mapping
        As `source_entry` gives them.

    Returns
    -------
    bytes
        What goes into ``datapackage.json``.

    Examples
    --------
    >>> package = json.loads(datapackage({"a.csv": "value,unit\\n2,percent\\n".encode()}, []))
    >>> package["resources"][0]["schema"]["fields"][0]["type"], package["units"]["percent"]["vi"]
    ('number', '%')
    """
    import pandas as pd

    tables = {name: pd.read_csv(io.BytesIO(c), dtype=str, keep_default_na=False) for name, c in contents.items()}
    units = sorted({str(unit) for table in tables.values() for unit in table.get("unit", ()) if unit})
    sample = any(bool(source.get("sample")) for source in sources)
    package = {
        "profile": "tabular-data-package",
        "name": "mttq-statistics",
        "title": "Số liệu rút từ báo cáo" + f" ({SAMPLE['vi']})" * sample,
        "sample": sample,
        "sources": list(sources),
        "units": {code: {lang: unit_name(code, lang) for lang in ("vi", "en")} for code in units},
        "resources": [_resource(name, table, contents[name]) for name, table in tables.items()],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def source_entry(source: Source) -> dict[str, Any]:
    """What a table says of one of its sources: title, file, origin, date, checksum, sample flag."""
    said = {name: unicodedata.normalize("NFC", str(source.sidecar.get(name) or "")) for name in _FROM_SIDECAR}
    entry = {"title": said.pop("title") or source.name, "file": source.name}
    texts = {name: clean_text(text) for name, text in {**entry, **said}.items() if text}
    return {**texts, "sha256": source.sha256, "sample": source.sample}


def _resource(name: str, table: pd.DataFrame, content: bytes) -> dict[str, Any]:
    own = name.removesuffix(".csv")
    return {
        "name": own,
        "path": name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
        "sample": "true" in set(table.get("sample", ())),
        "schema": {"fields": [_field(own, column) for column in table.columns], "missingValues": [""]},
    }


def _type_of(table: str, column: str) -> str:
    return _OWN_TYPES.get((table, column)) or _TYPES.get(column, "string")


def _field(table: str, column: str) -> dict[str, Any]:
    known = FIELDS.get(column) or PROBLEM_FIELDS.get(column)
    out: dict[str, Any] = {"name": column, "type": _type_of(table, column)}
    if known and out["type"] == known.type:
        out |= {"title": known.vi, "title_en": known.en}
    if known and known.allowed and table in ("statistics", "problems"):
        out["constraints"] = {"enum": list(known.allowed)}
    return out


def read_table(path: str | Path) -> pd.DataFrame:
    """A table that `csv_bytes` wrote: numbers, days and flags as such, missing text as ``""``.

    Raises
    ------
    MttqError
        When it is not readable as CSV.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "totals.csv"
    >>> _ = path.write_text("area,value\\n213,2.5\\n", encoding="utf-8")
    >>> read_table(path).values.tolist()
    [['213', 2.5]]
    """
    import pandas as pd

    path = Path(path)
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as exc:
        raise MttqError(f"{path}: not readable as CSV ({exc}); run mttq build again") from exc
    for column in frame.columns:
        kind = _type_of(path.stem, column)
        if kind in ("number", "integer"):
            frame[column] = pd.to_numeric(frame[column], errors="coerce")
        elif column in _DAYS:
            frame[column] = pd.to_datetime(frame[column], errors="coerce")
        elif kind == "boolean":
            frame[column] = frame[column] == "true"
        else:
            # The apostrophe that keeps spreadsheets from calculating is not part of the text.
            frame[column] = frame[column].str.replace(_ESCAPED, "", regex=True)
    return frame
