"""What a Program refuses at the door: other parameters, other threads, no optimizer, what is too deep."""

import math
import random
import threading
from importlib.util import find_spec

import numpy as np
import pytest

import engine
from engine import Op, RecordError, Value, select, where
from engine.compile import compiled, load_program, record
from engine.compile.update import TRIED
from nn import SGD, Optimizer

EXECUTORS = ["python", "numpy", *(["llvm"] if find_spec("llvmlite") else [])]


@pytest.mark.parametrize("executor", ["python", "numpy"])
def test_parameters_are_set_to_as_many_numbers(executor):
    w = [Value(2.0), Value(3.0)]
    program = record(lambda x: w[0] * x + w[1], 1.0, parameters=w, executor=executor)
    for numbers in ([5.0, 1.0], (5.0, 1.0), np.array([5.0, 1.0])):
        program.parameters = numbers
        assert program([2.0]) == [11.0] and list(program.parameters) == [5.0, 1.0]
    for numbers in ([1.0], [1.0] * 3, np.ones(3)):
        with pytest.raises(ValueError, match=r"parameters takes a number for each of 2 parameters, got [13]"):
            program.parameters = numbers
    assert program([2.0]) == [11.0]


NO_NUMBERS = ["ab", 3.0, None, {1.0: 2.0}, ["a", 1.0], [None, 1.0], [[1.0], [2.0]]]


@pytest.mark.parametrize("executor", ["python", "numpy"])
def test_parameters_and_gradients_are_numbers(executor):
    w = [Value(2.0), Value(3.0)]
    program = record(lambda x: w[0] * x + w[1], 1.0, parameters=w, executor=executor)
    optimizer = Custom(w)
    arrays = [
        np.ones((2, 1)),
        np.array(2.0),
        np.array(["1", "2"]),
        np.array([1j, 2.0]),
        np.array([None, 1.0]),
    ]
    for wrong in (*NO_NUMBERS, *arrays):
        with pytest.raises(TypeError, match=r"^Program\.parameters takes a (list of numbers|number), got "):
            program.parameters = wrong
        with pytest.raises(TypeError, match=r"^Program\.move takes a (list of numbers|number), got "):
            program.move(wrong, optimizer)
    with pytest.raises(ValueError, match=r"move takes a number for each of 2 parameters, got 1"):
        program.move([1.0], optimizer)
    assert program([2.0]) == [7.0] and optimizer.updates == 0


@pytest.mark.parametrize("executor", ["python", "numpy"])
def test_parameters_are_any_numbers_nan_too_as_in_a_value(executor):
    w = [Value(2.0), Value(3.0)]
    program = record(lambda x: w[0] * x + w[1], 1.0, parameters=w, executor=executor)
    for numbers in ([5, True], iter([5.0, 1.0]), np.array([5, 1]), np.array([5.0, 1.0], np.float32), w):
        program.parameters = numbers
        assert program([2.0]) == [7.0 if numbers is w else 11.0]
        assert all(isinstance(p, float) for p in program.parameters)
    given = [5.0, 1.0]
    program.parameters = given
    given[0] = 9.0
    assert program([2.0]) == [11.0]
    program.parameters = [math.nan, 1.0]
    assert math.isnan(program([2.0])[0])


class Custom:
    """An optimizer that keeps its settings where it likes."""

    def __init__(self, parameters):
        self.parameters, self.memory = list(parameters), {}
        self.updates, self.learning_rate = 0, 0.5
        self.factor, self.factors, self.by_name, self.value = 1.0, [1.0], {"a": [1.0]}, Value(1.0)
        self.array, self.function = np.ones(1), float

    def update(self, *, t, learning_rate):
        factor = self.factor * self.factors[0] * self.by_name["a"][0] * self.value * float(self.array[0])
        return lambda p, g: (p - learning_rate * (factor * self.function(1.0)) * g,)


