"""What does not add up in a report: how much of which kind, how bad, and what is settled."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from mttq_data.charts.finishing import finish
from mttq_data.charts.style import FAINT, PALETTE, axes_of, beside, chart, empty, number_axis, row_labels
from mttq_data.tables.workbook_problems import rule_names
from mttq_data.wording import SEVERITIES, label, readable

_TITLE = {"vi": "Những chỗ cần kiểm tra trong báo cáo", "en": "What to check in the report"}
_COUNT = {"vi": "số chỗ", "en": "places"}
_SETTLED = {"vi": "đã kiểm tra xong", "en": "settled"}
_LOOKS: dict[str, dict[str, Any]] = {
    "error": {"facecolor": PALETTE[0], "hatch": "", "edgecolor": "white"},
    "warning": {"facecolor": PALETTE[1], "hatch": "///", "edgecolor": "white"},
    "note": {"facecolor": PALETTE[2], "hatch": "...", "edgecolor": "white"},
    "settled": {"facecolor": "white", "hatch": "", "edgecolor": FAINT},
}
# A rule that found more is told by its count alone.
_FEW, _LONGEST = 2, 48


@chart
def plot_problems(
    data: pd.DataFrame, *, ax: Axes | None = None, lang: str = "vi", title: str = "", source: str = ""
) -> Axes:
    """Draw the problems of a report by rule, errors on top, settled ones as empty boxes.

    Parameters
    ----------
    data : DataFrame
        What `find_problems` gives; ``checked`` (of `apply_settled` or a build)
        says which are settled.
    ax, lang, title, source

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"check": ["two_values"] * 2, "severity": ["error"] * 2, "checked": [True, False]})
    >>> ax = plot_problems(data)
    >>> [int(patch.get_width()) for patch in ax.patches], [text.get_text() for text in ax.texts]
    ([1, 1], ['2'])
    """
    counts = _counts(data)
    ax = axes_of(ax, title or _TITLE[lang], len(counts))
    if not counts:
        return finish(empty(ax, lang), data, lang, source, periods="")
    names, figures = rule_names(lang), _figures(data)
    size = row_labels(ax, [names.get(c) or c.replace("_", " ") for c in counts])
    for y, (check, kinds) in enumerate(counts.items()):
        left = 0
        for kind, count in kinds.items():
            ax.barh(y, count, left=left, height=0.62, zorder=2, linewidth=0.9, **_LOOKS[kind])
            left += count
        beside(ax, _said(left, figures.get(check, [])), (left, y), fontsize=size)
    ax.set_xlim(0, max(sum(kinds.values()) for kinds in counts.values()))
    number_axis(ax.xaxis, lang, label=_COUNT[lang])
    ax.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    used = {kind for kinds in counts.values() for kind in kinds}
    handles = [
        Patch(label=_SETTLED[lang] if kind == "settled" else label("severity", kind, lang), linewidth=0.9, **look)
        for kind, look in _LOOKS.items()
        if kind in used
    ]
    return finish(ax, data, lang, source, handles=handles, periods="")


def _counts(data: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How many of each rule, by severity and then settled; rules in order of severity and number."""
    if data.empty or "check" not in data:
        return {}
    settled = data["checked"].astype(bool) if "checked" in data else [False] * len(data)
    kinds = [s if s in SEVERITIES else "note" for s in data["severity"].astype(str)]
    rows = list(zip(data["check"].astype(str), kinds, settled, strict=True))
    counts: dict[str, dict[str, int]] = {}
    for check in dict.fromkeys(c for c, _, _ in rows):
        own = ["settled" if done else kind for c, kind, done in rows if c == check]
        counts[check] = {kind: own.count(kind) for kind in (*SEVERITIES, "settled") if kind in own}
    worst = {check: min(SEVERITIES.index(s) for c, s, _ in rows if c == check) for check in counts}
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
