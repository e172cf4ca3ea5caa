"""One large graph in a process of its own: seconds and memory of recording, reducing and planning.

Run it as `python -m tests.benchmarks.scale points 1e7`; it prints a line of JSON.
"""

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import engine
from engine import record
from engine.collector import paused_gc
from engine.compile.groups import arranged
from engine.compile.plan import planned
from nn import MLP, Layer


class Case(NamedTuple):
    """A loss of many repeated blocks: the function, its argument, its parameters."""

    loss: Callable[..., Any]
    example: Any
    parameters: list[engine.Value]


def points(nodes: int, *, explicit: bool = False) -> Case:
    """Return the loss of an MLP on many points at once; `explicit` writes each product and sum as a node."""
    rng = random.Random(0)
    model = MLP(2, [16, 16, 1], explicit=explicit, rng=rng)
    count = nodes // (660 if explicit else 103)
    data = [[rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0)] for _ in range(count)]

    def loss(xs: Any) -> Any:
        return engine.sum([(1.0 - model(x)).relu() for x in xs]) * (1.0 / count)

    return Case(loss, data, model.parameters())


def steps(nodes: int) -> Case:
    """Return the last state of a recurrence of many steps: a chain as long as it is."""
    rng = random.Random(0)
    layer = Layer(5, 4, activation="tanh", rng=rng)
    data = [rng.gauss(0.0, 1.0) for _ in range(nodes // 13)]

    def last(xs: Any) -> Any:
        state = [0.5] * 4
        for x in xs:
            state = layer([x, *state])
        return engine.sum(state)

    return Case(last, data, layer.parameters())


CASES = {"points": points, "explicit": lambda nodes: points(nodes, explicit=True), "steps": steps}


def measured(case: Case) -> dict[str, Any]:
    """Return how many nodes there are, the seconds of each stage, the peak of memory in bytes."""
    before = peak()
    clock = [time.perf_counter()]
    program = record(case.loss, case.example, parameters=case.parameters, executor="llvm")
    clock.append(time.perf_counter())
    with paused_gc():
        arrangement = arranged(program.reduced)
        clock.append(time.perf_counter())
        plan = planned(arrangement)
    clock.append(time.perf_counter())
    return {
        "nodes": len(program.graph.ops),
        "reduced": len(program.reduced.ops),
        "instructions": len(plan.forward) + len(plan.reverse),
        "record and reduce": clock[1] - clock[0],
        "arrange": clock[2] - clock[1],
        "plan": clock[3] - clock[2],
        "peak": peak(),
        "bytes a node": (peak() - before) / len(program.graph.ops),
    }


def peak() -> int:
    """Return the most memory that the process has held, in bytes.

    Linux tells it apart from what stood there before the program was begun; elsewhere that may count.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(json.dumps(measured(CASES[sys.argv[1]](int(float(sys.argv[2]))))))
