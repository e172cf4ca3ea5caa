"""One job of a lab: one technique learns one fold of one data set, and is tested on the rest."""

import time
import warnings
from typing import Any, NamedTuple

from engine.optional import load
from nn._together import __version__
from nn.documents import fingerprint
from nn.lab.learned import parameters
from nn.lab.subjects import Subject, folds
from nn.lab.techniques import Technique, technique
from nn.metrics import accuracy, r2, rmse

DIGITS = 6
"""Significant digits of a loss in a learning curve: it is only looked at."""
ACROSS, ALONG = 48, 200
"""Places of a map of the answers: so many a side of a plane, so many on a line."""
MARGIN = 0.1
"""Of the extent of the points, the room around them on a map."""
TOLD = 200
"""Letters of an error or a warning that are kept."""


class Job(NamedTuple):
    """What to do: a technique on a data set, the fold of a seed; `key` is a text that tells it from others.

    `map` asks for the answers on a grid, where the data have two columns and classes, or one and numbers.
    """

    key: str
    set: str
    technique: str
    seed: int
    fold: int
    folds: int
    is_classification: bool
    ordered: bool
    map: bool


def job(subject: Subject, of: Technique, seed: int, fold: int, count: int) -> Job:
    """Return the job; its key holds the data, the settings, and what computes.

    >>> from nn import iris
    >>> job(Subject(iris()), technique("tree"), 0, 1, count=5)[1:5]
    ('iris', 'tree', 0, 1)
    """
    data = subject.data
    versions = [__version__, *[load(name, extra="lab").__version__ for name in ("sklearn", "numpy")]]
    settings = of.pipeline(data.is_classification, len(data), seed)
    key = fingerprint((subject.fingerprint, of.name, repr(settings), seed, fold, count, versions))[:16]
    first = seed == 0 and fold == 0
    is_mapped = first and data.width == (2 if data.is_classification else 1)
    return Job(key, subject.name, of.name, seed, fold, count, data.is_classification, data.ordered, is_mapped)


def run(todo: Job, rows: Any, targets: Any) -> dict[str, Any]:
    """Do a job and return what it came to, ready for JSON; what goes wrong is in "error".

    "score" is accuracy or R², "rmse" that of numbers, "seconds" the time of one processor to learn,
    "parameters" as `nn.lab.learned` counts, "predictions" those of the points tested on, "loss" the training
    loss of each epoch of our MLPs, "map" the answers on a grid, "notes" the warnings. One thread of
    linear algebra computes, so that figures do not depend on how many jobs run at a time.

    >>> from nn import iris
    >>> subject = Subject(iris())
    >>> found = run(job(subject, technique("tree"), 0, 0, count=5), subject.rows, subject.targets)
    >>> found["set"], found["technique"], 0.8 < found["score"] <= 1.0
    ('iris', 'tree', True)
    """
    told = {name: getattr(todo, name) for name in ("key", "set", "technique", "seed", "fold")}
    with warnings.catch_warnings(record=True) as met, load("threadpoolctl").threadpool_limits(1):
        warnings.simplefilter("always")
        try:
            told |= _done(todo, rows, targets)
        except Exception as error:  # whatever it is, it is what the report says of this technique
            told["error"] = f"{type(error).__name__}: {_short(error)}"
    notes = sorted({f"{one.category.__name__}: {_short(one.message)}" for one in met})
    return told | ({"notes": notes} if notes else {})


def _short(thing: Any) -> str:
    text = " ".join(str(thing).split())
    return text if len(text) <= TOLD else f"{text[:TOLD]}..."


def _done(todo: Job, rows: Any, targets: Any) -> dict[str, Any]:
    parts = folds(targets, todo.is_classification, todo.ordered, todo.folds, todo.seed)
    train, test = parts[todo.fold]
    estimator = technique(todo.technique).pipeline(todo.is_classification, len(rows), todo.seed)
    start = time.thread_time()
    estimator.fit(rows[train], targets[train])
    seconds = time.thread_time() - start
    guesses = estimator.predict(rows[test]).tolist()
    truth = targets[test].tolist()
    found: dict[str, Any] = {"seconds": seconds, "parameters": parameters(estimator), "predictions": guesses}
    if todo.is_classification:
        found["score"] = accuracy(guesses, truth)
    else:
        found |= {"score": r2(guesses, truth), "rmse": rmse(guesses, truth)}
    last = getattr(estimator, "regressor_", estimator)[-1]
    if hasattr(last, "history_"):
        found["loss"] = [float(f"{epoch.loss:.{DIGITS}g}") for epoch in last.history_]
    if todo.map:
        found["map"] = estimator.predict(grid(rows)).tolist()
    return found


def grid(rows: Any) -> Any:
    """Return places over the one or two columns of the data, row by row from the lowest: [place][column].

    >>> from nn import moons, sine
    >>> grid(Subject(moons()).rows).shape, grid(Subject(sine()).rows).shape
    ((2304, 2), (200, 1))
    """
    np = load("numpy", extra="lab")
    count = ACROSS if rows.shape[1] > 1 else ALONG
    sides = [np.linspace(low, high, count) for low, high in box(rows)]
    return np.stack([side.ravel() for side in np.meshgrid(*sides)], axis=1)


def box(rows: Any) -> list[tuple[float, float]]:
    """Return from where to where each column goes on a map.

    >>> from nn import Dataset
    >>> box(Subject(Dataset([[0.0], [10.0]], [1.5, 2.5])).rows)
    [(-1.0, 11.0)]
    """
    sides = []
    for low, high in zip(rows.min(axis=0).tolist(), rows.max(axis=0).tolist(), strict=True):
        room = MARGIN * (high - low) or 1.0
        sides.append((low - room, high + room))
    return sides
