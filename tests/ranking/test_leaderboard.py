"""Places, groups and the overall score, on made-up records."""

from dataclasses import replace

import made_up
import msgspec
import pytest

from benchmark.ranking import leaderboard
from benchmark.ranking.reasons import Unranked


def test_no_records_no_boards():
    assert leaderboard.build([], protocols={}, corpora={}) == {}


def test_places_are_those_of_the_permutation_tests():
    records = [*made_up.seeds(model="good", skill=0.9), *made_up.seeds(model="bad", skill=0.0),
               *made_up.seeds(model="worse", skill=0.0)]  # fmt: skip
    board = made_up.table(records)
    assert board.entries[0].model == "good"
    assert board.entries[0].place == (1, 1)
    assert board.entries[0].p is None
    assert [e.place for e in board.entries[1:]] == [(2, 3), (2, 3)]
    assert board.entries[1].p == pytest.approx(2 * board.smallest_p)
    assert board.smallest_p == 2 / 2**12


def test_the_smallest_p_is_that_of_any_track():
    scratch = [*made_up.seeds("ravdess-6fold", "a"), *made_up.seeds("ravdess-6fold", "b")]
    once = [made_up.record("ravdess-6fold", name, pretraining=["LibriSpeech"]) for name in "cd"]
    assert made_up.table(scratch).smallest_p == 1 / 10_001
    assert made_up.table(once).smallest_p == 1 / 32
    assert made_up.table(scratch + once).smallest_p == 1 / 10_001


def test_tracks_rank_apart():
    records = [
        made_up.record(model="scratch", skill=0.1),
        made_up.record(model="large", skill=0.9, pretraining=["LibriSpeech"]),
        made_up.record(model="cheat", skill=0.9, transductive=True, pretraining=["LibriSpeech"]),
        made_up.record(model="scratch@5", skill=0.9, enrolment="5"),
        made_up.record(model="scratch@all", skill=0.9, enrolment="all", trials=1),
    ]
    board = made_up.table(records)
    assert [(e.model, e.track, e.place) for e in board.entries] == [
        ("scratch", "from scratch", (1, 1)),
        ("large", "pretrained", (1, 1)),
        ("cheat", "enrolment", None),
        ("scratch@5", "enrolment", None),
        ("scratch@all", "enrolment", None),
    ]
    assert [(e.model, e.unranked) for e in board.apart] == [
        ("cheat", (Unranked("transductive"),)),
        ("scratch@5", (Unranked("enrolment", "5"),)),
    ]
    assert board.entries[-1].unranked == (Unranked("trials", 1, 20),)


def test_models_with_clips_of_the_speaker_do_not_choose_the_conditions_that_rank():
    given = [made_up.record(model=f"a@{k}", enrolment=k, missing=["x"]) for k in ("5", "10", "20")]
    board = made_up.table([made_up.record(model="a"), *given])
    assert [(e.model, e.unranked[:1]) for e in board.entries[:2]] == [
        ("a", ()),
        ("a@10", (Unranked("missing", ("x",), ()),)),
    ]
    assert [e.unranked for e in made_up.table(given).apart] == [
        (Unranked("enrolment", k),) for k in ("10", "20", "5")
    ]


def test_variants_neither_rank_nor_choose_the_conditions_that_do():
    others = [made_up.record(model=f"a~{name}", missing=["x"]) for name in ("no-b", "no-c", "no-d")]
    board = made_up.table(
        [made_up.record(model="a"), made_up.record(model="a~no-e", skill=0.9, trials=1), *others]
    )
    assert [(e.model, e.place, [reason.kind for reason in e.unranked]) for e in board.entries] == [
        ("a", (1, 1), []),
        ("a~no-b", None, ["variant", "missing"]),
        ("a~no-c", None, ["variant", "missing"]),
        ("a~no-d", None, ["variant", "missing"]),
        ("a~no-e", None, ["variant", "trials"]),
    ]
    assert made_up.table([made_up.record(model="a@5~b")]).ranked == ()


def test_a_variant_with_clips_of_the_speaker_is_one_of_the_model_with_them():
    [entry] = made_up.table([made_up.record(model="a~no-b@5", enrolment="5")]).entries
    assert entry.unranked == (Unranked("variant", "a@5"), Unranked("enrolment", "5"))


