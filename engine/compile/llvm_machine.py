"""Kinds of calls made into machine code for this processor, once each."""

import ctypes
import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from engine.compile.instructions import Slope
from engine.compile.llvm_batches import emit_finite, emit_given, emit_result
from engine.compile.llvm_dots import emit_inner, emit_spread
from engine.compile.llvm_flats import FlatsKind, emit_flats
from engine.compile.llvm_kernel import SLOTS, Kernel
from engine.compile.llvm_lanes import LanesKind, emit_lanes
from engine.compile.llvm_lets import CALLED
from engine.compile.llvm_lists import ListsKind, emit_lists
from engine.compile.llvm_math_calls import bind_library
from engine.compile.llvm_rule import RuleKind, emit_rule
from engine.compile.llvm_squares import SquaresKind, emit_squares
from engine.compile.object_cache import ObjectCache, key
from engine.compile.reference import sloped
from engine.compile.waiting import announced
from engine.op import Op
from engine.optional import load

ADDRESSES: dict[str, int] = {}
"""By what makes a function one of its own, where it stands: compiled code is loaded once a process."""
ENGINES: list[Any] = []
"""What keeps the code in memory."""

PLAIN: dict[str, Callable[[Kernel], None]] = {
    "finite": emit_finite, "given": emit_given, "inner": emit_inner, "result": emit_result,
    "spread": emit_spread,
}  # fmt: skip


RUN_TEXT = f"""
define double @run(ptr %job) {{
entry:
  %state = load ptr, ptr %job
  %list.place = getelementptr i64, ptr %job, i64 1
  %list = load ptr, ptr %list.place
  %count.place = getelementptr i64, ptr %job, i64 2
  %count = load i64, ptr %count.place
  %parameters.place = getelementptr i64, ptr %job, i64 3
  %parameters = load i64, ptr %parameters.place
  %parameters.slot = getelementptr i64, ptr %state, i64 {SLOTS.index("P")}
  store i64 %parameters, ptr %parameters.slot
  %work.place = getelementptr i64, ptr %job, i64 4
  %work = load i64, ptr %work.place
  %work.slot = getelementptr i64, ptr %state, i64 {SLOTS.index("rule")}
  store i64 %work, ptr %work.slot
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %body, label %done
body:
  %entry.function = getelementptr {{ ptr, ptr }}, ptr %list, i64 %i, i32 0
  %entry.arguments = getelementptr {{ ptr, ptr }}, ptr %list, i64 %i, i32 1
  %function = load ptr, ptr %entry.function
  %arguments = load ptr, ptr %entry.arguments
  call void %function(ptr %state, ptr %arguments)
  %next = add i64 %i, 1
  br label %head
done:
  %result.slot = getelementptr i64, ptr %state, i64 {SLOTS.index("result")}
  %result = load ptr, ptr %result.slot
  %first = load double, ptr %result
  %second.place = getelementptr double, ptr %result, i64 1
  %second = load double, ptr %second.place
  %sum = fadd double %first, %second
  ret double %sum
}}
"""
"""Runs a job (state, list, count, parameters, work): calls the functions of a list of (function, arguments).

It first tells the state where P begins, and what a rule works on; it returns the sum of the two results.
"""


@cache
def width() -> int:
    """Return how many floats a vector of this machine holds."""
    features = load("llvmlite.binding", extra="fast").get_host_cpu_features()
    return 8 if features.get("avx512f") else 4 if features.get("avx") else 2


def name_of(kind: Any, width: int) -> str:
    """Return the name of the function of a kind, for vectors of some width."""
    return f"{width} {kind!r}"


def read(names: Iterable[str]) -> bool:
    """Load functions that are not in memory from the cache; return whether all are in memory now."""
    missing = sorted([name for name in names if name not in ADDRESSES])
    if missing:
        code = ObjectCache().read(key("\n".join(missing)))
        if code is None:
            return False
        ADDRESSES.update(zip(missing, _loaded(code, len(missing)), strict=True))
    return True


