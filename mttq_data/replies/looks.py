"""How the sheets of a workbook look, told in one way for every format.

A `Look` holds cell formats in the words of ``xlsxwriter``. An .xlsx is asked
through ``openpyxl``, an .xls through ``xlrd``, an .ods through its XML; .xlsb
and .csv have none. What cannot be told is left out, never guessed.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from mttq_data.returns.grids import Place, Workbook
from mttq_data.store.rows import cell_place
from mttq_data.tables.books import digits

_MOST_COLUMNS = 256
_BORDERS = ("none", "thin", "medium", "dashed", "dotted", "thick", "double", "hair", "mediumDashed", "dashDot",
            "mediumDashDot", "dashDotDot", "mediumDashDotDot", "slantDashDot")  # fmt: skip
_SIDES = ("left", "right", "top", "bottom")
_OPERATORS = {"between": "between", "notBetween": "not between", "equal": "==", "notEqual": "!=", "greaterThan": ">",
              "lessThan": "<", "greaterThanOrEqual": ">=", "lessThanOrEqual": "<="}  # fmt: skip


@dataclass
class Look:
    """One sheet's look: cell formats, widths, heights, formulas, comments, checks of what is typed."""

    cells: dict[Place, dict[str, Any]] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)
    checks: list[tuple[tuple[int, int, int, int], dict[str, Any]]] = field(default_factory=list)
    protected: bool = False
    freeze: Place = (0, 0)
    landscape: bool = False


def looks_of(book: Workbook) -> dict[str, Look]:
    """The look of every sheet, by name; none where the format tells nothing or cannot be asked."""
    if book.package is None or book.kind not in ("xlsx", "xls", "ods"):
        return {}
    ask = {"xlsx": _xlsx, "xls": _xls, "ods": _ods}[book.kind]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ask(book)
    except Exception:  # noqa: BLE001 - the look is an extra; the values are read already
        return {}


def _xlsx(book: Workbook) -> dict[str, Look]:
    import openpyxl

    assert book.package is not None
    opened = openpyxl.load_workbook(io.BytesIO(book.package.raw), keep_links=False)
    return {page.title: _openpyxl_sheet(page) for page in opened.worksheets}


def _openpyxl_sheet(page: Any) -> Look:
    look, known = Look(), dict[int, dict[str, Any]]()
    for row in page.iter_rows():
        for cell in row:
            place = (cell.row - 1, cell.column - 1)
            if cell.has_style:
                number = cell._style.__hash__()
                if number not in known:
                    known[number] = _openpyxl_format(cell)
                look.cells[place] = known[number]
            if cell.data_type == "f":
                look.formulas[place] = str(getattr(cell.value, "text", cell.value))
            if cell.comment is not None:
                look.comments[place] = str(cell.comment.text)
    for dimension in page.column_dimensions.values():
        if dimension.width and dimension.min:
            for column in range(dimension.min - 1, min(dimension.max, _MOST_COLUMNS)):
                look.widths[column] = float(dimension.width)
    look.heights = {r - 1: float(d.height) for r, d in page.row_dimensions.items() if d.height}
    look.protected = bool(page.protection.sheet)
    look.landscape = page.page_setup.orientation == "landscape"
    if re.fullmatch(r"[A-Z]{1,3}\d+", str(page.freeze_panes or "")):
        look.freeze = cell_place(page.freeze_panes)
    look.checks = [pair for check in page.data_validations.dataValidation for pair in _check(check)]
    return look


def _openpyxl_format(cell: Any) -> dict[str, Any]:
    font, fill, align = cell.font, cell.fill, cell.alignment
    made: dict[str, Any] = {"font_name": font.name, "font_size": font.sz, "num_format": cell.number_format}
    made |= {"bold": font.b, "italic": font.i, "underline": 1 if font.u else None, "font_color": _rgb(font.color)}
    if fill is not None and fill.fill_type == "solid":
        made["bg_color"] = _rgb(fill.fgColor)
    horizontal = align.horizontal if align.horizontal != "general" else None
    made |= {"align": "center_across" if horizontal == "centerContinuous" else horizontal, "text_wrap": align.wrap_text}
    made |= {"valign": {"center": "vcenter"}.get(align.vertical, align.vertical), "indent": int(align.indent or 0)}
    for side in _SIDES:
        style = getattr(getattr(cell.border, side, None), "style", None)
        made[side] = _BORDERS.index(str(style)) if style in _BORDERS else None
    return _told(made) | ({"locked": False} if not cell.protection.locked else {})


def _told(made: dict[str, Any]) -> dict[str, Any]:
    """What a format says; the rest is as in any cell."""
    return {k: v for k, v in made.items() if v not in (None, False, 0, "", "General")}


