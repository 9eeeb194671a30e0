"""What all charts share: theme, colours, Vietnamese numbers on the axes, the source line."""

from __future__ import annotations

import contextlib
import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mttq_data.wording import check_lang, missing, number, readable, unit_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# Told apart by readers with any colour blindness, and in grey: lightness falls in even steps.
PALETTE = ("#0B3C6F", "#D55E00", "#56B4E9", "#F0E442", "#7F7F7F")
INK, FAINT = "#222222", "#666666"
_EMPTY = {"vi": "Không có số liệu để vẽ", "en": "No data to draw"}
_SOURCE = {"vi": "Nguồn: {}", "en": "Source: {}"}
_PERIOD = {"vi": "Kỳ số liệu: {}", "en": "Period: {}"}
SAMPLE = {"vi": "DỮ LIỆU MẪU", "en": "SAMPLE DATA"}
_NOTE = "mttq-source"
_LINE = 95


@contextlib.contextmanager
def theme() -> Iterator[None]:
    """Draw inside the package's look; the caller's settings come back afterwards.

    Examples
    --------
    >>> with theme():
    ...     mpl.rcParams["font.family"]
    ['DejaVu Sans']
    """
    rc: Any = {
        **sns.axes_style("whitegrid"),
        **sns.plotting_context("notebook", font_scale=0.9),
        "font.family": ["DejaVu Sans"],
        "axes.grid.axis": "x",
        "axes.edgecolor": "#BBBBBB",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "text.color": INK,
        "text.parse_math": False,
        "hatch.linewidth": 0.8,
        "figure.dpi": 100,
    }
    # Fonts are fixed above; seaborn's own list would win otherwise.
    rc.pop("font.sans-serif", None)
    with mpl.rc_context(rc):
        yield


def axes_of(ax: Axes | None, rows: int = 6, width: float = 9.0) -> Axes:
    """The given axes, or those of a new figure tall enough for ``rows`` bars."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=size_for(rows, width), layout="constrained")
    return figure.add_subplot()


def size_for(rows: int, width: float = 9.0) -> tuple[float, float]:
    """Width and height in inches for a chart of ``rows`` horizontal bars."""
    return width, 1.9 + 0.46 * max(rows, 3)


def number_axis(axis: Any, lang: str = "vi", scale: float = 1.0) -> None:
    """Write an axis' ticks as numbers of the language, divided by ``scale``."""
    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: number(round(x / scale, 9), lang)))


def axis_unit(unit: object, largest: float, lang: str = "vi") -> tuple[float, str]:
    """Scale of an axis and its label: đồng from a million up in triệu, from a billion up in tỷ.

    Examples
    --------
    >>> axis_unit("VND", 103.5e9), axis_unit("percent", 80)
    ((1000000000.0, 'tỷ đồng'), (1.0, '%'))
    """
    name = unit_name(unit, lang)
    words = {"vi": ("tỷ", "triệu"), "en": ("billion", "million")}[check_lang(lang)]
    for size, word in zip((1e9, 1e6), words, strict=True):
        if largest >= size:
            return size, f"{word} {name}".strip()
    return 1.0, name


def wrapped(text: object, width: int = 34, lines: int = 3) -> str:
    """A label in lines of about ``width`` characters, cut after ``lines``."""
    return "\n".join(textwrap.wrap(readable(text), width, max_lines=lines, placeholder=" …"))


def source_line(ax: Axes, data: pd.DataFrame, lang: str = "vi", source: str = "", below: float = 46) -> None:
    """Write where the data come from, of when, and whether they are a sample, under the axes.

    Parameters
    ----------
    ax : Axes
    data : DataFrame
        The rows drawn; ``document, period, sample`` are used where they stand.
    lang : {"vi", "en"}
    source : str
        What to name instead of the documents.
    below : float
        Distance from the axes in points.
    """
    parts = [SAMPLE[lang]] if is_sample(data) else []
    named = readable(source) or ", ".join(_distinct(data, "document"))
    parts += [_SOURCE[lang].format(named)] if named else []
    periods = sorted(_distinct(data, "period"))
    if periods:
        parts.append(_PERIOD[lang].format(", ".join(map(shown_period, periods))))
    if parts:
        place: dict[str, Any] = {"xytext": (0, -below), "xycoords": "axes fraction", "textcoords": "offset points"}
        text = textwrap.fill(". ".join(parts) + ".", _LINE)
        ax.annotate(text, (0, 0), va="top", ha="left", fontsize=8, color=FAINT, gid=_NOTE, **place)
    if is_sample(data):
        ax.set_title(SAMPLE[lang], loc="right", fontsize=9, color="#B03A00", weight="bold")


def shown_period(period: object) -> str:
    """A period for the eye: the hyphen between two years becomes a dash."""
    return re.sub(r"(?<=\d{4})-(?=\d{4})", "–", readable(period))


def is_sample(data: pd.DataFrame) -> bool:
    """True where any row was made from a sample."""
    return "sample" in data.columns and bool((data["sample"] == True).any())


def _distinct(data: pd.DataFrame, column: str) -> list[str]:
    if column not in data.columns:
        return []
    return [readable(v) for v in dict.fromkeys(data[column]) if not missing(v)]


def empty(ax: Axes, lang: str = "vi") -> Axes:
    """Say on the axes that there is nothing to draw."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, _EMPTY[check_lang(lang)], ha="center", va="center", transform=ax.transAxes, color=FAINT)
    return ax


def as_plain_text(ax: Axes) -> None:
    """Show ``$`` and ``\\`` in every text of the axes as they are, not as mathematics."""
    from matplotlib.text import Text

    for artist in ax.findobj(Text):
        artist.set_parse_math(False)