def compiled(kinds: dict[str, Any], width: int) -> None:
    """Compile functions, told by name and kind, that are not in memory, for now and for the cache."""
    missing = sorted([name for name in kinds if name not in ADDRESSES])
    with announced(f"compiling {len(missing)} kinds of loops", after=0.3):
        code = machine_code(text_of([kinds[name] for name in missing], width))
    ObjectCache().write(key("\n".join(missing)), code)
    ADDRESSES.update(zip(missing, _loaded(code, len(missing)), strict=True))


def had(kinds: dict[str, Any], width: int) -> str:
    """Have functions in memory; return how: "loaded before", "read from the cache" or "compiled"."""
    if all(name in ADDRESSES for name in kinds):
        return "loaded before"
    if read(kinds):
        return "read from the cache"
    compiled(kinds, width)
    return "compiled"


def text_of(kinds: Sequence[Any], width: int) -> str:
    """Return the functions of some kinds, f0, f1, ..., as text of LLVM; and `run`, which calls a list."""
    ir = load("llvmlite.ir", extra="fast")
    module = ir.Module(name="chainrule")
    module.triple = load("llvmlite.binding", extra="fast").get_process_triple()
    for number, kind in enumerate(kinds):
        kernel = Kernel(module, f"f{number}", width)
        if isinstance(kind, LanesKind):
            emit_lanes(kernel, kind)
        elif isinstance(kind, FlatsKind):
            emit_flats(kernel, kind)
        elif isinstance(kind, ListsKind):
            emit_lists(kernel, kind)
        elif isinstance(kind, SquaresKind):
            emit_squares(kernel, kind)
        elif isinstance(kind, RuleKind):
            emit_rule(kernel, kind)
        else:
            PLAIN[kind](kernel)
        kernel.finished()
    return str(module) + RUN_TEXT


@cache
def _target() -> Any:
    binding = load("llvmlite.binding", extra="fast")
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=2, jit=True
    )


def machine_code(text: str) -> bytes:
    """Return text of LLVM as an object file for this machine."""
    binding, machine = load("llvmlite.binding", extra="fast"), _target()
    module = binding.parse_assembly(text)
    options = binding.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    found: bytes = machine.emit_object(module)
    return found


def _loaded(code: bytes, count: int) -> list[int]:
    """Load an object file, and return where its functions stand; it stays for as long as the process."""
    binding = load("llvmlite.binding", extra="fast")
    _target()
    binding.add_symbol(CALLED, ctypes.cast(_called, ctypes.c_void_p).value)
    bind_library()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _new_target())
    engine.add_object_file(binding.object_file.ObjectFileRef.from_data(code))
    engine.finalize_object()
    ENGINES.append(engine)
    ADDRESSES.setdefault("run", engine.get_function_address("run"))
    return [engine.get_function_address(f"f{i}") for i in range(count)]


def _new_target() -> Any:
    binding = load("llvmlite.binding", extra="fast")
    return binding.Target.from_default_triple().create_target_machine(jit=True)


RUN = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_void_p)
"""The type of `run`."""


def run_function() -> Callable[[int], float]:
    """Return run(job), which tells where a job stands."""
    return RUN(ADDRESSES["run"])


# functions that are called back
OWN: list[Callable[[Any], float]] = []
"""The functions that compiled code calls by number, on an array of operands."""
RAISED: list[BaseException] = []
"""What they raised: it is raised again where the code was run."""


@cache
def own_number(op: Op | Slope, shape: tuple[int | None, ...]) -> int:
    """Return the number by which compiled code calls an op; `shape` tells lists from numbers."""

    def called(numbers: Any) -> float:
        rest = iter(range(sum(1 if n is None else n for n in shape)))
        operands = [
            numbers[next(rest)] if n is None else tuple([numbers[next(rest)] for _ in range(n)])
            for n in shape
        ]
        return sloped(op, operands) if isinstance(op, Slope) else float(op.evaluate(*operands))

    OWN.append(called)
    return len(OWN) - 1


def raise_again() -> None:
    """Raise what a function raised that compiled code has called back."""
    if RAISED:
        error = RAISED[0]
        RAISED.clear()
        raise error


def _call(number: int, operands: Any) -> float:
    try:
        return OWN[number](operands)
    except BaseException as error:
        RAISED.append(error)
        return math.nan


_called = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, ctypes.POINTER(ctypes.c_double))(_call)
