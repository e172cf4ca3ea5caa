"""Small faults planted in the rows of the op table, one at a time, and whether `check_op` catches them.

The faults are made from the source of `engine.ops`: in one partial of one row a sign, an operand, a constant,
a called row, a factor or a term is another, or the whole is off by 1e-12; values are off likewise, a
neighbour's, or of a form that looks right. A mutant is killed where `check_op` names its row and its part.

The score of every row: `python -m tests.row_mutants`.
"""

import ast
import copy
import inspect
import math
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from tqdm import tqdm

from engine import ops
from engine.check import GradientError, check_op
from engine.check.definitions import ROWS
from engine.check.examine import examined, specials
from engine.check.judge import PARTS, TITLES
from engine.check.operation import SEVERITY
from engine.check.oracle import Oracle
from engine.check.points import draw_points
from engine.check.report import columns
from engine.op import Op
from engine.ops import TABLE

COUNTS = 60, 400, 2000
"""At so many points a mutant is looked at, until it is caught."""
SLIGHTLY = 1e-12
OFF = f"(1 + {SLIGHTLY})", f"(1 - {SLIGHTLY})", "-1"
OPPOSITE = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
OF_A_LIST = {"max", "min", "sum"}, {"_tied", "list", "softmax"}
"""Functions that a partial calls on a list; the first give a number, the others a list."""
INNER = {"share", "shift", "tie", "total", "x"}
"""Names of numbers in `_tied` and `softmax`."""

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
    "sech2": ["1 - math.tanh(x) ** 2"],
    "sigmoid": ["math.exp(x) / (1 + math.exp(x))", "(1 + math.tanh(x / 2)) / 2"],
    "sign": ["math.copysign(1.0, x)", "float((x > 0.0) - (x < 0.0))", "x / abs(x) if x else x"],
    "silu": ["x * (1 + math.tanh(x / 2)) / 2"],
    "sinh": ["(math.exp(x) - math.exp(-x)) / 2"],
    "softplus": ["math.log(1 + math.exp(x))", "max(x, 0.0)"],
    "step": ["float(x > 0.0)", "float(x >= 0.0)"],
    "sum": ["xs[0] + math.fsum(xs)", "math.fsum(xs[1:])"],
    "tanh": ["(math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))", "1 - 2 / (math.exp(2 * x) + 1)"],
    "where": ["y[0] if x > 0.0 else y[1]", "y[0] if x >= 0.0 else y[1]", "y[x <= 0.0]"],
}  # fmt: skip
"""Values that look right, as source in the operands x and y; of a list xs and ys."""


