"""The loss around the parameters of a model, over a plane of two directions.

Li, Xu, Taylor, Studer, Goldstein (2018), "Visualizing the Loss Landscape of Neural Nets".
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine import paused_gc
from engine.optional import load
from nn.answers import Model
from nn.checked import DATASET, MODULE, finite, of_kind, positive
from nn.data import Dataset
from nn.data.cells import listed
from nn.inputs import size, whole
from nn.module import Module
from nn.nearest import pick
from nn.objective import Loss, Objective, objective

Direction: TypeAlias = str | Sequence[float]
"""A parameter's name, or a number for each parameter."""
State: TypeAlias = Mapping[str, float]


@dataclass(frozen=True)
class Landscape:
    """The mean loss over a plane through the parameters θ of a model: at θ + alpha·first + beta·second.

    losses[i][j] is the one at alphas[j], betas[i]; it may be inf or nan far away. `centre` is the loss at θ,
    `names` what the directions are, `path` where earlier parameters lie, projected onto the plane.

    >>> Landscape((0.0, 1.0), (0.0, 1.0), ((0.5, 1.0), (1.0, 2.0)), 0.5, ("w", "b"), ()).losses[0][1]
    1.0
    """

    alphas: tuple[float, ...]
    betas: tuple[float, ...]
    losses: tuple[tuple[float, ...], ...]
    centre: float
    names: tuple[str, str]
    path: tuple[tuple[float, float], ...]


def survey(
    model: Module,
    data: Dataset,
    loss: str | Loss | None = None,
    *,
    directions: tuple[Direction, Direction] | None = None,
    span: float = 1.0,
    steps: int = 21,
    seed: int = 0,
    states: Sequence[State] = (),
) -> Landscape:
    """Return the Landscape of the mean loss over the data, at steps × steps places from -span to span.

    The `loss` is chosen as in `fit`. The model answers to every point steps² times: give part of large data.

    Without `directions` both are random, drawn from `seed` and normalised neuron by neuron, as in the paper:
    their part in each neuron is as long as its parameters. A given direction is a parameter's name, or a
    number for each of model.parameters(), and is taken as it is. `states` are earlier model.state()s.
    Whatever happens, the parameters are after it what they were before.

    Errors: ValueError for steps below 2, a span that is not positive, directions that are parallel, 0, not
    two, of another length or unknown, states of another model; TypeError for what is no Module, Dataset,
    number or state; as `fit` for a loss that does not go with the data.

    >>> from nn import Neuron
    >>> model = Neuron(1, nonlin=False)
    >>> model.load_state({"w[0]": 1.0, "b": 0.0})
    >>> plane = survey(model, Dataset([[2.0]], [3.0]), directions=("w[0]", "b"), steps=3)
    >>> plane.alphas, plane.losses[1], plane.centre
    ((-1.0, 0.0, 1.0), (9.0, 1.0, 1.0), 1.0)
    """
    if size("steps", steps) < 2:
        raise ValueError(f"a landscape has at least 2 steps a side, got {steps}")
    span = positive("the span of a landscape", span)
    of_kind("model", model, Module, MODULE)
    of_kind("data", data, Dataset, DATASET)
    rng, states = random.Random(whole("seed", seed)), listed("states", states)
    answer: Any = model  # modules that answer are called; Module itself has no __call__
    goal = objective(answer, data, loss)
    first, second, names = _directions(model, directions, rng)
    parameters = list(model.named_parameters().values())
    start = [p.data for p in parameters]
    path = tuple(_projected(_difference(model, state), first, second) for state in states)
    places = tuple([span * (2 * i - steps + 1) / (steps - 1) for i in range(steps)])

    def at(alpha: float, beta: float) -> float:
        for p, x, u, v in zip(parameters, start, first, second, strict=True):
            p.data = x + alpha * u + beta * v
        return _mean_loss(answer, data, goal)

    try:
        centre = at(0.0, 0.0)
        losses = tuple([tuple([at(alpha, beta) for alpha in places]) for beta in places])
    finally:
        for p, x in zip(parameters, start, strict=True):
            p.data = x
    return Landscape(places, places, losses, centre, names, path)


