"""How a training takes its steps compiled: the loss is recorded once, and replayed for whole batches."""

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import fmean
from typing import Any

from engine.compile import Batch as Packed, Program, record
from engine.compile.choose import EXECUTORS
from engine.compile.executor import as_list
from engine.optional import load
from nn.answers import Model
from nn.data import Dataset, Samples
from nn.evaluation import Scoring
from nn.losses import LOSSES
from nn.nearest import pick
from nn.objective import Objective
from nn.optim import Optimizer
from nn.own_loss import OwnLoss
from nn.stamp import stamp
from nn.steps import EagerSteps
from nn.update import Batch, sweep_batch

CLOSE = 1e-9
"""So near, in shares of the largest, must the gradients of the first batch be to those of the eager sweep."""
FLOOR = 1e-6
"""A gradient whose largest part is below it may be 0 but for rounding; then shares are those of this."""
CHECKED = 16
"""So many points of the first batch are swept eagerly at most, to compare."""
LOOK_EVERY = 100
"""After so many points, or when an attribute was set anew, the model is compared with its program."""
NORMAL = 1e-200
"""A sum of squares above it has lost no digits that matter to numbers too small for their square."""


class CompiledSteps:
    """Updates and evaluations of a model by an objective, replayed from Programs on their own parameters.

    `fetch` reads the parameters from the model's Values, and records anew where the model has changed; `keep`
    writes them there. Where a number is not finite, the step is taken eagerly instead, which tells where it
    was born. Labels that a loss of one's own uses as numbers are recorded as numbers.

    Errors: those of `record`, and what model and loss raise.
    """

    has_fetched = False

    def __init__(self, eager: EagerSteps, noise: Callable[[], Any], executor: str) -> None:
        self._eager, self._executor, self._drawn, self._looks = eager, executor, noise, 0
        self._form: Callable[[Any], Any] = _same
        try:
            self._record()
        except TypeError:
            if eager.goal.name in LOSSES or not isinstance(eager.targets[0], int):
                raise
            self._form = float
            self._record()
        self.name = self._loss.executor.name

    def _record(self) -> None:
        eager, noise = self._eager, self._drawn()
        model, loss, self._noise = eager.model, eager.goal.loss, noise
        self._loss = self._recorded(lambda point, target, *noise: loss(model(point, *noise), target), noise)
        self._seen = self._recorded(_shown(eager), noise)
        self._plain = self._seen if noise is None else self._recorded(_shown(eager), None)
        self._whole: Packed | None = None
        if noise is None:
            self._whole = self._loss.batch(list(zip(eager.points, self._formed(), strict=True)))
        self._validation: tuple[Dataset | Samples, Packed] | None = None
        self._bare = model.model if isinstance(model, OwnLoss) else model
        trained = set(eager.optimizer.parameters)
        self._fixed = [p for p in getattr(self._bare, "parameters", list)() if p not in trained]
        self._stamp, self._met = self._stamped(), 0

    def _formed(self) -> list[Any]:
        return list(map(self._form, self._eager.targets))

    def _recorded(self, f: Any, noise: Any) -> Program:
        arguments = [self._eager.points[0], self._form(self._eager.targets[0])]
        if noise is not None:
            arguments.append(noise)
        parameters = self._eager.optimizer.parameters
        return record(f, *arguments, parameters=parameters, executor=self._executor)

    def fetch(self) -> None:
        """Read the parameters from the model's Values; record anew where the model is another by now."""
        if self._stamped() != self._stamp:
            self._record()
        self._loss.load()
        if self._met >= LOOK_EVERY:
            self._met = 0
            self._look()

    def _stamped(self) -> tuple[Any, ...]:
        """Return what the recordings depend on: attributes of model and loss, parameters not trained here."""
        fixed = [p.data for p in self._fixed]
        return (*stamp(self._bare), *stamp(self._eager.goal.loss), *fixed)

    def _look(self) -> None:
        """Compare the programs with the model at a point, another each time; record anew if they differ."""
        eager, noise = self._eager, self._noise
        place, self._looks = self._looks % len(eager.points), self._looks + 1
        point, target = eager.points[place], eager.targets[place]
        sample = point, self._form(target)
        looks: list[tuple[Program, Any, Any]] = [(self._plain, (point,), sample)]
        if noise is not None:
            looks.append((self._seen, (point, noise), (*sample, noise)))
        for program, given, whole in looks:
            expected = float(eager.goal.loss(eager.model(*given), target))
            (found,), _ = self._answered(program, program.batch([whole]))
            if abs(found - expected) > CLOSE * (1 + abs(expected)):
                self._record()
                return

    def keep(self) -> None:
        """Write the parameters to the model's Values, and what the optimizer keeps as plain lists."""
        self._loss.store()
        memory = self._eager.optimizer.memory
        self._eager.optimizer.memory = {slot: as_list(column) for slot, column in memory.items()}

    @contextmanager
    def looked_at(self) -> Iterator[None]:
        """Within this context the programs have the parameters that the Values have, also amid a run."""
        if self.has_fetched:
            self.keep()
        else:
            self.fetch()
        yield

    def _samples(self, places: Sequence[int], noises: Sequence[Any] | None) -> Packed:
        if noises is None and self._whole is not None:
            return self._whole.take(places)
        points, targets = self._eager.points, self._eager.targets
        return self._loss.batch(
            [(points[i], self._form(targets[i]), n) for i, n in zip(places, noises or (), strict=True)]
        )

    def learn(self, places: Sequence[int], noises: Sequence[Any] | None) -> Batch:
        """Take one update by the points at these places, with what `model.noise` gave for each."""
        self._met += len(places)
        samples, clip = self._samples(places, noises), self._eager.clip
        losses, outputs = self._answered(self._seen, samples)
        _, gradient = self._loss.value_and_grad(samples)
        norm = length(gradient)
        if not (math.isfinite(norm) and all(map(math.isfinite, losses))):
            self.keep()
            done = self._eager.learn(places, noises)
            self.fetch()
            return done
        if clip is not None and norm > clip:
            gradient = [g / norm * clip for g in gradient]
        self._loss.move(gradient, self._eager.optimizer)
        return Batch(losses, outputs, norm)

    def _answered(self, program: Program, samples: Packed) -> tuple[list[float], Any]:
        """Return the loss of each sample and what the model answers to it, as an array."""
        program.parameters = self._loss.parameters
        losses, *columns = program.columns_of(samples)
        outputs = load("numpy").array(columns)
        return as_list(losses), outputs[0] if len(outputs) == 1 else outputs.T

    def prepared(self, data: Dataset | Samples) -> Packed:
        """Return data to evaluate on, checked and laid out; that of the last call is kept.

        Errors: those of `Program.batch`.
        """
        if self._validation is None or self._validation[0] is not data:
            targets = [self._form(self._eager.goal.encode(target)) for target in data.targets]
            self._validation = data, self._plain.batch(list(zip(data.points, targets, strict=True)))
        return self._validation[1]

    def evaluate(self, data: Dataset | Samples, scoring: Scoring) -> tuple[float, float | None]:
        """Return the mean loss of the model on data, and its metric."""
        losses, outputs = self._answered(self._plain, self.prepared(data))
        return fmean(losses), scoring.measure(outputs, data.targets)

    def difference(self, count: int) -> float:
        """Return how far the first points' gradient is from the eager one, in shares of its largest part.

        Errors: FloatingPointError where a loss, or a part of the eager gradient, is not finite.
        """
        eager, noises = self._eager, None if self._noise is None else [self._noise] * count
        sweep_batch(
            eager.model,
            eager.points[:count],
            eager.targets[:count],
            eager.optimizer,
            eager.goal.loss,
            noises=noises,
        )
        expected = [p.grad for p in eager.optimizer.parameters]
        _, gradient = self._loss.value_and_grad(self._samples(range(count), noises))
        if not all(map(math.isfinite, expected)):
            raise FloatingPointError("the gradient of the first batch is not finite")
        largest = max(FLOOR, *map(abs, expected))
        differences = [abs(float(g) - e) for g, e in zip(gradient, expected, strict=True)]
        return max(differences) / largest


