"""The exercises of notebook 03: the perceptron."""

from typing import Any

from engine import dot
from nn.combination import figure
from nn.contradiction import contradiction, inequality
from nn.course.exercise import Judge, NotRight, value
from nn.data.gates import ROWS
from nn.hyperplane import Hyperplane
from nn.perceptron import Perceptron

NAND, LOAN, XOR = (1, 1, 1, 0), (0, 0, 1, 0), (0, 1, 1, 0)
"""What is wanted at (0, 0), (0, 1), (1, 0), (1, 1)."""
LINE, POINT = Hyperplane((2.0, 1.0), -2.0), (1.0, 1.0)
"""The line that the rule learns for AND, and the point whose distance from it is asked."""
SQUARE, SIDES = ((0.0, 0.0), (0.0, 3.0), (3.0, 0.0), (2.0, 2.0)), (0, 1, 1, 0)
"""The points of exercise 03.5, and their classes."""


def _numbers(answer: Any, count: int, such_as: str) -> list[float]:
    """Return an answer as so many floats; NotRight where it is no such row."""
    if isinstance(answer, (list, tuple)) and len(answer) == count:
        try:
            return [float(x) for x in answer]
        except (TypeError, ValueError):
            pass
    raise NotRight(f"hand in a row of {count} numbers, such as {such_as}")


def _weights(answer: Any) -> Perceptron:
    """Return the perceptron of an answer, a row (b, w1, w2)."""
    b, *w = answer.weights if isinstance(answer, Perceptron) else _numbers(answer, 3, "(-1.5, 1, 1)")
    try:
        return Perceptron.of(b, w)
    except ValueError as error:
        raise NotRight(str(error)) from None


def _gate(wanted: tuple[int, ...], known: dict[tuple[int, ...], str]) -> Judge:
    """Return the judge of weights of a gate; `known` has hints for what other gates they may make."""

    def judge(answer: Any) -> str:
        perceptron = _weights(answer)
        got = tuple([int(perceptron(x).data) for x in ROWS])
        if got == wanted:
            return ""
        if got in known:
            return known[got]
        x, label, said = next(row for row in zip(ROWS, wanted, got, strict=True) if row[1] != row[2])
        height = perceptron.height(x).data
        zero = ", and step(0) is 0" if height == 0 else ""
        where = f"at ({x[0]:g}, {x[1]:g}) the height is {figure(height)}{zero}"
        return f"{where}: it answers {said}, wanted is {label}"

    return judge


def _without_the_first(answer: Any) -> str:
    """Judge weights that satisfy all of XOR's inequalities but the first."""
    perceptron = _weights(answer)
    if perceptron.weights == (1.0, -0.9, -0.9):
        return "those are the ones above; find others"
    for number, (x, label) in enumerate(zip(ROWS[1:], XOR[1:], strict=True), 2):
        height = perceptron.height(x).data
        if (height > 0) != bool(label):
            hint = f"({number}) {inequality(x, label)} does not hold: the left side is {figure(height)}"
            return (
                f"{hint}; and with b ≤ 0 the four contradict each other" if perceptron.b.data <= 0 else hint
            )
    return ""


def _adding_up(answer: Any) -> str:
    """Judge how often each inequality of the four points is taken."""
    often = _numbers(answer, 4, "(1, 1, 1, 1)")
    if not all(0 <= m < float("inf") for m in often):
        return "a number below 0 would turn > into <: all four are 0 or more"
    if not any(often):
        return "0 times each is 0 ≥ 0, which is true and no contradiction"
    if contradiction(SQUARE, SIDES, often):
        return ""
    signed = [m if side else -m for m, side in zip(often, SIDES, strict=True)]
    columns = zip(("w1", "w2", "b"), zip(*[(*x, 1.0) for x in SQUARE], strict=True), strict=True)
    left = next((name, total) for name, column in columns if (total := dot(signed, list(column))) != 0)
    return f"{left[0]} does not cancel: of it {figure(left[1])} is left when the four are turned and added"


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
        },
    ),
    "03.3": value(
        lambda: LINE.distance(POINT),
        {
            "that is the height; divide by the length of w": lambda: LINE.height(POINT),
            "the length of w is the root of 2² + 1²": lambda: (
                LINE.height(POINT) / dot((2.0, 1.0), (2.0, 1.0))
            ),
            "the length of w is not 2 + 1: Pythagoras": lambda: LINE.height(POINT) / sum(LINE.coefficients),
        },
        otherwise="the height at (1, 1), divided by the length of w",
    ),
    "03.4": _without_the_first,
    "03.5": _adding_up,
}
