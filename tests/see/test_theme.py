import math

import pytest

from engine.see.theme import ROLES, THEMES, palette, stroke, tint


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    light, dark = sorted([luminance(a), luminance(b)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "panel", "mark"])
@pytest.mark.parametrize("role", ["ink", "soft", "pos", "neg"])
def test_text_is_readable_on_every_ground(theme: str, ground: str, role: str) -> None:
    assert contrast(palette(theme)[role], palette(theme)[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", ["edge", "posbar", "negbar"])
def test_lines_are_visible_on_paper(theme: str, role: str) -> None:
    assert contrast(palette(theme)[role], palette(theme)["paper"]) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "panel"])
def test_a_fault_is_seen_and_what_stands_on_it_read(theme: str, ground: str) -> None:
    assert contrast(palette(theme)["fault"], palette(theme)[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_a_fault_stands_out_by_lightness_alone(theme: str) -> None:
    colours = palette(theme)
    strongest = max(contrast(colours[role], colours["paper"]) for role in ("posbar", "negbar", "edge"))
    assert contrast(colours["fault"], colours["paper"]) > 1.4 * strongest


def test_every_theme_has_every_role() -> None:
    for theme in THEMES:
        assert palette(theme).keys() == ROLES.keys()


@pytest.mark.parametrize("theme", THEMES)
def test_signs_written_side_by_side_differ_from_zero(theme: str) -> None:
    colours = palette(theme)
    assert colours[tint(1.0)] != colours[tint(0.0)] != colours[tint(-1.0)]
    assert tint(math.nan) == tint(math.inf) == tint(-math.inf) == stroke(math.nan) == "ink"


def test_print_has_no_colour_and_no_fill() -> None:
    colours = palette("print")
    for colour in colours.values():
        assert colour[1:3] == colour[3:5] == colour[5:7]
    assert colours["paper"] == colours["panel"] == "#ffffff"
    assert contrast(colours["posbar"], colours["edge"]) > 2, (
        "an edge of both signs stands out from a signed one"
    )


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(ValueError, match="theme is one of light, dark, print; got 'sepia'"):
        palette("sepia")
