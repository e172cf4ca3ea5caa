"""The accuracy check is itself checked: faults planted in the table are caught, one at a time."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine import Op, exp, ops, tanh
from engine.check import GradientError, check_op
from engine.check.definitions import ROWS
from engine.check.judge import PARTS, TITLES
from engine.ops import TABLE

POINTS = 100


def with_value(op: Op, value: Callable[..., float]) -> Op:
    """The row with another value function."""
    return rebuilt(op, value, op.partials)


def with_partial(op: Op, index: int, partial: Any) -> Op:
    """The row with another partial."""
    return rebuilt(op, op.value, (*op.partials[:index], partial, *op.partials[index + 1 :]))


def rebuilt(op: Op, value: Callable[..., float], partials: tuple[Any, ...]) -> Op:
    # a plain Op: where and power_derivative differ in how they are called and made, not in what they compute
    return Op(
        op.name, value, *partials, domain=op.domain, margin=op.margin, defaults=op.defaults, lists=op.lists,
        limit=op.limit,
    )  # fmt: skip


def scaled(op: Op, index: int, factor: float) -> Any:
    """A partial that is wrong by a factor; one that is 0 everywhere gets a little slope instead."""
    truth = op.partials[index]
    if truth is None or truth == 0.0:
        return factor - 1.0 if factor != -1.0 else -1.0
    if not callable(truth):
        return truth * factor

    def wrong(z: Any, *operands: Any) -> Any:
        slope = truth(z, *operands)
        if isinstance(slope, (list, tuple)):
            return [x * factor for x in slope]
        return slope * factor

    return wrong


EDGES = [(name, index) for name, op in TABLE.items() for index in range(op.arity)]


@pytest.mark.parametrize(("name", "index"), EDGES)
@pytest.mark.parametrize("factor", [1.0 + 1e-12, 1.0 - 1e-13, -1.0], ids=["1e-12", "1e-13", "sign"])
def test_a_wrong_partial(name: str, index: int, factor: float) -> None:
    op = TABLE[name]
    wrong = with_partial(op, index, scaled(op, index, factor))
    with pytest.raises(GradientError, match=f"^{name}: {TITLES[PARTS[index]]}") as caught:
        check_op(wrong, count=POINTS)
    culprit = caught.value.report.culprit
    assert culprit.op == name and culprit.got != culprit.exact


@pytest.mark.parametrize("name", TABLE)
def test_an_unharmed_row_passes(name: str) -> None:
    """What catches the faults is the fault, not the rebuilding of the row."""
    op = TABLE[name]
    assert check_op(rebuilt(op, op.value, op.partials), count=POINTS).ok


@pytest.mark.parametrize("name", [name for name in TABLE if name not in ("step", "sign", "ahead")])
@pytest.mark.parametrize("factor", [1.0 + 1e-9, -1.0], ids=["1e-9", "sign"])
def test_a_wrong_value(name: str, factor: float) -> None:
    op = TABLE[name]
    wrong = with_value(op, lambda *operands: op.evaluate(*operands) * factor)
    with pytest.raises(GradientError, match=f"^{name}: value at"):
        check_op(wrong, count=POINTS // 4, order=1, exact=ROWS[name].value)


TWO_PARTIALS = [
    name
    for name, op in TABLE.items()
    if op.arity == 2 and op.partials[0] != op.partials[1] and name != "where"
]


@pytest.mark.parametrize("name", TWO_PARTIALS)
def test_swapped_partials(name: str) -> None:
    op = TABLE[name]
    with pytest.raises(GradientError, match=f"^{name}: ∂z/∂"):
        check_op(rebuilt(op, op.value, op.partials[::-1]), count=POINTS)


def turned(partial: Any) -> Any:
    return (lambda z, x, y: partial(z, y, x)) if callable(partial) else partial


@pytest.mark.parametrize("name", sorted(set(TWO_PARTIALS) - {"add", "sub", "ahead", "exp_sub"}))
def test_swapped_operands(name: str) -> None:
    op = TABLE[name]
    with pytest.raises(GradientError, match=f"^{name}: ∂z/∂"):
        check_op(rebuilt(op, op.value, tuple(map(turned, op.partials))), count=POINTS)


def textbook() -> Iterator[tuple[str, int, Any]]:
    """Forms that are right on paper and lose digits, or all of them, in floats."""
    sqrt, power = ops.sqrt, ops.power
    yield "tanh", 0, lambda z, x: 1 - z * z
    yield "sigmoid", 0, lambda z, x: z * (1 - z)
    yield "expm1", 0, lambda z, x: z + 1
    yield "elu", 0, lambda z, x, y: ops.where(x, 1, z + y)
    yield "sech2", 0, lambda z, x: -2 * (1 - z) / tanh(x) * z
    yield "softplus", 0, lambda z, x: 1 - exp(-z)
    yield "asin", 0, lambda z, x: 1 / sqrt(1 - x * x)
    yield "acos", 0, lambda z, x: -1 / sqrt(1 - x * x)
    yield "atanh", 0, lambda z, x: 1 / (1 - x * x)
    yield "acosh", 0, lambda z, x: 1 / sqrt(x * x - 1)
    yield "cosh", 0, lambda z, x: sqrt(z * z - 1)
    yield "erf", 0, lambda z, x: 2 / math.sqrt(math.pi) * exp(-x * x)
    yield "div", 1, lambda z, x, y: -x / (y * y)
    yield "power", 0, lambda z, x, y: y * power(x, y - 1)
    yield "gelu", 0, lambda z, x: 0.5 * (1 + ops.erf(x / math.sqrt(2))) + x * ops.normal_density(x)
    yield "silu", 0, lambda z, x: z + ops.sigmoid(x) * (1 - z)
    yield "hypot", 0, lambda z, x, y: x / sqrt(x * x + y * y)
    yield "logaddexp", 0, lambda z, x, y: exp(x - z)
    yield "logsumexp", 0, lambda z, x: [exp(xi - z) for xi in x]


@pytest.mark.parametrize(
    ("name", "index", "partial"), [pytest.param(*t, id=f"{t[0]}-{t[1]}") for t in textbook()]
)
def test_a_textbook_form(name: str, index: int, partial: Any) -> None:
    op = TABLE[name]
    with pytest.raises(GradientError, match=f"^{name}: {TITLES[PARTS[index]]}"):
        check_op(with_partial(op, index, partial), count=1000)
