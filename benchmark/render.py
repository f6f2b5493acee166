"""Builds the site: pages by Jinja, every table as JSON and CSV, the records. Same records, same bytes."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files as package_files
from pathlib import Path

import jinja2

from benchmark import export, files, judging, leaderboard, places, records, states, wording
from benchmark import results as results_folder
from benchmark.cells import TRACKS
from benchmark.known import Known, Published
from benchmark.pages import all_pages, chart
from benchmark.records import Record
from protocols import corpora, folds, registry
from protocols.errors import StoreError, UnheardError

MARK = '<meta name="generator" content="unheard">'  # in every page: such a folder may be replaced


def build(
    found: Sequence[Record], out: Path, *, known: Known | None = None, results: Path | None = None
) -> Path:
    """Build the site of `found` in the folder `out`, and return its index.html.

    It is built beside `out` and swapped in when it is whole. With `results`, the folder that the records come
    from, their files are copied too. UnheardError where `out` holds something else than a site.
    """
    known = known or everything_known()
    boards = leaderboard.build(found, protocols=known.protocols, corpora=known.corpora)
    ordered = sorted(found, key=lambda r: (r.board, r.protocol.name, r.model.name, r.seed))
    with _replacing(out) as folder:
        shutil.copytree(places.site_files() / "static", folder, dirs_exist_ok=True)
        paths = dict(_records(ordered, folder, results))
        templates = _templates(paths)
        said = results_folder.said(results) if results else _nothing_said
        state = judging.of(results) if results else states.unchecked
        for page in all_pages.pages(boards, ordered, known, said, state):
            root = "../" * page.path.count("/")
            text = templates.get_template(page.template).render(root=root, mark=MARK, **page.context)
            _write(folder / page.path, text.rstrip() + "\n")
        for name, data in export.tables(boards):
            _write(folder / "data" / name, data)
    return out / "index.html"


def everything_known() -> Known:
    """All installed corpora and protocols, and what others have published."""
    return Known(
        protocols={name: folds.load(name) for name in registry.names("protocols")},
        corpora={name: corpora.load(name) for name in registry.names("corpora")},
        published=published(Path(str(package_files("protocols"))) / "published.csv"),
    )


def published(path: Path) -> list[Published]:
    """The rows of protocols/published.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Published(
                source=row["source"],
                year=row["year"],
                model=row["model"],
                corpus=row["corpus"],
                metric=row["metric"],
                percent=float(row["percent"]),
                protocol=row["protocol_as_described"],
                speaker_independent=row["speaker_independent"] == "yes",
                parameters=float(row["params"]) if row["params"] else None,
                note=row["note"],
            )
            for row in csv.DictReader(file)
        ]


def _nothing_said(record: Record) -> None:
    """Without a folder there are no predictions."""


def _templates(paths: Mapping[int, tuple[str, str]]) -> jinja2.Environment:
    """The templates; `paths` are a record's files in the site, by the record's identity."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places.site_files() / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {**wording.FILTERS, "down": chart.down}
    environment.globals |= {"tracks": TRACKS, "record_files": lambda r: paths.get(id(r), ("", ""))}
    return environment


def _records(
    found: Sequence[Record], folder: Path, results: Path | None
) -> Iterator[tuple[int, tuple[str, str]]]:
    """Put the records and their predictions into the site; each record's identity, and both paths in it."""
    if results is None:
        return
    for record in found:
        protocol, model = wording.slug(record.protocol.name), wording.slug(record.model.name)
        path = records.place(Path("data/records"), record.board, protocol, model, record.seed)
        source = records.place(results, record.board, record.protocol.name, record.model.name, record.seed)
        own = source.read_bytes() if _plain(source) else records.encode(record)
        _write(folder / path, own)  # to the byte: a verification is bound to its SHA-256
        predictions, copy = records.predictions_place(source), records.predictions_place(path)
        there = _plain(predictions)
        if there:
            shutil.copyfile(predictions, folder / copy)
        yield id(record), (path.as_posix(), copy.as_posix() if there else "")


# Disk


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _write(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode(errors="replace") if isinstance(data, str) else data)


def refuse_strange(out: Path) -> None:
    """UnheardError where `out` holds something else than a site, which is not to be overwritten."""
    index = out / "index.html"
    if out.exists() and not out.is_dir():
        raise UnheardError(f"{out}: a file, not a folder. Move it, or name another place: `site --out DIR`.")
    if out.is_dir() and any(out.iterdir()) and not (index.is_file() and MARK.encode() in index.read_bytes()):
        raise UnheardError(
            f"{out}: holds files that are not a site. Move them, or name another folder: `site --out DIR`."
        )


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """A new folder that takes the place of the site at `out` when the block ends without an error."""
    refuse_strange(out)
    work = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
        (work / "new").mkdir()
        yield work / "new"
        _swap(work / "new", out, aside=work / "old")
    except OSError as error:
        why = files.CURES.get(error.errno or 0, str(error.strerror)).partition(";")[0]
        raise StoreError(
            f"{out}: the site cannot be written: {why}. Name another folder with --out."
        ) from error
    finally:
        if work:
            shutil.rmtree(work, ignore_errors=True)


def _swap(new: Path, out: Path, *, aside: Path) -> None:
    for attempt in range(10):  # another process may put its own site there in between: the last one stays
        old = aside.with_name(f"{aside.name}-{attempt}")
        with suppress(FileNotFoundError):
            out.rename(old)
        try:
            new.rename(out)
            return
        except OSError:
            if not out.exists() and old.exists():
                old.rename(out)
            if attempt == 9:
                raise
