"""A small GPT spelled out in scalar Values: one block of attention and a perceptron.

Width 16, 4 heads, no biases, RMS norms, a perceptron 4 times as wide with relu, learned positions; the loss
is the mean cross entropy of the next token over the positions.
"""

import random

from engine import Value, detach, exp, log, max as largest, relu, select
from engine.ops import dot

WIDTH, HEADS, VOCABULARY, BLOCK = 16, 4, 27, 8


def spelled_out(ws, xs):
    total = ws[0] * xs[0]
    for w, x in zip(ws[1:], xs[1:], strict=True):
        total = total + w * x
    return total


class GPT:
    def __init__(self, rng, *, width=WIDTH, heads=HEADS, vocabulary=VOCABULARY, block=BLOCK, explicit=True):
        def matrix(rows, columns):
            return [[Value(rng.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.width, self.heads = width, heads
        self.product = spelled_out if explicit else dot
        self.tokens, self.positions = matrix(vocabulary, width), matrix(block, width)
        self.head = matrix(vocabulary, width)
        self.q, self.k, self.v, self.o = (matrix(width, width) for _ in range(4))
        self.up, self.down = matrix(4 * width, width), matrix(width, 4 * width)

    def parameters(self):
        parts = (self.tokens, self.positions, self.head, self.q, self.k, self.v, self.o, self.up, self.down)
        return [p for matrix in parts for row in matrix for p in row]

    def linear(self, matrix, x):
        return [self.product(row, x) for row in matrix]

    def logits(self, token, position, keys, values):
        x = [a + b for a, b in zip(select(self.tokens, token), self.positions[position], strict=True)]
        x = normed(x)
        before, x = x, normed(x)
        q, k, v = (self.linear(matrix, x) for matrix in (self.q, self.k, self.v))
        keys.append(k)
        values.append(v)
        size = self.width // self.heads
        attended = []
        for head in range(self.heads):
            part = slice(head * size, (head + 1) * size)
            scores = [self.product(q[part], k[part]) * size**-0.5 for k in keys]
            shares = softmax(scores)
            for j in range(size):
                attended.append(self.product(shares, [v[part][j] for v in values]))
        x = [a + b for a, b in zip(self.linear(self.o, attended), before, strict=True)]
        hidden = [relu(h) for h in self.linear(self.up, normed(x))]
        x = [a + b for a, b in zip(self.linear(self.down, hidden), x, strict=True)]
        return self.linear(self.head, x)

    def loss(self, tokens, targets):
        keys, values = [], []
        losses = []
        for position, (token, target) in enumerate(zip(tokens, targets, strict=True)):
            shares = softmax(self.logits(token, position, keys, values))
            losses.append(-log(select(shares, target)))
        return sum(losses[1:], losses[0]) * (1 / len(losses))


def normed(x):
    mean_square = sum([a * a for a in x[1:]], x[0] * x[0]) * (1 / len(x))
    scale = (mean_square + 1e-5) ** -0.5
    return [a * scale for a in x]


def softmax(scores):
    shift = detach(largest(scores))
    powers = [exp(score - shift) for score in scores]
    total = sum(powers[1:], powers[0])
    return [power / total for power in powers]


def document(rng, length=BLOCK, vocabulary=VOCABULARY):
    """Return tokens and targets of one sample."""
    tokens = [rng.randrange(vocabulary) for _ in range(length + 1)]
    return tokens[:-1], tokens[1:]


def small(rng=None, **options):
    """Return a GPT of few parameters."""
    return GPT(rng or random.Random(0), width=4, heads=2, vocabulary=5, block=3, **options)
