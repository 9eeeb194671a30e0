"""Replies: the workbook that goes back to the sender of a return, with what is to be mended.

For a reader of returns: a reply is a return again once it is mended. Its first
sheet is called `REPLY_SHEET` and holds no figures of the sender; it is to be
passed over. The other sheets are the sender's, the hidden identity too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.files import replacing
from mttq_data.forms.template import IDENTITY
from mttq_data.replies.looks import Look, looks_of
from mttq_data.replies.sheets import Fault, cell_of, write_list, write_sheet
from mttq_data.replies.totals import live_totals
from mttq_data.returns.grids import Place, Workbook, letters, open_workbook
from mttq_data.tables.books import Formats, new_book, sheet_name
from mttq_data.tables.tables import records
from mttq_data.wording import SEVERITIES, check_lang, missing

if TYPE_CHECKING:
    import pandas as pd

REPLY_SHEET = "Lỗi cần sửa"
REPLY_COLUMNS = ("source", "reply", "errors", "warnings", "notes", "why")
_POOL_FROM = 8
_WORDS: dict[str, dict[str, Any]] = {
    "vi": {
        "title": "CÁC NỘI DUNG CẦN SỬA, BỔ SUNG",
        "whose": "Đơn vị: {area}. Kỳ: {period}. Tệp đã nhận: {name}",
        "counts": "{error} lỗi phải sửa, {warning} điểm cần kiểm tra, {note} lưu ý.",
        "none": "Không có lỗi. Cảm ơn đơn vị.",
        "how": "Bấm vào ô ở cột “Vị trí” để tới chỗ cần sửa; ô có lỗi được tô màu, rê chuột vào ô để xem ghi chú. "
               "Sửa trực tiếp trong tệp này, lưu lại rồi gửi về.",
        "columns": (("STT", 6), ("Mức", 13), ("Vị trí", 20), ("Nội dung", 70), ("Đang ghi", 20), ("Cần", 20)),
        "severities": {"error": "Phải sửa", "warning": "Cần kiểm tra", "note": "Lưu ý"},
        "file": "cả tệp", "go": "Tới ô cần sửa", "unknown": "chưa rõ", "message": "message_vi",
    },
    "en": {
        "title": "TO BE CORRECTED OR ADDED",
        "whose": "Unit: {area}. Period: {period}. File received: {name}",
        "counts": "Errors to correct: {error}; points to check: {warning}; notes: {note}.",
        "none": "No errors. Thank you.",
        "how": "Click a cell in the column Place to go there; faulty cells are coloured and carry a comment. "
               "Correct them in this file, save it and send it back.",
        "columns": (("No.", 6), ("Severity", 13), ("Place", 20), ("What", 70), ("Found", 20), ("Expected", 20)),
        "severities": {"error": "Correct", "warning": "Check", "note": "Note"},
        "file": "whole file", "go": "Go to the cell", "unknown": "not known", "message": "message_en",
    },
}  # fmt: skip


def write_reply(
    path: str | Path, reply_path: str | Path, problems: pd.DataFrame | None = None, *, lang: str = "vi"
) -> Path:
    """Write the workbook that goes back to the sender of a return.

    Its first sheet lists the problems with links to the cells. The sender's
    sheets follow, written anew: values, labels, merged cells, widths, number
    formats, fonts and formulas that only count with cells (of an .xls, those of the
    form's totals); of an .xlsx also the checks of what is typed. Faulty cells are coloured and carry a comment with
    what was found and what is expected. Macros, external links, pictures and
    text boxes are not taken over; text that begins like a formula stays text.
    Mended and sent back, it is read as a return again. The sender's file is
    never changed.

    Parameters
    ----------
    path : str or Path
        The return: ``.xlsx .xlsm .xlsb .xls .ods .csv``.
    reply_path : str or Path
        The .xlsx to write.
    problems : DataFrame, optional
        What `read_return` or `read_returns` found (rows of other files are
        passed over); by default the return is read.
    lang : {"vi", "en"}
        Language of the list and of the comments.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    MttqError
        The return cannot be opened, or the reply is not an .xlsx, is the
        sender's own file or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from mttq_data.forms.template import write_template
    >>> folder = Path(tempfile.mkdtemp())
    >>> sent = write_template(folder / "luc-nam.xlsx", "front_work", "H. Lục Nam", "2024-Q4")
    >>> write_reply(sent, folder / "luc-nam_can-sua.xlsx").name
    'luc-nam_can-sua.xlsx'
    """
    check_lang(lang)
    path, reply_path = Path(path), Path(reply_path)
    if reply_path.suffix.lower() != ".xlsx":
        raise MttqError(f"{reply_path}: a reply is an Excel workbook; end its name in .xlsx")
    if reply_path.exists() and path.exists() and reply_path.samefile(path):
        raise MttqError(f"{reply_path}: is the sender's own file; write the reply under another name")
    book = open_workbook(path)
    found = _problems_of(path, book, problems)
    with replacing(reply_path) as tmp:
        _write(tmp, book, found, lang)
    return reply_path


def write_replies(
    paths: Iterable[str | Path],
    folder: str | Path,
    problems: pd.DataFrame | None = None,
    *,
    executor: Executor | None = None,
    every: bool = False,
    progress: bool = True,
    lang: str = "vi",
) -> pd.DataFrame:
    """Write the replies to many returns.

    Parameters
    ----------
    paths : iterable of str or Path
        The returns.
    folder : str or Path
        Where the replies go, named ``<return>_can-sua.xlsx``.
    problems : DataFrame, optional
        What `read_returns` found in all of them; by default each is read by itself.
    executor : concurrent.futures.Executor, optional
        Where to work; by default a pool of processes for eight returns or more.
    every : bool
        Also answer returns with nothing to correct or to check.
    progress : bool
        Show a progress bar.
    lang : {"vi", "en"}

    Returns
    -------
    DataFrame
        One row a return, in order: ``source, reply`` (path, "" where none was
        written), ``errors, warnings, notes`` and ``why`` there is no reply.

    Raises
    ------
    MttqError
        The folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a.xlsx").write_bytes(b"")
    0
    >>> write_replies([folder / "a.xlsx"], folder / "tra-loi", progress=False)["reply"].tolist()
    ['']
    """
    import pandas as pd
    from tqdm import tqdm

    check_lang(lang)
    files = [Path(p) for p in paths]
    targets = _targets(files, Path(folder))
    parts = dict(iter(problems.groupby("source"))) if problems is not None else {}
    mine = [None if problems is None else parts.get(_shown(file), problems.head(0)) for file in files]
    jobs = [(file, target, part, every, lang) for file, target, part in zip(files, targets, mine, strict=True)]
    with ExitStack() as stack:
        if executor is None and len(jobs) >= _POOL_FROM:
            executor = stack.enter_context(ProcessPoolExecutor())
        work = map(_reply_to, jobs) if executor is None else executor.map(_reply_to, jobs)
        rows = list(tqdm(work, total=len(jobs), unit="file", disable=not progress))
    frame = pd.DataFrame(rows, columns=list(REPLY_COLUMNS))
    return frame.astype({"source": "str", "reply": "str", "why": "str"})


def _reply_to(job: tuple[Path, Path, pd.DataFrame | None, bool, str]) -> tuple[str, str, int, int, int, str]:
    file, target, problems, every, lang = job
    errors = warned = notes = 0
    try:
        book = open_workbook(file)
        found = _problems_of(file, book, problems)
        errors, warned, notes = (int((found["severity"] == severity).sum()) for severity in SEVERITIES)
        if not (every or errors or warned):
            return str(file), "", errors, warned, notes, "nothing to correct"
        with replacing(target) as tmp:
            _write(tmp, book, found, lang)
    except MttqError as exc:
        return str(file), "", errors, warned, notes, " ".join(str(exc).split())
    return str(file), str(target), errors, warned, notes, ""


def _targets(files: Sequence[Path], folder: Path) -> list[Path]:
    """A name for every reply; two returns that differ only in their kind keep it in the name."""
    stems = [re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", f.stem) or "_" for f in files]
    made, used = list[Path](), set[str]()
    for file, stem in zip(files, stems, strict=True):
        name = stem if [s.lower() for s in stems].count(stem.lower()) == 1 else f"{stem}_{file.suffix.lstrip('.')}"
        new, number = name, 1
        while new.lower() in used:
            number += 1
            new = f"{name}_{number}"
        used.add(new.lower())
        made.append(folder / f"{new}_can-sua.xlsx")
    return made


def _shown(path: Path) -> str:
    from mttq_data.returns.refusals import shown

    return shown(str(path))


def _problems_of(path: Path, book: Workbook, problems: pd.DataFrame | None) -> pd.DataFrame:
    if problems is None:
        from mttq_data.returns.reading import read_return

        return read_return(path)[1]
    mine = problems["sha256"] == book.sha256 if "sha256" in problems else problems["source"] == book.name
    return problems[mine]


def _write(path: Path, book: Workbook, problems: pd.DataFrame, lang: str) -> None:
    words = _WORDS[lang]
    sheets = [s for s in book.sheets if s.name != REPLY_SHEET]
    used = {REPLY_SHEET.lower(), "history"}
    names = {s.name: sheet_name(s.name, used, "Sheet") for s in sheets}
    looks, live = looks_of(book), live_totals(book)
    with new_book(path, words["title"]) as writer:
        formats = Formats(writer)
        first = writer.add_worksheet(REPLY_SHEET)
        faults = _faults(problems, words["message"])
        for sheet in sheets:
            page = writer.add_worksheet(names[sheet.name])
            look = looks.get(sheet.name, Look())
            look.formulas |= live.get(sheet.name, {})
            write_sheet(writer, page, sheet, look, faults.get(sheet.name, {}), formats)
            if sheet.name == IDENTITY:
                page.very_hidden()
            elif not sheet.visible and not faults.get(sheet.name):
                page.hide()
        write_list(first, _lines(problems, names, words), _head(book, problems, words), words, formats)
        first.activate()
        first.set_first_sheet()


def _faults(problems: pd.DataFrame, message: str) -> dict[str, dict[Place, Fault]]:
    """What was found, by sheet and cell."""
    found: dict[str, dict[Place, Fault]] = {}
    for where, severity, text in zip(problems["where"], problems["severity"], problems[message], strict=True):
        place = cell_of(str(where))
        if place is None or place[0] == IDENTITY:
            continue
        fault = found.setdefault(place[0], {}).setdefault(place[1], Fault(severity))
        fault.severity = min(fault.severity, severity, key=SEVERITIES.index)
        if text not in fault.messages:
            fault.messages.append(str(text))
    return found


def _lines(problems: pd.DataFrame, names: dict[str, str], words: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of the list: what must be corrected first, else in the order of the file."""
    lines = []
    for row in sorted(records(problems), key=lambda r: SEVERITIES.index(r["severity"])):
        place = cell_of(str(row["where"]))
        link, where = "", words["file"]
        if place is not None and place[0] in names and place[0] != IDENTITY:
            cell = f"{letters(place[1][1])}{place[1][0] + 1}"
            quoted = names[place[0]].replace("'", "''")
            link, where = f"internal:'{quoted}'!{cell}", f"{names[place[0]]}!{cell}"
        lines.append({"severity": row["severity"], "link": link, "where": where, "message": str(row[words["message"]]),
                      "found": str(row["found"]), "expected": str(row["expected"])})  # fmt: skip
    return lines


def _head(book: Workbook, problems: pd.DataFrame, words: dict[str, Any]) -> list[str]:
    counts = {s: int((problems["severity"] == s).sum()) for s in SEVERITIES}
    told = words["counts"].format(**counts) if len(problems) else words["none"]
    area, period = _whose(problems, words["unknown"])
    head = [words["title"], words["whose"].format(area=area, period=period, name=book.name), told]
    return [*head, words["how"]] if len(problems) else head


def _whose(problems: pd.DataFrame, unknown: str) -> tuple[str, str]:
    from mttq_data.periods import parse_period
    from mttq_data.places.area_codes import find_area

    areas, periods = ([str(v) for v in problems[c].unique() if not missing(v)] for c in ("area", "period"))
    period = periods[0] if periods else ""
    try:
        names = [find_area(area, on=period or "2024-12-31").full_name for area in areas]
        return ", ".join(names) or unknown, parse_period(period).vi if period else unknown
    except MttqError:
        return ", ".join(areas) or unknown, period or unknown
