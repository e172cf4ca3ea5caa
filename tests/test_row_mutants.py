"""The check of an op is itself checked: of the small faults planted in the rows it misses those listed."""

from collections.abc import Iterator
from functools import cache

import pytest

from engine.check import check_op
from engine.ops import TABLE
from tests import row_mutants
from tests.row_mutants import COUNTS, EQUIVALENT, MISSED, Mutant, Source, caught, mutant, named, sources

LISTED = EQUIVALENT | MISSED
SLOW_ORACLES = {"erf", "erfc", "gelu", "gelu_slope", "normal_cdf"}


@cache
def by_key() -> dict[tuple[str, str, str], Mutant]:
    """All mutants."""
    return {wrong.key: wrong for wrong in row_mutants.mutants()}


def sample(parts: tuple[str, ...], nth: int) -> Iterator[Mutant]:
    """Every n-th mutant of these parts that is to be killed."""
    found = [w for w in by_key().values() if w.part in parts and w.key not in LISTED]
    yield from found[::nth]


def test_every_partial_of_every_row_is_found_and_has_mutants() -> None:
    edges = [(name, index) for name, op in TABLE.items() for index in range(op.arity)]
    assert sorted((source.row, source.index) for source in sources()) == sorted(edges)
    parts = {(row, part) for row, part, _ in by_key()}
    assert parts == {(name, part) for name, op in TABLE.items() for part in ("z", "dx", "dy")[: op.arity + 1]}
    assert len(by_key()) == sum(1 for _ in row_mutants.mutants()) > 1800


@pytest.mark.parametrize("source", list(sources()), ids=lambda source: f"{source.row}-{source.index}")
def test_what_is_written_is_what_the_row_does(source: Source) -> None:
    """What kills the mutants is the fault, not the way to build them."""
    part = ("dx", "dy")[source.index]
    unharmed = mutant(source.row, part, source.text, source.compiled(source.text))
    assert check_op(unharmed.op, count=COUNTS[0], order=1).ok


def test_a_sample_of_partials_is_named() -> None:
    assert [w.key for w in sample(("dx", "dy"), 5) if not caught(w)] == []


def test_a_sample_of_values_is_caught_and_named() -> None:
    assert [w.key for w in sample(("z",), 3) if not caught(w)] == []
    quick = [w for w in sample(("z",), 16) if w.row not in SLOW_ORACLES]
    assert [w.key for w in quick if not any(named(w, count) for count in COUNTS[:2])] == []


def test_what_is_listed_exists_and_is_not_caught_at_once() -> None:
    assert not EQUIVALENT.keys() & MISSED.keys()
    assert [key for key in LISTED if key not in by_key()] == []
    assert [key for key in LISTED if caught(by_key()[key], COUNTS[:1])] == []


def test_the_score_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    few = [w for w in by_key().values() if w.row in ("sin", "step") and w.part == "dx"]
    monkeypatch.setattr(row_mutants, "mutants", lambda: few)
    row_mutants.main()
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["row", "mutants", "killed", "equivalent", "survived"]
    assert ["step", "5", "4", "1", "0"] in lines
    assert lines[-1] == ["total", str(len(few)), str(len(few) - 2), "2", "0"]


@pytest.mark.slow
@pytest.mark.parametrize("row", TABLE)
def test_every_mutant_of_a_row_is_killed_or_listed(row: str) -> None:
    """One that is listed and is killed after all, or is not listed and survives, fails here."""
    survivors = {key for key, wrong in by_key().items() if wrong.row == row and not caught(wrong)}
    assert survivors == {key for key in LISTED if key[0] == row}
