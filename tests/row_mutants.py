"""Small faults planted in the rows of the op table, one at a time, and whether `check_op` catches them.

The faults are made from the source of `engine.ops`: in one partial of one row a sign, an operand, a constant,
a called row, a factor or a term is another, or the whole is off by 1e-12; values are replaced likewise, and by
forms that look right. A mutant is killed where `check_op` raises GradientError and names that row and part.

The score of every row: `python -m tests.row_mutants`.
"""

import ast
import copy
import inspect
import math
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from typing import Any, NamedTuple

from tqdm import tqdm

from engine import ops
from engine.check import Culprit, GradientError, check_op
from engine.check.definitions import ROWS
from engine.check.judge import PARTS, TITLES
from engine.op import Op
from engine.ops import TABLE

COUNTS = 60, 400, 2000
"""At so many points a mutant is looked at, until it is caught."""
SLIGHTLY = 1e-12

NEIGHBOURS = {
    "ahead": "maximum sub", "cos": "sin cosh", "cosh": "sinh cos", "cosine": "hypot ratio atan2",
    "detach": "neg", "exp": "expm1 gaussian", "exp_sub": "sub logaddexp", "expm1": "exp log1p",
    "gaussian": "normal_density sech2", "gelu_slope": "normal_cdf silu_slope", "hypot": "cosine add maximum",
    "max": "min sum logsumexp", "minimum": "maximum ahead", "normal_density": "gaussian normal_cdf",
    "power_x": "power_y power", "power_y": "power_x power", "ratio": "div cosine",
    "sech2": "tanh gaussian sigmoid", "sigmoid": "tanh step", "sign": "step tanh", "silu": "relu gelu",
    "silu_slope": "sigmoid gelu_slope", "sin": "cos sinh", "sinh": "cosh sin", "sqrt": "cbrt exp",
    "step": "sign sigmoid relu", "sum": "max logsumexp", "tanh": "sinh sigmoid",
    "ONE_OVER_LN2": "ONE_OVER_LN10", "ONE_OVER_LN10": "ONE_OVER_LN2", "TWO_OVER_ROOT_PI": "ONE_OVER_LN2",
}  # fmt: skip
"""What a row that a partial calls, or a constant, may be mistaken for."""

VALUES = {
    "abs": ["x if x > 0.0 else -x", "math.sqrt(x * x)", "max(x, -x)"],
    "acosh": ["math.log(x + math.sqrt(x * x - 1))"],
    "ahead": ["float(x > y)", "1.0 if x > y else 0.5 if x == y else 0.0"],
    "asinh": ["math.log(x + math.sqrt(x * x + 1))"],
    "atan2": ["math.atan(x / y)"],
    "atanh": ["math.log((1 + x) / (1 - x)) / 2"],
    "cbrt": ["math.copysign(abs(x) ** (1 / 3), x)"],
    "cosh": ["(math.exp(x) + math.exp(-x)) / 2"],
    "cosine": ["x / math.sqrt(x * x + y * y)", "x / math.hypot(x, y)"],
    "div": ["x * (1 / y)"],
    "dot": ["math.fsum(xs) * math.fsum(ys)"],
    "elu": ["x if x > 0.0 else y * (math.exp(x) - 1)", "max(x, y * math.expm1(x))"],
    "erfc": ["1 - math.erf(x)"],
    "exp_sub": ["math.exp(x) / math.exp(y)"],
    "expm1": ["math.exp(x) - 1"],
    "gelu": [
        "x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2",
        "x * (1 + math.erf(x / math.sqrt(2))) / 2",
    ],
    "hypot": ["math.sqrt(x * x + y * y)", "abs(x) + abs(y)"],
    "leaky_relu": ["max(x, y * x)"],
    "log1p": ["math.log(1 + x)"],
    "logaddexp": ["math.log(math.exp(x) + math.exp(y))", "max(x, y)"],
    "logsumexp": ["math.log(math.fsum(map(math.exp, xs)))", "max(xs) + math.log(len(xs))"],
    "max": ["max(xs)", "xs[-1]"],
    "maximum": ["max(x, y)", "max(y, x)", "x if x > y else y"],
    "min": ["min(xs)", "xs[0]"],
    "minimum": ["min(x, y)", "x if x < y else y"],
    "normal_cdf": ["(1 + math.erf(x / math.sqrt(2))) / 2"],
    "ratio": ["x / y", "x / y if x else 0.0"],
    "relu": ["max(0.0, x)", "max(x, 0.0)", "x * (x > 0.0)", "x if x > 0.0 else 0.0", "abs(x)"],
    "sech2": ["1 - math.tanh(x) ** 2", "1 / math.cosh(x) ** 2"],
    "sigmoid": ["1 / (1 + math.exp(-x))", "math.exp(x) / (1 + math.exp(x))"],
    "sign": ["math.copysign(1.0, x)", "float((x > 0.0) - (x < 0.0))", "x / abs(x) if x else x"],
    "silu": ["x / (1 + math.exp(-x))"],
    "sinh": ["(math.exp(x) - math.exp(-x)) / 2", "math.sinh(x)"],
    "softplus": ["math.log(1 + math.exp(x))", "max(x, 0.0)"],
    "step": ["float(x > 0.0)", "float(x >= 0.0)"],
    "sum": ["xs[0] + math.fsum(xs)", "math.fsum(xs[1:])"],
    "tanh": ["(math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))", "1 - 2 / (math.exp(2 * x) + 1)"],
    "where": ["y[0] if x > 0.0 else y[1]", "y[0] if x >= 0.0 else y[1]", "y[x <= 0.0]"],
}  # fmt: skip
"""Values that look right, as source in the operands x and y; of a list xs and ys."""


