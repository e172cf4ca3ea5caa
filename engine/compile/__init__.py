"""Programs: a recorded computation, compiled, which replays on new inputs for a whole batch."""

from engine.compile.batch import Batch
from engine.compile.compiled import Compiled, compiled
from engine.compile.doors import load_program, record
from engine.compile.guard import RecordError
from engine.compile.program import Program
from engine.compile.saved import ProgramFileError

__all__ = [
    "Batch",
    "Compiled",
    "Program",
    "ProgramFileError",
    "RecordError",
    "compiled",
    "load_program",
    "record",
]
