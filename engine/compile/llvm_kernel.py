"""A compiled function under construction: it reads its numbers from a state and from a list of arguments.

Every function takes two pointers. The state holds, 8 bytes each, the buffers and what the batch is (`SLOTS`);
the arguments are whole numbers, 4 bytes each: counts, rows, places in the table of rows. What is computed is
in the function, on which rows is in its arguments: so loops that do the same share one function.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine.optional import load

SLOTS = (
    "V", "G", "P", "D", "table", "stride", "indices", "given", "given_stride", "whole", "whole_stride",
    "size", "result", "share", "rule",
)  # fmt: skip
"""What the state holds, in order: the buffers, the table of rows, how many numbers a row of V has, the
indices [index, lane]; the batch's numbers and indices and the distance of their rows; how many samples;
where results go; 1 / samples; what an optimizer's rule works on."""


class Kernel:
    """A function of (state, arguments), and the means to write it."""

    def __init__(self, module: Any, name: str, width: int) -> None:
        self.ir = ir = load("llvmlite.ir", extra="fast")
        self.width = width
        self.double, self.long, self.short = ir.DoubleType(), ir.IntType(64), ir.IntType(32)
        self.pointer, self.vector = ir.PointerType(), ir.VectorType(ir.DoubleType(), width)
        self.longs = ir.VectorType(self.long, width)
        kind = ir.FunctionType(ir.VoidType(), [self.pointer, self.pointer])
        self.function = ir.Function(module, kind, name)
        self.rooms = self.function.append_basic_block("rooms")
        self.builder = ir.IRBuilder(self.function.append_basic_block("entry"))
        self._read = 0
        self._slots: dict[str, Any] = {}

    def finished(self) -> None:
        """End the function."""
        self.builder.ret_void()
        first = self.function.blocks[1]
        self.ir.IRBuilder(self.rooms).branch(first)

    # numbers
    def whole(self, x: int) -> Any:
        """Return a whole number."""
        return self.ir.Constant(self.long, x)

    def splat(self, x: float) -> Any:
        """Return a vector of one number."""
        return self.ir.Constant(self.vector, [x] * self.width)

    def spread(self, x: Any) -> Any:
        """Return a vector of one number that is computed, whole or not."""
        kind = self.ir.VectorType(x.type, self.width)
        one = self.builder.insert_element(self.ir.Constant(kind, self.ir.Undefined), x, self.short(0))
        zeros = self.ir.Constant(self.ir.VectorType(self.short, self.width), [0] * self.width)
        return self.builder.shuffle_vector(one, one, zeros)

    def first(self, length: Any) -> Any:
        """Return the mask of the first numbers of a vector; `length` may have 4 bytes or 8."""
        places = self.ir.Constant(self.ir.VectorType(length.type, self.width), list(range(self.width)))
        return self.builder.icmp_signed("<", places, self.spread(length))

    def room(self, kind: Any, count: int = 1) -> Any:
        """Return the address of a place on the stack; allocated once, before everything else."""
        return self.ir.IRBuilder(self.rooms).alloca(kind, size=None if count == 1 else count)

    # memory
    def slot(self, name: str) -> Any:
        """Return what the state holds: a pointer for a buffer, a number for a count; read where first used.

        What a function uses it must ask for before its first loop.
        """
        if name not in self._slots:
            kinds = {"stride": self.long, "given_stride": self.long, "whole_stride": self.long}
            kinds |= {"size": self.long, "share": self.double}
            place = self.at(self.function.args[0], self.whole(SLOTS.index(name)), self.long)
            self._slots[name] = self.builder.load(place, typ=kinds.get(name, self.pointer))
        return self._slots[name]

    def argument(self) -> Any:
        """Return the next argument."""
        place = self.at(self.function.args[1], self.whole(self._read), self.short)
        self._read += 1
        return self.builder.sext(self.builder.load(place, typ=self.short), self.long)

    def at(self, pointer: Any, index: Any, kind: Any) -> Any:
        """Return the address of an element."""
        return self.builder.gep(pointer, [index], source_etype=kind)

    def number(self, pointer: Any, index: Any) -> Any:
        """Return a float of a buffer."""
        return self.builder.load(self.at(pointer, index, self.double), typ=self.double)

    def numbers(self, pointer: Any, index: Any) -> Any:
        """Return a vector of a buffer, from an element on."""
        found = self.builder.load(self.at(pointer, index, self.double), typ=self.vector)
        found.align = 8
        return found

    def put(self, x: Any, pointer: Any, index: Any) -> None:
        """Store a number or a vector, from an element on."""
        self.builder.store(x, self.at(pointer, index, self.double), align=8)

    def entry(self, index: Any) -> Any:
        """Return an entry of the table of rows."""
        return self.builder.sext(self.short_entry(index), self.long)

    def short_entry(self, index: Any) -> Any:
        """Return an entry of the table as it stands there, in 4 bytes."""
        return self.builder.load(self.at(self.slot("table"), index, self.short), typ=self.short)

    # control
    @contextmanager
    def loop(self, count: Any, start: Any = None, step: int = 1) -> Iterator[Any]:
        """Emit a loop while index < count; yields the index."""
        b, function = self.builder, self.function
        start = self.whole(0) if start is None else start
        before = b.block
        head, body, after = (function.append_basic_block(name) for name in ("head", "body", "after"))
        b.branch(head)
        b.position_at_end(head)
        index = b.phi(self.long)
        index.add_incoming(start, before)
        b.cbranch(b.icmp_signed("<", index, count), body, after)
        b.position_at_end(body)
        yield index
        index.add_incoming(b.add(index, self.whole(step)), b.block)
        b.branch(head)
        b.position_at_end(after)

    @contextmanager
    def only_if(self, condition: Any) -> Iterator[None]:
        """Emit what runs where a condition holds."""
        with self.builder.if_then(condition):
            yield

    def call(self, name: str, operands: Sequence[Any]) -> Any:
        """Return the call of one of LLVM's functions of vectors, `fma` for one."""
        module, full = self.function.module, f"llvm.{name}.v{self.width}f64"
        function = module.globals.get(full)
        if function is None:
            kind = self.ir.FunctionType(self.vector, [self.vector] * len(operands))
            function = self.ir.Function(module, kind, full)
        return self.builder.call(function, operands)

    def fma(self, x: Any, y: Any, z: Any) -> Any:
        """Return x * y + z, rounded once where the machine can."""
        return self.call("fma", [x, y, z])

    def total(self, x: Any) -> Any:
        """Return the sum of a vector's numbers, in halves."""
        size = self.width
        while size > 1:
            size //= 2
            shapes = self.ir.VectorType(self.short, size)
            low = self.ir.Constant(shapes, list(range(size)))
            high = self.ir.Constant(shapes, list(range(size, 2 * size)))
            x = self.builder.fadd(
                self.builder.shuffle_vector(x, x, low), self.builder.shuffle_vector(x, x, high)
            )
        return self.builder.extract_element(x, self.short(0))
