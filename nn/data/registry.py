"""The data sets by name, and what there is to choose from."""

from collections.abc import Callable, Mapping
from pathlib import Path

from nn.data.curves import sine, square
from nn.data.dataset import Dataset
from nn.data.describing import sized
from nn.data.gates import and_gate, or_gate, xor_gate
from nn.data.graph import karate
from nn.data.known import breast_cancer, diabetes, digits, iris, wine
from nn.data.series import sunspots
from nn.data.table import read_csv
from nn.data.toys import blobs, circles, moons, spirals
from nn.nearest import pick

DATASETS: Mapping[str, Callable[[], Dataset]] = {
    "and_gate": and_gate,
    "or_gate": or_gate,
    "xor_gate": xor_gate,
    "moons": moons,
    "circles": circles,
    "spirals": spirals,
    "blobs": blobs,
    "square": square,
    "sine": sine,
    "iris": iris,
    "wine": wine,
    "breast_cancer": breast_cancer,
    "digits": digits,
    "diabetes": diabetes,
    "sunspots": sunspots,
    "karate": karate,
}
"""Name -> loader, which takes no arguments or has defaults for all of them."""


def dataset(name: str) -> Dataset:
    """Return a data set by its name, or that of a CSV file whose path ends in .csv.

    Errors: ValueError for a name that is not there, with the nearest one; as the loader, and as `read_csv`.

    >>> dataset("xor_gate")
    Dataset('xor_gate': 4 points, 2 columns, 2 classes)
    """
    if isinstance(name, str) and name.lower().endswith(".csv"):
        return read_csv(Path(name))
    return pick("data set", name, DATASETS)()


def catalogue() -> list[str]:
    """Return a line for each data set: name, size, columns, task, description; or why it cannot be loaded.

    >>> catalogue()[2]
    'xor_gate       4 points, 2 columns, 2 classes: 1 where the inputs differ; no line separates the classes'
    """
    width = max(map(len, DATASETS)) + 1
    return [f"{name:{width}} {_told(loader)}" for name, loader in DATASETS.items()]


def _told(loader: Callable[[], Dataset]) -> str:
    try:
        data = loader()
    except ModuleNotFoundError as error:
        return f"not here: {error}"
    return f"{sized(len(data), data.width, len(data.names))}: {data.description}"
