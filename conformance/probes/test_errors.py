"""How errors are sent: with the right status, in the standard form, readable, and without a crash."""

from __future__ import annotations

from typing import Any

from conformance.evidence.chat import Reply, Stream
from conformance.evidence.exchange import Exchange, Lost, error_message, parse_json, shorten
from conformance.probes.preflight import error_text
from conformance.probes.sources import AI_SDK_CHAT, HTTP, NODE_CLIENT, NODE_STREAMING, OPENAI_ERRORS, issue
from conformance.requirements import BREAKS, CONNECTION_ERRORS, DEGRADES, UNEXPECTED_RESULTS, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "errors.envelope",
    failure='Errors have another form than {"error": {"message": ...}}.',
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, NODE_CLIENT, AI_SDK_CHAT, issue("vercel/ai", 18307)],
    remedy='Send every error as {"error": {"message": string, "type": string, "param": null, "code": string or '
    "null}}, including errors of the router and the proxy.",
)
def test_errors_have_the_standard_form(error: Exchange) -> None:
    """Every error is {"error": {"message": string}}; its `code` is a string, a number, null or absent.

    Clients look for the message only there. For any other form users see "400 status code (no body)", and clients do
    not recognise a context overflow.
    """
    inner = error.json.get("error") if isinstance(error.json, dict) else None
    if error.undecodable or error.status == 405:
        return  # other requirements judge bodies that cannot be decoded, and wrong paths
    shown = f"HTTP {error.status}: {shorten(error.text) or 'an empty body'}"
    assert isinstance(inner, dict), f"no error object: {shown}"
    assert isinstance(inner.get("message"), str) and inner["message"], f"no message: {shown}"
    assert isinstance(inner.get("code"), str | int | None), f"code is {inner.get('code')!r}: {shown}"


@probe(
    "errors.decodable",
    failure="A body is not encoded as its Content-Encoding says, or its JSON is not UTF-8.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[HTTP, issue("envoyproxy/ai-gateway", 2554), issue("ggml-org/llama.cpp", 9195)],
    remedy="Send Content-Encoding only with bodies that are encoded that way, and send JSON as valid UTF-8.",
    needs=[Lost.BYTES],
)
def test_bodies_can_be_decoded(response: Exchange) -> None:
    """Every body is encoded as its Content-Encoding says, and JSON is valid UTF-8.

    Clients report a failed decompression as a connection error and lose the message.
    """
    encoding = response.undecodable
    assert not encoding, (
        f"HTTP {response.status}: the body is not valid {encoding}: {shorten(repr(response.body[:60]))}"
    )
    if response.content_type == "application/json" and response.ended == "complete":
        assert "\ufffd" not in response.text or b"\xef\xbf\xbd" in response.body, (
            f"the JSON is not valid UTF-8: {_bad(response)}"
        )


def _bad(exchange: Exchange) -> str:
    at = exchange.text.index("\ufffd")
    return shorten(repr(exchange.text[max(0, at - 30) : at + 30]))


@probe(
    "errors.no-server-error",
    failure="A request is answered with HTTP 5xx.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, HTTP, NODE_CLIENT],
    remedy="Answer mistakes in the request with 4xx and the reason; send 5xx only when the server itself fails.",
    needs=[Lost.PURPOSE],
)
def test_no_request_is_answered_with_5xx(response: Exchange) -> None:
    """No request of the run is answered with HTTP 5xx.

    SDKs retry up to three times and Kilo Code five times, and the user waits for an error that will not go away.
    """
    assert response.status is None or response.status < 500, response.summary


@probe(
    "errors.not-in-200",
    failure="An error is sent with HTTP 2xx, as if it were an answer.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, issue("pydantic/pydantic-ai", 4528), issue("MiniMax-AI/MiniMax-01", 37)],
    remedy="Send errors with an HTTP error status (4xx or 5xx).",
)
def test_a_2xx_answer_is_not_an_error(success: Reply) -> None:
    """An answer with status 2xx is not an error.

    Clients take it for an empty answer: they do not retry, and show no message.
    """
    value = success.exchange.json
    if not isinstance(value, dict):
        return
    choices = value.get("choices")
    said = error_text(value) or error_message(value) or shorten(success.exchange.text)
    assert choices or not (value.get("error") or "base_resp" in value), f"HTTP {success.exchange.status}: {said}"
    assert "choices" not in value or choices, f"HTTP {success.exchange.status} with choices {choices!r}: {said}"


