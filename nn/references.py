"""References: other ways to do the task of a study, on the same parts of the data, to compare with."""

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Any, NamedTuple

from engine.optional import load
from nn.answers import answers
from nn.code_study import CodeStudy
from nn.data import Dataset
from nn.experiment import Experiment
from nn.last_letters import LastLetters
from nn.metrics import METRICS
from nn.mlp import MLP
from nn.name_study import NameStudy
from nn.node_study import NodeStudy, node_parts
from nn.settings import Settings
from nn.study import Study
from nn.training import Training

ORDERS = 2, 9
"""How many numbers the linear autoregressions see."""
LETTERS = {"seen": 3, "width": 8, "hidden": 32}
"""The size of the MLP beside a model of names."""
HIDDEN = 32
"""The usual width of the MLP beside a model of points, half of it beside one of nodes."""
SHARED = (
    *("loss", "optimizer", "learning_rate", "schedule", "l1", "l2", "clip", "batch_size", "patience"),
    *("test", "validation", "standardise", "seed"),
)
"""Settings that the MLPs beside a model of points have from it; their number of epochs is their usual one, so
that a warm-up, which is counted in updates, is not theirs."""
UNDECIDED = -1
"""Stands for a label where there is a tie; it is none of the labels, so it counts as wrong."""


class Reference(NamedTuple):
    """Another way to do the same task: its name, its number of parameters, and how well it did.

    >>> Reference("guess", 0, {"accuracy": 0.5}).name
    'guess'
    """

    name: str
    parameters: int
    figures: dict[str, float]


def references(study: Study) -> list[Reference]:
    """Return the model of a study, and after it what does the same task otherwise, on the same test part.

    Images and series: MLPs, for a series also persistence and linear autoregressions, which stand beside an
    MLP, too. Names: an MLP that sees the last letters, and the chance levels. Nodes: an MLP that sees a
    node's neighbours, and the nearest label. Codes: as many principal components (PCA). Beside an MLP on
    other points there is nothing to compare: the list is empty.

    The MLPs are trained by the optimizer and the schedule of the study, on the same parts.

    Errors: KeyboardInterrupt where a training is interrupted; those of `fit`.

    >>> references(study)  # doctest: +SKIP
    """
    if isinstance(study, NameStudy):
        others = _of_names(study)
    elif isinstance(study, NodeStudy):
        others = _of_nodes(study)
    elif isinstance(study, CodeStudy):
        others = _of_codes(study)
    else:
        assert isinstance(study, Experiment)
        others = [] if isinstance(study.model, MLP) else _perceptrons(study)
        others += _series(study) if study.data.ordered else []
    return [_own(study, others[0]), *others] if others else []


def _own(study: Study, like: Reference) -> Reference:
    """Return the model of a study with the figures that another reference has."""
    parts, model = study.parts(), study.model
    figures = {
        name: parts[name]["accuracy"] if isinstance(study, NodeStudy) else parts["test"][name]
        for name in like.figures
    }
    return Reference(model.describe(), len(model.parameters()), figures)


def _run(training: Training) -> None:
    """Train to the end.

    Errors: KeyboardInterrupt for a Ctrl-C, which `run` itself takes for the end.
    """
    training.run()
    if training.interrupted:
        raise KeyboardInterrupt


def _perceptrons(study: Experiment) -> list[Reference]:
    """Return MLPs of one hidden layer: of the usual width, and with about as many parameters."""
    data = study.data
    outputs = max(1, len(data.names))
    alike = round((len(study.model.parameters()) - outputs) / (data.width + 1 + outputs))
    shared = study.settings.options(SHARED)
    found = []
    for width in dict.fromkeys((HIDDEN, max(1, alike))):
        other = Experiment(data, Settings(hidden=(width,), **shared), progress=False)
        _run(other.training)
        name = "accuracy" if data.is_classification else "rmse"
        figures = {name: other.parts()["test"][name]}
        found.append(Reference(other.model.describe(), len(other.model.parameters()), figures))
    return found


def _series(study: Experiment) -> list[Reference]:
    """Return persistence, and autoregressions by least squares on all that stands before the test part."""
    parts = study.data.split(**study.settings.options(["test", "seed"]))
    truth, points = parts.test.targets, parts.test.points
    rmse = METRICS["rmse"]
    found = [Reference("persistence", 0, {"rmse": rmse([point[-1] for point in points], truth)})]
    for order in ORDERS:
        if order <= study.data.width:
            guesses = autoregression(parts.train, points, order)
            found.append(Reference(f"AR({order}), linear", order + 1, {"rmse": rmse(guesses, truth)}))
    return found


