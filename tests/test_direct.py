"""Numbers worked by hand, each with its working: what a reader can check with a pencil."""

import math

import pytest

from engine import (
    Dual,
    Value,
    chain_rule,
    detach,
    dot,
    exp,
    grad,
    hessian,
    jvp,
    log,
    maximum,
    ops,
    power,
    relu,
    sigmoid,
    sin,
    softmax,
    sqrt,
    tanh,
    where,
)


def slopes(z: Value, *leaves: Value) -> list[float]:
    z.backward()
    return [leaf.grad for leaf in leaves]


def test_a_product_and_a_sum() -> None:
    # y = x*x + 2*x at 3: 9 + 6 = 15; dy/dx = 3 + 3 + 2 = 8, one share for each use of x
    x = Value(3.0)
    y = x * x + 2 * x
    assert y.data == 15.0
    assert slopes(y, x) == [8.0]
    assert [step.contribution for step in chain_rule(y) if step.input is x] == [3.0, 3.0, 2.0]


def test_a_price() -> None:
    # 5 pieces at 2 with 24 % tax: 12.4; by quantity 2*1.24 = 2.48, by price 5*1.24 = 6.2, by factor 5*2 = 10
    quantity, price, factor = Value(5.0), Value(2.0), Value(1.24)
    cost = quantity * price * factor
    assert cost.data == pytest.approx(12.4, rel=1e-15)
    assert slopes(cost, quantity, price, factor) == pytest.approx([2.48, 6.2, 10.0], rel=1e-15)


def test_a_shared_node() -> None:
    # u = x*x = 4, v = u + x = 6, y = u*v = 24. dy/dv = u = 4, dy/du = v + dy/dv = 6 + 4 = 10,
    # dy/dx = dy/du * (2 + 2) + dy/dv = 40 + 4 = 44, which is 4x**3 + 3x**2 = 32 + 12
    x = Value(2.0)
    u = x * x
    v = u + x
    y = u * v
    assert y.data == 24.0
    assert slopes(y, x, u, v) == [44.0, 10.0, 4.0]


def test_the_same_graph_at_three() -> None:
    # 4*27 + 3*9 = 108 + 27 = 135
    assert grad(lambda x: (x * x) * (x * x + x))(3.0) == 135.0


def test_a_quotient() -> None:
    # x/y at (1, 4): 1/4; d/dx = 1/y = 1/4, d/dy = -x/y**2 = -1/16
    x, y = Value(1.0), Value(4.0)
    z = x / y
    assert z.data == 0.25
    assert slopes(z, x, y) == [0.25, -0.0625]


def test_a_gradient_of_zero_out_of_three_routes() -> None:
    # x*x - 2*x at 1: 1 + 1 - 2 = 0
    x = Value(1.0)
    assert slopes(x * x - 2 * x, x) == [0.0]


def test_power_with_both_operands() -> None:
    # 2**3 = 8; d/dx = 3 * 2**2 = 12; d/dy = 8 ln 2 = 5.545177444479562
    x, y = Value(2.0), Value(3.0)
    z = x**y
    assert z.data == 8.0
    assert slopes(z, x, y) == [12.0, 8 * math.log(2)]


def test_a_cube_root_by_power() -> None:
    # 8**(1/3) = 2, slope 1/3 * 8**(-2/3) = 1/12
    x = Value(8.0)
    z = x ** (1 / 3)
    assert z.data == 2.0
    assert slopes(z, x) == pytest.approx([1 / 12], rel=1e-15)


def test_micrograds_neuron() -> None:
    # n = 2*(-3) + 0*1 + b = 0.8813735870195432, which is artanh(1/sqrt 2): o = 0.7071..., o' = 1 - 1/2 = 1/2;
    # so dx1 = -3/2, dw1 = 2/2 = 1, dx2 = 1/2, dw2 = 0
    x1, x2, w1, w2 = Value(2.0), Value(0.0), Value(-3.0), Value(1.0)
    o = tanh(x1 * w1 + x2 * w2 + 6.8813735870195432)
    assert o.data == pytest.approx(math.sqrt(0.5), rel=1e-15)
    assert slopes(o, x1, w1, x2, w2) == pytest.approx([-1.5, 1.0, 0.5, 0.0], rel=1e-14)


