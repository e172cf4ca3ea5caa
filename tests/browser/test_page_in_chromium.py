import html
import math
import random
import re

import pytest

from engine.see.digits import short
from engine.see.ledger import entries
from engine.see.names import reading
from engine.see.page import page
from engine.see.stepper import FRAME, NOT_RUN, Stepper
from tests.see.computations import COMPUTATIONS, HOSTILE, recomputed

pytestmark = pytest.mark.slow
WIDTHS = (320, 390, 800, 1280)
PRESENT = """() => {
  const row = document.querySelector(".ledger tr.now");
  const boxes = {};
  for (const g of document.querySelectorAll("[data-node]"))
    boxes[g.dataset.node] = [g.querySelector(".value").textContent, g.querySelector(".grad").textContent];
  return {
    said: document.querySelector(".title").textContent + ": " + document.querySelector(".say").textContent,
    numbers: row ? [...row.querySelectorAll("span[title]")].map(span => [span.textContent, span.title]) : [],
    formula: [...document.querySelectorAll(".sum mtr.num mn")].map(mn => mn.textContent),
    marked: document.querySelector(".source mark")?.textContent ?? null,
    lit: [...document.querySelectorAll("[data-node].lit")].map(g => +g.dataset.node).sort((a, b) => a - b),
    time: document.querySelector(".time input").value, boxes,
  };
}"""
PUT = """([slider, number]) => {
  const input = document.querySelectorAll(slider)[0];
  input.value = number;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}"""
MOVE = """moves => {
  const sliders = [...document.querySelectorAll(".sliders input")];
  for (const [i, part] of moves) {
    const slider = sliders[i % sliders.length];
    slider.value = +slider.min + part * (slider.max - slider.min);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return Object.fromEntries(sliders.map(s => [s.dataset.leaf, s.nextSibling.title]));
}"""
number = float


def plain(text):
    return text.replace("\u2007", "").strip()


def expected(found, position):
    """Return what the ledger says of a step, and the nodes' values and gradients after it."""
    values, gradients = {}, {}
    place = {vertex: str(i) for i, vertex in enumerate(found.names)}
    for vertex in found.names:
        if vertex.op is None:
            values[place[vertex]] = vertex.data
    for event in found.events[:position]:
        if len(event) == 2:
            values[place[event.node]] = event.node.data
        else:
            gradients[place[event.node if event.input is None else event.input]] = event.gradient
    return values, gradients


