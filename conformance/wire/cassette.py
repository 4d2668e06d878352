"""Cassettes: writes the exchanges of one conversation in vcrpy's file format, and reads them back to the last byte.

Plain vcrpy can replay such a file. What its format lacks (chunks with their times, how an exchange ended, requests
without an answer, facts of the conversation) is in this suite's own keys inside `response` and in `metadata`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from conformance.evidence.exchange import Chunk, Ended, Exchange, Headers, Request, Response
from conformance.requirements import Blame
from conformance.requirements.talk import Talk

if TYPE_CHECKING:  # importing vcr takes 0.2 s, and few commands need it
    import vcr.request

SCHEMA = "conformance/cassette/1"
OURS = "x-conformance"  # this suite's key inside `response`; vcrpy keeps unknown keys
FRAMING = {"content-encoding", "content-length", "transfer-encoding"}  # no longer true of decoded bytes
OF_TALK = [f.name for f in fields(Talk) if f.name not in ("conversation", "exchanges", "passed")]


class Unusable(Exception):
    """A file cannot be replayed; the text says why, in one line."""


def written(talk: Talk, facts: Mapping[str, Any]) -> str:
    """The cassette of a conversation; `facts` about its run go into the metadata unchanged."""
    from vcr.serialize import serialize

    asked = talk.evidence
    answered = [exchange for exchange in asked if exchange.response]
    metadata = {
        **facts,
        "schema": SCHEMA,
        "conversation": talk.conversation,
        "talk": {name: _plain(getattr(talk, name)) for name in OF_TALK},
        "unanswered": [_unanswered(n, e) for n, e in enumerate(asked) if not e.response],
    }
    tape = {
        "requests": [_vcr_request(exchange.request) for exchange in answered],
        "responses": [_vcr_response(exchange, exchange.response) for exchange in answered if exchange.response],
        "metadata": metadata,
    }
    return str(serialize(tape, _Sealing))


class _Sealing:
    """vcrpy's YAML serializer, with a digest that shows whether the file was edited."""

    @staticmethod
    def serialize(data: dict[str, Any]) -> str:
        from vcr.serializers import yamlserializer

        data["metadata"]["digest"] = digest(data)
        return str(yamlserializer.serialize(data))


def digest(data: Mapping[str, Any]) -> str:
    """A digest of the content of a cassette without the digest itself; the YAML style makes no difference."""
    metadata = {key: value for key, value in data["metadata"].items() if key != "digest"}
    content = json.dumps([data["interactions"], metadata], sort_keys=True, default=bytes.hex)
    return hashlib.sha256(content.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Blame) else value


def _vcr_request(request: Request) -> vcr.request.Request:
    from vcr.request import Request as VcrRequest

    return VcrRequest(request.method, request.url, request.body, dict(request.headers))


def _vcr_response(exchange: Exchange, response: Response) -> dict[str, Any]:
    """A response as vcrpy has it, and under OURS what vcrpy's format lacks."""
    framing = set() if exchange.undecodable else FRAMING
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        if name.lower() not in framing:
            headers.setdefault(name, []).append(value)
    return {
        "status": {"code": response.status, "message": response.reason.encode("ascii", "replace").decode()},
        "headers": headers,
        "body": {"string": exchange.body},
        OURS: {
            **_ours(exchange),
            "headers": [list(header) for header in response.headers],
            "reason": response.reason,
            "http_version": response.http_version,
            "at": response.at,
            "chunks": [[chunk.at, len(chunk.data)] for chunk in exchange.chunks],
        },
    }


def _ours(exchange: Exchange) -> dict[str, Any]:
    """What is kept of every exchange, with or without an answer."""
    return {
        "id": exchange.id,
        "request_headers": [list(header) for header in exchange.request.headers],
        "ended": str(exchange.ended),
        "detail": exchange.detail,
        "undecodable": exchange.undecodable,
        "echoed_key": exchange.echoed_key,
        "seconds": exchange.seconds,
        "started": exchange.started,
    }


def _unanswered(position: int, exchange: Exchange) -> dict[str, Any]:
    """A request without a response, which vcrpy's format lacks, and its position among the others."""
    request = exchange.request
    asked = {"method": request.method, "uri": request.url, "body": _readable(request.body)}
    return {"position": position, "request": asked, OURS: _ours(exchange)}


