"""The pytest plugin, seen from outside: each test runs pytest on a small project of its own."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
PLUGINS = ["-p", "engine.pytest_plugin", "-p", "_hypothesis_pytestplugin"]
SETTINGS = "[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n"

CONFTEST = """
import json, pathlib
import pytest

REPORTS = {}

def pytest_runtest_logreport(report):
    if report.when == "call":
        sections = [text for title, text in report.sections if title == "gradient check"]
        REPORTS[report.nodeid.partition("::")[2]] = [report.outcome, sections]

def pytest_sessionfinish():
    pathlib.Path("reports.json").write_text(json.dumps(REPORTS))
"""

STAND_IN = """
import engine

class Report:
    verdict, culprit = "wrong", "tanh: operand x at 0.5: got 1.0, exact 0.78\\nCheck the formula."
    minimal = "x = Value(0.5)\\ny = tanh(x)"

    def draw(self):
        return engine.draw(engine.tanh(engine.Value(0.5, label="x")))

class GradientError(AssertionError):
    def __init__(self, report=None):
        super().__init__("the gradient is wrong")
        self.report = report or Report()

GradientError.__module__ = "engine.check.report"
"""


def run(folder: Path, *options: str, plugins: list[str] = PLUGINS, **files: str) -> Any:
    """Run pytest on a project, in which warnings are errors, outside CI and with no plugin but ours."""
    for name, text in {"conftest": CONFTEST, **files}.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "pytest.ini").write_text(SETTINGS)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *options],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip


def reports(folder: Path) -> Any:
    return json.loads((folder / "reports.json").read_text())


# what it costs those who do not use it
def test_it_loads_nothing_until_it_is_used(tmp_path):
    test = """
import sys
import pytest

def heavy():
    return {"hypothesis", "mpmath", "numpy", "graphviz", "matplotlib", "llvmlite"} & set(sys.modules)

def test_nothing_was_loaded():
    assert not heavy() and not [name for name in sys.modules if name.startswith("engine.check")]

@pytest.mark.gradcheck
def test_the_fixture_loads_nothing(gradcheck):
    assert not heavy()

def test_a_failure_loads_nothing():
    assert False

def test_nor_has_it_now():
    assert not heavy()
"""
    done = run(tmp_path, "--gradcheck-examples=3", "--gradcheck-seed=1", test_light=test)
    assert "3 passed" in done.stdout and "1 failed" in done.stdout, done.stdout


def test_it_works_without_hypothesis(tmp_path):
    conftest = "import sys\nsys.modules['hypothesis'] = None\n"
    test = """
import pytest

@pytest.mark.gradcheck
def test_numbers(gradcheck):
    assert (gradcheck.examples, gradcheck.seed) == (3, 1)

def test_there_is_none():
    with pytest.raises(ImportError):
        import hypothesis
"""
    done = run(
        tmp_path, "--gradcheck-examples=3", "--gradcheck-seed=1",
        plugins=PLUGINS[:2], conftest=conftest, test_bare=test,
    )  # fmt: skip
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout


def test_the_package_registers_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project.get("entry-points", {}).get("pytest11") == {"chainrule": "engine.pytest_plugin"}


# the two numbers
@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], (1000, 0)),
        (["--gradcheck-examples=7"], (7, 0)),
        (["--gradcheck-seed", "0", "--gradcheck-examples", "1"], (1, 0)),
        (["--gradcheck-seed=5"], (1000, 5)),
    ],
)
def test_the_fixture_gives_the_numbers(tmp_path, options, numbers):
    test = f"""
from hypothesis import given, strategies as st

def test_plain(gradcheck):
    assert gradcheck == {numbers} == (gradcheck.examples, gradcheck.seed)

@given(st.integers())
def test_in_a_hypothesis_test_too(gradcheck, x):
    assert gradcheck == {numbers}
"""
    done = run(tmp_path, *options, test_numbers=test)
    assert "2 passed" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("examples", "0", "takes a whole number, 1 or more, got '0'"),
        ("examples", "-1", "takes a whole number, 1 or more, got '-1'"),
        ("examples", "x", "takes a whole number, 1 or more, got 'x'"),
        ("seed", "-1", "takes a whole number, 0 or more, got '-1'"),
        ("seed", "1.5", "takes a whole number, 0 or more, got '1.5'"),
    ],
)
def test_a_bad_number_is_an_error_of_usage(tmp_path, option, value, words):
    done = run(tmp_path, f"--gradcheck-{option}", value)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"argument --gradcheck-{option}: {words}" in done.stderr


def test_the_options_and_the_marker_are_explained(tmp_path):
    assert "--gradcheck-examples=N" in run(tmp_path, "--help").stdout
    assert "@pytest.mark.gradcheck: a check of gradients" in run(tmp_path, "--markers").stdout


# hypothesis tests
DRAWING = """
import json, pathlib, unittest
import pytest
from hypothesis import Phase, example, given, seed, settings, strategies as st

