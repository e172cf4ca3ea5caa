"""The text of a straight-line program: Python that can be pasted and run."""

import keyword
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from engine import ops
from engine.op import Op
from engine.ops import HELPERS, TABLE

WIDTH = 88
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
BINDING = {ops.add: SUM, ops.sub: SUM, ops.mul: PRODUCT, ops.div: PRODUCT, ops.power: POWER}


class Part(NamedTuple):
    """A part of an expression: its text, how tightly its outermost sign binds, whether it is a Value."""

    text: str
    binding: int = ATOM
    recorded: bool = False

    def within(self, binding: int) -> str:
        """The text, in brackets where it binds less tightly than that."""
        return self.text if self.binding >= binding else f"({self.text})"


def source(inputs: Sequence[float], lines: Sequence[tuple[Op, tuple[Any, ...]]], name: str = "") -> str:
    """Return Python text that computes the lines from the inputs and sweeps back from the last result.

    An operand of a line is the index of an earlier result, a number, or a tuple of these. A result that is
    read once is written where it is read, as long as the line stays short. With `name` the last result gets
    that name. An op of the user's own is imported where its module has it under its name, else the text
    takes it as defined, and says so.

    Errors: ValueError for a name that is none in Python.

    >>> print(source([0.3], [(ops.tanh, (0,))]))
    from engine import Value, tanh
    x = Value(0.3)
    tanh(x).backward()
    """
    if name and not name.isidentifier():
        raise ValueError(f"name is a name in Python, such as 'y', got {name!r}")
    return _Writer(inputs, lines, name).text()


class _Writer:
    """What is written so far: a part for each result, and the finished lines of text."""

    def __init__(
        self, inputs: Sequence[float], lines: Sequence[tuple[Op, tuple[Any, ...]]], name: str
    ) -> None:
        self.lines, self.name = lines, name
        self.called = _called(op for op, _ in lines)
        taken = {"Value", "float", "abs", name, *(text.partition("(")[0] for text in self.called.values())}
        names = ["x", "y"][: len(inputs)]
        if len(inputs) > 2 or taken & {*names}:
            stem = _stem("x", len(inputs), taken)
            names = [f"{stem}{i}" for i in range(1, len(inputs) + 1)]
        self.stem = _stem("z", len(lines), taken | {*names})
        self.parts = [Part(name, recorded=True) for name in names]
        self.body = [f"{name} = Value({number(x)})" for name, x in zip(names, inputs, strict=True)]
        self.named = 0
        self.imports: set[Op] = set()

    def text(self) -> str:
        inlined: set[int] = set()
        uses = Counter(i for _, operands in self.lines for operand in operands for i in indices(operand))
        first, last = len(self.parts), len(self.parts) + len(self.lines) - 1
        for index, (op, operands) in enumerate(self.lines, first):
            ending = len(self.name) + len(" = ") if self.name else len("().backward()")
            room = WIDTH - (ending if index == last else len(f"{self.stem}{len(self.lines)} = "))
            part = self.composed(op, operands)
            guests = inlined.intersection(i for operand in operands for i in indices(operand))
            for guest in sorted(guests, key=lambda i: (-len(self.parts[i].text), i)):
                if len(part.text) <= room:
                    break
                self.emit(guest)
                part = self.composed(op, operands)
            inlined -= guests
            self.parts.append(part)
            if index == last:
                self.finish(part)
            elif uses[index] == 1:
                inlined.add(index)
            else:
                self.emit(index)
        if not self.lines and self.parts:
            self.finish(self.parts[-1])
        return "\n".join([*self.header(), *self.body])

    def composed(self, op: Op, operands: tuple[Any, ...]) -> Part:
        """Return an op on operands: with its sign where one of them is a Value, else as a call."""
        parts = [self.part(operand) for operand in operands]
        recorded = any(part.recorded for part in parts)
        if recorded and op is ops.neg:
            return Part("-" + parts[0].within(POWER), SIGN, True)
        if recorded and op in BINDING:
            binding = BINDING[op]
            x, y = parts
            if op is ops.power:
                return Part(f"{x.within(ATOM)}**{y.within(SIGN)}", binding, True)
            return Part(f"{x.within(binding)} {op.infix} {y.within(binding + 1)}", binding, True)
        for default in reversed(op.defaults):
            if parts[-1].text != number(default):
                break
            parts.pop()
        if op is not ops.abs:
            self.imports.add(op)
        arguments = ", ".join(
            part.text[1:-1] if op is ops.where and part.text.startswith("[") else part.text for part in parts
        )
        return Part(f"{self.called[op]}({arguments})", ATOM, recorded)

    def part(self, operand: Any) -> Part:
        if isinstance(operand, tuple):
            items = [self.part(x) for x in operand]
            return Part(f"[{', '.join(x.text for x in items)}]", ATOM, any(x.recorded for x in items))
        if type(operand) is int:
            return self.parts[operand]
        text = number(operand)
        return Part(text, SIGN if text.startswith("-") else ATOM)

    def emit(self, index: int) -> None:
        """Give a result a name and a line of its own."""
        self.named += 1
        name = f"{self.stem}{self.named}"
        self.body.append(_wrapped(f"{name} = {self.parts[index].text}"))
        self.parts[index] = Part(name, ATOM, self.parts[index].recorded)

    def finish(self, part: Part) -> None:
        if self.name or not part.recorded:
            name = self.name or f"{self.stem}{self.named + 1}"
            self.body.append(_wrapped(f"{name} = {part.text}"))
            part = Part(name, ATOM, part.recorded)
        if part.recorded:
            self.body.append(_wrapped(f"{part.within(ATOM)}.backward()"))

    def header(self) -> list[str]:
        """Return the imports; ops that no module has are named in a comment."""
        modules: dict[str, set[str]] = {"engine": set(), "engine.ops": set()}
        missing = []
        if any(" = Value(" in line for line in self.body):
            modules["engine"].add("Value")
        for op in sorted(self.imports, key=lambda op: self.called[op]):
            name = self.called[op].partition("(")[0]
            if TABLE.get(op.name) is op and op.name not in HELPERS:
                modules["engine"].add(name)
            elif TABLE.get(op.name) is op or isinstance(op, ops.PowerDerivative):
                modules["engine.ops"].add(name)
            elif op.__module__ != "__main__" and getattr(sys.modules.get(op.__module__), op.name, None) is op:
                alias = name if name == op.name else f"{op.name} as {name}"
                modules.setdefault(op.__module__, set()).add(alias)
            else:
                missing.append(name if name == op.name else f"{name} (its name is {op.name!r})")
        header = [
            _wrapped(f"from {module} import {', '.join(sorted(names))}", brackets=True)
            for module, names in modules.items()
            if names
        ]
        if missing:
            header = header or [""]
            kind = "an op" if len(missing) == 1 else "ops"
            header[0] += f"  # {', '.join(missing)}: {kind} of your own, defined before"
            header[0] = header[0].lstrip()
        return header


