"""Looking at a computation: its picture, and the steps of its sweep."""

from engine.see.drawing import Drawing, Mark, draw
from engine.see.ledger import Ledger, Row, ledger
from engine.see.records import draw_dot
from engine.see.watch import scope, watch

__all__ = ["Drawing", "Ledger", "Mark", "Row", "draw", "draw_dot", "ledger", "scope", "watch"]
