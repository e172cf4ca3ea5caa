"""Models in files: written whole or not at all, read without pickle or eval."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nn.activations import ACTIVATIONS, Activation
from nn.answers import answers, outputs
from nn.checked import MODULE, of_kind
from nn.data import Scaler
from nn.documents import read_document, write_document
from nn.mlp import MLP
from nn.module import Module
from nn.neuron import Layer, function_name, is_softmax

KIND = "chainrule model"
PARAMETERS = "chainrule parameters"


class Saved(NamedTuple):
    """A model out of a file, and what its writer noted about it."""

    model: MLP
    about: dict[str, Any]

    def predict(self, points: Iterable[Sequence[float]]) -> list[Any]:
        """Return what the model predicts for raw points: names of classes, or numbers in their own unit.

        It reads what a report of `python -m nn train` notes: "scaler", "target_scaler" and "names"; what is
        not noted is not applied.

        Errors: ValueError for points of another width, and for notes that are no state of a Scaler.

        >>> from nn import Scaler
        >>> about = {"scaler": Scaler(("x",), (10.0,), (2.0,)).state(), "names": ["low", "high"]}
        >>> Saved(MLP(1, [1], init=lambda rng, fan_in, fan_out: 1.0), about).predict([[9.0], [12.0]])
        ['low', 'high']
        """
        scaler, unit = [
            Scaler.load(noted) if (noted := self.about.get(name)) else None
            for name in ("scaler", "target_scaler")
        ]
        scaled = list(points) if scaler is None else [scaler.apply(point) for point in points]
        names = self.about.get("names")
        if names:
            return [names[i] for i in answers(self.model, scaled)]
        numbers = outputs(self.model, scaled)
        return numbers if unit is None else [unit.undo([x])[0] for x in numbers]


def save_model(model: MLP, path: str | Path, about: Mapping[str, Any] | None = None) -> None:
    """Write an MLP to a file: its sizes, activations and parameters, and notes about it that JSON can hold.

    The notes are for whatever belongs to the model: the names of the classes, the state of a Scaler.

    Errors: TypeError for another module (keep the `state()` of that), or notes that JSON cannot hold;
    ValueError for an activation of one's own, which has no name here, for neurons without biases or with
    shared parameters, and for nan; OSError.

    >>> save_model(MLP(2, [4, 1]), "model.json")  # doctest: +SKIP
    """
    if type(model) is not MLP:
        raise TypeError(
            f"save_model writes an MLP, got {type(model).__name__}; its numbers alone are model.state(), "
            "a dict for JSON, which model.load_state takes"
        )
    bare = [f"layers[{i}]" for i, layer in enumerate(model.layers) if any(n.b is None for n in layer.neurons)]
    if bare:
        raise ValueError(
            f"a file of an MLP keeps a bias for each neuron, some of {', '.join(bare)} have none; "
            "nn.exchange.save_safetensors keeps such arrays, model.state() is the numbers alone"
        )
    shared = sum(len(n.w) + 1 for layer in model.layers for n in layer.neurons) - len(model.parameters())
    if shared:
        raise ValueError(
            f"a file of an MLP keeps each weight and bias for itself, here {shared} are those of others, "
            "too; save_parameters keeps the numbers of any model"
        )
    neuron = model.layers[0].neurons[0]
    content = {
        "nin": len(neuron.w),
        "nouts": [len(layer.neurons) for layer in model.layers],
        "activation": _common(model.layers[:-1]) or "relu",
        "output": _common(model.layers[-1:]),
        "dropout": model.dropout,
        "explicit": neuron.explicit,
        "parameters": model.state(),
        "about": _notes(about),
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


def save_parameters(model: Module, path: str | Path, about: Mapping[str, Any] | None = None) -> None:
    """Write the parameters of any model to a file, with what it is called and notes that JSON can hold.

    Errors: TypeError for what is no Module, or notes that JSON cannot hold; ValueError for nan; OSError.

    >>> save_parameters(MLP(2, [4, 1]), "parameters.json")  # doctest: +SKIP
    """
    of_kind("model", model, Module, MODULE)
    content = {"model": model.describe(), "parameters": model.state(), "about": _notes(about)}
    write_document(path, PARAMETERS, content)


def load_parameters(model: Module, path: str | Path) -> dict[str, Any]:
    """Give a model the parameters that a file holds, bit for bit, and return the notes about them.

    Errors: ValueError for a file of a model that is called otherwise, or has other parameters, and what is
    wrong with the file; nothing is loaded then; TypeError for what is no Module; OSError.

    >>> load_parameters(MLP(2, [4, 1]), "parameters.json")  # doctest: +SKIP
    """
    of_kind("model", model, Module, MODULE)
    content = read_document(path, PARAMETERS)
    if content.get("model") != model.describe():
        raise ValueError(
            f"{path} holds the parameters of {content.get('model')}, not those of {model.describe()}"
        )
    model.load_state(content["parameters"])
    about: dict[str, Any] = content["about"]
    return about


def _notes(about: Mapping[str, Any] | None) -> dict[str, Any]:
    if about is not None:
        of_kind("about", about, Mapping, "a dict of notes")
    return dict(about or {})


def _common(layers: Sequence[Layer]) -> str:
    """Return the name of the one activation of some layers, "" for no layers."""
    endings = [layer.ending if layer.shares else n.activation for layer in layers for n in layer.neurons]
    names = list(dict.fromkeys(map(_name, endings)))
    if len(names) > 1:
        raise ValueError(
            f"a file keeps one activation for all hidden neurons and one for the last layer, here are "
            f"{' and '.join(names)}; the numbers alone are model.state()"
        )
    return names[0] if names else ""


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
