"""Draw the pictures of the README from the sample report: ``python docs/pictures.py``.

The page of the workbook is printed by LibreOffice (``soffice``) and turned into
a picture by ``pdftoppm`` (poppler-utils); without them the charts alone are drawn.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import openpyxl
from matplotlib.figure import Figure
from openpyxl.worksheet.dimensions import ColumnDimension
from PIL import Image, ImageChops

from mttq_data.build import build
from mttq_data.charts import plot_statistics, save_figure, theme
from mttq_data.charts.style import size_for
from mttq_data.corrections.file import FILE
from mttq_data.corrections.laying import correct

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
CHARTS = ("shares", "statistics", "problems")
WIDTH = 1400
# What of the sheets fits a page that can still be read on a screen.
SHOWN = {
    0: ["Câu", "Chữ số trong văn bản", "Giá trị", "Giá trị - sửa thành", "Chỉ tiêu", "Kỳ", "Vai trò", "Đã sửa"],
    1: ["Mức độ", "Quy tắc", "Nội dung", "Số trong văn bản", "Số có thể đúng", "Câu", "Tình trạng", "đã kiểm tra"],
}
NAMES = {0: "workbook", 1: "workbook-problems"}


def main() -> int:
    """Draw all pictures; 1 where a program is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = folder / FILE.name
        done = build(ROOT / "data" / "raw", folder, folder, corrections=kept)
        settle_one(done, kept)
        done = build(ROOT / "data" / "raw", folder, folder, corrections=kept)
        one_programme(done, folder)
        for chart in CHARTS:
            shrink(folder / f"{chart}.png", FOLDER / f"{chart}.png")
        if not (shutil.which("soffice") and shutil.which("pdftoppm")):
            print("soffice or pdftoppm is missing: the pages of the workbook stay as they were")
            return 1
        for sheet, picture in NAMES.items():
            page(folder, sheet, FOLDER / f"{picture}.png")
    print(f"{len(CHARTS) + len(NAMES)} pictures in {FOLDER}")
    return 0


def settle_one(done, kept: Path) -> None:
    """One figure corrected and one problem settled, so that the pictures show both."""
    turnout = done.statistics[(done.statistics["text"] == "99%") & done.statistics["sentence"].str.contains("cử tri")]
    correct(turnout, turnout.index[0], "value", 99.9, "biên bản tổng kết bầu cử", by="Ban Phong trào", corrections=kept)
    number = done.problems[done.problems["check"] == "members_per_body"]
    why = "chỉ đếm thành viên nòng cốt"
    correct(number, number.index[0], "checked", "đã kiểm tra", why, by="Ban Phong trào", corrections=kept)
    # The same pictures on any day.
    dated = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+", "2024-12-02T08:00:00", kept.read_text(encoding="utf-8-sig"))
    kept.write_text(dated, encoding="utf-8-sig")


def one_programme(done, folder: Path) -> None:
    """The money of the social programmes, drawn as a notebook would."""
    with theme():
        ax = Figure(figsize=size_for(6), layout="constrained").add_subplot()
        plot_statistics(done.statistics, ax=ax, topic="social", unit="VND")
        save_figure(ax, folder / "statistics.png")


def page(folder: Path, at: int, picture: Path) -> None:
    """Print the first page of one sheet, the columns that fit."""
    book = openpyxl.load_workbook(folder / "statistics.xlsx")
    for other in [sheet for number, sheet in enumerate(book.worksheets) if number != at]:
        other.sheet_state = "hidden"
    sheet = book.worksheets[at]
    book.active = at
    titles = {cell.value: number for number, cell in enumerate(sheet[1])}
    for number, row in enumerate(sheet.iter_rows(min_row=2), start=2):
        sheet.row_dimensions[number].hidden = not _is_shown(at, number, row, titles)
    for cell in sheet[1]:
        known = sheet.column_dimensions.get(cell.column_letter)
        width = known.width if known else 18
        sheet.column_dimensions[cell.column_letter] = ColumnDimension(
            sheet, cell.column_letter, width=width, customWidth=True, hidden=cell.value not in SHOWN[at]
        )
    # The validation lists stand on a sheet that is hidden here.
    copy = folder / f"{NAMES[at]}.xlsx"
    book.save(copy)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/office", "--convert-to", "pdf", "--outdir", folder, copy],
        check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(
        ["pdftoppm", "-r", "220", "-png", "-f", "1", "-l", "1", copy.with_suffix(".pdf"), folder / NAMES[at]],
        check=True,
    )
    drawn = next(folder.glob(f"{NAMES[at]}*.png"))
    with Image.open(drawn) as image:
        plain = image.convert("RGB")
        box = ImageChops.difference(plain, Image.new("RGB", plain.size, "white")).getbbox()
        plain.crop(box).save(drawn)
    shrink(drawn, picture)


def _is_shown(at: int, number: int, row, titles: dict[str, int]) -> bool:
    """Rows of the picture: the first few, and those a person has dealt with."""
    dealt_with = row[titles["Tình trạng" if at else "Đã sửa"]].value
    return bool(dealt_with) or 8 < number < 17 if not at else bool(dealt_with) or number < 12


def shrink(source: Path, target: Path) -> None:
    """A picture as wide as a README needs, in few colours."""
    with Image.open(source) as image:
        height = round(image.height * WIDTH / image.width)
        small = image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
        small.quantize(64, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
