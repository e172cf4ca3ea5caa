"""Accuracy: every value within 2.5 ulp of the exact one, every partial within 4, over the whole domain.

The table of the worst errors: `python -m pytest tests/test_accuracy.py -s -k table`; over thousands of points
a row: `python -m pytest tests/test_accuracy.py -s -k table -m slow`.
"""

import functools
import math
import random

import pytest

from engine.check import OpReport, check_op
from engine.check.bounds import EXEMPT, Exemption
from engine.check.definitions import ROWS, exact_partial
from engine.check.examine import examined
from engine.check.judge import RIGHT, TITLES, as_list, judged
from engine.check.oracle import Oracle
from engine.check.points import EDGES, draw_points
from engine.check.ulps import mp
from engine.ops import HELPERS, TABLE

POINTS = pytest.mark.parametrize("count", [1000, pytest.param(8000, marks=pytest.mark.slow)])


@functools.cache
def report(name: str, count: int) -> OpReport:
    """The check of a row, kept for the table."""
    return check_op(TABLE[name], count=count)


def worst(name: str, count: int) -> dict[str, float]:
    """The largest error of the value and of each partial, listed exceptions left out."""
    return {part.title: part.worst.ulp for part in report(name, count).parts if part.worst is not None}


def test_the_oracle_has_every_row() -> None:
    assert set(ROWS) == set(TABLE)
    for name, row in ROWS.items():
        assert len(row.partials) == TABLE[name].arity


@pytest.mark.parametrize("name", sorted(set(ROWS) - {"step", "sign", "ahead", "detach"}))
def test_the_oracle_agrees_with_itself(name: str) -> None:
    """The partials written by hand are those of the values, by mpmath's numeric differentiation."""
    op, rng, tried = TABLE[name], random.Random(name), 0
    for operands in draw_points(op, 400, seed=1):
        numbers = [x for operand in operands for x in as_list(operand, 1)]
        if any(not 0.01 < abs(x) < 20 for x in numbers) or (op.margin and abs(op.margin(*operands)) < 0.01):
            continue
        if name.startswith("power") and operands[0] < 0 or name == "where":
            continue
        tried += 1
        index = rng.randrange(op.arity)
        exact = as_list(exact_partial(name, index, operands), 1)
        for i, truth in enumerate(exact):

            def moved(t, index=index, i=i, operands=operands):
                exact = [[mp.mpf(x) for x in as_list(operand, 1)] for operand in operands]
                exact[index][i] = t
                given = [x if is_list else x[0] for x, is_list in zip(exact, op.lists, strict=True)]
                return ROWS[name].value(*given)

            slope = mp.diff(moved, as_list(operands[index], 1)[i])
            assert abs(slope - truth) <= mp.mpf(10) ** -25 * max(1, abs(truth))
    assert tried >= 4 or name == "where"


@pytest.mark.parametrize("name", TABLE)
@POINTS
def test_row(name: str, count: int) -> None:
    found = report(name, count)
    assert found.ok and found.points == count
    unchecked = sum(part.unchecked for part in found.parts)
    assert unchecked == 0 or name.startswith("power")  # x**y has no slope in y where x < 0


@POINTS
def test_most_values_are_within_one_ulp(count: int) -> None:
    public = [name for name in TABLE if name not in HELPERS]
    close = [name for name in public if worst(name, count)["value"] <= 1.0]
    assert len(close) >= 35


@POINTS
def test_table(count: int) -> None:
    """Print the worst errors, largest first."""
    titles = [TITLES[part] for part in ("z", "dx", "dy")]
    found = {name: worst(name, count) for name in TABLE}
    rows = sorted(found, key=lambda name: max(found[name].get(title, 0.0) for title in titles), reverse=True)
    print(f"\n\n| op, {count} points each | value, ulp | ∂z/∂x, ulp | ∂z/∂y, ulp | exceptions |")
    print("|---|---|---|---|---|")
    for name in rows:
        cells = [f"{found[name][title]:.2f}" if title in found[name] else "" for title in titles]
        exempt = "; ".join(
            f"{TITLES[part]}: {e.reason}" for part in ("z", "dx", "dy") for e in EXEMPT.get((name, part), ())
        )
        print(f"| {name} | {' | '.join(cells)} | {exempt} |")
    public = [name for name in TABLE if name not in HELPERS]
    close = sum(found[name]["value"] <= 1.0 for name in public)
    print(f"\nvalue within 1 ulp: {close} of {len(public)} rows; {len(HELPERS)} helper rows besides")
    assert len(rows) == len(TABLE)


