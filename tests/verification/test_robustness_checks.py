"""The robustness beside a record: what holds, what does not, and what is of another record."""

import gzip
import json

import asked
import honest
import pytest
from msgspec.structs import replace

from benchmark import api
from benchmark.records import record_files, robustness
from benchmark.verification import robustness_checks, submission


@pytest.fixture
def path(tmp_path):
    return honest.write(tmp_path / "results", model="a-model", seed=0)


def look(path):
    return robustness_checks.look(submission.read(path))


def doctored(path, alter):
    """With its file as `alter` leaves the document."""
    place = robustness.place(path)
    document = json.loads(place.read_bytes())
    alter(document)
    place.write_text(json.dumps(document))
    return look(path)


def test_nothing_is_beside_most_records(path):
    assert look(path) == robustness_checks.Found()


def test_what_holds_is_found_by_record(path):
    asked.write(path)
    found = look(path)
    assert (found.problems, found.notes) == ((), ())
    assert found.robustness.worst == "opus-16"  # of which the most rows are moved
    assert found.robustness.at_worst < found.robustness.scores["half-level"].uar
    record = record_files.read(path)
    of = robustness_checks.of(path.parents[3])
    assert of(record) == found.robustness
    assert of(replace(record, seed=1)) is None


@pytest.mark.parametrize(
    ("alter", "problem"),
    [
        (
            lambda d: d["scores"]["telephone"].update(uar=0.99),
            r"telephone: its scores are .*uar=0\.99.* follows",
        ),
        (
            lambda d: d["scores"]["clean"].update(ece=0.0),
            r"clean: its scores are .* follows from the predictions",
        ),
        (lambda d: d.update(largest=0.01), r"its models differ from the record by 0\.01 in probability"),
        (lambda d: d["conditions"][0].update(snr=40), "its conditions are not those of the table"),
        (lambda d: d["conditions"].pop(), "its scores are not those of its conditions"),
        (lambda d: d["lacking"].update({"opus-16": "no codec"}), "its conditions are not those of the table"),
        (lambda d: d.update(schema=2), "schema 2 is unknown"),
        (lambda d: d.pop("clean"), "not the robustness of a record"),
    ],
)
def test_what_does_not_follow_is_named(path, alter, problem):
    asked.write(path)
    found = doctored(path, alter)
    assert found.robustness is None
    with pytest.raises(AssertionError, match=problem):
        assert found.problems == ()


def rewritten(path, lines):
    place = robustness.predictions_place(path)
    text = gzip.decompress(place.read_bytes()).decode().splitlines(keepends=True)
    place.write_bytes(gzip.compress("".join(lines(text)).encode()))
    return " ".join(look(path).problems)


def test_predictions_that_are_others_are_found(path):
    asked.write(path)
    assert "the predictions file is not the one" in rewritten(path, lambda text: [text[0], *text[:0:-1]])
    asked.write(path)
    assert "noise-20: its rows are not those of the record" in rewritten(
        path, lambda text: [text[0], *text[2:]]
    )
    asked.write(path)
    assert "is under no condition that it lists" in rewritten(
        path, lambda text: [text[0], text[1].replace("noise-20/", "drizzle/"), *text[2:]]
    )
    robustness.predictions_place(path).unlink()
    assert "cannot be read" in look(path).problems[0]


def test_what_is_of_another_record_or_table_is_a_note(path):
    asked.write(path, clean="0" * 64)
    assert look(path).notes == ("its robustness is of a record that has changed since",)
    asked.write(path, table="0" * 64)
    assert look(path).notes == ("its robustness is of another version of the acoustic conditions",)
    assert look(path).robustness is None


def test_verify_says_so_and_the_record_holds_all_the_same(path, call):
    results = path.parents[3]
    asked.write(path)
    [judged] = api.verify(results=results)
    assert (judged.holds, judged.state) == (True, "recomputed")
    asked.write(path, largest=0.5)
    code, out, _ = call("verify", "--results", results)
    assert code == 2
    assert f"{path}: its robustness: its models differ" in out
    assert "1 record: 1 recomputed" in out


def test_the_site_carries_it_to_the_byte(path, tmp_path):
    from benchmark.website import site

    place, results = asked.write(path), path.parents[3]
    page = site.build_site(results, tmp_path / "out")
    copy = page.parent / "data/records" / place.relative_to(results)
    assert copy.read_bytes() == place.read_bytes()
    assert site.current(results, page.parent) == page
    robustness.predictions_place(path).unlink()
    assert site.current(results, page.parent) is None
