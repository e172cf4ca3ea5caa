"""Models in files: written whole or not at all, read without pickle or eval."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nn.activations import ACTIVATIONS, Activation
from nn.documents import read_document, write_document
from nn.mlp import MLP
from nn.neuron import function_name, is_softmax

KIND = "chainrule model"


class Saved(NamedTuple):
    """A model out of a file, and what its writer noted about it."""

    model: MLP
    about: dict[str, Any]


def save_model(model: MLP, path: str | Path, about: Mapping[str, Any] | None = None) -> None:
    """Write an MLP to a file: its sizes, activations and parameters, and notes about it that JSON can hold.

    The notes are for whatever belongs to the model: the names of the classes, the state of a Scaler.

    Errors: TypeError for another module (keep the `state()` of that), or notes that JSON cannot hold;
    ValueError for an activation of one's own, which has no name here, and for nan; OSError.

    >>> save_model(MLP(2, [4, 1]), "model.json")  # doctest: +SKIP
    """
    if type(model) is not MLP:
        raise TypeError(
            f"save_model writes an MLP, got {type(model).__name__}; its numbers alone are model.state(), "
            "a dict for JSON, which model.load_state takes"
        )
    hidden = model.layers[0] if len(model.layers) > 1 else None
    neuron = model.layers[0].neurons[0]
    content = {
        "nin": len(neuron.w),
        "nouts": [len(layer.neurons) for layer in model.layers],
        "activation": "relu" if hidden is None else _name(hidden.ending),
        "output": _name(model.ending),
        "dropout": model.dropout,
        "explicit": neuron.explicit,
        "parameters": model.state(),
        "about": dict(about or {}),
    }
    write_document(path, KIND, content)


def load_model(path: str | Path) -> Saved:
    """Return the MLP that a file holds, with its parameters bit for bit, and the notes about it.

    Errors: ValueError saying what is wrong with the file; OSError.

    >>> load_model("model.json").model  # doctest: +SKIP
    """
    content = read_document(path, KIND)
    about, parameters = content.pop("about", {}), content.pop("parameters", {})
    try:
        model = MLP(content.pop("nin"), content.pop("nouts"), init="zeros", **content)
        model.load_state(parameters)
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(f"{path} holds no MLP of this program: {error}") from None
    return Saved(model, about)


def _name(function: Activation) -> str:
    if is_softmax(function):
        return "softmax"
    for name, known in ACTIVATIONS.items():
        if known is function:
            return name
    raise ValueError(
        f"the activation {function_name(function)} is not among {', '.join(ACTIVATIONS)}, so a file cannot "
        "name it; its numbers alone are model.state()"
    )
