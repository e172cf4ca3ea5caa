"""The colours by role, for light and for dark paper.

Ink is a value, colour is a derivative: blue is positive, orange is negative, and never anything else.
"""

ROLES = {
    # role: (light, dark)
    "paper": ("#ffffff", "#15181c"),  # the page and op nodes
    "panel": ("#f5f6f7", "#1d2126"),  # leaves and clusters
    "ink": ("#1c2024", "#e9eaec"),  # values, names, the output's border
    "soft": ("#5b636d", "#a3abb5"),  # captions, ops, zero gradients
    "edge": ("#868e98", "#7b8490"),  # node borders, edges without a contribution
    "line": ("#dcdfe3", "#343a42"),  # hairlines of the page
    "track": ("#e6e9ec", "#2a2f36"),  # empty bars of the page
    "drawn line": ("#c9ced4", "#4a525c"),  # hairlines of a drawing
    "drawn track": ("#eceef0", "#2a2f36"),  # empty bars of a drawing
    "pos": ("#1f62a6", "#8cc1f4"),  # a positive gradient, partial or contribution as text
    "neg": ("#a3480a", "#f4ac6a"),
    "posbar": ("#3f86cf", "#5aa2ea"),  # ... as a bar or an edge
    "negbar": ("#d8752b", "#e38a44"),
    "mark": ("#ffe89a", "#4c3e0e"),  # now
    "fault": ("#8b1a7a", "#ffa6ea"),  # what is wrong: its line, and a plate under paper-coloured text
}
THEMES = ("light", "dark")


def palette(theme: str) -> dict[str, str]:
    """Return the colour of every role in a theme, "light" or "dark"; ValueError for any other name.

    >>> palette("dark")["paper"]
    '#15181c'
    """
    if theme not in THEMES:
        raise ValueError(f"theme is one of {', '.join(THEMES)}; got {theme!r}")
    column = THEMES.index(theme)
    return {role: colours[column] for role, colours in ROLES.items()}


def tint(number: float) -> str:
    """Return the role in which a derivative is written: pos, neg, soft where it is 0, ink where it is nan.

    >>> tint(0.5), tint(-0.5), tint(0.0)
    ('pos', 'neg', 'soft')
    """
    if number > 0:
        return "pos"
    if number < 0:
        return "neg"
    return "soft" if number == 0 else "ink"