def test_a_model_that_was_trained_on_the_corpus_before_does_not_rank(few):
    before = made_up.record("emodb-loso", "before", pretraining=["IEMOCAP", "EMO-DB (all of it)"])
    other = made_up.record("emodb-loso", "other", pretraining=["MSP-Podcast"])
    reasons = {e.model: e.unranked for e in made_up.table([before, other], **few).entries}
    assert reasons == {"before": (Unranked("pretraining", "EMO-DB"),), "other": ()}


def test_two_versions_of_a_model_are_two_entries_and_the_one_with_more_seeds_ranks():
    records = [*made_up.seeds(n=2, version="2"), made_up.record(seed=2, version="1")]
    assert [(e.unranked, sorted(e.seed_uars)) for e in made_up.table(records).entries] == [
        ((), [0, 1]),
        ((Unranked("version", "1"),), [2]),
    ]


def test_boards_never_mix_and_the_best_kind_comes_first():
    records = [made_up.record(board=b) for b in ("synthetic", "official", "derived")]
    boards = leaderboard.build(records, protocols={}, corpora={})
    assert list(boards) == ["official", "derived", "synthetic"]
    assert all(len(board.tables["toy"].entries) == 1 for board in boards.values())


def test_the_order_of_the_records_makes_no_difference(few):
    records = [r for m in ("a", "b") for n in few["protocols"] for r in made_up.seeds(n, m, n=2)]
    assert leaderboard.build(records[::-1], **few) == leaderboard.build(records, **few)


def test_an_unknown_digest_of_the_protocol_is_no_obstacle(few):
    moved = {"emodb-loso": replace(few["protocols"]["emodb-loso"], digest="new")}
    assert made_up.table([made_up.record("emodb-loso")], protocols=moved).ranked


def declaring(record, **facts):
    """The record of a protocol that declares this of itself."""
    return msgspec.structs.replace(record, protocol=msgspec.structs.replace(record.protocol, **facts))


def leaky(few):
    """EMO-DB's protocol, and another over its corpus that leaks by design."""
    own = few["protocols"]["emodb-loso"]
    design = "speakers of the test are in training"
    other = replace(own, name="emodb-random", leaks=design, ranks=False, overall=False)
    return {"protocols": {**few["protocols"], "emodb-random": other}, "corpora": few["corpora"]}, design


def test_a_protocol_that_leaks_by_design_has_a_table_and_no_places(few):
    both, design = leaky(few)
    loso = made_up.seeds("emodb-loso", "a", skill=0.2)
    random = [
        declaring(made_up.record("emodb-loso", name, skill=0.9, seed=seed), name="emodb-random")
        for name in "ab"
        for seed in range(3)
    ]
    savee = made_up.seeds("savee-loso", "a")
    board = leaderboard.build([*loso, *savee, *random], **both)["derived"]
    of_design = board.tables["emodb-random"]
    assert (of_design.ranks, of_design.leaks, of_design.overall) == (False, design, False)
    assert {e.model: e.unranked for e in of_design.entries} == dict.fromkeys(
        "ab", (Unranked("leaks", design),)
    )
    assert {(e.place, e.p) for e in of_design.entries} == {(None, None)}
    assert of_design.ranked == ()
    assert board.overall.protocols == ("emodb-loso", "savee-loso")
    assert {s.model for s in board.overall.standings} == {"a"}
    assert board.tables["emodb-loso"].ranked[0].place == (1, 1)
    assert list(board.tables) == ["emodb-loso", "savee-loso", "emodb-random"]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"leaks": "the voices train too", "ranks": False}, Unranked("leaks", "the voices train too")),
        ({"leaks": "the voices train too"}, Unranked("leaks", "the voices train too")),
        ({"ranks": False}, Unranked("protocol")),
    ],
)
def test_what_a_record_declares_holds_where_its_protocol_is_not_installed(facts, reason):
    records = [declaring(record, **facts) for name in "ab" for record in made_up.seeds(model=name)]
    board = made_up.table(records)
    assert (board.ranks, board.leaks) == (False, facts.get("leaks", ""))
    assert {e.model: e.unranked for e in board.entries} == dict.fromkeys("ab", (reason,))


