import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.see import draw
from engine.see.theme import THEMES, palette
from engine.value import Value

LIGHT = palette("light")


def dot(y: Value, *, rankdir: str = "LR", theme: str = "light", **options: Any) -> str:
    return draw(y, rankdir=rankdir, theme=theme, **options).dot


def line(text: str, start: str) -> str:
    [found] = [line for line in text.splitlines() if line.strip().startswith(start)]
    return found


def test_the_edges_of_a_neuron(neuron: Value) -> None:
    neuron.backward()
    text = dot(neuron)
    assert text.count("->") == 9
    negative = line(text, '"x1" -> "v1"')
    assert f'color="{LIGHT["negbar"]}"' in negative
    assert 'label="−3.0"' in negative
    assert "penwidth=3.20, style=dashed" in negative
    positive = line(text, '"w1" -> "v1"')
    assert f'fontcolor="{LIGHT["pos"]}", label="2.0", penwidth=2.47]' in positive
    zero = line(text, '"w2" -> "v2"')
    assert f'color="{LIGHT["edge"]}"' in zero and "penwidth=1.00, style=dotted" in zero


def test_the_nodes_of_a_neuron(neuron: Value) -> None:
    neuron.backward()
    text = dot(neuron)
    leaf, op, output = line(text, '"x1" ['), line(text, '"v1" ['), line(text, '"y" [')
    assert 'id="n-x1", class="leaf"' in leaf and 'STYLE="ROUNDED"' in leaf and LIGHT["panel"] in leaf
    assert 'id="n-v1", class="op"' in op and "ROUNDED" not in op
    assert (
        'class="op output"' in output
        and 'BORDER="2" CELLBORDER="0" CELLSPACING="0" CELLPADDING="7" ' in output
    )
    assert f'COLOR="{LIGHT["ink"]}" BGCOLOR' in output
    assert ">−1.5<" in leaf and ">x1*w1<" in op and ">tanh<" in output


def test_bars_are_linear_and_never_invisible() -> None:
    x, w = Value(1.0, label="x"), Value(1e-6, label="w")
    y = x * w
    y.backward()
    text = dot(y)
    assert f'WIDTH="39" HEIGHT="4" BGCOLOR="{LIGHT["posbar"]}"' in line(text, '"w" [')
    assert f'WIDTH="1" HEIGHT="4" BGCOLOR="{LIGHT["posbar"]}"' in line(text, '"x" [')
    assert "longest possible = 1.0" in text


def test_before_the_sweep_there_are_values_only(neuron: Value) -> None:
    text = dot(neuron)
    edges = [line for line in text.splitlines() if "->" in line]
    assert len(edges) == 9
    assert all(f'color="{LIGHT["edge"]}"];' in edge and "label" not in edge for edge in edges)
    assert text.count("–<") == 10
    assert "no sweep yet" in text and "longest possible" not in text
    assert not any(colour in text for colour in (LIGHT["posbar"], LIGHT["negbar"], LIGHT["drawn track"]))


def test_more_than_24_edges_have_no_labels(wide: Callable[..., Value]) -> None:
    assert 'label="' in dot(wide(24, numbers=True), fold=None)
    text = dot(wide(25, numbers=True), fold=None)
    assert 'label="' not in text
    assert "the number is the partial" not in text


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_of_the_theme(neuron: Value, theme: str) -> None:
    neuron.backward()
    assert set(re.findall(r"#[0-9a-f]{6}", dot(neuron, theme=theme))) <= set(palette(theme).values())


def test_a_fold_has_no_sign(wide: Callable[..., Value]) -> None:
    text = dot(wide(64))
    edge = line(text, '"y~rest1":e -> "y":w')
    assert f'color="{LIGHT["edge"]}"' in edge and "label" not in edge
    assert ">56 more<" in text and "Σ|∂|" in text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_drawn(number: float) -> None:
    x, w = Value(2.0, label="x"), Value(number, label="w")
    y = x * w
    y.backward()
    text = dot(y)
    assert f'{number}"'.replace("-", "−") in line(text, '"x" -> "v1"')
    assert "longest possible = 2.0" in text and "Bars of nan and inf" in text
    sides = [number > 0, number < 0] if number == number else [True, True]
    ink = re.findall(rf'WIDTH="39" HEIGHT="4" BGCOLOR="{LIGHT["ink"]}"', line(text, '"x" ['))
    assert len(ink) == sum(sides)
    assert f'color="{LIGHT["ink"]}"' in line(text, '"x" -> "v1"')


def test_edge_ids_differ() -> None:
    x = Value(2.0, label="x")
    ids = re.findall(r'\[id="([^"]*)"', dot(x * x + x))
    assert len(ids) == len(set(ids)) == 3 + 4


def test_what_was_swept_is_named_only_where_it_is_this(neuron: Value) -> None:
    (2 * neuron).backward()
    assert "gradient ∂ of what was swept" in dot(neuron)


def test_gradients_of_several_sweeps_are_not_called_those_of_one() -> None:
    x = Value(2.0, label="x")
    h = x * 3
    y, z = h * 5, h * 7
    y.label = "y"
    y.backward()
    assert "gradient ∂ of y" in dot(y)
    z.backward()
    assert "gradient ∂ of what was swept" in dot(y), "h holds that of z"
    x.grad = 0.0
    y.backward()
    assert "gradient ∂ of y" in dot(y)
    y.backward()
    assert "gradient ∂ of what was swept" in dot(y), "x holds that of two sweeps"


def test_a_leaf_that_was_changed_is_told() -> None:
    x = Value(2.0, label="x")
    y = x * 3
    assert "has changed" not in dot(y)
    x.data = 5.0
    assert "A leaf under x*3 has changed since it was recorded" in dot(y)


def test_directions(neuron: Value) -> None:
    assert "rankdir=TB" in dot(neuron, rankdir="TB")
    with pytest.raises(ValueError, match="rankdir is LR .* or TB .*, got 'RL'"):
        dot(neuron, rankdir="RL")
