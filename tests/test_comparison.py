"""Two models side by side: the test derived again, words for what is not compared, clips, pages, the verb."""

import hashlib
import json
from itertools import product

import made_up
import msgspec
import numpy as np
import pytest
from test_render import HOSTILE, Elements, contents

from benchmark import agreement, cli, comparison, leaderboard, metrics, records, render
from benchmark.pages import compare_page
from benchmark.records import Predictions
from benchmark.verbs import site
from protocols import corpora

LABELS = list(corpora.load("savee").labels)
CLIPS = corpora.load("savee").manifest


@pytest.fixture(scope="module")
def known():
    return render.everything_known()


@pytest.fixture(scope="module")
def board(known):
    made = [
        *made_up.seeds("savee-loso", "good", skill=0.9),
        *made_up.seeds("savee-loso", "bad", skill=0.3),
        *made_up.seeds("emodb-loso", "good", skill=0.9),
        *made_up.seeds("emodb-loso", "bad", skill=0.2),
        *made_up.seeds("emovo-loso", "good", skill=0.5),
        *made_up.seeds("emovo-loso", "bad", skill=0.5),
        *made_up.seeds("ravdess-6fold", "good"),
        *made_up.seeds("tess-2fold", "good"),
        *made_up.seeds("tess-2fold", "bad", trials=5),
        made_up.record("toy", "good", folds=[0], trials=50),
        made_up.record("toy", "bad"),
    ]
    return made, leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]


def compared(board, first="good", second="bad", **options):
    [found] = comparison.compare(board, [(first, second)], **options)
    return found, {on.table.protocol: on for on in found.corpora}


def swapped(made, protocol):
    """p from the formula: of all subsets of speakers, how many swaps give so large a difference in UAR."""
    mean = {
        name: np.mean(
            [
                [r.speakers[s] for s in sorted(r.speakers)]
                for r in made
                if (r.protocol.name, r.model.name) == (protocol, name)
            ],
            axis=0,
        )
        for name in ("good", "bad")
    }
    differences = []
    for subset in product([False, True], repeat=len(mean["good"])):
        swap = np.array(subset)[:, None, None]
        a = np.where(swap, mean["bad"], mean["good"]).sum(axis=0)
        b = np.where(swap, mean["good"], mean["bad"]).sum(axis=0)
        differences.append(abs(metrics.uar(a) - metrics.uar(b)))
    return np.mean(np.array(differences) >= differences[0] - 1e-9)


def test_p_is_that_of_all_subsets_of_the_speakers(board):
    made, derived = board
    _, on = compared(derived)
    for protocol, speakers in (("savee-loso", 4), ("emovo-loso", 6), ("emodb-loso", 10)):
        difference = on[protocol].difference
        assert difference.p == pytest.approx(swapped(made, protocol))
        assert difference.smallest == 2 / 2**speakers
        assert len(difference.speakers) == speakers


def test_holm_is_over_the_corpora_that_are_compared(board):
    found, _ = compared(board[1])
    p = sorted(on.difference.p for on in found.compared)
    assert len(p) == 3
    expected = np.minimum(np.maximum.accumulate([p[0] * 3, p[1] * 2, p[2]]), 1)
    assert sorted(on.difference.adjusted for on in found.compared) == pytest.approx(expected)


def test_differences_are_of_the_first_less_the_second(board):
    forth, on = compared(board[1])
    back, _ = compared(board[1], "bad", "good")
    [good, bad] = on["savee-loso"].entries
    assert on["savee-loso"].difference.uar == good.uar - bad.uar > 0
    assert on["savee-loso"].difference.better == (4, 0)
    assert back.mean == pytest.approx(-forth.mean)
    assert forth.mean == pytest.approx(np.mean([on.difference.uar for on in forth.compared]))
    assert [on.difference.better for on in back.compared] == [
        on.difference.better[::-1] for on in forth.compared
    ]


def test_what_is_not_compared_says_why(board):
    _, on = compared(board[1])
    assert on["tess-2fold"].reasons == ("", "reduced budget: 5 trials, not 20")
    assert on["ravdess-6fold"].reasons == ("", "no results here")
    assert on["toy"].reasons == ("50 trials, not 20; folds 0 only", "")
    assert {name for name, each in on.items() if each.difference} == {
        "savee-loso",
        "emodb-loso",
        "emovo-loso",
    }


