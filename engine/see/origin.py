"""Where a Value comes from: the place in the code, the variable, the module it belongs to."""

import dis
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple, final

from engine.see.excerpt import Excerpt, excerpt_at
from engine.value import Value

STORES = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF")


@final
class Scope:
    """One call of a module, or one `with scope(name)`, in which Values were recorded.

    `path` holds the names from the outermost scope to this one, `call` is how many calls of the same path
    came before, None for what a module owns whatever the call: its parameters. `about` describes the module.

    >>> net = Scope("net")
    >>> print(Scope("layers[0]", net, about="Layer(2, 3)"))
    net.layers[0]
    """

    __slots__ = ("about", "call", "parent", "path")

    def __init__(
        self, name: str, parent: "Scope | None" = None, *, call: int | None = 0, about: str = ""
    ) -> None:
        self.parent = parent
        self.path: tuple[str, ...] = (name,) if parent is None else (*parent.path, name)
        self.call = call
        self.about = about

    def __repr__(self) -> str:
        return ".".join(self.path)

    def outward(self) -> Iterator["Scope"]:
        """Yield this scope and those around it, the outermost last.

        >>> [s.path[-1] for s in Scope("layers[0]", Scope("net")).outward()]
        ['layers[0]', 'net']
        """
        around: Scope | None = self
        while around is not None:
            yield around
            around = around.parent


class Origin(NamedTuple):
    """Where a Value was made: its scope, its code and the offset of the instruction, and its name.

    `code` is None for a Value that was made unwatched and named later, and an Excerpt where the text was no
    running code. `name` is what holds the Value, `xs[0]` or `layers[0].neurons[3].w[1]`, "" where only the
    code can tell.
    """

    scope: Scope | None = None
    code: CodeType | Excerpt | None = None
    offset: int = 0
    name: str = ""


NOWHERE = Origin()


def origin(v: Value) -> Origin:
    """Return where a Value was made; an empty Origin where nobody watched.

    >>> origin(Value(2.0)) == NOWHERE
    True
    """
    return Origin(*getattr(v, "_origin", ()))


def note(v: Value, **fields: Any) -> None:
    """Set fields of a Value's origin, the others stay.

    >>> x = Value(2.0)
    >>> note(x, name="x")
    >>> origin(x).name
    'x'
    """
    v._origin = origin(v)._replace(**fields)


def excerpt(v: Value) -> Excerpt | None:
    """Return the piece of source that made a Value; None where nobody watched, or the source is gone.

    >>> excerpt(Value(2.0)) is None
    True
    """
    _, code, offset, _ = origin(v)
    return excerpt_at(code, offset) if isinstance(code, CodeType) else code


def variable(v: Value) -> str:
    """Return the name of what holds a Value: a variable, an item of a list, a parameter of a module.

    A variable inside a module stands behind the module's path, without the outermost part, as in a module's
    `named_parameters`. "" where no name is known.

    >>> weight = Value(0.5)
    >>> note(weight, name="layers[0].w[1]")
    >>> variable(weight)
    'layers[0].w[1]'
    """
    scope, code, offset, name = origin(v)
    if name or not isinstance(code, CodeType):
        return name
    stored = _stored(code).get(offset, "")
    return ".".join([*scope.path[1:], stored]) if stored and scope else stored


@lru_cache(maxsize=256)
def _stored(code: CodeType) -> dict[int, str]:
    """Return, for each instruction whose result is stored in a variable at once, the variable's name."""
    found: dict[int, str] = {}
    before = -1
    for instruction in dis.get_instructions(code):
        if instruction.opname.startswith(STORES):  # from 3.13 on, one instruction may store and load
            names = instruction.argval
            found[before] = names if isinstance(names, str) else names[0]
        if instruction.opname != "CACHE":
            before = instruction.offset
    return found
