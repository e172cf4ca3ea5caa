"""Laws that hold for every row of the table, and for every program made of rows."""

import itertools
import math
import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from engine import Dual, Value, chain_rule, hessian, ops
from engine.chain import order
from engine.check.bounds import allowed
from engine.check.definitions import ROWS, exact_partial
from engine.check.judge import PARTS, as_list, as_values, operands_at
from engine.check.points import draw_points
from engine.check.programs import Program
from engine.check.strategies import programs
from engine.check.ulps import absolute_error, mp, unit
from engine.op import Op
from engine.ops import HELPERS, METHODS, TABLE

law = settings(deadline=None, derandomize=True, database=None)
SMOOTH = sorted(set(TABLE) - {"step", "sign", "ahead"})


def bits(x: Any) -> Any:
    """A float, or a list of them, as text that tells -0.0 from 0.0; all nan alike."""
    return [bits(y) for y in x] if isinstance(x, (list, tuple)) else float(x).hex()


def agree(x: float, y: float) -> bool:
    """Whether two floats are the same number, nan and nan included."""
    return x == y or (x != x and y != y)


def flat(operands: tuple[Any, ...]) -> list[Any]:
    return [x for operand in operands for x in (operand if isinstance(operand, tuple) else (operand,))]


def like(operands: tuple[Any, ...], numbers: Any) -> tuple[Any, ...]:
    """Numbers, one by one, in the form of operands."""
    numbers = iter(numbers)
    return tuple(
        tuple([next(numbers) for _ in operand]) if isinstance(operand, tuple) else next(numbers)
        for operand in operands
    )


@st.composite
def operands_of(draw: Any, op: Op, size: float = math.inf) -> tuple[Any, ...]:
    """Operands of a row inside its domain, of at most some size."""
    length = 2 if op.name == "where" else draw(st.integers(1, 4)) if any(op.lists) else 1
    drawn: list[Any] = []
    for within, is_list in zip(op.domain, op.lists, strict=True):
        low, high = max(within.low, -size), min(within.high, size)
        number = st.floats(
            None if low == -math.inf else low, None if high == math.inf else high,
            allow_nan=False, allow_infinity=False, exclude_min=within.low == low != -math.inf,
            exclude_max=within.high == high != math.inf,
        )  # fmt: skip
        drawn.append(tuple(draw(number) for _ in range(length)) if is_list else draw(number))
    return tuple(drawn)


# a row
@pytest.mark.parametrize("name", TABLE)
def test_forward_mode_is_reverse_mode(name: str) -> None:
    """With a single edge both modes have one product and no sum: the same floats."""
    op = TABLE[name]

    @settings(law, max_examples=40)
    @given(operands_of(op))
    def check(operands: tuple[Any, ...]) -> None:
        values = as_values(operands)
        z = op(*values)
        z.backward()
        numbers = flat(operands)
        for i, v in enumerate(flat(values)):
            duals = [Dual(x, 1.0, 1) if i == j else x for j, x in enumerate(numbers)]
            forward = op(*like(operands, duals))
            assert type(forward.data) is type(forward.rate) is float
            assert bits(forward.data) == bits(z.data)
            assert agree(forward.rate, v.grad), (operands, i)

    check()


@pytest.mark.parametrize("name", TABLE)
def test_partials_on_values_are_the_partials_on_floats(name: str) -> None:
    op = TABLE[name]

    @settings(law, max_examples=40)
    @given(operands_of(op))
    def check(operands: tuple[Any, ...]) -> None:
        values = as_values(operands)
        z = op(*values)
        assert bits(z.data) == bits(op.evaluate(*operands)) == bits(op(*operands))
        for index in range(op.arity):
            if op.partials[index] is None:
                continue
            on_floats = op.float_slope(index, z.data, operands)
            length = len(operands[index]) if op.lists[index] else 1
            on_values = [
                x.data if isinstance(x, Value) else x for x in as_list(op.slope(index, z, values), length)
            ]
            assert bits(on_values) == bits(as_list(on_floats, length)), (operands, index)

    check()


SECOND = 2.0**-44
"""The bound on second derivatives, relative to the larger of the derivative and the row's slopes."""


