"""Downloads one file over HTTP: goes on where it stopped, and keeps only what was published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from benchmark.storage import files
from protocols.errors import FetchError

CHUNK = 1 << 15  # bytes: what a connection that breaks loses at most
TIMEOUT = (10, 60)  # seconds to connect, seconds without a byte
RETRIES = Retry(
    total=3, backoff_factor=0.2, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
)

Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0 while unknown)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the file must be; what is "" or 0 is not known, and not checked."""

    md5: str = ""
    sha256: str = ""
    bytes: int = 0


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
        _receive(url, part, http=http, progress=progress)
        _verify(url, part, expected=expected)
        part.replace(target)
    except requests.RequestException as error:  # before OSError, which it is one of
        raise FetchError(
            f"{url}: the connection failed ({_reason(error)}). Run the command again: it goes on from here."
        ) from error
    except OSError as error:
        raise files.unwritable(part, error) from error
    return target


def _receive(url: str, part: Path, *, http: requests.Session, progress: Progress | None) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with http.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        sent = response.headers.get("Content-Range", "")
        if have and response.status_code == 416 and sent == f"bytes */{have}":
            return  # there is nothing after what we have: it is all there
        if have and (response.status_code == 416 or (response.status_code == 206 and not _from(have, sent))):
            part.unlink()  # not a part of what the server has
            _receive(url, part, http=http, progress=progress)
            return
        if not response.ok:
            raise FetchError(
                f"{url}: the server answered {response.status_code} {response.reason}. "
                "Try again later; if it stays so, get the corpus by hand: docs/corpora.md says how."
            )
        done = have if response.status_code == 206 else 0  # 200: the server sends all of it again
        total = done + int(response.headers.get("Content-Length", -done))
        with part.open("ab" if done else "wb") as file:
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
                done += len(chunk)
                if progress:
                    progress(done, total)


def _from(start: int, content_range: str) -> bool:
    return content_range.startswith(f"bytes {start}-")


def _verify(url: str, part: Path, *, expected: Expected) -> None:
    for what in ("bytes", "md5", "sha256"):
        should = getattr(expected, what)
        found = _measure(part, what) if should else should
        if found != should:
            part.unlink()
            raise FetchError(
                f"{url}: what came is not what was published: {what} {found} instead of {should}. "
                "It was removed. Try again; if it stays so, the file has changed at its source."
            )


def _measure(path: Path, what: str) -> int | str:
    if what == "bytes":
        return path.stat().st_size
    with path.open("rb") as file:
        return hashlib.file_digest(file, what).hexdigest()


def _reason(error: Exception) -> str:
    """The innermost reason, since those of requests hold the names of objects in memory."""
    while error.__cause__ or error.__context__:
        inner = error.__cause__ or error.__context__
        if not isinstance(inner, Exception):
            break
        error = inner
    return str(error) or type(error).__name__
