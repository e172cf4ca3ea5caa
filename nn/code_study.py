"""The study of codes: images are squeezed into a few numbers and drawn again."""

from dataclasses import replace
from statistics import fmean
from typing import Any

from engine import watch
from nn.answers import outputs
from nn.autoencoder import VAE, Autoencoder
from nn.data import Dataset, Samples
from nn.losses import mse
from nn.nearest import pick
from nn.plot.latent import latent_grid, latent_map, reconstructions
from nn.point_models import image_shape
from nn.settings import PARTED, Settings
from nn.study import Drawn, Study, schooling

LACKS = ("heads", "dropout", "loss", "country", "standardise")
DEFAULTS: dict[str, dict[str, Any]] = {
    "autoencoder": {"hidden": (64,), "code": 8, "epochs": 60, "batch_size": 32, "learning_rate": 0.005},
    "vae": {"hidden": (128, 64), "code": 2, "epochs": 100, "batch_size": 32, "learning_rate": 0.005},
}
SHOWN = 10
"""So many images are drawn, each with what the model makes of it."""


class CodeStudy(Study):
    """Images with pixels from 0 to 1, and an autoencoder or a VAE.

    Errors: ValueError naming the setting that is wrong, and for data that are no images; those of `fit` and
    the models.

    >>> from nn import digits
    >>> CodeStudy(digits(), Settings(model="vae")).model.describe()
    'VAE(64, [128, 64], 2, bernoulli)'
    """

    task = "reconstruction"

    def __init__(self, data: Dataset, settings: Settings, **training: Any) -> None:
        name = settings.model or "autoencoder"
        defaults = pick("model of codes", name, DEFAULTS)
        settings.refuse(LACKS, name)
        self.shape = image_shape(name, data)
        self.settings = settings.completed(defaults)
        self.data = data
        brightest, darkest = max(map(max, data.points)), min(map(min, data.points))
        if darkest < 0 or brightest == 0:
            raise ValueError(
                f"the pixels of images are from 0 on, and not all 0; those of {data.name} are {darkest} ... "
                f"{brightest}"
            )
        split = data.split(**self.settings.options(PARTED))
        self.train, self.test = _scaled(split.train, brightest), _scaled(split.test, brightest)
        self.validation = None if split.validation is None else _scaled(split.validation, brightest)
        make = VAE if name == "vae" else Autoencoder
        options = self.settings.options(["activation", "init"])
        hidden, code = self.settings.hidden or (), self.settings.whole("code")
        self.model: VAE | Autoencoder = make(data.width, hidden, code, rng=self.rng, **options)
        epochs = self.settings.whole("epochs")
        validation = None if self.validation is None else _samples(self.validation)
        self._train(_samples(self.train), validation, epochs, **training)

    def told(self) -> str:
        """Return what is trained on what."""
        sizes = f"{len(self.train)} images to train on"
        sizes += f", {len(self.validation)} to validate" if self.validation else ""
        return (
            f"{self.data.name}, pixels divided by the brightest: {sizes}, {len(self.test)} to test\n"
            f"{schooling(self)}"
        )

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return the loss of each part, and the mean squared error of a pixel, of 0 to 1, drawn again."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {
            name: {
                "points": len(part),
                "loss": self.training.evaluate(_samples(part))[0],
                "mean_squared_error": self.error(part),
            }
            for name, part in parts.items()
            if part is not None
        }

    def error(self, part: Dataset) -> float:
        """Return the mean squared error of a pixel that is drawn again."""
        drawn = outputs(self.model, part.points)
        return fmean(map(mse, drawn, part.points))

    def pictures(self) -> dict[str, Any]:
        """Return the plots of the report: reconstructions, the map of codes of two numbers, samples."""
        seen = self.test.points[:SHOWN]
        found = {
            "loss.png": self.curve(),
            "reconstructions.png": reconstructions(self.model, seen, shape=self.shape),
        }
        if self.model.code == 2:
            found["codes.png"] = latent_map(self.model, self.test)
            found["grid.png"] = latent_grid(self.model, shape=self.shape)
        return found

    def drawn(self) -> Drawn:
        """Return the loss of the first test image, with the whole model under it."""
        model, point = self.model, self.test.points[0]
        model.zero_grad()
        with watch():
            loss = model.loss(point, model.noise(self.rng)) if isinstance(model, VAE) else model.loss(point)
        loss.backward()
        title = "the model, shown test image 0; the gradients are those of its loss"
        return Drawn("model", loss, title, False, collapse=2)

    def about(self) -> dict[str, Any]:
        """Return what whoever loads the model needs to know: by what the pixels were divided."""
        return super().about() | {"brightest": max(map(max, self.data.points))}


def _scaled(data: Dataset, brightest: float) -> Dataset:
    """Return images whose pixels are shares of the brightest."""
    points = tuple([tuple([x / brightest for x in point]) for point in data.points])
    return replace(data, points=points, units=("",) * data.width)


def _samples(data: Dataset) -> Samples:
    return Samples([(point,) for point in data.points], name=data.name)