def test_micrograds_first_expression() -> None:
    # L = (a*b + c) * f = (2*(-3) + 10) * (-2) = -8; dL/df = 4, dL/dc = -2, dL/da = -2*b = 6, dL/db = -2*a =
    # -4
    a, b, c, f = Value(2.0), Value(-3.0), Value(10.0), Value(-2.0)
    loss = (a * b + c) * f
    assert loss.data == -8.0
    assert slopes(loss, a, b, c, f) == [6.0, -4.0, -2.0, 4.0]


def test_two_linear_layers_are_one() -> None:
    # h1 = 2x1 - x2 + 1, h2 = x1 + 3x2 - 2, y = 3h1 - h2 + 0.5 = 5x1 - 6x2 + 5.5; from x1 by h1: 3*2 = 6, by
    # h2: -1
    x1, x2 = Value(1.0), Value(1.0)
    y = 3 * (2 * x1 - x2 + 1) - (x1 + 3 * x2 - 2) + 0.5
    assert y.data == 4.5
    assert slopes(y, x1, x2) == [5.0, -6.0]


@pytest.mark.parametrize(("x1", "x2", "xor"), [(0, 0, 0.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 0.0)])
def test_xor_by_two_relus(x1: float, x2: float, xor: float) -> None:
    # relu(x1 + x2) - 2 relu(x1 + x2 - 1): 0, 1, 1, 2 - 2*1 = 0
    a, b = Value(x1), Value(x2)
    assert (relu(a + b) - 2 * relu(a + b - 1)).data == xor


def test_sigmoid_at_zero_and_at_log_three() -> None:
    # 1/(1 + 1) = 1/2, slope 1/4; at ln 3: 1/(1 + 1/3) = 3/4, slope 3/4 * 1/4 = 3/16
    x = Value(0.0)
    assert sigmoid(x).data == 0.5 and slopes(sigmoid(x), x) == [0.25]
    y = Value(math.log(3))
    assert sigmoid(y).data == pytest.approx(0.75, rel=1e-15)
    assert slopes(sigmoid(y), y) == pytest.approx([3 / 16], rel=1e-15)


def test_softmax_and_cross_entropy() -> None:
    # e**2.3 = 9.97418, e**1.1 = 3.00417, e**-0.5 = 0.60653, sum 13.58488: 0.73421, 0.22114, 0.04465;
    # -log 0.73421 = 0.30896; its gradient p - (1, 0, 0) = (-0.26579, 0.22114, 0.04465)
    scores = [Value(2.3), Value(1.1), Value(-0.5)]
    shares = softmax(scores)
    loss = -log(shares[0])
    assert [p.data for p in shares] == pytest.approx([0.73421, 0.22114, 0.04465], abs=5e-6)
    assert loss.data == pytest.approx(0.30896, abs=5e-6)
    assert slopes(loss, *scores) == pytest.approx([-0.26579, 0.22114, 0.04465], abs=5e-6)


def test_a_saturated_neuron() -> None:
    # z = -10, target 1. Squared error (s - 1)**2: 2 (s - 1) s' = -2 * 0.9999546 * 4.5396e-5 * 0.9999546 =
    # -9.078e-5;
    # cross entropy -log s: s - 1 = -0.9999546, 11,014 times as much
    z = Value(-10.0)
    squared = slopes((sigmoid(z) - 1) ** 2, z)[0]
    z.grad = 0.0
    entropy = slopes(-log(sigmoid(z)), z)[0]
    assert squared == pytest.approx(-9.078e-5, rel=1e-3)
    assert entropy == pytest.approx(-0.9999546, rel=1e-6)
    assert entropy / squared == pytest.approx(11014, rel=1e-4)


