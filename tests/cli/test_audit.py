"""`audit`."""

import json


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
