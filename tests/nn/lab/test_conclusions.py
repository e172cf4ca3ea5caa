"""Conclusions: what the figures allow, from scores made up so that the answer is known."""

import random

import pytest
from hypothesis import given, settings, strategies as st

from nn.lab.conclusions import BETTER, SAME, WORSE, conclusions, headline, tallies
from nn.lab.figures import sheets
from nn.lab.laboratory import Laboratory
from nn.lab.summary import summary
from tests.parts import needed

needed("sklearn", "lab")
LAB = Laboratory(["iris"], ["tree", "forest", "neurons", "mlp-16-tanh"], seeds=2, folds=5)
TIME = Laboratory(["sunspots"], ["tree", "forest"], seeds=3, folds=4)


def made_up(lab, means, noise=0.01, seed=0, **more):
    """Return results with these mean scores, and noise that the techniques share on each fold."""
    rng = random.Random(seed)
    shared = [rng.gauss(0, 0.05) for _ in range(lab.seeds * lab.folds)]
    results = {}
    for one in lab.jobs:
        score = means[one.technique] + shared[one.seed * lab.folds + one.fold] + rng.gauss(0, noise)
        about = {
            "key": one.key,
            "set": one.set,
            "technique": one.technique,
            "seed": one.seed,
            "fold": one.fold,
        }
        results[one.key] = about | {"score": score, "rmse": 1.0, "seconds": 0.5, "parameters": 3} | more
    return results


def concluded(lab, means, **more):
    sheet = sheets(lab, made_up(lab, means, **more))[0]
    return sheet, conclusions(sheet)


def test_a_large_difference_is_told_and_a_small_one_is_not():
    sheet, found = concluded(
        LAB, {"guess": 0.3, "tree": 0.9, "forest": 0.91, "neurons": 0.6, "mlp-16-tanh": 0.8}
    )
    assert [row.technique.name for row in sheet.rows] == ["forest", "tree", "mlp-16-tanh", "neurons", "guess"]
    verdicts = {one.second: one.verdict for one in found.best}
    assert verdicts == {"tree": SAME, "mlp-16-tanh": BETTER, "neurons": BETTER}
    assert {one.verdict for one in found.guessing} == {BETTER} and len(found.guessing) == 4
    (one,) = found.questions
    assert (one.question, one.sentence) == (
        "Does a hidden layer help?",
        "mlp-16-tanh is better than neurons.",
    )
    assert headline(sheet, found).startswith("forest has the highest mean, 0.")
    assert headline(sheet, found).endswith("; 1 other cannot be told apart from it; 2 others are worse.")


def test_the_numbers_stand_beside_the_sentence():
    _, found = concluded(LAB, {"guess": 0.3, "tree": 0.9, "forest": 0.9, "neurons": 0.8, "mlp-16-tanh": 0.6})
    (one,) = found.questions
    assert one.sentence == "mlp-16-tanh is worse than neurons."
    assert one.numbers.startswith(f"\N{MINUS SIGN}{-one.test.mean:.3f} (") and ", t(9) = " in one.numbers
    assert one.numbers.endswith(", p < 0.0001")
    _, found = concluded(
        LAB, dict.fromkeys(["guess", "tree", "forest", "neurons", "mlp-16-tanh"], 0.5), noise=0.0
    )
    (one,) = found.questions
    assert one.sentence == "No difference between mlp-16-tanh and neurons can be told."
    assert one.numbers == "+0.000 (+0.000 to +0.000), t(9) = 0.00, p = 1.0000"


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_verdicts_follow_p_and_the_sign(seed):
    means = {"guess": 0.5, "tree": 0.52, "forest": 0.51, "neurons": 0.5, "mlp-16-tanh": 0.54}
    _, found = concluded(LAB, means, noise=0.03, seed=seed)
    for one in (*found.best, *found.guessing, *found.questions):
        assert one.verdict == (SAME if one.p >= 0.05 else BETTER if one.test.mean > 0 else WORSE)
        assert one.p >= one.test.p
    assert all(one.test.mean >= 0 for one in found.best)


