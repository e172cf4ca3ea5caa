"""Symbol: a number that prints, so that a partial run on it is its formula."""

from functools import lru_cache
from typing import Any, NamedTuple

from engine import ops
from engine.carrier import Carrier
from engine.op import Op

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)

INFIX = {
    ops.add: (SUM, "{} + {}", "{} + {}"),
    ops.sub: (SUM, "{} - {}", "{} - {}"),
    ops.mul: (PRODUCT, "{} * {}", r"{} \cdot {}"),
    ops.div: (PRODUCT, "{} / {}", r"\frac{{{}}}{{{}}}"),
    ops.ratio: (PRODUCT, "{} / {}", r"\frac{{{}}}{{{}}}"),
    ops.neg: (SIGN, "-{}", "-{}"),
    ops.power: (POWER, "{}**{}", "{}^{{{}}}"),
}
"""How tightly an op binds, and its text and LaTeX; where it takes brackets is told by `_bracketed`."""

CALLS = {
    ops.exp_sub: ("exp({} - {})", "e^{{{} - {}}}", POWER),
    ops.gaussian: ("exp(-{}**2)", "e^{{-{}^2}}", POWER),
    ops.normal_cdf: ("Φ({})", r"\Phi\left({}\right)", ATOM),
    ops.normal_density: ("φ({})", r"\varphi\left({}\right)", ATOM),
    ops.sech2: ("sech({})**2", r"\operatorname{{sech}}^2\left({}\right)", POWER),
    ops.cosine: (
        "{0} / hypot({0}, {1})",
        r"\frac{{{0}}}{{\operatorname{{hypot}}\left({0}, {1}\right)}}",
        PRODUCT,
    ),
    ops.silu_slope: (
        "sigmoid({0}) * (1 + {0} * sigmoid(-{0}))",
        r"\sigma\left({0}\right) \left(1 + {0} \sigma\left(-{0}\right)\right)",
        PRODUCT,
    ),
    ops.gelu_slope: (
        "Φ({0}) + {0} * φ({0})",
        r"\Phi\left({0}\right) + {0} \varphi\left({0}\right)",
        SUM,
    ),
    ops.exp: ("exp({})", "e^{{{}}}", POWER),
    ops.sqrt: ("sqrt({})", r"\sqrt{{{}}}", ATOM),
    ops.cbrt: ("cbrt({})", r"\sqrt[3]{{{}}}", ATOM),
    ops.abs: ("abs({})", r"\left|{}\right|", ATOM),
    ops.sigmoid: ("sigmoid({})", r"\sigma\left({}\right)", ATOM),
    ops.log: ("log({})", r"\ln\left({}\right)", ATOM),
    ops.log2: ("log2({})", r"\log_2\left({}\right)", ATOM),
    ops.log10: ("log10({})", r"\log_{{10}}\left({}\right)", ATOM),
    ops.ahead: ("H({} - {})", r"H\left({} - {}\right)", ATOM),
    ops.step: ("[{} > 0]", r"\left[{} > 0\right]", ATOM),
}
"""Ops whose textbook form is not name(x): text, LaTeX, how tightly that binds; Formula says what H is."""

