"""fit: the door to training, which checks what it is given."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nn.checked import from_zero, positive, shown
from nn.data import Dataset, Samples, SampleSplit, Split
from nn.inputs import size, whole
from nn.metrics import Metric
from nn.module import Module
from nn.nearest import pick
from nn.objective import Loss
from nn.optim import OPTIMIZERS, Optimizer
from nn.schedules import Schedule
from nn.training import Training


def fit(
    model: Module,
    data: Dataset | Split | Samples | SampleSplit,
    *,
    epochs: int,
    batch_size: int = 16,
    optimizer: str | Optimizer = "sgd",
    learning_rate: float | Schedule | None = None,
    loss: str | Loss | None = None,
    metric: str | Metric | None = None,
    validation: float | Dataset | Samples | None = None,
    patience: int | None = None,
    tol: float = 0.0,
    clip: float | None = None,
    seed: int = 0,
    callbacks: Sequence[Callable[[Training], Any]] = (),
    checkpoint: str | Path | None = None,
    resume: bool = False,
    executor: str = "auto",
    progress: bool | None = None,
) -> Training:
    """Return a Training of the model by gradient descent on the mean loss of batches: iterate or `run` it.

    `loss` is a name of LOSSES or a function of (answer, target), see `nn.objective`; `optimizer` a name of
    OPTIMIZERS, whose `learning_rate` is a number or a schedule, or an Optimizer of one's own. `metric` is a
    name of METRICS or a function of (predictions, targets); left out it is the accuracy for classes.
    `validation` is a share of the points, drawn by the seed, or other points; a Split brings its own. With
    `patience` the training ends after so many epochs without a lower validation loss, and keeps the
    parameters of the best epoch; without validation, when so many have lowered the training loss by less than
    `tol`. `clip` bounds the norm of the gradient. Each of `callbacks` is called with
    the Training after each epoch; one that returns True ends it.

    The order of the points in each epoch, and the noise of a model with dropout, come from `seed`: the same
    seed gives the same bits. `checkpoint` is a file that is written after epochs, at most once a second, when
    Ctrl-C interrupts and at the end; with `resume` a training goes on from it, to the same bits as if it had
    never stopped.
    The loss is recorded once and replayed for whole batches (`engine.compile`), by an `executor` that suits
    it or is named; with "eager" each point is recorded anew, on the model's own Values. Either gives the same
    gradients but for rounding; replayed, the Values are those of before the epoch until it ends. `progress`
    draws a bar on stderr; left out, where that is a terminal.

    A model with a loss of its own, `model.loss(*sample)`, is trained on Samples; what its `noise(rng)` gives,
    if it has that, is one argument more while it trains, and left out where it is validated.

    Errors: ValueError and TypeError saying which argument is wrong, what is wrong with it and what to do;
    FileExistsError for a checkpoint that is there when `resume` is not asked for. While it runs:
    FloatingPointError with the birth of the nan where loss, gradient or a parameter is not finite; the
    parameters are those before that batch.

    >>> import random
    >>> from nn import MLP, xor_gate
    >>> model = MLP(2, [4, 1], activation="tanh", rng=random.Random(1))
    >>> training = fit(model, xor_gate(), epochs=60, batch_size=4, learning_rate=1.0).run()
    >>> len(training.history), training.history[-1].metric
    (60, 1.0)
    """
    if not isinstance(model, Module) or not (callable(model) or callable(getattr(model, "loss", None))):
        raise TypeError(f"fit takes a model that can be called on a point, got {shown(model)}")
    seed = whole("seed", seed)
    train, validating = _parts(data, validation, seed)
    if not isinstance(callbacks, (list, tuple)) or not all(map(callable, callbacks)):
        raise TypeError(f"callbacks is a list of functions of the Training, got {callbacks!r}")
    return Training(
        model,
        train,
        epochs=size("epochs", epochs),
        batch_size=size("batch_size", batch_size),
        optimizer=_optimizer(model, optimizer, learning_rate),
        loss=loss,
        metric=metric,
        validation=validating,
        patience=None if patience is None else size("patience", patience),
        tol=from_zero("tol", tol),
        clip=None if clip is None else positive("clip, the largest norm of the gradient,", clip),
        seed=seed,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        executor=executor,
        progress=progress,
    )


def _parts(data: Any, validation: Any, seed: int) -> tuple[Any, Any]:
    """Return what to train on, and what to validate on or None, both Datasets or both Samples."""
    if isinstance(data, (Split, SampleSplit)):
        if validation is not None:
            raise ValueError(f"a {type(data).__name__} brings its validation part: leave validation out")
        validation, data = data.validation, data.train
    if not isinstance(data, (Dataset, Samples)):
        raise TypeError(
            f"fit takes a Dataset or a Split, got {type(data).__name__}; make one: Dataset(points, numbers) "
            "or Dataset.labelled(points, labels); for a model with a loss of its own Samples(...)"
        )
    if isinstance(validation, (int, float)):
        if not 0 < validation < 1:
            raise ValueError(
                f"validation is a share of the points, between 0 and 1, got {validation}; leave it out for "
                "none"
            )
        parts = data.split(test=validation, seed=seed)
        return parts.train, parts.test
    if validation is not None and not isinstance(
        validation, Dataset if isinstance(data, Dataset) else Samples
    ):
        raise TypeError(
            f"validation is a share of the points or other {type(data).__name__}, got {validation!r:.80}"
        )
    if validation is not None and _form(validation) != _form(data):
        other = "another shape" if isinstance(data, Samples) else "other columns or classes"
        raise ValueError(f"the validation data has {other} than the data to train on")
    return data, validation


def _form(data: Any) -> Any:
    return data.signature if isinstance(data, Samples) else (data.names, data.inputs)


def _optimizer(model: Module, optimizer: str | Optimizer, rate: float | Schedule | None) -> Optimizer:
    if isinstance(optimizer, Optimizer):
        if rate is not None:
            raise ValueError("the optimizer has its learning rate: leave learning_rate out")
        known = set(model.parameters())
        if not known.issuperset(optimizer.parameters):
            raise ValueError("the optimizer has parameters that are none of the model")
        return optimizer
    chosen = pick("optimizer", optimizer, OPTIMIZERS)
    return chosen(model.parameters()) if rate is None else chosen(model.parameters(), rate)
