"""An ONNX graph under construction: inputs, constants, nodes and outputs by name, checked when it is done."""

from collections.abc import Sequence
from typing import Any

from engine.optional import load

OPSET, IR = 18, 8
"""The version of ONNX's operators and of its files: from December 2022, so that older runtimes read them."""
BATCH = "batch"
"""What the first axis of every input and output is called: it may have any length."""
DTYPES = {"float32": "FLOAT", "float64": "DOUBLE"}
"""The numbers that a file may hold, as numpy and as ONNX call them."""


class Nodes:
    """Nodes in order, constants, inputs and outputs; what it returns are the names of tensors.

    Errors: ValueError for an unknown dtype; ModuleNotFoundError where onnx is not installed.

    >>> nodes = Nodes("double", "float32")  # doctest: +SKIP
    >>> x = nodes.input("x", [])  # doctest: +SKIP
    >>> nodes.output("y", nodes.add("Mul", x, nodes.constant(2.0)), [])  # doctest: +SKIP
    >>> nodes.model().graph.name  # doctest: +SKIP
    'double'
    """

    def __init__(self, name: str, dtype: str) -> None:
        if dtype not in DTYPES:
            raise ValueError(f"dtype is one of {', '.join(map(repr, DTYPES))}, got {dtype!r}")
        self.name, self.dtype = name, dtype
        self.onnx = load("onnx", extra="exchange")
        self.kind = getattr(self.onnx.TensorProto, DTYPES[dtype])
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self._known: dict[Any, str] = {}
        self._taken: set[str] = set()

    def fresh(self, stem: str) -> str:
        """Return a name that no tensor bears yet."""
        name, number = stem, 0
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node, and return the name of its result."""
        result = self.fresh(operator.lower())
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [result], result, **attributes))
        return result

    def constant(self, numbers: Any, name: str = "") -> str:
        """Add a number, or an array of them, and return its name; equal ones without a name are one.

        Errors: ValueError for a finite number that is not finite in this dtype.
        """
        np = load("numpy")
        exact = np.asarray(numbers, dtype=np.float64)
        with np.errstate(over="ignore", under="ignore"):
            array = exact.astype(self.dtype)
        lost = np.isinf(array) & np.isfinite(exact)
        if lost.any():
            raise ValueError(
                f"the number {exact[lost].flat[0]:g} is beyond what {self.dtype} can hold: dtype='float64'"
            )
        return self._held(array, name or "number")

    def whole(self, numbers: Any) -> str:
        """Add whole numbers, and return their name; equal ones are one."""
        return self._held(load("numpy").asarray(numbers, dtype="int64"), "places")

    def _held(self, array: Any, stem: str) -> str:
        key = stem, array.dtype.str, array.shape, array.tobytes()
        if key not in self._known:
            self._known[key] = self.fresh(stem)
            self.constants.append(self.onnx.numpy_helper.from_array(array, self._known[key]))
        return self._known[key]

    def input(self, name: str, shape: Sequence[int], *, whole: bool = False) -> str:
        """Add an input [batch, *shape] of numbers, or of whole numbers, and return its name."""
        kind = self.onnx.TensorProto.INT64 if whole else self.kind
        name = self.fresh(name)
        self.inputs.append(self.onnx.helper.make_tensor_value_info(name, kind, [BATCH, *shape]))
        return name

    def output(self, name: str, tensor: str, shape: Sequence[int]) -> None:
        """Let a tensor [batch, *shape] be an output."""
        name = self.fresh(name)
        self.nodes.append(self.onnx.helper.make_node("Identity", [tensor], [name], name))
        self.outputs.append(self.onnx.helper.make_tensor_value_info(name, self.kind, [BATCH, *shape]))

    def model(self) -> Any:
        """Return the onnx.ModelProto, which onnx's own checker has passed, shapes included."""
        helper = self.onnx.helper
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR, producer_name="chainrule")
        self.onnx.checker.check_model(model, full_check=True)
        return model
