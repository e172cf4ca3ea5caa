"""A computation as one HTML file, on which it is stepped and changed; it asks no network for anything."""

import html
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template
from typing import Any

from engine.files import write
from engine.see.album import pictures
from engine.see.javascript import asset
from engine.see.ledger import Entries, backward, forward
from engine.see.names import elided
from engine.see.script import script
from engine.see.story import Story, packed
from engine.see.tables import table
from engine.see.telling import happened, marked, rule, source_of
from engine.see.theme import ROLES, palette
from engine.value import Value

MOST_STEPS = 20_000
"""A page with more steps would be larger than a browser likes."""
MOST_STILL = 200
"""So many rows of each kind are shown where no script runs."""
FIRST = ("state.js", "picture.js")
LAST = ("rule.js", "tally.js", "inputs.js", "page.js", "frame.js")
"""The scripts before and behind those that large graphs need."""


def page(
    found: Entries,
    function: Callable[..., Any] | None = None,
    inputs: Sequence[Any] = (),
    *,
    position: int = 0,
    title: str = "",
) -> str:
    """Return the page of a trail: graph, chain rule, source and ledger, opened at the step `position`.

    The inputs have sliders; with the function that recorded the trail and its inputs, only where they would
    not record another graph. It holds all it needs; without JavaScript it shows the graph and the ledger of
    the whole sweep.

    Errors: ValueError for more steps than a page can hold.

    >>> from engine.see.ledger import entries
    >>> page(entries(Value(2.0, "x") * 3))[:15]
    '<!doctype html>'
    """
    if len(found.events) > MOST_STEPS:
        raise ValueError(
            f"a page holds {MOST_STEPS:,} steps, this computation has {len(found.events):,}: look at a part "
            "of it (any interior Value is the output of a smaller computation), or use engine.ledger"
        )
    story, output = Story(found), _output(found)
    name = found.names[output].text
    album = pictures(found, output)
    made = script(found, function, inputs)
    for place, scope in album.homes.items():
        story.data["nodes"][place]["scope"] = scope
    data = story.data | {
        "why": made.why_not,
        "note": made.note,
        "ranges": made.ranges,
        "modules": [module._asdict() for module in album.modules],
        "scopes": album.scopes,
    }
    parts = ["map"] * album.large + ["doors"] * bool(album.modules)
    scripts = [*FIRST, *(f"{part}.js" for part in parts), *LAST]
    styles = ["page.css", *(f"{part}.css" for part in parts)]
    event = found.events[-1]
    earlier = [row.gradient for row in found.rows[:-1] if row.input == found.rows[-1].input]
    before = earlier[-1] if earlier else 0.0
    source = source_of(event)
    return Template(_unindented(asset("page.html"))).substitute(
        position=position,
        title=html.escape(title or f"Step through {elided(name)}"),
        style=_style(album.svg, styles),
        source=marked(source) if source else html.escape(found.rows[-1].source),
        graph=album.svg,
        note=f'<p class="legend">{album.note}</p>' if album.note else "",
        output=html.escape(elided(name)),
        headline="The whole sweep; its last step:",
        sentence=html.escape(happened(event, found.names, before=before, complete=True)),
        facts=f"<dt>rule</dt><dd>{html.escape(rule(event))}</dd>" if rule(event) else "",
        ledger=_still(found),
        formulas="".join(f"<math>{formula}</math>" for formula in story.formulas),
        data=packed(data),
        script=_tight_script("\n".join([asset("digits.js"), made.code, *map(asset, scripts)])),
    )


def turned(whole: str, position: int) -> str:
    """Return a page that was made for the start, opened at another step.

    >>> turned('<html data-step="0">', 7)
    '<html data-step="7">'
    """
    return whole.replace('data-step="0"', f'data-step="{position}"', 1)


def save(path: str | os.PathLike[str], whole: str) -> Path:
    """Write a page to a file .html, whole or not at all, and return its path.

    Errors: ValueError for any other suffix, OSError where the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(f"{folder}/steps.html", "<!doctype html>").name
    'steps.html'
    """
    target = Path(path)
    if target.suffix.lower() != ".html":
        raise ValueError(f"a page is saved as .html, got {os.fspath(path)!r}")
    write(target, whole.encode())
    return target


def _output(found: Entries) -> Value:
    seed = found.events[len(found.records)].node
    assert isinstance(seed, Value)
    return seed


def _still(found: Entries) -> str:
    """Return the ledger as it is read where no script runs."""
    records, rows = found.records[:MOST_STILL], found.rows[-MOST_STILL:]
    tables = "".join(table(columns) for columns in (forward(records), backward(rows)) if columns[0].cells)
    return re.sub(r' style="[^"]*"', "", f'<div class="still">{tables}</div>')


def _style(svg: str, styles: Sequence[str]) -> str:
    """Return the CSS of a page with the roles it uses: their colours, and the classes of an SVG."""
    classes = sorted(set(re.findall(r"\b(fill|stroke)-([a-z-]+)", svg)))
    names = {_css(role): role for role in ROLES}
    meant = "".join(
        f".{kind}-{role} {{ {kind}: {f'var(--{role})' if role in names else 'none'} }}\n"
        for kind, role in classes
        if role in names or role == "none"
    )
    plain = meant + "".join(map(asset, styles))
    used = [name for name in names if f"var(--{name})" in plain]
    light, dark = (
        f"color-scheme: {theme}; " + "; ".join(f"--{name}: {palette(theme)[names[name]]}" for name in used)
        for theme in ("light", "dark")
    )
    theme = (
        f":root {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n"
        f":root[data-theme=dark] {{ {dark} }}\n"
    )
    return _tight_style(theme + plain)


def _tight_style(style: str) -> str:
    """Return CSS without comments and needless space."""
    plain = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return re.sub(r":\s+", ":", re.sub(r"\s*([{};,])\s*", r"\1", plain)).replace(";}", "}")


def _tight_script(code: str) -> str:
    """Return JavaScript without comments and indentation."""
    return _unindented("\n".join(re.sub(r"(^|\s+)// .*", "", line) for line in code.splitlines()))


def _unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _css(role: str) -> str:
    return role.replace(" ", "-")
