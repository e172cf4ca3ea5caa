"""Emitting numpy code: lines of calls on views, prebuilt from strided parts of flat buffers."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.compile.instructions import LANED
from engine.optional import load

KEYWORD = frozenset(("maximum", "minimum"))
"""Functions that take their output as a keyword alone."""


class Array(NamedTuple):
    """A strided part of a flat buffer; all in numbers, not bytes.

    >>> Array("V", 8, (2, 3), (3, 1)).is_contiguous
    True
    """

    buffer: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers it shows."""
        return math.prod(self.shape)

    @property
    def is_contiguous(self) -> bool:
        """Whether its numbers follow one another in memory, in the order of its axes."""
        expected = 1
        for length, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if length != 1 and stride != expected:
                return False
            expected *= length
        return True

    def reshaped(self, *shape: int) -> "Array":
        """Return a contiguous array in another shape."""
        return whole(self.buffer, shape, self.offset)

    @property
    def transposed(self) -> "Array":
        """The array with its axes reversed."""
        return self._replace(shape=self.shape[::-1], strides=self.strides[::-1])


def whole(buffer: str, shape: tuple[int, ...], offset: int = 0) -> Array:
    """Return a contiguous array.

    >>> whole("S", (2, 3)).strides
    (3, 1)
    """
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return Array(buffer, offset, shape, tuple(reversed(strides)))


class Emitter:
    """Lines of Python under construction, the arrays and constants that they name, the buffers' sizes.

    The buffers of the plan are V, G, P and D; S is scratch that every instruction uses anew; others hold what
    must last longer, such as gathered rows that the reverse pass reads again. `dropped` are the rows of G and
    D that nothing reads.
    """

    def __init__(self, sizes: dict[str, int], lanes: int, dropped: dict[str, int]) -> None:
        self.lanes, self.dropped = lanes, dropped
        self.sizes = sizes | {"S": 0}
        self.lines: list[str] = []
        self.arrays: dict[Array, str] = {}
        self.constants: dict[str, Any] = {}
        self.kept: dict[Any, Array] = {}
        self.zeroed: list[Array] = []
        self.top = 0

    def begin(self) -> None:
        """Start an instruction: all scratch is free again."""
        self.top = 0

    def name(self, array: Array) -> str:
        """Return the name of an array in the emitted code."""
        return self.arrays.setdefault(array, f"{array.buffer.lower()}{len(self.arrays)}")

    def constant(self, thing: Any, kind: str = "k") -> str:
        """Return the name of an object that the code uses."""
        name = f"{kind}_{len(self.constants)}"
        self.constants[name] = thing
        return name

    def scratch(self, shape: tuple[int, ...]) -> Array:
        """Return room for the time of one instruction."""
        made = whole("S", shape, self.top)
        self.top += (made.size + 7) // 8 * 8
        self.sizes["S"] = max(self.sizes["S"], self.top)
        return made

    def own(self, shape: tuple[int, ...]) -> Array:
        """Return room that nothing else uses."""
        name = f"C{len(self.sizes)}"
        self.sizes[name] = math.prod(shape)
        return whole(name, shape)

    def call(self, function: str, *operands: "Array | float | str", out: Array) -> None:
        """Emit function(*operands, out)."""
        texts = [self.text(x) for x in operands]
        texts.append(f"out={self.name(out)}" if function in KEYWORD else self.name(out))
        self.lines.append(f"{function}({', '.join(texts)})")

    def text(self, operand: "Array | float | str") -> str:
        """Return how an operand is written."""
        if isinstance(operand, Array):
            return self.name(operand)
        return operand if isinstance(operand, str) else repr(operand)

    def fold(self, function: str, array: Array, axes: tuple[int, ...], out: Array) -> None:
        """Emit the fold of an array over axes."""
        self.lines.append(f"{function}_reduce({self.name(array)}, {axes}, None, {self.name(out)})")

    def ones(self, count: int) -> str:
        """Return the name of a vector of ones: a product with it is the fastest sum there is."""
        name = f"ones_{count}"
        if name not in self.constants:
            self.constants[name] = load("numpy").ones(count)
        return name

    def total(self, array: Array, count: int, out: Array) -> None:
        """Emit the sum over the first `count` equal parts of a contiguous array into a contiguous one."""
        rows, flat = array.reshaped(count, array.size // count), out.reshaped(out.size)
        self.lines.append(f"dot({self.ones(count)}, {self.name(rows)}, {self.name(flat)})")

    def gathered(self, buffer: str, rows: Any) -> Array:
        """Return rows of a buffer side by side, [*rows.shape, lanes]; they are gathered once a run."""
        key = buffer, rows.shape, rows.tobytes()
        if key in self.kept:
            return self.kept[key]
        source = self.everything(buffer)
        made = self.kept[key] = self.own((*rows.shape, *source.shape[1:]))
        self.take(source, rows, made)
        return made

    def everything(self, buffer: str) -> Array:
        """Return a whole buffer, [row, lane] or [row]."""
        lanes = (self.lanes,) if buffer in LANED else ()
        return whole(buffer, (self.sizes[buffer] // math.prod(lanes), *lanes))

    def put(self, buffer: str, rows: Any, values: Array, *, accumulate: bool) -> None:
        """Emit the write of values [row, lane] or [row] to rows that are all over their buffer."""
        places = f"{self.name(self.everything(buffer))}[{self.constant(rows, 'rows')}]"
        self.lines.append(f"{places} {'+=' if accumulate else '='} {self.name(values)}")

    def take(self, source: Array, places: Any, out: Array) -> None:
        """Emit out = source[places], along the first axis."""
        index = self.constant(places, "rows")
        self.lines.append(f"take({self.name(source)}, {index}, 0, {self.name(out)}, 'clip')")

    def run(self, function: Callable[..., None], *operands: "Array | float | str") -> None:
        """Emit the call of a function of our own."""
        name = self.constant(function, getattr(function, "__name__", "run"))
        self.lines.append(f"{name}({', '.join(map(self.text, operands))})")