def check_step(seen, found, position):
    values, gradients = expected(found, position)
    for place, (value, gradient) in seen["boxes"].items():
        assert plain(value) == (short(values[place]) if place in values else "")
        if place in values:
            assert plain(gradient) == (short(gradients[place]) if place in gradients else "–")
    if not position:
        return
    row = [*found.records, *found.rows][position - 1]
    numbers = [row.value] if position <= len(found.records) else [row.upstream, row.partial, row.contribution]
    if position == len(found.records) + 1:
        numbers = [row.contribution]
    if position > len(found.records):
        assert seen["formula"] == [short(x) for x in numbers] or row.is_seed
        numbers.append(row.gradient)
    else:
        assert seen["formula"][-1] == short(row.value)
    assert [plain(text) for text, _ in seen["numbers"]] == [short(x) for x in numbers]
    exact = [number(text.replace("Infinity", "inf")) for _, text in seen["numbers"]]
    assert exact == pytest.approx(numbers, rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize("name", COMPUTATIONS)
def test_stepping_by_keys_shows_the_ledgers_numbers(opened, pages, name):
    y, _ = pages(name)
    found, stepper = entries(y), Stepper(y)
    shown = opened(name)
    for position in range(stepper.last + 1):
        seen = shown.evaluate(PRESENT)
        assert seen["time"] == str(position)
        check_step(seen, found, position)
        if position:
            assert seen["said"].replace(", complete: ", ": ") == stepper.sentence
            event = found.events[position - 1]
            others = (
                event.node.inputs if len(event) == 2 else [event.node if event.input is None else event.input]
            )
            places = {id(v): i for i, v in enumerate(found.names)}
            assert seen["lit"] == sorted({places[id(v)] for v in [event.node, *others]})
        shown.keyboard.press("ArrowRight")
        stepper.next()
    for key, place in (("Home", 0), ("End", stepper.last), ("ArrowLeft", stepper.last - 1)):
        shown.keyboard.press(key)
        assert shown.evaluate(PRESENT)["time"] == str(place)


@pytest.mark.parametrize("name", ["neuron", "network"])
def test_stepping_by_slider_and_by_rows(opened, pages, name):
    found = entries(pages(name)[0])
    shown = opened(name)
    rng = random.Random(0)
    for _ in range(12):
        position = rng.randrange(len(found.events) + 1)
        shown.evaluate(PUT, [".time input", position])
        check_step(shown.evaluate(PRESENT), found, position)
    shown.locator(".swept tbody tr[data-place]").last.click()
    position = int(shown.evaluate(PRESENT)["time"])
    check_step(shown.evaluate(PRESENT), found, position)
    shown.locator("[data-go=first]").click()
    assert shown.evaluate(PRESENT)["time"] == "0"


@pytest.mark.parametrize("name", COMPUTATIONS)
def test_sliders_recompute_what_the_engine_would(opened, name):
    y = COMPUTATIONS[name]()
    leaves = [v for v in reading(y) if v.op is None]
    shown, rng = opened(name), random.Random(1)
    moved = shown.evaluate(MOVE, [[rng.randrange(1000), rng.random()] for _ in range(50)])
    for place, text in moved.items():
        leaves[int(place)].data = float(text)
    recomputed(y)
    found = entries(y)
    largest = max(abs(x) for row in found.rows for x in row[5:9] if math.isfinite(x))
    largest = max(largest, *(abs(v.data) for v in found.names if math.isfinite(v.data)))
    for position in range(1, len(found.events) + 1):
        shown.keyboard.press("ArrowRight") if position > 1 else shown.evaluate(PUT, [".time input", 1])
        seen, row = shown.evaluate(PRESENT), [*found.records, *found.rows][position - 1]
        numbers = [row.value] if len(row) == 5 else [row[5], row[6], row[7], row[8]]
        if len(row) > 5 and row.is_seed:
            numbers = [row.contribution, row.gradient]
        exact = [float(text.replace("Infinity", "inf")) for _, text in seen["numbers"]]
        assert exact == pytest.approx(numbers, rel=0, abs=1e-12 * largest, nan_ok=True)
    shown.locator(".reset").click()
    check_step(shown.evaluate(PRESENT), entries(COMPUTATIONS[name]()), len(found.events))


def test_space_plays_and_pauses(opened):
    shown = opened("neuron")
    shown.keyboard.press("Space")
    assert shown.get_attribute("[data-go=play]", "aria-label") == "Pause"
    shown.wait_for_function("document.querySelector('.time input').value === '1'")
    shown.keyboard.press("Space")
    assert shown.get_attribute("[data-go=play]", "aria-label") == "Play"
    shown.locator("[data-go=next]").focus()
    shown.keyboard.press("Space")
    assert shown.evaluate(PRESENT)["time"] == "2"


def test_arrows_on_an_input_move_the_input(opened):
    shown = opened("neuron")
    before = shown.locator(".sliders output").first.text_content()
    shown.locator(".sliders input").first.focus()
    shown.keyboard.press("ArrowRight")
    assert shown.evaluate(PRESENT)["time"] == "0"
    assert shown.locator(".sliders output").first.text_content() != before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", COMPUTATIONS)
def test_nothing_scrolls_sideways(opened, name, scheme):
    for width in WIDTHS:
        shown = opened(name, width=width, scheme=scheme)
        for key in ("Home", "ArrowRight", "End"):
            shown.keyboard.press(key)
            assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_the_theme_is_the_systems_until_the_button_says_otherwise(opened):
    ground = "getComputedStyle(document.body).backgroundColor"
    for scheme, other in (("light", "dark"), ("dark", "light")):
        colours = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 28)"}
        shown = opened("neuron", scheme=scheme)
        assert shown.evaluate(ground) == colours[scheme]
        shown.locator(".theme").click()
        assert shown.evaluate(ground) == colours[other]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", COMPUTATIONS)
def test_no_serious_fault_of_accessibility(opened, axe, name, width, scheme):
    shown = opened(name, width=width, scheme=scheme, reduced_motion="reduce")
    shown.evaluate(axe)
    for key in ("Home", "ArrowRight", "End"):
        shown.keyboard.press(key)
        found = shown.evaluate("axe.run()")["violations"]
        grave = [fault for fault in found if fault["impact"] in ("serious", "critical")]
        assert not grave, [(fault["id"], [node["html"] for node in fault["nodes"]][:3]) for fault in grave]


