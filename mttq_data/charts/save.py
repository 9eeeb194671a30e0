"""Charts as files, the same bytes for the same chart, at the width they are printed or shown in."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mttq_data.errors import MttqError
from mttq_data.files import replacing

_DPI = 300
_CM = 2.54
# Neither the moment of writing nor a version number goes into the file.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None},
}
# The box a chart must fit into, in cm: the text column of an upright A4 page with the
# margins of Decree 30, the text of a page laid across, a 16:9 slide without its title.
WIDTHS = {"column": (16.0, 22.0), "page": (24.7, 15.0), "slide": (31.0, 15.0)}


def save_figure(chart: Axes | Figure, path: str | Path, *, width: str | float | None = None) -> list[Path]:
    """Save a chart as PNG at 300 dpi, SVG or PDF.

    Parameters
    ----------
    chart : Axes or Figure
        What to save; of an axes, its figure.
    path : str or Path
        ``x.png``, ``x.svg`` or ``x.pdf`` writes that file, ``x`` without any
        writes PNG and SVG.
    width : {"column", "page", "slide"} or float, optional
        Width the file has when placed: the text column of a Word page (16 cm),
        of an A4 page laid across (24.7 cm), a slide (31 cm), or cm as a number.
        The chart is enlarged or reduced as a whole, so nothing moves in it; a
        tall one becomes narrower than that rather than longer than the page.
        By default the size it was drawn in.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    MttqError
        For another format or width, or when a file cannot be replaced.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> [p.name for p in save_figure(Figure(), Path(tempfile.mkdtemp()) / "shares", width="column")]
    ['shares.png', 'shares.svg']
    """
    path = Path(path)
    kind = path.suffix.lower().lstrip(".")
    if kind in ("jpg", "jpeg", "gif", "eps", "tif", "tiff", "emf", "wmf"):
        raise MttqError(f"{path}: charts are saved as .png, .svg or .pdf; choose one of them")
    paths = [path] if kind in _METADATA else [path.with_name(f"{path.name}.{k}") for k in ("png", "svg")]
    for target in paths:
        content = figure_bytes(chart, target.suffix.lower().lstrip("."), width)
        with replacing(target) as tmp:
            tmp.write_bytes(content)
    return paths


def figure_bytes(
    chart: Axes | Figure, form: str = "png", width: str | float | tuple[float, float] | None = None
) -> bytes:
    """A chart as the bytes of a file, see `save_figure`; ``width`` may also be a box of cm to fit into."""
    import matplotlib as mpl

    figure: Any = (chart.get_figure(root=True) if hasattr(chart, "get_figure") else None) or chart
    factor = _factor(figure, width)
    stream = io.BytesIO()
    settings: Any = {"svg.hashsalt": "mttq", "svg.fonttype": "path", "pdf.fonttype": 3}
    options: dict[str, Any] = {"metadata": _METADATA[form], "facecolor": "white"}
    if form == "png":
        # More dots for a larger placing, and the file says how large it is meant.
        options.update(dpi=_DPI * factor, pil_kwargs={"dpi": (_DPI, _DPI)})
    with mpl.rc_context(settings):
        figure.savefig(stream, format=form, **options)
    content = stream.getvalue()
    if factor == 1 or form == "png":
        return content
    return _scaled_svg(content, factor) if form == "svg" else _scaled_pdf(content, factor)


def _factor(figure: Any, width: str | float | tuple[float, float] | None) -> float:
    if width is None:
        return 1.0
    wide, high = figure.get_size_inches()
    if isinstance(width, str):
        if width not in WIDTHS:
            raise MttqError(f"width={width!r}: choose {', '.join(WIDTHS)} or a number of cm")
        width = WIDTHS[width]
    if isinstance(width, tuple):
        box = width
        return float(min(box[0] / _CM / wide, box[1] / _CM / high))
    if not 1 <= float(width) <= 120:
        raise MttqError(f"width={width!r}: a chart is 1 to 120 cm wide")
    return float(width) / _CM / float(wide)


def _scaled_svg(content: bytes, factor: float) -> bytes:
    """The same drawing with another size in its first tag; the viewBox keeps every point where it was."""

    def larger(match: re.Match[bytes]) -> bytes:
        return b'%s="%.4fpt"' % (match[1], float(match[2]) * factor)

    head, tag, rest = content.partition(b"<svg")
    opening, end, body = rest.partition(b">")
    return head + tag + re.sub(rb'\b(width|height)="([\d.]+)pt"', larger, opening) + end + body


def _scaled_pdf(content: bytes, factor: float) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    for page in writer.pages:
        page.scale_by(factor)
    writer.metadata = None
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
