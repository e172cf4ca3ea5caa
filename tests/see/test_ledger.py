import struct
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from engine.chain import chain_rule
from engine.see import Row, ledger
from engine.see.names import names, reading
from engine.value import Value

Choices = list[tuple[int, int, int]]
Program = Callable[[Choices], Value]


def bits(number: float) -> bytes:
    return b"nan" if number != number else struct.pack("d", number)


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=30))
def test_running_gradients_add_up_to_those_of_backward(program: Program, choices: Choices) -> None:
    rows = ledger(program(choices)).rows
    y = program(choices)
    y.backward()
    running: dict[str, float] = {}
    for row in rows:
        running[row.input] = running.get(row.input, 0.0) + row.contribution
        assert bits(running[row.input]) == bits(row.gradient)
    for node, name in names(reading(y)).items():
        assert bits(running.get(name.text, 0.0)) == bits(node.grad)


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=30))
def test_a_row_for_each_step_in_full_precision(program: Program, choices: Choices) -> None:
    y = program(choices)
    steps = list(chain_rule(y))
    rows = ledger(y).rows
    assert [row.step for row in rows] == list(range(len(steps) + 1))
    for row, step in zip(rows[1:], steps, strict=True):
        assert [bits(x) for x in row[4:7]] == [
            bits(x) for x in (step.upstream, step.partial, step.contribution)
        ]


def test_nothing_is_stored(neuron: Value) -> None:
    ledger(neuron)
    assert all(node.grad == 0.0 for node in reading(neuron))


def test_the_table_of_a_neuron(neuron: Value) -> None:
    lines = str(ledger(neuron)).splitlines()
    assert lines == [
        "step  node   op    input  upstream × partial = contribution  gradient of input",
        "   0  y      seed  y                                    1.0                1.0",
        "   1  y      tanh  v4          1.0 ×     0.5 =          0.5                0.5",
        "   2  v4     +     v3          0.5 ×     1.0 =          0.5                0.5",
        "   3  v4     +     b           0.5 ×     1.0 =          0.5                0.5",
        "   4  v3     +     x1*w1       0.5 ×     1.0 =          0.5                0.5",
        "   5  v3     +     x2*w2       0.5 ×     1.0 =          0.5                0.5",
        "   6  x1*w1  *     x1          0.5 ×    −3.0 =         −1.5               −1.5",
        "   7  x1*w1  *     w1          0.5 ×     2.0 =          1.0                1.0",
        "   8  x2*w2  *     x2          0.5 ×     1.0 =          0.5                0.5",
        "   9  x2*w2  *     w2          0.5 ×     0.0 =          0.0                0.0",
    ]
    assert repr(ledger(neuron)) == str(ledger(neuron))


def test_the_seed(neuron: Value) -> None:
    assert ledger(neuron).rows[0] == Row(0, "y", "seed", "y", 1.0, 1.0, 1.0, 1.0)
    assert len(ledger(Value(2.0)).rows) == 1


def test_a_limit_shortens_the_table_not_the_rows(neuron: Value) -> None:
    table = ledger(neuron, limit=3)
    assert len(table.rows) == 10
    assert str(table).splitlines()[-1] == "... 7 more steps; limit=None prints all"
    assert len(str(table).splitlines()) == 1 + 3 + 1
    with pytest.raises(ValueError, match="limit is the number of rows printed.*got 0"):
        ledger(neuron, limit=0)


def test_columns_stay_straight_beside_wide_and_combining_letters() -> None:
    y = Value(2.0, label="漢字") * Value(3.0, label="x\u0302")
    lines = str(ledger(y)).splitlines()
    assert [line.index("×") for line in (lines[0], lines[2], lines[3])] == [
        41,
        41 - 2 + 1 - 2,
        41 - 2 + 1 + 1,
    ]


def test_a_deep_graph_is_no_recursion(chain: Callable[[int], Value]) -> None:
    assert len(ledger(chain(20_000)).rows) == 20_001


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="ledger takes a Value"):
        ledger(3.0)  # type: ignore[arg-type]
