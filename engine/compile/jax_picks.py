"""Tables that are read at an index of the sample, in JAX: what is outside of its table is nan."""

from collections.abc import Callable
from typing import Any

from engine.compile.instructions import View
from engine.compile.jax_buffers import Buffers, State
from engine.optional import load


def picked(buffers: Buffers, view: View) -> Callable[[State], Any]:
    """Return what reads the rows that a view picks for each sample: [point, lane].

    Tables of parameters are gathered by rows, as embeddings are; of one that varies with the sample, each
    entry is kept where its number is the index: the reverse of that is no scatter.
    """
    assert view.pick is not None
    if view.laned:
        return _masked(buffers, view)
    return _embedded(buffers, view) or _one_by_one(buffers, view)


def _index(state: State, numbers: Any, choices: int) -> Any:
    """Return whole numbers [point, lane]; `choices` for one that is outside, which no table has."""
    jnp = load("jax").numpy
    count = len(numbers)
    is_run = (numbers == load("numpy").arange(numbers[0], numbers[0] + count)).all()
    index = state.indices[int(numbers[0]) :][:count] if is_run else state.indices[numbers]
    return jnp.where((index >= 0) & (index < choices), index, choices)


def _masked(buffers: Buffers, view: View) -> Callable[[State], Any]:
    np = load("numpy")
    numbers, step, choices = view.pick  # type: ignore[misc]
    table = buffers.whole(view.buffer, view.rows + step * np.arange(choices)[:, None])

    def read(state: State) -> Any:
        jnp = load("jax").numpy
        index = _index(state, numbers, choices)
        is_chosen = index == np.arange(choices)[:, None, None]
        found = jnp.where(is_chosen, table(state), 0.0).sum(axis=0)
        return jnp.where(index < choices, found, np.nan)

    return read


def _embedded(buffers: Buffers, view: View) -> Callable[[State], Any] | None:
    """Return what reads a table [choice, feature] at indices that are those of all features, if it is one."""
    np = load("numpy")
    numbers, step, choices = view.pick  # type: ignore[misc]
    distinct, first = np.unique(numbers, return_index=True)
    order = distinct[np.argsort(first)]
    if len(numbers) % len(order):
        return None
    tables = [
        (numbers.reshape(-1, len(order)), view.rows.reshape(-1, len(order)), (2, 0, 1)),
        (numbers.reshape(len(order), -1).T, view.rows.reshape(len(order), -1).T, (0, 2, 1)),
    ]
    fitting = [(rows, axes) for table, rows, axes in tables if (table == order).all() and _is_column(rows)]
    if not fitting:
        return None
    rows, axes = fitting[0]
    table = buffers.whole(view.buffer, rows[:, 0] + step * np.arange(choices)[:, None])

    def read(state: State) -> Any:
        index = _index(state, order, choices)
        found = table(state)[:, :, 0].at[index].get(mode="fill", fill_value=np.nan)
        return found.transpose(axes).reshape(len(numbers), -1)

    return read


def _is_column(rows: Any) -> bool:
    return bool((rows == rows[:, :1]).all())


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
        points = np.arange(len(numbers))[:, None]
        chosen = jnp.asarray(places).at[index, points].get(mode="fill", fill_value=len(rows))
        return table(state)[0, :, 0].at[chosen].get(mode="fill", fill_value=np.nan)

    return read
