"""The well-known sets: the figures of the packages that ship them, with their names and units."""

import re
import sys
import unicodedata
from collections import Counter

import networkx
import numpy as np
import pytest
from sklearn import datasets
from statsmodels.datasets import sunspots as statsmodels_sunspots

from nn.data import (
    DATASETS,
    Graph,
    Text,
    breast_cancer,
    catalogue,
    dataset,
    diabetes,
    digits,
    first_names,
    iris,
    karate,
    karate_graph,
    sunspot_series,
    sunspots,
    wine,
)
from nn.data.firstnames import COUNTRIES
from nn.data.text import bare as without_accents


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (iris, datasets.load_iris()),
        (wine, datasets.load_wine()),
        (breast_cancer, datasets.load_breast_cancer()),
        (diabetes, datasets.load_diabetes(scaled=False)),
    ],
)
def test_tables_are_scikit_learns(ours, theirs):
    data = ours()
    assert np.array_equal(data.points, theirs.data) and np.array_equal(data.targets, theirs.target)
    assert {type(x) for point in data.points for x in point} == {float}
    assert data.source.endswith("scikit-learn") and "\n" not in data.description
    assert data.name == ours.__name__


def test_names_and_units_are_those_of_the_description():
    named = [f"{name} ({unit})" for name, unit in zip(iris().inputs, iris().units, strict=True)]
    assert named == datasets.load_iris().feature_names
    assert iris().names == tuple(datasets.load_iris().target_names)
    assert breast_cancer().inputs == tuple(datasets.load_breast_cancer().feature_names)
    assert breast_cancer().names == ("malignant", "benign")
    told = datasets.load_wine().DESCR.lower()
    assert all(name.lower() in told for name in wine().inputs)
    assert dict(zip(diabetes().inputs, diabetes().units, strict=True))["age"] == "years"


def test_digits_are_scikit_learns_from_0_to_1():
    data, found = digits(), datasets.load_digits()
    assert np.array_equal(data.points, found.data / 16) and data.targets == tuple(found.target)
    assert (np.min(data.points), np.max(data.points)) == (0.0, 1.0)
    assert [name.replace("pixel ", "pixel_").replace(",", "_") for name in data.inputs] == found.feature_names
    assert data.names == tuple("0123456789")


def test_sunspots_are_statsmodels():
    table = statsmodels_sunspots.load_pandas().data
    series = sunspot_series()
    assert series.times == tuple(range(1700, 2009)) and series.values == tuple(table["SUNACTIVITY"])
    data = sunspots(window=3)
    assert data.points[0] == series.values[:3] and data.targets == series.values[3:]
    assert data.inputs == ("3 years before", "2 years before", "1 year before") and data.ordered


def test_the_karate_club_is_zacharys():
    graph, found = karate_graph(), networkx.karate_club_graph()
    assert set(graph.edges) == set(found.edges) and len(graph.edges) == 78
    assert np.array_equal(graph.adjacency, networkx.to_numpy_array(found, weight=None))
    assert graph.neighbours == tuple(tuple(sorted(found[i])) for i in found)
    assert [graph.names[label] for label in graph.labels] == [club for _, club in found.nodes(data="club")]
    assert karate().points == graph.adjacency and karate().targets == graph.labels
    assert Counter(karate().targets) == {0: 17, 1: 17} and karate().target == "club"


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([(0, 2)], r"joins two of the nodes 0 \.\.\. 1, got \(0, 2\)"),
        ([(1, 1)], r"got \(1, 1\)"),
        ([(0, 1), (1, 0)], r"each of the edges is there once, got \(0, 1\) twice"),
    ],
)
def test_a_graph_refuses(edges, message):
    with pytest.raises(ValueError, match=message):
        Graph(["a", "b"], edges, [0, 1], names=("left", "right"))


def test_a_graph_has_a_label_for_each_node():
    with pytest.raises(ValueError, match="got 2 nodes, 1 labels"):
        Graph(["a", "b"], [], [0], names=("left", "right"))