def test_one_step_of_descent_on_a_net() -> None:
    # x = 2, target 1; w1 = 0.5, b1 = 0: z = 1, h = relu(1) = 1; w2 = 3, b2 = -1: y = 2, loss 1.
    # dy = 2(y - 1) = 2; db2 = 2, dw2 = 2*h = 2, dh = 2*w2 = 6, db1 = 6, dw1 = 6*x = 12.
    # A step of 0.01: w1 = 0.38, b1 = -0.06, w2 = 2.98, b2 = -1.02: h = 0.7, y = 2.086 - 1.02 = 1.066
    def net(w1: Value, b1: Value, w2: Value, b2: Value) -> Value:
        return w2 * relu(w1 * 2.0 + b1) + b2

    parameters = [Value(0.5), Value(0.0), Value(3.0), Value(-1.0)]
    loss = (net(*parameters) - 1) ** 2
    assert loss.data == 1.0
    assert slopes(loss, *parameters) == [12.0, 6.0, 2.0, 2.0]
    y = net(*[Value(p.data - 0.01 * p.grad) for p in parameters])
    assert y.data == pytest.approx(1.066, rel=1e-15)
    assert ((y - 1) ** 2).data == pytest.approx(0.004356, rel=1e-12)


def test_descent_on_a_parabola() -> None:
    # (w - 3)**2 from 0 at rate 0.1: w - 3 shrinks by 0.8 a step: 3 - 3*0.8 = 0.6, then 1.08, then 1.464
    w, path = 0.0, []
    for _ in range(3):
        w -= 0.1 * grad(lambda w: (w - 3) ** 2)(w)
        path.append(w)
    assert path == pytest.approx([0.6, 1.08, 1.464], rel=1e-15)


def test_every_derivative_of_a_cube() -> None:
    # x**3 at 2: 8, 3x**2 = 12, 6x = 12, 6, 0
    f, found = (lambda x: x**3), []
    for _ in range(4):
        f = grad(f)
        found.append(f(2.0))
    assert found == [12.0, 12.0, 6.0, 0.0]


def test_a_hessian() -> None:
    # x**2 y at (1, 2): gradient (2xy, x**2) = (4, 1); Hessian ((2y, 2x), (2x, 0)) = ((4, 2), (2, 0))
    assert grad(lambda x, y: x * x * y)(1.0, 2.0) == (4.0, 1.0)
    assert hessian(lambda x, y: x * x * y)(1.0, 2.0) == ((4.0, 2.0), (2.0, 0.0))


def test_rosenbrock() -> None:
    # (1 - x)**2 + 100 (y - x**2)**2 at (-1.2, 1): 4.84 + 100 * 0.44**2 = 4.84 + 19.36 = 24.2;
    # d/dx = -2(1 - x) - 400 x (y - x**2) = -4.4 + 480 * (-0.44) = -215.6, d/dy = 200 * (-0.44) = -88
    x, y = Value(-1.2), Value(1.0)
    z = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    assert z.data == pytest.approx(24.2, rel=1e-14)
    assert slopes(z, x, y) == pytest.approx([-215.6, -88.0], rel=1e-14)


def test_newton_for_the_root_of_two() -> None:
    # x - (x**2 - 2)/(2x) from 1: 3/2, 17/12, 577/408
    x, path = 1.0, []
    for _ in range(3):
        x -= (x * x - 2) / grad(lambda x: x * x - 2)(x)
        path.append(x)
    assert path == pytest.approx([3 / 2, 17 / 12, 577 / 408], rel=1e-15)


def test_forward_mode_on_a_polynomial() -> None:
    # (3 + e)**2 = 9 + 6e; x**2 y at (2, 5) along (1, 0): 20 and 2xy = 20
    square = Dual(3.0, 1.0) * Dual(3.0, 1.0)
    assert (square.data, square.rate) == (9.0, 6.0)
    assert jvp(lambda x, y: x * x * y, (2.0, 5.0), (1.0, 0.0)) == (20.0, 20.0)


def test_a_recurrence() -> None:
    # h = w h + x, w = 0.5, x = 1, 2, 3: 1, 2.5, 4.25; dh3/dw = h2 + w h1 = 2.5 + 0.5 = 3; dh3/dx1 = w**2 =
    # 0.25
    w, inputs = Value(0.5), [Value(1.0), Value(2.0), Value(3.0)]
    h = Value(0.0)
    seen = []
    for x in inputs:
        h = w * h + x
        seen.append(h.data)
    assert seen == [1.0, 2.5, 4.25]
    assert slopes(h, w, *inputs) == [3.0, 0.25, 0.5, 1.0]


