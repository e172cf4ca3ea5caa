"""The panel around the boxes of each module that is drawn open, panels inside panels."""

from collections.abc import Iterator

from engine.see.cells import cell, row, table, tooltip
from engine.see.names import elided
from engine.see.parts import Cluster, Group, Scene
from engine.see.ranks import depths
from engine.see.sheet import SMALL, Sheet


def panels(drawn: Sheet, rankdir: str) -> Iterator[str]:
    """Yield the DOT lines of the panels of a sheet, each inside the panel of its parent.

    >>> from engine.see.parts import Box
    >>> from engine.see.sheet import sheet
    >>> box = Box("y", "y", "+", 2.0, 0.0, cluster="net")
    >>> scene = Scene([box], [], swept=False, clusters=(Cluster("net", "net", "MLP(1, [1])", 2),))
    >>> list(panels(sheet(scene, "light"), "LR"))[1:]
    ['    "y";', '  }']
    """
    inside: dict[str, list[Cluster]] = {}
    for cluster in drawn.scene.clusters:
        inside.setdefault(cluster.parent, []).append(cluster)
    held: dict[str, list[str]] = {}
    for box in drawn.scene.boxes:
        held.setdefault(box.cluster, []).append(box.key)
    columns = _columns(drawn.scene)
    stack = [iter(inside.get("", ()))]
    while stack:
        panel = next(stack[-1], None)
        if panel is not None:
            rows = list(columns.get(panel.key, {}).values())
            aside = rankdir == "TB" and rows == [held.get(panel.key)] and panel.key not in inside
            yield f'  subgraph "cluster_{panel.key}" {{ {_look(panel, drawn, aside=aside)}'
            yield "".join([f'    "{key}";' for key in held.get(panel.key, ())])
            if aside:  # edges come from above: the title stands at the left of the only row
                name = f"c-{panel.key}~title"
                yield f'    "{name}" [id="{name}", label=<{_title(panel, drawn)}>];'
                rows = [[name, *rows[0]]]
            for row_of_boxes in rows:
                yield from _ordered(row_of_boxes, rankdir)
            stack.append(iter(inside.get(panel.key, ())))
        else:
            stack.pop()
            if stack:
                yield "  }"


def _columns(scene: Scene) -> dict[str, dict[int | str, list[str]]]:
    """Return what stands side by side in each panel: groups of one depth, leaves of one op."""
    found = depths(scene)
    targets: dict[str, set[str]] = {}
    for edge in scene.edges:
        targets.setdefault(edge.source, set()).add(edge.target)
    columns: dict[str, dict[int | str, list[str]]] = {}
    for box in scene.boxes:
        near = targets.get(box.key, ())
        if isinstance(box, Group):
            columns.setdefault(box.cluster, {}).setdefault(found[box.key], []).append(box.key)
        elif found[box.key] == 0 and len(near) == 1:
            columns.setdefault(box.cluster, {}).setdefault(min(near), []).append(box.key)
    return columns


def _ordered(keys: list[str], rankdir: str) -> Iterator[str]:
    """Yield what keeps boxes in reading order.

    Versions of Graphviz differ in the order of what is in a cluster, unless unseen edges tell it; from left
    to right drawn, these go up.
    """
    if len(keys) > 1:
        keys = keys[::-1] if rankdir == "LR" else keys
        way = " -> ".join([f'"{key}"' for key in keys])
        yield f"    {{ rank=same; edge [style=invis]; {way}; }}"


def _about(panel: Cluster) -> list[str]:
    count = f"{panel.parameters:,} parameter{'' if panel.parameters == 1 else 's'}"
    return [text for text in (panel.about, count if panel.parameters else "") if text]


def _title(panel: Cluster, drawn: Sheet) -> str:
    lines = row(cell(drawn.bold(elided(panel.name), "ink"), height=16))
    about = ", ".join(map(elided, _about(panel)))
    return table(lines + (row(cell(drawn.text(about, "soft", SMALL), height=15)) if about else ""))


def _look(panel: Cluster, drawn: Sheet, *, aside: bool) -> str:
    """Return the attributes of a panel, its title among them if it does not stand aside."""
    title = '""' if aside else f"<{_title(panel, drawn)}>"
    whole = ": ".join([text for text in (panel.name, ", ".join(_about(panel))) if text])
    return (
        f'id="c-{panel.key}"; {tooltip(whole)}; label={title}; labelloc=t; labeljust=l; margin=12; '
        f'style="rounded,filled"; color="{drawn.colours["drawn line"]}"; '
        f'fillcolor="{drawn.colours["panel"]}";'
    )
