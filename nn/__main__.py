"""The command line: python -m nn datasets, python -m nn train DATASET, python -m nn lab."""

import json
import math
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from functools import cache as lazily, partial
from pathlib import Path
from typing import Any

from nn.data import DATASETS, Dataset, catalogue, dataset, read_csv
from nn.data.firstnames import COUNTRIES
from nn.interrupt import Interrupt
from nn.lab import run as lab
from nn.nearest import pick
from nn.options import parser
from nn.progress import Epoch
from nn.report import save_report
from nn.settings import Settings
from nn.studies import NAMES, open_study
from nn.study import Study
from nn.training import Training

INTERRUPTED = 130
WORDS = "first names of a country, to read and write letter by letter"
CHECKPOINT = "checkpoint.json"
CSV = ".csv"
TABLE = ("target", "task", "delimiter")
"""Options that say how a CSV file is read."""
LARGE = 1e6
"""From here on numbers are told with an exponent."""
PARTS = ("train", "validation", "test", "all")
TOLD = 8
"""So many lines of a text that belongs to the report are said, too."""
LINES = 20
"""About so many epochs are told one by one; of more, every second, third, ..., the first, and the last."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code.

    >>> main(["datasets"])  # doctest: +SKIP
    """
    options = parser().parse_args(arguments)
    _let_signals_stop()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _note
            if options.command == "datasets":
                return datasets(options.json)
            return (lab if options.command == "lab" else train)(vars(options))
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return INTERRUPTED
    except (ImportError, OSError, ValueError, TypeError, FloatingPointError) as error:
        print(f"python -m nn: {error}", file=sys.stderr)
        return 1


