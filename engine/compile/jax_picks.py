"""Tables that are read at an index of the sample, in JAX: what is outside of its table is nan."""

from collections.abc import Callable
from typing import Any

from engine.compile.instructions import View
from engine.compile.jax_buffers import Buffers, State
from engine.optional import load


def picked(buffers: Buffers, view: View) -> tuple[Callable[[State], Any], Any]:
    """Return what reads the rows that a view picks for each sample, [lane, point], and the points in order.

    Tables of parameters are gathered by rows, as embeddings are; of one that varies with the sample, each
    entry is kept where its number is the index: the reverse of that is no scatter.
    """
    assert view.pick is not None
    points = load("numpy").arange(len(view.rows))
    if view.laned:
        return _masked(buffers, view), points
    return _embedded(buffers, view, points) or (_one_by_one(buffers, view), points)


def _index(state: State, numbers: Any, choices: int) -> Any:
    """Return whole numbers [lane, point]; `choices` for one that is outside, which no table has."""
    jnp = load("jax").numpy
    count = len(numbers)
    is_run = (numbers == load("numpy").arange(numbers[0], numbers[0] + count)).all()
    first = int(numbers[0])
    index = state.indices[:, first : first + count] if is_run else state.indices[:, numbers]
    return jnp.where((index >= 0) & (index < choices), index, choices)


def _masked(buffers: Buffers, view: View) -> Callable[[State], Any]:
    np = load("numpy")
    numbers, step, choices = view.pick  # type: ignore[misc]
    table = buffers.whole(view.buffer, view.rows[:, None] + step * np.arange(choices))

    def read(state: State) -> Any:
        jnp = load("jax").numpy
        index = _index(state, numbers, choices)
        is_chosen = index[..., None] == np.arange(choices)[None, None]
        found = jnp.where(is_chosen, table(state), 0.0).sum(axis=2)
        return jnp.where(index < choices, found, np.nan)

    return read


def _embedded(buffers: Buffers, view: View, points: Any) -> tuple[Callable[[State], Any], Any] | None:
    """Return what reads a table [choice, feature] at indices that are those of all features, if it is one.

    The points are in the order [index, feature].
    """
    np = load("numpy")
    numbers, step, choices = view.pick  # type: ignore[misc]
    distinct, first = np.unique(numbers, return_index=True)
    order = distinct[np.argsort(first)]
    if len(numbers) % len(order):
        return None
    tables = [points.reshape(-1, len(order)).T, points.reshape(len(order), -1)]
    fitting = [
        table
        for table in tables
        if (numbers[table] == order[:, None]).all() and (view.rows[table] == view.rows[table[0]]).all()
    ]
    if not fitting:
        return None
    table = buffers.whole(view.buffer, view.rows[fitting[0][0]] + step * np.arange(choices)[:, None])

    def read(state: State) -> Any:
        index = _index(state, order, choices)
        found = table(state)[0].at[index].get(mode="fill", fill_value=np.nan)
        return found.reshape(-1, len(numbers))

    return read, fitting[0]


def _one_by_one(buffers: Buffers, view: View) -> Callable[[State], Any]:
    """Return what reads a number for each point and lane."""
    np = load("numpy")
    numbers, step, choices = view.pick  # type: ignore[misc]
    entries = view.rows + step * np.arange(choices)[:, None]
    rows, places = np.unique(entries, return_inverse=True)
    table, places = buffers.whole(view.buffer, rows[None]), places.reshape(entries.shape)

    def read(state: State) -> Any:
        jnp = load("jax").numpy
        index = _index(state, numbers, choices)
        points = np.arange(len(numbers))
        chosen = jnp.asarray(places).at[index, points].get(mode="fill", fill_value=len(rows))
        return table(state)[0, 0].at[chosen].get(mode="fill", fill_value=np.nan)

    return read
