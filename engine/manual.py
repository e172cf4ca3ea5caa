"""What `help` says of each public row of the table: a sentence, its formulas, and its gradient at a point."""

from textwrap import fill
from typing import NamedTuple

from engine import ops
from engine.op import Op
from engine.symbol import formula


class Page(NamedTuple):
    """What there is to say of a row: a sentence, operands to show it at, its value and its gradient there."""

    sentence: str
    operands: str
    result: str


PAGES = {
    "abs": Page("The absolute value of x; its slope is 0 at 0.", "-3.0", "(3.0, -1.0)"),
    "acos": Page("The angle from 0 to pi whose cosine is x; nan outside of -1 ... 1.", "1.0", "(0.0, -inf)"),
    "acosh": Page("The number from 0 on whose cosh is x; nan below 1.", "1.0", "(0.0, inf)"),
    "add": Page("The sum of x and y, `x + y`.", "2.0, 3.0", "(5.0, (1.0, 1.0))"),
    "asin": Page(
        "The angle from -pi/2 to pi/2 whose sine is x; nan outside of -1 ... 1.", "0.0", "(0.0, 1.0)"
    ),
    "asinh": Page("The number whose sinh is x.", "0.0", "(0.0, 1.0)"),
    "atan": Page("The angle from -pi/2 to pi/2 whose tangent is x.", "0.0", "(0.0, 1.0)"),
    "atan2": Page(
        "The angle from -pi to pi of the point x up and y to the right, as math.atan2(x, y); slopes are 0 at "
        "the origin.",
        "0.0, 2.0",
        "(0.0, (0.5, 0.0))",
    ),
    "atanh": Page("The number whose tanh is x; nan outside of -1 ... 1.", "0.0", "(0.0, 1.0)"),
    "cbrt": Page("The real cube root of x, negative where x is.", "-1.0", "(-1.0, 0.3333333333333333)"),
    "cos": Page("The cosine of the angle x, in radians.", "0.0", "(1.0, 0.0)"),
    "cosh": Page("The hyperbolic cosine of x, (exp(x) + exp(-x)) / 2.", "0.0", "(1.0, 0.0)"),
    "detach": Page("The number x as a constant: no gradient flows back through it.", "3.0", "(3.0, 0.0)"),
    "div": Page(
        "The quotient `x / y`; IEEE 754 where y is 0: inf, -inf or nan.", "3.0, 2.0", "(1.5, (0.5, -0.75))"
    ),
    "dot": Page(
        "The sum of the products of two lists of one length, Σ xᵢyᵢ: one node for a neuron's weighted sum.",
        "[1.0, 2.0], [3.0, 4.0]",
        "(11.0, ([3.0, 4.0], [1.0, 2.0]))",
    ),
    "elu": Page(
        "The exponential linear unit (Clevert, Unterthiner and Hochreiter, 2015): x above 0, else "
        "y (exp(x) - 1), y being 1 where it is left out; at x = 0 its slope is y.",
        "2.0",
        "(2.0, 1.0)",
    ),
    "erf": Page(
        "The error function of x, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x.",
        "0.0",
        "(0.0, 1.1283791670955126)",
    ),
    "erfc": Page(
        "The complement 1 - erf(x), with all digits where that cancels.", "0.0", "(1.0, -1.1283791670955126)"
    ),
    "exp": Page("The exponential function e**x; inf above 709.78.", "0.0", "(1.0, 1.0)"),
    "expm1": Page("exp(x) - 1, with all digits where that cancels.", "0.0", "(0.0, 1.0)"),
    "gelu": Page(
        "The Gaussian error linear unit x Φ(x), Φ the standard normal distribution function (Hendrycks and "
        "Gimpel, 2016); not its approximation by tanh.",
        "0.0",
        "(0.0, 0.5)",
    ),
    "hypot": Page(
        "The distance sqrt(x**2 + y**2), without overflow; slopes are 0 at the origin.",
        "3.0, 4.0",
        "(5.0, (0.6, 0.8))",
    ),
    "leaky_relu": Page(
        "The leaky rectifier (Maas, Hannun and Ng, 2013): x above 0, else y x, y being 0.01 where it is left "
        "out; at x = 0 its slope is y.",
        "-2.0, 0.5",
        "(-1.0, (0.5, -2.0))",
    ),
    "log": Page("The natural logarithm of x; -inf at 0, nan below.", "1.0", "(0.0, 1.0)"),
    "log10": Page(
        "The logarithm of x to the base 10; -inf at 0, nan below.", "100.0", "(2.0, 0.004342944819032518)"
    ),
    "log1p": Page(
        "log(1 + x), with all digits where that cancels; -inf at -1, nan below.", "0.0", "(0.0, 1.0)"
    ),
    "log2": Page(
        "The logarithm of x to the base 2; -inf at 0, nan below.", "8.0", "(3.0, 0.18033688011112042)"
    ),
    "logaddexp": Page(
        "log(exp(x) + exp(y)), without overflow.", "0.0, 0.0", "(0.6931471805599453, (0.5, 0.5))"
    ),
    "logsumexp": Page(
        "log Σ exp(xᵢ) of a list, without overflow; -inf of none. Its gradient is the softmax.",
        "[0.0, 0.0]",
        "(0.6931471805599453, [0.5, 0.5])",
    ),
    "max": Page(
        "The largest number of a list; what ties shares the slope.",
        "[1.0, 3.0, 3.0]",
        "(3.0, [0.0, 0.5, 0.5])",
    ),
    "maximum": Page(
        "The larger of x and y; both have slope 1/2 where they are equal.", "1.0, 3.0", "(3.0, (0.0, 1.0))"
    ),
    "min": Page(
        "The smallest number of a list; what ties shares the slope.",
        "[1.0, 3.0, 3.0]",
        "(1.0, [1.0, 0.0, 0.0])",
    ),
    "minimum": Page(
        "The smaller of x and y; both have slope 1/2 where they are equal.", "1.0, 3.0", "(1.0, (1.0, 0.0))"
    ),
    "mul": Page("The product of x and y, `x * y`.", "2.0, 3.0", "(6.0, (3.0, 2.0))"),
    "neg": Page("The number of opposite sign, `-x`.", "2.0", "(-2.0, -1.0)"),
    "power": Page(
        "The power `x ** y`, in real numbers: nan for x below 0 where y is no whole number; 0 ** 0 is 1, and "
        "its slopes are 0.",
        "1.0, 3.0",
        "(1.0, (3.0, 0.0))",
    ),
    "relu": Page(
        "The rectifier: x above 0, else 0 (Nair and Hinton, 2010); its slope is 0 at 0.", "-2.0", "(0.0, 0.0)"
    ),
    "sigmoid": Page("The logistic function 1 / (1 + exp(-x)).", "0.0", "(0.5, 0.25)"),
    "silu": Page(
        "The sigmoid-weighted linear unit x sigmoid(x) (Elfwing, Uchibe and Doya, 2017), also called swish "
        "(Ramachandran, Zoph and Le, 2017).",
        "0.0",
        "(0.0, 0.5)",
    ),
    "sin": Page("The sine of the angle x, in radians.", "0.0", "(0.0, 1.0)"),
    "sinh": Page("The hyperbolic sine of x, (exp(x) - exp(-x)) / 2.", "0.0", "(0.0, 1.0)"),
    "softplus": Page(
        "log(1 + exp(x)), a smooth rectifier (Dugas and others, 2001).", "0.0", "(0.6931471805599453, 0.5)"
    ),
    "sqrt": Page("The square root of x; nan below 0.", "4.0", "(2.0, 0.25)"),
    "step": Page("1 where x is above 0, else 0; its slope is 0 everywhere.", "2.0", "(1.0, 0.0)"),
    "sub": Page("The difference of x and y, `x - y`.", "2.0, 3.0", "(-1.0, (1.0, -1.0))"),
    "sum": Page("The sum of a list, rounded once; 0.0 of none.", "[1.0, 2.0, 3.0]", "(6.0, [1.0, 1.0, 1.0])"),
    "tan": Page("The tangent of the angle x, in radians.", "0.0", "(0.0, 1.0)"),
    "tanh": Page("The hyperbolic tangent of x.", "0.0", "(0.0, 1.0)"),
    "where": Page(
        "where(c, a, b): a where the number c is above 0, else b; the slope in c is 0, and nan stays nan. "
        "The row has c as x, and the pair (a, b) as the list y.",
        "1.0, 5.0, 7.0",
        "(5.0, (0.0, 1.0, 0.0))",
    ),
}


def page(op: Op) -> str:
    """Return the docstring of a public row.

    >>> page(ops.mul).splitlines()[:5]
    ['The product of x and y, `x * y`.', '', 'z = x * y', '∂z/∂x = y', '∂z/∂y = x']
    """
    name = op.name
    sentence, operands, result = PAGES[name]
    errors = "TypeError for a wrong number of operands, and for what is not one number"
    if all(op.lists):
        errors = "TypeError for what is no list of numbers"
        if op.arity > 1:
            errors += "; ValueError for lists of different lengths"
        elif name in ("max", "min"):
            errors += "; ValueError for an empty list"
    return (
        f"{fill(sentence, 110)}\n\n{formula(op)}\n\nErrors: {errors}.\n\n"
        f">>> from engine import grad, {name}\n>>> {name}({operands}), grad({name})({operands})\n{result}\n"
    )


for _name in PAGES:
    ops.TABLE[_name].__doc__ = page(ops.TABLE[_name])

__test__ = {name: ops.TABLE[name].__doc__ for name in PAGES}
