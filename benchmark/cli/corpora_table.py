"""What an inventory found, as a table for people."""

from __future__ import annotations

from typing import Any

from benchmark.cli.console import people
from benchmark.cli.table import table
from benchmark.corpora.oddities import LONGEST, SHORTEST

NAMED = 5  # files of a kind that are named to a person; --json names all


def show(reports: list[dict[str, Any]]) -> None:
    """Print documents for people: a table, and below it what is wrong, where the names have room."""
    people.print(table(("corpus", "kind", "clips", "official", "missing", "state"), map(_row, reports)))
    for report in reports:
        for line in [report["problem"]] if "problem" in report else _findings(report):
            people.print(line, markup=False)


def _row(report: dict[str, Any]) -> tuple[Any, ...]:
    if "problem" in report:
        return report["corpus"], *"----", "not usable"
    clips = f"{report['usable']} of {report['expected']}"
    state = "complete" if report["complete"] else "not complete"
    return report["corpus"], report["kind"], clips, report["official"], len(report["missing"]), state


def _findings(report: dict[str, Any]) -> list[str]:
    """One line for each thing that is not as it should be, naming the first few files."""
    equal = {kind: [" = ".join(group) for group in report[kind]] for kind in ("identical", "copies")}
    kinds = (
        ("missing", report["missing"]),
        ("a name that no clip has", report["unknown"]),
        ("more than the manifest has, not used", report["extra"]),
        ("unreadable", [f"{path} {why}" for path, why in report["unreadable"].items()]),
        ("Git LFS pointers, not audio (run `git lfs pull`)", report["pointers"]),
        ("the same audio, labelled differently", equal["identical"]),
        ("the same audio, at another level or encoded anew", equal["copies"]),
        ("silent", report["silent"]),
        (f"shorter than {SHORTEST} s", report["short"]),
        (f"longer than {LONGEST:.0f} s", report["long"]),
    )
    name = report["corpus"]
    return [f"{name}: {len(all_)} {words}: {_first(all_)}" for words, all_ in kinds if all_]


def _first(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more (--json names all)" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
