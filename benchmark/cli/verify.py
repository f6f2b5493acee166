"""`verify`: are these records what they say?"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import DATA_HELP, add_results, data_folder, positive
from protocols.errors import RecordError, UnheardError

if TYPE_CHECKING:
    from benchmark.verification.judgement import Judged
    from benchmark.verification.rerun import Outcome


GOOD, FAILED, WRONG = 0, 1, 2


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("verify", help="recompute records from their predictions")
    parser.set_defaults(run=run)
    parser.add_argument(
        "records", nargs="*", type=Path, metavar="RECORD", help="a record or a folder (default: all)"
    )
    add_results(parser)
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")
    parser.add_argument("--rerun", action="store_true",
                        help="fit each fold's winner once more, and keep what comes out")  # fmt: skip
    again = parser.add_argument_group("with --rerun")
    again.add_argument("--data", metavar="DIR", help=f"{DATA_HELP}, or `demo`")
    again.add_argument("--model", action="append", default=[], metavar="FILE.py",
                       help="a model that is not installed")  # fmt: skip
    again.add_argument("--jobs", type=positive, metavar="N", help="worker processes (default: one a core)")
    again.add_argument("--blind", action="store_true",
                       help="once more, with random names and labels of the test clips")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Do it; 0 all hold, 1 a fold could not be refitted, 2 one does not hold."""
    from benchmark.cli.console import emit_json
    from benchmark.verification import judgement

    if args.blind and not args.rerun:
        raise UnheardError("--blind goes with --rerun.")
    paths = [path for named in args.records or [args.results] for path in _records(named)]
    outcomes = _rerun(args, paths) if args.rerun else {}
    found = [judgement.judge(path) for path in paths]
    notes = judgement.notes(found)
    if args.json:
        emit_json(_document(found, notes, outcomes))
    else:
        for line in _lines(found, notes):
            print(_printable(line))
    if any(outcome.failed for outcome in outcomes.values()):
        return FAILED
    again = all(one.verification and one.verification.verdict != "differs" for one in outcomes.values())
    return GOOD if again and not any(one.problems for one in found) else WRONG


def _records(named: Path) -> list[Path]:
    """All records of a folder; of links among them, which are never followed, each by itself."""
    if named.is_file() or named.is_symlink():
        return [named]
    below = sorted(named.rglob("*")) if named.is_dir() else []
    found = [
        path
        for path in below
        if path.is_symlink() or (path.match("seed-*.json") and not path.match("verifications/*/*/*/*"))
    ]
    if not found:
        raise RecordError(
            f"{named}: holds no records. Name a seed-<n>.json, or a results folder with --results."
        )
    return found


def _rerun(args: argparse.Namespace, paths: list[Path]) -> dict[Path, Outcome]:
    """Refit all of these; what came out is kept beside the records."""
    from benchmark.cli import progress
    from benchmark.cli.console import people
    from benchmark.compute import machine
    from benchmark.storage import files
    from benchmark.verification import certificate, rerun

    done = {}
    size = args.jobs or machine.cores()
    with progress.bar("computing features", unit="clips") as tell:
        for outcome in rerun.run(paths, data_folder(args.data), jobs=size, blindly=args.blind,
                                 references=args.model, progress=tell):  # fmt: skip
            done[outcome.path] = outcome
            if outcome.verification:
                place = certificate.place(outcome.path)
                files.write(place, certificate.encode(outcome.verification))
            people.print(_printable(_came_out(outcome)), markup=False)
    return done


def _came_out(outcome: Outcome) -> str:
    from benchmark.verification import certificate

    made = outcome.verification
    if not made:
        return f"{outcome.path}: {outcome.why}"
    blind = "" if made.blind == "not tried" else f"; with disguised test clips: {made.blind}"
    return (
        f"{outcome.path}: refitted: {certificate.WORDS[made.verdict]}; UAR {100 * made.uar:.2f} %, "
        f"recorded {100 * made.recorded_uar:.2f} %; "
        f"largest difference of a probability {made.largest:g}{blind}; "
        f"kept in {certificate.place(outcome.path)}"
    )


def _lines(found: list[Judged], notes: dict[Path, list[str]]) -> list[str]:
    """What is wrong, the states, the notes, the counts."""
    wrong = [
        problem if problem.startswith(str(one.path)) else f"{one.path}: {problem}"
        for one in found
        for problem in one.problems
    ]
    told = [f"{path}: {note}" for path, of_path in notes.items() for note in of_path]
    counts = Counter(one.state for one in found)
    good = sum(not one.problems for one in found)
    return [
        *wrong,
        *(f"{one.state:13}  {one.path}" for one in found),
        *(["notes, for a reviewer to judge:"] if told else []),
        *told,
        f"{good} of {len(found)} records hold: "
        + ", ".join(f"{count} {state}" for state, count in sorted(counts.items())),
    ]


def _document(
    found: list[Judged], notes: dict[Path, list[str]], outcomes: dict[Path, Outcome]
) -> dict[str, Any]:
    import msgspec

    told = {
        str(one.path): {
            "state": one.state,
            "problems": one.problems,
            "notes": notes.get(one.path, []),
            "verification": msgspec.to_builtins(one.verification),
        }
        for one in found
    }
    for path, outcome in outcomes.items():
        told[str(path)]["refitted"] = outcome.verification is not None
        told[str(path)]["why not"] = outcome.why
    return {"records": told, "states": dict(Counter(one.state for one in found))}


def _printable(line: str) -> str:
    """On one line and without control characters: a stranger's words may hold what a terminal obeys."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)[:2000]
