"""Random programs against PyTorch's float64: values and gradients.

The two are compared at 1e-9 first. Where they differ by more, exact arithmetic decides who is right: ours may
be off by what the table's own bounds allow (2.5 ulp for each value, 4 for each partial, half for each product
and sum), each rounding taken at its worst, and no more.
"""

import math
import os
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from engine import Value, chain_rule
from engine.chain import order
from engine.check.bounds import allowed
from engine.check.definitions import ROWS, exact_partial, exact_value
from engine.check.judge import PARTS, as_list, operands_at
from engine.check.programs import Program, seeded
from engine.check.ulps import mp, unit
from engine.op import Op
from engine.ops import TABLE

if os.environ.get("CI") == "true":
    import torch
else:
    torch = pytest.importorskip("torch")

SIZE = 25
AGREE = 1e-9
DOUBLE = torch.float64


def tensor(x: Any) -> Any:
    return x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=DOUBLE)


def stacked(xs: tuple[Any, ...]) -> Any:
    return torch.stack([tensor(x) for x in xs])


def normal(x: Any) -> Any:
    return torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)


TORCH: dict[str, Callable[..., Any]] = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "ratio": torch.div,
    "neg": torch.neg,
    "abs": torch.abs, "power": torch.pow, "exp": torch.exp, "expm1": torch.expm1, "log": torch.log,
    "log1p": torch.log1p, "log2": torch.log2, "log10": torch.log10, "sqrt": torch.sqrt,
    "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3), "exp_sub": lambda x, y: torch.exp(x - y),
    "power_derivative_1_0": lambda x, y: y * x ** (y - 1),
    "power_derivative_0_1": lambda x, y: x**y * torch.log(x),
    "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "asin": torch.asin, "acos": torch.acos,
    "atan": torch.atan, "atan2": torch.atan2, "hypot": torch.hypot, "sinh": torch.sinh, "cosh": torch.cosh,
    "tanh": torch.tanh, "sech2": lambda x: 1 / torch.cosh(x) ** 2, "asinh": torch.asinh, "acosh": torch.acosh,
    "atanh": torch.atanh, "erf": torch.erf, "erfc": torch.erfc, "gaussian": lambda x: torch.exp(-x * x),
    "normal_cdf": torch.special.ndtr, "normal_density": normal, "relu": torch.relu,
    "leaky_relu": lambda x, y: torch.where(x > 0, x, x * y),
    "elu": lambda x, y: torch.where(x > 0, x, y * torch.expm1(x)), "sigmoid": torch.sigmoid,
    "softplus": torch.nn.functional.softplus, "silu": torch.nn.functional.silu,
    "gelu": torch.nn.functional.gelu, "cosine": lambda x, y: x / torch.hypot(x, y),
    "silu_slope": lambda x: torch.sigmoid(x) * (1 + x * torch.sigmoid(-x)),
    "gelu_slope": lambda x: torch.special.ndtr(x) + x * normal(x),
    "maximum": torch.maximum, "minimum": torch.minimum, "logaddexp": torch.logaddexp,
    "sum": lambda xs: stacked(xs).sum(), "dot": lambda xs, ys: torch.dot(stacked(xs), stacked(ys)),
    "max": lambda xs: stacked(xs).amax(), "min": lambda xs: stacked(xs).amin(),
    "logsumexp": lambda xs: torch.logsumexp(stacked(xs), 0),
    "where": lambda c, ab: torch.where(c > 0, *map(tensor, ab)), "detach": lambda x: x.detach(),
    "identity": lambda x: x * 1.0,
}  # fmt: skip

ROWS_OF_TORCH = [TABLE[name] for name in sorted(TORCH)]


def by_torch(program: Program) -> tuple[float, list[float]]:
    """The value of a program and its gradients, by PyTorch."""
    leaves = [torch.tensor(x, dtype=DOUBLE, requires_grad=True) for x in program.inputs]

    def call(op: Op, *operands: Any) -> Any:
        return TORCH[op.name](*[x if isinstance(x, tuple) else tensor(x) for x in operands])

    z = program.run(leaves, call)[-1]
    if z.requires_grad:
        z.backward()
    return z.item(), [0.0 if leaf.grad is None else leaf.grad.item() for leaf in leaves]


