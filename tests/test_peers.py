"""The comparison with PyTorch and JAX: that it measures right, and that what we claim of it holds.

The table itself: `python -m tests.peers`.
"""

import math
import os
import random
import sys
from typing import Any

import pytest

from engine.check.bounds import PARTIAL, VALUE
from engine.check.ulps import mp
from engine.ops import HELPERS, TABLE
from tests import peers
from tests.peers import OURS, WITHOUT, Answer, Contender, Finding, Point, Row, findings, measure, truth

if os.environ.get("CI") != "true":
    pytest.importorskip("torch", reason="pip install 'chainrule[oracle]'")

TORCH = peers.pytorch()
JAX_IS_MISSING = "pip install jax"
HERE, _ = peers.installed(peers.jax)
CONTENDERS = [OURS, TORCH, *HERE]
NOT_IN_TORCH = {"cbrt"}


@pytest.fixture(scope="module", params=[1000, pytest.param(8000, marks=pytest.mark.slow)])
def rows(request: pytest.FixtureRequest) -> list[Row]:
    return [measure(name, CONTENDERS, request.param) for name in OURS.ops]


def rounded(name: str) -> Contender:
    """A peer that rounds the exact numbers of one row."""

    def run(function: Any, points: list[Point]) -> list[Answer]:
        return [
            [[math.nan if x is None else float(x) for x in part] for part in truth(TABLE[name], operands)]
            for operands in points
        ]

    return Contender("exact", {name: TABLE[name]}, run)


def faulty(peer: Contender, name: str, part: int, fault: Any) -> Contender:
    """A peer whose numbers of one part go through `fault` first."""

    def run(function: Any, points: list[Point]) -> list[Answer]:
        answers = [list(answer) for answer in peer.run(function, points)]
        for answer, operands in zip(answers, points, strict=True):
            answer[part] = [fault(x, *operands) for x in answer[part]]
        return answers

    return peer._replace(ops={name: peer.ops[name]}, run=run)


# who is compared
def test_every_public_row_is_compared_or_says_why_not() -> None:
    assert set(OURS.ops) | set(WITHOUT) == set(TABLE) - HELPERS
    assert not set(OURS.ops) & set(WITHOUT)


@pytest.mark.parametrize(
    ("peer", "lacking"),
    [
        pytest.param(TORCH, NOT_IN_TORCH, id="PyTorch"),
        pytest.param(
            *(HERE or [None]), set(), id="JAX", marks=pytest.mark.skipif(not HERE, reason=JAX_IS_MISSING)
        ),
    ],
)
def test_every_row_has_its_counterpart(peer: Contender, lacking: set[str]) -> None:
    assert set(peer.ops) == set(OURS.ops) - lacking


@pytest.mark.parametrize("peer", [TORCH, *HERE], ids=lambda peer: peer.name)
def test_a_counterpart_computes_the_same(peer: Contender) -> None:
    """At points of ordinary size nothing differs by more than rounding: no row is compared with another's."""
    rng = random.Random(0)
    for name, function in peer.ops.items():
        op = TABLE[name]
        points = [
            tuple(
                (rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9)) if is_list else rng.uniform(0.1, 0.9)
                for is_list in op.lists[: op.arity - len(op.defaults)]
            )
            for _ in range(8)
        ]
        if name == "acosh":
            points = [(1.0 + x,) for (x,) in points]
        for operands, answer in zip(points, peer.run(function, points), strict=True):
            for exact, got in zip(truth(op, operands), answer, strict=True):
                assert got == pytest.approx([float(x) for x in exact], rel=1e-13), (name, operands)


# the measuring
@pytest.mark.parametrize("name", ["tanh", "gelu", "power", "div", "elu", "dot", "logsumexp"])
def test_rounding_the_exact_number_is_half_an_ulp(name: str) -> None:
    found = measure(name, [rounded(name)], 300).ulps("exact")
    assert len(found) == 1 + TABLE[name].arity - len(TABLE[name].defaults)
    assert 0 <= max(found.values()) <= 0.5 + 1e-9


@pytest.mark.parametrize("peer", CONTENDERS, ids=lambda peer: peer.name)
@pytest.mark.parametrize("name", ["exp", "hypot", "sum"])
def test_a_planted_fault_is_seen(peer: Contender, name: str) -> None:
    """A relative fault of 1e-12 is 4500 to 9000 ulp, in the part in which it was planted and no other."""
    for part in range(1 + TABLE[name].arity):
        wrong = faulty(peer, name, part, lambda x, *operands: x * (1 + 1e-12))
        sound, found = measure(name, [peer], 200).ulps(peer.name), measure(name, [wrong], 200).ulps(peer.name)
        for k, label in enumerate(peers.PARTS[: len(found)]):
            if k == part:
                assert 4000 < found[label]
            else:
                assert found[label] == sound[label]


def test_a_fault_at_one_point_is_seen_there() -> None:
    wrong = faulty(OURS, "tanh", 1, lambda slope, x: slope * 2 if x == 2.0 else slope)
    row = measure("tanh", [wrong], 300)
    worst = row.worst["ours", "dx"]
    assert worst.operands == (2.0,) and worst.ulps["ours"] > 1e15
    assert [f.operands for f in row.exhibits] == [(2.0,)] and row.exhibits[0].part == "dx"