def steps(
    model: Model,
    data: Dataset | Samples,
    goal: Objective,
    optimizer: Optimizer,
    *,
    clip: float | None,
    noise: Callable[[], Any],
    executor: str,
    batch_size: int,
) -> EagerSteps | CompiledSteps:
    """Return the steps of a training: compiled where model and loss can be recorded, else eager.

    `executor` is "eager", or what `engine.compile.record` takes; `noise` gives an example of what
    `model.noise` gives, None where there is none. The gradient of a first batch is compared with the eager
    one. What cannot be recorded, or whose gradient differs, is trained eagerly, and a warning says why.

    >>> from nn import MLP, SGD, xor_gate
    >>> from nn.objective import objective
    >>> model, data = MLP(2, [1]), xor_gate()
    >>> goal, optimizer = objective(model, data), SGD(model.parameters())
    >>> options = {"clip": None, "noise": lambda: None, "executor": "python", "batch_size": 4}
    >>> steps(model, data, goal, optimizer, **options).name
    'python'
    """
    eager = EagerSteps(model, data, goal, optimizer, clip)
    if executor == "eager":
        return eager
    known = executor if executor == "auto" else pick("executor", executor, {name: name for name in EXECUTORS})
    try:
        compiled = CompiledSteps(eager, noise, known)
        difference = compiled.difference(min(batch_size, len(data), CHECKED))
    except FloatingPointError:
        return compiled  # the first update will tell where what is not finite was born
    except (ImportError, IndexError):
        raise  # an executor that was asked for by name is not there; an index in the data has no entry
    except Exception as error:  # whatever model and loss raise on recorded numbers; on Values they may not
        return _falls_back(eager, f"it cannot be recorded: {error}")
    if not difference <= CLOSE:
        return _falls_back(
            eager,
            f"recorded, the gradient of the first batch differs by {difference:.1g} of its largest part, so "
            "something in model or loss decides by the numbers in a way that a recording does not see",
        )
    return compiled


def _shown(eager: EagerSteps) -> Any:
    """Return the function that answers a point's loss, and after it what the model answers."""
    model, loss = eager.model, eager.goal.loss

    def shown(point: Any, target: Any, *noise: Any) -> list[Any]:
        answer = model(point, *noise)
        return [loss(answer, target), *(answer if isinstance(answer, (list, tuple)) else [answer])]

    return shown


def _falls_back(eager: EagerSteps, why: str) -> EagerSteps:
    warnings.warn(
        f"the training runs eagerly, value by value, which is slower: {why}", UserWarning, stacklevel=5
    )
    return eager


def _same(target: Any) -> Any:
    return target


def length(gradient: Any) -> float:
    """Return the Euclidean length of a gradient, a list or an array.

    >>> length([3.0, 4.0])
    5.0
    """
    if isinstance(gradient, list):
        return math.hypot(*gradient)
    with load("numpy").errstate(all="ignore"):
        square = float(gradient.dot(gradient))
    return math.sqrt(square) if NORMAL < square < math.inf else math.hypot(*gradient.tolist())
