"""A recorded exchange as evidence, without secrets, or the reason why it is passed over. Pure.

What a recording does not show is never made up to look bad: a header that was dropped counts as the specification has it, a
last line that lacks its end gets one, and a stream that stops without saying so is taken for one whose recording stopped.
Only our own cassettes tell how an answer came and ended: there a connection that broke is a connection that broke.
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
ROUTES = (  # what is passed over, by the end of its path
    (re.compile(r"/responses\b"), "Responses API"),
    (re.compile(r"/messages\b"), "Anthropic Messages API"),
    (re.compile(r"/embeddings\b|/embed\b"), "embeddings"),
    (re.compile(r"/api/(?:chat|generate|show|tags)\Z"), "Ollama's own API"),
    (re.compile(r":(?:stream)?generateContent", re.IGNORECASE), "Gemini's own API"),
    (re.compile(r"/completions\Z"), "completions without chat"),
)
SPECIAL = ("data_sources", "dataSources", "deferred")  # members of requests that make the answer another one
_EVENTS = re.compile(rb"\s*(?:data|event|id|retry)?:|\xef\xbb\xbfdata:")
_ANSWERED_BEFORE = re.compile(rb'"index"\s*:\s*[1-9]')


class PassedOver(Exception):
    """The exchange is not judged; the text says why, in words that fit many of them."""


def evidence(recorded: Recorded, id: str, conversation: str) -> Exchange:
    """The exchange without secrets; raises PassedOver."""
    try:
        made = _exchange(_checked(recorded), id, conversation)
    except Unreadable as error:
        raise PassedOver(str(error)) from None
    return _ended(_judgeable(made))


def _checked(recorded: Recorded) -> Recorded:
    """The exchange with its body unpacked, if it is of a kind that is judged."""
    path = _path(recorded.url)
    chat = recorded.method == "POST" and CHAT.search(path)
    if not chat and not (recorded.method == "GET" and MODELS.search(path)):
        raise PassedOver(_route(path))
    if not recorded.status:
        raise PassedOver("no answer was recorded")
    if recorded.status not in (200, 201) and recorded.status < 400:
        raise PassedOver("neither an answer nor an error")
    told = recorded.course and Lost.ENDING not in recorded.course.hidden
    if recorded.body is None or (_blank(recorded.body) and not told):
        raise PassedOver("the body of the answer was not recorded")
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
    """The same as an exchange, redacted; what was not recorded of it is named."""
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
    """The same as it came, and as it ended where it ended by itself."""
    response = exchange.response and replace(exchange.response, at=course.at)
    made = replace(exchange, response=response, chunks=course.chunks(exchange.body), seconds=course.seconds)
    return made if Lost.ENDING in made.lost else replace(made, ended=course.ended, detail=course.detail)


@lru_cache(maxsize=64)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    return Redactor(secrets)


def _kept(headers: Headers) -> Headers:
    return tuple(pair for pair in headers if pair[0])


def _asked_by(answer: bytes) -> bytes:
    """A request that may have been answered so, where none was recorded."""
    return b'{"messages": [], "stream": true}' if _EVENTS.match(answer) else b'{"messages": []}'


def _type(answer: bytes) -> str:
    """The Content-Type that belongs to such a body."""
    if _EVENTS.match(answer):
        return "text/event-stream"
    return "text/html" if answer.lstrip().startswith(b"<") else "application/json"


def _judgeable(exchange: Exchange) -> Exchange:
    """The exchange, when its answer is one that clients could get, and is there as it came; raises PassedOver."""
    if exchange.request.method == "GET":
        return _listing(exchange)
    why = _asked_for(exchange)
    if exchange.ok and not why:
        why = _damage(exchange)
    if why:
        raise PassedOver(why)
    return exchange


def _asked_for(exchange: Exchange) -> str:
    """What was asked for that no client asks for; "" for nothing of that kind."""
    request = exchange.request
    unknown = Lost.REQUEST in exchange.lost
    if request.field("n") not in (None, 1) or (unknown and _ANSWERED_BEFORE.search(exchange.body)):
        return "several answers were asked for (n)"
    if special := next((name for name in SPECIAL if request.field(name)), ""):
        return f"something else than a plain answer was asked for ({special})"
    if any(isinstance(tool, dict) and tool.get("type", "function") != "function" for tool in _tools(request)):
        return "tools were offered that are no functions"
    return ""


def _damage(exchange: Exchange) -> str:
    """What the recorder did to a successful answer; "" when it is there as it came."""
    body, value = exchange.body.lstrip(), exchange.json
    if not exchange.request.is_chat:
        return "the request was not recorded as it was sent"
    if Lost.ENDING not in exchange.lost:
        return ""  # by us, as it came
    if value is not MISSING and not value:
        return "the body of the answer was not recorded"
    if _told_status(exchange) >= 400:
        return "an error whose own status is another than the recorded one"
    if not body.startswith(b"<") and not _EVENTS.match(body) and value is MISSING:
        return "the body of the answer was cut, or not recorded as it came"
    typed = exchange.content_type == "text/event-stream" or Lost.TYPE in exchange.lost
    merged = exchange.request.streamed and typed and value is not MISSING
    return "a stream of which only the sum was recorded" if merged else ""


def _told_status(exchange: Exchange) -> int:
    """The HTTP status that an error itself tells; 0 when it tells none. Answers made up for tests keep it, and say 200."""
    error = exchange.json.get("error") if isinstance(exchange.json, dict) else None
    told = error.get("status") if isinstance(error, dict) else None
    return told if type(told) is int else 0


def _tools(request: Request) -> list[Any]:
    offered = request.field("tools")
    return offered if isinstance(offered, list) else []


def _listing(exchange: Exchange) -> Exchange:
    """The exchange, when it is a model list as OpenAI's is: other APIs have one at the same path; raises PassedOver."""
    data = exchange.json.get("data") if isinstance(exchange.json, dict) else None
    if not exchange.ok or not isinstance(data, list) or "first_id" in exchange.json:  # as Anthropic's has
        raise PassedOver("a model list of another API, or none")
    return exchange


def _ended(exchange: Exchange) -> Exchange:
    """The same with the end of its stream mended, or marked as the end of the recording."""
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
    """The same with a blank line behind a last event that is whole: recorders trim what they store."""
    last = Stream(exchange).sse.unterminated
    if last is None or not (last.data.strip() == "[DONE]" or isinstance(parse_json(last.data), dict)):
        return replace(exchange)
    end = b"\n" if exchange.body.endswith(b"\n") else b"\n\n"
    return replace(exchange, chunks=(*exchange.chunks, Chunk(exchange.seconds, end)))