SILU_BRANCHES = "where(x, 2 - x - 2 * silu(-x), 2 + x - 2 * silu(x))"
EQUIVALENT = {
    **dict.fromkeys(
        [
            ("sin", "dx", "cos(-x)"),
            ("sinh", "dx", "cosh(-x)"),
            ("tanh", "dx", "sech2(-x)"),
            ("erf", "dx", "TWO_OVER_ROOT_PI * gaussian(-x)"),
            ("erfc", "dx", "-TWO_OVER_ROOT_PI * gaussian(-x)"),
            ("normal_cdf", "dx", "normal_density(-x)"),
            ("gelu_slope", "dx", "normal_density(-x) + normal_density(x) * (1 - x) * (1 + x)"),
            ("gelu_slope", "dx", "normal_density(x) + normal_density(-x) * (1 - x) * (1 + x)"),
            ("sigmoid", "dx", "sech2(-x / 2) / 4"),
            ("sigmoid", "dx", "sech2(x / -2) / 4"),
            ("silu_slope", "dx", f"sech2(-x / 2) / 4 * {SILU_BRANCHES}"),
            ("silu_slope", "dx", f"sech2(x / -2) / 4 * {SILU_BRANCHES}"),
        ],
        "The function that is called is even.",
    ),
    **dict.fromkeys(
        [
            ("asinh", "dx", "1 / hypot(x, 1)"),
            ("asinh", "dx", "1 / hypot(-1, x)"),
            ("asinh", "dx", "1 / hypot(1, -x)"),
            ("atan2", "dx", "ratio(cosine(y, x), hypot(y, x))"),
            ("atan2", "dx", "ratio(cosine(y, x), hypot(-x, y))"),
            ("atan2", "dx", "ratio(cosine(y, x), hypot(x, -y))"),
            ("atan2", "dy", "-ratio(cosine(x, y), hypot(y, x))"),
            ("atan2", "dy", "-ratio(cosine(x, y), hypot(-x, y))"),
            ("atan2", "dy", "-ratio(cosine(x, y), hypot(x, -y))"),
            ("cosine", "dx", "ratio(cosine(y, x), hypot(y, x)) * cosine(y, x)"),
            ("cosine", "dx", "ratio(cosine(y, x), hypot(-x, y)) * cosine(y, x)"),
            ("cosine", "dx", "ratio(cosine(y, x), hypot(x, -y)) * cosine(y, x)"),
            ("cosine", "dy", "-ratio(z * cosine(y, x), hypot(y, x))"),
            ("cosine", "dy", "-ratio(z * cosine(y, x), hypot(-x, y))"),
            ("cosine", "dy", "-ratio(z * cosine(y, x), hypot(x, -y))"),
        ],
        "A distance knows neither the order of its operands nor their signs.",
    ),
    **dict.fromkeys(
        [
            ("atan2", "dx", "ratio(cosine(y, -x), hypot(x, y))"),
            ("atan2", "dy", "-ratio(cosine(x, -y), hypot(x, y))"),
            ("cosine", "dx", "ratio(cosine(y, -x), hypot(x, y)) * cosine(y, x)"),
            ("cosine", "dx", "ratio(cosine(y, x), hypot(x, y)) * cosine(y, -x)"),
            ("cosine", "dy", "-ratio(z * cosine(y, -x), hypot(x, y))"),
            ("hypot", "dx", "cosine(x, -y)"),
            ("hypot", "dy", "cosine(y, -x)"),
        ],
        "cosine(x, y), which is x / hypot(x, y), is even in y.",
    ),
    **dict.fromkeys(
        [("step", "dx", "None"), ("sign", "dx", "None"), ("detach", "dx", "0")],
        "Nothing flows back, or 0 does: the gradient is the same number.",
    ),
    ("relu", "dx", "step(z)"): "max(x, 0) is above 0 where x is.",
    ("leaky_relu", "dy", "where(-x, x, 0)"): "The branches agree at 0, where alone it takes the other.",
    ("elu", "dx", "where(x, 1, y * exp(minimum(0, x)))"): "minimum does not know the order of its operands.",
    ("elu", "dy", "expm1(minimum(0, x))"): "minimum does not know the order of its operands.",
    ("elu", "dx", "where(x, 1, y * exp(minimum(x, 1)))"): "It differs where x > 0, and there goes unused.",
    (
        "silu_slope", "dx",
        "sech2(x / 2) / 4 * where(-x, 2 + x - 2 * silu(x), 2 - x - 2 * silu(-x))",
    ): "The branches agree at 0, where alone it takes the other.",
    (
        "silu_slope", "dx", f"sech2(x / 2) / 4 * {SILU_BRANCHES.replace('where(x', 'where(z')}",
    ): "The branches are one function, and z > 0 where x > -1.28: so near 0 both keep their digits.",
    **dict.fromkeys(
        [
            ("max", "dx", "_tied([-ahead(xi, z) for xi in x])"),
            ("min", "dx", "_tied([-ahead(z, xi) for xi in x])"),
            ("logsumexp", "dx", "softmax: shares = [-exp_sub(x, shift) for x in scores]"),
        ],
        "The signs of the shares and of their total cancel.",
    ),
    **dict.fromkeys(
        [
            ("max", "dx", "_tied([1 - step(z - xi) for xi in x])"),
            ("min", "dx", "_tied([1 - step(xi - z) for xi in x])"),
        ],
        "It gives 1 where ahead gives 1/2, to the winners alone: their shares are the same.",
    ),
    **dict.fromkeys(
        [
            ("max", "dx", "_tied: return [div(tie, total) for tie in ties]"),
            ("min", "dx", "_tied: return [div(tie, total) for tie in ties]"),
        ],
        "The winner ties with itself, so the total is never 0, where alone ratio differs from div.",
    ),
    ("logsumexp", "dx", "softmax: scores = xs"): "The list is copied, so that an iterator would do, too.",
    ("logsumexp", "dx", "softmax: shift = max(scores)"): "A shift moves no share: its derivative vanishes.",
    (
        "logsumexp", "dx", "softmax: shift = detach(logsumexp(scores))",
    ): "Any shift will do that is as large as the largest score.",
    ("relu", "z", "max(x, 0.0)"): "Python's max keeps its first operand, nan too, unless the other leads.",
}  # fmt: skip
"""Mutants that compute the same, as accurately, and why."""

