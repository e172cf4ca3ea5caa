"""The parts of a sum of products, told apart by what varies with the sample."""

from typing import Any, NamedTuple, TypeAlias, final

from engine.compile.graph import SHARED

Factors: TypeAlias = tuple[tuple[Any, ...], tuple[Any, ...]]
NONE: Factors = ((), ())


class Sum(NamedTuple):
    """The parts of a LIN node, told apart by what varies with the sample.

    `terms` vary, `fixed` do not; the others are the first and the second factors of products: both vary in
    `products`, the second ones in `weighted` and `scaled`, none in `plain`. `scaled` are what is times a
    number beside what is times a parameter: x in w·h - x.
    """

    constant: float
    terms: tuple[int, ...]
    fixed: tuple[Any, ...]
    weighted: Factors
    scaled: Factors
    products: Factors
    plain: Factors


@final
class Splitter:
    """Tells apart the parts of LIN nodes; what it finds out about lists that nodes share it keeps.

    >>> from engine.compile.graph import INPUT, LIN, PARAMETER, Graph
    >>> rows = [(PARAMETER, (0,)), (INPUT, (0,)), (LIN, (0.5, (0,), (1,), (0,)))]
    >>> graph = Graph([op for op, _ in rows], [o for _, o in rows], (2,), parameters=1, inputs=1)
    >>> parts = Splitter(graph.varying()).split(graph.operands[2])
    >>> parts.fixed, parts.weighted
    ((0,), ((0,), (1,)))
    """

    def __init__(self, varying: list[bool]) -> None:
        self.varying = varying
        self._kinds: dict[int, str] = {}

    def split(self, operands: tuple[Any, ...]) -> Sum:
        """Return the parts of a LIN node: of products with one factor that varies, that one stands second."""
        constant, terms, xs, ys = operands
        varying = self.varying
        fixed: tuple[Any, ...] = ()
        if terms and self._kind(terms) != "varying":
            terms, fixed = (
                tuple([x for x in terms if varying[x]]),
                tuple([x for x in terms if not varying[x]]),
            )
        kinds = self._kind(xs), self._kind(ys)
        if kinds == ("fixed", "varying"):
            return Sum(constant, terms, fixed, (xs, ys), NONE, NONE, NONE)
        if kinds == ("varying", "fixed"):
            return Sum(constant, terms, fixed, (ys, xs), NONE, NONE, NONE)
        if kinds == ("varying", "varying"):
            return Sum(constant, terms, fixed, NONE, NONE, (xs, ys), NONE)
        return Sum(constant, terms, fixed, *self._mixed(xs, ys))

    def _kind(self, operand: tuple[Any, ...]) -> str:
        """Return whether the elements of a list are all nodes that vary, or all nodes that do not."""
        known = self._kinds.get(id(operand)) if len(operand) >= SHARED else None
        if known is None:
            kinds = {("varying" if self.varying[x] else "fixed") if type(x) is int else "" for x in operand}
            known = (kinds.pop() if len(kinds) == 1 else "") or "mixed"
            if len(operand) >= SHARED:
                self._kinds[id(operand)] = known
        return known

    def _mixed(self, xs: tuple[Any, ...], ys: tuple[Any, ...]) -> tuple[Factors, Factors, Factors, Factors]:
        varying = self.varying
        weighted, products, plain = [], [], []
        scaled: list[Any] = []
        for x, y in zip(xs, ys, strict=True):
            first = type(x) is int and varying[x]
            second = type(y) is int and varying[y]
            if first and second:
                products.append((x, y))
            elif first or second:
                weighted.append((y, x) if first else (x, y))
            else:
                plain.append((x, y))
        if any([type(w) is int for w, _ in weighted]):
            scaled = [pair for pair in weighted if type(pair[0]) is float]
            weighted = [pair for pair in weighted if type(pair[0]) is int]
        return _factors(weighted), _factors(scaled), _factors(products), _factors(plain)


def _factors(pairs: list[tuple[Any, Any]]) -> Factors:
    """Return pairs as their first and their second elements."""
    return (tuple([x for x, _ in pairs]), tuple([y for _, y in pairs])) if pairs else NONE
