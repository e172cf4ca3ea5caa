"""A step in words: what is computed or passed on, by which rule, from which line."""

import html
import re
from collections.abc import Iterator, Mapping

from engine.op import Op
from engine.see.digits import short
from engine.see.excerpt import Excerpt
from engine.see.names import Name
from engine.see.origin import excerpt
from engine.see.spelling import rule_of, spelled
from engine.see.trail import Event, Recorded, Swept, Vertex
from engine.symbol import formula
from engine.value import Value

LETTER = re.compile(r"\b([xyz])([₀-₉]*)(?![\w(])")
"""A letter of a formula that stands for a number: x, y₃, z; no function's name."""
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def happened(event: Event, names: Mapping[Vertex, Name], *, before: float, complete: bool) -> str:
    """Return what a step does, in one sentence; `before` is the gradient that it adds to.

    >>> x = Value(3.0)
    >>> y = x * 2
    >>> happened(Recorded(y, y.op), {x: Name("x", "x"), y: Name("y", "y")}, before=0.0, complete=False)
    'y = x * 2.0 is computed: 6.0.'
    """
    name = names[event.node].text
    if isinstance(event, Recorded):
        code = spelled(event.node, event.op, names)
        made = name if code.replace(" ", "") == name.replace(" ", "") else f"{name} = {code}"
        return f"{made} is computed: {short(event.node.data)}."
    if event.input is None:
        return f"The sweep begins: the gradient of {name} by itself is 1."
    receiver = names[event.input].text
    product = f"{short(event.upstream)} × {short(event.partial)} = {short(event.contribution)}"
    end = " and is complete" if complete else ""
    change = f"from {short(before)} to {short(event.gradient)}"
    return f"{name} passes {product} to {receiver}, whose gradient goes {change}{end}."


def rule(event: Event) -> str:
    """Return the rule behind a step of the sweep in the op's own letters, with the numbers that it uses.

    "" for the seed, and for what is only recorded.

    >>> x, w = Value(3.0), Value(2.0)
    >>> y = x * w
    >>> rule(Swept(y, y.op, x, (0, 0), 1.0, 2.0, 2.0, 2.0))
    'z = x * y, ∂z/∂x = y; here y = 2.0'
    """
    if isinstance(event, Recorded) or event.op is None or event.place is None:
        return ""
    law = rule_of(event.op, *event.place)
    numbers = "".join(f", {letter} = {short(x)}" for letter, x in _here(event, event.op, law))
    here = f"; here {numbers[2:]}" if numbers else ""
    return f"z = {formula(event.op).value}, {law}{here}"


def _here(event: Swept, op: Op, law: str) -> Iterator[tuple[str, float]]:
    """Yield the letters on the right of a formula with their numbers, each once."""
    operands = {"x": event.node.x, "y": event.node.y, "z": event.node}
    for letter, digits in dict.fromkeys(LETTER.findall(law.partition("=")[2])):
        operand = operands[letter]
        if isinstance(operand, tuple) and digits and int(digits.translate(DIGITS)) <= len(operand):
            operand = operand[int(digits.translate(DIGITS)) - 1]
        if not isinstance(operand, tuple):
            yield letter + digits, operand if isinstance(operand, float) else operand.data


def source_of(event: Event) -> Excerpt | None:
    """Return the excerpt of the source that recorded a step's node; None where nobody watched.

    >>> y = Value(2.0) * 3
    >>> source_of(Recorded(y, y.op)) is None
    True
    """
    return excerpt(event.node if isinstance(event.node, Value) else event.node.dot)


def pointed(found: Excerpt) -> list[str]:
    """Return the place and the lines of an excerpt, the expression underlined by ^.

    >>> for line in pointed(Excerpt("f.py", 4, ("y = x*w + b",), (0, 4), (0, 7))):
    ...     print(line)
    f.py, line 4
        y = x*w + b
            ^^^
    """
    lines = [found.place]
    for line, start, end in parts(found):
        lines += [f"    {line}", f"    {' ' * start}{'^' * (end - start)}"]
    return lines


def marked(found: Excerpt) -> str:
    """Return the lines of an excerpt as HTML, the expression marked.

    >>> marked(Excerpt("f.py", 4, ("y = x<w",), (0, 4), (0, 7)))
    '<pre>f.py, line 4\\n    y = <mark>x&lt;w</mark></pre>'
    """
    lines = [
        f"    {html.escape(line[:start])}<mark>{html.escape(line[start:end])}</mark>{html.escape(line[end:])}"
        for line, start, end in parts(found)
    ]
    content = "\n".join([html.escape(found.place), *lines])
    return f"<pre>{content}</pre>"


def parts(found: Excerpt) -> Iterator[tuple[str, int, int]]:
    """Yield the lines that an expression is on, with its columns in each; the common indent left out.

    >>> list(parts(Excerpt("f.py", 4, ("  y = x*w + b",), (0, 6), (0, 9))))
    [('y = x*w + b', 4, 7)]
    """
    first, last = found.start[0], found.end[0]
    shown = found.lines[first : last + 1]
    indents = [len(line) - len(line.lstrip()) for line in shown if line.strip()]
    common = min(indents, default=0)
    for i, line in enumerate(shown):
        start = found.start[1] if i == 0 else len(line) - len(line.lstrip())
        end = found.end[1] if i == len(shown) - 1 else len(line.rstrip())
        yield line[common:], max(start - common, 0), max(end - common, 0)
