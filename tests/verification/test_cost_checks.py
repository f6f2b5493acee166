"""Costs and speeds that cannot be, beside each other or beside the network that is installed."""

import honest
import pytest
from honest import change

from benchmark.verification import checks, submission


@pytest.fixture
def record(tmp_path):
    return honest.write(tmp_path / "results")


def problems(path):
    return checks.problems(submission.read(path))


FALSE = {
    "a cost of nothing": (
        (
            "cost",
            "counts",
            [{"seconds": s, "used": s, "front_end": 0, "model": {}, "norms": 0} for s in (1, 3, 10)],
        ),
        "its cost for 3 s of speech is zero",
    ),
    "a network that computes nothing": (
        (
            "cost",
            lambda cost: {**cost, "by": "fvcore", "counts": [{**c, "model": {}} for c in cost["counts"]]},
        ),
        "its cost for 3 s of speech is zero",
    ),
    "a cost that falls": (
        ("cost", "counts", 2, "model", "linear", 69),
        "its cost falls where the speech is longer: model",
    ),
    "a front end that falls": (
        ("cost", "counts", 0, "front_end", 3001),
        "its cost falls where the speech is longer: front end",
    ),
    "norms that fall": (
        ("cost", "counts", 0, "norms", 1),
        "its cost falls where the speech is longer: norms",
    ),
    "more speech than there is": (
        ("cost", "counts", 1, "used", 4.0),
        "its cost is of 4 s of speech, where 3 s",
    ),
    "no speech": (("cost", "counts", 0, "used", 0.0), "its cost is of 0 s of speech, where 1 s are given"),
    "training for nothing": (("cost", "training", 0), "its training costs nothing"),
    "fewer parameters than were trained": (
        ("folds", 0, "parameters", 561),
        "it costs 560 parameters, but a fold has trained 561",
    ),
    "weights of no bytes": (
        ("cost", lambda cost: {**cost, "parameters": 561}),
        "its 561 parameters take 560 bytes",
    ),
    "a latency of nothing": (("run", "speed", "latency", 0.0), "its latency, or a part of it, is zero"),
    "a latency below its front end's": (
        ("run", "speed", "latency", 1.9),
        "its latency of 1.9 ms is less than its front end's, 2 ms, or more",
    ),
    "a latency above its slowest": (("run", "speed", "slow", 2.9), "its latency of 3 ms is less than"),
    "a ratio": (("run", "speed", "ratio", 0.3), "its ratio is 0.3, but latency and reference give 3"),
    "a reference": (
        ("run", "speed", "reference", 10.0),
        "its ratio is 3.01, but latency and reference give 0.3",
    ),
    "a time for a second": (
        ("run", "speed", "real_time", 0.0001),
        "it takes 0.0001 s for a second of speech",
    ),
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_false_claim_is_named(record, kind):
    steps, message = FALSE[kind]
    change(record, "cost", "parameters", 560)  # which take 560 bytes
    change(record, *steps)
    found = problems(record)
    assert any(problem.startswith(message) for problem in found), found


def test_a_training_that_costs_less_than_its_fits(record):
    clips = 3 * 480  # each of four folds trains on three of four speakers
    for fold in range(4):
        change(record, "folds", fold, "epochs", 10)
    message = "its training costs {}, less than the fits of its winners alone"
    change(record, "cost", "training", 3 * 70 * clips * 10)
    assert message.format(3 * 70 * clips * 10) not in problems(record)
    change(record, "cost", "training", 3 * 70 * clips * 10 - 1)
    assert message.format(3 * 70 * clips * 10 - 1) in problems(record)
