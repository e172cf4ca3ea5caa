"""Looking at a computation: its picture, and the steps of its sweep."""

from engine.see.drawing import Drawing, Mark, draw
from engine.see.ledger import Ledger, Record, Row, ledger
from engine.see.records import draw_dot
from engine.see.stepper import Stepper
from engine.see.watch import scope, watch

__all__ = [
    "Drawing",
    "Ledger",
    "Mark",
    "Record",
    "Row",
    "Stepper",
    "draw",
    "draw_dot",
    "ledger",
    "scope",
    "watch",
]
