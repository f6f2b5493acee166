"""Builds the site: pages by Jinja, every table as JSON and CSV, the records. Same records, same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import jinja2

from benchmark.ranking import catalogue, leaderboard
from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.cells import TRACKS
from benchmark.records import folder as results_folder
from benchmark.records import record_files, results_log, states
from benchmark.records.schema import Record
from benchmark.storage import places
from benchmark.verification import certificate, judgement
from benchmark.website import exports, filters, wording
from benchmark.website import folder as folder_module
from benchmark.website.figures import chart
from benchmark.website.folder import MARK
from benchmark.website.pages import site_map


def build(
    found: Sequence[Record], out: Path, *, known: Catalogue | None = None, results: Path | None = None
) -> Path:
    """Build the site of `found` in the folder `out`, and return its index.html.

    It is built apart, and put into place when it is whole. With `results`, the folder that the records come
    from, their files are copied too. UnheardError where `out` holds something else than a site.
    """
    known = known or catalogue.read()
    state_of = judgement.of(results) if results else states.unchecked
    boards = leaderboard.build(found, protocols=known.protocols, corpora=known.corpora, state_of=state_of)
    ordered = sorted(found, key=lambda r: (r.board, r.protocol.name, r.model.name, r.seed))
    with folder_module.replacing(out) as folder:
        for file in (places.site_files() / "static").iterdir():
            shutil.copyfile(file, folder / file.name)
        paths = dict(_records(ordered, folder, results))
        templates = _templates(paths)
        sources = site_map.Sources(
            log=results_log.read(results) if results else (),
            records=ordered,
            known=known,
            predictions_of=results_folder.predictions(results) if results else _no_predictions,
            state_of=state_of,
        )
        for page in site_map.pages(boards, sources):
            root = "../" * page.path.count("/")
            text = templates.get_template(page.template).render(root=root, mark=MARK, **page.context)
            _write(folder / page.path, text.rstrip() + "\n")
        for name, data in exports.tables(boards):
            _write(folder / "data" / name, data)
    return out / "index.html"


def _no_predictions(record: Record) -> None:
    """Without a folder there are none."""


def _templates(paths: Mapping[int, tuple[str, str]]) -> jinja2.Environment:
    """The templates; `paths` are a record's files in the site, by the record's identity."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places.site_files() / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}  # a board of 500 models is long
    environment.filters |= {**filters.FILTERS, **wording.FILTERS, **chart.FILTERS}
    environment.globals |= {"tracks": TRACKS, "record_files": lambda r: paths.get(id(r), ("", ""))}
    return environment


def _records(
    found: Sequence[Record], folder: Path, results: Path | None
) -> Iterator[tuple[int, tuple[str, str]]]:
    """Put the records, their predictions and verifications into the site; each record's identity, and the
    paths of the first two in it."""
    if results is None:
        return
    if _plain(results / results_log.NAME):
        (folder / record_files.IN_A_SITE).mkdir(parents=True)
        shutil.copyfile(results / results_log.NAME, folder / record_files.IN_A_SITE / results_log.NAME)
    for record in found:
        protocol, model = filters.slug(record.protocol.name), filters.slug(record.model.name)
        path = record_files.place(record_files.IN_A_SITE, record.board, protocol, model, record.seed)
        source = record_files.place(
            results, record.board, record.protocol.name, record.model.name, record.seed
        )
        own = source.read_bytes() if _plain(source) else record_files.encode(record)
        _write(folder / path, own)  # to the byte: a verification is bound to its SHA-256
        predictions, copy = record_files.predictions_place(source), record_files.predictions_place(path)
        there = _plain(predictions)
        if there:
            shutil.copyfile(predictions, folder / copy)
        if _plain(verification := certificate.place(source)):
            _write(certificate.place(folder / path), verification.read_bytes())
        yield id(record), (path.as_posix(), copy.as_posix() if there else "")


# Disk


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _write(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode(errors="replace") if isinstance(data, str) else data)
