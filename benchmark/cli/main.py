"""The command line: one verb a file; exit code 2 for what is wrong with a request."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmark.cli import (
    audit,
    cache,
    check,
    compare,
    corpora,
    cost,
    export,
    figure,
    listing,
    new_model,
    offload,
    predict,
    run,
    site,
    speed,
    verify,
    worker,
)
from benchmark.version import __version__
from protocols.errors import UnheardError

WRONG, INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's); returns the exit code."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal cannot show, e.g. a file's name
    args = parser().parse_args(argv)
    try:
        return _carry_out(args)
    except UnheardError as error:
        print(f"error: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has read enough
        sys.stderr.close()
        return 0
    except OSError as error:  # that no verb foresaw: a name too long, a folder that may not be read
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}", file=sys.stderr)
        return WRONG


def _open_streams() -> None:
    """A stream that the shell has closed (`>&-`) is None, and the next file gets its number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def _carry_out(args: argparse.Namespace) -> int:
    if not getattr(args, "json", False):
        return int(args.run(args))
    from benchmark.cli.console import documents_alone

    with documents_alone():
        return int(args.run(args))


# Verbs by who needs them first, in the order in which they are met.
GROUPS = {
    "run the benchmark and read its results (researchers)": (run, listing, corpora, compare, figure, site),
    "use a model (engineers)": (predict, export, cost),
    "write a model (authors)": (new_model, check),
    "judge records and splits (maintainers)": (verify, audit),
    "make room, and use other machines": (cache, worker, offload, speed),
}


@dataclass(frozen=True)
class _Grouped:
    """Takes verbs' parsers as argparse does, and lists them itself: argparse's list has no headings."""

    verbs: Any
    lines: list[str] = field(default_factory=list)

    def add_parser(self, name: str, *, help: str, **more: Any) -> argparse.ArgumentParser:  # noqa: A002
        self.lines.append(f"  {name:<11} {help}")
        made: argparse.ArgumentParser = self.verbs.add_parser(name, **{"description": help, **more})
        return made


def parser() -> argparse.ArgumentParser:
    """The whole command line's parser."""
    top = argparse.ArgumentParser(
        prog="python -m benchmark",
        description="A reproducible benchmark of speech emotion recognition, on unheard voices.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"unheard {__version__}")
    verbs = _Grouped(
        top.add_subparsers(dest="verb", metavar="VERB", required=True, help="one of those below")
    )
    for purpose, group in GROUPS.items():
        verbs.lines.append(f"\nto {purpose}:")
        for verb in group:
            verb.add(verbs)
    top.epilog = "\n".join(verbs.lines).lstrip() + "\n\nVERB --help says what a verb takes."
    return top
