"""The simplex method in whole numbers: exact multipliers, or the exact reason why there are none."""

from collections.abc import Sequence
from fractions import Fraction


def cancelling(columns: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """Return multipliers ≥ 0, not all 0, by which the columns add up to 0; or a vector that rules them out.

    Just one of the two is not empty. The vector's product with every column is above 0, so no such sum is 0
    (Gordan 1873). The method: phase one of the simplex with Bland's rule (1977), which cannot cycle, every
    division exact (Edmonds 1967), so that nothing is ever rounded.

    >>> cancelling([[1, 0], [-1, 1], [0, -2]])
    ([2, 2, 1], [])
    >>> cancelling([[1, 0], [1, 1]])
    ([], [2, -1])
    """
    count, height = len(columns), len(columns[0]) + 1
    table = [
        [
            *[(*column, 1)[i] for column in columns],
            *[int(i == k) for k in range(height)],
            int(i == height - 1),
        ]
        for i in range(height)
    ]
    goal = [-sum(entries) for entries in zip(*table, strict=True)]
    table.append([*goal[:count], *[0] * height, goal[-1]])
    basis = list(range(count, count + height))
    scale = 1  # every entry stands for itself / scale
    while (entering := next((j for j in range(count) if table[-1][j] < 0), None)) is not None:
        steps = [
            (Fraction(row[-1], row[entering]), basis[i], i)
            for i, row in enumerate(table[:-1])
            if row[entering] > 0
        ]
        leaving = min(steps)[-1]
        pivot, pivot_row = table[leaving][entering], table[leaving]
        for i, row in enumerate(table):
            if i != leaving:
                factor = row[entering]
                table[i] = [(a * pivot - factor * b) // scale for a, b in zip(row, pivot_row, strict=True)]
        scale, basis[leaving] = pivot, entering
    if table[-1][-1]:
        return [], [table[-1][count + i] - scale for i in range(height - 1)]
    multipliers = [0] * count
    for column, row in zip(basis, table, strict=False):
        if column < count:
            multipliers[column] = row[-1]
    return multipliers, []
