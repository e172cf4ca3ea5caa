"""Recording and sweeping against micrograd 0.1.0: `python -m pytest tests/benchmarks`."""

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import engine
from engine import Value
from tests.benchmarks.workloads import chain, expression, wide

peer = pytest.importorskip("micrograd.engine", reason="pip install micrograd==0.1.0").Value
ROOT = Path(__file__).parent.parent.parent


def test_expression_of_24_operations(versus: Callable[..., float]) -> None:
    assert expression(Value) == pytest.approx(expression(peer), rel=1e-12)
    versus(lambda: expression(Value), lambda: expression(peer), rounds=300, calls=20)


def test_expression_of_24_operations_collector_off(versus: Callable[..., float]) -> None:
    versus(lambda: expression(Value), lambda: expression(peer), rounds=300, calls=20, collector=False)


class Worker:
    """A trainer in a process of its own, as its users run it."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", *arguments],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.losses: list[float] = []

    def ask(self, order: str) -> float:
        assert self.process.stdin is not None and self.process.stdout is not None
        print(order, file=self.process.stdin, flush=True)
        answer: float = json.loads(self.process.stdout.readline())
        return answer

    def step(self) -> None:
        self.losses.append(self.ask("step"))

    def tidy(self) -> None:
        self.ask("collect")

    def close(self) -> None:
        self.process.communicate()


@pytest.mark.parametrize("kind", ["explicit", "dot"])
@pytest.mark.parametrize("collector", ["paused", "on", "off"])
def test_two_moons_step(versus: Callable[..., float], kind: str, collector: str) -> None:
    """paused: ours within paused_gc() against micrograd as shipped; on and off: the same for both."""
    ours = Worker("ours", kind, collector)
    theirs = Worker("micrograd", kind, "off" if collector == "off" else "on")
    try:
        tidy = [ours.tidy, theirs.tidy] if collector == "off" else []
        versus(ours.step, theirs.step, rounds=7, repeats=4 if collector == "off" else 20, tidy=tidy)
    finally:
        ours.close()
        theirs.close()
    assert ours.losses[: len(theirs.losses)] == pytest.approx(theirs.losses, rel=1e-9)


@pytest.mark.parametrize("n", [1_000, 10_000, 100_000, 1_000_000])
def test_chain(alone: Callable[..., float], n: int) -> None:
    def work() -> None:
        with engine.paused_gc():
            chain(Value, n)

    alone(work, rounds=max(3, 30_000 // n))


@pytest.mark.parametrize("n", [1_000, 10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("kind", ["node", "pairs"])
def test_wide_sum(alone: Callable[..., float], n: int, kind: str) -> None:
    """node: one `engine.sum`; pairs: Python's own sum, a node a term."""
    add: Any = engine.sum if kind == "node" else sum

    def work() -> None:
        with engine.paused_gc():
            wide(Value, add, n)

    alone(work, rounds=max(3, 30_000 // n))


@pytest.mark.usefixtures("deep_recursion")
def test_chain_of_1000_with_its_recursion_limit_raised(versus: Callable[..., float]) -> None:
    versus(lambda: chain(Value, 1_000), lambda: chain(peer, 1_000), rounds=30)


def bytes_a_node(value: Callable[[float], Any], n: int = 20_000) -> float:
    """Return the memory of a recorded product, in bytes."""
    x = value(1.5)
    y = x
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(n):
            y = y * x
        return (tracemalloc.get_traced_memory()[0] - before) / n
    finally:
        tracemalloc.stop()


def test_memory_a_node(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = bytes_a_node(Value), bytes_a_node(peer, 2_000)
    benchmark.extra_info.update({"bytes": round(ours, 1), "peer's bytes": round(theirs, 1)})
    benchmark.pedantic(lambda: bytes_a_node(Value), rounds=1)
    with capsys.disabled():
        print(f"\nbytes a node: ours {ours:.1f}, micrograd {theirs:.1f}")
    assert ours <= 112