AT_INFINITY = "It misses its limit at inf, or raises far out: check_op makes a note of that, no fault."
NAN = "check_op gives nan to ops of one number alone; test_laws.test_nan_is_never_swallowed."
MISSED = {
    ("maximum", "z", "max(x, y)"): NAN,
    ("maximum", "z", "max(y, x)"): NAN,
    ("maximum", "z", "x if x > y else y"): NAN,
    ("minimum", "z", "min(x, y)"): NAN,
    ("minimum", "z", "x if x < y else y"): NAN,
    ("ahead", "z", "1.0 if x > y else 0.5 if x == y else 0.0"): NAN,
    ("max", "z", "max(xs)"): NAN,
    ("min", "z", "min(xs)"): NAN,
    ("where", "z", "y[0] if x > 0.0 else y[1]"): NAN,
    ("where", "z", "y[x <= 0.0]"): NAN,
    ("ratio", "z", "x / y if x else 0.0"): NAN,
    ("ratio", "z", "div"): "draw_points gives no divisor 0; the doctest of kernels.ratio.",
    ("ratio", "z", "x / y"): "draw_points gives no divisor 0; the doctest of kernels.ratio.",
    ("abs", "z", "max(x, -x)"): "abs(-0.0) is -0.0, the same number; test_laws.test_negative_zero_is_kept.",
    ("abs", "z", "x if x > 0.0 else -x"): "abs(0.0) is -0.0, which is the same number; no test does.",
    ("sign", "z", "x / abs(x) if x else x"): AT_INFINITY,
    ("relu", "z", "x * (x > 0.0)"): AT_INFINITY,
    ("sigmoid", "z", "math.exp(x) / (1 + math.exp(x))"): AT_INFINITY,
}
"""Mutants that `check_op` does not catch: why, and the test that does."""


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
    """Return the row with one part replaced."""
    op = TABLE[row]
    kind = Op if isinstance(op, ops.PowerDerivative) else type(op)
    parts = dict(zip(("z", *PARTS), (op.value, *op.partials), strict=False)) | {part: new}
    wrong = kind(
        row, *parts.values(), domain=op.domain, margin=op.margin, defaults=op.defaults, lists=op.lists,
        limit=op.limit,
    )  # fmt: skip
    return Mutant(row, part, text, wrong)


# what is written in engine.ops
class Source(NamedTuple):
    """One partial as it is written: its expression, its operands, and the names that it closes over."""

    row: str
    index: int
    body: ast.expr
    operands: list[str]
    closure: dict[str, int]

    @property
    def text(self) -> str:
        return ast.unparse(self.body)

    @property
    def is_constant(self) -> bool:
        return not any(isinstance(node, ast.Name) for node in ast.walk(self.body))

    @property
    def numbers(self) -> set[str]:
        """The names that stand for one number each, which may be mixed up."""
        lists = {name for name, is_list in zip("xy", TABLE[self.row].lists, strict=False) if is_list}
        inner = {node.target.id for node in ast.walk(self.body) if isinstance(node, ast.comprehension)}
        return set(self.closure) or {*self.operands, *inner} - lists

    def compiled(self, text: str, helper: ast.stmt | None = None) -> Any:
        """Return a partial of another text, made in engine.ops, where one function may be another."""
        if _is_number(expression(text)):
            return ast.literal_eval(text)
        namespace = vars(ops) | self.closure
        if helper is not None:
            exec(ast.unparse(helper), namespace)
        return eval(f"lambda {', '.join(self.operands)}: {text}", namespace)


def sources() -> Iterator[Source]:
    """Every partial of every row."""
    for node in ast.walk(tree()):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called in ("Op", "Where"):
            yield from _sources(ast.literal_eval(node.args[0]), node.args[2:], {})
        elif called == "super().__init__":
            for n, m in ((1, 0), (0, 1)):
                yield from _sources(f"power_derivative_{n}_{m}", node.args[2:], {"n": n, "m": m})


def _sources(row: str, partials: list[ast.expr], closure: dict[str, int]) -> Iterator[Source]:
    for index, partial in enumerate(partials):
        operands = ["z", "x", "y"][: len(partials) + 1]
        if isinstance(partial, ast.Lambda):
            partial = partial.body
        elif isinstance(partial, ast.Name):
            partial = functions()[partial.id].body[-1].value
        yield Source(row, index, partial, operands, closure)