def test_pairs_tested_in_groups_have_the_p_of_pairs_tested_alone(monkeypatch):
    names = "abcdef"
    made = [made_up.record("toy", name, skill=i / 8) for i, name in enumerate(names)]
    derived = leaderboard.build(made, protocols={}, corpora={})["derived"]
    pairs = compare_page.pairs(names)
    alone = [next(comparison.compare(derived, [pair])).corpora[0].difference for pair in pairs]
    monkeypatch.setattr(comparison, "TOGETHER", 3)
    assert [each.corpora[0].difference for each in comparison.compare(derived, pairs)] == alone


# Clips


def chances(seed, clips=CLIPS, sure=4):
    """Made-up predictions of a corpus, often right."""
    rng = np.random.default_rng(seed)
    table = rng.random((len(clips), len(LABELS)))
    table[np.arange(len(clips)), [LABELS.index(clip.emotion) for clip in clips]] *= sure
    return (table / table.sum(axis=1, keepdims=True)).round(records.DECIMALS)


def said(*seeds, clips=CLIPS):
    names = [clip.clip for clip in clips]
    return [Predictions(names, np.zeros(len(names), dtype=int), chances(seed, clips)) for seed in seeds]


def test_clip_counts_are_those_of_each_clip():
    truth = agreement.truth(CLIPS, LABELS)
    told = agreement.between(agreement.answers(said(0, 1), truth), agreement.answers(said(2), truth), truth)
    counts = {"both": 0, "first": 0, "second": 0, "neither": 0, "differ": 0}
    for clip, a, b in zip(CLIPS, (chances(0) + chances(1)) / 2, chances(2), strict=True):
        says = LABELS[list(a).index(max(a))], LABELS[list(b).index(max(b))]
        right = says[0] == clip.emotion, says[1] == clip.emotion
        counts[{(1, 1): "both", (1, 0): "first", (0, 1): "second", (0, 0): "neither"}[right]] += 1
        counts["differ"] += says[0] != says[1]
    assert counts == {name: getattr(told, name) for name in counts}
    assert told.clips == len(CLIPS)
    assert len(told.most) == 40 < told.differ
    sure = [a * b for a, b in (clip.sure for clip in told.most)]
    assert sure == sorted(sure, reverse=True)
    assert all(clip.said[0] != clip.said[1] for clip in told.most)


def test_the_lowest_index_wins_a_tie_and_rows_may_come_in_any_order():
    truth = agreement.truth(CLIPS, LABELS)
    even = [
        Predictions([clip.clip for clip in CLIPS], np.zeros(len(CLIPS), dtype=int), np.full((480, 7), 1 / 7))
    ]
    assert not agreement.answers(even, truth).said.any()
    [forth] = said(3)
    back = Predictions(forth.clips[::-1], forth.folds, forth.probabilities[::-1])
    assert np.array_equal(agreement.answers([forth], truth).said, agreement.answers([back], truth).said)


@pytest.mark.parametrize(
    "of_seeds",
    [
        [],
        [*said(0), None],
        [*said(0), *said(1, clips=CLIPS[1:])],
        said(0, clips=(*CLIPS, CLIPS[0])),
        said(0, clips=(*CLIPS, CLIPS[0]._replace(clip="stranger"))),
        [Predictions([CLIPS[0].clip], np.zeros(1, dtype=int), np.full((1, 7), np.nan))],
    ],
)
def test_predictions_that_are_not_whole_tell_nothing(of_seeds):
    assert agreement.answers(of_seeds, agreement.truth(CLIPS, LABELS)) is None


def test_clips_are_told_where_predictions_of_all_seeds_are_at_hand(board, known):
    made, derived = board
    by_seed = {("good", 0): 0, ("good", 1): 1, ("good", 2): 2, ("bad", 0): 3, ("bad", 1): 4, ("bad", 2): 5}

    def at_hand(record):
        savee = record.protocol.name == "savee-loso"
        return said(by_seed[record.model.name, record.seed])[0] if savee else None

    agree = agreement.at_hand(made, known.corpora, at_hand)
    _, on = compared(derived, agree=agree)
    assert on["savee-loso"].agreement.clips == 480
    assert on["emodb-loso"].agreement is None
    agree = agreement.at_hand(made, {}, at_hand)  # a corpus that nobody knows has no truth
    assert compared(derived, agree=agree)[1]["savee-loso"].agreement is None


