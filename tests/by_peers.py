"""Random programs, checked node by node and as a whole, and computed by PyTorch or JAX beside ours."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine import Value
from engine.check.graph_report import GraphReport
from engine.check.programs import SMOOTH, Program, seeded
from engine.check.verdict import HALF_ULP, verdict_on
from engine.optional import load
from tests.peers import jax, pytorch

LONGEST = 60
AGREE = 1e-9
ROOM = 512
"""A peer's ops may be so many times less accurate than ours (erf' of both peers is 500 ulp off)."""


class Outcome(NamedTuple):
    """What became of the program of a seed: our verdict, and the gradients in which the peer differs."""

    seed: int
    nodes: int
    verdict: str
    culprit: str
    disputes: tuple[tuple[float, float, float], ...]

    @property
    def lost(self) -> list[tuple[float, float, float]]:
        """The disputes in which the peer is nearer to the exact gradient: (ours, the peer's, exact)."""
        return [d for d in self.disputes if not (abs(d[0] - d[2]) <= abs(d[1] - d[2]) or math.isnan(d[1]))]


class Runner(NamedTuple):
    """How a peer computes a program: the gradients by its inputs."""

    name: str
    gradients: Callable[[Program], list[float]]


def with_pytorch() -> Runner:
    """PyTorch, one scalar tensor a number."""
    torch = load("torch", extra="oracle")
    torch.set_num_threads(1)
    ops: dict[str, Callable[..., Any]] = {
        **pytorch().ops,
        "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
        "where": lambda c, ab: torch.where(c > 0, ab[0], ab[1]),
        "leaky_relu": lambda x, y: torch.where(x > 0, x, x * y),
        "elu": lambda x, y: torch.where(x > 0, x, y * torch.expm1(torch.clamp(x, max=0.0))),
    }

    def tensor(x: Any) -> Any:
        return x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=torch.float64)

    def call(op: Any, *operands: Any) -> Any:
        stacked = [torch.stack(list(map(tensor, x))) if isinstance(x, tuple) else tensor(x) for x in operands]
        return ops[op.name](*stacked)

    def gradients(program: Program) -> list[float]:
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in program.inputs]
        z = program.run(leaves, call)[-1]
        if z.requires_grad:
            z.backward()
        return [0.0 if leaf.grad is None else leaf.grad.item() for leaf in leaves]

    return Runner("PyTorch", gradients)


def with_jax() -> Runner:
    """JAX, eagerly."""
    contender = jax()
    module = load("jax", extra="oracle")
    jnp = module.numpy
    ops: dict[str, Callable[..., Any]] = {
        **contender.ops,
        "where": lambda c, ab: jnp.where(c > 0, ab[0], ab[1]),
    }

    def array(x: Any) -> Any:
        return jnp.stack(list(map(jnp.asarray, x))) if isinstance(x, tuple) else jnp.asarray(x)

    def call(op: Any, *operands: Any) -> Any:
        stacked = [
            jnp.stack(list(map(jnp.asarray, x))) if isinstance(x, tuple) else jnp.asarray(x) for x in operands
        ]
        return ops[op.name](*stacked)

    def gradients(program: Program) -> list[float]:
        slopes = module.grad(
            lambda *leaves: program.run(leaves, call)[-1], argnums=tuple(range(len(program.inputs)))
        )
        return [float(x) for x in slopes(*map(float, program.inputs))]

    return Runner("JAX", gradients)


def outcome(seed: int, runner: Runner | None, oracles: dict[Any, Any]) -> Outcome:
    """Check the program of a seed and compare its gradients with a peer's."""
    program = seeded(seed, SMOOTH, 1 + seed % LONGEST)
    leaves = [Value(x) for x in program.inputs]
    report = verdict_on(program(*leaves), leaves, seed=seed, oracles=oracles)
    disputes = () if runner is None else tuple(disputed(report, runner.gradients(program)))
    return Outcome(seed, len(program.lines), report.verdict, str(report.culprit or ""), disputes)


def disputed(report: GraphReport, theirs: Sequence[float]) -> list[tuple[float, float, float]]:
    """Return the decided gradients in which a peer differs by more than 1e-9 and than rounding explains."""
    found = []
    for leaf, other in zip(report.leaves, theirs, strict=True):
        exact = float(leaf.exact)  # type: ignore[arg-type]
        room = ROOM * leaf.condition * HALF_ULP * abs(exact) if math.isfinite(leaf.condition) else math.inf
        if leaf.verdict == "right" and not abs(leaf.gradient - other) <= max(AGREE * abs(exact), room):
            found.append((leaf.gradient, other, exact))
    return found


def outcomes(seeds: range, peer: str) -> list[Outcome]:
    """Check the programs of many seeds; what a process of a pool does."""
    runner = with_pytorch() if peer == "PyTorch" else None
    oracles: dict[Any, Any] = {}
    return [outcome(seed, runner, oracles) for seed in seeds]
