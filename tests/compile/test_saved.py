"""Programs as files: what comes back is the same, what is damaged is refused."""

import copy
import json
import math
import pickle
import random

import pytest

import engine
from engine import Op, Value, logsumexp, select, tanh
from engine.compile import ProgramFileError, load_program, record
from engine.ops import power_derivative
from nn import MLP


@pytest.fixture
def program():
    model = MLP(2, [3, 2], activation="tanh", rng=random.Random(1))

    def loss(x, label):
        scores = model(x)
        return (
            logsumexp(scores)
            - select(scores, label)
            + engine.where(x[0], [Value(math.inf, label="top")][0], 1.0) * 0
        )

    return record(loss, [0.1, 0.2], 1, parameters=model)


BATCH = [([-0.5, 1.0], 0), ([-0.25, -1.0], 1)]


def test_a_program_comes_back(program, tmp_path):
    program.save(tmp_path / "p.json")
    again = load_program(tmp_path / "p.json")
    assert again(BATCH) == program(BATCH) and again.value_and_grad(BATCH) == program.value_and_grad(BATCH)
    assert again.graph == program.graph and again.signature == program.signature
    assert again.explain() == program.explain() and again.frozen == program.frozen
    assert again.draw().svg == program.draw().svg
    with pytest.raises(ValueError, match="came from a file without Values; give them: load_program"):
        again.store()


def test_a_program_is_saved_not_pickled(program):
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"not pickled or copied: it holds compiled code; save\(path\)"):
            copied(program)


@pytest.mark.parametrize("change", [{"outputs": [0, 0]}, {"is_list": 1}, {"is_list": None}])
def test_several_outputs_are_a_list(program, tmp_path, change):
    path = tmp_path / "p.json"
    program.save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ProgramFileError, match="is_list is true or, for one output, false"):
        load_program(path)


def test_values_may_be_given(program, tmp_path):
    program.save(tmp_path / "p.json")
    fresh = MLP(2, [3, 2], activation="tanh", rng=random.Random(9))
    again = load_program(tmp_path / "p.json", parameters=fresh, exact=True)
    assert again.executor.name == "python" and again(BATCH) == program(BATCH)
    again.store()
    assert [p.data for p in fresh.parameters()] == list(program.parameters)
    with pytest.raises(ValueError, match="the program has 17 parameters, got 1"):
        load_program(tmp_path / "p.json", parameters=[Value(1.0)])


def test_numbers_of_every_kind_and_ops_of_ones_own(tmp_path):
    w = [Value(-0.0), Value(5e-324)]
    slope = power_derivative(2, 1)
    own = Op("own", lambda x: 2 * x, 2)
    program = record(
        lambda x: own(w[0] * x) + engine.maximum(w[1], -math.inf) * 0.1 + slope(x, 3.0) + tanh(x * math.inf),
        1.0,
        parameters=w,
    )
    program.save(tmp_path / "p.json")
    json.loads((tmp_path / "p.json").read_text(), parse_constant=pytest.fail)
    again = load_program(tmp_path / "p.json", own_ops=[own])
    assert again([2.0]) == program([2.0]) and repr(list(again.parameters)) == "[-0.0, 5e-324]"
    assert again.graph == program.graph
    with pytest.raises(
        ProgramFileError, match=r"p.json uses the op .own., which is neither engine.s nor given: load_program"
    ):
        load_program(tmp_path / "p.json")