def test_seeds_do_not_repeat_what_time_orders():
    """On points in time the folds are the same for each seed: no more tests than folds."""
    sheet, found = concluded(TIME, {"guess": 0.1, "tree": 0.5, "forest": 0.9})
    assert [len(row.scores) for row in sheet.rows] == [12] * 3 and [
        len(row.blocks) for row in sheet.rows
    ] == [4] * 3
    assert all(one.test.freedom == 3 for one in found.best)


def test_a_technique_that_failed_is_a_row_that_says_why():
    results = made_up(LAB, {"guess": 0.3, "tree": 0.9, "forest": 0.9, "neurons": 0.8, "mlp-16-tanh": 0.6})
    job = LAB.jobs_of(LAB.subjects[0], LAB.techniques[1])[3]
    del results[job.key]["score"]
    results[job.key]["error"] = "ValueError: too few <points>"
    sheet = sheets(LAB, results)[0]
    assert sheet.rows[-1].why == "1 of 10 runs failed; seed 0, fold 3: ValueError: too few <points>"
    assert sheet.row("tree") is None and len(conclusions(sheet).best) == 2
    del results[job.key]
    assert sheets(LAB, results)[0].rows[-1].why == "1 of 10 runs are missing"


def test_the_answers_are_counted_over_the_sets():
    good = concluded(LAB, {"guess": 0.3, "tree": 0.9, "forest": 0.9, "neurons": 0.6, "mlp-16-tanh": 0.8})
    even = concluded(LAB, {"guess": 0.3, "tree": 0.9, "forest": 0.9, "neurons": 0.8, "mlp-16-tanh": 0.8})
    (one,) = tallies([good, even, good])
    assert (one.better, one.worse, one.same) == (["iris", "iris"], [], ["iris"])


def test_ranks_leave_out_guessing_and_what_failed_somewhere():
    sheet, found = concluded(
        LAB, {"guess": 0.99, "tree": 0.9, "forest": 0.7, "neurons": 0.6, "mlp-16-tanh": 0.8}
    )
    (board,) = summary([(sheet, found)] * 6).boards
    assert board.ranked == ["tree", "mlp-16-tanh", "forest", "neurons"] and board.others == ["guess"]
    assert board.ranking.ranks == [1, 2, 3, 4] and board.ranking.p < 1e-6
    assert (
        "two mean ranks differ where they are 1.91 apart: worse than tree rank forest, neurons."
        in board.sentence
    )
    results = made_up(LAB, {"guess": 0.3, "tree": 0.9, "forest": 0.9, "neurons": 0.8, "mlp-16-tanh": 0.6})
    results[LAB.jobs_of(LAB.subjects[0], LAB.techniques[1])[0].key]["error"] = "ValueError"
    broken = sheets(LAB, results)[0]
    (board,) = summary([(sheet, found), (broken, conclusions(broken))]).boards
    assert "tree" not in board.ranked and "too few for Friedman's test" in board.sentence


def test_one_technique_is_not_ranked():
    lab = Laboratory(["iris"], ["tree"], seeds=1, folds=2)
    sheet = sheets(lab, made_up(lab, {"guess": 0.1, "tree": 0.5}))[0]
    (board,) = summary([(sheet, conclusions(sheet))]).boards
    assert board.ranking is None and board.sentence.startswith("There is nothing to rank")


@pytest.mark.parametrize(
    "means, told",
    [
        ({"guess": 0.1, "tree": 0.5}, "tree has the highest mean"),
        ({"guess": 0.9, "tree": 0.5}, "guess has the highest mean"),
    ],
)
def test_guessing_can_be_the_best(means, told):
    lab = Laboratory(["iris"], ["tree"], seeds=1, folds=3)
    sheet = sheets(lab, made_up(lab, means, noise=0.0001))[0]
    found = conclusions(sheet)
    assert headline(sheet, found)[: len(told)] == told
    assert found.guessing[0].verdict == (BETTER if told.startswith("tree") else WORSE)
