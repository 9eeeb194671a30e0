"""Write the illustrative returns of ten districts for two quarters into ``data/raw/returns/``.

    python scripts/make_sample_returns.py [FOLDER]

The figures are drawn by a seeded generator around round numbers: no district ever
sent them. They are laid out and damaged as clerks and Excel do; the list of the
planted faults goes to ``tests/data/planted_faults.csv``. The same code gives the
same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Font

from mttq_data.files import sha256_of
from mttq_data.forms.forms import form as read_form
from mttq_data.forms.model import Cell, Form
from mttq_data.forms.template import write_template
from mttq_data.places.area_codes import Area, areas, find_area
from mttq_data.places.area_names import slug
from mttq_data.reading.encodings import LEGACY_NAMES
from mttq_data.returns.grids import letters, open_workbook
from mttq_data.returns.table_search import find_table

SEED = 20240930
QUARTERS = ("2024-Q3", "2024-Q4")
WHEN = dt.datetime(2025, 1, 10, 8, 0, 0)
# Days between the day a return was due and the day it came; most come in time.
DAYS_LATE = (-4, -3, -2, -2, -1, -1, 0, 0, 1, 2, 5)
# A quarter's figure of a middling district.
USUAL: dict[str, float] = {
    "fund_for_the_poor_raised": 1850, "fund_for_the_poor_spent": 1620, "great_unity_houses_new": 34,
    "great_unity_houses_repaired": 21, "great_unity_houses_value": 2900, "tet_gifts": 4200, "tet_gifts_value": 2100,
    "households_count": 46000, "poor_households_count": 1240, "near_poor_households_count": 1710,
    "poor_households_supported_production": 96, "supervision_sessions_chaired": 44, "supervision_sessions_joined": 61,
    "supervision_recommendations": 83, "supervision_recommendations_accepted": 71, "social_criticism_conferences": 36,
    "peoples_inspectorates": 21, "peoples_inspectorate_supervision_sessions": 118, "community_investment_boards": 22,
    "community_investment_supervised_projects": 87, "community_supervision_recovery_proposed_value": 64, "mediation_teams": 240,
    "mediators_count": 1530, "mediation_cases_successful": 68, "mediation_cases_unsuccessful": 12,
    "mediation_cases_pending": 9, "council_voter_meeting_points": 46, "council_voter_meeting_attendance": 7300,
    "council_voter_meeting_opinions": 410, "leader_people_dialogues": 38, "new_rural_cash_contributions": 6200,
    "land_donated_m2": 15400, "new_rural_labour_days_contributed": 9800, "residential_areas_count": 232,
    "great_unity_festival_residential_areas": 76, "front_training_courses": 33,
}  # fmt: skip
STOCKS = {"households_count", "peoples_inspectorates", "community_investment_boards", "mediation_teams", "mediators_count",
          "residential_areas_count", "poor_households_count", "near_poor_households_count"}  # fmt: skip


@dataclass
class Return:
    """One return being made."""

    area: Area
    period: str
    path: Path
    book: Any
    sheet: Any
    at: dict[tuple[str, str], str]
    values: dict[tuple[str, str], float]
    faults: list[tuple[str, str, str]] = field(default_factory=list)

    def put(self, row: str, column: str, value: Any, check: str = "", expected: str = "") -> None:
        """Type something into a cell; with ``check`` it is a fault to be found there."""
        self.sheet[self.at[row, column]] = value
        if check:
            self.faults.append((self.at[row, column], check, expected))


def figures(form: Form, area: Area, rnd: random.Random) -> dict[str, dict[tuple[str, str], float]]:
    """Figures of the year's third and fourth quarter that agree with each other."""
    size = rnd.uniform(0.65, 1.5)
    cells = [c for c in form.cells(area, "2024-Q4") if c.role in ("input", "total", "ratio")]
    usual = {k: max(2, round(v * size * rnd.uniform(0.85, 1.15))) for k, v in USUAL.items()}
    rounds = {i: [max(1, round(v * rnd.uniform(0.8, 1.2))) for _ in range(4)] for i, v in usual.items()}
    opening = round(rnd.uniform(900, 1600))
    made: dict[str, dict[tuple[str, str], float]] = {}
    for period in QUARTERS:
        quarter = int(period[-1])
        values: dict[tuple[str, str], float] = {}
        for cell in cells:
            name, key = cell.indicator, (cell.row, cell.column)
            if cell.role != "input":
                continue
            if name == "fund_for_the_poor_opening_balance":
                saved = sum(rounds["fund_for_the_poor_raised"][: quarter - 1]) - sum(
                    rounds["fund_for_the_poor_spent"][: quarter - 1]
                )
                values[key] = float(opening if cell.measure == "cumulative" else opening + saved)
            elif cell.measure == "plan":
                values[key] = float(sum(rounds[name]) if name not in STOCKS else usual[name])
            elif cell.measure == "cumulative":
                values[key] = float(sum(rounds[name][:quarter]))
            else:
                values[key] = float(usual[name] if name in STOCKS else rounds[name][quarter - 1])
        for _ in range(3):
            _add_up(cells, values)
        made[period] = values
    return made


