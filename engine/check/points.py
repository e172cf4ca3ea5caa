"""Where to look: operands of an op, edges first, then from all binades and the places that matter."""

import math
import random
from collections.abc import Iterator
from typing import Any

from engine.op import Interval, Op

EDGES = [
    0.0, 5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1e-160, 1.4916681462400413e-154, 1e-100, 1e-20,
    1e-17, 2.0**-53, 2.0**-52, 1e-8, 2.0**-27, 1e-4, 1 / 256, 0.01, 0.1, 0.125, 0.25, 1 / 3, 0.5,
    0.6931471805599453,
    0.7071067811865476, 0.751791524693564, 0.9, 0.9999, 1.0, 1.0001, 1.1, 1.2784645427610738, math.pi / 2,
    2.0, 2.5,
    math.e, 3.0, math.pi, 5.0, 6.0, 10.0, 18.0, 19.0, 20.0, 22.0, 26.0, 26.5, 26.65, 27.3, 36.0, 37.0, 37.6,
    38.5, 40.0,
    44.0, 100.0, 350.0, 354.0, 372.0, 700.0, 708.5, 709.78, 710.0, 710.4758600739439, 712.0, 716.0, 745.0,
    746.0, 1000.0,
    1e8, 2.0**52, 2.0**53, 1e15, 1e16, 1e20, 1e100, 1e154, 1.3407807929942596e154, 1e160, 1e200, 1e300, 1e308,
    8.98846567431158e307, 1.7976931348623157e308,
]  # fmt: skip
ANCHORS = [
    0.0,
    1.0,
    0.5,
    0.25,
    2.0,
    0.751791524693564,
    1.2784645427610738,
    math.pi,
    math.pi / 2,
    0.6931471805599453,
]


def draw_number(rng: random.Random, within: Interval) -> float:
    """A number inside an open interval: all binades, ordinary sizes, edges and their neighbours."""
    while True:
        kind = rng.random()
        sign = rng.choice((-1.0, 1.0))
        if kind < 0.2:
            x = sign * math.ldexp(rng.uniform(1, 2), rng.randint(-1074, 1023))
        elif kind < 0.35:
            x = sign * math.ldexp(rng.uniform(1, 2), rng.randint(-60, 12))
        elif kind < 0.5:
            x = rng.uniform(-750, 750)
        elif kind < 0.62:
            x = rng.uniform(-40, 40)
        elif kind < 0.74:
            x = rng.uniform(-2, 2)
        elif kind < 0.82:
            x = sign * rng.choice(ANCHORS) + rng.choice((-1.0, 1.0)) * math.ldexp(
                rng.uniform(1, 2), -rng.randint(2, 60)
            )
        else:
            x = sign * rng.choice(EDGES)
            for _ in range(rng.choice((0, 0, 1, 2, 3))):
                x = math.nextafter(x, sign * rng.choice((-math.inf, math.inf)))
        if math.isfinite(x) and within.low < x < within.high:
            return x + 0.0  # no -0.0, which mpmath does not know


def draw_exponent(rng: random.Random, x: float) -> float:
    """An exponent for which x**y is mostly a normal float."""
    kind = rng.random()
    if kind < 0.25:
        return float(rng.randint(-12, 12)) / rng.choice((1, 1, 2, 3, 4))
    if kind < 0.75 and abs(x) not in (0.0, 1.0):
        y = rng.uniform(-745, 745) / math.log(abs(x))
        if math.isfinite(y):
            return y
    return draw_number(rng, Interval())


def draw_operands(rng: random.Random, op: Op) -> tuple[Any, ...]:
    """Operands inside a row's domain; two operands of independent, equal, near and far sizes."""
    if any(op.lists):
        return draw_lists(rng, op)
    x = draw_number(rng, op.domain[0])
    if op.arity == 1:
        return (x,)
    if op.name.startswith("power"):
        y = draw_exponent(rng, x)
        if op.name != "power_derivative_0_1" and y.is_integer() and rng.random() < 0.3:
            x = -x
        return x, y
    kind = rng.random()
    if kind < 0.6:
        y = draw_number(rng, op.domain[1])
    elif kind < 0.75:
        y = x + rng.choice((rng.uniform(-40, 40), rng.uniform(-750, 750), rng.uniform(-1, 1)))
    elif kind < 0.85:
        y = x * math.ldexp(rng.uniform(1, 2), rng.randint(-60, 60)) * rng.choice((-1, 1))
    else:
        y = x * rng.choice((-1.0, 1.0))
        for _ in range(rng.randint(0, 3)):
            y = math.nextafter(y, rng.choice((-math.inf, math.inf)))
    if op.name in ("div", "ratio") and y == 0.0:
        y = 1.0
    return (
        (x, y + 0.0)
        if math.isfinite(y) and op.domain[1].low < y < op.domain[1].high
        else draw_operands(rng, op)
    )


def draw_lists(rng: random.Random, op: Op) -> tuple[Any, ...]:
    """Return lists of one length, 1 to 6, of ordinary or of extreme numbers."""
    length = 2 if op.name == "where" else rng.randint(1, 6)
    spread = rng.choice((0.1, 5.0, 50.0, 400.0))
    binade = rng.choice((0, 0, -3, 30, -500, 490)) if op.name != "logsumexp" else 0

    def listed() -> tuple[float, ...]:
        if rng.random() < 0.2:
            return tuple(draw_number(rng, Interval()) for _ in range(length))
        return tuple(math.ldexp(rng.uniform(-spread, spread), binade) for _ in range(length))

    return tuple(listed() if is_list else draw_number(rng, Interval()) for is_list in op.lists)


def draw_points(op: Op, count: int, seed: int = 0) -> Iterator[tuple[Any, ...]]:
    """Yield operands for a row: first the edges, where it has one operand, then seeded random ones."""
    rng = random.Random(f"{op.name} {seed}")
    if op.arity == 1 and not op.lists[0]:
        inside = op.domain[0]
        edges = [(s * x + 0.0,) for x in EDGES for s in (1.0, -1.0) if inside.low < s * x < inside.high]
        yield from edges if count >= 2 * len(edges) else rng.sample(edges, count // 2)
        count -= min(len(edges), count // 2)
    for _ in range(count):
        yield draw_operands(rng, op)
