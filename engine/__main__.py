"""The command line: python -m engine step "tanh(x*w + b)" x=2 w=-3 b=1."""

import argparse
import io
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from keyword import iskeyword
from pathlib import Path
from textwrap import fill

from engine.expression import Expression, parse
from engine.grammar import FUNCTIONS
from engine.optional import load
from engine.parsing import ExpressionError
from engine.see.drawing import SUFFIXES, draw
from engine.see.ledger import ledger
from engine.see.stepper import Stepper
from engine.see.terminal import explore
from engine.see.theme import THEMES
from engine.value import Value

FAILED, WRONG_INPUT, INTERRUPTED = 1, 2, 130
PROGRAM = "python -m engine"
EXAMPLE = '"tanh(x*w + b)" x=2 w=-3 b=6.5'
OF_LISTS = "sum([x, y]), dot([w1, w2], [x1, x2]), max, min, logsumexp; softmax([x, y])[0] is an element"
RULES = f"""\
An expression has numbers, names, + - * / **, brackets, and functions. It stands in quotes, and behind it a
number for each name: x=2 w=-3 b=1e-3. It is parsed, never run by Python. pi and e are known.

{fill(f"functions of numbers: {', '.join(sorted(n for n, f in FUNCTIONS.items() if not any(f.lists)))}", 105)}
functions of lists: {OF_LISTS}

Exit code: 0, or 1 where something could not be done or a check found a fault, or 2 for wrong input."""
COMMANDS = {
    "draw": (
        "write a picture of the graph, with every value and gradient",
        "Draw the graph of an expression: every value and gradient, and the partial derivative on each edge.",
        "-o neuron.png --theme dark",
    ),
    "step": (
        "step through the recording and the sweep",
        "Step through an expression: each node is recorded, then each edge is swept. In a terminal keys\n"
        "move through it, ? tells which; elsewhere, or with --plain, all steps are printed as a table.",
        "",
    ),
    "check": (
        "compare every number with its exact value",
        "Check an expression's values, partial derivatives and gradients against 60 digits. The exit\n"
        "code is 0 where all is right, else 1. Needs the extra: python -m pip install 'chainrule[check]'",
        "",
    ),
    "ledger": (
        "print all steps as a table",
        "Print what is recorded, then each step of the sweep: upstream × partial = contribution, which is\n"
        "added to the gradient of the input.",
        "",
    ),
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line.

    >>> parser().parse_args(["step", "x*w", "x=2", "w=3"]).numbers
    ['x=2', 'w=3']
    """
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Look at the chain rule at work on an expression.",
        epilog=f"example: {PROGRAM} step {EXAMPLE}\n\n{RULES}",
        formatter_class=raw,
    )
    commands = top.add_subparsers(dest="command", metavar="command")
    for name, (brief, description, options) in COMMANDS.items():
        example = f"example: {PROGRAM} {name} {EXAMPLE} {options}".strip()
        command = commands.add_parser(
            name, help=brief, description=description, epilog=f"{example}\n\n{RULES}", formatter_class=raw
        )
        command.add_argument("expression", help="what is computed, in quotes")
        command.add_argument("numbers", nargs="*", metavar="name=number", help="one for each name")
        if name != "check":
            command.add_argument(
                "--expand", action="store_true", help="spell a dot out as its products and sum"
            )
        if name == "step":
            command.add_argument("--plain", action="store_true", help="print all steps, in a terminal too")
        if name == "draw":
            _add_options_of_drawing(command)
    return top


def _add_options_of_drawing(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-o",
        "--output",
        type=_picture,
        default=Path("graph.svg"),
        metavar="FILE",
        help=f"where it goes, {', '.join(SUFFIXES)} (%(default)s)",
    )
    command.add_argument("--theme", choices=THEMES, default="light", help="(%(default)s)")
    command.add_argument(
        "--rankdir", choices=["LR", "TB"], default="LR", help="left to right or top to bottom (%(default)s)"
    )
    command.add_argument("--limit", type=int, default=300, help="at most so many boxes (%(default)s)")


def _picture(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"a picture is one of {', '.join(SUFFIXES)}, got {text!r}")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    >>> main(["ledger", "x*x", "x=3"])
    record  node  op  value  source
         0  x           3.0
         1  x*x   *     9.0  x*x
    <BLANKLINE>
    sweep  node  op    input  rule       upstream × partial = contribution  gradient of input  source
        2  x*x   seed  x*x                                             1.0                1.0  x*x
        3  x*x   *     x      ∂z/∂x = y       1.0 ×     3.0 =          3.0                3.0  x*x
        4  x*x   *     x      ∂z/∂y = x       1.0 ×     3.0 =          3.0                6.0  x*x
    0
    """
    top = parser()
    options, rest = top.parse_known_args(_guarded(sys.argv[1:] if arguments is None else arguments))
    if options.command is None:
        top.print_help(sys.stderr)
        return WRONG_INPUT
    options.numbers += [word for word in rest if not word.startswith("-")]  # what stands behind an option
    unknown = [word for word in rest if word.startswith("-")]
    if unknown and "=" in options.expression:  # a number where the expression stands: that is --x
        options.numbers.insert(0, options.expression)
        options.expression = unknown.pop(0)
    if unknown:
        top.error(f"unknown option {unknown[0]}; {PROGRAM} {options.command} --help tells which there are")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # where it cannot write ∂, × or ▶
    try:
        code = RUN[options.command](options)
        sys.stdout.flush()
        return code
    except ExpressionError as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except ValueError as error:
        print(f"{PROGRAM} {options.command}: {error}", file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:  # of head, or less
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (ImportError, OSError) as error:
        print(f"{PROGRAM} {options.command}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _guarded(arguments: Sequence[str]) -> list[str]:
    """Return arguments with a space before an expression such as -x*w, which else were an option.

    It stands before the numbers; behind -o an ending such as .svg makes a word the name of a file.
    """
    count = next((i for i, word in enumerate(arguments) if re.match(r"\w+=", word)), len(arguments))
    like = re.compile(r"-[^-ho]|-h.|-o(?!=|.*\.[A-Za-z]+$).")
    return [f" {word}" if like.match(word) else word for word in arguments[:count]] + [*arguments[count:]]


def _recorded(options: argparse.Namespace) -> tuple[Expression, list[float], Value]:
    """Return the expression of a command, the numbers of its names, and what it records."""
    numbers = _numbers(options.numbers)
    expression = parse(options.expression, numbers)
    unused = [name for name in numbers if name not in expression.used]
    if unused:
        close = get_close_matches(unused[0], expression.used, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(f"the expression {expression.text} has no name {unused[0]!r}{meant}")
    values = [Value(number, name) for name, number in numbers.items()]
    y = expression(*values)
    if not isinstance(y, Value):
        whatever = f"whatever {', '.join(numbers)}: no gradient flows" if numbers else "and has no names"
        raise ValueError(f"{expression.text} is {y} {whatever}; there is nothing to differentiate by")
    return expression, list(numbers.values()), y


def _numbers(words: Sequence[str]) -> dict[str, float]:
    """Return the numbers of name=number words by name."""
    numbers: dict[str, float] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = unicodedata.normalize("NFKC", name.strip())  # as Python's parser reads names
        if not equals:
            raise ValueError(f"{word!r} is no name=number; the expression stands in quotes before them")
        if not name.isidentifier() or iskeyword(name):
            raise ValueError(
                f"{word!r} gives a number to {name!r}, which is no name; names are as x, w1, bias"
            )
        if name in numbers:
            raise ValueError(f"{name} is given twice: {numbers[name]!r} and {text}")
        try:
            numbers[name] = float(text)
        except ValueError:
            raise ValueError(f"{word!r}: {text!r} is no number; write {name}=2.5, {name}=-1e-3") from None
    return numbers


def _draw(options: argparse.Namespace) -> int:
    _, _, y = _recorded(options)
    y.backward()
    drawing = draw(
        y, expand=options.expand, rankdir=options.rankdir, theme=options.theme, limit=options.limit
    )
    try:
        print(drawing.save(options.output))
    except OSError as error:
        if error.strerror is None:  # there is no Graphviz
            raise
        raise OSError(f"cannot write {options.output}: {error.strerror}") from None
    return 0


def _step(options: argparse.Namespace) -> int:
    _, _, y = _recorded(options)
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if options.plain or not terminal:
        print(ledger(y, expand=options.expand))
    else:
        explore(Stepper(y, expand=options.expand))
    return 0


def _check(options: argparse.Namespace) -> int:
    expression, numbers, _ = _recorded(options)
    report = load("engine.check", extra="check").check_gradients(expression, *numbers)
    print(report)
    return 0 if report.ok else FAILED


def _ledger(options: argparse.Namespace) -> int:
    _, _, y = _recorded(options)
    print(ledger(y, expand=options.expand))
    return 0


RUN = {"draw": _draw, "step": _step, "check": _check, "ledger": _ledger}

if __name__ == "__main__":
    sys.exit(main())
