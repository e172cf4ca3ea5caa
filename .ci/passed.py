"""Tests that have passed: one run of pytest writes them down, a later one with more packages leaves them out.

A test that looked for a package in vain is not written down: where the package is, it may take another way.

    pytest -p passed --note-passed=FILE
    pytest -p passed --but-passed=FILE

With the sign =: without it pytest takes FILE for a place of tests, too, and starts from another root.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

lacking: list[str] = []


class Last:
    """The last of Python's finders of modules: it is asked for what no other has found, and finds nothing."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Note the name."""
        lacking.append(name)


class Notes:
    """What the process that gathers the reports knows of each test: passed and lacked nothing, or not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.passed: set[str] = set()
        self.others: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Sort in a part of a test: its setup, its call or its teardown."""
        lacks = [name for what, name in report.user_properties if what == "lacking"]
        (self.passed if report.passed and not lacks else self.others).add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write down what has passed in all its parts."""
        self.path.write_text("".join(f"{nodeid}\n" for nodeid in sorted(self.passed - self.others)))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options."""
    parser.addoption("--note-passed", type=Path, metavar="FILE", help="write down what has passed")
    parser.addoption("--but-passed", type=Path, metavar="FILE", help="leave out what is written there")


def pytest_configure(config: pytest.Config) -> None:
    """Note what is lacking in each process that runs tests, and gather in the one that started them."""
    if config.option.note_passed:
        sys.meta_path.append(Last)
        if not hasattr(config, "workerinput"):
            config.pluginmanager.register(Notes(config.option.note_passed))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is written down."""
    if config.option.but_passed:
        passed = set(config.option.but_passed.read_text().splitlines())
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in passed])
        items[:] = [item for item in items if item.nodeid not in passed]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[Any]:
    """Put into the report of each part of a test what it has looked for in vain."""
    report = yield
    report.user_properties += [("lacking", name) for name in lacking]
    lacking.clear()
    return report
