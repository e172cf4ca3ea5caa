"""How deep each box of a scene stands, counted in edges from where nothing arrives."""

from engine.see.parts import Scene


def depths(scene: Scene) -> dict[str, int]:
    """Return by its key the longest way to each box; edges that run back in reading order do not count.

    >>> from engine.see.parts import Box, Edge
    >>> boxes = [Box(key, key, "", 0.0, 0.0) for key in "xy"]
    >>> depths(Scene(boxes, [Edge("x", "y", (), ())], swept=False))
    {'x': 0, 'y': 1}
    """
    places = {box.key: place for place, box in enumerate(scene.boxes)}
    arriving: dict[str, list[str]] = {}
    for edge in scene.edges:
        if places[edge.source] < places[edge.target]:
            arriving.setdefault(edge.target, []).append(edge.source)
    result: dict[str, int] = {}
    for key in places:
        result[key] = max([1 + result[source] for source in arriving.get(key, ())], default=0)
    return result


def are_layers(scene: Scene) -> bool:
    """Tell whether nine of ten edges lead from a layer to the next: then few run past a box.

    Where nothing arrives, a box stands right before the first that it leads to.

    >>> are_layers(Scene([], [], swept=False))
    True
    """
    found = depths(scene)
    before: dict[str, int] = {}
    for edge in scene.edges:
        depth = found[edge.source] or found[edge.target] - 1
        before[edge.source] = min(depth, before.get(edge.source, depth))
    past = [edge for edge in scene.edges if found[edge.target] - before[edge.source] != 1]
    return 10 * len(past) <= len(scene.edges)
