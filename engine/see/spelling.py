"""The expression of a node: as it was typed, else put together from the names of its operands."""

import ast
from collections.abc import Mapping
from functools import lru_cache

from engine import ops
from engine.op import Op
from engine.see.digits import short
from engine.see.names import ATOM, LEVELS, LOOSE, POWER, PRODUCT, SUM, Name, is_plain
from engine.see.origin import excerpt
from engine.see.trail import Product as Piece, Vertex, operands_of
from engine.symbol import SUBSCRIPTS, partial_formula
from engine.value import Value

SIGNS: dict[type[ast.operator], int] = {
    ast.Add: SUM, ast.Sub: SUM, ast.Mult: PRODUCT, ast.Div: PRODUCT, ast.Pow: POWER,
}  # fmt: skip
MOST_OPERANDS = 4
"""So many elements of a list are spelled out."""


def typed(node: Vertex, op: Op | None, known: Mapping[Vertex, Name]) -> str:
    """Return the expression that made a node by an op, as typed where that was watched; of a leaf "".

    >>> x = Value(2.0)
    >>> y = 3 * x
    >>> typed(y, y.op, {x: Name("x", "x"), y: Name("y", "y")})
    '3.0 * x'
    """
    found = excerpt(node) if isinstance(node, Value) else None
    if found is not None:
        return found.text
    return "" if op is None else spelled(node, op, known)


def spelled(node: Vertex, op: Op, known: Mapping[Vertex, Name]) -> str:
    """Return an op on the names of a node's operands, as Python would write it.

    A dot that is spelled out is the sum of its products.

    >>> a, b = Value(2.0), Value(3.0)
    >>> z = a * b
    >>> spelled(z, z.op, {a: Name("x + 1", "a"), b: Name("b", "b")})
    '(x + 1) * b'
    """
    operands = [_operand(v, known) for v in operands_of(node, op)]
    if op.infix is not None and len(operands) == 2:
        level = LEVELS.get(op.infix, ATOM)
        right, power = op.infix in ("-", "/"), op.infix == "**"
        left, last = operands
        return f"{_bracketed(left, level + power)} {op.infix} {_bracketed(last, level + right)}"
    if op is ops.neg:
        return f"-{_bracketed(operands[0], PRODUCT)}"
    return f"{op.name}({', '.join(operands)})"


def rule_of(op: Op, index: int, element: int) -> str:
    """Return the formula of a partial, z being the op's result: "∂z/∂x = y".

    >>> from engine import dot
    >>> rule_of(dot, 0, 2)
    '∂z/∂x₃ = y₃'
    """
    operand = "xy"[index] + (str(element + 1).translate(SUBSCRIPTS) if op.lists[index] else "")
    return f"∂z/∂{operand} = {partial_formula(op, index, element).text}"


def fraction(of: str, by: str) -> str:
    """Return ∂of/∂by, a name in brackets that is an expression.

    >>> fraction("x*x", "w[0]")
    '∂(x*x)/∂w[0]'
    """
    return "/".join([f"∂{_bracketed(name, ATOM)}" for name in (of, by)])


def _operand(operand: object, known: Mapping[Vertex, Name]) -> str:
    if isinstance(operand, Value | Piece):
        return known[operand].text
    if isinstance(operand, tuple):
        texts = [_operand(v, known) for v in operand[:MOST_OPERANDS]]
        if len(operand) > MOST_OPERANDS:
            texts.append(f"… {len(operand) - MOST_OPERANDS} more")
        return f"[{', '.join(texts)}]"
    assert isinstance(operand, float)
    return short(operand)


def _bracketed(text: str, level: int) -> str:
    return text if _level(text) >= level else f"({text})"


@lru_cache(maxsize=4096)
def _level(text: str) -> int:
    """Return how tightly a text binds, LOOSE where it is neither an expression of Python nor plain."""
    try:
        node = ast.parse(text.replace("\N{MINUS SIGN}", "-"), mode="eval").body
    except (SyntaxError, ValueError):
        return ATOM if is_plain(text) else LOOSE
    if isinstance(node, ast.BinOp):
        return SIGNS.get(type(node.op), LOOSE)
    if isinstance(node, ast.UnaryOp):
        return PRODUCT
    return (
        ATOM
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Constant)
        else LOOSE
    )
