"""Requests compared with what the real SDKs sent for the same prompts.

`requests.json` was measured by `measure_requests.mjs`; the OpenAI Python SDK is asked here, with a transport that answers
by itself. Left out is what belongs to a machine: its operating system and the version of what runs the SDK.
"""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest

from conformance.clients.messages import stringified
from conformance.clients.talk import Options
from tests.clients.prompts import MEASURED, REQUESTS, measured_prompt

EACH = pytest.mark.parametrize("row", MEASURED["prompts"], ids=[row["case"] for row in MEASURED["prompts"]])
OF_THE_MACHINE = {"x-stainless-os", "x-stainless-arch", "x-stainless-runtime-version"}
OF_THE_TRANSPORT = {"host", "connection", "authorization", "accept-encoding", "content-length"}
ANSWER = {"choices": [{"index": 0, "delta": {"content": "hello"}, "finish_reason": "stop"}]}
OPTIONS = Options("m", headers={"X-Own": "1"})


def comparable(headers: dict[str, str]) -> dict[str, str]:
    """Headers by their names in lower case, without the machine's and the transport's; agents without what runs them."""
    small = {name.lower(): value.split(" runtime/")[0] for name, value in headers.items()}
    return {name: v for name, v in small.items() if name not in OF_THE_MACHINE | OF_THE_TRANSPORT}


@EACH
def test_the_ai_sdks_body_is_the_one_that_was_measured(row: dict[str, Any]) -> None:
    assert REQUESTS["ai-sdk"].turn(Options("m"), measured_prompt(row)) == row["sent"]


@EACH
def test_kilo_codes_messages_are_those_of_its_ai_sdk(row: dict[str, Any]) -> None:
    sent = REQUESTS["kilo-code"].turn(Options("m", images=True), measured_prompt(row))
    assert sent["messages"] == row["sent"]["messages"]


@pytest.mark.parametrize(
    ("client", "sdk", "own"),
    [
        ("roo-code", "openai-node", {"http-referer", "x-title"}),
        ("ai-sdk", "ai-sdk", set()),
        ("kilo-code", "ai-sdk of kilo-code", {"http-referer", "x-title", "x-session-affinity", "x-session-id"}),
    ],
)
def test_headers_are_the_sdks_and_the_clients_own(client: str, sdk: str, own: set[str]) -> None:
    sent, measured = comparable(REQUESTS[client].headers(OPTIONS)), comparable(MEASURED["headers"][sdk])
    fetch = {"accept-language", "sec-fetch-mode"} if client == "kilo-code" else set()  # Node adds them, Bun does not
    assert set(sent) - set(measured) == own | {"x-own"}
    assert {name: sent.get(name) for name in measured if name not in fetch} == {
        name: value for name, value in measured.items() if name not in fetch
    }


def through_python(body: dict[str, Any], *, helper: bool) -> tuple[dict[str, str], Any]:
    """Headers and body of what the SDK sends when a program gives it the members of `body`."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        text = f"data: {json.dumps(ANSWER)}\n\ndata: [DONE]\n\n"
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=text)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    given = {name: value for name, value in body.items() if not (helper and name == "stream")}
    with openai.OpenAI(
        api_key="k", base_url="http://localhost/v1", http_client=http, default_headers=OPTIONS.headers
    ) as client:
        if helper:
            with client.chat.completions.stream(**given) as stream:
                stream.until_done()
        else:
            list(client.chat.completions.create(**given))
    return dict(seen[0].headers), json.loads(seen[0].content)


@EACH
@pytest.mark.parametrize("helper", [False, True], ids=["create", "stream"])
def test_the_python_sdk_sends_what_it_is_given_and_these_headers(row: dict[str, Any], helper: bool) -> None:
    request = REQUESTS["openai-python"]
    prompt = measured_prompt(row)
    body = (request.helper_turn if helper else request.turn)(OPTIONS, prompt)
    headers = (request.helper_headers if helper else request.headers)(OPTIONS)
    sent_headers, sent = through_python(body, helper=helper)
    assert sent == body
    assert comparable(headers) == comparable(sent_headers)


@pytest.mark.parametrize(
    ("value", "written"),  # by JSON.stringify of Node 20
    [
        ({"path": "a b.py", "n": 1.0, "x": [1.5, -0.0, None, True]}, '{"path":"a b.py","n":1,"x":[1.5,0,null,true]}'),
        ({"z": 1, "a": {}}, '{"z":1,"a":{}}'),
        ('ü\u2028"\\\n\x7f/</script>', '"ü\u2028\\"\\\\\\n\x7f/</script>"'),
        ({"half": "\ud83d", "whole": "🎉"}, '{"half":"\\ud83d","whole":"🎉"}'),
        (float("inf"), "null"),
    ],
)
def test_arguments_are_written_as_javascript_writes_them(value: Any, written: str) -> None:
    assert stringified(value) == written
