"""Matrix products in machine code against numpy: any shape, lanes, place and vector width."""

import ctypes
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from engine.compile.llvm_dots import MANY, OTHERS, PANEL, buffer_number
from engine.compile.llvm_kernel import SLOTS
from engine.compile.llvm_machine import ADDRESSES, had, name_of, width
from tests.parts import needed

needed("llvmlite")
needed("platformdirs")

RUN = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
WIDTHS = [w for w in (2, 4, 8) if w <= width()]


def run(
    kind: str, width: int, stride: int, sizes: tuple[int, ...], buffers: dict[str, Any], *matrices: Any
) -> None:
    """Run a function of products; a matrix is its buffer, first row, the distances of rows and columns."""
    had({name_of(kind, width): kind}, width)
    state = np.zeros(len(SLOTS), dtype=np.int64)
    state[SLOTS.index("stride")] = stride
    for name, buffer in buffers.items():
        state[SLOTS.index(name)] = buffer.ctypes.data
    numbers = [*sizes, *[x for name, *places in matrices for x in (buffer_number(name), *places)]]
    arguments = np.array(numbers, dtype=np.int32)
    RUN(ADDRESSES[name_of(kind, width)])(state.ctypes.data, arguments.ctypes.data)


SIZES = st.integers(1, 30)
SHAPES = st.tuples(SIZES, SIZES, st.integers(1, 5), st.integers(1, 9))
"""Rows of A; inner length or rows of B; columns; lanes."""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("adds", [False, True])
@settings(max_examples=40, deadline=None)
@given(SHAPES)
def test_spread(width: int, adds: bool, shape: tuple[int, int, int, int]) -> None:
    rows, inner, columns, stride = shape
    rng = np.random.default_rng(shape)
    a, b = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns * stride))
    c = rng.normal(size=(rows, columns * stride))
    buffers = {"P": a.ravel(), "V": np.append(b, np.full(16, np.nan)), "G": np.append(c, np.full(16, 7.0))}
    sizes = int(adds), rows, inner, columns
    places = ("P", 0, inner, 1), ("V", 0, columns, 1), ("G", 0, columns, 1)
    run("spread", width, stride, sizes, buffers, *places)
    expected = a @ b + (c if adds else 0.0)
    np.testing.assert_allclose(buffers["G"][: c.size].reshape(c.shape), expected, rtol=0, atol=1e-12)
    assert (buffers["G"][c.size :] == 7.0).all()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("adds", [False, True])
@settings(max_examples=40, deadline=None)
@given(SHAPES)
@example((MANY, OTHERS, 1, 64))
@example((MANY, OTHERS + 1, 2, 8))
@example((MANY + 3, OTHERS + 15, 1, 8))
@example((2 * PANEL + 24, OTHERS + 5, 3, PANEL - 40))
@example((MANY - 1, OTHERS, 1, 64))
@example((MANY, OTHERS, 1, 65))
def test_inner(width: int, adds: bool, shape: tuple[int, int, int, int]) -> None:
    rows, others, columns, stride = shape
    rng = np.random.default_rng(shape)
    a, b = rng.normal(size=(rows, columns * stride)), rng.normal(size=(others, columns * stride))
    c = rng.normal(size=(rows, others))
    buffers = {"G": np.append(a, np.full(16, np.nan)), "V": np.append(b, np.full(16, np.nan))}
    buffers["D"] = np.append(c, np.full(16, 7.0))
    sizes = int(adds), rows, others, columns
    places = ("G", 0, columns, 1), ("V", 0, columns, 1), ("D", 0, others, 1)
    run("inner", width, stride, sizes, buffers, *places)
    expected = a @ b.T + (c if adds else 0.0)
    np.testing.assert_allclose(buffers["D"][: c.size].reshape(c.shape), expected, rtol=0, atol=1e-12)
    assert (buffers["D"][c.size :] == 7.0).all()