@probe(
    "errors.malformed-json",
    failure="A body that is not JSON is accepted, or crashes the server.",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("ml-explore/mlx-lm", 592)],
    remedy="Answer a body that is not JSON with 400.",
)
def test_malformed_json_is_refused(malformed_json: Talk) -> None:
    """A body that is not JSON is refused with 4xx and does not crash the server."""
    _refused(malformed_json)


@probe(
    "errors.bad-messages",
    failure="`messages` of a wrong type are accepted, or crash the server.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("sterlp/eclipse-peon-ai", 75)],
    remedy="Check the types in the request, and answer a wrong type with 400 and the reason.",
)
def test_messages_of_a_wrong_type_are_refused(bad_messages: Talk) -> None:
    """`messages` of a wrong type are refused with 4xx and do not crash the server."""
    _refused(bad_messages)


def _refused(talk: Talk) -> None:
    exchange = talk.last
    assert exchange.response is not None, exchange.summary
    assert exchange.status is not None and 400 <= exchange.status < 500, exchange.summary


@probe(
    "errors.stream-shape",
    failure="An error inside a stream has a form that clients cannot read.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[NODE_STREAMING, AI_SDK_CHAT, issue("vercel/ai", 11671)],
    remedy='Send an error inside a stream as `data: {"error": {"message": string}}`, then close the stream.',
)
def test_errors_inside_a_stream_have_the_standard_form(broken_stream: Stream) -> None:
    """An error inside a stream is one data object {"error": {"message": string}}.

    Clients lose any other form, such as plain text or a flat body in an `event: error`, or show it as a failed
    validation.
    """
    for event in broken_stream.errors:
        value: Any = parse_json(event.data)
        inner = value.get("error") if isinstance(value, dict) else None
        fits = isinstance(inner, dict) and isinstance(inner.get("message"), str)
        assert fits, f"an error event in another form: {shorten(event.data)}"


@probe(
    "errors.text-of-code",
    failure="A request is refused because of source code in its text.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("aws-samples/sample-kolya-br-proxy", 38), issue("agent0ai/agent-zero", 990)],
    remedy="Exempt the API from the rules of the firewall (WAF) or proxy that look into bodies: paths, SQL, scripts and shell "
    "commands are what coding agents send all day.",
)
def test_source_code_is_no_attack(text_of_code: Talk) -> None:
    """A prompt with paths, SQL, scripts and shell commands is accepted.

    Agents send source code with every turn. A firewall that refuses it ends tasks at random, mostly with 403 and a page.
    """
    answer = text_of_code.answered
    assert answer.ok, answer.summary


@probe(
    "errors.passing",
    failure="Requests fail now and then, and succeed when they are sent again.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[NODE_CLIENT, issue("anomalyco/opencode", 833)],
    remedy="Look for overload, restarts or timeouts in front of the model. Clients send such requests again by themselves.",
)
def test_no_request_fails_in_passing(passed_trouble: Exchange) -> None:
    """No request fails with 502, 503, 504 or 529, or loses its connection, and succeeds a moment later.

    Clients try again, so their users notice a delay at most.
    """
    raise AssertionError(f"{passed_trouble.summary}; sent again it was answered")


@probe(
    "errors.rate-limit",
    failure="A 429 has no Retry-After header.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, NODE_CLIENT],
    remedy="Send a Retry-After header with 429, in seconds and below 60.",
    needs=[Lost.HEADERS],
)
def test_a_rate_limit_has_retry_after(rate_limited: Exchange) -> None:
    """A 429 has a Retry-After header.

    Without it clients guess: they flood the server with retries, or wait for minutes.
    """
    said = rate_limited.header("retry-after") or rate_limited.header("retry-after-ms")
    quota = "quota" in rate_limited.text.lower()  # the account is out of credit: waiting does not help
    assert said or quota, f"429 without Retry-After: {rate_limited.summary}"
