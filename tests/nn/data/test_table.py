"""CSV files: tables that go out and come back, and refusals that name line and column."""

import csv
import re

import pytest
from hypothesis import given, strategies as st

from nn.data import read_csv

names = st.text("abcxyz éλ,;\"'\n", min_size=1, max_size=8).map(str.strip).filter(bool)
cells = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw):
    header = draw(st.lists(names, min_size=2, max_size=4, unique=True))
    width = len(header) - 1
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=2, max_size=6))
    return header, rows


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("tables") / "table.csv"


def write(path, header, rows, delimiter=",", encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])


@given(tables(), st.sampled_from(",;\t"), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_classes_come_back(path, table, delimiter, encoding):
    header, rows = table
    labels = [f'kind, "{i % 2}"; λ' for i in range(len(rows))]
    write(path, header, [[*row, label] for row, label in zip(rows, labels, strict=True)], delimiter, encoding)
    data = read_csv(path, delimiter=delimiter)
    assert data.points == tuple(map(tuple, rows)) and data.original(data.targets) == labels
    assert data.inputs == tuple(header[:-1]) and data.target == header[-1]
    assert (data.name, data.source) == ("table", "table.csv")


@given(tables())
def test_numbers_come_back(path, table):
    header, rows = table
    write(path, header, [[x, *row] for x, row in enumerate(rows)])
    data = read_csv(path, target=header[0], task="regression")
    assert data.points == tuple(map(tuple, rows)) and data.targets == tuple(range(len(rows)))
    assert data.inputs == tuple(header[1:])


def read(path, text, **more):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_csv(path, **more)


@pytest.mark.parametrize(
    ("targets", "task", "classes", "told"),
    [
        ("a b a b", None, ("a", "b"), "'y' is taken for classes: it has texts"),
        (
            "3 1 3 1",
            None,
            (1, 3),
            r"2 different whole numbers; task='regression' (--task regression on the command line) takes",
        ),
        ("1.0 3 1 3", None, (1, 3), "2 different whole numbers"),
        (
            "1 2 3 3",
            None,
            None,
            "numbers to predict; task='classification' (--task classification on the command line) takes",
        ),
        ("1.5 1.5 2 2", None, None, "numbers to predict"),
        ("3 1 3 1", "regression", None, "'y' is taken for numbers to predict, as asked"),
        ("1 2 3 4", "classification", (1, 2, 3, 4), "'y' is taken for classes, as asked"),
        (
            "9007199254740993 9007199254740992 1e3 1",
            "classification",
            (1, 1000, 2**53, 2**53 + 1),
            "as asked",
        ),
        ("1.5 2.5 1 x", "classification", ("1", "1.5", "2.5", "x"), "classes, as asked"),
    ],
)
def test_the_task_is_guessed_or_given(path, targets, task, classes, told):
    data = read(path, "x,y\n" + "".join(f"{i},{y}\n" for i, y in enumerate(targets.split())), task=task)
    assert told in data.description
    assert data.is_classification == (classes is not None)
    if classes:
        assert data.classes == classes
    else:
        assert data.targets == tuple(float(y) for y in targets.split())


def test_blank_lines_and_spaces_are_nothing(path):
    data = read(path, "\n x , y \r\n 1 , a \n\n , \n2,b\n\n")
    assert data.points == ((1.0,), (2.0,)) and data.inputs == ("x",) and data.names == ("a", "b")


def test_a_line_is_that_of_the_file(path):
    with pytest.raises(ValueError, match=r"table\.csv, line 6, column 'x': 'oops' is text"):
        read(path, 'x,y\n1,"a\nb"\n\n2,b\noops,a\n')


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        (
            "x,z,y\n1,2,a\n3,,b\n",
            {},
            "line 3, column 'z': a value is missing, got ''; fill the cell or leave",
        ),
        ("x,y\n1,a\n2, \n", {}, "line 3, column 'y': a value is missing, got ''"),
        ("x,y\n1,a\ntall,b\n", {}, "line 3, column 'x': 'tall' is text, a number is needed"),
        ("x,y\n1_000,a\n", {}, "column 'x': '1_000' is text"),
        ("x,y\nnan,a\n2,b\n", {}, "line 2, column 'x': a value is missing, got 'nan'"),
        (
            "x,y\n1,2\n2,NaN\n",
            {"task": "classification"},
            "line 3, column 'y': a value is missing, got 'NaN'",
        ),
        ("x,y\n1e999,a\n2,b\n", {}, "line 2, column 'x': inf is not finite"),
        ('x,y\n"1,5",a\n', {}, r"line 2, column 'x': '1,5' has a decimal comma; write a point: 1\.5"),
        ("x;y\n1,5;2\n", {"delimiter": ";"}, r"column 'x': '1,5' has a decimal comma; write a point: 1\.5"),
        ("x;y\n1;1,5\n", {"delimiter": ";"}, r"column 'y': '1,5' has a decimal comma; write a point: 1\.5"),
        ('x,y\n"1,000",a\n', {}, r"'1,000' has a comma: decimal or thousands\? write 1\.0 or 1000$"),
        ('x,y\n"-1,234",a\n', {}, r"'-1,234' has a comma: decimal or thousands\? write -1\.234 or -1234$"),
        ('x,y\n"1,000,000",a\n', {}, "'1,000,000' has commas between thousands; leave them out: 1000000$"),
        ('x,y\n1,"1,234.5"\n', {}, r"'1,234\.5' has commas between thousands; leave them out: 1234\.5$"),
        ('x,y\n"0,125",a\n', {}, r"'0,125' has a decimal comma; write a point: 0\.125"),
        ("\n\n1,2\n3,4\n", {}, "line 3: the first line must name the columns; it holds numbers, such as '1'"),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", {}, "must name the columns; it holds numbers, such as '5.1'"),
        ("1,1,a\n0,1,b\n", {}, "line 1: the first line must name the columns"),
        ("x,y\n1,5,2\n", {}, r"line 2: 3 cells, the header has 2; .* in quotes, a decimal comma .*: 1\.5"),
        ("x;y\n1;5;2\n", {"delimiter": ";"}, "line 2: 3 cells, the header has 2; .* in quotes$"),
        ("x,z,y\n1,2,a\n3,b\n", {}, "line 3: 2 cells, the header has 3$"),
        ("x,x,y\n1,2,a\n", {}, "line 1: columns 1 and 2 are both called 'x'"),
        ("x,,y\n1,2,a\n", {}, "line 1: column 2 of 3 has no name"),
        (
            "x;y\n1;2\n",
            {},
            "at least two columns are needed, got 'x;y'; are they separated by ';'. then say delimiter=';' "
            r"\(--delimiter ';' on the command line\)$",
        ),
        ("x\n1\n", {}, "at least two columns are needed, got 'x'$"),
        ("", {}, "table.csv is empty: the first line names the columns"),
        ("\n \n", {}, "table.csv is empty"),
        ("x,y\n", {}, "table.csv has a header but no rows"),
        ("height,y\n1,a\n", {"target": "heigth"}, "no column is called 'heigth'; did you mean 'height'"),
        (
            "x,y\n1,a\n2,b\n",
            {"task": "regresion"},
            "no task is called 'regresion'; did you mean 'regression'",
        ),
        (
            "x,y\n1,2\n2,3\n3,low\n",
            {},
            "line 4, column 'y': 'low' is text, the lines before have numbers; correct it, or say "
            r"task='classification' \(--task classification on",
        ),
        (
            "x,id\n" + "".join(f"{i},a{i}\n" for i in range(40)),
            {},
            "column 'id' has 40 different texts in 40 rows: nothing to learn a class from; name another "
            r"column with target=\.\.\. \(--target on the command line\)",
        ),
        ("x,y\n1,a\n", {}, "has one row below its header: learning takes two or more"),
        ("x,y\n1,1.5\n2,1.5\n", {}, "column 'y' is 1.5 in all 2 rows: nothing to learn"),
        ("x,y\n1,7\n2,7\n", {"task": "classification"}, "column 'y' is 7 in all 2 rows: nothing to learn"),
        ("x,y\n1,a\n2,3\n", {}, "line 3, column 'y': '3' is a number, the lines before have texts"),
        ("x,y\n1,a\n2,b\n", {"task": "regression"}, "line 2, column 'y': 'a' is text, a number is needed"),
        ("x,y\n1,a\n2,a\n", {}, "column 'y' is 'a' in all 2 rows: nothing to learn"),
        ("x,y\n1,7\n2,7\n", {}, "column 'y' is 7 in all 2 rows: nothing to learn"),
        ('x,y\n1,"a\n', {}, "line 2: no CSV: unexpected end of data"),
        ('x,y\n1,"a"b\n', {}, "line 2: no CSV: ',' expected after '\"'"),
        ("x,y\n1,é\n".encode("latin-1"), {}, "line 2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("x,y\n1,a\n", {"delimiter": ", "}, "a delimiter is one character, got ', '"),
    ],
)
def test_refuses(path, text, more, message):
    with pytest.raises(ValueError, match=message):
        read(path, text, **more)


@pytest.mark.parametrize("cell", ["NA", "N/A", "?", "null", "None", "nan", "NaN"])
def test_words_for_a_missing_value(path, cell):
    with pytest.raises(
        ValueError, match=rf"line 3, column 'x': a value is missing, got {re.escape(repr(cell))}"
    ):
        read(path, f"x,y\n1,a\n{cell},b\n")
    with pytest.raises(ValueError, match="line 3, column 'y': a value is missing"):
        read(path, f"x,y\n1,a\n2,{cell}\n")


def test_none_in_small_letters_is_a_class(path):
    assert read(path, "x,y\n1,none\n2,some\n").classes == ("none", "some")


def test_texts_that_come_back_are_classes_as_are_those_of_few_rows(path):
    rows = "".join(f"{i},a{i // 2}\n" for i in range(40))
    assert len(read(path, f"x,y\n{rows}").names) == 20
    assert len(read(path, "x,y\n1,a\n2,b\n3,c\n").names) == 3


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*none\.csv"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="is a folder, a CSV file is needed"):
        read_csv(str(tmp_path))
