"""Models as ONNX files, which other runtimes run: MLPs layer by layer, Programs as they are compiled."""

from pathlib import Path
from typing import Any

from engine import Program, files, softmax
from engine.compile.onnx_nodes import Nodes
from engine.compile.onnx_program import OUTPUT, onnx_program
from engine.compile.onnx_rows import Tensor, call
from nn.activations import Activation
from nn.exchange.stages import Dropout, stages
from nn.mlp import MLP
from nn.neuron import Layer, function_name


def to_onnx(model: MLP | Program, *, dtype: str = "float32") -> Any:
    """Return an MLP or a Program as an onnx.ModelProto, checked, with its numbers as they are now.

    The input of an MLP is "x" [batch, nin], its output "output" [batch, nout], where "batch" is any number;
    its constants have the names of `state_dict`. It has no dropout, as an answer without noise has none. An
    activation of one's own is exported if it is made of engine's ops. For Programs see
    `engine.compile.onnx_program`: inputs have the names of the arguments. Of another module export a Program:
    `to_onnx(record(model, point))`. The dtype "float64" keeps the numbers; onnxruntime has no kernel of that
    for gelu.

    Errors: TypeError for another model; ValueError for an op without a counterpart in ONNX, naming it, for a
    layer of different activations, for a number that the dtype cannot hold, for an unknown dtype;
    ModuleNotFoundError where onnx is not installed.

    >>> [node.op_type for node in to_onnx(MLP(2, [3, 1])).graph.node]  # doctest: +SKIP
    ['Gemm', 'Relu', 'Gemm', 'Identity']
    """
    if isinstance(model, Program):
        return onnx_program(model, dtype=dtype)
    if type(model) is not MLP:
        raise TypeError(
            f"to_onnx takes an MLP or a Program, got {type(model).__name__}; record it: "
            "to_onnx(record(model, point))"
        )
    nodes = Nodes(model.describe(), dtype)
    x = Tensor(nodes, nodes.input("x", [len(model.layers[0].neurons[0].w)]))
    for place, stage in enumerate(stages(model)):
        if isinstance(stage, Layer):
            x = _product(x, stage, str(place))
        elif not isinstance(stage, Dropout):
            x = _activated(x, stage)
    nodes.output(OUTPUT, x.name, [len(model.layers[-1].neurons)])
    return nodes.model()


def save_onnx(model: MLP | Program, path: str | Path, *, dtype: str = "float32") -> None:
    """Write an MLP or a Program to an ONNX file, whole or not at all, as `to_onnx` makes it.

    Errors: those of `to_onnx`; OSError where the file cannot be written.

    >>> save_onnx(MLP(2, [4, 1]), "model.onnx")  # doctest: +SKIP
    """
    files.write(Path(path), to_onnx(model, dtype=dtype).SerializeToString(deterministic=True))


def _product(x: Tensor, layer: Layer, name: str) -> Tensor:
    """Return x times the weights [out, in] of a layer, plus its biases if it has any."""
    weights = x.nodes.constant([[w.data for w in neuron.w] for neuron in layer.neurons], f"{name}.weight")
    operands = [x, Tensor(x.nodes, weights)]
    if any(neuron.b is not None for neuron in layer.neurons):
        biases = x.nodes.constant([neuron.offset for neuron in layer.neurons], f"{name}.bias")
        operands.append(Tensor(x.nodes, biases))
    return call("Gemm", *operands, transB=1)


def _activated(x: Tensor, activation: Activation) -> Tensor:
    """Return the activation of x, computed by engine's ops on tensors."""
    if activation is softmax:
        return call("Softmax", x, axis=-1)
    answer = activation(x)
    if not isinstance(answer, Tensor):
        raise ValueError(f"the activation {function_name(activation)} gives {answer!r}, whatever it is given")
    return answer
