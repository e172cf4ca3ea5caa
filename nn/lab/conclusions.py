"""Conclusions: sentences that follow from the figures by stated rules, with the numbers beside them."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from nn.data.describing import counted
from nn.lab.comparing import LEVEL, Difference, adjusted, difference
from nn.lab.figures import Row, Sheet
from nn.lab.techniques import GUESS

QUESTIONS = (
    ("Does a hidden layer help?", "mlp-16-tanh", "neurons"),
    ("Do more neurons help?", "mlp-64-tanh", "mlp-4-tanh"),
    ("Does a second hidden layer help?", "mlp-16-16-tanh", "mlp-16-tanh"),
    ("Is relu better than tanh?", "mlp-64-relu", "mlp-64-tanh"),
    ("Is a deep net better than the perceptron?", "mlp-16-16-tanh", "perceptron"),
    ("Is our MLP better than scikit-learn's of the same size?", "mlp-64-relu", "sklearn-mlp"),
)
"""What the lecture leads one to ask, as a technique and the one that it is held against."""
BETTER, WORSE, SAME = "better", "worse", "cannot be told"
"""The three answers that a test has."""


class Finding(NamedTuple):
    """What is said of two techniques: the verdict on the first, and the test that it follows from.

    `p` is the test's p, adjusted for all tests that answer the same question of the set.
    """

    first: str
    second: str
    verdict: str
    test: Difference
    p: float
    question: str = ""

    @property
    def sentence(self) -> str:
        """What follows, in words."""
        if self.verdict == SAME:
            return f"No difference between {self.first} and {self.second} can be told."
        return f"{self.first} is {self.verdict} than {self.second}."

    @property
    def numbers(self) -> str:
        """The numbers that it follows from."""
        test = self.test
        t = f"{test.t:.2f}" if math.isfinite(test.t) else "∞" if test.t > 0 else "-∞"
        p = "p < 0.0001" if self.p < 1e-4 else f"p = {self.p:.4f}"
        told = f"{test.mean:+.3f} ({test.low:+.3f} to {test.high:+.3f}), t({test.freedom}) = {t}, {p}"
        return told.replace("-", "\N{MINUS SIGN}")


class Conclusions(NamedTuple):
    """What follows for a data set: the best against each other, each against guessing, the questions."""

    best: list[Finding]
    guessing: list[Finding]
    questions: list[Finding]


def conclusions(sheet: Sheet) -> Conclusions:
    """Return what follows from the figures of a data set.

    The rule: the corrected resampled t-test of `nn.lab.comparing.difference`, its p adjusted by Holm for
    those of the same list; below 0.05 the technique of the larger mean is better, otherwise no difference
    can be told.

    >>> from nn.lab.laboratory import Laboratory
    >>> from nn.lab.figures import sheets
    >>> conclusions(sheets(Laboratory(["iris"], ["tree"], seeds=1, folds=2), {})[0]).best
    []
    """
    rows = sheet.good
    guess = sheet.row(GUESS)
    others = [row for row in rows if row is not guess]
    pairs = [(rows[0], row, "") for row in others if row is not rows[0]]
    asked = [(sheet.row(first), sheet.row(second), text) for text, first, second in QUESTIONS]
    return Conclusions(
        _findings(sheet, pairs),
        _findings(sheet, [(row, guess, "") for row in others if guess is not None]),
        _findings(sheet, [(first, second, text) for first, second, text in asked if first and second]),
    )


def _findings(sheet: Sheet, pairs: Sequence[tuple[Row, Row, str]]) -> list[Finding]:
    tests = [difference(first.blocks, second.blocks, sheet.ratio) for first, second, _ in pairs]
    return [
        Finding(first.technique.name, second.technique.name, _verdict(test, p), test, p, text)
        for (first, second, text), test, p in zip(
            pairs, tests, adjusted([test.p for test in tests]), strict=True
        )
    ]


def _verdict(test: Difference, p: float) -> str:
    if p >= LEVEL:
        return SAME
    return BETTER if test.mean > 0 else WORSE


class Tally(NamedTuple):
    """How often a question had which answer: on these data sets."""

    question: str
    first: str
    second: str
    better: list[str]
    worse: list[str]
    same: list[str]


def tallies(found: Sequence[tuple[Sheet, Conclusions]]) -> list[Tally]:
    """Return, for each question that was asked of a set, on which sets it had which answer.

    >>> tallies([])
    []
    """
    listed = []
    for text, first, second in QUESTIONS:
        answers: dict[str, list[str]] = {BETTER: [], WORSE: [], SAME: []}
        for sheet, concluded in found:
            for one in concluded.questions:
                if one.question == text:
                    answers[one.verdict].append(sheet.subject.name)
        if any(answers.values()):
            listed.append(Tally(text, first, second, answers[BETTER], answers[WORSE], answers[SAME]))
    return listed


def headline(sheet: Sheet, found: Conclusions) -> str:
    """Return the first sentence on a data set: the highest mean, and how much of the rest it is better than.

    >>> from nn.lab.laboratory import Laboratory
    >>> from nn.lab.figures import sheets
    >>> sheet = sheets(Laboratory(["iris"], ["tree"], seeds=1, folds=2), {})[0]
    >>> headline(sheet, conclusions(sheet))
    'No technique has figures.'
    """
    if not sheet.good:
        return "No technique has figures."
    best = sheet.good[0]
    told = f"{best.technique.name} has the highest mean, {best.mean:.3f}"
    count = Counter(one.verdict for one in found.best)
    if not found.best:
        return f"{told}."
    same, worse = count[SAME], count[BETTER]
    told += f"; {counted(same, 'other')} cannot be told apart from it" if same else ""
    told += f"; {counted(worse, 'other')} {'is' if worse == 1 else 'are'} worse" if worse else ""
    return f"{told}."


def as_json(found: Conclusions) -> dict[str, Any]:
    """Return conclusions, ready for JSON; an infinite t is None."""
    return {
        name: [
            one._asdict()
            | {
                "test": one.test._asdict() | ({} if math.isfinite(one.test.t) else {"t": None}),
                "sentence": one.sentence,
            }
            for one in findings
        ]
        for name, findings in found._asdict().items()
    }
