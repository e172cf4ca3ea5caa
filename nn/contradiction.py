"""Inequalities that add up to 0 > 0: the proof, checked exactly, and written as the lecture writes it."""

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import Any

from engine.see.digits import MINUS
from nn.checked import real
from nn.combination import MOST_TERMS, combination, figure
from nn.data.cells import Point, listed
from nn.hyperplane import two_classes

LARGEST_WHOLE = 10_000
"""Multipliers up to this are written as whole numbers, others as shares of 1."""
WIDEST, LONGEST = 3, 8
"""Sums of so many columns, and so many inequalities, are written out."""


def contradiction(points: Any, labels: Any, multipliers: Sequence[float | Fraction]) -> bool:
    """Return whether the points' inequalities, each times its multiplier, add up to 0 > 0; exactly.

    A point of class 1 asks for w·x + b > 0, one of class 0 for w·x + b ≤ 0. With the multipliers 0 or more,
    the left sides must cancel in each weight and in b, and one inequality that says > 0 must take part: then
    no weights satisfy them all.

    Errors: ValueError for another number of multipliers than of points, or one that is below 0 or not finite;
    TypeError for one that is no number; and as `nn.separable`.

    >>> corners, xor = [(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 0]
    >>> contradiction(corners, xor, [1, 1, 1, 1]), contradiction(corners, xor, [0, 1, 1, 1])
    (True, False)
    """
    known, sides = two_classes(points, labels)
    multipliers = listed("multipliers", multipliers)
    if len(multipliers) != len(known):
        raise ValueError(f"each point has a multiplier: got {len(multipliers)} for {len(known)} points")
    for i, multiplier in enumerate(multipliers):
        if not 0 <= real(f"multiplier {i}", multiplier) < inf:
            raise ValueError(
                f"multiplier {i} is {multiplier}: it must be 0 or more and finite, or > and < change places"
            )
    signed = [Fraction(m) if side else -Fraction(m) for m, side in zip(multipliers, sides, strict=True)]
    used = [(s, (Fraction(1), *map(Fraction, x))) for s, x in zip(signed, known, strict=True) if s]
    sums = [sum(s * x[j] for s, x in used) for j in range(len(known[0]) + 1)]
    return any(s > 0 for s in signed) and not any(sums)


def inequality(point: Point, label: int) -> str:
    """Return what a point asks of the weights and of b.

    >>> inequality((0.0, 1.0), 1), inequality((1.0, 1.0), 0)
    ('w2 + b > 0', 'w1 + w2 + b ≤ 0')
    """
    return f"{combination(point, 'w', 'b')} {'> 0' if label else '≤ 0'}"


def proof(points: Sequence[Point], labels: Sequence[int], multipliers: Sequence[Fraction]) -> str:
    """Return the proof that multipliers give: the inequalities, each times its number, and their sum.

    >>> print(proof([(3.0,), (3.0,)], [0, 1], [Fraction(1), Fraction(1)]))
    not separable: no w1 and b satisfy
      (1)  3 w1 + b ≤ 0  since (3) is of class 0
      (2)  3 w1 + b > 0  since (3) is of class 1
    with both sides of ≤ times −1, each times a number, these are
      1 × (1)  −3 w1 − b ≥ 0
      1 × (2)  3 w1 + b > 0
    and add up to 0 > 0, a contradiction:
      w1: −3 + 3 = 0
      b:  −1 + 1 = 0
    """
    places = [i for i, multiplier in enumerate(multipliers) if multiplier]
    used = [(points[i], labels[i], multipliers[i]) for i in places]
    width = len(points[0])
    names = [f"w{i}" for i in range(1, width + 1)]
    unknowns = ", ".join(names if width <= WIDEST else ["w1", "...", names[-1]])
    ids = [f"({n})" for n in range(1, len(used) + 1)]
    asked = [inequality(x, label) for x, label, _ in used]
    named = [
        f"({', '.join(map(figure, x))})" if width <= MOST_TERMS else f"point {i}"
        for i, (x, *_) in zip(places, used, strict=True)
    ]
    reasons = [f"since {name} is of class {label}" for name, (_, label, _) in zip(named, used, strict=True)]
    turned = [_turned(x, label) for x, label, _ in used]
    lines = [
        f"not separable: no {unknowns} and b satisfy",
        *_columns(ids, asked, reasons),
        f"with both sides of ≤ times {MINUS}1, each times a number, these are",
        *_columns([f"{m} × {n}" for m, n in zip(_factors([m for *_, m in used]), ids, strict=True)], turned),
    ]
    if width <= WIDEST and len(used) <= LONGEST and _whole([m for *_, m in used]):
        sums = _sums(used)
        return "\n".join([*lines, "and add up to 0 > 0, a contradiction:", *_columns(*sums, gap=" ")])
    exact = "" if _whole([m for *_, m in used]) else " (the numbers are rounded here alone)"
    return "\n".join(
        [*lines, f"and add up to 0 > 0, a contradiction: {unknowns} and b cancel exactly{exact}"]
    )


def _turned(point: Point, label: int) -> str:
    if label:
        return inequality(point, label)
    return f"{combination([-x for x in point], 'w', f'{MINUS}b')} ≥ 0"


def _whole(multipliers: Sequence[Fraction]) -> bool:
    return all(m.denominator == 1 and m <= LARGEST_WHOLE for m in multipliers)


def _factors(multipliers: Sequence[Fraction]) -> list[str]:
    if _whole(multipliers):
        texts = [str(m) for m in multipliers]
    else:
        total = sum(multipliers)
        texts = [figure(float(m / total)) for m in multipliers]
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts]


def _sums(used: Sequence[tuple[Point, int, Fraction]]) -> tuple[list[str], list[str]]:
    """Return the names of the unknowns, and how the coefficients of each add up."""
    names = [*(f"w{j}:" for j in range(1, len(used[0][0]) + 1)), "b:"]
    sums = []
    for j in range(len(names)):
        terms = [(m if label else -m) * Fraction((*x, 1.0)[j]) for x, label, m in used]
        first, *rest = [float(term) for term in terms if term] or [0.0]
        texts = [f" {'+' if term > 0 else MINUS} {figure(abs(term))}" for term in rest]
        sums.append(f"{figure(first)}{''.join(texts)} = 0" if rest else "0")
    return names, sums


def _columns(*columns: Sequence[str], gap: str = "  ") -> list[str]:
    widths = [max(map(len, column)) for column in columns]
    rows = zip(*columns, strict=True)
    return ["  " + gap.join(map(str.ljust, row, widths)).rstrip() for row in rows]
