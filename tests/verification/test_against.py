"""A results folder beside what it was at a git ref: what is shown, and which verifications count."""

import json
import os
import subprocess

import asked
import honest
import pytest
from honest import change

from benchmark.records import record_files
from benchmark.verification import certificate

NAMES = ("a-model", "b-model", "c-model")


def git(folder, *words):
    who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, env={**os.environ, **who})


@pytest.fixture
def results(tmp_path):
    """Three models' records, the first verified, committed as `base`."""
    folder = tmp_path / "checkout" / "results"
    paths = [honest.write(folder, model=name, seed=0) for name in NAMES]
    honest.verify(paths[0])
    git(tmp_path, "init", "-q", "checkout")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-qm", "base")
    git(folder.parent, "tag", "base")
    return folder


def place(results, name, seed=0):
    return record_files.place(results, "derived", "savee-loso", name, seed)


def name(model, seed=0, end=".json"):
    return f"derived/savee-loso/{model}/seed-{seed}{end}"


def review(call, results, ref="base"):
    code, out, _ = call("verify", "--json", "--results", results, "--against", ref)
    return code, json.loads(out)


def test_nothing_has_changed(call, results):
    code, found = review(call, results)
    changes = found["against"]
    assert code == 0
    assert len(changes.pop("commit")) == 40
    assert not any(changes.values())
    assert found["states"] == {"verified": 1, "recomputed": 2}
    code, out, _ = call("verify", "--results", results, "--against", "base")
    assert (code, out.splitlines()[1]) == (0, "nothing has changed")


def test_what_was_added_changed_and_deleted(call, results):
    honest.write(results, model="d-model")
    change(place(results, "b-model"), "run", "seconds", 1.0)
    for path in place(results, "c-model").parent.iterdir():
        path.unlink()
    (results / "notes.txt").write_text("x")
    (results / "link").symlink_to("/etc/passwd")
    code, found = review(call, results)
    changes = found["against"]
    assert code == 2  # for the link
    assert changes["added"] == [name("d-model")]
    assert changes["changed"] == {name("b-model"): "run"}
    assert changes["deleted"] == [name("c-model")]
    assert changes["others"] == {"link": "added", "notes.txt": "added"}
    assert changes["downgraded"] == changes["verifications"] == {}
    code, out, _ = call("verify", "--results", results, "--against", "base")
    assert f"\nadded       {name('d-model')}\nchanged     {name('b-model')}: run\n" in out
    assert f"\ndeleted     {name('c-model')}\n" in out
    assert "\nadded       notes.txt: no record\n" in out


def test_other_predictions_are_a_change(call, results):
    other = honest.write(results.parent / "other", model="b-model", seed=0, skill=9)
    predictions = record_files.predictions_place(place(results, "b-model"))
    predictions.write_bytes(record_files.predictions_place(other).read_bytes())
    code, found = review(call, results)
    assert code == 2
    assert found["against"]["changed"] == {name("b-model"): "its predictions or its layout"}
    assert found["against"]["downgraded"] == {name("b-model"): "recomputed -> invalid"}


def test_robustness_is_listed_and_is_no_record(call, results):
    beside = asked.write(place(results, "b-model")).relative_to(results).as_posix()
    code, found = review(call, results)
    assert code == 0
    assert found["against"]["robustness"] == {beside: "added", beside.replace(".json", ".csv.gz"): "added"}
    assert found["against"]["added"] == []
    assert found["against"]["others"] == {}
    _, out, _ = call("verify", "--results", results, "--against", "base")
    assert f"\nadded       {beside}\n" in out


def test_a_byte_voids_a_verification_and_the_record_is_downgraded(call, results):
    change(place(results, "a-model"), "run", "seconds", 1.0)
    code, found = review(call, results)
    assert code == 0
    assert found["against"]["downgraded"] == {name("a-model"): "verified -> recomputed"}


