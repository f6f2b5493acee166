"""Downloads one file over HTTP: goes on where it stopped, and keeps only what was published."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from benchmark.audio import containers
from benchmark.corpora import refusals
from benchmark.storage import files
from protocols.errors import FetchError

CHUNK = 1 << 15  # bytes: what a connection that breaks loses at most
TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
RETRIES = Retry(
    total=3,
    backoff_factor=0.2,
    status_forcelist=(429, 500, 502, 503, 504),
    raise_on_status=False,
    respect_retry_after_header=False,  # it may name a day
)
LENGTH = re.compile(r"[0-9]{1,15}")
INSTEAD = "Run the same command again once it can: it goes on from here. Or name another folder with --data"

Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0 while unknown)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the file must be; what is "" or 0 is not known, and not checked."""

    md5: str = ""
    sha256: str = ""
    bytes: int = 0
    most: int = 4 << 30  # where `bytes` is not known: a server may send without an end


def session() -> requests.Session:
    """A session that tries again where a server is busy. Not to be shared between threads."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, HTTPAdapter(max_retries=RETRIES))
    # Without this a server may compress what it sends, and then ranges count other bytes than ours.
    made.headers["Accept-Encoding"] = "identity"
    return made


def download(
    url: str, target: Path, *, expected: Expected, http: requests.Session, progress: Progress | None = None
) -> Path:
    """Put what `url` answers at `target`, by way of `target`.part, from which a later call goes on.

    Raises FetchError where the address fails, the connection breaks (the part stays) or the content is not
    what was expected (the part is removed), StoreError where it cannot be written.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _receive(url, part, most=expected.bytes or expected.most, http=http, progress=progress)
        _verify(url, part, expected=expected)
        part.replace(target)
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        # Before OSError, which some of these are. A redirect to what is no address is a ValueError.
        raise FetchError(f"{url}: {refusals.of_connection(error)}") from error
    except OSError as error:
        raise files.unwritable(part, error, instead=INSTEAD) from error
    return target


def _receive(url: str, part: Path, *, most: int, http: requests.Session, progress: Progress | None) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with http.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        sent = response.headers.get("Content-Range", "")
        if have and response.status_code == 416 and sent == f"bytes */{have}":
            return  # there is nothing after what we have: it is all there
        if have and (response.status_code == 416 or (response.status_code == 206 and not _from(have, sent))):
            part.unlink()  # not a part of what the server has
            _receive(url, part, most=most, http=http, progress=progress)
            return
        if response.status_code not in (200, 206 if have else 200):
            raise FetchError(f"{url}: {refusals.of_answer(response)}")
        done = have if response.status_code == 206 else 0  # 200: the server sends all of it again
        _keep(response, part, done=done, most=most, progress=progress)


def _keep(
    response: requests.Response, part: Path, *, done: int, most: int, progress: Progress | None
) -> None:
    """Write what a server sends behind the first `done` bytes, and stop where it is more than `most`."""
    length = response.headers.get("Content-Length", "")
    total = done + int(length) if LENGTH.fullmatch(length) else 0
    with part.open("ab" if done else "wb") as file:
        for chunk in response.iter_content(CHUNK):
            file.write(chunk)
            done += len(chunk)
            if progress:
                progress(done, total)
            if done > most:
                break


def _from(start: int, content_range: str) -> bool:
    return content_range.startswith(f"bytes {start}-")


def _verify(url: str, part: Path, *, expected: Expected) -> None:
    """Remove the part and raise FetchError, unless it is what was published."""
    if problem := _problem(part, expected):
        part.unlink()
        raise FetchError(f"{url}: {problem}")


def _problem(part: Path, expected: Expected) -> str:
    changed = "It was removed. Try again; if it stays so, the file has changed at its source."
    most = expected.bytes or expected.most
    if part.stat().st_size > most:
        return f"sends more than {most} bytes, which is all that there should be. {changed}"
    with part.open("rb") as file:
        if containers.is_web_page(file.read(512)):
            return f"a web page came in place of the file (a login, or an error?). {refusals.BY_HAND}"
    for what in ("bytes", "md5", "sha256"):
        should = getattr(expected, what)
        found = _measure(part, what) if should else should
        if found != should:
            return f"what came is not what was published: {what} {found} instead of {should}. {changed}"
    return ""


def _measure(path: Path, what: str) -> int | str:
    if what == "bytes":
        return path.stat().st_size
    with path.open("rb") as file:
        return hashlib.file_digest(file, what).hexdigest()
