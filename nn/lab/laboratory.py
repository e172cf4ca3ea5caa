"""The laboratory: which jobs there are, which are done, and the rest handed to joblib."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from typing import Any

from tqdm import tqdm

from engine.optional import load
from nn.data.cells import listed
from nn.inputs import size
from nn.lab.job import Job, job, run
from nn.lab.record import Record
from nn.lab.subjects import SETS, Subject, subjects
from nn.lab.techniques import GUESS, TECHNIQUES, Technique, technique

SEEDS, FOLDS = 3, 5

Result = Mapping[str, Any]


class Laboratory:
    """Several techniques on several data sets, each on every fold of every seed.

    `sets` are names of `nn.DATASETS` or paths of CSV files, `techniques` are names that
    `nn.lab.techniques.technique` takes; left out, they are all of TECHNIQUES; guessing is always among them.
    A technique meets the sets whose task it does. Seed s draws the folds and the first weights: 0, 1, ...
    seeds - 1.

    Errors: those of `subjects` and `technique`; ValueError for a technique that does the task of no set;
    ModuleNotFoundError naming the extra `lab` without its packages.

    >>> lab = Laboratory(["iris"], ["tree"], seeds=1, folds=2)
    >>> [(one.technique, one.fold) for one in lab.jobs]
    [('guess', 0), ('guess', 1), ('tree', 0), ('tree', 1)]
    """

    def __init__(
        self,
        sets: Sequence[str] = SETS,
        techniques: Sequence[str] | None = None,
        *,
        seeds: int = SEEDS,
        folds: int = FOLDS,
    ) -> None:
        asked = () if techniques is None else listed("techniques", techniques)
        named = [technique(name) for name in dict.fromkeys(asked)]
        self.seeds, self.folds = size("seeds", seeds), size("folds", folds)
        self.subjects = subjects(sets, self.folds)
        tasks = {subject.data.is_classification for subject in self.subjects}
        for one in named:
            if not any(map(one.does, tasks)):
                there = ", ".join(subject.name for subject in self.subjects)
                raise ValueError(f"{one.name}, {one.told}, does not do the task of {there}: leave it out")
        others = [
            one for one in named or TECHNIQUES.values() if one.name != GUESS and any(map(one.does, tasks))
        ]
        self.techniques = [TECHNIQUES[GUESS], *others]

    def techniques_for(self, subject: Subject) -> list[Technique]:
        """Return the techniques that do the task of a data set.

        >>> lab = Laboratory(["iris", "sine"], ["logistic"])
        >>> [one.name for one in lab.techniques_for(lab.subjects[1])]
        ['guess']
        """
        return [one for one in self.techniques if one.does(subject.data.is_classification)]

    def jobs_of(self, subject: Subject, of: Technique) -> list[Job]:
        """Return the jobs of a technique on a data set, in the order of seeds and folds.

        >>> lab = Laboratory(["iris"], seeds=2, folds=3)
        >>> len(lab.jobs_of(lab.subjects[0], lab.techniques[0]))
        6
        """
        return [
            job(subject, of, seed, fold, self.folds)
            for seed in range(self.seeds)
            for fold in range(self.folds)
        ]

    @cached_property
    def jobs(self) -> list[Job]:
        """All jobs, in the order of sets, techniques, seeds and folds."""
        return [
            one
            for subject in self.subjects
            for of in self.techniques_for(subject)
            for one in self.jobs_of(subject, of)
        ]

    def run(
        self, record: Record, *, jobs: int | None = None, progress: bool | None = None
    ) -> Iterator[Result]:
        """Do what the record lacks, add each result to it as it comes, and yield it.

        The jobs are calls that know nothing of each other, handed to joblib: `jobs` of them run at a time
        (-1: as many as there are processors; None: what `joblib.parallel_config` says, else one), here or
        where a backend such as "dask" or "ray" has its workers. `progress` draws a bar on stderr; None does
        so in a terminal.

        Errors: RuntimeError where a worker died; what was done by then is in the record.

        >>> list(lab.run(Record("runs/lab/jobs.jsonl"), jobs=-1))  # doctest: +SKIP
        """
        record.mend()
        done = record.read()
        by_name = {subject.name: subject for subject in self.subjects}
        joblib = load("joblib", extra="lab")
        missing = [one for one in self.jobs if one.key not in done]
        calls = (joblib.delayed(run)(one, by_name[one.set].rows, by_name[one.set].targets) for one in missing)
        bar = tqdm(
            total=len(self.jobs),
            initial=len(self.jobs) - len(missing),
            unit=" jobs",
            leave=False,
            disable=None if progress is None else not progress,
        )
        results = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(calls)
        with closing(bar), closing(results):
            for result in results:
                record.add(result)
                bar.set_description(f"{result['set']} {result['technique']}")
                bar.update()
                yield result

    def results(self, record: Record) -> dict[str, Result]:
        """Return what the record has of this laboratory's jobs, by their keys.

        Errors: those of Record.
        """
        done = record.read()
        return {one.key: done[one.key] for one in self.jobs if one.key in done}
