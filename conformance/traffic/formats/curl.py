"""What `curl -v` prints: lines that begin with `> `, `< ` and `* `, between those of the body. Pure.

The request's body is not printed; it is known only if the command with its `-d` is above. In a file the answer's body comes in
blocks: notes and the progress meter are between its lines, and its last block follows the note that the connection is done.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.evidence.exchange import MISSING, Headers, parse_json
from conformance.traffic.content import Content
from conformance.traffic.recorded import Recorded, masked, number_of

NAME, DESCRIPTION, GENERIC = "curl", "output of curl -v", False
SUFFIXES = frozenset({".log", ".txt"})
BEGINNINGS = ()
_REQUEST = re.compile(rb"> ([A-Z]+) (\S+) HTTP/\d")
_STATUS = re.compile(rb"< HTTP/[\d.]+ (\d{3})")
_COMMAND = re.compile(rb"(?:\S{0,80}[$%#>] )?curl\s")  # after the prompt of a shell
_NOISE = re.compile(rb"\* |  % Total |\s+Dload  Upload")
_METER = re.compile(rb"(?m:\r|^) *\d+(?: +[\d.kMGTP]+){7}(?: +[\d:dh-]{5,8}){3} +[\d.kMGTP]+(?:\r*\n)?")
_AMIDST = re.compile(rb"[{}] \[\d+ bytes data\]\r*\n|\* TLSv[\d.]+ \((?:IN|OUT)\)[^\r\n]*\r*\n")
_DONE = re.compile(rb"\* (?:Connection #\d+ to host \S+ left intact|Closing connection(?: #?\d+)?)\r*(?:\n|\Z)")
_REPEATED = re.compile(rb"\AHTTP/[\d.]+ \d{3}.*?\r?\n\r?\n", re.DOTALL)  # the head, printed with the body by -i
_MARK = b"\0\n"  # replaces the note that the connection is done
_DATA = {"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"}


@dataclass
class _Printed:
    """The lines of one exchange, sorted."""

    line: tuple[str, str] = ("", "")
    sent: list[bytes] = field(default_factory=list)
    status: int | None = None
    received: list[bytes] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    data: bytes | None = None
    scheme: str = "http"

    def recorded(self) -> Recorded:
        method, target = self.line
        headers = _headers(self.sent)
        host = next((value for name, value in headers if name.lower() == "host"), "")
        url = target if "://" in target else f"{self.scheme}://{host}{target}"
        body = _whole(b"".join(self.body))
        return Recorded(method, url, headers, self.data, self.status, _headers(self.received), body)


def detect(content: Content) -> Iterator[Recorded] | None:
    """The exchanges, if `curl -v` printed a request and a status."""
    data = content.data
    printed = any(_REQUEST.match(line) for line in data.splitlines()[:2_000]) and b"< HTTP/" in data
    return exchanges(data) if printed else None


def exchanges(data: bytes) -> Iterator[Recorded]:
    """Every request with the lines up to the next one."""
    printed, command, open_command = _Printed(), b"", False
    scheme = "https" if b" port 443" in data or b"TLS" in data else "http"
    data = _DONE.sub(_MARK, _AMIDST.sub(b"", _METER.sub(b"", data.replace(b"\r\r\n", b"\r\n"))))
    for line in data.splitlines(keepends=True):
        if open_command or _COMMAND.match(line):
            command = command + line if open_command else line
            open_command = _unfinished(command)
        elif found := _REQUEST.match(line):
            if printed.line[0]:
                yield printed.recorded()
            printed = _Printed((found[1].decode(), found[2].decode("utf-8", "replace")))
            printed.data, printed.scheme, command = _data_of(command), scheme, b""
        else:
            _sort(printed, line)
    if printed.line[0]:
        yield printed.recorded()


def _sort(printed: _Printed, line: bytes) -> None:
    """Adds a line to its part; of several answers (100, redirects) the last one counts."""
    if found := _STATUS.match(line):
        printed.status, printed.received, printed.body = number_of(found[1].decode()), [], []
    elif line.startswith(b"> "):
        printed.sent.append(line[2:])
    elif line.startswith(b"< ") and not printed.body:
        printed.received.append(line[2:])
    elif line.strip() in (b"<", b">") or _NOISE.match(line):
        return
    elif printed.status is not None:
        printed.body.append(line)


def _headers(lines: list[bytes]) -> Headers:
    split = [line.decode("utf-8", "replace").strip().partition(":") for line in lines]
    return tuple((name, value.strip()) for name, _, value in split if not masked(name, value))


def _whole(body: bytes) -> bytes:
    """The body without what follows it. It ends with the connection, unless a block of it came later."""
    before, _, after = body.partition(_MARK)
    first = _REPEATED.sub(b"", before, count=1)
    if parse_json(first.strip()) is MISSING and b"data: [DONE]" not in first:
        first = _REPEATED.sub(b"", before + after.replace(_MARK, b""), count=1)
    return first.rstrip(b"\r\n") + b"\n"


def _unfinished(command: bytes) -> bool:
    """True if the command continues in the next line: after a backslash, or within quotes."""
    if command.rstrip(b"\r\n").endswith(b"\\"):
        return True
    try:
        shlex.split(command.decode("utf-8", "replace"))
    except ValueError:
        return len(command) < 1_000_000
    return False


def _data_of(command: bytes) -> bytes | None:
    try:
        words = shlex.split(command.decode("utf-8", "replace").replace("\\\n", " ").replace("\\\r\n", " "))
    except ValueError:
        return None
    for n, word in enumerate(words):
        name, joint, value = word.partition("=")
        if name in _DATA and (joint or n + 1 < len(words)):
            data = value if joint else words[n + 1]
            return None if data.startswith("@") else data.encode()
    return None
