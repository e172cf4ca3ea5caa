"""The laboratory: folds, jobs, what fails, the record; interrupted, by two at a time, on a cluster."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nn import Dataset, iris, sunspots
from nn.lab.job import job, run
from nn.lab.laboratory import Laboratory
from nn.lab.record import Record
from nn.lab.subjects import SETS, Subject, subjects
from nn.lab.techniques import technique
from tests.parts import needed

needed("sklearn", "lab")
joblib = needed("joblib", "lab")
SMALL = ["perceptron", "tree", "mlp-2-tanh"]


def small(sets=("iris", "sine"), techniques=SMALL, **sizes):
    return Laboratory(list(sets), techniques, **({"seeds": 2, "folds": 2} | sizes))


def figures(lab, record):
    """All that the results hold but the times, in the order of the jobs."""
    return [{name: x for name, x in r.items() if name != "seconds"} for r in lab.results(record).values()]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A laboratory and its record, done here one by one."""
    lab, record = small(), Record(tmp_path_factory.mktemp("lab") / "jobs.jsonl")
    assert len(list(lab.run(record, jobs=1, progress=False))) == len(lab.jobs)
    return lab, record


# Folds


@given(st.integers(2, 6), st.integers(0, 3), st.sampled_from(["iris", "sine", "wine"]))
@settings(max_examples=20)
def test_each_point_is_tested_once(count, seed, name):
    subject = subjects([name], count)[0]
    folds = subject.folds(count, seed)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(subject.data)))
    for train, test in folds:
        assert sorted([*train, *test]) == list(range(len(subject.data)))


def test_classes_keep_their_shares_and_seeds_draw_other_folds():
    subject = Subject(iris())
    for _, test in subject.folds(5, 0):
        assert np.bincount(subject.targets[test]).tolist() == [10, 10, 10]
    assert (subject.folds(5, 0)[0][1] != subject.folds(5, 1)[0][1]).any()


def test_the_future_is_not_learned_from():
    subject = Subject(sunspots())
    for train, test in subject.folds(4, 0):
        assert max(train) < min(test)
    assert all(
        (a == b).all() for (a, _), (b, _) in zip(subject.folds(4, 0), subject.folds(4, 9), strict=True)
    )


@pytest.mark.parametrize(
    "sets, folds, error, message",
    [
        (
            ["xor_gate"],
            5,
            ValueError,
            "xor_gate cannot be cut into 5 folds: of the class '0' there are 2 points",
        ),
        (["and_gate"], 2, ValueError, "of the class '1' there is 1 point; it needs more points"),
        (["sine"], 30, ValueError, "there are 50 points, each fold needs two; take 25 folds"),
        (["iris"], 1, ValueError, "at least 2 folds, got 1"),
        (["iris"], 2.5, TypeError, "folds is a whole number, got 2.5"),
        (["irish"], 2, ValueError, "no data set is called 'irish'; did you mean 'iris'"),
        (["none.csv"], 2, FileNotFoundError, "there is no file none.csv"),
        (
            ["iris", "iris"],
            2,
            ValueError,
            "two data sets are called 'iris': leave one out, or rename the file",
        ),
        ([], 2, ValueError, "the lab needs a data set; there are moons"),
    ],
)
def test_sets_that_are_refused(sets, folds, error, message):
    with pytest.raises(error, match=message):
        subjects(sets, folds)


def test_techniques_that_are_refused():
    with pytest.raises(
        ValueError, match="logistic, logistic regression, does not do the task of sine: leave it"
    ):
        small(["sine"], ["logistic"])
    with pytest.raises(ValueError, match="seeds is at least 1, got 0"):
        small(seeds=0)


# Jobs


def test_the_jobs_are_those_of_the_task_and_no_two_have_one_key():
    lab = small()
    assert len({one.key for one in lab.jobs}) == len(lab.jobs) == 2 * 2 * (4 + 3)
    assert {one.technique for one in lab.jobs if one.set == "sine"} == {"guess", "tree", "mlp-2-tanh"}
    assert len(SETS) == 13


def test_a_key_holds_data_settings_seed_and_fold():
    data, tree = iris(), technique("tree")
    first = job(Subject(data), tree, 0, 0, 5).key
    moved = Dataset(
        [(9.0, *data.points[0][1:]), *data.points[1:]], data.targets, names=data.names, name="iris"
    )
    others = [
        job(Subject(moved), tree, 0, 0, 5),
        job(Subject(data), tree, 1, 0, 5),
        job(Subject(data), tree, 0, 1, 5),
        job(Subject(data), tree, 0, 0, 4),
        job(Subject(data), technique("forest"), 0, 0, 5),
    ]
    assert first == job(Subject(iris()), tree, 0, 0, 5).key
    assert first not in {one.key for one in others}


def test_a_score_is_that_of_the_fold_that_was_kept_back(alone):
    lab, record = alone
    for result in lab.results(record).values():
        subject = next(one for one in lab.subjects if one.name == result["set"])
        train, test = subject.folds(2, result["seed"])[result["fold"]]
        assert len(result["predictions"]) == len(test)
        if subject.name == "iris":
            assert result["score"] == np.mean(np.array(result["predictions"]) == subject.targets[test])
            # a fault, that it was tested on what it learned from, would be seen
            assert result["predictions"] != subject.targets[train].tolist()
        else:
            error = np.array(result["predictions"]) - subject.targets[test]
            assert result["rmse"] == pytest.approx(np.sqrt((error**2).mean()))


