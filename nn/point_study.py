"""The study of an experiment on points: its pictures, one neuron or the whole model drawn, its files."""

from pathlib import Path
from typing import Any

from engine import paused_gc, watch
from nn.conv import LeNet
from nn.data.cells import Point
from nn.data.describing import measured
from nn.experiment import Experiment
from nn.mlp import MLP
from nn.plot.axes import captioned
from nn.plot.boundary import boundary
from nn.plot.confusion import confusion_matrix
from nn.plot.filters import feature_maps, filters
from nn.plot.gradients import gradients
from nn.plot.predicted import fitted, predicted
from nn.plot.through_time import gradient_through_time, hidden_states
from nn.plot.weights import weights
from nn.point_models import image_shape, pixels
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
            what = measured(self.data.target, self.data.target_unit)
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
            shape = pixels(self.data)
            return {
                "weights.png": weights(model.layers[0], shape=shape, inputs=None if shape else test.inputs)
            }
        place = self._worst()
        point, target = test[place]
        if isinstance(model, LeNet):
            return {"filters.png": filters(model.c1), "maps.png": self._maps(place)}
        assert isinstance(model, Forecaster)
        with paused_gc():
            hidden, _ = model.recurrent(point)
            loss = self.training.objective.loss(model.output(hidden[-1]), target)
        states = hidden_states(hidden, read=[f"{x:.4g}" for x in self._raw(point)])
        states.set_xlabel(measured("what was read", self.data.units[0]))
        return {
            "states.png": states,
            "through_time.png": gradient_through_time(gradient_norms(loss, hidden)),
        }

    def _worst(self) -> int:
        """Return the place in the test part of the point that fits worst."""
        return worst(self.model, self.split.test, self.training.objective)

    def _raw(self, point: Point) -> Point:
        """Return a point of a part in the data's own units."""
        scaler = self.split.scaler
        return point if scaler is None else scaler.undo(point)

    def _maps(self, place: int) -> Any:
        """Return the plot of what a LeNet makes of a test image, which is shown as it was before scaling."""
        point, _ = self.split.test[place]
        (rows, columns), image = image_shape("lenet", self.data), self._raw(point)
        ax = feature_maps(self.model, point)
        shown = ax.images[-1]  # the input, which stands after the maps
        shown.set_data([image[i * columns : (i + 1) * columns] for i in range(rows)])
        shown.set_clim(min(map(min, self.data.points)), max(map(max, self.data.points)))
        captioned(ax, f"what {self.model.describe()} makes of test image {place}, {self._answered(place)}")
        return ax

    def _answered(self, place: int) -> str:
        """Return in words what a test point is, and what the model answers."""
        test = self.split.test
        (guess,) = self.predictions(test.subset([place]))
        target = test.targets[place]
        if not test.is_classification:
            (truth,) = self.in_units([target])
            return f"where {guess:.4g} was predicted for {truth:.4g}"
        told = "answered so" if guess == target else f"taken for {test.names[guess]!r}"
        return f"class {test.names[target]!r}, {told}"

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
        place = self._worst()
        point, target = test[place]
        shown = f"shown test point {place}, {self._answered(place)}"
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
