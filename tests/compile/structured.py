"""Random graphs with structure: vectors and layers, positions, prefixes, tables, broadcasts, permutations."""

import random
from typing import Any

from engine import ops
from engine.compile.batch import Batch
from engine.compile.graph import INDEX, INPUT, PARAMETER, SELECT, Graph

SINGLE = (ops.tanh, ops.sigmoid, ops.relu, ops.sin, ops.neg, ops.softplus, ops.abs)
DOUBLE = (ops.add, ops.sub, ops.mul, ops.maximum, ops.minimum)


class Builder:
    """A random graph under construction: lists of nodes, grown by a layer at a time."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.ops: list[Any] = []
        self.operands: list[Any] = []
        self.counts = {PARAMETER: 0, INPUT: 0, INDEX: 0}
        self.limits: list[int] = []
        self.lists = [self.leaves(INPUT, self.rng.randint(1, 6)) for _ in range(2)]
        self.lists.append(self.leaves(PARAMETER, self.rng.randint(1, 6)))

    def node(self, op: Any, *operands: Any) -> int:
        self.ops.append(op)
        self.operands.append(operands)
        return len(self.ops) - 1

    def leaves(self, kind: Any, count: int) -> list[int]:
        made = [self.node(kind, self.counts[kind] + k) for k in range(count)]
        self.counts[kind] += count
        return made

    def any_list(self) -> list[int]:
        return self.rng.choice(self.lists[-6:])

    def layer(self) -> None:
        kinds = [self.dense, self.single, self.double, self.scaled, self.prefixes, self.folded, self.picked]
        kinds += [self.joined, self.shuffled, self.attended]
        made = self.rng.choice(kinds)()
        if made:
            self.lists.append(made[:12])

    def dense(self) -> list[int]:
        xs, rows = self.any_list(), self.rng.randint(1, 5)
        biased, tied = self.rng.random() < 0.5, self.rng.random() < 0.3
        made, weights = [], self.leaves(PARAMETER, len(xs))
        for row in range(rows):
            if row and not tied:
                weights = self.leaves(PARAMETER, len(xs))
            total = self.node(ops.dot, tuple(weights), tuple(xs))
            made.append(self.node(ops.add, total, *self.leaves(PARAMETER, 1)) if biased else total)
        return made

    def single(self) -> list[int]:
        op = self.rng.choice(SINGLE)
        return [self.node(op, x) for x in self.any_list()]

    def double(self) -> list[int]:
        op, xs, ys = self.rng.choice(DOUBLE), self.any_list(), self.any_list()
        return [self.node(op, x, y) for x, y in zip(xs, ys, strict=False)]

    def scaled(self) -> list[int]:
        op, y = self.rng.choice(DOUBLE), self.rng.choice([0.5, -1.0, *self.any_list()])
        return [self.node(op, x, y) for x in self.any_list()]

    def prefixes(self) -> list[int]:
        op, xs = self.rng.choice((ops.sum, ops.max, ops.min, ops.logsumexp)), self.any_list()
        return [self.node(op, tuple(xs[: i + 1])) for i in range(len(xs))]

    def folded(self) -> list[int]:
        extra = self.rng.choice([(), (0.25,), (-0.5, *self.any_list())])
        return [self.node(self.rng.choice((ops.sum, ops.max, ops.logsumexp)), (*self.any_list(), *extra))]

    def picked(self) -> list[int]:
        table = (*self.any_list(), *self.rng.choice([(), (), (0.75,)]))
        made = []
        for index in self.leaves(INDEX, self.rng.randint(1, 3)):
            self.limits.append(len(table))
            made.append(self.node(SELECT, table, index))
        return made

    def joined(self) -> list[int]:
        return [*self.any_list(), *self.any_list()]

    def shuffled(self) -> list[int]:
        xs = list(self.any_list())
        return xs[::-1] if self.rng.random() < 0.5 else self.rng.sample(xs, len(xs))

    def attended(self) -> list[int]:
        xs, ys = self.any_list(), self.any_list()
        rows = [tuple([self.node(ops.mul, x, y) for y in ys[: i + 1]]) for i, x in enumerate(xs)]
        shares = [tuple([self.node(ops.tanh, score) for score in row]) for row in rows]
        return [self.node(ops.dot, share, tuple(ys[: len(share)])) for share in shares]


def structured(seed: int, layers: int = 8) -> tuple[Graph, list[float], Batch]:
    """Return a random graph with structure, parameters, and a batch of three samples."""
    builder = Builder(seed)
    for _ in range(layers):
        builder.layer()
    rng = builder.rng
    last = [x for xs in builder.lists[-4:] for x in xs]
    output = builder.node(ops.sum, tuple([builder.node(ops.tanh, x) for x in last]))
    graph = Graph(
        builder.ops,
        builder.operands,
        (output,),
        builder.counts[PARAMETER],
        builder.counts[INPUT],
        builder.counts[INDEX],
        tuple(builder.limits),
    )
    rows = [
        (*[rng.gauss(0.0, 1.0) for _ in range(graph.inputs)], *[rng.randrange(n) for n in graph.limits])
        for _ in range(3)
    ]
    parameters = [rng.gauss(0.0, 0.7) for _ in range(graph.parameters)]
    return graph, parameters, Batch(3, (graph.inputs, graph.indices), graph.limits, rows=rows)