@pytest.mark.parametrize("name", SMOOTH)
def test_second_derivatives(name: str) -> None:
    """Grad of grad is mpmath's second derivative, inside the domain and clear of kinks."""
    op, tried = TABLE[name], 0
    for operands in draw_points(op, 1500, seed=2):
        numbers = flat(operands)
        if any(not 0.05 < abs(x) < 8 for x in numbers) or (op.margin and abs(op.margin(*operands)) < 0.01):
            continue
        ends = [end for domain in op.domain for end in (domain.low, domain.high)]
        if any(abs(x - end) < 0.05 for x in numbers for end in ends) or len(numbers) > 3 or tried == 12:
            continue
        if name.startswith("power") and numbers[0] < 0:
            continue
        tried += 1

        def f(*xs: Any, operands: tuple[Any, ...] = operands) -> Any:
            return op(*like(operands, xs))

        got = hessian(f)(*numbers)
        got = got if len(numbers) > 1 else ((got,),)
        first = [x for i in range(op.arity) for x in as_list(exact_partial(name, i, operands) or 0, 1)]
        size = max(map(abs, first), default=0)
        place = [(i, k) for i, operand in enumerate(operands) for k in range(len(as_list(operand, 1)))]
        for (i, k), (j, m) in itertools.product(enumerate(place), enumerate(place)):
            exact = second_derivative(name, operands, *k, *m)
            assert abs(got[i][j] - exact) <= SECOND * max(abs(exact), size), (operands, i, j, got[i][j])
    assert tried == 12


def second_derivative(name: str, operands: tuple[Any, ...], i: int, k: int, j: int, m: int) -> Any:
    """∂²z by element k of operand i and element m of operand j."""
    partial = ROWS[name].partials[i]
    if partial is None:
        return mp.mpf(0)

    def slope(t: Any) -> Any:
        exact: list[Any] = [[mp.mpf(x) for x in as_list(operand, 1)] for operand in operands]
        exact[j][m] = t
        given = [
            x if isinstance(operand, tuple) else x[0] for x, operand in zip(exact, operands, strict=True)
        ]
        return as_list(partial(*given), 1)[k]

    return mp.diff(slope, as_list(operands[j], 1)[m])


# a program
def by_methods(op: Op, *operands: Any) -> Any:
    """An op as a user writes it: an operator or a method where there is one."""
    name = op.name
    infix = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv}
    infix |= {"power": operator.pow, "neg": operator.neg, "abs": operator.abs}
    if any(isinstance(x, Value) for x in operands):
        if name in infix:
            return infix[name](*operands)
        if name in METHODS and isinstance(operands[0], Value):
            return getattr(operands[0], name)(*operands[1:])
    return op(*operands)


@settings(law, max_examples=1000)
@given(programs(SMOOTH, max_nodes=25))
def test_the_fast_sweep_is_the_chain_rule_bit_for_bit(program: Program) -> None:
    leaves = [Value(x) for x in program.inputs]
    z = program.run(leaves, by_methods)[-1]
    same = program.run([Value(x) for x in program.inputs])[-1]
    assert bits(z.data) == bits(same.data)
    same.backward()
    z.backward()
    found: dict[Value, float] = {z: 1.0}
    for step in chain_rule(z):
        assert bits(step.upstream) == bits(step.node.grad)
        before = found.get(step.input, 0.0)
        found[step.input] = before + step.contribution
    nodes, twins = order(z), order(same)
    assert len(nodes) == len(twins)
    for node, twin in zip(nodes, twins, strict=True):
        assert bits(node.grad) == bits(twin.grad)
        assert bits(node.grad) == bits(found.get(node, 0.0))


