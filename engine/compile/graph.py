"""Graph: a recorded computation as plain data, numbered nodes with operands before results."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, final

from engine.op import Op


@final
class Form:
    """What a node is that is no row of the op table: a leaf, a read of a table, a sum of products.

    >>> INPUT
    <input>
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


INPUT = Form("input")
"""A number of the sample; operands (k,): the k-th of its numbers, the flattened floats of all arguments."""
INDEX = Form("index")
"""A whole number of the sample; operands (k,): the k-th of them; SELECT alone reads it."""
PARAMETER = Form("parameter")
"""operands (k,): the k-th number of the flat vector of parameters."""
CONSTANT = Form("constant")
"""operands (c,): the float c."""
SELECT = Form("select")
"""operands (table, i): the entry of the table, a tuple of node numbers and floats, at the INDEX node i."""
LIN = Form("lin")
"""operands (c, terms, xs, ys): c + Σ terms + Σ x*y: a float, node numbers, node numbers or floats."""

LEAVES = (INPUT, INDEX, PARAMETER, CONSTANT)

SHARED = 2
"""Lists of so many operands are looked up among those met before: shorter ones are made anew as fast."""

Operand: TypeAlias = Any
"""A node number (int), a constant (float), or for a list a tuple of these."""


class Graph(NamedTuple):
    """Numbered nodes: node i is ops[i] of operands[i], which name earlier nodes alone.

    `ops[i]` is an Op of the table, or a user's, with an operand for each of its operands; or a Form, which
    says what its operands are. `outputs` are node numbers. `parameters`, `inputs` and `indices` are how many
    of each a sample takes, used or not; `limits[k]` is the length of the shortest table that the k-th index
    reads, 0 where it reads none.

    >>> graph = Graph([PARAMETER, LIN], [(0,), (1.0, (), (0,), (0,))], (1,), parameters=1)
    >>> graph.counts()
    {'lin': 1, 'parameter': 1}
    >>> run(graph, [3.0], [], [])
    [3.0, 10.0]
    """

    ops: list[Op | Form]
    operands: list[tuple[Operand, ...]]
    outputs: tuple[int, ...]
    parameters: int = 0
    inputs: int = 0
    indices: int = 0
    limits: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"<graph of {len(self.ops):,} nodes>"

    def counts(self) -> dict[str, int]:
        """Return how many nodes there are of each kind, by name."""
        return dict(sorted(Counter([op.name for op in self.ops]).items()))

    def reads(self, node: int) -> Iterator[int]:
        """Yield the node numbers among a node's operands, in order, one that is read twice twice.

        >>> list(Graph([INPUT, LIN], [(0,), (1.0, (0,), (0,), (2.0,))], (1,), inputs=1).reads(1))
        [0, 0]
        """
        if self.ops[node] not in LEAVES:
            yield from numbers_in(self.operands[node])

    def all_reads(self) -> list[tuple[int, ...]]:
        """Return what `reads` yields for every node."""
        found: list[tuple[int, ...]] = []
        lists: dict[int, tuple[int, ...]] = {}  # nodes share their lists of operands
        for op, operands in zip(self.ops, self.operands, strict=True):
            if op in LEAVES:
                found.append(())
                continue
            parts: tuple[int, ...] = ()
            for operand in operands:
                kind = type(operand)
                if kind is int:
                    parts += (operand,)
                elif kind is tuple:
                    known = lists.get(id(operand))
                    if known is None:
                        known = lists[id(operand)] = tuple(numbers_in(operand))
                    parts += known
            found.append(parts)
        return found

    def varying(self) -> list[bool]:
        """Return for each node whether it depends on the sample; the others are computed once a step.

        >>> Graph([PARAMETER, INPUT], [(0,), (0,)], (1,), parameters=1, inputs=1).varying()
        [False, True]
        """
        return self.spread([op is INPUT or op is INDEX for op in self.ops])

    def spread(self, marked: list[bool]) -> list[bool]:
        """Return for each node whether it is marked, or reads one that is, be it through others.

        >>> from engine.ops import exp
        >>> Graph([INPUT, INPUT, exp], [(0,), (1,), (1,)], (2,), inputs=2).spread([False, True, False])
        [False, True, True]
        """
        found: list[bool] = []
        lists: dict[int, bool] = {}  # nodes share their lists of operands
        for op, operands, is_marked in zip(self.ops, self.operands, marked, strict=True):
            if not is_marked and op not in LEAVES:
                for operand in operands:
                    if type(operand) is int:
                        is_marked = found[operand]
                    elif type(operand) is tuple:
                        known = lists.get(id(operand))
                        if known is None:
                            known = any([found[n] for n in operand if type(n) is int])
                            lists[id(operand)] = known
                        is_marked = known
                    if is_marked:
                        break
            found.append(is_marked)
        return found


def numbers_in(operands: Sequence[Operand]) -> Iterator[int]:
    """Yield the node numbers among operands, in tuples, too, in order.

    >>> list(numbers_in((3, 1.5, (4, (5, 0.5)))))
    [3, 4, 5]
    """
    for operand in operands:
        kind = type(operand)
        if kind is int:
            yield operand
        elif kind is tuple:
            yield from numbers_in(operand)


def mover(numbers: Sequence[Any]) -> Callable[[Operand], Operand]:
    """Return what puts numbers[n] in place of each node n of an operand; a list that nodes share stays one.

    >>> mover([5, 6, 0.5])((1, 2, 3.0))
    (6, 0.5, 3.0)
    """
    lists: dict[int, Any] = {}

    def moved(operand: Operand) -> Operand:
        kind = type(operand)
        if kind is int:
            return numbers[operand]
        if kind is not tuple:
            return operand
        known = lists.get(id(operand))
        if known is None:
            known = tuple([numbers[x] if type(x) is int else x for x in operand])
            if len(operand) >= SHARED:
                lists[id(operand)] = known
        return known

    return moved


def run(graph: Graph, parameters: Sequence[Any], inputs: Sequence[Any], indices: Sequence[int]) -> list[Any]:
    """Return what every node comes to, on any kind of number: on Values it is recorded once more.

    The slow oracle of all executors. An INDEX node is its whole number; a SELECT is the entry itself.
    """
    results: list[Any] = []
    found = mover(results)

    are_floats = all([type(x) is float for numbers in (parameters, inputs) for x in numbers])
    leaves = {INPUT: inputs, INDEX: indices, PARAMETER: parameters}
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if isinstance(op, Op):
            values = map(found, operands)
            results.append(op.evaluate(*values) if are_floats else op(*values))
        elif op is CONSTANT:
            results.append(operands[0])
        elif op in leaves:
            results.append(leaves[op][operands[0]])
        elif op is SELECT:
            results.append(found(operands[0][results[operands[1]]]))
        else:
            total, terms, xs, ys = operands
            for term in terms:
                total = total + found(term)
            for x, y in zip(xs, ys, strict=True):
                total = total + found(x) * found(y)
            results.append(total)
    return results