def _rgb(color: Any) -> str | None:
    text = getattr(color, "rgb", None)
    return f"#{text[-6:]}" if isinstance(text, str) and re.fullmatch(r"[0-9A-Fa-f]{6,8}", text) else None


def _check(check: Any) -> list[tuple[tuple[int, int, int, int], dict[str, Any]]]:
    """A check of what is typed, once for each block of cells; kinds that cannot be told are left out."""
    kinds = {"whole": "integer", "decimal": "decimal", "list": "list"}
    if check.type not in kinds or check.formula1 is None:
        return []
    first, second = (_check_value(f) for f in (check.formula1, check.formula2))
    options: dict[str, Any] = {"validate": kinds[check.type]}
    if check.type == "list":
        options["source"] = first.split(",") if check.formula1.startswith('"') else f"={check.formula1.lstrip('=')}"
        if re.search(r"[\[|]", str(check.formula1)):
            return []
    else:
        ends = {"minimum": first, "maximum": second} if second not in (None, "") else {"value": first}
        options |= {"criteria": _OPERATORS.get(check.operator or "between", "between")} | ends
    texts = {"input_title": (check.promptTitle, 32), "input_message": (check.prompt, 255),
             "error_title": (check.errorTitle, 32), "error_message": (check.error, 255)}  # fmt: skip
    options |= {name: text[:most] for name, (text, most) in texts.items() if text}
    options["show_error"] = bool(check.showErrorMessage)
    return [((b.min_row - 1, b.min_col - 1, b.max_row - 1, b.max_col - 1), options) for b in check.sqref.ranges]


def _check_value(text: str | None) -> Any:
    if text is None or text.startswith('"'):
        return text.strip('"') if text else text
    try:
        return float(text)
    except ValueError:
        return f"={text.lstrip('=')}"


_XLS_ALIGN = (None, "left", "center", "right", "fill", "justify", "center_across", "distributed")
_XLS_VALIGN = ("top", "vcenter", None, "vjustify", "vdistributed")


def _xls(book: Workbook) -> dict[str, Look]:
    import xlrd

    assert book.package is not None
    with io.StringIO() as unread:
        opened = xlrd.open_workbook(
            file_contents=book.package.data, formatting_info=True, ragged_rows=True, logfile=unread
        )
    known = {number: _xls_format(opened, kind) for number, kind in enumerate(opened.xf_list)}
    looks = {}
    for page in opened.sheets():
        look = looks[page.name] = Look()
        for row in range(page.nrows):
            for column, cell in enumerate(page.row(row)):
                if cell.xf_index is not None and known[cell.xf_index]:
                    look.cells[row, column] = known[cell.xf_index]
        look.widths = {c: info.width / 256 for c, info in page.colinfo_map.items() if info.width and c < _MOST_COLUMNS}
        look.heights = {r: info.height / 20 for r, info in page.rowinfo_map.items() if info.height}
        look.comments = {place: str(note.text) for place, note in page.cell_note_map.items()}
    return looks


def _xls_format(opened: Any, kind: Any) -> dict[str, Any]:
    font, align = opened.font_list[kind.font_index], kind.alignment
    number = opened.format_map.get(kind.format_key)
    made: dict[str, Any] = {"font_name": font.name, "font_size": font.height / 20, "bold": bool(font.bold),
                            "italic": bool(font.italic), "underline": 1 if font.underline_type else None,
                            "num_format": number.format_str if number else None, "text_wrap": bool(align.text_wrapped),
                            "align": _XLS_ALIGN[align.hor_align] if align.hor_align < len(_XLS_ALIGN) else None,
                            "valign": _XLS_VALIGN[align.vert_align] if align.vert_align < 5 else None,
                            "indent": align.indent_level}  # fmt: skip
    color = opened.colour_map.get(kind.background.pattern_colour_index)
    if kind.background.fill_pattern == 1 and color:
        made["bg_color"] = "#{:02X}{:02X}{:02X}".format(*color)
    for side in _SIDES:
        made[side] = getattr(kind.border, f"{side}_line_style", 0)
    return _told(made)


_NS = {p: f"{{urn:oasis:names:tc:opendocument:xmlns:{n}:1.0}}" for p, n in
       (("style", "style"), ("fo", "xsl-fo-compatible"), ("table", "table"), ("number", "datastyle"))}  # fmt: skip
_LENGTH = re.compile(r"([\d.]+)(cm|mm|in|pt)")
_POINTS = {"cm": 28.35, "mm": 2.835, "in": 72.0, "pt": 1.0}
# One character of a sheet's default font is about so many points wide.
_CHARACTER = 6.5
_ODS_ALIGN = {"start": "left", "center": "center", "end": "right"}


