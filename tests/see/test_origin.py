"""Where a Value comes from stays with it: in copies, in pickles, in another process."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from engine import Value, tanh, watch
from engine.chain import order
from engine.see import scope
from engine.see.excerpt import whole
from engine.see.origin import NOWHERE, Scope, excerpt, note, origin, portable, variable
from nn import MLP


def watched() -> Value:
    with watch(), scope("part", about="of a test"):
        x = Value(2.0)
        product = x * 3
        result = tanh(product) + x
    return result


def facts(y: Value) -> list[tuple[object, ...]]:
    return [(excerpt(v), variable(v), repr(origin(v).scope)) for v in order(y)]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda y: pickle.loads(pickle.dumps(y))])
@pytest.mark.parametrize("while_watching", [False, True])
def test_copies_come_from_where_the_value_came_from(again, while_watching):
    y = watched()
    expected = facts(y)
    if while_watching:
        with watch():
            copies = {"y": again(y)}
    else:
        copies = {"y": again(y)}
    assert facts(copies["y"]) == expected
    assert [text.text for text, _, _ in expected] == [
        "Value(2.0)",
        "x * 3",
        "tanh(product)",
        "tanh(product) + x",
    ]
    scopes = {id(origin(v).scope) for v in order(copies["y"])}
    assert len(scopes) == 1, "one scope stays one"
    assert origin(copies["y"]).scope.about == "of a test"


def test_a_shallow_copy_too():
    y = watched()
    assert excerpt(copy.copy(y)) == excerpt(y) and origin(copy.copy(order(y)[0])) == origin(order(y)[0])


def test_what_was_not_watched_gets_no_origin_by_copying_it_while_watching():
    y = Value(2.0) * 3
    with watch():
        copies = {"all": [copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))]}
    assert [origin(v) for z in copies["all"] for v in order(z)] == [NOWHERE] * 6


def test_another_process_shows_the_source(tmp_path: Path):
    (tmp_path / "y.pickle").write_bytes(pickle.dumps(watched()))
    source = f"""
import pickle, pathlib
from engine.see.origin import excerpt, variable
y = pickle.loads(pathlib.Path({str(tmp_path / "y.pickle")!r}).read_bytes())
print(excerpt(y).text, excerpt(y).place, variable(y.x), variable(y.x.x))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    number = excerpt(watched()).place
    assert done.stdout.strip() == f"tanh(product) + x {number}  product"


def test_a_watched_model_is_pickled_with_its_names():
    model = MLP(2, [2, 1])
    with watch():
        y = model([1.0, 2.0])
    model2, y2 = pickle.loads(pickle.dumps((model, y)))
    assert [variable(p) for p in model2.parameters()] == list(model.named_parameters())
    assert facts(y2) == facts(y)


def test_notes_change_one_field_and_keep_the_rest():
    y = watched()
    before = origin(y)
    note(y, name="renamed")
    assert origin(y) == before._replace(name="renamed") and variable(y) == "renamed"
    note(y, code=whole("tanh(x*w)", start=5, end=8), scope=Scope("net"))
    assert excerpt(y).text == "x*w" and repr(origin(y).scope) == "net" and variable(y) == "renamed"
    assert portable(y) == origin(y)._replace(offset=0)


def test_a_scope_knows_those_around():
    inner = Scope("w", Scope("layers[0]", Scope("net")))
    assert [s.path for s in inner.outward()] == [("net", "layers[0]", "w"), ("net", "layers[0]"), ("net",)]
    assert repr(pickle.loads(pickle.dumps(inner))) == "net.layers[0].w"