def path_directions(model: Module, states: Sequence[State]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the two directions in which earlier states lie farthest from the model, for `survey`.

    They are the principal components of the differences (Li et al. 2018, section 7), as long as the farthest
    state reaches, so that a span of 1 holds them all. Random directions show nothing of a path: in many
    dimensions they are nearly orthogonal to it.

    Errors: ValueError for states of another model, or that do not span a plane; TypeError for what is no
    Module or no state.

    >>> from nn import MLP
    >>> model = MLP(1, [1], rng=random.Random(0))
    >>> w, b = model.state().values()
    >>> states = [dict(zip(model.state(), pair)) for pair in [(w + 4.0, b), (w, b + 1.0)]]
    >>> [[round(abs(x), 6) for x in direction] for direction in path_directions(model, states)]
    [[4.0, 0.0], [0.0, 1.0]]
    """
    of_kind("model", model, Module, MODULE)
    states = listed("states", states)
    numpy = load("numpy")
    away = numpy.array([_difference(model, state) for state in states])
    if len(away) < 2 or numpy.linalg.matrix_rank(away) < 2:
        raise ValueError(f"{len(states)} states do not span a plane with the model; a path needs two or more")
    axes = numpy.linalg.svd(away, full_matrices=False)[2][:2]
    reach = abs(away @ axes.T).max(axis=0)
    first, second = (axes * reach[:, None]).tolist()
    return tuple(first), tuple(second)


def _directions(
    model: Module, given: tuple[Direction, Direction] | None, rng: random.Random
) -> tuple[Sequence[float], Sequence[float], tuple[str, str]]:
    parameters = model.named_parameters()
    if given is None:
        first, second = _random(model.state(), rng), _random(model.state(), rng)
        names = "random direction 1", "random direction 2"
    else:
        given = tuple(listed("directions", given))
        if len(given) != 2:
            raise ValueError(f"a landscape has two directions, got {len(given)}")
        first, second = (_taken(direction, list(parameters)) for direction in given)
        a, b = (d if isinstance(d, str) else f"direction {i}" for i, d in enumerate(given, 1))
        names = f"change along {a}", f"change along {b}"
    for direction in (first, second):
        if not any(direction):
            raise ValueError("a direction of the landscape is 0 in every parameter: it leads nowhere")
    aligned = _dot(first, second) / math.hypot(*first) / math.hypot(*second)
    if abs(aligned) > 1 - 1e-9:
        raise ValueError(f"the two directions are parallel (cosine {aligned:g}): they span no plane")
    return first, second, names


def _taken(direction: Direction, names: list[str]) -> list[float]:
    if isinstance(direction, str):
        at = pick("parameter", direction, {name: i for i, name in enumerate(names)})
        return [float(i == at) for i in range(len(names))]
    numbers = [
        finite(f"number {i} of a direction", x) for i, x in enumerate(listed("a direction", direction))
    ]
    if len(numbers) != len(names):
        raise ValueError(f"a direction has a number for each of {len(names)} parameters, got {len(numbers)}")
    return numbers


def _random(state: State, rng: random.Random) -> list[float]:
    """Return a normal direction whose part in each module is as long as that module's parameters."""
    drawn = {name: rng.gauss(0.0, 1.0) for name in state}
    modules: dict[str, list[str]] = {}
    for name in state:
        modules.setdefault(name.rpartition(".")[0], []).append(name)
    for names in modules.values():
        scale = math.hypot(*[state[name] for name in names]) / math.hypot(*[drawn[name] for name in names])
        for name in names:
            drawn[name] *= scale
    return list(drawn.values())


def _difference(model: Module, state: State) -> list[float]:
    """Return how far an earlier state lies from the model, parameter by parameter."""
    now = model.state()
    of_kind("a state", state, Mapping, "a dict of numbers by name, as Module.state gives")
    if state.keys() != now.keys():
        strange = sorted(state.keys() ^ now.keys())
        raise ValueError(f"a state of another model: {strange[0]!r} stands in one of the two only")
    return [float(state[name]) - x for name, x in now.items()]


def _projected(away: Sequence[float], first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Return the place (alpha, beta) of the plane that is nearest: least squares, by Cramer's rule."""
    a, b, c = _dot(first, first), _dot(first, second), _dot(second, second)
    u, v = _dot(first, away), _dot(second, away)
    determinant = a * c - b * b
    return (u * c - v * b) / determinant, (v * a - u * b) / determinant


def _dot(xs: Sequence[float], ys: Sequence[float]) -> float:
    return math.fsum(x * y for x, y in zip(xs, ys, strict=True))


def _mean_loss(model: Model, data: Dataset, goal: Objective) -> float:
    with paused_gc():
        losses = [float(goal.loss(model(point), goal.encode(target))) for point, target in data]
    return sum(losses) / len(losses)  # not fsum, which raises where a loss far away overflows
