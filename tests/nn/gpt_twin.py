"""A GPT of ours as a module of PyTorch: the same weights, on batches of sequences of one length."""

from typing import Any

from nn.gpt import GPT
from nn.norms import LayerNorm
from tests.nn.torchs import biases, numbers, torch, weights


def twin(model: GPT) -> Any:
    """Return the module, called with tokens [batch][time] and answering logits [batch][time][vocab].

    Its `leaves` pair nested lists of our Values with its parameters.
    """
    nn, leaves = torch().nn, []

    def linear(rows: list[Any], offsets: list[Any] | None) -> Any:
        layer = nn.Linear(len(rows[0]), len(rows), bias=offsets is not None, dtype=torch().float64)
        filled(layer.weight, rows)
        if offsets is not None:
            filled(layer.bias, offsets)
        return layer

    def filled(leaf: Any, values: Any) -> None:
        leaves.append((values, leaf))
        with torch().no_grad():
            leaf.copy_(torch().tensor(numbers(values), dtype=torch().float64))

    def of(layer: Any) -> Any:
        return linear(weights(layer), None if layer.neurons[0].b is None else biases(layer))

    def table(rows: Any) -> Any:
        made = nn.Embedding(len(rows), len(rows[0]), dtype=torch().float64)
        filled(made.weight, rows)
        return made

    def norm(ours: Any, width: int) -> Any:
        if ours is None:
            return nn.Identity()
        layered = isinstance(ours, LayerNorm)
        gains = ours.rms.g if layered else ours.g
        made = (nn.LayerNorm if layered else nn.RMSNorm)(
            width, eps=1e-5, elementwise_affine=gains is not None, dtype=torch().float64
        )
        if gains is not None:
            filled(made.weight, gains)
            if layered:
                filled(made.bias, ours.b)
        return made

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, ours: Any) -> None:
            super().__init__()
            self.heads, width = len(ours.attention.heads), len(ours.down.neurons)
            self.attention_norm = norm(ours.attention_norm, width)
            self.perceptron_norm = norm(ours.perceptron_norm, width)
            layers = [getattr(head, name) for name in "qkv" for head in ours.attention.heads]
            offsets = None if layers[0].neurons[0].b is None else sum(map(biases, layers), [])
            self.qkv = linear(sum(map(weights, layers), []), offsets)
            self.o, self.up, self.down = of(ours.attention.o), of(ours.up), of(ours.down)
            self.activation = getattr(nn.functional, ours.up.ending.name)

        def forward(self, x: Any) -> Any:
            size, time, width = x.shape
            parts = self.qkv(self.attention_norm(x)).view(size, time, 3, self.heads, -1)
            q, k, v = parts.permute(2, 0, 3, 1, 4)
            seen = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.o(seen.transpose(1, 2).reshape(size, time, width))
            return x + self.down(self.activation(self.up(self.perceptron_norm(x))))

    class Twin(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            width = len(model.tokens.rows[0])
            self.tokens, self.positions = table(model.tokens.rows), table(model.positions.rows)
            self.input_norm, self.output_norm = norm(model.input_norm, width), norm(model.output_norm, width)
            self.blocks = nn.Sequential(*map(Block, model.blocks))
            self.head = of(model.head)
            self.leaves = leaves

        def forward(self, tokens: Any) -> Any:
            x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
            return self.head(self.output_norm(self.blocks(self.input_norm(x))))

    return Twin()


def loss(module: Any, tokens: Any, targets: Any, weights: Any) -> Any:
    """Return the mean over a batch of Σ weights[t] * cross entropy at t."""
    logits = module(tokens)
    entropies = torch().nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (entropies * weights.flatten()).sum() / len(tokens)


def tensors(samples: Any) -> Any:
    """Return the tokens, the targets and the weights of samples, each [sample][time]."""
    tokens, targets, shares = (list(column) for column in zip(*samples, strict=True))
    return torch().tensor(tokens), torch().tensor(targets), torch().tensor(shares, dtype=torch().float64)
