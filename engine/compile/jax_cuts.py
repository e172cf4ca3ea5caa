"""Where arrays are cut, such that no view needs two parts of one.

The reverse of cutting is joining, which costs less than to add what each view contributes.
"""

from collections.abc import Sequence
from typing import Any

from engine.compile.instructions import Dot, Loop, Plan, touched
from engine.optional import load

MOST = 4
"""Into so many parts is a matrix product cut: queries, keys and values, or the gates of a cell."""


def sizes(count: int, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return how many of `count` places each part has, if no part ends inside of a span from low to high.

    >>> sizes(8, [(0, 2), (1, 3), (6, 7)])
    [4, 2, 2]
    """
    np = load("numpy")
    is_joint = np.zeros(count + 1, dtype=np.intp)
    starts = np.zeros(count + 1, dtype=bool)
    for low, high in spans:
        starts[[low, high + 1]] = True
        is_joint[low + 1] += 1 if high > low else 0
        is_joint[high + 1] -= 1 if high > low else 0
    cuts = np.flatnonzero(starts & (np.cumsum(is_joint) == 0))
    return [int(n) for n in np.diff(np.unique([0, *cuts, count])) if n]


def parameter_parts(plan: Plan) -> list[int]:
    """Return how many parameters stand in each part of their vector."""
    own = [rows[rows < plan.parameters] for rows in _read(plan, "P")]
    return sizes(plan.parameters, [(int(rows.min()), int(rows.max())) for rows in own if rows.size])


def product_parts(plan: Plan) -> dict[int, list[Any]]:
    """Return of which rows the parts of matrix products are, by the number of the instruction.

    The rows that a view reads are in one part. Of a product that is not cut there is nothing.
    """
    np = load("numpy")
    dots = {n: i for n, i in enumerate(plan.forward) if isinstance(i, Dot) and i.write.buffer == "V"}
    number = np.full(plan.sizes["V"], -1)
    place = np.zeros(plan.sizes["V"], dtype=np.intp)
    for n, dot in dots.items():
        number[dot.write.rows] = n
        place[dot.write.rows] = np.arange(len(dot.write.rows))[:, None]
    part = {n: np.arange(len(dot.write.rows)) for n, dot in dots.items()}
    for rows in _read(plan, "V"):
        found = number[rows]
        for n in np.unique(found[found >= 0]).tolist():
            joined = np.unique(part[n][place[rows[found == n]]])
            part[n][np.isin(part[n], joined)] = joined[0]
    parts = {n: [np.flatnonzero(of == one) for one in np.unique(of)[: MOST + 1]] for n, of in part.items()}
    return {n: found for n, found in parts.items() if 1 < len(found) <= MOST}


def _read(plan: Plan, buffer: str) -> list[Any]:
    """Return the rows of a buffer that each view reads."""
    found = []
    for instruction in plan.forward:
        if isinstance(instruction, Dot):
            matrices = instruction.left, instruction.right
            found += [matrix.rows for matrix in matrices if matrix.buffer == buffer]
        elif isinstance(instruction, Loop):
            found += [touched(view) for view in instruction.read if view.buffer == buffer]
    return found