def number(x: float) -> str:
    """Return a float as Python reads it back.

    >>> number(0.1), number(-float("inf"))
    ('0.1', "float('-inf')")
    """
    text = repr(float(x))
    return text if text[-1].isdigit() else f"float('{text}')"


def indices(operand: Any) -> list[int]:
    """Return the earlier results that an operand of a line reads.

    >>> indices((0, 2.5, 3)), indices(4), indices(1.0)
    ([0, 3], [4], [])
    """
    return [i for i in (operand if isinstance(operand, tuple) else (operand,)) if type(i) is int]


def _called(used: Iterable[Op]) -> dict[Op, str]:
    """Return the text by which each op is called: names of the table's ops first, then the user's."""
    distinct = dict.fromkeys(used)
    called = {op: op.name for op in distinct if TABLE.get(op.name) is op}
    for op in distinct:
        if isinstance(op, ops.PowerDerivative):
            called[op] = f"power_derivative({op.order[0]}, {op.order[1]})"
    taken = {*called.values(), *keyword.kwlist, "Value", "power_derivative", "abs", "float"}
    for op in distinct:
        if op not in called:
            name = stem = re.sub(r"\W|^(?=\d)", "_", op.name) or "op"
            count = 1
            while name in taken:
                count += 1
                name = f"{stem}_{count}"
            taken.add(name)
            called[op] = name
    return called


def _stem(stem: str, count: int, taken: set[str]) -> str:
    """Return a stem such that stem1, stem2 and so on are nobody's names."""
    while any(f"{stem}{i}" in taken for i in range(1, count + 1)):
        stem += "_"
    return stem


def _wrapped(line: str, *, brackets: bool = False) -> str:
    """Break a line that is too long inside its brackets; an import gets some."""
    if len(line) <= WIDTH:
        return line
    if brackets:
        head, _, names = line.partition(" import ")
        body = textwrap.fill(names, WIDTH, initial_indent="    ", subsequent_indent="    ")
        return f"{head} import (\n{body}\n)"
    return textwrap.fill(
        line, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