def test_what_goes_wrong_is_told_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("x,y\n" + "".join(f"{i},{i * i}.5\n" for i in range(6)))
    lab = small([str(path)], ["neighbours", "tree"], folds=3, seeds=1)
    record = Record(tmp_path / "jobs.jsonl")
    found = list(lab.run(record, progress=False))
    errors = {one["technique"]: one["error"] for one in found if "error" in one}
    assert list(errors) == ["neighbours"] and len(found) == len(lab.jobs) == 9
    assert errors["neighbours"].startswith(
        "ValueError: Expected n_neighbors <= n_samples_fit, but n_neighbors"
    )


@pytest.mark.filterwarnings("error")
def test_warnings_are_kept_and_not_raised():
    subject = Subject(iris())
    result = run(job(subject, technique("mlp-2-relu"), 0, 0, 5), subject.rows * np.nan, subject.targets)
    assert result["error"].startswith("ValueError: Input X contains NaN")
    few = run(job(subject, technique("sklearn-mlp"), 0, 0, 5), subject.rows, subject.targets)
    assert "score" in few and all("ConvergenceWarning" in note for note in few.get("notes", []))


# The record


def test_a_line_cut_short_is_not_there_and_is_taken_off(tmp_path):
    path = tmp_path / "jobs.jsonl"
    record = Record(path)
    record.add({"key": "a", "score": 1.0})
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"key": "b", "sc')
    assert list(record.read()) == ["a"]
    record.mend()
    record.add({"key": "c"})
    assert list(record.read()) == ["a", "c"] and path.read_bytes().startswith(whole)


@pytest.mark.parametrize("line", ["no json", "[]", "{}", '{"key": 3}'])
def test_a_line_that_is_no_result_is_named(tmp_path, line):
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"key": "a"}\n' + line + "\n")
    with pytest.raises(
        ValueError, match="jobs.jsonl, line 2: no result of a job; take the line out, or begin"
    ):
        Record(path).read()


def test_nan_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        Record(tmp_path / "jobs.jsonl").add({"key": "a", "score": float("nan")})


# Interrupted, by two, on a cluster


@pytest.mark.parametrize("cut", [0, 1, 7])
def test_interrupted_it_goes_on_to_the_same_figures(alone, tmp_path, cut):
    lab, whole = alone
    path = tmp_path / "jobs.jsonl"
    lines = whole.path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:cut]) + lines[cut][:20])
    record = Record(path)
    assert len(list(lab.run(record, progress=False))) == len(lab.jobs) - cut
    assert figures(lab, record) == figures(lab, whole)


def test_stopped_in_the_middle_what_was_done_is_kept(alone, tmp_path):
    lab, whole = alone
    record = Record(tmp_path / "jobs.jsonl")
    running = lab.run(record, progress=False)
    for _ in range(3):
        next(running)
    running.close()
    assert len(record.read()) == 3
    list(lab.run(record, progress=False))
    assert figures(lab, record) == figures(lab, whole)


def test_more_seeds_later_do_only_what_is_missing(tmp_path):
    record = Record(tmp_path / "jobs.jsonl")
    list(small(["iris"], ["tree"], seeds=1).run(record, progress=False))
    more = small(["iris"], ["tree", "perceptron"], seeds=2)
    assert len(list(more.run(record, progress=False))) == len(more.jobs) - 4


def test_the_seed_decides_and_nothing_else(alone):
    lab, record = alone
    again = figures(lab, record)
    scores = {(r["technique"], r["seed"], r["fold"]): r["predictions"] for r in again if r["set"] == "iris"}
    assert scores["mlp-2-tanh", 0, 0] != scores["mlp-2-tanh", 1, 0]
    todo = next(one for one in lab.jobs if one.technique == "mlp-2-tanh")
    subject = lab.subjects[0]
    found = run(todo, subject.rows, subject.targets)
    assert found["predictions"] == scores["mlp-2-tanh", 0, 0]


@pytest.mark.slow
def test_two_at_a_time_come_to_the_same_figures(alone, tmp_path):
    lab, whole = alone
    record = Record(tmp_path / "jobs.jsonl")
    list(lab.run(record, jobs=2, progress=False))
    assert figures(lab, record) == figures(lab, whole)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_comes_to_the_same_figures(alone, tmp_path):
    """Two processes of a local Dask cluster, as those of a large one; joblib sends the jobs there."""
    distributed = needed("distributed", "lab")
    lab, whole = alone
    record = Record(tmp_path / "jobs.jsonl")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster):
        with joblib.parallel_config("dask"):
            list(lab.run(record, progress=False))
    assert figures(lab, record) == figures(lab, whole)


def test_importing_loads_no_scikit_learn():
    program = "import sys, nn.lab; print({'sklearn', 'joblib', 'jinja2', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "pets.csv"
    path.write_text("height,weight,kind\n" + "".join(f"{i % 7},{i % 5},{'cd'[i % 2]}at\n" for i in range(20)))
    lab = small([str(path)], ["tree"])
    record = Record(tmp_path / "jobs.jsonl")
    list(lab.run(record, progress=False))
    assert {json.loads(line)["set"] for line in record.path.read_text().splitlines()} == {"pets"}
