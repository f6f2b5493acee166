"""The public Python surface: `run`, `verify`, `compare`, `predict`, `fold_models`, `leaderboard`, `read`.

All seven come with `import benchmark`. They do what the verbs of the command line do, and give values instead
of printing. What is wrong with a request or its input raises `protocols.errors.UnheardError`, whose message
says what, which, and what to do.

On the embedded corpora, which are synthetic and small:

    >>> import benchmark, tempfile
    >>> results = tempfile.mkdtemp()
    >>> done = benchmark.run(data="demo", corpora="savee", models=["prior", "nearest-mean"], folds=[0],
    ...                      device="cpu", jobs=1, results=results, final=True)
    >>> done.exit_code, [path.parent.name for path in done.records]
    (0, ['prior', 'nearest-mean'])

What is on the board, as values and as pandas frames (extra `pandas`):

    >>> [(kind, sorted(board.tables)) for kind, board in benchmark.leaderboard(results).items()]
    [('synthetic', ['savee-loso'])]
    >>> records, predictions = benchmark.read(results)
    >>> records[["model", "trials", "uar"]].round(3).values.tolist()
    [['nearest-mean', 1, 0.524], ['prior', 1, 0.143]]
    >>> predictions.groupby("model").clip.count().to_dict()
    {'nearest-mean': 21, 'prior': 21}

Two models side by side, and whether the records hold what they say:

    >>> benchmark.compare("nearest-mean", "prior", results=results).board
    'synthetic'
    >>> [judgement.state for judgement in benchmark.verify(results=results)]
    ['recomputed', 'recomputed']

Emotions in any audio file, by the model that `final` has kept:

    >>> from benchmark.corpora import embedded
    >>> clip = next(embedded.ensure().glob("savee/**/*.wav"))
    >>> [prediction] = benchmark.predict("nearest-mean", [clip], corpus="savee")
    >>> prediction.label in prediction.probabilities
    True

Fits run in worker processes. A script (not a notebook) that calls `run` or `verify(rerun=True)` must do so
below `if __name__ == "__main__":`, since each worker imports the script.
"""

# Each function imports what it needs, so that asking for one of them does not load all of the engine.

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from os import PathLike, fsencode
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from protocols.errors import UnheardError

if TYPE_CHECKING:
    from benchmark.corpora.file_index import Progress
    from benchmark.execution.events import Listen, Outcome
    from benchmark.execution.fold_models import FoldModel
    from benchmark.execution.prediction import Prediction
    from benchmark.execution.request import Request
    from benchmark.execution.time_course import Windows
    from benchmark.ranking.comparison import Comparison
    from benchmark.ranking.leaderboard import Board, Kind
    from benchmark.records.frames import Frames
    from benchmark.verification.report import Judgement
    from benchmark.verification.rerun import Outcome as Refit

Name = str | PathLike[str]
Names = Name | Iterable[Name]  # one, or several
Site = Name | Literal[True] | None  # its folder, True: `_site` beside the results, None: no site


def run(
    suite: str = "all",
    *,
    data: Name | None = None,
    models: Names = (),
    corpora: Names = (),
    protocols: Names = (),
    folds: Sequence[int] = (),
    seeds: int | None = None,
    trials: int | None = None,
    epochs: int | None = None,
    minutes: int | None = None,
    device: str = "auto",
    numerics: str = "fp32",
    jobs: int | None = None,
    per_gpu: int | None = None,
    cluster: str = "",
    results: Name | None = None,
    allow_missing: bool = False,
    force: bool = False,
    final: bool = False,
    keep_models: bool = False,
    dry_run: bool = False,
    site: Site = None,
    listen: Listen | None = None,
) -> Outcome:
    """Train, tune and test models on fixed folds; every finished fold is kept, and nothing is done twice.

    suite: one of `list suites`. data: the corpora's folder or "demo"; None: UNHEARD_DATA, without it "demo".
    models: names or files; none: the suite's. corpora: only these. protocols: these instead of the suite's.
    folds: only these outer folds, counted from 0; epochs: at most so many a fit; then records do not rank.
    seeds, trials: a model's seeds and a search's trials; None: 3 and 20, 1 and 1 on the embedded corpora.
    device: "auto", "cpu", or PyTorch's name, as "cuda:1". numerics: of networks, "fp32", "tf32" or "bf16".
    results: the folder of the records; None: ./results for a full run on real corpora, else ./_runs.
    allow_missing: go on without corpora or clips that are not there. force: replace other settings' records.
    final: also keep each model fitted on all speakers, for `predict`. keep_models: the folds', `fold_models`.
    dry_run: compute nothing; `listen` is given what would be done. site: its folder, True: beside results.
    per_gpu: workers a GPU, each of which sees it alone. cluster: a Dask scheduler's address, or "local:N".
    jobs: worker processes; None: one a core. minutes: it ends after so long, and the next call goes on.
    listen: is given each of `benchmark.execution.events`.

    Returns an `Outcome`: records, failed jobs with the reasons, what was missing, the exit code, the site.
    """
    from benchmark.compute import machine
    from benchmark.corpora import data_folder
    from benchmark.execution.request import Request

    _refuse_none(seeds=seeds, trials=trials, epochs=epochs, minutes=minutes, jobs=jobs, per_gpu=per_gpu)
    request = Request(
        suite=suite, models=_texts(models), corpora=_texts(corpora), protocols=_texts(protocols), folds=folds,
        seeds=seeds, trials=trials, epochs=epochs, minutes=minutes, device=device, numerics=numerics,
        per_gpu=per_gpu, cluster=cluster, data=data_folder.named(None if data is None else _text(data)),
        jobs=jobs or machine.cores(), results=None if results is None else _path(results),
        allow_missing=allow_missing, keep_models=keep_models,
    )  # fmt: skip
    do = {"force": force, "final": final, "dry_run": dry_run}
    return _run(request, **do, site=site, listen=listen or (lambda _event: None))


