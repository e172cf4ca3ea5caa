"""The exercises of notebook 14: right answers, and a hint for each typical mistake."""

import itertools

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.course import check_exercise
from nn.data import karate_graph
from tests.nn.course.agreeing import agrees
from tests.parts import needed

networkx = needed("networkx", "lab")


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("14.1", (0, 0.408, 0.5)),
        ("14.1", [0.0, 0.4082, 0.5]),
        ("14.2", 2),
        ("14.2", Value(2.0)),
        ("14.3", 17),
        ("14.4", (4, 25)),
        ("14.4", [25, 12]),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


def test_the_first_answer_is_that_of_the_matrix():
    club = networkx.path_graph(3)
    matrix = networkx.to_numpy_array(club) + [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    sizes = matrix.sum(axis=1) ** -0.5
    column = (sizes[:, None] * matrix * sizes)[:, 2]
    assert check_exercise("14.1", list(column))


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("14.1", (0.5, 0.408, 0), "the 1 is at c"),
        ("14.1", (0.1667, 0.3402, 0.4167), "two steps"),
        ("14.1", (0, 0.408, 0), "its own number"),
        ("14.1", (0, 0, 1), "still to come"),
        ("14.1", (0, 0.333, 0.5), "third column"),
        ("14.1", (0, 1), "3 numbers in a row are asked for, got a row of 2"),
        ("14.1", 0.5, "3 numbers in a row are asked for, got a number"),
        ("14.2", 1, "one edge far"),
        ("14.2", 3, "fewer are enough"),
        ("14.2", 34, "how many edges"),
        ("14.3", 16, "its own row"),
        ("14.3", 34, "no route"),
        ("14.3", 2, "count the list"),
        ("14.4", 25, "a row of two members"),
        ("14.4", (1, 2, 3), "a row of two members"),
        ("14.4", (1.5, 2), "a row of two members"),
        ("14.4", "ab", "a row of two members"),
        ("14.4", (4, 34), "the members are 0 ... 33, got 34"),
        ("14.4", (0, 25), "member 0 is one of the leaders"),
        ("14.4", (4, 5), "both joined Mr. Hi"),
        ("14.4", (1, 9), "member 30 would be wrong"),
        ("14.4", (8, 32), "12 are undecided, at most 5"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    assert hint in check_exercise(number, answer).text


def test_pairs_of_members_are_judged_by_what_they_leave_undecided():
    club = karate_graph()
    right, undecided = 0, 0
    for pair in itertools.combinations(range(1, 33), 2):
        verdict = check_exercise("14.4", pair)
        if verdict:
            near = club.nearest(pair)
            assert all(label in found for found, label in zip(near, club.labels, strict=True))
            assert sum(len(found) == 2 for found in near) <= 5
            right += 1
        undecided += "are undecided" in verdict.text
    assert right >= 10 and undecided >= 10


@given(st.sampled_from([("14.2", 2.0), ("14.3", 17.0)]), st.floats(-1e3, 1e3))
def test_other_numbers_are_wrong(exercise, x):
    number, right = exercise
    assert bool(check_exercise(number, x)) == agrees(x, right)


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_other_rows_are_wrong(row):
    assert not check_exercise("14.1", row) or agrees(row[2], 0.5)
