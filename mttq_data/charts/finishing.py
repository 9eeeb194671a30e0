"""The last step of each chart: room for the labels at the bars' ends; legend, notes and source below, none cut."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.drawing import sampled, shown_periods, sources_of
from mttq_data.charts.style import FAINT, INK, fit_rows, wrapped
from mttq_data.wording import SAMPLE

_SOURCE = {"vi": "Nguồn: {}", "en": "Source: {}"}
_PERIOD = {"vi": "Kỳ số liệu: {}", "en": "Period: {}"}
_GAP, _MOST_COLUMNS, _MOST_ROOM = 7.0, 4, 0.62


def finish(
    ax: Axes,
    data: pd.DataFrame,
    lang: str,
    source: str = "",
    *,
    handles: Sequence[Any] = (),
    notes: Iterable[str] = (),
    periods: str | None = None,
) -> Axes:
    """Make room for the figures and write legend, notes and source under the axes.

    Parameters
    ----------
    ax : Axes
    data : DataFrame
        The rows drawn; ``document, source, period, sample`` are used where they stand.
    lang, source
        As for every chart.
    handles : sequence of Patch or Line2D
        What the legend explains.
    notes : iterable of str
        Sentences between legend and source, without their full stops.
    periods : str, optional
        The period's words, instead of those in ``data``; empty for none.

    Returns
    -------
    Axes
    """
    sample = sampled(data)
    if sample:
        ax.set_title(SAMPLE[lang], loc="right", fontsize=9, color="#B03A00", weight="bold")
    for artist in ax.findobj(Text):
        artist.set_parse_math(False)
    beside = [t for t in ax.texts if isinstance(t, Annotation) and t.xycoords == "data"]
    for text in beside:
        # The axes are widened for them; the layout would make it narrower.
        text.set_in_layout(False)
    figure: Any = ax.get_figure(root=True)
    figure.draw_without_rendering()
    _make_room(ax, beside)
    _thin(ax.xaxis)
    below, wide = _GAP + _depth(ax), ax.get_window_extent().width
    own = set(ax.texts)
    titles = [t for t in ax.get_children() if isinstance(t, Text) and t not in own]
    for said in (*titles, ax.xaxis.label):
        _fit(said, wide * (0.72 if sample else 1.0), 4)
    if handles:
        below += _legend(ax, handles, below, wide)
    if noted := ". ".join(filter(None, notes)):
        below += _under(ax, f"{noted}.", below, color=INK, gid="mttq-note")
    named = wrapped(sources_of(data, lang, source), 220, 1)
    when = shown_periods(data.get("period", ()), lang) if periods is None else periods
    parts = [SAMPLE[lang] if sample else "", named and _SOURCE[lang].format(named), when and _PERIOD[lang].format(when)]
    if any(parts):
        _under(ax, ". ".join(filter(None, parts)) + ".", below, color=FAINT, gid="mttq-source")
    if any("\n" in label.get_text() for label in ax.get_yticklabels()):
        # What stands above and below has taken of the rows' height.
        figure.draw_without_rendering()
        fit_rows(ax)
    return ax


def _make_room(ax: Axes, texts: Sequence[Annotation]) -> None:
    """Widen the axes until the texts that stand at figures lie inside."""
    box, spans = ax.get_window_extent(), []
    most = _MOST_ROOM * box.width
    for text in texts:
        _fit(text, most * 0.9, 2)
        place = text.xyann if text.anncoords == "data" else text.xy
        x = float(ax.convert_xunits(place[0]))
        at, own = ax.transData.transform((x, 0))[0], Text.get_window_extent(text)
        spans.append((x, min(at - own.x0 + 3, most), min(own.x1 - at + 3, most)))
    low, high = ax.get_xlim()
    for _ in range(12):
        each = (high - low) / box.width
        low = min([low, *(x - left * each for x, left, _ in spans)])
        high = max([high, *(x + right * each for x, _, right in spans)])
    ax.set_xlim(low, high)


def _thin(axis: Any) -> None:
    """Fewer ticks where their numbers would touch."""
    for most in (5, 4, 3, 2, 1):
        low, high = sorted(axis.get_view_interval())
        axis.get_tightbbox()  # brings the labels up to date
        shown = [t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high and t.label1.get_visible()]
        boxes = sorted((t.get_window_extent() for t in shown if t.get_text()), key=lambda b: b.x0)
        if not isinstance(axis.get_major_locator(), MaxNLocator) or all(
            a.x1 + 4 < b.x0 for a, b in itertools.pairwise(boxes)
        ):
            return
        axis.get_major_locator().set_params(nbins=most)


def _depth(ax: Axes) -> float:
    """How far the axes' own labels reach below it, in points."""
    lowest = ax.get_window_extent().y0
    figure: Any = ax.get_figure(root=True)
    return max(lowest - min([lowest, *(b.y0 for b in [ax.get_tightbbox()] if b)]), 0.0) / figure.dpi * 72


def _fit(text: Text, wide: float, lines: int) -> float:
    """Break a text where it is wider than there is room; return its height in points."""
    figure: Any = text.get_figure(root=True)
    plain = " ".join(text.get_text().split())
    for share in (0.97, 0.85, 0.7):
        box = Text.get_window_extent(text)
        if not plain or box.width <= wide:
            break
        longest = max(map(len, text.get_text().split("\n")))
        text.set_text(wrapped(plain, max(int(longest * share * wide / box.width), 12), lines))
    return float(Text.get_window_extent(text).height) / figure.dpi * 72


def _legend(ax: Axes, handles: Sequence[Any], below: float, wide: float) -> float:
    figure: Any = ax.get_figure(root=True)
    for handle in handles:
        handle.set_label(wrapped(handle.get_label(), 44, 2))
    under = ax.transAxes + ScaledTranslation(0, -below / 72, figure.dpi_scale_trans)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
    look: dict[str, Any] = {"fontsize": 8, "frameon": False, "borderaxespad": 0, "borderpad": 0}
    for columns in range(min(len(handles), _MOST_COLUMNS), 0, -1):
        box = ax.legend(handles=handles, ncols=columns, **place, **look).get_window_extent()
        if box.width <= wide:
            break
    return float(box.height) / figure.dpi * 72 + _GAP


def _under(ax: Axes, text: str, below: float, **look: Any) -> float:
    place: dict[str, Any] = {"xytext": (0, -below), "xycoords": "axes fraction", "textcoords": "offset points"}
    said = ax.annotate(text, (0, 0), va="top", ha="left", fontsize=8, **place, **look)
    said.set_parse_math(False)
    return _fit(said, ax.get_window_extent().width, 5) + _GAP / 2
