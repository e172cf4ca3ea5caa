"""The study of an experiment on points: its pictures, one neuron or the whole model drawn, its files."""

from pathlib import Path
from typing import Any

from engine import paused_gc, watch
from nn.conv import LeNet
from nn.experiment import Experiment
from nn.mlp import MLP
from nn.plot.boundary import boundary
from nn.plot.confusion import confusion_matrix
from nn.plot.filters import feature_maps, filters
from nn.plot.gradients import gradients
from nn.plot.predicted import fitted, predicted
from nn.plot.through_time import gradient_through_time, hidden_states
from nn.plot.weights import weights
from nn.point_models import IMAGES
from nn.recurrent import Forecaster
from nn.saving import save_model
from nn.seen_from import seen_from, worst
from nn.study import Drawn
from nn.through_time import gradient_norms


class PointStudy(Experiment):
    """An experiment on points with what its report shows.

    >>> from nn import iris
    >>> from nn.settings import Settings
    >>> PointStudy(iris(), Settings()).model.describe()
    'MLP(4, [32, 3])'
    """

    def pictures(self) -> dict[str, Any]:
        """Return the plots of the report by their files' names."""
        model, train, test = self.model, self.split.train, self.split.test
        others = None if test is train else train
        found = {"loss.png": self.curve(), **self._inside()}
        if test.is_classification:
            guesses = self.predictions(test)
            found["confusion.png"] = confusion_matrix(guesses, test.targets, test.names)
            if test.width == 2:
                found["boundary.png"] = boundary(model, test, train=others)
        else:
            unit = self.data.target_unit
            what = self.data.target + (f" ({unit})" if unit else "")
            if len(test) > 1:
                truth = self.in_units(test.targets)
                found["predicted.png"] = predicted(self.predictions(test), truth, what)
            if test.width == 1:
                found["fitted.png"] = fitted(model, test, train=others)
        if isinstance(model, MLP):
            self._sweep()
            found["gradients.png"] = gradients(model)
        return found

    def _inside(self) -> dict[str, Any]:
        """Return the plots of what is in the model: weights, filters and feature maps, states over time."""
        model, test = self.model, self.split.test
        if isinstance(model, MLP):
            shape = IMAGES.get(self.data.name)
            return {
                "weights.png": weights(model.layers[0], shape=shape, inputs=None if shape else test.inputs)
            }
        point, target = test[worst(model, test, self.training.objective)]
        if isinstance(model, LeNet):
            return {"filters.png": filters(model.c1), "maps.png": feature_maps(model, point)}
        assert isinstance(model, Forecaster)
        with paused_gc():
            hidden, _ = model.recurrent(point)
            loss = self.training.objective.loss(model.output(hidden[-1]), target)
        return {
            "states.png": hidden_states(hidden, read=[f"{x:.1f}" for x in point]),
            "through_time.png": gradient_through_time(gradient_norms(loss, hidden)),
        }

    def _sweep(self) -> None:
        """Give every parameter the gradient of the mean loss of the training points."""
        model, goal, train = self.model, self.training.objective, self.split.train
        model.zero_grad()
        with paused_gc():
            for point, target in train:
                (goal.loss(model(point), goal.encode(target)) / len(train)).backward()

    def drawn(self) -> Drawn:
        """Return an output neuron of an MLP, or any other model as a whole, at the point that fits worst."""
        model, goal, test = self.model, self.training.objective, self.split.test
        place = worst(model, test, goal)
        point, target = test[place]
        (guess,) = self.predictions(test.subset([place]))
        if test.is_classification:
            name = test.names[target]
            told = (
                f"a {name!r} taken for {test.names[guess]!r}"
                if guess != target
                else f"a {name!r}, taken for one"
            )
        else:
            (truth,) = self.in_units([target])
            told = f"where {guess:.4g} was predicted for {truth:.4g}"
        shown = f"shown test point {place}, {told}"
        if isinstance(model, MLP):
            loss = seen_from(model, point, target, goal, test.names)
            title = (
                f"an output neuron, {shown}; the gradients are those of its loss ({goal.name}), those of the "
                "hidden neurons' answers h only through this neuron"
            )
            return Drawn("neuron", loss, title, True)
        model.zero_grad()
        with watch():
            loss = goal.loss(model(point), goal.encode(target))
        loss.backward()
        return Drawn("model", loss, f"the model, {shown}; the gradients are those of {goal.name}", False)

    def save_model(self, folder: Path) -> None:
        """Write an MLP as `nn.load_model` reads it, of any other model the parameters."""
        if isinstance(self.model, MLP):
            save_model(self.model, folder / "model.json", self.about())
        else:
            super().save_model(folder)

    def about(self) -> dict[str, Any]:
        """Return how the inputs are scaled, and what the answers mean."""
        split = self.split
        return {
            "dataset": self.data.name,
            "inputs": list(split.train.inputs),
            "target": split.train.target,
            "names": list(split.train.names),
            "scaler": None if split.scaler is None else split.scaler.state(),
            "target_scaler": None if split.target_scaler is None else split.target_scaler.state(),
        }
