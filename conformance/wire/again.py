"""When a request is sent again: after a rate limit, and after trouble that may pass, as clients do."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

from conformance.evidence.exchange import Exchange
from conformance.requirements.conversation import PREFLIGHT

ATTEMPTS = 3  # of one request, when the server answers 429
DEFAULT_WAIT = 1.0  # seconds, for a 429 without Retry-After
TRIES = 4  # of one request that meets trouble that may pass
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0  # seconds before such a request is sent again, twice as long each time


def most_attempts(exchange: Exchange, patience: float) -> int:
    """How often a request is sent at most: while patience lasts (seconds) for the first one that meets a server that loads."""
    loading = exchange.status == 503 and exchange.conversation == PREFLIGHT and "load" in exchange.text.lower()
    if loading:
        return TRIES + int(patience / LONGEST_PAUSE)
    return ATTEMPTS if exchange.status == 429 else TRIES


def retry_after(exchange: Exchange, now: datetime, attempt: int = 1) -> float | None:
    """Seconds to wait before a retry, or None for an answer that is no rate limit and no trouble that may pass."""
    if exchange.passing:
        said = exchange.header("retry-after")
        pause = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
        return pause if said is None else _seconds(said, now)
    if exchange.status != 429 or exchange.response is None:
        return None
    said = exchange.header("retry-after")
    return DEFAULT_WAIT if said is None else _seconds(said, now)


def _seconds(said: str, now: datetime) -> float:
    try:
        return max(0.0, float(said))
    except ValueError:
        return _until(said, now)


def _until(date: str, now: datetime) -> float:
    try:
        return max(0.0, (parsedate_to_datetime(date) - now).total_seconds())
    except (TypeError, ValueError):
        return DEFAULT_WAIT