DRAWN = {}

def note(name, x):
    DRAWN.setdefault(name, []).append(x)

@pytest.mark.gradcheck
@given(st.integers())
def test_bare(x):
    note("bare", x)

@given(st.integers())
@settings(max_examples=12)
@pytest.mark.gradcheck
def test_inside(x):
    note("settings inside", x)

@settings(max_examples=12)
@given(st.integers())
@pytest.mark.gradcheck
def test_outside(x):
    note("settings outside", x)

@pytest.mark.gradcheck
@settings(max_examples=12, derandomize=True)
@given(st.integers())
def test_derandomized(x):
    note("derandomized", x)

@pytest.mark.gradcheck
@settings(max_examples=12)
@seed(99)
@given(st.integers())
def test_seeded(x):
    note("seeded", x)

@pytest.mark.gradcheck
@settings(phases=[Phase.explicit])
@example(5)
@given(st.integers())
def test_other_settings_stay(x):
    note("explicit", x)

@pytest.mark.gradcheck
class TestMarked:
    @settings(max_examples=12)
    @given(x=st.integers())
    def test_method(self, x):
        note("method", x)

    @pytest.mark.parametrize("a", [1, 2])
    @given(x=st.integers())
    def test_parametrised(self, a, x):
        note(f"parametrised {a}", x)

@pytest.mark.gradcheck
class TestOfUnittest(unittest.TestCase):
    @given(st.integers())
    def test_method(self, x):
        note("unittest", x)

@pytest.mark.parametrize("a", [pytest.param("marked", marks=pytest.mark.gradcheck), "not marked"])
@settings(max_examples=12, derandomize=True)
@given(x=st.integers())
def test_one_parameter(a, x):
    note(a, x)

@settings(max_examples=12, derandomize=True)
@given(st.integers())
def test_unmarked(x):
    note("unmarked", x)

@pytest.mark.gradcheck
def test_plain():
    pass

def test_end():
    pathlib.Path("drawn.json").write_text(json.dumps(DRAWN))
"""
UNMARKED = ("not marked", "unmarked")


def drawn(folder: Path, *options: str) -> dict[str, list[int]]:
    done = run(folder, *options, test_drawing=DRAWING)
    assert done.returncode == 0, done.stdout
    examples: dict[str, list[int]] = json.loads((folder / "drawn.json").read_text())
    assert examples.pop("explicit") == [5]
    return examples


def test_examples_and_seed_hold_for_marked_tests_alone(tmp_path):
    third = drawn(tmp_path, "--gradcheck-examples=7", "--gradcheck-seed=3")
    sizes = {name: len(examples) for name, examples in third.items()}
    assert sizes == {name: 12 if name in UNMARKED else 7 for name in third} and len(sizes) == 12

    assert drawn(tmp_path, "--gradcheck-examples=7", "--gradcheck-seed=3") == third

    fourth = drawn(tmp_path, "--gradcheck-examples=7", "--gradcheck-seed=4")
    assert {name for name in third if third[name] == fourth[name]} == set(UNMARKED)

    seeded = drawn(tmp_path, "--gradcheck-seed=3")
    own = {name: 100 for name in ("bare", "unittest", "parametrised 1", "parametrised 2")}
    assert {name: len(examples) for name, examples in seeded.items()} == {
        name: own.get(name, 12) for name in third
    }
    assert {name: examples[:7] for name, examples in seeded.items() if name not in UNMARKED} == {
        name: examples for name, examples in third.items() if name not in UNMARKED
    }


def test_without_options_a_test_keeps_its_settings(tmp_path):
    sizes = {name: len(examples) for name, examples in drawn(tmp_path).items()}
    assert sizes["bare"] == 100 and sizes["settings inside"] == sizes["settings outside"] == 12
    assert drawn(tmp_path)["derandomized"] == drawn(tmp_path, "--gradcheck-examples=12")["derandomized"]


def test_settings_that_are_not_where_they_were_are_an_error(tmp_path):
    """A later hypothesis may keep them elsewhere; then the options must not be without effect, silently."""
    test = """
