"""The buffers of a plan as arrays of JAX: where each row stands, and how the rows of a view are read.

An array of JAX is never written to. So a row of V or P is a row of the array [lane, row] that was made last
with it, and what reads rows slices or gathers these arrays. What does not depend on the sample has one lane.
Lanes stand first, as samples do in JAX written by hand: a batch of matrix products has them there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from engine.compile.axes import Axes, axes_of
from engine.compile.instructions import Loop, Plan, View
from engine.compile.jax_cuts import parameter_parts
from engine.compile.jax_orders import Points, is_dot, order_of
from engine.compile.jax_rows import constant
from engine.compile.jax_views import is_view, strided
from engine.optional import load

KNOWN, UNWRITTEN = -1, -2
"""Where a row stands that is in no array: its number is known, or it is written later."""


class State(NamedTuple):
    """What there is while a plan runs: the arrays made so far, and the whole numbers [lane, index]."""

    arrays: list[Any]
    indices: Any


Read: TypeAlias = Callable[[State], Any]
"""What reads rows when the arrays are there: [lane, *axes], of length 1 along axes on which it stands still;
a float where all of it is one number that is known."""


class Buffers:
    """Where each row of V stands, and behind them each of P."""

    def __init__(self, plan: Plan) -> None:
        np = load("numpy")
        self.offsets = {"V": 0, "P": plan.sizes["V"]}
        self.numbers = np.zeros(plan.sizes["V"] + plan.sizes["P"])
        self.source = np.full(len(self.numbers), UNWRITTEN)
        """The array that a row stands in, KNOWN or UNWRITTEN."""
        self.place = np.zeros(len(self.numbers), dtype=np.intp)
        """Which row of its array it is."""
        for buffer, fixed in plan.fixed.items():
            for row, x in fixed.items():
                self.numbers[self.offsets[buffer] + row] = x
                self.source[self.offsets[buffer] + row] = KNOWN
        self.counts: list[int] = []
        """How many rows each array has."""
        self.shapes: list[tuple[int, ...]] = []
        """Along which axes the rows of each array follow each other."""
        self.parts = parameter_parts(plan)
        """How many parameters there are in each of the arrays into which their vector is cut."""
        for first, count in zip(np.cumsum([0, *self.parts]), self.parts, strict=False):
            self.write("P", np.arange(first, first + count))

    def write(self, buffer: str, rows: Any, shape: tuple[int, ...] = (-1,)) -> None:
        """Note that rows of a buffer, -1 for none, are those of one more array, along axes of a shape."""
        np = load("numpy")
        kept = rows >= 0
        found = rows[kept] + self.offsets[buffer]
        self.source[found] = len(self.counts)
        self.place[found] = np.arange(len(rows))[kept]
        self.counts.append(len(rows))
        self.shapes.append(tuple([len(rows) if n < 0 else n for n in shape]) or (1,))

    def is_known(self, buffer: str, rows: Any) -> Any:
        """Return for each row whether its number is known."""
        return self.source[rows + self.offsets[buffer]] == KNOWN

    def at(self, buffer: str, rows: Any) -> Any:
        """Return where rows of a buffer are in `numbers`, `source` and `place`."""
        return rows + self.offsets[buffer]

    def is_number(self, buffer: str, rows: Any, number: float) -> Any:
        """Return for each row whether it is known to hold a number."""
        return self.is_known(buffer, rows) & (self.known(buffer, rows) == number)

    def stand(self, buffer: str, rows: Any) -> tuple[Any, Any]:
        """Return the arrays in which rows stand, KNOWN for none, and at which of their rows."""
        at = self.at(buffer, rows)
        return self.source[at], self.place[at]

    def known(self, buffer: str, rows: Any) -> Any:
        """Return the numbers of rows that are known."""
        return self.numbers[rows + self.offsets[buffer]]

    def reads(self, loop: Loop) -> tuple[list[Read], Points, bool]:
        """Return what reads the views of a loop, the points of what they give, and whether it gathers."""
        found, axes, strides = self._axes(loop)
        laned = [view.laned for view in loop.read]
        folded = range(axes.folded if loop.fold else 0)
        order = order_of(axes.shape, folded, strides, laned, is_dot(loop.lets, loop.fold))
        points = Points(axes.shape, folded, order)
        pairs = [
            (f.turned(axes.shape, order), None if s is None else tuple([s[axis] for axis in order]))
            for f, s in zip(found, strides, strict=True)
        ]
        gathers = [bool(f.sources) and not f.is_view(points.turned, s) for f, s in pairs]
        return [f.read(points.turned, s) for f, s in pairs], points, any(gathers)

    def whole(self, buffer: str, rows: Any) -> Read:
        """Return what reads a matrix of rows, all of it: [lane, row, column]."""
        view, write = View(buffer, rows), View("V", load("numpy").arange(rows.shape[1]))
        (found,), axes, (strides,) = self._axes(Loop((view,), (), write, fold="sum"))
        read = found.read(axes.shape, strides)
        return lambda state: spread(read(state), axes.shape).reshape(-1, *rows.shape)

    def _axes(self, loop: Loop) -> tuple[list["Located"], Axes, list[tuple[int, ...] | None]]:
        """Return where the views of a loop stand, its axes, and the strides of each view along them."""
        write = View("V", load("numpy").arange(len(loop.write.rows)))
        found = [self._located(view) for view in loop.read]
        axes = axes_of(replace(loop, write=write), [View("V", f.places) for f in found if f.is_even])
        even = iter(axes.reads)
        return found, axes, [next(even) if f.is_even else None for f in found]

    def _located(self, view: View) -> "Located":
        np = load("numpy")
        rows = view.rows + self.offsets[view.buffer]
        sources = np.unique(self.source[rows])
        assert UNWRITTEN not in sources, "a plan reads what it has not written"
        places, start = np.full(rows.shape, -1), 0
        made = [int(source) for source in sources if source != KNOWN]
        for source in made:
            inside = self.source[rows] == source
            places[inside] = start + self.place[rows[inside]]
            start += self.counts[source]
        return Located(made, start, places, self.numbers[rows])


class Located(NamedTuple):
    """Rows as they stand: in which arrays, how many rows these have together, at which of them; -1 where a
    number is known, which `numbers` has.
    """

    sources: list[int]
    rows: int
    places: Any
    numbers: Any

    @property
    def is_even(self) -> bool:
        """Whether all of them stand in arrays, so that they may be a view."""
        return bool((self.places >= 0).all())

    def turned(self, shape: tuple[int, ...], order: Sequence[int]) -> "Located":
        """Return these rows, which follow each other along axes, with the axes in another order."""
        places, numbers = [x.reshape(shape).transpose(order) for x in (self.places, self.numbers)]
        return self._replace(places=places, numbers=numbers)

    def is_view(self, shape: tuple[int, ...], strides: tuple[int, ...] | None) -> bool:
        """Return whether slices read the rows along axes."""
        return bool(self.sources) and strides is not None and is_view(shape, strides)

    def read(self, shape: tuple[int, ...], strides: tuple[int, ...] | None) -> Read:
        """Return what reads the rows along axes, at their strides, or one by one where they have none."""
        if not self.sources:
            return self._known(shape)
        if strides is not None and self.is_view(shape, strides):
            first = int(self.places.flat[0])
            return lambda state: strided(self._joined(state), first, shape, strides)
        return partial(self._gathered, shape)

    def _gathered(self, shape: tuple[int, ...], state: State) -> Any:
        """Return rows one by one; what is known is a place outside, so that no gradient goes anywhere.

        They are taken with the lanes behind them: so the reverse adds whole rows, not scattered numbers.
        """
        np, jnp = load("numpy"), load("jax").numpy
        x, is_known = self._joined(state, behind=True), (self.places < 0).reshape(shape)
        places = self.places.reshape(shape)
        if self.is_even:
            return jnp.moveaxis(x.at[places].get(mode="promise_in_bounds"), -1, 0)
        known = self.numbers[self.places < 0]
        is_one = (known == known[0]).all()
        fill = float(known[0]) if is_one else 0.0
        found = x.at[np.where(is_known, self.rows, places)].get(mode="fill", fill_value=fill)
        found = jnp.moveaxis(found, -1, 0)
        if is_one:
            return found
        return jnp.where(is_known, constant(self.numbers.reshape(shape)), found)

    def _known(self, shape: tuple[int, ...]) -> Read:
        bits = self.numbers.ravel().view("int64")
        if (bits == bits[0]).all():
            return lambda state: _number(float(self.numbers.flat[0]))
        return lambda state: constant(self.numbers.reshape(1, *shape))

    def _joined(self, state: State, *, behind: bool = False) -> Any:
        """Return the arrays one beside the other, maybe with the lanes behind the rows.

        What has one lane stands beside all lanes of others.
        """
        jnp = load("jax").numpy
        arrays = [state.arrays[source] for source in self.sources]
        if len(arrays) == 1:
            return arrays[0].T if behind else arrays[0]
        lanes = max(len(array) for array in arrays)
        spreads = [jnp.broadcast_to(array, (lanes, array.shape[1])) for array in arrays]
        return jnp.concatenate([x.T for x in spreads]) if behind else jnp.concatenate(spreads, axis=1)


def spread(found: Any, shape: Sequence[int]) -> Any:
    """Return what a Read has found, or an op has made of it, along the whole of its axes."""
    jnp = load("jax").numpy
    if isinstance(found, float):
        found = constant(found).reshape(1, *[1] * len(shape))
    return jnp.broadcast_to(found, (len(found), *shape))


def _number(x: float) -> float:
    """Return a number that is known, if the dtype holds it."""
    constant(x)
    return x
