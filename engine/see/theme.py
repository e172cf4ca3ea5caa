"""The colours by role, for light paper, for dark paper, and for black-and-white print.

Ink is a value, colour is a derivative: blue is positive, orange is negative, and never anything else.
No sign rests on colour alone, so print has one grey for both: a dash, a minus and a side are the sign.
"""

import math

ROLES = {
    # role: (light, dark, print)
    "paper": ("#ffffff", "#15181c", "#ffffff"),  # the page and op nodes
    "panel": ("#f5f6f7", "#1d2126", "#ffffff"),  # leaves and clusters
    "ink": ("#1c2024", "#e9eaec", "#000000"),  # values, names, the output's border
    "soft": ("#5b636d", "#a3abb5", "#4a4a4a"),  # captions, ops, zero gradients
    "edge": ("#868e98", "#7b8490", "#949494"),  # node borders, edges without a contribution
    "line": ("#dcdfe3", "#343a42", "#c4c4c4"),  # hairlines of the page
    "track": ("#e6e9ec", "#2a2f36", "#e4e4e4"),  # empty bars of the page
    "drawn line": ("#c9ced4", "#4a525c", "#9a9a9a"),  # hairlines of a drawing
    "drawn track": ("#eceef0", "#2a2f36", "#e4e4e4"),  # empty bars of a drawing
    "pos": ("#1f62a6", "#8cc1f4", "#000000"),  # a positive gradient, partial or contribution as text
    "neg": ("#a3480a", "#f4ac6a", "#000000"),
    "posbar": ("#3f86cf", "#5aa2ea", "#4a4a4a"),  # ... as a bar or an edge
    "negbar": ("#d8752b", "#e38a44", "#4a4a4a"),
    "mark": ("#ffe89a", "#4c3e0e", "#e4e4e4"),  # now
    "fault": (
        "#8b1a7a",
        "#ffa6ea",
        "#000000",
    ),  # what is wrong: its line, and a plate under paper-coloured text
}
THEMES = ("light", "dark", "print")


def palette(theme: str) -> dict[str, str]:
    """Return the colour of every role in a theme, "light", "dark" or "print"; ValueError for any other name.

    >>> palette("dark")["paper"]
    '#15181c'
    """
    if theme not in THEMES:
        raise ValueError(f"theme is one of {', '.join(THEMES)}; got {theme!r}")
    column = THEMES.index(theme)
    return {role: colours[column] for role, colours in ROLES.items()}


def tint(number: float) -> str:
    """Return the role in which a derivative is written: pos, neg, soft for 0, ink for nan and inf.

    >>> tint(0.5), tint(-0.5), tint(0.0), tint(float("inf"))
    ('pos', 'neg', 'soft', 'ink')
    """
    if not math.isfinite(number):
        return "ink"
    if number == 0:
        return "soft"
    return "pos" if number > 0 else "neg"


def stroke(number: float) -> str:
    """Return the role in which a derivative is drawn as a bar or an edge.

    >>> stroke(0.5), stroke(0.0)
    ('posbar', 'edge')
    """
    return {"pos": "posbar", "neg": "negbar", "soft": "edge", "ink": "ink"}[tint(number)]
