"""Autoencoders, plain and variational: networks that draw what they see again from a few numbers."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from engine import Value, dot, exp, expm1, sigmoid, sum as total
from nn.activations import Activation, linear
from nn.checked import from_zero, of_kind
from nn.data.cells import listed
from nn.init import Initialiser
from nn.inputs import layer_sizes, size
from nn.losses import binary_cross_entropy, mse
from nn.mlp import MLP
from nn.module import Module
from nn.nearest import pick
from nn.neuron import Layer, as_list

__all__ = ["VAE", "Autoencoder", "Elbo", "normal_kl", "reparameterise"]

OUTPUTS: dict[str, tuple[Activation, Callable[[Any, Any], Any]]] = {
    "gaussian": (linear, mse),
    "bernoulli": (sigmoid, binary_cross_entropy),
}
"""What makes means of the decoder's answers, and how far the answers are from what was seen."""

Row = Iterable[float | Value]


class _Drawing(Module):
    """What both have: sizes, and a decoder, which draws a row from a code."""

    decoder: MLP

    def __init__(self, nin: int, hidden: Iterable[int], code: int, output: str) -> None:
        self.nin, self.code = size("nin", nin), size("code", code)
        self.hidden = layer_sizes("hidden", hidden, "[32] or []")
        self.mean_of, self.distance = pick("output", output, OUTPUTS)
        self.output = output

    def decode(self, code: Row) -> list[Any]:
        """Return the row that a code stands for: the mean of each number.

        >>> [y.data for y in VAE(2, [], 1, init="zeros").decode([1.0])]
        [0.5, 0.5]
        """
        return [self.mean_of(y) for y in as_list(self.decoder(code))]

    def describe(self) -> str:
        """Return its sizes, from the input to the code, and its output.

        >>> Autoencoder(64, [32], 8).describe()
        'Autoencoder(64, [32], 8, gaussian)'
        """
        return f"{type(self).__name__}({self.nin}, {self.hidden}, {self.code}, {self.output})"