@pytest.mark.parametrize(
    "change",
    [
        lambda o: setattr(o, "factor", 3.0),
        lambda o: o.factors.__setitem__(0, 3.0),
        lambda o: o.by_name["a"].__setitem__(0, 3.0),
        lambda o: setattr(o.value, "data", 3.0),
        lambda o: o.array.__setitem__(0, 3.0),
        lambda o: setattr(o, "function", lambda x: 3.0),
    ],
)
def test_a_setting_that_changes_is_seen(change):
    w = Value(0.0)
    program = record(lambda x: w * x, 1.0, parameters=[w])
    optimizer = Custom([w])
    program.train_step([1.0], optimizer)
    assert list(program.parameters) == [-0.5]
    change(optimizer)
    program.train_step([1.0], optimizer)
    assert list(program.parameters) == [-2.0]


def test_a_rule_is_recorded_once_while_nothing_changes():
    w = Value(0.0)
    program = record(lambda x: w * x, 1.0, parameters=[w])
    optimizer, calls = Custom([w]), []
    update = optimizer.update
    optimizer.update = lambda **options: calls.append(1) or update(**options)
    for rate in (0.5, 0.25, 0.125):
        optimizer.learning_rate = rate
        program.train_step([1.0], optimizer)
    assert len(calls) == len(TRIED) and list(program.parameters) == [-0.875]


@pytest.mark.parametrize("f", [3, "f", Value(1.0)])
def test_what_is_no_function_is_not_compiled(f):
    with pytest.raises(TypeError, match=r"compiled takes a function, got (3|'f'|Value)"):
        compiled(f)
    with pytest.raises(TypeError, match="compiled takes a function"):
        compiled(executor="python")(f)


DOORS = {
    "record": lambda **options: record(never, 1.0, **options),
    "compiled": lambda **options: compiled(**options)(never),
    "load_program": lambda **options: load_program("no such file", **options),
}


def never(x):
    raise AssertionError("nothing is run before the options are looked at")


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_an_executor_or_a_switch_that_is_none_is_refused_before_anything_is_run(door):
    for executor in ("zz", "", None, 3, ["python"]):
        with pytest.raises(ValueError, match=r"^executor is 'auto' or one of llvm, numpy, python, got "):
            door(executor=executor)
    for exact in ("x", "", 1, 0, None, 1.0, [], np.True_):
        with pytest.raises(TypeError, match=r"^exact is True or False, got "):
            door(exact=exact)
    with pytest.raises(ValueError, match=r"promise of the python executor, got executor='numpy'"):
        door(exact=True, executor="numpy")


def test_a_compiled_function_takes_lists_of_samples():
    w = Value(2.0)
    for f in (lambda x: w * x, lambda x, y: w * x * y):
        for batch in (3, None, "ab", {1.0: 2.0}):
            with pytest.raises(TypeError, match=r"^a batch is a list of samples, got (3|None|'ab'|\{)"):
                compiled(parameters=[w])(f).value_and_grad(batch)
    for sample in (3.0, None, "ab", {1.0: 2.0, 3.0: 4.0}):
        with pytest.raises(
            TypeError, match=r"^sample 1 of the batch: a sample is a tuple of arguments, got "
        ):
            compiled(parameters=[w])(f).value_and_grad([(1.0, 2.0), sample])
    assert compiled(parameters=[w])(f).value_and_grad(np.array([[1.0, 2.0]])) == (4.0, [2.0])


def test_what_is_taken_of_a_batch_are_places():
    batch = record(lambda x: x * 2.0, 1.0).batch([1.0, 2.0])
    for places in (0, None, 1.5):
        with pytest.raises(
            TypeError, match=r"take takes a list of places, such as \[2, 0\], got (0|None|1.5)"
        ):
            batch.take(places)
    for places in (["a"], [0, 0.5], "ab", [True, False], np.array([1.0])):
        with pytest.raises(TypeError, match=r"a place is a whole number, got ('a'|0.5|True|np.float64\(1)"):
            batch.take(places)
    assert batch.take(np.array([1, 0])).rows == [(2.0,), (1.0,)]


