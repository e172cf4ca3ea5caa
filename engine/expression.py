"""An expression that is typed as text, as a function of the names in it: parsed, never run by Python."""

import ast
import inspect
from collections.abc import Iterable, Sequence
from typing import Any, final

from engine.grammar import BINARY, CONSTANTS, FUNCTIONS, Grammar, place_of
from engine.see.excerpt import Excerpt, whole
from engine.see.origin import note
from engine.value import Value


@final
class Expression:
    """A function of `names`, written as `text`: of numbers it gives a number, of Values a Value.

    What it records knows the piece of text that it stands for, as while watching (engine.watch).

    Errors: TypeError for another number of operands than names.

    >>> f = parse("x*w + b")
    >>> f.names, f(2.0, -3.0, 6.5)
    (('x', 'w', 'b'), 0.5)
    >>> f(Value(2.0), Value(-3.0), Value(6.5)).op
    <op add>
    """

    def __init__(self, grammar: Grammar, names: Sequence[str]) -> None:
        self.text = self.__name__ = grammar.text
        self.names = tuple(names)
        self._grammar = grammar

    def __repr__(self) -> str:
        return f"<expression {self.text}>"

    @property
    def used(self) -> list[str]:
        """The names that are in the text, constants included, each once.

        >>> parse("2*pi*r", ["r", "h"]).used
        ['pi', 'r']
        """
        return self._grammar.used

    @property
    def __signature__(self) -> inspect.Signature:
        """What the ledger and checks call the operands by."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in self.names])

    def __call__(self, *operands: Any) -> Any:
        """Return the expression's number, or the Value that it records.

        >>> parse("x**2 + 1")(3.0)
        10.0
        """
        if len(operands) != len(self.names):
            raise TypeError(f"{self!r} takes {', '.join(self.names)}; got {len(operands)} operands")
        known = CONSTANTS | dict(zip(self.names, operands, strict=True))
        told = {v for v in operands if isinstance(v, Value)}
        results: dict[ast.expr, Any] = {}
        for part in reversed(self._grammar.parts):
            results[part] = result = self._computed(part, known, results)
            self._tell(part, result, told)
        return results[self._grammar.parts[0]]

    def _computed(self, part: ast.expr, known: dict[str, Any], results: dict[ast.expr, Any]) -> Any:
        """Return what a part is; its own parts are among the results."""
        match part:
            case ast.Constant(value=float() | int() as number):
                return float(number)
            case ast.Name(id=name):
                return known[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -results[operand]
            case ast.UnaryOp(operand=operand):
                return results[operand]
            case ast.BinOp(left=left, op=op, right=right):
                return BINARY[type(op)](results[left], results[right])
            case ast.List(elts=elements):
                return [results[element] for element in elements]
            case ast.Subscript(value=value, slice=index):
                return results[value][place_of(index)]
            case ast.Call(func=ast.Name(id=name), args=operands):
                found = [
                    self._leaves(operand.elts, results) if isinstance(operand, ast.List) else results[operand]
                    for operand in operands
                ]
                if name == "where":
                    found[1:] = self._leaves(operands[1:], results)
                return FUNCTIONS[name].call(*found)
        raise AssertionError(f"{part!r} is no part of an expression")

    def _leaves(self, parts: list[ast.expr], results: dict[ast.expr, Any]) -> list[Any]:
        """Return the elements of a list operand; numbers beside Values become leaves, called as typed."""
        found = [results[part] for part in parts]
        if any(isinstance(x, Value) for x in found):
            for i, (part, x) in enumerate(zip(parts, found, strict=True)):
                if not isinstance(x, Value):
                    found[i] = Value(x)
                    code = self._excerpt(part)
                    note(found[i], code=code, name=code.text)
        return found

    def _tell(self, part: ast.expr, result: Any, told: set[Value]) -> None:
        """Note the text of a part with every node that it recorded."""
        stack = list(_values(result))
        while stack:
            v = stack.pop()
            if v not in told:
                told.add(v)
                if v.op is not None:
                    note(v, code=self._excerpt(part))
                    stack += v.inputs

    def _excerpt(self, part: ast.expr) -> Excerpt:
        start, end = self._grammar.span(part)
        return whole(self.text, start=start, end=end)


def _values(result: Any) -> Iterable[Value]:
    found = result if isinstance(result, list) else [result]
    return [v for v in found if isinstance(v, Value)]


def parse(text: str, names: Iterable[str] | None = None) -> Expression:
    """Return an expression as a function of `names`, by default of those in it, in order.

    It may have numbers, names, + - * / **, brackets, the ops of `engine` and softmax; list ops take
    lists, sum([x, y]), and softmax([x, y])[0] is an element. pi and e are the constants unless they are
    among `names`. Numbers are floats throughout: 7/2 is 3.5, 10**400 is inf.

    Errors: ExpressionError, a ValueError that points at the place, for anything else: an unknown name or
    function, a wrong number of operands, a syntax error.

    >>> parse("w*v", ["x", "w"])
    Traceback (most recent call last):
    ...
    engine.parsing.ExpressionError:     w*v
          ^ unknown name 'v': give it a number, v=...; known are x, w
    """
    line = "".join(" " if c.isspace() else c for c in text).strip()
    given = None if names is None else tuple(names)
    grammar = Grammar(line, given)
    if given is None:
        given = tuple(name for name in grammar.used if name not in CONSTANTS)
    return Expression(grammar, given)
