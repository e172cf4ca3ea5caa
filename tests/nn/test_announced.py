"""Modules that announce themselves: names, scopes and calls while watching, nothing otherwise."""

import copy
import gc
import random
import weakref
from typing import Any

import pytest

from engine import Value, draw, tanh, watch
from engine.chain import order
from engine.see import scope
from engine.see.origin import excerpt, origin, variable
from engine.see.traced import traced
from nn import MLP, Layer, Module, Neuron
from nn.answers import answers


class Linear(Module):
    def __init__(self, slope: float = 2.0) -> None:
        self.slope = Value(slope)

    def __call__(self, x: Any) -> Any:
        scaled = self.slope * x
        return scaled + 1


class Squashed(Linear):
    def __call__(self, x: Any) -> Any:
        return tanh(super().__call__(x))


class Through(Module):
    def __call__(self, x: Any) -> Any:
        return x


class Net(Module):
    def __init__(self) -> None:
        self.parts = {"in": Linear(), "out": Squashed()}
        self.rows = [[Linear()], (Linear(),)]
        self.through = Through()

    def __call__(self, x: Any) -> Any:
        x = self.parts["in"](x)
        x = self.through(x)
        for row in self.rows:
            x = row[0](x)
        return self.parts["out"](x)


def scopes(y: Value) -> list[str]:
    """The paths of the scopes of a graph's nodes, in order, each once."""
    found = [origin(v).scope for v in order(y) if v.op]
    return list(dict.fromkeys(map(repr, found)))


def test_the_scopes_and_names_of_an_mlp() -> None:
    with watch():
        model = MLP(2, [3, 1], rng=random.Random(0))
        y = model([1.0, -2.0])
    assert set(scopes(y)) == {f"model.layers[0].neurons[{i}]" for i in range(3)} | {
        "model.layers[1].neurons[0]"
    }
    for i, neuron in enumerate(model.layers[0].neurons):
        assert [variable(w) for w in [*neuron.w, neuron.b]] == [
            f"layers[0].neurons[{i}].w[0]", f"layers[0].neurons[{i}].w[1]", f"layers[0].neurons[{i}].b",
        ]  # fmt: skip
        around = origin(neuron.b).scope
        assert repr(around) == f"model.layers[0].neurons[{i}]"
        assert around is not None and around.call is None and around.about == "Neuron(2, relu)"
    assert variable(y) == "y"
    assert {"layers[0].neurons[2]", "layers[0].neurons[2].z"} < {variable(v) for v in order(y)}


@pytest.mark.parametrize("explicit", [False, True])
def test_every_call_of_a_batch_is_counted(explicit: bool) -> None:
    model = MLP(1, [2, 1], explicit=explicit)
    with watch():
        ys = [model([float(i)]) for i in range(4)]
    for i, y in enumerate(ys):
        calls = {s.call for v in order(y) if v.op and (near := origin(v).scope) for s in near.outward()}
        assert calls == {i}


def test_users_modules_in_dicts_and_lists_and_super() -> None:
    net = Net()
    with watch():
        y = net(0.5)
    assert scopes(y) == ["net.parts['in']", "net.rows[0][0]", "net.rows[1][0]", "net.parts['out']"]
    assert [variable(v) for v in order(y) if v.op][:2] == ["parts['in'].scaled", "parts['in']"]
    assert set(net.named_parameters()) == {variable(p) for p in net.parameters()}


def test_what_passes_through_a_module_keeps_its_name() -> None:
    class Root(Module):
        def __init__(self) -> None:
            self.through = Through()

        def __call__(self, x: Any) -> Any:
            doubled = x * 2
            return self.through(doubled) + self.through(x)

    root = Root()
    with watch():
        given = Value(1.0)
        y = root(given)
    assert variable(given) == "given"
    assert [variable(v) for v in order(y) if v.op] == ["doubled", "y"]


