"""The verb `compare`."""

import json
import re

import pytest
from pairs import CLIPS, permuted

from benchmark.records import record_files


@pytest.fixture
def call(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *arguments: call("compare", *arguments)


def test_the_verb_says_it_as_json(call, results, board):
    code, out, _ = call("good", "bad", "--results", results, "--json")
    document = json.loads(out)
    assert code == 0
    assert (document["board"], document["models"]) == ("derived", ["good", "bad"])
    savee = next(on for on in document["protocols"] if on["corpora"] == ["savee"])
    assert savee["p"] == pytest.approx(permuted(board[0], "savee-loso"))
    assert savee["speakers_better"] == [4, 0]
    assert sum(savee["clips"][name] for name in ("both", "first", "second", "neither")) == 480
    assert "most" not in savee["clips"]
    assert (savee["interval"], savee["detectable_difference"], savee["exchanged"]) == (None, None, 4)
    emodb = next(on for on in document["protocols"] if on["corpora"] == ["emodb"])
    assert emodb["interval"][0] < emodb["difference"] < emodb["interval"][1]
    assert emodb["detectable_difference"] > 0
    overall = document["overall"]
    assert overall["difference"] == pytest.approx(overall["uar"][0] - overall["uar"][1])
    assert overall["interval"][0] < overall["difference"] < overall["interval"][1]
    tess = next(on for on in document["protocols"] if on["corpora"] == ["tess"])
    assert tess["not_ranked"] == ["", "reduced budget: 4 trials, not 20"]
    assert tess["p"] is tess["clips"] is tess["interval"] is tess["detectable_difference"] is None
    code, out, _ = call("good", "bad", "--results", results, "--json", "--clips")
    clips = next(on["clips"] for on in json.loads(out)["protocols"] if on["corpora"] == ["savee"])
    assert len(clips["most"]) == 40
    assert set(clips["most"][0]) == {"clip", "speaker", "emotion", "answers", "confidence"}


def test_the_verb_says_it_to_people(call, results):
    code, out, _ = call("good", "bad", "--results", results, "--clips")
    assert code == 0
    assert "The derived board: not official audio." in out
    assert "4:0 of 4" in out
    assert "SAVEE: no difference can be shown: the smallest p that its speakers allow is 0.125." in out
    assert "EMO-DB: no difference" not in out
    score, interval = r"[\d.]+", r"\[\+[\d.]+, \+[\d.]+\]"
    p = "< 0.001 +– +< 0.001"
    assert re.search(rf"Overall +{score} +{score} +\+{score} +{interval} +{p} +{score} +–", out)
    assert "* TESS: they do not both rank. bad: reduced budget: 4 trials, not 20" in out
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
    source = record_files.place(results, "derived", "savee-loso", "good", 0)
    stray = record_files.place(tmp_path / "stray", "derived", "savee-loso", "good", 7)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(source.read_bytes())
    code, _, err = call("good", "bad", "--results", tmp_path / "stray")
    assert code == 2
    assert "seed-7.json: holds the record of derived savee-loso good 0. Move or delete it." in err


def test_it_gives_a_sentence_and_a_table_in_latex(call, results, board):
    out = call("good", "bad", "--results", results, "--protocol", "emodb-loso", "--latex")[1]
    assert "\\toprule" in out
    assert "EMO-DB & " in out
    assert "SAVEE" not in out
    conditions = r"\(protocol emodb-loso, derived audio, 20 trials a fold, 3 seeds\)"
    assert re.search(r"\\caption{On the 10 unheard speakers of EMO-DB " + conditions, out)
    document = json.loads(call("good", "bad", "--results", results, "--json")[1])
    tess = next(on for on in document["protocols"] if on["protocol"] == "tess-2fold")
    assert tess["not_ranked_difference"]["p"] == pytest.approx(permuted(board[0], "tess-2fold"))
    assert "with so few speakers no difference can be shown" in tess["sentence"]
    assert document["overall"]["sentence"].startswith("In the mean over ")
    assert document["overall"]["speakers_for_2_points"] > 0


def test_folders_count_as_one_and_a_protocol_that_is_not_there_is_named(call, results, tmp_path):
    (tmp_path / "more").mkdir()
    code, out, _ = call("good", "bad", "--results", tmp_path / "more", "--results", results)
    assert (code, "Overall" in out) == (0, True)
    code, _, err = call("good", "bad", "--results", results, "--protocol", "no")
    assert code == 2
    assert "no: the derived board has no records of such a protocol. It has emodb-loso, savee-loso" in err
