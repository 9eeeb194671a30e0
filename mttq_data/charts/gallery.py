"""The charts ``mttq build`` writes: a fixed list of names, so that none outlives its data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.charts.problems import plot_problems
from mttq_data.charts.save import save_figure
from mttq_data.charts.statistics import plot_shares, plot_statistics
from mttq_data.charts.style import without_window
from mttq_data.wording import readable, shown_period

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
    shared: dict[str, Any] = {"lang": lang, "source": "; ".join(_named(s, lang) for s in sources)}
    actual, target = statistics["role"] == "actual", statistics["role"] == "target"
    money, percent = statistics["unit"] == "VND", statistics["unit"] == "percent"
    made: list[tuple[str, Callable[..., Axes], pd.DataFrame, dict[str, Any]]] = [
        ("shares", plot_shares, statistics, {}),
        ("money", plot_statistics, statistics[actual & money], {"unit": "VND", "title": _MONEY_TITLE[lang]}),
        ("targets", plot_statistics, statistics[target & percent], {"unit": "percent", "title": _TARGET_TITLE[lang]}),
        *([] if problems is None else [("problems", plot_problems, problems, {})]),
    ]
    return [partial(_drawn, partial(plot, data, **own, **shared), folder / name) for name, plot, data, own in made]


def _drawn(draw: Callable[[], Axes], path: Path) -> list[Path]:
    with without_window():
        return save_figure(draw(), path)


def _named(source: Source, lang: str) -> str:
    date = shown_period(source.sidecar.get("date", ""), lang)
    name = readable(source.sidecar.get("title", "")) or source.name
    return f"{name} ({date})" if date else name
