import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine import ops
from engine.see import draw, scope, watch
from engine.see.drawing import Mark
from engine.see.names import elided, tidy
from engine.see.paths import paths
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
    bundle, _ = drawing._repr_mimebundle_()
    assert sorted(bundle) == ["image/png", "image/svg+xml", "text/plain"]
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(drawing) == "<Drawing of y: 10 boxes, 9 edges>"


def test_in_a_notebook_a_wide_picture_fills_the_width_there_is() -> None:
    x = Value(0.5, label="x")
    wide = ops.sin(ops.sin(ops.sin(ops.sin(ops.sin(ops.sin(ops.sin(x)))))))
    for y, size in ((ops.sin(x), r'width="\d+pt" height="\d+pt"'), (wide, 'width="100%"')):
        drawing = draw(y)
        bundle, about = drawing._repr_mimebundle_()
        assert re.search(rf"<svg {size}\s+viewBox=", bundle["image/svg+xml"])
        own = re.search(r'<svg width="(\d+)pt" height="\d+pt"', drawing.svg)  # as it is saved
        width = None if y is wide else round(int(own[1]) * 4 / 3)  # type: ignore[index]
        assert about["image/png"].get("width") == width


def test_the_png_is_shown_as_large_as_the_svg() -> None:
    drawing = draw(lambda x: x * x, 3.0)
    bundle, about = drawing._repr_mimebundle_()
    pixels = int.from_bytes(bundle["image/png"][16:20], "big")  # the width in a PNG's header
    points = int(re.search(r'<svg width="(\d+)pt"', bundle["image/svg+xml"])[1])  # type: ignore[index]
    assert abs(pixels - 2 * points) < 3 and about["image/png"]["width"] == round(points * 96 / 72)


