"""How groups, highlights and gathered edges look: scenes by hand, judged as DOT and as SVG."""

import math
import re
import subprocess
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.see.bars import TALL, strip
from engine.see.digits import short
from engine.see.dot import source
from engine.see.names import elided
from engine.see.parts import Box, Cluster, Edge, Fold, Group, Scene
from engine.see.render import find, render
from engine.see.scale import MOST_DECADES, measured
from engine.see.theme import THEMES, palette, stroke

LIGHT = palette("light")
FLOATS = st.floats(allow_nan=True, allow_infinity=True)


def group(key: str, *gradients: float, **fields: Any) -> Group:
    names = [f"w[{i}]" for i in range(len(gradients) - 1)] + ["b"]
    few = {"data": 0.5, "grad": 0.25}
    default = {"name": key, "about": "", "nodes": 9, "calls": 1, "of_parameters": True, **few}
    pairs = tuple(zip(names, gradients, strict=True))
    return Group(key=key, gradients=pairs, **{**default, **fields})


def many(key: str, *totals: float, **fields: Any) -> Group:
    return group(key, *totals, **{"data": None, "grad": None, **fields})


def leaf(key: str, **fields: Any) -> Box:
    return Box(key, key, "", 1.0, 1.0, **fields)


def picture(boxes: list[Any], edges: list[Edge] = [], *, swept: bool = True, clusters: Any = ()) -> Scene:  # noqa: B006
    return Scene(boxes, edges, swept, 0, tuple(clusters))


def dot(shown: Scene, *, rankdir: str = "LR", theme: str = "light") -> str:
    return source(shown, rankdir=rankdir, theme=theme)


def line(text: str, start: str) -> str:
    [found] = [line for line in text.splitlines() if line.strip().startswith(start)]
    return found


def texts(svg: bytes) -> list[str]:
    elements = [element for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
    return [(element.text or "").replace("\N{NO-BREAK SPACE}", " ") for element in elements]


def pieces(text: str, role: str, colours: dict[str, str] = LIGHT) -> list[tuple[int, int]]:
    """Return width and height of all cells in the colour of a role."""
    found = re.findall(rf'WIDTH="(\d+)" HEIGHT="(\d+)" BGCOLOR="{colours[role]}"', text)
    return [(int(width), int(height)) for width, height in found]


def test_a_neuron_as_one_box() -> None:
    box = line(dot(picture([group("n", 1.0, -0.5, 0.25, about="Neuron(2, tanh)"), leaf("y")])), '"n" [')
    assert 'id="n-n", class="group"' in box and "ROUNDED" not in box
    assert "<B><FONT" in box and ">Neuron(2, tanh)<" in box and ">\N{FIGURE SPACE}0.25<" in box
    assert (7, TALL) in pieces(box, "posbar"), "the largest gradient fills its small bar"
    assert (7, TALL // 2) in pieces(box, "negbar") and (7, TALL // 4) in pieces(box, "posbar")
    assert "Σ" not in box and "×" not in box


def test_the_bias_stands_apart() -> None:
    svg = render(dot(picture([group("n", 1.0, 1.0, 1.0), leaf("y")])), "svg").decode()
    svg = svg.partition('id="n&#45;n"')[2].partition("</g>")[0]
    small = re.findall(rf'fill="{LIGHT["posbar"]}" stroke="\w+" points="([-\d.]+),[-\d.]+ (\S+) (\S+)', svg)
    lefts = sorted(float(left) for left, _, end in small if abs(float(end.split(",")[0]) - float(left)) == 7)
    assert len(lefts) == 3
    assert lefts[2] - lefts[1] > lefts[1] - lefts[0] > 7


@pytest.mark.parametrize(
    ("of_parameters", "count"), [(True, ">1,000 parameters<"), (False, ">12,345 nodes<")]
)
def test_a_large_group_tells_sum_max_min_and_count(of_parameters: bool, count: str) -> None:
    gradients = [0.8, -0.2, *[0.0] * 998]
    big = many("g", *gradients, calls=100, nodes=12345, of_parameters=of_parameters)
    box = line(dot(picture([big, leaf("y")])), '"g" [')
    assert ">×100<" in box and ">Σ|∂|<" in box and ">1.0<" in box and count in box
    assert f'{LIGHT["pos"]}" POINT-SIZE="12">\N{FIGURE SPACE}0.8<' in box
    assert f'{LIGHT["neg"]}" POINT-SIZE="12">−0.2<' in box
    own = line(dot(picture([group("g", *gradients), leaf("y")])), '"g" [')
    assert ">Σ|∂|<" in own and ">\N{FIGURE SPACE}0.25<" in own and ">max<" not in own


def test_sums_are_drawn_by_powers_of_ten() -> None:
    layers = [many(f"g{i}", 10.0**-i) for i in range(7)]
    text = dot(picture([*layers, leaf("y")]))
    lengths = [sum(width for width, _ in pieces(line(text, f'"g{i}" ['), "soft")) for i in range(7)]
    steps = [a - b for a, b in zip(lengths, lengths[1:], strict=False)]
    assert len(set(steps)) == 1 and steps[0] > 0, "each power of ten is one piece"
    assert lengths[-1] > 0
    assert "each piece is a factor of 10, a full bar = 1.0" in text


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=6), st.floats(0, 1e300), st.floats(0, 1e300))
def test_the_scale_of_sums_keeps_their_order(totals: list[float], a: float, b: float) -> None:
    scale = measured(picture([*[many(f"g{i}", total) for i, total in enumerate(totals)], leaf("y")]))
    assert 0 <= scale.shown(min(a, b)) <= scale.shown(max(a, b)) <= 1
    assert scale.shown(max(totals)) > 0 or max(totals) == 0
    assert scale.decades <= MOST_DECADES