@pytest.mark.parametrize("own_ops", [3, Op("own", abs, 1.0), [3]])
def test_own_ops_are_a_list_of_ops(own_ops, tmp_path):
    record(lambda x: x * 2.0, 1.0).save(tmp_path / "p.json")
    with pytest.raises(TypeError, match=r"own_ops is a list of ops, got (3|<op own>)"):
        load_program(tmp_path / "p.json", own_ops=own_ops)


def test_an_empty_table_is_called_empty():
    with pytest.raises(IndexError, match=r"^select: index 0 in an empty table$"):
        record(lambda x, i: select([], i) * x, 1.0, 0)
    with pytest.raises(IndexError, match=r"^select: index 1 is outside 0 \.\.\. 0$"):
        record(lambda x, i: select([x], i), 1.0, 1)


@pytest.mark.parametrize("optimizer", [None, 0.1, Value(1.0)])
def test_what_is_no_optimizer_is_refused(optimizer):
    w = Value(0.0)
    program = record(lambda x: w * x, 1.0, parameters=[w])
    with pytest.raises(TypeError, match=r"an optimizer is one of nn.OPTIMIZERS, .*, got (None|0.1|Value)"):
        program.train_step([1.0], optimizer)
    with pytest.raises(TypeError, match="an optimizer is"):
        program.move([1.0], optimizer)


def test_one_thread_at_a_time():
    began, go = threading.Event(), threading.Event()

    def slow(x):
        if recorded:
            began.set()
            go.wait(10.0)
        return 2 * x

    recorded = []
    own = Op("slow", slow, 2.0)
    w = Value(1.0)
    program = record(lambda x: own(w * x), 1.0, parameters=[w], executor="python")
    recorded.append(True)
    found = []
    thread = threading.Thread(target=lambda: found.append(program([3.0])))
    thread.start()
    began.wait(10.0)
    for use in (program, program.value_and_grad, lambda b: program.train_step(b, Custom([w]))):
        with pytest.raises(
            RuntimeError, match="is at work in another thread; record a program for each thread"
        ):
            use([1.0])
    with pytest.raises(RuntimeError, match="at work"):
        program.move([1.0], Custom([w]))
    go.set()
    thread.join()
    assert found == [[6.0]] and program([1.0]) == [2.0]


def test_a_refused_batch_leaves_the_program_free():
    w = Value(1.0)
    program = record(lambda x: w * x, 1.0, parameters=[w])
    with pytest.raises(ValueError, match="nan"):
        program([float("nan")])
    with pytest.raises(TypeError, match="an optimizer is"):
        program.train_step([1.0], None)
    assert program([2.0]) == [2.0]


def test_columns_of_any_whole_numbers():
    program = record(lambda x, i: select([1.0, 2.0], i) * x, 1.0, 0)
    for dtype in (np.uint8, np.int32, np.uint64):
        assert program(program.columns([3.0, 4.0], np.array([1, 0], dtype=dtype))) == [6.0, 4.0]
    for large in (2**63, 2**64 - 1):
        with pytest.raises(
            IndexError, match=r"sample 1 of the batch: i is \d+, outside of its table: 0 \.\.\. 1"
        ):
            program.columns([3.0, 4.0], np.array([1, large], dtype=np.uint64))


def test_what_is_nested_too_deep_is_refused():
    deep = 1.0
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(TypeError, match="xs is nested more than 100 lists deep"):
        record(lambda xs: xs, deep)
    program = record(lambda xs: xs[0], [1.0])
    with pytest.raises(
        TypeError, match=r"sample 0 of the batch: xs\[0\] is a number, got one that is nested too deep"
    ):
        program([deep])


