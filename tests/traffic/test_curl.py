"""Output of `curl -v` in files and on terminals: notes and a progress meter inside the body, and prompts after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.traffic.formats import curl
from tests.traffic.recordings import Seen, traffic

SOUND = traffic()
NOTE = b"* Connection #0 to host h left intact\n"
METER = b"\r100  5924    0  5916  100    79  85851    114 --:--:-- --:--:-- --:--:-- 85979"


def head(one: Seen) -> bytes:
    path = one.url.removeprefix("https://api.provider.example")
    received = "".join(f"< {name}: {value}\r\n" for name, value in one.headers.items())
    asked = f"> {one.method} {path} HTTP/1.1\r\n> Host: api.provider.example\r\n> \r\n"
    return f"* Connected to h port 443\n{asked}< HTTP/1.1 {one.status} OK\r\n{received}< \r\n".encode()


def in_blocks(one: Seen) -> bytes:
    """Into a file without -N: the rest of the body comes after the last note."""
    at = len(one.body) * 2 // 3
    return head(one) + b"{ [201 bytes data]\n" + one.body[:at] + NOTE + one.body[at:]


def with_a_meter(one: Seen) -> bytes:
    """The same without -s: also with a progress meter."""
    at = len(one.body) // 2
    meter = b"  % Total    % Received % Xferd  Average Speed\n" + METER
    return meter + head(one) + one.body[:at] + METER + b"\n" + NOTE + one.body[at:]


def in_pieces(one: Seen) -> bytes:
    """An older curl with TLS, which notes every piece."""
    piece = b"* TLSv1.2 (IN), TLS header, Supplemental data (23):\n{ [5 bytes data]\n"
    return head(one) + piece.join([one.body[:7], one.body[7:50], one.body[50:]]) + NOTE


def on_a_terminal(one: Seen) -> bytes:
    """On a terminal: line ends are CRLF, and a prompt follows."""
    printed = (head(one) + one.body + NOTE).replace(b"\n", b"\r\n")
    return printed + b"me@here:~$ curl -v https://h/v1/models\r\n"


def with_its_head(one: Seen) -> bytes:
    """With -i: the head is repeated as a part of the body."""
    return head(one) + b"HTTP/1.1 200 OK\r\ndate: today\r\n\r\n" + one.body + NOTE


@pytest.mark.parametrize("printed", [in_blocks, with_a_meter, in_pieces, on_a_terminal, with_its_head])
@pytest.mark.parametrize("one", SOUND, ids=lambda one: f"{one.method}-{one.status}-{len(one.body)}")
def test_the_whole_body_is_found(printed: Callable[[Seen], bytes], one: Seen) -> None:
    (found,) = curl.exchanges(printed(one))
    assert (found.body or b"").replace(b"\r\n", b"\n").rstrip() == one.body.rstrip()
    assert found.status == one.status


def test_the_request_is_read_from_a_command_after_a_prompt() -> None:
    command = b"me@here:~$ curl -v https://h/v1/chat/completions -d '{\"messages\": []}'\n"
    (found,) = curl.exchanges(command + in_blocks(SOUND[0]))
    assert found.request_body == b'{"messages": []}'
