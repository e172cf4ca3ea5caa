"""The lab: several techniques on several data sets, cross-validated, and what may be concluded."""

from nn.lab.command import add_parser, run
from nn.lab.laboratory import Laboratory
from nn.lab.record import Record
from nn.lab.report import save_report

__all__ = ["Laboratory", "Record", "add_parser", "run", "save_report"]
