"""How far a compiled program may be from eager: a share of the largest gradient."""

import math
import random

from engine import Value, ops
from engine.check.programs import seeded
from engine.compile import careful
from engine.compile.batch import Batch
from engine.compile.graph import CONSTANT, INDEX, INPUT, LEAVES, PARAMETER, Graph, run
from engine.compile.record import Sample, recorded
from engine.compile.signature import Signature

SHARE = 1e-12
ULPS = 8
"""So many units in the last place each node is shaken by."""


def drawn(seed, chosen, size):
    """Return the recording of a random program, some of whose inputs are parameters, and its batch."""
    rng = random.Random(seed)
    program = seeded(seed, chosen, size)
    split = rng.randrange(1, len(program.inputs) + 1)
    parameters = [Value(x) for x in program.inputs[:split]]
    example = list(program.inputs[split:])

    def f(*xs):
        return program(*parameters, *xs)

    graph = recorded(f, Sample(example, []), parameters, Signature.of(f, example)).graph
    rows = [tuple(example)]
    rows += [tuple([x + rng.uniform(-0.1, 0.1) * max(1e-3, abs(x)) for x in example]) for _ in range(2)]
    return graph, list(program.inputs[:split]), Batch(len(rows), (len(example), 0), (), rows=rows)


def shaken(graph, seed):
    """Return a graph each of whose results is off by some units in the last place."""
    rng = random.Random(seed)
    made, operands, moved = [], [], []

    def at(operand):
        if type(operand) is tuple:
            return tuple(map(at, operand))
        return moved[operand] if type(operand) is int else operand

    for op, given in zip(graph.ops, graph.operands, strict=True):
        made.append(op)
        operands.append(given if op in LEAVES else tuple(map(at, given)))
        if op is not CONSTANT and op is not INDEX:
            made.append(ops.mul)
            operands.append((len(made) - 2, 1.0 + rng.uniform(-ULPS, ULPS) * 2.0**-52))
        moved.append(len(made) - 1)
    outputs = tuple([moved[n] for n in graph.outputs])
    return graph._replace(ops=made, operands=operands, outputs=outputs)


def largest(numbers):
    return max([abs(x) for x in numbers if math.isfinite(x)], default=0.0)


def largest_on_the_way(graph, parameters, rows):
    """Return the largest gradient of any node in the samples' sweeps."""
    found = 0.0
    for row in rows:
        results = run(graph, [Value(p) for p in parameters], row[: graph.inputs], row[graph.inputs :])
        results[graph.outputs[0]].backward()
        found = max(found, largest([v.grad for v in results if type(v) is Value]))
    return found


def furthest(found, expected):
    """Return how far two lists are apart at most; inf where one has a number that the other has not."""
    far = 0.0
    for a, b in zip(found, expected, strict=True):
        if a == b or (math.isnan(a) and math.isnan(b)):
            continue
        far = max(far, abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf)
    return far


def disagreement(executor, graph, parameters, batch):
    """Return what an executor gets wrong, "" where it agrees with eager.

    It may be off by SHARE of the largest gradient of a parameter. Where eager itself has no such digits,
    because contributions cancel or rounding is magnified, it may be off by SHARE of the largest gradient of
    any node, and by what the gradient moves when every node is off by ULPS units in the last place.
    """
    outputs = careful.forward(graph, parameters, batch.rows)[0]
    loss, gradient = careful.value_and_grad(graph, parameters, batch.rows)
    found = list(executor.forward(parameters, batch)[0])
    found_loss, found_gradient = executor.value_and_grad(executor.vector(parameters), batch)
    found, found_gradient = list(map(float, found)), list(map(float, found_gradient))
    apart = furthest(found, outputs), furthest([found_loss], [loss]), furthest(found_gradient, gradient)
    allowed = SHARE * largest(outputs), SHARE * largest(outputs), SHARE * largest(gradient)
    if all(a <= b for a, b in zip(apart, allowed, strict=True)):
        return ""
    allowed = *allowed[:2], SHARE * largest_on_the_way(graph, parameters, batch.rows)
    spread = [0.0, 0.0, 0.0]
    for seed in range(8):
        other = shaken(graph, seed)
        moved = careful.forward(other, parameters, batch.rows)[0]
        moved_loss, moved_gradient = careful.value_and_grad(other, parameters, batch.rows)
        pairs = ((moved, outputs), ([moved_loss], [loss]), (moved_gradient, gradient))
        spread = [max(s, furthest(*pair)) for s, pair in zip(spread, pairs, strict=True)]
    if all(a <= b + 4.0 * s for a, b, s in zip(apart, allowed, spread, strict=True)):
        return ""
    return f"{apart} of {largest(outputs)}, {largest(gradient)}; shaken it moves by {spread}"


def eager_bits(graph, parameters, rows):
    """Return the losses and the gradient of eager sweeps, as hexadecimal texts."""
    leaves = [Value(p) for p in parameters]
    losses = []
    for row in rows:
        loss = run(graph, leaves, row[: graph.inputs], row[graph.inputs :])[graph.outputs[0]]
        losses.append(loss.data)
        (loss * (1 / len(rows))).backward()
    return [x.hex() for x in losses], [v.grad.hex() for v in leaves]


def leaf_graph(op, arity):
    """Return an op on leaves, parameters first: every operand of a list op is a list of two."""
    forms = [(PARAMETER, (k,)) for k in range(2 * arity)]
    forms += [(INPUT, (0,))]
    operands = tuple(
        (2 * k, 2 * k + 1) if is_list else 2 * k for k, is_list in zip(range(arity), op.lists, strict=True)
    )
    forms += [(op, operands), (ops.mul, (2 * arity + 1, 2 * arity))]
    return Graph([f for f, _ in forms], [o for _, o in forms], (len(forms) - 1,), 2 * arity, 1)
