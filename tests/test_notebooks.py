"""What a notebook shows follows its parameters: area, period and language change every output."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import shutil

import matplotlib.pyplot as plt
import pytest
from conftest import ROOT

REPORT, PACK = "01_report_statistics.ipynb", "05_report_pack.ipynb"


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """Run a notebook's cells in a copy of a clone; what each one shows: prints, tables, pictures."""
    for name in ("notebooks", "data/raw"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.chdir(tmp_path / "notebooks")

    def run(name, **parameters):
        display = pytest.importorskip("IPython.display")
        cells = json.loads((tmp_path / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
        codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        names: dict[str, object] = {}
        exec(codes[0], names)  # noqa: S102
        assert set(parameters) <= set(names), "the first code cell holds the parameters"
        names |= parameters
        outputs = []
        for code in codes[1:]:
            seen = []
            monkeypatch.setattr(display, "display", lambda *things, seen=seen: seen.extend(map(looks, things)))
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                seen += looks_of_last(code, names)
            outputs.append([printed.getvalue(), *seen, *pictures()])
        return [output for output in outputs if any(output)]

    yield run
    plt.close("all")


def looks_of_last(code, names):
    """Run a cell; what its last line gives, as a notebook shows it."""
    *before, last = ast.parse(code).body
    if not isinstance(last, ast.Expr):
        before, last = [*before, last], None
    exec(compile(ast.Module(before, []), "cell", "exec"), names)  # noqa: S102
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
    return [] if value is None else [looks(value)]


def looks(thing):
    return thing._repr_html_() if hasattr(thing, "_repr_html_") else repr(thing)


def pictures():
    drawn = []
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()
        drawn.append(hashlib.sha256(plt.figure(number).canvas.buffer_rgba()).hexdigest())
        plt.close(number)
    return drawn


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        (REPORT, [{"LANG": "en"}, {"PERIOD": "2024-2029"}]),
        (PACK, [{"LANG": "en"}, {"AREA": "218"}, {"PERIOD": "2024-2029"}]),
    ],
)
def test_every_output_follows_language_area_and_period(shown, name, changes):
    usual = shown(name)
    assert len(usual) > 4
    for parameters in changes:
        other = shown(name, **parameters)
        assert len(other) == len(usual)
        assert not [a for a, b in zip(usual, other, strict=True) if a == b], parameters


def test_a_report_without_figures_runs_to_the_end(shown, tmp_path):
    (tmp_path / "short.txt").write_text("Ban Thường trực họp bàn công tác.\n", encoding="utf-8")
    assert shown(REPORT, FILE=str(tmp_path / "short.txt"))
    assert shown(PACK, FILE=str(tmp_path / "short.txt"), PERIOD="")
    assert shown(PACK, FILE=str(tmp_path / "short.txt"), AREA="không có")
