import itertools
import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import assume, given, strategies as st

from engine.chain import Step, chain_rule
from engine.ops import relu
from engine.see.names import reading
from engine.see.paths import Route, paths, why
from engine.see.routes import product
from engine.value import Value

CHOICES = st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, max_size=9)


def brute_force(y: Value, x: Value) -> list[tuple[Step, ...]]:
    """Every route, by walking all of them."""
    after: dict[Value, list[Step]] = {}
    for step in chain_rule(y):
        after.setdefault(step.node, []).append(step)
    found: list[tuple[Step, ...]] = []
    stack: list[tuple[Step, ...]] = [(step,) for step in after.get(y, [])]
    while stack:
        route = stack.pop()
        last = route[-1].input
        if last is x:
            found.append(route)
        else:
            stack += [(*route, step) for step in after.get(last, [])]
    return found


def close(a: float, b: float, size: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-13 * size) or (math.isnan(a) and math.isnan(b))


@given(CHOICES, st.integers(1, 6), st.data())
def test_counted_summed_and_ranked_as_by_brute_force(
    program: Callable[..., Value], choices: list[tuple[int, int, int]], top: int, data: st.DataObject
) -> None:
    y = program(choices)
    x = data.draw(st.sampled_from(reading(y)))
    assume(x is not y)
    every = brute_force(y, x)
    assume(all(math.isfinite(step.partial) for route in every for step in route))
    products = [math.prod(step.partial for step in route) for route in every]
    size = math.fsum(map(abs, products))
    found = paths(y, x, top=top)
    assert found.count == len(every)
    y.backward()
    assert found.total == (x.grad if found.count else 0.0)
    assert close(found.total, math.fsum(products), size)
    assert close(found.positive, math.fsum(p for p in products if p > 0), size)
    assert close(found.negative, math.fsum(p for p in products if p < 0), size)
    largest = sorted(map(abs, products), reverse=True)[:top]
    assert [abs(route.product) for route in found.routes] == pytest.approx(largest, rel=1e-13, abs=0)
    ways = {tuple(map(id_of, route)) for route in every}
    for route in found.routes:
        assert tuple(map(id_of, route.steps)) in ways
        assert route.product == pytest.approx(math.prod(step.partial for step in route.steps), rel=1e-14)


def id_of(step: Step) -> tuple[int, int, float]:
    return id(step.node), id(step.input), step.partial


def test_more_routes_than_can_be_walked() -> None:
    x = Value(1.5, label="x")
    y = x
    for _ in range(200):
        y = y * y / y.data
    found = paths(y, x, top=3)
    assert found.count == 2**200 and len(found.routes) == 3
    y.backward()
    assert found.total == x.grad
    assert close(found.positive, found.total, abs(found.total)) and found.negative == 0.0
    assert f"{2**200:,} routes" in repr(found)


def test_two_places_of_one_operand_are_two_routes() -> None:
    x = Value(3.0, label="x")
    found = paths(x * x, x)
    assert found.count == 2 and [route.product for route in found.routes] == [3.0, 3.0]


def test_equal_routes_keep_the_order_of_the_sweep() -> None:
    x = Value(1.0, label="x")
    a, b = x + 1, x + 2
    nodes = [route.steps[0].input for route in paths(a + b, x).routes]
    assert nodes == [a, b]


def test_a_nan_stands_first() -> None:
    x = Value(0.0, label="x")
    found = paths(x * 5 + (x / 0.0) * 0.0, x)
    assert math.isnan(found.routes[0].product) and found.routes[1].product == 5.0


def test_from_a_node_to_itself() -> None:
    x = Value(3.0)
    y = x * 2
    found = paths(y, y)
    assert (found.count, found.total, found.routes) == (1, 1.0, [Route((), 1.0)])
    assert "1 route" in repr(found) and why(y, y)


@pytest.mark.parametrize("ask", [paths, why])
def test_no_dependence_is_said(ask: Callable[..., object]) -> None:
    x, w = Value(3.0, label="x"), Value(2.0, label="w")
    y = x * x
    y.label = "y"
    told = str(ask(y, w))
    assert told.startswith("y does not depend on ") and "the derivative is 0" in told
    with pytest.raises(ValueError, match="y does not depend on .* nothing to draw"):
        paths(y, w).draw()
    assert paths(x.detach() * 2, x).count == 0


def test_what_is_no_value_is_refused() -> None:
    x = Value(3.0)
    with pytest.raises(TypeError, match="a Value x, got x = 3.0"):
        paths(x, 3.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a Value x, got y = 'y'"):
        why("y", x)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="top is the number of routes shown, 1 or more; got 0"):
        paths(x * 2, x, top=0)
    for top in ("a", 1.5):
        with pytest.raises(TypeError, match=r"top is a whole number of routes, got ('a'|1\.5)"):
            paths(x * 2, x, top=top)  # type: ignore[arg-type]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_products_neither_overflow_nor_underflow_on_the_way(numbers: list[float]) -> None:
    exact = math.prod(map(Fraction, numbers), start=Fraction(1.0))
    found = product(numbers)
    if abs(exact) < Fraction(1e308):
        assert found == pytest.approx(float(exact), rel=1e-14, abs=1e-322)
    else:
        assert abs(found) > 0.99e308 and (found > 0) == (exact > 0)


def test_a_dominating_route_and_terms_that_cancel() -> None:
    x = Value(2.0, label="x")
    y = 100 * x - 99.5 * x + 0.001 * x
    first, second = why(y, x).split("\n")
    assert "adds up 3 routes" in first and "dominates with 100.0" in first and "50.1 %" in first
    assert second.startswith(
        "Large terms cancel: positive products add up to 100.001, negative ones to −99.5"
    )
    assert "0.251 % of their size is left" in second


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (lambda x: 3 * x + x, "Nothing cancels"),
        (lambda x: 3 * x - x, "A part of it cancels"),
        (lambda x: 3 * x - 0.01 * x, "Hardly anything cancels"),
        (lambda x: 3 * x, "flows along one route"),
        (lambda x: relu(x - 5) * 3, "blocked by a partial of 0, the largest one by that of relu"),
        (lambda x: (x - 2).sqrt(), "engine.births"),
    ],
)  # fmt: skip
def test_the_words_of_why(of: Callable[[Value], Value], told: str) -> None:
    x = Value(2.0, label="x")
    assert told in why(of(x), x)


def test_a_wide_and_a_deep_graph(chain: Callable[[int], Value]) -> None:
    y = chain(20_000)
    x = reading(y)[0]
    assert paths(y, x).count == 1
    leaf = Value(1.0)
    total = sum(itertools.repeat(leaf * 1.0, 3000), start=Value(0.0))
    assert paths(total, leaf).count == 3000