@settings(law, max_examples=400)
@given(programs(SMOOTH, max_nodes=25))
def test_every_contribution_is_upstream_times_an_exact_partial(program: Program) -> None:
    """Within 4 ulp for the partial and half an ulp for the product."""
    z = program.run([Value(x) for x in program.inputs])[-1]
    for node, edges in itertools.groupby(chain_rule(z), key=lambda step: step.node):
        operands = operands_at(node)
        steps = list(edges)
        expected = [
            (operand, truth, allowed(node.op.name, PARTS[index], operands, truth))
            for index in range(node.op.arity)
            for operand, truth in zip(
                as_list((node.x, node.y)[index], 1),
                as_list(exact_partial(node.op.name, index, operands), len(as_list(operands[index], 1))),
                strict=True,
            )
            if isinstance(operand, Value) and truth is not None
        ]
        for step in steps:
            upstream, got = mp.mpf(step.upstream), step.contribution
            right = [
                (operand, truth, room)
                for operand, truth, room in expected
                if operand is step.input
                and absolute_error(upstream * truth, got) <= abs(upstream) * room + unit(mp.mpf(got)) / 2
            ]
            assert right, (step, expected)
            expected.remove(right[0])
        assert not expected


@settings(law, max_examples=400)
@given(programs(SMOOTH, max_nodes=25), st.integers(0, 3))
def test_forward_and_reverse_mode_agree_on_programs(program: Program, index: int) -> None:
    """Both sum the same products over the same paths; they differ by the rounding of products and sums.

    Each rounding costs at most half an ulp of the sum of the products' absolute values.
    """
    assume(index < len(program.inputs))
    leaves = [Value(x) for x in program.inputs]
    z = program.run(leaves)[-1]
    z.backward()
    duals = [Dual(x, float(i == index), 1) for i, x in enumerate(program.inputs)]
    forward = program.run(duals)[-1]
    assert bits(forward.data) == bits(z.data)
    absolute: dict[Value, float] = {z: 1.0}
    edges = 0
    for step in chain_rule(z):
        edges += 1
        product = absolute[step.node] * abs(step.partial)
        absolute[step.input] = absolute.get(step.input, 0.0) + product
    bound = 2 * 2 * (edges + 1) * 2.0**-53 * absolute.get(leaves[index], 0.0)
    assert abs(forward.rate - leaves[index].grad) <= bound


# IEEE 754
inf, nan = math.inf, math.nan
SPECIAL = (0.0, -0.0, 5e-324, 1e-310, 1.0, -1.0, 0.5, 2.0, 3.0, 1e308, -1e308, inf, -inf, nan)


def special_operands(op: Op) -> list[tuple[Any, ...]]:
    """All combinations of special numbers; for the list rows of all pairs, and some longer ones."""
    if op.name == "where":
        return [(c, pair) for c in SPECIAL for pair in itertools.product((0.0, 1.0, inf, nan), repeat=2)]
    if op.name == "dot":
        few = (0.0, -0.0, 1.0, 1e308, -1e308, inf, nan)
        return [((a, b), (c, d)) for a, b, c, d in itertools.product(few, repeat=4)]
    if op.lists[0]:
        triples = itertools.product((0.0, 1.0, 1e308, -inf, inf, nan), repeat=3)
        return [(xs,) for xs in [*itertools.product(SPECIAL, repeat=2), *triples, *((x,) for x in SPECIAL)]]
    return list(itertools.product(SPECIAL, repeat=op.arity))


@pytest.mark.parametrize("name", TABLE)
def test_no_number_raises(name: str) -> None:
    """Neither the value, nor a sweep, nor forward mode; they agree on what they find."""
    op = TABLE[name]
    for operands in special_operands(op):
        values = as_values(operands)
        z = op(*values)
        z.backward()
        assert type(z.data) is float
        assert agree(z.data, op.evaluate(*operands)) and agree(z.data, op(*operands))
        numbers = flat(operands)
        direct = [
            slope
            for index in range(op.arity)
            for slope in as_list(
                0.0 if op.partials[index] is None else op.float_slope(index, z.data, operands),
                len(as_list(operands[index], 1)),
            )
        ]
        for i, v in enumerate(flat(values)):
            assert type(v.grad) is float
            assert agree(v.grad, direct[i]), (operands, i, v.grad, direct[i])
            forward = op(*like(operands, [Dual(x, 1.0, 1) if i == j else x for j, x in enumerate(numbers)]))
            assert agree(forward.data, z.data) and agree(forward.rate, v.grad), (operands, i)