def _ods(book: Workbook) -> dict[str, Look]:
    from lxml import etree  # type: ignore[import-untyped]

    assert book.package is not None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root, common = (etree.fromstring(book.package.part(name), parser) for name in ("content.xml", "styles.xml"))
    name, made = f"{_NS['style']}name", f"{_NS['number']}number-style"
    styles = {s.get(name): s for s in root.iter(f"{_NS['style']}style")}
    numbers = {s.get(name): _ods_number(s) for part in (common, root) for s in part.iter(made)}
    formats = {name: _ods_format(style, numbers) for name, style in styles.items()}
    lengths = {name: _ods_lengths(style) for name, style in styles.items()}
    tables = {str(t.get(f"{_NS['table']}name")): t for t in root.iter(f"{_NS['table']}table")}
    return {name: _ods_sheet(table, formats, lengths) for name, table in tables.items()}


def _ods_sheet(table: Any, formats: dict[Any, dict[str, Any]], lengths: dict[Any, tuple[float, float]]) -> Look:
    look, column, row = Look(), 0, 0
    defaults: dict[int, dict[str, Any]] = {}
    for one in table.iter(f"{_NS['table']}table-column"):
        times = int(one.get(f"{_NS['table']}number-columns-repeated") or 1)
        width = lengths.get(one.get(f"{_NS['table']}style-name"), (0.0, 0.0))[0]
        for at in range(column, min(column + times, _MOST_COLUMNS)):
            defaults[at] = formats.get(one.get(f"{_NS['table']}default-cell-style-name"), {})
            if width:
                look.widths[at] = width / _CHARACTER
        column += times
    for line in table.iter(f"{_NS['table']}table-row"):
        times = min(int(line.get(f"{_NS['table']}number-rows-repeated") or 1), 100)
        height, column = lengths.get(line.get(f"{_NS['table']}style-name"), (0.0, 0.0))[1], 0
        for cell in line:
            count = int(cell.get(f"{_NS['table']}number-columns-repeated") or 1)
            name = cell.get(f"{_NS['table']}style-name")
            if told := cell.get(f"{_NS['table']}formula"):
                look.formulas[row, column] = _ods_formula(told)
            for at in range(column, min(column + count, _MOST_COLUMNS)):
                made = formats.get(name, {}) if name else defaults.get(at, {})
                if made:
                    look.cells |= {(r, at): made for r in range(row, row + times)}
            column += count
        if height:
            look.heights |= dict.fromkeys(range(row, row + times), height)
        row += int(line.get(f"{_NS['table']}number-rows-repeated") or 1)
    return look


def _ods_formula(text: str) -> str:
    """An OpenDocument formula as Excel writes it, as far as it refers to its own sheet."""
    text = text.removeprefix("of:").removeprefix("oooc:")
    text = re.sub(
        r"\[\.(\$?[A-Z]{1,3}\$?\d+)(?::\.(\$?[A-Z]{1,3}\$?\d+))?\]", lambda m: m[1] + (f":{m[2]}" if m[2] else ""), text
    )
    return "".join(
        part if at % 2 else part.replace(";", ",") for at, part in enumerate(re.split(r"(\"[^\"]*\")", text))
    )


def _ods_number(style: Any) -> str:
    part = style.find(f"{_NS['number']}number")
    if part is None:
        return ""
    places = int(part.get(f"{_NS['number']}decimal-places") or 0)
    return digits(places, "#,##0" if part.get(f"{_NS['number']}grouping") == "true" else "0")


def _ods_format(style: Any, numbers: dict[Any, str]) -> dict[str, Any]:
    said = {str(k).rsplit("}", 1)[-1]: v for part in style for k, v in part.attrib.items()}
    color = said.get("background-color", "")
    size = _LENGTH.fullmatch(said.get("font-size", ""))
    made: dict[str, Any] = {"font_name": said.get("font-name"), "font_size": float(size[1]) if size else None,
                            "bold": said.get("font-weight") == "bold", "italic": said.get("font-style") == "italic",
                            "text_wrap": said.get("wrap-option") == "wrap",
                            "bg_color": color if re.fullmatch(r"#[0-9a-fA-F]{6}", color) else None,
                            "align": _ODS_ALIGN.get(said.get("text-align", "")),
                            "valign": {"middle": "vcenter", "top": "top"}.get(said.get("vertical-align", "")),
                            "num_format": numbers.get(style.get(f"{_NS['style']}data-style-name"))}  # fmt: skip
    for side in _SIDES:
        line = said.get(f"border-{side}") or said.get("border", "none")
        made[side] = 0 if line in ("none", "") else 1
    return _told(made)


def _ods_lengths(style: Any) -> tuple[float, float]:
    """Width and height in points, 0 where the style says none."""
    found = []
    for name in ("column-width", "row-height"):
        text = next((v for part in style for k, v in part.attrib.items() if str(k).endswith(name)), "")
        match = _LENGTH.fullmatch(text)
        found.append(float(match[1]) * _POINTS[match[2]] if match else 0.0)
    return found[0], found[1]
