"""Plans kept on disk are the plans that would be made."""

import dataclasses
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from engine import Op, Value, record
from engine.compile import kept_plan as module
from engine.compile.graph import Graph
from engine.compile.kept_plan import kept_plan
from engine.compile.object_cache import ObjectCache
from engine.compile.plan import plan
from engine.op import Op as AnyOp
from tests.compile.gpt import document, small


def same(x: Any, y: Any) -> bool:
    """Whether two plans, or parts of them, are equal, arrays element by element, ops the same objects."""
    if isinstance(x, AnyOp):
        return x is y
    if isinstance(x, np.ndarray):
        return isinstance(y, np.ndarray) and x.dtype == y.dtype and np.array_equal(x, y)
    if dataclasses.is_dataclass(x):
        return type(x) is type(y) and all(
            same(getattr(x, field.name), getattr(y, field.name)) for field in dataclasses.fields(x)
        )
    if isinstance(x, (list, tuple)):
        return type(x) is type(y) and len(x) == len(y) and all(map(same, x, y))
    return type(x) is type(y) and bool(x == y)


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Graph:
    monkeypatch.setattr(module, "NODES", 10)
    model = small()
    tokens = document(random.Random(1), 3, 5)
    return record(model.loss, *tokens, parameters=model.parameters(), executor="python").reduced


@pytest.mark.parametrize("gradient", [False, True])
def test_the_kept_plan_is_the_plan(tmp_path: Path, graph: Graph, gradient: bool) -> None:
    cache, made = ObjectCache(tmp_path), plan(graph, gradient=gradient)
    assert same(kept_plan(graph, cache, gradient=gradient), made)
    assert len(list(tmp_path.iterdir())) == 1
    assert same(kept_plan(graph, cache, gradient=gradient), made)


def test_the_second_time_it_is_read(tmp_path: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = ObjectCache(tmp_path)
    kept_plan(graph, cache, gradient=True)
    monkeypatch.delattr(module, "plan")
    assert kept_plan(graph, cache, gradient=True).parameters == graph.parameters
    with pytest.raises(NameError):
        kept_plan(graph, cache, gradient=False)


def test_a_damaged_one_is_made_again(tmp_path: Path, graph: Graph) -> None:
    cache = ObjectCache(tmp_path)
    kept_plan(graph, cache, gradient=True)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert same(kept_plan(graph, cache, gradient=True), plan(graph, gradient=True))


def test_small_graphs_and_own_ops_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, w = ObjectCache(tmp_path), Value(0.5)
    double = Op("double", lambda x: 2 * x, 2)
    for f, nodes in ((lambda x: w * x, module.NODES), (lambda x: double(w * x), 1)):
        monkeypatch.setattr(module, "NODES", nodes)
        graph = record(f, 1.0, parameters=[w], executor="python").reduced
        kept_plan(graph, cache, gradient=True)
        assert list(tmp_path.iterdir()) == []
