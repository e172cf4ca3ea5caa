"""The study of names: a model of the next letter is trained on first names, and writes new ones."""

from typing import Any

from engine import paused_gc, watch
from engine.chain import order
from nn.characters import CharRNN
from nn.data import Text, first_names
from nn.data.describing import counted
from nn.gpt import GPT
from nn.losses import cross_entropy
from nn.nearest import pick
from nn.plot.attention import attention_maps
from nn.plot.axes import captioned
from nn.plot.through_time import gradient_through_time, hidden_states
from nn.point_models import equal_widths
from nn.settings import PARTED, Settings
from nn.study import Drawn, Study, schooling
from nn.through_time import gradient_norms
from nn.writing import samples, words

WRITTEN = 40
"""So many names a report has."""
LACKS = ("code", "activation", "dropout", "loss", "standardise")
END = "·"
"""The end of a word, which stands before its first letter, too."""
RECURRENT = {"hidden": (32,), "batch_size": 32, "epochs": 40}
DEFAULTS: dict[str, dict[str, Any]] = {
    "gpt": {"hidden": (16,), "heads": 4, "batch_size": 32, "epochs": 40},
    "rnn": RECURRENT,
    "lstm": RECURRENT,
    "gru": RECURRENT,
}
"""What suits each model: for gpt the widths of its blocks, for the others those of their layers."""


class NameStudy(Study):
    """The first names of `settings.country`, and a GPT or a recurrent network that tells the next letter.

    Errors: ValueError naming the setting that is wrong; those of `nn.first_names`, `fit` and the models.

    >>> len(NameStudy(Settings(country="pt")).model.blocks)
    1
    """

    task = "next letter"

    def __init__(self, settings: Settings, **training: Any) -> None:
        name = settings.model or "gpt"
        defaults = pick("model of names", name, DEFAULTS)
        settings.refuse(LACKS if name == "gpt" else (*LACKS, "heads"), name)
        self.settings = settings.completed(defaults)
        self.data: Text = first_names(**self.settings.options(["country"]))
        whole = samples(self.data)
        self.split = whole.split(**self.settings.options(PARTED))
        context = len(whole.samples[0][0])
        width, layers = equal_widths(name, self.settings.hidden)
        options = self.settings.options(["init"])
        self.model: GPT | CharRNN
        if name == "gpt":
            heads = self.settings.whole("heads")
            self.model = GPT(self.data.tokens, width, heads, layers, context, rng=self.rng, **options)
        else:
            self.model = CharRNN(self.data.tokens, width, cell=name, layers=layers, rng=self.rng, **options)
        epochs = self.settings.whole("epochs")
        self._train(self.split.train, self.split.validation, epochs, **training)

    def told(self) -> str:
        """Return what is trained on what."""
        split = self.split
        sizes = f"{len(split.train)} words to train on"
        sizes += f", {len(split.validation)} to validate" if split.validation else ""
        return f"{self.data.description}: {sizes}, {len(split.test)} to test\n{schooling(self)}"

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return the loss of each part, in nats a letter: the mean over words of each word's mean."""
        parts = {"train": self.split.train, "validation": self.split.validation, "test": self.split.test}
        return {
            name: {"points": len(part), "loss": self.training.evaluate(part)[0]}
            for name, part in parts.items()
            if part is not None
        }

    def written(self, count: int = WRITTEN) -> list[str]:
        """Return new names that the model writes, from the seed.

        >>> len(NameStudy(Settings(country="pt")).written(2))
        2
        """
        seed = self.settings.seed
        if isinstance(self.model, CharRNN):
            return self.model.write(self.data, count, seed=seed)
        return words(self.model, self.data, count, seed=seed)

    def texts(self) -> dict[str, str]:
        """Return the names that the model writes; those in the list, and empty ones, are marked."""
        known = set(self.data.words)
        lines = [f"{name}  (in the list)" if name in known else name or "(empty)" for name in self.written()]
        return {"names.txt": "\n".join(lines) + "\n"}

    def pictures(self) -> dict[str, Any]:
        """Return the plots of the report: attention maps of a test word, or hidden states over its time."""
        tokens, _, word = self._word(longest=True)
        read, told = [END, *word], f"in {word!r}; {END} is the end of a word"
        found = {"loss.png": self.curve()}
        with paused_gc():
            if isinstance(self.model, GPT):
                blocks = self.model.weights(tokens)
                ax = found["attention.png"] = attention_maps(blocks[0], read)
                which = f", block 0 of {len(blocks)}" if len(blocks) > 1 else ""
                captioned(ax, f"attention of {counted(len(blocks[0]), 'head')}{which}, {told}")
                return found
            hidden, _ = self.model.recurrent(map(self.model.embedding, tokens))
            loss = cross_entropy(self.model.output(hidden[-1]), self.data.end)
        found["states.png"] = hidden_states(hidden, read=read)
        captioned(found["states.png"], f"{counted(len(hidden[0]), 'hidden feature')} {told}")
        found["through_time.png"] = gradient_through_time(gradient_norms(loss, hidden))
        return found

    def _word(self, *, longest: bool) -> tuple[list[int], list[int], str]:
        """Return the longest or the shortest word of the test part: tokens, targets and letters."""
        counts = [sum(w > 0 for w in weights) for _, _, weights in self.split.test.samples]
        count = max(counts) if longest else min(counts)
        tokens, targets, _ = self.split.test.samples[counts.index(count)]
        return list(tokens[:count]), list(targets[:count]), self.data.decode(targets)

    def drawn(self) -> Drawn:
        """Return the loss of the shortest word of the test part, with the whole model under it."""
        tokens, targets, word = self._word(longest=False)
        self.model.zero_grad()
        with watch():
            loss = self.model.loss(tokens, targets)
        loss.backward()
        parameters = {*map(id, self.model.parameters())}
        drawn = sum(id(node) in parameters for node in order(loss))
        title = (
            f"the model, shown {word!r}, with {drawn:,} of {len(parameters):,} parameters: of the embeddings "
            "only the rows of what was read; the gradients are those of its loss"
        )
        return Drawn("model", loss, title, False, collapse=2)

    def about(self) -> dict[str, Any]:
        """Return what whoever loads the model needs to know: the alphabet, whose tokens are its places."""
        return super().about() | {"alphabet": self.data.alphabet} | self.settings.options(["country"])
