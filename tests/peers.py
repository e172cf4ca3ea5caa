"""Ours against PyTorch and JAX in float64: the worst error of each op's value and gradient.

    python -m tests.peers                    # the whole table: some minutes
    python -m tests.peers --short            # the README's form of it
    python -m tests.peers --ops tanh,gelu --points 1000

The functions compared are those a user calls. A peer that is not installed leaves its columns empty:
python -m pip install 'chainrule[oracle]' brings both.
"""

import argparse
import math
import platform
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from engine import Value
from engine.check.bounds import EXEMPT
from engine.check.definitions import exact_partial, exact_value
from engine.check.points import draw_points
from engine.check.ulps import SMALLEST_NORMAL, ulp
from engine.op import Op
from engine.ops import HELPERS, TABLE, identity
from engine.optional import load

PARTS = ("z", "dx", "dy")
"""The value, and the slopes in the operands, by the names they have in `engine.check.bounds`."""

Point = tuple[Any, ...]
Answer = Sequence[Sequence[float]]
"""What was computed at a point: [value], then for each operand its slope, or the slopes in its elements."""

WITHOUT = {
    "detach": "a copy, whose gradient is nothing by definition",
    "where": "a choice between two numbers: nothing is computed",
    "step": "a constant on either side: PyTorch and JAX give its value and refuse it a slope",
}
"""The public rows that are not compared, and why."""

GROSS = 1e6
"""An error in ulp from which on more than a third of the digits are lost."""

RULE = (
    "Counted are the points at which every operand and the exact result (70 digits) is 0 or a normal float64 "
    "(JAX on a CPU takes smaller numbers for 0), kinks left out; nobody is excused anywhere else. "
    "elu's alpha and leaky_relu's slope are left at their defaults; gelu is the erf form."
)


class Contender(NamedTuple):
    """A library: its functions by the name of our row, and how to run one on many points."""

    name: str
    ops: Mapping[str, Callable[..., Any]]
    run: Callable[[Callable[..., Any], Sequence[Point]], list[Answer]]
    version: str = ""


class Finding(NamedTuple):
    """One number at one point: the exact one, and what each contender made of it."""

    row: str
    part: str
    element: int
    operands: Point
    exact: Any
    got: dict[str, float]
    ulps: dict[str, float]


def elements(x: Any) -> list[Any]:
    """The numbers of an operand, which is a list or a number."""
    return list(x) if isinstance(x, (list, tuple)) else [x]


def by_sweep(op: Callable[..., Any], points: Sequence[Point]) -> list[Answer]:
    """Ours: record the op on Values and sweep, point by point."""
    answers = []
    for operands in points:
        values = [tuple(map(Value, x)) if isinstance(x, tuple) else Value(x) for x in operands]
        z = op(*values)
        z.backward()
        answers.append([[z.data], *([v.grad for v in elements(x)] for x in values)])
    return answers


def in_batches(
    run: Callable[..., tuple[Any, ...]], function: Callable[..., Any], points: Sequence[Point]
) -> list[Answer]:
    """A peer's: one call for all points of one shape, a list operand being the last axis.

    `run` takes the function and an array for each operand, and returns the array of values and one of slopes
    for each operand.
    """
    batches = defaultdict(list)
    for i, operands in enumerate(points):
        batches[tuple(map(np.shape, operands))].append(i)
    answers: list[Answer] = [[] for _ in points]
    for batch in batches.values():
        columns = zip(*(points[i] for i in batch), strict=True)
        arrays = run(function, *(np.array(column, dtype=np.float64) for column in columns))
        for i, *parts in zip(batch, *arrays, strict=True):
            answers[i] = [np.atleast_1d(part).tolist() for part in parts]
    return answers


