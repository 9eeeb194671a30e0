"""The gallery: every chart is in it, with the five lines that make it, and those lines run."""

from __future__ import annotations

import importlib.util
import sys

import matplotlib.pyplot as plt
import pytest
from conftest import ROOT

SPEC = importlib.util.spec_from_file_location("mttq_gallery", ROOT / "docs" / "gallery.py")
gallery = importlib.util.module_from_spec(SPEC)
sys.modules["mttq_gallery"] = gallery
SPEC.loader.exec_module(gallery)

OFFERED = [example for example in gallery.EXAMPLES if example.name in gallery.charted()]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    yield
    plt.close("all")


def test_every_chart_has_an_example():
    assert set(gallery.charted()) <= {example.name for example in gallery.EXAMPLES}


@pytest.mark.parametrize("example", gallery.EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_five_lines_with_its_pictures_in_the_page(example):
    assert len(example.lines) == gallery.LINES
    assert example.code in gallery.PAGE.read_text(encoding="utf-8")
    for lang in ("vi", "en"):
        path = gallery.FOLDER / f"{example.name.removeprefix('plot_')}-{lang}.png"
        assert path.read_bytes().startswith(b"\x89PNG")
        assert f"gallery/{path.name}" in gallery.PAGE.read_text(encoding="utf-8")


def test_the_page_is_the_one_the_script_writes():
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page([example.name for example in gallery.EXAMPLES])


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("example", OFFERED, ids=lambda example: example.name)
def test_the_five_lines_draw_the_chart(example, lang):
    ax = gallery.draw(example, lang)
    drawn = [*ax.patches, *ax.lines, *ax.collections, *ax.child_axes]
    assert drawn
    words = [text.get_text() for text in ax.texts]
    assert not {"Không có số liệu để vẽ", "No data to draw"} & set(words)
    assert {"vi": "Nguồn: ", "en": "Source: "}[lang] in words[-1]


def test_a_picture_is_the_same_bytes_each_time():
    first, second = (gallery.picture(gallery.draw(gallery.EXAMPLES[0], "vi")) for _ in range(2))
    assert first == second
