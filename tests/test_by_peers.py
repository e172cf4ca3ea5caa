"""Random programs: no false alarm of the check, few undecided, and agreement with PyTorch and JAX.

Where a peer differs by more than 1e-9, and by more than rounding explains, the exact gradient decides: ours
is the nearer one.
"""

import multiprocessing
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import chain

import pytest
from tqdm import tqdm

from engine import chain_rule
from engine.check.programs import SMOOTH, seeded
from engine.ops import TABLE
from engine.value import Value
from tests import by_peers
from tests.by_peers import Outcome, outcome, outcomes, with_jax, with_pytorch

if os.environ.get("CI") == "true":
    import torch
else:
    torch = pytest.importorskip("torch")

MOST_UNDECIDED = 0.005
CHUNK = 500


def judge(found: list[Outcome], peer: str) -> None:
    """Print the figures, and hold them to the bounds."""
    verdicts = Counter(o.verdict for o in found)
    disputes = [o for o in found if o.disputes]
    nodes = sum(o.nodes for o in found)
    print(
        f"\n{len(found)} programs of {nodes} ops: {dict(verdicts)}; {peer} differs in {len(disputes)} of them"
    )
    assert not verdicts["wrong"], [o for o in found if o.verdict == "wrong"][:3]
    assert verdicts["undecided"] <= MOST_UNDECIDED * len(found)
    assert not [o for o in found if o.lost]
    assert len(disputes) <= 0.02 * len(found)


def test_random_programs() -> None:
    judge(outcomes(range(300), "PyTorch"), "PyTorch")


@pytest.mark.slow
def test_100_000_random_programs() -> None:
    """In processes of their own, which start afresh: threads of PyTorch do not survive a fork."""
    chunks = [range(i, i + CHUNK) for i in range(0, 100_000, CHUNK)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = tqdm(pool.map(outcomes, chunks, ["PyTorch"] * len(chunks)), total=len(chunks), unit="chunk")
        judge(list(chain.from_iterable(parts)), "PyTorch")


def test_random_programs_by_jax() -> None:
    pytest.importorskip("jax")
    runner, oracles = with_jax(), {}
    judge([outcome(seed, runner, oracles) for seed in range(20)], "JAX")


def test_every_row_that_is_drawn_has_its_counterpart() -> None:
    runner = with_pytorch()
    for op in SMOOTH:
        program = next(p for p in (seeded(i, [op], 1) for i in range(100)) if p.lines[0].op is op)
        assert len(runner.gradients(program)) == len(program.inputs)


def test_programs_share_nodes() -> None:
    shared = 0
    for seed in range(100):
        program = seeded(seed, SMOOTH, 25)
        reached = [step.input for step in chain_rule(program(*map(Value, program.inputs)))]
        shared += len(reached) - len(set(reached))
    assert shared > 500


def test_a_fault_is_seen_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partial that is wrong by 1e-12 does not pass the check, and one wrong by 1e-6 not the comparison."""
    tanh = TABLE["tanh"]
    truth, partials = tanh.dx, tanh.partials
    seeds = [s for s in range(100) if any(line.op is tanh for line in seeded(s, SMOOTH, 1 + s % 60).lines)]
    monkeypatch.setattr(tanh, "dx", lambda z, x: truth(z, x) * (1 + 1e-12))
    monkeypatch.setattr(tanh, "partials", (lambda z, x: partials[0](z, x) * (1 + 1e-12),))
    for seed in seeds:
        found = outcome(seed, None, {})
        assert found.verdict == "wrong" and found.culprit.startswith("tanh: ∂z/∂x")
    monkeypatch.undo()
    runner = with_pytorch()
    monkeypatch.setattr(by_peers, "verdict_on", lambda *a, **k: wrong_by(1e-6, *a, **k))
    assert sum(bool(outcome(seed, runner, {}).lost) for seed in seeds[:10]) >= 8


def wrong_by(share: float, *args, **kwargs):
    """A report whose gradients are off, though it calls them right."""
    from engine.check.verdict import verdict_on

    report = verdict_on(*args, **kwargs)
    report.leaves = [leaf._replace(gradient=leaf.gradient * (1 + share)) for leaf in report.leaves]
    return report
