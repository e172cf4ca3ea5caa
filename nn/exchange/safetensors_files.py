"""Parameters in safetensors files: arrays by PyTorch's names, which other programs read without pickle."""

from pathlib import Path
from typing import Any

from engine import files
from engine.optional import load
from nn.exchange.tensors import load_state_dict, state_dict
from nn.module import Module

FORMAT = {"format": "pt"}
"""The note by which other readers know PyTorch's names and layout."""


def save_safetensors(module: Module, path: str | Path) -> None:
    """Write the parameters of a module to a file, whole or not at all: the arrays of `state_dict`.

    In PyTorch the file of an MLP is loaded into the Sequential that `to_torch` makes of it.

    Errors: those of `state_dict`; ValueError for a module without parameters, and for nan and inf, naming the
    array; OSError; ModuleNotFoundError where safetensors is not installed.

    >>> save_safetensors(MLP(2, [4, 1]), "model.safetensors")  # doctest: +SKIP
    """
    np = load("numpy")
    arrays = state_dict(module)
    if not arrays:
        raise ValueError(f"{type(module).__name__} has no parameters to write to {path}")
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{path} was not written: {name!r} holds a nan or an inf")
    content = load("safetensors.numpy", extra="exchange").save(arrays, metadata=FORMAT)
    files.write(Path(path), content)


def load_safetensors(module: Module, path: str | Path) -> None:
    """Set every parameter of a module to its number in a file, by the names of `state_dict`; all, or none.

    Arrays may be of any real dtype that numpy has.

    Errors: ValueError for a file that is damaged or no safetensors file, and those of `load_state_dict`;
    OSError; ModuleNotFoundError where safetensors is not installed.

    >>> load_safetensors(MLP(2, [4, 1]), "model.safetensors")  # doctest: +SKIP
    """
    content = Path(path).read_bytes()
    arrays = _read(content, path)
    try:
        load_state_dict(module, arrays)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _read(content: bytes, path: str | Path) -> dict[str, Any]:
    problem = load("safetensors", extra="exchange").SafetensorError
    reader = load("safetensors.numpy", extra="exchange")
    try:
        arrays: dict[str, Any] = reader.load(content)
    except problem as error:
        raise ValueError(f"{path} is no whole safetensors file: {error}") from None
    except KeyError as error:
        raise ValueError(
            f"{path} holds an array of dtype {error.args[0]}, which numpy has not; write it in float32"
        ) from None
    return arrays
