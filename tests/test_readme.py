"""What the README says of the tree is so: lines of files, notebooks, links, the version."""

import re
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()
LINKS = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT)
READING = TEXT.split("## Reading the code")[1].split("\n## ")[0]
COUNTED = dict(re.findall(r"^\| (.+?) \| ([^|]*\d[^|]*) \|", READING, re.M))
"""Rows of the table of what to read: files, and how many lines they have."""
NUMBERS = {"sixteen": 16}


def lines(path: str) -> int:
    return (ROOT / path).read_text().count("\n")


def architectures() -> list[str]:
    """The files of the modules that a sentence of the README lists."""
    sentence = re.search(r"((?:`nn\.\w+`,?\s)+)are the other architectures", TEXT)
    assert sentence is not None
    return [f"nn/{name}.py" for name in re.findall(r"nn\.(\w+)", sentence[1])]


def test_there_are_counts_to_check() -> None:
    assert len(COUNTED) >= 4 and len(architectures()) >= 7


@pytest.mark.parametrize("read", COUNTED)
def test_files_have_as_many_lines_as_it_says(read: str) -> None:
    files = re.findall(r"\]\((.+?)\)", read)
    most = re.fullmatch(r"≤ (\d+) each", COUNTED[read])
    if most is None:
        assert int(COUNTED[read]) == sum(map(lines, files)), f"{files} have {[*map(lines, files)]} lines"
    else:
        longest = max([*files, *(architectures() if "..." in read else ())], key=lines)
        assert lines(longest) <= int(most[1]), f"{longest} has {lines(longest)} lines"


def test_no_file_is_longer_than_it_says() -> None:
    (most,) = re.findall(r"no file has more than (\d+) lines", TEXT)
    for package in (engine.__name__, "nn"):
        for path in (ROOT / package).rglob("*.py"):
            assert lines(str(path.relative_to(ROOT))) <= int(most), path


def test_the_course_has_as_many_notebooks_as_it_says() -> None:
    found = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(link for link in LINKS if link.endswith(".ipynb")) == found
    (word,) = re.findall(r"the course in (\w+) notebooks", TEXT)
    assert NUMBERS[word] == len(found)


@pytest.mark.parametrize("link", sorted(set(LINKS)))
def test_what_it_links_to_is_there(link: str) -> None:
    assert (ROOT / link).exists()


def test_its_version_is_ours() -> None:
    assert re.findall(r"version = \{(.+?)\}", TEXT) == [engine.__version__]
    assert re.findall(r"^- \*\*([\d.]+)\*\*", TEXT, re.M)[0] == engine.__version__