# Pages


def test_small_boards_have_all_pairs():
    names = [f"m{i:02}" for i in range(compare_page.ALL)]
    assert sorted(compare_page.pairs(names)) == [(a, b) for a in names for b in names if a < b]


@pytest.mark.parametrize("models", [25, 40])
def test_large_boards_have_neighbours_and_the_best(models):
    order = list(range(models))
    found = compare_page.pairs(order)
    assert len(found) == len(set(found))
    expected = set()
    for i in order:
        nearest = sorted((j for j in order if j != i), key=lambda j: (abs(i - j), -j if i < 2 else j))
        expected |= {(min(i, j), max(i, j)) for j in [*nearest[:4], 0] if j != i}
    assert set(found) == expected


def test_file_names_tell_pairs_apart():
    pairs = [
        ("a", "b"),
        ("a--b", "c"),
        ("a", "b--c"),
        ("a", "B"),
        ("A", "b"),
        ("x" * 90, "y" * 90),
        ("..", "/"),
    ]
    names = [compare_page.file_name(*pair) for pair in pairs]
    assert names[0] == "a--b.html"
    assert len(set(names)) == len(pairs)
    assert not [name for name in names if "/" in name or name.startswith(".") or len(name) > 200]


def write(root, made, seed):
    """A record whose predictions are those of the whole corpus."""
    [predictions] = said(seed)
    digest = hashlib.sha256(records.encode_predictions(predictions, made.labels)).hexdigest()
    made = msgspec.structs.replace(made, predictions=digest)
    path = records.place(root, made.board, made.protocol.name, made.model.name, made.seed)
    records.write(path, made, predictions)


@pytest.fixture(scope="module")
def results(board, tmp_path_factory):
    root = tmp_path_factory.mktemp("records") / "results"
    for number, made in enumerate(board[0]):
        if made.protocol.name == "savee-loso":
            write(root, made, number)
        elif made.protocol.name in ("emodb-loso", "tess-2fold"):
            records.write(
                records.place(root, made.board, made.protocol.name, made.model.name, made.seed),
                made,
                Predictions([], np.zeros(0, dtype=int), np.zeros((0, len(made.labels)))),
            )
    write(root, made_up.record("savee-loso", "apart", trials=5), 77)
    write(root, made_up.record("savee-loso", "bad", board="synthetic"), 78)
    write(root, made_up.record("savee-loso", "lonely", board="synthetic"), 79)
    return root


@pytest.fixture(scope="module")
def built(results, tmp_path_factory):
    return site.build_site(results, tmp_path_factory.mktemp("site") / "out").parent


def test_pages_of_all_pairs_are_there_and_every_link_leads_to_a_file(built):
    pages = {page.name for page in (built / "derived/compare").iterdir()}
    assert pages == {"index.html", "good--bad.html", "good--apart.html", "bad--apart.html"}
    for page in built.glob("*/compare/*.html"):
        for _, attributes in Elements(page).tags:
            if target := attributes.get("href"):
                assert (page.parent / target).is_file(), f"{page}: {target}"


def test_a_page_tells_scores_clips_and_reasons(built, board):
    text = Elements(built / "derived/compare/good--bad.html").text
    _, on = compared(board[1])
    assert f"{100 * on['savee-loso'].difference.uar:+.1f}" in text
    assert "SAVEE 480 " in text
    assert "SAVEE: 40 of " in text
    assert "Not compared. Bad: reduced budget: 5 trials, not 20." in text
    apart = Elements(built / "derived/compare/bad--apart.html").text
    assert "On no corpus do both rank under the same conditions" in apart
    assert "SAVEE Apart: reduced budget: 5 trials, not 20." in apart


def test_the_index_leads_to_each_pair_from_both_sides(built):
    links = [a.get("href") for _, a in Elements(built / "derived/compare/index.html").tags]
    assert links.count("../../derived/compare/good--bad.html") == 2


