"""Two models side by side: the permutation test derived again, and why some are not compared."""

import made_up
import numpy as np
import pytest
from pairs import compared, permuted

from benchmark.ranking import comparison, leaderboard
from benchmark.ranking.reasons import Unranked
from benchmark.website.pages import compare


def test_p_is_that_of_all_subsets_of_the_speakers(board):
    made, derived = board
    _, on = compared(derived)
    for protocol, speakers in (("savee-loso", 4), ("emovo-loso", 6), ("emodb-loso", 10)):
        difference = on[protocol].difference
        assert difference.p == pytest.approx(permuted(made, protocol))
        assert difference.smallest == 2 / 2**speakers
        assert len(difference.speakers) == speakers


def test_holm_is_over_the_protocols_that_are_compared(board):
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


def test_what_is_not_compared_has_reasons(board):
    _, on = compared(board[1])
    assert on["tess-2fold"].reasons == ((), (Unranked("trials", 5, 20),))
    assert on["ravdess-6fold"].reasons == ((), (Unranked("absent"),))
    assert on["toy"].reasons == ((Unranked("trials", 50, 20), Unranked("folds", (0,), None)), ())
    assert {name for name, each in on.items() if each.difference} == {
        "savee-loso",
        "emodb-loso",
        "emovo-loso",
    }


def test_pairs_tested_in_groups_have_the_p_of_pairs_tested_alone(monkeypatch):
    names = "abcdef"
    made = [made_up.record("toy", name, skill=i / 8) for i, name in enumerate(names)]
    derived = leaderboard.build(made, protocols={}, corpora={})["derived"]
    pairs = compare.pairs(names)
    alone = [next(comparison.compare(derived, [pair])).tables[0].difference for pair in pairs]
    monkeypatch.setattr(comparison, "TOGETHER", 3)
    assert [each.tables[0].difference for each in comparison.compare(derived, pairs)] == alone