def _add_up(cells: list[Cell], values: dict[tuple[str, str], float]) -> None:
    for cell in cells:
        figure = cell.figure
        keys = [k for _, k in figure.total_of] or list(figure.ratio_of or ())
        if cell.role == "input":
            continue
        down = [values.get((k, cell.column)) for k in keys]
        terms = down if None not in down else [values.get((cell.row, k)) for k in keys]
        known = [t for t in terms if t is not None]
        if len(known) < len(keys):
            continue
        if figure.ratio_of:
            values[cell.row, cell.column] = round(100 * known[0] / known[1], figure.decimals)
        else:
            values[cell.row, cell.column] = float(sum(s * t for (s, _), t in zip(figure.total_of, known, strict=True)))


def start(folder: Path, form: Form, area: Area, period: str, values: dict[tuple[str, str], float]) -> Return:
    """The template filled in as it should be, with totals stored as Excel stores them."""
    path = folder / f"sample-{period}-{area.code}-{slug(area.name)}.xlsx"
    write_template(path, form, area, period)
    sheet = open_workbook(path).sheets[0]
    layout = find_table(sheet, form, form.rows(area, period), form.placeholders(area, period))
    assert layout is not None
    at = {
        (c.row, c.column): f"{letters(layout.columns[c.column])}{layout.rows[c.row] + 1}"
        for c in form.cells(area, period)
        if c.role in ("input", "total", "ratio", "note")
    }
    book = openpyxl.load_workbook(path)
    made = Return(area, period, path, book, book.worksheets[0], at, values)
    for key, value in values.items():
        made.sheet[at[key]] = value
    made.sheet["A4"] = "SỐ LIỆU MINH HỌA - KHÔNG PHẢI SỐ LIỆU THẬT"
    return made


def thousands_dot(r: Return) -> None:
    """The poor households typed 1.240 under English settings."""
    value = r.values["12", "2"]
    r.put("12", "2", value / 1000, "lost_thousands", f"{value:.0f}")


def text_numbers(r: Return) -> None:
    """Numbers typed with their unit, as text."""
    r.put("2", "2", f"{r.values['2', '2']:,.0f}".replace(",", "."), "text_number", f"{r.values['2', '2']:.0f}")
    r.put("40", "2", f"{r.values['40', '2']:,.0f} m2".replace(",", "."), "text_number", f"{r.values['40', '2']:.0f}")


def share_without_comma(r: Return) -> None:
    """The poverty rate without its decimal comma."""
    r.put("14", "2", float(round(r.values["14", "2"] * 100)), "range", f"{r.values['14', '2']:g}")


def a_date(r: Return) -> None:
    """06/10 typed, a date stored."""
    r.put("22", "2", dt.datetime(2024, 10, 6), "date_in_cell")


