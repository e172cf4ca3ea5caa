"""Tensors: the parameters of a module in arrays, by the names and in the layout that PyTorch gives them."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine import Value
from engine.optional import load
from nn.checked import MODULE, of_kind
from nn.exchange.stages import stages
from nn.mlp import MLP
from nn.module import Module, children
from nn.neuron import Layer

MOST = 5
"""So many complaints of a kind are told."""


class Block(NamedTuple):
    """Parameters in the order of an array of some shape, the last axis the fastest."""

    shape: tuple[int, ...]
    values: list[Value]


def state_dict(module: Module) -> dict[str, Any]:
    """Return the parameters of a module as arrays of float64, by name.

    A Layer is `weight` [out, in] and `bias` [out], unless its neurons have none, after the path that leads to
    it, as PyTorch has it: "encoder.weight". The layers of an MLP have the numbers that they have in
    `to_torch(model)`: "0.weight", "2.weight" where an activation stands between. Other parameters are one
    array for each list of them, nested ones where these are of one length: "table" [row, column].

    Errors: those of `named_parameters`; TypeError for what is no Module; ValueError for two tensors of one
    name, and for an MLP with a layer of different activations.

    >>> import random
    >>> state = state_dict(MLP(2, [3, 1], rng=random.Random(0)))
    >>> {name: array.shape for name, array in state.items()}
    {'0.weight': (3, 2), '0.bias': (3,), '2.weight': (1, 3), '2.bias': (1,)}
    """
    np = load("numpy")
    return {
        name: np.array([v.data for v in values], dtype=np.float64).reshape(shape)
        for name, (shape, values) in tensors(module).items()
    }


def load_state_dict(module: Module, state: Mapping[str, Any]) -> None:
    """Set every parameter of a module to its number in arrays by name, as `state_dict` gives; all, or none.

    An array is one of numpy's or torch's, of any real dtype, or nested lists.

    Errors: ValueError that lists the names that are missing, unexpected, of another shape, with both shapes,
    or that hold no finite numbers; TypeError for what is no Module, or no dict.

    >>> model = MLP(1, [1])
    >>> load_state_dict(model, {"0.weight": [[2.0]], "0.bias": [0.5]})
    >>> model([3.0]).data
    6.5
    """
    put(tensors(module), state, type(module).__name__)


def put(wanted: Mapping[str, Block], state: Mapping[str, Any], name: str) -> None:
    """Set all Values of some tensors to the numbers in arrays of the same names, or none of them.

    Errors: ValueError, as `load_state_dict`; `name` is what the state does not fit.

    >>> w = Value(0.0)
    >>> put({"w": Block((1,), [w])}, {"w": [2.0]}, "w alone")
    >>> w.data
    2.0
    """
    of_kind("state", state, Mapping, "a dict of arrays by name, as state_dict gives")
    known = {key: as_array(key, state[key]) for key in wanted if key in state}
    complaints = [
        ("missing", [repr(key) for key in wanted if key not in state]),
        ("unexpected", [repr(key) for key in state if key not in wanted]),
        (
            "of another shape",
            [
                f"{key!r} is {shape}, got {known[key].shape}{_transposed(shape, known[key].shape)}"
                for key, (shape, _) in wanted.items()
                if key in known and known[key].shape != shape
            ],
        ),
        ("not a finite number", [text for key, array in known.items() for text in _odd(key, array)]),
    ]
    found = [f"{complaint}: {_listed(texts)}" for complaint, texts in complaints if texts]
    if found:
        raise ValueError(f"these tensors do not fit {name}, nothing was loaded; {'; '.join(found)}")
    for key, (_, values) in wanted.items():
        for value, number in zip(values, known[key].ravel().tolist(), strict=True):
            value.data = float(number)


def as_array(name: str, given: Any) -> Any:
    """Return an array of numpy's or torch's, or nested lists, as an array of float64.

    Errors: ValueError for what is no array of real numbers.

    >>> as_array("w", [[1, 2]]).shape
    (1, 2)
    """
    np = load("numpy")
    if hasattr(given, "detach"):
        given = given.detach().tolist()
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):
        raise ValueError(f"{name!r} is no array of numbers: {given!r}") from None
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name!r} is an array of real numbers, got one of {array.dtype}: {given!r}")
    return array.astype(np.float64)


def _transposed(shape: tuple[int, ...], given: tuple[int, ...]) -> str:
    return ", which is transposed: a weight is [out, in]" if given == shape[::-1] else ""


def _odd(name: str, array: Any) -> Iterator[str]:
    np = load("numpy")
    for place in np.argwhere(~np.isfinite(array)):
        index = "".join([f"[{i}]" for i in place])
        yield f"{name!r}{index}: {array[tuple(place)]}"


def _listed(texts: list[str]) -> str:
    more = f" and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return ", ".join(texts[:MOST]) + more


def tensors(module: Module) -> dict[str, Block]:
    """Return the parameters of a module in tensors by name, each parameter in one.

    Errors: as `state_dict`.

    >>> module = Module()
    >>> module.table = [[Value(1.0), Value(2.0)]]
    >>> tensors(module)["table"].shape
    (1, 2)
    """
    of_kind("module", module, Module, MODULE)
    named = module.named_parameters()
    free = set(named.values())
    found: list[tuple[str, Block]] = []
    for path, layer in _layers(module):
        parts = layer_tensors(layer)
        values = [v for part in parts.values() for v in part.values]
        nout, biases = parts["weight"].shape[0], len(parts["bias"].values) if "bias" in parts else 0
        is_even = biases in (0, nout) and len(values) == len(layer.parameters())
        if is_even and free.issuperset(values):
            free.difference_update(values)
            found += [(f"{path}.{name}" if path else name, part) for name, part in parts.items()]
    found += _gathered([(name, value) for name, value in named.items() if value in free])
    numbers = _positions(module) if type(module) is MLP else {}
    made: dict[str, Block] = {}
    for path, tensor in found:
        name = _dotted(path)
        start = re.match(r"layers\.\d+", name)
        if start and start[0] in numbers:
            name = numbers[start[0]] + name[start.end() :]
        if made.setdefault(name, tensor) is not tensor:
            raise ValueError(f"two tensors of {type(module).__name__} are called {name!r}")
    return made


def layer_tensors(layer: Layer) -> dict[str, Block]:
    """Return the weight [out, in] of a layer, and the bias [out] unless its neurons have none.

    >>> list(layer_tensors(Layer(2, 3, bias=False)))
    ['weight']
    """
    rows = [neuron.w for neuron in layer.neurons]
    made = {"weight": Block((len(rows), len(rows[0])), [w for row in rows for w in row])}
    biases = [neuron.b for neuron in layer.neurons if neuron.b is not None]
    return made | {"bias": Block((len(biases),), biases)} if biases else made


def _positions(model: MLP) -> dict[str, str]:
    """Return the numbers that the layers of an MLP have among its stages."""
    places = [i for i, stage in enumerate(stages(model)) if isinstance(stage, Layer)]
    return {f"layers.{i}": str(place) for i, place in enumerate(places)}


def _layers(root: Module) -> Iterator[tuple[str, Layer]]:
    """Yield the layers at and under a module, each once, with their paths."""
    seen: set[int] = set()
    stack: list[tuple[str, Module]] = [("", root)]
    while stack:
        path, module = stack.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        if isinstance(module, Layer):
            yield path, module
        below = [(f"{path}.{name}" if path else name, child) for name, child in children(module)]
        stack += reversed(below)


def _gathered(named: list[tuple[str, Value]]) -> Iterator[tuple[str, Block]]:
    """Yield parameters by what their names have in common before the indices, as far as lists are even."""
    groups: dict[str, dict[tuple[int, ...], Value]] = {}
    for name, value in named:
        stem = re.sub(r"(\[\d+\])+$", "", name)
        index = tuple(map(int, re.findall(r"\d+", name[len(stem) :])))
        groups.setdefault(stem, {})[index] = value
    stack = list(reversed(groups.items()))
    while stack:
        stem, entries = stack.pop()
        if len({*map(len, entries)}) == 1:
            shape = tuple([max(axis) + 1 for axis in zip(*entries, strict=True)])
            if math.prod(shape) == len(entries):
                yield stem, Block(shape, [entries[index] for index in sorted(entries)])
                continue
        parts: dict[str, dict[tuple[int, ...], Value]] = {}
        for index, value in entries.items():
            parts.setdefault(f"{stem}[{index[0]}]", {})[index[1:]] = value
        stack += reversed(parts.items())


def _dotted(path: str) -> str:
    """Return a path as PyTorch writes it: layers.0.neurons for layers[0].neurons."""
    return path.replace("[", ".").replace("]", "").replace("'", "")
