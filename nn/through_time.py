"""Backpropagation through time: in chunks of a long sequence, and how large the gradient is at each time."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from engine import Value
from engine.carrier import as_number
from engine.chain import gradients
from engine.collector import paused_gc
from engine.ops import sum as total
from nn.checked import function, of_kind
from nn.data.cells import listed
from nn.inputs import size
from nn.recurrent import Recurrent

__all__ = ["as_numbers", "gradient_norms", "truncated"]


def truncated(
    network: Recurrent,
    sequence: Sequence[Any],
    targets: Sequence[Any],
    chunk: int,
    *,
    loss: Callable[[list[Any], Any], Any],
    state: Sequence[Any] | None = None,
) -> Iterator[Value]:
    """Return an iterator over the losses of chunks of a sequence, each for a sweep that ends at its start.

    The loss of a chunk is the sum of loss(hidden vector, target) over its times. Between two chunks the state
    goes on as plain numbers: the next chunk starts where this one ended, but its gradient stops there, and
    the graph before it is freed. Williams & Peng (1990), BPTT(h; h') with h = h' = `chunk`. With one chunk as
    long as the sequence it is the full gradient. The parameters may move between two chunks.

    Errors: ValueError for a chunk below 1, no times, or another number of targets; TypeError for what is no
    recurrent network, list or loss; those of the network.

    >>> from nn.recurrent import RNN
    >>> rnn = RNN(1, 1, activation="linear", init=lambda rng, fan_in, fan_out: 0.5)
    >>> for loss in truncated(rnn, [1.0, 2.0, 3.0], [0.0] * 3, 2, loss=lambda h, target: h[0] - target):
    ...     loss.backward()
    ...     print(loss.data)
    1.75
    2.125
    """
    of_kind("network", network, Recurrent, "an RNN, LSTM or GRU")
    function("a loss", loss, "a function of (hidden vector, target)")
    chunk = size("chunk", chunk)
    sequence, targets = listed("sequence", sequence), listed("targets", targets)
    if not len(sequence) == len(targets) > 0:
        raise ValueError(
            f"each time of a sequence has a target: got {len(sequence)} times and {len(targets)} targets"
        )
    return _losses(network, sequence, targets, chunk, loss, state)


def _losses(
    network: Recurrent,
    sequence: Sequence[Any],
    targets: Sequence[Any],
    chunk: int,
    loss: Callable[[list[Any], Any], Any],
    state: Any,
) -> Iterator[Value]:
    for first in range(0, len(sequence), chunk):
        with paused_gc():
            hidden, after = network(sequence[first : first + chunk], state)
            losses = [loss(h, y) for h, y in zip(hidden, targets[first : first + chunk], strict=True)]
        state = as_numbers(after)
        yield total(losses)


def as_numbers(state: Any) -> Any:
    """Return a state, through its lists and tuples, as plain floats: they remember nothing.

    Errors: RecordError while a program is recorded, which would freeze them; `engine.detach` does not.
    TypeError for what is no number.

    >>> as_numbers(([Value(0.5)], [0.25]))
    ([0.5], [0.25])
    """
    if isinstance(state, (list, tuple)):
        return type(state)(map(as_numbers, state))
    return float(as_number(state, "a state"))


def gradient_norms(loss: Value, hidden: Iterable[Iterable[Value]]) -> list[float]:
    """Return |∂loss/∂h| for each hidden vector h [time][hidden]: Euclidean norms, the first time's first.

    They are swept anew, and no gradient is stored. Where they shrink from the last time to the first the
    gradient vanishes, where they grow it explodes: Bengio, Simard & Frasconi (1994).

    Errors: ValueError for no vectors, TypeError for what are no Values.

    >>> from nn.recurrent import RNN
    >>> rnn = RNN(1, 1, activation="linear", init=lambda rng, fan_in, fan_out: 0.5)
    >>> hidden, _ = rnn([1.0, 2.0, 3.0])
    >>> gradient_norms(hidden[-1][0], hidden)
    [0.25, 0.5, 1.0]
    """
    vectors = [listed(f"hidden[{time}]", vector) for time, vector in enumerate(listed("hidden", hidden))]
    if not vectors:
        raise ValueError("gradient norms are those of at least one hidden vector, got none")
    if not isinstance(loss, Value):
        raise TypeError(f"a loss is a Value, got {loss!r}")
    for time, vector in enumerate(vectors):
        for h in vector:
            if not isinstance(h, Value):
                raise TypeError(f"a hidden vector is a list of Values, got {h!r} at time {time}")
    flat = [h for vector in vectors for h in vector]
    found = iter(gradients(loss, flat))
    return [math.hypot(*[next(found) for _ in vector]) for vector in vectors]
