"""`check`: does this model honour the contract?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.checks.judge import Verdict


GOOD, WRONG = 0, 2
MARKS = {"yes": "holds", "no": "BROKEN"}


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("check", help="does this model honour the contract?")
    parser.set_defaults(run=run)
    parser.add_argument("model", metavar="NAME|FILE.py", help="the model")
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 all rules hold, 2 one is broken."""
    import dataclasses

    from benchmark.checks import supervisor
    from benchmark.cli.console import emit_json, people
    from benchmark.compute import sandbox

    people.print(
        f"{args.model}: to check a plugin is to run its author's code: check what you trust.", markup=False
    )
    if lack := sandbox.missing():
        people.print(
            f"{lack}: a process of the plugin's that leaves its process group goes on.", markup=False
        )
    verdicts = []
    for verdict in supervisor.check(args.model):
        verdicts.append(verdict)
        if not args.json and verdict.holds != "not run":
            print(line(verdict), flush=True)
    wrong = [verdict.rule for verdict in verdicts if verdict.broken]
    if args.json:
        rules = [dataclasses.asdict(verdict) for verdict in verdicts]
        emit_json({"model": args.model, "holds": not wrong, "rules": rules})
    else:
        print(_sum(verdicts, wrong))
    return WRONG if wrong else GOOD


def line(verdict: Verdict) -> str:
    """A verdict for people: one line, and four where the rule is broken."""
    first = f"{MARKS[verdict.holds]:8}{verdict.rule}"
    if not verdict.broken:
        return f"{first}: {verdict.note}" if verdict.note else first
    facts = {"expected": verdict.expected, "came": verdict.came, "look at": verdict.look}
    return "\n".join([first, *(f"{'':8}{f'{name}:':10}{words}" for name, words in facts.items())])


def _sum(verdicts: list[Verdict], wrong: list[str]) -> str:
    held = sum(verdict.holds == "yes" for verdict in verdicts)
    left = [verdict.note for verdict in verdicts if verdict.holds == "not run"]
    words = f"{held} of {len(verdicts)} rules hold"
    words += f"; broken: {', '.join(wrong)}" if wrong else ""
    return words + (f"; {len(left)} not judged: {left[0]}" if left else "")
