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


def test_file_arrives_and_progress_is_reported(site, tmp_path):
    site.content["/x.zip"] = data = bytes(range(256)) * 4000
    seen = []
    with download.session() as http:
        download.download(
            f"{site.url}/x.zip",
            tmp_path / "deep" / "x.zip",
            expected=download.Expected(bytes=len(data), md5=hashlib.md5(data).hexdigest()),
            http=http,
            progress=lambda *counts: seen.append(counts),
        )
    assert (tmp_path / "deep" / "x.zip").read_bytes() == data
    assert seen[-1] == (len(data), len(data))
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
        get(site, tmp_path, **{what: 50 if what == "bytes" else "00"})
    assert not list(tmp_path.iterdir())


def test_address_that_does_not_exist(site, tmp_path):
    with pytest.raises(FetchError, match=r"/x\.zip: the server answered 404 Not Found\. .* by hand"):
        get(site, tmp_path)


def answer(status="200 OK", *headers, body=b"0123456789"):
    """The bytes of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1") + body


LATER = "Try again later; if it stays so, get the corpus by hand"
ON = "Run the command again: it goes on from here"
LOST, NO_HTTP = f"the connection failed (.*{ON}", f"or where it redirects to, is not HTTP (.*{LATER}"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (answer("403 \x1b[2JForbidden\x07"), r"answered 403 \x1b[2JForbidden\x07. " + LATER),
        (answer("200 OK", "Content-Length: 50"), f"(IncompleteRead(10 bytes read, 40 more expected)). {ON}"),
        (
            answer("200 OK", "Content-Length: 5", "Content-Length: 7"),
            NO_HTTP,
        ),
        (
            answer("200 OK", "Transfer-Encoding: chunked", body=b"zz\r\n01234"),
            LOST,
        ),
        (answer("200 OK", "Transfer-Encoding: chunked", body=b"5\r\n01234"), LOST),
        (answer("200 OK", "Content-Encoding: gzip"), f"is packed in a way that cannot be undone. {LATER}"),
        (answer("302 Found", "Location: /x.zip"), f"redirects without an end. {LATER}"),
        (
            answer("302 Found", "Location: file:///etc/passwd"),
            NO_HTTP,
        ),
        (answer("302 Found", "Location: http://[bad"), NO_HTTP),
        (answer("302 Found", "Location: http://a:b@127.0.0.1:9/"), f"the connection failed .*refused.*{ON}"),
        (answer("302 Found"), f"answered 302 Found. {LATER}"),
        (answer("204 No Content", body=b""), f"answered 204 No Content. {LATER}"),
        (answer("206 Partial Content", "Content-Range: bytes 5-9/20"), f"answered 206 .*{LATER}"),
        (answer("407 Proxy Authentication Required"), "the proxy wants a password. Give it in HTTPS_PROXY"),
        (b"\x1b[2J\r\n\r\n", LOST),
        (b"", LOST),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n", LOST),
        (answer(body=b" <!DOCTYPE html><title>Log in"), f"a web page came in place of the file .*{LATER}"),
        (
            answer(body=bytes(2000)),
            "sends more than 1000 bytes, which is all that there should be. It was",
        ),
    ],
    ids=range(19),
)
def test_whatever_a_server_answers_gets_words_that_fit(site, tmp_path, sent, words, monkeypatch):
    monkeypatch.setattr(download.RETRIES, "backoff_factor", 0)
    site.raw["/x.zip"] = [sent]
    with pytest.raises(FetchError) as caught:
        get(site, tmp_path, most=1000)
    message = str(caught.value)
    assert message.startswith(f"{site.url}/x.zip: ")
    assert all(part in message for part in words.split(".*"))
    assert message.isprintable()
    assert "a:b@" not in message
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("length", ["abc", "-5", "9" * 4400, "\xb2"])
def test_a_length_that_is_none_is_not_believed(site, tmp_path, length):
    site.raw["/x.zip"] = [answer("200 OK", f"Content-Length: {length}")]
    assert get(site, tmp_path).read_bytes() == b"0123456789"


def test_what_runs_past_the_published_size_is_stopped(site, tmp_path):
    site.content["/x.zip"] = bytes(100 * download.CHUNK)
    counts = []
    with download.session() as http, pytest.raises(FetchError, match=r"sends more than 40000 bytes"):
        download.download(
            f"{site.url}/x.zip",
            tmp_path / "x.zip",
            expected=download.Expected(bytes=40_000),
            http=http,
            progress=lambda *count: counts.append(count),
        )
    assert len(counts) == 2
    assert not list(tmp_path.iterdir())


def test_a_busy_server_is_asked_again_soon_whatever_it_says(site, tmp_path, monkeypatch):
    monkeypatch.setattr(download.RETRIES, "backoff_factor", 0)
    for status in (429, 500, 502, 503, 504):
        busy = answer(
            f"{status} Busy", "Connection: close", "Retry-After: 86400", "Content-Length: 0", body=b""
        )
        site.raw["/x.zip"] = [busy, busy, answer("200 OK", "Content-Length: 10")]
        assert get(site, tmp_path).read_bytes() == b"0123456789"
        assert not site.raw["/x.zip"][1:]


def test_the_file_is_asked_for_as_it_is(site, tmp_path):
    site.content["/x.zip"] = b"0123456789"
    get(site, tmp_path)
    assert site.headers[-1]["Accept-Encoding"] == "identity"


def test_a_proxy_that_wants_a_password(site, tmp_path, monkeypatch):
    monkeypatch.setattr(download.RETRIES, "total", 0)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", site.url)
    monkeypatch.setenv("https_proxy", site.url)
    with download.session() as http, pytest.raises(FetchError, match="the proxy wants a password"):
        download.download(
            "https://unheard.invalid/x.zip", tmp_path / "x.zip", expected=download.Expected(), http=http
        )
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@[bad")
    monkeypatch.setenv("https_proxy", "http://me:secret@[bad")
    with download.session() as http, pytest.raises(FetchError) as caught:
        download.download(
            "https://unheard.invalid/x.zip", tmp_path / "x.zip", expected=download.Expected(), http=http
        )
    assert "secret" not in str(caught.value)


def test_a_server_without_encryption_behind_https(site, tmp_path, monkeypatch):
    monkeypatch.setattr(download.RETRIES, "total", 0)
    site.raw["/"] = [b""]
    with download.session() as http, pytest.raises(FetchError, match=r"no secure connection \(.*clock"):
        download.download(
            site.url.replace("http:", "https:") + "/x.zip",
            tmp_path / "x.zip",
            expected=download.Expected(),
            http=http,
        )


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
