"""The suites: which protocols, which models."""

import pytest

from benchmark.execution import model_choice, plan, suites
from benchmark.execution.request import Request
from protocols import folds, ladder, registry
from protocols.errors import UnheardError


def test_no_protocol_leaks_but_where_a_suite_is_of_leaks():
    leaky = {
        suite.name for suite in suites.SUITES.values() if any(folds.load(p).leaks for p in suite.protocols)
    }
    assert leaky == {"leakage", "other-benchmarks"}
    for name in ("all", "quick", "enrolment"):
        assert list(suites.find(name).protocols) == list(ladder.RANKING.values())


def test_the_protocols_of_suites_are_installed():
    named = {protocol for suite in suites.SUITES.values() for protocol in suite.protocols}
    assert named <= set(registry.names("protocols"))
    left = {name for name in registry.names("protocols") if name not in named}
    assert {name.rsplit("-", 1)[1] for name in left} == {"mteb"}  # too few clips for the embedded corpora


def test_a_corpus_of_the_ladder():
    made = plan.make(Request(suite="leakage", models=["prior"], corpora=["savee"], device="cpu"))
    assert [job.protocol.name for job in made.jobs] == ladder.all_of("savee")


def test_a_suite_has_models_of_its_own_until_others_are_named():
    found, _ = model_choice.choose((), suites.find("cross-corpus"))
    assert {plugin.info.name for plugin in found} <= set(suites.EXEMPLARY)
    assert {"mfcc-logreg", "compare-lda", "functionals-lda", "small-cnn"} <= {
        plugin.info.name for plugin in found
    }
    found, _ = model_choice.choose(("prior",), suites.find("cross-corpus"))
    assert [plugin.info.name for plugin in found] == ["prior"]


def test_corpora_that_no_protocol_of_the_suite_is_for():
    message = (
        "emodb: no installed protocol is for it, or for it and the other corpora of --corpus, but those of"
    )
    with pytest.raises(UnheardError, match=message):
        plan.make(Request(suite="cross-corpus", models=["prior"], corpora=["emodb"], device="cpu"))
