"""Trusting a gradient: every value and partial against 60 digits, the fault in its smallest graph.

`check_op` looks at an op over its whole domain, `check_gradients` at a function of Values at some inputs;
`engine.check.strategies` draws inputs, programs and networks for hypothesis. Needs the extra `check`.
"""

from engine.check.function import assert_gradients, check_gradients
from engine.check.graph_report import GraphReport
from engine.check.op_report import OpReport
from engine.check.operation import check_op
from engine.check.report import Culprit, GradientError

__all__ = [
    "Culprit",
    "GradientError",
    "GraphReport",
    "OpReport",
    "assert_gradients",
    "check_gradients",
    "check_op",
]
