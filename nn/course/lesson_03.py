"""The exercises of notebook 03: the perceptron."""

import math
from fractions import Fraction
from typing import Any

from engine import dot
from nn.combination import figure
from nn.contradiction import contradiction, inequality
from nn.course.exercise import ROUNDING, Judge, NotRight, number, numbers, value
from nn.data.gates import ROWS
from nn.hyperplane import Hyperplane
from nn.perceptron import Perceptron

NAND, LOAN, XOR = (1, 1, 1, 0), (0, 0, 1, 0), (0, 1, 1, 0)
"""What is wanted at (0, 0), (0, 1), (1, 0), (1, 1)."""
ROW = "a row of 3 numbers, such as (-1.5, 1, 1)"
ORDER = "the order is (b, w1, w2): the bias comes first"
NORMAL, POINT = (2.0, 1.0), (1.0, 1.0)
LINE = Hyperplane(NORMAL, -2.0)
"""The line that the rule learns for AND; the distance of the point from it is asked."""
W = (-2.0, -3.0)
"""The weights of exercise 03.4."""
SQUARE, SIDES = ((0.0, 0.0), (0.0, 3.0), (3.0, 0.0), (2.0, 2.0)), (0, 1, 1, 0)
"""The points of exercise 03.5, and their classes."""
LARGEST = 100
"""A float there may stand for a fraction with a denominator up to this, as 0.3333333333333333 does."""


def _weights(answer: Any) -> Perceptron:
    """Return the perceptron of an answer, a row (b, w1, w2)."""
    b, *w = answer.weights if isinstance(answer, Perceptron) else numbers(answer, 3, ROW)
    try:
        return Perceptron.of(b, w)
    except ValueError as error:
        raise NotRight(str(error)) from None


def _said(perceptron: Perceptron) -> tuple[int, ...]:
    """Return what a perceptron answers at the four inputs of a gate."""
    return tuple([int(perceptron(x).data) for x in ROWS])


def _gate(wanted: tuple[int, ...], known: dict[tuple[int, ...], str]) -> Judge:
    """Return the judge of weights of a gate; `known` has hints for what other gates they may make."""

    def judge(answer: Any) -> str:
        perceptron = _weights(answer)
        got = _said(perceptron)
        if got == wanted:
            return ""
        w1, w2, b = perceptron.weights
        if _said(Perceptron.of(b, (w1, w2))) == wanted:
            return ORDER
        if got in known:
            return known[got]
        x, label, said = next(row for row in zip(ROWS, wanted, got, strict=True) if row[1] != row[2])
        height = perceptron.height(x).data
        zero = ", and step(0) is 0" if height == 0 else ""
        where = f"at ({x[0]:g}, {x[1]:g}) the height is {figure(height)}{zero}"
        return f"{where}: it answers {said}, wanted is {label}"

    return judge


def _without_the_first(answer: Any) -> str:
    """Judge a bias that satisfies all of XOR's inequalities but the first; the weights are given."""
    b = number(answer, "one number, the bias b; the weights are given")
    if not math.isfinite(b):
        return "b is a finite number"
    if b <= 0:
        return "b ≤ 0 is (1), and (1) is not to hold here"
    for place, (x, label) in enumerate(zip(ROWS[1:], XOR[1:], strict=True), 2):
        height = Hyperplane(W, b).height(x)
        if (height > 0) != bool(label):
            return f"({place}) {inequality(x, label)} does not hold: the left side is {figure(height)}"
    return ""


def _over(length: float) -> float:
    """Return what someone answers who divides the height by that."""
    return LINE.height(POINT) / length


def _meant(number: float) -> Fraction:
    """Return the fraction with a small denominator that a float stands for, or else what it is exactly."""
    fraction = Fraction(number).limit_denominator(LARGEST)
    return fraction if abs(number - fraction) <= ROUNDING else Fraction(number)


def _adding_up(answer: Any) -> str:
    """Judge how often each inequality of the four points is taken; 1/3 may have been rounded to a float."""
    given = numbers(answer, 4, "a row of 4 numbers, such as (1, 1, 1, 1)")
    if not all(0 <= m < math.inf for m in given):
        return "a number below 0 would turn > into <: all four are 0 or more"
    often = [_meant(m) for m in given]
    if contradiction(SQUARE, SIDES, often):
        return ""
    if any(m.denominator > LARGEST for m in often):
        return "whole numbers are enough: if they are fractions, multiply all four until none is left"
    if not any(often):
        return "0 times each is 0 ≥ 0, which is true and no contradiction"
    signed = [m if side else -m for m, side in zip(often, SIDES, strict=True)]
    columns = zip(("w1", "w2", "b"), zip(*[(*x, 1.0) for x in SQUARE], strict=True), strict=True)
    sums = [(name, float(dot(signed, column))) for name, column in columns]
    name, left = next(row for row in sums if row[1] != 0)
    return f"{name} does not cancel: of it {figure(left)} is left when the four are turned and added"


EXERCISES: dict[str, Judge] = {
    "03.1": _gate(
        NAND,
        {
            (0, 0, 0, 1): "that is AND itself: all four answers are to be the opposite",
            (1, 0, 0, 0): "that is the opposite of OR; NAND says 0 at (1, 1) alone",
        },
    ),
    "03.2": _gate(
        LOAN,
        {
            (0, 0, 0, 1): "that gives the loan to those who owe something: a debt must pull the height down",
            (0, 1, 0, 0): "that gives the loan to those without an income who owe something: swap the inputs",
            (1, 0, 1, 0): "that asks for no debts alone; the income has to count, too",
            (
                0,
                0,
                1,
                1,
            ): "that asks for an income alone: x2 has to count, too, and at (1, 1) the answer is 0",
            (
                0,
                0,
                0,
                0,
            ): "it never says yes: at (1, 0) the height, w1 + b, is to be above 0; b is too low for w1",
        },
    ),
    "03.3": value(
        lambda: LINE.distance(POINT),
        {
            "that is the height; divide by the length of w": lambda: _over(1.0),
            "divide by the length of w, do not multiply": lambda: _over(1 / math.hypot(*NORMAL)),
            "the length of w is the root of 2² + 1²": lambda: _over(dot(NORMAL, NORMAL)),
            "the length of w is not 2 + 1, and b has no part in it: Pythagoras, of w1 and w2": (
                lambda: _over(sum(NORMAL))
            ),
            "2 and 1 are squared before they are added": lambda: _over(math.sqrt(sum(NORMAL))),
            "w1 and w2 alone make the length of w, no third 1": lambda: _over(math.hypot(*NORMAL, 1.0)),
            "the root of 2 was the length of w = (1, 1); here w is (2, 1)": lambda: _over(
                math.hypot(1.0, 1.0)
            ),
            "the height is not 2x₁ + x₂ alone: b belongs to it": (
                lambda: dot(NORMAL, POINT) / math.hypot(*NORMAL)
            ),
            "(1, 1) is on the side of class 1, where the distance is positive": lambda: -LINE.distance(POINT),
        },
        otherwise="the height at (1, 1), divided by the length of w",
    ),
    "03.4": _without_the_first,
    "03.5": _adding_up,
}
