import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from engine.see import draw
from engine.see.drawing import Mark
from engine.see.theme import THEMES, palette
from engine.value import Value

Wide = Callable[..., Value]
Chain = Callable[[int], Value]

WRONG = "got 0.0, exact 6.2e-33"


def lines(text: str, part: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if part in line]


def line(text: str, start: str) -> str:
    [found] = [line.strip() for line in text.splitlines() if line.strip().startswith(start)]
    return found


@pytest.mark.parametrize("theme", THEMES)
def test_a_marked_edge_is_drawn_as_nothing_else_is(neuron: Value, theme: str) -> None:
    neuron.backward()
    fault, paper = palette(theme)["fault"], palette(theme)["paper"]
    assert 'class="fault' not in draw(neuron, theme=theme).dot
    assert theme == "print" or fault not in draw(neuron, theme=theme).dot
    text = draw(neuron, theme=theme, marks=[Mark(neuron, 0, WRONG)]).dot
    plate = line(text, '"e-v4-y~text" [')
    assert f'BGCOLOR="{fault}"' in plate and f'<B><FONT COLOR="{paper}" POINT-SIZE="11">{WRONG}<' in plate
    tail, head = line(text, '"v4" ->'), line(text, '"e-v4-y~text":e ->')
    look = f'class="fault", color="{fault}", penwidth=4.5'
    assert tail == f'"v4" -> "e-v4-y~text":w [id="e-v4-y~tail", {look}, arrowhead=none];'
    assert head == f'"e-v4-y~text":e -> "y" [id="e-v4-y", {look}];'
    widths = [float(width) for width in re.findall(r"penwidth=([\d.]+)", text)]
    assert sorted(widths)[-3] < 4
    assert ">Wrong<" in text and "a thick edge" in text


def test_a_marked_negative_edge_is_dashed(neuron: Value) -> None:
    neuron.backward()
    first, second = neuron.x.x.x, neuron.x.x.y
    text = draw(neuron, marks=[Mark(first, 0, "negative"), Mark(second, 1, "zero")]).dot
    assert all("style=dashed" in line for line in lines(text, "e-x1-v1~text") if "->" in line)
    assert all("style" not in line for line in lines(text, "e-w2-v2~text") if "->" in line)


def test_a_marked_box_has_a_thick_border_and_its_text(neuron: Value) -> None:
    fault = palette("light")["fault"]
    text = draw(neuron, marks=[Mark(neuron.x.y, None, "first"), Mark(neuron, None, "second")]).dot
    leaf, output = line(text, '"b" ['), line(text, '"y" [')
    for box, kind, word in ((leaf, "leaf fault", "first"), (output, "op output fault", "second")):
        assert f'class="{kind}"' in box and f">{word}<" in box
        assert 'BORDER="4" CELLBORDER' in box and f'COLOR="{fault}" BGCOLOR' in box


def test_a_text_is_shown_before_the_sweep_too(neuron: Value) -> None:
    text = draw(neuron, marks=[Mark(neuron, 0, WRONG)]).dot
    assert WRONG in text and "no sweep yet" in text and ">Wrong<" in text
    assert 'label="' not in text


def test_in_a_crowded_drawing_the_mark_alone_has_a_text(wide: Wide) -> None:
    y = wide(5)
    assert 'label="' in draw(y).dot
    text = draw(y, marks=[Mark(y, 0, WRONG)]).dot
    assert 'label="' not in text and "splines=line" in text and f">{WRONG}<" in text


def test_the_legend_tells_of_the_cut(chain: Chain) -> None:
    y = chain(400)
    y.backward()
    text = draw(y, marks=[Mark(y.x, 0, WRONG)]).dot
    assert "a part of 401 nodes, around what is wrong" in text
    assert 'STYLE="DASHED"' in line(text, '"v398" [')


def test_texts_of_one_place_are_lines(neuron: Value) -> None:
    marks = [Mark(neuron, 0, "one\ntwo"), Mark(neuron, 0, "three")]
    plate = line(draw(neuron, marks=marks).dot, '"e-v4-y~text" [')
    assert re.findall(r">(\w+)</FONT>", plate) == ["one", "two", "three"]


@pytest.mark.parametrize("text", ["</TABLE><b>&lt;", 'say "hi" \\N \\', "\\E \\T \\H \\G", "%s{}|"])
def test_a_text_is_text(neuron: Value, text: str) -> None:
    svg = draw(neuron, marks=[Mark(neuron, 0, text), Mark(neuron.x, None, text)]).svg
    runs = [element.text or "" for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
    assert "".join(runs).replace("\N{NO-BREAK SPACE}", " ").count(text) == 2


def test_ids_stay_unique(neuron: Value) -> None:
    x = Value(2.0, label="x")
    y = x * x
    svg = draw(y, marks=[Mark(y, 0, "a"), Mark(y, 1, "b")]).svg
    ids = [element.get("id") for element in ET.fromstring(svg).iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {"e-x-v1", "e-x-v1~2", "e-x-v1~tail", "e-x-v1~2~text"} <= set(ids)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (lambda y: Mark(Value(1.0), None, WRONG), "is not in the graph under"),
        (lambda y: Mark(y, 1, WRONG), "has 1 inputs, counted from 0"),
        (lambda y: Mark(y, -1, WRONG), "has 1 inputs, counted from 0"),
        (lambda y: Mark(y.x.y, 0, WRONG), "has 0 inputs, counted from 0"),
        (lambda y: Mark(y, 0, " \n"), "text says what is wrong"),
    ],
)
def test_a_mark_without_a_place_or_a_text_is_refused(
    neuron: Value, mark: Callable[[Value], Mark], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        draw(neuron, marks=[mark(neuron)])


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (lambda y: y, "marks are Marks, got Value"),
        (lambda y: (y, 0, WRONG), "marks are Marks, got"),
        (lambda y: Mark(2.0, 0, WRONG), "a mark has a Value and a text"),  # type: ignore[arg-type]
        (lambda y: Mark(y, 0, 2.0), "a mark has a Value and a text"),  # type: ignore[arg-type]
        (lambda y: Mark(y, 0.0, WRONG), "position is an int, or None"),  # type: ignore[arg-type]
        (lambda y: Mark(y, True, WRONG), "position is an int, or None"),
    ],
)
def test_what_is_no_mark_is_refused(neuron: Value, mark: Callable[[Value], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        draw(neuron, marks=[mark(neuron)])


def test_a_mark_alone_is_refused(neuron: Value) -> None:
    with pytest.raises(TypeError, match="marks are Marks, got Value"):
        draw(neuron, marks=Mark(neuron, 0, WRONG))  # type: ignore[arg-type]
