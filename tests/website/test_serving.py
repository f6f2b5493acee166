"""The site's server: this machine alone, and an answer to whatever is asked."""

import os
import socket
import threading

import pytest

from benchmark.website import site


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text("Leaderboard")
    (folder / "derived").mkdir()
    (folder / "piped").mkdir()
    for pipe in ("pipe", "piped/index.html"):
        os.mkfifo(folder / pipe)
    with site.server(folder) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture
def ask(server, capfd):
    """Sends a request; the answer, whole."""

    def ask(first, host="127.0.0.1"):
        lines = f"{first} HTTP/1.0\r\n" + (f"Host: {host}\r\n" if host else "") + "\r\n"
        with socket.create_connection(server.server_address, timeout=10) as connection:
            connection.sendall(lines.encode("latin-1"))
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()
        assert "Traceback" not in capfd.readouterr().err
        return answer

    return ask


def test_it_serves_this_machine_alone(server, ask):
    assert server.server_address[0] == "127.0.0.1"
    assert "Leaderboard" in ask("GET /")
    assert " 200 " in ask("HEAD /index.html")


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ("GET /%00", 400),
        ("GET /index.html%00.png", 400),
        ("GET http://[/", 404),
        ("GET //[x/derived", 404),
        ("GET http://[/../..", 400),
        ("GET /../../etc/passwd", 404),
        ("GET /%2e%2e/%2e%2e/etc/passwd", 404),
        ("GET /" + "a" * 5000, 404),
        ("GET /index.html/", 404),
        ("GET /\xff\x01", 404),
        ("GET /%ff%fe", 404),
        ("GET /pipe", 404),
        ("GET /piped/", 404),
        ("HEAD /pipe", 404),
        ("GET derived", 301),
        ("POST /", 501),
        ("GET / x", 400),
    ],
)
def test_odd_paths_are_answered(ask, first, status):
    assert f" {status} " in ask(first).splitlines()[0]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", ""])
def test_this_machine_s_names_are_answered(ask, host):
    assert "Leaderboard" in ask("GET /", host)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "[::1]:80", "127.0.0.1.evil.example", "\xff"]
)
def test_another_name_that_leads_here_is_refused(ask, host):
    assert "421 Misdirected Request" in ask("GET /", host)


def test_a_browser_that_hangs_up_is_no_news(server, capfd):
    try:
        raise ConnectionResetError
    except ConnectionResetError:
        server.handle_error(None, ("127.0.0.1", 1))
    assert capfd.readouterr().err == ""
