"""How a capture gets to its upstream, over real sockets: TLS and proxies as the environment has them, and nobody there at all."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import pytest

from tests.traffic.capturing import asked, bodies, capturing, connected, raw, request
from tests.wire.raw_server import CHUNKED, JSON, OK, Caller, answer, chunk, free_port, raw_server, says


def serving(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server shows that the environment trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def test_a_large_request_without_an_upstream_gets_its_502(tmp_path: Path) -> None:
    with capturing(f"http://127.0.0.1:{free_port()}", tmp_path) as running:
        came = raw(running.url, request(b"x" * 5_000_000))
        running.wait()
    assert came.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert bodies(tmp_path) == [b"x" * 5_000_000]


def test_a_name_whose_addresses_all_refuse_is_explained_in_plain_words(tmp_path: Path) -> None:
    with capturing(f"http://localhost:{free_port()}", tmp_path) as running:
        assert "the connection was refused" in asked(running.url).json()["error"]["message"]


def test_a_certificate_that_the_environment_trusts_is_trusted(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = serving(certificate, monkeypatch)
    with raw_server(says(answer(b"{}", JSON)), tls=context) as server, capturing(server.url, tmp_path) as running:
        assert raw(running.url, request()) == answer(b"{}", JSON)
    assert server.requests[0].header("host") == f"127.0.0.1:{server.port}"
    assert running.lines[0].endswith(" s")


def test_a_client_that_hangs_up_ends_a_connection_with_tls_too(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = serving(certificate, monkeypatch)
    gone = threading.Event()

    async def endless(caller: Caller) -> None:
        await (await caller.request()).send(OK + CHUNKED + b"\r\n" + chunk(b"data: 1\n\n"))
        await caller.gone()
        gone.set()

    with raw_server(endless, tls=context) as server, capturing(server.url, tmp_path) as running:
        with connected(running.url) as client:
            client.sendall(request())
            assert client.recv(65_536)
        assert gone.wait(20)
        running.wait()
    assert running.lines[0].endswith("hung-up: the client hung up")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_proxy_of_the_environment_is_asked_for_a_tunnel(
    scheme: str, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = serving(certificate, monkeypatch)

    async def proxy(caller: Caller) -> None:
        asking.append((await caller.request()).head)
        await caller.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if scheme == "https":
            await caller.writer.start_tls(context)
        await (await caller.request()).send(answer(b"{}"))

    asking: list[bytes] = []
    with raw_server(proxy) as server:
        monkeypatch.setenv(f"{scheme}_proxy", f"http://me:p%40ss@127.0.0.1:{server.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        with capturing(f"{scheme}://provider.example", tmp_path) as running:
            assert raw(running.url, request()) == answer(b"{}")
    port = {"http": b"80", "https": b"443"}[scheme]
    assert asking[0].startswith(b"CONNECT provider.example:%s HTTP/1.1\r\n" % port)
    assert b"Proxy-Authorization: Basic bWU6cEBzcw==\r\n" in asking[0]
    assert server.requests[0].header("host") == "provider.example"
    assert running.lines[0].endswith(" s")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(b"", status=b"403 Forbidden"), "the proxy answers 403 Forbidden"),
        (b"\x00\x00", "the proxy does not answer in HTTP"),
        (b"", "the proxy closed the connection"),
    ],
)
def test_a_proxy_that_makes_no_tunnel_becomes_a_502_that_says_so(
    said: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server(says(said)) as server:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        with capturing("http://provider.example", tmp_path) as running:
            reply = asked(running.url)
    assert reply.status_code == 502
    assert words in reply.json()["error"]["message"]
