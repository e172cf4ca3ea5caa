import math
from collections.abc import Callable

from hypothesis import given, strategies as st

from engine import Op, dot, ops, sum as total, tanh
from engine.see.names import LONGEST_EXPRESSION, names, reading
from engine.see.spelling import spelled, typed
from engine.value import Value

CHOICES = st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=15)


@given(CHOICES)
def test_what_is_spelled_computes_the_node(
    program: Callable[..., Value], choices: list[tuple[int, int, int]]
) -> None:
    """The text, read by Python with the names bound to their numbers, gives the node's number."""
    nodes = reading(program(choices))
    known = names(nodes)
    numbers = {name.text: node.data for node, name in known.items()}
    for node in nodes:
        if node.op is not None and node.op.name != "where":
            text = spelled(node, node.op, known).replace("\N{MINUS SIGN}", "-")
            found = eval(text, dict(vars(ops)), numbers)
            assert math.isclose(found, node.data, rel_tol=1e-9, abs_tol=1e-12), (text, found, node)


def test_brackets() -> None:
    x, y, z = Value(2.0, "x"), Value(3.0, "y"), Value(4.0, "z")
    cases = {
        "(x + y) * z": (x + y) * z,
        "x - (y - z)": x - (y - z),
        "x / (y*z)": x / (y * z),
        "(x*y)**z": (x * y) ** z,
        "-(x + y)": -(x + y),
        "−2.0 * x": -2.0 * x,
        "tanh(x + y)": tanh(x + y),
        "dot([x, y], [y, z])": dot([x, y], [y, z]),
        "sum([x, x, x, x, … 2 more])": total([x] * 6),
    }
    for text, node in cases.items():
        found = spelled(node, node.op, names(reading(node)))  # type: ignore[arg-type]
        assert found.replace(" ", "") == text.replace(" ", ""), (found, text)


def test_an_own_op_called_neg_is_no_minus() -> None:
    x = Value(2.0, "x")
    node = Op("neg", lambda x: 1 - x, -1)(x)
    known = names([x, node])
    assert known[node].text == "neg(x)" and spelled(node, node.op, known) == "neg(x)"


def test_an_operator_of_one_s_own_stands_between_brackets() -> None:
    x, y, w = Value(2.0, "x"), Value(3.0, "y"), Value(4.0, "w")
    for infix in ("@", "//", "<", "⊕"):
        own = Op("own", lambda x, y: x + y, 1, 1, infix=infix)
        cases = {
            f"(x+y){infix}w": own(x + y, w),
            f"x{infix}(y*w)": own(x, y * w),
            f"(x{infix}y)+w": own(x, y) + w,
            f"w-(x{infix}y)": w - own(x, y),
            f"(x{infix}y){infix}w": own(own(x, y), w),
            f"-(x{infix}y)": -own(x, y),
        }
        for text, node in cases.items():
            known = names(reading(node))
            assert known[node].text == (text if len(text) <= LONGEST_EXPRESSION else "v2")
            assert spelled(node, node.op, known).replace(" ", "") == text  # type: ignore[arg-type]


def test_a_label_that_is_no_expression_of_python_stands_in_brackets_unless_it_is_plain() -> None:
    for label, text in (("a²+1", "(a²+1)"), ("x→y", "(x→y)"), ("a b", "(a b)"), ("a²", "a²"), ("x₁", "x₁")):
        x = Value(1.0, label)
        for node, end in ((x * 3, "*3"), (x**2, "**2")):
            known = names([x, node])
            assert spelled(node, node.op, known).replace(" ", "") == f"{text.replace(' ', '')}{end}.0"
            assert known[node].text in (f"{text}{end}", "v1")


def test_a_leaf_that_nobody_watched_has_no_source() -> None:
    x = Value(2.0, "x")
    assert typed(x, None, names([x])) == ""
