"""Charts as files, the same bytes for the same chart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mttq_data.errors import MttqError
from mttq_data.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 300
# Neither the moment of writing nor a version number goes into the file.
_METADATA: dict[str, dict[str, None]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}


def save_figure(chart: Axes | Figure, path: str | Path) -> list[Path]:
    """Save a chart as PNG at 300 dpi and SVG.

    Parameters
    ----------
    chart : Axes or Figure
        What to save; of an axes, its figure.
    path : str or Path
        ``x.png`` or ``x.svg`` writes that file, ``x`` without either writes both.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    MttqError
        For another format, or when a file cannot be replaced.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> [p.name for p in save_figure(Figure(), Path(tempfile.mkdtemp()) / "shares")]
    ['shares.png', 'shares.svg']
    """
    import matplotlib as mpl

    path = Path(path)
    kind = path.suffix.lower().lstrip(".")
    if kind in ("jpg", "jpeg", "pdf", "gif", "eps", "tif", "tiff"):
        raise MttqError(f"{path}: charts are saved as .png or .svg; choose one of them")
    paths = [path] if kind in _METADATA else [path.with_name(f"{path.name}.{k}") for k in _METADATA]
    figure: Any = (chart.get_figure(root=True) if hasattr(chart, "get_figure") else None) or chart
    for target in paths:
        form = target.suffix.lower().lstrip(".")
        with replacing(target) as tmp, mpl.rc_context({"svg.hashsalt": "mttq", "svg.fonttype": "path"}):
            figure.savefig(tmp, format=form, dpi=_DPI, metadata=_METADATA[form], facecolor="white")
    return paths