def test_a_record_that_declares_a_leak_does_not_rank_by_a_protocol_without_one(few):
    leaky = declaring(made_up.record("emodb-loso", "leaky", skill=0.9), leaks="by clip", ranks=False)
    board = made_up.table([leaky, made_up.record("emodb-loso", "sound")], **few)
    assert (board.ranks, board.leaks) == (True, "")
    assert {e.model: e.unranked for e in board.entries} == {
        "sound": (),
        "leaky": (Unranked("leaks", "by clip"),),
    }


def test_a_table_is_named_by_its_corpus_where_that_is_its_ranking_protocol(few):
    both, _ = leaky(few)
    random = declaring(made_up.record("emodb-loso"), name="emodb-random")
    tables = leaderboard.build([made_up.record("emodb-loso"), random], **both)["derived"].tables
    assert {name: table.title for name, table in tables.items()} == {
        "emodb-loso": "EMO-DB",
        "emodb-random": "emodb-random",
    }
    assert {table.corpora for table in tables.values()} == {("emodb",)}


def test_a_record_that_never_ranks_says_nothing_of_models_and_corpora(few):
    pretrained = {"model": "before", "pretraining": ["EMO-DB"]}
    good = [made_up.record("emodb-loso", "good"), made_up.record("emodb-loso", **pretrained)]
    bad = [
        made_up.record("tess-2fold", "good", title="Fraud", transductive=True),
        made_up.record("emodb-loso", "good", seed=-1, title="Fraud", transductive=True),
    ]
    stray = made_up.record("emodb-loso", "stray")
    stray = msgspec.structs.replace(
        stray, corpora=[msgspec.structs.replace(stray.corpora[0], name="iemocap")]
    )

    def state_of(record):
        return "recomputed" if record in good or record.seed else "invalid"

    board = leaderboard.build([stray, *good, *bad], **few, state_of=state_of)["derived"]
    assert (board.models["good"].title, board.models["good"].transductive) == ("Good", False)
    table = board.tables["emodb-loso"]
    assert (table.corpora, table.title) == (("emodb",), "EMO-DB")
    assert [e.model for e in table.ranked] == ["good"]


def test_one_record_more_renames_nobody(few):
    good = made_up.seeds("emodb-loso", "good")
    [other] = made_up.seeds("savee-loso", "good", n=1)
    for source in (other.model.source, "f" * 64):
        changed = {"title": "Scam", "pretraining": ["MSP-Podcast"], "version": "9", "source": source}
        stray = msgspec.structs.replace(other, model=msgspec.structs.replace(other.model, **changed))
        board = leaderboard.build([*good, stray], **few)["derived"]
        assert board.models["good"] == good[0].model


def test_budgets_rank_apart_and_the_small_one_takes_one_seed(few):
    places = ("emodb-loso", "savee-loso")
    full = [r for n in places for r in made_up.seeds(n, "full")]
    small = [made_up.record(n, m, trials=5, skill=s) for n in places for m, s in (("a", 0.9), ("b", 0.1))]
    other = made_up.record("savee-loso", "a", trials=5, seed=1, skill=0)
    boards = leaderboard.build([*full, *small, other], **few)
    assert [(kind, board.audio, board.small) for kind, board in boards.items()] == [
        ("derived", "derived", False),
        ("derived-small", "derived", True),
    ]
    assert {s.model for s in boards["derived"].overall.standings} == {"full"}
    found = boards["derived-small"]
    assert {s.model: s.place for s in found.overall.standings} == {"a": (1, 1), "b": (2, 2)}
    unranked = [e for e in found.tables["savee-loso"].entries if e.unranked]
    assert [(e.model, e.unranked, sorted(e.seed_uars)) for e in unranked] == [("a", (Unranked("seed"),), [1])]
    assert not any(note.kind == "seeds" for e in found.tables["savee-loso"].ranked for note in e.notes)


def test_a_record_from_two_folders_is_one_seed(few):
    twice = [made_up.record("emodb-loso", seed=0, skill=skill) for skill in (0.9, 0.1)]
    [entry] = leaderboard.build(twice, **few)["derived"].tables["emodb-loso"].entries
    assert entry.seed_uars == {0: pytest.approx(made_up.uar(twice[0]))}