def test_hostile_labels_stay_text(opened):
    shown, said = opened("hostile"), ""
    for _ in range(8):
        shown.keyboard.press("ArrowRight")
        assert shown.evaluate("document.querySelectorAll('img, [onclick], [onerror]').length") == 0
        said += shown.locator(".say").text_content()
    assert HOSTILE in said


def test_it_reads_without_javascript(opened, pages):
    shown = opened("neuron", java_script_enabled=False)
    assert shown.locator("nav").is_hidden() and shown.locator(".inputs").is_hidden()
    assert shown.locator(".graph svg").is_visible()
    text = shown.locator(".ledger").inner_text()
    for row in entries(pages("neuron")[0]).rows:
        assert short(row.contribution) in text


def test_two_pages_in_one_notebook(opened, pages, tmp_path):
    frames = [
        f'<iframe srcdoc="{html.escape(page(entries(pages(n)[0])))}"></iframe>' for n in ("neuron", "network")
    ]
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><title>two</title><button>cell</button>{''.join(frames)}")
    shown = opened("", path=path)
    first, second = shown.frames[1:]
    shown.locator("button").focus()
    shown.keyboard.press("ArrowRight")
    first.locator("[data-go=next]").focus()
    shown.keyboard.press("ArrowRight")
    assert [f.evaluate(PRESENT)["time"] for f in (first, second)] == ["1", "0"]


@pytest.fixture
def framed(opened, pages, tmp_path):
    """Opens the page of a computation as a notebook shows it, and returns the notebook and the page."""

    def open_framed(name, body="", frame="", **options):
        shown = html.escape(page(entries(pages(name)[0]), position=3))
        path = tmp_path / "notebook.html"
        path.write_text(
            f"<!doctype html><title>notebook</title><body {body}>"
            f'<iframe {frame} srcdoc="{shown}" title="Steps" style="{FRAME}">{NOT_RUN}</iframe><p>after'
        )
        notebook = opened("", path=path, **options)
        return notebook, notebook.frames[1]

    return open_framed


def high(notebook):
    """Wait until nothing moves, and return how high the frame is, and how much of its page is not seen."""
    notebook.evaluate("new Promise(done => setTimeout(done, 150))")
    sizes = "[innerHeight, document.documentElement.scrollHeight - innerHeight]"
    return notebook.frames[1].evaluate(sizes)


@pytest.mark.parametrize("name", ["neuron", "network"])
def test_in_a_notebook_the_frame_is_as_high_as_the_page(framed, name):
    notebook, frame = framed(name, width=1280)
    wide, hidden = high(notebook)
    assert hidden == 0 and wide != 820
    frame.locator(".title").click()
    notebook.keyboard.press("End")
    assert high(notebook)[1] == 0 and frame.locator(".title").text_content().endswith("complete")
    notebook.set_viewport_size({"width": 500, "height": 900})
    narrow, hidden = high(notebook)
    assert hidden == 0 and narrow > wide
    notebook.set_viewport_size({"width": 1280, "height": 900})
    assert high(notebook)[1] == 0
    assert frame.evaluate("document.querySelector('.graph').clientHeight") <= 560


def test_a_frame_out_of_which_the_page_may_not_look_stays_as_it_is(framed):
    notebook, frame = framed("neuron", 'data-jp-theme-light="false"', 'sandbox="allow-scripts"')
    assert high(notebook)[0] == 820
    assert frame.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    frame.locator("[data-go=next]").click()
    assert frame.evaluate(PRESENT)["time"] == "4"


