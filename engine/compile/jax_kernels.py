"""The values of the op table's rows in jax.numpy: a formula for each that is no function of its own there.

Their derivatives are never asked of JAX: `engine.compile.jax_rows` takes them from the table.
"""

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from engine.compile.vector_rows import DIRECT
from engine.op import Op
from engine.ops import PowerDerivative
from engine.optional import load


def kernel(op: Op) -> Callable[..., Any]:
    """Return the value of a row as a function of arrays of JAX and floats, lists of them for a list.

    >>> from engine import ops
    >>> float(kernel(ops.relu)(-2.0))  # doctest: +SKIP
    0.0
    """
    if isinstance(op, PowerDerivative):
        return _power_derivative(*op.order)
    if op.name in FORMULAS:
        return FORMULAS[op.name]
    return getattr(load("jax").numpy, DIRECT[op.name])  # type: ignore[no-any-return]


# exponentials
def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + load("jax").numpy.exp(-x))


def _sech2(x: Any) -> Any:
    """(1 / cosh(x))**2: where cosh overflows the result is below the smallest normal number."""
    share = 1.0 / load("jax").numpy.cosh(x)
    return share * share


def _softplus(x: Any) -> Any:
    jnp = load("jax").numpy
    return jnp.maximum(x, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(x)))


def _silu(x: Any) -> Any:
    """x / (1 + e**-x), x not below -800, where the quotient is -0.0 already."""
    jnp = load("jax").numpy
    return jnp.maximum(x, -800.0) / (1.0 + jnp.exp(-x))


def _silu_slope(x: Any) -> Any:
    """s (1 + x (1 - s)) with s = sigmoid(x); beyond 800 it is 0 or 1 already."""
    x = load("jax").numpy.clip(x, -800.0, 800.0)
    return _sigmoid(x) * (1.0 + x * _sigmoid(-x))


def _elu(x: Any, alpha: Any) -> Any:
    jnp = load("jax").numpy
    return jnp.where(x > 0.0, x, alpha * jnp.expm1(jnp.minimum(x, 0.0)))


def _logsumexp(xs: Sequence[Any]) -> Any:
    jnp = load("jax").numpy
    peak = reduce(jnp.maximum, xs)
    shift = jnp.where(jnp.isinf(peak), 0.0, peak)
    return shift + jnp.log(sum([jnp.exp(x - shift) for x in xs]))


# quotients and distances
def _ratio(x: Any, y: Any) -> Any:
    jnp = load("jax").numpy
    return jnp.where(jnp.equal(x, 0.0) & jnp.equal(y, 0.0), 0.0, jnp.divide(x, y))


def _hypot(x: Any, y: Any) -> Any:
    """The larger one times sqrt(1 + (smaller / larger)**2): no square overflows; inf beside nan is inf."""
    jnp = load("jax").numpy
    large, small, share = _by_size(x, y)
    beyond = jnp.isinf(x) | jnp.isinf(y)
    return jnp.where(beyond, jnp.inf, large * jnp.sqrt(1.0 + share * share))


def _cosine(x: Any, y: Any) -> Any:
    """x / hypot(x, y), both divided by the larger one."""
    jnp = load("jax").numpy
    large, _, share = _by_size(x, y)
    leading = jnp.where(jnp.abs(x) == large, jnp.sign(x), x / large)
    return leading / jnp.sqrt(1.0 + share * share)


