"""Where to look: operands of an op, edges first, then from all binades and the places that matter."""

import itertools
import math
import random
import struct
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from engine import ops
from engine.op import Interval, Op

Domain: TypeAlias = tuple[Interval, ...]
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


GRID = (0.0, 0.06, 0.3, 0.77, 1.4, 2.2, 3.7, 7.1, 13.0, 150.0, 1e4)
LINES, MOST = 6, 6
"""So many lines are searched for kinks, and so many kinks taken of each."""
TRIES = 40
"""So often a number is drawn from all floats before it is drawn from those of a narrow domain."""
MIDDLE = (0.5, 1.0, 2.0, -0.75, -3.0, 0.1, 30.0)


def ends(within: Interval) -> tuple[float, float]:
    """Return the smallest and the largest float of an interval.

    Errors: ValueError where there is none.

    >>> ends(Interval(0.0, 1.0, closed=True)), ends(Interval(0.0))
    ((0.0, 1.0), (5e-324, 1.7976931348623157e+308))
    """
    low, high = float(within.low), float(within.high)
    low = low if within.closed and low > -math.inf else math.nextafter(low, math.inf)
    high = high if within.closed and high < math.inf else math.nextafter(high, -math.inf)
    if not low <= high:
        raise ValueError(f"no float is in the domain {within}; give the op a wider one")
    return low, high


def corners(within: Interval) -> list[float]:
    """Return 0, -0.0, the ends of an interval, and the floats next to them.

    >>> corners(Interval(1.0, 2.0, closed=True))
    [1.0, 1.0000000000000002, 2.0, 1.9999999999999998]
    """
    low, high = ends(within)
    zeros = [0.0, -0.0, 5e-324, -5e-324, 2.225073858507201e-308, -2.225073858507201e-308]
    places = [*zeros, low, math.nextafter(low, math.inf), high, math.nextafter(high, -math.inf)]
    return list({x.hex(): x for x in places if low <= x <= high}.values())


def _index(x: float) -> int:
    """Return the place of a float among all floats: 0.0 is 0, 5e-324 is 1, -5e-324 is -1."""
    place: int = struct.unpack("<q", struct.pack("<d", abs(x)))[0]
    return -place if x < 0 else place


def _float(place: int) -> float:
    size: float = struct.unpack("<d", struct.pack("<q", abs(place)))[0]
    return -size if place < 0 else size


def between(rng: random.Random, low: float, high: float) -> float:
    """Draw a float from low to high: evenly, or of all binades alike, or a few floats from an end."""
    kind = rng.random()
    if kind < 0.4:
        return min(max(low + rng.random() * (high - low), low), high)
    places = _index(low), _index(high)
    if kind < 0.8:
        return _float(rng.randint(*places))
    near = min(rng.randint(0, 3), places[1] - places[0])
    return _float(rng.choice((places[0] + near, places[1] - near)))


def draw_number(rng: random.Random, within: Interval) -> float:
    """A number inside an interval: all binades, ordinary sizes, edges and their neighbours."""
    low, high = ends(within)
    for _ in range(TRIES):
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
        if math.isfinite(x) and low <= x <= high:
            return x + 0.0  # -0.0 is among the corners
    return between(rng, low, high) + 0.0


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


def draw_operands(rng: random.Random, op: Op, domain: Domain) -> tuple[Any, ...]:
    """Operands inside a row's domain; two operands of independent, equal, near and far sizes."""
    if any(op.lists):
        return draw_lists(rng, op, domain)
    x = draw_number(rng, domain[0])
    if op.arity == 1:
        return (x,)
    if op.name.startswith("power") and op.domain == ops.power.domain:
        y = draw_exponent(rng, x)
        if op.name != "power_derivative_0_1" and y.is_integer() and rng.random() < 0.3:
            x = -x
        return x, y
    kind = rng.random()
    if kind < 0.6:
        y = draw_number(rng, domain[1])
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
    low, high = ends(domain[1])
    return (x, y + 0.0 if low <= y <= high else draw_number(rng, domain[1]))


def _is_where(op: Op) -> bool:
    """Tell whether an op is the row `where`, or a copy of it that is under test."""
    return op.name == "where" and op.lists == ops.where.lists


def draw_lists(rng: random.Random, op: Op, domain: Domain) -> tuple[Any, ...]:
    """Return lists of one length, 1 to 6, of ordinary or of extreme numbers."""
    length = 2 if _is_where(op) else rng.randint(1, 6)
    spread = rng.choice((0.1, 5.0, 50.0, 400.0))
    binade = rng.choice((0, 0, -3, 30, -500, 490)) if op.name != "logsumexp" else 0

    def listed(within: Interval) -> tuple[float, ...]:
        low, high = ends(within)
        drawn = [math.ldexp(rng.uniform(-spread, spread), binade) for _ in range(length)]
        if rng.random() < 0.2 or not all(low <= x <= high for x in drawn):
            drawn = [draw_number(rng, within) for _ in range(length)]
        return tuple(drawn)

    return tuple(
        listed(within) if is_list else draw_number(rng, within)
        for is_list, within in zip(op.lists, domain, strict=True)
    )


