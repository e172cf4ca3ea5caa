"""Conditions on a step, as text: "abs(gradient) > 10", "nan", "op == 'exp' and partial == 0"."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Condition: TypeAlias = Callable[[Mapping[str, Any]], bool]
Term: TypeAlias = Callable[[Mapping[str, Any]], Any]
NAMES = ("step", "node", "op", "input", "value", "upstream", "partial", "contribution", "gradient")
SHORT = {"grad": "gradient", "data": "value"}
CALLS: dict[str, Callable[[Any], Any]] = {
    "abs": abs,
    "isnan": math.isnan,
    "isinf": math.isinf,
    "isfinite": math.isfinite,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
SIGNS: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
HELP = (
    f"a condition compares {', '.join(NAMES)}, numbers and quoted names, with abs, isnan, isinf, isfinite, "
    'and, or, not, + - *; such as "abs(gradient) > 10"; or it is "nan" or "inf"'
)


def condition(text: str) -> Condition:
    """Return what tells whether a step fulfils a condition; a step that lacks a name in it does not.

    "nan" and "inf" stand for any number of the step being so. Errors: ValueError, with the place, for what
    is no condition. The text is parsed, never run.

    >>> condition("abs(gradient) > 10")({"gradient": -12.0}), condition("nan")({"value": math.nan})
    (True, True)
    """
    word = text.strip()
    if word in ("nan", "inf"):
        test = math.isnan if word == "nan" else math.isinf
        return lambda names: any(test(x) for x in names.values() if isinstance(x, float))
    try:
        value = _built(ast.parse(word, mode="eval").body, word)
    except (SyntaxError, RecursionError, MemoryError) as error:
        place = (getattr(error, "offset", None) or len(word.encode()) + 1) - 1  # 0: at the end
        raise ValueError(_pointed(word, place, "this is no expression")) from None

    def fulfilled(names: Mapping[str, Any]) -> bool:
        try:
            return bool(value(names))
        except KeyError:  # a record has no gradient, a step of the sweep no value
            return False
        except TypeError as error:
            raise ValueError(f"{word!r} cannot be decided: {error}; {HELP}") from None

    return fulfilled


def _built(node: ast.expr, text: str) -> Term:
    """Return what computes an expression from the names of a step."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as constant):
            return lambda names: constant
        case ast.Name(id=name) if SHORT.get(name, name) in NAMES:
            full = SHORT.get(name, name)
            return lambda names: names[full]
        case ast.Name(id=name):
            raise ValueError(_pointed(text, node.col_offset, f"unknown name {name!r}"))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in CALLS:
            function, inner = CALLS[name], _built(argument, text)
            return lambda names: function(inner(names))
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in SIGNS:
            function, inner = SIGNS[type(sign)], _built(operand, text)
            return lambda names: function(inner(names))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in ARITHMETIC:
            pair, first, last = ARITHMETIC[type(sign)], _built(left, text), _built(right, text)
            return lambda names: pair(first(names), last(names))
        case ast.BoolOp(op=sign, values=values):
            terms, together = [_built(v, text) for v in values], all if isinstance(sign, ast.And) else any
            return lambda names: together(term(names) for term in terms)
        case ast.Compare(left=left, ops=signs, comparators=others) if {*map(type, signs)} <= {*COMPARISONS}:
            terms, tests = [_built(v, text) for v in (left, *others)], [COMPARISONS[type(s)] for s in signs]
            return lambda names: all(
                test(a(names), b(names)) for test, a, b in zip(tests, terms, terms[1:], strict=False)
            )
    raise ValueError(_pointed(text, node.col_offset, "this cannot stand in a condition"))


def _pointed(text: str, place: int, complaint: str) -> str:
    column = len(text.encode()[:place].decode(errors="ignore"))  # ast counts bytes
    return f"{complaint}:\n    {text}\n    {' ' * column}^\n{HELP}"
