"""Value: a float that remembers where it came from."""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from engine.carrier import Carrier, Floats, as_number
from engine.op import Op

new: Callable[[type["Value"]], "Value"] = object.__new__
"""What makes an empty node; see engine.recording.install."""
compute: Callable[[Op], Callable[..., float]] = attrgetter("evaluate")
"""What gives the function that computes an op in the general case; see there, too."""


def make_node(data: float, op: Op, x: Any, y: Any) -> "Value":
    """Return the node z = op(x, y) whose value is data."""
    z = new(Value)
    z._data = data
    z.grad = 0.0
    z.op = op
    z.x = x
    z.y = y
    return z


class Value(Carrier):
    """A float that remembers where it came from.

    `data` is the number, `label` a name for drawings and tables. `grad` is what the last sweep gave it, the
    derivative of that output by it; at a leaf, which no op made, sweeps add up until it is set to 0. A
    recorded Value keeps the op that made it and the operands `x`, `y`: Values, plain numbers, or tuples of
    them for the list ops. `==` and `hash` go by identity; `<`, `<=`, `>`, `>=`, `bool` and `float` by the
    number.

    Errors: TypeError for anything that is not one number, and for a label that is no text.

    >>> x = Value(3.0)
    >>> (x * x + 2 * x).backward()
    >>> x.grad
    8.0
    """

    __slots__ = ("_data", "_label", "_origin", "grad", "op", "x", "y")
    rank = 1

    _data: float
    _label: str
    _origin: tuple[Any, ...]  # set while watching alone; engine.see.origin reads it
    grad: float
    op: Op | None
    x: Any
    y: Any

    def __init__(self, data: float, label: str = "") -> None:
        if type(data) is float:
            self._data = data
        else:
            self.data = data
        self.grad = 0.0
        self.op = self.x = self.y = None
        if label:
            self.label = label

    def __init_subclass__(cls) -> None:
        raise TypeError("Value cannot be subclassed: recording tells its nodes by their exact type")

    @property
    def data(self) -> float:
        """The number, always a Python float.

        A change is seen by whatever is recorded later; a sweep evaluates partials at the numbers that it
        finds, so change no leaf between recording and sweeping.

        Errors: TypeError where it is set to anything that is not one number.
        """
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if type(data) is not float:
            if isinstance(data, Carrier):
                raise TypeError(
                    f"Value takes a number, got {data!r}; to record a computation, "
                    "call an op on Values: tanh(x), x * y"
                )
            data = float(as_number(data, "Value"))
        self._data = data

    @property
    def label(self) -> str:
        """The name that drawings and tables show, '' where none was given.

        Errors: TypeError where it is set to what is no text.
        """
        try:
            return self._label
        except AttributeError:
            return ""

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"a label is a text, got {label!r}")
        self._label = label

    @property
    def inputs(self) -> tuple["Value", ...]:
        """The operands that are Values, x before y, those of lists one by one.

        >>> x = Value(2.0)
        >>> (x * x).inputs == (x, x), (3 * x).inputs == (x,)
        (True, True)
        """
        inputs: list[Value] = []
        for operand in (self.x, self.y):
            if type(operand) is Value:
                inputs.append(operand)
            elif type(operand) is tuple:
                inputs += operand
        return tuple(inputs)

    @property
    def _prev(self) -> set["Value"]:
        """The set of parents, as code written for micrograd reads it."""
        return set(self.inputs)

    @property
    def _op(self) -> str:
        """The op's sign or name, '' for a leaf, as code written for micrograd reads it."""
        return "" if self.op is None else self.op.symbol

    @classmethod
    def apply(cls, op: Op, operands: tuple[Any, ...]) -> "Value":
        """Record op(*operands); numbers that stand in a list beside Values become leaves."""
        x, y = [_settled(operand) for operand in (*operands, None)[:2]]
        data = compute(op)(*[numbers_of(operand) for operand in (x, y)[: op.arity]])
        return make_node(data, op, x, y)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data}, grad={self.grad}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __bool__(self) -> bool:
        return self._data != 0.0

    def __float__(self) -> float:
        return self._data

    def __pos__(self) -> "Value":
        return self

    def __lt__(self, other: Any) -> bool:
        return self._data < _comparable(other)

    def __le__(self, other: Any) -> bool:
        return self._data <= _comparable(other)

    def __gt__(self, other: Any) -> bool:
        return self._data > _comparable(other)

    def __ge__(self, other: Any) -> bool:
        return self._data >= _comparable(other)

    if TYPE_CHECKING:  # what engine.ops and engine.recording make from the table
        abs: Callable[[], "Value"]
        acos: Callable[[], "Value"]
        acosh: Callable[[], "Value"]
        asin: Callable[[], "Value"]
        asinh: Callable[[], "Value"]
        atan: Callable[[], "Value"]
        atanh: Callable[[], "Value"]
        cbrt: Callable[[], "Value"]
        cos: Callable[[], "Value"]
        cosh: Callable[[], "Value"]
        detach: Callable[[], "Value"]
        erf: Callable[[], "Value"]
        erfc: Callable[[], "Value"]
        exp: Callable[[], "Value"]
        expm1: Callable[[], "Value"]
        gelu: Callable[[], "Value"]
        log: Callable[[], "Value"]
        log10: Callable[[], "Value"]
        log1p: Callable[[], "Value"]
        log2: Callable[[], "Value"]
        neg: Callable[[], "Value"]
        relu: Callable[[], "Value"]
        sigmoid: Callable[[], "Value"]
        silu: Callable[[], "Value"]
        sin: Callable[[], "Value"]
        sinh: Callable[[], "Value"]
        softplus: Callable[[], "Value"]
        sqrt: Callable[[], "Value"]
        step: Callable[[], "Value"]
        tan: Callable[[], "Value"]
        tanh: Callable[[], "Value"]
        elu: Callable[..., "Value"]
        leaky_relu: Callable[..., "Value"]

        def __add__(self, y: float | "Value") -> "Value": ...
        def __sub__(self, y: float | "Value") -> "Value": ...
        def __mul__(self, y: float | "Value") -> "Value": ...
        def __truediv__(self, y: float | "Value") -> "Value": ...
        def __pow__(self, y: float | "Value") -> "Value": ...
        def __radd__(self, x: float) -> "Value": ...
        def __rsub__(self, x: float) -> "Value": ...
        def __rmul__(self, x: float) -> "Value": ...
        def __rtruediv__(self, x: float) -> "Value": ...
        def __rpow__(self, x: float) -> "Value": ...
        def __neg__(self) -> "Value": ...
        def __abs__(self) -> "Value": ...
        def _backward(self) -> None: ...
        def backward(self) -> None:
            """Sweep from here: add ∂self/∂leaf to every leaf's grad, set every recorded node's afresh."""

        def __deepcopy__(self, memo: dict[int, Any]) -> "Value": ...


def _comparable(other: Any) -> float:
    if type(other) is Value:
        return other._data
    return float(as_number(other, "comparison"))


def _settled(operand: Any) -> Any:
    """Return an operand as it is kept: a tuple holds nothing but Values."""
    if type(operand) is tuple and set(map(type, operand)) != {Value}:
        return tuple([v if type(v) is Value else Value(v) for v in operand])
    return operand


def numbers_of(operand: Any) -> Any:
    """Return the float of an operand, a tuple of floats for a list; numbers come back as they are."""
    if type(operand) is Value:
        return operand._data
    if type(operand) is tuple:
        return Floats([v._data for v in operand])
    return operand