def test_a_verification_that_a_submission_brings_along_does_not_count(call, results):
    change(place(results, "a-model"), "run", "seconds", 1.0)
    for model in NAMES[:2]:
        honest.verify(place(results, model))
    _, found = review(call, results)
    assert found["states"] == {"recomputed": 3}
    assert found["against"]["verifications"] == {
        f"verifications/{name('a-model')}": "changed",
        f"verifications/{name('b-model')}": "added",
    }
    assert found["against"]["downgraded"] == {name("a-model"): "verified -> recomputed"}
    notes = found["records"][str(place(results, "b-model"))]["notes"]
    assert notes[0].startswith("its verification came with it and does not count")
    _, out, _ = call("verify", "--results", results, "--against", "HEAD")
    assert f"\nadded       verifications/{name('b-model')}: it does not count here\n" in out
    git(results, "add", ".")
    git(results, "commit", "-qm", "a reviewer takes it")
    _, found = review(call, results, "HEAD")
    assert found["states"] == {"verified": 2, "recomputed": 1}


def test_a_verification_that_is_gone_downgrades(call, results):
    certificate.place(place(results, "a-model")).unlink()
    _, found = review(call, results)
    assert found["against"]["verifications"] == {f"verifications/{name('a-model')}": "deleted"}
    assert found["against"]["downgraded"] == {name("a-model"): "verified -> recomputed"}
    _, out, _ = call("verify", "--results", results, "--against", "base")
    assert f"\ndeleted     verifications/{name('a-model')}\n" in out


def test_a_folder_that_was_not_there_is_all_new(call, results):
    other = honest.write(results.parent / "other", model="a-model").parents[3]
    code, found = review(call, other)
    assert code == 0
    assert found["against"]["added"] == [name("a-model")]


def test_a_record_is_retired_by_deleting_all_its_seeds(call, results):
    """The procedure of docs/maintaining.md, and what goes wrong where seed 0 alone is deleted."""
    second = honest.write(results, model="a-model", seed=1)
    for fold in range(4):
        change(second, "folds", fold, "trials", [])
    change(second, "key", "seed", 1)
    git(results, "add", ".")
    git(results, "commit", "-qm", "a second seed")
    git(results, "rm", "-q", name("a-model"), name("a-model", end=".csv.gz"))
    code, out, _ = call("verify", "--results", results, "--against", "HEAD")
    assert code == 2
    assert "seed 1 refits seed 0's winners, but no readable seed-0.json lies beside it" in out
    git(results, "rm", "-qr", "derived/savee-loso/a-model", "verifications/derived/savee-loso/a-model")
    (results / "RETIRED.md").write_text("a-model, derived, savee-loso: why.\n")
    code, found = review(call, results, "HEAD")
    assert code == 0
    assert found["against"]["deleted"] == [name("a-model"), name("a-model", 1)]
    assert found["against"]["verifications"] == {f"verifications/{name('a-model')}": "deleted"}
    assert found["against"]["others"] == {"RETIRED.md": "added"}
    assert found["states"] == {"recomputed": 2}


def test_the_log_is_only_ever_added_to(call, results):
    header, line = "date,board,protocol,model,what\n", "2030-01-31,derived,savee-loso,a-model,retired\n"
    log = results / "log.csv"
    log.write_text(header)
    assert review(call, results)[1]["against"]["log"] == "added to"
    git(results, "add", ".")
    git(results, "commit", "-qm", "a log")
    log.write_text(header + line)
    code, out, _ = call("verify", "--results", results, "--against", "HEAD")
    assert (code, "added to    log.csv" in out) == (0, True)
    log.write_text(line)
    code, out, _ = call("verify", "--results", results, "--against", "HEAD")
    assert (code, "rewritten   log.csv: it is only ever added to" in out) == (2, True)


def test_a_link_in_an_earlier_commit_is_not_followed(call, results):
    (results / "link").symlink_to("/etc/passwd")
    git(results, "add", ".")
    git(results, "commit", "-qm", "a link")
    (results / "link").unlink()
    code, found = review(call, results, "HEAD")
    assert (code, found["against"]["others"]) == (0, {})


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("no-such", "git knows no such ref"),
        ("--output=x", "git knows no such ref"),
        ("", "git knows no such"),
    ],
)
def test_a_ref_that_is_none(call, results, ref, message):
    code, _, err = call("verify", "--results", results, f"--against={ref}")
    assert (code, message in err) == (2, True)


def test_what_goes_with_against(call, results, tmp_path):
    for more in (["--rerun"], [place(results, "a-model")]):
        code, _, err = call("verify", "--results", results, "--against", "base", *more)
        assert code == 2
        assert "--against compares the whole folder of --results" in err
    alone = honest.write(tmp_path / "alone").parents[3]
    code, _, err = call("verify", "--results", alone, "--against", "base")
    assert code == 2
    assert "not a git repository" in err
