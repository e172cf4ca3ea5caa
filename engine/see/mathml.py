"""Textbook notation for a browser: formulas that stand in LaTeX, and names of nodes, as MathML."""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.see.names import elided, is_plain

OPEN, CLOSE = "<mo>(</mo>", "<mo>)</mo>"
TIMES = '<mo lspace=".12em" rspace=".12em">·</mo>'
START, END = "\ue000", "\ue001"
"""Around a place that is left free in a text; no name can hold these characters."""

TOKEN = re.compile(
    r"\\(?:operatorname|text)\{(?P<word>[^{}]*)\}|(?P<root>\\sqrt\[3\])"
    r"|(?P<left>\\left)|\\right(?P<right>\S)|\\(?P<command>[A-Za-z]+)"
    r"|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    rf"|(?P<free>{START}[^{END}]*{END})|(?P<indexed>[A-Za-z][₀-₉]+)|(?P<letter>[^\W\d_])|(?P<sign>\S)"
)
NAMED = {"varphi": "φ", "Phi": "Φ", "sigma": "σ", "partial": "∂"}
PLAIN_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
INDEXED = re.compile(r"([^\W\d_]+)_?(\d+)|(\w+?)((?:\[\d+\])+)")
PIECE = re.compile(r"\*\*|[^\W\d]\w*(?:\[\d+\])*|\d+(?:\.\d+)?(?:e-?\d+)?|[-+*/(),]")
SIGNS = {"*": TIMES, "-": "<mo>−</mo>", "(": OPEN, ")": CLOSE}
LONGEST = 24
"""So many characters of a name stand in a formula."""


class _Frame(NamedTuple):
    """What is being read: the parts so far, and the element they make once there are `needed` of them."""

    element: str
    needed: int
    parts: list[str]


def mathml(latex: str) -> str:
    """Return a formula in the LaTeX that `engine.formula` writes as MathML, without <math> around it.

    >>> mathml(r"\\frac{x}{2}")
    '<mfrac><mi>x</mi><mn>2</mn></mfrac>'
    """
    stack = [_Frame("mrow", 0, [])]
    for token in TOKEN.finditer(latex):
        kind, text = token.lastgroup, token.group()
        if kind == "root":
            stack.append(_Frame("mroot", 1, []))
        elif kind == "command" and text in (r"\frac", r"\sqrt"):
            stack.append(_Frame("mfrac", 2, []) if text == r"\frac" else _Frame("msqrt", 1, []))
        elif kind == "left":  # a part of its own, so that the brackets are as high as it is
            stack.append(_Frame("mrow", 0, []))
        elif kind == "right":
            close = f"<mo>{html.escape(token['right'])}</mo>"
            _give(stack, f"<mrow>{''.join(stack.pop().parts)}{close}</mrow>")
        elif kind == "sign" and text in "^_":
            parts = stack[-1].parts
            stack.append(_Frame("msup" if text == "^" else "msub", 2, [parts.pop() if parts else "<mrow/>"]))
        elif kind == "sign" and text == "{":
            stack.append(_Frame("mrow", 0, []))
        elif kind == "sign" and text == "}":
            _give(stack, _row(stack.pop().parts))
        else:
            _give(stack, _atom(token))
    return "".join(stack[0].parts)


def _give(stack: list[_Frame], part: str) -> None:
    """Add a part to what is being read; what is complete is a part of what is around it."""
    stack[-1].parts.append(part)
    while stack[-1].needed and len(stack[-1].parts) == stack[-1].needed:
        element, _, parts = stack.pop()
        inside = "".join(parts) + ("<mn>3</mn>" if element == "mroot" else "")
        stack[-1].parts.append(f"<{element}>{inside}</{element}>")


def _row(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _atom(token: re.Match[str]) -> str:
    kind, text = token.lastgroup, token.group()
    if kind == "word":
        return f"<mi>{html.escape(token['word'])}</mi>"
    if kind == "command":
        return TIMES if text == r"\cdot" else f"<mi>{NAMED.get(text[1:], text[1:])}</mi>"
    if kind == "free":
        return text
    if kind == "number":
        return f"<mn>{text}</mn>"
    if kind == "indexed":
        return f"<msub><mi>{text[0]}</mi><mn>{text[1:].translate(PLAIN_DIGITS)}</mn></msub>"
    if kind == "letter":
        return f"<mi>{html.escape(text)}</mi>"
    return SIGNS.get(text, f"<mo>{html.escape(text)}</mo>")


def called(name: str) -> str:
    """Return the name of a node as MathML: subscripts for its numbers, of a path its end, products with dots.

    >>> called("w1"), called("net.w[0]")
    ('<msub><mi>w</mi><mn>1</mn></msub>', '<msub><mi>w</mi><mn>0</mn></msub>')
    """
    if is_plain(name):
        return _word(name.rpartition(".")[2] or name)
    pieces = list(_pieces(name))
    if "".join(pieces) != name:
        return f"<mtext>{html.escape(elided(name, LONGEST))}</mtext>"
    parts: list[str] = []
    for i, piece in enumerate(pieces):
        before = pieces[i - 1] if i else ""
        part = SIGNS.get(piece) or (_word(piece) if piece[0].isalnum() else f"<mo>{piece}</mo>")
        if before == "**" and parts:
            parts.append(f"<msup>{parts.pop()}{part}</msup>")
        elif piece != "**":
            parts.append(part)
    return "".join(parts)


def _pieces(name: str) -> Iterator[str]:
    return (found.group() for found in PIECE.finditer(name))


def _word(word: str) -> str:
    found = INDEXED.fullmatch(word)
    if found is None:
        kind = "mn" if word[0].isdigit() else "mi"
        return f"<{kind}>{html.escape(elided(word, LONGEST))}</{kind}>"
    stem, number, listed, places = found.groups()
    if stem:
        return f"<msub><mi>{html.escape(elided(stem, LONGEST))}</mi><mn>{number}</mn></msub>"
    indices = "<mo>,</mo>".join(f"<mn>{i}</mn>" for i in re.findall(r"\d+", places))
    below = indices if "mo" not in indices else f"<mrow>{indices}</mrow>"
    return f"<msub><mi>{html.escape(elided(listed, LONGEST))}</mi>{below}</msub>"


def is_sum(name: str) -> bool:
    """Tell whether a name is put together by an operator, so that it needs brackets beside another.

    >>> is_sum("x*w"), is_sum("exp(x)"), is_sum("w[0]")
    (True, False, False)
    """
    return not is_plain(name) and re.search(r"[-+*/]", re.sub(r"^\w+\([^()]*\)$", "", name)) is not None
