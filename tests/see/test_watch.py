"""Watching: the names that Values get, and that nothing is left of it afterwards."""

import contextlib
import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import engine
from engine import Value, ops, tanh, watch
from engine.chain import order
from engine.see.origin import excerpt, origin, variable
from engine.see.watch import christen, partners, scope


def state() -> dict[Any, Any]:
    """What watching swaps: the methods of Value, and how ops record."""
    kept = {name: what for name, what in vars(Value).items() if not name.startswith("__doc")}
    return {name: new_of(what) for name, what in kept.items()} | {
        op: new_of(op.recorder) for op in ops.TABLE.values()
    }


def new_of(function: Any) -> Any:
    """What a recording closure makes its nodes with; another function is itself."""
    if getattr(function, "__module__", "") != "engine.recording":
        return function
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    if "method" in cells:
        return new_of(cells["method"].cell_contents), new_of(cells["swapped"].cell_contents)
    return cells["new"].cell_contents if "new" in cells else function.__qualname__


def is_watched() -> bool:
    made = Value(1.0), Value(1.0) * 2, tanh(Value(1.0)), engine.sum([Value(1.0)])
    return any(hasattr(v, "_origin") for v in made)


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    before = state()
    yield
    assert state() == before and not is_watched()


def test_the_names_of_variables() -> None:
    with watch():
        x: Value = Value(1.0)
        y = z = x * 2
        a, b = x + 1, x + 2
        ws = [x * i for i in range(3)]
        rows = [[x - 1], [x - 2, x]]
        pair = (tanh(x), 3)
        (u := x / 2).exp()
        _hidden = x * 9
    assert [variable(v) for v in (x, y, z, a, b, u, pair[0])] == ["x", "y", "y", "a", "b", "u", "pair[0]"]
    assert [variable(v) for v in ws] == ["ws[0]", "ws[1]", "ws[2]"]
    assert [variable(v) for v in (rows[0][0], rows[1][0], rows[1][1])] == ["rows[0][0]", "rows[1][0]", "x"]
    assert _hidden.data == 9.0 and origin(_hidden).name == ""


def test_names_of_what_no_variable_holds_any_longer() -> None:
    def inner(t: Value) -> Value:
        product = t * 3
        squashed = tanh(product)
        leaf = Value(1.0)
        return squashed + leaf

    with watch():
        y = inner(Value(2.0))
        for _ in range(2):
            y = y * y
    found = [variable(v) for v in order(y)]
    assert found.count("product") == found.count("squashed") == found.count("leaf") == 1
    assert found[-1] == "y" and found.count("y") == 2


def test_what_a_call_makes_on_its_way_is_not_called_after_its_result() -> None:
    with watch():
        total = sum([Value(1.0), Value(2.0), Value(3.0)])
        mean = engine.sum([total, 1.0]) / 2
    assert [variable(v) for v in order(mean) if v.op] == ["", "", "total", "", "mean"]
    assert [variable(v) for v in order(mean) if not v.op] == [""] * 4


def test_unpacking_names_each_value_alike_in_all_versions() -> None:
    def f(x: Value) -> Value:
        a, b = map(tanh, [x, x * 2])
        return a - b

    with watch():
        y = f(Value(1.0))
    assert [variable(v) for v in y.inputs] == ["", ""], "neither is called after the other's variable"


LISTED = """
xs = [Value(1.0), Value(2.0)]
ws = [Value(3.0), Value(4.0)]
"""
LOOPED = """
with watch():
    t = Value(0.0)
    for i, (x, w) in enumerate(zip(xs, ws)):
        t = t + x * w
    for last in xs:
        pass
    squares = [x * x for x in xs], {w: last for w, last in zip(ws, xs)}
"""
NAMED = """
x, w = Value(1.0), Value(2.0)
xs, ws = [x, w], []
for b in [Value(0.0)]:
    b = b + 1
    ws.append(b)
"""
FIRST = "with watch():\n    t = xs[0] * xs[1] + sum([x * x for x in xs])\n"


def found_by(cells: list[str]) -> list[str]:
    """Names of what xs and ws hold after some code, in pieces as the cells of a notebook."""
    known: dict[str, Any] = {"Value": Value, "watch": watch}
    for cell in cells:
        exec(cell, known)
    return [variable(v) for v in [*known["xs"], *known["ws"]]]


def function_of(code: str) -> str:
    lines = [f"    {line}" for line in (*code.splitlines(), "return xs, ws")]
    return "\n".join(["def f():", *lines, "xs, ws = f()"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ([LISTED, LOOPED], ["xs[0]", "xs[1]", "ws[0]", "ws[1]"]),
        ([NAMED, FIRST], ["x", "w", "b"]),
    ],
)
def test_what_a_loop_leaves_takes_no_name_from_a_list(code: list[str], expected: list[str]) -> None:
    assert found_by(["".join(code)]) == expected, "in a module"
    assert found_by([function_of("".join(code))]) == expected, "in a function"
    assert found_by(code)[:2] == expected[:2], "in cells of a notebook"


def test_what_a_loop_in_an_earlier_cell_left_takes_no_name_either() -> None:
    assert found_by([LISTED, "for x in xs: pass", FIRST])[:2] == ["xs[0]", "xs[1]"]
    assert found_by([NAMED, "ys = [x]", FIRST])[:2] == ["x", "w"]


def test_a_loops_variable_names_what_nothing_else_holds() -> None:
    with watch():
        for made in (Value(1.0) * i for i in range(3)):
            assert made.op
    assert variable(made) == "made"


def test_values_made_before_get_their_names() -> None:
    x = Value(2.0)
    with watch():
        y = x * 2
    assert (variable(x), variable(y), excerpt(x)) == ("x", "y", None)