@cache
def tree() -> ast.Module:
    """The syntax tree of engine.ops."""
    return ast.parse(inspect.getsource(ops))


@cache
def functions() -> dict[str, ast.FunctionDef]:
    """The named functions of engine.ops."""
    return {node.name: node for node in tree().body if isinstance(node, ast.FunctionDef)}


# faults
def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _is_number(node: ast.AST) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def variants(node: ast.AST, numbers: set[str]) -> Iterator[ast.AST]:
    """Yield every tree that differs from this one in one place; `numbers` are the names to mix up."""
    if isinstance(node, ast.expr):
        yield from map(expression, faults(node, numbers))
    for field, child in ast.iter_fields(node):
        if field in ("func", "iter", "target", "targets") or _is_number(node):
            continue
        children = child if isinstance(child, list) else [child]
        for i, item in enumerate(children):
            for variant in variants(item, numbers) if isinstance(item, ast.AST) else ():
                twin = copy.copy(node)
                changed = [*children[:i], variant, *children[i + 1 :]]
                setattr(twin, field, changed if isinstance(child, list) else variant)
                yield twin


def faults(node: ast.expr, numbers: set[str]) -> Iterator[str]:
    """Yield what may stand in the place of an expression by mistake."""
    match node:
        case _ if _is_number(node):
            c = ast.literal_eval(node)
            yield from (f"({other})" for other in (c + 1, -c, c * (1 + SLIGHTLY), 0) if other != c)
        case ast.BinOp(left, op, right):
            a, b = f"({ast.unparse(left)})", f"({ast.unparse(right)})"
            yield from (a, b, f"{a} {OPPOSITE[type(op)]} {b}")
            if isinstance(op, ast.Sub | ast.Div):
                yield f"{b} {'-' if isinstance(op, ast.Sub) else '/'} {a}"
        case ast.UnaryOp(ast.USub(), operand):
            yield ast.unparse(operand)
        case ast.Name(name) if name in numbers:
            yield from (f"(-{name})", *sorted(numbers - {name}))
        case ast.Name(name) if name.isupper():
            yield from (f"(-{name})", f"({name} + 1)", f"({name} * {OFF[0]})", NEIGHBOURS[name])
        case ast.Call(ast.Name(name), args):
            yield from _calls(name, [ast.unparse(arg) for arg in args])


def _calls(name: str, args: list[str]) -> Iterator[str]:
    """Yield what may stand in the place of name(*args)."""
    number_of_list, list_of_list = OF_A_LIST
    for neighbour in NEIGHBOURS.get(name, "").split():
        yield f"{neighbour}({', '.join(args)})"
    if len(args) > 1:
        yield f"{name}({', '.join([*args[:-2], args[-1], args[-2]])})"
    elif name not in number_of_list:
        yield args[0]
    if name not in list_of_list:
        yield f"(-{name}({', '.join(args)}))"
    if name == "step":
        yield f"(1 - step(-{args[0]}))"
    if name == "ahead":
        yield from (f"step({args[0]} - {args[1]})", f"(1 - step({args[1]} - {args[0]}))")
    if name == "where":
        yield f"where(-({args[0]}), {args[2]}, {args[1]})"


def wholes(source: Source) -> Iterator[str]:
    """Yield what may stand in the place of a whole partial."""
    text, op = f"({source.text})", TABLE[source.row]
    yield from ("0", "1", "-1")
    if op.arity == 1 and not op.lists[0]:
        yield "None"
    if text in ("(0)", "(None)"):
        yield from (f"{SLIGHTLY}", f"-{SLIGHTLY}")
    elif source.is_constant:
        c = ast.literal_eval(text)
        yield from (f"{c * (1 + SLIGHTLY)}", f"{c * (1 - SLIGHTLY)}", f"{2 * c}")
        if op.lists[source.index]:
            yield f"[{c * (1 + SLIGHTLY)}, *[{c}] * (len(x) - 1)]"
    elif op.lists[source.index]:
        yield from (f"[slope * {factor} for slope in {text}]" for factor in OFF)
        yield from (f"[{text}[0] * {factor}, *{text}[1:]]" for factor in OFF)
        yield f"[*{text}[1:], {text}[0]]"
    else:
        yield from (f"{text} * {OFF[0]}", f"{text} * {OFF[1]}", f"-{text}")


