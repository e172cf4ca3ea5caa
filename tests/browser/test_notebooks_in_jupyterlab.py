"""The notebooks as a browser shows them: in JupyterLab, and saved as HTML; no network is asked."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import Value
from engine.see.stepper import NOT_RUN, Stepper
from tests import notebooks
from tests.parts import needed

pytestmark = pytest.mark.slow
NAMES = ["01_a_value_that_remembers", "02_the_chain_rule", "05_softmax_and_losses"]
PATIENCE = 120_000
"""Milliseconds that a page of JupyterLab may take to get somewhere."""
DONE = """() => [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")]
  .every(prompt => /^\\[\\d+\\]:$/.test(prompt.textContent.trim()))
  || document.querySelector("[data-mime-type='application/vnd.jupyter.stderr']")"""
"""All cells have run, or there is an error; JupyterLab shows it as what is printed to stderr."""
CELLS = """() => [...document.querySelectorAll(".jp-CodeCell")].map(cell => {
  const found = what => [...cell.querySelectorAll(`.jp-OutputArea-output ${what}`)];
  const size = element => [element.naturalWidth ?? 1, element.clientWidth, element.clientHeight];
  return {
    kinds: [...cell.querySelectorAll(".jp-OutputArea-output")].map(output => output.dataset.mimeType ?? ""),
    pictures: found("img").map(size), tables: found("table").map(size), pages: found("iframe").map(size),
  };
})"""
CONTRASTS = """() => {
  const colour = text => text.match(/[\\d.]+/g).map(Number);
  const light = rgb => {
    const linear = part => part <= 10.31475 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]) + 0.05;
  };
  const found = [];
  for (const output of document.querySelectorAll(".jp-OutputArea-output")) {
    const texts = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());) {
      if (!text.data.trim()) continue;
      let behind = text.parentElement;
      const ground = () => colour(getComputedStyle(behind).backgroundColor);
      const ink = light(colour(getComputedStyle(behind).color));
      while (ground()[3] === 0) behind = behind.parentElement;
      const paper = light(ground());
      found.push([text.data, Math.max(ink, paper) / Math.min(ink, paper)]);
    }
  }
  return found;
}"""
READABLE = 4.5
"""The contrast of text with its ground, at least (WCAG 2.2, success criterion 1.4.3)."""
STEP = """() => [
  document.querySelector(".time input").value,
  document.querySelector(".title").textContent + ": " + document.querySelector(".say").textContent,
]"""
ASKED = "https://cdnjs.cloudflare.com/ajax/libs/"
"""Where nbconvert's pages look for two scripts: MathJax, which sets formulas, and RequireJS for widgets."""
ALONE = ["--HTMLExporter.require_js_url=", "--HTMLExporter.mathjax_url="]


def faults(stored, seen):
    """Return what is wrong with the cells of a notebook as a browser shows them, beside what is stored."""
    found = []
    for i, (cell, shown) in enumerate(zip(notebooks.code_cells(stored), seen, strict=True), 1):
        kinds = notebooks.pictures(cell)
        html = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
        wanted = {
            "pictures": any(kind.startswith("image/") for kind in kinds) and not html,
            "tables": "<table" in html,
            "pages": "<iframe" in html,
        }
        found += [f"cell {i}: {kind}" for kind in shown["kinds"] if kind.endswith(".stderr")]
        found += [f"cell {i}: no {what}" for what, due in wanted.items() if due and not shown[what]]
        sizes = [size for what in wanted for size in shown[what]]
        found += [f"cell {i}: an empty picture, {size}" for size in sizes if min(size) < 1]
    return found


def check_steps(page, frame, stepper):
    """Step through the page of a Stepper by keys, from its first step to its last, and back by one."""
    frame.locator(".title").click()
    page.keyboard.press("Home")
    for position in range(stepper.last + 1):
        seen, said = frame.evaluate(STEP)
        assert seen == str(position)
        assert not position or said.replace(", complete: ", ": ") == stepper.sentence
        page.keyboard.press("ArrowRight")
        stepper.next()
    assert frame.evaluate(STEP)[0] == str(stepper.last)
    page.keyboard.press("ArrowLeft")
    assert frame.evaluate(STEP)[0] == str(stepper.last - 1)


def of_the_second():
    """Return a Stepper through the computation that notebook 02 steps through."""
    a = Value(2.0, "a")
    u = a * a
    u.label = "u"
    v = u + a
    v.label = "v"
    b = u * v
    b.label = "b"
    return Stepper(b)


@pytest.fixture
def in_lab(chromium, lab):
    """Opens a notebook in JupyterLab; at the end no error was reported, nothing but JupyterLab asked."""
    address, folder = lab
    contexts, reported = [], []

    def open_notebook(notebook, name):
        path = folder / f"{name}.ipynb"
        needed("nbformat", "dev").write(notebook, path)
        context = chromium.new_context(viewport={"width": 1400, "height": 1000}, color_scheme="light")
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda said: reported.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: reported.append(str(error)))
        home = (address, "data:", "blob:")
        page.on("request", lambda asked: asked.url.startswith(home) or reported.append(asked.url))
        page.goto(f"{address}lab/tree/{path.name}?reset")
        page.locator(".jp-StatusBar-TextItem", has_text="| Idle").wait_for()
        return page

    yield open_notebook
    for context in contexts:
        context.close()
    assert reported == []


