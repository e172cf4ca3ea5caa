"""Update rules: where a parameter moves, given its gradient.

Every rule is called alike and answers alike, so that a compiler can record any of them:

    p, *state = rule(p, g, *state, t=t, learning_rate=learning_rate, **hyper_parameters)

`p` is the parameter and `g` its gradient; the state starts at 0, a number a slot; `t` is the number of the
update, from 1. All of them may be floats, Values or Symbols. The arithmetic is that of PyTorch's optimizers.
"""

from typing import Any

from engine import div, power, sqrt
from engine.ops import sign


def sgd(p: Any, g: Any, learning_rate: Any) -> Any:
    """Return the parameter p after a step against its gradient g: p - learning_rate * g.

    The method of steepest descent (Cauchy 1847), on the gradient of a sample (Robbins & Monro 1951).

    >>> sgd(1.0, 4.0, 0.25)
    0.0
    """
    return p - learning_rate * g


def decayed(p: Any, g: Any, l1: Any, l2: Any) -> Any:
    """Return g plus the gradient of l1 * |p| + l2 / 2 * p²: g + l2 * p + l1 * sign(p).

    l2 is ridge regression's penalty (Hoerl & Kennard 1970), known as weight decay, l1 the lasso's
    (Tibshirani 1996), whose slope at 0 is 0.

    >>> decayed(-2.0, 1.0, 0.5, 0.25)
    0.0
    """
    return g + l2 * p + l1 * sign(p)


def descent(p: Any, g: Any, *, t: Any, learning_rate: Any) -> tuple[Any]:
    """Return (p,) after a step of `sgd`, which keeps no state.

    >>> descent(1.0, 4.0, t=1, learning_rate=0.25)
    (0.0,)
    """
    return (sgd(p, g, learning_rate),)


def momentum(p: Any, g: Any, velocity: Any, *, t: Any, learning_rate: Any, momentum: Any) -> tuple[Any, Any]:
    """Return (p, velocity) after a step along the velocity: momentum * velocity + g.

    The heavy ball (Polyak 1964); the learning rate multiplies the velocity, as in PyTorch, so a change of it
    acts at once.

    >>> momentum(1.0, 4.0, 8.0, t=1, learning_rate=0.125, momentum=0.5)
    (0.0, 8.0)
    """
    velocity = momentum * velocity + g
    return sgd(p, velocity, learning_rate), velocity


def nesterov(p: Any, g: Any, velocity: Any, *, t: Any, learning_rate: Any, momentum: Any) -> tuple[Any, Any]:
    """Return (p, velocity) after a step that looks ahead by the new velocity: g + momentum * velocity.

    The accelerated gradient (Nesterov 1983) in the variables of Sutskever, Martens, Dahl & Hinton (2013), as
    PyTorch has it.

    >>> nesterov(1.0, 4.0, 8.0, t=1, learning_rate=0.125, momentum=0.5)
    (0.0, 8.0)
    """
    velocity = momentum * velocity + g
    return sgd(p, g + momentum * velocity, learning_rate), velocity


def rmsprop(
    p: Any, g: Any, square: Any, *, t: Any, learning_rate: Any, decay: Any, epsilon: Any
) -> tuple[Any, Any]:
    """Return (p, square) after a step by g / (√square + epsilon), with the running mean `square` of g².

    Tieleman & Hinton (2012), lecture 6.5 of Neural Networks for Machine Learning.

    >>> rmsprop(1.0, 4.0, 16.0, t=1, learning_rate=0.25, decay=0.5, epsilon=0.0)
    (0.75, 16.0)
    """
    square = decay * square + (1 - decay) * (g * g)
    return sgd(p, div(g, sqrt(square) + epsilon), learning_rate), square


def adam(
    p: Any,
    g: Any,
    mean: Any,
    square: Any,
    *,
    t: Any,
    learning_rate: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
) -> tuple[Any, Any, Any]:
    """Return (p, mean, square): a step by the running mean of g over the root of that of g².

    Both start at 0 and so are too small at first: they are divided by 1 - betaᵗ. Kingma & Ba (2015),
    algorithm 1.

    >>> adam(1.0, 4.0, 0.0, 0.0, t=1, learning_rate=0.25, beta1=0.5, beta2=0.75, epsilon=0.0)
    (0.75, 2.0, 4.0)
    """
    mean = beta1 * mean + (1 - beta1) * g
    square = beta2 * square + (1 - beta2) * (g * g)
    root = sqrt(square) / sqrt(1 - power(beta2, t))
    direction = div(mean / (1 - power(beta1, t)), root + epsilon)
    return sgd(p, direction, learning_rate), mean, square


def adamw(
    p: Any,
    g: Any,
    mean: Any,
    square: Any,
    *,
    t: Any,
    learning_rate: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    weight_decay: Any,
) -> tuple[Any, Any, Any]:
    """Return (p, mean, square) after a step of `adam` from a p that shrank by learning_rate * weight_decay.

    The decay is no part of the gradient, so it is not divided by its root. Loshchilov & Hutter (2019),
    algorithm 2, scaled by the learning rate as in PyTorch.

    >>> hyper = dict(beta1=0.5, beta2=0.75, epsilon=0.0, weight_decay=0.5)
    >>> adamw(1.0, 4.0, 0.0, 0.0, t=1, learning_rate=0.25, **hyper)
    (0.625, 2.0, 4.0)
    """
    shrunk = sgd(p, weight_decay * p, learning_rate)
    return adam(
        shrunk, g, mean, square, t=t, learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon
    )