def test_watches_nest_and_begin_again_inside_each_other() -> None:
    with watch():
        with watch():
            inner = Value(1.0) * 2
        outer = inner * 3
        assert variable(inner) == "inner" and hasattr(outer, "_origin")
    assert variable(outer) == "outer"


def test_an_error_inside_ends_the_watch_and_names_what_there_is() -> None:
    with pytest.raises(ZeroDivisionError), watch():
        y = Value(1.0) * 2
        1 / 0  # noqa: B018
    assert variable(y) == "y"


def test_a_partner_that_fails_leaves_no_watch_behind() -> None:
    @contextlib.contextmanager
    def failing() -> Iterator[None]:
        raise RuntimeError("no")
        yield

    partners["failing"] = failing
    try:
        with pytest.raises(RuntimeError, match="no"), watch():
            pass
    finally:
        del partners["failing"]
    assert not is_watched()
    with watch():
        assert is_watched()


def test_through_a_stack_and_as_a_decorator_the_variables_are_the_users() -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(watch())
        y = Value(1.0) * 2
    assert variable(y) == "y"
    made = []

    @watch()
    def f(t: Value) -> None:
        made.append(t * 2)

    x = Value(1.0)
    f(x)
    assert variable(x) == "x" and variable(made[0]) == "made[0]"


def test_a_generator_that_rests_inside_a_watch() -> None:
    def rests() -> Iterator[Value]:
        with watch():
            held = Value(1.0) * 2
            yield held
            yield held * 3

    steps = rests()
    first = next(steps)
    assert is_watched()
    second = next(steps)
    steps.close()
    assert not is_watched() and variable(first) == "held" and excerpt(second).text == "held * 3"  # type: ignore[union-attr]
    steps = rests()
    next(steps)
    del steps
    gc.collect()
    assert not is_watched()


def test_a_watch_entered_in_one_thread_and_left_in_another() -> None:
    entered = watch()
    thread = threading.Thread(target=entered.__enter__)
    thread.start()
    thread.join()
    y = Value(1.0) * 2
    entered.__exit__(None, None, None)
    assert excerpt(y).text == "Value(1.0) * 2"  # type: ignore[union-attr]


def test_a_watch_never_left_does_not_disturb_the_end() -> None:
    source = "from engine import Value, watch\nw = watch()\nw.__enter__()\nprint(Value(1.0) * 2)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", source], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and "2.0" in done.stdout


def test_another_thread_records_right_gradients_meanwhile() -> None:
    stop, wrong = threading.Event(), []

    def record() -> None:
        while not stop.is_set():
            x, w = Value(0.5), Value(-2.0)
            tanh(x * w + x).backward()
            if x.grad != expected[0] or w.grad != expected[1]:
                wrong.append((x.grad, w.grad))

    x, w = Value(0.5), Value(-2.0)
    tanh(x * w + x).backward()
    expected = x.grad, w.grad
    threads = [threading.Thread(target=record) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(100):
        with watch():
            y = tanh(Value(0.5) * 2 + 1)
            assert [e and e.text for e in map(excerpt, order(y)[-3:])] == [
                "Value(0.5) * 2", "Value(0.5) * 2 + 1", "tanh(Value(0.5) * 2 + 1)",
            ]  # fmt: skip
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_scopes_of_threads_do_not_mix() -> None:
    found: dict[str, set[str]] = {}

    def record(name: str) -> None:
        with scope(name):
            found[name] = {repr(origin(Value(1.0) * i).scope) for i in range(2000)}

    with watch():
        threads = [threading.Thread(target=record, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {name: {name} for name in "abc"}


def test_the_numbers_are_the_same_watched_or_not() -> None:
    def program() -> list[float]:
        x, w = Value(0.7), Value(-1.3)
        y = engine.dot([x, w], [w, x]) + ops.softmax([x, w])[0] ** 2 + engine.maximum(x, w) - 1 / x
        y.backward()
        return [y.data, x.grad, w.grad]

    plain = program()
    with watch():
        assert program() == plain


def test_scopes_are_told_apart_by_their_calls() -> None:
    with watch():
        made = []
        for _ in range(3):
            with scope("block"), scope("inside", about="it"):
                made.append(Value(1.0) * 2)
    scopes = [origin(v).scope for v in made]
    assert [(repr(s), s.call, s.about) for s in scopes if s] == [("block.inside", i, "it") for i in range(3)]
    with watch(), scope("block"):
        again = Value(1.0)
    assert origin(again).scope.call == 0, "every watch counts anew"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "error"), [("", ValueError), (" \n", ValueError), (3, TypeError), (None, TypeError)]
)
def test_a_scope_needs_a_name(name: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="scope"), scope(name):
        pass


def test_christen_takes_the_first_name_and_no_text_apart() -> None:
    x = Value(1.0)
    y = Value(2.0)
    christen({"_x": x, "text": "abc", "b": [x, {"k": x}], "c": x, "d": x, "e": [y], "f": (y,)})
    assert variable(x) == "c" and variable(y) == "e[0]"


def test_the_graph_and_its_origins_hold_no_cycle_and_no_frame() -> None:
    class Big:
        pass

    def work() -> tuple[Value, "weakref.ref[Big]"]:
        big = Big()
        with scope("part"):
            return Value(2.0) * 3 + 1, weakref.ref(big)

    gc.collect()
    gc.disable()
    try:
        with watch():
            y, big = work()
        assert big() is None, "a frame is kept alive"
        del y
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert not [thing for thing in gc.garbage if type(thing) is Value]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def recording(n: int) -> Callable[[], list[Value]]:
    x = Value(1.5)
    return lambda: [x * 2 for _ in range(n)]


def test_values_of_one_instruction_share_their_origin() -> None:
    with watch():
        made = recording(100)()
        assert len({id(v._origin) for v in made}) == 1
