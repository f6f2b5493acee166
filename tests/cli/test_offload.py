"""`offload`: what is wrong with a request is said, and nothing is a traceback."""

import pytest

from benchmark.cli.main import WRONG


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "pack there --max-mib 9 --data demo --model prior --corpus savee",
            "no network of this request has a fold",
        ),
        ("pack there --data demo", "the following arguments are required: --max-mib"),
        ("fill there --minutes 1 --device cpu", "there: nothing is packed there (out.*)"),
        ("fill there --minutes 0", "'0' is not a whole number of at least 1"),
        ("unpack there", "there: nothing is packed there (back.*)"),
        ("unpack", "the following arguments are required: DIR"),
    ],
)
def test_what_is_wrong_is_said(call, here, words, message):  # noqa: ARG001
    code, _, err = call("offload", *words.split())
    assert code == WRONG
    assert message in err
