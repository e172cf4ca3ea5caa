"""What watching costs while it is on: recording watched against unwatched, interleaved."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import engine
from engine import Value, watch
from tests.benchmarks.workloads import moons, recorded, scores, seeded


def watched(work: Callable[[], object], times: int) -> Callable[[], None]:
    def run() -> None:
        with watch():
            for _ in range(times):
                work()

    return run


def plain(work: Callable[[], object], times: int) -> Callable[[], None]:
    def run() -> None:
        for _ in range(times):
            work()

    return run


def test_recording_an_expression(versus: Callable[..., float]) -> None:
    def work() -> Any:
        return recorded(Value(-4.0), Value(2.0))

    versus(plain(work, 1000), watched(work, 1000), rounds=40)
    with watch():
        assert work().data == recorded(Value(-4.0), Value(2.0)).data


@pytest.mark.parametrize("kind", ["explicit", "dot"])
def test_recording_two_moons(versus: Callable[..., float], kind: str) -> None:
    import nn

    model = seeded(lambda: nn.MLP(2, [16, 16, 1], explicit=kind == "explicit"))
    points = moons(20)

    def work() -> list[Value]:
        with engine.paused_gc():
            return scores(model, points, Value)

    expected = [score.data for score in work()]
    versus(plain(work, 5), watched(work, 5), rounds=15)
    with watch():
        assert [score.data for score in work()] == expected


def bytes_a_node(n: int) -> float:
    x = Value(1.5)
    tracemalloc.start()
    try:
        kept = [None] * n
        before = tracemalloc.get_traced_memory()[0]
        for i in range(n):
            kept[i] = x * x + x  # type: ignore[call-overload]
        return (tracemalloc.get_traced_memory()[0] - before) / (2 * n)
    finally:
        tracemalloc.stop()


def test_memory_a_watched_node(benchmark: object, capsys: pytest.CaptureFixture[str]) -> None:
    off = bytes_a_node(10_000)
    with watch():
        on = bytes_a_node(10_000)
    benchmark.pedantic(lambda: None, rounds=1)  # type: ignore[attr-defined]
    with capsys.disabled():
        print(f"\nbytes a node: unwatched {off:.1f}, watched {on:.1f}")
    assert off <= 112 and on - off < 1, "what one instruction makes shares its origin"
