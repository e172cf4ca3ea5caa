"""What may stand in an expression that is typed as text."""

import ast
import math
import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import Any, NamedTuple, NoReturn

from engine import ops
from engine.parsing import ExpressionError, parsed

CONSTANTS = {"pi": math.pi, "e": math.e}
BINARY = {ast.Add: ops.add, ast.Sub: ops.sub, ast.Mult: ops.mul, ast.Div: ops.div, ast.Pow: ops.power}
ALLOWED = "an expression has numbers, names, + - * / **, brackets, and functions such as tanh(x)"
REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "nothing has attributes here; functions are called as tanh(x), not x.tanh()",
    ast.Starred: "the elements of a list are written one by one, without *",
    ast.JoinedStr: "a text cannot stand here",
    ast.Tuple: "a list stands in square brackets: [x, y]",
    ast.BitXor: "a power is written with **, not ^",
    ast.MatMult: "a sum of products is written dot([w1, w2], [x1, x2]), not with @",
}


class Function(NamedTuple):
    """What a name calls: which of its operands are lists, and how many operands it needs at least."""

    call: Callable[..., Any]
    lists: tuple[bool, ...]
    least: int

    @property
    def takes(self) -> str:
        """What it is called with, in words.

        >>> FUNCTIONS["dot"].takes, FUNCTIONS["elu"].takes
        ('2 lists', '1 or 2 numbers')
        """
        most, kind = len(self.lists), "list" if self.lists[0] else "number"
        count = f"{self.least} or {most}" if self.least < most else f"{most}"
        return f"{count} {kind}{'s' if most > 1 else ''}"


FUNCTIONS = {
    name: Function(op, op.lists, op.arity - len(op.defaults))
    for name, op in ops.TABLE.items()
    if name not in ops.HELPERS
}
FUNCTIONS["where"] = Function(ops.where, (False, False, False), 3)
FUNCTIONS["softmax"] = Function(ops.softmax, (True,), 1)


