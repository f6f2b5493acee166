"""Computations that ask for what others do."""

import pytest

from benchmark.training import asking


def summing(*rounds):
    total = 0
    for requests in rounds:
        answers = yield requests
        assert len(answers) == len(requests)
        total += sum(answers)
    return total


def test_finish_answers_until_it_returns():
    asked = []

    def answer(requests):
        asked.append(list(requests))
        return [10 * request for request in requests]

    assert asking.finish(summing([1, 2], [3]), answer) == 60
    assert asked == [[1, 2], [3]]


def test_what_asks_for_nothing_is_finished_at_once():
    assert asking.finish(summing(), lambda _: pytest.fail("asked")) == 0


def test_an_error_of_who_answers_is_not_the_end():
    def answer(requests):
        raise StopIteration(requests)

    with pytest.raises(StopIteration):
        asking.finish(summing([1]), answer)


def test_side_by_side_they_ask_in_step_and_get_their_own_answers():
    came = {}

    def one(name, *rounds):
        came[name] = yield from summing(*rounds)

    asked = []

    def answer(requests):
        asked.append(list(requests))
        return [100 * request for request in requests]

    both = asking.side_by_side([one("a", [1], [2, 3], [4]), one("b"), one("c", [5, 6], [7])])
    asking.finish(both, answer)
    assert asked == [[1, 5, 6], [2, 3, 7], [4]]
    assert came == {"a": 1000, "b": 0, "c": 1800}
