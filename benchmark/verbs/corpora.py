"""`corpora check|fetch|manifest`: are the corpora there, get them, and describe a new one."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocols.errors import DataError, FetchError, StoreError, UnheardError

if TYPE_CHECKING:
    from protocols.corpora import Corpus

DATA_HELP = "the folder of the corpora, one folder each (default: the environment variable UNHEARD_DATA)"


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("corpora", help="check, fetch or describe corpora")
    parser.set_defaults(run=run)
    verbs = parser.add_subparsers(dest="corpora_verb", metavar="check|fetch|manifest", required=True)
    check = verbs.add_parser("check", help="compare the corpora with their manifests")
    fetch = verbs.add_parser("fetch", help="download the corpora that have a public address")
    manifest = verbs.add_parser("manifest", help="write the manifest of a folder of official files")
    for sub in (check, fetch):
        sub.add_argument("names", nargs="*", metavar="NAME", help="a corpus (default: all)")
    manifest.add_argument("name", metavar="NAME", help="the corpus whose parser reads the names")
    manifest.add_argument("--out", type=Path, required=True, metavar="FILE", help="the CSV to write")
    for sub in (check, fetch, manifest):
        sub.add_argument("--data", metavar="DIR", help=DATA_HELP)
    for sub in (check, manifest):
        sub.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1, metavar="N",
                         help="files that are read at a time (default: one a core)")  # fmt: skip
    for sub in (check, fetch):
        sub.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 complete, 2 something is missing or wrong, 3 fetched what can be, and some cannot."""
    return {"check": _check, "fetch": _fetch, "manifest": _manifest}[args.corpora_verb](args)


def data_folder(given: str | None) -> Path:
    """The folder that --data or UNHEARD_DATA names, or the embedded corpora's where that is "demo"."""
    named = given or os.environ.get("UNHEARD_DATA")
    if not named:
        raise UnheardError("no corpora are named: give --data DIR, or set UNHEARD_DATA.")
    if named == "demo":
        from benchmark import demo

        return demo.ensure()
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder. Check --data or UNHEARD_DATA.")
    return folder


def _check(args: argparse.Namespace) -> int:
    from benchmark.console import emit_json
    from benchmark.findings import show

    folder = data_folder(args.data)
    reports = [_report(corpus, folder, jobs=args.jobs) for corpus in _corpora(args.names)]
    complete = all(report["complete"] for report in reports)
    if args.json:
        emit_json({"data": str(folder), "complete": complete, "corpora": reports})
    else:
        show(reports)
    return 0 if complete else 2


def _fetch(args: argparse.Namespace) -> int:
    from benchmark.console import emit_json, people
    from benchmark.fetch import fetch
    from benchmark.findings import document, show
    from benchmark.progress import bar

    folder = _made(args.data)
    reports: list[dict[str, Any]] = []
    failed: list[str] = []
    by_hand: list[str] = []
    for corpus in _corpora(args.names):
        files = any(source.archive == "file" for source in corpus.sources)
        with bar(f"{corpus.name}: fetching", unit="files" if files else "bytes") as progress:
            try:
                reports.append(document(fetch(corpus, folder / corpus.name, progress=progress)))
            except (FetchError, DataError) as error:  # the other corpora can still be fetched
                (failed if args.names or corpus.sources else by_hand).append(str(error))
    if args.json:
        emit_json({"data": str(folder), "by_hand": by_hand, "corpora": reports, "failed": failed})
    elif reports:
        show(reports)
    for words in failed + by_hand:
        people.print(words, markup=False)
    if failed or not all(report["complete"] for report in reports):
        return 2
    return 3 if by_hand else 0


def _manifest(args: argparse.Namespace) -> int:
    from benchmark.console import people
    from benchmark.inventory import describe
    from benchmark.progress import bar
    from protocols.corpora import write_manifest

    corpus = _corpora([args.name])[0]
    with bar(f"{corpus.name}: reading") as progress:
        clips = describe(corpus, data_folder(args.data) / corpus.name, jobs=args.jobs, progress=progress)
    try:
        write_manifest(clips, args.out)
    except OSError as error:
        raise StoreError(f"{args.out}: cannot be written: {error.strerror}. Check --out.") from error
    people.print(f"{args.out}: {len(clips)} clips of {len({clip.speaker for clip in clips})} speakers")
    return 0


def _corpora(names: list[str]) -> list[Corpus]:
    from protocols import registry
    from protocols.corpora import load

    return [load(name) for name in names or registry.names("corpora")]


def _made(given: str | None) -> Path:
    """Where to fetch to: as `data_folder`, but the last folder of the path is made."""
    named = given or os.environ.get("UNHEARD_DATA")
    if named == "demo":
        raise UnheardError(
            "--data demo is made by the project itself: name a folder to fetch real corpora to."
        )
    folder = Path(named or ".").expanduser()
    if named and not folder.exists() and folder.parent.is_dir():
        try:
            folder.mkdir()
        except OSError as error:
            raise StoreError(f"{folder}: cannot be made: {error.strerror}. Check --data.") from error
    return data_folder(given)


def _report(corpus: Corpus, data: Path, *, jobs: int) -> dict[str, Any]:
    from benchmark.findings import document
    from benchmark.inventory import take
    from benchmark.progress import bar

    try:
        if not (data / corpus.name).is_dir():
            raise DataError(f"{corpus.name}: there is no folder {data / corpus.name}. {corpus.obtain}")
        with bar(f"{corpus.name}: reading") as progress:
            return document(take(corpus, data / corpus.name, jobs=jobs, progress=progress))
    except DataError as error:
        return {"corpus": corpus.name, "complete": False, "problem": str(error)}


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)
