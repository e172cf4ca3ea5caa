"""The command line: python -m nn datasets, python -m nn train DATASET."""

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from nn.data import DATASETS, Dataset, catalogue, dataset, read_csv
from nn.experiment import Experiment, Settings
from nn.options import parser
from nn.progress import Epoch
from nn.report import save_report
from nn.training import Training

INTERRUPTED = 130
CHECKPOINT = "checkpoint.json"
LARGE = 1e6
"""From here on numbers are told with an exponent."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code.

    >>> main(["datasets"])  # doctest: +SKIP
    """
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    try:
        return datasets(options.json) if options.command == "datasets" else train(vars(options))
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return INTERRUPTED
    except (ImportError, OSError, ValueError, TypeError, FloatingPointError) as error:
        print(f"python -m nn: {error}", file=sys.stderr)
        return 1


def datasets(as_json: bool) -> int:
    """List the data sets, one a line, or as JSON; return the exit code.

    >>> datasets(False)  # doctest: +SKIP
    """
    if as_json:
        print(
            json.dumps([_row(name, load()) for name, load in DATASETS.items()], indent=1, ensure_ascii=False)
        )
        return 0
    print(*catalogue(), sep="\n")
    print("\nTrain on one: python -m nn train NAME; on a file of your own: python -m nn train data.csv")
    return 0


def _row(name: str, data: Dataset) -> dict[str, Any]:
    return {
        "name": name,
        "points": len(data),
        "columns": dict(zip(data.inputs, data.units, strict=True)),
        "target": data.target,
        "classes": list(data.names),
        "description": data.description,
        "source": data.source,
    }


def train(options: dict[str, Any]) -> int:
    """Train on a data set and write the report; return the exit code.

    >>> train(vars(parser().parse_args(["train", "iris"])))  # doctest: +SKIP
    """
    start = time.perf_counter()
    quiet = options["json"]
    data = _data(options["dataset"], options["target"])
    folder = options["folder"] or Path("runs", data.name)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT
    if options["restart"]:
        checkpoint.unlink(missing_ok=True)
    elif checkpoint.exists() and not options["resume"]:
        raise FileExistsError(
            f"{checkpoint} holds a training that was interrupted: go on with --resume, or begin anew "
            "with --restart"
        )
    names = Settings.__dataclass_fields__
    settings = Settings(**{name: value for name, value in options.items() if name in names})
    experiment = Experiment(
        data, settings, checkpoint=checkpoint, resume=options["resume"], progress=not quiet
    )
    if not quiet:
        _say_what_is_trained(experiment)
    for epoch in experiment.training:
        if not quiet:
            print(_line(epoch, experiment.training), flush=True)
    interrupted = experiment.training.interrupted
    figures = save_report(folder, experiment)
    if not interrupted:
        checkpoint.unlink(missing_ok=True)
    if quiet:
        print(json.dumps(figures, indent=1, ensure_ascii=False))
    else:
        _say_what_it_came_to(figures)
        print(f"{folder}: the report, {time.perf_counter() - start:.0f} s in all")
    if interrupted and not quiet:
        print("interrupted: the report is of what has been trained so far; --resume goes on", flush=True)
    return INTERRUPTED if interrupted else 0


def _data(name: str, target: str | None) -> Dataset:
    if target is None:
        return dataset(name)
    if not name.lower().endswith(".csv"):
        raise ValueError(f"--target is for CSV files: what {name!r} predicts is given")
    return read_csv(name, target)


def _say_what_is_trained(experiment: Experiment) -> None:
    split, model = experiment.split, experiment.model
    if split.test is split.train:
        print(f"{experiment.data.name}: too few points to split, all are trained on and tested on")
    sizes = f"{len(split.train)} points to train on"
    sizes += f", {len(split.validation)} to validate" if split.validation else ""
    print(
        f"{experiment.data.name}: {sizes}, {len(split.test)} to test\n"
        f"{model.describe()}, {len(model.parameters()):,} parameters; {experiment.epochs} epochs of "
        f"{experiment.training.optimizer!r} on {experiment.training.objective.name}"
    )
    if split.scaler is not None and split.scaler.constant:
        print(f"constant columns, set to 0: {', '.join(split.scaler.constant)}")


def _line(epoch: Epoch, training: Training) -> str:
    told = [f"epoch {epoch.number:3}", f"loss {_number(epoch.loss)}"]
    if epoch.metric is not None:
        told.append(f"{training.scoring.name} {_number(epoch.metric)}")
    validated = [x for x in (epoch.validation_loss, epoch.validation_metric) if x is not None]
    if validated:
        told.append(f"validation {', '.join(map(_number, validated))}")
    return "  ".join([*told, f"{epoch.seconds:.1f} s"])


def _say_what_it_came_to(figures: dict[str, Any]) -> None:
    for part in ("train", "validation", "test"):
        if part in figures:
            told = [f"{name} {_number(x)}" for name, x in figures[part].items() if name != "points"]
            print(f"{part:<10} {figures[part]['points']:>5} points  {'  '.join(told)}")
    print(f"neuron.svg: {figures['neuron']}")


def _number(x: float) -> str:
    return f"{x:.4f}" if abs(x) < LARGE else f"{x:.4e}"


if __name__ == "__main__":
    sys.exit(main())
