"""The architecture, read from the source: who may import whom, and how large files and functions get.

docs/architecture.md says what each package is for.
"""

import ast
import re
import statistics
import subprocess
import sys

import import_graph
import pytest
from import_graph import OURS, ROOT

BELOW_MODELS = "storage scores compute audio records training corpora features"
BELOW_RESULTS = f"{BELOW_MODELS} models cost execution"

# Package of the engine -> the others that it may import. All may import `protocols` and `benchmark.version`.
TABLE = {
    "storage": "",
    "scores": "",
    "compute": "storage",
    "audio": "storage",
    "records": "storage scores",
    "training": "scores records audio",
    "corpora": "audio storage compute",
    "features": "corpora audio storage compute",
    "models": "training features corpora audio scores storage",
    "cost": "models training features records compute audio scores storage",
    "execution": f"{BELOW_MODELS} models cost",
    "verification": BELOW_RESULTS,
    "checks": BELOW_RESULTS,
    "deployment": BELOW_RESULTS,
    "speed": BELOW_RESULTS,
    "ranking": "records scores",
    "website": "ranking verification records scores storage",
    "api": f"{BELOW_RESULTS} verification checks deployment speed ranking website",
    "cli": f"{BELOW_RESULTS} verification checks deployment speed ranking website api",
}
MAY_IMPORT = {package: set(others.split()) for package, others in TABLE.items()}
STEPS = 8  # modules in a row inside one package
LIBRARIES = {"numpy", "optuna", "sklearn", "torch"}  # that a baseline may use

DOCUMENT = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
ENGINE = import_graph.sources("benchmark")
LINES = {import_graph.name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in ENGINE}


@pytest.fixture(scope="module")
def graph():
    return import_graph.graph()


def ours(path):
    return {module for module in import_graph.imports(path) if module.split(".")[0] in OURS}


def foreign(folder, allowed):
    """The imports of a folder's files that are ours, and not of what is allowed."""
    return [
        (import_graph.name(path), module)
        for path in import_graph.sources(folder)
        for module in sorted(ours(path))
        if not any(f"{module}.".startswith(f"{prefix}.") for prefix in allowed)
    ]


def test_protocols_import_neither_engine_nor_models():
    assert foreign("protocols", ["protocols"]) == []


def test_the_engine_imports_no_model():
    assert foreign("benchmark", ["benchmark", "protocols"]) == []


def test_baselines_and_examples_import_the_contract_and_nothing_else_of_ours():
    assert foreign("baselines", ["protocols.contract"]) == []
    assert foreign("examples/unheard-example", ["protocols.contract"]) == []
    assert foreign("examples/unheard-example-corpus", ["protocols.corpora", "protocols.errors"]) == []


@pytest.mark.parametrize("path", import_graph.sources("baselines"), ids=import_graph.name)
def test_a_baseline_needs_no_library_but_these(path):
    others = {module.split(".")[0] for module in import_graph.imports(path)} - set(OURS)
    assert others <= LIBRARIES | sys.stdlib_module_names


def test_the_table_names_every_package():
    folders = {
        path.relative_to(ROOT / "benchmark").parts[0] for path in ENGINE if path.parent.name != "benchmark"
    }
    assert folders | {"api"} == TABLE.keys()


def test_the_document_has_the_same_table():
    rows = re.findall(r"^\| `(\w+)` \|.*\|([^|]*)\|$", DOCUMENT, re.MULTILINE)
    assert {package: set(re.findall(r"\w+", others)) for package, others in rows} == MAY_IMPORT


def test_the_document_names_files_that_there_are():
    named = re.findall(r"`((?:benchmark|protocols|tests|site)/[\w./]+|pyproject\.toml)`", DOCUMENT)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_packages_import_only_what_the_table_allows(graph):
    wrong = [
        f"{module} imports {other}"
        for module, others in graph.items()
        for other in sorted(others)
        if (one := import_graph.package(module)) in TABLE
        and (two := import_graph.package(other)) not in {"", one}
        and two not in MAY_IMPORT[one]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_chain_goes_through_more_packages_than_the_tables_longest(graph):
    way, layers = import_graph.deepest_way(graph), import_graph.longest_chain(MAY_IMPORT)
    print(f"{len(way)} of {len(layers)} packages:", " -> ".join(way))
    assert len(way) <= len(layers), " -> ".join(way)


@pytest.mark.parametrize("package", TABLE)
def test_no_long_chain_inside_a_package(graph, package):
    chain = import_graph.longest_chain(import_graph.inside(graph, package))
    print(f"{len(chain)} of {STEPS} modules:", " -> ".join(chain))
    assert len(chain) <= STEPS, " -> ".join(chain)


def test_no_circle(graph):
    """graphlib.CycleError names it."""
    assert import_graph.longest_chain(graph)


def test_the_document_has_the_same_numbers():
    layers, document = import_graph.longest_chain(MAY_IMPORT), " ".join(DOCUMENT.split())
    assert f"at most {len(layers)} packages" in document
    assert f"at most {STEPS} modules" in document


def test_the_version_imports_nothing(graph):
    """All may import it."""
    assert graph["benchmark.version"] == set()


def test_few_modules_stand_outside_the_packages():
    assert len([path for path in ENGINE if path.parent == ROOT / "benchmark"]) <= 10


def test_files_are_short():
    assert statistics.median(LINES.values()) <= 110
    assert {module: lines for module, lines in LINES.items() if lines > 350} == {}


def test_functions_are_short():
    long = [
        f"{import_graph.name(path)}.{node.name}: {lines} lines"
        for folder in OURS
        for path in import_graph.sources(folder)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > 60
    ]
    assert not long, "\n".join(long)


def loaded(code, names):
    """Which of these modules a new process has loaded after this code."""
    code = f"import sys; {code}; print(*sorted({set(names)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_contract_needs_nothing_but_numpy():
    """A plugin's author, and --help, pay for no library that the model does not use."""
    assert loaded("import protocols.contract", {"torch", "optuna", "sklearn"}) == []


@pytest.mark.parametrize("code", ["import benchmark", "import benchmark.cli.main as c; c.parser()"])
def test_what_is_imported_first_imports_nothing_heavy(code):
    heavy = {"torch", "optuna", "sklearn", "scipy", "numpy", "soundfile", "rich", "pandas"}
    assert loaded(code, heavy) == []
