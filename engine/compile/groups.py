"""Groups: the nodes of one level that do the same, so that one instruction computes them all."""

from collections import defaultdict
from typing import Any, NamedTuple, TypeAlias, final

from engine import ops
from engine.compile.graph import LEAVES, LIN, SELECT, SHARED, Graph
from engine.compile.spelled import FOLDS

WASTE = 4
"""Lists of one group are padded to the longest; so many times what they hold is too much."""


Factors: TypeAlias = tuple[tuple[Any, ...], tuple[Any, ...]]
NONE: Factors = ((), ())


class Sum(NamedTuple):
    """The parts of a LIN node, told apart by what varies with the sample.

    `terms` vary, `fixed` do not; the others are the first and the second factors of products: both vary in
    `products`, the second ones in `weighted` and `scaled`, none in `plain`. `scaled` are what is times a
    number beside what is times a parameter: x in w·h - x.
    """

    constant: float
    terms: tuple[int, ...]
    fixed: tuple[Any, ...]
    weighted: Factors
    scaled: Factors
    products: Factors
    plain: Factors


class Group(NamedTuple):
    """Alike nodes, the level they are on, whether they vary, and the parts of those that are sums."""

    level: int
    op: Any
    varying: bool
    nodes: list[int]
    sums: list[Sum]


def levels(reads: list[tuple[int, ...]]) -> list[int]:
    """Return for each node the length of the longest way to it, 0 where it reads none.

    >>> levels([(), (0,), (0, 1)])
    [0, 1, 2]
    """
    found: list[int] = []
    for operands in reads:
        found.append(1 + max([found[i] for i in operands]) if operands else 0)
    return found


@final
class Splitter:
    """Tells apart the parts of LIN nodes; what it finds out about lists that nodes share it keeps.

    >>> from engine.compile.graph import INPUT, LIN, PARAMETER
    >>> rows = [(PARAMETER, (0,)), (INPUT, (0,)), (LIN, (0.5, (0,), (1,), (0,)))]
    >>> graph = Graph([op for op, _ in rows], [o for _, o in rows], (2,), parameters=1, inputs=1)
    >>> parts = Splitter(graph.varying()).split(graph.operands[2])
    >>> parts.fixed, parts.weighted
    ((0,), ((0,), (1,)))
    """

    def __init__(self, varying: list[bool]) -> None:
        self.varying = varying
        self._kinds: dict[int, str] = {}

    def split(self, operands: tuple[Any, ...]) -> Sum:
        """Return the parts of a LIN node: of products with one factor that varies, that one stands second."""
        constant, terms, xs, ys = operands
        varying = self.varying
        fixed: tuple[Any, ...] = ()
        if terms and self._kind(terms) != "varying":
            terms, fixed = (
                tuple([x for x in terms if varying[x]]),
                tuple([x for x in terms if not varying[x]]),
            )
        kinds = self._kind(xs), self._kind(ys)
        if kinds == ("fixed", "varying"):
            return Sum(constant, terms, fixed, (xs, ys), NONE, NONE, NONE)
        if kinds == ("varying", "fixed"):
            return Sum(constant, terms, fixed, (ys, xs), NONE, NONE, NONE)
        if kinds == ("varying", "varying"):
            return Sum(constant, terms, fixed, NONE, NONE, (xs, ys), NONE)
        return Sum(constant, terms, fixed, *self._mixed(xs, ys))

    def _kind(self, operand: tuple[Any, ...]) -> str:
        """Return whether the elements of a list are all nodes that vary, or all nodes that do not."""
        known = self._kinds.get(id(operand)) if len(operand) >= SHARED else None
        if known is None:
            kinds = {("varying" if self.varying[x] else "fixed") if type(x) is int else "" for x in operand}
            known = (kinds.pop() if len(kinds) == 1 else "") or "mixed"
            if len(operand) >= SHARED:
                self._kinds[id(operand)] = known
        return known

    def _mixed(self, xs: tuple[Any, ...], ys: tuple[Any, ...]) -> tuple[Factors, Factors, Factors, Factors]:
        varying = self.varying
        weighted, products, plain = [], [], []
        scaled: list[Any] = []
        for x, y in zip(xs, ys, strict=True):
            first = type(x) is int and varying[x]
            second = type(y) is int and varying[y]
            if first and second:
                products.append((x, y))
            elif first or second:
                weighted.append((y, x) if first else (x, y))
            else:
                plain.append((x, y))
        if any([type(w) is int for w, _ in weighted]):
            scaled = [pair for pair in weighted if type(pair[0]) is float]
            weighted = [pair for pair in weighted if type(pair[0]) is int]
        return _factors(weighted), _factors(scaled), _factors(products), _factors(plain)


