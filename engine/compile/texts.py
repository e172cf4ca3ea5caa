"""Python text of the table's rows: what a kernel computes and what a partial comes to, made from the rows."""

import ast
import inspect
import keyword
import math
import re
import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from engine import ops
from engine.op import Op
from engine.symbol import Symbol

INFIX = {"add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "neg": "-{}"}
SAME = (ops.detach, ops.identity)
QUICK = {
    "sech2": ("1.0 / cosh({x})", "{part} * {part}"),
    "sigmoid": ("", "1.0 / (1.0 + exp(-{x}))"),
    "silu": ("", "{x} / (1.0 + exp(-{x}))"),
    "softplus": ("", "log1p(exp(-abs({x}))) + (0.0 if {x} < 0.0 else {x})"),
    "exp_sub": ("", "exp({x} - {y})"),
}
"""Kernels that are written in Python, in fewer steps: a part that is used twice, and the whole.

They are a few units in the last place less exact, and raise where a part overflows.
"""

VARIABLE = re.compile(r"[a-z]\d+")
TAKEN = frozenset("rows P G seed losses columns numbers zip part forward sweep rule".split())
"""The names that generated source has for its own variables."""


class Names:
    """The names that source may use, and what they stand for; with `quick` it may use QUICK kernels.

    >>> names = Names()
    >>> names.function("exp", math.exp), sorted(names.known)
    ('exp', ['abs', 'exp', 'fsum', 'inf', 'nan'])
    """

    def __init__(self, *, quick: bool = False) -> None:
        self.quick = quick
        self.known: dict[str, Any] = {"inf": math.inf, "nan": math.nan, "abs": abs, "fsum": math.fsum}

    def function(self, name: str, function: Any) -> str:
        """Return the name of a function, another one where the name is taken."""
        if not name.isidentifier() or keyword.iskeyword(name) or name in TAKEN or VARIABLE.fullmatch(name):
            name = f"op_{name}" if f"op_{name}".isidentifier() else "op"
        found, count = name, 1
        while found in self.known and self.known[found] is not function:
            count += 1
            found = f"{name}_{count}"
        self.known[found] = function
        return found


class Traced(NamedTuple):
    """A partial that ran on Symbols: the symbols of z and the operands, and the slope or slopes."""

    z: Symbol
    operands: tuple[Any, ...]
    slope: Any


def is_row(op: Op) -> bool:
    """Tell whether an op is the table's own; a user's is called as it is."""
    return ops.TABLE.get(op.name) is op or isinstance(op, ops.PowerDerivative)


@cache
def traced(op: Op, index: int, length: int = 0) -> Traced:
    """Run a partial once on Symbols; `length` is that of a list operand.

    >>> str(traced(ops.div, 1).slope)
    '-z / y'
    """
    operands = tuple(
        [
            tuple([Symbol(f"{name}{i}") for i in range(length)]) if is_list else Symbol(name)
            for name, is_list in zip("xy", op.lists, strict=False)
        ]
    )
    z = Symbol("z")
    return Traced(z, operands, op.slope(index, z, operands))


def number(x: float) -> str:
    """Return a float as Python text.

    >>> number(-0.5), number(-math.inf)
    ('-0.5', '-inf')
    """
    return repr(x)


def value_text(op: Op, operands: Sequence[Any], names: Names) -> str:
    """Return the text of an op on operands, which are texts of names and numbers, or tuples of them.

    >>> value_text(ops.relu, ["x"], Names()), value_text(ops.dot, [("a", "b"), ("x", "2.0")], Names())
    ('(0.0 if x < 0.0 else x)', 'fsum((a * x, b * 2.0))')
    """
    if op in SAME:
        return str(operands[0])
    if op is ops.sum:
        return f"fsum(({_joined(operands[0])}))"
    if op is ops.dot:
        return f"fsum(({_joined([f'{x} * {y}' for x, y in zip(*operands, strict=True)])}))"
    if not is_row(op):
        return f"{names.function(op.name, op.evaluate)}({', '.join(map(_told, operands))})"
    if op.name in INFIX:
        return INFIX[op.name].format(*operands)
    if op is ops.abs:
        return f"abs({operands[0]})"
    if names.quick and op.name in QUICK:
        return quick_text(op, operands, names)
    inlined = _inlined(op)
    if inlined is not None:
        return _filled(inlined, operands, names)
    function: Any = getattr(op.value, "func", None)  # a partial: power's derivatives
    name = op.name if function is None else f"{op.name}_"
    return f"{names.function(name, op.value)}({', '.join(map(_told, operands))})"


def quick_text(op: Op, operands: Sequence[Any], names: Names) -> str:
    """Return the text of a quick kernel in brackets, in which a part that is used twice gets its name.

    >>> quick_text(ops.sech2, ["x"], Names())
    '((part := 1.0 / cosh(x)) * part)'
    """
    for name in ("exp", "log1p", "cosh"):
        names.function(name, getattr(math, name))
    part, whole = (text.format(x=operands[0], y=operands[-1], part="part") for text in QUICK[op.name])
    return f"({whole.replace('part', f'(part := {part})', 1)})" if part else f"({whole})"


def _joined(texts: Any) -> str:
    parts = list(texts)
    return ", ".join(parts) + ("," if len(parts) == 1 else "")


def _told(operand: Any) -> str:
    return f"({_joined(operand)})" if isinstance(operand, (tuple, list)) else str(operand)


class Inline(NamedTuple):
    """The one expression that a kernel returns, and its arguments."""

    expression: ast.expr
    arguments: tuple[str, ...]


@cache
def _inlined(op: Op) -> Inline | None:
    """Return the expression of a kernel of numbers that is nothing but one; None for any other kernel."""
    kernel = op.value
    if not inspect.isfunction(kernel) or (any(op.lists) and op is not ops.where):
        return None
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kernel))).body
    except (OSError, SyntaxError, ValueError):
        return None
    if not isinstance(definition, ast.FunctionDef):
        return None
    body = [part for part in definition.body if not (isinstance(part, ast.Expr))]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return None
    expression = body[0].value
    if any(isinstance(part, ast.Call) for part in ast.walk(expression)):
        return None
    return Inline(expression, tuple([a.arg for a in definition.args.args]))


