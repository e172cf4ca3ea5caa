"""Hypothesis strategies: operands of an op, random programs, small networks with data.

from hypothesis import given
from engine.check import strategies as gs

@given(gs.programs())
def test_gradients(program): ...
"""

import difflib
import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engine import ops
from engine.chain import order
from engine.check.domains import NEAREST_KINK, RELATED, TRIES, edges, is_drawable, is_inside, is_off_kinks
from engine.check.points import corners, ends
from engine.check.programs import HOPELESS, SMOOTH, Builder, Program
from engine.op import Interval, Op
from engine.ops import TABLE
from engine.optional import load
from engine.value import Value, numbers_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SMALLEST = 5e-324
LONGEST = 4


class Sample(NamedTuple):
    """A network, the rows of numbers it is shown, and what it should answer: a number or a list a row.

    >>> Sample(ops.tanh, points=[[0.5]], targets=[1.0])
    Sample(module=<op tanh>, points=[[0.5]], targets=[1.0])
    """

    module: Any
    points: list[list[float]]
    targets: list[Any]


def numbers(op: Op, *, margin: float = NEAREST_KINK) -> "SearchStrategy[Any]":
    """Operands of an op: a float for an op of one number, else a tuple, with a tuple for each list.

    They cover the domain: ordinary numbers, every binade, its ends and the floats next to them, 0, the
    subnormal floats, places where functions saturate; two numbers are also drawn equal and near to each
    other. They are at least `margin` away from kinks. They shrink to simple numbers.

    Errors: TypeError for what is no op; ValueError for a margin below 0, and where nothing can be drawn.

    >>> import random
    >>> from hypothesis import find
    >>> find(numbers(ops.log), lambda x: x > 2.5, random=random.Random(0))
    3.0
    >>> find(numbers(ops.sum), lambda x: True)
    ((0.0,),)
    """
    st = load("hypothesis.strategies", extra="check")
    if not isinstance(op, Op):
        raise TypeError(f"numbers takes an op such as engine.tanh, got {op!r}")
    if not isinstance(margin, (float, int)) or not margin >= 0.0:
        raise ValueError(f"numbers({op.name}): margin is a distance from kinks, 0 or more, got {margin!r}")
    for i, within in enumerate(op.domain):
        try:
            ends(within)
        except ValueError as error:
            raise ValueError(
                f"numbers({op.name}): no float is in the domain of operand {i}, {within}; "
                "give the op a wider one: Op(..., domain=Interval(low, high))"
            ) from error
    singles = [_inside(st, within) for within in op.domain]

    def operands(length: int) -> Any:
        return st.tuples(
            *(
                st.tuples(*[single] * length) if is_list else single
                for single, is_list in zip(singles, op.lists, strict=True)
            )
        )

    if any(op.lists):
        drawn = operands(2) if op is ops.where else st.integers(1, LONGEST).flatmap(operands)
    elif op.arity == 1:
        drawn = operands(1)
    else:
        related = st.tuples(singles[0], st.sampled_from(RELATED)).map(lambda drawn: drawn[1](drawn[0]))
        drawn = operands(1) | related.filter(lambda xy: is_inside(op, xy))
    allowed = drawn.filter(lambda operands: is_off_kinks(op, operands, margin))
    _refuse_if_empty(op, margin)
    chosen: SearchStrategy[Any] = (
        allowed.map(lambda operands: operands[0]) if op.arity == 1 and not op.lists[0] else allowed
    )
    return chosen


def _inside(st: Any, within: Interval) -> Any:
    """Floats of an interval: ordinary ones first, then its edges, then any binade."""
    low, high = ends(within)
    ordinary = st.floats(max(low, -1e3), min(high, 1e3)) if max(low, -1e3) <= min(high, 1e3) else st.nothing()
    binades = [
        _binade(st, sign, small, large)
        for sign, small, large in ((1.0, max(low, SMALLEST), high), (-1.0, max(-high, SMALLEST), -low))
        if small <= large
    ]
    chosen = st.one_of(ordinary, st.sampled_from(corners(within)), st.sampled_from(edges(within)), *binades)
    return chosen.map(lambda x: x + 0.0)  # no -0.0


