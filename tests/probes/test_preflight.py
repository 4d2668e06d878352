"""The preflight finds the wrong setting by the first answer, and says what to change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.evidence.exchange import Chunk, Ended, Exchange, Request, Response
from conformance.probes.preflight import candidate_bases, check_preflight, names_key, preflight_failure
from conformance.requirements import Blocked

URL = "http://h.example/v1/chat/completions"
HTML = "<!doctype html><title>Sign in</title>"


def asked(
    status: int | None, body: Any = "", *, headers: tuple[tuple[str, str], ...] = (), key: bool = True, **more: Any
) -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    sent = (("Authorization", "Bearer ***"),) if key else ()
    request = Request("POST", URL, sent, json.dumps({"model": "llama-3", "messages": []}).encode())
    response = Response(status, headers) if status else None
    return Exchange("preflight#1", "preflight", request, response, (Chunk(0.1, text.encode()),), **more)


def listed(*ids: str, url: str = "http://h.example/v1/models") -> Exchange:
    body = json.dumps({"object": "list", "data": [{"id": id} for id in ids]}).encode()
    return Exchange("preflight#2", "preflight", Request("GET", url), Response(200), (Chunk(0.1, body),))


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


ANSWER = {"choices": [{"message": {"role": "assistant", "content": "hello"}}]}

CASES: list[tuple[str, list[Exchange], str | None, str]] = [
    ("an answer", [asked(200, ANSWER)], None, ""),
    ("refused", [asked(None, ended=Ended.REFUSED, detail="nothing listens there")], "url.reachable", "nothing listens"),
    ("no DNS", [asked(None, ended=Ended.UNRESOLVED, detail="the host name cannot be resolved")], "url.reachable", "resolved"),
    ("TLS", [asked(None, ended=Ended.TLS_FAILURE, detail="try http://")], "url.reachable", "http://"),
    ("silence", [asked(None, ended=Ended.TIMED_OUT, detail="no answer for 60 s")], "url.reachable", "60 s"),
    ("301", [asked(301, headers=(("Location", "https://api.h.example/v1/chat/completions"),))], "url.not-redirected",
     "type https://api.h.example/v1 as the base URL"),
    ("308 relative", [asked(308, headers=(("location", "/api/v1/chat/completions"),))], "url.not-redirected",
     "type http://h.example/api/v1 as"),
    ("web page", [asked(200, HTML)], "url.serves-api", "HTTP 200: a web page"),
    ("web page 404", [asked(404, HTML)], "url.serves-api", "HTTP 404: a web page"),
    ("plain 404", [asked(404, "404 page not found")], "url.serves-api", "404 page not found"),
    ("405", [asked(405, {"detail": "Method Not Allowed"})], "url.serves-api", "Method Not Allowed"),
    ("200 and nothing", [asked(200)], "url.serves-api", "HTTP 200: an empty body"),
    ("LM Studio's wrong path", [asked(200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"})],
     "url.serves-api", "Unexpected endpoint"),
    ("404 with a better base", [asked(404, "nope"), listed("a", url="http://h.example/api/v1/models")],
     "url.serves-api", "type http://h.example/api/v1, where an API answers"),
    ("firewall page", [asked(403, HTML)], "url.serves-api", "web page"),
    ("401", [asked(401, error("Incorrect API key provided"))], "auth.key-accepted", "the API key was refused"),
    ("401 empty", [asked(401)], "auth.key-accepted", "the API key was refused"),
    ("401 without a key", [asked(401, error("no key"), key=False)], "auth.key-accepted", "none is configured"),
    ("403 with words", [asked(403, error("Your key lacks permission"))], "auth.key-accepted", "lacks permission"),
    ("400 about the key", [asked(400, error("API key not valid"))], "auth.key-accepted", "not valid"),
    ("200 about the key", [asked(200, {"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}})],
     "auth.key-accepted", "invalid api key"),
    ("unknown model", [asked(404, error("no", code="model_not_found")), listed("llama-3.1", "qwen")],
     "models.known", "its model list has llama-3.1"),
    ("unknown model by words", [asked(400, error("The model llama-3 does not exist"))], "models.known", "could not be read"),
    ("no credit", [asked(402, error("Insufficient credit"))], "auth.account-usable", "accepts no requests now"),
    ("rate limit", [asked(429, error("Too many requests"))], "auth.account-usable", "Too many requests"),
    ("crash", [asked(500, error("boom"))], None, ""),
    ("bad request about tokens", [asked(400, error("Missing required parameter: 'max_tokens'."))], None, ""),
    ("choices null", [asked(200, {"choices": None})], None, ""),
    ("SSE for a plain request", [asked(200, 'data: {"choices":[]}\n\n')], None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("exchanges", "probe", "words"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_first_answer_shows_the_wrong_setting(exchanges: list[Exchange], probe: str | None, words: str) -> None:
    found = preflight_failure(exchanges)
    assert (found.probe if found else None) == probe
    assert words in (found.actual if found else "")


def test_a_failed_requirement_blocks_the_later_ones() -> None:
    refused = [asked(401, error("no"))]
    check_preflight("url.reachable", refused)
    with pytest.raises(AssertionError, match="the API key was refused"):
        check_preflight("auth.key-accepted", refused)
    with pytest.raises(Blocked, match="the API key was refused"):
        check_preflight("models.known", refused)


@pytest.mark.parametrize(
    ("base", "wanted"),
    [
        ("http://h", ["http://h/v1", "http://h/api/v1"]),
        ("http://h/v1/v1", ["http://h/v1"]),
        ("http://h/v1/chat", ["http://h/v1"]),
        ("http://h/v1", ["http://h/v1/v1", "http://h/api/v1"]),
    ],
)
def test_other_base_urls_that_the_user_may_have_meant(base: str, wanted: list[str]) -> None:
    assert set(wanted) <= set(candidate_bases(base))
    assert base not in candidate_bases(base)


@pytest.mark.parametrize(
    "text", ["Invalid API-key", "missing Authorization header", "bearer token expired", "invalid token"]
)
def test_text_about_keys_is_recognised(text: str) -> None:
    assert names_key(text)


@pytest.mark.parametrize("text", ["max_tokens is too large", "too many tokens in the prompt", "The tokenizer failed"])
def test_text_about_model_tokens_is_not_about_keys(text: str) -> None:
    assert not names_key(text)
