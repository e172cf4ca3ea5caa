import functools
import math
import operator
import re
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from engine import dot
from engine.chain import chain_rule
from engine.see import Row, ledger
from engine.see.ledger import entries
from engine.see.names import names, reading
from engine.value import Value

Choices = list[tuple[int, int, int]]
Program = Callable[[Choices], Value]


def bits(number: float) -> bytes:
    return b"nan" if number != number else struct.pack("d", number)


CHOICES = st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=30)


@given(CHOICES, st.booleans())
def test_running_gradients_add_up_to_those_of_backward(
    program: Program, choices: Choices, expand: bool
) -> None:
    rows = ledger(program(choices), expand=expand).rows
    y = program(choices)
    y.backward()
    running: dict[str, float] = {}
    for row in rows:
        running[row.input] = running.get(row.input, 0.0) + row.contribution
        assert bits(running[row.input]) == bits(row.gradient)
        assert row.is_seed or bits(row.upstream * row.partial) == bits(row.contribution)
        assert bits(running[row.node]) == bits(row.upstream)
    for node, name in names(reading(y)).items():
        assert bits(running.get(name.text, 0.0)) == bits(node.grad)


@given(CHOICES)
def test_a_row_for_each_step_in_full_precision(program: Program, choices: Choices) -> None:
    y = program(choices)
    steps, nodes = list(chain_rule(y)), reading(y)
    found = ledger(y)
    recorded = [node for node in nodes if node.op is not None]
    assert [record.step for record in found.records if record.op] == list(range(1, len(recorded) + 1))
    assert {record.value for record in found.records} == {node.data for node in nodes}
    assert [row.step for row in found.rows] == [len(recorded) + 1 + i for i in range(len(steps) + 1)]
    for row, step in zip(found.rows[1:], steps, strict=True):
        numbers = (row.upstream, row.partial, row.contribution)
        assert [bits(x) for x in numbers] == [
            bits(x) for x in (step.upstream, step.partial, step.contribution)
        ]


SUBSCRIPT = re.compile("[₀-₉]+")
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def read_by_python(formula: str) -> str:
    """A formula as Python reads it: y₃ is y[2], [a = b] is a comparison."""
    code = SUBSCRIPT.sub(lambda found: f".at({int(found[0].translate(DIGITS)) - 1})", formula)
    return code.replace("[", "(").replace("]", ")").replace(" = ", " == ")


class Listed(list[float]):
    def at(self, i: int) -> float:
        return self[i]


def plain(operand: object) -> object:
    if isinstance(operand, tuple):
        return Listed([float(v) for v in operand])
    return None if operand is None else float(operand)  # type: ignore[arg-type]


@given(CHOICES, st.booleans())
def test_the_rule_gives_the_partial(program: Program, choices: Choices, expand: bool) -> None:
    """The formula of each row, read by Python on the numbers of the operands, is the row's partial."""
    y = program(choices)
    found = entries(y, expand=expand)
    swept = found.events[len(found.records) :]
    for event, row in zip(swept, found.rows, strict=True):
        if row.is_seed:
            continue
        node = event.node
        x = plain(node.x)
        names = {"x": x, "y": plain(node.y), "z": node.data, "sech": lambda t: 1 / math.cosh(t)}
        if isinstance(x, list):
            names["ties"] = x.count(node.data)
        partial = eval(read_by_python(row.formula.partition(" = ")[2]), {"__builtins__": {}}, names)
        assert math.isclose(partial, row.partial, rel_tol=1e-12, abs_tol=1e-300), (row, names)


def test_nothing_is_stored(neuron: Value) -> None:
    ledger(neuron)
    assert all(node.grad == 0.0 for node in reading(neuron))


def test_the_tables_of_a_neuron(neuron: Value) -> None:
    lines = str(ledger(neuron)).splitlines()
    assert lines[:1] + lines[4:7] + lines[10:13] + lines[-2:] == [
        "record  node   op      value  source",
        "     0  w2            1.0",
        "     0  b             6.8814",
        "     1  x1*w1  *     −6.0     x1 * w1",
        "     5  y      tanh   0.7071  tanh(v4)",
        "",
        "sweep  node   op    input  rule                upstream × partial = contribution"
        "  gradient of input  source",
        "   14  x2*w2  *     x2     ∂z/∂x = y                0.5 ×     1.0 =          0.5"
        "                0.5  x2 * w2",
        "   15  x2*w2  *     w2     ∂z/∂y = x                0.5 ×     0.0 =          0.0"
        "                0.0  x2 * w2",
    ]
    assert repr(ledger(neuron)) == str(ledger(neuron))