def _binade(st: Any, sign: float, small: float, large: float) -> Any:
    """Numbers of one sign between two sizes, all exponents alike."""

    def of(exponent: int) -> Any:
        top = math.ldexp(math.nextafter(2.0, 0.0), exponent)
        return st.floats(max(small, math.ldexp(1.0, exponent)), min(large, top)).map(lambda x: sign * x)

    return st.integers(math.frexp(small)[1] - 1, math.frexp(large)[1] - 1).flatmap(of)


def _refuse_if_empty(op: Op, margin: float) -> None:
    """Look for operands far enough from kinks; ValueError where there seem to be none."""
    rng = random.Random(0)
    length = 2 if op is ops.where else 1
    for _ in range(TRIES):
        operands = tuple(
            tuple([rng.choice(edges(within)) for _ in range(length)])
            if is_list
            else rng.choice(edges(within))
            for within, is_list in zip(op.domain, op.lists, strict=True)
        )
        if is_off_kinks(op, operands, margin):
            return
    raise ValueError(
        f"numbers({op.name}, margin={margin!r}): no operands in the domain {op.domain} are that far from "
        f"a kink; take a smaller margin"
    )


def programs(
    ops: Iterable[Op | str] | None = None,
    *,
    max_nodes: int = 20,
    sharing: float = 0.5,
) -> "SearchStrategy[Program]":
    """Programs of up to `max_nodes` lines over ops, or names of rows; by default the public smooth rows.

    Operands are inside domains and away from kinks, results moderate; `sharing`, from 0 to 1, is the
    probability that an operand is drawn from all earlier results, not from those that nothing has read.
    A last `sum` adds up what nothing has read.

    Errors: TypeError for what is no op or name; ValueError for an unknown name, no ops, a max_nodes below 1,
    a sharing outside of 0 ... 1, and an op whose domain has no moderate numbers.

    >>> from hypothesis import find
    >>> find(programs(["tanh"]), lambda program: len(program.lines) > 1)
    <BLANKLINE>
    from engine import Value, tanh
    x = Value(0.5)
    tanh(tanh(x)).backward()
    """
    st = load("hypothesis.strategies", extra="check")
    chosen = _chosen(ops)
    if isinstance(max_nodes, bool) or not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"programs: max_nodes is a whole number, at least 1, got {max_nodes!r}")
    if not isinstance(sharing, (float, int)) or not 0.0 <= sharing <= 1.0:
        raise ValueError(f"programs: sharing is a probability from 0 to 1, got {sharing!r}")

    def drawn(draw: Callable[[Any], Any]) -> Program:
        def choose(count: int) -> int:
            return int(draw(st.integers(0, count - 1)))

        def line(draw: Callable[[Any], Any]) -> bool:
            """Draw whether there is another line, and that line: as one piece, which shrinking leaves out."""
            if draw(st.integers(0, max_nodes)) == 0:
                return False
            builder.try_line()
            return True

        builder, another = Builder(choose, chosen, sharing=sharing), st.composite(line)()
        tries = 0
        while len(builder.lines) < max_nodes and tries < HOPELESS:
            if not draw(another) and builder.lines:
                break
            tries += 1
        if not builder.lines:
            load("hypothesis", extra="check").reject()
        return builder.program(max_nodes)

    strategy: SearchStrategy[Program] = st.composite(drawn)()
    return strategy


def _chosen(given: Iterable[Op | str] | None) -> Sequence[Op]:
    """Return the ops that are meant, all of which can be drawn."""
    if given is None:
        return SMOOTH
    if isinstance(given, (str, Op)) or not isinstance(given, Iterable):
        raise TypeError(f'programs takes a list of ops or names, such as [tanh, "mul"], got {given!r}')
    chosen = tuple(dict.fromkeys(map(_row, given)))
    if not chosen:
        raise ValueError("programs takes at least one op, got none; leave ops out for all public smooth rows")
    for op in chosen:
        if not is_drawable(op):
            raise ValueError(
                f"programs: op {op.name!r} gives no moderate number on simple operands of its domain "
                f"{op.domain}, {NEAREST_KINK} away from its ends and kinks; leave it out or widen its domain"
            )
    return chosen


