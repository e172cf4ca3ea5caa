"""Loops without lanes one by one, along lists, in squares and in blocks, against the reference."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import ops
from engine.compile.instructions import Let, Loop, Pick, Plan, View
from engine.compile.llvm_frame import Code, Frame
from engine.compile.llvm_machine import ADDRESSES, had
from engine.compile.llvm_script import scripted
from engine.compile.reference import Reference
from tests.compile.oracle import assert_close, poisoned
from tests.parts import needed

needed("llvmlite")
needed("platformdirs")

ROWS, CHOICES, INDICES = 700, 3, 20
"""So many rows have the buffers, so many values an index; so many indices has a sample."""
ZERO, LEAST, MOST = 0, 1, 2
"""The rows of V that hold 0, -inf and inf."""
KINDS = st.sampled_from(["along", "same", "any"])


def kept(loop: Loop, width: int, seed: int) -> tuple[str, Any, Any]:
    """Run a loop by machine code and by the reference; return its kind, and what each of them wrote."""
    fixed = {"V": {ZERO: 0.0, LEAST: -np.inf, MOST: np.inf}, "P": {0: 0.0}}
    sizes = {"V": ROWS, "G": ROWS, "P": ROWS, "D": ROWS}
    plan = Plan([loop], [], sizes, fixed, np.zeros(0, dtype=int), (("V", 0),), None, 0, INDICES)
    script, kinds = scripted(plan, width, lanes=False)
    had(kinds, width)
    frame = Frame(Code(script, ADDRESSES, "", 0.0), 1, 0, poisoned)
    reference = Reference(plan, 1, poisoned)
    rng = np.random.default_rng(seed)
    memory = {name: rng.normal(size=ROWS) for name in "VGPD"}
    memory["V"][:3] = 0.0, -np.inf, np.inf
    memory["P"][0] = 0.0
    for name, numbers in memory.items():
        reference.buffers[name].reshape(-1)[:] = numbers
        if name != "P":
            frame.buffers[name][:ROWS] = numbers
    index = rng.integers(0, CHOICES, (INDICES, 1))
    frame.point(np.zeros((0, 1)), index, 1, 1.0)
    reference.run([], np.zeros((0, 1)), index)
    parameters = np.concatenate([memory["P"], np.full(16, np.nan)])
    frame.run(parameters.ctypes.data, False)
    buffer = loop.write.buffer
    expected = reference.buffers[buffer].reshape(-1)
    kind = next(type(kind).__name__ for kind in reversed(kinds.values()) if not isinstance(kind, str))
    return kind, frame.buffers[buffer][:ROWS], expected


def drawn_lists(rng: random.Random, kind: str, sizes: list[int]) -> list[list[int]]:
    """Draw the rows of lists: one after the other, one row all along, or any."""
    firsts = [rng.randrange(3, 400) for _ in sizes]
    if kind == "along":
        return [[first + i for i in range(size)] for first, size in zip(firsts, sizes, strict=True)]
    if kind == "same":
        return [[first] * size for first, size in zip(firsts, sizes, strict=True)]
    known = [[rng.randrange(3, 400) for _ in range(max(sizes))] for _ in range(3)]
    return [rng.choice(known)[:size] for size in sizes]


def written_rows(rng: random.Random, count: int) -> Any:
    """Draw rows to write to: one after the other, but for a gap perhaps, or any."""
    if rng.random() < 0.3:
        return np.array(rng.sample(range(500, ROWS), count))
    gap = rng.randrange(count + 1)
    return 500 + np.arange(count) + 5 * (np.arange(count) >= gap)


@given(st.integers(0, 2**32), KINDS, KINDS, st.sampled_from(["sum", "max", "min"]), st.booleans())
def test_folds_of_lists_that_are_filled_up(seed: int, one: str, other: str, fold: str, adds: bool) -> None:
    rng = random.Random(seed)
    sizes = [rng.randint(1, rng.choice([4, 8, 20])) for _ in range(rng.randint(1, 40))]
    end = {"sum": ZERO, "max": LEAST, "min": MOST}[fold]
    length = max(sizes)
    filled = [
        View("V", np.array([rows + [end] * (length - len(rows)) for rows in lists]).T)
        for lists in (drawn_lists(rng, one, sizes), drawn_lists(rng, other, sizes))
    ]
    lets = (Let(ops.mul, (0, 1)),) if fold == "sum" else (Let(ops.maximum, (0, 1)),)
    if fold == "min":
        lets = (Let(ops.minimum, (0, 1)),)
    loop = Loop(tuple(filled), lets, View("G", written_rows(rng, len(sizes))), fold, adds)
    _, found, expected = kept(loop, rng.choice([2, 4, 8]), seed)
    assert_close(found, expected)


@given(st.integers(0, 2**32), KINDS, KINDS, st.booleans())
def test_sums_into_rows_that_are_named_several_times(seed: int, one: str, other: str, adds: bool) -> None:
    rng = random.Random(seed)
    sizes = [rng.randint(1, rng.choice([4, 8, 20])) for _ in range(rng.randint(1, 40))]
    write = np.repeat(written_rows(rng, len(sizes)), sizes)
    reads = [np.concatenate(drawn_lists(rng, kind, sizes)) for kind in (one, other)]
    views = View("V", reads[0]), View(rng.choice("VP"), reads[1])
    loop = Loop(views, (Let(ops.mul, (0, 1)),), View(rng.choice("GD"), write), "", adds)
    _, found, expected = kept(loop, rng.choice([2, 4, 8]), seed)
    assert_close(found, expected)


@given(st.integers(0, 2**32), st.booleans(), st.sampled_from(["", "read", "write"]), st.booleans())
def test_views_that_run_across_each_other(seed: int, turns: bool, picked: str, adds: bool) -> None:
    """A matrix, transposed or not; rows of a table that an index picks, to or from its lines."""
    rng = random.Random(seed)
    height, width = rng.randint(1, 20), rng.randint(1, 20)
    line, column = (x.ravel() for x in np.divmod(np.arange(height * width).reshape(height, width), width))
    across, down = line * width + column, column * height + line
    table = View(rng.choice("PV"), column + 5, Pick(line, width, CHOICES))
    read, write = View("V", (down if turns else across) + 10), View("G", across + 50)
    if picked == "read":
        read, write = table, View("G", (down if turns else across) + 50)
    elif picked == "write":
        write = View(rng.choice("DG"), table.rows, table.pick)
    other = View("P", down + 5)
    both = rng.random() < 0.5
    lets = (Let(ops.add, (0, 1)),) if both else ()
    loop = Loop((read, other) if both else (read,), lets, write, "", adds or picked == "write")
    _, found, expected = kept(loop, rng.choice([2, 4, 8]), seed)
    assert_close(found, expected)


@pytest.mark.parametrize("width", [2, 4, 8])
def test_what_is_chosen(width: int) -> None:
    """Along lists, where they stand; a matrix turned in squares; rows beside each other in blocks."""
    prefixes = [[10 + i if i <= t else ZERO for i in range(16)] for t in range(16)]
    weights = [[50 + 16 * t + i if i <= t else ZERO for i in range(16)] for t in range(16)]
    views = View("V", np.array(prefixes).T), View("V", np.array(weights).T)
    lists = Loop(views, (Let(ops.mul, (0, 1)),), View("G", 300 + np.arange(16)), "sum")
    turned = Loop((View("V", np.arange(256).reshape(16, 16).T.ravel()),), (), View("G", 300 + np.arange(256)))
    blocks = Loop((View("V", np.arange(256).reshape(16, 16)),), (), View("G", 300 + np.arange(16)), "sum")
    names = [kept(loop, width, 0)[0] for loop in (lists, turned, blocks)]
    assert names == ["ListsKind", "SquaresKind", "FlatsKind"]
