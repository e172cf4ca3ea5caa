"""The exercises of notebook 12: recurrence."""

from typing import Any

from engine import grad, sigmoid, sqrt
from nn.course.exercise import Judge, number, value
from nn.recurrent import Forecaster

W, READ = 0.5, (4.0, 0.0, 1.0)
"""The weight of exercise 12.1, and the numbers that its chain reads."""
TIMES, HALF, MOST = 50, 0.5, 4.5
"""Over so many times at least so much of the memory is to stay in exercise 12.2, with a bias up to that."""
SLOPE = 0.01
"""What ∂h₃/∂x₁ is to be in exercise 12.3."""
HIDDEN = 16
"""The states of the GRU of exercise 12.4."""


def _chain(w: Any) -> Any:
    """Return h₃ of the chain that reads the three numbers."""
    x1, x2, x3 = READ
    return w * (w * x1 + x2) + x3


def _last_use(w: float) -> float:
    """Return the share of the last use of w, as if the state before did not depend on it."""
    x1, x2, _ = READ
    return w * x1 + x2


def _forget_bias(answer: Any) -> str:
    """Judge a bias of the forget gate with which half of the memory stays."""
    bias = number(answer, "one number, the bias b, such as 1.0")
    stays = sigmoid(bias) ** TIMES
    if stays >= HALF:
        return (
            ""
            if bias <= MOST
            else f"enough stays, but b is to be at most {MOST:g}: the gate must still close"
        )
    if bias < 1 and bias**TIMES >= HALF:
        return "that is a good gate f; asked is the bias b, of which f is the sigmoid: f = σ(b)"
    return f"σ({bias:g}) is {sigmoid(bias):.4g}, and to the power of {TIMES} that is {stays:.2g}"


def _parameters() -> int:
    return len(Forecaster("gru", HIDDEN).parameters())


EXERCISES: dict[str, Judge] = {
    "12.1": value(
        lambda: grad(_chain)(W),
        {
            "that is the share of one use of w; it is used at two times, as h₂ depends on it, too": (
                lambda: _last_use(W)
            ),
            "an upstream is missing: the early use of w has to pass the later one on its way": (
                lambda: _last_use(W) + READ[0]
            ),
        },
    ),
    "12.2": _forget_bias,
    "12.3": value(
        lambda: sqrt(SLOPE),
        {
            "with that the slope is its square: x₁ passes w twice on its way to h₃": lambda: SLOPE,
            "that is the square; w² is to be 0.01, so w is its root": lambda: SLOPE**2,
            "there are three times, but only two steps between them": lambda: SLOPE ** (1 / 3),
            "the size |w| is asked, without a sign": lambda: -sqrt(SLOPE),
        },
    ),
    "12.4": value(
        _parameters,
        {
            "the same weights read all times: a longer window has no more of them": lambda: 2 * _parameters(),
            "the linear neuron that reads the last state counts, too": lambda: _parameters() - HIDDEN - 1,
        },
        otherwise="count those of the model above, and ask what a longer window adds",
    ),
}
