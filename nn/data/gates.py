"""Gates: the truth tables of two inputs, whose rows are 00, 01, 10, 11."""

from collections.abc import Sequence

from nn.data.dataset import Dataset

ROWS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
PERCEPTRONS = "Minsky and Papert, Perceptrons, 1969"


def and_gate() -> Dataset:
    """Return AND: 1 where both inputs are 1.

    >>> and_gate().targets
    (0, 0, 0, 1)
    """
    return _gate("and_gate", "1 where both inputs are 1; a line separates the classes", (0, 0, 0, 1))


def or_gate() -> Dataset:
    """Return OR: 1 where at least one input is 1.

    >>> or_gate().targets
    (0, 1, 1, 1)
    """
    return _gate("or_gate", "1 where an input is 1; a line separates the classes", (0, 1, 1, 1))


def xor_gate() -> Dataset:
    """Return XOR: 1 where the inputs differ, which no single neuron can learn (Minsky and Papert, 1969).

    >>> xor_gate().targets
    (0, 1, 1, 0)
    """
    return _gate("xor_gate", "1 where the inputs differ; no line separates the classes", (0, 1, 1, 0))


def _gate(name: str, description: str, targets: Sequence[int]) -> Dataset:
    return Dataset(
        ROWS,
        targets,
        names=("0", "1"),
        inputs=("x1", "x2"),
        target="output",
        name=name,
        description=description,
        source=f"truth table; {PERCEPTRONS}",
    )
