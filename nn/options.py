"""What the command line takes, and the help that teaches it."""

import argparse
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nn.activations import ACTIVATIONS
from nn.data.firstnames import COUNTRIES
from nn.data.table import TASKS
from nn.experiment import FEWEST, MOST, POINTS_TO_MEET
from nn.init import INITIALISERS
from nn.lab import add_parser as add_lab
from nn.losses import LOSSES
from nn.optim import OPTIMIZERS
from nn.settings import SCHEDULES, USUAL, Settings
from nn.studies import MODELS

TOP = """\
Neural networks out of scalars: data sets to choose from, and a training that leaves a folder of figures and
pictures, down to one neuron with its numbers and gradients.
"""
COMMANDS = """\
examples
  python -m nn train iris
      split, standardise, train, test; the report is in runs/iris: loss.png, confusion.png, neuron.svg, ...
  python -m nn train houses.csv --target price --hidden 16 16 --epochs 200
      a table of your own, the column to predict, the network, the passes
  python -m nn lab --sets iris wine
      techniques compared on several sets, and what follows from it; the report is in runs/lab

All that a command takes: python -m nn train --help, python -m nn lab --help
"""
TRAIN = f"""\
Train a network on a data set, scalar by scalar, and leave a folder that shows what happened.

DATASET, which goes before the options, is a name that `python -m nn datasets` lists, or the path of a CSV
file whose first line names the columns. The network is a multilayer perceptron unless --model says otherwise:
  digits      lenet, autoencoder, vae           sunspots    rnn, lstm, gru
  names       gpt (the usual), rnn, lstm, gru   karate      gcn, gat

The points are split into parts to train, to validate and to test on. Perceptrons, lenet and the models of
sunspots have each column standardised by the training part. Every choice that is left out suits the data:
one output for two classes or for a number, one for each class otherwise, cross entropy for classes, mean
square error for numbers, as many epochs as meet about {POINTS_TO_MEET:,} points ({FEWEST} to {MOST}). The
model of the epoch of lowest validation loss is kept; with --validation 0 it is that of the last epoch.

Names are read letter by letter. Images for an autoencoder or a vae are divided by the brightest pixel. karate
is one graph, nothing is set aside: two labels are known, all others are there to test on, an epoch is one
update. An option that a model has no use for is refused.

The folder holds
  results.json     loss and metrics of each part, sizes, times
  history.json     loss, metric, learning rate, gradient norm and seconds of each epoch
  model.json       a perceptron, for nn.load_model; of other models parameters.json, for nn.load_parameters
  loss.png         loss and metric, epoch by epoch
  confusion.png    classes: which were taken for which         predicted.png  numbers: predicted and true
  boundary.png     classes over two columns                    fitted.png     numbers over one column
  weights.png      the weights of the first layer              gradients.png  the sizes of the gradients
  neuron.svg .png  one output neuron at the test point that fits worst: its numbers and gradients
  neuron.txt       the backward sweep of that picture, a line for each step of the chain rule
and of models other than the perceptron
  model.svg .png                 the whole model at one sample: values and gradients, part by part
  filters.png, maps.png          lenet: its kernels, and what they make of an image
  states.png, through_time.png   rnn, lstm, gru: hidden states and the gradient's norm, over time
  attention.png                  gpt: where each letter looks
  names.txt                      models of names: new ones
  graph.png, steps.png           gcn, gat: the graph by what the model says, at the end and on the way
  reconstructions.png            autoencoder, vae: images drawn again
  codes.png, grid.png            codes of two numbers: the images in their plane, and what it stands for

With --compare the report has other ways to do the same task: perceptrons, and what is known for such data.

Ctrl-C ends the training after the batch that it has begun and writes the report of what there is; with
--resume it goes on, to the same bits as if it had never stopped. A second Ctrl-C, or one while the report is
written, leaves no report, and --resume goes on, too. So it does when the process was killed:
checkpoint.json holds the last whole epoch. The same seed gives the same weights, bit for bit.
"""
EXAMPLES = """\
examples
  python -m nn train iris
  python -m nn train moons --hidden 16 16 --activation tanh --epochs 100
  python -m nn train digits --optimizer momentum --learning-rate 0.05 --dropout 0.2 --patience 5
  python -m nn train houses.csv --target price --l2 0.001 --json
  python -m nn train survey.csv --delimiter ';' --task regression
  python -m nn train digits --model lenet --compare
  python -m nn train names --model gpt --country el
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line.

    >>> parser().parse_args(["train", "digits", "--epochs", "3"]).epochs
    3
    """
    top = argparse.ArgumentParser(
        prog="python -m nn",
        description=TOP,
        epilog=COMMANDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    listing = commands.add_parser("datasets", help="list the data sets", description="List the data sets.")
    listing.add_argument("--json", action="store_true", help="as JSON")
    train = commands.add_parser(
        "train",
        help="train a network and leave a folder of pictures",
        description=TRAIN,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.add_argument("dataset", metavar="DATASET", help="a name, or the path of a CSV file")
    table = train.add_argument_group("a CSV file")
    table.add_argument("--target", metavar="COLUMN", help="the column to predict (the last)")
    table.add_argument(
        "--task", choices=TASKS, help="whether the target has classes or numbers (what its cells suggest)"
    )
    table.add_argument("--delimiter", type=_delimiter, help="between the cells; a tab is \\t (,)")
    _add_model(train.add_argument_group("the model"))
    _add_training(train.add_argument_group("the training"))
    _add_data(train.add_argument_group("the data"))
    _add_output(train.add_argument_group("what it leaves"))
    add_lab(commands)
    return top


def _add_model(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--model", help=f"{_listed(MODELS)} (mlp; for names gpt)")
    group.add_argument(
        "--hidden", type=_width, nargs="*", action=_Widths, metavar="N",
        help="neurons of each hidden layer; without a number there is none (mlp: 32). lenet: the channels of "
        "both convolutions; gpt, rnn, lstm, gru: the width, once for each layer",
    )  # fmt: skip
    group.add_argument("--heads", type=_count, help="of gpt (4) and gat (8)")
    group.add_argument("--code", type=_count, metavar="N", help="numbers of a code: vae (2), autoencoder (8)")
    group.add_argument("--activation", help=f"{_listed(ACTIVATIONS)} (the model's own; mlp: tanh)")
    group.add_argument("--init", help=f"{_listed(INITIALISERS)} (the model's own; mlp: xavier)")
    group.add_argument(
        "--dropout", type=float, help=f"share of an mlp's hidden answers dropped ({USUAL['dropout']})"
    )


def _add_training(group: argparse._ArgumentGroup) -> None:
    default = Settings()
    group.add_argument("--loss", help=f"of models of points: {_listed(LOSSES)} (what suits the data)")
    group.add_argument("--optimizer", default=default.optimizer, help=f"{_listed(OPTIMIZERS)} (%(default)s)")
    group.add_argument("--learning-rate", type=_positive, help="of the first update (the optimizer's own)")
    group.add_argument(
        "--schedule",
        default=default.schedule,
        help=f"of the learning rate: {_listed(SCHEDULES)} (%(default)s)",
    )
    group.add_argument(
        "--warm-up",
        type=_from_zero,
        default=default.warm_up,
        metavar="UPDATES",
        help="updates of a rising rate, before the schedule begins (0)",
    )
    group.add_argument("--l1", type=float, default=default.l1, help="penalty on Σ|w| (%(default)s)")
    group.add_argument("--l2", type=float, help="penalty on Σw²/2 (0; gcn, gat: 0.0005)")
    group.add_argument("--clip", type=_positive, help="the largest norm of the gradient (none)")
    group.add_argument("--batch-size", type=_count, help="points an update (16; names, autoencoder, vae: 32)")
    group.add_argument(
        "--epochs",
        type=_count,
        help="passes over the training points (see above; each model but mlp has its own number)",
    )
    group.add_argument(
        "--patience", type=_count, metavar="EPOCHS",
        help="stop after so many epochs without a lower validation loss, or loss where none validate (never)",
    )  # fmt: skip
    group.add_argument(
        "--seed", type=int, default=default.seed, help="of split, weights and order (%(default)s)"
    )


def _add_data(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--country", help=f"of the names: {_listed(COUNTRIES)} ({USUAL['country']})")
    group.add_argument("--test", type=float, help=f"share to test on ({USUAL['test']})")
    group.add_argument("--validation", type=float, help=f"share to validate on ({USUAL['validation']})")
    group.add_argument(
        "--raw", dest="standardise", action="store_false", help="do not standardise the columns"
    )


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--folder", type=Path, help="where the report goes (runs/DATASET)")
    group.add_argument("--compare", action="store_true", help="do the task in other ways, too")
    group.add_argument("--json", action="store_true", help="print the results as JSON, and nothing else")
    again = group.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="go on with an interrupted training")
    again.add_argument("--restart", action="store_true", help="begin anew, forget an interrupted training")


class _Widths(argparse.Action):
    """Keeps the widths as a tuple, as Settings has them."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        setattr(namespace, self.dest, tuple(values))


def _listed(table: Iterable[str]) -> str:
    return ", ".join(table)


def _delimiter(text: str) -> str:
    return "\t" if text == "\\t" else text


def _whole(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a whole number is needed, got {text!r}") from None
    if number < least:
        raise argparse.ArgumentTypeError(f"at least {least} is needed, got {text}")
    return number


def _count(text: str) -> int:
    return _whole(text, 1)


def _from_zero(text: str) -> int:
    return _whole(text, 0)


def _width(text: str) -> int:
    try:
        return _count(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(
            f"{error}; DATASET goes first, all numbers after --hidden are its: "
            "python -m nn train iris --hidden 16"
        ) from None


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"a positive, finite number is needed, got {text}")
    return number
