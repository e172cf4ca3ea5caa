import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from engine import Stepper, detach, log, tanh, watch
from engine.see import Record, Row, ledger
from engine.see.stepper import NOT_RUN
from engine.value import Value

CHOICES = st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=15)


def loss(x: Value, w: Value, b: Value) -> Value:
    z = x * w + b
    return tanh(z) * x


@given(CHOICES, st.booleans(), st.data())
def test_a_walk_is_the_ledger(
    program: Callable[..., Value], choices: list[tuple[int, int, int]], expand: bool, data: st.DataObject
) -> None:
    y = program(choices)
    stepper, found = Stepper(y, expand=expand), ledger(y, expand=expand)
    rows = [*(record for record in found.records if record.step), *found.rows]
    assert stepper.last == len(rows) and stepper.position == 0 and stepper.row is None
    for position, row in enumerate(rows, 1):
        assert repr(stepper.next().row) == repr(row) and row.step == stepper.position == position
    assert stepper.next().position == stepper.last
    place = data.draw(st.integers(0, len(rows)))
    swept = [row for row in rows[:place] if isinstance(row, Row)]
    assert repr(stepper.first().next(place).gradients()) == repr({row.input: row.gradient for row in swept})
    assert stepper.end().previous(stepper.last - place).position == place
    assert stepper.previous(place + 1).position == 0


@settings(max_examples=20)
@given(CHOICES, st.booleans())
def test_every_state_prints(
    program: Callable[..., Value], choices: list[tuple[int, int, int]], expand: bool
) -> None:
    stepper = Stepper(program(choices), expand=expand)
    for position in range(stepper.last + 1):
        assert stepper.position == position
        lines = repr(stepper).splitlines()
        marked = [line for line in lines if line.startswith("▶")]
        assert len(marked) == (position > 0)
        assert all(int(line.split()[1]) == position for line in marked)
        assert max(map(len, lines)) < 240 and len(lines) < 20
        bundle = stepper._repr_mimebundle_()
        assert bundle["text/plain"] == repr(stepper)
        table, page = bundle["text/html"].split("<iframe")
        assert table.count('aria-current="step"') == (position > 0)
        assert f"data-step=&quot;{position}&quot;" in page and page.endswith(f">{NOT_RUN}</iframe>")
        stepper.next()


def test_the_words() -> None:
    stepper = Stepper(loss, 2.0, -3.0, 6.5)
    told = [stepper.sentence]
    while stepper.position < stepper.last:
        told.append(stepper.next().sentence)
    assert told == [
        "Start: nothing is recorded yet but the leaves x = 2.0, w = −3.0, b = 6.5.",
        "Record 1 of 4: x*w is computed: −6.0.",
        "Record 2 of 4: z = x*w + b is computed: 0.5.",
        "Record 3 of 4: tanh(z) is computed: 0.4621.",
        "Record 4 of 4: v4 = tanh(z) * x is computed: 0.9242.",
        "Sweep 1 of 8: The sweep begins: the gradient of v4 by itself is 1.",
        "Sweep 2 of 8: v4 passes 1.0 × 2.0 = 2.0 to tanh(z), whose gradient goes from 0.0 to 2.0 "
        "and is complete.",
        "Sweep 3 of 8: v4 passes 1.0 × 0.4621 = 0.4621 to x, whose gradient goes from 0.0 to 0.4621.",
        "Sweep 4 of 8: tanh(z) passes 2.0 × 0.7864 = 1.5729 to z, whose gradient goes from 0.0 to 1.5729 "
        "and is complete.",
        "Sweep 5 of 8: z passes 1.5729 × 1.0 = 1.5729 to x*w, whose gradient goes from 0.0 to 1.5729 "
        "and is complete.",
        "Sweep 6 of 8: z passes 1.5729 × 1.0 = 1.5729 to b, whose gradient goes from 0.0 to 1.5729 "
        "and is complete.",
        "Sweep 7 of 8: x*w passes 1.5729 × −3.0 = −4.7187 to x, whose gradient goes from 0.4621 to −4.2566 "
        "and is complete.",
        "Sweep 8 of 8: x*w passes 1.5729 × 2.0 = 3.1458 to w, whose gradient goes from 0.0 to 3.1458 "
        "and is complete.",
    ]


def test_the_rule_names_the_numbers_it_uses() -> None:
    stepper = Stepper(loss, 2.0, -3.0, 6.5)
    rules = []
    while stepper.position < stepper.last:
        rules.append(stepper.next().rule)
    assert rules[:5] == [""] * 5
    assert rules[5:8] == [
        "z = x * y, ∂z/∂x = y; here y = 2.0",
        "z = x * y, ∂z/∂y = x; here x = 0.4621",
        "z = tanh(x), ∂z/∂x = sech(x)**2; here x = 0.5",
    ]
    assert rules[8] == "z = x + y, ∂z/∂x = 1"


