"""Data: points with what is to be predicted for each, in one form, whatever it came from."""

from nn.data.cells import Label, Point
from nn.data.curves import sine, square
from nn.data.dataset import Dataset, Split
from nn.data.firstnames import first_names
from nn.data.gates import and_gate, or_gate, xor_gate
from nn.data.graph import Graph, karate, karate_graph
from nn.data.known import breast_cancer, diabetes, digits, iris, wine
from nn.data.registry import DATASETS, catalogue, dataset
from nn.data.samples import Samples, SampleSplit
from nn.data.scaler import Scaler
from nn.data.series import Series, sunspot_series, sunspots
from nn.data.table import read_csv
from nn.data.text import Text
from nn.data.toys import blobs, circles, moons, spirals

__all__ = [
    "DATASETS",
    "Dataset",
    "Graph",
    "Label",
    "Point",
    "SampleSplit",
    "Samples",
    "Scaler",
    "Series",
    "Split",
    "Text",
    "and_gate",
    "blobs",
    "breast_cancer",
    "catalogue",
    "circles",
    "dataset",
    "diabetes",
    "digits",
    "first_names",
    "iris",
    "karate",
    "karate_graph",
    "moons",
    "or_gate",
    "read_csv",
    "sine",
    "spirals",
    "square",
    "sunspot_series",
    "sunspots",
    "wine",
    "xor_gate",
]
