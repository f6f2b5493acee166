"""The page "What changed" and the feed: from the dates of records and from the log."""

import xml.etree.ElementTree as ET

import made_up
import pytest
from msgspec.structs import replace
from reading import Elements

from benchmark.records import record_files, results_log
from benchmark.website import build

ATOM = "{http://www.w3.org/2005/Atom}"


def finished(records, when):
    return [replace(record, run=replace(record.run, finished=when)) for record in records]


@pytest.fixture(scope="module")
def built(known, tmp_path_factory):
    """Two models, finished on two days, and a log."""
    root = tmp_path_factory.mktemp("changes")
    made = [
        *finished(made_up.seeds("emodb-loso", "older"), "2030-01-01T10:00:00+00:00"),
        *finished([made_up.record("savee-loso", "older")], "2030-01-01T11:00:00+00:00"),
        *finished(made_up.seeds("emodb-loso", "newer"), "2030-03-01T09:00:00+00:00"),
    ]
    (root / "results").mkdir()
    lines = (
        ",".join(results_log.HEADER),
        "2030-02-01,derived,emodb-loso,gone,retired: it saw <b>labels</b>",
        "2030-02-01,derived-small,,,retired with its corpus",
    )
    (root / "results" / results_log.NAME).write_text("\n".join(lines))
    with made_up.believed():
        return build.build(made, root / "out", known=known, results=root / "results").parent


def test_the_newest_day_comes_first_and_the_log_stands_among_the_records(built):
    text = Elements(built / "derived/changes.html").text
    days = [text.index(words) for words in (
        "2030-03-01 newer : 3 records, EMO-DB",
        "2030-02-01 All models: derived-small board: retired with its corpus",
        "gone: EMO-DB: retired: it saw <b>labels</b>",
        "2030-01-01 older : 4 records, EMO-DB, SAVEE",
    )]  # fmt: skip
    assert days == sorted(days)


def test_the_feed_is_atom_and_names_each_change_for_good(built):
    feed = ET.parse(built / "feed.xml").getroot()
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}updated") == "2030-03-01T09:00:00+00:00"
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "derived: newer, 3 records", "derived: all models, from the log", "derived: gone, from the log",
        "derived: older, 4 records",
    ]  # fmt: skip
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == 4
    assert all(one.startswith("urn:uuid:") for one in ids)
    link = entries[0].find(f"{ATOM}link").get("href")
    page, _, element = link.partition("#")
    assert element in [a.get("id") for _, a in Elements(built / page).tags]


def test_what_xml_does_not_allow_does_not_break_the_feed(known, tmp_path):
    out = build.build([made_up.record(model="a\x1b<&>b\x00")], tmp_path / "out", known=known).parent
    [entry] = ET.parse(out / "feed.xml").getroot().findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "derived: a<&>b, 1 record"


def test_the_log_goes_with_the_records(built):
    assert (built / record_files.IN_A_SITE / results_log.NAME).is_file()
    assert 'href="feed.xml"' in (built / "index.html").read_text()