def test_an_op_of_ones_own_is_called_on_numbers():
    """Its partial may look at them: a comparison that a symbol answers otherwise is never frozen."""
    cusp = Op(
        "cusp", lambda x: abs(x), lambda z, x: 0.25 if x == 2.0 else 1.0 if isinstance(x, float) else 5.0
    )
    w = Value(1.0)
    for executor in ("python", "numpy"):
        program = record(lambda x: cusp(w * x), 1.0, parameters=[w], executor=executor)
        assert list(program.value_and_grad([2.0])[1]) == [0.5]
        assert list(program.value_and_grad([3.0])[1]) == [3.0]


@pytest.mark.parametrize("executor", ["python", "numpy"])
def test_a_faulty_partial_is_not_hidden(executor):
    faulty = Op("faulty", lambda x: x, lambda z, x: {}["none"])
    w = Value(1.0)
    program = record(lambda x: faulty(w * x), 1.0, parameters=[w], executor=executor)
    with pytest.raises(KeyError, match="none"):
        program.value_and_grad([2.0])


def test_a_program_says_that_sums_are_reordered():
    def total(xs):
        return xs[0] + xs[1] + xs[2]

    assert "another order than recorded; exact=True keeps it" in record(total, [1.0] * 3).explain()
    assert "another order" not in record(total, [1.0] * 3, exact=True).explain()
    assert "another order" not in record(lambda x: x * x, 1.0).explain()


def test_a_constant_is_shown_with_the_line_that_made_it(tmp_path):
    with engine.watch():
        scale = Value(3.0)
    program = record(lambda x: x * scale, 1.0)
    assert "1 Values are constants: Value = 3.0 (test_doors.py, line" in program.explain()
    assert "`scale = Value(3.0)`)" in program.explain()
    program.save(tmp_path / "p.json")
    assert load_program(tmp_path / "p.json").frozen == (("", 3.0, ""),)


def test_the_source_of_numpy_tells_where_parameters_are():
    w = [Value(2.0), Value(3.0)]
    source = record(lambda x: w[0] * x + w[1], 1.0, parameters=w, executor="numpy").source()
    assert "# p0: parameters from number " in source and ": gradients of parameters from number " in source


def test_a_read_within_jvp_is_refused():
    with pytest.raises(
        TypeError, match="reads numbers and Values, got one of type Dual; take engine.grad in place"
    ):
        record(lambda x, i: engine.jvp(lambda t: select([t, t * t], i), (x,), (1.0,))[1], 1.0, 0)


class Slotted:
    """An optimizer without a dictionary of its attributes."""

    __slots__ = ("factor", "learning_rate", "memory", "parameters", "updates")

    def __init__(self, parameters):
        self.parameters, self.memory, self.updates = list(parameters), {}, 0
        self.learning_rate, self.factor = 0.5, 1.0

    def update(self, *, t, learning_rate):
        return lambda p, g: (p - learning_rate * self.factor * g,)


def test_a_setting_in_a_slot_is_seen():
    w = Value(0.0)
    program = record(lambda x: w * x, 1.0, parameters=[w])
    optimizer = Slotted([w])
    program.train_step([1.0], optimizer)
    optimizer.factor = 3.0
    program.train_step([1.0], optimizer)
    assert list(program.parameters) == [-2.0]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_parameters_that_were_read_or_set_stay_what_they_are(executor):
    w = Value(3.0)
    program = record(lambda x: w * x, 1.0, parameters=[w], executor=executor)
    optimizer, kept = SGD([w], learning_rate=0.5), []
    for _ in range(4):
        program.train_step([1.0], optimizer)
        kept.append(program.parameters)
    assert [list(vector) for vector in kept] == [[2.5], [2.0], [1.5], [1.0]]
    given = program.executor.vector([7.0])
    program.parameters = given
    given[0] = 9.0
    assert program([1.0]) == [7.0]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_an_index_that_no_array_holds_is_refused(executor):
    program = record(lambda i, x: x * 2.0, 0, 1.0, executor=executor)
    assert program([(2**63 - 1, 1.0)]) == [2.0]
    for batch in (program.batch, lambda rows: program.columns(np.uint64([i for i, _ in rows]), [1.0, 1.0])):
        with pytest.raises(
            IndexError, match=r"sample 1 of the batch: i is 9\d+, outside of 0 \.\.\. 2\*\*63"
        ):
            batch([(0, 1.0), (2**63, 1.0)])