def _let_signals_stop() -> None:
    """Make SIGTERM a Ctrl-C, also in a background job of a script, which the shell starts deaf to SIGINT."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))


def _note(message: Warning | str, *where: Any, **more: Any) -> None:
    print(f"note: {message}", file=sys.stderr)


def _say(text: str) -> None:
    """Print a text at once; into a pipe that nobody reads any more (`| head`), nothing from then on."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def datasets(as_json: bool) -> int:
    """List the data sets, one a line, or as JSON; return the exit code.

    >>> datasets(False)  # doctest: +SKIP
    """
    lands = {code: land for code, (_, land) in COUNTRIES.items()}
    if as_json:
        rows = [_row(name, load()) for name, load in DATASETS.items()]
        rows.append({"name": NAMES, "countries": lands, "description": WORDS, "source": "faker"})
        _say(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    names = f"{NAMES:{max(map(len, DATASETS)) + 1}} {WORDS}: --country {', '.join(lands)}"
    hint = "Train on one: python -m nn train NAME; on a file of your own: python -m nn train data.csv"
    _say("\n".join([*catalogue(), names, "", hint]))
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
    _check_name(options)
    say = (lambda text: None) if options["json"] else _say
    read = lazily(partial(_data, options))
    folder = options["folder"] or Path("runs", _name(options, read))
    checkpoint = folder / CHECKPOINT
    study = _study(options, read, checkpoint)
    if options["dataset"].lower().endswith(CSV):
        say(read().description)
    say(study.told())
    trained = False
    try:
        _train(study.training, say)
        trained = not study.training.interrupted
        figures = save_report(folder, study, compare=trained and options["compare"])
    except KeyboardInterrupt:
        if not checkpoint.exists():
            raise
        told = "trained; --resume writes the report" if trained else "stopped; --resume goes on"
        print(f"\n{told}", file=sys.stderr)
        return INTERRUPTED
    if options["json"]:
        _say(json.dumps(figures, indent=1, ensure_ascii=False))
    say(_what_it_came_to(figures))
    for name, text in study.texts().items():
        say(f"{name}: {', '.join(text.split(chr(10))[:TOLD])} ...")
    say(f"{folder}: the report, {time.perf_counter() - start:.0f} s in all")
    if trained:
        checkpoint.unlink(missing_ok=True)
        return 0
    say("interrupted: the report is of what has been trained so far; --resume goes on")
    return INTERRUPTED


def _name(options: dict[str, Any], read: Callable[[], Dataset]) -> str:
    """Return what the folder of the report is called."""
    name: str = options["dataset"]
    name = name if name == NAMES else read().name
    return name if options["model"] is None else f"{name}-{options['model']}"


def _data(options: dict[str, Any]) -> Dataset:
    name = options["dataset"]
    given = {one: options[one] for one in TABLE if options[one] is not None}
    return read_csv(name, **given) if given else dataset(name)


def _check_name(options: dict[str, Any]) -> None:
    """Refuse a name that is not there, and options of tables for what is none."""
    name = options["dataset"]
    if name.lower().endswith(CSV):
        return
    pick("data set", name, {**DATASETS, NAMES: None})
    for one in TABLE:
        if options[one] is not None:
            raise ValueError(f"--{one} is for CSV files: what {name!r} predicts is given")


def _study(options: dict[str, Any], read: Callable[[], Dataset], checkpoint: Path) -> Study:
    """Return the study, its checkpoint ready; where an option is wrong, no file has been touched."""
    if options["resume"] and not checkpoint.exists():
        raise FileNotFoundError(
            f"there is nothing to resume: no {checkpoint}; a training that has ended leaves none. Leave "
            "--resume out to train anew"
        )
    if checkpoint.exists() and not options["resume"] and not options["restart"]:
        raise FileExistsError(
            f"{checkpoint} holds a training that was interrupted: go on with --resume, or begin anew "
            "with --restart"
        )
    settings = Settings(**{name: options[name] for name in Settings.__dataclass_fields__})
    progress = False if options["json"] else None
    name = options["dataset"]
    if options["resume"]:
        return open_study(name, read, settings, checkpoint=checkpoint, resume=True, progress=progress)
    study = open_study(name, read, settings, progress=progress)
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.unlink(missing_ok=True)
    study.training.checkpoint = checkpoint
    return study


def _train(training: Training, say: Callable[[str], None]) -> None:
    """Train to the end or to a Ctrl-C, also one between two epochs, and say what the epochs came to."""
    every = math.ceil(training.epochs / LINES)
    with Interrupt() as interrupt:
        untold: Epoch | None = None
        for epoch in training:
            untold = epoch
            if epoch.number == 1 or epoch.number % every == 0:
                say(_line(epoch, training))
                untold = None
        if untold is not None:
            say(_line(untold, training))
    training.interrupted |= interrupt.met


def _line(epoch: Epoch, training: Training) -> str:
    told = [f"epoch {epoch.number:3}", f"loss {_number(epoch.loss)}"]
    if epoch.metric is not None:
        told.append(f"{training.scoring.name} {_number(epoch.metric)}")
    validated = [x for x in (epoch.validation_loss, epoch.validation_metric) if x is not None]
    if validated:
        told.append(f"validation {', '.join(map(_number, validated))}")
    return "  ".join([*told, f"{epoch.seconds:.1f} s"])


def _what_it_came_to(figures: dict[str, Any]) -> str:
    lines = []
    for part in PARTS:
        if part in figures:
            told = [f"{name} {_number(x)}" for name, x in figures[part].items() if name != "points"]
            lines.append(f"{part:<10} {figures[part]['points']:>5} points  {'  '.join(told)}")
    for i, one in enumerate(figures.get("comparison", ())):
        told = [f"{name} {_number(x)}" for name, x in one["figures"].items()]
        place = "beside it" if i else "compared"
        lines.append(f"{place:<9}  {one['parameters']:>5} parameters  {'  '.join(told)}  {one['name']}")
    if figures.get("comparison") == []:
        lines.append(f"nothing to compare {figures['model']} with: it is what other models are compared with")
    if figures["model_of_epoch"] != figures["epochs"]:
        lines.append(f"the model: of epoch {figures['model_of_epoch']}, the lowest validation loss")
    return "\n".join([*lines, f"{figures['drawing']['file']}: {figures['drawing']['shows']}"])


def _number(x: float) -> str:
    return f"{x:.4f}" if abs(x) < LARGE else f"{x:.4e}"


if __name__ == "__main__":
    sys.exit(main())
