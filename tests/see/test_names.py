import math
import re
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from engine import ops
from engine.chain import order
from engine.see.names import LONGEST_EXPRESSION, names, reading, tidy
from engine.value import Value

Choices = list[tuple[int, int, int]]
Program = Callable[[Choices], Value]

choices = st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=25)


def texts(y: Value) -> list[str]:
    nodes = reading(y)
    known = names(nodes)
    return [known[node].text for node in nodes]


def test_names_of_a_neuron(neuron: Value) -> None:
    known = names(reading(neuron))
    assert texts(neuron) == ["x1", "w1", "x1*w1", "x2", "w2", "x2*w2", "v3", "b", "v4", "y"]
    assert {name.key for name in known.values()} == {"x1", "w1", "v1", "x2", "w2", "v2", "v3", "b", "v4", "y"}


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda a, b: (a + b) * b, "(a+b)*b"),
        (lambda a, b: a - (a - b), "a-(a-b)"),
        (lambda a, b: a - b - a, "a-b-a"),
        (lambda a, b: (-a) ** 2, "(-a)**2"),
        (lambda a, b: -(a + b), "-(a+b)"),
        (lambda a, b: a * 2, "a*2"),
        (lambda a, b: 0.5 - a, "0.5-a"),
        (lambda a, b: a * (1 / 3), "v1"),
        (lambda a, b: a.tanh(), "tanh(a)"),
        (lambda a, b: a.tanh() + b, "v2"),
        (lambda a, b: ops.dot([a], [b]), "v1"),
    ],
)
def test_short_expressions(make: object, text: str) -> None:
    assert callable(make)
    assert texts(make(Value(2.0, label="a"), Value(3.0, label="b")))[-1] == text


@given(choices)
def test_an_expression_evaluates_to_its_node(program: Program, choices: Choices) -> None:
    nodes = reading(program(choices))
    known = names(nodes)
    leaves = {node.label: node.data for node in nodes if node.label}
    for node in nodes:
        text = known[node].text
        if not re.fullmatch(r"(v|leaf)\d+", text):
            assert node.op is None or len(text) <= LONGEST_EXPRESSION
            value = eval(text, {"tanh": math.tanh, "detach": float} | leaves)
            assert value == node.data or value != value


@given(choices, st.lists(st.sampled_from(["x", "v1", "x#2", "x-2", "leaf1", "x*y", ""]), min_size=1))
def test_all_names_and_keys_differ(program: Program, choices: Choices, labels: list[str]) -> None:
    nodes = reading(program(choices))
    for i, node in enumerate(nodes):
        node.label = labels[i % len(labels)]
    known = names(nodes)
    assert len({name.text for name in known.values()}) == len(nodes)
    assert len({name.key for name in known.values()}) == len(nodes)
    assert all(re.fullmatch(r"[\w.\[\]-]+", name.key) for name in known.values())


@given(choices)
def test_reading_holds_the_nodes_of_the_graph_operands_first(program: Program, choices: Choices) -> None:
    y = program(choices)
    nodes = reading(y)
    assert set(nodes) == set(order(y))
    place = {node: i for i, node in enumerate(nodes)}
    assert all(place[operand] < place[node] for node in nodes for operand in node.inputs)


@given(st.text())
def test_a_tidy_label_is_one_printable_line(label: str) -> None:
    assert tidy(label).isprintable()
    tidy(label).encode()
