import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from engine.see import draw
from engine.see.names import elided, tidy
from engine.value import Value

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "a|b{c}<d>",
    'say "hi" \\N \\',
    "&lt;",
    "]]>",
    "<b>",
    "\\",
    "%s{}",
]


def texts(svg: str) -> str:
    runs = [element.text or "" for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
    return "".join(runs).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("padding", ["", " and what makes a name too long to be drawn whole"])
def test_a_label_is_text(label: str, padding: str) -> None:
    x = Value(2.0, label=label + padding)
    y = x * x
    y.label = label
    y.backward()
    svg = draw(y).svg
    assert elided(x.label) in texts(svg).replace(f"∂ of {y.label}", "")
    if padding:
        assert x.label in [tip for element in ET.fromstring(svg).iter() for tip in element.attrib.values()]
    assert "<img" not in svg and "<script" not in svg


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40))
def test_any_label_renders(label: str) -> None:
    x = Value(2.0, label=label)
    drawn = " ".join(texts(draw(x * 2).svg).split())
    assert " ".join(elided(tidy(label)).split()) in drawn


def test_ids_of_nodes_are_unique_and_named(neuron: Value) -> None:
    neuron.backward()
    ids = [element.get("id") for element in ET.fromstring(draw(neuron).svg).iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {"n-x1", "n-w1", "n-b", "n-v1", "n-y", "e-x1-v1"} <= set(ids)


def test_what_a_notebook_gets(neuron: Value) -> None:
    drawing = draw(neuron)
    bundle = drawing._repr_mimebundle_()
    assert sorted(bundle) == ["image/png", "image/svg+xml", "text/plain"]
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(drawing) == "<Drawing of y: 10 boxes, 9 edges>"


def test_the_same_graph_gives_the_same_bytes(neuron: Value) -> None:
    assert draw(neuron).svg == draw(neuron).svg


@pytest.mark.parametrize("suffix", [".svg", ".png", ".dot", ".SVG"])
def test_save(neuron: Value, tmp_path: Path, suffix: str) -> None:
    drawing = draw(neuron)
    path = drawing.save(tmp_path / f"y{suffix}")
    contents = {".svg": drawing.svg.encode(), ".png": drawing.png, ".dot": drawing.dot.encode()}
    assert path.read_bytes() == contents[suffix.lower()]
    assert os.listdir(tmp_path) == [f"y{suffix}"]


@pytest.mark.parametrize("name", ["y.pdf", "y", "y.svg.gz"])
def test_an_unknown_suffix_is_refused(neuron: Value, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"one of \.svg, \.png, \.dot, got"):
        draw(neuron).save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_file_is_written_whole_or_not_at_all(
    neuron: Value, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "y.svg"
    path.write_text("before")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        draw(neuron).save(path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["y.svg"]


def test_drawing_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match=r"draw takes a Value, got 2\.0"):
        draw(2.0)  # type: ignore[arg-type]


def test_drawing_changes_nothing(neuron: Value) -> None:
    neuron.backward()
    before = [(node.data, node.grad, node.label) for node in (neuron, *neuron.inputs)]
    draw(neuron, expand=True)
    assert before == [(node.data, node.grad, node.label) for node in (neuron, *neuron.inputs)]
