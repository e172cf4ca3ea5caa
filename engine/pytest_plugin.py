"""Gradient checks under pytest: sized and seeded from the command line, failures reported with a picture.

    pytest --gradcheck-examples=2000 --gradcheck-seed=7

Both numbers hold for hypothesis tests marked `@pytest.mark.gradcheck`, whatever settings such a test has of
its own (state machines keep theirs), and the fixture `gradcheck` gives them to other tests.

A failing example is kept in hypothesis's database and replayed first in the next run. A seed given here
leaves the database on. `--hypothesis-seed` and `@hypothesis.seed` switch it off; so does `derandomize=True`,
which hypothesis's own profile for CI says.
"""

import argparse
import contextlib
import hashlib
import re
import tempfile
import traceback
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.optional import load

MARK = "gradcheck: a check of gradients, sized and seeded by --gradcheck-examples and --gradcheck-seed"
SETTINGS = "_hypothesis_internal_use_settings"  # hypothesis offers no public way to change a test's settings


class Gradcheck(NamedTuple):
    """What the command line asks of a gradient check: how many examples, drawn from which seed.

    >>> Gradcheck(examples=500)
    Gradcheck(examples=500, seed=0)
    """

    examples: int = 1000
    seed: int = 0


@pytest.fixture(scope="session")
def gradcheck(request: pytest.FixtureRequest) -> Gradcheck:
    """`gradcheck.examples` and `gradcheck.seed`, from the command line, else 1000 and 0, as in `check_op`."""
    return Gradcheck(**_given(request.config))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options."""
    group = parser.getgroup("chainrule", "chainrule: checks of gradients")
    group.addoption(
        "--gradcheck-examples",
        type=_whole_number(1),
        metavar="N",
        help="examples that a test marked gradcheck draws (else: what the test says)",
    )
    group.addoption(
        "--gradcheck-seed",
        type=_whole_number(0),
        metavar="S",
        help="seed that a test marked gradcheck draws them from (else: what the test says)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARK)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run a marked hypothesis test with the numbers of the command line."""
    test = getattr(item, "obj", None)
    test = getattr(test, "__func__", test)
    asked = _given(item.config)
    concerned = item.get_closest_marker("gradcheck") is not None and _is_given(test)
    with _adjusted(test, **asked) if asked and concerned else contextlib.nullcontext():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failure what each gradient error in it found."""
    report = yield
    if report.failed and call.excinfo is not None:
        for number, error in enumerate(_gradient_errors(call.excinfo.value)):
            name = _file_name(item.nodeid, f"{report.when} {number}")
            report.sections.append(("gradient check", _findings(error, item.config, name)))
    return report


# what is asked for
def _whole_number(least: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"takes a whole number, {least} or more, got {text!r}")
        return number

    return convert


def _given(config: pytest.Config) -> dict[str, int]:
    """Return those of the two numbers that the command line gives."""
    options = {name: config.getoption(f"--gradcheck-{name}", None) for name in Gradcheck._fields}
    return {name: number for name, number in options.items() if number is not None}


# hypothesis
def _is_given(test: object) -> bool:
    """Say whether a function was decorated with `@given`; a state machine's test was not."""
    return getattr(test, "is_hypothesis_test", False) is True and hasattr(test, "hypothesis")


@contextlib.contextmanager
def _adjusted(test: Any, *, examples: int | None = None, seed: int | None = None) -> Iterator[None]:
    """Within this context a hypothesis test draws so many examples, from that seed.

    One function is the test of many items, of which some may not be marked: hence it is put back afterwards.
    As a decorator `hypothesis.settings` refuses a test that has settings, so they are put where it would put
    them. `hypothesis.seed` takes the database away, which need not be: the test's own is given back.
    """
    hypothesis = load("hypothesis", extra="check")
    before = dict(vars(test))
    own = before.get(SETTINGS)
    if not isinstance(own, hypothesis.settings):
        raise RuntimeError(
            f"--gradcheck-examples and --gradcheck-seed found no settings in a test of hypothesis "
            f"{hypothesis.__version__}; run without them, or with another version of hypothesis"
        )
    changes: dict[str, Any] = {}
    if examples is not None:
        changes["max_examples"] = examples
    if seed is not None:
        hypothesis.seed(seed)(test)
        changes["database"] = own.database
    setattr(test, SETTINGS, hypothesis.settings(own, **changes))
    try:
        yield
    finally:
        vars(test).clear()
        vars(test).update(before)


# the report of a failure
def _gradient_errors(error: BaseException) -> list[BaseException]:
    """Return the gradient errors in an exception: itself, those of a group, or what it was raised from."""
    found: list[BaseException] = []
    seen: set[int] = set()
    pending = [error]
    while pending:
        error = pending.pop(0)
        if id(error) in seen:
            continue
        seen.add(id(error))
        if _is_gradient_error(error):
            found.append(error)
            continue
        inside = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        context = None if error.__suppress_context__ else error.__context__
        pending += [each for each in (*inside, error.__cause__, context) if each is not None]
    return found


def _is_gradient_error(error: BaseException) -> bool:
    """Say so by name: importing `engine.check` to ask would load mpmath into every run of pytest."""
    return any(
        kind.__name__ == "GradientError" and f"{kind.__module__}.".startswith("engine.check.")
        for kind in type(error).__mro__
    )


def _findings(error: BaseException, config: pytest.Config, name: str) -> str:
    """The culprit, the smallest program that fails, and where its picture is; or why there is none."""
    report: Any = getattr(error, "report", None)
    return "\n".join(
        [
            "culprit: " + _attempt(lambda: _culprit(report)).replace("\n", "\n    "),
            "smallest program that fails:",
            *(f"    {line}" for line in _attempt(lambda: report.minimal or "none was found").splitlines()),
            f"picture: {_attempt(lambda: _picture(report, config, name))}",
        ]
    )


def _culprit(report: Any) -> object:
    return f"no op is named, the verdict is {report.verdict!r}" if report.culprit is None else report.culprit


def _picture(report: Any, config: pytest.Config, name: str) -> object:
    drawing = report.draw()
    if drawing is None:
        return "none, there is no graph to draw"
    # `-p no:cacheprovider` takes the cache away
    cache: pytest.Cache | None = getattr(config, "cache", None)
    folder = Path(tempfile.mkdtemp(prefix="gradcheck-")) if cache is None else cache.mkdir("gradcheck")
    return drawing.save(folder / f"{name}.svg")


def _attempt(make: Callable[[], object]) -> str:
    """Return what is made, as text, or why it cannot be made: a failure stays one failure."""
    try:
        return str(make())
    except Exception as error:
        return "none, " + " ".join(traceback.format_exception_only(error)[-1].split())


def _file_name(nodeid: str, part: str) -> str:
    """Return a name that any file system takes, one to a test and part; the same in each run.

    >>> _file_name("tests/test_a.py::test_tanh[x/y]", "call 0")
    'test_tanh_x_y-2a5f6863'
    """
    legible = re.sub(r"[^A-Za-z0-9]+", "_", nodeid.rpartition("::")[2])[:60].strip("_")
    return f"{legible}-{hashlib.sha256(f'{nodeid} {part}'.encode()).hexdigest()[:8]}"
