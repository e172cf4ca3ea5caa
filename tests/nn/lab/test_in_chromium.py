"""The pages in a browser: light and dark, nothing sticks out, slides fit, and axe finds no fault."""

import pytest

from nn.lab.laboratory import Laboratory
from nn.lab.record import Record
from nn.lab.report import save_report
from tests.browser.conftest import axe, chromium  # noqa: F401  fixtures
from tests.parts import needed

needed("sklearn", "lab")
pytestmark = pytest.mark.slow
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    lab, record = Laboratory(["moons", "sunspots"], seeds=1, folds=3), Record(folder / "jobs.jsonl")
    list(lab.run(record, progress=False))
    save_report(folder, lab, record, slides=True)
    return folder


@pytest.fixture
def opened(chromium, folder):  # noqa: F811
    contexts, faults = [], []

    def open_page(name, width=1280, height=720, scheme="light", **more):
        contexts.append(
            chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **more)
        )
        shown = contexts[-1].new_page()
        shown.on("console", lambda message: faults.append(message.text))
        shown.on("pageerror", lambda error: faults.append(str(error)))
        shown.on("request", lambda r: None if r.url[:5] in ("file:", "data:") else faults.append(r.url))
        shown.goto((folder / name).as_uri())
        return shown

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.mark.parametrize("name", ["report.html", "slides.html"])
@pytest.mark.parametrize("width", [320, 390, 800, 1280, 1920])
def test_nothing_sticks_out(opened, name, width):
    shown = opened(name, width)
    assert shown.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width, height", [(1024, 768), (1280, 720), (1920, 1080)])
def test_slides_fit_and_turn_by_keys(opened, width, height):
    shown = opened("slides.html", width, height)
    count = shown.locator("section").count()
    parts = "[...document.querySelectorAll('section, .scroll, .column, .rules')]"
    cut = f"{parts}.filter(x => x.scrollHeight > x.clientHeight + 1).map(x => x.outerHTML.slice(0, 80))"
    assert shown.evaluate(cut) == []
    shown.keyboard.press("PageDown")
    shown.wait_for_function("Math.abs(scrollY - innerHeight) < 2")
    shown.keyboard.press("End")
    shown.wait_for_function(f"Math.abs(scrollY - {count - 1} * innerHeight) < 2 * {count}")


@pytest.mark.parametrize("scheme, paper", [("light", "rgb(255, 255, 255)"), ("dark", "rgb(21, 24, 28)")])
@pytest.mark.parametrize("name", ["report.html", "slides.html"])
def test_both_themes_and_axe(opened, axe, name, scheme, paper):  # noqa: F811
    shown = opened(name, scheme=scheme)
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    shown.evaluate(axe)
    found = shown.evaluate("rules => axe.run(document, rules)", RULES)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


def test_a_map_of_dark_is_dark(opened):
    shown = opened("report.html", scheme="dark")
    assert "invert" in shown.evaluate("getComputedStyle(document.querySelector('img')).filter")