def _run(request: Request, *, force: bool, final: bool, dry_run: bool, site: Site, listen: Listen) -> Outcome:
    """Prepare the run, carry it out, and build the site of its results."""
    from benchmark.execution import run as execution
    from benchmark.website import folder
    from benchmark.website import site as pages

    named = None if site is None or site is True else _path(site)
    prepared = execution.prepare(request, force=force, final=final, listen=listen)
    if dry_run:
        return execution.estimated(prepared, size=request.jobs, listen=listen)
    execution.preload(prepared.todo)
    execution.refuse_uncountable(prepared.todo)
    out = pages.beside(prepared.plan.results) if site is True else named
    if out is not None:
        folder.refuse_strange(out)
        if realpath(out) == realpath(prepared.plan.results):  # its records would be in the site's way
            raise UnheardError(f"{out}: the site goes there. Name another folder with --results.")
    outcome = execution.carry_out(prepared, size=request.jobs, listen=listen)
    if out is None:
        return outcome
    page = pages.current(outcome.results, out) or pages.build_site(outcome.results, out)
    return replace(outcome, site=page)


def verify(
    *records: Name,
    results: Name = "results",
    rerun: bool = False,
    blind: bool = False,
    data: Name | None = None,
    models: Names = (),
    jobs: int | None = None,
    listen: Callable[[Refit], None] | None = None,
    progress: Progress | None = None,
    damaged: Callable[[str], None] | None = None,
) -> list[Judgement]:
    """Recompute records from their predictions; returns one judgement a record, in the order of their paths.

    records: records or folders of them; none: all below `results`.
    rerun: also fit each fold's winner again, and keep what comes out beside the records.
    blind: with `rerun`, once more in a sandbox without labels, where bubblewrap is installed.
    data, models, jobs: with `rerun`, as for `run`; `models` are files of models that are not installed.
    listen: with `rerun`, called with what came of each record.
    progress: with `rerun`, called with (done, total) clips while features are computed.
    damaged: with `rerun`, called with what is damaged in the cache, in words; it is computed again.

    UnheardError where a path holds no record, or `blind` comes without `rerun`.
    """
    from benchmark.records import folder
    from benchmark.verification import judgement, report
    from benchmark.verification.submission import Known

    known = Known()
    if blind and not rerun:
        raise UnheardError("--blind goes with --rerun.")
    _refuse_none(jobs=jobs)
    paths = [path for named in records or (results,) for path in folder.paths(_path(named))]
    refits = {}
    if rerun:
        watch = {"progress": progress, "damaged": damaged}
        for refit in _refits(paths, data, _texts(models), jobs=jobs, blind=blind, **watch):
            refits[refit.path] = refit
            if listen:
                listen(refit)
    return report.judgements([judgement.judge(path, known) for path in paths], refits)


def _refits(
    paths: Sequence[Path],
    data: Name | None,
    models: Sequence[str],
    *,
    jobs: int | None,
    blind: bool,
    **watch: Callable[..., None] | None,
) -> Iterator[Refit]:
    """Refit these records; a verification is kept as soon as it is there."""
    from benchmark.compute import machine
    from benchmark.corpora import data_folder
    from benchmark.records import record_files
    from benchmark.storage import files
    from benchmark.verification import certificate, rerun

    folder = data_folder.found(None if data is None else _text(data))
    size = jobs or machine.cores()
    for home in {record_files.results(path) for path in paths}:
        files.ready(home)  # before hours of fits whose outcome could not be kept
    for refit in rerun.run(paths, folder, jobs=size, blindly=blind, references=models, **watch):
        if refit.verification:
            files.write(certificate.place(refit.path), certificate.encode(refit.verification))
        yield refit