@pytest.fixture
def run_in_lab(in_lab):
    """Opens a notebook without its outputs, and runs all of its cells from JupyterLab's menu."""

    def run(notebook, name):
        for cell in notebooks.code_cells(notebook):
            cell.outputs, cell.execution_count = [], None
        page = in_lab(notebook, name)
        page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
        page.wait_for_function(DONE)
        return page

    return run


def stored(name):
    return notebooks.read(notebooks.FOLDER / f"{name}.ipynb")


@pytest.mark.parametrize("name", NAMES)
def test_all_cells_run(run_in_lab, tmp_path, name):
    page = run_in_lab(stored(name), name)
    assert faults(stored(name), page.evaluate(CELLS)) == []
    cells = page.locator(".jp-WindowedPanel-outer")
    height = cells.evaluate("cells => cells.scrollHeight")
    page.set_viewport_size({"width": 1400, "height": height + 200})
    cells.evaluate("cells => cells.scrollTop = 0")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.body.dataset.jpThemeLight === '{json.dumps(scheme == 'light')}'")
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        contrasts = page.evaluate(CONTRASTS)
        assert contrasts and not [(text, ratio) for text, ratio in contrasts if ratio < READABLE]
        page.screenshot(path=tmp_path / f"{name}-{scheme}.png")
    page.locator(".jp-OutputArea-output pre").first.evaluate("text => text.style.color = '#333'")
    assert min(ratio for _, ratio in page.evaluate(CONTRASTS)) < READABLE


def test_a_stepper_steps_by_keys(run_in_lab):
    page = run_in_lab(stored(NAMES[1]), "stepped")
    frame = page.locator("iframe[title=Steps]").element_handle().content_frame()
    frame.wait_for_function("document.documentElement.scrollHeight === innerHeight")
    position, said = frame.evaluate(STEP)
    assert position == "9" and "= 20.0 to a" in said
    active = page.locator(".jp-Cell.jp-mod-active").get_attribute("data-windowed-list-index")
    check_steps(page, frame, of_the_second())
    assert page.locator(".jp-Cell.jp-mod-active").get_attribute("data-windowed-list-index") == active
    with pytest.raises(AssertionError, match="Record 1 of"):
        check_steps(page, frame, Stepper(Value(2.0, "x") * 3))


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_there_before_a_cell_runs(in_lab, name):
    """A notebook from elsewhere is not trusted: of its HTML only the tables are shown, no page runs."""
    page = in_lab(stored(name), f"{name}-untrusted")
    page.wait_for_function("document.querySelector('.jp-OutputArea-output img')?.complete")
    complaints = faults(stored(name), page.evaluate(CELLS))
    assert [complaint for complaint in complaints if not complaint.endswith("no pages")] == []
    assert page.get_by_text(NOT_RUN).count() == sum(
        complaint.endswith("no pages") for complaint in complaints
    )


def test_planted_faults_are_found(run_in_lab):
    v4 = needed("nbformat", "dev").v4
    cells = [v4.new_code_cell(source) for source in ("pass", "1/0", "2")]
    notebook = v4.new_notebook(cells=cells, metadata=stored(NAMES[0]).metadata)
    page = run_in_lab(notebook, "planted")
    drawn = v4.new_output("display_data", {"image/png": "", "text/plain": ""})
    stepped = v4.new_output("display_data", {"text/html": "<table></table><iframe></iframe>"})
    notebook.cells[0].outputs, notebook.cells[2].outputs = [drawn], [stepped]
    assert faults(notebook, page.evaluate(CELLS)) == [
        "cell 1: no pictures",
        "cell 2: application/vnd.jupyter.stderr",
        "cell 3: no tables",
        "cell 3: no pages",
    ]
    empty = {"kinds": [], "pictures": [[0, 16, 16]], "tables": [], "pages": []}
    assert faults(v4.new_notebook(cells=[v4.new_code_cell("1")]), [empty]) == [
        "cell 1: an empty picture, [0, 16, 16]"
    ]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Saves notebooks as HTML, with switches of nbconvert, and returns the folder."""
    needed("nbconvert", "dev")

    def save(*switches):
        folder = tmp_path_factory.mktemp("saved")
        paths = [str(shutil.copy(notebooks.FOLDER / f"{name}.ipynb", folder)) for name in NAMES]
        command = [sys.executable, "-m", "nbconvert", "--to", "html", *switches, *paths]
        subprocess.run(command, check=True, capture_output=True)
        return folder

    return save


def check_saved(page, name):
    assert faults(stored(name), page.evaluate(CELLS)) == []
    if name == NAMES[1]:
        check_steps(
            page, page.locator("iframe[title=Steps]").element_handle().content_frame(), of_the_second()
        )


def test_saved_html_asks_for_nothing(opened, saved):
    """Its formulas stay as they were typed: what sets them would come from a network."""
    folder: Path = saved(*ALONE)
    for name in NAMES:
        for scheme in ("light", "dark"):
            check_saved(opened("", path=folder / f"{name}.html", scheme=scheme), name)


def test_saved_html_as_nbconvert_makes_it_works_without_a_network(chromium, saved):
    folder: Path = saved()
    for name in NAMES:
        context = chromium.new_context(offline=True)
        page, asked, errors = context.new_page(), [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        page.goto((folder / f"{name}.html").as_uri())
        check_saved(page, name)
        foreign = [url for url in asked if not url.startswith(("file:", "data:"))]
        assert len(foreign) == 2 and all(url.startswith(ASKED) for url in foreign)
        assert errors == []
        context.close()
