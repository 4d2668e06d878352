"""The provider: turns a request into actions on the connection.

It checks in the order of the real service: the key, the JSON, the model, then everything else. Faults and
variations apply between the stages, so the provider itself knows none of them.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.reference.completion import Completion, chunks, completion_body
from conformance.reference.encoding import frames_of, plain_actions, stream_actions
from conformance.reference.fault import FAULTS
from conformance.reference.model import answer
from conformance.reference.refusal import Refused, invalid, missing, wrong_type
from conformance.reference.stages import CHAT, MODELS, Actions, Frames, Pace, Reply, Request
from conformance.reference.text import prompt_tokens
from conformance.reference.validation import validate
from conformance.reference.variation import BASE_PATH, VARIATIONS

REMEMBERED = 1000  # requests
LARGEST_BODY = 32 * 1024 * 1024
MODEL_CREATED = 1_700_000_000
RATE_LIMIT = {  # never reached: every answer says that its request was the first
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
}


class Provider:
    """A correct OpenAI-compatible provider of one model, with the given faults and variations.

    Variations are the outermost layer: they apply before the faults to a request, and after them to an answer. The
    faults apply to one answer in `every`; the others stay correct.
    """

    def __init__(
        self,
        model: str = "reference-1",
        api_key: str | None = None,
        context_window: int = 32_768,
        max_output: int = 8_192,
        faults: Iterable[str] = (),
        *,
        variations: Iterable[str] = (),
        every: int = 1,
        latency: float = 0.0,
        token_gap: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.model = model
        self.api_key = api_key
        self.context_window = context_window
        self.max_output = max_output
        self.faults = FAULTS.select(faults)
        self.variations = VARIATIONS.select(variations)
        self.every = every
        self.pace = Pace(latency, token_gap)
        self._clock = clock
        self._numbers = count(1)
        self._asked: deque[bytes] = deque(maxlen=REMEMBERED)

    @property
    def base_path(self) -> str:
        """The path under which the API is served."""
        return next((one.base_path for one in self.variations if one.base_path != BASE_PATH), BASE_PATH)

    def handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Actions:
        """Answer one request; header names must be lowercase."""
        request = self._read(method, target, headers, body)
        self._change("request", request, request)
        reply = self._reply(request)
        self._change("reply", reply, request)
        actions = Actions([], reply)
        if reply.chunks is None:
            actions.extend(plain_actions(reply, self.pace))
        else:
            actions.extend(stream_actions(reply, self._frames(reply), self.pace))
        self._change("wire", actions, request)
        return actions

    def _frames(self, reply: Reply) -> Frames:
        frames = frames_of(reply)
        self._change("frames", frames, reply.request)
        return frames

    def _change(self, stage: str, subject: object, request: Request) -> None:
        faults = self.faults if request.number % self.every == 0 else ()
        for change in (*self.variations, *faults) if stage == "request" else (*faults, *self.variations):
            if change.stage == stage:
                change.apply(subject)

    def _read(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> Request:
        path = re.sub(r"/{2,}", "/", urlsplit("//host" + target if target.startswith("/") else target).path)
        body, malformed = _parsed(raw) if method == "POST" else ({}, False)
        request = Request(method, target, unquote(path), headers, raw, body, self.api_key, self.model)
        request.malformed = malformed
        request.number = next(self._numbers)
        digest = sha256(raw).digest()
        request.asked_before = self._asked.count(digest)
        self._asked.append(digest)
        return request

    def _reply(self, request: Request) -> Reply:
        try:
            reply = self._route(request)
        except Refused as refused:
            headers = {"content-type": "application/json", **dict(refused.headers)}
            reply = Reply(request, refused.status, headers, refused.body)
        digest = sha256(b"%d/%s" % (request.asked_before, request.raw)).hexdigest()[:32]
        reply.headers |= {"x-request-id": f"req_{digest}", "openai-version": "2020-10-01", "openai-processing-ms": "1"}
        return reply

    def _route(self, request: Request) -> Reply:
        if request.path == CHAT:
            _only(request, "POST")
            return self._chat(request)
        if request.path == MODELS or request.path.startswith(MODELS + "/"):
            _only(request, "GET")
            return self._models(request)
        message = f"Unknown request URL: {request.method} {request.path}. Please check the URL for typos."
        raise Refused(404, message, code="unknown_url")

    def _authorise(self, request: Request) -> None:
        if request.authorised:
            return
        if not request.token:
            message = "You didn't provide an API key. Provide it in an Authorization header: Authorization: Bearer KEY."
            raise Refused(401, message, headers=(("www-authenticate", "Bearer"),))
        message = f"Incorrect API key provided: {_masked(request.token)}."
        raise Refused(401, message, code="invalid_api_key", headers=(("www-authenticate", "Bearer"),))

    def _models(self, request: Request) -> Reply:
        self._authorise(request)
        entry = {"id": self.model, "object": "model", "created": MODEL_CREATED, "owned_by": "reference"}
        wanted = request.path[len(MODELS) :].strip("/")
        if not wanted:
            return _json(request, {"object": "list", "data": [entry]})
        if wanted != self.model:
            raise _unknown_model(wanted, "model")
        return _json(request, entry)

    def _chat(self, request: Request) -> Reply:
        self._authorise(request)
        _check_json(request)
        self._check_model(request.body)
        if request.refused:
            raise request.refused
        validate(request.body)
        reply = self._complete(request)
        reply.headers |= RATE_LIMIT
        return reply

    def _check_model(self, body: dict[str, Any]) -> None:
        model = body.get("model")
        if model is None or model == "":
            raise (missing("model") if model is None else invalid("you must provide a model parameter", None, None))
        if not isinstance(model, str):
            raise wrong_type("model", "a string", model)
        if model != self.model:
            raise _unknown_model(model, None)

    def _complete(self, request: Request) -> Reply:
        body = request.body
        read = prompt_tokens(body["messages"], body.get("tools"))
        if read > self.context_window:
            raise _too_long(self.context_window, read)
        wanted = body.get("max_completion_tokens") or body.get("max_tokens") or self.max_output
        limit = max(1, min(wanted, self.max_output, self.context_window - read))
        seed = sha256(request.raw).hexdigest()
        completion = Completion(answer(body, limit), body, seed, int(self._clock()), read)
        if not request.streams:
            return _json(request, completion_body(completion))
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
        return Reply(request, 200, headers, chunks=chunks(completion))


def _parsed(raw: bytes) -> tuple[dict[str, Any], bool]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}, True
    return (body, False) if isinstance(body, dict) else ({}, True)


def _only(request: Request, method: str) -> None:
    if request.method != method:
        message = f"Invalid method for URL ({request.method} {request.path})"
        raise Refused(405, message, headers=(("allow", method),))


def _check_json(request: Request) -> None:
    kind = request.headers.get("content-type", "application/json")
    if "json" not in kind.lower():
        message = f"Unsupported content type: '{kind}'. This API method only accepts 'application/json' requests."
        raise invalid(message, None, "unsupported_content_type")
    if request.malformed:
        message = "We could not parse the JSON body of your request. The API expects a JSON object."
        raise invalid(message, None, None)


def _unknown_model(model: str, param: str | None) -> Refused:
    message = f"The model `{model}` does not exist or you do not have access to it."
    return Refused(404, message, param=param, code="model_not_found")


def _too_long(window: int, read: int) -> Refused:
    message = (
        f"This model's maximum context length is {window} tokens. However, your messages resulted in {read} tokens. "
        "Please reduce the length of the messages."
    )
    return invalid(message, "messages", "context_length_exceeded")


def _masked(key: str) -> str:
    """Enough of a key to recognise it, never the whole key."""
    return f"{key[:3]}{'*' * 8}{key[-2:]}" if len(key) > 10 else "*" * len(key)


def _json(request: Request, body: dict[str, Any]) -> Reply:
    return Reply(request, 200, {"content-type": "application/json"}, body)
