import os
import xml.etree.ElementTree as ET
from pathlib import Path

import graphviz
import pytest

from engine import ops
from engine.see import draw_dot
from engine.value import Value


def texts(picture: graphviz.Digraph) -> list[str]:
    return [
        text.strip()
        for text in ET.fromstring(picture.pipe("svg", encoding="utf-8")).itertext()
        if text.strip()
    ]


def test_a_neuron_as_micrograd_draws_it(neuron: Value) -> None:
    neuron.backward()
    picture = draw_dot(neuron)
    assert isinstance(picture, graphviz.Digraph)
    assert picture.source.count("shape=record") == 10
    assert picture.source.count("->") == 9 + 5
    assert "{ b | data 6.8814 | grad 0.5000 }" in picture.source
    assert {"x1", "data -3.0000", "grad -1.5000", "*", "tanh"} <= set(texts(picture))


def test_numbers_are_small_nodes() -> None:
    found = texts(draw_dot(3 - Value(2.0) ** 2))
    assert "3.0000" in found and "2.0000" in found
    assert texts(draw_dot(ops.dot([Value(1.0)], [7.0]))).count("7.0000") == 1


def test_a_tiny_number_is_not_hidden() -> None:
    assert "data 1.5e-09" in draw_dot(Value(1.5e-9)).source


@pytest.mark.parametrize("label", ["a|b{c}<d>", "</script><img>", 'say "hi"', "\\", "\\N", "<b>", "θ ∇"])
def test_a_label_is_text(label: str) -> None:
    found = texts(draw_dot(Value(2.0, label=label) * 2))
    assert label in found


def test_directions_and_formats(neuron: Value) -> None:
    assert "rankdir=TB" in draw_dot(neuron, rankdir="TB").source
    assert draw_dot(neuron, format="png").pipe()[:4] == b"\x89PNG"
    with pytest.raises(ValueError, match="rankdir is LR .* or TB .*, got 'BT'"):
        draw_dot(neuron, rankdir="BT")
    with pytest.raises(ValueError, match="nosuch"):
        draw_dot(neuron, format="nosuch")
    with pytest.raises(TypeError, match="format is the name of one that Graphviz writes, such as svg, got 3"):
        draw_dot(neuron, format=3)  # type: ignore[arg-type]


def test_render_writes_quietly(neuron: Value, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    neuron.label = "ŷ"
    path = draw_dot(neuron).render("picture", directory=tmp_path, cleanup=True)
    assert os.listdir(tmp_path) == ["picture.svg"] == [os.path.basename(path)]
    assert "image/svg+xml" in draw_dot(neuron)._repr_mimebundle_()
    assert capfd.readouterr() == ("", "")


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="draw_dot takes a Value"):
        draw_dot(3.0)  # type: ignore[arg-type]
