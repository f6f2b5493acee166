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
from benchmark.records import homes, record_files, results_log, robustness, states
from benchmark.records.homes import Homes
from benchmark.records.schema import Record
from benchmark.storage import places
from benchmark.verification import judgement, robustness_checks
from benchmark.website import exports, filters, wording
from benchmark.website import folder as folder_module
from benchmark.website.figures import chart
from benchmark.website.folder import MARK
from benchmark.website.pages import site_map


def build(
    records: Sequence[Record],
    out: Path,
    *,
    known: Catalogue | None = None,
    results: Path | None = None,
    found: Homes | None = None,
) -> Path:
    """Build the site of `records` in the folder `out`, and return its index.html.

    It is built apart, and put into place when it is whole. With `results`, the folder that the records come
    from, or `found`, the several, their files are copied too. UnheardError where `out` holds something else
    than a site.
    """
    known = known or catalogue.read()
    found = found or (homes.one(results, records) if results else None)
    state_of = found.ask(judgement.of) if found else states.unchecked
    boards = leaderboard.build(
        records,
        protocols=known.protocols,
        corpora=known.corpora,
        state_of=state_of,
        robustness_of=found.ask(robustness_checks.of) if found else robustness.unmeasured,
    )
    ordered = sorted(records, key=lambda r: (r.board_name, r.protocol.name, r.model.name, r.seed))
    with folder_module.replacing(out) as folder:
        for file in (places.site_files() / "static").iterdir():
            shutil.copyfile(file, folder / file.name)
        paths = dict(_records(ordered, folder, found))
        templates = _templates(paths)
        sources = site_map.Sources(
            log=[line for one in found.folders for line in results_log.read(one)] if found else (),
            records=ordered,
            known=known,
            predictions_of=found.ask(results_folder.predictions) if found else _no_predictions,
            state_of=state_of,
        )
        for page in site_map.pages(boards, sources):
            root = "../" * page.path.count("/")
            text = templates.get_template(page.template).render(root=root, mark=MARK, **page.context)
            _write(folder / page.path, text.rstrip() + "\n")
        for name, data in exports.tables(boards):
            _write(folder / "data" / name, data)
        shutil.copyfile(catalogue.PUBLISHED, folder / "data" / catalogue.PUBLISHED.name)
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
    records: Sequence[Record], folder: Path, found: Homes | None
) -> Iterator[tuple[int, tuple[str, str]]]:
    """Put the records, their predictions and what lies beside them into the site; each record's identity, and
    the paths of the first two in it."""
    if found is None:
        return
    for number, results in enumerate(found.folders):
        if _plain(results / results_log.NAME):
            (folder / record_files.in_a_site(number)).mkdir(parents=True)
            shutil.copyfile(
                results / results_log.NAME, folder / record_files.in_a_site(number) / results_log.NAME
            )
    for record in records:
        results = found.home[id(record)]
        home = record_files.in_a_site(found.folders.index(results))
        protocol, model = filters.slug(record.protocol.name), filters.slug(record.model.name)
        path = record_files.place(home, record.board_name, protocol, model, record.seed)
        source = record_files.place_of(results, record)
        own = source.read_bytes() if _plain(source) else record_files.encode(record)
        _write(folder / path, own)  # to the byte: a verification is bound to its SHA-256
        predictions, copy = record_files.predictions_place(source), record_files.predictions_place(path)
        there = _plain(predictions)
        if there:
            shutil.copyfile(predictions, folder / copy)
        for beside, copied in zip(*map(record_files.all_beside, (source, folder / path)), strict=True):
            if _plain(beside):
                _write(copied, beside.read_bytes())
        yield id(record), (path.as_posix(), copy.as_posix() if there else "")


# Disk


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _write(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode(errors="replace") if isinstance(data, str) else data)
