"""Studies by the names of data and model: what `python -m nn train` takes."""

from collections.abc import Callable
from typing import Any

from nn import code_study, name_study, node_study
from nn.code_study import CodeStudy
from nn.data import Dataset
from nn.name_study import NameStudy
from nn.nearest import pick
from nn.node_study import NodeStudy
from nn.point_models import KINDS
from nn.point_study import PointStudy
from nn.settings import Settings
from nn.study import Study

NAMES, NODES = "names", "karate"
"""The data sets that are no points: the first names of a country, and the graph of the karate club."""
MODELS: dict[str, str] = {
    **dict.fromkeys(name_study.DEFAULTS, NAMES),
    **dict.fromkeys(node_study.DEFAULTS, NODES),
    **dict.fromkeys(code_study.DEFAULTS, "images"),
    **dict.fromkeys(KINDS, "points"),
}
"""Every model, with what it is trained on; a recurrent one is trained on names, too."""


def open_study(name: str, read: Callable[[], Dataset], settings: Settings, **training: Any) -> Study:
    """Return the study of a data set by its name, which `read` loads, and of the model that is set.

    Errors: ValueError for an unknown model, or one that is not for such data; those of the studies.

    >>> from nn import iris
    >>> open_study("iris", iris, Settings()).model.describe()
    'MLP(4, [32, 3])'
    """
    model = settings.model
    if model is not None:
        pick("model", model, MODELS)
    if name == NAMES:
        return NameStudy(settings, **training)
    if model in node_study.DEFAULTS:
        if name != NODES:
            raise ValueError(f"{model} answers for the nodes of a graph: train {NODES} --model {model}")
        return NodeStudy(settings, **training)
    if model in name_study.DEFAULTS and model not in KINDS:
        raise ValueError(f"{model} reads words: train {NAMES} --model {model}")
    if model in code_study.DEFAULTS:
        return CodeStudy(read(), settings, **training)
    return PointStudy(read(), settings, **training)
