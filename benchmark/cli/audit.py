"""`audit`: prove that no protocol leaks, and say what else could help a model that does not listen."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import DATA_HELP

if TYPE_CHECKING:
    from benchmark.verification.leakage import Audit


CLEAN, LEAKY, PARTIAL = 0, 2, 3


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("audit", help="look for leaks in the splits")
    parser.set_defaults(run=run)
    parser.add_argument(
        "protocols", nargs="*", metavar="PROTOCOL", help="a name or a split file (default: all)"
    )
    parser.add_argument("--data", metavar="DIR", help=f"{DATA_HELP}; without it, the official files' hashes")
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 clean, 2 something leaks, 3 a copy lacks too much for a protocol that was not named."""
    from dataclasses import asdict

    from benchmark.cli.console import emit_json, people
    from benchmark.corpora import data_folder
    from protocols import folds, registry
    from protocols.errors import FoldError

    names = args.protocols or registry.names("protocols")
    loaded = [folds.load(Path(name) if name.endswith(".toml") else name) for name in names]
    data = data_folder.found(args.data) if data_folder.named(args.data) else None
    audits, partial = [], False
    for protocol in loaded:
        try:
            audits.append(_audit(protocol, data))
        except FoldError as error:
            if args.protocols:
                raise
            people.print(f"not audited: {error}", markup=False)
            partial = True
    if args.json:
        emit_json([asdict(audit) for audit in audits])
    else:
        _print(audits)
    if any(audit.leaks for audit in audits):
        return LEAKY
    return PARTIAL if partial else CLEAN


def _audit(protocol: Any, data: Path | None) -> Audit:
    from benchmark.compute import machine
    from benchmark.corpora import inventory
    from benchmark.verification import leakage
    from protocols import folds

    whole = folds.population(protocol)
    clips, content = list(whole.rows), {clip.clip: clip.sha256 for clip in whole.rows}
    for corpus in whole.corpora:
        if data and (data / corpus.name).is_dir():
            copy = inventory.take(corpus, data / corpus.name, jobs=machine.cores())
            own = {clip: whole.own_name(clip) for clip in clips if clip.corpus == corpus.name}
            clips = [clip for clip in clips if clip not in own or own[clip] in copy.files]
            content |= {
                clip.clip: "" if clip.copy else copy.sounds.get(name, "") for clip, name in own.items()
            }
    return leakage.audit(protocol, whole, clips, content)


def _print(audits: list[Audit]) -> None:
    from rich.table import Column

    from benchmark.cli.console import Output
    from benchmark.cli.table import table

    console = Output()
    rows = [
        (
            audit.protocol,
            len(audit.folds),
            audit.clips,
            len(audit.leaks),
            f"{100 * audit.text_only:.1f} %",
            f"{100 * audit.chance:.1f} %",
            "; ".join(audit.flags),
        )
        for audit in audits
    ]
    columns = (Column("protocol", no_wrap=True), "folds", "clips", "leaks", "text only", "chance", "flags")
    console.print(table(columns, rows))
    console.print(_overlaps(audits))
    designs = [f"{audit.protocol} leaks by design: {audit.by_design}" for audit in audits if audit.by_design]
    for line in [*(leak for audit in audits for leak in audit.leaks), *designs]:
        console.print(line, markup=False)


def _overlaps(audits: list[Audit]) -> Any:
    """Test speakers that are in other parts too, and the share of test clips of which something is."""
    from rich.table import Column

    from benchmark.cli.table import table

    rows = [
        (
            audit.protocol,
            f"{audit.overlap.shared_speakers} of {audit.overlap.speakers}",
            *(f"{100 * getattr(audit.overlap, what):.1f} %" for what in ("speaker", "text", "audio", "twin")),
        )
        for audit in audits
    ]
    columns = (Column("protocol", no_wrap=True), "speakers", "speaker", "text", "audio", "twin")
    return table(columns, rows, title="What of the test clips is in training or validation too")
