"""Source text by code position: the very expression that an instruction evaluates."""

import ast
import dis
import io
import linecache
import re
import tokenize
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import NamedTuple, TypeAlias, final

Position: TypeAlias = tuple[int, int, int, int]
"""First line, last line, first column, column behind the last: as code objects count, columns in bytes."""

LOADS = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_CLASSDEREF")
SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
    ast.FloorDiv: "//", ast.Mod: "%", ast.LShift: "<<", ast.RShift: ">>",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
}  # fmt: skip
CELL = re.compile(r"/ipykernel_\d+/\d+\.py$")
"""The files that ipykernel takes the cells of a notebook for."""
NO_TEXT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}


class Excerpt(NamedTuple):
    """An expression in its source: `lines` are whole, the expression runs from `start` to `end` in them.

    `start` and `end` are (line, column), lines counted from 0 within `lines`, columns in characters; `number`
    is the number of the first line in the file.

    >>> Excerpt("neuron.py", 4, ("y = tanh(x*w + b)",), (0, 9), (0, 12)).text
    'x*w'
    """

    file: str
    number: int
    lines: tuple[str, ...]
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def text(self) -> str:
        """The expression, on one line and without comments.

        >>> Excerpt("f.py", 1, ("y = (a +", "     b)"), (0, 5), (1, 6)).text
        'a + b'
        """
        first, last = self.start[0], self.end[0]
        lines = list(self.lines[first : last + 1])
        lines[-1] = lines[-1][: self.end[1]]
        lines[0] = lines[0][self.start[1] :]
        return lines[0] if len(lines) == 1 else _one_line(lines)

    @property
    def place(self) -> str:
        """The file's name and the line; a cell of a notebook has no name.

        >>> Excerpt("src/f.py", 7, ("x",), (0, 0), (0, 1)).place
        'f.py, line 7'
        """
        return f"{file_name(self.file)}, line {self.number + self.start[0]}"


def file_name(file: str) -> str:
    """Return what a file of code is called: its name without the folders; a notebook's cell has none.

    >>> file_name("src/f.py")
    'f.py'
    """
    path = file.replace("\\", "/")
    return "notebook cell" if CELL.search(path) else path.rpartition("/")[2]


def whole(text: str, *, start: int, end: int, file: str = "expression") -> Excerpt:
    """Return the excerpt from `start` to `end` of a text that is one line, in characters.

    >>> whole("tanh(x*w)", start=5, end=8).text
    'x*w'
    """
    return Excerpt(file, 1, (text,), (0, start), (0, end))


def excerpt_at(code: CodeType, offset: int) -> Excerpt | None:
    """Return the source of the instruction at an offset of a code object; None where it cannot be had.

    The source has to hold an expression, or an augmented assignment, at that very place, and in it what the
    code reads there: a file that has changed since it was loaded does not, and no text is better than a
    wrong one.

    >>> excerpt_at(compile("x*w", "<nowhere>", "eval"), 0) is None
    True
    """
    return _excerpt_at(_Same(code), offset)


def called(code: CodeType, offset: int) -> str:
    """Return the name of the function that an instruction calls, "" where that cannot be told.

    >>> called(compile("tanh(x)", "<nowhere>", "eval"), 0)
    ''
    """
    node = _node_at(_Same(code), offset)
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


@final
class _Same:
    """A code object that is equal to itself alone: those of two files, or of two places, may be equal."""

    def __init__(self, code: CodeType) -> None:
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.code is other.code

    def __hash__(self) -> int:
        return id(self.code)


@lru_cache(maxsize=4096)
def _excerpt_at(same: _Same, offset: int) -> Excerpt | None:
    node = _node_at(same, offset)
    if node is None:
        return None
    file = same.code.co_filename
    first, last, left, right = _position(node)
    lines = [linecache.getline(file, number).rstrip("\n") for number in range(first, last + 1)]
    start = len(lines[0].encode()[:left].decode())
    end = len(lines[-1].encode()[:right].decode())
    return Excerpt(file, first, tuple(lines), (0, start), (last - first, end))