def pytorch() -> Contender:
    """PyTorch's functions: `torch` first, then `torch.special` and `torch.nn.functional`; it has no cbrt."""
    torch = load("torch", extra="oracle")
    functional = load("torch.nn.functional", extra="oracle")

    def run(function: Callable[..., Any], *columns: Any) -> tuple[Any, ...]:
        operands = [torch.tensor(column, requires_grad=True) for column in columns]
        z = function(*operands)
        z.sum().backward()
        return z.detach().numpy(), *(x.grad.numpy() for x in operands)

    ops = {
        "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "neg": torch.neg,
        "abs": torch.abs, "power": torch.pow, "exp": torch.exp, "expm1": torch.expm1, "log": torch.log,
        "log1p": torch.log1p, "log2": torch.log2, "log10": torch.log10, "sqrt": torch.sqrt,
        "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "asin": torch.asin, "acos": torch.acos,
        "atan": torch.atan, "hypot": torch.hypot, "atan2": torch.atan2, "sinh": torch.sinh,
        "cosh": torch.cosh, "tanh": torch.tanh, "asinh": torch.asinh, "acosh": torch.acosh,
        "atanh": torch.atanh, "erf": torch.special.erf, "erfc": torch.special.erfc,
        "relu": functional.relu, "leaky_relu": functional.leaky_relu, "elu": functional.elu,
        "sigmoid": torch.sigmoid, "softplus": functional.softplus, "silu": functional.silu,
        "gelu": functional.gelu, "maximum": torch.maximum, "minimum": torch.minimum,
        "logaddexp": torch.logaddexp, "sum": partial(torch.sum, dim=-1), "dot": torch.linalg.vecdot,
        "max": partial(torch.amax, dim=-1), "min": partial(torch.amin, dim=-1),
        "logsumexp": partial(torch.logsumexp, dim=-1),
    }  # fmt: skip
    return Contender("PyTorch", ops, partial(in_batches, run), torch.__version__)


def jax() -> Contender:
    """JAX's functions: `jax.numpy` first, then `jax.scipy.special` and `jax.nn`, gelu in its erf form."""
    jax = load("jax", extra="oracle")
    jnp, special, nn = jax.numpy, load("jax.scipy.special", extra="oracle"), load("jax.nn", extra="oracle")
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)

    def run(function: Callable[..., Any], *columns: Any) -> tuple[Any, ...]:
        operands = [jnp.asarray(column) for column in columns]
        z = function(*operands)
        every = tuple(range(len(operands)))
        slopes = jax.grad(lambda *xs: function(*xs).sum(), argnums=every)(*operands)
        return np.asarray(z), *map(np.asarray, slopes)

    ops = {
        "add": jnp.add, "sub": jnp.subtract, "mul": jnp.multiply, "div": jnp.divide, "neg": jnp.negative,
        "abs": jnp.abs, "power": jnp.power, "exp": jnp.exp, "expm1": jnp.expm1, "log": jnp.log,
        "log1p": jnp.log1p, "log2": jnp.log2, "log10": jnp.log10, "sqrt": jnp.sqrt, "cbrt": jnp.cbrt,
        "sin": jnp.sin, "cos": jnp.cos, "tan": jnp.tan, "asin": jnp.arcsin, "acos": jnp.arccos,
        "atan": jnp.arctan, "hypot": jnp.hypot, "atan2": jnp.arctan2, "sinh": jnp.sinh, "cosh": jnp.cosh,
        "tanh": jnp.tanh, "asinh": jnp.arcsinh, "acosh": jnp.arccosh, "atanh": jnp.arctanh,
        "erf": special.erf, "erfc": special.erfc, "relu": nn.relu, "leaky_relu": nn.leaky_relu,
        "elu": nn.elu, "sigmoid": nn.sigmoid, "softplus": nn.softplus, "silu": nn.silu,
        "gelu": partial(nn.gelu, approximate=False), "maximum": jnp.maximum, "minimum": jnp.minimum,
        "logaddexp": jnp.logaddexp, "sum": partial(jnp.sum, axis=-1), "dot": jnp.vecdot,
        "max": partial(jnp.max, axis=-1), "min": partial(jnp.min, axis=-1),
        "logsumexp": partial(nn.logsumexp, axis=-1),
    }  # fmt: skip
    return Contender("JAX", ops, partial(in_batches, run), jax.__version__)


