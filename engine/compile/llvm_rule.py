"""An optimizer's rule as one loop over all parameters, what depends on numbers alone computed before it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.compile.graph import CONSTANT, INPUT, LIN, Graph
from engine.compile.llvm_kernel import Kernel
from engine.compile.llvm_lets import Lets, Made, calls_of, computed, is_known
from engine.compile.llvm_rows import is_row
from engine.compile.spelled import spelled


class Sum(NamedTuple):
    """A sum of a number, registers, and products of registers or numbers."""

    constant: float
    terms: tuple[int, ...]
    products: tuple[tuple[Any, Any], ...]


class RuleKind(NamedTuple):
    """A rule: for each register a vector or number given (its place), a number, a Sum, or a Made.

    The first `vectors` inputs are vectors. `outputs` are registers.
    """

    registers: tuple[tuple[str, Any], ...]
    vectors: int
    outputs: tuple[int, ...]


def rule_kind(graph: Graph, vectors: int, width: int) -> tuple[RuleKind, list[tuple[Any, Any]]]:
    """Return a rule's kind, and the ops that it calls back, each with the lengths of its operands' lists.

    >>> from engine import ops
    >>> graph = Graph([INPUT, INPUT, ops.mul], [(0,), (1,), (0, 1)], (2,), inputs=2)
    >>> [name for name, _ in rule_kind(graph, 1, 4)[0].registers]
    ['input', 'input', 'made']
    """
    graph = spelled(graph)
    registers: list[tuple[str, Any]] = []
    own: list[tuple[Any, Any]] = []
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if op is INPUT:
            registers.append(("input", operands[0]))
        elif op is CONSTANT:
            registers.append(("number", operands[0]))
        elif op is LIN:
            constant, terms, *factors = operands
            registers.append(("sum", Sum(constant, terms, tuple(zip(*factors, strict=True)))))
        else:
            flat = tuple([x for o in operands for x in (o if type(o) is tuple else (o,))])
            numbers = tuple([None if type(x) is int else x for x in flat])
            has_code = is_row(op) and is_known(op.name, numbers, width)  # type: ignore[arg-type]
            if not has_code:
                own.append((op, tuple([len(o) if type(o) is tuple else None for o in operands])))
            registers.append(("made", Made(op.name if has_code else "", flat)))
    return RuleKind(tuple(registers), vectors, graph.outputs), own


def emit_rule(kernel: Kernel, kind: RuleKind) -> None:
    """Emit a rule. It works on the addresses of the vectors, of the outputs, of the numbers; a length.

    The second result is 0 * all that is read and written: nan where some of it is not finite. Its arguments:
    what is called back.
    """
    b = kernel.builder
    state, result = kernel.slot("rule"), kernel.slot("result")
    places = kind.vectors + len(kind.outputs)
    pointers = [
        b.load(kernel.at(state, kernel.whole(i), kernel.long), typ=kernel.pointer) for i in range(places + 1)
    ]
    length = b.load(kernel.at(state, kernel.whole(places + 1), kernel.long), typ=kernel.long)
    given, outs, numbers = pointers[: kind.vectors], pointers[kind.vectors : -1], pointers[-1]
    calls = {
        i: calls_of(kernel, Lets((x,), ()))[0] for i, (what, x) in enumerate(kind.registers) if what == "made"
    }
    varying = _varying(kind)
    fixed: dict[int, Any] = {}

    def register(i: int, registers: dict[int, Any]) -> Any:
        what, x = kind.registers[i]
        if what == "number":
            return kernel.splat(x)
        if what == "sum":
            return _sum(kernel, x, registers)
        operands = tuple([n if type(y) is int else y for n, y in enumerate(x.operands)])
        literal = tuple([_number(kind, y) for y in x.operands])
        read = [[registers[y]] for y, n in zip(x.operands, literal, strict=True) if n is None]
        return computed(kernel, Lets((x._replace(operands=operands),), literal), [calls[i]], read, 1)[0]

    for i, (what, x) in enumerate(kind.registers):
        if not varying[i]:
            if what == "input":
                fixed[i] = kernel.spread(kernel.number(numbers, kernel.whole(x - kind.vectors)))
            else:
                fixed[i] = register(i, fixed)

    seen = [i for i, (what, _) in enumerate(kind.registers) if what == "input" and varying[i]]
    looks = {i: kernel.room(kernel.vector) for i in (*seen, *kind.outputs)}
    for room in looks.values():
        b.store(kernel.splat(0.0), room)

    def body(read: Callable[[Any], Any], write: Callable[[Any, Any], None]) -> None:
        registers = dict(fixed)
        for i, (what, x) in enumerate(kind.registers):
            if varying[i]:
                registers[i] = read(given[x]) if what == "input" else register(i, registers)
        for pointer, i in zip(outs, kind.outputs, strict=True):
            write(pointer, registers[i])
        for i, room in looks.items():
            look = kernel.fma(registers[i], kernel.splat(0.0), b.load(room, typ=kernel.vector))
            b.store(look, room)

    whole = b.sub(length, b.srem(length, kernel.whole(kernel.width)))
    with kernel.loop(whole, step=kernel.width) as at:
        body(lambda pointer: kernel.numbers(pointer, at), lambda pointer, x: kernel.put(x, pointer, at))
    with kernel.loop(length, whole) as at:
        body(
            lambda pointer: kernel.spread(kernel.number(pointer, at)),
            lambda pointer, x: kernel.put(b.extract_element(x, kernel.short(0)), pointer, at),
        )
    total = kernel.splat(0.0)
    for room in looks.values():
        total = b.fadd(total, b.load(room, typ=kernel.vector))
    kernel.put(kernel.total(total), result, kernel.whole(1))


def _number(kind: RuleKind, operand: Any) -> float | None:
    """Return the number that an operand is, None where it is computed."""
    if type(operand) is not int:
        return float(operand)
    what, x = kind.registers[operand]
    return float(x) if what == "number" else None


def _varying(kind: RuleKind) -> list[bool]:
    """Return which registers differ from parameter to parameter."""
    found: list[bool] = []
    for what, x in kind.registers:
        if what == "input":
            found.append(x < kind.vectors)
        elif what == "number":
            found.append(False)
        else:
            operands = [*x.terms, *(y for pair in x.products for y in pair)] if what == "sum" else x.operands
            found.append(any([found[y] for y in operands if type(y) is int]))
    return found


def _sum(kernel: Kernel, x: Sum, registers: dict[int, Any]) -> Any:
    """Return a sum, its products rounded into it."""

    def value(operand: Any) -> Any:
        return registers[operand] if type(operand) is int else kernel.splat(operand)

    total = kernel.splat(x.constant) if x.constant != 0.0 else None
    for term in x.terms:
        total = value(term) if total is None else kernel.builder.fadd(total, value(term))
    for pair in x.products:
        first, second = map(value, pair)
        if total is None:
            total = kernel.builder.fmul(first, second)
        else:
            total = kernel.fma(first, second, total)
    return kernel.splat(x.constant) if total is None else total
