"""Looking at a computation: its picture, and the steps of its sweep."""

from engine.see.anomalies import BirthError
from engine.see.births import Birth, Births, births
from engine.see.drawing import Drawing, Mark, draw
from engine.see.ledger import Ledger, Record, Row, ledger
from engine.see.paths import Paths, Route, paths, why
from engine.see.records import draw_dot
from engine.see.stepper import Stepper
from engine.see.watch import scope, watch

__all__ = [
    "Birth",
    "BirthError",
    "Births",
    "Drawing",
    "Ledger",
    "Mark",
    "Paths",
    "Record",
    "Route",
    "Row",
    "Stepper",
    "births",
    "draw",
    "draw_dot",
    "ledger",
    "paths",
    "scope",
    "watch",
    "why",
]