@pytest.mark.parametrize("name", TABLE)
def test_no_number_raises_in_a_second_derivative(name: str) -> None:
    op = TABLE[name]
    for operands in special_operands(op)[:: 3 if any(op.lists) else 1]:

        def f(*xs: Any, operands: tuple[Any, ...] = operands) -> Any:
            return op(*like(operands, xs))

        numbers = flat(operands)
        slopes = hessian(f)(*numbers)
        for row in slopes if len(numbers) > 1 else ((slopes,),):
            assert all(type(x) is float for x in row), operands


NOT_NAN = {
    "power": lambda x, y: y == 0.0 or x == 1.0,
    "hypot": lambda x, y: inf in (abs(x), abs(y)),
    "where": lambda c, ab: c == c and (ab[0] if c > 0.0 else ab[1]) == (ab[0] if c > 0.0 else ab[1]),
    "leaky_relu": lambda x, y: x >= 0.0,
    "elu": lambda x, y: x > 0.0,
}
"""Where a number comes out though nan goes in: as IEEE 754 has it, or because that operand is not used."""


@pytest.mark.parametrize("name", TABLE)
def test_nan_is_never_swallowed(name: str) -> None:
    op = TABLE[name]
    for operands in special_operands(op):
        if any(x != x for x in flat(operands)):
            z = op.evaluate(*operands)
            number = name in NOT_NAN and NOT_NAN[name](*operands)
            assert (z == z) == number, (operands, z)
    if op.arity == 1 and not op.lists[0] and callable(op.partials[0]):
        assert math.isnan(op.float_slope(0, nan, (nan,)))
        v = Value(nan)
        op(v).backward()
        assert math.isnan(v.grad)


