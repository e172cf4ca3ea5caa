"""The house: imports point down, the public names are the ones listed, optional packages load late."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import engine
import nn

ROOT = Path(__file__).parent.parent

ENGINE = """optional files ieee carrier index doubled kernels normal exponentials powers op ops value
recording chain collector dual symbol manual trees nesting derive parsing grammar
see.digits see.theme see.excerpt see.origin copying see.names see.trail see.spelling see.births
see.anomalies see.watch see.traced
see.render see.cells see.parts see.rows see.modules see.rounds see.groups see.marks see.slices see.subject
see.cuts see.frames see.arrivals see.sketch see.scene see.ranks see.scale see.sheet see.bars see.boxes
see.edges see.panels see.legend see.dot see.drawing see.digraph see.records
see.tables see.telling see.condition see.ledger
see.javascript see.sliders see.variants see.script see.mathml see.slots see.canvas see.album see.story
see.page see.stepper see.screen see.terminal see.routes see.paths see expression
compile.waiting compile.graph compile.differing compile.signature compile.guard compile.lower
compile.record compile.batch compile.order
compile.texts compile.fold compile.reduce
compile.straight compile.backward compile.careful compile.python_source compile.python
compile.spelled compile.sums compile.levels compile.groups compile.rectangles compile.instructions
compile.layout compile.formulas
compile.reverse compile.plan compile.reference compile.strides compile.axes compile.emitter compile.machine
compile.vector_kernels compile.vector_rows compile.numpy_writes compile.numpy_picks compile.numpy_dots
compile.numpy_loops compile.numpy_lanes compile.numpy_rule compile.contents
compile.numpy_executor compile.cost
compile.object_cache compile.llvm_kernel compile.llvm_math_lanes compile.llvm_math_calls
compile.llvm_math_exp
compile.llvm_math_table compile.llvm_math_log compile.llvm_math_squash compile.llvm_math_trig
compile.llvm_math_power compile.llvm_math_hyper compile.llvm_math_arcs compile.llvm_math_normal
compile.llvm_math compile.llvm_rows compile.llvm_lets compile.llvm_points compile.llvm_flats
compile.llvm_lanes compile.llvm_turns compile.llvm_tiles compile.llvm_dots compile.llvm_blocks
compile.llvm_regular compile.llvm_products compile.llvm_along compile.llvm_lists compile.llvm_squares
compile.llvm_listing compile.llvm_batches compile.llvm_rule compile.llvm_machine
compile.llvm_script compile.llvm_update compile.llvm_frame compile.llvm_executor
compile.executor compile.choose
compile.update compile.explain compile.saved compile.boxes
compile.jax_views compile.jax_kernels compile.jax_rows compile.jax_cuts compile.jax_orders compile.jax_buffers
compile.jax_picks compile.jax_boxes compile.jax_works compile.jax_ragged compile.jax_products
compile.jax_loops compile.jax_peaks compile.jax_steps compile.jax_devices compile.jax_program
compile.alone compile.program
compile.onnx_nodes compile.onnx_rows compile.onnx_buffers compile.onnx_program compile.doors compile.compiled
compile
check.ulps check.power check.definitions check.bounds check.points check.rebound check.precise
check.differences check.oracle
check.judge check.source check.domains check.programs check.shrink check.report check.op_report check.examine
check.operation check.graph check.sums check.graph_report check.whole check.verdict check.second
check.function check.strategies check pytest_plugin __init__ __main__""".split()
NN = """_together nearest checked inputs module announced documents
data.cells data.describing data.form data.parts data.samples data.scaler data.dataset data.gates data.toys
data.curves data.known data.series data.graph data.text data.firstnames data.table data.registry data
activations init neuron mlp metrics answers saving
exchange.stages exchange.tensors exchange.pytorch exchange.safetensors_files exchange.onnx_models exchange
combination hyperplane rosenblatt perceptron contradiction simplex separable
collapse cost deviation pieces hats overfitting
losses rules schedules clip optimizer optim update four_steps progress stamp checkpoint objective evaluation
own_loss steps replay interrupt training train replies estimating estimator scikit
remedies sizes activity landscape
windows pooling conv cells recurrent through_time norms embedding attention gpt writing characters
message node_classifier autoencoder
plot.axes plot.heat plot.tiles plot.activations plot.approximation plot.attention plot.boundary
plot.confusion plot.curves plot.filters plot.gradients plot.graph plot.hyperplane plot.landscape plot.latent
plot.overfitting plot.predicted plot.through_time plot.weights plot
seen_from settings study point_models experiment point_study name_study node_study code_study
last_letters references studies report
lab.comparing lab.techniques lab.record lab.subjects lab.learned lab.job lab.laboratory lab.figures
lab.conclusions lab.maps lab.dots lab.curves lab.summary lab.pictures lab.report lab.command lab options
course.exercise course.lesson_01 course.lesson_02 course.lesson_03 course.lesson_04 course.lesson_05
course.lesson_06 course.lesson_07 course.lesson_08 course.lesson_09 course.lesson_10 course.lesson_11
course.lesson_12 course.lesson_13 course.lesson_14 course.lesson_15 course.lesson_16 course
__init__ __main__""".split()
STANDING = [f"engine.{name}" for name in ENGINE] + [f"nn.{name}" for name in NN]
STANDING = [name.removesuffix(".__init__") for name in STANDING]
"""Every module, lowest first: a module imports only what stands before it."""

OPTIONAL = set(
    "numpy scipy graphviz sklearn matplotlib networkx statsmodels faker mpmath hypothesis torch jax "
    "llvmlite platformdirs onnx onnxruntime safetensors jinja2 joblib".split()
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


FILES = {name_of(path): path for package in ("engine", "nn") for path in (ROOT / package).rglob("*.py")}


def imports(path: Path) -> list[tuple[str, int]]:
    """Return what a file imports when it runs, with the column: 0 at its top level."""
    found = []
    tree = ast.parse(path.read_text())
    typing = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    hidden = {child for block in typing for child in ast.walk(block)}
    for node in ast.walk(tree):
        if node in hidden:
            continue
        if isinstance(node, ast.Import):
            found += [(alias.name, node.col_offset) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = str(node.module)
            submodules = [f"{module}.{alias.name}" for alias in node.names]
            hits = [(name, node.col_offset) for name in submodules if name in FILES]
            found += hits or [(module, node.col_offset)]
    return found


def test_the_list_is_the_house():
    assert sorted(FILES) == sorted(STANDING)


@pytest.mark.parametrize("name", FILES)
def test_imports_point_down(name):
    for imported, column in imports(FILES[name]):
        top = imported.split(".")[0]
        if top not in ("engine", "nn"):
            continue
        assert column == 0, f"{name} imports {imported} inside a block"
        target = imported
        assert STANDING.index(target) < STANDING.index(name), (
            f"{name} imports {imported}, which stands above it"
        )


@pytest.mark.parametrize("name", FILES)
def test_optional_packages_are_loaded_through_the_one_door(name):
    """All but two, which make subclasses of what they import and are themselves loaded late."""
    tops = {imported.split(".")[0] for imported, _ in imports(FILES[name])}
    late = {"engine.see.digraph": {"graphviz"}, "nn.scikit": {"sklearn"}}
    assert tops & OPTIONAL == late.get(name, set())


@pytest.mark.parametrize("name", FILES)
def test_files_are_small_and_say_what_they_are(name):
    text = FILES[name].read_text()
    assert ast.get_docstring(ast.parse(text)), f"{name} has no docstring"
    assert text.count("\n") <= 300, f"{name} has {text.count(chr(10))} lines"


@pytest.mark.parametrize("package", [engine, nn])
def test_the_public_names_are_those_listed(package):
    assert list(package.__all__) == sorted(package.__all__)
    listed = set(package.__all__)
    shadowing = {"abs", "max", "min", "sum"} if package is engine else set()
    public = {
        name
        for name, thing in vars(package).items()
        if not name.startswith("_") and not isinstance(thing, type(sys))
    }
    assert public == listed | shadowing
    assert all(getattr(package, name).__doc__ for name in listed)


def test_importing_everything_shadows_no_builtin():
    names: dict[str, object] = {}
    exec("from engine import *\nfrom nn import *", names)
    assert not set(names) & set(dir(__builtins__)) - {"__builtins__"}


def test_one_version():
    assert engine.__version__ == nn.__version__
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["tool"]["hatch"]["version"]["path"] == "engine/__init__.py"
    assert all((ROOT / package / "py.typed").exists() for package in ("engine", "nn"))


def test_the_core_needs_the_standard_library_alone():
    program = (
        "import sys; import engine;"
        "print(sorted({m.split('.')[0] for m in sys.modules} - sys.stdlib_module_names - set(sys.argv[1:])))"
    )
    bare = [sys.executable, "-I", "-S", "-c"]
    before = subprocess.run(
        [*bare, "import sys; print(*{m.split('.')[0] for m in sys.modules})"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}"
    done = subprocess.run([*bare, program, *before], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['engine']"


def test_another_package_called_engine_is_named(tmp_path):
    (tmp_path / "engine.py").write_text("train_one_epoch = None\n")
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import nn"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "ImportError" in done.stderr and str(tmp_path) in done.stderr