def test_a_module_shared_by_two_stands_at_its_first_place() -> None:
    class Branch(Module):
        def __init__(self, inner: Module) -> None:
            self.inner = inner

        def __call__(self, x: Any) -> Any:
            return self.inner(x)

    class Tied(Module):
        def __init__(self) -> None:
            shared = Linear()
            self.a, self.b = Branch(shared), Branch(shared)

        def __call__(self, x: Any) -> Any:
            return self.a(x) + self.b(x)

    tied = Tied()
    with watch():
        y = tied(1.0)
    inner = [origin(v).scope for v in order(y) if v.op and v.op.name == "mul"]
    assert [(s.path[0], s.path[-1]) for s in inner if s] == [("tied", "inner")] * 2
    assert len({(s.path, s.call) for s in inner if s}) == 2, "two calls are two"
    assert variable(tied.a.inner.slope) == "a.inner.slope"


def test_modules_outside_of_their_owner() -> None:
    net, helper = Net(), Linear(3.0)
    first = net.parts["in"]

    class User(Module):
        def __call__(self, x: Any) -> Any:
            return helper(x)

    user = User()
    with watch():
        y, z = first(1.0), user(1.0)
    assert scopes(y) == ["first"] and scopes(z) == ["user.Linear"]


def test_two_outermost_modules_of_one_name() -> None:
    def call() -> Value:
        model = Linear()
        return model(1.0)

    with watch():
        ys = [call(), call(), Linear()(1.0)]
    assert [scopes(y)[0] for y in ys] == ["model", "model#2", "Linear"]


def evaluate(net: Any, x: Any) -> Any:
    return net(x)


def places(y: Value) -> dict[Value, tuple[str, str]]:
    """Where every node of a graph stands, its parameters too, and its name."""
    return {v: (repr(origin(v).scope), variable(v)) for v in order(y)}


def test_a_module_keeps_its_name_and_so_do_its_earlier_graphs() -> None:
    m = MLP(2, [4, 4, 1], rng=random.Random(0))
    with watch():
        o = m([1.0, -2.0])
    before, picture = places(o), draw(o).dot
    alias, neuron = m, m.layers[0].neurons[1]
    del m
    with watch():
        later = [evaluate(alias, [3.0, 4.0]), alias([5.0, 6.0]), neuron([7.0, 8.0])]
    later += [traced(alias, [[1.0, 2.0]], by="draw"), traced(neuron, [[1.0, 2.0]], by="draw")]
    assert places(o) == before and draw(o).dot == picture
    for y in later:
        assert {origin(v).scope.path[0] for v in order(y) if origin(v).scope} == {"m"}  # type: ignore[union-attr]
    assert scopes(later[2]) == scopes(later[4]) == ["m.layers[0].neurons[1]"]


def test_namesakes_of_two_watches_are_two_in_one() -> None:
    def met() -> Linear:
        model = Linear()
        with watch():
            model(1.0)
        return model

    a, b = met(), met()
    with watch():
        ys = [a(1.0), b(1.0), a(1.0)]
    assert [scopes(y) for y in ys] == [["model"], ["b"], ["model"]]
    assert [repr(origin(m.slope).scope) for m in (a, b)] == ["model", "b"]


def test_a_copy_and_a_module_made_where_another_was_have_names_of_their_own() -> None:
    model = Linear()
    with watch():
        model(1.0)
    best = copy.deepcopy(model)
    with watch():
        y = best(1.0)
    del model
    for _ in range(20):
        other = Linear()
        with watch():
            z = other(1.0)
        del other
        assert scopes(z) == ["other"]
    assert scopes(y) == ["best"]


def test_a_module_that_is_equal_to_others_and_has_no_hash() -> None:
    class Plain(Linear):
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            return True

    one, two = Plain(), Plain()
    with watch():
        ys = [two(1.0), one(1.0), two(2.0)]
    assert [scopes(y) for y in ys] == [["two"], ["one"], ["two"]]


def test_no_variable_of_the_engine_or_of_nn_names_a_module() -> None:
    m = Linear()
    assert scopes(traced(m, [1.0], by="draw")) == ["m"]
    assert scopes(traced(Linear(), [1.0], by="draw")) == ["Linear"]
    made = []

    class Kept(Linear):
        def __call__(self, x: Any) -> Any:
            made.append(super().__call__(x[0]))
            return [made[-1], 0.0]

    classifier = Kept()
    with watch():
        answers(classifier, [(1.0,)])
    assert scopes(made[0]) == ["classifier"]