import pytest
from hypothesis import given, strategies as st

@pytest.mark.gradcheck
@given(st.integers())
def test_it(x):
    pass

del test_it._hypothesis_internal_use_settings
"""
    done = run(tmp_path, "--gradcheck-examples=3", test_moved=test)
    assert done.returncode == 1 and "found no settings in a test of hypothesis 6." in done.stdout


FAILING = """
import pathlib
import pytest
from hypothesis import given, settings, strategies as st

@pytest.mark.gradcheck
@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_it(x):
    with open("drawn.txt", "a") as file:
        print(x, file=file)
    assert x <= 1234
"""


def first_drawn(folder: Path, *options: str, source: str = FAILING) -> int:
    (folder / "drawn.txt").unlink(missing_ok=True)
    done = run(folder, *options, test_failing=source)
    assert "x=1235" in done.stdout, done.stdout
    return int((folder / "drawn.txt").read_text().split()[0])


def test_a_failing_example_is_kept_and_replayed_first(tmp_path):
    assert first_drawn(tmp_path, "--gradcheck-seed=1", "--gradcheck-examples=300") != 1235
    for options in [[], ["--gradcheck-examples=1"], ["--gradcheck-examples=200", "--gradcheck-seed=8"]]:
        assert first_drawn(tmp_path, *options) == 1235
    assert first_drawn(tmp_path, "--hypothesis-seed=8") != 1235


@pytest.mark.parametrize("options", [[], ["--gradcheck-seed=1"]])
def test_a_derandomised_test_keeps_nothing(tmp_path, options):
    source = FAILING.replace("max_examples=60", "max_examples=60, derandomize=True")
    first = first_drawn(tmp_path, *options, source=source)
    assert first_drawn(tmp_path, *options, source=source) == first != 1235


# the report of a failure
REPORTED = """
import pytest
import engine
from hypothesis import given, strategies as st
from stand_in import GradientError, Report

def test_direct():
    raise GradientError()

def test_group():
    raise ExceptionGroup("two", [ValueError(), ExceptionGroup("inner", [GradientError()])])

def test_cause():
    raise ValueError("wrapped") from GradientError()

def test_context():
    try:
        raise GradientError()
    except GradientError:
        assert 1 == 2

def test_subclass():
    class Mine(GradientError):
        pass
    raise Mine()

def test_hidden():
    raise ValueError("on purpose") from None

@given(st.integers())
def test_given(x):
    if x > 100:
        raise GradientError()

@given(st.integers())
def test_two_faults(x):
    if x > 100:
        raise GradientError()
    if x < -100:
        raise GradientError()

@pytest.mark.parametrize("a", ["x/y", "x_y", "x:y", "\\N{SNOWMAN}" * 300, "../../../x"])
def test_names(a):
    raise GradientError()

@pytest.mark.parametrize("error", [ValueError("900 boxes,\\nfar too many"), FileNotFoundError("no dot")])
def test_undrawable(error):
    def draw():
        raise error
    report = Report()
    report.draw = draw
    raise GradientError(report)

def test_nothing_to_draw():
    report = Report()
    report.draw, report.culprit, report.minimal, report.verdict = lambda: None, None, "", "undecided"
    raise GradientError(report)

def test_broken_report():
    raise GradientError(object())

def test_warning_as_error():
    import warnings
    report = Report()
    report.draw = lambda: warnings.warn("old")
    raise GradientError(report)

@pytest.mark.xfail
def test_expected():
    raise GradientError()

def test_caught():
    with pytest.raises(AssertionError):
        raise GradientError()

def test_namesake():
    class GradientError(AssertionError):
        report = Report()
    raise GradientError()
