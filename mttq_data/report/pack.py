"""The committee's report, put together from the tables of a build: Word, Excel and the pictures."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.charts.drawing import sampled
from mttq_data.errors import MttqError
from mttq_data.report import sections as parts
from mttq_data.report.blocks import Block, Heading, Paragraph, Picture, Table
from mttq_data.report.head import Head, office_head
from mttq_data.report.words import WORDS
from mttq_data.tables.tables import read_table
from mttq_data.wording import check_lang, missing, number

if TYPE_CHECKING:
    import pandas as pd

# The tables of data/processed a report is made of; those that are not there are left out.
FRAMES = ("statistics", "problems", "comparison", "progress", "observations", "totals", "completeness", "facts")
NAMES = {"word": "report_pack.docx", "excel": "report_pack.xlsx", "figures": "figures"}


def pack(
    frames: Mapping[str, pd.DataFrame], sources: Sequence[Mapping[str, Any]] = (), *, lang: str = "vi"
) -> list[Block]:
    """Put the committee's report together from whatever tables there are.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        By the names of `FRAMES`: ``statistics`` (`extract`), ``problems``,
        ``comparison`` (`compare`), ``progress``, ``totals`` (`roll_up`),
        ``observations``, ``completeness``, ``facts``. Others are ignored.
    sources : sequence of mapping
        The files behind them, as `mttq_data.tables.tables.source_entry` gives them.
    lang : {"vi", "en"}

    Returns
    -------
    list of Heading, Paragraph, Picture, Table
        For `export_word` and `export_excel`.

    Examples
    --------
    >>> [type(block).__name__ for block in pack({})]
    ['Paragraph']
    """
    words = WORDS[check_lang(lang)]
    given = {name: frames[name] for name in FRAMES if name in frames and frames[name] is not None}
    names = {str(s.get("file", "")): str(s.get("title") or s.get("file", "")) for s in sources}
    stats = given.get("statistics")
    others = sum(len(given[name]) for name in ("observations", "facts") if name in given)
    blocks: list[Block] = []
    if any(map(sampled, given.values())) or any(source.get("sample") for source in sources):
        blocks.append(Paragraph(words["sample"], warning=True))
    blocks.append(
        Paragraph(
            words["intro"].format(
                *(number(n, lang) for n in (len(sources), 0 if stats is None else len(stats), others))
            )
        )
    )
    if stats is not None and len(stats):
        blocks += parts.report_figures(stats, lang, names)
    if "progress" in given:
        blocks += parts.progress_section(given["progress"], lang)
        figures = [given[name] for name in ("observations", "facts", "statistics") if name in given]
        blocks += parts.pace_section(given["progress"], figures, lang)
    if "comparison" in given:
        blocks += parts.comparison_section(given["comparison"], lang)
    if "facts" in given:
        blocks += parts.series_section(given["facts"], lang)
    by_area = given.get("totals", given.get("observations"))
    if by_area is not None:
        blocks += parts.area_section(by_area, lang)
    if "completeness" in given:
        blocks += parts.completeness_section(given["completeness"], lang)
    blocks += _appendices(given, names, lang)
    return [replace(b, source=parts.marked(b.source, b.frame, lang)) if isinstance(b, Table) else b for b in blocks]


def _appendices(given: Mapping[str, pd.DataFrame], names: dict[str, str], lang: str) -> list[Block]:
    made = [
        parts.problems_appendix(given.get("problems"), lang),
        parts.missing_appendix(given.get("completeness"), lang),
        parts.statistics_appendix(given.get("statistics"), lang, names),
    ]
    numbers = itertools.count(1)
    return [
        replace(b, text=f"{WORDS[lang]['appendix']} {next(numbers)}. {b.text}") if isinstance(b, Heading) else b
        for blocks in made
        for b in blocks
    ]


def pack_head(sources: Sequence[Mapping[str, Any]], frames: Mapping[str, pd.DataFrame], lang: str = "vi") -> Head:
    """The office's head with the date of the newest source and the term the figures are of."""
    dates = sorted(str(s["date"]) for s in sources if re.match(r"\d{4}", str(s.get("date") or "")))
    stats = frames.get("statistics")
    terms = [str(p) for p in stats["period"] if not missing(p) and re.fullmatch(r"\d{4}-\d{4}", str(p))] if stats is not None and "period" in stats else []  # fmt: skip
    term = max(sorted(set(terms)), key=terms.count, default="")
    return office_head(lang, date=dates[-1] if dates else "", subject=WORDS[lang]["subject"].format(term).strip())