def partial_mutants(source: Source) -> Iterator[Mutant]:
    """Yield every mutant of one partial, each text once."""
    part = PARTS[source.index]
    texts = [ast.unparse(expression(text)) for text in wholes(source)]
    if not source.is_constant:
        texts += map(ast.unparse, variants(source.body, source.numbers))
    for text in dict.fromkeys(texts):
        if text != source.text and "--" not in text:
            yield mutant(source.row, part, text, source.compiled(text))
    for name in {"_tied", "softmax"} & {
        node.id for node in ast.walk(source.body) if isinstance(node, ast.Name)
    }:
        for changed, function in _changed(functions()[name]):
            yield mutant(source.row, part, f"{name}: {changed}", source.compiled(source.text, function))


def _changed(function: ast.FunctionDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield a function with one fault in one statement, and that statement."""
    for i, statement in enumerate(function.body):
        if isinstance(statement, ast.Assign | ast.Return):
            numbers = INNER & {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
            for variant in variants(statement, numbers):
                twin = copy.copy(function)
                twin.body = [*function.body[:i], variant, *function.body[i + 1 :]]
                yield ast.unparse(variant), twin


def value_mutants(row: str) -> Iterator[Mutant]:
    """Yield every mutant of the value of a row: off by 1e-12, negated, a neighbour's, and those of VALUES."""
    op = TABLE[row]
    for factor in OFF:
        yield mutant(row, "z", f"{row} * {factor}", _scaled(op, eval(factor)))
    for name in NEIGHBOURS.get(row, "").split():
        if TABLE[name].lists == op.lists:
            yield mutant(row, "z", name, TABLE[name].evaluate)
    operands = ", ".join(f"{x}s" if all(op.lists) else x for x in "xy"[: op.arity])
    for text in VALUES.get(row, ()):
        yield mutant(row, "z", text, eval(f"lambda {operands}: {text}", {"math": math}))


def _scaled(op: Op, factor: float) -> Callable[..., float]:
    return lambda *operands: op.evaluate(*operands) * factor


def mutants() -> Iterator[Mutant]:
    """Yield every mutant, in the order of the source."""
    for source in sources():
        yield from partial_mutants(source)
    for row in TABLE:
        yield from value_mutants(row)


# the hunt
def caught(wrong: Mutant, counts: tuple[int, ...] = COUNTS) -> bool:
    """Return whether `check_op` finds the fault; of a value it is asked no more than the value."""
    if wrong.part == "z":
        return any(_value_is_wrong(wrong, count) for count in counts)
    return any(named(wrong, count) for count in counts)


def named(wrong: Mutant, count: int) -> bool:
    """Return whether `check_op` names the row and the part of a mutant, looking at so many points."""
    exact = ROWS[wrong.row].value if wrong.part == "z" else None
    try:
        check_op(wrong.op, count=count, order=1, exact=exact)
    except GradientError as error:
        culprit = error.report.culprit
        return culprit.op == wrong.row and culprit.part.startswith(TITLES[wrong.part])
    return False


def _value_is_wrong(wrong: Mutant, count: int) -> bool:
    """Return what `check_op(op, exact=...)` says of the value, without the exact slopes, which take long.

    A value that raises is no fault here: that is loud.
    """
    oracle = Oracle(wrong.op, ROWS[wrong.row].value)
    for operands in draw_points(wrong.op, count):
        try:
            if next(examined(oracle, operands)).verdict in SEVERITY:
                return True
        except ArithmeticError:
            continue
    return any(finding.verdict in SEVERITY for finding in specials(oracle, None))


def verdict(wrong: Mutant) -> str:
    """Return "killed", "equivalent" or "survived"."""
    return "killed" if caught(wrong) else "equivalent" if wrong.key in EQUIVALENT else "survived"


def main() -> None:
    """Print the score of every row."""
    verdicts = ("killed", "equivalent", "survived")
    scores = {row: Counter[str]() for row in TABLE}
    for wrong in tqdm(list(mutants()), unit="mutant"):
        scores[wrong.row][verdict(wrong)] += 1
    scores["total"] = sum(scores.values(), Counter())
    table = [[row, str(score.total()), *(str(score[v]) for v in verdicts)] for row, score in scores.items()]
    print(columns([["row", "mutants", *verdicts], *table], right=range(1, 5)))


if __name__ == "__main__":
    main()
