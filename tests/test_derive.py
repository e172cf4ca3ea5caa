"""Derivatives of functions: every form of argument, every order, nested in every way."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, strategies as st

import engine as e
from engine import Dual, Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

small = st.floats(-2, 2)


def f(v):
    return e.tanh(v[0] * v[1]) + e.exp(v[1]) * v[2] ** 2 + e.sin(v[0]) * v[2]


def test_forms_of_arguments():
    assert grad(lambda x: x * x)(3.0) == 6.0
    assert grad(lambda x, y: x * y)(2.0, 5.0) == (5.0, 2.0)
    assert grad(lambda v: v[0] * v[1])([2, 5]) == [5.0, 2.0]
    assert grad(lambda m: m[0][0] * m[1][1])([[1.0, 2.0], [3.0, 4.0]]) == [[4.0, 0.0], [0.0, 1.0]]
    assert grad(lambda p, x: p["w"] * x + p["b"])({"w": 2.0, "b": 1.0}, 3.0) == ({"w": 3.0, "b": 1.0}, 2.0)
    assert grad(lambda x, scale: scale * x)(3.0, scale=7.0) == 7.0
    assert value_and_grad(lambda x: x**3)(2.0) == (8.0, 12.0)
    assert grad(lambda x, y: x * 2)(1.0, 4.0) == (2.0, 0.0)


def test_jacobian_hessian_and_products_of_known_functions():
    def polar(r, t):
        return [r * e.cos(t), r * e.sin(t)]

    rows = jacobian(polar)(2.0, 0.5)
    assert rows == [(math.cos(0.5), -2 * math.sin(0.5)), (math.sin(0.5), 2 * math.cos(0.5))]
    assert hessian(lambda v: v[0] ** 2 * v[1])([1.0, 2.0]) == [[4.0, 2.0], [2.0, 0.0]]
    assert hessian(lambda x, y: x * x * y)(1.0, 2.0) == ((4.0, 2.0), (2.0, 0.0))
    assert hessian(lambda v: 2 * v[0] + v[1])([1.0, 2.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hvp(lambda v: v[0] ** 2 * v[1], ([1.0, 2.0],), ([1.0, 1.0],)) == [6.0, 2.0]
    y, pull_back = vjp(polar, 2.0, 0.5)
    assert y == [2 * math.cos(0.5), 2 * math.sin(0.5)]
    assert pull_back([1.0, 0.0]) == rows[0]
    assert jvp(polar, (2.0, 0.5), (0.0, 1.0))[1] == [rows[0][1], rows[1][1]]


@given(st.lists(small, min_size=3, max_size=3))
def test_the_hessian_is_symmetric_and_hvp_is_its_product(v):
    h = hessian(f)(v)
    for i in range(3):
        for j in range(3):
            assert math.isclose(h[i][j], h[j][i], rel_tol=1e-13, abs_tol=1e-13)
    d = [0.5, -1.0, 2.0]
    product = hvp(f, (v,), (d,))
    for i in range(3):
        assert math.isclose(product[i], math.fsum(h[i][j] * d[j] for j in range(3)), abs_tol=1e-11)


@given(st.lists(small, min_size=3, max_size=3), st.lists(small, min_size=3, max_size=3))
def test_forward_and_reverse_agree(v, d):
    forward = jvp(f, (v,), (d,))[1]
    backward = math.fsum(g * x for g, x in zip(grad(f)(v), d, strict=True))
    assert math.isclose(forward, backward, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_every_order_of_a_power_and_of_sin(n):
    g, h = lambda x: x**6, e.sin
    for _ in range(n):
        g, h = grad(g), grad(h)
    assert g(2.0) == math.prod(range(7 - n, 7)) * 2.0 ** (6 - n)
    sines = [math.sin(0.7), math.cos(0.7), -math.sin(0.7), -math.cos(0.7)]
    assert math.isclose(h(0.7), sines[n % 4], rel_tol=1e-15)


def test_powers_at_zero_have_all_their_derivatives():
    second = grad(grad(lambda x: x**2))
    assert second(0.0) == 2.0 and grad(second)(0.0) == 0.0 and grad(lambda x: x**0)(0.0) == 0.0


def test_no_perturbation_confusion():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(2.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(3.0))(2.0) == 4.0
    assert grad(lambda x: x * jvp(lambda y: x * y, (3.0,), (1.0,))[1])(2.0) == 4.0
    assert jvp(lambda x: x * grad(lambda y: x * y * y)(3.0), (2.0,), (1.0,)) == (24.0, 24.0)
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (2.0,), (1.0,)) == (2.0, 1.0)
    assert grad(lambda x: grad(lambda y: y * y * x)(x))(3.0) == 12.0


def test_mixed_nesting_gives_third_derivatives():
    def g(x):
        return e.exp(2 * x)

    exact = 8 * math.exp(1.0)
    for third in (
        grad(grad(grad(g)))(0.5),
        jvp(grad(grad(g)), (0.5,), (1.0,))[1],
        grad(lambda x: jvp(grad(g), (x,), (1.0,))[1])(0.5),
        grad(grad(lambda x: jvp(g, (x,), (1.0,))[1]))(0.5),
    ):
        assert math.isclose(third, exact, rel_tol=1e-14)


def test_rates_and_weights_are_paired_by_key_and_have_the_form_of_what_they_go_with():
    def f(d):
        return d["a"] * 2 + d["b"] ** 3

    assert jvp(f, ({"a": 1.0, "b": 2.0},), ({"b": 1.0, "a": 0.0},)) == (10.0, 12.0)
    assert hvp(f, ({"a": 1.0, "b": 2.0},), ({"b": 1.0, "a": 0.0},)) == {"a": 0.0, "b": 12.0}
    _, pull_back = vjp(lambda x: {"a": 2 * x, "b": 3 * x}, 1.0)
    assert pull_back({"b": 1.0, "a": 0.0}) == 3.0
    for act in (
        lambda: jvp(lambda a, b: a[0] * b, ([1.0, 2.0], 3.0), (1.0, [2.0, 3.0])),
        lambda: jvp(f, ({"a": 1.0, "b": 2.0},), ({"a": 1.0, "c": 2.0},)),
        lambda: pull_back([1.0, 0.0]),
    ):
        with pytest.raises(ValueError, match="form of"):
            act()


def test_a_constant_rate_inside_another_derivative():
    def rate(t):
        return jvp(lambda y: 2 * y, (t,), (1.0,))[1]

    assert jvp(rate, (3.0,), (1.0,)) == (2.0, 0.0)
    assert grad(rate)(3.0) == 0.0
    assert hvp(lambda x: 3 * x, (1.0,), (1.0,)) == 0.0


@pytest.mark.parametrize("explicit", [False, True])
def test_forward_mode_through_a_network(explicit):
    from nn import MLP

    model = MLP(2, [3, 1], activation="tanh", explicit=explicit)
    slopes = grad(model.__call__)([1.0, 2.0])
    assert jvp(model, ([1.0, 2.0],), ([1.0, 0.0],))[1] == pytest.approx(slopes[0], rel=1e-14)
    rows = hessian(model.__call__)([1.0, 2.0])
    assert hvp(model, ([1.0, 2.0],), ([0.0, 1.0],)) == pytest.approx([r[1] for r in rows], rel=1e-12)


def test_arguments_that_are_values_give_values_that_can_be_swept():
    w, x = Value(3.0), Value(2.0)
    slope = grad(lambda x: w * x**2)(x)
    assert type(slope) is Value and slope.data == 12.0
    (slope**2).backward()
    assert w.grad == 2 * 12.0 * 4.0 and x.grad == 2 * 12.0 * 6.0
    assert type(grad(lambda x: w * x)(Value(0.0))) is type(vjp(e.sin, 1.0)[1](Value(0.0))) is Value


def test_weights_and_directions_can_be_differentiated_by():
    _, pull_back = vjp(lambda x: x * x, 3.0)
    assert grad(lambda w: pull_back(w) * w)(2.0) == 24.0
    assert jvp(pull_back, (2.0,), (1.0,)) == (12.0, 6.0)
    assert type(pull_back(2.0)) is float
    for weight, rate in ((Value(2.0), 6.0), (Value(2.0) * 1.0, 6.0)):
        slope = pull_back(weight)
        assert slope.data == 12.0 and grad(lambda w: pull_back(w))(weight).data == rate
    _, pull_back = vjp(lambda x: [x * x, x**3], 2.0)
    assert hessian(lambda a, b: pull_back([a, b]) * a * b)(1.0, 1.0) == ((8.0, 32.0), (32.0, 24.0))
    direction = Value(1.0)
    hvp(lambda x: x**3, (2.0,), (direction,)).backward()
    assert direction.grad == 12.0
    grad(lambda x: x**3)(Dual(2.0, direction)).rate.backward()
    assert direction.grad == 24.0


def test_weights_may_depend_on_what_is_pulled_back():
    def pulled(x):
        y, pull_back = vjp(lambda u: u * u, x)
        return pull_back(y)  # x² · 2x

    assert pulled(3.0) == pulled(Value(3.0)).data == 54.0
    assert grad(pulled)(3.0) == 54.0 and jvp(pulled, (3.0,), (1.0,)) == (54.0, 54.0)
    assert grad(grad(pulled))(3.0) == 36.0


@pytest.mark.parametrize(
    "inner",
    [
        lambda f: grad(f)(1.0),
        lambda f: value_and_grad(f)(1.0)[0] * 2,
        lambda f: jacobian(lambda u: [f(u)])(1.0)[0],
        lambda f: hessian(f)(1.0),
        lambda f: vjp(f, 1.0)[1](1.0),
        lambda f: jvp(f, (1.0,), (1.0,))[1],
        lambda f: hvp(f, (1.0,), (1.0,)),
    ],
)
def test_a_derivative_in_a_thread_inside_another_is_differentiated(inner):
    parameter = Value(3.0)
    with ThreadPoolExecutor(1) as pool:

        def outer(w):  # 2w²
            return w * pool.submit(inner, lambda u: u * u * w).result()

        def apart(w):
            return w * pool.submit(inner, lambda u: u * u * parameter).result()

        assert grad(outer)(3.0) == 12.0 and grad(grad(outer))(3.0) == 4.0
        assert jvp(outer, (3.0,), (1.0,)) == (18.0, 12.0)
        assert grad(apart)(5.0) == 6.0
        assert type(pool.submit(inner, lambda u: u * u * parameter).result()) is float


def test_gradients_of_the_caller_are_left_alone():
    w = Value(3.0)
    w.grad = 5.0
    assert grad(lambda x: w * x)(2.0) == 3.0
    assert w.grad == 5.0


def test_dual_by_hand():
    assert repr(Dual(3.0, 1.0) ** 2) == "Dual(data=9.0, rate=6.0)"
    assert (2 / Dual(4.0, 1.0)).rate == -0.125
    assert e.dot([Dual(1.0, 1.0), 2.0], [3.0, Dual(4.0, 1.0)]).rate == 5.0
    assert e.detach(Dual(1.0, 1.0)).rate == 0.0
    assert Dual(1.0, 1.0) < 2 and float(Dual(2.0)) == 2.0 and bool(Dual(1.0))
    with pytest.raises(TypeError):
        Dual("3")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: grad(math.sin)(1.0), "engine.sin"),
        (lambda: grad(lambda x: 3.0)(1.0), r"Value\(3.0\)"),
        (lambda: grad(lambda x: None)(1.0), "None"),
        (lambda: grad(lambda x: [x, x])(1.0), "use jacobian"),
        (lambda: grad(lambda x: x)("one"), "takes a number, got 'one'"),
        (lambda: grad(lambda: 1.0)(), "without an argument"),
        (lambda: jvp(lambda x: x, (1.0,), (1.0, 2.0)), "form of"),
        (lambda: jvp(lambda x: x, 1.0, 1.0), "tuple"),
    ],
)
def test_what_cannot_be_differentiated_is_refused(act, message):
    with pytest.raises((TypeError, ValueError), match=message):
        act()


def test_a_pull_back_wants_a_weight_for_each_output():
    _, pull_back = vjp(lambda x: [x, x], 1.0)
    with pytest.raises(ValueError, match="the form of"):
        pull_back([1.0])
