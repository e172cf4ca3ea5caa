"""Random programs: straight-line code over the op table, with shared nodes, as plain data."""

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from engine.op import Op
from engine.ops import TABLE

Choose = Callable[[int], int]
"""choose(n) is a whole number from 0 to n - 1."""

NUMBERS = (-2.5, -1.5, -1.0, -0.75, -0.3, 0.1, 0.25, 0.5, 0.7, 1.0, 1.25, 1.7, 2.0, 3.0)
NEAREST_KINK, LARGEST = 1e-3, 1e4


class Line(NamedTuple):
    """One op; an operand is the index of an earlier result (int), a number (float), or a tuple of these."""

    name: str
    operands: tuple[Any, ...]


class Program(NamedTuple):
    """Inputs, and the lines computed from them; results are numbered, the inputs first."""

    inputs: tuple[float, ...]
    lines: tuple[Line, ...]

    def run(self, inputs: Sequence[Any], call: Callable[..., Any] | None = None) -> list[Any]:
        """Return all results, on any kind of number; call(name, *operands) does an op, by default the row."""
        results = list(inputs)

        def looked_up(operand: Any) -> Any:
            if isinstance(operand, tuple):
                return tuple(map(looked_up, operand))
            return results[operand] if type(operand) is int else operand

        for name, operands in self.lines:
            found = [looked_up(operand) for operand in operands]
            results.append(call(name, *found) if call else TABLE[name](*found))
        return results


def clear_of_trouble(op: Op, operands: tuple[Any, ...]) -> bool:
    """Whether operands are inside the domain of an op, well away from its ends and kinks."""
    for operand, domain in zip(operands, op.domain, strict=True):
        for x in operand if isinstance(operand, tuple) else (operand,):
            if not domain.low + NEAREST_KINK < x < domain.high - NEAREST_KINK:
                return False
    if op.margin is not None and not abs(op.margin(*operands)) > NEAREST_KINK:
        return False
    return not (op.name in ("div", "ratio") and abs(operands[1]) < NEAREST_KINK)


def build(choose: Choose, names: Sequence[str], size: int) -> Program:
    """Return a program of `size` lines, fewer where the dice fall outside the domains; results stay moderate.

    Many lines read a result that was read before, so that nodes are shared; the last line adds up all results
    that nothing has read.
    """
    inputs = tuple(NUMBERS[choose(len(NUMBERS))] for _ in range(1 + choose(4)))
    results = list(inputs)
    lines: list[Line] = []
    unread = set(range(len(inputs)))

    def operand(is_list: bool, pair: bool = False) -> Any:
        if is_list:
            return tuple(operand(False) for _ in range(2 if pair else 1 + choose(4)))
        if choose(6) == 0:
            return NUMBERS[choose(len(NUMBERS))]
        return choose(len(results)) if choose(3) == 0 else max(0, len(results) - 1 - choose(4))

    def number(drawn: Any) -> Any:
        if isinstance(drawn, tuple):
            return tuple(map(number, drawn))
        return results[drawn] if type(drawn) is int else drawn

    def indices(drawn: Any) -> set[int]:
        if isinstance(drawn, tuple):
            return set().union(*map(indices, drawn))
        return {drawn} if type(drawn) is int else set()

    for _ in range(3 * size):
        if len(lines) == size:
            break
        op = TABLE[names[choose(len(names))]]
        drawn = tuple(operand(is_list, op.name == "where") for is_list in op.lists)
        if op.name == "dot":
            length = min(map(len, drawn))
            drawn = tuple(xs[:length] for xs in drawn)
        operands = tuple(map(number, drawn))
        read = set().union(*map(indices, drawn))
        if not read or not clear_of_trouble(op, operands):
            continue
        z = op.evaluate(*operands)
        if not 1 / LARGEST < abs(z) < LARGEST and z != 0.0:  # 0.0 comes from relu, where, minimum
            continue
        unread = unread - read | {len(results)}
        results.append(z)
        lines.append(Line(op.name, drawn))
    lines.append(Line("sum", (tuple(sorted(unread)),)))
    return Program(inputs, tuple(lines))


def seeded(seed: int, names: Sequence[str], size: int) -> Program:
    """Return the program of a seed."""
    return build(random.Random(seed).randrange, names, size)


@st.composite
def programs(draw: Any, names: Sequence[str], size: int = 25) -> Program:
    """Draw a program of up to `size` lines over the named rows."""
    return build(lambda n: draw(st.integers(0, n - 1)), names, draw(st.integers(min(3, size), size)))