class Mutant(NamedTuple):
    """A row whose part "z", "dx" or "dy" is another, of which `text` is the source."""

    row: str
    part: str
    text: str
    op: Op

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all others."""
        return self.row, self.part, self.text


def mutant(row: str, part: str, text: str, new: Any) -> Mutant:
    """The row with one part replaced."""
    # a plain Op: where and power_derivative differ in how they are called and made, not in what they compute
    op = TABLE[row]
    parts = dict(zip(("z", *PARTS), (op.value, *op.partials), strict=False)) | {part: new}
    wrong = Op(
        row, *parts.values(), domain=op.domain, margin=op.margin, defaults=op.defaults, lists=op.lists,
        limit=op.limit,
    )  # fmt: skip
    return Mutant(row, part, text, wrong)


# what is written in engine.ops
@cache
def functions() -> dict[str, ast.FunctionDef]:
    """The named functions of engine.ops."""
    tree = ast.parse(inspect.getsource(ops))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


class Source(NamedTuple):
    """One partial as it is written: its expression, the operands, and the names that it closes over."""

    row: str
    index: int
    body: ast.expr
    operands: tuple[str, ...]
    names: dict[str, int]

    @property
    def text(self) -> str:
        return ast.unparse(self.body)

    @property
    def is_constant(self) -> bool:
        return not any(isinstance(node, ast.Name) for node in ast.walk(self.body))

    @property
    def gives_list(self) -> bool:
        """Whether it gives a slope for each element of a list."""
        return TABLE[self.row].lists[self.index] and not self.is_constant

    @property
    def numbers(self) -> frozenset[str]:
        """The names that stand for one number each."""
        lists = {name for name, is_list in zip("xy", TABLE[self.row].lists, strict=False) if is_list}
        inner = {node.target.id for node in ast.walk(self.body) if isinstance(node, ast.comprehension)}
        return frozenset(self.names) or frozenset(self.operands) - lists | inner

    def compiled(self, text: str, helper: ast.stmt | None = None) -> Any:
        """Another text for this partial, in the namespace of engine.ops, where one function may be another."""
        if text in CONSTANTS or _is_number(text):
            return ast.literal_eval(text)
        namespace = vars(ops) | self.names
        if helper is not None:
            exec(ast.unparse(helper), namespace)
        return eval(f"lambda {', '.join(self.operands)}: {text}", namespace)


def sources() -> Iterator[Source]:
    """Every partial of every row, as engine.ops writes it."""
    for node in ast.walk(ast.parse(inspect.getsource(ops))):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called in ("Op", "Where"):
            yield from _partials(ast.literal_eval(node.args[0]), node.args[2:], {})
        elif called == "super().__init__":
            for n, m in ((1, 0), (0, 1)):
                yield from _partials(f"power_derivative_{n}_{m}", node.args[2:], {"n": n, "m": m})