def test_a_large_board_has_a_list_and_one_model_says_so(known, tmp_path):
    made = [made_up.record("toy", f"m{i:02}", skill=i / 40) for i in range(compare_page.ALL + 1)]
    made.append(made_up.record("toy", "only", board="synthetic"))
    out = render.build(made, tmp_path / "out", known=known).parent
    page = Elements(out / "derived/compare/index.html")
    assert "its 4 nearest neighbours" in page.text
    for target in (a["href"] for t, a in page.tags if t == "a"):
        assert (out / "derived/compare" / target).is_file()
    alone = Elements(out / "synthetic/compare/index.html").text
    assert "nothing to compare it with" in alone


def test_hostile_names_are_shown_as_words(known, tmp_path):
    bad = made_up.record("savee-loso", HOSTILE, title=HOSTILE, pretraining=[f"SAVEE, {HOSTILE}"])
    other = made_up.record("savee-loso", '"><b onclick=x>', title="")
    out = render.build([bad, other], tmp_path / "out", known=known).parent
    pages = list((out / "derived/compare").iterdir())
    assert len(pages) == 2
    for page in pages:
        elements = Elements(page)
        assert not [tag for tag, _ in elements.tags if tag in ("script", "style", "b")]
        assert not [a for _, a in elements.tags if "style" in a or any(name.startswith("on") for name in a)]
        assert HOSTILE in elements.text


def test_same_records_same_bytes(built, results, tmp_path):
    again = site.build_site(results, tmp_path / "out").parent
    assert contents(again / "derived/compare") == contents(built / "derived/compare")


# The verb


@pytest.fixture
def call(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments):
        code = cli.main(["compare", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


def test_the_verb_says_it_as_json(call, results, board):
    code, out, _ = call("good", "bad", "--results", results, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["board"], told["models"]) == ("derived", ["good", "bad"])
    savee = next(on for on in told["corpora"] if on["corpus"] == "savee")
    assert savee["p"] == pytest.approx(swapped(board[0], "savee-loso"))
    assert savee["speakers_better"] == [4, 0]
    assert sum(savee["clips"][name] for name in ("both", "first", "second", "neither")) == 480
    assert "most" not in savee["clips"]
    tess = next(on for on in told["corpora"] if on["corpus"] == "tess")
    assert tess["not_ranked"] == ["", "reduced budget: 5 trials, not 20"]
    assert tess["p"] is tess["clips"] is None
    code, out, _ = call("good", "bad", "--results", results, "--json", "--clips")
    clips = next(on["clips"] for on in json.loads(out)["corpora"] if on["corpus"] == "savee")
    assert len(clips["most"]) == 40
    assert set(clips["most"][0]) == {"clip", "speaker", "emotion", "said", "sure"}


def test_the_verb_says_it_to_people(call, results):
    code, out, _ = call("good", "bad", "--results", results, "--clips")
    assert code == 0
    assert "The derived board: not official audio." in out
    assert "4:0 of 4" in out
    assert "TESS is not compared. bad: reduced budget: 5 trials, not 20" in out
    assert "only good" in out
    assert any(clip.clip in out for clip in CLIPS)
    assert call("bad", "lonely", "--results", results)[1].startswith("The synthetic board")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["good", "good"], "good: named twice. Name two different models."),
        (["good", "nobody"], "nobody: there is no such model; {} has apart, bad, good, lonely."),
        (["prior", "good"], "prior: has no records in {}. Make some: python -m benchmark run"),
        (
            ["good", "bad", "--board", "synthetic"],
            "good: has no records on the synthetic board. It has some on",
        ),
        (["good", "lonely"], "no board has records of both: good on derived, lonely on synthetic."),
    ],
)
def test_wrong_requests_say_what_which_and_what_to_do(call, results, arguments, message):
    code, out, err = call(*arguments, "--results", results)
    assert (code, out) == (2, "")
    assert message.format(results) in err


def test_a_results_folder_that_is_not_there_or_spoilt_is_named(call, results, tmp_path):
    assert (
        "there is no such results folder. Check --results." in call("a", "b", "--results", tmp_path / "no")[2]
    )
    (tmp_path / "empty").mkdir()
    assert "has no records" in call("a", "b", "--results", tmp_path / "empty")[2]
    source = records.place(results, "derived", "savee-loso", "good", 0)
    stray = records.place(tmp_path / "stray", "derived", "savee-loso", "good", 7)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(source.read_bytes())
    code, _, err = call("good", "bad", "--results", tmp_path / "stray")
    assert code == 2
    assert "seed-7.json: holds the record of derived savee-loso good 0. Move or delete it." in err
