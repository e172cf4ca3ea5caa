"""Programs: straight-line code over ops, recorded or random, as plain data."""

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine import ops
from engine.chain import interior
from engine.check.domains import numbers_within, value_at
from engine.check.source import indices, source
from engine.op import Interval, Op
from engine.ops import HELPERS, TABLE
from engine.value import Value

Choose = Callable[[int], int]
"""choose(n) is a whole number from 0 to n - 1."""

SMOOTH = tuple(op for op in TABLE.values() if op.name not in HELPERS | {"step", "detach"})
"""The public rows whose partials are the derivative, away from kinks."""

PLAIN = 16
"""So many operands in a hundred are numbers, not results."""

HOPELESS = 200
"""After so many attempts at a first line a program does without."""


class Line(NamedTuple):
    """One op; an operand is the index of an earlier result (int), a number (float), or a tuple of these."""

    op: Op
    operands: tuple[Any, ...]


class Program(NamedTuple):
    """Inputs, and the lines computed from them; results are numbered, the inputs first.

    A program is a function of its inputs, numbers of any kind, and prints as Python that can be pasted.

    >>> program = Program((0.3,), (Line(ops.tanh, (0,)),))
    >>> program
    <BLANKLINE>
    from engine import Value, tanh
    x = Value(0.3)
    tanh(x).backward()
    >>> program(0.0)
    0.0
    """

    inputs: tuple[float, ...]
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, output: Value, inputs: Sequence[Value] | None = None) -> "Program":
        """Return the program of a recorded graph, its inputs first, in order.

        Without `inputs` every leaf is one. With them all other leaves are numbers in the program, but for
        the leaves of an op that would see numbers alone: these are further inputs, so that every line can
        be recorded. An input that was recorded itself is cut from what made it.

        Errors: TypeError where output or an input is no Value.

        >>> x, w = Value(2.0), Value(3.0)
        >>> y = ops.tanh(x * w)
        >>> Program.of(y, [x]).inputs, Program.of(y).inputs
        ((2.0,), (2.0, 3.0))
        """
        nodes = interior(output, detached=True)
        given = () if inputs is None else tuple(inputs)
        for v in given:
            if type(v) is not Value:
                raise TypeError(f"the inputs of a program are Values, got {v!r}")
        leaves, lines = list(given), list[Line]()
        index: dict[Value, int] = {v: i for i, v in reversed([*enumerate(leaves)])}
        for node in nodes or [output]:
            reads = node.inputs or (node,)
            if inputs is None or not any(v in index or v.op for v in reads):
                for v in reads:
                    if v.op is None and v not in index:
                        index[v] = len(leaves)
                        leaves.append(v)

        def operand(v: Any) -> Any:
            return index.get(v, v.data) if type(v) is Value else v

        for node in nodes:
            if node.op and node not in index:
                index[node] = len(leaves) + len(lines)
                lines.append(Line(node.op, mapped(operand, (node.x, node.y)[: node.op.arity])))
        if not lines or index[output] != len(leaves) + len(lines) - 1:
            lines.append(Line(ops.identity, (index[output],)))
        made = cls(tuple([v.data for v in leaves]), tuple(lines))
        return made.pruned(len(given)) if any(v.op for v in given) else made

    def run(self, inputs: Sequence[Any] | None = None, call: Callable[..., Any] | None = None) -> list[Any]:
        """Return all results, on any kind of number, by default on the program's own floats.

        `call(op, *operands)` does an op, by default the op itself.

        Errors: TypeError for another number of inputs.

        >>> Program((3.0,), (Line(ops.mul, (0, 0)), Line(ops.add, (1, 1.0)))).run()
        [3.0, 9.0, 10.0]
        """
        results = list(self.inputs if inputs is None else inputs)
        if len(results) != len(self.inputs):
            raise TypeError(f"this program takes {len(self.inputs)} inputs, got {len(results)}")
        for op, operands in self.lines:
            found = [
                results[operand] if type(operand) is int
                else tuple([results[x] if type(x) is int else x for x in operand])
                if isinstance(operand, tuple)
                else operand
                for operand in operands
            ]  # fmt: skip
            results.append(call(op, *found) if call else op(*found))
        return results

    def __call__(self, *inputs: Any) -> Any:
        """Return the last result."""
        return self.run(inputs)[-1]

    def pruned(self, keep: int = 0) -> "Program":
        """Return the program without the lines and inputs that its last result does not need.

        The first `keep` inputs stay.

        >>> len(Program((1.0, 2.0), (Line(ops.exp, (0,)), Line(ops.sin, (1,)))).pruned().lines)
        1
        """
        first = len(self.inputs)
        needed = {*range(min(keep, first)), first + len(self.lines) - 1}
        for i in range(len(self.lines) - 1, -1, -1):
            if first + i in needed:
                for operand in self.lines[i].operands:
                    needed.update(indices(operand))
        if len(needed) == first + len(self.lines):
            return self
        moved = {old: new for new, old in enumerate(sorted(needed))}

        def renumbered(x: Any) -> Any:
            return moved[x] if type(x) is int else x

        return Program(
            tuple([x for i, x in enumerate(self.inputs) if i in needed]),
            tuple(
                [
                    Line(op, mapped(renumbered, operands))
                    for i, (op, operands) in enumerate(self.lines, first)
                    if i in needed
                ]
            ),
        )

    def source(self, name: str = "") -> str:
        """Return Python text that runs the program and sweeps back; `name` is one for the last result.

        >>> print(Program((2.0,), (Line(ops.mul, (0, 3.0)),)).source("y"))
        from engine import Value
        x = Value(2.0)
        y = x * 3.0
        y.backward()
        """
        return source(self.inputs, self.lines, name)

    def __str__(self) -> str:
        return self.source()

    def __repr__(self) -> str:
        return "\n" + self.source()