def _row(given: Any) -> Op:
    if isinstance(given, Op):
        return given
    if not isinstance(given, str):
        raise TypeError(f"programs takes ops or names of the table's rows, got {given!r}")
    if given not in TABLE:
        near = difflib.get_close_matches(given, TABLE, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(
            f"programs: no row is called {given!r}; {hint}the names are those of engine.ops.TABLE"
        )
    return TABLE[given]


def modules(
    network: Callable[..., Any],
    *,
    max_inputs: int = 3,
    max_width: int = 4,
    max_layers: int = 2,
    activations: Sequence[Any] = ("tanh", "relu", "sigmoid", "softplus", "silu", "gelu"),
    batch: int = 3,
) -> "SearchStrategy[Sample]":
    """Small networks with data: Samples of a module, up to `batch` points, and targets from -1 to 1.

    `network` makes them, as `nn.MLP` does: network(nin, [sizes], activation=..., rng=...); the module's
    `parameters()`, biases too, are drawn from -1 to 1 such that no point comes near a kink. The last layer
    has up to two outputs; a target is a number where there is one, else a list.

    Errors: TypeError for what makes no network, ValueError for sizes below 1 and no activations.

    >>> from hypothesis import find
    >>> from nn import MLP
    >>> module, points, targets = find(modules(MLP), lambda sample: len(sample.points) == 2)
    >>> module.describe(), len(points), len(targets)
    ('MLP(1, [1])', 2, 2)
    """
    st = load("hypothesis.strategies", extra="check")
    sizes = {"max_inputs": max_inputs, "max_width": max_width, "max_layers": max_layers, "batch": batch}
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"modules: {name} is a whole number, at least 1, got {size!r}")
    if isinstance(activations, str) or not isinstance(activations, Sequence) or not activations:
        raise ValueError(f'modules takes a list of activations, such as ["tanh"], got {activations!r}')
    if not callable(network):
        raise TypeError(f"modules takes a class of networks such as nn.MLP, got {network!r}")
    for activation in activations:  # says at once what it does not know
        made = network(1, [1], activation=activation, rng=random.Random(0))
        if not callable(getattr(made, "parameters", None)) or not callable(made):
            raise TypeError(
                f"modules: {network!r} made {made!r}, which has no parameters() or cannot be called"
            )

    def drawn(draw: Callable[[Any], Any]) -> Sample:
        hidden = draw(st.lists(st.integers(1, max_width), max_size=max_layers - 1))
        nin, nout = draw(st.integers(1, max_inputs)), draw(st.integers(1, min(2, max_width)))
        activation = draw(st.sampled_from(list(activations)))
        rng = random.Random(draw(st.integers(0, 2**32 - 1)))
        module = network(nin, [*hidden, nout], activation=activation, rng=rng)
        count = draw(st.integers(1, batch))
        share = st.integers(-100, 100).map(lambda percent: percent / 100)
        points = draw(st.lists(st.lists(share, min_size=nin, max_size=nin), min_size=count, max_size=count))
        target = share if nout == 1 else st.lists(share, min_size=nout, max_size=nout)
        targets = draw(st.lists(target, min_size=count, max_size=count))
        for _ in range(TRIES):
            for parameter in module.parameters():
                parameter.data = rng.uniform(-1.0, 1.0)
            if all(_has_no_kink(module(point)) for point in points):
                return Sample(module, points, targets)
        raise ValueError(f"modules: {activation!r} comes near a kink for all weights tried at {points}")

    strategy: SearchStrategy[Sample] = st.composite(drawn)()
    return strategy


def _has_no_kink(answers: Any) -> bool:
    """Whether what was recorded is clear of kinks."""
    for answer in answers if isinstance(answers, (list, tuple)) else [answers]:
        for node in order(answer) if type(answer) is Value else ():
            if node.op is not None and node.op.margin is not None:
                operands = map(numbers_of, (node.x, node.y)[: node.op.arity])
                if abs(node.op.margin(*operands)) < NEAREST_KINK:
                    return False
    return True