OURS = Contender(
    "ours",
    {name: op for name, op in TABLE.items() if name not in HELPERS and name not in WITHOUT},
    by_sweep,
    f"on Python {platform.python_version()}",
)


def installed(*peers: Callable[[], Contender]) -> tuple[list[Contender], list[str]]:
    """Return the peers that are here, and a sentence for each that is not."""
    here, absent = [], []
    for peer in peers:
        try:
            here.append(peer())
        except ModuleNotFoundError as error:
            absent.append(str(error))
    return here, absent


def points_of(op: Op, count: int, seed: int) -> list[Point]:
    """The points of a row: operands that have a default, such as elu's alpha, are left at it."""
    return list(draw_points(identity if op.defaults else op, count, seed))


def is_normal(x: Any) -> bool:
    """Whether a number, of any number of digits, is 0 or within the normal floats."""
    return x == 0 or SMALLEST_NORMAL <= abs(x) <= math.ldexp(1 - 2.0**-53, 1024)


def truth(op: Op, operands: Point) -> list[list[Any]]:
    """The exact numbers at a point, shaped as an Answer; None for one that is not counted."""
    point = (*operands, *op.defaults[: op.arity - len(operands)])
    try:
        answer = [[exact_value(op.name, point)]]
    except ZeroDivisionError:  # at a pole
        answer = [[None]]
    on_a_kink = op.margin is not None and op.margin(*operands, *op.defaults) == 0.0
    for index, operand in enumerate(operands):
        slopeless = on_a_kink or (op.name == "power" and index == 1 and operands[0] < 0.0)
        try:
            slopes = [] if slopeless else elements(exact_partial(op.name, index, point))
        except ZeroDivisionError:  # at a pole
            slopes = []
        answer.append(slopes or [None] * len(elements(operand)))
    fair = all(is_normal(x) for operand in operands for x in elements(operand))
    return [[x if fair and x is not None and is_normal(x) else None for x in part] for part in answer]


def findings(
    name: str, contenders: Sequence[Contender], count: int = 8000, seed: int = 0
) -> Iterator[Finding]:
    """Yield every number counted of one row, as each contender that has the row computed it."""
    op = TABLE[name]
    points = points_of(op, count, seed)
    answers = {c.name: c.run(c.ops[name], points) for c in contenders if name in c.ops}
    for i, operands in enumerate(points):
        for part, numbers in enumerate(truth(op, operands)):
            for k, exact in enumerate(numbers):
                if exact is not None:
                    got = {who: answer[i][part][k] for who, answer in answers.items()}
                    ulps = {who: ulp(exact, x) for who, x in got.items()}
                    yield Finding(name, PARTS[part], k, operands, exact, got, ulps)


def is_excused(finding: Finding) -> bool:
    """Whether the bounds of our table make an exception there: next to a zero of the result."""
    operands = (*finding.operands, *TABLE[finding.row].defaults)
    return any(e.region(finding.exact, *operands) for e in EXEMPT.get((finding.row, finding.part), ()))


def is_ordinary(operands: Point) -> bool:
    """Whether all operands are of a size that users meet: from 0.001 to 100."""
    return all(0.001 <= abs(x) <= 100.0 for operand in operands for x in elements(operand))


class Row(NamedTuple):
    """What was found of one row: the worst numbers, by contender and part.

    `bounded` are our largest errors, by part, where the bounds of our table make no exception; `ordinary` is
    everybody's largest error at ordinary operands; `exhibits` are points where somebody is grossly wrong.
    """

    name: str
    worst: dict[tuple[str, str], Finding]
    bounded: dict[str, float]
    ordinary: dict[str, float]
    exhibits: list[Finding]
    counted: int

    def ulps(self, who: str) -> dict[str, float]:
        """The worst errors of a contender by part; nothing where it has no such function."""
        return {part: f.ulps[who] for (owner, part), f in self.worst.items() if owner == who}


