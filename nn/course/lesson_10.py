"""The exercises of notebook 10: compile."""

import re
from typing import Any

from engine import RecordError, leaky_relu, record
from nn.cost import cost
from nn.course.exercise import Judge, tried, value
from nn.losses import cross_entropy
from nn.mlp import MLP

SIZES = (3, 5, 1)
"""The network whose nodes are counted, its inputs first."""
PLACES = (-3.0, -0.5, 0.0, 2.0)
"""Where the function that was rewritten is tried."""
LEAK = 0.1


def _spelled_out() -> int:
    return cost(SIZES).explicit_nodes


def _rewritten(answer: Any) -> str:
    """Judge a function that is to be recorded, and to give x where x > 0 and 0.1 x elsewhere."""
    if not callable(answer):
        tried(answer)
    try:
        program = record(answer, 2.0, executor="python")
    except RecordError as error:
        return f"it does not record: {error}"
    except Exception as error:  # whatever the reader's own function raises
        return f"your function raised {type(error).__name__}: {error}"
    if program.is_list:
        return "hand in a function of one number that returns one"
    for x, got in zip(PLACES, program(PLACES), strict=True):
        wanted = leaky_relu(x, LEAK)
        if abs(got - wanted) > 1e-12:
            return f"it records, and gives {got:g} at x = {x:g}; wanted is {wanted:g}"
    return ""


def _products() -> list[int]:
    """Return how many matrix products the digits' network takes, forward and backward."""
    model = MLP(64, [32, 10], init="zeros")
    program = record(
        lambda x, label: cross_entropy(model(x), label), [0.5] * 64, 0, parameters=model, executor="numpy"
    )
    return [int(count) for count in re.findall(r"(\d+) Dot", program.explain())]


EXERCISES: dict[str, Judge] = {
    "10.1": value(
        _spelled_out,
        {
            "those are its parameters; a weight makes a product and a sum, and the ReLUs come on top": (
                lambda: cost(SIZES).parameters
            ),
            "that is with a dot for each neuron; spelled out, each product and each sum is a node": (
                lambda: cost(SIZES).nodes
            ),
            "the hidden neurons have a ReLU each": lambda: 2 * cost(SIZES).multiplications,
            "those are the products; each is added up as well, and the ReLUs come on top": (
                lambda: cost(SIZES).multiplications
            ),
        },
        otherwise="a product for each weight, as many additions, and a ReLU for each hidden neuron",
    ),
    "10.2": _rewritten,
    "10.3": value(
        _products,
        {
            "for the gradient of a weight, and for what is passed back; but nobody asks for the gradient of "
            "the pixels": lambda: [2, 4],
            "backward it takes more: the gradients of the weights, and what is passed back a layer": (
                lambda: [2, 2]
            ),
            "forward first, then backward": lambda: _products()[::-1],
        },
        otherwise="one a layer forward; backward one a layer for its weights, and one for each layer "
        "that has another before it",
    ),
}