def value_and_slopes(name: str, *operands: float) -> list[float]:
    values = as_values(operands)
    z = TABLE[name](*values)
    z.backward()
    return [z.data, *(v.grad for v in flat(values))]


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("div", (1.0, 0.0), [inf, inf, -inf]), ("div", (1.0, -0.0), [-inf, -inf, -inf]),
        ("div", (-1.0, 0.0), [-inf, inf, inf]), ("div", (0.0, 0.0), [nan, inf, nan]),
        ("log", (0.0,), [-inf, inf]), ("log", (-1.0,), [nan, -1.0]), ("log2", (0.0,), [-inf, inf]),
        ("log10", (0.0,), [-inf, inf]), ("log1p", (-1.0,), [-inf, inf]), ("sqrt", (0.0,), [0.0, inf]),
        ("sqrt", (-1.0,), [nan, nan]), ("exp", (710.0,), [inf, inf]), ("exp", (-1e308,), [0.0, 0.0]),
        ("expm1", (1e308,), [inf, inf]), ("cosh", (-1e308,), [inf, -inf]), ("sinh", (-1e308,), [-inf, inf]),
        ("power", (-8.0, 1 / 3), [nan, nan, nan]), ("power", (-2.0, 3.0), [-8.0, 12.0, nan]),
        ("power", (0.0, -1.0), [inf, -inf, -inf]), ("power", (0.0, 1.0), [0.0, 1.0, 0.0]),
        ("power", (0.0, 2.0), [0.0, 0.0, 0.0]), ("power", (0.0, 0.0), [1.0, 0.0, 0.0]),
        ("power", (10.0, 400.0), [inf, inf, inf]), ("cbrt", (-8.0,), [-2.0, 1 / 12]),
        ("cbrt", (0.0,), [0.0, inf]),
        ("asin", (1.0,), [math.pi / 2, inf]), ("asin", (1.5,), [nan, nan]), ("acos", (1.0,), [0.0, -inf]),
        ("acosh", (1.0,), [0.0, inf]), ("acosh", (0.5,), [nan, nan]), ("atanh", (1.0,), [inf, inf]),
        ("atanh", (-2.0,), [nan, -1 / 3]), ("sin", (inf,), [nan, nan]), ("tan", (inf,), [nan, nan]),
        ("sigmoid", (1e308,), [1.0, 0.0]), ("sigmoid", (-1e308,), [0.0, 0.0]),
        ("tanh", (-1e308,), [-1.0, 0.0]),
        ("softplus", (1e308,), [1e308, 1.0]), ("softplus", (-1e308,), [0.0, 0.0]),
        ("silu", (1e308,), [1e308, 1.0]),
        ("gelu", (1e308,), [1e308, 1.0]), ("gelu", (-1e308,), [0.0, 0.0]), ("silu", (-1e308,), [0.0, 0.0]),
        ("elu", (-1e308, 1.0), [-1.0, 0.0, -1.0]), ("erf", (1e308,), [1.0, 0.0]),
        ("erfc", (1e308,), [0.0, 0.0]),
        ("leaky_relu", (nan, 0.01), [nan, nan, nan]), ("elu", (nan, 1.0), [nan, nan, nan]),
        ("relu", (nan,), [nan, nan]), ("abs", (nan,), [nan, nan]), ("maximum", (1.0, nan), [nan, nan, nan]),
        ("logaddexp", (1e308, 1e308), [1e308, 0.5, 0.5]), ("logaddexp", (1e308, -1e308), [1e308, 1.0, 0.0]),
        ("hypot", (1e308, 1e308), [1.4142135623730951e308, 0.7071067811865476, 0.7071067811865476]),
        ("hypot", (1e-322, 1e-322), [1.4e-322, 0.7071067811865476, 0.7071067811865476]),
        ("hypot", (-inf, 1.0), [inf, -1.0, 0.0]), ("hypot", (inf, inf), [inf, nan, nan]),
        ("silu", (inf,), [inf, 1.0]), ("gelu", (inf,), [inf, 1.0]),
        ("silu", (-inf,), [0.0, 0.0]), ("gelu", (-inf,), [0.0, 0.0]),
        ("mul", (inf, 0.0), [nan, 0.0, inf]), ("sub", (inf, inf), [nan, 1.0, -1.0]),
    ],
)  # fmt: skip
def test_poles_and_overflow(name: str, operands: tuple[float, ...], expected: list[float]) -> None:
    found = value_and_slopes(name, *operands)
    assert all(map(agree, found, expected)), found


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("relu", (0.0,), [0.0, 0.0]), ("abs", (0.0,), [0.0, 0.0]), ("abs", (-0.0,), [0.0, 0.0]),
        ("leaky_relu", (0.0, 0.01), [0.0, 0.01, 0.0]), ("leaky_relu", (0.0, 0.3), [0.0, 0.3, 0.0]),
        ("elu", (0.0, 1.0), [0.0, 1.0, 0.0]), ("elu", (0.0, 2.0), [0.0, 2.0, 0.0]),
        ("step", (0.0,), [0.0, 0.0]),
        ("sign", (0.0,), [0.0, 0.0]), ("maximum", (2.0, 2.0), [2.0, 0.5, 0.5]),
        ("minimum", (2.0, 2.0), [2.0, 0.5, 0.5]),
        ("ahead", (2.0, 2.0), [0.5, 0.0, 0.0]), ("hypot", (0.0, 0.0), [0.0, 0.0, 0.0]),
        ("atan2", (0.0, 0.0), [0.0, 0.0, 0.0]),
        ("max", ((2.0, 1.0, 2.0),), [2.0, 0.5, 0.0, 0.5]), ("max", ((2.0,) * 3,), [2.0, 1 / 3, 1 / 3, 1 / 3]),
        ("min", ((2.0, 1.0, 1.0),), [1.0, 0.0, 0.5, 0.5]), ("where", (0.0, (5.0, 7.0)), [7.0, 0.0, 0.0, 1.0]),
        ("where", (5e-324, (5.0, 7.0)), [5.0, 0.0, 1.0, 0.0]),
        ("where", (nan, (5.0, 7.0)), [nan, 0.0, nan, nan]),
        ("maximum", (inf, inf), [inf, 0.5, 0.5]), ("max", ((inf, inf),), [inf, 0.5, 0.5]),
        ("max", ((-inf, -inf),), [-inf, 0.5, 0.5]),
    ],
)  # fmt: skip
def test_kinks_and_ties(name: str, operands: tuple[Any, ...], expected: list[float]) -> None:
    found = value_and_slopes(name, *operands)
    assert all(map(agree, found, expected)), found


