"""What runs where: the mean loss of a batch and its gradient, by everything that can compute them.

`python -m tests.benchmarks.where digits 64 1` prints, as JSON, for each way the seconds until its first
result and the median seconds of a later one; the last number is how many devices JAX is to see.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import engine
from engine import paused_gc, record
from engine.compile.jax_devices import over_devices
from engine.optional import load
from tests.benchmarks.compiled import Workload, classifier, gpt, two_moons
from tests.benchmarks.test_compiled import DIGITS, IMAGES
from tests.benchmarks.test_jax_export import arrays

WIDE = [784, 512, 512, 10]
MODELS: dict[str, Callable[[int], Workload]] = {
    "two-moons": lambda size: two_moons(size),
    "digits": lambda size: classifier(DIGITS, size),
    "784-128-10": lambda size: classifier(IMAGES, size),
    "784-512-512-10": lambda size: classifier(WIDE, size),
    "gpt": lambda size: gpt(size),
}
BUDGET, FEWEST, MOST = 1.0, 3, 1000
"""Each way is given so many seconds, all of them in turn, but so many runs at least and at most."""
SLOW = 40_000_000
"""Products in a batch from which on Python alone is not tried."""

Step = Callable[[], float]


def eager(workload: Workload, batch: list[Any]) -> Step:
    """Return the step of plain Values: one graph for all samples, one sweep."""
    samples = list(zip(*[column.tolist() for column in batch], strict=True))

    def step() -> float:
        for p in workload.parameters:
            p.grad = 0.0
        with paused_gc():
            loss = engine.sum([workload.loss(*sample) for sample in samples]) * (1.0 / len(samples))
            loss.backward()
        return loss.data

    return step


def by(executor: str, workload: Workload, batch: list[Any]) -> Step:
    """Return the step of a program that one of our executors runs."""
    program = record(workload.loss, *workload.example, parameters=workload.parameters, executor=executor)
    columns = program.columns(*batch)
    return lambda: program.value_and_grad(columns)[0]


def jax_step(workload: Workload, batch: list[Any], *, shared: bool) -> Step:
    """Return the step of a program exported to JAX, jitted; `shared` over all devices."""
    jax = load("jax")
    program = record(workload.loss, *workload.example, parameters=workload.parameters)
    held, _, loss = program.to_jax()
    gradient = jax.jit(jax.value_and_grad(loss))
    given = over_devices(*batch) if shared else [jax.numpy.array(column) for column in batch]

    def step() -> float:
        value, slopes = gradient(held, *given)
        slopes.block_until_ready()
        return float(value)

    return step


def ways(workload: Workload, devices: int) -> Iterator[tuple[str, Callable[[], Step]]]:
    """Yield each way by name, and what makes its step."""
    batch = arrays(workload)
    size = len(batch[0])
    if devices > 1:
        yield f"jax, {devices} devices", lambda: jax_step(workload, batch, shared=True)
        return
    if len(workload.parameters) * size < SLOW:
        yield "eager", lambda: eager(workload, batch)
        yield "python", lambda: by("python", workload, batch)
    yield "numpy", lambda: by("numpy", workload, batch)
    yield "llvm", lambda: by("llvm", workload, batch)
    if find_spec("jax"):
        yield "jax", lambda: jax_step(workload, batch, shared=False)


def enough(taken: list[float]) -> bool:
    """Return whether a way has been timed often enough."""
    return len(taken) >= FEWEST and (sum(taken) >= BUDGET or len(taken) >= MOST)


def measured(model: str, size: int, devices: int) -> dict[str, tuple[float, float]]:
    """Return for each way the seconds to the first result and the median of later ones, taken in turn."""
    workload = MODELS[model](size)
    steps, first, losses = {}, {}, {}
    for name, make in ways(workload, devices):
        start = time.perf_counter()
        steps[name] = make()
        losses[name] = steps[name]()
        first[name] = time.perf_counter() - start
    least = min(losses.values())
    assert all(abs(loss - least) <= 1e-9 * abs(least) for loss in losses.values()), losses
    taken: dict[str, list[float]] = {name: [] for name in steps}
    while under_way := [name for name in steps if not enough(taken[name])]:
        for name in under_way:
            start = time.perf_counter()
            steps[name]()
            taken[name].append(time.perf_counter() - start)
    return {name: (first[name], statistics.median(taken[name])) for name in steps}


if __name__ == "__main__":
    count = int(sys.argv[3])
    if count > 1:
        os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={count}"
    if find_spec("jax"):
        load("jax").config.update("jax_enable_x64", True)
    print(json.dumps(measured(sys.argv[1], int(sys.argv[2]), count)))