def test_samples_of_several_structures_are_named_by_where_they_stand():
    w = Value(1.0)
    total = compiled(lambda xs: w * engine.sum(xs), parameters=[w])
    with pytest.raises(ValueError, match=r"sample 2 of the batch: xs\[0\] is nan"):
        total.value_and_grad([[1.0], [2.0, 3.0], [math.nan]])


def test_a_batch_for_a_smaller_table_is_told_from_one_for_a_larger():
    whole, part = (record(lambda t, i, n=n: select(t[:n], i), [1.0, 2.0], 0) for n in (2, 1))
    with pytest.raises(ValueError, match=r"2 numbers and 1 index \(of a table of 2\) a sample, .* of 1\)"):
        part(whole.batch([([1.0, 2.0], 1)]))


def of(rule, *slots):
    """Return an optimizer by a rule of one's own."""
    return type("Own", (Optimizer,), {"rule": staticmethod(rule), "slots": slots})


FREEZING = {
    "compares a recorded number": [
        of(lambda p, g, *, t, learning_rate: (p - learning_rate * max(-1.0, min(1.0, g)),)),
        of(lambda p, g, *, t, learning_rate: (p - learning_rate * (1.0 if g > 0 else -1.0),)),
        of(lambda p, g, *, t, learning_rate: (p - (0.5 if t <= 2 else 1.0) * learning_rate * g,)),
    ],
    "turns a recorded number into a plain one": [
        of(lambda p, g, s, *, t, learning_rate: (p - learning_rate * g / math.sqrt(1 + s), s + g * g), "s")
    ],
    "the rule of Own computes something else from other numbers: the constant": [
        of(lambda p, g, *, t, learning_rate: (p - learning_rate * g.data,)),
        of(lambda p, g, *, t, learning_rate: (p - learning_rate * g + random.random(),)),
    ],
    "the rule of Own computes something else from other numbers: here": [
        of(lambda p, g, *, t, learning_rate: (p - (g if t.data < 5 else g * g),)),
    ],
}


@pytest.mark.parametrize(
    ("told", "kind"), [(told, kind) for told, kinds in FREEZING.items() for kind in kinds]
)
def test_a_rule_that_would_be_frozen_is_refused(told, kind):
    w = Value(3.0)
    program = record(lambda x: w * x, 1.0, parameters=[w])
    for step in (program.train_step, lambda batch, optimizer: program.move([1.0], optimizer)):
        with pytest.raises(RecordError, match=told):
            step([1.0], kind([w], 0.1))
    assert list(program.parameters) == [3.0]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_rule_that_says_it_with_where_is_that_of_step(executor):
    kind = of(lambda p, g, *, t, learning_rate: (p - learning_rate * where(g, 1.0, -1.0) / t,))
    w = Value(3.0)
    program = record(lambda x, y: (w * x - y) ** 2, 1.0, 2.0, parameters=[w], executor=executor)
    optimizer, batch = kind([w], 0.75), [(1.0, 2.0), (3.0, 5.0)]
    for _ in range(4):
        program.train_step(batch, optimizer)
    by_hand = kind([w], 0.75)
    for _ in range(4):
        by_hand.zero_grad()
        for x, y in batch:
            ((w * x - y) ** 2).backward()
        by_hand.step()
    assert list(program.parameters) == [w.data]


@pytest.mark.parametrize("wrong", [lambda p, g: p, lambda p, g: (p, g), lambda p, g: ()])
def test_a_rule_returns_as_much_as_is_kept(wrong):
    w = Value(3.0)
    kind = of(lambda p, g, *, t, learning_rate: wrong(p, g))
    with pytest.raises(TypeError, match="the rule of Own returns a tuple of the parameter, got"):
        record(lambda x: w * x, 1.0, parameters=[w]).train_step([1.0], kind([w], 0.1))