def test_attention() -> None:
    # q (1, 0), keys (2, 0), (0, 2), (1, 1): scores q.k / sqrt 2 = 1.41421, 0, 0.70711; e to these 4.11325, 1,
    # 2.02811, sum 7.14136: weights 0.57598, 0.14003, 0.28399; values 10, 20, 30: 17.0802.
    # The slope by score i is weight_i (value_i - 17.0802): -4.078, 0.409, 3.669, together 0
    keys, values = [(2.0, 0.0), (0.0, 2.0), (1.0, 1.0)], [10.0, 20.0, 30.0]
    scores = [dot((1.0, 0.0), [Value(k) for k in key]) / math.sqrt(2) for key in keys]
    output = dot(softmax(scores), values)
    assert output.data == pytest.approx(17.0802, abs=5e-5)
    found = slopes(output, *scores)
    assert found == pytest.approx([-4.078, 0.409, 3.669], abs=5e-4)
    assert math.fsum(found) == pytest.approx(0.0, abs=1e-14)


def test_the_slope_of_an_error_measure() -> None:
    # mean of squares of (2.5, 0, 2) against (3, -0.5, 2): (0.25 + 0.25 + 0)/3 = 1/6; slopes 2/3 (-0.5, 0.5,
    # 0)
    outputs = [Value(2.5), Value(0.0), Value(2.0)]
    loss = ops.sum([(y - t) ** 2 for y, t in zip(outputs, (3.0, -0.5, 2.0), strict=True)]) / 3
    assert loss.data == pytest.approx(1 / 6, rel=1e-15)
    assert slopes(loss, *outputs) == pytest.approx([-1 / 3, 1 / 3, 0.0], rel=1e-15)


def test_the_divergence_of_two_normals() -> None:
    # (s**2 + m**2 - 1 - ln s**2)/2: at (1, 0.5) (0.25 + 1 - 1 + 1.386294)/2 = 0.818147; by m: 1, by s: s -
    # 1/s = -1.5
    m, s = Value(1.0), Value(0.5)
    divergence = (s * s + m * m - 1 - log(s * s)) / 2
    assert divergence.data == pytest.approx(0.818147, abs=5e-7)
    assert slopes(divergence, m, s) == pytest.approx([1.0, -1.5], rel=1e-15)


def test_a_sampled_square() -> None:
    # z = m + s e with m = 1, s = 0.5, e = 2: z = 2; z**2 by m: 2z = 4, by s: 2z e = 8
    m, s = Value(1.0), Value(0.5)
    assert slopes((m + s * 2.0) ** 2, m, s) == [4.0, 8.0]


def test_choices() -> None:
    # the larger of 2 and 5 has slopes 0, 1; where(c, a, b) at c = -1 is b; a detached number passes nothing
    # on
    x, y = Value(2.0), Value(5.0)
    assert slopes(maximum(x, y), x, y) == [0.0, 1.0]
    c, a, b = Value(-1.0), Value(3.0), Value(4.0)
    assert slopes(where(c, a, b), c, a, b) == [0.0, 0.0, 1.0]
    z = Value(3.0)
    assert slopes(detach(z) * z, z) == [3.0]


def test_a_circle() -> None:
    # sqrt(x**2 + y**2) at (3, 4): 5, slopes 3/5, 4/5; hypot the same
    x, y = Value(3.0), Value(4.0)
    assert slopes(sqrt(x * x + y * y), x, y) == pytest.approx([0.6, 0.8], rel=1e-15)
    x, y = Value(3.0), Value(4.0)
    assert slopes(ops.hypot(x, y), x, y) == [0.6, 0.8]


def test_a_composition() -> None:
    # sin(x**2) at 0 slope 0; exp(sin x) at 0: value 1, slope cos 0 * 1 = 1, second derivative cos**2 - sin =
    # 1
    assert grad(lambda x: sin(x * x))(0.0) == 0.0
    f = grad(lambda x: exp(sin(x)))
    assert f(0.0) == 1.0 and grad(f)(0.0) == 1.0


def test_slopes_of_zero_to_the_zero() -> None:
    # 0**0 is 1, as a product of no factors; its slopes are 0 by convention
    x, y = Value(0.0), Value(0.0)
    z = power(x, y)
    assert z.data == 1.0 and slopes(z, x, y) == [0.0, 0.0]