def measure(name: str, contenders: Sequence[Contender], count: int = 8000, seed: int = 0) -> Row:
    """Find the worst errors of one row."""
    worst: dict[tuple[str, str], Finding] = {}
    bounded: dict[str, float] = defaultdict(float)
    ordinary: dict[str, float] = defaultdict(float)
    gross: dict[str, list[Finding]] = defaultdict(list)
    counted = 0
    for finding in findings(name, contenders, count, seed):
        counted += 1
        part = finding.part
        for who, error in finding.ulps.items():
            if (who, part) not in worst or error > worst[who, part].ulps[who]:
                worst[who, part] = finding
        if not is_excused(finding):
            bounded[part] = max(bounded[part], finding.ulps.get(OURS.name, 0.0))
        if is_ordinary(finding.operands):
            for who, error in finding.ulps.items():
                ordinary[who] = max(ordinary[who], error)
            if max(finding.ulps.values()) > GROSS:
                gross[part].append(finding)
    exhibits = [plainest(gross[part], contenders) for part in PARTS if part in gross]
    return Row(name, worst, bounded, ordinary, [f for f in exhibits if f is not None], counted)


def plainest(found: Sequence[Finding], contenders: Sequence[Contender]) -> Finding | None:
    """The most telling gross error: short operands, most digits lost, next to 0; None where there is none.

    A peer's kernel for many numbers is not always its kernel for one, so each contender is asked again for
    the point alone, and a point is taken only if those who were grossly wrong are so again.
    """

    def plainness(finding: Finding) -> tuple[bool, int, float]:
        digits_lost = int(math.log10(min(1e15, max(finding.ulps.values()))))
        sizes = [abs(x) for operand in finding.operands for x in elements(operand)]
        return len(repr(finding.operands)) > 16, -digits_lost, max(sizes)

    for finding in sorted(found, key=plainness):
        part = PARTS.index(finding.part)
        alone = {
            c.name: c.run(c.ops[finding.row], [finding.operands])[0][part][finding.element]
            for c in contenders
            if c.name in finding.got
        }
        wrong = [who for who, error in finding.ulps.items() if error > GROSS]
        if all(ulp(finding.exact, alone[who]) > GROSS for who in wrong):
            return finding._replace(got=alone)
    return None


def shown(error: float) -> str:
    """An error in ulp as the table shows it.

    >>> shown(0.4996), shown(480.3), shown(8.97e15), shown(math.inf)
    ('0.50', '480', '9e15', '∞')
    """
    if math.isinf(error):
        return "∞"
    text = f"{error:.2f}" if error < 99.995 else f"{error:.0f}" if error < 9999.5 else f"{error:.0e}"
    return text.replace("e+", "e")


def cells(row: Row, who: str) -> str:
    """The value's and the gradient's worst errors of a contender, as two cells; † where ours is excused."""
    found = row.ulps(who)
    marked = {
        part: shown(error) + "†" * (who == OURS.name and error > row.bounded[part])
        for part, error in found.items()
    }
    return f"{marked.get('z', '')} | {'; '.join(marked[part] for part in PARTS[1:] if part in marked)}"


def table(rows: Sequence[Row], names: Sequence[str]) -> str:
    """The worst error of every row, in Markdown."""
    lines = [
        "| op | " + " | ".join(f"{who} value | gradient" for who in names) + " |",
        "|---|" + "---:|---:|" * len(names),
        *(f"| {row.name} | " + " | ".join(cells(row, who) for who in names) + " |" for row in rows),
    ]
    return "\n".join(lines)


def tally(rows: Sequence[Row], who: str) -> dict[str, int]:
    """How many rows of a contender are how good or bad."""
    found = [row for row in rows if row.ulps(who)]
    worst = [max(row.ulps(who).values()) for row in found]
    slopes = [
        max((row.ulps(who)[part] for part in row.ulps(who) if part != "z"), default=0.0) for row in found
    ]
    return {
        "ops compared": len(found),
        "value within 1 ulp": sum(row.ulps(who)["z"] <= 1.0 for row in found),
        "every partial within 4 ulp": sum(error <= 4.0 for error in slopes),
        "value or a partial worse than 16 ulp": sum(error > 16.0 for error in worst),
        "worse than a million ulp": sum(error > GROSS for error in worst),
        "worse than a million ulp at operands of 0.001 to 100": sum(
            row.ordinary[who] > GROSS for row in found
        ),
    }


