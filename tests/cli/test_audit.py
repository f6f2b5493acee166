"""`audit`."""

import json

from benchmark.corpora import embedded
from protocols import registry


def test_it_says_what_of_the_test_clips_has_been_met(call):
    code, out, _ = call("audit", "emodb-emobox", "emodb-loso")
    assert code == 0
    (leaky,) = [line for line in out.splitlines() if "emodb-emobox" in line and "of 10" in line]
    assert [cell.strip() for cell in leaky.split("│")[2:-1]] == [
        "10 of 10",
        "100.0 %",
        "100.0 %",
        "0.0 %",
        "0.0 %",
    ]
    (ours,) = [line for line in out.splitlines() if "emodb-loso" in line and "of 10" in line]
    assert "0 of 10" in ours
    assert "emodb-emobox leaks by design: EmoBox's folds keep no speakers apart" in out


def test_as_json(call):
    _, out, _ = call("audit", "emodb-emobox", "--json")
    (found,) = json.loads(out)
    assert found["overlap"]["shared_speakers"] == found["overlap"]["speakers"] == 10


def test_a_copy_that_lacks_too_much_for_some(call, tmp_path, monkeypatch):
    """The embedded corpora have too few of the clips that MTEB's way trains on."""
    monkeypatch.setattr(registry, "names", lambda _group: ["savee-mteb", "savee-random-clips"])
    embedded.write(tmp_path, corpora=["savee"])
    code, out, err = call("audit", "--data", tmp_path)
    assert code == 3
    assert "not audited: savee-mteb, test clips" in err
    assert "savee-random-clips" in out
    code, _, err = call("audit", "--data", tmp_path, "savee-mteb")
    assert code == 2
    assert "too many clips are missing, a part is empty" in err
