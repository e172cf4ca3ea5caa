"""Expressions typed as text: the same numbers as Python's own, places for errors, and nothing ever run."""

import ast
import math
import time
import warnings
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings, strategies as st

import engine
from engine import Op, Value, ledger
from engine.check import check_gradients
from engine.expression import parse
from engine.grammar import FUNCTIONS
from engine.parsing import ExpressionError
from engine.see.names import reading
from engine.see.origin import excerpt, variable

NAMES = ("x", "w1", "é", "变量")
AT = (0.75, -1.5, 2.0, 0.3)
PYTHON = {name: getattr(engine, name) for name in FUNCTIONS} | {"pi": math.pi, "e": math.e}
UNARY = [name for name, f in FUNCTIONS.items() if f.lists == (False,)]
PAIRS = [name for name, f in FUNCTIONS.items() if f.lists == (False, False)]
REDUCTIONS = ["sum", "max", "min", "logsumexp"]
BLANK = st.sampled_from(["", "", " ", "  "])


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
    infix = st.sampled_from(["+", "-", "*", "/", "**"])
    return st.one_of(
        st.builds(lambda x, a, op, b, y: f"{x}{a}{op}{b}{y}", inner, BLANK, infix, BLANK, inner),
        st.builds(lambda a, x, b: f"({a}{x}{b})", BLANK, inner, BLANK),
        st.builds(lambda sign, a, x: f"{sign}{a}{x}", st.sampled_from("+-"), BLANK, inner),
        st.builds(lambda f, x: f"{f}({x})", st.sampled_from(UNARY), inner),
        st.builds(lambda f, x, y: f"{f}({x},{y})", st.sampled_from(PAIRS), inner, inner),
        st.builds(lambda f, xs: f"{f}({xs})", st.sampled_from(REDUCTIONS), lists),
        st.builds(lambda x, y, z: f"where({x}, {y}, {z})", inner, inner, inner),
        st.builds(lambda x, y, z: f"dot([{x}, {y}], [2.0,{z}])", inner, inner, inner),
        st.builds(lambda xs: f"softmax({xs})[0]", lists),
        st.builds(lambda xs: f"{xs}[-1]", lists),
    )


ATOMS = st.sampled_from([*NAMES, *NAMES, "2.0", "0.5", "1e-3", "pi", "e"])
EXPRESSIONS = st.recursive(ATOMS, compound, max_leaves=12)


def by_python(text: str, operands: list[Value]) -> Value:
    """The expression as Python itself computes it; where it refuses numbers, none."""
    try:
        with warnings.catch_warnings(action="ignore"):
            result = eval(text, dict(PYTHON), dict(zip(NAMES, operands, strict=True)))
    except ArithmeticError:
        result = None
    assume(isinstance(result, Value))
    return result


def swept(y: Value, operands: list[Value]) -> str:
    y.backward()
    return repr((y.data, [v.grad for v in operands]))


@given(EXPRESSIONS)
def test_numbers_and_gradients_are_those_of_python(text: str) -> None:
    theirs, ours = [[Value(x) for x in AT] for _ in range(2)]
    expected = swept(by_python(text, theirs), theirs)
    f = parse(text, NAMES)
    assert swept(f(*ours), ours) == expected
    assert repr(f(*AT)) == repr(f(*map(Value, AT)).data)


@given(EXPRESSIONS)
def test_every_node_knows_its_piece_of_text(text: str) -> None:
    operands = [Value(x, name) for x, name in zip(AT, NAMES, strict=True)]
    by_python(text, operands)
    parts = {
        (part.col_offset, part.end_col_offset): part
        for part in ast.walk(ast.parse(text, mode="eval"))
        if isinstance(part, ast.BinOp | ast.UnaryOp | ast.Call | ast.Subscript | ast.Constant | ast.Name)
    }
    for v in reading(parse(text, NAMES)(*operands)):
        if v in operands:
            continue
        found = excerpt(v)
        assert found is not None and found.lines == (text,)
        start, end = (len(text[: place[1]].encode()) for place in (found.start, found.end))
        part = parts[start, end]
        assert found.text == ast.get_source_segment(text, part)
        if v.op is None:
            assert variable(v) == found.text
        if not (isinstance(part, ast.Call) and ast.unparse(part.func) == "softmax"):
            again = eval(found.text, dict(PYTHON), dict(zip(NAMES, operands, strict=True)))
            assert repr(float(again)) == repr(v.data)


TOKENS = st.lists(
    st.sampled_from([*"xyw()[],+-*/ .=:\"'{}\\#@^×−²5\n\t\0", "**", "2.5", "1e999", "9" * 400,
                     "tanh(", "sum([", "softmax([", ")[0]", "lambda ", " if ", " else ", " for ", "0x"]),
    max_size=25,
).map("".join)  # fmt: skip