def autoregression(known: Dataset, points: Sequence[Sequence[float]], order: int) -> list[float]:
    """Return what a linear function of the last `order` numbers, fitted by least squares, says of windows.

    >>> fibonacci = Dataset([[1.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 5.0]], [2.0, 3.0, 5.0, 8.0])
    >>> [round(x, 6) for x in autoregression(fibonacci, [[5.0, 8.0]], 2)]
    [13.0]
    """
    np = load("numpy")
    seen = [[1.0, *point[-order:]] for point in known.points]
    weights = np.linalg.lstsq(np.array(seen), np.array(known.targets), rcond=None)[0]
    return list((np.array([[1.0, *point[-order:]] for point in points]) @ weights).tolist())


def _of_names(study: NameStudy) -> list[Reference]:
    """Return the loss of chance, of the letters' shares and of pairs of letters, and an MLP's."""
    text, end = study.data, study.data.end
    known = [_tokens(sample) for sample in study.split.train.samples]
    test = [_tokens(sample) for sample in study.split.test.samples]
    singles = Counter([target for targets in known for target in targets])
    pairs = Counter([pair for targets in known for pair in zip([end, *targets], targets, strict=False)])
    befores = Counter([before for targets in known for before in [end, *targets[:-1]]])

    def share(before: int | None, target: int) -> float:
        """Laplace's rule of succession: one more than was counted, of each."""
        if before is None:
            return (singles[target] + 1) / (singles.total() + text.tokens)
        return (pairs[before, target] + 1) / (befores[before] + text.tokens)

    single = fmean([fmean([-math.log(share(None, t)) for t in targets]) for targets in test])
    pair = fmean(
        [
            fmean([-math.log(share(b, t)) for b, t in zip([end, *targets], targets, strict=False)])
            for targets in test
        ]
    )
    other = LastLetters(text.tokens, **LETTERS, rng=study.rng)
    _run(study.fitted(other, study.split.train, study.split.validation, progress=False))
    loss = fmean([float(other.loss(*sample)) for sample in study.split.test.samples])
    return [
        Reference(other.describe(), len(other.parameters()), {"loss": loss}),
        Reference("pairs of letters, counted", text.tokens**2, {"loss": pair}),
        Reference("letters, counted", text.tokens, {"loss": single}),
        Reference("chance", 0, {"loss": math.log(text.tokens)}),
    ]


def _tokens(sample: tuple[Any, ...]) -> list[int]:
    """Return the targets of a sample that are no padding."""
    return [target for target, weight in zip(sample[1], sample[2], strict=True) if weight > 0]


def _of_nodes(study: NodeStudy) -> list[Reference]:
    """Return an MLP that sees which nodes a node is joined to, and the label of the nearest labelled node."""
    data, labelled = study.data, study.labelled
    known = data.dataset().subset(labelled)
    sizes = [HIDDEN // 2, len(data.names)]
    other = MLP(known.width, sizes, activation="tanh", init="xavier", rng=study.rng)
    _run(study.fitted(other, known, None, progress=False))
    guesses = answers(other, data.dataset().points)
    nearest = [near[0] if len(near) == 1 else UNDECIDED for near in data.nearest(labelled)]
    return [
        Reference(
            name,
            count,
            {part: figures["accuracy"] for part, figures in node_parts(data, found, labelled).items()},
        )
        for name, count, found in [
            (other.describe(), len(other.parameters()), guesses),
            (f"nearest label, undecided at {nearest.count(UNDECIDED)}", 0, nearest),
        ]
    ]


def _of_codes(study: CodeStudy) -> list[Reference]:
    """Return as many principal components as the code has numbers."""
    pca = load("sklearn.decomposition", extra="lab").PCA(study.model.code).fit(study.train.points)
    drawn = pca.inverse_transform(pca.transform(study.test.points))
    error = float(((drawn - load("numpy").array(study.test.points)) ** 2).mean())
    count = (study.model.code + 1) * study.data.width
    return [Reference(f"PCA({study.model.code})", count, {"mean_squared_error": error})]
