"""MLPs to and from PyTorch: a torch.nn.Sequential of Linear, an activation, Linear, ..."""

from typing import Any

from engine import elu, gelu, leaky_relu, relu, sigmoid, silu, softmax, softplus, tanh
from engine.optional import load
from nn.activations import Activation, linear
from nn.exchange.stages import Dropout, stages
from nn.exchange.tensors import Block, layer_tensors, put
from nn.mlp import MLP
from nn.neuron import Layer, function_name

MODULES: dict[Activation, tuple[str, dict[str, Any]]] = {
    sigmoid: ("Sigmoid", {}),
    tanh: ("Tanh", {}),
    relu: ("ReLU", {}),
    leaky_relu: ("LeakyReLU", {"negative_slope": leaky_relu.defaults[0]}),
    elu: ("ELU", {"alpha": elu.defaults[0]}),
    softplus: ("Softplus", {"beta": 1.0, "threshold": 40.0}),
    silu: ("SiLU", {}),
    gelu: ("GELU", {"approximate": "none"}),
    softmax: ("Softmax", {"dim": -1}),
}
"""PyTorch's module for an activation, and its settings. Above its threshold Softplus is x itself: from 40 on
the rest is below half a unit in the last place."""
SOFTPLUS_THRESHOLD = 20.0
"""The threshold of PyTorch's own Softplus(), above which the rest is at most 2.1e-9; no lower one is read."""


def to_torch(model: MLP) -> Any:
    """Return an MLP as a torch.nn.Sequential of float64, with its numbers as they are now, in eval mode.

    It takes rows [batch, nin] and answers [batch, nout]. Dropout becomes torch.nn.Dropout, which drops in
    train mode alone. Nothing is drawn from torch's random numbers.

    Errors: TypeError for another module; ValueError for an activation without a counterpart among PyTorch's
    modules, naming it, and for a layer of which some neurons have a bias; ModuleNotFoundError without torch.

    >>> to_torch(MLP(2, [3, 1], activation="tanh"))  # doctest: +SKIP
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): Tanh()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """
    if type(model) is not MLP:
        raise TypeError(
            f"to_torch takes an MLP, got {type(model).__name__}; its arrays are state_dict(model)"
        )
    torch = load("torch", extra="oracle")
    made: list[Any] = []
    for stage in stages(model):
        if isinstance(stage, Layer):
            made.append(_linear(torch, stage, len(made)))
        elif isinstance(stage, Dropout):
            made.append(torch.nn.Dropout(stage.rate))
        elif stage in MODULES:
            kind, settings = MODULES[stage]
            made.append(getattr(torch.nn, kind)(**settings))
        else:
            known = ", ".join(["linear", *map(function_name, MODULES)])
            raise ValueError(
                f"PyTorch has no module for the activation {function_name(stage)}, it has those for {known}; "
                "the numbers alone are state_dict(model)"
            )
    return torch.nn.Sequential(*made).eval()


def _linear(torch: Any, layer: Layer, place: int) -> Any:
    """Return a layer's weights and biases as a torch.nn.Linear."""
    parts = layer_tensors(layer)
    nout, nin = parts["weight"].shape
    if "bias" in parts and parts["bias"].shape != (nout,):
        raise ValueError(
            f"in module {place}, {layer.describe()}, {parts['bias'].shape[0]} of {nout} neurons have a bias; "
            "a Linear has one in all of them or in none"
        )
    made = torch.nn.utils.skip_init(torch.nn.Linear, nin, nout, bias="bias" in parts, dtype=torch.float64)
    with torch.no_grad():
        for name, (shape, values) in parts.items():
            numbers = torch.tensor([v.data for v in values], dtype=torch.float64)
            getattr(made, name).copy_(numbers.reshape(shape))
    return made


def from_torch(sequential: Any) -> MLP:
    """Return the MLP that a torch.nn.Sequential is, its numbers bit for bit (those of float32 as float64).

    It is made of Linear, after each of them at most one activation, then at most a Dropout, of one rate
    between all layers and none after the last; Identity is passed over. Softplus() with PyTorch's threshold
    of 20 is read as softplus, which is larger by 2.1e-9 at most.

    Errors: TypeError for what is no Sequential; ValueError for a module or a setting without a counterpart
    here, naming it and its place, for layers that do not follow each other, with both sizes, and for numbers
    that are not finite.

    >>> from_torch(torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Tanh()))  # doctest: +SKIP
    MLP(2, [1])                               3
    └─ layers[0] Layer(2, 1)                  3
       └─ neurons[0] Neuron(2, tanh)          3
    3 parameters
    """
    if _kind(sequential) != "Sequential":
        raise TypeError(f"from_torch takes a torch.nn.Sequential, got {sequential!r}")
    _refuse_hooks("this Sequential", sequential)
    reader = _Reader()
    for place, module in enumerate(sequential):
        reader.take(place, module)
    return reader.mlp()