@settings(deadline=2000)
@given(TOKENS | st.text(max_size=30) | EXPRESSIONS, st.none() | st.just(("x", "w")))
@example("1or x", None)
@example("\udcff", None)
@example("ﬁ + µ", None)
@example("x \N{NO-BREAK SPACE}+ \x0c1", None)
def test_any_text_is_a_number_or_one_clear_error(text: str, names: tuple[str, ...] | None) -> None:
    try:
        f = parse(text, names)
    except ExpressionError as error:
        shown, pointed = str(error).split("\n")
        assert (shown + pointed).replace("\N{IDEOGRAPHIC SPACE}", " ").isprintable()
        assert pointed.strip("\N{IDEOGRAPHIC SPACE} ").startswith("^ ") and error.complaint
        assert 0 <= error.place <= len(error.text)
        assert len(shown) <= 110
    else:
        assert isinstance(f(*[0.5] * len(f.names)), float)
        y = f(*[Value(0.5, name) for name in f.names])
        assert isinstance(y, float) or repr(ledger(y))


@pytest.mark.parametrize(
    ("text", "place", "complaint"),
    [
        ("tanh(x*v + b)", 7, "unknown name 'v': give it a number, v=...; known are x, w, b"),
        ("tahn(x)", 0, "unknown function 'tahn'; did you mean tan or tanh"),
        ("x + frobnicate(w)", 4, "unknown function 'frobnicate'; did you mean one of the ops of engine"),
        ("x*tanh", 2, "tanh is a function: tanh(x)"),
        ("x(2)", 0, "x is a number and cannot be called"),
        ("(x + w)(b)", 1, "this cannot be called; a product is written with *"),
        ("tanh(x, w)", 0, "tanh takes 1 number, got 2"),
        ("elu()", 0, "elu takes 1 or 2 numbers, got 0"),
        ("maximum(x)", 0, "maximum takes 2 numbers, got 1"),
        ("max(x, w)", 0, "or write maximum(x, y)"),
        ("sum(x)", 4, "sum takes 1 list in square brackets: [x, y]"),
        ("tanh([x])", 5, "tanh takes 1 number, no list"),
        ("dot([x], [w, b])", 0, "dot takes two lists of one length, got 1 and 2 numbers"),
        ("max([])", 4, "the list is empty"),
        ("sum([x, [w]])", 8, "a list holds numbers, no lists"),
        ("softmax([x, w])", 0, "take one of its numbers, as in softmax([x, y])[0]"),
        ("2 * [x]", 4, "a number is needed here, not a list"),
        ("softmax([x, w])[2]", 16, "the list has 2 elements, counted from 0"),
        ("[x, w][0:1]", 7, "an index is a whole number, written out"),
        ("x[0]", 0, "this is a number and has no elements"),
        ("x ^ 2", 2, "a power is written with **, not ^"),
        ("(x) ^ 2", 4, "a power is written with **, not ^"),
        ("x @ w", 2, "a sum of products is written dot"),
        ("x × w", 2, "for × write *"),
        ("x − w", 2, "for − write -"),
        ("x²", 1, "for ² write **2"),
        ("2x", 0, "a product is written with *, as in 2*x"),
        ("x w", 2, "an operator is missing here"),
        ("x +", 3, "something is missing at the end"),
        ("tanh(x", 4, "'(' was never closed"),
        ("x=2", 1, "the expression comes first, then its numbers"),
        ("", 0, "the expression is empty"),
        ("x.tanh()", 0, "functions are called as tanh(x), not x.tanh()"),
        ("where(x, a=w)", 11, "operands stand in their order, without names"),
        ("sum([*x])", 5, "without *"),
        ("(x, w)", 0, "a list stands in square brackets"),
        ("x + 'w'", 4, "only numbers, names and functions"),
        ("f'{x}'", 0, "a text cannot stand here"),
        ("True*x", 0, "True and False are no numbers here"),
        ("x < w", 0, "an expression has numbers, names"),
        ("x if w else b", 0, "an expression has numbers, names"),
        ("lambda: x", 0, "an expression has numbers, names"),
        ("[x for y in w]", 0, "an expression has numbers, names"),
        ("__import__('os').system('true')", 0, "nothing has attributes here"),
        ("1e999 + x", 0, "this number is too large for a float"),
        ("x + " + "9" * 400, 4, "this number is too large for a float"),
    ],
)  # fmt: skip
def test_errors_point_at_the_place(text: str, place: int, complaint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, ["x", "w", "b"])
    error = caught.value
    assert complaint in error.complaint and error.place == place


def test_the_mark_stands_below_the_place_in_a_terminal_whatever_is_before_it() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("变量*é\N{COMBINING ACUTE ACCENT} + v", ["变量", "é\N{COMBINING ACUTE ACCENT}"])
    wide = "\N{IDEOGRAPHIC SPACE}" * 2
    assert str(caught.value).splitlines()[1].startswith(f"    {wide}     ^ unknown name 'v'")


