"""Source text by code position: the very expression that an instruction evaluates."""

import ast
import linecache
from functools import lru_cache
from itertools import islice
from types import CodeType
from typing import NamedTuple


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
        """The expression, on one line.

        >>> Excerpt("f.py", 1, ("y = (a +", "     b)"), (0, 5), (1, 6)).text
        'a + b'
        """
        first, last = self.start[0], self.end[0]
        lines = list(self.lines[first : last + 1])
        lines[-1] = lines[-1][: self.end[1]]
        lines[0] = lines[0][self.start[1] :]
        return " ".join(line.strip() for line in lines)

    @property
    def place(self) -> str:
        """The file's name and the line.

        >>> Excerpt("src/f.py", 7, ("x",), (0, 0), (0, 1)).place
        'f.py, line 7'
        """
        name = self.file.replace("\\", "/").rpartition("/")[2]
        return f"{name}, line {self.number + self.start[0]}"


def whole(text: str, *, start: int, end: int, file: str = "expression") -> Excerpt:
    """Return the excerpt from `start` to `end` of a text that is one line, in characters.

    >>> whole("tanh(x*w)", start=5, end=8).text
    'x*w'
    """
    return Excerpt(file, 1, (text,), (0, start), (0, end))


@lru_cache(maxsize=4096)
def excerpt_at(code: CodeType, offset: int) -> Excerpt | None:
    """Return the source of the instruction at an offset of a code object; None where it cannot be had.

    The text has to be an expression, or an augmented assignment: a file that has changed since it was loaded
    rarely passes, and then no text is better than a wrong one.
    """
    position = next(islice(code.co_positions(), offset // 2, None), None)
    if position is None or None in position:
        return None
    first, last, left, right = [int(x) for x in position if x is not None]
    lines = [linecache.getline(code.co_filename, n).rstrip("\n") for n in range(first, last + 1)]
    if not all(lines[:1] + lines[-1:]):
        return None
    start = len(lines[0].encode()[:left].decode(errors="ignore"))
    end = len(lines[-1].encode()[:right].decode(errors="ignore"))
    found = Excerpt(code.co_filename, first, tuple(lines), (0, start), (last - first, end))
    return found if _is_code(found.text) else None


def _is_code(text: str) -> bool:
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError):
        return False
    return len(statements) == 1 and isinstance(statements[0], (ast.Expr, ast.AugAssign))
