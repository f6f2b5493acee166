"""`list`: the suites, protocols, models and corpora that there are."""

from __future__ import annotations

import argparse
from typing import Any

# What the table leaves to --json, or to the lines below it.
LONG: dict[str, tuple[str, ...]] = {
    "suites": (),
    "protocols": ("leaks", "rule", "digest"),
    "models": ("summary", "package", "variants", "missing"),
    "corpora": (),
}


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("list", help="list suites, protocols, models or corpora")
    parser.set_defaults(run=run)
    parser.add_argument("what", choices=("suites", "protocols", "models", "corpora"))
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from rich.table import Column

    from benchmark.cli.console import Output, emit_json
    from benchmark.cli.table import table

    rows = {"suites": _suites, "protocols": _protocols, "models": _models, "corpora": _corpora}[args.what]()
    if args.json:
        emit_json(rows)
        return 0
    shown = [name for name in rows[0] if name not in LONG[args.what]]
    columns = [Column(name, no_wrap=name == "name") for name in shown]
    console = Output()
    console.print(table(columns, ([_cell(row[name]) for name in shown] for row in rows)))
    for row in rows:
        if row.get("variants"):
            named = ", ".join(f"{row['name']}~{variant}" for variant in row["variants"])
            console.print(f"variants: {named}", markup=False, highlight=False)
        if row.get("missing"):
            console.print(f"{row['name']}: not usable here: {row['missing']}", markup=False, highlight=False)
        if row.get("rule"):
            how = "" if row["leaks"] == "no" else f" It leaks: {row['leaks']}."
            console.print(f"{row['name']}: {row['rule']}{how}", markup=False, highlight=False)
    return 0


def _cell(value: Any) -> str:
    """A value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) else str(value)


def _suites() -> list[dict[str, Any]]:
    from benchmark.execution.suites import SUITES

    return [
        {"name": suite.name, "summary": suite.summary, "protocols": list(suite.protocols)}
        for suite in SUITES.values()
    ]


def _protocols() -> list[dict[str, Any]]:
    from protocols import folds, registry

    found = (folds.load(name) for name in registry.names("protocols"))
    return [
        {
            "name": protocol.name,
            "version": protocol.version,
            "corpora": list(protocol.corpora),
            "apart": list(protocol.apart),
            "folds": len(protocol.folds),
            "ranks": protocol.ranks,
            "leaks": protocol.leaks or "no",
            "rule": protocol.rule,
            "digest": protocol.digest[:12],
        }
        for protocol in found
    ]


def _models() -> list[dict[str, Any]]:
    from benchmark.models import installation

    good, bad = installation.models()
    rows = [
        {
            "name": plugin.info.name,
            "version": plugin.info.version,
            "title": plugin.info.title,
            "summary": plugin.info.summary,
            "package": plugin.package,
            "variants": list(plugin.variants),
            "runs here": "no" if plugin.missing else "yes",
            "missing": plugin.missing,
        }
        for plugin in good
    ]
    return sorted([*rows, *(_refused(name, why) for name, why in bad.items())], key=lambda row: row["name"])


def _refused(name: str, why: str) -> dict[str, Any]:
    """The row of a model that cannot be loaded."""
    from protocols import registry

    unknown = dict.fromkeys(("version", "title", "summary"), "")
    package = registry.package(registry.entries("models")[name])
    return {"name": name, **unknown, "package": package, "variants": [], "runs here": "no", "missing": why}


def _corpora() -> list[dict[str, Any]]:
    from protocols import corpora, registry

    return [
        {
            "name": corpus.name,
            "title": corpus.title,
            "language": corpus.language,
            "clips": len(corpus.manifest),
            "speakers": len(corpus.speakers),
            "labels": list(corpus.labels),
            "licence": corpus.licence,
        }
        for corpus in map(corpora.load, registry.names("corpora"))
    ]