def write_pack(
    folder: str | Path,
    frames: Mapping[str, pd.DataFrame],
    sources: Sequence[Mapping[str, Any]] = (),
    *,
    lang: str = "vi",
    outputs: Sequence[str] = ("word", "excel", "figures"),
    template: str | Path | None = None,
) -> list[Path]:
    """Write the report as ``report_pack.docx``, ``report_pack.xlsx`` and ``figures/``.

    Parameters
    ----------
    folder : str or Path
        Where to, usually ``reports``.
    frames, sources, lang
        As for `pack`.
    outputs : sequence of {"word", "excel", "figures"}
    template : str or Path, optional
        The office's own .docx, see `export_word`.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    MttqError
        When a file is open in another program; the files before it are written.

    Examples
    --------
    >>> import tempfile
    >>> [path.name for path in write_pack(tempfile.mkdtemp(), {}, outputs=["word"])]
    ['report_pack.docx']
    """
    from mttq_data.charts.save import save_figure
    from mttq_data.report.excel_report import export_excel
    from mttq_data.report.word_report import export_word

    folder = Path(folder)
    blocks = pack(frames, sources, lang=lang)
    written: list[Path] = []
    if "figures" in outputs:
        for at, block in enumerate(blocks):
            if isinstance(block, Picture):
                names = [folder / NAMES["figures"] / f"{block.key}.{kind}" for kind in ("png", "svg", "pdf")]
                for name in names:
                    written += save_figure(block.chart, name, width="column")
                    # Laid out once, which takes as long as drawing; so the three are alike, too.
                    _figure(block).set_layout_engine("none")
                # Drawn once: the picture in the document is the file beside it.
                blocks[at] = replace(block, image=names[0].read_bytes())
    if "word" in outputs:
        head = pack_head(sources, frames, lang)
        written.append(export_word(folder / NAMES["word"], blocks, head=head, template=template, lang=lang))
    if "excel" in outputs:
        written.append(export_excel(folder / NAMES["excel"], blocks, sources=sources, lang=lang))
    return written


def _figure(block: Picture) -> Any:
    return getattr(block.chart, "figure", block.chart)


def read_frames(folder: str | Path = "data/processed") -> tuple[dict[str, pd.DataFrame], list[dict[str, Any]]]:
    """The tables a build left, with the sources its description names.

    Raises
    ------
    MttqError
        When there is none of them, or one is not readable.
    """
    folder = Path(folder)
    described = _described(folder / "datapackage.json")
    # What lies there and is not of the last build is left out.
    listed = {entry.get("name") for entry in described.get("resources", [])} if described else set(FRAMES)
    names = [name for name in FRAMES if name in listed and (folder / f"{name}.csv").is_file()]
    if not names:
        raise MttqError(f"{folder}: no tables here; run mttq build first")
    return {name: read_table(folder / f"{name}.csv") for name in names}, described.get("sources", [])


def _described(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
        lists = [[dict(entry) for entry in content.get(name, [])] for name in ("sources", "resources")]
    except (OSError, ValueError, TypeError, AttributeError) as exc:
        raise MttqError(f"{path}: not readable as JSON ({exc}); run mttq build again") from exc
    return dict(zip(("sources", "resources"), lists, strict=True))
