import xml.etree.ElementTree as ElementTree

import pytest

from engine import ops
from engine.see.mathml import called, is_sum, mathml
from engine.symbol import Symbol, formula, written
from tests.see.computations import HOSTILE


def parsed(inside):
    return ElementTree.fromstring(f"<math>{inside}</math>")


def leaves(tree):
    return [element for element in tree.iter() if not len(element)]


@pytest.mark.parametrize("op", ops.TABLE.values(), ids=ops.TABLE)
def test_every_formula_of_the_table_is_well_formed(op):
    found = formula(op)
    for latex in (found.value_latex, *found.latex):
        tree = parsed(mathml(latex))
        assert all(element.tag in ("mi", "mn", "mo", "mrow") for element in leaves(tree))
        assert not any(sign in "".join(tree.itertext()) for sign in "\\{}^")


def test_elements_have_as_many_parts_as_they_need():
    x, y = Symbol("x"), Symbol("y")
    for symbol in (x**y / (x + 1), ops.cbrt(x / y) ** 2, ops.log10(ops.sqrt(x)), -(x**2) * ops.exp(x - y)):
        for element in parsed(mathml(written(symbol).latex)).iter():
            assert element.tag not in ("mfrac", "msup", "msub", "mroot") or len(element) == 2


def test_a_formula_may_be_deep():
    x = Symbol("x")
    for _ in range(3000):
        x = 1 / (1 + x)
    assert mathml(written(x).latex).count("<mfrac>") == 3000


NAMES = [HOSTILE, "<b>", "a&b", 'x"y', "x<y", "net.layers[0].w[<]", "ü", "x y", "", "**", "(*"]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_only_ever_text(name):
    tree = parsed(called(name))
    assert all(element.tag.startswith("m") for element in tree.iter())


@pytest.mark.parametrize(
    "name, text, brackets",
    [
        ("x1", "x1", False),
        ("x_1", "x1", False),
        ("w[0][12]", "w0,12", False),
        ("net.layers[0].w[3]", "w3", False),
        ("x1*w1", "x1·w1", True),
        ("x**2", "x2", True),
        ("-x", "−x", True),
        ("exp(x)", "exp(x)", False),
        ("2.5*x", "2.5·x", True),
        ("learning rate", "learning rate", False),
    ],
)
def test_names_in_textbook_notation(name, text, brackets):
    assert "".join(parsed(called(name)).itertext()) == text
    assert is_sum(name) is brackets