class Autoencoder(_Drawing):
    """A network that squeezes `nin` numbers into a `code` of a few, and draws them again from those.

    The encoder has layers of the sizes `hidden` and one of `code` linear neurons; the decoder mirrors it.
    With `hidden=[]` both are linear maps. `output` says what the loss takes the numbers for: "gaussian" for
    any, "bernoulli" for numbers from 0 to 1, where a sigmoid follows the decoder. The rest is as in MLP.
    Hinton & Salakhutdinov (2006), figure 1, without the pretraining that deep ones needed then.

    Errors: as those of MLP, and ValueError for another output or a size below 1.

    >>> len(Autoencoder(64, [32], 8).encode([0.5] * 64))
    8
    """

    def __init__(
        self,
        nin: int,
        hidden: Iterable[int],
        code: int,
        *,
        output: str = "gaussian",
        activation: str | Activation = "relu",
        init: str | Initialiser = "he",
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(nin, hidden, code, output)
        self.encoder = MLP(nin, [*self.hidden, code], activation=activation, init=init, rng=rng)
        self.decoder = MLP(code, [*self.hidden[::-1], nin], activation=activation, init=init, rng=rng)

    def encode(self, x: Row) -> list[Any]:
        """Return the code of a row.

        >>> [z.data for z in Autoencoder(3, [], 1, init="zeros").encode([1.0, 2.0, 3.0])]
        [0.0]
        """
        return as_list(self.encoder(x))

    def __call__(self, x: Row) -> list[Any]:
        """Return what is drawn of a row again.

        >>> [y.data for y in Autoencoder(2, [], 1, init="zeros")([1.0, 2.0])]
        [0.0, 0.0]
        """
        return self.decode(self.encode(x))

    def loss(self, x: Row) -> Any:
        """Return how far a row is from what is drawn of it again, as the mean over its numbers.

        For each it is the square of the difference, or with the output "bernoulli" the cross entropy in nats.

        Errors: those of Neuron, and ValueError for a number outside of 0 ... 1 with the output "bernoulli".

        >>> Autoencoder(2, [], 1, init="zeros").loss([1.0, 2.0]).data
        2.5
        """
        xs = listed("a row", x)
        return self.distance(as_list(self.decoder(self.encode(xs))), xs)


class Elbo(NamedTuple):
    """The evidence lower bound on log p(x) of one row in its two parts, in nats: their difference.

    They are the reconstruction, log p(x | z) at the code z that was drawn, and the divergence of q(z | x)
    from the prior N(0, I). Kingma & Welling (2014), equation 3.

    >>> Elbo(reconstruction=-20.0, divergence=3.0).bound
    -23.0
    """

    reconstruction: Any
    divergence: Any

    @property
    def bound(self) -> Any:
        """The bound itself.

        >>> Elbo(-1.0, 0.5).bound
        -1.5
        """
        return self.reconstruction - self.divergence


class VAE(_Drawing):
    """A variational autoencoder: its code of a row is a normal distribution, from which one is drawn.

    The encoder's layers of the sizes `hidden` end in two of `code` linear neurons, the means and the log
    variances of q(z | x). The decoder gives the means of p(x | z): "bernoulli" for numbers from 0 to 1, or
    "gaussian" with variance 1. The loss holds the codes near N(0, I): a code drawn from there stands for a
    new row (`sample`). It is beta times the divergence less the reconstruction; for `beta` 1 that is the
    negative Elbo, and with the output "gaussian" a beta of σ² is as good as a variance of σ² instead of 1.

    Kingma & Welling (2014), sections 2 and 3; beta: Higgins et al. (2017), equation 4.

    Errors: as those of Autoencoder; ValueError for a beta below 0 or not finite; TypeError for an `rng` that
    is none, of `noise` and `sample`, too.

    >>> VAE(3, [], 1)
    VAE(3, [], 1, bernoulli)                    14
    ├─ mean Layer(3, 1)                          4
    │  └─ neurons[0] Neuron(3, linear)           4
    ├─ log_variance Layer(3, 1)                  4
    │  └─ neurons[0] Neuron(3, linear)           4
    └─ decoder MLP(1, [3])                       6
       └─ layers[0] Layer(1, 3)                  6
          └─ neurons[0…2] Neuron(1, linear) × 3  2 each
    14 parameters
    """

    def __init__(
        self,
        nin: int,
        hidden: Iterable[int],
        code: int,
        *,
        beta: float = 1.0,
        output: str = "bernoulli",
        activation: str | Activation = "relu",
        init: str | Initialiser = "he",
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(nin, hidden, code, output)
        self.beta = from_zero("beta", beta)
        sizes = [nin, *self.hidden]
        self.encoder = [Layer(a, b, activation=activation, init=init, rng=rng) for a, b in pairwise(sizes)]
        self.mean = Layer(sizes[-1], code, activation="linear", init=init, rng=rng)
        self.log_variance = Layer(sizes[-1], code, activation="linear", init=init, rng=rng)
        self.decoder = MLP(code, [*self.hidden[::-1], nin], activation=activation, init=init, rng=rng)

    def noise(self, rng: random.Random) -> list[float]:
        """Return ε: a number of N(0, 1) for each of the code.

        >>> VAE(2, [], 1).noise(random.Random(0)) == [random.Random(0).gauss()]
        True
        """
        of_kind("rng", rng, random.Random, "a random.Random, such as random.Random(0)")
        return [rng.gauss() for _ in range(self.code)]

    def encode(self, x: Row) -> tuple[list[Any], list[Any]]:
        """Return the means and the log variances of a row's code.

        >>> VAE(3, [2], 1, init="zeros").encode([1.0, 2.0, 3.0])[0][0].data
        0.0
        """
        answers: Any = x
        for layer in self.encoder:
            answers = layer(answers)
        return as_list(self.mean(answers)), as_list(self.log_variance(answers))

    def __call__(self, x: Row) -> list[Any]:
        """Return what is drawn of a row again, from the mean of its codes.

        >>> [y.data for y in VAE(2, [], 1, init="zeros")([1.0, 0.0])]
        [0.5, 0.5]
        """
        return self.decode(self.encode(x)[0])

    def sample(self, rng: random.Random) -> list[float]:
        """Return a new row: what a code of N(0, I) stands for.

        >>> VAE(2, [], 1, init="zeros").sample(random.Random(0))
        [0.5, 0.5]
        """
        return [float(y) for y in self.decode(self.noise(rng))]

    def elbo(self, x: Row, noise: Sequence[float | Value]) -> Elbo:
        """Return the two parts of a row's Elbo, log p(x | z) at z = μ + σε and the divergence.

        Kingma & Welling (2014), equation 10, with one ε; appendix C for log p(x | z).

        Errors: ValueError for noise of another length than the code, and as the loss of Autoencoder.

        >>> reconstruction, divergence = VAE(2, [], 1, init="zeros").elbo([1.0, 0.0], [0.5])
        >>> round(reconstruction.data, 6), divergence.data
        (-1.386294, 0.0)
        """
        xs = listed("a row", x)
        means, log_variances = self.encode(xs)
        answers = as_list(self.decoder(reparameterise(means, log_variances, noise)))
        nats = self.distance(answers, xs)
        if self.output == "gaussian":
            nats = (nats + math.log(2 * math.pi)) / 2
        return Elbo(-self.nin * nats, normal_kl(means, log_variances))

    def loss(self, x: Row, noise: Sequence[float | Value] | None = None) -> Any:
        """Return beta times the divergence less the reconstruction of a row, in nats.

        Without noise z is μ: no bound, since ε = 0 is no draw, but the same number every time.

        Errors: as `elbo`.

        >>> round(VAE(2, [], 1, init="zeros").loss([1.0, 0.0], [0.5]).data, 6)
        1.386294
        """
        reconstruction, divergence = self.elbo(x, [0.0] * self.code if noise is None else noise)
        return self.beta * divergence - reconstruction

    def describe(self) -> str:
        """Return its sizes, from the input to the code, its output, and its beta where that is not 1.

        >>> VAE(64, [32], 2, beta=4).describe()
        'VAE(64, [32], 2, bernoulli, beta=4)'
        """
        beta = "" if self.beta == 1 else f", beta={self.beta:g}"
        return f"{super().describe()[:-1]}{beta})"


def reparameterise(means: Sequence[Any], log_variances: Sequence[Any], noise: Sequence[Any]) -> list[Any]:
    """Return z = μ + σε for each μ, log σ² and ε: a draw of N(μ, σ²) whose chance is all in ε.

    So ∂z/∂μ = 1 and ∂z/∂σ = ε. Kingma & Welling (2014), section 2.4. From log σ² = 1420 on σ is no float any
    more but inf: z is infinite then, and nan where ε is 0.

    Errors: ValueError for lists of different lengths, TypeError for what is no list.

    >>> reparameterise([1.0], [2 * math.log(0.5)], [2.0])
    [2.0]
    """
    means, log_variances = listed("means", means), listed("log variances", log_variances)
    noise = listed("noise", noise)
    if not len(means) == len(log_variances) == len(noise):
        raise ValueError(
            f"each mean takes one log variance and one number of noise, got {len(means)} means, "
            f"{len(log_variances)} log variances and noise of {len(noise)}"
        )
    return [m + exp(v / 2) * e for m, v, e in zip(means, log_variances, noise, strict=True)]


def normal_kl(means: Sequence[Any], log_variances: Sequence[Any]) -> Any:
    """Return the Kullback-Leibler divergence of N(μ, σ²) from N(0, I): Σ (μ² + σ² - log σ² - 1) / 2, in nats.

    Kingma & Welling (2014), appendix B. σ² - 1 is expm1(log σ²), which keeps its digits where σ is near 1.

    Errors: ValueError for lists of different lengths, TypeError for what is no list.

    >>> normal_kl([0.0], [0.0]), normal_kl([1.0], [0.0])
    (0.0, 0.5)
    """
    means, log_variances = listed("means", means), listed("log variances", log_variances)
    if len(means) != len(log_variances):
        raise ValueError(f"each mean takes one log variance, got {len(means)} and {len(log_variances)}")
    return (dot(means, means) + total([expm1(v) - v for v in log_variances])) / 2
