"""Replay: the cassettes of a recording answer instead of the endpoint, without a network.

The conversations run again, and every request must be one that was recorded. A conversation that asks something else
by now is blocked instead of judged by old answers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.clients.client import Client
from conformance.clients.fields import Part
from conformance.endpoint.config import Endpoint
from conformance.endpoint.presets import presets
from conformance.endpoint.redactor import redactor_for
from conformance.errors import UsageError
from conformance.evidence.exchange import Exchange, Headers
from conformance.requirements import Blame, Blocked
from conformance.requirements.talk import Talk
from conformance.wire.again import ATTEMPTS, retry_after
from conformance.wire.cassette import Unusable, opened
from conformance.wire.limits import Limits
from conformance.wire.recording import MANIFEST, SAME, manifest_in

CAPTURED = "capture-"  # the name of a captured exchange begins with it, and has a number
STAND_IN = "********"  # for a recorded key: nothing is sent
Question = tuple[str, str, bytes]


@dataclass(frozen=True)
class Recording:
    """A folder of cassettes: its manifest, the talks by conversation, and why other files are unusable, by name."""

    folder: Path
    manifest: Mapping[str, Any]
    talks: Mapping[str, Talk]
    unusable: Mapping[str, str]

    @property
    def started(self) -> datetime:
        """When the recorded run started."""
        return datetime.fromisoformat(self.manifest["started"]).astimezone(UTC)

    @cached_property
    def endpoint(self) -> Endpoint:
        """The recorded endpoint, with its secrets masked."""
        recorded = self.manifest["endpoint"]
        known = {f.name: recorded[f.name] for f in fields(Endpoint) if f.name in recorded}
        provider = recorded.get("provider") if recorded.get("provider") in presets() else None
        return Endpoint(**known | {"key": STAND_IN if recorded["key"] else None, "provider": provider})


def shipped() -> dict[str, Path]:
    """The recordings that come with the suite, by name: in the installed package, or next to it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_data" / "cassettes"
    folder = installed if installed.is_dir() else package.parent / "cassettes"
    return {manifest.parent.name: manifest.parent for manifest in sorted(folder.glob(f"*/{MANIFEST}"))}


def recording_in(folder: Path) -> Recording:
    """The recording in a folder; raises UsageError when there is none."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder" if not folder.exists() else f"{folder}: not a folder")
    manifest = manifest_in(folder)
    files = sorted(folder.glob("*.yaml"))
    if manifest is None and any(file.name.startswith(CAPTURED) for file in files):
        raise UsageError(f"{folder}: has captured exchanges, not a run; judge them with `conformance judge {folder}`")
    if manifest is None or not files:
        lacking = "no cassettes" if manifest else f"no {MANIFEST}"
        raise UsageError(f"{folder}: no recording ({lacking}); record one with `conformance run --record {folder}`")
    talks: dict[str, Talk] = {}
    unusable: dict[str, str] = {}
    for file in files:
        try:
            talks[file.stem] = _talk_in(file, manifest)
        except Unusable as problem:
            unusable[file.name] = str(problem)
    return Recording(folder, manifest, talks, unusable)


def _talk_in(file: Path, manifest: Mapping[str, Any]) -> Talk:
    """The conversation in a file; raises Unusable, also for one that is not of this recording."""
    try:
        talk, metadata = opened(file.read_text("utf-8"))
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise Unusable("not UTF-8 text") from None
    if talk.conversation != file.stem:
        raise Unusable(f"contains another conversation, {talk.conversation!r}")
    other = metadata.get("endpoint") or {}
    if any(other.get(name) != manifest["endpoint"][name] for name in SAME):
        raise Unusable(f"recorded from another endpoint, {other.get('model')!r} at {other.get('base_url')!r}")
    return talk


class Player:
    """Answers from cassettes (`Answers`): each request gets the answers recorded for it in its conversation, in order."""

    def __init__(self, recording: Recording, profiles: Mapping[str, Client]) -> None:
        self.recording, self.endpoint, self.profiles = recording, recording.endpoint, profiles
        self.dialect: tuple[Part, ...] = ()
        self._redactor = redactor_for(self.endpoint)
        self._left = {name: _by_question(talk) for name, talk in recording.talks.items()}

    async def ask(self, id: str, method: str, url: str, headers: Headers, body: bytes) -> Exchange:  # noqa: ARG002
        """The recorded exchange; raises Blocked when the cassette has no such request.

        Headers are not compared: their secrets are masked, and each version of the suite sends its own.
        """
        name = id.split("#")[0]
        question = (method, self._redactor.url(url), self._redactor.body([body])[0])
        answers = self._left.get(name, {}).get(question)
        if not answers:
            raise Blocked(self._why_not(name), Blame.SETTINGS)
        return answers.popleft()

    async def leave(self, method: str, url: str, headers: Headers, body: bytes) -> None:
        """Does nothing: there is no connection, and the request left no evidence."""

    def _why_not(self, name: str) -> str:
        problem = self.recording.unusable.get(f"{name}.yaml")
        return f"not in the cassette{f' ({name}.yaml: {problem})' if problem else ''}: record {name} again"

    async def waited(self, exchange: Exchange, attempt: int) -> bool:
        """Whether the recorded run waited and asked again; a replay does not wait."""
        if exchange.passing:
            asked = (exchange.request.method, exchange.request.url, exchange.request.body)
            return bool(self._left[exchange.conversation][asked])
        talk = self.recording.talks[exchange.conversation]
        wait = retry_after(exchange, self.recording.started + timedelta(seconds=talk.started))
        return wait is not None and wait <= Limits().retry_after and attempt < ATTEMPTS

    def dated(self, talk: Talk) -> Talk:
        """The talk with its recorded times."""
        then = self.recording.talks.get(talk.conversation, talk)
        return replace(talk, started=then.started, seconds=then.seconds)


def _by_question(talk: Talk) -> dict[Question, deque[Exchange]]:
    """The recorded answers to each request, in order."""
    found: dict[Question, deque[Exchange]] = {}
    for exchange in talk.exchanges:
        request = exchange.request
        found.setdefault((request.method, request.url, request.body), deque()).append(exchange)
    return found