@pytest.mark.parametrize(
    "name", "neg abs mul tanh sin tan asin atan sinh asinh atanh expm1 log1p cbrt sqrt erf".split()
)
def test_negative_zero_is_kept(name: str) -> None:
    op = TABLE[name]
    z = op(Value(-0.0), 1.0) if op.arity == 2 else op(Value(-0.0))
    assert math.copysign(1.0, z.data) == (1.0 if name in ("neg", "abs") else -1.0) and z.data == 0.0


LIMITS = {
    "neg": (inf, -inf), "abs": (inf, inf), "exp": (0.0, inf), "expm1": (-1.0, inf), "log": (nan, inf),
    "log1p": (nan, inf),
    "log2": (nan, inf), "log10": (nan, inf), "sqrt": (nan, inf), "cbrt": (-inf, inf), "sin": (nan, nan),
    "cos": (nan, nan),
    "tan": (nan, nan), "asin": (nan, nan), "acos": (nan, nan), "atan": (-math.pi / 2, math.pi / 2),
    "sinh": (-inf, inf),
    "cosh": (inf, inf), "tanh": (-1.0, 1.0), "sech2": (0.0, 0.0), "asinh": (-inf, inf), "acosh": (nan, inf),
    "atanh": (nan, nan), "erf": (-1.0, 1.0), "erfc": (2.0, 0.0), "gaussian": (0.0, 0.0),
    "normal_cdf": (0.0, 1.0),
    "normal_density": (0.0, 0.0), "step": (0.0, 1.0), "sign": (-1.0, 1.0), "relu": (0.0, inf),
    "sigmoid": (0.0, 1.0),
    "softplus": (0.0, inf), "silu": (0.0, inf), "gelu": (0.0, inf), "detach": (-inf, inf),
    "silu_slope": (0.0, 1.0), "gelu_slope": (0.0, 1.0),
    "identity": (-inf, inf),
}  # fmt: skip


def test_limits_at_infinity() -> None:
    unary = {name for name, op in TABLE.items() if op.arity == 1 and not op.lists[0]}
    assert set(LIMITS) == unary
    for name, (below, above) in LIMITS.items():
        got = TABLE[name].evaluate(-inf), TABLE[name].evaluate(inf)
        assert agree(got[0], below) and agree(got[1], above), (name, got)


# kinds of numbers
@pytest.mark.parametrize("name", TABLE)
def test_other_kinds_of_numbers_are_as_floats(name: str) -> None:
    """int, bool, numpy's scalars and arrays of one element give what the float gives."""
    op = TABLE[name]
    kinds = (int, bool, np.float64, np.float32, np.int64, np.bool_, np.array, lambda x: np.array([x]))
    inside = 1.0
    plain = tuple((inside,) * 2 if is_list else inside for is_list in op.lists)
    expected = op(*plain)
    for kind in kinds:
        other = tuple((kind(inside),) * 2 if is_list else kind(inside) for is_list in op.lists)
        got = op(*other)
        assert type(got) is float and agree(got, expected), kind
        values = tuple(tuple(map(Value, x)) if isinstance(x, tuple) else Value(x) for x in other)
        node = op(*values)
        assert type(node.data) is float and agree(node.data, expected)
        mixed = op(values[0], *other[1:])
        assert type(mixed.data) is float and agree(mixed.data, expected)
        mixed.backward()


@pytest.mark.parametrize("name", sorted(set(TABLE) - HELPERS - {"detach"}))
def test_public_rows_are_functions_and_methods(name: str) -> None:
    import engine

    assert getattr(engine, name) is TABLE[name]
    if TABLE[name].arity == 1 and not TABLE[name].lists[0] and name not in ("neg", "abs"):
        x = Value(1.0)
        node = getattr(x, name)()
        assert isinstance(node, Value) and agree(node.data, TABLE[name](1.0))


def test_the_power_rows_are_closed_under_differentiation() -> None:
    assert ops.power_derivative(1, 0) is ops.power_x
    assert ops.power_derivative(2, 3) is ops.power_derivative(2, 3)
