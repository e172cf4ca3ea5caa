"""The exercises of the notebooks: check_exercise("03.2", answer) says whether it is right, or where to look.

The truth of each is computed by the engine when it is asked for, so there is nothing to look up.
"""

from typing import Any

from nn.course import lesson_01, lesson_02
from nn.course.exercise import Judge, Verdict, judged
from nn.nearest import pick

__all__ = ["EXERCISES", "Verdict", "check_exercise"]

EXERCISES: dict[str, Judge] = {
    **lesson_01.EXERCISES,
    **lesson_02.EXERCISES,
}
"""What judges an answer, by the exercise's number: that of the notebook, a dot, and its place there."""


def check_exercise(number: str, answer: Any) -> Verdict:
    """Return whether an answer to an exercise is right; if not, a hint at what went wrong.

    An answer is a number, a text, a row of them, a function or a graph, as the exercise says.

    Errors: ValueError for a number that no exercise has.

    >>> check_exercise("01.1", 12.0)
    not yet: that is the slope of x³ alone: -4x has a share of its own
    """
    return judged(pick("exercise", number, EXERCISES), answer)
