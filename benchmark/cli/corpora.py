"""`corpora check|fetch|manifest|synthesise`: are they there, get them, describe a new one, make some up."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import DATA_HELP, positive
from benchmark.storage import files
from protocols.errors import DataError, FetchError, UnheardError

if TYPE_CHECKING:
    from protocols.corpora import Corpus


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("corpora", help="check, fetch or describe corpora")
    parser.set_defaults(run=run)
    verbs = parser.add_subparsers(dest="corpora_verb", metavar="VERB", required=True)
    check = verbs.add_parser("check", help="compare the corpora with their manifests")
    fetch = verbs.add_parser("fetch", help="download the corpora that have a public address")
    manifest = verbs.add_parser("manifest", help="write the manifest of a folder of official files")
    synthesise = verbs.add_parser("synthesise", help="write the embedded corpora, made by this project")
    synthesise.add_argument("--full", action="store_true", help="every clip of the manifests, for load tests")
    for sub in (check, fetch, synthesise):
        sub.add_argument("names", nargs="*", metavar="NAME", help="a corpus (default: all)")
    manifest.add_argument("name", metavar="NAME", help="the corpus whose parser reads the names")
    manifest.add_argument("--out", type=Path, required=True, metavar="FILE", help="the CSV to write")
    for sub in (check, fetch, manifest, synthesise):
        sub.add_argument("--data", metavar="DIR", help=DATA_HELP)
    for sub in (check, manifest):
        sub.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N",
                         help="files that are read at a time (default: one a core)")  # fmt: skip
    for sub in (check, fetch):
        sub.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 complete, 2 something is missing or wrong, 3 fetched what can be, and some cannot."""
    verbs = {"check": _check, "fetch": _fetch, "manifest": _manifest, "synthesise": _synthesise}
    return verbs[args.corpora_verb](args)


def _check(args: argparse.Namespace) -> int:
    from benchmark.cli.console import emit_json
    from benchmark.cli.corpora_table import show
    from benchmark.cli.progress_bar import bar
    from benchmark.corpora import data_folder, report

    folder = data_folder.found(args.data)
    reports = []
    for corpus in _corpora(args.names):
        with bar(f"{corpus.name}: reading") as progress:
            reports.append(report.of(corpus, folder, jobs=args.jobs, progress=progress))
    complete = all(found["complete"] for found in reports)
    if args.json:
        emit_json({"data": str(folder), "complete": complete, "corpora": reports})
    else:
        show(reports)
    return 0 if complete else 2


def _fetch(args: argparse.Namespace) -> int:
    from benchmark.cli.console import emit_json, people
    from benchmark.cli.corpora_table import show
    from benchmark.cli.progress_bar import bar
    from benchmark.corpora import data_folder
    from benchmark.corpora.fetch import fetch
    from benchmark.corpora.report import document

    folder = data_folder.made(args.data)
    reports: list[dict[str, Any]] = []
    failed: list[str] = []
    by_hand: list[str] = []
    for corpus in _corpora(args.names):
        by_file = any(source.archive == "file" for source in corpus.sources)
        with bar(f"{corpus.name}: fetching", unit="files" if by_file else "bytes") as progress:
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
    from benchmark.cli.console import people
    from benchmark.cli.progress_bar import bar
    from benchmark.corpora import data_folder
    from benchmark.corpora.manifest import describe
    from protocols.corpora import write_manifest

    corpus, out = _corpora([args.name])[0], Path(os.path.realpath(args.out))
    if out.exists() and not out.is_file():
        raise UnheardError(f"{args.out}: not a file's name. Name a file with --out.")
    with bar(f"{corpus.name}: reading") as progress:
        folder = data_folder.found(args.data) / corpus.name
        clips = describe(corpus, folder, jobs=args.jobs, progress=progress)
    try:
        with files.beside(out) as work:  # a manifest that is there stays until the new one is whole
            write_manifest(clips, work / out.name)
            (work / out.name).replace(out)
    except OSError as error:
        raise files.unwritable(args.out, error, instead="Check --out") from error
    people.print(f"{args.out}: {len(clips)} clips of {len({clip.speaker for clip in clips})} speakers")
    return 0


def _synthesise(args: argparse.Namespace) -> int:
    from benchmark.cli.console import people
    from benchmark.corpora import data_folder, embedded

    folder, names = data_folder.made(args.data), [corpus.name for corpus in _corpora(args.names)]
    there = [name for name in names if (folder / name).exists()]
    embedded.write(folder, corpora=names, full=args.full)
    for name in names:
        what = "was there, and is left alone" if name in there else "a synthetic corpus"
        people.print(f"{folder / name}: {what}", markup=False)
    return 0


def _corpora(names: list[str]) -> list[Corpus]:
    from protocols import registry
    from protocols.corpora import load

    return [load(name) for name in names or registry.names("corpora")]
