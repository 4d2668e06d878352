"""A recorded exchange as evidence, without secrets, or the reason why it is skipped. Pure.

What a recording lacks never counts as a failure: a dropped header counts as correct, a last line without its end
gets one, and a stream that stops without an ending is read as a recording that stopped. Only this suite's own cassettes
show how an answer arrived and ended: there a broken connection is a failure.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from conformance.evidence.chat import Stream
from conformance.evidence.exchange import (
    MISSING,
    Chunk,
    Ended,
    Exchange,
    Headers,
    Lost,
    Request,
    Response,
    header_of,
    parse_json,
)
from conformance.evidence.kinds import as_stream
from conformance.evidence.redaction import Redactor, secrets_in
from conformance.traffic.recorded import NEVER_SHOWN, Course, Recorded, Unreadable, blanked, unpacked

CHAT, MODELS = re.compile(r"/chat/completions/?\Z"), re.compile(r"/models/?\Z")
ROUTES = (  # skipped, by the end of the path
    (re.compile(r"/responses\b"), "Responses API"),
    (re.compile(r"/messages\b"), "Anthropic Messages API"),
    (re.compile(r"/embeddings\b|/embed\b"), "embeddings"),
    (re.compile(r"/api/(?:chat|generate|show|tags)\Z"), "Ollama's own API"),
    (re.compile(r":(?:stream)?generateContent", re.IGNORECASE), "Gemini's own API"),
    (re.compile(r"/completions\Z"), "the older completions API"),
)
SPECIAL = ("data_sources", "dataSources", "deferred")  # fields that ask for another kind of answer
_EVENTS = re.compile(rb"\s*(?:data|event|id|retry)?:|\xef\xbb\xbfdata:")
_ANSWERED_BEFORE = re.compile(rb'"index"\s*:\s*[1-9]')


class Skipped(Exception):
    """The exchange is not judged; the text says why, in words that fit many exchanges."""


def evidence(recorded: Recorded, id: str, conversation: str) -> Exchange:
    """The exchange without secrets; raises Skipped."""
    try:
        made = _exchange(_checked(recorded), id, conversation)
    except Unreadable as error:
        raise Skipped(str(error)) from None
    return _ended(_judgeable(made))


def _checked(recorded: Recorded) -> Recorded:
    """The exchange with its body unpacked; raises Skipped for a kind that is not judged."""
    path = _path(recorded.url)
    chat = recorded.method == "POST" and CHAT.search(path)
    if not chat and not (recorded.method == "GET" and MODELS.search(path)):
        raise Skipped(_route(path))
    if not recorded.status:
        raise Skipped("no answer was recorded")
    if recorded.status not in (200, 201) and recorded.status < 400:
        raise Skipped("neither an answer nor an error")
    complete = recorded.course and Lost.ENDING not in recorded.course.hidden
    if recorded.body is None or (_blank(recorded.body) and not complete):
        raise Skipped("the body of the answer was not recorded")
    encoding = (header_of(recorded.headers, "content-encoding") or "").lower()
    body = unpacked(recorded.body, encoding)
    fits = recorded.course and recorded.course.fits(body)
    return replace(recorded, body=body, course=recorded.course if fits else None)


def _blank(body: bytes) -> bool:
    return blanked(body[:200].decode("utf-8", "replace"))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url.split("?")[0]


def _route(path: str) -> str:
    return next((name for form, name in ROUTES if form.search(path)), "other requests")


def _exchange(recorded: Recorded, id: str, conversation: str) -> Exchange:
    """The recorded exchange, redacted; `lost` names what the recording lacks."""
    asked, answer = recorded.request_body, recorded.body or b""
    course = recorded.course
    lost = (course.hidden if course else NEVER_SHOWN) | recorded.lost
    if recorded.method == "POST" and (asked is None or _blank(asked)):
        asked, lost = _asked_by(answer), lost | {Lost.REQUEST}
    headers = recorded.headers
    if header_of(headers, "content-type") is None:
        headers, lost = (*headers, ("content-type", _type(answer))), lost | {Lost.TYPE, Lost.HEADERS}
    both = (*recorded.request_headers, *recorded.headers)
    hide = _redactor(tuple(secrets_in(both, recorded.url, asked or b"", answer)))
    made = Exchange(
        id=id,
        conversation=conversation,
        request=Request(
            recorded.method,
            hide.url(recorded.url),
            hide.headers(recorded.request_headers),
            hide.body([asked or b""])[0],
        ),
        response=Response(recorded.status or 0, _kept(hide.headers(headers))),
        chunks=(Chunk(0.0, hide.body([answer])[0]),),
        detail=f"recorded, without {', '.join(sorted(lost))}",
        lost=lost,
    )
    return _timed(made, course) if course else made


def _timed(exchange: Exchange, course: Course) -> Exchange:
    """The exchange with its arrival times, and with its ending if the server ended it."""
    response = exchange.response and replace(exchange.response, at=course.at)
    made = replace(exchange, response=response, chunks=course.chunks(exchange.body), seconds=course.seconds)
    return made if Lost.ENDING in made.lost else replace(made, ended=course.ended, detail=course.detail)


@lru_cache(maxsize=64)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    return Redactor(secrets)


def _kept(headers: Headers) -> Headers:
    return tuple(pair for pair in headers if pair[0])


def _asked_by(answer: bytes) -> bytes:
    """A request that fits the answer, when none was recorded."""
    return b'{"messages": [], "stream": true}' if _EVENTS.match(answer) else b'{"messages": []}'


def _type(answer: bytes) -> str:
    """The Content-Type that fits the body."""
    if _EVENTS.match(answer):
        return "text/event-stream"
    return "text/html" if answer.lstrip().startswith(b"<") else "application/json"


def _judgeable(exchange: Exchange) -> Exchange:
    """The exchange, if clients could get its answer and it was recorded unchanged; raises Skipped."""
    if exchange.request.method == "GET":
        return _listing(exchange)
    why = _asked_for(exchange)
    if exchange.ok and not why:
        why = _damage(exchange)
    if why:
        raise Skipped(why)
    return exchange


def _asked_for(exchange: Exchange) -> str:
    """What the request asks for that no client does; "" for nothing."""
    request = exchange.request
    unknown = Lost.REQUEST in exchange.lost
    if request.field("n") not in (None, 1) or (unknown and _ANSWERED_BEFORE.search(exchange.body)):
        return "the request asks for several answers (n)"
    if special := next((name for name in SPECIAL if request.field(name)), ""):
        return f"the request asks for another kind of answer ({special})"
    if any(isinstance(tool, dict) and tool.get("type", "function") != "function" for tool in _tools(request)):
        return "the request offers tools that are not functions"
    return ""


def _damage(exchange: Exchange) -> str:
    """What the recorder did to a successful answer; "" when it is unchanged."""
    body, value = exchange.body.lstrip(), exchange.json
    if not exchange.request.is_chat:
        return "the request was not recorded as it was sent"
    if Lost.ENDING not in exchange.lost:
        return ""  # recorded by this suite, unchanged
    if value is not MISSING and not value:
        return "the body of the answer was not recorded"
    if _error_status(exchange) >= 400:
        return "the error's own status differs from the recorded status"
    if not body.startswith(b"<") and not _EVENTS.match(body) and value is MISSING:
        return "the body of the answer was cut or changed by the recorder"
    typed = exchange.content_type == "text/event-stream" or Lost.TYPE in exchange.lost
    merged = exchange.request.streamed and typed and value is not MISSING
    return "only the merged result of a stream was recorded" if merged else ""


def _error_status(exchange: Exchange) -> int:
    """The HTTP status inside an error; 0 without one. Answers made for tests keep it, with 200 as their own status."""
    error = exchange.json.get("error") if isinstance(exchange.json, dict) else None
    status = error.get("status") if isinstance(error, dict) else None
    return status if type(status) is int else 0


def _tools(request: Request) -> list[Any]:
    offered = request.field("tools")
    return offered if isinstance(offered, list) else []


def _listing(exchange: Exchange) -> Exchange:
    """The exchange, if it is a model list in OpenAI's form: other APIs have one at the same path; raises Skipped."""
    data = exchange.json.get("data") if isinstance(exchange.json, dict) else None
    if not exchange.ok or not isinstance(data, list) or "first_id" in exchange.json:  # Anthropic's has one
        raise Skipped("not a model list in OpenAI's form")
    return exchange


def _ended(exchange: Exchange) -> Exchange:
    """The exchange with a stream end that recorders trim, or marked as ending with the recording."""
    if Lost.ENDING not in exchange.lost or not as_stream(exchange) or not _EVENTS.match(exchange.body):
        return exchange
    whole = _closed(exchange)
    stream = Stream(whole)
    options = exchange.request.field("stream_options")
    waits = isinstance(options, dict) and options.get("include_usage") and not stream.usage
    said = stream.done or stream.errors or (stream.finish_reasons and not waits)
    if said and stream.sse.unterminated is None:
        return whole
    return replace(whole, ended=Ended.CLOSED_EARLY, detail="the recording stops here")


def _closed(exchange: Exchange) -> Exchange:
    """The exchange with a blank line after a complete last event: recorders trim what they store."""
    last = Stream(exchange).sse.unterminated
    if last is None or not (last.data.strip() == "[DONE]" or isinstance(parse_json(last.data), dict)):
        return replace(exchange)
    end = b"\n" if exchange.body.endswith(b"\n") else b"\n\n"
    return replace(exchange, chunks=(*exchange.chunks, Chunk(exchange.seconds, end)))
