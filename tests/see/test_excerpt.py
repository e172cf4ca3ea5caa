"""The excerpt of a node is the very expression that made it, or none: never a wrong text."""

import ast
import doctest
import importlib
import linecache
import os
import py_compile
import subprocess
import sys
import zipfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from engine import Value, watch
from engine.chain import order
from engine.see.excerpt import Excerpt, whole
from engine.see.origin import excerpt

numbers = count()
Run = Callable[..., dict[str, Any]]

HEAD = """\
import functools, operator
import engine
from engine import Value, dot, tanh, watch
x, w, b = Value(2.0), Value(-3.0), Value(1.0)
xs = [Value(1.0), Value(2.0)]
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a source as a file of its own while watching, and return its variables."""
    folder = tmp_path_factory.mktemp("sources")

    def run(source: str | bytes, head: str = HEAD) -> dict[str, Any]:
        path = folder / f"source{next(numbers)}.py"
        data = source if isinstance(source, bytes) else (head + source).encode()
        path.write_bytes(data)
        variables: dict[str, Any] = {"__name__": path.stem, "Value": Value}
        with watch():
            exec(compile(data, str(path), "exec"), variables)
        return variables

    return run


def texts(y: Value) -> list[str | None]:
    found = [excerpt(v) for v in order(y) if v.op is not None]
    return [None if e is None else e.text for e in found]


