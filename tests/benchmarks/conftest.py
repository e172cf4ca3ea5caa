"""Ours and a peer interleaved in one run, round by round; the ratio of their medians is the figure."""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

ROWS: list[tuple[str, float, float | None, float | None]] = []
"""What the summary prints: name, our median in seconds, the peer's, and the target: the largest share of the
peer's time that ours may take, or where there is no peer the longest time."""


@pytest.fixture
def versus(benchmark: Any, request: pytest.FixtureRequest) -> Callable[..., float]:
    """Return versus(ours, theirs, rounds=..., target=...): the ratio of medians, theirs over ours.

    A round is `calls` calls of theirs, then `repeats` times as many of ours, so that both work for about as
    long and neither finds a processor that has just slept; what is in `tidy` runs before it, untimed.
    """

    def run(
        ours: Callable[[], object],
        theirs: Callable[[], object],
        *,
        rounds: int,
        calls: int = 1,
        repeats: int = 1,
        collector: bool = True,
        target: float | None = None,
        tidy: Sequence[Callable[[], object]] = (),
    ) -> float:
        seconds: list[float] = []

        def peer() -> None:
            for work in tidy:
                work()
            start = time.perf_counter()
            for _ in range(calls):
                theirs()
            seconds.append((time.perf_counter() - start) / calls)

        def mine() -> None:
            for _ in range(calls * repeats):
                ours()

        was = gc.isenabled()
        (gc.enable if collector else gc.disable)()
        try:
            benchmark.pedantic(mine, setup=peer, rounds=rounds, iterations=1, warmup_rounds=1)
        finally:
            (gc.enable if was else gc.disable)()
        gc.collect()
        median, other = benchmark.stats.stats.median / (calls * repeats), statistics.median(seconds[1:])
        benchmark.extra_info["ratio of medians"] = round(other / median, 2)
        ROWS.append((request.node.name, median, other, target))
        return other / median

    return run


@pytest.fixture
def alone(benchmark: Any, request: pytest.FixtureRequest) -> Callable[..., float]:
    """Return alone(work, rounds=..., target=...): the median in seconds of what no peer can do."""

    def run(work: Callable[[], object], *, rounds: int, target: float | None = None) -> float:
        benchmark.pedantic(work, rounds=rounds, iterations=1, warmup_rounds=1 if rounds > 1 else 0)
        gc.collect()
        median = float(benchmark.stats.stats.median)
        ROWS.append((request.node.name, median, None, target))
        return median

    return run


@pytest.fixture
def note() -> Callable[[str, float, float | None], None]:
    """Return note(name, seconds, target): a line of the summary for what a process has timed itself."""
    return lambda name, seconds, target: ROWS.append((name, seconds, None, target))


@pytest.fixture
def deep_recursion() -> Any:
    """Let the peer recurse as deep as its graphs are, as its users do."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(limit)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print a line a benchmark: our median, the peer's, their ratio, and whether that keeps the target."""
    if not ROWS:
        return
    terminalreporter.section("medians, interleaved")
    for name, ours, theirs, target in ROWS:
        peer = "" if theirs is None else f"{theirs * 1e3:12.4f} ms {theirs / ours:8.2f} x"
        figure = ours if theirs is None else ours / theirs
        kept = "" if target is None else "keeps" if figure <= target else "MISSES"
        verdict = "" if target is None else f"  {figure:.3g} {kept} {target:g}"
        terminalreporter.write_line(f"{name:58} {ours * 1e3:12.4f} ms {peer}{verdict}")