def _factors(pairs: list[tuple[Any, Any]]) -> Factors:
    """Return pairs as their first and their second elements."""
    return (tuple([x for x, _ in pairs]), tuple([y for _, y in pairs])) if pairs else NONE


def scheduled(reads: list[tuple[int, ...]], keys: list[Any]) -> list[int]:
    """Return a level for each node: its own, or a later one at which others of its key stand anyway.

    So the positions of a sequence stay together where one of them has a shorter way: a softmax of one score.

    >>> reads = [(), (0,), (0,), (2,), (1, 3)]
    >>> levels(reads), scheduled(reads, [None, "sin", "exp", "sin", "add"])
    ([0, 1, 1, 2, 3], [0, 2, 1, 2, 3])
    """
    level = levels(reads)
    latest = [len(level)] * len(level)
    opened: dict[Any, list[int]] = {}
    for node in sorted(range(len(level)), key=lambda node: -level[node]):
        if keys[node] is None:
            continue
        stands = opened.setdefault(keys[node], [])
        if stands and stands[-1] <= latest[node]:
            level[node] = stands[-1]
        else:
            stands.append(level[node])
        before = level[node] - 1
        for operand in reads[node]:
            if latest[operand] > before:
                latest[operand] = before
    return level


def grouped(graph: Graph, varying: list[bool]) -> list[Group]:
    """Return the nodes in groups, operands' groups before results'; `varying` is that of the graph."""
    splitter = Splitter(varying)
    sums = {n: splitter.split(graph.operands[n]) for n, op in enumerate(graph.ops) if op is LIN}
    numbers: dict[Any, int] = {}
    keys = [
        None if op in LEAVES else numbers.setdefault(_key(graph, n, varying, sums.get(n)), len(numbers))
        for n, op in enumerate(graph.ops)
    ]
    level = scheduled(graph.all_reads(), keys)
    found: dict[tuple[int, int], Group] = {}
    for node, op in enumerate(graph.ops):
        key = keys[node]
        if key is None:
            continue
        group = found.get((level[node], key))
        if group is None:
            group = found[level[node], key] = Group(level[node], op, varying[node], [], [])
        group.nodes.append(node)
        if node in sums:
            group.sums.append(sums[node])
    ordered = sorted(found.values(), key=lambda group: group.level)
    return [part for group in ordered for part in _evened(graph, group)]


def _key(graph: Graph, node: int, varying: list[bool], parts: Sum | None) -> Any:
    """Return what alike nodes share."""
    op, operands = graph.ops[node], graph.operands[node]

    def kind(operand: Any) -> Any:
        if type(operand) is tuple:
            return tuple([kind(x) for x in operand])
        return "V" if type(operand) is int and varying[operand] else "P"

    if parts is not None:
        lists = parts.terms, parts.weighted[0], parts.scaled[0], parts.products[0], parts.plain[0]
        form: Any = len(parts.fixed) + (parts.constant != 0.0), *(len(x) > 0 for x in lists)
    elif op is SELECT:
        form = len(operands[0]), *sorted({kind(x) for x in operands[0]})
    elif op in FOLDS:
        form = "folded"
    else:
        exponent = repr(operands[1]) if op is ops.power and type(operands[1]) is float else ""
        form = exponent, *(kind(x) for x in operands)
    return op, varying[node], form


def _evened(graph: Graph, group: Group) -> list[Group]:
    """Split a group whose lists differ so much in length that padding them would cost more than a call."""
    if group.op is LIN:
        lengths = [
            max(
                len(s.terms),
                len(s.fixed),
                sum([len(xs) for xs, _ in s[3:]]),
            )
            for s in group.sums
        ]
    elif group.op in FOLDS:
        lengths = [len(graph.operands[node][0]) for node in group.nodes]
    else:
        return [group]
    if len(lengths) * max(lengths) <= WASTE * sum(lengths):
        return [group]
    parts: dict[int, list[int]] = defaultdict(list)
    for place, length in enumerate(lengths):
        parts[length.bit_length()].append(place)
    return [
        group._replace(
            nodes=[group.nodes[i] for i in places], sums=[group.sums[i] for i in places] if group.sums else []
        )
        for places in parts.values()
    ]
