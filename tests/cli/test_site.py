"""The whole site: of this repository's results every number is recomputed; a large board stays usable."""

import json
import re
from itertools import islice
from pathlib import Path

import made_up
import msgspec
import numpy as np
import pytest

from benchmark.records import answers, prediction_table, record_files, scoring
from benchmark.records.schema import Cost, Count, Speed
from benchmark.website import build, filters, site
from benchmark.website.pages import site_map
from protocols import folds

README = Path(__file__).parents[2] / "README.md"
RESULTS = README.parent / "results"
MOST = 20e6  # bytes of all results: docs/rules.md, "Evidence"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with made_up.believed():  # as when no record was stale
        return site.build_site(RESULTS, tmp_path_factory.mktemp("site") / "site").parent


def recomputed():
    """Every cell's scores from the predictions alone: {(board, protocol, model, seed): Scores}."""
    found = {}
    for path in record_files.find(RESULTS):
        record = record_files.read(path)
        population = folds.population(folds.load(record.protocol.name))
        labels = list(population.labels)
        predictions, _ = prediction_table.read(record_files.predictions_place(path), labels)
        cell = record.board_name, record.protocol.name, record.model.name, record.seed
        found[cell] = scoring.scores(answers.join(predictions, population.by_clip, labels))
    return found


def test_every_score_on_the_site_follows_from_the_predictions(built):
    scores = recomputed()
    document = json.loads((built / "data/all.json").read_text())
    seen = set()
    for kind, board in document.items():
        for protocol, table in board["tables"].items():
            page = (built / f"{kind}/protocol/{protocol}.html").read_text()
            for entry in table["entries"]:
                cells = [(kind, protocol, entry["model"], int(seed)) for seed in entry["seed_uars"]]
                seeds = [scores[cell] for cell in cells]
                seen |= set(cells)
                for name in ("uar", "accuracy", "macro_f1"):
                    mean = np.mean([getattr(score, name) for score in seeds])
                    assert entry[name] == pytest.approx(mean, abs=2e-6)
                assert filters.percent(entry["uar"]) in page
    assert seen == scores.keys()


UNSEEN = {"SAVEE": "savee-loso", "EMO-DB": "emodb-loso", "EMOVO": "emovo-loso", "RAVDESS": "ravdess-6fold",
          "TESS": "tess-2fold"}  # fmt: skip
ANSWERED = ("SAVEE", "EMO-DB", "EMOVO", "RAVDESS")  # columns of README's table
ANSWER = {  # its rows -> model, and the rung of the ladder
    "eGeMAPS + SVM, rows": ("egemaps-svm", "as-published"),
    "the same on random clips": ("egemaps-svm", "random-clips"),
    "the same on unheard": ("egemaps-svm", ""),
    "`functionals-lqda-3x` on unheard": ("functionals-lqda-3x", ""),
}


def protocol_of(corpus, rung):
    unseen = UNSEEN[corpus]
    return f"{unseen.partition('-')[0]}-{rung}" if rung else unseen


@pytest.mark.parametrize("start", ANSWER)
def test_the_answer_in_readme_is_that_of_the_records(built, start):
    tables = json.loads((built / "data/all.json").read_text())["official"]["tables"]
    model, rung = ANSWER[start]
    [line] = [line for line in README.read_text().splitlines() if line.startswith(f"| {start}")]
    shown = [cell.strip() for cell in line.split("|")[2:6]]
    uars = {name: {entry["model"]: entry["uar"] for entry in tables[name]["entries"]} for name in tables}
    assert shown == [filters.percent(uars[protocol_of(corpus, rung)][model]) for corpus in ANSWERED]


def test_the_best_small_model_in_readme_is_chosen_by_inner_validation(built):
    """From scratch, below 100 M multiply-adds of 3 s of sound, on average over the corpora of the answer."""
    tables = json.loads((built / "data/all.json").read_text())["official"]["tables"]
    inner, costs = {}, {}
    for number, corpus in enumerate(ANSWERED):
        for entry in tables[UNSEEN[corpus]]["entries"]:
            cost = multiply_adds(entry["cost"])
            if entry["track"] == "from scratch" and entry["optimism"] is not None and cost and cost < 100e6:
                inner.setdefault(entry["model"], {})[number] = entry["uar"] + entry["optimism"]
                costs[entry["model"]] = max(cost, costs.get(entry["model"], 0))
    whole = {model: list(found.values()) for model, found in inner.items() if len(found) == len(ANSWERED)}
    best = max(whole, key=lambda model: np.mean(whole[model]))
    text = " ".join(README.read_text().split())
    shown = ", ".join(map(filters.percent, whole[best]))
    assert f"below 100 M multiply-adds, chosen by its inner validation ({shown})" in text
    [row] = [line for line in README.read_text().splitlines() if line.startswith(f"| `{best}`")]
    assert row.endswith(f"| {costs[best] / 1e6:.0f} M |")