def _readable(data: bytes) -> str | bytes:
    """A body as vcrpy writes it: text where it is UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def opened(text: str) -> tuple[Talk, dict[str, Any]]:
    """The conversation in a cassette, and its metadata; raises Unusable."""
    data = _parsed(text)
    _check(data)
    try:
        return _talk(data), data["metadata"]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Unusable(f"does not fit the format {SCHEMA} ({type(error).__name__}: {error})") from None


def _parsed(text: str) -> Any:
    import yaml
    from vcr.serializers import yamlserializer

    try:
        data = yamlserializer.deserialize(text)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise Unusable(f"{line}not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unusable(f"not valid YAML: {' '.join(str(error).split())[:200]}") from None
    if _repeats_itself(data):
        raise Unusable("has YAML anchors, which no recording has")
    return data


def _repeats_itself(data: Any) -> bool:
    """True when a part occurs twice: a few anchors can expand beyond any memory, or to a cycle."""
    seen: set[int] = set()
    todo = [data]
    while todo:
        part = todo.pop()
        if isinstance(part, dict | list):
            if id(part) in seen:
                return True
            seen.add(id(part))
            todo += part.values() if isinstance(part, dict) else part
    return False


def _check(data: Any) -> None:
    """Raises Unusable for a file that this suite did not write, or that was edited since."""
    metadata = data.get("metadata") if isinstance(data, dict) else None
    metadata = metadata if isinstance(metadata, dict) else {}
    schema = str(metadata.get("schema", ""))
    if not schema.startswith("conformance/cassette/"):
        raise Unusable("not a cassette of this suite: its metadata has no `schema` that this suite writes")
    if schema != SCHEMA:
        raise Unusable(f"written in the format {schema[:60]!r}, but this version reads {SCHEMA}")
    interactions = data.get("interactions")
    for n, interaction in enumerate(interactions if isinstance(interactions, list) else []):
        if not isinstance(interaction, dict) or not interaction.get("response"):
            raise Unusable(f"its request {n + 1} has no response")
    if not isinstance(interactions, list) or not _is_sealed(data):
        raise Unusable("was edited after it was recorded: its digest does not match")


def _is_sealed(data: Mapping[str, Any]) -> bool:
    try:
        return bool(digest(data) == data["metadata"].get("digest"))
    except (
        TypeError,
        ValueError,
        RecursionError,
    ):  # a date, a key that is not a string, a cycle: this suite writes none of them
        return False


def _talk(data: Mapping[str, Any]) -> Talk:
    metadata = data["metadata"]
    name = metadata["conversation"]
    exchanges = [_exchange(name, i["request"], i["response"]) for i in data["interactions"]]
    for unanswered in metadata["unanswered"]:
        exchanges.insert(unanswered["position"], _exchange(name, unanswered["request"], unanswered))
    facts: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in metadata["talk"].items()
    }
    return Talk(name, tuple(exchanges), **(facts | {"blocked_by": Blame(facts["blocked_by"])}))


def _exchange(conversation: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> Exchange:
    """One exchange read back; without a status there was no answer."""
    ours = answer[OURS]
    return Exchange(
        id=ours["id"],
        conversation=conversation,
        request=Request(request["method"], request["uri"], _headers(ours["request_headers"]), _bytes(request["body"])),
        response=_response(answer["status"]["code"], ours) if "status" in answer else None,
        chunks=tuple(_chunks(_bytes(answer["body"]["string"]), ours["chunks"])) if "status" in answer else (),
        ended=Ended(ours["ended"]),
        detail=ours["detail"],
        undecodable=ours["undecodable"],
        echoed_key=ours["echoed_key"],
        seconds=ours["seconds"],
        started=ours.get("started", 0.0),  # older recordings lack it
    )


def _response(status: int, ours: Mapping[str, Any]) -> Response:
    return Response(status, _headers(ours["headers"]), ours["reason"], ours["http_version"], ours["at"])


def _headers(pairs: Sequence[Sequence[str]]) -> Headers:
    return tuple((name, value) for name, value in pairs)


def _bytes(text: str | bytes | None) -> bytes:
    return text.encode() if isinstance(text, str) else text or b""


def _chunks(body: bytes, parts: Sequence[tuple[float, int]]) -> Iterator[Chunk]:
    cuts = pairwise(accumulate((length for _, length in parts), initial=0))
    for (at, _), (start, end) in zip(parts, cuts, strict=True):
        yield Chunk(at, body[start:end])