WITNESSES = {
    ("dot", "z"): [((1e200, 1e200), (1e200, -1e200)), ((0.1, 1.0), (0.1, -0.01))],
    ("logaddexp", "z"): [(-0.6931471805599454, -0.6931471805599455)],
    ("logsumexp", "z"): [((-0.6931471805599454, -0.6931471805599455),)],
    ("silu_slope", "dx"): [(-2.399357280520468,), (712.0,)],
    ("gelu_slope", "dx"): [(-1.4142135623730951,), (-37.79897220581221,)],
    ("gaussian", "dx"): [(26.68,)],
    ("normal_density", "dx"): [(37.70186607447501,)],
    ("elu", "dx"): [(-740.0, 1e300)],
    ("power_derivative_1_0", "dy"): [(math.e, -1.0)],
    ("power_derivative_0_1", "dx"): [(math.e, -1.0)],
    ("div", "dy"): [(5e-324, -1.967260567809955e-11)],
    ("ratio", "dy"): [(5e-324, -1.967260567809955e-11)],
    ("atan2", "dx"): [(-7.292362449727477e-10, 5e-324)],
    ("atan2", "dy"): [(5e-324, -7.292362449727477e-10)],
    ("cosine", "dx"): [(1e-312, 1e-315)],
    ("cosine", "dy"): [(1e-322, -1.3e-9)],
}
"""A point for each exemption, at which the row fails without it."""


def test_every_exemption_has_its_witness() -> None:
    assert set(WITNESSES) == set(EXEMPT)
    for key, exemptions in EXEMPT.items():
        assert len(WITNESSES[key]) == len(exemptions)


@pytest.mark.parametrize(
    ("name", "part", "exemption", "operands"),
    [
        pytest.param(name, part, exemption, operands, id=f"{name}-{part}-{i}")
        for (name, part), exemptions in EXEMPT.items()
        for i, (exemption, operands) in enumerate(zip(exemptions, WITNESSES[name, part], strict=True))
    ],
)
def test_exemption_is_needed(
    name: str, part: str, exemption: Exemption, operands: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EXEMPT, (name, part), tuple(e for e in EXEMPT[name, part] if e is not exemption))
    oracle = Oracle(TABLE[name])
    assert not all(f.verdict == RIGHT for f in examined(oracle, operands) if f.part == part)
    monkeypatch.undo()
    assert all(f.verdict == RIGHT for f in examined(oracle, operands))


@pytest.mark.parametrize(
    ("name", "operand"),
    [
        ("tanh", 20.0), ("tanh", -354.0), ("sigmoid", 40.0), ("sigmoid", 700.0), ("sigmoid", -708.0),
        ("softplus", -700.0), ("expm1", -40.0), ("expm1", -159.4), ("elu", -463.7), ("gelu", -37.0),
        ("asin", 1.0 - 2.0**-53), ("acos", -1.0 + 2.0**-53), ("atanh", 1.0 - 2.0**-53),
        ("acosh", 1.0 + 2.0**-52),
        ("silu", -700.0), ("erfc", 26.5), ("erf", -26.5), ("log1p", -1.0 + 2.0**-53), ("cbrt", 2.3e-308),
    ],
)  # fmt: skip
def test_slopes_that_saturate(name: str, operand: float) -> None:
    """Where a textbook form cancels or overflows, the slope keeps its digits."""
    op = TABLE[name]
    operands = (operand, *op.defaults)
    exact = exact_partial(name, 0, operands)
    assert exact != 0 and abs(exact) > 2.3e-308
    got = op.float_slope(0, op.evaluate(*operands), operands)
    oracle = Oracle(op)
    found = judged(oracle, "dx", None, operands, got, oracle.partial(0, operands)[0])
    assert not found.exempt and found.verdict == RIGHT, str(found)


def test_edges_reach_every_binade_of_interest() -> None:
    assert min(EDGES) == 0.0 and max(EDGES) == 1.7976931348623157e308
    binades = {math.frexp(x)[1] for (x,) in draw_points(TABLE["neg"], 8000) if x}
    assert len(binades) > 1000


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("silu", (-4.780256360493436,)), ("silu", (-4.795360445999819,)), ("silu", (-1.8443855569366696,)),
        ("power_derivative_0_1", (1.4640507986292468e280, -1.108524299892039)),
        ("exp_sub", (-0.0144, -709.02671)),
        ("power_derivative_0_1", (1.8021518966694094, -2.560288334131069)),
        ("cbrt", (-3.1824620312515577e-115,)),
        ("power_derivative_1_0", (35.45226603520328, -0.499999953867088)), ("sech2", (0.8380128653540864,)),
        ("atan2", (-1.107987265155515, 1.916977202891168)), ("acosh", (276.29709889573314,)),
        ("tanh", (-0.5492279826484365,)), ("log10", (0.586501654620109,)), ("sinh", (710.2722357957099,)),
        ("elu", (-1.0573196777512903, 99999999.99999999)), ("gelu", (-1.118941170636738,)),
        ("hypot", (1e-300, 1e-308)), ("hypot", (8.713014834593811e141, 1.49682301937411e-139)),
        ("hypot", (1e-322, 1e-322)), ("hypot", (1.7e308, 1.7e308)), ("silu", (-1.278464542761074,)),
        ("silu", (-714.2853226006335,)), ("silu_slope", (-4.7839120783495614,)),
        ("silu_slope", (-4.150243818321414,)),
        ("gelu", (-0.7517915246935645,)), ("gelu_slope", (-0.7517915247267194,)),
        ("gelu", (-37.70186607447501,)),
    ],
)  # fmt: skip
def test_the_hardest_points_found(name: str, operands: tuple) -> None:
    """The worst of 60,000 points a row, some of them once beyond the bound."""
    assert check_op(TABLE[name], points=[operands]).ok
