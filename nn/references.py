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
from nn.metrics import METRICS, predicted
from nn.mlp import MLP
from nn.name_study import NameStudy
from nn.node_study import NodeStudy, node_parts
from nn.settings import Settings
from nn.study import Study
from nn.train import fit

ORDERS = 2, 9
"""How many numbers the linear autoregressions see."""
LETTERS = {"seen": 3, "width": 8, "hidden": 32}
"""The size of the MLP beside a model of names."""


class Reference(NamedTuple):
    """Another way to do the same task: its name, its number of parameters, and how well it did.

    >>> Reference("guess", 0, {"accuracy": 0.5}).name
    'guess'
    """

    name: str
    parameters: int
    figures: dict[str, float]


def references(study: Study) -> list[Reference]:
    """Return what does the task of a study otherwise, first an MLP, with its figures on the same test part.

    Images and series: MLPs, for a series also persistence and linear autoregressions. Names: the chance
    levels and an MLP that sees the last letters. Nodes: an MLP that sees a node's neighbours, and the nearest
    label. Codes: as many principal components (PCA). An MLP itself has none.

    >>> references(study)  # doctest: +SKIP
    """
    if isinstance(study, NameStudy):
        return _of_names(study)
    if isinstance(study, NodeStudy):
        return _of_nodes(study)
    if isinstance(study, CodeStudy):
        return _of_codes(study)
    assert isinstance(study, Experiment)
    if study.settings.model in (None, "mlp"):
        return []
    return [*_perceptrons(study), *(_series(study) if study.data.ordered else [])]


def _perceptrons(study: Experiment) -> list[Reference]:
    """Return MLPs of one hidden layer: of the usual width, and with about as many parameters."""
    data = study.data
    outputs = max(1, len(data.names))
    alike = round((len(study.model.parameters()) - outputs) / (data.width + 1 + outputs))
    found = []
    for width in dict.fromkeys((32, max(1, alike))):
        plain = Settings(hidden=(width,), seed=study.settings.seed, test=study.settings.test)
        other = Experiment(data, plain, progress=False)
        other.training.run()
        part = other.parts()["test"]
        names = ["accuracy"] if data.is_classification else ["rmse"]
        figures = {name: part[name] for name in names}
        found.append(Reference(other.model.describe(), len(other.model.parameters()), figures))
    return found


def _series(study: Experiment) -> list[Reference]:
    """Return persistence, and autoregressions by least squares on all that stands before the test part."""
    parts = study.data.split(study.settings.test, seed=study.settings.seed)
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
    settings = study.settings
    fit(
        other,
        study.split.train,
        validation=study.split.validation,
        epochs=study.epochs,
        batch_size=study.training.batch_size,
        optimizer="adam",
        patience=study.epochs if study.split.validation else None,
        seed=settings.seed,
        progress=False,
    ).run()
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
    other = MLP(known.width, [16, len(data.names)], activation="tanh", init="xavier", rng=study.rng)
    fit(
        other,
        known,
        epochs=200,
        optimizer="adam",
        learning_rate=0.01,
        seed=study.settings.seed,
        progress=False,
    ).run()
    guesses = answers(other, data.dataset().points)
    ways = [data.distances(i) for i in labelled]
    nearest = [data.labels[labelled[predicted([-way[i] for way in ways])]] for i in range(len(data.nodes))]
    return [
        Reference(
            name,
            count,
            {part: figures["accuracy"] for part, figures in node_parts(data, found, labelled).items()},
        )
        for name, count, found in [
            (other.describe(), len(other.parameters()), guesses),
            ("nearest label", 0, nearest),
        ]
    ]


def _of_codes(study: CodeStudy) -> list[Reference]:
    """Return as many principal components as the code has numbers."""
    pca = load("sklearn.decomposition", extra="lab").PCA(study.model.code).fit(study.train.points)
    drawn = pca.inverse_transform(pca.transform(study.test.points))
    error = float(((drawn - load("numpy").array(study.test.points)) ** 2).mean())
    count = (study.model.code + 1) * study.data.width
    return [Reference(f"PCA({study.model.code})", count, {"mean_squared_error": error})]