"""


def test_a_failure_shows_the_culprit_and_the_picture(tmp_path):
    done = run(tmp_path, test_reported=REPORTED, stand_in=STAND_IN)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED and "INTERNALERROR" not in done.stdout
    assert "1 passed, 1 xfailed" in done.stdout, done.stdout
    assert done.stdout.count(" gradient check ---") == 18
    found = {name: sections for name, (_, sections) in reports(tmp_path).items()}
    silent = [name for name, sections in found.items() if not sections]
    assert silent == ["test_hidden", "test_expected", "test_caught", "test_namesake"]
    assert len(found["test_two_faults"]) == 2

    folder = tmp_path / ".pytest_cache" / "d" / "gradcheck"
    paths = []
    for name in ["direct", "group", "cause", "context", "subclass", "given", "two_faults"]:
        for text in found[f"test_{name}"]:
            lines = text.splitlines()
            assert lines[:5] == [
                "culprit: tanh: operand x at 0.5: got 1.0, exact 0.78", "    Check the formula.",
                "smallest program that fails:", "    x = Value(0.5)", "    y = tanh(x)",
            ]  # fmt: skip
            paths.append(lines[5].removeprefix("picture: "))
            assert Path(paths[-1]).name.startswith(f"test_{name}-")
    for name in found:
        if name.startswith("test_names["):
            paths.append(found[name][0].splitlines()[5].removeprefix("picture: "))
    assert len(set(paths)) == len(paths) == 13
    assert {Path(path) for path in paths} == set(folder.iterdir())
    assert all(path.read_text().startswith("<?xml") for path in folder.iterdir())
    assert all(len(path.name) < 80 and path.name.isascii() for path in folder.iterdir())

    assert [found[name][0].splitlines()[-1] for name in found if name.startswith("test_undrawable")] == [
        "picture: none, ValueError: 900 boxes, far too many",
        "picture: none, FileNotFoundError: no dot",
    ]
    assert found["test_nothing_to_draw"][0].splitlines() == [
        "culprit: no op is named, the verdict is 'undecided'",
        "smallest program that fails:", "    none was found",
        "picture: none, there is no graph to draw",
    ]  # fmt: skip
    assert found["test_broken_report"][0].count("none, AttributeError:") == 3
    assert found["test_warning_as_error"][0].endswith("picture: none, UserWarning: old")


def test_the_same_failure_is_drawn_into_the_same_file(tmp_path):
    test = "from stand_in import GradientError\ndef test_it():\n    raise GradientError()\n"
    texts = []
    for _ in range(2):
        run(tmp_path, test_it=test, stand_in=STAND_IN)
        texts.append(reports(tmp_path)["test_it"][1])
    assert texts[0] == texts[1] and len(list((tmp_path / ".pytest_cache/d/gradcheck").iterdir())) == 1


def test_a_failing_fixture_shows_it_too(tmp_path):
    test = """
import pytest
from stand_in import GradientError

@pytest.fixture
def broken():
    yield
    raise GradientError()

def test_it(broken):
    raise GradientError()
"""
    done = run(tmp_path, test_it=test, stand_in=STAND_IN)
    assert "1 failed, 1 error" in done.stdout
    assert len(list((tmp_path / ".pytest_cache/d/gradcheck").iterdir())) == 2


def test_without_a_cache_the_picture_is_in_a_temporary_folder(tmp_path):
    test = "from stand_in import GradientError\ndef test_it():\n    raise GradientError()\n"
    run(tmp_path, "-p", "no:cacheprovider", test_it=test, stand_in=STAND_IN)
    path = Path(reports(tmp_path)["test_it"][1][0].splitlines()[-1].removeprefix("picture: "))
    assert path.read_text().startswith("<?xml") and tmp_path not in path.parents
    path.unlink()
    path.parent.rmdir()


def test_the_checker_itself(tmp_path):
    """What is shown comes from real reports of `engine.check`: of an op, of a graph, of a shrunk example."""
    test = """
import math
import pytest
from engine import Op
from engine.check import assert_gradients, check_op
from hypothesis import given, strategies as st

wrong = Op("wrong", math.tanh, lambda z, x: 1 - z)

def test_op(gradcheck):
    check_op(wrong, count=gradcheck.examples, seed=gradcheck.seed)

def test_graph():
    assert_gradients(lambda x: 3 * wrong(x) + x, 0.5)

@pytest.mark.gradcheck
@given(st.floats(0.25, 2))
def test_given(x):
    assert_gradients(lambda x: wrong(x) * x, x)
"""
    done = run(tmp_path, "--gradcheck-examples=50", "--gradcheck-seed=3", test_checker=test)
    assert "3 failed" in done.stdout, done.stdout
    found = {name: sections for name, (_, sections) in reports(tmp_path).items()}
    for name, [text] in found.items():
        assert text.startswith("culprit: wrong: ∂z/∂x at x = ")
        program, picture = text.partition("smallest program that fails:\n")[2].split("\npicture: ")
        assert "wrong(" in program
        if name == "test_op":
            assert picture == "none, there is no graph to draw"
        else:
            assert "wrong" in Path(picture).read_text()
