"""Partials as lets: each is run once on Symbols, and the symbol is what the loop of the reverse pass does."""

from functools import lru_cache
from typing import Any, NamedTuple

from engine import ops
from engine.compile.instructions import Let, Slope, flat, numbered
from engine.op import Op
from engine.symbol import Symbol

UPSTREAM, RESULT = -1, -2
"""The registers of a formula beside the operands 0, 1, ...: the upstream gradient and the result z."""
FIRST = 1000
"""The number of the first let's register within a formula."""


class Contribution(NamedTuple):
    """upstream * partial as lets; operands are 0, 1, ..., UPSTREAM, RESULT, or FIRST + number of a let.

    Without lets it is the upstream itself.
    """

    lets: tuple[Let, ...]
    reads: tuple[int, ...]


@lru_cache(maxsize=4096)
def contribution(op: Op, shape: tuple[int | None, ...], place: int) -> Contribution | None:
    """Return what flows to the operand at `place`, None where nothing does.

    `shape` tells for each operand of the op the length of the list, None for a number; operands are
    numbered through the lists.

    >>> [let.op.name for let in contribution(ops.tanh, (None,), 0).lets]
    ['sech2', 'mul']
    """
    index, element = _located(shape, place)
    if op.partials[index] is None:
        return None
    try:
        slope = _symbolic(op, shape, index, element)
    except Exception:  # a user's partial may do anything with a number that is none
        slow = Let(Slope(op, index, element), (RESULT, *numbered(shape)))
        return _finished([slow, Let(ops.mul, (UPSTREAM, FIRST))])
    if slope is None:
        return None
    if type(slope) is not Symbol and float(slope) == 1.0:
        return Contribution((), (UPSTREAM,))
    if type(slope) is not Symbol and float(slope) == -1.0:
        return _finished([Let(ops.neg, (UPSTREAM,))])
    return _finished(list(_lets(_times(slope))))


def _located(shape: tuple[int | None, ...], place: int) -> tuple[int, int | None]:
    """Return which operand, and which element of it, the flat number `place` names."""
    for index, length in enumerate(shape):
        elements = 1 if length is None else length
        if place < elements:
            return index, None if length is None else place
        place -= elements
    raise IndexError(place)


def _symbolic(op: Op, shape: tuple[int | None, ...], index: int, element: int | None) -> Any:
    """Return the partial run on Symbols named by their registers.

    That of relu, step(x), is the sign of relu(x): one call, not two.
    """
    symbols = tuple(
        [
            tuple([Symbol(str(n)) for n in x]) if isinstance(x, tuple) else Symbol(str(x))
            for x in numbered(shape)
        ]
    )
    if op is ops.relu:
        return ops.sign(Symbol(str(RESULT)))
    slope = op.slope(index, Symbol(str(RESULT)), symbols)
    return slope[element] if isinstance(slope, (list, tuple)) and element is not None else slope


def _times(slope: Any) -> Any:
    """Return upstream * slope; of a quotient, upstream is divided first: a product is saved."""
    upstream = Symbol(str(UPSTREAM))
    if type(slope) is Symbol and slope.op is ops.div:
        x, y = slope.operands
        if type(x) is float and x == 1.0:
            return Symbol.apply(ops.div, (upstream, y))
    return Symbol.apply(ops.mul, (upstream, slope))


def _lets(formula: Symbol) -> list[Let]:
    """Return a formula as lets, operands first, equal parts once; no recursion."""
    lets: list[Let] = []
    known: dict[Any, int] = {}
    done: dict[int, Any] = {}
    stack: list[Any] = [formula]
    while stack:
        part = stack[-1]
        if id(part) in done:
            stack.pop()
            continue
        if type(part) is not Symbol or part.op is None:
            done[id(part)] = int(part.name) if type(part) is Symbol else float(part)
            continue
        waiting = [x for x in flat(part.operands) if id(x) not in done]
        if waiting:
            stack += waiting
            continue
        operands = tuple(
            tuple([done[id(x)] for x in p]) if isinstance(p, tuple) else done[id(p)] for p in part.operands
        )
        key = part.op, repr(operands)  # 1 is a register, 1.0 a number
        if key not in known:
            known[key] = FIRST + len(lets)
            lets.append(Let(part.op, operands))
        done[id(part)] = known[key]
    return lets


def _finished(lets: list[Let]) -> Contribution:
    reads: dict[int, None] = {}
    for let in lets:
        for name in flat(let.operands):
            if type(name) is int and name < FIRST:
                reads[name] = None
    return Contribution(tuple(lets), tuple(reads))