def counts(rows: Sequence[Row], names: Sequence[str]) -> str:
    """The tallies of all contenders, in Markdown; empty cells for one that is not here."""
    tallies = [tally(rows, who) for who in names]
    lines = [f"| how many ops | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for claim in tallies[0]:
        numbers = [str(t[claim]) if t["ops compared"] else "" for t in tallies]
        lines.append(f"| {claim} | {' | '.join(numbers)} |")
    return "\n".join(lines)


def call(finding: Finding) -> str:
    """What was computed, as a formula: tanh'(20), or ∂y power(2, 3).

    >>> call(Finding("tanh", "dx", 0, (20.0,), 0, {}, {}))
    "tanh'(20)"
    """
    numbers = [
        "[" + ", ".join(map(plain, x)) + "]" if isinstance(x, tuple) else plain(x) for x in finding.operands
    ]
    if len(numbers) == 1:
        return f"{finding.row}{'' if finding.part == 'z' else chr(39)}({numbers[0]})"
    slope = {"z": "", "dx": "∂x ", "dy": "∂y "}[finding.part]
    return f"{slope}{finding.row}({', '.join(numbers)})"


def plain(x: float) -> str:
    """A float in full, without an empty fraction."""
    return repr(x).removesuffix(".0")


def exhibits(rows: Sequence[Row], names: Sequence[str]) -> str:
    """A point for each value or partial that somebody gets grossly wrong, the wrong numbers in bold."""
    lines = [f"| computed | exact | {' | '.join(names)} |", "|---|---:|" + "---:|" * len(names)]
    for finding in (finding for row in rows for finding in row.exhibits):
        numbers = [float(finding.exact), *(finding.got.get(who) for who in names)]
        texts = ["" if x is None else f"{x:.12g}" for x in numbers]
        bold = [False, *(finding.ulps.get(who, 0.0) > GROSS for who in names)]
        shown = [f"**{text}**" if wrong else text for text, wrong in zip(texts, bold, strict=True)]
        lines.append(f"| `{call(finding)}` | {' | '.join(shown)} |")
    return "\n".join(lines)


def notes(rows: Sequence[Row], contenders: Sequence[Contender]) -> str:
    """What was compared, by which rule, and what the daggers stand for."""
    excused = [
        f"{row.name} (elsewhere {shown(row.bounded[part])})"
        for row in rows
        for part, error in row.ulps(OURS.name).items()
        if error > row.bounded[part]
    ]
    versions = ", ".join(f"{c.name} {c.version}" for c in contenders)
    notes = f"{versions}; {sum(row.counted for row in rows):,} numbers compared. {RULE}"
    if excused:
        notes += f"\n† The result is next to its zero, where its terms cancel: {', '.join(excused)}."
    return notes


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print: `python -m tests.peers --help`."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers", description=main.__doc__)
    parser.add_argument("--points", type=int, default=8000, help="points an op (8000)")
    parser.add_argument("--ops", type=lambda text: text.split(","), default=list(OURS.ops), help="tanh,exp")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--short", action="store_true", help="the counts, and points where a peer is wrong")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.ops) - set(OURS.ops)):
        parser.error(f"no such row to compare: {', '.join(unknown)}; there are {', '.join(OURS.ops)}")
    peers, absent = installed(pytorch, jax)
    contenders = [OURS, *peers]
    names = [OURS.name, "PyTorch", "JAX"]
    bar = tqdm(options.ops, desc="rows", leave=False)
    rows = [measure(name, contenders, options.points, options.seed) for name in bar]
    if not options.short:
        print(table(rows, names), end="\n\n")
    print(counts(rows, names), end="\n\n")
    print(exhibits(rows, names), end="\n\n")
    print(notes(rows, contenders), *absent, sep="\n")


if __name__ == "__main__":
    main()
