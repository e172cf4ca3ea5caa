"""The exercises of notebook 13: attention."""

import math
import random
from typing import Any

from engine import Value, dot, log, softmax
from engine.chain import gradients
from engine.ops import sum as total
from nn.attention import attention
from nn.course.exercise import Judge, tried, value
from nn.data import first_names

QUERY, KEYS, VALUES = (0.0, 1.0), ((2.0, 0.0), (0.0, 2.0), (1.0, 1.0)), (10.0, 20.0, 30.0)
"""Those of exercise 13.1."""
TOKENS = 27
"""Of exercise 13.3."""
LEAST, RULED = 100, 0.95
"""So many names are to be handed in, and so large a share of them is to obey the rule."""


def _answer(query: tuple[float, float], scale: float = 1 / math.sqrt(2)) -> float:
    """Return the mean of the values by the shares of the keys, whose scores are multiplied by the scale."""
    return float(dot(softmax([dot(query, key) * scale for key in KEYS]), VALUES))


def _causal(answer: Any) -> str:
    """Judge a function of rows whose answers depend on all rows up to their own, and on no later one."""
    for seed, count in enumerate((1, 3, 4)):
        rng = random.Random(seed)
        rows = [[Value(rng.uniform(-1, 1)) for _ in range(2)] for _ in range(count)]
        got = tried(answer, rows)
        if not isinstance(got, (list, tuple)) or len(got) != count:
            return f"for {count} rows it is to return a list of {count} rows, got {got!r:.60}"
        for t, out in enumerate(got):
            if not isinstance(out, (list, tuple)) or not out or not all(isinstance(z, Value) for z in out):
                return f"each answer is a row of Values made of the rows, got {out!r:.60}"
            slopes = gradients(total(out), [x for row in rows for x in row])
            sizes = [math.hypot(*slopes[2 * s : 2 * s + 2]) for s in range(count)]
            for s, slope in enumerate(sizes):
                if s > t and slope != 0:
                    return f"answer {t} takes from row {s}, which comes later: a gradient of size {slope:.2g}"
                if s <= t and slope == 0:
                    return f"answer {t} takes nothing from row {s}, which it may see"
    return ""


def _obeys(name: str) -> bool:
    return "ς" not in name[:-1] and not name.endswith("σ")


def _names(answer: Any) -> str:
    """Judge names that a model has written."""
    if not isinstance(answer, (list, tuple)) or not all(isinstance(name, str) for name in answer):
        return "hand in a list of names, such as words(model, names, 100)"
    if len(answer) < LEAST:
        return f"at least {LEAST} names are asked for, here are {len(answer)}"
    known = first_names("el")
    strange = sorted(set("".join(answer)) - set(known.alphabet))
    if strange:
        return f"the names are to be of small Greek letters, here is {strange[0]!r}"
    fresh = set(answer) - {*known.words, *first_names("el", accents=False).words}
    if 2 * len(fresh) < len(answer):
        return f"only {len(fresh)} of the {len(answer)} are new and different: let the model write them"
    broken = [name for name in answer if not _obeys(name)]
    if len(broken) > (1 - RULED) * len(answer):
        share = 1 - len(broken) / len(answer)
        return f"{share:.0%} obey the rule, {broken[0]!r} does not; a lower temperature is more cautious"
    return ""


EXERCISES: dict[str, Judge] = {
    "13.1": value(
        lambda: attention([QUERY], KEYS, [[v] for v in VALUES])[0][0],
        {
            "that is the answer to (1, 0): the query is (0, 1)": lambda: _answer((1.0, 0.0)),
            "the scores are divided by √2 before the softmax": lambda: _answer(QUERY, 1.0),
            "the scores are divided by √2, not by 2": lambda: _answer(QUERY, 0.5),
            "that is the plain mean, and the value with the largest score; all three have a share, and not "
            "the same": lambda: _answer(QUERY, 0.0),
        },
        otherwise="three scores q·k/√2, their softmax, then the mean of 10, 20 and 30 by these shares",
    ),
    "13.2": _causal,
    "13.3": value(
        lambda: log(float(TOKENS)),
        {
            "the end is a token, too": lambda: log(TOKENS - 1.0),
            "that is the share of each token; the loss is −ln of it": lambda: 1 / TOKENS,
            "those are bits; the loss is in nats, with the natural logarithm": lambda: math.log2(TOKENS),
            "ln is the natural logarithm, not that to the base 10": lambda: math.log10(TOKENS),
        },
        otherwise="with all weights 0 all tokens are equally likely; what is −ln of the right one's share?",
    ),
    "13.4": _names,
}
