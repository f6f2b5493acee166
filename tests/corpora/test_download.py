"""One file from a server that fails in every way: it arrives whole, or the message says why not."""

import hashlib

import pytest
import requests

from benchmark.corpora import download
from protocols.errors import FetchError, StoreError


def get(site, tmp_path, **expected):
    with download.session() as http:
        made = download.Expected(**expected)
        return download.download(f"{site.url}/x.zip", tmp_path / "x.zip", expected=made, http=http)


def test_file_arrives_and_progress_is_told(site, tmp_path):
    site.content["/x.zip"] = data = bytes(range(256)) * 4000
    told = []
    with download.session() as http:
        download.download(
            f"{site.url}/x.zip",
            tmp_path / "deep" / "x.zip",
            expected=download.Expected(bytes=len(data), md5=hashlib.md5(data).hexdigest()),
            http=http,
            progress=lambda *counts: told.append(counts),
        )
    assert (tmp_path / "deep" / "x.zip").read_bytes() == data
    assert told[-1] == (len(data), len(data))
    assert not list(tmp_path.rglob("*.part"))


def test_broken_download_goes_on_where_it_stopped(site, tmp_path):
    site.content["/x.zip"], site.cut = b"0123456789" * 10_000, 90_000
    with pytest.raises(FetchError, match=r"connection failed .* Run the command again: it goes on from here"):
        get(site, tmp_path)
    kept = (tmp_path / "x.zip.part").stat().st_size
    assert 90_000 - download.CHUNK < kept <= 90_000
    site.cut = None
    assert get(site, tmp_path).read_bytes() == site.content["/x.zip"]
    assert site.asked[-1] == ("/x.zip", f"bytes={kept}-")


def test_server_that_ignores_ranges_sends_all_of_it_again(site, tmp_path):
    site.content["/x.zip"], site.ranges = b"0123456789", False
    (tmp_path / "x.zip.part").write_bytes(b"0123")
    assert get(site, tmp_path).read_bytes() == b"0123456789"


def test_part_that_is_already_whole(site, tmp_path):
    site.content["/x.zip"] = b"0123456789"
    (tmp_path / "x.zip.part").write_bytes(b"0123456789")
    assert get(site, tmp_path).read_bytes() == b"0123456789"
    assert site.asked == [("/x.zip", "bytes=10-")]


def test_part_that_is_longer_than_the_file_is_made_anew(site, tmp_path):
    site.content["/x.zip"] = b"0123456789"
    (tmp_path / "x.zip.part").write_bytes(b"another file altogether")
    assert get(site, tmp_path).read_bytes() == b"0123456789"


@pytest.mark.parametrize("what", ["md5", "sha256", "bytes"])
def test_wrong_content_is_removed(site, tmp_path, what):
    site.content["/x.zip"] = b"not what was published"
    with pytest.raises(FetchError, match=rf"x\.zip: what came is not .*: {what} .* It was removed"):
        get(site, tmp_path, **{what: 5 if what == "bytes" else "00"})
    assert not list(tmp_path.iterdir())


def test_address_that_does_not_exist(site, tmp_path):
    with pytest.raises(FetchError, match=r"/x\.zip: the server answered 404 Not Found\. .* by hand"):
        get(site, tmp_path)


def test_server_that_is_not_there(tmp_path):
    with requests.Session() as http, pytest.raises(FetchError, match=r"the connection failed.*refused"):
        download.download(
            "http://127.0.0.1:9/x.zip", tmp_path / "x.zip", expected=download.Expected(), http=http
        )


def test_folder_that_cannot_be_written(site, tmp_path):
    site.content["/x.zip"] = b"0"
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"x\.zip\.part: cannot be written"):
        get(site, tmp_path / "file")
