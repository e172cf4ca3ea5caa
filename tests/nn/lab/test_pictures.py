"""The pictures: what stands in them, on data of each kind."""

import pytest

from nn.lab.curves import curves
from nn.lab.dots import dots
from nn.lab.figures import sheets
from nn.lab.laboratory import Laboratory
from nn.lab.maps import maps
from nn.lab.pictures import pictures, predictions
from nn.lab.record import Record
from tests.parts import needed

needed("sklearn", "lab")
needed("matplotlib", "lab")
LAB = Laboratory(["moons", "sine", "sunspots"], ["tree", "mlp-2-tanh"], seeds=2, folds=3)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    record = Record(tmp_path_factory.mktemp("lab") / "jobs.jsonl")
    list(LAB.run(record, progress=False))
    return sheets(LAB, LAB.results(record))


def test_there_is_a_dot_for_every_run(drawn):
    for sheet in drawn:
        ax = dots(sheet)
        singles = [line for line in ax.lines if line.get_marker() in "o<" and len(line.get_xdata()) == 1]
        assert len(singles) == sum(len(row.scores) for row in sheet.good) == 18
        told = sorted(float(line.get_xdata()[0]) for line in singles if line.get_marker() == "o")
        scores = sorted(score for row in sheet.good for score in row.scores)
        assert set(told) <= set(scores)
        assert [label.get_text() for label in ax.get_yticklabels()] == [
            row.technique.name for row in sheet.good
        ]


def test_a_score_far_below_guessing_stands_at_the_edge(drawn):
    sheet = drawn[0]
    row = sheet.rows[0]._replace(results=[{**row, "score": -50.0} for row in sheet.rows[0].results])
    far = sheet._replace(rows=[*sheet.rows[1:], row._replace(scores=[-50.0] * 6, mean=-50.0)])
    ax = dots(far)
    assert sum(line.get_marker() == "<" for line in ax.lines) == 6
    assert ax.get_xlim()[0] > -1


def test_maps_are_of_one_or_two_columns(drawn):
    moons, sine, sunspots = drawn
    assert len(maps(moons).figure.axes) == len(maps(sine).figure.axes) == 3
    assert maps(sunspots) is None


def test_a_curve_is_the_median_of_the_runs(drawn):
    ax = curves(drawn[0])
    (line,) = [line for line in ax.lines if len(line.get_xdata()) > 1]
    losses = sorted(result["loss"][0] for result in drawn[0].row("mlp-2-tanh").results)
    assert line.get_ydata()[0] == pytest.approx((losses[2] + losses[3]) / 2)


def test_what_was_tested_is_each_point_once(drawn):
    moons, _, sunspots = drawn
    guesses, truth = predictions(moons, moons.good[0])
    assert len(guesses) == 100 and sorted(truth) == sorted(moons.subject.data.targets)
    assert len(predictions(sunspots, sunspots.good[0])[0]) == sum(
        len(t) for _, t in sunspots.subject.folds(3, 0)
    )


def test_kinds_and_words(drawn):
    kinds = [[one.kind for one in pictures(sheet)] for sheet in drawn]
    assert kinds == [
        ["dots", "maps", "confusion", "curves"],
        ["dots", "maps", "predicted", "curves"],
        ["dots", "predicted", "curves"],
    ]
    for one in pictures(drawn[0]):
        assert one.content.startswith(b"\x89PNG") and one.caption and one.instead