def test_what_has_vanished_says_so() -> None:
    text = dot(picture([many("far", 1e-13, -1e-14), many("near", 1e-11), many("dead", 0.0), leaf("y")]))
    assert ">vanished<" in line(text, '"far" [')
    assert all(">vanished<" not in line(text, f'"{key}" [') for key in ("near", "dead", "y"))
    assert "1e−12 of the largest" in text
    assert "vanished" not in dot(picture([many("near", 1e-11), leaf("y")]))


@pytest.mark.parametrize("strange", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("size", [3, 100])
def test_what_is_no_number_is_seen(strange: float, size: int) -> None:
    make = group if size == 3 else many
    clean = line(dot(picture([make("g", *[0.0] * size), leaf("y")])), '"g" [')
    box = line(dot(picture([make("g", strange, *[0.0] * (size - 1)), leaf("y")])), '"g" [')
    assert not pieces(clean, "ink") and pieces(box, "ink")
    assert f">1 {short(strange)}<" in box


def column(drawn: ET.Element) -> tuple[set[str | None], set[str | None]]:
    """Return the colours above and below the line of a small bar."""
    above, below, height = set(), set(), 0
    for part in drawn.iter("TD"):
        colour, size = part.get("BGCOLOR"), int(part.get("HEIGHT", "0"))
        if colour and height != TALL:
            (above if height < TALL else below).add(colour)
        height += size
    assert height == 2 * TALL + 1
    return above, below


@given(st.lists(FLOATS, min_size=1, max_size=24), FLOATS.map(abs))
def test_small_bars_stand_on_the_side_of_their_sign(gradients: list[float], largest: float) -> None:
    named = [(f"w[{i}]", gradient) for i, gradient in enumerate(gradients)]
    drawn = ET.fromstring(strip(named, largest, {role: role for role in LIGHT}))
    columns = [column(part) for part in drawn.findall("TR/TD/TABLE")][::2]
    assert len(columns) == len(gradients)
    for gradient, (above, below) in zip(gradients, columns, strict=True):
        assert bool(above) == (not gradient <= 0) and bool(below) == (not gradient >= 0)
        assert above | below <= {stroke(gradient)}
        assert ("ink" in above | below) == (not math.isfinite(gradient))


def test_an_edge_of_one_sign_has_it_and_one_of_both_is_grey() -> None:
    boxes = [leaf("a"), leaf("b"), leaf("c"), leaf("d"), leaf("y")]
    flows = {"a": (1.0, 2.0), "b": (-1.0, -0.5), "c": (3.0, -3.0), "d": (0.0, 0.0)}
    text = dot(picture(boxes, [Edge(key, "y", flow, flow) for key, flow in flows.items()]))
    looks = {key: line(text, f'"{key}":e -> "y"') for key in flows}
    assert LIGHT["posbar"] in looks["a"] and "style" not in looks["a"]
    assert LIGHT["negbar"] in looks["b"] and "dashed" in looks["b"]
    assert LIGHT["edge"] in looks["c"] and "style" not in looks["c"]
    assert "dotted" in looks["d"]
    assert "penwidth=3.20" in looks["c"], "it is as wide as the sum of what passes"
    assert not any("label" in look for look in looks.values())
    assert "grey: of both signs" in text


def test_no_sign_rests_on_colour() -> None:
    """Where every colour is taken away, edges and bars of two signs still differ."""
    boxes = [leaf("a"), leaf("b"), group("p", 0.5), group("n", -0.5, grad=-0.25), leaf("y")]
    edges = [Edge("a", "y", (1.0,), (0.5,)), Edge("b", "y", (-1.0,), (-0.5,), now=True)]
    bare = re.sub(r"#[0-9a-f]{6}", "x", dot(picture(boxes, edges), theme="print")).replace("−", "")
    positive, negative = line(bare, '"a" ->'), line(bare, '"b" ->')
    assert "dashed" in negative and "dashed" not in positive
    assert line(bare, '"p" [').replace("n-p", "") != line(bare, '"n" [').replace("n-n", "")


def test_wide_ranges_of_flow_are_drawn_by_powers_of_ten() -> None:
    boxes = [leaf(f"x{i}") for i in range(6)]
    flows = [10.0 ** (-2 * i) for i in range(5)]
    edges = [Edge(f"x{i}", f"x{i + 1}", (1.0, 1.0), (flow / 2, flow / 2)) for i, flow in enumerate(flows)]
    text = dot(picture(boxes, edges))
    widths = [float(width) for width in re.findall(r"penwidth=([\d.]+)", text)]
    steps = [round(a - b, 2) for a, b in zip(widths, widths[1:], strict=False)]
    assert widths[0] == 3.2 and min(steps) > 0.4 and max(steps) - min(steps) <= 0.011
    assert "by powers of ten" in text


def test_now_is_on_the_marker_with_an_edge_of_ink() -> None:
    boxes = [leaf("a", now=True), group("g", 1.0, now=True), leaf("y")]
    edges = [Edge("a", "g", (2.0,), (-1.0,), now=True), Edge("g", "y", (1.0,), (1.0,))]
    text = dot(picture(boxes, edges))
    for start, kind in (('"a" [', "leaf now"), ('"g" [', "group now")):
        box = line(text, start)
        assert f'class="{kind}"' in box and 'BORDER="2" CELLBORDER' in box
        assert f'COLOR="{LIGHT["ink"]}" BGCOLOR="{LIGHT["mark"]}"' in box
        assert LIGHT["drawn track"] not in box, "an empty bar would not be seen on the marker"
    edge = line(text, '"a" ->')
    assert (
        'class="now"' in edge and f'color="{LIGHT["ink"]}"' in edge and "penwidth=2.50, style=dashed" in edge
    )
    assert f'BGCOLOR="{LIGHT["mark"]}"' in edge and ">2.0<" in edge
    assert LIGHT["mark"] not in line(text, '"g" ->') and LIGHT["mark"] not in line(text, '"y" [')
    assert ">Now<" in text
    assert ">Now<" not in dot(picture([leaf("y")]))


def corners(svg: bytes, key: str) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of what is drawn first in the element of an id."""
    [element] = [element for element in ET.fromstring(svg).iter() if element.get("id") == key]
    shape = next(part for part in element.iter() if part.tag.endswith(("path", "polygon")))
    numbers = re.findall(r"-?[\d.]+", shape.get("d") or shape.get("points") or "")
    xs, ys = [float(x) for x in numbers[::2]], [float(y) for y in numbers[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


def test_before_the_sweep_groups_tell_what_they_are() -> None:
    shown = picture([group("n", 0.0, 0.0), many("g", *[0.0] * 99), leaf("y")], swept=False)
    text = dot(shown)
    assert ">2 parameters<" in line(text, '"n" [') and ">99 parameters<" in line(text, '"g" [')
    assert "no sweep yet" in text
    assert not any(LIGHT[role] in text for role in ("posbar", "negbar", "drawn track"))


SAYINGS = {
    "gradient ∂ of": picture([leaf("y")]),
    "Small bars": picture([group("g", 1.0), many("y", 1.0)]),
    "Grey bars": picture([many("g", 1.0), many("y", 1.0)]),
    "Bars of nan and inf": picture([group("g", math.nan), leaf("y")]),
    "Edges: contribution": picture([leaf("a"), leaf("y")], [Edge("a", "y", (1.0,), (1.0,))]),
    "the number is the partial": picture([leaf("a"), leaf("y")], [Edge("a", "y", (1.0,), (1.0,))]),
    "… more": picture([Fold("f", "x … y", "", 3, 1.0), leaf("y")]),
    "several calls": picture([many("g", 1.0, calls=7), leaf("y")]),
    ">Now<": picture([leaf("y", now=True)]),
    ">Wrong<": picture([leaf("y", mark="wrong")]),
}


@pytest.mark.parametrize("saying", SAYINGS)
def test_the_legend_tells_what_is_in_the_picture(saying: str) -> None:
    legends = {key: line(dot(shown), "label=<") for key, shown in SAYINGS.items()}
    assert saying in legends[saying]
    assert any(saying not in legend for legend in legends.values())
    assert saying == "gradient ∂ of" or saying not in legends["gradient ∂ of"]


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_of_the_theme(theme: str) -> None:
    boxes = [group("g", -1.0, 1.0), many("z", math.nan, *[1.0] * 50, now=True), leaf("y", cluster="c")]
    shown = picture(boxes, clusters=[Cluster("c", "layers[0]", "Layer(2, 2)", 6)])
    assert set(re.findall(r"#[0-9a-f]{6}", dot(shown, theme=theme))) <= set(palette(theme).values())


HOSTILE = '</TABLE><b>&lt; "x" \\N \\'


def test_every_text_is_escaped() -> None:
    boxes = [group("g", 1.0, name=f"g {HOSTILE}", about=f"a {HOSTILE}"), leaf("y", cluster="c")]
    svg = render(dot(picture(boxes, clusters=[Cluster("c", f"c {HOSTILE}", f"d {HOSTILE}", 3)])), "svg")
    drawn = "".join(texts(svg))
    assert all(elided(f"{letter} {HOSTILE}") in drawn for letter in "gacd")


LETTERS = "∂ Σ σ ŷ β₁ x² w̄ 漢"


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_text_stays_in_its_box(rankdir: str) -> None:
    """As measured by the widths of Helvetica, of which none is above 1.02 of the size, most below 0.6."""
    boxes = [
        group("g", 1.0, name=LETTERS, about=LETTERS, calls=100000),
        many("h", -1.2345e-100, 1e5 - 0.5),
        leaf("y"),
    ]
    svg = render(dot(picture(boxes), rankdir=rankdir), "svg")
    for key in ("g", "h"):
        left, _, right, _ = corners(svg, f"n-{key}")
        [element] = [element for element in ET.fromstring(svg).iter() if element.get("id") == f"n-{key}"]
        for run in element.iter():
            if run.tag.endswith("text"):
                size = float(run.get("font-size", "0"))
                width = size * sum(1.0 if ord(c) > 0x2E80 else 0.56 for c in run.text or "" if c != "\u0304")
                assert left < float(run.get("x", "nan")) and float(run.get("x", "nan")) + width < right


@pytest.mark.parametrize("theme", THEMES)
def test_graphviz_has_nothing_to_say(theme: str) -> None:
    boxes = [group("g", 1.0, name=LETTERS, about=LETTERS), leaf("y", cluster="c")]
    text = dot(picture(boxes, clusters=[Cluster("c", LETTERS, LETTERS, 6)]), theme=theme)
    done = subprocess.run([find(), "-q", "-Tsvg"], input=text.encode(), capture_output=True, check=True)
    assert done.stderr == b""
