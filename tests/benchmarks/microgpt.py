"""karpathy's microgpt, restated on Values and compiled: 1,000 steps on names, a program for each length.

`python -m tests.benchmarks.microgpt` trains and says what took how long; run it twice to see what the cache
of compiled objects saves. Architecture and hyper-parameters are the published ones: width 16, 4 heads, one
block, 16 positions, 4,192 parameters, weights from a normal distribution of deviation 0.08; Adam with 0.85
and 0.99, a learning rate of 0.01 that falls to 0 in a straight line; one name a step, the names in shuffled
order. The names are faker's lists of English first names.
"""

import importlib
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from engine import Value
from engine.collector import paused_gc
from engine.compile.doors import record
from tests.compile.gpt import GPT

LETTERS = "abcdefghijklmnopqrstuvwxyz"
EDGE = len(LETTERS)
"""The token before and after a name."""
BLOCK, STEPS = 16, 1000
LEARNING_RATE, BETA_1, BETA_2, EPSILON = 0.01, 0.85, 0.99, 1e-8


def names(seed: int = 42) -> list[list[int]]:
    """Return names as tokens, the EDGE at both ends, shuffled."""
    found = set()
    for country in ("en_GB", "en_IN", "en_IE", "en_NZ", "en_US"):
        provider = importlib.import_module(f"faker.providers.person.{country}").Provider
        found |= {name.lower() for name in provider.first_names}
    plain = sorted(name for name in found if name.isascii() and name.isalpha())
    random.Random(seed).shuffle(plain)
    return [[EDGE, *map(LETTERS.index, name), EDGE] for name in plain]


class Adam:
    """The published update, of a learning rate that falls to 0 in a straight line."""

    def __init__(self, parameters: list[Value]) -> None:
        self.parameters = parameters
        self.memory: dict[str, Any] = {"mean": [0.0] * len(parameters), "square": [0.0] * len(parameters)}
        self.updates = 0

    @property
    def learning_rate(self) -> float:
        return LEARNING_RATE * (1.0 - self.updates / STEPS)

    def update(self, *, t: Any, learning_rate: Any) -> Callable[..., tuple[Any, ...]]:
        def rule(p: Any, g: Any, mean: Any, square: Any) -> tuple[Any, ...]:
            mean = BETA_1 * mean + (1.0 - BETA_1) * g
            square = BETA_2 * square + (1.0 - BETA_2) * (g * g)
            exact_mean = mean / (1.0 - BETA_1**t)
            exact_square = square / (1.0 - BETA_2**t)
            return p - learning_rate * exact_mean / (exact_square**0.5 + EPSILON), mean, square

        return rule


class Trained(NamedTuple):
    """The losses; the seconds that recording and compiling took, those of the steps, and all together."""

    losses: list[float]
    lengths: int
    preparing: float
    stepping: float
    everything: float


def train(steps: int = STEPS, executor: str = "llvm") -> Trained:
    """Train on `steps` names, one a step; a program is recorded and compiled for each length."""
    start = time.perf_counter()
    documents = names()
    model = GPT(random.Random(42), block=BLOCK, explicit=False)
    parameters = model.parameters()
    optimizer = Adam(parameters)
    shown = [documents[step % len(documents)] for step in range(steps)]
    pairs = [(tokens[:-1][:BLOCK], tokens[1:][:BLOCK]) for tokens in shown]
    with paused_gc():
        programs = {
            len(tokens): record(model.loss, tokens, targets, parameters=parameters, executor=executor)
            for tokens, targets in {len(pair[0]): pair for pair in pairs}.values()
        }
        turns = [(programs[len(pair[0])], programs[len(pair[0])].batch([pair])) for pair in pairs]
        for program, batch in {id(program): (program, batch) for program, batch in turns}.values():
            program.value_and_grad(batch)  # which compiles it
        prepared = time.perf_counter()
        losses, vector = [], turns[0][0].parameters
        for program, batch in turns:
            program.parameters = vector
            losses.append(program.train_step(batch, optimizer))
            vector = program.parameters
        stepped = time.perf_counter()
    return Trained(losses, len(programs), prepared - start, stepped - prepared, stepped - start)


if __name__ == "__main__":
    found = train()
    print(json.dumps(found._asdict()))
    print(
        f"{len(found.losses)} names, {found.lengths} lengths: recorded and compiled in "
        f"{found.preparing:.2f} s, steps {found.stepping:.3f} s, all {found.everything:.2f} s; "
        f"mean loss of the first and the last hundred {statistics.fmean(found.losses[:100]):.3f}, "
        f"{statistics.fmean(found.losses[-100:]):.3f}",
        file=sys.stderr,
    )
