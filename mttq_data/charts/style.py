"""What all charts share: theme, colours, Vietnamese numbers on the axes, labels that fit, room to draw in."""

from __future__ import annotations

import contextlib
import functools
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, Concatenate, ParamSpec

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mttq_data.wording import check_lang, number, readable, unit_name

P = ParamSpec("P")
# Told apart by readers with any colour blindness, and in grey: lightness falls in even steps.
PALETTE = ("#0B3C6F", "#D55E00", "#56B4E9", "#F0E442", "#7F7F7F")
HATCHES = ("", "///", "...", "xx", "\\\\\\")
INK, FAINT, PALE = "#222222", "#666666", "#BBBBBB"
_BARE = ContextVar("bare", default=False)
HALO: list[Any] = [withStroke(linewidth=2.5, foreground="white")]
_EMPTY = {"vi": "Không có số liệu để vẽ", "en": "No data to draw"}
_SCALES = {"vi": ("nghìn tỷ", "tỷ", "triệu"), "en": ("trillion", "billion", "million")}
# Inches: round the bars, a row at most, all rows until each has the least, a row at least.
_AROUND, _ROW, _ROWS, _LEAST = 1.9, 0.46, 9.2, 0.135
_SHARED = """ax : Axes, optional
        Where to draw; a new figure by default. A figure without a layout gets the
        constrained one, so that no label is cut.
    lang : {"vi", "en"}
    title, source : str, optional
        Instead of the chart's own title, and of the sources named in ``data``."""


def chart(draw: Callable[Concatenate[pd.DataFrame, P], Axes]) -> Callable[Concatenate[pd.DataFrame, P], Axes]:
    """Draw in the package's theme and language, infinite figures as missing, and tell the shared parameters."""

    @functools.wraps(draw)
    def drawn(data: pd.DataFrame, *args: P.args, **kwargs: P.kwargs) -> Axes:
        check_lang(str(kwargs.get("lang", "vi")))
        with theme():
            return draw(data.replace([float("inf"), float("-inf")], float("nan")), *args, **kwargs)

    drawn.__doc__ = (draw.__doc__ or "").replace("ax, lang, title, source", _SHARED)
    return drawn


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
        "axes.edgecolor": PALE,
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


@contextlib.contextmanager
def without_window() -> Iterator[None]:
    """New charts stand on figures pyplot does not know: no window opens, none is left open."""
    token = _BARE.set(True)
    try:
        yield
    finally:
        _BARE.reset(token)


def axes_of(ax: Axes | None, title: object, rows: int = 6, width: float = 8.0, height: float = 0.0) -> Axes:
    """The given axes, or those of a new figure tall enough for ``rows`` bars; with the title."""
    if ax is None:
        size = (width, height) if height else size_for(rows, width)
        ax = (Figure if _BARE.get() else plt.figure)(figsize=size, layout="constrained").add_subplot()
    figure: Any = ax.get_figure(root=True)
    if figure.get_layout_engine() is None:
        figure.set_layout_engine("constrained")
    ax.set_title(wrapped(title, 70, 3))
    return ax


def size_for(rows: int, width: float = 8.0) -> tuple[float, float]:
    """Width and height in inches for a chart of ``rows`` horizontal bars; many rows are low ones."""
    return width, _AROUND + max(rows, 3) * min(_ROW, max(_LEAST, _ROWS / max(rows, 1)))


def table_axes(ax: Axes, rows: int, columns: int) -> None:
    """Axes of a table of ``rows`` and ``columns``: no lines, the columns' names on top."""
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(rows - 0.5, -0.5)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(False)
    for side in ax.spines.values():
        side.set_visible(False)


def row_labels(ax: Axes, names: Sequence[object], width: int = 34, largest: float = 9.0) -> float:
    """Name the rows from the top, in as large letters and as many lines as a row holds; return the size in points."""
    ax.set_yticks(range(len(names)), list(map(readable, names)))
    ax.set_ylim(len(names) - 0.5, -0.5)
    return fit_rows(ax, width, largest)


def fit_rows(ax: Axes, width: int = 34, largest: float = 9.0) -> float:
    """Break the rows' names into as many lines, of as large letters, as a row is high."""
    names, figure = [label.get_text() for label in ax.get_yticklabels()], ax.get_figure(root=True)
    room = ax.get_window_extent().height / figure.dpi * 72 / max(len(names), 1)  # type: ignore[union-attr]
    size = min(largest, max(room * 0.66, 4.0))
    lines = min(3, max(1, int(room / (size * 1.35))))
    ax.set_yticks(ax.get_yticks(), [wrapped(name, width if lines > 1 else width * 4 // 3, lines) for name in names])
    ax.tick_params("y", labelsize=size)
    return size


def beside(ax: Axes, text: str, at: tuple[Any, float], shift: float = 5, **look: Any) -> Annotation:
    """Write a figure beside a point, ``shift`` points to the right (or left), readable over lines of the grid."""
    look = {"fontsize": 9, "color": INK, "zorder": 6, "va": "center", "ha": "left" if shift > 0 else "right", **look}
    said = ax.annotate(text, at, (shift, 0), textcoords="offset points", **look)
    said.set_path_effects(HALO)
    return said


def inside(ax: Axes, text: str, at: tuple[float, float], look: dict[str, Any], size: float, **more: Any) -> None:
    """Write a figure on a patch of that look, on plain ground where the patch is hatched."""
    ground = look["facecolor"]
    box = {"boxstyle": "square,pad=0.15", "facecolor": ground, "edgecolor": "none"} if "hatch" in look else None
    more = {"ha": "center", "va": "center", "fontsize": min(size, 9), "color": ink_on(ground), "zorder": 3, **more}
    ax.text(*at, text, bbox=box, **more)


def number_axis(axis: Any, lang: str, unit: object = "", largest: float = 0.0, label: str = "") -> float:
    """Write an axis' ticks as numbers of the language in the unit's scale, and that unit; return the scale."""
    scale, words = axis_unit(unit, largest, lang)
    axis.set_label_text(label or words)
    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: number(float(f"{x / scale:.9g}"), lang)))
    return scale


def axis_unit(unit: object, largest: float, lang: str = "vi") -> tuple[float, str]:
    """Scale of an axis and its label: đồng from a million up in triệu, from a billion up in tỷ.

    Examples
    --------
    >>> axis_unit("VND", 103.5e9), axis_unit("percent", 80)
    ((1000000000.0, 'tỷ đồng'), (1.0, '%'))
    """
    name = unit_name(unit, lang)
    for size, word in zip((1e12, 1e9, 1e6), _SCALES[check_lang(lang)], strict=True):
        # A thousand billions are so called only from ten up: 1.500 tỷ is how 1,5 nghìn tỷ is written.
        if largest >= (10 * size if size == 1e12 else size):
            return size, f"{word} {name}".strip()
    return 1.0, name


def wrapped(text: object, width: int = 34, lines: int = 3) -> str:
    """A label in lines of about ``width`` characters, cut after ``lines``."""
    return "\n".join(textwrap.wrap(readable(text), width, max_lines=lines, placeholder=" …", break_on_hyphens=False))


def ink_on(colour: Any) -> str:
    """The colour of letters that are read on a ground of this colour."""
    light = sum(c * w for c, w in zip(to_rgb(colour), (0.2126, 0.7152, 0.0722), strict=True))
    return INK if light > 0.5 else "white"


def empty(ax: Axes, lang: str = "vi") -> Axes:
    """Say on the axes that there is nothing to draw."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, _EMPTY[check_lang(lang)], ha="center", va="center", transform=ax.transAxes, color=FAINT)
    return ax
