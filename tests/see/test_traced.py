"""What is looked at: Values as they are, and functions that are called while they are watched."""

from typing import Any

import pytest

from engine import ops
from engine.chain import chain_rule
from engine.dual import Dual
from engine.see.origin import excerpt, variable
from engine.see.traced import traced
from engine.value import Value


def line(x: Any, ws: Any, b: Any = 0.5) -> Any:
    z = x * ws[0][1]
    return z + b


def test_a_value_is_itself() -> None:
    x = Value(2.0)
    assert traced(x, [], by="draw") is x


def test_inputs_are_called_after_the_parameters_and_the_code_is_known() -> None:
    y = traced(line, [2.0, [[3, 4.0]], 1], by="draw")
    assert y.data == 9.0
    labels = {v.label for step in chain_rule(y) for v in (step.input,) if v.op is None}
    assert labels == {"x", "ws[0][1]", "b"}
    found = excerpt(y)
    assert found is not None and found.text == "z + b"
    assert variable(y.x) == "z"


def test_values_pass_as_they_are() -> None:
    w = Value(3.0, label="weight")
    w.grad = 7.0
    y = traced(line, [2.0, [[0.0, w]]], by="draw")
    assert w in y.x.inputs
    assert (w.label, w.grad) == ("weight", 7.0)


def test_nothing_is_swept() -> None:
    y = traced(line, [2.0, [[0.0, 3.0]]], by="draw")
    assert {v.grad for v in (y, *y.inputs, *y.x.inputs)} == {0.0}


def test_a_function_without_a_signature_that_python_knows() -> None:
    assert traced(min, [Value(2.0), Value(1.0)], by="draw").data == 1.0


@pytest.mark.parametrize(
    ("y", "inputs", "message"),
    [
        (2.0, [], "draw takes a Value, or a function and its inputs; got 2.0"),
        ([Value(1.0)], [], "draw takes a Value, or a function and its inputs; got"),
        (Dual(1.0, 1.0), [], "draw takes a Value, or a function and its inputs; got"),
        (Value(1.0), [2.0], "got a Value and"),
        (lambda x: 3.0, [1.0], "one Value; the function <lambda> returned 3.0"),
        (lambda x: [x, x], [1.0], r"one Value; the function <lambda> returned \[Value"),
        (lambda x: None, [1.0], "the function <lambda> returned None"),
        (line, [], "missing 2 required positional arguments"),
        (line, [1.0, 2.0, 3.0, 4.0], "takes from 2 to 3 positional arguments but 4 were given"),
        (ops.tanh, ["a"], "a"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(y: Any, inputs: list[Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        traced(y, inputs, by="draw")


def test_a_label_among_the_inputs_is_explained() -> None:
    with pytest.raises(TypeError) as raised:
        traced(lambda xs, label: xs[label], ([1.0, 2.0], 1), by="draw")
    (note,) = raised.value.__notes__
    assert note.startswith("draw hands numbers on as Values.") and "lambda x: <lambda>(x, 1), x" in note
