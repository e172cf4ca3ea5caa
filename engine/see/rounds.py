"""Rounds: what is called again on what it returned, told apart so that a graph of groups has no cycle."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeAlias

from engine.value import Value

Part: TypeAlias = Hashable
"""What is drawn as one box: a key of several nodes, or a node itself."""
Graph: TypeAlias = Mapping[Part, Iterable[Part]]
"""For each part those that it uses."""


def rounds(
    nodes: Sequence[Value],
    operands: Mapping[Value, Sequence[Value]],
    keys: Mapping[Value, Part],
    calls: Mapping[Value, Part],
) -> Mapping[Value, Part] | None:
    """Return keys such that merging the nodes of each gives a graph without cycles; None where none is found.

    `nodes` stand in an order in which operands come before results. Nodes of one key and one call stay
    together. Keys that are in no cycle stay as they are; of the others, calls that use each other's results
    are told apart by round, and all calls of one round stay together.

    >>> x = Value(2.0)
    >>> once = x + 1
    >>> twice = once + 1
    >>> args = [x, once, twice], {x: [], once: [x], twice: [once]}
    >>> rounds(*args, {once: "add", twice: "add"}, {once: 0, twice: 1})[twice]
    ('add', 2)
    """
    circling = looping(nodes, operands, keys, calls) if keys else {}
    if not circling:
        return keys
    units = {v: (key, calls[v]) if (key := keys.get(v)) in circling else key or v for v in nodes}
    of_keys = {units[v]: key for v, key in keys.items() if key in circling}
    uses = _uses(nodes, operands, units)
    order = _sorted(uses)
    if order is None:
        return None
    bits = {key: 1 << i for i, key in enumerate(circling)}
    found: dict[Part, tuple[int, int]] = {}
    for unit in order:
        before = [found[used] for used in uses[unit]]
        number = max([number for number, _ in before], default=1)
        met = 0
        for reached, mask in before:
            met |= mask if reached == number else 0
        bit = bits[of_keys[unit]] if unit in of_keys else 0
        if met & bit:
            number, met = number + 1, 0
        found[unit] = number, met | bit
    result = {v: (key, found[units[v]][0]) if key in circling else key for v, key in keys.items()}
    if looping(nodes, operands, result, calls):
        result = {v: (key, calls[v]) if key in circling else key for v, key in keys.items()}
        if looping(nodes, operands, result, calls):
            return None
    return result


def looping(
    nodes: Sequence[Value],
    operands: Mapping[Value, Sequence[Value]],
    keys: Mapping[Value, Part],
    calls: Mapping[Value, Part],
) -> dict[Part, None]:
    """Return the keys on cycles, or whose calls use each other's results at once; a call None is no call.

    >>> x = Value(2.0)
    >>> y = x + 1
    >>> list(looping([x, y], {x: [], y: [x]}, {x: "add", y: "add"}, {x: 0, y: 1}))
    ['add']
    """
    result: dict[Part, None] = {}
    for v in nodes:
        key = keys.get(v)
        if key is not None and key not in result:
            call = calls[v]
            if any(keys.get(w) == key and calls[w] != call and calls[w] is not None for w in operands[v]):
                result[key] = None
    merged = set(keys.values())
    for component in components(_uses(nodes, operands, {v: keys.get(v, v) for v in nodes})):
        if len(component) > 1:
            result.update(dict.fromkeys([key for key in component if key in merged]))
    return result


def _uses(
    nodes: Sequence[Value], operands: Mapping[Value, Sequence[Value]], parts: Mapping[Value, Part]
) -> dict[Part, dict[Part, None]]:
    """Return, for each part, the other parts that it uses."""
    result: dict[Part, dict[Part, None]] = {}
    for v in nodes:
        part = parts[v]
        uses = result.setdefault(part, {})
        for w in operands[v]:
            other = parts[w]
            if other != part:
                uses[other] = None
    return result


def _sorted(uses: Graph) -> list[Part] | None:
    """Return the parts, each behind those that it uses; None where there is a cycle."""
    found = components(uses)
    return None if any(len(component) > 1 for component in found) else [part for [part] in found]


def components(uses: Graph) -> list[list[Part]]:
    """Return the strongly connected components of a graph, each behind those that it uses; no recursion.

    Tarjan, Depth-first search and linear graph algorithms, 1972.

    >>> components({"a": ["b"], "b": ["a"], "c": ["a"]})
    [['b', 'a'], ['c']]
    """
    numbers: dict[Part, int] = {}
    low: dict[Part, int] = {}
    waiting: dict[Part, None] = {}
    result = []
    for start in uses:
        if start in numbers:
            continue
        numbers[start] = low[start] = len(numbers)
        waiting[start] = None
        stack = [(start, iter(uses[start]))]
        while stack:
            part, rest = stack[-1]
            for used in rest:
                if used not in numbers:
                    numbers[used] = low[used] = len(numbers)
                    waiting[used] = None
                    stack.append((used, iter(uses[used])))
                    break
                if used in waiting:
                    low[part] = min(low[part], numbers[used])
            else:
                stack.pop()
                if stack:
                    around = stack[-1][0]
                    low[around] = min(low[around], low[part])
                if low[part] == numbers[part]:
                    component: list[Part] = []
                    while not component or component[-1] != part:
                        component.append(waiting.popitem()[0])
                    result.append(component)
    return result