def test_a_fault_that_a_call_on_one_point_does_not_have_is_no_exhibit() -> None:
    wrong = faulty(OURS, "tanh", 0, lambda z, x: 0.0 if x == 2.0 else z)
    run = wrong.run
    fickle = wrong._replace(run=lambda f, points: (OURS.run if len(points) == 1 else run)(f, points))
    row = measure("tanh", [fickle], 300)
    assert row.worst["ours", "z"].operands == (2.0,) and row.exhibits == []


def test_nan_is_wrong() -> None:
    wrong = faulty(OURS, "exp", 0, lambda z, x: math.nan if x == 1.0 else z)
    assert measure("exp", [wrong], 300).ulps("ours")["z"] == math.inf
    assert peers.cells(measure("exp", [wrong], 300), "ours") == "∞ | 0.50"


@pytest.mark.parametrize(
    ("name", "operands", "counted"),
    [
        ("tanh", (1.0,), [True, True]),
        ("tanh", (0.0,), [True, True]),
        ("tanh", (1e-310,), [False, False]),  # a subnormal operand
        ("exp", (-720.0,), [False, False]),  # a subnormal result
        ("exp", (709.9,), [False, False]),  # overflow
        ("tanh", (400.0,), [True, False]),  # a slope below the normal numbers
        ("relu", (0.0,), [True, False]),  # a kink
        ("maximum", (2.0, 2.0), [True, False, False]),
        ("power", (-2.0, 3.0), [True, True, False]),  # no slope in the exponent
        ("elu", (-2.0,), [True, True]),
        ("dot", ((1.0, 2.0), (3.0, 1e-320)), [False, False, False]),
    ],
)
def test_what_is_counted(name: str, operands: Point, counted: list[bool]) -> None:
    assert [all(x is not None for x in part) for part in truth(TABLE[name], operands)] == counted


def test_the_points_are_the_same_for_all_and_in_every_run() -> None:
    once, again = (list(findings("atan2", CONTENDERS, 50, seed=3)) for _ in range(2))
    assert once == again
    assert all(set(f.got) == {c.name for c in CONTENDERS} for f in once)
    assert [f.operands for f in findings("atan2", [OURS], 50, seed=4)] != [f.operands for f in once]


# what is printed
def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    peers.main(["--points", "60", "--ops", "tanh,cbrt"])
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "| op | ours value | gradient | PyTorch value | gradient | JAX value | gradient |"
    assert [line.split(" | ")[0] for line in out[2:4]] == ["| tanh", "| cbrt"]
    assert " |  |  | " in out[3], "PyTorch has no cbrt"
    assert any(line.startswith("| `tanh'(") and "**" in line for line in out)
    assert len({line.count("|") for line in out[:4]}) == 1
    peers.main(["--points", "60", "--ops", "tanh,cbrt", "--short"])
    assert capsys.readouterr().out.splitlines() == out[5:]


def test_a_peer_that_is_missing_leaves_its_columns_empty(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "jax", None)
    peers.main(["--points", "20", "--ops", "exp"])
    out = capsys.readouterr().out.splitlines()
    assert out[2].startswith("| exp | 0.") and out[2].endswith(" |  |  |  |  |")
    assert "| ops compared | 1 |  |  |" in out
    assert [line.split("'")[1] for line in out[-2:]] == ["torch", "jax"]


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        peers.main(["--ops", "tanh,swish"])
    assert "no such row to compare: swish" in capsys.readouterr().err


def test_a_wrong_number_is_bold() -> None:
    finding = Finding(
        "tanh", "dx", 0, (40.0,), mp.mpf(2), {"ours": 2.0, "PyTorch": 0.0}, {"ours": 0.0, "PyTorch": 1e15}
    )
    row = Row("tanh", {}, {}, {}, [finding], 1)
    line = "| `tanh'(40)` | 2 | 2 | **0** |  |"
    assert peers.exhibits([row], ["ours", "PyTorch", "JAX"]).splitlines()[2] == line


# what we claim
def test_our_values_are_within_one_ulp_for_at_least_as_many_ops(rows: list[Row]) -> None:
    ours, *theirs = (peers.tally(rows, c.name)["value within 1 ulp"] for c in CONTENDERS)
    assert ours >= 35 and all(ours >= number for number in theirs)


def test_our_partials_are_within_four_ulp(rows: list[Row]) -> None:
    assert peers.tally(rows, "ours")["every partial within 4 ulp"] == len(OURS.ops)


def test_ours_is_never_worse_than_the_bounds_but_next_to_a_zero(rows: list[Row]) -> None:
    for row in rows:
        for part, error in row.bounded.items():
            assert error <= (VALUE if part == "z" else PARTIAL), (row.name, part, row.worst["ours", part])


def test_ours_is_nowhere_worse_than_16_ulp_but_next_to_a_zero(rows: list[Row]) -> None:
    """No op of ours loses more than four bits but three, whose terms cancel next to a zero of the result."""
    poor = {row.name for row in rows if max(row.ulps("ours").values()) > 16}
    assert poor <= {"dot", "logaddexp", "logsumexp"}
    assert peers.tally(rows, "ours")["worse than a million ulp"] == 0


def test_the_peers_are_grossly_wrong_where_we_say_so(rows: list[Row]) -> None:
    """When a peer mends its gradients the README has to say so: this test tells."""
    wrong = {row.name for row in rows if row.ordinary["PyTorch"] > peers.GROSS}
    assert {"expm1", "asin", "acos", "tanh", "atanh", "sigmoid", "softplus", "gelu"} <= wrong
