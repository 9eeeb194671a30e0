"""The charts ``mttq build`` writes: a fixed list of names, so that none outlives its data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mttq_data.charts.problems import plot_problems
from mttq_data.charts.save import save_figure
from mttq_data.charts.shares import plot_shares
from mttq_data.charts.statistics import plot_statistics
from mttq_data.charts.style import size_for, theme
from mttq_data.wording import readable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mttq_data.inventory import Source

_MONEY_TITLE = {"vi": "Các khoản tiền nêu trong báo cáo", "en": "Amounts of money in the report"}
_TARGET_TITLE = {"vi": "Mục tiêu tính theo phần trăm", "en": "Targets in percent"}


def first_charts(
    statistics: pd.DataFrame,
    sources: Sequence[Source],
    folder: Path,
    lang: str,
    problems: pd.DataFrame | None = None,
) -> list[Callable[[], Iterable[Path]]]:
    """What to call to draw and save each chart of the statistics.

    Parameters
    ----------
    statistics : DataFrame
    sources : sequence of Source
        For the source line: names and dates.
    folder : Path
        Where ``shares``, ``money``, ``targets`` and ``problems`` go, as .png and .svg.
    lang : {"vi", "en"}
    problems : DataFrame, optional
        What does not add up; no chart of it without.
    """
    source = "; ".join(_named(s, lang) for s in sources)
    actual, target = statistics["role"] == "actual", statistics["role"] == "target"

    def shares(ax: Axes) -> None:
        plot_shares(statistics, ax=ax, lang=lang, source=source)

    def money(ax: Axes) -> None:
        rows, title = statistics[actual & (statistics["unit"] == "VND")], _MONEY_TITLE[lang]
        plot_statistics(rows, ax=ax, lang=lang, unit="VND", title=title, source=source)

    def targets(ax: Axes) -> None:
        rows, title = statistics[target & (statistics["unit"] == "percent")], _TARGET_TITLE[lang]
        plot_statistics(rows, ax=ax, lang=lang, unit="percent", title=title, source=source)

    drawn = {"shares": shares, "money": money, "targets": targets}
    if problems is not None:
        found = problems

        def doubts(ax: Axes) -> None:
            plot_problems(found, ax=ax, lang=lang, source=source)

        drawn["problems"] = doubts
    return [partial(_drawn, draw, folder / name) for name, draw in drawn.items()]


def _drawn(draw: Callable[[Axes], None], path: Path) -> list[Path]:
    # Not through pyplot: a build needs no window and leaves no figure open.
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    with theme():
        ax = figure.add_subplot()
        draw(ax)
    figure.set_size_inches(size_for(len(ax.patches)))
    return save_figure(figure, path)


def _named(source: Source, lang: str) -> str:
    date = readable(source.sidecar.get("date", ""))
    if lang == "vi" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        date = "/".join(reversed(date.split("-")))
    name = readable(source.sidecar.get("title", "")) or source.name
    return f"{name} ({date})" if date else name
