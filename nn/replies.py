"""Replies: what a model answers to the rows of an array, recorded once and replayed for all rows."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine import logsumexp, sigmoid, softmax, softplus
from engine.compile import Program, record
from engine.optional import load
from nn.module import Module
from nn.stamp import stamp

if TYPE_CHECKING:
    import numpy

ROWS = 1000
"""So many rows are replayed at a time: the numbers of a model between them stay near the processor."""


class Replies:
    """A model's answers to rows of `width` numbers, compiled, in one reading or another.

    A reading is a function of what the model answers to one row, such as `shares`, which returns a Value or a
    list of them; it is recorded when it is first asked for, and anew when an attribute in the model was set
    anew (`nn.stamp`) or this was pickled or copied. The parameters are those that the model has at the time
    of the call. Threads wait for each other.

    Errors: those of `engine.record`.

    >>> import numpy
    >>> from nn import MLP
    >>> replies = Replies(MLP(2, [1], init="zeros"), width=2)
    >>> replies(shares, numpy.ones((3, 2))).tolist()
    [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    """

    def __init__(self, model: Module, width: int, executor: str = "auto") -> None:
        self.model: Any = model
        self.width = width
        self.executor = executor
        self._programs: dict[Callable[[Any], Any], Program] = {}
        self._stamp: tuple[Any, ...] = ()
        self._lock = threading.Lock()

    def __call__(self, reading: Callable[[Any], Any], rows: "numpy.ndarray") -> Any:
        """Return an array: a number for each row, or a row of them where the reading gives a list.

        Errors: FloatingPointError for an answer that is nan, naming the row.
        """
        np = load("numpy")
        with self._lock:
            program = self._program(reading)
            program.load()
            batches = [program.columns(rows[i : i + ROWS]) for i in range(0, len(rows), ROWS)]
            # a call of the program would make lists of the columns
            parts = [program.executor.forward(program.parameters, batch) for batch in batches]
        columns = np.concatenate(parts, axis=1)
        found = columns.T if program.is_list else columns[0]
        if np.isnan(found).any():
            row = int(np.argwhere(np.isnan(found))[0][0])
            raise FloatingPointError(
                f"the model answers nan to row {row}: its numbers, or the parameters, are too large for "
                "floats; standardised columns may help"
            )
        return found

    def _program(self, reading: Callable[[Any], Any]) -> Program:
        model, found = self.model, stamp(self.model)
        if found != self._stamp:
            self._programs, self._stamp = {}, found
        if reading not in self._programs:
            self._programs[reading] = record(
                lambda row: reading(model(row)), [0.0] * self.width, parameters=model, executor=self.executor
            )
        return self._programs[reading]

    def __getstate__(self) -> dict[str, Any]:
        return {"model": self.model, "width": self.width, "executor": self.executor}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]


def scores(answer: Any) -> Any:
    """Return the answer as it is: logits of classes, or a prediction.

    >>> scores(0.5)
    0.5
    """
    return answer


def shares(logits: Any) -> Any:
    """Return the probability of each class: softmax(z), or 1 - sigmoid(z) and sigmoid(z) of a single z.

    1 - sigmoid(z) is sigmoid(-z), which does not cancel.

    >>> shares(0.0), shares([0.0, 0.0])
    ([0.5, 0.5], [0.5, 0.5])
    """
    return softmax(logits) if isinstance(logits, list) else [sigmoid(-logits), sigmoid(logits)]


def log_shares(logits: Any) -> Any:
    """Return the logarithm of the probability of each class, z - logsumexp(z), which does not overflow.

    >>> log_shares([1000.0, 0.0])
    [0.0, -1000.0]
    >>> log_shares(1000.0)
    [-1000.0, -0.0]
    """
    if isinstance(logits, list):
        norm = logsumexp(logits)
        return [z - norm for z in logits]
    return [-softplus(logits), -softplus(-logits)]
