"""Names at points: none covers another, and all of a small board find a place."""

from itertools import combinations

import numpy as np
import pytest

from benchmark.website.figures import labels
from benchmark.website.figures.labels import Surroundings, Wanted

SIZE = 12.5
INSIDE = (44.0, 62.0, 1240.0, 488.0)


def crowd(many, seed):
    """Names at points that crowd in the middle."""
    rng = np.random.default_rng(seed)
    at = rng.normal((500, 270), (160, 60), (many, 2)).clip((60, 80), (1100, 470)).round(1)
    return [Wanted(f"{n}", f"some-model-{n} {n}.5", *point) for n, point in enumerate(at.tolist())]


def box(one, placed):
    wide = labels.width(one.text, SIZE)
    return placed.x, placed.y - 0.7 * SIZE, placed.x + wide, placed.y + 0.2 * SIZE


def apart(a, b):
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("seed", range(3))
def test_twenty_crowded_names_all_have_a_place_and_none_covers_another(seed):
    wanted = crowd(20, seed)
    around = Surroundings(inside=INSIDE, marks=[(one.x, one.y) for one in wanted])
    found = labels.place(wanted, around, size=SIZE)
    assert set(found) == {one.key for one in wanted}
    boxes = [box(one, found[one.key]) for one in wanted]
    assert all(apart(a, b) for a, b in combinations(boxes, 2))
    assert all(a[0] >= INSIDE[0] and a[2] <= INSIDE[2] for a in boxes)
    assert found == labels.place(wanted, around, size=SIZE)


def test_a_name_that_is_away_from_its_point_has_a_line_to_it():
    wanted = [Wanted(f"{n}", f"some-model-{n}", 500.0, 270.0 + n) for n in range(8)]
    around = Surroundings(inside=INSIDE, marks=[(one.x, one.y) for one in wanted])
    found = labels.place(wanted, around, size=SIZE)
    assert found["0"].lead is None
    assert any(one.lead for one in found.values())


def test_the_less_important_is_left_out_where_there_is_room_for_one():
    wanted = [Wanted("first", "a name", 20.0, 10.0), Wanted("second", "a name", 20.0, 10.0)]
    around = Surroundings(inside=(0.0, 0.0, 90.0, 20.0), marks=[(20.0, 10.0)])
    assert set(labels.place(wanted, around, size=SIZE)) == {"first"}
