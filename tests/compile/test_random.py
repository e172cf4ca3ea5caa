"""The numpy executor and the reference interpreter against eager, on random graphs."""

import pytest

from engine.check.programs import SMOOTH
from engine.compile.numpy_executor import Numpy
from engine.compile.reduce import reduce
from tests.compile.agreement import disagreement, drawn
from tests.compile.oracle import Referred, poisoned
from tests.compile.structured import structured


@pytest.mark.parametrize("start", range(0, 30, 10))
def test_random_programs(start: int) -> None:
    for seed in range(start, start + 10):
        graph, parameters, given = drawn(seed, SMOOTH, 30)
        for form in (graph, reduce(graph)):
            executor = Numpy(form, graph)
            executor.fresh = poisoned
            for judged in (executor, Referred(form, graph)):
                assert disagreement(judged, graph, parameters, given) == "", seed


def judged(seed: int, *, refer: bool) -> None:
    """Hold the executor, and the reference, to eager on a random graph with structure."""
    graph, parameters, given = structured(seed, 4 + seed % 12)
    for form in (graph, reduce(graph)):
        executor = Numpy(form, graph)
        executor.fresh = poisoned
        for one in (executor, Referred(form, graph)) if refer else (executor,):
            assert disagreement(one, graph, parameters, given) == "", seed


@pytest.mark.parametrize("start", range(0, 40, 10))
def test_random_graphs_with_structure(start: int) -> None:
    for seed in range(start, start + 10):
        judged(seed, refer=seed % 5 == 0)


def test_many_small_sums_are_no_matrix_products() -> None:
    judged(454, refer=True)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 3000, 100))
def test_two_thousand_random_graphs_with_structure(start: int) -> None:
    for seed in range(start, start + 100):
        judged(seed, refer=seed % 50 == 0)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 11_000, 100))
def test_ten_thousand_random_programs(start: int) -> None:
    for seed in range(start, start + 100):
        graph, parameters, given = drawn(seed, SMOOTH, 10 + seed % 50)
        for form in (graph, reduce(graph)):
            executor = Numpy(form, graph)
            executor.fresh = poisoned
            assert disagreement(executor, graph, parameters, given) == "", seed
