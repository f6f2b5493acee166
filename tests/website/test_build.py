"""The site: what pages show, that nothing in a record can harm a reader, and that building is safe."""

import csv
import json
import re
from argparse import Namespace
from contextlib import contextmanager
from pathlib import Path

import made_up
import numpy as np
import pairs
import pytest
from msgspec.structs import replace
from reading import HOSTILE, Elements, contents, leads_somewhere

from benchmark.cli import site as site_verb
from benchmark.records import folder as results_folder
from benchmark.records import prediction_table, record_files
from benchmark.records.homes import Homes
from benchmark.storage import files
from benchmark.verification import certificate
from benchmark.website import build, site
from protocols.errors import RecordError, UnheardError


@pytest.fixture(scope="module")
def made():
    return [
        *made_up.seeds("emodb-loso", "good", skill=0.9),
        *made_up.seeds("emodb-loso", "bad", skill=0.1),
        *made_up.seeds("savee-loso", "good", skill=0.9),
        made_up.record("tess-2fold", "good", trials=1),
        made_up.record("toy", "bad", board="synthetic"),
        made_up.record("emodb-loso", "hurried", trials=1),
    ]


@pytest.fixture(scope="module")
def built(known, made, tmp_path_factory):
    return build.build(made, tmp_path_factory.mktemp("site") / "out", known=known).parent


def write(root, made):
    """Put a made-up record and its predictions where they belong."""
    path = record_files.place(root, made.board, made.protocol.name, made.model.name, made.seed)
    chances = np.full((1, len(made.labels)), 1 / len(made.labels))
    record_files.write(path, made, prediction_table.Predictions(["clip"], np.zeros(1, dtype=int), chances))
    return path


def test_the_state_is_shown_and_who_ran_it(known, made, tmp_path):
    named = replace(made[0], run=replace(made[0].run, submitter=HOSTILE))
    out = build.build([named, *made[1:]], tmp_path / "out", known=known).parent
    page = Elements(out / "derived/model/good.html")
    marks = [a["title"] for tag, a in page.tags if tag == "abbr"]
    assert marks[:7] == ["nothing of it has been checked"] * 7
    assert f"Run by {HOSTILE}, in their own words" in page.text
    assert [a.get("src") for tag, a in page.tags if tag == "script"] == ["../../board.js"]
    assert re.search(r" (none|\d in \d+) self-reported", Elements(out / "index.html").text)


def test_every_local_link_leads_to_a_file(built):
    for page in built.rglob("*.html"):
        for _, attributes in Elements(page).tags:
            for target in filter(None, (attributes.get("href"), attributes.get("src"))):
                if not target.startswith(("https://", "http://")):
                    leads_somewhere(page, target)