class _Fill(ast.NodeTransformer):
    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        text = self.given.get(node.id)
        return node if text is None else ast.Name(text)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        assert isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant)
        return ast.Name(self.given[node.value.id][node.slice.value])


def _filled(inline: Inline, operands: Sequence[Any], names: Names) -> str:
    given = dict(zip(inline.arguments, operands, strict=True))
    copied = ast.parse(ast.unparse(inline.expression), mode="eval").body
    return f"({ast.unparse(_Fill(given).visit(copied))})"


class Written:
    """Symbols as Python text: an operand of the op has its text, what is used twice gets a name."""

    def __init__(
        self, trace: Traced, z: str, operands: Sequence[Any], names: Names, fresh: Any, emit: Any
    ) -> None:
        self.names, self.fresh, self.emit = names, fresh, emit
        self.texts: dict[int, str] = {id(trace.z): z}
        for symbols, texts in zip(trace.operands, operands, strict=True):
            if isinstance(symbols, tuple):
                self.texts.update({id(s): t for s, t in zip(symbols, texts, strict=True)})
            else:
                self.texts[id(symbols)] = texts
        self.uses: dict[int, int] = {}

    def count(self, slopes: Sequence[Any]) -> None:
        """Count how often each part of some slopes is used."""
        stack = list(slopes)
        while stack:
            part = stack.pop()
            if isinstance(part, (tuple, list)):
                stack += part
            elif isinstance(part, Symbol):
                times = self.uses[id(part)] = self.uses.get(id(part), 0) + 1
                if times == 1:
                    stack += part.operands

    def text(self, part: Any) -> Any:
        """Return the text of a part, in brackets where it is more than a name; a tuple for a list."""
        if isinstance(part, (tuple, list)):
            return tuple([self.text(p) for p in part])
        if not isinstance(part, Symbol):
            return number(float(part))
        if id(part) not in self.texts:
            assert part.op is not None
            operands = [self.text(p) for p in part.operands]
            repeats = _inlined(part.op) is not None or (self.names.quick and part.op.name in QUICK)
            if repeats and is_row(part.op):  # operands that need names
                operands = [self.named(p) for p in operands]
            text = value_text(part.op, operands, self.names)
            text = f"({text})" if part.op.name in INFIX else text
            self.texts[id(part)] = self.named(text) if self.uses.get(id(part), 0) > 1 else text
        return self.texts[id(part)]

    def named(self, text: Any) -> Any:
        """Return a name for what a text comes to, the text itself where it is a name or a number."""
        if isinstance(text, tuple):
            return tuple([self.named(t) for t in text])
        if text[0] != "(" and "(" not in text and " " not in text:
            return text
        name = self.fresh()
        self.emit(f"{name} = {text}")
        return name


@cache
def scalar_template(op: Op, index: int) -> str | None:
    """Return the text of a partial with {z}, {x} and {y} to fill in; None where it needs more than that.

    >>> scalar_template(ops.mul, 0), scalar_template(ops.div, 1), scalar_template(ops.neg, 0)
    ('{y}', '((-{z}) / {y})', '-1.0')
    """
    if any(op.lists) or not is_row(op):
        return None
    trace = traced(op, index)
    if trace.slope is None:
        return "0.0"
    parts: list[str] = []
    names = Names()
    writer = Written(trace, "{z}", ["{x}", "{y}"][: op.arity], names, str, parts.append)
    if not _is_plain(trace.slope):
        return None
    text = str(writer.text(trace.slope))
    return None if parts or set(names.known) != set(Names().known) else text


def _is_plain(slope: Any) -> bool:
    """Tell whether a slope is made of the four operations alone, each part used once."""
    seen: set[int] = set()
    stack = [slope]
    while stack:
        part = stack.pop()
        if isinstance(part, Symbol) and part.op is not None:
            if id(part) in seen or part.op.name not in INFIX:
                return False
            seen.add(id(part))
            stack += part.operands
    return True
