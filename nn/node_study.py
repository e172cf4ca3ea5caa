"""The study of nodes: a model is told the labels of a few nodes of a graph, and answers for all."""

from typing import Any

from engine import watch
from nn.data import Graph, Samples, karate_graph
from nn.inputs import size
from nn.metrics import accuracy
from nn.nearest import pick
from nn.node_classifier import GAT, GCN, NodeClassifier
from nn.plot.graph import graph, graph_steps
from nn.settings import Settings
from nn.study import Drawn, Study, counted
from nn.training import Training

LACKS = ("code", "dropout", "loss", "country")
DEFAULTS: dict[str, dict[str, Any]] = {
    "gcn": {"hidden": (16,), "epochs": 200, "learning_rate": 0.01, "l2": 5e-4},
    "gat": {"hidden": (8,), "heads": 8, "epochs": 200, "learning_rate": 0.005, "l2": 5e-4},
}
"""What suits each model: the settings of Kipf & Welling (2017) and Veličković et al. (2018)."""
STEPS = (0, 5, 20, 60)
"""After so many epochs the report shows the graph, and at the end."""


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
        settings.refuse(LACKS if name == "gat" else (*LACKS, "heads"), name)
        self.settings = settings.completed(defaults)
        self.data: Graph = karate_graph()
        self.labelled = 0, len(self.data.nodes) - 1
        hidden, options = self.settings.hidden or (), self.settings.options(["activation", "init"])
        self.model: NodeClassifier
        if name == "gcn":
            self.model = GCN(self.data, hidden, rng=self.rng, **options)
        else:
            self.model = GAT(self.data, hidden, heads=self.settings.heads or 1, rng=self.rng, **options)
        self._seen: dict[int, list[tuple[float, ...]]] = {0: self.model.probabilities()}
        sample = self.data.sample(self.labelled)
        epochs = size("epochs", self.settings.epochs or 1)
        whole = Samples([sample], name=self.data.name)
        self._train(whole, None, epochs, callbacks=[self._look], **training)

    def _look(self, training: Training) -> None:
        if (behind := len(training.history)) in STEPS:
            self._seen[behind] = self.model.probabilities()

    def told(self) -> str:
        """Return what is trained on what."""
        names = " and ".join([self.data.nodes[i] for i in self.labelled])
        return (
            f"{self.data!r}; the labels of {names} are known\n{counted(self.model)}; {self.epochs} epochs of "
            f"{self.training.optimizer!r}"
        )

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return the share of right answers among all nodes, and among those whose label is not known."""
        return node_parts(self.data, self.model.answers(), self.labelled)

    def pictures(self) -> dict[str, Any]:
        """Return the plots of the report: the graph after some epochs, and as the model has it."""
        shares = self.model.probabilities()
        steps = [(f"after {behind} epochs", found) for behind, found in sorted(self._seen.items())]
        return {
            "loss.png": self.curve(),
            "graph.png": graph(self.data, shares=shares, labelled=self.labelled),
            "steps.png": graph_steps(self.data, [*steps, ("at the end", shares)], labelled=self.labelled),
        }

    def drawn(self) -> Drawn:
        """Return the loss, with the whole model under it."""
        self.model.zero_grad()
        with watch():
            loss = self.model.loss(*self.data.sample(self.labelled))
        loss.backward()
        return Drawn("model", loss, "the model; the gradients are those of the loss of two nodes", False)


def node_parts(data: Graph, answers: list[int], labelled: tuple[int, ...]) -> dict[str, dict[str, Any]]:
    """Return the accuracy of answers at all nodes, and at those that are not labelled.

    >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
    >>> node_parts(pair, [0, 0], (0,))["test"]
    {'points': 1, 'accuracy': 0.0}
    """
    hidden = [i for i in range(len(data.nodes)) if i not in labelled]
    parts = {"all": list(range(len(data.nodes))), "test": hidden}
    return {
        name: {
            "points": len(places),
            "accuracy": accuracy([answers[i] for i in places], [data.labels[i] for i in places]),
        }
        for name, places in parts.items()
    }