def test_who_cannot_see_a_picture_hears_it(neuron: Value) -> None:
    x = Value(2.0, label='"<x>"')
    y = x * x
    y.label = "y"
    assert draw(y).words == 'Graph of y: 2 boxes, 2 edges. "<x>" = 2.0; y = 4.0, op *.'
    y.backward()
    drawing = draw(y)
    words = 'Graph of y: 2 boxes, 2 edges. "<x>" = 2.0, gradient 4.0; y = 4.0, op *, gradient 1.0.'
    root = ET.fromstring(drawing.svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", words)
    assert drawing._repr_mimebundle_()[1]["image/png"]["alt"] == drawing.words == words


def test_of_modules_their_panels_are_heard_of_a_large_graph_its_output() -> None:
    with watch(), scope("net"):
        x = Value(2.0)
        y = x * x + x
        with scope("tail"):
            z = y * y
    assert draw(z, collapse=None).words.endswith("z in tail = 36.0, op *.")
    assert draw(z, collapse=1).words == "Graph of z: 4 nodes in 1 box, 0 edges. net = 36.0."
    for _ in range(20):
        y = y + 1
    assert re.fullmatch(r"Graph of v22: 2\d boxes, \d+ edges\. v22 = 26\.0, op \+ 1\.0\.", draw(y).words)
    total = ops.sum([Value(float(i)) for i in range(12)])
    assert re.search("4 more, ", draw(total).words)


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
    with pytest.raises(TypeError, match=r"draw takes a Value, or a function and its inputs; got 2\.0"):
        draw(2.0)  # type: ignore[arg-type]


def test_drawing_changes_nothing(neuron: Value) -> None:
    neuron.backward()
    before = [(node.data, node.grad, node.label) for node in (neuron, *neuron.inputs)]
    draw(neuron, expand=True)
    assert before == [(node.data, node.grad, node.label) for node in (neuron, *neuron.inputs)]


def test_a_function_is_called_and_swept_for_its_picture() -> None:
    drawing = draw(lambda x, ws: x * ws[0] + ws[1], 2.0, [3.0, 4.0])
    drawn = texts(drawing.svg)
    assert repr(drawing) == "<Drawing of v2: 5 boxes, 4 edges>"
    assert all(name in drawn for name in ["x", "ws[0]", "ws[1]"])
    assert "no sweep yet" not in drawn


def test_drawing_a_function_changes_no_gradient() -> None:
    w, hidden = Value(3.0), Value(1.5)
    inner = hidden * hidden
    (w * w + inner).backward()
    before = [(v, v.grad) for v in (w, hidden, inner)]
    assert all(grad for _, grad in before)
    drawing = draw(lambda x: x * w * inner, 2.0)
    assert [v.grad for v, _ in before] == [grad for _, grad in before]
    assert "4.5" in texts(drawing.svg)  # the gradient by w, of this sweep alone


def test_gradients_come_back_where_drawing_fails() -> None:
    w = Value(3.0)
    (w * w).backward()
    with pytest.raises(ValueError, match="depth"):
        draw(lambda x: x * w, 2.0, depth=0)
    assert w.grad == 6.0


def test_a_function_of_nothing_but_values() -> None:
    w = Value(3.0, label="w")
    assert repr(draw(lambda: w * w)) == "<Drawing of w*w: 2 boxes, 2 edges>"


def test_a_picture_of_groups_tells_what_is_in_them() -> None:
    with watch(), scope("net"):
        x = Value(2.0)
        y = x * x + x
    assert repr(draw(y, collapse=1)) == "<Drawing of y: 3 nodes in 1 box, 0 edges>"


def test_what_helps_is_told_where_a_graph_is_too_large() -> None:
    y = Value(1.0)
    for _ in range(400):
        y = y + y
    with pytest.raises(
        ValueError, match=r"inside `with engine.watch\(\):`.*depth=5, through=x.*fold=4.*limit=401"
    ):
        draw(y)
    with watch():
        numbers = [Value(float(i)) for i in range(3)]
        y = numbers[0]
        for number in numbers[1:]:
            y = y * number
    with pytest.raises(ValueError, match=r"record parts of it inside `with engine.see.scope\(name\):`"):
        draw(y, limit=1)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"limit": 0}, ValueError, "limit is the number of boxes that a picture may take, 1 or more; got 0"),
        ({"limit": "a"}, TypeError, "limit is a whole number of boxes, got 'a'"),
        ({"fold": "a"}, TypeError, "fold is a whole number of operands, or None to draw all; got 'a'"),
        ({"fold": 2.5}, TypeError, "fold is a whole number of operands.*got 2.5"),
        ({"marks": 3}, TypeError, r"marks are Marks, got 3; write draw\(y, marks=\[Mark\("),
        ({"open": 3}, TypeError, r'open takes the path of a module, such as "layers\[0\].*got 3'),
        ({"through": Value(2.0, label="other")}, ValueError, "^other is not in the graph under y: no route"),
        ({"highlight": Value(2.0, label="other")}, ValueError, "^other is not in .* the graph under y$"),
        ({"marks": [Mark(Value(2.0), 0, "wrong")]}, ValueError, "is not in the graph under y$"),
        ({"limit": 3}, ValueError, "^the graph under y has 10 nodes"),
    ],
)
def test_messages_say_what_is_taken_and_call_values_by_their_names(
    neuron: Value, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        draw(neuron, **options)


def test_who_highlights_paths_is_told_how(neuron: Value) -> None:
    found = paths(neuron, neuron.x.y)
    for thing in (found, found.routes[0]):
        with pytest.raises(TypeError, match=r"paths\(y, x\)\.draw\(\)") as error:
            draw(neuron, highlight=thing)
        assert len(str(error.value).splitlines()) == 1 and "product  " not in str(error.value)
    assert draw(neuron, highlight=found.routes[0].steps).dot != draw(neuron).dot


@pytest.mark.parametrize("name", ["loss", "ys[0]", "x*w", "v1"])
def test_the_legend_tells_whose_backward_is_missing(name: str) -> None:
    y = Value(2.0) * 3
    y.label = name
    told = f"{name}.backward()" if name in ("loss", "ys[0]") else "only. backward() of the output"
    assert f"{told} fills in the gradients" in texts(draw(y).svg)
    y.backward()
    assert "backward()" not in texts(draw(y).svg)


def test_of_a_sample_the_legend_says_whose_gradients_they_are() -> None:
    w = Value(3.0, label="w")
    with watch():
        losses = []
        for i in range(3):
            with scope("net"):
                losses.append(w * float(i))
        loss = ops.sum(losses)
    sentence = "gradients are those of the whole loss"
    assert sentence not in texts(draw(loss, sample=1).svg)  # no sweep, no gradients
    loss.backward()
    assert sentence in texts(draw(loss, sample=1).svg) and sentence not in texts(draw(loss).svg)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_softmax_and_cross_entropy_unwatched(depth: int) -> None:
    scores = [Value(x, label=f"z{i}") for i, x in enumerate([2.0, 1.0, -0.5])]
    shares = ops.softmax(scores)
    loss = -ops.log(shares[0])
    loss.backward()
    drawing = draw(loss)
    assert all(f"z{i}" in texts(drawing.svg) for i in range(3))
    assert draw(loss, depth=depth).dot.count("shape") <= drawing.dot.count("shape")


def test_a_slice_and_a_highlight_pass_through(neuron: Value) -> None:
    neuron.backward()
    whole = draw(neuron)
    assert repr(draw(neuron, depth=1)) == "<Drawing of y: 2 boxes, 1 edge>"
    assert repr(draw(neuron, through=neuron.x.y)) == "<Drawing of y: 3 boxes, 2 edges>"
    assert draw(neuron, highlight=neuron.x).dot != whole.dot
