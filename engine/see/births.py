"""Where what is wrong began: the births of nan, of inf, and of gradients that vanished."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, final

from engine.op import Op
from engine.see.digits import short
from engine.see.names import Name, elided
from engine.see.origin import excerpt, origin
from engine.see.spelling import fraction, spelled
from engine.see.trail import Swept, Vertex, known, trail
from engine.value import Value

SATURATED = 2.0**-53
"""A partial below this is lost beside 1: the gradient vanishes there."""
MOST_SHOWN = 10
"""So many places where something was born are printed."""
MOST_OPERANDS = 4
"""So many operands are told with their numbers."""
KINDS = ("nan", "inf", "nan gradient", "inf gradient", "vanished gradient")


class Birth(NamedTuple):
    """One place where something began to be wrong, `kind` being one of KINDS.

    `node` is the node whose value it is, or whose op gave the bad gradient to its operand `input` (None for a
    value). `told` says what happened with the numbers, `place` the module and the source, as far as known.

    >>> birth = births(Value(-1.0, label="x").log()).first
    >>> birth.kind, birth.node.op, birth.input
    ('nan', <op log>, None)
    """

    kind: str
    node: Value
    input: Value | None
    told: str
    place: str


@final
class Births:
    """The births under an output, in the order in which they happened; false where there are none.

    >>> births(Value(2.0).log())
    No nan, no inf, no vanished gradient.
    """

    def __init__(self, births: list[Birth]) -> None:
        self.all = births
        """Every birth: of leaves and values first, then of gradients as the sweep meets them."""

    @property
    def first(self) -> Birth | None:
        """The first birth, None where there is none."""
        return self.all[0] if self.all else None

    def __bool__(self) -> bool:
        return bool(self.all)

    def __repr__(self) -> str:
        if not self.all:
            return "No nan, no inf, no vanished gradient."
        alike: dict[tuple[Any, ...], list[Birth]] = {}
        for birth in self.all:
            around, code, offset, _ = origin(birth.node)
            place = () if code is None else (around and around.path, code, offset)
            alike.setdefault((birth.kind, birth.node.op, place or birth.node), []).append(birth)
        lines = []
        for first, *others in list(alike.values())[:MOST_SHOWN]:
            more = f" (and {len(others)} more from there)" if others else ""
            lines += [f"{first.kind}: {first.told}{more}", *([f"    {first.place}"] if first.place else [])]
        rest = len(alike) - MOST_SHOWN
        return "\n".join([*lines, *([f"... and {rest} more places"] if rest > 0 else [])])


def births(y: Value) -> Births:
    """Return where nan, inf and vanished gradients under y began, without storing a gradient.

    A value is born nan or inf where none of its operands was; a gradient, where the upstream gradient and the
    values were numbers still. A gradient vanishes at an operand all of whose partials are below 2⁻⁵³ (it is
    0, or saturated) although gradients arrive. What only follows from a birth is none.

    Errors: TypeError for what is no Value.

    >>> x = Value(-1.0, label="x")
    >>> births((x.log() + 2) * x)
    nan: log(x) is nan at x = −1.0; log is defined above 0.0
    """
    if not isinstance(y, Value):
        raise TypeError(f"births takes a Value, got {y!r}")
    called = known(y)
    leaves = [v for v in called if isinstance(v, Value) and v.op is None and not math.isfinite(v.data)]
    found = [_given(leaf, called[leaf]) for leaf in leaves]
    swept: list[Swept] = []
    for event in trail(y):
        if isinstance(event, Swept):
            swept.append(event)
        elif isinstance(event.node, Value) and is_born(event.node.data, operands(event.node)):
            found.append(_computed(event.node, event.op, called))
    return Births([*found, *_bad_gradients(swept, called), *_vanished(swept, called)])


def operands(node: Value) -> list[float]:
    """Return the numbers of all operands of a node, those of lists one by one.

    >>> operands(Value(2.0) * 3)
    [2.0, 3.0]
    """
    found: list[float] = []
    for operand in (node.x, node.y):
        if operand is not None:
            found += [float(v) for v in (operand if isinstance(operand, tuple) else (operand,))]
    return found


def domain(op: Op, given: Sequence[Any], *, at_edge: bool = False) -> str:
    """Return where an op is defined, as the end of a sentence, if an operand is outside of that; else "".

    With `at_edge` only an operand on the very edge counts, which is what makes an inf: log(0), not (-1e200)².

    >>> from engine import log
    >>> domain(log, [-1.0])
    '; log is defined above 0.0'
    """
    told = ""
    for operand, interval in zip(given, op.domain, strict=False):
        numbers = operand if isinstance(operand, (tuple, list)) else [operand]
        if interval.low > -math.inf and any(
            float(x) == interval.low if at_edge else float(x) not in interval for x in numbers
        ):
            told += f"; {op.name} is defined {'from' if interval.closed else 'above'} {short(interval.low)}"
            told += f" to {short(interval.high)}" if interval.high < math.inf else ""
    return told


def place_of(node: Value) -> str:
    """Return the module and the source of a node, as far as they were watched, else "".

    >>> place_of(Value(2.0))
    ''
    """
    around, found = origin(node).scope, excerpt(node)
    parts = [repr(around)] if around is not None else []
    if found is not None:
        parts.append(f"{found.place}: {found.text}")
    return ", ".join(parts)


def is_born(result: float, given: Sequence[float]) -> bool:
    """Tell whether a number became nan, or inf, by itself: nan also where two infs met.

    >>> is_born(math.inf, [1.0, 0.0]), is_born(math.inf, [math.inf])
    (True, False)
    """
    if math.isnan(result):
        return not any(map(math.isnan, given))
    return math.isinf(result) and all(map(math.isfinite, given))


def _kind(number: float) -> str:
    return "nan" if math.isnan(number) else "inf"


def _given(leaf: Value, name: Name) -> Birth:
    return Birth(_kind(leaf.data), leaf, None, f"{name.text} was given as {short(leaf.data)}", place_of(leaf))


def _computed(node: Value, op: Op, names: Mapping[Vertex, Name]) -> Birth:
    told = f"{_expression(node, op, names)} is {short(node.data)}{_at(node, names)}"
    told += domain(op, (node.x, node.y)[: op.arity], at_edge=math.isinf(node.data))
    return Birth(_kind(node.data), node, None, told, place_of(node))


def _bad_gradients(swept: list[Swept], names: Mapping[Vertex, Name]) -> Iterator[Birth]:
    """Yield where a product of upstream and partial, or a sum of contributions, is no number any more."""
    running: dict[Vertex, float] = {}
    for event in swept:
        node, v = event.node, event.input
        if v is None or not isinstance(node, Value) or not isinstance(v, Value) or event.op is None:
            continue
        before = running.get(v, 0.0)
        running[v] = event.gradient
        if math.isnan(before):
            continue
        name, by = names[v].text, f"{event.op.symbol} of {names[node].text}"
        partial = f"{fraction(names[node].text, name)} is {short(event.partial)}{_at(node, names)}"
        product = f"{short(event.upstream)} × {short(event.partial)} is {short(event.contribution)}"
        total = f"{short(before)} + {short(event.contribution)} is {short(event.gradient)}"
        by_partial = is_born(event.partial, [node.data, *operands(node)]) and not math.isnan(event.upstream)
        if is_born(event.contribution, [event.upstream, event.partial]):
            told = f"{partial}, and {product}" if by_partial else product
            yield _passed(event.contribution, node, v, f"{told}: what {name} gets from {by}")
        elif by_partial:
            yield _passed(event.partial, node, v, partial)
        if is_born(event.gradient, [before, event.contribution]):
            yield _passed(event.gradient, node, v, f"{total}: the gradient of {name}")


def _passed(bad: float, node: Value, v: Value, told: str) -> Birth:
    return Birth(f"{_kind(bad)} gradient", node, v, told, place_of(node))


def _vanished(swept: list[Swept], names: Mapping[Vertex, Name]) -> Iterator[Birth]:
    """Yield the operands that gradients come near but do not reach: all their partials are 0 or saturated."""
    passed = {event.input for event in swept if abs(event.partial) >= SATURATED or math.isnan(event.partial)}
    told: set[Vertex] = set()
    for event in swept:
        v, node = event.input, event.node
        if event.upstream == 0.0 or v in passed or v in told or not isinstance(v, Value):
            continue
        if isinstance(node, Value) and event.op is not None and math.isfinite(event.upstream):
            told.add(v)
            text = (
                f"{event.op.symbol} passes {short(event.upstream)} × {short(event.partial)} = "
                f"{short(event.contribution)} to {names[v].text}{_at(node, names)}"
            )
            yield Birth("vanished gradient", node, v, text, place_of(node))


def _expression(node: Value, op: Op, names: Mapping[Vertex, Name]) -> str:
    name, code = names[node].text, spelled(node, op, names)
    told = name.replace(" ", "") == code.replace(" ", "") or re.fullmatch(r"v\d+", name)
    return code if told else f"{name} = {code}"


def _at(node: Value, names: Mapping[Vertex, Name]) -> str:
    """Return the named operands of a node with their numbers: " at x = 2.0, y = 3.0"."""
    texts = [f"{elided(names[v].text)} = {short(v.data)}" for v in dict.fromkeys(node.inputs)]
    more = [f"… {len(texts) - MOST_OPERANDS} more"] if len(texts) > MOST_OPERANDS else []
    return f" at {', '.join([*texts[:MOST_OPERANDS], *more])}" if texts else ""
