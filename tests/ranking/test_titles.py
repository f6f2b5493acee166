"""What tables are called."""

from dataclasses import replace

import made_up
import pytest

from benchmark.ranking import titles
from protocols import corpora

LOSO = made_up.protocol("emodb-loso")
RANDOM = replace(LOSO, name="emodb-random", ranks=False, overall=False, leaks="by design")
SECOND = replace(LOSO, name="emodb-5fold", overall=False)
ACROSS = replace(LOSO, name="across", corpora=("emodb", "savee"), overall=False)
CORPORA = {"emodb": corpora.load("emodb"), "savee": corpora.load("savee")}


@pytest.mark.parametrize(
    ("protocols", "expected"),
    [
        ([LOSO], {"emodb-loso": "EMO-DB"}),
        ([LOSO, RANDOM], {"emodb-loso": "EMO-DB", "emodb-random": "emodb-random"}),
        ([LOSO, SECOND], {"emodb-loso": "EMO-DB", "emodb-5fold": "emodb-5fold"}),
        ([SECOND], {"emodb-5fold": "EMO-DB"}),
        ([RANDOM], {"emodb-random": "emodb-random"}),
        ([LOSO, ACROSS], {"emodb-loso": "EMO-DB", "across": "across"}),
    ],
)
def test_the_corpus_s_title_is_for_its_own_ranking_protocol(protocols, expected):
    known = {protocol.name: protocol for protocol in protocols}
    found = {
        p.name: titles.of_protocol(p.name, p.corpora, protocols=known, corpora=CORPORA) for p in protocols
    }
    assert found == expected


def test_a_protocol_that_is_not_known_has_its_corpus_s_title_unless_another_has_it():
    title = titles.of_protocol("old", ["emodb"], protocols={}, corpora=CORPORA)
    assert title == "EMO-DB"
    title = titles.of_protocol("old", ["emodb"], protocols={LOSO.name: LOSO}, corpora=CORPORA)
    assert title == "old"
    assert titles.of_protocol("toy-loso", ["toy"], protocols={}, corpora={}) == "toy"