class Exact:
    """A recorded graph in 70 digits, and how far floats may stray from it."""

    def __init__(self, z: Value, leaves: list[Value]) -> None:
        self.nodes, self.leaves, self.output = [v for v in order(z) if v.op is not None], leaves, z
        self.fan = Counter(step.input for step in chain_rule(z))
        self.value, self.gradients = self.run()
        self.value_room, self.gradient_rooms = mp.mpf(0), [mp.mpf(0) for _ in leaves]
        for node in self.nodes:
            exact = exact_value(node.op.name, operands_at(node))
            self.add_effect(node, allowed(node.op.name, "z", operands_at(node), exact))
            for index, part in zip(range(node.op.arity), PARTS, strict=False):
                if node.op.partials[index] is None:
                    continue
                exact = exact_partial(node.op.name, index, operands_at(node))
                operand = as_list((node.x, node.y)[index], 1)
                for k, (v, slope) in enumerate(zip(operand, as_list(exact, 1), strict=True)):
                    if isinstance(v, Value):
                        # besides the partial: half an ulp for the product, and for each sum it goes through
                        room = allowed(node.op.name, part, operands_at(node), slope)
                        room += (0.5 + 0.5 * self.fan[v]) * unit(slope)
                        self.add_effect((node, index, k), room)

    def add_effect(self, nudged: Any, by: Any) -> None:
        value, gradients = self.run(nudged, by)
        self.value_room += abs(value - self.value)
        for i, (moved, still) in enumerate(zip(gradients, self.gradients, strict=True)):
            self.gradient_rooms[i] += abs(moved - still)

    def run(self, nudged: Any = None, by: Any = 0) -> tuple[Any, list[Any]]:
        """Return the value and the gradients; `nudged` is a node, or one partial (node, operand, element)."""
        numbers: dict[Value, Any] = {}

        def number(v: Any) -> Any:
            if isinstance(v, tuple):
                return [number(w) for w in v]
            return mp.mpf(float(v)) if not isinstance(v, Value) or v.op is None else numbers[v]

        for node in self.nodes:
            operands = [number(x) for x in (node.x, node.y)[: node.op.arity]]
            numbers[node] = ROWS[node.op.name].value(*operands) + (by if node is nudged else 0)
        upstream: dict[Value, Any] = defaultdict(mp.mpf, {self.output: mp.mpf(1)})
        for node in reversed(self.nodes):
            operands = [number(x) for x in (node.x, node.y)[: node.op.arity]]
            for index, operand in enumerate((node.x, node.y)[: node.op.arity]):
                partial = ROWS[node.op.name].partials[index]
                if partial is None:
                    continue
                for k, (v, slope) in enumerate(
                    zip(as_list(operand, 1), as_list(partial(*operands), 1), strict=True)
                ):
                    if isinstance(v, Value):
                        upstream[v] += upstream[node] * (slope + (by if nudged == (node, index, k) else 0))
        return number(self.output), [upstream[leaf] for leaf in self.leaves]


def compare(program: Program) -> bool:
    """Compare a program with PyTorch; return whether exact arithmetic had to decide."""
    leaves = [Value(x) for x in program.inputs]
    z = program.run(leaves)[-1]
    z.backward()
    value, slopes = by_torch(program)
    ours = [leaf.grad for leaf in leaves]
    if all(abs(a - b) <= AGREE * abs(b) for a, b in zip([z.data, *ours], [value, *slopes], strict=True)):
        return False
    exact = Exact(z, leaves)
    assert abs(z.data - exact.value) <= exact.value_room, (program, z.data, value)
    for i, got in enumerate(ours):
        assert abs(got - exact.gradients[i]) <= exact.gradient_rooms[i], (program, i, got, slopes[i])
    return True


def test_every_row_has_its_counterpart() -> None:
    assert set(TORCH) == set(TABLE) - {"step", "sign", "ahead"}


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.slow)])
def test_random_programs(count: int) -> None:
    disputed = [seed for seed in range(count) if compare(seeded(seed, ROWS_OF_TORCH, SIZE))]
    print(f"\n{count} programs; beyond {AGREE} in {len(disputed)}, ours within its rounding in all")
    assert len(disputed) < count / 20


def test_programs_share_nodes() -> None:
    programs = [seeded(seed, ROWS_OF_TORCH, SIZE) for seed in range(100)]
    shared = 0
    for program in programs:
        z = program.run([Value(x) for x in program.inputs])[-1]
        reached = [step.input for step in chain_rule(z)]
        shared += len(reached) - len(set(reached))
    assert shared > 500


def test_a_fault_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partial that is wrong by 1e-8 does not hide behind the tolerance."""
    tanh = TABLE["tanh"]
    truth = tanh.dx
    monkeypatch.setattr(tanh, "dx", lambda z, x: truth(z, x) * (1 + 1e-8))
    with pytest.raises(AssertionError):
        for seed in range(300):
            compare(seeded(seed, ROWS_OF_TORCH, SIZE))
