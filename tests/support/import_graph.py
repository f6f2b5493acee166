"""Which of our modules imports which, read from the source: imports inside functions count too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("baselines", "benchmark", "protocols")
OUTSIDE = ("", "__main__", "version")  # modules of benchmark/ that are in none of its packages

Graph = Mapping[str, set[str]]


def sources(folder: str) -> list[Path]:
    """The Python files of a folder of the checkout."""
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"{folder} holds no Python file"
    return found


def name(path: Path) -> str:
    """The dotted name of the module in a file of the checkout."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Every name that a file imports, wherever in it, made absolute: "torch", "benchmark.cost.count"."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def graph() -> dict[str, set[str]]:
    """Module -> those of our modules that it imports, but for `benchmark` itself.

    Whoever imports a module of it imports that too, and it loads the rest only when it is asked for.
    """
    paths = {name(path): path for folder in OURS for path in sources(folder)}

    def module(imported: str) -> str:
        """The module that it is, or that it is a name of."""
        return imported if imported in paths else imported.rpartition(".")[0]

    return {
        one: {module(found) for found in imports(path)} & paths.keys() - {one, "benchmark"}
        for one, path in paths.items()
    }


def package(module: str) -> str:
    """benchmark.cli.run -> "cli", benchmark.api -> "api", and "" for what is in no package of the engine."""
    top, _, rest = module.partition(".")
    return rest.split(".")[0] if top == "benchmark" and rest not in OUTSIDE else ""


def inside(graph: Graph, one: str) -> Graph:
    """The part of the graph that is inside one package."""
    modules = {module for module in graph if package(module) == one}
    return {module: graph[module] & modules for module in modules}


def longest_chain(graph: Graph) -> list[str]:
    """The longest chain of imports, from the importer down; graphlib.CycleError names a circle."""
    chains: dict[str, list[str]] = {}
    for node in TopologicalSorter(graph).static_order():
        below = max((chains[other] for other in sorted(graph.get(node, ()))), key=len, default=[])
        chains[node] = [node, *below]
    return max(chains.values(), key=len, default=[])


def deepest_way(graph: Graph) -> list[str]:
    """The packages that a chain of imports from module to module goes through, where they are the most."""
    ways: dict[str, list[str]] = {}
    for node in TopologicalSorter(graph).static_order():
        here = package(node)
        below = [ways[other] for other in sorted(graph.get(node, ()))]
        ways[node] = max(
            (way if here in ("", *way[:1]) else [here, *way] for way in [[], *below]),
            key=len,
        )
    return max(ways.values(), key=len, default=[])