def test_a_module_is_called_after_the_variable_that_came_first() -> None:
    a, b = Linear(), Linear()
    found = []
    with watch():
        for net in (a, b):
            found += scopes(net(1.0))
    assert found == ["a", "b"]


def test_recursion_and_errors_leave_the_scope_as_it_was() -> None:
    class Deep(Module):
        def __init__(self) -> None:
            self.w = Value(2.0)

        def __call__(self, x: Any, depth: int = 3) -> Any:
            if depth < 0:
                raise RuntimeError("too deep")
            return self.w * x if depth == 0 else self(x, depth - 1)

    deep = Deep()
    with watch():
        y = deep(1.0)
        with pytest.raises(RuntimeError, match="too deep"):
            deep(1.0, depth=-1)
        after = Value(1.0) * 2
        z = deep(1.0)
    assert scopes(y) == ["deep"] and origin(after).scope is None
    assert [origin(v).scope.call for v in (y, z)] == [0, 2]  # type: ignore[union-attr]


def test_users_scopes_around_and_inside_of_modules() -> None:
    class Attention(Module):
        def __init__(self) -> None:
            self.score = Linear()

        def __call__(self, x: Any) -> Any:
            with scope("heads"):
                return self.score(x) * 2

    attention = Attention()
    with watch(), scope("encoder"):
        y = attention(1.0)
    assert scopes(y) == ["encoder.attention.heads.score", "encoder.attention.heads"]


def test_nothing_is_kept_without_a_watch_and_the_calls_are_the_classes_own() -> None:
    calls = {cls: vars(cls)["__call__"] for cls in (Neuron, Layer, MLP, Linear, Squashed)}
    model = MLP(2, [2, 1])
    with watch():
        assert vars(Neuron)["__call__"] is not calls[Neuron]
    y = model([1.0, 2.0])
    assert {cls: vars(cls)["__call__"] for cls in calls} == calls
    assert not any(hasattr(v, "_origin") for v in [*order(y), *model.parameters()])


def test_a_class_that_is_made_meanwhile_works() -> None:
    with watch():

        class Late(Module):
            def __call__(self, x: Any) -> Any:
                return x * 2

        late = Late()
        y = late(Value(1.0))
    assert y.data == 2.0 and late(Value(2.0)).data == 4.0


def test_the_results_are_the_same_and_so_are_copies() -> None:
    model = MLP(2, [4, 2], activation="tanh", rng=random.Random(1))
    plain = [v.data for v in model([0.3, -0.4])]
    with watch():
        seen = model([0.3, -0.4])
        again = copy.deepcopy(model)([0.3, -0.4])
    assert [v.data for v in seen] == [v.data for v in again] == plain
    assert [variable(v) for v in seen] == ["seen[0]", "seen[1]"]


def test_the_code_of_a_module_is_its_source() -> None:
    linear = Linear()
    with watch():
        y = linear(Value(2.0))
    assert [excerpt(v).text for v in order(y) if v.op] == ["self.slope * x", "scaled + 1"]  # type: ignore[union-attr]


def test_a_watched_model_is_freed_by_counting() -> None:
    """In a function of its own: up to 3.12 a frame whose variables were read keeps them until it returns."""

    def work() -> weakref.ref[Module]:
        model = MLP(2, [2, 1])
        with watch():
            model([1.0, 2.0]).backward()
        return weakref.ref(model.layers[0].neurons[0])

    gc.disable()
    try:
        assert work()() is None
    finally:
        gc.enable()


class Fitted(Module):
    """A model with a loss of its own, which asks its parts and, in the end, itself."""

    def __init__(self) -> None:
        self.inner = Linear()

    def __call__(self, x: Any) -> Any:
        return self.inner(x)

    def loss(self, x: Any) -> Any:
        return self(x) * self.inner(x)


def test_the_loss_of_a_model_announces_it_as_a_call_does() -> None:
    model = Fitted()
    with watch():
        y = model.loss(Value(3.0))
    assert set(scopes(y)) == {"model", "model.inner"}
    assert variable(model.inner.slope) == "inner.slope"
