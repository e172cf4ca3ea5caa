"""What a number that was handed in may be: equal to a whole truth, three digits of another."""

import math


def agrees(x, truth):
    """Tell whether x is the truth, rounded to three digits or better; a whole truth must be met."""
    whole = truth == round(truth)
    room = 0.0 if whole else 10.0 ** (math.floor(math.log10(abs(truth))) - 2) / 2
    return abs(x - truth) <= room + 1e-9 * max(1.0, abs(truth))
