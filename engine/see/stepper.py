"""Stepping through a computation: forward through what was recorded, backward through the sweep."""

import html
import os
from collections.abc import Callable
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any, final

from engine.see.condition import condition
from engine.see.digits import short
from engine.see.ledger import Record, Row, backward, entries, forward
from engine.see.page import page, save, turned
from engine.see.script import MOST_NODES
from engine.see.tables import NOW, Column, table, text
from engine.see.telling import happened, marked, pointed, rule, source_of
from engine.see.traced import traced
from engine.see.trail import Event, Recorded, Swept, Vertex
from engine.value import Value

FRAME = "width:100%;height:820px;border:0"
"""Where the page may, it makes its frame as high as it is itself."""
NOT_RUN = "Run this cell to step through it here, by the arrow keys."
"""What stands in place of the page where no frames are shown, as in JupyterLab until a cell is run."""
AROUND = 4
"""So many rows before and behind the present one are shown."""
MOST_NAMED = 8
"""So many nodes are named in a sentence."""


@final
class Stepper:
    """Walks through a computation step by step: each node recorded, then each edge swept.

    At `position` 0 nothing has happened but the leaves; at `last` the sweep is complete. The methods that go
    somewhere return the stepper, which prints itself: the source, what happens, the rule, the ledger around.

    In place of y may stand a function and its inputs, as for `engine.ledger`; `expand` spells dots out.

    Errors: TypeError for what is neither a Value nor a function.

    >>> stepper = Stepper(lambda x, w: x * w, 2.0, -3.0)
    >>> stepper.end()  # doctest: +ELLIPSIS
    <doctest ...>, line 1
        stepper = Stepper(lambda x, w: x * w, 2.0, -3.0)
                                       ^^^^^
    Sweep 3 of 3: x*w passes 1.0 × 2.0 = 2.0 to w, whose gradient goes from 0.0 to 2.0 and is complete.
    z = x * y, ∂z/∂y = x; here x = 2.0
    <BLANKLINE>
      sweep  node  op    input  rule       upstream × partial = contribution  gradient of input  source
          2  x*w   seed  x*w                                             1.0                1.0  x * w
          3  x*w   *     x      ∂z/∂x = y       1.0 ×    −3.0 =         −3.0               −3.0  x * w
    ▶     4  x*w   *     w      ∂z/∂y = x       1.0 ×     2.0 =          2.0                2.0  x * w
    """

    def __init__(self, y: Value | Callable[..., Any], *inputs: Any, expand: bool = False) -> None:
        self.y = traced(y, inputs, by="Stepper")
        self._function = None if isinstance(y, Value) else y
        self._inputs = inputs
        self.position = 0
        self._entries = entries(self.y, expand=expand)
        self._rows: list[Record | Row] = [*self._entries.records, *self._entries.rows]
        self._before: list[float] = []
        """For each step, the gradient of its input before it."""
        self._moments: dict[Vertex, dict[str, int]] = {}
        """For each node, the positions at which it is recorded and at which its gradient is complete."""
        running: dict[Vertex, float] = {}
        for position, event in enumerate(self._entries.events, 1):
            if isinstance(event, Recorded):
                self._moments[event.node] = {"recorded": position}
                self._before.append(0.0)
            else:
                receiver = event.node if event.input is None else event.input
                self._moments.setdefault(receiver, {})["complete"] = position
                self._before.append(running.get(receiver, 0.0))
                running[receiver] = event.gradient

    @cached_property
    def _page(self) -> str:
        """The page to step through, opened at the start."""
        return page(self._entries, self._function, self._inputs)

    @property
    def last(self) -> int:
        """The number of steps: the position at which the sweep is complete."""
        return len(self._rows)

    @property
    def note(self) -> str:
        """That leaves were changed since the graph was recorded, so that its numbers do not fit; else ""."""
        return self._entries.note

    @property
    def event(self) -> Event | None:
        """What happens in the present step; None at the start."""
        return self._entries.events[self.position - 1] if self.position else None

    @property
    def row(self) -> Record | Row | None:
        """What the ledger says of the present step; None at the start."""
        return self._rows[self.position - 1] if self.position else None

    def next(self, n: int = 1) -> "Stepper":
        """Go n steps on, at most to the end; TypeError for no whole number, ValueError for one below 0.

        >>> Stepper(Value(2.0) * 3).next(2).position
        2
        """
        self.position = min(self.position + _count(n), self.last)
        return self

    def previous(self, n: int = 1) -> "Stepper":
        """Go n steps back, at most to the start; TypeError for no whole number, ValueError for one below 0.

        >>> Stepper(Value(2.0) * 3).end().previous().position
        2
        """
        self.position = max(self.position - _count(n), 0)
        return self

    def first(self) -> "Stepper":
        """Go to the start, where nothing has been recorded.

        >>> Stepper(Value(2.0) * 3).end().first().position
        0
        """
        self.position = 0
        return self

    def end(self) -> "Stepper":
        """Go to the end, where the sweep is complete.

        >>> Stepper(Value(2.0) * 3).end().position
        3
        """
        self.position = self.last
        return self

    def to(self, node: Value | str) -> "Stepper":
        """Go to the next step that records a node or completes its gradient, by the node or its name.

        Behind the last of these steps the search begins again at the start.

        Errors: ValueError, with some of the names there are, for a node that is not in this computation, and
        for a leaf that the sweep never reaches.

        >>> x = Value(2.0, label="x")
        >>> Stepper(x * 3).to("x").row.contribution
        3.0
        """
        names = self._entries.names
        found = [v for v in names if v is node or names[v].text == node]
        if not found:
            given = [name.text for name in names.values() if name.key == name.text] or [names[self.y].text]
            some = ", ".join(given[-MOST_NAMED:])
            raise ValueError(f"{node!r} is no node of this computation; some of its nodes: {some}")
        moments = sorted(self._moments.get(found[0], {}).values())
        if not moments:
            raise ValueError(f"the sweep never reaches {names[found[0]].text}: it lies behind a detach")
        self.position = next((p for p in moments if p > self.position), moments[0])
        return self

    def until(self, fulfilled: Callable[[Record | Row], bool] | str) -> "Stepper":
        """Go on to the next step that fulfils a condition, a function of its row or a text.

        A text compares numbers of the row (gradient, contribution, partial, upstream, value, step) or its
        names (node, input, op): "abs(gradient) > 10"; "nan" and "inf" stand for any number being so.

        Errors: LookupError where no later step does, and then nothing moves; ValueError for another text,
        TypeError for what is neither.

        >>> Stepper(Value(2.0) * 3).until("gradient == 3").position
        3
        """
        if callable(fulfilled):
            test = fulfilled
        elif not isinstance(fulfilled, str):
            raise TypeError(
                f'until takes a function of a row, or a text such as "abs(gradient) > 10", got {fulfilled!r}'
            )
        else:
            written = condition(fulfilled)

            def test(row: Record | Row) -> bool:
                return written(row._asdict())

        for position in range(self.position + 1, self.last + 1):
            if test(self._rows[position - 1]):
                self.position = position
                return self
        raise LookupError(f"no step after {self.position} of {self.last} fulfils {fulfilled!r}")

    def gradients(self) -> dict[str, float]:
        """Return the gradients at this moment by the nodes' names, of the nodes that the sweep has reached.

        >>> x = Value(2.0, label="x")
        >>> Stepper(x * 3).end().gradients()
        {'x*3': 1.0, 'x': 3.0}
        """
        swept = [event for event in self._entries.events[: self.position] if isinstance(event, Swept)]
        names = self._entries.names
        receivers = [event.node if event.input is None else event.input for event in swept]
        return {names[v].text: event.gradient for v, event in zip(receivers, swept, strict=True)}

    @property
    def sentence(self) -> str:
        """What happens in the present step, in words."""
        event, recorded = self.event, len(self._entries.records)
        if event is None:
            leaves = [f"{leaf.node} = {short(leaf.value)}" for leaf in self._entries.leaves]
            more = f" and {len(leaves) - MOST_NAMED} more" if len(leaves) > MOST_NAMED else ""
            return f"Start: nothing is recorded yet but the leaves {', '.join(leaves[:MOST_NAMED])}{more}."
        receiver = event.input if isinstance(event, Swept) else None
        complete = receiver is not None and self._moments[receiver]["complete"] == self.position
        before = self._before[self.position - 1]
        told = happened(event, self._entries.names, before=before, complete=complete)
        if self.position <= recorded:
            return f"Record {self.position} of {recorded}: {told}"
        return f"Sweep {self.position - recorded} of {self.last - recorded}: {told}"

    @property
    def rule(self) -> str:
        """The rule behind the present step of the sweep, with the numbers that it uses; else ""."""
        return "" if self.event is None else rule(self.event)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a page to step through in a browser to a file .html, whole or not at all; return its path.

        The page opens at the present step and needs no network. Up to 300 nodes the inputs have sliders, and
        everything is computed anew as they move.

        Errors: ValueError for another suffix and for more than 20,000 steps, OSError where the file cannot be
        written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Stepper(Value(2.0) * 3).save(f"{folder}/steps.html").name
        'steps.html'
        """
        return save(path, turned(self._page, self.position))

    def __repr__(self) -> str:
        found = None if self.event is None else source_of(self.event)
        lines = [*(pointed(found) if found else []), self.sentence, *filter(None, [self.rule, self.note]), ""]
        return "\n".join([*lines, text(*self.window())])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        found = None if self.event is None else source_of(self.event)
        words = [f"<p>{html.escape(line)}</p>" for line in (self.sentence, self.rule, self.note) if line]
        code = marked(found).replace("<mark>", f'<mark style="{NOW}">') if found else ""
        parts = [code, *words, table(*self.window())]
        if len(self._entries.names) <= MOST_NODES:
            here = html.escape(turned(self._page, self.position))
            parts.append(f'<iframe srcdoc="{here}" title="Steps" style="{FRAME}">{NOT_RUN}</iframe>')
        return {"text/plain": repr(self), "text/html": "".join(parts)}

    def window(self) -> tuple[list[Column], int | None]:
        """Return the ledger around the present step as columns, and which of its rows that is.

        >>> Stepper(Value(2.0) * 3).next().window()[1]
        1
        """
        found, recorded = self._entries, len(self._entries.records)
        if self.position <= recorded:
            before = found.leaves if self.position <= AROUND else []
            records = [*before, *found.records]
            place = self.position - 1 + len(before)
            start = max(place - AROUND, 0)
            shown = records[start : place + AROUND + 1]
            return forward(shown, place - start + 1), place - start if self.position else None
        place = self.position - recorded - 1
        start = max(place - AROUND, 0)
        return backward(found.rows[start : place + AROUND + 1], place - start + 1), place - start


def _count(n: int) -> int:
    if not isinstance(n, Integral):
        raise TypeError(f"a number of steps is a whole number, got {n!r}")
    if n < 0:
        raise ValueError(f"a number of steps is 0 or more, got {n}; previous(n) goes back")
    return n
