"""The summary over all data sets: mean ranks with Friedman's test, and the questions' answers."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from nn.data.describing import counted
from nn.lab.comparing import FEWEST_SETS, LEVEL, Ranking, ranking
from nn.lab.conclusions import Conclusions, Tally, tallies
from nn.lab.figures import Sheet
from nn.lab.techniques import GUESS


class Board(NamedTuple):
    """The sets of one task: mean scores, [technique][set], None where there are no figures, and the ranking.

    `ranked` are the techniques that have figures of every set, without guessing, by their mean rank; `others`
    are the rest.
    """

    score: str
    sheets: list[Sheet]
    ranked: list[str]
    others: list[str]
    ranking: Ranking | None

    def mean(self, technique: str, sheet: Sheet) -> float | None:
        """The mean score of a technique on a set."""
        row = sheet.row(technique)
        return None if row is None else row.mean

    def is_best(self, technique: str, sheet: Sheet) -> bool:
        """Whether no technique has a higher mean on a set."""
        return self.mean(technique, sheet) == sheet.good[0].mean if sheet.good else False

    @property
    def sentence(self) -> str:
        """What the ranks allow to say, with the numbers."""
        found = self.ranking
        if found is None:
            return "There is nothing to rank: one technique or none has figures of every set."
        if found.p is None or found.critical is None or found.f is None:
            return (
                f"{counted(found.sets, 'set')} and {counted(len(self.ranked), 'technique')} are too few for "
                f"Friedman's test (from {FEWEST_SETS} sets and 3 techniques on): the ranks are only told."
            )
        k, n = len(self.ranked), found.sets
        f = f"{found.f:.2f}" if math.isfinite(found.f) else "∞"
        p = "p < 0.0001" if found.p < 1e-4 else f"p = {found.p:.4f}"
        numbers = f"F({k - 1}, {(k - 1) * (n - 1)}) = {f}, {p}"
        if found.p >= LEVEL:
            return f"Over {n} sets no technique can be told to rank above another ({numbers})."
        best, worst = (
            self.ranked[0],
            [
                name
                for name, rank in zip(self.ranked, found.ranks, strict=True)
                if rank - found.ranks[0] > found.critical
            ],
        )
        told = f"worse than {best} rank {', '.join(worst)}" if worst else f"none is far enough from {best}"
        return (
            f"Over {n} sets the techniques do not all rank alike ({numbers}); two mean ranks differ where "
            f"they are {found.critical:.2f} apart: {told}."
        )


class Summary(NamedTuple):
    """What all sets say together."""

    boards: list[Board]
    tallies: list[Tally]


def summary(found: Sequence[tuple[Sheet, Conclusions]]) -> Summary:
    """Return the boards of classification and of regression, and the answers to the questions.

    >>> summary([])
    Summary(boards=[], tallies=[])
    """
    boards = []
    for score in dict.fromkeys(sheet.score for sheet, _ in found):
        boards.append(_board(score, [sheet for sheet, _ in found if sheet.score == score]))
    return Summary(boards, tallies(found))


def _board(score: str, sheets: list[Sheet]) -> Board:
    names = list(dict.fromkeys(row.technique.name for sheet in sheets for row in sheet.rows))
    whole = [name for name in names if name != GUESS and all(sheet.row(name) for sheet in sheets)]
    others = [name for name in names if name not in whole]
    if len(whole) < 2:
        return Board(score, sheets, [], names, None)
    found = ranking([[row.mean for name in whole if (row := sheet.row(name))] for sheet in sheets])
    order = sorted(range(len(whole)), key=lambda i: (found.ranks[i], whole[i]))
    ranked = found._replace(ranks=[found.ranks[i] for i in order])
    return Board(score, sheets, [whole[i] for i in order], others, ranked)


def as_json(found: Summary) -> dict[str, Any]:
    """Return the summary, ready for JSON; an infinite F is None."""
    boards = []
    for board in found.boards:
        ranks = None
        if board.ranking is not None:
            f = board.ranking.f
            ranks = board.ranking._asdict() | {
                "ranks": dict(zip(board.ranked, board.ranking.ranks, strict=True))
            }
            ranks["f"] = f if f is not None and math.isfinite(f) else None
        boards.append({"score": board.score, "ranking": ranks, "sentence": board.sentence})
    return {"boards": boards, "questions": [one._asdict() for one in found.tallies]}