def test_a_dot_spelled_out() -> None:
    x, w = [Value(2.0, "x1"), Value(3.0, "x2")], [Value(-1.0, "w1"), Value(0.5, "w2")]
    found = ledger(dot(w, x) * 2, expand=True)
    assert [(r.node, r.op, r.value, r.source) for r in found.records if r.op] == [
        ("w1*x1", "*", -2.0, "w1 * x1"),
        ("w2*x2", "*", 1.5, "w2 * x2"),
        ("v1", "sum", -0.5, "sum([w1*x1, w2*x2])"),
        ("v2", "*", -1.0, "v1 * 2.0"),
    ]
    assert [(row.node, row.input, row.partial, row.contribution) for row in found.rows[1:]] == [
        ("v2", "v1", 2.0, 2.0),
        ("v1", "w1*x1", 1.0, 2.0),
        ("w1*x1", "w1", 2.0, 4.0),
        ("w1*x1", "x1", -1.0, -2.0),
        ("v1", "w2*x2", 1.0, 2.0),
        ("w2*x2", "w2", 3.0, 6.0),
        ("w2*x2", "x2", 0.5, 1.0),
    ]


def test_the_source_is_what_was_typed() -> None:
    def loss(x: Value, ws: list[Value]) -> Value:
        total = sum(w * x for w in ws)
        total *= 2
        return total.tanh()

    found = ledger(loss, 0.5, [1.0, -2.0])
    assert [record.source for record in found.records if record.op] == [
        "w * x", "sum(w * x for w in ws)", "w * x", "sum(w * x for w in ws)", "total *= 2", "total.tanh()",
    ]  # fmt: skip
    assert [record.node for record in found.records][:3] == ["ws[0]", "x", "ws[1]"]
    assert found.rows[1].source == "total.tanh()" and found.rows[1].node == found.rows[0].node


def test_changed_leaves_are_told() -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    y = dot([w, x], [x, 1.0]) * w
    y.backward()
    assert not ledger(y).note
    w.data = 10.0
    note = "A leaf under v1 has changed since it was recorded: values are those of before, partials of now."
    assert ledger(y).note == note and repr(ledger(y)).splitlines()[-1] == note
    assert note in ledger(y)._repr_mimebundle_()["text/html"]
    nan = Value(math.nan) * 2
    assert not ledger(nan).note


def test_the_seed(neuron: Value) -> None:
    seed = Row(6, "y", "seed", "y", "", 1.0, 1.0, 1.0, 1.0, "tanh(v4)")
    assert ledger(neuron).rows[0] == seed and seed.is_seed
    assert len(ledger(Value(2.0)).rows) == 1


def test_a_limit_shortens_the_tables_not_the_rows(neuron: Value) -> None:
    found = ledger(neuron, limit=3)
    assert len(found.rows) == 10 and len(found.records) == 10
    lines = str(found).splitlines()
    assert lines[4] == lines[-1] == "... 7 more; limit=None prints all"
    assert len(lines) == 2 * (1 + 3 + 1) + 1
    with pytest.raises(ValueError, match="limit is the number of rows printed.*got 0"):
        ledger(neuron, limit=0)
    for limit in ("a", 2.5):
        with pytest.raises(
            TypeError, match=r"limit is a whole number of rows, or None for all; got ('a'|2\.5)"
        ):
            ledger(neuron, limit=limit)  # type: ignore[arg-type]


def test_a_notebook_gets_tables_with_every_name_escaped() -> None:
    x = Value(2.0, label="<b>&x")
    bundle = ledger(x * x)._repr_mimebundle_()
    assert bundle["text/plain"] == repr(ledger(x * x))
    page = bundle["text/html"]
    assert "<b>" not in page and "&lt;b&gt;&amp;x" in page
    assert page.count("<table>") == 2 and page.count("<tr>") == 2 + len(ledger(x * x).rows) + 2
    y = functools.reduce(operator.add, [x] * 300)
    long = ledger(y)._repr_mimebundle_()
    assert long["text/html"].count("<tr>") == 2 + 2 * 200 and "The first 200 rows" in long["text/html"]
    assert len(long["text/plain"].splitlines()) == 2 * 202 + 1
    assert len(repr(ledger(y, limit=None)).splitlines()) == 301 + 1 + 600


def test_columns_stay_straight_beside_wide_and_combining_letters() -> None:
    y = Value(2.0, label="漢字") * Value(3.0, label="x\u0302")
    lines = str(ledger(y)).splitlines()
    start = lines.index("") + 1
    places = [line.index("×") for line in (lines[start], lines[start + 2], lines[start + 3])]
    assert places[1:] == [places[0] - 2 + 1 - 2, places[0] - 2 + 1 + 1]


def test_a_deep_graph_is_no_recursion(chain: Callable[[int], Value]) -> None:
    assert len(ledger(chain(20_000), expand=True).rows) == 20_001


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="ledger takes a Value"):
        ledger(3.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="ledger looks at one Value; the function <lambda> returned 3.0"):
        ledger(lambda x: 3.0, 1.0)
