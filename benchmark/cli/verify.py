"""`verify`: does every number of these records follow from their predictions, and what is not checked?"""

from __future__ import annotations

import argparse
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import DATA_HELP, add_names, add_results, positive
from protocols.errors import UnheardError

if TYPE_CHECKING:
    from benchmark.verification.against import Changes
    from benchmark.verification.report import Judgement
    from benchmark.verification.rerun import Outcome


GOOD, FAILED, WRONG, PARTIAL = 0, 1, 2, 3


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("verify", help="recompute records from their predictions")
    parser.set_defaults(run=run)
    parser.add_argument(
        "records", nargs="*", type=Path, metavar="RECORD", help="a record or a folder (default: all)"
    )
    add_results(parser)
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")
    parser.add_argument(
        "--against", metavar="REF", help="list what differs from a git ref, whose verifications alone count"
    )
    parser.add_argument("--rerun", action="store_true",
                        help="fit each fold's winner once more, and keep what comes out")  # fmt: skip
    again = parser.add_argument_group("with --rerun")
    again.add_argument("--data", metavar="DIR", help=f"{DATA_HELP}, or `demo`")
    add_names(again, "--model", "FILE.py", "a model that is not installed")
    again.add_argument("--jobs", type=positive, metavar="N", help="worker processes (default: one a core)")
    again.add_argument("--blind", action="store_true",
                       help="once more, in a sandbox without labels (bubblewrap)")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Do it; 0 all hold (stale ones, too), 1 a fold cannot be refitted, 2 one does not hold, 3 not blind."""
    from benchmark import api
    from benchmark.cli import progress_bar
    from benchmark.cli.console import emit_json, people

    if args.against is not None:
        return _review(args)
    bar = progress_bar.bar("computing features", unit="clips") if args.rerun else nullcontext()
    with bar as advance:
        found = api.verify(
            *args.records,
            results=args.results,
            rerun=args.rerun,
            blind=args.blind,
            data=args.data,
            models=args.model,
            jobs=args.jobs,
            listen=_show,
            progress=advance,
            damaged=lambda why: people.print(f"{_printable(why)}; it is computed again", markup=False),
        )
    if args.json:
        emit_json(_document(found))
    else:
        _print([*_lines(found), *_taken(found)])
    if any(one.refit and one.refit.failed for one in found):
        return FAILED
    if not all(one.holds and one.reproduced for one in found):
        return WRONG
    return PARTIAL if any(one.refit and one.refit.not_blind for one in found) else GOOD


def _taken(found: list[Judgement]) -> list[str]:
    """That anybody may have put a verification there."""
    if not any(one.state == "verified" for one in found):
        return []
    return ["Verifications count as they lie there; with --against REF only those that REF has, too."]


def _review(args: argparse.Namespace) -> int:
    """Compare with a git ref; 0 all that is there holds, 2 something does not, or the log was rewritten."""
    from benchmark.cli.console import emit_json
    from benchmark.verification import report

    if args.rerun or args.records:
        raise UnheardError("--against compares the whole folder of --results, and goes without --rerun.")
    found, changes = report.review(args.results, args.against)
    if args.json:
        emit_json({**_document(found), "against": vars(changes)})
    else:
        _print([*_changes(changes, args.against), *_lines(found)])
    return GOOD if changes.log != "rewritten" and all(one.holds for one in found) else WRONG


def _print(lines: list[str]) -> None:
    for line in lines:
        print(_printable(line))


def _changes(changes: Changes, ref: str) -> list[str]:
    """What differs, one file a line."""
    again = ": it is only ever added to; put its earlier lines back" if changes.log == "rewritten" else ""
    listed = [
        *(f"added       {name}" for name in changes.added),
        *(f"changed     {name}: {what}" for name, what in changes.changed.items()),
        *(f"deleted     {name}" for name in changes.deleted),
        *(f"downgraded  {name}: {states}" for name, states in changes.downgraded.items()),
        *(
            f"{how:10}  {name}" + (": it does not count here" if how != "deleted" else "")
            for name, how in changes.verifications.items()
        ),
        *(f"{how:10}  {name}" for name, how in changes.robustness.items()),
        *([f"{changes.log:10}  log.csv{again}"] if changes.log else []),
        *(f"{how:10}  {name}: no record" for name, how in changes.others.items()),
    ]
    return [f"against {ref} ({changes.commit[:12]}):", *(listed or ["nothing has changed"]), ""]


def _show(refit: Outcome) -> None:
    """Show people what came of a refit."""
    from benchmark.cli.console import people

    people.print(_printable(_result(refit)), markup=False)


def _result(refit: Outcome) -> str:
    from benchmark.verification import certificate

    made = refit.verification
    if not made:
        return f"{refit.path}: {refit.why}"
    came = certificate.WORDS[made.verdict]
    if made.blind == "differs" and made.largest == 0:
        came = "the same with all files at hand, and another in a sandbox"
    blind = "" if made.blind == "not tried" else f"; in a sandbox without labels: {made.blind}"
    blind += f"; not tried in a sandbox: {refit.not_blind}" if refit.not_blind else ""
    return (
        f"{refit.path}: refitted: {came}; UAR {100 * made.uar:.2f} %, "
        f"recorded {100 * made.recorded_uar:.2f} %; "
        f"largest difference of a probability {made.largest:g}{blind}; "
        f"kept in {certificate.place(refit.path)}"
    )


def _lines(found: list[Judgement]) -> list[str]:
    """What is wrong, the states, the notes, the counts."""
    wrong = [
        problem if problem.startswith(str(one.path)) else f"{one.path}: {problem}"
        for one in found
        for problem in one.problems
    ]
    notes = [f"{one.path}: {note}" for one in found for note in one.notes]
    return [
        *wrong,
        *(f"{one.state:13}  {one.path}" + _why(one) for one in found),
        *(["notes, for a reviewer to judge:"] if notes else []),
        *notes,
        *_summary(found),
    ]


def _why(one: Judgement) -> str:
    return f": {'; '.join(one.outdated)}" if one.state == "stale" else ""


def _summary(found: list[Judgement]) -> list[str]:
    """How many records are in each state, and what it means: what has been checked, and what has not."""
    from benchmark.records.states import MEANING

    counts = Counter(one.state for one in found)
    there = [state for state in reversed(MEANING) if state in counts]
    width = max(map(len, there), default=0)
    return [
        f"{len(found)} record{'s' * (len(found) != 1)}: "
        + ", ".join(f"{counts[state]} {state}" for state in there),
        *(f"  {state:{width}}  {MEANING[state]}" for state in there),
    ]


def _document(found: list[Judgement]) -> dict[str, Any]:
    records = {str(one.path): _facts(one) for one in found}
    return {"records": records, "states": dict(Counter(one.state for one in found))}


def _facts(one: Judgement) -> dict[str, Any]:
    import msgspec

    facts = {
        "state": one.state,
        "outdated": one.outdated,
        "problems": one.problems,
        "notes": one.notes,
        "verification": msgspec.to_builtins(one.verification),
    }
    if one.refit:
        facts |= {"refitted": one.refit.verification is not None, "why not": one.refit.why}
        facts |= {"why not in a sandbox": one.refit.not_blind}
    return facts


def _printable(line: str) -> str:
    """On one line and without control characters: a stranger's record may hold some that a terminal obeys."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)[:2000]
