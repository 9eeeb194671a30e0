"""What does not add up in a report: how much of which kind, how bad, and what is settled."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Any

from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from mttq_data.charts.style import FAINT, INK, PALETTE, as_plain_text, axes_of, empty, source_line, theme, wrapped
from mttq_data.tables.workbook_problems import SEVERITIES, rule_names
from mttq_data.wording import check_lang, readable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_TITLE = {"vi": "Những chỗ cần kiểm tra trong báo cáo", "en": "What to check in the report"}
_COUNT = {"vi": "số chỗ", "en": "places"}
_SETTLED = {"vi": "đã kiểm tra xong", "en": "settled"}
_LOOKS: dict[str, dict[str, Any]] = {
    "error": {"facecolor": PALETTE[0], "hatch": "", "edgecolor": "white"},
    "warning": {"facecolor": PALETTE[1], "hatch": "///", "edgecolor": "white"},
    "note": {"facecolor": PALETTE[2], "hatch": "...", "edgecolor": "white"},
    "settled": {"facecolor": "white", "hatch": "", "edgecolor": FAINT},
}
_ORDER = ("error", "warning", "note")
_BESIDE: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 9, "color": INK, "zorder": 4}
# A rule that found more is told by its count alone.
_FEW, _LONGEST = 2, 48
_LEGEND_BELOW, _SOURCE_BELOW = 40.0, 62.0


def plot_problems(data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", source: str = "") -> Axes:
    """Draw the problems of a report by rule, errors on top, settled ones as empty boxes.

    Parameters
    ----------
    data : DataFrame
        What `find_problems` gives; ``checked`` (of `apply_settled` or a build)
        says which are settled.
    ax : Axes, optional
        Where to draw; a new figure by default.
    lang : {"vi", "en"}
    source : str
        What the source line names instead of the documents.

    Returns
    -------
    Axes

    Raises
    ------
    MttqError
        For a language other than ``vi`` and ``en``.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"check": ["two_values"] * 2, "severity": ["error"] * 2, "checked": [True, False]})
    >>> ax = plot_problems(data)
    >>> [patch.get_width() for patch in ax.patches], [text.get_text() for text in ax.texts]
    ([1, 1], ['2'])
    """
    check_lang(lang)
    counts = _counts(data)
    with theme():
        ax = axes_of(ax, len(counts))
        ax.set_title(_TITLE[lang])
        told = data.rename(columns={"source": "document"}).drop(columns=["period"], errors="ignore")
        if not counts:
            source_line(ax, told, lang, source)
            return empty(ax, lang)
        names, figures = rule_names(lang), _figures(data)
        for y, (check, kinds) in enumerate(counts.items()):
            left = 0
            for kind, count in kinds.items():
                ax.barh(y, count, left=left, height=0.62, zorder=2, linewidth=0.9, **_LOOKS[kind])
                left += count
            text = ax.annotate(_said(left, figures.get(check, [])), (left, y), (5, 0), **_BESIDE)
            text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
        ax.set_yticks(range(len(counts)), [wrapped(names.get(c) or c.replace("_", " ")) for c in counts])
        ax.set_ylim(len(counts) - 0.5, -0.5)
        ax.set_xlim(
            0, max(sum(kinds.values()) + (0 if sum(kinds.values()) > _FEW else 3) for kinds in counts.values()) * 1.12
        )
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlabel(_COUNT[lang])
        _legend(ax, {kind for kinds in counts.values() for kind in kinds}, lang)
        source_line(ax, told, lang, source, _SOURCE_BELOW)
        as_plain_text(ax)
    return ax


def _counts(data: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How many of each rule, by severity and then settled; rules in order of severity and number."""
    if data.empty or "check" not in data:
        return {}
    settled = data["checked"].astype(bool) if "checked" in data else [False] * len(data)
    rows = list(zip(data["check"].astype(str), data["severity"].astype(str), settled, strict=True))
    counts: dict[str, dict[str, int]] = {}
    for check in dict.fromkeys(c for c, _, _ in rows):
        kinds = ["settled" if done else kind for c, kind, done in rows if c == check]
        counts[check] = {kind: kinds.count(kind) for kind in (*_ORDER, "settled") if kind in kinds}
    worst = {check: min(_ORDER.index(s) if s in _ORDER else 9 for c, s, _ in rows if c == check) for check in counts}
    order = sorted(counts, key=lambda check: (worst[check], -sum(counts[check].values())))
    return {check: counts[check] for check in order}


def _figures(data: pd.DataFrame) -> dict[str, list[str]]:
    """The figures of each rule's problems as the report writes them."""
    found: dict[str, list[str]] = {}
    if "found" in data:
        for check, figures in zip(data["check"].astype(str), data["found"], strict=True):
            found.setdefault(check, []).append(readable(figures))
    return found


def _said(count: int, figures: list[str]) -> str:
    """What stands beside a bar: its length, and where they are few the figures."""
    told = [shorten(text, _LONGEST // count, placeholder=" …") for text in figures if text]
    return f"{count}   {';  '.join(told)}" if told and count <= _FEW else str(count)


def _legend(ax: Axes, kinds: set[str], lang: str) -> None:
    words = {kind: names[lang == "en"] for kind, names in SEVERITIES.items()} | {"settled": _SETTLED[lang]}
    handles = [Patch(label=words[kind], linewidth=0.9, **_LOOKS[kind]) for kind in _LOOKS if kind in kinds]
    under = ax.transAxes + ScaledTranslation(0, -_LEGEND_BELOW / 72, ax.figure.dpi_scale_trans)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
    ax.legend(handles=handles, ncols=4, fontsize=8, frameon=False, borderaxespad=0, borderpad=0, **place)
