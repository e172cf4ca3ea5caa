"""The order in which an eager sweep meets the nodes of a graph, so that its sums are repeated bit by bit."""

from collections.abc import Sequence

from engine.compile.graph import LEAVES, PARAMETER, SELECT, Graph, numbers_in
from engine.op import Op


def resolved(graph: Graph, node: object, choices: Sequence[int]) -> object:
    """Return what a node stands for in eager: a read of a table is the entry itself, where that is known.

    `choices` are the indices of the sample; -1 where an index may be anything.

    >>> from engine.compile.graph import INDEX
    >>> resolved(Graph([PARAMETER, INDEX, SELECT], [(0,), (0,), ((0, 0.5), 1)], (2,)), 2, [0])
    0
    """
    while type(node) is int and graph.ops[node] is SELECT:
        table, index = graph.operands[node]
        place = choices[graph.operands[index][0]]
        if place < 0:
            break
        node = table[place]
    return node


def sweep_order(graph: Graph, choices: Sequence[int]) -> list[int]:
    """Return the nodes that `engine.chain.interior` yields for the graph of one sample, in that order.

    >>> from engine import ops
    >>> sweep_order(Graph([PARAMETER, ops.exp, ops.mul], [(0,), (0,), (1, 1)], (2,)), [])
    [1, 2]
    """
    order: list[int] = []
    seen: set[int] = set()
    stack: list[object] = [resolved(graph, graph.outputs[0], choices)]
    while stack:
        node = stack.pop()
        if node is None:
            last = stack.pop()
            assert type(last) is int
            order.append(last)
            continue
        if type(node) is not int or node in seen or graph.ops[node] in LEAVES or graph.ops[node] is SELECT:
            continue
        seen.add(node)
        stack += (node, None)
        op = graph.ops[node]
        assert isinstance(op, Op)
        for index, operand in enumerate(graph.operands[node]):
            if op.partials[index] is not None:
                stack += [resolved(graph, n, choices) for n in numbers_in((operand,))]
    return order


def decides(graph: Graph) -> list[int]:
    """Return the indices that read tables of more than parameters: the order of the sweep depends on them.

    >>> from engine import ops
    >>> from engine.compile.graph import INDEX, INPUT
    >>> decides(Graph([INPUT, ops.exp, INDEX, SELECT], [(0,), (0,), (0,), ((1, 0.5), 2)], (3,), 0, 1, 1))
    [0]
    """
    found = {
        graph.operands[operands[1]][0]
        for op, operands in zip(graph.ops, graph.operands, strict=True)
        if op is SELECT and any(type(n) is not int or graph.ops[n] is not PARAMETER for n in operands[0])
    }
    return sorted(found)