TEXT = (README.parent / "docs/results-2026.md").read_text()
ROWS = re.findall(r"^\| `.*$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("row", ROWS, ids=[row.split("`")[1] for row in ROWS])
def test_the_table_of_results_is_that_of_the_records(built, row):
    tables = json.loads((built / "data/all.json").read_text())["official"]["tables"]
    [head] = [line for line in TEXT.splitlines() if line.startswith("| model | SAVEE")]
    columns, cells = ([cell.strip() for cell in line.split("|")[1:-1]] for line in (head, row))
    for corpus, cell in zip(columns, cells, strict=True):
        if protocol := UNSEEN.get(corpus):
            found = [e for e in tables[protocol]["entries"] if e["model"] == cells[0].split("`")[1]]
            assert cell == (filters.percent(found[0]["uar"]) if found else "–")


RUNGS = {  # the rows of its ladder
    "| an altered copy": "as-published",
    "| its speaker and its text": "random-clips",
    "| its speaker (": "unseen-texts",
    "| its text (": "",
    "| nothing (": "unseen-both",
}


@pytest.mark.parametrize("start", RUNGS)
def test_the_ladder_of_results_is_that_of_the_records(built, start):
    tables = json.loads((built / "data/all.json").read_text())["official"]["tables"]
    [row] = [line for line in TEXT.splitlines() if line.startswith(start)]
    entries = (tables[protocol_of(corpus, RUNGS[start])]["entries"] for corpus in UNSEEN)
    uars = [next(e["uar"] for e in found if e["model"] == "egemaps-svm") for found in entries]
    assert [cell.strip() for cell in row.split("|")[2:-1]] == [*map(filters.percent, uars)]


def multiply_adds(cost):
    """Of 3 s of sound, front end and model; None where they are not counted."""
    [count] = [count for count in cost["counts"] if count["seconds"] == 3]
    return None if count["front_end"] is None else count["front_end"] + sum(count["model"].values())


def test_all_results_are_small():
    assert sum(path.stat().st_size for path in RESULTS.rglob("*") if ".work" not in path.parts) < MOST


@pytest.mark.slow
def test_the_overview_of_a_large_board_stays_small(tmp_path, monkeypatch):
    """As large as 500 models on six corpora would make it. How long all pages take, `speed` measures."""
    models = 100
    every = site_map.pages
    monkeypatch.setattr(site_map, "pages", lambda *given: islice(every(*given), 5))  # it is the fifth
    protocols = ("savee-loso", "ravdess-6fold", "cremad-5fold", "tess-2fold", "emodb-loso", "emovo-loso")
    made = [
        costed(made_up.record(protocol, f"model-{number:03}", skill=number / 120), number)
        for number in range(models)
        for protocol in protocols
    ]
    index = build.build(made, tmp_path / "site")
    text = index.read_text()
    assert text.count("data-model=") == 2 * models - 1  # a row and a point each; who guesses has none
    each = re.finditer(r"<(tr|a)\b[^>]*data-model=.*?</\1>", text, re.DOTALL)
    of_models = sum(len(found[0].encode()) for found in each)
    assert len(text.encode()) + 4 * of_models < 2_000_000  # what stands there once does not grow


def costed(record, number):
    """With a cost of its own."""
    counts = [
        Count(
            seconds=seconds,
            used=seconds,
            front_end=2_000_000,
            model={"linear": 10_000 * (number + 1)},
            norms=0,
        )
        for seconds in (1.0, 3.0, 10.0)
    ]
    cost = Cost(by="fvcore", counts=counts, parameters=1000 * number, weights=4000 * number, training=10**12)
    fast = Speed(latency=1.0 + number, slow=2.0 + number, front_end=0.5, reference=1.0, ratio=1.0 + number,
                 real_time=0.001, memory=1.0, joules=None, processor="a processor")  # fmt: skip
    run = msgspec.structs.replace(record.run, speed=fast)
    return msgspec.structs.replace(record, cost=cost, run=run)


def test_the_latex_table_escapes_what_tex_would_obey():
    from benchmark.website import latex

    assert latex.escaped(r"50 % of $x_1$ & \input{x}~^#") == (
        r"50 \% of \$x\_1\$ \& \textbackslash{}input\textbraceleft{}x\textbraceright{}"
        r"\textasciitilde{}\textasciicircum{}\#"
    )


def test_every_table_comes_in_latex(built):
    text = (built / "data/official/overview.tex").read_text()
    assert r"\toprule" in text
    [prior] = [line for line in text.splitlines() if line.startswith("Class frequencies of train & ")]
    assert " & 14.3 & " in prior  # of seven classes
    assert text.count(r"\\") - 1 == len([line for line in text.splitlines() if line.endswith(r"\\")]) - 1