def test_greek_first_names_have_the_counts_of_the_course():
    names, bare, male = first_names(), first_names(accents=False), first_names(gender="male")
    assert (len(names), len(bare), len(bare.alphabet), bare.tokens) == (806, 804, 25, 26)
    assert bare.alphabet == "αβγδεζηθικλμνξοπρςστυφχψω"
    assert len(male) == 364 and sum(word.endswith("ς") for word in male.words) == 319
    assert len(first_names(gender="female")) == 442
    assert not any("ς" in word[:-1] for word in names.words)
    marks = Counter(unicodedata.normalize("NFD", word).count("\u0301") for word in names.words)
    assert marks == {1: 804, 0: 2}


def test_greek_words_and_letters_are_in_the_order_of_the_alphabet():
    names = first_names()
    assert names.alphabet == "αάβγδεέζηήθιίϊΐκλμνξοόπρςστυύφχψωώ"
    assert names.words[:4] == ("αβραάμ", "αγαθάγγελος", "αγάθη", "αγαθή")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("gr", "el"), ("GR", "el"), ("Greece", "el"), (" greece ", "el"), ("cs", "cz"), ("gb", "uk"),
        ("the Netherlands", "nl"), ("netherlands", "nl"), ("United States", "us"), ("EL", "el"),
    ],
)  # fmt: skip
def test_a_country_has_other_names(asked, code):
    assert first_names(asked) == first_names(code)


@pytest.mark.parametrize("country", COUNTRIES)
def test_first_names_are_sorted_and_once_in_small_letters(country):
    names = first_names(country)
    assert isinstance(names, Text) and len(names) >= 150
    assert list(map(without_accents, names.words)) == sorted(map(without_accents, names.words))
    assert len(set(names.words)) == len(names)
    assert all(word == word.lower() == word.strip() for word in names.words)
    assert all(names.decode(names.encode(word)) == word for word in names.words)
    halves = [set(first_names(country, gender=gender).words) for gender in ("male", "female")]
    assert set(names.words) == halves[0] | halves[1]
    bare = first_names(country, accents=False)
    assert not [c for c in bare.alphabet if unicodedata.decomposition(c)]


def test_every_data_set_is_there_by_its_name():
    for name in DATASETS:
        data = dataset(name)
        assert data.name == name and data.description and data.source
    lines = catalogue()
    assert len(lines) == len(DATASETS) and all("\n" not in line for line in lines)
    assert re.fullmatch("iris +150 points, 4 columns, 3 classes: three species of iris .*", lines[9])


def test_a_data_set_may_be_a_csv_file(tmp_path):
    path = tmp_path / "two.CSV"
    path.write_text("x,kind\n1,a\n2,b\n")
    assert dataset(str(path)).classes == ("a", "b")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: dataset("irsi"), "no data set is called 'irsi'; did you mean 'iris'?"),
        (lambda: dataset("mnist"), "no data set is called 'mnist'; there are and_gate"),
        (lambda: first_names("Atlantis"), "no country is called 'Atlantis'; there are el, cz"),
        (lambda: first_names("ell"), "no country is called 'ell'; did you mean 'el'?"),
        (lambda: first_names(gender="males"), "no gender is called 'males'; did you mean 'male'?"),
        (lambda: sunspots(309), "a window has from 1 to 308 of the 309 values, got 309"),
    ],
)
def test_refuses(act, message):
    with pytest.raises(ValueError, match=message):
        act()


@pytest.mark.parametrize(
    ("package", "load"),
    [("sklearn", iris), ("statsmodels", sunspots), ("networkx", karate), ("faker", first_names)],
)
def test_a_package_that_is_not_there_is_named_with_its_extra(package, load, monkeypatch):
    class Hidden:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] == package:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Hidden(), *sys.meta_path])
    with pytest.raises(ModuleNotFoundError, match=rf"{package}.*pip install 'chainrule\[lab\]'"):
        load()
    if package != "faker":
        assert any("not here: this needs the package" in line for line in catalogue())
