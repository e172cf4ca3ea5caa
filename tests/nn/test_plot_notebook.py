"""A cell of a notebook that ends in a plot, or in its figure, shows a picture."""

import base64
import os
import pickle
from typing import Any

import pytest

from nn.plot.axes import axes, logarithmic, png

CELLS = [
    "from nn import Neuron\nfrom nn.plot import weights\nfrom nn.neuron import Layer",
    "weights(Layer(2, 3))",
    "weights(Layer(2, 3)).figure",
]


def test_the_axes_and_their_figure_know_their_picture() -> None:
    ax = axes(5, 4)
    data, size = ax._repr_png_()
    assert data == png(ax) and size == {"width": 480, "height": 384}
    assert ax.figure._repr_png_() == (data, size)
    logarithmic(ax.yaxis, 0.1, 1.0)
    again = pickle.loads(pickle.dumps(ax.figure))
    assert again._repr_png_()[0].startswith(b"\x89PNG")


def test_a_cell_that_ends_in_a_plot_shows_it() -> None:
    try:
        import nbclient
        import nbformat
        import nbformat.v4 as v4
    except ImportError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("needs nbclient and ipykernel: pip install -e '.[notebooks]'")
    book: Any = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    nbformat.validate(book)
    for cell in book.cells[1:]:
        (output,) = cell["outputs"]
        assert base64.b64decode(output["data"]["image/png"]).startswith(b"\x89PNG")
        assert output["metadata"]["image/png"] == {"width": 614, "height": 384}
