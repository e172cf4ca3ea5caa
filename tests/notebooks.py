"""The notebooks as the tests see them: their cells, what is stored in them, and a fresh run."""

import ast
import re
from pathlib import Path
from typing import Any

from tests.parts import needed

FOLDER = Path(__file__).parent.parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
NOT_COMPARED = "# not compared"
"""The first line of a cell whose output is another from run to run, such as a time."""
ADDRESS = re.compile(r"0x[0-9a-f]+")


def read(path: Path) -> Any:
    return needed("nbformat", "dev").read(path, as_version=4)


def executed(path: Path) -> Any:
    """Run a notebook from top to bottom in a kernel of its own, and return it with its fresh outputs."""
    notebook = read(path)
    client = needed("nbclient", "dev").NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        coalesce_streams=True,
    )
    client.execute()
    return notebook


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def told(cell: Any) -> list[str]:
    """Return the texts that a cell has put out: what it printed, and its result."""
    found = []
    for output in cell.outputs:
        if output.output_type == "stream":
            found.append(output.text)
        else:
            found.append(output.get("data", {}).get("text/plain", ""))
    return [ADDRESS.sub("0x", text) for text in found]


def printed_errors(notebook: Any) -> list[str]:
    return [
        output.text
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


def pictures(cell: Any) -> list[str]:
    """Return the kinds of pictures that a cell shows."""
    kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
    return sorted(kind for kind in kinds if kind.startswith("image/") or kind == "text/html")


def defined(notebook: Any) -> list[str]:
    """Return the names of the functions and classes that a notebook defines."""
    found = []
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.append(node.name)
    return found


def text(notebook: Any) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def lecture_items(notebook: Any) -> set[int]:
    """Return the statements of the lecture that a notebook is marked to show: <!-- lecture: 3, 4 -->."""
    marks = re.findall(r"<!-- lecture: ([\d, ]+) -->", text(notebook))
    return {int(item) for mark in marks for item in mark.split(",")}


def exercises(notebook: Any) -> list[str]:
    return [
        number
        for cell in code_cells(notebook)
        for number in re.findall(r"check_exercise\(\"([\d.]+)\"", cell.source)
    ]


def links(notebook: Any) -> list[str]:
    """Return the links and pictures of the text that lead into the repository."""
    found = re.findall(r"\]\(([^)\s]+)\)", text(notebook))
    return [link for link in found if not re.match(r"(https?:|#|mailto:)", link)]
