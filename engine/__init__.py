"""The engine of chainrule: scalar reverse-mode differentiation that can be traced, stepped and drawn.

The distribution is called chainrule; it brings the packages `engine` and `nn`.

>>> from engine import Value, tanh
>>> x = Value(0.5, label="x")
>>> tanh(x * x).backward()
>>> round(x.grad, 6)
0.940015
"""

import engine.copying  # teaches copy and pickle about Values
import engine.recording  # gives Value its own operators and methods
from engine.chain import Step, chain_rule
from engine.collector import paused_gc
from engine.derive import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from engine.dual import Dual
from engine.op import Op
from engine.ops import (
    abs as abs,
)
from engine.ops import (
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    cos,
    cosh,
    detach,
    div,
    dot,
    elu,
    erf,
    erfc,
    exp,
    expm1,
    gelu,
    hypot,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logsumexp,
    maximum,
    minimum,
    mul,
    neg,
    power,
    relu,
    select,
    sigmoid,
    silu,
    sin,
    sinh,
    softmax,
    softplus,
    sqrt,
    step,
    sub,
    tan,
    tanh,
    where,
)
from engine.ops import (
    max as max,
)
from engine.ops import (
    min as min,
)
from engine.ops import (
    sum as sum,
)
from engine.see import draw, draw_dot, ledger
from engine.symbol import Formula, Symbol, formula
from engine.value import Value

__version__ = "0.1.0"

__all__ = [
    "Dual",
    "Formula",
    "Op",
    "Step",
    "Symbol",
    "Value",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "chain_rule",
    "cos",
    "cosh",
    "detach",
    "div",
    "dot",
    "draw",
    "draw_dot",
    "elu",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "formula",
    "gelu",
    "grad",
    "hessian",
    "hvp",
    "hypot",
    "jacobian",
    "jvp",
    "leaky_relu",
    "ledger",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logsumexp",
    "maximum",
    "minimum",
    "mul",
    "neg",
    "paused_gc",
    "power",
    "relu",
    "select",
    "sigmoid",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "step",
    "sub",
    "tan",
    "tanh",
    "value_and_grad",
    "vjp",
    "where",
]
