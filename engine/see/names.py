"""Short names for the nodes of a graph, each different."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine import ops
from engine.see.origin import variable
from engine.value import Value

LONGEST_EXPRESSION = 7
LOOSE, SUM, PRODUCT, POWER, ATOM = range(5)
LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": POWER}
"""How tightly the operators of the table bind; one of a user's own is LOOSE, and stands between ATOMs."""


class Name(NamedTuple):
    """What a node is called: `text` is what one reads, `key` is plain enough for an id."""

    text: str
    key: str


class Expression(NamedTuple):
    """Code that makes a value, and how tightly its outermost operator binds; empty where it is too long."""

    code: str
    level: int


TOO_LONG = Expression("", ATOM)


def reading(output: Value) -> list[Value]:
    """Return every node under output once, as one reads: operands, left to right, before results.

    `engine.chain.order` holds the same nodes as the sweep needs them; this order numbers and places them.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> [node.label or node.op.name for node in reading(a * b + b)]
    ['a', 'b', 'mul', 'add']
    """
    result: dict[Value, None] = {}
    stack = [(output, iter(output.inputs))]
    entered = {output}
    while stack:
        node, operands = stack[-1]
        for operand in operands:
            if operand not in entered:
                entered.add(operand)
                stack.append((operand, iter(operand.inputs)))
                break
        else:
            stack.pop()
            result[node] = None
    return list(result)


def names(nodes: Sequence[Value]) -> dict[Value, Name]:
    """Return a Name for each node of a graph, operands before results.

    A node is called by its label, else by the variable that holds it where that was watched, else by its
    expression if that is short, else by "v" and its number among the ops ("leaf" and its number among the
    leaves). A second node of the same name is "name#2".

    >>> x = Value(2.0, label="x")
    >>> y = x * 3
    >>> names([x, y])[y]
    Name(text='x*3', key='v1')
    """
    automatic = _numbered(nodes)
    labels = {node: label for node in nodes if (label := given(node))}
    texts, keys = Unique("#"), Unique("-")
    result = {
        node: Name(texts.take(label), keys.take(label if is_plain(label) else automatic[node]))
        for node, label in labels.items()
    }
    expressions: dict[Value, Expression] = {}
    for node in nodes:
        if node in result:
            expressions[node] = _called(result[node].text)
            continue
        expression = TOO_LONG if node.op is None else _expression(node, expressions)
        if not expression.code or expression.code in texts:
            result[node] = Name(texts.take(automatic[node]), keys.take(automatic[node]))
            expressions[node] = TOO_LONG if node.op else _called(result[node].text)
        else:
            result[node] = Name(texts.take(expression.code), keys.take(automatic[node]))
            expressions[node] = expression
    return {node: result[node] for node in nodes}


def given(node: Value) -> str:
    """Return the name that a node was given: its label, else its variable, "" where it has none.

    >>> given(Value(2.0, label="x"))
    'x'
    """
    return (tidy(node.label) if node.label else "") or variable(node)


def tidy(label: str) -> str:
    """Return a label on one line, without characters that cannot be printed.

    >>> tidy(" learning\\n rate\\0")
    'learning rate'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in label).split())


def product(x: Value | float, y: Value | float, known: dict[Value, Name]) -> str:
    """Return the short expression of x*y by the names of its operands, or "" where it is not short.

    >>> w, x = Value(1.0, label="w"), Value(2.0, label="x")
    >>> product(w, x, names([w, x]))
    'w*x'
    """
    operands = [_number(v) if isinstance(v, float) else _called(known[v].text) for v in (x, y)]
    return _infix("*", *operands).code


def elided(text: str, length: int = 28) -> str:
    """Return a text cut to a length, the cut marked; of a path its end stays, from a dot on where one fits.

    >>> elided("x1w1 + x2w2 + bias of the neuron")
    'x1w1 + x2w2 + bias of the n…'
    >>> elided("encoder.layers[0].neurons[12].w[3]")
    '…layers[0].neurons[12].w[3]'
    """
    if len(text) <= length:
        return text
    if not re.fullmatch(r"[\w\[\]#]+(\.[\w\[\]#]+)+", text):
        return f"{text[: length - 1]}…"
    end = text[1 - length :]
    whole = end if text[-length] == "." else end.partition(".")[2]
    return f"…{whole or end}"


def is_plain(text: str) -> bool:
    """Tell whether a text is a name, or a place in something that has one, and no expression.

    >>> is_plain("layers[0].w"), is_plain("x*w")
    (True, False)
    """
    return re.fullmatch(r"\w[\w.\[\]]*", text) is not None


class Unique:
    """Hands out texts, each once.

    >>> unique = Unique("#")
    >>> unique.take("x"), unique.take("x")
    ('x', 'x#2')
    """

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._taken: set[str] = set()
        self._copies: dict[str, int] = {}

    def __contains__(self, text: str) -> bool:
        return text in self._taken

    def take(self, text: str) -> str:
        """Return a text that was not returned before.

        >>> Unique("-").take("x")
        'x'
        """
        result = text
        while result in self._taken:
            self._copies[text] = self._copies.get(text, 1) + 1
            result = f"{text}{self._separator}{self._copies[text]}"
        self._taken.add(result)
        return result


def _numbered(nodes: Iterable[Value]) -> dict[Value, str]:
    result: dict[Value, str] = {}
    leaves = ops = 0
    for node in nodes:
        if node.op is None:
            leaves += 1
            result[node] = f"leaf{leaves}"
        else:
            ops += 1
            result[node] = f"v{ops}"
    return result


def _called(name: str) -> Expression:
    return Expression(name, ATOM if is_plain(name) else LOOSE)


def _number(number: float) -> Expression:
    code = f"{number:g}"
    if float(code) != number:
        return TOO_LONG
    return Expression(code, PRODUCT if code.startswith("-") else ATOM)


def _expression(node: Value, known: dict[Value, Expression]) -> Expression:
    """Return the expression of a node from those of its operands."""
    operands = []
    for operand in (node.x, node.y):
        if isinstance(operand, tuple):
            return TOO_LONG
        if operand is not None:
            operands.append(known[operand] if isinstance(operand, Value) else _number(operand))
    if any(not code for code, _ in operands) or node.op is None:
        return TOO_LONG
    if node.op.infix is not None and len(operands) == 2:
        return _infix(node.op.infix, *operands)
    if node.op is ops.neg:
        return _fitting(f"-{_bracketed(operands[0], PRODUCT)}", PRODUCT)
    return _fitting(f"{node.op.name}({','.join(code for code, _ in operands)})", ATOM)


def _infix(operator: str, x: Expression, y: Expression) -> Expression:
    if not x.code or not y.code:
        return TOO_LONG
    level = LEVELS.get(operator, LOOSE)
    tight = operator == "**"
    left, right = (level + tight, level + (not tight)) if level else (ATOM, ATOM)
    return _fitting(f"{_bracketed(x, left)}{operator}{_bracketed(y, right)}", level)


def _bracketed(expression: Expression, level: int) -> str:
    return expression.code if expression.level >= level else f"({expression.code})"


def _fitting(code: str, level: int) -> Expression:
    return Expression(code, level) if len(code) <= LONGEST_EXPRESSION else TOO_LONG
