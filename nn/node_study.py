"""The study of nodes: a model is told the labels of a few nodes of a graph, and answers for all."""

from typing import Any

from engine import watch
from nn.data import Graph, Samples, karate_graph
from nn.data.describing import counted
from nn.metrics import accuracy
from nn.nearest import pick
from nn.node_classifier import GAT, GCN, NodeClassifier
from nn.plot.graph import graph, graph_steps
from nn.settings import Settings
from nn.study import Drawn, Study, schooling
from nn.training import Training

LACKS = ("code", "dropout", "loss", "country")
WHOLE = ("batch_size", "test", "validation", "patience", "standardise")
"""Settings that make no sense where the whole graph is one sample."""
DEFAULTS: dict[str, dict[str, Any]] = {
    "gcn": {"hidden": (16,), "epochs": 200, "learning_rate": 0.01, "l2": 5e-4},
    "gat": {"hidden": (8,), "heads": 8, "epochs": 200, "learning_rate": 0.005, "l2": 5e-4},
}
"""What suits each model: sizes, epochs, rate, l2 of Kipf & Welling (2017) and Veličković et al. (2018).

They have dropout, which is left out here, and a constant rate, here the first of a cosine; Kipf & Welling
have l2 on the first layer alone, here it is on all.
"""
STEPS = (0, 5, 20, 60)
"""After so many epochs the report shows the graph, and as the model has it."""


class NodeStudy(Study):
    """Zachary's karate club, of which the labels of the two leaders are known, and a GCN or a GAT.

    The whole graph is one sample: an epoch is one update, and nothing is set aside, as all other labels are
    there to test on.

    Errors: ValueError naming the setting that is wrong; those of `fit` and the models.

    >>> NodeStudy(Settings()).model.describe()
    'GCN(34, [16, 2])'
    """

    task = "node classification"

    def __init__(self, settings: Settings, **training: Any) -> None:
        name = settings.model or "gcn"
        defaults = pick("model of nodes", name, DEFAULTS)
        settings.refuse((*LACKS, *WHOLE, *(() if name == "gat" else ("heads",))), name)
        self.settings = settings.completed(defaults)
        self.data: Graph = karate_graph()
        self.labelled = 0, len(self.data.nodes) - 1
        hidden, options = self.settings.hidden or (), self.settings.options(["activation", "init"])
        self.model: NodeClassifier
        if name == "gcn":
            self.model = GCN(self.data, hidden, rng=self.rng, **options)
        else:
            self.model = GAT(self.data, hidden, heads=self.settings.whole("heads"), rng=self.rng, **options)
        self._seen: dict[int, list[tuple[float, ...]]] = {0: self.model.probabilities()}
        sample = self.data.sample(self.labelled)
        whole = Samples([sample], name=self.data.name)
        self._train(whole, None, self.settings.whole("epochs"), callbacks=[self._look], **training)

    def _look(self, training: Training) -> None:
        if (behind := len(training.history)) in STEPS:
            self._seen[behind] = self.model.probabilities()

    def told(self) -> str:
        """Return what is trained on what."""
        names = " and ".join([self.data.nodes[i] for i in self.labelled])
        return f"{self.data!r}; the labels of {names} are known\n{schooling(self)}"

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return the share of right answers among the nodes whose label is not known, and among all."""
        return node_parts(self.data, self.model.answers(), self.labelled)

    def pictures(self) -> dict[str, Any]:
        """Return the plots of the report: the graph after some epochs, and as the model has it."""
        shares = self.model.probabilities()
        behind = len(self.training.history)
        seen = self._earlier(behind) | self._seen | {behind: shares}
        steps = [(f"after {counted(n, 'epoch')}" if n else "before", seen[n]) for n in sorted(seen)]
        return {
            "loss.png": self.curve(),
            "graph.png": graph(self.data, shares=shares, labelled=self.labelled),
            "steps.png": graph_steps(self.data, steps, labelled=self.labelled),
        }

    def _earlier(self, behind: int) -> dict[int, list[tuple[float, ...]]]:
        """Return what a training that was resumed has not seen of itself: the same, from the seed, again."""
        lacking = [n for n in STEPS if n < behind and n not in self._seen]
        if not lacking:
            return {}
        again = NodeStudy(self.settings, progress=False)
        for epoch in again.training:
            if epoch.number == lacking[-1]:
                break
        if again.training.interrupted:
            raise KeyboardInterrupt
        return again._seen

    def drawn(self) -> Drawn:
        """Return the loss, with the whole model under it."""
        self.model.zero_grad()
        with watch():
            loss = self.model.loss(*self.data.sample(self.labelled))
        loss.backward()
        title = "the model; the gradients are those of the loss of two nodes"
        return Drawn("model", loss, title, False, collapse=2)


def node_parts(data: Graph, answers: list[int], labelled: tuple[int, ...]) -> dict[str, dict[str, Any]]:
    """Return the accuracy of answers at the nodes that are not labelled, and at all.

    >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
    >>> node_parts(pair, [0, 0], (0,))["test"]
    {'points': 1, 'accuracy': 0.0}
    """
    hidden = [i for i in range(len(data.nodes)) if i not in labelled]
    parts = {"test": hidden, "all": list(range(len(data.nodes)))}
    return {
        name: {
            "points": len(places),
            "accuracy": accuracy([answers[i] for i in places], [data.labels[i] for i in places]),
        }
        for name, places in parts.items()
    }