@lru_cache(maxsize=4096)
def _node_at(same: _Same, offset: int) -> ast.expr | ast.AugAssign | None:
    """Return what an instruction evaluates; the offset may be that of a cache behind the instruction."""
    read = _instructions(same)
    passed = [position for instruction, position in read if instruction.offset <= offset]
    nodes = _nodes(tuple(linecache.getlines(same.code.co_filename)))
    node = nodes.get(passed[-1]) if passed else None
    if node is None or not all(_agrees(nodes, *it) for it in read if _is_within(it[1], node)):
        return None
    return node


@lru_cache(maxsize=256)
def _instructions(same: _Same) -> list[tuple[dis.Instruction, Position]]:
    """Return the instructions that have a place; what unpacks a result has that of what made it."""
    found: list[tuple[dis.Instruction, Position]] = []
    for instruction in dis.get_instructions(same.code):
        p = instruction.positions
        if p is None or p.lineno is None or p.end_lineno is None or p.col_offset is None:
            continue
        position = p.lineno, p.end_lineno, p.col_offset, p.end_col_offset or 0
        if instruction.opname.startswith("UNPACK") and found:
            position = found[-1][1]
        found.append((instruction, position))
    return found


@lru_cache(maxsize=16)
def _nodes(lines: tuple[str, ...]) -> dict[Position, ast.expr | ast.AugAssign]:
    """Return the expressions and augmented assignments of a source by where they stand."""
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    nodes: dict[Position, ast.expr | ast.AugAssign] = {}
    for node in ast.walk(tree):
        if not isinstance(node, (ast.expr, ast.AugAssign)):
            continue
        nodes[_position(node)] = node
        method = node.func if isinstance(node, ast.Call) else node
        if isinstance(method, ast.Attribute) and method.lineno != method.end_lineno:  # begins at its name
            _, line, _, right = _position(method)
            _, last, _, end = _position(node)
            nodes[line, last, right - len(method.attr.encode()), end] = node
    return nodes


def _position(node: ast.AST) -> Position:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset  # type: ignore[attr-defined]


def _is_within(position: Position, node: ast.AST) -> bool:
    first, last, left, right = position
    top, bottom, start, end = _position(node)
    return (top, start) <= (first, left) and (last, right) <= (bottom, end)


def _agrees(
    nodes: dict[Position, ast.expr | ast.AugAssign], instruction: dis.Instruction, position: Position
) -> bool:
    """Tell whether what an instruction reads or computes stands in the source at its place."""
    node, name = nodes.get(position), instruction.argval
    if instruction.opname.startswith(LOADS) and not instruction.opname.endswith("CLEAR"):
        name = name if isinstance(name, str) else name[0]
        if name.isidentifier():  # else the interpreter's own
            return isinstance(node, ast.Name) and _is_called(node.id, name)
    elif instruction.opname == "BINARY_OP" and isinstance(node, (ast.BinOp, ast.AugAssign)):
        return instruction.argrepr.removesuffix("=") == SIGNS[type(node.op)]
    elif instruction.opname.startswith("LOAD_") and isinstance(node, ast.Attribute):
        return _is_called(node.attr, name)
    elif instruction.opname == "LOAD_CONST" and isinstance(node, ast.Constant):
        return repr(node.value) == repr(name)
    return True


def _is_called(written: str, compiled: str) -> bool:
    """Tell whether a name of the source is one of the code, where __x in a class C is _C__x."""
    name = unicodedata.normalize("NFKC", written)
    return name == compiled or (
        name.startswith("__") and compiled.startswith("_") and compiled.endswith(name)
    )


def _one_line(lines: list[str]) -> str:
    """Return the lines of an expression as one, without comments and the breaks in brackets."""
    source = [f"({lines[0]}", *lines[1:-1], f"{lines[-1]})"]  # in brackets a line may end anywhere
    read = io.StringIO("\n".join(source)).readline
    try:
        text = "".join(_pieces(source, tokenize.generate_tokens(read)))
    except (tokenize.TokenError, SyntaxError):
        return " ".join(line.strip() for line in lines)
    return text[1:-1]


def _pieces(source: list[str], tokens: Iterator[tokenize.TokenInfo]) -> Iterator[str]:
    row, column, before = 1, 0, ""
    for token in tokens:
        if token.type not in NO_TEXT:
            (first, left), (row_now, right) = token.start, token.end
            if first == row:
                yield source[row - 1][column:left]
            elif before not in "([{" and token.string not in ")]}.,":
                yield " "
            yield token.string if first != row_now else source[first - 1][left:right]
            row, column, before = row_now, right, token.string
