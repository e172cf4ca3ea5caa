"""What a plan is made of, as text."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine.compile.instructions import Dot, Loop, Plan, Zero

MOST = 8
"""So many shapes of matrix products are told."""


def told(plan: Plan) -> list[str]:
    """Return lines that say of what a plan is made: instructions by kind, matrix products, memory."""
    lines = [
        f"{name}: {_counted(instructions)}"
        for name, instructions in (("forward", plan.forward), ("reverse", plan.reverse))
        if instructions
    ]
    lines += _products(plan.forward)
    laned = plan.sizes["V"] + plan.sizes.get("G", 0)
    fixed = plan.sizes["P"] + plan.sizes.get("D", 0)
    lines.append(f"memory: {8 * laned:,} bytes a sample, {8 * fixed:,} for parameters and gradients")
    return lines


def _products(instructions: Sequence[Any]) -> list[str]:
    """Return a line for each shape of matrix product, the largest first."""
    shapes = Counter(
        [(*dot.left.rows.shape, dot.right.rows.shape[1]) for dot in instructions if isinstance(dot, Dot)]
    )
    told = sorted(shapes, key=lambda shape: -math.prod(shape))
    lines = [
        f"matrix product of {m} x {k} by {k} x {n} a sample"
        + (f", {shapes[m, k, n]} times" * (shapes[m, k, n] > 1))
        for m, k, n in told[:MOST]
    ]
    return lines + [f"and {len(told) - MOST} more shapes"] * (len(told) > MOST)


def _counted(instructions: Sequence[Any]) -> str:
    kinds = Counter(map(type, instructions))
    return ", ".join(f"{kinds[kind]} {kind.__name__}" for kind in (Loop, Dot, Zero) if kinds[kind])
