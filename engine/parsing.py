"""Text that is parsed, never run: its tree, or the error that points at the place where it goes wrong."""

import ast
import re
import unicodedata
import warnings

LONGEST_LINE = 100
"""So many characters of an expression are shown with an error."""
MEANT = {"×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "²": "**2", "³": "**3"}
"""Characters of printed mathematics, and what is written for them."""


class ExpressionError(ValueError):
    """What is wrong with an expression; `place` is the character of `text` at which it is, counted from 0.

    >>> print(ExpressionError("x*v", 2, "unknown name 'v'"))
        x*v
          ^ unknown name 'v'
    """

    def __init__(self, text: str, place: int, complaint: str) -> None:
        self.text = text
        self.place = max(0, min(place, len(text)))
        self.complaint = complaint
        start = max(0, self.place - LONGEST_LINE // 2)
        stop = start + LONGEST_LINE
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[start:stop])
        before = "…" * (start > 0) + shown[: self.place - start]
        line = "…" * (start > 0) + shown + "…" * (stop < len(text))
        super().__init__(f"    {line}\n    {''.join(map(_blank, before))}^ {complaint}")


def _blank(character: str) -> str:
    """Return a blank as wide as a character is in a terminal."""
    if unicodedata.combining(character):
        return ""
    return "\N{IDEOGRAPHIC SPACE}" if unicodedata.east_asian_width(character) in "WF" else " "


def parsed(text: str) -> ast.expr:
    """Return the tree of an expression on one line; nothing of it is run.

    Errors: ExpressionError for what Python cannot parse.

    >>> type(parsed("x*w")).__name__
    'BinOp'
    """
    if not text:
        raise ExpressionError(text, 0, 'the expression is empty; write one such as "tanh(x*w + b)"')
    place = 0
    try:
        with warnings.catch_warnings(action="ignore"):  # what is doubtful is refused later, with its place
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        place = (error.offset or len(text) + 1) - 1  # 0 stands for the end
        complaint = _misspelt(text, place, error.msg)
    except (RecursionError, MemoryError):
        complaint = "too long or nested too deep for Python's parser; compute such an expression in Python"
    except ValueError:
        complaint = "there is a character in it that belongs to no text"
    raise ExpressionError(text, place, complaint)


def _misspelt(text: str, place: int, message: str) -> str:
    """Return what is wrong where Python's parser stopped."""
    found, before = text[place : place + 1], text[:place].rstrip()
    if found in MEANT:
        return f"for {found} write {MEANT[found]}"
    if message == "invalid decimal literal":
        return "this is no number; a product is written with *, as in 2*x"
    if found == "=":
        return "no = may stand here; the expression comes first, then its numbers, each as name=number"
    if message == "invalid syntax" and place >= len(text):
        return "something is missing at the end"
    if message == "invalid syntax" and re.match(r"\w", found) and re.search(r"[\w)\]]$", before):
        return "an operator is missing here; a product is written with *"
    return message
