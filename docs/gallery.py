"""Draw ``docs/gallery.md`` and its pictures: ``make gallery``.

Each chart is made by the five lines that are printed beside it, run on the
data a clone holds, once in Vietnamese and once in English.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from PIL import Image

from mttq_data import charts

ROOT = Path(__file__).resolve().parent.parent
PAGE, FOLDER = ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery"
WIDTH, COLOURS, LINES = 1000, 64, 5
REPORT = 'report = mttq.read_document("data/raw/reports/bac-giang-2024-restatement.txt")'
RETURNS = 'returns, problems = mttq.read_returns("data/raw/returns", progress=False)'
FACTS = 'facts = read_facts("data/raw/facts")'


@dataclass(frozen=True)
class Example:
    """One chart: what it is for, and the five lines that make it; the last one sets ``ax``."""

    name: str
    vi: str
    en: str
    lines: tuple[str, ...]

    @property
    def code(self) -> str:
        """The lines as they are printed."""
        return "\n".join(self.lines)


EXAMPLES = (
    Example(
        "plot_shares", "Tỷ lệ các nhóm trong dân số", "Groups as shares of the population",
        ("import mttq_data as mttq", "", REPORT, "stats = mttq.extract(report)",
         'ax = mttq.charts.plot_shares(stats, lang="vi")'),
    ),
    Example(
        "plot_statistics", "Kết quả của một chương trình", "The results of one programme",
        ("import mttq_data as mttq", "", REPORT, "stats = mttq.extract(report)",
         'ax = mttq.charts.plot_statistics(stats, topic="social", unit="VND", lang="vi")'),
    ),
    Example(
        "plot_composition", "Một tổng gồm những phần nào", "What a total is made of",
        ("import mttq_data as mttq",
         'communes = mttq.areas("2024", level="commune")',
         'parts = communes.groupby("type").size().reset_index(name="value")',
         'parts = parts.assign(unit="commune_level_unit", period="2024")',
         'ax = mttq.charts.plot_composition(parts, part="type", title="Bắc Giang", source="areas.csv", lang="vi")'),
    ),
    Example(
        "plot_series", "Một chỉ tiêu qua các năm, đứt đoạn khi chuẩn đổi", "An indicator over the years, broken where its definition changed",
        ("import mttq_data as mttq",
         "from mttq_data.comparison.facts import read_facts",
         FACTS,
         'facts = facts[facts["area"] == "24"]',
         'ax = mttq.charts.plot_series(facts, indicator="poverty_rate", lang="vi")'),
    ),
    Example(
        "plot_terms", "Kỳ này với kỳ khác, cận để ngỏ vẫn thấy", "Term over term, with the bounds visible",
        ("import mttq_data as mttq",
         "from mttq_data.comparison.facts import read_facts",
         REPORT,
         'compared = mttq.compare(read_facts("data/raw/facts").query("period < \'2023\'"), mttq.extract(report))',
         'ax = mttq.charts.plot_terms(compared, source="data/raw/facts; " + report.name, lang="vi")'),
    ),
    Example(
        "plot_targets", "Đã đạt bao nhiêu phần mục tiêu", "How much of each target is reached",
        ("import mttq_data as mttq",
         RETURNS,
         "followed = mttq.progress(returns)",
         'known = followed[followed["actual"].notna()]',
         'ax = mttq.charts.plot_targets(known, source="data/raw/returns", lang="vi")'),
    ),
    Example(
        "plot_pace", "Một mục tiêu so với nhịp đều", "One target against an even pace",
        ("import mttq_data as mttq",
         "from mttq_data.target_progress.judging import pace",
         RETURNS,
         'reached = pace(returns, "fund_for_the_poor_raised")',
         'ax = mttq.charts.plot_pace(reached, source="data/raw/returns", lang="vi")'),
    ),
    Example(
        "plot_tiles", "Mười huyện, thành phố theo vị trí", "The ten districts laid out as they lie",
        ("import mttq_data as mttq",
         'communes = mttq.areas("2024", level="commune")',
         'counts = communes.groupby("parent").size().rename_axis("area").reset_index(name="value")',
         'counts = counts.assign(indicator="commune_level_units_count", unit="commune_level_unit", period="2024")',
         'ax = mttq.charts.plot_tiles(counts, source="areas.csv", lang="vi")'),
    ),
    Example(
        "plot_districts", "Một chỉ tiêu theo huyện, xếp hạng", "One indicator by district, ranked",
        ("import mttq_data as mttq", "", RETURNS, 'totals = mttq.roll_up(returns, to="district")',
         'ax = mttq.charts.plot_districts(totals, indicator="tet_gifts", lang="vi")'),
    ),
    Example(
        "plot_district_multiples", "Một chỉ tiêu qua các kỳ, mỗi huyện một khung", "One indicator over the periods, a panel a district",
        ("import mttq_data as mttq", "", RETURNS, 'totals = mttq.roll_up(returns, to="district")',
         'ax = mttq.charts.plot_district_multiples(totals, indicator="tet_gifts", lang="vi")'),
    ),
    Example(
        "plot_district_table", "Nhiều chỉ tiêu theo huyện", "Several indicators by district",
        ("import mttq_data as mttq", "", RETURNS, 'totals = mttq.roll_up(returns, to="district")',
         'ax = mttq.charts.plot_district_table(totals, lang="vi")'),
    ),
    Example(
        "plot_status", "Ai đã gửi, ai chậm trong một kỳ", "Who has sent and who is late in one period",
        ("import tempfile",
         "import mttq_data as mttq",
         'store = mttq.Store(tempfile.mkdtemp() + "/store.sqlite")',
         'loaded = store.load("data/raw/returns", received="2025-01-08", by="gallery")',
         'ax = mttq.charts.plot_status(store.status("front_work", "2024-Q4"), lang="vi")'),
    ),
    Example(
        "plot_completeness", "Ai đã gửi, qua các kỳ", "Who has sent, over the periods",
        ("import tempfile",
         "import mttq_data as mttq",
         'store = mttq.Store(tempfile.mkdtemp() + "/store.sqlite")',
         'loaded = store.load("data/raw/returns", received="2025-01-08", by="gallery")',
         'ax = mttq.charts.plot_completeness(mttq.completeness(store), lang="vi")'),
    ),
    Example(
        "plot_problems", "Những chỗ chưa khớp", "What does not add up",
        ("import mttq_data as mttq", "", REPORT, "found = mttq.find_problems(mttq.extract(report), report)",
         'ax = mttq.charts.plot_problems(found, lang="vi")'),
    ),
)  # fmt: skip


def charted() -> list[str]:
    """The charts the package offers."""
    return [name for name in charts.__all__ if name.startswith("plot_")]


def draw(example: Example, lang: str) -> Any:
    """Run the five lines of an example in a language and return its axes."""
    space: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What is printed beside the picture is what was run.
        exec(example.code.replace('lang="vi"', f'lang="{lang}"'), space)  # noqa: S102
    return space["ax"]


def picture(ax: Any) -> bytes:
    """A chart as a small PNG of few colours, the same bytes every time."""
    stream, out = io.BytesIO(), io.BytesIO()
    ax.get_figure(root=True).savefig(stream, dpi=200, facecolor="white", metadata={"Software": None})
    with Image.open(stream) as image:
        small = image.convert("RGB").resize(
            (WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS
        )
        small.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def page(names: list[str]) -> str:
    """The text of ``docs/gallery.md`` for these charts."""
    parts = [
        "# Biểu đồ / Charts",
        'Mỗi biểu đồ kèm năm dòng lệnh vẽ ra nó; đổi `lang="vi"` thành `lang="en"` để có bản tiếng Anh. '
        + "Hình được vẽ lại bằng `make gallery`, từ dữ liệu mẫu và số liệu công khai đi kèm.",
        "*Each chart with the five lines that make it, in both languages; drawn anew by `make gallery`.*",
    ]  # fmt: skip
    for example in EXAMPLES:
        if example.name in names:
            short = example.name.removeprefix("plot_")
            images = [f"![{example.name}, {lang}](gallery/{short}-{lang}.png)" for lang in ("vi", "en")]
            title = f"## {example.vi}\n\n*{example.en}*: `{example.name}`"
            parts += [title, f"```python\n{example.code}\n```", "\n\n".join(images)]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Draw all; 1 where a chart has no example or an example fails."""
    os.chdir(ROOT)
    FOLDER.mkdir(exist_ok=True)
    code, drawn = 0, []
    offered = charted()
    for example in EXAMPLES:
        if example.name not in offered:
            print(f"{example.name}: not offered by mttq_data.charts, left out", file=sys.stderr)
            continue
        drawn.append(example.name)
        for lang in ("vi", "en"):
            target = FOLDER / f"{example.name.removeprefix('plot_')}-{lang}.png"
            try:
                target.write_bytes(picture(draw(example, lang)))
            except Exception as exc:  # noqa: BLE001 - the other pictures are drawn all the same
                print(f"{example.name} ({lang}): {type(exc).__name__}: {exc}", file=sys.stderr)
                code = 1
            plt.close("all")
    without = sorted(set(offered) - {example.name for example in EXAMPLES})
    if without:
        print(f"no example of {', '.join(without)}", file=sys.stderr)
        code = 1
    PAGE.write_text(page(drawn), encoding="utf-8", newline="\n")
    print(f"{len(drawn)} charts in {PAGE}")
    return code


if __name__ == "__main__":
    sys.exit(main())