CASES = [
    ("y = (x*w) * (w+b)", ["w+b", "x*w", "(x*w) * (w+b)"]),
    ("y = (x+w).tanh().exp()", ["x+w", "(x+w).tanh()", "(x+w).tanh().exp()"]),
    ("y = x\ny += w*b", ["w*b", "y += w*b"]),
    ("y = x\ny -= w", ["y -= w"]),
    ("y = x\ny *= w", ["y *= w"]),
    ("y = x\ny /= w", ["y /= w"]),
    ("y = x\ny **= 2", ["y **= 2"]),
    ("d = {'k': x}\nd['k'] += b\ny = d['k']", ["d['k'] += b"]),
    ("class A: pass\na = A()\na.v = x\na.v *= w\ny = a.v", ["a.v *= w"]),
    ("y = -x", ["-x"]),
    ("y = abs(x)", ["abs(x)"]),
    ("y = 2 ** x", ["2 ** x"]),
    ("y = sum(v*v for v in xs)", ["v*v", "v*v", "sum(v*v for v in xs)", "sum(v*v for v in xs)"]),
    ("y = [v*w for v in xs][0]", ["v*w"]),
    ("y = {1: v*w for v in xs}[1]", ["v*w"]),
    ("y = next(v*w for v in xs)", ["v*w"]),
    ("y = (lambda t: t*t + b)(x)", ["t*t", "t*t + b"]),
    ("y = functools.reduce(operator.mul, xs)", ["functools.reduce(operator.mul, xs)"]),
    ("y, z = map(tanh, [x, w])", ["map(tanh, [x, w])"]),
    ("y = dot(xs, [w, b])", ["dot(xs, [w, b])"]),
    ("y = engine.where(x, a := x*w, b)", ["x*w", "engine.where(x, a := x*w, b)"]),
    ("if (y := x*w): pass", ["x*w"]),
    ("y = z = x - w", ["x - w"]),
    ("y = (x  # the ) input\n     * w +  # weight\n     b)", ["x * w", "x * w + b"]),
    ("y = x + \\\n    w", ["x + w"]),
    ("y = tanh(\n    x\n    + w,\n)", ["x + w", "tanh(x + w,)"]),
    ("y = (x\n     .tanh()\n     .exp()\n     * w)", ["x.tanh()", "x.tanh().exp()", "x.tanh().exp() * w"]),
    ("a = x; y = a*w; z = y", ["a*w"]),
    ("größe = x; y = 'ü→' and größe*w", ["größe*w"]),
    ("y = ('# no comment', x*w)[1]", ["x*w"]),
    ("y = (x * float('''\n2'''))", ["x * float('''\n2''')"]),
    ("def f():\n\treturn x*w\ny = f()", ["x*w"]),
    ("def f():\n    def g(t):\n        return t+b\n    return g(x*w)\ny = f()", ["x*w", "t+b"]),
    ("class C:\n    y = x*w\ny = C.y", ["x*w"]),
    ("class C:\n    def __init__(self): self.__w = w\n    def f(self): return self.__w * x\ny = C().f()",
     ["self.__w * x"]),
    ("def gen():\n    yield x*w\n    yield x*b\ny = list(gen())[1]", ["x*b"]),
    ("import asyncio\nasync def f():\n    return x*w\ny = asyncio.run(f())", ["x*w"]),
    ("def twice(f): return lambda t: f(f(t))\n@twice\ndef f(t): return t*w\ny = f(x)", ["t*w", "t*w"]),
    ("y = " + "(" * 40 + "x*w" + ")" * 40, ["x*w"]),
    ("y = " + " + ".join(["x"] * 400), None),
    ("try:\n    y = x*w\n    1/0\nexcept ZeroDivisionError:\n    y = y+b", ["x*w", "y+b"]),
    ("match x*w:\n    case y: pass", ["x*w"]),
    ("y = x*w if x > 0 else x*b", ["x*w"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_the_source_of_every_node(run: Run, source: str, expected: list[str] | None) -> None:
    y = run(source)["y"]
    if expected is None:
        assert texts(y) == [" + ".join(["x"] * n) for n in range(2, 401)]
    else:
        assert texts(y) == expected


def test_windows_line_ends_and_another_encoding(run: Run) -> None:
    source = "x = Value(2.0)\ny = (x\n     * x)\n"
    assert texts(run(source.replace("\n", "\r\n").encode())["y"]) == ["x * x"]
    latin = "# coding: latin-1\nx = Value(2.0)\ny = 'ä' and x * x\n".encode("latin-1")
    assert texts(run(latin)["y"]) == ["x * x"]


def test_in_an_f_string_the_source_is_right_or_missing(run: Run) -> None:
    y = run("kept = []\nf'{kept.append(x*b)}'\ny = kept[0]")["y"]
    assert texts(y) == ["x*b"] if sys.version_info >= (3, 12) else texts(y) in (["x*b"], [None])


names = st.sampled_from("xyz")
space = st.sampled_from(["", " ", "  ", "\t", "\n", " # a ( remark\n", " \\\n"])


def binary(parts: tuple[str, str, str, str, str]) -> str:
    left, before, sign, after, right = parts
    return f"({left}){before}{sign}{after}({right})"


expressions = st.recursive(
    st.one_of(names, names.map("({})".format)),
    lambda inner: st.one_of(
        st.tuples(inner, space, st.sampled_from(["+", "-", "*"]), space, inner).map(binary),
        st.tuples(names, space, st.sampled_from(["+", "-", "*"]), space, names).map("".join),
        inner.map("-({})".format),
        inner.map("tanh({})".format),
        st.tuples(inner, space).map(lambda p: f"({p[0]}){p[1]}.tanh()"),
        st.tuples(space, inner, space).map(lambda p: f"({p[0]}{p[1]}{p[2]})"),
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(expressions, st.sampled_from(["", "é = 'ü'; "]))
def test_every_text_is_the_sub_expression_of_its_node(run: Run, source: str, before: str) -> None:
    made = run(f"{before}x, y, z = Value(0.3), Value(-0.7), Value(1.1)\n{before}r = ({source}\n)")
    leaves = {made[name]: name for name in "xyz"}
    expected: dict[Value, str] = {}
    for v in order(made["r"]):
        expected[v] = leaves[v] if v.op is None else rebuilt(v, expected)
        if v.op is not None:
            found = excerpt(v)
            assert found is not None and "\n" not in found.text
            assert without_calls(found.text) == without_calls(expected[v])


def rebuilt(v: Value, known: dict[Value, str]) -> str:
    assert v.op is not None
    operands = [known[operand] for operand in v.inputs]
    if len(operands) == 2:
        return f"({operands[0]}) {v.op.infix} ({operands[1]})"
    return f"-({operands[0]})" if v.op.name == "neg" else f"tanh({operands[0]})"


class Functions(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute):
            return ast.Call(ast.Name(node.func.attr, ast.Load()), [node.func.value], [])
        return node


def without_calls(text: str) -> str:
    return ast.dump(Functions().visit(ast.parse(text, mode="eval")))


def test_no_source_no_text() -> None:
    with watch():
        y = eval("x * x", {"x": Value(2.0)})
        namespace: dict[str, Any] = {"x": Value(2.0)}
        exec("z = x * x", namespace)
    assert excerpt(y) is None and excerpt(namespace["z"]) is None


@pytest.mark.parametrize("interactive", [[], ["-i", "-q"]])
def test_from_a_pipe_there_is_none_or_the_right_one(interactive: list[str]) -> None:
    source = """
from engine import Value, watch
from engine.see.origin import excerpt, variable
x = Value(2.0)
with watch():
    y = x * x

print([excerpt(y) and excerpt(y).text, variable(y)])
"""
    done = subprocess.run(
        [sys.executable, *interactive], input=source, text=True, capture_output=True, check=True
    )
    right = "['x * x', 'y']" in done.stdout and sys.version_info >= (3, 13) and interactive
    assert right or "[None, 'y']" in done.stdout, done.stderr


@pytest.mark.parametrize(
    "changed",
    [
        "y = w*x", "y = x+w", "y = x*v", "y = 3*w", "y = 7", "", "y = (x", "z = 1\ny = x*w", "y =  x*w",
        "y = f(w)", "x*w = y", "'''x*w", "y = x.w",
    ],
)  # fmt: skip
def test_a_file_that_changed_gives_no_wrong_text(tmp_path: Path, changed: str) -> None:
    path = tmp_path / "changing.py"
    path.write_text("y = x*w")
    variables: dict[str, Any] = {"x": Value(2.0), "w": Value(3.0)}
    code = compile(path.read_text(), str(path), "exec")
    path.write_text(changed)
    linecache.checkcache(str(path))
    with watch():
        exec(code, variables)
    assert excerpt(variables["y"]) is None


@pytest.mark.parametrize(
    ("first", "then"),
    [("y = 2*x", "y = 3*x"), ("y = x.exp()", "y = x.tan()"), ("y = tanh(x)", "y = tanh(w)")],
)
def test_nor_does_one_in_which_a_part_changed(tmp_path: Path, first: str, then: str) -> None:
    path = tmp_path / "changing.py"
    path.write_text(then)
    variables: dict[str, Any] = {"x": Value(2.0)}
    with watch():
        exec(compile("from engine import tanh;" + first, str(path), "exec"), variables)
    assert excerpt(variables["y"]) is None


def test_a_file_deleted_after_its_import_gives_no_text(tmp_path: Path) -> None:
    path = tmp_path / "gone.py"
    path.write_text("y = x*x")
    code = compile(path.read_text(), str(path), "exec")
    path.unlink()
    variables: dict[str, Any] = {"x": Value(2.0)}
    with watch():
        exec(code, variables)
    assert excerpt(variables["y"]) is None


def test_equal_code_in_two_files_keeps_its_file(tmp_path: Path) -> None:
    made = []
    for name, text in [("one.py", "y = x*x"), ("two.py", "y = x*x")]:
        (tmp_path / name).write_text(text)
        variables: dict[str, Any] = {"x": Value(2.0)}
        with watch():
            exec(compile(text, str(tmp_path / name), "exec"), variables)
        made.append(excerpt(variables["y"]))
    assert [e and e.place for e in made] == ["one.py, line 1", "two.py, line 1"]


def test_equal_code_at_two_places_keeps_its_place(run: Run) -> None:
    """Up to 3.11 code objects are equal that differ in columns alone."""
    made = run("f, g = (lambda: x*w), (lambda: x  *  w)\ny, z = f(), g()")
    assert texts(made["y"]) == ["x*w"] and texts(made["z"]) == ["x  *  w"]


def test_compiled_alone_and_zipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def f(x):\n    return x * x\n"
    (tmp_path / "bare_code.py").write_text(source)
    py_compile.compile(str(tmp_path / "bare_code.py"), cfile=str(tmp_path / "bare_code.pyc"))
    (tmp_path / "bare_code.py").unlink()
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("zipped_code.py", source)
    for path in (tmp_path, tmp_path / "packed.zip"):
        monkeypatch.syspath_prepend(str(path))
    bare, zipped = map(importlib.import_module, ("bare_code", "zipped_code"))
    with watch():
        y, z = bare.f(Value(2.0)), zipped.f(Value(2.0))
    assert texts(y) == [None] and texts(z) in ([None], ["x * x"])


def test_doctests_have_their_source() -> None:
    text = """
    >>> from engine import Value, watch
    >>> from engine.see.origin import excerpt
    >>> with watch():
    ...     x = Value(2.0)
    ...     y = (x + 1) * x
    >>> excerpt(y).text
    '(x + 1) * x'
    """
    test = doctest.DocTestParser().get_doctest(text, {}, "watched", "watched", 0)
    assert doctest.DocTestRunner().run(test).failed == 0


def test_texts_by_hand() -> None:
    assert whole("tanh(x*w)", start=5, end=8).text == "x*w"
    assert Excerpt("f.py", 1, ("f(a, # one", "  b)"), (0, 0), (1, 4)).text == "f(a, b)"
    assert Excerpt(f"dir{os.sep}f.py", 3, ("", "x"), (1, 0), (1, 1)).place == "f.py, line 4"


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("/tmp/ipykernel_77/1184155215.py", "notebook cell, line 7"),
        (r"C:\Temp\ipykernel_77\118415.py", "notebook cell, line 7"),
        ("/home/me/ipykernel_77/mine.py", "mine.py, line 7"),
    ],
)
def test_the_cell_of_a_notebook_has_no_file_name(file: str, place: str) -> None:
    assert Excerpt(file, 7, ("x",), (0, 0), (0, 1)).place == place