def _by_size(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return the sizes of two numbers, the larger first, and their ratio: nan of two infinite ones."""
    jnp = load("jax").numpy
    large, small = jnp.maximum(jnp.abs(x), jnp.abs(y)), jnp.minimum(jnp.abs(x), jnp.abs(y))
    return large, small, _ratio(small, large)


# powers
def _power(x: Any, y: Any) -> Any:
    return x * x if isinstance(y, float) and y == 2.0 else load("jax").numpy.power(x, y)


def _power_derivative(n: int, m: int) -> Callable[..., Any]:
    """Return the n-th derivative in x of the m-th in y of x**y: 0 where a factor or the power is 0.

    It is x**(y-n) times the sum over i of C(m, i) f_i(y) log(x)**(m-i), where f_i is the i-th derivative of
    f(y) = y (y-1) ... (y-n+1).
    """

    def value(x: Any, y: Any) -> Any:
        jnp = load("jax").numpy
        slopes: list[Any] = [1.0] + [0.0] * m
        for k in range(n):
            for i in range(m, 0, -1):
                slopes[i] = (y - k) * slopes[i] + i * slopes[i - 1]
            slopes[0] = (y - k) * slopes[0]
        log = jnp.log(x) if m else 1.0
        factor = sum(
            [
                math.comb(m, i) * jnp.where(jnp.equal(slopes[i], 0.0), 0.0, slopes[i] * log ** (m - i))
                for i in range(m + 1)
            ]
        )
        power = jnp.power(x, y - n)
        origin = jnp.equal(x, 0.0) & jnp.equal(y, 0.0) & (n == 0)
        is_zero = jnp.equal(factor, 0.0) | (jnp.equal(power, 0.0) | origin if m else False)
        is_real = (m == 0) & jnp.equal(y, jnp.floor(y)) | jnp.greater_equal(x, 0.0)
        return jnp.where(
            jnp.isnan(x) | jnp.isnan(y) | ~is_real, math.nan, jnp.where(is_zero, 0.0, power * factor)
        )

    return value


# comparisons
def _step(x: Any) -> Any:
    jnp = load("jax").numpy
    return jnp.where(x > 0.0, 1.0, jnp.where(x <= 0.0, 0.0, math.nan))


def _ahead(x: Any, y: Any) -> Any:
    jnp = load("jax").numpy
    tied = jnp.where(jnp.equal(x, y), 0.5, jnp.where(jnp.less(x, y), 0.0, math.nan))
    return jnp.where(jnp.greater(x, y), 1.0, tied)


def _where(c: Any, pair: Sequence[Any]) -> Any:
    jnp = load("jax").numpy
    return jnp.where(jnp.greater(c, 0.0), pair[0], jnp.where(jnp.equal(c, c), pair[1], math.nan))


def _leaky_relu(x: Any, slope: Any) -> Any:
    return load("jax").numpy.where(x < 0.0, slope * x, x)


# the normal distribution
def _normal_density(x: Any) -> Any:
    """exp(-z**2) / sqrt(2 pi) with the z of the erfc below: XLA computes its exponential once for both."""
    root = _root(x)
    return load("jax").numpy.exp(-(root * root)) * (1.0 / math.sqrt(2.0 * math.pi))


def _normal_cdf(x: Any) -> Any:
    return 0.5 * load("jax").lax.erfc(_root(x))


def _root(x: Any) -> Any:
    return -math.sqrt(0.5) * x


def _gelu(x: Any) -> Any:
    return load("jax").numpy.maximum(x, -40.0) * _normal_cdf(x)


def _gelu_slope(x: Any) -> Any:
    """Φ(x) + x φ(x), where Φ(x) is the one that gelu has: XLA computes it once."""
    return _normal_cdf(x) + load("jax").numpy.clip(x, -40.0, 40.0) * _normal_density(x)


FORMULAS: dict[str, Callable[..., Any]] = {
    "ahead": _ahead,
    "cosine": _cosine,
    "detach": lambda x: x,
    "dot": lambda xs, ys: sum([x * y for x, y in zip(xs, ys, strict=True)], 0.0),
    "elu": _elu,
    "erf": lambda x: load("jax").lax.erf(x),
    "erfc": lambda x: load("jax").lax.erfc(x),
    "exp_sub": lambda x, y: load("jax").numpy.exp(x - y),
    "gaussian": lambda x: load("jax").numpy.exp(-(x * x)),
    "gelu": _gelu,
    "gelu_slope": _gelu_slope,
    "hypot": _hypot,
    "identity": lambda x: x,
    "leaky_relu": _leaky_relu,
    "logsumexp": _logsumexp,
    "max": lambda xs: reduce(load("jax").numpy.maximum, xs),
    "min": lambda xs: reduce(load("jax").numpy.minimum, xs),
    "normal_cdf": _normal_cdf,
    "normal_density": _normal_density,
    "power": _power,
    "ratio": _ratio,
    "relu": lambda x: load("jax").numpy.maximum(x, 0.0),
    "sech2": _sech2,
    "sigmoid": _sigmoid,
    "silu": _silu,
    "silu_slope": _silu_slope,
    "softplus": _softplus,
    "step": _step,
    "sum": lambda xs: sum(xs, 0.0),
    "where": _where,
}
"""Rows that are no function of jax.numpy."""
