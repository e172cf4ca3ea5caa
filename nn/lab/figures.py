"""Figures: what the runs of a technique on a data set came to, together."""

from collections.abc import Mapping, Sequence
from statistics import fmean, median, median_low
from typing import Any, NamedTuple

from nn.lab.comparing import spread, standard_error
from nn.lab.laboratory import Laboratory, Result
from nn.lab.subjects import Subject
from nn.lab.techniques import Technique

SCORES = {True: "accuracy", False: "R²"}
"""What is called the score of classes, and of numbers."""


class Row(NamedTuple):
    """A technique on a data set: the scores of its runs by seed and fold, and what they came to.

    `why` says why there are none, where a run failed; `blocks` are the scores that a test may take for
    repetitions: all of them, or for points in time, whose folds are the same for each seed, the fold's means.
    """

    technique: Technique
    results: Sequence[Result]
    why: str
    scores: list[float]
    blocks: list[float]
    mean: float
    spread: float
    error: float
    rmse: float | None
    seconds: float
    parameters: int
    notes: list[str]


class Sheet(NamedTuple):
    """All figures of a data set: a row for each technique that learned it, the best first, then those failed.

    `ratio` is how many points a fold tests on for each that it learns from.
    """

    subject: Subject
    score: str
    ratio: float
    rows: list[Row]

    @property
    def good(self) -> list[Row]:
        """The rows that have figures, the best first."""
        return [row for row in self.rows if not row.why]

    def row(self, name: str) -> Row | None:
        """The row of a technique, None where it has no figures."""
        return next((row for row in self.good if row.technique.name == name), None)


def sheets(lab: Laboratory, results: Mapping[str, Result]) -> list[Sheet]:
    """Return the figures of each data set; where jobs are missing, their technique says so.

    >>> lab = Laboratory(["iris"], ["tree"], seeds=1, folds=2)
    >>> [row.why for row in sheets(lab, {})[0].rows]
    ['2 of 2 runs are missing', '2 of 2 runs are missing']
    """
    found = []
    for subject in lab.subjects:
        ratio = subject.ratio(lab.folds)
        rows = [
            _row(lab, one, [results.get(job.key) for job in lab.jobs_of(subject, one)], subject, ratio)
            for one in lab.techniques_for(subject)
        ]
        rows.sort(key=lambda row: (bool(row.why), -row.mean))
        found.append(Sheet(subject, SCORES[subject.data.is_classification], ratio, rows))
    return found


def _row(
    lab: Laboratory, of: Technique, given: Sequence[Result | None], subject: Subject, ratio: float
) -> Row:
    results = [result for result in given if result is not None]
    why = _why(given)
    notes = sorted({note for result in results for note in result.get("notes", ())})
    if why:
        return Row(of, results, why, [], [], 0.0, 0.0, 0.0, None, 0.0, 0, notes)
    scores = [result["score"] for result in results]
    blocks = scores
    if subject.data.ordered:
        blocks = [fmean(scores[fold :: lab.folds]) for fold in range(lab.folds)]
    return Row(
        of,
        results,
        "",
        scores,
        blocks,
        fmean(scores),
        spread(scores),
        standard_error(blocks, ratio),
        None if subject.data.is_classification else fmean([result["rmse"] for result in results]),
        median([result["seconds"] for result in results]),
        median_low([result["parameters"] for result in results]),
        notes,
    )


def _why(given: Sequence[Result | None]) -> str:
    """Return why there are no figures, "" where there are."""
    missing = sum(result is None for result in given)
    if missing:
        return f"{missing} of {len(given)} runs are missing"
    failed = [result for result in given if result is not None and "error" in result]
    if not failed:
        return ""
    first = failed[0]
    of = f"{len(failed)} of {len(given)} runs" if len(failed) < len(given) else f"all {len(given)} runs"
    return f"{of} failed; seed {first['seed']}, fold {first['fold']}: {first['error']}"


def as_json(sheet: Sheet) -> dict[str, Any]:
    """Return the figures of a data set, ready for JSON."""
    data = sheet.subject.data
    return {
        "name": sheet.subject.name,
        "points": len(data),
        "columns": data.width,
        "classes": list(data.names),
        "score": sheet.score,
        "techniques": [_json(row) for row in sheet.rows],
    }


def _json(row: Row) -> dict[str, Any]:
    if row.why:
        return {"name": row.technique.name, "error": row.why, "notes": row.notes}
    figures = {
        "name": row.technique.name,
        "scores": row.scores,
        "mean": row.mean,
        "spread": row.spread,
        "standard_error": row.error,
        "seconds": row.seconds,
        "parameters": row.parameters,
        "notes": row.notes,
    }
    return figures if row.rmse is None else figures | {"rmse": row.rmse}