def dong(r: Return) -> None:
    """Đồng where the form says triệu đồng."""
    for column in ("2", "3"):
        r.put("10", column, r.values["10", column] * 1e6, "money_unit", f"{r.values['10', column]:.0f}")


def wrong_total(r: Return) -> None:
    """A total that its parts do not give, in the period and not in the year."""
    value = r.values["17", "2"]
    r.put("17", "2", value + 9, "total", f"{value:.0f}")


def low_cumulative(r: Return) -> None:
    """The year's figure below the quarter's."""
    r.put("38", "3", r.values["38", "2"] - 3, "cumulative_below_period", f"{r.values['38', '2']:.0f}")
    r.put("38", "4", round(100 * (r.values["38", "2"] - 3) / r.values["38", "1"], 1))


def broken_chain(r: Return) -> None:
    """The year's figure is not the last one plus this quarter."""
    value = r.values["35", "3"] + 40
    r.put("35", "3", value, "cumulative_chain", f"{r.values['35', '3']:.0f}")
    r.put("35", "4", round(100 * value / r.values["35", "1"], 1))


def empty_cell(r: Return) -> None:
    """Left empty without a word."""
    r.put("24", "2", None, "required")


def error_cell(r: Return) -> None:
    """A formula that broke."""
    r.put("20", "2", "#REF!", "error_cell")
    r.sheet[r.at["20", "2"]].data_type = "e"


def crossed(r: Return) -> None:
    """x and words in place of a figure."""
    r.put("27", "2", "x", "said_missing")
    r.put("36", "2", "nhiều lượt", "not_a_number")


def negative(r: Return) -> None:
    """A minus sign that slipped in."""
    r.put("45", "2", -r.values["45", "2"], "sign", f"{r.values['45', '2']:.0f}")


def wrong_title(r: Return) -> None:
    """Another district's name in the agency block."""
    r.sheet["A2"] = "ỦY BAN MTTQ VIỆT NAM HUYỆN TÂN YÊN"
    r.faults.append(("A2", "wrong_area", "Huyện Hiệp Hòa"))


def extra_row(r: Return) -> None:
    """A line the form lacks."""
    row = int(r.at["13", "2"][1:]) + 1
    r.sheet.insert_rows(row)
    for column, value in zip("BCEF", ("- Số hộ thoát nghèo", "hộ", 35, 80), strict=True):
        r.sheet[f"{column}{row}"] = value
    r.faults.append((f"B{row}", "unknown_row", ""))


def in_words(r: Return) -> None:
    """Money in words."""
    value = r.values["39", "2"]
    r.put("39", "2", f"{value // 1000:.0f} tỷ {value % 1000:.0f} triệu", "text_number", f"{value:.0f}")


def harmless(r: Return) -> None:
    """A dash for nothing, rows above the table, a hidden column: no fault."""
    r.put("27", "2", "-")
    r.sheet.column_dimensions["D"].hidden = True
    r.sheet["B13"] = "1. Số dư đầu kỳ"


def moved(r: Return) -> None:
    """Three rows put in above, the sheet renamed: no fault."""
    r.sheet.insert_rows(1, 3)
    r.sheet["A1"] = "Phụ lục kèm theo báo cáo (số liệu minh họa)"
    for block in list(r.sheet.merged_cells.ranges):
        block.shift(row_shift=3)
    r.sheet.title = r.area.name


def old_font(r: Return) -> None:
    """Labels typed in a TCVN3 font."""
    table = _tcvn3()
    first = ""
    for row in r.sheet.iter_rows(min_row=12):
        for cell in row[1:2]:
            if isinstance(cell.value, str) and cell.value.translate(table) != cell.value:
                cell.value = cell.value.translate(table)
                cell.font = Font(name=".VnTime")
                first = first or cell.coordinate
    r.faults.append((first, "legacy_font", ""))


