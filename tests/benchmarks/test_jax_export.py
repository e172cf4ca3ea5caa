"""Programs exported to JAX against JAX written by hand, both jitted with the update, interleaved.

With one thread: NPROC=1 python -m pytest tests/benchmarks/test_jax_export.py
"""

from collections.abc import Callable
from typing import Any

import pytest

from engine import record
from engine.compile.jax_program import to_jax
from tests.benchmarks import in_jax
from tests.benchmarks.by_hand import RATE, Step
from tests.benchmarks.compiled import Workload, classifier, gpt, transformer, two_moons
from tests.benchmarks.test_compiled import DIGITS, IMAGES
from tests.benchmarks.test_conv import lenet

TARGET = 1.2
CASES: dict[str, tuple[Callable[[], Workload], Callable[[Any, Workload], Step]]] = {
    "two-moons": (two_moons, in_jax.moons),
    "digits": (lambda: classifier(DIGITS), lambda jax, w: in_jax.classifier(jax, w, DIGITS)),
    "784-128-10": (lambda: classifier(IMAGES), lambda jax, w: in_jax.classifier(jax, w, IMAGES)),
    "gpt, 1": (lambda: gpt(1), in_jax.gpt),
    "gpt, 32": (lambda: gpt(32), in_jax.gpt),
    "gpt, 32, 16 positions": (lambda: gpt(32, 16), in_jax.gpt),
    "gelu, 16, 12 positions": (lambda: transformer(16, 12, 1), lambda jax, w: in_jax.transformer(jax, w, 1)),
    "gelu, 64, 2 blocks": (lambda: transformer(64, 6, 2), lambda jax, w: in_jax.transformer(jax, w, 2)),
    "LeNet, 64": (lambda: lenet((16, 32), 64)[1], in_jax.lenet),
}
"""The first five are those of test_llvm; gelu is a transformer with LayerNorm and biases, too."""


def arrays(workload: Workload) -> list[Any]:
    """Return the batch of a workload, an array for each argument."""
    parts, first = [], [0, 0]
    for example in workload.example:
        items = example if isinstance(example, list) else [example]
        kind = int(isinstance(items[0], int))
        columns = (workload.numbers, workload.indices)[kind][first[kind] : first[kind] + len(items)].T
        first[kind] += len(items)
        parts.append(columns if isinstance(example, list) else columns[:, 0])
    return parts


def ours(jax: Any, workload: Workload) -> Step:
    """Return the step of a workload's program, exported, compiled as one function."""
    program = record(workload.loss, *workload.example, parameters=workload.parameters)
    held, _, loss = to_jax(program)
    batch = [jax.numpy.array(column) for column in arrays(workload)]

    @jax.jit
    def update(parameters: Any, *batch: Any) -> Any:
        value, gradient = jax.value_and_grad(loss)(parameters, *batch)
        return value, parameters - RATE * gradient

    def step() -> float:
        nonlocal held
        value, held = update(held, *batch)
        return float(value)

    return step


@pytest.mark.parametrize("name", CASES)
def test_against_jax_by_hand(versus: Callable[..., float], name: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    make, by_hand = CASES[name]
    workload = make()
    step, peer = ours(jax, workload), by_hand(jax, workload)
    for _ in range(3):
        assert step() == pytest.approx(peer(), rel=1e-10)
    versus(step, peer, rounds=200, calls=10, target=TARGET)
