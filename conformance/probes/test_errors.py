"""How errors are told: by status, in one envelope, readable, and never by a crash."""

from __future__ import annotations

from typing import Any

from conformance.evidence.chat import Reply, Stream
from conformance.evidence.exchange import Exchange, Lost, error_message, parse_json, shorten
from conformance.probes.preflight import told
from conformance.probes.sources import AI_SDK_CHAT, HTTP, NODE_CLIENT, NODE_STREAMING, OPENAI_ERRORS, issue
from conformance.requirements.categories import CONNECTION_ERRORS, UNEXPECTED_RESULTS
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, everyone
from conformance.requirements.talk import Talk


@probe(
    "errors.envelope",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, NODE_CLIENT, AI_SDK_CHAT, issue("vercel/ai", 18307)],
    remedy='Send every error as {"error": {"message": text, "type": text, "param": null, "code": text or null}}, also '
    "those of the router and the proxy.",
)
def test_errors_have_the_one_envelope(error: Exchange) -> None:
    """Every error is {"error": {"message": text}} with a code that is a text, a number or null.

    Clients look for the message there and nowhere else; of anything else users see "400 status code (no body)", and
    an overflowing context is not recognised.
    """
    inner = error.json.get("error") if isinstance(error.json, dict) else None
    if error.undecodable or error.status == 405:
        return  # what cannot be decoded, or was asked at a wrong path, is another requirement's finding
    shown = f"HTTP {error.status}: {shorten(error.text) or 'an empty body'}"
    assert isinstance(inner, dict), f"no error object: {shown}"
    assert isinstance(inner.get("message"), str) and inner["message"], f"no message: {shown}"
    assert isinstance(inner.get("code"), str | int | None), f"code is {inner.get('code')!r}: {shown}"


@probe(
    "errors.decodable",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[HTTP, issue("envoyproxy/ai-gateway", 2554), issue("ggml-org/llama.cpp", 9195)],
    remedy="Send Content-Encoding only with bodies that are encoded so; send JSON as valid UTF-8.",
    needs=[Lost.BYTES],
)
def test_bodies_can_be_decoded(response: Exchange) -> None:
    """Every body is encoded as its Content-Encoding says, and JSON is valid UTF-8.

    Clients report a failed decompression as a connection error and lose the message.
    """
    encoding = response.undecodable
    assert not encoding, (
        f"HTTP {response.status}: the body is not {encoding}: {shorten(repr(response.body[:60]))}"
    )
    if response.content_type == "application/json" and response.ended == "complete":
        assert "\ufffd" not in response.text or b"\xef\xbf\xbd" in response.body, (
            f"JSON that is not UTF-8: {_bad(response)}"
        )


def _bad(exchange: Exchange) -> str:
    at = exchange.text.index("\ufffd")
    return shorten(repr(exchange.text[max(0, at - 30) : at + 30]))


@probe(
    "errors.no-server-error",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, HTTP, NODE_CLIENT],
    remedy="Answer what the caller did wrong with a 4xx and the reason; 5xx is for failures of the server.",
    needs=[Lost.PURPOSE],
)
def test_nothing_is_answered_with_5xx(response: Exchange) -> None:
    """No request of this run is answered with 5xx.

    SDKs ask again up to three times, Kilo Code five times, and the user waits for an error that will not go away.
    """
    assert response.status is None or response.status < 500, response.summary


@probe(
    "errors.not-in-200",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, issue("pydantic/pydantic-ai", 4528), issue("MiniMax-AI/MiniMax-01", 37)],
    remedy="Tell errors by the HTTP status.",
)
def test_success_is_no_error_in_disguise(success: Reply) -> None:
    """An answer with status 2xx is not an error in disguise.

    Clients take it for an empty answer: no retry, no message.
    """
    value = success.exchange.json
    if not isinstance(value, dict):
        return
    choices = value.get("choices")
    said = told(value) or error_message(value) or shorten(success.exchange.text)
    assert choices or not (value.get("error") or "base_resp" in value), (
        f"HTTP {success.exchange.status}: {said}"
    )
    assert "choices" not in value or choices, (
        f"HTTP {success.exchange.status} with choices {choices!r}: {said}"
    )


@probe(
    "errors.malformed-json",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("ml-explore/mlx-lm", 592)],
    remedy="Answer a body that is not JSON with 400.",
)
def test_malformed_json_is_refused(malformed_json: Talk) -> None:
    """A body that is not JSON is refused with 4xx; the server does not crash on it."""
    _refused(malformed_json)


@probe(
    "errors.bad-messages",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("sterlp/eclipse-peon-ai", 75)],
    remedy="Check the types of the request and answer a wrong one with 400 and the reason.",
)
def test_wrong_types_are_refused(bad_messages: Talk) -> None:
    """`messages` of a wrong type are refused with 4xx; the server does not crash on them."""
    _refused(bad_messages)


def _refused(talk: Talk) -> None:
    exchange = talk.last
    assert exchange.response is not None, exchange.summary
    assert exchange.status is not None and 400 <= exchange.status < 500, exchange.summary


@probe(
    "errors.stream-shape",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[NODE_STREAMING, AI_SDK_CHAT, issue("vercel/ai", 11671)],
    remedy='Send an error inside a stream as `data: {"error": {"message": text}}` and close.',
)
def test_stream_errors_have_the_envelope(broken_stream: Stream) -> None:
    """An error inside a stream is one data object {"error": {"message": text}}.

    A text in place of the object, or a flat body in an `event: error`, is lost or shown as a failed validation.
    """
    for event in broken_stream.errors:
        value: Any = parse_json(event.data)
        inner = value.get("error") if isinstance(value, dict) else None
        fits = isinstance(inner, dict) and isinstance(inner.get("message"), str)
        assert fits, f"an error event of another form: {shorten(event.data)}"


@probe(
    "errors.rate-limit",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, NODE_CLIENT],
    remedy="Send Retry-After (seconds, below 60) with 429.",
    needs=[Lost.HEADERS],
)
def test_a_rate_limit_says_when_to_come_back(rate_limited: Exchange) -> None:
    """A 429 carries Retry-After.

    Without it clients guess, and either hammer the server or wait for minutes.
    """
    said = rate_limited.header("retry-after") or rate_limited.header("retry-after-ms")
    quota = "quota" in rate_limited.text.lower()  # only the account's owner can act: no time helps
    assert said or quota, f"429 without Retry-After: {rate_limited.summary}"