class Grammar:
    """Reads one expression: `parts` are its parts, each before its own, once all of it is found in order.

    `names` are what may stand for numbers. Errors: ExpressionError.

    >>> [ast.unparse(part) for part in Grammar("x*w + 2", ["x", "w"]).parts]
    ['x * w + 2', 'x * w', 'x', 'w', '2']
    """

    def __init__(self, text: str, names: Collection[str] | None = None) -> None:
        self.text = text
        self.names = names
        self.parts: list[ast.expr] = []
        self.sizes: dict[ast.expr, int | None] = {}
        """For each part None if it is a number, else the length of the list that it is."""
        tree = parsed(text)
        stack = [tree]
        while stack:
            self.parts.append(stack.pop())
            stack += reversed(self._parts_of(self.parts[-1]))
        for part in reversed(self.parts):
            self.sizes[part] = self._size_of(part)
        self._need_number(tree, "the expression is a list; take one of its numbers, as in softmax([x, y])[0]")

    @property
    def used(self) -> list[str]:
        """The names in the expression, in order, each once.

        >>> Grammar("w*x + w", ["x", "w"]).used
        ['w', 'x']
        """
        return list(dict.fromkeys(part.id for part in self.parts if isinstance(part, ast.Name)))

    def span(self, part: ast.expr) -> tuple[int, int]:
        """Return where a part starts and ends in the text, in characters.

        >>> grammar = Grammar("é*x", ["é", "x"])
        >>> grammar.span(grammar.parts[-1])
        (2, 3)
        """
        if self.text.isascii():
            return part.col_offset, part.end_col_offset or 0
        code = self.text.encode()  # ast counts bytes
        start, end = code[: part.col_offset], code[: part.end_col_offset]
        return len(start.decode()), len(end.decode())

    def refuse(self, part: ast.expr, complaint: str) -> NoReturn:
        """Raise an ExpressionError that points at a part.

        >>> grammar = Grammar("2*x", ["x"])
        >>> grammar.refuse(grammar.parts[-1], "too small")
        Traceback (most recent call last):
        ...
        engine.parsing.ExpressionError:     2*x
              ^ too small
        """
        raise ExpressionError(self.text, self.span(part)[0], complaint)

    def _parts_of(self, part: ast.expr) -> list[ast.expr]:
        """Return the parts of a part that are computed before it."""
        match part:
            case ast.Constant(value=bool()):
                self.refuse(part, "True and False are no numbers here; write 1 or 0")
            case ast.Constant(value=float() | int() as number):
                self._need_float(part, number)
            case ast.Constant():
                self.refuse(part, "only numbers, names and functions can stand here")
            case ast.Name(id=name):
                self._need_name(part, name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return [operand]
            case ast.BinOp(left=left, op=op, right=right):
                if type(op) not in BINARY:
                    end = self.span(left)[1]
                    gap = re.match(r"[\s)]*", self.text[end:])
                    place = end + (gap.end() if gap else 0)
                    raise ExpressionError(self.text, place, REFUSED.get(type(op), ALLOWED))
                return [left, right]
            case ast.Call(func=ast.Name(id=name), args=operands, keywords=[]):
                if name not in FUNCTIONS:
                    self._refuse_function(part, name)
                return operands
            case ast.Call(func=ast.Name(), keywords=[named, *_]):
                self.refuse(named.value, "operands stand in their order, without names")
            case ast.Call(func=function) if not isinstance(function, ast.Attribute):
                self.refuse(function, "this cannot be called; a product is written with *")
            case ast.List(elts=elements):
                return elements
            case ast.Subscript(value=value):
                return [value]
            case _:
                found = part.func if isinstance(part, ast.Call) else part
                self.refuse(part, REFUSED.get(type(found), ALLOWED))
        return []

    def _need_float(self, part: ast.expr, number: float) -> None:
        try:
            fits = math.isfinite(float(number))
        except OverflowError:
            fits = False
        if not fits:
            self.refuse(part, "this number is too large for a float")

    def _need_name(self, part: ast.expr, name: str) -> None:
        if name in (self.names or ()) or name in CONSTANTS:
            return
        if name in FUNCTIONS:
            operand = "[x, y]" if FUNCTIONS[name].lists[0] else "x"
            self.refuse(part, f"{name} is a function: {name}({operand})")
        if self.names is not None:
            known = f"; known are {', '.join(self.names)}" if self.names else ""
            self.refuse(part, f"unknown name {name!r}: give it a number, {name}=...{known}")

    def _refuse_function(self, part: ast.expr, name: str) -> NoReturn:
        if name in (self.names or ()) or name in CONSTANTS:
            self.refuse(part, f"{name} is a number and cannot be called; a product is written with *")
        close = get_close_matches(name, FUNCTIONS, n=3, cutoff=0.5)
        meant = " or ".join(close) or "one of the ops of engine, such as tanh, exp, log, relu, sum"
        self.refuse(part, f"unknown function {name!r}; did you mean {meant}?")

    def _size_of(self, part: ast.expr) -> int | None:
        """Return None for a number, the length of a list; the sizes of the part's own parts are known."""
        match part:
            case ast.UnaryOp(operand=operand):
                self._need_number(operand)
            case ast.BinOp(left=left, right=right):
                self._need_number(left)
                self._need_number(right)
            case ast.List(elts=elements):
                for element in elements:
                    self._need_number(element, "a list holds numbers, no lists")
                if not elements:
                    self.refuse(part, "the list is empty")
                return len(elements)
            case ast.Subscript(value=value, slice=index):
                self._need_index(value, index)
            case ast.Call(func=ast.Name(id=name), args=operands):
                self._need_operands(part, name, operands)
                return self.sizes[operands[0]] if name == "softmax" else None
        return None

    def _need_number(self, part: ast.expr, complaint: str = "a number is needed here, not a list") -> None:
        if self.sizes[part] is not None:
            self.refuse(part, complaint)

    def _need_index(self, value: ast.expr, index: ast.expr) -> None:
        size = self.sizes[value]
        if size is None:
            self.refuse(value, "this is a number and has no elements")
        place = place_of(index)
        if place is None:
            self.refuse(index, "an index is a whole number, written out")
        if not -size <= place < size:
            self.refuse(index, f"the list has {size} element{'s' * (size > 1)}, counted from 0")

    def _need_operands(self, part: ast.expr, name: str, operands: list[ast.expr]) -> None:
        function = FUNCTIONS[name]
        if not function.least <= len(operands) <= len(function.lists):
            two = {"max": "maximum", "min": "minimum", "sum": "add"}.get(name) if len(operands) == 2 else None
            hint = f" in square brackets, or write {two}(x, y)" if two else ""
            self.refuse(part, f"{name} takes {function.takes}{hint}, got {len(operands)}")
        for operand, is_list in zip(operands, function.lists, strict=False):
            if is_list and self.sizes[operand] is None:
                self.refuse(operand, f"{name} takes {function.takes} in square brackets: [x, y]")
            if not is_list:
                self._need_number(operand, f"{name} takes {function.takes}, no list")
        if name == "dot" and self.sizes[operands[0]] != self.sizes[operands[1]]:
            first, second = self.sizes[operands[0]], self.sizes[operands[1]]
            self.refuse(part, f"dot takes two lists of one length, got {first} and {second} numbers")


def place_of(index: ast.expr) -> int | None:
    """Return the whole number that an index is, None for anything else.

    >>> place_of(parsed("-1")), place_of(parsed("x"))
    (-1, None)
    """
    match index:
        case ast.Constant(value=int() as place) if type(place) is int:
            return place
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as place)) if type(place) is int:
            return -place
    return None
