import json
import math
from collections import Counter
from html.parser import HTMLParser

import pytest

import engine
from engine import Value
from engine.see import page as pages, story as stories
from engine.see.canvas import canvas
from engine.see.ledger import entries
from engine.see.page import page
from engine.see.stepper import Stepper
from engine.see.story import Story, packed
from tests.see.computations import COMPUTATIONS, HOSTILE, large, network, neuron

VOID = {"meta", "input", "br", "link", "img", "hr"}


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed; what it holds is kept."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], Counter(), [], Counter()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, *pair) for pair in attrs]
        assert len({name for name, _ in attrs}) == len(attrs), f"{tag} has an attribute twice"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts[self.open[-1] if self.open else ""] += 1
        if self.open and self.open[-1] == "script" and data.startswith("{"):
            self.data = json.loads(data)


@pytest.fixture(params=COMPUTATIONS)
def found(request):
    return entries(COMPUTATIONS[request.param]())


def bits(numbers):
    return [float(x).hex() for x in numbers]


def test_a_page_is_well_formed_and_asks_no_network_for_anything(found):
    text = page(found)
    read = Reader(text)
    names = Counter(value for _, name, value in read.attributes if name == "id")
    assert not [name for name, count in names.items() if count > 1]
    assert not {"img", "link", "iframe", "object", "base"} & set(read.tags)
    assert not [pair for pair in read.attributes if pair[1] in ("src", "href", "xlink:href", "action")]
    assert not [pair for pair in read.attributes if pair[1].startswith("on")]
    assert "@import" not in text and "url(" not in text and "fetch(" not in text and "import(" not in text
    assert text.count("http") == text.count("http://www.w3.org/2000/svg") == 1


def test_the_data_hold_every_number_of_the_ledger_bit_for_bit(found):
    data = Reader(page(found)).data
    assert bits(node["value"] for node in data["nodes"]) == bits(v.data for v in found.names)
    swept = [bits(event["numbers"]) for event in data["events"] if "numbers" in event]
    assert swept == [bits([r.upstream, r.partial, r.contribution, r.gradient]) for r in found.rows]
    assert data["records"] == len(found.records)


def test_numbers_that_json_has_not_are_texts():
    x = Value(math.inf, "x")
    data = Reader(page(entries(x - x + -0.0))).data
    values = [float(node["value"]) for node in data["nodes"]]
    assert values[0] == math.inf and math.isnan(values[-1])
    assert json.loads(packed([math.nan, -math.inf, -0.0, 1e-320])) == ["nan", "-inf", -0.0, 1e-320]
    assert math.copysign(1, json.loads(packed([-0.0]))[0]) == -1


@pytest.mark.parametrize(
    "label", [HOSTILE, "<!--", "]]>", "${data}", "a\u2028b", "'\"\\", "&lt;b&gt;", "$title"]
)
def test_labels_are_only_ever_text(label):
    text = page(entries(Value(2.0, label) * Value(3.0, "w")))
    read = Reader(text)
    assert read.tags["script"] == 2 and not {"img", "b"} & set(read.tags)
    assert "<img" not in text and "<!--" not in text
    node = read.data["nodes"][0]
    assert node.get("full", node["name"]) == engine.see.names.tidy(label)


def test_hostile_source_is_only_ever_text():
    y = engine.see.stepper.Stepper(lambda x: x * len("</script><img src=x onerror=alert(1)>"), 2.0).y
    text = page(entries(y))
    assert "<img" not in text and "<mark>x * len(&quot;&lt;/script&gt;" in text.replace("&#x27;", "'")


def test_sentences_are_those_of_the_stepper(found):
    """The page fills in names and numbers where the story leaves places free."""
    stepper, data = Stepper(next(e.node for e in found.events if e.op is None)), Story(found).data
    before = {}
    for event in data["events"]:
        text, node = data["texts"][event["say"]], data["nodes"][event["node"]]
        free = {"node": node.get("full", node["name"]), "z": engine.see.digits.short(node["value"])}
        if "numbers" in event:
            to = data["nodes"][event.get("to", event["node"])]
            free["to"], receiver = to.get("full", to["name"]), event.get("to", event["node"])
            names = ("upstream", "partial", "contribution", "after")
            numbers = dict(zip(names, event["numbers"], strict=True), before=before.get(receiver, 0.0))
            free |= {name: engine.see.digits.short(x) for name, x in numbers.items()}
            before[receiver] = numbers["after"]
        for place, filling in free.items():
            text = text.replace(f"\ue000{place}\ue001", filling)
        assert stepper.next().sentence.partition(": ")[2] == text


