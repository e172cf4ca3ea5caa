"""The llvm executor's training steps against PyTorch, JAX, and BLAS on their matrix products alone.

With one thread, and BLAS on this machine's own kernels (XLA heeds NPROC alone):
NPROC=1 OPENBLAS_CORETYPE=SkylakeX OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
python -m pytest tests/benchmarks/test_llvm.py
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine import Value
from engine.compile import object_cache, record
from engine.compile.instructions import Dot
from engine.compile.llvm_executor import Llvm
from engine.compile.llvm_machine import ADDRESSES
from engine.compile.plan import plan
from tests.benchmarks import by_hand, in_jax
from tests.benchmarks.compiled import Workload, classifier, gpt, step_of, two_moons
from tests.benchmarks.test_compiled import DIGITS, IMAGES
from tests.compile.gpt import GPT, document
from tests.compile.test_numpy import RULES

OTHER = [50, 33, 13]


class Case(NamedTuple):
    """A workload, it in PyTorch and in JAX, and the shares of theirs and BLAS's time that we may take."""

    make: Callable[[], Workload]
    torch: Callable[[Any, Workload], by_hand.Step]
    jax: Callable[[Any, Workload], by_hand.Step]
    shares: tuple[float, float, float]


def perceptron(sizes: list[int], size: int, shares: tuple[float, float, float]) -> Case:
    return Case(
        lambda: classifier(sizes, size),
        lambda torch, w: by_hand.classifier_in_torch(torch, w, sizes),
        lambda jax, w: in_jax.classifier(jax, w, sizes),
        shares,
    )


CASES = {
    "two-moons": Case(two_moons, by_hand.moons_in_torch, in_jax.moons, (0.035, 0.08, 0.6)),
    "digits": perceptron(DIGITS, 64, (0.09, 0.15, 1.0)),
    "784-128-10": perceptron(IMAGES, 64, (0.42, 0.55, 1.0)),
    "gpt, 1": Case(lambda: gpt(1), by_hand.gpt_in_torch, in_jax.gpt, (0.025, 0.08, 0.4)),
    "gpt, 32": Case(lambda: gpt(32), by_hand.gpt_in_torch, in_jax.gpt, (0.10, 0.35, 1.3)),
    "held out: 50-33-13": perceptron(OTHER, 44, (0.09, 0.15, 1.0)),
    "held out: gpt of 12, 20": Case(lambda: gpt(20, 12), by_hand.gpt_in_torch, in_jax.gpt, (0.14, 0.40, 1.3)),
}


def products(workload: Workload) -> Callable[[], None]:
    """Return what does the matrix products of a step alone, by BLAS on arrays of their shapes."""
    made, size = plan(workload.graph()), workload.indices.shape[1]
    rng = np.random.default_rng(0)
    work = []
    for dot in made.forward + made.reverse:
        if isinstance(dot, Dot):
            pair = []
            for matrix in (dot.left, dot.right):
                height, width = matrix.rows.shape
                array = rng.random((height, width * size if matrix.laned else width))
                pair.append(array.T if matrix.transposed else array)
            work.append((*pair, np.empty((pair[0].shape[0], pair[1].shape[1]))))

    def run() -> None:
        for x, y, out in work:
            np.matmul(x, y, out)

    return run


def held(ours: Callable[[], float], theirs: Callable[[], float]) -> None:
    """Hold two steps to the same losses."""
    for _ in range(3):
        assert ours() == pytest.approx(theirs(), rel=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_against_torch(versus: Callable[..., float], name: str) -> None:
    torch, case = pytest.importorskip("torch"), CASES[name]
    workload = case.make()
    ours, theirs = step_of(Llvm, workload), case.torch(torch, workload)
    held(ours, theirs)
    share = case.shares[0]
    versus(ours, theirs, rounds=40, calls=20, repeats=round(1 / share), target=share)


@pytest.mark.parametrize("name", CASES)
def test_against_jax(versus: Callable[..., float], name: str) -> None:
    jax, case = pytest.importorskip("jax"), CASES[name]
    jax.config.update("jax_enable_x64", True)
    workload = case.make()
    ours, theirs = step_of(Llvm, workload), case.jax(jax, workload)
    held(ours, theirs)
    share = case.shares[1]
    versus(ours, theirs, rounds=40, calls=20, repeats=round(1 / share), target=share)


@pytest.mark.parametrize("name", CASES)
def test_against_blas(versus: Callable[..., float], name: str) -> None:
    case = CASES[name]
    workload = case.make()
    versus(step_of(Llvm, workload), products(workload), rounds=40, calls=50, target=case.shares[2])


def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what is in memory, as a new process would."""
    for name in list(ADDRESSES):
        monkeypatch.delitem(ADDRESSES, name)


def test_compiling_a_gpt(
    alone: Callable[..., float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(object_cache, "user_folder", lambda: tmp_path)
    forgotten(monkeypatch)
    graph = gpt(32).graph()
    alone(lambda: Llvm(graph, graph).describe(), rounds=1, target=2.5)


def test_reading_a_gpt(alone: Callable[..., float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(object_cache, "user_folder", lambda: tmp_path)
    forgotten(monkeypatch)
    graph = gpt(32).graph()
    Llvm(graph, graph).describe()

    def read() -> None:
        forgotten(monkeypatch)
        Llvm(graph, graph).describe()

    alone(read, rounds=10, target=0.01)


class Adam:
    """Adam, as the compiler takes an optimizer."""

    def __init__(self, parameters: list[Value]) -> None:
        self.parameters, self.updates, self.learning_rate = parameters, 0, 0.01
        self.memory: dict[str, Any] = {name: [0.0] * len(parameters) for name in "mv"}

    def update(self, *, t: Any, learning_rate: Any) -> Callable[..., tuple[Any, ...]]:
        rule = RULES["adam"]
        return lambda p, g, m, v: tuple(rule(p, g, m, v, t, learning_rate))


def test_a_thousand_steps(alone: Callable[..., float]) -> None:
    rng, model = random.Random(0), GPT(random.Random(0), block=16)
    parameters = model.parameters()
    programs = {
        length: record(model.loss, *document(rng, length), parameters=parameters, executor="llvm")
        for length in range(3, 17)
    }
    documents = [
        (program, program.batch([document(rng, length)]))
        for length, program in rng.choices(list(programs.items()), k=1000)
    ]
    optimizer, vector = Adam(parameters), programs[3].parameters

    def train() -> None:
        nonlocal vector
        for program, batch in documents:
            program.parameters = vector
            program.train_step(batch, optimizer)
            vector = program.parameters

    alone(train, rounds=5, target=0.1)
