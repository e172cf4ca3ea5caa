"""Formulas of the table, as text and LaTeX."""

import math

import pytest

import engine
from engine import Op, Symbol, formula, ops


@pytest.mark.parametrize("op", ops.TABLE.values(), ids=ops.TABLE)
def test_every_row_prints(op):
    found = formula(op)
    assert len(found.partials) == len(found.latex) == op.arity
    for text in (*found.partials, *found.latex, found.value, found.value_latex):
        assert text and "power_derivative" not in text and "Symbol" not in text
    for latex in found.latex:
        assert latex.count("{") == latex.count("}") and latex.count(r"\left") == latex.count(r"\right")


@pytest.mark.parametrize(
    ("op", "partials"),
    [
        (engine.mul, ("y", "x")), (engine.div, ("1 / y", "-(x / y) / y")), (engine.sin, ("cos(x)",)),
        (engine.power, ("y * x**(y - 1)", "x**y * log(x)")), (engine.tanh, ("sech(x)**2",)),
        (engine.sigmoid, ("sech(x / 2)**2 / 4",)), (engine.sum, ("1",)), (engine.dot, ("y₁", "x₁")),
        (ops.power_x, ("y * (y - 1) * x**(y - 2)", "∂^2/∂x^1∂y^1 x**y")),
        (ops.power_y, ("∂^2/∂x^1∂y^1 x**y", "x**y * log(x)**2")), (engine.log, ("1 / x",)),
        (engine.maximum, ("H(x - y)", "H(y - x)")), (engine.gelu, ("Φ(x) + x * φ(x)",)),
        (engine.silu, ("sigmoid(x) * (1 + x * sigmoid(-x))",)),
        (engine.hypot, ("x / hypot(x, y)", "y / hypot(y, x)")),
    ],
)  # fmt: skip
def test_textbook_partials(op, partials):
    assert formula(op).partials == partials


@pytest.mark.parametrize("name", [n for n, op in ops.METHODS.items() if op.arity == 1 and n != "detach"])
def test_the_printed_partial_evaluates_to_the_partial(name):
    """Text that is plain Python is run as Python: the brackets are right."""
    names = {k: op for k, op in ops.TABLE.items()}
    names |= {"pi": math.pi, "sech": lambda x: 1 / math.cosh(x), "Φ": ops.normal_cdf, "φ": ops.normal_density}
    op = ops.TABLE[name]
    text = formula(op).partials[0].replace("[x > 0]", "step(x)")
    x = 1.25 if name == "acosh" else 0.3
    assert math.isclose(eval(text, names, {"x": x}), op.float_slope(0, op(x), (x,)), rel_tol=1e-14)


@pytest.mark.parametrize(
    ("own", "printed"),
    [
        (
            Op("gaussian", lambda x: math.exp(-x * x / 2), lambda z, x: -x * z),
            ("gaussian(x)", "-x * gaussian(x)"),
        ),
        (Op("ratio", lambda x, y: x / (x + y), 1, 2), ("ratio(x, y)", "1", "2")),
        (Op("power", lambda x: x * x, lambda z, x: 2 * x), ("power(x)", "2 * x")),
        (Op("cosine", math.cos, lambda z, x: -ops.sin(x)), ("cosine(x)", "-sin(x)")),
        (Op("max", lambda x: max(x, 0.0), lambda z, x: ops.step(x)), ("max(x)", "[x > 0]")),
        (Op("logsumexp", lambda xs: 3 * math.fsum(xs), 3, lists=(True,)), ("logsumexp(x₁, x₂)", "3")),
    ],
    ids=lambda own: getattr(own, "name", ""),
)
def test_an_own_op_of_a_row_s_name_prints_as_own(own, printed):
    found = formula(own)
    assert (found.value, *found.partials) == printed


def test_an_own_op_of_a_row_s_name_in_latex():
    own = Op("exp", lambda x: 2.0**x, lambda z, x: z * math.log(2.0))
    assert formula(own).value_latex == r"\operatorname{exp}\left(x\right)"


def test_brackets():
    x, y = Symbol("x"), Symbol("y")
    assert str((x + y) * 2 - (x - (y - 1)) / (x * y)) == "(x + y) * 2 - (x - (y - 1)) / (x * y)"
    assert str((-x) ** 2) == "(-x)**2" and str(-(x**2)) == "-x**2" and str(x**-y) == "x**(-y)"
    assert str(2 - x) == "2 - x" and str(x - 2.5) == "x - 2.5" and str(1 * x) == "x"
    assert (x / (y + 1)).latex == r"\frac{x}{y + 1}"
    assert str(ops.exp_sub(x, y - 1)) == "exp(x - (y - 1))" and str(ops.ahead(x, -y)) == "H(x - (-y))"
    assert str(ops.gelu_slope(x + y) * 2) == "(Φ((x + y)) + (x + y) * φ((x + y))) * 2"
    assert str(2 / ops.cosine(x - y, y)) == "2 / ((x - y) / hypot((x - y), y))"
    assert formula(engine.exp)._repr_latex_().startswith("$$")


def test_powers_of_powers_and_what_is_seen_through_take_brackets():
    x, y = Symbol("x"), Symbol("y")
    assert str(engine.detach(x + y) * 2) == "(x + y) * 2"
    assert str(ops.sech2(x) ** 3) == "(sech(x)**2)**3"
    assert (engine.exp(x) ** 2).latex == r"\left(e^{x}\right)^{2}"


def test_a_users_op_prints():
    swish = Op("swish", lambda x: x / (1 + math.exp(-x)), lambda z, x: engine.sigmoid(x) * (1 + x - z))
    assert formula(swish).partials == ("sigmoid(x) * (1 + x - swish(x))",)


def test_formula_wants_an_op():
    with pytest.raises(TypeError, match="engine.tanh"):
        formula("tanh")


def test_long_formulas_do_not_recurse():
    x = Symbol("x")
    for _ in range(5000):
        x = x + 1
    assert str(x).count("+ 1") == 5000


def test_the_0_where_a_sum_begins_is_not_written():
    x = Symbol("x")
    rate = (engine.sin(engine.Dual(x, 1.0)) * engine.Dual(x, 1.0)).rate
    assert str(rate) == "x * cos(x) + sin(x)"
    assert rate.latex == r"x \cdot \cos\left(x\right) + \sin\left(x\right)"
    assert str(2 * (0 + x)) == "2 * x" and str(2 * (0 + x + 1)) == "2 * (x + 1)"
    assert str(Symbol.apply(ops.add, (0.0, 0.0))) == "0 + 0"