def test_the_size_of_a_page():
    assert len(page(entries(neuron())).encode()) < 60_000
    assert len(page(entries(network())).encode()) < 400_000


def test_each_node_and_each_edge_can_be_found():
    found = entries(neuron())
    read = Reader(page(found))
    assert [int(v) for _, name, v in read.attributes if name == "data-node"] != []
    assert {int(v) for _, name, v in read.attributes if name == "data-node"} == set(range(len(found.names)))
    ends = [[int(v) for _, name, v in read.attributes if name == end] for end in ("data-to", "data-from")]
    place = {vertex: i for i, vertex in enumerate(found.names)}
    swept = [(place[e.node], place[e.input]) for e in found.events[len(found.records) + 1 :]]
    assert Counter(zip(*ends, strict=True)) == Counter(swept)


def test_an_edge_for_each_place_of_an_operand():
    x = Value(3.0, "x")
    text = page(entries(x * x))
    assert text.count('data-from="0" data-to="1"') == 2


def test_dots_spelled_out():
    y = engine.dot([Value(1.0, "a"), Value(2.0, "b")], [Value(3.0, "c"), Value(4.0, "d")])
    read = Reader(page(entries(y, expand=True)))
    assert [node["name"] for node in read.data["nodes"]] == ["a", "b", "c", "d", "v1", "a*c", "b*d"]
    assert {v for _, name, v in read.attributes if name == "data-node"} == set("0123456")
    assert read.data["nodes"][4]["args"] == [[5, 6]]


def test_a_leaf_alone_has_a_page():
    data = Reader(page(entries(Value(2.0, "x")))).data
    assert data["records"] == 0 and len(data["events"]) == 1


def test_gradients_and_names_stay_as_they_are():
    y = neuron()
    before = [(v.grad, engine.see.origin.origin(v)) for v in engine.see.names.reading(y)]
    page(entries(y))
    assert [(v.grad, engine.see.origin.origin(v)) for v in engine.see.names.reading(y)] == before


def test_a_large_graph_is_drawn_with_modules_as_boxes_and_says_why_there_are_no_sliders():
    read = Reader(page(entries(large())))
    assert "300" in read.data["why"] and read.data["ranges"] == []
    boxes = {value for _, name, value in read.attributes if name == "data-key"}
    modules, scopes = read.data["modules"], read.data["scopes"]
    assert [module["name"] for module in modules] == ["layers[0]", "layers[1]", "layers[2]"]
    assert {module["key"] for module in modules} <= boxes
    assert read.tags["svg"] - 2 - 5 == 1 + len(modules)
    for node in read.data["nodes"]:
        assert "scope" not in node or boxes & set(scopes[node["scope"]])


def test_a_graph_that_nobody_can_read_is_drawn_in_part():
    y = Value(1.0, "x")
    for _ in range(400):
        y = y + 1.0
    read = Reader(page(entries(y)))
    assert {name for _, name, _ in read.attributes} >= {"data-node"} and len(read.data["events"]) == 801
    assert "Too large to be drawn" in page(entries(y))


def test_a_page_has_an_end(monkeypatch):
    monkeypatch.setattr(pages, "MOST_STEPS", 2)
    with pytest.raises(ValueError, match="2 steps, this computation has 3.*engine.ledger"):
        page(entries(Value(2.0) * 3))


def test_saving_is_whole_or_not_at_all(tmp_path, monkeypatch):
    stepper = Stepper(neuron())
    path = stepper.next(7).save(tmp_path / "steps.HTML")
    assert path.read_text("utf-8") == page(entries(stepper.y), position=7)
    with pytest.raises(ValueError, match=r"a page is saved as .html, got '.*steps.svg'"):
        stepper.save(tmp_path / "steps.svg")
    with pytest.raises(FileNotFoundError):
        stepper.save(tmp_path / "nowhere" / "steps.html")
    monkeypatch.setattr(pages, "MOST_STEPS", 2)
    with pytest.raises(ValueError):
        Stepper(stepper.y).save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["steps.HTML"] and path.stat().st_size > 1000


def test_formulas_are_shared():
    story = Story(entries(network()))
    assert len(story.formulas) < len(story.data["nodes"]) + 2 * len(story.data["laws"])
    assert len(story.data["texts"]) < len(story.data["events"])
    assert stories.bare("plain") == "plain"


def test_a_drawing_keeps_nothing_of_its_colours():
    found = canvas(engine.draw(neuron).svg, {}, 'says "<x>"')
    assert "#" not in found.svg.replace("&#", "") and 'aria-label="says &quot;&lt;x&gt;&quot;"' in found.svg