def compare(
    first: str, second: str, *, results: Names = "results", board: Kind | None = None, protocols: Names = ()
) -> Comparison:
    """Two models that have records, side by side on each corpus.

    For each corpus and for the overall score: the difference in UAR, its interval, its p by a paired
    permutation test over speakers, the smallest difference that could be shown, where the two differ most.

    results: one folder of records, or several, which count as one. protocols: these alone; none: all.
    board: one that `leaderboard` has; None: the best of which both have records.

    UnheardError where a model has no records there.
    """
    from benchmark.ranking import agreement, board_choice, comparison
    from benchmark.records import folder, homes
    from benchmark.website import boards

    found, where = homes.read(map(_path, _texts(results))), " and ".join(_texts(results))
    kind = board_choice.choose((first, second), found.records, named=board, where=where)
    made = boards.of(found)
    known, chosen = made.known, board_choice.only(made.by_kind[kind], _texts(protocols))
    here = [record for record in found.records if record.board_name == kind]
    populations = {name: known.population(name, table.corpora) for name, table in chosen.tables.items()}
    agree = agreement.at_hand(here, populations, found.ask(folder.predictions))
    return next(comparison.compare(chosen, [(first, second)], agree=agree))


def predict(
    model: Name, files: Names, *, corpus: str, enrolment: Names = (), windows: Windows | None = None
) -> list[Prediction]:
    """The emotions in audio files, by a model that `run(final=True)` fitted on all speakers of a corpus.

    Each prediction has the file, the most probable label, the probability of every label, calibrated, and
    `notes` on what makes it doubtful. A file that cannot be read has a `problem` instead, and stops no other.
    A folder stands for all audio files in it. enrolment: other clips of the speaker, for a model NAME@K.
    windows: `benchmark.execution.time_course.Windows`, in seconds; then each also has the `course` of them.

    WeightsError, with the command that makes it, where there is no such fitted model.
    """
    from benchmark.execution import prediction

    paths, beside = ([Path(file) for file in _texts(each)] for each in (files, enrolment))
    return prediction.predict(_text(model), paths, corpus=corpus, enrolment=beside, windows=windows)[1]


def fold_models(record: Name, *, model: Name | None = None) -> Iterator[FoldModel]:
    """The models of a record's folds, which `run(keep_models=True)` kept, one after another.

    Each has `fold`, `model`, `card`, `clips` (the names of those that it was tested on) and `probabilities`,
    a function of a `ClipBatch`: calibrated, and for the test clips the record's again, within 1e-4.

    record: the path of a record. model: its file, where it is not installed.

    WeightsError, with the command that makes it, where the model of a fold is not kept.
    """
    from benchmark.execution import fold_models as kept

    return kept.load(_path(record), reference="" if model is None else _text(model))


def leaderboard(results: Names = "results") -> dict[Kind, Board]:
    """The boards of all records below a folder, or several, by kind of audio and budget: "official",
    "derived", "synthetic", and likewise "official-small" with five trials and one seed.

    A board has the overall score and a table for each protocol: entries with places, best first, then those
    that do not rank. Every number is computed anew from the records' confusion matrices.
    """
    from benchmark.records import homes
    from benchmark.website import boards

    return boards.of(homes.read(map(_path, _texts(results)))).by_kind


def read(results: Name = "results") -> Frames:
    """All records below a folder and their predictions, as two pandas frames (extra `pandas`).

    `records` has one row a record, `predictions` one row a test clip; `benchmark.records.frames.Frames` names
    the columns.
    """
    from benchmark.records import frames

    return frames.read(_path(results))


def _texts(names: Names) -> tuple[str, ...]:
    """One name or several, as texts."""
    return tuple(map(_text, (names,) if isinstance(names, str | PathLike) else names))


def _path(name: Name) -> Path:
    return Path(_text(name))


def _text(name: Name) -> str:
    """A name as text; UnheardError for one that neither a file nor anything else can have."""
    text = str(name)
    try:
        whole = b"\0" not in fsencode(text)
    except UnicodeEncodeError:  # half a character
        whole = False
    if not whole:
        raise UnheardError(f"{text!a}: nothing can have such a name. Check where it comes from.")
    return text


def _refuse_none(**numbers: int | None) -> None:
    """UnheardError for a number below 1."""
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise UnheardError(f"{name}: {number} is not a whole number of at least 1.")