def draw_points(op: Op, count: int, seed: int = 0, *, closed: bool = False) -> Iterator[tuple[Any, ...]]:
    """Yield that many operands: corners of the domain, kinks, other edges, then seeded random ones.

    The edges are half of them at most: 0, the smallest floats, the floats next to the ends of the domain,
    kinks and the floats next to them on both sides; and where `closed`, -0.0 and the ends that belong to it.
    """
    rng = random.Random(f"{op.name} {seed}")
    domain = op.domain if closed else tuple([Interval(low, high) for low, high, _ in op.domain])
    edges = list({repr(point): point for point in _edges(rng, op, domain, closed)}.values())
    half = count // 2
    first, rest = edges[: half // 2], edges[half // 2 :]
    first += rest if len(rest) <= half - len(first) else rng.sample(rest, half - len(first))
    yield from first
    for _ in range(count - len(first)):
        yield draw_operands(rng, op, domain)


def _edges(rng: random.Random, op: Op, domain: Domain, closed: bool) -> Iterator[tuple[Any, ...]]:
    """Yield operands at corners of the domain, next to kinks, and for one number at other edges."""
    single = op.arity == 1 and not any(op.lists)
    if single:
        yield from ((x,) for x in corners(domain[0]) if closed or x or math.copysign(1.0, x) > 0.0)
    elif not any(op.lists):
        yield from _pairs(op, domain)
    yield from kinks(rng, op, domain)
    if single:
        low, high = ends(domain[0])
        yield from ((s * x,) for x in EDGES[1:] for s in (1.0, -1.0) if low <= s * x <= high)


def _pairs(op: Op, domain: Domain) -> Iterator[tuple[float, float]]:
    """Yield each corner of one operand with a number in the middle of the other, and corners of both."""
    first, second = ([x + 0.0 for x in corners(within)] for within in domain)
    xs, ys = ([x for x in MIDDLE if low <= x <= high] for low, high in map(ends, domain))
    nearby = [*itertools.product(first, ys[:2]), *itertools.product(xs[:2], second)]
    for x, y in [*nearby, *itertools.product(first, second)]:
        if not (op.name in ("div", "ratio") and y == 0.0):
            yield x, y


def kinks(rng: random.Random, op: Op, domain: Domain) -> Iterator[tuple[Any, ...]]:
    """Yield operands on kinks that the margin of an op tells of, and on floats next to them.

    A number of drawn operands goes along a line through its domain: a kink is where the margin changes its
    sign, found by bisection, or as far away as it says.
    """
    if op.margin is None:
        return
    for _ in range(1 if op.arity == 1 and not op.lists[0] else LINES):
        operands = _moderate(rng, op, domain)
        i = rng.randrange(op.arity)
        k = rng.randrange(len(operands[i])) if op.lists[i] else None
        low, high = ends(domain[i])

        def at(x: float, operands: Any = operands, i: int = i, k: int | None = k) -> tuple[Any, ...]:
            changed = x if k is None else (*operands[i][:k], x, *operands[i][k + 1 :])
            return (*operands[:i], changed, *operands[i + 1 :])

        for x in _zeros(lambda x, at=at: margin_at(op, at(x)), low, high):  # type: ignore[misc]
            for y in (x, math.nextafter(x, math.inf), math.nextafter(x, -math.inf)):
                if low <= y <= high:
                    yield at(y + 0.0)


def margin_at(op: Op, operands: tuple[Any, ...]) -> float:
    """Return how far operands are from a kink of an op, inf where it has none, nan where its margin raises.

    >>> margin_at(Op("relu", lambda x: max(x, 0.0), 1, margin=lambda x: x), (-2.0,))
    -2.0
    """
    try:
        return math.inf if op.margin is None else float(op.margin(*operands))
    except (ArithmeticError, ValueError):
        return math.nan


def _moderate(rng: random.Random, op: Op, domain: Domain) -> tuple[Any, ...]:
    """Draw operands of ordinary size where the domain has some, lists of three."""

    def number(within: Interval) -> float:
        low, high = ends(within)
        return rng.choice([x for x in MIDDLE if low <= x <= high] or [draw_number(rng, within)])

    return tuple(
        tuple([number(within) for _ in range(2 if _is_where(op) else 3)]) if is_list else number(within)
        for is_list, within in zip(op.lists, domain, strict=True)
    )


def _zeros(margin: Callable[[float], float], low: float, high: float) -> Iterator[float]:
    """Yield numbers at which a signed distance is 0, or changes its sign."""
    grid = sorted({min(max(x, low), high) for size in GRID for x in (-size, size)} | {low, high})
    signs = [margin(x) for x in grid]
    found = set()
    for (a, b), (m, n) in zip(itertools.pairwise(grid), itertools.pairwise(signs), strict=True):
        if m * n < 0:
            left, right = _index(a), _index(b)
            while right - left > 1:
                middle = (left + right) // 2
                left, right = (left, middle) if m * margin(_float(middle)) <= 0 else (middle, right)
            found.add(_float(right))
        found.update(x for x, distance in ((a, m), (b, n)) if distance == 0)
    if not found:
        away = [x for a, m in zip(grid, signs, strict=True) for x in (a - m, a + m) if low <= x <= high]
        found.update(x for x in away if abs(margin(x)) <= 4 * math.ulp(x))
    yield from sorted(found, key=abs)[:MOST]
