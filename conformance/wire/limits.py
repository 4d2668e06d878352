"""How long and how much a run accepts from a server: a hung or endless answer ends only its own conversation."""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in bytes of the decoded body.

    `first_byte` is the wait for response headers, `silence` the longest gap inside a body, `total` the whole exchange.
    `after_done` is how long a stream may stay open after `[DONE]`. `stream` is for event streams, which need about
    250 bytes per token; `error_body` for answers of 400 and above, of which a run may collect one per request. `kept`
    and `kept_chunks` remain as evidence of a body over a limit. `retry_after` is the longest rate-limit wait that is
    obeyed.
    """

    connect: float = 10.0
    first_byte: float = 60.0
    silence: float = 60.0
    total: float = 300.0
    after_done: float = 2.0
    body: int = 2 * MIB
    stream: int = 8 * MIB
    error_body: int = 512 * KIB
    line: int = 1 * MIB
    chunks: int = 40_000
    kept: int = 16 * KIB
    kept_chunks: int = 1_000
    retry_after: float = 30.0

    @classmethod
    def patient_for(cls, seconds: float) -> Limits:
        """Limits for an endpoint that may send nothing for this many seconds."""
        return cls(connect=min(10.0, seconds), first_byte=seconds, silence=seconds, total=max(5 * seconds, 10.0))