@pytest.mark.parametrize(
    "change, what",
    [
        (lambda c: c.update(kind="x"), "lacks 'kind'"),
        (lambda c: c.update(version=2), "a program of version 2, this engine reads version 1"),
        (lambda c: c.pop("ops"), "damaged: KeyError"),
        (lambda c: c["ops"].pop(), "ops and .* lists of operands"),
        (lambda c: c["ops"].__setitem__(0, "lin"), "uses the op .lin., which is neither engine.s nor given"),
        (lambda c: c["ops"].__setitem__(0, "power_derivative_x_1"), "uses the op .power_derivative_x_1."),
        (lambda c: c["operands"].__setitem__(0, [99]), r"a leaf is one of 0 \.\.\."),
        (lambda c: c["operands"].__setitem__(0, [-1]), r"a leaf is one of 0 \.\.\."),
        (lambda c: c["operands"].__setitem__(-1, [0, 10**6]), "operands are earlier nodes"),
        (lambda c: c["operands"].__setitem__(-1, [0, -2]), "operands are earlier nodes"),
        (lambda c: c["operands"].__setitem__(-1, [0]), "takes 2 operands"),
        (
            lambda c: c["operands"].__setitem__(-1, [[0], 1]),
            "takes 2 operands, lists where the op takes lists",
        ),
        (lambda c: c["operands"].__setitem__(-1, ["a", 1]), "a number is wanted, got 'a'"),
        (lambda c: c["operands"].__setitem__(-1, [True, 1]), "a number is wanted, got True"),
        (lambda c: c["operands"].__setitem__(c["ops"].index("select"), [[], 1]), "a table and an index"),
        (lambda c: c["operands"].__setitem__(c["ops"].index("select"), [[0], 0]), "at what is no index"),
        (lambda c: c["operands"].__setitem__(-1, [c["ops"].index("index"), 1]), "an index is no number"),
        (
            lambda c: c["operands"].__setitem__(c["ops"].index("dot"), [[0, 1], [0]]),
            "lists are of one length",
        ),
        (
            lambda c: c["operands"].__setitem__(c["ops"].index("where"), [0, [1]]),
            "a condition and two numbers",
        ),
        (
            lambda c: c["operands"].__setitem__(c["ops"].index("dot"), [[[0], 1], [0, 1]]),
            r"dot of \(\(\(0,\), 1\), \(0, 1\)\): a list holds numbers",
        ),
        (
            lambda c: c["example"].__setitem__(1, [99]),
            r"label of the example is 99, outside of its table: 0 \.\.\. 1",
        ),
        (lambda c: c["example"].__setitem__(1, [-1]), "label of the example is -1"),
        (lambda c: c.update(outputs=[10**6]), "outputs are nodes"),
        (lambda c: c.update(outputs=[]), "outputs are nodes"),
        (lambda c: c["parameters"].pop(), r"a leaf is one of 0 \.\.\. 15"),
        (lambda c: c["parameters"].__setitem__(0, "one"), "a number is wanted, got 'one'"),
        (lambda c: c["arguments"].update(x="text"), "damaged"),
        (lambda c: c["arguments"].update(x=["set", ["number"]]), "got 'set'"),
        (lambda c: c.update(example=[[], []]), "the example has not the form of the arguments"),
        (lambda c: c.update(operands=None), "damaged: TypeError"),
    ],
)
def test_what_is_damaged_is_refused(program, tmp_path, change, what):
    path = tmp_path / "p.json"
    program.save(path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(ProgramFileError, match=what):
        load_program(path)


def test_what_is_no_json_is_refused(tmp_path):
    path = tmp_path / "p.json"
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(ProgramFileError, match="is no program: it is no JSON"):
        load_program(path)
    path.write_text("[1, 2]")
    with pytest.raises(ProgramFileError, match="lacks 'kind'"):
        load_program(path)
    with pytest.raises(FileNotFoundError):
        load_program(tmp_path / "none.json")
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        record(lambda x: x, 1.0).save(tmp_path / "folder" / "p.json")


def test_what_is_nested_too_deep_is_refused(program, tmp_path):
    path = tmp_path / "p.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ProgramFileError, match="is no program: it is no JSON"):
        load_program(path)
    program.save(path)
    content = json.loads(path.read_text())
    deep = "number"
    for _ in range(101):
        deep = ["list", [deep]]
    path.write_text(json.dumps(content | {"arguments": {"x": deep, "label": "index"}}))
    with pytest.raises(ProgramFileError, match="damaged: an argument is nested more than 100 lists deep"):
        load_program(path)
    content["operands"][-1] = [0]
    text = json.dumps(content).replace("[0]", "[" * 400 + "0" + "]" * 400)
    path.write_text(text)
    with pytest.raises(ProgramFileError, match="damaged: node"):
        load_program(path)


def test_ops_that_their_names_do_not_tell_apart_are_refused(tmp_path):
    path = tmp_path / "p.json"
    for name in ("tanh", "select", "power_derivative_1_1"):
        own = Op(name, lambda x: 2 * x, 2)
        with pytest.raises(ValueError, match=f"an op of your own is called '{name}', as one of engine's is"):
            record(lambda x: own(x) + 1.0, 1.0).save(path)  # noqa: B023
        with pytest.raises(ValueError, match="so give it another"):
            load_program(path, own_ops=[own])
    a, b = (Op("own", lambda x: 2 * x, 2) for _ in range(2))
    with pytest.raises(ValueError, match="two ops are called 'own'"):
        record(lambda x: a(x) + b(x), 1.0).save(path)
    assert not path.exists()
    record(lambda x: a(x) + a(a(x)), 1.0).save(path)
    assert load_program(path, own_ops=[b])([1.0]) == [6.0]
    with pytest.raises(ValueError, match="two ops are called 'own'"):
        load_program(path, own_ops=[a, b])
    with pytest.raises(TypeError, match="own_ops is a list of ops, got 3"):
        load_program(path, own_ops=[3])
    with pytest.raises(ProgramFileError) as caught:
        load_program(path)
    assert "damaged" not in str(caught.value)