def test_a_long_expression_is_cut_around_the_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("x" + " + 1" * 200 + " + v" + " + 1" * 200, ["x"])
    line, mark = str(caught.value).splitlines()
    assert line[mark.index("^")] == "v" and line.strip()[0] == line[-1] == "…" and len(line) < 110


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("+".join(["x"] * 2000), True),
        ("+".join(["x"] * 10**6), None),
        ("**".join(["x"] * 10**5), False),
        ("-" * 90 + "x", True),
        ("-" * 10**6 + "x", False),
        ("(" * 60 + "x" + ")" * 60, True),
        ("(" * 10**5 + "x" + ")" * 10**5, False),
        ("[" * 190 + "x x" + "]" * 190, False),
        ("sum([" * 90 + "x" + "])" * 90, None),
        ("sum([" + "x, " * 10**5 + "x])", True),
        ("x + " + "9" * 5000, False),
        ("x + 0x" + "f" * 10**6, False),
        ("9.0" + "**9.0" * 30 + "*x", True),
        ("x" + "**99999" * 30, True),
        (" " * 10**6 + "x", True),
        ("é" * 10**4 + " + v", None),
    ],
)  # fmt: skip
def test_what_is_long_or_deep_ends_soon(text: str, works: bool | None) -> None:
    start = time.perf_counter()
    try:
        f = parse(text)
    except ExpressionError as error:
        assert not works
        assert len(str(error)) < 500
    else:
        assert works is not False
        y = f(*[Value(0.5) for _ in f.names])
        y.backward()
        assert isinstance(y.data, float)
    assert time.perf_counter() - start < 10


def test_a_long_chain_goes_through_the_ledger() -> None:
    f = parse("x" + "*x" * 1000)
    found = ledger(f(Value(1.0, "x")))
    assert len(found.rows) == 2001 and found.rows[-1].gradient == 1001.0
    assert found.records[-1].source == f.text


@pytest.mark.parametrize(
    ("text", "names", "operands", "value"),
    [
        ("2*pi", (), (), 2 * math.pi),
        ("e*pi", ("e",), (3.0,), 3.0 * math.pi),
        ("10**400", (), (), math.inf),
        ("1/0", (), (), math.inf),
        ("-8**(1/3)", (), (), -2.0),
        ("x**-1", ("x",), (0.0,), math.inf),
        ("sum*tanh(sum)", ("sum", "tanh"), (0.0, 5.0), 0.0),
        ("x\n  + 1", ("x",), (1.0,), 2.0),
        ("softmax([x, x, x, x])[3]", ("x",), (7.0,), 0.25),
        ("elu(x) + elu(x, 2)", ("x",), (1.0,), 2.0),
        ("1_000*x", ("x",), (2.0,), 2000.0),
        ("[x, 2][1]", ("x",), (Value(1.0),), 2.0),
    ],
)
def test_what_expressions_mean(
    text: str, names: tuple[str, ...], operands: tuple[float | Value, ...], value: float
) -> None:
    assert parse(text, names)(*operands) == value


def test_names_come_in_order_without_constants() -> None:
    assert parse("w*x + pi*tanh(w) + e").names == ("w", "x")
    assert parse("µ*x").names == ("μ", "x")  # one letter to Python's parser, as to its names
    assert parse("x", ["b", "x"]).names == ("b", "x")


def test_functions_are_the_public_ops() -> None:
    public = {name for name, thing in vars(engine).items() if isinstance(thing, Op)}
    assert set(FUNCTIONS) == public | {"softmax"}


def test_an_expression_is_a_function_like_any_other() -> None:
    f = parse("tanh(seed*order) + order")
    with pytest.raises(TypeError, match="takes seed, order; got 1 operands"):
        f(1.0)
    report = check_gradients(f, 0.5, -2.0)
    assert report.ok and [leaf.value.label for leaf in report.leaves] == ["seed", "order"]
    assert [record.node for record in ledger(f, 0.5, -2.0).records[:2]] == ["seed", "order"]


def test_values_that_were_recorded_before_keep_what_they_know() -> None:
    f, g = parse("x*x"), parse("y + 1")
    inner = f(Value(2.0))
    g(inner)
    found = excerpt(inner)
    assert found is not None and found.text == "x*x"


def runs_code(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("eval", "exec", "compile", "__import__")


@pytest.mark.parametrize("module", ["parsing", "grammar", "expression"])
def test_no_text_is_ever_run(module: str) -> None:
    source = Path(engine.__file__).with_name(f"{module}.py").read_text()
    assert not any(map(runs_code, ast.walk(ast.parse(source))))
