"""What a search buys: on a model's page, and as a board at so many trials."""

import made_up
import pytest
from msgspec.structs import replace
from reading import Elements

from benchmark.records.schema import Trial
from benchmark.website import build


def searched(model, uars):
    """A record whose folds all tried these."""
    record = made_up.record("savee-loso", model)
    trials = [Trial(params={}, state="complete", uar=u, cross_entropy=1.0, epochs=None) for u in uars]
    return replace(record, folds=[replace(fold, trials=trials) for fold in record.folds])


@pytest.fixture(scope="module")
def built(tmp_path_factory, known):
    made = [
        searched("early", [0.5, 0.5, 0.5, 0.5, 0.5]),
        searched("late", [0.3, 0.3, 0.3, 0.3, 0.9]),
        made_up.record("savee-loso", "small", trials=5),
    ]
    return build.build(made, tmp_path_factory.mktemp("search") / "out", known=known).parent


def test_the_board_at_so_many_trials_turns_where_one_needs_more(built):
    text = Elements(built / "derived/search.html").text
    words = " ".join(text.split())
    assert "late 42.0 place 2 51.6 place 1 70.3 place 1 5" in words  # 0.9 - 0.6 * 0.8^k
    assert "early 50.0 place 1 50.0 place 2 50.0 place 2 5" in words


def test_a_model_s_page_shows_it_and_leads_there(built):
    page = (built / "derived/model/late.html").read_text()
    assert "What the search bought" in page
    assert 'href="../../derived/search.html"' in page
    assert not (built / "derived-small/search.html").exists()  # of one model there is no order


def test_the_small_budget_has_a_board_that_says_so(built):
    text = Elements(built / "derived-small/index.html").text
    assert "The small budget: five trials a fold, one seed." in text
    assert "derived copies of the audio" in text
    assert "Small" in text
    assert (built / "derived-small/model/small.html").is_file()
    assert not (built / "derived/model/small.html").exists()
