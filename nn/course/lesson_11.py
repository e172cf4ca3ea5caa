"""The exercises of notebook 11: convolution."""

import math
from typing import Any

from engine import Value, paths
from engine.ops import sum as total
from nn.conv import Conv1d, Conv2d, flatten
from nn.course.exercise import Judge, NotRight, numbers, value

READ = (1.0, 0.0, 2.0, 5.0)
"""The numbers of exercise 11.1."""
SHADES = (1.0, 0.25)
"""Windows of one shade in exercise 11.2, to each of which the kernel answers 0."""
EDGES = ((1.0, 0.0), (0.875, 0.25))
"""What is left and what is right of an edge there, to which it answers more than 0."""
SIDE, KERNEL = 8, 3
"""The sides of the image and of the kernel of exercises 11.2 and 11.4."""


def _slopes() -> list[float]:
    """Return the derivative of the sum of all answers by each of the two weights."""
    conv = Conv1d(1, 1, 2, bias=False, init="zeros")
    total(conv([READ])[0]).backward()
    return [weight.grad for weight in conv.parameters()]


def _kernel(answer: Any) -> str:
    """Judge a kernel: 0 where a window is of one shade, more than 0 where it is darker on the left."""
    conv = Conv2d(1, 1, KERNEL, bias=False, init="zeros")
    for weight, given in zip(conv.parameters(), _weights(answer), strict=True):
        weight.data = given
    for shade in SHADES:
        z = _seen(conv, [shade] * KERNEL)
        if not math.isclose(z, 0.0, abs_tol=1e-9):
            return f"to a window that is {shade:g} everywhere it answers {z:.4g}, not 0: add up the weights"
    for dark, light in EDGES:
        for at in range(1, KERNEL):
            row = [dark] * at + [light] * (KERNEL - at)
            z = _seen(conv, row)
            if z <= 1e-9:
                shown = ", ".join([f"{x:g}" for x in row])
                more = ": that is an edge the other way round" if z < -1e-9 else ""
                return f"to a window with the rows {shown} it answers {z:.4g}, not more than 0{more}"
    return ""


def _weights(answer: Any) -> list[float]:
    """Return the nine weights of three rows."""
    wanted = "three rows of three numbers, such as [[0, 0, 0], [0, 1, 0], [0, 0, 0]]"
    if not isinstance(answer, (list, tuple)) or len(answer) != KERNEL:
        raise NotRight(f"hand in {wanted}")
    weights = [x for row in answer for x in numbers(row, KERNEL, wanted)]
    strange = [x for x in weights if not math.isfinite(x)]
    if strange:
        raise NotRight(f"a weight is a finite number, got {strange[0]}")
    return weights


def _seen(conv: Conv2d, row: list[float]) -> float:
    """Return what a kernel answers to a window of three such rows."""
    return float(conv([[row] * KERNEL])[0][0][0])


def _routes(padding: int = 0) -> tuple[float, float]:
    """Return how many routes lead from the sum of a map to a pixel in the corner and to one in the middle."""
    conv = Conv2d(1, 1, KERNEL, padding=padding, bias=False, init="zeros")
    image = [[[Value(0.0) for _ in range(SIDE)] for _ in range(SIDE)]]
    summed = total(flatten(conv(image)))
    corner, middle = image[0][0][0], image[0][SIDE // 2][SIDE // 2]
    return float(paths(summed, corner).count), float(paths(summed, middle).count)


def _parameters(channels: int = 4, *, bias: bool = True) -> int:
    return len(Conv2d(channels, 8, KERNEL, bias=bias, init="zeros").parameters())


EXERCISES: dict[str, Judge] = {
    "11.1": value(
        _slopes,
        {
            "in that order they belong to each other's numbers: the first weight sees the left of a window": (
                lambda: _slopes()[::-1]
            ),
            "no weight sees all four numbers: where does the window begin, and where does it end?": (
                lambda: [sum(READ)] * 2
            ),
            "that is one window; each weight has a route for each of three": lambda: list(READ[:2]),
        },
    ),
    "11.2": _kernel,
    "11.3": value(
        _parameters,
        {
            "each filter looks at all four channels: its window is 3 × 3 × 4": lambda: _parameters(1),
            "each filter has a bias, too": lambda: _parameters(bias=False),
            "one bias for each filter, not for each of its channels": (
                lambda: _parameters(bias=False) + 4 * 8
            ),
        },
    ),
    "11.4": value(
        _routes,
        {
            "so many routes lead to a weight; a pixel has one for each window in which it lies": (
                lambda: [float((SIDE - KERNEL + 1) ** 2)] * 2
            ),
            "that is with a padding of 1; here the windows stay inside of the image": lambda: _routes(1),
            "one of the two is right; a pixel in the corner lies in fewer windows than one in the middle": (
                lambda: [_routes()[1]] * 2
            ),
        },
    ),
}
