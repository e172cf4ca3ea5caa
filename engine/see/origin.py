"""Where a Value comes from: the place in the code, the variable, the module it belongs to."""

import dis
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache, lru_cache
from inspect import CO_VARARGS, CO_VARKEYWORDS
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple, final

from engine.see.excerpt import Excerpt, called, excerpt_at
from engine.value import Value

STORES = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF")
OPERATORS = ("BINARY_OP", "UNARY_")
TRANSPARENT = ("COPY", "EXTENDED_ARG")
"""Instructions that may stand between a result and its variable."""


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
        self, name: str, parent: "Scope | None" = None, call: int | None = 0, about: str = ""
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


current: ContextVar[Scope | None] = ContextVar("current", default=None)
"""The innermost scope at work: what is recorded belongs to it."""


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


@cache
def inside() -> frozenset[str]:
    """Return the files of the engine: what is recorded inside of them is meant by the code that called.

    >>> __file__ in inside()
    True
    """
    return frozenset(map(str, Path(__file__).parent.parent.rglob("*.py")))


def outside(frame: FrameType | None, files: frozenset[str] | None = None) -> FrameType | None:
    """Return the innermost frame, from this one outward, of code in none of the files: else the engine's.

    >>> outside(None) is None
    True
    """
    files = inside() if files is None else files
    while frame is not None and frame.f_code.co_filename in files:
        frame = frame.f_back
    return frame


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
    stored, calls = _stored(code).get(offset, ("", False))
    if not stored or calls and called(code, offset) != ("Value" if v.op is None else v.op.name):
        return ""  # what sum(xs) makes on its way is not what it returns
    return ".".join([*scope.path[1:], stored]) if scope else stored


def portable(v: Value) -> Origin | None:
    """Return a Value's origin with its source and its name in place of code, which cannot leave the process.

    >>> portable(Value(2.0)) is None
    True
    """
    made = origin(v)
    return None if made == NOWHERE else Origin(made.scope, excerpt(v), 0, variable(v))


@lru_cache(maxsize=256)
def _stored(code: CodeType) -> dict[int, tuple[str, bool]]:
    """Return, by offset, the variable that the result of an instruction goes to at once; is it a call?"""
    found: dict[int, tuple[str, bool]] = {}
    offsets: list[int] = []  # of the instruction before and its caches
    before = ""
    for instruction in dis.get_instructions(code, show_caches=True):
        name = instruction.opname
        if name == "CACHE":
            offsets.append(instruction.offset)
        elif name not in TRANSPARENT:
            if name.startswith(STORES) and not before.startswith("UNPACK"):
                held = instruction.argval  # from 3.13 on, one instruction may store and load
                known = held if isinstance(held, str) else held[0], not before.startswith(OPERATORS)
                found.update(dict.fromkeys(offsets, known))
            offsets, before = [instruction.offset], name
    return found


@lru_cache(maxsize=256)
def bindings(code: CodeType) -> dict[str, bool]:
    """Return the variables that a code binds: True for those it assigns or is given, False for a `for` alone.

    >>> bindings(compile("for i in range(3): y = i", "<nowhere>", "exec"))
    {'i': False, 'y': True}
    """
    assigned, looped = Counter[str](), Counter[str]()
    targets = False
    for instruction in dis.get_instructions(code):
        name, held = instruction.opname, instruction.argval
        if name.startswith(STORES):
            both = name.count("STORE") > 1
            (looped if targets else assigned).update([held] if isinstance(held, str) else held[: 1 + both])
            targets = targets and "LOAD" not in name
        elif name == "LOAD_FAST_AND_CLEAR":
            # from 3.12 on, a comprehension inside of the code: one loop; the variable is put back after it,
            # and after an error in it
            looped[held] -= 1
            assigned[held] -= 2
        elif not name.startswith(("UNPACK", *TRANSPARENT)):
            targets = name == "FOR_ITER"
    given = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & CO_VARARGS)
    given += bool(code.co_flags & CO_VARKEYWORDS)
    known = [*code.co_varnames[:given], *code.co_freevars, *(+assigned)]
    return dict.fromkeys(+looped, False) | dict.fromkeys(known, True)