@pytest.mark.parametrize(
    ("body", "dark"),
    [
        ('data-jp-theme-light="true"', False),
        ('data-jp-theme-light="false"', True),
        ('class="vscode-light"', False),
        ('class="other vscode-dark"', True),
        ('class="vscode-high-contrast"', True),
        ('class="vscode-high-contrast vscode-high-contrast-light"', False),
        ("", None),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_notebook_the_theme_is_the_notebooks(framed, body, dark, scheme):
    _, frame = framed("neuron", body, scheme=scheme)
    wanted = dark if dark is not None else scheme == "dark"
    ground = frame.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(21, 24, 28)" if wanted else "rgb(255, 255, 255)")
    assert frame.locator(".theme").text_content() == ("Light" if wanted else "Dark")


def test_the_theme_follows_the_notebook_until_the_button_is_pressed(framed):
    notebook, frame = framed("neuron", 'data-jp-theme-light="true"')
    caption = frame.locator(".theme")
    turn = "light => document.body.dataset.jpThemeLight = light"
    notebook.evaluate(turn, "false")
    assert caption.text_content() == "Light"
    caption.click()
    assert caption.text_content() == "Dark"
    notebook.evaluate(turn, "true")
    notebook.evaluate(turn, "false")
    assert caption.text_content() == "Dark"


@pytest.mark.parametrize("width", [844, 1280])
def test_what_belongs_together_stands_together(framed, width):
    """Beside a small graph the rule, else below it; then rule and inputs are beside each other."""
    tops = """() => [".picture", ".rule", ".inputs"].map(part =>
      Math.round(document.querySelector(part).getBoundingClientRect().top))"""
    _, small = framed("small", width=width)
    picture, rule, inputs = small.evaluate(tops)
    assert picture == rule < inputs
    _, large = framed("neuron", width=width)
    picture, rule, inputs = large.evaluate(tops)
    assert (picture == rule < inputs) if width == 1280 else (picture < rule == inputs)


@pytest.mark.parametrize("width", [828, 1280])
def test_the_chain_rule_has_room_in_a_notebook(framed, pages, width):
    _, frame = framed("answered", width=width)
    found = entries(pages("answered")[0])
    for position in range(len(found.records) + 1, len(found.events) + 1):
        frame.evaluate(PUT, [".time input", position])
        over = frame.evaluate("(sum => sum.scrollWidth - sum.clientWidth)(document.querySelector('.sum'))")
        assert over <= 0, position


def test_the_small_map_leads_through_a_large_graph(opened):
    shown = opened("network")
    assert shown.locator(".map").is_visible()
    before = shown.evaluate("document.querySelector('.graph').scrollTop")
    size = shown.locator(".map").bounding_box()
    shown.mouse.click(size["x"] + size["width"] / 2, size["y"] + size["height"] - 12)
    assert shown.evaluate("document.querySelector('.graph').scrollTop") > before + 100


def test_what_is_lit_is_in_sight(opened, pages):
    shown = opened("network", reduced_motion="reduce")
    for position in range(1, len(entries(pages("network")[0]).events), 7):
        shown.evaluate(PUT, [".time input", position])
        assert shown.evaluate("""() => {
          const seen = document.querySelector(".graph").getBoundingClientRect();
          return [...document.querySelectorAll("[data-node].lit")].some(g => {
            const box = g.getBoundingClientRect();
            const across = box.left >= seen.left && box.right <= seen.right;
            return across && box.top >= seen.top && box.bottom <= seen.bottom;
          });
        }"""), position


def test_the_present_source_is_marked(opened, pages):
    shown, found = opened("neuron"), entries(pages("neuron")[0])
    for row in [*found.records, *found.rows]:
        shown.keyboard.press("ArrowRight")
        marked = shown.evaluate(PRESENT)["marked"]
        assert re.sub(r"\s", "", marked) == re.sub(r"\s", "", row.source)


def test_modules_of_a_large_graph_open_and_close(opened, axe):
    shown = opened("large", reduced_motion="reduce")
    lit = "[...document.querySelectorAll('svg:not([style*=none]) > .group.lit')].map(g => g.dataset.key)"
    shown.evaluate(PUT, [".time input", 400])
    assert shown.evaluate(lit) == ["net.layers[1]~group"]
    button = shown.locator(".modules button", has_text="layers[1]")
    button.focus()
    shown.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert shown.evaluate(lit) == ["net.layers[1].neurons[7]~group"]
    shown.evaluate(axe)
    found = shown.evaluate("axe.run()")["violations"]
    assert not [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")]
    shown.keyboard.press("Enter")
    assert shown.evaluate(lit) == ["net.layers[1]~group"]
    shown.locator("[data-key='net.layers[0]~group']").first.click()
    shown.evaluate(PUT, [".time input", 3])
    assert shown.evaluate(lit) == ["net.layers[0].neurons[0]~group"]
    assert "Sliders are off" in shown.locator(".sliders").text_content()
