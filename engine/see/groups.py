"""Which nodes are drawn as one box: those of a module, and what a piece of code recorded again and again."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from types import CodeType
from typing import NamedTuple, TypeAlias, final

from engine.see.modules import Modules, Path, Plan
from engine.see.names import given
from engine.see.origin import origin
from engine.see.rounds import looping, rounds
from engine.value import Value

Operands: TypeAlias = Mapping[Value, Sequence[Value]]


@final
class Kind:
    """What nodes of one group have in common: they belong to the module `path`, or are a repeat in it."""

    __slots__ = ("of_parameters", "path", "repeat")

    def __init__(self, path: Path, *, repeat: bool, of_parameters: bool = False) -> None:
        self.path = path
        self.repeat = repeat
        self.of_parameters = of_parameters


@final
class Crowd:
    """Nodes drawn as one box, in reading order: of a kind, its `turn`-th, recorded in `calls`."""

    __slots__ = ("calls", "kind", "members", "turn")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.turn = 1
        self.members: list[Value] = []
        self.calls: dict[Hashable, None] = {}


class Grouping(NamedTuple):
    """The crowd of every node that is drawn in one, and the call in which it was recorded."""

    crowds: dict[Value, Crowd]
    calls: dict[Value, Hashable]


class Way(NamedTuple):
    """How to group: whether repeats inside one call are told apart by their number, and calls by rounds."""

    numbered: bool
    in_rounds: bool


WAYS = (Way(True, True), Way(False, True), Way(False, False))
"""The finest first; the last may give a graph with cycles."""


def grouped(
    nodes: Sequence[Value],
    operands: Operands,
    modules: Modules,
    plan: Plan,
    way: Way,
    *,
    fold: int | None,
    pinned: frozenset[Value] = frozenset(),
) -> Grouping | None:
    """Return which of the nodes, operands before results, are drawn as one; None where no rounds are found.

    >>> x = Value(2.0)
    >>> grouped([x], {x: []}, Modules([x]), Plan(), WAYS[0], fold=8)
    Grouping(crowds={}, calls={})
    """
    kinds, calls = _in_modules(nodes, modules, plan)
    settled = rounds(nodes, operands, kinds, calls) if way.in_rounds else kinds
    if settled is not None and plan.repeats:
        is_batch = _is_merged(settled, calls) or any(len(modules.calls[path]) > 1 for path in plan.opened)
        repeats = _repeats(nodes, modules, kinds, way.numbered, 1 if is_batch else fold, fold)
        kinds.update((v, kind) for v, kind in repeats.items() if v not in pinned)
        calls.update((v, v) for v in repeats)
        settled = rounds(nodes, operands, kinds, calls) if way.in_rounds else kinds
    if settled is None:
        return None
    if plan.repeats:
        lists = _lists(nodes, operands, modules, settled, 1 if is_batch else fold)
        settled = {**settled, **{v: key for v, key in lists.items() if v not in pinned}}
        calls.update(dict.fromkeys(lists))
    home = _at_home(settled)
    if way.in_rounds and _are_used_elsewhere(nodes, operands, settled, home):
        circling = looping(nodes, operands, {**settled, **home}, calls)
        home = {v: key for v, key in home.items() if key not in circling}
    return Grouping(_crowds({**settled, **home}, calls), calls)


def _lists(
    nodes: Sequence[Value],
    operands: Operands,
    modules: Modules,
    settled: Mapping[Value, Hashable],
    few: int | None,
) -> dict[Value, Hashable]:
    """Return the keys of leaves, more than `few`, that one list holds and the same boxes use."""
    if few is None:
        return {}
    targets: dict[Value, dict[Hashable, None]] = {}
    for v in nodes:
        for w in operands[v]:
            if w.op is None and w not in settled:
                targets.setdefault(w, {})[settled.get(v, v)] = None
    held: dict[Hashable, list[Value]] = {}
    kinds: dict[Hashable, Kind] = {}
    for v, users in targets.items():
        scope = modules.scopes.get(v)
        variable, index, _ = given(v).partition("[")
        if index and (scope is None or scope.call is not None):
            place = modules.path(v), variable
            kind = kinds.setdefault(place, Kind(place[0], repeat=True))
            held.setdefault((kind, frozenset(users)), []).append(v)
    return {v: key for key, leaves in held.items() if len(leaves) > few for v in leaves}


def _at_home(settled: Mapping[Value, Hashable]) -> dict[Value, Hashable]:
    """Return the key of its module for each parameter whose module is one box."""
    modules: dict[Path, set[Hashable]] = {}
    for key in set(settled.values()):
        kind = _kind(key)
        if not kind.repeat and not kind.of_parameters:
            modules.setdefault(kind.path, set()).add(key)
    only = {path: next(iter(keys)) for path, keys in modules.items() if len(keys) == 1}
    return {
        v: only[key.path]
        for v, key in settled.items()
        if isinstance(key, Kind) and key.of_parameters and not key.repeat and key.path in only
    }


def _are_used_elsewhere(
    nodes: Sequence[Value],
    operands: Operands,
    settled: Mapping[Value, Hashable],
    home: Mapping[Value, Hashable],
) -> bool:
    """Tell whether parameters are operands of nodes outside their module."""
    return any(v in home and home[v] != settled.get(node) for node in nodes for v in operands[node])


def _kind(key: Hashable) -> Kind:
    """Return the kind of a key, which is a kind, or a kind and a number."""
    kind = key[0] if isinstance(key, tuple) else key
    assert isinstance(kind, Kind)
    return kind


def _is_merged(settled: Mapping[Value, Hashable], calls: Mapping[Value, Hashable]) -> bool:
    """Tell whether several calls of a module are one box."""
    first: dict[Hashable, Hashable] = {}
    return any(first.setdefault(key, calls[v]) != calls[v] for v, key in settled.items())


def _in_modules(
    nodes: Sequence[Value], modules: Modules, plan: Plan
) -> tuple[dict[Value, Kind], dict[Value, Hashable]]:
    kinds: dict[Value, Kind] = {}
    calls: dict[Value, Hashable] = {}
    found: dict[tuple[Path, bool], Kind] = {}
    of_scopes = {scope: plan.cut(scope.path) for scope in modules.lines}
    for v in nodes:
        scope = modules.scopes.get(v)
        depth = of_scopes[scope] if scope is not None else 0
        if scope is not None and depth:
            unit, owned = modules.lines[scope][depth - 1], scope.call is None
            kind = found.get((unit.path, owned))
            if kind is None:
                kind = found[unit.path, owned] = Kind(unit.path, repeat=False, of_parameters=owned)
            kinds[v], calls[v] = kind, unit.call
    return kinds, calls


class _Place(NamedTuple):
    """Where a node was recorded: in a module, by `what` of its code, or as the parameter `what` it owns."""

    path: Path
    what: Hashable
    owned: bool


def _repeats(
    nodes: Sequence[Value],
    modules: Modules,
    taken: Mapping[Value, Kind],
    numbered: bool,
    few: int | None,
    few_parameters: int | None,
) -> dict[Value, Kind]:
    """Return the kinds of what more than `few` nodes have in common: the place in the code and the op."""
    met: Counter[Hashable] = Counter()
    places: dict[Value, _Place] = {}
    for v in nodes:
        if v in taken:
            continue
        scope, code, offset, name = origin(v)
        path = scope.path if scope is not None else ()
        if scope is not None and scope.call is None:
            start = name.rpartition("[")[0]
            if start and not numbered:
                places[v] = _Place(path, start, owned=True)
        elif code is not None:
            at = (id(code) if isinstance(code, CodeType) else code), offset, v.op
            if numbered and scope is not None:
                met[scope, at] += 1
            places[v] = _Place(path, (at, met[scope, at]), owned=False)
    counts = Counter(places.values())
    found: dict[_Place, Kind] = {}
    for place in counts:
        most = few_parameters if place.owned else few
        if most is not None and counts[place] > most:
            found[place] = Kind(place.path, repeat=True, of_parameters=place.owned)
    return {v: found[place] for v, place in places.items() if place in found}


def _crowds(settled: Mapping[Value, Hashable], calls: Mapping[Value, Hashable]) -> dict[Value, Crowd]:
    """Return the crowds; one node alone is no repeat."""
    crowds: dict[Hashable, Crowd] = {}
    for v, key in settled.items():
        crowd = crowds.get(key)
        if crowd is None:
            crowd = crowds[key] = Crowd(_kind(key))
        crowd.members.append(v)
        if calls[v] is not None:
            crowd.calls[calls[v]] = None
    places = {v: i for i, v in enumerate(settled)}
    turns: dict[Kind, list[Crowd]] = {}
    for crowd in crowds.values():
        turns.setdefault(crowd.kind, []).append(crowd)
    for found in turns.values():
        found.sort(key=lambda crowd: places[crowd.members[-1]])
        for turn, crowd in enumerate(found, 1):
            crowd.turn = turn
    return {
        v: crowds[key]
        for v, key in settled.items()
        if len(crowds[key].members) > 1 or not crowds[key].kind.repeat
    }


def stem(members: Sequence[Value]) -> str:
    """Return the name of most of some nodes, alone or as a list; "" where there is none.

    The last of a list is often held by a loop's variable, too.

    >>> from engine.see.origin import note
    >>> xs = [Value(1.0), Value(2.0), Value(3.0)]
    >>> for i, x in enumerate(xs):
    ...     note(x, name=f"xs[{i}]")
    >>> stem(xs)
    'xs'
    """
    variables = Counter([given(v) for v in members])
    stems: Counter[str] = Counter()
    for name, count in variables.items():
        around, dot, last = name.rpartition(".")
        stems[around + dot + last.partition("[")[0]] += count
    for names in (variables, stems):
        [(name, count)] = names.most_common(1)
        if 2 * count > len(members):
            return name
    return ""
