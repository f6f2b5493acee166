"""Computations that ask for what must be done elsewhere: generators that yield requests and are sent answers.

So one and the same search runs on fits that are done in this process, side by side on a GPU, or on another
machine.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
Asking = Generator[Sequence[Any], Sequence[Any], T]  # yields requests, is sent as many answers, returns a T


def finish(asking: Asking[T], answer: Callable[[Sequence[Any]], Sequence[Any]]) -> T:
    """What it returns in the end, where `answer` does all that it asks for on the way."""
    answers: Any = None
    while True:
        try:
            requests = asking.send(answers)
        except StopIteration as end:
            return end.value
        answers = answer(requests)


def side_by_side(askings: Iterable[Asking[None]]) -> Asking[None]:
    """All of them in step: what each asks for next is asked for together."""
    going: list[tuple[Asking[None], Any]] = [(each, None) for each in askings]
    while True:
        wanted = []
        for each, answers in going:
            try:
                wanted.append((each, each.send(answers)))
            except StopIteration:
                continue
        if not wanted:
            return
        came = iter((yield [request for _, requests in wanted for request in requests]))
        going = [(each, list(islice(came, len(requests)))) for each, requests in wanted]