def _tcvn3() -> dict[int, str]:
    from mttq_data.codelists import read_codelist

    assert "tcvn3" in LEGACY_NAMES
    rows = read_codelist("legacy_fonts", key=["letter"], required=["tcvn3_hex"])
    return {
        ord(r["letter"]): chr(int(r["tcvn3_hex"], 16)) for r in rows if r["tcvn3_hex"] and not r["letter"].isupper()
    }


Edit = Callable[[Return], None]
PLAN: dict[tuple[str, str], tuple[Edit, ...]] = {
    ("2024-Q3", "213"): (harmless,),
    ("2024-Q3", "215"): (thousands_dot,),
    ("2024-Q3", "216"): (text_numbers,),
    ("2024-Q3", "217"): (share_without_comma,),
    ("2024-Q3", "218"): (moved,),
    ("2024-Q3", "219"): (a_date,),
    ("2024-Q3", "220"): (extra_row,),
    ("2024-Q3", "222"): (negative,),
    ("2024-Q3", "223"): (in_words,),
    ("2024-Q4", "213"): (dong,),
    ("2024-Q4", "215"): (wrong_total,),
    ("2024-Q4", "216"): (low_cumulative,),
    ("2024-Q4", "217"): (empty_cell,),
    ("2024-Q4", "218"): (broken_chain,),
    ("2024-Q4", "219"): (error_cell,),
    ("2024-Q4", "220"): (crossed,),
    ("2024-Q4", "221"): (old_font,),
    ("2024-Q4", "223"): (wrong_title,),
}
AS_CSV = {("2024-Q3", "221"), ("2024-Q4", "222")}


def save(r: Return) -> Path:
    """Write the workbook so that the same content gives the same bytes."""
    r.book.properties.created = r.book.properties.modified = WHEN
    buffer = io.BytesIO()
    r.book.save(buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(r.path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2025-01-10T08:00:00Z", data)
            info = zipfile.ZipInfo(name, WHEN.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return r.path


def save_csv(r: Return) -> Path:
    """The same as text, with commas for decimals, as Excel saves it on a Vietnamese machine."""
    path = r.path.with_suffix(".csv")
    rows = [["" if v is None else f"{v:g}".replace(".", ",") if isinstance(v, float) and abs(v) < 1e5 else
             f"{v:.0f}" if isinstance(v, float) else str(v) for v in row] for row in r.sheet.iter_rows(values_only=True)]  # fmt: skip
    rows = [["" if v.startswith("=") else v for v in row] for row in rows]
    with open(path, "w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=";", lineterminator="\r\n").writerows(rows)
    r.path.unlink()
    return path


def main(folder: Path, faults: Path) -> int:
    """Write all returns, their sidecars and the list of faults."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("sample-*"):
        old.unlink()
    # Drawn apart, so that the figures stay what they were.
    form, rnd, days = read_form("front_work"), random.Random(SEED), random.Random(SEED + 1)
    listed: list[tuple[str, str, str, str]] = []
    for code in areas(on="2024-12-31", level="district")["code"]:
        area = find_area(code, on="2024-12-31")
        made = figures(form, area, rnd)
        for period in QUARTERS:
            r = start(folder, form, area, period, made[period])
            for edit in PLAN.get((period, code), ()):
                edit(r)
            path = save_csv(r) if (period, code) in AS_CSV else save(r)
            received = (form.due(period) + dt.timedelta(days.choice(DAYS_LATE))).isoformat()
            said = {"sample": True, "title": f"Illustrative return, {area.full_name}, {period}",
                    "origin": "made by scripts/make_sample_returns.py; no district sent it", "date": received,
                    "received": received, "area": code, "period": period, "sha256": sha256_of(path)}  # fmt: skip
            path.with_name(path.name + ".json").write_text(
                json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
            title = r.sheet.title
            listed += [(path.name, f"{title}!{cell}", check, expected) for cell, check, expected in r.faults]
    with open(faults, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([("source", "where", "check", "expected"), *sorted(listed)])
    return 0


if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parent.parent
    sys.exit(
        main(
            Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "data/raw/returns",
            ROOT / "tests/data/planted_faults.csv",
        )
    )