def test_the_source_is_shown_with_the_expression_underlined() -> None:
    lines = repr(Stepper(loss, 2.0, -3.0, 6.5).next()).splitlines()
    assert lines[0].startswith("test_stepper.py, line ")
    assert lines[1:3] == ["    z = x * w + b", "        ^^^^^    ".rstrip()]
    with watch():
        x = Value(2.0)
        y = x * (
            x +
            1
        )  # fmt: skip
    lines = repr(Stepper(y).next()).splitlines()
    assert lines[1:5] == ["    x +", "    ^^^", "    1", "    ^"]
    lines = repr(Stepper(y).next(2)).splitlines()
    assert lines[1:5] == ["    y = x * (", "        ^^^^^", "        x +", "        ^^^"]
    assert ">x * (</mark>" in Stepper(y).next(2)._repr_mimebundle_()["text/html"]


def test_without_a_watch_there_is_no_source_line(neuron: Value) -> None:
    assert repr(Stepper(neuron).next()).startswith("Record 1 of 5: x1*w1 is computed")


def test_to_a_node(neuron: Value) -> None:
    stepper = Stepper(neuron)
    assert isinstance(stepper.to("y").row, Record) and stepper.position == 5
    assert isinstance(stepper.to("y").row, Row) and stepper.position == 6
    assert stepper.to("y").position == 5
    w1 = neuron.inputs[0].inputs[0].inputs[0].inputs[1]
    assert w1.label == "w1" and stepper.to(w1).row.input == "w1"  # type: ignore[union-attr]
    with pytest.raises(
        ValueError, match="'w3' is no node of this computation; some of its nodes: .*x1, w1, .*y"
    ):
        stepper.to("w3")
    with pytest.raises(ValueError, match="no node of this computation"):
        stepper.to(Value(1.0))


def test_to_a_leaf_that_the_sweep_never_reaches() -> None:
    x = Value(2.0, label="x")
    with pytest.raises(ValueError, match="never reaches x: it lies behind a detach"):
        Stepper(detach(x) * 3).to(x)


def test_until_a_condition(neuron: Value) -> None:
    stepper = Stepper(neuron)
    assert stepper.until("abs(contribution) > 1").row.contribution < -1  # type: ignore[union-attr]
    at = stepper.position
    with pytest.raises(LookupError, match=f"no step after {at} of 15 fulfils"):
        stepper.until("gradient == 77")
    assert stepper.position == at
    assert stepper.first().until(lambda row: isinstance(row, Row) and row.input == "b").row.input == "b"  # type: ignore[union-attr]
    assert stepper.first().until("op == 'tanh' and partial < 1").row.op == "tanh"  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="unknown name 'slope'"):
        stepper.until("slope > 1")
    with pytest.raises(TypeError, match=r'until takes a function of a row, .* "abs\(gradient\) > 10", got 3'):
        stepper.until(3)  # type: ignore[arg-type]


def test_until_the_first_nan() -> None:
    x = Value(-1.0, label="x")
    y = log(x) * 0 + x
    stepper = Stepper(y).until("nan")
    assert isinstance(stepper.row, Record) and stepper.row.op == "log" and math.isnan(stepper.row.value)


def test_names_are_escaped() -> None:
    x = Value(2.0, label="<script>alert(1)</script>")
    page = Stepper(x * x).end()._repr_mimebundle_()["text/html"]
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_what_is_to_come_has_no_numbers_yet() -> None:
    stepper = Stepper(loss, 2.0, -3.0, 6.5)
    lines = repr(stepper).splitlines()
    assert "−6.0" not in "".join(lines) and any(line.split()[:2] == ["1", "x*w"] for line in lines)
    lines = repr(stepper.next(6)).splitlines()
    now = next(i for i, line in enumerate(lines) if line.startswith("▶"))
    assert "=" in lines[now] and not any("×" in line for line in lines[now + 1 :])


def test_changed_leaves_are_told() -> None:
    x = Value(2.0, "x")
    y = x * x
    x.data = 5.0
    assert "changed since it was recorded" in repr(Stepper(y)) and "changed" in Stepper(y).note


def test_a_bare_leaf() -> None:
    stepper = Stepper(Value(2.0, label="x"))
    assert stepper.last == 1 and stepper.end().gradients() == {"x": 1.0}
    assert "x" in repr(stepper) and repr(stepper.first())


def test_nothing_is_stored(neuron: Value) -> None:
    Stepper(neuron).end()
    assert neuron.grad == 0.0


@pytest.mark.parametrize("move", ["next", "previous"])
def test_steps_are_counted_from_nought(neuron: Value, move: str) -> None:
    with pytest.raises(ValueError, match="a number of steps is 0 or more, got -1"):
        getattr(Stepper(neuron), move)(-1)
    stepper = Stepper(neuron).next(3)
    for n in (1.5, "a", None):
        with pytest.raises(TypeError, match=r"a number of steps is a whole number, got (1\.5|'a'|None)"):
            getattr(stepper, move)(n)
    assert stepper.position == 3 and repr(stepper)


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="Stepper takes a Value, or a function and its inputs; got 3.0"):
        Stepper(3.0)  # type: ignore[arg-type]


def test_a_deep_graph_is_no_recursion(chain: Callable[[int], Value]) -> None:
    stepper = Stepper(chain(20_000)).end()
    assert stepper.position == 40_001 and "complete" in stepper.sentence
