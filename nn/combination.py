"""A linear combination, written out: 2 x1 − x2 + 0.5."""

from collections.abc import Sequence

from engine.see.digits import MINUS

MOST_TERMS = 6
"""So many terms of a longer combination are written; the rest is counted."""
MOST_FIGURES = 8
"""So many numbers of a longer row are written; the rest is counted."""


def combination(coefficients: Sequence[float], letter: str, constant: float | str = 0.0) -> str:
    """Return Σ coefficient · letter + constant as text; the letters count from 1, terms of 0 are left out.

    The constant is a number, or the name of one more unknown, which may begin with a minus. Numbers have
    up to four digits.

    >>> combination([2.0, -1.0], "x", 0.5)
    '2 x1 − x2 + 0.5'
    >>> combination([0.0, 1.0], "w", "b")
    'w2 + b'
    """
    names = [f"{letter}{i}" for i in range(1, len(coefficients) + 1)]
    terms = [_term(c, name) for c, name in zip(coefficients, names, strict=True) if c != 0]
    if len(terms) > MOST_TERMS:
        more = len(terms) - MOST_TERMS + 1
        terms = [*terms[: MOST_TERMS - 1], (1, f"({more} more)")]
    if isinstance(constant, str):
        terms.append((-1 if constant.startswith(MINUS) else 1, constant.removeprefix(MINUS)))
    elif constant != 0 or not terms:
        terms.append(_term(constant, ""))
    (sign, first), *rest = terms
    text = first if sign > 0 else f"{MINUS}{first}"
    return text + "".join(f" {'+' if sign > 0 else MINUS} {term}" for sign, term in rest)


def _term(coefficient: float, name: str) -> tuple[int, str]:
    """Return the sign of a term and its text without the sign."""
    sign = -1 if coefficient < 0 else 1
    size = figure(abs(coefficient))
    return sign, (name if size == "1" else f"{size} {name}") if name else size


def figure(number: float) -> str:
    """Return a number in up to four digits, whole numbers as such, with a true minus.

    >>> figure(5.0), figure(-0.125), figure(1 / 3)
    ('5', '−0.125', '0.3333')
    """
    return f"{float(number):.4g}".replace("-", MINUS)


def figures(numbers: Sequence[float]) -> str:
    """Return a row of numbers, each as `figure` writes it; of many the first, and how many more there are.

    >>> figures([0.5, -1.0]), figures(range(10))
    ('0.5, −1', '0, 1, 2, 3, 4, 5, 6, 7, ... (2 more)')
    """
    text = ", ".join(map(figure, numbers[:MOST_FIGURES]))
    more = len(numbers) - MOST_FIGURES
    return text if more <= 0 else f"{text}, ... ({more} more)"