def test_pages_have_no_inline_script_or_style_and_a_policy(built):
    for page in built.rglob("*.html"):
        tags = Elements(page).tags
        policy = next(a["content"] for t, a in tags if a.get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not [t for t, a in tags if t == "style" or "style" in a]
        assert all(a["src"].endswith("board.js") for t, a in tags if t == "script")
        assert not [name for _, a in tags for name in a if name.startswith("on")]


def test_the_front_page_is_the_best_board_and_links_the_others(built):
    front = Elements(built / "index.html")
    assert front.text == Elements(built / "derived/index.html").text
    assert "not official" in front.text
    links = [a["href"] for t, a in front.tags if t == "a"]
    assert "synthetic/index.html" in links
    assert "not speech of people" in Elements(built / "synthetic/index.html").text


def test_the_overview_shows_scores_intervals_dots_and_coverage(built, made):
    front = Elements(built / "index.html")
    emodb = np.mean([made_up.uar(r) for r in made[:3]])
    assert f"{100 * emodb:.1f} " in front.text
    spreads = [a["aria-label"] for t, a in front.tags if t == "svg" and a.get("class") == "spread"]
    assert sorted(words.split()[0] for words in spreads) == ["95", "95", "speakers", "speakers"]
    dots = [a["d"] for t, a in front.tags if t == "path" and a.get("class") == "dots"]
    assert sorted(path.count("M") for path in dots) == [2, 4]  # speakers of TESS and SAVEE
    assert "no CREMA-D or EMOVO or RAVDESS audio here" in front.text
    assert "not ranked" in front.text
    assert "conditional on the trained models" in Elements(built / "methods.html").text


def test_the_protocol_page_shows_folds_reasons_and_what_others_published(built):
    text = Elements(built / "derived/protocol/emodb-loso.html").text
    assert "Leave one speaker out (10 folds)" in text
    assert "08, 10 | 09, 11 | 13, 12" in text
    assert "1 trial, not 20" in text
    assert "the smallest p that a comparison can reach is 0.00195" in text
    assert "TIM-Net, corrected Jiaxin-Ye/TIM-Net_SER, 2023 UAR 89.19 no random 10 folds" in text
    assert "this benchmark, best from scratch" in text


def test_few_speakers_say_that_nothing_can_be_significant(known, tmp_path):
    few = ("savee-loso", "tess-2fold", "emovo-loso")
    made = [r for name in few for m, skill in zip("abc", (0.9, 0.1, 0), strict=True)
            for r in made_up.seeds(name, m, skill=skill)]  # fmt: skip
    out = build.build(made, tmp_path / "out", known=known).parent

    def text(name):
        return Elements(out / f"derived/protocol/{name}.html").text

    shown = "the smallest p that a comparison can reach is {}: no difference can be shown"
    assert f"With 4 speakers {shown.format(0.125)}" in text(few[0])
    assert f"With 2 speakers {shown.format(0.5)}" in text(few[1])
    assert "can reach is 0.0312. After Holm's correction for 3 models none can be below 0.05" in text(few[2])
    assert "no difference can be shown" not in text(few[2])


def test_the_model_page_shows_how_to_repeat_it_and_what_won(built):
    page = Elements(built / "derived/model/good.html")
    both = "--protocol emodb-loso --protocol savee-loso"
    assert f"python -m benchmark run {both} --model good --data DIR" in page.text
    assert "run --protocol tess-2fold --model good --trials 1 --seeds 1 --data DIR" in page.text
    assert "2 complete 40.0 50.0 c = 3" in page.text
    assert "torch 2.11.0" in page.text
    assert ("a", "https://example.org/paper") in [(t, a.get("href")) for t, a in page.tags]


def test_a_corpus_that_is_not_installed_still_has_a_page(built):
    assert "not installed here" in Elements(built / "synthetic/protocol/toy.html").text


def test_notes_that_all_models_share_are_shown_once(built):
    text = Elements(built / "synthetic/index.html").text
    assert text.count("miniature corpus") == 1
    assert "All models: 1 of 3 seeds; miniature corpus." in text


def test_tables_as_csv_and_json_say_the_same_as_the_page(built, made):
    with (built / "data/derived/emodb-loso.csv").open(newline="") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    expected = np.mean([made_up.uar(r) for r in made[:3]])
    assert float(rows["good"]["uar"]) == pytest.approx(expected, abs=1e-6)
    assert rows["hurried"]["unranked"] == "1 trial, not 20"
    table = json.loads((built / "data/derived/emodb-loso.json").read_text())
    assert table["entries"][0]["uar"] == pytest.approx(expected)
    overview = (built / "data/derived/overview.csv").read_text().splitlines()
    assert overview[0].startswith("model,track,overall,mean_rank,place_first,place_last,emodb-loso")


def test_same_records_same_bytes_whatever_their_order(built, known, made, tmp_path):
    again = build.build(made[::-1], tmp_path / "out", known=known).parent
    assert contents(again) == contents(built)


def test_hostile_records_are_harmless(known, tmp_path):
    bad = made_up.record(
        model=HOSTILE, title=HOSTILE, summary=HOSTILE, licence="javascript:alert(1)", version="'\"><b>",
        paper=f"javascript:alert(1) https://example.org/\"onclick=alert(1) {HOSTILE}", package="../../x",
        pretraining=[HOSTILE],
    )  # fmt: skip
    twin = made_up.record(model="-script-alert-1-script-", pretraining=["x"])
    out = build.build([bad, twin], tmp_path / "out", known=known).parent
    assert len(list((out / "derived/model").iterdir())) == 2
    for page in out.rglob("*.html"):
        elements = Elements(page)
        assert not [t for t, a in elements.tags if t == "b" and a]
        assert all(a["src"].endswith("board.js") for t, a in elements.tags if t == "script")
        assert not [a for _, a in elements.tags if "javascript:" in str(a.get("href"))]
        assert not [name for _, a in elements.tags for name in a if name.startswith("on")]
    assert HOSTILE in Elements(out / "index.html").text  # shown as words
    assert {p.resolve().is_relative_to(out) for p in out.rglob("*")} == {True}


@pytest.mark.parametrize(
    ("results", "place"),
    [("results", "_site"), ("a/_runs", "a/_site"), (".", "../_site"), ("/a/part-0/", "/a/_site")],
)
def test_a_site_goes_beside_its_results(results, place):
    assert site.beside(Path(results)) == Path(place)


def test_no_records_make_a_site_that_says_so(tmp_path):
    (tmp_path / "results").mkdir()
    index = site.build_site(tmp_path / "results", tmp_path / "out")
    assert "There are no records yet" in Elements(index).text


def test_a_site_from_a_folder_carries_records_and_predictions(tmp_path, made):
    for record in made[:2]:
        path = write(tmp_path / "results", record)
    index = site.build_site(tmp_path / "results", tmp_path / "out")
    copy = index.parent / "data/records/derived/emodb-loso/good/seed-1.json"
    assert copy.read_bytes() == path.read_bytes()
    assert record_files.predictions_place(copy).is_file()
    links = [a.get("href") for _, a in Elements(index.parent / "derived/model/good.html").tags]
    assert "../../data/records/derived/emodb-loso/good/seed-1.csv.gz" in links


def test_predictions_that_are_a_link_to_elsewhere_are_not_published(tmp_path, made):
    path = write(tmp_path / "results", made[0])
    secret = tmp_path / "secret"
    secret.write_text("secret")
    record_files.predictions_place(path).unlink()
    record_files.predictions_place(path).symlink_to(secret)
    out = site.build_site(tmp_path / "results", tmp_path / "out").parent
    assert not list(out.rglob("*.gz"))
    assert b"secret" not in b"".join(contents(out).values())


def test_a_missing_results_folder_is_named(tmp_path):
    with pytest.raises(UnheardError, match=re.escape(f"{tmp_path / 'no'}: there is no such results folder")):
        site.build_site(tmp_path / "no", tmp_path / "out")


def test_an_unreadable_record_is_named_and_the_old_site_stays(tmp_path, made):
    path = write(tmp_path / "results", made[0])
    out = site.build_site(tmp_path / "results", tmp_path / "out").parent
    before = contents(out)
    path.write_text("{")
    with pytest.raises(RecordError, match=re.escape(str(path))):
        site.build_site(tmp_path / "results", tmp_path / "out")
    assert contents(out) == before


def test_a_record_in_another_one_s_place_is_named(tmp_path, made):
    path = write(tmp_path / "results", made[0])
    stray = path.with_name("seed-7.json")
    path.rename(stray)
    with pytest.raises(RecordError, match=r"seed-7\.json: holds the record of derived emodb-loso good 0"):
        site.build_site(tmp_path / "results", tmp_path / "out")


def test_the_verb_builds_and_says_where(tmp_path, made, capsys):
    write(tmp_path / "results", made[0])
    args = Namespace(results=tmp_path / "results", out=tmp_path / "out", serve=False)
    assert site_verb.run(args) == 0
    assert str(tmp_path / "out" / "index.html") in capsys.readouterr().err


def test_the_server_ends_with_ctrl_c(tmp_path, made, monkeypatch):
    write(tmp_path / "results", made[0])
    args = Namespace(results=tmp_path / "results", out=tmp_path / "out", serve=True)

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(site.ThreadingHTTPServer, "serve_forever", interrupted)
    assert site_verb.run(args) == 0


def test_a_site_is_current_while_the_records_are_those_it_was_built_from(tmp_path, made):
    results, out = tmp_path / "results", tmp_path / "out"
    path = write(results, made[0])
    assert site.current(results, out) is None
    index = site.build_site(results, out)
    assert site.current(results, out) == index
    write(results, made[1])
    assert site.current(results, out) is None
    site.build_site(results, out)
    verification = certificate.place(path)
    for change in (
        lambda: path.write_bytes(path.read_bytes() + b" "),
        lambda: files.write(verification, "{}"),
        verification.unlink,  # it was retired
        lambda: files.write(record_files.predictions_place(path), b"odd"),
        record_files.predictions_place(path).unlink,
    ):
        change()
        assert site.current(results, out) is None
        site.build_site(results, out)
        assert site.current(results, out) == index
    (out / "methods.html").unlink()
    assert site.current(results, out) is None


def test_the_records_are_read_by_whoever_may_build(tmp_path, monkeypatch):
    """Of two runs that end at once, the one that builds last has the records of both."""
    order = []

    @contextmanager
    def locked(_):
        order.append("locked")
        yield
        order.append("free")

    monkeypatch.setattr(site.folder, "locked", locked)
    monkeypatch.setattr(site.homes, "read", lambda _: order.append("read") or Homes(()))
    monkeypatch.setattr(build, "build", lambda *_, **__: order.append("built"))
    site.build_site(tmp_path, tmp_path / "out")
    assert order == ["locked", "read", "built", "free"]


def test_several_folders_make_one_site_and_keep_their_evidence_apart(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    pairs.write(one, made_up.record("savee-loso", "a"), 1)
    pairs.write(two, made_up.record("savee-loso", "b"), 2)
    with made_up.believed():
        out = site.build_site([one, two], tmp_path / "out").parent
        assert site.current(one, out) is None  # it shows more
    document = json.loads((out / "data/all.json").read_text())
    assert {e["model"] for e in document["derived"]["tables"]["savee-loso"]["entries"]} == {"a", "b"}
    for number, (folder, name) in enumerate([(one, "a"), (two, "b")]):
        place = f"derived/savee-loso/{name}/seed-0.json"
        assert (out / record_files.in_a_site(number) / place).read_bytes() == (folder / place).read_bytes()
    assert len(results_folder.paths(out)) == 2
