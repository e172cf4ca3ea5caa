"""The command line of the lab: python -m nn lab."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from nn.data.describing import counted
from nn.lab.laboratory import FOLDS, SEEDS, Laboratory
from nn.lab.record import Record
from nn.lab.report import PAGE, RESULTS, SLIDES, save_report
from nn.lab.subjects import SETS
from nn.lab.techniques import TECHNIQUES

INTERRUPTED = 130
FOLDER = Path("runs", "lab")
JOBS = "jobs.jsonl"
LAB = f"""\
Compare techniques on data sets: each learns every set on all folds but one and is tested on that one, for
several seeds, and one HTML page says what follows from the figures and what does not.

The folder ({FOLDER}) holds
  {PAGE}      tables, dots of every fold, learning curves, maps, confusion matrices, conclusions
  {SLIDES}      with --slides: the same as slides, for the keyboard (Page Down, or Space)
  {RESULTS}     all figures and conclusions               results.csv   a line for each run
  {JOBS}       what each run came to, written as it ends

Ctrl-C, or a kill, loses the runs that have not ended; with --resume the lab does what is missing. So it does
after another seed, set or technique was asked for, or a file has changed.
"""
EXAMPLES = """\
examples
  python -m nn lab --jobs 2 --slides
  python -m nn lab --sets iris wine --techniques perceptron mlp-16-tanh mlp-32-32-relu forest
  python -m nn lab --sets houses.csv diabetes --seeds 5 --folds 10 --folder runs/houses

A cluster runs the same lab, from Python; python -m nn lab --resume then writes the report:
  from nn.lab import Laboratory, Record
  with joblib.parallel_config("dask"):
      list(Laboratory().run(Record("runs/lab/jobs.jsonl")))
"""


def add_parser(commands: Any) -> None:
    """Add the command `lab` to the subparsers of a command line.

    >>> top = argparse.ArgumentParser()
    >>> add_parser(top.add_subparsers(dest="command"))
    >>> top.parse_args(["lab", "--seeds", "2"]).seeds
    2
    """
    lab = commands.add_parser(
        "lab",
        help="compare techniques on data sets, and leave a page of conclusions",
        description=LAB,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    lab.add_argument(
        "--sets", nargs="+", default=list(SETS), metavar="SET",
        help=f"names, or paths of CSV files ({', '.join(SETS)})",
    )  # fmt: skip
    lab.add_argument(
        "--techniques", nargs="+", metavar="NAME",
        help=f"{', '.join(TECHNIQUES)}, or any MLP by its hidden layers and activation: mlp-32-16-sigmoid "
        "(all that are listed); guess is always among them",
    )  # fmt: skip
    lab.add_argument("--seeds", type=int, default=SEEDS, help="so many, each draws other folds (%(default)s)")
    lab.add_argument("--folds", type=int, default=FOLDS, help="parts of a set (%(default)s)")
    lab.add_argument("--jobs", type=int, help="runs at a time; -1: as many as there are processors (1)")
    lab.add_argument("--slides", action="store_true", help="write slides, too")
    lab.add_argument("--folder", type=Path, default=FOLDER, help="where the report goes (%(default)s)")
    lab.add_argument("--json", action="store_true", help="print the results as JSON, and nothing else")
    again = lab.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="keep the runs that the folder holds")
    again.add_argument("--restart", action="store_true", help="begin anew, forget the runs that it holds")


def run(options: dict[str, Any]) -> int:
    """Run the lab and write its report; return the exit code.

    Errors: those of Laboratory; ValueError for 0 jobs; FileExistsError where the folder holds runs and it is
    not said what becomes of them, FileNotFoundError where there is nothing to resume; OSError where a worker
    died.

    >>> run(vars(parser.parse_args(["lab", "--sets", "iris"])))  # doctest: +SKIP
    """
    start = time.perf_counter()
    if options["jobs"] == 0:
        raise ValueError("--jobs is a number of runs at a time, or -1, got 0")
    lab = Laboratory(options["sets"], options["techniques"], seeds=options["seeds"], folds=options["folds"])
    folder = options["folder"]
    record = _record(folder / JOBS, options["resume"], options["restart"])

    def say(text: str) -> None:
        if not options["json"]:
            print(text, flush=True)

    say(told(lab, record))
    try:
        failed = set()
        for result in lab.run(record, jobs=options["jobs"], progress=False if options["json"] else None):
            which = result["set"], result["technique"]
            if "error" in result and which not in failed:
                failed.add(which)
                say(f"{', '.join(which)}: {result['error']}")
        figures = save_report(folder, lab, record, slides=options["slides"], jobs=options["jobs"])
    except KeyboardInterrupt:
        behind = len(lab.results(record))
        print(f"\nstopped after {behind} of {len(lab.jobs)} runs; --resume goes on", file=sys.stderr)
        return INTERRUPTED
    except RuntimeError as error:
        raise OSError(f"a worker died ({error}); --resume goes on") from error
    if options["json"]:
        print(json.dumps(figures, indent=1, ensure_ascii=False))
    for one in figures["sets"]:
        say(f"{one['name']}: {one['headline']}")
    say(f"{folder / PAGE}: the report, {time.perf_counter() - start:.0f} s in all")
    return 0


def _record(path: Path, resume: bool, restart: bool) -> Record:
    """Return the record, ready to be added to; where an option is wrong, no file has been touched."""
    if resume and not path.exists():
        raise FileNotFoundError(f"there is nothing to resume: no {path}; leave --resume out to begin")
    if path.exists() and not resume and not restart:
        raise FileExistsError(
            f"{path} holds the runs of a lab: keep them and do what is missing with --resume, or begin anew "
            "with --restart"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if restart:
        path.unlink(missing_ok=True)
    return Record(path)


def told(lab: Laboratory, record: Record) -> str:
    """Return what the lab is about to do.

    >>> told(Laboratory(["iris"], ["tree"], seeds=1), Record(Path("none")))
    '2 techniques on 1 data set, 1 seed × 5 folds: 10 runs'
    """
    done = len(lab.results(record))
    text = (
        f"{counted(len(lab.techniques), 'technique')} on {counted(len(lab.subjects), 'data set')}, "
        f"{counted(lab.seeds, 'seed')} × {lab.folds} folds: {len(lab.jobs)} runs"
    )
    return f"{text}, {done} of them are there" if done else text
