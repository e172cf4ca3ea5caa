"""A graphviz.Digraph that finds its program and is quiet; the one file that imports graphviz as it loads."""

from typing import Any

import graphviz

from engine.see.render import program


class Digraph(graphviz.Digraph):  # type: ignore[misc]
    """A graphviz.Digraph that renders where no Graphviz is installed, and prints nothing on stderr.

    >>> Digraph(body=["x -> y"]).pipe("svg")[:5]
    b'<?xml'
    """

    def pipe(self, *args: Any, **options: Any) -> Any:
        """Return the picture, as `graphviz.Digraph.pipe` does.

        >>> "</svg>" in Digraph().pipe("svg", encoding="utf-8")
        True
        """
        with program():
            return super().pipe(*args, **{**options, "quiet": True})

    def render(self, *args: Any, **options: Any) -> Any:
        """Write the source and the picture, as `graphviz.Digraph.render` does, and return the picture's path.

        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     os.path.basename(Digraph().render("y", directory=folder, format="png"))
        'y.png'
        """
        with program():
            return super().render(*args, **{**options, "quiet": True})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.body)} lines>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        return {
            "image/svg+xml": self.pipe("svg", encoding="utf-8"),
            "image/png": self.pipe("png"),
            "text/plain": repr(self),
        }