def mapped(change: Callable[[Any], Any], operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return operands with each index and number changed, those in tuples, too.

    >>> mapped(lambda x: x + 1, (0, (1, 2)))
    (1, (2, 3))
    """
    return tuple([tuple(map(change, x)) if isinstance(x, tuple) else change(x) for x in operands])


class Builder:
    """A random program under construction: it grows by a line at a time, results stay moderate.

    `choose` rolls the dice; with probability `sharing` an operand is drawn from all earlier results, else
    from the last ones that nothing has read, so that 0 gives trees.

    Errors: ValueError where no op has a number in its domain.

    >>> builder = Builder(lambda n: n // 5, [ops.add], sharing=0.5)
    >>> builder.try_line(), builder.program(5).lines
    (True, (Line(op=<op add>, operands=(0, 2.0)),))
    """

    def __init__(self, choose: Choose, chosen: Sequence[Op], *, sharing: float) -> None:
        domains = [domain for op in chosen for domain in op.domain]
        self.pool = tuple(dict.fromkeys(x for domain in domains for x in numbers_within(domain)))
        if not self.pool:
            raise ValueError(f"no op has a number in its domain: {', '.join(op.name for op in chosen)}")
        self.choose, self.chosen = choose, chosen
        self.inputs = tuple([self.pool[choose(len(self.pool))] for _ in range(1 + choose(4))])
        self.results = list(self.inputs)
        self.lines: list[Line] = []
        self.before = self.unread = list(range(len(self.inputs)))
        self.fresh, self.read = PLAIN + round((100 - PLAIN) * (1 - sharing)), list[int]()
        self.to_draw = 0

    def try_line(self) -> bool:
        """Add a line, and return whether what the dice gave was inside the op's domain."""
        choose, results, read = self.choose, self.results, self.read
        op = self.chosen[choose(len(self.chosen))]
        read.clear()
        length = (2 if op is ops.where else 1 + choose(4)) if any(op.lists) else 0
        self.to_draw = sum(length if is_list else 1 for is_list in op.lists)
        operands = tuple(
            [
                tuple([self.operand(domain) for _ in range(length)]) if is_list else self.operand(domain)
                for domain, is_list in zip(op.domain, op.lists, strict=True)
            ]
        )
        if not read:
            return False
        z = value_at(op, mapped(lambda x: results[x] if type(x) is int else x, operands))
        if z is None:
            return False
        self.before, self.unread = self.unread, [i for i in self.unread if i not in read]
        self.unread.append(len(results))
        results.append(z)
        self.lines.append(Line(op, operands))
        return True

    def operand(self, domain: Interval) -> Any:
        """Return an index or a number; an op reads one result at least."""
        choose, read = self.choose, self.read
        kind = choose(100)
        self.to_draw -= 1
        if not read and self.to_draw == 0:
            kind = max(kind, PLAIN)
        if kind >= self.fresh:
            read.append(choose(len(self.results)))
            return read[-1]
        if kind >= PLAIN:
            free, back = [i for i in self.unread[-8:] if i not in read], choose(4)
            if free:
                read.append(free[max(-1 - back, -len(free))])
                return read[-1]
        numbers = numbers_within(domain) or self.pool
        return numbers[choose(len(numbers))]

    def program(self, size: int) -> Program:
        """Return the program of at most `size` lines; a last `sum` adds up what nothing has read."""
        first, lines = len(self.inputs), list(self.lines)
        unread = [i for i in self.unread if i >= first]
        if len(unread) > 1 and len(lines) >= size:
            lines.pop()
            unread = [i for i in self.before if i >= first]
        if not lines:
            lines.append(Line(ops.sum, (tuple(range(first)),)))
        elif len(unread) > 1:
            lines.append(Line(ops.sum, (tuple(unread),)))
        return Program(self.inputs, tuple(lines)).pruned()


def build(choose: Choose, chosen: Sequence[Op], size: int, *, sharing: float = 0.5) -> Program:
    """Return a program of `size` lines, fewer where the dice fall outside the domains too often.

    >>> len(build(random.Random(0).randrange, SMOOTH, 30).lines)
    30
    """
    builder = Builder(choose, chosen, sharing=sharing)
    tries = 0
    while len(builder.lines) < size and (tries < 3 * size or (tries < HOPELESS and not builder.lines)):
        builder.try_line()
        tries += 1
    return builder.program(size)


def seeded(seed: int, chosen: Sequence[Op], size: int, *, sharing: float = 0.5) -> Program:
    """Return the program of a seed.

    >>> seeded(5, [ops.sin, ops.mul], 20) == seeded(5, [ops.sin, ops.mul], 20)
    True
    """
    return build(random.Random(seed).randrange, chosen, size, sharing=sharing)
