"""The exercises of notebook 04: why non-linearity."""

from collections.abc import Sequence
from typing import Any

from engine import Value, chain_rule
from engine.chain import gradients
from engine.ops import add, div, dot, mul, neg, relu, sub, sum as total
from nn.collapse import collapse
from nn.combination import figure
from nn.course.exercise import Judge, tried, value
from nn.data.gates import ROWS
from nn.mlp import MLP
from nn.pieces import pieces_for

XOR = (0, 1, 1, 0)
"""What is wanted at (0, 0), (0, 1), (1, 0), (1, 1)."""
ALLOWED = (add, sub, mul, div, neg, total, dot, relu)
"""What a sum of ReLUs is made of."""
PLACES = (-2.0, -0.5, 0.75, 3.0)
"""Where |x| is tried."""
ALLOWED_ERROR = 0.001
"""The error of exercise 04.4."""


def _square(x: float) -> float:
    return x * x


def _collapsed(second_bias: float = 2.0) -> list[float]:
    """Return (w1, w2, b) of the one neuron that the two linear layers of 04.1 amount to."""
    model = MLP(2, [2, 1], activation="linear")
    model.load_state(dict(zip(model.state(), [1, 1, 0, 1, -1, second_bias, 2, 3, -1], strict=True)))
    layer = collapse(model)
    return [*layer.W[0], *layer.b]


def _of_relus(answer: Any, inputs: Sequence[float]) -> tuple[Value, list[Value], list[Value]]:
    """Return what a function gives, as a graph, its inputs, and the different sums that its ReLUs look at."""
    xs = [Value(x) for x in inputs]
    y = tried(answer, *xs)
    if not isinstance(y, Value):
        return Value(float("nan")), xs, []
    steps = list(chain_rule(y))
    return y, xs, list(dict.fromkeys(step.input for step in steps if step.node.op is relu))


def _form(y: Value, looked_at: Sequence[Value]) -> str:
    """Return a hint where a graph is not a weighted sum of at most two ReLUs of weighted sums, else ""."""
    if y.data != y.data or y.op is None:
        return "your function is to be made of relu, sums and weights, such as lambda x: relu(x) + 1"
    nodes = [step.node for step in chain_rule(y)]
    others = {node.op.name for node in nodes if node.op is not None and node.op not in ALLOWED}
    if others:
        return f"relu, sums and weights alone; yours has {', '.join(sorted(others))}"
    if not all(map(_weighs, nodes)):
        return "a weight is a plain number; yours multiplies or divides by what depends on the input"
    if len(looked_at) > 2:
        return f"two ReLUs are enough; yours has {len(looked_at)}"
    return ""


def _weighs(node: Value) -> bool:
    """Tell whether a node, if it is a product, has a plain number as one of its factors."""
    if node.op not in (mul, div, dot):
        return True
    factors = [node.y] if node.op is div else [node.x, node.y]
    parts = [factor if isinstance(factor, tuple) else (factor,) for factor in factors]
    return any(not any(isinstance(x, Value) for x in part) for part in parts)


def _size(answer: Any) -> str:
    """Judge a function that is |x|, made of two ReLUs."""
    for x in PLACES:
        y, _, looked_at = _of_relus(answer, [x])
        hint = _form(y, looked_at)
        if hint:
            return hint
        if abs(y.data - abs(x)) > 1e-9:
            asleep = ": one ReLU is asleep on that side, another has to be awake" if y.data == 0 else ""
            return f"at x = {figure(x)} it gives {figure(y.data)}, and |x| is {figure(abs(x))}{asleep}"
    return ""


def _other_xor(answer: Any) -> str:
    """Judge a function that is XOR, made of two ReLUs that do not look at x1 + x2."""
    for point, wanted in zip(ROWS, XOR, strict=True):
        y, _, looked_at = _of_relus(answer, point)
        hint = _form(y, looked_at)
        if hint:
            return hint
        if abs(y.data - wanted) > 1e-9:
            return f"at ({point[0]:g}, {point[1]:g}) it gives {figure(y.data)}, and XOR is {wanted}"
    y, xs, looked_at = _of_relus(answer, (0.25, 0.5))
    slopes = [gradients(z, xs) for z in looked_at]
    if any(first == second != 0.0 for first, second in slopes):
        return (
            "that is XOR, but a ReLU looks at x1 + x2, as the one above; what else tells 01 and 10 apart "
            "from 00 and 11?"
        )
    return ""


EXERCISES: dict[str, Judge] = {
    "04.1": value(
        _collapsed,
        {
            "h₂'s constant 2 goes through the weight 3, too": lambda: [*_collapsed()[:2], 1.0],
            "the constants: 3 · 2, and then −1": lambda: [*_collapsed()[:2], -1.0],
            "in h₂, x₂ has a minus, which the weight 3 multiplies": lambda: [5.0, 5.0, _collapsed()[2]],
            "y = 2h₁ + 3h₂ − 1: x₁ comes in through both": lambda: [2.0, 2.0, _collapsed()[2]],
        },
        otherwise="put h₁ and h₂ into y, multiply out, and collect what stands before x₁ and before x₂",
    ),
    "04.2": _size,
    "04.3": _other_xor,
    "04.4": value(
        lambda: float(len(pieces_for(_square, (0, 1), ALLOWED_ERROR).knots)),
        {
            "one piece less than needed: its error is above 0.001": (
                lambda: len(pieces_for(_square, (0, 1), ALLOWED_ERROR).knots) - 1
            ),
            "that many do if the pieces may be moved down; here they go through x² at the knots": (
                lambda: len(pieces_for(_square, (0, 1), ALLOWED_ERROR, method="centred").knots)
            ),
            "the error falls with k², not with k": lambda: 1 / (4 * ALLOWED_ERROR),
            "pieces are counted in whole numbers": lambda: (1 / (4 * ALLOWED_ERROR)) ** 0.5,
        },
        otherwise="the error of k pieces is 1/(4k²); from which whole k on is that at most 0.001?",
    ),
}
