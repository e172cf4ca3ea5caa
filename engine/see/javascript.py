"""Formulas as JavaScript: an op is a call of the kernel that is called like its row of the table."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from engine.op import Op
from engine.ops import TABLE, PowerDerivative
from engine.symbol import Symbol


def has_kernel(op: Op) -> bool:
    """Tell whether an op is one that the page can compute: a row of the table, and no user's own op.

    >>> has_kernel(TABLE["abs"]), has_kernel(Op("abs", abs, 1))
    (True, False)
    """
    return TABLE.get(op.name) is op or isinstance(op, PowerDerivative)


def literal(x: float) -> str:
    """Return a float as JavaScript writes it, with all its digits.

    >>> literal(2.0), literal(-0.0), literal(float("inf"))
    ('2', '-0', 'Infinity')
    """
    return repr(x).removesuffix(".0").replace("inf", "Infinity").replace("nan", "NaN")


def assignments(results: Iterable[tuple[str, Any]]) -> str:
    """Return JavaScript that assigns formulas, symbols or numbers, to targets; no recursion.

    What stands in them more than once is computed once.

    >>> x = Symbol("v[0]")
    >>> assignments([("v[1]", TABLE["exp"](x)), ("p[1]", 2 * x)])
    'v[1]=exp(v[0]);p[1]=mul(2,v[0]);'
    """
    results = list(results)
    uses = _uses([formula for _, formula in results])
    done: dict[int, str] = {}
    lines: list[str] = []
    shared = 0
    for target, formula in results:
        stack = [formula]
        while stack:
            part = stack[-1]
            if id(part) in done:
                stack.pop()
                continue
            missing = [p for p in _operands(part) if id(p) not in done]
            if missing:
                stack += missing
                continue
            text = _written(part, [done[id(p)] for p in _operands(part)])
            if uses[id(part)] > 1 and isinstance(part, Symbol) and part.op:
                lines.append(f"const t{shared}={text};")
                text, shared = f"t{shared}", shared + 1
            done[id(stack.pop())] = text
        lines.append(f"{target}={done[id(formula)]};")
    code = "".join(lines)
    return f"{{{code}}}" if shared else code


def _uses(formulas: Sequence[Any]) -> Counter[int]:
    """Return how often each part stands in formulas, by its id."""
    uses = Counter(map(id, formulas))
    stack = list({id(formula): formula for formula in formulas}.values())
    while stack:
        for part in _operands(stack.pop()):
            uses[id(part)] += 1
            if uses[id(part)] == 1:
                stack.append(part)
    return uses


def _operands(part: Any) -> Sequence[Any]:
    if isinstance(part, (tuple, list)):
        return part
    return part.operands if isinstance(part, Symbol) else ()


def _written(part: Any, operands: Sequence[str]) -> str:
    """Return a number, a name, a list or a call of which the operands are written."""
    arguments = ",".join(operands)
    if isinstance(part, (tuple, list)):
        return f"[{arguments}]"
    if not isinstance(part, Symbol):
        return literal(float(part))
    if part.op is None:
        return part.name
    if isinstance(part.op, PowerDerivative):
        n, m = part.op.order
        return f"power_derivative({n},{m},{arguments})"
    return f"{part.op.name}({arguments})"


@cache
def asset(name: str) -> str:
    """Return the text of a file that belongs to the page.

    >>> asset("digits.js").count("function short(number)")
    1
    """
    return (files("engine.see") / "assets" / name).read_text(encoding="utf-8")


@cache
def kernels() -> dict[str, str]:
    """Return the kernels, and what stands beside them, by name: the code without its comments.

    >>> kernels()["relu"]
    'function relu(x) { return x < 0 ? 0 : x; }'
    """
    found = {}
    for block in re.split(r"^(?=function |const |//)", asset("kernels.js"), flags=re.MULTILINE):
        code = re.sub(r"^ *//.*\n", "", block, flags=re.MULTILINE).strip()
        named = re.match(r"(?:function|const) (\w+)", code)
        if named:
            found[named[1]] = code
    return found


def called(code: str) -> str:
    """Return the kernels that a code calls, and those that these call, in the order of their file.

    >>> called("v[1]=gaussian(v[0]);").count("function ")
    2
    """
    known = kernels()
    needed: set[str] = set()
    new = _mentioned(code)
    while new:
        needed |= new
        new = set().union(*(_mentioned(known[name]) for name in new)) - needed
    return "\n".join(text for name, text in known.items() if name in needed)


def _mentioned(code: str) -> set[str]:
    return set(re.findall(r"(?<![\w.])[A-Za-z]\w*", code)) & kernels().keys()
