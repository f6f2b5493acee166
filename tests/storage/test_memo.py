"""An answer is found once for all that decides it."""

import pytest

from benchmark.storage import memo


@pytest.fixture
def asked(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path))
    return []


@pytest.mark.parametrize("answer", [True, False])
def test_an_answer_is_found_once(asked, answer):
    for decisive in (["a", 1], ["a", 1], ["a", 2]):
        assert memo.kept("odd", decisive, lambda: asked.append(1) or answer) is answer
    assert len(asked) == 2


def test_one_that_is_damaged_is_found_again(asked, tmp_path):
    memo.kept("odd", "x", lambda: True)
    [place] = (tmp_path / "answers").iterdir()
    place.write_bytes(place.read_bytes().replace(b"yes", b"yet"))
    assert memo.kept("odd", "x", lambda: asked.append(1) or True)
    assert asked


@pytest.mark.usefixtures("asked")
def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "answers").write_text("in the way")
    assert memo.kept("odd", "x", lambda: True)
