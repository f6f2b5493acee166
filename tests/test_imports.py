"""The import graph, read from the source: baselines -> protocols <- benchmark."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"baselines", "benchmark", "protocols"}
LIBRARIES = {"numpy", "optuna", "sklearn", "torch"}  # that a baseline may use


def imports(path):
    """Every module that a file imports, wherever in it; relative ones made absolute."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{name.name}" for name in node.names if module in OURS)


def sources(package):
    found = sorted((ROOT / package).rglob("*.py"))
    assert found
    return found


def name(path):
    return path.relative_to(ROOT).as_posix()


def ours(path):
    return {module for module in imports(path) if module.split(".")[0] in OURS}


@pytest.mark.parametrize("path", sources("protocols"), ids=name)
def test_protocols_import_neither_engine_nor_models(path):
    assert {module.split(".")[0] for module in ours(path)} <= {"protocols"}


@pytest.mark.parametrize("path", sources("benchmark"), ids=name)
def test_the_engine_imports_no_model(path):
    assert {module.split(".")[0] for module in ours(path)} <= {"benchmark", "protocols"}


@pytest.mark.parametrize("path", sources("baselines"), ids=name)
def test_a_baseline_imports_the_contract_and_nothing_else_of_ours(path):
    assert ours(path) <= {"protocols.contract"}
    others = {module.split(".")[0] for module in imports(path)} - OURS
    assert others <= LIBRARIES | sys.stdlib_module_names


def test_the_contract_needs_nothing_but_numpy():
    """A plugin's author, and --help, pay for no library that the model does not use."""
    code = "import sys, protocols.contract; print(*sorted({'torch', 'optuna', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_command_line_imports_nothing_heavy():
    heavy = "{'torch', 'optuna', 'sklearn', 'scipy', 'numpy', 'soundfile', 'rich'}"
    code = f"import sys, benchmark.cli as c; c.parser(); print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
