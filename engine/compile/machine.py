"""Emitted code bound to buffers: what runs."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from engine.compile.emitter import Array, Emitter
from engine.optional import load

NUMBER = 8
"""Bytes of a float."""

FUNCTIONS = """absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bincount cbrt copyto cos cosh
divide dot exp expm1 hypot log log10 log1p log2 logaddexp maximum minimum multiply negative power sign sin
sinh sqrt subtract take tan tanh inf nan""".split()


def namespace(np: ModuleType) -> dict[str, Any]:
    """Return what the emitted code may call."""
    found = {name: getattr(np, name) for name in FUNCTIONS}
    for name in ("add", "maximum", "minimum"):
        found[f"{name}_reduce"] = getattr(np, name).reduce
    return found | {"add_reduceat": np.add.reduceat}


def aligned(fresh: Callable[[tuple[int, ...]], Any], size: int) -> Any:
    """Return a flat buffer that starts at a multiple of 64 bytes."""
    raw = fresh((size + 8,))
    first = -(raw.ctypes.data // NUMBER) % 8
    return raw[first : first + size]


def view_of(array: Array, buffers: dict[str, Any]) -> Any:
    """Return an Array as a numpy view of its buffer.

    >>> import numpy as np
    >>> view_of(Array("V", 1, (2, 2), (2, 0)), {"V": np.arange(4.0)})
    array([[1., 1.],
           [3., 3.]])
    """
    np = load("numpy")
    return np.ndarray(
        array.shape,
        np.float64,
        buffers[array.buffer],
        array.offset * NUMBER,
        tuple([stride * NUMBER for stride in array.strides]),
    )


def bound(emitter: Emitter, lines: list[str], buffers: dict[str, Any], name: str) -> Callable[[], None]:
    """Return lines as a function whose views are those of the buffers."""
    names = namespace(load("numpy")) | emitter.constants
    names |= {text: view_of(array, buffers) for array, text in emitter.arrays.items()}
    body = "\n    ".join(lines) or "pass"
    exec(compile(f"def {name}():\n    {body}", f"<{name}>", "exec"), names)
    made: Callable[[], None] = names[name]
    return made