def _kind(module: Any) -> str:
    """Return the name of a class of torch.nn, "" for another: a subclass may compute something else."""
    kind = type(module)
    return kind.__name__ if kind.__module__.startswith("torch.nn.modules.") else ""


def _refuse_hooks(where: str, module: Any) -> None:
    if module._forward_hooks or module._forward_pre_hooks:
        raise ValueError(f"{where} has hooks, which may change what it gives; remove them first")


class _Reader:
    """The layers of a Sequential that have been read: for each the Linear, its place, and what follows it."""

    def __init__(self) -> None:
        self.linears: list[tuple[int, Any]] = []
        self.activations: list[Activation] = []
        self.rates: list[float] = []
        self.may_follow: tuple[str, ...] = ("Linear",)

    def take(self, place: int, module: Any) -> None:
        """Take the next module."""
        kind = _kind(module)
        where = f"module {place}, {module!r}"
        known = {name: function for function, (name, _) in MODULES.items()}
        if kind == "Identity":
            return
        if kind not in ("Linear", "Dropout", *known):
            raise ValueError(
                f"{where}, has no counterpart here; an MLP is made of Linear, Dropout, Identity and "
                f"{', '.join(known)}"
            )
        _refuse_hooks(f"{where},", module)
        group = kind if kind in ("Linear", "Dropout") else "activation"
        if group not in self.may_follow:
            raise ValueError(f"{where}, stands where an MLP has {' or '.join(self.may_follow)}")
        if kind == "Linear":
            self._linear(where, place, module)
            self.may_follow = ("activation", "Dropout", "Linear")
        elif kind == "Dropout":
            self.rates[-1] = float(module.p)
            self.may_follow = ("Linear",)
        else:
            self.activations[-1] = _activation(where, kind, known[kind], module)
            self.may_follow = ("Dropout", "Linear") if kind != "Softmax" else ("nothing more",)

    def _linear(self, where: str, place: int, module: Any) -> None:
        if self.linears and self.linears[-1][1].out_features != module.in_features:
            raise ValueError(
                f"{where}, takes {module.in_features} numbers, the layer before it gives "
                f"{self.linears[-1][1].out_features}"
            )
        self.linears.append((place, module))
        self.activations.append(linear)
        self.rates.append(0.0)

    def mlp(self) -> MLP:
        """Return the MLP of all layers."""
        if not self.linears:
            raise ValueError("this Sequential has no Linear, so it is no MLP")
        *between, last = self.rates
        rates = set(between)
        if last or len(rates) > 1:
            raise ValueError(
                "an MLP has one rate of dropout after all layers but the last; after these layers it is "
                f"{', '.join([f'{rate:g}' for rate in self.rates])}"
            )
        first = self.linears[0][1]
        nouts = [module.out_features for _, module in self.linears]
        model = MLP(first.in_features, nouts, init="zeros", dropout=rates.pop() if rates else 0.0)
        wanted: dict[str, Block] = {}
        given: dict[str, Any] = {}
        for i, (place, module) in enumerate(self.linears):
            layer = Layer(
                module.in_features, module.out_features, activation=self.activations[i], init="zeros",
                bias=module.bias is not None,
            )  # fmt: skip
            model.layers[i] = layer
            for name, tensor in layer_tensors(layer).items():
                wanted[f"{place}.{name}"] = tensor
                given[f"{place}.{name}"] = getattr(module, name)
        put(wanted, given, model.describe())
        return model


def _activation(where: str, kind: str, function: Activation, module: Any) -> Activation:
    """Return the activation that a module is, whose settings have to be those of the table."""
    for name, wanted in MODULES[function][1].items():
        given = getattr(module, name)
        fits = given == wanted
        if (kind, name) == ("Softplus", "threshold"):
            fits = given >= SOFTPLUS_THRESHOLD
        elif (kind, name) == ("Softmax", "dim"):
            fits = given in (-1, 1)
        if not fits:
            raise ValueError(
                f"{where}, has {name}={given!r}; {function_name(function)} is the one with {name}={wanted!r}"
            )
    return function
