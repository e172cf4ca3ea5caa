"""The command line: python -m nn train digits."""

import argparse
import math
import random
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from nn.data import digits
from nn.neuron import MLP
from nn.report import save
from nn.train import Epoch, fit

INTERRUPTED = 130
HIDDEN = 32

DESCRIPTION = f"""\
Train a network of {HIDDEN} hidden neurons on scikit-learn's 1797 handwritten digits, scalar by scalar, and
leave a folder that shows what happened:

  loss.png         training loss and test accuracy, epoch by epoch
  confusion.png    which digits were taken for which
  neuron.svg .png  one output neuron, shown the test digit that fits worst: numbers and gradients
  neuron.txt       the backward sweep of that picture, a line for each step of the chain rule
  weights.json     every parameter by its name: model.load_state(json.load(file))
  history.json     loss, test accuracy and seconds of each epoch

Ctrl-C ends the training after the batch that it has begun, and writes the report of what there is.
The same seed gives the same weights, bit for bit.
"""


class Interrupt:
    """Notes the first Ctrl-C or SIGTERM instead of raising; the second raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self.met = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Note a signal, or raise KeyboardInterrupt at the second.

        >>> interrupt = Interrupt()
        >>> interrupt(signal.SIGINT, None)
        >>> interrupt.met
        True
        """
        if self.met:
            raise KeyboardInterrupt
        self.met = True

    def listen(self) -> None:
        """Take the two signals from here on.

        >>> Interrupt().listen()  # doctest: +SKIP
        """
        signal.signal(signal.SIGINT, self)
        signal.signal(signal.SIGTERM, self)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line.

    >>> parser().parse_args(["train", "digits", "--epochs", "3"]).epochs
    3
    """
    top = argparse.ArgumentParser(prog="python -m nn", description="Neural networks out of scalars.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    train = commands.add_parser(
        "train",
        help="train a network and leave a folder of pictures",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.add_argument("data", choices=["digits"], help="what to train on")
    train.add_argument(
        "--epochs", type=_count, default=12, help="passes over the training points (%(default)s)"
    )
    train.add_argument("--batch-size", type=_count, default=8, help="points a step (%(default)s)")
    train.add_argument(
        "--learning-rate",
        type=_rate,
        default=0.25,
        help="how far a step goes along the gradient (%(default)s)",
    )
    train.add_argument("--seed", type=int, default=0, help="of split, weights and order (%(default)s)")
    train.add_argument("--folder", type=Path, help="where the report goes (runs/digits)")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code.

    >>> main(["train", "digits"])  # doctest: +SKIP
    """
    options = parser().parse_args(arguments)
    try:
        return train(options)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return INTERRUPTED
    except (ImportError, OSError, FloatingPointError) as error:
        print(f"python -m nn: {error}", file=sys.stderr)
        return 1


def train(options: argparse.Namespace) -> int:
    """Train on digits and write the report; return the exit code.

    >>> train(parser().parse_args(["train", "digits"]))  # doctest: +SKIP
    """
    start = time.perf_counter()
    interrupt = Interrupt()
    interrupt.listen()
    folder = options.folder or Path("runs", options.data)
    folder.mkdir(parents=True, exist_ok=True)
    split = digits(seed=options.seed)
    model = MLP(len(split.train_points[0]), [HIDDEN, len(split.names)], rng=random.Random(options.seed))
    print(
        f"{model.describe()}, {len(model.parameters()):,} parameters; "
        f"{len(split.train_points)} digits to train on, {len(split.test_points)} to test"
    )
    history: list[Epoch] = []
    for epoch in fit(
        model,
        split,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        seed=options.seed,
        progress=True,
        stop=lambda: interrupt.met,
    ):
        history.append(epoch)
        part = "" if epoch.samples == len(split.train_points) else f"  (of {epoch.samples} points, stopped)"
        print(
            f"epoch {epoch.number:2}  loss {epoch.loss:.4f}  test accuracy {epoch.test_accuracy:.4f}  "
            f"{epoch.seconds:.1f} s{part}",
            flush=True,
        )
    if interrupt.met:
        print("interrupted: the report is of what has been trained so far", flush=True)
    picture = save(folder, model, split, history)
    print(f"neuron.svg: {picture}")
    print(f"{folder}: the report, {time.perf_counter() - start:.0f} s in all")
    return INTERRUPTED if interrupt.met else 0


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a whole number is needed, got {text!r}") from None
    if number < 1:
        raise argparse.ArgumentTypeError(f"at least 1 is needed, got {text}")
    return number


def _rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"a positive, finite number is needed, got {text}")
    return number


if __name__ == "__main__":
    sys.exit(main())
