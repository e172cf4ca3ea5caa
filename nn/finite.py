"""A number that is finite, or an error that names it."""

import math
from typing import Any

from engine.carrier import as_number


def finite(name: str, given: Any) -> float:
    """Return a number as a float; ValueError where it is nan or infinite, TypeError where it is no number.

    >>> finite("b", 2)
    2.0
    """
    number = float(as_number(given, name))
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
    return number
