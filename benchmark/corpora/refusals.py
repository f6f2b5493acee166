"""Why a server did not give a file, in words, and what to do; nothing that it sends is shown as it is."""

from __future__ import annotations

import re

import requests
from requests import exceptions

BY_HAND = "Try again later; if it stays so, get the corpus by hand: docs/corpora.md says how."
PROXY_PASSWORD = (
    "the proxy wants a password. Give it in HTTPS_PROXY and HTTP_PROXY, as http://NAME:PASSWORD@HOST:PORT."
)
SHOWN = 200  # characters of a server's words
LOST = (exceptions.ConnectionError, exceptions.ChunkedEncodingError, exceptions.Timeout)
CAUSES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (  # the first that fits
    (exceptions.InvalidProxyURL, "the proxy's address cannot be used. Check HTTPS_PROXY and HTTP_PROXY."),
    (exceptions.ProxyError, "the proxy refuses ({reason}). Check HTTPS_PROXY and HTTP_PROXY."),
    (
        exceptions.SSLError,
        "no secure connection ({reason}). Check this machine's clock, and whether something between here and "
        "the server opens connections; its certificate then goes into REQUESTS_CA_BUNDLE.",
    ),
    (LOST, "the connection failed ({reason}). Run the command again: it goes on from here."),
    (exceptions.TooManyRedirects, f"the server redirects without an end. {BY_HAND}"),
    (exceptions.ContentDecodingError, f"what came is packed in a way that cannot be undone. {BY_HAND}"),
    (Exception, f"the server's answer, or where it redirects to, is not HTTP ({{reason}}). {BY_HAND}"),
)


def of_answer(response: requests.Response) -> str:
    """For an answer that holds no file."""
    if response.status_code == 407:
        return PROXY_PASSWORD
    return f"the server answered {response.status_code} {printable(response.reason or '')}. {BY_HAND}"


def of_connection(error: Exception) -> str:
    """For an error on the way."""
    reason = printable(_innermost(error))
    if isinstance(error, exceptions.ProxyError) and "407" in reason:
        return PROXY_PASSWORD
    words = next(words for kind, words in CAUSES if isinstance(error, kind))
    return words.format(reason=reason)


def printable(text: str) -> str:
    """A stranger's text for a terminal: short, control characters escaped, without passwords in addresses."""
    text = re.sub(r"//[^/@\s]*@", "//", text[:SHOWN])
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _innermost(error: BaseException) -> str:
    """The innermost reason, since those of requests hold the names of objects in memory."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return str(error) or type(error).__name__