SHARES = {
    ops.logsumexp: ("softmax(x){}", r"\operatorname{{softmax}}\left(x\right)_{{{}}}"),
    ops.max: ("[x{} = z] / ties", r"\left[x_{{{}}} = z\right] / \text{{ties}}"),
    ops.min: ("[x{} = z] / ties", r"\left[x_{{{}}} = z\right] / \text{{ties}}"),
}
"""Ops of lists whose partial by one element takes the whole list: text and LaTeX, by the element's number."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

BARE = {ops.ahead, ops.cosine, ops.exp_sub, ops.gaussian, ops.gelu_slope, ops.silu_slope}
"""Ops in whose textbook form an operand stands beside a sign, so that it may need brackets."""

PLAIN_LATEX = frozenset("sin cos tan sinh cosh tanh max min".split())

CONSTANTS = {
    ops.ONE_OVER_LN2: ("1/log(2)", r"\frac{1}{\ln 2}"),
    ops.ONE_OVER_LN10: ("1/log(10)", r"\frac{1}{\ln 10}"),
    ops.TWO_OVER_ROOT_PI: ("2/sqrt(pi)", r"\frac{2}{\sqrt{\pi}}"),
    -ops.TWO_OVER_ROOT_PI: ("-2/sqrt(pi)", r"-\frac{2}{\sqrt{\pi}}"),
}


class Written(NamedTuple):
    """A part of a formula: its text, its LaTeX, and how tightly its outermost sign binds."""

    text: str
    latex: str
    binding: int


class Symbol(Carrier):
    """A number that prints: a name, or an op on Symbols and numbers; `formula` runs a row's partials on them.

    Errors: TypeError for a name that is no text.

    >>> x = Symbol("x")
    >>> str(2 * (x + 1)), (x / 2).latex
    ('2 * (x + 1)', '\\\\frac{x}{2}')
    """

    __slots__ = ("name", "op", "operands")
    rank = 3

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"Symbol takes a name, got {name!r}")
        self.name = name
        self.op: Op | None = None
        self.operands: tuple[Any, ...] = ()

    @classmethod
    def apply(cls, op: Op, operands: tuple[Any, ...]) -> Any:
        """Return op(*operands) as a formula; a factor 1 is left out."""
        if op is ops.mul and 1.0 in [x for x in operands if type(x) is float]:
            return operands[1] if operands[0] == 1.0 and type(operands[0]) is float else operands[0]
        symbol = cls("")
        symbol.op, symbol.operands = op, operands
        return symbol

    def __str__(self) -> str:
        return written(self).text

    @property
    def latex(self) -> str:
        """The formula in LaTeX, without dollar signs."""
        return written(self).latex

    def __repr__(self) -> str:
        return f"Symbol({str(self)!r})"

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"


def written(x: Any) -> Written:
    """Return how a symbol or number is written, operands first; no recursion."""
    done: dict[int, Written] = {}
    stack = [x]
    while stack:
        part = stack[-1]
        if id(part) in done:
            stack.pop()
            continue
        operands = [p for p in _flat(part) if id(p) not in done]
        if operands:
            stack += operands
            continue
        done[id(stack.pop())] = _assembled(part, done)
    return done[id(x)]


def _flat(part: Any) -> list[Any]:
    if isinstance(part, (tuple, list)):
        return list(part)
    return list(part.operands) if isinstance(part, Symbol) else []


def _assembled(part: Any, done: dict[int, Written]) -> Written:
    if isinstance(part, (tuple, list)):
        parts = [done[id(p)] for p in part]
        return Written(", ".join(p.text for p in parts), ", ".join(p.latex for p in parts), ATOM)
    if not isinstance(part, Symbol):
        return _number(float(part))
    if part.op is None:
        return Written(part.name, part.name, ATOM)
    op, operands = part.op, [done[id(p)] for p in part.operands]
    if op in (ops.detach, ops.identity):
        return operands[0]
    if op is ops.add:  # a 0, where a sum begins, is not written
        terms = [done[id(p)] for p in part.operands if type(p) is not float or p]
        if len(terms) == 1:
            return terms[0]
    if op in INFIX:
        binding, text, latex = INFIX[op]
        fraction = "frac" in latex
        texts = [_bracketed(p, binding, i, op).text for i, p in enumerate(operands)]
        latexes = [
            p.latex if fraction else _bracketed(p, binding, i, op).latex for i, p in enumerate(operands)
        ]
        return Written(text.format(*texts), latex.format(*latexes), binding)
    power = op if isinstance(op, ops.PowerDerivative) else None
    if power or op in CALLS:
        text, latex, binding = _power_form(*power.order) if power else CALLS[op]
        tight = [_bracketed(p, POWER, 0, op) for p in operands] if power or op in BARE else operands
        return Written(
            text.format(*(p.text for p in tight)), latex.format(*(p.latex for p in tight)), binding
        )
    name = op.name
    sign = f"\\{name}" if name in PLAIN_LATEX else rf"\operatorname{{{name}}}"
    arguments = ", ".join(p.text for p in operands)
    return Written(
        f"{name}({arguments})", rf"{sign}\left({', '.join(p.latex for p in operands)}\right)", ATOM
    )


def _power_form(n: int, m: int) -> tuple[str, str, int]:
    """Return the textbook form of ∂ⁿ/∂xⁿ ∂ᵐ/∂yᵐ of x ** y, as in CALLS."""
    if n and m:
        sign = f"∂^{n + m}/∂x^{n}∂y^{m}"
        return sign + " {}**{}", rf"\partial_x^{{{{{n}}}}} \partial_y^{{{{{m}}}}} {{}}^{{{{{{}}}}}}", PRODUCT
    if m:
        raised, raised_latex = (f"**{m}", f"^{{{{{m}}}}}") if m > 1 else ("", "")
        return f"{{0}}**{{1}} * log({{0}}){raised}", rf"{{0}}^{{{{{{1}}}}}} \ln{raised_latex} {{0}}", PRODUCT
    factors = ["{1}", *(f"({{1}} - {k})" for k in range(1, n))]
    text = " * ".join([*factors, f"{{0}}**({{1}} - {n})"])
    return text, r" \cdot ".join([*factors, f"{{0}}^{{{{{{1}} - {n}}}}}"]), PRODUCT


def _bracketed(part: Written, binding: int, index: int, op: Op) -> Written:
    """Put brackets round an operand that binds less tightly than the sign it stands beside."""
    last = index == 1 and op in (ops.sub, ops.div, ops.ratio)
    base = index == 0 and binding == POWER
    if part.binding > binding or (part.binding == binding and not last and not base):
        return part
    return Written(f"({part.text})", rf"\left({part.latex}\right)", ATOM)


def _number(x: float) -> Written:
    if x in CONSTANTS:
        return Written(*CONSTANTS[x], PRODUCT)
    text = str(int(x)) if x.is_integer() and abs(x) < 1e16 else repr(x)
    return Written(text, text, SIGN if x < 0.0 else ATOM)


class Formula(NamedTuple):
    """The formulas of an op: its value z and its partials ∂z/∂x and ∂z/∂y, as text and as LaTeX.

    Printed, it is a line each; notebooks show the LaTeX. [x > 0] is 1 or 0, H(x) is 0, 1/2 or 1 where x is
    below, at or above 0, φ and Φ are the density and the distribution function of the standard normal
    distribution, `ties` is how many elements are the largest or the smallest.

    >>> formula(ops.exp).partials
    ('exp(x)',)
    """

    value: str
    partials: tuple[str, ...]
    value_latex: str
    latex: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"∂z/∂{name} = {partial}" for name, partial in zip("xy", self.partials, strict=False)]
        return "\n".join([f"z = {self.value}", *lines])

    def _repr_latex_(self) -> str:
        lines = [
            rf"\frac{{\partial z}}{{\partial {name}}} &= {latex}"
            for name, latex in zip("xy", self.latex, strict=False)
        ]
        body = r" \\ ".join([f"z &= {self.value_latex}", *lines])
        return rf"$$\begin{{aligned}}{body}\end{{aligned}}$$"


def formula(op: Op) -> Formula:
    """Return the formulas of an op's value and partials, from its row of the table.

    A list operand stands as two numbers x₁, x₂; its partial is the one of the first.

    Errors: TypeError for what is no op, and for an op of one's own a partial of which takes floats alone.

    >>> print(formula(ops.div))
    z = x / y
    ∂z/∂x = 1 / y
    ∂z/∂y = -(x / y) / y
    """
    if not isinstance(op, Op):
        raise TypeError(f"formula takes an op such as engine.tanh, got {op!r}")
    value = written(Symbol.apply(op, _symbols(op, 0)))
    partials = [partial_formula(op, index) for index in range(op.arity)]
    return Formula(value.text, tuple(p.text for p in partials), value.latex, tuple(p.latex for p in partials))


@lru_cache(maxsize=4096)
def partial_formula(op: Op, index: int, element: int = 0) -> Written:
    """Return how ∂z/∂x (index 0) or ∂z/∂y (index 1) is written; of a list operand, that of one element.

    >>> partial_formula(ops.dot, 0, 2).text
    'y₃'
    """
    if op in SHARES:
        text, latex = SHARES[op]
        number = str(element + 1)
        return Written(text.format(number.translate(SUBSCRIPTS)), latex.format(number), ATOM)
    symbols = _symbols(op, element)
    try:
        slope = op.slope(index, Symbol.apply(op, symbols), symbols)
    except (TypeError, ValueError, AttributeError) as error:
        raise TypeError(
            f"partial {index} of op {op.name!r} does not run on Symbols, so it has no formula ({error}): "
            "write engine.cos(x) for math.cos(x), where(x, a, b) for a if x > 0 else b, and so on"
        ) from error
    if isinstance(slope, (list, tuple)):
        slope = slope[element if isinstance(op, ops.Where) else 0]
    return written(0.0 if slope is None else slope)


def _symbols(op: Op, element: int) -> tuple[Any, ...]:
    """Return what stands for the operands: for a list two of its elements, the asked one first."""
    first = 1 if isinstance(op, ops.Where) else element + 1
    numbers = [str(number).translate(SUBSCRIPTS) for number in (first, first + 1)]
    return tuple(
        tuple([Symbol(name + number) for number in numbers]) if is_list else Symbol(name)
        for name, is_list in zip("xy", op.lists, strict=False)
    )
